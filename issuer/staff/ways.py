"""The ways somebody has to come in: which there are, and how they are added and taken away.

Decided here: a password counts only with a second factor beside it; the last way in cannot be taken away by
its owner; new printed codes end the old ones; a new password or application is noted in the audit chain, as
is whatever goes. Left to others: how a way is tried (`signing_in`, `passkeys`), whoever gives new ones to
somebody who lost theirs (`enrolling`).
"""

from __future__ import annotations

from dataclasses import dataclass

from issuer.register import chain
from issuer.register.folder import Register
from issuer.staff.passkeys import NewKey
from issuer.staff.passwords import check_password, hash_secret
from issuer.staff.roles import Staff
from issuer.staff.second_factors import digest_of_code, first_step, new_codes, seal_seed
from issuer.staff.signing_in import new_sign_in_name
from issuer.store import staff as staff_store
from issuer.store import ways as store
from issuer.store.database import Session
from passport.errors import InputError

__all__ = [
    "Key",
    "Ways",
    "add_key",
    "credential_id",
    "give_app",
    "give_codes",
    "give_key",
    "give_password",
    "names_of",
    "remove_key",
    "renew_codes",
    "set_app",
    "set_password",
    "ways_of",
]


@dataclass(frozen=True, slots=True)
class Key:
    """A passkey or security key. `id`: its credential id, hexadecimal. `backed_up`: copied elsewhere."""

    id: str
    label: str
    backed_up: bool
    created_at: int
    used_at: int | None


@dataclass(frozen=True, slots=True)
class Ways:
    """What an account has. `providers`: issuers of OpenID Connect that know this person."""

    sign_in_name: str
    has_password: bool
    has_app: bool
    codes_left: int
    keys: tuple[Key, ...]
    providers: tuple[str, ...]

    @property
    def has_factor(self) -> bool:
        """Whether there is a second factor to a password."""
        return self.has_app or self.codes_left > 0

    @property
    def count(self) -> int:
        """How many ways lead in."""
        return len(self.keys) + len(self.providers) + int(self.has_password and self.has_factor)


def ways_of(register: Register, account: str) -> Ways:
    """Return the ways of an account."""
    with register.reading() as session:
        return ways_in(session, account)


def ways_in(session: Session, account: str) -> Ways:
    """Return what `ways_of` returns, in the caller's transaction."""
    row = staff_store.account(session, account)
    keys = tuple(
        Key(key.credential_id.hex(), key.label, key.backed_up, key.created_at, key.used_at)
        for key in store.passkeys_of(session, account)
    )
    return Ways(
        sign_in_name=(row.sign_in_name or "") if row else "",
        has_password=row is not None and row.password is not None,
        has_app=row is not None and row.totp_seed is not None,
        codes_left=store.codes_left(session, account),
        keys=keys,
        providers=tuple(known.issuer for known in store.identities_of(session, account)),
    )


def set_password(register: Register, staff: Staff, password: str) -> str:
    """Set a password and return the name to sign in with, which is made where there was none.

    Raises `InputError`: `password_short`, `password_long`, `password_common`.
    """
    check_password(password, names_of(register, staff.name))
    hashed, at = hash_secret(password), register.now()
    with register.writing() as session:
        name = give_password(session, staff.account, staff.name, hashed)
        note(session, staff, "staff.password_set", at=at)
    return name


def names_of(register: Register, name: str) -> list[str]:
    """Return the words that anyone would try in a password of somebody with this name."""
    return [name, register.scheme.name]


def give_password(
    session: Session, account: str, name: str, hashed: str, *, sign_in_name: str | None = None
) -> str:
    """Keep the hash of a password; return the name to sign in with: the one there was, or a new one.

    Raises `InputError` (`link_closed`) when somebody got the wanted name meanwhile.
    """
    row = staff_store.account(session, account)
    kept = row.sign_in_name if row is not None else None
    if sign_in_name and not kept and store.account_by_sign_in_name(session, sign_in_name) is not None:
        raise InputError("Another got this name meanwhile.", code="link_closed")
    sign_in_name = kept or sign_in_name or new_sign_in_name(session, name)
    store.change_account(session, account, sign_in_name=sign_in_name, password=hashed)
    return sign_in_name


def set_app(register: Register, staff: Staff, seed: str, code: str) -> None:
    """Keep the seed of an application that has shown a right code. Raises `InputError` (`app_code`)."""
    step = first_step(seed, code, at=register.now())
    if step is None:
        raise InputError("This is not the code that the application shows now.", code="app_code")
    with register.writing() as session:
        give_app(register, session, staff.account, seed, step)
        note(session, staff, "staff.app_set", at=register.now())


def give_app(register: Register, session: Session, account: str, seed: str, step: int) -> None:
    """Keep the seed of an application, in the caller's transaction. `step`: of its first code."""
    sealed = seal_seed(register, seed, account=account)
    store.change_account(session, account, totp_seed=sealed, totp_step=step)


def renew_codes(register: Register, staff: Staff) -> list[str]:
    """Return ten new printed codes, this once; the old ones open no more."""
    codes, at = new_codes(), register.now()
    with register.writing() as session:
        give_codes(register, session, staff.account, codes, at=at)
        note(session, staff, "staff.codes_renewed", at=at)
    return codes


def give_codes(register: Register, session: Session, account: str, codes: list[str], *, at: int) -> None:
    """Keep printed codes in place of the old ones, in the caller's transaction."""
    store.drop_unused_codes(session, account)
    store.add_codes(session, account, [digest_of_code(register, account, code) for code in codes], at=at)


def add_key(register: Register, staff: Staff, made: NewKey, label: str) -> None:
    """Add a key that was just made. Raises `InputError` (`key_refused`) when it is somebody's already."""
    at = register.now()
    with register.writing() as session:
        give_key(session, staff.account, made, label, at=at)
        note(session, staff, "staff.key_added", at=at)


def give_key(session: Session, account: str, made: NewKey, label: str, *, at: int) -> None:
    """Keep a key that was just made, in the caller's transaction. Raises `InputError` (`key_refused`)."""
    if store.passkey(session, made.credential_id) is not None:
        raise InputError("This key is known already.", code="key_refused")
    store.add_passkey(session, made.row(account, label, at=at))


def remove_key(register: Register, staff: Staff, key: str) -> None:
    """Take a passkey away. Raises `InputError`: `last_way`, `unknown_key`."""
    at = register.now()
    with register.writing() as session:
        if not store.revoke_passkey(session, staff.account, credential_id(key), at=at):
            raise InputError("There is no such key.", code="unknown_key")
        if ways_in(session, staff.account).count == 0:
            raise InputError("This is the only way in.", code="last_way")
        note(session, staff, "staff.key_removed", at=at)


def credential_id(key: str) -> bytes:
    """Return the credential id that `Key.id` says; b"" when it says none."""
    try:
        return bytes.fromhex(key[:2_048])
    except ValueError:
        return b""


def note(session: Session, staff: Staff, event: str, *, at: int) -> None:
    """Note in the scheme's audit chain that somebody changed their own ways in."""
    chain.append(session, chain.SCHEME_CHAIN, event, {"actor": staff.actor}, at=at)
