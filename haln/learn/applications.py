"""Applications: a member reads about a cohort, applies, changes what they said, withdraws.

What somebody writes about whom they would rather not sit with, and about what they need, is for the cohort's
facilitators: it stands in no mail, audit record or page of another member.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor, Permission, require
from haln.errors import Conflict, Invalid, NotFound, NotPermitted
from haln.learn import application_mail, slots
from haln.learn.cohort_states import is_open
from haln.learn.cohorts import MOST_APPLICANTS
from haln.learn.leading import among_leaders
from haln.learn.priority import priority_of
from haln.models import Application, ApplicationSlot, Cohort, CohortFacilitator, CohortPair, Member
from haln.people import finding, visibility
from haln.people.learning_traces import TAKEN_OUT
from haln.people.tokens import public_id
from haln.taxonomy.vocabulary import Vocabulary

LIVE_ISSUE_LENGTH = 2000
ACCESS_NEEDS_LENGTH = 1000
MOST_APART = 10
_QUIET = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Answers:
    """What an application says. `apart` and `facilitator` are public ids of members, `slots` ids of times."""

    live_issue: str = ""
    themes: tuple[str, ...] = ()
    slots: frozenset[int] = frozenset()
    apart: tuple[str, ...] = ()
    access_needs: str = ""
    facilitator: str = ""


def apply(
    session: Session,
    actor: Actor,
    cohort: str,
    said: Answers,
    vocabulary: Vocabulary,
    today: date,
    now: datetime,
) -> bool:
    """Apply to an open cohort, or change what one said. Returns whether the application is new.

    Raises NotFound, Conflict when it is closed, full, or theirs to lead, NotPermitted while the actor hides from the
    network, and Invalid with each field's own sentence.
    """
    require(actor, Permission.NETWORK)
    row = _held(session, cohort)
    if not is_open(row.state, row.closes_on, today):
        raise Conflict("Applications to this cohort have closed.")
    if not session.scalar(select(Member.listed).where(Member.id == actor.member_id)):
        raise NotPermitted("You are hidden from the network. Let members find you before you apply.")
    asked = slots.of_cohort(session, row.id)
    values = checked(said, vocabulary)
    _check_asked(said, bool(asked))
    chosen = slots.known(asked, said.slots)
    own = own_row(session, row.id, actor.member_id)
    new = own is None or own.state != "applied"
    if new:
        if among_leaders(session, row.id, [actor.member_id]):
            raise Conflict("You lead this cohort. Nobody sits in the sets of a cohort that they lead.")
        check_room(session, row.id, 1)
    own = write(session, row, own, actor.member_id, "member", values, now)
    own.facilitator_id = wished(session, actor.member_id, row.id, said.facilitator)
    session.flush()
    choose(session, own.id, chosen)
    _keep_apart(session, row.id, actor.member_id, said.apart, now)
    history.record(session, actor.member_id, "apply_to_cohort" if new else "change_application", "cohort", row.id, now)
    if new:
        application_mail.received(session, row.id, actor.member_id, now)
    return new


def withdraw(session: Session, actor: Actor, cohort: str, now: datetime) -> None:
    """Take the actor's application back, with what they said in confidence. Raises NotFound, Conflict."""
    require(actor, Permission.NETWORK)
    row = _held(session, cohort)
    own = own_row(session, row.id, actor.member_id)
    if own is None:
        raise NotFound("You have not applied to this cohort.")
    if own.state == "withdrawn":
        raise Conflict("Your application is withdrawn already.")
    if own.state != "applied":
        raise Conflict("The sets of this cohort are formed. Speak to your facilitator instead.")
    take_back(session, own, "member", now)
    history.record(session, actor.member_id, "withdraw_application", "cohort", row.id, now)


def take_back(session: Session, own: Application, by: str, now: datetime) -> None:
    """Withdraw an application: what was said in confidence goes with it, whoever withdraws it.

    `by`: member or facilitator. Who chose to go comes back by themselves only; who was taken out may be added again,
    and then what they wrote themselves stands as it was, but for what they said in confidence: nobody keeps that about
    somebody who is not there and could not take it back.
    """
    theirs = by != "member" and own.source == "member"
    own.state, own.source = "withdrawn", TAKEN_OUT if theirs else by
    own.withdrawn_at = own.changed_at = now
    own.access_needs, own.facilitator_id = "", None
    session.flush()
    session.execute(delete(CohortPair).where(*own_pairs(own.cohort_id, own.member_id)), execution_options=_QUIET)


def own_row(session: Session, cohort_id: int, member_id: int) -> Application | None:
    """A member's application to a cohort, in whatever state."""
    return session.scalar(
        select(Application).where(Application.cohort_id == cohort_id, Application.member_id == member_id)
    )


def checked(said: Answers, vocabulary: Vocabulary) -> dict[str, object]:
    """The columns that an application's words fill. Raises Invalid for words that are too long."""
    live_issue, access_needs = (text.replace("\r\n", "\n").strip() for text in (said.live_issue, said.access_needs))
    problems = {}
    if len(live_issue) > LIVE_ISSUE_LENGTH:
        problems["live_issue"] = "Write your live issue in at most 2,000 characters."
    if len(access_needs) > ACCESS_NEEDS_LENGTH:
        problems["access_needs"] = "Write what you need in at most 1,000 characters."
    if problems:
        raise Invalid(next(iter(problems.values())), problems)
    themes = [theme.code for theme in vocabulary.themes if theme.code in said.themes]
    return {"live_issue": live_issue, "access_needs": access_needs, "themes": themes}


def check_room(session: Session, cohort_id: int, more: int) -> None:
    """Refuse more people than sets can be formed of at once. Raises Conflict."""
    count = session.scalar(
        select(func.count(Application.id)).where(Application.cohort_id == cohort_id, Application.state == "applied")
    )
    if (count or 0) + more > MOST_APPLICANTS:
        raise Conflict(
            "A cohort takes at most %(most)s people, and with these it would have %(count)s. Open another beside it.",
            most=MOST_APPLICANTS,
            count=(count or 0) + more,
        )


def write(
    session: Session,
    cohort: Cohort,
    own: Application | None,
    member_id: int,
    source: str,
    values: dict[str, object],
    now: datetime,
) -> Application:
    """Write an application, or change one; who had withdrawn applies anew."""
    if own is None or own.state == "withdrawn":
        waiting = priority_of(session, member_id, cohort.id)
        if own is None:
            own = Application(public_id=public_id(), cohort_id=cohort.id, member_id=member_id)
            session.add(own)
        own.applied_at, own.priority = now, waiting
    own.state, own.withdrawn_at, own.source, own.changed_at = "applied", None, source, now
    for name, value in values.items():
        setattr(own, name, value)
    session.flush()
    return own


def choose(session: Session, application_id: int, chosen: Collection[int]) -> None:
    """Note which times an applicant can make."""
    session.execute(
        delete(ApplicationSlot).where(ApplicationSlot.application_id == application_id), execution_options=_QUIET
    )
    session.add_all(ApplicationSlot(application_id=application_id, slot_id=slot) for slot in chosen)
    session.flush()


def wished(session: Session, viewer_id: int, cohort_id: int, facilitator: str) -> int | None:
    """The id of the cohort's facilitator with this public id, whom the viewer may see; none where none is wished."""
    if not facilitator:
        return None
    found = session.scalar(
        select(Member.id)
        .join(CohortFacilitator, CohortFacilitator.member_id == Member.id)
        .where(CohortFacilitator.cohort_id == cohort_id, Member.public_id == facilitator, visibility.may_see(viewer_id))
    )
    if found is None:
        problem = "That person no longer leads sets of this cohort. Choose again."
        raise Invalid(problem, {"facilitator": problem})
    return found


def _held(session: Session, cohort: str) -> Cohort:
    """A cohort that is no draft, held so that it does not close while somebody applies."""
    row = session.scalar(select(Cohort).where(Cohort.public_id == cohort, Cohort.state != "draft").with_for_update())
    if row is None:
        raise NotFound("There is no such cohort.")
    return row


def _check_asked(said: Answers, times: bool) -> None:
    problems = {}
    if not said.live_issue.strip():
        problems["live_issue"] = "Write in a sentence or two what you would like to work on."
    if times and not said.slots:
        problems["slots"] = "Choose at least one time that you can make."
    if problems:
        raise Invalid(next(iter(problems.values())), problems)


def _keep_apart(session: Session, cohort_id: int, member_id: int, others: Collection[str], now: datetime) -> None:
    """Write whom a member would rather not sit with, in the place of what they wrote before.

    Somebody whom they can no longer see stays: no form shows them, so no form can mean to take them out.
    """
    chosen = {line.id for line in finding.chosen(session, member_id, others)} - {member_id}
    if len(chosen) > MOST_APART:
        problem = "Name at most ten people. Tell a facilitator if there are more."
        raise Invalid(problem, {"apart": problem})
    rows = session.scalars(select(CohortPair).where(*own_pairs(cohort_id, member_id))).all()
    there = {row.high_id if row.low_id == member_id else row.low_id: row for row in rows}
    gone = visibility.visible_ids(session, member_id, there) - chosen
    for other in sorted(gone):
        session.delete(there[other])
    session.add_all(
        CohortPair(
            cohort_id=cohort_id,
            low_id=min(member_id, other),
            high_id=max(member_id, other),
            kind="apart",
            by_id=member_id,
            created_at=now,
        )
        for other in sorted(chosen - set(there))
    )
    session.flush()


def own_pairs(cohort_id: int, member_id: int) -> tuple[ColumnElement[bool], ...]:
    """The people whom a member said they would rather not sit with; not what they say of others as a facilitator."""
    return (
        CohortPair.cohort_id == cohort_id,
        CohortPair.by_id == member_id,
        CohortPair.kind == "apart",
        or_(CohortPair.low_id == member_id, CohortPair.high_id == member_id),
    )
