"""Builds small releases in CMS's layouts out of made-up rows, so that a test can break one cell and see what the import says.

Codes and localities are real, numbers and texts are invented. Lines and columns count from 1, as in messages.
"""

from __future__ import annotations

import csv
import io
import stat
import zipfile
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import xlsxwriter

PPRRVU = "PPRRVU2026_Jul_nonQPP.csv"
PPRRVU_TXT = "PPRRVU2026_Jul_nonQPP.txt"
GPCI = "GPCI2026.csv"
ANES = "ANES2026.csv"
LOCCO = "26LOCCO.csv"
OPPSCAP = "OPPSCAP_Jul.csv"
ZIP5 = "ZIP5_OCT2025.txt"
RBCS = "RBCS_RY2023.csv"

FIRST_ROW = 11
"""Line of the first data row of a relative value file: ten lines of titles and headers stand above it."""

# Our name of a column to the words that CMS stacks over it, from top to bottom, in the order of the file of 2026.
HEADS: dict[str, tuple[str, ...]] = {
    "code": ("HCPCS",),
    "modifier": ("MOD",),
    "description": ("DESCRIPTION",),
    "status": ("STATUS", "CODE"),
    "not_used": ("NOT USED", "FOR", "MEDICARE", "PAYMENT"),
    "work": ("WORK", "RVU"),
    "pe_nonfacility": ("NON-FAC", "PE RVU"),
    "na_nonfacility": ("NON-FAC", "NA", "INDICATOR"),
    "pe_facility": ("FACILITY", "PE RVU"),
    "na_facility": ("FACILITY", "NA", "INDICATOR"),
    "mp": ("MP", "RVU"),
    "total_nonfacility": ("NON-FACILITY", "TOTAL"),
    "total_facility": ("FACILITY", "TOTAL"),
    "pctc": ("PCTC", "IND"),
    "glob": ("GLOB", "DAYS"),
    "pre": ("PRE", "OP"),
    "intra": ("INTRA", "OP"),
    "post": ("POST", "OP"),
    "mult": ("MULT", "PROC"),
    "bilat": ("BILAT", "SURG"),
    "asst": ("ASST", "SURG"),
    "cosurg": ("CO-", "SURG"),
    "team": ("TEAM", "SURG"),
    "pricing": ("PRIC", "IND"),
    "endo_base": ("ENDO", "BASE"),
    "cf": ("CONV", "FACTOR"),
    "supervision": ("PHYSICIAN", "SUPERVISION OF", "DIAGNOSTIC", "PROCEDURES"),
    "calculation": ("CALCULATION", "FLAG"),
    "imaging_family": ("DIAGNOSTIC", "IMAGING", "FAMILY", "INDICATOR"),
    "opps_pe_nonfacility": ("NON-FACILITY", "PE USED", "FOR OPPS", "PAYMENT", "AMOUNT"),
    "opps_pe_facility": ("FACILITY", "PE USED", "FOR OPPS", "PAYMENT", "AMOUNT"),
    "opps_mp": ("MP USED", "FOR OPPS", "PAYMENT", "AMOUNT"),
}
COLUMNS_2026 = tuple(HEADS)
COLUMNS_2025 = tuple(name for name in HEADS if name != "pricing")

# First position of a column and its width in the text form; numbers stand to the right of theirs.
TEXT_FORM: dict[str, tuple[int, int]] = {
    "code": (1, 5),
    "modifier": (6, 2),
    "description": (8, 50),
    "status": (58, 1),
    "not_used": (59, 1),
    "work": (60, 6),
    "pe_nonfacility": (67, 6),
    "na_nonfacility": (73, 2),
    "pe_facility": (76, 6),
    "na_facility": (82, 2),
    "mp": (85, 5),
    "total_nonfacility": (91, 6),
    "total_facility": (97, 6),
    "pctc": (103, 1),
    "glob": (104, 3),
    "pre": (107, 3),
    "intra": (110, 3),
    "post": (113, 3),
    "mult": (116, 1),
    "bilat": (117, 1),
    "asst": (118, 1),
    "cosurg": (119, 1),
    "team": (120, 1),
    "pricing": (121, 1),
    "endo_base": (128, 5),
    "cf": (133, 8),
    "supervision": (142, 2),
    "calculation": (144, 1),
    "imaging_family": (146, 2),
    "opps_pe_nonfacility": (152, 6),
    "opps_pe_facility": (159, 6),
    "opps_mp": (166, 6),
}
TEXT_WIDTH = 171

Service = dict[str, str]


def service(code: str, modifier: str = "", **cells: str) -> Service:
    """Return one row of the relative value file by column; the totals are summed unless they are given."""
    row = {
        "code": code, "modifier": modifier, "description": "x", "status": "A", "not_used": "", "work": "0.00", "pe_nonfacility": "0.00", "na_nonfacility": "",
        "pe_facility": "0.00", "na_facility": "", "mp": "0.00", "pctc": "0", "glob": "XXX", "pre": "0.00", "intra": "0.00", "post": "0.00",
        "mult": "0", "bilat": "0", "asst": "0", "cosurg": "0", "team": "0", "pricing": "9", "endo_base": "", "cf": "33.4009", "supervision": "09",
        "calculation": "0", "imaging_family": "99", "opps_pe_nonfacility": "0.00", "opps_pe_facility": "0.00", "opps_mp": "0.00",
    } | cells  # fmt: skip
    for total, pe in (("total_nonfacility", "pe_nonfacility"), ("total_facility", "pe_facility")):
        if total not in row:
            row[total] = str(sum(Decimal(row[part]) for part in ("work", pe, "mp")))
    return row


def services() -> list[Service]:
    """Return a dozen rows of every sort: therapy, imaging in three parts, endoscopy with a 53 row, unpriced statuses."""
    none = {"pctc": "9", "mult": "9", "bilat": "9", "asst": "9", "cosurg": "9", "team": "9"}
    return [
        service("00100", status="J", description="x anesthesia", **none),
        service("27447", work="19.11", pe_nonfacility="11.58", na_nonfacility="NA", pe_facility="11.58", mp="3.55", glob="090", pre="0.10", intra="0.69", post="0.21", mult="2", bilat="1", asst="2", cosurg="1"),
        service("45378", work="3.17", pe_nonfacility="6.01", pe_facility="1.31", mp="0.40", glob="000", mult="2"),
        service("45378", "53", work="1.58", pe_nonfacility="3.00", pe_facility="0.65", mp="0.20", glob="000", mult="2"),
        service("45380", work="3.46", pe_nonfacility="8.11", pe_facility="1.42", mp="0.44", glob="000", mult="3", endo_base="45378"),
        service("70496", work="1.71", pe_nonfacility="6.02", pe_facility="6.02", na_facility="NA", mp="0.11", pctc="1", mult="4", imaging_family="88", opps_pe_nonfacility="5.51", opps_pe_facility="5.51", opps_mp="0.10"),
        service("70496", "26", work="1.71", pe_nonfacility="0.60", pe_facility="0.60", mp="0.09", pctc="1", mult="4", imaging_family="88"),
        service("70496", "TC", pe_nonfacility="5.42", pe_facility="5.42", na_facility="NA", mp="0.02", pctc="1", mult="4", supervision="02", imaging_family="88", opps_pe_nonfacility="4.91", opps_pe_facility="4.91", opps_mp="0.01"),
        service("97761", work="0.50", pe_nonfacility="0.70", pe_facility="0.70", mp="0.01", pctc="7", mult="5"),
        service("99397", status="N", not_used="+", work="2.00", pe_nonfacility="1.80", pe_facility="0.55", mp="0.15", **none),
        service("D0120", status="R", description="x dental", **none),
        service("G0463", status="X", description="Made-up clinic text", **none),
        service("J1100", status="E", description="Made-up drug text", **none),
    ]  # fmt: skip


def to_csv(rows: Iterable[Iterable[str]], *, end: str = "\r\n") -> bytes:
    """Return rows as csv in the encoding of CMS's files."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end).writerows(rows)
    return text.getvalue().encode("latin-1")


def of_csv(data: bytes) -> list[list[str]]:
    """Return the cells of a csv."""
    return list(csv.reader(io.StringIO(data.decode("latin-1"), newline="")))


def pprrvu_csv(rows: Iterable[Service], columns: Iterable[str] = COLUMNS_2026, *, title: str = "2026 National Physician Fee Schedule Relative Value File July Release", released: str = "06/30/2026") -> bytes:
    """Return the csv form of the relative value file: titles in the description column, the headers stacked over five rows."""
    columns = list(columns)
    blank = [""] * len(columns)

    def over_description(text: str) -> list[str]:
        return [text if name == "description" else "" for name in columns]

    stack = [[HEADS[name][row - 5] if len(HEADS[name]) >= 5 - row else "" for name in columns] for row in range(5)]
    titles = [over_description(title), over_description("x"), over_description("x"), blank, over_description(f"RELEASED {released}")]
    return to_csv([*titles, *stack, *([row[name] for name in columns] for row in rows)])


def pprrvu_txt(rows: Iterable[Service], *, pricing: bool = True) -> bytes:
    """Return the fixed-width form; shares lose their leading zero, as in CMS's file."""
    lines = ["HDR x" + " " * 45]
    for row in rows:
        line = [" "] * TEXT_WIDTH
        for name, (start, width) in TEXT_FORM.items():
            if name == "pricing" and not pricing:
                continue
            text = row[name].removeprefix("0") if name in {"pre", "intra", "post"} else row[name]
            padded = text.rjust(width) if "." in text else text.ljust(width)
            line[start - 1 : start - 1 + width] = padded
        lines.append("".join(line))
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1")


def gpci_csv(*, floors: int = 1, year: int = 2026) -> bytes:
    """Return four localities with 7 columns, or with 8 (``floors=2``): the work GPCI without and with its floor."""
    both = ["Medicare Administrative Contractor (MAC)", "State", "Locality Number", "Locality Name", f"{year} PW GPCI (without 1.0 Floor)", f"{year} PW GPCI (with 1.0 Floor)***", f"{year} PE GPCI", f"{year} MP GPCI"]
    rows = [
        ["02102", "AK", "01", "ALASKA*", "1.500", "1.500", "1.081", "0.592"],
        ["10112", "AL", "00", "ALABAMA", "0.988", "1.000", "0.875", "0.566"],
        ["01182", "CA", "18", "LOS ANGELES", "1.047", "1.047", "1.179", "0.683"],
        ["03302", "ND", "01", "NORTH DAKOTA**", "0.981", "1", "1.000", "0.51"],
    ]
    keep = [position for position in range(8) if floors == 2 or position != 4]
    cut = [[row[position] for position in keep] for row in (both, *rows)]
    blank = [""] * len(keep)
    remarks = [["*Work GPCI reflects a 1.5 floor, x.", *blank[1:]], ["**PE GPCI reflects a 1.0 floor, x.", *blank[1:]]]
    return to_csv([[f"ADDENDUM E. x {year}", *blank[1:]], blank, *cut, blank, *remarks])


def anes_csv() -> bytes:
    """Return the anesthesia factors of the same four localities, QP first, with CMS's trailing blanks."""
    return to_csv([
        ["Contractor", "Locality", "Locality Name", "Qualifying APM National Anes CF (with 2.5% statutory increase) of 20.599835", "Non-Qualifying APM National Anes CF (with 2.5% Statutory increase)  of 20.49754"],
        ["10112 ", "00 ", "ALABAMA", "19.63", "19.53"],
        ["02102 ", "01 ", "ALASKA*", "28.29", "28.15 "],
        ["01182 ", "18 ", "LOS ANGELES", "21.36", "21.26"],
        ["03302 ", "01 ", "NORTH DAKOTA**", "20.4", "20.3"],
    ])  # fmt: skip


def locco_csv() -> bytes:
    """Return the counties of the four localities: a zero lost, a state named once, a locality on two rows."""
    return to_csv([
        ["COUNTIES INCLUDED IN 2026 LOCALITIES. x", "", "", "", "", ""],
        ["Medicare Adminstrative Contractor", "Locality Number", "State ", "Fee Schedule Area ", "Counties", ""],
        ["10112", "0", "ALABAMA ", "STATEWIDE ", "ALL COUNTIES ", ""],
        ["", "", "", "", "", ""],
        ["2102", "01", "ALASKA ", "STATEWIDE ", "ALL COUNTIES ", ""],
        ["1182", "18", "CALIFORNIA", "LOS ANGELES", "LOS ANGELES", ""],
        ["1182", "18", "", "LOS ANGELES", "ORANGE", ""],
        ["03302", "01", "NORTH DAKOTA", "STATEWIDE", "ALL COUNTIES", ""],
    ])  # fmt: skip


def oppscap_csv() -> bytes:
    """Return capped amounts of one code in two localities, facility price first."""
    places = (("02102", "01", "300.10", "310.20"), ("10112", "00", "200.30", "201"), ("01182", "18", "250.50", "251.55"), ("03302", "01", "220.70", "221.77"))
    rows = [["70496", modifier, "A", *place] for modifier in ("", "TC") for place in places]
    return to_csv([["HCPCS", "MOD", "PROCSTAT", "CARRIER", "LOCALITY", "FACILITY PRICE", "NON-FACILTY PRICE"], *rows])


def zip5_row(state: str, code: str, mac: str, locality: str, *, rural: str = " ", split: str = "0", quarter: str = "20254") -> str:
    """Return one row of 80 characters of the ZIP table."""
    return f"{state}{code}{mac}{locality}{rural}Z9   {split} A".ljust(75) + quarter


def zip5_txt() -> bytes:
    """Return seven ZIP codes, one of them split, one rural and one super rural."""
    rows = [
        zip5_row("AL", "35004", "10112", "00"),
        zip5_row("AL", "35005", "10112", "00", rural="R"),
        zip5_row("AK", "99501", "02102", "01"),
        zip5_row("AK", "99502", "02102", "01", rural="B"),
        zip5_row("CA", "90001", "01182", "18"),
        zip5_row("CA", "90002", "01182", "18", split="1"),
        zip5_row("ND", "58001", "03302", "01"),
    ]
    return "".join(f"{row}\r\n" for row in rows).encode("latin-1")


ZIP5_HEADING = ("STATE", "ZIP CODE", "CARRIER", "LOCALITY", "RURAL IND", "LAB CB LOCALITY", "RURAL IND2", "PLUS 4 FLAG", "PART B DRUG INDICATOR", "YEAR/QTR")


def zip5_rows() -> list[list[str | int]]:
    """Return the heading and the rows of ``zip5_txt`` as CMS's workbook has them: texts, but for the flag, which is a number."""
    rows = [row for row in zip5_txt().decode("latin-1").split("\r\n") if row]
    return [list(ZIP5_HEADING), *([row[:2], row[2:7], row[7:12], row[12:14], row[14].strip(), "Z9", row[14].strip(), int(row[20]), "A", row[75:80]] for row in rows)]


def xlsx(*sheets: list[list[Any]], hidden: Iterable[int] = ()) -> bytes:
    """Return a workbook of these sheets; a text that begins with = is a formula whose value is an error."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True, "strings_to_formulas": False}) as book:
        made = [book.add_worksheet() for _ in sheets]
        for number, (sheet, rows) in enumerate(zip(made, sheets, strict=True)):
            if number in hidden:
                sheet.hide()
            for line, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if isinstance(cell, str) and cell.startswith("="):
                        sheet.write_formula(line, column, cell, None, "#N/A")
                    elif cell != "":
                        sheet.write(line, column, cell)
        next(sheet for number, sheet in enumerate(made) if number not in hidden or len(made) == 1).activate()
    return data.getvalue()


def rbcs_csv() -> bytes:
    """Return categories of three codes, one of which was moved to a family later."""
    head = "HCPCS_Cd,RBCS_ID,RBCS_Cat,RBCS_Cat_Desc,RBCS_Cat_Subcat,RBCS_Subcat_Desc,RBCS_FamNumb,RBCS_Family_Desc,RBCS_Major_Ind,HCPCS_Cd_Add_Dt,HCPCS_Cd_End_Dt,RBCS_Assignment_Eff_Dt,RBCS_Assignment_End_Dt"

    def row(code: str, category: str, subcategory: str, family: str, since: str) -> list[str]:
        return [code, "", "", category, "", subcategory, "", family, "N", "01/01/1990", "", since, ""]

    return to_csv([
        head.split(","),
        row("27447", "Procedure", "Musculoskeletal", "No RBCS Family", "01/01/2017"),
        row("27447", "Procedure", "Musculoskeletal", "Arthroplasty - Knee", "01/01/2019"),
        row("70496", "Imaging", "CT Scan", "No RBCS Family", "01/01/2017"),
        row("97761", "Treatment", "Therapy", "No RBCS Family", "01/01/2017"),
    ])  # fmt: skip


def release(rows: Iterable[Service] | None = None) -> dict[str, bytes]:
    """Return every table of a valid release, by file name."""
    return {
        PPRRVU: pprrvu_csv(services() if rows is None else rows),
        GPCI: gpci_csv(),
        ANES: anes_csv(),
        LOCCO: locco_csv(),
        OPPSCAP: oppscap_csv(),
        ZIP5: zip5_txt(),
        RBCS: rbcs_csv(),
    }


def core(rows: Iterable[Service] | None = None) -> dict[str, bytes]:
    """Return the two tables without which nothing is imported."""
    return {name: data for name, data in release(rows).items() if name in {PPRRVU, GPCI}}


def with_cell(data: bytes, line: int, column: int, text: str) -> bytes:
    """Return a csv with one cell changed; the cell must have been another before."""
    rows = of_csv(data)
    if rows[line - 1][column - 1] == text:
        raise ValueError(f"line {line}, column {column} is {text!r} already")
    rows[line - 1][column - 1] = text
    return to_csv(rows)


def with_columns(data: bytes, order: Iterable[int]) -> bytes:
    """Return a csv with its columns (counted from 0) taken in another order, left out or repeated."""
    order = list(order)
    return to_csv([[row[position] for position in order] for row in of_csv(data)])


def line_of(data: bytes, *beginning: str) -> int:
    """Return the line of the only row whose first cells are these."""
    found = [line for line, row in enumerate(of_csv(data), 1) if row[: len(beginning)] == list(beginning)]
    if len(found) != 1:
        raise ValueError(f"{beginning} stands on the lines {found}")
    return found[0]


def column_of(name: str, columns: tuple[str, ...] = COLUMNS_2026) -> int:
    """Return the column of a relative value file that has our name ``name``."""
    return columns.index(name) + 1


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip of these files in this order."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 7, 1, 0, 0, 0)), data, method)
    return packed.getvalue()


def zipped_link(name: str, target: str) -> bytes:
    """Return a zip with one symbolic link."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        entry = zipfile.ZipInfo(name)
        entry.create_system = 3
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, target)
    return packed.getvalue()


PTP_HEADER = (
    "CPT only copyright 2025 American Medical Association.  All rights reserved.\t\t\t\t\t\t",
    "Column1/Column2 Edits\t\t\t\t\t\t",
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale",
    "\t\tprior to 1996\tDate\tDate\t0=not allowed\t",
    "\t\t\t\t*=no data\t1=allowed\t",
    "\t\t\t\t\t9=not applicable\t",
)
"""Head of CMS's practitioner edits: six lines, of which the last four name the columns."""


def ptp_txt(*rows: str, end: str = "\r\n") -> bytes:
    """Return an edit file; a row is written ``97530 97110 20200101 * 1 reason``, ``-`` standing for a blank cell."""
    lines = []
    for row in rows:
        one, two, effective, deleted, indicator, *reason = row.split(" ")
        cells = [one, two, "", effective, deleted, indicator, " ".join(reason)]
        lines.append("\t".join("" if cell == "-" else cell for cell in cells))
    return "".join(f"{line}{end}" for line in (*PTP_HEADER, *lines)).encode("latin-1")


def mue_csv(*rows: tuple[str, str, str, str]) -> bytes:
    """Return a unit limit file, with the notice in several lines above its header and the line end inside a name of it."""
    notice = ["Codes are copyright of their owner.\n\nAll rights reserved.", "", "", ""]
    return to_csv([notice, ["HCPCS/\nCPT Code", "Practitioner Services MUE Values", "MUE Adjudication Indicator", "MUE Rationale"], *rows])


def aoc_csv(*rows: tuple[str, str, str, str, str, str, str, str]) -> bytes:
    """Return a file of add-on code edits."""
    return to_csv([["AOC_Edit_Type", "Add-On_Code", "AOC_DelDT", "Primary_Code", "Primary_Code_DelDT", "AOC_Edit_EffDT", "AOC_Edit_DelDT", "Special_Instruction_Notes"], *rows])


def ncci() -> dict[str, bytes]:
    """Return a small quarter of edits, unit limits and add-on codes by CMS's file names."""
    return {
        "ccipra-v322r0-f1.txt": ptp_txt("97530 97110 20200101 * 1 Misuse of Column Two code with Column One code"),
        "MCR_MUE_PractitionerServices_Eff_07-01-2026.csv": mue_csv(("97761", "6", "3 Date of Service Edit: Clinical", "Nature of Service/Procedure")),
        "AOC_V2026Q3-MCR.csv": aoc_csv(("1", "22845", "", "22551", "", "2013091", "", "")),
    }
