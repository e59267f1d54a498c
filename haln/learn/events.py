"""Events: planned by facilitators and staff, proposed by members, changed, cancelled. Those who come are told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, tzinfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor, Permission
from haln.errors import Conflict, Invalid, NotPermitted
from haln.learn import event_facts, event_lists, event_mail, event_registrations, topic_asking
from haln.learn.event_access import (
    CANCELLED,
    DECLINED,
    PLANNED,
    PROPOSED,
    WITHDRAWN,
    check_proposed,
    managed,
    seen,
)
from haln.learn.event_facts import EventFacts
from haln.learn.session_times import Span, link_fault, one_line
from haln.models import Event, Member
from haln.people import changes, throttles
from haln.people.tokens import public_id

MOST_PROPOSED = 5
MOVES_A_DAY, MOVES_A_DAY_OF_MEMBERS = 20, 3
"""How many changes that are told to everybody who comes one person makes in a day: a link reaches all of them."""
ANSWER_LENGTH = 1_000
LINKS_FOR = ("members", "registered")


def create(
    session: Session,
    actor: Actor,
    facts: EventFacts,
    themes: Collection[str],
    zone: tzinfo,
    now: datetime,
    *,
    proposed: bool = False,
) -> Event:
    """Plan an event; a member proposes one, which staff accept or decline. `themes`: the codes that there are.

    With `proposed` nobody plans it at once: whoever may do both proposes it, as members do.

    Raises Invalid for what cannot be, each field with its sentence; Conflict for too many proposals.
    """
    facts = event_facts.checked(facts, themes, zone, now)
    span = facts.span(zone)
    _check_ahead(span, now)
    # Held until the end: of a form that was sent twice at one moment, the second finds what the first made.
    session.execute(select(Member.id).where(Member.id == actor.member_id).with_for_update(key_share=True))
    _check_free(session, actor.member_id, span, None)
    may_plan = actor.may(Permission.FORM_SETS)
    planned = may_plan and not proposed
    if not may_plan:
        _check_room(session, actor.member_id, now)
    row = Event(public_id=public_id(), organiser_id=actor.member_id, made_at=now, title=facts.title)
    row.state = PLANNED if planned else PROPOSED
    row.sequence, row.links_for = 0, LINKS_FOR[0]
    _put(row, facts, span)
    session.add(row)
    session.flush()
    history.record(session, actor.member_id, "plan_event" if planned else "propose_event", "event", row.id, now)
    return row


def _put(row: Event, facts: EventFacts, span: Span) -> None:
    row.title, row.standfirst, row.description = facts.title, facts.standfirst, facts.description
    row.starts_at, row.ends_at = span.starts_at, span.ends_at
    row.where, row.place_id, row.joining_link = facts.where, facts.place_id, facts.joining_link
    row.capacity, row.themes = facts.capacity, list(facts.themes)


def _check_ahead(span: Span, now: datetime) -> None:
    if span.starts_at <= now:
        sentence = "This time is over. Choose one that is still to come."
        raise Invalid(sentence, {"begins": sentence})


def _check_free(session: Session, organiser_id: int, span: Span, but: int | None) -> None:
    """Nobody holds two events at once: one that begins when the other ends is well."""
    other = session.scalar(
        select(Event.title)
        .where(
            Event.organiser_id == organiser_id,
            Event.state.in_((PLANNED, PROPOSED)),
            Event.starts_at < span.ends_at,
            Event.ends_at > span.starts_at,
            Event.id != (but or 0),
        )
        .order_by(Event.starts_at, Event.id)
        .limit(1)
    )
    if other is not None:
        sentence = "The organiser has another event at that time: %(title)s. Choose another time, or move that one."
        raise Invalid(sentence, {"begins": sentence}, title=other)


def _check_room(session: Session, member_id: int, now: datetime) -> None:
    """What nobody answered in time waits no more, and is in nobody's way."""
    waiting = session.scalars(
        select(Event.id).where(Event.organiser_id == member_id, Event.state == PROPOSED, Event.starts_at > now)
    ).all()
    if len(waiting) >= MOST_PROPOSED:
        raise Conflict("Five of your proposals wait for an answer. Propose another when they have been answered.")


def change(
    session: Session,
    actor: Actor,
    event_id: str,
    facts: EventFacts,
    themes: Collection[str],
    seen_sequence: int,
    zone: tzinfo,
    now: datetime,
) -> bool:
    """Change an event. Returns whether those who come are told: when time, place or link changed.

    Another place of the vocabulary alone tells nobody: where to go is in the words of `where`.

    Nobody loses their place when the capacity is lowered; when it is raised, those who wait get places at once. A
    proposal whose time is over may be put at another. Raises Conflict when somebody has changed it since, when it is
    cancelled or has begun; TooMany when too many letters went out today; Invalid, NotPermitted, NotFound.
    """
    row = managed(session, actor, event_id, lock=True)
    check_open(row, now)
    lapsed = row.starts_at <= now
    if row.sequence != seen_sequence:
        raise Conflict("Somebody else has changed this since you opened it. Save again to replace what they wrote.")
    facts = event_facts.checked(facts, themes, zone, now)
    span = facts.span(zone)
    _check_ahead(span, now)
    _check_free(session, row.organiser_id, span, row.id)
    if lapsed:
        _check_room(session, row.organiser_id, now)
    before = (row.starts_at, row.ends_at, row.where, row.joining_link)
    if before[:2] != (span.starts_at, span.ends_at) and event_lists.came(session, row.id):
        raise Conflict("Who came is recorded already, so the time of this event stays as it is.")
    _put(row, facts, span)
    moved = before != (row.starts_at, row.ends_at, row.where, row.joining_link)
    if moved and row.state == PLANNED:
        _count_letters(session, actor, now)
    row.sequence += 1
    session.flush()
    detail: history.Detail = {"moved": moved}
    history.record(session, actor.member_id, "change_event", "event", row.id, now, detail)
    if row.state == PLANNED:
        if moved:
            event_mail.tell(session, "event_moved", row, now)
        event_registrations.fill(session, row, now)
    return moved and row.state == PLANNED


def _count_letters(session: Session, actor: Actor, now: datetime) -> None:
    """Each change of time, place or link is a letter to everybody who comes, with what the organiser wrote in it."""
    most = MOVES_A_DAY if actor.may(Permission.FORM_SETS) else MOVES_A_DAY_OF_MEMBERS
    throttles.take(session, throttles.key("event-moves-of", str(actor.member_id)), most, throttles.DAY, now)


def check_open(row: Event, now: datetime) -> None:
    """Raise Conflict where an event, or a proposal of one, cannot be changed or cancelled any more."""
    if row.state == CANCELLED:
        raise Conflict("This event has been cancelled.")
    if row.state == WITHDRAWN:
        raise Conflict("This proposal has been taken back.")
    if row.state == DECLINED:
        raise Conflict("This proposal was declined.")
    if row.state == PLANNED and row.starts_at <= now:
        raise Conflict("This event has begun: what it was stays as it is.")


def cancel(session: Session, actor: Actor, event_id: str, now: datetime) -> bool:
    """Cancel an event, or take a proposal back. Returns whether it was an event: who comes, or waits, is then told.

    Raises Conflict once it has begun.
    """
    changes.hold(session)
    row = managed(session, actor, event_id, lock=True)
    check_open(row, now)
    was_planned = row.state == PLANNED
    there = session.scalars(event_lists.present(row.id)).all()
    row.state = CANCELLED if was_planned else WITHDRAWN
    row.sequence += 1
    session.flush()
    if was_planned:
        event_mail.tell(session, "event_cancelled", row, now)
        topic_asking.fall_through(session, event=row.id)
    if there:
        changes.touch(session, there, now)  # nobody was at what did not take place
    history.record(session, actor.member_id, "cancel_event" if was_planned else "take_event_back", "event", row.id, now)
    return was_planned


def decide(session: Session, actor: Actor, event_id: str, accept: bool, answer: str, now: datetime) -> None:
    """Accept a member's proposal, or decline it with words; they are told. Raises Conflict, Invalid, NotPermitted."""
    row = seen(session, actor, event_id, lock=True)
    if not actor.is_staff:
        raise NotPermitted("Staff decide on proposals.")
    check_proposed(row)
    answer = answer.replace("\r\n", "\n").strip()
    if len(answer) > ANSWER_LENGTH:
        sentence = "Write at most 1,000 characters."
        raise Invalid(sentence, {"answer": sentence})
    if not accept and not answer:
        sentence = "Say why, in a sentence or two: whoever proposed it reads it."
        raise Invalid(sentence, {"answer": sentence})
    if accept and row.starts_at <= now:
        raise Conflict("The time that was proposed is over. Decline it, and say that another time would do.")
    row.state, row.answer = PLANNED if accept else DECLINED, answer
    session.flush()
    event_mail.tell_answer(session, row, now)
    if accept:
        topic_asking.make_known(session, now, event=row.id)
    history.record(session, actor.member_id, "accept_event" if accept else "decline_event", "event", row.id, now)


def add_links(
    session: Session, actor: Actor, event_id: str, recording: str, slides: str, links_for: str, now: datetime
) -> None:
    """Say where a recording and slides are, and for whom. Raises Invalid, Conflict before it is over, NotPermitted."""
    row = managed(session, actor, event_id, lock=True)
    check_over(row, now)
    recording, slides = one_line(recording), one_line(slides)
    wrong = {name: link_fault(link) for name, link in (("recording", recording), ("slides", slides))}
    faults = {name: _as_link(sentence) for name, sentence in wrong.items() if sentence}
    if links_for not in LINKS_FOR:
        faults["links_for"] = "Choose one of the list."
    if faults:
        raise Invalid(next(iter(faults.values())), faults)
    row.recording_link, row.slides_link, row.links_for = recording, slides, links_for
    session.flush()
    history.record(session, actor.member_id, "add_event_links", "event", row.id, now, {"links_for": links_for})


def check_over(row: Event, now: datetime) -> None:
    """Raise Conflict where there is nothing to look at again: before an event is over, or where it takes no place."""
    if row.state != PLANNED or row.ends_at > now:
        raise Conflict("Recordings and slides are added when the event is over.")


def _as_link(sentence: str) -> str:
    return (
        "A link has at most 500 characters."
        if "500" in sentence
        else ("A link begins with https:// and the name of a site.")
    )
