"""What a place in a list is worth to whom it is for, and what it costs whom it shows."""

import numpy as np
from numpy.typing import NDArray

from haln.compiled import Doubles, Longs

Lists = NDArray[np.int32]

PRICE = 0.3
"""What each further list costs somebody who is in many, in the measure of `worth`."""
AT_HOME = 0.4
"""In so many lists, as a share of the places in one, the next costs 63 % of `PRICE`."""
# What a chance is worth to an asker with so many ties, between so many wishes as good as one another: as much as it is.
_TIES, _WISHES = 8.0, 36.0
_AT_ONCE = 4096


def discounts(length: int) -> Doubles:
    """Return the discount of nDCG for each place of a list (Järvelin and Kekäläinen 2002)."""
    found: Doubles = 1.0 / np.log2(np.arange(length) + 2.0)
    return found


def chances(rows: Lists, scores: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the chance of each wish (line per asker) that it is the one; 0 where there is none (-1).

    The logit of its score among the asker's wishes (McFadden 1974), which is what weights are learned by.
    """
    found = np.zeros(rows.shape, np.float32)
    for first in range(0, len(rows), _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        there = rows[part] >= 0
        own = np.where(there, scores[part], -np.inf).astype(np.float64)
        best = own.max(axis=1, keepdims=True, initial=-1e300)
        chance = np.exp(own - best)
        chance /= np.maximum(chance.sum(axis=1, keepdims=True), 1e-300)
        found[part] = np.where(there, chance, 0.0)
    return found


def gains(rows: Lists, scores: NDArray[np.floating], ties: Longs) -> NDArray[np.float32]:
    """Return what each wish (line per asker) may be expected to bring to nDCG in a first place; 0 where there is none.

    Its chance (`chances`) to be the one, times ((1 + ties) / 9)^0.2 × (36 / perplexity)^0.4 of the asker. Chances speak
    as if somebody wished for were always the one. With few ties, or between wishes of which none stands out, it is
    more often somebody else; and who makes many ties has their best places full even if one is given up. `ties`: of
    each asker, all of them. The perplexity is e to the entropy of the chances: between how many it is undecided.
    """
    chance = chances(rows, scores)
    found = np.zeros(rows.shape, np.float32)
    for first in range(0, len(rows), _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        own = chance[part].astype(np.float64)
        entropy = -(own * np.log(np.where(own > 0.0, own, 1.0))).sum(axis=1)
        sure = ((1.0 + ties[part]) / (1.0 + _TIES)) ** 0.2 * (_WISHES / np.exp(entropy)) ** 0.4
        found[part] = own * sure[:, np.newaxis]
    return found


def worth(rows: Lists, gain: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what a place is worth to each asker for each wish, in order, from `gains`; 0 where there is none (-1).

    Five times the gain, and three tenths of the discount of nDCG for its rank: the order of wishes tells something
    where chances are wrong.
    """
    discount = (0.3 * discounts(rows.shape[1])).astype(np.float32)
    return np.where(rows >= 0, np.float32(5.0) * gain + discount, np.float32(0.0))


def expected(wishes: Lists, gain: NDArray[np.float32], lists: Lists) -> float:
    """Return the sum of gains of all whom lists show, each by the discount of nDCG for its place in the list."""
    discount, gained = discounts(lists.shape[1]), 0.0
    for place in range(lists.shape[1]):
        row = lists[:, place : place + 1]
        gained += float(discount[place] * gain[(wishes == row) & (row >= 0)].sum(dtype=np.float64))
    return gained


def dues(length: int, cap: int) -> Doubles:
    """Return what each list costs a member who stands in 0, 1, … cap - 1 others, of `length` places.

    The price rises where most members stand and hardly above: so does the Gini coefficient by one list more, which is
    by the share of members who are in fewer lists. The share is that of an exponential distribution.
    """
    due: Doubles = PRICE * (1.0 - np.exp(-(np.arange(cap) + 0.5) / (AT_HOME * length)))
    return due
