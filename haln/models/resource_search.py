"""The full-text index of published resources."""

from __future__ import annotations

from haln.models.full_text import FullText

TABLE = "resource_search"

_SQLITE = (
    f"CREATE VIRTUAL TABLE {TABLE} USING fts5("
    "title, summary, words, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')",
)
_POSTGRESQL = (
    f"CREATE TABLE {TABLE} ("
    "resource_id BIGINT PRIMARY KEY REFERENCES resource (id) ON DELETE CASCADE, "
    "title TEXT NOT NULL, summary TEXT NOT NULL, words TEXT NOT NULL, "
    "document TSVECTOR NOT NULL GENERATED ALWAYS AS ("
    "to_tsvector('simple', title || ' ' || summary || ' ' || words)) STORED)",
    f"CREATE INDEX ix_{TABLE}_document ON {TABLE} USING gin (document)",
)

INDEX = FullText(TABLE, _SQLITE, _POSTGRESQL)
INDEX.follow_metadata()
