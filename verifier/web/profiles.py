"""The page where a profile is made: what a post or a course asks for, as an address to keep.

What is decided here: one framework at a time, one list of levels a competence, no script, and that the
answer is an address that holds the whole profile (`verifier.profile`): nothing is kept on the server, and
nothing in it is about a person.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from passport.errors import MalformedError, PassportError
from passport.framework import Framework, Lang, framework, framework_ids
from verifier.details import level_in_words
from verifier.profile import Profile, make_profile
from verifier.web.frame import Frame, language_of, profile_of

__all__ = ["Profiles"]

_FIRST = "digcomp-3.0"


@dataclass(frozen=True, slots=True)
class Choice:
    """One competence to choose a level for. `chosen`: the level that stands there, 0 for none."""

    id: str
    label: str
    chosen: int


class Profiles:
    """The page ``/profil``."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the route of the page."""
        return [Route("/profil", self.page, methods=["GET"])]

    async def page(self, request: Request) -> Response:
        """Show the form; with choices in the address, go on to the profile that they make."""
        try:
            profile = profile_of(request)
            if profile is not None:
                return self._form(request, framework(profile.framework), profile)
            known = framework(request.query_params.get("cadre", _FIRST))
            if not any(c.id in request.query_params for c in known.competences):
                return self._form(request, known, None)
            levels = _levels(request, known)
            if not levels:
                return self._form(request, known, None, empty=True)
            made = make_profile(known, levels)
        except PassportError:
            # Whatever is wrong with it, the framework's name included: it came out of an address.
            return self._frame.error(request, MalformedError("The profile cannot be read.", code="profile"))
        lang = language_of(request)
        return RedirectResponse(f"/profil?lang={lang}&profil={made.text}", status_code=303)

    def _form(
        self, request: Request, known: Framework, profile: Profile | None, *, empty: bool = False
    ) -> Response:
        lang = language_of(request)
        return self._frame.page(
            request,
            "profile.html",
            status=422 if empty else 200,
            here="/profil",
            known=known,
            frameworks=[(one, framework(one).title(lang)) for one in framework_ids()],
            areas=_areas(known, profile, lang),
            steps=_steps(known, lang),
            address=f"{request.url.netloc}/v?profil={profile.text}" if profile else "",
            empty=empty,
        )


def _levels(request: Request, known: Framework) -> dict[str, int]:
    """Return the levels chosen; raise `MalformedError` for anything that no list of ours offers."""
    levels = {}
    for one in known.competences:
        chosen = request.query_params.get(one.id, "")
        if chosen and (len(chosen) != 1 or not chosen.isascii() or not chosen.isdigit()):
            raise MalformedError("The level is none.", code="profile")
        if chosen:
            levels[one.id] = int(chosen)
    return levels


def _areas(known: Framework, profile: Profile | None, lang: Lang) -> list[tuple[str, list[Choice]]]:
    levels = profile.levels if profile else {}
    return [
        (area.label(lang), [_choice(known, one, levels.get(one, 0), lang=lang) for one in area.competences])
        for area in known.areas
    ]


def _choice(known: Framework, competence: str, chosen: int, *, lang: Lang) -> Choice:
    return Choice(competence, known.competence(competence).label(lang), chosen)


def _steps(known: Framework, lang: Lang) -> list[tuple[int, str]]:
    return [(level, level_in_words(known, level, lang)) for level in sorted(known.level_labels)]
