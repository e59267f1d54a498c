"""Who and what is missing, for staff: each gap read aloud, with the one act that mends it; and who stands out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import format_decimal, lazy_gettext

from haln.access import Permission
from haln.measure import gap_people, gaps
from haln.measure.gaps import FEW, OVER_ASKED, Gap, Short, Some, Untied, Wanted
from haln.views import edge, members, words
from haln.views.network import asking
from haln.views.network.tabs import Tab, directory_of
from haln.views.speech import gettext, ngettext
from haln.views.tables import Column

blueprint = Blueprint("network_gaps", __name__, url_prefix="/network")

SHOWN = 40
"""So many gaps, the widest, are on the page."""

GAPS = (
    Column(lazy_gettext("Gap")),
    Column(lazy_gettext("In words")),
    Column(lazy_gettext("People"), number=True),
    Column(lazy_gettext("What mends it")),
)
PEOPLE = (Column(lazy_gettext("Member")), Column(lazy_gettext("Organisation")), Column(lazy_gettext("What to do")))


@dataclass(frozen=True, slots=True)
class Act:
    """What mends a gap, as a link."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    """One gap in words."""

    title: str
    sentence: str
    people: int
    act: Act


@edge.page(blueprint, "/gaps", Permission.SEE_MEASURES)
def index() -> str:
    """Show the gaps, the widest first."""
    question, errors = asking.asked()
    session, versions, vocabulary = edge.session(), asking.held(), words.vocabulary()
    found = gaps.told(session, edge.actor().member_id, versions, question, vocabulary, edge.now())
    return render_template(
        "network/gaps.html",
        lines=[_line(gap) for gap in found[:SHOWN]],
        more=max(0, len(found) - SHOWN),
        nobody=not len(gaps.network(versions, question)),
        columns=GAPS,
        few=FEW,
        over_asked=OVER_ASKED,
        enough=gaps.ENOUGH,
        **asking.frame(question, errors),
    )


@edge.page(blueprint, "/people/<any(holding,alone,hosts,unlisted):kind>", Permission.SEE_MEASURES)
def people(kind: gap_people.Kind) -> str:
    """Show who stands out, of those whom the reader may see."""
    question, errors = asking.asked()
    after = request.args.get("after", "")
    found = gap_people.named(edge.session(), edge.actor(), asking.held(), question, kind, edge.now(), after)
    titles = _titles()
    title, lead = titles[kind]
    here = asking.address("network_gaps.people", kind=kind)
    return render_template(
        "network/people.html",
        title=title,
        lead=lead,
        kind=kind,
        next_url=asking.address("network_gaps.people", kind=kind, after=found.after) if found.after else "",
        start_url=here if after else "",
        rows=[(members.person(one, url=_page(one.public_id)), _introduce(one.public_id)) for one in found.people],
        tabs=[
            Tab(name, asking.address("network_gaps.people", kind=one), one == kind) for one, (name, _) in titles.items()
        ],
        action=url_for("network_gaps.people", kind=kind),
        columns=PEOPLE,
        **asking.frame(question, errors),
    )


def _titles() -> dict[str, tuple[str, str]]:
    return {
        "holding": (
            gettext("People who hold parts together"),
            gettext(
                "Without some of them parts of the network would fall apart; through others most shortest ways run. "
                "Who is so central is easily asked too much: introduce people around them to each other."
            ),
        ),
        "alone": (
            gettext("Without a connection"),
            gettext("Nobody is connected with them yet, the latest to join first. Introduce them to somebody."),
        ),
        "hosts": (
            gettext("Connected to staff and facilitators only"),
            gettext("They know the people who run the network and no other member. Introduce them to one."),
        ),
        "unlisted": (
            gettext("Never suggested"),
            gettext(
                "They may be suggested and never were in anybody's list: often a profile that says little. Introduce "
                "them to somebody."
            ),
        ),
    }


def _page(public_id: str) -> str:
    return url_for("members.page", public_id=public_id)


def _introduce(public_id: str) -> str:
    return url_for("introductions.weave", one=public_id)


def _line(gap: Gap) -> Line:
    about = gap.about
    if isinstance(about, Short):
        return _short("sector" if gap.kind == "sector" else "region", about)
    if isinstance(about, Untied):
        return _untied("sector" if gap.kind == "sector_pair" else "region", about, gap.people)
    return _wanted(about) if isinstance(about, Wanted) else _some(gap, about)


def _short(kind: str, about: Short) -> Line:
    group = words.label(kind, about.group)
    title = gettext("%(group)s: nobody", group=group) if not about.members else gettext("%(group)s: few", group=group)
    return Line(
        title, _short_sentence(about), about.missing, Act(gettext("Invite people"), url_for("invitations.index"))
    )


def _short_sentence(about: Short) -> str:
    members_there = ngettext(
        "%(count)s person is a member.", "%(count)s people are members.", about.members, count=_whole(about.members)
    )
    if not about.members:
        members_there = gettext("Nobody there is a member.")
    if not about.known:
        return gettext("%(members)s The registers know no organisation there.", members=members_there)
    organisations = ngettext(
        "Of %(known)s organisation that the registers know there, %(reached)s has a member.",
        "Of %(known)s organisations that the registers know there, %(reached)s have a member.",
        about.known,
        known=_whole(about.known),
        reached=_whole(about.reached),
    )
    return gettext(
        "%(members)s %(organisations)s Its share would be %(missing)s more.",
        members=members_there,
        organisations=organisations,
        missing=_whole(about.missing),
    )


def _untied(kind: str, about: Untied, people: int) -> Line:
    pair = {"one": words.label(kind, about.one), "other": words.label(kind, about.other)}
    sentence = gettext(
        "Nobody of the one is connected with anybody of the other. By chance there would be about %(expected)s "
        "connections.",
        expected=format_decimal(about.expected, "0.#"),
    )
    act = Act(gettext("Find somebody of %(group)s to introduce", group=pair["one"]), directory_of(kind, about.one))
    return Line(gettext("%(one)s and %(other)s", **pair), sentence, people, act)


def _some(gap: Gap, about: Some) -> Line:
    """Members whom few reach, or too many."""
    share = {"count": _whole(about.count), "of": _whole(about.of)}
    if gap.kind == "over_asked":
        title = gettext("Asked too much")
        sentence = ngettext(
            "%(count)s member of %(of)s has %(most)s introductions or more open at once.",
            "%(count)s members of %(of)s have %(most)s introductions or more open at once.",
            about.count,
            most=OVER_ASKED,
            **share,
        )
        return Line(
            title, sentence, gap.people, Act(gettext("Invite others who can help"), url_for("invitations.index"))
        )
    sentences = {
        "alone": ngettext(
            "%(count)s member of %(of)s has no connection.",
            "%(count)s members of %(of)s have no connection.",
            about.count,
            **share,
        ),
        "hosts": ngettext(
            "%(count)s member of %(of)s is connected to staff or facilitators and to nobody else.",
            "%(count)s members of %(of)s are connected to staff or facilitators and to nobody else.",
            about.count,
            **share,
        ),
        "unlisted": ngettext(
            "%(count)s member of %(of)s was never suggested to anybody.",
            "%(count)s members of %(of)s were never suggested to anybody.",
            about.count,
            **share,
        ),
    }
    titles = _titles()
    url = asking.address("network_gaps.people", kind=gap.kind)
    return Line(titles[gap.kind][0], sentences[gap.kind], gap.people, Act(gettext("See who, and introduce them"), url))


def _wanted(about: Wanted) -> Line:
    theme = words.label("theme", about.theme)
    sentence = ngettext(
        "%(count)s member would like help with this; %(offer)s can help. No learning set or cohort is about it.",
        "%(count)s members would like help with this; %(offer)s can help. No learning set or cohort is about it.",
        about.seek,
        count=_whole(about.seek),
        offer=_whole(about.offer),
    )
    act = Act(gettext("Open a cohort"), url_for("cohorts.new"))
    return Line(gettext("No learning set: %(theme)s", theme=theme), sentence, about.seek, act)


def _whole(number: int) -> Any:
    return format_decimal(number)
