"""each kind of mail by itself; coffee rounds by a schedule

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_WISHES = ("pathway_mail", "resource_mail", "proposal_mail")


def upgrade() -> None:
    for name in _WISHES:
        op.add_column("member", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.true()))
    # Who stopped mail about introductions stopped these two with it, and has not asked for them since.
    op.execute("update member set pathway_mail = introduction_mail, resource_mail = introduction_mail")
    op.add_column("coffee_round", sa.Column("by_itself", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("coffee_round", sa.Column("announced_at", _MOMENT, nullable=True))
    op.create_table(
        "coffee_schedule",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("week", sa.SmallInteger(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("weeks_to_meet", sa.SmallInteger(), nullable=False),
        sa.Column("across", sa.String(length=8), nullable=False),
        sa.Column("colleagues", sa.Boolean(), nullable=False),
        sa.Column("going", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_coffee_schedule_one")),
        sa.CheckConstraint("week between 1 and 5 and weekday between 0 and 6", name=op.f("ck_coffee_schedule_day")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coffee_schedule")),
    )


def downgrade() -> None:
    op.drop_table("coffee_schedule")
    op.drop_column("coffee_round", "announced_at")
    op.drop_column("coffee_round", "by_itself")
    for name in reversed(_WISHES):
        op.drop_column("member", name)
