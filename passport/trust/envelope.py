"""The envelope of a trust document: a JWS in JSON serialisation, signed by one key or several.

Decided here: the form (RFC 7515 section 7.2.1, general serialisation, protected headers only), and how
signers are counted: as distinct thumbprints of the keys that were asked for, so that a signature
copied, or one key under two ids, counts once. PyJWT has no JSON serialisation: each signature is
checked as the compact JWS that it is.

Left to others: which keys, and how many, are enough.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from passport.errors import MalformedError
from passport.jose import CompactJws, PublicKey, Signer, b64url, sign_compact, split, unb64url
from passport.limits import LIMITS
from passport.strictjson import Reader, parse_object

__all__ = ["LIST_TYP", "NOW_TYP", "Envelope", "add_signatures", "open_envelope", "sign_envelope"]

LIST_TYP: Final = "passport-trust+jws"
NOW_TYP: Final = "passport-now+jws"


@dataclass(frozen=True, slots=True)
class Envelope:
    """A trust document as received: the payload's bytes and its signatures, none of them checked."""

    payload: bytes
    signatures: tuple[_Signature, ...]

    def signers(self, keys: Iterable[PublicKey]) -> frozenset[str]:
        """Return the thumbprints of those of `keys` that signed this payload.

        A key is tried against the signature that names it: one computation a key, however many signatures
        a stranger puts in.
        """
        by_kid = {signature.header["kid"]: signature for signature in self.signatures}
        return frozenset(
            key.thumbprint for key in keys if key.kid in by_kid and key.verify(self._compact(by_kid[key.kid]))
        )

    def _compact(self, signature: _Signature) -> CompactJws:
        return CompactJws(
            header=signature.header,
            header_bytes=b"",
            payload=self.payload,
            signing_input=signature.protected + b"." + b64url(self.payload),
            signature=signature.signature,
        )


@dataclass(frozen=True, slots=True)
class _Signature:
    """One signature as received: its protected header, parsed and as base64url, and its 64 bytes."""

    header: Mapping[str, object]
    protected: bytes
    signature: bytes


def sign_envelope(payload: bytes, *, typ: str, signers: Sequence[Signer]) -> bytes:
    """Return the document signed by each of `signers`."""
    parts = [sign_compact({"alg": s.alg, "kid": s.kid, "typ": typ}, payload, s).split(b".") for s in signers]
    document = {
        "payload": b64url(payload).decode(),
        "signatures": [{"protected": p[0].decode(), "signature": p[2].decode()} for p in parts],
    }
    return json.dumps(document, separators=(",", ":")).encode()


def add_signatures(document: bytes, *, typ: str, signers: Sequence[Signer]) -> bytes:
    """Return the document with more signatures over the very same payload (a second keeper signs later)."""
    envelope = open_envelope(document, typ=typ)
    known = json.loads(document)
    more = json.loads(sign_envelope(envelope.payload, typ=typ, signers=signers))
    known["signatures"] += more["signatures"]
    return json.dumps(known, separators=(",", ":")).encode()


def open_envelope(document: bytes, *, typ: str) -> Envelope:
    """Return the parts of a trust document; raise `MalformedError` when its form is wrong."""
    members = parse_object(document, max_bytes=LIMITS.trust_document_bytes)
    reader = Reader(members, "trust document")
    payload = unb64url(reader.text("payload", max_chars=LIMITS.trust_document_bytes).encode())
    signatures = reader.many(
        "signatures", lambda entry: _read_signature(entry, typ), at_most=LIMITS.trust_signatures
    )
    if not signatures:
        raise MalformedError("The trust document carries no signature.", code="unsigned")
    return Envelope(payload=payload, signatures=signatures)


def _read_signature(entry: Reader, typ: str) -> _Signature:
    protected = entry.text("protected", max_chars=LIMITS.header_bytes).encode()
    # Taken apart as the compact JWS that it is, around a payload of one byte: the real one is shared by all.
    jws = split(protected + b".AA." + entry.text("signature").encode())
    if jws.header.keys() != {"alg", "kid", "typ"} or jws.header["typ"] != typ:
        raise MalformedError(f"Expected signatures of type {typ}.", code="typ")
    if not isinstance(jws.header["kid"], str):
        raise MalformedError("A signature names no key.", code="kid")
    return _Signature(jws.header, protected, jws.signature)
