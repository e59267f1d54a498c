"""The counter of changes comes before members' rows: no two acts wait for one another, where rows are locked."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from haln.access import Audience
from haln.connect import connections
from haln.db import prepare_engine
from haln.learn import pathway_editing, pathway_progress, topic_backings
from haln.models import Member
from haln.people import accounts, changes, leaving, organisation_merging, organisations, profiles
from haln.people.organisations import Correction
from haln.taxonomy import vocabulary
from tests.builders import NOW, Cast, a_connection, an_actor, an_organisation, the_cast
from tests.connect.test_at_once import Act, at_once
from tests.pathway_builders import a_pathway, modules_of, steps_of
from tests.topic_builders import RULES, a_topic

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
            "save the profile": lambda s: profiles.change_suggesting(s, an_actor(s, ada), False, None, NOW),
            "end the connection": lambda s: connections.end(s, an_actor(s, self.cast.ada), self.ben, NOW),
            "back a topic": lambda s: topic_backings.back(s, an_actor(s, ada), self.topic, False, RULES, NOW),
            "become staff": lambda s: accounts.set_audience(s, _address(s, ada), Audience.STAFF, NOW),
            "merge the organisation": merge,
            "correct the organisation": correct,
            "finish a module": lambda s: pathway_progress.mark(s, an_actor(s, ada), self.left, NOW),
            "finish it for her": lambda s: pathway_editing.retire_step(s, an_actor(s, sol), self.left, NOW),
            "leave": lambda s: leaving.leave(s, an_actor(s, self.cast.ben), NOW),  # whose ties are touched, too
        }


def _address(session: Session, member: int) -> str:
    return session.get_one(Member, member).email or ""


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Engine]:
    made = create_engine(postgres_url)
    prepare_engine(made)
    yield made
    made.dispose()


def slowly(real: Callable[[Session], object]) -> Callable[[Session], object]:
    """Before and after, the other comes as far as it can."""

    def held(session: Session) -> object:
        time.sleep(SLOW)
        found = real(session)
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
)
PAIRS = [pair for pair in itertools.combinations(NAMES, 2) if pair[0] in NAMES[:2]]
PAIRS += [("become staff", "leave"), ("correct the organisation", "leave"), ("finish a module", "finish it for her")]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_no_two_acts_wait_for_one_another(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, one: str, other: str
) -> None:
    acts = Scene(engine).acts()
    assert acts.keys() == set(NAMES)
    for name in ("hold", "next_number"):
        monkeypatch.setattr(changes, name, slowly(getattr(changes, name)))
    outcomes = at_once(engine, acts[one], acts[other])
    # Who comes second may be told that the connection or the organisation is gone; nobody is cut off.
    assert set(outcomes) <= {"done", "Conflict", "Gone", "NotFound"} and "done" in outcomes
