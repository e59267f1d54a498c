"""Names in texts, however they are spelt."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.orm import Session

from haln.errors import Invalid
from haln.models import Event, Member, Outcome
from haln.people import erasure, masking, outcome_sources, outcomes, spelling
from haln.people.outcomes import Draft
from tests.builders import NOW, Cast, a_member, an_actor
from tests.event_builders import a_place, an_event, was_there
from tests.outcome_builders import an_outcome

NAMES = ("Siobhán O'Connor", "Þórunn Zdziarski-Nuñez", "Ğülşen İnönü", "Renée Strauß", "Will Mark")
FORMS = ("NFC", "NFD", "NFKC", "NFKD")
CASES = (str, str.title, str.upper)
UNSEEN = "\u200b\u200c\u200d\u2060\u00ad\ufeff"


@st.composite
def spellings(draw: st.DrawFn, name: str) -> str:
    """The name as somebody may type it, with a capital at each word."""
    case, mark = draw(st.sampled_from(CASES)), draw(st.sampled_from("'’‘ʼ"))
    written = unicodedata.normalize(draw(st.sampled_from(FORMS)), case(name).replace("'", mark))
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(1, len(written) - 1))
        if not written[place - 1].isspace() and not written[place].isspace():
            written = written[:place] + draw(st.sampled_from(UNSEEN)) + written[place:]
    return written


def plain(text: str) -> str:
    """Letters alone, as a reader takes them in."""
    return "".join(char for char in unicodedata.normalize("NFKD", text.upper().casefold()) if char.isalnum())


@pytest.fixture
def event(session: Session, cast: Cast) -> Event:
    row = an_event(session, cast.fay, NOW - timedelta(days=7))
    a_place(session, row, cast.ada, says_hello=True, days=30)
    was_there(session, row, cast.ada)
    for number, name in enumerate(NAMES):
        a_member(session, name, email=f"{number}@example.org")
    return row


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), name=st.sampled_from(NAMES), part=st.sampled_from([None, 0, 1]))
def test_however_a_name_is_spelt_no_wording_of_an_event_holds_it_without_a_yes(
    session: Session, cast: Cast, event: Event, data: st.DataObject, name: str, part: int | None
) -> None:
    wanted = name if part is None else name.split()[part]
    written = data.draw(spellings(wanted))
    ada = an_actor(session, cast.ada)
    source = outcome_sources.event(session, ada, event.public_id, NOW)
    for consent in ("anonymous", "named"):
        draft = Draft(
            "confidence", "", NOW.date().isoformat(), f"then {written} bought a van, they mark what will be", consent
        )
        try:
            found = outcomes.wording(session, ada, source, draft, NOW)
        except Invalid as error:
            assert part is None, error  # the whole name of somebody who did not agree is refused
            continue
        assert found.asked == ()
        for told in (found.told, found.signed):
            assert not any(plain(word) in plain(told.replace("they mark what will be", "")) for word in wanted.split())
            assert not told or told.endswith("[…] bought a van, they mark what will be")


@settings(max_examples=100, deadline=None)
@given(st.data(), st.sampled_from(NAMES))
def test_a_name_is_found_in_any_spelling_and_only_it_goes(data: st.DataObject, name: str) -> None:
    written = data.draw(spellings(name))
    assert masking.without(f"it was {written}. All of it", name) == "it was […]. All of it"
    first = data.draw(spellings(name.split()[0]))
    assert masking.without(f"it was {first}’s van", name.split()[0], as_written=True) == "it was […]’s van"


@given(st.text(), st.text(min_size=1))
@example("Ⅷ ﬁ ŉ İ", "N")
@example("\u0301", "\u0301")
def test_any_text_can_be_looked_through(text: str, name: str) -> None:
    for start, end in spelling.found(text, name):
        assert 0 <= start < end <= len(text)
        assert spelling.spelt(text[start:end]) == spelling.spelt(name)
    assert spelling.composed(spelling.composed(text)) == spelling.composed(text)


def test_words_that_are_names_stay_in_small_letters_and_longer_words_stay() -> None:
    assert masking.without("We will mark it. Will did, WILL too.", "Will", as_written=True) == (
        "We will mark it. […] did, […] too."
    )
    for text in ("Adam and Adám", "ADAM", "Ada2"):
        assert masking.without(text, "Ada") == text


@pytest.mark.parametrize("form", FORMS)
def test_strangers_go_however_their_letters_are_composed(session: Session, form: str) -> None:
    text = unicodedata.normalize(form, "then José Ñuñez and J̌ana Čap\u200bek came")
    assert masking.masked(session, text, [], []) == "then […] came"


def test_who_agrees_is_named_as_the_writer_spelt_it(session: Session) -> None:
    agreeing = [masking.Person(1, "Siobhán O'Connor")]
    others = [masking.Person(2, "Siobhan Smith")]
    assert masking.signed(session, "With Siobhan O’Connor.", agreeing, others) == "With Siobhan O’Connor."


def test_what_is_written_is_kept_composed_and_without_what_nobody_sees(session: Session, cast: Cast) -> None:
    draft = Draft("confidence", "", NOW.date().isoformat(), "Jose\u0301 said so\u200bmething 👩\u200d🔬", "count")
    assert outcomes.checked(draft, NOW).text == "José said something 👩\u200d🔬"


@pytest.mark.parametrize("form", FORMS)
def test_erasing_finds_every_spelling_that_was_kept_before(
    session: Session, cast: Cast, event: Event, form: str
) -> None:
    session.execute(update(Member).where(Member.id == cast.ben).values(name=NAMES[1]))
    text = unicodedata.normalize(form, f"{NAMES[1].upper()} lent ÞÓR\u00adUNN a van.")
    kept = [an_outcome(session, cast.ada, event, text=text, told=text), an_outcome(session, cast.ada, event, text=text)]
    erasure.erase(session, cast.ben, NOW)
    session.expire_all()
    for one in kept:
        row = session.get_one(Outcome, one.id)
        assert (row.text, row.signed) == ("[…] lent […] a van.",) * 2
    assert session.get_one(Outcome, kept[0].id).told == "[…] lent […] a van."
