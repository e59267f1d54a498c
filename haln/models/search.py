"""The full-text index of members."""

from __future__ import annotations

from haln.models.full_text import FullText

TABLE = "member_search"

_SQLITE = (
    f"CREATE VIRTUAL TABLE {TABLE} USING fts5("
    "name, work, words, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')",
)
_POSTGRESQL = (
    f"CREATE TABLE {TABLE} ("
    "member_id BIGINT PRIMARY KEY REFERENCES member (id) ON DELETE CASCADE, "
    "name TEXT NOT NULL, work TEXT NOT NULL, words TEXT NOT NULL, "
    "document TSVECTOR NOT NULL GENERATED ALWAYS AS ("
    "setweight(to_tsvector('simple', name), 'A') || setweight(to_tsvector('simple', work), 'B') || "
    "setweight(to_tsvector('simple', words), 'D')) STORED)",
    f"CREATE INDEX ix_{TABLE}_document ON {TABLE} USING gin (document)",
)

INDEX = FullText(TABLE, _SQLITE, _POSTGRESQL)
INDEX.follow_metadata()
