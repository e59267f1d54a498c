"""A demonstration's newsletter: an issue every three months, the last a few days old, one to come and one half written.

Written after everything else of a demonstration, by a stream of chance of its own: nothing else changes by it.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo
from random import Random
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln.models import Event, Mail, Member, Newsletter, Pathway, Resource, StoppedAddress
from haln.people.bulk import catch_up_keys, insert_rows, next_key
from haln.people.demonstration.chance import public_id, stream
from haln.people.demonstration.people import DOMAIN
from haln.people.demonstration.writing import Wanted
from haln.people.tokens import hashed
from haln.people.visibility import ACTIVE
from haln.post.newsletters.blocks import CALL, EVENT, PATHWAY, RESOURCE, WORDS, Block
from haln.post.newsletters.letters import ISSUE
from haln.post.newsletters.sending import key_of

EVERY, LAST = timedelta(days=91), timedelta(days=5)
_WANT = 0.62
_RETURNS, _CODES = 0.012, ("5.1.1", "5.1.1", "5.1.10", "5.2.1")

_SUBJECTS = (
    ("A year of buying nearby", "Six networks compared what they buy within ten miles. Two doubled it."),
    ("Who is in the room?", "We asked you who is missing from your partnerships. *Faith groups* came first."),
    ("Jobs that lead somewhere", "Three employers opened their entry roles to people without certificates."),
    ("Empty rooms, full diaries", "What happens when a hospital lends its halls to the street around it."),
    ("Warm homes, together", "Housing associations and nurses now knock on the same doors, once."),
    ("What we learned by listening", "Forty conversations in four nations, and the three things that came up in all."),
    ("Measuring less, knowing more", "Pick five figures. Stop counting the rest. Say why."),
)
"""What the issues are about, in turn."""


def write(session: Session, wanted: Wanted, zone: tzinfo) -> int:
    """Write who asked for the newsletter, and its issues. Returns how many have left."""
    rng = stream(wanted.seed, "newsletter")
    readers = _consent(session, rng)
    staff = session.scalar(select(Member.id).where(Member.email == f"staff@{DOMAIN}"))
    if staff is None:
        return 0
    until = datetime.combine(wanted.until, time(9, 30), zone).astimezone(UTC)
    about = _pointed_to(session, until)
    count = max(1, round(wanted.months * 30.4375) // EVERY.days)
    begun = [until - LAST - EVERY * back for back in reversed(range(count))]
    first = next_key(session, Newsletter)
    rows = [_issue(rng, at, first + at, moment, about, staff) for at, moment in enumerate(begun)]
    for row in rows[:-1]:
        row["figures"] = _figures(rng, sum(since < row["began_at"] for _, _, since in readers))
    rows += _to_come(rng, count, first + count, until, about, staff)
    insert_rows(session, Newsletter, rows)
    catch_up_keys(session, (Newsletter,))
    _letters(session, rng, rows[count - 1], readers)
    return count


def _consent(session: Session, rng: Random) -> list[tuple[int, str, datetime]]:
    """Let most members have asked for it when they joined, or some time later."""
    people = session.execute(
        select(Member.id, Member.email, Member.joined_at).where(Member.standing == ACTIVE).order_by(Member.id)
    ).all()
    certain = {f"member@{DOMAIN}": True, f"staff@{DOMAIN}": True, f"newcomer@{DOMAIN}": False}
    found = []
    for row in people:
        wants, late = rng.random() < _WANT, rng.choice((0, 0, 0, 20, 90))
        if certain.get(row.email, wants) and row.email:
            found.append((row.id, row.email, row.joined_at + timedelta(days=late)))
    session.execute(update(Member), [{"id": member, "news_since": since} for member, _, since in found])
    return found


def _pointed_to(session: Session, until: datetime) -> dict[str, list[str]]:
    events = select(Event.public_id).where(Event.state == "planned", Event.starts_at > until)
    shown = select(Resource.public_id).where(Resource.shown.is_not(None)).order_by(Resource.published_at.desc())
    return {
        EVENT: list(session.scalars(events.order_by(Event.starts_at, Event.id).limit(6))),
        RESOURCE: list(session.scalars(shown.limit(40))),
        PATHWAY: list(session.scalars(select(Pathway.public_id).order_by(Pathway.position).limit(1))),
    }


def _block(rng: Random, kind: str, **facts: object) -> Block:
    return {"id": public_id(rng), "version": 1, "kind": kind, "text": "", **facts}


def _issue(
    rng: Random, at: int, number: int, moment: datetime, about: dict[str, list[str]], staff: int
) -> dict[str, Any]:
    subject, words = _SUBJECTS[at % len(_SUBJECTS)]
    blocks = [_block(rng, WORDS, heading="In short", text=f"{words}\n\nTell us what you would add.")]
    if about[RESOURCE]:
        blocks += [_block(rng, RESOURCE, about=rng.choice(about[RESOURCE]), text="Worth ten minutes.")]
    if about[EVENT]:
        blocks += [_block(rng, EVENT, about=about[EVENT][at % len(about[EVENT])])]
    if about[PATHWAY] and at % 3 == 0:
        blocks += [_block(rng, PATHWAY, about=about[PATHWAY][0], text="Five modules, in your own order.")]
    blocks += [_block(rng, CALL, button="Find somebody to ask", link="/suggestions")]
    return {
        "id": number,
        "public_id": public_id(rng),
        "subject": subject,
        "blocks": blocks,
        "sectors": [],
        "regions": ["wales"] if at % 5 == 4 else [],
        "themes": [],
        "languages": [],
        "version": 2,
        "state": "sent",
        "written_by_id": staff,
        "made_at": moment - timedelta(days=9),
        "changed_at": moment - timedelta(days=1),
        "send_at": moment,
        "began_at": moment,
        "ended_at": moment + timedelta(minutes=7),
        "reached": 0,
        "figures": None,
    }


def _figures(rng: Random, readers: int) -> dict[str, int]:
    back = round(readers * rng.uniform(0.003, 0.015))
    return {"sent": readers - back, "cancelled": round(readers * 0.01), "returned": back}


def _to_come(
    rng: Random, left: int, number: int, until: datetime, about: dict[str, list[str]], staff: int
) -> list[dict[str, Any]]:
    """One that waits for its hour, in three weeks, and a draft for Wales; about what comes after those that left."""
    waits, draft = (_issue(rng, left + at, number + at, until, about, staff) for at in (0, 1))
    empty = {"began_at": None, "ended_at": None, "made_at": until - timedelta(days=3)}
    waits |= {**empty, "state": "scheduled", "send_at": until + timedelta(days=21), "regions": []}
    draft |= {**empty, "state": "draft", "send_at": None, "regions": ["wales"]}
    return [waits, draft]


def _letters(session: Session, rng: Random, row: dict[str, Any], readers: list[tuple[int, str, datetime]]) -> None:
    """The letters of the last issue, some of which came back and stopped their address."""
    mail, stopped = [], []
    own = {f"{who}@{DOMAIN}" for who in ("member", "staff", "facilitator", "newcomer")}
    for member, email, since in readers:
        if since > row["began_at"]:
            continue
        code = rng.choice(_CODES) if rng.random() < _RETURNS and email not in own else ""
        at = row["began_at"] + timedelta(seconds=rng.randrange(400))
        mail.append(_mail(row, member, email, at, returned="bounced" if code else None))
        if code:
            back = {"reason": "bounced", "code": code, "since": at + timedelta(minutes=3)}
            stopped.append({"address": email.casefold(), **back})
    if len(stopped) > 2:
        stopped[0] |= {"reason": "complained", "code": ""}
        of_it = (one for one in mail if one["address"].casefold() == stopped[0]["address"])
        next(of_it)["returned"] = "complained"
    insert_rows(session, Mail, mail)
    insert_rows(session, StoppedAddress, stopped)


def _mail(row: dict[str, Any], member: int, email: str, at: datetime, returned: str | None) -> dict[str, Any]:
    return {
        "kind": ISSUE,
        "address": email,
        "member_id": member,
        "language": "en",
        "values": {"newsletter_id": row["id"]},
        "dedupe_key": key_of(row["id"], member),
        "public_id": hashed(key_of(row["id"], member))[:16],
        "state": "sent",
        "attempts": 1,
        "created_at": row["began_at"],
        "due_at": row["began_at"],
        "sent_at": at,
        "returned": returned,
        "returned_at": at + timedelta(minutes=3) if returned else None,
    }
