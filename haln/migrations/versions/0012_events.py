"""events: places at them, who came, and members' private calendars

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("standfirst", sa.String(length=300), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("starts_at", _MOMENT, nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=False),
        sa.Column("where", sa.String(length=200), nullable=False),
        sa.Column("joining_link", sa.String(length=500), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("themes", _DOCUMENT, nullable=False),
        sa.Column("organiser_id", _KEY, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("recording_link", sa.String(length=500), nullable=False),
        sa.Column("slides_link", sa.String(length=500), nullable=False),
        sa.Column("links_for", sa.String(length=10), nullable=False),
        sa.Column("others_came", sa.Integer(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.CheckConstraint(
            "state in ('proposed', 'planned', 'declined', 'cancelled', 'withdrawn')", name=op.f("ck_event_state")
        ),
        sa.CheckConstraint("links_for in ('members', 'registered')", name=op.f("ck_event_links_for")),
        sa.CheckConstraint("capacity is null or capacity > 0", name=op.f("ck_event_capacity")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_event_order")),
        sa.ForeignKeyConstraint(["organiser_id"], ["member.id"], name=op.f("fk_event_organiser_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("public_id", name=op.f("uq_event_public_id")),
    )
    op.create_index(op.f("ix_event_starts_at"), "event", ["starts_at"])
    op.create_index(op.f("ix_event_organiser_id"), "event", ["organiser_id"])
    op.create_table(
        "event_registration",
        sa.Column("event_id", _KEY, nullable=False),
        sa.Column("member_id", _KEY, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("says_hello", sa.Boolean(), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.CheckConstraint("state in ('registered', 'waiting', 'cancelled')", name=op.f("ck_event_registration_state")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_event_registration_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_event_registration_member_id_member"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", "member_id", name=op.f("pk_event_registration")),
    )
    op.create_index("ix_event_registration_member_id", "event_registration", ["member_id", "state"])
    op.create_index("ix_event_registration_event_id", "event_registration", ["event_id", "state"])
    op.create_table(
        "event_attendance",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("event_id", _KEY, nullable=False),
        sa.Column("member_id", _KEY, nullable=False),
        sa.Column("came", sa.Boolean(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("recorded_by_id", _KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_event_attendance_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_event_attendance_member_id_member"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["member.id"], name=op.f("fk_event_attendance_recorded_by_id_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_attendance")),
    )
    op.create_index("ix_event_attendance_event_id", "event_attendance", ["event_id", "member_id", "id"])
    op.create_index(op.f("ix_event_attendance_member_id"), "event_attendance", ["member_id"])
    op.create_table(
        "calendar_feed",
        sa.Column("member_id", _KEY, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_calendar_feed_member_id_member"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feed_token_hash")),
    )
    with op.batch_alter_table("import_file") as batch:
        batch.add_column(sa.Column("event_id", _KEY, nullable=True))
        batch.create_foreign_key(
            op.f("fk_import_file_event_id_event"), "event", ["event_id"], ["id"], ondelete="CASCADE"
        )
    op.add_column("member", sa.Column("event_mail", sa.Boolean(), nullable=False, server_default=sa.true()))


def downgrade() -> None:
    op.execute("delete from import_file where event_id is not null")
    op.drop_column("member", "event_mail")
    with op.batch_alter_table("import_file") as batch:
        batch.drop_constraint(op.f("fk_import_file_event_id_event"), type_="foreignkey")
        batch.drop_column("event_id")
    for table in ("calendar_feed", "event_attendance", "event_registration", "event"):
        op.drop_table(table)
