"""A member's page, as the one who looks may see it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from flask import Blueprint, redirect, render_template, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from haln.access import Permission, require
from haln.connect import standing
from haln.errors import NotFound
from haln.learn.resources import searching
from haln.people import member_page
from haln.people.markdown import to_html
from haln.people.member_page import MemberPage
from haln.people.profiles import ThemeChoice
from haln.views import edge, resource_words, words
from haln.views.speech import gettext
from haln.views.words import ThemeWords

blueprint = Blueprint("members", __name__)


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the components draw one."""

    name: str
    tone: str
    role: str
    organisation: str
    place: str
    url: str = ""
    tie: str = ""
    organisation_url: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A member's page in words."""

    public_id: str
    person: Person
    facts: list[tuple[str, str]]
    biography: Markup
    offers: list[ThemeWords]
    seeks: list[ThemeWords]
    interests: list[ThemeWords]
    email: str
    connected: bool
    mutual: list[Person] = field(default_factory=list)
    mutual_more: int = 0
    texts: list[tuple[str, str]] = field(default_factory=list)  # each with its year, or nothing
    texts_more: int = 0


class _Facts(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str | None: ...
    @property
    def level(self) -> str | None: ...
    @property
    def job_title(self) -> str | None: ...
    @property
    def organisation(self) -> str | None: ...
    @property
    def sector(self) -> str | None: ...
    @property
    def place(self) -> str | None: ...


@edge.page(blueprint, "/people/<public_id>", Permission.PUBLIC)
def page(public_id: str) -> str | Response:
    """Show a member; your own page is your profile. Who is not signed in is asked to be, whatever may be there."""
    actor = edge.maybe_actor()
    if actor is not None and actor.public_id == public_id:
        return redirect(url_for("profile.own"), 303)
    viewer = actor if actor is not None and actor.may(Permission.NETWORK) else None
    try:
        seen = member_page.seen_by(edge.session(), viewer.member_id if viewer else None, public_id, edge.now())
    except NotFound:
        require(actor, Permission.NETWORK)  # whoever may see members only then learns that nobody is there for them
        raise
    between = (
        standing.standing(edge.session(), viewer.member_id, seen.member_id, edge.now())
        if viewer and not seen.connected
        else None
    )
    return render_template(
        "members/page.html",
        page=shown(seen),
        viewer=viewer,
        standing=between,
        words=words,
        wrote=[
            resource_words.line(row)
            for row in (searching.written_by(edge.session(), viewer.member_id, seen.member_id) if viewer else ())
        ],
    )


def person(facts: _Facts, *, url: str = "", tie: str = "") -> Person:
    """The head of a person: name, what they do, where."""
    return Person(
        name=facts.name,
        tone=facts.sector or "",
        role=words.work(facts.role, facts.level, facts.job_title),
        organisation=facts.organisation or "",
        place=words.place(facts.place),
        url=url,
        tie=tie,
    )


def shown(page: MemberPage) -> Shown:
    """Put what may be seen of a member into words."""
    prefix = url_for("members.page", public_id="")
    return Shown(
        public_id=page.public_id,
        person=person(page, tie=gettext("Connected") if page.connected else ""),
        facts=[
            (term, said)
            for term, said in (
                (gettext("Works on"), words.label("role", page.role) if page.job_title else ""),
                (gettext("Level"), words.label("level", page.level)),
                (gettext("Sector"), words.label("sector", page.sector)),
            )
            if said
        ],
        biography=to_html(page.biography) if page.biography else Markup(),
        offers=words.themes(page.themes, "offer"),
        seeks=words.themes(page.themes, "seek"),
        interests=only_interests(page.themes),
        email=page.email or "",
        connected=page.connected,
        mutual=[
            Person(other.name, other.sector or "", "", other.organisation or "", "", prefix + other.public_id)
            for other in page.mutual
        ],
        mutual_more=page.mutual_count - len(page.mutual),
        texts=[(one.text, str(one.written_on.year) if one.written_on else "") for one in page.texts],
        texts_more=page.texts_count - len(page.texts),
    )


def only_interests(themes: Iterable[ThemeChoice]) -> list[ThemeWords]:
    """The themes somebody neither offers nor seeks; one with only a maturity is of interest too."""
    rest = [ThemeChoice(one.theme, True, maturity=one.maturity) for one in themes if not (one.offer or one.seek)]
    return words.themes(rest, "interest")
