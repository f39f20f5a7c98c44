"""The tables. They validate nothing (docs of SQLModel): only validated types of the book are written.

Decided here: columns, keys and constraints, with names that migrations can rely on; no ``ON DELETE
CASCADE`` anywhere (a batch change of SQLite once emptied a child table that had one). Times are seconds
since 1970. Left to others: queries (the other modules of `issuer.store`), changes of this schema
(`migrations`: a test compares both).
"""

from __future__ import annotations

from issuer.store.tables.base import (
    METADATA,
    Row,
)
from issuer.store.tables.desk import (
    AttendanceRow,
    DecisionRow,
    HandoverRow,
    KeptFileRow,
    NameGramRow,
    OutgoingMailRow,
    PaperShownRow,
    PendingActRow,
    PersonFileRow,
    PlaceCardRow,
    RatingRow,
    SecondLookRow,
    SnapshotRow,
    WorkshopRow,
)
from issuer.store.tables.register import (
    AccreditationRow,
    ApiTokenRow,
    AttestationRow,
    AuditHeadRow,
    AuditRow,
    BodyRow,
    CredentialRow,
    HolderRow,
    IdempotencyRow,
    LinkRow,
    LookupCountRow,
    LookupDayRow,
    OneTimeLinkRow,
    PlaceRow,
    PublicDocumentRow,
    StatusChangeRow,
    StatusEntryRow,
    StatusListRow,
    UpkeepRow,
)
from issuer.store.tables.staff import (
    AccountRow,
    EnrolmentRow,
    FederatedIdentityRow,
    PasskeyRow,
    RecoveryCodeRow,
    RoleRow,
    SignInFlowRow,
    StaffSessionRow,
    ThrottleRow,
)

__all__ = [
    "METADATA",
    "AccountRow",
    "AccreditationRow",
    "ApiTokenRow",
    "AttendanceRow",
    "AttestationRow",
    "AuditHeadRow",
    "AuditRow",
    "BodyRow",
    "CredentialRow",
    "DecisionRow",
    "EnrolmentRow",
    "FederatedIdentityRow",
    "HandoverRow",
    "HolderRow",
    "IdempotencyRow",
    "KeptFileRow",
    "LinkRow",
    "LookupCountRow",
    "LookupDayRow",
    "NameGramRow",
    "OneTimeLinkRow",
    "OutgoingMailRow",
    "PaperShownRow",
    "PasskeyRow",
    "PendingActRow",
    "PersonFileRow",
    "PlaceCardRow",
    "PlaceRow",
    "PublicDocumentRow",
    "RatingRow",
    "RecoveryCodeRow",
    "RoleRow",
    "Row",
    "SecondLookRow",
    "SignInFlowRow",
    "SnapshotRow",
    "StaffSessionRow",
    "StatusChangeRow",
    "StatusEntryRow",
    "StatusListRow",
    "ThrottleRow",
    "UpkeepRow",
    "WorkshopRow",
]
