"""A cohort's rules as sentences in priority order."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, render_template, request

from haln.access import Permission
from haln.errors import Conflict, Invalid
from haln.learn import cohort_rules
from haln.learn.rule_lists import READY_MADE
from haln.views import edge, rule_words
from haln.views.cohorts.base import Page, blueprint, head, number, version
from haln.views.errors import STATUS, say
from haln.views.speech import gettext


@dataclass(frozen=True, slots=True)
class Line:
    """A rule of the list, and what may be changed of it."""

    place: int
    sentence: str
    strength: str
    strength_words: str
    strengths: list[tuple[str, str]]
    number: int | None
    most: int | None
    range: tuple[int, int] | None
    removable: bool


def ready_words() -> dict[str, tuple[str, str]]:
    """The name of each ready-made list, and what it is good for."""
    return {
        "standard": (
            gettext("The usual rules"),
            gettext("Peers from different places who can meet and have not met before."),
        ),
        "peers": (
            gettext("Peers across sectors"),
            gettext("People at a similar level, from different sectors and regions."),
        ),
        "place": (
            gettext("Same place, different organisations"),
            gettext("People of one nation, from different sectors and organisations."),
        ),
        "levels": (
            gettext("Mixed levels: learning from each other"),
            gettext("People who are further along beside people who are starting."),
        ),
        "issue": (gettext("Same live issue"), gettext("People who wrote about much the same question.")),
    }


@edge.page(blueprint, "/<public_id>/rules", Permission.FORM_SETS, "GET", "POST")
def rules(public_id: str) -> Page:
    """The rules of a cohort."""
    problem: Invalid | Conflict | None = None
    if request.method == "POST":
        try:
            flash(_changed(public_id), "success")
        except (Invalid, Conflict) as error:
            edge.session().rollback()
            problem = error
        else:
            return edge.back("cohorts.rules", public_id=public_id, _anchor=_anchor())
    shown = head(public_id, "cohorts.rules")
    row, found = cohort_rules.listing(edge.session(), edge.actor(), public_id)
    words_ = ready_words()
    page = render_template(
        "cohorts/rules.html",
        head=shown,
        lines=[_line(place, rule) for place, rule in enumerate(found)],
        addable=[(f"{kind}:{of or ''}", rule_words.name(kind, of)) for kind, of in cohort_rules.addable(found)],
        strengths=[(code, rule_words.strength(code)) for code in ("must", "strongly", "if_possible")],
        ready=[(code, *words_[code]) for code in READY_MADE],
        problem=say(problem) if problem else "",
        can_change=row.state not in ("formed", "cancelled"),
    )
    return page, STATUS[type(problem)] if problem else 200


def _anchor() -> str | None:
    """Where the rule that was moved or changed stands now."""
    steps = {"up": -1, "down": 1, "change": 0}
    step = steps.get(request.form.get("do", ""))
    return f"rule-{max(0, number('place') + step)}" if step is not None else None


def _line(place: int, rule: rule_words.RuleFacts) -> Line:
    kind = str(rule.kind)
    return Line(
        place=place,
        sentence=rule_words.sentence(rule),
        strength=str(rule.strength),
        strength_words=rule_words.strength(rule.strength),
        strengths=[(code, rule_words.strength(code)) for code in cohort_rules.strengths(kind)],
        number=rule.number,
        most=rule.most,
        range=cohort_rules.range_of(kind),
        removable=kind != "size",
    )


def _changed(public_id: str) -> str:
    """Do what the form asks for, and say what was done."""
    asked, place = request.form.get("do", ""), number("place")
    session, actor, now, seen = edge.session(), edge.actor(), edge.now(), version()
    if asked in ("up", "down"):
        cohort_rules.move(session, actor, public_id, seen, place, asked == "up", now)
        return gettext("The rule is moved.")
    if asked == "remove":
        cohort_rules.remove(session, actor, public_id, seen, place, now)
        return gettext("The rule is taken out.")
    if asked == "add":
        kind, _, of = request.form.get("rule", "").partition(":")
        cohort_rules.add(session, actor, public_id, seen, kind, of or None, request.form.get("strength", ""), now)
        return gettext("The rule is added.")
    if asked == "ready":
        cohort_rules.begin_again(session, actor, public_id, seen, request.form.get("ready", ""), now)
        return gettext("The cohort follows the chosen list now. Change it as you like.")
    figure, most = (number(name) if name in request.form else None for name in ("number", "most"))
    strength = request.form.get("strength", "")
    cohort_rules.change(session, actor, public_id, seen, place, strength, figure, most, now)
    return gettext("The rule is saved.")
