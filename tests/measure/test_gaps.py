"""Gaps are counted among those who count, the widest first, and nobody is named whom the reader may not see."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.errors import NotPermitted
from haln.measure import facts, gap_people, gaps
from haln.measure.gaps import Gap, Kind, Short, Some, Untied, Wanted
from haln.measure.questions import Question
from haln.models import Block, Introduction, LearningSet, Member, Organisation, Suggestion
from haln.network import gaps as missing
from haln.network.versions import Versions
from haln.people import versions
from haln.people.tokens import public_id
from haln.taxonomy import vocabulary
from tests.builders import NOW, Cast, a_connection, a_member, a_theme, an_actor, an_organisation

WORDS = vocabulary.load()
TODAY = NOW.date()


def kept(session: Session) -> Versions:
    versions.keep_all(session, NOW, as_it_happened=True)
    return facts.read(session, WORDS)


def told(session: Session, **asked: Any) -> list[Gap]:
    question = Question(asked.pop("as_of", TODAY), months=0, **asked)
    viewer = session.scalars(select(Member.id).where(Member.audience == "staff")).one()
    return gaps.told(session, viewer, kept(session), question, WORDS, NOW)


def of_kind(found: list[Gap], kind: Kind) -> list[Any]:
    return [gap.about for gap in found if gap.kind == kind]


def named(session: Session, cast: Cast, kind: gap_people.Kind) -> gap_people.Named:
    question = Question(TODAY, months=0)
    return gap_people.named(session, an_actor(session, cast.sol), kept(session), question, kind, NOW)


def registered(session: Session, sector: str, count: int) -> list[Organisation]:
    found = [an_organisation(session, f"{sector} {number}", sector) for number in range(count)]
    for number, one in enumerate(found):
        one.source, one.source_code = "register", f"{sector}-{number}"
    session.flush()
    return found


def an_introduction(session: Session, asker: int, asked: int, **given: Any) -> None:
    values: dict[str, Any] = {
        "public_id": public_id(),
        "kind": "asked",
        "asker_id": asker,
        "asked_id": asked,
        "created_at": NOW,
        "expires_at": NOW + timedelta(days=21),
    }
    session.add(Introduction(**{**values, **given}))
    session.flush()


def a_suggestion(session: Session, member: int, other: int) -> None:
    facts = {"rank": 1, "score": 1.0, "band": "good", "reasons": [], "signals": {}, "weights_version": "1"}
    session.add(Suggestion(member_id=member, other_id=other, listed_at=NOW, refreshed_at=NOW, **facts))
    session.flush()


def test_a_group_is_short_beside_what_the_registers_know(session: Session, cast: Cast) -> None:
    trusts, homes = registered(session, "nhs-acute", 4), registered(session, "housing", 12)
    for number, organisation in enumerate(trusts):
        a_member(session, f"Of Trust{number}", organisation_id=organisation.id)
    a_member(session, "Of Homes", organisation_id=homes[0].id)
    a_member(session, "Of Homestoo", organisation_id=homes[0].id)
    found = {one.group: one for one in of_kind(told(session), "sector")}
    assert found["housing"] == Short("housing", 3, 1, 12, 3)  # a share of 12 in 16 of 5 that take part: 4, and 1 does
    assert found["faith"] == Short("faith", 0, 0, 0, 3)
    assert "nhs" not in found
    assert {one.group for one in of_kind(told(session), "region")} >= {"N92000002", "W92000004"}


def test_england_has_regions_and_is_none_itself(session: Session, cast: Cast) -> None:
    nations = {one.ons_code for one in WORDS.regions if one.code in {region.parent for region in WORDS.regions}}
    assert nations and not nations & {one.group for one in of_kind(told(session), "region")}


def test_where_one_sector_is_asked_for_only_regions_can_be_short(session: Session, cast: Cast) -> None:
    found = told(session, sector="nhs")
    assert of_kind(found, "sector") == [] and of_kind(found, "region")
    assert of_kind(told(session, region="E12000003"), "region") == []


def test_pairs_of_groups_without_a_connection_are_told_where_chance_makes_some(session: Session, cast: Cast) -> None:
    for number in range(6):
        for one, council in ((cast.ada, False), (cast.ben, True)):
            boss = session.get_one(Member, one).organisation_id
            other = a_member(session, f"Colleague{council} No{number}", organisation_id=boss)
            a_connection(session, one, other.id, since=NOW - timedelta(days=5))
    (pair,) = of_kind(told(session), "sector_pair")
    assert isinstance(pair, Untied) and {pair.one, pair.other} == {"local-government", "nhs"}
    assert pair.expected > 1
    a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=5))
    assert of_kind(told(session), "sector_pair") == []


def test_members_whom_few_reach_are_counted_among_those_who_count(session: Session, cast: Cast) -> None:
    a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=5))
    a_connection(session, cast.cai, cast.fay, since=NOW - timedelta(days=5))
    a_connection(session, cast.cai, cast.sol, since=NOW - timedelta(days=5))
    found = told(session)
    assert of_kind(found, "alone") == [Some(1, 6)]
    assert of_kind(found, "hosts") == [Some(1, 6)]
    without = told(session, with_hosts=False)
    assert of_kind(without, "alone") == [Some(1, 4)] and of_kind(without, "hosts") == [Some(1, 4)]
    assert of_kind(told(session, as_of=TODAY - timedelta(days=30)), "alone") == [Some(6, 6)]


@pytest.mark.parametrize(
    "asked", [{}, {"with_hosts": False}, {"sector": "nhs"}, {"region": "E12000003"}, {"evidence": "met"}]
)
def test_no_filter_takes_anybodys_connections_away(session: Session, cast: Cast, asked: dict[str, Any]) -> None:
    for one, other in ((cast.ada, cast.ben), (cast.cai, cast.fay)):
        a_connection(session, one, other, since=NOW - timedelta(days=5))
    found = kept(session)
    question = Question(TODAY, months=0, **asked)
    count = set(missing.ids(gaps.network(found, question), range(len(gaps.network(found, question)))))
    assert set(gaps.alone(found, question)) == {cast.dee, cast.sol} & count
    assert set(gaps.only_hosts(found, question)) == {cast.cai} & count
    for kind, ids in (("alone", {cast.dee, cast.sol}), ("hosts", {cast.cai})):
        people = gap_people.named(session, an_actor(session, cast.sol), found, question, kind, NOW).people
        assert {one.id for one in people} == ids & count
    assert sum(gap.count for gap in of_kind(told(session, **asked), "alone")) == len({cast.dee, cast.sol} & count)


def test_who_may_be_suggested_and_never_was_is_missed(session: Session, cast: Cast) -> None:
    assert of_kind(told(session), "unlisted") == []  # nobody was ever suggested: nobody is left out
    a_suggestion(session, cast.ada, cast.ben)
    assert of_kind(told(session), "unlisted") == [Some(5, 6)]
    for member, facts_ in (
        (cast.cai, {"suggest_me": False}),
        (cast.dee, {"listed": False}),
        (cast.fay, {"paused_until": TODAY + timedelta(days=9)}),
        (cast.sol, {"paused_until": TODAY - timedelta(days=9)}),
    ):
        for name, value in facts_.items():
            setattr(session.get_one(Member, member), name, value)
    session.flush()
    assert of_kind(told(session), "unlisted") == [Some(2, 5)]  # Dee is listed nowhere


def test_who_is_asked_too_much_is_counted_whatever_they_answered(session: Session, cast: Cast) -> None:
    for number in range(gaps.OVER_ASKED):
        other = a_member(session, f"Asker No{number}").id
        an_introduction(session, other, cast.ada, asked_answer="no" if number == 1 else None)
        an_introduction(session, cast.ben, other)  # who asks much is not asked
        an_introduction(session, cast.cai, other, kind="woven", weaver_id=cast.fay)
        an_introduction(session, other, cast.dee, expires_at=NOW - timedelta(days=1))
    assert of_kind(told(session), "over_asked") == [Some(2, 11)]  # Ada, and Cai, to whom others were woven


def test_a_theme_that_many_seek_is_a_gap_until_a_set_is_about_it(session: Session, cast: Cast) -> None:
    people = [a_member(session, f"Seeker No{number}").id for number in range(gaps.ENOUGH)]
    for person in people:
        a_theme(session, person, "food", seek=True)
        a_theme(session, person, "housing", offer=True)
    a_theme(session, cast.ada, "food", offer=True)
    assert of_kind(told(session), "theme") == [Wanted("food", gaps.ENOUGH, 1)]
    session.get_one(Member, people[0]).show_themes = 1
    assert of_kind(told(session), "theme") == []
    session.get_one(Member, people[0]).show_themes = 2
    session.add(LearningSet(public_id=public_id(), name="Food", themes=["food"], started_on=TODAY))
    assert of_kind(told(session), "theme") == []


def test_the_widest_gap_comes_first(session: Session, cast: Cast) -> None:
    widths = [gap.people for gap in told(session)]
    assert widths == sorted(widths, reverse=True) and all(widths)


def test_nobody_is_named_whom_the_reader_may_not_see(session: Session, cast: Cast) -> None:
    told_of = {one.name for one in named(session, cast, "alone").people}
    assert told_of == {"Ada Okafor", "Ben Whitaker", "Cai Morgan", "Dee Sandhu", "Fay Lindqvist", "Sol Adeyemi"}
    session.get_one(Member, cast.ada).show_connections = 0
    session.get_one(Member, cast.ben).listed = False
    session.add(Block(blocker_id=cast.cai, blocked_id=cast.sol, created_at=NOW))
    session.get_one(Member, cast.dee).show_organisation = 0
    session.flush()
    found = named(session, cast, "alone")
    assert [one.name for one in found.people] == ["Sol Adeyemi", "Fay Lindqvist", "Dee Sandhu"]
    assert found.people[2].organisation is None and not found.after
    with pytest.raises(NotPermitted):
        gap_people.named(session, an_actor(session, cast.fay), kept(session), Question(TODAY), "alone", NOW)


HIDING = ("show_connections", "show_organisation", "show_place", "listed")


@pytest.mark.parametrize("hidden", HIDING)
@pytest.mark.parametrize(
    "asked", [{}, {"sector": "nhs"}, {"region": "E12000003"}, {"sector": "nhs", "with_hosts": False}]
)
def test_a_number_less_the_people_in_its_list_is_nothing(
    session: Session, cast: Cast, hidden: str, asked: dict[str, Any]
) -> None:
    for number in range(6):
        boss = session.get_one(Member, cast.ada).organisation_id
        one = a_member(
            session, f"Colleague No{number}", organisation_id=boss, place_id=session.get_one(Member, cast.ada).place_id
        )
        if number % 2:
            a_connection(session, cast.sol, one.id, since=NOW - timedelta(days=5))
    a_suggestion(session, cast.fay, cast.ben)
    actor, found = an_actor(session, cast.sol), kept(session)
    people = [one.id for one in session.scalars(select(Member)) if one.id != cast.sol]
    for hiding in ([], people[:1], people[-3:], people):
        for member in session.scalars(select(Member).where(Member.id.in_(hiding))):
            setattr(member, hidden, 0)
        session.flush()
        question = Question(TODAY, months=0, **asked)
        counted = {gap.kind: gap.people for gap in gaps.told(session, cast.sol, found, question, WORDS, NOW)}
        for kind in ("alone", "hosts", "unlisted"):
            listed = gap_people.named(session, actor, found, question, kind, NOW).people
            assert len(listed) == counted.get(kind, 0), (kind, hiding)
            assert kind == "unlisted" or hidden != "show_connections" or not {one.id for one in listed} & set(hiding)


def test_who_hides_their_organisation_or_place_is_in_no_list_of_a_sector_or_region(
    session: Session, cast: Cast
) -> None:
    found, actor = kept(session), an_actor(session, cast.sol)

    def told_of(**asked: Any) -> set[str]:
        question = Question(TODAY, months=0, **asked)
        return {one.name for one in gap_people.named(session, actor, found, question, "alone", NOW).people}

    ada = session.get_one(Member, cast.ada)
    sector, everybody = told_of(sector="nhs"), told_of()
    assert ada.name in sector and ada.name in everybody
    ada.show_organisation = 0
    session.flush()
    assert told_of(sector="nhs") == sector - {ada.name} and told_of() == everybody


def test_who_holds_parts_together_is_named_the_busiest_first(session: Session, cast: Cast) -> None:
    for one, other in ((cast.ada, cast.ben), (cast.ben, cast.cai), (cast.cai, cast.dee), (cast.cai, cast.fay)):
        a_connection(session, one, other, since=NOW - timedelta(days=5))
    assert [one.name for one in named(session, cast, "holding").people] == ["Cai Morgan", "Ben Whitaker"]
    session.get_one(Member, cast.cai).show_connections = 1  # to those connected with them
    found = named(session, cast, "holding")
    assert [one.name for one in found.people] == ["Ben Whitaker"]
    a_connection(session, cast.cai, cast.sol, since=NOW - timedelta(days=5))
    assert len(named(session, cast, "holding").people) == 2


@pytest.mark.parametrize("kind", ["alone", "hosts", "holding"])
def test_all_who_may_be_named_are_there_page_by_page(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch, kind: gap_people.Kind
) -> None:
    for one, other in ((cast.cai, cast.fay), (cast.dee, cast.sol), (cast.ada, cast.sol), (cast.fay, cast.sol)):
        if kind != "alone":
            a_connection(session, one, other, since=NOW - timedelta(days=5))
    session.get_one(Member, cast.ben).listed = False
    session.flush()
    actor, question, found = an_actor(session, cast.sol), Question(TODAY, months=0), kept(session)
    at_once = gap_people.named(session, actor, found, question, kind, NOW)
    assert len(at_once.people) > 1 and not at_once.after
    monkeypatch.setattr(gap_people, "MOST", 1)
    after, pages = "", []
    while len(pages) < 9:
        page = gap_people.named(session, actor, found, question, kind, NOW, after)
        pages.append(page.people)
        after = page.after
        if not after:
            break
    assert [one for page in pages for one in page] == list(at_once.people)
    assert [len(page) for page in pages] == [1] * len(at_once.people)
    assert gap_people.named(session, actor, found, question, kind, NOW, "of nobody").people == pages[0]
