"""What anybody could pick instead to suggest groups: one signal at a time, by the book; and their fusion."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from haln.evaluation.baselines import WORDS, best_first, bm25_weights, fused, tied
from haln.evaluation.dataset import Group, Membership, Moment, Profile, Tie, days
from haln.evaluation.protocol import GroupFit
from haln.matching.factors import Vectors, factorised

Scores = NDArray[np.float64]
_WALK_STEPS = 25
_RECENT_DAYS = 365


class Known:
    """What was known, as matrices: `sits` (members × groups), `ties` (members × members), texts of both."""

    def __init__(
        self,
        profiles: Mapping[str, Profile],
        ties: Sequence[Tie],
        groups: Mapping[str, Group],
        memberships: Sequence[Membership],
        now: Moment | None,
        seed: int,
    ) -> None:
        self.members, self.groups = sorted(profiles), sorted(groups)
        self.number = {member: at for at, member in enumerate(self.members)}
        place = {group: at for at, group in enumerate(self.groups)}
        self.rng = np.random.default_rng(seed)
        inside = [(self.number[m], place[g], t) for m, g, t in memberships if m in self.number and g in place]
        lines, columns = np.array([one[:2] for one in inside], np.int64).reshape(-1, 2).T
        self.sits = sparse.csr_matrix((np.ones(len(lines)), (lines, columns)), (len(self.members), len(self.groups)))
        self.sits.data[:] = 1.0
        self.sits_in = self.sits.T.tocsr()
        self.ties = tied(ties, self.number)
        self.size = np.asarray(self.sits.sum(axis=0)).ravel()
        self.own = np.asarray(self.sits.sum(axis=1)).ravel()
        new = [at for _, at, t in inside if now is not None and days(now) - days(t) <= _RECENT_DAYS]
        self.joined = np.bincount(np.array(new, np.int64), minlength=len(self.groups)).astype(np.float64)
        self.group_texts = [groups[group].text for group in self.groups]
        texts: dict[int, list[str]] = {}
        for line, at, _ in inside:
            texts.setdefault(line, []).append(self.group_texts[at])
        self.texts = [
            " ".join([*(text for _, text in profiles[member].docs), *texts.get(at, ())])
            for at, member in enumerate(self.members)
        ]

    @cached_property
    def tfidf(self) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
        """TF-IDF as scikit-learn makes it: of members (their texts and those of their groups) and of groups."""
        vectorizer = TfidfVectorizer(**WORDS, dtype=np.float64).fit([*self.group_texts, "nothing"])
        return vectorizer.transform(self.texts).tocsr(), vectorizer.transform(self.group_texts).tocsr()

    @cached_property
    def bm25(self) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
        """Counts of members' words, and weights of Okapi BM25 of groups' words."""
        vectorizer = CountVectorizer(**WORDS).fit([*self.group_texts, "nothing"])
        asked = vectorizer.transform(self.texts).tocsr().astype(np.float64)
        asked.data = np.minimum(asked.data, 3.0)
        return asked, bm25_weights(vectorizer.transform(self.group_texts).tocsr().astype(np.float64))

    @cached_property
    def factors(self) -> tuple[Vectors, Vectors]:
        """Factors of the members × groups table by alternating least squares."""
        return factorised(self.sits)

    def row(self, matrix: sparse.csr_matrix) -> Scores:
        """Return one sparse row in full."""
        return np.asarray(matrix.todense(), np.float64).ravel()


def _random(known: Known, row: int) -> Scores:
    return known.rng.random(len(known.groups))


def _popularity(known: Known, row: int) -> Scores:
    return known.size


def _recent(known: Known, row: int) -> Scores:
    """Most joined in the last year; without dates, the size."""
    return known.joined + 1e-6 * known.size


def _tfidf(known: Known, row: int) -> Scores:
    members, groups = known.tfidf
    return known.row(members[row] @ groups.T)


def _bm25(known: Known, row: int) -> Scores:
    asked, weights = known.bm25
    return known.row(asked[row] @ weights.T)


def _item_neighbours(known: Known, row: int) -> Scores:
    """Cosine of groups by shared members, summed over the member's groups (Sarwar and others 2001)."""
    root = 1.0 / np.sqrt(np.maximum(known.size, 1.0))
    shared = known.row(known.sits[row].multiply(root).tocsr() @ known.sits_in @ known.sits)
    return np.asarray((shared - known.row(known.sits[row]) * root * known.size) * root)


def _user_neighbours(known: Known, row: int) -> Scores:
    """Groups of the 50 members most alike by cosine, which is the weight of each."""
    alike = known.row(known.sits[row] @ known.sits_in) / np.sqrt(np.maximum(known.own * known.own[row], 1.0))
    alike[row] = 0.0
    order = np.lexsort((np.arange(len(alike)), -alike))[:50]
    near = np.zeros(len(alike))
    near[order] = alike[order]
    return np.asarray(known.sits_in @ near)


def _als(known: Known, row: int) -> Scores:
    members, groups = known.factors
    return np.asarray(groups @ members[row], np.float64)


def _friends(known: Known, row: int) -> Scores:
    return known.row(known.ties[row] @ known.sits)


def _walk(damping: float) -> Callable[[Known, int], Scores]:
    """Personalised PageRank on the graph of members and groups; a walk rests on groups at every second step."""

    def of(known: Known, row: int) -> Scores:
        start = np.zeros(len(known.members))
        start[row] = 1.0
        rank = start.copy()
        inside = 1.0 / np.maximum(known.own, 1.0)
        for _ in range(_WALK_STEPS):
            groups = known.sits_in @ (rank * inside)
            rank = (1.0 - damping) * start + damping * (known.sits @ (groups / np.maximum(known.size, 1.0)))
        return np.asarray(known.sits_in @ (rank * inside))

    return of


def _fusion(known: Known, row: int) -> Scores:
    return fused([signal(known, row) for signal in (_item_neighbours, _user_neighbours, _walk(0.5), _friends, _tfidf)])


class _Single:
    """A ranker of groups by one signal."""

    def __init__(self, known: Known, signal: Callable[[Known, int], Scores]) -> None:
        self._known, self._signal = known, signal

    def suggest_groups(self, member: str, count: int) -> list[str]:
        """Return groups that a member is not in, best first; the first by name wins a draw."""
        row = self._known.number[member]
        scores = np.asarray(self._signal(self._known, row), np.float64)
        return [self._known.groups[at] for at in best_first(scores, self._known.sits[row].indices, count)]


@dataclass(frozen=True, slots=True)
class _Baseline:
    """Fits nothing: a signal, asked of what is known."""

    signal: Callable[[Known, int], Scores]

    def __call__(
        self,
        profiles: Mapping[str, Profile],
        ties: Sequence[Tie],
        groups: Mapping[str, Group],
        memberships: Sequence[Membership],
        now: Moment | None,
        seed: int = 0,
    ) -> _Single:
        """Return the signal over what was known."""
        return _Single(Known(profiles, ties, groups, memberships, now, seed), self.signal)


GROUP: Mapping[str, GroupFit] = {
    "random": _Baseline(_random),
    "popularity": _Baseline(_popularity),
    "recent": _Baseline(_recent),
    "tfidf": _Baseline(_tfidf),
    "bm25": _Baseline(_bm25),
    "item-neighbours": _Baseline(_item_neighbours),
    "user-neighbours": _Baseline(_user_neighbours),
    "als": _Baseline(_als),
    "pagerank": _Baseline(_walk(0.85)),
    "pagerank-50": _Baseline(_walk(0.5)),
    "friends": _Baseline(_friends),
    "fusion": _Baseline(_fusion),
}
