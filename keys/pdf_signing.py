"""A signature in a PDF: PAdES B-B, added after the bytes that are there; alone imports pyHanko.

Decided here: the form (ETSI EN 319 142-1 section 6.3, level B-B: `ETSI.CAdES.detached`, signing
certificate bound by its digest, the time in the field's own dictionary), SHA-256, and that nothing else of
the document changes: what was drawn stays byte for byte at the beginning, information and XMP included
(pyHanko would write its own name and the machine's clock there). No time stamp of others and no revocation
data: the seal says who, the QR proves the content. Left to others: whether this certificate may seal
(`keys.pdf_seal`).
"""

from __future__ import annotations

import asyncio
import io
from datetime import datetime
from typing import Final

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes, Signer
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator.registry import SimpleCertificateStore

from keys.pdf_seal import Seal, SealKey

__all__ = ["is_signed_by", "signed_pdf"]

_DIGEST: Final = "sha256"
_ROOM: Final = 2048  # bytes of a signature without its certificates: RSA of 8192 bits and two names fit


class _Appending(IncrementalPdfFileWriter):
    """Adds the signature, and leaves information and XMP as they were drawn."""

    def _update_meta(self) -> None:
        """Write nothing: the drawing holds no date and no name on purpose."""


class _KeySigner(Signer):
    """Signs with an opened key: pyHanko's own signer reads and checks the key again for each document."""

    def __init__(self, seal: Seal) -> None:
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple(map(_asn1, seal.chain))
        super().__init__(signing_cert=_asn1(seal.certificate), cert_registry=store)
        self._key: SealKey = seal.key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """Return the raw signature of `data` with SHA-256."""
        if isinstance(self._key, ec.EllipticCurvePrivateKey):
            return self._key.sign(data, ec.ECDSA(hashes.SHA256()))
        return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def signed_pdf(data: bytes, *, seal: Seal, field: str, at: datetime) -> bytes:
    """Return `data` with the signature in its empty field `field`; `at` (aware) is the time it says.

    Raises pyHanko's errors for a PDF that is not ours or has no such field: a fault of the program.
    """
    writer = _Appending(io.BytesIO(data))
    writer.register_extension(ESIC_EXTENSION_1)
    step = PdfCMSEmbedder().write_cms(field, writer, existing_fields_only=True)
    next(step)
    certificates = (seal.certificate, *seal.chain)
    room = _ROOM + sum(len(one.public_bytes(Encoding.DER)) for one in certificates)
    placeholder = SignatureObject(timestamp=at, subfilter=SigSeedSubFilter.PADES, bytes_reserved=2 * room)
    step.send(SigObjSetup(sig_placeholder=placeholder))
    prepared, output = step.send(SigIOSetup(md_algorithm=_DIGEST))
    signing = _KeySigner(seal).async_sign(
        prepared.document_digest,
        _DIGEST,
        use_pades=True,
        signed_attr_settings=PdfCMSSignedAttributes(signing_time=at),
    )
    step.send(asyncio.run(signing))
    sealed: bytes = output.getvalue()
    return sealed


def is_signed_by(data: bytes, certificate: x509.Certificate) -> bool:
    """Tell whether one whole and unharmed signature of `certificate` covers all of `data`.

    It answers “must this file of ours be sealed again”; it is no judgement on a stranger's file.
    """
    try:
        (signature,) = PdfFileReader(io.BytesIO(data)).embedded_signatures
        signature.compute_integrity_info()
        whole = signature.coverage == SignatureCoverageLevel.ENTIRE_FILE
        intact, valid = validate_sig_integrity(
            signature.signer_info,
            _asn1(certificate),
            expected_content_type="data",
            actual_digest=signature.compute_digest(),
        )
    except (PdfReadError, SigningError, ValueError, KeyError, TypeError):
        return False
    return bool(whole and intact and valid)
