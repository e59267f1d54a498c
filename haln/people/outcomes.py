"""What came of it: a member tells what a connection, a learning set or an event led to, and who may read that.

An outcome belongs to whoever wrote it. It always counts; its words are read as far as the writer says
(docs/decisions/0014-whose-story-it-is.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.errors import Conflict, Invalid, NotFound
from haln.models import Member, Outcome, OutcomeAgreement
from haln.people import masking, outcome_agreements, outcome_sources, spelling, throttles
from haln.people.correcting import EARLIEST
from haln.people.masking import Person
from haln.people.outcome_sources import Source
from haln.people.tokens import public_id

FUNDING = "funding"
KINDS = (FUNDING, "joint_project", "changed_practice", "confidence", "senior_support")
COUNT, ANONYMOUS, NAMED = "count", "anonymous", "named"
CONSENTS = (COUNT, ANONYMOUS, NAMED)
"""Who reads the words: nobody; everybody, without names; everybody, with the names of those who agree."""

LENGTH = 1_500
MOST_POUNDS = 1_000_000_000
A_DAY = 30
_NOT_NAMED_THERE = (
    "A story of an event can name those alone who agreed there to be named to others, as you did, and its organiser. "
    "Leave other names out, or choose a story without names."
)
_CHANGED = "This has been changed since you opened the page. Look at it again."


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody typed: nothing is checked yet."""

    kind: str = ""
    amount: str = ""
    happened_on: str = ""
    text: str = ""
    consent: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft that can be kept."""

    kind: str
    amount: int | None
    happened_on: date
    text: str
    consent: str


@dataclass(frozen=True, slots=True)
class Wording:
    """How a draft will be read: `told` without names, `signed` with those of the writer and of who is asked first."""

    checked: Checked
    told: str
    signed: str
    asked: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Own:
    """One of a member's own outcomes. `agreed`: everybody whom it names has agreed, so that it is read with names."""

    public_id: str
    source: Source
    kind: str
    amount: int | None
    happened_on: date
    text: str
    told: str
    consent: str
    agreed: bool
    hidden_for: str
    version: int


def checked(draft: Draft, now: datetime, zone: tzinfo = UTC, began_at: datetime | None = None) -> Checked:
    """Read a draft, with days as they are in the zone. Raises Invalid, each field with its sentence."""
    faults: dict[str, str] = {}
    text = spelling.composed(draft.text.replace("\r\n", "\n")).strip()
    amount, day = _amount(draft, faults), _day(draft, now, zone, began_at, faults)
    if draft.kind not in KINDS:
        faults["kind"] = "Choose what came of it."
    if draft.consent not in CONSENTS:
        faults["consent"] = "Choose who may read it."
    if len(text) > LENGTH:
        faults["text"] = "Write at most 1,500 characters."
    elif not text and draft.consent in (ANONYMOUS, NAMED):
        faults["text"] = "Write what happened, or choose that it is only counted."
    if faults or day is None:
        raise Invalid(next(iter(faults.values())), faults)
    return Checked(draft.kind, amount, day, text, draft.consent)


def _amount(draft: Draft, faults: dict[str, str]) -> int | None:
    typed = draft.amount.replace("£", "").replace(",", "").replace(" ", "").strip()
    if not typed:
        return None
    if draft.kind != FUNDING:
        faults["amount"] = "Give an amount for funding only."
    elif not (typed.isascii() and typed.isdigit() and len(typed) <= 10 and 0 < int(typed) <= MOST_POUNDS):
        faults["amount"] = "Give whole pounds, like 12,500."
    else:
        return int(typed)
    return None


def _day(draft: Draft, now: datetime, zone: tzinfo, began_at: datetime | None, faults: dict[str, str]) -> date | None:
    try:
        day = date.fromisoformat(draft.happened_on.strip())
    except ValueError:
        faults["happened_on"] = "Choose the day."
        return None
    if day > now.astimezone(zone).date():
        faults["happened_on"] = "That day is still to come."
    elif day < EARLIEST:
        faults["happened_on"] = "That day is too long ago."
    elif began_at is not None and day < began_at.astimezone(zone).date():
        faults["happened_on"] = "That day is before the event."
    return day


def wording(session: Session, actor: Actor, source: Source, draft: Draft, now: datetime, zone: tzinfo = UTC) -> Wording:
    """How a draft will be read by staff and readers. Raises Invalid."""
    found = checked(draft, now, zone, source.began_at)
    everybody = masking.seen(session, actor.member_id)
    if source.event_id is not None:
        return _of_event(session, actor, source, found, everybody)
    close = masking.mates(session, source.people | {actor.member_id})
    told = masking.masked(session, found.text, [*everybody, *close], close)
    if found.consent != NAMED:
        return Wording(found, told, "", ())
    needed = (masking.named(found.text, everybody, close) | source.partners) - {actor.member_id}
    asked = tuple(one for one in everybody if one.id in needed)
    if len(asked) < len(needed):
        sentence = "Somebody in it cannot be asked whether they agree. Choose a story without names."
        raise Invalid(sentence, {"consent": sentence})
    me = Person(actor.member_id, actor.name)
    return Wording(found, told, masking.signed(session, found.text, [me, *asked]), asked)


def _of_event(session: Session, actor: Actor, source: Source, found: Checked, everybody: Sequence[Person]) -> Wording:
    """How a draft of an event reads: the same whoever was there, for the writer is not told who was."""
    me, others = Person(actor.member_id, actor.name), [one for one in everybody if one.id != actor.member_id]
    told = masking.masked(session, found.text, everybody, [me], others)
    if found.consent != NAMED:
        return Wording(found, told, "", ())
    asked = tuple(one for one in others if one.id in source.people and masking.holds(found.text, one.name))
    known = {spelling.spelt(one.name) for one in [me, *asked]}
    if any(masking.holds(found.text, one.name) for one in others if spelling.spelt(one.name) not in known):
        raise Invalid(_NOT_NAMED_THERE, {"consent": _NOT_NAMED_THERE})
    return Wording(found, told, masking.signed(session, found.text, [me, *asked], others), asked)


def write(session: Session, actor: Actor, source: Source, draft: Draft, now: datetime, zone: tzinfo = UTC) -> str:
    """Keep what came of a connection, a set or an event; the same words twice are once. Returns its public id.

    Raises Invalid, TooMany.
    """
    found = wording(session, actor, source, draft, now, zone)
    one = found.checked
    held = select(Member.id).where(Member.id == actor.member_id).with_for_update(key_share=True)
    session.scalars(held).one()  # a double click; not the key: others write rows that point to them
    same = session.scalar(
        select(Outcome.public_id).where(
            Outcome.written_by_id == actor.member_id,
            Outcome.connection_id.is_not_distinct_from(source.connection_id),
            Outcome.set_id.is_not_distinct_from(source.set_id),
            Outcome.event_id.is_not_distinct_from(source.event_id),
            Outcome.kind == one.kind,
            Outcome.happened_on == one.happened_on,
            Outcome.text == one.text,
            Outcome.amount.is_not_distinct_from(one.amount),
            Outcome.consent == one.consent,
        )
    )
    if same is not None:
        return same
    throttles.take(session, throttles.key("outcomes-of", str(actor.member_id)), A_DAY, throttles.DAY, now)
    row = Outcome(
        public_id=public_id(),
        written_by_id=actor.member_id,
        connection_id=source.connection_id,
        set_id=source.set_id,
        event_id=source.event_id,
        written_at=now,
    )
    session.add(row)
    _fill(row, found, now)
    session.flush()
    outcome_agreements.ask(session, row, {one.id for one in found.asked}, now, anew=True)
    return row.public_id


def change(
    session: Session, actor: Actor, outcome: str, draft: Draft, seen: int, now: datetime, zone: tzinfo = UTC
) -> None:
    """Change one's own outcome; whoever agreed to other words is asked again. `seen` is the version that was seen.

    Raises Invalid, NotFound, Conflict when it has been changed since.
    """
    row = _own(session, actor, outcome)
    if row.version != seen:
        raise Conflict(_CHANGED)
    found = wording(session, actor, outcome_sources.of_outcome(session, actor, row), draft, now, zone)
    one = found.checked
    anew = (row.kind, row.amount, row.happened_on, row.text) != (one.kind, one.amount, one.happened_on, one.text)
    _fill(row, found, now)
    row.version += 1
    session.flush()
    outcome_agreements.ask(session, row, {one.id for one in found.asked}, now, anew=anew)


def _fill(row: Outcome, found: Wording, now: datetime) -> None:
    one = found.checked
    row.kind, row.amount, row.happened_on = one.kind, one.amount, one.happened_on
    row.text, row.told, row.signed = one.text, found.told, found.signed
    row.consent, row.changed_at = one.consent, now


def withdraw(session: Session, actor: Actor, outcome: str, now: datetime) -> None:
    """Let one's own outcome be counted only, from now on. Raises NotFound."""
    row = _own(session, actor, outcome)
    row.consent, row.signed, row.changed_at = COUNT, "", now
    row.version += 1
    session.flush()
    session.execute(delete(OutcomeAgreement).where(OutcomeAgreement.outcome_id == row.id))


def remove(session: Session, actor: Actor, outcome: str) -> None:
    """Delete one's own outcome; it counts no more. Raises NotFound."""
    session.delete(_own(session, actor, outcome))
    session.flush()


def _own(session: Session, actor: Actor, outcome: str) -> Outcome:
    row = session.scalars(
        select(Outcome)
        .where(Outcome.public_id == outcome, Outcome.written_by_id == actor.member_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound("There is no such page, or it is not for you.")
    return row


def one(session: Session, actor: Actor, outcome: str) -> Own:
    """One of the actor's own outcomes. Raises NotFound."""
    found = [own for own in mine(session, actor) if own.public_id == outcome]
    if not found:
        raise NotFound("There is no such page, or it is not for you.")
    return found[0]


def mine(session: Session, actor: Actor, event_id: int | None = None) -> list[Own]:
    """The actor's own outcomes, the latest first; with `event_id` of that event alone."""
    statement = select(Outcome).where(Outcome.written_by_id == actor.member_id)
    if event_id is not None:
        statement = statement.where(Outcome.event_id == event_id)
    rows = session.scalars(statement.order_by(Outcome.happened_on.desc(), Outcome.id.desc())).all()
    if not rows:
        return []
    sources = outcome_sources.of_outcomes(session, actor, rows)
    agreed = outcome_agreements.agreed(session, [row.id for row in rows if row.consent == NAMED])
    return [
        Own(
            row.public_id,
            sources[row.id],
            row.kind,
            row.amount,
            row.happened_on,
            row.text,
            row.told,
            row.consent,
            row.id in agreed,
            row.hidden_for,
            row.version,
        )
        for row in rows
    ]
