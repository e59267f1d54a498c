"""Organisations: found as members type, proposed when nothing fits, corrected and merged by staff."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.errors import Conflict, Invalid, NotFound, NotPermitted, TooMany
from haln.models import AuditRecord, Member, Organisation, OrganisationName, SuggestionRefresh
from haln.people import organisation_listing, organisations
from haln.people.organisation_merging import merge, merge_preview
from haln.people.organisations import Correction, correct, find, propose
from haln.taxonomy import vocabulary
from tests.builders import NOW, Cast, a_connection, a_member, an_actor, an_organisation

WORDS = vocabulary.load()
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def ada(session: Session, cast: Cast) -> Actor:
    return an_actor(session, cast.ada)


@pytest.fixture
def sol(session: Session, cast: Cast) -> Actor:
    return an_actor(session, cast.sol)


def named(session: Session, name: str) -> Organisation:
    return session.scalars(select(Organisation).where(Organisation.name == name)).one()


def other_names(session: Session, organisation_id: int) -> dict[str, str]:
    rows = session.execute(
        select(OrganisationName.name, OrganisationName.kind).where(OrganisationName.organisation_id == organisation_id)
    )
    return {row.name: row.kind for row in rows}


def as_it_is(organisation: Organisation, **changes: object) -> Correction:
    facts: dict[str, object] = {
        "name": organisation.name,
        "sector": organisation.sector,
        "place_id": organisation.place_id,
        "town": organisation.town,
        "postcode": organisation.postcode,
        "standing": organisation.standing,
    }
    return Correction(**{**facts, **changes})  # type: ignore[arg-type]  # a builder of keyword values


# Finding


def test_a_slip_still_finds_the_organisation_with_its_sector_and_place(session: Session, cast: Cast) -> None:
    found = find(session, "Leeds Cty Counsil")
    assert found.fits
    assert (found.choices[0].name, found.choices[0].sector, found.choices[0].place) == (
        "Leeds City Council",
        "council-metropolitan",
        "Leeds",
    )


def test_what_changes_in_the_database_is_found_at_once(session: Session, cast: Cast, sol: Actor) -> None:
    assert not find(session, "Widget Works").fits
    added = an_organisation(session, "Widget Works", "business-sme")
    assert find(session, "Widget Works").choices[0].id == added.id
    correct(session, sol, WORDS, added.id, as_it_is(added, name="Sprocket Mill", other_names=("The Old Forge",)), NOW)
    assert not find(session, "Widget Works").fits
    assert find(session, "old forge").choices[0].through == "The Old Forge"
    correct(session, sol, WORDS, added.id, as_it_is(added, standing="ended"), NOW)
    assert not find(session, "Sprocket Mill").fits


def test_the_searcher_is_kept_while_nothing_changes(session: Session, cast: Cast) -> None:
    searcher = organisations._searcher(session)
    find(session, "leeds")
    assert organisations._searcher(session) is searcher


def test_a_choice_is_one_that_can_be_chosen(session: Session, cast: Cast) -> None:
    council = named(session, "Leeds City Council")
    assert organisations.choice(session, council.id) is not None
    council.standing = "ended"
    session.flush()
    assert organisations.choice(session, council.id) is None
    assert organisations.choice(session, None) is None
    assert organisations.choice(session, 999_999) is None


# Proposing


def test_a_new_one_is_proposed_when_nothing_fits(session: Session, cast: Cast, ada: Actor) -> None:
    added = propose(session, ada, WORDS, "  Southmead   Community Hub ", "voluntary-community", None, NOW)
    row = session.get_one(Organisation, added)
    assert (row.name, row.sort_name, row.standing, row.proposed_by_id) == (
        "Southmead Community Hub",
        "southmead community hub",
        "proposed",
        cast.ada,
    )
    assert find(session, "southmead comunity hub").choices[0].proposed
    assert session.scalars(select(AuditRecord.action)).all() == ["propose_organisation"]


def test_one_that_comes_close_is_refused_with_what_is_near_unless_the_member_is_sure(
    session: Session, cast: Cast, ada: Actor
) -> None:
    with pytest.raises(Conflict, match="Leeds City Council"):
        propose(session, ada, WORDS, "Leeds City Counsil", "council-metropolitan", None, NOW)
    added = propose(session, ada, WORDS, "Leeds City College", "education-further", None, NOW, sure=True)
    assert session.get_one(Organisation, added).standing == "proposed"


@pytest.mark.parametrize(
    ("name", "sector", "place_id", "field"),
    [
        ("", "housing", None, "name"),
        ("…", "housing", None, "name"),
        ("x" * 201, "housing", None, "name"),
        ("Southmead Hub", "nhs", None, "sector"),  # has kinds: choose one
        ("Southmead Hub", "nowhere", None, "sector"),
        ("Southmead Hub", "housing", 999_999, "place"),
    ],
)
def test_what_cannot_be_is_refused_by_field(
    session: Session, ada: Actor, name: str, sector: str, place_id: int | None, field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        propose(session, ada, WORDS, name, sector, place_id, NOW)
    assert set(refusal.value.fields) == {field}


def test_a_member_proposes_five_in_a_day(session: Session, cast: Cast, ada: Actor) -> None:
    for name in ("Alderwick", "Brockmoor", "Cheswold", "Dunmarsh", "Elverton"):
        propose(session, ada, WORDS, name, "housing", None, NOW)
    with pytest.raises(TooMany):
        propose(session, ada, WORDS, "Farrowby", "housing", None, NOW)
    propose(session, an_actor(session, cast.ben), WORDS, "Farrowby", "housing", None, NOW)
    propose(session, ada, WORDS, "Grimblewick", "housing", None, NOW + timedelta(days=1, seconds=1))


# Correcting


def test_staff_correct_and_what_they_set_is_noted(session: Session, cast: Cast, sol: Actor) -> None:
    trust = named(session, "Leeds Teaching Hospitals NHS Trust")
    session.commit()
    correction = as_it_is(trust, name="Leeds Hospitals", town="Leeds", other_names=("LTHT",))
    assert set(correct(session, sol, WORDS, trust.id, correction, LATER)) == {"name", "town", "names"}
    assert (trust.name, trust.sort_name, trust.corrected) == (
        "Leeds Hospitals",
        "leeds hospitals",
        ["name", "names", "town"],
    )
    assert other_names(session, trust.id) == {"LTHT": "synonym"}
    assert trust.changed_at == LATER
    assert set(session.scalars(select(SuggestionRefresh.member_id))) == {cast.ada, cast.fay}
    record = session.scalars(select(AuditRecord)).one()
    assert (record.action, record.actor_id, record.detail) == (
        "correct_organisation",
        cast.sol,
        {"fields": ["name", "names", "town"]},
    )


def test_a_correction_that_changes_nothing_writes_nothing(session: Session, cast: Cast, sol: Actor) -> None:
    trust = named(session, "Leeds Teaching Hospitals NHS Trust")
    assert correct(session, sol, WORDS, trust.id, as_it_is(trust), LATER) == ()
    assert (trust.corrected, trust.changed_at) == ([], NOW)
    assert session.scalars(select(AuditRecord)).all() == []


def test_a_change_is_always_later_than_the_one_before(session: Session, cast: Cast, sol: Actor) -> None:
    trust = named(session, "Leeds Teaching Hospitals NHS Trust")
    correct(session, sol, WORDS, trust.id, as_it_is(trust, town="Leeds"), NOW)
    assert trust.changed_at > NOW


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("name", {"name": "x"}),
        ("sector", {"sector": "nhs"}),
        ("place", {"place_id": 999_999}),
        ("town", {"town": "x" * 121}),
        ("postcode", {"postcode": "x" * 13}),
        ("standing", {"standing": "merged"}),
        ("other_names", {"other_names": ("x" * 201,)}),
        ("other_names", {"other_names": tuple(f"name {number}" for number in range(61))}),
    ],
)
def test_a_correction_that_cannot_be_is_refused_by_field(
    session: Session, cast: Cast, sol: Actor, field: str, changes: dict[str, object]
) -> None:
    trust = named(session, "Leeds Teaching Hospitals NHS Trust")
    with pytest.raises(Invalid) as refusal:
        correct(session, sol, WORDS, trust.id, as_it_is(trust, **changes), LATER)
    assert set(refusal.value.fields) == {field}


def test_only_staff_correct_merge_and_list(session: Session, cast: Cast, ada: Actor) -> None:
    trust, council = named(session, "Leeds Teaching Hospitals NHS Trust"), named(session, "Leeds City Council")
    with pytest.raises(NotPermitted):
        correct(session, ada, WORDS, trust.id, as_it_is(trust, name="Mine"), LATER)
    with pytest.raises(NotPermitted):
        merge_preview(session, ada, trust.id, council.id)
    with pytest.raises(NotPermitted):
        merge(session, ada, trust.id, council.id, LATER)
    with pytest.raises(NotPermitted):
        organisation_listing.listing(session, ada, "", "", None)
    with pytest.raises(NotPermitted):
        organisation_listing.detail(session, ada, trust.id)


# Merging


def test_a_preview_says_what_would_move_and_moves_nothing(session: Session, cast: Cast, sol: Actor) -> None:
    trust, council = named(session, "Leeds Teaching Hospitals NHS Trust"), named(session, "Leeds City Council")
    session.add(OrganisationName(organisation_id=council.id, name="LCC", kind="synonym"))
    a_connection(session, cast.ada, cast.ben)  # between the two
    a_connection(session, cast.ben, cast.cai)
    a_connection(session, cast.ben, cast.dee, until=NOW)  # has ended
    session.commit()
    preview = merge_preview(session, sol, trust.id, council.id)
    assert (preview.keep.name, preview.drop.name) == (trust.name, council.name)
    assert (preview.keep.members, preview.drop.members) == (2, 2)
    assert preview.names == ("Leeds City Council", "LCC")
    assert (preview.ties, preview.between) == (2, 1)
    assert not session.dirty
    assert session.get_one(Member, cast.ben).organisation_id == council.id


def test_a_merge_moves_members_and_names_and_is_recorded(session: Session, cast: Cast, sol: Actor) -> None:
    trust, council = named(session, "Leeds Teaching Hospitals NHS Trust"), named(session, "Leeds City Council")
    before = an_organisation(session, "Leeds Corporation", "council-metropolitan")
    before.standing, before.merged_into_id = "merged", council.id
    session.add_all(
        [
            OrganisationName(organisation_id=council.id, name="LCC", kind="synonym"),
            OrganisationName(organisation_id=council.id, name="lths", kind="synonym"),
            OrganisationName(organisation_id=trust.id, name="LTHS", kind="synonym"),
        ]
    )
    session.commit()
    assert merge(session, sol, trust.id, council.id, LATER) == 2
    session.expire_all()
    assert {session.get_one(Member, one).organisation_id for one in (cast.ben, cast.sol)} == {trust.id}
    assert other_names(session, trust.id) == {"LTHS": "synonym", "Leeds City Council": "merged", "LCC": "merged"}
    assert other_names(session, council.id) == {}
    assert (council.standing, council.merged_into_id, before.merged_into_id) == ("merged", trust.id, trust.id)
    assert find(session, "Leeds City Council").choices[0].id == trust.id
    assert set(session.scalars(select(SuggestionRefresh.member_id))) == {cast.ben, cast.sol}
    record = session.scalars(select(AuditRecord)).one()
    assert (record.action, record.subject_id, record.detail) == (
        "merge_organisations",
        trust.id,
        {"merged": council.id, "members": 2, "names": 2},
    )


def test_what_cannot_be_merged_is_refused(session: Session, cast: Cast, sol: Actor) -> None:
    trust, council = named(session, "Leeds Teaching Hospitals NHS Trust"), named(session, "Leeds City Council")
    for act in (merge_preview, lambda *args: merge(*args, LATER)):
        with pytest.raises(Invalid):
            act(session, sol, trust.id, trust.id)
        with pytest.raises(NotFound):
            act(session, sol, trust.id, 999_999)
    merge(session, sol, trust.id, council.id, LATER)
    with pytest.raises(Conflict, match="merged already"):
        merge(session, sol, trust.id, council.id, LATER)
    with pytest.raises(Conflict, match="has ended"):
        merge(session, sol, council.id, trust.id, LATER)
    with pytest.raises(Conflict, match="merged into another"):
        correct(session, sol, WORDS, council.id, as_it_is(council, name="Back again"), LATER)


# Listing


def test_the_list_goes_on_where_the_page_before_ended(session: Session, cast: Cast, sol: Actor) -> None:
    for number in range(organisation_listing.PAGE + 20):
        an_organisation(session, f"The Same Name{' Again' * (number % 3)}", "housing")
    session.flush()
    seen: list[int] = []
    after, pages = None, 0
    while True:
        page = organisation_listing.listing(session, sol, "", "", after)
        seen += [row.id for row in page.rows]
        after, pages = page.next_after, pages + 1
        if after is None:
            break
    assert pages == 2
    assert len(seen) == len(set(seen)) == organisation_listing.PAGE + 24


@pytest.mark.parametrize("standing", ["", "proposed", "ended"])
def test_all_that_a_search_finds_is_there_page_by_page(session: Session, sol: Actor, standing: str) -> None:
    count = 2 * organisation_listing.PAGE + 20
    for number in range(count):
        one = an_organisation(session, f"Housing Council {number}", "housing")
        one.standing = standing or "current"
        an_organisation(session, f"Housing Council of Others {number}", "housing").standing = (
            "current" if standing else "ended"
        )
    session.flush()
    seen: list[int] = []
    after: str | None = None
    for _ in range(3):
        page = organisation_listing.listing(session, sol, "housing council", standing, after)
        seen += [row.id for row in page.rows]
        after = page.next_after
    assert after is None and len(seen) == len(set(seen)) == count
    with pytest.raises(Invalid):
        organisation_listing.listing(session, sol, "housing council", standing, "x")


def test_the_list_counts_members_and_filters_by_standing(session: Session, cast: Cast, sol: Actor) -> None:
    homes = named(session, "Bristol Community Homes")
    homes.standing = "proposed"
    session.flush()
    rows = {row.name: row.members for row in organisation_listing.listing(session, sol, "", "current", None).rows}
    assert rows == {"Cardiff University": 1, "Leeds City Council": 2, "Leeds Teaching Hospitals NHS Trust": 2}
    proposed = organisation_listing.listing(session, sol, "", "proposed", None).rows
    assert [(row.name, row.place, row.members) for row in proposed] == [(homes.name, "Bristol, City of", 1)]
    assert organisation_listing.proposed_count(session) == 1


def test_a_search_in_the_list_reaches_those_that_have_ended(session: Session, cast: Cast, sol: Actor) -> None:
    gone = an_organisation(session, "100% Local_Homes", "housing")
    gone.standing = "ended"
    an_organisation(session, "100 Local Homes", "housing").standing = "ended"
    session.flush()
    found = organisation_listing.listing(session, sol, "Leeds Counsil", "", None)
    assert found.rows[0].name == "Leeds City Council"
    assert [row.name for row in organisation_listing.listing(session, sol, "0% local_h", "ended", None).rows] == [
        gone.name
    ]
    assert organisation_listing.listing(session, sol, "zzz", "ended", None).rows == ()


@pytest.mark.parametrize("after", ["", "1", "x.y", "1" * 19 + ".a", "1." + "x" * 301])
def test_a_place_in_the_list_that_cannot_be_is_refused(session: Session, cast: Cast, sol: Actor, after: str) -> None:
    with pytest.raises(Invalid):
        organisation_listing.listing(session, sol, "", "", after)


def test_detail_tells_all_that_is_known(session: Session, cast: Cast, sol: Actor, ada: Actor) -> None:
    added = propose(session, ada, WORDS, "Southmead Community Hub", "voluntary-community", None, NOW)
    a_member(session, "Hal Hub", organisation_id=added)
    told = organisation_listing.detail(session, sol, added)
    assert (told.name, told.standing, told.proposed_by, told.members) == (
        "Southmead Community Hub",
        "proposed",
        "Ada Okafor",
        1,
    )
    with pytest.raises(NotFound):
        organisation_listing.detail(session, sol, 999_999)
