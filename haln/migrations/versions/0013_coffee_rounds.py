"""coffee rounds: who takes part, and who was paired with whom

Revision ID: 0013
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "coffee_opt_in",
        sa.Column("member_id", _KEY, nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("wish", sa.String(length=8), nullable=False),
        sa.Column("silent", sa.SmallInteger(), nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.CheckConstraint("mode in ('every', 'next', 'paused', 'stopped')", name=op.f("ck_coffee_opt_in_mode")),
        sa.CheckConstraint("wish in ('', 'sector', 'place')", name=op.f("ck_coffee_opt_in_wish")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_coffee_opt_in_member_id_member"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_coffee_opt_in")),
    )
    op.create_table(
        "coffee_round",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("pairs_on", sa.Date(), nullable=False),
        sa.Column("meet_by", sa.Date(), nullable=False),
        sa.Column("across", sa.String(length=8), nullable=False),
        sa.Column("colleagues", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("seed", _KEY, nullable=False),
        sa.Column("opened_by_id", _KEY, nullable=True),
        sa.Column("opened_at", _MOMENT, nullable=False),
        sa.Column("made_at", _MOMENT, nullable=True),
        sa.Column("asked_at", _MOMENT, nullable=True),
        sa.Column("closed_at", _MOMENT, nullable=True),
        sa.Column("told", _DOCUMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("pairs_on < meet_by", name=op.f("ck_coffee_round_days")),
        sa.CheckConstraint("state in ('open', 'made', 'closed', 'cancelled')", name=op.f("ck_coffee_round_state")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["member.id"], name=op.f("fk_coffee_round_opened_by_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coffee_round")),
        sa.UniqueConstraint("public_id", name=op.f("uq_coffee_round_public_id")),
    )
    op.create_index(op.f("ix_coffee_round_opened_by_id"), "coffee_round", ["opened_by_id"])
    op.create_index(
        "uq_coffee_round_one_open",
        "coffee_round",
        ["state"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "coffee_seat",
        sa.Column("round_id", _KEY, nullable=False),
        sa.Column("member_id", _KEY, nullable=False),
        sa.Column("group_number", sa.Integer(), nullable=False),
        sa.Column("once", sa.String(length=8), nullable=True),
        sa.ForeignKeyConstraint(["round_id"], ["coffee_round.id"], name=op.f("fk_coffee_seat_round_id_coffee_round")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_coffee_seat_member_id_member")),
        sa.PrimaryKeyConstraint("round_id", "member_id", name=op.f("pk_coffee_seat")),
    )
    op.create_index(op.f("ix_coffee_seat_member_id"), "coffee_seat", ["member_id"])
    op.create_table(
        "coffee_pair",
        sa.Column("round_id", _KEY, nullable=False),
        sa.Column("low_id", _KEY, nullable=False),
        sa.Column("high_id", _KEY, nullable=False),
        sa.Column("low_answer", sa.String(length=8), nullable=True),
        sa.Column("high_answer", sa.String(length=8), nullable=True),
        sa.Column("low_at", _MOMENT, nullable=True),
        sa.Column("high_at", _MOMENT, nullable=True),
        sa.Column("connection_id", _KEY, nullable=True),
        sa.CheckConstraint("low_id < high_id", name=op.f("ck_coffee_pair_order")),
        sa.CheckConstraint("low_answer in ('met', 'not_yet', 'no')", name=op.f("ck_coffee_pair_low_answer")),
        sa.CheckConstraint("high_answer in ('met', 'not_yet', 'no')", name=op.f("ck_coffee_pair_high_answer")),
        sa.ForeignKeyConstraint(["round_id"], ["coffee_round.id"], name=op.f("fk_coffee_pair_round_id_coffee_round")),
        sa.ForeignKeyConstraint(["low_id"], ["member.id"], name=op.f("fk_coffee_pair_low_id_member")),
        sa.ForeignKeyConstraint(["high_id"], ["member.id"], name=op.f("fk_coffee_pair_high_id_member")),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connection.id"], name=op.f("fk_coffee_pair_connection_id_connection")
        ),
        sa.PrimaryKeyConstraint("round_id", "low_id", "high_id", name=op.f("pk_coffee_pair")),
    )
    for column in ("low_id", "high_id", "connection_id"):
        op.create_index(op.f(f"ix_coffee_pair_{column}"), "coffee_pair", [column])


def downgrade() -> None:
    for table in ("coffee_pair", "coffee_seat", "coffee_round", "coffee_opt_in"):
        op.drop_table(table)
