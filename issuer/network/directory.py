"""The directory of the network: every open place of every open body, for people and as open data.

Decided here: which places are shown (those of the register, open now; a body that left is not), in which
order (town, then name), and how each becomes a row of the national schema for places of digital mediation (La
MedNum and ANCT, *Lieux de médiation numérique*, version 1.0: names of columns, ``|`` between several values,
ISO dates, telephone numbers as ``+33…``). A place whose card lacks what the schema requires is shown to
people and left out of the file: a file that is refused as a whole helps nobody.

Left to others: the form of a card (`cards`), the pages (`issuer.web.directory`).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from issuer.network.cards import PlaceCard
from issuer.register import Register, chain
from issuer.register.folder import RegisterError
from issuer.store import network as store

__all__ = [
    "COLUMNS",
    "ListedPlace",
    "as_csv",
    "as_json",
    "listed_places",
    "place_card",
    "places_attesting",
    "put_card",
]

COLUMNS: Final = (
    *("id", "pivot", "nom", "commune", "code_postal", "code_insee", "adresse", "complement_adresse"),
    *("latitude", "longitude", "typologie", "telephone", "courriels", "site_web", "horaires"),
    *("presentation_resume", "presentation_detail", "source", "itinerance", "structure_parente", "date_maj"),
    *("services", "publics_specifiquement_adresses", "prise_en_charge_specifique", "frais_a_charge"),
    *("dispositif_programmes_nationaux", "formations_labels", "autres_formations_labels"),
    *("modalites_acces", "modalites_accompagnement", "fiche_acces_libre", "prise_rdv"),
)
"""The columns of the national schema, in its order."""

_BETWEEN: Final = "|"
_NUMBER: Final = re.compile(r"\+[0-9]{6,15}")


@dataclass(frozen=True, slots=True)
class ListedPlace:
    """One place of the directory. `body`: its slug; `frameworks`: what may be attested there today.

    `updated_at`: seconds since 1970, None while it has no card.
    """

    body: str
    body_name: str
    id: str
    name: str
    card: PlaceCard
    updated_at: int | None
    frameworks: tuple[str, ...]

    @property
    def key(self) -> str:
        """Its name in addresses and files: ``centre-social.salle``."""
        return f"{self.body}.{self.id}"


def listed_places(register: Register) -> list[ListedPlace]:
    """Return every open place, by town and name."""
    with register.reading() as session:
        places, attested = store.open_places(session), store.attested_in(session)
    found = [
        ListedPlace(
            body=one.body,
            body_name=one.body_name,
            id=one.id,
            name=one.name,
            card=PlaceCard.from_json(one.card) if one.card is not None else PlaceCard(),
            updated_at=one.updated_at,
            frameworks=tuple(dict.fromkeys(attested.get(one.body, ()))),
        )
        for one in places
    ]
    return sorted(found, key=lambda one: (one.card.town.casefold(), one.name.casefold(), one.key))


def places_attesting(register: Register, framework: str, *, first: frozenset[str]) -> list[ListedPlace]:
    """Return the open places where a framework is attested today, those of the bodies `first` first."""
    there = (one for one in listed_places(register) if framework in one.frameworks)
    return sorted(there, key=lambda one: one.body not in first)  # what is alike stays by town and name


def place_card(register: Register, body: str, place: str) -> ListedPlace:
    """Return one open place. Raises `RegisterError` (`place_unknown`)."""
    for one in listed_places(register):
        if (one.body, one.id) == (body, place):
            return one
    raise RegisterError("There is no such open place.", code="place_unknown")


def put_card(register: Register, body: str, place: str, card: PlaceCard, *, actor: str) -> None:
    """Keep what a place says of itself. Raises `RegisterError` (`place_unknown`)."""
    chain.check_actor(actor)
    place_card(register, body, place)
    at = register.now()
    with register.writing() as session:
        store.put_card(session, body, place, members=card.to_json(), at=at)
        chain.append(session, body, "place.card", {"actor": actor, "place": place}, at=at)


def as_json(register: Register) -> list[dict[str, Any]]:
    """Return the rows of the national schema, without empty members; lists as lists, numbers as numbers."""
    return [
        {
            name: value
            for name, value in _row(one, register.scheme.name).items()
            if value not in ("", [], None)
        }
        for one in _complete(register)
    ]


def as_csv(register: Register) -> bytes:
    """Return the rows of the national schema as CSV (RFC 4180, UTF-8)."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for one in _complete(register):
        writer.writerow({name: _cell(value) for name, value in _row(one, register.scheme.name).items()})
    return out.getvalue().encode()


def _cell(value: object) -> str:
    if isinstance(value, list):
        return _cell(_BETWEEN.join(value))
    if not isinstance(value, str):
        return "" if value is None else str(value)
    # A table calculator runs what begins so; a telephone number alone keeps its plus: the schema wants it.
    runs = value.startswith(("=", "-", "@", "+", "\t")) and _NUMBER.fullmatch(value) is None
    return f"'{value}" if runs else value


def _complete(register: Register) -> Sequence[ListedPlace]:
    return [one for one in listed_places(register) if not one.card.missing and one.updated_at is not None]


def _row(one: ListedPlace, source: str) -> dict[str, Any]:
    card = one.card
    free = "Gratuit : Je peux accéder gratuitement au lieu et à ses services"
    return {
        "id": one.key,
        "pivot": card.siret,
        "nom": one.name,
        "commune": card.town,
        "code_postal": card.postal_code,
        "code_insee": card.insee,
        "adresse": card.address,
        "complement_adresse": card.more,
        "latitude": card.latitude,
        "longitude": card.longitude,
        "telephone": card.phone,
        "courriels": [card.email] if card.email else [],
        "site_web": [card.website] if card.website else [],
        "horaires": card.hours,
        "presentation_resume": card.summary,
        "source": source,
        "itinerance": ["Itinérant" if card.travels else "Fixe"],
        "structure_parente": one.body_name,
        "date_maj": datetime.fromtimestamp(one.updated_at or 0, tz=UTC).date().isoformat(),
        "services": list(card.services),
        "frais_a_charge": [free] if card.free else [],
        "modalites_acces": list(card.access),
        "fiche_acces_libre": card.access_sheet,
    }
