"""The pages of topics: who sees and does what, that nothing typed is lost, and what they ask of the database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Cohort, Event, Member, Topic, TopicBacking, TopicComment, TopicResult
from tests.application import SignIn
from tests.builders import NOW, Cast, a_member
from tests.event_builders import an_event
from tests.queries import queries_of
from tests.topic_builders import a_comment, a_topic, backed_by, backers

FORM = {
    "title": "Hot meals from near by",
    "text": "We would like to buy **food** from growers near by.",
    "themes": ["food"],
    "backs": "yes",
    "named": "yes",
}


def main(page: str) -> str:
    return page.split("<main", 1)[1]


def path(row: Topic, rest: str = "") -> str:
    return f"/topics/{row.public_id}{rest}"


def test_a_member_proposes_a_topic_and_another_backs_it_and_takes_that_back(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    made = signed_in(cast.ada).post("/topics/new", data=FORM, follow_redirects=True)
    assert "Your topic is there" in made.text and "<strong>food</strong>" in made.text and "You back it." in made.text
    row = session.scalars(select(Topic)).one()
    ben = signed_in(cast.ben)
    assert "Hot meals from near by" in ben.get("/topics").text
    done = ben.post(path(row, "/back"), data={"named": "yes"}, follow_redirects=True)
    assert "You can back 4 more topics at the same time." in done.text
    assert "Ada Okafor" in main(done.text).split("Some who back it")[1]
    assert "A few members back it" in done.text
    assert session.get(TopicBacking, (row.id, cast.ben)) is not None
    ben.post(path(row, "/take-back"))
    assert session.get(TopicBacking, (row.id, cast.ben)) is None


def test_before_a_topic_is_proposed_those_like_it_are_shown_and_what_was_typed_is_kept(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    near = a_topic(session, cast.ben, "Buying food from growers near by", "Food from growers near by, at fair prices.")
    a_topic(session, cast.ben, "Warm homes", "Insulate the homes of tenants.")
    ada = signed_in(cast.ada)
    asked = ada.post("/topics/new", data=FORM)
    assert asked.status_code == 200 and "Is it one of these?" in asked.text and path(near) in asked.text
    assert (
        f'<a href="{path(near)}" target="_blank">' in asked.text
        and "at fair prices." in asked.text.split("<details>")[1]
    )
    assert main(asked.text).count(f'href="{path(near)}') == 1, (
        "whoever follows a link in the same window loses their words"
    )
    assert "Warm homes" not in asked.text and FORM["text"] in asked.text and 'value="food" checked' in asked.text
    assert len(session.scalars(select(Topic)).all()) == 2
    ada.post("/topics/new", data={**FORM, "sure": "yes"})
    assert len(session.scalars(select(Topic)).all()) == 3


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title": " "}, "Give the topic a title"),
        ({"title": "x" * 161}, "at most 160 characters"),
        ({"text": ""}, "Say in a few sentences"),
        ({"text": "x" * 1_000_000}, "4,000 characters"),
        ({"themes": []}, "at least one theme"),
        ({"themes": ["nonsense"]}, "from the list"),
    ],
)
def test_a_topic_that_cannot_be_says_why_and_keeps_what_was_typed(
    session: Session, cast: Cast, signed_in: SignIn, wrong: dict[str, object], sentence: str
) -> None:
    answer = signed_in(cast.ada).post("/topics/new", data={**FORM, **wrong})
    assert answer.status_code == 422 and "There is a problem" in answer.text and sentence in answer.text
    assert ("Hot meals" in answer.text) == ("title" not in wrong) and ("growers near by" in answer.text) == (
        "text" not in wrong
    )
    assert session.scalars(select(Topic)).first() is None


def test_nul_in_words_is_refused_and_markup_is_shown_as_text(session: Session, cast: Cast, signed_in: SignIn) -> None:
    ada = signed_in(cast.ada)
    assert ada.post("/topics/new", data={**FORM, "title": "a\x00b"}).status_code == 400
    ada.post("/topics/new", data={**FORM, "text": "<script>alert(1)</script> [x](javascript:alert(1))"})
    row = session.scalars(select(Topic)).one()
    shown = main(ada.get(path(row)).text)
    assert "<script>" not in shown and 'href="javascript' not in shown


def test_who_backs_as_many_as_one_can_is_told_so(session: Session, cast: Cast, signed_in: SignIn) -> None:
    for number in range(5):
        backed_by(session, a_topic(session, cast.ben, f"Topic {number}"), cast.ada)
    one_more = a_topic(session, cast.ben, "One more")
    ada = signed_in(cast.ada)
    page = ada.get(path(one_more)).text
    assert "You back as many topics as one can at once." in page and '/back"' not in page
    refused = ada.post(path(one_more, "/back"), follow_redirects=True)
    assert "You back 5 topics, as many as one can at once." in refused.text
    assert "You back 5 of the 5 topics" in ada.get("/topics").text
    assert "One more" not in main(ada.get("/topics?mine=yes").text)
    proposing = ada.get("/topics/new").text
    assert 'name="backs" value="yes" checked' not in proposing and "Take one back first" in proposing
    assert 'name="backs" value="yes" checked' in signed_in(cast.ben).get("/topics/new").text


def test_what_was_said_to_a_topic_that_was_retired_meanwhile_is_not_lost(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row, other = a_topic(session, cast.ada), a_topic(session, cast.ada, "Another")
    said = signed_in(cast.ben).post(
        path(row, "/say"), data={"comment": "We have **done** this."}, follow_redirects=True
    )
    assert "<strong>done</strong>" in said.text
    done = signed_in(cast.sol).post(
        path(row, "/retire"), data={"other": other.public_id, "why": "Twice the same."}, follow_redirects=True
    )
    assert "Twice the same." in done.text
    late = signed_in(cast.cai).post(path(row, "/say"), data={"comment": "My long thoughts."})
    assert late.status_code == 409 and "was retired while you wrote" in late.text and "My long thoughts." in late.text
    assert path(other) in late.text
    assert len(session.scalars(select(TopicComment)).all()) == 1


def test_who_backs_a_retired_topic_moves_themselves_with_one_click(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row, other = a_topic(session, cast.ada), a_topic(session, cast.ada, "Another")
    backed_by(session, row, cast.ben)
    signed_in(cast.sol).post(path(row, "/retire"), data={"other": other.public_id, "why": "Twice the same."})
    ben = signed_in(cast.ben)
    page = ben.get(path(row)).text
    assert "Your backing stays here and counts no more" in page and "Move my backing to that topic" in page
    moved = ben.post(path(row, "/move"), follow_redirects=True)
    assert "Your backing is moved" in moved.text
    assert session.get(TopicBacking, (row.id, cast.ben)) is None
    assert session.get(TopicBacking, (other.id, cast.ben)) is not None


def test_staff_hide_a_comment_and_its_writer_reads_why(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = a_topic(session, cast.ada)
    comment = a_comment(session, row, cast.ben, "Rude words.")
    assert signed_in(cast.fay).get(f"/topics/comments/{comment.public_id}/hide").status_code == 403
    sol = signed_in(cast.sol)
    nothing = sol.post(f"/topics/comments/{comment.public_id}/hide", data={"why": " "})
    assert nothing.status_code == 422 and "Rude words." in nothing.text
    sol.post(f"/topics/comments/{comment.public_id}/hide", data={"why": "It names somebody."})
    for who, reads in ((cast.ben, True), (cast.sol, True), (cast.ada, False)):
        page = main(signed_in(who).get(path(row)).text)
        assert "Staff have hidden this comment." in page
        assert ("Rude words." in page) == ("It names somebody." in page) == reads
    sol.post(f"/topics/comments/{comment.public_id}/show")
    assert "Rude words." in signed_in(cast.ada).get(path(row)).text


def test_one_changes_and_withdraws_ones_own_comment_and_nobody_elses(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = a_topic(session, cast.ada)
    comment = a_comment(session, row, cast.ben)
    where = f"/topics/comments/{comment.public_id}"
    for rest in ("/change", "/withdraw"):
        assert signed_in(cast.cai).post(where + rest, data={"comment": "x"}).status_code == 403
        assert signed_in(cast.cai).get(where + rest).status_code == 403
    ben = signed_in(cast.ben)
    assert "We tried it." in ben.get(where + "/change").text
    assert ben.post(where + "/change", data={"comment": "x" * 3_001}).status_code == 422
    assert "Changed on" in ben.post(where + "/change", data={"comment": "Better."}, follow_redirects=True).text
    gone = ben.post(where + "/withdraw", follow_redirects=True).text
    assert "This comment was withdrawn." in gone and "Better." not in gone
    assert ben.post(where + "/change", data={"comment": "x"}).status_code == 409


def test_an_answer_stands_on_top_and_the_earlier_ones_stay_to_be_read(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = a_topic(session, cast.ada)
    fay, sol = signed_in(cast.fay), signed_in(cast.sol)
    assert signed_in(cast.ben).get(path(row, "/answer")).status_code == 403
    fay.post(path(row, "/answer"), data={"text": "We look into it.", "number": "0"})
    late = sol.post(path(row, "/answer"), data={"text": "No.", "number": "0"})
    assert late.status_code == 409 and ">No.</textarea>" in late.text and "We look into it." in late.text
    sol.post(path(row, "/answer"), data={"text": "We do it in May.", "number": "1"})
    page = main(signed_in(cast.ben).get(path(row)).text)
    assert page.index("We do it in May.") < page.index("1 earlier answer") < page.index("We look into it.")
    assert page.index("We do it in May.") < page.index("Who feeds whom")
    assert "Answered" in page


def test_enough_backers_make_a_proposed_event_and_are_asked_and_not_entered(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = a_topic(session, cast.ada)
    people = backers(session, row, 7)
    fay, sol = signed_in(cast.fay), signed_in(cast.sol)
    assert "Make a proposed event" not in fay.get(path(row)).text
    assert "ready=yes" not in fay.get("/topics").text
    few = fay.post(path(row, "/event"), follow_redirects=True)
    assert "Too few members back this topic yet" in few.text
    backed_by(session, row, cast.ben, named=False)
    assert "Make a proposed event" in fay.get(path(row)).text
    assert "Make a proposed event" not in signed_in(cast.ben).get(path(row)).text
    assert signed_in(cast.ben).post(path(row, "/event")).status_code == 403
    assert "Enough members back 1 topic to make something of it" in fay.get("/topics").text
    assert path(row) in fay.get("/topics?ready=yes").text
    assert "ready=yes" not in signed_in(cast.ben).get("/topics").text
    made = fay.post(path(row, "/event"), follow_redirects=True)
    assert path(row) not in main(fay.get("/topics?ready=yes").text)
    assert "This is a proposal." in made.text and path(row) in made.text
    event = session.scalars(select(Event)).one()
    assert event.title == row.title and event.state == "proposed" and event.organiser_id == cast.fay
    assert f"/events/{event.public_id}" not in signed_in(cast.ben).get(path(row)).text
    waits = main(fay.get(path(row)).text)
    assert (
        "waits for its organiser" in waits and "for staff to accept" in waits and "Make a proposed event" not in waits
    )
    again = fay.post(path(row, "/event"), follow_redirects=True)
    assert "Something is made of this topic already" in again.text
    sol.post(f"/events/{event.public_id}/decide", data={"accept": "yes"})
    asked = main(fay.get(f"/topics/asked/event/{event.public_id}").text)
    assert people[0].name in asked and "Ben Whitaker" not in asked
    page = main(signed_in(cast.ben).get(f"/events/{event.public_id}").text)
    assert "You back it, so you are asked to this." in page and "Register" in page
    assert "Planned" in signed_in(cast.ben).get(path(row)).text
    signed_in(people[0].id).post(f"/events/{event.public_id}/register")
    assert people[0].name not in main(fay.get(f"/topics/asked/event/{event.public_id}").text)
    assert signed_in(cast.ben).get(f"/topics/asked/event/{event.public_id}").status_code == 403
    more = main(fay.get(path(row)).text)
    assert "More may." in more and "btn-secondary" in more.split("Make a proposed event")[0].rsplit("<button", 1)[1]


def test_whom_to_ask_is_not_offered_once_an_event_has_begun(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = a_topic(session, cast.ada)
    event = an_event(session, cast.fay)
    session.add(TopicResult(topic_id=row.id, event_id=event.id, made_at=NOW))
    session.flush()
    fay = signed_in(cast.fay)
    for where in (path(row), f"/events/{event.public_id}"):
        assert "People to ask" in fay.get(where).text
    event.starts_at, event.ends_at = NOW - timedelta(hours=3), NOW - timedelta(hours=2)
    session.flush()
    for where in (path(row), f"/events/{event.public_id}"):
        assert "People to ask" not in fay.get(where).text


def test_enough_backers_make_the_draft_of_a_cohort(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = a_topic(session, cast.ada)
    backers(session, row, 8)
    fay = signed_in(cast.fay)
    made = fay.post(path(row, "/cohort"), follow_redirects=True)
    assert "The draft of a cohort is made." in made.text and path(row) in main(made.text)
    cohort = session.scalars(select(Cohort)).one()
    cohort.availability = "none"
    session.commit()
    assert "Backer A0" in fay.get(f"/topics/asked/cohort/{cohort.public_id}").text
    fay.post(f"/cohorts/{cohort.public_id}/open", data={"version": str(cohort.version)})
    about = main(signed_in(cast.ben).get(f"/cohorts/{cohort.public_id}/about").text)
    assert path(row) in about
    assert "Planned" in signed_in(cast.ben).get(path(row)).text


def test_people_who_are_hidden_are_named_nowhere_and_counted_in_classes(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = a_topic(session, cast.ada)
    people = backers(session, row, 10)
    hidden, shy, left = people[:3]
    hidden.listed, left.standing = False, "left"
    session.get_one(TopicBacking, (row.id, shy.id)).named = False
    a_comment(session, row, hidden.id, "From the hidden one.")
    a_comment(session, row, left.id, "From the one who left.")
    session.commit()
    page = main(signed_in(cast.ben).get(path(row)).text)
    for one in (hidden, shy, left):
        assert f"{one.name}<" not in page and f"{one.name}," not in page
    assert people[5].name in page
    assert "About 10 members back it" in page
    assert "A member you cannot see" in page and "Somebody who has left" in page
    assert "From the hidden one." in page


def test_whom_a_block_parts_reads_nothing_of_the_other(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = a_topic(session, cast.ada)
    backed_by(session, row, cast.cai)
    a_comment(session, row, cast.cai, "Cai was here.")
    cai = session.get_one(Member, cast.cai)
    ben = signed_in(cast.ben)
    assert "Cai was here." in ben.get(path(row)).text and "Cai Morgan" in main(ben.get(path(row)).text)
    signed_in(cast.cai).post(f"/people/{session.get_one(Member, cast.ben).public_id}/block")
    page = main(ben.get(path(row)).text)
    assert "Cai was here." not in page and cai.name not in page


def test_topics_are_found_by_words_theme_and_state_in_three_orders(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    first = a_topic(
        session, cast.ada, "Growing vegetables", "In hospital gardens.", proposed_at=NOW - timedelta(days=9)
    )
    backers(session, first, 9)
    second = a_topic(session, cast.ada, "Warm homes", "For tenants.", themes=["housing"], talked_at=NOW + timedelta(1))
    second.proposed_at = NOW - timedelta(days=5)
    third = a_topic(session, cast.ada, "Old", "Gone by.", state="retired", closed_at=NOW)
    session.commit()
    ada = signed_in(cast.ada)

    def order(query: str) -> list[str]:
        page = main(ada.get(f"/topics{query}").text)
        places = {row.title: page.find(f'{path(row)}"') for row in (first, second, third)}
        return [title for title, place in sorted(places.items(), key=lambda one: one[1]) if place >= 0]

    assert order("") == ["Warm homes", "Growing vegetables", "Old"]
    assert order("?sort=backed") == ["Growing vegetables", "Warm homes", "Old"]
    assert order("?sort=discussed") == ["Warm homes", "Growing vegetables", "Old"]
    assert order("?q=garden") == ["Growing vegetables"] and order("?q=hospital+vegetable") == ["Growing vegetables"]
    assert order("?theme=housing") == ["Warm homes"] and order("?state=retired") == ["Old"]
    assert order("?q=nothing+like+it") == [] and order("?theme=%22&state=x") == []
    assert ada.get("/topics?page=99999999999999999999").status_code == 404
    assert ada.get(f"/topics?q={'x' * 1001}").status_code == 422


def test_pages_ask_no_more_for_many_topics_people_and_words_than_for_few(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = a_topic(session, cast.ada)
    backers(session, row, 2)
    a_comment(session, row, cast.cai)
    ben = signed_in(cast.ben)
    ben.get("/topics"), ben.get(path(row))
    before = [queries_of(ben, "/topics"), queries_of(ben, path(row))]
    for number in range(30):
        other = a_topic(session, cast.ada, f"Topic {number}")
        backed_by(session, other, cast.cai, cast.dee)
        a_comment(session, row, a_member(session, f"Speaker {number}").id)
    backers(session, row, 30)
    session.commit()
    assert [queries_of(ben, "/topics"), queries_of(ben, path(row))] == before
    assert before[0] <= 12 and before[1] <= 22


def test_ones_own_topic_can_be_changed_and_taken_back_while_it_is_ones_own_alone(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = a_topic(session, cast.ada)
    ada = signed_in(cast.ada)
    assert signed_in(cast.ben).get(path(row, "/change")).status_code == 403
    changed = ada.post(path(row, "/change"), data={**FORM, "title": "Better words"}, follow_redirects=True)
    assert "Better words" in changed.text
    assert "Take this topic back?" in ada.get(path(row, "/withdraw")).text
    signed_in(cast.ben).post(path(row, "/back"))
    late = ada.post(path(row, "/change"), data={**FORM, "title": "Other words"})
    assert late.status_code == 409 and "Other words" in late.text and "it stays as it is worded" in late.text
    assert ada.post(path(row, "/withdraw")).status_code == 409
