"""The full-text index: what all members may know of each other, in folded words.

Whatever changes a member takes a change number (`haln.people.changes`); `catch_up` brings the index to the newest one
in the same transaction. Only facts that are shown to all members are in it, and only people who are there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, case, insert, select, text, update
from sqlalchemy.orm import Session

from haln.models import Counter, Member, MemberText, MemberTheme, Organisation, Place
from haln.models import search as search_table
from haln.people import changes
from haln.people.search_words import Question, folded
from haln.people.visibility import ACTIVE, Visibility
from haln.taxonomy.vocabulary import Vocabulary

_CHUNK = 1000
_COUNTER = "search"
_MOST_TEXT = 20_000  # letters of one member: somebody with a hundred papers does not slow everybody down

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Document:
    member_id: int
    name: str
    work: str
    words: str


def catch_up(session: Session, vocabulary: Vocabulary, progress: Progress | None = None) -> None:
    """Index every member who changed since the last time. The edge calls it before it commits."""
    rows = session.execute(select(Counter.name, Counter.value).where(Counter.name.in_((_COUNTER, "change"))))
    counters = {row.name: row.value for row in rows}
    latest, done = counters.get("change", 0), counters.get(_COUNTER)
    if latest == (done or 0):
        return
    if done is None:
        session.execute(insert(Counter).values(name=_COUNTER, value=0))
    # Two who catch up at once must not index the same member twice: the second waits here, and finds it done.
    done = session.scalar(select(Counter.value).where(Counter.name == _COUNTER).with_for_update()) or 0
    reindex(session, vocabulary, session.scalars(select(Member.id).where(Member.change_number > done)).all(), progress)
    session.execute(
        update(Counter).where(Counter.name == _COUNTER).values(value=latest),
        execution_options={"synchronize_session": False},
    )


def reindex(
    session: Session,
    vocabulary: Vocabulary,
    member_ids: Iterable[int] | None = None,
    progress: Progress | None = None,
) -> None:
    """Index these members again, or all of them (after loading very many)."""
    session.flush()
    if member_ids is None:
        _empty(session)
        session.execute(update(Counter).where(Counter.name == _COUNTER).values(value=changes.latest_number(session)))
        ids: Sequence[int] = session.scalars(select(Member.id).order_by(Member.id)).all()
    else:
        ids = sorted(set(member_ids))
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        if member_ids is not None:
            forget(session, chunk)
        _store(session, _documents(session, vocabulary, chunk))
        if progress:
            progress(start + len(chunk), len(ids))


def forget(session: Session, member_ids: Sequence[int]) -> None:
    """Take members out of the index."""
    statement = text(f"DELETE FROM {search_table.TABLE} WHERE {_key(session)} IN :ids")  # noqa: S608  # names of ours
    session.execute(statement.bindparams(bindparam("ids", list(member_ids), expanding=True)))


def purge(session: Session) -> None:
    """Let nothing of what was taken out remain in the index. SQLite keeps it in segments until they are merged."""
    if not _is_postgresql(session):
        session.execute(text(f"INSERT INTO {search_table.TABLE} ({search_table.TABLE}) VALUES ('optimize')"))  # noqa: S608


def matching(session: Session, question: Question) -> Sequence[int]:
    """The ids of all members whose words answer the question, in no order."""
    return session.scalars(text(f"SELECT {_key(session)} {_where(session)}"), {"q": _query(session, question)}).all()


def best(session: Session, question: Question, limit: int) -> Sequence[int]:
    """The ids of those who answer the question best: a name counts for more than work, work for more than words."""
    order = (
        "ts_rank(document, to_tsquery('simple', :q)) DESC, member_id"
        if _is_postgresql(session)
        else f"bm25({search_table.TABLE}, 8.0, 3.0, 1.0), rowid"
    )
    statement = text(f"SELECT {_key(session)} {_where(session)} ORDER BY {order} LIMIT :limit")
    return session.scalars(statement, {"q": _query(session, question), "limit": limit}).all()


def words_of(session: Session, member_ids: Sequence[int]) -> dict[int, frozenset[str]]:
    """The indexed words of these members; those who are not in the index are not in the answer."""
    key = _key(session)
    statement = text(f"SELECT {key}, name, work, words FROM {search_table.TABLE} WHERE {key} IN :ids")  # noqa: S608
    rows = session.execute(statement.bindparams(bindparam("ids", list(member_ids), expanding=True)))
    return {row[0]: frozenset(" ".join(row[1:]).split()) for row in rows}


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _key(session: Session) -> str:
    return "member_id" if _is_postgresql(session) else "rowid"


def _where(session: Session) -> str:
    fits = "document @@ to_tsquery('simple', :q)" if _is_postgresql(session) else f"{search_table.TABLE} MATCH :q"
    return f"FROM {search_table.TABLE} WHERE {fits}"


def _query(session: Session, question: Question) -> str:
    """The question in the database's own syntax. Words hold letters and digits only, and are quoted all the same."""
    if _is_postgresql(session):
        return " & ".join([*(f"'{word}'" for word in question.words[:-1]), f"'{question.words[-1]}':*"])
    return " ".join([*(f'"{word}"' for word in question.words[:-1]), f'"{question.words[-1]}"*'])


def _empty(session: Session) -> None:
    if _is_postgresql(session):
        session.execute(text(f"DELETE FROM {search_table.TABLE}"))  # noqa: S608
    else:  # made anew: FTS5 deletes row by row, and keeps what was deleted for long
        search_table.INDEX.drop(session.connection())
        search_table.INDEX.create(session.connection())


def _store(session: Session, documents: list[_Document]) -> None:
    if documents:
        key = _key(session)
        statement = f"INSERT INTO {search_table.TABLE} ({key}, name, work, words) VALUES (:id, :name, :work, :words)"  # noqa: S608
        session.execute(
            text(statement),
            [{"id": one.member_id, "name": one.name, "work": one.work, "words": one.words} for one in documents],
        )


def _documents(session: Session, vocabulary: Vocabulary, ids: Sequence[int]) -> list[_Document]:
    """What all members may know of these people, folded."""
    roles = {role.code: role.label for role in vocabulary.roles}
    themes = _themes(session, vocabulary, ids)
    texts = _texts(session, ids)
    documents = []
    for row in session.execute(_facts().where(Member.id.in_(ids))):
        work = [row.job_title, roles.get(row.role or "", row.role), row.organisation, row.place, *themes[row.id]]
        words = [row.biography or "", *texts[row.id]] if row.biography is not None else []
        documents.append(
            _Document(
                row.id,
                folded(row.name),
                folded(" ".join([part for part in work if part])),
                folded(" ".join(words)[:_MOST_TEXT]),
            )
        )
    return documents


def _facts() -> Any:
    def shown(column: Any, show: Any) -> Any:
        return case((show >= Visibility.MEMBERS, column))

    return (
        select(
            Member.id,
            Member.name,
            shown(Member.role, Member.show_role).label("role"),
            shown(Member.job_title, Member.show_role).label("job_title"),
            shown(Organisation.name, Member.show_organisation).label("organisation"),
            shown(Place.name, Member.show_place).label("place"),
            shown(Member.biography, Member.show_biography).label("biography"),
        )
        .select_from(Member)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .outerjoin(Place, Place.id == Member.place_id)
        .where(Member.standing == ACTIVE, Member.listed)
    )


def _themes(session: Session, vocabulary: Vocabulary, ids: Sequence[int]) -> defaultdict[int, list[str]]:
    labels = {theme.code: theme.label for theme in vocabulary.themes}
    found: defaultdict[int, list[str]] = defaultdict(list)
    rows = session.execute(
        select(MemberTheme.member_id, MemberTheme.theme)
        .join(Member, Member.id == MemberTheme.member_id)
        .where(MemberTheme.member_id.in_(ids), Member.show_themes >= Visibility.MEMBERS)
        .order_by(MemberTheme.member_id, MemberTheme.theme)
    )
    for member_id, theme in rows:
        found[member_id].append(labels.get(theme, theme))
    return found


def _texts(session: Session, ids: Sequence[int]) -> defaultdict[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    rows = session.execute(
        select(MemberText.member_id, MemberText.text).where(MemberText.member_id.in_(ids)).order_by(MemberText.id)
    )
    for member_id, words in rows:
        found[member_id].append(words)
    return found
