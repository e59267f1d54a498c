"""Topics: proposed by members in their own words, as long as nobody like it is there to be backed instead.

The words of a topic are what its backers back. So whoever proposed it may change or take it back only while nobody else
backs it, nobody has spoken to it and no other topic was retired in its favour; from then on they stand.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from haln import history
from haln.access import Actor
from haln.errors import Conflict, Invalid, NotPermitted
from haln.learn import topic_backings, topic_comments, topic_state
from haln.learn.topic_state import ALIVE, OPEN, RETIRED, Rules
from haln.matching import related
from haln.models import Topic, TopicAnswer, TopicBacking, TopicComment, TopicResult
from haln.people import throttles
from haln.people.search_words import folded
from haln.people.tokens import public_id

TITLE, TEXT = 160, 4_000
MOST_THEMES = 4
PROPOSALS_A_DAY = 5
ALIKE, LEAST = 3, 0.13
"""So many topics that are like a new one are shown, of those at least so near (cosine of their words)."""
READ = 1_000
"""So many live topics, the last discussed, are looked through for what is like a new one."""


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody proposes."""

    title: str
    text: str = ""
    themes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alike:
    """A live topic that is like a new one."""

    public_id: str
    title: str
    text: str
    state: str


def tidy(typed: Words, themes: Collection[str]) -> Words:
    """What was typed without blank ends. `themes`: the codes that there are. Raises Invalid, each field's sentence."""
    made = Words(
        " ".join(typed.title.split()),
        typed.text.replace("\r\n", "\n").strip(),
        tuple(dict.fromkeys(typed.themes)),
    )
    faults = {}
    if not made.title:
        faults["title"] = "Give the topic a title."
    elif len(made.title) > TITLE:
        faults["title"] = "A title has at most 160 characters."
    if not made.text:
        faults["text"] = "Say in a few sentences what you would like to work on, and why."
    elif len(made.text) > TEXT:
        faults["text"] = "Write at most 4,000 characters."
    if not made.themes:
        faults["themes"] = "Choose at least one theme."
    elif len(made.themes) > MOST_THEMES:
        faults["themes"] = "Choose at most four themes."
    elif not set(made.themes) <= set(themes):
        faults["themes"] = "Choose themes from the list."
    if faults:
        raise Invalid(next(iter(faults.values())), faults)
    return made


def alike(session: Session, words: Words, but: int | None = None) -> list[Alike]:
    """The live topics that are most like what somebody is about to propose, the nearest first."""
    rows = session.execute(
        select(Topic.public_id, Topic.title, Topic.text, Topic.state)
        .where(Topic.state.in_(ALIVE), Topic.id != (but or 0))
        .order_by(Topic.talked_at.desc(), Topic.id.desc())
        .limit(READ)
    ).all()
    near = related.nearest_to(
        f"{words.title}\n{words.text}", [f"{row.title}\n{row.text}" for row in rows], ALIKE, LEAST
    )
    return [Alike(rows[at].public_id, rows[at].title, rows[at].text, rows[at].state) for at in near]


def propose(
    session: Session,
    actor: Actor,
    words: Words,
    themes: Collection[str],
    rules: Rules,
    now: datetime,
    *,
    backs: bool = False,
    named: bool = False,
) -> Topic:
    """Propose a topic; all members see it at once. With `backs` whoever proposes it backs it, too.

    Raises Invalid for what cannot be, Conflict where they have no backing left, or proposed the very same before;
    TooMany for too many in a day. Of a form that was sent twice at one moment one topic is made.
    """
    made = tidy(words, themes)
    topic_backings.hold(session, actor.member_id)
    same = select(Topic.id).where(
        Topic.proposed_by_id == actor.member_id, Topic.title == made.title, Topic.state.in_(ALIVE)
    )
    if session.scalar(same.limit(1)) is not None:
        problem = "You have proposed a topic with this title already."
        raise Invalid(problem, {"title": problem})
    throttles.take(session, throttles.key("topics-of", str(actor.member_id)), PROPOSALS_A_DAY, throttles.DAY, now)
    row = Topic(public_id=public_id(), proposed_by_id=actor.member_id, proposed_at=now, talked_at=now, state=OPEN)
    _put(row, made)
    row.retired_why = ""
    session.add(row)
    session.flush()
    history.record(session, actor.member_id, "propose_topic", "topic", row.id, now)
    if backs:
        if topic_state.used(session, actor.member_id) >= rules.backings:
            raise Conflict(
                "You back %(count)s topics, as many as one can at once. Take one of them back first.",
                count=rules.backings,
            )
        topic_backings.add(session, actor, row, named, now)
    return row


def _put(row: Topic, made: Words) -> None:
    row.title, row.text, row.themes = made.title, made.text, list(made.themes)
    row.words = searched(made.title, made.text)


def searched(title: str, text: str) -> str:
    """The words of a topic as the search compares them, each between blanks."""
    return f" {folded(f'{title} {text}')} "


def change(session: Session, actor: Actor, topic_id: str, words: Words, themes: Collection[str], now: datetime) -> None:
    """Word one's own topic anew. Raises Invalid, NotPermitted, Conflict when its words stand."""
    made = tidy(words, themes)
    row = changeable(session, actor, topic_id, lock=True)
    _put(row, made)
    session.flush()
    history.record(session, actor.member_id, "change_topic", "topic", row.id, now)


def withdraw(session: Session, actor: Actor, topic_id: str, now: datetime) -> None:
    """Take one's own topic back. Raises NotPermitted, Conflict when it is not theirs alone any more."""
    row = changeable(session, actor, topic_id, lock=True)
    row.state, row.closed_at = RETIRED, now
    session.flush()
    history.record(session, actor.member_id, "withdraw_topic", "topic", row.id, now)


def changeable(session: Session, actor: Actor, topic_id: str, *, lock: bool = False) -> Topic:
    """A topic whose words the actor may change still. Raises NotFound, NotPermitted, Conflict."""
    row = topic_state.seen(session, topic_id, lock=lock)
    if row.proposed_by_id != actor.member_id:
        raise NotPermitted("This is for whoever proposed the topic.")
    if not is_own_alone(session, actor, row):
        raise Conflict("Others have had to do with this topic by now, so it stays as it is worded.")
    return row


def is_own_alone(session: Session, actor: Actor, row: Topic) -> bool:
    """Whether nobody else has had anything to do with a topic yet, as far as who proposed it, the actor, is told.

    What is said by somebody whom a block parts from them does not count, for it would show by that.
    """
    retired = aliased(Topic)
    others = (
        exists().where(TopicBacking.topic_id == row.id, TopicBacking.member_id != row.proposed_by_id),
        exists().where(TopicComment.topic_id == row.id, topic_comments.audible(actor)),
        exists().where(TopicAnswer.topic_id == row.id),
        exists().where(TopicResult.topic_id == row.id),
        exists().where(retired.successor_id == row.id),  # backers of that one were pointed to these words
    )
    return row.state == OPEN and not any(session.execute(select(*others)).one())
