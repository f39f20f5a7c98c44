"""Acts on many people at once: one person asks, a second one agrees, within seven days.

Decided here: what is asked for is written down with opaque ids (a list of corrections, which holds names, is
kept sealed beside it); whoever asked cannot agree; both work for the body; what is over can no longer be
agreed to. Then it is done, one attestation after the other: interrupted, the same agreement goes on where it
stopped, since what was done already changes nothing. The reason is that of each withdrawal, and stands in the
letters.

Left to others: the rules of a change (`issuer.register.changes`), the second factor (the pages).
"""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from issuer.intake import IntakeOptions, IntakeRow, read_people
from issuer.intake.headers import folded
from issuer.intake.table import read_table
from issuer.people.acting import needed
from issuer.people.editing import rename_in
from issuer.people.files import PEOPLE_ROLES
from issuer.people.importing import MOST_LINES, options_of
from issuer.people.lists import drop_list, keep_list_in, kept_list
from issuer.register import chain, changes
from issuer.register.bodies import body as body_of
from issuer.register.folder import Register, RegisterError
from issuer.register.lookup import normal_code, unknown_code
from issuer.staff.roles import Staff
from issuer.store import acts as store
from issuer.store import attestations
from issuer.store import facts as fact_store
from issuer.store.attestations import Found
from issuer.store.database import Session
from issuer.store.tables import PendingActRow
from passport.errors import MalformedError
from passport.spreadsheet import write_csv

__all__ = [
    "LIFE_SECONDS",
    "MOST_CODES",
    "PendingAct",
    "agree",
    "ask_correct",
    "ask_withdraw",
    "pending",
    "pending_acts",
    "refuse",
]

LIFE_SECONDS: Final = 7 * 86_400
MOST_CODES: Final = 500
_CODE_TITLES: Final = frozenset({"code", "codedelattestation", "codedupapier"})


@dataclass(frozen=True, slots=True)
class PendingAct:
    """An act that waits. `attestations`: ids, in order; `may_agree`: whether whoever asks may agree to it."""

    id: str
    body: str
    kind: str
    attestations: tuple[str, ...]
    reason: str
    asked_by: str
    asked_at: int
    list_id: str | None
    may_agree: bool


def unknown_act() -> RegisterError:
    """Return the error for an act that is not there, or not for whoever asks."""
    return RegisterError("There is no such act here.", code="unknown_act")


def ask_withdraw(register: Register, staff: Staff, body: str, codes: Sequence[str], *, reason: str) -> str:
    """Ask that attestations of a body be withdrawn; return the id of the act.

    Raises `PassportError`: `unknown_body`, `codes_missing`, `codes_many`, `code_…`, `unknown_code`,
    `reason_missing`.
    """
    _check_body(staff, body)
    said = needed(reason)

    def work(session: Session) -> str:
        ids = [row.id for row, _ in _by_codes(session, body, codes)]
        return _ask(register, session, staff, body, "withdraw", {"attestations": ids}, reason=said)

    return register.transact(work)


def ask_correct(
    register: Register, staff: Staff, body: str, data: bytes, *, options: dict[str, str], reason: str
) -> str:
    """Ask that attestations be corrected as a list says, which names each by its code; return the act's id.

    Raises `PassportError`: `unknown_body`, `IntakeError`, `list_codes`, `codes_many`, `unknown_code`…
    """
    _check_body(staff, body)
    said = needed(reason)
    codes = [code for code, _ in _corrections(register, body, data, IntakeOptions(**options))]

    def work(session: Session) -> str:
        ids = [row.id for row, _ in _by_codes(session, body, codes)]
        until = register.now() + LIFE_SECONDS
        kept = keep_list_in(register, session, staff.account, body, data, options=options, until=until)
        payload = {"attestations": ids, "list": kept}
        return _ask(register, session, staff, body, "correct", payload, reason=said)

    return register.transact(work)


def _check_body(staff: Staff, body: str) -> None:
    if body not in staff.bodies(*PEOPLE_ROLES):
        raise RegisterError("There is no such body here.", code="unknown_body")


def _by_codes(session: Session, body: str, codes: Sequence[str]) -> list[Found]:
    """Return what these codes name, each once, of this body alone."""
    normal = list(dict.fromkeys(normal_code(code) for code in codes if code.strip()))
    if not normal:
        raise MalformedError("There is no code.", code="codes_missing")
    if len(normal) > MOST_CODES:
        raise MalformedError(f"At most {MOST_CODES} codes.", code="codes_many")
    found = attestations.by_code(session, normal)
    if any(code not in found or found[code][0].body != body for code in normal):
        raise unknown_code()
    return [found[code] for code in normal]


def _ask(
    register: Register,
    session: Session,
    staff: Staff,
    body: str,
    kind: str,
    payload: Mapping[str, object],
    *,
    reason: str,
) -> str:
    id_, at = secrets.token_hex(12), register.now()
    row = {"id": id_, "body": body, "kind": kind, "payload": dict(payload), "reason": reason}
    store.add_act(session, {**row, "asked_by": staff.actor, "asked_at": at})
    _note(session, "act.asked", id_, body, staff, at=at)
    return id_


def _note(session: Session, event: str, act_id: str, body: str, staff: Staff, *, at: int) -> None:
    chain.append(session, body, event, {"act": act_id, "actor": staff.actor}, at=at)


def pending_acts(register: Register, staff: Staff) -> list[PendingAct]:
    """Return the acts of one's bodies that wait, the oldest first."""
    since = register.now() - LIFE_SECONDS
    with register.reading() as session:
        rows = store.open_acts(session, bodies=staff.bodies(*PEOPLE_ROLES), since=since)
    return [_act(row, staff) for row in rows]


def pending(register: Register, staff: Staff, act_id: str) -> PendingAct:
    """Return one act that waits. Raises `RegisterError` (`unknown_act`)."""
    with register.reading() as session:
        return _act(_waiting(register, session, staff, act_id), staff)


def _waiting(register: Register, session: Session, staff: Staff, act_id: str) -> PendingActRow:
    row = store.act(session, act_id)
    if row is None or row.body not in staff.bodies(*PEOPLE_ROLES):
        raise unknown_act()
    if row.decided_at is not None or register.now() - row.asked_at >= LIFE_SECONDS:
        raise RegisterError("This act is decided, or too old.", code="pending_closed")
    return row


def _act(row: PendingActRow, staff: Staff) -> PendingAct:
    return PendingAct(
        id=row.id,
        body=row.body,
        kind=row.kind,
        attestations=tuple(row.payload["attestations"]),
        reason=row.reason,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        list_id=row.payload.get("list"),
        may_agree=row.asked_by != staff.actor,
    )


def refuse(register: Register, staff: Staff, act_id: str) -> None:
    """Refuse an act; whoever asked may take it back so. Raises `RegisterError` (`unknown_act`…)."""
    act = pending(register, staff, act_id)
    _decide(register, staff, act, outcome="refused")


def agree(register: Register, staff: Staff, act_id: str) -> int:
    """Agree to an act, and do it; return how many attestations it changed.

    Raises `PassportError`: `unknown_act`, `pending_closed`, `pending_own`, `list_gone`, those of a change.
    """
    act = pending(register, staff, act_id)
    if not act.may_agree:
        raise RegisterError("A second person must agree.", code="pending_own")
    done = _withdraw(register, staff, act) if act.kind == "withdraw" else _correct(register, staff, act)
    _decide(register, staff, act, outcome="agreed")
    return done


def _decide(register: Register, staff: Staff, act: PendingAct, *, outcome: str) -> None:
    at = register.now()
    with register.writing() as session:
        if not store.decide(session, act.id, by=staff.actor, outcome=outcome, at=at):
            raise RegisterError("This act is decided already.", code="pending_closed")
        _note(session, f"act.{outcome}", act.id, act.body, staff, at=at)
    if act.list_id is not None:
        drop_list(register, act.list_id)


def _withdraw(register: Register, staff: Staff, act: PendingAct) -> int:
    done = 0
    for attestation_id in act.attestations:
        with register.reading() as session:
            found = fact_store.found(session, attestation_id)
        if found is not None:  # else erased meanwhile, and withdrawn with it
            change = changes.withdraw(register, found[0].code, actor=staff.actor, reason=act.reason)
            done += change.changed
    return done


def _correct(register: Register, staff: Staff, act: PendingAct) -> int:
    kept = kept_list(register, act.list_id or "")
    lines = _corrections(register, act.body, kept.data, options_of(kept))
    done = 0
    for code, row in lines:
        with register.reading() as session:
            found = attestations.by_code(session, [normal_code(code)]).get(normal_code(code))
        if found is None:
            continue
        request = dataclasses.replace(
            row.request, holder_id=found[0].holder_id, source_key=f"follows:{found[0].id}:correct"
        )
        changes.correct(register, code, request, actor=staff.actor, reason=act.reason)
        with register.writing() as session:
            rename_in(session, found[0].holder_id, row.holder)
        done += 1
    return done


def _corrections(
    register: Register, slug: str, data: bytes, options: IntakeOptions
) -> list[tuple[str, IntakeRow]]:
    """Return each line of a list with the code of the attestation that it corrects.

    Raises `IntakeError`, `MalformedError` (`list_codes`: no column of codes, or a line without one).
    """
    table = read_table(data)
    columns = [at for at, title in enumerate(table.header.cells) if folded(title) in _CODE_TITLES]
    if len(columns) != 1 or len(table.records) > MOST_LINES:
        raise MalformedError("The list has no column of codes, or too many lines.", code="list_codes")
    at = columns[0]
    codes = {one.line: one.cells[at] if at < len(one.cells) else "" for one in table.records}
    # The reader of lists leaves a column alone whose title begins with #.
    header = [f"# {cell}" if number == at else cell for number, cell in enumerate(table.header.cells)]
    by_line = {one.line: list(one.cells) for one in table.records}
    last = max(by_line, default=table.header.line)
    lines = [by_line.get(line, header if line == table.header.line else [""]) for line in range(1, last + 1)]
    rows = _read(register, slug, write_csv(lines), options)
    if any(not codes[row.line] for row in rows):
        raise MalformedError("A line has no code.", code="list_codes")
    return [(codes[row.line], row) for row in rows]


def _read(register: Register, slug: str, data: bytes, options: IntakeOptions) -> tuple[IntakeRow, ...]:
    places = dict(body_of(register, slug).places)
    return read_people(data, body=slug, options=options, places=places, today=register.today())
