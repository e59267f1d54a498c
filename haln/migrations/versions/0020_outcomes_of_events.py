"""outcomes of events

Going down, what members told of events goes: the older tables have no place for it.

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OF_TWO = "(connection_id is null) <> (set_id is null)"
_OF_THREE = (
    "case when connection_id is null then 0 else 1 end + case when set_id is null then 0 else 1 end"
    " + case when event_id is null then 0 else 1 end = 1"
)


def upgrade() -> None:
    with op.batch_alter_table("outcome") as batch:
        batch.add_column(sa.Column("event_id", _KEY, nullable=True))
        batch.drop_constraint(op.f("ck_outcome_one_source"), type_="check")
        batch.create_check_constraint(op.f("ck_outcome_one_source"), _OF_THREE)
        batch.create_foreign_key(op.f("fk_outcome_event_id_event"), "event", ["event_id"], ["id"])
    op.create_index(op.f("ix_outcome_event_id"), "outcome", ["event_id"])


def downgrade() -> None:
    op.execute("delete from outcome_agreement where outcome_id in (select id from outcome where event_id is not null)")
    op.execute("delete from outcome where event_id is not null")
    op.drop_index(op.f("ix_outcome_event_id"), "outcome")
    with op.batch_alter_table("outcome") as batch:
        batch.drop_constraint(op.f("fk_outcome_event_id_event"), type_="foreignkey")
        batch.drop_constraint(op.f("ck_outcome_one_source"), type_="check")
        batch.create_check_constraint(op.f("ck_outcome_one_source"), _OF_TWO)
        batch.drop_column("event_id")
