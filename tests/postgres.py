"""A temporary PostgreSQL for the tests, from the machine's own packages, or one named by the environment.

`HALN_TEST_POSTGRES_URL` names a server on which the tests may create and drop databases of their own.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from tests import machine

START_SECONDS = 30
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=64MB", "max_connections=60")


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A server on which databases are made and dropped. `url` names its maintenance database."""

    url: str

    def create(self, template: str = "template0", name: str = "") -> str:
        """Make a database and answer its SQLAlchemy URL. `template` is the name of one to copy."""
        name = name or f"haln_{uuid.uuid4().hex[:16]}"
        make = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        with psycopg.connect(plain_url(self.url), autocommit=True) as connection:
            # Copied as files, as before version 15: to write a copy to the log, too, takes twice as long.
            how = " STRATEGY FILE_COPY" if connection.info.server_version >= 150_000 else ""
            connection.execute(make + sql.SQL(how))
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Drop a database made by `create`, whoever is still connected."""
        name = make_url(url).database or ""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def has(self, name: str) -> bool:
        """Whether there is a database of that name."""
        with psycopg.connect(plain_url(self.url)) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
            return found.fetchone() is not None

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(plain_url(self.url), autocommit=True) as connection:
            connection.execute(statement)


def plain_url(url: str) -> str:
    """The same URL as psycopg itself reads it, without SQLAlchemy's driver name."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A running server; the test is skipped where there is none."""
    named = os.environ.get("HALN_TEST_POSTGRES_URL")
    if named:
        yield PostgresServer(make_url(named).set(drivername="postgresql+psycopg").render_as_string(hide_password=False))
        return
    programs = machine.postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed on this machine (package postgresql)")
    with cluster(programs) as url:
        yield PostgresServer(url)


@pytest.fixture
def empty_postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of a database without tables."""
    url = postgres_server.create()
    yield url
    postgres_server.drop(url)


@contextlib.contextmanager
def cluster(programs: Path) -> Iterator[str]:
    # In a folder of its own directly below the temporary folder: a socket's path may have 107 bytes.
    home = Path(tempfile.mkdtemp(prefix="haln-pg-"))
    owner = _owner()
    os.chown(home, owner.pw_uid, owner.pw_gid)
    account = ["setpriv", "--pdeathsig", "INT"]  # should the tests be killed, the server ends with them
    if os.geteuid() == 0:
        account += [f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
    try:
        make: list[str | Path] = [programs / "initdb", "--pgdata", home / "data", "--username=postgres", "--auth=trust"]
        make += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run([*account, *make], check=True, capture_output=True, cwd=home)
        with (home / "log").open("wb") as log:
            serve: list[str | Path] = [programs / "postgres", "-D", home / "data", "-k", home]
            serve += [part for option in ("listen_addresses=", *QUICK) for part in ("-c", option)]
            server = subprocess.Popen([*account, *serve], stdout=log, stderr=subprocess.STDOUT, cwd=home)
        url = f"postgresql+psycopg://postgres@/postgres?host={home}"
        try:
            _await(server, url, home / "log")
            yield url
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=START_SECONDS)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _owner() -> pwd.struct_passwd:
    """The account the server runs under: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("PostgreSQL does not run as root, and there is no account postgres")


def _await(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            psycopg.connect(plain_url(url)).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")
