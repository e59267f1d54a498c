"""Beside the studio: one person of a plan, and two plans side by side."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for

from haln.access import Permission
from haln.errors import NotFound
from haln.learn import plan_comparing, plan_moves
from haln.learn.plan_moves import Cost, PersonPanel
from haln.views import edge, plan_pages, plan_words, rule_words, set_words
from haln.views.plan_pages import RuleLine
from haln.views.plans import OUT, workshop
from haln.views.reason_words import listed

blueprint = Blueprint("plan_panels", __name__)

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
    number = edge.number_argument("to", 10_000) if to != OUT else None
    if number == 0:
        raise NotFound("Choose a set.")
    chosen = number - 1 if number else None
    panel = plan_moves.panel(edge.session(), workshop(), edge.actor(), public_id, member, chosen)
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
    """Every other set, in order, to choose from."""
    numbers = sorted(one.to for one in panel.moves if one.to is not None)
    return [(str(number + 1), plan_words.set_name(number)) for number in numbers]


def _back(panel: PersonPanel) -> str:
    if panel.place is None:
        return url_for("plans.studio", public_id=panel.row.public_id, _anchor="left-over")
    return plan_pages.set_url(panel.row.public_id, panel.place)


def _offer(panel: PersonPanel, cost: Cost) -> Offer:
    level, said = plan_words.cost(cost.to, cost.share, cost.breaks)
    value = OUT if cost.to is None else str(cost.to + 1)
    return Offer(
        value=value,
        name=plan_words.set_name(cost.to),
        url=url_for("plan_panels.person", public_id=panel.row.public_id, member=panel.person.public_id, to=value)
        if cost.to is not None
        else "",
        level=level,
        cost=said,
        helps=_names(panel, cost.helped) if cost.to is not None else "",
        harms=_names(panel, cost.harmed) if cost.to is not None else "",
        locked=cost.locked,
        other=cost.other.name if cost.other else "",
        other_key=cost.other.public_id if cost.other else "",
    )


def _names(panel: PersonPanel, rules: tuple[int, ...]) -> str:
    """Rules by their short names."""
    return listed([_small(rule_words.name(panel.rules[one].kind, panel.rules[one].of)) for one in rules])


def _small(name: str) -> str:
    return name[:1].lower() + name[1:]


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
