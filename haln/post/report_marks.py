"""The mark by which a complaint is known to come from who got the message.

Whoever gets an answer to a message reads its Message-ID there (`References`). The mark stands in a heading of its own,
which no answer carries; an abuse report encloses the message with its headings. It is signed, not stored.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from email.message import Message

HEADER = "X-Report-Mark"
_LENGTH = 32
_MARK = re.compile(rf"[0-9a-f]{{{_LENGTH}}}", re.ASCII)


def made(secret: str, message_id: str) -> str:
    """The mark of a message."""
    signed = f"haln.post.report_marks:{message_id}".encode()
    return hmac.new(secret.encode(), signed, "sha256").hexdigest()[:_LENGTH]


def found(part: Message) -> list[str]:
    """What looks like a mark among the headings of an enclosed message."""
    return _MARK.findall(str(part.get(HEADER, ""))[:200])[:1]


def fits(secret: str, message_id: str, marks: Iterable[str]) -> bool:
    """Whether one of these is the mark of a message."""
    right = made(secret, message_id)
    return any(hmac.compare_digest(right, mark) for mark in marks)
