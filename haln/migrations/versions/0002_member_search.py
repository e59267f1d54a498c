"""full-text index of members

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQLITE = (
    "CREATE VIRTUAL TABLE member_search USING fts5("
    "name, work, words, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')",
)
POSTGRESQL = (
    "CREATE TABLE member_search ("
    "member_id BIGINT PRIMARY KEY REFERENCES member (id) ON DELETE CASCADE, "
    "name TEXT NOT NULL, work TEXT NOT NULL, words TEXT NOT NULL, "
    "document TSVECTOR NOT NULL GENERATED ALWAYS AS ("
    "setweight(to_tsvector('simple', name), 'A') || setweight(to_tsvector('simple', work), 'B') || "
    "setweight(to_tsvector('simple', words), 'D')) STORED)",
    "CREATE INDEX ix_member_search_document ON member_search USING gin (document)",
)


def upgrade() -> None:
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE member_search")
    op.execute("DELETE FROM counter WHERE name = 'search'")  # made again, it is empty: everybody is to be indexed
