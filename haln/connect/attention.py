"""How attention is shared out during the day: in how many lists members stand, and how many lists are too many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln.matching.attention import cap_for, fair_cap
from haln.matching.index import Index
from haln.matching.suggest import Attention, Settings
from haln.models import AlgorithmRun, Suggestion

MEDIAN = "median_lists"
"""Under this name a finished run over everybody keeps the median of lists."""
MOST = "most_lists"
"""And under this one the most that anybody stands in."""
MULTIPLE = "exposure"
"""And under this one the multiple of the median that it was told to heed."""
GROWN = 1.25
"""From so many times its members on a network has too many lists for the median of the last run."""


def lists_now(session: Session, index: Index) -> dict[str, float]:
    """In how many lists members stand who may be suggested: the median and the most, as a finished run keeps them."""
    rows: Any = session.execute(
        select(Suggestion.other_id, func.count()).where(Suggestion.unlisted_at.is_(None)).group_by(Suggestion.other_id)
    )
    shown = dict(rows.all())
    counts = [shown.get(member, 0) for member in index.may_be_suggested()] or [0]
    return {MEDIAN: float(median(counts)), MOST: float(max(counts))}


def attention_for(session: Session, member_id: int, settings: Settings, members: int) -> Attention | None:
    """What one member's list has to heed: others' lists, asked once for the few who might be listed, and the cap.

    The cap is of the median after the last run over everybody, or the most that anybody stood in then, where the run
    heeded the same multiple and had to allow more; before the first, and where the network has grown a lot since, it is
    of what an equal share would be. None where attention is not shared out.
    """
    if settings.attention <= 0.0:
        return None

    def counts(others: Sequence[int]) -> Mapping[int, int]:
        rows: Any = session.execute(
            select(Suggestion.other_id, func.count())
            .where(
                Suggestion.other_id.in_(list(others)),
                Suggestion.unlisted_at.is_(None),
                Suggestion.member_id != member_id,
            )
            .group_by(Suggestion.other_id)
        )
        return dict(rows.all())

    progress = session.scalar(
        select(AlgorithmRun.progress)
        .where(AlgorithmRun.kind == "suggestions", AlgorithmRun.finished_at.is_not(None))
        .order_by(AlgorithmRun.id.desc())
        .limit(1)
    )
    known = progress or {}
    middle = known.get(MEDIAN)
    allowed = int(known.get(MOST, 0)) if known.get(MULTIPLE) == settings.attention else 0
    if not middle or members > GROWN * int(known.get("total", members)):
        return Attention(counts, max(fair_cap(members, settings.length, members, settings.attention), allowed))
    return Attention(counts, max(cap_for(float(middle), settings.attention, members), allowed))
