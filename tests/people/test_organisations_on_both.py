"""Registers, finding, listing and merging, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from haln.db import may_write, prepare_engine
from haln.models import Organisation
from haln.people import organisation_listing, registers
from haln.people.organisation_merging import merge, merge_preview
from haln.people.organisations import find
from tests.builders import NOW, a_member, an_actor

FOLDER = Path(__file__).resolve().parents[2] / "data" / "registers"


def test_organisations_are_looked_after_on_both_databases(database_url: str) -> None:
    engine = create_engine(database_url)
    prepare_engine(engine)
    may_write.set(True)
    with Session(engine) as session:
        assert registers.load(session, FOLDER, NOW).organisations.created == 2704
        session.commit()
        assert not registers.load(session, FOLDER, NOW).anything
        assert find(session, "Bristol Cty Counsil").choices[0].name == "Bristol City Council"
        staff = an_actor(session, a_member(session, "Sol Adeyemi", audience="staff").id)
        names, after = [], None
        for _ in range(3):
            page = organisation_listing.listing(session, staff, "", "", after)
            names += [row.name for row in page.rows]
            after = page.next_after
        assert len(set(names)) == 150
        keep, drop = session.scalars(select(Organisation).where(Organisation.source_code.in_(("R0A", "R0B")))).all()
        assert merge_preview(session, staff, keep.id, drop.id).ties == 0
        merge(session, staff, keep.id, drop.id, NOW)
        assert find(session, drop.name).choices[0].id == keep.id
        assert not registers.load(session, FOLDER, NOW).anything
    engine.dispose()
