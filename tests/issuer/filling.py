"""A row in each table of the desk, put there beside the program, for what must hold of every table."""

from __future__ import annotations

from datetime import date

from issuer.register import Register
from issuer.store.rows import insert_rows
from issuer.store.tables import (
    AccountRow,
    AttendanceRow,
    DecisionRow,
    EnrolmentRow,
    FederatedIdentityRow,
    HandoverRow,
    KeptFileRow,
    NameGramRow,
    OneTimeLinkRow,
    OutgoingMailRow,
    PaperShownRow,
    PasskeyRow,
    PendingActRow,
    PersonFileRow,
    PlaceCardRow,
    RatingRow,
    RecoveryCodeRow,
    RoleRow,
    Row,
    SecondLookRow,
    SignInFlowRow,
    SnapshotRow,
    StaffSessionRow,
    ThrottleRow,
    WorkshopRow,
)

AT = 1_790_000_000


def fill_desk(
    register: Register, *, body: str, other: str, place: str, holder: str, attestation: str
) -> None:
    """Insert one row of each; `holder`, `attestation`: ids of rows that are there."""
    seen = {"workshop": "w", "holder_id": holder}
    by = {"by": "staff:é", "at": AT}
    rows: list[tuple[type[Row], dict[str, object]]] = [
        (AccountRow, {"id": "a", "name": "Zoé", "totp_seed": b"\x00\xff", "created_at": AT}),
        (RoleRow, {"account": "a", "role": "trainer", "body": body, "start": AT}),
        (OneTimeLinkRow, {"digest": "e" * 64, "purpose": "enrol", "expires_at": AT}),
        (
            EnrolmentRow,
            {"digest": "e" * 64, "name": "Zoé", "role": "agency", "made_by": "cli", "made_at": AT},
        ),
        (
            PasskeyRow,
            {
                "credential_id": b"\x00k",
                "account": "a",
                "public_key": b"\xff",
                "sign_count": 0,
                "label": "clé",
                "backed_up": True,
                "created_at": AT,
            },
        ),
        (RecoveryCodeRow, {"digest": "r", "account": "a", "created_at": AT}),
        (
            FederatedIdentityRow,
            {"issuer": "https://op.example", "subject": "s", "account": "a", "created_at": AT},
        ),
        (
            StaffSessionRow,
            {
                "digest": "s",
                "id": "i",
                "account": "a",
                "device": "tablette",
                "is_shared": False,
                "way": "test",
                "created_at": AT,
                "seen_at": AT,
                "expires_at": AT,
                "pin_failures": 0,
            },
        ),
        (SignInFlowRow, {"digest": "f", "kind": "oidc", "data": {"é": [1, None]}, "expires_at": AT}),
        (SnapshotRow, {"name": "board", "made_at": AT, "data": {"é": [1]}}),
        (ThrottleRow, {"key": "t", "failures": 1, "at": AT, "until": AT}),
        (PaperShownRow, {"body": body, "attestation_id": attestation, "shown_at": AT, "shown_by": "staff:a"}),
        (
            KeptFileRow,
            {
                "id": "k",
                "account": "a",
                "body": body,
                "options": {"é": ""},
                "expires_at": AT,
                "data": b"\x00\xff",
            },
        ),
        (
            PersonFileRow,
            {"holder_id": holder, "body": other, "identity": "seen", "opened_at": AT, "opened_by": "staff:a"},
        ),
        (NameGramRow, {"body": body, "gram": "hé", "holder_id": holder}),
        (
            WorkshopRow,
            {
                "id": "w",
                "body": body,
                "place": place,
                "held_on": date(2026, 9, 20),
                "title": "É",
                "framework": "digcomp-3.0",
                "method": "observation",
                "competences": ["1.1"],
                "gestures": ["g"],
                "created_by": "staff:a",
                "created_at": AT,
            },
        ),
        (AttendanceRow, {**seen, "position": 1, "added_at": AT, "undone": 0}),
        (RatingRow, {**seen, "gesture": "g", "rating": "seul", "revision": 1, **by}),
        (DecisionRow, {**seen, "competence": "1.1", "proposed": 1, "level": 1, "why": "", **by}),
        (
            HandoverRow,
            {
                "attestation_id": attestation,
                "printed_at": AT,
                "handed_on": date(2026, 9, 21),
                "by": "staff:a",
            },
        ),
        (
            SecondLookRow,
            {"id": "l", "body": body, "holder_id": holder, "asked_at": AT, "noted_by": "staff:a"},
        ),
        (
            PendingActRow,
            {
                "id": "p",
                "body": body,
                "kind": "withdraw",
                "payload": {"ids": ["x"]},
                "reason": "r",
                "asked_by": "staff:a",
                "asked_at": AT,
            },
        ),
        (PlaceCardRow, {"body": body, "place": place, "card": {"wifi": True}, "updated_at": AT}),
        (
            OutgoingMailRow,
            {
                "id": "m",
                "attestation_id": attestation,
                "address": "a@b.example",
                "queued_by": "staff:a",
                "queued_at": AT,
                "due_at": AT,
                "failures": 0,
            },
        ),
    ]
    with register.writing() as session:
        for table, row in rows:
            insert_rows(session, table, [row])
