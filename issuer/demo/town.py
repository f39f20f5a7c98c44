"""Making the demo town: scheme, bodies, places, and some forty people with their attestations.

Decided here: who is who, and when what happened: the scheme and a body that has left are more than a year
old, the rest is of the last weeks. Everything goes through the same doors as in earnest: the intake reads
CSV files, the register issues, `publish_trust_list` signs. Left to others: the cases to try (`cases`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Final

from issuer.demo.clock import DAY, TownClock
from issuer.demo.places import make_cards
from issuer.intake import IntakeOptions, read_people
from issuer.prints import Printable
from issuer.register import Register
from issuer.register.bodies import NewBody, add_body, body, close_body
from issuer.register.issuing import Issued, IssueRequest, issue
from issuer.register.publishing import publish_trust_list
from issuer.settings import DATABASE_FILE, SchemeSettings, Settings
from keys.files import write_private
from keys.sealing import FLOOR
from passport.errors import PassportError

__all__ = ["ACTOR", "Town", "make_town"]

ACTOR: Final = "demo"
SCHEME_NAME: Final = "Réseau de démonstration d’Aurillac"
CONTACT: Final = "01 99 00 00 00"
BEGAN_DAYS_AGO: Final = 400
LEFT_DAYS_AGO: Final = 200
LEFT: Final = "association-ecran-partage"
REGIE: Final = "regie-numerique"

_DIGCOMP: Final = ("digcomp-3.0", 1, 6)
_DECOUVERTE: Final = ("decouverte", 1, 2)

BODIES: Final = (
    NewBody(
        slug=REGIE,
        name="Régie numérique (démonstration)",
        kind="régie",
        accreditations=(_DIGCOMP, _DECOUVERTE),
        places=(
            ("mediatheque", "Médiathèque du Parc"),
            ("espace-carmes", "Espace numérique des Carmes"),
            ("bus", "Bus numérique"),
        ),
    ),
    NewBody(
        slug="centre-trois-ponts",
        name="Centre social des Trois-Ponts",
        kind="centre social",
        accreditations=(("digcomp-3.0", 1, 4), _DECOUVERTE),
        places=(("accueil", "Maison de quartier"),),
    ),
    NewBody(
        slug="centre-passerelle",
        name="Centre social La Passerelle",
        kind="centre social",
        accreditations=(("digcomp-3.0", 1, 4), _DECOUVERTE),
        places=(("accueil", "La Passerelle"),),
    ),
    NewBody(
        slug="centre-clef-des-champs",
        name="Centre social La Clef des champs",
        kind="centre social",
        accreditations=(("digcomp-3.0", 1, 4), ("crcn", 1, 5)),
        places=(("grange", "La Grange"),),
    ),
    NewBody(
        slug="cci-demonstration",
        name="Chambre de commerce (démonstration)",
        kind="cci",
        accreditations=(_DIGCOMP,),
        places=(("formation", "Centre de formation"),),
    ),
    NewBody(
        slug=LEFT,
        name="Association L’Écran partagé",
        kind="association",
        accreditations=(("digcomp-3.0", 1, 4),),
        places=(("local", "Le Local"),),
    ),
)
# Body → days since its people were assessed, and the place where the file names none.
_ROUNDS: Final = (
    (REGIE, 21, ""),
    ("centre-trois-ponts", 9, "accueil"),
    ("centre-passerelle", 34, "accueil"),
    ("centre-clef-des-champs", 3, "grange"),
    ("cci-demonstration", 15, "formation"),
)
_FRAMEWORKS: Final = {"centre-trois-ponts": "decouverte"}


@dataclass(frozen=True, slots=True)
class Town:
    """A finished town. `folder` holds ``donnees`` (the register), ``fichiers`` and ``impressions``."""

    folder: Path
    register: Register
    issued: dict[str, list[Issued]]

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "donnees"

    @property
    def files(self) -> Path:
        """CSV files to try."""
        return self.folder / "fichiers"

    @property
    def prints(self) -> Path:
        """Sheets that are already drawn."""
        return self.folder / "impressions"

    @property
    def passphrase_file(self) -> Path:
        """The passphrase of the town's keys, for the command line."""
        return self.folder / "phrase-secrete"

    def attestations(self) -> list[Printable]:
        """Return everything that was issued."""
        return [one for issued in self.issued.values() for one in issued]


def make_town(folder: Path, *, url: str, clock: TownClock | None = None) -> Town:
    """Make a town in the empty or new `folder`; `url` is the address that a phone reaches.

    Raises `PassportError` (`folder_used` and what the register raises). Takes a second or two.
    """
    clock = clock or TownClock()
    clock.go_back(BEGAN_DAYS_AGO)
    _make_empty(folder)
    register = _register(folder, url, clock)
    issued: dict[str, list[Issued]] = {}
    for new in BODIES:
        add_body(register, new, actor=ACTOR)
    publish_trust_list(register, actor=ACTOR)
    issued[LEFT] = _issue_file(register, LEFT, days_ago=2, place="local")
    issued["expired"] = [_issue_expired(register)]
    clock.go_back(LEFT_DAYS_AGO)
    close_body(register, LEFT, at=register.now(), successor=REGIE, actor=ACTOR)
    clock.go_back(0)
    publish_trust_list(register, actor=ACTOR)
    for slug, days_ago, place in _ROUNDS:
        issued[slug] = _issue_file(register, slug, days_ago=days_ago, place=place)
    make_cards(register, actor=ACTOR)
    town = Town(folder, register, issued)
    _write_files(town)
    return town


def _make_empty(folder: Path) -> None:
    """Refuse a folder that holds anything: a town made before would lose its passphrase to the new one."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        used = any(folder.iterdir())
    except OSError:  # a file, or a folder that is not ours to write in
        used = True
    if used:
        raise PassportError(
            f"{folder} is already there and is not an empty folder.",
            code="folder_used",
            hint="Name a new folder.",
        )


def _register(folder: Path, url: str, clock: Callable[[], float]) -> Register:
    data = folder / "donnees"
    passphrase = secrets.token_urlsafe(24).encode()
    write_private(folder / "phrase-secrete", passphrase + b"\n")
    # Not PASSPORT_DATABASE_URL: a demo never writes into somebody's real database.
    settings = Settings(folder=data, database_url=f"sqlite:///{data / DATABASE_FILE}")
    scheme = SchemeSettings(
        name=SCHEME_NAME, kind="demo", url=url, contact=CONTACT, languages=("fr", "en"), verify_url=f"{url}/v"
    )
    return Register.create(settings, scheme, passphrase=passphrase, clock=clock, cost=FLOOR)


def day_before(register: Register, days: int) -> date:
    """Return the day so many days before the town's today."""
    return datetime.fromtimestamp(register.now(), tz=UTC).date() - timedelta(days=days)


def _issue_file(register: Register, slug: str, *, days_ago: int, place: str) -> list[Issued]:
    options = IntakeOptions(
        framework=_FRAMEWORKS.get(slug, "digcomp-3.0"),
        place=place,
        assessed_on=day_before(register, days_ago).isoformat(),
        method="observation",
    )
    rows = read_people(
        _data(slug),
        body=slug,
        options=options,
        places=dict(body(register, slug).places),
        today=day_before(register, 0),
    )
    return issue(register, slug, [row.request for row in rows], actor=ACTOR)


def _issue_expired(register: Register) -> Issued:
    """Issue, more than a year ago, a paper for one year."""
    (row,) = read_people(
        "Prénom;Nom;DC 1.1;DC 2.1\nHonorine;Vergne-Lascombe;2;3\n".encode(),
        body=REGIE,
        options=IntakeOptions(assessed_on=day_before(register, 5).isoformat(), method="observation"),
        places={},
        today=day_before(register, 0),
    )
    request = IssueRequest(
        holder=row.holder,
        framework=row.framework,
        levels=row.levels,
        assessed_on=row.assessed_on,
        method=row.method,
        place="mediatheque",
        expires_at=register.now() + 365 * DAY,
        source_key=row.source_key,
    )
    return issue(register, REGIE, [request], actor=ACTOR)[0]


def _data(name: str) -> bytes:
    return files("issuer.demo").joinpath("data", f"{name}.csv").read_bytes()


def _write_files(town: Town) -> None:
    """Write the lists that a trainer may try: one to issue, one that is full of errors."""
    town.files.mkdir(mode=0o700)
    day = f"{day_before(town.register, 1):%d/%m/%Y}".encode()
    for name in ("a-delivrer", "avec-erreurs"):
        (town.files / f"{name}.csv").write_bytes(_data(name).replace(b"{day}", day))
