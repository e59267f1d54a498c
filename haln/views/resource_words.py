"""Resources in words: their kinds, their parts, who wrote them, and how often they were used."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import current_app, url_for
from flask_babel import format_date, format_decimal
from markupsafe import Markup

from haln.learn.resources import contents, shown_pictures
from haln.learn.resources.authors import Author, Sight
from haln.learn.resources.contents import Content
from haln.learn.resources.searching import Row
from haln.people.markdown import Picture, to_html
from haln.views import edge, local_time, words
from haln.views.speech import gettext

STEP = 5


@dataclass(frozen=True, slots=True)
class Named:
    """An author as a page names them; `url` is empty where there is no page to see."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a text; the heading is empty where the text has one part only."""

    heading: str
    html: Markup


@dataclass(frozen=True, slots=True)
class Lead:
    """The picture that stands before a resource, as a page draws it."""

    url: str
    alternative: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Text:
    """A resource's words, ready to read."""

    title: str
    kind: str
    standfirst: str
    sections: list[Section]
    link: str
    link_words: str
    facts: list[tuple[str, str]]
    themes: list[str]
    themes_label: str
    lead: Lead | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A resource in a list."""

    title: str
    url: str
    kind: str
    standfirst: str
    told: str
    themes: list[str]
    lead: Lead | None = None


def kinds() -> list[tuple[str, str]]:
    """The kinds and their names."""
    return [
        (contents.CASE_STUDY, gettext("Case study")),
        (contents.BLOG, gettext("Blog")),
        (contents.TOOL, gettext("Tool")),
        (contents.RECORDING, gettext("Recording")),
    ]


def kind(code: str) -> str:
    """The name of a kind."""
    return dict(kinds()).get(code, code)


def parts() -> dict[str, str]:
    """The headings of the parts."""
    return {
        "background": gettext("Background"),
        "outcomes": gettext("Outcomes"),
        "lessons": gettext("Lessons"),
        "body": gettext("Text"),
    }


def themes_label(code: str) -> str:
    """What the themes of a resource of a kind are called: of a case study they are where something was done."""
    return gettext("Activity areas (themes)") if code == contents.CASE_STUDY else gettext("Themes")


def fields(names: Iterable[str]) -> str:
    """The names of fields, as a list in words."""
    known = {
        "title": gettext("Title"),
        "standfirst": gettext("Standfirst"),
        "link": gettext("Address"),
        "held_on": gettext("Recorded on"),
        "themes": gettext("Themes"),
        "sectors": gettext("Sectors"),
        "regions": gettext("Nations and regions"),
        "readers": gettext("Who may read it"),
        "lead": gettext("Picture before the text"),
        **parts(),
    }
    return ", ".join(known[name] for name in names)


def text(code: str, content: Content) -> Text:
    """A resource's words for its page."""
    headings = parts()
    shown = shown_pictures.of(edge.session(), shown_pictures.named(content.document()))
    held = tuple(
        Picture(one.key, url_for("resources.picture", key=one.key), one.size.width, one.size.height, one.alternative)
        for one in shown.values()
    )
    return Text(
        title=content.title or gettext("Without a title"),
        kind=kind(code),
        standfirst=content.standfirst,
        sections=[
            Section("" if name == "body" else headings[name], to_html(content.parts[name], held))
            for name in contents.PARTS[code]
            if content.parts.get(name)
        ],
        link=content.link,
        link_words=gettext("Watch or listen") if code == contents.RECORDING else gettext("Open the tool"),
        facts=[
            (gettext("Recorded on"), day(date.fromisoformat(content.held_on)) if content.held_on else ""),
            (gettext("Sectors"), ", ".join(words.label("sector", one) for one in content.sectors)),
            (gettext("Places"), ", ".join(words.label("region", one) for one in content.regions)),
        ],
        themes=[words.label("theme", one) for one in content.themes],
        themes_label=themes_label(code),
        lead=lead(shown[content.lead]) if content.lead in shown else None,
    )


def lead(one: shown_pictures.Shown, *, small: bool = False) -> Lead:
    """A picture as a page draws it, large or small."""
    size = one.small_size if small else one.size
    url = (
        url_for("resources.picture", key=one.key, size="small") if small else url_for("resources.picture", key=one.key)
    )
    return Lead(url, one.alternative, size.width, size.height)


def day(when: date) -> str:
    """A day without its weekday: 3 December 2026."""
    return str(format_date(when, "d MMMM y"))


def on(moment: datetime) -> str:
    """The day of a moment, where the network is."""
    return day(moment.astimezone(local_time.zone()).date())


def named(written: Sequence[Author]) -> list[Named]:
    """The authors as their reader may see them; several whom they cannot see are told once."""
    found = [
        Named(one.name, url_for("members.page", public_id=one.public_id)) for one in written if one.sight is Sight.HERE
    ]
    if any(one.sight is Sight.UNSEEN for one in written):
        found.append(Named(unseen(public=edge.maybe_actor() is None), ""))
    if any(one.sight is Sight.FORMER for one in written):
        found.append(Named(gettext("Former member"), ""))
    return found


def unseen(*, public: bool) -> str:
    """What an author is called whom the reader may not see."""
    return gettext("A member of the network") if public else gettext("A member you cannot see")


def byline(written: Sequence[Author]) -> str:
    """The authors' names in one line."""
    return ", ".join(one.name for one in named(written))


def line(row: Row, endpoint: str = "resources.one") -> Line:
    """A resource in a list."""
    told = [byline(row.authors), on(row.published_at)]
    return Line(
        row.title,
        url_for(endpoint, public_id=row.public_id),
        kind(row.kind),
        row.standfirst,
        " · ".join(part for part in told if part),
        [words.label("theme", one) for one in row.themes],
        lead(row.lead, small=True) if row.lead is not None else None,
    )


def used(count: int) -> str:
    """How often it was used, as far as that may be told: nobody is to be found out by it."""
    if count == 0:
        return ""
    if count <= int(current_app.config["SMALL_NUMBER"]):
        return gettext("A few members said that they used it.")
    rounded = format_decimal(STEP * round(count / STEP))
    return gettext("Members said about %(count)s times that they used it.", count=rounded)


def states() -> dict[str, str]:
    """What a working copy is, for its authors."""
    return {
        "draft": gettext("Draft"),
        "review": gettext("With staff"),
        "changes": gettext("Staff ask for changes"),
        "declined": gettext("Declined"),
        "settled": gettext("Published"),
    }


def steps() -> dict[str, str]:
    """What happened to a working copy."""
    return {
        "sent": gettext("Sent for review"),
        "taken_back": gettext("Taken back"),
        "changes": gettext("Asked for changes"),
        "declined": gettext("Declined"),
        "published": gettext("Published"),
        "taken_down": gettext("Taken down"),
    }


def author(one: Author | None) -> str:
    """One person's name, as far as it may be given."""
    return byline([one]) if one is not None else ""
