"""Files: from the bytes of a PDF, a photo or a text to the credentials in them.

What is decided here: what a file is (by its first bytes, never by its name), how much of it is read
(`passport.limits`, before anything is decoded), where credentials are looked for (attachments and page
images of a PDF, QR codes of a photo, what is baked into a badge, the text itself). Nothing in a file is
opened, followed or run; whatever another library raises becomes an error of ours.

Left to others: whether a token is genuine (`verifier.verify`), what a text is (`verifier.intake`), whether
the credentials of a file contradict each other (`verifier.agreement`), the images themselves
(`verifier.pictures`). The libraries are imported when a file needs them: the verify library alone reads no
PDF. For a server, `verifier.apart` runs this in a process of its own.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any, Final

from passport.baking.png import SIGNATURE, read_png
from passport.baking.svg import looks_like_svg, read_svg
from passport.errors import MalformedError, PassportError, UnsupportedError
from passport.limits import LIMITS
from verifier.agreement import agree, is_ours
from verifier.intake import TEXT_CHARS, read_digits_or_token, read_text

__all__ = [
    "RECEIPT_FILE",
    "RECEIPT_PLACE",
    "FoundCredential",
    "load_library",
    "looks_like_pdf",
    "open_pdf",
    "read_file",
]

RECEIPT_FILE: Final = "receipt.json"
"""The attachment that makes a PDF a receipt (`verifier.receipt`)."""

RECEIPT_PLACE: Final = "receipt"
"""Where a credential was that a receipt carries."""

_PDF: Final = b"%PDF-"
_PDF_WITHIN: Final = 1_024  # readers take a header within the first kilobyte (ISO 32000-1, annex H.3)
_PICTURES: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_DPI: Final = (200, 300)
_FEW_STROKES: Final = 400  # the smallest QR that holds an attestation has some thousands
_PAGE_PIXELS: Final = 12_000_000
_ATTACHMENTS: Final = 20
_OURS: Final = frozenset({"attestation.jwt", "attestation.ob3.jwt", "attestation.vc.jwt"})
# PDFium keeps global state: one thread at a time, in the whole process.
_PDFIUM: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class FoundCredential:
    """A credential and where it was: ``text``, ``image``, ``badge``, ``page 1``, ``attachment NAME``, or
    ``receipt``: the file says what was found out about it at another time, which counts for nothing here.

    `disagrees`: the file shows one thing and carries another, in an attachment or baked in.
    """

    token: bytes
    where: str
    disagrees: bool = False


def load_library(name: str) -> ModuleType:
    """Return an optional library; raise `UnsupportedError` (`library_missing`) saying what to install."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise UnsupportedError(
            "This installation reads text only, not PDF files or pictures.",
            code="library_missing",
            hint="Install the extra: pip install 'digital-skills-passport[verifier]'.",
        ) from None


def read_file(data: bytes) -> list[FoundCredential]:
    """Return the credentials in a file, the same token once.

    Raises `MalformedError`: `too_big`, `nothing_given`, `file_broken`, `file_encrypted`, `pdf_pages`,
    `image_pixels`, `badge_broken`, `no_code_in_file`, `not_an_attestation`; `UnsupportedError`:
    `file_type`, `badge_embedded_proof`, `library_missing`. A QR of ours that is damaged is returned as it is,
    to be answered as malformed.
    """
    if len(data) > LIMITS.file_bytes:
        raise MalformedError(
            f"The file has {len(data)} bytes; expected at most {LIMITS.file_bytes}.", code="too_big"
        )
    if not data.strip():
        raise MalformedError("The file is empty.", code="nothing_given")
    if data.startswith(_PICTURES):
        baked = read_png(data) if data.startswith(SIGNATURE) else None
        symbols = [("image", text) for text in _read_picture(data)]
        return _compared([] if baked is None else [FoundCredential(baked, "badge")], symbols)
    if looks_like_pdf(data):
        return _read_pdf(data)
    return _read_svg(data) if looks_like_svg(data) else _read_plain(data)


def _read_svg(data: bytes) -> list[FoundCredential]:
    """Drawings are not drawn here: a QR that an SVG shows is not looked at, only what is baked in."""
    token = read_svg(data)
    if token is None:
        raise MalformedError("The drawing carries no attestation.", code="no_code_in_file")
    return [FoundCredential(token, "badge")]


def _read_plain(data: bytes) -> list[FoundCredential]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\x00"
    if "\x00" in text:
        raise UnsupportedError(
            "The file is of a kind that is not read here.",
            code="file_type",
            hint="Give a PDF, a PNG or JPEG picture, an SVG badge, or a text.",
        )
    if len(text) > TEXT_CHARS:
        raise MalformedError("The text is longer than attestations are.", code="too_big")
    return [FoundCredential(token, "text") for token in read_text(text)]


def _read_picture(data: bytes) -> Sequence[str]:
    load_library("PIL"), load_library("zxingcpp")
    from verifier.pictures import open_picture, read_symbols

    return read_symbols(open_picture(data))


def _from_symbols(symbols: Sequence[tuple[str, str]]) -> list[FoundCredential]:
    """Return what the texts of QR codes hold; each token once."""
    found: dict[bytes, FoundCredential] = {}
    for where, text in symbols:
        token = _token_of_symbol(text)
        if token is not None:
            found.setdefault(token, FoundCredential(token, where))
    if found:
        return list(found.values())
    if symbols:
        raise MalformedError("The QR code found is not one of an attestation.", code="not_an_attestation")
    raise MalformedError("No QR code was found in the file.", code="no_code_in_file")


def _compared(
    carried: Sequence[FoundCredential], symbols: Sequence[tuple[str, str]]
) -> list[FoundCredential]:
    """Return what a file carries and what it shows, each token once; marked when they are not the same."""
    try:
        shown = _from_symbols(symbols)
    except MalformedError:
        if not carried:
            raise
        shown = []
    tokens = {found.token for found in carried}
    only_shown = [found for found in shown if found.token not in tokens]
    disagrees = not agree([found.token for found in shown], tokens)
    return [replace(found, disagrees=disagrees) for found in (*carried, *only_shown)]


def _token_of_symbol(text: str) -> bytes | None:
    """Return the token in a QR, None for a QR that is not ours, the text itself when ours is damaged."""
    try:
        return read_digits_or_token("".join(text.split()))
    except PassportError as error:
        return None if error.code == "not_an_attestation" else text.encode()[: LIMITS.token_chars]


def looks_like_pdf(data: bytes) -> bool:
    """Tell whether `data` begins as a PDF does."""
    return _PDF in data[:_PDF_WITHIN]


def _read_pdf(data: bytes) -> list[FoundCredential]:
    load_library("PIL"), load_library("zxingcpp")
    with open_pdf(data) as document:
        try:
            return _search_pdf(document)
        except PassportError:
            raise
        except Exception:  # noqa: BLE001  whatever a hostile PDF makes the library raise, it is broken
            raise MalformedError("The PDF cannot be read.", code="file_broken") from None


@contextmanager
def open_pdf(data: bytes) -> Iterator[Any]:
    """Give the document in `data`, for this thread alone.

    Raises `MalformedError`: `file_broken`, `file_encrypted`; `UnsupportedError`: `library_missing`.
    """
    pdfium = load_library("pypdfium2")
    with _PDFIUM:
        document = _opened(pdfium, data)
        try:
            yield document
        finally:
            document.close()


def _opened(pdfium: ModuleType, data: bytes) -> Any:
    try:
        return pdfium.PdfDocument(data)
    except Exception as error:  # noqa: BLE001  as above
        if "password" in str(error).lower():
            raise MalformedError(
                "The PDF is locked by a password.", code="file_encrypted", hint="Give the file without it."
            ) from None
        raise MalformedError("The PDF cannot be read.", code="file_broken") from None


def _search_pdf(document: Any) -> list[FoundCredential]:
    pages = len(document)
    if pages > LIMITS.file_pages:
        raise MalformedError(
            f"The PDF has {pages} pages; expected at most {LIMITS.file_pages}.", code="pdf_pages"
        )
    symbols = [(f"page {n + 1}", text) for n in range(pages) for text in _page_symbols(document, n)]
    return _compared(list(_attached(document)), symbols)


def _attached(document: Any) -> Iterator[FoundCredential]:
    """Give the attached attestations. A table or a picture that travels along is no business of ours."""
    seen: set[bytes] = set()
    attachments = [document.get_attachment(n) for n in range(min(document.count_attachments(), _ATTACHMENTS))]
    names = [attachment.get_name() for attachment in attachments]
    for name, attachment in zip(names, attachments, strict=True):
        if name not in _OURS and RECEIPT_FILE in names:
            continue  # the documents of a receipt are large, and no attestations
        data = bytes(attachment.get_data()).strip()
        token = data.removesuffix(b"~")[: LIMITS.token_chars + 1]
        if name not in _OURS and not is_ours(token):
            continue
        if token not in seen:
            seen.add(token)
            yield FoundCredential(
                token, RECEIPT_PLACE if RECEIPT_FILE in names else f"attachment {name[:40]}"
            )


def _page_symbols(document: Any, number: int) -> Sequence[str]:
    """Return the texts of the QR codes on a page, drawn in grey; finer when the first look finds none."""
    from verifier.pictures import read_symbols

    page = document[number]
    width, height = page.get_size()
    for dpi in _DPI if _may_hide_a_symbol(page) else _DPI[:1]:
        scale = min(dpi / 72, (_PAGE_PIXELS / max(1.0, width * height)) ** 0.5)
        bitmap = page.render(scale=scale, grayscale=True, may_draw_forms=False)
        if texts := read_symbols(bitmap.to_pil().convert("L"), thorough=False):
            return texts
    return []


def _may_hide_a_symbol(page: Any) -> bool:
    """Tell whether a page without a readable QR deserves a finer look, which costs most of a file's time.

    A picture does, and a drawing of many strokes; the back of a sheet, words and a few boxes, does not.
    """
    raw, strokes = load_library("pypdfium2.raw"), 0
    for thing in page.get_objects(max_depth=1):
        if thing.type == raw.FPDF_PAGEOBJ_PATH:
            strokes += max(1, raw.FPDFPath_CountSegments(thing))
        elif thing.type != raw.FPDF_PAGEOBJ_TEXT:
            return True  # an image, a shading, a form that may hold anything
        if strokes > _FEW_STROKES:
            return True
    return False
