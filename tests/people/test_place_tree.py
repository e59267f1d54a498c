"""Which places hold which."""

from __future__ import annotations

import itertools

from sqlalchemy.orm import Session

from haln.people import place_tree
from tests.builders import a_place


def test_a_place_holds_itself_and_what_is_below_it_and_nothing_else(session: Session) -> None:
    england = a_place(session, "England", "E92000001", "nation", "E92000001")
    wales = a_place(session, "Wales", "W92000004", "nation", "W92000004")
    north = a_place(session, "North West", "E12000002", "region", "E12000002")
    south = a_place(session, "South East", "E12000008", "region", "E12000008")
    county = a_place(session, "Lancashire", "E10000017", region="E12000002")
    district = a_place(session, "Preston", "E07000123", region="E12000002")
    far = a_place(session, "Cardiff", "W06000015", region="W92000004")
    for inner, outer in ((north, england), (south, england), (county, north), (district, county)):
        inner.parent_id = outer.id
    session.flush()
    lines = {
        england: {england},
        wales: {wales},
        north: {north, england},
        south: {south, england},
        county: {county, north, england},
        district: {district, county, north, england},
        far: {far, wales},
    }
    tree = place_tree.read(session)
    for inner, outer in itertools.product(lines, lines):
        assert tree.holds(outer.id, inner.id) == (outer in lines[inner]), (outer.name, inner.name)
    assert not tree.holds(0, district.id) and not tree.holds(district.id, 0)


def test_a_place_that_has_ended_counts_as_the_one_that_took_its_place(session: Session) -> None:
    ends = [
        a_place(session, name, code) for name, code in (("Craven", "E1"), ("Settle", "E2"), ("North Yorkshire", "E3"))
    ]
    ends[0].successor_id, ends[1].successor_id = ends[1].id, ends[2].id
    session.flush()
    tree = place_tree.read(session)
    assert all(tree.holds(one.id, other.id) for one, other in itertools.product(ends, ends))


def test_a_circle_in_the_source_ends_the_walk(session: Session) -> None:
    one, two, three, four = (a_place(session, name, name) for name in ("One", "Two", "Three", "Four"))
    one.parent_id, two.parent_id = two.id, one.id
    three.successor_id, four.successor_id = four.id, three.id
    session.flush()
    tree = place_tree.read(session)
    assert tree.holds(two.id, one.id) and tree.holds(one.id, two.id) and not tree.holds(one.id, three.id)


def test_an_authority_of_several_holds_them_and_none_lies_in_the_region_of_another(session: Session) -> None:
    here = a_place(session, "East Midlands", "E12000004", "region", "E12000004")
    there = a_place(session, "Yorkshire and The Humber", "E12000003", "region", "E12000003")
    combined = a_place(session, "Greater Lincolnshire", "E47000017", region="E12000003")
    county = a_place(session, "Lincolnshire", "E10000019", region="E12000004")
    city = a_place(session, "Lincoln", "E07000138", region="E12000004")
    combined.parent_id, county.parent_id, city.parent_id = there.id, combined.id, county.id
    session.flush()
    tree = place_tree.read(session)
    assert tree.holds(combined.id, city.id) and tree.holds(here.id, city.id) and tree.holds(there.id, combined.id)
    assert not tree.holds(there.id, city.id) and not tree.holds(there.id, county.id)
