"""by which rules kept figures were worked out

Of what was kept before it is not known: it stays for the record, and is worked out anew.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_BEFORE = "uq_kept_figures_asked_as_of_known_on"
_AFTER = "uq_kept_figures_asked_as_of_known_on_rules_published_rules"


def upgrade() -> None:
    with op.batch_alter_table("kept_figures") as batch:
        for name in ("rules", "published_rules"):
            batch.add_column(sa.Column(name, sa.String(length=32), server_default="", nullable=False))
        batch.drop_constraint(_BEFORE, type_="unique")
        batch.create_unique_constraint(_AFTER, ["asked", "as_of", "known_on", "rules", "published_rules"])
    with op.batch_alter_table("kept_figures") as batch:
        for name in ("rules", "published_rules"):
            batch.alter_column(name, server_default=None)


def downgrade() -> None:
    # One row a day was kept before: the last that was made. What else is there can be worked out anew.
    op.execute(
        "delete from kept_figures where exists (select 1 from kept_figures as later"
        " where later.asked = kept_figures.asked and later.as_of = kept_figures.as_of"
        " and later.known_on = kept_figures.known_on and later.id > kept_figures.id)"
    )
    with op.batch_alter_table("kept_figures") as batch:
        batch.drop_constraint(_AFTER, type_="unique")
        batch.create_unique_constraint(_BEFORE, ["asked", "as_of", "known_on"])
        batch.drop_column("published_rules")
        batch.drop_column("rules")
