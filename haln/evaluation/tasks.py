"""Ask a ranker what it would have suggested, and hold that against what came."""

import itertools
import resource
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from haln.evaluation import metrics, splits
from haln.evaluation.dataset import BadDataset, Dataset, Profile
from haln.evaluation.protocol import Fit, GroupFit

LIMIT = 2000
"""So many members are asked for at most in one round; of more, a sample by seed."""
_BOOTSTRAP = 1000
_EASY_HIGH, _EASY_LOW, _HARD_LOW = 4.0, 2.0, 4.0


def by_ties(count: int) -> str:
    """Name the slice of a member with so many known ties."""
    return "0-2 ties" if count <= 2 else "3-9 ties" if count <= 9 else "10+ ties"


def by_groups(count: int) -> str:
    """Name the slice of a member in so many groups."""
    return "0 groups" if count == 0 else "1-2 groups" if count <= 2 else "3+ groups"


@dataclass(slots=True)
class _Sheet:
    """What is counted while a ranker is asked, round by round."""

    rows: list[dict[str, float]] = field(default_factory=list)
    slices: list[str] = field(default_factory=list)
    exposures: list[dict[str, int]] = field(default_factory=list)
    candidates: list[int] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    fitting: float = 0.0
    suggesting: float = 0.0

    def open(self, label: str, candidates: int) -> None:
        """Begin a round."""
        self.labels.append(label)
        self.candidates.append(candidates)
        self.exposures.append({})

    def enter(self, got: Sequence[str], wanted: set[str], name: str) -> None:
        """Enter one list, in a slice."""
        self.rows.append(metrics.of_one(got, wanted))
        self.slices.append(name)
        for one in got[: metrics.K]:
            self.exposures[-1][one] = self.exposures[-1].get(one, 0) + 1

    def figures(self) -> dict[str, Any]:
        """Return all figures."""
        found = metrics.summed_up(self.rows, self.slices, self.exposures, self.candidates)
        return found | _cost(self.labels, self.candidates, self.fitting, self.suggesting, len(self.rows))


def peer(data: Dataset, fit: Fit, phase: str, seed: int, limit: int = LIMIT) -> dict[str, Any]:
    """Judge suggestions of people: the figures of `metrics.summed_up`, rounds, candidates and seconds."""
    sheet = _Sheet()
    for one in splits.peer_rounds(data, phase, seed):
        known = both_ways((u, v) for u, v, _ in one.ties)
        wanted = both_ways(one.targets)
        started = time.process_time()
        model = fit(one.profiles, one.ties, one.groups, one.memberships, one.now, seed)
        fitted = time.process_time()
        sheet.open(one.label, len(one.profiles))
        for member in splits.asked(wanted, limit, seed):
            barred = known.get(member, set()) | {member}
            got = allowed(model.suggest(member, metrics.DEEP + len(barred)), barred)
            sheet.enter(got, wanted[member], by_ties(len(known.get(member, ()))))
        sheet.fitting += fitted - started
        sheet.suggesting += time.process_time() - fitted
    return sheet.figures()


def group(data: Dataset, fit: GroupFit, phase: str, seed: int, limit: int = LIMIT) -> dict[str, Any]:
    """Judge suggestions of groups: the same figures; candidates are groups, slices by how many a member is in."""
    return group_in(splits.group_rounds(data, phase, seed), fit, seed, limit)


def group_in(rounds: Iterable[splits.Round], fit: GroupFit, seed: int, limit: int = LIMIT) -> dict[str, Any]:
    """Judge suggestions of groups in some rounds."""
    sheet = _Sheet()
    for one in rounds:
        known, wanted = _by_member(pair[:2] for pair in one.memberships), _by_member(one.targets)
        aside = _by_member(pair[:2] for pair in one.aside)
        started = time.process_time()
        model = fit(one.profiles, one.ties, one.groups, one.memberships, one.now, seed)
        fitted = time.process_time()
        sheet.open(one.label, len(one.groups))
        for member in splits.asked(wanted, limit, seed):
            own = known.get(member, set())
            barred = own | aside.get(member, set())
            got = allowed(model.suggest_groups(member, metrics.DEEP + len(barred)), barred)
            sheet.enter(got, wanted[member], by_groups(len(own)))
        sheet.fitting += fitted - started
        sheet.suggesting += time.process_time() - fitted
    return sheet.figures()


def _by_member(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for member, one in pairs:
        found.setdefault(member, set()).add(one)
    return found


def both_ways(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Return whom each one is paired with, either way round."""
    found: dict[str, set[str]] = {}
    for one, other in pairs:
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return found


def allowed(suggested: Sequence[str], barred: set[str]) -> list[str]:
    """Return the suggestions that count: each once, nobody barred, as deep as is looked at."""
    return [one for one in dict.fromkeys(suggested) if one not in barred][: metrics.DEEP]


def _cost(
    labels: Sequence[str], candidates: Sequence[int], fitting: float, suggesting: float, asked: int
) -> dict[str, Any]:
    return {"rounds": list(labels), "candidates": list(candidates), **cost(fitting, suggesting, asked)}


def cost(fitting: float, asking: float, asked: int) -> dict[str, Any]:
    """Return what a ranker took: seconds to fit it, milliseconds for each that was asked, memory of this process."""
    return {
        "fit_seconds": round(fitting, 2),
        "ms_per_query": round(1000 * asking / max(1, asked), 2),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def text(data: Dataset, fit: Fit, seed: int) -> dict[str, Any]:
    """Judge whom a text is for: by experts' ratings where the data set has them, else by who did the work."""
    if "rating" in data.tasks:
        return _rating(data, fit, seed)
    return _invite(data, fit, seed)


def _invite(data: Dataset, fit: Fit, seed: int) -> dict[str, Any]:
    since = data.task("invite").get("test_from")
    if not isinstance(since, int | float):
        raise BadDataset(f"{data.folder}: invite in dataset.json does not say from when on (test_from)")
    work = [one for one in data.memberships if one[2] >= since and one[1] in data.groups]
    rows: list[dict[str, float]] = []
    shown: dict[str, int] = {}
    fitting = suggesting = 0.0
    for group in sorted({one[1] for one in work}, key=lambda group: (data.groups[group].since, group)):
        now = data.groups[group].since
        own = {m for m, g, _, role in data.memberships if g == group and role == "maintainer"}
        wanted = {m for m, g, _, role in data.memberships if g == group and role == "reviewer"} - own
        if not wanted:
            continue
        started = time.process_time()
        model = fit(_with_work(data, now), (), {}, (), now, seed)
        fitted = time.process_time()
        scores = model.match_text(data.groups[group].text)
        ranking = [one for one in sorted(data.members, key=lambda one: (-scores.get(one, 0.0), one)) if one not in own]
        rows.append(metrics.of_one(ranking, wanted))
        for other in ranking[: metrics.K]:
            shown[other] = shown.get(other, 0) + 1
        fitting, suggesting = fitting + fitted - started, suggesting + time.process_time() - fitted
    found = metrics.summed_up(rows, ["all"] * len(rows), [shown], [len(data.members)])
    return found | _cost([f"from {since:g}"], [len(data.members)], fitting, suggesting, len(rows))


def _with_work(data: Dataset, now: float) -> dict[str, Profile]:
    """What profiles say, and what members worked on before."""
    past: dict[str, list[tuple[float, str]]] = {}
    for member, group, moment, _ in data.memberships:
        if moment < now and group in data.groups:
            past.setdefault(member, []).append((moment, data.groups[group].text))
    return {
        member: Profile(
            (*profile.docs, *past.get(member, ())),
            profile.org,
            profile.place,
            profile.roles,
        )
        for member, profile in data.profiles().items()
    }


def _rating(data: Dataset, fit: Fit, seed: int) -> dict[str, Any]:
    ratings, queries = _rated(data)
    versions = sorted({int(one) for _, _, some in data.authors for one in some.split()}) or [0]
    fitting = suggesting = 0.0
    told = []
    for version in versions:
        docs: dict[str, list[tuple[float, str]]] = {member: [] for member in data.members}
        for member, doc, some in data.authors:
            if not some or str(version) in some.split():
                docs[member].append(data.docs[doc])
        profiles = {member: Profile(tuple(sorted(own))) for member, own in docs.items()}
        started = time.process_time()
        model = fit(profiles, (), {}, (), None, seed)
        fitted = time.process_time()
        asked = sorted({query for own in ratings.values() for query in own})
        scores = {query: model.match_text(queries[query]) for query in asked}
        told.append({m: {query: scores[query].get(m, 0.0) for query in own} for m, own in ratings.items()})
        fitting, suggesting = fitting + fitted - started, suggesting + time.process_time() - fitted
    found = _losses(ratings, told)
    labels = [f"version {version}" for version in versions]
    return found | _cost(labels, [len(data.members)], fitting, suggesting, len(versions))


def _rated(data: Dataset) -> tuple[dict[str, dict[str, float]], dict[str, str]]:
    ratings: dict[str, dict[str, float]] = {}
    for row in data.table("ratings", ("member", "query", "expertise")):
        ratings.setdefault(row["member"], {})[row["query"]] = float(row["expertise"])
    queries = {row["query"]: row["text"] for row in data.table("queries", ("query", "text"))}
    missing = {query for own in ratings.values() for query in own} - queries.keys()
    if not ratings or missing:
        raise BadDataset(f"{data.folder}: ratings.csv is empty or rates texts that queries.csv lacks")
    return ratings, queries


def _losses(
    ratings: Mapping[str, Mapping[str, float]], told: Sequence[Mapping[str, Mapping[str, float]]]
) -> dict[str, Any]:
    """The share of rated pairs of texts put in the wrong order, each weighing the difference of its ratings.

    Stelmakh, Wieting, Neubig and Shah 2023. Easy pairs: 4 or more beside 2 or less; hard ones: both 4 or more.
    """
    members = sorted(ratings)
    tables = [np.array([_loss(ratings[one], scores[one]) for one in members]) for scores in told]
    loss = float(np.mean([table[:, 0].sum() / table[:, 1].sum() for table in tables]))
    chosen = np.random.default_rng(0).integers(0, len(members), (_BOOTSTRAP, len(members)))
    means = np.mean([table[chosen, 0].sum(axis=1) / table[chosen, 1].sum(axis=1) for table in tables], axis=0)
    return {
        "loss": loss,
        "loss_ci95": [float(np.percentile(means, 2.5)), float(np.percentile(means, 97.5))],
        "easy_accuracy": _share(tables, 2),
        "hard_accuracy": _share(tables, 4),
        "members": len(members),
        "ratings": sum(len(own) for own in ratings.values()),
        "versions": len(told),
    }


def _share(tables: Sequence[NDArray[np.float64]], column: int) -> float:
    return float(np.mean([table[:, column].sum() / max(1.0, table[:, column + 1].sum()) for table in tables]))


def _loss(rated: Mapping[str, float], scores: Mapping[str, float]) -> tuple[float, ...]:
    lost = most = easy_right = easy = hard_right = hard = 0.0
    for one, other in itertools.combinations(rated, 2):
        apart = rated[one] - rated[other]
        if apart == 0:
            continue
        told = (scores[one] - scores[other]) * apart
        most += abs(apart)
        lost += abs(apart) * (1.0 if told < 0 else 0.5 if told == 0 else 0.0)
        high, low = max(rated[one], rated[other]), min(rated[one], rated[other])
        if high >= _EASY_HIGH and low <= _EASY_LOW:
            easy, easy_right = easy + 1, easy_right + (told > 0)
        if low >= _HARD_LOW:
            hard, hard_right = hard + 1, hard_right + (told > 0)
    return lost, most, easy_right, easy, hard_right, hard
