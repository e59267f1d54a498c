"""Texts that are near each other: for each the nearest few of all, by TF-IDF and cosine."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from haln.matching.text import learn_vocabulary

LEAST = 0.05
"""Texts whose cosine is below this have hardly a word in common."""

_ROWS = 512


def nearest(texts: Sequence[str], count: int, least: float = LEAST) -> list[list[int]]:
    """Return for each text the places of at most `count` others, the nearest first; the earlier one of two as near.

    No text is near itself, none is listed whose cosine is below `least`. An empty text has none.
    """
    vocabulary = learn_vocabulary(texts)
    if not vocabulary.terms or count < 1:
        return [[] for _ in texts]
    rows = vocabulary.vectorizer.transform(texts).tocsr()
    found: list[list[int]] = []
    for start in range(0, len(texts), _ROWS):
        block = (rows[start : start + _ROWS] @ rows.T).toarray()
        block[np.arange(len(block)), start + np.arange(len(block))] = 0.0
        order = np.argsort(-block, axis=1, kind="stable")[:, :count]
        found += [[int(other) for other in line if block[row, other] >= least] for row, line in enumerate(order)]
    return found


def nearest_to(asked: str, texts: Sequence[str], count: int, least: float = LEAST) -> list[int]:
    """Return the places of at most `count` texts that are nearest to the one asked for, as in `nearest`."""
    vocabulary = learn_vocabulary([asked, *texts])
    if not texts or not vocabulary.terms or count < 1:
        return []
    rows = vocabulary.vectorizer.transform([asked, *texts]).tocsr()
    cosines = (rows[1:] @ rows[0].T).toarray().ravel()
    order = np.argsort(-cosines, kind="stable")[:count]
    return [int(place) for place in order if cosines[place] >= least]
