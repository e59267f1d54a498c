"""What there was to join at a moment of the past, and who joined it after: what weights are learned from.

Profiles, purposes, meetings and blocks are today's; who was in what counts as it was by then. When a call opened, and
how many places a set had, is nowhere kept: what somebody joined within the time was open, a call that had applicants by
then stayed so until it closed, and a set with a place today had one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, union
from sqlalchemy.orm import Session, aliased

from haln.learn import crowd_rows, opening_rows, seekers
from haln.learn.opening_rows import Key, Standing, Ways, local_day
from haln.matching.joining_learning import PastJoining
from haln.matching.joining_signals import prepare
from haln.matching.learning import ASKERS
from haln.models import Application, Cohort, LearningSet, Member, SetMembership, SetSession
from haln.people.visibility import ACTIVE


def joiners(session: Session, then: datetime, until: datetime, ways: Ways) -> int:
    """How many members joined anything from `then` to `until`: cheap to know before all of it is read."""
    came = union(*_came(then, until, ways).values()).subquery()
    return session.scalar(select(func.count(func.distinct(came.c[0])))) or 0


def read(session: Session, then: datetime, until: datetime, ways: Ways, few: int, seed: int = 0) -> PastJoining:
    """What stood open in the time from `then` to `until` as it was known at `then`, and which active members joined.

    `few`: the largest number of people that is not told, as in lists. Who was in what after `then` is in nothing that
    was known of openings and members; who had not joined the network by then is left out. Of very many who joined, some
    are drawn by `seed`.
    """
    found = opening_rows.read(session, _standing(then, until, ways), ways)
    numbers = {key: opening.key for key, opening in found}
    came = [(member, numbers[key]) for member, key in _joined(session, then, until, ways) if key in numbers]
    today = local_day(then, ways.zone)
    belonging = crowd_rows.read(session, today, few, opening_rows.LONGEST, then)
    openings = prepare([one for _, one in found], few, opening_rows.background(session), belonging.crowds)
    members = sorted({member for member, _ in came})
    if len(members) > ASKERS:
        members = sorted(random.Random(seed).sample(members, ASKERS))  # noqa: S311  # a draw needs no secrets
    return PastJoining(openings, belonging.told(session, seekers.read(session, members, ways, then)), came)


def _standing(then: datetime, until: datetime, ways: Ways) -> Standing:
    day, last = local_day(then, ways.zone), local_day(until, ways.zone)
    answer, seat = aliased(Application), aliased(SetMembership)
    answers = select(answer.id).where(answer.cohort_id == Cohort.id, answer.state != "withdrawn")
    within = exists(answers.where(answer.applied_at > then, answer.applied_at <= until))
    closes_later = or_(Cohort.closes_on >= day, and_(Cohort.closes_on.is_(None), Cohort.state == "open"))
    stayed = and_(exists(answers.where(answer.applied_at <= then)), closes_later)
    left_later = or_(SetMembership.left_on.is_(None), SetMembership.left_on > day)
    joined = exists(
        select(seat.member_id).where(seat.set_id == LearningSet.id, seat.joined_on > day, seat.joined_on <= last)
    )
    return Standing(
        calls=and_(Cohort.state.in_(("open", "closed", "formed")), or_(within, stayed)),
        applies=crowd_rows.applies(then),
        sets=and_(_ran(then, ways), or_(LearningSet.open_places > 0, joined)),
        sits=and_(SetMembership.joined_on <= day, left_later),
        ahead=and_(SetSession.state != "cancelled", SetSession.starts_at > then),
    )


def _ran(then: datetime, ways: Ways) -> ColumnElement[bool]:
    """Whether a row of LearningSet ran at a moment."""
    day = local_day(then, ways.zone)
    ended_later = or_(LearningSet.ended_on.is_(None), LearningSet.ended_on > day)
    return and_(LearningSet.public_id.is_not(None), LearningSet.started_on <= day, ended_later)


def _came(then: datetime, until: datetime, ways: Ways) -> dict[str, Select[int, int]]:
    """Who joined what within the time: an application that was not withdrawn, or a seat in a set that ran already."""
    known = (Member.standing == ACTIVE, Member.joined_at <= then)
    applied = (
        select(Application.member_id, Application.cohort_id)
        .join(Member, Member.id == Application.member_id)
        .where(Application.state != "withdrawn", *known)
        .where(Application.applied_at > then, Application.applied_at <= until)
    )
    day, last = local_day(then, ways.zone), local_day(until, ways.zone)
    sat = (
        select(SetMembership.member_id, SetMembership.set_id)
        .join(Member, Member.id == SetMembership.member_id)
        .join(LearningSet, LearningSet.id == SetMembership.set_id)
        .where(_ran(then, ways), SetMembership.joined_on > day, SetMembership.joined_on <= last, *known)
    )
    return {"cohort": applied, "set": sat}


def _joined(session: Session, then: datetime, until: datetime, ways: Ways) -> Iterator[tuple[int, Key]]:
    for kind, statement in _came(then, until, ways).items():
        for member_id, thing in session.execute(statement.order_by(*statement.selected_columns)):
            yield member_id, (kind, thing)
