"""What is imported is declared, what is declared is imported, and what is declared is locked."""

from __future__ import annotations

import ast
import configparser
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(option: str) -> set[str]:
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    section, key = ("options", "install_requires") if option == "run" else ("options.extras_require", option)
    lines = (line.split("#")[0].strip() for line in settings[section][key].splitlines())
    return {normal(re.split(r"[\s\[<>=!~;]", line)[0]) for line in lines if line}


def locked(name: str) -> set[str]:
    lines = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return {normal(line.split("==")[0]) for line in lines if re.match(r"[a-z].*==", line)}


def imported() -> set[str]:
    """The distributions that the program's modules import."""
    names = set[str]()
    for path in [*(ROOT / "haln").rglob("*.py"), *(ROOT / "deploy").glob("*.py"), ROOT / "wsgi.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.split(".")[0])
    distributions = packages_distributions()
    foreign = names - set(sys.stdlib_module_names) - {"haln"}
    return {normal(distribution) for name in foreign for distribution in distributions[name]}


def test_what_the_program_imports_is_declared() -> None:
    assert imported() <= declared("run") | declared("cluster")


def test_what_is_declared_is_used() -> None:
    assert (declared("run") | declared("cluster")) <= imported()


def test_what_is_declared_is_locked() -> None:
    assert declared("run") <= locked("run")
    assert declared("run") | declared("cluster") <= locked("cluster")
    assert declared("run") | declared("cluster") | declared("test") <= locked("test")


def test_every_locked_package_carries_hashes() -> None:
    for name in ("run", "cluster", "test"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        assert "--index-url" not in text
        for entry in re.split(r"\n(?=\S)", text):
            assert not re.match(r"[a-z]", entry) or "--hash=sha256:" in entry, entry
