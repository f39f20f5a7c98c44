"""One vector: what is checked, by which documents, at which time, and what must be answered."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from passport.trust.writing import pin_document
from tests.town import NOON, Town

FOLDER = Path(__file__).parent
Documents = dict[str, Any]


def keep(document: bytes) -> str:
    """Store a document under its hash, so that vectors share it; return its name."""
    name = f"documents/{hashlib.sha256(document).hexdigest()[:16]}"
    (FOLDER / name).write_bytes(document)
    return name


def documents(
    town: Town,
    *,
    list_document: bytes | str | None = "",
    now_document: bytes | str | None = "",
    statuses: list[bytes] | None = None,
    sets: dict[str, bytes] | None = None,
) -> Documents:
    """Return the names of the documents of a town; give one to replace it, None to leave it out."""
    trust_list = town.list_document() if list_document == "" else list_document
    now = town.now_document() if now_document == "" else now_document
    lists = [town.status_document(slug) for slug in town.bodies] if statuses is None else statuses
    assert not isinstance(trust_list, str)
    assert not isinstance(now, str)
    return {
        "pin": keep(pin_document(town.pin)),
        "trust_list": keep(trust_list) if trust_list is not None else None,
        "now": keep(now) if now is not None else None,
        "statuses": [keep(document) for document in lists],
        "sets": {digest: keep(document) for digest, document in (sets or {}).items()},
    }


@dataclass
class Case:
    """`expect`: verdict and reason; `specimen` and `shows` (attestation not null) are always asserted."""

    name: str
    token: bytes | str
    reason: str
    why: str
    source: str
    documents: Documents
    at: int = NOON + 60
    verdict: str = "invalid"
    shows: bool = False
    specimen: bool = False
    digits: str | None = field(default=None)

    def to_json(self) -> dict[str, Any]:
        """Return the vector as its file holds it."""
        token = self.token.decode("utf-8") if isinstance(self.token, bytes) else self.token
        given = {"digits": self.digits} if self.digits is not None else {"token": token}
        return {
            "why": self.why,
            "source": self.source,
            **given,
            "documents": self.documents,
            "at": self.at,
            "expect": {
                "verdict": self.verdict,
                "reason": self.reason,
                "shows_attestation": self.shows,
                "specimen": self.specimen,
            },
        }
