"""the newsletter, what comes back of mail, and addresses that get none

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "newsletter",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        *(sa.Column(name, _DOCUMENT, nullable=False) for name in ("blocks", "sectors", "regions", "themes")),
        sa.Column("languages", _DOCUMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("written_by_id", _KEY, nullable=True),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        *(sa.Column(name, _MOMENT, nullable=True) for name in ("send_at", "began_at", "ended_at")),
        sa.Column("reached", _KEY, nullable=False),
        sa.Column("figures", _DOCUMENT, nullable=True),
        sa.ForeignKeyConstraint(["written_by_id"], ["member.id"], name=op.f("fk_newsletter_written_by_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_newsletter")),
        sa.UniqueConstraint("public_id", name=op.f("uq_newsletter_public_id")),
        sa.CheckConstraint(
            "state in ('draft', 'scheduled', 'sending', 'sent', 'stopped', 'removed')", name=op.f("ck_newsletter_state")
        ),
        sa.CheckConstraint("state != 'scheduled' or send_at is not null", name=op.f("ck_newsletter_send_at")),
    )
    op.create_index(op.f("ix_newsletter_written_by_id"), "newsletter", ["written_by_id"])
    op.create_index(op.f("ix_newsletter_began_at"), "newsletter", ["began_at"])
    op.create_index("ix_newsletter_state_send_at", "newsletter", ["state", "send_at"])
    op.create_table(
        "stopped_address",
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("reason", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_stopped_address")),
        sa.CheckConstraint("reason in ('bounced', 'complained')", name=op.f("ck_stopped_address_reason")),
    )
    op.create_index(op.f("ix_stopped_address_since"), "stopped_address", ["since"])
    with op.batch_alter_table("mail") as mail:
        mail.add_column(sa.Column("returned", sa.String(length=10), nullable=True))
        mail.add_column(sa.Column("returned_at", _MOMENT, nullable=True))
        mail.create_check_constraint(
            op.f("ck_mail_returned"), "returned in ('refused', 'bounced', 'failed', 'complained')"
        )
    op.create_index(op.f("ix_mail_message_id"), "mail", ["message_id"])
    op.create_index("ix_mail_created_at", "mail", ["created_at"])
    op.add_column("member", sa.Column("news_since", _MOMENT, nullable=True))


def downgrade() -> None:
    op.drop_column("member", "news_since")
    op.drop_index("ix_mail_created_at", table_name="mail")
    op.drop_index(op.f("ix_mail_message_id"), table_name="mail")
    with op.batch_alter_table("mail") as mail:
        mail.drop_constraint(op.f("ck_mail_returned"), type_="check")
        mail.drop_column("returned_at")
        mail.drop_column("returned")
    op.drop_table("stopped_address")
    op.drop_table("newsletter")
