"""Setting up: from what a command line names to the documents to check against.

What is decided here: what ``--trust`` and ``--status`` may name (a folder made by ``passport publish``, a
trust list, the address of a scheme), and where the pin comes from: a file that was kept (``--pin``), the
folder's ``pin.json``, or the list itself, which its user then chose to trust by naming it. The network is
used only when an address was named, and only under that scheme.

Left to others: everything about the documents (`verifier.sources`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from passport.errors import PassportError
from passport.limits import LIMITS
from passport.trust.model import Pin
from passport.trust.reading import pin_from_list, read_pin
from verifier.sources import (
    Documents,
    DocumentSource,
    FirstSource,
    FolderSource,
    HttpSource,
    KeptSource,
    SourceError,
    scheme_url_of,
)
from verifier.statuses import read_list

__all__ = ["documents_from", "is_address", "pin_in", "read_bounded"]

_LIST: Final = "/trust/list.json"
_NOW: Final = "/trust/now.json"


def is_address(text: str) -> bool:
    """Tell whether `text` is a web address rather than a file."""
    return text.startswith(("https://", "http://"))


def read_bounded(path: Path, *, most: int, what: str) -> bytes:
    """Return the bytes of a file; raise `SourceError` (`file_missing`, `too_big`)."""
    try:
        with path.open("rb") as stream:
            data = stream.read(most + 1)
    except OSError as error:
        why = error.strerror or "it cannot be read"
        raise SourceError(f"Cannot read {what} {str(path)!r}: {why}.", code="file_missing") from None
    if len(data) > most:
        raise SourceError(f"{str(path)!r} is larger than {what} can be.", code="too_big")
    return data


def pin_in(path: Path) -> Pin:
    """Return the pin in a file; raise `PassportError` when it is none."""
    return read_pin(read_bounded(path, most=LIMITS.trust_document_bytes, what="the pin"))


def documents_from(
    trust: str, *, status: Sequence[str], pin: Path | None, clock: Callable[[], float]
) -> tuple[Documents, bool]:
    """Return the documents that the options name, and whether a network may be used for them.

    Raises `PassportError`; its message says which option is wrong.
    """
    kept = pin_in(pin) if pin else None
    if is_address(trust):
        chosen, source = _at_address(trust, kept)
    else:
        chosen, source = _in_files(Path(trust), kept)
    lists: dict[str, bytes] = {}
    for named in status:
        document = _status_document(named, chosen)
        lists[read_list(document).uri] = document
    documents = Documents(FirstSource([KeptSource(lists), source]), chosen, clock)
    if documents.trust() is None:
        raise PassportError(
            "--trust names no trust list that its pin accepts.",
            code="trust_refused",
            hint="Is it complete, and of the scheme of the pin?",
        )
    return documents, is_address(trust)


def _at_address(address: str, pin: Pin | None) -> tuple[Pin, DocumentSource]:
    scheme_url = address.removesuffix(_LIST).rstrip("/")
    source = HttpSource(scheme_url)
    if pin is None:
        pin = pin_from_list(source.fetch(scheme_url + _LIST))
    if scheme_url_of(pin) != scheme_url:
        raise PassportError(
            f"The scheme at {scheme_url} is pinned as {scheme_url_of(pin)}.",
            code="prefix",
            hint="Give --trust the address of the scheme itself, or a folder of its documents.",
        )
    return pin, source


def _in_files(path: Path, pin: Pin | None) -> tuple[Pin, DocumentSource]:
    if path.is_dir():
        if pin is None:
            pin = pin_in(path / "pin.json")
        return pin, FolderSource(path, scheme_url_of(pin))
    document = read_bounded(path, most=LIMITS.trust_document_bytes, what="the trust list")
    pin = pin or pin_from_list(document)
    known = {scheme_url_of(pin) + _LIST: document}
    beside = path.with_name("now.json")
    if beside.is_file():
        now = read_bounded(beside, most=LIMITS.trust_document_bytes, what="the trust document")
        known[scheme_url_of(pin) + _NOW] = now
    return pin, KeptSource(known)


def _status_document(named: str, pin: Pin) -> bytes:
    if is_address(named):
        return HttpSource(scheme_url_of(pin)).fetch(named)
    return read_bounded(Path(named), most=LIMITS.status_token_bytes, what="the status list")
