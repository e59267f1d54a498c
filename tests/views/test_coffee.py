"""The pages of coffee rounds: the same few queries for few and many, clear refusals, nothing lost."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import CoffeeOptIn, CoffeePair, CoffeeRound, Member
from haln.people.profiles import OPEN_END
from haln.post import unsubscribing
from tests.application import SignIn
from tests.builders import Cast, a_member
from tests.coffee_builders import TODAY, a_round, an_open_round, ask
from tests.queries import queries_of

DAYS = {"pairs_on": TODAY.isoformat(), "meet_by": (TODAY + timedelta(days=20)).isoformat()}
ROUND = {**DAYS, "across": "some", "colleagues": "yes"}


def words_of(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"


def text_of(page: str) -> str:
    """What a reader sees of a page's main part."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<main")[2]))


def test_from_taking_part_to_we_met(session: Session, cast: Cast, signed_in: SignIn) -> None:
    ada, ben, sol = signed_in(cast.ada), signed_in(cast.ben), signed_in(cast.sol)
    page = ada.get("/coffee").text
    assert "You do not take part at present." in page
    assert "set them aside with “Don’t suggest again” or, until its day, “Not now”. Nobody is told." in page
    assert 'href="/suggestions/set-aside"' in page and 'href="/connections/blocked"' in page
    for browser in (ada, ben):
        assert browser.post("/coffee/join", data={"mode": "every", "wish": "sector"}).status_code == 303
    made = sol.post("/coffee/rounds/new", data=ROUND)
    assert made.status_code == 303
    page = sol.get(made.headers["Location"])
    assert "2 people ask to be paired." in page.text
    told = text_of(sol.get(f"{made.headers['Location']}/dry-run").text)
    assert "of 2 people" in told and "Chosen" in told
    assert sol.post(f"{made.headers['Location']}/make", data={"version": "1"}).status_code == 303
    page = ada.get("/coffee")
    assert "Ben Whitaker" in page.text and "ben.whitaker@example.org" in page.text
    action = re.search(r'action="(/coffee/[^"]+/answer)"', page.text)
    assert action is not None
    done = ada.post(action[1], data={"answer": "met"}, follow_redirects=True)
    assert "You are connected with Ben Whitaker." in text_of(done.text)
    assert "Ada Okafor" in ben.get("/connections").text


def test_a_round_made_before_its_day_says_so(session: Session, cast: Cast, signed_in: SignIn) -> None:
    ada, ben, sol = signed_in(cast.ada), signed_in(cast.ben), signed_in(cast.sol)
    for browser in (ada, ben):
        browser.post("/coffee/join", data={"mode": "every", "wish": ""})
    day = TODAY + timedelta(days=5)
    made = sol.post("/coffee/rounds/new", data={**ROUND, "pairs_on": day.isoformat(), "by_itself": "yes"})
    page = text_of(sol.get(made.headers["Location"]).text)
    assert "Pairs on " in page and "They are made by themselves, on that day" in page
    sol.post(f"{made.headers['Location']}/make", data={"version": "1"})
    page = text_of(sol.get(made.headers["Location"]).text)
    assert f"Pairs were made on {words_of(TODAY)}, to meet by" in page
    assert f"Staff made them before the day, which was {words_of(day)}" in page
    assert "They are made" not in page and "Pairs on" not in page


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"pairs_on": "tomorrow"}, "Enter a day like 2026-10-05."),
        ({"pairs_on": "2020-01-01"}, "Choose today or a later day."),
        ({"meet_by": TODAY.isoformat()}, "Choose a day after the one on which pairs are made."),
        ({"meet_by": "2026-12-31"}, "Give people four months at most."),
        ({"pairs_on": ""}, "Enter the day on which pairs are made."),
        ({"across": "x" * 5000}, "Choose one of the list."),
    ],
)
def test_a_round_with_bad_days_is_refused_in_words_and_keeps_what_was_entered(
    session: Session, cast: Cast, signed_in: SignIn, wrong: dict[str, str], sentence: str
) -> None:
    answer = signed_in(cast.sol).post("/coffee/rounds/new", data={**ROUND, **wrong})
    assert answer.status_code == 422
    assert sentence in text_of(answer.text)
    assert 'value="no"' in answer.text and "There is a problem" in answer.text
    assert session.scalars(select(CoffeeRound)).all() == []


def test_taking_part_without_a_choice_is_refused_and_keeps_the_other(cast: Cast, signed_in: SignIn) -> None:
    answer = signed_in(cast.ada).post("/coffee/join", data={"wish": "place"})
    assert answer.status_code == 422
    assert "Choose for how long." in text_of(answer.text)
    assert re.search(r'value="place" checked', answer.text)


@pytest.mark.parametrize("version", ["", "0", "9" * 30, "x"])
def test_pairs_are_made_of_the_round_as_it_was_shown(
    session: Session, cast: Cast, signed_in: SignIn, version: str
) -> None:
    ask(session, (cast.ada, cast.ben))
    row = an_open_round(session, cast.sol)
    session.commit()
    page = signed_in(cast.sol).post(
        f"/coffee/rounds/{row.public_id}/make", data={"version": version}, follow_redirects=True
    )
    assert "Somebody else changed this meanwhile." in text_of(page.text)
    assert session.scalars(select(CoffeePair)).all() == []


def test_a_round_is_changed_and_called_off(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = an_open_round(session, cast.sol)
    session.commit()
    sol, address = signed_in(cast.sol), f"/coffee/rounds/{row.public_id}"
    assert sol.post(f"{address}/edit", data={**ROUND, "version": "1", "across": "strong"}).status_code == 303
    assert sol.post(f"{address}/edit", data={**ROUND, "version": "1"}).status_code == 409
    assert "Call off" in sol.get(f"{address}/cancel").text
    assert sol.post(f"{address}/cancel", data={"version": "2"}).status_code == 303
    assert "Called off" in sol.get("/coffee/rounds").text


def test_how_a_round_went_hides_few(session: Session, cast: Cast, signed_in: SignIn) -> None:
    told = {"people": 40, "groups": 20, "trios": 0, "left": 0, "new": 20, "across": 9, "again": 0, "could": 20}
    for number, met in enumerate((0, 3, 12)):
        a_round(session, [], days=100 - number, state="closed", told={**told, "met": met, "spoke": 31, "seated": 40})
    session.commit()
    page = text_of(signed_in(cast.sol).get("/coffee/rounds").text)
    assert page.count("Pairs that met: *") == 2 and "Pairs that met: 10" in page
    assert page.count("People who said anything: 30") == 3


def test_a_paused_member_comes_back_with_one_click(session: Session, cast: Cast, signed_in: SignIn) -> None:
    ask(session, (cast.ada,))
    session.get_one(CoffeeOptIn, cast.ada).mode = "paused"
    session.commit()
    ada = signed_in(cast.ada)
    assert "Your coffee rounds are paused" in ada.get("/coffee").text
    assert "you take part in every round" in ada.post("/coffee/back", follow_redirects=True).text
    assert (
        "You take part in no more rounds, and get no more mail" in ada.post("/coffee/stop", follow_redirects=True).text
    )


@pytest.mark.parametrize(
    ("until", "words"),
    [
        (TODAY + timedelta(days=9), "before the day that your profile says"),
        (OPEN_END, "until you say in your profile that your break is over"),
    ],
)
def test_who_takes_a_break_reads_until_when_nobody_is_paired_with_them(
    session: Session, cast: Cast, signed_in: SignIn, until: date, words: str
) -> None:
    ask(session, (cast.ada,))
    session.get_one(Member, cast.ada).paused_until = until
    session.commit()
    assert f"nobody is paired with you {words}." in text_of(signed_in(cast.ada).get("/coffee").text)


def test_one_click_in_a_mail_ends_taking_part(app: Flask, session: Session, cast: Cast, signed_in: SignIn) -> None:
    ask(session, (cast.ada,))
    session.commit()
    public_id = session.get_one(Member, cast.ada).public_id
    token = unsubscribing.token(str(app.config["SECRET_KEY"]), public_id, unsubscribing.COFFEE)
    browser = app.test_client()
    assert "No more coffee rounds" in browser.get(f"/unsubscribe/{token}").text
    assert session.get(CoffeeOptIn, cast.ada) is not None  # a GET shows
    assert "You take part in no more coffee rounds" in browser.post(f"/unsubscribe/{token}").text
    session.expire_all()
    assert session.get_one(CoffeeOptIn, cast.ada).mode == "stopped"
    assert "You do not take part at present." in signed_in(cast.ada).get("/coffee").text


def test_who_has_not_finished_the_first_visit_is_told_so(session: Session, cast: Cast, signed_in: SignIn) -> None:
    session.get_one(Member, cast.ada).onboarding_step = 2
    session.commit()
    answer = signed_in(cast.ada).post("/coffee/join", data={"mode": "every", "wish": ""}, follow_redirects=True)
    assert "Finish your first visit, so that somebody can be paired with you." in text_of(answer.text)
    assert "You take part" not in text_of(answer.text) and 'href="/welcome"' in answer.text


def test_pages_ask_as_few_questions_for_thirty_as_for_three(session: Session, cast: Cast, signed_in: SignIn) -> None:
    def several(count: int) -> tuple[int, ...]:
        others = [a_member(session, f"Other {number} of {count}").id for number in range(count)]
        for number, other in enumerate(others):
            a_round(session, [(cast.ada, other)], days=7 if number < count // 2 else 300 + number)
        session.commit()
        ada, sol = signed_in(cast.ada), signed_in(cast.sol)
        return tuple(queries_of(browser, path) for browser, path in ((ada, "/coffee"), (sol, "/coffee/rounds")))

    signed_in(cast.ada).get("/coffee")
    assert several(3) == several(30)


def test_unseen_rounds_and_people_are_not_found(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = a_round(session, [(cast.ada, cast.ben)])
    session.commit()
    sol = signed_in(cast.sol)
    for address in ("nothing", "9" * 20, "%00", "%ED%A0%80"):
        assert sol.get(f"/coffee/rounds/{address}").status_code in (400, 404)
        assert sol.post(f"/coffee/{address}/{address}/answer", data={"answer": "met"}).status_code in (400, 404)
    other = session.get_one(Member, cast.ben).public_id
    assert (
        signed_in(cast.cai).post(f"/coffee/{row.public_id}/{other}/answer", data={"answer": "met"}).status_code == 404
    )
    answer = signed_in(cast.ada).post(f"/coffee/{row.public_id}/{other}/answer", data={"answer": "m" * 1000})
    assert answer.status_code == 422


@pytest.mark.parametrize("form", ["edit", "cancel", "dry-run"])
@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("made", "The pairs of this round are made"),
        ("closed", "This round is over"),
        ("cancelled", "This round is called off."),
    ],
)
def test_a_round_that_cannot_be_changed_shows_its_facts_and_no_form(
    session: Session, cast: Cast, signed_in: SignIn, form: str, state: str, sentence: str
) -> None:
    row = a_round(session, [(cast.ada, cast.ben)], state=state)
    session.commit()
    answer = signed_in(cast.sol).get(f"/coffee/rounds/{row.public_id}/{form}")
    page = answer.text.split("<main", 1)[1]
    assert answer.status_code == 200 and sentence in page and "<form" not in page


def test_staff_plan_rounds_by_a_rule_see_the_next_days_and_stop_it(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    sol, address = signed_in(cast.sol), "/coffee/rounds/schedule"
    assert "No rounds are opened by a rule." in sol.get(address).text
    rule = {"week": "1", "weekday": "1", "weeks_to_meet": "3", "across": "some", "colleagues": "yes", "do": "keep"}
    assert sol.post(address, data={**rule, "version": "0"}).status_code == 303
    page = sol.get(address).text
    assert "The first Tuesday of each month" in page and "Tuesday 7 July 2026" in page
    assert "the first Tuesday of each month" in sol.get("/coffee/rounds").text
    assert sol.post(address, data={**rule, "version": "0", "week": "2"}).status_code == 409
    wrong = sol.post(address, data={**rule, "version": "1", "week": "7", "weekday": "3"})
    assert wrong.status_code == 422
    (kept,) = (tag for tag in re.findall(r"<input[^>]*>", wrong.text) if 'name="weekday"' in tag and 'value="3"' in tag)
    assert " checked" in kept
    assert sol.post(address, data={"version": "1", "do": "stop"}).status_code == 303
    assert "No rounds are opened by a rule." in sol.get(address).text
    assert signed_in(cast.fay).get(address).status_code == 403


def test_who_cannot_be_seen_any_more_can_be_denied_and_is_not_named(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = a_round(session, [(cast.ada, cast.ben)])
    ben = session.get_one(Member, cast.ben)
    session.commit()
    met = signed_in(cast.ben).post(
        f"/coffee/{row.public_id}/{session.get_one(Member, cast.ada).public_id}/answer", data={"answer": "met"}
    )
    assert met.status_code == 303
    ben.listed = False
    session.commit()
    ada, address = signed_in(cast.ada), f"/coffee/{row.public_id}/{ben.public_id}/answer"
    page = ada.get("/coffee").text
    assert address in page and "We did not meet" in page and "Ben Whitaker" not in page
    assert ada.post(address, data={"answer": "no"}).status_code == 303
    page = ada.get("/coffee").text
    assert "Saved." in page and address not in page and "Ben Whitaker" not in page
