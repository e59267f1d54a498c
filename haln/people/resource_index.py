"""The full-text index of published resources, in folded words. Only what readers see is in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from haln.models import Resource, ResourceVersion
from haln.models import resource_search as table
from haln.people.search_words import Question, folded

_MOST_TEXT = 120_000
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Hit:
    """A resource that answers, and the folded words of its title and its standfirst."""

    resource_id: int
    title: frozenset[str]
    summary: frozenset[str]


def store(session: Session, resource_ids: Iterable[int]) -> None:
    """Index these resources as they are shown now; those that are not shown leave the index."""
    session.flush()
    ids = sorted(set(resource_ids))
    for start in range(0, len(ids), _CHUNK):
        _store(session, ids[start : start + _CHUNK])


def _store(session: Session, ids: Sequence[int]) -> None:
    forget(session, ids)
    rows = session.execute(
        select(Resource.id, ResourceVersion.content)
        .join(
            ResourceVersion,
            (ResourceVersion.resource_id == Resource.id) & (ResourceVersion.number == Resource.shown),
        )
        .where(Resource.id.in_(ids))
    )
    documents = [_document(number, content) for number, content in rows]
    if documents:
        statement = f"INSERT INTO {table.TABLE} ({_key(session)}, title, summary, words) VALUES (:id, :t, :s, :w)"  # noqa: S608  # names of ours
        session.execute(text(statement), documents)


def _document(number: int, content: Mapping[str, Any]) -> dict[str, object]:
    words = " ".join(content["parts"].values())[:_MOST_TEXT]
    return {"id": number, "t": folded(content["title"]), "s": folded(content["standfirst"]), "w": folded(words)}


def forget(session: Session, resource_ids: Iterable[int]) -> None:
    """Take resources out of the index."""
    statement = text(f"DELETE FROM {table.TABLE} WHERE {_key(session)} IN :ids")  # noqa: S608
    session.execute(statement.bindparams(bindparam("ids", sorted(set(resource_ids)), expanding=True)))


def purge(session: Session) -> None:
    """Let nothing of what was taken out remain in the index. SQLite keeps it in segments until they are merged."""
    if not _far(session):
        session.execute(text(f"INSERT INTO {table.TABLE} ({table.TABLE}) VALUES ('optimize')"))  # noqa: S608


def matching(session: Session, question: Question) -> list[Hit]:
    """Every resource that holds all words of the question, in no order."""
    key = _key(session)
    fits = "document @@ to_tsquery('simple', :q)" if _far(session) else f"{table.TABLE} MATCH :q"
    statement = text(f"SELECT {key}, title, summary FROM {table.TABLE} WHERE {fits}")  # noqa: S608
    rows = session.execute(statement, {"q": _query(session, question)})
    return [Hit(row[0], frozenset(row[1].split()), frozenset(row[2].split())) for row in rows]


def _far(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _key(session: Session) -> str:
    return "resource_id" if _far(session) else "rowid"


def _query(session: Session, question: Question) -> str:
    """The question in the database's own syntax. Words hold letters and digits only, and are quoted all the same."""
    if _far(session):
        return " & ".join([*(f"'{word}'" for word in question.words[:-1]), f"'{question.words[-1]}':*"])
    return " ".join([*(f'"{word}"' for word in question.words[:-1]), f'"{question.words[-1]}"*'])
