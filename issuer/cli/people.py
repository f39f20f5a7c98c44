"""``passport person``: give somebody their data, erase somebody, and whoever has been kept long enough.

Decided here: a person is named by the code of one of their papers, or by the id in the address of their page;
what is given or erased is what all bodies hold. Left to others: what that is (`issuer.people`).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final

import typer

from issuer.cli.arguments import ACTOR, DataFolder, Json, opened_locked
from issuer.cli.failures import UsageFault
from issuer.cli.output import out, print_json
from issuer.cli.words import language, say
from issuer.people.erasing import erase_person
from issuer.people.exporting import export_person
from issuer.people.retention import erase_over, last_day_kept, people_over
from issuer.register import Register
from issuer.register.bodies import body_list
from issuer.register.lookup import normal_code, unknown_code
from issuer.store import attestations

__all__ = ["erase", "export", "over"]

_ID: Final = re.compile("[0-9a-f]{24}")

Who = Annotated[
    str, typer.Argument(metavar="CODE", help="Code d’un papier de la personne (ou son numéro interne).")
]


def _person(register: Register, who: str) -> str:
    """Return the id of whoever is meant. Raises `PassportError`: `unknown_code`, `code_…`."""
    if _ID.fullmatch(who):
        return who
    code = normal_code(who)
    with register.reading() as session:
        found = attestations.by_code(session, [code]).get(code)
    if found is None:
        raise unknown_code()
    return found[0].holder_id


def _all_bodies(register: Register) -> frozenset[str]:
    return frozenset(body.slug for body in body_list(register))


def export(
    folder: DataFolder,
    who: Who,
    out_file: Annotated[Path, typer.Option("--out", metavar="FICHIER.zip", help="Fichier à écrire.")],
    as_json: Json = False,
) -> None:
    """Écrit tout ce que le réseau garde d’une personne : JSON, page à lire, attestations signées (ZIP)."""
    if out_file.exists():
        raise UsageFault(say("person_file_there", file=out_file))
    with opened_locked(folder) as register:
        id_ = _person(register, who)
        data = export_person(register, id_, bodies=_all_bodies(register), actor=ACTOR, lang=language())
    out_file.touch(mode=0o600)
    out_file.write_bytes(data)
    if as_json:
        print_json({"file": str(out_file)})
    else:
        out(say("person_exported", file=out_file))


def erase(
    folder: DataFolder,
    who: Who,
    keep: Annotated[
        bool, typer.Option("--keep-valid", help="La personne demande que ses papiers restent valables.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Ne demande pas de confirmation.")] = False,
    as_json: Json = False,
) -> None:
    """Efface une personne de tout le réseau : noms, papiers signés, observations. Cela ne se défait pas."""
    with opened_locked(folder) as register:
        id_ = _person(register, who)
        if not yes and not typer.confirm(say("person_sure")):
            raise typer.Abort
        erased = erase_person(register, id_, bodies=_all_bodies(register), actor=ACTOR, keep_valid=keep)
    if as_json:
        print_json({"attestations": erased.attestations, "withdrawn": erased.withdrawn})
    else:
        out(say("person_erased", count=erased.attestations, withdrawn=erased.withdrawn))


def over(
    folder: DataFolder,
    erasing: Annotated[
        bool, typer.Option("--erase", help="Les efface ; leurs papiers restent valables.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Compte les personnes gardées assez longtemps (réglages attestation_years et register_years)."""
    with opened_locked(folder) as register:
        day = last_day_kept(register)
        count = len(erase_over(register, actor=ACTOR)) if erasing else len(people_over(register))
    if as_json:
        print_json({"not_seen_since": day.isoformat(), "count": count, "erased": erasing})
    else:
        out(say("people_over_erased" if erasing else "people_over", count=count, day=day.isoformat()))
