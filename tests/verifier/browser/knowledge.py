"""One town, all that a verifier knows of it, and tokens signed again by its keys: what the cases start from.

Decides: the town and the moment. Left to others: what is edited, and who answers.
"""

from __future__ import annotations

from functools import cache

from passport.claims import Purpose
from passport.jose import b64url
from passport.trust.writing import pin_document
from tests.town import NOON, TestKey, Town
from tests.verifier.browser.sides import Documents

__all__ = ["AT", "SLUG", "documents_of", "known_documents", "known_town", "lists_of", "signed"]

SLUG = "csc-marmiers"
AT = NOON + 60


@cache
def known_town() -> Town:
    made = Town.make()
    made.add_body("musee", "Musée", alg="EdDSA")
    return made


@cache
def known_documents() -> Documents:
    return documents_of(known_town())


def documents_of(of: Town) -> Documents:
    """Return what is known of a town: all but the lists of one body."""
    statuses = tuple(one for slug in of.bodies if slug != "epn-ville" for one in lists_of(of, slug))
    return Documents(pin_document(of.pin), of.list_document(), of.now_document(), statuses)


def lists_of(of: Town, slug: str) -> tuple[bytes, ...]:
    """Return the lists of a body: the Token Status List, then one for each purpose."""
    return of.status_document(slug), *(of.bitstring_document(slug, purpose) for purpose in Purpose)


def signed(header: bytes, payload: bytes, key: TestKey) -> bytes:
    """Return a compact JWS over any bytes."""
    signing_input = b64url(header) + b"." + b64url(payload)
    return signing_input + b"." + b64url(key.sign(signing_input))
