"""The ring file: the salt and cost of scrypt, and a check that the passphrase is the right one.

Decided here: ``FOLDER/keys/ring.json`` is written once, when a data folder is made; the check is an empty
secret sealed under the master key and bound to salt and cost. A passphrase that does not open it is a
wrong passphrase; with the right one, whatever else does not open is damaged. Left to others: the keys.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from keys.files import (
    KeyFileError,
    check_data_folder,
    check_folder,
    exclusive,
    make_folder,
    read_private,
    write_private,
)
from keys.numbering import begin_numbers
from keys.sealing import SALT_BYTES, ScryptCost, Sealed, Vault
from passport.errors import PassportError
from passport.jose import b64url, unb64url
from passport.strictjson import Json, Reader, compact_json, parse_object

__all__ = ["KEYS_FOLDER", "open_vault", "write_ring"]

KEYS_FOLDER: Final = "keys"
_NAME: Final = "ring.json"
_FORMAT: Final = 1
_LABEL: Final = b"ring-check"
_FILE_BYTES: Final = 4_096
_MOST_COST: Final = 2**31


def _parameters(salt: bytes, cost: ScryptCost) -> Json:
    return {
        "format": _FORMAT,
        "kdf": "scrypt",
        "salt": b64url(salt).decode(),
        "n": cost.n,
        "r": cost.r,
        "p": cost.p,
    }


def write_ring(folder: Path, *, passphrase: bytes, cost: ScryptCost) -> Vault:
    """Make ``folder/keys`` and its ring file; return the vault. Raises `ring_exists`, `data_folder_open`."""
    salt = os.urandom(SALT_BYTES)
    vault = Vault.derive(passphrase, salt=salt, cost=cost)
    parameters = _parameters(salt, cost)
    check = vault.seal(b"", label=_LABEL, bound=compact_json(parameters))
    sealed = {"nonce": b64url(check.nonce).decode(), "data": b64url(check.data).decode()}
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_data_folder(folder)
    make_folder(folder / KEYS_FOLDER)
    with exclusive(folder / KEYS_FOLDER):
        path = folder / KEYS_FOLDER / _NAME
        if os.path.lexists(path):
            raise KeyFileError(f"{path} is already there.", code="ring_exists", hint="Open it instead.")
        begin_numbers(folder / KEYS_FOLDER, vault)
        # Last: what has no ring file is no ring, and may be made anew.
        write_private(path, compact_json({**parameters, "check": sealed}) + b"\n")
    return vault


def open_vault(folder: Path, *, passphrase: bytes | None) -> Vault | None:
    """Return the vault of the ring, or None when `passphrase` is None; folder and file are checked anyway.

    Raises `no_ring`, `wrong_passphrase`, `scrypt_cost`, `key_file_open`, `key_file_link`,
    `key_file_owner`, `data_folder_open`, `key_file_damaged`.
    """
    path = folder / KEYS_FOLDER / _NAME
    try:
        check_data_folder(folder)
        check_folder(folder / KEYS_FOLDER)
        data = read_private(path)
    except FileNotFoundError:
        raise KeyFileError(
            f"There is no key ring at {path}.", code="no_ring", hint="Make one with `passport init`."
        ) from None
    salt, cost, check = _read(data, path)
    if passphrase is None:
        return None
    vault = Vault.derive(passphrase, salt=salt, cost=cost)
    if vault.unseal(check, label=_LABEL, bound=compact_json(_parameters(salt, cost))) is None:
        raise PassportError(
            "The passphrase does not open this key ring.",
            code="wrong_passphrase",
            hint="Look at PASSPORT_PASSPHRASE or PASSPORT_PASSPHRASE_FILE, and whether it is this folder's.",
        )
    return vault


def _read(data: bytes, path: Path) -> tuple[bytes, ScryptCost, Sealed]:
    try:
        reader = Reader(parse_object(data.strip(), max_bytes=_FILE_BYTES), "ring")
        reader.integer("format", low=_FORMAT, high=_FORMAT)
        cost = ScryptCost(*(reader.integer(name, high=_MOST_COST) for name in ("n", "r", "p")))
        check = reader.member("check")
        parts = (unb64url(check.text(name).encode()) for name in ("nonce", "data"))
        salt = unb64url(reader.text("salt").encode())
        sealed = Sealed(*parts)
    except PassportError as error:
        raise KeyFileError(
            f"The ring file {path} cannot be used: {error.message}",
            code="key_file_damaged",
            hint="Restore it from a backup.",
        ) from None
    cost.check()
    return salt, cost, sealed
