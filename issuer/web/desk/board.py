"""The régie's board: plots with their tables, and what needs care. Nobody is named, no small group is shown.

Left to others: counting (`issuer.board.counting`), drawing (`issuer.board.plots`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from markupsafe import Markup
from starlette.responses import Response

from issuer.board.care import Care, cares, checked_at
from issuer.board.counting import MINIMUM, Board, board, count_again
from issuer.board.plots import bars
from issuer.register.bodies import body_names
from issuer.staff.roles import Role
from issuer.web.desk.frame import page, see_other
from issuer.web.desk.routes import DeskRoute
from issuer.web.desk.visit import Visit
from issuer.web.pages import page_words
from passport.errors import PassportError
from passport.framework import Lang, framework
from passport.pages.catalogue import date_in_words, fill

__all__ = ["board_routes"]

_READERS: Final = frozenset({Role.AGENCY, Role.AUDITOR})

Rows = list[tuple[str, int | None]]


def board_routes() -> list[DeskRoute]:
    """Return ``/desk/board``."""
    return [
        DeskRoute("GET", "/desk/board", _show, _READERS),
        DeskRoute("POST", "/desk/board", _count, _READERS),
    ]


def _count(visit: Visit) -> Response:
    count_again(visit.register)
    return see_other(visit, "/desk/board", done="counted")


def _show(visit: Visit) -> Response:
    counted, lang = board(visit.register), visit.lang
    checked = checked_at(visit.register)
    few, tables = page_words(lang)["desk.board.few"], _tables(visit, counted)
    return page(
        visit,
        "board.html",
        wide=True,
        people=few if counted.people is None else str(counted.people),
        made=_day(counted.made_at, lang),
        hour=datetime.fromtimestamp(counted.made_at, tz=UTC).astimezone().strftime("%H:%M"),
        minimum=MINIMUM,
        checked=_day(checked, lang) if checked is not None else "",
        tables=[_table(key, rows, few) for key, rows in tables if _says(rows)],
        hidden=[key for key, rows in tables if rows and not _says(rows)],
        cares=[_told(care, lang) for care in cares(visit.register)],
    )


def _says(rows: Rows) -> bool:
    return any(value is not None for _, value in rows)


def _tables(visit: Visit, counted: Board) -> list[tuple[tuple[str, Mapping[str, Any]], Rows]]:
    lang = visit.lang
    names = body_names(visit.register)
    found: list[tuple[tuple[str, Mapping[str, Any]], Rows]] = [
        (("months", {}), [(_month(month, lang), n) for month, n in counted.months.items()]),
        (("bodies", {}), [(names.get(slug, slug), n) for slug, n in counted.bodies.items()]),
        (("progress", {}), [(_month(month, lang), n) for month, n in counted.progress.items()]),
    ]
    for id_, areas in counted.levels.items():
        for area, by_level in areas.items():
            title, name = _named(id_, area, lang)
            level = page_words(lang)["desk.board.level"]
            rows = [(fill(level, {"level": n}, where=n), size) for n, size in by_level.items()]
            found.append((("levels", {"framework": title, "area": name}), rows))
    return found


def _table(key: tuple[str, Mapping[str, Any]], rows: Rows, few: str) -> dict[str, Any]:
    word, values = key
    told = [(label, few if value is None else str(value)) for label, value in rows]
    # The plot is made of numbers and of text that `bars` escapes.
    return {"word": word, "values": values, "rows": told, "plot": Markup(bars(rows, few=few))}  # noqa: S704


def _named(framework_id: str, area: str, lang: Lang) -> tuple[str, str]:
    try:
        known = framework(framework_id)
    except PassportError:
        return framework_id, area
    return known.title(lang), next((one.label(lang) for one in known.areas if one.id == area), area)


def _month(month: str, lang: Lang) -> str:
    return date_in_words(date.fromisoformat(f"{month}-01"), lang).partition(" ")[2]


def _day(instant: int, lang: Lang) -> str:
    return date_in_words(datetime.fromtimestamp(instant, tz=UTC).date(), lang)


def _told(care: Care, lang: Lang) -> str:
    text = page_words(lang)[f"desk.care.{care.code}"]
    values = {"who": care.who, "day": _day(care.at, lang) if care.at is not None else ""}
    return fill(
        text, {name: value for name, value in values.items() if f"{{{name}}}" in text}, where=care.code
    )
