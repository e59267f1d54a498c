"""A saved index is the index, or is said to be unusable; a save is wholly there or not at all."""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from haln.matching import storage
from haln.matching.crew import suggest_for_all
from haln.matching.index import build
from haln.matching.people import Network
from haln.matching.storage import IndexMissing, IndexOutdated, current, load, save
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


SAVING = """
import sys
from pathlib import Path
from haln.matching.index import build
from haln.matching.storage import save
from tests.matching.networks import a_network
indexes = [build(a_network(12, seed)) for seed in (1, 2)]
print("ready", flush=True)
number = 0
while True:
    number += 1
    save(indexes[number % 2], Path(sys.argv[1]), str(number))
    print(number, flush=True)
"""


@pytest.mark.slow
def test_a_process_killed_while_it_saves_leaves_an_index_that_was_saved_whole(tmp_path: Path) -> None:
    known = {seed: lists(build(a_network(12, seed))) for seed in (1, 2)}
    chance = random.Random(4)
    cut_off = 0
    for _ in range(3):
        command = [sys.executable, "-c", SAVING, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as saving:
            assert saving.stdout is not None
            for _ in range(3):
                saving.stdout.readline()  # ready, and two saves
            time.sleep(chance.random() / 20)
            saving.kill()
            saved = [int(line) for line in saving.stdout.read().split()]
        cut_off += any(tmp_path.glob(".building-*"))
        loaded, label = load(tmp_path)
        assert int(label) >= max(saved, default=2), "what was said to be saved is saved"
        assert lists(loaded) == known[1 if int(label) % 2 == 0 else 2]
        save(build(a_network(12, 1)), tmp_path, "0")
        assert load(tmp_path)[1] == "0", "and another is saved over what was left"
    assert cut_off, "at least once it was killed in the middle"


def test_what_killed_saves_left_is_cleared_away_after_a_day(tmp_path: Path) -> None:
    old, new = tmp_path / ".building-old", tmp_path / ".building-new"
    for folder in (old, new):
        folder.mkdir()
        (folder / "ids.npy").write_bytes(b"x")
    os.utime(old, (0, 0))
    save(build(a_network(5, 1)), tmp_path)
    assert (old.exists(), new.exists()) == (False, True)


def test_every_process_maps_the_same_files(tmp_path: Path) -> None:
    name = save(build(a_network(30, 3)), tmp_path)
    loaded, _ = load(tmp_path)
    mapped = [loaded.ids, loaded.facts, loaded.vigour, loaded.strength, loaded.vocabulary.idf, loaded.links.keys]
    for ragged in (loaded.themes, loaded.texts, loaded.postings, loaded.ties, loaded.groups, loaded.group_members):
        mapped += [ragged.starts, *ragged.columns]
    for array in mapped:
        assert isinstance(array.base, np.memmap)
        assert Path(str(array.base.filename)).parent == tmp_path / name


def test_a_save_replaces_the_one_before_and_old_ones_go(tmp_path: Path) -> None:
    names = [save(build(a_network(5, seed)), tmp_path, str(seed)) for seed in range(4)]
    assert current(tmp_path) == names[-1]
    assert load(tmp_path)[1] == "3"
    assert sorted(path.name for path in tmp_path.glob("save-*")) == names[-2:]


def test_what_two_machines_saved_never_has_the_same_name(tmp_path: Path) -> None:
    network = a_network(5, 1)
    assert save(build(network), tmp_path / "here") != save(build(network), tmp_path / "elsewhere")


def test_a_save_follows_one_of_a_name_without_chance(tmp_path: Path) -> None:
    before = save(build(a_network(5, 1)), tmp_path, "before")
    (tmp_path / before).rename(tmp_path / "save-00000009")
    (tmp_path / "CURRENT").write_text("save-00000009")
    assert load(tmp_path)[1] == "before"
    assert save(build(a_network(5, 2)), tmp_path) > "save-00000010"


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
