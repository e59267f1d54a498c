"""Have every kernel compiled and loaded before the first member asks."""

from haln.matching.crew import suggest_for_all
from haln.matching.forming import Effort, form
from haln.matching.index import build, shortest_path
from haln.matching.objective import assess, moves, prepare
from haln.matching.patching import patch
from haln.matching.people import Changes, Membership, Network, Person, ThemeChoice, Tie
from haln.matching.pool import Applicant, Pool
from haln.matching.rules import Kind, Rule, Strength


def warm_up() -> None:
    """Match and form sets once for a few invented members; a minute the first time on a machine, then milliseconds."""
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
    applicants = tuple(Applicant(member, themes={"food": 1}) for member in range(8))
    problem = prepare(Pool(applicants), (Rule(Kind.SIZE, Strength.MUST, 4, 8), Rule(Kind.THEMES, Strength.STRONGLY)))
    plan = form(problem, 1, Effort(1000, 1)).plan
    assess(problem, plan)
    moves(problem, plan, 1)
