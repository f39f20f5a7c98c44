"""A process that issues, to be killed or to compete: ``worker.py FOLDER PREFIX PEOPLE CALLS [KILL_AT]``.

It issues CALLS sequences of PEOPLE for the body of the tests, in the database of PASSPORT_DATABASE_URL.
With KILL_AT it kills itself with SIGKILL before the KILL_AT-th statement that reaches the database (COMMIT
counts), as a power cut would; without, it prints how many statements there were.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, event

from issuer.register import Register
from issuer.register.issuing import issue
from issuer.settings import Settings
from tests.issuer.registers import BODY, PASSPHRASE, START, request


@dataclass
class Fuse:
    """Counts statements and burns through at one of them."""

    at: int
    passed: int = 0

    def statement(self, _connection: object, _cursor: object, sql: str, *_: object) -> None:
        # Looking for free entries is done again when the draw met a taken one: chance, and not counted.
        if "FROM status_entry" not in sql:
            self.burn()

    def burn(self, *_: object) -> None:
        self.passed += 1
        if self.passed == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


def main(folder: str, prefix: str, people: int, calls: int, kill_at: int) -> None:
    with Register.open(
        Settings.of(Path(folder)), passphrase=PASSPHRASE, clock=lambda: START + 60
    ) as register:
        fuse = Fuse(kill_at)
        event.listen(Engine, "before_cursor_execute", fuse.statement)
        event.listen(Engine, "commit", fuse.burn)
        print("ready", flush=True)
        for call in range(calls):
            names = [f"{prefix}-{call * people + n}" for n in range(people)]
            requests = [request(n, source=name) for n, name in enumerate(names)]
            issue(register, BODY, requests, actor="worker", accept_duplicates=True)
    print(fuse.passed)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int((sys.argv[5:] or ["0"])[0]))
