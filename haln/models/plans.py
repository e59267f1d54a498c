"""Plans: proposed divisions of a cohort's applicants into sets, their changes, and what their people say to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from haln.models.base import Base, Document, Identity, Moment


class CohortPlan(Base):
    """One plan of a cohort, and the work of forming it: the row is the queue.

    `state`: waiting (to be formed), forming, ready, failed, published (its people are asked), confirmed, discarded.
    `task`: form, improve (around the locks), repair (with the fewest moves); `base_id` is the plan it begins from.
    `sets`: [{"members": [member ids], "facilitator": member id or null, "locked": bool}, …]; `left_over` and `locked`:
    member ids. `version` grows with every change: whoever changes a plan says which version they saw.
    `step`: how many of its steps are applied (undo goes back, redo forward).
    """

    __tablename__ = "cohort_plan"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(SmallInteger)  # plan 1, 2, 3 … of its cohort
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    task: Mapped[str] = mapped_column(String(10), default="form")
    base_id: Mapped[int | None] = mapped_column(ForeignKey("cohort_plan.id", ondelete="SET NULL"))
    seed: Mapped[int] = mapped_column(Identity, default=0)
    set_count: Mapped[int | None] = mapped_column(SmallInteger)  # none: as many as fit
    rules: Mapped[list[dict[str, Any]]] = mapped_column(Document, default=list)  # as they were when it was formed
    data_version: Mapped[str] = mapped_column(String(60), default="")  # of the applicants it was formed from
    sets: Mapped[list[dict[str, Any]]] = mapped_column(Document, default=list)
    left_over: Mapped[list[int]] = mapped_column(Document, default=list)
    locked: Mapped[list[int]] = mapped_column(Document, default=list)
    value: Mapped[float | None] = mapped_column(Float)
    breaks: Mapped[int | None]
    bound: Mapped[float | None] = mapped_column(Float)  # no plan is worth more, where that is proved
    progress: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)
    stop_asked: Mapped[bool] = mapped_column(default=False)
    leased_until: Mapped[datetime | None] = mapped_column(Moment)
    leased_by: Mapped[str | None] = mapped_column(String(80))
    step: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    answer_by: Mapped[datetime | None] = mapped_column(Moment)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        Index("uq_cohort_plan_number", "cohort_id", "number", unique=True),
        Index("ix_cohort_plan_state", "state", "leased_until"),
    )


class PlanStep(Base):
    """One change of a plan by hand or by a method, with what undoing and redoing it needs.

    `before` and `after` are documents of the same form: {"moves": [[member id, set number or null], …], "leaders":
    [[set number, member id or null], …], "locked": [member ids], "locked_sets": [set numbers]}, each with only what the
    step changed.
    """

    __tablename__ = "plan_step"

    plan_id: Mapped[int] = mapped_column(ForeignKey("cohort_plan.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))  # move, swap, lead, lock, improve, repair
    before: Mapped[dict[str, Any]] = mapped_column(Document)
    after: Mapped[dict[str, Any]] = mapped_column(Document)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    at: Mapped[datetime] = mapped_column(Moment)


class Seat(Base):
    """A place in a set of a published plan, offered to one person.

    `state`: asked, accepted, declined, replaced (the plan was repaired, and they were moved or asked again), recalled
    (the plan was taken back, whatever they had answered). No reason is ever asked for or kept. `round`: 1 at
    publication, one more with every repair, and with every publication after the plan was taken back.
    """

    __tablename__ = "seat"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("cohort_plan.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    set_number: Mapped[int] = mapped_column(SmallInteger)  # 0 is the first
    round: Mapped[int] = mapped_column(SmallInteger, default=1)
    state: Mapped[str] = mapped_column(String(10), default="asked")
    asked_at: Mapped[datetime] = mapped_column(Moment)
    answered_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (Index("uq_seat_member", "plan_id", "member_id", "round", unique=True),)
