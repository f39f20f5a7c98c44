"""Self-made certificates of seal for the tests: a root, an authority under it, a seal under that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID, ObjectIdentifier

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

PASSPHRASE = "sept mots pour le cachet"
NOW = datetime(2027, 3, 14, 12, tzinfo=UTC)
ORGANISATION = "Ville d’Aurillac-sur-Essai"


def p256() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def usage(*, signature: bool = True, commitment: bool = False, certificates: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signature,
        content_commitment=commitment,
        key_encipherment=not (signature or commitment or certificates),
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )


def name(*, organisation: str = "", common: str = "") -> x509.Name:
    pairs = ((NameOID.ORGANIZATION_NAME, organisation), (NameOID.COMMON_NAME, common))
    return x509.Name([x509.NameAttribute(kind, text) for kind, text in pairs if text])


@dataclass(frozen=True)
class Made:
    """A chain, the seal's own certificate first."""

    key: Key
    chain: tuple[x509.Certificate, ...]

    @property
    def certificate(self) -> x509.Certificate:
        return self.chain[0]

    def write(self, path: Path, passphrase: str = PASSPHRASE) -> Path:
        path.write_bytes(
            pkcs12.serialize_key_and_certificates(
                b"cachet",
                self.key,  # type: ignore[arg-type]
                self.certificate,
                self.chain[1:],
                BestAvailableEncryption(passphrase.encode()),
            )
        )
        path.chmod(0o600)
        return path


def make_seal(
    key: Key | None = None,
    *,
    subject: x509.Name | None = None,
    begins: datetime = NOW - timedelta(days=30),
    ends: datetime = NOW + timedelta(days=700),
    uses: x509.KeyUsage | None = None,
    purposes: Sequence[ObjectIdentifier] = (),
    authority: bool = False,
) -> Made:
    root_key, middle_key, key = p256(), p256(), key or p256()
    root_name, middle_name = name(common="Racine d’essai"), name(common="Autorité d’essai")
    root = _certificate(root_key, root_name, root_key, root_name, authority=True)
    middle = _certificate(middle_key, middle_name, root_key, root_name, authority=True)
    own = _certificate(
        key,
        name(organisation=ORGANISATION, common="Cachet") if subject is None else subject,
        middle_key,
        middle_name,
        begins=begins,
        ends=ends,
        uses=uses or usage(),
        purposes=purposes,
        authority=authority,
    )
    return Made(key, (own, middle, root))


def _certificate(
    key: Key,
    subject: x509.Name,
    signer: Key,
    issuer: x509.Name,
    *,
    begins: datetime = NOW - timedelta(days=3000),
    ends: datetime = NOW + timedelta(days=3000),
    uses: x509.KeyUsage | None = None,
    purposes: Sequence[ObjectIdentifier] = (),
    authority: bool,
) -> x509.Certificate:
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(uses or usage(signature=False, certificates=True), critical=True)
    )
    if purposes:
        made = made.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    return made.sign(signer, hashes.SHA256())
