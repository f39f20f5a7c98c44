"""Wording: from a report to what a page or a terminal says, in French or English.

What is decided here: which state of `schemas/wording/verdicts.json` a report, a typed code or a problem is,
and how its texts are filled. Every reason has its words (a test holds it). A failure of the network is
never called invalid, nobody is accused, the reason and date of a withdrawal are not known here.

Left to others: the words themselves (data), the verdict, how it looks (`web/`, `cli`). Standard library
only: a base install speaks too.

Example::

    said = word_report(documents.check(token), lang="fr", contact="Réseau d’Exemple, 01 99 00 00 00")
    print(said.title, said.lead)
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import schemas
from passport.framework import Lang
from passport.pages.catalogue import catalogue, date_in_words, fill
from verifier.codes import code_state
from verifier.details import (
    AttestationWords,
    Tick,
    attestation_words,
    day_of,
    moment_in_words,
    tick_outcomes,
)
from verifier.report import Outcome, Reason, Report

__all__ = [
    "Wording",
    "check_reference",
    "severity_word",
    "state_codes",
    "unbroken",
    "word_code",
    "word_page",
    "word_report",
]

_OFFLINE: Final = {
    Reason.VALID: "offline_valid",
    Reason.ISSUER_LEFT: "offline_left",
    Reason.STATUS_UNAVAILABLE: "offline_unknown",
}
_BETWEEN_DIGITS: Final = re.compile(r"(?<=\d) (?=\d)")
# Reasons under which ticks would mislead: nothing was checked, or what was checked is not one thing.
_NO_TICKS: Final = frozenset(
    {Reason.DOCUMENTS_DISAGREE, Reason.MALFORMED, Reason.UNSUPPORTED, Reason.SPECIMEN}
)


@dataclass(frozen=True, slots=True)
class Wording:
    """What is said, in reading order. `severity`: ok, attention, stop, unknown; `mark`: its word.

    `notice`: title and text of the banner of a demonstration, or empty. `known`: lines on the age of what
    was known. `reference`: names this check for a file, "" when nothing was checked.
    """

    state: str
    lang: Lang
    severity: str
    mark: str
    icon: str
    title: str
    lead: str
    lines: tuple[str, ...]
    next: str
    ticks: tuple[Tick, ...] = ()
    attestation: AttestationWords | None = None
    notice: tuple[str, ...] = ()
    checked: str = ""
    known: tuple[str, ...] = ()
    reason: str = ""
    format: str = ""
    reference: str = ""


@cache
def _data() -> Any:
    return schemas.read_json("wording/verdicts.json")


def state_codes() -> tuple[str, ...]:
    """Return the codes of all states."""
    return tuple(_data()["states"])


def severity_word(severity: str, lang: Lang) -> str:
    """Return the word that stands for ok, attention, stop or unknown."""
    return str(_data()["severities"][severity][lang])


def check_reference(token: bytes, checked_at: int) -> str:
    """Return a short name for one check, made from what was checked and when; nothing is stored."""
    digest = hashlib.sha256(b"passport-check-1\x00%d\x00" % checked_at + token).hexdigest()[:12].upper()
    return "-".join(digest[i : i + 4] for i in (0, 4, 8))


def unbroken(contact: str) -> str:
    """Return a contact whose phone number stays on one line."""
    return _BETWEEN_DIGITS.sub("\u00a0", contact)


def word_report(
    report: Report, *, lang: Lang, contact: str = "", reference: str = "", offline: bool = False
) -> Wording:
    """Return the words of a report. `contact`: the scheme's name and phone number, "" when not known.

    `offline`: nobody was asked anew. Then nothing is plain green: *authentic, status known on …*.
    """
    state = report.reason.value
    if offline:
        state = _OFFLINE.get(report.reason, state)
    return _worded(state, report, lang=lang, contact=contact, extra={}, offline=offline, reference=reference)


def word_code(report: Report, code: str, *, lang: Lang, contact: str = "") -> Wording:
    """Return the words of the answer to a typed code: they never say that the paper is genuine."""
    extra = {"code": code}
    if report.attestation is not None:
        extra["name"] = report.attestation.holder.masked_name
    return _worded(code_state(report), report, lang=lang, contact=contact, extra=extra, masked=True)


def word_page(state: str, *, lang: Lang, contact: str = "", **values: str) -> Wording:
    """Return the words of a state without a report: a code not found, an unreadable file…"""
    known = {**values, "contact": unbroken(contact) or catalogue(lang).text("answer.contact_unknown")}
    return _say(state, lang, known, online=True)


def _worded(
    state: str,
    report: Report,
    *,
    lang: Lang,
    contact: str,
    extra: Mapping[str, str],
    offline: bool = False,
    masked: bool = False,
    reference: str = "",
) -> Wording:
    values = {**_values(report, lang), **extra}
    values["contact"] = unbroken(contact) or catalogue(lang).text("answer.contact_unknown")
    said = _say(state, lang, values, online=not offline)
    day, time = moment_in_words(report.checked_at, lang)
    filled: dict[str, Any] = {
        "ticks": () if masked or report.reason in _NO_TICKS else _ticks(report, lang),
        "attestation": None
        if state == "service_unavailable"
        else attestation_words(report, lang, masked=masked),
        "notice": _notice(report, lang),
        "checked": catalogue(lang).text("result.checked_at", date=day, time=time),
        "known": _known(report, lang),
        "reason": "" if masked else report.reason.value,
        "format": report.format,
        "reference": reference,
    }
    return Wording(**{name: getattr(said, name) for name in _SAID}, **filled)


_SAID: Final = ("state", "lang", "severity", "mark", "icon", "title", "lead", "lines", "next")


def _say(state: str, lang: Lang, values: Mapping[str, str], *, online: bool) -> Wording:
    found = _data()["states"][state]
    texts = found[lang]
    lines = (
        _filled(line["text"], values, lang)
        for line in texts["optional"]
        if all(values.get(need) for need in line["needs"]) and not (online and line.get("when") == "offline")
    )
    return Wording(
        state=state,
        lang=lang,
        severity=found["severity"],
        mark=severity_word(found["severity"], lang),
        icon=found["icon"],
        title=_filled(texts["title"], values, lang),
        lead=_filled(texts["lead"], values, lang),
        lines=tuple(lines),
        next=_filled(texts["next"], values, lang),
    )


def _filled(text: str, values: Mapping[str, str], lang: Lang) -> str:
    """Fill a text. A date beyond the calendar is said to be unknown: a hole would be worse."""
    unknown = catalogue(lang).text("answer.date_unknown")
    wanted = [name for name in _PLACEHOLDERS if f"{{{name}}}" in text]
    filled = fill(text, {name: values.get(name) or unknown for name in wanted}, where="verdicts")
    return filled.replace("..", ".")  # « Marie D. » may end a sentence


_PLACEHOLDERS: Final = (
    "issuer",
    "issued",
    "valid_until",
    "valid_from",
    "left_on",
    "status_as_of",
    "status_at",
    "contact",
    "name",
    "code",
    "minutes",
    "group",
)


def _values(report: Report, lang: Lang) -> dict[str, str]:
    """Return what the report knows of the texts' values; what it does not know is left out."""
    attestation, body = report.attestation, report.issuer
    instants: dict[str, int | None] = {"status_as_of": report.status_as_of, "valid_from": _start(report)}
    if attestation is not None:
        instants["issued"] = attestation.issued_at
        # The last day is included: the first second that is out is the one after.
        instants["valid_until"] = attestation.expires_at and attestation.expires_at - 1
    values = {"issuer": body.name} if body is not None else {}
    if body is not None:
        instants["left_on"] = body.period.end
    for name, instant in instants.items():
        day = day_of(instant)
        if day is not None:
            values[name] = date_in_words(day, lang)
    if "status_as_of" in values:
        said, time = moment_in_words(report.status_as_of, lang)
        values["status_at"] = catalogue(lang).text("answer.moment", date=said, time=time)
    return values


def _start(report: Report) -> int | None:
    for check in report.checks:
        start = check.detail.get("not_before")
        if isinstance(start, int):
            return start
    return None


def _ticks(report: Report, lang: Lang) -> tuple[Tick, ...]:
    texts = _data()["ticks"]
    return tuple(Tick(code, o, texts[code][o.value][lang]) for code, o in tick_outcomes(report).items())


def _notice(report: Report, lang: Lang) -> tuple[str, ...]:
    """Return the banner of a pinned demonstration; under the reason `specimen` the state says it all."""
    if not report.specimen or report.reason is Reason.SPECIMEN:
        return ()
    texts = _data()["states"]["specimen_notice"][lang]
    return texts["title"], texts["lead"], texts["next"]


def _known(report: Report, lang: Lang) -> tuple[str, ...]:
    """Say how old what was known is; of a list that was not looked at nothing is said."""
    words, lines = catalogue(lang), []
    looked = any(c.code == "status" and c.outcome is not Outcome.UNDETERMINED for c in report.checks)
    if report.status_as_of is not None and (looked or report.reason is Reason.STATUS_STALE):
        day, time = moment_in_words(report.status_as_of, lang)
        lines.append(words.text("result.status_as_of", date=day, time=time))
    if report.trust_as_of is not None:
        lines.append(words.text("result.trust_as_of", date=moment_in_words(report.trust_as_of, lang)[0]))
    return tuple(lines)
