"""Compile kernels before processes side by side would each compile the same: `python -m tests.kernels matching`.

Kernels of one part may be compiled while those of another are: they share none.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PARTS = {"matching": ("matching", "evaluation"), "network": ("network",)}
"""The rooms of each part; evaluation uses what matching compiles."""


def modules(folder: Path = ROOT / "haln") -> Iterator[str]:
    """The names of all modules below a folder that have kernels compiled where they are imported."""
    for path in sorted(folder.rglob("*.py")):
        if re.search(r"^@(compiled|lean)\b", path.read_text(encoding="utf-8"), re.MULTILINE):
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts)


def compile_part(part: str) -> None:
    """Import every module with kernels of a part, and match once: what calls itself is compiled, too."""
    for room in PARTS[part]:
        for name in modules(ROOT / "haln" / room):
            importlib.import_module(name)
    if part == "matching":
        importlib.import_module("haln.matching.ready").warm_up()


if __name__ == "__main__":
    compile_part(sys.argv[1])
