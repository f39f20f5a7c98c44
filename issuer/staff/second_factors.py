"""The second factor beside a password: codes of an application (TOTP) and printed one-time codes.

Decided here: a TOTP is that of RFC 6238 with its defaults (SHA-1, 6 digits, 30 s), one step off is
taken, and no step twice (section 5.2); the seed is 160 random bits, sealed. A printed code is 10 characters
that nobody mistakes for another when copying by hand, ten on a sheet, each good once; only a keyed digest
that is bound to the account is kept. Both answers are reckoned in the same way whether somebody exists or
not. The only module that imports pyotp. Left to others: how often somebody may try (`throttle`).
"""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Final

import pyotp

from issuer.register.folder import Register
from issuer.staff.keyed import keyed_hash, seal, unseal
from issuer.store import ways as store
from issuer.store.database import Session
from issuer.store.tables import AccountRow

__all__ = [
    "CODES",
    "Factor",
    "app_address",
    "compact_code",
    "digest_of_code",
    "first_step",
    "matching_factor",
    "new_codes",
    "new_seed",
    "seal_seed",
    "take_factor",
]

CODES: Final = 10
_SEED: Final = "totp"
_STEP_SECONDS: Final = 30
_LETTERS: Final = "2346789BCDFGHJKMPQRTVWXY"
_GROUP: Final = 5
_DIGITS: Final = re.compile(r"[0-9]{6}")
_CODE: Final = re.compile(rf"[{_LETTERS}]{{{2 * _GROUP}}}")
_NO_SEED: Final = pyotp.random_base32()


@dataclass(frozen=True, slots=True)
class Factor:
    """A second factor that matched and is not used up yet: a time step, or the digest of a printed code."""

    step: int | None = None
    digest: str | None = None


def new_seed() -> str:
    """Return a new seed, Base32, as an application takes it."""
    return pyotp.random_base32()


def seal_seed(register: Register, seed: str, *, account: str) -> bytes:
    """Return a seed as it is kept."""
    return seal(register, _SEED, seed.encode(), owner=account)


def app_address(seed: str, *, name: str, scheme: str) -> str:
    """Return what the QR for the application says (``otpauth://``); ASCII."""
    return pyotp.TOTP(seed).provisioning_uri(name=name, issuer_name=scheme)


def first_step(seed: str, code: str, *, at: int) -> int | None:
    """Return the time step of which `code` is the code, None when it is none of now."""
    return _step_of(seed, compact_code(code), at=at)


def _step_of(seed: str, code: str, *, at: int) -> int | None:
    """Compare with each step that is near; all of them each time, so that the time tells nothing."""
    now, found = at // _STEP_SECONDS, None
    for step in (now - 1, now, now + 1):
        if hmac.compare_digest(pyotp.HOTP(seed).at(max(step, 0)).encode(), code.encode()):
            found = step
    return found if _DIGITS.fullmatch(code) else None


def compact_code(code: str) -> str:
    """Return a code as it is compared: without the signs that people put between."""
    return re.sub(r"[\s.-]", "", code).upper()[:40]


def new_codes() -> list[str]:
    """Return ten new printed codes in two groups (``2346B-CDFGH``), about 45 random bits each."""
    return [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(2))
        for _ in range(CODES)
    ]


def digest_of_code(register: Register, account: str, code: str) -> str:
    """Return the digest under which a printed code of an account is kept."""
    return keyed_hash(register, "printed-code", f"{account}\x00{compact_code(code)}")


def matching_factor(register: Register, row: AccountRow | None, code: str, *, at: int) -> Factor | None:
    """Return what `code` may be: the same work for somebody who does not exist. Nothing is used up yet."""
    account = row.id if row is not None else ""
    seed = unseal(register, _SEED, row.totp_seed, owner=account) if row and row.totp_seed else None
    compact = compact_code(code)
    step = _step_of(seed.decode() if seed else _NO_SEED, compact, at=at)
    digest = digest_of_code(register, account, compact)
    if seed is not None and step is not None:
        return Factor(step=step)
    return Factor(digest=digest) if _CODE.fullmatch(compact) and row is not None else None


def take_factor(session: Session, account: str, factor: Factor, *, at: int) -> bool:
    """Use a factor up; False when it was used before, or is none of this account's."""
    if factor.step is not None:
        return store.take_totp_step(session, account, factor.step)
    return factor.digest is not None and store.use_code(session, account, factor.digest, at=at)
