"""A network of as many members as one likes, drawn from the demonstration's without a database.

Members come in copies of a demonstration network. Everybody keeps the ties of their model, but one in `APART` of them
leads into another copy; standing, texts and themes are each drawn anew from members of the same sector, and a text is
the beginning of one and the end of another. So degrees, lengths, shares and the words of a sector stay, and hardly two
members are alike.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from haln.matching.people import Membership, Network, Person, Tie

APART = 10


def multiplied(members: int, seed: int = 2026) -> Network:
    """A network of so many members from the one in the database that the environment names."""
    from haln.app import create_app
    from haln.connect import encoding, person_rows
    from haln.db import db

    app = create_app()
    now = datetime.now(UTC)
    with app.app_context():
        top_sector = app.extensions["haln_refresher"]._indexes.top_sector
        people = list(person_rows.people(db.session(), now, top_sector))
        ties = list(encoding.ties(db.session()))
        groups = list(encoding.memberships(db.session()))
        db.session.rollback()
    return many_times(people, ties, groups, members, now.date().toordinal(), random.Random(seed))


def many_times(
    people: Sequence[Person],
    ties: Sequence[Tie],
    groups: Sequence[Membership],
    members: int,
    today: int,
    chance: random.Random,
) -> Network:
    """Copies of a network, mixed, of so many members."""
    stride = max(person.member for person in people) + 1
    copies = -(-members // len(people))
    group_stride = max((one.group for one in groups), default=0) + 1
    tie_chance = random.Random(chance.random())
    return Network(
        people=_mixed(people, members, stride, chance),
        ties=_spread(ties, copies, stride, tie_chance),
        memberships=(
            Membership(one.member + copy * stride, one.group + copy * group_stride, one.day)
            for copy in range(copies)
            for one in groups
        ),
        today=today,
    )


def _mixed(people: Sequence[Person], members: int, stride: int, chance: random.Random) -> Iterator[Person]:
    alike: dict[str | None, list[Person]] = {}
    for person in people:
        alike.setdefault(person.sector, []).append(person)
    for number in range(members):
        copy, place = divmod(number, len(people))
        model = people[place]
        peers = alike[model.sector]
        one, other = chance.choice(peers), chance.choice(peers)
        texts = tuple(_crossed(a, b) for a, b in zip(one.texts, other.texts, strict=False)) or one.texts
        yield replace(model, member=model.member + copy * stride, texts=texts, themes=chance.choice(peers).themes)


def _crossed(one: str, other: str) -> str:
    first, second = one.split(), other.split()
    return " ".join(first[: len(first) // 2] + second[len(second) // 2 :])


def _spread(ties: Sequence[Tie], copies: int, stride: int, chance: random.Random) -> Iterator[Tie]:
    for copy in range(copies):
        for number, tie in enumerate(ties):
            there = chance.randrange(copies) if number % APART == 0 else copy
            yield replace(tie, a=tie.a + copy * stride, b=tie.b + there * stride)
