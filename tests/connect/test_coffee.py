"""Coffee rounds: who is paired, who is not, what becomes of meeting, and of silence."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln.connect import (
    blocks,
    coffee_meetings,
    coffee_opting,
    coffee_pages,
    coffee_pairing,
    coffee_rounds,
    connections,
)
from haln.connect.coffee_meetings import CLOSE_DAYS
from haln.connect.coffee_rounds import Facts
from haln.connect.coffee_ties import Tie
from haln.errors import Conflict, Invalid, NotFound, NotPermitted
from haln.models import (
    AlgorithmRun,
    AuditRecord,
    CoffeeOptIn,
    CoffeePair,
    CoffeeRound,
    CoffeeSeat,
    Connection,
    ConnectionVersion,
    Dismissal,
    Introduction,
    Mail,
    Member,
    SuggestionRefresh,
)
from haln.people import erasure, leaving, own_data
from haln.post import coffee_letters
from tests.builders import NOW, Cast, a_connection, a_member, a_theme, an_actor
from tests.coffee_builders import FACTS, TODAY, a_round, an_open_round, ask, make, top_sector


def key(session: Session, member: int) -> str:
    return session.get_one(Member, member).public_id


def say(session: Session, row: CoffeeRound, me: int, other: int, given: str) -> coffee_meetings.Answered:
    return coffee_meetings.answer(session, an_actor(session, me), row.public_id, key(session, other), given, NOW)


def pairs(session: Session, row: CoffeeRound) -> set[tuple[int, int]]:
    found = select(CoffeePair.low_id, CoffeePair.high_id).where(CoffeePair.round_id == row.id)
    return {(one.low_id, one.high_id) for one in session.execute(found)}


def mails(session: Session, kind: str) -> list[int]:
    return sorted(session.scalars(select(Mail.member_id).where(Mail.kind == kind)).all())  # type: ignore[type-var]


def dry(session: Session, staff: int, row: CoffeeRound) -> coffee_pairing.DryRun:
    return coffee_pairing.dry_run(session, an_actor(session, staff), row.public_id, TODAY, NOW, top_sector)


def test_everybody_who_asks_is_paired_once_and_written_to(session: Session, cast: Cast) -> None:
    ask(session, (cast.ada, cast.ben, cast.cai, cast.dee, cast.fay))
    row = an_open_round(session, cast.sol)
    assert make(session, cast.sol, row) == 2
    seats = session.execute(select(CoffeeSeat.member_id, CoffeeSeat.group_number)).all()
    assert sorted(seat.member_id for seat in seats) == sorted((cast.ada, cast.ben, cast.cai, cast.dee, cast.fay))
    assert len(pairs(session, row)) == 4  # a trio is remembered as three pairs
    assert mails(session, "coffee_paired") == sorted((cast.ada, cast.ben, cast.cai, cast.dee, cast.fay))
    assert row.state == "made" and row.told["groups"] == 2 and row.told["trios"] == 1


def test_the_dry_run_is_what_is_made_and_writes_nothing(session: Session, cast: Cast) -> None:
    ask(session, cast.everyone()[:5])
    row = an_open_round(session, cast.sol)
    told = dry(session, cast.sol, row)
    assert [trial.across for trial in told.trials] == ["none", "some", "strong"]
    assert session.scalar(select(func.count()).select_from(CoffeeSeat)) == 0
    make(session, cast.sol, row)
    chosen = next(trial for trial in told.trials if trial.chosen)
    assert (row.told["groups"], row.told["trios"], row.told["new"], row.told["across"]) == (
        chosen.groups,
        chosen.trios,
        chosen.new,
        chosen.across_sectors,
    )
    assert row.told["inputs"] == told.version


def test_pairs_worked_out_beforehand_hold_only_while_nothing_changed(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(session, cast.everyone()[:4])
    row, sol = an_open_round(session, cast.sol), an_actor(session, cast.sol)
    worked = coffee_pairing.work_out(session, row.public_id, TODAY, NOW, top_sector, nullcontext)
    assert worked is not None
    with session.begin_nested() as undone:
        stop(session, cast.ada)
        coffee_pairing.make(session, sol, row.public_id, row.version, TODAY, NOW, top_sector, worked)
        assert cast.ada not in {member for pair in pairs(session, row) for member in pair}
        undone.rollback()
    monkeypatch.setattr(coffee_pairing, "_pair", None)  # nothing is worked out under the lock
    coffee_pairing.make(session, sol, row.public_id, row.version, TODAY, NOW, top_sector, worked)
    assert pairs(session, row) == set(worked.found.pairs)


def test_the_making_is_audited_with_its_seed_and_its_inputs(session: Session, cast: Cast) -> None:
    ask(session, (cast.ada, cast.ben))
    row = an_open_round(session, cast.sol)
    make(session, cast.sol, row)
    found = session.scalars(select(AuditRecord).where(AuditRecord.action == "make_coffee_pairs")).one()
    assert (found.actor_id, found.detail["seed"], found.detail["inputs"]) == (cast.sol, row.seed, row.told["inputs"])
    run = session.scalars(select(AlgorithmRun).where(AlgorithmRun.kind == "coffee")).one()
    assert run.seed == row.seed and run.data_version.endswith(row.told["inputs"])


def test_who_asked_for_one_round_has_had_it_unless_nobody_was_left(session: Session, cast: Cast) -> None:
    ask(session, (cast.ada, cast.ben, cast.dee), mode="next")
    for other in (cast.ada, cast.ben):
        blocks.block(session, an_actor(session, cast.dee), key(session, other), NOW)
    row = an_open_round(session, cast.sol)
    told = dry(session, cast.sol, row)
    assert [line.id for line in told.left] == [cast.dee] and told.left_count == 1
    make(session, cast.sol, row)
    assert session.scalars(select(CoffeeOptIn.member_id)).all() == [cast.dee]
    assert mails(session, "coffee_left") == [cast.dee]


def hide(session: Session, member: int) -> None:
    session.get_one(Member, member).listed = False


def pause(session: Session, member: int) -> None:
    session.get_one(Member, member).paused_until = TODAY + timedelta(days=1)


def leave(session: Session, member: int) -> None:
    leaving.leave(session, an_actor(session, member), NOW)


def begin_again(session: Session, member: int) -> None:
    session.get_one(Member, member).onboarding_step = 2


def stop(session: Session, member: int) -> None:
    coffee_opting.opt_out(session, an_actor(session, member), NOW)


@pytest.mark.parametrize("act", [hide, pause, leave, begin_again, stop])
def test_who_is_away_or_has_stopped_is_not_paired(
    session: Session, cast: Cast, act: Callable[[Session, int], None]
) -> None:
    ask(session, (cast.ada, cast.ben, cast.cai))
    row = an_open_round(session, cast.sol)
    act(session, cast.ada)
    session.flush()
    make(session, cast.sol, row)
    assert pairs(session, row) == {(cast.ben, cast.cai)}


def test_who_does_not_want_to_be_suggested_may_still_ask_for_coffee(session: Session, cast: Cast) -> None:
    session.get_one(Member, cast.ada).suggest_me = False
    ask(session, (cast.ada, cast.ben))
    row = an_open_round(session, cast.sol)
    make(session, cast.sol, row)
    assert pairs(session, row) == {(cast.ada, cast.ben)}


@given(
    members=st.sets(st.integers(0, 4), min_size=0, max_size=5),
    acts=st.lists(st.tuples(st.integers(0, 4), st.booleans())),
)
@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_order_who_stopped_last_is_never_in_a_round(
    session: Session, cast: Cast, members: set[int], acts: list[tuple[int, bool]]
) -> None:
    everyone = cast.everyone()
    with session.begin_nested() as undone:
        row = an_open_round(session, cast.sol)
        ask(session, (everyone[one] for one in members))
        wants = {one: one in members for one in range(5)}
        for one, comes in acts:
            if comes:
                ask(session, (everyone[one],))
            else:
                stop(session, everyone[one])
            wants[one] = comes
        if sum(wants.values()) < 2:
            with pytest.raises(Conflict):
                make(session, cast.sol, row)
        else:
            make(session, cast.sol, row)
            seated = set(session.scalars(select(CoffeeSeat.member_id)))
            assert seated == {everyone[one] for one, comes in wants.items() if comes}
        undone.rollback()


def test_nobody_meets_again_from_round_to_round_while_there_is_another(session: Session, cast: Cast) -> None:
    ask(session, cast.everyone()[:4])
    seen: set[tuple[int, int]] = set()
    for number in range(3):
        row = an_open_round(session, cast.sol)
        make(session, cast.sol, row)
        row.made_at = NOW + timedelta(minutes=number)
        session.flush()
        assert not pairs(session, row) & seen
        seen |= pairs(session, row)
    assert len(seen) == 6


def test_only_one_round_is_open_and_its_days_make_sense(session: Session, cast: Cast) -> None:
    actor = an_actor(session, cast.sol)
    wrong = {
        "pairs_on": Facts(TODAY - timedelta(days=1), TODAY + timedelta(days=5)),
        "meet_by": Facts(TODAY, TODAY),
        "across": Facts(TODAY, TODAY + timedelta(days=5), "much"),
    }
    for name, facts in wrong.items():
        with pytest.raises(Invalid) as error:
            coffee_rounds.open_round(session, actor, facts, TODAY, NOW)
        assert set(error.value.fields) == {name}
    with pytest.raises(Invalid) as error:
        coffee_rounds.open_round(session, actor, Facts(None, None), TODAY, NOW)
    assert set(error.value.fields) == {"pairs_on", "meet_by"}
    row = an_open_round(session, cast.sol)
    with pytest.raises(Conflict):
        coffee_rounds.open_round(session, actor, FACTS, TODAY, NOW)
    with pytest.raises(Conflict):
        coffee_rounds.cancel(session, actor, row.public_id, row.version + 1, NOW)
    coffee_rounds.cancel(session, actor, row.public_id, row.version, NOW)
    with pytest.raises(Conflict):
        make(session, cast.sol, row)
    an_open_round(session, cast.sol)


def test_bad_answers_to_how_one_takes_part_are_refused(session: Session, cast: Cast) -> None:
    ada = an_actor(session, cast.ada)
    with pytest.raises(Invalid):
        coffee_opting.opt_in(session, ada, "always", "", NOW)
    with pytest.raises(Invalid):
        coffee_opting.opt_in(session, ada, "every", "rich people", NOW)
    hide(session, cast.ada)
    session.flush()
    with pytest.raises(NotPermitted):
        coffee_opting.opt_in(session, ada, "every", "", NOW)


def test_one_yes_connects_by_having_met_and_the_other_is_told(session: Session, cast: Cast) -> None:
    row = a_round(session, [(cast.ada, cast.ben)])
    assert say(session, row, cast.ada, cast.ben, "met").tie is Tie.MADE
    tie = session.scalars(select(Connection)).one()
    assert (tie.low_id, tie.high_id, tie.evidence, tie.since) == (cast.ada, cast.ben, "met", NOW)
    assert mails(session, "coffee_met") == [cast.ben]
    assert say(session, row, cast.ben, cast.ada, "met").tie is not Tie.MADE
    assert mails(session, "coffee_met") == [cast.ben]
    # The tie feeds suggestions and the versions from which figures are made.
    assert set(session.scalars(select(SuggestionRefresh.member_id))) >= {cast.ada, cast.ben}


def test_a_yes_after_a_no_of_the_other_connects_only_once_both_say_so(session: Session, cast: Cast) -> None:
    row = a_round(session, [(cast.ada, cast.ben)])
    say(session, row, cast.ben, cast.ada, "no")
    assert say(session, row, cast.ada, cast.ben, "met").tie is not Tie.MADE
    assert session.scalars(select(Connection)).all() == []
    assert say(session, row, cast.ben, cast.ada, "met").tie is Tie.MADE


def test_not_yet_and_no_connect_nobody_and_what_was_ended_stays_ended(session: Session, cast: Cast) -> None:
    row = a_round(session, [(cast.ada, cast.ben)])
    for given_answer in ("not_yet", "no"):
        assert say(session, row, cast.ada, cast.ben, given_answer).tie is not Tie.MADE
    say(session, row, cast.ada, cast.ben, "met")
    connections.end(session, an_actor(session, cast.ben), key(session, cast.ada), NOW)
    assert say(session, row, cast.ada, cast.ben, "met").tie is not Tie.MADE


def test_who_were_connected_before_stay_as_they_are(session: Session, cast: Cast) -> None:
    a_connection(session, cast.ada, cast.ben, NOW - timedelta(days=90), evidence="collaborated")
    row = a_round(session, [(cast.ada, cast.ben)])
    assert say(session, row, cast.ada, cast.ben, "met").tie is not Tie.MADE
    assert session.scalars(select(Connection)).one().evidence == "collaborated"
    assert session.scalars(select(CoffeePair)).one().connection_id is None


def test_in_a_trio_each_says_whom_they_met(session: Session, cast: Cast) -> None:
    row = a_round(session, [(cast.ada, cast.ben, cast.cai)])
    assert say(session, row, cast.ada, cast.cai, "met").tie is Tie.MADE
    assert session.scalars(select(Connection)).one().high_id == cast.cai


def test_nobody_answers_for_others_or_about_somebody_unseen(session: Session, cast: Cast) -> None:
    row = a_round(session, [(cast.ada, cast.ben)])
    with pytest.raises(NotFound):
        say(session, row, cast.ada, cast.cai, "met")
    with pytest.raises(NotFound):
        say(session, row, cast.dee, cast.ada, "met")
    with pytest.raises(Invalid):
        say(session, row, cast.ada, cast.ben, "perhaps")
    blocks.block(session, an_actor(session, cast.ben), key(session, cast.ada), NOW)
    with pytest.raises(NotFound):
        say(session, row, cast.ada, cast.ben, "met")


def ended(session: Session, cast: Cast) -> None:
    a_connection(session, cast.ada, cast.ben, NOW - timedelta(days=30))
    connections.end(session, an_actor(session, cast.ben), key(session, cast.ada), NOW - timedelta(days=1))


def declined(session: Session, cast: Cast) -> None:
    facts = {"asker_answer": "yes", "asked_answer": "no", "created_at": NOW, "expires_at": NOW + timedelta(days=9)}
    session.add(Introduction(public_id="i", kind="asked", asker_id=cast.ada, asked_id=cast.ben, **facts))


def set_aside(session: Session, cast: Cast) -> None:
    session.add(Dismissal(member_id=cast.ben, other_id=cast.ada, created_at=NOW))


@pytest.mark.parametrize("part", [ended, declined, set_aside])
def test_we_met_never_reconnects_those_who_parted_since(
    session: Session, cast: Cast, part: Callable[[Session, Cast], None]
) -> None:
    row = a_round(session, [(cast.ada, cast.ben)])
    part(session, cast)
    session.flush()
    assert say(session, row, cast.ada, cast.ben, "met").tie is not Tie.MADE
    assert say(session, row, cast.ben, cast.ada, "met").tie is not Tie.MADE
    assert mails(session, "coffee_met") == []


def test_an_old_round_is_not_answered_and_nothing_is_offered(session: Session, cast: Cast) -> None:
    row = a_round(session, [(cast.ada, cast.ben)], days=28 + 42)
    ada = an_actor(session, cast.ada)
    assert coffee_pages.meetings(session, ada, TODAY).past[0].answerable
    assert say(session, row, cast.ada, cast.ben, "not_yet").name == "Ben Whitaker"
    row.meet_by -= timedelta(days=1)
    session.flush()
    assert not coffee_pages.meetings(session, ada, TODAY).past[0].answerable
    with pytest.raises(Conflict):
        say(session, row, cast.ada, cast.ben, "met")
    assert session.scalars(select(Connection)).all() == []


def letter(session: Session, kind: str, row: CoffeeRound, me: int, other: int) -> coffee_letters.Told | None:
    about = {"coffee_round_id": row.id, "coffee_with_id": other}
    return coffee_letters.told(session, kind, about, me, str, NOW)


@pytest.mark.parametrize("mode", ["every", "next", ""])
def test_who_stopped_is_written_to_no_more_and_keeps_the_pair(session: Session, cast: Cast, mode: str) -> None:
    if mode:
        ask(session, (cast.ada,), mode=mode)
    row = a_round(session, [(cast.ada, cast.ben)])
    a_connection(session, cast.ada, cast.ben, NOW)
    kinds = ("coffee_met", "coffee_asked", "coffee_left")
    assert all(letter(session, kind, row, cast.ada, cast.ben) for kind in kinds)
    stop(session, cast.ada)
    assert not any(letter(session, kind, row, cast.ada, cast.ben) for kind in kinds)
    assert letter(session, "coffee_paired", row, cast.ada, cast.ben) is not None
    assert len(coffee_pages.meetings(session, an_actor(session, cast.ada), TODAY).now) == 1
    ask(session, (cast.ada,))
    assert letter(session, "coffee_asked", row, cast.ada, cast.ben) is not None


def test_one_is_asked_only_about_those_of_whom_nothing_is_settled(session: Session, cast: Cast) -> None:
    row = a_round(session, [(cast.ada, cast.ben, cast.cai)])
    say(session, row, cast.ada, cast.ben, "no")
    say(session, row, cast.ada, cast.cai, "not_yet")
    told = letter(session, "coffee_asked", row, cast.ada, cast.ben)
    assert told is not None and told.values["names"] == ["Cai Morgan"]


def test_only_silent_rounds_in_a_row_pause(session: Session, cast: Cast) -> None:
    """Silent in the first; said something in the second before the first was closed; silent in the third."""
    ask(session, (cast.ada, cast.ben))
    session.execute(CoffeeOptIn.__table__.update().values(changed_at=NOW - timedelta(days=200)))
    session.expire_all()
    counted = []
    for number, days in enumerate((150, 120, 90)):
        row = a_round(session, [(cast.ada, cast.ben)], days=days, meet_by=TODAY - timedelta(days=days - 40))
        if number == 1:
            for me, other in ((cast.ada, cast.ben), (cast.ben, cast.ada)):
                coffee_meetings.answer(
                    session, an_actor(session, me), row.public_id, key(session, other), "no", NOW - timedelta(days=100)
                )
            due(session, -95)
        elif number == 2:
            due(session, 0)
        counted.append(session.get_one(CoffeeOptIn, cast.ada).silent)
    assert counted == [0, 0, 1]
    assert session.get_one(CoffeeOptIn, cast.ada).mode == "every"


@pytest.mark.parametrize("away", [hide, leave])
def test_who_cannot_answer_is_not_silent_and_gets_the_one_round_back(
    session: Session, cast: Cast, away: Callable[[Session, int], None]
) -> None:
    ask(session, (cast.ada, cast.cai))
    ask(session, (cast.ben, cast.dee), mode="next", wish="place")
    session.execute(CoffeeOptIn.__table__.update().values(changed_at=NOW - timedelta(days=200)))
    blocks.block(session, an_actor(session, cast.cai), key(session, cast.ben), NOW)
    for one in (cast.ada, cast.ben):
        blocks.block(session, an_actor(session, cast.dee), key(session, one), NOW)
    row = an_open_round(session, cast.sol)
    make(session, cast.sol, row)
    assert pairs(session, row) == {(cast.ada, cast.ben), (cast.cai, cast.dee)}
    away(session, cast.ada)
    away(session, cast.dee)
    session.flush()
    due(session, 1)
    given = session.get_one(CoffeeOptIn, cast.ben)
    assert (given.mode, given.wish) == ("next", "place")
    assert session.get(CoffeeOptIn, cast.dee) is None
    due(session, 29 + CLOSE_DAYS)
    assert row.state == "closed"
    assert session.get_one(CoffeeOptIn, cast.cai).silent == 0


def test_a_pair_of_which_one_says_no_is_not_counted_as_met(session: Session, cast: Cast) -> None:
    row = a_round(session, [(cast.ada, cast.ben), (cast.cai, cast.dee)])
    say(session, row, cast.ada, cast.ben, "no")
    say(session, row, cast.ben, cast.ada, "met")
    due(session, 22 + CLOSE_DAYS)
    session.refresh(row)
    assert (row.told["met"], row.told["spoke"]) == (0, 2)


def due(session: Session, days: int) -> int:
    return coffee_meetings.due(session, TODAY + timedelta(days=days), NOW + timedelta(days=days))


def test_those_who_said_nothing_are_asked_once_when_the_days_are_over(session: Session, cast: Cast) -> None:
    row = a_round(session, [(cast.ada, cast.ben), (cast.cai, cast.dee, cast.fay)])
    say(session, row, cast.ada, cast.ben, "met")
    say(session, row, cast.cai, cast.dee, "no")
    say(session, row, cast.cai, cast.fay, "no")
    assert due(session, 21) == 0  # the last day to meet
    assert due(session, 22) == 1
    assert due(session, 22) == 0
    assert mails(session, "coffee_asked") == sorted((cast.dee, cast.fay))


def test_two_silent_rounds_pause_kindly_and_one_click_comes_back(session: Session, cast: Cast) -> None:
    ask(session, (cast.ada, cast.ben, cast.cai, cast.dee))
    session.execute(CoffeeOptIn.__table__.update().values(changed_at=NOW - timedelta(days=200)))
    session.expire_all()
    for number, days in enumerate((90, 48)):
        row = a_round(session, [(cast.ada, cast.ben), (cast.cai, cast.dee)], days=days)
        if number:
            say(session, row, cast.cai, cast.dee, "met")
        assert due(session, 0) == 2
        paused = set(session.scalars(select(CoffeeOptIn.member_id).where(CoffeeOptIn.mode == "paused")))
        assert paused == ({cast.ada, cast.ben} if number else set())
    assert mails(session, "coffee_paused") == [cast.ada, cast.ben]
    row = an_open_round(session, cast.sol)
    make(session, cast.sol, row)
    assert pairs(session, row) == {(cast.cai, cast.dee)}
    ada = an_actor(session, cast.ada)
    coffee_opting.come_back(session, ada, NOW)
    mine = coffee_opting.mine(session, ada, TODAY)
    assert mine is not None and mine.mode == "every"
    with pytest.raises(Conflict):
        coffee_opting.come_back(session, ada, NOW)


def test_how_a_round_went_is_counted_once_two_weeks_after(session: Session, cast: Cast) -> None:
    row = a_round(session, [(cast.ada, cast.ben), (cast.cai, cast.dee)])
    say(session, row, cast.ada, cast.ben, "met")
    due(session, 21 + CLOSE_DAYS)
    assert row.state == "made"
    due(session, 22 + CLOSE_DAYS)
    session.refresh(row)
    assert row.state == "closed"
    assert {name: row.told[name] for name in ("could", "met", "spoke", "seated")} == {
        "could": 2,
        "met": 1,
        "spoke": 1,  # the other said nothing
        "seated": 4,
    }
    say(session, row, cast.cai, cast.dee, "met")
    assert row.told["met"] == 1


def test_a_pair_sees_each_other_and_what_both_may_know_and_nobody_else_does(session: Session, cast: Cast) -> None:
    for member in (cast.ada, cast.ben):
        a_theme(session, member, "food", interest=True)
    a_theme(session, cast.ada, "housing", seek=True)
    a_theme(session, cast.ben, "housing", offer=True)
    a_round(session, [(cast.ada, cast.ben), (cast.cai, cast.dee)])

    def seen(member: int) -> list[tuple[int, str, list[str]]]:
        found = coffee_pages.meetings(session, an_actor(session, member), TODAY)
        return [(one.person.id, one.email, [reason.kind for reason in one.reasons]) for one in found.now]

    assert seen(cast.ada) == [
        (cast.ben, "ben.whitaker@example.org", ["they_offer_you_seek", "shared_theme", "same_place_other_sector"])
    ]
    assert seen(cast.fay) == []
    session.get_one(Member, cast.ada).show_themes = 0  # what Ada keeps to herself is told to neither
    session.flush()
    assert seen(cast.ada)[0][2] == seen(cast.ben)[0][2] == ["same_place_other_sector"]
    blocks.block(session, an_actor(session, cast.ben), key(session, cast.ada), NOW)
    assert seen(cast.ada) == seen(cast.ben) == []


def test_the_own_copy_holds_it_and_erasing_leaves_the_pair_as_numbers(session: Session, cast: Cast) -> None:
    ask(session, (cast.ada,))
    row = a_round(session, [(cast.ada, cast.ben)])
    say(session, row, cast.ben, cast.ada, "met")
    found = own_data.collected(session, cast.ada, NOW)
    assert found["coffee_wishes"][0]["mode"] == "every"
    assert found["coffee_meetings"] == [
        {"pairs_on": row.pairs_on, "with": "Ben Whitaker", "your_answer": None, "answered_at": None}
    ]
    assert len(found["coffee_rounds"]) == 1
    assert own_data.collected(session, cast.sol, NOW)["coffee_rounds_opened"] == []
    erasure.erase(session, cast.ada, NOW)
    assert session.scalars(select(CoffeeOptIn)).all() == []
    assert pairs(session, row) == {(cast.ada, cast.ben)}
    assert [one.values for one in session.scalars(select(Mail).where(Mail.kind == "coffee_met"))] == [{}]


def test_a_coffee_tie_is_kept_as_a_version_from_the_day_on_which_it_was_said(session: Session, cast: Cast) -> None:
    row = a_round(session, [(cast.ada, cast.ben)])
    say(session, row, cast.ada, cast.ben, "met")
    session.commit()
    found = session.scalars(select(ConnectionVersion)).one()
    assert (found.from_on, found.evidence, found.holds) == (TODAY, "met", True)


def test_members_who_come_later_are_paired_too(session: Session, cast: Cast) -> None:
    more = [a_member(session, f"Member {number}").id for number in range(20)]
    ask(session, (*more, cast.ada))
    row = an_open_round(session, cast.sol)
    assert make(session, cast.sol, row) == 10
    assert row.told["left"] == 0
