"""Everybody's suggestions by one process, by some and by a cluster: the same rows, whoever is lost on the way."""

from __future__ import annotations

import logging
import os
import random
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import create_engine, delete, select
from sqlalchemy.orm import Session, sessionmaker

from haln.connect import refresh
from haln.connect.crews import ALONE, Crews
from haln.connect.indexes import Indexes
from haln.connect.refresh import refresh_all, settings_for
from haln.errors import Misconfigured
from haln.matching import cluster
from haln.models import AlgorithmRun, Block, Dismissal, Suggestion
from haln.taxonomy.vocabulary import load
from tests.builders import NOW, a_connection, a_member, a_theme
from tests.clusters import NO_DASHBOARD

SETTINGS = settings_for(6, 3.0)
THEMES = [theme.code for theme in load().themes]
MEMBERS, PORTION = 60, 5


ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ON_POSTGRES = pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    engine = create_engine(database_url)
    with sessionmaker(engine)() as opened:
        yield opened
    engine.dispose()


@pytest.fixture(autouse=True)
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refresh, "LISTS", PORTION)


@pytest.fixture(scope="module")
def scheduler() -> Iterator[Any]:
    """A cluster of two worker processes on this machine."""
    from distributed import LocalCluster

    before = dict(os.environ)
    with LocalCluster(n_workers=2, threads_per_worker=1, scheduler_kwargs=NO_DASHBOARD, silence_logs=50) as made:
        yield made
    # It leaves in our environment how many threads its workers have, for every process that is started from here on.
    for name in set(os.environ) - set(before):
        del os.environ[name]
    os.environ.update(before)


@pytest.fixture
def network(session: Session) -> None:
    """Sixty members with themes and ties, of whom some are set aside and some are blocked."""
    chance = random.Random(8)
    ids = [a_member(session, f"Member Number{n}", biography=f"I work on {n % 7} things").id for n in range(MEMBERS)]
    for member_id in ids:
        for theme in chance.sample(THEMES, 3):
            a_theme(session, member_id, theme, interest=True, offer=chance.random() < 0.4, seek=chance.random() < 0.4)
    for one, other in sorted({tuple(sorted(chance.sample(ids, 2))) for _ in range(90)}):
        a_connection(session, one, other)
    session.add(Dismissal(member_id=ids[3], other_id=ids[40], until=None, created_at=NOW))
    session.add(Block(blocker_id=ids[50], blocked_id=ids[4], created_at=NOW))
    session.commit()


def made(session: Session, folder: Path, crews: Crews, step: Callable[[int], None] = lambda done: None) -> list[Any]:
    """All rows that a refresh makes from nothing, without their numbers."""
    session.execute(delete(Suggestion))
    session.execute(delete(AlgorithmRun))
    session.commit()
    indexes = Indexes(folder, lambda code: code.split("-")[0])
    refresh_all(session, indexes, NOW, SETTINGS, lambda done, total: step(done - total // 2), crews=crews)
    assert sorted(path.name for path in folder.iterdir()) == ["CURRENT", indexes.saved().name]
    columns = [column for column in Suggestion.__table__.columns if column.name != "id"]
    return [tuple(row) for row in session.execute(select(*columns).order_by(Suggestion.id))]


def kill_once(done: int, processes: Callable[[], list[int]], killed: list[int]) -> None:
    if done >= 2 * PORTION and not killed:
        killed.append(processes()[0])
        os.kill(killed[0], signal.SIGKILL)


def children() -> list[int]:
    """The processes that this one started to work for it, without those that see to their resources."""
    every = psutil.Process().children(recursive=True)
    return [one.pid for one in every if "LokyProcess" in " ".join(one.cmdline())]


@pytest.mark.slow
@ON_SQLITE
def test_two_processes_make_the_rows_that_one_makes_though_one_is_killed_and_none_is_left(
    session: Session, network: None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    alone = made(session, tmp_path / "one", ALONE)
    killed: list[int] = []
    caplog.set_level(logging.WARNING)
    together = made(session, tmp_path / "two", Crews(2), lambda done: kill_once(done, children, killed))
    assert killed
    assert "done again" in caplog.text
    assert together == alone
    assert len(alone) > 5 * MEMBERS
    assert children() == []


@pytest.mark.slow
@ON_POSTGRES
def test_a_cluster_makes_the_rows_that_one_process_makes_though_a_worker_is_killed(
    session: Session, network: None, tmp_path: Path, scheduler: Any
) -> None:
    alone = made(session, tmp_path / "one", ALONE)
    killed: list[int] = []

    def workers() -> list[int]:
        return [nanny.process.pid for nanny in scheduler.workers.values()]

    crews = Crews(scheduler=scheduler.scheduler_address)
    spread = made(session, tmp_path / "two", crews, lambda done: kill_once(done, workers, killed))
    assert killed
    assert spread == alone


@ON_SQLITE
def test_without_the_cluster_this_machine_makes_the_rows_and_says_so(
    session: Session,
    network: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 0.3)
    caplog.set_level(logging.WARNING)
    nowhere = Crews(1, "tcp://127.0.0.1:9")
    assert made(session, tmp_path / "two", nowhere) == made(session, tmp_path / "one", ALONE)
    assert "made on this machine alone" in caplog.text


@ON_SQLITE
def test_a_cluster_without_its_packages_is_said(
    session: Session, network: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(Misconfigured, match=r"requirements/cluster\.txt"):
        made(session, tmp_path / "one", Crews(1, "tcp://127.0.0.1:9"))
