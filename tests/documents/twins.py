"""A twin read back: the words that a reader hears, and whatever is not plain text."""

from __future__ import annotations

from html.parser import HTMLParser

_SILENT = frozenset({"head", "svg"})  # the title of the symbol is its alternative, no word of the print
# Initials and blocks are for the eye, in the print too.
_ASIDE = ("aria-hidden", "true")


class Heard(HTMLParser):
    """Collects the words of the body, and every element and attribute."""

    def __init__(self, html: bytes) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._silent: list[str] = []
        self.feed(html.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in _SILENT or _ASIDE in attrs:
            self._silent.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.parts).split())
