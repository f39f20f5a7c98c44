"""The tables of those who work here: accounts, roles, ways to sign in, sessions.

No secret stands here in the clear: passwords and PINs as Argon2id, one-time codes and cookies as digests, the
seed of a TOTP encrypted with a key of the data folder.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field

from issuer.store.tables.base import Row, bytes_column, instant_column

__all__ = [
    "AccountRow",
    "EnrolmentRow",
    "FederatedIdentityRow",
    "PasskeyRow",
    "RecoveryCodeRow",
    "RoleRow",
    "SignInFlowRow",
    "StaffSessionRow",
    "ThrottleRow",
]


class AccountRow(Row, table=True):
    """Somebody who works here. `id` is random: audit rows name ``staff:ID``. `sign_in_name`: with a password.

    `totp_step`: the last time step whose code was taken; none is taken twice (RFC 6238 section 5.2).
    """

    __tablename__ = "account"
    id: str = Field(primary_key=True)
    name: str
    sign_in_name: str | None = Field(default=None, unique=True)
    password: str | None = None
    totp_seed: bytes | None = bytes_column(default=None)
    totp_step: int | None = instant_column(default=None)
    created_at: int = instant_column()
    disabled_at: int | None = instant_column(default=None)


class RoleRow(Row, table=True):
    """What an account may do, from `start` until `ends`. `body`: None for the roles of the whole scheme."""

    __tablename__ = "role"
    id: int | None = Field(default=None, primary_key=True)
    account: str = Field(foreign_key="account.id", index=True)
    role: str
    body: str | None = Field(default=None, foreign_key="body.slug", index=True)
    start: int = instant_column()
    ends: int | None = instant_column(default=None)


class EnrolmentRow(Row, table=True):
    """What a one-time link of enrolment gives: to a new person, or (`account`) new ways in to a known one."""

    __tablename__ = "enrolment"
    digest: str = Field(primary_key=True, foreign_key="one_time_link.digest")
    name: str
    role: str
    body: str | None = Field(default=None, foreign_key="body.slug")
    account: str | None = Field(default=None, foreign_key="account.id")
    made_by: str
    made_at: int = instant_column()


class PasskeyRow(Row, table=True):
    """A passkey or security key (WebAuthn Level 3, section 4). `sign_count`: as last told."""

    __tablename__ = "passkey"
    credential_id: bytes = bytes_column(primary_key=True)
    account: str = Field(foreign_key="account.id", index=True)
    public_key: bytes = bytes_column()
    sign_count: int = instant_column()
    label: str
    backed_up: bool
    created_at: int = instant_column()
    used_at: int | None = instant_column(default=None)
    revoked_at: int | None = instant_column(default=None)


class RecoveryCodeRow(Row, table=True):
    """A printed one-time code, known by its digest; it opens once."""

    __tablename__ = "recovery_code"
    digest: str = Field(primary_key=True)
    account: str = Field(foreign_key="account.id", index=True)
    created_at: int = instant_column()
    used_at: int | None = instant_column(default=None)


class FederatedIdentityRow(Row, table=True):
    """A person as another provider names them (OpenID Connect Core 1.0 section 5.7: `iss` and `sub`)."""

    __tablename__ = "federated_identity"
    issuer: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    account: str = Field(foreign_key="account.id", index=True)
    created_at: int = instant_column()


class StaffSessionRow(Row, table=True):
    """A session, known by the digest of its cookie. `id` names it in lists.

    `proved_at`: when a second factor was last shown. `locked_at`: until the PIN, or a whole sign-in.
    `pin`: Argon2id of the PIN of this session, `pin_failures`: wrong ones since the last right one.
    `provider`: sealed, what signs out at the provider that somebody came in with.
    """

    __tablename__ = "staff_session"
    digest: str = Field(primary_key=True)
    id: str = Field(unique=True)
    account: str = Field(foreign_key="account.id", index=True)
    device: str
    is_shared: bool
    way: str
    created_at: int = instant_column()
    seen_at: int = instant_column()
    expires_at: int = instant_column()
    proved_at: int | None = instant_column(default=None)
    locked_at: int | None = instant_column(default=None)
    pin: str | None = None
    pin_failures: int
    provider: bytes | None = bytes_column(default=None)
    ended_at: int | None = instant_column(default=None)


class SignInFlowRow(Row, table=True):
    """A sign-in that has begun: the challenge, state or nonce that its answer must carry. Used once."""

    __tablename__ = "sign_in_flow"
    digest: str = Field(primary_key=True)
    kind: str
    data: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    expires_at: int = instant_column()


class ThrottleRow(Row, table=True):
    """How often something failed lately, under a keyed hash that names nobody; `until`: wait till then."""

    __tablename__ = "throttle"
    key: str = Field(primary_key=True)
    failures: int
    at: int = instant_column()
    until: int = instant_column()
