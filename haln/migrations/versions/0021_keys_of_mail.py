"""names of messages that do not count them

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_PORTION = 1_000


def upgrade() -> None:
    op.add_column("mail", sa.Column("public_id", sa.String(length=16), nullable=True))
    mail = sa.table("mail", sa.column("id", sa.BigInteger), sa.column("public_id", sa.String))
    connection, last = op.get_bind(), 0
    name = sa.update(mail).where(mail.c.id == sa.bindparam("key")).values(public_id=sa.bindparam("name"))
    while True:
        some = sa.select(mail.c.id).where(mail.c.id > last).order_by(mail.c.id).limit(_PORTION)
        keys = connection.scalars(some).all()
        if not keys:
            break
        connection.execute(name, [{"key": key, "name": secrets.token_hex(8)} for key in keys])
        last = keys[-1]
    with op.batch_alter_table("mail") as batch:
        batch.alter_column("public_id", existing_type=sa.String(length=16), nullable=False)
        batch.create_unique_constraint(op.f("uq_mail_public_id"), ["public_id"])


def downgrade() -> None:
    with op.batch_alter_table("mail") as batch:
        batch.drop_constraint(op.f("uq_mail_public_id"), type_="unique")
        batch.drop_column("public_id")
