"""The directory finds whom it may, by words and facets, and counts no one else. On both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import create_engine, delete
from sqlalchemy.orm import Session

from haln.db import may_write, prepare_engine
from haln.errors import NotFound
from haln.models import Block, Member, MemberText, MemberTheme
from haln.people import changes, directory, directory_index, search_index
from haln.people.directory import Page, Query
from haln.people.directory_index import DirectoryIndex
from haln.taxonomy import vocabulary
from tests.builders import NOW, Cast, a_connection, a_member, a_theme, the_cast

WORDS = vocabulary.load()
Find = Callable[..., Page]


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    engine = create_engine(database_url)
    prepare_engine(engine)
    may_write.set(True)
    with Session(engine) as made:
        yield made
    engine.dispose()


@pytest.fixture
def cast(session: Session) -> Cast:
    made = the_cast(session)
    a_theme(session, made.ada, "local-purchasing", 3, offer=True, interest=True)
    a_theme(session, made.ben, "local-purchasing", 1, seek=True)
    a_theme(session, made.dee, "housing", 2, offer=True)
    session.commit()
    return made


@pytest.fixture
def find(session: Session, cast: Cast) -> Find:
    """Search as Cai (or another), on one index that must keep up."""
    index = DirectoryIndex(WORDS)

    def search(text: str = "", viewer: int = 0, after: str | None = None, **chosen: str) -> Page:
        search_index.catch_up(session, WORDS)
        session.commit()
        query = Query(text, {facet: frozenset(codes.split()) for facet, codes in chosen.items()}, after)
        return directory.search(session, index, viewer or cast.cai, query, NOW)

    return search


def names(page: Page) -> list[str]:
    return [row.name.split()[0] for row in page.rows]


def change(session: Session, member_id: int, **values: object) -> None:
    member = session.get_one(Member, member_id)
    for name, value in values.items():
        setattr(member, name, value)
    changes.touch(session, [member_id], NOW)


def test_everyone_is_listed_by_family_name(find: Find) -> None:
    page = find()
    assert names(page) == ["Sol", "Fay", "Cai", "Ada", "Dee", "Ben"]
    assert (page.total, page.ranked, page.next_after) == (6, False, None)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ada", ["Ada"]),
        ("OKAF", ["Ada"]),
        ("Procurement", ["Ada"]),  # the role's words
        ("leeds council", ["Sol", "Ben"]),  # all words, wherever they stand
        ("leed", ["Sol", "Fay", "Ada", "Ben"]),  # the last word may be begun
        ("lee council", []),  # the others may not
        ("tenant", ["Dee"]),  # a plural is found by its singular
        ("programmes", ["Cai"]),
        ("social value", ["Ada", "Ben"]),  # a theme's words
        ("warm homes tenants", ["Dee"]),
        ("zebra", []),
        ("Ádá Ókafor", ["Ada"]),
        ('"ada" OR NEAR(* -x) AND ^', []),
        ("'; DROP TABLE member;--", []),
        ("((((", ["Sol", "Fay", "Cai", "Ada", "Dee", "Ben"]),  # nothing to look for
        ("ada & | ! :* <->", ["Ada"]),
        ("x" * 100_000, []),
    ],
)
def test_words_find_people_and_never_break_the_search(find: Find, typed: str, found: list[str]) -> None:
    assert sorted(names(find(typed))) == sorted(found)


def test_letters_of_other_scripts_and_accents_find_whom_they_name(session: Session, find: Find) -> None:
    a_member(session, "Siân Ó Dómhnaill", biography="Łódź, Straße, 東京 and Ελλάδα")
    for typed in ("sian", "Siân", "o domhnaill", "strasse", "東京", "ΕΛΛΆΔΑ", "Łódź"):
        assert names(find(typed)) == ["Siân"], typed


def test_a_name_that_looks_plural_is_found_letter_by_letter(session: Session, find: Find) -> None:
    a_member(session, "Huw Davies")
    for typed in ("d", "dav", "davi", "davie", "davies", "DAVIES"):
        assert "Huw" in names(find(typed)), typed


def test_whose_name_fits_comes_before_who_writes_the_word(session: Session, find: Find) -> None:
    a_member(session, "Amy Zander", biography="Reads everything that Leila Okonjo writes about fairness at work.")
    a_member(session, "Leila Okonjo")
    page = find("leila")
    assert names(page) == ["Leila", "Amy"]
    assert page.ranked


def test_facets_count_what_choosing_them_would_give(find: Find) -> None:
    page = find()
    assert page.counts["sector"]["nhs"] == 2
    assert page.counts["sector"]["local-government"] == 2
    assert page.counts["role"]["strategy"] == 2
    assert page.counts["theme"]["local-purchasing"] == 2
    assert page.counts["offer"]["local-purchasing"] == page.counts["seek"]["local-purchasing"] == 1
    assert page.counts["region"]["yorkshire-and-the-humber"] == 4
    assert page.counts["region"]["wales"] == 1
    assert page.counts["kind"] == page.counts["place"] == {}


def test_a_chosen_facet_narrows_the_others_and_not_itself(find: Find) -> None:
    page = find(sector="nhs")
    assert names(page) == ["Fay", "Ada"]
    assert page.counts["sector"]["local-government"] == 2
    assert page.counts["role"]["strategy"] == 0
    assert page.counts["kind"]["nhs-acute"] == 2
    page = find(sector="nhs local-government", role="strategy")
    assert names(page) == ["Sol", "Ben"]


def test_a_kind_stands_in_for_its_sector_and_a_place_for_its_region(find: Find) -> None:
    assert names(find(sector="local-government", kind="council-county")) == []
    assert names(find(kind="council-metropolitan")) == ["Sol", "Ben"]
    page = find(region="yorkshire-and-the-humber wales", place="E08000035")
    assert names(page) == ["Sol", "Fay", "Cai", "Ada", "Ben"]
    assert page.counts["place"]["E08000035"] == 4
    assert page.counts["place"]["W06000015"] == 1


def test_words_and_facets_narrow_each_other(find: Find) -> None:
    page = find("leeds", role="strategy")
    assert sorted(names(page)) == ["Ben", "Sol"]
    assert page.counts["role"]["procurement"] == 1


def test_codes_that_are_none_find_nobody(find: Find) -> None:
    assert find(role="wizard").total == 0
    assert find(sector="nhs", kind="nonsense").total == 2


@pytest.mark.parametrize(
    "why", ["hidden", "paused", "left", "erased", "unverified", "invited", "blocked by me", "blocking me"]
)
@pytest.mark.parametrize("when", ["before", "after"])
def test_who_may_not_be_found_is_in_no_row_and_no_count(
    session: Session, cast: Cast, find: Find, why: str, when: str
) -> None:
    if when == "after":  # the index has seen Ada and must forget her
        assert find("ada").total == 1
    if why == "hidden":
        change(session, cast.ada, listed=False)
    elif why == "paused":
        change(session, cast.ada, paused_until=NOW.date().replace(year=2027))
    elif why == "blocked by me":
        session.add(Block(blocker_id=cast.cai, blocked_id=cast.ada, created_at=NOW))
    elif why == "blocking me":
        session.add(Block(blocker_id=cast.ada, blocked_id=cast.cai, created_at=NOW))
    else:
        change(session, cast.ada, standing=why)
    everyone = find()
    assert everyone.total == 5
    assert "Ada" not in names(everyone)
    assert everyone.counts["role"]["procurement"] == 0
    assert everyone.counts["offer"]["local-purchasing"] == 0
    assert everyone.counts["sector"]["nhs"] == 1
    assert find("okafor").total == 0
    assert find(role="procurement").rows == ()


def test_a_break_ends_by_itself(session: Session, cast: Cast, find: Find) -> None:
    change(session, cast.ada, paused_until=NOW.date())
    assert find("ada").total == 1


HIDDEN = {
    "role": ("procurement", {"role": "procurement"}),
    "organisation": ("hospitals", {"sector": "nhs"}),
    "place": ("", {"region": "yorkshire-and-the-humber"}),
    "biography": ("measure", {}),
    "themes": ("social", {"offer": "local-purchasing"}),
}


@pytest.mark.parametrize("fact", HIDDEN)
@pytest.mark.parametrize("level", [0, 1])
def test_what_not_all_members_may_know_is_neither_found_nor_counted_even_by_those_who_may(
    session: Session, cast: Cast, find: Find, fact: str, level: int
) -> None:
    word, chosen = HIDDEN[fact]
    session.get_one(Member, cast.ada).biography = "I measure"
    a_connection(session, cast.ada, cast.cai)
    change(session, cast.ada)
    assert "Ada" in names(find(word, **chosen))
    change(session, cast.ada, **{f"show_{fact}": level})
    assert "Ada" not in names(find(word, **chosen))
    if chosen:
        facet, code = next(iter(chosen.items()))
        assert find().counts[facet][code] == find(**chosen).total


def test_a_row_shows_connections_what_is_for_connections(session: Session, cast: Cast, find: Find) -> None:
    change(session, cast.ada, show_organisation=1, show_themes=1, show_role=0)
    row = find("ada").rows[0]
    assert (row.role, row.organisation, row.sector, row.offers, row.connected) == (None, None, None, (), False)
    a_connection(session, cast.ada, cast.cai)
    row = find("ada").rows[0]
    assert (row.role, row.organisation, row.connected) == (None, "Leeds Teaching Hospitals NHS Trust", True)
    assert row.offers == ("local-purchasing",)


def test_texts_about_a_member_follow_their_biography(session: Session, cast: Cast, find: Find) -> None:
    session.add(MemberText(member_id=cast.ada, text="A paper on hedgerows"))
    change(session, cast.ada)
    assert find("hedgerow").total == 1
    change(session, cast.ada, show_biography=1)
    assert find("hedgerow").total == 0


def test_the_index_keeps_up_with_every_change(session: Session, cast: Cast, find: Find) -> None:
    assert find("leeds").total == 4
    change(session, cast.ben, name="Ben Aardvark", sort_name="aardvark ben", role="finance")
    session.execute(delete(MemberTheme).where(MemberTheme.member_id == cast.ben))
    newcomer = a_member(session, "Mia Moss", role="finance", biography="New in Leeds")
    changes.touch(session, [newcomer.id], NOW)
    page = find()
    assert names(page) == ["Ben", "Sol", "Fay", "Cai", "Mia", "Ada", "Dee"]
    assert page.counts["role"]["finance"] == 2
    assert page.counts["role"]["strategy"] == 1
    assert page.counts["seek"]["local-purchasing"] == 0
    assert names(find("whitaker")) == []
    assert sorted(names(find("leeds"))) == ["Ada", "Ben", "Fay", "Mia", "Sol"]
    change(session, newcomer.id, standing="left")
    assert find().total == 6
    change(session, newcomer.id, standing="active")
    assert names(find(role="finance")) == ["Ben", "Mia"]


def test_an_index_that_kept_up_is_the_same_as_a_new_one(session: Session, cast: Cast, find: Find) -> None:
    find()
    for number in range(30):
        member = a_member(
            session, f"Person {chr(97 + number * 7 % 26)}{number}", role="finance" if number % 3 else None
        )
        changes.touch(session, [member.id], NOW)
        if number % 5 == 0:
            change(session, member.id - number % 4, listed=number % 2 == 0)
        find()
    fresh = DirectoryIndex(WORDS)
    for chosen in ({}, {"role": frozenset({"finance"})}):
        new = directory.search(session, fresh, cast.cai, Query("", chosen), NOW)
        kept = find(**{facet: " ".join(codes) for facet, codes in chosen.items()})
        assert (new.rows, new.total, new.counts) == (kept.rows, kept.total, kept.counts)


def test_an_answer_too_long_to_rank_keeps_up_too(
    session: Session, cast: Cast, find: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory_index, "MOST_RANKED", 2)
    assert (names(find("leeds")), find("leeds").ranked) == (["Sol", "Fay", "Ada", "Ben"], False)
    change(session, cast.ben, show_organisation=0, show_place=0, biography="")
    change(session, cast.dee, biography="From Leeds")
    newcomer = a_member(session, "Mia Aardvark", biography="New in Leeds")
    changes.touch(session, [newcomer.id], NOW)
    assert names(find("leeds")) == ["Mia", "Sol", "Fay", "Ada", "Dee"]
    change(session, newcomer.id, listed=False)
    assert names(find("leeds")) == ["Sol", "Fay", "Ada", "Dee"]


def test_pages_follow_each_other_without_gap_or_repeat(session: Session, cast: Cast, find: Find) -> None:
    made = [a_member(session, f"Walker Number{number:03}", biography="walks daily").id for number in range(70)]
    changes.touch(session, made, NOW)
    for typed in ("", "walker"):
        seen: list[str] = []
        page = find(typed)
        while True:
            seen += [row.public_id for row in page.rows]
            if page.next_after is None:
                break
            page = find(typed, after=page.next_after)
        assert len(seen) == len(set(seen)) == page.total == (76 if not typed else 70)


def test_a_place_in_the_list_tells_nothing_about_who_may_not_be_seen(session: Session, cast: Cast, find: Find) -> None:
    ada = session.get_one(Member, cast.ada).public_id
    assert find(after=ada).rows
    session.add(Block(blocker_id=cast.ada, blocked_id=cast.cai, created_at=NOW))
    for after in (ada, "zzzzzzzzzzzz", "💩", "9" * 30):
        with pytest.raises(NotFound, match="list has changed"):
            find(after=after)


def test_indexing_everybody_again_finds_the_same(session: Session, cast: Cast, find: Find) -> None:
    before = find("leeds")
    told: list[tuple[int, int]] = []
    search_index.reindex(session, WORDS, progress=lambda done, total: told.append((done, total)))
    session.commit()
    assert find("leeds").rows == before.rows
    assert told == [(6, 6)]
