"""Telling a true tie from a false one: the questions of a plain judge, and the score of the pages."""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks import published
from benchmarks import ranker as offered
from haln.cli.evaluate import evaluate
from haln.evaluation import baselines, judge, pairs, ranker
from haln.evaluation.dataset import BadDataset, Dataset, Profile, Tie, read
from haln.evaluation.judge import judged
from tests.evaluation.sample import a_dataset, write

SHARES = [0.33, 0.8]


def with_pairs(folder: Path, shares: object = SHARES) -> Path:
    about = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
    about["tasks"][pairs.TASK] = {"ratios": shares}
    (folder / "dataset.json").write_text(json.dumps(about), encoding="utf-8")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sample with a tie of two dates, one that stands there twice, one both ways round, and one of a member alone."""
    folder = with_pairs(a_dataset(tmp_path))
    ties = [(tie[0], tie[1], 0) for tie in read(folder).ties]
    odd = [(*ties[3][:2], 7), ties[4], (ties[5][1], ties[5][0], 0), ("m007", "m007", 0)]
    write(folder / "edges.csv", ["u", "v", "t"], [*ties, *odd])
    write(folder / "edges_raw.csv", ["u", "v"], [tie[:2] for tie in (*ties[::-1], *odd, *ties[:9])])
    return folder


@pytest.fixture
def data(folder: Path) -> Dataset:
    return read(folder)


def told(member: str, other: str, seed: int = 0) -> float:
    """Some number that hangs on the pair alone; of many pairs two have the same."""
    return hashlib.blake2b(f"{seed} {member} {other}".encode()).digest()[0] / 255


@dataclass
class Fake:
    """A ranker whose scores are `told`, and that keeps what it was told."""

    heard: list[tuple[Mapping[str, Profile], Sequence[Tie], int]] = field(default_factory=list)
    fits: float = 0.0
    worth: Mapping[tuple[str, str], float] | None = None

    def __call__(self, profiles: Mapping[str, Profile], ties: Sequence[Tie], *more: Any, **_named: Any) -> "Fake":
        self.heard.append((profiles, ties, more[-1]))
        until = time.process_time() + self.fits
        while time.process_time() < until:
            pass
        return self

    def score(self, member: str, others: Sequence[str]) -> list[float]:
        if self.worth is not None:
            return [self.worth.get((member, other), 0.0) for other in others]
        return [told(member, other, self.heard[-1][2]) for other in others]


def by_the_book(data: Dataset, seed: int, raw: bool) -> tuple[dict[str, float], int]:
    """How often `told` is right, in plain loops: Tu and others (2017), for each share of the ties."""
    if raw:
        lines = (data.folder / "edges_raw.csv").read_text(encoding="utf-8").split()[1:]
        ties = [(*line.split(","), 0.0) for line in lines]
    else:
        ties = sorted({(u, v, t) for u, v, t in data.ties})
    found, count = {}, 0
    for share in SHARES:
        rng = np.random.default_rng(5000 + seed)
        order = rng.permutation(len(ties))
        known = [ties[at] for at in order[: int(len(ties) * share)]]
        hidden = [ties[at] for at in order[int(len(ties) * share) :]]
        ends = sorted({one[0] for one in hidden} | {one[1] for one in hidden})
        met = {one[0] for one in known} | {one[1] for one in known}
        right = []
        for u, v, _ in hidden:
            if raw and (u not in met or v not in met):
                continue
            false = v
            while false == v or (raw and false not in met):
                false = ends[rng.integers(len(ends))]
            one, other = told(u, v, seed), told(u, false, seed)
            right.append(1.0 if one > other else 0.5 if one == other else 0.0)
        found[str(share)] = float(np.mean(right))
        count += len(right)
    return found, count


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize("seed", [0, 3])
def test_figures_are_those_of_a_plain_judge(data: Dataset, seed: int, raw: bool) -> None:
    fake = Fake()
    found = pairs.auc(data, fake, seed, published=raw)
    by_share, count = by_the_book(data, seed, raw)
    assert found["auc_by_share"] == by_share and found["queries"] == count
    assert found["auc"] == pytest.approx(np.mean(list(by_share.values())))
    for share, (low, high) in found["auc_by_share_ci95"].items():
        assert 0.3 < low < by_share[share] < high < 0.7
    for profiles, ties, own_seed in fake.heard:
        assert profiles == data.profiles(None) and own_seed == seed
        assert ties and all(tie[0] != tie[1] for tie in ties)


def test_the_questions_do_not_hang_on_the_order_of_the_file(data: Dataset) -> None:
    other_way = replace(data, ties=list(reversed(data.ties)))
    assert list(pairs.drawn(data, 3)) == list(pairs.drawn(other_way, 3)) != list(pairs.drawn(data, 4))


def test_who_knows_nothing_is_right_half_the_time_and_who_knows_all_always(data: Dataset) -> None:
    assert pairs.auc(data, Fake(worth={}), 0)["auc"] == 0.5
    asked = [question for one in pairs.drawn(data, 0) for question in one.questions]
    true, false = ({(question[0], question[at]) for question in asked} for at in (1, 2))
    # A false one may be a true one of another share, or of another question: protocols of this kind do not look.
    assert pairs.auc(data, Fake(worth=dict.fromkeys(true - false, 1.0)), 0)["auc"] > 0.85
    assert pairs.auc(data, Fake(worth=dict.fromkeys(true - false, -1.0)), 0)["auc"] < 0.15


def test_no_ranker_hears_of_a_hidden_tie(tmp_path: Path) -> None:
    plain, fake = read(with_pairs(a_dataset(tmp_path))), Fake()
    pairs.auc(plain, fake, 0)
    for (_, ties, _), asked in zip(fake.heard, pairs.drawn(plain, 0), strict=True):
        assert not {frozenset(tie[:2]) for tie in ties} & {frozenset(one[:2]) for one in asked.questions}


def test_as_published_nobody_is_asked_about_who_is_not_known(data: Dataset) -> None:
    for asked in pairs.drawn(data, 0, published=True):
        met = {end for tie in asked.known for end in tie[:2]}
        assert all(met.issuperset(question) for question in asked.questions)


def test_what_fitting_takes_is_not_what_asking_takes(data: Dataset) -> None:
    found = pairs.auc(data, Fake(fits=0.2), 0)
    assert found["fit_seconds"] >= 0.4 and found["ms_per_query"] * found["queries"] < 1000 * found["fit_seconds"]


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


def test_where_texts_tell_too_the_ranker_beats_chance_and_all_that_ties_alone_tell(data: Dataset) -> None:
    ours = pairs.auc(data, ranker.fit, 0)["auc"]
    of_texts = {"tfidf", "bm25", "fusion"}
    others = {name: pairs.auc(data, fit, 0)["auc"] for name, fit in baselines.PEER.items() if name not in of_texts}
    assert ours > max(others.values()) + 0.05 and 0.4 < others["random"] < 0.6, (ours, others)


def test_pairs_are_told_apart_only_where_that_is_asked_for_or_there_is_nothing_else(folder: Path) -> None:
    assert {task for task, _ in judge.chosen(read(folder), None, ())} == {"peer"}
    found = list(judged(folder, "pairs", ("random", "tfidf"), "valid", (0, 1), 5))
    assert [one["ranker"] for one in found] == ["random", "tfidf"]
    for one in found:
        assert "phase" not in one  # nothing is set apart to choose by
        assert one["auc_std"] > 0 and set(one["auc_by_share"]) == {"0.33", "0.8"}
        assert [set(of_a_seed) for of_a_seed in one["auc_by_share_ci95"]] == [{"0.33", "0.8"}] * 2
    about = {"name": "pairs alone", "tasks": {pairs.TASK: {"ratios": SHARES}}}
    (folder / "dataset.json").write_text(json.dumps(about), encoding="utf-8")
    assert {task for task, _ in judge.chosen(read(folder), None, ())} == {"pairs"}


@pytest.mark.parametrize("shares", [None, [], "half", [0.5, "half"], [0.0], [1], [float("nan")], [10**400], [0.5, 0.5]])
def test_shares_that_are_none_are_refused_in_words(tmp_path: Path, shares: object) -> None:
    folder = with_pairs(a_dataset(tmp_path), shares)
    with pytest.raises(BadDataset, match="ratios"):
        list(pairs.drawn(read(folder), 0))


@pytest.mark.parametrize("task", ["peer", "pairs"])
def test_a_tie_with_a_stranger_is_refused_by_name(folder: Path, task: str) -> None:
    write(folder / "edges.csv", ["u", "v", "t"], [("m000", "m001", 0), ("m002", "ghost", 0)] * 20)
    result = CliRunner().invoke(evaluate, [str(folder), "--task", task, "--ranker", "random"])
    assert result.exit_code == 1 and "ghost" in result.output


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize("ties", [[], [("m000", "m000")], [("m000", "m001")]])
def test_where_nothing_can_be_told_apart_that_is_said(folder: Path, ties: list[tuple[str, str]], raw: bool) -> None:
    write(folder / "edges.csv", ["u", "v", "t"], [(*tie, 0) for tie in ties if tie != ("m000", "m001")])
    write(folder / "edges_raw.csv", ["u", "v"], ties)
    with pytest.raises(BadDataset):
        list(pairs.drawn(read(folder), 0, published=raw))


def test_beside_published_figures_pairs_are_asked_as_they_were(data: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "PAIRERS", {"fake": Fake()})
    monkeypatch.setattr(published, "PAIRS", {data.name: {"theirs": (0.5, 0.75)}})
    ours, theirs = published.told_apart(data, [0, 3])
    each = [by_the_book(data, seed, raw=True)[0] for seed in (0, 3)]
    assert ours["by share"] == pytest.approx([np.mean([one[str(share)] for one in each]) for share in SHARES], abs=1e-4)
    assert theirs == {"published": "theirs", "auc": 0.625, "by share": [0.5, 0.75]}
