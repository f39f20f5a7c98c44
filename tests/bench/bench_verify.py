"""Token to report, and its peers, against the raw signature verification; signing; the import."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from keys.signing import FileSigner
from passport.formats.qr_token import header_for
from passport.jose import sign_compact, split
from passport.packing import pack, unpack
from tests.bench.measure import Row, ratio_row
from tests.town import NOON, TestKey, Town
from verifier import verify
from verifier.verifying import verify_all

ALGORITHM = ec.ECDSA(hashes.SHA256())


def run() -> list[Row]:
    """Return the rows of this bench."""
    return [*_verifying(), *_signing(), _import()]


def _verifying() -> list[Row]:
    town = Town.make()
    token, many = town.issue(), [town.issue() for _ in range(1_000)]
    trust = town.trust()
    status = town.status(trust)
    jws = split(token)
    public: Any = town.bodies["csc-marmiers"].credential_key.public._key
    r, s = int.from_bytes(jws.signature[:32], "big"), int.from_bytes(jws.signature[32:], "big")
    der = encode_dss_signature(r, s)
    digits = pack(token)
    huge = token[:100] + b"A" * 10_000_000 + token[100:]

    def raw() -> None:
        public.verify(der, jws.signing_input, ALGORITHM)

    def ours() -> None:
        verify(token, trust=trust, status=status, at=NOON)

    def together() -> None:
        for start in range(0, len(many), 32):
            verify_all(many[start : start + 32], trust=trust, status=status, at=NOON)

    def raw_many() -> None:
        for _ in many:
            raw()

    def from_digits() -> None:
        verify(unpack(digits), trust=trust, status=status, at=NOON)

    def pyjwt() -> None:
        jwt.decode(token, public, algorithms=["ES256"], options={"verify_iat": False})

    def bomb() -> None:
        verify(huge, trust=trust, status=status, at=NOON)

    raw_name = "raw ECDSA verify"
    return [
        ratio_row("token → report, status cached", ours, raw, against=raw_name, goal="≤ 1.8 (aim 1.4)"),
        ratio_row(
            "1 of 1,000 tokens together → report",
            together,
            raw_many,
            against=raw_name,
            goal="≤ 1.5",
            rounds=20,
        ),
        ratio_row("QR digits → report", from_digits, raw, against=raw_name, goal="-"),
        ratio_row("peer: PyJWT decode, claims only", pyjwt, raw, against=raw_name, goal="peer"),
        ratio_row("forged token of 10 MB", bomb, ours, against="an honest token", goal="≤ 2"),
    ]


def _signing() -> list[Row]:
    key = TestKey("c2026-1")
    signer = FileSigner(key._private, key.public)
    header = header_for("ES256", key.kid)
    payload = split(Town.make().issue()).payload

    def raw() -> None:
        key._private.sign(payload, ALGORITHM)

    def ours() -> None:
        sign_compact(header, payload, signer)

    def pyjwt() -> None:
        jwt.api_jws.PyJWS().encode(payload, key._private, algorithm="ES256", headers=header)

    return [
        ratio_row("sign a token, key loaded once", ours, raw, against="raw ECDSA sign", goal="≤ 1.8"),
        ratio_row("peer: PyJWT encode", pyjwt, raw, against="raw ECDSA sign", goal="peer"),
    ]


def _import() -> Row:
    """`import verifier`, and what it stands on, each beyond a bare python."""
    stands_on = "import jwt, msgspec, cryptography.hazmat.primitives.asymmetric.ec"
    taken = [[_timed(code) for code in ("import verifier", stands_on, "pass")] for _ in range(15)]
    ours, reference = (statistics.median(t[n] - t[2] for t in taken) for n in (0, 1))
    name, against = "import verifier, beyond a bare python", "cryptography + msgspec + pyjwt"
    return Row(name, round(ours, 1), against, round(reference, 1), round(ours / reference, 2), "-")


def _timed(code: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return (time.perf_counter() - start) * 1000
