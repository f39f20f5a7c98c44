"""The trust list and `now`: built from the register, signed, and read back as a stranger would read them.

Decided here: a list says what the register says and is good for 180 days; a version is never written
twice; before it is kept it must be accepted under its own root keys and, when it is not the first, under
those of the version before it (DESIGN, Trust). List and `now` change in one transaction, so that nobody
meets one without the other. `now` lives 7 days and is signed again when it is a day old or names another
list; it carries the heads of all audit chains.

Left to others: who may ask for it, where the documents are served (`publishing`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from issuer.register import chain
from issuer.store import bodies as store
from issuer.store import documents, locks
from issuer.store.chain import heads
from keys.records import SCHEME, Purpose
from passport.errors import TrustError
from passport.jose import Signer
from passport.limits import LIMITS
from passport.trust.envelope import LIST_TYP, sign_envelope
from passport.trust.model import Accreditation, Body, KeyState, Now, Period, Place, TrustList
from passport.trust.reading import pin_from_list, read_now, read_trust_list
from passport.trust.writing import trust_list_payload, write_now

if TYPE_CHECKING:
    from issuer.register.folder import Register
    from issuer.store.database import Session
    from issuer.store.tables import BodyRow, PublicDocumentRow

__all__ = ["now_is_due", "publish_trust_list", "refresh_now", "renew_now"]

LIST_LIFE: Final = 180 * 86_400
NOW_AGE: Final = 86_400


def publish_trust_list(register: Register, *, actor: str) -> int:
    """Sign a new version of the trust list, and the `now` that names it; return the version.

    Raises `PassportError`: `locked`, `no_key`, `root_signatures` (the last version's keepers have not
    signed), `list_rules`. Nothing is changed then.
    """
    chain.check_actor(actor)
    at = register.now()
    root = register.ring.signer(SCHEME, Purpose.ROOT, at=at)
    publication = register.ring.signer(SCHEME, Purpose.PUBLICATION, at=at)
    with register.writing() as session:
        locks.hold_owner(session, SCHEME)
        last = documents.latest_list(session)
        version = 1 if last is None else last.version + 1
        draft = _draft(register, session, version=version, at=at)
        document = sign_envelope(trust_list_payload(draft), typ=LIST_TYP, signers=[root])
        trust_list = _read_back(document, draft, last)
        documents.put_new(session, version=version, data=document, made_at=at)
        detail = {"version": version, "digest": trust_list.digest, "actor": actor}
        chain.append(session, chain.SCHEME_CHAIN, "trust.published", detail, at=at)
        _put_now(register, session, trust_list, publication, at=at)
    return version


def _read_back(document: bytes, draft: TrustList, last: PublicDocumentRow | None) -> TrustList:
    """Read the signed list under its own root keys, and under the pin of everyone who knows the last one."""
    trust_list = read_trust_list(document, pin=draft.pin)
    if last is not None:
        read_trust_list(document, pin=pin_from_list(last.data))
    return trust_list


def _draft(register: Register, session: Session, *, version: int, at: int) -> TrustList:
    scheme, ring = register.scheme, register.ring
    listed = _listed_bodies(register, session)
    return TrustList(
        version=version,
        issued_at=at,
        expires_at=at + LIST_LIFE,
        scheme=scheme.as_scheme(),
        pin=ring.root_pin(scheme.issuer_prefix),
        publication_key=ring.signer(SCHEME, Purpose.PUBLICATION, at=at).public,
        bodies=MappingProxyType({body.issuer: body for body in listed}),
        digest="",  # of the payload, which does not hold it; the reader fills it in
    )


def _listed_bodies(register: Register, session: Session) -> Iterable[Body]:
    accreditations: dict[str, list[Accreditation]] = {}
    for a in store.accreditations(session):
        given = Accreditation(a.framework, a.lowest, a.highest, Period(a.start, a.ends))
        accreditations.setdefault(a.body, []).append(given)
    places: dict[str, list[Place]] = {}
    for p in store.places(session):
        places.setdefault(p.body, []).append(Place(p.id, p.name, Period(p.start, p.ends)))
    for row in store.bodies(session):
        yield _listed_body(register, row, accreditations.get(row.slug, []), places.get(row.slug, []))


def _listed_body(
    register: Register, row: BodyRow, accreditations: list[Accreditation], places: list[Place]
) -> Body:
    return Body(
        slug=row.slug,
        name=row.name,
        kind=row.kind,
        issuer=register.scheme.issuer(row.slug),
        period=Period(row.created_at, row.closed_at),
        successor=row.successor,
        places=tuple(places),
        accreditations=tuple(accreditations),
        keys=register.ring.trusted_keys(row.slug),
        status_prefix=register.scheme.status_prefix(row.slug),
    )


def refresh_now(register: Register) -> bool:
    """Sign `now` again when it is a day old or names another list; tell whether it was.

    Raises `PassportError` (`locked`, `no_key`) only when there is something to sign.
    """
    at = register.now()
    with register.reading() as session:
        if not now_is_due(session, at):
            return False
    # Asked again under the write lock: another process may have done it meanwhile.
    return _renew(register, at=at, wanted=lambda session: now_is_due(session, at))


def renew_now(register: Register) -> bool:
    """Sign `now` again whatever its age: a key was refused, and no keeper of a root key is at hand."""
    return _renew(register, at=register.now(), wanted=lambda _: True)


def _renew(register: Register, *, at: int, wanted: Callable[[Session], bool]) -> bool:
    publication = register.ring.signer(SCHEME, Purpose.PUBLICATION, at=at)
    with register.writing() as session:
        locks.hold_owner(session, SCHEME)
        listed = documents.latest_list(session)
        if listed is None or not wanted(session):
            return False
        pin = register.ring.root_pin(register.scheme.issuer_prefix)
        _put_now(register, session, read_trust_list(listed.data, pin=pin), publication, at=at)
    return True


def now_is_due(session: Session, at: int) -> bool:
    """Tell whether `now` is a day old, names another list than the newest, or was never signed."""
    listed, now = documents.latest_list(session), documents.document(session, documents.NOW)
    if listed is None:
        return False
    return now is None or now.version != listed.version or at - now.made_at > NOW_AGE


def _put_now(register: Register, session: Session, trust_list: TrustList, signer: Signer, *, at: int) -> None:
    checkpoint = {head.chain: head.hash for head in heads(session)}
    now = Now(
        issued_at=at,
        expires_at=at + LIMITS.now_max_seconds,
        list_version=trust_list.version,
        list_digest=trust_list.digest,
        refused_keys=_refused_keys(register),
        sealed_sets=_sealed_sets(register),
        checkpoint=MappingProxyType(checkpoint),
    )
    document = write_now(now, signer=signer)
    if read_now(document, trust_list=trust_list) != now:
        raise TrustError("`now` does not read back as it was written.", code="read_back")
    documents.put_now(session, version=trust_list.version, data=document, made_at=at)


def _refused_keys(register: Register) -> frozenset[str]:
    """Return the thumbprints of stolen keys: refused at once, before any list says so."""
    records = register.ring.records()
    return frozenset(r.public.thumbprint for r in records if r.state is KeyState.COMPROMISED)


def _sealed_sets(register: Register) -> frozenset[str]:
    """Return the hashes of all sets: that of a key refused just now is bound here before any list says so."""
    return frozenset(r.sealed_set for r in register.ring.records() if r.sealed_set is not None)
