"""The providers of identity that pages offer, read once for a process.

Left to others: what a provider must be (`issuer.staff.providers`), what its buttons do (`provider_pages`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from issuer.register import Register
from issuer.staff.providers import Provider, read_providers
from issuer.web.desk.visit import Visit

__all__ = ["offered", "providers_of"]


@cache
def _providers(folder: Path, is_demo: bool) -> Mapping[str, Provider]:
    return read_providers(folder, is_demo=is_demo)


def providers_of(register: Register) -> Mapping[str, Provider]:
    """Return the providers of a network by id. Raises `SettingsError` (`providers_file`)."""
    return _providers(register.settings.folder, register.scheme.is_demo)


def offered(visit: Visit) -> list[tuple[str, str]]:
    """Return the providers that a page offers: id and name."""
    return [(one.id, one.name) for one in providers_of(visit.register).values()]
