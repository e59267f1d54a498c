"""In a world of hidden tastes, weights that hear what members say serve them better than weights that do not."""

import random

import pytest

from haln.evaluation.tastes import Month, World, year
from haln.matching.people import Person, ThemeChoice, Tie

THEMES = [f"theme-{n}" for n in range(8)]
WORDS = ["orchard", "hedge", "bees", "boiler", "tariff", "meter", "choir", "pitch", "youth", "ward", "clinic", "nurse"]


@pytest.fixture(scope="module")
def world() -> tuple[list[Person], list[Tie]]:
    chance = random.Random(4)
    people = [
        Person(
            member,
            texts=(" ".join(chance.choices(WORDS, k=6)),),
            themes=tuple(
                ThemeChoice(theme, True, chance.random() < 0.4, chance.random() < 0.4, chance.randrange(5))
                for theme in chance.sample(THEMES, 3)
            ),
            role=chance.choice("abc"),
            sector=chance.choice("xyz"),
            organisation=member % 40,
            place=member % 15,
            region=str(member % 5),
        )
        for member in range(160)
    ]
    return people, [Tie(*chance.sample(range(160), 2)) for _ in range(200)]


def agreed(world: tuple[list[Person], list[Tie]], learns: bool) -> list[Month]:
    return list(year(*world, [], 700, World(months=4), learns))


def test_what_is_learned_from_answers_brings_more_of_them(world: tuple[list[Person], list[Tie]]) -> None:
    frozen, learning = agreed(world, False), agreed(world, True)
    # The first month is the same: nothing is known yet.
    assert frozen[0] == learning[0]

    def share(some: list[Month]) -> float:
        return sum(one.agreed for one in some) / sum(one.read for one in some)

    assert share(learning[1:]) > 1.2 * share(frozen[1:])
    # It rises, until in so small a world nearly everybody who might suit has been asked.
    assert share(learning[2:3]) > share(learning[:1]) > share(frozen[2:3])
