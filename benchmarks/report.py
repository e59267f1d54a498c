"""How figures are shown: median and spread, and the machine they were taken on."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """Several measurements of one thing."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def words(self, digits: int = 2) -> str:
        """Median, with the lowest and highest."""
        return f"{self.median:.{digits}f} ({min(self.values):.{digits}f} to {max(self.values):.{digits}f})"


def ratios(one: Sequence[float], other: Sequence[float]) -> Figure:
    """One over the other, round by round."""
    return Figure(tuple(a / b for a, b in zip(one, other, strict=True)))


def machine_words() -> str:
    """The machine and the versions that matter, on one line."""
    names = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    processor = next((line.split(":", 1)[1].strip() for line in names if line.startswith("model name")), "unknown")
    packages = ", ".join(f"{name} {version(name)}" for name in ("flask", "sqlalchemy", "numpy", "numba"))
    return f"{os.cpu_count()} × {processor}, {platform.system()}, Python {platform.python_version()}, {packages}"


def load_words() -> str:
    """How busy the machine has been during the last one, five and fifteen minutes, our own work included."""
    return f"Load average: {', '.join(f'{load:.1f}' for load in os.getloadavg())}."


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(row) + " |" for row in [heads, ["---"] * len(heads), *rows]]
    return "\n".join(lines)
