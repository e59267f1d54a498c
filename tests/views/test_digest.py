"""Choosing a digest: on the account's page, on the first visit, and stopping it."""

from __future__ import annotations

import re
from datetime import date, timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import AuditRecord, Digest, DigestChoice
from haln.people import digest_choices
from haln.post.digest_parts.registry import PARTS
from haln.views import digest_words
from tests.application import SignIn
from tests.builders import NOW, Cast, a_member
from tests.digest_builders import ALL, a_choice


def test_every_part_has_its_words_and_its_templates(app: Flask) -> None:
    """So that a part which is added to the registry cannot be forgotten elsewhere."""
    with app.test_request_context():
        assert [name for name, _, _ in digest_words.choices()] == list(PARTS)
        for name in PARTS:
            assert digest_words.title(name) and digest_words.hint(name)
            for suffix in ("html", "txt"):
                app.jinja_env.get_template(f"email/digest/{name}.{suffix}")


def chosen(session: Session, member: int) -> tuple[str, list[str]] | None:
    row = session.execute(
        select(DigestChoice.frequency, DigestChoice.parts).where(DigestChoice.member_id == member)
    ).first()
    return (row.frequency, row.parts) if row else None


def send(browser: FlaskClient, **form: object) -> int:
    return browser.post("/account/digest", data=form).status_code


def test_nothing_is_chosen_for_who_has_not_said(session: Session, cast: Cast, signed_in: SignIn) -> None:
    ada = signed_in(cast.ada)
    assert "You have not said yet" in ada.get("/account").text
    page = ada.get("/account/digest").text
    assert 'type="radio"' in page and "checked" not in page.split('name="parts"')[0]
    assert "You get no digest at present." in page
    assert chosen(session, cast.ada) is None


def test_a_choice_is_kept_and_said_on_the_pages(session: Session, cast: Cast, signed_in: SignIn) -> None:
    ada = signed_in(cast.ada)
    assert send(ada, frequency="week", parts=["events", "suggestions", "nonsense"]) == 303
    assert chosen(session, cast.ada) == ("week", ["suggestions", "events"])
    page = ada.get("/account/digest").text
    assert "Your next digest is due on Tuesday 16 June 2026, 8:00am" in page
    assert "every week" in ada.get("/account").text
    assert send(ada, frequency="none") == 303
    assert "You get no digest of what is new." in ada.get("/account").text
    actions = session.scalars(select(AuditRecord.action).where(AuditRecord.action == "choose_digest")).all()
    assert len(actions) == 2


def test_bad_choices_get_a_sentence_and_nothing_typed_is_lost(session: Session, cast: Cast, signed_in: SignIn) -> None:
    ada = signed_in(cast.ada)
    answer = ada.post("/account/digest", data={"frequency": "week"})
    assert answer.status_code == 422 and "Choose at least one part" in answer.text
    assert 'value="week" checked' in answer.text
    for frequency in ("", "hourly", "x" * 5000):
        answer = ada.post("/account/digest", data={"frequency": frequency, "parts": ["events"]})
        assert answer.status_code == 422 and "Say how often you want the digest" in answer.text
        assert 'value="events" checked' in answer.text
    assert chosen(session, cast.ada) is None


def test_the_page_says_what_became_of_the_last_one(session: Session, cast: Cast, signed_in: SignIn) -> None:
    a_choice(session, cast.ada)
    row = Digest(member_id=cast.ada, due_on=NOW.date() - timedelta(days=6), frequency="week", items=0)
    session.add(row)
    session.commit()
    ada = signed_in(cast.ada)
    assert "On Tuesday 9 June 2026 nothing was new for you" in ada.get("/account/digest").text
    row.items = None
    session.commit()
    assert "has not been sent" in ada.get("/account/digest").text
    row.items, row.sent_at = 3, NOW
    session.commit()
    assert "was sent on Monday 15 June 2026, 10:30am, with 3 things in it." in ada.get("/account/digest").text


def test_the_next_one_is_promised_for_the_day_on_which_it_is_ordered(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    a_choice(session, cast.ada, "month")
    row = Digest(member_id=cast.ada, due_on=date(2026, 6, 30), frequency="week", items=0)
    session.add(row)
    session.commit()
    assert "Your next digest is due on Tuesday 7 July 2026" in signed_in(cast.ada).get("/account/digest").text
    row.items, row.sent_at = 1, NOW
    session.commit()
    assert "Your next digest is due on Tuesday 4 August 2026" in signed_in(cast.ada).get("/account/digest").text


def test_the_first_visit_asks_and_takes_silence_for_no(session: Session, cast: Cast, signed_in: SignIn) -> None:
    silent, willing = (a_member(session, name, onboarding_step=3).id for name in ("Si Lent", "Wil Ling"))
    page = signed_in(silent).get("/welcome/3").text
    asked = page.split("May we send you what is new?")[1]
    assert 'name="digest"' in asked and "checked" not in asked
    assert signed_in(silent).post("/welcome/3").status_code == 303
    assert signed_in(willing).post("/welcome/3", data={"digest": "month"}).status_code == 303
    assert chosen(session, silent) is None and chosen(session, willing) == ("month", list(ALL))
    other = a_member(session, "Od Dity", onboarding_step=3).id
    assert signed_in(other).post("/welcome/3", data={"digest": "hourly"}).status_code == 303
    assert chosen(session, other) is None
    assert digest_choices.own(session, other).asked is False


def test_two_sentences_of_the_account_stand_apart(cast: Cast, signed_in: SignIn) -> None:
    page = signed_in(cast.ada).get("/account").text
    assert re.search(r"so you get none\.\s+<a [^>]+>Choose how often", page)
