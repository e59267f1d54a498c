"""Staff hear of proposals that wait: in one letter, once a day at most, while there is something to answer."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.learn import event_proposals
from haln.models import Mail, Member
from haln.people import mailbox
from tests.builders import NOW, Cast, a_member
from tests.event_builders import an_event

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def written(session: Session) -> list[int | None]:
    return sorted(session.scalars(select(Mail.member_id).where(Mail.kind == event_proposals.KIND)))  # type: ignore[type-var]


def test_those_who_decide_get_one_letter_of_all_that_waits(session: Session, cast: Cast) -> None:
    una = a_member(session, "Una Staff", audience="staff").id
    a_member(session, "Gone Staff", audience="staff", standing="left")
    quiet = a_member(session, "Quiet Staff", audience="staff", proposal_mail=False).id
    assert event_proposals.remind(session, NOW) == 0
    for title in ("One", "Two"):
        an_event(session, cast.ada, title=title, state="proposed", made_at=NOW - HOUR)
    assert event_proposals.remind(session, NOW) == 2
    assert event_proposals.remind(session, NOW + HOUR) == 0
    assert written(session) == sorted([cast.sol, una]) and quiet not in written(session)
    assert [one.title for one in event_proposals.waiting(session, cast.sol, NOW)] == ["One", "Two"]


def test_what_comes_later_is_told_the_next_day_and_what_stays_after_a_week(session: Session, cast: Cast) -> None:
    an_event(session, cast.ada, NOW + 20 * DAY, title="One", state="proposed", made_at=NOW - HOUR)
    days = [event_proposals.remind(session, NOW + number * DAY) for number in range(9)]
    assert days == [1, 0, 0, 0, 0, 0, 0, 1, 0]
    an_event(session, cast.ada, NOW + 20 * DAY, title="Two", state="proposed", made_at=NOW + 8 * DAY + HOUR)
    assert event_proposals.remind(session, NOW + 8 * DAY + 2 * HOUR) == 1
    assert event_proposals.remind(session, NOW + 8 * DAY + 3 * HOUR) == 0


def test_what_was_proposed_just_now_waits_for_the_rest(session: Session, cast: Cast) -> None:
    an_event(session, cast.ada, title="One", state="proposed", made_at=NOW)
    assert event_proposals.remind(session, NOW + timedelta(minutes=9)) == 0
    assert event_proposals.remind(session, NOW + timedelta(minutes=10)) == 1
    # What came between a letter and the moment at which it was written is told the day after.
    an_event(session, cast.ben, title="Two", state="proposed", made_at=NOW + timedelta(minutes=5))
    assert event_proposals.remind(session, NOW + DAY) == 1


def test_what_is_over_answered_or_taken_back_is_told_to_nobody(session: Session, cast: Cast) -> None:
    for state in ("planned", "declined", "withdrawn", "cancelled"):
        an_event(session, cast.ada, state=state, made_at=NOW - HOUR)
    an_event(session, cast.ada, NOW - DAY, state="proposed", made_at=NOW - 3 * DAY)
    assert event_proposals.remind(session, NOW) == 0
    assert event_proposals.waiting(session, cast.sol, NOW) == ()


def test_only_staff_read_it_and_names_pass_the_gate(session: Session, cast: Cast) -> None:
    an_event(session, cast.ada, title="One", state="proposed", made_at=NOW - HOUR)
    assert [one.by for one in event_proposals.waiting(session, cast.sol, NOW)] == ["Ada Okafor"]
    assert event_proposals.waiting(session, cast.fay, NOW) == ()
    session.get_one(Member, cast.ada).listed = False
    session.flush()
    assert [one.by for one in event_proposals.waiting(session, cast.sol, NOW)] == [""]


def test_what_another_worker_wrote_is_not_written_again(session: Session, cast: Cast) -> None:
    an_event(session, cast.ada, title="One", state="proposed", made_at=NOW - HOUR)
    key = f"{event_proposals.KIND}:{NOW.date().isoformat()}:{cast.sol}"
    mailbox.put_to_member(session, "event_answered", cast.sol, {}, NOW, dedupe_key=key)  # the other one's, as it were
    event_proposals.remind(session, NOW)
    assert len(session.scalars(select(Mail).where(Mail.dedupe_key == key)).all()) == 1
