"""Rows that are made in any order and written in the order in which they refer to each other, in bulk."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from haln.models import (
    Application,
    ApplicationSlot,
    Attendance,
    Cohort,
    CohortFacilitator,
    CohortPair,
    CohortPlan,
    CohortSlot,
    Reflection,
    Seat,
    SetAction,
    SetNote,
    SetRequest,
    SetSession,
)
from haln.people.bulk import batched, catch_up_keys, insert_rows, next_key

_KEYED = (Cohort, CohortSlot, Application, CohortPlan, Seat, SetSession, SetAction, SetNote, SetRequest)
_ORDER = (
    Cohort,
    CohortFacilitator,
    CohortSlot,
    Application,
    ApplicationSlot,
    CohortPair,
    CohortPlan,
    Seat,
    SetSession,
    Attendance,
    SetAction,
    SetNote,
    Reflection,
    SetRequest,
)


class Ledger:
    """The rows of one demonstration's learning, with keys of their own."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._keys = {model: next_key(session, model) for model in _KEYED}
        self._rows: dict[type[Any], list[dict[str, Any]]] = {model: [] for model in _ORDER}

    def add(self, model: type[Any], **values: Any) -> int:
        """Note a row. Returns its key, where it has one of its own."""
        key = self._keys.get(model, 0)
        if key:
            self._keys[model] += 1
            values = {"id": key, **values}
        self._rows[model].append(values)
        return key

    def count(self, model: type[Any]) -> int:
        """How many rows of a kind were noted."""
        return len(self._rows[model])

    def write(self) -> None:
        """Write everything."""
        for model in _ORDER:
            for rows in batched(self._rows[model]):
                insert_rows(self._session, model, rows)
        self._session.flush()
        catch_up_keys(self._session, _KEYED)
