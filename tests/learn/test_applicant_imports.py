"""Applicants from a file: what each row would do, and that just this is done."""

from __future__ import annotations

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln.errors import Conflict, Invalid, NotFound
from haln.learn import applicant_changes, applicant_imports, applicant_plans, applications, slots
from haln.learn.applicant_entries import time_name
from haln.models import Application, ApplicationSlot, Cohort, CohortPair, ImportFile, Mail, Member
from haln.people.imports import applying
from haln.people.imports.planning import Outcome
from haln.people.imports.tables import read
from haln.taxonomy.vocabulary import load
from tests.builders import NOW, Cast, a_member, an_actor
from tests.cohort_builders import a_cohort, an_application

VOCABULARY = load()
LONDON = ZoneInfo("Europe/London")
ADA, BEN, CAI = "ada.okafor@example.org", "ben.whitaker@example.org", "cai.morgan@example.org"


def planned(session: Session, cast: Cast, row: Cohort, text: str) -> applicant_plans.ApplicantPlan:
    table = read(text.encode(), "applicants.csv")
    return applicant_plans.plan(session, an_actor(session, cast.fay), row, table, VOCABULARY, LONDON)


def apply(session: Session, cast: Cast, row: Cohort, text: str) -> applicant_imports.ApplicantReport:
    fay = an_actor(session, cast.fay)
    kept = applicant_imports.keep(session, fay, row.public_id, "f.csv", text.encode(), VOCABULARY, LONDON, NOW)
    session.flush()
    return applicant_imports.apply_kept(session, fay, row.public_id, kept, VOCABULARY, LONDON, NOW)


def test_every_cell_finds_its_place(session: Session, cast: Cast) -> None:
    row = a_cohort(session, cast.fay, days=2)
    every = slots.of_cohort(session, row.id)
    report = apply(
        session,
        cast,
        row,
        "E-mail,Themes,Live issue,Times,Manager e-mail,Apart,Access needs\n"
        f"{ADA},Food; housing,Buying local,{time_name(every[0], LONDON)}; 14/08/2026 afternoon; 3,{BEN},{CAI},A ramp\n"
        f"{BEN},,,ALL,boss@example.org,,\n",
    )
    assert (report.created, report.updated, report.refused) == (2, 0, 0)
    ada = session.scalars(select(Application).where(Application.member_id == cast.ada)).one()
    assert (ada.themes, ada.live_issue, ada.access_needs, ada.source) == (
        ["food", "housing"],
        "Buying local",
        "A ramp",
        "import",
    )
    chosen = select(ApplicationSlot.slot_id).where(ApplicationSlot.application_id == ada.id)
    assert set(session.scalars(chosen)) == {every[0].id, every[1].id, every[2].id}
    ben = session.scalars(select(Application.id).where(Application.member_id == cast.ben)).one()
    count = select(func.count()).select_from(ApplicationSlot).where(ApplicationSlot.application_id == ben)
    assert session.scalar(count) == 4
    found = {(one.kind, one.low_id, one.high_id, one.by_id) for one in session.scalars(select(CohortPair))}
    assert found == {
        ("manager", *sorted((cast.ada, cast.ben)), cast.fay),
        ("apart", *sorted((cast.ada, cast.cai)), cast.fay),
    }
    assert set(session.scalars(select(Mail.kind))) == {"application_entered"}


def test_the_same_file_again_changes_nothing(session: Session, cast: Cast) -> None:
    row = a_cohort(session, cast.fay, days=1)
    text = f"email,times,apart,live issue\n{ADA},1,{BEN},Buying local\n"
    apply(session, cast, row, text)
    report = apply(session, cast, row, text)
    assert (report.created, report.updated, report.unchanged) == (0, 0, 1)
    assert len(session.scalars(select(Mail)).all()) == 1


def test_what_an_applicant_wrote_is_filled_up_and_never_overwritten(session: Session, cast: Cast) -> None:
    row = a_cohort(session, cast.fay, days=1)
    own = slots.of_cohort(session, row.id)[0].id
    an_application(session, row.id, cast.ada, [own], live_issue="Mine", themes=[], source="member")
    apply(session, cast, row, f"email,times,live issue,themes,access needs\n{ADA},2,Theirs,food,A ramp\n")
    kept = session.scalars(select(Application)).one()
    assert (kept.live_issue, kept.themes, kept.access_needs) == ("Mine", ["food"], "A ramp")
    assert session.scalars(select(ApplicationSlot.slot_id)).all() == [own]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ("nobody@example.org,,,", "No member has this address"),
        ("no address,,,", "is not an e-mail address"),
        (",,x,", "The e-mail address is missing"),
        (f"{ADA},wizardry,,", "is not a theme of this network"),
        (f"{ADA},,9,", "“9” is not one of the times of this cohort"),
        (f"{ADA},,2026-08-14 midnight,", "is not one of the times"),
        (f"{ADA},,,nobody@example.org", "has the address “nobody@example.org” in the cell “apart”"),
        (f"{ADA},,,{ADA}", "apart from themselves"),
        (f"{ADA},=1+1,,", "begins like a formula"),
    ],
)
def test_a_row_that_cannot_be_taken_is_refused_with_its_reason(
    session: Session, cast: Cast, cells: str, said: str
) -> None:
    row = a_cohort(session, cast.fay, days=1)
    made = planned(session, cast, row, f"email,themes,times,apart\n{cells}\n{BEN},,,\n")
    (refused,) = made.of(Outcome.REFUSED)
    assert said in " ".join(one.text for one in refused.reasons)
    assert made.count(Outcome.CREATE) == 1


def test_the_hidden_and_the_withdrawn_are_not_brought_in(session: Session, cast: Cast) -> None:
    row = a_cohort(session, cast.fay)
    session.get_one(Member, cast.ada).listed = False
    an_application(session, row.id, cast.ben, state="withdrawn")
    session.flush()
    made = planned(session, cast, row, f"email\n{ADA}\n{BEN}\n{CAI}\n{CAI.upper()}\n")
    reasons = [" ".join(why.text for why in one.reasons) for one in made.rows]
    assert "No member has this address" in reasons[0]
    assert "Only they can apply again" in reasons[1]
    assert reasons[2] == ""
    assert "already in line 4" in reasons[3]


def test_who_was_taken_out_by_mistake_is_brought_in_again_and_who_chose_to_go_is_not(
    session: Session, cast: Cast
) -> None:
    row, fay = a_cohort(session, cast.fay), an_actor(session, cast.fay)
    ada = an_application(session, row.id, cast.ada, source="member", live_issue="Before")
    cai = an_application(session, row.id, cast.cai, source="import")
    applicant_changes.take_out(session, fay, row.public_id, ada.public_id, NOW)
    applications.withdraw(session, an_actor(session, cast.cai), row.public_id, NOW)
    report = apply(session, cast, row, f"E-mail,Live issue\n{ADA},After\n{CAI},\n")
    assert (report.created, report.refused) == (1, 1)
    session.refresh(ada)
    session.refresh(cai)
    assert (ada.state, ada.live_issue, ada.withdrawn_at, cai.state) == ("applied", "After", None, "withdrawn")


def test_who_leads_the_cohort_is_not_brought_in(session: Session, cast: Cast) -> None:
    row = a_cohort(session, cast.fay)
    address = session.get_one(Member, cast.fay).email
    (found,) = planned(session, cast, row, f"email,live issue\n{address},Buying local\n").rows
    assert found.outcome is Outcome.REFUSED
    assert tuple(one.text for one in found.reasons) == (
        "They lead this cohort. Nobody sits in the sets of a cohort that they lead.",
    )


def test_a_poll_is_named_by_its_days_and_hours(session: Session, cast: Cast) -> None:
    row = a_cohort(session, cast.fay, availability="dates")
    poll = slots.Poll(date(2026, 10, 27), (time(9), time(14, 30)), 1)
    slots.add_hours(session, an_actor(session, cast.fay), row.public_id, 1, poll, LONDON, NOW.date(), NOW)
    every = slots.of_cohort(session, row.id)
    made = planned(
        session, cast, row, f"email,times\n{ADA},2026-10-27 9:00\n{BEN},27/10/2026 14:30; 2026-10-27T09:00\n"
    )
    assert [set(one.slots or ()) for one in made.rows] == [{every[0].id}, {every[0].id, every[1].id}]


def test_a_file_of_ten_thousand_is_refused_in_a_sentence_and_nothing_is_lost(session: Session, cast: Cast) -> None:
    row = a_cohort(session, cast.fay)
    an_application(session, row.id, cast.ada)
    people = [
        {
            "name": "Person",
            "sort_name": "person",
            "public_id": f"many{number}",
            "email": f"many{number}@example.org",
            "standing": "active",
            "joined_at": NOW,
        }
        for number in range(10_000)
    ]
    session.bulk_insert_mappings(Member.__mapper__, people)
    text = "email\n" + "".join(f"{one['email']}\n" for one in people)
    with pytest.raises(Conflict, match="at most 3000 people, and with these it would have 10001"):
        apply(session, cast, row, text)
    assert session.scalars(select(Application.member_id)).all() == [cast.ada]
    few = "".join(f"{one['email']}\n" for one in people[: applications.MOST_APPLICANTS - 1])
    assert apply(session, cast, row, f"email\n{few}").created == applications.MOST_APPLICANTS - 1


def test_a_file_belongs_to_its_cohort_and_to_no_other_import(session: Session, cast: Cast) -> None:
    row, other = a_cohort(session, cast.sol), a_cohort(session, cast.sol)
    sol = an_actor(session, cast.sol)
    kept = applicant_imports.keep(
        session,
        sol,
        row.public_id,
        "f.csv",
        f"email\n{ADA}\n".encode(),
        VOCABULARY,
        LONDON,
        NOW,
    )
    session.flush()
    with pytest.raises(NotFound):
        applicant_imports.preview(session, sol, other.public_id, kept, VOCABULARY, LONDON, NOW)
    with pytest.raises(NotFound):
        applying.preview(session, sol, kept, VOCABULARY, NOW)
    assert applicant_imports.preview(session, sol, row.public_id, kept, VOCABULARY, LONDON, NOW).plan.rows
    applicant_imports.apply_kept(session, sol, row.public_id, kept, VOCABULARY, LONDON, NOW)
    assert session.scalars(select(ImportFile.content)).all() == [b""]
    with pytest.raises(NotFound):
        applicant_imports.apply_kept(session, sol, row.public_id, kept, VOCABULARY, LONDON, NOW)


def test_columns_that_mean_nothing_are_named(session: Session, cast: Cast) -> None:
    row = a_cohort(session, cast.fay)
    with pytest.raises(Invalid, match="is not one that is read"):
        planned(session, cast, row, f"email,shoe size\n{ADA},7\n")
    with pytest.raises(Invalid, match="has no column “email”"):
        planned(session, cast, row, "name\nAda\n")


def test_an_imported_person_who_waited_carries_it(session: Session, cast: Cast) -> None:
    before = a_cohort(session, cast.fay, state="formed")
    an_application(session, before.id, cast.ada, state="left_over")
    row = a_cohort(session, cast.fay)
    a_member(session)
    apply(session, cast, row, f"email\n{ADA}\n{BEN}\n")
    found = select(Application.member_id, Application.priority).where(Application.cohort_id == row.id)
    assert {row[0]: row[1] for row in session.execute(found)} == {cast.ada: 1, cast.ben: 0}


def test_a_file_of_a_day_is_no_longer_read_even_where_nobody_has_thrown_it_away(session: Session, cast: Cast) -> None:
    row, sol = a_cohort(session, cast.sol), an_actor(session, cast.sol)
    content = f"email\n{ADA}\n".encode()
    kept = applicant_imports.keep(session, sol, row.public_id, "f.csv", content, VOCABULARY, LONDON, NOW)
    others = applying.keep(session, sol, "m.csv", b"email,name\na@example.org,Ann New\n", True, NOW)
    session.flush()
    late = NOW + applying.KEPT
    just = late - timedelta(seconds=1)
    assert applicant_imports.preview(session, sol, row.public_id, kept, VOCABULARY, LONDON, just).plan.rows
    assert applying.preview(session, sol, others, VOCABULARY, just).plan.rows
    with pytest.raises(NotFound):
        applicant_imports.preview(session, sol, row.public_id, kept, VOCABULARY, LONDON, late)
    with pytest.raises(NotFound):
        applicant_imports.apply_kept(session, sol, row.public_id, kept, VOCABULARY, LONDON, late)
    with pytest.raises(NotFound):
        applying.preview(session, sol, others, VOCABULARY, late)
    with pytest.raises(NotFound):
        applying.apply_kept(session, sol, others, VOCABULARY, late)
