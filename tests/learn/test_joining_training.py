"""What there is to join is ranked by weights that are learned from who joined what, and only if no worse."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.learn import joining_training, past_openings
from haln.learn.opening_rows import Ways
from haln.learn.set_lists import SetLists
from haln.matching import attempts, learning
from haln.matching.blend import Weights
from haln.matching.fixed_weights import DEFAULT_WEIGHTS
from haln.matching.joining_learning import PastJoining
from haln.matching.joining_weights import PAGE_WEIGHTS
from haln.matching.learning import HELD, Lesson
from haln.models import BlendModel, Member, MemberText, SetMembership
from haln.people import learned_weights
from haln.taxonomy import vocabulary
from tests.builders import NOW, Cast, a_connection, a_member, a_theme, the_cast
from tests.cohort_builders import a_cohort, a_learning_set, an_application

WORDS = vocabulary.load()
WAYS = Ways(lambda code: WORDS.top_sector(code).code, ZoneInfo("Europe/London"))
FEW = 7
SUBJECTS = {"food": "Canteens, growers and menus.", "housing": "Boilers, damp and insulation."}
MONTH = timedelta(days=30)


def grow(session: Session, cast: Cast) -> None:
    """Two calls a month for six months; whoever applies writes of the same as the call, whatever they seek."""
    chance = random.Random(7)
    people = [a_member(session, f"Person Number{n}", joined_at=NOW - 12 * MONTH).id for n in range(80)]
    for n, member_id in enumerate(people):
        session.get_one(Member, member_id).biography = list(SUBJECTS.values())[n % 2]
        a_theme(session, member_id, list(SUBJECTS)[n // 2 % 2], seek=True)
    for month in range(6):
        opened = NOW - (month + 1) * MONTH
        calls = [
            a_cohort(
                session,
                cast.fay,
                title=theme,
                purpose=purpose,
                themes=[theme],
                created_at=opened,
                closes_on=(opened + timedelta(days=29)).date(),
                state="open" if month == 0 else "formed",
            )
            for theme, purpose in SUBJECTS.items()
        ]
        for member_id in chance.sample(people, 40):
            call = calls[people.index(member_id) % 2]
            an_application(session, call.id, member_id, live_issue="", applied_at=opened + timedelta(days=9))
    session.commit()


@pytest.fixture
def grown(session: Session, cast: Cast) -> Session:
    grow(session, cast)
    return session


def everyone(session: Session, now: datetime = NOW, learns: bool = True) -> None:
    SetLists(WORDS, "Europe/London", FEW, learns=learns).everyone(session, now, lambda _done, _total: None)


def models(session: Session) -> list[BlendModel]:
    return list(session.scalars(select(BlendModel).order_by(BlendModel.id)))


def purposes(weights: Weights) -> float:
    return sum(weights.terms("purpose")[0][1].ends())


def test_the_nightly_run_learns_and_ranks_by_what_it_learned(grown: Session, cast: Cast) -> None:
    everyone(grown)
    (model,) = models(grown)
    assert model.accepted and model.value >= model.value_before
    assert model.prior == PAGE_WEIGHTS.version
    assert model.lessons["joined"] >= learning.FEWEST <= model.lessons["last_month"]
    held = joining_training.current(grown)
    assert held.version == model.version and purposes(held) > purposes(PAGE_WEIGHTS)
    themes = [one.terms("themes")[0][1].ends() for one in (held, PAGE_WEIGHTS)]
    assert min(themes[0]) >= HELD * min(themes[1])  # what members say they look for counts, whatever they joined
    # People are ranked by weights of their own kind.
    assert learned_weights.current(grown, PAGE_WEIGHTS) != PAGE_WEIGHTS
    lists = SetLists(WORDS, "Europe/London", FEW)
    lists.prepare(grown, cast.ada, NOW)
    assert lists._laid is not None and lists._laid[1].weights == held


def test_once_a_week_and_the_same_history_teaches_the_same(grown: Session) -> None:
    everyone(grown)
    everyone(grown, NOW + timedelta(days=1))
    assert len(models(grown)) == 1
    found = [joining_training.attempt(grown, NOW, WAYS, FEW) for _ in range(2)]
    assert found[0] is not None and found[0] == found[1]


def test_without_learning_or_history_the_weights_of_other_networks_hold(grown: Session, cast: Cast) -> None:
    everyone(grown, learns=False)
    assert models(grown) == []
    everyone(grown, NOW - 8 * MONTH)
    assert models(grown) == [] and joining_training.current(grown) == PAGE_WEIGHTS


def test_what_is_worse_on_the_last_month_is_refused_and_kept(grown: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    everyone(grown)
    good = joining_training.current(grown)
    value_of = attempts.value_of

    def worth(some: list[Lesson], weights: Weights) -> float:
        return value_of(some, weights) * (1.0 if weights == good else 0.9)

    monkeypatch.setattr(attempts, "value_of", worth)
    everyone(grown, NOW + timedelta(days=7))
    refused = models(grown)[-1]
    assert len(models(grown)) == 2 and not refused.accepted and refused.before == good.version
    assert joining_training.current(grown) == good


def test_lists_are_made_though_learning_fails(
    grown: Session, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_given: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(joining_training, "attempt", broken)
    everyone(grown)
    assert "No weights of what to join were learned" in caplog.text
    assert models(grown) == []


def _known(past: PastJoining) -> list[Any]:
    """All that ranking hears of a past moment."""
    crowds = past.openings.crowds
    assert crowds is not None
    arrays = [crowds.members, crowds.groups, crowds.people.toarray(), crowds.ties.toarray()]
    arrays += [*crowds.kindred, *crowds.broadly]
    texts = [past.openings.purposes, past.openings.issues]
    return [
        past.openings.all,
        past.seekers,
        [array.tolist() for array in arrays],
        [np.round(text.columns[1], 6).tolist() for text in texts],
    ]


def something_comes(session: Session, moment: datetime, apart: int) -> None:
    """Whatever may come to a network: people join calls and sets, meet and write."""
    people = list(session.scalars(select(Member.id).where(Member.name.startswith("Person")).order_by(Member.id)))
    old = joining_calls(session)
    for member_id in people[:30]:
        an_application(session, old, member_id, live_issue="Rats in the attic", applied_at=moment)
    group = a_learning_set(session, people[30:50], started_on=moment.date())
    session.add_all(SetMembership(set_id=group.id, member_id=one, joined_on=moment.date()) for one in people[50:52])
    for one, other in zip(people[:20], people[apart : apart + 20], strict=True):
        a_connection(session, one, other, since=moment)
    session.add_all(MemberText(member_id=one, written_on=moment.date(), text="Rats, again") for one in people)
    session.commit()


def joining_calls(session: Session) -> int:
    """A call of long ago that nobody had answered."""
    leader = session.scalars(select(Member.id).order_by(Member.id)).first()
    assert leader is not None
    made = a_cohort(session, leader, title="Old", created_at=NOW - 11 * MONTH, state="formed")
    made.closes_on = (NOW - 10 * MONTH).date()
    session.flush()
    return made.id


def test_nothing_that_came_after_a_moment_is_in_what_was_known_of_it(grown: Session) -> None:
    then = NOW - 2 * MONTH
    before = past_openings.read(grown, then, then + MONTH, WAYS, FEW)
    something_comes(grown, then + MONTH + timedelta(hours=36), 40)
    after = past_openings.read(grown, then, then + MONTH, WAYS, FEW)
    assert len(before.came) == 40 and before.came == after.came
    assert _known(before) == _known(after)
    # What had come by then is in it.
    something_comes(grown, then - timedelta(hours=36), 50)
    assert _known(past_openings.read(grown, then, then + MONTH, WAYS, FEW)) != _known(before)


def test_what_members_joined_in_the_last_month_is_not_learned_from(grown: Session, cast: Cast) -> None:
    before = joining_training.attempt(grown, NOW, WAYS, FEW)
    calls = [
        a_cohort(grown, cast.fay, title=text, purpose=text, created_at=NOW - timedelta(days=20))
        for text in SUBJECTS.values()
    ]
    people = list(grown.scalars(select(Member.id).where(Member.name.startswith("Person")).order_by(Member.id)))
    for at, member_id in enumerate(people):
        an_application(grown, calls[(at + 1) % 2].id, member_id, applied_at=NOW - timedelta(days=3))
    after = joining_training.attempt(grown, NOW, WAYS, FEW)
    assert before is not None and after is not None
    assert before.value != after.value
    assert before.weights.by_signal == after.weights.by_signal


def test_a_seat_in_a_set_that_ran_already_was_joined_and_one_from_its_beginning_was_not(
    session: Session, cast: Cast
) -> None:
    then = NOW - MONTH
    people = [a_member(session, f"Person Number{n}", joined_at=NOW - 12 * MONTH).id for n in range(12)]
    old = a_learning_set(session, people[:9], started_on=(then - MONTH).date())
    session.add(SetMembership(set_id=old.id, member_id=people[10], joined_on=(then + timedelta(days=4)).date()))
    a_learning_set(session, people[9:10], started_on=(then + timedelta(days=4)).date(), open_places=2)
    session.commit()
    past = past_openings.read(session, then, NOW, WAYS, FEW)
    assert past.came == [(people[10], 0)]
    assert len(past.openings.all) == 1 and past.openings.groups_of(people[10]) == 0
    assert past.openings.groups_of(people[0]) == 1


def test_it_is_learned_on_both_databases(stored: Session) -> None:
    grow(stored, the_cast(stored))
    everyone(stored)
    (model,) = models(stored)
    assert model.accepted and model.lessons == {"joined": 200, "last_month": 40}


def test_the_command_tells_of_both_kinds(app: Flask, grown: Session) -> None:
    everyone(grown)
    told: Result = app.test_cli_runner().invoke(args=["haln", "suggestions", "weights"])
    assert "by what 40 members joined; learned from what 200 had joined before." in told.output
    version = models(grown)[0].version
    assert SetLists(WORDS, "Europe/London", FEW, learns=False).in_use(grown) == PAGE_WEIGHTS.version
    assert told.output.splitlines()[-1] == (
        f"In use: {DEFAULT_WEIGHTS.version} for people to meet, {version} for what to join."
    )


def test_who_left_or_withdrew_later_was_there_then(session: Session, cast: Cast) -> None:
    then = NOW - 2 * MONTH
    people = [a_member(session, f"Person Number{n}", joined_at=NOW - 12 * MONTH).id for n in range(20)]
    group = a_learning_set(session, people[:10], started_on=(then - MONTH).date(), open_places=1)
    call = a_cohort(session, cast.fay, closes_on=(NOW + MONTH).date())
    answers = [an_application(session, call.id, one, applied_at=then - timedelta(days=3)) for one in people[10:]]
    session.commit()
    before = past_openings.read(session, then, then + MONTH, WAYS, FEW)
    seat = session.get_one(SetMembership, (group.id, people[0]))
    seat.left_on = (NOW - timedelta(days=5)).date()
    answers[0].state, answers[0].withdrawn_at = "withdrawn", NOW - timedelta(days=5)
    session.commit()
    assert _known(past_openings.read(session, then, then + MONTH, WAYS, FEW)) == _known(before)
    seat.left_on = (then - timedelta(days=5)).date()
    answers[0].withdrawn_at = then - timedelta(days=2)
    session.commit()
    later = past_openings.read(session, then, then + MONTH, WAYS, FEW)
    assert later.openings.groups_of(people[0]) == 0 == later.openings.groups_of(people[10])
    assert later.openings.groups_of(people[1]) == 1 == later.openings.groups_of(people[11])
    # A set that has ended since ran then, with those who sat in it.
    seat.left_on, group.ended_on = None, (NOW - timedelta(days=1)).date()
    session.commit()
    ran = past_openings.read(session, then, then + MONTH, WAYS, FEW)
    assert ran.openings.groups_of(people[0]) == 1


def test_months_are_those_of_the_network_s_own_days(session: Session, cast: Cast) -> None:
    """Two in the morning in London is the evening before in New York: a seat of the new day came after it."""
    there = Ways(WAYS.top_sector, ZoneInfo("America/New_York"))
    then = datetime(2026, 4, 10, 2, 0, tzinfo=NOW.tzinfo)
    people = [a_member(session, f"Person Number{n}", joined_at=NOW - 12 * MONTH).id for n in range(12)]
    group = a_learning_set(session, people[:10], started_on=(then - MONTH).date())
    session.add(SetMembership(set_id=group.id, member_id=people[10], joined_on=then.date()))
    session.commit()
    past = past_openings.read(session, then, then + MONTH, there, FEW)
    assert past.came == [(people[10], 0)] and past.openings.groups_of(people[10]) == 0


def test_where_too_little_came_the_network_is_not_read_through(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unread(*_given: object) -> None:
        raise AssertionError("read through for nothing")

    monkeypatch.setattr(past_openings, "read", unread)
    assert joining_training.attempt(session, NOW, WAYS, FEW) is None


def test_what_was_learned_beside_another_is_kept_under_a_name_of_its_own(grown: Session) -> None:
    made = joining_training.attempt(grown, NOW, WAYS, FEW)
    assert made is not None
    joining_training.keep(grown, made, NOW)
    joining_training.keep(grown, made, NOW)
    assert [model.version for model in models(grown)] == ["learned-1", "learned-2"]


def test_weights_that_a_later_version_learned_are_passed_over(session: Session) -> None:
    """By the family of what there is to join: a signal of people is as unknown to it as any other."""
    kept = PAGE_WEIGHTS.as_data()
    unknown = kept | {"terms": kept["terms"] | {"same_place": [[1.0, 0, 1.0, None, 0.0]]}}
    for version, weights in (("learned-1", kept), ("learned-2", unknown)):
        session.add(
            BlendModel(
                version=version,
                prior=PAGE_WEIGHTS.version,
                before=PAGE_WEIGHTS.version,
                made_at=NOW,
                accepted=True,
                value=0.5,
                value_before=0.4,
                lessons={"joined": 30, "last_month": 30},
                weights=weights,
            )
        )
        session.flush()
        assert joining_training.current(session).version == "learned-1"
