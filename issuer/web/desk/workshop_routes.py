"""The addresses of workshops, under ``/desk/workshops``; all of them are for trainers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.responses import Response

from issuer.register import Register
from issuer.web.desk import (
    workshop_grid,
    workshop_levels,
    workshop_list,
    workshop_page,
    workshop_papers,
    workshop_prints,
)
from issuer.web.desk.routes import DeskRoute
from issuer.web.desk.visit import Visit
from issuer.web.desk.workshop_frame import TRAINERS

__all__ = ["workshop_routes"]

_ALL: Final = "/desk/workshops"
_ONE: Final = "/desk/workshops/{workshop}"

_PAGES: Final[tuple[tuple[str, str, Callable[[Visit], Response]], ...]] = (
    ("GET", _ALL, workshop_list.workshops_page),
    ("GET", f"{_ALL}/new", workshop_list.new_page),
    ("POST", f"{_ALL}/new", workshop_list.create_workshop),
    ("GET", _ONE, workshop_page.this_page),
    ("POST", f"{_ONE}/find", workshop_page.find),
    ("POST", f"{_ONE}/add", workshop_page.add_known),
    ("POST", f"{_ONE}/new", workshop_page.add_new),
    ("POST", f"{_ONE}/off", workshop_page.remove),
    ("GET", f"{_ONE}/sign-in-sheet", workshop_prints.sign_in_sheet),
    ("GET", f"{_ONE}/blank-grid", workshop_prints.blank_grid),
    ("GET", f"{_ONE}/grid", workshop_grid.grid_page),
    ("POST", f"{_ONE}/grid", workshop_grid.save_grid),
    ("GET", f"{_ONE}/grid/{{person}}", workshop_grid.person_page),
    ("POST", f"{_ONE}/grid/{{person}}", workshop_grid.save_person),
    ("GET", f"{_ONE}/levels", workshop_levels.levels_page),
    ("POST", f"{_ONE}/levels", workshop_levels.confirm_levels),
    ("GET", f"{_ONE}/papers", workshop_papers.papers_page),
    ("POST", f"{_ONE}/print", workshop_papers.print_papers),
    ("POST", f"{_ONE}/handed", workshop_papers.hand_papers),
    ("POST", f"{_ONE}/undo", workshop_papers.undo_papers),
    ("POST", f"{_ONE}/participation", workshop_papers.print_participations),
)


def workshop_routes(register: Register) -> list[DeskRoute]:
    """Return every page of a workshop."""
    return [DeskRoute(method, path, answer, TRAINERS) for method, path, answer in _PAGES]
