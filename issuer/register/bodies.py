"""Bodies: who may attest what, where, from when to when; their keys and their API tokens.

Decided here: what a new body must be (a slug that is not taken and can own keys, frameworks and levels
that exist, places with ids of their own), that it gets one credential key and one status key, and how a
body leaves. **Nothing is published here**: until `publish_trust_list` is called, a new body cannot issue
and a verifier does not know it; the trust list is signed when all changes of the moment are made.

Left to others: attesting (`issuing`), the trust list (`trust_documents`).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from issuer.register import chain
from issuer.register.body_rules import check_accreditation, check_logo, check_places, check_text
from issuer.register.folder import Register, RegisterError
from issuer.store import bodies as store
from issuer.store import locks
from issuer.store import people as people_store
from issuer.store.database import Session
from issuer.store.rows import insert_rows
from issuer.store.tables import AccreditationRow, ApiTokenRow, BodyRow, PlaceRow
from keys.records import SCHEME, Purpose
from passport.errors import MalformedError
from passport.limits import LIMITS
from passport.model import is_slug

__all__ = [
    "Accreditation",
    "NewBody",
    "RegisteredBody",
    "accreditations_of",
    "add_body",
    "bodies_among",
    "body",
    "body_and_place",
    "body_list",
    "body_names",
    "body_of_token",
    "close_body",
    "new_api_token",
]

_TOKEN_PREFIX: Final = "psp_"  # lets a scanner of leaked secrets recognise it  # noqa: S105
_TOKEN_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class NewBody:
    """A body to add; validated when made.

    `accreditations`: (framework, lowest level, highest level). `places`: (id, name). Raises
    `PassportError`: `slug`, `body_name`, `place_id`, `accreditation`, `unknown_framework`, `logo`.
    """

    slug: str
    name: str
    kind: str
    accreditations: tuple[tuple[str, int, int], ...]
    places: tuple[tuple[str, str], ...] = ()
    logo_png: bytes | None = None

    def __post_init__(self) -> None:
        if not is_slug(self.slug) or self.slug == SCHEME:
            raise MalformedError(
                f"{self.slug[:40]!r} cannot name a body.",
                code="slug",
                hint=f"Expected 1 to {LIMITS.slug_chars} of a-z, 0-9 and inner dashes, and not “{SCHEME}”.",
            )
        for text, what in ((self.name, "name"), (self.kind, "kind"), *((n, "place") for _, n in self.places)):
            check_text(text, what)
        check_places(self.places)
        for accreditation in self.accreditations:
            check_accreditation(*accreditation)
        check_logo(self.logo_png)


@dataclass(frozen=True, slots=True)
class Accreditation:
    """What a body may or might attest, and when. `ends`: None while it goes on."""

    framework: str
    lowest: int
    highest: int
    start: int
    ends: int | None


@dataclass(frozen=True, slots=True)
class RegisteredBody:
    """A body as it stands in the register. Accreditations and places are those that are open.

    `signatory`: who stands for its papers and letters, as a line; "" for nobody.
    """

    slug: str
    name: str
    kind: str
    created_at: int
    closed_at: int | None
    successor: str | None
    accreditations: tuple[tuple[str, int, int], ...]
    places: tuple[tuple[str, str], ...]
    logo_png: bytes | None
    signatory: str

    def place_name(self, place: str | None) -> str | None:
        """Return the name of an open place, None when it is none."""
        return dict(self.places).get(place) if place is not None else None


def accreditations_of(register: Register, slug: str) -> list[Accreditation]:
    """Return every accreditation that a body has or had, oldest first."""
    with register.reading() as session:
        return [
            Accreditation(row.framework, row.lowest, row.highest, row.start, row.ends)
            for row in store.accreditations(session)
            if row.body == slug
        ]


def add_body(register: Register, new: NewBody, *, actor: str) -> None:
    """Add a body with its two keys. Publish the trust list afterwards, or it cannot issue.

    Raises `PassportError`: `slug_taken`, `locked`, `actor`.
    """
    chain.check_actor(actor)
    at = register.now()
    with register.writing() as session:
        locks.hold_owner(session, new.slug)
        if store.body(session, new.slug) is not None:
            raise RegisterError(f"There is already a body {new.slug}.", code="slug_taken")
        _insert(session, new, at=at)
        chain.begin(session, new.slug)
        # Within the transaction: two programs that add the same body make its keys once. Should COMMIT
        # fail afterwards, the keys that lie there are found again below.
        kids = [_key(register, new.slug, purpose, at=at) for purpose in (Purpose.CREDENTIAL, Purpose.STATUS)]
        chain.append(session, new.slug, "body.added", {"actor": actor, "keys": kids}, at=at)


def _key(register: Register, slug: str, purpose: Purpose, *, at: int) -> str:
    known = (r.kid for r in register.ring.records(slug) if r.purpose is purpose and r.signs_at(at))
    return next(known, "") or register.ring.generate(slug, purpose, at=at).kid


def _insert(session: Session, new: NewBody, *, at: int) -> None:
    body = {"slug": new.slug, "name": new.name, "kind": new.kind, "logo_png": new.logo_png, "signatory": ""}
    insert_rows(session, BodyRow, [{**body, "created_at": at}])
    own = {"body": new.slug, "start": at}
    given = [{**own, "framework": f, "lowest": low, "highest": high} for f, low, high in new.accreditations]
    insert_rows(session, AccreditationRow, given)
    insert_rows(session, PlaceRow, [{**own, "id": place, "name": name} for place, name in new.places])


def body_list(register: Register) -> tuple[RegisteredBody, ...]:
    """Return all bodies, those that have left too, by slug."""
    with register.reading() as session:
        return _registered(session, store.bodies(session))


def body_names(register: Register) -> dict[str, str]:
    """Return the names of all bodies, by slug."""
    with register.reading() as session:
        return store.names(session)


def body_and_place(register: Register, slug: str, place: str | None) -> tuple[str, str]:
    """Return the names of a body and of an open place of it, "" for what is not there (any more)."""
    with register.reading() as session:
        return store.body_and_place(session, slug, place)


def bodies_among(register: Register, slugs: Collection[str]) -> list[RegisteredBody]:
    """Return those bodies of these slugs that there are, by slug."""
    with register.reading() as session:
        return list(_registered(session, store.some_bodies(session, slugs)))


def body(register: Register, slug: str) -> RegisteredBody:
    """Return one body. Raises `RegisterError` (`unknown_body`)."""
    with register.reading() as session:
        row = store.body(session, slug)
        if row is None:
            raise unknown_body(slug)
        return _registered(session, [row])[0]


def _registered(session: Session, rows: Sequence[BodyRow]) -> tuple[RegisteredBody, ...]:
    slugs = [row.slug for row in rows]
    accreditations, places = store.attesting(session, slugs), store.open_places(session, slugs)
    return tuple(
        RegisteredBody(
            slug=row.slug,
            name=row.name,
            kind=row.kind,
            created_at=row.created_at,
            closed_at=row.closed_at,
            successor=row.successor,
            accreditations=tuple(accreditations.get(row.slug, ())),
            places=tuple(places.get(row.slug, ())),
            logo_png=row.logo_png,
            signatory=row.signatory,
        )
        for row in rows
    )


def unknown_body(slug: str) -> RegisterError:
    """Return the error for a body that is not in the register."""
    return RegisterError(
        f"There is no body {slug[:40]!r} in this register.",
        code="unknown_body",
        hint="`passport body list` names them.",
    )


def open_body(session: Session, slug: str) -> BodyRow:
    """Return a body that has not left. Raises `RegisterError`: `unknown_body`, `already_closed`."""
    row = store.body(session, slug)
    if row is None:
        raise unknown_body(slug)
    if row.closed_at is not None:
        raise RegisterError(f"The body {slug} has left the scheme.", code="already_closed")
    return row


def close_body(register: Register, slug: str, *, at: int, successor: str | None = None, actor: str) -> None:
    """Let a body leave the scheme at `at`: what it attested stays good, and it attests no more.

    Its accreditations, places and roles end, its API tokens are revoked, and whoever it knows is known to its
    successor from now on. Publish the trust list afterwards.
    Raises `RegisterError`: `unknown_body`, `already_closed`, `close_time`.
    """
    chain.check_actor(actor)
    with register.writing() as session:
        locks.hold_owner(session, slug)
        if at < open_body(session, slug).created_at:
            raise RegisterError("A body cannot leave before it came.", code="close_time")
        if successor is not None and (successor == slug or store.body(session, successor) is None):
            raise unknown_body(successor)
        store.close(session, slug, at=at, successor=successor)
        if successor is not None:
            people_store.hand_over(session, slug, successor)
        detail = {"actor": actor, "at": at, "successor": successor}
        chain.append(session, slug, "body.closed", detail, at=register.now())


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def new_api_token(register: Register, slug: str, *, label: str, actor: str = "cli") -> str:
    """Return a new bearer token for one body. It is shown this once; the register keeps its SHA-256.

    Raises `RegisterError`: `unknown_body`, `already_closed`.
    """
    check_text(label, "token label")
    chain.check_actor(actor)
    at, token = register.now(), _TOKEN_PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
    with register.writing() as session:
        locks.share_owner(session, slug)
        open_body(session, slug)
        digest = _digest(token)
        kept = {"digest": digest, "body": slug, "label": label, "created_at": at}
        insert_rows(session, ApiTokenRow, [kept])
        # The first characters of the digest name the token in the chain; the token cannot be had from them.
        chain.append(session, slug, "token.made", {"actor": actor, "token": digest[:16]}, at=at)
    return token


def body_of_token(register: Register, token: str) -> str | None:
    """Return the slug of the body that a bearer token speaks for, None for anything else."""
    if not token.startswith(_TOKEN_PREFIX) or len(token) > 2 * _TOKEN_BYTES or not token.isascii():
        return None
    with register.reading() as session:
        return store.token_owner(session, _digest(token))
