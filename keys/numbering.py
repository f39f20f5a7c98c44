"""The numbers already given to keys, so that a kid is never used again, even when its file is gone.

Decided here: ``FOLDER/keys/numbers.json`` keeps the highest number given for each owner, purpose and year;
it is written before the key, so that a process killed in between leaves a gap and never the same kid twice.
It is authenticated under the master key: whoever can write the file cannot make a kid come back. It is made
with the ring; a ring that lost it makes no more keys. Left to others: the keys (`keys.ring`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from keys.files import KeyFileError, read_private, write_private
from keys.sealing import Sealed, Vault
from passport.errors import PassportError
from passport.jose import b64url, unb64url
from passport.strictjson import Json, Reader, compact_json, parse_object

__all__ = ["begin_numbers", "next_number"]

_NAME: Final = "numbers.json"
_FORMAT: Final = 1
_LABEL: Final = b"numbers"
# Room for four hundred bodies and twenty-five years.
_FILE_BYTES: Final = 1_048_576


def begin_numbers(folder: Path, vault: Vault) -> None:
    """Make the file of a new ring in its key folder; call within `exclusive`."""
    _write(folder / _NAME, {}, vault)


def next_number(folder: Path, vault: Vault, *, series: str, known: Iterable[int]) -> int:
    """Return the next number of `series` (owner and beginning of the kid), and remember it as given.

    `known`: numbers that keys have now. Call within `exclusive`. Raises `key_file_damaged` and the errors
    of `read_private`.
    """
    path = folder / _NAME
    last = _read(path, vault)
    number = max(last.get(series, 0), *known, 0) + 1
    _write(path, {**last, series: number}, vault)
    return number


def _bound(last: Mapping[str, int]) -> bytes:
    return compact_json({"format": _FORMAT, "last": dict(sorted(last.items()))})


def _write(path: Path, last: Mapping[str, int], vault: Vault) -> None:
    check = vault.seal(b"", label=_LABEL, bound=_bound(last))
    sealed = {"nonce": b64url(check.nonce).decode(), "data": b64url(check.data).decode()}
    document: Json = {"format": _FORMAT, "last": dict(sorted(last.items())), "check": sealed}
    write_private(path, compact_json(document) + b"\n")


def _read(path: Path, vault: Vault) -> dict[str, int]:
    try:
        data = read_private(path, max_bytes=_FILE_BYTES)
        reader = Reader(parse_object(data.strip(), max_bytes=_FILE_BYTES), "numbers")
        reader.integer("format", low=_FORMAT, high=_FORMAT)
        members, check = reader.raw("last"), reader.member("check")
        last = {series: Reader(members, "numbers.last").integer(series) for series in members}
        sealed = Sealed(*(unb64url(check.text(name).encode()) for name in ("nonce", "data")))
    except FileNotFoundError:
        raise _damaged(path, "it is missing.") from None
    except KeyFileError:
        raise
    except PassportError as error:
        raise _damaged(path, error.message) from None
    if vault.unseal(sealed, label=_LABEL, bound=_bound(last)) is None:
        raise _damaged(path, "it was changed, or belongs to another ring.")
    return last


def _damaged(path: Path, why: str) -> KeyFileError:
    return KeyFileError(
        f"The file of key numbers {path} cannot be used: {why}",
        code="key_file_damaged",
        hint="Restore it from a backup.",
    )
