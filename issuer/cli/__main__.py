"""``python -m issuer.cli``: the command ``passport`` where its script is not installed."""

from __future__ import annotations

import sys

from issuer.cli.app import main

if __name__ == "__main__":
    sys.exit(main())
