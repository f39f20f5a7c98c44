"""Registers for tests: made for real, in a folder, with keys, a database and a trust list."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from issuer.register import Register, publishing
from issuer.register.bodies import NewBody, add_body, close_body, new_api_token
from issuer.register.changes import correct
from issuer.register.codes import count_lookup
from issuer.register.idempotency import keep
from issuer.register.issuing import IssueRequest, issue
from issuer.register.upkeep import Turn
from issuer.settings import DATABASE_FILE, SchemeSettings, Settings
from issuer.staff.enrolling import invite
from issuer.staff.roles import Grant, Role
from keys.sealing import FLOOR
from passport.model import Holder, Method
from tests.issuer.databases import ask, tell
from tests.issuer.filling import fill_desk
from verifier import Report, read_status, verify

PASSPHRASE = b"correct horse battery staple"
START = 1_790_000_000
BODY = "centre-social"
OTHER = "regie"
SCHEME = SchemeSettings(
    name="Compétences d’Aurillac", kind="residents", url="https://pass.example", contact="04 71 00 00 00"
)
SEEN_ON = date(2026, 9, 20)


@dataclass
class Clock:
    """A clock that a test moves."""

    time: float = START

    def __call__(self) -> float:
        return self.time


def make_register(
    folder: Path, clock: Callable[[], float] | None = None, scheme: SchemeSettings = SCHEME, *, url: str = ""
) -> Register:
    """Make a scheme with two bodies, published; in SQLite when no URL is given.

    The usual one is made once in each process, and copied.
    """
    clock, own = clock or Clock(), f"sqlite:///{folder / DATABASE_FILE}"
    settings = Settings(folder, url or own)
    if settings.database_url != own or scheme != SCHEME or clock() != START:
        return _make(settings, scheme, clock)
    shutil.copytree(_usual(), folder, dirs_exist_ok=True)
    return Register.open(settings, passphrase=PASSPHRASE, clock=clock)


@cache
def _usual() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="passport-register-"))
    atexit.register(shutil.rmtree, folder)
    _make(Settings(folder, f"sqlite:///{folder / DATABASE_FILE}"), SCHEME, Clock()).close()
    return folder


def _make(settings: Settings, scheme: SchemeSettings, clock: Callable[[], float]) -> Register:
    register = Register.create(settings, scheme, passphrase=PASSPHRASE, clock=clock, cost=FLOOR)
    levels = (("digcomp-3.0", 1, 6), ("decouverte", 1, 2))
    places = (("salle", "Salle Hélitas"), ("bus", "Bus numérique"))
    add_body(register, NewBody(BODY, "Centre social", "social_centre", levels, places), actor="test")
    add_body(register, NewBody(OTHER, "Régie", "agency", (("digcomp-3.0", 1, 8),)), actor="test")
    publishing.publish_trust_list(register, actor="test")
    return register


def fill(register: Register) -> None:
    """Put at least one row into every table, with what the two databases might keep otherwise."""
    older = Holder("Ælfrida 𐌀", "d’Ô-Ker", date(1901, 2, 3))
    made = issue(register, BODY, [request(n) for n in range(3)], actor="test")
    issue(register, BODY, [request(holder=older, levels={"5.1": 6, "1.1": 1})], actor="test")
    correct(register, made[0].code, request(levels={"1.1": 4}), actor="test", reason="r")
    new_api_token(register, BODY, label="caisse")
    keep(register, BODY, "k", request=b"q", response=b"\x00\xff")
    count_lookup(register, "192.0.2.1")
    invite(register, "", Grant(Role.AGENCY), by=None, actor="test")
    Turn(register, holder="h").step()
    ((holder, attestation),) = rows(register, "SELECT holder_id, id FROM attestation LIMIT 1")
    fill_desk(
        register, body=BODY, other=OTHER, place="salle", holder=str(holder), attestation=str(attestation)
    )
    # Its successor comes after it by name: a row that refers to a later row of its own table.
    add_body(register, NewBody("a-body", "A body", "agency", (("digcomp-3.0", 1, 2),)), actor="test")
    close_body(register, "a-body", at=START + 1, successor=BODY, actor="test")
    close_body(register, OTHER, at=START + 1, successor=BODY, actor="test")


def reopened(register: Register, *, passphrase: bytes | None = PASSPHRASE) -> Register:
    """Open the same folder again, with the same clock."""
    return Register.open(register.settings, passphrase=passphrase, clock=register.now)


def request(
    number: int = 0,
    *,
    source: str | None = None,
    levels: dict[str, int] | None = None,
    place: str | None = "salle",
    holder: Holder | None = None,
    holder_id: str | None = None,
) -> IssueRequest:
    return IssueRequest(
        holder=holder or Holder("Hélène", f"Sautarel-{number}"),
        framework="digcomp-3.0",
        levels=levels or {"1.1": 2, "2.1": 3, "4.1": 1},
        assessed_on=SEEN_ON,
        method=Method.OBSERVATION,
        place=place,
        source_key=source,
        holder_id=holder_id,
    )


def rows(register: Register, sql: str, *values: object) -> list[tuple[object, ...]]:
    """Ask the database itself, beside the program."""
    return ask(register.settings.database_url, sql, *values)


def change(register: Register, sql: str, *values: object) -> None:
    """Change the database itself, as somebody would who should not."""
    tell(register.settings.database_url, sql, *values)


def seen(register: Register, token: bytes) -> Report:
    """Check a token with the published documents alone, as a stranger would."""
    trust = register.trust()
    lists = [p for p in publishing.all_paths(register) if p.startswith("/status/")]
    documents = [publishing.document(register, path) for path in lists]
    snapshots = [read_status(d.data, trust=trust) for d in documents if d is not None]
    return verify(token, trust=trust, status={s.uri: s for s in snapshots}, at=register.now())
