"""Networks that nothing was chosen on, as data sets for `flask haln evaluate`.

`python -m benchmarks.other_networks OUT --musae … --qrec … --movielens … --collegemsg …`

They are not carried along. Name what you have: a clone of github.com/benedekrozemberczki/MUSAE (streamers of Twitch,
pages of Facebook and of Wikipedia, with features), a clone of github.com/Coder-Yu/QRec (FilmTrust: who trusts whom, and
films rated), the folder of MovieLens 100K (grouplens.org) and the file CollegeMsg.txt of SNAP (first messages, dated).
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

Pair = tuple[int, int]

STATIC = {"split": "static", "test": 0.1, "valid": 0.1}
MUSAE = {"twitch_es": "ES", "twitch_ptbr": "PTBR", "facebook_pages": "facebook", "wikipedia_chameleons": "chameleon"}
LIKED = 4
"""A film counts as joined by whoever gave it so many stars of five."""
_SECOND_HALF_OF_MAY, _JUNE, _END = 1084579200, 1086048000, 1098921600  # 2004, seconds


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.other_networks", description=__doc__)
    parser.add_argument("out", type=Path, help="a folder for each data set is made in here")
    parser.add_argument("--musae", type=Path)
    parser.add_argument("--qrec", type=Path)
    parser.add_argument("--movielens", type=Path)
    parser.add_argument("--collegemsg", type=Path)
    given = parser.parse_args()
    if given.musae:
        for name, code in MUSAE.items():
            musae(given.out / name, given.musae / "input", code)
    if given.qrec:
        filmtrust(given.out / "filmtrust", given.qrec / "dataset" / "FilmTrust")
    if given.movielens:
        movielens(given.out / "movielens", given.movielens)
    if given.collegemsg:
        collegemsg(given.out / "collegemsg", given.collegemsg)


def musae(folder: Path, source: Path, code: str) -> None:
    """Members with features for words, and their ties, which have no dates."""
    with (source / "edges" / f"{code}_edges.csv").open(encoding="utf-8") as file:
        ties = _pairs((int(one), int(other)) for one, other in list(csv.reader(file))[1:])
    features: dict[str, list[int]] = json.loads((source / "features" / f"{code}.json").read_text(encoding="utf-8"))
    members = {int(member) for member in features} | {member for pair in ties for member in pair}
    texts = {int(member): " ".join(f"f{one}" for one in own) for member, own in features.items()}
    write(folder, dict.fromkeys(sorted(members), 0), {"peer": STATIC}, dict.fromkeys(ties, 0), texts)


def filmtrust(folder: Path, source: Path) -> None:
    """People who trust each other, either way, and the films that each has rated."""
    ties = _pairs((one, other) for one, other, *_ in _numbers(source / "trust.txt"))
    rated = [(member, film) for member, film, *_ in _numbers(source / "ratings.txt")]
    members = {member for pair in ties for member in pair} | {member for member, _ in rated}
    tasks = {"peer": STATIC, "group": STATIC}
    write(folder, dict.fromkeys(sorted(members), 0), tasks, dict.fromkeys(ties, 0), {}, rated)


def movielens(folder: Path, source: Path) -> None:
    """People, and the films that each liked; titles are what the films are about."""
    liked = [(member, film) for member, film, stars, _ in _numbers(source / "u.data") if stars >= LIKED]
    lines = (source / "u.item").read_text(encoding="latin-1").splitlines()
    titles = {int(number): title for number, title, *_ in (line.split("|") for line in lines if line)}
    write(folder, dict.fromkeys(sorted({one for one, _ in liked}), 0), {"group": STATIC}, {}, {}, liked, titles)


def collegemsg(folder: Path, source: Path) -> None:
    """Students who wrote to each other on a social network of their university, since the first message."""
    first: dict[Pair, int] = {}
    since: dict[int, int] = {}
    for one, other, moment in _numbers(source):
        for pair in _pairs([(one, other)]):
            first[pair] = min(moment, first.get(pair, moment))
        for member in (one, other):
            since[member] = min(moment, since.get(member, moment))
    spans = {"valid": [[_SECOND_HALF_OF_MAY, _JUNE]], "test": [[_JUNE, _END]]}
    write(folder, since, {"peer": {"split": "temporal", **spans}}, first)


def _numbers(source: Path) -> list[list[int]]:
    """The whole numbers of each line; of half stars the whole ones."""
    lines = source.read_text(encoding="utf-8").splitlines()
    return [[int(float(word)) for word in line.split()] for line in lines if line.strip()]


def _pairs(pairs: Iterable[Pair]) -> list[Pair]:
    """Each pair once, the lower end first."""
    return sorted({(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]})


def write(
    folder: Path,
    members: Mapping[int, int],
    tasks: Mapping[str, Any],
    ties: Mapping[Pair, int],
    texts: Mapping[int, str] | None = None,
    memberships: Sequence[Pair] = (),
    titles: Mapping[int, str] | None = None,
) -> None:
    """Write a data set: members since when, dated ties, a text of each, who is in what."""
    folder.mkdir(parents=True, exist_ok=True)
    groups, texts, titles = sorted({group for _, group in memberships}), texts or {}, titles or {}
    tables: dict[str, list[tuple[object, ...]]] = {
        "members": [("member", "t"), *((f"m{one}", since) for one, since in sorted(members.items()))],
        "docs": [("doc", "t", "text"), *((f"d{one}", 0, text) for one, text in sorted(texts.items()))],
        "member_docs": [("member", "doc"), *((f"m{one}", f"d{one}") for one in sorted(texts))],
        "edges": [("u", "v", "t"), *((f"m{one}", f"m{other}", t) for (one, other), t in sorted(ties.items()))],
        "groups": [("group", "t", "text"), *((f"g{one}", 0, titles.get(one, "")) for one in groups)],
        "memberships": [
            ("member", "group", "t"),
            *((f"m{one}", f"g{group}", 0) for one, group in sorted(set(memberships))),
        ],
    }
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
    (folder / "dataset.json").write_text(json.dumps({"name": folder.name, "tasks": tasks}), encoding="utf-8")
    print(f"{folder}: {len(members):,} members, {len(ties):,} ties, {len(set(memberships)):,} memberships")


if __name__ == "__main__":
    main()
