"""Who may read what of a story: every consent, every answer, everybody's eyes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import create_engine, update
from sqlalchemy.orm import Session

from haln.connect import blocks
from haln.db import may_write, prepare_engine
from haln.errors import Invalid
from haln.measure import outcome_stories
from haln.measure.outcome_stories import Story
from haln.models import Connection, Member, Outcome
from haln.people import erasure, leaving, masking, outcome_agreements, outcome_sources, outcomes
from haln.people.masking import Person
from haln.people.outcomes import CONSENTS, Draft
from tests.builders import NOW, Cast, a_connection, an_actor, the_cast
from tests.cohort_builders import a_learning_set
from tests.outcome_builders import agreements, an_outcome

START, TODAY = NOW.date() - timedelta(days=365), NOW.date()
WORDS = "Ada and Ben Whitaker bought food together."


def seen(session: Session, viewer: int) -> list[Story]:
    return outcome_stories.stories(session, viewer, START, TODAY)


@pytest.fixture
def tie(session: Session, cast: Cast) -> Connection:
    return a_connection(session, cast.ada, cast.ben)


@pytest.mark.parametrize(("consent", "answer"), list(product(CONSENTS, (None, "yes", "no", "nobody asked"))))
@pytest.mark.parametrize("hidden", ["", "tells_who"])
def test_names_are_told_only_where_all_agree_and_words_only_where_they_may_be_read(
    session: Session, cast: Cast, tie: Connection, consent: str, answer: str | None, hidden: str
) -> None:
    one = an_outcome(session, cast.ada, tie, text=WORDS, consent=consent, hidden_for=hidden)
    if answer != "nobody asked":
        agreements(session, one, [(cast.ben, answer)])
    found = seen(session, cast.sol)
    if consent == "count" or hidden:
        assert found == []
    elif consent == "named" and answer == "yes":
        assert [(story.text, story.names) for story in found] == [(WORDS, ("Ada Okafor", "Ben Whitaker"))]
    else:
        assert [(story.text, story.names) for story in found] == [("[…] bought food together.", ())]


def _hide(session: Session, member: int) -> None:
    session.execute(update(Member).where(Member.id == member).values(listed=False))


def _leave(session: Session, member: int) -> None:
    leaving.leave(session, an_actor(session, member), NOW)


def _erase(session: Session, member: int) -> None:
    erasure.erase(session, member, NOW)


@pytest.mark.parametrize("go", [_hide, _leave, _erase])
@pytest.mark.parametrize("who", ["ada", "ben"])
def test_whoever_hides_leaves_or_is_erased_is_named_no_more(
    session: Session, cast: Cast, tie: Connection, go: Callable[[Session, int], None], who: str
) -> None:
    one = an_outcome(session, cast.ada, tie, text=WORDS, consent="named")
    agreements(session, one, [(cast.ben, "yes")])
    go(session, getattr(cast, who))
    found = seen(session, cast.sol)
    assert not any(story.names for story in found)
    assert not any("Ben" in story.text or "Ada" in story.text for story in found)
    session.expire_all()
    row = session.get_one(Outcome, one.id)
    if go is not _hide and who == "ada":
        assert (row.text, row.told, row.consent, found) == ("", "", "count", [])
    if go is _erase and who == "ben":
        assert row.text == "Ada and […] bought food together."  # Ada's own words, without Ben's name


def test_a_block_ends_a_common_story(session: Session, cast: Cast, tie: Connection) -> None:
    one = an_outcome(session, cast.ada, tie, text=WORDS, consent="named")
    agreements(session, one, [(cast.ben, "yes")])
    assert seen(session, cast.sol)[0].names
    blocks.block(session, an_actor(session, cast.ben), an_actor(session, cast.ada).public_id, NOW)
    assert not seen(session, cast.sol)[0].names


def test_the_one_who_looks_sees_no_names_of_those_who_blocked_them(
    session: Session, cast: Cast, tie: Connection
) -> None:
    one = an_outcome(session, cast.ada, tie, text=WORDS, consent="named")
    agreements(session, one, [(cast.ben, "yes")])
    blocks.block(session, an_actor(session, cast.ada), an_actor(session, cast.sol).public_id, NOW)
    assert not seen(session, cast.sol)[0].names


def test_stories_are_of_the_period_alone(session: Session, cast: Cast, tie: Connection) -> None:
    for days in (0, 364, 365, 400):
        an_outcome(session, cast.ada, tie, days=days, consent="anonymous", told=f"{days} days")
    assert [story.text for story in seen(session, cast.sol)] == ["0 days", "364 days"]


def test_the_words_that_are_kept_without_names_are_those_of_the_preview(
    session: Session, cast: Cast, tie: Connection
) -> None:
    ada = an_actor(session, cast.ada)
    source = outcome_sources.connection(session, ada, an_actor(session, cast.ben).public_id)
    draft = Draft(
        "confidence", "", TODAY.isoformat(), "Ben, who works at\nLeeds City  Council, and Whitaker senior", "named"
    )
    preview = outcomes.wording(session, ada, source, draft, NOW)
    outcomes.write(session, ada, source, draft, NOW)
    assert seen(session, cast.sol)[0].text == preview.told == "[…], who works at\n[…] senior"


def test_a_text_names_only_people_whom_its_writer_may_see(session: Session, cast: Cast) -> None:
    _hide(session, cast.cai)
    everybody = masking.seen(session, cast.ada)
    assert cast.cai not in {one.id for one in everybody}
    assert masking.named(
        "Cai Morgan and Dee Sandhu, but not Benjamin", everybody, [Person(cast.ben, "Ben Whitaker")]
    ) == {cast.dee}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Ring 0113 496 0000 or see https://x.example/y", "Ring […] or see […]"),
        ("ADA OKAFOR of leeds teaching hospitals nhs trust", "[…] of […]"),
        ("In Bristol, in Leeds and in Yorkshire and The Humber", "In […], in […] and in Yorkshire and The Humber"),
        ("An adage of Ada's", "An adage of […]'s"),
        ("Thanks to Jane Nobody-Knows of Warm Homes Now", "Thanks to […] of […]"),
        ("When Jimmy Wales of Wales came", "When […] of Wales came"),
        ("", ""),
    ],
)
def test_names_organisations_places_and_addresses_become_gaps(
    session: Session, cast: Cast, text: str, told: str
) -> None:
    everybody = masking.seen(session, cast.ada)
    close = [one for one in everybody if one.id in (cast.ada, cast.ben)]
    assert masking.masked(session, text, everybody, close) == told


def test_nobody_is_named_who_cannot_be_asked(session: Session, cast: Cast) -> None:
    group = a_learning_set(session, [cast.ada, cast.dee, cast.cai])
    _hide(session, cast.dee)
    _hide(session, cast.ben)
    ada = an_actor(session, cast.ada)
    source = outcome_sources.learning_set(session, ada, group.public_id or "")

    def worded(text: str, consent: str) -> outcomes.Wording:
        return outcomes.wording(session, ada, source, Draft("confidence", "", TODAY.isoformat(), text, consent), NOW)

    with pytest.raises(Invalid, match="cannot be asked"):  # set-mates know each other's names
        worded("Dee helped", "named")
    assert worded("Dee helped", "anonymous").told == "[…] helped"
    told = [worded(f"We met {name} and Cai Morgan", "named") for name in ("Ben Whitaker", "Jane Nobody")]
    assert [one.signed for one in told] == ["We met […] and Cai Morgan"] * 2  # whether somebody hides is not told
    assert [[who.id for who in one.asked] for one in told] == [[cast.cai]] * 2


def test_who_is_asked_sees_the_words_and_nobody_else_does(session: Session, cast: Cast, tie: Connection) -> None:
    group = a_learning_set(session, [cast.ada, cast.dee, cast.cai])
    one = an_outcome(session, cast.ada, group, text="Dee Sandhu helped", consent="named")
    agreements(session, one, [(cast.dee, None)])
    for who in cast.everyone():
        found = outcome_agreements.asked(session, an_actor(session, who))
        assert [each.text for each in found] == (["Dee Sandhu helped"] if who == cast.dee else [])
    for consent in ("anonymous", "count"):
        one.consent = consent
        session.flush()
        assert outcome_agreements.asked(session, an_actor(session, cast.dee)) == []


def test_stories_and_agreements_are_read_on_both_databases(database_url: str) -> None:
    engine = create_engine(database_url)
    prepare_engine(engine)
    may_write.set(True)
    with Session(engine) as session:
        cast = the_cast(session)
        a_connection(session, cast.ada, cast.ben)
        ada, ben = an_actor(session, cast.ada), an_actor(session, cast.ben)
        source = outcome_sources.connection(session, ada, ben.public_id)
        number = outcomes.write(session, ada, source, Draft("funding", "900", TODAY.isoformat(), WORDS, "named"), NOW)
        assert not seen(session, cast.sol)[0].names
        outcome_agreements.answer(session, ben, number, "yes", 1, NOW)
        assert seen(session, cast.sol)[0].names == ("Ada Okafor", "Ben Whitaker")
        assert outcomes.mine(session, ada)[0].agreed
        changed = Draft("funding", "900", TODAY.isoformat(), "Ben and I did it", "named")
        outcomes.change(session, ada, number, changed, 1, NOW)
        assert not seen(session, cast.sol)[0].names and not outcomes.mine(session, ada)[0].agreed
        outcomes.withdraw(session, ada, number, NOW)
        assert seen(session, cast.sol) == []
        outcomes.remove(session, ada, number)
        assert outcomes.mine(session, ada) == []
    engine.dispose()
