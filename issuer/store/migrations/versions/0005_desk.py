"""The desk: files of people, workshops, what was seen there, and what comes of it.

Revision 0005, after 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "name_gram",
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("gram", sa.String(), nullable=False),
        sa.Column("holder_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["body"], ["body.slug"], name=op.f("fk_name_gram_body_body")),
        sa.ForeignKeyConstraint(["holder_id"], ["holder.id"], name=op.f("fk_name_gram_holder_id_holder")),
        sa.PrimaryKeyConstraint("body", "gram", "holder_id", name=op.f("pk_name_gram")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_name_gram_holder_id"), "name_gram", ["holder_id"])
    op.create_table(
        "pending_act",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["body"], ["body.slug"], name=op.f("fk_pending_act_body_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_act")),
    )
    op.create_index(op.f("ix_pending_act_body"), "pending_act", ["body"])
    op.create_table(
        "person_file",
        sa.Column("holder_id", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("identity", sa.String(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["body"], ["body.slug"], name=op.f("fk_person_file_body_body")),
        sa.ForeignKeyConstraint(["holder_id"], ["holder.id"], name=op.f("fk_person_file_holder_id_holder")),
        sa.PrimaryKeyConstraint("holder_id", "body", name=op.f("pk_person_file")),
    )
    op.create_index(op.f("ix_person_file_body"), "person_file", ["body"])
    op.create_table(
        "workshop",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=True),
        sa.Column("framework", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("competences", sa.JSON(), nullable=False),
        sa.Column("gestures", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["body"], ["body.slug"], name=op.f("fk_workshop_body_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workshop")),
    )
    op.create_index(op.f("ix_workshop_body"), "workshop", ["body"])
    op.create_table(
        "attendance",
        sa.Column("workshop", sa.String(), nullable=False),
        sa.Column("holder_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.Column("undone", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["holder_id"], ["holder.id"], name=op.f("fk_attendance_holder_id_holder")),
        sa.ForeignKeyConstraint(["workshop"], ["workshop.id"], name=op.f("fk_attendance_workshop_workshop")),
        sa.PrimaryKeyConstraint("workshop", "holder_id", name=op.f("pk_attendance")),
    )
    op.create_index(op.f("ix_attendance_holder_id"), "attendance", ["holder_id"])
    op.create_table(
        "handover",
        sa.Column("attestation_id", sa.String(), nullable=False),
        sa.Column("printed_at", sa.BigInteger(), nullable=True),
        sa.Column("handed_on", sa.Date(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attestation_id"], ["attestation.id"], name=op.f("fk_handover_attestation_id_attestation")
        ),
        sa.PrimaryKeyConstraint("attestation_id", name=op.f("pk_handover")),
    )
    op.create_table(
        "outgoing_mail",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("attestation_id", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("queued_by", sa.String(), nullable=False),
        sa.Column("queued_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("given_up_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attestation_id"], ["attestation.id"], name=op.f("fk_outgoing_mail_attestation_id_attestation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_mail")),
    )
    op.create_index(op.f("ix_outgoing_mail_attestation_id"), "outgoing_mail", ["attestation_id"])
    op.create_table(
        "place_card",
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("card", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["body", "place"], ["place.body", "place.id"], name=op.f("fk_place_card_body_place_place")
        ),
        sa.PrimaryKeyConstraint("body", "place", name=op.f("pk_place_card")),
    )
    op.create_table(
        "second_look",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("holder_id", sa.String(), nullable=False),
        sa.Column("attestation_id", sa.String(), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("noted_by", sa.String(), nullable=False),
        sa.Column("taken_by", sa.String(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("outcome_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attestation_id"], ["attestation.id"], name=op.f("fk_second_look_attestation_id_attestation")
        ),
        sa.ForeignKeyConstraint(["body"], ["body.slug"], name=op.f("fk_second_look_body_body")),
        sa.ForeignKeyConstraint(["holder_id"], ["holder.id"], name=op.f("fk_second_look_holder_id_holder")),
        sa.ForeignKeyConstraint(
            ["outcome_id"], ["attestation.id"], name=op.f("fk_second_look_outcome_id_attestation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_look")),
    )
    op.create_index(op.f("ix_second_look_body"), "second_look", ["body"])
    op.create_index(op.f("ix_second_look_holder_id"), "second_look", ["holder_id"])
    op.create_table(
        "decision",
        sa.Column("workshop", sa.String(), nullable=False),
        sa.Column("holder_id", sa.String(), nullable=False),
        sa.Column("competence", sa.String(), nullable=False),
        sa.Column("proposed", sa.Integer(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("attestation_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attestation_id"], ["attestation.id"], name=op.f("fk_decision_attestation_id_attestation")
        ),
        sa.ForeignKeyConstraint(
            ["workshop", "holder_id"],
            ["attendance.workshop", "attendance.holder_id"],
            name=op.f("fk_decision_workshop_holder_id_attendance"),
        ),
        sa.PrimaryKeyConstraint("workshop", "holder_id", "competence", name=op.f("pk_decision")),
    )
    op.create_index(op.f("ix_decision_attestation_id"), "decision", ["attestation_id"])
    op.create_index(op.f("ix_decision_holder_id"), "decision", ["holder_id"])
    op.create_table(
        "rating",
        sa.Column("workshop", sa.String(), nullable=False),
        sa.Column("holder_id", sa.String(), nullable=False),
        sa.Column("gesture", sa.String(), nullable=False),
        sa.Column("rating", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workshop", "holder_id"],
            ["attendance.workshop", "attendance.holder_id"],
            name=op.f("fk_rating_workshop_holder_id_attendance"),
        ),
        sa.PrimaryKeyConstraint("workshop", "holder_id", "gesture", name=op.f("pk_rating")),
    )
    op.create_index(op.f("ix_rating_holder_id"), "rating", ["holder_id"])
    op.create_table(
        "snapshot",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_snapshot")),
    )
    op.create_table(
        "paper_shown",
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("attestation_id", sa.String(), nullable=False),
        sa.Column("shown_at", sa.BigInteger(), nullable=False),
        sa.Column("shown_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["body"], ["body.slug"], name=op.f("fk_paper_shown_body_body")),
        sa.ForeignKeyConstraint(
            ["attestation_id"], ["attestation.id"], name=op.f("fk_paper_shown_attestation_id_attestation")
        ),
        sa.PrimaryKeyConstraint("body", "attestation_id", name=op.f("pk_paper_shown")),
    )
    op.create_index(op.f("ix_paper_shown_attestation_id"), "paper_shown", ["attestation_id"])
    op.create_table(
        "kept_file",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_kept_file_account_account")),
        sa.ForeignKeyConstraint(["body"], ["body.slug"], name=op.f("fk_kept_file_body_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_file")),
    )
    op.create_index(op.f("ix_kept_file_account"), "kept_file", ["account"])
    with op.batch_alter_table("attestation") as batch:
        batch.add_column(sa.Column("erased_at", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("body") as batch:
        batch.add_column(sa.Column("signatory", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("body") as batch:
        batch.alter_column("signatory", server_default=None)
    with op.batch_alter_table("holder") as batch:
        batch.add_column(sa.Column("email", sa.String(), nullable=True))
        batch.add_column(sa.Column("merged_into", sa.String(), nullable=True))
        batch.add_column(sa.Column("erased_at", sa.BigInteger(), nullable=True))
        batch.create_foreign_key(batch.f("fk_holder_merged_into_holder"), "holder", ["merged_into"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("holder") as batch:
        batch.drop_constraint(batch.f("fk_holder_merged_into_holder"), type_="foreignkey")
        batch.drop_column("erased_at")
        batch.drop_column("merged_into")
        batch.drop_column("email")
    with op.batch_alter_table("body") as batch:
        batch.drop_column("signatory")
    with op.batch_alter_table("attestation") as batch:
        batch.drop_column("erased_at")
    op.drop_table("kept_file")
    op.drop_table("paper_shown")
    op.drop_table("snapshot")
    op.drop_table("rating")
    op.drop_table("decision")
    op.drop_table("second_look")
    op.drop_table("place_card")
    op.drop_table("outgoing_mail")
    op.drop_table("handover")
    op.drop_table("attendance")
    op.drop_table("workshop")
    op.drop_table("person_file")
    op.drop_table("pending_act")
    op.drop_table("name_gram")
