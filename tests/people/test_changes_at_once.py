"""The counter of changes comes before members' rows: no two acts wait for one another, where rows are locked."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from haln.access import Audience
from haln.connect import connections
from haln.db import prepare_engine
from haln.learn import (
    event_attendance,
    pathway_editing,
    pathway_progress,
    set_members,
    topic_answers,
    topic_backings,
)
from haln.models import Member
from haln.people import (
    audiences,
    changes,
    erasure,
    leaving,
    organisation_merging,
    organisations,
    outcome_agreements,
    outcome_sources,
    outcome_traces,
    outcomes,
    profiles,
    throttles,
)
from haln.people.organisations import Correction
from haln.people.outcomes import Draft
from haln.taxonomy import vocabulary
from tests.builders import NOW, Cast, a_connection, an_actor, an_organisation, the_cast
from tests.cohort_builders import a_learning_set
from tests.connect.test_at_once import Act, at_once
from tests.event_builders import a_place as a_place_at
from tests.event_builders import an_event
from tests.pathway_builders import a_pathway, modules_of, steps_of
from tests.topic_builders import RULES, a_topic, backed_by

pytestmark = pytest.mark.postgres

SLOW = 0.1


class Scene:
    """Ada and Ben, who are connected; each act is about Ada's row and the counter."""

    def __init__(self, engine: Engine) -> None:
        with Session(engine, expire_on_commit=False) as session:
            self.cast: Cast = the_cast(session)
            a_connection(session, self.cast.ada, self.cast.ben)
            self.topic = a_topic(session, self.cast.dee, "Buying local").public_id
            self.ben = session.get_one(Member, self.cast.ben).public_id
            self.trust = session.get_one(Member, self.cast.ada).organisation_id or 0
            self.other = an_organisation(session, "Another trust", "nhs-acute").id
            pathway = a_pathway(session, [2])
            self.done, self.left = (step.public_id for step in steps_of(session, modules_of(session, pathway)[0]))
            pathway_progress.let_be_found(session, an_actor(session, self.cast.ada), pathway.public_id, True, NOW)
            pathway_progress.mark(session, an_actor(session, self.cast.ada), self.done, NOW)
            self.set = (
                a_learning_set(session, [self.cast.ben, self.cast.cai], facilitator_id=self.cast.fay).public_id or ""
            )
            held = an_event(session, self.cast.fay, NOW - timedelta(days=2))
            for member in (self.cast.ada, self.cast.ben):
                a_place_at(session, held, member, says_hello=True)
            self.event = held.public_id
            backed = a_topic(session, self.cast.dee, "Selling local")
            backed_by(session, backed, self.cast.ada)
            self.backed = backed.public_id
            self.ada = session.get_one(Member, self.cast.ada).public_id
            ben = an_actor(session, self.cast.ben)
            source = outcome_sources.connection(session, ben, self.ada)
            self.story = outcomes.write(session, ben, source, _draft("Ada Okafor read it first."), NOW)
            changes.touch(session, [self.cast.cai], NOW)  # the counter is there
            session.commit()

    def acts(self) -> dict[str, Act]:
        ada, sol = self.cast.ada, self.cast.sol

        def merge(session: Session) -> object:
            return organisation_merging.merge(session, an_actor(session, sol), self.other, self.trust, NOW)

        def correct(session: Session) -> object:
            words = vocabulary.load()
            correction = Correction(name="A new name", sector="nhs-acute")
            return organisations.correct(session, an_actor(session, sol), words, self.trust, correction, NOW)

        return {
            **self.acts_with_others(),
            "save the profile": lambda s: profiles.change_suggesting(s, an_actor(s, ada), False, None, NOW),
            "end the connection": lambda s: connections.end(s, an_actor(s, self.cast.ada), self.ben, NOW),
            "back a topic": lambda s: topic_backings.back(s, an_actor(s, ada), self.topic, False, RULES, NOW),
            "become staff": lambda s: audiences.change_at(s, _address(s, ada), Audience.STAFF, NOW),
            "merge the organisation": merge,
            "correct the organisation": correct,
            "finish a module": lambda s: pathway_progress.mark(s, an_actor(s, ada), self.left, NOW),
            "finish it for her": lambda s: pathway_editing.retire_step(s, an_actor(s, sol), self.left, NOW),
            "leave": lambda s: leaving.leave(s, an_actor(s, self.cast.ben), NOW),  # whose ties are touched, too
        }

    def acts_with_others(self) -> dict[str, Act]:
        """What Ada does where others are, and what others do about her."""
        ada, sol = self.cast.ada, self.cast.sol

        def tell(writer: int, other: str, words: str) -> Act:
            def told(session: Session) -> object:
                actor = an_actor(session, writer)
                source = outcome_sources.connection(session, actor, other)
                return outcomes.write(session, actor, source, _draft(words), NOW)

            return told

        def tell_of_the_event(session: Session) -> object:
            actor = an_actor(session, ada)
            source = outcome_sources.event(session, actor, self.event, NOW)
            return outcomes.write(session, actor, source, _draft("We began.", "count"), NOW)

        def tick(session: Session) -> object:
            return event_attendance.tick(session, an_actor(session, self.cast.fay), self.event, [ada], [ada], NOW)

        def add_ada(session: Session) -> object:
            return set_members.add(session, an_actor(session, sol), self.set, self.ada, vocabulary.load(), NOW)

        def move_out(session: Session) -> object:
            return set_members.move_out(session, an_actor(session, sol), self.set, self.cast.ben, NOW)

        def retire(session: Session) -> object:
            return topic_answers.retire(session, an_actor(session, sol), self.backed, "", "Done elsewhere.", NOW)

        def agree(session: Session) -> object:
            return outcome_agreements.answer(session, an_actor(session, ada), self.story, "yes", 1, NOW)

        return {
            "tell of Ben": tell(ada, self.ben, "Ben Whitaker helped me."),
            "tell of Ada": tell(self.cast.ben, self.ada, "Ada Okafor helped me."),
            "tell of the event": tell_of_the_event,
            "tick who came": tick,
            "add her to a set": add_ada,
            "move him out": move_out,
            "retire her topic": retire,
            "agree to his story": agree,
            "be erased": lambda s: erasure.erase(s, self.cast.ada, NOW),
        }


def _draft(words: str, consent: str = "named") -> Draft:
    return Draft("joint_project", "", NOW.date().isoformat(), words, consent)


def _address(session: Session, member: int) -> str:
    return session.get_one(Member, member).email or ""


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Engine]:
    made = create_engine(postgres_url)
    prepare_engine(made)
    yield made
    made.dispose()


def slowly(real: Callable[..., object]) -> Callable[..., object]:
    """Before and after, the other comes as far as it can."""

    def held(*args: object, **more: object) -> object:
        time.sleep(SLOW)
        found = real(*args, **more)
        time.sleep(SLOW)
        return found

    return held


NAMES = (
    "save the profile",
    "end the connection",
    "back a topic",
    "become staff",
    "merge the organisation",
    "correct the organisation",
    "finish a module",
    "finish it for her",
    "leave",
    "tell of Ben",
    "tell of Ada",
    "tell of the event",
    "tick who came",
    "add her to a set",
    "move him out",
    "retire her topic",
    "agree to his story",
    "be erased",
)
PAIRS = [pair for pair in itertools.combinations(NAMES[:9], 2) if pair[0] in NAMES[:2]]
PAIRS += [("become staff", "leave"), ("correct the organisation", "leave"), ("finish a module", "finish it for her")]
PAIRS += [(act, "finish a module") for act in ("tick who came", "add her to a set", "retire her topic")]
PAIRS += [("tell of Ben", "tell of Ada"), ("tell of the event", "tick who came"), ("move him out", "leave")]
PAIRS += [("agree to his story", "leave"), ("agree to his story", "be erased"), ("retire her topic", "be erased")]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_no_two_acts_wait_for_one_another(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, one: str, other: str
) -> None:
    acts = Scene(engine).acts()
    assert acts.keys() == set(NAMES)
    for name in ("hold", "next_number"):
        monkeypatch.setattr(changes, name, slowly(getattr(changes, name)))
    monkeypatch.setattr(throttles, "take", slowly(throttles.take))  # between a member and their story
    monkeypatch.setattr(outcome_agreements, "asked", slowly(outcome_agreements.asked))
    monkeypatch.setattr(outcome_traces, "withdraw", slowly(outcome_traces.withdraw))
    outcomes = at_once(engine, acts[one], acts[other])
    # Who comes second may be told that the connection or the organisation is gone; nobody is cut off.
    assert set(outcomes) <= {"done", "Conflict", "Gone", "NotFound"} and "done" in outcomes
