"""The networks that are measured: demonstration networks of a size, made once and kept.

On PostgreSQL they are kept only where HALN_BENCH_POSTGRES_URL names a server, as `haln_bench_<members>`; a server of
our own ends with the run. Where everybody's list takes too long, `few` makes those of the members who will sign in.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import make_url

from tests import machine
from tests.postgres import PostgresServer, cluster

SEED, MONTHS = "2026", "36"
EVERYONE, FEW = "everyone", "few"


@dataclass(frozen=True, slots=True)
class Network:
    """A network that is ready to be measured; `lists` says whose suggestions are made: everyone's or a few."""

    members: int
    database: str
    lists: str
    environment: dict[str, str]

    @property
    def name(self) -> str:
        told = "" if self.lists == EVERYONE else " (only those who sign in have suggestions)"
        return f"{self.members:,} members on {self.database}{told}"


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL of our own that keeps nothing, or the one that HALN_BENCH_POSTGRES_URL names."""
    named = os.environ.get("HALN_BENCH_POSTGRES_URL")
    if named:
        yield named
        return
    programs = machine.postgres_programs()
    if programs is None:
        raise SystemExit("PostgreSQL is not installed: measure with --databases sqlite, or name a server.")
    with cluster(programs) as url:
        yield url


@contextlib.contextmanager
def copied(network: Network) -> Iterator[Network]:
    """A copy of a network on SQLite, which may be written over, and goes afterwards."""
    home = Path(network.environment["HALN_INSTANCE"])
    with tempfile.TemporaryDirectory(prefix=f"{home.name}-", dir=home.parent) as folder:
        copy = shutil.copytree(home, Path(folder) / home.name)
        yield replace(network, environment=network.environment | {"HALN_INSTANCE": str(copy)})


def prepared(folder: Path, database: str, server: str, members: int, lists: str) -> Network:
    """The network of that size: made by the product's own commands as far as it is not there yet."""
    home = (folder / f"{database}-{members}").resolve()
    home.mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        "HALN_INSTANCE": str(home),
        "HALN_ENVIRONMENT": "development",
        "HALN_LOG_LEVEL": "ERROR",
    }
    done = home / "made"
    if database == "postgres":
        environment["HALN_DATABASE_URL"], kept = _database(server, f"haln_bench_{members}", done.exists())
        if not kept:
            done.unlink(missing_ok=True)
    made = (done.read_text().strip() or EVERYONE) if done.exists() else ""
    network = Network(members, database, made if made == EVERYONE else lists, environment)
    if not made:
        for left in home.glob("haln.sqlite*"):  # of a making that was broken off
            left.unlink()
    haln(network, "db", "upgrade")  # one that was kept may be of an earlier version
    if not made:
        haln(network, "demo", "--members", str(members), "--months", MONTHS, "--seed", SEED)
    if made not in (EVERYONE, lists):
        if lists == EVERYONE:
            haln(network, "suggestions", "refresh")
        else:
            _run(network, "benchmarks.few_lists")
        done.write_text(lists)
    return network


def _database(server: str, name: str, made: bool) -> tuple[str, bool]:
    """The URL of the named database, and whether it is kept from before; one that was never finished is made anew."""
    postgres_server = PostgresServer(server)
    url = make_url(server).set(database=name).render_as_string(hide_password=False)
    if made and postgres_server.has(name):
        return url, True
    postgres_server.drop(url)
    return postgres_server.create(name=name), False


def haln(network: Network, *words: str) -> None:
    """Run one of the product's commands on the network."""
    _run(network, "flask", "--app", "wsgi", "haln", *words)


def _run(network: Network, module: str, *words: str) -> None:
    print(f"  {network.name}: {' '.join([module, *words])}", file=sys.stderr)
    command = [sys.executable, "-m", module, *words]
    subprocess.run(command, env=network.environment, check=True, stdout=subprocess.DEVNULL)
