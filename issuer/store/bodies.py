"""Queries on bodies, their accreditations, places and API tokens. Decide nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import and_, bindparam
from sqlalchemy.orm import Session
from sqlmodel import col, select, update

from issuer.store.rows import insert_rows, listed, row_count
from issuer.store.tables import AccreditationRow, ApiTokenRow, BodyRow, PlaceRow, RoleRow

__all__ = [
    "accreditations",
    "add_accreditation",
    "add_place",
    "api_tokens",
    "attesting",
    "bodies",
    "body",
    "body_and_place",
    "change",
    "close",
    "end_accreditation",
    "end_place",
    "names",
    "names_with_places",
    "open_places",
    "places",
    "revoke_token",
    "some_bodies",
    "token_owner",
    "with_predecessors",
]

_NAMES: Final = select(BodyRow.slug, BodyRow.name, PlaceRow.id, PlaceRow.name).join(
    PlaceRow, col(PlaceRow.body) == col(BodyRow.slug), isouter=True
)
_BODY_AND_PLACE: Final = (
    select(BodyRow.name, PlaceRow.name)
    .join(
        PlaceRow,
        and_(
            col(PlaceRow.body) == col(BodyRow.slug),
            col(PlaceRow.id) == bindparam("place"),
            col(PlaceRow.ends).is_(None),
        ),
        isouter=True,
    )
    .where(col(BodyRow.slug) == bindparam("body"))
)
_ATTESTING: Final = (
    select(
        col(AccreditationRow.body),
        col(AccreditationRow.framework),
        col(AccreditationRow.lowest),
        col(AccreditationRow.highest),
    )
    .where(
        col(AccreditationRow.body).in_(listed("bodies")),
        col(AccreditationRow.ends).is_(None),
    )
    .order_by(col(AccreditationRow.id))
)
_LEFT: Final = select(BodyRow.slug, BodyRow.successor).where(col(BodyRow.closed_at).is_not(None))


def body(session: Session, slug: str) -> BodyRow | None:
    """Return one body."""
    return session.get(BodyRow, slug)


def bodies(session: Session) -> Sequence[BodyRow]:
    """Return all bodies, by slug; sorted here, for a server sorts by the rules of its own language."""
    return sorted(session.scalars(select(BodyRow)), key=lambda row: row.slug)


def some_bodies(session: Session, slugs: Collection[str]) -> Sequence[BodyRow]:
    """Return these bodies, by slug; unknown ones are left out."""
    rows = session.scalars(select(BodyRow).where(col(BodyRow.slug).in_(slugs)))
    return sorted(rows, key=lambda row: row.slug)


def accreditations(session: Session) -> Sequence[AccreditationRow]:
    """Return the accreditations of all bodies, oldest first."""
    return session.scalars(select(AccreditationRow).order_by(col(AccreditationRow.id))).all()


def places(session: Session) -> Sequence[PlaceRow]:
    """Return the places of all bodies, by body and id."""
    return sorted(session.scalars(select(PlaceRow)), key=lambda row: (row.body, row.id))


def names(session: Session) -> dict[str, str]:
    """Return the name of every body, by slug, without what else is kept of it."""
    return dict(session.execute(select(BodyRow.slug, BodyRow.name)).all())


def names_with_places(session: Session) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    """Return the name of every body by slug, and of every place, closed ones too, by (body, id)."""
    bodies: dict[str, str] = {}
    places: dict[tuple[str, str], str] = {}
    for slug, name, place, place_name in session.execute(_NAMES):
        bodies[slug] = name
        if place is not None:
            places[slug, place] = place_name
    return bodies, places


def body_and_place(session: Session, slug: str, place: str | None) -> tuple[str, str]:
    """Return the names of a body and of one of its open places, "" for what is not there."""
    found = session.execute(_BODY_AND_PLACE, {"body": slug, "place": place}).first()
    return (found[0], found[1] or "") if found is not None else ("", "")


def attesting(session: Session, slugs: Collection[str]) -> dict[str, list[tuple[str, int, int]]]:
    """Return the open accreditations of these bodies, oldest first: slug → (framework, lowest, highest)."""
    found: dict[str, list[tuple[str, int, int]]] = defaultdict(list)
    for body, framework, lowest, highest in session.execute(_ATTESTING, {"bodies": list(slugs)}):
        found[body].append((framework, lowest, highest))
    return found


def open_places(session: Session, slugs: Collection[str]) -> dict[str, list[tuple[str, str]]]:
    """Return the open places of these bodies, by id: slug → (id, name)."""
    open_ = (col(PlaceRow.body).in_(slugs), col(PlaceRow.ends).is_(None))
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    wanted = select(PlaceRow.body, PlaceRow.id, PlaceRow.name).where(*open_)
    for body, id_, name in sorted(session.execute(wanted).all()):
        found[body].append((id_, name))
    return found


def with_predecessors(session: Session, slugs: Collection[str]) -> frozenset[str]:
    """Return these bodies and those that left and handed their people to one of them."""
    handed: dict[str, str | None] = dict(session.execute(_LEFT).all())
    found = set(slugs)
    for _ in handed:  # a successor may have left too
        found |= {slug for slug, successor in handed.items() if successor in found}
    return frozenset(found)


def close(session: Session, slug: str, *, at: int, successor: str | None) -> None:
    """Let a body end at `at`, with its open accreditations, places and roles; revoke its API tokens."""
    session.execute(
        update(BodyRow).where(col(BodyRow.slug) == slug).values(closed_at=at, successor=successor)
    )
    for table in (AccreditationRow, PlaceRow, RoleRow):
        still_open = (col(table.body) == slug, col(table.ends).is_(None))
        session.execute(update(table).where(*still_open).values(ends=at))
    live = (col(ApiTokenRow.body) == slug, col(ApiTokenRow.revoked_at).is_(None))
    session.execute(update(ApiTokenRow).where(*live).values(revoked_at=at))


def change(session: Session, slug: str, **values: Any) -> None:
    """Change columns of one body."""
    session.execute(update(BodyRow).where(col(BodyRow.slug) == slug).values(**values))


def add_place(session: Session, slug: str, *, place: str, name: str, at: int) -> None:
    """Open a place."""
    insert_rows(session, PlaceRow, [{"body": slug, "id": place, "name": name, "start": at}])


def end_place(session: Session, slug: str, *, place: str, at: int) -> bool:
    """Close an open place; False when there is none."""
    open_ = (col(PlaceRow.body) == slug, col(PlaceRow.id) == place, col(PlaceRow.ends).is_(None))
    return row_count(session.execute(update(PlaceRow).where(*open_).values(ends=at))) == 1


def add_accreditation(
    session: Session, slug: str, *, framework: str, lowest: int, highest: int, at: int
) -> None:
    """Let an accreditation begin."""
    row = {"body": slug, "framework": framework, "lowest": lowest, "highest": highest, "start": at}
    insert_rows(session, AccreditationRow, [row])


def end_accreditation(session: Session, slug: str, *, framework: str, at: int) -> bool:
    """Let the open accreditations for a framework end; False when there is none."""
    open_ = (
        col(AccreditationRow.body) == slug,
        col(AccreditationRow.framework) == framework,
        col(AccreditationRow.ends).is_(None),
    )
    return row_count(session.execute(update(AccreditationRow).where(*open_).values(ends=at))) > 0


def api_tokens(session: Session, slug: str) -> Sequence[ApiTokenRow]:
    """Return the live API tokens of a body, oldest first."""
    live = (col(ApiTokenRow.body) == slug, col(ApiTokenRow.revoked_at).is_(None))
    return session.scalars(select(ApiTokenRow).where(*live).order_by(col(ApiTokenRow.created_at))).all()


def revoke_token(session: Session, slug: str, *, digest_start: str, at: int) -> bool:
    """Revoke the one live token of a body whose digest begins so; False when there is not exactly one."""
    found = [row.digest for row in api_tokens(session, slug) if row.digest.startswith(digest_start)]
    if len(found) != 1 or not digest_start:
        return False
    session.execute(update(ApiTokenRow).where(col(ApiTokenRow.digest) == found[0]).values(revoked_at=at))
    return True


def token_owner(session: Session, digest: str) -> str | None:
    """Return the body of a live API token, by the token's SHA-256."""
    row = session.get(ApiTokenRow, digest)
    return row.body if row is not None and row.revoked_at is None else None
