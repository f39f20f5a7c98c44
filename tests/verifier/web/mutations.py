"""Inputs that are nearly valid: what a forger, a bad camera and a bad copy make of good credentials.

``python -m tests.verifier.web.mutations [COUNT] [SEED]`` asks the real application about all of them and
tells how many of each kind there were and what was answered. `test_mutations` asks the same in every
run of the tests. The seed chooses what is changed, where and how; keys are made anew each time, as in every
fake town.

An answer *valid* is false unless the very bytes of a credential that was issued here came through: as they
are, with what a reader forgives around them, or with the other signature (r, n - s) that says the same
(docs/adr/0005).
"""

from __future__ import annotations

import sys
import time
from collections import Counter as Tally
from dataclasses import dataclass, field

import msgspec
from starlette.testclient import TestClient

from passport.errors import PassportError
from passport.limits import LIMITS
from tests.pages.serving import Counter
from tests.verifier.web.forger import CSC, Forger
from verifier.intake import read_text

COUNT, SEED = 100_000, 20261125


@dataclass
class Result:
    """What came of it. `false`: inputs that were called valid and are not; `genuine`: those that are."""

    asked: Tally[str] = field(default_factory=Tally)
    answers: Tally[str] = field(default_factory=Tally)
    genuine: int = 0
    false: list[tuple[str, str]] = field(default_factory=list)


def ask(count: int, seed: int = SEED) -> Result:
    """Ask the real application about `count` inputs, a thousand at a time, with a good token among them."""
    counter = Counter.make()
    for index in range(100, 900):
        counter.town.bodies[CSC].array[index] = index % 3
    counter.town.bodies[CSC].array[77] = 1
    forger = Forger.make(counter.town, seed)
    counter.renew()
    result, inputs = Result(), forger.inputs(count)
    with TestClient(counter.app()) as client:  # type: ignore[arg-type]
        left = count
        while left > 0:
            share = [next(inputs) for _ in range(min(left, LIMITS.batch_credentials - 1))]
            left -= len(share)
            _judge(client, forger, share, result)
    return result


def _judge(client: TestClient, forger: Forger, share: list[tuple[str, str]], result: Result) -> None:
    good = forger.genuine[0].decode()
    body = msgspec.json.encode({"credentials": [good, *(text for _, text in share)]})
    answer = client.post("/api/v1/verify/batch", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 200, answer.text[:500]
    first, *reports = msgspec.json.decode(answer.content)["reports"]
    assert first["verdict"] == "valid"
    for (kind, text), report in zip(share, reports, strict=True):
        result.asked[kind] += 1
        result.answers[report["reason"]] += 1
        if report["verdict"] == "valid":
            if _is_issued(text, forger):
                result.genuine += 1
            else:
                result.false.append((kind, text))


def _is_issued(text: str, forger: Forger) -> bool:
    try:
        [token] = read_text(text)
    except (PassportError, ValueError):
        return False
    return token in forger.issued


if __name__ == "__main__":
    began, used = time.monotonic(), time.process_time()
    wanted = [int(argument) for argument in sys.argv[1:]]
    told = ask(*wanted) if wanted else ask(COUNT)
    spent = f"{time.monotonic() - began:.0f} s, {time.process_time() - used:.0f} s of CPU"
    print(f"{sum(told.asked.values())} inputs in {spent}")
    print("asked:", dict(told.asked))
    print("answered:", dict(told.answers.most_common()))
    print(f"valid and issued here: {told.genuine}; valid and false: {len(told.false)}")
    for kind, text in told.false[:10]:
        print(kind, text)
    sys.exit(bool(told.false))
