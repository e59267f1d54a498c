"""Plans as the templates draw them: cards, columns, rules, tabs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import url_for

from haln.learn.plan_people import Placed
from haln.learn.plan_reading import BREAKS_SHOWN, NAMED, PAGE, ShownSet, StudioPage
from haln.views import plan_words, rule_words, set_words, words
from haln.views.plan_names import names_of
from haln.views.reason_words import listed
from haln.views.speech import gettext, ngettext


@dataclass(frozen=True, slots=True)
class Card:
    """One person in a plan. Without a key they are gone, and stand for nobody in particular."""

    key: str
    name: str
    tone: str = ""
    line: str = ""
    helps: str = ""
    hurts: str = ""
    locked: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One set."""

    number: int
    name: str
    locked: bool
    facilitator: str
    sentence: str
    band: str
    facts: list[str]
    cards: list[Card]


@dataclass(frozen=True, slots=True)
class Where:
    """A place where a rule is broken: the words, and where to look."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule and whether it is kept. `state`: kept, partly, broken, untold, or nothing while that is not known."""

    sentence: str
    strength: str
    must: bool
    state: str
    said: str
    places: list[Where] = field(default_factory=list)
    more: int = 0


@dataclass(frozen=True, slots=True)
class Tab:
    """A plan in the row of plans."""

    label: str
    url: str
    current: bool
    count: str | None = None


def line(person: Placed) -> str:
    """What somebody does and where, in one line."""
    work = words.work(person.role, person.level, person.job_title)
    return " · ".join(part for part in (work, person.organisation or person.place) if part)


def card(page: StudioPage, member: int, person: Placed | None) -> Card:
    """Somebody on a page of the studio."""
    if person is None:
        return Card("", gettext("Somebody who no longer applies"))
    said = page.report.get("members", {}).get(str(member), {})
    return Card(
        key=person.public_id,
        name=person.name,
        tone=person.sector or "",
        line=line(person),
        helps=" ".join(set_words.helps(said.get("helps", ()), page.rules, page.people)),
        hurts=" ".join(set_words.hurts(said.get("hurts", ()), page.rules, page.people)),
        locked=member in page.row.locked,
        url=url_for("plan_panels.person", public_id=page.row.public_id, member=person.public_id),
    )


def column(page: StudioPage, shown: ShownSet) -> Column:
    """A set on a page of the studio."""
    return Column(
        number=shown.number,
        name=plan_words.set_name(shown.number),
        locked=shown.locked,
        facilitator=shown.facilitator,
        sentence=set_words.of_set(shown.report, len(shown.members)) if shown.report else "",
        band=set_words.band(shown.report["band"]) if shown.report else "",
        facts=set_words.facts(shown.report, page.slots) if shown.report else [],
        cards=[card(page, member, person) for member, person in shown.members],
    )


def left_over(page: StudioPage) -> list[tuple[Card, str]]:
    """Those who are left over, each with why."""
    why = {one["id"]: one for one in page.report.get("left_over", ())}
    return [
        (card(page, member, person), set_words.left_over(why[member], page.rules) if member in why else "")
        for member, person in page.left_over
    ]


def rules(page: StudioPage) -> list[RuleLine]:
    """The rules in their order, each with whether it is kept and where it is not."""
    said = page.report.get("rules", ())
    return [
        rule_line(page.row.public_id, rule, said[number] if number < len(said) else None, page.people)
        for number, rule in enumerate(page.rules)
    ]


def rule_line(plan: str, rule: Any, said: Mapping[str, Any] | None, people: Mapping[int, Placed]) -> RuleLine:
    """One rule beside what is said of it."""
    sentence, strength = rule_words.sentence(rule), rule_words.strength(rule.strength)
    must = str(rule.strength) == "must"
    if said is None:
        return RuleLine(sentence, strength, must, "", "")
    state, words_for = plan_words.kept(said, must, rule.by_degrees)
    shown = said["breaks"][:BREAKS_SHOWN]
    return RuleLine(
        sentence,
        strength,
        must,
        state,
        words_for,
        [_where(plan, one, people) for one in shown],
        max(0, (said["broken"] or 0) - len(shown)),
    )


def _where(plan: str, broken: Mapping[str, Any], people: Mapping[int, Placed]) -> Where:
    """A place where a rule is broken: which set, and whom it is about."""
    number = broken["set"]
    whole = number is not None and len(broken["members"]) > NAMED
    names = "" if whole else listed(names_of(broken["members"], people))
    place = plan_words.set_name(number) if number is not None else ""
    if place and not broken["members"]:  # of whom it is nobody's to know
        names = ngettext("one pair", "%(num)s pairs", broken["number"])
    said = gettext("%(set)s: %(names)s", set=place, names=names) if place and names else place or names
    url = set_url(plan, number) if number is not None else ""
    return Where(said, url)


def set_url(plan: str, number: int) -> str:
    """The address of a set within its plan."""
    first = number // PAGE * PAGE
    return url_for("plans.studio", public_id=plan, sets=first or None, _anchor=f"set-{number + 1}")


def tabs(page: StudioPage) -> list[Tab]:
    """The plans of the cohort that are not set aside, and this one."""
    return [
        Tab(
            plan_words.plan_name(one.number),
            url_for("plans.studio", public_id=one.public_id),
            one.public_id == page.row.public_id,
            plan_words.plan_mark(one.state, one.breaks),
        )
        for one in page.tabs
        if one.state != "discarded" or one.public_id == page.row.public_id
    ]
