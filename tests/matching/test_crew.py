"""Lists in portions are those that everybody gets at once, whatever is lost between ranking and explaining."""

from collections.abc import Callable
from pathlib import Path

import pytest

from haln.matching import shelf as shelves
from haln.matching.crew import Alone, lists_for_all
from haln.matching.index import Index, build
from haln.matching.shelf import Shelf, shelf
from haln.matching.suggest import Exclusions, MemberList, Settings, suggest_for_all
from tests.matching.networks import a_network

NETWORK = a_network(60, 3)
MEMBERS = sorted(person.member for person in NETWORK.people)
EXCLUSIONS = {MEMBERS[4]: Exclusions({MEMBERS[7], MEMBERS[9]}), MEMBERS[30]: Exclusions(unseen={MEMBERS[2]})}


@pytest.fixture(scope="module")
def index() -> Index:
    return build(NETWORK)


def same(one: MemberList) -> MemberList:
    return one


def in_portions(
    index: Index, folder: Path, after: int | None = None, meanwhile: Callable[[Shelf], None] = lambda kept: None
) -> list[MemberList]:
    with shelf(folder) as kept:
        crew = Alone(index, kept)

        def ranked(done: int) -> None:
            if done == len(MEMBERS):
                meanwhile(kept)

        portions = lists_for_all(index, crew, EXCLUSIONS, Settings(), same, 7, after, ranked)
        return [one for portion in portions for one in portion]


def test_portions_make_the_lists_that_are_made_at_once(index: Index, tmp_path: Path) -> None:
    assert in_portions(index, tmp_path) == list(suggest_for_all(index, EXCLUSIONS))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("at", [0, 6, 7, 20, 59])
def test_a_cut_off_run_goes_on_behind_any_member(index: Index, tmp_path: Path, at: int) -> None:
    whole = list(suggest_for_all(index, EXCLUSIONS))
    assert in_portions(index, tmp_path, after=whole[at].member) == whole[at + 1 :]


def test_what_the_shelf_lost_is_measured_again(index: Index, tmp_path: Path) -> None:
    def lose(kept: Shelf) -> None:
        one, other, *_ = sorted(kept.folder.iterdir())
        one.unlink()
        other.write_bytes(other.read_bytes()[:100])

    assert in_portions(index, tmp_path, meanwhile=lose) == list(suggest_for_all(index, EXCLUSIONS))


def test_a_full_shelf_is_no_loss_but_of_time(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelves, "ROOM", 0)
    left: list[int] = []
    found = in_portions(index, tmp_path, meanwhile=lambda kept: left.append(len(list(kept.folder.iterdir()))))
    assert left == [1]  # the first always finds room
    assert found == list(suggest_for_all(index, EXCLUSIONS))


def test_what_a_killed_run_left_on_its_shelf_goes_with_the_next(tmp_path: Path) -> None:
    with shelf(tmp_path) as kept:
        kept.folder.rename(tmp_path / ".wishes-left")
    assert [path.name for path in tmp_path.iterdir()] == [".wishes-left"]
    with shelf(tmp_path) as kept:
        assert [path.name for path in tmp_path.iterdir()] == [kept.folder.name]
        assert kept.folder.stat().st_mode & 0o077 == 0
