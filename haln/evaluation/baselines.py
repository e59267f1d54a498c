"""What anybody could pick instead: one signal at a time, by the book, on scipy and scikit-learn; and their fusion."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from haln.evaluation.dataset import Group, Membership, Moment, Profile, Tie
from haln.matching.factors import learn_basis, own_vector
from haln.matching.ragged import Ragged

Scores = NDArray[np.float64]
_WALK_STEPS = 25
# Words of one letter count as well.
WORDS: Any = {"token_pattern": r"(?u)\b\w+\b"}


class Known:
    """What was known, as matrices: `ties` (members × members), `texts` (one text per member)."""

    def __init__(self, profiles: Mapping[str, Profile], ties: Sequence[Tie], seed: int, facts: bool) -> None:
        self.members = sorted(profiles)
        self.number = {member: at for at, member in enumerate(self.members)}
        self.texts = [_text(profiles[member], facts) for member in self.members]
        self.rng = np.random.default_rng(seed)
        self.ties = tied(ties, self.number)
        self.degree = np.asarray(self.ties.sum(axis=1)).ravel()

    @cached_property
    def tfidf(self) -> tuple[sparse.csr_matrix, TfidfVectorizer]:
        """TF-IDF as scikit-learn makes it, of unit length."""
        vectorizer = TfidfVectorizer(**WORDS, dtype=np.float64)
        return vectorizer.fit_transform([*self.texts, "nothing"])[:-1].tocsr(), vectorizer

    @cached_property
    def bm25(self) -> tuple[sparse.csr_matrix, sparse.csr_matrix, CountVectorizer]:
        """Counts, weights of Okapi BM25 (Robertson and Zaragoza 2009; k1 1.2, b 0.75), and the vectoriser."""
        vectorizer = CountVectorizer(**WORDS)
        counts = vectorizer.fit_transform([*self.texts, "nothing"])[:-1].tocsr().astype(np.float64)
        return counts, bm25_weights(counts), vectorizer

    @cached_property
    def steps(self) -> sparse.csr_matrix:
        """Where a walk goes next: columns sum to 1, but for members without ties."""
        return (self.ties.T @ sparse.diags(1.0 / np.maximum(1.0, self.degree))).tocsr()

    @cached_property
    def factors(self) -> tuple[Ragged, NDArray[np.float32], NDArray[np.float64]]:
        """Factors of the ties by alternating least squares."""
        columns = (self.ties.indices.astype(np.int32), self.ties.data.astype(np.float32))
        ties = Ragged(self.ties.indptr.astype(np.int64), (*columns, np.ones(self.ties.nnz, np.uint8)))
        basis = learn_basis(np.arange(len(self.members)), ties)
        return ties, basis.vectors, basis.gram

    def row(self, matrix: sparse.csr_matrix) -> Scores:
        """Return one sparse row in full."""
        return np.asarray(matrix.todense(), np.float64).ravel()


def bm25_weights(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return the weights of Okapi BM25 of counted words, one row per text."""
    length = np.asarray(counts.sum(axis=1)).ravel()
    holders = np.asarray((counts > 0).sum(axis=0)).ravel()
    rarity = np.log(1.0 + (counts.shape[0] - holders + 0.5) / (holders + 0.5))
    weights = counts.copy()
    owner = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    slack = 1.2 * (0.25 + 0.75 * length[owner] / max(1e-9, float(length.mean())))
    weights.data = rarity[counts.indices] * counts.data * 2.2 / (counts.data + slack)
    return weights


def _text(profile: Profile, facts: bool) -> str:
    """One long text of all that a member wrote, with `facts` organisation and roles as well."""
    return " ".join([*(text for _, text in profile.docs), *((profile.org, profile.roles) if facts else ())])


def _popularity(known: Known, row: int) -> Scores:
    return known.degree


def _random(known: Known, row: int) -> Scores:
    return known.rng.random(len(known.members))


def _tfidf(known: Known, row: int) -> Scores:
    matrix, _ = known.tfidf
    return known.row(matrix[row] @ matrix.T)


def _bm25(known: Known, row: int) -> Scores:
    counts, weights, _ = known.bm25
    asked = counts[row].copy()
    asked.data = np.minimum(asked.data, 3.0)
    return known.row(asked @ weights.T)


def _through(known: Known, row: int, worth: Scores) -> Scores:
    return known.row(known.ties[row].multiply(worth).tocsr() @ known.ties)


def _common(known: Known, row: int) -> Scores:
    return _through(known, row, np.ones(len(known.members)))


def _adamic_adar(known: Known, row: int) -> Scores:
    return _through(known, row, 1.0 / np.log(np.maximum(known.degree, 2.0)))


def _allocation(known: Known, row: int) -> Scores:
    return _through(known, row, 1.0 / np.maximum(1.0, known.degree))


def _walk(damping: float) -> Callable[[Known, int], Scores]:
    def of(known: Known, row: int) -> Scores:
        start = np.zeros(len(known.members))
        start[row] = 1.0
        rank = start.copy()
        for _ in range(_WALK_STEPS):
            rank = (1.0 - damping) * start + damping * (known.steps @ rank)
        rank[row] = 0.0
        return rank

    return of


def _als(known: Known, row: int) -> Scores:
    ties, vectors, gram = known.factors
    return np.asarray(vectors @ own_vector(row, ties, vectors, gram), np.float64)


_FUSED = (_tfidf, _adamic_adar, _walk(0.5))


def _fusion(known: Known, row: int) -> Scores:
    return fused([signal(known, row) for signal in _FUSED])


def tied(ties: Sequence[Tie], number: Mapping[str, int]) -> sparse.csr_matrix:
    """Return who is tied to whom (members × members), each tie both ways; ties of strangers and to oneself are none."""
    pairs = [(number[u], number[v]) for u, v, _ in ties if u != v and u in number and v in number]
    one, other = np.array(pairs, np.int64).reshape(-1, 2).T
    both = (np.concatenate((one, other)), np.concatenate((other, one)))
    found = sparse.csr_matrix((np.ones(2 * len(one)), both), (len(number), len(number)))
    found.data[:] = 1.0
    return found


def best_first(scores: Scores, barred: NDArray[np.integer[Any]], count: int) -> list[int]:
    """Return up to so many rows by their scores, without those that are barred; the first row wins a draw."""
    left = np.delete(np.arange(len(scores)), barred)
    found: list[int] = left[np.lexsort((left, -scores[left]))[:count]].tolist()
    return found


def fused(signals: Sequence[Scores]) -> Scores:
    """Return reciprocal ranks added up (Cormack, Clarke and Büttcher 2009; 60 as there)."""
    total = np.zeros(len(signals[0]))
    for scores in signals:
        order = np.lexsort((np.arange(len(scores)), -scores))
        ranks = np.empty(len(scores))
        ranks[order] = np.arange(1, len(scores) + 1)
        total += np.where(scores > 0, 1.0 / (60.0 + ranks), 0.0)
    return total


class _Single:
    """A ranker by one signal."""

    def __init__(self, known: Known, signal: Callable[[Known, int], Scores]) -> None:
        self._known, self._signal = known, signal

    def suggest(self, member: str, count: int) -> list[str]:
        """Return others, best first; the first by name wins a draw."""
        row = self._known.number[member]
        scores = np.asarray(self._signal(self._known, row), np.float64)
        return [self._known.members[at] for at in best_first(scores, np.array([row]), count)]

    def score(self, member: str, others: Sequence[str]) -> list[float]:
        """Return the signal between a member and some others."""
        scores = np.asarray(self._signal(self._known, self._known.number[member]), np.float64)
        return [float(scores[self._known.number[other]]) for other in others]

    def match_text(self, text: str) -> Mapping[str, float]:
        """Return how well a text suits each member."""
        known = self._known
        if self._signal is _tfidf:
            matrix, vectorizer = known.tfidf
            scores = known.row(vectorizer.transform([text]) @ matrix.T)
        elif self._signal is _bm25:
            _, weights, counter = known.bm25
            scores = known.row(counter.transform([text]).astype(np.float64) @ weights.T)
        else:
            scores = np.asarray(self._signal(known, 0), np.float64)
        return dict(zip(known.members, scores.tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class _Baseline:
    """Fits nothing: a signal, asked of what is known."""

    signal: Callable[[Known, int], Scores]
    facts: bool = False

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
        return _Single(Known(profiles, ties, seed, self.facts), self.signal)


PEER: Mapping[str, _Baseline] = {
    "random": _Baseline(_random),
    "popularity": _Baseline(_popularity),
    "tfidf": _Baseline(_tfidf),
    "bm25": _Baseline(_bm25),
    "common": _Baseline(_common),
    "adamic-adar": _Baseline(_adamic_adar),
    "resource-allocation": _Baseline(_allocation),
    "pagerank": _Baseline(_walk(0.85)),
    "pagerank-50": _Baseline(_walk(0.5)),
    "als": _Baseline(_als),
    "fusion": _Baseline(_fusion),
}
TEXT: Mapping[str, _Baseline] = {
    "random": _Baseline(_random),
    "tfidf": _Baseline(_tfidf, facts=True),
    "bm25": _Baseline(_bm25, facts=True),
}
