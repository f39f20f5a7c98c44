"""A process that copies a register, to be killed: ``copier.py FOLDER``, the databases by the environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from issuer.register import Register
from issuer.register.copying import copy_register
from issuer.settings import Settings
from tests.issuer.registers import START


def main(folder: str) -> None:
    settings = Settings.of(Path(folder))
    with Register.open(settings, passphrase=None, clock=lambda: START + 60) as register:
        print("ready", flush=True)
        copy_register(register, os.environ["PASSPORT_COPY_TO"], progress=lambda done, total: None)


if __name__ == "__main__":
    main(sys.argv[1])
