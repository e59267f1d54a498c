"""Mail that comes back: what is believed of it, and when it stops an address."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.mime.text import MIMEText

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Mail, Member, StoppedAddress
from haln.people import accounts, erasure, links, mailbox, own_data, sessions, stopped_mail
from haln.people.links import Purpose
from haln.people.throttles import Limits
from haln.post import letters, messages, outbox, report_marks, return_reports, returns
from haln.post.transport import Server, SmtpTransport
from haln.post.writing import Desk
from haln.views import letters as wording
from tests import mailserver
from tests.builders import NOW, Cast, an_actor, sign_in_token

ADA = "ada.okafor@example.org"
OURS = "<0123456789abcdef0123456789abcdef@haln.example>"
EARLIER = "<00000001.0123456789ab@haln.example>"
"""As it was when the number of its row stood in it."""
SECRET = "a secret of the tests"
SENDER = "HALN <post@haln.example>"


def a_mail(session: Session, address: str = ADA, message_id: str | None = OURS, **facts: object) -> Mail:
    values: dict[str, object] = {"kind": "introduction_asked", "values": {}, "created_at": NOW, "due_at": NOW}
    row = Mail(address=address, message_id=message_id, state="sent", **{**values, **facts})
    session.add(row)
    session.flush()
    return row


def a_notification(
    status: str = "5.1.1",
    action: str = "failed",
    recipient: str = ADA,
    message_id: str = OURS,
    diagnostic: str = "smtp; 550 5.1.1 unknown",
    headers_only: bool = False,
) -> bytes:
    """A delivery status notification as RFC 3464 draws it up, by hand."""
    original = f"From: post@haln.example\r\nTo: {ADA}\r\nMessage-ID: {message_id}\r\nSubject: News\r\n"
    kind = "text/rfc822-headers" if headers_only else "message/rfc822"
    return (
        "From: MAILER-DAEMON@mail.example\r\nTo: post@haln.example\r\nSubject: Undelivered\r\n"
        "Message-ID: <other@mail.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="=b"\r\n\r\n'
        "--=b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n"
        "--=b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mail.example\r\nArrival-Date: Mon, 15 Jun 2026 10:00:00 +0000\r\n\r\n"
        f"Original-Recipient: rfc822;{recipient}\r\nFinal-Recipient: RFC822; {recipient.upper()}\r\n"
        f"Action: {action}\r\nStatus: {status} (reason\r\n folded)\r\nDiagnostic-Code: {diagnostic}\r\n\r\n"
        f"--=b\r\nContent-Type: {kind}\r\n\r\n{original}\r\n{'' if headers_only else 'Dear Ada'}\r\n--=b--\r\n"
    ).encode()


def by_the_library(status: str, message_id: str) -> bytes:
    """The same as Python's own email package writes it."""
    report = MIMEMultipart("report", **{"report-type": "delivery-status"})
    report.attach(MIMEText("It could not be delivered."))
    told, whole, one = MIMENonMultipart("message", "delivery-status"), Message(), Message()
    whole["Reporting-MTA"] = "dns; mail.example"
    one["Final-Recipient"], one["Action"], one["Status"] = f"rfc822; {ADA}", "failed", status
    told.set_payload([whole, one])
    report.attach(told)
    original = EmailMessage()
    original["Message-ID"] = message_id
    original.set_content("Dear Ada")
    report.attach(MIMEMessage(original))
    return report.as_bytes()


def a_complaint(
    feedback: str = "abuse", message_id: str = OURS, secret: str = SECRET, mark: str = "", headers_only: bool = False
) -> bytes:
    """An abuse report as RFC 5965 draws it up; the recipient is left out, as most do."""
    mark = mark or f"{report_marks.HEADER}: {report_marks.made(secret, message_id)}"
    kind = "text/rfc822-headers" if headers_only else "message/rfc822"
    return (
        "From: fbl@mail.example\r\nTo: post@haln.example\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="=b"\r\n\r\n'
        "--=b\r\nContent-Type: text/plain\r\n\r\nA complaint.\r\n"
        "--=b\r\nContent-Type: message/feedback-report\r\n\r\n"
        f"Feedback-Type: {feedback}\r\nUser-Agent: Some/1.0\r\nVersion: 1\r\nOriginal-Rcpt-To: redacted\r\n\r\n"
        f"--=b\r\nContent-Type: {kind}\r\n\r\nMessage-ID: {message_id}\r\n{mark}\r\n"
        "Subject: News\r\n\r\nDear\r\n--=b--\r\n"
    ).encode()


def take(session: Session, raw: bytes, now: datetime = NOW) -> bool:
    report = return_reports.read(raw)
    return report is not None and returns.take(session, report, SECRET, now)


def stopped(session: Session) -> dict[str, str]:
    return {row.address: row.reason for row in session.scalars(select(StoppedAddress))}


def heard(session: Session) -> str | None:
    session.expire_all()
    return session.scalars(select(Mail.returned).order_by(Mail.id)).first()


# Reports


@pytest.mark.parametrize("headers_only", [False, True])
def test_a_mailbox_that_is_not_there_stops_all_mail_to_it(session: Session, headers_only: bool) -> None:
    a_mail(session)
    assert take(session, a_notification(headers_only=headers_only))
    assert stopped(session) == {ADA: "bounced"} and heard(session) == "bounced"


@pytest.mark.parametrize("code", sorted(returns.HARD))
def test_reports_that_python_writes_are_read_the_same(session: Session, code: str) -> None:
    a_mail(session)
    assert take(session, by_the_library(code, OURS))
    assert stopped(session) == {ADA: "bounced"}


def test_the_same_report_twice_says_nothing_new(session: Session) -> None:
    a_mail(session)
    assert take(session, a_notification()) and not take(session, a_notification(), NOW + timedelta(days=1))
    assert session.scalars(select(StoppedAddress.since)).one() == NOW


@pytest.mark.parametrize(
    "raw",
    [
        a_notification(message_id="<00000009.ffffffffffff@haln.example>"),  # nobody has made it
        a_notification(message_id="<1@haln.example>"),
        a_notification(recipient="ben.whitaker@example.org"),  # another than the one we wrote to
        a_notification(action="delayed", status="4.4.1"),
        a_notification(action="delivered", status="2.0.0"),
        a_notification(action="relayed", status="5.1.1"),
        a_complaint("not-spam"),
        a_complaint("auth-failure"),
        a_complaint(message_id="<00000009.ffffffffffff@haln.example>"),
        a_complaint(mark="References: <other@mail.example>"),  # whoever was answered knows the Message-ID alone
        a_complaint(mark=f"{report_marks.HEADER}: {'0' * 32}"),
        a_complaint(mark=f"{report_marks.HEADER}: é"),
        a_complaint(secret="another"),
        a_complaint(mark=f"{report_marks.HEADER}: {report_marks.made(SECRET, '<00000002.0123456789ab@haln.example>')}"),
    ],
)
def test_what_is_forged_or_is_no_failure_does_nothing(session: Session, raw: bytes) -> None:
    a_mail(session)
    assert not take(session, raw)
    assert stopped(session) == {} and heard(session) is None


@pytest.mark.parametrize("headers_only", [False, True])
def test_a_complaint_is_believed_by_the_mark_of_the_message(session: Session, headers_only: bool) -> None:
    a_mail(session)
    assert take(session, a_complaint(headers_only=headers_only))
    assert stopped(session) == {ADA: "complained"}


def test_a_message_that_leaves_carries_its_mark(session: Session, cast: Cast, desk: Desk) -> None:
    mailbox.put_to_member(session, "password_changed", cast.ada, {}, NOW)
    with mailserver.running() as box:
        send(session, desk, box)
    (sent,) = box.taken
    assert sent[report_marks.HEADER] == report_marks.made(desk.secret, str(sent["Message-ID"]))
    report = return_reports.read(a_complaint(message_id=str(sent["Message-ID"]), secret=desk.secret))
    assert report is not None and returns.take(session, report, desk.secret, NOW)
    assert stopped(session) == {ADA: "complained"}


def test_a_message_id_outside_the_returned_message_is_not_looked_at(session: Session) -> None:
    a_mail(session)
    raw = a_notification(message_id="<x@y>").replace(b"<other@mail.example>", OURS.encode())
    assert not take(session, raw)


@pytest.mark.parametrize("code", ["5.7.1", "5.3.4", "5.0.0", "5.1.7", "5.1.8", "5.6.1", "4.7.0"])
def test_what_is_no_fault_of_the_address_stops_nobody(session: Session, code: str) -> None:
    for day in range(10):
        number = f"<0000000{day}.0123456789ab@haln.example>"
        a_mail(session, message_id=number)
        take(session, a_notification(code, message_id=number, diagnostic="smtp; 550 no"), NOW + timedelta(days=day))
    assert stopped(session) == {} and heard(session) == "refused"


@pytest.mark.parametrize("message_id", [OURS, EARLIER])
def test_reports_of_letters_of_both_kinds_are_believed(session: Session, message_id: str) -> None:
    a_mail(session, message_id=message_id)
    assert take(session, a_notification(message_id=message_id))
    assert stopped(session) == {ADA: "bounced"}


def test_what_the_outbox_makes_is_known_as_ours() -> None:
    made = messages.new_id(SENDER)
    report = return_reports.read(a_notification(message_id=made))
    assert report is not None and report.message_ids == (made,)


def test_a_second_code_that_says_more_is_believed(session: Session) -> None:
    a_mail(session)
    assert take(session, a_notification("5.0.0", diagnostic="smtp; 550 5.1.1 <ada> unknown"))
    assert stopped(session) == {ADA: "bounced"}


def test_full_mailboxes_stop_mail_after_some_days_and_not_before(session: Session) -> None:
    def fails(number: int, day: int) -> dict[str, str]:
        key = f"<{number:08d}.0123456789ab@haln.example>"
        a_mail(session, message_id=key)
        take(session, a_notification("5.2.2", message_id=key, diagnostic="x"), NOW + timedelta(days=day))
        return stopped(session)

    assert [fails(number, 0) for number in range(9)] == [{}] * 9  # all on one day
    assert fails(10, 7) == {} and fails(11, 14) == {}
    assert fails(12, 35) == {}  # the first is too long ago: days 7, 14 and 35
    assert fails(13, 36) == {ADA: "bounced"}
    stopped_mail.lift(session, ADA)
    assert fails(14, 37) == {}  # counting begins anew


def test_a_complaint_outweighs_what_came_before(session: Session) -> None:
    a_mail(session)
    assert take(session, a_notification()) and take(session, a_complaint())
    assert stopped(session) == {ADA: "complained"} and heard(session) == "complained"
    assert not take(session, a_notification())
    assert stopped(session) == {ADA: "complained"}


def test_what_was_erased_is_not_found_again(session: Session, cast: Cast) -> None:
    a_mail(session, member_id=cast.ada)
    take(session, a_notification())
    erasure.erase(session, cast.ada, NOW)
    assert stopped(session) == {}
    assert not take(session, a_complaint()) and stopped(session) == {}


# Garbage


@given(raw=st.binary(max_size=2000))
def test_no_bytes_make_it_stumble(raw: bytes) -> None:
    assert return_reports.read(raw) is None
    assert b"".join(return_reports.split(io.BytesIO(raw))).count(b"\x00") <= raw.count(b"\x00")


@given(cut=st.integers(0, 1200), noise=st.binary(max_size=40), at=st.integers(0, 1200))
def test_no_report_that_is_broken_makes_it_stumble(cut: int, noise: bytes, at: int) -> None:
    for whole in (a_notification(), a_complaint()):
        raw = whole[:at] + noise + whole[at : max(at, len(whole) - cut)]
        report = return_reports.read(raw)
        assert report is None or all(one == OURS or one.startswith("<0") for one in report.message_ids)


def test_parts_within_parts_without_end_are_no_report() -> None:
    deep = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(3000))
    assert return_reports.read(deep) is None
    assert return_reports.read(b"Content-Type: message/rfc822\n\n" * 3000) is None


def test_an_mbox_and_a_single_message_are_told_apart_and_large_ones_cut() -> None:
    one, two = a_notification(), a_complaint()
    box = b"From a Mon Jun 15 10:00:00 2026\n" + one + b"\nFrom b Mon Jun 15 10:00:00 2026\n" + two
    assert [message_from_bytes(raw)["From"] for raw in return_reports.split(io.BytesIO(box))] == [
        "MAILER-DAEMON@mail.example",
        "fbl@mail.example",
    ]
    assert len(list(return_reports.split(io.BytesIO(one + b"\nFrom here on it is text\n")))) == 1
    (large,) = return_reports.split(io.BytesIO(one + b"x" * 3_000_000))
    assert len(large) < return_reports.LARGEST + 70_000
    assert list(return_reports.split(io.BytesIO(b""))) == []


# The outbox


@pytest.fixture
def desk(app: Flask, session: Session) -> Desk:
    return wording.desk()


def send(session: Session, desk: Desk, box: mailserver.Mailbox, now: datetime = NOW) -> outbox.Tally:
    transport = SmtpTransport(Server("127.0.0.1", box.port, security="none"), SENDER)
    edge = outbox.Edge(session.commit, session.rollback, lambda: now)
    tally = outbox.Tally()
    while found := outbox.send_due(session, desk, transport, "one", edge):
        tally.sent, tally.cancelled, tally.failed = (
            tally.sent + found.sent,
            tally.cancelled + found.cancelled,
            tally.failed + found.failed,
        )
    return tally


@pytest.mark.parametrize(
    ("said", "stops"),
    [
        ("550 5.1.1 no such user", True),
        ("550 5.2.1 mailbox disabled", True),
        ("556 5.1.10 takes no mail", True),
        ("550 5.7.1 we do not like you", False),
        ("550 no such mailbox, or we do not like you", False),
        ("552 5.2.2 full", False),
        ("553 5.1.8 bad sender", False),
    ],
)
def test_an_address_that_the_server_refuses_for_good_is_stopped(
    session: Session, cast: Cast, desk: Desk, said: str, stops: bool
) -> None:
    mailbox.put_to_member(session, "password_changed", cast.ada, {}, NOW)
    with mailserver.running() as box:
        box.answer = lambda asked: said if asked.upper().startswith("RCPT") else None
        assert send(session, desk, box).failed == 1
    assert stopped(session) == ({ADA: "bounced"} if stops else {})
    assert heard(session) == ("failed" if "5.2.2" in said else "refused")


@pytest.mark.parametrize("kind", sorted(letters.KINDS))
@pytest.mark.parametrize("reason", ["bounced", "complained"])
def test_no_kind_of_mail_slips_past_a_stop(session: Session, cast: Cast, desk: Desk, kind: str, reason: str) -> None:
    from tests.post.test_letters import an_order  # the same orders

    order = an_order(session, cast, kind)
    letter = letters.write(session, order, desk, NOW)
    assert letter is not None
    stopped_mail.stop(session, letter.address, reason, "", NOW)
    session.add(
        Mail(
            kind=kind,
            address=order.address,
            member_id=order.member_id,
            values=dict(order.values),
            created_at=NOW,
            due_at=NOW,
            state="waiting",
        )
    )
    session.execute(Mail.__table__.delete().where(Mail.kind != kind))  # what making the order wrote beside it
    with mailserver.running() as box:
        tally = send(session, desk, box)
    passes = kind in (stopped_mail.PROVING if reason == "bounced" else stopped_mail.OF_THE_ACCOUNT)
    assert len(box.taken) == (1 if passes else 0), tally
    if not passes:
        said = set(session.scalars(select(Mail.last_error).where(Mail.state == "cancelled")))
        assert outbox.STOPPED[reason] in said


def test_what_came_back_is_known_by_the_address_it_went_to(session: Session, cast: Cast, desk: Desk) -> None:
    from tests.post.test_letters import an_order

    order = an_order(session, cast, "introduction_asked")
    values = {"values": dict(order.values), "member_id": cast.cai, "created_at": NOW, "due_at": NOW}
    session.add(Mail(kind=order.kind, address="old@example.org", state="waiting", **values))
    session.flush()
    with mailserver.running() as box:
        send(session, desk, box)
    assert box.recipients == ["cai.morgan@example.org"]
    (sent,) = box.ids()
    assert take(session, a_notification(recipient="cai.morgan@example.org", message_id=sent))
    assert stopped(session) == {"cai.morgan@example.org": "bounced"}


# What lifts it


def test_a_link_that_is_used_shows_that_mail_arrives(session: Session, cast: Cast, desk: Desk) -> None:
    stopped_mail.stop(session, ADA, "bounced", "5.1.1", NOW)
    token = sign_in_token(session, cast.ada)
    ada = sessions.actor_for(session, token, NOW)
    assert ada is not None and ada.mail_stopped == "bounced"
    accounts.confirm_address(session, ada, NOW, Limits(5, 5, 5, 5))
    with mailserver.running() as box:
        assert send(session, desk, box).sent == 1
    text = box.taken[0].get_body(("plain",))
    assert text is not None
    link = text.get_content().partition("/address/")[2].split()[0]
    assert accounts.change_address(session, link, NOW) == ADA
    again = sessions.actor_for(session, token, NOW)
    assert stopped(session) == {} and again is not None and again.mail_stopped == ""


@pytest.mark.parametrize(("reason", "left"), [("bounced", {}), ("complained", {ADA: "complained"})])
def test_a_new_password_shows_that_mail_arrives_and_asks_for_none(
    session: Session, cast: Cast, reason: str, left: dict[str, str]
) -> None:
    stopped_mail.stop(session, ADA, reason, "", NOW)
    token = links.mint(session, Purpose.RESET, ADA, cast.ada, NOW)
    accounts.reset_password(session, token, "four more other words", NOW)
    assert stopped(session) == left


def test_erasing_forgets_former_addresses_and_none_of_others(session: Session, cast: Cast) -> None:
    ben = "ben.whitaker@example.org"
    for address in (ADA, ben, "typo@example.org"):
        stopped_mail.stop(session, address, "bounced", "5.1.1", NOW)
        a_mail(
            session, address.title(), None, member_id=cast.ada
        )  # a link that was asked for, also where it was no use
    token = links.mint(session, Purpose.CHANGE, "ada@new.example.org", cast.ada, NOW)
    accounts.change_address(session, token, NOW)
    assert ADA in stopped(session)
    stopped_mail.stop(session, "ada@new.example.org", "complained", "", NOW)
    erasure.erase(session, cast.ada, NOW)
    assert stopped(session) == {ben: "bounced"}


def test_another_address_is_not_stopped_and_the_old_one_stays_so(session: Session, cast: Cast) -> None:
    stopped_mail.stop(session, ADA, "bounced", "5.1.1", NOW)
    token = links.mint(session, Purpose.CHANGE, "ada@new.example.org", cast.ada, NOW)
    session.flush()
    accounts.change_address(session, token, NOW)
    ada = sessions.actor_for(session, sign_in_token(session, cast.ada), NOW)
    assert ada is not None and ada.mail_stopped == ""
    assert stopped_mail.keeps_back(session, ADA, "address_changed") == "bounced"
    stopped_mail.forget_old(session, NOW + timedelta(days=91))
    assert stopped(session) == {}  # it is nobody's any more


def test_the_stop_of_an_address_in_use_is_never_forgotten(session: Session, cast: Cast) -> None:
    stopped_mail.stop(session, ADA, "complained", "", NOW)
    stopped_mail.forget_old(session, NOW + timedelta(days=1000))
    assert stopped(session) == {ADA: "complained"}


def test_the_own_copy_says_that_mail_is_stopped(session: Session, cast: Cast) -> None:
    a_mail(session, member_id=cast.ada)
    take(session, a_notification())
    document = own_data.collected(session, cast.ada, NOW)
    assert document["stopped_mail"] == [{"address": ADA, "reason": "bounced", "code": "5.1.1", "since": NOW}]
    assert document["messages"][0]["returned"] == "bounced"
    assert own_data.collected(session, cast.ben, NOW)["stopped_mail"] == []
    assert session.get_one(Member, cast.ada).email == ADA and an_actor(session, cast.ada).mail_stopped == ""
