"""The studio over real HTTP: the first page of a plan, somebody's panel with the cost of every move, and a move.

A cohort of as many people as the network has members is of all of them who are active. The server is the production
server with the product's own options. The plan is formed by the product's own worker. The
first page is also asked of a server that has just started: it is drawn from what is kept with the plan. A panel needs
what plans are judged by, which each server process prepares once; that first time is told beside the others.
"""

from __future__ import annotations

import http.client
import itertools
import re
import statistics
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

from benchmarks import cohorts
from benchmarks.networks import Network, haln
from benchmarks.pages import Server, percentile, serving
from benchmarks.report import table

SIZES = (60, 480, 1800)
REQUESTS = 40
GOALS = {"first page": 300.0, "cost of one move": 20.0}


@dataclass(slots=True)
class Visit:
    """One facilitator's browser."""

    connection: http.client.HTTPConnection
    cookie: str
    seconds: list[float] = field(default_factory=list)

    def get(self, address: str) -> str:
        """Ask for a page; its time is kept."""
        start = time.perf_counter()
        self.connection.request("GET", address, headers={"Cookie": self.cookie})
        answer = self.connection.getresponse()
        body = answer.read().decode()
        self._keep(answer)
        self.seconds.append(time.perf_counter() - start)
        if answer.status != 200:
            raise SystemExit(f"{address} answered {answer.status}")
        return body

    def post(self, address: str, **values: str) -> str:
        """Send a form; gives where it leads."""
        start = time.perf_counter()
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request("POST", address, body=urlencode(values), headers=headers)
        answer = self.connection.getresponse()
        answer.read()
        self._keep(answer)
        self.seconds.append(time.perf_counter() - start)
        if answer.status != 303:
            raise SystemExit(f"{address} answered {answer.status}")
        return answer.getheader("Location") or ""

    def _keep(self, answer: http.client.HTTPResponse) -> None:
        """Keep the cookie: the forms' token is in it."""
        for line in answer.msg.get_all("Set-Cookie") or ():
            if line.startswith("haln="):
                self.cookie = line.partition(";")[0]

    def taken(self) -> list[float]:
        """The times so far, in milliseconds; they begin anew."""
        found, self.seconds = [one * 1000 for one in self.seconds], []
        return found


def run(network: Network, rounds: int) -> dict[str, object]:
    """Measure the studio of one network at several sizes of cohort; prints a table and returns the figures."""
    rows, figures = [], {}
    for people in (size for size in SIZES if size <= network.members):
        plan = formed(network, people)
        found = measure(network, plan, rounds) | costs(network, plan)
        figures[people] = found
        for name, values in found.items():
            rows.append(
                [
                    f"{people:,}",
                    name,
                    f"{statistics.median(values):.1f}",
                    f"{percentile(values, 0.99):.1f}",
                    f"{GOALS[name]:.0f}" if name in GOALS else "",
                ]
            )
    heads = ["people", "what", "median ms", "p99 ms", "at most"]
    print(f"\n### The studio: {network.name}\n\n{table(heads, rows)}")
    return {"part": "studio", "network": network.name, "studio": figures}


def formed(network: Network, people: int) -> str:
    """The first plan of a cohort of so many people, formed by the worker if it is not there yet."""
    from sqlalchemy import select

    from haln.app import create_app
    from haln.db import db
    from haln.models import Cohort, CohortPlan

    cohort, leader = cohorts.opened(network, people)
    app = create_app(environ=network.environment)
    with app.app_context():
        row = db.session.execute(select(Cohort).where(Cohort.public_id == cohort)).scalar_one()
        found = db.session.scalar(select(CohortPlan.public_id).where(CohortPlan.cohort_id == row.id))
        if found is None:
            found = cohorts.asked_for(db.session(), cohort, leader)
        db.session.commit()
        db.engine.dispose()
    haln(network, "work", "--once")
    return found


def measure(network: Network, plan: str, rounds: int) -> dict[str, list[float]]:
    """Times of pages and moves in milliseconds, by what was asked for."""
    found: dict[str, list[float]] = {"first page of a fresh server": []}
    for _ in range(rounds):
        with serving(network, cohorts.leaders(network)) as server:
            visit = visiting(server)
            visit.get(f"/plans/{plan}")
            found["first page of a fresh server"] += visit.taken()
    with serving(network, cohorts.leaders(network)) as server:
        visit = visiting(server)
        page = visit.get(f"/plans/{plan}")
        people = re.findall(r'data-panel="([^"]+)"', page)
        for _ in range(4):  # both server processes have prepared the cohort then
            visit.get(people[0])
        found["first panel of a server process"] = [max(visit.taken())]
        for _ in range(REQUESTS):
            visit.get(f"/plans/{plan}")
        found["first page"] = visit.taken()
        for address in itertools.islice(itertools.cycle(people), REQUESTS):
            visit.get(address)
        found["panel of one person"] = visit.taken()
        found["move and undo"] = moved(visit, plan, people[0])
    return found


def moved(visit: Visit, plan: str, panel: str) -> list[float]:
    """Move somebody there and back; half of the forms move, half undo."""
    times = []
    for _ in range(REQUESTS // 4):
        page = visit.get(panel)
        token, version, to = (
            found.group(1)
            for name in ("csrf_token", "version", "to")
            if (found := re.search(rf'name="{name}" value="([^"]+)"', page))
        )
        member = panel.rstrip("/").rsplit("/", 1)[-1]
        visit.taken()
        visit.post(f"/plans/{plan}/move", csrf_token=token, version=version, member=member, to=to)
        visit.post(f"/plans/{plan}/step/undo", csrf_token=token, version=str(int(version) + 1))
        times += visit.taken()
    return times


def visiting(server: Server) -> Visit:
    """A facilitator's browser before a server that has answered once."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    return Visit(connection, server.cookies[0])


def costs(network: Network, plan: str) -> dict[str, list[float]]:
    """Milliseconds to work out what one move, and every move of one person, would cost; without a page around it."""
    from sqlalchemy import select

    from haln.app import create_app
    from haln.db import db
    from haln.learn.plan_rows import plan_of
    from haln.learn.studio import fitted
    from haln.matching.objective import moves
    from haln.models import Cohort, CohortPlan

    app = create_app(environ=network.environment)
    one: list[float] = []
    every: list[float] = []
    with app.app_context():
        row = db.session.execute(select(CohortPlan).where(CohortPlan.public_id == plan)).scalar_one()
        cohort = db.session.get_one(Cohort, row.cohort_id)
        prepared = app.extensions["haln_studio"].prepared(db.session(), cohort, row)
        now = fitted(plan_of(row), prepared.encoded)
        for member in [member for one in now.sets for member in one.members][: REQUESTS + 1]:
            for times, wanted in ((one, [None]), (every, None)):
                start = time.perf_counter()
                moves(prepared.problem, now, member, wanted)
                times.append((time.perf_counter() - start) * 1000)
        db.session.rollback()
        db.engine.dispose()
    return {"cost of one move": one[1:], "cost of all moves of one person": every[1:]}
