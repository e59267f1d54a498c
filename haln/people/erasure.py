"""Erase a person: what stays is a node without a name, so that what the network looked like can still be counted.

Connections stay as facts with dates, ended today. Everything that says who it was goes, wherever it stands.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Text, cast, delete, or_, select, text, update
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Invalid, NotFound
from haln.models import (
    AccountToken,
    ApiKey,
    Block,
    Dismissal,
    ImportFile,
    Introduction,
    Invitation,
    Mail,
    Member,
    MemberText,
    MemberTheme,
    SetRequest,
    SignInSession,
    Suggestion,
    SuggestionAnswer,
    SuggestionRefresh,
)
from haln.people import (
    changes,
    coffee_traces,
    correcting,
    digest_choices,
    event_traces,
    learning_traces,
    leaving,
    newsletter_traces,
    outcome_traces,
    own_pathways,
    resource_traces,
    search_index,
    signing_in,
    stopped_mail,
    topic_traces,
    versions,
)
from haln.people.throttles import Limits
from haln.people.tokens import public_id
from haln.people.visibility import FACTS

NAME = "Former member"
ERASED = "erased"

ERASING: Mapping[str, str] = {
    "account_token.member_id": "deleted",
    "api_key.member_id": "deleted",
    "audit_record.actor_id": "kept: a node without a name",
    "block.blocked_id": "deleted",
    "block.blocker_id": "deleted",
    "connection.ended_by_id": "kept: a node without a name",
    "connection.high_id": "kept, ended today: what the network looked like",
    "connection.low_id": "kept, ended today: what the network looked like",
    "dismissal.member_id": "deleted",
    "dismissal.other_id": "deleted",
    "import_file.brought_by_id": "kept: a node without a name; files that wait to be applied are deleted, whosoever",
    "introduction.asked_id": "kept without its note",
    "introduction.asker_id": "kept without its note",
    "introduction.weaver_id": "kept without its note",
    "invitation.invited_by_id": "kept: a node without a name",
    "invitation.member_id": "kept without its address",
    "mail.member_id": "kept as a count, emptied",
    "member_text.member_id": "deleted",
    "member_version.member_id": "kept as days with sector and region, to be counted",
    "member_theme.member_id": "deleted",
    "sign_in_session.member_id": "deleted",
    "suggestion.member_id": "deleted",
    "suggestion.other_id": "deleted",
    "suggestion_answer.member_id": "deleted",
    "suggestion_answer.other_id": "deleted",
    "suggestion_refresh.member_id": "deleted",
    **coffee_traces.ERASING,
    **digest_choices.ERASING,
    **event_traces.ERASING,
    **learning_traces.ERASING,
    **newsletter_traces.ERASING,
    **outcome_traces.ERASING,
    **resource_traces.ERASING,
    **own_pathways.ERASING,
    **topic_traces.ERASING,
}
"""What erasing does with each column that points to a member. A test holds that none is forgotten."""

_AS_IT_STANDS = {"synchronize_session": False}


def erase_own(session: Session, actor: Actor, password: str, now: datetime, limits: Limits) -> None:
    """Erase the actor, who shows by their password that it is they. Raises Invalid, TooMany."""
    if not signing_in.check_own_password(session, actor.member_id, password, now, limits):
        sentence = "That is not your password."
        raise Invalid(sentence, {"password": sentence})
    erase(session, actor.member_id, now, actor.member_id)


def erase(session: Session, member_id: int, now: datetime, actor_id: int | None = None) -> None:
    """Erase a member. Who is erased already stays so."""
    row = session.execute(select(Member.name, Member.email, Member.standing).where(Member.id == member_id)).first()
    if row is None:
        raise NotFound("There is no such member.")
    if row.standing == ERASED:
        return
    changes.hold(session)
    before = _overwriting(session, 1)
    topic_traces.erase(session, member_id, row.name)
    newsletter_traces.erase(session, member_id, row.name)
    leaving.withdraw_from_network(session, member_id, now)
    stopped_mail.erase(session, member_id)
    _empty_messages(session, member_id, row.name, row.email)
    _delete_rows(session, member_id, row.email)
    digest_choices.erase(session, member_id)
    event_traces.erase(session, member_id)
    learning_traces.erase(session, member_id)
    own_pathways.erase(session, member_id)
    outcome_traces.erase(session, member_id, row.name)
    outcome_traces.forget(session, member_id)
    resource_traces.erase(session, member_id, row.name)
    session.execute(
        update(Introduction)
        .where(
            or_(
                Introduction.asker_id == member_id,
                Introduction.asked_id == member_id,
                Introduction.weaver_id == member_id,
            )
        )
        .values(note=""),
        execution_options=_AS_IT_STANDS,
    )
    _make_anonymous(session, member_id, now)
    versions.anonymise(session, member_id)
    correcting.forget(session, member_id)
    search_index.forget(session, [member_id])
    search_index.purge(session)
    history.record(session, actor_id, "erase_member", "member", member_id, now)
    session.flush()
    _overwriting(session, before)


def _make_anonymous(session: Session, member_id: int, now: datetime) -> None:
    session.execute(
        update(Member)
        .where(Member.id == member_id)
        .values(
            public_id=public_id(),  # the old address leads nowhere
            email=None,
            password_hash=None,
            audience="member",
            standing=ERASED,
            external_ref=None,
            name=NAME,
            sort_name=NAME.casefold(),
            role=None,
            level=None,
            job_title=None,
            organisation_id=None,
            place_id=None,
            biography="",
            listed=False,
            suggest_me=False,
            paused_until=None,
            introduction_mail=False,
            event_mail=False,
            pathway_mail=False,
            resource_mail=False,
            proposal_mail=False,
            topic_mail=False,
            news_since=None,
            verified_at=None,
            confirmed_at=None,
            active_at=None,
            left_at=now,
            show_name=2,
            **{f"show_{fact}": 0 for fact in FACTS},
        ),
        execution_options={"synchronize_session": "evaluate"},
    )


def _delete_rows(session: Session, member_id: int, email: str | None) -> None:
    for model, condition in (
        (MemberTheme, MemberTheme.member_id == member_id),
        (MemberText, MemberText.member_id == member_id),
        (Suggestion, or_(Suggestion.member_id == member_id, Suggestion.other_id == member_id)),
        (SuggestionAnswer, or_(SuggestionAnswer.member_id == member_id, SuggestionAnswer.other_id == member_id)),
        (SuggestionRefresh, SuggestionRefresh.member_id == member_id),
        (Dismissal, or_(Dismissal.member_id == member_id, Dismissal.other_id == member_id)),
        (Block, or_(Block.blocker_id == member_id, Block.blocked_id == member_id)),
        (SignInSession, SignInSession.member_id == member_id),
        (ApiKey, ApiKey.member_id == member_id),
        (AccountToken, or_(AccountToken.member_id == member_id, AccountToken.email == (email or ""))),
        # A file that waits to be applied may hold the person, packed so that nobody can look: it must be brought again.
        (ImportFile, ImportFile.applied_at.is_(None)),
    ):
        session.execute(delete(model).where(condition), execution_options=_AS_IT_STANDS)
    session.execute(
        update(Invitation)
        .where(or_(Invitation.member_id == member_id, Invitation.email == (email or "")))
        .values(email=""),
        execution_options=_AS_IT_STANDS,
    )


def _empty_messages(session: Session, member_id: int, name: str, email: str | None) -> None:
    """Empty all mail to the person, and all mail to others that names them; what was not sent never will be.

    A name counts where it is a whole value, and in what was sent about the person's introductions, invitations and
    requests, and their leaving of sets: found anywhere, a name like "o" would take everybody's mail away.
    """
    document = cast(Mail.values, Text)
    spelt = [f': "{one}"' for one in _spellings(name)] + [one for one in _spellings(email or "") if one]
    introductions = select(Introduction.id).where(
        or_(Introduction.asker_id == member_id, Introduction.asked_id == member_id, Introduction.weaver_id == member_id)
    )
    told = [
        *(document.contains(one, autoescape=True) for one in spelt),
        Mail.values["introduction_id"].as_integer().in_(introductions),
        Mail.values["inviter_id"].as_integer() == member_id,
        Mail.values["left_id"].as_integer() == member_id,
        Mail.values["coffee_with_id"].as_integer() == member_id,
        Mail.values["set_request_id"].as_integer().in_(select(SetRequest.id).where(SetRequest.member_id == member_id)),
    ]
    session.execute(
        update(Mail)
        .where(or_(Mail.member_id == member_id, Mail.address == (email or ""), *told), Mail.state != "sent")
        .values(state="cancelled", leased_until=None, leased_by=None),
        execution_options=_AS_IT_STANDS,
    )
    session.execute(update(Mail).where(or_(*told)).values(values={}, last_error=None), execution_options=_AS_IT_STANDS)
    session.execute(
        update(Mail)
        .where(or_(Mail.member_id == member_id, Mail.address == (email or "")))
        .values(address="", values={}, last_error=None, message_id=None),
        execution_options=_AS_IT_STANDS,
    )


def _spellings(word: str) -> set[str]:
    """How a word stands in a JSON document: as it is (PostgreSQL), or with its letters escaped (SQLite)."""
    return {json.dumps(word, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)}


def _overwriting(session: Session, overwrite: int | None) -> int | None:
    """Say whether SQLite overwrites what it deletes, which otherwise stays in the file for long. Returns how it was."""
    if session.get_bind().dialect.name != "sqlite":
        return None
    before: int = session.execute(text("PRAGMA secure_delete")).scalar_one()
    session.execute(text(f"PRAGMA secure_delete = {int(overwrite or 0)}"))
    return before
