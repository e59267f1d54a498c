"""A small data set on disk, in the format of public ones: people in circles who write alike and meet each other."""

import csv
import json
import random
from collections.abc import Iterable, Sequence
from pathlib import Path

WORDS = (
    ("kitchen", "allotment", "harvest", "orchard", "menu"),
    ("tender", "contract", "supplier", "wages", "invoice"),
    ("carbon", "boiler", "solar", "meter", "insulation"),
)


def write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(columns)
        table.writerows(rows)


def a_dataset(folder: Path, *, dated: bool = False, members: int = 90, seed: int = 1) -> Path:
    """Make a data set; dated ties come month by month of two years."""
    chance = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"m{number:03d}" for number in range(members)]
    circle = {name: number % 3 for number, name in enumerate(names)}
    write(folder / "members.csv", ["member"], [[name] for name in names])
    texts = [(f"d{name}", 202001 if dated else 0, " ".join(chance.choices(WORDS[circle[name]], k=6))) for name in names]
    write(folder / "docs.csv", ["doc", "t", "text"], texts)
    write(folder / "member_docs.csv", ["member", "doc"], [(name, f"d{name}") for name in names])
    ties: dict[tuple[str, str], int] = {}
    while len(ties) < 5 * members:
        one, other = sorted(chance.sample(names, 2))
        if circle[one] == circle[other] or chance.random() < 0.1:
            month = 202001 + 100 * chance.randrange(2) + chance.randrange(12) if dated else 0
            ties.setdefault((one, other), month)
    write(folder / "edges.csv", ["u", "v", "t"], [(one, other, t) for (one, other), t in sorted(ties.items())])
    peer: dict[str, object] = {"split": "static", "test": 0.1, "valid": 0.1}
    if dated:
        peer = {"split": "temporal", "valid": [[202012, 202106]], "test": [[202106, 202112]]}
    about = {"name": "sample", "tasks": {"peer": peer}}
    (folder / "dataset.json").write_text(json.dumps(about), encoding="utf-8")
    return folder


def with_groups(folder: Path, *, dated: bool = False, groups: int = 24, seed: int = 1) -> Path:
    """Add groups to a data set, which members of one circle join; dated ones month by month of two years."""
    chance = random.Random(seed)
    names = [f"g{number:02d}" for number in range(groups)]
    texts = [
        (name, 202001 if dated else 0, " ".join(chance.choices(WORDS[at % 3], k=4))) for at, name in enumerate(names)
    ]
    write(folder / "groups.csv", ["group", "t", "text"], texts)
    about = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
    members = [f"m{number:03d}" for number in range(90)]
    joined: dict[tuple[str, str], int] = {}
    while len(joined) < 540:
        member, group = chance.choice(members), chance.randrange(groups)
        if int(member[1:]) % 3 == group % 3 or chance.random() < 0.1:
            month = 202001 + 100 * chance.randrange(2) + chance.randrange(12) if dated else 0
            joined.setdefault((member, names[group]), month)
    write(folder / "memberships.csv", ["member", "group", "t"], [(m, g, t) for (m, g), t in sorted(joined.items())])
    split: dict[str, object] = {"split": "static", "test": 0.1, "valid": 0.1}
    if dated:
        split = {"split": "temporal", "valid": [[202012, 202106]], "test": [[202103, 202107], [202107, 202112]]}
    about["tasks"]["group"] = {"hide": ["docs"], **split}
    (folder / "dataset.json").write_text(json.dumps(about), encoding="utf-8")
    return folder
