"""The command ``passport``: the composition root, where all rooms meet.

Exit status: 0 done; 1 refused (a sentence on standard error says what and how to go on); 2 wrong use;
130 interrupted. ``passport verify`` has those of ``passport-verify``: 0 valid, 1 not valid, 3 not decided.
`app`: the commands and `main`. `failures`, `output`, `words`: what people read.
"""

import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; say so plainly where only the verify library is installed."""
    try:
        from issuer.cli import app
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.partition(".")[0] in {
            "issuer",
            "keys",
            "passport",
            "verifier",
        }:
            raise
        sys.stderr.write(
            "passport: only the verify library is installed here (see passport-verify).\n"
            "Install the rest: pip install 'digital-skills-passport[issuer]'.\n"
        )
        return 2
    return app.main(argv)
