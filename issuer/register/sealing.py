"""Every key ends sealed: the exact set of what it signed is published, bound by hash (DESIGN, Trust).

Decided here: which keys may be refused. At retirement, at theft and when a body leaves, the members of the
set are taken from the register alone with that body (`store.locks`), so that nothing is signed beside them;
from then on only members verify. The document of a set is not stored: it is made from the digests kept at
issue, and is always the same. A refused status key lets the body's lists be signed anew, by the key that took
its place.

Left to others: how verifiers use a set (`verifier.trust`), publishing the list afterwards
(`trust_documents`).
"""

from __future__ import annotations

from issuer.register import chain
from issuer.register.folder import Register
from issuer.store import attestations, locks, statuses
from issuer.store.database import Session
from keys.records import KeyRecord, Purpose
from passport.errors import PassportError
from passport.trust.model import KeyState
from passport.trust.writing import sealed_set_document

__all__ = ["refuse_key", "retire_keys", "sealed_set"]


def refuse_key(register: Register, owner: str, kid: str, *, actor: str) -> str | None:
    """Refuse a stolen key for ever; return the hash of its set, None for a key that signs no credentials.

    Publish the trust list and `now` afterwards. Raises `PassportError`: `no_key`, `key_state`, `locked`;
    `key_root`, `key_last` for a key without which nothing could say that it is refused.
    """
    chain.check_actor(actor)
    with register.writing() as session:
        locks.hold_owner(session, owner)
        record = _record(register, owner, kid)
        _check_refusable(register, record)
        if record.purpose is Purpose.STATUS:
            # Nobody believes what it signed from now on: the body's lists are signed anew when asked for.
            statuses.sign_again(session, owner)
        digest = _digest(session, record)
        register.ring.change_state(owner, kid, state=KeyState.COMPROMISED, sealed_set=digest)
        _note(register, session, record, "key.refused", digest=digest, actor=actor)
    return digest


def retire_keys(register: Register, owner: str, *, actor: str, but: str | None = None) -> list[str]:
    """Seal the active credential keys of a body, but the one named; return their ids.

    The end of each is the second after this one: what was signed until now keeps its dates. Raises
    `PassportError`: `key_state`, `locked`.
    """
    chain.check_actor(actor)
    retired = []
    with register.writing() as session:
        locks.hold_owner(session, owner)
        for record in register.ring.records(owner):
            if (
                record.purpose is not Purpose.CREDENTIAL
                or record.state is not KeyState.ACTIVE
                or record.kid == but
            ):
                continue
            digest = _digest(session, record)
            end = register.now() + 1
            register.ring.change_state(owner, record.kid, state=KeyState.SEALED, until=end, sealed_set=digest)
            _note(register, session, record, "key.sealed", digest=digest, actor=actor)
            retired.append(record.kid)
    return retired


def sealed_set(register: Register, digest: str) -> bytes | None:
    """Return the document of the set with this hash, None when no key of the ring names it.

    Raises `PassportError` (`sealed_set`) when the register does not give that set any more.
    """
    for record in register.ring.records():
        if record.sealed_set != digest:
            continue
        found, document = _made(register, record)
        if found != digest:
            raise PassportError("The register does not hold what this key signed.", code="sealed_set")
        return document
    return None


def _made(register: Register, record: KeyRecord) -> tuple[str, bytes]:
    """Return hash and document of a set. A replica's will do when the hash is the one that was published."""
    return register.look(
        lambda session: sealed_set_document(_members(session, record)),
        enough=lambda made: made[0] == record.sealed_set,
    )


def _record(register: Register, owner: str, kid: str) -> KeyRecord:
    for record in register.ring.records(owner):
        if record.kid == kid:
            return record
    raise PassportError(f"{owner} has no key {kid[:64]!r} in this ring.", code="no_key")


def _check_refusable(register: Register, record: KeyRecord) -> None:
    if record.purpose is Purpose.ROOT:
        raise PassportError(
            "A root key is not refused like this: it is what signs the trust list.",
            code="key_root",
            hint="Its successor is named by a new list that old and new root keys sign together.",
        )
    others = [r for r in register.ring.records(record.owner) if r.kid != record.kid]
    if record.purpose is Purpose.PUBLICATION and not any(
        r.purpose is Purpose.PUBLICATION and r.signs_at(register.now()) for r in others
    ):
        raise PassportError(
            "This is the only publication key: nothing could say that it is refused.",
            code="key_last",
            hint="Make a new one first: passport keys rotate DIR scheme.",
        )


def _members(session: Session, record: KeyRecord) -> list[bytes]:
    return list(attestations.member_digests(session, record.owner, record.kid))


def _digest(session: Session, record: KeyRecord) -> str | None:
    if record.purpose is not Purpose.CREDENTIAL:
        return None
    return sealed_set_document(_members(session, record))[0]


def _note(
    register: Register, session: Session, record: KeyRecord, event: str, *, digest: str | None, actor: str
) -> None:
    of_body = record.purpose in {Purpose.CREDENTIAL, Purpose.STATUS}
    detail = {"actor": actor, "key": record.kid, "set": digest}
    chain.append(session, record.owner if of_body else chain.SCHEME_CHAIN, event, detail, at=register.now())
