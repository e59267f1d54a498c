"""What pages cost over real HTTP: the server's processor time per request, beside an empty route of the same program.

The server is the production server with the product's own options. Processor time is the kernel's own accounting of the
server's processes (all threads), read before and after a block of requests; blocks of the pages and of the empty route
alternate, so that a drift of the machine touches both. Latency and requests per second are taken with eight clients,
which share the machine with the server.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from benchmarks import people
from benchmarks.networks import Network
from benchmarks.report import Figure, load_words, ratios, table

CLIENTS, BLOCK, EACH_CLIENT = 8, 300, 60
WARM_UP_SECONDS = 15
WORDS = ("housing", "procurement", "skills", "leeds", "food", "anchor", "climate", "nurse", "social value", "young")
GOALS = {"suggestions": (8, 10), "member page": (8, 10), "directory with search": (10, 12)}


@dataclass(frozen=True, slots=True)
class Page:
    """A page to ask for: `address(n)` gives the n-th address; `signed_in` as which browser it is asked."""

    name: str
    address: Callable[[int], str]
    signed_in: bool = True


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and the browsers that are signed in to it."""

    port: int
    process: subprocess.Popen[bytes]
    cookies: list[str]
    looked_at: list[str]


def run(network: Network, rounds: int) -> dict[str, object]:
    """Measure all pages of one network; prints a table and returns the figures."""
    with serving(network) as server:
        found = measure(server, rounds)
        memory = memory_of(server.process.pid)
    rows = []
    base = found["empty route"]["cpu"]
    for name, values in found.items():
        share = ratios(values["cpu"], base)
        goal = GOALS.get(name)
        wanted = str(goal[0] if network.members <= 20_000 else goal[1]) if goal else ""
        rows.append(
            [
                name,
                Figure(tuple(values["cpu"])).words(),
                share.words(1),
                wanted,
                f"{statistics.median(values['latency']) * 1000:.1f}",
                f"{percentile(values['latency'], 0.99) * 1000:.1f}",
                f"{values['rate'][0]:.0f}",
            ]
        )
    heads = [
        "page",
        "server ms a request",
        "times the empty route",
        "at most",
        "median ms",
        "p99 ms",
        "requests a second",
    ]
    print(
        f"\n### Pages: {network.name}\n\n{table(heads, rows)}\n\nMemory of all server processes: {memory:.0f} MB (PSS)."
        f" {load_words()}"
    )
    return {"part": "pages", "network": network.name, "memory_mb": memory, "pages": found}


def measure(server: Server, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Processor time in alternating blocks, then latency with eight clients."""
    pages = the_pages(server)
    found: dict[str, dict[str, list[float]]] = {page.name: {"cpu": [], "latency": [], "rate": []} for page in pages}
    for page in pages:
        block(server, page, BLOCK // 2)  # what is compiled or cached on first use belongs to no request
    time.sleep(WARM_UP_SECONDS)  # nor does matching, which each server process loads beside its first requests
    for _ in range(rounds):
        for page in pages:
            before = processor_seconds(server.process.pid)
            block(server, page, BLOCK)
            spent = processor_seconds(server.process.pid) - before
            found[page.name]["cpu"].append(spent / BLOCK * 1000)
    for page in pages:
        latencies, rate = crowd(server, page)
        found[page.name]["latency"] = latencies
        found[page.name]["rate"] = [rate]
    return found


def the_pages(server: Server) -> list[Page]:
    looked_at = server.looked_at
    return [
        Page("empty route", lambda n: "/health", signed_in=False),
        Page("sign-in page", lambda n: "/sign-in", signed_in=False),
        Page("suggestions", lambda n: "/suggestions"),
        Page("directory", lambda n: "/people"),
        Page("directory with search", lambda n: f"/people?q={quote(WORDS[n % len(WORDS)])}"),
        Page("member page", lambda n: f"/people/{looked_at[n % len(looked_at)]}"),
    ]


def block(server: Server, page: Page, requests: int) -> None:
    """Ask one after the other over one kept connection."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    for n in range(requests):
        ask(connection, server, page, n)
    connection.close()


def ask(connection: http.client.HTTPConnection, server: Server, page: Page, n: int) -> None:
    headers = {"Cookie": server.cookies[n % len(server.cookies)]} if page.signed_in else {}
    connection.request("GET", page.address(n), headers=headers)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise SystemExit(f"{page.address(n)} answered {answer.status}")


def crowd(server: Server, page: Page) -> tuple[list[float], float]:
    """Eight clients at once: each request's seconds, and requests per second."""
    latencies: list[float] = []

    def client(first: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        for n in range(EACH_CLIENT):
            start = time.perf_counter()
            ask(connection, server, page, first * EACH_CLIENT + n)
            latencies.append(time.perf_counter() - start)
        connection.close()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return latencies, len(latencies) / (time.perf_counter() - start)


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


@contextlib.contextmanager
def serving(network: Network) -> Iterator[Server]:
    """The production server on the network, with people signed in."""
    cookies, looked_at = browsers(network)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]
    command += ["--bind", f"127.0.0.1:{port}", "wsgi:app"]
    process = subprocess.Popen(command, env={**network.environment, "HALN_WORKERS": "2"}, stdout=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield Server(port, process, cookies, looked_at)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def wait_for(port: int) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.2)
    raise SystemExit("the server did not start")


def browsers(network: Network) -> tuple[list[str], list[str]]:
    """Sign some members in by rows of their own, and choose people to look at."""
    from haln.app import create_app
    from haln.db import db
    from haln.models import SignInSession
    from haln.people.tokens import fresh, hashed

    app = create_app(environ=network.environment)
    now = datetime.now(UTC)
    with app.app_context():
        chosen = people.choose(db.session())
        serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]  # Flask's own cookie
        assert serializer is not None
        cookies = []
        for member_id in chosen.signed_in:
            token = fresh()
            db.session.add(
                SignInSession(
                    member_id=member_id,
                    token_hash=hashed(token),
                    created_at=now,
                    used_at=now,
                    expires_at=now + timedelta(days=1),
                )
            )
            cookies.append(f"haln={serializer.dumps({'_user_id': token, '_fresh': True})}")
        db.session.commit()
        db.engine.dispose()
    return cookies, chosen.looked_at


def processes(parent: int) -> list[int]:
    """The server's process and its workers."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [parent, *map(int, children)]


def processor_seconds(parent: int) -> float:
    """Processor time of the server's processes so far, threads that ended included; in steps of a hundredth."""
    ticks = 0
    for process in processes(parent):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_of(parent: int) -> float:
    """Megabytes of the server's processes; what they share is counted once."""
    total = 0
    for process in processes(parent):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024
