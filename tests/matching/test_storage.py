"""A saved index is the index, or is said to be unusable; a save is wholly there or not at all."""

import json
from pathlib import Path

import numpy as np
import pytest

from haln.matching import storage
from haln.matching.index import build
from haln.matching.people import Network
from haln.matching.storage import IndexMissing, IndexOutdated, current, load, save
from haln.matching.suggest import suggest_for_all
from tests.matching.networks import a_network


def lists(index: object) -> list[object]:
    return list(suggest_for_all(index, {}))  # type: ignore[arg-type]


@pytest.mark.parametrize("members", [0, 1, 40])
def test_what_is_loaded_suggests_what_was_saved(tmp_path: Path, members: int) -> None:
    index = build(a_network(members, 3))
    save(index, tmp_path / "index", "moment")
    loaded, label = load(tmp_path / "index")
    assert label == "moment"
    assert loaded.members() == index.members()
    assert lists(loaded) == lists(index)


def test_a_loaded_index_is_mapped_and_cannot_be_written(tmp_path: Path) -> None:
    save(build(a_network(10, 3)), tmp_path)
    loaded, _ = load(tmp_path)
    base = loaded.postings.columns[1].base
    assert isinstance(base, np.memmap)
    assert not loaded.postings.columns[1].flags.writeable


def test_a_crash_in_the_middle_of_a_save_leaves_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(build(a_network(12, 1)), tmp_path, "first")
    for step in ("_write", "_settle", "_point"):
        with monkeypatch.context() as broken:

            def crash(*_: object) -> None:
                raise KeyboardInterrupt

            broken.setattr(storage, step, crash)
            with pytest.raises(KeyboardInterrupt):
                save(build(a_network(12, 2)), tmp_path, "second")
        loaded, label = load(tmp_path)
        assert label == "first"
        assert lists(loaded) == lists(build(a_network(12, 1)))


def test_a_save_replaces_the_one_before_and_old_ones_go(tmp_path: Path) -> None:
    names = [save(build(a_network(5, seed)), tmp_path, str(seed)) for seed in range(4)]
    assert current(tmp_path) == names[-1]
    assert load(tmp_path)[1] == "3"
    assert sorted(path.name for path in tmp_path.glob("save-*")) == names[-2:]


def test_an_index_that_is_not_there_is_missing(tmp_path: Path) -> None:
    assert current(tmp_path / "nowhere") is None
    with pytest.raises(IndexMissing):
        load(tmp_path / "nowhere")


def test_an_index_of_another_format_is_never_misread(tmp_path: Path) -> None:
    name = save(build(a_network(5, 1)), tmp_path)
    manifest = tmp_path / name / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"format": storage.FORMAT + 1}))
    with pytest.raises(IndexOutdated, match="build it again"):
        load(tmp_path)


@pytest.mark.parametrize("damage", ["ids.npy", "texts.1.npy", "terms.txt", "manifest.json"])
def test_a_damaged_index_is_never_misread(tmp_path: Path, damage: str) -> None:
    name = save(build(Network(a_network(9, 1).people)), tmp_path)
    (tmp_path / name / damage).unlink()
    with pytest.raises(IndexOutdated):
        load(tmp_path)
    (tmp_path / name / damage).write_bytes(b"x")
    with pytest.raises(IndexOutdated):
        load(tmp_path)
