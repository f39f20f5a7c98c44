"""A credential baked into an SVG: one `<openbadges:credential verify="JWS">` right under the root.

Decided here: the element and its namespace (Open Badges 3.0, section 5.3.2) and a reader that gives a
hostile file nothing to work with: UTF-8 only, bounded bytes, depth, elements and attributes, no document type
(so no entity is ever declared or expanded, no DTD is ever named), no processing instruction (so no style
sheet), and no fetch of any kind. The parser is the standard library's expat with handlers that refuse; no
tree is built. A credential in a nested picture, a second one, or one with a text beside `verify` is refused:
two readers could take it for two different things.

Left to others: drawing (nothing here looks at shapes, links or scripts), the token (`passport.baking`).
"""

from __future__ import annotations

import re
from typing import Final, NoReturn
from xml.parsers import expat

from passport.baking import read_token
from passport.errors import MalformedError, UnsupportedError
from passport.limits import LIMITS

__all__ = ["bake_svg", "looks_like_svg", "read_svg"]

_NAMESPACE: Final = "https://purl.imsglobal.org/ob/v3p0"
_ROOT: Final = "http://www.w3.org/2000/svg svg"
_ELEMENT: Final = f"{_NAMESPACE} credential"
_PREFIX: Final = "openbadges"
_MARK: Final = b"\xef\xbb\xbf"
_LOOK: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|!|svg[\s:>/])")
# The start tag of the root: its attributes may hold ">" between quotes.
_START_TAG: Final = re.compile(rb"<(?:[^\"'>]|\"[^\"]*\"|'[^']*')*>")


def looks_like_svg(data: bytes) -> bool:
    """Tell whether `data` begins as an XML picture does, well formed or not."""
    return _LOOK.match(data) is not None


def bake_svg(picture: bytes, token: bytes) -> bytes:
    """Return `picture` with the credential as the first child of its root; nothing else changes.

    Raises `MalformedError`: `badge_broken` (not a plain SVG, or not a compact JWS), `badge_baked` (it
    carries a credential already), `too_big`.
    """
    read_token(token)
    found = _Reading(picture)
    if found.elements:
        raise MalformedError("The picture already carries a credential.", code="badge_baked")
    tag = _START_TAG.match(picture, found.root_at)
    if tag is None or tag.group().endswith(b"/>"):
        raise _broken("its root is empty")
    declared = "" if found.declared else f' xmlns:{_PREFIX}="{_NAMESPACE}"'
    element = f'<{_PREFIX}:credential verify="{token.decode("ascii")}"></{_PREFIX}:credential>'
    opened = tag.group()[:-1] + declared.encode() + b">" + element.encode()
    return picture[: tag.start()] + opened + picture[tag.end() :]


def read_svg(picture: bytes) -> bytes | None:
    """Return the token baked into `picture`, or None when none is.

    Raises `MalformedError` (`badge_broken`, `too_big`), `UnsupportedError` (`badge_embedded_proof`).
    """
    found = _Reading(picture)
    if not found.elements:
        return None
    if len(found.elements) > 1:
        raise _broken("it carries more than one credential")
    verify = found.elements[0]
    if verify is None:
        raise UnsupportedError(
            "The badge carries a credential without `verify`; expected a compact JWS there.",
            code="badge_embedded_proof",
        )
    return read_token(verify.encode("utf-8"))


class _Reading:
    """One pass over a picture: where its root begins, and the credentials in it."""

    def __init__(self, picture: bytes) -> None:
        self.elements: list[str | None] = []
        self.root_at = -1
        self.declared = False
        self._depth = self._count = 0
        self._inside = False
        self._parser = self._prepared()
        self._parse(picture)

    def _prepared(self) -> expat.XMLParserType:
        parser = expat.ParserCreate(encoding="UTF-8", namespace_separator=" ")
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.ExternalEntityRefHandler = self._refuse
        parser.SkippedEntityHandler = self._refuse
        parser.ProcessingInstructionHandler = self._refuse
        parser.StartNamespaceDeclHandler = self._namespace
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        return parser

    def _parse(self, picture: bytes) -> None:
        if len(picture) > LIMITS.svg_bytes:
            raise MalformedError(
                f"The picture has {len(picture)} bytes; expected at most {LIMITS.svg_bytes}.", code="too_big"
            )
        try:
            picture.decode("utf-8")
            self._parser.Parse(picture, True)
        except (expat.ExpatError, UnicodeDecodeError, ValueError):
            raise _broken("it is not well-formed XML in UTF-8") from None

    def _declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding is not None and encoding.lower() != "utf-8":
            raise _broken("its encoding is not UTF-8")

    def _refuse(self, *_: object) -> NoReturn:
        raise _broken("it has a document type, an entity or a processing instruction")

    def _namespace(self, prefix: str | None, uri: str) -> None:
        if prefix != _PREFIX:
            return
        if uri != _NAMESPACE:
            raise _broken(f"its prefix {_PREFIX} is of another namespace")
        self.declared = self.declared or self.root_at < 0

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._count += 1 + len(attributes)
        if self._depth > LIMITS.svg_depth or self._count > LIMITS.svg_nodes:
            raise _broken("it is nested too deep or has too many elements")
        if self._depth == 1:
            if name != _ROOT:
                raise _broken("its root is not svg")
            self.root_at = self._parser.CurrentByteIndex
        if self._inside:
            raise _broken("its credential holds elements")
        if name == _ELEMENT:
            if self._depth != 2:
                raise _broken("its credential is not directly under the root")
            self._inside = True
            self.elements.append(attributes.get("verify"))

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._inside = False

    def _text(self, text: str) -> None:
        if self._inside and self.elements[-1] is not None and text.strip():
            raise _broken("its credential holds a text beside `verify`")


def _broken(why: str) -> MalformedError:
    return MalformedError(f"The SVG badge cannot be read: {why}.", code="badge_broken")
