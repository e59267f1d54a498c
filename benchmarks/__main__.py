"""Run benchmarks: `python -m benchmarks [pages] [refresh] [--members 1800 100000] [--databases sqlite postgres]`.

HALN_BENCH_POSTGRES_URL names a server where the networks are kept from run to run."""

from __future__ import annotations

import argparse
import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

from benchmarks import pages, refresh
from benchmarks.networks import EVERYONE, FEW, Network, postgres, prepared
from benchmarks.report import machine_words

PARTS = {"pages": pages.run, "refresh": refresh.run}


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", default=[], help=f"which to run (all): {', '.join(PARTS)}")
    parser.add_argument("--members", type=int, nargs="+", default=[1800, 100_000])
    parser.add_argument("--databases", nargs="+", choices=["sqlite", "postgres"], default=["sqlite", "postgres"])
    parser.add_argument(
        "--lists", choices=[EVERYONE, FEW], default=EVERYONE, help="whose suggestions to make in a new network"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=Path("build/benchmarks"), help="networks are kept here")
    parser.add_argument("--json", type=Path, help="write all figures here, too")
    arguments = parser.parse_args()
    print(machine_words())
    parts = [PARTS[part] for part in arguments.parts or PARTS]
    found = [part(network, arguments.rounds) for network in networks(arguments) for part in parts]
    if arguments.json:
        arguments.json.write_text(json.dumps({"machine": machine_words(), "figures": found}, indent=1))


def networks(arguments: argparse.Namespace) -> Iterator[Network]:
    for database in arguments.databases:
        server = postgres(arguments.folder) if database == "postgres" else contextlib.nullcontext("")
        with server as url:
            for members in arguments.members:
                yield prepared(arguments.folder, database, url, members, arguments.lists)


if __name__ == "__main__":
    main()
