"""One topic as a member reads it: its words, the answer to it, who backs it as far as that is told, what is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.learn import topic_comments, topic_state, topics
from haln.learn.topic_comments import Said
from haln.learn.topic_state import ALIVE, Backers, Rules
from haln.models import Cohort, CohortFacilitator, Event, Member, Topic, TopicAnswer, TopicBacking, TopicResult
from haln.people import seen
from haln.people.seen import PersonLine
from haln.people.visibility import ACTIVE

NAMED = 12
"""So many of those who may be named are named."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a topic. `person` is none for who is not to be named."""

    number: int
    text: str
    person: PersonLine | None
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a topic, as far as the one who looks sees it. `kind`: event or cohort; `waits`: not shown yet."""

    kind: str
    public_id: str
    title: str
    starts_at: datetime | None
    closes_on: date | None
    waits: bool
    leads: bool


@dataclass(frozen=True, slots=True)
class TopicPage:
    """A topic. `named` is none for who does not back it; `left`: how many more topics they may back."""

    row: Topic
    proposer: PersonLine | None
    proposer_gone: bool
    backers: Backers
    people: tuple[PersonLine, ...]
    named: bool | None
    left: int
    answers: tuple[Answer, ...]
    comments: tuple[Said, ...]
    earlier: bool
    successor: Topic | None
    outcomes: tuple[Outcome, ...]
    may_change: bool
    may_answer: bool
    may_hide: bool

    @property
    def alive(self) -> bool:
        """Whether it may be backed, and something may come of it."""
        return self.row.state in ALIVE


def page(session: Session, actor: Actor, topic_id: str, number: int, rules: Rules) -> TopicPage:
    """One topic, with a page of what is said to it. Raises NotFound."""
    row = topic_state.seen(session, topic_id)
    own = session.get(TopicBacking, (row.id, actor.member_id), populate_existing=True)
    answers = session.scalars(
        select(TopicAnswer).where(TopicAnswer.topic_id == row.id).order_by(TopicAnswer.number.desc())
    ).all()
    known = seen.people(session, actor.member_id, {row.proposed_by_id, *(one.by_id or 0 for one in answers)})
    comments, earlier = topic_comments.of_topic(session, actor, row.id, number)
    proposer = known.get(row.proposed_by_id)
    return TopicPage(
        row=row,
        proposer=proposer,
        proposer_gone=proposer is None and _standing(session, row.proposed_by_id) != ACTIVE,
        backers=topic_state.told(topic_state.count_of(session, row.id), rules),
        people=_people(session, actor, row),
        named=own.named if own is not None else None,
        left=max(0, rules.backings - topic_state.used(session, actor.member_id)),
        answers=tuple(Answer(one.number, one.text, known.get(one.by_id or 0), one.answered_at) for one in answers),
        comments=tuple(comments),
        earlier=earlier,
        successor=topic_state.successor(session, row),
        outcomes=tuple(_outcomes(session, actor, row)),
        may_change=row.proposed_by_id == actor.member_id and topics.is_own_alone(session, actor, row),
        may_answer=topic_state.answers(actor),
        may_hide=topic_state.hides(actor),
    )


def _standing(session: Session, member_id: int) -> str | None:
    return session.scalar(select(Member.standing).where(Member.id == member_id))


def _people(session: Session, actor: Actor, row: Topic) -> tuple[PersonLine, ...]:
    """Those who back it and let it be known, as far as the actor may see them; whom they know first."""
    lines = seen.lines(actor.member_id)
    tie = list(lines.selected_columns)[9]
    found = (
        lines.join(TopicBacking, TopicBacking.member_id == Member.id)
        .where(TopicBacking.topic_id == row.id, TopicBacking.named, Member.id != actor.member_id)
        .order_by(tie.desc(), TopicBacking.backed_at, Member.id)
        .limit(NAMED)
    )
    return tuple(PersonLine(*one) for one in session.execute(found))


def _outcomes(session: Session, actor: Actor, row: Topic) -> Sequence[Outcome]:
    """What came of a topic: for members what they see; for those who run it what is still in the making."""
    runs = topic_state.answers(actor)
    rows = session.execute(
        select(TopicResult.event_id, Event, Cohort, CohortFacilitator.member_id.is_not(None))
        .outerjoin(Event, Event.id == TopicResult.event_id)
        .outerjoin(Cohort, Cohort.id == TopicResult.cohort_id)
        .outerjoin(
            CohortFacilitator,
            (CohortFacilitator.cohort_id == Cohort.id) & (CohortFacilitator.member_id == actor.member_id),
        )
        .where(TopicResult.topic_id == row.id)
        .order_by(TopicResult.id.desc())
    )
    found = []
    for number, event, cohort, leads in rows:
        if number is not None:
            waits = event.state == "proposed"
            mine = event.organiser_id == actor.member_id or actor.is_staff
            if event.state == "planned" or (waits and runs):
                found.append(Outcome("event", event.public_id, event.title, event.starts_at, None, waits, mine))
        elif cohort.state in ("open", "closed", "formed") or (cohort.state == "draft" and runs):
            may = bool(leads) or actor.is_staff
            closes = cohort.closes_on if cohort.state == "open" else None
            found.append(Outcome("cohort", cohort.public_id, cohort.title, None, closes, cohort.state == "draft", may))
    return found
