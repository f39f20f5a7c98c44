"""Setting up: from what a command line names to the documents to check against.

What is decided here: what ``--trust`` and ``--status`` may name (a folder made by ``passport publish``, a
trust list, the address of a scheme), and where the pin comes from: a file that was kept (``--pin``), the
folder's ``pin.json``, or the list itself, which its user then chose to trust by naming it. The network is
used only when an address was named, and only under that scheme. Several schemes are named one by one.

Left to others: everything about the documents (`verifier.sources`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

from passport.errors import PassportError
from passport.limits import LIMITS
from passport.trust.model import Pin
from passport.trust.reading import pin_from_list, read_pin
from verifier.keeping import Keep
from verifier.schemes import Schemes
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

__all__ = [
    "at_address",
    "documents_from",
    "documents_of",
    "is_address",
    "kept_documents",
    "pin_in",
    "read_bounded",
]

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
    trust: Sequence[str],
    *,
    status: Sequence[str] = (),
    pins: Sequence[Path] = (),
    keep: Path | None = None,
    clock: Callable[[], float],
) -> tuple[Schemes, bool]:
    """Return the documents that the options name, and whether a network may be used for them.

    `trust`: one scheme each. `keep`: the folder where accepted documents stay. Raises `PassportError`; its
    message says which option is wrong.
    """
    kept = [pin_in(pin) for pin in pins]
    given: dict[str, bytes] = {}
    schemes = Schemes(
        [documents_of(named, pins=kept, status=given, keep=keep, clock=clock) for named in trust]
    )
    _refuse_unused(kept, schemes.scheme_urls)
    for named in status:
        document = _status_document(named, schemes.scheme_urls)
        given[read_list(document).uri] = document
    for documents in schemes.all:
        if documents.trust() is None:
            raise PassportError(
                f"--trust names no trust list of {documents.scheme_url} that its pin accepts.",
                code="trust_refused",
                hint="Is it complete, and of the scheme of the pin?",
            )
    return schemes, any(is_address(named) for named in trust)


def _refuse_unused(pins: Sequence[Pin], scheme_urls: Sequence[str]) -> None:
    """Raise `PassportError` for a pin of a scheme that is not named: it was meant to hold for one of them."""
    for url in (scheme_url_of(pin) for pin in pins):
        if url not in scheme_urls:
            raise PassportError(
                f"The pin is of the scheme at {url}; --trust names {', '.join(scheme_urls)}.",
                code="prefix",
                hint="Give each --pin with the --trust of its scheme.",
            )


def documents_of(
    named: str,
    *,
    pins: Sequence[Pin] = (),
    status: Mapping[str, bytes] = MappingProxyType({}),
    keep: Path | None = None,
    clock: Callable[[], float],
) -> Documents:
    """Return the documents of the scheme that `named` leads to. `status`: lists given, by their address."""
    pin, source = at_address(named, pins) if is_address(named) else _in_files(Path(named), pins)
    return kept_documents(FirstSource([KeptSource(status), source]), pin, keep=keep, clock=clock)


def kept_documents(
    source: DocumentSource, pin: Pin, *, keep: Path | None, clock: Callable[[], float]
) -> Documents:
    """Return the documents of one scheme; what is accepted stays in the folder `keep`, if there is one."""
    folder = Keep(keep, scheme_url_of(pin)) if keep is not None else None
    return Documents(source, pin, clock, keep=folder)


def _pin_among(pins: Sequence[Pin], scheme_url: str) -> Pin | None:
    return next((pin for pin in pins if scheme_url_of(pin) == scheme_url), None)


def at_address(address: str, pins: Sequence[Pin]) -> tuple[Pin, DocumentSource]:
    """Return pin and source of the scheme at an address, which is asked for its list if no pin was kept."""
    scheme_url = address.removesuffix(_LIST).rstrip("/")
    source = HttpSource(scheme_url)
    pin = _pin_among(pins, scheme_url)
    if pin is None:
        pin = pin_from_list(source.fetch(scheme_url + _LIST))
    if scheme_url_of(pin) != scheme_url:
        raise PassportError(
            f"The scheme at {scheme_url} is pinned as {scheme_url_of(pin)}.",
            code="prefix",
            hint="Give --trust the address of the scheme itself, or a folder of its documents.",
        )
    return pin, source


def _in_files(path: Path, pins: Sequence[Pin]) -> tuple[Pin, DocumentSource]:
    if path.is_dir():
        pin = _pin_of_folder(path, pins)
        return pin, FolderSource(path, scheme_url_of(pin))
    document = read_bounded(path, most=LIMITS.trust_document_bytes, what="the trust list")
    listed = pin_from_list(document)
    pin = _pin_among(pins, scheme_url_of(listed)) or listed
    known = {scheme_url_of(pin) + _LIST: document}
    beside = path.with_name("now.json")
    if beside.is_file():
        now = read_bounded(beside, most=LIMITS.trust_document_bytes, what="the trust document")
        known[scheme_url_of(pin) + _NOW] = now
    return pin, KeptSource(known)


def _pin_of_folder(path: Path, pins: Sequence[Pin]) -> Pin:
    """Return the pin that was kept for the scheme of a folder; without one, the folder's own."""
    if pins:
        most = LIMITS.trust_document_bytes
        listed = pin_from_list(read_bounded(path / _LIST[1:], most=most, what="the trust list"))
        kept = _pin_among(pins, scheme_url_of(listed))
        if kept is not None:
            return kept
    return pin_in(path / "pin.json")


def _status_document(named: str, scheme_urls: Sequence[str]) -> bytes:
    if not is_address(named):
        return read_bounded(Path(named), most=LIMITS.status_token_bytes, what="the status list")
    near = (url for url in scheme_urls if named.startswith(f"{url}/"))
    return HttpSource(next(near, scheme_urls[0])).fetch(named)
