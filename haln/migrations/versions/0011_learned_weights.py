"""what members say to suggestions, and the weights that are learned

Nothing is known of answers given before: how a list stood then was not kept.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "suggestion_answer",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("member_id", _KEY, nullable=False),
        sa.Column("other_id", _KEY, nullable=False),
        sa.Column("introduction_id", _KEY, nullable=True),
        sa.Column("said", sa.String(length=3), nullable=False),
        sa.Column("answered_at", _MOMENT, nullable=False),
        sa.Column("ties", sa.Integer(), nullable=False),
        sa.Column("listed", _DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_suggestion_answer_member_id_member"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["member.id"], name=op.f("fk_suggestion_answer_other_id_member"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["introduction_id"],
            ["introduction.id"],
            name=op.f("fk_suggestion_answer_introduction_id_introduction"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion_answer")),
    )
    op.create_index("ix_suggestion_answer_member_id", "suggestion_answer", ["member_id", "answered_at"])
    op.create_index(op.f("ix_suggestion_answer_other_id"), "suggestion_answer", ["other_id"])
    op.create_index("ix_suggestion_answer_introduction_id", "suggestion_answer", ["introduction_id"])
    op.create_index(op.f("ix_suggestion_answer_answered_at"), "suggestion_answer", ["answered_at"])
    op.create_table(
        "blend_model",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("prior", sa.String(length=40), nullable=False),
        sa.Column("before", sa.String(length=40), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("value_before", sa.Float(), nullable=False),
        sa.Column("lessons", _DOCUMENT, nullable=False),
        sa.Column("weights", _DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blend_model")),
        sa.UniqueConstraint("version", name=op.f("uq_blend_model_version")),
    )


def downgrade() -> None:
    op.drop_table("blend_model")
    op.drop_table("suggestion_answer")
