"""``passport keys``: see, renew and refuse keys.

Decided here: that every change is published at once, and that refusing a key must be asked for twice.
Left to others: the ring (`keys.ring`), what a refused key means to a verifier.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from issuer.cli.arguments import ACTOR, DataFolder, Json, opened, opened_locked
from issuer.cli.failures import UsageFault
from issuer.cli.output import out, print_json, table
from issuer.cli.words import say
from issuer.register.bodies import body
from issuer.register.publishing import publish_trust_list
from issuer.register.sealing import refuse_key, retire_keys
from issuer.register.trust_documents import renew_now
from keys.records import SCHEME, KeyRecord, Purpose

__all__ = ["refuse", "rotate", "show"]

Owner = Annotated[str, typer.Argument(metavar="SLUG", help="Organisme, ou « scheme » pour le réseau.")]


def show(folder: DataFolder, as_json: Json = False) -> None:
    """Montre les clés : à qui, pour quoi, état, dates. Jamais leur partie secrète."""
    with opened_locked(folder) as register:
        records = register.ring.records()
    if as_json:
        print_json([_for_machines(record) for record in records])
        return
    titles = ("SLUG", "kid", "use", "state", "from", "until", "thumbprint")
    table(titles, [[str(v or "-") for v in _for_machines(record).values()] for record in records])


def _for_machines(record: KeyRecord) -> dict[str, object]:
    return {
        "owner": record.owner,
        "kid": record.kid,
        "use": record.purpose.value,
        "state": record.state.value,
        "from": _day(record.period.start),
        "until": _day(record.period.end) if record.period.end is not None else None,
        "thumbprint": record.public.thumbprint,
    }


def _day(instant: int) -> str:
    return datetime.fromtimestamp(instant, tz=UTC).date().isoformat()


def rotate(
    folder: DataFolder,
    owner: Owner,
    use: Annotated[str, typer.Option("--use", help="credential, status ou publication.")] = "",
    as_json: Json = False,
) -> None:
    """Fait une nouvelle clé, qui signera désormais ; ce que l’ancienne a signé reste valable."""
    purpose = _purpose(owner, use)
    with opened(folder) as register:
        if owner != SCHEME:
            body(register, owner)
        record = register.ring.generate(owner, purpose, at=register.now())
        if purpose is Purpose.CREDENTIAL:
            retire_keys(register, owner, but=record.kid, actor=ACTOR)
        version = publish_trust_list(register, actor=ACTOR)
    if as_json:
        print_json({"owner": owner, "kid": record.kid, "trust_version": version})
    else:
        out(say("key_made", kid=record.kid, owner=owner, version=version))


def _purpose(owner: str, use: str) -> Purpose:
    """Return what the new key is for. Not a root key: that is the ceremony of a whole scheme."""
    of_owner = {"publication"} if owner == SCHEME else {"credential", "status"}
    wanted = use or ("publication" if owner == SCHEME else "credential")
    if wanted not in of_owner:
        raise UsageFault(say("key_use"))
    return Purpose(wanted)


def refuse(
    folder: DataFolder,
    owner: Owner,
    kid: Annotated[str, typer.Argument(metavar="KID", help="Nom de la clé, comme c2026-1.")],
    yes: Annotated[bool, typer.Option("--yes", help="Confirme : une clé refusée ne revient jamais.")] = False,
    as_json: Json = False,
) -> None:
    """Refuse une clé volée, tout de suite et pour toujours."""
    if not yes:
        raise UsageFault(say("key_confirm", kid=kid, owner=owner))
    with opened(folder) as register:
        refuse_key(register, owner, kid, actor=ACTOR)
        renew_now(register)  # takes effect at once, even where no keeper of a root key is at hand
        version = publish_trust_list(register, actor=ACTOR)
    if as_json:
        print_json({"owner": owner, "kid": kid, "trust_version": version})
    else:
        out(say("key_refused", kid=kid, owner=owner, version=version))
