"""cohorts, plans and sets

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cohort",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("themes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("where", sa.String(length=200), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("sessions", sa.SmallInteger(), nullable=False),
        sa.Column("session_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("size_low", sa.SmallInteger(), nullable=False),
        sa.Column("size_high", sa.SmallInteger(), nullable=False),
        sa.Column("availability", sa.String(length=10), nullable=False),
        sa.Column("rules", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("previous_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("made_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("size_low >= 4 and size_high >= size_low", name=op.f("ck_cohort_size")),
        sa.ForeignKeyConstraint(["made_by_id"], ["member.id"], name=op.f("fk_cohort_made_by_id_member")),
        sa.ForeignKeyConstraint(["previous_id"], ["cohort.id"], name=op.f("fk_cohort_previous_id_cohort")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohort")),
        sa.UniqueConstraint("public_id", name=op.f("uq_cohort_public_id")),
    )
    with op.batch_alter_table("cohort", schema=None) as batch_op:
        batch_op.create_index("ix_cohort_state", ["state", "closes_on"], unique=False)

    op.create_table(
        "application",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("live_issue", sa.Text(), nullable=False),
        sa.Column("themes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("access_needs", sa.Text(), nullable=False),
        sa.Column("facilitator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_application_cohort_id_cohort"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["facilitator_id"], ["member.id"], name=op.f("fk_application_facilitator_id_member")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_application_member_id_member"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("public_id", name=op.f("uq_application_public_id")),
    )
    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_application_member_id"), ["member_id"], unique=False)
        batch_op.create_index("uq_application_member", ["cohort_id", "member_id"], unique=True)

    op.create_table(
        "cohort_facilitator",
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sets", sa.SmallInteger(), nullable=False),
        sa.Column("slots", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_cohort_facilitator_cohort_id_cohort"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_cohort_facilitator_member_id_member")),
        sa.PrimaryKeyConstraint("cohort_id", "member_id", name=op.f("pk_cohort_facilitator")),
    )
    with op.batch_alter_table("cohort_facilitator", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cohort_facilitator_member_id"), ["member_id"], unique=False)

    op.create_table(
        "cohort_pair",
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("low_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("high_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("low_id < high_id", name=op.f("ck_cohort_pair_order")),
        sa.ForeignKeyConstraint(["by_id"], ["member.id"], name=op.f("fk_cohort_pair_by_id_member"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_cohort_pair_cohort_id_cohort"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["high_id"], ["member.id"], name=op.f("fk_cohort_pair_high_id_member"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["low_id"], ["member.id"], name=op.f("fk_cohort_pair_low_id_member"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("cohort_id", "low_id", "high_id", "kind", "by_id", name=op.f("pk_cohort_pair")),
    )
    with op.batch_alter_table("cohort_pair", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cohort_pair_by_id"), ["by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cohort_pair_high_id"), ["high_id"], unique=False)
        batch_op.create_index("ix_cohort_pair_low_id", ["low_id"], unique=False)

    op.create_table(
        "cohort_plan",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("task", sa.String(length=10), nullable=False),
        sa.Column("base_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("seed", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("set_count", sa.SmallInteger(), nullable=True),
        sa.Column("rules", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("data_version", sa.String(length=60), nullable=False),
        sa.Column("sets", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("left_over", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("locked", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("breaks", sa.Integer(), nullable=True),
        sa.Column("bound", sa.Float(), nullable=True),
        sa.Column("progress", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("stop_asked", sa.Boolean(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_by", sa.String(length=80), nullable=True),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["base_id"], ["cohort_plan.id"], name=op.f("fk_cohort_plan_base_id_cohort_plan"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_cohort_plan_cohort_id_cohort"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["member.id"], name=op.f("fk_cohort_plan_made_by_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohort_plan")),
        sa.UniqueConstraint("public_id", name=op.f("uq_cohort_plan_public_id")),
    )
    with op.batch_alter_table("cohort_plan", schema=None) as batch_op:
        batch_op.create_index("ix_cohort_plan_state", ["state", "leased_until"], unique=False)
        batch_op.create_index("uq_cohort_plan_number", ["cohort_id", "number"], unique=True)

    op.create_table(
        "cohort_slot",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("half", sa.String(length=10), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(half is null) <> (starts_at is null)", name=op.f("ck_cohort_slot_time")),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_cohort_slot_cohort_id_cohort"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohort_slot")),
    )
    with op.batch_alter_table("cohort_slot", schema=None) as batch_op:
        batch_op.create_index("uq_cohort_slot_position", ["cohort_id", "position"], unique=True)

    op.create_table(
        "application_slot",
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_application_slot_application_id_application"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["cohort_slot.id"], name=op.f("fk_application_slot_slot_id_cohort_slot"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("application_id", "slot_id", name=op.f("pk_application_slot")),
    )
    with op.batch_alter_table("application_slot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_application_slot_slot_id"), ["slot_id"], unique=False)

    op.create_table(
        "plan_step",
        sa.Column("plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("before", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("after", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["member.id"], name=op.f("fk_plan_step_by_id_member")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["cohort_plan.id"], name=op.f("fk_plan_step_plan_id_cohort_plan"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("plan_id", "number", name=op.f("pk_plan_step")),
    )
    op.create_table(
        "seat",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("set_number", sa.SmallInteger(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_seat_member_id_member"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["cohort_plan.id"], name=op.f("fk_seat_plan_id_cohort_plan"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat")),
        sa.UniqueConstraint("public_id", name=op.f("uq_seat_public_id")),
    )
    with op.batch_alter_table("seat", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seat_member_id"), ["member_id"], unique=False)
        batch_op.create_index("uq_seat_member", ["plan_id", "member_id", "round"], unique=True)

    op.create_table(
        "reflection",
        sa.Column("set_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("useful", sa.SmallInteger(), nullable=False),
        sa.Column("changed", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("useful between 1 and 5", name=op.f("ck_reflection_useful")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_reflection_member_id_member"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["set_id"], ["learning_set.id"], name=op.f("fk_reflection_set_id_learning_set"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("set_id", "member_id", name=op.f("pk_reflection")),
    )
    with op.batch_alter_table("reflection", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reflection_member_id"), ["member_id"], unique=False)

    op.create_table(
        "set_request",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("set_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_set_request_member_id_member"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["set_id"], ["learning_set.id"], name=op.f("fk_set_request_set_id_learning_set"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_set_request")),
        sa.UniqueConstraint("public_id", name=op.f("uq_set_request_public_id")),
    )
    with op.batch_alter_table("set_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_set_request_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_set_request_set_id"), ["set_id"], unique=False)

    op.create_table(
        "set_session",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("set_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.Column("where", sa.String(length=200), nullable=False),
        sa.Column("joining_link", sa.String(length=500), nullable=False),
        sa.Column("agenda", sa.Text(), nullable=False),
        sa.Column("presenter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes between 15 and 600", name=op.f("ck_set_session_minutes")),
        sa.ForeignKeyConstraint(["presenter_id"], ["member.id"], name=op.f("fk_set_session_presenter_id_member")),
        sa.ForeignKeyConstraint(
            ["set_id"], ["learning_set.id"], name=op.f("fk_set_session_set_id_learning_set"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_set_session")),
        sa.UniqueConstraint("public_id", name=op.f("uq_set_session_public_id")),
    )
    with op.batch_alter_table("set_session", schema=None) as batch_op:
        batch_op.create_index("ix_set_session_set_id", ["set_id", "starts_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_set_session_starts_at"), ["starts_at"], unique=False)

    op.create_table(
        "set_suggestion",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("set_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("band", sa.String(length=16), nullable=False),
        sa.Column("reasons", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(cohort_id is null) <> (set_id is null)", name=op.f("ck_set_suggestion_one_thing")),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_set_suggestion_cohort_id_cohort"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_set_suggestion_member_id_member"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["set_id"], ["learning_set.id"], name=op.f("fk_set_suggestion_set_id_learning_set"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_set_suggestion")),
    )
    with op.batch_alter_table("set_suggestion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_set_suggestion_cohort_id"), ["cohort_id"], unique=False)
        batch_op.create_index("ix_set_suggestion_list", ["member_id", "rank"], unique=False)
        batch_op.create_index(batch_op.f("ix_set_suggestion_set_id"), ["set_id"], unique=False)

    op.create_table(
        "attendance",
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_attendance_member_id_member"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["member.id"], name=op.f("fk_attendance_recorded_by_id_member")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["set_session.id"], name=op.f("fk_attendance_session_id_set_session"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", "member_id", name=op.f("pk_attendance")),
    )
    with op.batch_alter_table("attendance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attendance_member_id"), ["member_id"], unique=False)

    op.create_table(
        "set_action",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("set_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("written_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["member.id"], name=op.f("fk_set_action_owner_id_member"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["set_session.id"], name=op.f("fk_set_action_session_id_set_session"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["set_id"], ["learning_set.id"], name=op.f("fk_set_action_set_id_learning_set"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["written_by_id"], ["member.id"], name=op.f("fk_set_action_written_by_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_set_action")),
        sa.UniqueConstraint("public_id", name=op.f("uq_set_action_public_id")),
    )
    with op.batch_alter_table("set_action", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_set_action_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_set_action_set_id"), ["set_id"], unique=False)

    op.create_table(
        "set_note",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("set_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["member.id"], name=op.f("fk_set_note_author_id_member"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["set_session.id"], name=op.f("fk_set_note_session_id_set_session"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["set_id"], ["learning_set.id"], name=op.f("fk_set_note_set_id_learning_set"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_set_note")),
        sa.UniqueConstraint("public_id", name=op.f("uq_set_note_public_id")),
    )
    with op.batch_alter_table("set_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_set_note_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_set_note_set_id"), ["set_id"], unique=False)

    with op.batch_alter_table("import_file", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_import_file_cohort_id_cohort"), "cohort", ["cohort_id"], ["id"], ondelete="CASCADE"
        )

    with op.batch_alter_table("learning_set", schema=None) as batch_op:
        batch_op.add_column(sa.Column("public_id", sa.String(length=16), nullable=True))
        batch_op.add_column(
            sa.Column(
                "themes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False, server_default="[]"
            )
        )
        batch_op.add_column(sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        batch_op.add_column(sa.Column("plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        batch_op.add_column(sa.Column("set_number", sa.SmallInteger(), nullable=True))
        batch_op.add_column(
            sa.Column("facilitator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("where", sa.String(length=200), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("joining_link", sa.String(length=500), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("open_places", sa.SmallInteger(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch_op.create_index(batch_op.f("ix_learning_set_cohort_id"), ["cohort_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_learning_set_facilitator_id"), ["facilitator_id"], unique=False)
        batch_op.create_unique_constraint(batch_op.f("uq_learning_set_public_id"), ["public_id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_learning_set_facilitator_id_member"), "member", ["facilitator_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_learning_set_plan_id_cohort_plan"), "cohort_plan", ["plan_id"], ["id"]
        )
        batch_op.create_foreign_key(batch_op.f("fk_learning_set_cohort_id_cohort"), "cohort", ["cohort_id"], ["id"])

    with op.batch_alter_table("set_membership", schema=None) as batch_op:
        batch_op.add_column(sa.Column("left_on", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("set_membership", schema=None) as batch_op:
        batch_op.drop_column("left_on")

    with op.batch_alter_table("learning_set", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_learning_set_cohort_id_cohort"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_learning_set_plan_id_cohort_plan"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_learning_set_facilitator_id_member"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_learning_set_public_id"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_learning_set_facilitator_id"))
        batch_op.drop_index(batch_op.f("ix_learning_set_cohort_id"))
        batch_op.drop_column("version")
        batch_op.drop_column("open_places")
        batch_op.drop_column("joining_link")
        batch_op.drop_column("where")
        batch_op.drop_column("facilitator_id")
        batch_op.drop_column("set_number")
        batch_op.drop_column("plan_id")
        batch_op.drop_column("cohort_id")
        batch_op.drop_column("themes")
        batch_op.drop_column("public_id")

    with op.batch_alter_table("import_file", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_import_file_cohort_id_cohort"), type_="foreignkey")
        batch_op.drop_column("cohort_id")

    with op.batch_alter_table("set_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_set_note_set_id"))
        batch_op.drop_index(batch_op.f("ix_set_note_author_id"))

    op.drop_table("set_note")
    with op.batch_alter_table("set_action", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_set_action_set_id"))
        batch_op.drop_index(batch_op.f("ix_set_action_owner_id"))

    op.drop_table("set_action")
    with op.batch_alter_table("attendance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attendance_member_id"))

    op.drop_table("attendance")
    with op.batch_alter_table("set_suggestion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_set_suggestion_set_id"))
        batch_op.drop_index("ix_set_suggestion_list")
        batch_op.drop_index(batch_op.f("ix_set_suggestion_cohort_id"))

    op.drop_table("set_suggestion")
    with op.batch_alter_table("set_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_set_session_starts_at"))
        batch_op.drop_index("ix_set_session_set_id")

    op.drop_table("set_session")
    with op.batch_alter_table("set_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_set_request_set_id"))
        batch_op.drop_index(batch_op.f("ix_set_request_member_id"))

    op.drop_table("set_request")
    with op.batch_alter_table("reflection", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reflection_member_id"))

    op.drop_table("reflection")
    with op.batch_alter_table("seat", schema=None) as batch_op:
        batch_op.drop_index("uq_seat_member")
        batch_op.drop_index(batch_op.f("ix_seat_member_id"))

    op.drop_table("seat")
    op.drop_table("plan_step")
    with op.batch_alter_table("application_slot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_application_slot_slot_id"))

    op.drop_table("application_slot")
    with op.batch_alter_table("cohort_slot", schema=None) as batch_op:
        batch_op.drop_index("uq_cohort_slot_position")

    op.drop_table("cohort_slot")
    with op.batch_alter_table("cohort_plan", schema=None) as batch_op:
        batch_op.drop_index("uq_cohort_plan_number")
        batch_op.drop_index("ix_cohort_plan_state")

    op.drop_table("cohort_plan")
    with op.batch_alter_table("cohort_pair", schema=None) as batch_op:
        batch_op.drop_index("ix_cohort_pair_low_id")
        batch_op.drop_index(batch_op.f("ix_cohort_pair_high_id"))
        batch_op.drop_index(batch_op.f("ix_cohort_pair_by_id"))

    op.drop_table("cohort_pair")
    with op.batch_alter_table("cohort_facilitator", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cohort_facilitator_member_id"))

    op.drop_table("cohort_facilitator")
    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.drop_index("uq_application_member")
        batch_op.drop_index(batch_op.f("ix_application_member_id"))

    op.drop_table("application")
    with op.batch_alter_table("cohort", schema=None) as batch_op:
        batch_op.drop_index("ix_cohort_state")

    op.drop_table("cohort")
