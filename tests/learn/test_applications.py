"""Applying: what is taken, what is refused, and who waited before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.errors import Conflict, Invalid, NotFound, NotPermitted
from haln.learn import applicant_changes, applicants, applications, cohort_facilitators, cohort_states, pairs, slots
from haln.learn.applications import Answers
from haln.models import Application, CohortPair, Mail, Member
from haln.people import learning_traces
from haln.taxonomy.vocabulary import load
from tests.builders import NOW, Cast, a_member, an_actor
from tests.cohort_builders import a_cohort, an_application

TODAY = NOW.date()
VOCABULARY = load()
SAID = Answers("How do we buy local?", ("food", "no theme of ours"))


def apply(session: Session, member: int, cohort: str, said: Answers = SAID) -> bool:
    return applications.apply(session, an_actor(session, member), cohort, said, VOCABULARY, TODAY, NOW)


def test_an_application_keeps_what_is_known_and_leaves_out_what_is_not(session: Session, cast: Cast) -> None:
    row = a_cohort(session, cast.fay)
    assert apply(session, cast.ada, row.public_id)
    own = session.scalars(select(Application)).one()
    assert (own.themes, own.source, own.state) == (["food"], "member", "applied")
    assert not apply(session, cast.ada, row.public_id)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (Answers(""), "live_issue"),
        (Answers("x" * 2001), "live_issue"),
        (Answers("x", access_needs="x" * 1001), "access_needs"),
        (Answers("x", facilitator="nobody"), "facilitator"),
        (Answers("x", slots=frozenset({99})), "slots"),
    ],
)
def test_what_cannot_be_taken_is_refused_beside_its_field(
    session: Session, cast: Cast, said: Answers, field: str
) -> None:
    row = a_cohort(session, cast.fay)
    with pytest.raises(Invalid) as refused:
        apply(session, cast.ada, row.public_id, said)
    assert field in refused.value.fields


def test_nobody_sits_in_the_sets_of_a_cohort_that_they_lead(session: Session, cast: Cast) -> None:
    """Neither by applying to what they lead, nor by leading what they applied to."""
    row = a_cohort(session, cast.fay)
    with pytest.raises(Conflict, match="You lead this cohort"):
        apply(session, cast.fay, row.public_id)
    sol, fay = an_actor(session, cast.sol), session.get_one(Member, cast.fay).public_id
    with pytest.raises(Conflict, match="They lead this cohort"):
        applicant_changes.put(session, sol, row.public_id, fay, SAID, VOCABULARY, NOW)
    gil = a_member(session, "Gil Leader", audience="facilitator")
    apply(session, gil.id, row.public_id)
    with pytest.raises(Conflict, match="They have applied"):
        cohort_facilitators.add(session, sol, row.public_id, row.version, gil.public_id, NOW)
    applications.withdraw(session, an_actor(session, gil.id), row.public_id, NOW)
    cohort_facilitators.add(session, sol, row.public_id, row.version, gil.public_id, NOW)
    with pytest.raises(Conflict, match="You lead this cohort"):
        apply(session, gil.id, row.public_id)


def test_a_time_is_needed_only_where_there_are_times(session: Session, cast: Cast) -> None:
    row = a_cohort(session, cast.fay, days=1)
    with pytest.raises(Invalid, match="at least one time"):
        apply(session, cast.ada, row.public_id)
    slot = slots.of_cohort(session, row.id)[0].id
    assert apply(session, cast.ada, row.public_id, Answers("x", slots=frozenset({slot})))


def test_a_time_of_another_cohort_is_none_of_this_one(session: Session, cast: Cast) -> None:
    row, other = a_cohort(session, cast.fay, days=1), a_cohort(session, cast.fay, days=1)
    slot = slots.of_cohort(session, other.id)[0].id
    with pytest.raises(Invalid, match="have changed since"):
        apply(session, cast.ada, row.public_id, Answers("x", slots=frozenset({slot})))


def test_nobody_applies_to_what_is_closed_over_full_or_not_there(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = a_cohort(session, cast.fay)
    row.closes_on = TODAY - timedelta(days=1)
    with pytest.raises(Conflict, match="have closed"):
        apply(session, cast.ada, row.public_id)
    row.closes_on, row.state = TODAY, "draft"
    with pytest.raises(NotFound):
        apply(session, cast.ada, row.public_id)
    row.state = "open"
    monkeypatch.setattr(applications, "MOST_APPLICANTS", 1)
    assert apply(session, cast.ada, row.public_id)
    with pytest.raises(Conflict, match="at most 1 people, and with these it would have 2"):
        apply(session, cast.ben, row.public_id)


def test_who_is_not_verified_may_not_apply(session: Session, cast: Cast) -> None:
    row = a_cohort(session, cast.fay)
    with pytest.raises(NotPermitted):
        apply(session, a_member(session, standing="unverified").id, row.public_id)


def test_who_was_left_over_in_a_row_carries_that_into_the_next(session: Session, cast: Cast) -> None:
    for number, state in enumerate(["left_over", "placed", "left_over", "withdrawn", "left_over"]):
        row = a_cohort(session, cast.fay, state="formed")
        an_application(session, row.id, cast.ada, state=state, applied_at=NOW - timedelta(days=100 - number))
    row = a_cohort(session, cast.fay)
    apply(session, cast.ada, row.public_id)
    apply(session, cast.ben, row.public_id)
    found = dict(
        session.execute(
            select(Application.member_id, Application.priority).where(Application.cohort_id == row.id)
        ).all()
    )
    assert found == {cast.ada: 2, cast.ben: 0}


def test_what_a_facilitator_says_of_others_is_not_taken_back_with_their_own_application(
    session: Session, cast: Cast
) -> None:
    row, sol = a_cohort(session, cast.fay), an_actor(session, cast.sol)
    for member in (cast.sol, cast.ada, cast.ben):
        apply(session, member, row.public_id)
    keys = {member.id: member.public_id for member in session.scalars(select(Member))}
    pairs.add(session, an_actor(session, cast.fay), row.public_id, "apart", keys[cast.ada], keys[cast.ben], NOW)
    apply(session, cast.sol, row.public_id, Answers("x", apart=(keys[cast.cai],)))
    assert len(session.scalars(select(CohortPair)).all()) == 2
    applications.withdraw(session, sol, row.public_id, NOW)
    left = session.scalars(select(CohortPair)).one()
    assert {left.low_id, left.high_id} == {cast.ada, cast.ben}


def test_at_most_ten_people_are_named(session: Session, cast: Cast) -> None:
    row = a_cohort(session, cast.fay)
    others = tuple(a_member(session, f"Person{number} Number").public_id for number in range(11))
    with pytest.raises(Invalid, match="at most ten"):
        apply(session, cast.ada, row.public_id, Answers("x", apart=others))


def test_what_somebody_wrote_themselves_no_facilitator_changes(session: Session, cast: Cast) -> None:
    row, fay = a_cohort(session, cast.fay), an_actor(session, cast.fay)
    ada = session.get_one(Member, cast.ada).public_id
    apply(session, cast.ada, row.public_id)
    with pytest.raises(Conflict, match="Only they can change"):
        applicant_changes.put(session, fay, row.public_id, ada, Answers("Other"), VOCABULARY, NOW)
    applications.withdraw(session, an_actor(session, cast.ada), row.public_id, NOW)
    with pytest.raises(Conflict, match="Only they can apply again"):
        applicant_changes.put(session, fay, row.public_id, ada, Answers("Other"), VOCABULARY, NOW)


def test_who_chose_to_withdraw_comes_back_by_themselves_only_and_who_was_taken_out_may_be_added_again(
    session: Session, cast: Cast
) -> None:
    row, fay = a_cohort(session, cast.fay), an_actor(session, cast.fay)
    entered = an_application(session, row.id, cast.ada, source="import")
    applied = an_application(session, row.id, cast.ben, source="member")
    applications.withdraw(session, an_actor(session, cast.ada), row.public_id, NOW)
    applicant_changes.take_out(session, fay, row.public_id, applied.public_id, NOW)
    ada, ben = an_actor(session, cast.ada).public_id, an_actor(session, cast.ben).public_id
    with pytest.raises(Conflict, match="Only they can apply again"):
        applicant_changes.put(session, fay, row.public_id, ada, Answers(), VOCABULARY, NOW)
    assert applicant_changes.put(session, fay, row.public_id, ben, Answers(), VOCABULARY, NOW)
    assert (entered.state, applied.state) == ("withdrawn", "applied")


def test_who_wrote_their_application_and_was_taken_out_comes_back_with_what_they_wrote(
    session: Session, cast: Cast
) -> None:
    row, fay = a_cohort(session, cast.fay, days=1), an_actor(session, cast.fay)
    times = frozenset(slot.id for slot in slots.of_cohort(session, row.id))
    keys = {member.id: member.public_id for member in session.scalars(select(Member))}
    said = Answers("Mine", ("food",), times, (keys[cast.cai],), "Captions", keys[cast.fay])
    apply(session, cast.ada, row.public_id, said)
    own = session.scalars(select(Application)).one()
    applicant_changes.take_out(session, fay, row.public_id, own.public_id, NOW)
    assert own.state == "withdrawn"
    assert applicant_changes.wrote_themselves(session, fay, row.public_id, cast.ada)
    assert applicants.entered(session, fay, row.public_id, cast.ada) is None
    assert applicant_changes.put(session, fay, row.public_id, keys[cast.ada], Answers("Other"), VOCABULARY, NOW)
    found = (own.state, own.source, own.live_issue, own.themes, own.access_needs, own.facilitator_id)
    assert found == ("applied", "member", "Mine", ["food"], "", None)
    assert applicants.one(session, fay, row.public_id, own.public_id)[2] == times
    assert session.scalars(select(CohortPair.by_id)).all() == []
    orders = session.scalars(select(Mail.values).where(Mail.kind == "application_entered")).all()
    assert orders == [{"cohort_id": row.id, "again": True}]
    with pytest.raises(Conflict, match="Only they can change"):
        applicant_changes.put(session, fay, row.public_id, keys[cast.ada], Answers("Other"), VOCABULARY, NOW)


def test_nothing_said_in_confidence_is_kept_of_who_was_taken_out(session: Session, cast: Cast) -> None:
    row, fay = a_cohort(session, cast.fay), an_actor(session, cast.fay)
    keys = {member.id: member.public_id for member in session.scalars(select(Member))}
    apply(session, cast.ada, row.public_id, Answers("Mine", apart=(keys[cast.cai],), access_needs="Captions"))
    own = session.scalars(select(Application)).one()
    own.facilitator_id = cast.fay
    assert session.scalars(select(CohortPair.by_id)).all() == [cast.ada]
    applicant_changes.take_out(session, fay, row.public_id, own.public_id, NOW)
    session.refresh(own)
    assert (own.live_issue, own.access_needs, own.facilitator_id) == ("Mine", "", None)
    assert session.scalars(select(CohortPair.by_id)).all() == []


def test_who_was_taken_out_and_left_the_network_is_not_brought_back(session: Session, cast: Cast) -> None:
    row, fay = a_cohort(session, cast.fay), an_actor(session, cast.fay)
    own = an_application(session, row.id, cast.ada)
    applicant_changes.take_out(session, fay, row.public_id, own.public_id, NOW)
    learning_traces.withdraw(session, cast.ada, NOW)
    session.refresh(own)
    assert own.source == "member"


def test_what_a_facilitator_entered_for_who_was_taken_out_is_there_to_be_entered_again(
    session: Session, cast: Cast
) -> None:
    row, fay = a_cohort(session, cast.fay, days=1), an_actor(session, cast.fay)
    slot = slots.of_cohort(session, row.id)[0].id
    own = an_application(session, row.id, cast.ada, [slot], source="import", live_issue="Told")
    applicant_changes.take_out(session, fay, row.public_id, own.public_id, NOW)
    held = applicants.entered(session, fay, row.public_id, cast.ada)
    assert held is not None and (held.live_issue, held.slots) == ("Told", {slot})
    own.source = "member"  # had they withdrawn by themselves
    session.flush()
    assert applicants.entered(session, fay, row.public_id, cast.ada) is None


def test_who_is_entered_in_a_draft_hears_of_it_when_it_opens_and_not_before(session: Session, cast: Cast) -> None:
    row, fay = a_cohort(session, cast.fay, state="draft"), an_actor(session, cast.fay)

    def told() -> list[tuple[str, int | None]]:
        return [(kind, member) for kind, member in session.execute(select(Mail.kind, Mail.member_id).order_by(Mail.id))]

    for member in (cast.ada, cast.ben):
        person = an_actor(session, member).public_id
        applicant_changes.put(session, fay, row.public_id, person, Answers(), VOCABULARY, NOW)
    assert told() == []
    cohort_states.open_up(session, fay, row.public_id, row.version, NOW.date(), NOW)
    assert told() == [("application_entered", cast.ada), ("application_entered", cast.ben)]
    cohort_states.close(session, fay, row.public_id, row.version, NOW)
    cohort_states.open_up(session, fay, row.public_id, row.version, NOW.date(), NOW)
    assert len(told()) == 2


def test_a_draft_that_is_cancelled_is_told_to_nobody(session: Session, cast: Cast) -> None:
    row, fay = a_cohort(session, cast.fay, state="draft"), an_actor(session, cast.fay)
    an_application(session, row.id, cast.ada, source="import")
    assert cohort_states.cancel(session, fay, row.public_id, row.version, NOW) == 0
    assert session.scalars(select(Mail.kind)).all() == []


def test_who_changes_what_was_entered_for_them_makes_it_their_own(session: Session, cast: Cast) -> None:
    row, fay = a_cohort(session, cast.fay), an_actor(session, cast.fay)
    ada = session.get_one(Member, cast.ada).public_id
    assert applicant_changes.put(session, fay, row.public_id, ada, Answers("Entered"), VOCABULARY, NOW)
    apply(session, cast.ada, row.public_id)
    assert session.scalars(select(Application.source)).all() == ["member"]


def test_who_leaves_is_counted_and_named_no_more(session: Session, cast: Cast) -> None:
    row, fay = a_cohort(session, cast.fay), an_actor(session, cast.fay)
    for member in (cast.ada, cast.ben):
        apply(session, member, row.public_id)
    session.get_one(Member, cast.ben).standing = "left"
    session.flush()
    _row, found = applicants.listing(session, fay, row.public_id)
    assert [one.name for one in found.rows] == ["Ada Okafor"]
    assert (found.all, found.left) == (1, 1)


def test_no_applicants_are_no_fault(session: Session, cast: Cast) -> None:
    row = a_cohort(session, cast.fay)
    _row, found = applicants.listing(session, an_actor(session, cast.fay), row.public_id, text="x", page=7)
    assert (found.rows, found.total, found.page, found.pages) == ((), 0, 1, 1)
