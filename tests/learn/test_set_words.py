"""What a set writes for itself: actions that come back, notes, reflections."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln.errors import Conflict, Invalid, NotFound, NotPermitted
from haln.learn import actions, notes, reflections, workspaces
from haln.learn.actions import Report
from haln.models import AuditRecord, Mail, Reflection, SetAction, SetMembership, SetNote, SetRequest, SetSession
from tests.builders import NOW, Cast, a_member, an_actor
from tests.learn.sets import a_note, a_session, an_action, key, planned, the_set

LATER = NOW + timedelta(days=1)


def test_an_action_comes_back_at_the_next_session_until_it_is_closed(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    ada, fay = an_actor(session, cast.ada), an_actor(session, cast.fay)
    first = a_session(session, row, NOW - timedelta(hours=2), state="held")
    second = a_session(session, row, NOW + timedelta(days=28))
    actions.add(session, fay, key(row), cast.ada, "Ring the growers", first.public_id, NOW)
    (one,) = workspaces.session_page(session, ada, key(row), second.public_id, NOW).actions
    assert (one.text, one.mine, one.behind) == ("Ring the growers", True, False)
    after = NOW + timedelta(days=29)
    assert workspaces.session_page(session, ada, key(row), second.public_id, after).actions[0].behind
    assert actions.report(session, ada, key(row), {one.public_id: Report("done", "They deliver.")}, after) == 1
    assert workspaces.session_page(session, ada, key(row), second.public_id, after).actions == ()
    (closed,) = workspaces.session_page(session, ada, key(row), first.public_id, after).actions
    assert (closed.state, closed.outcome) == ("done", "They deliver.")


def test_an_action_closed_by_another_meanwhile_stays_as_they_said(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    one = an_action(session, row, cast.ada)
    ben = an_actor(session, cast.ben)
    actions.report(session, an_actor(session, cast.ada), key(row), {one.public_id: Report("done", "Yes")}, NOW)
    assert actions.report(session, ben, key(row), {one.public_id: Report("dropped", "No")}, LATER) == 0
    assert (one.state, one.outcome) == ("done", "Yes")


def test_an_action_needs_words_and_an_owner_of_the_set(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    ada = an_actor(session, cast.ada)
    for owner, text, field in ((cast.ada, "  ", "text"), (cast.ada, "x" * 501, "text"), (cast.sol, "Ring", "owner")):
        with pytest.raises(Invalid) as refused:
            actions.add(session, ada, key(row), owner, text, "", NOW)
        assert list(refused.value.fields) == [field]
    actions.add(session, ada, key(row), cast.fay, "Book the room", "", NOW)  # the facilitator too


def test_a_report_with_one_fault_changes_nothing(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    one, other = an_action(session, row, cast.ada), an_action(session, row, cast.ben)
    said = {one.public_id: Report("done"), other.public_id: Report("done", "x" * 501)}
    with pytest.raises(Invalid) as refused:
        actions.report(session, an_actor(session, cast.ada), key(row), said, NOW)
    assert list(refused.value.fields) == [f"outcome-{other.public_id}"]
    assert one.state == "open"
    with pytest.raises(Invalid):
        actions.report(session, an_actor(session, cast.ada), key(row), {one.public_id: Report("perhaps")}, NOW)


def test_a_note_is_changed_and_removed_by_who_wrote_it_only(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    ada = an_actor(session, cast.ada)
    note = notes.write(session, ada, key(row), "Leeds", "", NOW)
    mark = notes.mark(notes.own(session, ada, key(row), note))
    for member in (cast.ben, cast.fay, cast.sol):
        with pytest.raises(NotFound):
            notes.change(session, an_actor(session, member), key(row), note, "York", mark, LATER)
        with pytest.raises(NotFound):
            notes.remove(session, an_actor(session, member), key(row), note, LATER)
    notes.change(session, ada, key(row), note, "York", mark, LATER)
    with pytest.raises(Conflict, match="another window"):
        notes.change(session, ada, key(row), note, "Hull", mark, LATER)
    notes.remove(session, ada, key(row), note, LATER)
    assert session.scalars(select(SetNote.id)).all() == []


@pytest.mark.parametrize(("text", "sentence"), [("  \n ", "Write something"), ("é" * 1_000_000, "1,000,000")])
def test_a_note_of_nothing_or_of_a_megabyte_is_refused_in_plain_words(
    session: Session, cast: Cast, text: str, sentence: str
) -> None:
    row = the_set(session, cast)
    with pytest.raises(Invalid, match=sentence):
        notes.write(session, an_actor(session, cast.ada), key(row), text, "", NOW)


def test_the_record_of_what_was_done_holds_no_words_and_no_names(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    ada = an_actor(session, cast.ada)
    notes.write(session, ada, key(row), "Secret", "", NOW)
    actions.add(session, ada, key(row), cast.ada, "Secret", "", NOW)
    one = session.scalars(select(SetAction)).one()
    actions.report(session, ada, key(row), {one.public_id: Report("done", "Secret")}, NOW)
    told = [(record.action, record.detail) for record in session.scalars(select(AuditRecord))]
    assert told == [("write_note", {}), ("add_action", {}), ("close_action", {"state": "done"})]


def test_who_is_outside_reads_no_words_and_who_looks_on_reads_only_counts(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    a_note(session, row, cast.ada)
    an_action(session, row, cast.ada)
    meeting = a_session(session, row, agenda="Secret", joining_link="https://meet.example.org/x")
    seen = workspaces.workspace(session, an_actor(session, cast.sol), key(row), NOW)
    assert (seen.open_actions, seen.note_count, len(seen.circle.members)) == (1, 1, 4)
    assert (seen.actions, seen.notes, seen.joining_link) == ((), (), "")
    sol = an_actor(session, cast.sol)
    for read in (
        lambda: workspaces.all_notes(session, sol, key(row)),
        lambda: workspaces.session_page(session, sol, key(row), meeting.public_id, NOW),
    ):
        with pytest.raises(NotFound):
            read()
    session.execute(update(SetMembership).where(SetMembership.member_id == cast.dee).values(left_on=NOW.date()))
    for outsider in (cast.dee, a_member(session).id):
        with pytest.raises(NotFound):
            workspaces.workspace(session, an_actor(session, outsider), key(row), NOW)


def test_the_end_of_a_set_cancels_what_is_planned_and_asks_its_members(session: Session, cast: Cast) -> None:
    row = the_set(session, cast, open_places=2)
    planned(session, cast, row, 2)
    with pytest.raises(NotPermitted):
        reflections.end(session, an_actor(session, cast.ada), key(row), NOW)
    assert reflections.end(session, an_actor(session, cast.fay), key(row), NOW) == 2
    assert set(session.scalars(select(SetSession.state))) == {"cancelled"}
    assert (row.ended_on, row.open_places) == (NOW.date(), 0)
    told = session.execute(select(Mail.member_id, Mail.values).where(Mail.kind == "set_ended")).all()
    assert {member for member, _ in told} == {cast.ada, cast.ben, cast.cai, cast.dee, cast.fay}
    assert all(len(values["session_ids"]) == 2 for _, values in told)
    assert "session_cancelled" not in session.scalars(select(Mail.kind)).all()
    for member in (cast.fay, cast.ada):
        with pytest.raises((Conflict, NotPermitted)):
            reflections.end(session, an_actor(session, member), key(row), NOW)


def test_nothing_is_written_into_a_set_that_has_ended(session: Session, cast: Cast) -> None:
    row = the_set(session, cast, ended_on=NOW.date())
    note, action, ada = a_note(session, row, cast.ada), an_action(session, row, cast.ada), an_actor(session, cast.ada)
    for write in (
        lambda: notes.write(session, ada, key(row), "x", "", NOW),
        lambda: notes.change(session, ada, key(row), note.public_id, "x", notes.mark(note), NOW),
        lambda: notes.remove(session, ada, key(row), note.public_id, NOW),
        lambda: actions.add(session, ada, key(row), cast.ada, "x", "", NOW),
        lambda: actions.report(session, ada, key(row), {action.public_id: Report("done")}, NOW),
    ):
        with pytest.raises(Conflict, match="has ended"):
            write()
    assert len(workspaces.workspace(session, ada, key(row), NOW).notes) == 1


def reflect(session: Session, member: int, set_id: str, useful: int = 4, text: str = "", shared: bool = False) -> None:
    reflections.reflect(session, an_actor(session, member), set_id, useful, True, text, shared, NOW)


def test_counts_are_told_once_three_have_answered_and_words_only_where_shared(session: Session, cast: Cast) -> None:
    row = the_set(session, cast, ended_on=NOW.date())
    reflect(session, cast.ada, key(row), 5, "Kept", False)
    reflect(session, cast.ben, key(row), 4, "Told", True)
    for reader in (cast.fay, cast.sol):
        found = reflections.summary(session, an_actor(session, reader), key(row))
        assert (found.answered, found.useful, found.changed, found.words) == (2, {}, None, ("Told",))
    reflect(session, cast.cai, key(row), 4)
    found = reflections.summary(session, an_actor(session, cast.fay), key(row))
    assert (found.useful, found.changed, found.words) == ({4: 2, 5: 1}, 3, ("Told",))
    with pytest.raises(NotFound):
        reflections.summary(session, an_actor(session, cast.ada), key(row))


def test_a_reflection_said_again_replaces_the_first(session: Session, cast: Cast) -> None:
    row = the_set(session, cast, ended_on=NOW.date())
    reflect(session, cast.ada, key(row), 5)
    reflect(session, cast.ada, key(row), 2)
    assert session.scalars(select(Reflection.useful)).all() == [2]


def test_only_members_of_the_end_reflect_and_only_after_it(session: Session, cast: Cast) -> None:
    running, ended = the_set(session, cast), the_set(session, cast, ended_on=NOW.date())
    long_ago = the_set(session, cast, ended_on=NOW.date() - timedelta(days=91))
    for row in (running, long_ago):
        with pytest.raises(Conflict):
            reflect(session, cast.ada, key(row))
    for somebody in (cast.fay, cast.sol):
        with pytest.raises(NotFound):
            reflect(session, somebody, key(ended))
    for useful, text in ((0, ""), (6, ""), (3, "x" * 2_001)):
        with pytest.raises(Invalid):
            reflect(session, cast.ada, key(ended), useful, text)


def test_the_end_of_a_set_answers_who_asked_to_join_it(session: Session, cast: Cast) -> None:
    row, gil = the_set(session, cast), a_member(session, "Gil Asking").id
    asked = SetRequest(public_id="asked", set_id=row.id, member_id=gil, note="", created_at=NOW)
    session.add(asked)
    session.flush()
    reflections.end(session, an_actor(session, cast.fay), key(row), NOW)
    session.flush()
    assert (asked.state, asked.closed_at) == ("declined", NOW)
    assert session.scalars(select(Mail.kind).where(Mail.member_id == gil)).all() == ["set_request_declined"]
