"""How evenly attention falls when everyone has a list, and what that costs in quality."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from haln.evaluation import metrics, splits, tasks
from haln.evaluation.dataset import Dataset, Group, Membership, Moment, Profile, Tie
from haln.evaluation.protocol import Fit
from haln.evaluation.ranker import Known, learned_weights
from haln.matching.suggest import Settings, Wished, plan_lists, rank_block

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

    def drawn(self, multiple: float) -> dict[str, list[str]]:
        """Return everyone's list with nobody in more than `multiple` times the median of lists; 0: each the best."""
        index, names = self._known.index, self._known.names
        settings = replace(self._settings, attention=multiple)
        plan = plan_lists(index, index.members(), self._wishes, {}, settings)
        return {
            names[member]: [names[index.ids[row]] for row in own if row >= 0]
            for member, own in zip(plan.members.tolist(), plan.lists, strict=True)
        }

    @cached_property
    def _lists(self) -> dict[str, list[str]]:
        return self.drawn(self._settings.attention)

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


def curve(data: Dataset, phase: str, seed: int, multiples: Sequence[float]) -> Iterator[dict[str, Any]]:
    """Yield the figures of everyone's lists for each multiple of the median (0: no budget), ranked once."""
    one = last_round(data, phase, seed)
    model = fit(one.profiles, one.ties, one.groups, one.memberships, one.now, seed)
    for multiple in multiples:
        yield {"multiple": multiple, **figures(one, model.drawn(multiple))}
