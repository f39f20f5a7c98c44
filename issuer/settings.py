"""Where the data folder is, how it is opened, and what a scheme says of itself.

Decided here: the environment variables that name folder, database and replica, the two that give each
passphrase (of the keys, of the seal), the file `scheme.json` and the two secret files of the folder. Left
to others: what lies in the folder (`issuer.register`), the keys (`keys.ring`). Nothing here makes a
folder, a key or a database.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from passport.errors import PassportError
from passport.limits import LIMITS
from passport.model import clean_name
from passport.trust.model import Scheme

__all__ = ["SchemeSettings", "Settings", "SettingsError", "read_passphrase", "read_seal_passphrase"]

SCHEME_FILE: Final = "scheme.json"
DATABASE_FILE: Final = "register.sqlite3"
_KINDS: Final = ("residents", "companies", "demo")
_LIST_SIZES: Final = tuple(
    LIMITS.status_min_entries << step
    for step in range((LIMITS.status_max_entries // LIMITS.status_min_entries).bit_length())
)
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
_URL: Final = re.compile(r"https?://[a-z0-9.-]{1,200}(?::[0-9]{1,5})?")
_PAGE: Final = re.compile(r"https?://[a-z0-9.-]{1,200}(?::[0-9]{1,5})?/[a-z0-9/_-]{1,60}")


class SettingsError(PassportError):
    """A setting is missing or not of its form."""

    default_code = "settings"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where everything is. `database_url`: SQLAlchemy's form; SQLite in the folder by default.

    `replica_url`: a PostgreSQL server that follows the database and is read where that will do; "": none.
    """

    folder: Path
    database_url: str = field(repr=False)  # it may hold a password
    replica_url: str = field(default="", repr=False)

    @classmethod
    def of(cls, folder: Path | None = None) -> Settings:
        """Return the settings of `folder`, or of the one that ``PASSPORT_DIR`` names.

        ``PASSPORT_DATABASE_URL`` names another database than the file in the folder,
        ``PASSPORT_DATABASE_REPLICA_URL`` a replica of it.
        Raises `SettingsError` (`folder_missing`) when neither names a folder. The folder need not exist.
        """
        if folder is None:
            named = os.environ.get("PASSPORT_DIR", "")
            if not named:
                raise SettingsError(
                    "No data folder was named.",
                    code="folder_missing",
                    hint="Give it as an argument or in PASSPORT_DIR.",
                )
            folder = Path(named)
        folder = folder.absolute()
        url = os.environ.get("PASSPORT_DATABASE_URL", "") or f"sqlite:///{folder / DATABASE_FILE}"
        replica = os.environ.get("PASSPORT_DATABASE_REPLICA_URL", "")
        return cls(folder=folder, database_url=url, replica_url=replica)


def read_passphrase() -> bytes:
    """Return the passphrase of the private keys.

    It stands in ``PASSPORT_PASSPHRASE`` or in the file that ``PASSPORT_PASSPHRASE_FILE`` names.
    Raises `SettingsError`: `passphrase_missing` when neither is set (or what is set is empty),
    `passphrase_file` when the file cannot be read or others may read it. One line end is taken off a file.
    """
    return _passphrase(
        "PASSPORT_PASSPHRASE", "PASSPORT_PASSPHRASE_FILE", prefix="", opens="The private keys are"
    )


def read_seal_passphrase() -> bytes:
    """Return the passphrase of the electronic seal.

    As `read_passphrase`, from ``PASSPORT_SEAL_PASSPHRASE`` or the file that ``PASSPORT_SEAL_PASSPHRASE_FILE``
    names. Raises `SettingsError`: `seal_passphrase_missing`, `seal_passphrase_file`.
    """
    return _passphrase(
        "PASSPORT_SEAL_PASSPHRASE",
        "PASSPORT_SEAL_PASSPHRASE_FILE",
        prefix="seal_",
        opens="The file of the seal is",
    )


def _passphrase(variable: str, file_variable: str, *, prefix: str, opens: str) -> bytes:
    spoken = os.environ.get(variable, "")
    if spoken:
        return spoken.encode()
    missing = f"Neither {variable} nor {file_variable} is set."
    named = os.environ.get(file_variable, "")
    if named:
        passphrase = _read_passphrase_file(
            Path(named), variable=file_variable, code=f"{prefix}passphrase_file"
        )
        if passphrase:
            return passphrase
        missing = f"The file named by {file_variable} is empty."
    raise SettingsError(
        missing, code=f"{prefix}passphrase_missing", hint=f"{opens} encrypted with this passphrase."
    )


def _read_passphrase_file(path: Path, *, variable: str, code: str) -> bytes:
    try:
        if path.stat().st_mode & 0o007:
            raise SettingsError(
                "The file of the passphrase can be read by anyone on this machine.",
                code=code,
                hint=f"Run: chmod 600 {path}",
            )
        return path.read_bytes().removesuffix(b"\n").removesuffix(b"\r")
    except OSError as error:
        raise SettingsError(
            f"The file of the passphrase cannot be read: {error.strerror}.",
            code=code,
            hint=f"{variable} names it.",
        ) from None


@dataclass(frozen=True, slots=True)
class SchemeSettings:
    """What a scheme says of itself, kept in `scheme.json`; validated when made.

    `kind`: ``residents``, ``companies`` or ``demo`` (everything is then a specimen). `url`:
    ``https://HOST`` without a slash (``http`` only for a demo). `verify_url`: the page that the QR
    opens, ``https://HOST/v`` by default, possibly of another domain. `validity_days`: framework id →
    days; a framework that is not there has no end. `status_list_entries`: the size of status lists that are
    begun from now on, a power of two from 131,072 to 1,048,576. `seal`: the PKCS#12 file of the electronic
    seal, by its path from the data folder; empty where prints carry none. `attestation_years`,
    `register_years`: how long somebody is kept after they were last seen, and how much longer their file
    (`issuer.people.retention`). Raises `SettingsError`: `scheme_*`.
    """

    name: str
    kind: str
    url: str
    contact: str
    languages: tuple[str, ...] = ("fr",)
    verify_url: str = ""
    validity_days: Mapping[str, int] = field(default_factory=dict)
    status_list_entries: int = LIMITS.status_min_entries
    seal: str = ""
    attestation_years: int = 3
    register_years: int = 2

    def __post_init__(self) -> None:
        if not self.verify_url:
            object.__setattr__(self, "verify_url", f"{self.url}/v")
        object.__setattr__(self, "languages", tuple(self.languages))
        _check_scheme(self)

    @property
    def is_demo(self) -> bool:
        """Whether everything of this scheme is a specimen, without value."""
        return self.kind == "demo"

    @property
    def issuer_prefix(self) -> str:
        """``https://HOST/o/``: the scheme speaks for issuers under it, and for no other."""
        return f"{self.url}/o/"

    def issuer(self, slug: str) -> str:
        """Return the identifier of a body."""
        return self.issuer_prefix + slug

    def status_prefix(self, slug: str) -> str:
        """Return the address under which all status lists of a body lie."""
        return f"{self.url}/status/{slug}."

    def as_scheme(self) -> Scheme:
        """Return the scheme as the trust list says it."""
        return Scheme(
            name=self.name,
            kind=self.kind,
            url=self.url,
            issuer_prefix=self.issuer_prefix,
            contact=self.contact,
            languages=self.languages,
        )

    @classmethod
    def read(cls, folder: Path) -> SchemeSettings:
        """Return the settings in the folder's `scheme.json`. Raises `SettingsError` (`scheme_file`)."""
        path = folder / SCHEME_FILE
        try:
            members: dict[str, Any] = json.loads(path.read_text("utf-8"))
            return cls(**members)
        except (OSError, ValueError, TypeError) as error:
            raise SettingsError(
                f"{path} cannot be read ({type(error).__name__}).",
                code="scheme_file",
                hint="A data folder is made by `passport init`.",
            ) from None

    def write(self, folder: Path) -> None:
        """Write `scheme.json`; an existing one is kept and refused (`FileExistsError`)."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1)
        with (folder / SCHEME_FILE).open("x", encoding="utf-8") as file:
            file.write(text + "\n")


def _check_scheme(scheme: SchemeSettings) -> None:
    if not 1 <= len(scheme.name) <= LIMITS.name_chars or scheme.name != clean_name(scheme.name):
        raise SettingsError("The scheme's name is empty, too long or has double spaces.", code="scheme_name")
    if not _is_line(scheme.name):
        raise SettingsError("The scheme's name has characters that cannot be printed.", code="scheme_name")
    if scheme.kind not in _KINDS:
        raise SettingsError(f"The kind of a scheme is one of {', '.join(_KINDS)}.", code="scheme_kind")
    if _URL.fullmatch(scheme.url) is None or _PAGE.fullmatch(scheme.verify_url) is None:
        raise SettingsError(
            "The address of the scheme or of its checking page is not well formed.",
            code="scheme_url",
            hint="Expected https://host without a slash at the end, and https://host/v.",
        )
    if not scheme.is_demo and not (
        scheme.url.startswith("https:") and scheme.verify_url.startswith("https:")
    ):
        raise SettingsError("Only a demo may use an address without https.", code="scheme_url")
    languages = all(isinstance(code, str) and _LANGUAGE.fullmatch(code) for code in scheme.languages)
    if not _is_line(scheme.contact) or not scheme.languages or not languages:
        raise SettingsError(
            "A scheme has at least one language, and a contact.",
            code="scheme_contact",
            hint=f"Expected a printable line of 1 to {LIMITS.url_chars} characters, and codes like fr.",
        )
    _check_validity(scheme.validity_days)
    if type(scheme.status_list_entries) is not int or scheme.status_list_entries not in _LIST_SIZES:
        raise SettingsError(
            "The size of status lists is not one of those there are.",
            code="scheme_status_list",
            hint=f"Expected status_list_entries {', '.join(str(size) for size in _LIST_SIZES)}.",
        )
    years = (scheme.attestation_years, scheme.register_years)
    if not all(type(count) is int and 0 <= count <= 50 for count in years) or not years[0]:
        raise SettingsError("The years for which people are kept are not right.", code="scheme_years")
    if scheme.seal and not _is_line(scheme.seal):
        raise SettingsError("The seal is the path of a file, or an empty text.", code="scheme_seal")


def _is_line(text: object) -> bool:
    """Tell whether it is a text that can be printed as it stands; French has no-break spaces in it."""
    if not isinstance(text, str) or not 1 <= len(text) <= LIMITS.url_chars:
        return False
    return bool(text.strip()) and all(c.isprintable() or c in "\u00a0\u202f" for c in text)


def _check_validity(days: object) -> None:
    is_right = isinstance(days, Mapping) and all(
        isinstance(name, str) and type(count) is int and count >= 1 for name, count in days.items()
    )
    if not is_right:
        raise SettingsError(
            "validity_days is not a table of framework and whole number of days, at least 1.",
            code="scheme_validity",
            hint='Expected for instance {"digcomp-3.0": 1095}, or {}.',
        )
