"""What was so from which day on, and when that was written down: members, connections, places in sets, their sessions.

A row says that from `from_on` on something was so, as known since `recorded_on`. It holds for all days from then on, of
whatever was recorded before it, which its number tells. Rows are only ever added (`haln.people.versions`): a correction
is a row with an earlier day, and what was believed before it stays.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from haln.models.base import Base, Identity


class MemberVersion(Base):
    """How a member stood from a day on. `sector` is their organisation's, kept because organisations change, too."""

    __tablename__ = "member_version"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    from_on: Mapped[date]
    recorded_on: Mapped[date] = mapped_column(index=True)
    standing: Mapped[str] = mapped_column(String(12))
    audience: Mapped[str] = mapped_column(String(12))
    role: Mapped[str | None] = mapped_column(String(40))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    sector: Mapped[str | None] = mapped_column(String(40))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    region: Mapped[str | None] = mapped_column(String(20))  # code of their place's region, else of their organisation's

    __table_args__ = (Index("ix_member_version_member_id", "member_id", "id"),)


class ConnectionVersion(Base):
    """How a connection stood from a day on: `holds`, or had ended."""

    __tablename__ = "connection_version"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id", ondelete="CASCADE"))
    from_on: Mapped[date]
    recorded_on: Mapped[date] = mapped_column(index=True)
    holds: Mapped[bool]
    evidence: Mapped[str] = mapped_column(String(16))
    intensity: Mapped[int] = mapped_column(SmallInteger)

    __table_args__ = (Index("ix_connection_version_connection_id", "connection_id", "id"),)


class SetMembershipVersion(Base):
    """Whether a member had a place in a learning set from a day on."""

    __tablename__ = "set_membership_version"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    set_id: Mapped[int] = mapped_column(ForeignKey("learning_set.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    from_on: Mapped[date]
    recorded_on: Mapped[date] = mapped_column(index=True)
    sits: Mapped[bool]

    __table_args__ = (
        Index("ix_set_membership_version_member_id", "member_id", "set_id", "id"),
        Index("ix_set_membership_version_set_id", "set_id"),
    )


class SessionVersion(Base):
    """On which day a session of a set is or was, and its state.

    A session is of one day: what was recorded last of it holds alone, and what was recorded before it no more.
    """

    __tablename__ = "session_version"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("set_session.id", ondelete="CASCADE"))
    set_id: Mapped[int] = mapped_column(ForeignKey("learning_set.id", ondelete="CASCADE"), index=True)
    from_on: Mapped[date]
    recorded_on: Mapped[date] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(10))

    __table_args__ = (Index("ix_session_version_session_id", "session_id", "id"),)


class AttendanceVersion(Base):
    """Whether a member was at a session; what was recorded last holds alone. The day is the session's."""

    __tablename__ = "attendance_version"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("set_session.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    recorded_on: Mapped[date] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(10))

    __table_args__ = (Index("ix_attendance_version_session_id", "session_id", "member_id", "id"),)
