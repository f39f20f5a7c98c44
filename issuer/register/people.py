"""Finding the same person again, without comparing names in the clear.

Decided here: two spellings that differ only in case, accents, dashes and apostrophes are taken for the
same person, and a birth date counts when it is there. The digest is keyed with the secret of the folder:
without it nobody can try names against it. The answer is only ever a question to a human (DOMAIN: two
homonyms are a human decision).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import unicodedata

from passport.model import Holder

__all__ = ["person_key"]


def _folded(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return " ".join(
        "".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c)).split()
    )


def person_key(holder: Holder, *, secret: bytes) -> str:
    """Return the digest that stands for a person, hex HMAC-SHA-256."""
    born = holder.birthdate.isoformat() if holder.birthdate is not None else ""
    said = json.dumps(["person-1", _folded(holder.given_name), _folded(holder.family_name), born])
    return hmac.new(secret, said.encode(), hashlib.sha256).hexdigest()
