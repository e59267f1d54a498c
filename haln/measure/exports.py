"""The network as files: one function each for figures and for the network itself, whoever asks."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from haln import history
from haln.errors import Invalid, NotFound
from haln.measure import exports_graph
from haln.measure.definitions import BY_KEY
from haln.measure.exports_broken_down import BY, with_groups
from haln.measure.exports_csv import COLUMNS, as_csv
from haln.measure.exports_json import as_json
from haln.measure.exports_rows import Asked, ReadKept, rows
from haln.measure.exports_workbook import as_workbook
from haln.network.versions import Versions

__all__ = ["BY", "COLUMNS", "FIGURES", "GRAPHS", "File", "figures_file", "network_file", "record"]

FIGURES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
"""The formats of figures, with their types."""

GRAPHS = {"graphml": "application/xml", "gexf": "application/xml"}
"""The formats of the network, with their types."""

_GRAPH: dict[str, Callable[[Versions, Asked, bytes], bytes]] = {
    "graphml": exports_graph.as_graphml,
    "gexf": exports_graph.as_gexf,
}
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class File:
    """A file to give out."""

    name: str
    mimetype: str
    content: bytes


def figures_file(
    versions: Versions,
    asked: Asked,
    form: str,
    *,
    mark: bool = False,
    kept: ReadKept | None = None,
    patient: bool = True,
) -> File:
    """The figures that are asked for, of every month; `mark`: a CSV file begins with the byte order mark.

    `kept` reads what was worked out before, of everybody and of each group; `patient` as `exports_rows.rows` has it.
    Raises NotFound for a figure or format that does not exist, Invalid for what cannot be published.
    """
    if form not in FIGURES or any(key not in BY_KEY for key in asked.keys):
        raise NotFound("There is no such figure.")
    if not asked.exact and any(not BY_KEY[key].published for key in asked.keys):
        raise Invalid("This figure is for staff alone: take an exact file.")
    if not set(asked.by) <= set(BY):
        raise NotFound("There is no such kind of group.")
    whole = rows(versions, asked, kept=kept and kept(asked), every_day=True, patient=patient)
    found = with_groups(whole, versions, asked, kept=kept, patient=patient)
    if form == "csv":
        content = as_csv(found, mark=mark)
    else:
        content = as_json(found, asked) if form == "json" else as_workbook(found, asked)
    what = "-".join(asked.keys) or "figures"
    parts = "".join(f"-by-{kind}" for kind in asked.by)
    exact = "-exact" if asked.exact else ""
    return File(f"network-{what}{parts}-{asked.question.as_of}{exact}.{form}", FIGURES[form], content)


def network_file(versions: Versions, asked: Asked, form: str) -> File:
    """The network itself, for staff: people without names, under ids that are made anew for each file.

    Raises NotFound for a format that does not exist, Invalid where a filter leaves too few people.
    """
    if form not in GRAPHS:
        raise NotFound("There is no such file.")
    content = _GRAPH[form](versions, asked, secrets.token_bytes(_KEY_BYTES))
    return File(f"network-{asked.question.as_of}.{form}", GRAPHS[form], content)


def record(session: Session, actor_id: int | None, asked: Asked, file: File, now: datetime) -> None:
    """Write down that a file that is not for publication was given out."""
    detail: history.Detail = {
        "file": file.name,
        "as_of": asked.question.as_of.isoformat(),
        "known_as_of": asked.known_on(asked.question.as_of).isoformat(),
        "filter": asked.filter,
    }
    history.record(session, actor_id, "export_network", "network", None, now, detail)
