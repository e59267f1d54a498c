"""An organisation is found by what people type."""

from __future__ import annotations

import csv
import random
import statistics
import string
import time
from pathlib import Path

import pytest

from haln.people import registers
from haln.people.organisation_search import Named, Searcher, nothing_fits, worth_showing
from haln.people.organisation_words import words_of
from haln.people.register_places import read_authorities
from haln.taxonomy import vocabulary

FOLDER = Path(__file__).resolve().parents[2] / "data" / "registers"
LETTERS = string.ascii_lowercase


@pytest.fixture(scope="module")
def organisations() -> list[Named]:
    """All organisations of the registers."""
    return [
        Named(number, one.name, (*one.other_names, *one.old_names), one.town, one.valid_to is None)
        for number, one in enumerate(registers.read(FOLDER).organisations)
    ]


@pytest.fixture(scope="module")
def searcher(organisations: list[Named]) -> Searcher:
    return Searcher(organisations)


def slip(rng: random.Random, text: str) -> str:
    """A name with one letter left out, put in, changed or swapped with the next."""
    at, kind, letter = rng.randrange(len(text)), rng.randrange(4), rng.choice(LETTERS)
    swapped = text[at + 1 : at + 2] + text[at]
    middle, rest = [("", 1), (letter + text[at], 1), (letter, 1), (swapped, 2)][kind]
    return text[:at] + middle + text[at + rest :] or text


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Bristol Cty Counsil", "Bristol City Council"),
        ("bristolcity council", "Bristol City Council"),
        ("BRISTOL CITY COUNCIL", "Bristol City Council"),
        ("Council of Bristol, City", "Bristol City Council"),
        ("Leeds Uni", "University of Leeds"),
        ("kings college london", "King's College London"),
        ("St Helens council", "St Helens Council"),
        ("Saint Helens Council", "St Helens Council"),
        ("Bradford teaching hosp NHS FT", "Bradford Teaching Hospitals NHS Foundation Trust"),
        ("Guys & St Thomas", "Guy's and St Thomas' NHS Foundation Trust"),
        ("London Borough of Hackny", "London Borough of Hackney"),
        ("Devon ICB", "NHS Devon Integrated Care Board"),
        ("ymca bournemouth", "Bournemouth Young Men's Christian Association"),
        ("Manchester Utd", "Manchester United FC"),
        ("Pen-y-bont ar Ogwr", "Bridgend County Borough Council"),
        ("Grwp Llandrillo", "Grŵp Llandrillo Menai"),
        ("Bolton at ho", "Bolton at Home"),  # as one types
    ],
)
def test_slips_short_forms_and_other_orders_find_the_organisation(searcher: Searcher, typed: str, found: str) -> None:
    hits = searcher.search(typed)
    assert hits[0].name == found
    assert not nothing_fits(hits)


@pytest.mark.parametrize(
    ("typed", "found", "through"),
    [
        ("UCLan", "University of Central Lancashire", "UCLan"),
        ("Taunton Deane", "Somerset Council", "Taunton Deane Borough Council"),
        (
            "Weston Area Health",
            "University Hospitals Bristol and Weston NHS Foundation Trust",
            "Weston Area Health NHS Trust",
        ),
    ],
)
def test_a_hit_says_through_which_name_it_was_found(searcher: Searcher, typed: str, found: str, through: str) -> None:
    hit = searcher.search(typed)[0]
    assert (hit.name, hit.matched_name) == (found, through)


def test_an_organisation_is_found_once_by_its_best_name(searcher: Searcher) -> None:
    hits = searcher.search("Bristol City Council", limit=10)
    assert len({hit.id for hit in hits}) == len(hits) == 10
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_one_that_has_ended_is_not_found(organisations: list[Named], searcher: Searcher) -> None:
    ended = {one.id for one in organisations if not one.active}
    hits = [
        hit for name in ("Wigan Borough FC", "Poole Hospital NHS Foundation Trust") for hit in searcher.search(name)
    ]
    assert hits
    assert not ended & {hit.id for hit in hits}


@pytest.mark.parametrize("typed", ["Acme Widgets", "Zebra Consulting Limited", "xqzzv", "Tŷ Newydd Rocket Works"])
def test_nothing_fits_what_is_not_there(searcher: Searcher, typed: str) -> None:
    assert nothing_fits(searcher.search(typed))


@pytest.mark.parametrize("typed", ["", "   ", "'", "%", "\x00", "🙂", "\ud800"])
def test_a_text_without_words_finds_nothing(searcher: Searcher, typed: str) -> None:
    assert searcher.search(typed) == []


def test_a_text_of_silent_words_only_is_still_looked_for() -> None:
    assert Searcher([Named(1, "The The"), Named(2, "Leeds")]).search("the the")[0].id == 1


def test_what_is_far_behind_the_best_is_not_shown(searcher: Searcher) -> None:
    hits = searcher.search("Bristol Cty Counsil")
    assert [hit.name for hit in worth_showing(hits)] == ["Bristol City Council", "Bristol City FC"]
    assert len(hits) == 10
    assert worth_showing(searcher.search("xqzzv")) == []


def test_a_very_long_text_costs_no_more_than_a_long_one(searcher: Searcher) -> None:
    start = time.process_time()
    searcher.search("bristol cty counsil " * 50_000)
    assert time.process_time() - start < 0.5


def test_only_one_clear_hit_is_sure(searcher: Searcher) -> None:
    assert searcher.search("Leeds City Council")[0].sure
    assert not any(hit.sure for hit in searcher.search("Leeds City Council")[1:])
    assert not searcher.search("NHS Foundation Trust")[0].sure
    twins = Searcher([Named(1, "Municipal Charities"), Named(2, "Municipal Charities")])
    assert [(hit.id, hit.sure) for hit in twins.search("Municipal Charities")] == [(1, False), (2, False)]


def test_the_order_of_the_input_does_not_matter(organisations: list[Named], searcher: Searcher) -> None:
    shuffled = organisations.copy()
    random.Random(5).shuffle(shuffled)
    other = Searcher(shuffled)
    for typed in ("Bristol Cty Counsil", "Leeds", "st thomas hosp", "nhs trust"):
        assert other.search(typed, 20) == searcher.search(typed, 20)


def test_an_empty_searcher_finds_nothing() -> None:
    assert Searcher([]).search("Leeds") == []


def test_names_of_one_meaning_have_the_same_words() -> None:
    assert words_of("The University of Leeds Ltd") == words_of("leeds university")[::-1] == ("university", "leeds")
    assert words_of("Barts NHS FT") == words_of("Barts National Health Service Foundation Trust")


@pytest.mark.parametrize(("slips", "first", "in_five"), [(0, 0.97, 0.995), (1, 0.95, 0.99), (2, 0.90, 0.94)])
def test_names_that_people_use_for_councils_find_them_in_spite_of_slips(
    organisations: list[Named], searcher: Searcher, slips: int, first: float, in_five: float
) -> None:
    """Every third name of the lookup is the measure; many are of one word ("Ards"). A slip is one letter."""
    by_name = {one.name: one.id for one in organisations}
    authorities = read_authorities(FOLDER, vocabulary.load())
    rng = random.Random(7)
    at_first = at_five = asked = 0
    with (FOLDER / "uk_local_authority_name_lookup.csv").open(encoding="utf-8", newline="") as file:
        for row in list(csv.DictReader(file))[::3]:
            authority = authorities[row["local-authority-code"]]
            heirs = (authority.own_code,) if authority.current else authority.successors
            wanted = {by_name[authorities[heir].official_name] for heir in heirs}
            typed = row["la-name"]
            for _ in range(slips):
                typed = slip(rng, typed)
            hits = [hit.id for hit in searcher.search(typed, 5)]
            asked += 1
            at_first += bool(wanted & set(hits[:1]))
            at_five += bool(wanted & set(hits))
    assert asked == 592
    assert at_first / asked >= first
    assert at_five / asked >= in_five


def test_a_search_among_ten_thousand_names_takes_a_few_milliseconds(organisations: list[Named]) -> None:
    more = [
        Named(10_000 + one.id, f"{one.name} Community Partners", tuple(f"{name} Partners" for name in one.other_names))
        for one in organisations[:2000]
    ]
    searcher = Searcher([*organisations, *more])
    assert len(searcher) > 9000
    costs = []
    for typed in ("Bristol Cty Counsil", "leeds uni", "NHS FT Bradford teaching", "housing assoc", "Hackny") * 5:
        start = time.process_time()
        searcher.search(typed)
        costs.append(time.process_time() - start)
    assert statistics.median(costs) < 0.015
