"""Which terms a document may use: the contexts that are known here, and what they define where.

Decided here: the registry of contexts (bundled files; an unknown one is a fault and is never fetched), and
the part of JSON-LD 1.1 that tells a mapped term from an unmapped one: contexts in order, type-scoped contexts
(for their own object only), property-scoped contexts, `null`, protected terms, `@vocab`. Values are never
expanded: this is a check of names, not a JSON-LD processor. What would need one (`@import`, `@base`, reverse
and nested properties) is refused in a context written into the document.

Left to others: what the terms mean. Sources: VCDM 2.0 sections 4.3, 4.5, 5.2 and B.1; JSON-LD 1.1, section
4.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import Final

from passport.limits import LIMITS
from schemas import read_json

__all__ = [
    "CREDENTIALS_V2",
    "OPEN_BADGES",
    "OPEN_BADGES_EXTENSIONS",
    "UNDEFINED_TERMS",
    "ContextError",
    "Definition",
    "Terms",
    "bundled_contexts",
    "check_written",
]

CREDENTIALS_V2: Final = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES: Final = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
OPEN_BADGES_EXTENSIONS: Final = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
UNDEFINED_TERMS: Final = "https://www.w3.org/ns/credentials/undefined-terms/v2"

Definition = Mapping[str, object]
_FILES: Final = {
    CREDENTIALS_V2: "contexts/credentials-v2.json",
    OPEN_BADGES: "contexts/open-badges-3.0.3.json",
}
_MAY_SAY: Final = frozenset(
    {"@id", "@type", "@container", "@context", "@protected", "@language", "@direction"}
)
_MAY_SET: Final = frozenset({"@vocab", "@version", "@protected"})


class ContextError(Exception):
    """A context cannot be used: `code` is the code of the fault, the text its sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@cache
def bundled_contexts() -> Mapping[str, Definition]:
    """Return the contexts that come with this package, by their URL."""
    known: dict[str, Definition] = {url: read_json(file)["@context"] for url, file in _FILES.items()}
    known[OPEN_BADGES_EXTENSIONS] = {
        # The terms of the published file that this package uses; their addresses are its own.
        "1EdTechJsonSchemaValidator2019": {
            "@id": "https://purl.imsglobal.org/spec/vccs/v1p0/context.json#1EdTechJsonSchemaValidator2019"
        }
    }
    known[UNDEFINED_TERMS] = {"@vocab": "https://www.w3.org/ns/credentials/undefined-term#"}
    return MappingProxyType(known)


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms that are mapped at one place of a document. Immutable: `with_…` give another one.

    `open`: a vocabulary takes every other name. `partial`: a context was not usable, so that nothing can
    be said of the names that are not in `mapped`.
    """

    mapped: Mapping[str, object]
    open: bool = False
    partial: bool = False

    def knows(self, name: str) -> bool:
        """Tell whether a name means something here, or whether that cannot be told."""
        return self.open or self.partial or self.mapped.get(name) is not None

    def kind_of(self, name: str) -> object:
        """Return the `@type` of a term: ``@json`` values are data of their own and are not looked into."""
        term = self.mapped.get(name)
        return term.get("@type") if isinstance(term, Mapping) else None

    def means(self, name: str) -> object:
        """Return the identifier that a term is mapped to, or None."""
        term = self.mapped.get(name)
        return term.get("@id") if isinstance(term, Mapping) else term

    def incomplete(self) -> Terms:
        """Return the same terms, saying that there may be others."""
        return replace(self, partial=True)

    def with_context(self, context: object, *, may_override: bool = False) -> Terms:
        """Return these terms with those of one context added; `None` clears them.

        `may_override`: a property-scoped context may give a protected term another meaning (JSON-LD 1.1
        section 4.1.11). Raises `ContextError` (`context_form`, `term_redefined`).
        """
        if context is None:
            if not may_override and any(_is_protected(term) for term in self.mapped.values()):
                raise ContextError("term_redefined", "A context of null would drop protected terms.")
            return Terms({})
        if not isinstance(context, Mapping):
            raise ContextError("context_form", "A context is neither a URL nor an object.")
        mapped = dict(self.mapped)
        for name, term in context.items():
            if not name.startswith("@"):
                added = _defined(name, term, protected=context.get("@protected") is True)
                _check_protection(name, mapped.get(name), added, may_override=may_override)
                mapped[name] = added
        vocabulary = context.get("@vocab", "" if not self.open else "kept")
        return Terms(mapped, open=bool(vocabulary), partial=self.partial)

    def for_types(self, types: list[str]) -> Terms:
        """Return the terms inside an object of these types: their scoped contexts, in order of name."""
        inside = self
        for name in sorted(set(types)):
            term = self.mapped.get(name)
            if isinstance(term, Mapping) and "@context" in term:
                inside = inside.with_context(term["@context"])
        return inside

    def below(self, name: str, outside: Terms) -> Terms:
        """Return the terms of the values of property `name`, a property of the object that `self` is for.

        `outside`: the terms around that object. Type-scoped contexts end with their object, the property's
        own context is added to what was before them (JSON-LD 1.1 API section 5.1.2, steps 7 and 8).
        """
        term = self.mapped.get(name)
        if isinstance(term, Mapping) and "@context" in term:
            return outside.with_context(term["@context"], may_override=True)
        return outside


def check_written(context: object) -> None:
    """Refuse what a context in the document itself may not say. Raises `ContextError` (`context_form`)."""
    if not isinstance(context, Mapping):
        raise ContextError("context_form", "A context is neither a URL nor an object.")
    if len(context) > LIMITS.context_terms:
        raise ContextError("context_form", "A context in the document defines too many terms.")
    for name, term in context.items():
        if name.startswith("@"):
            if name not in _MAY_SET:
                raise ContextError("context_form", f"A context in the document sets {name[:20]}.")
            continue
        if not isinstance(term, str | Mapping | None) or (
            isinstance(term, Mapping) and not term.keys() <= _MAY_SAY
        ):
            raise ContextError("context_form", f"The term {name[:60]!r} is not plainly defined.")
        scoped = term.get("@context") if isinstance(term, Mapping) else None
        if scoped is not None:
            check_written(scoped)


def _defined(name: str, term: object, *, protected: bool) -> object:
    """Return a term as an object, with its own word on protection or that of its context."""
    if term is None:
        return None
    said: dict[str, object] = dict(term) if isinstance(term, Mapping) else {"@id": term}
    said.setdefault("@id", name)
    said.setdefault("@protected", protected)
    return MappingProxyType(said)


def _is_protected(term: object) -> bool:
    return isinstance(term, Mapping) and term.get("@protected") is True


def _check_protection(name: str, old: object, new: object, *, may_override: bool) -> None:
    if may_override or not isinstance(old, Mapping) or not _is_protected(old):
        return
    same = isinstance(new, Mapping) and _without_protection(old) == _without_protection(new)
    if not same:
        raise ContextError("term_redefined", f"The protected term {name[:60]!r} is given another meaning.")


def _without_protection(term: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in term.items() if key != "@protected"}
