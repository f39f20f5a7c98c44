"""The W3C encodings of a status list, signed together with its token.

Revision 0003, after 0002.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_COLUMNS = ("signed_revocation", "signed_suspension")


def upgrade() -> None:
    # Null: what was signed before says nothing in these encodings, so that it is due to be signed again.
    with op.batch_alter_table("status_list") as batch:
        for name in _COLUMNS:
            batch.add_column(sa.Column(name, sa.LargeBinary(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        for name in _COLUMNS:  # compressed already
            op.execute(f'ALTER TABLE status_list ALTER COLUMN "{name}" SET STORAGE EXTERNAL')
    op.execute("UPDATE status_list SET signed_revision = NULL")


def downgrade() -> None:
    with op.batch_alter_table("status_list") as batch:
        for name in reversed(_COLUMNS):
            batch.drop_column(name)
