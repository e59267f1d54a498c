"""resources: drafts, reviews, versions, authors, bookmarks, uses, the private feed, and their full-text index

Revision ID: 0014
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)

SQLITE = (
    "CREATE VIRTUAL TABLE resource_search USING fts5("
    "title, summary, words, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')",
)
POSTGRESQL = (
    "CREATE TABLE resource_search ("
    "resource_id BIGINT PRIMARY KEY REFERENCES resource (id) ON DELETE CASCADE, "
    "title TEXT NOT NULL, summary TEXT NOT NULL, words TEXT NOT NULL, "
    "document TSVECTOR NOT NULL GENERATED ALWAYS AS ("
    "to_tsvector('simple', title || ' ' || summary || ' ' || words)) STORED)",
    "CREATE INDEX ix_resource_search_document ON resource_search USING gin (document)",
)


def upgrade() -> None:
    op.create_table(
        "resource",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("written_by_id", _KEY, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("draft", _DOCUMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.Column("sent_at", _MOMENT, nullable=True),
        sa.Column("shown", sa.SmallInteger(), nullable=True),
        sa.Column("published_at", _MOMENT, nullable=True),
        sa.CheckConstraint("kind in ('case_study', 'blog', 'tool', 'recording')", name=op.f("ck_resource_kind")),
        sa.CheckConstraint(
            "state in ('draft', 'review', 'changes', 'declined', 'settled')", name=op.f("ck_resource_state")
        ),
        sa.CheckConstraint("shown is null or published_at is not null", name=op.f("ck_resource_shown")),
        sa.ForeignKeyConstraint(["written_by_id"], ["member.id"], name=op.f("fk_resource_written_by_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource")),
        sa.UniqueConstraint("public_id", name=op.f("uq_resource_public_id")),
    )
    op.create_index(op.f("ix_resource_state"), "resource", ["state"])
    op.create_index(op.f("ix_resource_written_by_id"), "resource", ["written_by_id"])
    op.create_table(
        "resource_feed",
        sa.Column("member_id", _KEY, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_resource_feed_member_id_member"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_resource_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_resource_feed_token_hash")),
    )
    op.create_table(
        "resource_author",
        sa.Column("resource_id", _KEY, nullable=False),
        sa.Column("member_id", _KEY, nullable=False),
        sa.Column("answer", sa.String(length=3), nullable=True),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("answered_at", _MOMENT, nullable=True),
        sa.CheckConstraint("answer in ('yes', 'no')", name=op.f("ck_resource_author_answer")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_resource_author_member_id_member"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_resource_author_resource_id_resource"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("resource_id", "member_id", name=op.f("pk_resource_author")),
    )
    op.create_index(op.f("ix_resource_author_member_id"), "resource_author", ["member_id"])
    op.create_table(
        "resource_bookmark",
        sa.Column("member_id", _KEY, nullable=False),
        sa.Column("resource_id", _KEY, nullable=False),
        sa.Column("added_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_resource_bookmark_member_id_member"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_resource_bookmark_resource_id_resource"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", "resource_id", name=op.f("pk_resource_bookmark")),
    )
    op.create_index(op.f("ix_resource_bookmark_resource_id"), "resource_bookmark", ["resource_id"])
    op.create_table(
        "resource_mark",
        sa.Column("resource_id", _KEY, nullable=False),
        sa.Column("facet", sa.String(length=8), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_resource_mark_resource_id_resource"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("resource_id", "facet", "code", name=op.f("pk_resource_mark")),
    )
    op.create_index("ix_resource_mark_facet", "resource_mark", ["facet", "code"])
    op.create_table(
        "resource_related",
        sa.Column("resource_id", _KEY, nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("other_id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["other_id"], ["resource.id"], name=op.f("fk_resource_related_other_id_resource"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_resource_related_resource_id_resource"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("resource_id", "rank", name=op.f("pk_resource_related")),
    )
    op.create_index(op.f("ix_resource_related_other_id"), "resource_related", ["other_id"])
    op.create_table(
        "resource_step",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("resource_id", _KEY, nullable=False),
        sa.Column("by_id", _KEY, nullable=False),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["member.id"], name=op.f("fk_resource_step_by_id_member")),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_resource_step_resource_id_resource"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_step")),
    )
    op.create_index(op.f("ix_resource_step_resource_id"), "resource_step", ["resource_id"])
    op.create_table(
        "resource_use",
        sa.Column("resource_id", _KEY, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_resource_use_resource_id_resource"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("resource_id", "day", name=op.f("pk_resource_use")),
    )
    op.create_table(
        "resource_used",
        sa.Column("member_id", _KEY, nullable=False),
        sa.Column("resource_id", _KEY, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_resource_used_member_id_member"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_resource_used_resource_id_resource"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", "resource_id", "day", name=op.f("pk_resource_used")),
    )
    op.create_index(op.f("ix_resource_used_resource_id"), "resource_used", ["resource_id"])
    op.create_table(
        "resource_version",
        sa.Column("resource_id", _KEY, nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("content", _DOCUMENT, nullable=False),
        sa.Column("published_by_id", _KEY, nullable=True),
        sa.Column("published_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["member.id"], name=op.f("fk_resource_version_published_by_id_member")
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_resource_version_resource_id_resource"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("resource_id", "number", name=op.f("pk_resource_version")),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE resource_search")
    op.drop_table("resource_version")
    op.drop_table("resource_used")
    op.drop_table("resource_use")
    op.drop_table("resource_step")
    op.drop_table("resource_related")
    op.drop_table("resource_mark")
    op.drop_table("resource_bookmark")
    op.drop_table("resource_author")
    op.drop_table("resource_feed")
    op.drop_table("resource")
