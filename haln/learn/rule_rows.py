"""Rules between the rows that keep them and the data that plans are formed by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from haln.errors import Invalid
from haln.matching.rules import Kind, Rule, Rules, Strength, size

MOST_RULES = 40


def rules_of(rows: Iterable[dict[str, Any]]) -> Rules:
    """The rules in a cohort's or a plan's rows. Raises Invalid for what is no list of rules."""
    try:
        rules = tuple(
            Rule(Kind(row["kind"]), Strength(row["strength"]), row.get("number"), row.get("most"), row.get("of"))
            for row in rows
        )
        size(rules)
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid("One of the rules cannot be read. Choose the rules again.") from error
    if len(rules) > MOST_RULES:
        raise Invalid("At most %(most)s rules can be followed at once.", most=MOST_RULES)
    return rules


def rows_of(rules: Rules) -> list[dict[str, Any]]:
    """Rules as they are kept: only what is said."""
    found = []
    for rule in rules:
        row: dict[str, Any] = {"kind": rule.kind.value, "strength": rule.strength.value}
        row |= {name: getattr(rule, name) for name in ("number", "most", "of") if getattr(rule, name) is not None}
        found.append(row)
    return found


def standard(low: int, high: int, with_slots: bool) -> Rules:
    """The list that a cohort begins with: peers from different places who can meet and have not met before."""
    must, strongly, if_possible = Strength.MUST, Strength.STRONGLY, Strength.IF_POSSIBLE
    times = (Rule(Kind.SLOTS, must, 1),) if with_slots else ()
    return (
        Rule(Kind.SIZE, must, low, high),
        Rule(Kind.MANAGERS, must),
        Rule(Kind.APART, must),
        Rule(Kind.PER_ORGANISATION, must, 1),
        *times,
        Rule(Kind.FACILITATOR_LOAD, must),
        Rule(Kind.TOGETHER, strongly),
        Rule(Kind.THEMES, strongly),
        Rule(Kind.LIVE_ISSUE, strongly),
        Rule(Kind.NEW_TIES, strongly),
        Rule(Kind.NOT_AGAIN, strongly),
        Rule(Kind.NOT_ALONE, if_possible, of="sector"),
        Rule(Kind.SPREAD, if_possible, of="region"),
        Rule(Kind.PEERS, if_possible),
        Rule(Kind.BALANCE, if_possible),
    )
