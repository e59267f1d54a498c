"""in whose lists

In how many lists members stand now is counted for each list that is made, and in how many they stood in a period on
the page of activities: both are read from the index alone.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_suggestion_mirror", table_name="suggestion")
    op.create_index("ix_suggestion_mirror", "suggestion", ["other_id", "unlisted_at", "member_id", "listed_at"])


def downgrade() -> None:
    op.drop_index("ix_suggestion_mirror", table_name="suggestion")
    op.create_index("ix_suggestion_mirror", "suggestion", ["other_id", "listed_at"])
