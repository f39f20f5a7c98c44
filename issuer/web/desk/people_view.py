"""What a page shows of a person, as plain values in the reader's language. Nothing is decided but words.

Left to others: what may be seen (`issuer.people`), where it stands (the templates).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from issuer.network.directory import ListedPlace
from issuer.people.acting import acts_for
from issuer.people.facts import Fact
from issuer.people.files import Person
from issuer.people.standing import Level, Next
from issuer.register import Register
from issuer.store import bodies as body_store
from issuer.web.desk.people_forms import day_of, day_said
from issuer.web.directory import hours_in_words, phone_in_words
from passport.framework import Framework, Lang, framework
from passport.status import Status
from passport.typed_code import format_code

__all__ = [
    "Names",
    "fact_view",
    "level_groups",
    "level_words",
    "names_of",
    "next_view",
    "person_view",
    "place_view",
    "skills_of",
]

UNDO_SECONDS: Final = 15 * 60

Names = tuple[Mapping[str, str], Mapping[tuple[str, str], str]]
"""Names of bodies by slug, and of places by body and id."""


def names_of(register: Register) -> Names:
    """Return the names that pages about people show."""
    with register.reading() as session:
        return body_store.names_with_places(session)


def person_view(person: Person, names: Names, lang: Lang) -> dict[str, Any]:
    """Return who somebody is."""
    return {
        "id": person.id,
        "name": person.holder.full_name,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "born": day_said(person.birthdate, lang),
        "birthdate": person.birthdate.isoformat() if person.birthdate else "",
        "email": person.email or "",
        "identities": [(names[0][body], identity) for body, identity in person.identities.items()],
    }


def skills_of(fact: Fact, lang: Lang) -> list[dict[str, str]]:
    """Return what an attestation says of each competence, in words."""
    said = fact.attestation
    known = framework(said.framework)
    return [
        {
            "id": id_,
            "label": known.competence(id_).label(lang),
            "level": level_words(known, level, lang),
            "sentence": known.sentence(id_, level, lang=lang, person="third"),
        }
        for id_, level in said.levels.items()
    ]


def level_words(known: Framework, level: int, lang: Lang) -> str:
    """Return a level by its number, where people see one, and its name."""
    label = known.level_label(level, lang)
    return f"{level} · {label}" if known.shown_as_level and not label.startswith(str(level)) else label


def fact_view(fact: Fact, names: Names, lang: Lang, *, at: int) -> dict[str, Any]:
    """Return one attestation, with what became of it and what may be done to it."""
    said = fact.attestation
    expired = said.expires_at is not None and at >= said.expires_at
    state = "expired" if expired and fact.status is Status.VALID else fact.status.name.lower()
    return {
        "id": fact.id,
        "code": format_code(fact.code),
        "name": said.holder.full_name,
        "title": framework(said.framework).title(lang),
        "framework": said.framework,
        "day": day_said(said.assessed_on, lang),
        "body": names[0].get(fact.body, ""),
        "place": names[1].get((fact.body, said.place or ""), ""),
        "method": said.method.value,
        "state": state,
        "skills": skills_of(fact, lang),
        "acts": [act.value for act in acts_for(fact)],
        "may_undo": fact.is_own and fact.status is Status.VALID and 0 <= at - said.issued_at < UNDO_SECONDS,
        "printed": day_said(day_of(fact.printed_at), lang) if fact.printed_at is not None else "",
        "follows": next(iter(fact.follows), ""),
        "followed_by": next(iter(fact.followed_by), ""),
        "changes": [
            {
                "id": change.id,
                "day": day_said(day_of(change.at), lang),
                "state": "restored" if change.after is Status.VALID else change.after.name.lower(),
                "reason": change.reason or "",
            }
            for change in fact.changes
        ],
    }


def level_groups(levels: Sequence[Level], lang: Lang) -> list[dict[str, Any]]:
    """Return the levels that count, by framework: for the picture and for the table beside it."""
    groups = []
    for id_, members in groupby(levels, key=lambda level: level.framework):
        known = framework(id_)
        groups.append(
            {
                "title": known.title(lang),
                "is_picture": known.shown_as_level,
                "highest": known.max_level,
                "rows": [
                    {
                        "id": one.competence,
                        "label": known.competence(one.competence).label(lang),
                        "level": one.level,
                        "words": level_words(known, one.level, lang),
                        "sentence": known.sentence(one.competence, one.level, lang=lang, person="third"),
                        "day": day_said(one.assessed_on, lang),
                    }
                    for one in members
                ],
            }
        )
    return groups


def next_view(steps: Sequence[Next], lang: Lang) -> list[dict[str, Any]]:
    """Return what comes next, in words."""
    known = framework("digcomp-3.0")
    return [
        {
            "label": known.competence(step.competence).label(lang),
            "begun": step.begun,
            "gestures": [(one.label(lang), rating.value if rating else "") for one, rating in step.gestures],
        }
        for step in steps
    ]


def place_view(one: ListedPlace, lang: Lang) -> dict[str, Any]:
    """Return where somebody may go on, in words."""
    return {
        "key": one.key,
        "name": one.name,
        "body_name": one.body_name,
        "town": one.card.town,
        "hours": hours_in_words(one.card.hours, lang),
        "phone": phone_in_words(one.card.phone),
        "travels": one.card.travels,
    }
