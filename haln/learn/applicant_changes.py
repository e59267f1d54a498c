"""A facilitator adds somebody to a cohort, changes what they entered for them, or takes somebody out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, NotFound
from haln.learn import application_mail, slots
from haln.learn.applications import Answers, check_room, checked, choose, own_row, take_back, wished, write
from haln.learn.cohorts import changeable
from haln.learn.leading import among_leaders, entrusted
from haln.models import Application, Cohort, Member
from haln.people import visibility
from haln.people.learning_traces import TAKEN_OUT
from haln.taxonomy.vocabulary import Vocabulary


def put(
    session: Session, actor: Actor, cohort: str, person: str, said: Answers, vocabulary: Vocabulary, now: datetime
) -> bool:
    """Add a member with what they told the facilitator, or change what a facilitator entered. Returns whether added.

    Whoever wrote their application themselves and was taken out comes back with what they wrote, whatever is `said`.
    Raises NotFound for somebody whom the actor may not see, Conflict for one who chose to withdraw, who leads the
    cohort, or who applied themselves: what they wrote is theirs.
    """
    row = changeable(session, actor, cohort)
    session.execute(select(Cohort.id).where(Cohort.id == row.id).with_for_update())
    member_id = session.scalar(select(Member.id).where(Member.public_id == person, visibility.may_see(actor.member_id)))
    if member_id is None:
        raise NotFound("There is no such member.")
    own = own_row(session, row.id, member_id)
    if own is not None and own.source == "member":
        if own.state == "withdrawn":
            raise Conflict("They have withdrawn from this cohort. Only they can apply again.")
        raise Conflict("They have applied themselves. Only they can change what they said.")
    if own is not None and own.source == TAKEN_OUT:
        _bring_back(session, actor, row, own, now)
        return True
    values = checked(said, vocabulary)
    if not entrusted(session, actor, row.id):
        del values["access_needs"]  # they do not read it, so they cannot mean to change it
    chosen = slots.known(slots.of_cohort(session, row.id), said.slots)
    new = own is None or own.state != "applied"
    if new:
        _check_new(session, row, member_id)
    own = write(session, row, own, member_id, "facilitator", values, now)
    own.facilitator_id = wished(session, actor.member_id, row.id, said.facilitator)
    session.flush()
    choose(session, own.id, chosen)
    action = "add_applicant" if new else "change_applicant"
    history.record(session, actor.member_id, action, "cohort", row.id, now, {"member": member_id})
    if new:
        application_mail.tell_added(session, row, [member_id], now)
    return new


def _check_new(session: Session, row: Cohort, member_id: int) -> None:
    if among_leaders(session, row.id, [member_id]):
        raise Conflict("They lead this cohort. Nobody sits in the sets of a cohort that they lead.")
    check_room(session, row.id, 1)


def _bring_back(session: Session, actor: Actor, row: Cohort, own: Application, now: datetime) -> None:
    _check_new(session, row, own.member_id)
    write(session, row, own, own.member_id, "member", {}, now)
    history.record(session, actor.member_id, "add_applicant", "cohort", row.id, now, {"member": own.member_id})
    application_mail.tell_added(session, row, [own.member_id], now, again=True)


def wrote_themselves(session: Session, actor: Actor, cohort: str, member_id: int) -> bool:
    """Whether a member was taken out of a cohort with an application that they wrote themselves."""
    own = own_row(session, changeable(session, actor, cohort).id, member_id)
    return own is not None and own.source == TAKEN_OUT


def take_out(session: Session, actor: Actor, cohort: str, application: str, now: datetime) -> str:
    """Take somebody out of a cohort, as if they had withdrawn. Returns their name. Raises NotFound, Conflict."""
    row = changeable(session, actor, cohort)
    found = session.execute(
        select(Application, Member.name)
        .join(Member, Member.id == Application.member_id)
        .where(Application.cohort_id == row.id, Application.public_id == application)
    ).first()
    if found is None:
        raise NotFound("There is no such application.")
    if found.Application.state == "withdrawn":
        raise Conflict("They are taken out already, or have withdrawn.")
    if found.Application.state != "applied":
        raise Conflict("The sets of this cohort are formed. It cannot be changed any more.")
    take_back(session, found.Application, "facilitator", now)
    detail: history.Detail = {"member": found.Application.member_id}
    history.record(session, actor.member_id, "take_out_applicant", "cohort", row.id, now, detail)
    return str(found.name)
