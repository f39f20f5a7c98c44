"""Stored attestations by their code: for the desk, for printing again, for a change.

Decided here: what is printed again is what was signed (read from the token, not from the columns), that it
is noted in the body's audit chain before it is drawn, and that a code is read as a person types it. Left to
others: who may look (the doors), answering strangers (`codes`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from issuer.register import chain
from issuer.register.folder import Register, RegisterError
from issuer.register.known import attestation_of, status_of
from issuer.store import attestations
from issuer.store.attestations import Found
from passport.model import Attestation
from passport.packing import pack
from passport.status import Status
from passport.typed_code import read_code

__all__ = [
    "StoredAttestation",
    "normal_code",
    "note_reprinted",
    "stored",
    "stored_by_id",
    "stored_many",
    "unknown_code",
]


@dataclass(frozen=True, slots=True)
class StoredAttestation:
    """An attestation of the register. `id`: its opaque id in the audit chain; `status`: at this moment.

    `tokens`: every signed form by its name.
    """

    code: str
    body: str
    tokens: Mapping[str, bytes]
    digits: str
    attestation: Attestation
    status: Status
    created_at: int
    id: str

    @property
    def token(self) -> bytes:
        """The QR token."""
        return self.tokens[attestations.QR_FORM]


def normal_code(code: str) -> str:
    """Return the eleven characters of a code as typed. Raises `MalformedError` (`code_*`)."""
    return read_code(code)


def unknown_code() -> RegisterError:
    """Return the error for a code that names nothing here; it does not repeat the code (logs)."""
    return RegisterError(
        "No attestation of this register has this code.",
        code="unknown_code",
        hint="Compare the code with the paper, and the register with the body named on it.",
    )


def stored(register: Register, code: str) -> StoredAttestation:
    """Return the attestation that `code` names, as typed or as stored.

    Raises `PassportError`: `unknown_code`; `code_format`, `code_letter`, `code_check`.
    """
    return stored_many(register, [code])[0]


def stored_many(register: Register, codes: Sequence[str]) -> list[StoredAttestation]:
    """Return the attestations that `codes` name, in that order, in one reading. Raises as `stored`."""
    wanted = [normal_code(code) for code in codes]
    with register.reading() as session:
        found = attestations.by_code(session, wanted)
        status = status_of(session, found.values())
        tokens = attestations.tokens_of(session, [row.id for row, _ in found.values()])
    if any(code not in found for code in wanted):
        raise unknown_code()
    return [_stored(found[code], tokens, status) for code in wanted]


def stored_by_id(register: Register, ids: Sequence[str]) -> dict[str, StoredAttestation]:
    """Return the attestations of these ids; those that are not there, or were erased, are left out."""
    with register.reading() as session:
        found = attestations.by_id(session, ids)
        status = status_of(session, found.values())
        tokens = attestations.tokens_of(session, list(found))
    return {id_: _stored(one, tokens, status) for id_, one in found.items()}


def note_reprinted(register: Register, printed: Sequence[StoredAttestation], *, actor: str) -> None:
    """Note in the chain of each body that its attestations are printed again; opaque ids only.

    Before they are drawn: a paper that nobody noted must not leave. Raises `PassportError` (`actor`).
    """
    chain.check_actor(actor)
    entries: dict[str, list[chain.Entry]] = {}
    for one in printed:
        entry = ("attestation.reprinted", {"attestation": one.id, "actor": actor})
        entries.setdefault(one.body, []).append(entry)
    with register.writing() as session:
        for body in sorted(entries):  # always in this order, so that two of us never wait for each other
            chain.append_many(session, body, entries[body], at=register.now())


def _stored(
    found: Found, tokens: Mapping[str, Mapping[str, bytes]], status: Mapping[str, Status]
) -> StoredAttestation:
    row, credential = found
    return StoredAttestation(
        code=row.code,
        body=row.body,
        tokens=tokens[row.id],
        digits=pack(credential.token),
        attestation=attestation_of(credential.token),
        status=status[row.id],
        created_at=credential.created_at,
        id=row.id,
    )
