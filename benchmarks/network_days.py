"""One day of the figures of every month: by itself, after the day before it, and how it grows with what changes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from haln.network import structure
from haln.network.history import snapshot
from haln.network.steps import Steps
from haln.network.walk import Course, Walk

ALONE, MORE, STILL, SOME = "alone", "more", "still", "some"
STEPS_ALONE, STEPS_MORE = "steps-alone", "steps-more"

WALKED = (MORE, SOME, STEPS_ALONE, STEPS_MORE)
ONE_DAY = (ALONE, STILL, *WALKED)

BEFORE, DAYS = 10, 100
"""So many days are walked before any is measured, and so many that are."""

ENDING = (1, 2, 4, 8, 16, 32, 64, 128)
"""So many ties end on one of the days that are made up, all of which begin again on the next; each as often."""

MOST = 160
"""No day is made up on which one in so many ties ends or more: from one in 128 on, distances are counted whole."""


def one_day(way: str, versions: Any, last: date) -> float:
    """The seconds that the figures of one day take, once the history is there, after the day before it or by itself."""
    from haln.measure.figures import FAMILIES, Days
    from haln.measure.questions import Question

    question = Question(last, months=0)
    days = Days(versions, question, [key for family in FAMILIES if not family.costly for key in family.keys])
    # After the last day on which anything was said nothing changes.
    day = last + timedelta(days=3) if way == STILL else _usual_day(question.known(versions, last), last)
    # Whatever a history is asked once for all its days is not part of one of them.
    for before in (401, 400) if way == ALONE else (2, 1):
        list(days.on(day - timedelta(days=before)))
    began = time.process_time()
    list(days.on(day))
    return time.process_time() - began


def walked(way: str, versions: Any, last: date) -> tuple[list[float], list[int]]:
    """The seconds that each of so many days takes after the day before it, and how many ties differ."""
    from haln.measure.questions import Question

    first = last - timedelta(days=BEFORE + DAYS)
    if way == SOME:
        versions, first = _made_up(versions, last), last
    end = first + timedelta(days=BEFORE + DAYS)
    history = Question(end, months=0).known(versions, end)
    follow = _steps(history, way == STEPS_ALONE) if way in (STEPS_ALONE, STEPS_MORE) else _figures(versions, end)
    seconds: list[float] = []
    changed: list[int] = []
    before: Any = np.empty(0, np.int64)
    for number in range(BEFORE + DAYS):
        day = first + timedelta(days=number)
        seconds.append(follow(day))
        keys = snapshot(history, day.toordinal()).keys
        changed.append(len(np.setxor1d(before, keys)))
        before = keys
    return seconds[BEFORE:], changed[BEFORE:]


def _made_up(versions: Any, last: date) -> Any:
    """Days after the last, each with as few or as many changes as are asked for, and nothing else: some ties end, drawn
    by chance, and begin again on the day after.
    """
    ties, random = versions.ties, np.random.default_rng(1)
    latest = np.append(np.flatnonzero(ties.tie[1:] != ties.tie[:-1]), len(ties.tie) - 1)
    holding = latest[ties.holds[latest] == 1]
    sizes = [size for size in ENDING if size * MOST <= len(holding)]
    rows, since, holds = [np.arange(len(ties.tie))], [ties.since], [ties.holds]
    for turn in range((BEFORE + DAYS) // 2):
        some = np.sort(random.choice(holding, sizes[turn % len(sizes)], replace=False))
        for begins in (0, 1):
            rows.append(some)
            since.append(np.full(len(some), last.toordinal() + 1 + 2 * turn + begins, np.int32))
            holds.append(np.full(len(some), begins, np.uint8))
    row = np.concatenate(rows)
    order = np.argsort(ties.tie[row], kind="stable")
    kept = {name: getattr(ties, name)[row][order] for name in ("tie", "one", "other", "evidence", "intensity")}
    days = np.concatenate(since)[order]
    said = np.concatenate([ties.said, *since[1:]])[order]
    return replace(versions, ties=replace(ties, **kept, since=days, said=said, holds=np.concatenate(holds)[order]))


def _figures(versions: Any, last: date) -> Callable[[date], float]:
    """What works out the figures of every month as of one day after the other."""
    from haln.measure.figures import FAMILIES, Days
    from haln.measure.questions import Question

    keys = [key for family in FAMILIES if not family.costly for key in family.keys]
    days = Days(versions, Question(last, months=0), keys)

    def follow(day: date) -> float:
        began = time.process_time()
        list(days.on(day))
        return time.process_time() - began

    return follow


def _steps(history: Any, alone: bool) -> Callable[[date], float]:
    """What counts distances as of one day after the other, or of each by itself."""
    from haln.measure.figures import MEASURED_WHOLE, SEED, SOURCES

    kept, walk = Steps(), Walk(Course(history), 0)

    def follow(day: date) -> float:
        found = snapshot(history, day.toordinal())
        giant = structure.components(found).giant
        sources = None if len(giant) <= MEASURED_WHOLE else SOURCES
        walk.to(day.toordinal())
        began = time.process_time()
        if alone:
            structure.distances(found, giant, sources, SEED)
        else:
            kept.of(walk, lambda: found, found.rows[giant], sources, SEED)
        return time.process_time() - began

    return follow


def _usual_day(history: Any, last: date) -> date:
    """The latest day of the year with the median number of spells that begin or end."""
    turns = [*history.since, *history.until, *history.tied_since, *history.tied_until]
    counted = Counter(int(turn) for turn in turns)
    year = [last - timedelta(days=number) for number in range(365)]
    usual = sorted(counted[day.toordinal()] for day in year)[len(year) // 2]
    return next(day for day in year if counted[day.toordinal()] == usual)
