"""Each quick proof says what is in the way, who, and what would do."""

from collections.abc import Iterable
from dataclasses import replace

from haln.matching.certificates import Certificate, Finding, certificates
from haln.matching.musts import musts
from haln.matching.pool import Applicant, Facilitator, Pool
from haln.matching.rules import Kind, Rule, Strength

MUST = Strength.MUST
SIZE = Rule(Kind.SIZE, MUST, 4, 6)
ONE_EACH = Rule(Kind.PER_ORGANISATION, MUST, 1)
A_SLOT = Rule(Kind.SLOTS, MUST, 1)
LED = Rule(Kind.FACILITATOR_LOAD, MUST)


def people(count: int, slots: Iterable[int] = ()) -> tuple[Applicant, ...]:
    return tuple(Applicant(member, slots=frozenset(slots)) for member in range(1, count + 1))


def changed(some: tuple[Applicant, ...], members: Iterable[int], **facts: object) -> tuple[Applicant, ...]:
    chosen = set(members)
    return tuple(replace(one, **facts) if one.id in chosen else one for one in some)  # type: ignore[arg-type]


def found(pool: Pool, *rules: Rule, sets: int) -> tuple[Certificate, ...]:
    return certificates(musts(pool, rules, sets))


def test_five_of_one_organisation_need_five_sets_or_two_in_each() -> None:
    pool = Pool(changed(people(24), range(3, 8), organisation=77))
    assert found(pool, SIZE, ONE_EACH, sets=4) == (
        Certificate(
            Finding.ORGANISATION,
            (1,),
            (3, 4, 5, 6, 7),
            {"organisation": 77, "people": 5, "number": 1, "sets": 4, "needed_sets": 5, "needed_number": 2},
        ),
    )
    assert found(pool, SIZE, ONE_EACH, sets=5) == ()
    assert found(pool, SIZE, replace(ONE_EACH, number=2), sets=4) == ()


def test_more_sets_are_not_proposed_where_there_are_too_few_people_for_them() -> None:
    (only,) = found(Pool(changed(people(16), range(1, 7), organisation=77)), SIZE, ONE_EACH, sets=4)
    assert only.figures == {"organisation": 77, "people": 6, "number": 1, "sets": 4, "needed_number": 2}
    assert only.rules == (1,)


def test_whoever_can_come_when_nobody_else_can_meets_nobody() -> None:
    pool = Pool(changed(people(9, {1, 2}), {4}, slots=frozenset({0})), slots=3)
    (only,) = found(pool, SIZE, A_SLOT, sets=2)
    assert only == Certificate(Finding.NO_COMPANY, (0, 1), (4,), {"least": 3, "number": 1})


def test_whoever_must_not_meet_most_others_meets_too_few() -> None:
    pool = Pool(people(9), apart=frozenset((1, other) for other in range(2, 8)))
    (only,) = found(pool, SIZE, Rule(Kind.APART, MUST), sets=2)
    assert only == Certificate(Finding.NO_COMPANY, (0, 1), (1,), {"least": 3, "number": 0})


def test_fewer_slots_than_all_must_share_are_too_few() -> None:
    pool = Pool(changed(people(8, {0, 1, 2}), {2, 5}, slots=frozenset({1})), slots=3)
    assert found(pool, SIZE, replace(A_SLOT, number=2), sets=2)[0] == Certificate(
        Finding.NO_SLOTS, (1,), (2, 5), {"number": 2}
    )


def test_a_chain_of_people_kept_together_must_not_end_in_people_kept_apart() -> None:
    pool = Pool(people(8), together=frozenset({(1, 5), (5, 7), (7, 8)}), apart=frozenset({(1, 7)}))
    assert found(pool, SIZE, Rule(Kind.APART, MUST), Rule(Kind.TOGETHER, MUST), sets=2) == (
        Certificate(Finding.TOGETHER_APART, (1, 2), (1, 5, 7)),
    )


def test_nobody_is_kept_together_with_their_manager_or_past_set_mate_where_neither_may_be() -> None:
    pool = Pool(
        people(8), managers=frozenset({(1, 2)}), together=frozenset({(1, 2), (3, 4)}), set_mates=frozenset({(3, 4)})
    )
    rules = (SIZE, Rule(Kind.TOGETHER, MUST), Rule(Kind.MANAGERS, MUST), Rule(Kind.NOT_AGAIN, MUST))
    assert [(one.finding, one.rules, one.members) for one in found(pool, *rules, sets=2)] == [
        (Finding.TOGETHER_APART, (1, 2), (1, 2)),
        (Finding.TOGETHER_APART, (1, 3), (3, 4)),
    ]


def test_people_kept_together_fit_into_one_set_by_number_organisation_and_time() -> None:
    some = changed(people(14, {0, 1}), {1, 2}, organisation=9)
    some = changed(changed(some, {4}, slots=frozenset({0})), {5}, slots=frozenset({1}))
    together = frozenset({(1, 2), (4, 5), *((first, first + 1) for first in range(6, 12))})
    rules = (SIZE, Rule(Kind.TOGETHER, MUST), ONE_EACH, A_SLOT)
    by_kind = {one.finding: one for one in found(Pool(some, slots=2, together=together), *rules, sets=3)}
    assert by_kind[Finding.TOGETHER_ORGANISATION] == Certificate(
        Finding.TOGETHER_ORGANISATION, (1, 2), (1, 2), {"organisation": 9, "people": 2, "number": 1}
    )
    assert by_kind[Finding.TOGETHER_SLOTS] == Certificate(
        Finding.TOGETHER_SLOTS, (1, 3), (4, 5), {"shared": 0, "number": 1}
    )
    assert by_kind[Finding.TOGETHER_LARGE] == Certificate(
        Finding.TOGETHER_LARGE, (0, 1), tuple(range(6, 13)), {"people": 7, "most": 6}
    )


def test_too_few_for_one_set() -> None:
    assert found(Pool(people(3)), SIZE, sets=1) == (Certificate(Finding.TOO_FEW, (0,), (), {"people": 3, "least": 4}),)
    assert found(Pool(()), SIZE, sets=1) == ()


def test_sizes_that_cannot_add_up_say_the_nearest_numbers_that_would() -> None:
    figures = {"people": 11, "least": 6, "most": 8, "fewer": 8, "more": 12}
    assert found(Pool(people(11)), replace(SIZE, number=6, most=8), sets=2) == (
        Certificate(Finding.SIZES, (0,), (), figures),
    )


def test_people_for_whom_there_is_no_room_need_more_sets() -> None:
    figures = {"people": 20, "most": 6, "sets": 3, "needed_sets": 4}
    assert found(Pool(people(20)), SIZE, sets=3) == (Certificate(Finding.MORE_SETS, (0,), (), figures),)


def test_facilitators_who_can_lead_one_set_cannot_lead_three() -> None:
    pool = Pool(people(18), (Facilitator(90, 1),))
    figures = {"room": 1, "needed_sets": 3, "sets": 3}
    assert found(pool, SIZE, LED, sets=3) == (Certificate(Finding.FACILITATORS, (0, 1), (), figures),)
    assert found(replace(pool, facilitators=(Facilitator(90, 3),)), SIZE, LED, sets=3) == ()


def test_facilitators_who_come_when_too_few_can_meet_lead_nobody() -> None:
    pool = Pool(people(8, {0}), (Facilitator(90, 1, frozenset({0})), Facilitator(91, 4, frozenset({1}))), 2)
    figures = {"room": 1, "needed_sets": 2, "sets": 2}
    by_kind = {one.finding: one for one in found(pool, SIZE, A_SLOT, LED, sets=2)}
    assert by_kind[Finding.FACILITATOR_TIME].figures == figures
    assert by_kind[Finding.SLOT_FULL] == Certificate(
        Finding.SLOT_FULL, (0, 1, 2), tuple(range(1, 9)), {"people": 8, "room": 1}, (0,)
    )


def test_whoever_shares_no_time_with_any_facilitator_is_named() -> None:
    pool = Pool(
        changed(people(12, {0, 1}), range(1, 6), slots=frozenset({1})), (Facilitator(90, 3, frozenset({0})),), 2
    )
    assert Certificate(Finding.NO_FACILITATOR, (1, 2), (1, 2, 3, 4, 5), {"number": 1}) in found(
        pool, SIZE, A_SLOT, LED, sets=3
    )


def test_the_only_one_of_a_kind_is_alone_wherever_they_sit() -> None:
    some = changed(changed(people(8), {1}, sector="faith"), {2, 3}, sector="sport", organisation=4)
    pool = Pool(some)
    alone = Rule(Kind.NOT_ALONE, MUST, of="sector")
    assert found(pool, SIZE, alone, sets=2) == (Certificate(Finding.ALONE, (1,), (1,)),)
    assert found(pool, SIZE, alone, ONE_EACH, sets=2) == (
        Certificate(Finding.ALONE, (1,), (1,)),
        Certificate(Finding.KIN_APART, (1, 2), (2, 3)),
    )


def test_people_with_one_time_each_need_a_set_for_every_time() -> None:
    some = people(12, {0})
    for slot in range(1, 3):
        some = changed(some, range(4 * slot + 1, 4 * slot + 5), slots=frozenset({slot}))
    by_kind = {one.finding: one for one in found(Pool(some, slots=3), SIZE, A_SLOT, sets=2)}
    assert by_kind[Finding.TIMES_SPLIT].figures == {"people": 12, "sets": 2, "needed_sets": 3}
    assert by_kind[Finding.ALL_APART].figures == {"people": 3, "sets": 2, "needed_sets": 3}


def test_people_of_whom_no_two_may_meet_need_a_set_each() -> None:
    pool = Pool(people(12), apart=frozenset({(1, 2), (1, 3), (2, 3), (4, 5)}))
    (only,) = found(pool, SIZE, Rule(Kind.APART, MUST), sets=2)
    assert only == Certificate(Finding.ALL_APART, (1,), (1, 2, 3), {"people": 3, "sets": 2, "needed_sets": 3})


def test_rules_that_can_hold_have_no_certificate() -> None:
    assert found(Pool(people(12, {0}), (Facilitator(90, 2),), 1), SIZE, ONE_EACH, A_SLOT, LED, sets=2) == ()
