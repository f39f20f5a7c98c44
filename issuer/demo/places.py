"""The places of the demo town in the public directory: when they are open, how to come, what is there.

Decided here: what each says of itself. The network and its places are invented: telephone numbers are of the
range kept for fiction, the SIRET is the one of zeros that the national directory takes for « not known », and
every card says that it is a demonstration. Left to others: what a card may say (`issuer.network`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from issuer.network.cards import SERVICES, PlaceCard
from issuer.network.directory import put_card
from issuer.network.hours import read_hours
from issuer.register import Register

__all__ = ["make_cards"]

_ADMIN, _DAILY, _WORK, _SAFE, _FAMILY, _FUN, _WORLD, _ACCESS, _CHEAP = SERVICES
_NO_SIRET: Final = "0" * 14
_SAID: Final = "Lieu inventé pour la démonstration."
_IN_TOWN: Final[Mapping[str, Any]] = {
    "postal_code": "15000",
    "town": "Aurillac",
    "insee": "15014",
    "access": ("Se présenter", "Téléphoner"),
    "free": True,
}
_CARDS: Final[Mapping[tuple[str, str], Mapping[str, Any]]] = {
    ("regie-numerique", "mediatheque"): {
        "address": "1 allée du Parc inventé",
        "phone": "+33199000011",
        "hours": "mardi au vendredi : 10h-12h et 13h30-18h ; samedi : 10h-17h",
        "summary": "Des ordinateurs en accès libre, et quelqu’un pour aider le mercredi et le samedi.",
        "services": (_DAILY, _SAFE, _FUN, _ACCESS),
        "wifi": True,
        "step_free": True,
        "latitude": 44.9287,
        "longitude": 2.4432,
    },
    ("regie-numerique", "espace-carmes"): {
        "address": "12 cours des Exemples",
        "more": "Rez-de-chaussée, sonnette « Numérique »",
        "phone": "+33199000012",
        "email": "espace-carmes@example.org",
        "website": "https://example.org/espace-carmes",
        "hours": "lundi au vendredi : 9h-12h et 14h-17h30",
        "summary": "Ateliers en petit groupe et rendez-vous pour les démarches en ligne.",
        "services": (_ADMIN, _DAILY, _WORK, _SAFE, _ACCESS),
        "wifi": True,
        "step_free": True,
        "latitude": 44.9263,
        "longitude": 2.4401,
    },
    ("regie-numerique", "bus"): {
        "address": "Place du marché (arrêt du bus)",
        "postal_code": "15130",
        "town": "Arpajon-sur-Cère",
        "insee": "15012",
        "phone": "+33199000013",
        "hours": "mardi : 9h-12h",
        "summary": "Le bus s’arrête ici le mardi, jour de marché, et ailleurs les autres jours.",
        "services": (_ADMIN, _DAILY, _ACCESS),
        "wifi": True,
        "travels": True,
    },
    ("centre-trois-ponts", "accueil"): {
        "address": "3 rue des Trois-Ponts",
        "phone": "+33199000014",
        "hours": "lundi au vendredi : 9h-12h et 13h30-18h",
        "summary": "Premiers pas avec le téléphone et l’ordinateur, dans une maison de quartier.",
        "services": (_DAILY, _FAMILY, _ACCESS),
        "wifi": True,
    },
    ("centre-passerelle", "accueil"): {
        "address": "8 passage de la Démonstration",
        "phone": "+33199000015",
        "email": "accueil@example.org",
        "hours": "lundi, mardi et jeudi : 9h-12h et 14h-18h ; samedi : 9h30-12h",
        "summary": "Un atelier chaque semaine, et un café des écrans pour les parents le samedi.",
        "services": (_ADMIN, _DAILY, _SAFE, _FAMILY, _ACCESS),
        "wifi": True,
        "step_free": True,
    },
    ("centre-clef-des-champs", "grange"): {
        "address": "Le Bourg inventé",
        "postal_code": "15250",
        "town": "Jussac",
        "insee": "15083",
        "phone": "+33199000016",
        "hours": "mercredi : 14h-18h ; vendredi : 9h-12h",
        "summary": "À la campagne : ateliers, réparation d’appareils et ordinateurs remis en état.",
        "services": (_DAILY, _WORLD, _ACCESS, _CHEAP),
    },
    ("cci-demonstration", "formation"): {
        "address": "40 avenue des Métiers",
        "phone": "+33199000017",
        "hours": "lundi au vendredi : 8h30-12h30 et 13h30-17h",
        "summary": "Formations pour qui travaille ou cherche un emploi ; inscription par téléphone.",
        "services": (_WORK, _SAFE, _ACCESS),
        "access": ("Téléphoner", "Contacter par mail"),
        "email": "formation@example.org",
        "free": False,
        "step_free": True,
    },
}


def make_cards(register: Register, *, actor: str) -> None:
    """Write the cards of all open places. Raises `PassportError`."""
    for (body, place), said in _CARDS.items():
        members = {**_IN_TOWN, **said, "siret": _NO_SIRET, "hours": read_hours(said["hours"])}
        members["summary"] = f"{said['summary']} {_SAID}"
        put_card(register, body, place, PlaceCard(**members), actor=actor)
