"""The issuing transaction (DESIGN, rule 4): all of a sequence or nothing, and nothing leaves before COMMIT.

The steps, numbered here and again in the code. Before the transaction (`planning`): validate, encode.

1.  authorise: the body is in the register and has not left
2.  what this source already made is given back; what was attested before is a question
3.  take random free status entries, and codes
4.  prepare and lint every attestation, in each of its forms; one finding stops all
5.  sign each form, once
6.  verify each of our own tokens as a stranger would: current trust, status lists signed now
7.  store
8.  lock the head of the body's audit chain, last and shortest; one row for each attestation
9.  COMMIT (a dry run rolls back instead, and hands out nothing that was signed); lost to another: anew

Printing and mail come after, from what is stored. Left to others: lints (`keys.lints`), checks (`verifier`).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from issuer.register import chain
from issuer.register.bodies import unknown_body
from issuer.register.entries import StatusEntry, count_taken, fresh_codes, take_entries
from issuer.register.folder import Register, RegisterError
from issuer.register.known import already_made, find_duplicates
from issuer.register.persons import (
    IDENTITY_DECLARED,
    NewFile,
    NewPerson,
    check_holders,
    new_person_id,
    put_people,
)
from issuer.register.planning import Item, Plan, plan
from issuer.register.requests import (
    Duplicate,
    DuplicateError,
    Issued,
    IssueRequest,
    Refusal,
    RefusedError,
)
from issuer.register.self_check import verify_own
from issuer.register.status_documents import list_uri
from issuer.store import bodies as body_store
from issuer.store import chain as chain_store
from issuer.store import locks
from issuer.store.attestations import QR_FORM
from issuer.store.database import Session
from issuer.store.rows import insert_rows
from issuer.store.tables import AttestationRow, CredentialRow
from keys.ceremony import LintError, Prepared, prepare
from passport.claims import StatusReference
from passport.jose import split
from passport.limits import LIMITS
from passport.packing import pack

__all__ = [
    "Duplicate",
    "DuplicateError",
    "IssueRequest",
    "Issued",
    "Refusal",
    "RefusedError",
    "Signed",
    "issue",
    "issue_planned",
    "prepare_planned",
]

_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Signed:
    """One new attestation within the transaction: signed, verified, stored, and not yet committed.

    `tokens`, `member_digests`: every form by its name.
    """

    id: str
    item: Item
    code: str
    entry: StatusEntry
    tokens: Mapping[str, bytes]
    digits: str
    member_digests: Mapping[str, bytes]


def issue(
    register: Register,
    body: str,
    requests: Sequence[IssueRequest],
    *,
    actor: str,
    accept_duplicates: bool = False,
    dry_run: bool = False,
) -> list[Issued]:
    """Issue a whole sequence for one body in one transaction; return what stands, in the same order.

    `actor`: opaque id of who asks (``cli``, ``api:3f2a``). Raises `RefusedError` (all requests that must
    not be signed), `DuplicateError`, and `PassportError`: `unknown_body`, `body_left`, `body_unpublished`,
    `locked`, `no_key`, `key_out_of_dates`, `self_check`, `database`. Nothing was kept then.
    """
    planned = plan(register, body, requests, actor=actor)

    def work(session: Session) -> tuple[dict[int, Issued], list[Signed]]:
        done = issue_planned(register, session, planned, accept_duplicates=accept_duplicates)
        if dry_run:
            session.rollback()  # 9
        return done

    known, made = register.transact(work)
    issued = known | {signed.item.position: as_issued(signed, planned.body) for signed in made}
    in_order = [issued[position] for position in range(len(requests))]
    return [_rehearsed(each) for each in in_order] if dry_run else in_order


def _rehearsed(issued: Issued) -> Issued:
    """Return the answer of a dry run: what was signed in it exists nowhere, and must not get about."""
    if not issued.created:
        return replace(issued, dry_run=True)
    return replace(issued, code="", tokens={}, digits="", dry_run=True)


def as_issued(signed: Signed, body: str) -> Issued:
    """Return a new attestation as it is handed out, after COMMIT."""
    return Issued(
        code=signed.code,
        tokens=signed.tokens,
        digits=signed.digits,
        attestation=signed.item.attestation,
        body=body,
        created=True,
    )


def issue_planned(
    register: Register, session: Session, planned: Plan, *, accept_duplicates: bool
) -> tuple[dict[int, Issued], list[Signed]]:
    """Run steps 1 to 8 in the caller's transaction; return what was known already, and what is new."""
    _authorise(register, session, planned)  # 1
    check_holders(session, planned)
    known = already_made(session, planned)  # 2
    fresh = [item for item in planned.items if item.position not in known]
    if not accept_duplicates and (duplicates := find_duplicates(session, planned.body, fresh)):
        raise DuplicateError(duplicates)
    if not fresh:
        return known, []
    ids = [secrets.token_urlsafe(_ID_BYTES) for _ in fresh]
    entries = take_entries(session, planned.body, ids, list_size=register.scheme.status_list_entries)  # 3
    codes = fresh_codes(session, len(fresh))
    prepared = prepare_planned(register, planned, fresh, entries)  # 4
    tokens = [{form: one.sign(planned.signer) for form, one in ready.items()} for ready in prepared]  # 5
    verify_own(register, session, planned, fresh, entries=entries, tokens=tokens)  # 6
    made = [
        Signed(id_, item, code, entry, forms, pack(forms[QR_FORM]), _digests(forms, planned.signer.alg))
        for id_, item, code, entry, forms in zip(ids, fresh, codes, entries, tokens, strict=True)
    ]
    _store(session, planned, made)  # 7
    _record(session, planned, made)  # 8
    return known, made


def _digests(tokens: Mapping[str, bytes], alg: str) -> dict[str, bytes]:
    return {form: split(token).member_digest(alg) for form, token in tokens.items()}


def _authorise(register: Register, session: Session, planned: Plan) -> None:
    locks.share_owner(session, planned.body)  # whoever seals its keys or closes it is alone with it
    row = body_store.body(session, planned.body)
    if row is None:
        raise unknown_body(planned.body)
    if row.closed_at is not None and row.closed_at <= planned.at:
        hint = "Issue with its successor."
        raise RegisterError(f"The body {planned.body} has left the scheme.", code="body_left", hint=hint)
    _check_clock(session, planned)
    # Keys are sealed alone with the body: what is signed below is in the set of its key.
    active = {record.kid for record in register.ring.records(planned.body) if record.signs_at(planned.at)}
    if planned.record.kid not in active:
        raise RegisterError("The key was retired a moment ago.", code="no_key", hint="Start again.")


def _check_clock(session: Session, planned: Plan) -> None:
    """Refuse a time before what the body's chain says already: no attestation is backdated."""
    last = chain_store.latest_time(session, planned.body)
    if planned.at < last - LIMITS.clock_leeway_seconds:
        raise RegisterError(
            f"The clock stands {last - planned.at} seconds before the last entries of the register.",
            code="clock_back",
            hint="Set the clock of this machine. If it was ahead before, wait until that time has come.",
        )


def prepare_planned(
    register: Register, planned: Plan, items: Sequence[Item], entries: Sequence[StatusEntry]
) -> list[dict[str, Prepared]]:
    """Prepare and lint each item, in every form, for its status entry.

    Raises `RefusedError` with all that is refused.
    """
    prepared: list[dict[str, Prepared]] = []
    refusals: list[Refusal] = []
    for item, entry in zip(items, entries, strict=True):
        try:
            ready = prepare(
                item.attestation,
                status=StatusReference(list_uri(register, entry.list_id), entry.position),
                trust_list=planned.trust.trust_list,
                signer_record=planned.record,
                page_url=register.scheme.verify_url,
                at=planned.at,
                refused_keys=planned.trust.now.refused_keys if planned.trust.now else frozenset(),
            )
            prepared.append(ready)
        except LintError as error:
            refusals += [Refusal(item.position, f.code, f.sentence, f.hint) for f in error.findings]
    if refusals:
        raise RefusedError(refusals)
    return prepared


def _store(session: Session, planned: Plan, made: Sequence[Signed]) -> None:
    known = [one.item.request.holder_id for one in made]
    holders = [id_ or new_person_id() for id_ in known]
    new = [
        NewPerson(id_, one.item.request.holder)
        for one, id_, was_known in zip(made, holders, known, strict=True)
        if was_known is None
    ]
    file = NewFile(planned.body, IDENTITY_DECLARED, opened_by=planned.actor, at=planned.at)
    put_people(session, new, file)
    rows = [_attestation_row(signed, id_, planned.body) for signed, id_ in zip(made, holders, strict=True)]
    insert_rows(session, AttestationRow, rows)
    insert_rows(session, CredentialRow, [row for signed in made for row in _credential_rows(signed, planned)])
    count_taken(session, [signed.entry for signed in made])


def _attestation_row(signed: Signed, holder_id: str, body: str) -> dict[str, object]:
    attestation = signed.item.attestation
    return {
        "id": signed.id,
        "code": signed.code,
        "holder_id": holder_id,
        "body": body,
        "framework": attestation.framework,
        "levels": dict(attestation.levels),
        "assessed_on": attestation.assessed_on,
        "method": attestation.method.value,
        "place": attestation.place,
        "issued_at": attestation.issued_at,
        "expires_at": attestation.expires_at,
        "person_key": signed.item.person_key,
        "source_key": signed.item.request.source_key,
    }


def _credential_rows(signed: Signed, planned: Plan) -> list[dict[str, object]]:
    return [
        {
            "attestation_id": signed.id,
            "form": form,
            "token": token,
            "member_digest": signed.member_digests[form],
            "kid": planned.signer.kid,
            "list_id": signed.entry.list_id,
            "position": signed.entry.position,
            "created_at": planned.at,
        }
        for form, token in signed.tokens.items()
    ]


def _record(session: Session, planned: Plan, made: Sequence[Signed]) -> None:
    entries = [
        (
            "attestation.issued",
            {
                "attestation": signed.id,
                "credentials": {form: digest.hex() for form, digest in signed.member_digests.items()},
                "kid": planned.signer.kid,
                "list": signed.entry.list_id,
                "index": signed.entry.position,
                "actor": planned.actor,
            },
        )
        for signed in made
    ]
    chain.append_many(session, planned.body, entries, at=planned.at)
