"""Messages as the mail system sees them, over real SMTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import vobject

from haln.learn import calendar_files
from haln.post import messages
from haln.post.transport import FolderTransport, Postponed, Refused, Server, SmtpTransport, Unreachable
from haln.post.writing import Attachment, Letter, Worded
from tests import mailserver
from tests.builders import NOW

SENDER = "Rhwydwaith Iechyd – HALN <post@haln.example>"
URL = "https://haln.example/unsubscribe/" + "x" * 180


@pytest.fixture
def box() -> Iterator[mailserver.Mailbox]:
    with mailserver.running() as found:
        yield found


def a_letter(address: str = "ada@example.org", subject: str = "Café – cyfarfod") -> Letter:
    text = "Bore da, Siân.\n\n.A line with a full stop first.\n" + "long " * 300 + "\n"
    return Letter(address, Worded(subject, text, "<p>Bore da, Siân.</p>"), URL)


def smtp(box: mailserver.Mailbox) -> SmtpTransport:
    return SmtpTransport(Server("127.0.0.1", box.port, security="none"), SENDER)


def test_a_message_arrives_whole(box: mailserver.Mailbox) -> None:
    transport = smtp(box)
    transport.send(messages.compose(a_letter(), SENDER, messages.new_id(SENDER), NOW))
    transport.close()
    (found,) = box.taken
    assert found["Subject"] == "Café – cyfarfod" and found["From"] == SENDER
    assert box.recipients == ["ada@example.org"]
    text, html = found.get_body(("plain",)), found.get_body(("html",))
    assert text is not None and html is not None
    assert text.get_content().replace("\r\n", "\n") == a_letter().words.text
    assert html.get_content().strip() == "<p>Bore da, Siân.</p>"


def test_a_calendar_file_goes_with_the_message_and_comes_out_as_it_went_in(
    box: mailserver.Mailbox, tmp_path: Path
) -> None:
    file = calendar_files.written([calendar_files.Entry("abc", "Café", NOW, 90, 1, False)], NOW).decode("utf-8")
    letter = replace(a_letter(), attachments=(Attachment("sessions.ics", file),))
    message = messages.compose(letter, SENDER, "<7.a@haln.example>", NOW)
    transport = smtp(box)
    transport.send(message)
    transport.close()
    (found,) = box.taken
    (part,) = found.iter_attachments()
    assert (part.get_content_type(), part.get_filename()) == ("text/calendar", "sessions.ics")
    assert part.get_param("method") == "PUBLISH"
    (event,) = vobject.readOne(part.get_content()).vevent_list
    assert (event.summary.value, event.dtstart.value) == ("Café", NOW)
    FolderTransport(tmp_path).send(message)
    assert (tmp_path / "7.a.ics").read_text(encoding="utf-8").startswith("BEGIN:VCALENDAR")


def test_mail_programs_can_unsubscribe_with_one_click() -> None:
    sent = messages.compose(a_letter(), SENDER, messages.new_id(SENDER), NOW).as_bytes().decode("ascii")
    assert f"List-Unsubscribe: <{URL}>\r\n" in sent
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in sent


def test_a_message_that_cannot_be_stopped_does_not_say_so() -> None:
    letter = Letter("ada@example.org", a_letter().words)
    assert messages.compose(letter, SENDER, "<1@haln.example>", NOW)["List-Unsubscribe"] is None


def test_no_line_of_a_subject_becomes_a_header() -> None:
    message = messages.compose(a_letter(subject="Hello\r\nBcc: all@example.org"), SENDER, "<1@haln.example>", NOW)
    assert message["Bcc"] is None and message["Subject"] == "Hello Bcc: all@example.org"


def test_many_messages_go_over_one_connection(box: mailserver.Mailbox) -> None:
    transport = smtp(box)
    for _ in range(3):
        transport.send(messages.compose(a_letter(), SENDER, messages.new_id(SENDER), NOW))
    transport.close()
    assert len(box.taken) == 3 and box.connections == 1


@pytest.mark.parametrize(
    ("verb", "answer", "fault"),
    [
        ("RCPT", "550 no such mailbox", Refused),
        ("RCPT", "450 busy", Postponed),
        (".", "554 looks like spam", Refused),
        (".", "451 try later", Postponed),
        ("MAIL", "530 sign in first", Unreachable),
    ],
)
def test_what_the_server_says_decides_whether_it_is_tried_again(
    box: mailserver.Mailbox, verb: str, answer: str, fault: type[Exception]
) -> None:
    box.answer = lambda said: answer if said.upper().startswith(verb) else None
    transport = smtp(box)
    with pytest.raises(fault):
        transport.send(messages.compose(a_letter(), SENDER, "<1@haln.example>", NOW))
    transport.close()
    assert box.taken == []


def test_no_server_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        SmtpTransport(Server("127.0.0.1", 1, security="none"), SENDER).send(
            messages.compose(a_letter(), SENDER, "<1@haln.example>", NOW)
        )


def test_a_password_never_goes_to_a_server_without_encryption_that_was_asked_for(box: mailserver.Mailbox) -> None:
    heard: list[str] = []

    def answer(said: str) -> str | None:
        heard.append(said)
        return "250-here\r\n250 AUTH PLAIN LOGIN" if said.startswith("ehlo") else None

    box.answer = answer
    with pytest.raises(Unreachable):
        SmtpTransport(Server("127.0.0.1", box.port, "name", "password", "starttls"), SENDER).send(
            messages.compose(a_letter(), SENDER, "<1@haln.example>", NOW)
        )
    assert not any("AUTH" in line for line in heard) and box.taken == []


def test_the_folder_holds_a_readable_file_and_one_only_for_the_same_message(tmp_path: Path) -> None:
    transport = FolderTransport(tmp_path / "mail")
    for _ in range(2):
        transport.send(messages.compose(a_letter(), SENDER, "<00000007.ab@haln.example>", NOW))
    names = sorted(path.name for path in (tmp_path / "mail").iterdir())
    assert names == ["00000007.ab.html", "00000007.ab.txt"]
    text = (tmp_path / "mail" / "00000007.ab.txt").read_text(encoding="utf-8")
    assert "Subject: Café – cyfarfod" in text and "Bore da, Siân." in text and URL in text
