"""What is made once for all processes is made once, whole, and copied."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.made_once import copy_of


def test_it_is_made_once_however_many_ask_at_once(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    made: list[Path] = []
    together = threading.Barrier(4)

    def make(folder: Path) -> None:
        made.append(folder)
        (folder / "a").write_text("whole")

    def ask(number: int) -> None:
        together.wait()
        copy_of(tmp_path.name, make, tmp_path / str(number), tmp_path_factory)

    asking = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert len(made) == 1
    assert [(tmp_path / str(number) / "a").read_text() for number in range(4)] == ["whole"] * 4


def test_what_one_writes_no_other_sees(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    first = copy_of(tmp_path.name, lambda folder: (folder / "a").touch(), tmp_path / "first", tmp_path_factory)
    (first / "b").touch()
    second = copy_of(tmp_path.name, lambda folder: (folder / "c").touch(), tmp_path / "second", tmp_path_factory)
    assert [path.name for path in second.iterdir()] == ["a"]


def test_what_failed_half_way_is_made_anew(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        copy_of(tmp_path.name, fail, tmp_path / "first", tmp_path_factory)
    made = copy_of(tmp_path.name, lambda folder: (folder / "a").touch(), tmp_path / "second", tmp_path_factory)
    assert [path.name for path in made.iterdir()] == ["a"]
