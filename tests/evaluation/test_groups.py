"""Groups are judged by the same protocol as anybody's, nothing of what came is known, and pages rank by the same."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks import published
from benchmarks import ranker as offered
from haln.cli.evaluate import evaluate
from haln.evaluation import group_baselines, group_ranker, judge, splits, tasks
from haln.evaluation.dataset import BadDataset, read
from haln.matching.joining import rank
from haln.matching.joining_weights import DEFAULT_WEIGHTS
from tests.evaluation.sample import a_dataset, with_groups, write


def a_folder(tmp_path: Path, *, dated: bool = False) -> Path:
    return with_groups(a_dataset(tmp_path, dated=dated), dated=dated)


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def by_the_book(folder: Path) -> dict[str, set[tuple[str, str]]]:
    """The static split in plain loops: a tenth of each member's memberships is hidden for each phase, one at least."""
    joined: dict[str, list[str]] = {}
    for row in sorted(rows(folder, "memberships"), key=lambda row: (row["member"], row["group"])):
        joined.setdefault(row["member"], []).append(row["group"])
    rng = np.random.default_rng(2000)
    hidden: dict[str, set[tuple[str, str]]] = {"test": set(), "valid": set()}
    for member in sorted(joined):
        own = [joined[member][at] for at in rng.permutation(len(joined[member]))]
        tests, valids = int(0.1 * len(own)), int(0.1 * len(own))
        tests = 1 if tests == 0 and len(own) >= 3 else tests
        hidden["test"] |= {(member, group) for group in own[:tests]}
        hidden["valid"] |= {(member, group) for group in own[tests : tests + valids]}
    return hidden


def test_rounds_and_figures_are_those_of_a_plain_judge(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    hidden, data = by_the_book(folder), read(folder)
    all_of_them = {(row["member"], row["group"]) for row in rows(folder, "memberships")}
    for phase, gone in (("test", hidden["test"]), ("valid", hidden["test"] | hidden["valid"])):
        (one,) = splits.group_rounds(data, phase, 0)
        assert set(one.targets) == hidden[phase]
        assert {pair[:2] for pair in one.memberships} == all_of_them - gone
        assert not any(profile.docs for profile in one.profiles.values())
    (one,) = splits.group_rounds(data, "test", 0)
    model = group_ranker.fit(one.profiles, one.ties, one.groups, one.memberships, one.now, 0)
    gains = []
    for member in sorted({member for member, _ in one.targets}):
        wanted = {group for other, group in one.targets if other == member}
        top = [group in wanted for group in model.suggest_groups(member, 10)]
        best = sum(1 / math.log2(at + 2) for at in range(min(10, len(wanted))))
        gains.append(sum(hit / math.log2(at + 2) for at, hit in enumerate(top)) / best)
    judged = tasks.group(data, group_ranker.fit, "test", 0)
    assert judged["ndcg@10"] == pytest.approx(float(np.mean(gains)))
    assert (
        judged["queries"]
        == len(gains)
        == sum(part["queries"] for name, part in judged.items() if name.startswith("slice:"))
    )


def test_dated_rounds_know_the_past_alone(tmp_path: Path) -> None:
    data = read(a_folder(tmp_path, dated=True))
    rounds = list(splits.group_rounds(data, "test", 0))
    assert [one.now for one in rounds] == [202103, 202107]
    for one in rounds:
        assert all(moment <= one.now for _, _, moment in one.memberships)
        known = group_ranker.Known(one.profiles, one.ties, one.groups, one.memberships, one.now)
        for past in group_ranker.pasts(known, 0):
            assert past.came
            for member, key in past.came:
                crowds = past.openings.crowds
                assert crowds is not None
                assert past.openings.all[key].group not in crowds.groups_of(member)


def test_a_planted_future_membership_changes_nothing(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, dated=True)
    before = tasks.group(read(folder), group_ranker.fit, "test", 0)
    planted = [(row["member"], row["group"], row["t"]) for row in rows(folder, "memberships")]
    have = {one[:2] for one in planted}
    planted += [
        (f"m{m:03d}", f"g{g:02d}", "202201")
        for m in range(90)
        for g in range(24)
        if (f"m{m:03d}", f"g{g:02d}") not in have
    ]
    write(folder / "memberships.csv", ["member", "group", "t"], planted)
    after = tasks.group(read(folder), group_ranker.fit, "test", 0)
    assert after["ndcg@10"] == before["ndcg@10"]


@pytest.mark.parametrize("dated", [False, True])
def test_the_ranker_beats_chance_and_popularity_and_nobody_is_told_of_their_own(tmp_path: Path, dated: bool) -> None:
    data = read(a_folder(tmp_path, dated=dated))
    found = {name: tasks.group(data, fit, "test", 0)["ndcg@10"] for name, fit in group_baselines.GROUP.items()}
    assert all(0.0 <= value <= 1.0 and not math.isnan(value) for value in found.values())
    assert tasks.group(data, group_ranker.fit, "test", 0)["ndcg@10"] > max(found["random"], found["popularity"])
    one = next(iter(splits.group_rounds(data, "test", 0)))
    for fit in (group_ranker.fit_unlearned, *group_baselines.GROUP.values()):
        model = fit(one.profiles, one.ties, one.groups, one.memberships, one.now, 0)
        for member in sorted(one.profiles)[::11]:
            own = {group for other, group, _ in one.memberships if other == member}
            suggested = model.suggest_groups(member, 99)
            assert not own & set(suggested)
            assert len(set(suggested)) == len(suggested) == 24 - len(own)


def test_it_is_the_ranking_of_the_pages(tmp_path: Path) -> None:
    (one,) = splits.group_rounds(read(a_folder(tmp_path)), "test", 0)
    known = group_ranker.Known(one.profiles, one.ties, one.groups, one.memberships, one.now)
    model = group_ranker.fit_unlearned(one.profiles, one.ties, one.groups, one.memberships, one.now)
    for name in known.names[::9]:
        own = known.crowds.groups_of(known.number[name])
        (shown,) = rank(known.openings, [known.seeker(name)], DEFAULT_WEIGHTS)
        assert [known.keys[card.key] for card in shown if card.key not in own] == model.suggest_groups(name, 99)


def test_a_judge_that_does_not_know_us_gets_the_same(tmp_path: Path) -> None:
    one = next(iter(splits.group_rounds(read(a_folder(tmp_path, dated=True)), "test", 0)))
    profiles = {name: {"docs": [], "text": "", "org": "", "place": "", "roles": ""} for name in one.profiles}
    groups = {key: {"t": group.since, "text": group.text} for key, group in one.groups.items()}
    theirs = offered.fit(profiles, list(one.ties), groups, list(one.memberships), one.now, seed=0)
    ours = group_ranker.fit(one.profiles, one.ties, one.groups, one.memberships, one.now, 0)
    for name in sorted(one.profiles)[::7]:
        assert theirs.suggest_groups(name, 20) == ours.suggest_groups(name, 20)


def test_a_data_set_with_both_is_asked_for_both(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    assert judge.tasks_of(read(folder)) == ["peer", "group", judge.ATTENTION]
    result = CliRunner().invoke(evaluate, [str(folder), "--ranker", "popularity", "--json", "--limit", "9"])
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(line["task"], line["ranker"], line["queries"]) for line in lines] == [
        ("peer", "popularity", 9),
        ("group", "popularity", 9),
    ]


def test_beside_published_figures_a_ranker_knows_eight_tenths_and_is_asked_for_the_last(tmp_path: Path) -> None:
    folder = a_dataset(tmp_path)
    with_groups(folder)
    joined = [(f"m{m:03d}", f"g{g:02d}", 0) for m in range(12) for g in range(m % 3, 24, 1 + m % 2)]
    write(folder / "memberships.csv", ["member", "group", "t"], joined)
    data, hidden = read(folder), by_the_book(folder)
    heard: list[tuple[str, str]] = []

    class Sees:
        """Suggests what is known, what is to choose by, what is to be found: only the last counts."""

        def suggest_groups(self, member: str, count: int) -> list[str]:
            later = [group for phase in ("valid", "test") for one, group in sorted(hidden[phase]) if one == member]
            return [group for one, group in sorted(set(heard)) if one == member] + later

    def fit(*known: Any) -> Sees:
        heard.extend(one[:2] for one in known[3])
        return Sees()

    assert published.figures(data, fit, 0) == {"ndcg@10": 1.0, "recall@10": 1.0, "mrr": 1.0}
    assert hidden["valid"] and set(heard) == {one[:2] for one in joined} - hidden["valid"] - hidden["test"]


def test_of_dated_memberships_no_tenths_are_drawn(tmp_path: Path) -> None:
    with pytest.raises(BadDataset, match="no dates"):
        published.figures(read(a_folder(tmp_path, dated=True)), group_ranker.fit, 0)
