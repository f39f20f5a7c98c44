"""``passport withdraw``, ``suspend``, ``restore``, ``correct`` and ``replace``.

Decided here: how a change is asked for and said. Correcting withdraws the old attestation; replacing
(progress) leaves it valid. Left to others: the rules and the transaction (`issuer.register.changes`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from issuer.cli.arguments import ACTOR, Code, Codes, DataFolder, Json, Out, Reason, opened
from issuer.cli.failures import UsageFault
from issuer.cli.making import (
    AssessedOn,
    CsvFile,
    FrameworkName,
    MethodName,
    PlaceName,
    requests_of,
)
from issuer.cli.output import out, print_json
from issuer.cli.printing import print_issued
from issuer.cli.words import say
from issuer.intake import IntakeOptions
from issuer.register import Register, changes
from issuer.register.issuing import Issued, IssueRequest
from issuer.register.lookup import stored
from passport.typed_code import format_code, read_code

__all__ = ["correct", "replace", "restore", "suspend", "withdraw"]


def withdraw(folder: DataFolder, codes: Codes, reason: Reason = None, as_json: Json = False) -> None:
    """Retire des attestations, pour toujours. Le motif reste dans le registre."""
    _change(folder, codes, reason, as_json=as_json, act=changes.withdraw)


def suspend(folder: DataFolder, codes: Codes, reason: Reason = None, as_json: Json = False) -> None:
    """Suspend des attestations, le temps d’une vérification."""
    _change(folder, codes, reason, as_json=as_json, act=changes.suspend)


def restore(folder: DataFolder, codes: Codes, reason: Reason = None, as_json: Json = False) -> None:
    """Lève la suspension. (Pour revenir à une sauvegarde, voir « passport backup --help ».)"""
    _change(folder, codes, reason, as_json=as_json, act=changes.restore)


def _change(
    folder: Path,
    codes: Sequence[str],
    reason: str | None,
    *,
    as_json: bool,
    act: Callable[..., changes.Change],
) -> None:
    # All codes are read before anything is changed: a slip in the third leaves the first two alone.
    read = [read_code(code) for code in codes]
    done = []
    with opened(folder) as register:
        for code in read:
            stored(register, code)
        for code in read:
            done.append(act(register, code, actor=ACTOR, reason=reason))
    if as_json:
        print_json([_for_machines(change) for change in done])
        return
    for change in done:
        values: dict[str, Any] = {"code": format_code(change.code), "after": _status(change.after.name)}
        if change.changed:
            out(say("changed", before=_status(change.before.name), **values))
        else:
            out(say("unchanged", **values))


def _status(name: str) -> str:
    return say(f"status_{name.lower()}")


def _for_machines(change: changes.Change) -> dict[str, object]:
    return {
        "code": format_code(change.code),
        "body": change.body,
        "before": change.before.name.lower(),
        "after": change.after.name.lower(),
        "changed": change.changed,
    }


def _one_request(register: Register, code: str, file: Path, options: IntakeOptions) -> IssueRequest:
    """Return what the one line of a file says, for the body of the attestation that it follows."""
    rows = requests_of(register, stored(register, code).body, file, options)
    if len(rows) != 1:
        raise UsageFault(say("one_line_only", count=len(rows)))
    return rows[0][1]


def correct(
    folder: DataFolder,
    code: Code,
    file: CsvFile,
    out_folder: Out,
    framework: FrameworkName = "digcomp-3.0",
    place: PlaceName = "",
    assessed_on: AssessedOn = "",
    method: MethodName = "",
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """Corrige une erreur : retire l’ancienne attestation et en délivre une juste (une ligne de CSV)."""
    options = IntakeOptions(framework, place, assessed_on, method)
    with opened(folder) as register:
        request = _one_request(register, code, file, options)
        made = changes.correct(register, code, request, actor=ACTOR, reason=reason)
        print_issued(register, [made], out_folder)
    _say_followed("corrected", code, made.code, as_json=as_json)


def replace(
    folder: DataFolder,
    code: Code,
    by: Annotated[str, typer.Option("--by", metavar="CODE", help="Attestation déjà délivrée.")] = "",
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FICHIER.csv", help="Nouvelle évaluation, une ligne.")
    ] = None,
    out_folder: Annotated[
        Path, typer.Option("--out", metavar="OUT", help="Dossier où écrire les fichiers.")
    ] = Path(),
    framework: FrameworkName = "digcomp-3.0",
    place: PlaceName = "",
    assessed_on: AssessedOn = "",
    method: MethodName = "",
    as_json: Json = False,
) -> None:
    """Note un progrès : l’ancienne attestation reste vraie et dit qu’une autre l’a remplacée."""
    if bool(by) == bool(file):
        raise UsageFault(say("by_or_file"))
    options = IntakeOptions(framework, place, assessed_on, method)
    with opened(folder) as register:
        made: Issued | None
        if file is not None:
            request = _one_request(register, code, file, options)
            made = changes.replace(register, code, request, actor=ACTOR)
        else:
            made = changes.replace(register, code, read_code(by), actor=ACTOR)
        if made is not None:
            print_issued(register, [made], out_folder)
    _say_followed("replaced_by", code, made.code if made is not None else by, as_json=as_json)


def _say_followed(key: str, old: str, new: str, *, as_json: bool) -> None:
    old, new = format_code(read_code(old)), format_code(read_code(new))
    if as_json:
        print_json({"old": old, "code": new})
    else:
        out(say(key, old=old, new=new))
