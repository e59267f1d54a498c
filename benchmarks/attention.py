"""What a fair share of attention costs: `python -m benchmarks.attention FOLDER … [--phase test] [--bound]`.

For each data set with tasks as `flask haln evaluate` takes them, everyone gets a list of ten: from the best walk over
the ties, from our ranker, from our ranker with attention shared out at several multiples of the median of lists, and
at the multiple that the nightly run chooses. `--bound` says what any way of sharing must lose under the same cap,
`--picture FILE.svg` draws the curves.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from benchmarks.report import load_words, machine_words, table
from haln.evaluation import attention, baselines
from haln.evaluation.dataset import read

MULTIPLES = (0.0, 96.0, 48.0, 24.0, 12.0, 6.0, 4.0, 3.0, 2.0)
BOUNDED = (6.0, None)
BASELINES = ("pagerank", "pagerank-50")
Rows = Sequence[Mapping[str, Any]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.attention", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--phase", choices=["valid", "test"], default="test")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--bound", action="store_true", help="say what any way of sharing loses at least")
    parser.add_argument("--picture", type=Path, help="draw the curves here, as SVG")
    parser.add_argument("--json", type=Path, help="write all figures here, too; read from here if it is there")
    arguments = parser.parse_args()
    if arguments.json and arguments.json.exists():
        found = json.loads(arguments.json.read_text())
    else:
        found = [
            measured(folder, arguments.phase, arguments.seed, BOUNDED if arguments.bound else ())
            for folder in arguments.folders
        ]
    print(f"{machine_words()}\n")
    for one in found:
        print(words(one))
    print(load_words())
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1))
    if arguments.picture:
        arguments.picture.write_text(drawn(found), encoding="utf-8")


def measured(folder: Path, phase: str, seed: int, bounded: Sequence[float | None] = ()) -> dict[str, Any]:
    """Return the figures of one data set: the best baseline, a row for each multiple, and that of the chosen one."""
    data, started = read(folder), time.process_time()
    walks = [{"name": name, **attention.whole(data, baselines.PEER[name], phase, seed)} for name in BASELINES]
    *rows, chosen = attention.curve(data, phase, seed, (*MULTIPLES, None), bounded)
    return {
        "name": data.name,
        "phase": phase,
        "baseline": max(walks, key=lambda one: one["ndcg@10"]),
        "rows": rows,
        "chosen": chosen,
        "seconds": time.process_time() - started,
    }


def words(one: Mapping[str, Any]) -> str:
    """Return a table of one data set."""
    best, rows = one["baseline"], one["rows"]
    heads = ["lists", "nDCG@10", "of what it was (95 %)", "Gini", "of the baseline's", "shown", "most", "median"]
    cells = [[best["name"], f"{best['ndcg@10']:.4f}", "", f"{best['gini@10']:.3f}", "1.00", *_shown(best)]]
    for row in [*rows, one["chosen"]]:
        name = "as the night chooses" if row["multiple"] is None else "no budget"
        if row["multiple"]:
            name = f"at most {row['multiple']:g} × the median"
        kept = f"{100 * row['ndcg@10'] / rows[0]['ndcg@10']:.1f} %"
        if "kept_ci95" in row:  # older figures have none
            kept += " ({:.1f}–{:.1f})".format(*(100 * end for end in row["kept_ci95"]))
        cells.append(
            [
                name,
                f"{row['ndcg@10']:.4f}",
                kept,
                f"{row['gini@10']:.3f}",
                f"{row['gini@10'] / best['gini@10']:.2f}",
                *_shown(row),
            ]
        )
    about = f"### {one['name']}, {one['phase']}: {rows[0]['members']} members, {one['seconds']:.0f} s of processor"
    # The night may choose the same cap as one of the rows.
    least = dict.fromkeys(_bound_words(row, rows[0]) for row in [*rows, one["chosen"]] if "oracle" in row)
    return "\n\n".join([about, table(heads, cells), *least]) + "\n"


def _bound_words(row: Mapping[str, Any], free: Mapping[str, Any]) -> str:
    lost = 1 - row["ndcg@10"] / free["ndcg@10"]
    return (
        f"With nobody in more than {row['most@10']} lists any lists lose {100 * row['least_lost']:.1f} % of what is"
        f" expected at least, ours {100 * row['lost']:.1f} %; of nDCG@10 ours lose {100 * lost:.1f} %; whoever knew all"
        f" would have {row['oracle']:.3f} at most."
    )


def _shown(row: Mapping[str, Any]) -> list[str]:
    return [f"{100 * row['coverage@10']:.1f} %", str(row["most@10"]), f"{row['median@10']:g}"]


_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #222 }
.small { font-size: 11px; fill: #555 } .head { font-weight: 600 }
.grid { stroke: #ddd } .bound { stroke: #888; stroke-dasharray: 4 3 }
.line { fill: none; stroke-width: 2 } .dot { stroke: none }
.c0 { stroke: #1b6ca8; fill: #1b6ca8 } .c1 { stroke: #b3541e; fill: #b3541e } .c2 { stroke: #2e7d32; fill: #2e7d32 }
.c3 { stroke: #8e24aa; fill: #8e24aa } .c4 { stroke: #6d4c41; fill: #6d4c41 } .line { fill: none }
@media (prefers-color-scheme: dark) {
text { fill: #eee } .small { fill: #bbb } .grid { stroke: #444 } .bound { stroke: #999 }
.c0 { stroke: #7cc4ff; fill: #7cc4ff } .c1 { stroke: #ffab7a; fill: #ffab7a } .c2 { stroke: #8fd694; fill: #8fd694 }
.c3 { stroke: #d7a1e6; fill: #d7a1e6 } .c4 { stroke: #c9ada3; fill: #c9ada3 } .line { fill: none }
}
"""
_WIDTH, _HEIGHT, _LEFT, _TOP, _GAP = 210, 190, 48, 50, 66
_DASHES = ("", "7 3", "2 3", "9 3 2 3", "12 4")


def drawn(found: Sequence[Mapping[str, Any]]) -> str:
    """Return the curves as an SVG that says in words what it shows."""
    panels = (
        ("nDCG@10, share of no budget", _kept, (0.75, 1.05, 6), 0.97),
        ("Gini, share of the best baseline's", _evenness, (0.0, 1.2, 6), 2 / 3),
        ("Members in somebody's list", lambda one: [row["coverage@10"] for row in one["rows"]], (0.6, 1.0, 4), 1.0),
    )
    width = _LEFT + len(panels) * (_WIDTH + _GAP)
    height = _TOP + _HEIGHT + 50 + 18 * len(found)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
        ' aria-labelledby="title desc">',
        '<title id="title">What a fair share of attention costs</title>',
        f'<desc id="desc">{escape(_described(found))}</desc>',
        f"<style>{_STYLE}</style>",
    ]
    for place, (head, values, (low, high, steps), bound) in enumerate(panels):
        parts += _panel(_LEFT + place * (_WIDTH + _GAP), head, low, high, steps, bound)
        for number, one in enumerate(found):
            parts += _line(_LEFT + place * (_WIDTH + _GAP), number, values(one), low, high)
    for number, one in enumerate(found):
        y = _TOP + _HEIGHT + 58 + 18 * number
        parts.append(f'<path class="line c{number % 5}" {_dash(number)} d="M{_LEFT} {y - 4}h40"/>')
        parts.append(f'<text x="{_LEFT + 50}" y="{y}">{escape(one["name"])}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _described(found: Sequence[Mapping[str, Any]]) -> str:
    told = []
    for one in found:
        even, shown = _evenness(one), [row["coverage@10"] for row in one["rows"]]
        row = one["chosen"]
        against = row["gini@10"] / one["baseline"]["gini@10"]
        told.append(
            f"{one['name']}: by the budget that the night chooses, {row['peak@10']:.0f} times the median,"
            f" {100 * row['ndcg@10'] / one['rows'][0]['ndcg@10']:.1f} % of nDCG@10 is kept, the Gini coefficient is"
            f" {against:.2f} of the best baseline's (without a budget {even[0]:.2f}),"
            f" and {100 * row['coverage@10']:.1f} % of members are in a list (without {100 * shown[0]:.1f} %)."
        )
    return "Three panels, from no budget on the left to the strictest on the right. " + " ".join(told)


def _kept(one: Mapping[str, Any]) -> list[float]:
    return [float(row["ndcg@10"] / one["rows"][0]["ndcg@10"]) for row in one["rows"]]


def _evenness(one: Mapping[str, Any]) -> list[float]:
    return [float(row["gini@10"] / one["baseline"]["gini@10"]) for row in one["rows"]]


def _x(left: float, place: int) -> float:
    return left + place * _WIDTH / (len(MULTIPLES) - 1)


def _y(value: float, low: float, high: float) -> float:
    return _TOP + _HEIGHT * (1 - (min(max(value, low), high) - low) / (high - low))


def _panel(left: float, head: str, low: float, high: float, steps: int, bound: float) -> list[str]:
    parts = [f'<text class="head" x="{left - 30}" y="{_TOP - 22}">{escape(head)}</text>']
    for step in range(steps + 1):
        value = low + (high - low) * step / steps
        y = _y(value, low, high)
        parts.append(f'<path class="grid" d="M{left} {y:.1f}h{_WIDTH}"/>')
        parts.append(f'<text class="small" text-anchor="end" x="{left - 6}" y="{y + 4:.1f}">{100 * value:.0f} %</text>')
    parts.append(f'<path class="bound" d="M{left} {_y(bound, low, high):.1f}h{_WIDTH}"/>')
    for place, multiple in enumerate(MULTIPLES):
        name, x = f"{multiple:g}" if multiple else "none", _x(left, place)
        parts.append(f'<text class="small" text-anchor="middle" x="{x:.1f}" y="{_TOP + _HEIGHT + 16}">{name}</text>')
    parts.append(
        f'<text class="small" text-anchor="middle" x="{left + _WIDTH / 2}" y="{_TOP + _HEIGHT + 32}">'
        "most lists, as a multiple of the median</text>"
    )
    return parts


def _line(left: float, number: int, values: Sequence[float], low: float, high: float) -> list[str]:
    spots = [(_x(left, place), _y(value, low, high)) for place, value in enumerate(values)]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in spots)
    dots = [f'<circle class="dot c{number % 5}" cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>' for x, y in spots]
    return [f'<path class="line c{number % 5}" {_dash(number)} d="M{path}"/>', *dots]


def _dash(number: int) -> str:
    dashes = _DASHES[number % len(_DASHES)]
    return f'stroke-dasharray="{dashes}"' if dashes else ""


if __name__ == "__main__":
    main()
