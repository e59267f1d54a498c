"""What a set is called, what it is for, where it meets, and how many more may ask to join."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, Invalid
from haln.learn.session_times import PLACE_LENGTH, link_fault, one_line
from haln.learn.set_access import managed

NAME_LENGTH, PURPOSE_LENGTH = 200, 5_000
"""As long as what a set has from its cohort, which its first change must not have to shorten."""

MOST_PLACES = 10


@dataclass(frozen=True, slots=True)
class Details:
    """What whoever manages a set says of it."""

    name: str
    purpose: str
    where: str
    joining_link: str
    open_places: int


def change(session: Session, actor: Actor, set_id: str, wanted: Details, seen: int, now: datetime) -> None:
    """Change what is said of a set. `seen` is the version that the actor saw.

    Raises Invalid (each field with its sentence), Conflict when somebody has changed it since, NotPermitted, NotFound.
    """
    row = managed(session, actor, set_id).row
    name, where = one_line(wanted.name), one_line(wanted.where)
    purpose, faults = wanted.purpose.replace("\r\n", "\n").strip(), {}
    if not 1 <= len(name) <= NAME_LENGTH:
        faults["name"] = "Give the set a name of at most 200 characters."
    if len(purpose) > PURPOSE_LENGTH:
        faults["purpose"] = "Write at most 5,000 characters."
    if len(where) > PLACE_LENGTH:
        faults["where"] = "Write at most 200 characters."
    wrong = link_fault(wanted.joining_link)
    if wrong:
        faults["link"] = wrong
    if not 0 <= wanted.open_places <= MOST_PLACES:
        faults["places"] = "Choose 0 to 10 places."
    if faults:
        raise Invalid(next(iter(faults.values())), faults)
    if row.version != seen:
        raise Conflict("Somebody else has changed this since you opened it. Save again to replace what they wrote.")
    row.name, row.purpose, row.where, row.joining_link = name, purpose, where, wanted.joining_link.strip()
    row.open_places = wanted.open_places
    row.version += 1
    session.flush()
    history.record(session, actor.member_id, "change_set", "learning_set", row.id, now)
