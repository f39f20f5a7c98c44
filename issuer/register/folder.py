"""The data folder: made once by `create`, opened by `open`, which refuses to start rather than guess.

Decided here: what lies in a folder (`scheme.json`, ``keys/``, two secret files, the database unless a URL
names another), in which order it is made (`scheme.json` last: a folder half made cannot be opened), and
what must be there to start (DESIGN, rule 7). `register.secret` keys the digests by which the same person
is found again; `code.secret` is shared with checking counters that may ask for typed codes.

Left to others: keys (`keys.ring`), tables (`issuer.store`), what is done with them (the other modules).
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Final, TypeVar

from issuer.legal import Legal, read_legal
from issuer.register import chain, trust_documents
from issuer.settings import SCHEME_FILE, SchemeSettings, Settings
from issuer.store import documents
from issuer.store.database import Database, DatabaseError, Session, database_file
from issuer.store.migrating import check_revision, current_revision, migrate
from issuer.store.replica import Replica, mark_of
from keys.files import read_private, write_private
from keys.records import SCHEME, Purpose
from keys.ring import KeyRing
from keys.sealing import STRONG, ScryptCost
from passport.errors import InputError, PassportError
from verifier import Trust

__all__ = ["BrokenRegisterError", "Register", "RegisterError"]

_REGISTER_SECRET: Final = "register.secret"  # noqa: S105 - the name of a file
_CODE_SECRET: Final = "code.secret"  # noqa: S105 - the name of a file
_SECRET_BYTES: Final = 32

T = TypeVar("T")


class RegisterError(InputError):
    """The register refuses: what was asked cannot be done to it."""

    default_code = "register"


class BrokenRegisterError(PassportError):
    """Something of the register's own is missing or damaged: whoever asks, and for whatever."""

    default_code = "register"


class Register:
    """An open data folder. Close it when done (`close`, or as a context manager); safe between threads."""

    def __init__(
        self,
        settings: Settings,
        scheme: SchemeSettings,
        *,
        ring: KeyRing,
        clock: Callable[[], float],
    ) -> None:
        self.settings = settings
        self.scheme = scheme
        self.ring = ring
        self.person_secret = _read_secret(settings.folder / _REGISTER_SECRET)
        self._database = Database(settings.database_url)
        self._replica: Replica | None = None
        self._clock = clock
        self._trust: tuple[bytes, bytes, Trust] | None = None

    @cached_property
    def legal(self) -> Legal:
        """What the law wants to be said of the service, as it was when first asked for.

        A counter asks at its start: a file that is broken later breaks no page. Raises `SettingsError`.
        """
        return read_legal(self.settings.folder)

    @classmethod
    def create(
        cls,
        settings: Settings,
        scheme: SchemeSettings,
        *,
        passphrase: bytes,
        clock: Callable[[], float] = time.time,
        cost: ScryptCost = STRONG,
    ) -> Register:
        """Make a data folder, its keys, database and first trust list; the only thing that does.

        `cost`: the work of one guess at the passphrase; a demo or a test may ask for less. Raises
        `RegisterError` (`folder_used`, `database_used`) when something is already there.
        """
        _check_unused(settings)
        folder = settings.folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ring = KeyRing.create(folder, passphrase=passphrase, cost=cost)
        at = int(clock())
        ring.generate(SCHEME, Purpose.ROOT, at=at)
        ring.generate(SCHEME, Purpose.PUBLICATION, at=at)
        for name in (_REGISTER_SECRET, _CODE_SECRET):
            write_private(folder / name, secrets.token_hex(_SECRET_BYTES).encode() + b"\n")
        # Made here with its mode, whatever the folder's own: SQLite gives its side files the same.
        if (file := database_file(settings.database_url)) is not None:
            file.touch(mode=0o600)
        migrate(settings.database_url)
        register = cls(settings, scheme, ring=ring, clock=clock)
        with register.writing() as session:
            chain.begin(session, chain.SCHEME_CHAIN)
            chain.append(session, chain.SCHEME_CHAIN, "scheme.created", {"url": scheme.url}, at=at)
        trust_documents.publish_trust_list(register, actor="init")
        scheme.write(folder)
        return register

    @classmethod
    def open(
        cls, settings: Settings, *, passphrase: bytes | None, clock: Callable[[], float] = time.time
    ) -> Register:
        """Open a data folder. `passphrase` None: everything can be read and nothing can be signed.

        Makes nothing. Raises `PassportError`: `no_folder`, `no_scheme`, `scheme_file`, `no_ring`,
        `wrong_passphrase`, `secret_missing`, `database_missing`, `database_revision`, `trust_missing`,
        `replica_other`. A replica that does not answer stops nothing.
        """
        _check_folder(settings.folder)
        scheme = SchemeSettings.read(settings.folder)
        ring = KeyRing.open(settings.folder, passphrase=passphrase)
        check_revision(settings.database_url)
        register = cls(settings, scheme, ring=ring, clock=clock)
        try:
            register.trust()
            register._follow()
        except BaseException:
            register.close()
            raise
        return register

    def __enter__(self) -> Register:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection to the database."""
        self._database.close()
        if self._replica is not None:
            self._replica.close()

    def _follow(self) -> None:
        """Begin to use the replica, if one is named."""
        if self.settings.replica_url:
            with self.reading() as session:
                mark = mark_of(session)
            self._replica = Replica(self.settings.replica_url, mark=mark)
            self._replica.check()

    def now(self) -> int:
        """Return the time of the injected clock, in whole seconds since 1970."""
        return int(self._clock())

    def today(self) -> date:
        """Return the day where this machine stands."""
        return datetime.fromtimestamp(self.now(), tz=UTC).astimezone().date()

    def reading(self) -> AbstractContextManager[Session]:
        """Give a session that sees one moment of the register and keeps nothing."""
        return self._database.reading()

    def look(self, work: Callable[[Session], T], *, enough: Callable[[T], bool]) -> T:
        """Return what `work` reads, from a replica when there is one and its answer is `enough`.

        A replica may be behind: `enough` must refuse whatever could have changed since. Then, and when no
        replica answers, the database itself is asked. Never for what is written or decided upon.
        """
        if self._replica is not None:
            with suppress(DatabaseError):
                if enough(answer := self._replica.ask(work)):
                    return answer
        with self.reading() as session:
            return work(session)

    def writing(self) -> AbstractContextManager[Session]:
        """Give a session that commits on a clean exit and otherwise leaves nothing behind."""
        return self._database.writing()

    def one_moment(self) -> AbstractContextManager[None]:
        """Let everything that this thread reads within the block be read in one transaction."""
        return self._database.one_moment()

    def tend_database(self) -> None:
        """Let the database look at how its rows are spread, where it does not do so by itself (SQLite)."""
        self._database.tend()

    def transact(self, work: Callable[[Session], T]) -> T:
        """Return what `work` returned, once committed; run again when another transaction was in the way.

        `work` must have no effect but in its session. Raises `DatabaseError` (`database`).
        """
        return self._database.transact(work)

    @property
    def code_secret(self) -> str:
        """The secret that a checking counter shows when it asks for a typed code."""
        return _read_secret(self.settings.folder / _CODE_SECRET).hex()

    def trust(self) -> Trust:
        """Return the current trust list and its `now`, read as a stranger would, with our own root keys.

        Raises `BrokenRegisterError` (`trust_missing`) when nothing was published.
        """
        with self.reading() as session:
            listed, now = documents.latest_list(session), documents.document(session, documents.NOW)
        if listed is None or now is None:
            raise BrokenRegisterError(
                "The database holds no trust list.",
                code="trust_missing",
                hint="It is not the one of this folder, or it was not restored whole.",
            )
        known = self._trust
        if known is not None and known[:2] == (listed.data, now.data):
            return known[2]
        pin = self.ring.root_pin(self.scheme.issuer_prefix)
        trust = Trust.read(listed.data, now.data, pin=pin)
        self._trust = (listed.data, now.data, trust)
        return trust


def _check_unused(settings: Settings) -> None:
    folder = settings.folder
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RegisterError(
            f"{folder} is already there and is not an empty folder.",
            code="folder_used",
            hint="Name a new folder. A scheme is made once; its root key must not be made twice.",
        )
    if current_revision(settings.database_url) is not None:
        raise RegisterError("The database already holds a register.", code="database_used")


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise BrokenRegisterError(
            f"There is no folder {folder}.",
            code="no_folder",
            hint="A data folder is made by `passport init`.",
        )
    if not (folder / SCHEME_FILE).is_file():
        raise BrokenRegisterError(
            f"{folder} holds no {SCHEME_FILE}: it is not a data folder, or was not made to the end.",
            code="no_scheme",
            hint="A data folder is made by `passport init`.",
        )


def _read_secret(path: Path) -> bytes:
    try:
        secret = bytes.fromhex(read_private(path).decode("ascii").strip())
    except (FileNotFoundError, ValueError):
        secret = b""
    if len(secret) != _SECRET_BYTES:
        raise BrokenRegisterError(
            f"{path} is missing or damaged.", code="secret_missing", hint="Restore it from a backup."
        )
    return secret
