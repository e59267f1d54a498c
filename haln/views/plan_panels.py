"""Beside the studio: one person of a plan, and two plans side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Blueprint, render_template, request, url_for

from haln.access import Permission
from haln.errors import NotFound
from haln.learn import plan_comparing, plan_leading, plan_moves
from haln.learn.plan_leading import LeadCost, LeadPanel
from haln.learn.plan_moves import Cost, PersonPanel
from haln.views import edge, plan_pages, plan_words, rule_words, set_words
from haln.views.leading_back import lead_back
from haln.views.plan_pages import RuleLine
from haln.views.plans import OUT, workshop
from haln.views.reason_words import listed
from haln.views.speech import gettext

blueprint = Blueprint("plan_panels", __name__)
lead_back(blueprint, "plans.studio")

SHOWN = 12
"""Sets whose cost is listed at once; the rest on the same page, one link further."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A move that could be made, and what it costs. `level`: good, even, dear or broken."""

    value: str
    name: str
    url: str
    level: str
    cost: str
    helps: str
    harms: str
    locked: bool
    other: str = ""
    other_key: str = ""


@edge.page(blueprint, "/plans/<public_id>/people/<member>", Permission.FORM_SETS)
def person(public_id: str, member: str) -> str:
    """Why somebody is here, and what moving them would cost."""
    to = request.args.get("to", "")
    out = to == OUT
    number = None if out else edge.number_argument("to", 10_000)
    if number == 0:
        raise NotFound("Choose a set.")
    chosen = number - 1 if number else None
    panel = plan_moves.panel(edge.session(), workshop(), edge.actor(), public_id, member, chosen, out=out)
    shown = len(panel.moves) if request.args.get("all") == "yes" else SHOWN
    best = [one for one in panel.moves if not one.locked and one.to is not None][: plan_moves.BEST]
    return render_template(
        "plans/person.html",
        panel=panel,
        line=plan_pages.line(panel.person),
        here=plan_words.set_name(panel.place),
        helps=set_words.helps(panel.said["helps"], panel.rules, panel.people),
        hurts=set_words.hurts(panel.said["hurts"], panel.rules, panel.people),
        why_left=set_words.left_over(panel.left_over, panel.rules) if panel.left_over else "",
        best=[_offer(panel, one) for one in best],
        offers=[_offer(panel, one) for one in panel.moves[:shown]],
        more=max(0, len(panel.moves) - shown),
        chosen=_offer(panel, panel.chosen) if panel.chosen else None,
        swaps=[_offer(panel, one) for one in panel.swaps],
        places=_places(panel),
        back=_back(panel),
        editable=panel.row.state == "ready" and panel.cohort.state in ("open", "closed"),
    )


def _places(panel: PersonPanel) -> list[tuple[str, str]]:
    """Every other set, in order, and being left over, to choose from."""
    numbers = sorted(one.to for one in panel.moves if one.to is not None)
    out = [] if panel.place is None else [(OUT, plan_words.set_name(None))]
    return [*((str(number + 1), plan_words.set_name(number)) for number in numbers), *out]


def _back(panel: PersonPanel) -> str:
    if panel.place is None:
        return url_for("plans.studio", public_id=panel.row.public_id, _anchor="left-over")
    return plan_pages.set_url(panel.row.public_id, panel.place)


def _offer(panel: PersonPanel, cost: Cost) -> Offer:
    said_of = plan_words.change_cost if cost.other else partial(plan_words.cost, cost.to)
    level, said = said_of(cost.share, cost.breaks)
    value = OUT if cost.to is None else str(cost.to + 1)
    return Offer(
        value=value,
        name=plan_words.set_name(cost.to),
        url=url_for("plan_panels.person", public_id=panel.row.public_id, member=panel.person.public_id, to=value),
        level=level,
        cost=said,
        helps=_names(panel.rules, cost.helped),
        harms=_names(panel.rules, cost.harmed),
        locked=cost.locked,
        other=cost.other.name if cost.other else "",
        other_key=cost.other.public_id if cost.other else "",
    )


def _names(rules: Sequence[Any], some: tuple[int, ...]) -> str:
    """Some of the rules by their short names."""
    return listed([_small(rule_words.name(rules[one].kind, rules[one].of)) for one in some])


def _small(name: str) -> str:
    return name[:1].lower() + name[1:]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could lead a set, and what that costs; without a key: nobody. `level` as for `Offer`."""

    key: str
    name: str
    now: bool
    load: str
    in_time: bool
    level: str
    cost: str
    helps: str
    harms: str


@edge.page(blueprint, "/plans/<public_id>/sets/<int:number>/facilitator", Permission.FORM_SETS)
def facilitator(public_id: str, number: int) -> str:
    """Who could lead a set, and what that would change."""
    panel = plan_leading.panel(edge.session(), workshop(), edge.actor(), public_id, number - 1)
    return render_template(
        "plans/facilitator.html",
        panel=panel,
        name=plan_words.set_name(panel.number),
        candidates=[_candidate(panel, one) for one in panel.costs],
        back=plan_pages.set_url(public_id, panel.number),
        editable=panel.row.state == "ready" and panel.cohort.state in ("open", "closed"),
    )


def _candidate(panel: LeadPanel, cost: LeadCost) -> Candidate:
    level, said = plan_words.change_cost(cost.share, cost.breaks)
    return Candidate(
        key=cost.key,
        name=cost.name or gettext("Nobody"),
        now=cost.now,
        load=plan_words.load(cost.leads, cost.room) if cost.key else "",
        in_time=cost.in_time,
        level=level,
        cost=said,
        helps=_names(panel.rules, cost.helped),
        harms=_names(panel.rules, cost.harmed),
    )


@dataclass(frozen=True, slots=True)
class Beside:
    """One rule in both plans."""

    one: RuleLine
    other: RuleLine


@edge.page(blueprint, "/plans/<public_id>/compare/<other>", Permission.FORM_SETS)
def compare(public_id: str, other: str) -> str:
    """Two plans side by side: what differs, who moves."""
    found = plan_comparing.compare(edge.session(), edge.actor(), public_id, other)
    said = [report.get("rules", ()) for report in found.reports]
    lines = [
        Beside(
            *(
                plan_pages.rule_line(row.public_id, rule, rules[number] if number < len(rules) else None, {})
                for row, rules in zip((found.one, found.other), said, strict=True)
            )
        )
        for number, rule in enumerate(found.rules)
        if found.same_rules
    ]
    return render_template(
        "plans/compare.html",
        found=found,
        lines=lines,
        movers=[
            (
                plan_pages.line(one.person),
                one.person.name,
                url_for("plan_panels.person", public_id=public_id, member=one.person.public_id),
                plan_words.set_name(one.before),
                plan_words.set_name(one.after),
            )
            for one in found.movers
        ],
        words=plan_words,
    )
