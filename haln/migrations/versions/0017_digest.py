"""the digest: who wants it how often, what was made; and notifications in the page

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "digest_choice",
        sa.Column("member_id", _KEY, nullable=False),
        sa.Column("frequency", sa.String(length=5), nullable=False),
        sa.Column("parts", _DOCUMENT, nullable=False),
        sa.Column("chosen_at", _MOMENT, nullable=False),
        sa.CheckConstraint("frequency in ('week', 'month', 'none')", name=op.f("ck_digest_choice_frequency")),
        _of_member("digest_choice"),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_digest_choice")),
    )
    op.create_index(op.f("ix_digest_choice_frequency"), "digest_choice", ["frequency", "member_id"])
    op.create_table(
        "digest",
        sa.Column("member_id", _KEY, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("frequency", sa.String(length=5), nullable=False),
        sa.Column("mail_id", _KEY, nullable=True),
        sa.Column("until", _MOMENT, nullable=True),
        sa.Column("items", sa.SmallInteger(), nullable=True),
        sa.Column("sent_at", _MOMENT, nullable=True),
        sa.CheckConstraint("frequency in ('week', 'month')", name=op.f("ck_digest_frequency")),
        _of_member("digest"),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_digest_mail_id_mail"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("member_id", "due_on", name=op.f("pk_digest")),
    )
    op.create_index(op.f("ix_digest_mail_id"), "digest", ["mail_id"])
    op.create_table(
        "notice",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("member_id", _KEY, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("about_id", _KEY, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=True),
        _of_member("notice"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index(op.f("ix_notice_at"), "notice", ["at"])
    op.create_index(op.f("ix_notice_member_id"), "notice", ["member_id", "at"])
    op.create_index(
        op.f("uq_notice_unread"),
        "notice",
        ["member_id", "kind", "about_id"],
        unique=True,
        sqlite_where=sa.text("seen_at IS NULL"),
        postgresql_where=sa.text("seen_at IS NULL"),
    )


def _of_member(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_member_id_member")
    return sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    for table in ("notice", "digest", "digest_choice"):
        op.drop_table(table)
