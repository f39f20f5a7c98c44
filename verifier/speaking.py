"""Speaking: the words of a verdict as plain text for a terminal.

What is decided here: the order of the lines (the verdict's word first), the symbols that stand beside each
word so that nothing is said by colour alone, and the colours where a terminal wants them.

Left to others: the words (`verifier.wording`), whether colour is wanted (`verifier.cli`).
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from passport.pages.catalogue import catalogue
from verifier.report import Outcome
from verifier.wording import Wording

__all__ = ["shown", "speak"]

_SYMBOLS: Final = {"ok": "✓", "attention": "!", "stop": "✗", "unknown": "?"}
_COLOURS: Final = {"ok": "32", "attention": "33", "stop": "31", "unknown": "36"}
_TICKS: Final = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.UNDETERMINED: "?"}
_WIDTH: Final = 96


def speak(said: Wording, *, colour: bool, notes: Sequence[str] = ()) -> str:
    """Return the lines of one verdict and what is noted about it, with an empty line after it."""
    head = shown(f"{_SYMBOLS[said.severity]} {said.mark}{_colon(said)} {said.title}")
    if colour:
        head = f"\x1b[1;{_COLOURS[said.severity]}m{head}\x1b[0m"
    return "\n".join([head, *(f"  {shown(line)}" for line in (*_body(said), *_noted(notes)))]) + "\n\n"


def shown(text: str) -> str:
    """Return `text` without what a terminal obeys: a document or a path may hold anything.

    Control, format and surrogate characters become ``\N{REPLACEMENT CHARACTER}``; no-break spaces stay.
    """
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(c)[0] == "C" else c for c in text)


def _colon(said: Wording) -> str:
    return "\u00a0:" if said.lang == "fr" else ":"


def _body(said: Wording) -> Iterator[str]:
    for text in (*said.notice[:2], said.lead, *said.lines):
        yield from textwrap.wrap(text, _WIDTH)
    yield from _attested(said)
    yield ""
    yield from textwrap.wrap(said.next, _WIDTH)
    if said.ticks:
        yield ""
        yield from (f"{_TICKS[tick.outcome]} {tick.text}" for tick in said.ticks)
    yield from _dated(said)


def _noted(notes: Sequence[str]) -> Iterator[str]:
    for note in notes:
        yield ""
        yield from textwrap.wrap(note, _WIDTH)


def _attested(said: Wording) -> Iterator[str]:
    told, words = said.attestation, catalogue(said.lang)
    if told is None:
        return
    yield ""
    yield f"{words.text('fields.name')}{_colon(said)} {told.name}"
    for one in told.can_do:
        yield from textwrap.wrap(f"- {one.sentence}", _WIDTH, subsequent_indent="  ")
        yield f"  {one.level} ({one.number})"
    if told.ago:
        yield told.ago
    yield from textwrap.wrap(told.seen, _WIDTH)
    yield told.how


def _dated(said: Wording) -> Iterator[str]:
    if said.checked:
        yield ""
        yield said.checked
        yield from said.known
    if said.reference:
        yield f"{catalogue(said.lang).text('check_reference')}{_colon(said)} {said.reference}"
