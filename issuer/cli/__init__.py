"""The command ``passport``: the composition root, where all rooms meet.

Exit status: 0 done; 1 refused (a sentence on standard error says what and how to go on); 2 wrong use;
130 interrupted. ``passport verify`` has those of ``passport-verify``: 0 valid, 1 not valid, 3 not decided.
`app`: the commands and `main`. `failures`, `output`, `words`: what people read.
"""

from issuer.cli.app import main

__all__ = ["main"]
