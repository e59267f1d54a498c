"""Times to choose from as words, and as a table of days."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import format_date, format_datetime

from haln.learn.slots import Slot
from haln.learn.weekly_times import HALVES
from haln.views import words
from haln.views.local_time import today
from haln.views.speech import gettext


@dataclass(frozen=True, slots=True)
class Cell:
    """A time in the table: its place, what it is in full, whether it is ticked, and how many can make it."""

    id: int
    row: int
    column: int
    words: str
    checked: bool
    count: int | None


@dataclass(frozen=True, slots=True)
class SlotTable:
    """Times by day and time of day; a day without one of them has an empty cell."""

    columns: list[str]
    rows: list[tuple[str, list[Cell | None]]]


def half_words(half: str) -> str:
    """A half-day in one word."""
    said = {"morning": gettext("Morning"), "afternoon": gettext("Afternoon"), "evening": gettext("Evening")}
    return said[half]


def slot_words(slot: Slot) -> str:
    """A time in full: Monday 5 October 2026, morning; Monday 5 October 2026, 2:00pm."""
    if slot.starts_at is not None:
        return words.moment(slot.starts_at)
    return f"{words.day(slot.on_day)}, {half_words(slot.half or '').lower()}"


def short_words(slot: Slot) -> str:
    """A time in a list: Mon 5 Oct, morning; Mon 5 Oct, 2:00pm."""
    return f"{_short_day(slot.on_day)}, {_time(slot).lower()}"


def _short_day(day: date) -> str:
    """A day, with its year where that is not this one."""
    return str(format_date(day, "EEE d MMM" if day.year == today().year else "EEE d MMM y"))


def _time(slot: Slot) -> str:
    if slot.starts_at is None:
        return half_words(slot.half or "")
    clock, half = format_datetime(slot.starts_at, "h:mm"), format_datetime(slot.starts_at, "a")
    return f"{clock}{half.replace('.', '').lower()}"


def _place(slot: Slot) -> str:
    """What orders the columns: the half-day, or the hour on the clocks of the network."""
    if slot.starts_at is None:
        return str(HALVES.index(slot.half or ""))
    return str(format_datetime(slot.starts_at, "HH:mm"))


def table(slots: Sequence[Slot], chosen: Collection[int] = (), counts: Mapping[int, int] | None = None) -> SlotTable:
    """The times as a table, the chosen ones ticked."""
    labels = {_place(slot): _time(slot) for slot in slots}
    columns = sorted(labels)
    days = sorted({slot.on_day for slot in slots})
    cells: dict[tuple[int, int], Cell] = {}
    for slot in slots:
        row, column = days.index(slot.on_day), columns.index(_place(slot))
        count = counts.get(slot.id, 0) if counts is not None else None
        cells[row, column] = Cell(slot.id, row, column, slot_words(slot), slot.id in chosen, count)
    return SlotTable(
        [labels[column] for column in columns],
        [
            (_short_day(day), [cells.get((row, column)) for column in range(len(columns))])
            for row, day in enumerate(days)
        ],
    )
