"""What `make kernels` compiles is all that there is, each in one process only."""

from __future__ import annotations

import re

from tests.kernels import PARTS, ROOT, modules


def test_each_room_with_kernels_is_in_one_part() -> None:
    rooms = {name.split(".")[1] for name in modules()}
    assert sorted(rooms) == sorted(room for part in PARTS.values() for room in part)


def test_make_compiles_each_part() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = re.search(r"^kernels: (.*)$", makefile, re.MULTILINE)
    assert named is not None
    assert named.group(1).split() == [f"kernels-{part}" for part in PARTS]
