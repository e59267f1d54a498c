"""each kind of mail by itself

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

_WISHES = ("pathway_mail", "resource_mail", "proposal_mail")


def upgrade() -> None:
    for name in _WISHES:
        op.add_column("member", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.true()))
    # Who stopped mail about introductions stopped these two with it, and has not asked for them since.
    op.execute("update member set pathway_mail = introduction_mail, resource_mail = introduction_mail")


def downgrade() -> None:
    for name in reversed(_WISHES):
        op.drop_column("member", name)
