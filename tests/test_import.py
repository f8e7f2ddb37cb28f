"""Real releases are read whole and exactly: every cell is held against the source file, read here in another way."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import cms_files as mini
import openpyxl
import pytest
from importing import Desk, place, tree
from machine import CMS, ROOT, SHARED

from medpayiq import paths
from medpayiq.cms import localities, snapshot
from medpayiq.cms.importer import Imported
from medpayiq.cms.recognising import EDITS
from medpayiq.cms.records import Service
from medpayiq.cms.releases import named, of_month
from medpayiq.findings import Findings

CSV_OF = {
    "rvu26c": CMS / "rvu26c" / "PPRRVU2026_Jul_nonQPP.csv",
    "rvu25d": CMS / "rvu25d" / "PPRRVU2025_Oct.csv",
    "rvu20d": CMS / "history" / "rvu20d" / "PPRRVU20_OCT.csv",
    "rvu21d": CMS / "history" / "rvu21d" / "PPRRVU21_OCT.csv",
    "rvu22d": CMS / "history" / "rvu22d" / "PPRRVU22_OCT.csv",
    "rvu23d": CMS / "history" / "rvu23d" / "PPRRVU23_OCT.csv",
    "rvu24a": CMS / "history" / "rvu24a" / "PPRRVU24_JAN.csv",
    "rvu24c": CMS / "history" / "rvu24c" / "PPRRVU24_JUL.csv",
}
EDITS_ZIP = CMS / "ncci" / "ptp-practitioner-2026q3-v322r0.zip"
RELEASES = [*CSV_OF, "rvu26b"]

# The columns of 2025 by their number, as the specification lists them (payment-rules, 1.1); None is read elsewhere.
COLUMNS_2025 = (
    "code", "modifier", None, "status", "not_used", "work", "pe_nonfacility", "na_nonfacility", "pe_facility", "na_facility", "mp", None, None,
    "pctc", "glob", "pre", "intra", "post", "mult", "bilat", "asst", "cosurg", "team", "endo_base", None, "supervision", "calculation", "imaging_family",
    "opps_pe_nonfacility", "opps_pe_facility", "opps_mp",
)  # fmt: skip
COLUMNS_2026 = (*COLUMNS_2025[:23], "pricing", *COLUMNS_2025[23:])
HUNDREDTHS = {"work", "pe_nonfacility", "pe_facility", "mp", "pre", "intra", "post", "opps_pe_nonfacility", "opps_pe_facility", "opps_mp"}


class Line(NamedTuple):
    """One row of a csv and the line it starts on."""

    line: int
    cells: list[str]


@cache
def lines_of(path: Path) -> tuple[Line, ...]:
    """Return the rows of one of CMS's csv files with their lines."""
    made = []
    with path.open(encoding="latin-1", newline="") as file:
        rows = csv.reader(file)
        start = 1
        for cells in rows:
            made.append(Line(start, cells))
            start = rows.line_num + 1
    return tuple(made)


def services_of(path: Path) -> list[Line]:
    """Return the data rows of a relative value csv: those below the ten lines of titles and headers."""
    return [row for row in lines_of(path)[10:] if any(row.cells)]


@cache
def scaled(text: str, places: int) -> int:
    """Return a decimal text as an integer of its smallest unit."""
    number = Decimal(text).scaleb(places)
    assert number == int(number), text
    return int(number)


@pytest.fixture(scope="session")
def releases(imported: Imported, snapshots_of_history: dict[str, Imported]) -> dict[str, Imported]:
    """Return every real release, imported, by its folder."""
    return {"rvu26c": imported, **snapshots_of_history}


def files_of(done: Imported) -> dict[str, bytes]:
    """Return every file of a snapshot."""
    return tree(done.snapshot.folder)


def unpacked(done: Imported) -> Iterator[str]:
    """Yield every file of a snapshot as text."""
    for name, data in files_of(done).items():
        yield (gzip.decompress(data) if name.endswith(".gz") else data).decode("utf-8")


def texts_of(done: Imported) -> dict[str, str]:
    """Return CMS's short texts out of the side file of an import."""
    side = done.snapshot.folder.parent.parent / "descriptors" / f"{done.snapshot.folder.name}.tsv"
    return dict(line.split("\t") for line in side.read_text(encoding="utf-8").splitlines())


# ---------------------------------------------------------------------------------------------------------------------
# Counts and figures that the specification states


@pytest.mark.parametrize(
    ("release", "rows", "places", "factor"),
    [
        ("rvu26c", 19_356, 109, "33.4009"),
        ("rvu26b", 19_277, 109, "33.4009"),
        ("rvu25d", 19_090, 109, "32.3465"),
        ("rvu24c", 18_664, 109, "33.2875"),
        ("rvu24a", 18_499, 109, "32.7442"),
        ("rvu23d", 18_168, 112, "33.8872"),
        ("rvu22d", 17_726, 112, "34.6062"),
        ("rvu21d", 17_432, 112, "34.8931"),
        ("rvu20d", 17_346, 112, "36.0896"),
    ],
)
def test_a_release_is_read_whole(releases: dict[str, Imported], release: str, rows: int, places: int, factor: str) -> None:
    """Each release has CMS's number of rows, its localities (112 until 2023) and its conversion factor."""
    made = releases[release].snapshot
    assert (len(made.services), len(made.localities), made.meta.conversion_factor_in_file) == (rows, places, factor)
    assert made.meta.release == release.upper()


def test_rvu26c_has_every_code(imported: Imported) -> None:
    """RVU26C holds 17,096 codes, of which 86153 has a row with modifier 26 alone."""
    services = imported.snapshot.services
    assert len({one.code for one in services}) == 17_096
    assert [one.modifier for one in services if one.code == "86153"] == ["26"]
    assert len({one.code for one in services if not one.modifier}) == 17_095


@pytest.mark.parametrize(
    ("release", "start", "end", "factors", "anesthesia"),
    [
        ("rvu26c", "2026-07-01", "2026-09-30", {"non_qp": "33.4009", "qp": "33.5675"}, {"non_qp": "20.49754", "qp": "20.599835"}),
        ("rvu26b", "2026-04-01", "2026-06-30", {"non_qp": "33.4009", "qp": "33.5675"}, {}),
        ("rvu25d", "2025-10-01", "2025-12-31", {"all": "32.3465"}, {"all": "20.3178"}),
        ("rvu24a", "2024-01-01", "2024-03-31", {"all": "32.7442"}, {}),
        ("rvu20d", "2020-10-01", "2020-12-31", {"all": "36.0896"}, {}),
    ],
)
def test_a_release_knows_its_dates_and_factors(releases: dict[str, Imported], release: str, start: str, end: str, factors: dict[str, str], anesthesia: dict[str, str]) -> None:
    """A snapshot carries the quarter it holds for, both factors from 2026 on, and the national anesthesia ones where they came along."""
    meta = releases[release].snapshot.meta
    assert (meta.effective_from, meta.effective_to, meta.conversion_factors, meta.anesthesia_national) == (start, end, factors, anesthesia)


def row_of(done: Imported, code: str, modifier: str = "") -> Service:
    """Return the only row of a code and modifier."""
    (row,) = (one for one in done.snapshot.services if (one.code, one.modifier) == (code, modifier))
    return row


@pytest.mark.parametrize(
    ("release", "code", "stated"),
    [
        ("rvu25d", "97760", {"work": 50, "pe_nonfacility": 91, "mp": 1}),
        ("rvu25d", "97761", {"work": 50, "pe_nonfacility": 74, "mp": 1}),
        ("rvu25d", "97763", {"work": 48, "pe_nonfacility": 106, "mp": 1}),
        ("rvu26c", "99213", {"work": 130, "pe_nonfacility": 146, "pe_facility": 33, "mp": 9}),
        ("rvu25d", "99213", {"work": 130, "pe_facility": 57}),
        ("rvu26c", "27447", {"work": 1911, "pe_facility": 1158}),
        ("rvu25d", "27447", {"work": 1960, "pe_facility": 1530}),
        ("rvu25d", "61530", {"work": 4556, "pe_facility": 2925, "mp": 1873}),
        ("rvu25d", "66984", {"work": 735, "pe_facility": 823, "mp": 55, "pre": 10, "intra": 70, "post": 20}),
    ],
)
def test_rvus_are_those_of_the_specification(releases: dict[str, Imported], release: str, code: str, stated: dict[str, int]) -> None:
    """The RVUs and shares that the specification prints for a code are in the snapshot, as hundredths."""
    row = row_of(releases[release], code)
    assert {name: getattr(row, name) for name in stated} == stated


def national(factor: str, *hundredths: int) -> Decimal:
    """Return RVUs times the conversion factor in dollars, rounded once, half up."""
    return (Decimal(sum(hundredths)).scaleb(-2) * Decimal(factor)).quantize(Decimal("0.01"), ROUND_HALF_UP)


@pytest.mark.parametrize(
    ("release", "code", "office", "facility"),
    [("rvu26c", "97761", "40.42", "40.42"), ("rvu25d", "97761", "40.43", "40.43"), ("rvu26c", "99213", "95.19", "57.45"), ("rvu25d", "99213", "88.95", "63.72")],
)
def test_amounts_come_out_as_stated(releases: dict[str, Imported], release: str, code: str, office: str, facility: str) -> None:
    """The RVUs and the conversion factor of a snapshot give the national amounts that issue and specification state."""
    row, factor = row_of(releases[release], code), releases[release].snapshot.meta.conversion_factor_in_file
    assert national(factor, row.work, row.pe_nonfacility, row.mp) == Decimal(office)
    assert national(factor, row.work, row.pe_facility, row.mp) == Decimal(facility)


@pytest.mark.parametrize(("release", "total"), [("rvu26c", 121), ("rvu25d", 125)])
def test_97761_has_the_rvus_stated(releases: dict[str, Imported], release: str, total: int) -> None:
    """97761 has 1.21 RVU in RVU26C and 1.25 RVU in RVU25D in either setting; it is active therapy, PCTC 7 and MULT 5."""
    row = row_of(releases[release], "97761")
    assert (row.work + row.pe_nonfacility + row.mp, row.work + row.pe_facility + row.mp) == (total, total)
    assert (row.status, row.pctc, row.mult) == ("A", "7", "5")


@pytest.mark.parametrize(
    ("release", "counts"),
    [
        ("rvu25d", "A9021 R1058 T8 C1347 B83 P142 E1569 X2548 I1486 N336 M1216 J276"),
        ("rvu26c", "A9408 R1082 T8 C1411 B80 P144 E1294 X2574 I1437 N350 M1292 J276"),
    ],
)
def test_statuses_occur_as_often_as_stated(releases: dict[str, Imported], release: str, counts: str) -> None:
    """The rows of each status are as many as the specification counts (payment-rules, 3)."""
    found = Counter(one.status for one in releases[release].snapshot.services)
    assert found == {word[0]: int(word[1:]) for word in counts.split()}


def test_rvu25d_has_the_properties_stated(releases: dict[str, Imported]) -> None:
    """Modifiers, NA flags, unpriced rows, caps, supervision and endoscopic bases of RVU25D are counted as the specification does."""
    rows = releases["rvu25d"].snapshot.services
    assert Counter(one.modifier for one in rows) == {"": 16_851, "26": 1_127, "TC": 1_108, "53": 4}
    assert {one.code for one in rows if one.modifier == "53"} == {"44388", "45378", "G0105", "G0121"}
    assert sum(one.na_nonfacility == "NA" for one in rows) == 4_064
    assert sum(one.na_facility == "NA" for one in rows) == 2_530
    # The specification says that no row has both; four unpriced ones do.
    both = [one for one in rows if one.na_nonfacility and one.na_facility]
    assert {(one.code, one.status, one.work + one.pe_nonfacility + one.pe_facility + one.mp) for one in both} == {("93571", "C", 0), ("93572", "C", 0)}
    assert {one.status for one in rows if one.not_used} == set("INBX")
    assert sum(one.not_used == "+" for one in rows) == 148
    assert sum(bool(one.opps_pe_nonfacility or one.opps_mp) for one in rows) == 1_038
    assert Counter(one.supervision for one in rows) == {"01": 557, "02": 247, "03": 210, "04": 16, "05": 1, "21": 5, "66": 1, "6A": 13, "7A": 2, "09": 18_038}
    bases = {one.endo_base for one in rows} - {""}
    assert len(bases) == 36
    assert {one.mult for one in rows if one.code in bases and not one.modifier} == {"2"}


def test_therapy_codes_are_the_same_in_both_years(releases: dict[str, Imported]) -> None:
    """MULT 5 marks the same 52 codes in RVU25D and RVU26C."""
    old, new = ({one.code for one in releases[name].snapshot.services if one.mult == "5"} for name in ("rvu25d", "rvu26c"))
    assert len(old) == 52
    assert old == new


def test_the_pricing_indicator_is_there_from_2026_on(releases: dict[str, Imported]) -> None:
    """All rows of the two files of 2026 have pricing indicator 9; the files before have none."""
    found = {name: {one.pricing for one in done.snapshot.services} for name, done in releases.items()}
    assert found == {name: {"9"} if name.startswith("rvu26") else {""} for name in RELEASES}


# ---------------------------------------------------------------------------------------------------------------------
# Every cell


@pytest.mark.parametrize("release", CSV_OF)
def test_every_cell_of_the_relative_values_is_in_the_snapshot(releases: dict[str, Imported], release: str) -> None:
    """Every row of CMS's csv stands in the snapshot, cell for cell, with the line it came from; and no row more."""
    names = COLUMNS_2026 if release.startswith("rvu26") else COLUMNS_2025
    expected = {}
    for line, cells in services_of(CSV_OF[release]):
        assert len(cells) == len(names)
        row: dict[str, str | int] = {"line": line, "pricing": ""}
        for name, cell in zip(names, cells, strict=True):
            if name is not None:
                row[name] = scaled(cell, 2) if name in HUNDREDTHS else cell
        expected[cells[0], cells[1]] = Service(**row)  # type: ignore[arg-type]
    found = {(one.code, one.modifier): one for one in releases[release].snapshot.services}
    assert found == expected


def test_every_cell_of_the_text_form_of_rvu26b_is_in_the_snapshot(releases: dict[str, Imported]) -> None:
    """Every row of RVU26B's fixed-width file stands in the snapshot, cut by the positions of its record layout."""
    expected = {}
    for line, row in enumerate((CMS / "rvu26b" / "PPRRVU2026_Apr_nonQPP.txt").read_text(encoding="latin-1").split("\n"), 1):
        if not row or row.startswith("HDR"):
            continue
        cells = {name: row[start - 1 : start - 1 + width].strip() for name, (start, width) in mini.TEXT_FORM.items() if name in Service._fields}
        assert row[132:140].strip() == "33.4009"
        made = Service(**{name: scaled(cell, 2) if name in HUNDREDTHS else cell for name, cell in cells.items()}, line=line)  # type: ignore[arg-type]
        expected[made.code, made.modifier] = made
    assert {(one.code, one.modifier): one for one in releases["rvu26b"].snapshot.services} == expected


# What the record layout calls the columns; it leaves out the column of "+" and cuts off the position of the last.
IN_THE_LAYOUT = {
    "code": "HCPCS Code", "modifier": "Modifier", "description": "Description", "status": "Status Code", "work": "Work RVU", "pe_nonfacility": "Non-Facility Practice",
    "na_nonfacility": "Non-Facility NA Indicator", "pe_facility": "Facility Practice Expense", "na_facility": "Facility NA Indicator", "mp": "Malpractice RVU",
    "total_nonfacility": "Total Non-Facility RVUs", "total_facility": "Total Facility RVUs", "pctc": "PC/TC Indicator", "glob": "Global Surgery", "pre": "Preoperative Percentage",
    "intra": "Intraoperative Percentage", "post": "Postoperative", "mult": "Multiple Procedure", "bilat": "Bilateral Surgery", "asst": "Assistant at Surgery",
    "cosurg": "Co-surgeons", "team": "Team Surgery", "pricing": "Pricing Indicator", "endo_base": "Endoscopic Base Code", "cf": "Conversion Factor",
    "supervision": "Physician Supervision of", "calculation": "Calculation Flag", "imaging_family": "Diagnostic Imaging Family",
    "opps_pe_nonfacility": "Non-Facility Practice", "opps_pe_facility": "Facility Practice Expense",
}  # fmt: skip


@pytest.mark.parametrize("column", IN_THE_LAYOUT)
def test_the_positions_used_here_are_those_of_the_record_layout(needs_shared: Path, column: str) -> None:
    """The positions by which these tests cut the text form are the ones CMS's record layout prints beside the column's name."""
    layout = (SHARED / "sources" / "rvu26b-record-layout.txt").read_text(encoding="utf-8")
    start, width = mini.TEXT_FORM[column]
    printed = re.findall(rf"^\f?{re.escape(IN_THE_LAYOUT[column])} +([0-9]+)-([0-9]+)", layout, re.MULTILINE)
    assert (str(start), str(start + width - 1)) in printed


@pytest.mark.parametrize("release", RELEASES)
def test_every_cell_of_the_gpcis_is_in_the_snapshot(releases: dict[str, Imported], release: str) -> None:
    """Every locality's three GPCIs are in the snapshot as thousandths, its name without CMS's stars, and the stars apart."""
    (path,) = (CMS / "history" / release if (CMS / "history" / release).is_dir() else CMS / release).glob("GPCI*.csv")
    expected = {}
    for _, cells in lines_of(path)[3:]:
        if cells[0].isdigit():
            # RVU26A and RVU26B have the work GPCI without its floor before the one with it.
            assert len(cells) == (8 if release == "rvu26b" else 7)
            stars = len(cells[3]) - len(cells[3].rstrip("*"))
            gpcis = [scaled(cell, 3) for cell in cells[4:]]
            expected[cells[0], cells[2]] = (cells[1], cells[3].rstrip("*").strip(), "*" * stars, *gpcis[-3:], gpcis[0] if len(gpcis) == 4 else None)
    found = {(one.mac, one.locality): (one.state, one.name, one.mark, one.work, one.pe, one.mp, one.work_unfloored) for one in releases[release].snapshot.localities}
    assert found == expected


def test_the_floors_of_2025_are_in_the_gpcis(releases: dict[str, Imported]) -> None:
    """Alaska's work GPCI is 1.5, 51 localities are at the floor of 1.000, and five frontier states have two stars and a PE of 1 or more."""
    rows = releases["rvu25d"].snapshot.localities
    assert [(one.mac, one.locality, one.work) for one in rows if one.mark == "*"] == [("02102", "01", 1500)]
    assert sum(one.work == 1000 for one in rows) == 51
    assert {one.state for one in rows if one.mark == "**"} == {"MT", "NV", "ND", "SD", "WY"}
    assert min(one.pe for one in rows if one.mark == "**") >= 1000


@pytest.mark.parametrize("release", ["rvu26c", "rvu25d"])
def test_every_anesthesia_factor_is_in_the_snapshot(releases: dict[str, Imported], release: str) -> None:
    """Every locality's anesthesia factor is in the snapshot in cents: from 2026 on the non-QP one, with the QP one beside it."""
    (path,) = (CMS / release).glob("ANES*.csv")
    expected = {}
    for _, cells in lines_of(path)[1:]:
        if cells and cells[0].strip().isdigit():
            factors = [scaled(cell.strip(), 2) for cell in cells[3:]]
            expected[cells[0].strip(), cells[1].strip()] = (cells[2].rstrip("* "), factors[-1], factors[0] if len(factors) == 2 else None)
    rows = releases[release].snapshot.anesthesia
    assert len(expected) == 109
    assert {(one.mac, one.locality): (one.name, one.factor, one.factor_qp) for one in rows} == expected


@pytest.mark.parametrize(("release", "name"), [("rvu26c", "26LOCCO.csv"), ("rvu25d", "25LOCCO.csv")])
def test_every_county_list_is_in_the_snapshot(releases: dict[str, Imported], release: str, name: str) -> None:
    """Each locality has its counties, with lost zeros put back, the state of the rows above, and 05302/99 once."""
    expected: dict[tuple[str, str], tuple[str, str]] = {}
    state = ""
    for _, cells in lines_of(CMS / release / name)[3:]:
        if cells and cells[0].strip().isdigit():
            state = cells[2].strip() or state
            key = (cells[0].strip().rjust(5, "0"), cells[1].strip().rjust(2, "0"))
            expected.setdefault(key, (state, " ".join(cells[4].split())))
    found = {(one.mac, one.locality): (one.state, one.counties) for one in releases[release].snapshot.counties}
    assert len(found) == 109
    assert found == expected
    assert set(found) == {(one.mac, one.locality) for one in releases[release].snapshot.localities}
    notes = [str(one) for one in releases[release].findings.of("note") if one.file == f"{release}/{name}"]
    assert [note for note in notes if "05302/99 stands twice" in note]


def test_every_opps_cap_is_in_the_snapshot(releases: dict[str, Imported]) -> None:
    """Every capped amount of RVU25D is in the snapshot in cents, the facility price first."""
    expected = {(cells[0], cells[1], cells[3], cells[4]): (cells[2], scaled(cells[5], 2), scaled(cells[6], 2)) for _, cells in lines_of(CMS / "rvu25d" / "OPPSCAP_Oct.csv")[1:] if any(cells)}
    found = {(one.code, one.modifier, one.mac, one.locality): (one.status, one.facility, one.nonfacility) for one in releases["rvu25d"].snapshot.opps_caps}
    assert len(found) == 16_100
    assert found == expected


def test_the_californian_localities_that_stand_twice_are_listed(releases: dict[str, Imported]) -> None:
    """The caps of six localities stand under a second carrier that GPCI lacks: each is a warning with its line, and in the snapshot."""
    warnings = list(releases["rvu25d"].findings.of("warning"))
    rows = [row for row in lines_of(CMS / "rvu25d" / "OPPSCAP_Oct.csv") if row.cells[3:4] == ["01112"]]
    first = {locality: min(row.line for row in rows if row.cells[4] == locality) for locality in ("17", "18", "71", "72", "73", "74")}
    assert [place(one) for one in warnings] == [("rvu25d/OPPSCAP_Oct.csv", line, 0) for line in first.values()]
    assert all(f"locality 01112/{locality} is not in GPCI2025.csv" in one.message for locality, one in zip(first, warnings, strict=True))
    assert len(releases["rvu25d"].snapshot.meta.warnings) == 6


def test_every_zip_code_is_in_the_snapshot(imported: Imported) -> None:
    """Each of the 42,956 ZIP codes leads to its carrier and locality with its flags, as in the newer edition, the workbook, and the quarter is known."""
    assert zip_rows()[0][:8] == ("STATE", "ZIP CODE", "CARRIER", "LOCALITY", "RURAL IND", "LAB CB LOCALITY", "RURAL IND2", "PLUS 4 FLAG")
    expected = {row[1]: (row[0], row[2], row[3], str(row[7]), row[4] or "") for row in zip_rows()[1:]}
    assert zip_codes(imported) == expected
    assert imported.snapshot.meta.zip_quarter == "2026-Q1"
    # Read by eye: the nine ZIP codes that the text of the quarter before has with the other flag.
    flags = {"10506": "0", "10590": "1", "10964": "0", "37148": "1", "63628": "1", "64784": "0", "65627": "1", "78739": "1", "79932": "0"}
    assert {code: found[3] for code, found in zip_codes(imported).items() if code in flags} == flags


def test_every_zip_code_of_the_text_is_in_a_snapshot(needs_shared: Path, desk: Desk) -> None:
    """The text of the older edition, imported by itself, leads each ZIP code to its carrier and locality as well."""
    text = CMS / "zip5" / "ZIP5_OCT2025.txt"
    made = desk.run(desk.put(mini.core()), text)
    expected = {row[2:7]: (row[0:2], row[7:12], row[12:14], row[20], row[14].strip()) for row in text.read_text(encoding="latin-1").splitlines()}
    assert zip_codes(made) == expected
    assert made.snapshot.meta.zip_quarter == "2025-Q4"


@cache
def zip_rows() -> tuple[tuple[Any, ...], ...]:
    """Return the rows of CMS's workbook of ZIP codes, read by another library than the import's."""
    book = openpyxl.load_workbook(CMS / "zip5" / "ZIP5_JAN2026.xlsx", read_only=True)
    return tuple(book["ZIP5_JAN2026"].iter_rows(values_only=True))


def zip_codes(done: Imported) -> dict[str, tuple[str, str, str, str, str]]:
    """Return state, carrier, locality, flag and rural mark of each ZIP code of a snapshot."""
    found = {}
    for area in done.snapshot.zip5:
        assert len(area.endings) % 2 == 0
        for at in range(0, len(area.endings), 2):
            code = area.prefix + area.endings[at : at + 2]
            assert code not in found
            found[code] = (area.state, area.mac, area.locality, area.split, area.rural)
    assert len(found) == 42_956
    return found


def test_every_latest_category_is_in_the_snapshot(imported: Imported) -> None:
    """Of a code's assignments in RBCS the one with the latest date counts, and no family is a blank one."""
    expected: dict[str, tuple[str, tuple[str, str, str]]] = {}
    rows = lines_of(CMS / "rbcs" / "RBCS_RY2023.csv")
    at = {name: rows[0].cells.index(name) for name in ("HCPCS_Cd", "RBCS_Cat_Desc", "RBCS_Subcat_Desc", "RBCS_Family_Desc", "RBCS_Assignment_Eff_Dt")}
    for _, cells in rows[1:]:
        code, category, subcategory, family, day = (cells[position].strip() for position in at.values())
        since = day[6:] + day[:2] + day[3:5]
        if since > expected.get(code, ("", ()))[0]:
            expected[code] = (since, (category, subcategory, "" if family == "No RBCS Family" else family))
    found = {code: (one.category, one.subcategory, one.family) for code, one in imported.snapshot.rbcs.items()}
    assert found == {code: words for code, (_, words) in expected.items()}
    assert found["27447"] == ("Procedure", "Musculoskeletal", "Arthroplasty - Knee")


# ---------------------------------------------------------------------------------------------------------------------
# Forms of the same table


def put_forms(desk: Desk, form: str) -> Path:
    """Lay out RVU25D with its GPCI csv and the other tables in one form."""
    files = {f"{stem}.{form}": (CMS / "rvu25d" / f"{stem}.{form}").read_bytes() for stem in ("PPRRVU2025_Oct", "ANES2025", "OPPSCAP_Oct")}
    return desk.put(files | {"GPCI2025.csv": (CMS / "rvu25d" / "GPCI2025.csv").read_bytes()}, "rvu25d")


@pytest.fixture(scope="session")
def rvu25d_from_txt(needs_shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Imported:
    """Return RVU25D, imported from a folder with the text forms alone (GPCI has its csv only)."""
    desk = Desk(tmp_path_factory.mktemp("txt"))
    return desk.run(put_forms(desk, "txt"))


def test_the_text_forms_of_rvu25d_say_the_same(releases: dict[str, Imported], rvu25d_from_txt: Imported) -> None:
    """The txt forms of PPRRVU, ANES and OPPSCAP give every row of the csv forms, field for field but for the line."""
    from_csv, from_txt = releases["rvu25d"].snapshot, rvu25d_from_txt.snapshot
    assert [(one.file, one.rows_read, one.rows_kept) for one in from_txt.meta.sources] == [("ANES2025.txt", 109, 109), ("GPCI2025.csv", 109, 109), ("OPPSCAP_Oct.txt", 16_100, 16_100), ("PPRRVU2025_Oct.txt", 19_090, 19_090)]
    assert [one._replace(line=0) for one in from_txt.services] == [one._replace(line=0) for one in from_csv.services]
    # The text form cuts names after 40 characters.
    assert list(from_txt.anesthesia) == [one._replace(name=one.name[:40].strip()) for one in from_csv.anesthesia]
    assert from_txt.opps_caps == from_csv.opps_caps
    assert from_txt.localities == from_csv.localities
    assert from_txt.meta.conversion_factor_in_file == from_csv.meta.conversion_factor_in_file


def test_only_the_csv_states_the_national_anesthesia_factor(releases: dict[str, Imported], rvu25d_from_txt: Imported) -> None:
    """The national anesthesia factor stands in the csv's header; the txt form has none, and none is invented."""
    assert releases["rvu25d"].snapshot.meta.anesthesia_national == {"all": "20.3178"}
    assert rvu25d_from_txt.snapshot.meta.anesthesia_national == {}


def test_the_csv_wins_and_other_forms_are_passed_over_with_a_line(releases: dict[str, Imported]) -> None:
    """Of RVU25D's tables in three forms the csv is read; each txt, xlsx and pdf beside it is named in one note."""
    done = releases["rvu25d"]
    names = {path.name for path in (CMS / "rvu25d").iterdir()}
    read = {one.file for one in done.snapshot.meta.sources}
    assert read == {name for name in names if name.endswith(".csv")}
    passed = [one.file.removeprefix("rvu25d/") for one in done.findings.of("note") if one.message.startswith("passed over")]
    assert sorted(passed) == sorted(names - read)


def test_the_two_work_gpcis_of_rvu26a_are_both_kept(needs_shared: Path) -> None:
    """The layout with two work GPCIs gives both: the floored one counts, and the two differ in 47 of 109 localities."""
    findings = Findings()
    table = localities.read_gpci("GPCI2026.csv", (CMS / "rvu26a" / "GPCI2026.csv").read_bytes(), findings)
    expected = {(cells[0], cells[2]): (scaled(cells[4], 3), scaled(cells[5], 3)) for _, cells in lines_of(CMS / "rvu26a" / "GPCI2026.csv")[3:] if cells[0].isdigit()}
    assert not findings.items
    assert {(one.mac, one.locality): (one.work_unfloored, one.work) for one in table.rows} == expected
    assert sum(one.work != one.work_unfloored for one in table.rows) == 47
    assert len(table.rows) == 109


def test_the_columns_of_the_gpcis_are_found_by_their_headers(needs_shared: Path) -> None:
    """The same file with its columns in another order gives the same rows."""
    data = (CMS / "rvu26a" / "GPCI2026.csv").read_bytes()
    findings = Findings()
    plain = localities.read_gpci("GPCI2026.csv", data, findings)
    table = [cells for _, cells in lines_of(CMS / "rvu26a" / "GPCI2026.csv") if all(cells)]
    turned = localities.read_gpci("GPCI2026.csv", mini.with_columns(mini.to_csv(table), [3, 5, 0, 4, 7, 2, 6, 1]), findings)
    assert not findings.items
    assert turned.rows == plain.rows
    assert len(plain.rows) == 109


def test_a_snapshot_keeps_the_gpci_without_its_floor(desk: Desk) -> None:
    """The work GPCI without the floor comes back from the snapshot as a number where the file had it, and as None where not."""
    two = desk.run(desk.put(mini.core() | {mini.GPCI: mini.gpci_csv(floors=2)})).snapshot.localities
    assert [(one.work_unfloored, one.work) for one in two] == [(1047, 1047), (1500, 1500), (981, 1000), (988, 1000)]
    one = desk.run(desk.put(mini.core(), "again/rvu26c")).snapshot.localities
    assert [row.work_unfloored for row in one] == [None] * 4


# ---------------------------------------------------------------------------------------------------------------------
# Same input, same bytes


def test_the_same_files_in_another_folder_and_order_give_the_same_bytes(imported: Imported, tmp_path: Path) -> None:
    """Neither the order of the arguments nor where the files lie changes a byte of the snapshot or of the side file."""
    desk = Desk(tmp_path)
    folders = [desk.put({path.name: path.read_bytes() for path in (CMS / name).iterdir()}, f"elsewhere/{name}-copy") for name in ("aoc", "mue", "rbcs", "zip5", "rvu26c")]
    with zipfile.ZipFile(EDITS_ZIP) as archive:
        folders.insert(2, desk.put({name: archive.read(name) for name in archive.namelist()}, "elsewhere/edits"))
    again = desk.run(*folders)
    assert files_of(again) == files_of(imported)
    assert texts_of(again) == texts_of(imported)


def test_warnings_do_not_depend_on_where_the_files_lie(releases: dict[str, Imported], tmp_path: Path) -> None:
    """A release that is imported with warnings is the same bytes from a folder of another name."""
    desk = Desk(tmp_path)
    files = {path.name: path.read_bytes() for path in (CMS / "rvu25d").iterdir() if path.suffix == ".csv"}
    again = desk.run(desk.put(files, "downloads"))
    assert len(again.snapshot.meta.warnings) == 6
    assert files_of(again) == files_of(releases["rvu25d"])


def test_nested_zips_give_the_same_bytes(imported: Imported, tmp_path: Path) -> None:
    """A zip of CMS's zips, folders inside, gives the same snapshot as the unpacked folders."""

    def packed(folder: Path, beneath: str) -> bytes:
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for path in sorted(folder.iterdir()):
                archive.write(path, f"{beneath}{path.name}")
            archive.writestr("__MACOSX/._GPCI2026.csv", b"\x00\x05\x16\x07")
        return data.getvalue()

    inner = {"RVU26C.zip": packed(CMS / "rvu26c", "RVU26C/"), "zip5.ZIP": packed(CMS / "zip5", "")}
    desk = Desk(tmp_path)
    again = desk.run(desk.put_file("all.zip", mini.zipped(inner | {EDITS_ZIP.name: EDITS_ZIP.read_bytes()}, zipfile.ZIP_STORED)), CMS / "rbcs" / "RBCS_RY2023.csv", CMS / "mue", CMS / "aoc")
    assert files_of(again) == files_of(imported)


def test_a_snapshot_names_no_folder(releases: dict[str, Imported]) -> None:
    """What a snapshot says of itself names files, never the folders they lay in."""
    for name, done in releases.items():
        said = (done.snapshot.folder / snapshot.META).read_text(encoding="utf-8")
        assert f"{name}/" not in said
        assert str(ROOT.parent) not in said


# ---------------------------------------------------------------------------------------------------------------------
# Sources


def rows_in(path: Path) -> int:
    """Count the data rows of one of CMS's files, in another way than the import does."""
    if path.name.startswith("PPRRVU"):
        lines = path.read_text(encoding="latin-1").splitlines()
        return sum(bool(re.match(r"[0-9A-Z]{4}[0-9A-Z](,|  |26|TC|53)", line)) and not line.startswith("HCPCS") for line in lines)
    if path.name.startswith("ZIP5"):
        return len(zip_rows()) - 1
    rows = lines_of(path)
    if path.name.startswith(("OPPSCAP", "RBCS")):
        return sum(any(row.cells) for row in rows) - 1
    return sum(row.cells[0].strip().isdigit() for row in rows if row.cells)


@pytest.mark.parametrize("release", RELEASES)
def test_every_source_is_recorded(releases: dict[str, Imported], release: str) -> None:
    """Name, size, sha256 and rows of every file that was read are in the snapshot, and of no other; for edits see test_import_ncci.py."""
    made = releases[release].snapshot
    folders = {"rvu26c": [CMS / "rvu26c", CMS / "zip5", CMS / "rbcs"], "rvu26b": [CMS / "rvu26b"], "rvu25d": [CMS / "rvu25d"]}.get(release, [CMS / "history" / release])
    expected = []
    for path in (path for folder in folders for path in folder.iterdir()):
        if path.suffix == ".csv" or path.name == "ZIP5_JAN2026.xlsx" or (path.name.startswith("PPRRVU") and path.suffix == ".txt" and not path.with_suffix(".csv").exists()):
            data = path.read_bytes()
            expected.append((path.name, len(data), hashlib.sha256(data).hexdigest(), rows_in(path)))
    assert sorted((one.file, one.size, one.sha256, one.rows_read) for one in made.meta.sources if one.table not in EDITS) == sorted(expected)
    kept = {one.table: one.rows_kept for one in made.meta.sources}
    assert kept["services"] == len(made.services)
    assert kept["localities"] == len(made.localities)
    assert kept.get("counties", 0) == len(made.counties)
    assert kept.get("anesthesia", 0) == len(made.anesthesia)
    assert kept.get("opps_caps", 0) == len(made.opps_caps)
    assert kept.get("rbcs", 0) == len(made.rbcs)
    assert kept.get("zip5", 0) == sum(len(area.endings) // 2 for area in made.zip5)


def test_rows_read_and_kept_differ_where_rows_were_joined(imported: Imported) -> None:
    """A county list on two rows and a code's older categories are read and not kept, and that can be seen."""
    sources = {one.table: (one.rows_read, one.rows_kept) for one in imported.snapshot.meta.sources}
    assert sources["counties"] == (110, 109)
    assert sources["rbcs"][0] == 17_033
    assert sources["zip5"] == (42_956, 42_956)


@pytest.mark.parametrize("release", RELEASES)
def test_every_table_is_recorded(releases: dict[str, Imported], release: str) -> None:
    """Rows and sha256 of each table of a snapshot are recorded, and no file lies beside that is not."""
    made = releases[release].snapshot
    files = files_of(releases[release])
    assert set(files) == {f"{name}.tsv.gz" for name in made.meta.tables} | {snapshot.META}
    for name, stated in made.meta.tables.items():
        data = gzip.decompress(files[f"{name}.tsv.gz"])
        assert stated == {"rows": data.count(b"\n") - 1, "sha256": hashlib.sha256(data).hexdigest()}


MARKED = "HCPCS_Cd,RBCS_Id,RBCS_Cat,RBCS_Cat_Desc,RBCS_Cat_Subcat,RBCS_Subcat_Desc,RBCS_FamNumb,RBCS_Family_Desc,RBCS_Major_Ind,HCPCS_Cd_Add_Dt,HCPCS_Cd_End_Dt,RBCS_Latest_Assignment,First_RBCS_Release_Year,RBCS_Analysis_Start_Dt,RBCS_Analysis_End_Dt,Alt_Assignment_Method,RBCS_Id_Ever_Reassigned"
"""Columns of the editions since about 2024, which mark the latest assignment."""


def marked(*rows: tuple[str, str, str]) -> bytes:
    """Return a csv of such an edition: code, family and mark of each row."""
    lines = [f"{code},,P,Procedure,PM,Musculoskeletal,,{family},N,,,{mark},2020,01/01/2014,12/31/9999,0,0" for code, family, mark in rows]
    return "\r\n".join([MARKED, *lines, ""]).encode()


@pytest.mark.parametrize("name", ["RBCS_RY2025.csv", "RBCS_RY_2025.csv", "RBCS Taxonomy_RY2025.csv"])
def test_an_edition_of_rbcs_that_marks_its_latest_assignments(desk: Desk, name: str) -> None:
    """Where RBCS marks an assignment as the latest, that one counts, whatever its place; every name that CMS gave the file is known."""
    file = desk.put_file(name, marked(("27447", "Arthroplasty - Knee", "1"), ("27447", "No RBCS Family", "0"), ("97761", "No RBCS Family", "1")))
    made = desk.run(desk.put(mini.core()), file).snapshot
    assert {code: one.family for code, one in made.rbcs.items()} == {"27447": "Arthroplasty - Knee", "97761": ""}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("27447", "A", "1"), ("27447", "B", "1")], "27447 has two assignments marked as the latest"),
        ([("27447", "A", "yes")], "'yes' is neither 1, the latest assignment, nor 0"),
    ],
)
def test_marks_of_rbcs_that_do_not_fit(desk: Desk, rows: list[tuple[str, str, str]], message: str) -> None:
    """Two latest assignments of a code that differ, or a mark that is none, end the import at their line and column."""
    error = desk.error(desk.put(mini.core()), desk.put_file("RBCS_RY2025.csv", marked(*rows)))
    assert (error.file, error.line, error.column) == ("RBCS_RY2025.csv", 1 + len(rows), 12)
    assert message in error.message


# ---------------------------------------------------------------------------------------------------------------------
# Texts that are not ours


def texts_in(path: Path) -> dict[str, str]:
    """Return the description of each code of a relative value csv: that of the row without modifier, where there is one."""
    texts: dict[str, str] = {}
    for _, cells in sorted(services_of(path), key=lambda row: row.cells[1]):
        texts.setdefault(cells[0], cells[2].strip())
    return texts


def leaked(texts: set[tuple[str, str]], done: Imported) -> list[str]:
    """Return the descriptions of CPT and D codes that stand in any file of a snapshot, unless CMS's own texts say the same words."""
    licensed = {text for code, text in texts if (code[0].isdigit() or code[0] == "D") and len(text) >= 12}
    assert len(licensed) > 9_000
    own = "\n".join(sorted({text for code, text in texts if code[0].isalpha() and code[0] != "D"} | {word for _, cells in lines_of(CMS / "rbcs" / "RBCS_RY2023.csv") for word in cells}))
    # A text holds a word; what holds none, such as the long rows of codes, can hold no text.
    word = re.compile("[A-Za-z]{2}")
    assert all(word.search(text) for text in licensed)
    found = {cell for text in unpacked(done) for cell in re.split(r"[\t\n]", text) if len(cell) >= 12 and word.search(cell)}
    everything = "\n".join(sorted(found))
    return sorted(text for text in licensed if text in everything and text not in own)


@pytest.mark.parametrize("release", CSV_OF)
def test_no_licensed_text_is_in_a_snapshot(releases: dict[str, Imported], release: str) -> None:
    """No description of a CPT or D code stands in any file of a snapshot, unless CMS's own texts say the same words."""
    texts = {(cells[0], cells[2].strip()) for _, cells in services_of(CSV_OF[release])}
    assert leaked(texts, releases[release]) == []


def test_no_licensed_text_is_in_a_snapshot_of_the_text_form(releases: dict[str, Imported]) -> None:
    """The same holds for RVU26B, read from fixed width."""
    rows = (CMS / "rvu26b" / "PPRRVU2026_Apr_nonQPP.txt").read_text(encoding="latin-1").split("\n")
    texts = {(row[:5], row[7:57].strip()) for row in rows if row and not row.startswith("HDR")}
    assert leaked(texts, releases["rvu26b"]) == []
    assert {(code, " ".join(text.split())) for code, text in texts} >= set(texts_of(releases["rvu26b"]).items())
    assert set(texts_of(releases["rvu26b"])) == {code for code, _ in texts}


@pytest.mark.parametrize("release", CSV_OF)
def test_level_ii_text_is_in_the_snapshot(releases: dict[str, Imported], release: str) -> None:
    """Every Level II code but the D codes has CMS's own text, and no other code has one."""
    expected = {code: text for code, text in texts_in(CSV_OF[release]).items() if code[0].isalpha() and code[0] != "D" and text}
    assert len(expected) > 4_000
    assert releases[release].snapshot.hcpcs_text == expected


@pytest.mark.parametrize("release", CSV_OF)
def test_all_texts_are_in_the_side_file(releases: dict[str, Imported], release: str) -> None:
    """The side file has the text of every code of the release, once."""
    assert texts_of(releases[release]) == {code: " ".join(text.split()) for code, text in texts_in(CSV_OF[release]).items()}


def test_the_side_file_and_the_snapshots_are_not_the_repositorys() -> None:
    """Version control passes over the folders that hold licensed texts and full releases."""
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    for folder in (paths.DESCRIPTORS, paths.SNAPSHOTS):
        assert f"/{folder.relative_to(ROOT).as_posix()}/" in ignored


# ---------------------------------------------------------------------------------------------------------------------
# Names


def test_two_real_releases_at_once_are_refused(needs_shared: Path, desk: Desk) -> None:
    """RVU26C and RVU25D named together are refused, whatever their forms; so are RVU26C's csv and RVU26B's txt."""
    for other in ("rvu25d", "rvu26b"):
        errors = desk.errors(CMS / "rvu26c", CMS / other)
        assert {one.file.partition("/")[0] for one in errors} == {other}
        assert any("PPRRVU" in one.file for one in errors)


def test_the_tables_of_rvu26a_fit_the_relative_values_of_rvu26c(needs_shared: Path, desk: Desk) -> None:
    """CMS replaces single tables in a year: GPCI from one folder, the rest from another, is one release with both floors."""
    made = desk.run(CMS / "rvu26c" / "PPRRVU2026_Jul_nonQPP.csv", CMS / "rvu26a").snapshot
    assert len(made.services) == 19_356
    assert sum(one.work != one.work_unfloored for one in made.localities) == 47


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("pprrvu-qpp-2026q3.csv", None),
        ("PPRRVU2026_Jul_QPP.csv", "QPP"),
        ("ccioph-v322r0-f1.txt", "those of practitioners are read"),
        ("MCR_MUE_DMESupplierServices_Eff_04-01-2026.csv", "those of practitioners are read"),
        ("ccipra-v322r0-f1.xlsx", "copy or documentation"),
        ("RVU26C.pdf", "copy or documentation"),
        ("GPCI2026.xlsx", "copy or documentation"),
        ("GPCI2026.txt", "copy or documentation"),
        ("26LOCCO.txt", "copy or documentation"),
        ("readme.md", None),
    ],
)
def test_what_is_not_read_is_named(desk: Desk, name: str, table: str | None) -> None:
    """A file that is not read is passed over with one line that says why, unread: here it is junk."""
    done = desk.run(desk.put(mini.core() | {name: b"\x00\xff junk"}))
    (note,) = done.findings.items
    assert (note.level, note.file) == ("note", f"rvu26c/{name}")
    assert note.message.startswith("passed over")
    assert (table or "not the name of a table") in note.message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("PPRRVU2026_Jul_nonQPP.csv", "pprrvu2026_JUL_nonqpp.CSV"),
        ("PPRRVU2026_Jul_nonQPP.csv", "PPRRVU26_JUL.csv"),
        ("PPRRVU2026_Jul_nonQPP.csv", "PPRRVU2026_Jul.csv"),
        ("GPCI2026.csv", "gpci2026.CSV"),
        ("OPPSCAP_Jul.csv", "OPPSCAP_JUL.CSV"),
        ("ZIP5_OCT2025.txt", "zip5_oct2025.TXT"),
        ("26LOCCO.csv", "26locco.csv"),
    ],
)
def test_names_are_known_in_any_case(desk: Desk, old: str, new: str) -> None:
    """CMS writes its names in several ways; all of them are the same table."""
    files = mini.release()
    files[new] = files.pop(old)
    assert set(desk.run(desk.put(files)).snapshot.meta.tables) == {*snapshot.TABLES} - EDITS


@pytest.mark.parametrize(
    ("year", "month", "name", "start", "end"),
    [
        (2026, "Jan", "RVU26A", "2026-01-01", "2026-03-31"),
        (2026, "April", "RVU26B", "2026-04-01", "2026-06-30"),
        (2026, "JUL", "RVU26C", "2026-07-01", "2026-09-30"),
        (2005, "oct", "RVU05D", "2005-10-01", "2005-12-31"),
    ],
)
def test_a_month_is_a_release(year: int, month: str, name: str, start: str, end: str) -> None:
    """The month of a title is the quarter that begins with it."""
    found = of_month(year, month)
    assert found is not None
    assert (found.name, found.year, found.effective_from, found.effective_to) == (name, year, start, end)
    assert named(name.lower()) == found


@pytest.mark.parametrize("month", ["FEB", "", "2026"])
def test_another_month_is_no_release(month: str) -> None:
    """CMS publishes relative values for the four quarters; no other month is guessed at."""
    assert of_month(2026, month) is None


@pytest.mark.parametrize("name", ["", "RVU26", "RVU26E", "RVU2026A", "26A", "RVU26ARR", "RVU26A/.."])
def test_another_name_is_no_release(name: str) -> None:
    """What is not named as CMS names a release is none: the name becomes a folder's."""
    assert named(name) is None
