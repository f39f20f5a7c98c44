"""Arguments and options that several commands share, and the folder that may come from `PASSPORT_DIR`.

Decided here: how a data folder is named. ``passport issue DIR FILE`` and, with `PASSPORT_DIR` set,
``passport issue FILE`` are both taken: the first word is the folder only if it is a data folder. Left to
others: what is done in the folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand

from issuer.register import Register
from issuer.settings import SCHEME_FILE, Settings, read_passphrase

__all__ = [
    "ACTOR",
    "Body",
    "Code",
    "Codes",
    "DataFolder",
    "FolderCommand",
    "Json",
    "NewFolderCommand",
    "Out",
    "Reason",
    "opened",
    "opened_locked",
]

ACTOR: Final = "cli"

DataFolder = Annotated[
    Path, typer.Argument(metavar="DIR", help="Dossier de données (ou variable PASSPORT_DIR).")
]
Code = Annotated[str, typer.Argument(metavar="CODE", help="Code imprimé sur l’attestation.")]
Codes = Annotated[list[str], typer.Argument(metavar="CODE...", help="Codes imprimés sur les attestations.")]
Body = Annotated[str, typer.Option("--body", metavar="SLUG", help="Organisme qui délivre.")]
Out = Annotated[Path, typer.Option("--out", metavar="OUT", help="Dossier où écrire les fichiers.")]
Json = Annotated[bool, typer.Option("--json", help="Réponse pour une machine, en JSON.")]
Reason = Annotated[
    str | None,
    typer.Option("--reason", metavar="TEXTE", help="Motif : gardé dans le registre, jamais public."),
]


class FolderCommand(TyperCommand):
    """A command whose first argument is the data folder; `PASSPORT_DIR` stands in when it is left out."""

    makes_folder = False

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the folder of the environment before the arguments when they name none."""
        named = os.environ.get("PASSPORT_DIR", "")
        if named and "--help" not in args and not self._names_folder(ctx, args):
            args = [named, *args]
        parsed: list[str] = super().parse_args(ctx, args)
        return parsed

    def _names_folder(self, ctx: Any, args: list[str]) -> bool:
        given, _, _ = self.make_parser(ctx).parse_args(args=list(args))
        first = given.get("folder")
        return isinstance(first, str) and (self.makes_folder or (Path(first) / SCHEME_FILE).is_file())


class NewFolderCommand(FolderCommand):
    """The one command that names a folder which is not there yet."""

    makes_folder = True


@contextmanager
def opened(folder: Path | None) -> Iterator[Register]:
    """Open the register with its passphrase: it can sign. Raises `PassportError`."""
    settings = Settings.of(folder)
    with Register.open(settings, passphrase=read_passphrase()) as register:
        yield register


@contextmanager
def opened_locked(folder: Path | None) -> Iterator[Register]:
    """Open the register without its passphrase: nothing can be signed. Raises `PassportError`."""
    with Register.open(Settings.of(folder), passphrase=None) as register:
        yield register
