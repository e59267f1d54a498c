"""versions of members, connections and places in sets

What there is becomes the first versions, written down on the days on which it happened.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_GONE = "m.standing in ('left', 'erased') and m.left_at is not null"
_TOLD = "m.audience, m.role, m.organisation_id, o.sector, m.place_id, coalesce(p.region_code, q.region_code)"
_MEMBERS = """from member m left join organisation o on o.id = m.organisation_id
    left join place p on p.id = m.place_id left join place q on q.id = o.place_id"""
_MEMBER = """insert into member_version (member_id, from_on, recorded_on, standing, audience, role, organisation_id,
    sector, place_id, region)"""
_CONNECTION = "insert into connection_version (connection_id, from_on, recorded_on, holds, evidence, intensity)"
_PLACE = "insert into set_membership_version (set_id, member_id, from_on, recorded_on, sits)"
_PLACES = "from set_membership s join learning_set l on l.id = s.set_id"


def upgrade() -> None:
    op.create_table(
        "member_version",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("member_id", _KEY, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("standing", sa.String(length=12), nullable=False),
        sa.Column("audience", sa.String(length=12), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=True),
        sa.Column("organisation_id", _KEY, nullable=True),
        sa.Column("sector", sa.String(length=40), nullable=True),
        sa.Column("place_id", _KEY, nullable=True),
        sa.Column("region", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_member_version_member_id_member"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_member_version_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_member_version_place_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_version")),
    )
    op.create_table(
        "connection_version",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("connection_id", _KEY, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.String(length=16), nullable=False),
        sa.Column("intensity", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_connection_version_connection_id_connection"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connection_version")),
    )
    op.create_table(
        "set_membership_version",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("set_id", _KEY, nullable=False),
        sa.Column("member_id", _KEY, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("sits", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["set_id"],
            ["learning_set.id"],
            name=op.f("fk_set_membership_version_set_id_learning_set"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_set_membership_version_member_id_member"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_set_membership_version")),
    )
    _first_versions()
    for table, keys in (
        ("member_version", ("member_id",)),
        ("connection_version", ("connection_id",)),
        ("set_membership_version", ("member_id", "set_id")),
    ):
        op.create_index(f"ix_{table}_{keys[0]}", table, [*keys, "id"])
        op.create_index(op.f(f"ix_{table}_recorded_on"), table, ["recorded_on"])
    op.create_index("ix_set_membership_version_set_id", "set_membership_version", ["set_id"])
    op.create_index(op.f("ix_member_version_organisation_id"), "member_version", ["organisation_id"])


def _first_versions() -> None:
    joined, left, since, until = (_day(name) for name in ("m.joined_at", "m.left_at", "c.since", "c.until"))
    standing = f"case when {_GONE} then 'active' else m.standing end"
    op.execute(f"{_MEMBER} select m.id, {joined}, {joined}, {standing}, {_TOLD} {_MEMBERS}")
    op.execute(f"{_MEMBER} select m.id, {left}, {left}, m.standing, {_TOLD} {_MEMBERS} where {_GONE}")
    told = "c.evidence, c.intensity from connection c"
    op.execute(f"{_CONNECTION} select c.id, {since}, {since}, true, {told}")
    op.execute(f"{_CONNECTION} select c.id, {until}, {until}, false, {told} where c.until is not null")
    joined = "coalesce(s.joined_on, l.started_on, current_date)"
    ended = "coalesce(s.left_on, l.ended_on)"
    op.execute(f"{_PLACE} select s.set_id, s.member_id, {joined}, {joined}, true {_PLACES}")
    op.execute(f"{_PLACE} select s.set_id, s.member_id, {ended}, {ended}, false {_PLACES} where {ended} is not null")


def _day(column: str) -> str:
    """The day of UTC of a moment."""
    far = op.get_bind().dialect.name == "postgresql"
    return f"cast(timezone('UTC', {column}) as date)" if far else f"date({column})"


def downgrade() -> None:
    op.drop_table("set_membership_version")
    op.drop_table("connection_version")
    op.drop_table("member_version")
