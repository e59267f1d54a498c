"""How evenly attention falls when everyone has a list, and what that costs in quality."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from haln.evaluation import metrics, splits, tasks
from haln.evaluation.attention_bound import most_gain
from haln.evaluation.dataset import Dataset, Group, Membership, Moment, Profile, Tie
from haln.evaluation.protocol import Fit
from haln.evaluation.ranker import Known, learned_weights
from haln.matching.lists import Wished, plan_lists, rank_block
from haln.matching.suggest import Settings
from haln.matching.worth import discounts, expected, gains

_BLOCK = 512


class Shared:
    """Everyone's lists as the nightly refresh draws them, with attention shared out."""

    def __init__(self, known: Known, settings: Settings) -> None:
        self._known, self._settings = known, settings

    @cached_property
    def _wishes(self) -> Wished:
        members = self._known.index.members()
        starts = range(0, len(members), _BLOCK)
        blocks = [rank_block(self._known.index, members[at : at + _BLOCK], {}, self._settings) for at in starts]
        return Wished.stacked(blocks, self._settings)

    def wished(self) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return whom everyone wishes for (rows, -1: no more), a line per member by number, and the gain of each."""
        index = self._known.index
        ties = index.ties.lengths()[[index.row(member) for member in index.members()]]
        return self._wishes.rows, gains(self._wishes.rows, self._wishes.scores, ties)

    def rows_drawn(self, multiple: float | None) -> NDArray[np.int32]:
        """Return everyone's list as `drawn` has it, as rows (-1: none), a line per member by number."""
        settings = self._settings if multiple is None else replace(self._settings, attention=multiple, most_lost=1.0)
        return plan_lists(self._known.index, self._known.index.members(), self._wishes, {}, settings).lists

    def drawn(self, multiple: float | None) -> dict[str, list[str]]:
        """Return everyone's list with nobody in more than `multiple` times the median of lists.

        0: each the best for its owner; none: by the budget that the nightly run chooses.
        """
        index, names = self._known.index, self._known.names
        return {
            names[member]: [names[index.ids[row]] for row in own if row >= 0]
            for member, own in zip(index.members(), self.rows_drawn(multiple), strict=True)
        }

    @cached_property
    def _lists(self) -> dict[str, list[str]]:
        return self.drawn(None)

    def suggest(self, member: str, count: int) -> list[str]:
        """Return a member's list; it is never longer than the lists are."""
        return self._lists[member][:count]

    def match_text(self, text: str) -> Mapping[str, float]:
        """Return nothing: lists are of people."""
        return {}


@dataclass(frozen=True, slots=True)
class Sharing:
    """Fits the ranker of the pages with lists of ten and attention shared out."""

    def __call__(
        self,
        profiles: Mapping[str, Profile],
        ties: Sequence[Tie],
        groups: Mapping[str, Group],
        memberships: Sequence[Membership],
        now: Moment | None,
        seed: int = 0,
    ) -> Shared:
        """Return the lists over what was known; the same for the same seed."""
        known = Known(profiles, ties, groups, memberships, now)
        return Shared(known, Settings(seed=seed, length=metrics.K, weights=learned_weights(known, seed)))


fit = Sharing()


def last_round(data: Dataset, phase: str, seed: int) -> splits.Round:
    """Return the round that attention is judged in: the last of dated ones."""
    *_, last = splits.peer_rounds(data, phase, seed)
    return last


def whole(data: Dataset, ranker: Fit, phase: str, seed: int) -> dict[str, Any]:
    """Judge the lists of everyone, those without a target included: quality of the others, and who is shown."""
    one = last_round(data, phase, seed)
    model = ranker(one.profiles, one.ties, one.groups, one.memberships, one.now, seed)
    known = tasks.both_ways((u, v) for u, v, _ in one.ties)
    lists = {}
    for member in sorted(one.profiles):
        barred = known.get(member, set()) | {member}
        lists[member] = tasks.allowed(model.suggest(member, metrics.K + len(barred)), barred)[: metrics.K]
    return {"rounds": [one.label], **figures(one, lists)}


def figures(one: splits.Round, lists: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return the figures of everyone's lists of ten.

    Those of `metrics.summed_up`, and `most@10`, `median@10` of the lists that members are in, and `peak@10`, how many
    times the median (of at least 1) the most is.
    """
    wanted, known = tasks.both_ways(one.targets), tasks.both_ways((u, v) for u, v, _ in one.ties)
    shown = dict.fromkeys(one.profiles, 0)
    for own in lists.values():
        for other in own:
            shown[other] += 1
    rows = [metrics.of_one(lists[member], wanted[member]) for member in sorted(wanted)]
    slices = [tasks.by_ties(len(known.get(member, ()))) for member in sorted(wanted)]
    seen = {member: count for member, count in shown.items() if count}
    counts = np.array(list(shown.values()))
    most, middle = int(counts.max()), float(np.median(counts))
    return {
        **metrics.summed_up(rows, slices, [seen], [len(shown)]),
        "members": len(shown),
        "most@10": most,
        "median@10": middle,
        "peak@10": most / max(1.0, middle),
    }


def curve(
    data: Dataset,
    phase: str,
    seed: int,
    multiples: Sequence[float | None],
    bounded: Collection[float | None] = (),
) -> Iterator[dict[str, Any]]:
    """Yield the figures of everyone's lists for each multiple of the median, ranked once.

    0: no budget; none: the budget that the nightly run chooses. `kept_ci95`: the interval of the share of the first
    multiple's nDCG@10 that is kept, if it has any. Those `bounded` say what nobody could do better, too.
    """
    one = last_round(data, phase, seed)
    model = fit(one.profiles, one.ties, one.groups, one.memberships, one.now, seed)
    first = None
    for multiple in multiples:
        lists = model.drawn(multiple)
        own = _qualities(one, lists)
        first = own if first is None else first
        least = bounds(one, model, multiple) if multiple in bounded else {}
        kept = {"kept_ci95": list(metrics.ratio_interval(own, first))} if first.any() else {}
        yield {"multiple": multiple, **figures(one, lists), **kept, **least}


def _qualities(one: splits.Round, lists: Mapping[str, Sequence[str]]) -> NDArray[np.float64]:
    """The nDCG@10 of each list that has a target, in the order of names."""
    wanted = tasks.both_ways(one.targets)
    return np.array([metrics.of_one(lists[member], wanted[member])["ndcg@10"] for member in sorted(wanted)])


def bounds(one: splits.Round, model: Shared, multiple: float | None) -> dict[str, float]:
    """Return what any way of sharing loses at least when nobody is in more lists than somebody is in ours.

    `lost`: the share that our lists lose of what the best lists for each owner are expected to find, with our own
    gains as the truth; `least_lost`: what any lists lose at least. `oracle`: the nDCG@10 that whoever knew all
    targets could not pass.
    """
    rows, gain = model.wished()
    size, lists = len(one.profiles), model.rows_drawn(multiple)
    cap = int(np.bincount(lists[lists >= 0], minlength=1).max())
    free = expected(rows, gain, np.ascontiguousarray(rows[:, : metrics.K]))
    most = most_gain(rows, gain.astype(np.float64), size, metrics.K, cap)
    return {
        # Where nobody wishes for anybody there is nothing to lose.
        "lost": 1.0 - expected(rows, gain, lists) / free if free else 0.0,
        "least_lost": 1.0 - most / free if free else 0.0,
        "oracle": most_gain(*_known_targets(one), size, metrics.K, cap),
    }


def _known_targets(one: splits.Round) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Lines of targets of all who have any, and what each is worth to the mean nDCG@10 in a first place."""
    number = {member: at for at, member in enumerate(sorted(one.profiles))}
    wanted = [sorted(number[it] for it in own) for own in tasks.both_ways(one.targets).values()]
    targets = np.full((len(wanted), max(map(len, wanted), default=0)), -1, np.int32)
    gains = np.zeros(targets.shape)
    for line, own in enumerate(wanted):
        targets[line, : len(own)] = own
        gains[line, : len(own)] = 1.0 / (len(wanted) * discounts(min(len(own), metrics.K)).sum())
    return targets, gains
