"""What the pages of a workshop share: its head, its four steps, its prints.

Decided here: that every page of a workshop is asked for with the bodies of the trainer, so that another
body's workshop is one that does not exist; that a print is shown in the browser and kept by nobody. Left to
others: each page (the modules beside this one), what is done (`issuer.workshop`).
"""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import Response

from issuer.register.bodies import body_and_place
from issuer.staff.roles import Role
from issuer.web.desk.frame import HEADERS, page
from issuer.web.desk.visit import Visit
from issuer.web.pages import page_words
from issuer.workshop.plans import Workshop, workshop
from passport.framework import framework
from passport.pages.catalogue import date_in_words, fill

__all__ = [
    "TRAINERS",
    "bodies_of",
    "head_of",
    "level_words",
    "pdf",
    "this_workshop",
    "words",
    "workshop_page",
]

TRAINERS: Final = frozenset({Role.TRAINER})

# A viewer of the browser draws the file with its own styles; nothing in a PDF of ours runs.
_PDF_POLICY: Final = (
    "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
)


def bodies_of(visit: Visit) -> frozenset[str]:
    """Return the bodies whose workshops the visitor holds: the scope of every query."""
    return visit.staff.bodies(Role.TRAINER)


def this_workshop(visit: Visit) -> Workshop:
    """Return the workshop of the address. Raises `RegisterError` (`unknown_workshop`)."""
    return workshop(visit.register, visit.path("workshop"), bodies=bodies_of(visit))


def workshop_page(visit: Visit, template: str, held: Workshop, **values: Any) -> Response:
    """Return a page of a workshop; `status` and the values of the template as `frame.page` takes them."""
    status = values.pop("status", 200)
    return page(visit, template, status=status, head=head_of(visit, held), **values)


def head_of(visit: Visit, held: Workshop) -> dict[str, Any]:
    """Return what stands above every page of a workshop."""
    body, place = body_and_place(visit.register, held.body, held.place)
    known = framework(held.framework)
    return {
        "id": held.id,
        "path": f"/desk/workshops/{held.id}",
        "title": held.title,
        "day": date_in_words(held.held_on, visit.lang),
        "body": body,
        "place": place,
        "framework": known.title(visit.lang),
        "shown_as_level": known.shown_as_level,
        "competences": [(id_, known.competence(id_).label(visit.lang)) for id_ in held.competences],
        "is_over": held.closed_at is not None,
    }


def level_words(visit: Visit, framework_id: str, level: int | None) -> str:
    """Return a level in words, with its number where the framework shows one."""
    if level is None:
        return words(visit, "desk.workshop.no_level")
    known = framework(framework_id)
    label = known.level_label(level, visit.lang)
    if not known.shown_as_level:
        return label
    return words(visit, "desk.workshop.level", level=level, label=label)


def words(visit: Visit, key: str, **values: str | int) -> str:
    """Return one of our texts, filled."""
    return fill(page_words(visit.lang)[key], values, where=key)


def pdf(data: bytes, name: str) -> Response:
    """Return a print, shown in the browser. `name`: says what it is, and nobody's name."""
    headers = {
        **HEADERS,
        "Content-Disposition": f'inline; filename="{name}.pdf"',
        "Content-Security-Policy": _PDF_POLICY,
    }
    return Response(data, media_type="application/pdf", headers=headers)
