"""Texts → sparse rows: sublinear tf, idf, each piece of unit length, a member the unit mean of their pieces.

Piece by piece and not one long concatenation: a long case study does not drown a short biography. As the rows are
unit means, the product of two of them is the mean cosine over all pairs of pieces, up to length.

scikit-learn is loaded when first it is used: most pages and commands read no text, and it takes a second to load.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from haln.compiled import FLOATS, INTS, LONG, Floats, Ints, compiled
from haln.matching.ragged import Column, Ragged, gathered

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer

STOP_WORDS = "english"
COMMON, MANY_PIECES = 0.25, 200


@dataclass(frozen=True)
class Vocabulary:
    """The terms that count, sorted, and the weight of each (its inverse document frequency)."""

    terms: tuple[str, ...]
    idf: Floats

    @cached_property
    def vectorizer(self) -> TfidfVectorizer:
        """The scikit-learn vectoriser of just these terms and weights."""
        ranks: Mapping[str, int] = {term: rank for rank, term in enumerate(self.terms)}
        vectorizer = _vectorizer(ranks)
        vectorizer.idf_ = self.idf
        return vectorizer

    def rows(self, texts: Sequence[Sequence[str]]) -> Ragged:
        """Return one row (terms ascending, weights) of unit length per member; empty where no term is known."""
        pieces = [piece for member in texts for piece in member]
        if not self.terms or not pieces:
            return gathered(np.empty(0, np.int64), (np.empty(0, np.int32), np.empty(0, np.float32)), len(texts))
        places = {piece: place for place, piece in enumerate(dict.fromkeys(pieces))}  # what many were at is read once
        at = np.array([places[piece] for piece in pieces])
        return _unit_means(texts, at, self.vectorizer.transform(list(places)))


def _unit_means(texts: Sequence[Sequence[str]], at: NDArray[np.int64], read: Any) -> Ragged:
    """A row for each member: the unit mean of their pieces, which are the lines `at` of what was `read`, in order."""
    from sklearn.preprocessing import normalize

    owner = np.repeat(np.arange(len(texts)), [len(member) for member in texts])
    belongs = sparse.csr_matrix((np.ones(len(at), np.float32), (owner, at)), (len(texts), read.shape[0]))
    matrix = normalize(belongs @ read).tocsr()
    matrix.sort_indices()
    return Ragged(
        matrix.indptr.astype(np.int64),
        (matrix.indices.astype(np.int32), matrix.data.astype(np.float32)),
    )


class Counts:
    """How often each term is in each of some pieces: networks that share pieces are read once."""

    def __init__(self, pieces: Iterable[str]) -> None:
        from sklearn.feature_extraction.text import CountVectorizer

        self._places = {piece: place for place, piece in enumerate(dict.fromkeys(pieces))}
        vectorizer = CountVectorizer(stop_words=STOP_WORDS, dtype=np.float32)
        try:
            self._counts = vectorizer.fit_transform(list(self._places))
            self._terms = vectorizer.get_feature_names_out()
        except ValueError:  # scikit-learn's answer to texts of nothing but stop words
            self._counts = sparse.csr_matrix((len(self._places), 0), dtype=np.float32)
            self._terms = np.empty(0, object)

    def learned(self, pieces: Sequence[str], common: float = COMMON) -> tuple[Vocabulary, Any]:
        """Return the vocabulary of some of the pieces, and these, line by line, as it reads them.

        See `learn_vocabulary`. None for the lines where no term is left. Raises KeyError for a piece that is not there.
        """
        from sklearn.feature_extraction.text import TfidfTransformer

        counts = self._counts[np.array([self._places[piece] for piece in pieces], np.int64)]
        pieces_with = np.bincount(counts.indices, minlength=len(self._terms))
        most = (common if len(pieces) >= MANY_PIECES else 1.0) * len(pieces)
        kept = np.flatnonzero((pieces_with > 0) & (pieces_with <= most))
        if not len(kept):
            return Vocabulary((), np.empty(0, np.float32)), None
        transformer = TfidfTransformer(sublinear_tf=True)
        read = transformer.fit_transform(counts[:, kept])
        return Vocabulary(tuple(self._terms[kept]), transformer.idf_.astype(np.float32)), read


def _vectorizer(vocabulary: Mapping[str, int]) -> TfidfVectorizer:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(sublinear_tf=True, stop_words=STOP_WORDS, vocabulary=vocabulary, dtype=np.float32)


def learn_vocabulary(pieces: Sequence[str], common: float = COMMON) -> Vocabulary:
    """Collect the terms of all pieces and weigh them by rarity.

    Of many pieces, terms in more than a share of `common` of them are left out as the network's own stop words: lists
    of people were slightly better without them, and most of the work. For one text against all pieces they help (1.0).
    """
    return Counts(pieces).learned(pieces, common)[0]


def learn_rows(texts: Sequence[Sequence[str]], counts: Counts | None = None) -> tuple[Vocabulary, Ragged]:
    """Return the vocabulary of all pieces and the rows of the members that it gives, reading each piece once.

    `counts`: of these pieces and any others, where they were counted before.
    """
    pieces = [piece for member in texts for piece in member]
    vocabulary, read = (counts or Counts(pieces)).learned(pieces)
    if read is None:
        return vocabulary, vocabulary.rows(texts)
    return vocabulary, _unit_means(texts, np.arange(len(pieces)), read)


def inverted(texts: Ragged, shown: Floats, terms: int) -> Ragged:
    """Turn rows of terms into postings (rows, weights) per term, leaving out members whose text is not shown."""
    owner = np.repeat(np.arange(len(texts), dtype=np.int32), texts.lengths())
    ids, weights = texts.columns
    keep = shown[owner] > 0
    return gathered(ids[keep], (owner[keep], weights[keep]), terms)


def shared_terms(mine: tuple[Column, ...], theirs: tuple[Column, ...], count: int) -> Ints:
    """Return at most `count` terms that both rows hold, those that add most to their product first, then the lower.

    Rows as `Vocabulary.rows` has them: terms (int32) ascend, each with its weight (float32).
    """
    return _shared(mine[0], mine[1], theirs[0], theirs[1], count)


@compiled(INTS, FLOATS, INTS, FLOATS, LONG)
def _shared(mine: Ints, my_weights: Floats, theirs: Ints, their_weights: Floats, count: int) -> Ints:
    best, products = np.empty(count, np.int32), np.empty(count, np.float32)
    size = at = 0
    for k in range(theirs.size):
        while at < mine.size and mine[at] < theirs[k]:
            at += 1
        if at == mine.size or mine[at] != theirs[k]:
            continue
        product = my_weights[at] * their_weights[k]
        if size == count and (count == 0 or product <= products[size - 1]):
            continue  # of those that draw, the lower term was there before
        place = min(size, count - 1)
        size = place + 1
        while place > 0 and product > products[place - 1]:
            best[place], products[place] = best[place - 1], products[place - 1]
            place -= 1
        best[place], products[place] = theirs[k], product
    return best[:size]


PIECES = 3


class Pieces:
    """What members wrote, piece by piece, to find whom a text is for."""

    def __init__(self, vocabulary: Vocabulary, texts: Sequence[Sequence[str]]) -> None:
        self._vocabulary = vocabulary
        self._counts = np.array([len(member) for member in texts], np.int64)
        self._owner = np.repeat(np.arange(len(texts)), self._counts)
        self._place = np.arange(len(self._owner)) - np.repeat(np.cumsum(self._counts) - self._counts, self._counts)
        self._empty = not vocabulary.terms or not len(self._owner)
        if not self._empty:
            self._rows = vocabulary.vectorizer.transform([piece for member in texts for piece in member])

    def suited(self, asked: str) -> NDArray[np.float64]:
        """Return for each member how well they suit a text: the mean cosine of their best `PIECES`, 0 to 1.

        Somebody who wrote one thing about it is found, however much else they wrote. The best three ranked better than
        the mean of all, and both far better than one long text (`haln evaluate --task text`).
        """
        if self._empty:
            return np.zeros(len(self._counts))
        cosines = np.asarray((self._rows @ self._vocabulary.vectorizer.transform([asked]).T).todense()).ravel()
        best = np.lexsort((-cosines, self._owner))[self._place < PIECES]
        sums = np.bincount(self._owner[best], weights=cosines[best], minlength=len(self._counts))
        return np.asarray(sums / np.maximum(1, np.minimum(self._counts, PIECES)), np.float64)
