"""What comes back to the sender's mailbox, read with care: reports of delivery (RFC 3464) and of abuse (RFC 5965).

Anybody can write to that mailbox. So nothing is fetched, sizes are capped, and whatever cannot be read is no report.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr
from pathlib import Path
from typing import IO

from haln.post import report_marks

LARGEST = 512 * 1024
"""Bytes that are read of one message; a report with the original's headings is far shorter."""

MOST_PARTS, MOST_FIELDS = 50, 200
_OURS = re.compile(r"<(?:[0-9a-f]{32}|[0-9]{8,19}\.[0-9a-f]{12})@[^\s<>]{1,80}>")
"""Letters that left before a Message-ID was chance alone had the number of their row in it."""
_CODE = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9])", re.ASCII)
_ABUSE = frozenset({"abuse", "fraud"})


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says. `failed`: addresses, casefolded, each with why; `message_ids`: those that look like ours.

    `marks`: what looks like the mark of a message of ours (`haln.post.report_marks`).
    """

    message_ids: tuple[str, ...]
    failed: Mapping[str, str] = field(default_factory=dict)
    complains: bool = False
    marks: tuple[str, ...] = ()


def read(raw: bytes) -> Report | None:
    """A message as a report; none for anything else, whatever it is made of."""
    try:
        return _read(message_from_bytes(raw[:LARGEST]))
    except Exception:  # of what strangers write, the parser of the standard library may stumble over anything
        return None


def _read(message: Message) -> Report | None:
    failed, complains, ids, marks = dict[str, str](), False, dict[str, None](), dict[str, None]()
    for number, part in enumerate(message.walk()):
        if number >= MOST_PARTS:
            break
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            failed |= _failures(_groups(part))
        elif kind == "message/feedback-report":
            complains = complains or any(_one(group, "Feedback-Type") in _ABUSE for group in _groups(part))
        elif number and (kind == "text/rfc822-headers" or part["Message-ID"]):
            headings = [part, *_enclosed(part)]
            ids |= dict.fromkeys(one for heading in headings for one in _ids(heading))
            marks |= dict.fromkeys(one for heading in headings for one in report_marks.found(heading))
    if not ids or not (failed or complains):
        return None
    return Report(tuple(ids)[:5], failed, complains, tuple(marks)[:5])


def _groups(part: Message) -> list[Message]:
    """The groups of fields of a part that is made of nothing else."""
    payload = part.get_payload()
    groups = payload if isinstance(payload, list) else [message_from_bytes(_bytes(part))]
    return [one for one in groups if isinstance(one, Message)][:MOST_FIELDS]


def _bytes(part: Message) -> bytes:
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _one(group: Message, name: str) -> str:
    return " ".join(str(group.get(name, "")).split()).casefold()


def _failures(groups: list[Message]) -> dict[str, str]:
    """Addresses that failed, with why; those that are still tried or have arrived are not among them."""
    found: dict[str, str] = {}
    for group in groups:
        if _one(group, "Action") != "failed":
            continue
        status = _CODE.search(_one(group, "Status"))
        diagnosed = _CODE.search(_one(group, "Diagnostic-Code"))
        code = status.group() if status else ""
        if (not code or code.endswith(".0.0")) and diagnosed:  # many servers say more in the second
            code = diagnosed.group()
        for name in ("Original-Recipient", "Final-Recipient"):
            address = _address(_one(group, name))
            if address:
                found.setdefault(address, code)
    return found


def _address(said: str) -> str:
    kind, _, address = said.rpartition(";")
    return parseaddr(address.strip())[1][:254] if kind.strip() in ("", "rfc822", "utf-8") else ""


def _enclosed(part: Message) -> list[Message]:
    """The headings that a part is made of, where a message was sent back without its words."""
    return [message_from_bytes(_bytes(part))] if part.get_content_type() == "text/rfc822-headers" else []


def _ids(heading: Message) -> list[str]:
    return _OURS.findall("".join(str(heading.get("Message-ID", ""))[:2000].split()))


def split(file: IO[bytes]) -> Iterator[bytes]:
    """The messages of a file, one after the other, each cut at `LARGEST`: an mbox, or one message."""
    held, size, blank, begun = list[bytes](), 0, True, False
    for line in _lines(file):
        if line.startswith(b"From ") and blank and (begun or not held):
            if held:
                yield b"".join(held)
            held, size, begun = [], 0, True
            blank = False
            continue
        blank = not line.strip()
        if size < LARGEST:
            held.append(line)
            size += len(line)
    if held:
        yield b"".join(held)


def new_in(maildir: Path) -> Iterator[tuple[Path, bytes]]:
    """The messages of a Maildir that nobody has seen, each cut at `LARGEST`."""
    for path in sorted((maildir / "new").glob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                yield path, file.read(LARGEST)


def see(path: Path) -> None:
    """Let a new message of a Maildir count as seen, as mail programs do."""
    seen = path.parent.parent / "cur"
    seen.mkdir(exist_ok=True)
    path.rename(seen / f"{path.name}:2,S")


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """Lines of at most 64 kB: a file without line ends is not taken into memory whole."""
    while line := file.readline(65536):
        yield line
