"""The audit record: who did what to whom, when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from haln.models.base import Base, Document, Identity, Moment


class AuditRecord(Base):
    """One thing that was done. `actor_id` is none for a command or a job."""

    __tablename__ = "audit_record"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    action: Mapped[str] = mapped_column(String(40))
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int | None] = mapped_column(Identity)
    detail: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)

    __table_args__ = (Index("ix_audit_record_subject", "subject_kind", "subject_id"),)
