"""topics: what members propose, who backs what, what is said to it, and what came of it

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "topic",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("themes", _DOCUMENT, nullable=False),
        sa.Column("proposed_by_id", _KEY, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("successor_id", _KEY, nullable=True),
        sa.Column("retired_why", sa.Text(), nullable=False),
        sa.Column("proposed_at", _MOMENT, nullable=False),
        sa.Column("talked_at", _MOMENT, nullable=False),
        sa.Column("closed_at", _MOMENT, nullable=True),
        sa.CheckConstraint("state in ('open', 'answered', 'planned', 'held', 'retired')", name=op.f("ck_topic_state")),
        sa.CheckConstraint("successor_id is null or state = 'retired'", name=op.f("ck_topic_successor")),
        sa.CheckConstraint("successor_id <> id", name=op.f("ck_topic_itself")),
        _to("topic", "proposed_by_id", "member"),
        _to("topic", "successor_id", "topic"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic")),
        sa.UniqueConstraint("public_id", name=op.f("uq_topic_public_id")),
    )
    op.create_index(op.f("ix_topic_proposed_by_id"), "topic", ["proposed_by_id"])
    op.create_index(op.f("ix_topic_successor_id"), "topic", ["successor_id"])
    op.create_table(
        "topic_backing",
        sa.Column("topic_id", _KEY, nullable=False),
        sa.Column("member_id", _KEY, nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("backed_at", _MOMENT, nullable=False),
        _to("topic_backing", "topic_id", "topic", cascade=True),
        _to("topic_backing", "member_id", "member", cascade=True),
        sa.PrimaryKeyConstraint("topic_id", "member_id", name=op.f("pk_topic_backing")),
    )
    op.create_index(op.f("ix_topic_backing_member_id"), "topic_backing", ["member_id"])
    op.create_table(
        "topic_comment",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("topic_id", _KEY, nullable=False),
        sa.Column("member_id", _KEY, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", _MOMENT, nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=True),
        sa.Column("withdrawn_at", _MOMENT, nullable=True),
        sa.Column("hidden_at", _MOMENT, nullable=True),
        sa.Column("hidden_by_id", _KEY, nullable=True),
        sa.Column("hidden_why", sa.Text(), nullable=False),
        _to("topic_comment", "topic_id", "topic", cascade=True),
        _to("topic_comment", "member_id", "member", cascade=True),
        _to("topic_comment", "hidden_by_id", "member"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_comment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_topic_comment_public_id")),
    )
    op.create_index(op.f("ix_topic_comment_topic_id"), "topic_comment", ["topic_id", "id"])
    op.create_index(op.f("ix_topic_comment_member_id"), "topic_comment", ["member_id"])
    op.create_table(
        "topic_answer",
        sa.Column("topic_id", _KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_id", _KEY, nullable=True),
        sa.Column("answered_at", _MOMENT, nullable=False),
        _to("topic_answer", "topic_id", "topic", cascade=True),
        _to("topic_answer", "by_id", "member"),
        sa.PrimaryKeyConstraint("topic_id", "number", name=op.f("pk_topic_answer")),
    )
    op.create_table(
        "topic_result",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("topic_id", _KEY, nullable=False),
        sa.Column("event_id", _KEY, nullable=True),
        sa.Column("cohort_id", _KEY, nullable=True),
        sa.Column("made_by_id", _KEY, nullable=True),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=True),
        sa.CheckConstraint("(event_id is null) <> (cohort_id is null)", name=op.f("ck_topic_result_one")),
        _to("topic_result", "topic_id", "topic", cascade=True),
        _to("topic_result", "event_id", "event", cascade=True),
        _to("topic_result", "cohort_id", "cohort", cascade=True),
        _to("topic_result", "made_by_id", "member"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_result")),
        sa.UniqueConstraint("event_id", name=op.f("uq_topic_result_event_id")),
        sa.UniqueConstraint("cohort_id", name=op.f("uq_topic_result_cohort_id")),
    )
    op.create_index(op.f("ix_topic_result_topic_id"), "topic_result", ["topic_id"])
    op.add_column("member", sa.Column("topic_mail", sa.Boolean(), nullable=False, server_default=sa.true()))


def _to(table: str, column: str, other: str, *, cascade: bool = False) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete="CASCADE" if cascade else None)


def downgrade() -> None:
    op.drop_column("member", "topic_mail")
    for table in ("topic_result", "topic_answer", "topic_comment", "topic_backing", "topic"):
        op.drop_table(table)
