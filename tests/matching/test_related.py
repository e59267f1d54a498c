"""Which texts are near each other, against brute force and against scikit-learn's own cosine."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics.pairwise import cosine_similarity

from haln.matching import related

WORDS = [
    "bread",
    "baker",
    "ward",
    "hospital",
    "council",
    "garden",
    "bus",
    "tram",
    "housing",
    "roof",
    "heat",
    "school",
    "jobs",
    "wage",
    "tender",
    "price",
]


def some_texts(seed: int, count: int) -> list[str]:
    rng = Random(seed)
    return [" ".join(rng.choices(WORDS, k=rng.randint(3, 12))) for _ in range(count)]


@pytest.mark.parametrize("seed", range(4))
def test_the_nearest_are_those_of_brute_force(seed: int) -> None:
    texts = some_texts(seed, 60)
    found = related.nearest(texts, 4, least=0.0)
    rows = TfidfVectorizer(sublinear_tf=True, stop_words="english", dtype=np.float32).fit_transform(texts)
    cosines = cosine_similarity(rows)
    for number, others in enumerate(found):
        assert number not in others and len(set(others)) == 4
        line = np.delete(cosines[number], number)
        best = np.sort(line)[::-1][:4]
        assert np.allclose([cosines[number, other] for other in others], best, atol=1e-5)


def test_texts_without_a_word_in_common_are_not_near() -> None:
    assert related.nearest(["bread baker", "tram bus", "bread oven", ""], 3) == [[2], [], [0], []]


@pytest.mark.parametrize("texts", [[], [""], ["the of and"], ["bread"]])
def test_few_or_empty_texts_are_near_nothing(texts: list[str]) -> None:
    assert related.nearest(texts, 4) == [[] for _ in texts]


def test_more_texts_than_one_block_are_all_answered() -> None:
    found = related.nearest(some_texts(9, 1100), 2)
    assert len(found) == 1100 and all(number not in others for number, others in enumerate(found))
