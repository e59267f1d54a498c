"""What came of an event, on its page and everywhere a story is told."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln.models import Event, Outcome
from haln.people import own_data, versions
from tests.application import SignIn
from tests.builders import NOW, Cast, a_connection
from tests.event_builders import a_place, an_event, was_there
from tests.outcome_builders import an_outcome
from tests.queries import queries_of

DAY = (NOW - timedelta(days=3)).date().isoformat()
FORM = {"kind": "confidence", "amount": "", "happened_on": DAY, "consent": "anonymous"}
ASKS, AGAIN = "Say what came of it", "Tell of something else"


def text_of(page: str) -> str:
    """What a reader sees of a page's main part."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<main")[2]))


@pytest.fixture
def event(session: Session, cast: Cast) -> Event:
    """Fay's event of a week ago, at which Ada and Ben were; Cai had a place."""
    row = an_event(session, cast.fay, NOW - timedelta(days=7))
    for member in (cast.ada, cast.ben, cast.cai):
        a_place(session, row, member, says_hello=True, days=30)
    was_there(session, row, cast.ada, cast.ben)
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()
    return row


def test_the_page_asks_those_who_were_there_or_organised_it_once_it_is_over(
    session: Session, cast: Cast, event: Event, signed_in: SignIn
) -> None:
    path = f"/events/{event.public_id}"
    asks = {who: ASKS in signed_in(who).get(path).text for who in cast.everyone()}
    assert asks == {who: who in (cast.ada, cast.ben, cast.fay) for who in cast.everyone()}
    codes = {who: signed_in(who).get(f"{path}/outcome").status_code for who in cast.everyone()}
    assert codes == {who: 200 if asks[who] else 404 for who in cast.everyone()}
    for facts in ({"state": "cancelled"}, {"state": "planned", "ends_at": NOW + timedelta(minutes=30)}):
        for name, value in facts.items():
            setattr(event, name, value)
        session.commit()
        assert ASKS not in signed_in(cast.ada).get(path).text
        assert signed_in(cast.ada).get(f"{path}/outcome").status_code == 404
        assert signed_in(cast.ada).post(f"{path}/outcome", data={**FORM, "text": "x", "do": "save"}).status_code == 404


def test_from_the_events_page_to_the_report_and_back(
    session: Session, cast: Cast, event: Event, signed_in: SignIn
) -> None:
    ada, path = signed_in(cast.ada), f"/events/{event.public_id}"
    assert "Of the event Buying local" in ada.get(f"{path}/outcome").text
    form = {**FORM, "text": "Ben gave me heart to begin."}
    shown = ada.post(f"{path}/outcome", data={**form, "do": "preview"}).text
    assert "[…] gave me heart to begin." in shown and "came of an event" in shown
    assert ada.post(f"{path}/outcome", data={**form, "do": "save"}).location == path
    own = text_of(ada.get(path).text)
    assert "Ben gave me heart" in own and AGAIN in own and "A story without names" in own
    for who in (cast.ben, cast.fay, cast.sol):
        assert "gave me heart" not in signed_in(who).get(path).text
    assert "Buying local · A story without names" in text_of(ada.get("/outcomes").text)
    for page in ("/network/report", "/network/outcomes/"):
        told = text_of(signed_in(cast.sol).get(page).text)
        assert "[…] gave me heart to begin. A member who gives no names · came of an event" in told
        assert "Buying local" not in told.partition("gave me heart")[2][:300]
    one = session.scalars(select(Outcome)).one()
    assert one.event_id == event.id
    changed = {**form, "text": "It gave me heart.", "version": "1", "do": "save"}
    assert ada.post(f"/outcomes/{one.public_id}/change", data=changed).location == path
    assert ada.post(f"/outcomes/{one.public_id}/withdraw").location == "/outcomes"
    assert "Only counted" not in text_of(ada.get(path).text) and "Count it only" in text_of(ada.get(path).text)
    assert ada.post(f"/outcomes/{one.public_id}/remove").location == "/outcomes"
    assert session.scalar(select(func.count(Outcome.id))) == 0


def test_who_may_not_be_named_is_said_and_what_was_typed_is_kept(cast: Cast, event: Event, signed_in: SignIn) -> None:
    form = {**FORM, "text": "Dee Sandhu told me.", "consent": "named", "do": "preview"}
    shown = signed_in(cast.ada).post(f"/events/{event.public_id}/outcome", data=form)
    assert shown.status_code == 422 and "Dee Sandhu told me." in shown.text
    assert "A story of an event can name those alone who agreed there" in shown.text


def test_the_outcomes_page_lists_the_latest_events_of_which_one_can_tell(
    session: Session, cast: Cast, event: Event, signed_in: SignIn
) -> None:
    for days in range(10, 20):
        was_there(session, an_event(session, cast.fay, NOW - timedelta(days=days), title=f"No {days}"), cast.ada)
    session.commit()
    page = signed_in(cast.ada).get("/outcomes").text
    assert re.findall(r"events/\w+/outcome\">([^<]+)<", page.replace("-", "_")) == [
        "Buying local", "No 10", "No 11", "No 12", "No 13", "No 14",
    ]  # fmt: skip
    assert "What came of an event?" not in signed_in(cast.cai).get("/outcomes").text


def test_staff_choose_of_what_stories_came_and_numbers_stay_those_of_all(
    session: Session, cast: Cast, event: Event, signed_in: SignIn
) -> None:
    tie = a_connection(session, cast.ada, cast.cai)
    for source, words in ((event, "Of the event."), (tie, "Of the tie.")):
        an_outcome(session, cast.ada, source, consent="anonymous", text=words, told=words, days=3)
    session.commit()
    sol = signed_in(cast.sol)
    for came_of, told in (("event", ["Of the event."]), ("connection", ["Of the tie."]), ("set", []), ("x", None)):
        page = sol.get(f"/network/outcomes/?came_of={came_of}").text
        found = [words for words in ("Of the event.", "Of the tie.") if words in page]
        assert found == (["Of the event.", "Of the tie."] if told is None else told)
        table = page.partition("<table")[2].partition("</table>")[0]
        assert table == sol.get("/network/outcomes/").text.partition("<table")[2].partition("</table>")[0]
    one = session.scalars(select(Outcome).where(Outcome.event_id.is_not(None))).one()
    hidden = sol.post(f"/network/outcomes/{one.public_id}/hide", data={"reason": "other", "came_of": "event"})
    assert "came_of=event" in hidden.location
    assert "Kept out of the report" in sol.get(hidden.location).text
    shown = sol.post(f"/network/outcomes/{one.public_id}/show", data={"came_of": "x"})
    assert "came_of" not in shown.location


def test_ones_own_copy_says_of_which_event_it_came(session: Session, cast: Cast, event: Event) -> None:
    an_outcome(session, cast.ada, event)
    an_outcome(session, cast.ada, a_connection(session, cast.ada, cast.ben))
    document = own_data.collected(session, cast.ada, NOW)
    assert [(one["event"], one["with"]) for one in document["outcomes"]] == [
        ("Buying local", None),
        (None, "Ben Whitaker"),
    ]
    json.dumps(document["outcomes"], default=str)


def test_the_pages_ask_the_same_few_queries_however_much_was_told(
    app: Flask, session: Session, cast: Cast, event: Event, signed_in: SignIn
) -> None:
    ada, sol = signed_in(cast.ada), signed_in(cast.sol)

    def more(count: int) -> None:
        for number in range(count):
            other = an_event(session, cast.fay, NOW - timedelta(days=20 + number), title=f"No {number}")
            was_there(session, other, cast.ada)
            for source in (event, other):
                an_outcome(session, cast.ada, source, consent="named")
        session.commit()

    more(2)
    pages = [(ada, f"/events/{event.public_id}"), (ada, "/outcomes"), (sol, "/network/outcomes/?came_of=event")]
    few = [queries_of(client, path) for client, path in pages]
    more(20)
    assert [queries_of(client, path) for client, path in pages] == few
    assert all(count <= most for count, most in zip(few, (20, 10, 8), strict=True)), few


def test_nothing_came_of_an_event_before_its_first_day_where_the_network_is(
    session: Session, cast: Cast, event: Event, signed_in: SignIn
) -> None:
    event.starts_at = datetime(2026, 6, 7, 23, 30, tzinfo=UTC)  # half past midnight on the 8th in London
    event.ends_at = datetime(2026, 6, 8, 11, tzinfo=UTC)
    session.commit()
    ada, path = signed_in(cast.ada), f"/events/{event.public_id}/outcome"
    for day, status in (("2026-06-07", 422), ("2020-01-01", 422), ("2026-06-08", 200), ("2026-06-15", 200)):
        page = ada.post(path, data={**FORM, "text": "x", "happened_on": day, "do": "preview"})
        assert (page.status_code, "That day is before the event." in page.text) == (status, status == 422)
    ada.post(path, data={**FORM, "text": "x", "happened_on": "2026-06-08", "do": "save"})
    one = session.scalars(select(Outcome)).one()
    form = {**FORM, "text": "x", "happened_on": "2026-06-07", "version": "1", "do": "save"}
    assert ada.post(f"/outcomes/{one.public_id}/change", data=form).status_code == 422


def test_what_was_typed_comes_back_whole_where_it_is_too_long(
    session: Session, cast: Cast, event: Event, signed_in: SignIn
) -> None:
    text = "x" * 200_000 + "END"
    page = signed_in(cast.ada).post(f"/events/{event.public_id}/outcome", data={**FORM, "text": text, "do": "preview"})
    assert page.status_code == 422 and f"{text}</textarea>" in page.text
