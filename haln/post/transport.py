"""How messages leave: over SMTP, or, in development, into a folder."""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import Protocol

from haln.post.messages import domain_of

_NUMBERED = re.compile(r"5\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9])", re.ASCII)

TIMEOUT = 30
"""Seconds that one answer of the mail server may take."""


class Refused(Exception):
    """The mail server will never take this message: trying again is no use.

    `code`: why, as RFC 3463 numbers it; nothing where the server gives no such number.
    """

    def __init__(self, said: str, code: str = "") -> None:
        super().__init__(said)
        self.code = code


class Postponed(Exception):
    """This message cannot be sent now; others may."""


class Unreachable(Exception):
    """The mail server cannot be spoken to: no message can be sent now."""


class Transport(Protocol):
    """What takes a message away. Returns when it is taken; else raises Refused, Postponed or Unreachable."""

    def send(self, message: EmailMessage) -> None:
        """Hand one message over."""
        ...

    def close(self) -> None:
        """End what is open."""
        ...


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server. `security` is starttls, tls or none."""

    host: str
    port: int
    username: str = ""
    password: str = ""
    security: str = "starttls"


class SmtpTransport:
    """Sends over SMTP, many messages over one connection."""

    def __init__(self, server: Server, sender: str) -> None:
        self._server = server
        self._sender = parseaddr(sender)[1]
        self._open: smtplib.SMTP | None = None

    def send(self, message: EmailMessage) -> None:
        """Hand one message to the mail server."""
        try:
            connection = self._connection()
            connection.send_message(message, from_addr=self._sender, to_addrs=[parseaddr(str(message["To"]))[1]])
        except smtplib.SMTPRecipientsRefused as error:
            code, reason = next(iter(error.recipients.values()))
            raise _by_code(code, reason) from error
        except smtplib.SMTPDataError as error:
            raise _by_code(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise Unreachable(f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        """Say good-bye to the mail server."""
        if self._open is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                self._open.quit()
            self._open = None

    def _connection(self) -> smtplib.SMTP:
        if self._open is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                if self._open.noop()[0] == 250:
                    return self._open
            self._open.close()
        self._open = None
        self._open = self._connected()
        return self._open

    def _connected(self) -> smtplib.SMTP:
        here, server = domain_of(self._sender), self._server
        if server.security == "tls":
            secure = ssl.create_default_context()
            made: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, here, timeout=TIMEOUT, context=secure)
        else:
            made = smtplib.SMTP(server.host, server.port, here, timeout=TIMEOUT)
        try:
            if server.security == "starttls":
                made.starttls(context=ssl.create_default_context())
            if server.username:
                made.login(server.username, server.password)
        except BaseException:
            made.close()
            raise
        return made


def _by_code(code: int, reason: bytes | str) -> Refused | Postponed:
    words = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
    told = f"{code} {words}"
    found = _NUMBERED.match(words)
    return Refused(told, found.group() if found else "") if 500 <= code < 600 else Postponed(told)


class FolderTransport:
    """Writes each message into a folder, to be read there: the text, and the HTML and a calendar file beside it.

    A file is named after the Message-ID, so the same message sent again is still one file.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: EmailMessage) -> None:
        """Write one message."""
        self._folder.mkdir(parents=True, exist_ok=True)
        heads = "\n".join(f"{name}: {value}" for name, value in message.items() if name in _SHOWN)
        for suffix, kind, before in ((".txt", "plain", heads + "\n\n"), (".html", "html", "")):
            part = message.get_body((kind,))
            if part is not None:
                _write(file_of(self._folder, str(message["Message-ID"]), suffix), before + part.get_content())
        for part in message.iter_attachments():
            suffix = Path(part.get_filename() or "").suffix
            _write(file_of(self._folder, str(message["Message-ID"]), suffix), part.get_content())

    def close(self) -> None:
        """Nothing is open."""


_SHOWN = frozenset({"From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe"})


def file_of(folder: Path, message_id: str, suffix: str = ".txt") -> Path:
    """Where the folder keeps a message."""
    name = "".join(char for char in message_id.partition("@")[0] if char.isalnum() or char in ".-")
    return folder / f"{name}{suffix}"


def _write(path: Path, text: str) -> None:
    whole = path.with_suffix(f"{path.suffix}.part")
    whole.write_text(text, encoding="utf-8")
    whole.replace(path)
