"""A kernel that was kept is used again, unless something that went into it is another now, in whichever module."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

MODULES = {
    "numbers_of": """
from typing import NamedTuple
import numpy as np

SHIFT = 1
KIND = np.int64(1)

class Pair(NamedTuple):
    one: int
    other: int
""",
    "part": """
from haln.compiled import inlined

@inlined
def more(x):
    return x + 100
""",
    "kernels": """
from numba import types
from haln.compiled import LONG, compiled
from kept_example.numbers_of import KIND, Pair, SHIFT
from kept_example.part import more

@compiled(LONG)
def shifted(x):
    return more(x) + SHIFT * KIND

@compiled(types.NamedUniTuple(types.int64, 2, Pair))
def first(pair):
    return pair.one
""",
}
ASKED = """
from kept_example import kernels
from kept_example.numbers_of import Pair
told = [kernels.shifted(1), kernels.first(Pair(one=5, other=6))]
print(*told, *(sum(one.stats.cache_hits.values()) for one in (kernels.shifted, kernels.first)))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    package = tmp_path / "kept_example"
    package.mkdir()
    for name, source in {"__init__": "", **MODULES}.items():
        (package / f"{name}.py").write_text(source)
    return tmp_path


def asked(folder: Path, script: str = ASKED) -> tuple[list[int], list[int]]:
    """What a new process gets of the two kernels, and how often it found each kept."""
    path = os.pathsep.join([str(folder), str(Path(__file__).resolve().parent.parent)])
    process = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    found = [int(word) for word in process.stdout.split()]
    return found[:2], found[2:]


def test_what_is_kept_is_used_again(folder: Path) -> None:
    assert asked(folder) == ([102, 5], [0, 0])
    assert asked(folder) == ([102, 5], [1, 1])


@pytest.mark.parametrize(
    ("module", "before", "after", "told", "kept"),
    [
        ("numbers_of", "SHIFT = 1", "SHIFT = 7", [108, 5], [0, 1]),
        ("numbers_of", "np.int64(1)", "np.int64(7)", [108, 5], [0, 1]),
        ("part", "x + 100", "x + 300", [302, 5], [0, 1]),
        ("part", "more(x)", "more(x, y=0)", [102, 5], [0, 1]),
        ("part", "x + 100", "x - 100", [-98, 5], [0, 1]),
        ("numbers_of", "one: int\n    other: int", "other: int\n    one: int", [102, 5], [1, 0]),
    ],
)
def test_what_changed_elsewhere_is_heeded(
    folder: Path, module: str, before: str, after: str, told: list[int], kept: list[int]
) -> None:
    asked(folder)
    path = folder / "kept_example" / f"{module}.py"
    path.write_text(path.read_text().replace(before, after))
    assert asked(folder) == (told, kept)


def test_a_record_that_is_no_longer_there_is_no_reason_to_stop(folder: Path) -> None:
    asked(folder)
    for path in (folder / "kept_example").glob("*.py"):
        path.write_text(path.read_text().replace("Pair", "Two"))
    assert asked(folder, ASKED.replace("Pair", "Two")) == ([102, 5], [0, 0])
