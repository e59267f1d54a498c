"""Texts become unit rows of terms, piece by piece."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from haln.matching.text import COMMON, MANY_PIECES, Counts, learn_rows, learn_vocabulary, shared_terms


def dense(rows: object, row: int, terms: int) -> np.ndarray:
    held = np.zeros(terms)
    ids, weights = rows.row(row)  # type: ignore[attr-defined]
    held[ids] = weights
    return held


def test_rows_are_of_unit_length_or_empty_and_their_terms_ascend() -> None:
    vocabulary = learn_vocabulary(["allotment kitchen", "kitchen tender"])
    rows = vocabulary.rows([["kitchen kitchen allotment", "tender"], [], ["and the of"], ["tender"]])
    for row, length in enumerate((1.0, 0.0, 0.0, 1.0)):
        terms, weights = rows.row(row)
        assert np.linalg.norm(weights) == pytest.approx(length)
        assert np.all(np.diff(terms) > 0)


def test_a_long_piece_does_not_drown_a_short_one() -> None:
    long = " ".join(f"word{number}" for number in range(300))
    vocabulary = learn_vocabulary([long, "kitchen"])
    rows = vocabulary.rows([[long, "kitchen"], [f"{long} kitchen"], ["kitchen"]])
    apart, together, kitchen = (dense(rows, row, len(vocabulary.terms)) for row in range(3))
    assert apart @ kitchen == pytest.approx(0.5**0.5, rel=1e-5)
    assert together @ kitchen < 0.1


def test_texts_of_nothing_but_stop_words_have_no_vocabulary() -> None:
    vocabulary = learn_vocabulary(["and the", "of"])
    assert vocabulary.terms == ()
    assert len(vocabulary.rows([["anything"], []])) == 2


def test_words_that_everybody_uses_are_left_out_of_a_large_network() -> None:
    pieces = [f"anchor word{number % 10}" for number in range(MANY_PIECES)]
    assert "anchor" not in learn_vocabulary(pieces).terms
    assert "anchor" in learn_vocabulary(pieces[: MANY_PIECES - 1]).terms
    assert 0 < COMMON < 1


def test_a_vocabulary_known_beforehand_gives_the_same_rows_whoever_else_is_asked() -> None:
    vocabulary = learn_vocabulary(["allotment kitchen", "kitchen tender wages", "wages ward"])
    texts = [["kitchen tender", "wages"], ["ward"], ["allotment wages kitchen"]]
    together = vocabulary.rows(texts)
    for row, one in enumerate(texts):
        alone = vocabulary.rows([one])
        assert all(np.array_equal(*columns) for columns in zip(together.row(row), alone.row(0), strict=True))


@given(st.lists(st.lists(st.text("abcdef the", max_size=40), max_size=4), max_size=20))
def test_rows_of_pieces_read_once_are_those_of_their_vocabulary_to_the_bit(texts: list[list[str]]) -> None:
    """What is patched later is read by the vocabulary, and must equal what was built."""
    vocabulary, rows = learn_rows(texts)
    other = learn_vocabulary([piece for pieces in texts for piece in pieces])
    assert vocabulary.terms == other.terms and vocabulary.idf.tolist() == other.idf.tolist()
    again = vocabulary.rows(texts)
    assert rows.starts.tolist() == again.starts.tolist()
    assert [column.tolist() for column in rows.columns] == [column.tolist() for column in again.columns]


pieces_of_few_words = st.lists(st.text("abcdef the", max_size=40), max_size=20)


@given(pieces_of_few_words, pieces_of_few_words, st.sampled_from([0.2, 0.5, 1.0]), st.sampled_from([1, 200]))
def test_pieces_counted_with_others_are_read_as_scikit_learn_reads_them_alone(
    some: list[str], others: list[str], common: float, often: int
) -> None:
    pieces = some * often
    vocabulary, read = Counts([*others, *pieces]).learned(pieces, common)
    plain = TfidfVectorizer(
        sublinear_tf=True,
        stop_words="english",
        dtype=np.float32,
        max_df=common if len(pieces) >= MANY_PIECES else 1.0,
    )
    try:
        expected = plain.fit_transform(pieces)
    except ValueError:  # nothing is left
        assert vocabulary.terms == () and read is None
        return
    assert vocabulary.terms == tuple(plain.get_feature_names_out())
    assert vocabulary.idf.tolist() == plain.idf_.tolist()
    assert (read != expected).nnz == 0


def test_pieces_that_were_not_counted_are_refused() -> None:
    with pytest.raises(KeyError):
        Counts(["kitchen"]).learned(["allotment"])


def test_shared_terms_come_by_what_they_add() -> None:
    vocabulary = learn_vocabulary(["rare common", "common", "common other", "common rare"])
    rows = vocabulary.rows([["rare common"], ["common rare"]])
    terms = [vocabulary.terms[term] for term in shared_terms(rows.row(0), rows.row(1), 5)]
    assert terms == ["rare", "common"]


rows_of_terms = st.dictionaries(st.integers(0, 30), st.sampled_from([0.125, 0.25, 0.5, 0.3, 0.7]), max_size=20)


@given(rows_of_terms, rows_of_terms, st.integers(0, 6))
def test_of_shared_terms_those_come_first_that_add_most_and_then_the_lower(
    mine: dict[int, float], theirs: dict[int, float], count: int
) -> None:
    def row(weights: dict[int, float]) -> tuple[np.ndarray, np.ndarray]:
        terms = sorted(weights)
        return np.array(terms, np.int32), np.array([weights[term] for term in terms], np.float32)

    def adds(term: int) -> np.float32:
        return np.float32(mine[term]) * np.float32(theirs[term])

    expected = sorted(mine.keys() & theirs.keys(), key=lambda term: (-adds(term), term))[:count]
    assert shared_terms(row(mine), row(theirs), count).tolist() == expected
