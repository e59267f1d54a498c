"""Who is a facilitator or staff: seen and said by staff, and by the operator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, case, select, update
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor, Audience
from haln.errors import Conflict, NotFound
from haln.models import Member
from haln.people import addresses, changes, finding, mailbox, visibility
from haln.people.seen import PersonLine, lines

_ORDER = (Audience.STAFF, Audience.FACILITATOR)


@dataclass(frozen=True, slots=True)
class OfAudience:
    """A person and the audience they are of."""

    person: PersonLine
    audience: Audience


def leading(session: Session, actor: Actor) -> list[OfAudience]:
    """Staff, then facilitators, by name, as far as the actor may see them."""
    rank = case({one.value: number for number, one in enumerate(_ORDER)}, value=Member.audience)
    statement = (
        lines(actor.member_id)
        .add_columns(Member.audience)
        .where(Member.audience.in_([one.value for one in _ORDER]))
        .order_by(rank, Member.sort_name, Member.id)
    )
    return [OfAudience(PersonLine(*row[:-1]), Audience(row[-1])) for row in session.execute(statement)]


def named(session: Session, actor: Actor, typed: str) -> list[OfAudience]:
    """Those whose name holds what was typed, or whose whole address it is: at most `finding.FOUND`."""
    found = finding.named_or_at(session, actor.member_id, typed)
    wanted = select(Member.id, Member.audience).where(Member.id.in_(sorted(one.id for one in found)))
    of = {row.id: Audience(row.audience) for row in session.execute(wanted)}
    return [OfAudience(one, of[one.id]) for one in found]


def one(session: Session, actor: Actor, public_id: str) -> OfAudience:
    """One person. Raises NotFound for whoever the actor may not see."""
    statement = lines(actor.member_id).add_columns(Member.audience).where(Member.public_id == public_id)
    row = session.execute(statement).first()
    if row is None:
        raise NotFound("There is nobody here under this address.")
    return OfAudience(PersonLine(*row[:-1]), Audience(row[-1]))


def change(session: Session, actor: Actor, public_id: str, audience: Audience, now: datetime) -> bool:
    """Make somebody a member, a facilitator or staff, and tell them by mail. Returns whether they were something else.

    Raises NotFound for whoever the actor may not see, Conflict for the actor: so somebody of staff is always left.
    """
    changes.hold(session)
    found = one(session, actor, public_id)
    if found.person.id == actor.member_id:
        raise Conflict("What you may do yourself, somebody else of staff has to change.")
    if found.audience is audience:
        return False
    _put(session, Member.id == found.person.id, audience, actor.member_id, now)
    mailbox.put_to_member(session, "audience_changed", found.person.id, {"audience": audience.value}, now)
    return True


def change_at(session: Session, address: str, audience: Audience, now: datetime) -> str:
    """Make the member with this address a member, a facilitator or staff; for the operator. Returns their name.

    Raises NotFound unless they have joined.
    """
    changes.hold(session)
    email = addresses.folded(address)
    row = _put(session, Member.email == email, audience, None, now)
    if row is None:
        raise NotFound("Nobody with the address %(email)s has joined.", email=email)
    return str(row.name)


def _put(
    session: Session, who: ColumnElement[bool], audience: Audience, actor_id: int | None, now: datetime
) -> Row[int, str] | None:
    row = session.execute(
        update(Member)
        .where(who, Member.standing == visibility.ACTIVE)
        .values(audience=audience.value)
        .returning(Member.id, Member.name),
        execution_options={"synchronize_session": False},
    ).first()
    if row is not None:
        changes.touch(session, [row.id], now)
        history.record(session, actor_id, "change_audience", "member", row.id, now, {"audience": audience.value})
    return row
