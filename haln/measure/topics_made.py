"""Which topics led to connections: through the events, and the sets of the cohorts, that were made of them.

Backing the same topic makes no connection by itself, and who backs what is theirs to tell: nothing of it is used here.
What an event or a set made (`haln.measure.attribution`) is told once more by the topic that it came of.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import CohortPlan, LearningSet, Topic, TopicResult


@dataclass(frozen=True, slots=True)
class TopicMade:
    """A topic, and what came of it: so many events and sets that made connections, and their parts of these."""

    name: str
    events: int
    sets: int
    ties: Fraction


def made(session: Session, events: Mapping[int, Fraction], sets: Mapping[int, Fraction]) -> tuple[TopicMade, ...]:
    """The topics whose events or sets made something, the most first; the parts by event and by set. One query."""
    if not events and not sets:
        return ()
    statement = (
        select(Topic.id, Topic.title, TopicResult.event_id, LearningSet.id)
        .join(TopicResult, TopicResult.topic_id == Topic.id)
        .outerjoin(CohortPlan, CohortPlan.cohort_id == TopicResult.cohort_id)
        .outerjoin(LearningSet, LearningSet.plan_id == CohortPlan.id)
    )
    names: dict[int, str] = {}
    by_event, by_set = defaultdict[int, list[Fraction]](list), defaultdict[int, list[Fraction]](list)
    for topic, title, event, group in session.execute(statement):
        for number, parts, found in ((event, events, by_event), (group, sets, by_set)):
            if number is not None and number in parts:
                names[topic] = title
                found[topic].append(parts[number])
    rows = [
        TopicMade(name, len(by_event[topic]), len(by_set[topic]), sum(by_event[topic] + by_set[topic], Fraction(0)))
        for topic, name in names.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.ties, row.name)))
