"""Tables as `components/data_table.html` draws them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. `sorted`: ascending, descending, or nothing where the table is in another order."""

    label: str
    number: bool = False
    sort_url: str = ""
    sorted: str = ""
