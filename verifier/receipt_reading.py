"""Taking the files out of a receipt: a PDF that carries what it was made from.

What is decided here: a PDF is a receipt when it has an attachment of that name, and how many attachments
and bytes are looked at. What the page shows is not looked at: only the attachments are evidence. To be run in
a child (`verifier.apart`): an attachment may inflate to a thousand times its size.

Left to others: what the files say (`verifier.receipt`).
"""

from __future__ import annotations

from typing import Any, Final

from passport.errors import MalformedError, PassportError
from passport.limits import LIMITS
from verifier.files import RECEIPT_FILE, looks_like_pdf, open_pdf

__all__ = ["receipt_files"]

_NAME_CHARS: Final = 64
_MOST: Final = LIMITS.receipt_bytes + 200_000  # the documents, and beside them the credential, pin and list


def receipt_files(data: bytes) -> dict[str, bytes] | None:
    """Return the files that travel in a receipt, by name; None when `data` is no receipt.

    Raises `MalformedError`: `file_broken`, `file_encrypted`, `receipt_broken` (more than a receipt holds);
    `UnsupportedError`: `library_missing`.
    """
    if not looks_like_pdf(data):
        return None
    with open_pdf(data) as document:
        try:
            return _attached(document)
        except PassportError:
            raise
        except Exception:  # noqa: BLE001  whatever a hostile PDF makes the library raise, it is broken
            raise MalformedError("The PDF cannot be read.", code="file_broken") from None


def _attached(document: Any) -> dict[str, bytes] | None:
    count = document.count_attachments()
    found = [document.get_attachment(number) for number in range(min(count, LIMITS.receipt_files + 1))]
    named = [(one.get_name(), one) for one in found]
    if RECEIPT_FILE not in {name for name, _ in named}:
        return None
    if count > LIMITS.receipt_files:
        raise _too_much()
    left, files = _MOST, dict[str, bytes]()
    for name, attachment in named:
        data = bytes(attachment.get_data())
        left -= len(data)
        if left < 0 or len(name) > _NAME_CHARS or name in files:
            raise _too_much()
        files[name] = data
    return files


def _too_much() -> MalformedError:
    return MalformedError("The receipt holds more than a receipt does.", code="receipt_broken")
