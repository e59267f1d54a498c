"""What there was to join at a moment of the past, and who joined it after: what weights are learned from.

Profiles, purposes and blocks are today's; whatever has a date counts as it was by then. How many places a set had open
then is nowhere kept: one that somebody joined within the time had one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from haln.learn import crowd_rows, opening_rows, seekers
from haln.learn.opening_rows import Key, Standing, Ways, local_day
from haln.matching.joining_learning import PastJoining
from haln.matching.joining_signals import prepare
from haln.models import Application, Cohort, LearningSet, Member, SetMembership, SetSession
from haln.people.visibility import ACTIVE


def read(session: Session, then: datetime, until: datetime, ways: Ways, few: int) -> PastJoining:
    """What stood open in the time from `then` to `until` as it was known at `then`, and which active members joined.

    `few`: the largest number of people that is not told, as in lists. Nothing that came after `then` is in what was
    known of openings and members; who had not joined the network by then is left out.
    """
    standing = _standing(then, until, ways)
    found = opening_rows.read(session, standing, ways)
    numbers = {key: opening.key for key, opening in found}
    came = [(member, numbers[key]) for member, key in _came(session, standing, then, until, ways)]
    today = local_day(then, ways.zone)
    belonging = crowd_rows.read(session, today, few, opening_rows.LONGEST, then)
    openings = prepare([one for _, one in found], few, opening_rows.background(session), belonging.crowds)
    who = seekers.read(session, sorted({member for member, _ in came}), ways, then)
    return PastJoining(openings, belonging.told(session, who), came)


def _standing(then: datetime, until: datetime, ways: Ways) -> Standing:
    day, last = local_day(then, ways.zone), local_day(until, ways.zone)
    closes_later = or_(Cohort.closes_on >= day, and_(Cohort.closes_on.is_(None), Cohort.state == "open"))
    left_later = or_(SetMembership.left_on.is_(None), SetMembership.left_on > day)
    seat = aliased(SetMembership)
    joined = exists(
        select(seat.member_id).where(seat.set_id == LearningSet.id, seat.joined_on > day, seat.joined_on <= last)
    )
    return Standing(
        calls=and_(Cohort.state.in_(("open", "closed", "formed")), Cohort.created_at <= until, closes_later),
        applies=and_(Application.state != "withdrawn", Application.applied_at <= then),
        sets=and_(_ran(then, ways), or_(LearningSet.open_places > 0, joined)),
        sits=and_(SetMembership.joined_on <= day, left_later),
        ahead=and_(SetSession.state != "cancelled", SetSession.starts_at > then, SetSession.starts_at <= until),
    )


def _ran(then: datetime, ways: Ways) -> ColumnElement[bool]:
    """Whether a row of LearningSet ran at a moment."""
    day = local_day(then, ways.zone)
    ended_later = or_(LearningSet.ended_on.is_(None), LearningSet.ended_on > day)
    return and_(LearningSet.public_id.is_not(None), LearningSet.started_on <= day, ended_later)


def _came(
    session: Session, standing: Standing, then: datetime, until: datetime, ways: Ways
) -> Iterator[tuple[int, Key]]:
    """Who joined what within the time: an application that was not withdrawn, or a seat in a set that ran already."""
    known = (Member.standing == ACTIVE, Member.joined_at <= then)
    applied = (
        select(Application.member_id, Application.cohort_id)
        .join(Member, Member.id == Application.member_id)
        .join(Cohort, Cohort.id == Application.cohort_id)
        .where(standing.calls, Application.state != "withdrawn", *known)
        .where(Application.applied_at > then, Application.applied_at <= until)
        .order_by(Application.id)
    )
    for member_id, cohort_id in session.execute(applied):
        yield member_id, ("cohort", cohort_id)
    day, last = local_day(then, ways.zone), local_day(until, ways.zone)
    sat = (
        select(SetMembership.member_id, SetMembership.set_id)
        .join(Member, Member.id == SetMembership.member_id)
        .join(LearningSet, LearningSet.id == SetMembership.set_id)
        .where(standing.sets, SetMembership.joined_on > day, SetMembership.joined_on <= last, *known)
        .order_by(SetMembership.set_id, SetMembership.member_id)
    )
    for member_id, set_id in session.execute(sat):
        yield member_id, ("set", set_id)
