"""Laws of what is shown to members to join."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from haln.matching.joining import Ranked, rank
from haln.matching.joining_signals import OWN, Many, Opening, Seeker, prepare, read
from haln.matching.people import ThemeChoice

THEMES = ("environment", "food", "housing", "leadership")
SECTORS = ("business", "charity", "council", "nhs")
WORDS = ("allotment", "boiler", "canteen", "damp", "estate", "freezer", "grower")
FEW = 7

quick = settings(max_examples=25, deadline=None)

sentences = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
counts = st.dictionaries(st.sampled_from(THEMES), st.integers(0, 20))
openings = st.lists(
    st.builds(
        Opening,
        key=st.integers(1, 40),
        texts=st.lists(sentences, max_size=2).map(tuple),
        themes=st.frozensets(st.sampled_from(THEMES)),
        issues=st.lists(sentences, max_size=12).map(tuple),
        offers=counts,
        seeks=counts,
        steps=st.dictionaries(st.sampled_from(THEMES), st.tuples(*[st.integers(0, 9)] * 4)),
        sectors=st.dictionaries(st.sampled_from(SECTORS), st.integers(0, 20)),
        times=st.frozensets(st.integers(0, 20)),
    ),
    max_size=6,
    unique_by=lambda one: one.key,
)
choices = st.lists(
    st.builds(
        ThemeChoice, st.sampled_from(THEMES), st.booleans(), st.booleans(), st.booleans(), maturity=st.integers(0, 4)
    ),
    unique_by=lambda one: one.theme,
).map(tuple)
seekers = st.lists(
    st.builds(
        Seeker,
        member=st.integers(1, 99),
        texts=st.lists(sentences, max_size=3).map(tuple),
        themes=choices,
        sectors=st.frozensets(st.sampled_from(SECTORS)),
        times=st.frozensets(st.integers(0, 20)),
    ),
    max_size=4,
    unique_by=lambda one: one.member,
)


def ranked(some: list[Opening], who: list[Seeker], few: int = FEW) -> list[tuple[Ranked, ...]]:
    return [tuple(one) for one in rank(prepare(some, few), who)]


@quick
@given(openings, seekers, st.randoms())
def test_order_does_not_matter(some: list[Opening], who: list[Seeker], rng: object) -> None:
    mixed = [replace(one, issues=tuple(reversed(one.issues))) for one in reversed(some)]
    assert ranked(mixed, who) == ranked(some, who)
    backwards = ranked(some, who[::-1])
    assert backwards[::-1] == ranked(some, who)


@quick
@given(openings, seekers)
def test_a_list_is_the_same_whoever_else_is_asked(some: list[Opening], who: list[Seeker]) -> None:
    together = ranked(some, who)
    assert [ranked(some, [one])[0] for one in who] == together


@quick
@given(openings, seekers)
def test_every_opening_is_ranked_once_best_first(some: list[Opening], who: list[Seeker]) -> None:
    for one in ranked(some, who):
        assert sorted(entry.key for entry in one) == sorted(opening.key for opening in some)
        assert [(-entry.score, entry.key) for entry in one] == sorted((-entry.score, entry.key) for entry in one)
        for entry in one:
            assert entry.score >= 0
            assert all(reason.weight >= 0 for reason in entry.reasons)


@quick
@given(openings, seekers)
def test_what_few_people_said_changes_nothing(some: list[Opening], who: list[Seeker]) -> None:
    def without(counted: dict[str, int]) -> dict[str, int]:
        return {name: count for name, count in counted.items() if count > FEW}

    blurred = [
        replace(
            one,
            issues=one.issues if len(one.issues) > FEW else (),
            offers=without(dict(one.offers)),
            seeks=without(dict(one.seeks)),
            sectors=without(dict(one.sectors)),
        )
        for one in some
    ]
    assert ranked(blurred, who) == ranked(some, who)


@quick
@given(openings, seekers)
def test_quoted_words_stand_in_the_seekers_text_and_in_the_purpose(some: list[Opening], who: list[Seeker]) -> None:
    by_key = {one.key: one for one in some}
    for seeker, found in zip(who, ranked(some, who), strict=True):
        for entry in found:
            for reason in entry.reasons:
                for term in reason.evidence.get("terms", ()):
                    assert term in " ".join(by_key[entry.key].texts).split()
                    assert term in " ".join(seeker.texts).split()


def test_what_somebody_seeks_counts_more_than_what_interests_them() -> None:
    food = Opening(1, themes=frozenset({"food"}))
    seeking = ranked([food], [Seeker(1, themes=(ThemeChoice("food", seek=True),))])[0][0]
    liking = ranked([food], [Seeker(1, themes=(ThemeChoice("food"),))])[0][0]
    other = ranked([food], [Seeker(1, themes=(ThemeChoice("housing", seek=True),))])[0][0]
    assert seeking.score > liking.score > other.score == 0
    assert [reason.kind for reason in seeking.reasons] == ["about_what_you_seek"]
    assert (other.band, other.reasons) == ("worth_a_look", ())


def test_many_who_write_of_the_same_count_and_are_not_quoted() -> None:
    issues = tuple(f"damp boiler estate {WORDS[number % 3]}" for number in range(FEW + 1))
    call = Opening(1, texts=("A learning set",), issues=issues)
    found = ranked([call], [Seeker(1, texts=("our boiler and the damp estate",))])[0][0]
    assert [(reason.kind, dict(reason.evidence)) for reason in found.reasons] == [("alike_issues", {})]
    fewer = replace(call, issues=issues[:FEW])
    assert ranked([fewer], [Seeker(1, texts=("our boiler and the damp estate",))])[0][0].reasons == ()


def test_one_word_in_common_is_no_reason_and_common_words_count_little() -> None:
    call = Opening(1, texts=("canteen grower",))
    one, two = (
        ranked([call], [Seeker(1, texts=(text,))])[0][0] for text in ("canteen boiler", "canteen grower boiler")
    )
    assert (one.score, [reason.kind for reason in two.reasons]) == (0, ["alike_purpose"])
    calls, seeker = [Opening(1, texts=("canteen grower damp",))], Seeker(1, texts=("grower damp estate",))
    plain = next(next(rank(prepare(calls, FEW), [seeker])))
    usual = next(next(rank(prepare(calls, FEW, ["grower damp"] * 9 + ["estate canteen"] * 2), [seeker])))
    assert usual.score < plain.score


def test_a_sector_that_one_has_a_tie_to_is_no_reason() -> None:
    call = Opening(1, sectors={"nhs": 9, "council": 8, "business": 7})
    found = ranked([call], [Seeker(1, sectors=frozenset({"nhs"}))])[0][0]
    assert [(reason.kind, dict(reason.evidence)) for reason in found.reasons] == [
        ("new_sector", {"sectors": ["council"]})
    ]


def test_a_step_ahead_is_counted_above_ones_own_step() -> None:
    call = Opening(1, steps={"food": (0, 4, 4, 0)})
    at = {step: ranked([call], [Seeker(1, themes=(ThemeChoice("food", maturity=step),))])[0][0] for step in range(5)}
    assert [step for step, one in at.items() if one.reasons] == [1]


def test_times_that_were_possible_before_count() -> None:
    call = Opening(1, times=frozenset({3, 4, 5, 6}))
    one, two = (ranked([call], [Seeker(1, times=frozenset(times))])[0][0] for times in ({3}, {3, 4, 9}))
    assert two.score > one.score > 0
    assert dict(two.reasons[0].evidence) == {"times": [3, 4]}


def test_of_what_one_joined_was_at_and_finished_the_nearest_speaks_and_none_takes_from_another() -> None:
    openings = prepare([Opening(1, texts=("allotment boiler canteen",))], FEW)
    near, far = ("allotment canteen grower",), ("damp estate freezer",)
    alone, all_of_them, attended, nothing = read(
        openings,
        [
            Seeker(1, groups=near),
            Seeker(2, groups=near, attended=far, finished=far),
            Seeker(3, groups=far, attended=near),
            Seeker(4),
        ],
    )
    assert alone.own == all_of_them.own == attended.own > 0.1
    assert nothing.own == 0.0
    assert [OWN[int(one.nearest[0])][0] for one in (alone, all_of_them, attended)] == ["joined", "joined", "attended"]


def test_of_seven_people_nothing_is_told_and_of_eight_all() -> None:
    def opening(count: int) -> Opening:
        steps = {"food": (count, 0, count, 0)}
        return Opening(1, offers={"food": count}, seeks={"housing": count}, steps=steps, sectors={"nhs": count})

    assert Many.of(opening(7), FEW) == Many(frozenset(), frozenset(), {}, ())
    eight = Many(frozenset({"food"}), frozenset({"housing"}), {"food": frozenset({1, 2})}, ("nhs",))
    assert Many.of(opening(8), FEW) == eight
