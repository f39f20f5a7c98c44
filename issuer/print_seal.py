"""Which seal the prints of a scheme carry, and how it comes to the processes that draw.

Decided here: `seal` in `scheme.json` names the file, and each process opens it once, by itself: only its path
and the time of sealing travel between processes, never a key or a passphrase (a worker has the environment of
the command). A file that is already sealed, with the same sheet in it, is left as it is. Left to others:
what may seal (`keys.pdf_seal`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from issuer.register import Register
from issuer.settings import read_seal_passphrase
from keys.pdf_seal import Seal, check_seal, open_seal, seal_pdf
from passport.documents.fields import SEAL_FIELD

__all__ = ["SealSource", "ready_seal", "require_seal", "seal_source", "sealed", "sealed_once"]


@dataclass(frozen=True, slots=True)
class SealSource:
    """Where the seal lies, and when (in seconds) it is set."""

    path: Path
    at: int

    @property
    def moment(self) -> datetime:
        """The time of sealing."""
        return datetime.fromtimestamp(self.at, tz=UTC)


def require_seal(register: Register) -> None:
    """Refuse a seal that could not be set, before anything is issued. Raises as `ready_seal` does."""
    if (source := seal_source(register)) is not None:
        ready_seal(source)


def seal_source(register: Register) -> SealSource | None:
    """Return the seal of a scheme, not yet opened; None where there is none."""
    named = register.scheme.seal
    return SealSource(register.settings.folder / named, register.now()) if named else None


def ready_seal(source: SealSource) -> Seal:
    """Return the seal, good at its time. Raises `SealError`, `KeyFileError`, `SettingsError`."""
    try:
        stamp = source.path.stat().st_mtime_ns
    except OSError:
        stamp = 0  # opening it says what is wrong
    seal = _opened(source.path, stamp)
    check_seal(seal, at=source.moment)
    return seal


@lru_cache(maxsize=8)
def _opened(path: Path, stamp: int) -> Seal:
    return open_seal(path, read_seal_passphrase())


def sealed(pdf: bytes, source: SealSource) -> bytes:
    """Return a print with the seal in its field. Raises as `ready_seal` does."""
    return seal_pdf(pdf, seal=ready_seal(source), field=SEAL_FIELD, at=source.moment)


def sealed_once(pdf: bytes, source: SealSource, *, kept: Path) -> bytes:
    """Return a print with the seal, or what `kept` holds if that is this print, whole and sealed.

    No two seals are alike: without this the same command again would write every file again.
    """
    if kept.is_file() and _carries_seal(found := kept.read_bytes(), pdf, source):
        return found
    return sealed(pdf, source)


def _carries_seal(kept: bytes, pdf: bytes, source: SealSource) -> bool:
    if not kept.startswith(pdf) or len(kept) == len(pdf):
        return False
    from keys.pdf_signing import is_signed_by  # heavy, and only for who seals

    return is_signed_by(kept, ready_seal(source).certificate)
