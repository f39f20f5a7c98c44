"""Of a hundred thousand inputs that are nearly valid (`mutations`) not one is called valid."""

from __future__ import annotations

import pytest

from tests.town import Town
from tests.verifier.web.forger import Forger
from tests.verifier.web.mutations import COUNT, ask
from verifier import Reason

# What forged, broken and too bold inputs are told. The others depend on documents that are missing or old.
SEEN = {
    Reason.MALFORMED, Reason.UNSUPPORTED, Reason.SIGNATURE_INVALID, Reason.KEY_NOT_VALID,
    Reason.ISSUER_UNKNOWN, Reason.ISSUER_NOT_ACCREDITED, Reason.NOT_YET_VALID, Reason.EXPIRED,
    Reason.WITHDRAWN, Reason.SUSPENDED,
    Reason.STATUS_UNAVAILABLE, Reason.TRUST_STALE, Reason.SPECIMEN, Reason.VALID,
}  # fmt: skip


@pytest.mark.slow
def test_not_one_of_a_hundred_thousand_is_a_false_valid() -> None:
    result = ask(COUNT)
    assert result.false == []
    assert sum(result.asked.values()) == COUNT
    assert set(result.answers) == {reason.value for reason in SEEN}
    # A good credential with a blank around it is one still; few are, or the inputs are too tame.
    assert 0 < result.genuine < COUNT // 20


def test_every_kind_makes_something_else_of_a_good_token() -> None:
    forger = Forger.make(Town.make(), seed=1)
    for kind in forger.kinds():
        made = {kind() for _ in range(100)}
        assert len(made - set(forger.genuine)) > 10, kind.__name__
