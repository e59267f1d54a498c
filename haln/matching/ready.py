"""Have every kernel compiled and loaded before the first member asks."""

from haln.matching.index import build, shortest_path
from haln.matching.patching import patch
from haln.matching.people import Changes, Membership, Network, Person, ThemeChoice, Tie
from haln.matching.suggest import suggest_for_all


def warm_up() -> None:
    """Run matching once over three invented members; seconds the first time on a machine, then milliseconds."""
    people = [
        Person(
            member, texts=(f"allotments and kitchens {member}",), themes=(ThemeChoice("food", offer=True, seek=True),)
        )
        for member in (1, 2, 3)
    ]
    index = build(Network(people, [Tie(1, 2), Tie(2, 3)], [Membership(1, 1), Membership(3, 1)]))
    index = patch(index, Changes(people=(people[0],)))
    list(suggest_for_all(index, {}))
    shortest_path(index, 1, 3)
