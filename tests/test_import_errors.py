"""What is wrong with a table is said with file, line and column, all of it at once, and nothing of it is kept."""

from __future__ import annotations

import itertools

import cms_files as mini
import pytest
from cms_files import ANES, FIRST_ROW, GPCI, LOCCO, OPPSCAP, PPRRVU, PPRRVU_TXT, RBCS, ZIP5, column_of, line_of, with_cell, with_columns
from importing import Desk, place

from medpayiq import rules
from medpayiq.cms import snapshot

# ---------------------------------------------------------------------------------------------------------------------
# The relative value file


@pytest.mark.parametrize(
    ("column", "text", "words"),
    [
        ("work", "abc", "WORK RVU: 'abc' is not a number"),
        ("work", "", "WORK RVU: '' is not a number"),
        ("work", ".", "WORK RVU: '.' is not a number"),
        ("pe_nonfacility", "0.705", "NON-FAC PE RVU: '0.705' has more than 2 decimal places"),
        ("pe_facility", "-0.70", "FACILITY PE RVU: '-0.70' is not a number"),
        ("mp", "+0.01", "MP RVU: '+0.01' is not a number"),
        ("mp", "1e-2", "MP RVU: '1e-2' is not a number"),
        ("mp", "0,01", "MP RVU: '0,01' is not a number"),
        ("mp", "NaN", "MP RVU: 'NaN' is not a number"),
        ("work", "9" * 10, "WORK RVU: a number of 10 digits"),
        ("work", "9" * 5_000, "WORK RVU: a number of 5000 digits"),
        ("pre", "10%", "PRE OP: '10%' is not a number"),
        ("mp", "word " * 2_000, "MP RVU: 'word word word word word word word word ...' is not a number"),
        ("opps_mp", "$0.01", "MP USED FOR OPPS PAYMENT AMOUNT: '$0.01' is not a number"),
        ("cf", "33,4009", "conversion factor: '33,4009' is not a number"),
        ("cf", "33.40091", "conversion factor: '33.40091' has more than 4 decimal places"),
        ("cf", "33.5675", "conversion factor 33.5675 differs from the rows above"),
        ("total_nonfacility", "1.22", "97761: the parts sum to 1.21, CMS's non-facility total is 1.22"),
        ("total_facility", "0", "97761: the parts sum to 1.21, CMS's facility total is 0.00"),
        ("code", "9776", "code: '9776' is not a CPT or HCPCS code"),
        ("code", "9776a", "code: '9776a' is not a CPT or HCPCS code"),
        ("code", "977611", "code: '977611' is not a CPT or HCPCS code"),
        ("code", "27447", "27447 stands twice; first on line 12"),
        ("modifier", "59", "MOD: '59' is not a value this layout knows"),
        ("status", "Z", "STATUS CODE: 'Z' is not a value this layout knows"),
        ("status", "a", "STATUS CODE: 'a' is not a value this layout knows"),
        ("not_used", "-", "NOT USED FOR MEDICARE PAYMENT: '-' is not a value this layout knows"),
        ("na_nonfacility", "N", "NON-FAC NA INDICATOR: 'N' is not a value this layout knows"),
        ("pctc", "A", "PCTC IND: 'A' is not a value this layout knows"),
        ("glob", "030", "GLOB DAYS: '030' is not a value this layout knows"),
        ("glob", "90", "GLOB DAYS: '90' is not a value this layout knows"),
        ("mult", "8", "MULT PROC: '8' is not a value this layout knows"),
        ("bilat", "4", "BILAT SURG: '4' is not a value this layout knows"),
        ("asst", "3", "ASST SURG: '3' is not a value this layout knows"),
        ("cosurg", "", "CO- SURG: '' is not a value this layout knows"),
        ("team", "5", "TEAM SURG: '5' is not a value this layout knows"),
        ("pricing", "", "PRIC IND: '' is not a value this layout knows"),
        ("endo_base", "4537", "ENDO BASE: '4537' is not a value this layout knows"),
        ("supervision", "Some words", "DIAGNOSTIC PROCEDURES: 'Some words' is not a value this layout knows"),
        ("calculation", "Some words", "CALCULATION FLAG: 'Some words' is not a value this layout knows"),
        ("imaging_family", "Some words", "FAMILY INDICATOR: 'Some words' is not a value this layout knows"),
    ],
)
def test_a_wrong_cell_is_named(desk: Desk, column: str, text: str, words: str) -> None:
    """A cell that cannot be what its column holds is one error at its line and column."""
    files = mini.core()
    line = line_of(files[PPRRVU], "97761")
    files[PPRRVU] = with_cell(files[PPRRVU], line, column_of(column), text)
    error = desk.error(desk.put(files))
    assert place(error) == (f"rvu26c/{PPRRVU}", line, column_of(column))
    assert words in error.message
    assert error.try_


@pytest.mark.parametrize(("text", "hint"), [("100", "leading zeros are lost"), ("9776", "leading zeros are lost"), ("977611", "five digits or capitals"), ("G046", "five digits or capitals"), ("j1100", "five digits or capitals")])
def test_a_wrong_code_comes_with_the_likely_reason(desk: Desk, text: str, hint: str) -> None:
    """A number that is too short has gone through a spreadsheet; anything else is simply not a code."""
    files = mini.core()
    files[PPRRVU] = with_cell(files[PPRRVU], FIRST_ROW, 1, text)
    assert desk.error(desk.put(files)).try_.startswith(hint)


def test_a_repeated_key_is_named_with_its_first_line(desk: Desk) -> None:
    """The second and the third row of a (code, modifier) each name the line of the first."""
    rows = mini.services()
    rows += [row for row in mini.services() if (row["code"], row["modifier"]) == ("70496", "TC")] * 2
    files = mini.core(rows)
    errors = desk.errors(desk.put(files))
    last = FIRST_ROW + len(rows) - 1
    assert [place(one) for one in errors] == [(f"rvu26c/{PPRRVU}", line, 1) for line in (last - 1, last)]
    assert {one.message for one in errors} == {f"70496-TC stands twice; first on line {FIRST_ROW + 7}"}


@pytest.mark.parametrize("column", [column for column in mini.COLUMNS_2026 if column != "pricing"])
def test_every_missing_column_is_named(desk: Desk, column: str) -> None:
    """Without any one of its columns the relative value file is refused, by the words over that column."""
    files = mini.core()
    files[PPRRVU] = with_columns(files[PPRRVU], [position for position, name in enumerate(mini.COLUMNS_2026) if name != column])
    error = desk.error(desk.put(files))
    if column in {"code", "modifier"}:
        assert place(error) == (f"rvu26c/{PPRRVU}", 0, 0)
        assert "no header row with HCPCS and MOD" in error.message
    else:
        assert place(error) == (f"rvu26c/{PPRRVU}", FIRST_ROW - 1, 0)
        assert error.message == f"column {' '.join(mini.HEADS[column])!r} is missing"


def test_an_unknown_column_is_named(desk: Desk) -> None:
    """A column that no known layout has is an error in the header row, at its place."""
    files = mini.core()
    at = column_of("cf")
    files[PPRRVU] = with_cell(files[PPRRVU], FIRST_ROW - 1, at, "FACTORS")
    errors = desk.errors(desk.put(files))
    assert [(place(one), one.message) for one in errors] == [
        ((f"rvu26c/{PPRRVU}", FIRST_ROW - 1, at), "column 'CONV FACTORS' is not known"),
        ((f"rvu26c/{PPRRVU}", FIRST_ROW - 1, 0), "column 'CONV FACTOR' is missing"),
    ]


def test_a_column_more_is_named(desk: Desk) -> None:
    """A known layout with one column more is a new layout, and refused as such."""
    files = mini.core()
    rows = mini.of_csv(files[PPRRVU])
    files[PPRRVU] = mini.to_csv([[*row, "NEW" if line == FIRST_ROW - 1 else ""] for line, row in enumerate(rows, 1)])
    error = desk.error(desk.put(files))
    assert place(error) == (f"rvu26c/{PPRRVU}", FIRST_ROW - 1, 33)
    assert error.message == "column 'NEW' is not known"


def test_a_column_that_stands_twice_is_named(desk: Desk) -> None:
    """Of two columns with the same header the second is an error: which one counts cannot be known."""
    files = mini.core()
    files[PPRRVU] = with_columns(files[PPRRVU], [*range(32), column_of("work") - 1])
    error = desk.error(desk.put(files))
    assert place(error) == (f"rvu26c/{PPRRVU}", FIRST_ROW - 1, 33)
    assert error.message == "column 'WORK RVU' stands twice"


@pytest.mark.parametrize("number", [31, 33, 1])
def test_a_row_of_the_wrong_width_is_named(desk: Desk, number: int) -> None:
    """A row with a cell too few or too many is an error at its line."""
    files = mini.core()
    rows = mini.of_csv(files[PPRRVU])
    rows[FIRST_ROW] = (rows[FIRST_ROW] + [""])[:number]
    files[PPRRVU] = mini.to_csv(rows)
    error = desk.error(desk.put(files))
    assert place(error) == (f"rvu26c/{PPRRVU}", FIRST_ROW + 1, 0)
    assert error.message == f"has {number} columns; the header has 32"


def test_a_factor_that_is_no_number_does_not_blame_the_other_rows(desk: Desk) -> None:
    """When the first row's conversion factor is damaged, the rows that are right are not reported."""
    files = mini.core()
    files[PPRRVU] = with_cell(files[PPRRVU], FIRST_ROW, column_of("cf"), "33.40.09")
    assert place(desk.error(desk.put(files))) == (f"rvu26c/{PPRRVU}", FIRST_ROW, column_of("cf"))


def test_a_factor_other_than_in_rules_is_refused(desk: Desk) -> None:
    """A file whose rows all have another conversion factor than rules/ is refused where it stands first."""
    files = mini.core([row | {"cf": "33.5675"} for row in mini.services()])
    error = desk.error(desk.put(files))
    assert place(error) == (f"rvu26c/{PPRRVU}", FIRST_ROW, column_of("cf"))
    assert "is 33.5675; rules/conversion-factors.yml says 33.4009 for 2026-07-01" in error.message


def test_a_year_without_a_factor_in_rules_is_refused(desk: Desk) -> None:
    """A release of a year that rules/ does not know is refused: nothing could be priced."""
    title = "2019 National Physician Fee Schedule Relative Value File July Release"
    files = {"PPRRVU19_JUL.csv": mini.pprrvu_csv(mini.services(), mini.COLUMNS_2025, title=title), "GPCI2019.csv": mini.gpci_csv(year=2019)}
    assert "no conversion factor for 2019-07-01" in str(desk.refusal(desk.put(files)))


@pytest.mark.parametrize(
    "title",
    [
        "2026 National Physician Fee Schedule Relative Value File April Release",
        "2025 National Physician Fee Schedule Relative Value File July Release",
    ],
)
def test_a_title_that_disagrees_with_the_name_is_refused(desk: Desk, title: str) -> None:
    """A file that says inside that it is of another quarter or year than its name is refused at its title."""
    files = mini.core() | {PPRRVU: mini.pprrvu_csv(mini.services(), title=title)}
    error = desk.error(desk.put(files))
    assert place(error) == (f"rvu26c/{PPRRVU}", 1, 0)
    assert error.message.startswith("its title says ")


def test_a_release_date_that_is_none_is_refused(desk: Desk) -> None:
    """A RELEASED line without a day of the calendar is an error at its line."""
    files = mini.core() | {PPRRVU: mini.pprrvu_csv(mini.services(), released="02/30/2026")}
    error = desk.error(desk.put(files))
    assert place(error) == (f"rvu26c/{PPRRVU}", 5, 0)


def test_a_file_without_rows_is_refused(desk: Desk) -> None:
    """Titles and headers alone are not a release."""
    error = desk.error(desk.put(mini.core([])))
    assert (place(error), error.message) == ((f"rvu26c/{PPRRVU}", 0, 0), "holds no row")


# ---------------------------------------------------------------------------------------------------------------------
# Damaged text


@pytest.mark.parametrize("name", [PPRRVU, GPCI, ANES, LOCCO, OPPSCAP, RBCS])
def test_a_nul_byte_is_named(desk: Desk, name: str) -> None:
    """A NUL byte inside any csv, even where text may stand, is an error at its line."""
    files = mini.release()
    rows = mini.of_csv(files[name])
    rows[-1][0] += "\0"
    files[name] = mini.to_csv(rows)
    error = desk.error(desk.put(files))
    assert place(error) == (f"rvu26c/{name}", len(rows), 0)
    assert "NUL" in error.message


@pytest.mark.parametrize("name", [PPRRVU, PPRRVU_TXT, GPCI, ANES, LOCCO, OPPSCAP, ZIP5, RBCS])
@pytest.mark.parametrize("form", ["utf-16", "utf-16-be"])
def test_two_bytes_a_character_are_one_error(desk: Desk, name: str, form: str) -> None:
    """A table that a spreadsheet saved as Unicode text is refused once, by its name for that form, and not row by row."""
    files = mini.release()
    if name == PPRRVU_TXT:
        files[name] = mini.pprrvu_txt(mini.services())
        del files[PPRRVU]
    files[name] = files[name].decode("latin-1").encode(form)
    error = desk.error(desk.put(files))
    assert place(error) == (f"rvu26c/{name}", 1, 0)
    assert "UTF-16" in error.message
    assert "plain text" in error.try_


@pytest.mark.parametrize("name", [PPRRVU, ZIP5])
def test_zeros_in_the_place_of_rows_are_named(desk: Desk, name: str) -> None:
    """What a broken download fills up with NUL bytes is an error where they begin, also after the last whole row."""
    files = mini.release()
    files[name] += bytes(400)
    error = desk.error(desk.put(files))
    assert place(error)[:2] == (f"rvu26c/{name}", files[name].count(b"\n") + 1)


@pytest.mark.parametrize("name", [PPRRVU, GPCI, ANES, LOCCO, OPPSCAP, RBCS])
def test_an_unclosed_quote_is_named_where_it_begins(desk: Desk, name: str) -> None:
    """A quote that is never closed is an error at the line of the row it begins in, not at the end of the file."""
    files = mini.release()
    lines = files[name].split(b"\r\n")
    at = len(lines) - 3
    lines[at] = b'"' + lines[at]
    files[name] = b"\r\n".join(lines)
    error = desk.error(desk.put(files))
    assert place(error) == (f"rvu26c/{name}", at + 1, 0)
    assert "is not csv" in error.message


@pytest.mark.parametrize("name", [PPRRVU, PPRRVU_TXT, GPCI, ANES, LOCCO, OPPSCAP, ZIP5, RBCS])
@pytest.mark.parametrize("junk", [b"", b"\r\n\r\n", bytes(range(256)) * 20, b"PK\x03\x04" + bytes(range(1, 200)) * 9, b"<!DOCTYPE html>\n<title>404</title>\n"])
def test_junk_under_the_name_of_a_table_is_refused(desk: Desk, name: str, junk: bytes) -> None:
    """A file that has a table's name and something else inside is refused by name, the download's error page among them."""
    files = mini.release()
    if name == PPRRVU_TXT:
        del files[PPRRVU]
    assert {one.file for one in desk.errors(desk.put(files | {name: junk}))} == {f"rvu26c/{name}"}


def test_what_real_files_carry_is_accepted(desk: Desk) -> None:
    """A byte order mark, blanks around cells, titles cut short, latin-1 bytes, comma-only rows and a DOS end mark change no fact."""
    plain = desk.run(desk.put(mini.core(), "plain/rvu26c")).snapshot.services
    files = mini.core()
    rows = [[f" {cell} " if cell else cell for cell in row] for row in mini.of_csv(files[PPRRVU])]
    rows[:FIRST_ROW - 2] = ["\t".join(row).rstrip("\t").split("\t") for row in rows[:FIRST_ROW - 2]]
    rows[FIRST_ROW - 1][column_of("description") - 1] = "M\xe9ni\xe8re \x96 x"
    rows[FIRST_ROW + 1 : FIRST_ROW + 1] = [[""] * 32]
    files[PPRRVU] = b"\xef\xbb\xbf" + mini.to_csv([*rows, [""] * 32, [""] * 32, [""]]) + b"\r\n\x1a"
    files[GPCI] = b"\xef\xbb\xbf" + files[GPCI].replace(b"LOS ANGELES", b" LOS \xc1NGELES\xa0") + b",,,,,,\r\n"
    made = desk.run(desk.put(files)).snapshot
    assert [one._replace(line=0) for one in made.services] == [one._replace(line=0) for one in plain]
    assert [one.name for one in made.localities] == ["LOS \xc1NGELES", "ALASKA", "NORTH DAKOTA", "ALABAMA"]
    texts = (desk.descriptors / "rvu26c.tsv").read_text(encoding="utf-8")
    assert "00100\tM\xe9ni\xe8re \x96 x\n" in texts


@pytest.mark.parametrize("name", [PPRRVU, GPCI, ANES, LOCCO, OPPSCAP, RBCS])
def test_blank_rows_are_no_rows(desk: Desk, name: str) -> None:
    """Comma-only and empty rows, between the others or at the end of any csv, are neither read nor counted."""
    files = mini.release()
    plain = desk.run(desk.put(files, "plain/rvu26c")).snapshot.meta
    rows = mini.of_csv(files[name])
    blank = [""] * len(rows[-1])
    files[name] = mini.to_csv([*rows[:-1], blank, rows[-1], blank, [" "], []]) + b"\r\n"
    made = desk.run(desk.put(files)).snapshot.meta
    assert [(one.file, one.rows_read, one.rows_kept) for one in made.sources] == [(one.file, one.rows_read, one.rows_kept) for one in plain.sources]
    assert {table: stated["rows"] for table, stated in made.tables.items()} == {table: stated["rows"] for table, stated in plain.tables.items()}


def test_a_text_over_two_lines_moves_no_line_number(desk: Desk) -> None:
    """A quoted text may hold a line break, a tab or a comma: the next row keeps its own line, and the text becomes one line."""
    rows = mini.services()
    rows[-2]["description"] = "Made-up,\r\nclinic\ttext"
    made = desk.run(desk.put(mini.core(rows))).snapshot
    assert {one.code: one.line for one in made.services if one.code[0] in "GJ"} == {"G0463": FIRST_ROW + 11, "J1100": FIRST_ROW + 13}
    assert made.hcpcs_text == {"G0463": "Made-up, clinic text", "J1100": "Made-up drug text"}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_change_nothing(desk: Desk, end: str) -> None:
    """The csv form reads the same with the line ends of any system."""
    desk.run(desk.put(mini.core(), "plain/rvu26c"))
    before = {name: data for name, data in desk.out().items() if name.endswith(".tsv.gz")}
    desk.run(desk.put({name: mini.to_csv(mini.of_csv(data), end=end) for name, data in mini.core().items()}))
    assert {name: data for name, data in desk.out().items() if name.endswith(".tsv.gz")} == before


def test_all_faults_of_all_files_are_reported_in_one_run(desk: Desk) -> None:
    """Several faults in several files, and several in one row, come in one list."""
    files = mini.release()
    for line, column, text in ((11, "work", "x"), (12, "status", "?"), (12, "mult", "8"), (20, "mp", "1.001")):
        files[PPRRVU] = with_cell(files[PPRRVU], line, column_of(column), text)
    files[GPCI] = with_cell(files[GPCI], 5, 6, "one")
    files[ANES] = with_cell(files[ANES], 3, 2, "1")
    files[OPPSCAP] = with_cell(files[OPPSCAP], 4, 7, "-1")
    files[ZIP5] = files[ZIP5].replace(b"AL35005", b"AL3500X")
    files[RBCS] = with_cell(files[RBCS], 4, 12, "13/13/2017")
    errors = desk.errors(desk.put(files))
    assert sorted(place(one) for one in errors) == sorted([
        (f"rvu26c/{PPRRVU}", 11, column_of("work")),
        (f"rvu26c/{PPRRVU}", 12, column_of("status")),
        (f"rvu26c/{PPRRVU}", 12, column_of("mult")),
        (f"rvu26c/{PPRRVU}", 20, column_of("mp")),
        (f"rvu26c/{GPCI}", 5, 6),
        (f"rvu26c/{ANES}", 3, 2),
        (f"rvu26c/{OPPSCAP}", 4, 7),
        (f"rvu26c/{ZIP5}", 2, 0),
        (f"rvu26c/{RBCS}", 4, 12),
    ])  # fmt: skip


def test_thousands_of_equal_faults_are_cut_but_counted(desk: Desk) -> None:
    """A file with a fault in every row lists the first fifty and says how many there are."""
    rows = [mini.service(f"{code:05d}") | {"work": "x"} for code in range(10_000, 10_120)]
    failed = desk.refusal(desk.put(mini.core(rows)))
    errors = list(failed.findings.of("error"))
    assert [one.line for one in errors] == [*range(FIRST_ROW, FIRST_ROW + 50), 0]
    assert str(failed).endswith("\n120 errors")


@pytest.mark.parametrize(("number", "listed"), [(1, 1), (50, 50), (51, 51), (52, 51)])
def test_a_failure_counts_its_errors(desk: Desk, number: int, listed: int) -> None:
    """Errors are counted whole, warnings beside them are not; from the 51st of a file on one line stands for the rest."""
    rows = [mini.service(f"{code:05d}") | {"work": "x"} for code in range(10_000, 10_000 + number)]
    failed = desk.refusal(desk.put(mini.core(rows)))
    assert str(failed).splitlines()[-1] == f"{number} error{'s' if number > 1 else ''}"
    assert len(list(failed.findings.of("error"))) == listed
    assert failed.exit_code == 1


# ---------------------------------------------------------------------------------------------------------------------
# Fixed-width text


def of_txt(files: dict[str, bytes], data: bytes) -> dict[str, bytes]:
    """Return the files with the txt form in place of the csv."""
    return {name: old for name, old in files.items() if name != PPRRVU} | {PPRRVU_TXT: data}


def test_the_text_form_gives_the_same_rows(desk: Desk) -> None:
    """The fixed-width form of the made-up rows is read to the same facts as the csv."""
    from_csv = desk.run(desk.put(mini.core(), "csv/rvu26c")).snapshot.services
    from_txt = desk.run(desk.put(of_txt(mini.core(), mini.pprrvu_txt(mini.services())), "txt/rvu26c")).snapshot.services
    assert [one._replace(line=0) for one in from_txt] == [one._replace(line=0) for one in from_csv]


@pytest.mark.parametrize("year", [2024, 2027])
def test_the_text_form_of_an_unknown_year_is_refused(desk: Desk, year: int) -> None:
    """Nothing in the text form says which layout it has, so a year that is not known is not read."""
    files = {f"PPRRVU{year}_Jul.txt": mini.pprrvu_txt(mini.services()), f"GPCI{year}.csv": mini.gpci_csv(year=year)}
    error = desk.error(desk.put(files))
    assert error.file == f"rvu26c/PPRRVU{year}_Jul.txt"
    assert f"the fixed-width layout of {year} is not known" in error.message


@pytest.mark.parametrize("name", ["ANES2026.txt", "OPPSCAP_Jul.txt"])
def test_other_text_tables_of_an_unknown_year_are_refused(desk: Desk, name: str) -> None:
    """The text forms of the other tables are read by year too: one whose layout is not known is refused."""
    error = desk.error(desk.put(mini.core() | {name: b"70496TC A 10112  00   177.98    177.98\r\n"}))
    assert place(error) == (f"rvu26c/{name}", 0, 0)
    assert error.message == "the fixed-width layout of 2026 is not known"


def test_the_csv_wins_in_whatever_order_the_files_are_named(desk: Desk) -> None:
    """Named after the txt form of the same release, the csv is still the one that is read."""
    files = mini.core() | {PPRRVU_TXT: b"junk"}
    folder = desk.put(files)
    done = desk.run(*(folder / name for name in (PPRRVU_TXT, GPCI, PPRRVU)))
    assert [one.file for one in done.snapshot.meta.sources] == [GPCI, PPRRVU]
    assert [(one.file, one.message) for one in done.findings.of("note")] == [(PPRRVU_TXT, f"passed over: {PPRRVU} is the csv of the same table")]


@pytest.mark.parametrize("width", [170, 172, 200])
def test_a_text_row_of_the_wrong_width_is_named(desk: Desk, width: int) -> None:
    """A row that is not as wide as the layout is an error at its line: every later position would be off."""
    lines = mini.pprrvu_txt(mini.services()).split(b"\r\n")
    lines[3] = lines[3].ljust(width)[:width]
    error = desk.error(desk.put(of_txt(mini.core(), b"\r\n".join(lines))))
    assert place(error) == (f"rvu26c/{PPRRVU_TXT}", 4, 0)
    assert error.message == f"is {width} characters wide; the layout of 2026 has 171"


def test_the_text_form_of_another_year_is_not_read_by_this_years_layout(desk: Desk) -> None:
    """Rows of the 2025 layout under a 2026 name are refused: their pricing indicator is blank."""
    errors = desk.errors(desk.put(of_txt(mini.core(), mini.pprrvu_txt(mini.services(), pricing=False))))
    assert len(errors) == len(mini.services())
    assert {one.message.partition(":")[0] for one in errors} == {"PRIC IND"}


@pytest.mark.parametrize(
    ("name", "row", "width"),
    [("ANES2025.txt", "10112       00    ALABAMA".ljust(73) + "1931", 77), ("OPPSCAP_Oct.txt", "70496TC A 10112  00   177.98    177.98", 38)],
)
@pytest.mark.parametrize("change", [-1, 1])
def test_other_text_tables_cut_short_are_refused(desk: Desk, name: str, row: str, width: int, change: int) -> None:
    """An amount that lost its last digit at the end of a row is an error, not a smaller amount."""
    title = "2025 National Physician Fee Schedule Relative Value File October Release"
    rows = [one | {"cf": "32.3465"} for one in mini.services()]
    files = {"PPRRVU2025_Oct.csv": mini.pprrvu_csv(rows, mini.COLUMNS_2025, title=title), "GPCI2025.csv": mini.gpci_csv(year=2025)}
    cut = row[:change] if change < 0 else row + "0"
    error = desk.error(desk.put(files | {name: f"{row.replace('10112', '02102')}\r\n{cut}\r\n".encode()}))
    assert place(error) == (f"rvu26c/{name}", 2, 0)
    assert error.message == f"is {width + change} characters wide; the layout of 2025 has {width}"


# ---------------------------------------------------------------------------------------------------------------------
# The tables by locality, ZIP codes, caps and categories


@pytest.mark.parametrize(
    ("name", "line", "column", "text", "words"),
    [
        (GPCI, 4, 1, "2102", "MAC: '2102' is not five digits"),
        (GPCI, 4, 3, "1", "locality: '1' is not two digits"),
        (GPCI, 5, 5, "x", "work GPCI: 'x' is not a number"),
        (GPCI, 5, 6, "0.8755", "PE GPCI: '0.8755' has more than 3 decimal places"),
        (GPCI, 5, 7, "-0.566", "MP GPCI: '-0.566' is not a number"),
        (GPCI, 5, 7, "0", "10112/00: a GPCI of zero would pay nothing"),
        (GPCI, 5, 6, "0.000", "10112/00: a GPCI of zero would pay nothing"),
        (GPCI, 3, 6, "2026 XE GPCI", "column '2026 XE GPCI' is not known"),
        (GPCI, 3, 7, "2026 PE GPCI", "column '2026 PE GPCI' stands twice"),
        (GPCI, 3, 7, "2025 MP GPCI", "column '2025 MP GPCI' is of another year than 2026"),
        (ANES, 2, 1, "1012", "MAC: '1012' is not five digits"),
        (ANES, 2, 2, "0", "locality: '0' is not two digits"),
        (ANES, 2, 5, "19.535", "anesthesia conversion factor: '19.535' has more than 2 decimal places"),
        (ANES, 2, 4, "", "anesthesia conversion factor (QP): '' is not a number"),
        (ANES, 1, 4, "Another factor", "column 'ANOTHER FACTOR' is not known"),
        (ANES, 1, 5, "Qualifying APM National Anes CF of 20.1", "column 'QUALIFYING APM NATIONAL ANES CF OF 20.1' stands twice"),
        (LOCCO, 3, 1, "ALL", "MAC: 'ALL' is not five digits"),
        (LOCCO, 3, 2, "000", "locality: '000' is not two digits"),
        (OPPSCAP, 2, 1, "7049", "code: '7049' is not a CPT or HCPCS code"),
        (OPPSCAP, 2, 2, "26", "modifier: '26' is not a value this layout knows"),
        (OPPSCAP, 2, 3, "J", "status: 'J' is not a value this layout knows"),
        (OPPSCAP, 2, 4, "2102", "MAC: '2102' is not five digits"),
        (OPPSCAP, 2, 6, "300.101", "facility price: '300.101' has more than 2 decimal places"),
        (RBCS, 1, 3, "HCPCS_CD", "column 'HCPCS_CD' stands twice"),
        (RBCS, 2, 12, "2017-01-01", "'2017-01-01' is not a date"),
        (RBCS, 2, 12, "02/30/2017", "'02/30/2017' is not a date"),
        (RBCS, 3, 12, "01/01/2017", "27447 has two assignments from the same day"),
        (RBCS, 2, 1, "2744", "code: '2744' is not a CPT or HCPCS code"),
    ],
)
def test_a_wrong_cell_of_the_other_tables_is_named(desk: Desk, name: str, line: int, column: int, text: str, words: str) -> None:
    """A cell that cannot be what its column holds is an error at its line and column, in every table."""
    files = mini.release()
    files[name] = with_cell(files[name], line, column, text)
    error = desk.errors(desk.put(files))[0]
    assert place(error) == (f"rvu26c/{name}", line, column)
    assert words in error.message


@pytest.mark.parametrize(
    ("name", "line", "column", "text", "at", "words"),
    [
        (GPCI, 3, 1, "Contractor", (0, 0), "has no header row with MAC, State, Locality Number"),
        (GPCI, 3, 5, "2026 PW GPCI (without 1.0 Floor)", (3, 0), "columns are missing: work"),
        (ANES, 1, 1, "Carrier", (0, 0), "has no header row with Contractor, Locality, Locality Name"),
        (LOCCO, 2, 5, "County", (0, 0), "has no header row with contractor, locality, state, area, counties"),
        (OPPSCAP, 1, 6, "NON-FACILTY PRICE", (1, 0), "its first row is not HCPCS, MOD"),
        (OPPSCAP, 6, 2, "", (6, 1), "70496 in 02102/01 stands twice; first on line 2"),
        (RBCS, 1, 4, "Category", (1, 0), "this layout is not known (missing: RBCS_CAT_DESC; unknown: CATEGORY)"),
    ],
)
def test_an_unknown_layout_of_the_other_tables_is_named(desk: Desk, name: str, line: int, column: int, text: str, at: tuple[int, int], words: str) -> None:
    """A header that no known layout has, or a key that stands twice, is an error at its row, in every table."""
    files = mini.release()
    files[name] = with_cell(files[name], line, column, text)
    error = desk.error(desk.put(files))
    assert place(error) == (f"rvu26c/{name}", *at)
    assert words in error.message


@pytest.mark.parametrize("name", [GPCI, ANES, LOCCO, OPPSCAP, RBCS])
@pytest.mark.parametrize("change", [-1, 1])
def test_rows_of_other_widths_are_named_in_every_table(desk: Desk, name: str, change: int) -> None:
    """A row with a cell too few or too many is an error at its line, in every csv table."""
    files = mini.release()
    rows = mini.of_csv(files[name])
    line = {GPCI: 5, ANES: 3, LOCCO: 5, OPPSCAP: 3, RBCS: 3}[name]
    width = len(rows[line - 1])
    rows[line - 1] = [*rows[line - 1], ""][: width + change]
    files[name] = mini.to_csv(rows)
    errors = desk.errors(desk.put(files))
    assert place(errors[0]) == (f"rvu26c/{name}", line, 0)
    assert errors[0].message == f"has {width + change} columns; the header has {width}"


@pytest.mark.parametrize("name", [GPCI, ANES])
def test_a_locality_that_stands_twice_is_named(desk: Desk, name: str) -> None:
    """A locality on two rows of one table is an error at the second: which factor counts cannot be known."""
    files = mini.release()
    rows = mini.of_csv(files[name])
    first = line_of(files[name], *{GPCI: ["10112"], ANES: ["10112 "]}[name])
    rows.insert(first, rows[first - 1])
    files[name] = mini.to_csv(rows)
    error = desk.error(desk.put(files))
    assert place(error) == (f"rvu26c/{name}", first + 1, 1)
    assert error.message == f"locality 10112/00 stands twice; first on line {first}"


def test_a_locality_of_anes_that_gpci_lacks_is_refused(desk: Desk) -> None:
    """An anesthesia factor of a locality without GPCIs is an error at its line."""
    files = mini.core() | {ANES: with_cell(mini.anes_csv(), 2, 2, "99"), LOCCO: with_cell(mini.locco_csv(), 3, 2, "98")}
    failed = desk.refusal(desk.put(files))
    errors = list(failed.findings.of("error"))
    assert len(list(failed.findings.of("warning"))) == 2
    assert str(failed).endswith("\n2 errors")
    assert [(place(one), one.message) for one in errors] == [
        ((f"rvu26c/{ANES}", 2, 0), "locality 10112/99 is not in GPCI2026.csv"),
        ((f"rvu26c/{GPCI}", 5, 0), "locality 10112/00 is not in ANES2026.csv"),
    ]


@pytest.mark.parametrize(("name", "line", "column", "text", "expected"), [
    (LOCCO, 3, 2, "98", [f"rvu26c/{LOCCO}:3: warning: locality 10112/98 is not in GPCI2026.csv", f"rvu26c/{GPCI}:5: warning: locality 10112/00 is not in 26LOCCO.csv"]),
    (OPPSCAP, 3, 5, "98", [f"rvu26c/{OPPSCAP}:3: warning: locality 10112/98 is not in GPCI2026.csv"]),
])  # fmt: skip
def test_a_locality_that_other_tables_lack_is_listed(desk: Desk, name: str, line: int, column: int, text: str, expected: list[str]) -> None:
    """Counties and caps of a locality without GPCIs are kept, with a warning that names file and line, here and in the snapshot."""
    files = mini.core() | {name: with_cell(mini.release()[name], line, column, text)}
    done = desk.run(desk.put(files))
    warnings = [str(one) for one in done.findings.of("warning")]
    assert len(warnings) == len(expected)
    assert all(found.startswith(start) for found, start in zip(warnings, expected, strict=True))
    assert list(done.snapshot.meta.warnings) == [warning.replace("rvu26c/", "") for warning in warnings]


def test_a_zip_code_in_an_unknown_locality_is_listed(desk: Desk) -> None:
    """A ZIP code that leads to a locality without GPCIs is a warning at the first such line."""
    files = mini.core() | {ZIP5: mini.zip5_txt().replace(b"AK995010210201", b"AK995010210202")}
    warnings = [str(one) for one in desk.run(desk.put(files)).findings.of("warning")]
    assert [one.partition(" is not")[0] for one in warnings] == [f"rvu26c/{ZIP5}:3: warning: locality 02102/02"]


def test_an_endoscopic_base_that_is_not_in_the_file_is_listed(desk: Desk) -> None:
    """A base code that the release lacks is a warning at the row that names it: the rule for it cannot be applied."""
    files = mini.core()
    line = line_of(files[PPRRVU], "45380")
    files[PPRRVU] = with_cell(files[PPRRVU], line, column_of("endo_base"), "45300")
    warnings = list(desk.run(desk.put(files)).findings.of("warning"))
    assert [place(one) for one in warnings] == [(f"rvu26c/{PPRRVU}", line, 0)]
    assert "45300" in warnings[0].message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"AL35005", b"AL3500 "),
        (b"AL35005", b"al35005"),
        (b"AL3500510112", b"AL350051011 "),
        (b"00R", b"00X"),
        (b"R", b"RR"),
        (b"AL35005", b"L35005"),
    ],
)
def test_a_zip_row_that_does_not_fit_is_named(desk: Desk, old: bytes, new: bytes) -> None:
    """A row of the ZIP table that is not as its layout says is an error at its line."""
    lines = mini.zip5_txt().split(b"\r\n")
    assert lines[1].count(old) == 1
    lines[1] = lines[1].replace(old, new)
    error = desk.errors(desk.put(mini.core() | {ZIP5: b"\r\n".join(lines)}))[0]
    assert place(error) == (f"rvu26c/{ZIP5}", 2, 0)


def test_a_zip_code_that_stands_twice_is_named(desk: Desk) -> None:
    """A ZIP code on two rows is an error at the second, which names the first."""
    error = desk.error(desk.put(mini.core() | {ZIP5: mini.zip5_txt().replace(b"35005", b"35004")}))
    assert (place(error), error.message) == ((f"rvu26c/{ZIP5}", 2, 3), "ZIP 35004 stands twice; first on line 1")


def test_two_quarters_in_one_zip_table_are_named(desk: Desk) -> None:
    """A ZIP table with rows of two quarters is an error at the first row of the second."""
    data = mini.zip5_txt()
    rows = data.split(b"\r\n")
    rows[4] = rows[4].replace(b"20254", b"20261")
    error = desk.error(desk.put(mini.core() | {ZIP5: b"\r\n".join(rows)}))
    assert (place(error), error.message) == ((f"rvu26c/{ZIP5}", 5, 76), "quarter 20261 differs from the rows above")


def test_anesthesia_factors_for_qps_alone_are_refused(desk: Desk) -> None:
    """A table with the QP factor and without the other cannot price most lines, and is refused."""
    files = mini.core() | {ANES: with_columns(mini.anes_csv(), range(4))}
    error = desk.error(desk.put(files))
    assert (place(error), error.message) == ((f"rvu26c/{ANES}", 1, 0), "has no conversion factor column")


def test_anesthesia_factors_other_than_in_rules_are_refused(desk: Desk) -> None:
    """A national anesthesia factor in the header that is not the one of rules/ is refused at the header."""
    files = mini.core() | {ANES: mini.anes_csv().replace(b"20.49754", b"20.49755")}
    error = desk.error(desk.put(files))
    assert place(error) == (f"rvu26c/{ANES}", 1, 0)
    assert "20.49755" in error.message


# ---------------------------------------------------------------------------------------------------------------------
# One release at a time


def other_release() -> dict[str, bytes]:
    """Return RVU26B, made up, in its text form alone."""
    return {"PPRRVU2026_Apr_nonQPP.txt": mini.pprrvu_txt(mini.services())}


def test_two_releases_at_once_are_refused(desk: Desk) -> None:
    """Two relative value files of the same form are refused: they cannot be one release."""
    title = "2026 National Physician Fee Schedule Relative Value File April Release"
    other = {"PPRRVU2026_Apr_nonQPP.csv": mini.pprrvu_csv(mini.services(), title=title)}
    error = desk.error(desk.put(mini.core()), desk.put(other, "rvu26b"))
    assert error.file == "rvu26b/PPRRVU2026_Apr_nonQPP.csv"
    assert "another release" in error.message


def test_two_releases_in_two_forms_are_refused(desk: Desk) -> None:
    """The csv of one quarter does not stand for the txt of another: together they are refused."""
    error = desk.error(desk.put(mini.core()), desk.put(other_release(), "rvu26b"))
    assert error.file == "rvu26b/PPRRVU2026_Apr_nonQPP.txt"
    assert "another release" in error.message


def test_two_different_files_of_one_name_are_refused(desk: Desk) -> None:
    """CMS replaces files in place: two files of one name and different bytes are not mixed."""
    changed = {GPCI: mini.gpci_csv().replace(b"0.875", b"0.874")}
    error = desk.error(desk.put(mini.core()), desk.put(changed, "again"))
    assert error.file == f"again/{GPCI}"
    assert "second, different file" in error.message


def test_the_same_file_twice_counts_once(desk: Desk) -> None:
    """The same bytes in a folder and in a zip beside it are one source."""
    files = mini.core()
    done = desk.run(desk.put(files), desk.put_file("rvu26c.zip", mini.zipped(files)))
    assert [one.file for one in done.snapshot.meta.sources] == [GPCI, PPRRVU]


@pytest.mark.parametrize(
    ("name", "data", "at", "words"),
    [
        ("GPCI2026.csv", mini.gpci_csv(year=2025), (3, 7), "holds the GPCIs of 2025; the relative values are of 2026"),
        ("GPCI2025.csv", mini.gpci_csv(), (0, 0), "is of 2025; the relative values are of 2026"),
        ("ANES2025.csv", mini.anes_csv(), (0, 0), "is of 2025; the relative values are of 2026"),
        ("25LOCCO.csv", mini.locco_csv(), (0, 0), "is of 2025; the relative values are of 2026"),
        ("OPPSCAP_Apr.csv", mini.oppscap_csv(), (0, 0), "is of APR; the relative values are of JUL"),
    ],
)
def test_a_table_of_another_release_is_refused(desk: Desk, name: str, data: bytes, at: tuple[int, int], words: str) -> None:
    """A table whose name or header is of another year or quarter is not joined with these relative values."""
    files = {other: old for other, old in mini.core().items() if not (other == GPCI and name.startswith("GPCI"))}
    errors = desk.errors(desk.put(files | {name: data}))
    assert (place(errors[0]), errors[0].message) == ((f"rvu26c/{name}", *at), words)


@pytest.mark.parametrize("missing", [PPRRVU, GPCI])
def test_without_its_two_main_tables_nothing_is_imported(desk: Desk, missing: str) -> None:
    """A release without relative values or without GPCIs is refused with what to name instead."""
    files = {name: data for name, data in mini.release().items() if name != missing}
    error = desk.error(desk.put(files))
    assert missing[:4] in error.message
    assert error.try_


def test_a_folder_without_a_release_is_refused(desk: Desk) -> None:
    """An empty folder holds no release, and that is said."""
    errors = desk.errors(desk.put({}))
    assert "no PPRRVU file among the inputs" in errors[0].message


def test_a_path_that_does_not_exist_is_named(desk: Desk) -> None:
    """A path that is not there is named, and what else was named is not imported."""
    error = desk.error(desk.put(mini.core()), desk.root / "nowhere")
    assert error.file == str(desk.root / "nowhere")
    assert "no such file or folder" in error.message


@pytest.mark.parametrize("asked", ["RVU26B", "RVU25C", "July", "RVU26CRR"])
def test_a_release_name_that_is_not_this_quarters_is_refused(desk: Desk, asked: str) -> None:
    """``--release`` chooses between a quarter's corrections; it cannot make one quarter another."""
    error = desk.error(desk.put(mini.core()), release=asked)
    assert error.message == f"is of RVU26C, not of {asked.upper()}"


def test_a_correction_is_a_snapshot_of_its_own(desk: Desk) -> None:
    """A correction of a quarter goes beside it, under the dates that are given."""
    folder = desk.put(mini.core())
    desk.run(folder, effective_to="2026-08-15")
    made = desk.run(folder, release="rvu26cr", effective_from="2026-08-16").snapshot.meta
    assert sorted(path.name for path in desk.snapshots.iterdir()) == ["rvu26c", "rvu26cr"]
    assert (made.release, made.effective_from, made.effective_to) == ("RVU26CR", "2026-08-16", "2026-09-30")
    assert snapshot.read(desk.snapshots / "rvu26c").meta.effective_to == "2026-08-15"


def test_dates_in_the_wrong_order_are_refused(desk: Desk) -> None:
    """A release cannot end before it begins; to say so is wrong use."""
    failed = desk.refusal(desk.put(mini.core()), effective_to="2026-06-30")
    assert "from 2026-07-01 to 2026-06-30" in str(failed)
    assert failed.exit_code == 2


def test_a_factor_that_changes_within_the_dates_is_listed(desk: Desk) -> None:
    """A release whose dates reach past its conversion factor is imported with a warning, and without once they are right."""
    title = "2024 National Physician Fee Schedule Relative Value File January Release"
    rows = [one | {"cf": "32.7442"} for one in mini.services()]
    folder = desk.put({"PPRRVU24_JAN.csv": mini.pprrvu_csv(rows, mini.COLUMNS_2025, title=title), "GPCI2024.csv": mini.gpci_csv(year=2024)}, "rvu24a")
    warnings = list(desk.run(folder).findings.of("warning"))
    assert [place(one) for one in warnings] == [("rvu24a/PPRRVU24_JAN.csv", FIRST_ROW, column_of("cf", mini.COLUMNS_2025))]
    assert "does not hold to 2024-03-31" in warnings[0].message
    assert not list(desk.run(folder, effective_to="2024-03-08").findings.of("warning"))


def test_every_period_of_conversion_factors_stands_alone() -> None:
    """No two periods of rules/conversion-factors.yml share a day, so that an import has one factor to be held against."""
    for table, rows in rules.read("conversion-factors").items():
        periods = sorted((row["from"], row["to"]) for row in rows)
        assert periods, table
        for (start, end), (after, _) in itertools.pairwise(periods):
            assert start <= end < after, table
