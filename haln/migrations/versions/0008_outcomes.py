"""what came of connections and sets

When the first of two said yes was not kept before: what a weaver proposed counts from the day on which both had said
yes, or else on which it was offered.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("introduction") as batch:
        batch.add_column(sa.Column("first_yes_at", _MOMENT, nullable=True))
    op.execute(
        "update introduction set first_yes_at = case when state = 'accepted' then closed_at else created_at end"
        " where kind = 'woven' and (asker_answer = 'yes' or asked_answer = 'yes')"
    )
    op.create_table(
        "meeting_answer",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("introduction_id", _KEY, nullable=False),
        sa.Column("member_id", _KEY, nullable=False),
        sa.Column("question", sa.String(length=8), nullable=False),
        sa.Column("answer", sa.String(length=8), nullable=False),
        sa.Column("given_at", _MOMENT, nullable=False),
        sa.CheckConstraint(
            "(question = 'met' and answer in ('not_yet', 'met', 'useful', 'aside'))"
            " or (question = 'touch' and answer in ('yes', 'no', 'aside'))",
            name=op.f("ck_meeting_answer_answer"),
        ),
        sa.ForeignKeyConstraint(
            ["introduction_id"],
            ["introduction.id"],
            name=op.f("fk_meeting_answer_introduction_id_introduction"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_meeting_answer_member_id_member"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_answer")),
    )
    op.create_index("ix_meeting_answer_introduction_id", "meeting_answer", ["introduction_id", "member_id"])
    op.create_index(op.f("ix_meeting_answer_member_id"), "meeting_answer", ["member_id"])
    op.create_table(
        "outcome",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("written_by_id", _KEY, nullable=False),
        sa.Column("connection_id", _KEY, nullable=True),
        sa.Column("set_id", _KEY, nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=True),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("signed", sa.Text(), nullable=False),
        sa.Column("consent", sa.String(length=10), nullable=False),
        sa.Column("hidden_for", sa.String(length=12), nullable=False),
        sa.Column("written_at", _MOMENT, nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(connection_id is null) <> (set_id is null)", name=op.f("ck_outcome_one_source")),
        sa.CheckConstraint("amount is null or (kind = 'funding' and amount > 0)", name=op.f("ck_outcome_amount")),
        sa.CheckConstraint("consent in ('count', 'anonymous', 'named')", name=op.f("ck_outcome_consent")),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name=op.f("fk_outcome_connection_id_connection")),
        sa.ForeignKeyConstraint(["set_id"], ["learning_set.id"], name=op.f("fk_outcome_set_id_learning_set")),
        sa.ForeignKeyConstraint(["written_by_id"], ["member.id"], name=op.f("fk_outcome_written_by_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome")),
        sa.UniqueConstraint("public_id", name=op.f("uq_outcome_public_id")),
    )
    for column in ("connection_id", "happened_on", "set_id", "written_by_id"):
        op.create_index(op.f(f"ix_outcome_{column}"), "outcome", [column])
    op.create_table(
        "outcome_agreement",
        sa.Column("outcome_id", _KEY, nullable=False),
        sa.Column("member_id", _KEY, nullable=False),
        sa.Column("answer", sa.String(length=3), nullable=True),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("answered_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_outcome_agreement_member_id_member"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["outcome_id"], ["outcome.id"], name=op.f("fk_outcome_agreement_outcome_id_outcome"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("outcome_id", "member_id", name=op.f("pk_outcome_agreement")),
    )
    op.create_index(op.f("ix_outcome_agreement_member_id"), "outcome_agreement", ["member_id"])


def downgrade() -> None:
    op.drop_table("outcome_agreement")
    op.drop_table("outcome")
    op.drop_table("meeting_answer")
    with op.batch_alter_table("introduction") as batch:
        batch.drop_column("first_yes_at")
