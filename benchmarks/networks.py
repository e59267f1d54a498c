"""The networks that are measured: demonstration networks of a size, made once and kept."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from tests import machine
from tests.postgres import PostgresServer, cluster

SEED, MONTHS = "2026", "36"


@dataclass(frozen=True, slots=True)
class Network:
    """A network that is ready to be measured."""

    members: int
    database: str
    folder: Path
    environment: dict[str, str]

    @property
    def name(self) -> str:
        return f"{self.members:,} members on {self.database}"


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


def prepared(folder: Path, database: str, server: str, members: int) -> Network:
    """The network of that size: made by the product's own commands if it is not there yet."""
    home = (folder / f"{database}-{members}").resolve()
    home.mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        "HALN_INSTANCE": str(home),
        "HALN_ENVIRONMENT": "development",
        "HALN_LOG_LEVEL": "ERROR",
    }
    if database == "postgres":
        name = PostgresServer(server).create()
        environment["HALN_DATABASE_URL"] = make_url(name).render_as_string(hide_password=False)
    network = Network(members, database, home, environment)
    done = home / "made"
    if database == "postgres" or not done.exists():
        haln(network, "db", "upgrade")
        haln(network, "demo", "--members", str(members), "--months", MONTHS, "--seed", SEED)
        haln(network, "suggestions", "refresh")
        done.touch()
    return network


def haln(network: Network, *words: str) -> None:
    """Run one of the product's commands on the network."""
    print(f"  {network.name}: flask haln {' '.join(words)}", file=sys.stderr)
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "haln", *words]
    subprocess.run(command, env=network.environment, check=True, stdout=subprocess.DEVNULL)
