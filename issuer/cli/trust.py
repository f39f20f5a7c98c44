"""``passport trust`` and ``passport publish``: the public documents.

Decided here: what is shown of the trust list. Left to others: signing and reading it
(`issuer.register.trust_documents`, `passport.trust`), what is written where (`issuer.register.publishing`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from issuer.cli.arguments import ACTOR, DataFolder, Json, opened, opened_locked
from issuer.cli.output import out, print_json
from issuer.cli.words import say
from issuer.register import publishing
from passport.trust.model import TrustList

__all__ = ["publish_documents", "publish_list", "show"]


def show(folder: DataFolder, as_json: Json = False) -> None:
    """Montre la liste de confiance en vigueur."""
    with opened_locked(folder) as register:
        listed = register.trust().trust_list
    if as_json:
        print_json(_for_machines(listed))
        return
    until = datetime.fromtimestamp(listed.expires_at, tz=UTC).date()
    out(
        say(
            "trust_shown",
            scheme=listed.scheme.name,
            kind=listed.scheme.kind,
            version=listed.version,
            until=until,
        )
    )
    for body in listed.bodies.values():
        state = say("left") if body.period.end is not None else say("open")
        out(f"    {body.slug}{say('colon')}{body.name} ({state})")


def _for_machines(listed: TrustList) -> dict[str, object]:
    return {
        "scheme": listed.scheme.name,
        "kind": listed.scheme.kind,
        "version": listed.version,
        "issued_at": listed.issued_at,
        "expires_at": listed.expires_at,
        "digest": listed.digest,
        "bodies": [body.slug for body in listed.bodies.values()],
    }


def publish_list(folder: DataFolder, as_json: Json = False) -> None:
    """Signe une nouvelle version de la liste de confiance."""
    with opened(folder) as register:
        version = publishing.publish_trust_list(register, actor=ACTOR)
    if as_json:
        print_json({"trust_version": version})
    else:
        out(say("trust_published", version=version))


def publish_documents(
    folder: DataFolder,
    out_folder: Annotated[Path, typer.Argument(metavar="OUT", help="Dossier à poser sur un serveur.")],
    as_json: Json = False,
) -> None:
    """Écrit tous les documents publics : ils suffisent pour vérifier, même serveur éteint."""
    with opened(folder) as register:
        written = publishing.publish(register, out_folder)
    if as_json:
        print_json({"out": str(out_folder), "files": [str(path) for path in written]})
    else:
        out(say("published", count=len(written), out=out_folder))
