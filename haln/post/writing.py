"""What every kind of letter is written with: who asks for what, the desk, its reader, and what comes out.

What writes a kind gets a `Writer` and an `Order`, and gives a `Draft`, or none where nothing must be sent any more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Member
from haln.people.links import Purpose
from haln.post.digest_parts.base import Ways
from haln.post.shared import Shared

HIDDEN = "[…]"
"""What stands in place of words that only their reader may see."""

Mint = Callable[[Purpose, str, int | None], str]
Url = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A calendar file that goes with a letter."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Worded:
    """A message in words."""

    subject: str
    text: str
    html: str


class Renderer(Protocol):
    """Puts a template (`email/<name>.txt` and `.html`) into words; the edge brings it."""

    def __call__(self, template: str, language: str, values: Mapping[str, object]) -> Worded:
        """Word the template in a language."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """What writing letters needs from the settings. Links begin with `public_url`, whatever host a request named.

    One desk is for one batch of letters: `shared` is what these read but once.
    """

    public_url: str
    secret: str
    sender: str
    open_to_all: bool
    render: Renderer
    ways: Ways = field(default_factory=Ways)
    shared: Shared = field(default_factory=Shared)


@dataclass(frozen=True, slots=True)
class Order:
    """What a row of the outbox asks for."""

    kind: str
    address: str
    member_id: int | None
    language: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Letter:
    """A message ready to send. `secrets` are the parts that nobody but its reader may see; `sealed`: all of it."""

    address: str
    words: Worded
    unsubscribe_url: str = ""
    secrets: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    sealed: bool = False

    def masked(self) -> Worded:
        """The words as staff may read them."""
        if self.sealed:
            return Worded(HIDDEN, HIDDEN, "")
        return Worded(self._mask(self.words.subject), self._mask(self.words.text), "")

    def _mask(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, HIDDEN)
        return text


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter before it is worded: its template, to whom it goes, and what it says.

    `topic` and `member_public_id`: what its link stops, and for whom. `secrets`: parts that only its reader may see.
    `alike`: a name for letters that are, but for that link, the same for all who read one language; of words that are
    made of what is shared it names the moment, too, at which that was read.
    """

    template: str
    address: str
    values: Mapping[str, object]
    topic: str = ""
    member_public_id: str = ""
    secrets: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    alike: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A member to whom letters may go, and which kinds they want."""

    id: int
    public_id: str
    name: str
    email: str
    standing: str
    introduction_mail: bool
    event_mail: bool
    pathway_mail: bool
    resource_mail: bool
    topic_mail: bool
    proposal_mail: bool
    news: bool


@dataclass(frozen=True, slots=True)
class Writer:
    """One letter being written: where facts come from, and how a link is made."""

    session: Session
    desk: Desk
    now: datetime
    mint: Mint

    def url(self, path: str) -> str:
        """A page's address for people."""
        if not path.startswith("/") or path.startswith("//"):
            raise ValueError(f"{path!r} is no path of ours")
        return self.desk.public_url.rstrip("/") + path

    def by_address(self, email: str) -> Person | None:
        """Whose address this is."""
        return self._person(Member.email == email)

    def by_id(self, member_id: int | None) -> Person | None:
        """The member with this number."""
        return self._person(Member.id == member_id)

    def reader(self, order: Order) -> Person | None:
        """Who is to read it, while they are a member who takes part; others get none of what goes on."""
        person = self.by_id(order.member_id)
        return person if person is not None and person.standing == "active" else None

    def _person(self, condition: Any) -> Person | None:
        columns = (Member.id, Member.public_id, Member.name, Member.email, Member.standing)
        wanted = (
            Member.introduction_mail,
            Member.event_mail,
            Member.pathway_mail,
            Member.resource_mail,
            Member.topic_mail,
            Member.proposal_mail,
            Member.news_since.is_not(None),
        )
        row = self.session.execute(select(*columns, *wanted).where(condition)).first()
        if row is None:
            return None
        wants = [bool(one) for one in row[len(columns) :]]
        return Person(row.id, row.public_id, row.name, row.email or "", row.standing, *wants)

    def secret_link(
        self, template: str, purpose: Purpose, path: str, email: str, member_id: int | None, **values: object
    ) -> Draft:
        """A letter around one single-use link."""
        token = self.mint(purpose, email, member_id)
        return Draft(template, email, {"url": self.url(path.format(token)), **values}, secrets=(token,))


Write = Callable[[Writer, Order], Draft | None]
