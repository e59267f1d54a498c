"""Read a CSV or XLSX file into rows of text, measuring it before it is opened.

Every way in which such a file goes wrong is one clear sentence (`Invalid` or `TooLarge`); nothing here knows what the
columns mean.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from haln.errors import HalnError, Invalid, TooLarge

MEGABYTE = 1024 * 1024
MOST_BYTES = 10 * MEGABYTE
MOST_UNPACKED = 60 * MEGABYTE
MOST_ROWS = 20_000
MOST_COLUMNS = 60
MOST_CELL = 20_000
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file as text, by column name. `line` is the number that a spreadsheet shows."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """The file's columns, as they were written, and its rows."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read(content: bytes, name: str, needed: Sequence[str] = ("email",)) -> Table:
    """Read a file. `needed` are column names of which at least one must be there; they also tell the delimiter.

    Raises TooLarge or Invalid with the sentence that says what is wrong and how to mend it.
    """
    if len(content) > MOST_BYTES:
        raise TooLarge(
            "The file has %(size)s MB; at most %(most)s MB are read.",
            size=f"{len(content) / MEGABYTE:.0f}",
            most=MOST_BYTES // MEGABYTE,
        )
    if not content.strip():
        raise Invalid("The file is empty.")
    if content[:4] == b"PK\x03\x04":
        return _from_cells(_xlsx_rows(content))
    if content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise Invalid("This is an old Excel file (.xls). Save it as .xlsx or as CSV and try again.")
    if name.lower().endswith(".xlsx"):
        raise Invalid("The file is called .xlsx but is not an Excel workbook. Save it again from Excel, or as CSV.")
    return _from_cells(_csv_rows(content, needed))


def _text(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Invalid("The file is in UTF-16. Save it as “CSV UTF-8” and try again.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Invalid(
            "Line %(line)s has letters that are not UTF-8. Save the file as “CSV UTF-8” and try again.", line=line
        ) from error
    if "\x00" in text:
        raise Invalid("The file is not text: it has zero bytes in it. Save it as “CSV UTF-8” and try again.")
    return text


def _csv_rows(content: bytes, needed: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    text = _text(content)
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = _delimiter(first, needed)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Invalid(
                "Line %(line)s cannot be read: a quotation mark is never closed, or out of place.",
                line=line,
            ) from error
        yield line, cells


def _delimiter(header: str, needed: Sequence[str]) -> str:
    """Which of comma, semicolon and tab gives a header with a column that is needed."""
    for delimiter in DELIMITERS:
        names = {heading(cell.strip('" \r')) for cell in header.split(delimiter)}
        if names & set(needed):
            return delimiter
    if (
        len(header.split(",")) == 1
        and not any(mark in header for mark in ";\t")
        and any(mark in header for mark in "|:")
    ):
        raise Invalid("The columns are not separated by commas. Save the file with commas between the columns.")
    return ","


def _xlsx_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook

    _measure_archive(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # the size that a file claims is not believed
            for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
                yield number, [_cell_text(value) for value in cells[: MOST_COLUMNS + 1]]
        finally:
            book.close()
    except HalnError:
        raise
    except Exception as error:  # a damaged workbook fails in the archive, the XML or the cells, each in its own way
        raise Invalid("The workbook is damaged. Save it again from Excel, or as CSV.") from error


def _measure_archive(content: bytes) -> None:
    """Refuse an archive that would unpack to more than is reasonable, before anything of it is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile as error:
        raise Invalid("The workbook is damaged. Save it again from Excel, or as CSV.") from error
    if not any(entry.filename == "xl/workbook.xml" for entry in entries):
        raise Invalid("This is a ZIP archive, not an Excel workbook. Send the CSV or XLSX file itself.")
    if len(entries) > 1000 or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise TooLarge("The workbook would unpack to far more than its size. Copy the rows into a new workbook.")


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time().isoformat() == "00:00:00" else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def heading(text: str) -> str:
    """A column's name as it is compared: lower case, words joined by one underscore, without punctuation."""
    return "_".join("".join(char if char.isalnum() else " " for char in text.casefold()).split()).replace(
        "e_mail", "email"
    )


def _from_cells(lines: Iterator[tuple[int, list[str]]]) -> Table:
    header: list[str] | None = None
    rows: list[Row] = []
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if header is None:
            header = _header(cells)
            continue
        if len(rows) == MOST_ROWS:
            raise TooLarge(
                "The file has more than %(most)s rows. Split it and bring the parts in one by one.", most=MOST_ROWS
            )
        rows.append(_row(line, header, cells))
    if header is None:
        raise Invalid("The file is empty.")
    if not rows:
        raise Invalid("The file has column names but no rows.")
    return Table(tuple(header), tuple(rows))


def _header(cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise Invalid("The file has more than %(most)s columns. Keep the ones that are needed.", most=MOST_COLUMNS)
    seen: set[str] = set()
    for name in names:
        key = heading(name)
        if key and key in seen:
            raise Invalid("The column “%(name)s” is there twice. Keep one of them.", name=name)
        seen.add(key)
    return names


def _row(line: int, header: list[str], cells: list[str]) -> Row:
    if any(cell.strip() for cell in cells[len(header) :]):
        raise Invalid(
            "Line %(line)s has more cells than there are columns. A cell with a separator in it needs quotation marks.",
            line=line,
        )
    if any(len(cell) > MOST_CELL for cell in cells):
        raise Invalid("Line %(line)s has a cell of more than %(most)s letters.", line=line, most=MOST_CELL)
    named = {name: _plain(cell.strip()) for name, cell in zip(header, cells, strict=False) if name}
    return Row(line, {name: named.get(name, "") for name in header if name})


def _plain(cell: str) -> str:
    """Take back the apostrophe that `safe_cell` put before a dangerous start."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA_STARTS) else cell


FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula: an apostrophe goes before a dangerous start."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def write_csv(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """A CSV file that Excel opens as UTF-8 and takes no cell of for a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([safe_cell(name) for name in columns])
    writer.writerows([[safe_cell(cell) for cell in row] for row in rows])
    return out.getvalue().encode("utf-8-sig")
