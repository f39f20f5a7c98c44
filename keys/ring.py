"""The key ring: dated keys in encrypted files, one file a key, under one passphrase.

Decided here: where keys lie (``FOLDER/keys/ring.json``, ``FOLDER/keys/{owner}/{kid}.json``, where FOLDER
is the data folder), which key signs at a moment, how a key is made and how its state moves. What else lies
in these folders is left alone. Opening never creates anything.

A ring opened with its passphrase relies on no record that it has not unsealed (`keys.key_file`): one
that does not open stops every call that would have used it, and the opening itself. A ring opened without
it can authenticate nothing: it lists records, and gives the pin of a folder that is trusted as it lies.

Left to others: what is signed (`keys.ceremony`), what is published (`keys.documents`, `passport.trust`).

Example::

    ring = KeyRing.open(folder, passphrase=passphrase)
    signer = ring.signer("centre-social", Purpose.CREDENTIAL, at=now)
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from keys.files import check_folder, exclusive, make_folder, write_private
from keys.key_file import KeyFile, file_name, is_key_file, read_key_file, seal_key_file
from keys.numbering import next_number
from keys.records import SCHEME, KeyRecord, Purpose, dated, kid_number, kid_stem
from keys.ring_file import KEYS_FOLDER, open_vault, write_ring
from keys.sealing import STRONG, ScryptCost, Vault
from keys.signing import FileSigner, new_private_key, private_bytes, public_of, signer_from
from passport.errors import PassportError
from passport.model import is_slug
from passport.trust.model import KeyState, Pin, TrustedKey

__all__ = ["KeyRecord", "KeyRing", "Purpose"]

# What tells one written file from the next at the same path: a replaced file has another inode or time.
_Stamp = tuple[int, ...]


class KeyRing:
    """All keys of a data folder. Made by `create` or `open`; safe to use from several threads.

    Files are looked at again at every call, so that a key made by another process is seen; each is read and
    unsealed once, and again when it was replaced.
    """

    def __init__(self, folder: Path, vault: Vault | None) -> None:
        self._keys = folder / KEYS_FOLDER
        self._vault = vault
        self._read: dict[Path, tuple[_Stamp, KeyFile]] = {}
        self._signers: dict[str, FileSigner] = {}

    def __repr__(self) -> str:
        return f"KeyRing({str(self._keys)!r}, {'locked' if self._vault is None else 'unlocked'})"

    @classmethod
    def create(cls, folder: Path, *, passphrase: bytes, cost: ScryptCost = STRONG) -> KeyRing:
        """Make an empty ring in the data folder `folder`.

        Raises `PassportError`: `ring_exists`, `passphrase_missing`, `data_folder_open`, `key_file_owner`.
        """
        return cls(folder, write_ring(folder, passphrase=passphrase, cost=cost))

    @classmethod
    def open(cls, folder: Path, *, passphrase: bytes | None) -> KeyRing:
        """Open the ring of the data folder `folder`; None: public records only, nothing can be signed.

        Raises `PassportError`: `no_ring`, `wrong_passphrase`, `scrypt_cost`, `data_folder_open`,
        `key_file_owner`, `key_file_open`, `key_file_link`, `key_file_damaged`.
        """
        ring = cls(folder, open_vault(folder, passphrase=passphrase))
        ring.records()
        return ring

    @property
    def is_locked(self) -> bool:
        """Whether the ring was opened without its passphrase."""
        return self._vault is None

    def records(self, owner: str | None = None) -> tuple[KeyRecord, ...]:
        """Return the public records of one owner, or of all, by owner, purpose and beginning.

        Authenticated when the ring is unlocked; as the files lie there when it is locked. Raises
        `key_file_damaged` and the other errors of `open`.
        """
        owners = self._owners() if owner is None else [owner]
        found = [file.record for name in owners for file in self._files(name)]
        return tuple(sorted(found, key=lambda r: (r.owner, r.purpose.value, r.period.start, _number(r))))

    def _owners(self) -> list[str]:
        check_folder(self._keys)
        with os.scandir(self._keys) as entries:
            # A link in an owner's place is looked at, so that it is refused and not passed over.
            folders = [e.name for e in entries if e.is_dir(follow_symlinks=False) or e.is_symlink()]
        return sorted(filter(is_slug, folders))

    def _files(self, owner: str) -> Iterator[KeyFile]:
        folder = self._folder(owner)
        if not os.path.lexists(folder):
            return
        check_folder(folder)
        with os.scandir(folder) as entries:
            listed = [entry for entry in entries if is_key_file(entry.name)]
            stamped = [(Path(entry.path), _stamp(entry.stat(follow_symlinks=False))) for entry in listed]
        for path, stamp in stamped:
            known = self._read.get(path)
            if known is None or known[0] != stamp:
                known = self._read[path] = (stamp, self._read_authentic(path))
            yield known[1]

    def _read_authentic(self, path: Path) -> KeyFile:
        file = read_key_file(path)
        if self._vault is not None:
            file.unseal(self._vault)
        return file

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

        Times are seconds since 1970; `until` None: for the lifetime of its purpose (`records.LIFETIMES`).
        Raises `locked`, `key_owner`, `key_period`, `jwk_algorithm`, `key_file_damaged`.
        """
        vault = self._unlocked()
        purpose.check_owner(owner)
        folder, period = self._folder(owner), dated(purpose, at=at, until=until)
        key = new_private_key(alg)
        make_folder(folder)
        with exclusive(self._keys):
            kid = self._new_kid(owner, kid_stem(purpose, at), vault)
            record = KeyRecord(owner, kid, purpose, state, period, public_of(key, kid))
            file = seal_key_file(folder / file_name(kid), record, private_bytes(key), vault=vault)
            write_private(file.path, file.data())
        return record

    def _new_kid(self, owner: str, stem: str, vault: Vault) -> str:
        known = [kid_number(file.record.kid, stem) for file in self._files(owner)]
        return f"{stem}{next_number(self._keys, vault, series=f'{owner} {stem}', known=known)}"

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

    def _signer_of(self, file: KeyFile, vault: Vault) -> FileSigner:
        record = file.record
        identity = f"{record.owner} {record.kid} {record.public.thumbprint}"
        if identity not in self._signers:
            self._signers[identity] = signer_from(file.unseal(vault), record.public)
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

        The file is sealed anew. A sealed or compromised key never comes back, an end is never put off, a
        sealed set never replaced. Raises `locked`, `no_key`, `key_state`, `key_period`, `sealed_set`,
        `key_file_damaged`.
        """
        vault = self._unlocked()
        with exclusive(self._keys):
            file = next((known for known in self._files(owner) if known.record.kid == kid), None)
            if file is None:
                raise PassportError(f"{owner} has no key {kid[:64]!r} in this ring.", code="no_key")
            changed = file.record.moved(state, until=until, sealed_set=sealed_set)
            written = seal_key_file(file.path, changed, file.unseal(vault), vault=vault)
            write_private(file.path, written.data())
        return changed

    def trusted_keys(self, owner: str) -> dict[str, TrustedKey]:
        """Return the credential and status keys of a body by kid, in the shape of the trust list.

        They are for signing into one: raises `locked` when the ring cannot authenticate them.
        """
        self._unlocked()
        of_body = {Purpose.CREDENTIAL, Purpose.STATUS}
        return {r.kid: r.trusted() for r in self.records(owner) if r.purpose in of_body}

    def root_pin(self, issuer_prefix: str, threshold: int = 1) -> Pin:
        """Return what a verifier is given to trust: the active root keys. Raises `no_key` when too few.

        A locked ring answers too, so that a public server without the passphrase can read back the trust
        list that it stores and serves; it then relies on the rights of the folder alone. A pin that is
        handed to others should come from an unlocked ring.
        """
        roots = [r.public for r in self.records(SCHEME) if r.purpose is Purpose.ROOT and _is_active(r)]
        if not 1 <= threshold <= len(roots):
            raise PassportError(
                f"The ring has {len(roots)} active root keys; expected at least {threshold}.", code="no_key"
            )
        return Pin(root_keys=tuple(roots), threshold=threshold, issuer_prefix=issuer_prefix)


def _stamp(found: os.stat_result) -> _Stamp:
    return (
        *(found.st_ino, found.st_mtime_ns, found.st_ctime_ns),
        *(found.st_size, found.st_mode, found.st_uid),
    )


def _number(record: KeyRecord) -> int:
    return int(record.kid.rpartition("-")[2])


def _is_active(record: KeyRecord) -> bool:
    return record.state is KeyState.ACTIVE


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
