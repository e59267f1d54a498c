"""places of events

What events say of where they are in free text stays as it is: which place of the vocabulary it means is not guessed.

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("event") as batch:
        batch.add_column(sa.Column("place_id", _KEY, nullable=True))
        batch.create_foreign_key(op.f("fk_event_place_id_place"), "place", ["place_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("event") as batch:
        batch.drop_constraint(op.f("fk_event_place_id_place"), type_="foreignkey")
        batch.drop_column("place_id")
