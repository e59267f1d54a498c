"""How many sets fit a pool."""

from __future__ import annotations

from collections import Counter

from haln.matching.pool import Pool
from haln.matching.rules import Kind, Rules, Strength, size


def fitting_count(pool: Pool, rules: Rules) -> int:
    """Return the number of sets that seats most people; of those, the one with sizes nearest the middle.

    Counts that an organisation's people or the facilitators' room rule out are taken only where none else is left.
    """
    people = len(pool.applicants)
    least, most = size(rules)
    top = people // least
    led = _most_led(pool, rules)
    wanted = _least_apart(pool, rules)

    def rank(count: int) -> tuple[int, int, float, int]:
        seated = min(people, min(count, led) * most)
        return (-seated, max(0, wanted - count), abs(people / count - (least + most) / 2), count)

    return min(range(1, top + 1), key=rank) if top else 0


def _most_led(pool: Pool, rules: Rules) -> int:
    if any(rule.kind is Kind.FACILITATOR_LOAD and rule.strength is Strength.MUST for rule in rules):
        return sum(max(0, leader.capacity) for leader in pool.facilitators)
    return len(pool.applicants)


def _least_apart(pool: Pool, rules: Rules) -> int:
    per = [rule.number for rule in rules if rule.kind is Kind.PER_ORGANISATION and rule.strength is Strength.MUST]
    organisations = Counter(one.organisation for one in pool.applicants if one.organisation is not None)
    if not per or not organisations:
        return 0
    return -(-max(organisations.values()) // min(number for number in per if number))
