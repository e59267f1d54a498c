"""Who stands out in the network, by name: as far as one member may know it, and never in a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from haln.access import Actor, Permission, require
from haln.measure import gaps as missing
from haln.measure.figures import SEED, between_sources
from haln.measure.questions import Question
from haln.models import Member
from haln.network import gaps
from haln.network.history import Snapshot
from haln.network.versions import Versions
from haln.people import seen, visibility
from haln.people.seen import PersonLine

Kind = Literal["holding", "alone", "hosts", "unlisted"]
KINDS: tuple[Kind, ...] = ("holding", "alone", "hosts", "unlisted")

BUSIEST = 10
MOST = 50
"""So many people are looked at: the first of them."""


@dataclass(frozen=True, slots=True)
class Named:
    """Those who may be named. `kept`: so many more keep it to themselves; `more`: so many were not looked at."""

    people: tuple[PersonLine, ...]
    kept: int
    more: int


def named(session: Session, actor: Actor, versions: Versions, question: Question, kind: Kind, now: datetime) -> Named:
    """Those of a kind as of the day: who holds parts together first; of others, who became a member last.

    What somebody's connections tell is only told where the actor may see these.
    """
    require(actor, Permission.SEE_MEASURES)
    found = missing.network(versions, question)
    ids = _ids(session, found, kind, now)
    asked = ids[:MOST]
    rows = seen.lines(actor.member_id).where(Member.id.in_(asked))
    if kind != "unlisted":
        rows = rows.where(visibility.shows(Member.show_connections, actor.member_id))
    people = {row[0]: PersonLine(*row) for row in session.execute(rows)}
    told = tuple(people[member] for member in asked if member in people)
    return Named(told, len(asked) - len(told), len(ids) - len(asked))


def _ids(session: Session, found: Snapshot, kind: Kind, now: datetime) -> Sequence[int]:
    if kind == "holding":
        return gaps.ids(found, gaps.holding(found, BUSIEST, between_sources(found), SEED))
    if kind == "alone":
        ids = gaps.ids(found, gaps.alone(found))
    elif kind == "hosts":
        ids = gaps.ids(found, gaps.tied_only_to(found, "audience", missing.HOSTS))
    else:
        ids = missing.unlisted(session, found, now)
    return sorted(ids, reverse=True)
