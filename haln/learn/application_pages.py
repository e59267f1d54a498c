"""What a member sees of a cohort, and of their own application to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, literal, select
from sqlalchemy.orm import Session

from haln.access import Actor, Permission, require
from haln.errors import NotFound
from haln.learn import applications, own_seats, slots
from haln.learn.cohort_states import is_open
from haln.learn.cohorts import CohortFacts, facts_of
from haln.learn.openings import sits_in
from haln.learn.own_seats import OwnSeat
from haln.learn.seat_state import PUBLISHED
from haln.learn.slots import Slot
from haln.models import Application, ApplicationSlot, Cohort, CohortFacilitator, CohortPair, CohortPlan
from haln.people import seen
from haln.people.lost_places import Lost, lost_places
from haln.people.seen import PersonLine


@dataclass(frozen=True, slots=True)
class OwnApplication:
    """What one said, and what became of it. `apart`: whom one would rather not sit with, as far as one may see them.

    `lost`: how a place was lost that one had not withdrawn from. `sits`: in a set of the cohort that runs.
    """

    state: str
    source: str
    live_issue: str
    themes: tuple[str, ...]
    slots: frozenset[int]
    apart: tuple[PersonLine, ...]
    access_needs: str
    facilitator: PersonLine | None
    lost: Lost | None = None
    sits: bool = False


@dataclass(frozen=True, slots=True)
class CohortPage:
    """A cohort as members see it. `unseen`: how many of its facilitators this member may not see.

    `seat`: the member's own place in a proposed set, for as long as it can be answered.
    """

    id: int
    public_id: str
    facts: CohortFacts
    state: str
    open: bool
    facilitators: tuple[PersonLine, ...]
    unseen: int
    slots: tuple[Slot, ...]
    own: OwnApplication | None
    seat: OwnSeat | None = None


def page(session: Session, actor: Actor, cohort: str, today: date) -> CohortPage:
    """A cohort that is no draft. Raises NotFound, for a cancelled one too unless the actor had applied."""
    require(actor, Permission.NETWORK)
    row, asks = _cohort(session, cohort)
    own = applications.own_row(session, row.id, actor.member_id) if row is not None else None
    if row is None or (row.state == "cancelled" and own is None):
        raise NotFound("There is no such cohort.")
    leaders = session.scalars(
        select(CohortFacilitator.member_id).where(CohortFacilitator.cohort_id == row.id, CohortFacilitator.sets > 0)
    ).all()
    apart = _apart(session, row.id, actor.member_id) if own is not None else []
    people = seen.people(session, actor.member_id, [*leaders, *apart])
    return CohortPage(
        id=row.id,
        public_id=row.public_id,
        facts=facts_of(row),
        state=row.state,
        open=is_open(row.state, row.closes_on, today),
        facilitators=_in_order(people, leaders),
        unseen=sum(leader not in people for leader in leaders),
        slots=slots.of_cohort(session, row.id),
        own=_own(session, own, people, apart) if own is not None else None,
        seat=_seat(session, own, row.public_id) if own is not None and asks else None,
    )


def _cohort(session: Session, cohort: str) -> tuple[Cohort | None, bool]:
    """A cohort that is no draft, and whether its people are asked for their answers now."""
    asks = exists(select(CohortPlan.id).where(CohortPlan.cohort_id == Cohort.id, CohortPlan.state == PUBLISHED))
    row = session.execute(select(Cohort, asks).where(Cohort.public_id == cohort, Cohort.state != "draft")).first()
    return (row[0], bool(row[1])) if row is not None else (None, False)


def _seat(session: Session, own: Application, cohort: str) -> OwnSeat | None:
    if own.state != "applied":
        return None
    return next((one for one in own_seats.answerable(session, own.member_id) if one.cohort_id == cohort), None)


def _own(session: Session, own: Application, people: dict[int, PersonLine], apart: list[int]) -> OwnApplication:
    chosen = session.scalars(select(ApplicationSlot.slot_id).where(ApplicationSlot.application_id == own.id))
    return OwnApplication(
        state=own.state,
        source=own.source,
        live_issue=own.live_issue,
        themes=tuple(own.themes),
        slots=frozenset(chosen),
        apart=_in_order(people, apart),
        access_needs=own.access_needs,
        facilitator=people.get(own.facilitator_id) if own.facilitator_id else None,
        lost=lost_places(session, own.member_id).get(own.cohort_id) if own.state == "withdrawn" else None,
        sits=own.state == "placed" and bool(session.scalar(select(sits_in(literal(own.cohort_id), own.member_id)))),
    )


def _apart(session: Session, cohort_id: int, member_id: int) -> list[int]:
    rows = session.execute(
        select(CohortPair.low_id, CohortPair.high_id).where(*applications.own_pairs(cohort_id, member_id))
    )
    return [high if low == member_id else low for low, high in rows]


def _in_order(people: dict[int, PersonLine], ids: Iterable[int]) -> tuple[PersonLine, ...]:
    wanted = set(ids)
    return tuple(sorted((line for key, line in people.items() if key in wanted), key=lambda line: line.name))
