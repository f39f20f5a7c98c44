"""Changes of a body that stays: its name, signatory, logo, places, and what it may attest.

Decided here: nothing that was true is rewritten. A place or an accreditation begins and ends, so that what
was attested in its time stays good; a range of levels that changes is one that ends and one that begins. Each
change is a row of the body's audit chain, in the same transaction. **Nothing is published here**: names,
places and accreditations are in the trust list, which is signed when all changes of the moment are made.

Left to others: bodies that come and leave (`bodies`), the trust list (`trust_documents`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from issuer.register import chain
from issuer.register.bodies import RegisteredBody, body_list, open_body
from issuer.register.body_rules import check_accreditation, check_logo, check_places, check_text
from issuer.register.folder import Register, RegisterError
from issuer.store import bodies as store
from issuer.store import locks
from issuer.store.database import Session

__all__ = [
    "accredit",
    "add_place",
    "api_token_list",
    "end_accreditation",
    "end_place",
    "rename_body",
    "revoke_api_token",
    "set_logo",
    "set_signatory",
    "unpublished",
]


def rename_body(register: Register, slug: str, *, name: str, actor: str) -> None:
    """Give a body another name. Raises `InputError`: `body_name`, `unknown_body`, `already_closed`."""
    check_text(name, "name")
    _change(register, slug, "body.renamed", actor, lambda s, _: store.change(s, slug, name=name))


def set_signatory(register: Register, slug: str, *, signatory: str, actor: str) -> None:
    """Say who signs a body's letters, "" for nobody. Raises as `rename_body`."""
    if signatory:
        check_text(signatory, "signatory")
    _change(register, slug, "body.signatory", actor, lambda s, _: store.change(s, slug, signatory=signatory))


def set_logo(register: Register, slug: str, *, logo_png: bytes | None, actor: str) -> None:
    """Give a body a logo, or none. Raises `InputError`: `logo`, `unknown_body`, `already_closed`."""
    check_logo(logo_png)
    _change(register, slug, "body.logo", actor, lambda s, _: store.change(s, slug, logo_png=logo_png))


def add_place(register: Register, slug: str, *, place: str, name: str, actor: str) -> None:
    """Open a place. Raises `InputError`: `place_id` (or used before), `body_name`, `unknown_body`."""
    check_places(((place, name),))
    check_text(name, "place")

    def work(session: Session, at: int) -> None:
        if any(row.id == place for row in store.places(session) if row.body == slug):
            raise RegisterError("A place of this body has or had this short name.", code="place_id")
        store.add_place(session, slug, place=place, name=name, at=at)

    _change(register, slug, "body.place_added", actor, work, {"place": place})


def end_place(register: Register, slug: str, *, place: str, actor: str) -> None:
    """Close a place. Raises `RegisterError`: `place_unknown`, `unknown_body`, `already_closed`."""

    def work(session: Session, at: int) -> None:
        if not store.end_place(session, slug, place=place, at=at):
            raise RegisterError("This body has no such open place.", code="place_unknown")

    _change(register, slug, "body.place_ended", actor, work, {"place": place})


def accredit(register: Register, slug: str, *, framework: str, lowest: int, highest: int, actor: str) -> None:
    """Let a body attest these levels of a framework from now on, in place of what it might until now.

    Raises `InputError`: `unknown_framework`, `accreditation`, `unknown_body`, `already_closed`.
    """
    check_accreditation(framework, lowest, highest)

    def work(session: Session, at: int) -> None:
        store.end_accreditation(session, slug, framework=framework, at=at)
        store.add_accreditation(session, slug, framework=framework, lowest=lowest, highest=highest, at=at)

    detail = {"framework": framework, "lowest": lowest, "highest": highest}
    _change(register, slug, "body.accredited", actor, work, detail)


def end_accreditation(register: Register, slug: str, *, framework: str, actor: str) -> None:
    """Let a body attest this framework no more; what it attested stays good.

    Raises `RegisterError`: `not_accredited`, `unknown_body`, `already_closed`.
    """

    def work(session: Session, at: int) -> None:
        if not store.end_accreditation(session, slug, framework=framework, at=at):
            raise RegisterError("The body has no accreditation for this framework.", code="not_accredited")

    _change(register, slug, "body.accreditation_ended", actor, work, {"framework": framework})


def api_token_list(register: Register, slug: str) -> list[tuple[str, str, int]]:
    """Return (first 16 characters of the digest, label, made at) of a body's live API tokens."""
    with register.reading() as session:
        return [(row.digest[:16], row.label, row.created_at) for row in store.api_tokens(session, slug)]


def revoke_api_token(register: Register, slug: str, *, token: str, actor: str) -> None:
    """Let an API token open nothing more. `token`: the first 16 characters of its digest, as lists show it.

    Raises `RegisterError`: `token_unknown`, `unknown_body`.
    """

    def work(session: Session, at: int) -> None:
        if not store.revoke_token(session, slug, digest_start=token, at=at):
            raise RegisterError("This body has no such live token.", code="token_unknown")

    _change(register, slug, "token.revoked", actor, work, {"token": token})


def _change(
    register: Register,
    slug: str,
    event: str,
    actor: str,
    work: Callable[[Session, int], None],
    detail: Mapping[str, object] | None = None,
) -> None:
    """Run one change of an open body and note it in its chain."""
    chain.check_actor(actor)
    at = register.now()
    with register.writing() as session:
        locks.hold_owner(session, slug)
        open_body(session, slug)
        work(session, at)
        chain.append(session, slug, event, {"actor": actor, **(detail or {})}, at=at)


def unpublished(register: Register) -> tuple[str, ...]:
    """Return the bodies of which the register says something else than the published trust list."""
    listed, at = register.trust().trust_list, register.now()
    changed = []
    for known in body_list(register):
        public = listed.body_of(register.scheme.issuer(known.slug))
        if public is None or _said(known) != (
            public.name,
            public.period.end,
            {(a.framework, a.lowest, a.highest) for a in public.accreditations if a.period.holds(at)},
            {(place.id, place.name) for place in public.places if place.period.holds(at)},
        ):
            changed.append(known.slug)
    return tuple(changed)


def _said(known: RegisteredBody) -> tuple[object, ...]:
    return known.name, known.closed_at, set(known.accreditations), set(known.places)
