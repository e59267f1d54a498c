"""Figures that are kept: those that would be worked out, until something is said of their day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import create_engine, func, select, update
from sqlalchemy.orm import Session

from haln.db import may_write, prepare_engine
from haln.measure import exports, facts, figures, kept
from haln.measure.definitions import BY_KEY
from haln.measure.exports_rows import Asked, Kept, rows
from haln.measure.questions import Question, month_ends
from haln.models import ConnectionVersion, KeptFigures, Member, MemberVersion
from haln.network import communities
from haln.people import erasure, versions
from haln.taxonomy import vocabulary
from tests.builders import NOW, Cast, a_connection, a_member, the_cast

WORDS = vocabulary.load()
TODAY = NOW.date()
SMALL = 7
MONTHS = 6
HOSTS = (True, False)


@pytest.fixture
def stored(database_url: str) -> Iterator[Session]:
    """A session of a network that grew for half a year, on either database."""
    engine = create_engine(database_url)
    prepare_engine(engine)
    may_write.set(True)
    with Session(engine) as session:
        cast = the_cast(session)
        ids = [a_member(session, f"Kept Member{number}", joined_at=_ago(200 - 6 * number)).id for number in range(30)]
        for number, member in enumerate(ids[1:]):
            a_connection(session, cast.ada, member, since=_ago(150 - 5 * number), evidence="met")
            a_connection(session, ids[number], member, since=_ago(140 - 4 * number), intensity=2)
        versions.keep_all(session, NOW, as_it_happened=True)
        session.commit()
        yield session
    engine.dispose()


def _ago(days: int) -> object:
    return NOW - timedelta(days=days)


def keep(session: Session, now: object = NOW, threshold: int = SMALL) -> int:
    told = facts.read(session, WORDS)
    wanted = kept.due(session, told, WORDS, threshold, now)  # type: ignore[arg-type]
    return len(list(kept.keep(session, told, wanted, session.commit, lambda: now)))  # type: ignore[arg-type, return-value]


def count(session: Session) -> int:
    return session.scalar(select(func.count(KeptFigures.id))) or 0


def test_what_is_kept_is_what_is_worked_out(stored: Session) -> None:
    assert keep(stored) > 2 * MONTHS and keep(stored) == 0
    told = facts.read(stored, WORDS)
    for hosts in HOSTS:
        for then in (True, False):
            question = Question(TODAY, then=then, months=MONTHS, with_hosts=hosts)
            ahead = kept.read(stored, told, question)
            assert set(ahead) == set(month_ends(TODAY, MONTHS))
            found = figures.series(told, question, kept=ahead, every_day=True)
            assert found == figures.series(told, question, every_day=True)
            for exact in (True, False):
                asked = Asked(question, TODAY, SMALL, exact=exact)
                held = kept.read_rows(stored, told, asked)
                assert bool(held.published) != exact
                assert rows(told, asked, kept=held, every_day=True) == rows(told, asked, every_day=True)


def test_kept_figures_are_taken_and_not_worked_out_again(stored: Session) -> None:
    keep(stored)
    last = month_ends(TODAY, 1)[0]
    row = stored.scalars(select(KeptFigures).where(KeptFigures.asked == "", KeptFigures.as_of == last)).one()
    row.figures = [
        [key, version, 4711 if key == "ties" else value, *ends] for key, version, value, *ends in row.figures or ()
    ]
    stored.commit()
    told = facts.read(stored, WORDS)
    question = Question(last, months=0)
    found = {one.measure: one.value for one in figures.series(told, question, kept=kept.read(stored, told, question))}
    assert found["ties"] == 4711


def bump(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setitem(BY_KEY, key, replace(BY_KEY[key], version=BY_KEY[key].version + 1))


def test_what_was_kept_by_other_rules_is_due_again_and_stays(stored: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    first = keep(stored)
    before = {row.id: (row.figures, row.published, row.made_at) for row in stored.scalars(select(KeptFigures))}
    told = facts.read(stored, WORDS)
    asked = Asked(Question(TODAY, months=MONTHS), TODAY, SMALL)
    assert keep(stored) == 0
    bump(monkeypatch, "small_world")
    assert kept.read_rows(stored, told, asked) == Kept(), "nothing of other rules is taken for today's"
    assert len(kept.due(stored, told, WORDS, SMALL, NOW)) == first == keep(stored) and keep(stored) == 0
    after = {row.id: (row.figures, row.published, row.made_at) for row in stored.scalars(select(KeptFigures))}
    assert {number: after[number] for number in before} == before, "what was kept before stays"
    assert len(after) == 2 * first
    again = rows(told, asked, kept=kept.read_rows(stored, told, asked), every_day=True)
    assert {row.version for row in again if row.measure == "small_world"} == {BY_KEY["small_world"].version}
    monkeypatch.undo()
    assert keep(stored) == 0, "the rules of before find their own rows"


def test_a_sample_of_another_size_is_another_rule(stored: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    first = keep(stored)
    for module, name in ((figures, "BETWEEN_SOURCES"), (figures, "SEED"), (communities, "RUNS")):
        monkeypatch.setattr(module, name, getattr(module, name) + 1)
        assert len(kept.due(stored, facts.read(stored, WORDS), WORDS, SMALL, NOW)) == first
        monkeypatch.undo()


def test_where_other_numbers_are_hidden_only_rows_to_publish_are_made_anew(
    stored: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = keep(stored)
    told = facts.read(stored, WORDS)
    question = Question(TODAY, months=MONTHS)
    ahead = kept.read(stored, told, question)
    asked = Asked(question, TODAY, SMALL + 10)
    held = kept.read_rows(stored, told, asked)
    assert held.figures == ahead and not held.published
    # Figures are taken from the rows that are there: none is worked out.
    monkeypatch.setattr(figures, "FAMILIES", tuple(replace(one, work_out=_never) for one in figures.FAMILIES))
    assert keep(stored, threshold=SMALL + 10) == first
    monkeypatch.undo()
    held = kept.read_rows(stored, told, asked)
    assert held.figures == ahead and set(held.published) == set(month_ends(TODAY, MONTHS))
    assert rows(told, asked, kept=held, every_day=True) == rows(told, asked, every_day=True)


def _never(*_: object) -> figures.Values:
    raise AssertionError("worked out again")


def test_what_is_found_out_later_is_kept_beside_what_was_known_then(stored: Session) -> None:
    keep(stored)
    before = count(stored)
    last = month_ends(TODAY, 1)[0]
    member = stored.scalars(select(Member).where(Member.name == "Kept Member3")).one()
    early, said = TODAY - timedelta(days=250), TODAY + timedelta(days=1)
    first = stored.scalars(select(MemberVersion).where(MemberVersion.member_id == member.id)).first()
    assert first is not None
    told_anew = {
        column.key: getattr(first, column.key) for column in MemberVersion.__table__.columns if column.key != "id"
    }
    stored.add(MemberVersion(**told_anew | {"from_on": early, "recorded_on": said}))
    stored.commit()
    told = facts.read(stored, WORDS)
    now = Question(last, months=MONTHS)
    assert last not in kept.read(stored, told, now) and last in kept.read(stored, told, Question(last, then=True))
    assert keep(stored, NOW + timedelta(days=1)) == 0, "the day on which it was said is not over"
    assert keep(stored, NOW + timedelta(days=2)) > 0 and count(stored) > before
    assert (
        kept.read(stored, told, now)[last]["members"].value == figures.series(told, Question(last, months=0))[0].value
    )


def test_a_report_made_again_has_the_same_bytes_even_when_somebody_was_erased(stored: Session) -> None:
    stored.execute(
        update(MemberVersion).where(MemberVersion.member_id == _cast_member(stored)).values(audience="staff")
    )
    stored.commit()
    keep(stored)
    last = month_ends(TODAY, 1)[0]
    forms = {form: _report(stored, last, form) for form in ("csv", "json")}
    erasure.erase(stored, _cast_member(stored), NOW)
    gone = stored.scalars(select(ConnectionVersion)).all()
    assert gone, "ties stay, so that history adds up"
    stored.commit()
    assert {form: _report(stored, last, form) for form in forms} == forms
    assert _report(stored, last, "csv", from_kept=False) != forms["csv"], "without what is kept, it would differ"


def _cast_member(session: Session) -> int:
    return session.scalars(select(Member.id).where(Member.name == "Kept Member9")).one()


def _report(session: Session, day: date, form: str, from_kept: bool = True) -> bytes:
    told = facts.read(session, WORDS)
    asked = Asked(Question(day, then=True, months=MONTHS - 1, with_hosts=False), TODAY, SMALL)
    ahead = kept.read_rows(session, told, asked) if from_kept else None
    return exports.figures_file(told, asked, form, kept=ahead).content


def test_two_workers_do_not_do_the_same_day_twice(stored: Session) -> None:
    told = facts.read(stored, WORDS)
    wanted = kept.due(stored, told, WORDS, SMALL, NOW)
    first = kept.keep(stored, told, wanted, stored.commit, lambda: NOW)
    assert next(first) == wanted[0]
    assert wanted[0] not in kept.due(stored, told, WORDS, SMALL, NOW)
    # Another has taken the second row and works on it: this one goes on to the third.
    stored.add(KeptFigures(**_keys(wanted[1]), threshold=SMALL, leased_until=NOW + kept.LEASE))
    stored.commit()
    assert next(first) == wanted[2]
    first.close()
    # The other died. Its lease over, the row is done like any other.
    later = NOW + kept.LEASE + timedelta(seconds=1)
    assert keep(stored, later) == len(wanted) - 2
    assert stored.scalar(select(func.count(KeptFigures.id)).where(KeptFigures.made_at.is_(None))) == 0


def _keys(one: kept.Due) -> dict[str, object]:
    return dict(zip(("asked", "as_of", "known_on", "rules", "published_rules"), one.settled, strict=True))


def test_of_a_large_network_costly_figures_come_from_what_is_kept(
    stored: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "WORKED_OUT_AT_ONCE", 5)
    told = facts.read(stored, WORDS)
    question = Question(TODAY, months=MONTHS)
    costly = {key for family in figures.FAMILIES if family.costly for key in family.keys}
    none = figures.series(told, question, patient=False)
    assert none and not costly & {one.measure for one in none}
    assert figures.series(told, question, ("modularity",), patient=False) == []
    assert keep(stored) > 30, "parts of a large network are kept, too"
    ahead = kept.read(stored, told, question)
    found = {one.measure: one for one in figures.series(told, question, kept=ahead, patient=False)}
    assert {found[key].as_of for key in costly} == {month_ends(TODAY, 1)[0]} and found["ties"].as_of == TODAY
    council = Question(TODAY, months=MONTHS, sector=WORDS.top_sectors[0].code)
    assert set(kept.read(stored, told, council)) == set(month_ends(TODAY, MONTHS))


def test_an_empty_network_has_nothing_to_keep(session: Session, cast: Cast) -> None:
    assert keep(session) == 0 and count(session) == 0
