"""Reading a file that somebody made: each way it goes wrong is one clear sentence."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from haln.errors import HalnError, Invalid, TooLarge
from haln.people.imports import tables
from haln.people.imports.tables import read, write_csv


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def archive(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return out.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_columns_may_be_separated_by_comma_semicolon_or_tab(delimiter: str) -> None:
    lines = [delimiter.join(["email", "name"]), delimiter.join(["a@b.uk", "Ada"])]
    table = read("\n".join(lines).encode(), "m.csv")
    assert table.rows[0].cells == {"email": "a@b.uk", "name": "Ada"}


def test_a_byte_order_mark_and_windows_line_ends_are_read() -> None:
    table = read("\ufeffemail,name\r\na@b.uk,Siân Ŵyn\r\n".encode(), "m.csv")
    assert table.rows[0].cells["name"] == "Siân Ŵyn"


def test_lines_are_counted_as_a_spreadsheet_shows_them() -> None:
    table = read(b"email,name\n\na@b.uk,Ada\nc@d.uk,Cai\n", "m.csv")
    assert [row.line for row in table.rows] == [3, 4]


def test_a_workbook_is_read_like_a_csv_file() -> None:
    assert read(workbook(["email", "name"], ["a@b.uk", "Ada"]), "m.xlsx") == read(b"email,name\na@b.uk,Ada\n", "m.csv")


BAD = {
    "is empty": (b"  \n ", "m.csv"),
    "has column names but no rows": (b"email,name\n", "m.csv"),
    "not UTF-8": ("email,name\na@b.uk,Siân".encode("latin-1"), "m.csv"),
    "UTF-16": ("email,name\na@b.uk,Ada".encode("utf-16"), "m.csv"),
    "not separated by commas": (b"email|name\na@b.uk|Ada\n", "m.csv"),
    "is there twice": (b"email,name,E-mail\na@b.uk,Ada,x@y.uk\n", "m.csv"),
    "more than 60 columns": (b"email," + b",".join(b"c%d" % n for n in range(1000)) + b"\na@b.uk\n", "m.csv"),
    "more cells than there are columns": (b"email,name\na@b.uk,Ada,Okafor\n", "m.csv"),
    "quotation mark": (b'email,name\na@b.uk,"Ada\n', "m.csv"),
    "a cell of more than": (b"email,name\na@b.uk," + b"x" * 30_000 + b"\n", "m.csv"),
    "zero bytes": (b"email,name\na@b.uk,Ad\x00a\n", "m.csv"),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 100, "m.xls"),
    "not an Excel workbook": (b"email,name\na@b.uk,Ada\n", "m.xlsx"),
    "ZIP archive": (archive(m_dot_csv=b"email,name"), "m.zip"),
    "damaged": (workbook(["email"], ["a@b.uk"])[:-200], "m.xlsx"),
}


@pytest.mark.parametrize("why", sorted(BAD))
def test_a_bad_file_is_one_clear_sentence(why: str) -> None:
    with pytest.raises(HalnError, match=why):
        read(*BAD[why])


def test_a_file_of_200_megabytes_is_refused_by_its_size() -> None:
    with pytest.raises(TooLarge, match="200 MB"):
        read(bytes(200 * tables.MEGABYTE), "m.csv")


def test_an_archive_that_unpacks_to_far_more_is_never_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = archive(xl__workbook_dot_xml=b"x", xl__sheet1_dot_xml=bytes(80 * tables.MEGABYTE))
    assert len(bomb) < 200_000
    monkeypatch.setattr("openpyxl.load_workbook", lambda *_, **__: pytest.fail("the archive was opened"))
    with pytest.raises(TooLarge, match="unpack"):
        read(bomb, "m.xlsx")


def test_too_many_rows_are_refused() -> None:
    with pytest.raises(TooLarge, match="20000 rows"):
        read(b"email,name\n" + b"a@b.uk,Ada\n" * 20_001, "m.csv")


def test_a_workbook_that_claims_a_million_columns_is_not_believed() -> None:
    with pytest.raises(Invalid, match="more than 60 columns"):
        read(workbook([f"column {n}" for n in range(1000)], ["x"]), "m.xlsx")


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20), min_size=1, max_size=5))
def test_a_written_file_is_read_back_and_no_cell_of_it_is_a_formula(cells: list[str]) -> None:
    columns = ["email", *[f"c{n}" for n in range(len(cells))]]
    content = write_csv(columns, [["a@b.uk", *cells]])
    back = read(content, "m.csv")
    assert list(back.rows[0].cells.values())[1:] == [cell.strip() for cell in cells] or any(
        cell.strip()[:1] in tables.FORMULA_STARTS or cell[:1] == "'" or cell != cell.strip() for cell in cells
    )
    for line in content.decode("utf-8-sig").splitlines():
        assert not line.startswith(("=", "+", "-", "@"))


@given(st.binary(max_size=400))
def test_no_bytes_at_all_bring_down_the_reader(content: bytes) -> None:
    try:
        read(content, "m.csv")
    except HalnError as error:
        assert error.text.endswith((".", "?"))


@given(st.binary(max_size=300))
def test_no_damaged_workbook_brings_down_the_reader(noise: bytes) -> None:
    whole = workbook(["email", "name"], ["a@b.uk", "Ada"])
    content = whole[:700] + noise + whole[700 + len(noise) :]
    try:
        read(content, "m.xlsx")
    except HalnError as error:
        assert error.text.endswith(".")
