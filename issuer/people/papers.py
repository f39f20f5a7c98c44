"""Papers printed again: from what was signed, noted in the chain of the body that made the attestation.

Decided here: which kinds a desk prints, and that a paper nobody noted does not leave. Left to others: who may
have it printed (the page), the drawing (`issuer.prints`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from issuer.print_seal import require_seal
from issuer.prints import LARGE, MEDIA_TYPES, draw, print_jobs
from issuer.register.folder import Register
from issuer.register.lookup import note_reprinted, stored
from issuer.store import facts as store
from passport.errors import MalformedError

__all__ = ["KINDS", "print_again"]

KINDS: Final[Mapping[str, str]] = {"sheet": "pdf", "large": LARGE, "card": "card.pdf"}
"""The word of a form → the kind of file."""


def print_again(register: Register, code: str, kind: str, *, actor: str) -> tuple[bytes, str]:
    """Return the paper of an attestation and its media type. `kind`: a key of `KINDS`.

    Raises `PassportError`: `unknown_code`, `print_kind`, `glyph_missing`, and those of a seal.
    """
    if kind not in KINDS:
        raise MalformedError("There is no such kind of paper.", code="print_kind")
    require_seal(register)  # what cannot be printed is not noted as printed
    found = stored(register, code)
    note_reprinted(register, [found], actor=actor)
    drawn = draw(print_jobs(register, [found])[0], KINDS[kind])
    with register.writing() as session:
        store.note_printed(session, found.id, by=actor, at=register.now())
    return drawn, MEDIA_TYPES[KINDS[kind]]
