"""The judge is right, sees no future, and runs the ranker of the pages on any data set."""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from benchmarks import boosted
from benchmarks import ranker as offered
from haln.cli.evaluate import evaluate
from haln.evaluation import attention, baselines, judge, metrics, ranker, splits, tasks
from haln.evaluation.dataset import BadDataset, Dataset, days, read
from haln.evaluation.judge import judged
from haln.matching import learning
from haln.matching.blend import SIGNALS
from haln.matching.fixed_weights import DEFAULT_WEIGHTS
from haln.matching.suggest import Settings, suggest_for
from tests.evaluation.sample import a_dataset, write


@settings(max_examples=60, deadline=None)
@given(st.lists(st.booleans(), min_size=2, max_size=40).filter(any))
def test_ndcg_is_that_of_scikit_learn(relevant: list[bool]) -> None:
    names = [f"m{number}" for number in range(len(relevant))]
    wanted = {name for name, one in zip(names, relevant, strict=True) if one}
    found = metrics.of_one(names, wanted)
    scores = -np.arange(len(names), dtype=float)
    assert found["ndcg@10"] == pytest.approx(ndcg_score([relevant], [scores], k=10))
    first = relevant.index(True)
    assert found["mrr"] == pytest.approx(1 / (first + 1))
    assert found["recall@10"] == sum(relevant[:10]) / len(wanted)


def test_attention_is_even_at_0_and_all_on_one_at_almost_1() -> None:
    assert metrics.gini(np.ones(50)) == pytest.approx(0.0)
    assert metrics.gini(np.eye(50)[0]) == pytest.approx(1 - 1 / 50)


@pytest.mark.parametrize(
    ("moments", "apart"),
    [((2019.0, 2020.0), 365), ((202001, 202103), 426), ((20200115, 20200117), 2), ((1.6e9, 1.6e9 + 86_400), 1)],
)
def test_dates_of_every_unit_become_days(moments: tuple[float, float], apart: int) -> None:
    assert days(moments[1]) - days(moments[0]) == pytest.approx(apart, abs=2)


@pytest.mark.parametrize("dated", [False, True])
@pytest.mark.parametrize("phase", splits.PHASES)
def test_what_comes_is_not_among_what_is_known(tmp_path: Path, phase: str, dated: bool) -> None:
    data = read(a_dataset(tmp_path, dated=dated))
    for one in splits.peer_rounds(data, phase, 0):
        known = {tie[:2] for tie in one.ties}
        assert one.targets
        assert not known & set(one.targets)
        if dated:
            assert all(tie[2] <= one.now for tie in one.ties)
            assert all(doc[0] <= one.now for profile in one.profiles.values() for doc in profile.docs)
        for past in ranker.pasts(ranker.Known(one.profiles, one.ties, one.groups, one.memberships, one.now), 0):
            in_index = {
                frozenset((row, int(other)))
                for row in range(len(past.index.ids))
                for other in past.index.ties.row(row)[0]
            }
            rows = past.index.row_of
            assert past.came
            assert not in_index & {frozenset((rows[a], rows[b])) for a, b in past.came if a in rows and b in rows}


def test_of_dated_ties_several_late_parts_are_learned_from_each_from_what_was_before(tmp_path: Path) -> None:
    (one,) = splits.peer_rounds(read(a_dataset(tmp_path, dated=True)), "test", 0)
    known = ranker.Known(one.profiles, one.ties, one.groups, one.memberships, one.now)
    parts = list(ranker.pasts(known, 0))
    assert len(parts) == ranker.LATE
    last = max(tie[2] for tie in one.ties)
    dates = {frozenset(tie[:2]): tie[2] for tie in one.ties}
    for past in parts:
        names = known.names  # everybody wrote before the first tie
        came = [dates[frozenset((names[u], names[v]))] for u, v in past.came]
        before = [
            dates[frozenset((names[row], names[other]))]
            for row in range(len(names))
            for other in past.index.ties.row(row)[0].tolist()
        ]
        assert max(before) < min(came) <= max(came) <= last
        last = min(came) - 1


def test_of_ties_without_dates_each_comes_once_and_no_more_than_enough_are_learned_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = splits.peer_rounds(read(a_dataset(tmp_path, dated=False)), "test", 0)
    known = ranker.Known(one.profiles, one.ties, one.groups, one.memberships, one.now)
    came = [frozenset(pair) for past in ranker.pasts(known, 0) for pair in past.came]
    assert len(came) == len(set(came)) == len(one.ties) // 10 * 10
    rounds = [list(learning.lessons(past, Settings(seed=0))) for past in ranker.pasts(known, 0)]
    assert len(ranker.earlier_lessons(known, 0)) == sum(map(len, rounds))
    for enough, count in ((1, 3), (sum(map(len, rounds[:5])), 5)):
        monkeypatch.setattr(ranker, "ENOUGH", enough)
        assert len(ranker.earlier_lessons(known, 0)) == sum(map(len, rounds[:count]))


def test_one_date_for_nearly_all_ties_still_leaves_something_to_learn(tmp_path: Path) -> None:
    (one,) = splits.peer_rounds(read(a_dataset(tmp_path, dated=True)), "test", 0)
    ties = [(u, v, 202002.0 if at % 9 else 202001.0) for at, (u, v, _) in enumerate(one.ties)]
    known = ranker.Known(one.profiles, ties, one.groups, one.memberships, one.now)
    (past,) = ranker.pasts(known, 0)
    assert len(past.came) == sum(tie[2] > 202001.0 for tie in ties)


def test_trees_are_held_against_the_very_lists_that_are_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trees that cannot tell anybody apart: the blend's figure is the judge's, theirs is worse."""

    class Blind:
        def predict(self, table: np.ndarray) -> np.ndarray:
            assert table.shape[1] == len(SIGNALS)
            return np.zeros(len(table))

    monkeypatch.setattr(boosted, "boosted", lambda lessons, seed: Blind())
    data = read(a_dataset(tmp_path))
    found = boosted.compared(data, "test", 0, 50)
    judged_so = tasks.peer(data, ranker.fit, "test", 0, 50)
    assert found["blend"] == round(judged_so["ndcg@10"], 4)
    assert found["lists"] == judged_so["queries"]
    assert found["lambdamart"] < found["blend"]
    assert found["ratio_ci95"][0] <= found["ratio"] <= found["ratio_ci95"][1]


def test_a_planted_future_tie_does_not_help(tmp_path: Path) -> None:
    """Ties of after the window, between all who will meet in it, change nothing of what is suggested before."""
    folder = a_dataset(tmp_path, dated=True)
    data = read(folder)
    (one,) = splits.peer_rounds(data, "test", 0)
    before = tasks.peer(data, ranker.fit, "test", 0)
    planted = [*data.ties, *((u, v, 202201.0) for u, v in one.targets)]
    write(folder / "edges.csv", ["u", "v", "t"], planted)
    after = tasks.peer(read(folder), ranker.fit, "test", 0)
    assert after["ndcg@10"] == before["ndcg@10"]


def test_the_ranker_beats_chance_and_popularity_where_there_is_something_to_know(tmp_path: Path) -> None:
    data = read(a_dataset(tmp_path))
    found = {name: tasks.peer(data, fit, "test", 0)["ndcg@10"] for name, fit in baselines.PEER.items()}
    ours = tasks.peer(data, ranker.fit, "test", 0)
    assert ours["ndcg@10"] > max(found["random"], found["popularity"])
    assert all(0.0 <= value <= 1.0 and not math.isnan(value) for value in found.values())
    assert sum(part["queries"] for name, part in ours.items() if name.startswith("slice:")) == ours["queries"]


def test_it_is_the_ranker_of_the_pages(tmp_path: Path) -> None:
    """Without variety and fair attention, the list of a page is the ranking that is judged."""
    (one,) = splits.peer_rounds(read(a_dataset(tmp_path)), "test", 0)
    known = ranker.Known(one.profiles, one.ties, one.groups, one.memberships, one.now)
    plain = Settings(length=12, wishes=12, spread=0.0, weights=DEFAULT_WEIGHTS)
    model = ranker.fit_unlearned(one.profiles, one.ties, one.groups, one.memberships, one.now)
    for name in known.names[::9]:
        shown = suggest_for(known.index, known.number[name], settings=plain).suggestions
        assert [known.names[other.member] for other in shown] == model.suggest(name, 12)


def test_a_judge_that_does_not_know_us_gets_the_same(tmp_path: Path) -> None:
    (one,) = splits.peer_rounds(read(a_dataset(tmp_path)), "test", 0)
    profiles = {
        name: {"docs": list(profile.docs), "text": "", "org": "", "place": "", "roles": ""}
        for name, profile in one.profiles.items()
    }
    theirs = offered.fit(profiles, list(one.ties), None, None, None, seed=0)
    ours = ranker.fit(one.profiles, one.ties, {}, (), None, 0)
    for name in sorted(one.profiles)[::7]:
        assert theirs.suggest(name, 20) == ours.suggest(name, 20)


def test_a_ratio_is_told_from_the_same_lists_on_both_sides() -> None:
    """Lists that all lose a tenth leave no doubt, however unlike they are; of lists drawn apart there would be much."""
    lists = np.random.default_rng(3).random(400)
    assert metrics.ratio_interval(0.9 * lists, lists) == pytest.approx((0.9, 0.9))
    low, high = metrics.ratio_interval(np.roll(lists, 1), lists)
    assert 0.85 < low < 1.0 < high < 1.15
    worse = np.where(np.arange(400) % 4 == 0, 0.0, lists)
    low, high = metrics.ratio_interval(worse, lists)
    assert 0.65 < low < worse.mean() / lists.mean() < high < 0.85
    few = np.where(np.arange(400) < 3, lists, 0.0)
    assert metrics.ratio_interval(0.9 * few, few) == pytest.approx((0.9, 0.9)), "where many resamples have nothing"
    for values, others in ((lists, lists[1:]), (lists, 0.0 * lists), (lists[:0], lists[:0])):
        with pytest.raises(ValueError, match="held against"):
            metrics.ratio_interval(values, others)


def test_attention_is_judged_by_the_lists_of_everyone(tmp_path: Path) -> None:
    folder = a_dataset(tmp_path)
    data = read(folder)
    one = attention.last_round(data, "test", 0)
    free, shared = attention.curve(data, "test", 0, (0.0, 2.0))
    assert free["members"] == shared["members"] == len(one.profiles)
    assert free["queries"] == len({member for pair in one.targets for member in pair})
    assert shared["most@10"] <= 2 * shared["median@10"]
    assert shared["coverage@10"] == 1.0
    assert shared["gini@10"] < free["gini@10"]
    low, high = shared["kept_ci95"]
    assert free["kept_ci95"] == [1.0, 1.0] and low < shared["ndcg@10"] / free["ndcg@10"] < high
    model = attention.fit(one.profiles, one.ties, one.groups, one.memberships, one.now, 0)
    tied = {frozenset(tie[:2]) for tie in one.ties}
    lists = {member: model.suggest(member, 10) for member in one.profiles}
    assert all(len(set(own)) == 10 and member not in own for member, own in lists.items())
    assert not any(frozenset((member, other)) in tied for member, own in lists.items() for other in own)
    asked = {"task": "attention", "names": ("popularity", "haln-shared"), "phase": "test", "seeds": (0,), "limit": 0}
    popular, ours = judged(folder, **asked)
    each = [metrics.of_one(lists[member], own)["ndcg@10"] for member, own in tasks.both_ways(one.targets).items()]
    assert ours["ndcg@10"] == pytest.approx(np.mean(each))
    assert popular["peak@10"] > ours["peak@10"] <= Settings().attention


@pytest.fixture
def rated(tmp_path: Path) -> Dataset:
    folder = a_dataset(tmp_path, members=12)
    queries = [("q0", "kitchen orchard"), ("q1", "tender wages"), ("q2", "carbon meter")]
    write(folder / "queries.csv", ["query", "text"], queries)
    ratings = [(f"m{m:03d}", f"q{q}", 5 if m % 3 == q else 1 + (m + q) % 2) for m in range(12) for q in range(3)]
    write(folder / "ratings.csv", ["member", "query", "expertise"], ratings)
    about = {"name": "rated", "tasks": {"rating": {}}}
    (folder / "dataset.json").write_text(json.dumps(about), encoding="utf-8")
    return read(folder)


def test_texts_find_those_who_write_of_them(rated: Dataset) -> None:
    ours, chance = tasks.text(rated, ranker.fit_texts, 0), tasks.text(rated, baselines.TEXT["random"], 0)
    assert ours["easy_accuracy"] == 1.0
    assert ours["loss"] < chance["loss"]


def test_the_command_prints_a_line_for_each_ranker(tmp_path: Path) -> None:
    folder = a_dataset(tmp_path)
    names = "random,adamic-adar,haln"
    result = CliRunner().invoke(evaluate, [str(folder), "--ranker", names, "--json", "--limit", "20"])
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["ranker"] for line in lines] == ["random", "adamic-adar", "haln"]
    wanted = {"ndcg@10", "recall@10", "mrr", "coverage@10", "gini@10", "ndcg@10_ci95", "fit_seconds", "peak_memory_mb"}
    assert all(wanted <= line.keys() for line in lines)
    assert all(line["queries"] == 20 for line in lines)


@pytest.mark.parametrize(
    ("asked", "said"),
    [(["--task", "text"], "no task text"), (["--ranker", "wizard"], "no ranker is called wizard")],
)
def test_what_there_is_not_is_said(tmp_path: Path, asked: list[str], said: str) -> None:
    result = CliRunner().invoke(evaluate, [str(a_dataset(tmp_path)), *asked])
    assert result.exit_code == 1
    assert said in result.output


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("dataset.json", "{"),
        ("dataset.json", '{"tasks": 3}'),
        ("dataset.json", '{"tasks": {"peer": "yes"}}'),
        ("dataset.json", '{"tasks": {"peer": {}}}'),
        ("dataset.json", '{"tasks": {"peer": {"split": "static", "valid": 0.1, "test": "some"}}}'),
        ("dataset.json", '{"tasks": {"peer": {"split": "static", "valid": 0.6, "test": 0.6}}}'),
        ("dataset.json", '{"tasks": {"peer": {"split": "temporal", "valid": [[1, 2]]}}}'),
        ("dataset.json", '{"tasks": {"peer": {"split": "temporal", "test": [[1], ["a", "b"]]}}}'),
        ("members.csv", "member\n"),
        ("edges.csv", "u,v\na,b\n"),
        ("edges.csv", "u,v,t\na,b,inf\n"),
        ("edges.csv", "u,v,t\na,b,nan\n"),
        ("member_docs.csv", "member,doc\nm001,nowhere\n"),
    ],
)
def test_a_folder_that_is_no_data_set_is_refused_in_words(tmp_path: Path, file: str, content: str) -> None:
    folder = a_dataset(tmp_path)
    (folder / file).write_text(content, encoding="utf-8")
    with pytest.raises(BadDataset, match=str(folder)):
        list(judged(folder, "peer", ("random",), "test", (0,), 5))


def test_a_long_text_is_read_whole(tmp_path: Path) -> None:
    """A thesis is longer than what the reader of tables takes for a mistake."""
    folder = a_dataset(tmp_path)
    said = "kitchen " * 40_000
    write(folder / "docs.csv", ["doc", "t", "text"], [("d", 0, said)])
    write(folder / "member_docs.csv", ["member", "doc"], [("m001", "d")])
    usual = csv.field_size_limit()
    assert read(folder).profiles()["m001"].docs == ((0.0, said),)
    assert csv.field_size_limit() == usual  # it is the process's: an upload keeps being refused for less


@pytest.mark.parametrize("seeds", [(0,), (0, 1, 2)])
def test_where_nobody_is_asked_about_there_is_nothing_but_that_to_tell(tmp_path: Path, seeds: tuple[int, ...]) -> None:
    folder = a_dataset(tmp_path)
    write(folder / "edges.csv", ["u", "v", "t"], [])
    (found,) = judged(folder, "peer", ("random",), "test", seeds, 5)
    assert (found["queries"], "ndcg@10" in found) == (0, False)


def test_seeds_by_which_nobody_is_asked_count_for_nothing() -> None:
    rounds = [{"queries": 0}, {"queries": 4, "ndcg@10": 0.5}, {"queries": 6, "ndcg@10": 0.7}]
    found = judge._mean(rounds)
    assert found["ndcg@10"] == pytest.approx(0.6)
    assert found["queries"] == 5


@pytest.mark.parametrize("from_when", [{}, {"test_from": "late"}])
def test_work_to_invite_to_has_a_beginning(tmp_path: Path, from_when: dict[str, object]) -> None:
    folder = a_dataset(tmp_path)
    (folder / "dataset.json").write_text(json.dumps({"tasks": {"invite": from_when}}), encoding="utf-8")
    with pytest.raises(BadDataset, match="test_from"):
        tasks.text(read(folder), baselines.TEXT["tfidf"], 0)


def test_work_that_no_table_describes_invites_nobody(tmp_path: Path) -> None:
    folder = a_dataset(tmp_path)
    (folder / "dataset.json").write_text(json.dumps({"tasks": {"invite": {"test_from": 10}}}), encoding="utf-8")
    write(folder / "memberships.csv", ["member", "group", "t", "role"], [("m001", "nowhere", 20, "reviewer")])
    assert tasks.text(read(folder), baselines.TEXT["tfidf"], 0)["queries"] == 0
