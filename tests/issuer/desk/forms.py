"""Reads the links and forms of a page as a browser would, for tests that follow all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

__all__ = ["PageForm", "PageReader", "read_page"]

_TYPED = frozenset({"text", "search", "email", "date", "number", "tel", "url", "password"})


@dataclass
class PageForm:
    """A form. `fixed`: what its page says (hidden, chosen); `typed`: what somebody writes; `files`."""

    method: str
    action: str
    fixed: dict[str, list[str]] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    def filled(self, text: str) -> dict[str, list[str]]:
        """Return the fields with the same text wherever somebody writes."""
        return {**self.fixed, **{name: [text] for name in self.typed}}

    def turned(self, text: str) -> dict[str, list[str]]:
        """Return the fields with the same text wherever somebody chooses, too; the token stays."""
        token = {name: value for name, value in self.fixed.items() if name == "csrf"}
        return {**{name: [text] for name in (*self.fixed, *self.typed)}, **token}


class PageReader(HTMLParser):
    """`links`: every address in the page; `forms`: every form; `title`."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[PageForm] = []
        self.title = ""
        self._open: PageForm | None = None
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self._in_title = tag == "title"
        self.links += [said[name] for name in ("href", "src", "action", "formaction") if name in said]
        if tag == "form":
            self._open = PageForm(said.get("method", "get").lower(), said.get("action", ""))
            self.forms.append(self._open)
        elif self._open is not None and said.get("name"):
            self._take(self._open, tag, said)

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False
        if tag == "form":
            self._open = None

    def handle_data(self, data: str) -> None:
        self.title += data if self._in_title else ""

    def _take(self, form: PageForm, tag: str, said: dict[str, str]) -> None:
        name, kind = said["name"], said.get("type", "text") if tag == "input" else tag
        if kind == "file":
            form.files.append(name)
        elif kind in _TYPED or kind == "textarea":
            form.typed.append(name)
        elif kind == "select":
            form.fixed.setdefault(name, [""])
        elif kind in {"checkbox", "hidden"}:
            form.fixed.setdefault(name, []).append(said.get("value", "on"))
        elif kind == "radio" or (kind == "button" and name not in form.fixed):
            form.fixed.setdefault(name, [said.get("value", "")])


def read_page(text: str) -> PageReader:
    """Return what is in a page."""
    reader = PageReader()
    reader.feed(text)
    reader.close()
    return reader


def texts_of(reader: PageReader) -> Iterator[str]:
    """Give everything of a page that a browser keeps in its history."""
    yield from reader.links
    yield reader.title
