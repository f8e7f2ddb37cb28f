"""NCCI edits, unit limits and add-on codes as they are imported: every column, every date, and nothing that the source does not say."""

from __future__ import annotations

import csv
import datetime
import io
import itertools
import zipfile
from collections import Counter
from pathlib import Path

import cms_files as mini
import pytest
from hypothesis import given
from hypothesis import strategies as st
from importing import Desk, place
from machine import CMS

from medpayiq.cms import ptp
from medpayiq.cms.importer import Imported
from medpayiq.cms.inputs import InputFile
from medpayiq.cms.records import AddOn, PtpEdits, UnitLimit
from medpayiq.findings import Findings

EXCERPT = CMS / "ncci" / "ccipra-v322r0-f1.excerpt.txt"
F1 = "ccipra-v322r0-f1.txt"
MUE = "MCR_MUE_PractitionerServices_Eff_07-01-2026.csv"
AOC = "AOC_V2026Q3-MCR.csv"


def rows_of(edits: list[PtpEdits] | tuple[PtpEdits, ...]) -> Counter[tuple[str, ...]]:
    """Return edits as CMS has them, a row a pair: column 1, column 2, prior to 1996, effective, deletion, indicator, rationale."""
    return Counter((one.column1, two, one.before_1996, one.effective.replace("-", ""), one.deleted.replace("-", ""), one.indicator, one.rationale) for one in edits for two in one.column2.split())


def read(*rows: str) -> tuple[list[PtpEdits], Findings]:
    """Read rows as a file of an edit set."""
    findings = Findings()
    return ptp.read([InputFile(F1, F1, mini.ptp_txt(*rows))], findings)[0], findings


# ---------------------------------------------------------------------------------------------------------------------
# PTP edits


def test_all_rows_and_columns_of_cms_s_own_file(needs_shared: Path, desk: Desk) -> None:
    """Every one of the 154 rows of the native excerpt is in the snapshot with all seven columns."""
    made = desk.run(desk.put(mini.core()), EXCERPT).snapshot
    expected = Counter(tuple(cell.strip() for cell in line.split("\t")) for line in EXCERPT.read_text(encoding="latin-1").splitlines()[6:] if line.strip())
    assert expected.total() == 154
    assert rows_of(made.ptp) == expected
    assert made.meta.editions["ptp"] == {"quarter": "2026 Q3", "version": "v322r0"}


def test_every_pair_of_the_quarter_is_there(imported: Imported) -> None:
    """All 1,728,585 pairs of 2026 Q3 are there, by indicator as in the file; dates and rationale, which this source lacks, stay unknown."""
    counts = Counter[str]()
    pairs = Counter[str]()
    with zipfile.ZipFile(CMS / "ncci" / "ptp-practitioner-2026q3-v322r0.zip") as archive:
        for name in archive.namelist():
            for line in archive.read(name).decode("latin-1").splitlines()[6:]:
                cells = line.split("\t")
                counts[cells[5]] += 1
                pairs[cells[0]] += 1
    ours = imported.snapshot.ptp
    assert pairs.total() == 1_728_585
    assert Counter({kind: sum(one.column2.count(" ") + 1 for one in ours if one.indicator == kind) for kind in "01"}) == counts
    by_code = Counter[str]()
    for one in ours:
        by_code[one.column1] += one.column2.count(" ") + 1
    assert by_code == pairs
    assert {(one.effective, one.deleted, one.rationale) for one in ours} == {("", "*", "")}


def test_a_quarter_with_deletions(snapshots_of_history: dict[str, Imported]) -> None:
    """All 2,546,017 rows of 2024 Q3 are there, with the pairs that have several rows, each row under its own deletion date."""
    made = snapshots_of_history["rvu24c"].snapshot
    assert sum(one.column2.count(" ") + 1 for one in made.ptp) == 2_546_017
    rows = Counter((one.column1, two) for one in made.ptp if one.column1 == "01215" for two in one.column2.split())
    expected = Counter[tuple[str, str]]()
    with zipfile.ZipFile(CMS / "ncci" / "ptp-practitioner-2024q3-v302r0.zip") as archive:
        for name in archive.namelist():
            expected.update((line[:5], line[6:11]) for line in archive.read(name).decode("latin-1").splitlines() if line.startswith("01215\t"))
    assert rows == expected
    assert max(rows.values()) > 1
    assert made.meta.editions == {"ptp": {"quarter": "2024 Q3", "version": "v302r0"}}


def test_blank_dates_stay_unknown() -> None:
    """A blank date is not known, a star is none: neither becomes a day."""
    (one, two), _ = read("97530 97110 - * 1", "97530 97112 - - 1")
    assert (one.effective, one.deleted, two.effective, two.deleted) == ("", "*", "", "") or (two.effective, two.deleted, one.effective, one.deleted) == ("", "*", "", "")


def test_what_was_taken_back_is_kept_as_history() -> None:
    """Indicator 9, deleted on the day it began, stays in the table under its own number."""
    (one,), findings = read("00100 00102 20200101 20200101 9 Reason")
    assert one == PtpEdits("00100", "9", "2020-01-01", "2020-01-01", "", "Reason", "00102")
    assert not findings.items


def test_rows_that_follow_each_other_are_no_contradiction() -> None:
    """A pair that changed its indicator has a row for each time; both stay, and nothing is said."""
    made, findings = read("11042 97597 20100101 20151231 1 R", "11042 97597 20160101 * 0 R")
    assert [(one.effective, one.deleted, one.indicator) for one in sorted(made, key=lambda one: one.effective)] == [("2010-01-01", "2015-12-31", "1"), ("2016-01-01", "*", "0")]
    assert not findings.items


def test_a_contradiction_is_named() -> None:
    """Two rows of a pair for the same days with different indicators are a warning that names pair and indicators."""
    _, findings = read("11042 97597 20160101 * 1 R", "11042 97597 20160101 * 0 R")
    (one,) = findings.items
    assert one.level == "warning"
    assert "11042 with 97597" in one.message
    assert "0 and 1" in one.message


def test_a_row_that_stands_twice_counts_once() -> None:
    """The same row in two places is one edit, and a note says so."""
    (one,), findings = read("11042 97597 20160101 * 1 R", "11042 97602 20160101 * 1 R", "11042 97597 20160101 * 1 R")
    assert one.column2 == "97597 97602"
    assert "1 row stands there twice" in findings.items[0].message


@given(st.permutations(["11042 97597 20160101 * 1 R", "11042 97597 20100101 20151231 0 R", "97530 97110 - * 1", "97530 97112 - 20240630 1 S", "97530 36000 - * 0"]), st.integers(0, 5))
def test_the_order_of_rows_and_files_changes_nothing(rows: list[str], cut: int) -> None:
    """However CMS cuts and orders an edit set, the same table comes out."""
    parts = [InputFile(f"f{number}", f"f{number}", mini.ptp_txt(*part)) for number, part in enumerate((rows[:cut], rows[cut:])) if part]
    made, _ = ptp.read(parts, Findings())
    whole, _ = read(*sorted(rows))
    assert made == whole


@pytest.mark.parametrize(
    ("row", "line", "column", "words"),
    [
        ("9753 97110 20200101 * 1", 8, 1, "is not a CPT or HCPCS code"),
        ("97530 9711O5 20200101 * 1", 8, 2, "is not a CPT or HCPCS code"),
        ("97530 97530 20200101 * 1", 8, 2, "is paired with itself"),
        ("97530 97110 20200230 * 1", 8, 4, "is not a date"),
        ("97530 97110 * * 1", 8, 4, "is not a date"),
        ("97530 97110 20200101 2024063 1", 8, 5, "is not a date"),
        ("97530 97110 20200101 * 2", 8, 6, "modifier indicator"),
        ("97530 97110 20200101 * -", 8, 6, "modifier indicator"),
    ],
)
def test_a_cell_that_does_not_fit_is_found(desk: Desk, row: str, line: int, column: int, words: str) -> None:
    """A damaged cell is an error with its line and column, and nothing is imported."""
    folder = desk.put(mini.core() | {F1: mini.ptp_txt("11042 97597 20160101 * 1 R", row)})
    found = desk.error(folder)
    assert place(found)[1:] == (line, column)
    assert words in found.message
    assert not desk.out()


def test_a_row_of_another_width_is_found(desk: Desk) -> None:
    """A row with a column too few is named by its line."""
    folder = desk.put(mini.core() | {F1: mini.ptp_txt("11042 97597 20160101 * 1 R") + b"97530\t97110\t1\r\n"})
    assert "has 3 columns" in desk.error(folder).message


@pytest.mark.parametrize(("column", "name"), [(0, "Col 1"), (3, "Deletion"), (5, "Mod"), (6, "Reason")])
def test_another_layout_is_refused(desk: Desk, column: int, name: str) -> None:
    """A header that is not the known one is refused by the name of the column that differs: values would be read as something else."""
    lines = mini.ptp_txt("11042 97597 20160101 * 1 R").decode().split("\r\n")
    cells = lines[2].split("\t")
    cells[column] = name
    lines[2] = "\t".join(cells)
    found = desk.error(desk.put(mini.core() | {F1: "\r\n".join(lines).encode()}))
    assert "layout is not known" in found.message


def test_a_damaged_file_does_not_list_every_line(desk: Desk) -> None:
    """The same fault on 2,000 lines is told a few times, then said to go on."""
    folder = desk.put(mini.core() | {F1: mini.ptp_txt(*(f"97530 {number:05d} 20201301 * 1" for number in range(2_000)))})
    errors = desk.errors(folder)
    assert len(errors) == 21
    assert "has more faults" in errors[-1].message


def test_parts_of_one_set_belong_together(desk: Desk) -> None:
    """Parts of two versions are refused; a part that is missing is a warning that names it."""
    other = {"ccipra-v321r0-f2.txt": mini.ptp_txt("97530 97112 - * 1")}
    assert "of another quarter" in desk.error(desk.put(mini.core() | mini.ncci() | other, "a")).message
    done = desk.run(desk.put(mini.core() | mini.ncci(), "b"))
    assert any("without f2 and f3 and f4" in one.message for one in done.findings.of("warning"))


def test_the_same_part_in_folder_and_zip_counts_once(desk: Desk) -> None:
    """A part that lies there packed and unpacked is one; two different ones of the same number are refused."""
    files = mini.ncci()
    folder = desk.put(mini.core() | files | {"edits.zip": mini.zipped({F1: files[F1]})}, "a")
    assert rows_of(desk.run(folder).snapshot.ptp).total() == 1
    folder = desk.put(mini.core() | files | {"edits.zip": mini.zipped({F1: mini.ptp_txt("97530 97112 - * 1")})}, "b")
    assert "second, different file" in desk.error(folder).message


@pytest.mark.parametrize(("version", "quarter"), [("v322r0", "2026 Q3"), ("v302r0", "2024 Q3"), ("v321r0", "2026 Q2"), ("v310r1", "2025 Q1"), ("v333r0", "2027 Q4"), ("v324r0", None)])
def test_versions_are_quarters(version: str, quarter: str | None) -> None:
    """CMS counts versions from 1994: the folder of 2026 Q3 holds v322, that of 2024 Q3 v302, and CMS names its zip of 2026 Q2 with v321."""
    assert ptp.quarter(version) == quarter


# ---------------------------------------------------------------------------------------------------------------------
# Unit limits


def test_every_unit_limit_of_the_quarter(imported: Imported) -> None:
    """All 15,095 codes have the units, the indicator's digit and the rationale of CMS's csv; 97761 has 6 a day."""
    text = next((CMS / "mue").glob("*.csv")).read_text(encoding="latin-1")
    expected = {code: UnitLimit(code, int(units), kind[0], reason) for code, units, kind, reason in list(csv.reader(io.StringIO(text)))[2:]}
    assert len(expected) == 15_095
    assert imported.snapshot.mue == expected
    assert imported.snapshot.mue["97761"].units == 6
    assert imported.snapshot.meta.editions["mue"] == {"quarter": "2026 Q2"}


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (("9776", "6", "3 x", ""), 1, "is not a CPT or HCPCS code"),
        (("97761", "six", "3 x", ""), 2, "is not a whole number"),
        (("97761", "6.5", "3 x", ""), 2, "is not a whole number"),
        (("97761", "6", "4 New", ""), 3, "does not begin with 1, 2 or 3"),
        (("97760", "6", "3 x", ""), 1, "stands twice"),
    ],
)
def test_a_limit_that_does_not_fit_is_found(desk: Desk, row: tuple[str, str, str, str], column: int, words: str) -> None:
    """A damaged limit is an error with line and column, below a notice that takes several lines of the file."""
    data = mini.mue_csv(("97760", "6", "3 Date of Service Edit: Clinical", "Nature"), row)
    found = desk.error(desk.put(mini.core() | {MUE: data}))
    assert place(found)[1:] == (data.count(b"\n"), column)
    assert words in found.message


def test_limits_of_hospitals_are_not_read(desk: Desk) -> None:
    """The file of outpatient hospitals is passed over by its name; under a practitioner's name its header gives it away."""
    data = mini.mue_csv(("97760", "6", "3 x", "")).replace(b"Practitioner Services", b"Outpatient Hospital Services")
    done = desk.run(desk.put(mini.core() | {"MCR_MUE_OutpatientHospitalServices_Eff_07-01-2026.csv": data}, "a"))
    assert "those of practitioners are read" in done.findings.items[0].message
    assert "layout is not known" in desk.error(desk.put(mini.core() | {MUE: data}, "b")).message


# ---------------------------------------------------------------------------------------------------------------------
# Add-on codes


def test_every_add_on_edit_of_the_quarter(imported: Imported) -> None:
    """All 9,000 rows are there: type, both codes, first day, and the earliest of the three last days that a row may have."""
    with next((CMS / "aoc").glob("*.csv")).open(encoding="latin-1", newline="") as file:
        rows = list(csv.DictReader(file))

    def day(text: str) -> str:
        return datetime.datetime.strptime(text, "%Y%j").replace(tzinfo=datetime.UTC).date().isoformat() if text else ""

    expected = {
        AddOn(
            row["Add-On_Code"],
            row["Primary_Code"],
            row["AOC_Edit_Type"],
            day(row["AOC_Edit_EffDT"]),
            min(filter(None, (day(row["AOC_DelDT"]), day(row["Primary_Code_DelDT"]), day(row["AOC_Edit_DelDT"]))), default=""),
            row["Special_Instruction_Notes"].strip('"').strip(),
        )
        for row in rows
    }
    assert len(rows) == 9_000
    assert set(imported.snapshot.aoc) == expected


def test_the_workbook_says_the_same_as_the_csv(needs_shared: Path, desk: Desk) -> None:
    """CMS ships add-on codes as xlsx and csv: the tables are equal."""
    folder = desk.put(mini.core())
    one = desk.run(folder, CMS / "aoc" / "AOC_V2026Q2-MCR.csv").snapshot.aoc
    two = desk.run(folder, CMS / "aoc" / "AOC_V2026Q2-MCR.xlsx").snapshot.aoc
    assert one == two
    assert len(one) > 8_000


@pytest.mark.parametrize("data", [b"no zip", mini.zipped({"xl/workbook.xml": b"<broken"}), mini.zipped({"a.txt": b"x"})])
def test_a_damaged_workbook_is_an_error(desk: Desk, data: bytes) -> None:
    """What is no workbook is refused in one line that names the csv as the other way."""
    found = desk.error(desk.put(mini.core() | {"AOC_V2026Q3-MCR.xlsx": data}))
    assert "is not a workbook that can be read" in found.message
    assert "csv" in found.try_


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        (("4", "22845", "", "22551", "", "2013091", "", ""), 1, "edit type"),
        (("1", "2284", "", "22551", "", "2013091", "", ""), 2, "is not a CPT or HCPCS code"),
        (("1", "22845", "", "", "", "2013091", "", ""), 4, "is not a CPT or HCPCS code"),
        (("1", "22845", "", "22551", "", "2013366", "2013367", ""), 7, "is not a day of a year"),
        (("1", "22845", "", "22551", "", "", "", ""), 6, "first day"),
        (("1", "22845", "20240101", "22551", "", "2013091", "", ""), 3, "is not a day of a year"),
    ],
)
def test_an_add_on_edit_that_does_not_fit_is_found(desk: Desk, cells: tuple[str, str, str, str, str, str, str, str], column: int, words: str) -> None:
    """A damaged row is an error with line and column."""
    found = desk.error(desk.put(mini.core() | {AOC: mini.aoc_csv(cells)}))
    assert place(found)[1:] == (2, column)
    assert words in found.message


def test_blank_columns_behind_the_add_on_edits_are_none(desk: Desk) -> None:
    """What a spreadsheet leaves behind the last named column is no column: the edits are those of the file without it."""
    data = mini.aoc_csv(("1", "22845", "", "22551", "", "2013091", "", ""))
    assert b"\r\n" in data
    made = desk.run(desk.put(mini.core() | {AOC: data.replace(b"\r\n", b",,\r\n")}))
    assert made.snapshot.aoc == (AddOn("22845", "22551", "1", "2013-04-01", "", ""),)


# ---------------------------------------------------------------------------------------------------------------------
# In the snapshot


def test_edits_by_themselves_go_into_the_snapshot_of_their_quarter(desk: Desk) -> None:
    """Edits that come later are added to the release at hand, which keeps its other tables; the result is that of one import."""
    files = mini.release()
    together = desk.run(desk.put(files | mini.ncci(), "together")).snapshot
    whole = desk.out()
    desk.run(desk.put(files, "alone"))
    assert "ptp.tsv.gz" not in "".join(desk.out())
    added = desk.run(desk.put(mini.ncci(), "edits")).snapshot
    assert added.meta == together.meta
    assert desk.out() == whole


def test_edits_of_another_quarter_need_a_name(desk: Desk) -> None:
    """Edits whose quarter has no snapshot are refused with the way out; with --release they go where they are sent."""
    desk.run(desk.put(mini.release()))
    later = {"ccipra-v323r0-f1.txt": mini.ptp_txt("97530 97110 - * 1")}
    folder = desk.put(later, "later")
    refused = desk.refusal(folder)
    assert "2026 Q4" in str(refused)
    assert "--release" in str(refused)
    made = desk.run(folder, release="rvu26c").snapshot
    assert made.meta.editions["ptp"]["quarter"] == "2026 Q4"


def test_importing_a_release_again_without_its_edits_says_what_is_lost(desk: Desk) -> None:
    """The new snapshot is what its files say; what the old one had beside is named, with the command that brings it back."""
    desk.run(desk.put(mini.release() | mini.ncci(), "a"))
    done = desk.run(desk.put(mini.release(), "b"))
    lost = [one for one in done.findings.of("warning") if "did not come with these files" in one.message]
    assert [one.message.split()[2] for one in lost] == ["aoc", "mue", "ptp"]
    assert "--release RVU26C" in lost[0].try_


def test_a_bad_edit_file_leaves_the_snapshot_as_it_was(desk: Desk) -> None:
    """Adding fails whole: the snapshot keeps its bytes."""
    desk.run(desk.put(mini.release() | mini.ncci(), "a"))
    before = desk.out()
    desk.refusal(desk.put({F1: mini.ptp_txt("97530 97110 - * 7")}, "b"))
    assert desk.out() == before


@pytest.mark.parametrize("names", [names for size in (1, 2, 3) for names in itertools.combinations(sorted(mini.ncci()), size)])
def test_any_of_the_three_may_come_alone(desk: Desk, names: tuple[str, ...]) -> None:
    """Edits, limits and add-on codes do not depend on each other."""
    files = {name: data for name, data in mini.ncci().items() if name in names}
    made = desk.run(desk.put(mini.core() | files)).snapshot
    assert len(made.meta.editions) == len(names)
