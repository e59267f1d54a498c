"""What stands in the way of a plan, and the ways out, as sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from haln.learn.plan_people import Placed
from haln.learn.plan_reading import StudioPage
from haln.views import rule_words
from haln.views.plan_names import names_of
from haln.views.reason_words import listed
from haln.views.speech import gettext, ngettext


@dataclass(frozen=True, slots=True)
class Way:
    """One way out. `number`: what its button sends; none where no button can do it."""

    sentence: str
    number: int | None


@dataclass(frozen=True, slots=True)
class Advice:
    """What is said where not everybody could be placed within the rules."""

    reasons: list[str] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    note: str = ""
    core: list[str] = field(default_factory=list)


def advice(page: StudioPage) -> Advice | None:
    """What stands in the way of this plan; none where nothing does."""
    kept = page.advice
    if kept is None:
        return None
    reasons = [sentence for one in kept["certificates"] if (sentence := certificate(one, page.people))]
    if kept.get("untold"):
        reasons.append(
            gettext("A rule in confidence may stand in the way. The facilitators of the cohort see whether.")
        )
    ways = [
        Way(
            " ".join(part for part in (way(one["changes"], page), taken(one["changes"], page)) if part),
            number if page.takeable[number] else None,
        )
        for number, one in enumerate(kept["ways"])
    ]
    core = [rule_words.sentence(page.rules[index]) for index in kept["core"]] if len(kept["core"]) > 1 else []
    return Advice(reasons, ways, _note(kept, reasons, ways), core)


def _note(kept: Mapping[str, Any], reasons: Sequence[str], ways: Sequence[Way]) -> str:
    if kept.get("untold"):
        return ""  # what is proved is proved of the other rules alone
    if kept["possible"]:
        return gettext("Everybody can be placed within the rules. Form the plan again to look for it once more.")
    if kept["proved"]:
        return gettext("It is proved that the rules cannot all hold, and that nothing cheaper would do.")
    if kept["possible"] is None:
        return gettext("It is not proved that the rules cannot all hold: none of the plans that were tried keeps them.")
    if not all(one.get("seen", True) for one in kept["ways"]):
        return gettext(
            "It is proved that the rules cannot all hold. Nothing is known against these ways out, but that they do is "
            "not proved: form the plan again to see."
        )
    if ways:
        return gettext("It is proved that the rules cannot all hold. Something cheaper than this may do, too.")
    if reasons:
        return gettext(
            "It is proved that the rules cannot all hold. What would do is not worked out for so many people."
        )
    return ""


def certificate(one: Mapping[str, Any], people: Mapping[int, Placed]) -> str:
    """One proof as a sentence."""
    said = _PROOFS.get(one["finding"])
    return (
        _capital(said(one["figures"], _listed(one["members"], people), _organisation(one["members"], people)))
        if said
        else ""
    )


def _listed(members: Sequence[int], people: Mapping[int, Placed]) -> str:
    """Some people by name; of a confidence, that there are some."""
    return listed(names_of(members, people)) or gettext("people whom the facilitators know")


def _capital(said: str) -> str:
    return said[:1].upper() + said[1:]


def _organisation(members: Sequence[int], people: Mapping[int, Placed]) -> str:
    """The organisation that some people share, where it may be shown."""
    named = {people[one].organisation for one in members if one in people} - {None}
    return str(named.pop()) if len(named) == 1 else gettext("one organisation")


def _sets(number: int) -> str:
    return ngettext("one set", "%(num)s sets", number)


def _people(number: int) -> str:
    return ngettext("one person", "%(num)s people", number)


def _organisations(figures: Mapping[str, int], names: str, organisation: str) -> str:
    if "needed_sets" in figures:
        return gettext(
            "Keeping the %(people)s from %(organisation)s apart needs %(needed)s; you have %(sets)s.",
            people=_people(figures["people"]),
            organisation=organisation,
            needed=_sets(figures["needed_sets"]),
            sets=_sets(figures["sets"]),
        )
    return gettext(
        "%(people)s come from %(organisation)s: more than there can be sets to keep them apart in.",
        people=_people(figures["people"]).capitalize(),
        organisation=organisation,
    )


def _apart(figures: Mapping[str, int], names: str, organisation: str) -> str:
    if figures.get("people") == 2:
        return _two_apart(figures, names)
    if "needed_sets" in figures:
        return gettext(
            "No two of %(names)s can sit together: that needs %(needed)s, and you have %(sets)s.",
            names=names,
            needed=_sets(figures["needed_sets"]),
            sets=_sets(figures["sets"]),
        )
    return gettext("No two of %(names)s can sit together, and there cannot be so many sets.", names=names)


def _two_apart(figures: Mapping[str, int], names: str) -> str:
    if "needed_sets" in figures:
        return gettext(
            "%(names)s cannot sit together: that needs %(needed)s, and you have %(sets)s.",
            names=names,
            needed=_sets(figures["needed_sets"]),
            sets=_sets(figures["sets"]),
        )
    return gettext("%(names)s cannot sit together, and there cannot be two sets.", names=names)


def _needs_sets(figures: Mapping[str, int], names: str, organisation: str) -> str:
    return gettext(
        "%(people)s in sets of at most %(most)s need %(needed)s; you asked for %(sets)s.",
        people=_people(figures["people"]).capitalize(),
        most=figures["most"],
        needed=_sets(figures["needed_sets"]),
        sets=_sets(figures["sets"]),
    )


def _no_sizes(figures: Mapping[str, int], names: str, organisation: str) -> str:
    return gettext(
        "%(people)s cannot be divided into sets of %(least)s to %(most)s: %(fewer)s or %(more)s could.",
        people=_people(figures["people"]).capitalize(),
        least=figures["least"],
        most=figures["most"],
        fewer=figures["fewer"],
        more=_people(figures["more"]),
    )


def _led(figures: Mapping[str, int], names: str, organisation: str) -> str:
    return gettext(
        "The facilitators have room for %(room)s; %(needed)s are needed.",
        room=_sets(figures["room"]) if figures["room"] else gettext("no set"),
        needed=_sets(figures["needed_sets"]),
    )


def _led_in_time(figures: Mapping[str, int], names: str, organisation: str) -> str:
    return gettext(
        "When people can meet, the facilitators have time for %(room)s; %(needed)s are needed.",
        room=_sets(figures["room"]) if figures["room"] else gettext("no set"),
        needed=_sets(figures["needed_sets"]),
    )


def _split(figures: Mapping[str, int], names: str, organisation: str) -> str:
    if "needed_sets" in figures:
        return gettext(
            "%(names)s can make few times, and not the same ones: that alone needs %(needed)s; you have %(sets)s.",
            names=names,
            needed=_sets(figures["needed_sets"]),
            sets=_sets(figures["sets"]),
        )
    return gettext("%(names)s can make few times, and not the same ones.", names=names)


Said = Callable[[Mapping[str, int], str, str], str]

_PROOFS: dict[str, Said] = {
    "too_few": lambda figures, names, organisation: gettext(
        "%(people)s applied, and a set needs at least %(least)s.",
        people=_people(figures["people"]).capitalize(),
        least=figures["least"],
    ),
    "more_sets": _needs_sets,
    "sizes": _no_sizes,
    "organisation": _organisations,
    "all_apart": _apart,
    "no_slots": lambda figures, names, organisation: gettext(
        "%(names)s can make too few of the times to meet anybody.", names=names
    ),
    "no_company": lambda figures, names, organisation: gettext(
        "%(names)s cannot meet enough others: fewer than %(least)s could sit with them.",
        names=names,
        least=figures["least"],
    ),
    "times_split": _split,
    "slot_full": lambda figures, names, organisation: gettext(
        "%(names)s can meet at the same few times only, when the facilitators have room for %(room)s.",
        names=names,
        room=_sets(figures["room"]),
    ),
    "together_large": lambda figures, names, organisation: gettext(
        "%(people)s are to be kept together, and a set holds at most %(most)s: %(names)s.",
        people=_people(figures["people"]).capitalize(),
        most=figures["most"],
        names=names,
    ),
    "together_apart": lambda figures, names, organisation: gettext(
        "%(names)s are to be kept together, and two of them are to be kept apart.", names=names
    ),
    "together_organisation": lambda figures, names, organisation: gettext(
        "%(names)s are to be kept together, and at most %(number)s of their organisation may sit in a set.",
        names=names,
        number=figures["number"],
    ),
    "together_slots": lambda figures, names, organisation: gettext(
        "%(names)s are to be kept together, and cannot make the same times.", names=names
    ),
    "facilitators": _led,
    "facilitator_time": _led_in_time,
    "no_facilitator": lambda figures, names, organisation: gettext(
        "No facilitator has time when %(names)s can meet.", names=names
    ),
    "alone": lambda figures, names, organisation: gettext(
        "Nobody else who applied is of the same kind as %(names)s.", names=names
    ),
    "kin_apart": lambda figures, names, organisation: gettext(
        "%(names)s can sit with nobody of their own kind.", names=names
    ),
}


def way(changes: Sequence[Mapping[str, Any]], page: StudioPage) -> str:
    """One way out: what would have to give way, as a sentence."""
    left = [member for one in changes if one["lever"] == "leave_out" for member in one["members"]]
    others = [one for one in changes if one["lever"] != "leave_out"]
    if left:
        others.append({"lever": "leave_out", "members": left})
    said = listed([_CHANGES[one["lever"]](one, page) for one in others])
    return gettext("%(changes)s.", changes=_capital(said))


def taken(changes: Sequence[Mapping[str, Any]], page: StudioPage) -> str:
    """Whether the plan that is shown does already what a way out says: only one that but leaves people over can be."""
    left = {member for one in changes for member in one["members"]}
    if page.breaks or any(one["lever"] != "leave_out" for one in changes):
        return ""
    if left == set(page.row.left_over):
        return gettext("This plan does so.")
    if len(page.row.left_over) <= len(left):
        return gettext("This plan leaves no more people over than that.")
    return ""


def _named(change: Mapping[str, Any], page: StudioPage) -> str:
    return _listed(change["members"], page.people)


def _number(change: Mapping[str, Any], page: StudioPage) -> str:
    after = change["after"]
    if str(page.rules[change["rule"]].kind) == "per_organisation":
        return ngettext("allow %(num)s per organisation", "allow %(num)s per organisation", after)
    return ngettext("ask for %(num)s time in common", "ask for %(num)s times in common", after)


def _dropped(change: Mapping[str, Any], page: StudioPage) -> str:
    kind = str(page.rules[change["rule"]].kind)
    said = {
        "together": gettext("no longer keep %(names)s together", names=_named(change, page)),
        "not_again": gettext("let %(names)s sit together again", names=_named(change, page)),
        "managers": gettext("let %(names)s sit together, one of whom leads the other", names=_named(change, page)),
    }
    return said.get(kind) or gettext("no longer keep %(names)s apart", names=_named(change, page))


def _softened(change: Mapping[str, Any], page: StudioPage) -> str:
    rule = page.rules[change["rule"]]
    return gettext("make “%(rule)s” a strong wish, no must", rule=rule_words.sentence(rule))


_CHANGES: dict[str, Callable[[Mapping[str, Any], StudioPage], str]] = {
    "number": _number,
    "least": lambda change, page: gettext("let sets have %(number)s people", number=change["after"]),
    "most": lambda change, page: gettext("let sets have up to %(number)s people", number=change["after"]),
    "sets": lambda change, page: ngettext("form %(num)s set", "form %(num)s sets", change["after"]),
    "drop": _dropped,
    "soften": _softened,
    "facilitator": lambda change, page: ngettext(
        "find a facilitator for one set more", "find facilitators for %(num)s sets more", change["after"]
    ),
    "leave_out": lambda change, page: gettext(
        "leave %(names)s over this time, with priority in the next cohort", names=_named(change, page)
    ),
}
