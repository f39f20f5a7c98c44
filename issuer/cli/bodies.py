"""``passport body``: who belongs to the network.

Decided here: how an accreditation and a place are written on the command line, and that a change of
bodies is published at once. Left to others: what a body may be (`issuer.register.bodies`).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final

import typer

from issuer.cli.arguments import ACTOR, DataFolder, Json, opened, opened_locked
from issuer.cli.failures import UsageFault
from issuer.cli.output import out, print_json
from issuer.cli.words import say
from issuer.register.bodies import NewBody, RegisteredBody, add_body, body_list, close_body, new_api_token
from issuer.register.publishing import publish_trust_list
from issuer.register.sealing import retire_keys
from passport.errors import PassportError
from passport.model import clean_name

__all__ = ["add", "close", "show", "token"]

_MAY: Final = re.compile(r"([a-z][a-z0-9.-]{1,39}):([1-9])(?:-([1-9]))?")
_LOGO_BYTES: Final = 1_000_000

Slug = Annotated[str, typer.Argument(metavar="SLUG", help="Nom court de l’organisme : a-z, 0-9 et tirets.")]


def add(
    folder: DataFolder,
    slug: Slug,
    name: Annotated[str, typer.Option("--name", metavar="NOM", help="Nom imprimé.")],
    kind: Annotated[
        str, typer.Option("--kind", metavar="GENRE", help="Par exemple association, commune, cci.")
    ],
    may: Annotated[
        list[str] | None,
        typer.Option(
            "--may", metavar="RÉFÉRENTIEL:MIN-MAX", help="Ce qu’il peut attester ; peut se répéter."
        ),
    ] = None,
    place: Annotated[
        list[str] | None, typer.Option("--place", metavar="ID=NOM", help="Un lieu ; peut se répéter.")
    ] = None,
    logo: Annotated[Path | None, typer.Option("--logo", metavar="FICHIER.png", help="Son logo.")] = None,
    as_json: Json = False,
) -> None:
    """Ajoute un organisme avec ses clés, et publie la liste de confiance."""
    new = NewBody(
        slug=slug,
        name=clean_name(name),
        kind=kind,
        accreditations=tuple(_accreditation(text) for text in may or ()),
        places=tuple(_place(text) for text in place or ()),
        logo_png=_logo(logo) if logo else None,
    )
    with opened(folder) as register:
        add_body(register, new, actor=ACTOR)
        version = publish_trust_list(register, actor=ACTOR)
    if as_json:
        print_json({"slug": slug, "trust_version": version})
    else:
        out(say("body_added", name=new.name, slug=slug, version=version))


def _accreditation(text: str) -> tuple[str, int, int]:
    found = _MAY.fullmatch(text)
    if found is None:
        raise UsageFault(say("may_form", text=text))
    return found[1], int(found[2]), int(found[3] or found[2])


def _place(text: str) -> tuple[str, str]:
    place, separator, name = text.partition("=")
    if not separator or not name.strip():
        raise UsageFault(say("place_form", text=text))
    return place.strip(), clean_name(name)


def _logo(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LOGO_BYTES)
    except OSError as error:
        raise PassportError(f"{path} cannot be read: {error.strerror}.", code="file_unreadable") from None


def show(folder: DataFolder, as_json: Json = False) -> None:
    """Montre les organismes, leurs lieux et ce qu’ils peuvent attester."""
    with opened_locked(folder) as register:
        bodies = body_list(register)
    if as_json:
        print_json([_for_machines(body) for body in bodies])
    elif not bodies:
        out(say("no_bodies"))
    else:
        for body in bodies:
            state = say("left") if body.closed_at else say("open")
            out(f"{body.slug}{say('colon')}{body.name} ({body.kind}, {state})")
            for framework, low, high in body.accreditations:
                out(f"    {framework} {low}-{high}")
            for place, name in body.places:
                out(f"    {place} = {name}")


def _for_machines(body: RegisteredBody) -> dict[str, object]:
    return {
        "slug": body.slug,
        "name": body.name,
        "kind": body.kind,
        "accreditations": [f"{framework}:{low}-{high}" for framework, low, high in body.accreditations],
        "places": dict(body.places),
        "closed_at": body.closed_at,
        "successor": body.successor,
    }


def token(
    folder: DataFolder,
    slug: Slug,
    label: Annotated[str, typer.Option("--label", help="À quoi il sert.")] = "api",
    as_json: Json = False,
) -> None:
    """Donne un jeton d’accès à l’API pour un organisme ; il n’est montré qu’une fois."""
    with opened_locked(folder) as register:
        made = new_api_token(register, slug, label=label)
    if as_json:
        print_json({"slug": slug, "token": made})
    else:
        out(f"{say('token_once', slug=slug)}\n{made}")


def close(
    folder: DataFolder,
    slug: Slug,
    successor: Annotated[
        str | None, typer.Option("--successor", metavar="SLUG", help="Qui prend la suite.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Fait sortir un organisme du réseau ; ses attestations restent vraies."""
    with opened(folder) as register:
        # The end is the next second: what was issued in this one still falls within the body's time.
        close_body(register, slug, at=register.now() + 1, successor=successor, actor=ACTOR)
        retire_keys(register, slug, actor=ACTOR)
        version = publish_trust_list(register, actor=ACTOR)
    if as_json:
        print_json({"slug": slug, "trust_version": version})
    else:
        out(say("body_closed", slug=slug, version=version))
