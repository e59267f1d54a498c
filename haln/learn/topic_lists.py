"""Topics as members find them: by words, theme and state, the newest, the most backed or the last discussed first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, case, cast, exists, func, or_, select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.learn import topic_comments, topic_state
from haln.learn.topic_state import ALIVE, STATES, Backers, Rules
from haln.models import Cohort, Event, Topic, TopicBacking, TopicResult
from haln.people import markdown, search_words

PAGE = 20
NEWEST, BACKED, DISCUSSED = "newest", "backed", "discussed"
SORTS = (NEWEST, BACKED, DISCUSSED)
EXCERPT = 220


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for. `chosen`: codes by `theme` and `state`; of each kind one must fit. `mine`: only one's own.

    `ready`: only those that enough back and nothing has come of, for who can make something of them.
    """

    text: str = ""
    chosen: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sort: str = NEWEST
    number: int = 1
    mine: bool = False
    ready: bool = False


@dataclass(frozen=True, slots=True)
class TopicLine:
    """A topic in a list. `mine`: whether the one who looks backs it."""

    public_id: str
    title: str
    text: str
    state: str
    themes: tuple[str, ...]
    backers: Backers
    mine: bool
    proposed_at: datetime
    talked_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """A page of topics: how many fit in all, how many of each theme and state would, and whether there are more."""

    rows: tuple[TopicLine, ...]
    total: int
    counts: Mapping[str, Mapping[str, int]]
    more: bool


def search(session: Session, actor: Actor, query: Query, themes: Sequence[str], rules: Rules) -> Page:
    """Find topics, the live ones first. Four queries, however many there are."""
    fits = {
        "text": _holds(query.text),
        "theme": _of_themes(query.chosen.get("theme", ())),
        "state": _of_states(query.chosen.get("state", ())),
        "mine": _mine(actor) if query.mine else None,
        "ready": _ready(rules) if query.ready and topic_state.answers(actor) else None,
    }
    everything = [one for one in fits.values() if one is not None]
    counts = {
        "state": _state_counts(session, [one for name, one in fits.items() if name != "state" and one is not None]),
        "theme": _theme_counts(
            session, themes, [one for name, one in fits.items() if name != "theme" and one is not None]
        ),
    }
    total = session.scalar(select(func.count()).select_from(Topic).where(*everything)) or 0
    statement = (
        _lines(actor)
        .where(*everything)
        .order_by(*_order(actor, query.sort, rules))
        .offset((query.number - 1) * PAGE)
        .limit(PAGE + 1)
    )
    found = _read(session, statement, rules)
    return Page(found[:PAGE], total, counts, len(found) > PAGE)


def backed(session: Session, actor: Actor, rules: Rules) -> tuple[TopicLine, ...]:
    """The live topics that the actor backs, the last backed first."""
    own = select(TopicBacking.backed_at).where(
        TopicBacking.topic_id == Topic.id, TopicBacking.member_id == actor.member_id
    )
    statement = _lines(actor).where(_mine(actor), Topic.state.in_(ALIVE))
    return _read(session, statement.order_by(own.scalar_subquery().desc(), Topic.id.desc()).limit(50), rules)


def live(session: Session, but: int, most: int = 300) -> list[tuple[str, str]]:
    """The live topics that another may be retired in favour of, by title."""
    rows = session.execute(
        select(Topic.public_id, Topic.title)
        .where(Topic.state.in_(ALIVE), Topic.id != but)
        .order_by(func.lower(Topic.title), Topic.id)
        .limit(most)
    )
    return [(row.public_id, row.title) for row in rows]


def ready(session: Session, rules: Rules) -> int:
    """How many live topics enough members back, and nothing has come of yet."""
    return session.scalar(select(func.count()).select_from(Topic).where(_ready(rules))) or 0


def _ready(rules: Rules) -> ColumnElement[bool]:
    made = (
        select(TopicResult.id)
        .outerjoin(Event, Event.id == TopicResult.event_id)
        .outerjoin(Cohort, Cohort.id == TopicResult.cohort_id)
        .where(
            TopicResult.topic_id == Topic.id,
            or_(Event.state.in_(("proposed", "planned")), Cohort.state.in_(("draft", "open", "closed", "formed"))),
        )
    )
    return and_(Topic.state.in_(ALIVE), topic_state.counted() >= rules.enough, ~exists(made))


def _mine(actor: Actor) -> ColumnElement[bool]:
    return exists().where(TopicBacking.topic_id == Topic.id, TopicBacking.member_id == actor.member_id)


def _lines(actor: Actor) -> Any:
    return select(
        Topic.public_id,
        Topic.title,
        Topic.text,
        Topic.state,
        Topic.themes,
        topic_state.counted().label("count"),
        _mine(actor).label("mine"),
        Topic.proposed_at,
        topic_comments.talked(actor).label("talked_at"),
    )


def _read(session: Session, statement: Any, rules: Rules) -> tuple[TopicLine, ...]:
    return tuple(
        TopicLine(
            public_id=row.public_id,
            title=row.title,
            text=markdown.plain(row.text, EXCERPT),
            state=row.state,
            themes=tuple(row.themes),
            backers=topic_state.told(row[5], rules),
            mine=bool(row.mine),
            proposed_at=row.proposed_at,
            talked_at=row.talked_at,
        )
        for row in session.execute(statement)
    )


def _order(actor: Actor, sort: str, rules: Rules) -> list[Any]:
    """The order asked for; of those that are backed alike, as far as is told, the last discussed first."""
    talked = topic_comments.talked(actor)
    alive = case((Topic.state.in_(ALIVE), 0), else_=1)
    if sort == BACKED:
        shown = topic_state.shown_class(topic_state.counted(), rules.small)
        return [alive, shown.desc(), talked.desc(), Topic.id.desc()]
    moment = talked if sort == DISCUSSED else Topic.proposed_at
    return [alive, moment.desc(), Topic.id.desc()]


def _holds(text: str) -> ColumnElement[bool] | None:
    question = search_words.question(text)
    if not question:
        return None
    whole = [Topic.words.contains(f" {word} ", autoescape=True) for word in question.words[:-1]]
    return and_(*whole, Topic.words.contains(f" {question.words[-1]}", autoescape=True))


def _about(theme: str) -> ColumnElement[bool]:
    """Whether a row of Topic is of a theme: its code stands in the list as both databases write one."""
    return cast(Topic.themes, Text).contains(f'"{theme}"', autoescape=True)


def _of_themes(codes: Collection[str]) -> ColumnElement[bool] | None:
    return or_(*(_about(code) for code in sorted(codes))) if codes else None


def _of_states(codes: Collection[str]) -> ColumnElement[bool] | None:
    return Topic.state.in_(sorted(codes)) if codes else None


def _state_counts(session: Session, fits: Sequence[ColumnElement[bool]]) -> Mapping[str, int]:
    rows = session.execute(select(Topic.state, func.count()).where(*fits).group_by(Topic.state))
    found = {row[0]: row[1] for row in rows}
    return {state: found[state] for state in STATES if state in found}


def _theme_counts(session: Session, themes: Sequence[str], fits: Sequence[ColumnElement[bool]]) -> Mapping[str, int]:
    if not themes:
        return {}
    columns = [func.sum(case((_about(theme), 1), else_=0)) for theme in themes]
    row = session.execute(select(*columns).select_from(Topic).where(*fits)).one()
    return {theme: int(number) for theme, number in zip(themes, row, strict=True) if number}
