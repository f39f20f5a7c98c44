"""`passport check`: does the register hold together, and does it say what its audit chains say?

Decided here: what is compared. Each chain from its beginning to its head, and the published checkpoint on
it; each stored token, in every form, with its signature, its columns, its status entry and its row in the
chain; each status list with its entries and with the last change that the chain tells (`audit_lists`:
with what was signed of it, and with the changes that the desk shows). Of what was erased the token must be
gone and the chain must say so; digest, entry and status are compared all the same. Nothing is repaired.

Left to others: writing the chain (`chain`), telling people (`issuer.cli`).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from issuer.register.audit_lists import check_changes, check_signed
from issuer.register.chain import SCHEME_CHAIN, Finding, append, check_chain, genesis
from issuer.register.folder import Register
from issuer.register.status_documents import list_uri
from issuer.store import attestations, statuses
from issuer.store import bodies as body_store
from issuer.store import chain as chain_store
from issuer.store.attestations import Found
from issuer.store.database import Session
from issuer.store.tables import AuditRow
from passport.claims import Claims
from passport.errors import PassportError
from passport.jose import CompactJws, PublicKey, split
from passport.status import BITS, Status, StatusArray
from verifier.forms import FORMS

__all__ = ["Finding", "append", "check"]


@dataclass(frozen=True, slots=True)
class _ToldIssued:
    """What one row of a chain says was issued. `digests`: form → member digest, in hexadecimal."""

    digests: dict[str, object]
    list_id: object
    index: object


@dataclass(slots=True)
class _Told:
    """What the chains tell of attestations: member digests and entry by id, and the last status."""

    issued: dict[str, _ToldIssued] = field(default_factory=dict)
    status: dict[str, int] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    hashes: dict[str, set[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Inspection:
    """Everything that one stored attestation is compared with."""

    register: Register
    told: _Told
    entries: dict[str, dict[int, str]]
    data: dict[str, bytes]
    arrays: dict[str, StatusArray]
    keys: dict[tuple[str, str], PublicKey]


def check(register: Register) -> list[Finding]:
    """Return everything that is not as it must be; an empty list when the register holds together.

    Reads one moment of the register; signs and changes nothing, so that a locked ring will do.
    """
    now = register.trust().now
    with register.reading() as session:
        findings, told = _check_chains(session)
        if now is not None:
            findings += _check_checkpoint(now.checkpoint, told)
        inspection = _inspection(register, session, told)
        findings += _check_lists(session, inspection)
        findings += check_signed(session, register, inspection.arrays, inspection.keys)
        findings += check_changes(attestations.last_changes(session), told.status)
        seen: dict[str, set[str]] = defaultdict(set)
        for found in attestations.every_credential(session):
            findings += _check_stored(inspection, found)
            seen[found[0].id].add(found[1].form)
    return findings + list(_lost(told, seen))


def _lost(told: _Told, seen: Mapping[str, set[str]]) -> Iterator[Finding]:
    for id_ in sorted(told.issued):
        forms = seen.get(id_, set())
        missing = sorted(told.issued[id_].digests.keys() - forms)
        if not forms:
            yield Finding("attestation_lost", "", f"The chain tells of {id_}, which is gone.")
        elif missing:
            yield Finding("credential_lost", "", f"Attestation {id_} has lost its form {', '.join(missing)}.")


def _check_chains(session: Session) -> tuple[list[Finding], _Told]:
    findings: list[Finding] = []
    told = _Told()
    heads = chain_store.heads(session)
    expected = {SCHEME_CHAIN} | {row.slug for row in body_store.bodies(session)}
    for missing in sorted(expected - {head.chain for head in heads}):
        findings.append(Finding("audit_missing", missing, "There is no audit chain."))
    for head in heads:
        findings += check_chain(session, head)
        told.hashes[head.chain] = {genesis(head.chain)}
        for row in chain_store.rows_of(session, head.chain):
            told.hashes[head.chain].add(row.hash)
            _hear(row, told)
    return findings, told


def _hear(row: AuditRow, told: _Told) -> None:
    if not row.event.startswith("attestation."):
        return
    try:
        detail = json.loads(row.detail)
        if row.event == "attestation.issued":
            digests = dict(detail["credentials"])
            told.issued[detail["attestation"]] = _ToldIssued(digests, detail["list"], detail["index"])
        elif row.event == "attestation.erased":
            told.erased.add(detail["attestation"])
        elif row.event != "attestation.reprinted":  # which changes nothing
            told.status[detail["attestation"]] = detail["after"]
    except (ValueError, KeyError, TypeError):
        return  # a row that does not say what ours say: its hash has already betrayed it


def _check_checkpoint(published: Mapping[str, str], told: _Told) -> list[Finding]:
    """A head that was once published must still be on its chain: else the chain was rewritten or cut."""
    return [
        Finding("audit_checkpoint", chain, "The head that was published is no longer on the audit chain.")
        for chain, digest in published.items()
        if digest not in told.hashes.get(chain, set())
    ]


def _inspection(register: Register, session: Session, told: _Told) -> _Inspection:
    names = statuses.list_ids(session)
    data = {name: statuses.array(session, name) or b"" for name in names}
    return _Inspection(
        register=register,
        told=told,
        entries={name: statuses.entries(session, name) for name in names},
        data=data,
        arrays={name: StatusArray(data[name]) for name in names},
        keys={(record.owner, record.kid): record.public for record in register.ring.records()},
    )


def _check_lists(session: Session, inspection: _Inspection) -> Iterator[Finding]:
    for name, array in inspection.arrays.items():
        body = name.rpartition(".")[0]
        size = statuses.size(session, name)
        taken = inspection.entries[name]
        if size is None or len(array) != size.size or size.size * BITS % 8:
            yield Finding("status_size", body, f"The status list {name} has not its size.")
        elif size.taken != len(taken):
            yield Finding(
                "status_taken", body, f"{name} counts {size.taken} entries; {len(taken)} are taken."
            )
        strays = [position for position in _said(inspection.data[name], array) if position not in taken]
        if strays:
            yield Finding("status_stray", body, f"{name} has {len(strays)} statuses of nobody.")


def _said(data: bytes, array: StatusArray) -> Iterator[int]:
    """Yield the positions that say something; whole bytes of zeros are passed over."""
    in_byte = 8 // BITS
    for number, byte in enumerate(data):
        if byte:
            yield from (p for p in range(number * in_byte, (number + 1) * in_byte) if array[p])


def _check_stored(inspection: _Inspection, found: Found) -> Iterator[Finding]:
    row, credential = found
    is_erased = row.erased_at is not None
    for code, is_right in (_ERASED_CHECKS if is_erased else _CHECKS).items():
        try:
            right = is_right(inspection, found)
        except (PassportError, ValueError, LookupError, TypeError):
            right = False
        if not right:
            yield Finding(code, row.body, f"Attestation {row.id} ({credential.form}) fails: {code}.")


def _token(found: Found) -> tuple[CompactJws, Claims]:
    jws = split(found[1].token)
    return jws, FORMS[found[1].form].read_claims(jws)


def _signature(inspection: _Inspection, found: Found) -> bool:
    jws, _ = _token(found)
    key = inspection.keys.get((found[0].body, found[1].kid))
    return key is not None and FORMS[found[1].form].read_kid(jws) == key.kid and key.verify(jws)


def _digest(inspection: _Inspection, found: Found) -> bool:
    jws, _ = _token(found)
    return jws.member_digest(str(jws.header.get("alg"))) == found[1].member_digest


def _columns(inspection: _Inspection, found: Found) -> bool:
    said, row = _token(found)[1].attestation, found[0]
    return (
        said.issuer == inspection.register.scheme.issuer(row.body)
        and (said.framework, dict(said.levels)) == (row.framework, row.levels)
        and (said.assessed_on, said.method.value, said.place) == (row.assessed_on, row.method, row.place)
        and (said.issued_at, said.expires_at) == (row.issued_at, row.expires_at)
    )


def _entry(inspection: _Inspection, found: Found) -> bool:
    row, credential = found
    status = _token(found)[1].status
    place = (list_uri(inspection.register, credential.list_id), credential.position)
    owner = inspection.entries.get(credential.list_id, {}).get(credential.position)
    return (status.uri, status.index) == place and owner == row.id


def _told_issued(inspection: _Inspection, found: Found) -> bool:
    row, credential = found
    said = inspection.told.issued[row.id]
    return (said.digests.get(credential.form), said.list_id, said.index) == (
        credential.member_digest.hex(),
        credential.list_id,
        credential.position,
    )


def _told_status(inspection: _Inspection, found: Found) -> bool:
    row, credential = found
    status = inspection.arrays[credential.list_id][credential.position]
    return status == inspection.told.status.get(row.id, Status.VALID)


def _erased(inspection: _Inspection, found: Found) -> bool:
    row, credential = found
    owner = inspection.entries.get(credential.list_id, {}).get(credential.position)
    nothing_left = not (credential.token or row.person_key or row.source_key)
    return nothing_left and row.id in inspection.told.erased and owner == row.id


def _not_erased(inspection: _Inspection, found: Found) -> bool:
    return found[0].id not in inspection.told.erased


_CHECKS: dict[str, Callable[[_Inspection, Found], bool]] = {
    "credential_signature": _signature,
    "credential_digest": _digest,
    "credential_columns": _columns,
    "credential_entry": _entry,
    "audit_issued": _told_issued,
    "audit_status": _told_status,
    "audit_erased": _not_erased,
}
_ERASED_CHECKS: dict[str, Callable[[_Inspection, Found], bool]] = {
    "credential_erased": _erased,
    "audit_issued": _told_issued,
    "audit_status": _told_status,
}
