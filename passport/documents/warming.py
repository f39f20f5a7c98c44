"""Drawing once before anybody waits for it: the fonts are cut, the tables of the symbol are made.

The first document of a process takes about a second more than those that follow. Left to others: when this is
done (`issuer.web.app`).
"""

from __future__ import annotations

from passport.documents.listing import ListHead, SignIn, render_sign_in
from passport.documents.symbol import draw_symbol

__all__ = ["warm_up"]


def warm_up() -> None:
    """Draw a page and a symbol that nobody sees; the second time it costs next to nothing."""
    head = ListHead(lang="fr", title="·", facts=(), notes=())
    render_sign_in(SignIn(head, columns=("·", "·"), names=("·",), lines=1))
    draw_symbol("https://example.org/v#", "1" * 400)
