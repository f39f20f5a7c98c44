"""What every signed form gives a verifier, whatever its envelope: an attestation and the names around it.

Decided here: the neutral types that the forms share, so that no form knows another; the address of a body
and of its keys, which is the `kid` of the forms whose readers fetch keys by address. Nothing here is
trusted: these are claims, well formed.

Left to others: the forms (`passport.formats`), whether the claims are true (`verifier`).
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final

from msgspec import Struct

from passport.errors import MalformedError
from passport.limits import LIMITS
from passport.model import Attestation
from passport.strictjson import Reader

__all__ = [
    "KEY_URL",
    "Claims",
    "Purpose",
    "StatusReference",
    "key_url",
    "read_issuer",
    "scheme_of",
    "status_key_url",
]

_BODY: Final = r"https?://[a-z0-9.-]{1,200}(?::[0-9]{1,5})?/o/[a-z0-9-]{1,40}"
_ISSUER: Final = re.compile(_BODY)
KEY_URL: Final = f"({_BODY})/keys/([A-Za-z0-9._-]{{1,64}})".encode()
"""Pattern of a credential key's address: its body, and its id there."""


class Purpose(StrEnum):
    """What one bit of a W3C status list says (Bitstring Status List section 2.1)."""

    REVOCATION = "revocation"
    SUSPENSION = "suspension"


class StatusReference(Struct, frozen=True, gc=False):
    """Where the status of a credential stands: entry `index` of the list at `uri`.

    `uri` names the Token Status List; the W3C lists of the same array are at ``{uri}.{purpose}``.
    """

    uri: str
    index: int


class Claims(Struct, frozen=True, gc=False):
    """The claims of one credential. `type_uri`: the scheme's own name for this type of credential.

    `purposes`: the W3C lists that the credential names; empty when it names the Token Status List.
    `not_before`: seconds since 1970, when that is said apart from the time of issue.
    """

    attestation: Attestation
    type_uri: str
    status: StatusReference
    not_before: int | None = None
    purposes: tuple[Purpose, ...] = ()


def read_issuer(reader: Reader, name: str) -> str:
    """Return the member `name`: the address of a body. Raises `MalformedError` (`iss`)."""
    issuer = reader.text(name, max_chars=LIMITS.url_chars)
    if not _is_issuer(issuer):
        raise MalformedError(f"`{name}` is not the address of a body.", code="iss")
    return issuer


@lru_cache(maxsize=1024)
def _is_issuer(text: str) -> bool:
    """Tell whether a text is a body's address; a counter sees the same few again and again."""
    return _ISSUER.fullmatch(text) is not None


def scheme_of(issuer: str) -> str:
    """Return the address of the scheme that a body's address lies under."""
    return issuer.rpartition("/o/")[0]


def key_url(issuer: str, kid: str) -> str:
    """Return where one credential key of a body is published, as one JWK."""
    return f"{issuer}/keys/{kid}"


def status_key_url(issuer: str, kid: str) -> str:
    """Return where one status key of a body is published, as one JWK."""
    return f"{issuer}/status-keys/{kid}"
