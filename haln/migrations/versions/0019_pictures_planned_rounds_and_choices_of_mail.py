"""each kind of mail by itself; coffee rounds by a schedule; pictures of resources

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_SIZES = ("width", "height", "small_width", "small_height")
_MOMENT = sa.DateTime(timezone=True)
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
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
    op.add_column("resource_author", sa.Column("taken_out_at", _MOMENT, nullable=True))
    op.create_table(
        "resource_picture",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("resource_id", _KEY, nullable=False),
        sa.Column("alternative", sa.String(length=300), nullable=False),
        *(sa.Column(name, sa.SmallInteger(), nullable=False) for name in _SIZES),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("small", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["resource.id"],
            name=op.f("fk_resource_picture_resource_id_resource"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_picture")),
        sa.UniqueConstraint("public_id", name=op.f("uq_resource_picture_public_id")),
    )
    op.create_index(op.f("ix_resource_picture_resource_id"), "resource_picture", ["resource_id"])


def downgrade() -> None:
    op.drop_table("resource_picture")
    op.execute("delete from resource_author where taken_out_at is not null")
    op.drop_column("resource_author", "taken_out_at")
    op.drop_table("coffee_schedule")
    op.drop_column("coffee_round", "announced_at")
    op.drop_column("coffee_round", "by_itself")
    # One wish stood for these: who stopped one of them is not written to against it, and stays so on the way up again.
    op.execute("update member set introduction_mail = false where not (pathway_mail and resource_mail)")
    for name in reversed(_WISHES):
        op.drop_column("member", name)
