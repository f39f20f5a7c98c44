"""``passport copy``: the register moves to another database, and what to do next is said.

Decided here: where the target is named (an option, or ``PASSPORT_COPY_TO`` when it holds a password: others
on the machine can read a command line), that no password is ever shown, and the bar. Left to others: copying
and comparing (`issuer.register.copying`).
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Annotated, Final

import typer

from issuer.cli.arguments import DataFolder, Json, opened_locked
from issuer.cli.failures import UsageFault
from issuer.cli.output import bar, note, out, print_json
from issuer.cli.words import say
from issuer.register.copying import CopyReport, copy_register
from issuer.store.engine import shown_url

__all__ = ["copy"]

_TARGET: Final = "PASSPORT_COPY_TO"


def copy(
    folder: DataFolder,
    target: Annotated[
        str, typer.Option("--to", metavar="URL", help="Base d’arrivée, vide (ou PASSPORT_COPY_TO).")
    ] = "",
    as_json: Json = False,
) -> None:
    """Copie le registre dans une autre base, SQLite ou PostgreSQL, et compare chaque ligne.

    Arrêtez d’abord le service. Redonnée plus tard, la même commande compare les deux bases.
    """
    named = target or os.environ.get(_TARGET, "")
    if not named:
        raise UsageFault(say("copy_where"))
    shown = shown_url(named)
    if target and ":***@" in shown and not as_json:
        note(say("copy_password"))
    at = datetime.now(UTC).astimezone()
    with opened_locked(folder) as register, bar(say("copying"), quiet=as_json) as progress:
        report = copy_register(register, named, progress=progress)
    if as_json:
        print_json(_for_machines(report, shown))
        return
    counts = {"rows": report.rows, "tables": report.tables, "chains": report.chains}
    out(say("copied" if report.made else "copied_already", **counts))
    if report.made:
        out(say("copied_next", folder=folder, url=shown, at=f"{at:%H:%M:%S}"))
    if ":***@" in shown:
        out(say("copied_password"))


def _for_machines(report: CopyReport, shown: str) -> dict[str, object]:
    counts = {"rows": report.rows, "tables": report.tables, "chains": report.chains}
    return {"database": shown, "made": report.made, **counts}
