"""A mail server on this machine that takes, refuses or breaks as a test asks, and keeps what it took."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

Answer = Callable[[str], str | None]
"""Given a verb with its argument ("RCPT TO:<…>", "DATA", "." for the end of a message): what to answer instead."""


@dataclass
class Mailbox:
    """What the server took."""

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answer: Answer = lambda said: None
    connections: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ids(self) -> list[str]:
        """The Message-IDs, as they came."""
        return [str(message["Message-ID"]) for message in self.taken]


class _Talk(socketserver.StreamRequestHandler):
    timeout = 10

    def handle(self) -> None:
        with suppress(ConnectionError):  # a killed worker does not say good-bye
            self._talk()

    def _talk(self) -> None:
        box: Mailbox = self.server.mailbox  # type: ignore[attr-defined]  # set below
        with box.lock:
            box.connections += 1
        self._say("220 here")
        recipient = ""
        while line := self.rfile.readline():
            said = line.decode("utf-8").strip()
            verb = said[:4].upper()
            told = box.answer(said)
            if told is not None:
                self._say(told)
                continue
            if verb == "RCPT":
                recipient = said.partition("<")[2].rstrip(">")
            if verb == "DATA":
                self._say("354 go on")
                self._take(box, recipient)
                continue
            if verb == "QUIT":
                self._say("221 bye")
                return
            self._say("250 fine")

    def _take(self, box: Mailbox, recipient: str) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        told = box.answer(".")
        if told is None:
            with box.lock:
                box.taken.append(message_from_bytes(b"".join(lines), policy=default))  # type: ignore[arg-type]
                box.recipients.append(recipient)
        self._say(told or "250 taken")

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode("ascii") + b"\r\n")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def running() -> Iterator[Mailbox]:
    """A server on a free port of 127.0.0.1."""
    box = Mailbox()
    with _Server(("127.0.0.1", 0), _Talk) as server:
        server.mailbox = box  # type: ignore[attr-defined]  # what the talk keeps
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()
