"""The law of a digest's events: one is told as in a reader's place when its place holds theirs, or is held by it."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from haln.models import Digest, Member, Place
from haln.post import digest_letters
from haln.post.digest_parts import events
from haln.post.digest_parts.base import Ways
from haln.post.shared import Shared
from tests.builders import NOW, Cast, a_place
from tests.digest_builders import DUE, a_choice
from tests.event_builders import an_event
from tests.queries import queries_when

# Names that lie in one another, and that addresses say for other reasons.
KNOWN = {
    "England": ("E92000001", "nation", None),
    "North West": ("E12000002", "region", "England"),
    "South East": ("E12000008", "region", "England"),
    "Lancashire": ("E10000017", "authority", "North West"),
    "Preston": ("E07000123", "authority", "Lancashire"),
    "Old Preston": ("X1", "authority", "South East"),
    "Reading": ("E06000038", "authority", "South East"),
    "Wales": ("W92000004", "nation", None),
}
ABOVE = {name: outer for name, (_, _, outer) in KNOWN.items()} | {"Old Preston": "Lancashire"}


@pytest.fixture
def places(session: Session) -> dict[str, Place]:
    made: dict[str, Place] = {}
    for name, (code, kind, outer) in KNOWN.items():
        region = "E12000008" if "South East" in (name, outer) else "E12000002"
        made[name] = a_place(session, name, code, kind, region if kind == "authority" else code)
        made[name].parent_id = made[outer].id if outer else None
    made["Old Preston"].successor_id = made["Preston"].id
    session.flush()
    return made


def told(session: Session, member: int) -> dict[str, str]:
    """The place of which each event in a member's digest is told."""
    about = {"due_on": DUE.date().isoformat()}
    found = digest_letters.told(session, about, member, lambda path: path, Shared(), Ways(), DUE)
    if found is None:
        return {}
    parts = found["parts"]
    assert isinstance(parts, tuple)
    return {one.event.title: one.why.place for part in parts for one in part.items}


def line(name: str) -> list[str]:
    """A place, as it stands today, and what holds it."""
    found = ["Preston" if name == "Old Preston" else name]
    while outer := ABOVE[found[-1]]:
        found.append(outer)
    return found


def wants(session: Session, member: int, place: Place | None) -> None:
    a_choice(session, member, parts=["events"])
    session.add(Digest(member_id=member, due_on=DUE.date(), frequency="week"))
    session.execute(update(Member).where(Member.id == member).values(place_id=place.id if place else None))
    session.flush()


@pytest.mark.parametrize("home", [*KNOWN, None])
def test_an_event_is_told_as_in_a_place_only_where_one_holds_the_other(
    session: Session, cast: Cast, places: dict[str, Place], home: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "MOST", 100)
    for (name, place), where in itertools.product(places.items(), (*KNOWN, "Reading Room, Central Library")):
        an_event(session, cast.fay, title=f"{name}|{where}", where=where, place_id=place.id, made_at=NOW)
    for where in (*KNOWN, "Online"):  # words alone say nothing
        an_event(session, cast.fay, title=f"|{where}", where=where, made_at=NOW)
    wants(session, cast.ada, places[home] if home else None)
    said = {title: place for title, place in told(session, cast.ada).items() if place}
    near = [name for name in KNOWN if home and (line(home)[0] in line(name) or line(name)[0] in line(home))]
    assert {title.partition("|")[0] for title in said} == set(near)
    assert len(said) == len(near) * (len(KNOWN) + 1)
    for title, outer in said.items():
        assert home is not None and line(outer)[0] in line(home) and line(outer)[0] in line(title.partition("|")[0])


def test_many_events_ask_no_more_than_one(session: Session, cast: Cast, places: dict[str, Place]) -> None:
    wants(session, cast.ada, places["Preston"])
    an_event(session, cast.fay, place_id=places["Lancashire"].id, made_at=NOW)
    few = queries_when(lambda: told(session, cast.ada))
    for number, (name, place) in enumerate(places.items()):
        an_event(session, cast.fay, NOW + timedelta(days=number + 2), title=name, place_id=place.id, made_at=NOW)
    assert queries_when(lambda: told(session, cast.ada)) == few
    assert told(session, cast.ada)["Lancashire"] == "Lancashire"
