"""The electronic seal of PDF prints: a certificate and its key, opened and judged before anything is printed.

Decided here: what a PKCS#12 file (RFC 7292) must hold to seal: one key of a kind that readers of PDF know,
its own certificate, good at the time of sealing, of a legal person (EN 319 412-3: its name is the
organisation's) and meant for signing documents (RFC 5280 section 4.2.1.3: digitalSignature or
nonRepudiation; 4.2.1.12: not a certificate of a server or of code alone). The file is read like a key:
ours alone, or refused. Whether anybody trusts who made the certificate is the reader's question, not ours.
Left to others: the signature in the file (`keys.pdf_signing`), when to seal (`issuer`).

    seal = open_seal(Path("seal.p12"), passphrase)
    check_seal(seal, at=now)
    sealed = seal_pdf(sheet, seal=seal, field="cachet", at=now)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from keys.files import read_private
from passport.errors import PassportError

__all__ = ["Seal", "SealError", "SealKey", "check_seal", "open_seal", "seal_pdf"]

SealKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

_RSA_BITS: Final = 2048
_CURVES: Final = ("secp256r1", "secp384r1", "secp521r1")
# A certificate for these alone was made for other work: a web server's often lies about on the same machine.
_OTHER_WORK: Final = frozenset(
    {
        ExtendedKeyUsageOID.SERVER_AUTH,
        ExtendedKeyUsageOID.CLIENT_AUTH,
        ExtendedKeyUsageOID.CODE_SIGNING,
        ExtendedKeyUsageOID.TIME_STAMPING,
        ExtendedKeyUsageOID.OCSP_SIGNING,
    }
)


class SealError(PassportError):
    """The electronic seal cannot be used."""

    default_code = "seal"


@dataclass(frozen=True, slots=True)
class Seal:
    """An opened seal. `name`: the organisation's, as the certificate says it. `chain`: what is above it."""

    name: str
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    key: SealKey = field(repr=False)


def open_seal(path: Path, passphrase: bytes) -> Seal:
    """Return the seal in a PKCS#12 file.

    Raises `SealError`: `seal_missing` (the extra that signs is not installed), `seal_file` (not there, or not
    PKCS#12), `seal_passphrase` (wrong, or a damaged file),
    `seal_key` (no key with its certificate, or of a kind that is too weak or too rare), `seal_usage` (the
    certificate is for other work), `seal_name`; `KeyFileError` as `read_private` does.
    """
    if find_spec("pyhanko") is None:
        raise SealError(
            "The part that seals is not installed.",
            code="seal_missing",
            hint="Install digital-skills-passport[issuer,seal].",
        )
    try:
        data = read_private(path)
    except OSError as error:
        raise SealError(
            f"The seal {path} cannot be read: {error.strerror}.",
            code="seal_file",
            hint="`seal` in scheme.json names a PKCS#12 file (.p12), by its path from the data folder.",
        ) from None
    if not data.startswith(b"\x30"):
        raise SealError(
            f"{path} is not a PKCS#12 file.",
            code="seal_file",
            hint="Expected key and certificate in one .p12 or .pfx file.",
        )
    try:
        found = pkcs12.load_pkcs12(data, passphrase)
    except ValueError:
        raise SealError(
            f"{path} does not open: the passphrase is not the right one, or the file is damaged.",
            code="seal_passphrase",
            hint="See PASSPORT_SEAL_PASSPHRASE, or the file named by PASSPORT_SEAL_PASSPHRASE_FILE.",
        ) from None
    return _seal(found)


def _seal(found: pkcs12.PKCS12KeyAndCertificates) -> Seal:
    if found.key is None or found.cert is None:
        raise SealError("The file of the seal holds no key with its certificate.", code="seal_key")
    certificate, key = found.cert.certificate, _known_key(found.key)
    if certificate.public_key() != key.public_key():
        raise SealError("Key and certificate of the seal do not belong together.", code="seal_key")
    _check_usage(certificate)
    above = (one.certificate for one in found.additional_certs)
    return Seal(
        name=_name(certificate),
        certificate=certificate,
        chain=tuple(one for one in above if one.subject != one.issuer),  # a reader has its own roots
        key=key,
    )


def _known_key(key: object) -> SealKey:
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= _RSA_BITS:
        return key
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _CURVES:
        return key
    raise SealError(
        f"The key of the seal is of a kind that is not taken ({type(key).__name__.strip('_')}).",
        code="seal_key",
        hint=f"Expected RSA of {_RSA_BITS} bits at least, or a key on P-256, P-384 or P-521.",
    )


def _check_usage(certificate: x509.Certificate) -> None:
    extensions = certificate.extensions
    refused = ""
    for extension in extensions:
        value = extension.value
        if isinstance(value, x509.BasicConstraints) and value.ca:
            refused = "it is a certificate that makes others"
        elif isinstance(value, x509.KeyUsage) and not (value.digital_signature or value.content_commitment):
            refused = "it is not meant for signing"
        elif isinstance(value, x509.ExtendedKeyUsage) and set(value) <= _OTHER_WORK:
            refused = "it is meant for other work alone, such as a web server's"
    if refused:
        raise SealError(
            f"The certificate cannot seal: {refused}.",
            code="seal_usage",
            hint="Ask for a certificate of electronic seal (key usage digitalSignature or nonRepudiation).",
        )


def _name(certificate: x509.Certificate) -> str:
    for kind in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME):
        for attribute in certificate.subject.get_attributes_for_oid(kind):
            name = " ".join(str(attribute.value).split())
            if name and name.isprintable():
                return name
    raise SealError("The certificate of the seal names no organisation.", code="seal_name")


def check_seal(seal: Seal, *, at: datetime) -> None:
    """Refuse a seal outside its dates (`seal_early`, `seal_expired`). `at`: aware."""
    first, last = seal.certificate.not_valid_before_utc, seal.certificate.not_valid_after_utc
    if at < first:
        raise SealError(
            f"The certificate of the seal begins on {first:%Y-%m-%d}.",
            code="seal_early",
            hint="Wait for that day, or look at the clock of this machine.",
        )
    if at > last:
        raise SealError(
            f"The certificate of the seal ended on {last:%Y-%m-%d}.",
            code="seal_expired",
            hint="Put a new certificate in its place, or take `seal` out of scheme.json.",
        )


def seal_pdf(data: bytes, *, seal: Seal, field: str, at: datetime) -> bytes:
    """Return the PDF with its empty signature field `field` filled: the same bytes, and more after them.

    Raises `SealError`: `seal_early`, `seal_expired`.
    """
    check_seal(seal, at=at)
    from keys.pdf_signing import signed_pdf

    return signed_pdf(data, seal=seal, field=field, at=at)
