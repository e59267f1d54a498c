"""The words of the demonstration, read once from `words/`: names, careers, and the banks of the grammar."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from haln.people.demonstration.grammar import Bank, bank

HERE = Path(__file__).resolve().parent / "words"


@cache
def table(name: str) -> Mapping[str, Any]:
    """Return one file of words."""
    with (HERE / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def theme_bank(theme: str) -> Bank:
    """Return the phrases of a theme."""
    return bank(table(f"theme-{theme}"))


@cache
def common_bank(name: str) -> Bank:
    """Return the phrases of a bank that is no theme's."""
    return bank(table(name))


@cache
def craft_bank(role: str) -> Bank:
    """Return what people of a role say of their work, as `craft`."""
    crafts = common_bank("crafts")
    return {**crafts, "craft": crafts[role]}


@cache
def theme_codes() -> tuple[str, ...]:
    """Return the themes that have phrases, sorted."""
    return tuple(sorted(path.stem.removeprefix("theme-") for path in HERE.glob("theme-*.toml")))
