"""A fake town that speaks the real protocols: real keys, a real signed trust list, real status lists.

Nothing here is a stand-in for our own code: documents are written by the book's own writers. What a test
wants wrong, it makes wrong by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from passport.bitstring import write_bitstring
from passport.claims import Purpose, StatusReference
from passport.credential import new_ids, write_credential
from passport.formats import open_badge, w3c_vc
from passport.formats.qr_token import header_for, vct_of, write_claims
from passport.jose import PublicKey, b64url, sign_compact, split
from passport.model import Attestation, Holder, Method
from passport.status import StatusArray, write_status_token
from passport.trust.envelope import LIST_TYP, sign_envelope
from passport.trust.model import (
    Accreditation,
    Body,
    KeyState,
    KeyUse,
    Now,
    Period,
    Pin,
    Place,
    Scheme,
    TrustedKey,
    TrustList,
)
from passport.trust.writing import pin_document, trust_list_payload, write_now
from verifier import StatusSnapshot, Trust, read_status
from verifier.forms import form_of

DAY = 86_400
NOON = 1_795_608_000  # 2026-11-25T12:00:00Z


class TestKey:
    """A private key in memory, ES256 or EdDSA."""

    __test__ = False

    def __init__(self, kid: str, alg: str = "ES256") -> None:
        self.kid = kid
        self.alg = alg
        self._private: Any = (
            ec.generate_private_key(ec.SECP256R1())
            if alg == "ES256"
            else ed25519.Ed25519PrivateKey.generate()
        )
        self.public = PublicKey.from_jwk(self._jwk())

    def _jwk(self) -> dict[str, object]:
        public = self._private.public_key()
        common: dict[str, object] = {"alg": self.alg, "use": "sig", "kid": self.kid}
        if self.alg == "EdDSA":
            return {"kty": "OKP", "crv": "Ed25519", "x": b64url(public.public_bytes_raw()).decode(), **common}
        numbers = public.public_numbers()
        x, y = (b64url(n.to_bytes(32, "big")).decode() for n in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y, **common}

    def sign(self, data: bytes) -> bytes:
        if self.alg == "EdDSA":
            return bytes(self._private.sign(data))
        r, s = decode_dss_signature(self._private.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def an_attestation(issuer: str, **changes: Any) -> Attestation:
    """A plain attestation of today; any member can be changed."""
    plain: dict[str, Any] = {
        "issuer": issuer,
        "holder": Holder("Zoé", "L’Hévéder-Nuñez"),
        "framework": "digcomp-3.0",
        "levels": {"1.1": 2, "2.1": 3, "4.2": 1},
        "assessed_on": date(2026, 11, 24),
        "method": Method.OBSERVATION,
        "issued_at": NOON,
        "place": "mediatheque",
    }
    return Attestation(**(plain | changes))


@dataclass
class FakeBody:
    """A body with its keys and its one status list."""

    body: Body
    credential_key: TestKey
    status_key: TestKey
    array: StatusArray = field(default_factory=lambda: StatusArray.empty(131_072))
    next_index: int = 1000

    @property
    def issuer(self) -> str:
        return self.body.issuer

    @property
    def uri(self) -> str:
        return self.body.status_prefix + "1"


@dataclass
class Town:
    """A scheme with a few bodies. `at` is the moment of all that is made unless said otherwise."""

    scheme: Scheme
    root: TestKey
    publication: TestKey
    bodies: dict[str, FakeBody]
    at: int
    version: int = 1
    refused: frozenset[str] = frozenset()

    @classmethod
    def make(cls, *, url: str = "https://passeport.example", kind: str = "residents", at: int = NOON) -> Town:
        scheme = Scheme(
            "Réseau d’Exemple", kind, url, f"{url}/o/", "Réseau d’Exemple, 01 99 00 00 00", ("fr", "en")
        )
        town = cls(scheme, TestKey("r2026-1"), TestKey("p2026-1"), {}, at)
        town.add_body("csc-marmiers", "Centre social de Marmiers", number=1)
        town.add_body("epn-ville", "Espace numérique de la Ville", number=2)
        return town

    def add_body(self, slug: str, name: str, *, number: int = 1, alg: str = "ES256") -> FakeBody:
        credential, status = TestKey(f"c2026-{number}", alg), TestKey(f"s2026-{number}")
        since = Period(self.at - 300 * DAY)
        keys = {
            key.kid: TrustedKey(key.public, use, KeyState.ACTIVE, since)
            for key, use in ((credential, KeyUse.CREDENTIAL), (status, KeyUse.STATUS))
        }
        body = Body(
            slug=slug,
            name=name,
            kind="centre_social",
            issuer=self.scheme.issuer_prefix + slug,
            period=since,
            successor=None,
            places=(Place("mediatheque", "Médiathèque d’Aurillac", since),),
            accreditations=(
                Accreditation("digcomp-3.0", 1, 6, since),
                Accreditation("decouverte", 1, 2, since),
            ),
            keys=MappingProxyType(keys),
            status_prefix=f"{self.scheme.url}/status/{slug}.",
        )
        self.bodies[slug] = FakeBody(body, credential, status)
        return self.bodies[slug]

    def change_body(self, slug: str, **changes: Any) -> None:
        self.bodies[slug].body = replace(self.bodies[slug].body, **changes)

    def change_key(self, slug: str, kid: str, **changes: Any) -> None:
        keys = dict(self.bodies[slug].body.keys)
        keys[kid] = replace(keys[kid], **changes)
        self.change_body(slug, keys=MappingProxyType(keys))

    # The public documents.

    @property
    def pin(self) -> Pin:
        return Pin((self.root.public,), 1, self.scheme.issuer_prefix)

    def trust_list(self, *, issued_at: int | None = None) -> TrustList:
        issued = self.at - DAY if issued_at is None else issued_at
        bodies = {fake.issuer: fake.body for fake in self.bodies.values()}
        return TrustList(
            self.version,
            issued,
            issued + 180 * DAY,
            self.scheme,
            self.pin,
            self.publication.public,
            bodies,
            "",
        )

    def list_document(self, *, issued_at: int | None = None) -> bytes:
        payload = trust_list_payload(self.trust_list(issued_at=issued_at))
        return sign_envelope(payload, typ=LIST_TYP, signers=[self.root])

    def now_document(self, *, issued_at: int | None = None, life: int = 7 * DAY, **changes: Any) -> bytes:
        from passport.trust.reading import read_trust_list

        issued = self.at - 3600 if issued_at is None else issued_at
        digest = read_trust_list(self.list_document(), pin=self.pin).digest
        now = Now(
            issued, issued + life, self.version, digest, self.refused, frozenset(), MappingProxyType({})
        )
        return write_now(replace(now, **changes), signer=self.publication)

    def trust(self, *, sets: Mapping[str, bytes] = MappingProxyType({})) -> Trust:
        return Trust.read(self.list_document(), self.now_document(), pin=self.pin, sets=sets)

    def status_document(self, slug: str, *, issued_at: int | None = None, **options: Any) -> bytes:
        fake = self.bodies[slug]
        signer = options.pop("signer", fake.status_key)
        issued = self.at - 600 if issued_at is None else issued_at
        return write_status_token(fake.array, uri=fake.uri, issued_at=issued, signer=signer, **options)

    def bitstring_document(
        self, slug: str, purpose: Purpose, *, issued_at: int | None = None, **options: Any
    ) -> bytes:
        fake = self.bodies[slug]
        given = {"uri": fake.uri, "issuer": fake.issuer, "signer": fake.status_key, "array": fake.array}
        issued = self.at - 600 if issued_at is None else issued_at
        return write_bitstring(purpose=purpose, issued_at=issued, **(given | options))

    def status_documents(self) -> list[bytes]:
        """Every list of every body, in every encoding."""
        bits = [self.bitstring_document(slug, purpose) for slug in self.bodies for purpose in Purpose]
        return [*(self.status_document(slug) for slug in self.bodies), *bits]

    def status(self, trust: Trust | None = None) -> dict[str, StatusSnapshot]:
        known = trust or self.trust()
        snapshots = [read_status(document, trust=known) for document in self.status_documents()]
        return {snapshot.uri: snapshot for snapshot in snapshots}

    def write_documents(self, folder: Path) -> Path:
        """Write what `passport publish` writes: the folder that a static server would serve."""
        (folder / "trust").mkdir(parents=True, exist_ok=True)
        (folder / "status").mkdir(exist_ok=True)
        (folder / "trust" / "list.json").write_bytes(self.list_document())
        (folder / "trust" / f"{self.version}.json").write_bytes(self.list_document())
        (folder / "trust" / "now.json").write_bytes(self.now_document())
        (folder / "pin.json").write_bytes(pin_document(self.pin))
        for slug in self.bodies:
            (folder / "status" / f"{slug}.1").write_bytes(self.status_document(slug))
            for purpose in Purpose:
                (folder / "status" / f"{slug}.1.{purpose}").write_bytes(
                    self.bitstring_document(slug, purpose)
                )
        return folder

    # Credentials.

    def issue(
        self,
        slug: str = "csc-marmiers",
        *,
        signer: TestKey | None = None,
        status: StatusReference | None = None,
        vct: str | None = None,
        **changes: Any,
    ) -> bytes:
        fake = self.bodies[slug]
        key = signer or fake.credential_key
        changes.setdefault("specimen", self.scheme.is_demo)
        attestation = an_attestation(fake.issuer, **({"issued_at": self.at} | changes))
        fake.next_index += 1
        payload = write_claims(
            attestation,
            vct=vct or vct_of(self.scheme.url),
            status=status or StatusReference(fake.uri, fake.next_index),
        )
        return sign_compact(header_for(key.alg, key.kid), payload, key)

    def credential(self, slug: str = "csc-marmiers", **changes: Any) -> tuple[Attestation, dict[str, Any]]:
        """An attestation and its credential, not yet in an envelope; `status` may be given."""
        fake = self.bodies[slug]
        status = changes.pop("status", None)
        changes.setdefault("specimen", self.scheme.is_demo)
        attestation = an_attestation(fake.issuer, **({"issued_at": self.at} | changes))
        fake.next_index += 1
        credential = write_credential(
            attestation,
            ids=new_ids(),
            status=status or StatusReference(fake.uri, fake.next_index),
            issuer_name=fake.body.name,
            lang="fr",
        )
        return attestation, credential

    def badge(self, slug: str = "csc-marmiers", *, signer: TestKey | None = None, **changes: Any) -> bytes:
        """An Open Badge."""
        key = signer or self.bodies[slug].credential_key
        attestation, credential = self.credential(slug, **changes)
        header = open_badge.header_for(key.alg, key.kid, issuer=attestation.issuer)
        return sign_compact(header, open_badge.write_claims(attestation, credential), key)

    def vc(self, slug: str = "csc-marmiers", *, signer: TestKey | None = None, **changes: Any) -> bytes:
        """A W3C credential."""
        key = signer or self.bodies[slug].credential_key
        attestation, credential = self.credential(slug, **changes)
        header = w3c_vc.header_for(key.alg, key.kid, issuer=attestation.issuer)
        return sign_compact(header, w3c_vc.write_claims(credential), key)

    def set_status(self, slug: str, token: bytes, value: int) -> None:
        jws = split(token)
        self.bodies[slug].array[form_of(jws).read_claims(jws).status.index] = value
