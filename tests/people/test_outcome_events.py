"""What came of an event: who may tell, whom a story may name, and that nothing tells who was there."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session

from haln.connect import blocks
from haln.db import may_write, prepare_engine
from haln.errors import Invalid, NotFound
from haln.learn import event_registrations
from haln.measure import outcome_stories
from haln.measure import outcomes as measured
from haln.models import Event, EventAttendance, Member, Outcome, OutcomeAgreement
from haln.people import erasure, leaving, outcome_agreements, outcome_events, outcome_sources, outcomes
from haln.people.outcomes import Draft, Wording
from tests.builders import NOW, Cast, an_actor, the_cast
from tests.event_builders import a_place, an_event, was_there
from tests.outcome_builders import an_outcome

DAY = NOW.date() - timedelta(days=3)
WORDS = "Ben Whitaker and Cai told me of it. Fay Lindqvist had asked us all."


@pytest.fixture
def event(session: Session, cast: Cast) -> Event:
    """Fay's event of a week ago: Ada, Ben and Cai were there, and Ada and Ben agreed to be named."""
    return held(session, cast)


def held(session: Session, cast: Cast) -> Event:
    row = an_event(session, cast.fay, NOW - timedelta(days=7))
    for member, hello in ((cast.ada, True), (cast.ben, True), (cast.cai, False), (cast.dee, True)):
        a_place(session, row, member, says_hello=hello, days=30)
    was_there(session, row, cast.ada, cast.ben, cast.cai)
    return row


def reads(session: Session, member: int, event: Event, text: str, consent: str = "named") -> Wording:
    actor = an_actor(session, member)
    source = outcome_sources.event(session, actor, event.public_id, NOW)
    return outcomes.wording(session, actor, source, Draft("confidence", "", DAY.isoformat(), text, consent), NOW)


def tell(session: Session, member: int, event: Event, text: str = WORDS, consent: str = "named") -> str:
    actor = an_actor(session, member)
    source = outcome_sources.event(session, actor, event.public_id, NOW)
    return outcomes.write(session, actor, source, Draft("confidence", "", DAY.isoformat(), text, consent), NOW)


def seen(session: Session, viewer: int) -> list[tuple[str, tuple[str, ...], str]]:
    found = outcome_stories.stories(session, viewer, DAY - timedelta(days=90), NOW.date())
    return [(one.text, one.names, one.came_of) for one in found]


def test_those_tell_who_were_there_by_the_last_that_was_recorded_or_organised_it(
    session: Session, cast: Cast, event: Event
) -> None:
    def tellers() -> set[int]:
        return {one for one in cast.everyone() if outcome_events.may_tell(session, one, event.public_id, NOW)}

    assert tellers() == {cast.ada, cast.ben, cast.cai, cast.fay}
    for came in (False, True, False):
        session.add(EventAttendance(event_id=event.id, member_id=cast.ben, came=came, recorded_on=NOW.date()))
        session.flush()
        assert (cast.ben in tellers()) == came
    for facts in ({"state": "cancelled"}, {"state": "planned", "ends_at": NOW + timedelta(minutes=1)}):
        session.execute(update(Event).values(**facts))
        assert tellers() == set()
        with pytest.raises(NotFound):
            outcome_sources.event(session, an_actor(session, cast.ada), event.public_id, NOW)


def test_what_was_told_stays_its_writers_when_they_turn_out_not_to_have_been_there(
    session: Session, cast: Cast, event: Event
) -> None:
    one = tell(session, cast.ada, event)
    session.add(EventAttendance(event_id=event.id, member_id=cast.ada, came=False, recorded_on=NOW.date()))
    session.flush()
    ada = an_actor(session, cast.ada)
    assert outcomes.one(session, ada, one).source.name == "Buying local"
    outcomes.change(session, ada, one, Draft("confidence", "", DAY.isoformat(), "It was I.", "named"), 1, NOW)
    outcomes.remove(session, ada, one)


def test_those_are_named_who_agreed_there_and_its_organiser_and_first_names_never(
    session: Session, cast: Cast, event: Event
) -> None:
    found = reads(session, cast.ada, event, WORDS)
    assert {one.id for one in found.asked} == {cast.ben, cast.fay}
    assert found.signed == "Ben Whitaker and […] told me of it. Fay Lindqvist had asked us all."
    assert found.told == "[…] told me of it. […] had asked us all."
    session.execute(update(Member).where(Member.id == cast.ben).values(listed=False))
    assert {one.id for one in reads(session, cast.ada, event, WORDS).asked} == {cast.fay}
    assert reads(session, cast.ada, event, WORDS).signed.startswith("[…] and […] told me")


@pytest.mark.parametrize("name", ["Cai Morgan", "Sol Adeyemi"])
def test_who_was_there_without_agreeing_and_who_was_not_there_are_refused_alike(
    session: Session, cast: Cast, event: Event, name: str
) -> None:
    names = {row.name for row in session.scalars(select(Member))}
    name = name if name in names else session.get_one(Member, cast.sol).name
    with pytest.raises(Invalid, match="can name those alone who agreed there"):
        reads(session, cast.ada, event, f"{name} told me.")


def test_who_did_not_agree_themselves_names_the_organiser_alone(session: Session, cast: Cast, event: Event) -> None:
    with pytest.raises(Invalid):
        reads(session, cast.cai, event, "Ben Whitaker told me.")
    assert {one.id for one in reads(session, cast.cai, event, "Fay Lindqvist told me.").asked} == {cast.fay}
    assert {one.id for one in reads(session, cast.fay, event, "Ben Whitaker told me.").asked} == {cast.ben}


def test_a_preview_reads_the_same_whoever_was_there(session: Session, cast: Cast, event: Event) -> None:
    """Of everybody the writer may see: nothing they can type tells who came."""
    people = [one for one in session.scalars(select(Member)) if one.id not in (cast.ada, cast.fay)]
    texts = [part for one in people for part in (one.name, one.name.split()[0], f"I met {one.name.split()[-1]} there")]

    def previews() -> list[object]:
        found: list[object] = []
        for text, consent in product(texts, ("anonymous", "named")):
            try:
                made = reads(session, cast.ada, event, text, consent)
                found.append((made.told, made.signed, made.asked))
            except Invalid as error:
                found.append(error.args)
        return found

    before = previews()
    for one in people:  # the others are there now who were not, and the other way round
        came = one.id not in (cast.ben, cast.cai)
        session.add(EventAttendance(event_id=event.id, member_id=one.id, came=came, recorded_on=NOW.date()))
    session.flush()
    assert previews() == before


def test_a_regions_name_stays_whole_though_somebody_is_called_like_a_part_of_it(
    session: Session, cast: Cast, event: Event
) -> None:
    session.execute(update(Member).where(Member.id == cast.dee).values(name="Dee Humber"))
    assert reads(session, cast.ada, event, "In Yorkshire and The Humber, with Dee").told == (
        "In Yorkshire and The Humber, with […]"
    )


def test_two_of_one_name_are_both_asked_or_the_one_who_agreed(session: Session, cast: Cast, event: Event) -> None:
    session.execute(update(Member).where(Member.id == cast.sol).values(name="Ben Whitaker"))
    assert [one.id for one in reads(session, cast.ada, event, "Ben Whitaker told me.").asked] == [cast.ben]
    session.execute(update(Member).where(Member.id == cast.sol).values(name=session.get_one(Member, cast.ada).name))
    assert reads(session, cast.ada, event, "It was Ada Okafor.").asked == ()


def test_taking_back_that_one_is_named_there_is_a_no_to_its_stories(session: Session, cast: Cast, event: Event) -> None:
    one = tell(session, cast.ada, event)
    for member in (cast.ben, cast.fay):
        outcome_agreements.answer(session, an_actor(session, member), one, "yes", 1, NOW)
    assert seen(session, cast.sol)[0][1] == ("Ada Okafor", "Ben Whitaker", "Fay Lindqvist")
    event_registrations.name_me(session, an_actor(session, cast.ben), event.public_id, False, NOW)
    session.expire_all()
    assert seen(session, cast.sol) == [("[…] told me of it. […] had asked us all.", (), "event")]
    with pytest.raises(Invalid):
        tell(session, cast.ada, event, "Ben Whitaker again.")
    outcome_agreements.answer(session, an_actor(session, cast.ben), one, "yes", 1, NOW)  # this one after all
    assert seen(session, cast.sol)[0][1]


@pytest.mark.parametrize("way", ["block", "leave", "erase", "hide"])
def test_whoever_blocks_leaves_hides_or_is_erased_is_named_no_more(
    session: Session, cast: Cast, event: Event, way: str
) -> None:
    one = tell(session, cast.ada, event)
    for member in (cast.ben, cast.fay):
        outcome_agreements.answer(session, an_actor(session, member), one, "yes", 1, NOW)
    ben = an_actor(session, cast.ben)
    if way == "block":
        blocks.block(session, ben, an_actor(session, cast.ada).public_id, NOW)
    elif way == "leave":
        leaving.leave(session, ben, NOW)
    elif way == "erase":
        erasure.erase(session, cast.ben, NOW)
    else:
        session.execute(update(Member).where(Member.id == cast.ben).values(listed=False))
    session.expire_all()
    assert not seen(session, cast.sol)[0][1]
    kept = session.scalars(select(Outcome)).one()
    assert ("Ben" in kept.text + kept.signed + kept.told) == (way != "erase")


@pytest.mark.parametrize("where", ["there", "registered", "elsewhere"])
def test_an_erased_first_name_goes_from_what_others_wrote_of_an_event_whoever_was_there(
    session: Session, cast: Cast, event: Event, where: str
) -> None:
    """What is left tells nobody who was there: of Ben, who was, of Dee, who had a place, of Sol, who had none."""
    who = {"there": cast.ben, "registered": cast.dee, "elsewhere": cast.sol}[where]
    first = session.get_one(Member, who).name.split()[0]
    one = tell(session, cast.ada, event, f"Then {first} asked, and Cai.", "anonymous")
    kept = session.scalars(select(Outcome).where(Outcome.public_id == one)).one()
    assert first in kept.text
    erasure.erase(session, who, NOW)
    session.expire_all()
    assert (kept.text, kept.version) == ("Then […] asked, and Cai.", 2)


def test_it_counts_as_every_other(session: Session, cast: Cast, event: Event) -> None:
    for member in cast.everyone():
        an_outcome(session, member, event)
    found = measured.read(session, 1, NOW)
    assert found.people("joint_project", NOW.date()).shown == 5
    assert found.outcomes("joint_project", NOW.date()) == 5


def test_events_are_told_of_on_both_databases(database_url: str) -> None:
    engine = create_engine(database_url)
    prepare_engine(engine)
    may_write.set(True)
    with Session(engine) as session:
        cast = the_cast(session)
        row = held(session, cast)
        assert [one.key for one in outcome_events.latest(session, cast.ada, NOW)] == [row.public_id]
        assert outcome_events.latest(session, cast.dee, NOW) == []
        one = tell(session, cast.ada, row)
        assert tell(session, cast.ada, row) == one
        for member in (cast.ben, cast.fay):
            outcome_agreements.answer(session, an_actor(session, member), one, "yes", 1, NOW)
        assert seen(session, cast.sol)[0][1:] == (("Ada Okafor", "Ben Whitaker", "Fay Lindqvist"), "event")
        assert outcomes.mine(session, an_actor(session, cast.ada), row.id)[0].source.came_of == "event"
        stories = {
            source: outcome_stories.stories(session, cast.sol, DAY - timedelta(days=9), NOW.date(), came_of=source)
            for source in outcome_sources.SOURCES
        }
        assert {source: len(found) for source, found in stories.items()} == {"connection": 0, "set": 0, "event": 1}
        outcome_agreements.decline_at(session, cast.ben, row.id, NOW)
        session.expire_all()
        assert session.scalars(select(OutcomeAgreement.answer).order_by(OutcomeAgreement.member_id)).all()[0] == "no"
    engine.dispose()
