"""The letter to the holder about a change of their attestation: dated, with the reason and the remedies.

Decided here: which words a change has (DOMAIN: withdrawing something that gave a person a benefit is an
administrative act; code des relations entre le public et l’administration, articles L211-2 and L211-5;
code de justice administrative, article R421-5: without the remedies the time to appeal does not run), whose
name stands on it (the file's, as today), and that the reason stands here and nowhere public. It is drawn from
the register whenever it is asked for; nothing of it is stored.

Left to others: the page (`passport.documents.letter`), the post.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from issuer.people.facts import Fact, fact_of, unknown_attestation
from issuer.people.files import Person, person_in
from issuer.register.bodies import RegisteredBody, body
from issuer.register.folder import Register
from issuer.store import facts as store
from issuer.store.tables import StatusChangeRow
from passport.documents.content import BodyLine
from passport.documents.letter import LetterContent, LetterPart, render_letter
from passport.framework import Lang, framework
from passport.pages.catalogue import Catalogue, catalogue, date_in_words
from passport.status import Status

__all__ = ["letter"]

_KINDS: Final = {
    Status.WITHDRAWN: "withdrawn",
    Status.SUSPENDED: "suspended",
    Status.VALID: "restored",
    Status.REPLACED: "replaced",
}
_APPEALABLE: Final = frozenset({"withdrawn", "suspended", "corrected"})


def letter(register: Register, person_id: str, change_id: int, *, bodies: frozenset[str]) -> bytes:
    """Return the letter about one change, as PDF.

    Raises `PassportError`: `unknown_person`, `unknown_attestation`, `glyph_missing`.
    """
    with register.reading() as session:
        person = person_in(session, person_id, bodies=bodies)
        change = store.change(session, change_id)
        if change is None:
            raise unknown_attestation()
        fact = fact_of(session, person.id, change.attestation_id, bodies=bodies)
    return render_letter(_content(register, person, fact, change))


def _kind(fact: Fact, change: StatusChangeRow) -> str:
    if change.after == Status.WITHDRAWN and "corrects" in fact.followed_by:
        return "corrected"
    return _KINDS[Status(change.after)]


def _content(register: Register, person: Person, fact: Fact, change: StatusChangeRow) -> LetterContent:
    scheme, owner = register.scheme, body(register, fact.body)
    lang: Lang = "en" if scheme.languages[:1] == ("en",) else "fr"
    words, kind = catalogue(lang), _kind(fact, change)
    dated = date_in_words(datetime.fromtimestamp(change.at, tz=UTC).astimezone().date(), lang)
    return LetterContent(
        lang=lang,
        title=words.text(f"letter.title.{kind}"),
        body=BodyLine(name=owner.name, place_name=None, logo_png=owner.logo_png),
        logo_alt=words.text("sheet.logo_alt", body=owner.name),
        specimen=words.text("sheet.specimen") if scheme.is_demo else "",
        recipient=words.text("letter.to", name=person.holder.full_name),
        dated=words.text("letter.dated", day=dated),
        parts=(
            LetterPart("", (_about(fact, owner, words), words.text(f"letter.act.{kind}", day=dated))),
            LetterPart(words.text("letter.why"), (change.reason or words.text("letter.no_reason"),)),
            LetterPart(
                words.text("letter.means"),
                (words.text(f"letter.meaning.{kind}"), words.text("letter.nobody")),
            ),
            *_remedies(kind, owner, scheme.contact, words),
        ),
        signed=tuple(filter(None, (owner.signatory, owner.name))),
    )


def _about(fact: Fact, owner: RegisteredBody, words: Catalogue) -> str:
    said = fact.attestation
    known = framework(said.framework)
    labels = ", ".join(known.competence(id_).label(words.lang) for id_ in said.levels)
    day = date_in_words(said.assessed_on, words.lang)
    return words.text("letter.about", day=day, body=owner.name, competences=labels)


def _remedies(kind: str, owner: RegisteredBody, contact: str, words: Catalogue) -> list[LetterPart]:
    if kind not in _APPEALABLE:
        return [LetterPart("", (words.text("letter.contact", contact=contact),))]
    lines = (
        words.text("letter.talk", contact=contact),
        words.text("letter.ask_again", body=owner.name),
        words.text("letter.court"),
    )
    return [LetterPart(words.text("letter.remedies"), lines)]
