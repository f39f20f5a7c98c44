"""Upkeep: which process signs what is due, and how it went. Arrays of status lists are kept as they are.

PostgreSQL would otherwise compress an array of 256 KiB at each change (7 ms against 1.5 ms for the UPDATE),
and try to compress its token, which is compressed already.

Revision 0002, after 0001.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_LARGE = ("array", "signed_token")


def upgrade() -> None:
    op.create_table(
        "upkeep",
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("worked_at", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failure", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("task", name=op.f("pk_upkeep")),
    )
    _store_large_columns("EXTERNAL")


def downgrade() -> None:
    _store_large_columns("EXTENDED")
    op.drop_table("upkeep")


def _store_large_columns(how: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for column in _LARGE:
            op.execute(f'ALTER TABLE status_list ALTER COLUMN "{column}" SET STORAGE {how}')
