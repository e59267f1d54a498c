"""Every reason is true, checked against what was put in."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from haln.matching.crew import suggest_for_all
from haln.matching.index import build
from haln.matching.people import Facts, Membership, Network, Person, ThemeChoice, Tie
from haln.matching.reasons import KINDS, Reason
from haln.matching.suggest import Settings, suggest_for
from tests.matching.networks import TODAY, networks

quick = settings(max_examples=30, deadline=None)


class Truth:
    """What is so in a network, looked up the slow way."""

    def __init__(self, network: Network) -> None:
        self.people = {person.member: person for person in network.people}
        self.pairs = {frozenset((tie.a, tie.b)) for tie in network.ties}
        self.memberships = {(one.member, one.group) for one in network.memberships}

    def cells(self) -> set[frozenset[tuple[str | None, str | None]]]:
        found = set()
        for pair in self.pairs:
            one, other = (self.people[member] for member in pair)
            found.add(frozenset({(one.sector, one.region), (other.sector, other.region)}))
        return found

    def picked(self, member: int, flag: str) -> set[str]:
        return {choice.theme for choice in self.people[member].themes if getattr(choice, flag)}

    def steps(self, member: int) -> dict[str, int]:
        return {choice.theme: choice.maturity for choice in self.people[member].themes}

    def holds(self, member: int, other: int, reason: Reason) -> bool:
        mine, theirs, evidence = self.people[member], self.people[other], reason.evidence
        shown, kind = theirs.shown, reason.kind
        if kind in ("they_offer_you_seek", "you_offer_they_seek", "shared_theme"):
            flags = {"they": ("seek", "offer"), "you_": ("offer", "seek"), "shar": ("interest", "interest")}[kind[:4]]
            both = self.picked(member, flags[0]) & self.picked(other, flags[1])
            return bool(shown & Facts.THEMES) and set(evidence["themes"]) == both != set()
        if kind == "step_ahead":
            ahead = zip(evidence["themes"], evidence["yours"], evidence["theirs"], strict=True)
            return bool(shown & Facts.THEMES and evidence["themes"]) and all(
                1 <= self.steps(member)[theme] == yours < step == self.steps(other)[theme] <= yours + 2
                for theme, yours, step in ahead
            )
        if kind == "mutual_connections":
            return bool(evidence["members"] and shown & Facts.CONNECTIONS) and all(
                frozenset((member, one)) in self.pairs
                and frozenset((one, other)) in self.pairs
                and self.people[one].suggestable
                and self.people[one].shown & Facts.CONNECTIONS
                for one in evidence["members"]
            )
        if kind == "shared_group":
            groups = evidence["groups"]
            return bool(groups) and all({(member, one), (other, one)} <= self.memberships for one in groups)
        if kind == "similar_text":
            words = [set(" ".join(one.texts).split()) for one in (mine, theirs)]
            return bool(evidence["terms"] and shown & Facts.TEXT) and set(evidence["terms"]) <= words[0] & words[1]
        if kind == "first_link":
            ends = tuple(zip(evidence["sectors"], evidence["regions"], strict=True))
            return (
                ends == ((mine.sector, mine.region), (theirs.sector, theirs.region))
                and shown & (Facts.PLACE | Facts.ORGANISATION) == Facts.PLACE | Facts.ORGANISATION
                and ends[0] != ends[1]
                and frozenset(ends) not in self.cells()
            )
        if kind == "newcomer":
            return theirs.joined_day is not None and TODAY - theirs.joined_day < 60
        if kind == "active":
            return theirs.quiet_days is not None and theirs.quiet_days <= 30
        return self.standing_holds(mine, theirs, reason)

    @staticmethod
    def standing_holds(mine: Person, theirs: Person, reason: Reason) -> bool:
        evidence, shown = reason.evidence, theirs.shown
        needed = {
            "active_nearby": Facts.PLACE,
            "same_place": Facts.PLACE,
            "same_region": Facts.PLACE,
            "same_sector": Facts.ORGANISATION,
            "same_place_other_sector": Facts.PLACE | Facts.ORGANISATION,
            "same_role_other_organisation": Facts.ROLE | Facts.ORGANISATION,
        }[reason.kind]
        same = {"active_nearby": "region", "same_region": "region", "same_sector": "sector"}.get(reason.kind, "place")
        if reason.kind == "same_role_other_organisation":
            same = "role"
            differs = None not in (mine.organisation, theirs.organisation) and mine.organisation != theirs.organisation
        elif reason.kind == "same_place_other_sector":
            differs = None not in (mine.sector, theirs.sector) and mine.sector != theirs.sector
        elif reason.kind == "active_nearby":
            differs = theirs.quiet_days is not None and theirs.quiet_days <= 30
        else:
            differs = True
        told = all(getattr(theirs, name) == value for name, value in evidence.items())
        agree = getattr(mine, same) is not None and getattr(mine, same) == getattr(theirs, same)
        return bool(agree and differs and told and shown & needed == needed)


@quick
@given(networks(least=4))
def test_reasons_are_true_and_come_by_weight(network: Network) -> None:
    truth = Truth(network)
    for one in suggest_for_all(build(network), {}, Settings(length=20)):
        for suggestion in one.suggestions:
            weights = [reason.weight for reason in suggestion.reasons]
            assert weights == sorted(weights, reverse=True)
            assert all(weight > 0 for weight in weights)
            for reason in suggestion.reasons:
                assert truth.holds(one.member, suggestion.member, reason), (one.member, suggestion)


def test_every_kind_of_reason_is_given_where_it_is_true() -> None:
    me = Person(
        1,
        ("procurement of hospital food from local growers",),
        (ThemeChoice("food", seek=True, maturity=1), ThemeChoice("skills", offer=True)),
        role="lead",
        sector="nhs",
        organisation=1,
        place=1,
        region="north",
    )
    everything = replace(
        me,
        member=2,
        texts=("local growers and hospital kitchens",),
        themes=(ThemeChoice("food", offer=True, maturity=2), ThemeChoice("skills", seek=True)),
        sector="council",
        organisation=2,
        quiet_days=1,
        joined_day=TODAY - 2,
    )
    plain = replace(everything, member=3, themes=(), texts=(), role=None, sector="nhs", region=None)
    ties, groups = [Tie(1, 4), Tie(2, 4)], [Membership(1, 7), Membership(2, 7)]
    near = Person(5, region="north")
    index = build(Network([me, everything, plain, Person(4), near], ties, groups, TODAY))
    found = {one.member: {reason.kind for reason in one.reasons} for one in suggest_for(index, 1).suggestions}
    assert found[2] | found[3] | found[5] == set(KINDS)


@pytest.mark.parametrize(("place", "quiet"), [(1, 400), (2, 1)], ids=["of the same place", "lately active"])
def test_the_same_region_is_told_where_nothing_says_more(place: int, quiet: int) -> None:
    me = Person(1, place=1, region="north")
    others = [
        Person(2, place=2, region="north", quiet_days=400),
        Person(3, place=place, region="north", quiet_days=quiet),
    ]
    found = suggest_for(build(Network([me, *others], today=TODAY)), 1).suggestions
    told = {one.member: {reason.kind for reason in one.reasons} & {"same_region"} for one in found}
    assert told == {2: {"same_region"}, 3: set()}


def test_nobody_is_ahead_in_what_they_would_like_help_with_from_the_member() -> None:
    me = Person(1, themes=(ThemeChoice("food", offer=True, maturity=1), ThemeChoice("skills", maturity=1)))
    other = Person(2, themes=(ThemeChoice("food", seek=True, maturity=3), ThemeChoice("skills", maturity=2)))
    (found,) = suggest_for(build(Network([me, other])), 1).suggestions
    told = {reason.kind: reason.evidence["themes"] for reason in found.reasons if reason.kind != "shared_theme"}
    assert told == {"you_offer_they_seek": ("food",), "step_ahead": ("skills",)}
