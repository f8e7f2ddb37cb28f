"""CMS's table of ZIP codes as a workbook: the records of the text, each fault with its cell, and the edition that is in force."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import cms_files as mini
import pytest
from cms_files import ZIP5
from importing import Desk, place

from medpayiq.cms.inputs import InputFile
from medpayiq.cms.recognising import choose
from medpayiq.findings import Findings

BOOK = "ZIP5_OCT2025.xlsx"
NEWER = "ZIP5_JAN2026.xlsx"


def book(desk: Desk, data: bytes, name: str = BOOK) -> Any:
    """Return the snapshot of an import with this workbook."""
    return desk.run(desk.put(mini.core() | {name: data})).snapshot


def test_a_workbook_gives_the_records_of_the_text(desk: Desk) -> None:
    """The same rows as text and as workbook are the same table, quarter and count."""
    text = desk.run(desk.put(mini.core() | {ZIP5: mini.zip5_txt()}, "text")).snapshot
    made = book(desk, mini.xlsx(mini.zip5_rows()))
    assert made.zip5 == text.zip5
    assert len(made.zip5) == 7
    assert (made.meta.zip_quarter, made.meta.tables["zip5"]) == ("2025-Q4", text.meta.tables["zip5"])
    assert [(one.file, one.rows_read, one.rows_kept) for one in made.meta.sources if one.table == "zip5"] == [(BOOK, 7, 7)]


def test_the_columns_of_a_workbook_are_found_by_their_headings(desk: Desk) -> None:
    """A title, blank rows, another order of columns, headings over two lines, numbers for digits and a hidden or other sheet change no record."""
    plain = book(desk, mini.xlsx(mini.zip5_rows())).zip5
    order = [9, 1, 0, 3, 2, 5, 4, 8, 7, 6]
    rows: list[list[Any]] = [[row[at] for at in order] for row in mini.zip5_rows()]
    rows[0][1] = "Zip\n Code"
    rows[5] = [20254, 90001, " CA ", *rows[5][3:8], "0", ""]
    turned = mini.xlsx([["about"]], [["a title"], [], *rows[:4], [" "], *rows[4:], []], mini.zip5_rows(), hidden=[2])
    assert desk.run(desk.put(mini.core() | {BOOK: turned}, "turned/rvu26c")).snapshot.zip5 == plain


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        (1, "al", "STATE: 'al' is not two capitals"),
        (2, 3500, "ZIP CODE: '3500' is not five digits"),
        (2, "3500X", "ZIP CODE: '3500X' is not five digits"),
        (2, "", "ZIP CODE: '' is not five digits"),
        (2, 35005.5, "ZIP CODE: '35005.5' is not five digits"),
        (2, "35004", "ZIP 35004 stands twice; first on line 2"),
        (3, 1182, "CARRIER: '1182' is not five digits"),
        (4, 0, "LOCALITY: '0' is not two digits"),
        (5, "X", "RURAL IND: 'X' is not blank, R or B"),
        (7, "X", "RURAL IND2: 'X' is not blank, R or B"),
        (8, True, "PLUS 4 FLAG: 'True' is not 0 or 1"),
        (8, "", "PLUS 4 FLAG: '' is not 0 or 1"),
        (10, "20255", "YEAR/QTR: '20255' is not a year and a quarter, such as 20261"),
        (10, "20261", "quarter 20261 differs from the rows above"),
        (11, "x", "'x' stands in a column without a heading"),
    ],
)
def test_a_cell_that_does_not_fit_is_named(desk: Desk, column: int, cell: str | float | bool, words: str) -> None:
    """One unsound cell is one error at its line and column, which names the heading and says what to do."""
    rows = [[*row, ""] for row in mini.zip5_rows()]
    rows[2][column - 1] = cell
    error = desk.error(desk.put(mini.core() | {BOOK: mini.xlsx(rows)}))
    assert (place(error), error.message) == ((f"rvu26c/{BOOK}", 3, column), words)
    assert error.try_
    assert not desk.out()


def test_all_faults_of_a_workbook_are_told_at_once(desk: Desk) -> None:
    """Several unsound rows are several errors, each at its own cell."""
    rows = mini.zip5_rows()
    rows[1][1], rows[3][2], rows[3][9], rows[7][4] = "1", "2", "3", "4"
    errors = desk.errors(desk.put(mini.core() | {BOOK: mini.xlsx(rows)}))
    assert [place(one)[1:] for one in errors] == [(2, 2), (4, 3), (4, 10), (8, 5)]


def test_an_error_of_a_spreadsheet_is_no_blank(desk: Desk) -> None:
    """#N/A in the column in which a blank means urban is an error at its cell, and nothing is read past it."""
    rows = mini.zip5_rows()
    rows[2][4] = "=NA()"
    error = desk.error(desk.put(mini.core() | {BOOK: mini.xlsx(rows)}))
    assert place(error) == (f"rvu26c/{BOOK}", 3, 5)
    assert "cell E3 holds a spreadsheet's error" in error.message


def far(line: int, column: int) -> bytes:
    """Return a workbook with one cell far from the others."""
    rows: list[list[Any]] = mini.zip5_rows()
    rows += [[]] * (line - len(rows) - 1) + [["", *[""] * (column - 2), "x"]]
    return mini.xlsx(rows)


def bomb() -> bytes:
    """Return a workbook whose first part unpacks to more than 200 MB."""
    data = io.BytesIO(mini.xlsx(mini.zip5_rows()))
    with zipfile.ZipFile(data, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/more.xml", "w") as part:
        for _ in range(201):
            part.write(bytes(2**20))
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is not a workbook that can be read"),
        (b"no zip", "is not a workbook that can be read"),
        (mini.zipped({"xl/workbook.xml": b"<broken"}), "is not a workbook that can be read"),
        (mini.xlsx(mini.zip5_rows())[:-400], "is not a workbook that can be read"),
        (mini.xlsx([["a"]]), "no column STATE, ZIP CODE"),
        (mini.xlsx([]), "no column STATE, ZIP CODE"),
        (mini.xlsx([row[:9] for row in mini.zip5_rows()]), "no column YEAR/QTR"),
        (mini.xlsx([[*row, row[1]] for row in mini.zip5_rows()]), "two columns ZIP CODE"),
        (mini.xlsx(mini.zip5_rows()[:1]), "holds no row"),
        (mini.xlsx(mini.zip5_rows(), mini.zip5_rows()), "has the table on several sheets: 'Sheet1', 'Sheet2'"),
        (mini.xlsx([["a"]], mini.zip5_rows(), hidden=[1]), "no column STATE, ZIP CODE"),
        (lambda: far(9, 27), "has cells right of column Z or below row 199,999"),
        (lambda: far(1_048_576, 2), "has cells right of column Z or below row 199,999"),
        (bomb, "unpacks to more than 209,715,200 bytes"),
    ],
    ids=["empty", "no zip", "broken", "cut off", "another table", "blank", "a column short", "a column twice", "no row", "two sheets", "hidden", "far right", "far down", "bomb"],
)
def test_what_is_no_workbook_of_zip_codes_is_refused(desk: Desk, data: bytes | Callable[[], bytes], words: str) -> None:
    """A damaged, foreign or oversized workbook is one error that says what to do, and ends no program."""
    error = desk.error(desk.put(mini.core() | {BOOK: data if isinstance(data, bytes) else data()}))
    assert error.file == f"rvu26c/{BOOK}"
    assert words in error.message
    assert error.try_


def test_of_one_edition_in_two_forms_the_text_is_read(desk: Desk) -> None:
    """A zip of CMS's holds both: the text is read, and the workbook, here junk, is passed over with a line."""
    done = desk.run(desk.put(mini.core()), desk.put_file("zip.zip", mini.zipped({BOOK: b"junk", ZIP5: mini.zip5_txt()})))
    assert [one.file for one in done.snapshot.meta.sources if one.table == "zip5"] == [ZIP5]
    assert [(one.level, str(one.message)) for one in done.findings.items] == [("note", f"passed over: zip.zip/{ZIP5} is the txt of the same table")]


@pytest.mark.parametrize(
    ("services", "tables", "kept", "told"),
    [
        ("PPRRVU2026_Jul_nonQPP.csv", (ZIP5, NEWER), NEWER, {ZIP5: f"passed over: {NEWER} is the newer edition"}),
        ("PPRRVU2026_Jan_nonQPP.csv", (NEWER, ZIP5), NEWER, {ZIP5: f"passed over: {NEWER} is the newer edition"}),
        ("PPRRVU2025_Oct.csv", (ZIP5, NEWER), ZIP5, {NEWER: f"passed over: it begins after the quarter of PPRRVU2025_Oct.csv; {ZIP5} is read"}),
        ("PPRRVU20_OCT.csv", (NEWER, ZIP5), ZIP5, {NEWER: f"passed over: it begins after the quarter of PPRRVU20_OCT.csv; {ZIP5} is read"}),
        ("PPRRVU2025_Oct.csv", (NEWER,), NEWER, {}),
        ("PPRRVU2026_Jul_nonQPP.csv", (ZIP5, NEWER, "ZIP5_JAN2026.txt"), "ZIP5_JAN2026.txt", {ZIP5: "passed over: ZIP5_JAN2026.txt is the newer edition", NEWER: "passed over: ZIP5_JAN2026.txt is the txt of the same table"}),
    ],
)
def test_the_edition_in_force_at_the_end_of_the_release_is_read(services: str, tables: tuple[str, ...], kept: str, told: dict[str, str]) -> None:
    """As in the manifest: the newest edition that began by the release's last day, else the oldest; one that is there alone is read. The others are named."""
    findings = Findings()
    chosen = choose([InputFile(name, name, name.encode()) for name in (services, *tables)], findings)
    assert chosen["zip5"].file.name == kept
    assert {one.file: one.message for one in findings.items} == told
    assert not findings.failed
