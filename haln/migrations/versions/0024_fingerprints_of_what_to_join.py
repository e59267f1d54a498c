"""fingerprints of what to join

A night tells by them which lists of what to join have not changed, without reading their reasons. Rows from before have
none and are written once more.

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("set_suggestion", sa.Column("fingerprint", sa.String(length=16), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("set_suggestion", "fingerprint")
