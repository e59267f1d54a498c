"""The pages of those who lead cohorts."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln.learn import applications
from haln.models import (
    Application,
    AuditRecord,
    Cohort,
    CohortFacilitator,
    CohortPair,
    CohortSlot,
    Mail,
    Member,
    SetMembership,
)
from tests.application import SignIn
from tests.builders import Cast, a_member
from tests.cohort_builders import a_cohort, a_learning_set, a_plan, a_seat, an_application
from tests.queries import queries_of
from tests.views.test_suggestions import statements

FACTS = {
    "title": "Spring sets",
    "purpose": "Peers who **listen**.",
    "themes": ["food"],
    "where": "Online",
    "closes_on": "2026-07-01",
    "starts_on": "2026-09-01",
    "ends_on": "2027-03-01",
    "sessions": "6",
    "session_minutes": "90",
    "size_low": "6",
    "size_high": "8",
    "availability": "halfdays",
    "own_sets": "3",
}


def key(session: Session, member_id: int) -> str:
    return session.get_one(Member, member_id).public_id


def test_a_facilitator_opens_a_cohort_lays_times_and_opens_it(session: Session, cast: Cast, signed_in: SignIn) -> None:
    fay = signed_in(cast.fay)
    assert "No cohorts yet" in fay.get("/cohorts").text
    assert "New cohort" in fay.get("/cohorts/new").text
    made = fay.post("/cohorts/new", data=FACTS)
    assert made.status_code == 303
    path = made.location
    row = session.scalars(select(Cohort)).one()
    assert (row.state, row.size_low, row.size_high, row.themes) == ("draft", 6, 8, ["food"])
    page = fay.get(path).text
    assert "Say when people could meet." in page
    assert "<strong>listen</strong>" in page
    early = fay.post(f"{path}/open", data={"version": row.version}, follow_redirects=True)
    assert early.request.path == path
    assert "There are no times to choose from yet" in early.text
    grid = {"version": row.version, "do": "grid", "first": "2026-09-07", "weeks": "2"}
    grid |= {"weekdays": ["0", "2"], "halves": ["morning", "evening"]}
    assert fay.post(f"{path}/times", data=grid).status_code == 303
    assert "Monday 7 September 2026, evening" in fay.get(f"{path}/times").text
    session.expire_all()
    seen = {"version": row.version}
    assert fay.post(f"{path}/open", data=seen).status_code == 303
    again = fay.post(f"{path}/open", data=seen, follow_redirects=True)
    assert "Somebody else has changed this cohort" in again.text
    assert "Open for applications" in fay.get("/cohorts").text
    assert session.scalars(select(Cohort.state)).one() == "open"


def test_what_does_not_fit_comes_back_beside_its_field(cast: Cast, signed_in: SignIn) -> None:
    fay = signed_in(cast.fay)
    wrong = {
        "size_low": ("3", "A set has at least 4 people"),
        "size_high": ("5", "The largest size is smaller than the smallest"),
        "session_minutes": ("9" * 21, "A session takes from 15 to 600 minutes."),
        "starts_on": ("2026-06-30", "The first session must come after the last day to apply"),
        "ends_on": ("2026-08-01", "The sets end before they start"),
        "closes_on": ("soon", "Enter a day like 2026-10-05."),
        "sessions": ("many", "Enter a whole number."),
        "title": (" ", "Give the cohort a title."),
        "own_sets": ("1000", "Say how many sets as a number from 0 to 200."),
    }
    for name, (value, said) in wrong.items():
        answer = fay.post("/cohorts/new", data={**FACTS, name: value})
        assert answer.status_code == 422, name
        assert said in answer.text, name
    assert "A set has at most 30 people." in fay.post("/cohorts/new", data={**FACTS, "size_high": "9" * 21}).text
    over = fay.post("/cohorts/new", data={**FACTS, "closes_on": "2020-01-01"})
    assert "Choose a last day to apply from today on." in over.text


def test_the_second_of_two_facilitators_is_told_and_nothing_is_overwritten(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = a_cohort(session, cast.fay, days=1)
    session.add(CohortFacilitator(cohort_id=row.id, member_id=cast.sol, sets=1, slots=[]))
    fay, sol = signed_in(cast.fay), signed_in(cast.sol)
    path, seen = f"/cohorts/{row.public_id}", row.version
    assert fay.post(f"{path}/edit", data={**FACTS, "title": "Fay's", "version": seen}).status_code == 303
    late = sol.post(f"{path}/edit", data={**FACTS, "title": "Sol's", "version": seen})
    assert late.status_code == 409
    assert "Somebody else has changed this cohort" in late.text
    assert "Sol&#39;s" in late.text
    session.expire_all()
    assert session.get_one(Cohort, row.id).title == "Fay's"
    for page, data in (
        ("rules", {"do": "up", "place": "3"}),
        ("times", {"do": "grid", "first": "2026-09-07", "weeks": "1", "weekdays": "0", "halves": "morning"}),
        ("facilitators", {"do": "remove", "person": key(session, cast.sol)}),
        ("pairs", {"do": "again", "previous": ""}),
    ):
        answer = sol.post(f"{path}/{page}", data={**data, "version": seen})
        assert answer.status_code == 409, page
        assert "Somebody else has changed this cohort" in answer.text
    for page in ("cancel", "close"):
        answer = sol.post(f"{path}/{page}", data={"version": seen}, follow_redirects=True)
        assert answer.request.path == path
        assert "Somebody else has changed this cohort" in answer.text


def test_a_cohort_of_others_is_as_if_it_were_not_there(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = a_cohort(session, cast.sol, days=1)
    application = an_application(session, row.id, cast.ada)
    fay = signed_in(cast.fay)
    path = f"/cohorts/{row.public_id}"
    one = f"/people/{application.public_id}"
    pages = ("", "/edit", "/cancel", "/times", "/facilitators", "/rules", "/people", "/pairs", "/add", "/import")
    for page in (*pages, one, f"{one}/out", "/pairs/people?one-typed=a", "/import/template.csv", "/import/x"):
        assert fay.get(f"{path}{page}").status_code == 404, page
    posts = ("/edit", "/cancel", "/times", "/facilitators", "/rules", "/pairs", "/import", "/import/x", f"{one}/out")
    for page in (*posts, "/people.csv", "/open", "/close"):
        data = {"version": row.version, "do": "up", "place": "1"}
        assert fay.post(f"{path}{page}", data=data).status_code == 404, page
    assert row.title not in fay.get("/cohorts").text
    assert row.title in signed_in(cast.sol).get("/cohorts").text


def test_rules_are_added_moved_changed_removed_and_begun_again(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = a_cohort(session, cast.fay, days=1)
    fay = signed_in(cast.fay)
    path = f"/cohorts/{row.public_id}/rules"

    def post(**data: object) -> int:
        session.expire_all()
        version = session.get_one(Cohort, row.id).version
        return fay.post(path, data={"version": version, **data}).status_code

    def kinds() -> list[str]:
        session.expire_all()
        return [rule["kind"] for rule in session.get_one(Cohort, row.id).rules]

    page = fay.get(path).text
    assert "Sets of 4 to 8 people" in page
    assert "At most one person from each organisation" in page
    before = kinds()
    assert post(do="down", place=0) == 303
    assert kinds()[:2] == [before[1], before[0]]
    assert post(do="up", place=1) == 303
    assert kinds() == before
    assert post(do="change", place=0, number=5, most=7, strength="must") == 303
    assert (session.get_one(Cohort, row.id).size_low, session.get_one(Cohort, row.id).size_high) == (5, 7)
    assert post(do="change", place=0, number=7, most=5, strength="must") == 422
    assert post(do="change", place=0, number=3, most=5, strength="must") == 422
    assert post(do="remove", place=0) == 409
    assert post(do="remove", place=1) == 303
    assert before[1] not in kinds()
    assert post(do="add", rule="maturity_mix:", strength="strongly") == 303
    assert "maturity_mix" in kinds()
    assert post(do="add", rule="maturity_mix:", strength="must") == 422
    assert post(do="add", rule="spread:sector", strength="if_possible") == 303
    assert post(do="add", rule="spread:sector", strength="strongly") == 409
    assert post(do="add", rule="nonsense", strength="must") == 422
    assert post(do="change", place=99, strength="must") == 409
    assert post(do="ready", ready="issue") == 303
    assert "live_issue" in kinds()
    assert session.get_one(Cohort, row.id).rules[0] == {"kind": "size", "strength": "must", "number": 5, "most": 7}
    assert post(do="ready", ready="none of ours") == 422


def test_the_people_page_shows_what_was_said_and_finds_and_sorts(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = a_cohort(session, cast.fay, days=1)
    slots = session.scalars(select(CohortSlot.id).where(CohortSlot.cohort_id == row.id)).all()
    an_application(session, row.id, cast.ada, slots, access_needs="A ramp", facilitator_id=cast.fay, priority=2)
    an_application(session, row.id, cast.cai, slots[:1], live_issue="Who measures what?")
    left = a_member(session, "Lee Gone", standing="left").id
    an_application(session, row.id, left)
    an_application(session, row.id, cast.dee, state="withdrawn")
    fay = signed_in(cast.fay)
    path = f"/cohorts/{row.public_id}/people"
    page = fay.get(path).text
    assert page.index("Cai Morgan") < page.index("Ada Okafor")  # by family name
    assert "asks for Fay Lindqvist" in page
    assert "left over 2 times" in page
    assert "1 who applied has left the network since." in page
    assert "Lee Gone" not in page
    assert "Dee Sandhu" not in page
    by_times = fay.get(f"{path}?sort=-times").text
    assert by_times.index("Ada Okafor") < by_times.index("Cai Morgan")
    assert "Ada Okafor" not in fay.get(f"{path}?q=measures").text
    assert "Ada Okafor" in fay.get(f"{path}?q=teaching+hospitals").text
    assert "Nobody fits this" in fay.get(f"{path}?q=nobody").text
    one = session.scalars(select(Application.public_id).where(Application.member_id == cast.ada)).one()
    assert "A ramp" in fay.get(f"{path}/{one}").text


def test_of_each_who_applied_it_is_shown_what_became_of_them_and_of_nobody_that_they_declined(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = a_cohort(session, cast.fay)
    for member in (cast.ada, cast.ben, cast.cai, cast.dee):
        an_application(session, row.id, member)
    fay, path = signed_in(cast.fay), f"/cohorts/{row.public_id}/people"

    def told() -> dict[str, str]:
        """By first name what stands beside it, with the address of a set."""
        page = fay.get(path).text
        rows = re.findall(
            r'<th scope="row"><a [^>]*>(\w+)[^<]*</a>.*?</th>\n<td data-label="Set">(.*?)</td>', page, re.S
        )
        return dict(rows)

    session.commit()
    assert told() == {}
    plan = a_plan(session, row, [[cast.ada, cast.ben, cast.cai]], state="published", left_over=[cast.dee])
    for member, state in ((cast.ada, "asked"), (cast.ben, "accepted"), (cast.cai, "declined")):
        a_seat(session, plan, member, 0, state=state)
    session.commit()
    assert told() == {"Ada": "Asked", "Ben": "Asked", "Cai": "Asked", "Dee": "–"}
    formed = a_learning_set(session, [cast.ada], cohort_id=row.id, set_number=1, name=f"{row.title}: set 2")
    row.state = "formed"
    became = {cast.ada: "placed", cast.ben: "left_over", cast.cai: "withdrawn", cast.dee: "placed"}
    for member, state in became.items():
        session.execute(update(Application).where(Application.member_id == member).values(state=state))
    session.commit()
    link = f'<a href="/sets/{formed.public_id}">Set 2</a>'
    assert told() == {"Ada": link, "Ben": "Left over", "Dee": "In no set any more"}
    one = session.scalars(select(Application.public_id).where(Application.member_id == cast.ada)).one()
    assert link in fay.get(f"{path}/{one}").text
    few = queries_of(fay, path)
    for number in range(30):
        member = a_member(session, f"Person{number:02} Number").id
        an_application(session, row.id, member, state="placed")
        session.add(SetMembership(set_id=formed.id, member_id=member))
    session.commit()
    assert queries_of(fay, path) == few
    assert list(told().values()).count(link) == 31


def test_facts_that_an_entered_person_hides_stay_hidden_and_an_applicants_own_do_not(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = a_cohort(session, cast.fay)
    for member in (cast.ada, cast.cai):
        session.get_one(Member, member).show_organisation = 0
    an_application(session, row.id, cast.ada, source="member")
    an_application(session, row.id, cast.cai, source="import")
    page = signed_in(cast.fay).get(f"/cohorts/{row.public_id}/people").text
    assert "Leeds Teaching Hospitals" in page
    assert "Cardiff University" not in page
    assert "Cai Morgan" not in signed_in(cast.fay).get(f"/cohorts/{row.public_id}/people?q=cardiff").text


def test_a_person_is_added_changed_and_taken_out(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = a_cohort(session, cast.fay, days=1)
    slot = session.scalars(select(CohortSlot.id).where(CohortSlot.cohort_id == row.id)).first()
    fay = signed_in(cast.fay)
    path = f"/cohorts/{row.public_id}"
    assert "Cai Morgan" in fay.get(f"{path}/add?q=morgan").text
    assert "Cai Morgan" in fay.get(f"{path}/add?q=cai.morgan@example.org").text
    assert "Nobody of that name" in fay.get(f"{path}/add?q=stranger@example.org").text
    cai = key(session, cast.cai)
    assert "What Cai Morgan told you" in fay.get(f"{path}/add?person={cai}").text
    assert fay.post(f"{path}/add", data={"person": cai, "live_issue": "Measuring", "slot": slot}).status_code == 303
    assert session.scalars(select(Mail.kind)).all() == ["application_entered"]
    assert "Measuring" in fay.get(f"{path}/add?person={cai}").text
    assert fay.post(f"{path}/add", data={"person": cai, "live_issue": "Measuring more"}).status_code == 303
    one = session.scalars(select(Application).where(Application.member_id == cast.cai)).one()
    assert (one.live_issue, one.source) == ("Measuring more", "facilitator")
    assert len(session.scalars(select(Mail.kind)).all()) == 1
    assert fay.post(f"{path}/add", data={"person": cai, "live_issue": "x" * 2001}).status_code == 422
    assert "Take Cai Morgan out?" in fay.get(f"{path}/people/{one.public_id}/out").text
    assert fay.post(f"{path}/people/{one.public_id}/out").status_code == 303
    again = fay.post(f"{path}/people/{one.public_id}/out", follow_redirects=True)
    assert "They are taken out already, or have withdrawn." in again.text
    session.expire_all()
    assert session.get_one(Application, one.id).state == "withdrawn"


def test_who_applied_themselves_is_added_again_without_a_form_and_reads_no_more_that_they_withdrew(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = a_cohort(session, cast.fay)
    one = an_application(session, row.id, cast.cai, live_issue="Measuring", source="member")
    session.commit()
    fay, cai, path = signed_in(cast.fay), signed_in(cast.cai), f"/cohorts/{row.public_id}"
    fay.post(f"{path}/people/{one.public_id}/out")
    page = cai.get(f"{path}/about").text
    assert "You are no longer among the applicants" in page and "You have withdrawn" not in page
    page = fay.get(f"{path}/add?person={key(session, cast.cai)}").text
    assert "Add Cai Morgan again?" in page and "<textarea" not in page
    assert fay.post(f"{path}/add", data={"person": key(session, cast.cai)}).status_code == 303
    assert "Measuring" in fay.get(f"{path}/people/{one.public_id}").text
    assert cai.post(f"{path}/withdraw").status_code == 303
    assert "You have withdrawn your application." in cai.get(f"{path}/about").text


def test_who_withdraws_while_their_page_is_open_is_missed_on_the_list(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = a_cohort(session, cast.fay)
    one = an_application(session, row.id, cast.cai, state="withdrawn", source="member")
    session.commit()
    fay, path = signed_in(cast.fay), f"/cohorts/{row.public_id}/people"
    for page in (f"{path}/{one.public_id}", f"{path}/{one.public_id}/out"):
        assert fay.get(page).location == path
        assert "There is no such application, or it was taken back." in fay.get(path).text


def test_pairs_are_noted_shown_with_who_said_so_and_taken_away(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = a_cohort(session, cast.fay)
    for member in (cast.ada, cast.ben, cast.cai):
        an_application(session, row.id, member)
    low, high = sorted((cast.ada, cast.ben))
    session.add(
        CohortPair(cohort_id=row.id, low_id=low, high_id=high, kind="apart", by_id=cast.ada, created_at=row.created_at)
    )
    fay = signed_in(cast.fay)
    path = f"/cohorts/{row.public_id}/pairs"
    ada, ben, cai = (key(session, member) for member in (cast.ada, cast.ben, cast.cai))
    assert "asked for by Ada Okafor" in fay.get(path).text
    found = fay.post(path, data={"one-find": "1", "one-typed": "okafor", "other-typed": "morgan", "kind": "together"})
    assert f'value="{ada}" checked' in found.text
    assert f'value="{cai}" checked' in found.text
    assert fay.post(path, data={"do": "add", "kind": "together", "one": ada, "other": cai}).status_code == 303
    assert fay.post(path, data={"do": "add", "kind": "apart", "one": ada, "other": cai}).status_code == 409
    assert fay.post(path, data={"do": "add", "kind": "together", "one": ada, "other": ada}).status_code == 422
    gone = fay.post(path, data={"do": "add", "kind": "apart", "one": ada, "other": "nobody"})
    assert (gone.status_code, 'id="there"' in gone.text) == (404, True), "told on the page, with the pairs there are"
    assert "One of the two no longer applies to this cohort." in gone.text
    assert "Ada Okafor and Cai Morgan: together" in fay.get(f"{path}?kind=together").text
    assert "apart" not in fay.get(f"{path}?kind=together").text.split('id="there"')[1].split("</ul>", 2)[-1][:50]
    gone = {"do": "remove", "kind": "apart", "one": ada, "other": ben, "by": ada}
    assert fay.post(path, data=gone).status_code == 303
    assert session.scalars(select(CohortPair.kind)).all() == ["together"]
    assert fay.get(f"{path}/people?other-typed=whit").text.count("radio") == 1


def test_staff_are_told_that_confidences_are_kept_to_the_facilitators(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = a_cohort(session, cast.fay)
    one = an_application(session, row.id, cast.ada, access_needs="A ramp", source="import").public_id
    an_application(session, row.id, cast.ben)
    low, high = sorted((cast.ada, cast.ben))
    session.add(
        CohortPair(cohort_id=row.id, low_id=low, high_id=high, kind="apart", by_id=cast.ada, created_at=row.created_at)
    )
    fay, sol, kept = signed_in(cast.fay), signed_in(cast.sol), "is kept to the facilitators of this cohort"
    ada, ben = key(session, cast.ada), key(session, cast.ben)
    path = f"/cohorts/{row.public_id}"
    for page in ("/people", f"/people/{one}", f"/add?person={ada}", "/pairs"):
        assert kept in sol.get(path + page).text, page
        assert kept not in fay.get(path + page).text, page
        assert "A ramp" not in sol.get(path + page).text
        assert ": apart" not in sol.get(path + page).text
    assert ": apart" in fay.get(f"{path}/pairs").text
    assert "A ramp" not in sol.post(f"{path}/people.csv").text
    noted = {"do": "add", "kind": "together", "one": ada, "other": ben}
    assert sol.post(f"{path}/pairs", data=noted).status_code == 403
    assert sol.post(f"{path}/add", data={"person": ada, "live_issue": "Food"}).status_code == 303
    assert "A ramp" in fay.get(f"{path}/people/{one}").text


def test_the_last_cohorts_sets_are_not_formed_again_in_one_click(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    before = a_cohort(session, cast.fay, title="Spring", state="formed")
    a_learning_set(session, (cast.ada, cast.ben), cohort_id=before.id)
    row = a_cohort(session, cast.fay)
    row.rules = [rule for rule in row.rules if rule["kind"] != "not_again"]
    fay = signed_in(cast.fay)
    path = f"/cohorts/{row.public_id}/pairs"
    assert "Spring" in fay.get(path).text
    data = {"do": "again", "previous": before.public_id, "version": row.version}
    assert fay.post(path, data=data).status_code == 303
    session.expire_all()
    row = session.get_one(Cohort, row.id)
    assert row.previous_id == before.id
    assert row.rules[-1] == {"kind": "not_again", "strength": "strongly"}
    assert "Who sat together in “Spring”" in fay.get(path).text
    fay.post(path, data={"do": "again", "previous": "", "version": row.version})
    session.expire_all()
    assert session.get_one(Cohort, row.id).previous_id is None


def test_facilitators_are_added_given_sets_and_times_and_taken_out(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = a_cohort(session, cast.fay, days=1)
    slots = session.scalars(select(CohortSlot.id).where(CohortSlot.cohort_id == row.id)).all()
    fay, sol = signed_in(cast.fay), key(session, cast.sol)
    path = f"/cohorts/{row.public_id}/facilitators"

    def post(**data: object) -> int:
        session.expire_all()
        return fay.post(path, data={"version": session.get_one(Cohort, row.id).version, **data}).status_code

    assert "Sol Adeyemi" in fay.get(f"{path}?q=sol").text
    assert "No other facilitator of that name." in fay.get(f"{path}?q=okafor").text
    assert post(do="add", person=key(session, cast.ada)) == 404
    assert post(do="remove", person=key(session, cast.fay)) == 409
    assert post(do="add", person=sol) == 303
    assert post(do="add", person=sol) == 409
    assert post(do="change", person=sol, sets=2, slot=slots[0]) == 303
    held = session.get_one(CohortFacilitator, (row.id, cast.sol))
    assert (held.sets, held.slots) == (2, [slots[0]])
    assert post(do="change", person=sol, sets=-1) == 422
    assert post(do="change", person=sol, sets=1, slot=999) == 422
    assert post(do="remove", person=sol) == 303
    assert "Sol Adeyemi" not in fay.get(path).text.split('id="add"')[0]


def test_who_takes_themselves_out_is_led_to_all_cohorts_and_whom_others_add_or_take_out_is_told(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = a_cohort(session, cast.fay)
    fay, sol, path = signed_in(cast.fay), signed_in(cast.sol), f"/cohorts/{row.public_id}/facilitators"

    def post(by: FlaskClient, do: str, person: int) -> Any:
        session.expire_all()
        version = session.get_one(Cohort, row.id).version
        return by.post(path, data={"version": version, "do": do, "person": key(session, person)})

    assert post(fay, "add", cast.sol).location == path
    assert post(fay, "remove", cast.sol).location == path
    assert post(sol, "add", cast.sol).location == path  # by themselves: nobody needs to tell them
    assert post(fay, "remove", cast.fay).location == "/cohorts"
    assert "You no longer lead this cohort." in fay.get("/cohorts").text
    assert post(sol, "add", cast.fay).location == path
    told = session.execute(select(Mail.kind, Mail.member_id).order_by(Mail.id)).all()
    assert told == [("cohort_led", cast.sol), ("cohort_not_led", cast.sol), ("cohort_led", cast.fay)]


def test_while_people_are_asked_a_facilitator_of_proposed_sets_is_taken_out_only_knowingly(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = a_cohort(session, cast.fay)
    session.add(CohortFacilitator(cohort_id=row.id, member_id=cast.sol, sets=1, slots=[]))
    plan = a_plan(session, row, [[cast.ada, cast.ben], [cast.cai, cast.dee]])
    plan.sets = [plan.sets[0], {**plan.sets[1], "facilitator": cast.sol}]
    session.commit()
    fay, sol, path = signed_in(cast.fay), key(session, cast.sol), f"/cohorts/{row.public_id}/facilitators"

    def remove(person: str, **more: str) -> Any:
        session.expire_all()
        version = session.get_one(Cohort, row.id).version
        return fay.post(path, data={"version": version, "do": "remove", "person": person, **more})

    plan.state = "published"
    session.commit()
    page = remove(sol).text
    assert "Take Sol Adeyemi out?" in page and "<li>Set 2</li>" in page and "<li>Set 1</li>" not in page
    assert "You no longer see this cohort." in remove(key(session, cast.fay)).text
    assert session.get(CohortFacilitator, (row.id, cast.sol)) is not None
    assert remove(sol, sure="yes").location == path
    assert remove(key(session, cast.fay)).status_code == 409, "the last one: there is nothing to ask"


def test_while_people_are_asked_times_are_taken_away_only_knowingly(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = a_cohort(session, cast.fay, days=1)
    slots = session.scalars(select(CohortSlot.id).where(CohortSlot.cohort_id == row.id)).all()
    for member in (cast.ada, cast.ben):
        an_application(session, row.id, member, slots[:1])
    plan = a_plan(session, row, [[cast.ada, cast.ben]])
    session.commit()
    fay, path = signed_in(cast.fay), f"/cohorts/{row.public_id}/times"

    def take(*slot: int, **more: str) -> Any:
        session.expire_all()
        version = session.get_one(Cohort, row.id).version
        return fay.post(path, data={"version": version, "do": "take", "slot": list(slot), **more})

    plan.state = "published"
    session.commit()
    page = take(*slots).text
    assert "Take these 2 times away?" in page and "2 answers about when people can meet are lost" in page
    assert "No time is left" in page and "No time is left" not in take(slots[1]).text
    assert take().status_code == 422
    assert len(session.scalars(select(CohortSlot.id)).all()) == 2
    assert take(slots[0], sure="yes").location == path
    plan.state = "ready"
    session.commit()
    assert take(slots[1]).location == path
    assert session.scalars(select(CohortSlot.id)).all() == []


def test_cancelling_asks_once_more_and_tells_those_who_applied(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = a_cohort(session, cast.fay)
    for member in (cast.ada, cast.cai):
        an_application(session, row.id, member)
    an_application(session, row.id, cast.dee, state="withdrawn")
    an_application(session, row.id, a_member(session, "Lee Gone", standing="left").id)
    fay = signed_in(cast.fay)
    path = f"/cohorts/{row.public_id}/cancel"
    assert "2 people who applied are told by e-mail." in fay.get(path).text
    assert fay.post(path, data={"version": row.version}).status_code == 303
    told = session.execute(select(Mail.member_id, Mail.kind, Mail.values).order_by(Mail.member_id)).all()
    assert told == [(member, "cohort_cancelled", {"cohort_id": row.id}) for member in sorted((cast.ada, cast.cai))]
    session.expire_all()
    version = session.get_one(Cohort, row.id).version
    again = fay.post(path, data={"version": version}, follow_redirects=True)
    assert "This cohort is cancelled. It cannot be changed any more." in again.text
    assert fay.get(f"/cohorts/{row.public_id}").status_code == 200


@pytest.mark.parametrize(
    ("state", "why"), [("formed", "The sets of this cohort are formed."), ("cancelled", "cancelled")]
)
def test_what_a_cohort_that_is_over_refuses_is_said_on_its_own_page(
    session: Session, cast: Cast, signed_in: SignIn, state: str, why: str
) -> None:
    row = a_cohort(session, cast.fay, state=state)
    said = an_application(session, row.id, cast.ada, state="placed")
    session.commit()
    fay, home = signed_in(cast.fay), f"/cohorts/{row.public_id}"
    for page in ("edit", "cancel", "import", "import/template.csv", "add", f"people/{said.public_id}/out"):
        answer = fay.get(f"{home}/{page}")
        assert (answer.status_code, answer.location) == (303, home), page
        assert why in fay.get(home).text, page


def test_applicants_are_brought_in_from_a_file_looked_at_first(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = a_cohort(session, cast.fay, days=1)
    fay = signed_in(cast.fay)
    path = f"/cohorts/{row.public_id}/import"
    assert "2026-08-14 morning" in fay.get(path).text
    assert b"live_issue" in fay.get(f"{path}/template.csv").data
    assert "Choose a file first." in fay.post(path).text
    content = (
        b"email,live issue,times,apart,manager\n"
        b"cai.morgan@example.org,Measuring,1; 2026-08-14 afternoon,ada.okafor@example.org,boss@example.org\n"
        b"stranger@example.org,Who am I?,,,\n"
    )
    sent = fay.post(path, data={"file": (BytesIO(content), "applicants.csv")})
    assert sent.status_code == 303
    preview = fay.get(sent.location).text
    assert '1</span> <span class="stat-label">New applicants' in preview
    assert "No member has this address, or you may not see them." in preview
    assert "has the address “boss@example.org” in the cell “manager_email”" in preview
    assert session.scalars(select(Application)).all() == []
    assert b"stranger@example.org" in fay.get(f"{sent.location}/refused.csv").data
    assert fay.post(sent.location).status_code == 303
    again = fay.post(sent.location, follow_redirects=True)
    assert "That file is no longer kept: it was applied, or is more than a day old." in again.text
    one = session.scalars(select(Application)).one()
    assert (one.member_id, one.source, one.live_issue) == (cast.cai, "import", "Measuring")
    assert signed_in(cast.sol).get(f"/staff/import/{sent.location.rsplit('/', 1)[1]}").status_code == 404


def test_what_keeps_a_file_from_being_applied_is_said_as_it_is(
    session: Session, cast: Cast, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = a_cohort(session, cast.fay)
    fay = signed_in(cast.fay)
    content = b"email\ncai.morgan@example.org\n"
    sent = fay.post(f"/cohorts/{row.public_id}/import", data={"file": (BytesIO(content), "applicants.csv")})
    monkeypatch.setattr(applications, "MOST_APPLICANTS", 0)
    answer = fay.post(sent.location, follow_redirects=True)
    assert "A cohort takes at most 0 people" in answer.text


def test_the_export_is_safe_to_open_and_written_down(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = a_cohort(session, cast.fay)
    an_application(session, row.id, cast.ada, live_issue="=cmd()", access_needs="A ramp")
    fay = signed_in(cast.fay)
    path = f"/cohorts/{row.public_id}/people.csv"
    assert fay.get(path).status_code == 405
    file = fay.post(path)
    assert "'=cmd()" in file.text
    assert "A ramp" in file.text
    record = session.scalars(select(AuditRecord).where(AuditRecord.action == "export_applicants")).one()
    assert record.detail == {"rows": 1}


def test_nothing_confidential_is_in_the_audit_record_or_the_mail(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = a_cohort(session, cast.fay)
    ada = signed_in(cast.ada)
    data = {"live_issue": "Secret issue", "access_needs": "Secret need", "apart": key(session, cast.ben)}
    assert ada.post(f"/cohorts/{row.public_id}/apply", data=data).status_code == 303
    fay = signed_in(cast.fay)
    fay.post(f"/cohorts/{row.public_id}/people.csv")
    pair = {"do": "remove", "kind": "apart", "by": key(session, cast.ada)}
    pair |= {"one": key(session, cast.ada), "other": key(session, cast.ben)}
    fay.post(f"/cohorts/{row.public_id}/pairs", data=pair)
    ada.post(f"/cohorts/{row.public_id}/withdraw")
    records = session.scalars(select(AuditRecord)).all()
    told = str([record.detail for record in records]) + str(session.scalars(select(Mail.values)).all())
    assert len(records) >= 4
    for word in ("Secret", "Whitaker", str(key(session, cast.ben)), "apart"):
        assert word not in told


def test_the_pages_ask_the_same_few_queries_however_many_apply(
    app: Flask, session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = a_cohort(session, cast.fay, days=2)
    slots = session.scalars(select(CohortSlot.id).where(CohortSlot.cohort_id == row.id)).all()
    fay = signed_in(cast.fay)
    pages = ("", "/people", "/people?sort=-times", "/pairs", "/rules", "/times", "/facilitators")

    def asked() -> dict[str, int]:
        found = {}
        for page in pages:
            with statements(app) as sent:
                assert fay.get(f"/cohorts/{row.public_id}{page}").status_code == 200
            found[page] = len(sent)
        with statements(app) as sent:
            fay.get("/cohorts")
        return {**found, "list": len(sent)}

    an_application(session, row.id, cast.ada, slots)
    few = asked()
    people = [a_member(session, f"Person{number:03} Number") for number in range(120)]
    for number, person in enumerate(people):
        an_application(session, row.id, person.id, slots[: number % 3])
        if number:
            session.add(
                CohortPair(
                    cohort_id=row.id,
                    low_id=people[number - 1].id,
                    high_id=person.id,
                    kind="apart",
                    by_id=person.id,
                    created_at=row.created_at,
                )
            )
    for _ in range(5):
        a_cohort(session, cast.fay)
    assert asked() == few
    assert max(few.values()) <= 10
    second = fay.get(f"/cohorts/{row.public_id}/people?page=2").text
    assert "page 2 of 3" in second
    assert fay.get(f"/cohorts/{row.public_id}/people?page=99").status_code == 200


def test_what_does_not_add_up_is_said(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = a_cohort(session, cast.fay, size_low=6, size_high=6, closes_on=date(2026, 6, 14))
    for number in range(13):
        an_application(session, row.id, a_member(session, f"Person{number:02} Number").id)
    session.get_one(CohortFacilitator, (row.id, cast.fay)).sets = 1
    page = signed_in(cast.fay).get(f"/cohorts/{row.public_id}").text
    assert "13 people do not divide into sets of 6 to 6: at least 1 is left over." in page
    assert "The facilitators can hold 1 set, and 3 are needed: add a facilitator." in page
    assert "Applications closed" in page
