"""The first schema: bodies, people, attestations, credentials, status lists, audit chains.

Revision 0001, after nothing.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_head",
        sa.Column("chain", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "body",
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("logo_png", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("successor", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["successor"], ["body.slug"], name=op.f("fk_body_successor_body")),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_body")),
    )
    op.create_table(
        "holder",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("given_name", sa.String(), nullable=False),
        sa.Column("family_name", sa.String(), nullable=False),
        sa.Column("birthdate", sa.Date(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holder")),
    )
    op.create_table(
        "lookup_day",
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_lookup_day")),
    )
    op.create_table(
        "one_time_link",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_one_time_link")),
    )
    op.create_table(
        "public_document",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_public_document")),
    )
    op.create_table(
        "accreditation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("framework", sa.String(), nullable=False),
        sa.Column("lowest", sa.Integer(), nullable=False),
        sa.Column("highest", sa.Integer(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["body"], ["body.slug"], name=op.f("fk_accreditation_body_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accreditation")),
    )
    op.create_index(op.f("ix_accreditation_body"), "accreditation", ["body"], unique=False)
    op.create_table(
        "api_token",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["body"], ["body.slug"], name=op.f("fk_api_token_body_body")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_api_token")),
    )
    op.create_index(op.f("ix_api_token_body"), "api_token", ["body"], unique=False)
    op.create_table(
        "attestation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("holder_id", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("framework", sa.String(), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("person_key", sa.String(), nullable=False),
        sa.Column("source_key", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["body"], ["body.slug"], name=op.f("fk_attestation_body_body")),
        sa.ForeignKeyConstraint(["holder_id"], ["holder.id"], name=op.f("fk_attestation_holder_id_holder")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attestation")),
        sa.UniqueConstraint("body", "source_key", name=op.f("uq_attestation_body_source_key")),
        sa.UniqueConstraint("code", name=op.f("uq_attestation_code")),
    )
    op.create_index(op.f("ix_attestation_holder_id"), "attestation", ["holder_id"], unique=False)
    op.create_index(op.f("ix_attestation_person_key"), "attestation", ["person_key"], unique=False)
    op.create_table(
        "audit_row",
        sa.Column("chain", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["chain"], ["audit_head.chain"], name=op.f("fk_audit_row_chain_audit_head")),
        sa.PrimaryKeyConstraint("chain", "seq", name=op.f("pk_audit_row")),
    )
    op.create_table(
        "idempotency",
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("request_digest", sa.String(), nullable=False),
        sa.Column("response", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["body"], ["body.slug"], name=op.f("fk_idempotency_body_body")),
        sa.PrimaryKeyConstraint("body", "key", name=op.f("pk_idempotency")),
    )
    op.create_table(
        "lookup_count",
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["day"], ["lookup_day.day"], name=op.f("fk_lookup_count_day_lookup_day")),
        sa.PrimaryKeyConstraint("day", "network", name=op.f("pk_lookup_count")),
    )
    op.create_table(
        "place",
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["body"], ["body.slug"], name=op.f("fk_place_body_body")),
        sa.PrimaryKeyConstraint("body", "id", name=op.f("pk_place")),
    )
    op.create_table(
        "status_list",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=True),
        sa.Column("signed_revision", sa.Integer(), nullable=True),
        sa.Column("signed_token", sa.LargeBinary(), nullable=True),
        sa.Column("array", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["body"], ["body.slug"], name=op.f("fk_status_list_body_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_list")),
        sa.UniqueConstraint("body", "number", name=op.f("uq_status_list_body_number")),
    )
    op.create_table(
        "credential",
        sa.Column("attestation_id", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("member_digest", sa.LargeBinary(), nullable=False),
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attestation_id"], ["attestation.id"], name=op.f("fk_credential_attestation_id_attestation")
        ),
        sa.ForeignKeyConstraint(
            ["list_id"], ["status_list.id"], name=op.f("fk_credential_list_id_status_list")
        ),
        sa.PrimaryKeyConstraint("attestation_id", "form", name=op.f("pk_credential")),
        sa.UniqueConstraint("list_id", "position", "form", name=op.f("uq_credential_list_id_position_form")),
        sa.UniqueConstraint("member_digest", name=op.f("uq_credential_member_digest")),
    )
    op.create_table(
        "link",
        sa.Column("newer_id", sa.String(), nullable=False),
        sa.Column("older_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["newer_id"], ["attestation.id"], name=op.f("fk_link_newer_id_attestation")),
        sa.ForeignKeyConstraint(["older_id"], ["attestation.id"], name=op.f("fk_link_older_id_attestation")),
        sa.PrimaryKeyConstraint("newer_id", "older_id", name=op.f("pk_link")),
    )
    op.create_index(op.f("ix_link_older_id"), "link", ["older_id"], unique=False)
    op.create_table(
        "status_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attestation_id", sa.String(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attestation_id"], ["attestation.id"], name=op.f("fk_status_change_attestation_id_attestation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_change")),
    )
    op.create_index(
        op.f("ix_status_change_attestation_id"), "status_change", ["attestation_id"], unique=False
    )
    op.create_table(
        "status_entry",
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("attestation_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["status_list.id"], name=op.f("fk_status_entry_list_id_status_list")
        ),
        sa.PrimaryKeyConstraint("list_id", "position", name=op.f("pk_status_entry")),
    )
    op.create_index(op.f("ix_status_entry_attestation_id"), "status_entry", ["attestation_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_status_entry_attestation_id"), table_name="status_entry")
    op.drop_table("status_entry")
    op.drop_index(op.f("ix_status_change_attestation_id"), table_name="status_change")
    op.drop_table("status_change")
    op.drop_index(op.f("ix_link_older_id"), table_name="link")
    op.drop_table("link")
    op.drop_table("credential")
    op.drop_table("status_list")
    op.drop_table("place")
    op.drop_table("lookup_count")
    op.drop_table("idempotency")
    op.drop_table("audit_row")
    op.drop_index(op.f("ix_attestation_person_key"), table_name="attestation")
    op.drop_index(op.f("ix_attestation_holder_id"), table_name="attestation")
    op.drop_table("attestation")
    op.drop_index(op.f("ix_api_token_body"), table_name="api_token")
    op.drop_table("api_token")
    op.drop_index(op.f("ix_accreditation_body"), table_name="accreditation")
    op.drop_table("accreditation")
    op.drop_table("public_document")
    op.drop_table("one_time_link")
    op.drop_table("lookup_day")
    op.drop_table("holder")
    op.drop_table("body")
    op.drop_table("audit_head")
