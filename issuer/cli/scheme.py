"""``passport init``, ``check``, ``migrate`` and ``backup``: the data folder as a whole.

Decided here: what is said when a scheme begins, and what a backup holds (a consistent copy of the
database, the encrypted keys, the secrets, `scheme.json`). Left to others: making the folder
(`issuer.register.folder`), the audit chain (`issuer.register.audit`), the schema (`issuer.store.migrating`).
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Annotated, Final

import typer

from issuer.board.care import note_checked
from issuer.cli.arguments import DataFolder, Json, opened_locked
from issuer.cli.failures import REFUSED
from issuer.cli.output import note, out, print_json
from issuer.cli.words import say
from issuer.register import Register, audit
from issuer.settings import SchemeSettings, Settings, read_passphrase
from issuer.staff.enrolling import invite
from issuer.staff.roles import Grant, Role
from issuer.store.database import database_file
from issuer.store.migrating import bring_up
from passport.errors import PassportError

__all__ = ["backup", "check", "init", "migrate"]

_BUSY_SECONDS: Final = 60
_FIRST_LINK_SECONDS: Final = 86_400


def init(
    folder: DataFolder,
    scheme: Annotated[str, typer.Option("--scheme", metavar="NOM", help="Nom du réseau.")],
    url: Annotated[
        str, typer.Option("--url", metavar="URL", help="Adresse publique, https://… sans barre finale.")
    ],
    contact: Annotated[
        str, typer.Option("--contact", help="Téléphone imprimé sur les attestations.")
    ] = "à l’accueil de votre lieu",
    kind: Annotated[str, typer.Option("--kind", help="residents, companies ou demo.")] = "residents",
    verify_url: Annotated[
        str, typer.Option("--verify-url", metavar="URL", help="Page qui vérifie ; URL/v par défaut.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Crée un dossier de données : clés, base, liste de confiance, premier lien de connexion."""
    settings = SchemeSettings(
        name=scheme, kind=kind, url=url.rstrip("/"), contact=contact, verify_url=verify_url
    )
    where = Settings.of(folder)
    with Register.create(where, settings, passphrase=read_passphrase()) as register:
        grant = Grant(Role.AGENCY)
        link = invite(register, "", grant, by=None, actor="init", life=_FIRST_LINK_SECONDS).address
    if as_json:
        print_json({"folder": str(where.folder), "administrator_link": link})
        return
    out(say("init_done", folder=folder, scheme=scheme))
    out(f"{say('init_link')}\n  {link}")
    out(say("init_next", folder=folder))


def check(folder: DataFolder, as_json: Json = False) -> None:
    """Vérifie le registre : chaînes d’audit, signatures, états. Code 1 s’il y a une anomalie."""
    with opened_locked(folder) as register:
        findings = audit.check(register)
        note_checked(register, len(findings))
    if as_json:
        print_json([{"code": f.code, "body": f.body, "message": f.message} for f in findings])
    elif not findings:
        out(say("check_good"))
    else:
        note(say("check_bad", count=len(findings)))
        for found in findings:
            out(f"- {found.body}{say('colon')}{found.message} [{found.code}]")
    if findings:
        raise typer.Exit(REFUSED)


def migrate(folder: DataFolder, as_json: Json = False) -> None:
    """Met la base à la version de ce programme, tout ou rien. Gardez d’abord une copie du dossier."""
    settings = Settings.of(folder)
    SchemeSettings.read(settings.folder)  # no database is touched that is not of a data folder
    before, after = bring_up(settings.database_url)
    if as_json:
        print_json({"before": before, "after": after})
    elif before == after:
        out(say("migrated_already", after=after))
    else:
        out(say("migrated", before=before, after=after))


def backup(
    folder: DataFolder,
    out_folder: Annotated[Path, typer.Argument(metavar="OUT", help="Nouveau dossier de la copie.")],
    as_json: Json = False,
) -> None:
    """Copie le dossier entier, même pendant le service. (« restore » lève une suspension.)

    Pour revenir à une copie : arrêtez le service et donnez le dossier de la copie comme DIR.
    """
    settings = Settings.of(folder)
    with opened_locked(folder):
        file = database_file(settings.database_url)
    if file is None:
        raise PassportError(
            "The database is a server's: this command copies SQLite only.",
            code="backup_server",
            hint="Use the server's own tool (pg_dump), then copy the folder.",
        )
    if out_folder.exists():
        raise PassportError(
            f"{out_folder} is already there.", code="backup_exists", hint="Name a new folder."
        )
    partial = out_folder.with_name(f".{out_folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700, parents=True)
    # The database first: every key that it names is then in the folder that is copied after it.
    _copy_database(file, partial / file.name)
    _copy_rest(settings.folder, partial, file)
    partial.rename(out_folder)
    if as_json:
        print_json({"backup": str(out_folder)})
    else:
        out(say("backup_done", out=out_folder))


def _copy_database(source: Path, target: Path) -> None:
    """Copy through SQLite itself: a copy of the file alone would miss what lies in its log (WAL)."""
    target.touch(mode=0o600)
    with (
        closing(
            sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=_BUSY_SECONDS)
        ) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)


def _copy_rest(folder: Path, target: Path, database: Path) -> None:
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith((database.name, ".")):
            continue
        if entry.is_dir():
            shutil.copytree(entry, target / entry.name, symlinks=True)
        else:
            shutil.copy2(entry, target / entry.name, follow_symlinks=False)
