"""The pools that forming sets is measured on: published instances, realistic pools in files, demonstration networks."""

from __future__ import annotations

import gzip
import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from benchmarks.networks import EVERYONE, prepared
from haln.matching.pool import Applicant, Facilitator, Pair, Plan, PlannedSet, Pool
from haln.matching.rules import Kind, Rule, Rules, Strength

SLOTS = 10
LEVELS = {"practitioner": 1, "middle": 2, "senior": 3, "executive": 4}


@dataclass(frozen=True)
class Case:
    """One pool to form sets from; `start` and `pinned`: who must sit in which set. `cannot`: why rules cannot hold."""

    name: str
    pool: Pool
    rules: Rules
    sets: int | None = None
    start: Plan | None = None
    pinned: frozenset[int] = frozenset()
    cannot: str = ""


@dataclass(frozen=True)
class Diverse:
    """An instance of maximally diverse grouping: `known`, the best value known."""

    name: str
    distances: np.ndarray[Any, np.dtype[np.int64]]
    least: list[int]
    most: list[int]
    known: int


def rules_for(least: int, most: int, slots: int = 1) -> Rules:
    """A list of rules as facilitators make them."""
    must, strongly, possibly = Strength.MUST, Strength.STRONGLY, Strength.IF_POSSIBLE
    return (
        Rule(Kind.SIZE, must, least, most),
        Rule(Kind.PER_ORGANISATION, must, 1),
        *(Rule(kind, must) for kind in (Kind.MANAGERS, Kind.APART, Kind.TOGETHER, Kind.FACILITATOR_LOAD)),
        Rule(Kind.SLOTS, must, slots),
        Rule(Kind.THEMES, strongly),
        Rule(Kind.LIVE_ISSUE, strongly),
        Rule(Kind.NEW_TIES, possibly),
        *(Rule(Kind.SPREAD, possibly, of=of) for of in ("sector", "role", "region")),
        Rule(Kind.PEERS, possibly),
        Rule(Kind.BALANCE, possibly),
    )


def filed(path: Path) -> Case:
    """A realistic pool from a file."""
    told = json.loads(gzip.decompress(path.read_bytes()))
    people = tuple(
        Applicant(
            one["id"],
            one["org"],
            told["sectors"][one["sector"]],
            told["regions"][one["region"]],
            None,
            told["roles"][one["role"]],
            min(4, one["seniority"]),
            {f"theme {number}": weight for number, weight in enumerate(one["themes"]) if weight},
            slots=frozenset(one["availability"]),
        )
        for one in told["members"]
    )
    leaders = tuple(
        Facilitator(number, one["capacity"], frozenset(one["availability"]))
        for number, one in enumerate(told["facilitators"])
    )
    managers = [(one["id"], one["manager"]) for one in told["members"] if one["manager"] is not None]
    apart, together = _pairs(told["keep_apart"]), _pairs(told["keep_together"])
    pool = Pool(people, leaders, told["slots"], _pairs(managers), apart, together, _pairs(told["ties"]))
    sizes = told["sets"]
    seats: list[list[int]] = [[] for _ in range(sizes["count"])]
    for one in told["pinned"]:
        seats[one["set"]].append(one["member"])
    pinned = frozenset(one["member"] for one in told["pinned"])
    start = Plan(tuple(PlannedSet(tuple(sorted(some))) for some in seats))
    rules = rules_for(sizes["min"], sizes["max"], told["min_common_slots"])
    name = path.name.removesuffix(".json.gz")
    return Case(name, pool, rules, sizes["count"], start, pinned, str(told.get("expected", "")))


def _pairs(pairs: Any) -> frozenset[Pair]:
    return frozenset((min(pair), max(pair)) for pair in pairs)


def demonstrated(folder: Path, people: int) -> Case:
    """People of the demonstration network who apply, with times, facilitators and wishes drawn from a seed."""
    network = prepared(folder, "sqlite", "", 2_000, EVERYONE)
    store = sqlite3.connect(Path(network.environment["HALN_INSTANCE"]) / "haln.sqlite")
    rng = Random(people)
    rows = store.execute(
        "SELECT m.id, m.organisation_id, o.sector, p.region_code, m.role, m.level, m.biography FROM member m"
        " JOIN organisation o ON o.id = m.organisation_id LEFT JOIN place p ON p.id = m.place_id"
        " WHERE m.standing = 'active' ORDER BY m.id"
    ).fetchall()
    chosen = sorted(rng.sample(rows, people))
    themes: dict[int, dict[str, int]] = {}
    for member, theme, maturity in store.execute("SELECT member_id, theme, maturity FROM member_theme"):
        themes.setdefault(member, {})[theme] = maturity or 0
    ids = [row[0] for row in chosen]
    ties = _within(ids, store.execute("SELECT low_id, high_id FROM connection WHERE until IS NULL").fetchall())
    applicants = tuple(
        Applicant(
            member,
            organisation,
            sector.split("-")[0],
            region,
            None,
            role,
            LEVELS.get(level),
            themes.get(member, {}),
            words,
            frozenset(rng.sample(range(SLOTS), rng.randint(4, 8))),
        )
        for member, organisation, sector, region, role, level, words in chosen
    )
    leaders = tuple(
        Facilitator(number, 3, frozenset(rng.sample(range(SLOTS), 7))) for number in range(people // 14 + 1)
    )
    pool = Pool(applicants, leaders, SLOTS, apart=_drawn(rng, ids), together=_drawn(rng, ids), ties=ties)
    return Case(f"demonstration, {people} people", pool, rules_for(6, 8))


def _within(ids: list[int], pairs: list[Pair]) -> frozenset[Pair]:
    known = set(ids)
    return frozenset(pair for pair in pairs if known.issuperset(pair))


def _drawn(rng: Random, ids: list[int]) -> frozenset[Pair]:
    return _pairs([rng.sample(ids, 2) for _ in range(len(ids) // 60 + 1)])


def diverse(path: Path, case: str) -> Diverse:
    """An instance of maximally diverse grouping from its `.meta.json.gz`."""
    meta = json.loads(gzip.decompress(path.read_bytes()))
    stem = path.name.removesuffix(".meta.json.gz")
    many = meta["n"]
    distances = np.zeros((many, many), np.int64)
    upper = np.triu_indices(many, 1)
    distances[upper] = np.array(gzip.decompress((path.parent / f"{stem}.dist.gz").read_bytes()).split(), np.int64)
    distances += distances.T
    known = 0
    if case in meta.get("best_known_assignment", {}):
        groups = np.array(meta["best_known_assignment"][case])
        known = int(distances[groups[:, None] == groups[None, :]].sum()) // 2
    limits = meta["limits"][case]
    return Diverse(f"{stem} {case}", distances, limits["lo"], limits["hi"], known)
