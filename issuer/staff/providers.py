"""The providers of identity that a network trusts: OpenID Connect, ProConnect among them.

Decided here: `providers.json` in the data folder says which (none: no file); what each entry must hold; that
a secret stands in a file of its own that nobody else may read; and what ProConnect asks for by being it: no
parameter beyond its list (so no PKCE), levels of assurance through `claims`, a second factor always. A file
that is wrong is refused when the pages are made, not when somebody signs in.

    {"providers": [{"id": "proconnect", "kind": "proconnect", "name": "ProConnect",
      "issuer": "https://auth.example/api/v2", "client_id": "…", "client_secret_file": "proconnect.secret",
      "scopes": ["openid", "siret"], "sirets": ["21150014500013"]}]}

Left to others: the protocol (`oidc`), the sign-in (`federated`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from issuer.settings import SettingsError
from keys.files import read_private

__all__ = ["PROVIDERS_FILE", "Provider", "read_providers"]

PROVIDERS_FILE: Final = "providers.json"
_MAX_BYTES: Final = 65_536
_ID: Final = re.compile(r"[a-z][a-z0-9-]{0,30}")
_ISSUER: Final = re.compile(r"https://[a-z0-9.-]{1,200}(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]{0,200})?")
_LOCAL: Final = re.compile(r"http://(?:localhost|127\.0\.0\.1):[0-9]{1,5}(?:/[A-Za-z0-9._~/-]{0,200})?")
_WORD: Final = re.compile(r"[!-~]{1,200}")
_ALGORITHMS: Final = frozenset({"RS256", "ES256"})
_PROCONNECT: Final = "proconnect"
_KINDS: Final = (_PROCONNECT, "openid")
# Every level that means more than one factor (ProConnect, "acr").
_PROCONNECT_ACR: Final = ("eidas0-mfa", "eidas1-mfa", "eidas2", "eidas3")
_MEMBERS: Final = frozenset(
    {
        *("id", "kind", "name", "issuer", "client_id", "client_secret_file", "scopes", "acr_values"),
        *("algorithm", "sirets"),
    }
)


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider. `acr_values`: levels of which one must be reached. `sirets`: employers, empty for any."""

    id: str
    kind: str
    name: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scopes: tuple[str, ...] = ("openid",)
    acr_values: tuple[str, ...] = ()
    algorithm: str = "RS256"
    sirets: tuple[str, ...] = ()

    @property
    def takes_pkce(self) -> bool:
        """Whether a `code_challenge` may be sent (RFC 7636); ProConnect refuses what is not on its list."""
        return self.kind != _PROCONNECT

    @property
    def asks_userinfo(self) -> bool:
        """Whether more than the name of the person must be known: who employs them."""
        return bool(self.sirets)


def read_providers(folder: Path, *, is_demo: bool = False) -> dict[str, Provider]:
    """Return the providers of a data folder by id. `is_demo`: one on this machine may do without https.

    Raises `SettingsError` (`providers_file`).
    """
    path = folder / PROVIDERS_FILE
    try:
        with path.open("rb") as file:
            members = json.loads(file.read(_MAX_BYTES))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise _wrong(f"it cannot be read ({type(error).__name__})") from None
    if not isinstance(members, dict) or not isinstance(members.get("providers"), list):
        raise _wrong('expected {"providers": […]}')
    read = [_provider(folder, entry, is_demo=is_demo) for entry in members["providers"]]
    if len({one.id for one in read}) != len(read):
        raise _wrong("an id stands twice")
    return {one.id: one for one in read}


def _provider(folder: Path, entry: Any, *, is_demo: bool) -> Provider:
    if not isinstance(entry, dict) or not entry.keys() <= _MEMBERS:
        raise _wrong("an entry has members that are not known")
    kind = entry.get("kind", "openid")
    if kind not in _KINDS:
        raise _wrong(f"kind is one of {', '.join(_KINDS)}")
    issuer = _text(
        entry, "issuer", _ISSUER if not is_demo else re.compile(f"{_ISSUER.pattern}|{_LOCAL.pattern}")
    )
    acr = _words(entry, "acr_values") or (_PROCONNECT_ACR if kind == _PROCONNECT else ())
    if not acr:
        raise _wrong("acr_values names no level: a second factor must be asked for")
    scopes = _words(entry, "scopes") or ("openid",)
    if "openid" not in scopes:
        raise _wrong("scopes lack openid")
    algorithm = entry.get("algorithm", "RS256")
    if algorithm not in _ALGORITHMS:
        raise _wrong(f"algorithm is one of {', '.join(sorted(_ALGORITHMS))}")
    return Provider(
        id=_text(entry, "id", _ID),
        kind=kind,
        name=_text(entry, "name", re.compile(r"[^\x00-\x1f<>]{1,60}")),
        issuer=issuer,
        client_id=_text(entry, "client_id", _WORD),
        client_secret=_secret(
            folder, _text(entry, "client_secret_file", re.compile(r"[A-Za-z0-9._-]{1,80}"))
        ),
        scopes=scopes,
        acr_values=acr,
        algorithm=algorithm,
        sirets=_words(entry, "sirets"),
    )


def _text(entry: Mapping[str, Any], name: str, form: re.Pattern[str]) -> str:
    value = entry.get(name)
    if not isinstance(value, str) or form.fullmatch(value) is None:
        raise _wrong(f"{name} is missing or not of its form")
    return value


def _words(entry: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values = entry.get(name, [])
    if not isinstance(values, list) or not all(isinstance(v, str) and _WORD.fullmatch(v) for v in values):
        raise _wrong(f"{name} is not a list of words")
    return tuple(values)


def _secret(folder: Path, name: str) -> str:
    try:
        secret = read_private(folder / name).decode("ascii").strip()
    except (FileNotFoundError, ValueError):
        secret = ""
    if _WORD.fullmatch(secret) is None:
        raise _wrong(f"{name} is missing, or holds no secret")
    return secret


def _wrong(what: str) -> SettingsError:
    return SettingsError(
        f"{PROVIDERS_FILE}: {what}.", code="providers_file", hint="docs/operations.md shows an entry."
    )
