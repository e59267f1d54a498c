"""The outbox, as staff see it."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from haln.db import db
from haln.models import AccountToken, AuditRecord, Block, Mail, Member
from haln.people import mailbox, stopped_mail
from haln.post import holding, letters, messages, reading
from haln.views import outbox
from tests.application import SignIn
from tests.builders import NOW, Cast

EVIL = '"><script>alert(1)</script>'


def put(session: Session, count: int = 1, **facts: object) -> None:
    for number in range(count):
        mailbox.put(session, "verify", f"new{number}@example.org", {}, NOW + timedelta(seconds=number))
    if facts:
        session.flush()
        session.execute(update(Mail).values(**facts))
    session.commit()


def where(session: Session, number: int = 1, path: str = "") -> str:
    """The address of a message by its number, which no address tells."""
    key = session.scalar(select(Mail.public_id).where(Mail.id == number))
    return f"/staff/outbox/{key}{path}"


@pytest.mark.parametrize("number", [0, 1])
def test_only_staff_read_the_outbox(signed_in: SignIn, cast: Cast, session: Session, number: int) -> None:
    put(session)
    path = where(session, number) if number else "/staff/outbox"
    assert [signed_in(member).get(path).status_code for member in (cast.ada, cast.fay, cast.sol)] == [403, 403, 200]


def test_messages_stand_newest_first_page_by_page(signed_in: SignIn, cast: Cast, session: Session) -> None:
    put(session, 60)
    staff = signed_in(cast.sol)
    first = staff.get("/staff/outbox").get_data(as_text=True)
    assert first.index("new59@") < first.index("new10@") and "new9@" not in first
    last = session.scalars(select(Mail.public_id).where(Mail.id == 11)).one()
    assert f"before={last}" in first
    second = staff.get(f"/staff/outbox?before={last}").get_data(as_text=True)
    assert "new9@" in second and "new0@" in second and "new10@" not in second


def test_on_a_phone_each_message_is_a_card_with_all_that_is_to_be_known(
    signed_in: SignIn, cast: Cast, session: Session
) -> None:
    put(session)
    page = signed_in(cast.sol).get("/staff/outbox").text
    assert "table-cards" in page and all(
        f'data-label="{one}"' in page for one in ("To", "Written", "State", "Attempts")
    )


def test_whose_address_gets_no_mail_is_told_as_far_as_staff_may_see_them(
    signed_in: SignIn, cast: Cast, session: Session
) -> None:
    ada, ben = session.get_one(Member, cast.ada), session.get_one(Member, cast.ben)
    for address in (str(ada.email), str(ben.email), "nobody@example.org"):
        stopped_mail.stop(session, address, stopped_mail.BOUNCED, "5.1.1", NOW)
    session.add(Block(blocker_id=cast.ben, blocked_id=cast.sol, created_at=NOW))
    session.commit()
    page = signed_in(cast.sol).get("/staff/delivery").text
    assert re.search(rf'<a href="/[a-z]+/{ada.public_id}">{ada.name}</a>, Leeds Teaching Hospitals NHS Trust', page)
    assert str(ben.email) in page and ben.name not in page and ben.public_id not in page


def test_messages_are_ordered_by_time_whatever_their_numbers_are(
    signed_in: SignIn, cast: Cast, session: Session
) -> None:
    put(session, 60)
    first = session.scalars(select(Mail).where(Mail.address == "new0@example.org")).one()
    first.created_at = NOW + timedelta(days=1)
    session.commit()
    staff = signed_in(cast.sol)
    assert staff.get("/staff/outbox").text.index("new0@") < staff.get("/staff/outbox").text.index("new59@")
    key = session.scalars(select(Mail.public_id).where(Mail.address == "new11@example.org")).one()
    rest = staff.get(f"/staff/outbox?before={key}").text
    assert "new10@" in rest and "new0@" not in rest


def test_no_address_and_no_message_id_counts_the_messages_between_two(
    signed_in: SignIn, cast: Cast, session: Session
) -> None:
    put(session)
    for number in range(3):
        mailbox.put(session, sorted(letters.SEALED)[0], f"s{number}@example.org", {}, NOW, member_id=cast.ada)
    put(session)
    page = signed_in(cast.sol).get("/staff/outbox").text
    keys = re.findall(r"/staff/outbox/(\w+)", page)
    assert len(keys) == len(set(keys)) == 2 and all(re.fullmatch("[0-9a-f]{16}", key) for key in keys)
    assert re.fullmatch("<[0-9a-f]{32}@haln.example>", messages.new_id("HALN <post@haln.example>"))
    for kept, told in (
        ("<00001234.0123456789ab@haln.example>", "<[…].0123456789ab@haln.example>"),
        ("<123456789.0123456789ab@haln.example>", "<[…].0123456789ab@haln.example>"),
        (f"<{12345678:032d}@haln.example>",) * 2,
    ):
        session.execute(update(Mail).values(message_id=kept, state="sent"))
        session.commit()
        page = html.unescape(signed_in(cast.sol).get(f"/staff/outbox/{keys[0]}").text)
        assert told in page and ("1234." not in page)
        assert session.scalars(select(Mail.message_id)).first() == kept  # for what comes back
    sealed = session.scalars(select(Mail.public_id).where(Mail.address == "s1@example.org")).one()
    for path in (f"/staff/outbox/{sealed}", f"/staff/outbox?before={sealed}"):
        assert signed_in(cast.sol).get(path).status_code == 404
    assert signed_in(cast.sol).post(f"/staff/outbox/{sealed}/retry").status_code == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/staff/outbox?state=sent", 200),
        ("/staff/outbox?state=nonsense", 404),
        ("/staff/outbox?before=99999999999999999999", 404),
        ("/staff/outbox?before=x", 404),
        ("/staff/outbox/99999999999999999999", 404),
        ("/staff/outbox/77", 404),
    ],
)
def test_strange_addresses_are_answered(signed_in: SignIn, cast: Cast, path: str, status: int) -> None:
    assert signed_in(cast.sol).get(path).status_code == status


@pytest.mark.parametrize("count", [0, 10, 50])
def test_the_list_costs_the_same_however_many_there_are(
    signed_in: SignIn, cast: Cast, session: Session, count: int
) -> None:
    put(session, count)
    staff = signed_in(cast.sol)
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *what: asked.append(what[2]))
    staff.get("/staff/outbox")
    assert len([statement for statement in asked if statement.startswith("SELECT")]) == 3


def test_what_a_message_says_is_text_and_holds_no_key(signed_in: SignIn, cast: Cast, session: Session) -> None:
    put(session, last_error=EVIL, address=f"x{EVIL}@example.org")
    page = signed_in(cast.sol).get(where(session)).get_data(as_text=True)
    assert "<script>alert" not in page and "&lt;script&gt;" in page
    assert "/join/[…]" in page
    assert session.scalars(select(AccountToken.id)).all() == []


def test_only_what_failed_is_tried_again(signed_in: SignIn, cast: Cast, session: Session) -> None:
    put(session)
    staff = signed_in(cast.sol)
    assert staff.post(where(session, path="/retry")).status_code == 409
    assert staff.post("/staff/outbox/2/retry").status_code == 404
    session.execute(update(Mail).values(state="failed", attempts=8))
    session.commit()
    assert staff.post(where(session, path="/retry")).status_code == 303
    assert session.execute(select(Mail.state, Mail.attempts, Mail.due_at)).all() == [("waiting", 0, NOW)]
    assert session.scalars(select(AuditRecord.action)).all() == ["retry_mail"]


def test_a_message_that_is_not_wanted_any_more_says_so(signed_in: SignIn, cast: Cast, session: Session) -> None:
    mailbox.put(session, "reset", "nobody@example.org", {}, NOW)
    session.commit()
    assert "is not sent" in signed_in(cast.sol).get(where(session)).get_data(as_text=True)


def test_every_kind_of_message_has_words_for_staff() -> None:
    assert set(letters.KINDS) == set(outbox.KINDS)


@pytest.mark.parametrize("state", reading.STATES)
def test_that_there_are_sealed_letters_is_told_by_no_row_and_no_count(
    signed_in: SignIn, cast: Cast, session: Session, state: str
) -> None:
    put(session)
    staff = signed_in(cast.sol)
    paths = ("/staff/outbox", "/staff/outbox?state=waiting", "/staff/outbox?state=failed")
    before = [staff.get(path).text.split("<main")[1] for path in paths]
    wording = {"wording": {"subject": "Coffee with Cai Morgan", "text": "You and Cai Morgan"}}
    address = "ada.okafor@example.org"
    for kind in sorted(letters.SEALED):
        mailbox.put(session, kind, address, wording, NOW, member_id=cast.ada)
    session.flush()
    session.execute(
        update(Mail).where(Mail.kind.in_(letters.SEALED)).values(state=state, last_error=f"550 {address} unknown")
    )
    session.commit()
    assert [staff.get(path).text.split("<main")[1] for path in paths] == before
    assert staff.get(where(session, 2)).status_code == staff.post(where(session, 2, "/retry")).status_code == 404
    page = staff.get("/staff/delivery").text
    assert "Topic: answered" in page and "okafor" not in page and "Cai" not in page
    due = page.split("Due now, of letters that only their readers may know of")[1]
    assert due.split("</dd>")[0].endswith("15" if state == "waiting" else "*")


def test_sealed_letters_of_a_week_that_failed_are_tried_again_together(
    signed_in: SignIn, cast: Cast, session: Session
) -> None:
    made = {"digest": NOW, "topic_answered": NOW, "coffee_paired": NOW - timedelta(days=7), "reset": NOW}
    for kind, at in made.items():
        mailbox.put(session, kind, "a@example.org", {}, at)
    session.flush()
    session.execute(update(Mail).values(state="failed", attempts=8, returned="refused"))
    session.commit()
    staff = signed_in(cast.sol)
    assert staff.post("/staff/delivery/again", data={"week": "2026-06-16"}).status_code == 404
    assert "tried again" in staff.post("/staff/delivery/again", data={}, follow_redirects=True).text
    found = session.execute(select(Mail.kind, Mail.state, Mail.attempts, Mail.returned).order_by(Mail.id)).all()
    again, failed = ("waiting", 0, None), ("failed", 8, "refused")
    expected = {"digest": again, "topic_answered": again, "coffee_paired": failed, "reset": failed}
    assert {row[0]: tuple(row[1:]) for row in found} == expected
    assert session.scalars(select(AuditRecord.action)).all() == ["retry_mail"]


def test_what_a_restore_held_back_is_counted_apart_and_not_tried_again(
    signed_in: SignIn, cast: Cast, session: Session
) -> None:
    for number in range(15):
        mailbox.put(session, "digest", f"a{number}@example.org", {}, NOW)
    mailbox.put(session, "verify", "b@example.org", {}, NOW)
    session.flush()
    holding.hold(session)
    session.commit()
    staff = signed_in(cast.sol)
    page = staff.get("/staff/delivery").text
    assert re.findall(r'data-label="Held back">(\S+?)</td>', page) in (["15", "1"], ["1", "15"])
    assert "tried again" in staff.post("/staff/delivery/again", data={}, follow_redirects=True).text
    assert set(session.scalars(select(Mail.state))) == {"failed"}
    assert holding.counts(session) == {"digest": 15, "verify": 1}
