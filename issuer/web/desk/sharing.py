"""What several pages of coming in show: a QR, a seed to type, how long ago something was.

Decided here: the QR of a secret is drawn into the page itself, and so is nowhere to be fetched. Left to
others: the secrets.
"""

from __future__ import annotations

from typing import Final

from markupsafe import Markup

from issuer.staff.second_factors import app_address
from issuer.web.desk.visit import Visit
from issuer.web.pages import page_words
from passport.documents.symbol import symbol_svg
from passport.documents.text_symbol import draw_text

__all__ = ["ago", "app_picture", "app_values", "picture"]

_STEPS: Final = (("days", 86_400), ("hours", 3_600), ("minutes", 60))
_GROUP: Final = 4


def ago(then: int, *, now: int) -> tuple[str, int]:
    """Return how long ago something was: key of the words, and the number in them."""
    for name, seconds in _STEPS:
        count = (now - then) // seconds
        if count >= 1:
            return (f"desk.ago.{name}" if count > 1 else f"desk.ago.{name}.one", count)
    return "desk.ago.now", 0


def picture(visit: Visit, text: str, title: str) -> Markup:
    """Return the QR of a text (printable ASCII) as SVG. `title`: key of its text alternative."""
    drawn = symbol_svg(draw_text(text), title=page_words(visit.lang)[title])
    return Markup(drawn)  # noqa: S704 (our own drawing; the title is escaped there)


def app_picture(visit: Visit, seed: str, *, name: str) -> Markup:
    """Return the QR that an application of codes reads."""
    scheme = visit.register.scheme.name
    return picture(visit, app_address(seed, name=name, scheme=scheme), "desk.app.qr")


def app_values(seed: str) -> dict[str, str]:
    """Return the seed as a person types it."""
    return {"typed_seed": " ".join(seed[i : i + _GROUP] for i in range(0, len(seed), _GROUP))}
