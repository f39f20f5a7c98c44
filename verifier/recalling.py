"""Recalling: from kept files to what is held, and back, through the same gate as what a server says.

What is decided here: that nothing kept is believed unverified; that what is refused is said and ignored (a
file that is corrupt, cut, foreign or older); that the newer of disk and memory wins, whichever process wrote
it; and what must stay on disk to walk from the pin once more: every list that changed the roots.

Left to others: files (`verifier.keeping`), belief (`verifier.accepting`).
"""

from __future__ import annotations

from collections.abc import Callable

from passport.errors import PassportError
from verifier.accepting import Holding, Received, accept_status
from verifier.keeping import Keep
from verifier.statuses import StatusSnapshot
from verifier.trust import Trust

__all__ = ["keep_status", "keep_trust", "recall_status", "recall_trust"]

_Accept = Callable[[Holding, bytes], Holding]


def recall_trust(held: Holding, keep: Keep, *, at: float) -> Holding:
    """Return what is held once the kept trust documents are taken into account."""

    def with_list(held: Holding, document: bytes) -> Holding:
        return held.with_list(document, at=at)

    def with_now(held: Holding, document: bytes) -> Holding:
        return held.with_now(document, at=at)

    if held.trust_list is None:
        for url in keep.versions():
            held = _recalled(held, keep, url, with_list, had=None)
    held = _recalled(held, keep, keep.url("/trust/list.json"), with_list, had=held.trust_list)
    if held.trust_list is None:
        return held
    held = _recalled(held, keep, keep.url("/trust/now.json"), with_now, had=held.now).with_sets_wanted()
    for digest in sorted(held.wanted_sets - held.sets.keys()):
        held = _recalled(held, keep, keep.url(f"/trust/sets/{digest}"), _with_set(digest), had=None)
    return held


def keep_trust(held: Holding, keep: Keep, *, at: float) -> Holding:
    """Keep what is held; return it, or what is newer because another process kept it meanwhile."""
    with keep.alone():
        held = recall_trust(held, keep, at=at)
        documents = {keep.url(f"/trust/{step.value.version}.json"): step.document for step in held.steps} | {
            keep.url(f"/trust/sets/{digest}"): found.document for digest, found in held.sets.items()
        }
        if held.trust_list is not None:
            documents[keep.url("/trust/list.json")] = held.trust_list.document
        if held.now is not None:
            documents[keep.url("/trust/now.json")] = held.now.document
        for url, document in documents.items():
            keep.write(url, document)
    return held


def recall_status(
    uri: str, keep: Keep, *, trust: Trust, known: Received[StatusSnapshot] | None, at: float
) -> Received[StatusSnapshot] | None:
    """Return the status list at `uri`: `known`, or the kept one when that is to be believed and not older."""
    document = keep.read(uri)
    if document is None or (known is not None and document == known.document):
        return known
    before = known.value if known else None
    try:
        return Received(accept_status(document, uri=uri, trust=trust, known=before, at=at), document)
    except PassportError as error:
        _say_ignored(keep, uri, document, error, had=known)
        return known


def keep_status(
    held: Received[StatusSnapshot], keep: Keep, *, trust: Trust, at: float
) -> Received[StatusSnapshot]:
    """Keep a status list; return it, or the newer one that another process kept meanwhile."""
    uri = held.value.uri
    with keep.alone():
        newest = recall_status(uri, keep, trust=trust, known=held, at=at) or held
        keep.write(uri, newest.document)
    return newest


def _with_set(digest: str) -> _Accept:
    return lambda held, document: held.with_set(document, digest=digest)


def _recalled(
    held: Holding, keep: Keep, url: str, accept: _Accept, *, had: Received[object] | None
) -> Holding:
    document = keep.read(url)
    if document is None or (had is not None and document == had.document):
        return held
    try:
        return accept(held, document)
    except PassportError as error:
        _say_ignored(keep, url, document, error, had=had)
        return held


def _say_ignored(
    keep: Keep, url: str, document: bytes, error: PassportError, *, had: Received[object] | None
) -> None:
    # While something newer is held, an older file is what one expects: it is about to be replaced.
    if had is None or error.code != "rollback":
        keep.ignored(url, document, error.code)
