"""What stands in a QR token's payload: its members, in the order in which they are written.

Decided here: the names, their order and the plain kinds of their values, for the writer and for the reader of
what was written so. Sources: `passport.formats.qr_token`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from passport.limits import LIMITS
from passport.model import Discreet

__all__ = [
    "INDICES",
    "MEMBERS",
    "VCT_PATH",
    "Entry",
    "Payload",
    "StatusClaim",
    "decode_payload",
    "encode_payload",
]

VCT_PATH: Final = "/vct/attestation-1"
"""The type of this payload, under the address of a scheme."""

INDICES: Final = LIMITS.status_list_bytes * 4
"""Entries of the greatest status list."""

_Instant = Annotated[int, Meta(ge=0, lt=2**53)]
_Name = Annotated[str, Meta(min_length=1, max_length=300)]


class Entry(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """Token Status List section 6.2."""

    idx: Annotated[int, Meta(ge=0, lt=INDICES)]
    uri: Annotated[str, Meta(min_length=1, max_length=LIMITS.url_chars)]


class StatusClaim(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """One list, and no other mechanism."""

    status_list: Entry


class Payload(Discreet, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True, gc=False):
    """The payload as it is written: its members, in their order."""

    iss: str
    iat: _Instant
    vct: str
    status: StatusClaim
    given_name: _Name
    family_name: _Name
    birthdate: date | None = None
    framework: str
    levels: dict[str, int] | str
    assessed_on: date
    method: str
    place: str | None = None
    exp: _Instant | None = None
    specimen: bool = False


MEMBERS: Final = frozenset({*Payload.__struct_fields__, "nbf"})
"""The closed set; `nbf` is read and never written."""


decode_payload: Final = msgspec.json.Decoder(Payload).decode
encode_payload: Final = msgspec.json.Encoder().encode
