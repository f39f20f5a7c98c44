"""The tables of the desk: files of people, workshops, what was seen there, and what comes of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON, Column, ForeignKeyConstraint
from sqlmodel import Field

from issuer.store.tables.base import Row, bytes_column, instant_column

__all__ = [
    "AttendanceRow",
    "DecisionRow",
    "HandoverRow",
    "KeptFileRow",
    "NameGramRow",
    "OutgoingMailRow",
    "PaperShownRow",
    "PendingActRow",
    "PersonFileRow",
    "PlaceCardRow",
    "RatingRow",
    "SecondLookRow",
    "SnapshotRow",
    "WorkshopRow",
]


def _json() -> Any:
    return Field(sa_column=Column(JSON, nullable=False))


class PersonFileRow(Row, table=True):
    """A body knows a person. `identity`: ``seen``, ``known`` or ``declared``. For no other body to see."""

    __tablename__ = "person_file"
    holder_id: str = Field(foreign_key="holder.id", primary_key=True)
    body: str = Field(foreign_key="body.slug", primary_key=True, index=True)
    identity: str
    opened_at: int = instant_column()
    opened_by: str


class NameGramRow(Row, table=True):
    """One key of a person's names (`issuer.register.spelling`): finds a name that is misspelt.

    SQLite keeps the rows in the key itself: half the size, and one look-up instead of two.
    """

    __tablename__ = "name_gram"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 (SQLAlchemy's own name)
    body: str = Field(foreign_key="body.slug", primary_key=True)
    gram: str = Field(primary_key=True)
    holder_id: str = Field(foreign_key="holder.id", primary_key=True, index=True)


class WorkshopRow(Row, table=True):
    """A workshop: where, when, which competences and gestures are looked at. `closed_at`: it is over."""

    __tablename__ = "workshop"
    id: str = Field(primary_key=True)
    body: str = Field(foreign_key="body.slug", index=True)
    place: str | None = None
    held_on: date
    title: str
    template: str | None = None
    framework: str
    method: str
    competences: list[str] = _json()
    gestures: list[str] = _json()
    created_by: str
    created_at: int = instant_column()
    closed_at: int | None = instant_column(default=None)


class AttendanceRow(Row, table=True):
    """Somebody was there, as number `position` of the list. `left_at`: taken off the list again.

    `undone`: how often what was issued for them here was taken back.
    """

    __tablename__ = "attendance"
    workshop: str = Field(foreign_key="workshop.id", primary_key=True)
    holder_id: str = Field(foreign_key="holder.id", primary_key=True, index=True)
    position: int
    added_at: int = instant_column()
    left_at: int | None = instant_column(default=None)
    undone: int


class RatingRow(Row, table=True):
    """One tap: how one gesture of one person went. `revision` counts the taps on it."""

    __tablename__ = "rating"
    __table_args__ = (
        ForeignKeyConstraint(["workshop", "holder_id"], ["attendance.workshop", "attendance.holder_id"]),
    )
    workshop: str = Field(primary_key=True)
    holder_id: str = Field(primary_key=True, index=True)
    gesture: str = Field(primary_key=True)
    rating: str
    revision: int
    by: str
    at: int = instant_column()


class DecisionRow(Row, table=True):
    """The level of one competence: what the rule proposed, what the trainer decided, and why it differs."""

    __tablename__ = "decision"
    __table_args__ = (
        ForeignKeyConstraint(["workshop", "holder_id"], ["attendance.workshop", "attendance.holder_id"]),
    )
    workshop: str = Field(primary_key=True)
    holder_id: str = Field(primary_key=True, index=True)
    competence: str = Field(primary_key=True)
    proposed: int | None = None
    level: int | None = None
    why: str
    by: str
    at: int = instant_column()
    attestation_id: str | None = Field(default=None, foreign_key="attestation.id", index=True)


class HandoverRow(Row, table=True):
    """What became of the paper of an attestation: printed, and handed over."""

    __tablename__ = "handover"
    attestation_id: str = Field(foreign_key="attestation.id", primary_key=True)
    printed_at: int | None = instant_column(default=None)
    handed_on: date | None = None
    by: str


class SecondLookRow(Row, table=True):
    """The holder asked that another trainer look again at one attestation. `attestation_id`: what they asked
    about; `outcome_id`: the attestation that came of it, if any."""

    __tablename__ = "second_look"
    id: str = Field(primary_key=True)
    body: str = Field(foreign_key="body.slug", index=True)
    holder_id: str = Field(foreign_key="holder.id", index=True)
    attestation_id: str | None = Field(default=None, foreign_key="attestation.id")
    asked_at: int = instant_column()
    noted_by: str
    taken_by: str | None = None
    closed_at: int | None = instant_column(default=None)
    outcome: str | None = None
    outcome_id: str | None = Field(default=None, foreign_key="attestation.id")


class PendingActRow(Row, table=True):
    """Something that one person asked for and a second person must agree to. `payload`: opaque ids only."""

    __tablename__ = "pending_act"
    id: str = Field(primary_key=True)
    body: str = Field(foreign_key="body.slug", index=True)
    kind: str
    payload: dict[str, Any] = _json()
    reason: str
    asked_by: str
    asked_at: int = instant_column()
    decided_by: str | None = None
    decided_at: int | None = instant_column(default=None)
    outcome: str | None = None


class PlaceCardRow(Row, table=True):
    """What the public directory says of a place: address, hours, telephone, wifi, whether it travels."""

    __tablename__ = "place_card"
    __table_args__ = (ForeignKeyConstraint(["body", "place"], ["place.body", "place.id"]),)
    body: str = Field(primary_key=True)
    place: str = Field(primary_key=True)
    card: dict[str, Any] = _json()
    updated_at: int = instant_column()


class OutgoingMailRow(Row, table=True):
    """A sheet to be sent by mail. `address` is emptied once it was sent or given up."""

    __tablename__ = "outgoing_mail"
    id: str = Field(primary_key=True)
    attestation_id: str = Field(foreign_key="attestation.id", index=True)
    address: str
    queued_by: str
    queued_at: int = instant_column()
    due_at: int = instant_column()
    failures: int
    sent_at: int | None = instant_column(default=None)
    given_up_at: int | None = instant_column(default=None)


class PaperShownRow(Row, table=True):
    """A holder showed a paper at a body that may be another than the one that made it: it may see that paper.

    `shown_at`, `shown_by`: the last time.
    """

    __tablename__ = "paper_shown"
    body: str = Field(foreign_key="body.slug", primary_key=True)
    attestation_id: str = Field(foreign_key="attestation.id", primary_key=True, index=True)
    shown_at: int = instant_column()
    shown_by: str


class KeptFileRow(Row, table=True):
    """A list that somebody sent and has not confirmed yet, sealed; gone when confirmed or after an hour."""

    __tablename__ = "kept_file"
    id: str = Field(primary_key=True)
    account: str = Field(foreign_key="account.id", index=True)
    body: str = Field(foreign_key="body.slug")
    options: dict[str, Any] = _json()
    expires_at: int = instant_column()
    data: bytes = bytes_column()


class SnapshotRow(Row, table=True):
    """What was counted or checked, and when: shown as it stands until it is done again."""

    __tablename__ = "snapshot"
    name: str = Field(primary_key=True)
    made_at: int = instant_column()
    data: dict[str, Any] = _json()
