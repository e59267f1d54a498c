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
from haln.measure.listable import listable
from haln.measure.questions import Question
from haln.network import gaps
from haln.network.versions import Versions
from haln.people import seen
from haln.people.seen import PersonLine

Kind = Literal["holding", "alone", "hosts", "unlisted"]
KINDS: tuple[Kind, ...] = ("holding", "alone", "hosts", "unlisted")

BUSIEST = 10
MOST = 50
"""So many people are named at once."""


@dataclass(frozen=True, slots=True)
class Named:
    """Some of those who may be named, and where they go on: after the member of this public id; empty: nowhere.

    How many may not be named is told to nobody: of a narrow question it would say whether one member hides.
    """

    people: tuple[PersonLine, ...]
    after: str = ""


def named(
    session: Session, actor: Actor, versions: Versions, question: Question, kind: Kind, now: datetime, after: str = ""
) -> Named:
    """Those of a kind as of the day: who holds parts together first; of others, who became a member last.

    What somebody's connections tell is only told where the actor may see these. `after`: those who follow the member of
    this public id; from the first on, where they are none of these.
    """
    require(actor, Permission.SEE_MEASURES)
    of_connections = kind in missing.OF_CONNECTIONS
    may_be = listable(session, actor.member_id, question)
    told = {key: one.public_id for key, one in may_be.items() if one.connections or not of_connections}
    ids = [member for member in _ids(session, versions, question, kind, now) if member in told]
    start = next((place for place, member in enumerate(ids, 1) if told[member] == after), 0)
    asked = ids[start : start + MOST]
    people = seen.people(session, actor.member_id, asked)
    more = len(ids) > start + MOST
    return Named(tuple(people[member] for member in asked), told[asked[-1]] if more else "")


def _ids(session: Session, versions: Versions, question: Question, kind: Kind, now: datetime) -> Sequence[int]:
    found = missing.network(versions, question)
    if kind == "holding":
        return gaps.ids(found, gaps.holding(found, BUSIEST, between_sources(found), SEED))
    if kind == "alone":
        ids = missing.alone(versions, question)
    elif kind == "hosts":
        ids = missing.only_hosts(versions, question)
    else:
        ids = missing.unlisted(session, found, now)
    return sorted(ids, reverse=True)
