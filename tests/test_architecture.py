"""The order of the rooms holds, and each contract in setup.cfg notices when it is broken."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "haln"
PURE = {"compiled", "evaluation", "kept_kernels", "matching", "network"}
EDGES = {"app", "cli", "db", "migrations", "views"}


def lint(folder: Path, contract: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run import-linter over the package in a folder."""
    program = Path(sys.executable).parent / "lint-imports"
    one = ["--contract", contract] if contract else []
    return subprocess.run(
        [program, "--config", folder / "setup.cfg", "--no-cache", "--no-logo", *one],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def rooms() -> set[str]:
    """What stands directly in the package, by name."""
    return {
        path.stem
        for path in PACKAGE.iterdir()
        if (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").exists()
    }


def named_in(contract: str) -> set[str]:
    """The rooms that a contract of setup.cfg speaks for."""
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    sources = settings[f"importlinter:contract:{contract}"]["source_modules"].split()
    return {name.removeprefix("haln.") for name in sources}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package's modules and of the contracts, to break."""
    shutil.copy(ROOT / "setup.cfg", tmp_path)
    shutil.copytree(PACKAGE, tmp_path / "haln", ignore=lambda folder, names: _not_modules(Path(folder), names))
    return tmp_path


def _not_modules(folder: Path, names: list[str]) -> list[str]:
    return [name for name in names if name == "__pycache__" or not (name.endswith(".py") or (folder / name).is_dir())]


def test_every_contract_is_kept() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


BREAKAGES = {
    "a lower room that imports a higher one": ("layers", {"people": "import haln.connect"}),
    "the ground floor that imports a room": ("layers", {"errors": "import haln.people"}),
    "the store that imports the arithmetic": ("layers", {"models": "import haln.matching"}),
    "a view that imports a command": ("layers", {"views": "import haln.cli"}),
    "a new room without a floor": ("layers", {"attic": "import haln.errors"}),
    "two neighbours that import each other": (
        "siblings",
        {
            "people/breakage_one": "import haln.people.breakage_two",
            "people/breakage_two": "import haln.people.breakage_one",
        },
    ),
    "two audiences that import each other": (
        "siblings",
        {"views/one/page": "import haln.views.two.page", "views/two/page": "import haln.views.one.page"},
    ),
    "matching that imports one of our rooms": ("pure", {"matching": "import haln.errors"}),
    "matching that imports the database": ("pure", {"matching": "import sqlalchemy"}),
    "a domain room that imports Flask": ("domain", {"people": "import flask"}),
    "a domain room that renders a template": ("domain", {"post": "import jinja2"}),
    "a domain room that prints": ("domain", {"connect": "from click import echo"}),
    "a view that reads the tables": ("edges", {"views": "from haln.models import Member"}),
    "a view that queries": ("edges", {"views": "from sqlalchemy import select"}),
    "a command that computes": ("edges", {"cli": "import haln.matching"}),
    "a domain room that computes with arrays": ("numbers", {"connect": "import numpy as np"}),
    "a command that walks a graph": ("numbers", {"cli": "import networkx"}),
}


@pytest.mark.parametrize(("contract", "imports"), BREAKAGES.values(), ids=BREAKAGES.keys())
def test_a_contract_is_broken_by(contract: str, imports: dict[str, str], copy: Path) -> None:
    for name, statement in imports.items():
        _add(copy / "haln", name, statement)
    result = lint(copy, contract)
    assert result.returncode != 0, result.stdout
    assert "BROKEN" in result.stdout, result.stdout + result.stderr


def _add(package: Path, name: str, statement: str) -> None:
    """Put a module with one import where it belongs: into a room, or beside the rooms."""
    room = package / name
    path = room / "breakage.py" if room.is_dir() else room.with_suffix(".py")
    path.parent.mkdir(parents=True, exist_ok=True)
    for folder in (path.parent, *path.parent.parents):
        if folder == package:
            break
        (folder / "__init__.py").touch()
    with path.open("a", encoding="utf-8") as module:
        module.write(f"\n{statement}\n")


def test_the_contract_on_technology_speaks_for_every_domain_room() -> None:
    assert named_in("domain") == rooms() - EDGES - PURE


def test_the_contract_on_numbers_speaks_for_every_room_that_is_not_pure() -> None:
    assert named_in("numbers") == rooms() - PURE


def test_the_contract_on_purity_speaks_for_every_pure_room() -> None:
    assert named_in("pure") == rooms() & PURE


def test_what_is_long_to_load_is_loaded_where_it_is_used() -> None:
    """Every command and every process of the server would else load it: evaluation alone is a command of its own."""
    eager = [
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if "evaluation" not in path.parts
        and re.search(r"^(import|from) (sklearn|pandas)", path.read_text(), re.MULTILINE)
    ]
    assert eager == []
