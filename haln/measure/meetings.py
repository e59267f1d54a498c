"""What the two of an introduction said of it until a moment, put together: who of them said it is told nobody."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from haln.connect.meetings import ASIDE, MET, TOUCH, USEFUL
from haln.models import MeetingAnswer

_SAYS_MET = (MET, USEFUL)


@dataclass(frozen=True, slots=True)
class Answers:
    """Of one introduction: when either of the two first said that they met, if one still says so, and what else."""

    met_at: datetime | None = None
    useful: bool = False
    in_touch: bool = False


NOTHING = Answers()
"""Nothing is said."""


def said(session: Session, introductions: Select[Any], until: datetime) -> dict[int, Answers]:
    """What was said of some introductions before a moment, by their numbers; the newest answer of each person holds."""
    given: dict[int, dict[tuple[int, str], list[tuple[str, datetime]]]] = defaultdict(lambda: defaultdict(list))
    rows = session.execute(
        select(
            MeetingAnswer.introduction_id,
            MeetingAnswer.member_id,
            MeetingAnswer.question,
            MeetingAnswer.answer,
            MeetingAnswer.given_at,
        )
        .where(
            MeetingAnswer.introduction_id.in_(introductions),
            MeetingAnswer.answer != ASIDE,
            MeetingAnswer.given_at < until,
        )
        .order_by(MeetingAnswer.given_at, MeetingAnswer.id)
    )
    for number, member, question, answer, given_at in rows:
        given[number][member, question].append((answer, given_at))
    return {number: _together(answers) for number, answers in given.items()}


def _together(answers: dict[tuple[int, str], list[tuple[str, datetime]]]) -> Answers:
    last = {key: some[-1][0] for key, some in answers.items()}
    moments = [
        min(moment for answer, moment in some if answer in _SAYS_MET)
        for key, some in answers.items()
        if key[1] == MET and last[key] in _SAYS_MET
    ]
    in_touch = any(question == TOUCH and answer == "yes" for (_, question), answer in last.items())
    return Answers(min(moments, default=None), USEFUL in last.values(), bool(moments) and in_touch)
