"""Ready-made lists of rules, and a list kept in step with the size of sets and with whether times matter."""

from __future__ import annotations

from collections.abc import Callable

from haln.learn.rule_rows import standard
from haln.matching.rules import Kind, Rule, Rules, Strength

_MUST, _STRONGLY, _IF_POSSIBLE = Strength.MUST, Strength.STRONGLY, Strength.IF_POSSIBLE


def _musts(low: int, high: int, times: bool, *more: Rule) -> Rules:
    """What every list begins with: who must not, must, and can sit together."""
    return (
        Rule(Kind.SIZE, _MUST, low, high),
        Rule(Kind.MANAGERS, _MUST),
        Rule(Kind.APART, _MUST),
        *more,
        *((Rule(Kind.SLOTS, _MUST, 1),) if times else ()),
        Rule(Kind.FACILITATOR_LOAD, _MUST),
        Rule(Kind.TOGETHER, _STRONGLY),
    )


_ONE_EACH = Rule(Kind.PER_ORGANISATION, _MUST, 1)


def _peers_across_sectors(low: int, high: int, times: bool) -> Rules:
    return (
        *_musts(low, high, times, _ONE_EACH),
        Rule(Kind.PEERS, _STRONGLY),
        Rule(Kind.SPREAD, _STRONGLY, of="sector"),
        Rule(Kind.NEW_TIES, _STRONGLY),
        Rule(Kind.NOT_AGAIN, _STRONGLY),
        Rule(Kind.THEMES, _IF_POSSIBLE),
        Rule(Kind.LIVE_ISSUE, _IF_POSSIBLE),
        Rule(Kind.SPREAD, _IF_POSSIBLE, of="region"),
        Rule(Kind.BALANCE, _IF_POSSIBLE),
    )


def _same_place(low: int, high: int, times: bool) -> Rules:
    return (
        *_musts(low, high, times, _ONE_EACH),
        Rule(Kind.NOT_ALONE, _STRONGLY, of="nation"),
        Rule(Kind.SPREAD, _STRONGLY, of="sector"),
        Rule(Kind.THEMES, _STRONGLY),
        Rule(Kind.NOT_AGAIN, _STRONGLY),
        Rule(Kind.LIVE_ISSUE, _IF_POSSIBLE),
        Rule(Kind.NEW_TIES, _IF_POSSIBLE),
        Rule(Kind.BALANCE, _IF_POSSIBLE),
    )


def _mixed_levels(low: int, high: int, times: bool) -> Rules:
    return (
        *_musts(low, high, times, _ONE_EACH),
        Rule(Kind.MATURITY_MIX, _STRONGLY),
        Rule(Kind.THEMES, _STRONGLY),
        Rule(Kind.NEW_TIES, _STRONGLY),
        Rule(Kind.NOT_AGAIN, _STRONGLY),
        Rule(Kind.SPREAD, _IF_POSSIBLE, of="role"),
        Rule(Kind.NOT_ALONE, _IF_POSSIBLE, of="sector"),
        Rule(Kind.BALANCE, _IF_POSSIBLE),
    )


def _same_live_issue(low: int, high: int, times: bool) -> Rules:
    return (
        *_musts(low, high, times, Rule(Kind.PER_ORGANISATION, _MUST, 2)),
        Rule(Kind.LIVE_ISSUE, _STRONGLY),
        Rule(Kind.THEMES, _STRONGLY),
        Rule(Kind.NOT_AGAIN, _STRONGLY),
        Rule(Kind.NEW_TIES, _IF_POSSIBLE),
        Rule(Kind.PREFERRED_FACILITATOR, _IF_POSSIBLE),
        Rule(Kind.BALANCE, _IF_POSSIBLE),
    )


READY_MADE: dict[str, Callable[[int, int, bool], Rules]] = {
    "standard": standard,
    "peers": _peers_across_sectors,
    "place": _same_place,
    "levels": _mixed_levels,
    "issue": _same_live_issue,
}
"""Each list by its code: from the sizes, and whether times matter. `standard` is what a cohort begins with."""


def with_size(rules: Rules, low: int, high: int) -> Rules:
    """The same rules with another size of sets."""
    return tuple(Rule(Kind.SIZE, _MUST, low, high) if rule.kind is Kind.SIZE else rule for rule in rules)


def with_times(rules: Rules, times: bool) -> Rules:
    """The same rules where times matter, or do not: with a rule about times in common after the musts, or without."""
    rest = tuple(rule for rule in rules if rule.kind is not Kind.SLOTS)
    if not times:
        return rest
    if len(rest) < len(rules):
        return rules
    place = max((number + 1 for number, rule in enumerate(rest) if rule.strength is _MUST), default=0)
    return (*rest[:place], Rule(Kind.SLOTS, _MUST, 1), *rest[place:])


def fits(count: int, low: int, high: int) -> int:
    """How many of so many people are left over at least, when sets have from `low` to `high` people."""
    if count < low:
        return count
    return min(max(0, count - sets * high) for sets in range(1, count // low + 1))
