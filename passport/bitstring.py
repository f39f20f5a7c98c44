"""Status lists in the bytes of W3C: Bitstring Status List, made from the same array as the Token Status List.

Decided here: one list for each purpose, of one bit an entry: ``{uri}.revocation`` says withdrawn,
``{uri}.suspension`` says suspended. *Replaced* has no bit (docs/adr/0009). The list is a credential itself,
in the same envelope as those it is about (VC-JOSE-COSE, ``vc+jwt``), signed with the body's status key, whose
address is its `kid`. Index 0 is the **most** significant bit of byte 0, the compression is GZIP, the text is
multibase base64url (``u``), `ttl` counts **milliseconds**: all of it otherwise than in `passport.status`.

Sources: Bitstring Status List 1.0 sections 2.1, 2.2, 3.2 (validation), 3.3 and 3.4 (bitstring); VC Data Model
2.0. Left to others: which body and key may sign a list, how old it may be (`verifier`), where it is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from passport.claims import Purpose, status_key_url
from passport.errors import MalformedError
from passport.jose import CompactJws, Signer, b64url, sign_compact, unb64url
from passport.limits import LIMITS
from passport.list_compression import Container, compress, inflate
from passport.status import LIFE_SECONDS, TTL_SECONDS, Status, StatusArray, StatusListToken
from passport.strictjson import Json, Reader, compact_json, parse_object
from passport.timestamps import read_timestamp, write_timestamp

__all__ = ["MEDIA_TYPE", "TYP", "Bits", "bits_of", "purpose_uri", "read_bitstring", "write_bitstring"]

TYP: Final = "vc+jwt"
MEDIA_TYPE: Final = "application/vc+jwt"
_CONTEXT: Final = "https://www.w3.org/ns/credentials/v2"
_TYPES: Final = ["VerifiableCredential", "BitstringStatusListCredential"]
_STATUS: Final[Mapping[Purpose, Status]] = {
    Purpose.REVOCATION: Status.WITHDRAWN,
    Purpose.SUSPENSION: Status.SUSPENDED,
}
_KID: Final = re.compile(r"(https?://[^\s/]{1,250}/o/[a-z0-9-]{1,40})/status-keys/([A-Za-z0-9._-]{1,64})")


def purpose_uri(uri: str, purpose: Purpose) -> str:
    """Return the address of the W3C list of one purpose, of the array whose Token Status List is at `uri`."""
    return f"{uri}.{purpose.value}"


class Bits:
    """A fixed number of bits, the first one the most significant of byte 0."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __len__(self) -> int:
        return 8 * len(self._data)

    def __getitem__(self, index: int) -> int:
        if not 0 <= index < len(self):
            raise IndexError(index)
        return self._data[index >> 3] >> (7 - (index & 7)) & 1

    def encode(self) -> str:
        """Return `encodedList` (section 3.3): multibase ``u``, GZIP; the same bits give the same text."""
        return "u" + b64url(compress(self._data, Container.GZIP)).decode()

    @classmethod
    def decode(cls, text: str) -> Bits:
        """Return the bits of an `encodedList`; at most `LIMITS.status_list_bytes` once inflated."""
        if not text.startswith("u"):
            raise MalformedError("The status list is not multibase base64url.", code="status_damaged")
        stream = unb64url(text[1:].encode("ascii", "replace"))
        return cls(inflate(stream, Container.GZIP, max_bytes=LIMITS.status_list_bytes))


def bits_of(array: StatusArray, purpose: Purpose) -> Bits:
    """Return one bit for each entry of a two-bit array: whether it has the value of this purpose."""
    # Four entries a byte become one hexadecimal digit: a list of 131,072 takes a fraction of a millisecond.
    return Bits(bytes.fromhex(array.data.translate(_DIGITS[purpose]).decode("ascii")))


def _digit(byte: int, value: int) -> int:
    bits = "".join("1" if byte >> place & 3 == value else "0" for place in (0, 2, 4, 6))
    return ord(f"{int(bits, 2):x}")


_DIGITS: Final = {
    purpose: bytes(_digit(byte, status) for byte in range(256)) for purpose, status in _STATUS.items()
}


def write_bitstring(
    array: StatusArray,
    purpose: Purpose,
    *,
    uri: str,
    issuer: str,
    issued_at: int,
    signer: Signer,
    life: int = LIFE_SECONDS,
) -> bytes:
    """Return the signed list of one purpose. `uri`: where the Token Status List of the array is.

    `issuer`: the body's address. Good for `life` seconds.
    """
    address = purpose_uri(uri, purpose)
    credential: Json = {
        "@context": [_CONTEXT],
        "id": address,
        "type": _TYPES,
        "issuer": issuer,
        "validFrom": write_timestamp(issued_at),
        "validUntil": write_timestamp(issued_at + life),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose.value,
            "encodedList": bits_of(array, purpose).encode(),
            "ttl": TTL_SECONDS * 1_000,
        },
    }
    header = {"alg": signer.alg, "cty": "vc", "kid": status_key_url(issuer, signer.kid), "typ": TYP}
    return sign_compact(header, compact_json(credential), signer)


def read_bitstring(jws: CompactJws) -> StatusListToken:
    """Return the parts of a list; raise `MalformedError` when its form is wrong.

    Only lists of at least 131,072 entries are taken: a short one tells which credential was looked up.
    """
    header = Reader(jws.header, "status list header")
    named = _KID.fullmatch(header.text("kid"))
    if named is None or not jws.header.keys() <= {"alg", "cty", "kid", "typ"} or header.text("typ") != TYP:
        raise MalformedError(f"Expected a status list credential of type {TYP}.", code="typ")
    document = parse_object(jws.payload, max_bytes=LIMITS.status_token_bytes)
    reader = Reader(document, "status list")
    issuer = reader.text("issuer", max_chars=LIMITS.url_chars)
    if (document.get("@context"), document.get("type"), named.group(1)) != ([_CONTEXT], _TYPES, issuer):
        raise MalformedError("The document is not a status list credential.", code="status_form")
    if not document.keys().isdisjoint({"vc", "vp"}) or document.get("iss", issuer) != issuer:
        raise MalformedError("The claims around the credential contradict it.", code="status_form")
    subject = reader.member("credentialSubject")
    uri = reader.text("id", max_chars=LIMITS.url_chars)
    return StatusListToken(
        uri=uri,
        issued_at=read_timestamp(reader.text("validFrom")),
        expires_at=read_timestamp(reader.text("validUntil")),
        ttl=subject.integer("ttl", low=1_000) // 1_000,
        array=_read_list(subject),
        kid=named.group(2),
        jws=jws,
        issuer=issuer,
        purpose=_read_purpose(subject, uri),
    )


def _read_purpose(subject: Reader, uri: str) -> Purpose:
    try:
        purpose = Purpose(subject.text("statusPurpose"))
    except ValueError:
        raise MalformedError(
            "The list is of a purpose that is not known here.", code="status_purpose"
        ) from None
    if not uri.endswith(f".{purpose.value}"):
        raise MalformedError("The list is of another purpose than its address.", code="status_purpose")
    return purpose


def _read_list(subject: Reader) -> Bits:
    if subject.text("type") != "BitstringStatusList" or subject.has("statusSize"):
        raise MalformedError("The subject is not a list of single bits.", code="status_form")
    bits = Bits.decode(subject.text("encodedList", max_chars=LIMITS.status_token_bytes))
    if len(bits) < LIMITS.status_min_entries:
        raise MalformedError("The list has not the length of this scheme.", code="status_shape")
    return bits
