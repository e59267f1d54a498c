"""Small networks for the laws of matching: drawn by hypothesis, or made from a seed."""

import random

from hypothesis import strategies as st

from haln.matching.people import Facts, Membership, Network, Person, ThemeChoice, Tie

WORDS = (
    *("kitchen", "allotment", "tender", "wages", "ward", "estate", "carbon"),
    *("lease", "youth", "football", "chaplain", "survey", "museum", "bursary"),
)
THEMES = ("food", "housing", "skills", "measuring", "buildings")
SECTORS = ("nhs", "council", "faith", "sport")
REGIONS = ("north", "south", "wales")
ROLES = ("lead", "buyer", "researcher")
TODAY = 740_000


def a_person(member: int, chance: random.Random) -> Person:
    """A member with some, all or none of the facts."""
    if chance.random() < 0.15:
        return Person(member, suggestable=chance.random() < 0.9)
    texts = tuple(" ".join(chance.choices(WORDS, k=chance.randrange(3, 12))) for _ in range(chance.randrange(3)))
    themes = tuple(
        ThemeChoice(theme, chance.random() < 0.8, chance.random() < 0.4, chance.random() < 0.4, chance.randrange(5))
        for theme in chance.sample(THEMES, chance.randrange(4))
    )
    hidden = chance.choice([*Facts, Facts.NONE, Facts.NONE, Facts.NONE])
    return Person(
        member,
        texts,
        themes,
        chance.choice([None, *ROLES]),
        chance.choice([None, "senior", "executive"]),
        chance.choice([None, *SECTORS]),
        chance.choice([None, 1, 2, 3, 4]),
        chance.choice([None, 11, 12, 13]),
        chance.choice([None, *REGIONS]),
        chance.choice([None, 0, 3, 40, 400]),
        chance.choice([None, TODAY - 1, TODAY - 30, TODAY - 900]),
        chance.random() < 0.85,
        Facts.ALL & ~hidden,
    )


def a_network(members: int, seed: int, ties_each: float = 2.0) -> Network:
    """A network of so many members; the same for the same seed."""
    chance = random.Random(seed)
    ids = chance.sample(range(1, members * 5 + 1), members)
    people = [a_person(member, chance) for member in ids]
    ties, memberships = [], []
    if members > 1:
        for _ in range(int(members * ties_each)):
            one, other = chance.sample(ids, 2)
            day = chance.choice([None, TODAY - chance.randrange(2000)])
            ties.append(Tie(one, other, day, chance.choice([0.5, 1.0, 2.0])))
    if members:
        groups = range(max(1, members // 4))
        memberships = [Membership(chance.choice(ids), chance.choice(groups)) for _ in range(members)]
    return Network(people, ties, memberships, TODAY)


def networks(least: int = 2, most: int = 24) -> st.SearchStrategy[Network]:
    """Draw networks of a few members."""
    return st.builds(a_network, st.integers(least, most), st.integers(0, 10_000), st.sampled_from([0.0, 1.0, 2.5]))
