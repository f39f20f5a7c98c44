"""An issuing counter in a process of its own, to be killed: ``counter.py FOLDER EPOCH PORT``.

Its clock goes ten minutes in a second, from the tests' start at EPOCH (seconds since 1970): the real times
of lists and of upkeep pass within a test. Its log goes to standard error.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import uvicorn

from issuer.register import Register
from issuer.settings import Settings
from issuer.web.app import create_app
from issuer.web.logs import set_up_logs
from tests.issuer.registers import PASSPHRASE, START
from verifier.web.serving import OPTIONS

SPEED = 600


def main(folder: str, epoch: float, port: int) -> None:
    settings = Settings.of(Path(folder))
    set_up_logs()
    with Register.open(
        settings, passphrase=PASSPHRASE, clock=lambda: START + (time.time() - epoch) * SPEED
    ) as register:
        app = create_app(settings, register=register, upkeep_seconds=0.1)
        uvicorn.run(app, port=port, **OPTIONS)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))
