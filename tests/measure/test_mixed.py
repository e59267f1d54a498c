"""How groups mix: what is counted, what chance makes of it, and where the gaps are."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from haln.measure import facts
from haln.measure.mixed import mixed
from haln.measure.questions import Question
from haln.network.versions import Versions
from haln.people import versions
from haln.taxonomy import vocabulary
from tests.builders import NOW, a_connection, a_member, a_place, an_organisation

WORDS = vocabulary.load()
TODAY = NOW.date()


def two_camps(session: Session) -> Versions:
    """Ten members of the NHS and ten of councils, all tied within their own, and one tie across."""
    place = a_place(session, "Leeds", "E08000035")
    sectors = (("A", "nhs-acute"), ("B", "council-metropolitan"))
    homes = [an_organisation(session, name, sector, place) for name, sector in sectors]
    camps = [
        [a_member(session, f"Person {home.name}{number}", organisation_id=home.id).id for number in range(10)]
        for home in homes
    ]
    for camp in camps:
        for place_in_row, one in enumerate(camp):
            for other in camp[place_in_row + 1 : place_in_row + 4]:
                a_connection(session, one, other, since=NOW - timedelta(days=9))
    a_connection(session, camps[0][0], camps[1][0], since=NOW - timedelta(days=9))
    versions.keep_all(session, NOW, as_it_happened=True)
    return facts.read(session, WORDS)


def test_the_table_holds_every_connection_once_and_chance_keeps_their_number(session: Session) -> None:
    found = mixed(two_camps(session), Question(TODAY), "sector")
    assert len(found.groups) == 2 and [one.members for one in found.groups] == [10, 10]
    cells = [cell for number, row in enumerate(found.rows) for cell in row[number:]]
    assert sum(cell.observed for cell in cells) == 49
    assert abs(sum(cell.expected for cell in cells) - 49) < 1e-9
    assert [cell.verdict for cell in cells] == ["more", "fewer", "more"]
    assert found.across_share == 1 / 49 and found.across_chance is not None
    assert found.across_share is not None and found.across_share < found.across_chance.low
    assert found.rows[0][1].observed == found.rows[1][0].observed == 1


def test_a_gap_is_where_chance_would_make_clearly_more(session: Session) -> None:
    found = mixed(two_camps(session), Question(TODAY), "sector")
    assert [(gap.observed, gap.low <= gap.expected <= gap.high) for gap in found.gaps] == [(1, True)]


def test_the_same_day_and_seed_give_the_same_digits_and_a_day_before_has_none(session: Session) -> None:
    told = two_camps(session)
    assert mixed(told, Question(TODAY), "sector") == mixed(told, Question(TODAY), "sector")
    before = mixed(told, Question(TODAY - timedelta(days=10)), "sector")
    assert before.across_share is None and before.across_chance is None and before.groups[0].ei_index is None
    assert before.gaps == () and all(cell.observed == 0 for row in before.rows for cell in row)
    assert mixed(told, Question(TODAY), "region").across_share == 0


def test_nobody_there_is_no_error(session: Session) -> None:
    versions.keep_all(session, NOW)
    found = mixed(facts.read(session, WORDS), Question(TODAY), "region")
    assert (found.groups, found.rows, found.gaps) == ((), (), ())
