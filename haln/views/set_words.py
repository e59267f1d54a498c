"""What is said of a set, of somebody in it, and of somebody in none, as sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from haln.learn.plan_people import Placed
from haln.learn.slots import Slot
from haln.views import plan_words, rule_words, slot_words, words
from haln.views.plan_names import names_of
from haln.views.reason_words import listed
from haln.views.speech import gettext, ngettext

People = Mapping[int, Placed]
Point = Mapping[str, Any]
Said = Callable[[Point, str, People], str]

THEMES, TIMES, SETS = 2, 2, 3
"""How many of each a sentence names."""


def helps(said: Iterable[Point], rules: Sequence[Any], people: People) -> list[str]:
    """What speaks for somebody's place."""
    return _sentences(_HELPS, said, rules, people)


def hurts(said: Iterable[Point], rules: Sequence[Any], people: People) -> list[str]:
    """What speaks against it."""
    return _sentences(_HURTS, said, rules, people)


def _sentences(known: Mapping[str, Said], said: Iterable[Point], rules: Sequence[Any], people: People) -> list[str]:
    return [
        known[one["kind"]](one, rules[one["rule"]].of or "" if one["rule"] is not None else "", people)
        for one in said
        if one["kind"] in known
    ]


def _theme_list(codes: Sequence[str]) -> str:
    return listed([_small(words.label("theme", code)) for code in codes[:THEMES]])


def _small(label: str) -> str:
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def _some(number: int, of: int) -> str:
    """So many of the others in a set."""
    if number == of:
        return ngettext("the one other", "all %(num)s others", of)
    return gettext("%(number)s of %(of)s others", number=number, of=of)


def _shared(point: Point, of: str, people: People) -> str:
    if not point["themes"]:
        return gettext("Shares themes with %(some)s.", some=_some(point["number"], point["of"]))
    some = _some(point["number"], point["of"])
    return gettext("Shares %(themes)s with %(some)s.", themes=_theme_list(point["themes"]), some=some)


def _alike(point: Point, of: str, people: People) -> str:
    names = listed(names_of(point["members"], people, 2)) if any(one in people for one in point["members"]) else ""
    if names:
        return gettext("A live issue like that of %(names)s.", names=names)
    return gettext("A live issue like that of %(some)s.", some=_some(point["number"], point["of"]))


def _different(point: Point, of: str, people: People) -> str:
    some = _some(point["number"], point["of"])
    return {
        "sector": gettext("From another sector than %(some)s.", some=some),
        "region": gettext("From another region than %(some)s.", some=some),
        "role": gettext("In another role than %(some)s.", some=some),
    }.get(of, "")


def _same(point: Point, of: str, people: People) -> str:
    some = _some(point["of"] - point["number"], point["of"])
    return {
        "sector": gettext("From the same sector as %(some)s.", some=some),
        "region": gettext("From the same region as %(some)s.", some=some),
        "role": gettext("In the same role as %(some)s.", some=some),
    }.get(of, "")


_HELPS: dict[str, Said] = {
    "themes": _shared,
    "live_issue": _alike,
    "spread": _different,
    "peers": lambda point, of, people: gettext(
        "At a similar level to %(some)s.", some=_some(point["number"], point["of"])
    ),
    "maturity_mix": lambda point, of, people: gettext(
        "Further along, or less far, than %(some)s.", some=_some(point["number"], point["of"])
    ),
    "new_ties": lambda point, of, people: ngettext(
        "Meets one new person.", "Meets %(num)s new people.", point["number"]
    ),
}

_HURTS: dict[str, Said] = {
    "themes": lambda point, of, people: (
        gettext("Shares themes with only %(some)s.", some=_some(point["number"], point["of"]))
        if point["number"]
        else gettext("Shares no theme with the others.")
    ),
    "live_issue": lambda point, of, people: (
        ngettext(
            "Only one of %(of)s others has a similar live issue.",
            "Only %(num)s of %(of)s others have a similar live issue.",
            point["number"],
            of=point["of"],
        )
        if point["number"]
        else gettext("Nobody else here has a similar live issue.")
    ),
    "spread": _same,
    "peers": lambda point, of, people: gettext(
        "At another level than %(some)s.", some=_some(point["of"] - point["number"], point["of"])
    ),
    "maturity_mix": lambda point, of, people: gettext(
        "About as far along as %(some)s.", some=_some(point["of"] - point["number"], point["of"])
    ),
    "new_ties": lambda point, of, people: gettext(
        "Knows %(some)s already.", some=_some(point["of"] - point["number"], point["of"])
    ),
    "not_again": lambda point, of, people: gettext(
        "Was in a set with %(some)s before.", some=_some(point["of"] - point["number"], point["of"])
    ),
}


def left_over(said: Mapping[str, Any], rules: Sequence[Any]) -> str:
    """Why somebody is left over."""
    why = {
        "too_few": lambda: gettext("Too few people apply for a set."),
        "no_times": lambda: gettext("They can make too few of the times."),
        "no_common_time": lambda: gettext("No set with room meets when they can."),
        "organisation_full": lambda: gettext("Every set with room has as many of their organisation as it may."),
        "no_set": lambda: gettext("No set could be formed."),
        "no_room": lambda: gettext("Every set is full."),
        "free": lambda: gettext("Nothing is in the way of %(sets)s.", sets=_set_names(said["sets"])),
    }.get(said["why"])
    if why is not None:
        return why()
    if not said["rules"]:
        return gettext("In every set with room a rule is in the way.")
    names = listed([_small(rule_words.name(rules[one].kind, rules[one].of)) for one in said["rules"]])
    return gettext("In every set with room a rule is in the way: %(rules)s.", rules=names)


def _set_names(numbers: Sequence[int]) -> str:
    named = [plan_words.set_name(number) for number in numbers[:SETS]]
    more = len(numbers) - len(named)
    if more:
        named.append(ngettext("one other", "%(num)s others", more))
    return listed(named)


def band(code: str) -> str:
    """How well the people of a set suit each other."""
    said = {"strong": gettext("Strong"), "good": gettext("Good"), "worth_a_look": gettext("Worth a look")}
    return said.get(code, "")


def of_set(report: Mapping[str, Any], people: int) -> str:
    """One sentence about a set."""
    if not people:
        return gettext("Nobody sits here.")
    said = ngettext("One person", "%(num)s people", people)
    origins = []
    if report["sectors"]:
        origins.append(ngettext("one sector", "%(num)s sectors", len(report["sectors"])))
    if report["regions"]:
        origins.append(ngettext("one region", "%(num)s regions", len(report["regions"])))
    if origins:
        said = gettext("%(people)s from %(origins)s", people=said, origins=listed(origins))
    themes = [code for code, _ in report["shared_themes"]]
    if themes:
        return gettext("%(people)s who share %(themes)s.", people=said, themes=_theme_list(themes))
    return gettext("%(people)s.", people=said)


def facts(report: Mapping[str, Any], slots: Sequence[Slot]) -> list[str]:
    """A set's figures: when everybody can meet, who is new to whom."""
    found = []
    if slots:
        common = [slot_words.short_words(slots[one]) for one in report["common_slots"] if one < len(slots)]
        more = len(common) - TIMES
        if not common:
            found.append(gettext("No time suits everybody."))
        elif more > 0:
            named = "; ".join(common[:TIMES])
            found.append(
                ngettext(
                    "Everybody can: %(times)s; and one more time.",
                    "Everybody can: %(times)s; and %(num)s more times.",
                    more,
                    times=named,
                )
            )
        else:
            found.append(gettext("Everybody can: %(times)s.", times="; ".join(common)))
    if report["pairs"]:
        new, pairs = report["new_pairs"], report["pairs"]
        if new == pairs:
            found.append(gettext("All are new to each other."))
        else:
            found.append(gettext("%(new)s of %(pairs)s pairs are new to each other.", new=new, pairs=pairs))
    return found
