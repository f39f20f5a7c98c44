"""The tables of bodies, attestations, their status, the audit chains and the service itself.

Left to others: people who work here (`staff`), workshops and files of people (`desk`).
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field

from issuer.store.tables.base import Row, bytes_column, instant_column

__all__ = [
    "AccreditationRow",
    "ApiTokenRow",
    "AttestationRow",
    "AuditHeadRow",
    "AuditRow",
    "BodyRow",
    "CredentialRow",
    "HolderRow",
    "IdempotencyRow",
    "LinkRow",
    "LookupCountRow",
    "LookupDayRow",
    "OneTimeLinkRow",
    "PlaceRow",
    "PublicDocumentRow",
    "StatusChangeRow",
    "StatusEntryRow",
    "StatusListRow",
    "UpkeepRow",
]


class BodyRow(Row, table=True):
    """A body. `closed_at`: the first second at which it no longer belongs to the scheme.

    `signatory`: who signs its letters and papers for people, as a line; "" for nobody.
    """

    __tablename__ = "body"
    slug: str = Field(primary_key=True)
    name: str
    kind: str
    logo_png: bytes | None = bytes_column(default=None)
    signatory: str
    created_at: int = instant_column()
    closed_at: int | None = instant_column(default=None)
    successor: str | None = Field(default=None, foreign_key="body.slug")


class AccreditationRow(Row, table=True):
    """A body may attest this framework from level `lowest` to `highest`, in this period."""

    __tablename__ = "accreditation"
    id: int | None = Field(default=None, primary_key=True)
    body: str = Field(foreign_key="body.slug", index=True)
    framework: str
    lowest: int
    highest: int
    start: int = instant_column()
    ends: int | None = instant_column(default=None)


class PlaceRow(Row, table=True):
    """A place of a body, under the body's own short name for it."""

    __tablename__ = "place"
    body: str = Field(foreign_key="body.slug", primary_key=True)
    id: str = Field(primary_key=True)
    name: str
    start: int = instant_column()
    ends: int | None = instant_column(default=None)


class HolderRow(Row, table=True):
    """The person named by attestations. `id` is random and says nothing.

    `merged_into`: the same person, under whom everything now stands. `erased_at`: names and all are gone.
    """

    __tablename__ = "holder"
    id: str = Field(primary_key=True)
    given_name: str
    family_name: str
    birthdate: date | None = None
    email: str | None = None
    created_at: int = instant_column()
    merged_into: str | None = Field(default=None, foreign_key="holder.id")
    erased_at: int | None = instant_column(default=None)


class AttestationRow(Row, table=True):
    """What was seen. `id` is the opaque id that audit rows use; `code` is the typed code.

    `person_key`: keyed digest of the person, to find the same person again. `source_key`: where the
    request came from (a line of a file, a key of an API), once in a body. `erased_at`: the person asked; then
    its tokens are empty, and `person_key` and `source_key`, which are made from names, too.
    """

    __tablename__ = "attestation"
    __table_args__ = (UniqueConstraint("body", "source_key"),)
    id: str = Field(primary_key=True)
    code: str = Field(unique=True)
    holder_id: str = Field(foreign_key="holder.id", index=True)
    body: str = Field(foreign_key="body.slug")
    framework: str
    levels: dict[str, int] = Field(sa_column=Column(JSON, nullable=False))
    assessed_on: date
    method: str
    place: str | None = None
    issued_at: int = instant_column()
    expires_at: int | None = instant_column(default=None)
    person_key: str = Field(index=True)
    source_key: str | None = None
    erased_at: int | None = instant_column(default=None)


class StatusListRow(Row, table=True):
    """A status list of a body: the array, and the last token signed over it.

    `revision` counts changes of the array; `signed_revision` is the one that `signed_token` and the two W3C
    lists of the same moment (`signed_revocation`, `signed_suspension`) show. What is large comes last: SQLite
    walks over every column before the one that is asked for.
    """

    __tablename__ = "status_list"
    __table_args__ = (UniqueConstraint("body", "number"),)
    id: str = Field(primary_key=True)
    body: str = Field(foreign_key="body.slug")
    number: int
    size: int
    taken: int
    revision: int
    signed_at: int | None = instant_column(default=None)
    signed_revision: int | None = None
    signed_token: bytes | None = bytes_column(default=None)
    signed_revocation: bytes | None = bytes_column(default=None)
    signed_suspension: bytes | None = bytes_column(default=None)
    array: bytes = bytes_column()


class StatusEntryRow(Row, table=True):
    """A taken entry of a status list: once taken, for ever, even after erasure of the attestation."""

    __tablename__ = "status_entry"
    list_id: str = Field(foreign_key="status_list.id", primary_key=True)
    position: int = Field(primary_key=True)
    attestation_id: str = Field(index=True)


class CredentialRow(Row, table=True):
    """One signed form of an attestation. `member_digest` is its name in a sealed set of key `kid`."""

    __tablename__ = "credential"
    __table_args__ = (UniqueConstraint("list_id", "position", "form"),)
    attestation_id: str = Field(foreign_key="attestation.id", primary_key=True)
    form: str = Field(primary_key=True)
    token: bytes = bytes_column()
    member_digest: bytes = bytes_column(unique=True)
    kid: str
    list_id: str = Field(foreign_key="status_list.id")
    position: int
    created_at: int = instant_column()


class StatusChangeRow(Row, table=True):
    """The private side of a change of status: who, and a reason that is never public."""

    __tablename__ = "status_change"
    id: int | None = Field(default=None, primary_key=True)
    attestation_id: str = Field(foreign_key="attestation.id", index=True)
    before: int
    after: int
    at: int = instant_column()
    actor: str
    reason: str | None = None


class LinkRow(Row, table=True):
    """The issuer's own link between two attestations; nothing public reveals it (DESIGN, rule 10)."""

    __tablename__ = "link"
    newer_id: str = Field(foreign_key="attestation.id", primary_key=True)
    older_id: str = Field(foreign_key="attestation.id", primary_key=True, index=True)
    kind: str
    at: int = instant_column()


class AuditHeadRow(Row, table=True):
    """The last row of a chain; locked last, for the shortest time (PERFORMANCE.md)."""

    __tablename__ = "audit_head"
    chain: str = Field(primary_key=True)
    seq: int
    hash: str


class AuditRow(Row, table=True):
    """One thing done. `detail`: canonical JSON of opaque ids and digests, hashed as it stands."""

    __tablename__ = "audit_row"
    chain: str = Field(foreign_key="audit_head.chain", primary_key=True)
    seq: int = Field(primary_key=True)
    previous: str
    hash: str
    at: int = instant_column()
    event: str
    detail: str


class PublicDocumentRow(Row, table=True):
    """A signed document as published: ``trust/3`` is a version of the list, ``now`` its companion."""

    __tablename__ = "public_document"
    name: str = Field(primary_key=True)
    version: int
    data: bytes = bytes_column()
    made_at: int = instant_column()


class UpkeepRow(Row, table=True):
    """Signing again what is due, by whichever process does it: one row.

    `holder` does it until `until`. `worked_at`: when all that was due was last signed. `failures`: how many
    turns have failed since; `failure`: the code of the last failure, or "".
    """

    __tablename__ = "upkeep"
    task: str = Field(primary_key=True)
    holder: str
    until: int = instant_column()
    worked_at: int | None = instant_column(default=None)
    failures: int
    failure: str


class ApiTokenRow(Row, table=True):
    """A bearer token of one body, known by its SHA-256 only."""

    __tablename__ = "api_token"
    digest: str = Field(primary_key=True)
    body: str = Field(foreign_key="body.slug", index=True)
    label: str
    created_at: int = instant_column()
    revoked_at: int | None = instant_column(default=None)


class IdempotencyRow(Row, table=True):
    """The answer given to an `Idempotency-Key` of a body, and the digest of the request it was given to."""

    __tablename__ = "idempotency"
    body: str = Field(foreign_key="body.slug", primary_key=True)
    key: str = Field(primary_key=True)
    request_digest: str
    response: bytes = bytes_column()
    created_at: int = instant_column()


class LookupDayRow(Row, table=True):
    """The key of one day, thrown away the day after: older counts can then be tied to no network."""

    __tablename__ = "lookup_day"
    day: int = Field(primary_key=True)
    key: bytes = bytes_column()


class LookupCountRow(Row, table=True):
    """How many codes one network asked for on one day; the network is a keyed hash."""

    __tablename__ = "lookup_count"
    day: int = Field(foreign_key="lookup_day.day", primary_key=True)
    network: str = Field(primary_key=True)
    asked: int


class OneTimeLinkRow(Row, table=True):
    """A link that opens once, known by its SHA-256 only."""

    __tablename__ = "one_time_link"
    digest: str = Field(primary_key=True)
    purpose: str
    expires_at: int = instant_column()
    used_at: int | None = instant_column(default=None)
