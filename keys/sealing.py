"""From a passphrase to sealed private keys: scrypt once, then one key for each file.

Decided here: scrypt (RFC 7914) turns passphrase and salt into a master key, once per opening; HKDF with
SHA-256 (RFC 5869) gives each file its own key; AES-256-GCM (NIST SP 800-38D) seals, with a fresh 96-bit
nonce, and binds what stands in clear beside it, so that neither can be changed or moved without the other.
A ring that asks for less work than the floor is refused: whoever can write the file must not be able to
make the passphrase cheap to guess; one that asks for too much memory is refused too.

Left to others: where the sealed bytes are kept (`keys.ring`). Nothing here shows a secret in its `repr`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from keys.files import KeyFileError
from passport.errors import PassportError

__all__ = ["FLOOR", "SALT_BYTES", "STRONG", "ScryptCost", "Sealed", "Vault"]

SALT_BYTES: Final = 16
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_MOST_MEMORY: Final = 2**30
_MOST_PASSES: Final = 16
_LABEL: Final = b"passport-key-file-1\x00"


@dataclass(frozen=True, slots=True)
class ScryptCost:
    """The work of one derivation (RFC 7914 section 2): N, r, p. Memory is 128 · N · r bytes."""

    n: int = 2**16
    r: int = 8
    p: int = 1

    def check(self) -> None:
        """Raise `KeyFileError` (`scrypt_cost`) below the floor or beyond what one machine should spend."""
        power_of_two = self.n > 0 and self.n & (self.n - 1) == 0
        enough = self.n >= FLOOR.n and self.r >= FLOOR.r and self.p >= FLOOR.p
        bounded = 128 * self.n * self.r <= _MOST_MEMORY and self.p <= _MOST_PASSES
        if not (power_of_two and enough and bounded):
            raise KeyFileError(
                f"The ring asks for scrypt with N={self.n}, r={self.r}, p={self.p}; expected at least "
                f"N={FLOOR.n}, r={FLOOR.r}, p={FLOOR.p} and at most 1 GiB.",
                code="scrypt_cost",
                hint="The ring file was changed: restore it from a backup.",
            )


FLOOR: Final = ScryptCost(n=2**14)
STRONG: Final = ScryptCost()


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed secret: `nonce` of 12 bytes, `data` with its 16-byte tag at the end."""

    nonce: bytes
    data: bytes

    def __repr__(self) -> str:
        return "Sealed(…)"


class Vault:
    """Holds the master key of an opened ring, and nothing else."""

    __slots__ = ("_master",)

    def __init__(self, master: bytes) -> None:
        self._master = master

    def __repr__(self) -> str:
        return "Vault(…)"

    @classmethod
    def derive(cls, passphrase: bytes, *, salt: bytes, cost: ScryptCost) -> Vault:
        """Return the vault; takes about 0.2 s by design. Raises `passphrase_missing`, `scrypt_cost`."""
        if not passphrase:
            raise PassportError(
                "The passphrase is empty.",
                code="passphrase_missing",
                hint="Give it in PASSPORT_PASSPHRASE, or in the file named by PASSPORT_PASSPHRASE_FILE.",
            )
        cost.check()
        if len(salt) != SALT_BYTES:
            raise KeyFileError("The salt of the ring has not its length.", code="key_file_damaged")
        return cls(Scrypt(salt=salt, length=_KEY_BYTES, n=cost.n, r=cost.r, p=cost.p).derive(passphrase))

    def _cipher(self, label: bytes) -> AESGCM:
        info = _LABEL + label
        return AESGCM(HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=info).derive(self._master))

    def seal(self, secret: bytes, *, label: bytes, bound: bytes) -> Sealed:
        """Return `secret` sealed under the key of `label`; `bound` must be the same when it is opened."""
        nonce = os.urandom(_NONCE_BYTES)
        return Sealed(nonce, self._cipher(label).encrypt(nonce, secret, bound))

    def unseal(self, sealed: Sealed, *, label: bytes, bound: bytes) -> bytes | None:
        """Return the secret, or None when passphrase, label, bound data or bytes are not those of `seal`."""
        if len(sealed.nonce) != _NONCE_BYTES or len(sealed.data) < _TAG_BYTES:
            return None
        try:
            return self._cipher(label).decrypt(sealed.nonce, sealed.data, bound)
        except InvalidTag:
            return None
