"""Everything that is kept about a member, for the member to take away.

Other people are named only as far as the gate lets the member see them. A no that somebody kept to themselves stays
theirs.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Executable, func, or_, select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.models import (
    ApiKey,
    AuditRecord,
    Block,
    Connection,
    Dismissal,
    Introduction,
    Invitation,
    Mail,
    Member,
    MemberText,
    MemberVersion,
    Newsletter,
    Organisation,
    Place,
    SignInSession,
    StoppedAddress,
    Suggestion,
    SuggestionAnswer,
)
from haln.people import (
    coffee_traces,
    digest_choices,
    own_events,
    own_learning,
    own_outcomes,
    own_pathways,
    own_resources,
    topic_traces,
    visibility,
)
from haln.people.profiles import themes_of

Document = dict[str, Any]
Named = Callable[[int | None], str | None]

UNNAMED = "a member you cannot see"

_NOT_TOLD = ("block_member", "unblock_member")
"""What others do to a member that the member is never told."""

_NOT_TAKEN = {"id", "password_hash", "organisation_id", "place_id", "change_number", "sort_name"}

TAKEN: Mapping[str, str] = {
    "audit_record.actor_id": "record",
    "block.blocker_id": "blocks",
    "connection.high_id": "connections",
    "connection.low_id": "connections",
    "dismissal.member_id": "dismissals",
    "introduction.asked_id": "introductions",
    "introduction.asker_id": "introductions",
    "introduction.weaver_id": "introductions",
    "invitation.invited_by_id": "invitations",
    "mail.member_id": "messages",
    "newsletter.written_by_id": "newsletters",
    "member_text.member_id": "texts",
    "member_theme.member_id": "themes",
    "member_version.member_id": "versions",
    "sign_in_session.member_id": "sign_ins",
    "api_key.member_id": "api_keys",
    "suggestion.member_id": "suggestions",
    "suggestion.other_id": "suggested_to_others",
    "suggestion_answer.member_id": "suggestion_answers",
    **own_events.TAKEN,
    **own_learning.TAKEN,
    **own_outcomes.TAKEN,
    **coffee_traces.TAKEN,
    **digest_choices.TAKEN,
    **own_resources.TAKEN,
    **own_pathways.TAKEN,
    **topic_traces.TAKEN,
}
"""The part of the copy in which each column that points to a member is found."""

NOT_TAKEN: Mapping[str, str] = {
    "account_token.member_id": "keys that live for an hour, kept as hashes",
    "block.blocked_id": "nobody is told that they were blocked",
    "connection.ended_by_id": "who ended a connection is nobody's to know",
    "dismissal.other_id": "nobody is told that they were set aside",
    "import_file.brought_by_id": "files about other people; that they were brought is in the record",
    "invitation.member_id": "who invited them is theirs to tell",
    "suggestion_answer.other_id": "what others said to a suggestion is theirs",
    "suggestion_refresh.member_id": "a queue of work",
    **own_events.NOT_TAKEN,
    **own_learning.NOT_TAKEN,
    **topic_traces.NOT_TAKEN,
}
"""Why the other columns are not in the copy. A test holds that none is forgotten."""

_READ_ME = """This is everything that the network keeps about you, as of the moment in its name.

data.json holds it in parts: profile, versions (how you stood from which day on), themes, texts, connections,
introductions, suggestions, suggestion_answers, dismissals, blocks, invitations, sign_ins, api_keys, messages, record;
and of learning: applications, wishes, seats, cohorts_led, learning_sets, sets_led, attendance, sessions_presented,
actions, notes, reflections, set_requests, set_suggestions; of events: events_organised,
event_registrations, event_attendance, calendar_feed; of coffee rounds: coffee_wishes, coffee_rounds, coffee_meetings,
coffee_rounds_opened; of resources: resources (with their versions and pictures), resource_steps, resources_published,
resource_bookmarks, resources_used_today, resource_feed; of learning pathways: pathways, pathway_modules, pathway_steps,
pathway_reflections; of topics: topics_proposed, topics_backed, topic_comments, topic_answers; of what we write to you:
digest_choice, digests, notifications, stopped_mail (where mail to your address comes back), newsletters (which you
began); and of what came of it: meeting_answers, outcomes, stories_that_name_you.
Moments are in UTC.

Other people are named as far as they let you see them. Your password is not in it: nobody can read it.
"""


def archive(session: Session, actor: Actor, now: datetime) -> bytes:
    """All of a member's data as a ZIP file with one JSON document and a note on how to read it."""
    document = collected(session, actor.member_id, now)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("READ ME.txt", _READ_ME)
        file.writestr("data.json", json.dumps(document, ensure_ascii=False, indent=2, default=_plain))
    return made.getvalue()


def collected(session: Session, member_id: int, now: datetime) -> Document:
    """All of a member's data, part by part."""
    named = _names(session, member_id)
    return {
        "taken_at": now,
        "profile": _profile(session, member_id),
        "themes": [
            {
                "theme": one.theme,
                "interest": one.interest,
                "offer": one.offer,
                "seek": one.seek,
                "maturity": one.maturity,
            }
            for one in themes_of(session, member_id)
        ],
        "versions": _versions(session, member_id),
        "texts": _rows(
            session, select(MemberText.written_on, MemberText.text).where(MemberText.member_id == member_id)
        ),
        "connections": _connections(session, member_id, named),
        "introductions": _introductions(session, member_id, named, now),
        **_lists(session, member_id, named),
        **own_events.parts(session, member_id),
        **own_learning.parts(session, member_id, named),
        **own_outcomes.parts(session, member_id, named),
        **coffee_traces.parts(session, member_id, named),
        **digest_choices.parts_of_copy(session, member_id),
        **own_resources.parts(session, member_id, named),
        **own_pathways.parts(session, member_id),
        **topic_traces.parts(session, member_id),
        **_account(session, member_id),
    }


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in the document")


def _names(session: Session, member_id: int) -> Named:
    """Give the name of each person with whom there is any tie, where the member may see them."""
    ids = own_learning.others(session, member_id) | own_outcomes.others(session, member_id)
    ids |= coffee_traces.others(session, member_id)
    ids |= own_resources.others(session, member_id)
    for mine, theirs in (
        (Connection.low_id, Connection.high_id),
        (Connection.high_id, Connection.low_id),
        (Introduction.asker_id, Introduction.asked_id),
        (Introduction.asked_id, Introduction.asker_id),
        (Introduction.asker_id, Introduction.weaver_id),
        (Introduction.asked_id, Introduction.weaver_id),
        (Introduction.weaver_id, Introduction.asker_id),
        (Introduction.weaver_id, Introduction.asked_id),
        (Dismissal.member_id, Dismissal.other_id),
        (Suggestion.member_id, Suggestion.other_id),
    ):
        ids.update(found for found in session.scalars(select(theirs).where(mine == member_id)) if found is not None)
    names = {
        row.id: row.name
        for part in _parts(sorted(ids))
        for row in session.execute(
            select(Member.id, Member.name).where(Member.id.in_(part), visibility.may_see(member_id))
        )
    }

    def named(other_id: int | None) -> str | None:
        if other_id is None:
            return None
        return "you" if other_id == member_id else names.get(other_id, UNNAMED)

    return named


def _parts(ids: list[int]) -> Iterable[list[int]]:
    return (ids[start : start + 1000] for start in range(0, len(ids), 1000))


def _rows(session: Session, statement: Executable) -> list[Document]:
    return [dict(row._mapping) for row in session.execute(statement)]


def _profile(session: Session, member_id: int) -> Document:
    columns = [column for column in Member.__table__.columns if column.name not in _NOT_TAKEN]
    row = session.execute(
        select(*columns, Organisation.name.label("organisation"), Place.name.label("place"))
        .select_from(Member)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .outerjoin(Place, Place.id == Member.place_id)
        .where(Member.id == member_id)
    ).one()
    return dict(row._mapping)


def _versions(session: Session, member_id: int) -> list[Document]:
    return _rows(
        session,
        select(
            MemberVersion.from_on,
            MemberVersion.recorded_on,
            MemberVersion.standing,
            MemberVersion.audience,
            MemberVersion.role,
            Organisation.name.label("organisation"),
            MemberVersion.sector,
            Place.name.label("place"),
            MemberVersion.region,
        )
        .outerjoin(Organisation, Organisation.id == MemberVersion.organisation_id)
        .outerjoin(Place, Place.id == MemberVersion.place_id)
        .where(MemberVersion.member_id == member_id)
        .order_by(MemberVersion.id),
    )


def _connections(session: Session, member_id: int, named: Named) -> list[Document]:
    rows = session.execute(
        select(Connection)
        .where(or_(Connection.low_id == member_id, Connection.high_id == member_id))
        .order_by(Connection.since, Connection.id)
    ).scalars()
    return [
        {
            "with": named(row.high_id if row.low_id == member_id else row.low_id),
            "evidence": row.evidence,
            "intensity": row.intensity,
            "since": row.since,
            "until": row.until,
        }
        for row in rows
    ]


def _introductions(session: Session, member_id: int, named: Named, now: datetime) -> list[Document]:
    rows = session.execute(
        select(Introduction)
        .where(
            or_(
                Introduction.asker_id == member_id,
                Introduction.asked_id == member_id,
                Introduction.weaver_id == member_id,
            )
        )
        .order_by(Introduction.created_at, Introduction.id)
    ).scalars()
    return [
        {
            "kind": row.kind,
            "asked_by": named(row.asker_id),
            "asked": named(row.asked_id),
            "introduced_by": named(row.weaver_id),
            "note": row.note,
            "your_answer": _own_answer(row, member_id),
            "state": _state(row, now),
            "created_at": row.created_at,
            "expires_at": row.expires_at,
        }
        for row in rows
    ]


def _own_answer(row: Introduction, member_id: int) -> str | None:
    if row.asker_id == member_id:
        return row.asker_answer
    return row.asked_answer if row.asked_id == member_id else None


def _state(row: Introduction, now: datetime) -> str:
    """How it stands as far as everybody in it may know: a no looks like an answer that never came."""
    if row.state in ("accepted", "withdrawn"):
        return row.state
    return "open" if row.expires_at > now else "lapsed"


def _lists(session: Session, member_id: int, named: Named) -> Mapping[str, list[Document] | Document]:
    suggestions = session.execute(
        select(Suggestion.other_id, Suggestion.band, Suggestion.reasons, Suggestion.listed_at, Suggestion.unlisted_at)
        .where(Suggestion.member_id == member_id)
        .order_by(Suggestion.listed_at, Suggestion.id)
    )
    dismissals = session.execute(select(Dismissal).where(Dismissal.member_id == member_id)).scalars()
    answers = session.execute(
        select(SuggestionAnswer.other_id, SuggestionAnswer.said, SuggestionAnswer.answered_at)
        .where(SuggestionAnswer.member_id == member_id)
        .order_by(SuggestionAnswer.id)
    )
    blocks = session.execute(
        select(Member.name, Block.created_at)
        .join(Member, Member.id == Block.blocked_id)
        .where(Block.blocker_id == member_id, Member.standing == visibility.ACTIVE)
    )
    shown = session.scalar(select(func.count(Suggestion.id)).where(Suggestion.other_id == member_id))
    return {
        "suggestions": [
            {
                "who": named(row.other_id),
                "band": row.band,
                "reasons": [reason.get("kind") for reason in row.reasons],
                "listed_at": row.listed_at,
                "unlisted_at": row.unlisted_at,
            }
            for row in suggestions
        ],
        "suggested_to_others": {"times": shown or 0},
        "suggestion_answers": [
            {"who": named(row.other_id), "said": row.said, "answered_at": row.answered_at} for row in answers
        ],
        "dismissals": [
            {"who": named(row.other_id), "until": row.until, "created_at": row.created_at} for row in dismissals
        ],
        "blocks": [{"who": row.name, "created_at": row.created_at} for row in blocks],
        "invitations": _rows(
            session,
            select(Invitation.email, Invitation.created_at, Invitation.accepted_at).where(
                Invitation.invited_by_id == member_id
            ),
        ),
    }


def _account(session: Session, member_id: int) -> Mapping[str, list[Document]]:
    tied = select(Connection.id).where(or_(Connection.low_id == member_id, Connection.high_id == member_id))
    about_me = or_(
        AuditRecord.actor_id == member_id,
        (AuditRecord.action == "correct_connection") & AuditRecord.subject_id.in_(tied),
        (AuditRecord.subject_kind == "member")
        & (AuditRecord.subject_id == member_id)
        & AuditRecord.action.not_in(_NOT_TOLD),
    )
    record = session.execute(select(AuditRecord).where(about_me).order_by(AuditRecord.id)).scalars()
    return {
        "sign_ins": _rows(
            session,
            select(
                SignInSession.browser, SignInSession.created_at, SignInSession.used_at, SignInSession.ended_at
            ).where(SignInSession.member_id == member_id),
        ),
        "api_keys": _rows(
            session,
            select(ApiKey.name, ApiKey.begins, ApiKey.created_at, ApiKey.expires_at, ApiKey.ended_at).where(
                ApiKey.member_id == member_id
            ),
        ),
        "messages": _rows(
            session,
            select(Mail.kind, Mail.address, Mail.language, Mail.state, Mail.created_at, Mail.sent_at)
            .add_columns(Mail.returned, Mail.returned_at)
            .where(Mail.member_id == member_id),
        ),
        "stopped_mail": _rows(
            session,
            select(StoppedAddress.address, StoppedAddress.reason, StoppedAddress.code, StoppedAddress.since)
            .join(Member, Member.email == StoppedAddress.address)
            .where(Member.id == member_id),
        ),
        "newsletters": _rows(
            session,
            select(Newsletter.subject, Newsletter.made_at, Newsletter.state).where(
                Newsletter.written_by_id == member_id
            ),
        ),
        "record": [
            {
                "at": row.at,
                "what": row.action,
                "by": "you" if row.actor_id == member_id else "the network",
                "detail": row.detail if row.actor_id == member_id else {},
            }
            for row in record
        ],
    }
