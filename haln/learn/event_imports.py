"""Keep a meeting tool's report between its preview and its application; apply it in one transaction.

Who is no member is counted and nothing else of them is kept. The same report twice changes nothing. A member is named
only to who may know of them anyway: because they registered for the event, or through the gate. Everybody else is
counted with who is no member, so that no report turns addresses into names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, Invalid, NotFound
from haln.learn import event_attendance, event_reports
from haln.learn.event_access import recorded
from haln.learn.event_registrations import REGISTERED, WAITING
from haln.learn.event_report_matching import Matched, Maybe, matched, other_day, other_topic
from haln.learn.event_reports import MeetingReport
from haln.models import Event, EventRegistration, ImportFile, Member
from haln.people import changes, seen, throttles, visibility
from haln.people.imports.applying import KEPT
from haln.people.seen import PersonLine
from haln.people.tokens import public_id
from haln.people.visibility import ACTIVE

_QUIET = {"synchronize_session": False}
YES, NO = "yes", "no"
A_DAY = 20
"""How many reports one person brings in a day: each one shown says of addresses whose they are."""
MOST_NAMES = 500
"""How many people of a report may be without an address."""


@dataclass(frozen=True, slots=True)
class Question:
    """Somebody of the report who may be a member: their name there, and the member as whoever asks may see them."""

    number: int
    written: str
    name: str
    person: PersonLine | None


@dataclass(frozen=True, slots=True)
class ReportPreview:
    """A report that was read, and what it would do. `names` are the certain ones, in order."""

    row: Event
    public_id: str
    file_name: str
    title: str
    other_topic: bool
    names: tuple[str, ...]
    questions: tuple[Question, ...]
    unknown: int


@dataclass(frozen=True, slots=True)
class ReportDone:
    """What a report did: of how many it is news that they came, how many of it came, how many are no members."""

    news: int
    members: int
    unknown: int


def keep(session: Session, actor: Actor, event_id: str, name: str, content: bytes, zone: tzinfo, now: datetime) -> str:
    """Keep a readable report for its preview; returns its public id. That somebody looks is written down.

    Raises Invalid or TooLarge for what is no report, Invalid for one of another day, Conflict before the event begins,
    TooMany for more reports than anybody needs in a day.
    """
    row = recorded(session, actor, event_id)
    event_attendance.check_open(row, now)
    report = event_reports.read(content)
    _check_day(row, report, zone, now)
    _check_names(report)
    throttles.take(session, throttles.key("event-reports-of", str(actor.member_id)), A_DAY, throttles.DAY, now)
    found = _matched(session, actor, row, report)
    detail: history.Detail = {"people": len(report.attendees), "named": len(found.sure) + len(found.maybe)}
    history.record(session, actor.member_id, "read_event_report", "event", row.id, now, detail)
    kept = ImportFile(
        public_id=public_id(),
        name=name[:200] or "file",
        content=content,
        event_id=row.id,
        brought_by_id=actor.member_id,
        brought_at=now,
    )
    session.add(kept)
    session.flush()
    return kept.public_id


def _check_day(row: Event, report: MeetingReport, zone: tzinfo, now: datetime) -> None:
    day = row.starts_at.astimezone(zone).date()
    other = other_day(report, day, now.astimezone(zone).date())
    if other is not None:
        sentence = (
            "This report is of a meeting on %(other)s, and the event was on %(day)s. Choose the report of this event."
        )
        raise Invalid(sentence, {"file": sentence}, other=other, day=day)


def _check_names(report: MeetingReport) -> None:
    """Each name without an address is compared with each who has a place, and others wait meanwhile."""
    if sum(not one.address for one in report.attendees) > MOST_NAMES:
        sentence = (
            "More than %(most)s people of this report have no e-mail address. Export it with addresses: whoever is only"
            " a name is looked for by that name."
        )
        raise Invalid(sentence, {"file": sentence}, most=MOST_NAMES)


def _kept(session: Session, row: Event, file_id: str, now: datetime) -> ImportFile:
    kept = session.scalar(select(ImportFile).where(ImportFile.public_id == file_id, ImportFile.event_id == row.id))
    if kept is None or kept.applied_at is not None or kept.brought_at <= now - KEPT:
        raise NotFound("That file is no longer kept: it was applied, or is more than a day old.")
    return kept


def _matched(session: Session, actor: Actor, row: Event, report: MeetingReport) -> Matched:
    """Who of a report is which member, of those whom the actor may know of."""
    asked = exists().where(
        EventRegistration.event_id == row.id,
        EventRegistration.member_id == Member.id,
        EventRegistration.state.in_((REGISTERED, WAITING)),
    )
    named = or_(visibility.may_see(actor.member_id), asked)
    addresses = sorted({one.address for one in report.attendees if one.address})
    by_address: dict[str, int] = {}
    for start in range(0, len(addresses), 500):
        part = addresses[start : start + 500]
        rows = session.execute(
            select(Member.email, Member.id).where(Member.email.in_(part), Member.standing == ACTIVE, named)
        )
        by_address |= {row.email: row.id for row in rows if row.email}
    placed = session.execute(
        select(Member.id, Member.name)
        .join(EventRegistration, EventRegistration.member_id == Member.id)
        .where(EventRegistration.event_id == row.id, EventRegistration.state == REGISTERED, Member.standing == ACTIVE)
    )
    return matched(report, by_address, {one.id: one.name for one in placed})


def preview(session: Session, actor: Actor, event_id: str, file_id: str, now: datetime) -> ReportPreview:
    """Read a kept report and say what it would do now. Raises NotFound once it is thrown away or applied."""
    row = recorded(session, actor, event_id)
    kept = _kept(session, row, file_id, now)
    report = event_reports.read(kept.content)
    found = _matched(session, actor, row, report)
    names = _names(session, actor, [one.member for one in found.sure] + [one.member for one in found.maybe])
    lines = seen.people(session, actor.member_id, (one.member for one in found.maybe))
    return ReportPreview(
        row=row,
        public_id=kept.public_id,
        file_name=kept.name,
        title=report.title,
        other_topic=other_topic(report, row.title),
        names=tuple(sorted(names.get(one.member, "") for one in found.sure)),
        questions=tuple(
            Question(one.number, one.attendee.name, names.get(one.member, ""), lines.get(one.member))
            for one in found.maybe
        ),
        unknown=len(found.unknown),
    )


def _names(session: Session, actor: Actor, members: list[int]) -> dict[int, str]:
    """Names, but not of those with whom the actor has a block: theirs stay empty."""
    rows = session.execute(
        select(Member.id, Member.name).where(
            Member.id.in_(sorted(members)), ~visibility.blocked(actor.member_id, Member.id)
        )
    )
    return {row.id: row.name for row in rows}


def apply_kept(
    session: Session, actor: Actor, event_id: str, file_id: str, answers: Mapping[int, str], now: datetime
) -> ReportDone:
    """Apply a kept report, once. `answers`: yes or no for each who may be a member, by their number in the report.

    Raises Invalid while one is not answered, NotFound, and Conflict when somebody else was quicker.
    """
    row = recorded(session, actor, event_id)
    kept = _kept(session, row, file_id, now)
    found = _matched(session, actor, row, event_reports.read(kept.content))
    _check_answered(found.maybe, answers)
    changes.hold(session)
    row = recorded(session, actor, event_id, lock=True)  # not before: who registers meanwhile does not wait
    event_attendance.check_open(row, now)
    taken = session.execute(
        update(ImportFile)
        .where(ImportFile.id == kept.id, ImportFile.applied_at.is_(None))
        .values(applied_at=now, content=b"")
        .returning(ImportFile.id),
        execution_options=_QUIET,
    ).first()
    if taken is None:
        raise Conflict("That file has just been applied.")
    agreed = [one.member for one in found.maybe if answers[one.number] == YES]
    there = {one.member for one in found.sure} | set(agreed)
    news = event_attendance.write(session, actor, row, dict.fromkeys(there, True), now)
    unknown = len(found.unknown) + len(found.maybe) - len(agreed)
    # Of a second report nobody can say who of the others was in the first: at least so many there were.
    row.others_came = max(row.others_came, unknown)
    session.flush()
    detail: history.Detail = {"came": len(there), "news": news, "unknown": unknown}
    history.record(session, actor.member_id, "import_event_attendance", "event", row.id, now, detail)
    return ReportDone(news, len(there), unknown)


def _check_answered(asked: tuple[Maybe, ...], answers: Mapping[int, str]) -> None:
    faults = {
        f"is-{one.number}": "Say whether this is the same person."
        for one in asked
        if answers.get(one.number) not in (YES, NO)
    }
    if faults:
        raise Invalid(next(iter(faults.values())), faults)
