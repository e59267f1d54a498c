"""versions of sessions and of who was at them

What there is becomes the first versions: a session that was held is known since somebody first wrote down who came, any
other one since its day, or since today where that is still to come.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_SESSION = "insert into session_version (session_id, set_id, from_on, recorded_on, state)"
_ATTENDANCE = "insert into attendance_version (session_id, member_id, recorded_on, state)"
_FIRST = "from attendance a where a.session_id = s.id"
_SESSIONS = "from set_session s order by s.id"
_ALL_ATTENDANCE = "from attendance a order by a.session_id, a.member_id"
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "session_version",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("session_id", _KEY, nullable=False),
        sa.Column("set_id", _KEY, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["set_session.id"],
            name=op.f("fk_session_version_session_id_set_session"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["set_id"], ["learning_set.id"], name=op.f("fk_session_version_set_id_learning_set"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_version")),
    )
    op.create_table(
        "attendance_version",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("session_id", _KEY, nullable=False),
        sa.Column("member_id", _KEY, nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["set_session.id"],
            name=op.f("fk_attendance_version_session_id_set_session"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_attendance_version_member_id_member"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_version")),
    )
    _first_versions()
    op.create_index("ix_session_version_session_id", "session_version", ["session_id", "id"])
    op.create_index(op.f("ix_session_version_set_id"), "session_version", ["set_id"])
    op.create_index(op.f("ix_session_version_recorded_on"), "session_version", ["recorded_on"])
    op.create_index("ix_attendance_version_session_id", "attendance_version", ["session_id", "member_id", "id"])
    op.create_index(op.f("ix_attendance_version_member_id"), "attendance_version", ["member_id"])
    op.create_index(op.f("ix_attendance_version_recorded_on"), "attendance_version", ["recorded_on"])


def _first_versions() -> None:
    on_day, recorded = _day("s.starts_at"), _day("a.recorded_at")
    known = f"case when {on_day} > current_date then current_date else {on_day} end"
    held = f"select min({recorded}) {_FIRST}"
    op.execute(f"{_SESSION} select s.id, s.set_id, {on_day}, coalesce(({held}), {known}), s.state {_SESSIONS}")
    op.execute(f"{_ATTENDANCE} select a.session_id, a.member_id, {recorded}, a.state {_ALL_ATTENDANCE}")


def _day(column: str) -> str:
    """The day of UTC of a moment."""
    far = op.get_bind().dialect.name == "postgresql"
    return f"cast(timezone('UTC', {column}) as date)" if far else f"date({column})"


def downgrade() -> None:
    op.drop_table("attendance_version")
    op.drop_table("session_version")
