"""The audit record: who did what to whom, when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from haln.models import AuditRecord

Detail = dict[str, str | int | float | bool | list[str] | None]


def record(
    session: Session,
    actor_id: int | None,
    action: str,
    subject_kind: str,
    subject_id: int | None,
    now: datetime,
    detail: Detail | None = None,
) -> None:
    """Write down one thing that was done.

    `action` is a verb with its noun (`merge_organisations`); `detail` holds what is needed to understand it later,
    never a person's name, note or decline.
    """
    session.add(
        AuditRecord(
            at=now,
            actor_id=actor_id,
            action=action,
            subject_kind=subject_kind,
            subject_id=subject_id,
            detail=dict(detail or {}),
        )
    )
