"""The studio as the edges see it: one object that keeps what plans of a cohort are judged by.

Matching is imported on first use: it brings compiled libraries that take seconds to load, and a plan is drawn from what
is kept with it. What was prepared stays with the process, the last few cohorts of it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from haln.access import Actor
from haln.learn import confidences, encoding, plan_reports, stamps
from haln.learn.encoding import Encoded
from haln.learn.leading import led_plan
from haln.learn.rule_rows import rules_of
from haln.matching.pool import Plan, PlannedSet
from haln.models import Cohort, CohortPlan
from haln.taxonomy.vocabulary import Vocabulary

if TYPE_CHECKING:
    from haln.matching.assessment import Assessment
    from haln.matching.problem import Problem

KEPT = 4
"""Problems that a process keeps: one of 1,800 people takes tens of megabytes."""

Reading = Callable[[], AbstractContextManager[None]]
"""Within it a transaction only reads, and takes no lock that keeps others from writing."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a cohort's plans are judged by, and the version of the data it was made of."""

    problem: Problem
    encoded: Encoded

    @property
    def version(self) -> str:
        """The version of the data."""
        return self.encoded.version


class Studio:
    """Prepares problems with this network's vocabulary, and keeps the last ones."""

    def __init__(self, vocabulary: Vocabulary, reading: Reading = nullcontext) -> None:
        self.vocabulary = vocabulary
        self.reading = reading
        self._lock = threading.Lock()
        self._pools: OrderedDict[int, tuple[stamps.Stamp, Encoded]] = OrderedDict()
        self._judged: OrderedDict[tuple[int, str], tuple[Problem, Assessment]] = OrderedDict()
        self._problems: OrderedDict[tuple[str, str, int | None, bool], Problem] = OrderedDict()

    def pool(self, session: Session, cohort: Cohort) -> Encoded:
        """The cohort's pool as it is now; read again only when something may have changed."""
        now = stamps.stamp(session, cohort)
        with self._lock:
            held = self._pools.get(cohort.id)
        if held is not None and held[0] == now:
            return held[1]
        encoded = encoding.encode(session, cohort, self.vocabulary)
        with self._lock:
            _keep(self._pools, cohort.id, (now, encoded))
        return encoded

    def prepared(self, session: Session, cohort: Cohort, plan: CohortPlan, trusted: bool = True) -> Prepared:
        """What a plan is judged by: the cohort's people now, the plan's own rules and number of sets.

        For who is not `trusted`: without what is in confidence.
        """
        whole = self._prepared(self.pool(session, cohort), plan, trusted=True)
        return whole if trusted else self.counted(whole, plan)

    def counted(self, prepared: Prepared, plan: CohortPlan) -> Prepared:
        """The same without what is in confidence; itself where nothing is."""
        pool = confidences.counted(prepared.encoded.pool, prepared.problem.rules)
        if pool is prepared.encoded.pool:
            return prepared
        return self._prepared(replace(prepared.encoded, pool=pool), plan, trusted=False)

    def _prepared(self, encoded: Encoded, plan: CohortPlan, *, trusted: bool) -> Prepared:
        from haln.matching.objective import prepare

        sets = len(plan.sets) or plan.set_count
        key = (encoded.version, plan_reports.rules_version(plan.rules), sets, trusted)
        with self._lock:
            held = self._problems.get(key)
            if held is not None:
                self._problems.move_to_end(key)
        if held is None:
            held = prepare(encoded.pool, rules_of(plan.rules), sets)
            with self._lock:
                _keep(self._problems, key, held)
        return Prepared(held, encoded)

    def judged(self, prepared: Prepared, plan: Plan) -> Assessment:
        """A plan judged; what was judged lately is not judged again."""
        from haln.matching.objective import assess

        key = id(prepared.problem), plan_reports.fingerprint(plan)
        with self._lock:
            held = self._judged.get(key)
        if held is not None and held[0] is prepared.problem:
            return held[1]
        found = assess(prepared.problem, plan)
        with self._lock:
            _keep(self._judged, key, (prepared.problem, found))
        return found

    def reports(self, prepared: Prepared, row: CohortPlan, plan: Plan) -> dict[str, Any]:
        """What is kept of a plan with its row: its report, and as `counted` the one for who is not trusted.

        `counted` says only how many musts are broken where it is the same.
        """
        report = plan_reports.report(self.judged(prepared, plan), plan, prepared.version)
        counted = self.counted(prepared, row)
        if counted is prepared:
            return {"report": report, "counted": {"breaks": report["breaks"]}}
        told = plan_reports.report(self.judged(counted, plan), plan, prepared.version)
        return {"report": report, "counted": {"breaks": told["breaks"], "report": told}}

    def warm(self, session: Session, actor: Actor, plan: str) -> None:
        """Prepare what a change of a plan will need, before anything holds the database's lock.

        Ends the transaction it is called in, and its own. Raises NotFound.
        """
        session.commit()
        with self.reading():
            row = led_plan(session, actor, plan)
            if row.state == "ready":
                self.prepared(session, session.get_one(Cohort, row.cohort_id), row, trusted=False)
            session.commit()
            session.expire_all()


def _keep(held: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    held[key] = value
    held.move_to_end(key)
    while len(held) > KEPT:
        held.popitem(last=False)


def fitted(plan: Plan, encoded: Encoded) -> Plan:
    """The plan with those only who are in the pool; whoever is in the pool and not in the plan is left over."""
    there = {one.id for one in encoded.pool.applicants}
    leaders = {one.id for one in encoded.pool.facilitators}
    sets = tuple(
        PlannedSet(
            tuple(member for member in one.members if member in there),
            one.facilitator if one.facilitator in leaders else None,
        )
        for one in plan.sets
    )
    placed = {member for one in sets for member in one.members}
    return Plan(sets, tuple(sorted(there - placed)))
