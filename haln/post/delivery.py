"""How mail fares, for staff: per kind and week, what waits and for how long, and the addresses that get none.

Of kinds that only their readers may know of, and of what goes to a segment, numbers are told in fives, and of what did
not arrive none is not told apart from a few: beside the list of addresses they would tell who got which.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, NotFound
from haln.models import Mail, StoppedAddress
from haln.network import suppress
from haln.people import finding, seen, stopped_mail
from haln.post import reading
from haln.post.held import HELD
from haln.post.letters import SEALED

PAGE = 50
COLUMNS = ("waiting", "held", "sent", "cancelled", "refused", "returned", "complained")
_STATES = {"waiting": "waiting", "leased": "waiting", "sending": "waiting", "sent": "sent", "cancelled": "cancelled"}
_ON_ITS_WAY = ("waiting", "held", "sent")
_RETURNS = {"refused": "refused", "bounced": "returned", "failed": "returned", "complained": "complained"}


@dataclass(frozen=True, slots=True)
class Pulse:
    """Whether mail leaves: since when the oldest message is due, how many are, and when the last one left.

    `sealed`: how many more are due that only their readers may know of, none where it is hidden.
    """

    oldest: datetime | None
    due: int
    sealed: int | None
    last_sent: datetime | None


@dataclass(frozen=True, slots=True)
class Stopped:
    """An address that gets no mail, and why. `liftable`: staff may let mail go there again."""

    address: str
    reason: str
    code: str
    since: datetime
    liftable: bool


def pulse(session: Session, now: datetime, threshold: int) -> Pulse:
    """How the outbox stands."""
    due = func.count().filter(Mail.kind.not_in(SEALED)), func.count().filter(Mail.kind.in_(SEALED))
    asked = select(func.min(Mail.due_at), *due).where(Mail.state == "waiting", Mail.due_at <= now)
    oldest, count, sealed = session.execute(asked).one()
    last = session.scalar(select(func.max(Mail.sent_at)))
    return Pulse(oldest, count, suppress.few(sealed, threshold).shown, last)


def week(session: Session, begins: datetime, ends: datetime, threshold: int) -> Mapping[str, Mapping[str, int | None]]:
    """How the mail of a week fares, kind by kind: a number for each of `COLUMNS`, none where it is hidden."""
    counted: dict[str, Counter[str]] = {}
    rows = session.execute(
        select(Mail.kind, Mail.state, Mail.returned, func.count().filter(~HELD), func.count().filter(HELD))
        .where(Mail.created_at >= begins, Mail.created_at < ends)
        .group_by(Mail.kind, Mail.state, Mail.returned)
    )
    for kind, state, returned, count, held in rows:
        found = counted.setdefault(kind, Counter())
        found["held"] += held
        if state in _STATES:
            found[_STATES[state]] += count
        back = "refused" if state == "failed" and returned is None else _RETURNS.get(returned or "", "")
        if back:
            found[back] += count

    def told(kind: str, name: str, number: int) -> int | None:
        if kind not in SEALED:
            return number
        return (suppress.bounds if name in _ON_ITS_WAY else suppress.few)(number, threshold).shown

    return {kind: {name: told(kind, name, found[name]) for name in COLUMNS} for kind, found in sorted(counted.items())}


def try_again(session: Session, actor: Actor, begins: datetime, ends: datetime, now: datetime) -> None:
    """Send those letters of a week again that failed and that only their readers may know of; all, or none.

    Of the others staff choose which (`haln.post.reading`). What a restore held back stays held: it may have been sent.
    """
    failed = (Mail.state == "failed", ~HELD, Mail.kind.in_(SEALED), Mail.created_at >= begins, Mail.created_at < ends)
    session.execute(
        update(Mail).where(*failed).values(**reading.anew(now)), execution_options={"synchronize_session": False}
    )
    history.record(session, actor.member_id, "retry_mail", "mail", None, now)


def stopped(session: Session, page: int) -> list[Stopped]:
    """Addresses that get no mail, the latest first, at most one more than a page. The day is told, not the hour."""
    rows = session.scalars(
        select(StoppedAddress)
        .order_by(StoppedAddress.since.desc(), StoppedAddress.address)
        .offset(page * PAGE)
        .limit(PAGE + 1)
    )
    return [Stopped(row.address, row.reason, row.code, row.since, row.reason == stopped_mail.BOUNCED) for row in rows]


def whose(session: Session, actor: Actor, some: Sequence[Stopped]) -> dict[str, seen.PersonLine]:
    """Whose addresses they are, by address, as far as the actor may see who and what."""
    ids = finding.seen_ids(session, actor.member_id, [one.address for one in some])
    people = seen.people(session, actor.member_id, ids.values())
    return {address: people[member_id] for address, member_id in ids.items() if member_id in people}


def count_stopped(session: Session) -> int:
    """How many addresses get no mail."""
    return session.scalar(select(func.count()).select_from(StoppedAddress)) or 0


def lift(session: Session, actor: Actor, address: str, now: datetime) -> None:
    """Let mail go to an address again. Raises NotFound, Conflict for one whose owner complained: that is theirs."""
    row = session.get(StoppedAddress, address, with_for_update=True)
    if row is None:
        raise NotFound("Mail goes to this address already.")
    if row.reason != stopped_mail.BOUNCED:
        raise Conflict("The owner of this address complained of our mail. Only they can ask for it again.")
    stopped_mail.lift(session, address)
    history.record(session, actor.member_id, "lift_stopped_address", "mail", None, now)
