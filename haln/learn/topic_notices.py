"""Notifications about topics: that one was answered, retired or came to something, and that a comment was hidden."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, case, exists, func, literal, or_, select

from haln.learn.topic_mail import ANSWERED, HIDDEN, PLANNED, RETIRED
from haln.learn.topic_state import ALIVE
from haln.learn.topic_state import RETIRED as IS_RETIRED
from haln.models import (
    Application,
    Cohort,
    Event,
    EventRegistration,
    Notice,
    Topic,
    TopicBacking,
    TopicComment,
    TopicResult,
)
from haln.people.notice_lines import NOW, TODAY, lines
from haln.people.visibility import VIEWER


def _backs() -> Any:
    backing = select(TopicBacking.topic_id).where(TopicBacking.topic_id == Topic.id, TopicBacking.member_id == VIEWER)
    return exists(backing.correlate(Topic))


def topics() -> Any:
    """What was said to a topic that the viewer backs or proposed, while it is so."""
    return (
        lines((ANSWERED, RETIRED), literal("/topics/") + Topic.public_id, title=Topic.title)
        .join(Topic, Topic.id == Notice.about_id)
        .where(
            or_(_backs(), Topic.proposed_by_id == VIEWER),
            case((Notice.kind == ANSWERED, Topic.state.in_(ALIVE)), else_=Topic.state == IS_RETIRED),
        )
    )


def results() -> Any:
    """The event or the cohort that a topic of the viewer's came to, until they have answered or it is too late."""
    comes = select(EventRegistration.member_id).where(
        EventRegistration.event_id == Event.id, EventRegistration.member_id == VIEWER
    )
    applied = select(Application.id).where(Application.cohort_id == Cohort.id, Application.member_id == VIEWER)
    event = and_(
        Event.state == "planned",
        Event.starts_at > NOW,
        Event.organiser_id != VIEWER,
        ~exists(comes.correlate(Event)),
    )
    cohort = and_(
        Cohort.state == "open",
        or_(Cohort.closes_on.is_(None), Cohort.closes_on >= TODAY),
        or_(Cohort.made_by_id.is_(None), Cohort.made_by_id != VIEWER),
        ~exists(applied.correlate(Cohort)),
    )
    path = case(
        (Event.id.is_not(None), literal("/events/") + Event.public_id),
        else_=literal("/cohorts/") + Cohort.public_id + literal("/about"),
    )
    return (
        lines((PLANNED,), path, title=func.coalesce(Event.title, Cohort.title), detail=Topic.title)
        .join(TopicResult, TopicResult.id == Notice.about_id)
        .join(Topic, Topic.id == TopicResult.topic_id)
        .outerjoin(Event, Event.id == TopicResult.event_id)
        .outerjoin(Cohort, Cohort.id == TopicResult.cohort_id)
        .where(_backs(), or_(event, cohort))
    )


def comments() -> Any:
    """That staff hid what the viewer said, while it is hidden and not withdrawn."""
    return (
        lines((HIDDEN,), literal("/topics/") + Topic.public_id, title=Topic.title)
        .join(TopicComment, TopicComment.id == Notice.about_id)
        .join(Topic, Topic.id == TopicComment.topic_id)
        .where(
            TopicComment.member_id == VIEWER,
            TopicComment.hidden_at.is_not(None),
            TopicComment.withdrawn_at.is_(None),
        )
    )


FAMILIES = (topics, results, comments)
