"""A cohort's own list of rules: add one, change it, move it, remove it, or begin again from a ready-made list."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, Invalid
from haln.learn.cohorts import changeable, changed
from haln.learn.leading import led_cohort
from haln.learn.rule_lists import READY_MADE
from haln.learn.rule_rows import MOST_RULES, rows_of, rules_of
from haln.matching.rules import CHOICES, HARD, NUMBERED, Kind, Rule, Rules, Strength
from haln.models import Cohort


def listing(session: Session, actor: Actor, cohort: str) -> tuple[Cohort, Rules]:
    """A led cohort and its rules, the most important first."""
    row = led_cohort(session, actor, cohort)
    return row, rules_of(row.rules)


def strengths(kind: str) -> tuple[str, ...]:
    """How strongly a rule of a kind may be asked for: size is always a must, matters of degree never are."""
    known = _kind(kind)
    if known is Kind.SIZE:
        return (Strength.MUST.value,)
    every = tuple(one.value for one in Strength)
    return every if known in HARD else every[1:]


def range_of(kind: str) -> tuple[int, int] | None:
    """The least and the largest number of a kind that has one."""
    return NUMBERED.get(_kind(kind))


def addable(rules: Rules) -> list[tuple[str, str | None]]:
    """Kinds, each with what it goes by, that the list has no rule of yet."""
    there = {(rule.kind, rule.of) for rule in rules}
    every = [(kind, of) for kind in Kind if kind is not Kind.SIZE for of in CHOICES.get(kind, (None,))]
    return [(kind.value, of) for kind, of in every if (kind, of) not in there]


def add(
    session: Session, actor: Actor, cohort: str, version: int, kind: str, of: str | None, strength: str, now: datetime
) -> None:
    """Put a rule at the end of the rules of its strength. A kind with a number begins with the least.

    Raises Invalid for what is no rule, Conflict for one that is there already or one too many.
    """
    row = changeable(session, actor, cohort, version)
    rules = rules_of(row.rules)
    new = _made(kind, strength, NUMBERED[_kind(kind)][0] if _kind(kind) in NUMBERED else None, None, of)
    if any((rule.kind, rule.of) == (new.kind, new.of) for rule in rules):
        raise Conflict("This rule is in the list already.")
    if len(rules) >= MOST_RULES:
        raise Conflict("At most %(most)s rules can be followed at once.", most=MOST_RULES)
    place = max((number + 1 for number, rule in enumerate(rules) if _rank(rule) <= _rank(new)), default=0)
    _keep(session, actor, row, (*rules[:place], new, *rules[place:]), "add_rule", new, now)


def change(
    session: Session,
    actor: Actor,
    cohort: str,
    version: int,
    place: int,
    strength: str,
    number: int | None,
    most: int | None,
    now: datetime,
) -> None:
    """Change how strongly a rule is asked for, and its number where it has one; the size changes the cohort's too."""
    row = changeable(session, actor, cohort, version)
    rules = rules_of(row.rules)
    old = _at(rules, place)
    new = _made(old.kind, strength, number if old.kind in NUMBERED else None, most, old.of)
    if new.kind is Kind.SIZE and new.number is not None and new.most is not None:
        row.size_low, row.size_high = new.number, new.most
    _keep(session, actor, row, (*rules[:place], new, *rules[place + 1 :]), "change_rule", new, now)


def move(session: Session, actor: Actor, cohort: str, version: int, place: int, up: bool, now: datetime) -> None:
    """Move a rule one place up or down. At the end of the list it stays where it is."""
    row = changeable(session, actor, cohort, version)
    rules = list(rules_of(row.rules))
    rule = _at(tuple(rules), place)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(rules):
        return
    rules[place], rules[other] = rules[other], rule
    _keep(session, actor, row, tuple(rules), "move_rule", rule, now)


def remove(session: Session, actor: Actor, cohort: str, version: int, place: int, now: datetime) -> None:
    """Take a rule out of the list. Raises Conflict for the size, without which there are no sets."""
    row = changeable(session, actor, cohort, version)
    rules = rules_of(row.rules)
    rule = _at(rules, place)
    if rule.kind is Kind.SIZE:
        raise Conflict("Sets need a size. Change it instead.")
    _keep(session, actor, row, (*rules[:place], *rules[place + 1 :]), "remove_rule", rule, now)


def begin_again(session: Session, actor: Actor, cohort: str, version: int, ready: str, now: datetime) -> None:
    """Take a ready-made list in the place of the cohort's own; the size stays."""
    row = changeable(session, actor, cohort, version)
    made = READY_MADE.get(ready)
    if made is None:
        raise Invalid("Choose one of the lists.", {"ready": "Choose one of the lists."})
    row.rules = rows_of(made(row.size_low, row.size_high, row.availability != "none"))
    changed(row, now)
    history.record(session, actor.member_id, "reset_rules", "cohort", row.id, now, {"list": ready})


def _made(kind: str, strength: str, number: int | None, most: int | None, of: str | None) -> Rule:
    known = _kind(kind)
    try:
        return Rule(known, Strength(strength), number, most if known is Kind.SIZE else None, of)
    except ValueError as error:
        if known in NUMBERED:
            least, largest = NUMBERED[known]
            problem = "Choose a number from %(least)s to %(largest)s, the smaller one first."
            raise Invalid(problem, {"number": problem}, least=least, largest=largest) from error
        raise Invalid("This rule cannot be asked for like that. Choose again.") from error


def _kind(code: str) -> Kind:
    try:
        return Kind(code)
    except ValueError as error:
        raise Invalid("Choose a rule.", {"kind": "Choose a rule."}) from error


def _at(rules: Rules, place: int) -> Rule:
    if not 0 <= place < len(rules):
        raise Conflict("The rules have changed since you opened the page. Look at them again.")
    return rules[place]


def _rank(rule: Rule) -> int:
    return list(Strength).index(rule.strength)


def _keep(session: Session, actor: Actor, row: Cohort, rules: Rules, action: str, about: Rule, now: datetime) -> None:
    row.rules = rows_of(rules)
    changed(row, now)
    detail: history.Detail = {"kind": about.kind.value, "strength": about.strength.value, "number": about.number}
    history.record(session, actor.member_id, action, "cohort", row.id, now, detail)
