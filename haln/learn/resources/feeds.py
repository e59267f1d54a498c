"""Published resources as an Atom feed (RFC 4287): at a member's private address, or for everyone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import NotFound
from haln.learn.resources import authors, contents, picture_files, shown_pictures
from haln.learn.resources.authors import Sight
from haln.learn.resources.searching import open_to_all
from haln.learn.resources.shown_pictures import Shown
from haln.models import Member, Resource, ResourceFeed, ResourceVersion
from haln.people.markdown import Picture, to_html
from haln.people.tokens import fresh, hashed
from haln.people.visibility import ACTIVE

ENTRIES = 40
ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, slots=True)
class Frame:
    """What the edge knows of a feed: its names, its addresses, and the words for parts and authors.

    `picture`: where a picture lies, for a feed that everybody may read; programs that follow another cannot sign in.
    """

    title: str
    network: str
    self_url: str
    site_url: str
    page: Callable[[str], str]
    theme: Callable[[str], str]
    parts: Mapping[str, str]
    unnamed: str
    picture: Callable[[str], str] | None = None


def make_address(session: Session, actor: Actor, now: datetime) -> str:
    """Make the member's private address; one made before ends. Returns its secret, which exists nowhere else."""
    token = fresh()
    session.execute(delete(ResourceFeed).where(ResourceFeed.member_id == actor.member_id))
    session.add(ResourceFeed(member_id=actor.member_id, token_hash=hashed(token), made_at=now))
    session.flush()
    history.record(session, actor.member_id, "make_feed_address", "member", actor.member_id, now)
    return token


def end_address(session: Session, actor: Actor, now: datetime) -> None:
    """End the member's private address."""
    session.execute(delete(ResourceFeed).where(ResourceFeed.member_id == actor.member_id))
    history.record(session, actor.member_id, "end_feed_address", "member", actor.member_id, now)


def made_at(session: Session, actor: Actor) -> datetime | None:
    """When the member's address was made; none when there is none."""
    return session.scalar(select(ResourceFeed.made_at).where(ResourceFeed.member_id == actor.member_id))


def reader(session: Session, token: str) -> int:
    """Whose address it is. Raises NotFound for one that ended, or whose owner is not in the network."""
    found = session.scalar(
        select(ResourceFeed.member_id)
        .join(Member, Member.id == ResourceFeed.member_id)
        .where(ResourceFeed.token_hash == hashed(token), Member.standing == ACTIVE)
    )
    if found is None:
        raise NotFound("There is no such page, or it is not for you.")
    return found


def written(session: Session, viewer_id: int | None, frame: Frame) -> bytes:
    """The newest resources that somebody may read, as a feed; `viewer_id` none: those for everyone."""
    statement = (
        select(
            Resource.id,
            Resource.public_id,
            Resource.kind,
            Resource.published_at,
            ResourceVersion.content,
            ResourceVersion.published_at.label("changed_at"),
        )
        .join(
            ResourceVersion,
            (ResourceVersion.resource_id == Resource.id) & (ResourceVersion.number == Resource.shown),
        )
        .order_by(ResourceVersion.published_at.desc(), Resource.id.desc())
        .limit(ENTRIES)
    )
    if viewer_id is None:
        statement = statement.where(open_to_all())
    rows = session.execute(statement).all()
    named = authors.of(session, viewer_id, [row.id for row in rows])
    keys = set[str]().union(*(shown_pictures.named(row.content) for row in rows)) if frame.picture else set[str]()
    shown = shown_pictures.of(session, keys)
    feed = ElementTree.Element("feed", xmlns=ATOM)
    _text(feed, "id", frame.site_url)
    _text(feed, "title", frame.title)
    _text(feed, "updated", _moment(max((row.changed_at for row in rows), default=datetime(2020, 1, 1, tzinfo=UTC))))
    ElementTree.SubElement(feed, "link", rel="self", type="application/atom+xml", href=frame.self_url)
    ElementTree.SubElement(feed, "link", rel="alternate", type="text/html", href=frame.site_url)
    _text(ElementTree.SubElement(feed, "author"), "name", frame.network)
    for row in rows:
        names = [one.name for one in named.get(row.id, ()) if one.sight is Sight.HERE]
        _entry(feed, frame, row, names or [frame.unnamed], shown)
    document: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return document


def _entry(feed: ElementTree.Element, frame: Frame, row: Any, names: list[str], shown: Mapping[str, Shown]) -> None:
    public_id: str = row.public_id
    content = contents.read(row.content)
    entry = ElementTree.SubElement(feed, "entry")
    _text(entry, "id", frame.page(public_id))
    _text(entry, "title", content.title)
    _text(entry, "published", _moment(row.published_at))
    _text(entry, "updated", _moment(row.changed_at))
    ElementTree.SubElement(entry, "link", rel="alternate", type="text/html", href=frame.page(public_id))
    if content.link:
        ElementTree.SubElement(entry, "link", rel="related", href=content.link)
    held = tuple(
        Picture(one.key, frame.picture(one.key), one.size.width, one.size.height)
        for one in shown.values()
        if frame.picture is not None
    )
    if content.lead in shown and frame.picture is not None:
        link = ElementTree.SubElement(entry, "link", rel="enclosure", href=frame.picture(content.lead))
        link.set("type", picture_files.TYPE)
        link.set("title", shown[content.lead].alternative)
    for name in names:
        _text(ElementTree.SubElement(entry, "author"), "name", name)
    for code in content.themes:
        ElementTree.SubElement(entry, "category", term=code, label=frame.theme(code))
    _text(entry, "summary", content.standfirst)
    html = "".join(
        (f"<h2>{frame.parts[name]}</h2>" if name != "body" else "") + str(to_html(text, held))
        for name, text in ((name, content.parts.get(name, "")) for name in contents.ALL_PARTS)
        if text
    )
    if html:
        _text(entry, "content", html).set("type", "html")


def _text(parent: ElementTree.Element, name: str, words: str) -> ElementTree.Element:
    made = ElementTree.SubElement(parent, name)
    made.text = words
    return made


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
