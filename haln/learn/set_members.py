"""Members join a running set and leave it; the rules that it was formed by are asked each time somebody comes in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import not_, select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, NotFound
from haln.learn import priority, sessions, set_mail, set_rules
from haln.learn.leading import entrusted
from haln.learn.set_access import Entry, admitting, inside
from haln.learn.set_people import sitting_ids
from haln.learn.set_rules import Break
from haln.matching.rules import NUMBERED, Kind
from haln.models import LearningSet, Member, SetMembership, SetRequest
from haln.people import changes, finding, mailbox, visibility
from haln.people.seen import PersonLine
from haln.people.visibility import ACTIVE
from haln.taxonomy.vocabulary import Vocabulary

MOST = NUMBERED[Kind.SIZE][1]
"""No set is larger than this, whatever its cohort's rules are."""


@dataclass(frozen=True, slots=True)
class Coming:
    """Somebody who may come into a set, and what that would break. `told`: the actor may know of pairs kept apart.

    `already`: a rule that the actor may know of is broken as the set stands.
    """

    entry: Entry
    member_id: int
    public_id: str
    name: str
    breaks: tuple[Break, ...]
    told: bool
    already: bool
    note: str = ""

    @property
    def refused(self) -> bool:
        """Whether a must forbids it."""
        return any(one.must for one in self.breaks)


@dataclass(frozen=True, slots=True)
class Asking:
    """A request to join that waits for an answer."""

    public_id: str
    name: str
    member_public_id: str
    note: str
    created_at: datetime


def coming(session: Session, actor: Actor, set_id: str, member: str, vocabulary: Vocabulary) -> Coming:
    """What it would mean to take a member (by public id) into a set. Raises NotFound for whom the actor may not see."""
    entry = admitting(session, actor, set_id)
    row = session.execute(
        select(Member.id, Member.public_id, Member.name).where(
            Member.public_id == member, visibility.may_see(actor.member_id)
        )
    ).first()
    if row is None:
        raise NotFound("There is no such member, or you cannot see them.")
    return _weighed(session, actor, entry, row.id, row.public_id, row.name, vocabulary)


def _weighed(
    session: Session, actor: Actor, entry: Entry, member: int, public_id: str, name: str, vocabulary: Vocabulary
) -> Coming:
    breaks = set_rules.would_break(session, entry.row, vocabulary, adding=member)
    told = entrusted(session, actor, entry.row.cohort_id)
    already = any(
        told or one.rule.kind not in set_rules.CONFIDENTIAL
        for one in set_rules.broken_already(session, entry.row, vocabulary)
    )
    return Coming(entry, member, public_id, name, breaks, told, already)


def find(session: Session, actor: Actor, entry: Entry, typed: str) -> list[PersonLine]:
    """Members of that name, or with that address, whom the actor may see and who are not in the set."""
    here = {*sitting_ids(session, entry.row.id), entry.row.facilitator_id}
    return [line for line in finding.named_or_at(session, actor.member_id, typed) if line.id not in here]


def going(session: Session, entry: Entry, member: int, vocabulary: Vocabulary) -> tuple[Break, ...]:
    """What a set would break by letting somebody go. It keeps nobody in."""
    found = set_rules.would_break(session, entry.row, vocabulary, removing=member)
    return tuple(one for one in found if one.rule.kind not in set_rules.CONFIDENTIAL)


def add(session: Session, actor: Actor, set_id: str, member: str, vocabulary: Vocabulary, now: datetime) -> str:
    """Take a member into a running set. Returns their name.

    Raises Conflict for somebody who is in it already or whom a must keeps out, NotPermitted, NotFound.
    """
    admitting(session, actor, set_id, change=True)
    found = coming(session, actor, set_id, member, vocabulary)
    _admit(session, actor, found, now)
    return found.name


def _admit(session: Session, actor: Actor, found: Coming, now: datetime) -> None:
    row, member = found.entry.row, found.member_id
    sitting = sitting_ids(session, row.id)
    if member in sitting:
        raise Conflict("%(name)s is in this set already.", name=found.name)
    if member == row.facilitator_id:
        raise Conflict("%(name)s leads this set.", name=found.name)
    if found.refused:
        raise Conflict("A rule that must be kept does not allow it. The set stays as it is.")
    if len(sitting) >= MOST:
        raise Conflict("A set has at most %(most)s members.", most=MOST)
    kept = session.get(SetMembership, (row.id, member))
    if kept is None:
        session.add(SetMembership(set_id=row.id, member_id=member, joined_on=now.date()))
    else:
        kept.joined_on, kept.left_on = now.date(), None  # nobody expects them at what met without them
    asked = (SetRequest.set_id == row.id, SetRequest.member_id == member, SetRequest.state == "open")
    for request in session.scalars(select(SetRequest).where(*asked)):  # one at most: it is answered by this
        request.state, request.closed_at = "accepted", now
        row.open_places = max(0, row.open_places - 1)
    session.flush()
    if row.cohort_id is not None:
        priority.found_a_place(session, member, row.cohort_id, now)
    sessions.fill_rota(session, row, now)
    set_mail.welcome(session, row, member, now)
    changes.touch(session, [*sitting, member], now)
    told = [one.rule.kind.value for one in found.breaks if one.rule.kind not in set_rules.CONFIDENTIAL]
    detail: history.Detail = {"set": row.id, "broken": told}
    history.record(session, actor.member_id, "join_set", "member", member, now, detail)


def leave(session: Session, actor: Actor, set_id: str, now: datetime) -> None:
    """Leave a set by one's own choice; nobody is asked why. Whoever leads it is told that they have left.

    Raises NotFound, Conflict once it has ended.
    """
    entry = inside(session, actor, set_id, change=True)
    _part(session, actor, entry.row, actor.member_id, now)
    set_mail.tell_of_leaving(session, entry.row, actor.member_id, now)


def move_out(session: Session, actor: Actor, set_id: str, member: int, now: datetime) -> None:
    """Take somebody out of a running set: they are told, and whoever leads it where another did it.

    Raises NotPermitted, NotFound for who is not in it.
    """
    entry = admitting(session, actor, set_id, change=True)
    _part(session, actor, entry.row, member, now)
    set_mail.tell_of_taking_out(session, entry.row, member, actor.member_id, now)


def _part(session: Session, actor: Actor, row: LearningSet, member: int, now: datetime) -> None:
    kept = session.get(SetMembership, (row.id, member))
    if kept is None or kept.left_on is not None:
        raise NotFound("They are not in this set.")
    before = sitting_ids(session, row.id)
    kept.left_on = now.date()
    session.flush()
    sessions.take_out_of_rota(session, row, member, now)
    changes.touch(session, {*before, member}, now)
    detail: history.Detail = {"set": row.id, "own": member == actor.member_id}
    history.record(session, actor.member_id, "leave_set", "member", member, now, detail)


def asking(session: Session, actor: Actor, entry: Entry) -> list[Asking]:
    """The requests to join that wait, for who admits, the oldest first; of people who are there for the actor.

    The notes are for the set's facilitator: whoever looks on reads none.
    """
    if not entry.admits or not entry.running:
        return []
    rows = session.execute(
        select(SetRequest.public_id, Member.name, Member.public_id.label("member"), SetRequest.note)
        .add_columns(SetRequest.created_at)
        .join(Member, Member.id == SetRequest.member_id)
        .where(
            SetRequest.set_id == entry.row.id,
            SetRequest.state == "open",
            Member.standing == ACTIVE,
            not_(visibility.blocked(actor.member_id, Member.id)),
        )
        .order_by(SetRequest.created_at, SetRequest.id)
    )
    found = [Asking(*row) for row in rows]
    return found if entry.inside else [replace(one, note="") for one in found]


def request(
    session: Session, actor: Actor, set_id: str, request_id: str, vocabulary: Vocabulary, *, change: bool = False
) -> tuple[Coming, SetRequest]:
    """A request that waits, with what accepting it would break. Raises NotFound, Conflict when it is answered."""
    entry = admitting(session, actor, set_id, change=change)
    found = session.execute(
        select(SetRequest, Member.public_id, Member.name, Member.standing)
        .join(Member, Member.id == SetRequest.member_id)
        .where(SetRequest.public_id == request_id, SetRequest.set_id == entry.row.id)
    ).first()
    if found is None:
        raise NotFound("There is no such request.")
    row, public_id, name, standing = found
    if row.state != "open" or standing != ACTIVE:
        raise Conflict("This request is no longer open.")
    return _weighed(session, actor, entry, row.member_id, public_id, name, vocabulary), row


def accept(session: Session, actor: Actor, set_id: str, request_id: str, vocabulary: Vocabulary, now: datetime) -> str:
    """Say yes to a request: the member is in the set. Returns their name; raises as `add` does."""
    found, _ = request(session, actor, set_id, request_id, vocabulary, change=True)
    _admit(session, actor, found, now)
    return found.name


def decline(
    session: Session, actor: Actor, set_id: str, request_id: str, vocabulary: Vocabulary, now: datetime
) -> None:
    """Say no to a request; the member is told kindly, without a reason."""
    _, row = request(session, actor, set_id, request_id, vocabulary, change=True)
    row.state, row.closed_at = "declined", now
    session.flush()
    mailbox.put_to_member(session, "set_request_declined", row.member_id, {"set_request_id": row.id}, now)
    history.record(session, actor.member_id, "close_set_request", "set_request", row.id, now)
