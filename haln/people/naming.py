"""Who lets others know that they were at an event, back a topic or finished a module: the gate before naming them.

Asked wherever such a thing may bring two people together or be told as a reason, of both of them. Who may see whom at
all is another question (`haln.people.visibility`).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import aliased

from haln.models import Event, EventAttendance, EventRegistration, PathwayProgress, Topic


def was_at_event() -> Any:
    """A row of its own for `at_event` and `came_to_event`."""
    return aliased(EventAttendance)


def came_to_event(came: Any) -> tuple[ColumnElement[bool], ...]:
    """Whether a row of EventAttendance is the last of the two, and says that they came.

    Asked beside its Event, which took place.
    """
    later = aliased(EventAttendance)
    same = (later.event_id == came.event_id, later.member_id == came.member_id)
    return (Event.state == "planned", came.came, ~exists(select(later.id).where(*same, later.id > came.id)))


def at_event(came: Any) -> tuple[ColumnElement[bool], ...]:
    """Whether a row of EventAttendance, beside its Event, says that they came, and they agreed to be named."""
    asked = aliased(EventRegistration)
    agreed = (asked.event_id == came.event_id, asked.member_id == came.member_id, asked.says_hello)
    return (*came_to_event(came), exists(select(asked.event_id).where(*agreed)))


def with_topic(backing: Any) -> tuple[ColumnElement[bool], ...]:
    """Whether a row of TopicBacking, beside its Topic, may be told to others: not of a topic that was retired."""
    return (backing.named, Topic.state != "retired")


def with_module(finish: Any, within: Any) -> tuple[ColumnElement[bool], ...]:
    """Whether a row of PathwayFinish, of a module in the pathway `within` (an id), may be told to others.

    Of a retired module, too: what was done stays done.
    """
    progress = aliased(PathwayProgress)
    found = (progress.pathway_id == within, progress.member_id == finish.member_id, progress.found)
    return (exists(select(progress.member_id).where(*found)),)
