"""A person's page: everything attested, the levels, what comes next and where; their file, papers, letters.

Decided here: what stands on the page. What is read from the register is read for the visitor's bodies alone;
a person of another body is a person who is not there. Left to others: acts on attestations (`people_acts`),
merging, exporting, erasing (`people_care`).
"""

from __future__ import annotations

from contextlib import suppress

from starlette.responses import RedirectResponse, Response

from issuer.channels.mail import MailSettings, queue_mail
from issuer.network.directory import places_attesting
from issuer.people.acting import one_fact
from issuer.people.editing import Details, change_details
from issuer.people.facts import facts_of
from issuer.people.files import IDENTITIES, PEOPLE_ROLES, person
from issuer.people.letters import letter
from issuer.people.looks import looks_of_person
from issuer.people.merging import count_same
from issuer.people.papers import KINDS, print_again
from issuer.people.standing import gesture_ratings, levels_of, next_steps, stage_reached
from issuer.register.bodies import body_names
from issuer.settings import SettingsError
from issuer.web.desk.frame import HEADERS, page, see_other
from issuer.web.desk.people_forms import (
    FIELDS,
    FieldError,
    day_of,
    day_said,
    file_answer,
    read_holder,
    scope,
    word_of,
)
from issuer.web.desk.people_view import (
    fact_view,
    level_groups,
    names_of,
    next_view,
    person_view,
    place_view,
)
from issuer.web.desk.routes import DeskRoute
from issuer.web.desk.visit import Visit
from issuer.web.problems import Problem
from passport.errors import PassportError
from passport.gestures import DIGCOMP
from passport.stages import stage_rule

__all__ = ["people_page_routes"]


def people_page_routes() -> list[DeskRoute]:
    """Return the pages."""
    base = "/desk/people/{person}"
    return [
        DeskRoute("GET", base, _show, PEOPLE_ROLES),
        DeskRoute("GET", f"{base}/edit", _edit, PEOPLE_ROLES),
        DeskRoute("POST", f"{base}/edit", _keep, PEOPLE_ROLES),
        DeskRoute("POST", f"{base}/print/{{attestation}}", _print, PEOPLE_ROLES),
        DeskRoute("POST", f"{base}/mail/{{attestation}}", _mail, PEOPLE_ROLES),
        DeskRoute("GET", f"{base}/letter/{{change}}", _letter, PEOPLE_ROLES),
    ]


def _show(visit: Visit) -> Response:
    register, bodies, lang, at = visit.register, scope(visit), visit.lang, visit.register.now()
    known, facts = facts_of(register, visit.path("person"), bodies=bodies)
    if known.id != visit.path("person"):  # merged into another since
        return RedirectResponse(f"/desk/people/{known.id}?lang={lang}", 303, HEADERS)
    names, levels = names_of(register), levels_of(facts, at=at)
    stage = stage_reached(levels)
    shown = [fact_view(fact, names, lang, at=at) for fact in facts]
    return page(
        visit,
        "people_one.html",
        person=person_view(known, names, lang),
        own=[view for view, fact in zip(shown, facts, strict=True) if fact.is_own],
        others=[view for view, fact in zip(shown, facts, strict=True) if not fact.is_own],
        groups=level_groups(levels, lang),
        stage=(stage.label(lang), stage.sentence(lang)) if stage else None,
        stage_rule=stage_rule(lang),
        steps=next_view(next_steps(levels, gesture_ratings(register, known.id, bodies=bodies)), lang),
        places=[place_view(one, lang) for one in places_attesting(register, DIGCOMP, first=bodies)],
        looks=[
            {
                "id": look.id,
                "asked": day_said(day_of(look.asked_at), lang),
                "outcome": look.outcome or "",
            }
            for look in looks_of_person(register, visit.staff, known.id)
        ],
        same=count_same(register, known, bodies=bodies),
        kinds=tuple(KINDS),
        mail_works=_mail_works(),
    )


def _edit(visit: Visit) -> Response:
    known = person(visit.register, visit.path("person"), bodies=scope(visit))
    shown = person_view(known, names_of(visit.register), visit.lang)
    body, identity = next(iter(known.identities.items()))
    typed = {name: str(shown[name]) for name in FIELDS if name != "identity"}
    return _form(visit, {**typed, "identity": identity, "body": body})


def _form(
    visit: Visit, typed: dict[str, str], *, wrong: dict[str, str] | None = None, status: int = 200
) -> Response:
    known = person(visit.register, visit.path("person"), bodies=scope(visit))
    names = body_names(visit.register)
    return page(
        visit,
        "people_edit.html",
        status=status,
        typed=typed,
        wrong=wrong or {},
        same=(),
        identities=IDENTITIES,
        bodies=[(slug, names[slug]) for slug in known.identities],
        person=known,
    )


def _keep(visit: Visit) -> Response:
    form = visit.form
    typed = {name: form.text(name) for name in (*FIELDS, "body")}
    known = person(visit.register, visit.path("person"), bodies=scope(visit))
    try:
        holder = read_holder(visit)
        details = Details(
            given_name=holder.given_name,
            family_name=holder.family_name,
            birthdate=holder.birthdate,
            email=typed["email"],
            body=typed["body"] or next(iter(known.identities)),
            identity=typed["identity"],
        )
        change_details(visit.register, known.id, details, bodies=scope(visit), actor=visit.staff.actor)
    except FieldError as error:
        return _form(visit, typed, status=422, wrong={error.field: word_of(error, visit.lang)})
    except PassportError as error:
        if error.code not in FIELDS:
            raise
        return _form(visit, typed, status=422, wrong={error.code: word_of(error, visit.lang)})
    return see_other(visit, f"/desk/people/{known.id}", done="person_changed")


def _print(visit: Visit) -> Response:
    bodies = scope(visit)
    _, fact = one_fact(visit.register, visit.path("person"), visit.path("attestation"), bodies=bodies)
    data, media_type = print_again(
        visit.register, fact.code, visit.form.text("kind"), actor=visit.staff.actor
    )
    return file_answer(data, media_type, "attestation.pdf", inline=True)


def _mail(visit: Visit) -> Response:
    if not _mail_works():
        raise Problem(404, "not_found", "Nothing is sent by mail here.")
    known, attestation = visit.path("person"), visit.path("attestation")
    queue_mail(visit.register, visit.staff, known, attestation)
    return see_other(visit, f"/desk/people/{known}", done="mail_queued")


def _mail_works() -> bool:
    """Tell whether a mail server is named, and the file of its password still there (the log says if not)."""
    with suppress(SettingsError):
        return MailSettings.of() is not None
    return False


def _letter(visit: Visit) -> Response:
    number = visit.path("change")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise Problem(404, "not_found", "There is no such letter.")
    data = letter(visit.register, visit.path("person"), int(number), bodies=scope(visit))
    return file_answer(data, "application/pdf", "lettre.pdf", inline=True)
