"""Plans as sentences: what is said of a plan, of its rules and of a change, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Any

from flask_babel import format_decimal

from haln.learn.plan_changes import Changed
from haln.learn.plan_comparing import Comparison
from haln.views.speech import gettext, ngettext


def set_name(number: int | None) -> str:
    """A set by its number, as people count; none: nobody's set."""
    return gettext("Left over") if number is None else gettext("Set %(number)s", number=number + 1)


def plan_name(number: int) -> str:
    """A plan by its number."""
    return gettext("Plan %(number)s", number=number)


def plan_mark(state: str, breaks: int | None) -> str | None:
    """What a plan's tab says besides its number."""
    if state == "ready":
        return ngettext("%(num)s must broken", "%(num)s musts broken", breaks) if breaks else None
    return plan_state(state)


def plan_state(state: str) -> str:
    """The state of a plan in words."""
    said = {
        "waiting": gettext("waiting"),
        "forming": gettext("being formed"),
        "ready": gettext("ready"),
        "failed": gettext("not formed"),
        "published": gettext("with its people"),
        "confirmed": gettext("confirmed"),
        "discarded": gettext("set aside"),
    }
    return said.get(state, state)


def proof(value: float | None, bound: float | None, breaks: int | None, left: int) -> str:
    """How good a plan is beside the best there could be; nothing where that is not known.

    The bound is of plans that keep every must and place everybody: of others, nothing is proved by it.
    """
    if value is None or bound is None or breaks or left:
        return ""
    gap = (bound - value) / max(abs(value), abs(bound), 1e-9)
    if gap <= 1e-9:
        return gettext("It is proved that no plan is better.")
    share = format_decimal(max(1, ceil(gap * 1000 - 1e-6)) / 10, format="#,##0.0")
    return gettext("It is proved that no plan is more than %(share)s per cent better.", share=share)


def better(found: Comparison) -> str:
    """Which of two plans of the same rules is worth more: by musts broken, then people left over, then value."""
    one, other = found.ranks
    if one is None or other is None:
        return ""
    if not found.same_rules or found.one.data_version != found.other.data_version:
        return gettext("They were formed of different people or by different rules: their worth cannot be compared.")
    if one[:2] == other[:2] and abs(one[2] - other[2]) <= 0.002 * max(abs(one[2]), abs(other[2])):
        return gettext("By the rules the two are worth the same.")
    best = found.one if one < other else found.other
    return gettext("By the rules %(plan)s is the better one.", plan=plan_name(best.number))


def musts(breaks: int | None, sets: int = 1) -> str:
    """Whether the rules that must hold are kept; of no sets, or while that is not known, there is nothing to say."""
    if not sets or breaks is None:
        return ""
    if not breaks:
        return gettext("Every must is kept.")
    return ngettext("A must is broken in one place.", "Musts are broken in %(num)s places.", breaks)


def size_of(placed: int, sets: int, left: int) -> str:
    """How many people sit in how many sets, and how many do not."""
    if not sets:
        return ngettext(
            "No set could be made; one person is left over.",
            "No set could be made; %(num)s people are left over.",
            left,
        )
    people = ngettext("One person", "%(num)s people", placed)
    said = ngettext("%(people)s in one set", "%(people)s in %(num)s sets", sets, people=people)
    if not left:
        return gettext("%(said)s; nobody is left over.", said=said)
    return ngettext("%(said)s; one person is left over.", "%(said)s; %(num)s people are left over.", left, said=said)


def kept(said: Mapping[str, Any], must: bool, by_degrees: bool = False) -> tuple[str, str]:
    """Whether a rule is kept: its state (kept, partly, broken) and the words for it.

    What is met by degrees is worded by how well it serves people, for nobody need be served wholly ill by it.
    """
    broken = said["broken"]
    if broken is None:
        return "untold", gettext("In confidence")
    if by_degrees:
        return _met(said["share"])
    if said["kept"]:
        return "kept", gettext("Kept")
    if must:
        return "broken", ngettext("Broken in one place", "Broken in %(num)s places", broken)
    return "partly", ngettext("Not kept in one place", "Not kept in %(num)s places", broken)


def _met(share: float) -> tuple[str, str]:
    if share >= 0.999:
        return "kept", gettext("Kept")
    if share >= 0.75:
        return "kept", gettext("Largely met")
    return "partly", gettext("Partly met") if share >= 0.35 else gettext("Hardly met")


def changed(done: Changed, name: str, other: str) -> str:
    """What a change did."""
    said = {
        "swap": lambda: gettext(
            "%(name)s is in %(after)s now, and %(other)s in %(before)s.",
            name=name,
            other=other,
            after=set_name(done.after),
            before=set_name(done.before),
        ),
        "lead": lambda: (
            gettext("%(name)s leads %(set)s now.", name=name, set=set_name(done.after))
            if done.member is not None
            else gettext("Nobody leads %(set)s now.", set=set_name(done.after))
        ),
        "lock": lambda: (
            gettext("%(name)s stays here when the rest is improved.", name=name)
            if done.locked
            else gettext("%(name)s may be moved again.", name=name)
        ),
        "lock_set": lambda: (
            gettext("%(set)s stays as it is when the rest is improved.", set=set_name(done.after))
            if done.locked
            else gettext("%(set)s may change again.", set=set_name(done.after))
        ),
        "undo": lambda: gettext("The last step is taken back."),
        "redo": lambda: gettext("The step is done again."),
        "refresh": lambda: gettext("The plan is up to date with the people who apply."),
    }.get(done.kind)
    if said is not None:
        return said()
    if done.after is None:
        return gettext("%(name)s is left over now.", name=name)
    return gettext(
        "%(name)s moved from %(before)s to %(after)s.",
        name=name,
        before=set_name(done.before),
        after=set_name(done.after),
    )


def cost(to: int | None, share: float, breaks: int) -> tuple[str, str]:
    """What a move would do to the plan: a level (good, even, dear, broken) and the words for it.

    `share`: the change of the plan's value, in what one person in it is worth on average.
    """
    if to is None:
        level, said = _must_cost(breaks) or ("dear", "")
        return level, " ".join(filter(None, (gettext("They would have no place this time."), said)))
    return _must_cost(breaks) or _worth_cost(share)


def change_cost(share: float, breaks: int) -> tuple[str, str]:
    """What a change after which everybody has a place still would do to the plan, as `cost` says it of a move."""
    return _must_cost(breaks) or _worth_cost(share)


def load(leads: int, room: int) -> str:
    """How many sets a facilitator leads in a plan, of those that they can hold."""
    return ngettext(
        "Leads %(leads)s of the one set that they can hold.",
        "Leads %(leads)s of the %(num)s sets that they can hold.",
        room,
        leads=leads,
    )


def _must_cost(breaks: int) -> tuple[str, str] | None:
    if breaks > 0:
        return "broken", ngettext("Would break a must.", "Would break musts in %(num)s places.", breaks)
    if breaks < 0:
        return "good", ngettext("Would mend a broken must.", "Would mend musts in %(num)s places.", -breaks)
    return None


def _worth_cost(share: float) -> tuple[str, str]:
    if share > 0.02:
        return "good", gettext("Better for the whole plan.")
    if share >= -0.05:
        return "even", gettext("Much the same for the whole plan.")
    if share >= -0.5:
        return "even", gettext("A little worse for the whole plan.")
    return "dear", gettext("Clearly worse for the whole plan.")
