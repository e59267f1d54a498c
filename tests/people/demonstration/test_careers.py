"""Names come from everywhere; posts and themes fit where somebody works."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

import pytest

from haln.errors import Misconfigured
from haln.people.demonstration.careers import Careers, Post
from haln.people.demonstration.employers import in_text, town
from haln.people.demonstration.names import Names
from haln.people.demonstration.words import theme_codes
from haln.taxonomy import vocabulary

WORDS = vocabulary.load()
HALFWAY = dict.fromkeys(theme_codes(), 2)


def test_names_are_of_many_origins_and_nobody_has_another_s() -> None:
    names, rng = Names(), Random(3)
    made = [names.invent(rng) for _ in range(5000)]
    assert len({name.whole for name in made}) == 5000
    families = Counter(name.whole.split()[-1] for name in made)
    for family in (
        "Taylor",
        "Davies",
        "MacDonald",
        "Murphy",
        "Singh",
        "Patel",
        "Khan",
        "Okafor",
        "Campbell",
        "Chen",
        "Nowak",
    ):
        assert families[family], family
    assert all(name.sort == name.sort.casefold() for name in made)


def test_some_names_are_awkward() -> None:
    awkward = [name.whole for name in Names().awkward]
    assert max(map(len, awkward)) == 60
    assert any("'" in name for name in awkward)
    assert any(not name.isascii() for name in awkward)
    assert any(" " not in name for name in awkward)


@pytest.mark.parametrize("sector", [sector.code for sector in WORDS.choosable_sectors])
def test_posts_are_of_the_vocabulary(sector: str) -> None:
    careers, rng = Careers(WORDS), Random(5)
    for _ in range(100):
        post = careers.post(rng, sector)
        assert WORDS.role(post.role) and WORDS.level(post.level) and 3 < len(post.title) <= 120


def test_themes_fit_the_role_and_the_sector() -> None:
    careers, rng = Careers(WORDS), Random(5)
    buyer, doctor = Post("procurement", "middle", "Buyer"), Post("public-health", "middle", "Doctor")
    for sector, post, theme in (("nhs-acute", buyer, "local-purchasing"), ("housing", doctor, "housing")):
        picks = [careers.themes(rng, sector, post, HALFWAY) for _ in range(400)]
        firsts = Counter(choices[0].theme for choices in picks)
        assert firsts.most_common(1)[0][0] == theme
        assert all(2 <= len({choice.theme for choice in choices}) == len(choices) <= 5 for choices in picks)


def test_who_is_ahead_offers_and_who_begins_seeks() -> None:
    careers, rng = Careers(WORDS), Random(5)
    post = Post("strategy", "senior", "Head")
    choices = [choice for _ in range(600) for choice in careers.themes(rng, "nhs-icb", post, HALFWAY)]
    assert all(choice.interest or choice.offer or choice.seek for choice in choices)

    def share(flag: str, maturity: int) -> float:
        some = [choice for choice in choices if choice.maturity == maturity]
        return sum(getattr(choice, flag) for choice in some) / len(some)

    assert share("offer", 3) > share("offer", 1)
    assert share("seek", 1) > share("seek", 3)


def test_another_network_s_vocabulary_is_refused() -> None:
    with pytest.raises(Misconfigured, match="written for the vocabularies"):
        Careers(replace(WORDS, roles=WORDS.roles[1:]))


@pytest.mark.parametrize(
    ("official", "said"),
    [
        ("Bristol, City of", "Bristol"),
        ("Herefordshire, County of", "Herefordshire"),
        ("Glasgow City", "Glasgow"),
        ("The Vale of Glamorgan", "the Vale of Glamorgan"),
        ("Devon (care board area)", "Devon"),
        ("Tees Valley Combined Authority", "Tees Valley"),
        ("Milton Keynes", "Milton Keynes"),
    ],
)
def test_places_are_called_what_people_call_them(official: str, said: str) -> None:
    assert town(official) == said


@pytest.mark.parametrize(
    ("region", "said"),
    [
        ("North West", "the North West"),
        ("Wales", "Wales"),
        ("Northern Ireland", "Northern Ireland"),
        ("East of England", "the East of England"),
        ("London", "London"),
    ],
)
def test_regions_carry_their_article(region: str, said: str) -> None:
    assert in_text(region) == said
