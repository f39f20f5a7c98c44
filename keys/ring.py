"""The key ring: dated keys in encrypted files, one file a key, under one passphrase.

Decided here: where keys lie (``FOLDER/keys/ring.json``, ``FOLDER/keys/{owner}/{kid}.json``, where FOLDER
is the data folder), which key signs at a moment, how a key is made and how its state moves. The public
part of a file is readable without the passphrase; the private part is sealed (`keys.sealing`) and bound to
owner, kid, purpose and thumbprint. State and dates are not bound: they change, and a verifier takes them
from the signed trust list, never from here. Opening never creates anything.

Left to others: what is signed (`keys.ceremony`), what is published (`keys.documents`, `passport.trust`).

Example::

    ring = KeyRing.open(folder, passphrase=passphrase)
    signer = ring.signer("centre-social", Purpose.CREDENTIAL, at=now)
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from keys.files import KeyFileError, check_folder, exclusive, make_folder, read_private, write_private
from keys.records import SCHEME, KeyRecord, Purpose, kid_number, kid_stem, next_states, read_record
from keys.ring_file import KEYS_FOLDER, open_vault, write_ring
from keys.sealing import STRONG, ScryptCost, Sealed, Vault
from keys.signing import FileSigner, new_private_key, private_bytes, public_of, signer_from
from passport.errors import PassportError
from passport.jose import b64url, unb64url
from passport.model import is_slug
from passport.strictjson import Reader, compact_json, parse_object
from passport.trust.model import KeyState, Period, Pin, TrustedKey

__all__ = ["KeyRecord", "KeyRing", "Purpose"]

FORMAT: Final = 1
_FILE_BYTES: Final = 65_536
_SUFFIX: Final = ".json"
# What tells one written file from the next at the same path: a replaced file has another inode or time.
_Stamp = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class _KeyFile:
    record: KeyRecord
    sealed: Sealed

    def data(self) -> bytes:
        private = {"nonce": b64url(self.sealed.nonce).decode(), "data": b64url(self.sealed.data).decode()}
        return compact_json({"format": FORMAT, **self.record.to_json(), "private": private}) + b"\n"


def _label(record: KeyRecord) -> bytes:
    return f"key\x00{record.owner}\x00{record.kid}".encode()


def _bound(record: KeyRecord) -> bytes:
    """Return the identity that the private part is bound to: a file put in another's place is refused."""
    return compact_json(
        [record.owner, record.kid, record.purpose.value, record.public.alg, record.public.thumbprint]
    )


def _damaged(path: Path, why: str) -> KeyFileError:
    return KeyFileError(
        f"The key file {path} cannot be used: {why}",
        code="key_file_damaged",
        hint="Restore it from a backup.",
    )


class KeyRing:
    """All keys of a data folder. Made by `create` or `open`; safe to use from several threads.

    Files are looked at again at every call, so that a key made by another process is seen; the private
    key of each is decrypted once.
    """

    def __init__(self, folder: Path, vault: Vault | None) -> None:
        self._keys = folder / KEYS_FOLDER
        self._vault = vault
        self._read: dict[Path, tuple[_Stamp, _KeyFile]] = {}
        self._signers: dict[str, FileSigner] = {}

    def __repr__(self) -> str:
        return f"KeyRing({str(self._keys)!r}, {'locked' if self._vault is None else 'unlocked'})"

    @classmethod
    def create(cls, folder: Path, *, passphrase: bytes, cost: ScryptCost = STRONG) -> KeyRing:
        """Make an empty ring in the data folder `folder`. Raises `ring_exists`, `passphrase_missing`."""
        return cls(folder, write_ring(folder, passphrase=passphrase, cost=cost))

    @classmethod
    def open(cls, folder: Path, *, passphrase: bytes | None) -> KeyRing:
        """Open the ring of the data folder `folder`; None: public records only, nothing can be signed.

        Raises `PassportError`: `no_ring`, `wrong_passphrase`, `scrypt_cost`, `key_file_open`,
        `key_file_link`, `key_file_damaged`.
        """
        ring = cls(folder, open_vault(folder, passphrase=passphrase))
        ring.records()
        return ring

    @property
    def is_locked(self) -> bool:
        """Whether the ring was opened without its passphrase."""
        return self._vault is None

    def records(self, owner: str | None = None) -> tuple[KeyRecord, ...]:
        """Return the public records of one owner, or of all, by owner, purpose and beginning."""
        owners = self._owners() if owner is None else [owner]
        found = [file.record for name in owners for file in self._files(name)]
        return tuple(sorted(found, key=lambda r: (r.owner, r.purpose.value, r.period.start, _number(r))))

    def _owners(self) -> list[str]:
        check_folder(self._keys)
        with os.scandir(self._keys) as entries:
            return sorted(entry.name for entry in entries if not entry.name.endswith((_SUFFIX, ".tmp")))

    def _files(self, owner: str) -> Iterator[_KeyFile]:
        folder = self._folder(owner)
        if not os.path.lexists(folder):
            return
        check_folder(folder)
        with os.scandir(folder) as entries:
            # A name with a leading dot is what a killed process left of its temporary file.
            listed = [e for e in entries if e.name.endswith(_SUFFIX) and not e.name.startswith(".")]
            stamped = [(Path(entry.path), entry.stat(follow_symlinks=False)) for entry in listed]
        for path, found in stamped:
            stamp = (found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_mode)
            known = self._read.get(path)
            if known is None or known[0] != stamp:
                known = self._read[path] = (stamp, _read_file(path))
            yield known[1]

    def _folder(self, owner: str) -> Path:
        # The owner becomes a folder's name: nothing but a slug may, or a path could lead outside.
        if not is_slug(owner):
            raise PassportError(f"{owner[:40]!r} is not the name of an owner of keys.", code="key_owner")
        return self._keys / owner

    def _unlocked(self) -> Vault:
        if self._vault is None:
            raise PassportError(
                "The key ring is locked: it was opened without its passphrase.",
                code="locked",
                hint="Give it in PASSPORT_PASSPHRASE, or in the file named by PASSPORT_PASSPHRASE_FILE.",
            )
        return self._vault

    def generate(
        self,
        owner: str,
        purpose: Purpose,
        *,
        at: int,
        until: int | None = None,
        alg: str = "ES256",
        state: KeyState = KeyState.ACTIVE,
    ) -> KeyRecord:
        """Make a key that is good from `at` (until `until`, excluded) and keep it; return its record.

        Times are seconds since 1970. Raises `locked`, `key_owner`, `key_period`, `jwk_algorithm`.
        """
        vault = self._unlocked()
        purpose.check_owner(owner)
        folder = self._folder(owner)
        key = new_private_key(alg)
        make_folder(folder)
        with exclusive(self._keys):
            stem = kid_stem(purpose, at)
            numbers = [kid_number(file.record.kid, stem) for file in self._files(owner)]
            kid = f"{stem}{max(numbers, default=0) + 1}"
            record = KeyRecord(owner, kid, purpose, state, Period(at, until), public_of(key, kid))
            sealed = vault.seal(private_bytes(key), label=_label(record), bound=_bound(record))
            write_private(folder / (kid + _SUFFIX), _KeyFile(record, sealed).data())
        return record

    def signer(self, owner: str, purpose: Purpose, *, at: int) -> FileSigner:
        """Return the signer of the newest active key of `owner` for `purpose` whose dates hold `at`.

        Raises `PassportError`: `locked`, `no_key` (none is active), `key_out_of_dates`,
        `key_file_damaged` (the private part is not the one of this record).
        """
        vault = self._unlocked()
        of_purpose = [file for file in self._files(owner) if file.record.purpose is purpose]
        active = [file for file in of_purpose if file.record.state is KeyState.ACTIVE]
        if not active:
            raise _no_key(owner, purpose)
        dated = [file for file in active if file.record.period.holds(at)]
        if not dated:
            raise _out_of_dates(owner, purpose)
        newest = max(dated, key=lambda file: (file.record.period.start, _number(file.record)))
        return self._signer_of(newest, vault)

    def _signer_of(self, file: _KeyFile, vault: Vault) -> FileSigner:
        record = file.record
        identity = f"{record.owner} {record.kid} {record.public.thumbprint}"
        if identity not in self._signers:
            secret = vault.unseal(file.sealed, label=_label(record), bound=_bound(record))
            if secret is None:
                path = self._keys / record.owner / (record.kid + _SUFFIX)
                raise _damaged(path, "its private part does not belong to its public part.")
            self._signers[identity] = signer_from(secret, record.public)
        return self._signers[identity]

    def change_state(
        self,
        owner: str,
        kid: str,
        *,
        state: KeyState,
        until: int | None = None,
        sealed_set: str | None = None,
    ) -> KeyRecord:
        """Move a key to `state`; set its end and the hash of its sealed set where given; return the record.

        A sealed or compromised key never comes back. Raises `no_key`, `key_state`, `key_period`.
        """
        with exclusive(self._keys):
            file = next((known for known in self._files(owner) if known.record.kid == kid), None)
            if file is None:
                raise PassportError(f"{owner} has no key {kid[:64]!r} in this ring.", code="no_key")
            record = file.record
            if state not in next_states[record.state]:
                raise PassportError(
                    f"The key {kid} of {owner} is {record.state} and cannot become {state}.", code="key_state"
                )
            changed = replace(
                record,
                state=state,
                period=Period(record.period.start, record.period.end if until is None else until),
                sealed_set=record.sealed_set if sealed_set is None else sealed_set,
            )
            write_private(self._folder(owner) / (kid + _SUFFIX), replace(file, record=changed).data())
        return changed

    def trusted_keys(self, owner: str) -> dict[str, TrustedKey]:
        """Return the credential and status keys of a body by kid, in the shape of the trust list."""
        of_body = {Purpose.CREDENTIAL, Purpose.STATUS}
        return {r.kid: r.trusted() for r in self.records(owner) if r.purpose in of_body}

    def root_pin(self, issuer_prefix: str, threshold: int = 1) -> Pin:
        """Return what a verifier is given to trust: the active root keys. Raises `no_key` when too few."""
        roots = [r.public for r in self.records(SCHEME) if r.purpose is Purpose.ROOT and _is_active(r)]
        if not 1 <= threshold <= len(roots):
            raise PassportError(
                f"The ring has {len(roots)} active root keys; expected at least {threshold}.", code="no_key"
            )
        return Pin(root_keys=tuple(roots), threshold=threshold, issuer_prefix=issuer_prefix)


def _number(record: KeyRecord) -> int:
    return int(record.kid.rpartition("-")[2])


def _is_active(record: KeyRecord) -> bool:
    return record.state is KeyState.ACTIVE


def _read_file(path: Path) -> _KeyFile:
    try:
        reader = Reader(parse_object(read_private(path).strip(), max_bytes=_FILE_BYTES), "key file")
        reader.integer("format", low=FORMAT, high=FORMAT)
        private = reader.member("private")
        nonce, data = (unb64url(private.text(name, max_chars=1_000).encode()) for name in ("nonce", "data"))
        record = read_record(reader)
    except KeyFileError:
        raise
    except PassportError as error:
        raise _damaged(path, error.message) from None
    if (record.owner, record.kid + _SUFFIX) != (path.parent.name, path.name):
        raise _damaged(path, "it lies where another key belongs.")
    return _KeyFile(record, Sealed(nonce, data))


def _no_key(owner: str, purpose: Purpose) -> PassportError:
    return PassportError(
        f"{owner} has no active {purpose} key.",
        code="no_key",
        hint="Make one with `passport keys`, then publish the trust list.",
    )


def _out_of_dates(owner: str, purpose: Purpose) -> PassportError:
    return PassportError(
        f"The active {purpose} key of {owner} is out of its dates.",
        code="key_out_of_dates",
        hint="Rotate: make a new key with `passport keys`, then publish the trust list.",
    )
