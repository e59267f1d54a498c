"""A demonstration's digests and notifications: who wants them how often, the last ones sent, what waits to be read.

Written after everything else of a demonstration, from what is there and by a stream of chance of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, NamedTuple

from sqlalchemy import and_, literal, or_, select
from sqlalchemy.orm import Session

from haln.models import (
    CoffeePair,
    CoffeeRound,
    CohortPlan,
    Digest,
    DigestChoice,
    Event,
    EventRegistration,
    Introduction,
    Mail,
    Member,
    Notice,
    Resource,
    ResourceAuthor,
    ResourceStep,
    Seat,
)
from haln.people import notices
from haln.people.bulk import batched, catch_up_keys, insert_rows, next_key
from haln.people.demonstration.chance import Weighted, stream
from haln.people.demonstration.people import DOMAIN
from haln.people.demonstration.writing import Wanted
from haln.people.digest_choices import MONTH, NONE, WEEK
from haln.people.tokens import hashed
from haln.people.visibility import ACTIVE
from haln.post.digest_parts.registry import PARTS
from haln.post.digest_times import SETTLED, Days
from haln.post.digests import KIND
from haln.post.writing import HIDDEN

Row = dict[str, Any]
_HOW = Weighted((WEEK, MONTH, NONE, ""), (0.45, 0.2, 0.1, 0.25))
_SIGN_INS = {"member": WEEK, "connected": WEEK, "facilitator": MONTH, "staff": WEEK, "newcomer": ""}
_ALL_PARTS, _NOTHING_NEW = 0.8, 0.15
_READ_EARLY, _READ_LATE, _EARLY = 0.3, 0.85, timedelta(days=4)


class Told(NamedTuple):
    """A notification: to whom, of which kind, about what, when."""

    member_id: int
    kind: str
    about_id: int
    at: datetime


def write(session: Session, wanted: Wanted, days: Days) -> int:
    """Write choices, the last digests and notifications. Returns how many want a digest."""
    rng = stream(wanted.seed, "digests")
    now = datetime.combine(wanted.until, time(0), UTC)
    choices = list(_choices(session, rng))
    insert_rows(session, DigestChoice, choices)
    _write_last(session, rng, [one for one in choices if one["frequency"] != NONE], days, now)
    for part in batched(_notices(session, rng, now)):
        insert_rows(session, Notice, part)
    catch_up_keys(session, (Mail, Notice))
    session.flush()
    return sum(one["frequency"] != NONE for one in choices)


def _choices(session: Session, rng: Random) -> Iterator[Row]:
    """What each member said, some days after they joined; every fourth has not been asked yet."""
    people = session.execute(
        select(Member.id, Member.email, Member.joined_at)
        .where(Member.standing == ACTIVE, Member.onboarding_step >= 4)
        .order_by(Member.id)
    ).all()
    for one in people:
        mailbox, _, domain = (one.email or "").partition("@")
        drawn, few, days = _HOW.pick(rng), rng.sample(sorted(PARTS), 2), rng.randint(0, 20)
        whole = rng.random() < _ALL_PARTS
        known = mailbox in _SIGN_INS and domain == DOMAIN
        frequency = _SIGN_INS[mailbox] if known else drawn
        if frequency:
            parts = [name for name in PARTS if whole or known or name not in few]
            chosen_at = one.joined_at + timedelta(days=days)
            yield {"member_id": one.id, "frequency": frequency, "parts": parts, "chosen_at": chosen_at}


def _write_last(session: Session, rng: Random, choices: list[Row], days: Days, now: datetime) -> None:
    """The last digest of everybody who wants one, as rows of what was sent, or was not because nothing was new."""
    addresses = {row.id: row for row in session.execute(select(Member.id, Member.email, Member.language))}
    mail: list[Row] = []
    made: list[Row] = []
    key = next_key(session, Mail)
    for one in choices:
        due = days.last(one["frequency"], now).astimezone(UTC)
        items = 0 if rng.random() < _NOTHING_NEW else rng.randint(1, 8)
        if one["chosen_at"] > due:
            continue
        due_on, member = due.astimezone(days.zone).date(), addresses[one["member_id"]]
        mail.append(_mail(key + len(mail), member, due, due_on, sent=items > 0))
        made.append(
            {
                "member_id": member.id,
                "due_on": due_on,
                "frequency": one["frequency"],
                "mail_id": mail[-1]["id"],
                "until": due - SETTLED,
                "items": items,
                "sent_at": due if items else None,
            }
        )
    insert_rows(session, Mail, mail)
    insert_rows(session, Digest, made)


def _mail(number: int, member: Any, due: datetime, due_on: date, *, sent: bool) -> Row:
    values: Row = {"due_on": due_on.isoformat()}
    once = f"{KIND}:{due_on.isoformat()}:{member.id}"
    return {
        "id": number,
        "public_id": hashed(once)[:16],
        "kind": KIND,
        "address": member.email,
        "member_id": member.id,
        "language": member.language,
        "values": {**values, "wording": {"subject": HIDDEN, "text": HIDDEN}} if sent else values,
        "dedupe_key": once,
        "state": "sent" if sent else "cancelled",
        "attempts": 1,
        "created_at": due,
        "due_at": due,
        "sent_at": due + timedelta(minutes=3) if sent else None,
    }


def _notices(session: Session, rng: Random, now: datetime) -> Iterator[Row]:
    """What happened lately; the older it is, the more of it has been read."""
    since = now - notices.KEPT
    found = {(one.member_id, one.kind, one.about_id): one for one in _told(session) if since < one.at <= now}
    for one in sorted(found.values(), key=lambda told: (told.at, told.member_id, told.kind, told.about_id)):
        read = rng.random() < (_READ_EARLY if now - one.at < _EARLY else _READ_LATE)
        seen_at = min(now, one.at + timedelta(hours=rng.randint(1, 60))) if read else None
        yield {**one._asdict(), "seen_at": seen_at}


def _told(session: Session) -> Iterator[Told]:
    for statement in (*_of_connecting(), *_of_learning()):
        yield from (Told(*row) for row in session.execute(statement) if row[3] is not None)


def _of_connecting() -> Iterable[Any]:
    """Introductions that are asked or made, and whom to meet over coffee."""
    row, pair = Introduction, CoffeePair
    for member, answer in ((row.asker_id, row.asker_answer), (row.asked_id, row.asked_answer)):
        kind = "introduction_woven"
        yield select(member, literal(kind), row.id, row.created_at).where(row.kind == "woven", answer.is_(None))
    asked = select(row.asked_id, literal("introduction_asked"), row.id, row.created_at)
    yield asked.where(row.kind == "asked", row.asked_answer.is_(None), row.state == "open")
    accepted = select(row.asker_id, literal("introduction_accepted"), row.id, row.closed_at)
    yield accepted.where(row.kind == "asked", row.state == "accepted")
    for member, answer in ((pair.low_id, pair.low_answer), (pair.high_id, pair.high_answer)):
        of_round = and_(CoffeeRound.id == pair.round_id, CoffeeRound.state == "made")
        paired = select(member, literal("coffee_paired"), CoffeeRound.id, CoffeeRound.made_at)
        yield paired.join(CoffeeRound, of_round).where(answer.is_(None))


def _of_learning() -> Iterable[Any]:
    """Places at events and in sets, and what staff and authors have to do."""
    coming = select(EventRegistration.member_id, literal("event_placed"), Event.id, EventRegistration.changed_at)
    yield coming.join(Event, Event.id == EventRegistration.event_id).where(
        EventRegistration.state == "registered", EventRegistration.changed_at > EventRegistration.asked_at
    )
    offered = select(Seat.member_id, literal("seat_offered"), Seat.id, Seat.asked_at)
    yield offered.join(CohortPlan, CohortPlan.id == Seat.plan_id).where(
        Seat.state == "asked", CohortPlan.state == "published"
    )
    staff = and_(Member.audience == "staff", Member.standing == ACTIVE)
    yield (
        select(Member.id, literal("resource_sent"), Resource.id, Resource.sent_at)
        .join(Resource, Resource.state == "review")
        .where(staff)
    )
    answered = or_(ResourceStep.step == "published", ResourceStep.step == "changes")
    yield (
        select(ResourceAuthor.member_id, literal("resource_answered"), ResourceStep.id, ResourceStep.at)
        .join(ResourceStep, ResourceStep.resource_id == ResourceAuthor.resource_id)
        .where(ResourceAuthor.answer == "yes", answered)
    )
