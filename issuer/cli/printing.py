"""``passport reprint``, and how every command prints what is stored.

Decided here: which editions there are besides the everyday files, and what is told of the files. Drawing
comes after COMMIT and can be done again at any time. Left to others: what is drawn (`issuer.prints`),
writing it (`issuer.print_files`), issuing (`issuer.cli.making`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from issuer.cli.arguments import ACTOR, Codes, DataFolder, Json, Out, opened_locked
from issuer.cli.output import bar, note, out, print_json
from issuer.cli.words import say
from issuer.print_files import write_prints, write_together
from issuer.print_seal import require_seal
from issuer.prints import BADGES, EVERYDAY, LARGE, TWINS, Printable, print_jobs
from issuer.register import Register
from issuer.register.lookup import note_reprinted, stored_many
from passport.status import Status
from passport.typed_code import format_code, read_code

__all__ = [
    "Badges",
    "Editions",
    "Html",
    "Large",
    "Together",
    "Written",
    "print_issued",
    "reprint",
    "tell_written",
]

_LONG: Final = 40  # attestations: from here on a bar says how far it is
_NOT_HOLDING: Final = frozenset({Status.WITHDRAWN, Status.SUSPENDED})

Large = Annotated[bool, typer.Option("--large", help="Écrit aussi CODE.large.pdf, en gros caractères.")]
Together = Annotated[
    bool, typer.Option("--together", help="Écrit aussi un seul PDF : les feuilles, puis les cartes.")
]


Html = Annotated[bool, typer.Option("--html", help="Écrit aussi chaque papier en page web accessible.")]
Badges = Annotated[bool, typer.Option("--badges", help="Écrit aussi un badge Open Badges, en PNG et en SVG.")]


@dataclass(frozen=True, slots=True)
class Editions:
    """What is printed besides the everyday files."""

    large: bool = False
    together: bool = False
    html: bool = False
    badges: bool = False

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of file of each attestation."""
        asked = ((self.large, (LARGE,)), (self.html, TWINS), (self.badges, BADGES))
        return EVERYDAY + tuple(kind for wanted, kinds in asked if wanted for kind in kinds)


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the `kinds` of every attestation, and the files that hold several people."""

    folder: Path
    kinds: tuple[str, ...]
    single: tuple[Path, ...]
    together: tuple[Path, ...]

    @property
    def files(self) -> tuple[Path, ...]:
        """All of them."""
        return self.single + self.together


def print_issued(
    register: Register,
    attestations: Sequence[Printable],
    out_folder: Path,
    *,
    editions: Editions = Editions(),
    quiet: bool = False,
) -> Written:
    """Draw the files of what is stored, with a bar when it is long."""
    jobs = print_jobs(register, attestations)
    kinds = editions.kinds
    with bar(say("drawing"), quiet=quiet or len(jobs) < _LONG) as progress:
        single = write_prints(jobs, out_folder, kinds=kinds, done=lambda _: progress(1, len(jobs)))
    together = write_together(jobs, out_folder) if editions.together else []
    return Written(out_folder, kinds, tuple(single), tuple(together))


def tell_written(written: Written) -> None:
    """Say where the files are, and which one holds everybody."""
    out(say("files_in", out=written.folder))
    for path in written.together:
        out(say("to_print", file=path))


def reprint(
    folder: DataFolder,
    codes: Codes,
    out_folder: Out,
    large: Large = False,
    together: Together = False,
    html: Html = False,
    badges: Badges = False,
    as_json: Json = False,
) -> None:
    """Réimprime des attestations telles qu’elles ont été signées, et le note au journal de l’organisme.

    Une attestation retirée ou suspendue se réimprime aussi : la commande le dit avant d’imprimer.
    """
    with opened_locked(folder) as register:
        found = stored_many(register, list(dict.fromkeys(read_code(code) for code in codes)))
        for one in found:
            if one.status in _NOT_HOLDING and not as_json:
                status = say(f"status_{one.status.name.lower()}")
                note(say("reprint_warning", code=format_code(one.code), status=status))
        require_seal(register)  # what cannot be printed is not noted as printed
        note_reprinted(register, found, actor=ACTOR)
        editions = Editions(large, together, html, badges)
        written = print_issued(register, found, out_folder, editions=editions, quiet=as_json)
    if as_json:
        statuses = {format_code(one.code): one.status.name.lower() for one in found}
        print_json({"files": [str(path) for path in written.files], "statuses": statuses})
    else:
        out(say("reprinted", count=len(found), out=out_folder))
        for path in written.together:
            out(say("to_print", file=path))
