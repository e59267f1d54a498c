"""Letters: what a row of the outbox says, decided and worded at the moment it is sent.

Until then the row holds only what the message is about. So nothing that works as a key lies in the database, a message
to somebody who has left, been erased or been blocked since is not sent, and names are the ones people have today.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Application, Cohort, Introduction, Member
from haln.people import invitations, links
from haln.people.links import Purpose
from haln.people.visibility import visible_ids
from haln.post import (
    coffee_letters,
    digest_letters,
    event_letters,
    pathway_letters,
    proposal_letters,
    resource_letters,
    seat_letters,
    set_leader_letters,
    set_letters,
    set_request_letters,
    topic_letters,
    unsubscribing,
)
from haln.post.digest_parts.base import Ways
from haln.post.newsletters import letters as newsletter_letters
from haln.post.set_letters import Attachment
from haln.post.shared import Shared


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


HIDDEN = "[…]"

SEALED = frozenset(
    {
        *coffee_letters.KINDS,
        *digest_letters.KINDS,
        *pathway_letters.KINDS,
        *topic_letters.KINDS,
        newsletter_letters.ISSUE,
    }
)
"""Kinds of letter that only their reader may know of: whom they meet or are to meet, how far they have come, what they
back or, by the segment of an issue, what they may show to nobody.

Staff see that there are such letters and whether they arrive, and neither to whom they go nor what they say.
"""

BULK = frozenset({*digest_letters.KINDS, newsletter_letters.ISSUE})
"""Kinds that are written to many at once: who asked for a new password does not wait behind them."""

ALIKE = frozenset({newsletter_letters.ISSUE})
"""Kinds whose words are kept once, where they were written, and not with every letter."""

Mint = Callable[[Purpose, str, int | None], str]


@dataclass(frozen=True, slots=True)
class _Draft:
    template: str
    address: str
    values: Mapping[str, object]
    topic: str = ""
    member_public_id: str = ""
    secrets: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    alike: str = ""  # a name for letters that are, but for the link to stop, the same for all who read one language


@dataclass(frozen=True, slots=True)
class _Person:
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
class _Writer:
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

    def by_address(self, email: str) -> _Person | None:
        """Whose address this is."""
        return self._person(Member.email == email)

    def by_id(self, member_id: int | None) -> _Person | None:
        """The member with this number."""
        return self._person(Member.id == member_id)

    def reader(self, order: Order) -> _Person | None:
        """Who is to read it, while they are a member who takes part; others get none of what goes on."""
        person = self.by_id(order.member_id)
        return person if person is not None and person.standing == "active" else None

    def _person(self, condition: Any) -> _Person | None:
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
        return _Person(row.id, row.public_id, row.name, row.email or "", row.standing, *wants)

    def introduction(self, introduction_id: int) -> Any:
        """The introduction with this number, as it is in the database now; none when there is none."""
        row = Introduction
        columns = (row.asker_id, row.asked_id, row.weaver_id, row.note, row.state, row.expires_at)
        return self.session.execute(select(*columns).where(row.id == introduction_id)).first()

    def secret_link(
        self, template: str, purpose: Purpose, path: str, email: str, member_id: int | None, **values: object
    ) -> _Draft:
        """A letter around one single-use link."""
        token = self.mint(purpose, email, member_id)
        return _Draft(template, email, {"url": self.url(path.format(token)), **values}, secrets=(token,))


def _verify(writer: _Writer, order: Order) -> _Draft | None:
    """To an address that asked to join."""
    person = writer.by_address(order.address)
    if person is not None and person.standing == "active":
        return _Draft(
            "already_member", order.address, {"url": writer.url("/sign-in"), "reset_url": writer.url("/forgotten")}
        )
    if not writer.desk.open_to_all and not invitations.is_invited(writer.session, order.address):
        return None
    return writer.secret_link("verify", Purpose.JOIN, "/join/{}", order.address, None)


def _invitation(writer: _Writer, order: Order) -> _Draft | None:
    person = writer.by_address(order.address)
    if person is not None and person.standing == "active":
        return None
    inviter = writer.by_id(order.values.get("inviter_id"))
    name = inviter.name if inviter is not None and inviter.standing == "active" else ""
    return writer.secret_link("invitation", Purpose.JOIN, "/join/{}", order.address, None, inviter_name=name)


def _reset(writer: _Writer, order: Order) -> _Draft | None:
    person = writer.by_address(order.address)
    if person is None:
        return None
    if person.standing == "active":
        return writer.secret_link("reset", Purpose.RESET, "/reset/{}", order.address, person.id)
    if person.standing == "erased":
        return None
    return writer.secret_link("verify", Purpose.JOIN, "/join/{}", order.address, None)


def _confirm_address(writer: _Writer, order: Order) -> _Draft | None:
    person, owner = writer.reader(order), writer.by_address(order.address)
    if person is None:
        return None
    if owner is not None and owner.id != person.id:
        return _Draft("address_in_use", order.address, {"url": writer.url("/sign-in")})
    return writer.secret_link("confirm_address", Purpose.CHANGE, "/address/{}", order.address, person.id)


def _password_changed(writer: _Writer, order: Order) -> _Draft | None:
    person = writer.by_id(order.member_id)
    if person is None or person.standing == "erased":
        return None
    return _Draft("password_changed", order.address, {"url": writer.url("/forgotten")})


def _address_changed(writer: _Writer, order: Order) -> _Draft | None:
    person = writer.by_id(order.member_id)
    if person is None or person.standing == "erased":
        return None
    return _Draft("address_changed", order.address, {"new_address": order.values["new_address"]})


def _introduction(writer: _Writer, order: Order) -> _Draft | None:
    """About an introduction: only while the reader wants such mail and may see everybody whom it names."""
    person = writer.reader(order)
    row = writer.introduction(order.values["introduction_id"])
    if person is None or not person.introduction_mail or row is None:
        return None
    if order.kind in CALLS and (row.state != "open" or row.expires_at <= writer.now):
        return None
    other = writer.by_id(row.asked_id if row.asker_id == person.id else row.asker_id)
    weaver = writer.by_id(row.weaver_id) if row.weaver_id else None
    named = {found.id for found in (other, weaver) if found is not None}
    if other is None or visible_ids(writer.session, person.id, named) != named:
        return None
    note = row.note if order.kind in CALLS else ""
    values = {"other_name": other.name, "weaver_name": weaver.name if weaver else "", "note": note}
    values["url"] = writer.url(str(order.values["path"]))
    secrets = (note,) if note else ()
    return _Draft(order.kind, person.email, values, unsubscribing.INTRODUCTIONS, person.public_id, secrets)


def _seat(writer: _Writer, order: Order) -> _Draft | None:
    """About a place in a learning set: to whoever applied for one."""
    person = writer.reader(order)
    told = seat_letters.told(writer.session, order.kind, order.values, order.member_id, writer.url, writer.now)
    if person is None or told is None:
        return None
    return _Draft(order.kind, person.email, told)


def _application(writer: _Writer, order: Order) -> _Draft | None:
    """About one's own application: while it stands, or when its cohort does not take place. Nothing of what it says."""
    person = writer.reader(order)
    row = writer.session.execute(
        select(Cohort.public_id, Cohort.title, Cohort.state)
        .join(Application, Application.cohort_id == Cohort.id)
        .where(
            Cohort.id == order.values["cohort_id"],
            Application.member_id == order.member_id,
            Application.state != "withdrawn",
        )
    ).first()
    if person is None or row is None:
        return None
    if (order.kind == "cohort_cancelled") != (row.state == "cancelled"):
        return None
    return _Draft(order.kind, person.email, {"title": row.title, "url": writer.url(f"/cohorts/{row.public_id}/about")})


def _set(writer: _Writer, order: Order) -> _Draft | None:
    """About a learning set's sessions: to those in it."""
    person = writer.by_id(order.member_id)
    told = set_letters.told(writer.session, order.kind, order.values, order.member_id, writer.url, writer.now)
    if person is None or told is None:
        return None
    topic = unsubscribing.INTRODUCTIONS if order.kind in set_letters.STOPPABLE else ""
    return _Draft(order.kind, person.email, told.values, topic, person.public_id, attachments=told.attachments)


def _set_leader(writer: _Writer, order: Order) -> _Draft | None:
    """About leading a learning set: to who does, or did."""
    person = writer.reader(order)
    told = set_leader_letters.told(writer.session, order.kind, order.values, order.member_id, writer.url, writer.now)
    if person is None or told is None:
        return None
    stoppable = order.kind in set_leader_letters.STOPPABLE
    if stoppable and not person.introduction_mail:
        return None
    topic = unsubscribing.INTRODUCTIONS if stoppable else ""
    return _Draft(order.kind, person.email, told.values, topic, person.public_id, attachments=told.attachments)


def _set_request(writer: _Writer, order: Order) -> _Draft | None:
    """About asking to join a set: to its facilitator, or to who asked."""
    person = writer.reader(order)
    told = set_request_letters.told(writer.session, order.kind, order.values, order.member_id, writer.url)
    if person is None or told is None:
        return None
    note = str(told.get("note", ""))
    return _Draft(order.kind, person.email, told, secrets=(note,) if note else ())


def _event(writer: _Writer, order: Order) -> _Draft | None:
    """About an event: to those who have a place or wait for one, or who proposed it."""
    person = writer.reader(order)
    told = event_letters.told(writer.session, order.kind, order.values, order.member_id, writer.url, writer.now)
    if person is None or told is None:
        return None
    stoppable = order.kind == event_letters.REMINDER
    if stoppable and not person.event_mail:
        return None
    topic = unsubscribing.EVENTS if stoppable else ""
    secrets = event_letters.secrets(told.values)
    return _Draft(order.kind, person.email, told.values, topic, person.public_id, secrets, told.attachments)


def _coffee(writer: _Writer, order: Order) -> _Draft | None:
    """About coffee rounds: to who asked for them, as long as the reader is a member."""
    person = writer.reader(order)
    if person is None:
        return None
    told = coffee_letters.told(writer.session, order.kind, order.values, person.id, writer.url, writer.now)
    if told is None:
        return None
    topic = unsubscribing.COFFEE
    return _Draft(order.kind, person.email, told.values, topic, person.public_id)


def _resource(writer: _Writer, order: Order) -> _Draft | None:
    """About a resource: to staff, its authors, or who is asked to be one."""
    person = writer.reader(order)
    told = resource_letters.told(writer.session, order.kind, order.values, order.member_id, writer.url)
    if person is None or told is None:
        return None
    stoppable = order.kind in resource_letters.STOPPABLE
    if stoppable and not person.resource_mail:
        return None
    topic = unsubscribing.RESOURCES if stoppable else ""
    return _Draft(order.kind, person.email, told, topic, person.public_id)


def _pathway(writer: _Writer, order: Order) -> _Draft | None:
    """About a learning pathway: to who finished it."""
    person = writer.reader(order)
    told = pathway_letters.told(writer.session, order.kind, order.values, order.member_id, writer.url)
    if person is None or told is None:
        return None
    if order.kind not in pathway_letters.STOPPABLE:
        return _Draft(order.kind, person.email, {**told, "name": person.name})
    if not person.pathway_mail:
        return None
    return _Draft(order.kind, person.email, told, unsubscribing.PATHWAYS, person.public_id)


def _proposals(writer: _Writer, order: Order) -> _Draft | None:
    """About proposals of events that wait: to staff."""
    person = writer.reader(order)
    if person is None or not person.proposal_mail:
        return None
    told = proposal_letters.told(writer.session, person.id, writer.url, writer.now)
    return _Draft(order.kind, person.email, told, unsubscribing.PROPOSALS, person.public_id) if told else None


def _topic(writer: _Writer, order: Order) -> _Draft | None:
    """About a topic: to who backs it or proposed it, as long as they want such mail, or whose comment was hidden."""
    person = writer.reader(order)
    if person is None:
        return None
    told = topic_letters.told(writer.session, order.kind, order.values, person.id, writer.url, writer.now)
    stoppable = order.kind in topic_letters.STOPPABLE
    if told is None or (stoppable and not person.topic_mail):
        return None
    return _Draft(order.kind, person.email, told, unsubscribing.BACKED if stoppable else "", person.public_id)


def _digest(writer: _Writer, order: Order) -> _Draft | None:
    """What is new for a member, of the parts that they want."""
    person = writer.reader(order)
    if person is None:
        return None
    desk = writer.desk
    told = digest_letters.told(writer.session, order.values, person.id, writer.url, desk.shared, desk.ways, writer.now)
    if told is None:
        return None
    return _Draft(order.kind, person.email, told, unsubscribing.DIGEST, person.public_id)


def _newsletter(writer: _Writer, order: Order) -> _Draft | None:
    """An issue of the newsletter: to who asked for it and still wants it; a test of one to who writes it."""
    person, desk = writer.reader(order), writer.desk
    if person is None or (order.kind == newsletter_letters.ISSUE and not person.news):
        return None
    told = newsletter_letters.told(writer.session, order.kind, order.values, desk.shared, writer.url, writer.now)
    if told is None:
        return None
    alike = f"{order.kind} {order.values['newsletter_id']} in {order.language}"
    return _Draft("newsletter", person.email, told, unsubscribing.NEWS, person.public_id, alike=alike)


CALLS = frozenset({"introduction_asked", "introduction_woven"})
"""Kinds that ask for an answer: not sent when there is nothing to answer any more."""

_Write = Callable[[_Writer, Order], _Draft | None]

KINDS: dict[str, _Write] = {
    "verify": _verify,
    "invitation": _invitation,
    "reset": _reset,
    "confirm_address": _confirm_address,
    "password_changed": _password_changed,
    "address_changed": _address_changed,
    "introduction_asked": _introduction,
    "introduction_accepted": _introduction,
    "introduction_woven": _introduction,
    "introduction_lapsed": _introduction,
    **dict.fromkeys(resource_letters.KINDS, _resource),
    **dict.fromkeys(seat_letters.KINDS, _seat),
    "application_received": _application,
    "application_entered": _application,
    "cohort_cancelled": _application,
    **dict.fromkeys(coffee_letters.KINDS, _coffee),
    **dict.fromkeys(digest_letters.KINDS, _digest),
    **dict.fromkeys(set_letters.KINDS, _set),
    **dict.fromkeys(set_request_letters.KINDS, _set_request),
    **dict.fromkeys(set_leader_letters.KINDS, _set_leader),
    **dict.fromkeys(event_letters.KINDS, _event),
    **dict.fromkeys(pathway_letters.KINDS, _pathway),
    **dict.fromkeys(topic_letters.KINDS, _topic),
    **dict.fromkeys(newsletter_letters.KINDS, _newsletter),
    **dict.fromkeys(proposal_letters.KINDS, _proposals),
}
"""Every kind of message and what writes it."""


def write(session: Session, order: Order, desk: Desk, now: datetime) -> Letter | None:
    """Word a message; none when it must not be sent any more. Links in it are made now, and kept as hashes."""

    def mint(purpose: Purpose, email: str, member_id: int | None) -> str:
        return links.mint(session, purpose, email, member_id, now)

    return _letter(_Writer(session, desk, now, mint), order)


def preview(session: Session, order: Order, desk: Desk, now: datetime) -> Worded | None:
    """Word a message as staff may read it, without making a link; none when it would not be sent."""
    letter = _letter(_Writer(session, desk, now, lambda purpose, email, member_id: HIDDEN), order)
    return letter.masked() if letter else None


def _letter(writer: _Writer, order: Order) -> Letter | None:
    draft = KINDS[order.kind](writer, order)
    if draft is None:
        return None
    url, secrets = "", draft.secrets
    if draft.topic:
        token = unsubscribing.token(writer.desk.secret, draft.member_public_id, draft.topic)
        url, secrets = writer.url(f"/unsubscribe/{token}"), (*secrets, token)
    values = {**draft.values, "unsubscribe_url": url, "public_url": writer.desk.public_url.rstrip("/")}
    words = _alike(writer, order, draft, values) if draft.alike else _rendered(writer.desk, order, draft, values)
    return Letter(draft.address, words, url, secrets, draft.attachments, order.kind in SEALED)


def _rendered(desk: Desk, order: Order, draft: _Draft, values: Mapping[str, object]) -> Worded:
    return desk.render(draft.template, order.language, values)


def _alike(writer: _Writer, order: Order, draft: _Draft, values: Mapping[str, object]) -> Worded:
    """Word what is the same for many once, and put the reader's own link to stop into it."""

    def worded() -> tuple[str, Worded]:
        place = writer.url(f"/unsubscribe/{secrets.token_hex(16)}")
        return place, _rendered(writer.desk, order, draft, {**values, "unsubscribe_url": place})

    place, common = writer.desk.shared.once(draft.alike, writer.now, worded)
    own = str(values["unsubscribe_url"])
    # What we put in are letters, digits, and - _ . alone: the same in text and in HTML.
    return Worded(common.subject, common.text.replace(place, own), common.html.replace(place, own))
