"""Coffee rounds: who wants to take part, the rounds, and who met whom in them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from haln.models.base import Base, Document, Identity, Moment


class CoffeeOptIn(Base):
    """A member wants to be paired: in `every` round until they say stop, or in the `next` one only.

    `paused`: they asked for every round and were silent in two; one click brings them back. `stopped`: they take part
    no more, and are not written to about rounds. `wish`: nothing, sector (somebody of another sector), place (somebody
    of mine). `silent`: rounds in a row of which they said nothing.
    """

    __tablename__ = "coffee_opt_in"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    mode: Mapped[str] = mapped_column(String(8))
    wish: Mapped[str] = mapped_column(String(8), default="")
    silent: Mapped[int] = mapped_column(SmallInteger, default=0)
    since: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (
        CheckConstraint("mode in ('every', 'next', 'paused', 'stopped')", name="mode"),
        CheckConstraint("wish in ('', 'sector', 'place')", name="wish"),
    )


class CoffeeRound(Base):
    """A coffee round. `state`: open (pairs are still to be made), made, closed (how it went is counted), cancelled.

    `by_itself`: the worker makes the pairs on their day; else staff do. `announced_at`: those who take part were told
    of that day. `across` and `colleagues` are what it prefers. `told`: from what pairs were made and how many, and,
    once closed, how it went; of one that was called off by itself, why.
    """

    __tablename__ = "coffee_round"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    pairs_on: Mapped[date]
    meet_by: Mapped[date]
    across: Mapped[str] = mapped_column(String(8), default="some")
    colleagues: Mapped[bool] = mapped_column(default=True)
    by_itself: Mapped[bool] = mapped_column(default=False)
    announced_at: Mapped[datetime | None] = mapped_column(Moment)
    state: Mapped[str] = mapped_column(String(10), default="open")
    seed: Mapped[int] = mapped_column(Identity, default=0)
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"), index=True)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    made_at: Mapped[datetime | None] = mapped_column(Moment)
    asked_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    told: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)
    version: Mapped[int] = mapped_column(default=1)

    __table_args__ = (
        CheckConstraint("pairs_on < meet_by", name="days"),
        CheckConstraint("state in ('open', 'made', 'closed', 'cancelled')", name="state"),
        Index(
            "uq_coffee_round_one_open",
            "state",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )


class CoffeeSchedule(Base):
    """By which rule rounds are opened, in its only row: a `week` of each month (5: the last one) and a `weekday`."""

    __tablename__ = "coffee_schedule"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    week: Mapped[int] = mapped_column(SmallInteger)
    weekday: Mapped[int] = mapped_column(SmallInteger)
    weeks_to_meet: Mapped[int] = mapped_column(SmallInteger)
    across: Mapped[str] = mapped_column(String(8), default="some")
    colleagues: Mapped[bool] = mapped_column(default=True)
    going: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (
        CheckConstraint("id = 1", name="one"),
        CheckConstraint("week between 1 and 5 and weekday between 0 and 6", name="day"),
    )


class CoffeeSeat(Base):
    """A member takes part in a round: in which group of two or three, or in none (0) because nobody was left.

    `once`: the wish of who asked for this round only; they get it back where they may see nobody of their group.
    """

    __tablename__ = "coffee_seat"

    round_id: Mapped[int] = mapped_column(ForeignKey("coffee_round.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True, index=True)
    group_number: Mapped[int] = mapped_column(default=0)
    once: Mapped[str | None] = mapped_column(String(8))


class CoffeePair(Base):
    """Two who were put together in a round, three such pairs in a trio, and what each of them says of it.

    An answer is none, met, not_yet or no. `connection_id`: the connection that was made because they met.
    """

    __tablename__ = "coffee_pair"

    round_id: Mapped[int] = mapped_column(ForeignKey("coffee_round.id"), primary_key=True)
    low_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True, index=True)
    high_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True, index=True)
    low_answer: Mapped[str | None] = mapped_column(String(8))
    high_answer: Mapped[str | None] = mapped_column(String(8))
    low_at: Mapped[datetime | None] = mapped_column(Moment)
    high_at: Mapped[datetime | None] = mapped_column(Moment)
    connection_id: Mapped[int | None] = mapped_column(ForeignKey("connection.id"), index=True)

    __table_args__ = (
        CheckConstraint("low_id < high_id", name="order"),
        CheckConstraint("low_answer in ('met', 'not_yet', 'no')", name="low_answer"),
        CheckConstraint("high_answer in ('met', 'not_yet', 'no')", name="high_answer"),
    )
