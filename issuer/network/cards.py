"""What the public directory says of a place: where it is, when it is open, how to come.

Decided here: the members of a card and their form, which is that of the national schema for places of digital
mediation (La MedNum and ANCT, *Lieux de médiation numérique*, version 1), so that nothing needs to be guessed
when it is published as open data. A card tells of a place and of no person: its telephone and mail are those
of the place. Every member may be missing; what the national schema requires is named by `missing`.

Left to others: keeping cards (`directory`), showing them (`issuer.web`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from issuer.network.hours import read_hours
from passport.errors import MalformedError
from passport.model import clean_name

__all__ = ["ACCESS", "SERVICES", "CardError", "PlaceCard", "read_card"]

SERVICES: Final = (
    "Aide aux démarches administratives",
    "Maîtrise des outils numériques du quotidien",
    "Insertion professionnelle via le numérique",
    "Utilisation sécurisée du numérique",
    "Parentalité et éducation avec le numérique",
    "Loisirs et créations numériques",
    "Compréhension du monde numérique",
    "Accès internet et matériel informatique",
    "Acquisition de matériel informatique à prix solidaire",
)
"""What a place offers, in the words of the national schema (member `services`)."""

TICKS: Final = ("wifi", "travels", "free", "step_free")
"""The members that are true or false."""

ACCESS: Final = ("Se présenter", "Téléphoner", "Contacter par mail", "Prendre un RDV en ligne")
"""How to come, in the words of the national schema (member `modalites_acces`)."""

_LINE: Final = 200
_SUMMARY: Final = 280
_REQUIRED: Final = ("address", "postal_code", "town", "siret", "services")
_EMAIL: Final = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
_SITE: Final = re.compile(r"https://[A-Za-z0-9.-]{1,200}(?:/[^\s\"<>]{0,200})?")
_ACCESS_SHEET: Final = re.compile(r"https://acceslibre\.beta\.gouv\.fr/[^\s\"<>]{1,200}")
_FRENCH_NUMBER: Final = re.compile(r"0[1-9][0-9]{8}")
_WORLD_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_INSEE: Final = re.compile(r"(?:[013-9][0-9]|2[AB1-9])[0-9]{3}")


class CardError(MalformedError):
    """Some members of a card are not of their form. `wrong`: their names."""

    default_code = "place_card"

    def __init__(self, wrong: Sequence[str]) -> None:
        self.wrong = tuple(wrong)
        super().__init__(f"Not of their form: {', '.join(wrong)}.")


@dataclass(frozen=True, slots=True)
class PlaceCard:
    """One card. Texts are "" when not known, coordinates None. `phone`: ``+33471000000``.

    `hours`: as OpenStreetMap writes them (``Mo-Fr 09:00-12:00,14:00-18:00``). `travels`: it comes to people.
    `free`: coming costs nothing. `step_free`: somebody in a wheelchair gets in and about; `access_sheet`: the
    address of what Acceslibre, the national register of accessibility, says of the place.
    """

    address: str = ""
    more: str = ""
    postal_code: str = ""
    town: str = ""
    insee: str = ""
    siret: str = ""
    latitude: float | None = None
    longitude: float | None = None
    phone: str = ""
    email: str = ""
    website: str = ""
    hours: str = ""
    summary: str = ""
    services: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    wifi: bool = False
    travels: bool = False
    free: bool = False
    step_free: bool = False
    access_sheet: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """The members without which the national schema does not take a place."""
        return tuple(name for name in _REQUIRED if not getattr(self, name))

    def to_json(self) -> dict[str, Any]:
        """Return the members as kept."""
        return {field.name: _kept(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> PlaceCard:
        """Return the card that `to_json` wrote."""
        members: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in kept.items()}
        return cls(**members)


def _kept(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def read_card(text: Callable[[str], str], texts: Callable[[str], Sequence[str]]) -> PlaceCard:
    """Return the card that a form says. `text`, `texts`: one value of a field, all its values.

    Raises `CardError`, with every member that is wrong.
    """
    read: dict[str, Any] = {}
    wrong: list[str] = []
    for name, reader in _READERS.items():
        try:
            read[name] = reader(text(name))
        except ValueError:
            wrong.append(name)
    for name, known in (("services", SERVICES), ("access", ACCESS)):
        chosen = frozenset(texts(name))
        if not chosen <= frozenset(known):
            wrong.append(name)
        read[name] = tuple(one for one in known if one in chosen)
    read |= {name: text(name) == "yes" for name in TICKS}
    if (read.get("latitude") is None) is not (read.get("longitude") is None):
        wrong.append("longitude")
    if wrong:
        raise CardError(wrong)
    return PlaceCard(**read)


def _line(text: str) -> str:
    cleaned = clean_name(text)
    if len(cleaned) > _LINE or not cleaned.isprintable():
        raise ValueError(text)
    return cleaned


def _summary(text: str) -> str:
    cleaned = clean_name(text)
    if len(cleaned) > _SUMMARY or not cleaned.isprintable():
        raise ValueError(text)
    return cleaned


def _matching(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text and pattern.fullmatch(text) is None:
            raise ValueError(text)
        return text

    return read


def _phone(text: str) -> str:
    digits = re.sub(r"[ .\-\u00a0\u202f]", "", text)
    if _FRENCH_NUMBER.fullmatch(digits):
        return f"+33{digits[1:]}"
    if digits and _WORLD_NUMBER.fullmatch(digits) is None:
        raise ValueError(text)
    return digits


def _siret(text: str) -> str:
    """Fourteen digits, of which the Luhn sum holds (ISO/IEC 7812-1, annex B)."""
    digits = text.replace(" ", "").replace("\u00a0", "")
    if not digits:
        return ""
    if len(digits) != 14 or not (digits.isascii() and digits.isdigit()):
        raise ValueError(text)
    doubled = (int(d) * (1 + place % 2) for place, d in enumerate(reversed(digits)))
    # La Poste's own establishments follow another rule: the plain sum is a multiple of five.
    post = digits.startswith("356000000") and sum(map(int, digits)) % 5 == 0
    if sum(d // 10 + d % 10 for d in doubled) % 10 and not post:
        raise ValueError(text)
    return digits


def _degrees(most: int) -> Callable[[str], float | None]:
    def read(text: str) -> float | None:
        if not text:
            return None
        if re.fullmatch(r"-?[0-9]{1,3}(?:[.,][0-9]{1,8})?", text) is None:
            raise ValueError(text)
        found = float(text.replace(",", "."))
        if abs(found) > most:
            raise ValueError(text)
        return found

    return read


_READERS: Final[Mapping[str, Callable[[str], object]]] = {
    "address": _line,
    "more": _line,
    "postal_code": _matching(re.compile(r"[0-9]{5}")),
    "town": _line,
    "insee": _matching(_INSEE),
    "siret": _siret,
    "latitude": _degrees(90),
    "longitude": _degrees(180),
    "phone": _phone,
    "email": _matching(_EMAIL),
    "website": _matching(_SITE),
    "hours": read_hours,
    "access_sheet": _matching(_ACCESS_SHEET),
    "summary": _summary,
}
