"""A security key made of software: it answers as a browser would, or wrongly on purpose."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from passport.jose import b64url

ORIGIN = "https://pass.example"


def _text(data: bytes) -> str:
    return b64url(data).decode()


@dataclass
class SoftKey:
    """`flags` of an answer: user present 1, user verified 4, may be backed up 8, is backed up 16."""

    rp_id: str = "pass.example"
    origin: str = ORIGIN
    count: int = 0
    flags: int = 0x05
    attachment: str = "cross-platform"
    cross_origin: bool = False
    handle: bytes | None = None
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    secret: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def make(self, options: dict[str, Any]) -> str:
        """Answer `navigator.credentials.create`."""
        padded = options["user"]["id"] + "=" * (-len(options["user"]["id"]) % 4)
        self.handle = base64.urlsafe_b64decode(padded)
        numbers = self.secret.public_key().public_numbers()
        x, y = (n.to_bytes(32) for n in (numbers.x, numbers.y))
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        described = bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id + cose
        data = self._data(self.flags | 0x40) + described
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        response = {
            "clientDataJSON": _text(self._client("webauthn.create", options)),
            "attestationObject": _text(attested),
        }
        return self._answer(response)

    def show(self, options: dict[str, Any]) -> str:
        """Answer `navigator.credentials.get`."""
        self.count += 1
        client = self._client("webauthn.get", options)
        data = self._data(self.flags)
        signature = self.secret.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": _text(client),
            "authenticatorData": _text(data),
            "signature": _text(signature),
            "userHandle": _text(self.handle) if self.handle is not None else None,
        }
        return self._answer(response)

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        said = {
            "type": kind,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": self.cross_origin,
        }
        return json.dumps(said).encode()

    def _answer(self, response: dict[str, Any]) -> str:
        id_ = _text(self.credential_id)
        return json.dumps(
            {
                "id": id_,
                "rawId": id_,
                "type": "public-key",
                "response": response,
                "authenticatorAttachment": self.attachment,
                "clientExtensionResults": {},
            }
        )
