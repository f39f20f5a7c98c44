"""Alembic's environment and the versions of the schema, part of the wheel; see `issuer.store.migrating`."""
