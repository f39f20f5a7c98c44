"""Alembic's entry: runs the versions on the connection that `issuer.store.migrating` hands over.

Never used from a shell with a URL of its own: foreign keys must be off before BEGIN on SQLite, and only
`migrating` sees to that.
"""

from __future__ import annotations

from alembic import context

from issuer.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # SQLite cannot alter most things: Alembic copies the table instead ("batch").
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
