"""Every figure of each group beside that of everybody, in one file.

A row of a group is the row that a file of that group alone has, taken from the same figures that are kept and with the
same rules for what is published: so a file that is broken down tells nothing that those files do not tell together, and
`test_exports_apart` holds for both. Costly figures of a group are told of the day itself, and of those months for which
they are kept; a file of that group alone has them of every month.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from haln.connect import connections
from haln.errors import Invalid
from haln.measure.definitions import BY_KEY
from haln.measure.exports_rows import EVERYBODY, NOT_KNOWN, Asked, ReadKept, Row, group_names, rows
from haln.measure.questions import Question
from haln.network.versions import Versions

BY = ("audience", "evidence", "sector", "region")
"""What files are broken down by: without staff and facilitators, by the evidence of connections, sector and region."""


def with_groups(
    whole: Sequence[Row], versions: Versions, asked: Asked, *, kept: ReadKept | None = None, patient: bool = True
) -> list[Row]:
    """The rows of a file: by day, then those of everybody, as `rows` makes them, then figures of each group.

    How many members a group has is among the rows of everybody already. `kept` reads what was worked out before of a
    group. Raises Invalid as `rows` does, and where one group is asked for of a kind that is to be broken down.
    """
    found = list(whole)
    for kind in (one for one in BY if one in asked.by):
        for group, question in _groups(versions, asked.question, kind):
            alone = replace(asked, question=question, by=())
            narrowed = rows(versions, alone, kept=kept and kept(alone), patient=patient)
            found += [
                replace(row, group_kind=kind, group=group, filter=asked.filter)
                for row in narrowed
                if row.group_kind == EVERYBODY and _is_told(row, kind)
            ]
    return sorted(found, key=lambda row: row.as_of)


def _is_told(row: Row, kind: str) -> bool:
    """Whether a figure is not there already: what counts people is the same whatever connections rest on."""
    return BY_KEY[row.measure].of_ties if kind == "evidence" else row.measure != "members"


def _groups(versions: Versions, question: Question, kind: str) -> Iterator[tuple[str, Question]]:
    """Each group of a kind that anybody was in by the day, and the question for it alone."""
    if not question.with_hosts if kind == "audience" else getattr(question, kind):
        raise Invalid("A file that shows one group of a kind alone cannot be broken down by that kind.")
    if kind == "audience":
        yield "member", replace(question, with_hosts=False)
    elif kind == "evidence":
        yield from ((one, replace(question, evidence=one)) for one in connections.EVIDENCE)
    else:
        known = group_names(question.known(versions, question.as_of), question.as_of, kind)
        yield from ((one, question.narrowed(kind, one)) for one in known if one != NOT_KNOWN)
