"""A letter as a message of the mail system."""

from __future__ import annotations

import secrets
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from haln.post import report_marks
from haln.post.writing import Letter

# Python would fold a long List-Unsubscribe into encoded words, which nobody reads as an address.
_POLICY = SMTP.clone(max_line_length=900, cte_type="7bit")


def domain_of(sender: str) -> str:
    """The domain of the sender's address."""
    return parseaddr(sender)[1].partition("@")[2] or "localhost"


def new_id(sender: str) -> str:
    """A Message-ID: given to a row once and kept, so that a copy sent again is known as the same message.

    It is chance alone, and says neither which row it is nor how many there were.
    """
    return f"<{secrets.token_hex(16)}@{domain_of(sender)}>"


def compose(letter: Letter, sender: str, message_id: str, now: datetime, mark: str = "") -> EmailMessage:
    """Build the message: plain text, HTML beside it, and one-click unsubscribing (RFC 8058) where it applies.

    `mark`: by what a complaint is believed (`report_marks`).
    """
    name, address = parseaddr(sender)
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(name, addr_spec=address)
    message["To"] = Address(addr_spec=letter.address)
    message["Subject"] = " ".join(letter.words.subject.split())
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id
    if mark:
        message[report_marks.HEADER] = mark
    message["Auto-Submitted"] = "auto-generated"
    if letter.unsubscribe_url:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.words.text)
    message.add_alternative(letter.words.html, subtype="html")
    for file in letter.attachments:
        message.add_attachment(file.text, subtype="calendar", filename=file.name, params={"method": "PUBLISH"})
    return message
