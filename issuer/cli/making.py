"""``passport issue``: from a file to paper.

Decided here: the order of things. Read the file outside the transaction, issue all of it or nothing (a long
one by parts: `issuer.register.bulk`), draw after COMMIT from what is stored. Killed at any moment, the same
command again completes: lines issued before are found again by their source keys, files that are there are
left. Left to others: reading (`issuer.intake`), issuing (`issuer.register.issuing`), printing
(`issuer.cli.printing`).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from issuer.cli.arguments import Json, opened
from issuer.cli.failures import UsageFault
from issuer.cli.findings import issue_or_explain
from issuer.cli.output import bar, out, print_json, table
from issuer.cli.printing import (
    Badges,
    Editions,
    Html,
    Large,
    Together,
    Written,
    print_issued,
    tell_written,
)
from issuer.cli.words import language, say
from issuer.intake import MAX_BYTES, IntakeOptions, IntakeRow, read_people, template
from issuer.intake.values import Refused, read_framework
from issuer.print_seal import require_seal
from issuer.prints import file_name
from issuer.register import Register
from issuer.register.bodies import body as body_of
from issuer.register.issuing import Issued, IssueRequest
from passport.errors import PassportError
from passport.typed_code import format_code

__all__ = [
    "AssessedOn",
    "CsvFile",
    "FrameworkName",
    "MethodName",
    "PlaceName",
    "issue_file",
    "requests_of",
]

_LONG_FILE: Final = 1_000  # lines

CsvFile = Annotated[Path, typer.Argument(metavar="FILE.csv", help="Une ligne par personne ; « - » : entrée.")]
FrameworkName = Annotated[str, typer.Option("--framework", help="Référentiel, sauf colonne.")]
PlaceName = Annotated[str, typer.Option("--place", help="Lieu de l’évaluation, sauf colonne.")]
AssessedOn = Annotated[str, typer.Option("--assessed-on", help="Jour de l’évaluation, sauf colonne.")]
MethodName = Annotated[str, typer.Option("--method", help="observation, test ou declaration, sauf colonne.")]


def issue_file(
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="Dossier (ou PASSPORT_DIR).")] = None,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE.csv", help="Une ligne par personne ; « - » : entrée.")
    ] = None,
    body: Annotated[str, typer.Option("--body", metavar="SLUG", help="Organisme qui délivre.")] = "",
    out_folder: Annotated[Path | None, typer.Option("--out", metavar="OUT", help="Où écrire.")] = None,
    framework: FrameworkName = "digcomp-3.0",
    place: PlaceName = "",
    assessed_on: AssessedOn = "",
    method: MethodName = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Montre tout, ne délivre rien.")] = False,
    accept_duplicates: Annotated[
        bool, typer.Option("--accept-duplicates", help="Délivre aussi ce qui a déjà été dit.")
    ] = False,
    large: Large = False,
    together: Together = False,
    html: Html = False,
    badges: Badges = False,
    empty: Annotated[bool, typer.Option("--template", help="Écrit un fichier vide à remplir.")] = False,
    as_json: Json = False,
) -> None:
    """Délivre les attestations d’un fichier CSV, toutes ou aucune, et les imprime.

    Pour chacune : CODE.pdf, CODE.card.pdf, CODE.png (téléphone), CODE.jwt (attestation signée),
    CODE.ob3.jwt (badge) et CODE.vc.jwt (autres logiciels).
    Un titre de colonne par compétence : « DC 1.1 » ou « D1 ». Redonner le même fichier n’ajoute rien.
    """
    if empty:
        sys.stdout.buffer.write(template(_framework_id(framework), lang=language()))
        return
    if file is None:
        raise UsageFault(say("no_file"))
    if not body or (out_folder is None and not dry_run):
        raise UsageFault(say("no_body"))
    written = None
    with opened(folder) as register:
        options = IntakeOptions(framework, place, assessed_on, method)
        rows = requests_of(register, body, file, options, quiet=as_json)
        issued = issue_or_explain(
            register, body, rows, accept_duplicates=accept_duplicates, dry_run=dry_run, quiet=as_json
        )
        if not dry_run and out_folder is not None:
            editions = Editions(large, together, html, badges)
            written = print_issued(register, issued, out_folder, editions=editions, quiet=as_json)
    _tell(rows, issued, body=body, written=written, as_json=as_json)


def _framework_id(named: str) -> str:
    try:
        return read_framework(named).id
    except Refused:
        return named  # the framework's own error says what is known


def requests_of(
    register: Register, body: str, file: Path, options: IntakeOptions, *, quiet: bool = False
) -> list[tuple[IntakeRow, IssueRequest]]:
    """Return each line of a file with what it asks for. Raises `IntakeError`, `PassportError`.

    A seal that could not be set is refused here, before anything is issued.
    """
    require_seal(register)
    places = dict(body_of(register, body).places)
    data = _read(file)
    with bar(say("reading"), quiet=quiet or data.count(b"\n") < _LONG_FILE) as progress:
        rows = read_people(
            data, body=body, options=options, places=places, today=register.today(), progress=progress
        )
    return [(row, row.request) for row in rows]


def _read(file: Path) -> bytes:
    """Read one byte more than is taken: the reader of the file then says that it is too big."""
    try:
        if str(file) == "-":
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise PassportError(
            f"{file} cannot be read: {error.strerror}.", code="file_unreadable", hint="Check its name."
        ) from None


def _tell(
    rows: Sequence[tuple[IntakeRow, IssueRequest]],
    issued: Sequence[Issued],
    *,
    body: str,
    written: Written | None,
    as_json: bool,
) -> None:
    new = sum(one.created for one in issued)
    counts = {"count": new, "existing": len(issued) - new, "body": body}
    if as_json:
        lines = [_for_machines(row, one, written) for (row, _), one in zip(rows, issued, strict=True)]
        dry = {"dry_run": written is None, "body": body, "created": new, "existing": len(issued) - new}
        together = [] if written is None else [str(path) for path in written.together]
        print_json({**dry, "attestations": lines, "together": together})
        return
    titles = [say(f"col_{name}") for name in ("line", "code", "name", "levels", "day", "how", "state")]
    table(titles, [_cells(row, one) for (row, _), one in zip(rows, issued, strict=True)])
    out(say("dry_run" if written is None else "issued", **counts))
    if written is not None:
        tell_written(written)


def _for_machines(row: IntakeRow, one: Issued, written: Written | None) -> dict[str, object]:
    said: dict[str, object] = {"line": row.line, "created": one.created}
    if written is None:
        return {**said, **one.attestation.to_json()}
    files = {kind: str(written.folder / file_name(one.code, kind)) for kind in written.kinds}
    return {**said, "code": format_code(one.code), "files": files}


def _cells(row: IntakeRow, one: Issued) -> list[str]:
    levels = ", ".join(f"{competence} → {level}" for competence, level in row.levels.items())
    return [
        str(row.line),
        format_code(one.code) if one.code else "-",
        row.holder.full_name,
        f"{row.framework} {levels}",
        row.assessed_on.isoformat(),
        ", ".join(filter(None, (row.method.value, row.place))),
        say("new" if one.created else "known"),
    ]
