"""The newsletter on the pages of staff and of members, and how mail fares."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln.models import AuditRecord, Mail, Member, Newsletter, StoppedAddress
from haln.people import links, stopped_mail
from haln.people.links import Purpose
from haln.post import unsubscribing
from haln.post.newsletters import issues, sending
from tests.application import SignIn
from tests.builders import NOW, Cast, a_member
from tests.event_builders import an_event
from tests.newsletter_builders import a_block, an_issue, want_news
from tests.queries import queries_of
from tests.views.test_pathways import post, text_of


@pytest.fixture
def sol(cast: Cast, signed_in: SignIn) -> FlaskClient:
    return signed_in(cast.sol)


def seen(session: Session) -> str:
    return issues.stand(session.scalars(select(Newsletter)).one())


def test_staff_write_an_issue_and_let_it_leave(session: Session, cast: Cast, sol: FlaskClient) -> None:
    event = an_event(session, cast.fay)
    want_news(session, *cast.everyone())
    assert "No issue yet" in text_of(sol.get("/newsletters").text)
    page = post(sol, "/newsletters/new", subject="News of June")
    assert "News of June" in page and "No block yet" in page
    key = session.scalars(select(Newsletter.public_id)).one()
    here = f"/newsletters/{key}"
    page = post(sol, f"{here}/blocks/new?kind=words", heading="Hello", text="Six **bakers**.")
    page = post(sol, f"{here}/blocks/new?kind=event", about=event.public_id, text="")
    assert "Buying local" in page
    first = session.scalars(select(Newsletter.blocks)).one()[0]["id"]
    page = post(sol, f"{here}/blocks/{first}/act", do="down")
    assert page.index("Buying local") < page.index("Hello")
    assert "Taken out" in post(sol, f"{here}/blocks/{first}/act", do="remove")
    assert "Put back" not in post(sol, f"{here}/blocks/{first}/act", do="back")
    assert "a few members" in post(sol, f"{here}/edit", subject="News of June", sectors="nhs", version="1")
    page = sol.get(f"{here}/preview").text
    assert "Six <strong>bakers</strong>" in page and "Thursday 25 June 2026" in page
    assert "To get no more newsletters: […]" in sol.get(f"{here}/preview?shape=text").text
    assert 'lang="cy"' in sol.get(f"{here}/preview?shape=narrow&in=cy").text
    assert sol.get(f"{here}/preview?shape=square").status_code == 404
    assert "A test is on its way" in post(sol, f"{here}/test")
    page = post(sol, f"{here}/schedule", day="2026-06-20", begins="14:00", do="later", seen=seen(session))
    assert "It leaves on Saturday 20 June 2026, 2:00pm" in page
    assert session.scalars(select(Newsletter.send_at)).one().isoformat() == "2026-06-20T13:00:00+00:00"
    assert "It is a draft again" in post(sol, f"{here}/act", do="take_back")
    assert "It leaves now" in post(sol, f"{here}/schedule", do="now", seen=seen(session))
    acts = session.scalars(select(AuditRecord.action).where(AuditRecord.actor_id == cast.sol)).all()
    assert "schedule_newsletter" in acts and "take_back_newsletter" in acts


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"day": "", "begins": "9:00"}, "Choose a day."),
        ({"day": "2026-06-20", "begins": "soon"}, "Enter an hour, like 14:00."),
        ({"day": "2026-06-15", "begins": "09:00"}, "This hour is over. Choose one to come."),
        ({"day": "2027-03-28", "begins": "01:30"}, "the clocks go forward"),
        ({"day": "2030-03-28", "begins": "10:30"}, "Choose a day within a year."),
    ],
)
def test_an_hour_that_cannot_be_is_said_and_what_was_typed_stays(
    session: Session, sol: FlaskClient, typed: dict[str, str], sentence: str
) -> None:
    key = an_issue(session).public_id
    answer = sol.post(f"/newsletters/{key}/schedule", data={**typed, "do": "later", "seen": seen(session)})
    assert answer.status_code == 422 and sentence in text_of(answer.text)
    assert f'value="{typed["begins"]}"' in answer.text
    assert session.scalars(select(Newsletter.state)).one() == "draft"


def test_an_hour_that_comes_twice_is_the_first_of_the_two(session: Session, sol: FlaskClient) -> None:
    key = an_issue(session).public_id
    post(sol, f"/newsletters/{key}/schedule", day="2026-10-25", begins="01:30", do="later", seen=seen(session))
    assert session.scalars(select(Newsletter.send_at)).one().isoformat() == "2026-10-25T00:30:00+00:00"


def test_what_was_changed_since_it_was_opened_is_not_sent(session: Session, sol: FlaskClient) -> None:
    row = an_issue(session)
    session.commit()
    here = f"/newsletters/{row.public_id}"
    link = re.search(rf'"({here}/schedule[^"]*)"', sol.get(here).text)
    assert link is not None
    post(sol, f"{here}/blocks/{row.blocks[0]['id']}", heading="TODO", text="Ask Jo", version="1")
    held = re.search(r'name="seen" value="(\w+)"', sol.get(link[1]).text)
    assert held is not None
    answer = sol.post(f"{here}/schedule", data={"do": "now", "seen": held[1]})
    assert answer.status_code == 409 and "Read it once more" in answer.text
    assert sol.post(f"{here}/schedule", data={"do": "now"}).status_code == 409
    assert session.scalars(select(Newsletter.state)).one() == "draft"


def test_words_are_never_lost_on_a_refusal(session: Session, cast: Cast, sol: FlaskClient) -> None:
    row = an_issue(session)
    here = f"/newsletters/{row.public_id}/blocks/{row.blocks[0]['id']}"
    post(sol, here, heading="Mine", text="One", version="1")
    answer = sol.post(here, data={"heading": "Yours", "text": "Two <b>", "version": "1"})
    assert answer.status_code == 409 and "Somebody else has changed this" in answer.text
    assert "Two &lt;b&gt;" in answer.text and 'name="version" value="2"' in answer.text
    assert "Saved." in post(sol, here, heading="Yours", text="Two", version="2")
    long = "x" * 8001
    answer = sol.post(f"/newsletters/{row.public_id}/blocks/new?kind=words", data={"text": long, "version": "0"})
    assert answer.status_code == 422 and long in answer.text
    answer = sol.post("/newsletters/new", data={"subject": "y" * 161})
    assert answer.status_code == 422 and "y" * 161 in answer.text
    ticked = {"subject": "", "themes": "food", "version": "1"}
    answer = sol.post(f"/newsletters/{row.public_id}/edit", data=ticked)
    assert answer.status_code == 422 and re.search(r'value="food" checked', answer.text)


def test_a_block_that_points_to_something_gone_says_so_before_it_is_sent(
    session: Session, cast: Cast, sol: FlaskClient
) -> None:
    event = an_event(session, cast.fay, state="cancelled")
    row = an_issue(session, a_block(), a_block("event", about=event.public_id))
    for page in ("", "/schedule"):
        assert "is left out of the mail" in text_of(sol.get(f"/newsletters/{row.public_id}{page}").text)
    assert "Left out" in text_of(sol.get(f"/newsletters/{row.public_id}").text)


def test_an_issue_that_leaves_can_be_stopped_once_asked(session: Session, cast: Cast, sol: FlaskClient) -> None:
    row = an_issue(session, state="sending")
    here = f"/newsletters/{row.public_id}"
    assert "Stop it …" in sol.get(here).text
    assert "cannot be called back" in sol.get(f"{here}/act?do=stop").text
    assert session.scalars(select(Newsletter.state)).one() == "sending"
    assert "What has left has left" in post(sol, f"{here}/act", do="stop")
    assert sol.get(f"{here}/act?do=nonsense").status_code == 404


def test_pages_ask_no_more_however_much_there_is(session: Session, cast: Cast, sol: FlaskClient) -> None:
    def asked() -> list[int]:
        return [queries_of(sol, path) for path in ("/newsletters", "/news", "/staff/delivery")]

    an_issue(session, state="sent", regions=["wales"])
    an_issue(session)
    stopped_mail.stop(session, "x@example.org", "bounced", "5.1.1", NOW)
    asked()
    before = asked()
    for number in range(30):
        an_issue(session, state="sent", regions=["wales"] if number % 2 else [], began_at=NOW - timedelta(days=number))
        an_issue(session)
        stopped_mail.stop(session, f"x{number}@example.org", "complained", "", NOW)
        session.add(Mail(kind="reset", address="x@example.org", values={}, state="sent", created_at=NOW, due_at=NOW))
    session.flush()
    assert asked() == before
    assert "Show more" in sol.get("/newsletters").text
    older = re.search(r'href="(/newsletters\?before=\w+)"', sol.get("/newsletters").text)
    assert older is not None and "Back to the start" in sol.get(older.group(1)).text


# Members


def test_members_ask_for_it_and_stop_it(
    app: Flask, session: Session, cast: Cast, client: FlaskClient, signed_in: SignIn
) -> None:
    ada = signed_in(cast.ada)
    empty = ada.get("/news").text
    assert "You do not get it by mail" in text_of(empty)
    assert (
        'class="btn btn-primary" href="/events"' in empty
    )  # where nothing was sent yet, there is something to do next
    assert "since you asked for it on Monday 15 June 2026" in post(ada, "/news/by-mail", wanted="yes")
    assert "checked" in re.search(r'<input[^>]*name="news"[^>]*>', ada.get("/account").text).group()  # type: ignore[union-attr]
    key = session.scalars(select(Member.public_id).where(Member.id == cast.ada)).one()
    path = "/unsubscribe/" + unsubscribing.token(app.config["SECRET_KEY"], key, unsubscribing.NEWS)
    assert "No more newsletters" in client.get(path).text
    assert session.scalar(select(Member.news_since).where(Member.id == cast.ada)) == NOW
    assert "You get no more newsletters" in client.post(path).text
    assert session.scalar(select(Member.news_since).where(Member.id == cast.ada)) is None
    wants = session.execute(select(Member.introduction_mail, Member.event_mail).where(Member.id == cast.ada)).one()
    assert tuple(wants) == (True, True)
    post(ada, "/account/mail", news="y", introductions="y", events="y")
    assert session.scalar(select(Member.news_since).where(Member.id == cast.ada)) == NOW


def test_who_joins_gets_it_only_by_their_own_tick(app: Flask, session: Session, cast: Cast) -> None:
    for number, ticked in enumerate(({}, {"news": "y"})):
        token = links.mint(session, Purpose.JOIN, f"new{number}@example.org", None, NOW)
        session.flush()
        browser = app.test_client()
        assert not re.search(r'name="news"[^>]*checked', browser.get(f"/join/{token}").text)
        sent = {"name": "New Person", "password": "three words together", **ticked}
        assert browser.post(f"/join/{token}", data=sent).status_code == 303
        since = session.scalar(select(Member.news_since).where(Member.email == f"new{number}@example.org"))
        assert since == (NOW if ticked else None)


def test_members_read_past_issues_with_links_of_ours(session: Session, cast: Cast, signed_in: SignIn) -> None:
    event = an_event(session, cast.fay)
    row = an_issue(session, a_block(), a_block("event", about=event.public_id), a_block("call"), state="sent")
    other = an_issue(session, state="sent", regions=["wales"], subject="For Wales")
    ada = signed_in(cast.ada)
    page = ada.get(f"/news/{row.public_id}").text
    assert f'href="/events/{event.public_id}"' in page and 'href="/events"' in page
    assert "For Wales" not in ada.get("/news").text and "For Wales" in signed_in(cast.cai).get("/news").text
    assert ada.get(f"/news/{other.public_id}").status_code == 404
    assert ada.get(f"/newsletters/{row.public_id}").status_code == 403


# How mail fares


def test_a_member_whose_mail_comes_back_is_told_on_every_page(session: Session, cast: Cast, signed_in: SignIn) -> None:
    ada = signed_in(cast.ada)
    assert "Mail to your address comes back" not in ada.get("/news").text
    assert "There is nothing to confirm" in ada.get("/account/confirm").text
    stopped_mail.stop(session, "ada.okafor@example.org", "bounced", "5.1.1", NOW)
    assert "Mail to your address comes back" in ada.get("/news").text
    assert "Mail to your address comes back" not in signed_in(cast.ben).get("/news").text
    answer = ada.post("/account/confirm", follow_redirects=True)
    assert "We have written to ada.okafor@example.org" in answer.text
    assert session.scalars(select(Mail.kind)).all() == ["confirm_address"]


def test_staff_see_how_mail_fares_and_let_it_go_again(session: Session, cast: Cast, sol: FlaskClient) -> None:
    page = text_of(sol.get("/staff/delivery").text)
    assert "No message was written in this week" in page and "Mail goes to all addresses" in page
    rows = [("reset", "sent", "bounced"), ("reset", "failed", "refused"), ("reset", "waiting", None)]
    rows += [("coffee_paired", "sent", "bounced")] * 3
    for kind, state, returned in rows:
        moment = NOW - timedelta(minutes=20)
        facts = {"address": "a@example.org", "values": {}, "created_at": moment, "due_at": moment}
        session.add(Mail(kind=kind, state=state, returned=returned, **facts))
    stopped_mail.stop(session, "a@example.org", "bounced", "5.1.1", NOW)
    stopped_mail.stop(session, "b@example.org", "complained", "", NOW)
    page = sol.get("/staff/delivery").text
    text = text_of(page)
    assert "Mail has been waiting since Monday 15 June 2026, 10:10am" in text
    assert "Forgotten password 1 0 1 0 1 1 0" in text
    assert "Coffee rounds: a message to somebody who asked 0 0 * * * * *" in text
    assert "There is no such mailbox (5.1.1)" in text and "Its owner complained of our mail" in text
    assert "Mail goes to this address again" in post(sol, "/staff/delivery/lift", address="a@example.org")
    assert "Only they can ask for it again" in post(sol, "/staff/delivery/lift", address="b@example.org")
    assert "already" in post(sol, "/staff/delivery/lift", address="c@example.org")
    assert session.scalars(select(StoppedAddress.address)).all() == ["b@example.org"]
    assert session.scalars(select(AuditRecord.action)).all() == ["lift_stopped_address"]


@pytest.mark.parametrize("week", ["2026-06-16", "2026-06-22", "2026-01-05", "soon", "9" * 30])
def test_a_week_that_is_not_kept_is_not_there(sol: FlaskClient, week: str) -> None:
    assert sol.get(f"/staff/delivery?week={week}").status_code == 404
    assert sol.get("/staff/delivery?week=2026-06-08").status_code == 200


def test_to_whom_an_issue_went_is_told_to_nobody(session: Session, cast: Cast, sol: FlaskClient) -> None:
    row = an_issue(session, state="sending")
    facts = {"address": "ada.okafor@example.org", "member_id": cast.ada, "created_at": NOW, "due_at": NOW}
    facts |= {"values": {"newsletter_id": row.id}, "dedupe_key": sending.key_of(row.id, cast.ada)}
    mail = Mail(kind="newsletter", state="waiting", **facts)
    session.add(mail)
    session.flush()
    assert (
        "ada.okafor" not in sol.get("/staff/outbox").text
        and sol.get(f"/staff/outbox/{mail.public_id}").status_code == 404
    )
    figures = text_of(sol.get(f"/newsletters/{row.public_id}").text)
    assert "Waiting *" in figures and a_member(session).news_since is None
    session.execute(update(Mail).values(state="sent"))
    assert "Sent *" in text_of(sol.get(f"/newsletters/{row.public_id}").text)


def test_whether_a_letter_of_an_issue_failed_is_not_told_beside_the_address_that_is_stopped(
    session: Session, cast: Cast, sol: FlaskClient
) -> None:
    row = an_issue(session, state="sent", themes=["food"])
    for member in (cast.ada, cast.ben):
        facts = {"address": f"{member}@example.org", "member_id": member, "created_at": NOW, "due_at": NOW}
        facts |= {"values": {"newsletter_id": row.id}, "dedupe_key": sending.key_of(row.id, member)}
        session.add(Mail(kind="newsletter", state="sent", **facts))
    session.commit()
    paths = ("/staff/outbox", "/staff/delivery", f"/newsletters/{row.public_id}")

    def seen() -> list[str]:
        return [text_of(sol.get(path).text).replace(f"{cast.ada}@example.org", "") for path in paths]

    fine = seen()
    first = update(Mail).where(Mail.member_id == cast.ada)
    for values in ({"state": "failed", "returned": "refused"}, {"returned": "bounced"}, {"state": "cancelled"}):
        session.execute(first.values(**{"state": "sent", "returned": None, **values}))
        session.commit()
        assert seen() == fine
    assert "Could not be handed over *" in fine[2] and "Came back *" in fine[2]


def test_an_empty_issue_offers_no_sending_and_one_for_nobody_warns(session: Session, sol: FlaskClient) -> None:
    empty, full = an_issue(session), an_issue(session, a_block())
    empty.blocks = []
    session.flush()
    page = sol.get(f"/newsletters/{empty.public_id}/schedule").text
    assert "Nothing is in this issue yet" in page and "Send it now" not in page
    page = sol.get(f"/newsletters/{full.public_id}/schedule").text
    assert "Nobody has asked for the newsletter." in page and "nobody who" not in page and "Send it now" in page
    full.themes = ["food"]
    session.commit()
    assert "is in this segment" in sol.get(f"/newsletters/{full.public_id}/schedule").text


def test_a_draft_in_the_list_is_not_dated_like_an_issue_that_leaves(session: Session, sol: FlaskClient) -> None:
    an_issue(session, a_block())
    assert ">Changed " in sol.get("/newsletters").text
