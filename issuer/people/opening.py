"""The holder's own paper opens their file, anywhere in the network, for as long as they stand there.

Decided here: whoever shows the sheet, the card, the code or the link of its QR may have that very paper
printed again, by any body; nothing else is shown than what the paper shows, and only for half an hour.
It is noted in the audit chain of the body that made the attestation, with opaque ids. A token counts only
when it is, byte for byte, one of ours. Wrong codes are slowed down for whoever tries them, and never lock a
paper. A body that does not know the person yet may open a file of its own, when the holder wants it to.

Left to others: printing (`papers`), the page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from issuer.people.facts import Fact, one_found, unknown_attestation
from issuer.people.files import IDENTITIES, PEOPLE_ROLES
from issuer.register import chain
from issuer.register.folder import Register, RegisterError
from issuer.register.lookup import normal_code, unknown_code
from issuer.register.persons import put_keys
from issuer.staff.roles import Staff
from issuer.staff.throttle import Attempt, begin_attempt, succeeded
from issuer.store import attestations, locks
from issuer.store import facts as store
from issuer.store import people as people_store
from issuer.store.attestations import Found
from issuer.store.database import Session
from issuer.store.rows import insert_rows
from issuer.store.tables import PersonFileRow
from passport.errors import MalformedError, PassportError
from passport.formats.qr_token import read_claims
from passport.jose import split
from passport.limits import LIMITS
from passport.model import Holder
from passport.packing import unpack

__all__ = ["OPEN_SECONDS", "Opened", "SlowDownError", "keep_file_of", "open_paper", "opened"]

OPEN_SECONDS: Final = 30 * 60
_DIGITS: Final = re.compile(r"(?:[^#\s]{1,300}#)?([0-9]{60,})")
_SPACES: Final = re.compile(r"\s+")


class SlowDownError(RegisterError):
    """Too many wrong codes. `seconds`: how long to wait."""

    default_code = "open_slow"

    def __init__(self, seconds: int) -> None:
        super().__init__("Too many codes that name nothing.", hint="Wait, then compare with the paper.")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Opened:
    """A paper that was shown. `person`: of whom one of the visitor's bodies keeps a file, else None.

    `body`: for which of the visitor's bodies it was shown.
    """

    fact: Fact
    body: str
    person: str | None


def open_paper(register: Register, staff: Staff, body: str, shown: str) -> str:
    """Note that a paper was shown at `body`; return the id of its attestation.

    `shown`: the typed code, the digits or the link of the QR. Raises `PassportError`: `unknown_body`,
    `code_format`, `code_letter`, `code_check`, `unknown_code`, `SlowDownError`.
    """
    if body not in staff.bodies(*PEOPLE_ROLES):
        raise RegisterError("There is no such body here.", code="unknown_body")
    digits = _digits_of(shown)
    code = "" if digits else normal_code(shown)  # what can be no code costs nothing
    attempt = begin_attempt(register, network=f"desk-open {staff.account}")
    if attempt.wait:
        raise SlowDownError(attempt.wait)

    def work(session: Session) -> str | None:
        found = _by_digits(session, digits) if digits else attestations.by_code(session, [code]).get(code)
        if found is None:
            return None
        _note(register, session, found, body, staff=staff, attempt=attempt)
        return found[0].id

    opened_id = register.transact(work)
    if opened_id is None:
        raise unknown_code()
    return opened_id


def _digits_of(shown: str) -> str:
    found = _DIGITS.fullmatch(_SPACES.sub("", shown[: LIMITS.qr_digits + 1_000]))
    return found[1] if found else ""


def _by_digits(session: Session, digits: str) -> Found | None:
    """Return the attestation of a QR: its status entry names it, and its token must be ours to the byte."""
    try:
        token = unpack(digits)
        status = read_claims(split(token).payload).status
    except PassportError:
        return None
    found = attestations.by_entry(session, status.uri.rpartition("/")[2], status.index)
    return found if found is not None and found[1].token == token else None


def _note(
    register: Register, session: Session, found: Found, body: str, *, staff: Staff, attempt: Attempt
) -> None:
    row, at = found[0], register.now()
    succeeded(session, attempt, at=at)
    store.show_paper(session, body, row.id, by=staff.actor, at=at)
    detail = {"attestation": row.id, "at": body, "actor": staff.actor}
    chain.append(session, row.body, "paper.opened", detail, at=at)


def opened(register: Register, staff: Staff, attestation_id: str) -> Opened:
    """Return a paper that was shown to one of the visitor's bodies within the last half hour.

    Raises `RegisterError` (`unknown_attestation`).
    """
    bodies, at = staff.bodies(*PEOPLE_ROLES), register.now()
    with register.reading() as session:
        shown = store.paper_shown(session, attestation_id, bodies=bodies)
        found = store.found(session, attestation_id)
        lately = [row for row in shown if 0 <= at - row.shown_at < OPEN_SECONDS]
        if not lately or found is None:
            raise unknown_attestation()
        known = people_store.with_file(session, [found[0].holder_id], bodies=bodies)
        fact = one_found(session, found)
    return Opened(fact, lately[0].body, found[0].holder_id if known else None)


def keep_file_of(register: Register, staff: Staff, attestation_id: str, *, identity: str) -> str:
    """Open a file of the holder of a shown paper, for the body it was shown to; return the person's id.

    Raises `PassportError`: `unknown_attestation`, `identity`.
    """
    if identity not in IDENTITIES:
        raise MalformedError("The identity was seen, is known or was declared.", code="identity")
    shown = opened(register, staff, attestation_id)

    def work(session: Session) -> str:
        found = store.found(session, attestation_id)
        row = people_store.holder(session, found[0].holder_id) if found is not None else None
        if row is None or row.erased_at is not None:
            raise unknown_attestation()
        locks.hold_people(session, [row.id])
        if not people_store.with_file(session, [row.id], bodies=[shown.body]):
            file = {"holder_id": row.id, "body": shown.body, "identity": identity}
            at = register.now()
            insert_rows(session, PersonFileRow, [{**file, "opened_at": at, "opened_by": staff.actor}])
            put_keys(session, {row.id: Holder(row.given_name, row.family_name)}, bodies=[shown.body])
            detail = {"person": row.id, "actor": staff.actor}
            chain.append(session, shown.body, "person.added", detail, at=at)
        return row.id

    return register.transact(work)
