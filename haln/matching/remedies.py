"""Ways out that the quick proofs themselves name, for pools that are too large to be looked at exactly.

Under such a way out no quick proof is left. That is no proof that everybody can be placed: forming again shows it.
"""

from __future__ import annotations

from dataclasses import replace

from haln.matching.certificates import Certificate, Finding, certificates
from haln.matching.levers import Change, Lever, relaxed
from haln.matching.musts import Musts, musts
from haln.matching.pool import Pool
from haln.matching.rules import NUMBERED, Kind, Rules

_ROUNDS = 6
"""What one change makes visible, a next one mends: more sets want more facilitators."""

_LEADING = frozenset({Finding.FACILITATORS, Finding.FACILITATOR_TIME})


def remedies(pool: Pool, rules: Rules, sets: int) -> tuple[tuple[Change, ...], ...]:
    """Return up to two ways out: by more sets where that would do, and by more of one organisation in a set.

    None where nothing in the way has a number that would do.
    """
    found = (_remedy(pool, rules, sets, first) for first in (Lever.SETS, Lever.NUMBER))
    return tuple(dict.fromkeys(changes for changes in found if changes))


def _remedy(pool: Pool, rules: Rules, sets: int, first: Lever) -> tuple[Change, ...]:
    changes: dict[tuple[Lever, int | None], Change] = {}
    for _ in range(_ROUNDS):
        asked = musts(*relaxed(pool, rules, sets, changes.values()))
        found = certificates(asked)
        if not found:
            return tuple(changes.values())
        # More sets need more facilitators, of which only what is in the way now tells; another number may need neither.
        for one in found if first is Lever.SETS else found[:1]:
            change = _mending(asked, one, first)
            if change is None:
                return ()
            earlier = changes.get((change.lever, change.rule))
            changes[change.lever, change.rule] = _further(earlier, change) if earlier else change
    return ()


def _mending(asked: Musts, one: Certificate, first: Lever) -> Change | None:
    if one.finding in _LEADING:
        return Change(Lever.FACILITATOR, asked.of(Kind.FACILITATOR_LOAD)[0], 0, _missing(one))
    needed, number = one.figures.get("needed_sets"), one.figures.get("needed_number")
    if needed is not None and needed > asked.sets and (first is Lever.SETS or number is None):
        return Change(Lever.SETS, None, asked.sets, needed)
    if number is None:
        return None
    index = next(index for index in one.rules if asked.rules[index].kind is Kind.PER_ORGANISATION)
    if number > NUMBERED[Kind.PER_ORGANISATION][1]:
        return Change(Lever.SOFTEN, index)
    return Change(Lever.NUMBER, index, asked.number(index), number)


def _missing(one: Certificate) -> int:
    return one.figures["needed_sets"] - one.figures["room"]


def _further(earlier: Change, change: Change) -> Change:
    """One change in the place of two of the same kind."""
    if change.lever is Lever.FACILITATOR:
        return replace(change, after=(earlier.after or 0) + (change.after or 0))
    return replace(change, before=earlier.before, after=max(earlier.after or 0, change.after or 0))
