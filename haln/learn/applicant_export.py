"""A cohort's applicants as a file, for those who lead it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.learn import applicants, slots
from haln.learn.leading import entrusted
from haln.learn.slots import Slot
from haln.models import Application, ApplicationSlot, CohortPair, Member
from haln.people.imports.tables import write_csv

COLUMNS = (
    "name",
    "role",
    "organisation",
    "place",
    "themes",
    "live issue",
    "times",
    "apart",
    "together",
    "access needs",
    "facilitator",
    "cohorts waited",
    "applied on",
    "entered by",
)

CONFIDENTIAL = frozenset({"apart", "access needs"})
"""Columns for the cohort's own facilitators only."""

Label = Callable[[str, str | None], str]
"""The words of a code: `label("theme", "food")`."""


def export(
    session: Session, actor: Actor, cohort: str, label: Label, slot_words: Callable[[Slot], str], now: datetime
) -> bytes:
    """Everybody who applies to a led cohort, by name. No cell of it is taken for a formula."""
    row, people = applicants.every(session, actor, cohort)
    words = {one.id: slot_words(one) for one in slots.of_cohort(session, row.id)}
    chosen = _chosen(session, row.id)
    wishes = _wishes(session, row.id)
    lines = [
        [
            one.name,
            one.job_title or label("role", one.role),
            one.organisation or "",
            one.place or "",
            "; ".join(label("theme", theme) for theme in one.themes),
            one.live_issue,
            "; ".join(words[slot] for slot in words if slot in chosen.get(one.member_id, ())),
            "; ".join(wishes.get((one.member_id, "apart"), ())),
            "; ".join(wishes.get((one.member_id, "together"), ())),
            one.access_needs,
            one.facilitator or "",
            str(one.priority),
            one.applied_at.date().isoformat(),
            "" if one.source == "member" else one.source,
        ]
        for one in people
    ]
    history.record(session, actor.member_id, "export_applicants", "cohort", row.id, now, {"rows": len(lines)})
    if entrusted(session, actor, row.id):
        return write_csv(COLUMNS, lines)
    shown = [number for number, name in enumerate(COLUMNS) if name not in CONFIDENTIAL]
    return write_csv([COLUMNS[number] for number in shown], [[line[number] for number in shown] for line in lines])


def _chosen(session: Session, cohort_id: int) -> dict[int, set[int]]:
    rows = session.execute(
        select(Application.member_id, ApplicationSlot.slot_id)
        .join(Application, Application.id == ApplicationSlot.application_id)
        .where(Application.cohort_id == cohort_id)
    )
    found: dict[int, set[int]] = {}
    for member_id, slot in rows:
        found.setdefault(member_id, set()).add(slot)
    return found


def _wishes(session: Session, cohort_id: int) -> dict[tuple[int, str], list[str]]:
    """Whom each person is to be kept apart from, or together with, by name."""
    rows = session.execute(
        select(CohortPair.low_id, CohortPair.high_id, CohortPair.kind)
        .where(CohortPair.cohort_id == cohort_id, CohortPair.kind.in_(("apart", "together")))
        .distinct()
    ).all()
    ids = {member for low, high, _kind in rows for member in (low, high)}
    names: dict[int, str] = {}
    wanted = sorted(ids)
    for start in range(0, len(wanted), 500):
        part = select(Member.id, Member.name).where(
            Member.id.in_(wanted[start : start + 500]), Member.standing == applicants.ACTIVE
        )
        names.update((row[0], row[1]) for row in session.execute(part))
    found: dict[tuple[int, str], list[str]] = {}
    for low, high, kind in rows:
        for one, other in ((low, high), (high, low)):
            if other in names:
                found.setdefault((one, kind), []).append(names[other])
    return {key: sorted(those) for key, those in found.items()}
