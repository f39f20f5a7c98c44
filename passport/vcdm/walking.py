"""One walk through a document: contexts, types, names of members, identifiers and texts, wherever they are.

Decided here: what holds for every object of a document and not for one place of it: its types are mapped, its
members are mapped, its `id` is one URL, a `name` or `description` is a text, and nothing is written with raw
JSON-LD keywords. Left to others: which members must be there (`credential`, `presentation`), which terms a
context gives (`terms`). Sources: VCDM 2.0 sections 4.3 to 4.6 and 11.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from passport.vcdm.faults import Faults, objects_in, pointer
from passport.vcdm.terms import ContextError, Definition, Terms, check_written
from passport.vcdm.values import is_text, is_url

__all__ = ["JWT_CLAIMS", "types_of", "walk"]

JWT_CLAIMS: Final = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti"})
"""Registered claims that may stand beside the members of a credential (RFC 7519; VC-JOSE-COSE 3.1)."""

_TEXTS: Final = frozenset({"https://schema.org/name", "https://schema.org/description"})
_VALUE: Final = frozenset({"@value", "@language", "@direction", "@type"})


def types_of(node: Mapping[str, object]) -> list[str]:
    """Return the types of an object; an ill-formed `type` gives none."""
    value = node.get("type")
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]


def walk(document: Mapping[str, object], faults: Faults, *, known: Mapping[str, Definition]) -> None:
    """Note the faults of every object of `document`, the document itself included."""
    # Without its list of contexts nothing can be said of any name: that is one fault, not one for each.
    contexts = document.get("@context")
    start = Terms({}) if isinstance(contexts, list) and contexts else Terms({}).incomplete()
    _Walk(faults, known).enter(document, start, "", allowed=JWT_CLAIMS)


class _Walk:
    def __init__(self, faults: Faults, known: Mapping[str, Definition]) -> None:
        self._faults = faults
        self._known = known

    def enter(
        self,
        node: Mapping[str, object],
        outside: Terms,
        where: str,
        *,
        allowed: frozenset[str] = frozenset(),
    ) -> None:
        """Check one object and all below it; `allowed`: names that need no context."""
        if "@value" in node:
            self._value_object(node, where)
            return
        if "@context" in node:
            outside = self._with_contexts(outside, node["@context"], pointer(where, "@context"))
        inside = self._with_types(node, outside, where)
        for name, value in node.items():
            at = pointer(where, name)
            if name == "id":
                if not is_url(value):
                    self._faults.add("id_form", at, "An id is not one absolute URL.", "VCDM 2.0 4.4")
            elif name not in ("@context", "type"):
                if name not in allowed:
                    self._name(name, value, inside, at)
                self._below(name, value, inside, outside, at)

    def _value_object(self, node: Mapping[str, object], where: str) -> None:
        if not node.keys() <= _VALUE or isinstance(node["@value"], dict | list):
            self._faults.add(
                "value_object", where, "A value object has a member that none has.", "VCDM 2.0 11.1"
            )

    def _with_contexts(self, terms: Terms, value: object, where: str) -> Terms:
        for item, at in objects_in(value, where):
            try:
                terms = terms.with_context(self._context(item))
            except ContextError as error:
                self._faults.add(error.code, at, str(error), "VCDM 2.0 4.3")
                terms = terms.incomplete()
        return terms

    def _context(self, item: object) -> Definition:
        if not isinstance(item, str):
            check_written(item)
            assert isinstance(item, Mapping)  # noqa: S101  just checked; tells the type checker
            return item
        if item not in self._known:
            code = "context_unknown" if is_url(item) else "context_form"
            raise ContextError(code, f"The context {item[:200]!r} is not known here; none is fetched.")
        return self._known[item]

    def _with_types(self, node: Mapping[str, object], outside: Terms, where: str) -> Terms:
        types, at = types_of(node), pointer(where, "type")
        if "type" in node:
            count = len(node["type"]) if isinstance(node["type"], list) else 1
            if not types or len(types) != count:
                self._faults.add("type_form", at, "A type is not one or more strings.", "VCDM 2.0 4.5")
            for name in types:
                if not (outside.knows(name) or is_url(name)):
                    message = f"The type {name[:100]!r} is neither mapped nor a URL."
                    self._faults.add("type_unmapped", at, message, "VCDM 2.0 4.5")
        try:
            return outside.for_types(types)
        except ContextError as error:
            self._faults.add(error.code, at, str(error), "VCDM 2.0 5.2")
            return outside.incomplete()

    def _name(self, name: str, value: object, inside: Terms, at: str) -> None:
        if name.startswith("@"):
            message = f"The keyword {name[:20]!r} stands where a term must."
            self._faults.add("keyword_unexpected", at, message, "VCDM 2.0 6.1")
        elif not (inside.knows(name) or is_url(name)):
            message = f"The member {name[:100]!r} is mapped by no context of the document."
            self._faults.add("term_unmapped", at, message, "VCDM 2.0 5.2")
        elif inside.means(name) in _TEXTS and not is_text(value):
            message = f"{name[:20]} is neither a string nor a text with a language and a direction alone."
            self._faults.add("text_form", at, message, "VCDM 2.0 4.6, 11.1")

    def _below(self, name: str, value: object, inside: Terms, outside: Terms, at: str) -> None:
        if inside.kind_of(name) == "@json" or inside.means(name) in _TEXTS:
            return
        try:
            terms = inside.below(name, outside)
        except ContextError as error:
            self._faults.add(error.code, at, str(error), "VCDM 2.0 5.2")
            terms = outside.incomplete()
        self._items(value, terms, at)

    def _items(self, value: object, terms: Terms, where: str) -> None:
        if isinstance(value, dict):
            self.enter(value, terms, where)
        elif isinstance(value, list):
            for number, item in enumerate(value):
                self._items(item, terms, pointer(where, number))
