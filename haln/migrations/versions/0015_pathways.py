"""learning pathways: modules of steps, and how far members have come

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "pathway",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pathway")),
        sa.UniqueConstraint("public_id", name=op.f("uq_pathway_public_id")),
        sa.UniqueConstraint("code", name=op.f("uq_pathway_code")),
    )
    op.create_table(
        "pathway_module",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("pathway_id", _KEY, nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("theme", sa.String(length=40), nullable=True),
        sa.Column("shown_at", _MOMENT, nullable=True),
        sa.Column("retired_at", _MOMENT, nullable=True),
        _to("pathway_module", "pathway_id", "pathway"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pathway_module")),
        sa.UniqueConstraint("public_id", name=op.f("uq_pathway_module_public_id")),
    )
    op.create_index(op.f("ix_pathway_module_pathway_id"), "pathway_module", ["pathway_id"])
    op.create_table(
        "pathway_step",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("module_id", _KEY, nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("added_at", _MOMENT, nullable=False),
        sa.Column("retired_at", _MOMENT, nullable=True),
        sa.CheckConstraint("kind in ('read', 'watch', 'reflect', 'try', 'check')", name=op.f("ck_pathway_step_kind")),
        _to("pathway_step", "module_id", "pathway_module"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pathway_step")),
        sa.UniqueConstraint("public_id", name=op.f("uq_pathway_step_public_id")),
    )
    op.create_index(op.f("ix_pathway_step_module_id"), "pathway_step", ["module_id"])
    op.create_table(
        "pathway_step_version",
        sa.Column("step_id", _KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("link", sa.String(length=500), nullable=False),
        sa.Column("answers", _DOCUMENT, nullable=False),
        sa.Column("worded_at", _MOMENT, nullable=False),
        _to("pathway_step_version", "step_id", "pathway_step"),
        sa.PrimaryKeyConstraint("step_id", "version", name=op.f("pk_pathway_step_version")),
    )
    _of_members(
        "pathway_progress",
        "pathway",
        sa.Column("started_at", _MOMENT, nullable=True),
        sa.Column("finished_at", _MOMENT, nullable=True),
        sa.Column("modules", _DOCUMENT, nullable=False),
        sa.Column("needed", _DOCUMENT, nullable=False),
        sa.Column("found", sa.Boolean(), nullable=False),
    )
    _of_members(
        "pathway_finish",
        "pathway_module",
        sa.Column("finished_at", _MOMENT, nullable=False),
        sa.Column("steps", _DOCUMENT, nullable=False),
    )
    _of_members(
        "pathway_done",
        "pathway_step",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("done_at", _MOMENT, nullable=False),
    )
    _of_members(
        "pathway_reflection",
        "pathway_step",
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", _MOMENT, nullable=False),
    )


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete="CASCADE")


def _of_members(table: str, other: str, *columns: sa.Column[object]) -> None:
    """Make a table of what members have to do with rows of another one."""
    key = f"{other.removeprefix('pathway_')}_id"
    op.create_table(
        table,
        sa.Column(key, _KEY, nullable=False),
        sa.Column("member_id", _KEY, nullable=False),
        *columns,
        _to(table, key, other),
        _to(table, "member_id", "member"),
        sa.PrimaryKeyConstraint(key, "member_id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_member_id"), table, ["member_id"])


def downgrade() -> None:
    for table in ("pathway_reflection", "pathway_done", "pathway_finish", "pathway_progress"):
        op.drop_table(table)
    for table in ("pathway_step_version", "pathway_step", "pathway_module", "pathway"):
        op.drop_table(table)
