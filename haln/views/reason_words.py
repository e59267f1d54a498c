"""Reasons as sentences: data from `haln.connect.shown_reasons` in, the reader's language out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from haln.connect.shown_reasons import ShownReason
from haln.views import words
from haln.views.speech import gettext, ngettext

NAMED = 2
"""How many themes or people a sentence names."""


@dataclass(frozen=True, slots=True)
class ReasonWords:
    """A reason on a page."""

    icon: str
    sentence: str


def reason_words(reasons: Sequence[ShownReason], most: int, named: int = NAMED) -> list[ReasonWords]:
    """The first reasons as sentences; one sentence of ours where none can be told."""
    found = [
        ReasonWords(_ICONS.get(reason.kind, "stars"), _SENTENCES[reason.kind](reason, named))
        for reason in reasons[:most]
        if reason.kind in _SENTENCES
    ]
    return found or [ReasonWords("signpost-split", gettext("Somebody you have not met yet."))]


def listed(names: Sequence[str]) -> str:
    """Names as an enumeration: A, B and C."""
    if len(names) < 2:
        return "".join(names)
    if any(" and " in name for name in names):  # "leadership and getting started, and housing"
        return str(gettext("%(some)s, and %(last)s", some=", ".join(names[:-1]), last=names[-1]))
    return str(gettext("%(some)s and %(last)s", some=", ".join(names[:-1]), last=names[-1]))


def _themes(reason: ShownReason, named: int) -> str:
    return listed([in_sentence(words.label("theme", code)) for code in reason.evidence["themes"][:named]])


def in_sentence(label: str) -> str:
    """A label within a sentence: small first letter, unless it begins with an abbreviation."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def _sector(code: Any) -> str:
    return in_sentence(words.label("sector", code))


def _top_sector(code: str) -> str:
    try:
        return _sector(words.vocabulary().top_sector(code).code)
    except KeyError:
        return _sector(code)


def _step_ahead(reason: ShownReason, named: int) -> str:
    theme, rank = reason.evidence["themes"][0], reason.evidence["theirs"][0]
    return str(
        gettext(
            "A step ahead of you in %(theme)s: %(maturity)s.",
            theme=in_sentence(words.label("theme", theme)),
            maturity=words.maturity(rank).lower(),
        )
    )


def _mutual(reason: ShownReason, named: int) -> str:
    names = [person.name for person in reason.people]
    more = len(names) - named
    if more <= 0:
        return str(gettext("You both know %(names)s.", names=listed(names)))
    return str(
        ngettext(
            "You both know %(names)s and one other.",
            "You both know %(names)s and %(num)s others.",
            more,
            names=", ".join(names[:named]),
        )
    )


def _first_link(reason: ShownReason, named: int) -> str:
    (my_sector, sector), (my_region, region) = reason.evidence["sectors"], reason.evidence["regions"]
    mine, theirs = (words.label("region", code) for code in (my_region, region))
    if my_sector == sector:
        return str(
            gettext(
                "You would be the first link in %(sector)s between %(mine)s and %(theirs)s.",
                sector=_sector(sector),
                mine=mine,
                theirs=theirs,
            )
        )
    if my_region == region:
        return str(
            gettext(
                "You would be the first link between %(mine)s and %(theirs)s in %(region)s.",
                mine=_sector(my_sector),
                theirs=_sector(sector),
                region=theirs,
            )
        )
    return str(
        gettext(
            "You would be the first link between %(my_sector)s in %(mine)s and %(sector)s in %(theirs)s.",
            my_sector=_sector(my_sector),
            mine=mine,
            sector=_sector(sector),
            theirs=theirs,
        )
    )


_ICONS = {
    "they_offer_you_seek": "life-preserver",
    "you_offer_they_seek": "person-raised-hand",
    "shared_theme": "tags",
    "step_ahead": "ladder",
    "mutual_connections": "people",
    "same_place_other_sector": "geo-alt",
    "same_role_other_organisation": "briefcase",
    "first_link": "node-plus",
    "similar_text": "chat-left-text",
    "shared_group": "collection",
    "shared_event": "calendar-event",
    "shared_topic": "lightbulb",
    "shared_module": "check-circle",
    "newcomer": "stars",
    "active_nearby": "activity",
    "same_place": "geo-alt",
    "same_region": "geo-alt",
    "same_sector": "building",
    "active": "activity",
}

_SENTENCES: dict[str, Callable[[ShownReason, int], str]] = {
    "they_offer_you_seek": lambda reason, named: gettext(
        "Can help with %(themes)s, where you would like help.", themes=_themes(reason, named)
    ),
    "you_offer_they_seek": lambda reason, named: gettext(
        "Would like help with %(themes)s, where you can help.", themes=_themes(reason, named)
    ),
    "shared_theme": lambda reason, named: gettext(
        "You are both interested in %(themes)s.", themes=_themes(reason, named)
    ),
    "step_ahead": _step_ahead,
    "mutual_connections": _mutual,
    "same_place_other_sector": lambda reason, named: gettext(
        "Also in %(place)s, in another sector: %(sector)s.",
        place=reason.evidence["place"],
        sector=_sector(reason.evidence["sector"]),
    ),
    "same_role_other_organisation": lambda reason, named: gettext(
        "Does what you do in another organisation: %(role)s.",
        role=in_sentence(words.label("role", reason.evidence["role"])),
    ),
    "first_link": _first_link,
    "similar_text": lambda reason, named: gettext(
        "You write about the same things: %(terms)s.", terms=listed(reason.evidence["terms"][: named + 1])
    ),
    "shared_group": lambda reason, named: gettext(
        "You have both been in %(names)s.", names=listed(reason.evidence["names"][:named])
    ),
    "shared_event": lambda reason, named: gettext(
        "You were both at %(names)s.", names=listed([f"“{name}”" for name in reason.evidence["names"][:named]])
    ),
    "shared_topic": lambda reason, named: gettext(
        "You both back the topic “%(names)s”.", names=listed(reason.evidence["names"][:1])
    ),
    "shared_module": lambda reason, named: gettext(
        "You both finished the module “%(names)s”.", names=listed(reason.evidence["names"][:1])
    ),
    "newcomer": lambda reason, named: gettext("New to the network."),
    "active_nearby": lambda reason, named: gettext(
        "Active in %(region)s, where you are.", region=words.label("region", reason.evidence["region"])
    ),
    "same_place": lambda reason, named: gettext("Also in %(place)s.", place=reason.evidence["place"]),
    "same_region": lambda reason, named: gettext(
        "Also in %(region)s.", region=words.label("region", reason.evidence["region"])
    ),
    "same_sector": lambda reason, named: gettext(
        "In the same sector as you: %(sector)s.", sector=_top_sector(reason.evidence["sector"])
    ),
    "active": lambda reason, named: gettext("Active here lately."),
}


def kind_words(kind: str) -> str:
    """What a kind of reason is about, from the side of the one who was suggested."""
    told = {
        "they_offer_you_seek": gettext("You can help with what they would like help with"),
        "you_offer_they_seek": gettext("They can help with what you would like help with"),
        "shared_theme": gettext("You are interested in the same themes"),
        "step_ahead": gettext("You are a step ahead of them in a theme"),
        "mutual_connections": gettext("You know the same people"),
        "same_place_other_sector": gettext("You are in the same place, in different sectors"),
        "same_role_other_organisation": gettext("You do the same work in different organisations"),
        "first_link": gettext("You would be the first link between two parts of the network"),
        "similar_text": gettext("You write about the same things"),
        "shared_group": gettext("You share a learning set, an event, a topic or a module"),
        "newcomer": gettext("You are new to the network"),
        "active_nearby": gettext("You are active in the same region"),
        "same_place": gettext("You are in the same place"),
        "same_region": gettext("You are in the same region"),
        "same_sector": gettext("You are in the same sector"),
        "active": gettext("You are often here"),
    }
    return str(told.get(kind, kind.replace("_", " ")))
