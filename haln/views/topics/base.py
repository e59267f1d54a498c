"""What all pages of topics share: the blueprint, the rules of the settings, and states, counts and people in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, current_app, url_for
from flask_babel import format_decimal
from werkzeug.wrappers import Response

from haln.learn.topic_lists import TopicLine
from haln.learn.topic_state import ALIVE, Backers, Rules
from haln.people.seen import PersonLine
from haln.views import members, words
from haln.views.local_time import zone
from haln.views.members import Person
from haln.views.speech import gettext

blueprint = Blueprint("topics", __name__, url_prefix="/topics")

Page = str | Response | tuple[str, int]

KINDS = {"open": "accent", "answered": "accent", "planned": "good", "held": "", "retired": "bad"}
"""How a state is drawn."""


@dataclass(frozen=True, slots=True)
class TopicRow:
    """A topic in a list. `chips`: pairs of words and kind."""

    url: str
    title: str
    text: str
    told: str
    chips: tuple[tuple[str, str], ...]
    themes: tuple[str, ...]


def rules() -> Rules:
    """What the settings say of topics."""
    config = current_app.config
    return Rules(int(config["TOPIC_BACKINGS"]), int(config["TOPIC_BACKERS"]), int(config["SMALL_NUMBER"]))


def states() -> dict[str, str]:
    """The states of topics in words."""
    return {
        "open": gettext("Open"),
        "answered": gettext("Answered"),
        "planned": gettext("Planned"),
        "held": gettext("Took place"),
        "retired": gettext("Retired"),
    }


def backers(told: Backers) -> str:
    """How many back a topic, as it may be told."""
    if told.shown is None:
        return gettext("A few members back it")
    if told.shown == 0:
        return gettext("Nobody backs it yet")
    return gettext("About %(count)s members back it", count=format_decimal(told.shown))


def on_day(moment: datetime) -> str:
    """The day of a moment, where the network is."""
    return words.day(moment.astimezone(zone()).date())


def row(line: TopicLine) -> TopicRow:
    """A topic in a list, in words."""
    chips = [(states()[line.state], KINDS[line.state])]
    if line.mine:
        alive = line.state in ALIVE
        chips.append((gettext("You back it"), "good") if alive else (gettext("You backed it"), ""))
    return TopicRow(
        url=url_for("topics.one", public_id=line.public_id),
        title=line.title,
        text=line.text,
        told=gettext(
            "%(backers)s · last discussed on %(day)s", backers=backers(line.backers), day=on_day(line.talked_at)
        ),
        chips=tuple(chips),
        themes=tuple(words.label("theme", code) for code in line.themes),
    )


def person(line: PersonLine) -> Person:
    """Somebody, with a link to their page."""
    tie = gettext("Connected") if line.connected else ""
    return members.person(line, url=url_for("members.page", public_id=line.public_id), tie=tie)


def nobody(*, gone: bool) -> Person:
    """Somebody who is not to be named."""
    return Person(gettext("Somebody who has left") if gone else gettext("A member you cannot see"), "", "", "", "")


def theme_codes() -> frozenset[str]:
    """The themes that there are."""
    return frozenset(theme.code for theme in words.vocabulary().themes)


def theme_options() -> list[tuple[str, str]]:
    """The themes as options of a form."""
    return [(theme.code, gettext(theme.label)) for theme in words.vocabulary().themes]
