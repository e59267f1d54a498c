"""A member's pages of a cohort."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Application, ApplicationSlot, Block, CohortPair, CohortSlot, Mail, Member
from tests.application import SignIn
from tests.builders import NOW, Cast, a_member
from tests.cohort_builders import a_cohort, an_application
from tests.views.test_suggestions import statements


def key(session: Session, member_id: int) -> str:
    return session.get_one(Member, member_id).public_id


def test_a_member_reads_applies_changes_and_withdraws(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = a_cohort(session, cast.fay, days=2)
    slots = session.scalars(select(CohortSlot.id).order_by(CohortSlot.position)).all()
    ada = signed_in(cast.ada)
    path = f"/cohorts/{row.public_id}"
    about = ada.get(f"{path}/about").text
    assert "Fay Lindqvist" in about
    assert "4 to 8" in about
    page = ada.get(f"{path}/apply").text
    assert "Friday 14 August 2026, morning" in page
    data = {
        "live_issue": "Buying local",
        "themes": ["food"],
        "slot": [slots[0], slots[3]],
        "apart": key(session, cast.ben),
        "access_needs": "Captions",
    }
    assert ada.post(f"{path}/apply", data=data).status_code == 303
    own = session.scalars(select(Application)).one()
    assert (own.source, own.live_issue, own.themes, own.access_needs) == (
        "member",
        "Buying local",
        ["food"],
        "Captions",
    )
    assert set(session.scalars(select(ApplicationSlot.slot_id))) == {slots[0], slots[3]}
    pair = session.scalars(select(CohortPair)).one()
    assert (pair.kind, pair.by_id, {pair.low_id, pair.high_id}) == ("apart", cast.ada, {cast.ada, cast.ben})
    assert session.scalars(select(Mail.kind)).all() == ["application_received"]
    about = ada.get(f"{path}/about").text
    assert "You have applied." in about
    assert "Ben Whitaker" in about
    assert f'value="{key(session, cast.ben)}" checked' in ada.get(f"{path}/apply").text
    changed = {**data, "slot": [slots[1]], "apart": [], "live_issue": "Growing local"}
    assert ada.post(f"{path}/apply", data=changed).status_code == 303
    assert session.scalars(select(CohortPair)).all() == []
    assert session.scalars(select(ApplicationSlot.slot_id)).all() == [slots[1]]
    assert len(session.scalars(select(Mail.kind)).all()) == 1
    assert "Withdraw from" in ada.get(f"{path}/withdraw").text
    assert ada.post(f"{path}/withdraw").status_code == 303
    again = ada.post(f"{path}/withdraw", follow_redirects=True)
    assert "Your application is withdrawn already." in again.text
    session.expire_all()
    own = session.scalars(select(Application)).one()
    assert (own.state, own.access_needs) == ("withdrawn", "")
    assert ada.post(f"{path}/apply", data=data).status_code == 303
    session.expire_all()
    assert session.scalars(select(Application.state)).all() == ["applied"]


def test_an_application_needs_an_issue_and_a_time_and_comes_back_with_what_was_sent(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = a_cohort(session, cast.fay, days=1)
    answer = signed_in(cast.ada).post(
        f"/cohorts/{row.public_id}/apply", data={"access_needs": "Captions, please", "themes": ["food"]}
    )
    assert answer.status_code == 422
    assert "Write in a sentence or two what you would like to work on." in answer.text
    assert "Choose at least one time that you can make." in answer.text
    assert "Captions, please" in answer.text
    gone = signed_in(cast.ada).post(f"/cohorts/{row.public_id}/apply", data={"live_issue": "x", "slot": "99"})
    assert "The times to choose from have changed since." in gone.text
    assert session.scalars(select(Application)).all() == []


def test_somebody_is_found_and_ticked_without_scripts(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = a_cohort(session, cast.fay)
    ada = signed_in(cast.ada)
    path = f"/cohorts/{row.public_id}/apply"
    ben, cai = key(session, cast.ben), key(session, cast.cai)
    sent = {"live_issue": "Half a sentence", "apart": ben, "apart-typed": "morgan", "apart-find": "1"}
    page = ada.post(path, data=sent)
    assert page.status_code == 200
    assert "Half a sentence" in page.text
    assert f'value="{ben}" checked' in page.text
    assert f'value="{cai}"><label' in page.text
    assert session.scalars(select(Application)).all() == []
    part = ada.get(f"{path}/people?apart={ben}&apart-typed=morgan", headers={"HX-Request": "true"}).text
    assert f'value="{ben}" checked' in part
    assert "<main" not in part


def test_the_unseen_are_neither_found_nor_named(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = a_cohort(session, cast.fay)
    session.add(Block(blocker_id=cast.ben, blocked_id=cast.ada, created_at=NOW))
    session.get_one(Member, cast.cai).listed = False
    ada = signed_in(cast.ada)
    path = f"/cohorts/{row.public_id}/apply"
    for typed in ("whitaker", "morgan"):
        assert "Nobody else of that name" in ada.get(f"{path}/people?apart-typed={typed}").text
    unseen = [key(session, cast.ben), key(session, cast.cai)]
    assert ada.post(path, data={"live_issue": "Food", "apart": unseen}).status_code == 303
    assert session.scalars(select(CohortPair)).all() == []


def test_whom_one_can_no_longer_see_stays_apart(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = a_cohort(session, cast.fay)
    ada = signed_in(cast.ada)
    path = f"/cohorts/{row.public_id}/apply"
    ada.post(path, data={"live_issue": "Food", "apart": key(session, cast.cai)})
    session.get_one(Member, cast.cai).listed = False
    assert "Cai Morgan" not in ada.get(path).text
    assert ada.post(path, data={"live_issue": "More food"}).status_code == 303
    assert len(session.scalars(select(CohortPair)).all()) == 1


def test_a_closed_cancelled_or_draft_cohort_says_what_it_is(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = a_cohort(session, cast.fay)
    ada, path = signed_in(cast.ada), f"/cohorts/{row.public_id}"
    states = {
        "closed": (200, 303, 409),
        "formed": (200, 303, 409),
        "cancelled": (404, 404, 404),
        "draft": (404, 404, 404),
    }
    for state, (about, apply, _) in states.items():
        row.state = state
        assert ada.get(f"{path}/about").status_code == about, state
        assert ada.get(f"{path}/apply").status_code == apply, state
    row.state = "closed"
    assert "Applications to this cohort have closed." in ada.get(f"{path}/about").text
    assert ada.post(f"{path}/apply", data={"live_issue": "Food"}, follow_redirects=True).text.count("have closed") >= 1
    assert session.scalars(select(Application)).all() == []
    an_application(session, row.id, cast.ada)
    row.state = "cancelled"
    assert "This cohort does not take place." in ada.get(f"{path}/about").text


def test_who_hides_from_the_network_is_told_to_show_themselves_first(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = a_cohort(session, cast.fay)
    session.get_one(Member, cast.ada).listed = False
    answer = signed_in(cast.ada).post(f"/cohorts/{row.public_id}/apply", data={"live_issue": "Food"})
    assert answer.status_code == 403
    assert "Let members find you before you apply." in answer.text
    assert "Food" in answer.text


def test_what_others_said_in_confidence_is_on_no_page_of_a_member(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = a_cohort(session, cast.fay)
    data = {"live_issue": "Confided question", "access_needs": "Confided need", "apart": key(session, cast.ben)}
    signed_in(cast.ada).post(f"/cohorts/{row.public_id}/apply", data=data)
    ben = signed_in(cast.ben)
    ben.post(f"/cohorts/{row.public_id}/apply", data={"live_issue": "Mine"})
    for page in ("about", "apply", "withdraw"):
        text = ben.get(f"/cohorts/{row.public_id}/{page}").text
        assert "Confided" not in text
        assert "Ada Okafor" not in text


def test_the_pages_ask_the_same_few_queries_however_many_apply(
    app: Flask, session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = a_cohort(session, cast.fay, days=3)
    ada = signed_in(cast.ada)

    def asked() -> list[int]:
        found = []
        for page in ("about", "apply"):
            with statements(app) as sent:
                assert ada.get(f"/cohorts/{row.public_id}/{page}").status_code == 200
            found.append(len(sent))
        return found

    an_application(session, row.id, cast.ada)
    few = asked()
    for number in range(60):
        an_application(session, row.id, a_member(session, f"Person{number:03} Number").id)
    assert asked() == few
    assert max(few) <= 9
