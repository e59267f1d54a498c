"""The network on a day in sentences and rows: what the picture shows, for those who do not see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import format_date, format_decimal, format_percent, lazy_gettext

from haln.measure.picture import Group, Stop
from haln.views import words
from haln.views.speech import gettext, ngettext
from haln.views.tables import Column

FACTS = (Column(lazy_gettext("What is counted")), Column(lazy_gettext("Number"), number=True))
SECTORS = (
    Column(lazy_gettext("Sector")),
    Column(lazy_gettext("Members"), number=True),
    Column(lazy_gettext("Connections within"), number=True),
    Column(lazy_gettext("Connections out"), number=True),
)
PARTS = (
    Column(lazy_gettext("Part")),
    Column(lazy_gettext("Members"), number=True),
    Column(lazy_gettext("Share of all"), number=True),
)
MONTHS = (
    Column(lazy_gettext("At the end of")),
    Column(lazy_gettext("Members"), number=True),
    Column(lazy_gettext("Connections"), number=True),
    Column(lazy_gettext("Parts"), number=True),
    Column(lazy_gettext("Without a connection"), number=True),
)

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """One day, as the page and the picture's script write it. Rows begin with what they are of."""

    day: str
    sentences: tuple[str, ...]
    facts: tuple[Row, ...]
    sectors: tuple[Row, ...]
    parts: tuple[Row, ...]


def told(stop: Stop, more: int | None = None) -> Told:
    """Put a day into words; `more`: about so many more members were there and are not drawn, where that is told."""
    return Told(
        words.day(stop.day),
        tuple(_sentences(stop, more)),
        tuple(_facts(stop)),
        tuple(_group(one) for one in stop.groups),
        tuple(_parts(stop)),
    )


def month(stop: Stop) -> Row:
    """A day's row in the table of months, after the day itself."""
    return tuple(whole(one) for one in (stop.members, stop.ties, stop.parts, stop.isolates))


def whole(number: int) -> str:
    """A count as people read it."""
    return str(format_decimal(number))


def short(day: date) -> str:
    """A day in a table."""
    return str(format_date(day, "d MMM y"))


def group_label(code: str | None, kind: str = "sector") -> str:
    """The name of a group, or that it is not known."""
    return words.label(kind, code) if code else gettext("Not known")


def _sentences(stop: Stop, more: int | None) -> Sequence[str]:
    first = gettext(
        "On %(day)s the picture has %(members)s and %(ties)s between them.",
        day=words.day(stop.day),
        members=ngettext("%(number)s member", "%(number)s members", stop.members, number=whole(stop.members)),
        ties=ngettext("%(number)s connection", "%(number)s connections", stop.ties, number=whole(stop.ties)),
    )
    if not stop.ties:
        return [first, _undrawn(more)]
    alone = ngettext(
        "%(number)s member has no connection.",
        "%(number)s members have no connection.",
        stop.isolates,
        number=whole(stop.isolates),
    )
    return [first, _hangs_together(stop), alone, _mixes(stop), _undrawn(more)]


def _undrawn(more: int | None) -> str:
    who = gettext(
        "Who is not listed, hides their organisation, place or connections from you, has blocked you or has left since"
        " is neither drawn nor counted here."
    )
    if more is None:
        return who
    return f"{who} {gettext('On this day about %(number)s members more were there.', number=whole(more))}"


def _hangs_together(stop: Stop) -> str:
    share = format_percent(stop.largest[0] / stop.members, "0%")
    if stop.parts == 1:
        return gettext(
            "All who have a connection hang together in one part: %(share)s of the members.",
            share=share,
        )
    return gettext(
        "Those who have a connection are in %(parts)s parts without a connection between them; the largest has"
        " %(members)s members, %(share)s of all.",
        parts=whole(stop.parts),
        members=whole(stop.largest[0]),
        share=share,
    )


def _mixes(stop: Stop) -> str:
    if stop.unknown:
        return gettext(
            "%(across)s connections join two sectors, %(within)s stay within one; of %(unknown)s it is not known.",
            across=whole(stop.across),
            within=whole(stop.within),
            unknown=whole(stop.unknown),
        )
    return gettext(
        "%(across)s connections join two sectors, %(within)s stay within one.",
        across=whole(stop.across),
        within=whole(stop.within),
    )


def _facts(stop: Stop) -> Sequence[Row]:
    return [
        (gettext("Members"), whole(stop.members)),
        (gettext("Connections"), whole(stop.ties)),
        (gettext("Connections between two sectors"), whole(stop.across)),
        (gettext("Connections within one sector"), whole(stop.within)),
        (gettext("Connections with somebody whose sector is not known"), whole(stop.unknown)),
        (gettext("Parts of two members or more"), whole(stop.parts)),
        (gettext("Members without a connection"), whole(stop.isolates)),
    ]


def _group(group: Group) -> Row:
    return group_label(group.code), whole(group.members), whole(group.within), whole(group.across)


def _parts(stop: Stop) -> Sequence[Row]:
    return [
        (gettext("Number %(rank)s", rank=whole(rank)), whole(size), str(format_percent(size / stop.members, "0.0%")))
        for rank, size in enumerate(stop.largest, 1)
    ]
