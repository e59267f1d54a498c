"""Telling a true tie from a false one: the right questions, nothing of the hidden ties, and the score of the pages."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import ranker as offered
from haln.evaluation import baselines, judge, pairs, ranker
from haln.evaluation.dataset import BadDataset, Dataset, Tie, read
from haln.evaluation.judge import judged
from tests.evaluation.sample import a_dataset, write

SHARES = [0.3, 0.8]


def with_pairs(folder: Path, shares: object = SHARES) -> Path:
    about = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
    about["tasks"][pairs.TASK] = {"ratios": shares}
    (folder / "dataset.json").write_text(json.dumps(about), encoding="utf-8")
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Dataset:
    return read(with_pairs(a_dataset(tmp_path)))


@dataclass(frozen=True)
class Knows:
    """A ranker that gives what it was told of a pair, and keeps what it was told."""

    worth: Mapping[frozenset[str], float]
    heard: list[Sequence[Tie]] = field(default_factory=list)

    def __call__(self, _profiles: object, ties: Sequence[Tie], *_more: Any, **_named: Any) -> "Knows":
        self.heard.append(ties)
        return self

    def score(self, member: str, others: Sequence[str]) -> list[float]:
        return [self.worth.get(frozenset((member, other)), 0.0) for other in others]


def test_each_tie_is_known_or_asked_about_and_never_both(data: Dataset) -> None:
    ties = {tie[:2] for tie in data.ties}
    for asked, share in zip(pairs.drawn(data, 0), SHARES, strict=True):
        known, hidden = {tie[:2] for tie in asked.known}, {(member, true) for member, true, _ in asked.pairs}
        assert known | hidden == ties and not known & hidden
        assert len(known) == int(len(ties) * share)
        ends = {end for pair in hidden for end in pair}
        assert all(false != true and false in ends for _, true, false in asked.pairs)
        assert {false for *_, false in asked.pairs} - {member for member, *_ in hidden}  # at either end


def test_the_questions_depend_on_the_seed_alone(data: Dataset) -> None:
    other_way = replace(data, ties=list(reversed(data.ties)))
    assert list(pairs.drawn(data, 3)) == list(pairs.drawn(other_way, 3)) != list(pairs.drawn(data, 4))


def test_who_knows_all_is_always_right_who_knows_nothing_half_the_time_and_who_knows_the_contrary_never(
    data: Dataset,
) -> None:
    asked = [pair for one in pairs.drawn(data, 0) for pair in one.pairs]
    true = {frozenset((member, one)) for member, one, _ in asked}
    # A false one may be tied to the member by another tie that is hidden, too: then both are right.
    double = np.array([frozenset((member, false)) in true for member, _, false in asked])
    for worth, right in ((1.0, 1.0), (-1.0, 0.0)):
        found = pairs.pairs(data, Knows(dict.fromkeys(true, worth)), 0)
        each = np.where(double, 0.5, right)
        by_share = np.split(each, np.cumsum([len(one.pairs) for one in pairs.drawn(data, 0)])[:-1])
        assert list(found["auc_by_share"].values()) == pytest.approx([part.mean() for part in by_share])
        assert found["auc"] == pytest.approx(np.mean([part.mean() for part in by_share]))
    assert pairs.pairs(data, Knows({}), 0)["auc"] == 0.5


def test_no_ranker_hears_of_a_hidden_tie(data: Dataset) -> None:
    listening = Knows({})
    pairs.pairs(data, listening, 0)
    for heard, asked in zip(listening.heard, pairs.drawn(data, 0), strict=True):
        assert not {frozenset(tie[:2]) for tie in heard} & {frozenset(pair[:2]) for pair in asked.pairs}


def test_our_score_is_that_by_which_lists_are_ordered(data: Dataset) -> None:
    model = ranker.fit(data.profiles(None), data.ties, {}, (), None, 0)
    for member in ("m000", "m041"):
        order = model.suggest(member, 50)
        scores = model.score(member, order)
        assert scores == sorted(scores, reverse=True) and len(set(scores)) > 10
        assert model.score(member, order[7:9]) == scores[7:9]  # whoever else is asked about
        assert model.score(member, []) == []
    with pytest.raises(KeyError):
        model.score("nobody", ["m000"])


def test_a_judge_that_does_not_know_us_gets_the_same_scores(data: Dataset) -> None:
    profiles = {
        name: {"docs": one.docs, "org": one.org, "place": one.place, "roles": one.roles}
        for name, one in data.profiles(None).items()
    }
    theirs = offered.fit(profiles, data.ties, seed=0)
    ours = ranker.fit(data.profiles(None), data.ties, {}, (), None, 0)
    assert theirs.score("m003", ["m006", "m010"]) == ours.score("m003", ["m006", "m010"])


def test_the_ranker_beats_chance_and_each_single_signal(data: Dataset) -> None:
    ours = pairs.pairs(data, ranker.fit, 0)["auc"]
    others = {name: pairs.pairs(data, fit, 0)["auc"] for name, fit in baselines.PEER.items() if name != "fusion"}
    assert ours > max(others.values()) > 0.5, others


def test_pairs_are_told_apart_only_where_that_is_asked_for_or_there_is_nothing_else(tmp_path: Path) -> None:
    folder = with_pairs(a_dataset(tmp_path))
    assert {task for task, _ in judge.chosen(read(folder), None, ())} == {"peer"}
    found = list(judged(folder, "pairs", ("random", "tfidf"), "test", (0, 1), 5))
    assert [one["ranker"] for one in found] == ["random", "tfidf"]
    for one in found:
        assert one["auc_std"] > 0 and set(one["auc_by_share"]) == {"0.3", "0.8"}
        assert [set(of_a_seed) for of_a_seed in one["auc_by_share_ci95"]] == [{"0.3", "0.8"}] * 2
    about = {"name": "pairs alone", "tasks": {pairs.TASK: {"ratios": SHARES}}}
    (folder / "dataset.json").write_text(json.dumps(about), encoding="utf-8")
    assert {task for task, _ in judge.chosen(read(folder), None, ())} == {"pairs"}


@pytest.mark.parametrize("shares", [None, [], "half", [0.5, "half"], [0.0], [1.0], [float("nan")], [True]])
def test_shares_that_are_none_are_refused_in_words(tmp_path: Path, shares: object) -> None:
    folder = with_pairs(a_dataset(tmp_path), shares)
    with pytest.raises(BadDataset, match="ratios"):
        list(pairs.drawn(read(folder), 0))


def test_where_all_hidden_ties_end_in_one_member_nothing_is_told_apart(tmp_path: Path) -> None:
    folder = with_pairs(a_dataset(tmp_path))
    write(folder / "edges.csv", ["u", "v", "t"], [("m000", "m000", 0)])
    with pytest.raises(BadDataset, match="nothing is left"):
        list(pairs.drawn(read(folder), 0))
