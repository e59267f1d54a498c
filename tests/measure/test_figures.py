"""Figures as of a day: what they count, of whom, and that a correction changes only what is known after it."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln.errors import Invalid
from haln.measure import facts, figures, questions
from haln.measure.definitions import BY_KEY, MEASURES
from haln.measure.holding import Held
from haln.measure.questions import Question
from haln.models import ConnectionVersion, Member, MemberVersion
from haln.network.versions import Versions
from haln.people import changes, versions
from haln.taxonomy import vocabulary
from tests.builders import NOW, Cast, a_connection, a_member

WORDS = vocabulary.load()
TODAY = NOW.date()


def told(session: Session) -> Versions:
    versions.keep_all(session, NOW, as_it_happened=True)
    return facts.read(session, WORDS)


def value(found: Versions, key: str, question: Question) -> float | None:
    return next(one.value for one in figures.series(found, question, (key,)) if one.as_of == question.as_of)


def test_every_figure_that_is_defined_is_worked_out_and_none_else(session: Session, cast: Cast) -> None:
    a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=9))
    found = figures.series(told(session), Question(TODAY))
    assert {one.measure for one in found} == set(BY_KEY)
    assert len(MEASURES) == len(BY_KEY)
    assert {one.measure for one in found if one.as_of == TODAY} == set(BY_KEY)
    assert [key for key, _ in figures.by_measure(found)] == list(BY_KEY)


COSTLY = {
    "betweenness_centralisation",
    "sector_ei_chance",
    "region_ei_chance",
    "communities",
    "modularity",
    "community_stability",
    "small_world",
}


def test_betweenness_is_exact_up_to_a_size_and_then_from_a_sample(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for one, other in ((cast.ada, cast.ben), (cast.ben, cast.cai), (cast.cai, cast.dee)):
        a_connection(session, one, other, since=NOW - timedelta(days=90))
    found = told(session)
    question = Question(TODAY, months=2)
    shown = figures.series(found, question, ("betweenness_centralisation",))
    assert [one.low for one in shown] == [None] * 3
    assert shown[-1].value == pytest.approx((6 * 0.2 - 0.4) / 5)  # two of six lie on a fifth of all ways
    monkeypatch.setattr(figures, "BETWEEN_WHOLE", 5)
    monkeypatch.setattr(figures, "BETWEEN_SOURCES", 3)
    for one in figures.series(found, question, ("betweenness_centralisation",)):
        assert one.low is not None and one.high is not None and 0 <= one.low <= one.value <= one.high <= 1


def test_costly_figures_have_their_months_only_where_they_are_asked_for_by_name(session: Session, cast: Cast) -> None:
    a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=9))
    found = told(session)
    days: dict[str, int] = {}
    for one in figures.series(found, Question(TODAY)):
        days[one.measure] = days.get(one.measure, 0) + 1
    assert {key for key, count in days.items() if count == 1} == COSTLY
    assert {count for key, count in days.items() if key not in COSTLY} == {37}
    for key in COSTLY:
        assert [one.measure for one in figures.series(found, Question(TODAY), (key,))] == [key] * 37


def test_chance_stands_beside_what_is_found_and_comes_out_the_same_again(session: Session, cast: Cast) -> None:
    for one, other in ((cast.ada, cast.ben), (cast.ben, cast.cai), (cast.ada, cast.sol), (cast.cai, cast.fay)):
        a_connection(session, one, other, since=NOW - timedelta(days=9))
    found = told(session)
    asked = Question(TODAY, months=0)
    known = {one.measure: one for one in figures.series(found, asked)}
    for kind in ("sector", "region"):
        by_chance = known[f"{kind}_ei_chance"]
        assert by_chance.low is not None and by_chance.high is not None
        assert -1 <= by_chance.low <= by_chance.value <= by_chance.high <= 1
    assert known["sector_ei"].value == pytest.approx(2 * known["cross_sector_share"].value - 1)
    assert known["region_ei"].value == pytest.approx(2 * known["cross_region_share"].value - 1)
    assert known["cut_members"].value == 3 and known["core_largest"].value == 1
    assert known["communities"].value >= 1 and known["ties"].low is None
    assert {one.measure: one for one in figures.series(found, asked)} == known


def test_distances_of_a_large_network_are_from_a_sample_with_its_interval(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [a_member(session, f"Path Member{number}").id for number in range(90)]
    for one, other in pairwise(others):
        a_connection(session, min(one, other), max(one, other), since=NOW - timedelta(days=9))
    found = told(session)

    def mean() -> figures.Figure:
        return figures.series(found, Question(TODAY, months=0), ("distance_mean",))[0]

    whole = mean()
    monkeypatch.setattr(figures, "MEASURED_WHOLE", 80)
    monkeypatch.setattr(figures, "SOURCES", 80)
    sampled = mean()
    assert whole.low is None and whole.value == pytest.approx(91 / 3)
    assert sampled.low is not None and sampled.high is not None
    assert sampled.low < sampled.value < sampled.high and sampled.low <= whole.value <= sampled.high


def test_an_empty_network_has_figures_too(session: Session) -> None:
    found = {one.measure: one.value for one in figures.series(told(session), Question(TODAY, months=0))}
    assert set(found) == set(BY_KEY)
    undefined = {key for key, number in found.items() if number is None}
    assert undefined == {measure.key for measure in MEASURES if measure.undefined}, "and the definition says when"
    assert {found[key] for key in set(found) - undefined} == {0}, "what counts is 0 of nobody"


def test_members_count_from_the_day_they_join_to_the_day_they_leave(session: Session, cast: Cast) -> None:
    leaver = session.get_one(Member, cast.ben)
    leaver.joined_at, leaver.standing, leaver.left_at = NOW - timedelta(days=50), "left", NOW - timedelta(days=10)
    session.get_one(Member, cast.cai).standing = "invited"
    found = told(session)
    start = value(found, "members", Question(TODAY))
    assert value(found, "members", Question(TODAY - timedelta(days=10))) == start
    assert value(found, "members", Question(TODAY - timedelta(days=11))) == start + 1
    assert value(found, "leavers", Question(TODAY)) == 1
    assert value(found, "leavers", Question(TODAY - timedelta(days=11))) == 0


def test_hosts_sectors_regions_and_evidence_can_be_left_out(session: Session, cast: Cast) -> None:
    a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=9), evidence="met")
    a_connection(session, cast.ada, cast.sol, since=NOW - timedelta(days=9), evidence="declared")
    found = told(session)
    hosts = session.scalars(select(Member.id).where(Member.audience != "member")).all()
    assert cast.sol in hosts
    everybody = Question(TODAY)
    assert value(found, "ties", everybody) == 2
    assert value(found, "ties", Question(TODAY, evidence="met")) == 1
    assert value(found, "ties", Question(TODAY, with_hosts=False)) == 1
    less = value(found, "members", everybody) - value(found, "members", Question(TODAY, with_hosts=False))
    assert less == len(hosts)
    assert value(found, "members", Question(TODAY, sector="no such sector")) == 0


def test_a_correction_changes_what_is_known_now_and_not_what_was_known_then(session: Session, cast: Cast) -> None:
    a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=60))
    versions.keep_all(session, NOW - timedelta(days=60), as_it_happened=True)
    connection = session.scalars(select(ConnectionVersion)).one()
    wrong = ConnectionVersion(
        connection_id=connection.connection_id,
        from_on=TODAY - timedelta(days=50),
        recorded_on=TODAY - timedelta(days=5),
        holds=False,
        evidence="met",
        intensity=1,
    )
    session.add(wrong)
    session.flush()
    found = facts.read(session, WORDS)
    day = TODAY - timedelta(days=30)
    assert value(found, "ties", Question(day)) == 0
    assert value(found, "ties", Question(day, known_on=TODAY - timedelta(days=6))) == 1
    assert value(found, "ties", Question(day, then=True)) == 1
    assert value(found, "ties", Question(TODAY, then=True)) == 0


def test_what_is_held_is_read_again_only_after_a_change(session: Session, cast: Cast) -> None:
    versions.keep_all(session, NOW)
    session.commit()
    held = Held()
    first = held.current(session, WORDS)
    assert held.current(session, WORDS) is first
    session.execute(update(Member).where(Member.id == cast.ada).values(audience="facilitator"))
    changes.touch(session, [cast.ada], NOW)
    session.commit()
    again = held.current(session, WORDS)
    assert again is not first
    question = Question(TODAY, months=1)
    figures_then = held.figures(session, WORDS, question)
    assert held.figures(session, WORDS, question) is figures_then
    assert figures_then == figures.series(again, question)
    assert held.figures(session, WORDS, question, ("ties",)) == figures.series(again, question, ("ties",))
    assert len(again.members.member) == len(session.scalars(select(MemberVersion)).all())
    changes.touch(session, [cast.ben], NOW)
    session.commit()
    assert held.figures(session, WORDS, question) is not figures_then


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"as_of": "yesterday"}, "as_of"),
        ({"as_of": "2999-01-01"}, "as_of"),
        ({"known_on": "0001-01-01"}, "known_on"),
        ({"sector": "=1+1"}, "sector"),
        ({"evidence": "hearsay"}, "evidence"),
        ({"hosts": "with"}, "hosts"),
    ],
)
def test_a_question_that_cannot_be_is_refused_at_its_field(given: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        questions.asked(given, TODAY, WORDS)
    assert list(refused.value.fields) == [field]


def test_month_ends_are_the_last_days_of_months() -> None:
    assert questions.month_ends(date(2024, 4, 15), 3) == (date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31))
    assert questions.month_ends(date(2024, 1, 31), 1) == (date(2023, 12, 31),)
    assert len(Question(TODAY).days()) == 37
