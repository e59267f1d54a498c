"""Lists in portions are those that everybody gets at once, whatever is lost between ranking and explaining."""

import itertools
import logging
import pickle
import select
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from haln.matching import cluster, processes, storage
from haln.matching import shelf as shelves
from haln.matching.cluster import Cluster, Unreachable
from haln.matching.crew import Alone, Crew, Held, Planned, Portion, lists_for_all, suggest_for_all
from haln.matching.index import Index, build
from haln.matching.lists import plan_lists, planned_lists, rank_block
from haln.matching.processes import Processes
from haln.matching.shelf import Shelf, shelf
from haln.matching.suggest import Exclusions, MemberList, Settings
from tests.clusters import NO_DASHBOARD
from tests.matching.networks import a_network

NETWORK = a_network(60, 3)
MEMBERS = sorted(person.member for person in NETWORK.people)
EXCLUSIONS = {MEMBERS[4]: Exclusions({MEMBERS[7], MEMBERS[9]}), MEMBERS[30]: Exclusions(unseen={MEMBERS[2]})}


@pytest.fixture(scope="module")
def index() -> Index:
    return build(NETWORK)


@pytest.fixture(scope="module")
def at_once(index: Index) -> list[MemberList]:
    """Everybody's lists, worked out without portions."""
    plan = plan_lists(index, MEMBERS, rank_block(index, MEMBERS, EXCLUSIONS), EXCLUSIONS)
    return list(planned_lists(index, plan, EXCLUSIONS))


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A cluster of one worker within this process, which is not waited for long."""
    from distributed import LocalCluster

    monkeypatch.setattr(cluster, "PATIENCE", 0.5)
    with LocalCluster(n_workers=1, processes=False, scheduler_kwargs=NO_DASHBOARD, silence_logs=50) as made:
        yield made


def same(one: MemberList) -> MemberList:
    return one


def in_portions(
    index: Index, folder: Path, after: int | None = None, meanwhile: Callable[[Shelf], None] = lambda kept: None
) -> list[MemberList]:
    with shelf(folder) as kept:
        return by(Alone(index, kept), index, after, lambda: meanwhile(kept))


def by(
    crew: Crew, index: Index, after: int | None = None, meanwhile: Callable[[], None] = lambda: None
) -> list[MemberList]:
    def ranked(done: int) -> None:
        if done == len(MEMBERS):
            meanwhile()

    portions = lists_for_all(index, crew, EXCLUSIONS, Settings(), same, 7, after, ranked)
    return [one for portion in portions for one in portion]


def test_portions_make_the_lists_that_are_made_at_once(
    index: Index, at_once: list[MemberList], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert in_portions(index, tmp_path) == at_once
    assert list(tmp_path.iterdir()) == []
    assert list(suggest_for_all(index, EXCLUSIONS)) == at_once
    monkeypatch.setattr(shelves, "ROOM", 0)
    assert list(suggest_for_all(index, EXCLUSIONS)) == at_once


@pytest.mark.parametrize("at", [0, 6, 7, 20, 59])
def test_a_cut_off_run_goes_on_behind_any_member(
    index: Index, at_once: list[MemberList], tmp_path: Path, at: int
) -> None:
    assert in_portions(index, tmp_path, after=at_once[at].member) == at_once[at + 1 :]


def test_what_the_shelf_lost_is_measured_again(index: Index, at_once: list[MemberList], tmp_path: Path) -> None:
    def lose(kept: Shelf) -> None:
        one, other, *_ = sorted(kept.folder.iterdir())
        one.unlink()
        other.write_bytes(other.read_bytes()[:100])

    assert in_portions(index, tmp_path, meanwhile=lose) == at_once


@pytest.mark.parametrize(
    ("limit", "value", "laid"),
    [("ROOM", 0, 1), ("RESERVE", 1 << 62, 0)],
    ids=["the first always finds room", "the disk is others', too"],
)
def test_a_full_shelf_is_no_loss_but_of_time(
    index: Index,
    at_once: list[MemberList],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    value: int,
    laid: int,
) -> None:
    monkeypatch.setattr(shelves, limit, value)
    left: list[int] = []
    found = in_portions(index, tmp_path, meanwhile=lambda kept: left.append(len(list(kept.folder.iterdir()))))
    assert left == [laid]
    assert found == at_once


@pytest.mark.slow
def test_a_process_that_finds_no_index_to_load_leaves_its_work_to_the_one_that_holds_it(
    index: Index, at_once: list[MemberList], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    name = storage.save(index, tmp_path / "index")
    for _ in range(2):  # the first save goes with the third
        storage.save(index, tmp_path / "index")
    caplog.set_level(logging.WARNING)
    with shelf(tmp_path) as kept, closing(Processes(index, tmp_path / "index", name, kept, 1)) as crew:
        assert by(crew, index) == at_once
    assert "cannot load the index" in caplog.text
    assert "ended before" not in caplog.text


@pytest.mark.parametrize("closed", [False, True], ids=["just now", "for longer than is waited"])
def test_a_scheduler_lost_between_ranking_and_explaining_leaves_the_rest_to_this_process(
    index: Index, at_once: list[MemberList], few: Any, caplog: pytest.LogCaptureFixture, closed: bool
) -> None:
    caplog.set_level(logging.WARNING, logger=cluster.__name__)
    with closing(Cluster(few.scheduler_address, index)) as crew:

        def lose() -> None:
            few.close()
            until = time.monotonic() + 10
            while closed and crew._client.status != "closed" and time.monotonic() < until:
                time.sleep(0.05)
            assert not closed or crew._client.status == "closed"

        assert by(crew, index, meanwhile=lose) == at_once
    assert "the rest is done on this machine" in caplog.text


def test_a_cluster_on_which_haln_is_lacking_is_of_no_use_and_is_left(
    index: Index, few: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "versions", lacking)
    with pytest.raises(Unreachable, match="No module named 'haln'"):
        Cluster(few.scheduler_address, index)
    until = time.monotonic() + 5
    while (left := [one for one in few.scheduler.clients if one.startswith("Client")]) and time.monotonic() < until:
        time.sleep(0.05)
    assert left == []


def lacking() -> dict[str, str]:
    """What a worker without this package makes of the question for its versions."""
    if threading.current_thread() is threading.main_thread():
        return {}
    raise ModuleNotFoundError("No module named 'haln'")


def test_what_a_killed_run_left_on_its_shelf_goes_with_the_next(tmp_path: Path) -> None:
    with shelf(tmp_path) as kept:
        kept.folder.rename(tmp_path / ".wishes-left")
    assert [path.name for path in tmp_path.iterdir()] == [".wishes-left"]
    with shelf(tmp_path) as kept:
        assert [path.name for path in tmp_path.iterdir()] == [kept.folder.name]
        assert kept.folder.stat().st_mode & 0o077 == 0


def test_what_a_process_says_goes_through_a_pipe_whole_or_not_at_all(index: Index, tmp_path: Path) -> None:
    """Whoever waits for the rest of what a killed process was saying would wait for ever."""
    name = storage.save(index, tmp_path / "index")
    portion, settings, held = Portion(0, tuple(MEMBERS), EXCLUSIONS), Settings(), Held(index)
    with shelf(tmp_path) as kept:
        where = str(tmp_path / "index"), name, kept
        said = processes._rank(*where, portion, settings)
        assert len(pickle.dumps(said)) < select.PIPE_BUF
        ranked = kept.take_over(said)
        assert ranked.rows.tolist() == held.rank(portion, settings).wishes.rows.tolist()
        planned = Planned(portion, ranked.rows[:, : settings.length])
        said = processes._explain(*where, planned, settings, same)
        assert len(pickle.dumps(said)) < select.PIPE_BUF < len(pickle.dumps(kept.take_over(said)))
        assert list(kept.folder.iterdir()) == []


def test_a_full_disk_lets_results_go_through_the_pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, said: bytes) -> int:
        with path.open("wb") as written:
            written.write(said[:3])
        raise OSError(28, "No space left on device")

    with shelf(tmp_path) as kept:
        monkeypatch.setattr(Path, "write_bytes", full)
        assert kept.take_over(kept.hand_over(["a result"])) == ["a result"]
        assert list(kept.folder.iterdir()) == []


def test_what_a_process_left_and_another_run_cleared_away_is_made_again(
    index: Index, at_once: list[MemberList], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, taken = storage.save(index, tmp_path / "index"), itertools.count()
    take_over = Shelf.take_over

    def cleared_now_and_then(kept: Shelf, handed: Any) -> Any:
        path, number = kept.folder / handed.name, next(taken)
        if number % 3 == 0:
            path.unlink()
        elif number % 3 == 1:
            path.write_bytes(path.read_bytes()[:50])
        return take_over(kept, handed)

    monkeypatch.setattr(Shelf, "take_over", cleared_now_and_then)
    with shelf(tmp_path) as kept, closing(Processes(index, tmp_path / "index", name, kept, 2)) as processes:
        assert by(processes, index) == at_once
    assert next(taken) > 6
