"""Notifications about events, places in sets, sets, resources and pathways: each while it still holds."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, case, exists, literal, or_, select
from sqlalchemy.orm import aliased

from haln.learn.event_access import CANCELLED, DECLINED, PLANNED, PROPOSED
from haln.learn.resources import authors
from haln.learn.seat_state import LIVE, PUBLISHED, State, applies
from haln.learn.set_access import sits
from haln.models import (
    Cohort,
    CohortPlan,
    Event,
    EventRegistration,
    LearningSet,
    Member,
    Notice,
    Pathway,
    PathwayFinish,
    PathwayModule,
    Resource,
    ResourceAuthor,
    ResourceStep,
    Seat,
    SetMembership,
    SetRequest,
)
from haln.people.notice_lines import NOW, lines
from haln.people.visibility import VIEWER, may_see


def events() -> Any:
    """Of an event to come at which the viewer has a place or waits for one; and what staff say to a proposal."""
    comes = select(EventRegistration.member_id).where(
        EventRegistration.event_id == Event.id, EventRegistration.member_id == VIEWER
    )
    registered = exists(comes.where(EventRegistration.state == "registered").correlate(Event))
    wants = exists(comes.where(EventRegistration.state != "cancelled").correlate(Event))
    ahead = Event.starts_at > NOW
    holds = case(
        (Notice.kind == "event_placed", and_(Event.state == PLANNED, ahead, registered)),
        (Notice.kind == "event_moved", and_(Event.state == PLANNED, ahead, wants)),
        (Notice.kind == "event_cancelled", and_(Event.state == CANCELLED, ahead, wants)),
        else_=and_(Event.state.in_((PLANNED, DECLINED)), Event.organiser_id == VIEWER),
    )
    kinds = ("event_placed", "event_moved", "event_cancelled", "event_answered")
    return (
        lines(kinds, literal("/events/") + Event.public_id, title=Event.title, detail=Event.state)
        .join(Event, Event.id == Notice.about_id)
        .where(holds)
    )


def seats() -> Any:
    """A place in a set that is offered and not answered, and that a set changed in which the viewer has one."""
    newer = aliased(Seat)
    later = exists(
        select(newer.id).where(
            newer.plan_id == Seat.plan_id, newer.member_id == Seat.member_id, newer.round > Seat.round
        )
    )
    state = case((Notice.kind == "seat_offered", State.ASKED.value), else_=State.ACCEPTED.value)
    open_still = or_(Seat.state == State.ACCEPTED.value, CohortPlan.answer_by.is_(None), CohortPlan.answer_by > NOW)
    return (
        lines(("seat_offered", "seat_changed"), literal("/seats/") + Seat.public_id, title=Cohort.title)
        .join(Seat, Seat.id == Notice.about_id)
        .join(CohortPlan, CohortPlan.id == Seat.plan_id)
        .join(Cohort, Cohort.id == CohortPlan.cohort_id)
        .where(
            Seat.member_id == VIEWER,
            Seat.state == state,
            CohortPlan.state == PUBLISHED,
            Cohort.state.in_(LIVE),
            applies(),
            open_still,
            ~later,
        )
    )


def sets() -> Any:
    """Of a running set that the viewer is in or leads: that it is settled, that they joined, when it meets."""
    inside = exists(
        select(SetMembership.member_id)
        .where(SetMembership.set_id == LearningSet.id, SetMembership.member_id == VIEWER, sits())
        .correlate(LearningSet)
    )
    which = case((Notice.kind == "set_confirmed", LearningSet.plan_id), else_=LearningSet.id)
    kinds = ("set_confirmed", "set_joined", "session_planned", "session_moved", "session_cancelled")
    leads = and_(LearningSet.facilitator_id == VIEWER, Notice.kind != "set_confirmed")
    return (
        lines(kinds, literal("/sets/") + LearningSet.public_id, title=LearningSet.name)
        .join(LearningSet, which == Notice.about_id)
        .where(LearningSet.ended_on.is_(None), LearningSet.public_id.is_not(None), or_(inside, leads))
    )


def set_requests() -> Any:
    """Who asks to join a set that the viewer leads, until it is answered."""
    path = literal("/sets/") + LearningSet.public_id + literal("/requests/") + SetRequest.public_id
    return (
        lines(("set_request_asked",), path, name=Member.name, title=LearningSet.name)
        .join(SetRequest, SetRequest.id == Notice.about_id)
        .join(LearningSet, LearningSet.id == SetRequest.set_id)
        .join(Member, Member.id == SetRequest.member_id)
        .where(SetRequest.state == "open", LearningSet.facilitator_id == VIEWER, may_see(VIEWER))
    )


def answered() -> Any:
    """What staff said to a resource of which the viewer is an author."""
    shown = and_(ResourceStep.step == "published", Resource.shown.is_not(None))
    path = literal("/resources/") + Resource.public_id
    return (
        lines(
            ("resource_answered",),
            case((shown, path), else_=path + literal("/edit")),
            title=Resource.draft["title"].as_string(),
            detail=ResourceStep.step,
        )
        .join(ResourceStep, ResourceStep.id == Notice.about_id)
        .join(Resource, Resource.id == ResourceStep.resource_id)
        .join(ResourceAuthor, ResourceAuthor.resource_id == Resource.id)
        .where(
            ResourceAuthor.member_id == VIEWER,
            ResourceAuthor.answer == "yes",
            or_(ResourceStep.step != "published", Resource.shown.is_not(None)),
        )
    )


def resources() -> Any:
    """A resource that names the viewer as an author, who has not answered; one that waits for staff."""
    asked = exists(
        select(ResourceAuthor.member_id)
        .where(
            ResourceAuthor.resource_id == Resource.id,
            ResourceAuthor.member_id == VIEWER,
            authors.asks(VIEWER),
        )
        .correlate(Resource)
    )
    reviewer = exists(select(Member.id).where(Member.id == VIEWER, Member.audience == "staff"))
    names = Notice.kind == "resource_author_asked"
    path = case(
        (names, literal("/resources/") + Resource.public_id + literal("/preview")),
        else_=literal("/resources/reviews/") + Resource.public_id,
    )
    return (
        lines(("resource_author_asked", "resource_sent"), path, title=Resource.draft["title"].as_string())
        .join(Resource, Resource.id == Notice.about_id)
        .where(case((names, asked), else_=and_(Resource.state == "review", reviewer)))
    )


def modules() -> Any:
    """A module that came to a pathway which the viewer had finished, until they have finished it, too."""
    done = exists(
        select(PathwayFinish.member_id)
        .where(PathwayFinish.module_id == PathwayModule.id, PathwayFinish.member_id == VIEWER)
        .correlate(PathwayModule)
    )
    return (
        lines(
            ("pathway_module_added",),
            literal("/pathways/modules/") + PathwayModule.public_id,
            title=PathwayModule.title,
            detail=Pathway.title,
        )
        .join(PathwayModule, PathwayModule.id == Notice.about_id)
        .join(Pathway, Pathway.id == PathwayModule.pathway_id)
        .where(PathwayModule.retired_at.is_(None), ~done)
    )


def proposals() -> Any:
    """That proposals of events wait for staff, while any does."""
    waits = exists(select(Event.id).where(Event.state == PROPOSED, Event.starts_at > NOW))
    decides = exists(select(Member.id).where(Member.id == VIEWER, Member.audience == "staff"))
    return lines(("event_proposals",), literal("/events#asked")).where(waits, decides)


FAMILIES = (events, proposals, seats, sets, set_requests, answered, resources, modules)
