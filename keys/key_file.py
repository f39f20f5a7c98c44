"""One key in one file: its public record in clear, its private part sealed, and each bound to the other.

Decided here: the whole record (owner, kid, purpose, state, dates, JWK, sealed set) is the associated data of
AES-GCM (NIST SP 800-38D), so that whoever can write the file but lacks the passphrase cannot change a state
or date, put another public key there, or make one file of another: it no longer opens. A record changes
only by being sealed again. What this cannot see: a whole older file of the same key put back, or a file
taken away; the signed trust list and `now` remember those. Left to others: which file, and when
(`keys.ring`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from keys.files import KeyFileError, read_private
from keys.records import KeyRecord, is_kid, read_record
from keys.sealing import Sealed, Vault
from passport.errors import PassportError
from passport.jose import b64url, unb64url
from passport.strictjson import Json, Reader, compact_json, parse_object

__all__ = ["KeyFile", "file_name", "is_key_file", "read_key_file", "seal_key_file"]

_FORMAT: Final = 1
_FILE_BYTES: Final = 65_536
_SUFFIX: Final = ".json"


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A key file as it was read. `record` may be relied on once `unseal` has returned, never before."""

    path: Path
    record: KeyRecord
    sealed: Sealed

    def data(self) -> bytes:
        """Return the bytes of the file."""
        private = {"nonce": b64url(self.sealed.nonce).decode(), "data": b64url(self.sealed.data).decode()}
        return compact_json({**_public(self.record), "private": private}) + b"\n"

    def unseal(self, vault: Vault) -> bytes:
        """Return the private key (PKCS #8); raise `key_file_damaged` unless the whole record is as sealed."""
        secret = vault.unseal(
            self.sealed, label=_label(self.record), bound=compact_json(_public(self.record))
        )
        if secret is None:
            raise _damaged(self.path, "its public part is not the one that its private part was sealed with.")
        return secret


def _public(record: KeyRecord) -> Json:
    return {"format": _FORMAT, **record.to_json()}


def _label(record: KeyRecord) -> bytes:
    return f"key\x00{record.owner}\x00{record.kid}".encode()


def seal_key_file(path: Path, record: KeyRecord, secret: bytes, *, vault: Vault) -> KeyFile:
    """Return the file for `path` with `secret` (PKCS #8) sealed and bound to all of `record`."""
    return KeyFile(
        path, record, vault.seal(secret, label=_label(record), bound=compact_json(_public(record)))
    )


def file_name(kid: str) -> str:
    """Return the name of the file of a key in its owner's folder."""
    return kid + _SUFFIX


def is_key_file(name: str) -> bool:
    """Tell whether a file of this name is a key; all else in a folder is none of our business."""
    return name.endswith(_SUFFIX) and is_kid(name.removesuffix(_SUFFIX))


def read_key_file(path: Path) -> KeyFile:
    """Return the file at `path`, not yet authenticated.

    Raises `key_file_damaged`, and the errors of `keys.files.read_private`.
    """
    try:
        reader = Reader(parse_object(read_private(path).strip(), max_bytes=_FILE_BYTES), "key file")
        reader.integer("format", low=_FORMAT, high=_FORMAT)
        private = reader.member("private")
        nonce, data = (unb64url(private.text(name, max_chars=1_000).encode()) for name in ("nonce", "data"))
        record = read_record(reader)
    except KeyFileError:
        raise
    except PassportError as error:
        raise _damaged(path, error.message) from None
    if (record.owner, file_name(record.kid)) != (path.parent.name, path.name):
        raise _damaged(path, "it lies where another key belongs.")
    return KeyFile(path, record, Sealed(nonce, data))


def _damaged(path: Path, why: str) -> KeyFileError:
    return KeyFileError(
        f"The key file {path} cannot be used: {why}",
        code="key_file_damaged",
        hint="Restore it from a backup.",
    )
