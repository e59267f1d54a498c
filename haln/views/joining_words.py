"""Why a cohort or a set may suit, as sentences: data from `haln.learn.learning` in, the reader's language out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from haln.learn.own_seats import OwnSeat
from haln.learn.seat_state import State
from haln.views import words
from haln.views.reason_words import NAMED, ReasonWords, in_sentence, listed
from haln.views.speech import gettext, ngettext


class Reason(Protocol):
    """A reason as data."""

    @property
    def kind(self) -> str: ...
    @property
    def evidence(self) -> dict[str, Any]: ...


def sentences(reasons: Sequence[Reason], most: int) -> list[ReasonWords]:
    """The first reasons as sentences; one of ours where there is none."""
    found = [
        ReasonWords(
            _OF.get(reason.evidence.get("of", ""), _ICONS[reason.kind]), _SENTENCES[reason.kind](reason.evidence)
        )
        for reason in reasons
        if reason.kind in _SENTENCES
    ]
    return found[:most] or [ReasonWords("signpost-split", gettext("Open to everybody in the network."))]


def themes(codes: Iterable[str]) -> str:
    """Some themes within a sentence."""
    return listed([in_sentence(words.label("theme", code)) for code in list(codes)[:NAMED]])


def band(code: str | None) -> tuple[str, str]:
    """A band as its class and its words; something that was not ranked yet is new."""
    told = {"strong": ("strong", gettext("Strong")), "good": ("good", gettext("Good"))}
    return told.get(code or "", ("look", gettext("Worth a look") if code else gettext("New")))


def seat(one: OwnSeat) -> str:
    """What a member may do about a place in a proposed set, or has said to it."""
    if one.state == State.ACCEPTED:
        return gettext("You said yes. You will hear when everybody has answered.")
    if one.state == State.ASKED:
        day = one.answer_by
        return gettext("Please answer by %(moment)s.", moment=words.moment(day)) if day else gettext("Please answer.")
    if one.state == State.REPLACED:
        return gettext("There is no place for you in the sets at the moment. You are asked again as soon as there is.")
    if one.stands:
        return gettext("You said no. You can change your answer for as long as the place is free.")
    return gettext("The sets go on without you. You can still say that you would like to come.")


def _sectors(evidence: dict[str, Any]) -> str:
    return listed([in_sentence(words.label("sector", code)) for code in evidence["sectors"][:NAMED]])


def _alike(of: str | None) -> str:
    told = {
        "attended": gettext("It is about the same things as events you were at."),
        "finished": gettext("It is about the same things as modules you finished."),
    }
    return str(told.get(of or "", gettext("Its purpose is like that of what you have joined, or of topics you back.")))


def _people(of: str | None) -> str:
    told = {
        "attended": gettext("People who were at the same events as you have joined this."),
        "finished": gettext("People who finished the same modules as you have joined this."),
        "together": gettext("People who joined, were at or finished the same as you have joined this."),
    }
    usual = gettext("People who joined or back the same as you have joined this as well.")
    return str(told.get(of or "", usual))


_ICONS = {
    "about_what_you_seek": "life-preserver",
    "about_your_themes": "tags",
    "you_can_help": "person-raised-hand",
    "alike_purpose": "chat-left-text",
    "alike_issues": "chat-heart",
    "help_there": "life-preserver",
    "help_wanted": "person-raised-hand",
    "step_ahead": "ladder",
    "new_sector": "node-plus",
    "times_suit": "clock-history",
    "alike_groups": "collection",
    "ties_there": "people",
    "people_alike": "diagram-3",
}

_OF = {"attended": "calendar-event", "finished": "check-circle"}
"""What a reason comes of, where that has a picture of its own."""

_SENTENCES: dict[str, Callable[[dict[str, Any]], str]] = {
    "about_what_you_seek": lambda evidence: gettext(
        "About %(themes)s, where you would like help.", themes=themes(evidence["themes"])
    ),
    "about_your_themes": lambda evidence: gettext(
        "About %(themes)s, which you are interested in.", themes=themes(evidence["themes"])
    ),
    "you_can_help": lambda evidence: gettext(
        "About %(themes)s, where you can help others.", themes=themes(evidence["themes"])
    ),
    "alike_purpose": lambda evidence: (
        gettext("It is about things that you write about: %(terms)s.", terms=listed(evidence["terms"]))
        if evidence["terms"]
        else gettext("It is about things that you write about.")
    ),
    "alike_issues": lambda evidence: gettext("Several people bring a live issue like yours."),
    "help_there": lambda evidence: gettext(
        "Several people there can help with %(themes)s, where you would like help.", themes=themes(evidence["themes"])
    ),
    "help_wanted": lambda evidence: gettext(
        "Several people there would like help with %(themes)s, where you can help.", themes=themes(evidence["themes"])
    ),
    "step_ahead": lambda evidence: gettext(
        "Several people there are a step ahead of you in %(themes)s.", themes=themes(evidence["themes"])
    ),
    "new_sector": lambda evidence: gettext(
        "Several people from a sector you have no connection to: %(sectors)s.", sectors=_sectors(evidence)
    ),
    "times_suit": lambda evidence: ngettext(
        "It meets at a time that suited you before.",
        "It meets at times that suited you before.",
        len(evidence["times"]),
    ),
    "alike_groups": lambda evidence: _alike(evidence.get("of")),
    "ties_there": lambda evidence: gettext("Several people you are connected with are there."),
    "people_alike": lambda evidence: _people(evidence.get("of")),
}
