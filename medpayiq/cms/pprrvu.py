"""Reads PPRRVU, the relative value file: csv with a stacked header, or fixed-width txt by year's layout; knows what CMS calls its columns.

Columns and positions: CMS, "National Physician Fee Schedule Relative Value File", record layout of the
release (RVU25D.pdf, RVU26B.pdf).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

from medpayiq.cms.cells import CODE, Row, csv_rows, txt_rows, words
from medpayiq.cms.records import CF_PLACES, RVU_PLACES, SHARE_PLACES, Service
from medpayiq.findings import Findings

_STATUS = frozenset("ABCDEFGHIJLMNPQRTX")
_NA = frozenset({"", "NA"})
_MODIFIERS = frozenset({"", "26", "TC", "53"})
_GLOBAL = frozenset({"000", "010", "090", "MMM", "XXX", "YYY", "ZZZ"})
_SUPERVISION = re.compile(r"[0-9][0-9A-Z]\Z")
_CALCULATION = re.compile(r"[0-9]\Z")
_FAMILY = re.compile(r"[0-9]{2}\Z")

_OPPS = "OPPS PAYMENT AMOUNT"
"""What the columns of the hospital price that caps imaging have in their names."""
# Our name of a column: the words that CMS stacks over it, blanks closed up.
_COLUMNS = {
    "code": "HCPCS",
    "modifier": "MOD",
    "description": "DESCRIPTION",
    "status": "STATUS CODE",
    "not_used": "NOT USED FOR MEDICARE PAYMENT",
    "work": "WORK RVU",
    "pe_nonfacility": "NON-FAC PE RVU",
    "na_nonfacility": "NON-FAC NA INDICATOR",
    "pe_facility": "FACILITY PE RVU",
    "na_facility": "FACILITY NA INDICATOR",
    "mp": "MP RVU",
    "total_nonfacility": "NON-FACILITY TOTAL",
    "total_facility": "FACILITY TOTAL",
    "pctc": "PCTC IND",
    "glob": "GLOB DAYS",
    "pre": "PRE OP",
    "intra": "INTRA OP",
    "post": "POST OP",
    "mult": "MULT PROC",
    "bilat": "BILAT SURG",
    "asst": "ASST SURG",
    "cosurg": "CO- SURG",
    "team": "TEAM SURG",
    "pricing": "PRIC IND",
    "endo_base": "ENDO BASE",
    "cf": "CONV FACTOR",
    "supervision": "PHYSICIAN SUPERVISION OF DIAGNOSTIC PROCEDURES",
    "calculation": "CALCULATION FLAG",
    "imaging_family": "DIAGNOSTIC IMAGING FAMILY INDICATOR",
    "opps_pe_nonfacility": f"NON-FACILITY PE USED FOR {_OPPS}",
    "opps_pe_facility": f"FACILITY PE USED FOR {_OPPS}",
    "opps_mp": f"MP USED FOR {_OPPS}",
}
_BY_HEADER = {header: name for name, header in _COLUMNS.items()}
SINCE = {"pricing": 2026}
"""Columns that CMS's file has had only since a year."""

# First and last position, counted from 1 as in the record layout. The txt form has no header: the year decides.
_TXT_2025 = {
    "code": (1, 5), "modifier": (6, 7), "description": (8, 57), "status": (58, 58), "not_used": (59, 59), "work": (60, 65),
    "pe_nonfacility": (67, 72), "na_nonfacility": (73, 74), "pe_facility": (76, 81), "na_facility": (82, 83), "mp": (85, 89),
    "total_nonfacility": (91, 96), "total_facility": (97, 102), "pctc": (103, 103), "glob": (104, 106), "pre": (107, 109),
    "intra": (110, 112), "post": (113, 115), "mult": (116, 116), "bilat": (117, 117), "asst": (118, 118), "cosurg": (119, 119),
    "team": (120, 120), "endo_base": (128, 132), "cf": (133, 140), "supervision": (142, 143), "calculation": (144, 144),
    "imaging_family": (146, 147), "opps_pe_nonfacility": (152, 157), "opps_pe_facility": (159, 164), "opps_mp": (166, 171),
}  # fmt: skip
_TXT_LAYOUTS = {2025: _TXT_2025, 2026: {**_TXT_2025, "pricing": (121, 121)}}
_TXT_WIDTH = 171

_TITLE = re.compile(r"([0-9]{4}) National Physician Fee Schedule Relative Value File (\w+) Release", re.IGNORECASE)
_RELEASED = re.compile(r"\bRELEASED ([0-9]{2})/([0-9]{2})/([0-9]{4})")


@dataclass(slots=True)
class RelativeValues:
    """A whole relative value file."""

    services: list[Service] = field(default_factory=list)
    descriptions: dict[str, str] = field(default_factory=dict)
    """Code to CMS's short text, as printed: AMA's for CPT, the ADA's for D codes."""
    conversion_factor: int | None = None
    """Ten-thousandths of a dollar; the same in every row."""
    conversion_factor_at: tuple[int, int] = (0, 0)
    """Line and column where it stands first."""
    title_year: int | None = None
    title_month: str | None = None
    title_line: int = 0
    released: str | None = None
    """ISO date that the file says it was released on."""
    rows_read: int = 0


def called(column: str) -> str:
    """Return what CMS calls a column, in the words over it (``CO-SURG``), by our name of it (`Service`); ``opps`` are those of the hospital price."""
    return _OPPS if column == "opps" else _COLUMNS[column].replace("- ", "-")


def lacking(year: int) -> frozenset[str]:
    """Return the columns that the file of a year does not have; they are blank in every row of its snapshot."""
    return frozenset(column for column, first in SINCE.items() if year < first)


def read_csv(where: str, data: bytes, findings: Findings) -> RelativeValues:
    """Read the csv form; columns are found by the stacked header, whatever their order."""
    values = RelativeValues()
    rows = csv_rows(where, data, findings)
    if rows is None:
        return values
    top = next((i for i, (_, cells) in enumerate(rows) if {_COLUMNS["code"], _COLUMNS["modifier"]} <= {words(cell) for cell in cells}), None)
    if top is None:
        findings.error(where, f"has no header row with {_COLUMNS['code']} and {_COLUMNS['modifier']}: this layout is not known", try_="import the PPRRVU csv as CMS ships it")
        return values
    for line, cells in rows[:top]:
        _read_title(where, line, " ".join(cells), values, findings)
    columns = _columns_by_header(where, rows, top, findings)
    if columns is None:
        return values
    width = len(rows[top][1])

    def cells_of() -> Iterator[tuple[int, list[str]]]:
        for line, cells in rows[top + 1 :]:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != width:
                findings.error(where, f"has {len(cells)} columns; the header has {width}", line=line, try_="compare the row with CMS's own file: a comma or a quote is missing or too many")
                continue
            yield line, cells

    _read_rows(where, cells_of(), columns, values, findings)
    return values


def read_txt(where: str, data: bytes, year: int, findings: Findings) -> RelativeValues:
    """Read the fixed-width form of ``year``; a year whose layout is not known is refused."""
    values = RelativeValues(title_year=None)
    layout = _TXT_LAYOUTS.get(year)
    if layout is None:
        known = ", ".join(str(one) for one in _TXT_LAYOUTS)
        findings.error(where, f"the fixed-width layout of {year} is not known (known: {known})", try_="import the csv form of the same table")
        return values
    cuts = [(first - 1, last) for first, last in layout.values()]
    columns = {name: position for position, name in enumerate(layout)}

    def cells_of() -> Iterator[tuple[int, list[str]]]:
        for line, row in txt_rows(data):
            if row.startswith("HDR"):
                continue
            if len(row) != _TXT_WIDTH:
                findings.error(where, f"is {len(row)} characters wide; the layout of {year} has {_TXT_WIDTH}", line=line, try_="download the file again; do not edit it")
                continue
            yield line, [row[start:end] for start, end in cuts]

    _read_rows(where, cells_of(), columns, values, findings)
    return values


def _read_title(where: str, line: int, text: str, values: RelativeValues, findings: Findings) -> None:
    if title := _TITLE.search(text):
        values.title_year, values.title_month, values.title_line = int(title[1]), title[2].upper()[:3], line
    if released := _RELEASED.search(text):
        try:
            values.released = date(int(released[3]), int(released[1]), int(released[2])).isoformat()
        except ValueError:
            findings.error(where, f"{released[0]!r} is not a date (MM/DD/YYYY)", line=line, try_="download the file again")


def _columns_by_header(where: str, rows: list[tuple[int, list[str]]], top: int, findings: Findings) -> dict[str, int] | None:
    line, last = rows[top]
    # The words over a column stand in the header row and up to four rows above it; the title rows
    # further up fill only the description column.
    stack = [cells for _, cells in rows[max(0, top - 4) : top + 1]]
    columns: dict[str, int] = {}
    failed = False
    for position in range(len(last)):
        above = [cells[position] for cells in stack if position < len(cells)]
        header = words(" ".join(above))
        name = _BY_HEADER.get(header) or ("description" if words(last[position]) == _COLUMNS["description"] else None)
        if name is None:
            failed = True
            findings.error(where, f"column {header[:80]!r} is not known", line=line, column=position + 1, try_="this layout is new: report it with the file's name; nothing was imported")
        elif name in columns:
            failed = True
            findings.error(where, f"column {header!r} stands twice", line=line, column=position + 1, try_="download the file again")
        else:
            columns[name] = position
    for name, header in _COLUMNS.items():
        if name not in columns and name not in SINCE:
            failed = True
            findings.error(where, f"column {header!r} is missing", line=line, try_="import the PPRRVU csv as CMS ships it")
    return None if failed else columns


def _read_rows(where: str, rows: Iterator[tuple[int, list[str]]], at: dict[str, int], values: RelativeValues, findings: Findings) -> None:
    """Turn cells into services; check totals, keys and the conversion factor."""
    seen: dict[tuple[str, str], int] = {}
    for line, cells in rows:
        values.rows_read += 1
        row = Row(where, line, cells, findings)
        factor = row.scaled(at["cf"], CF_PLACES, "conversion factor")
        if row.ok and values.conversion_factor is None:
            values.conversion_factor, values.conversion_factor_at = factor, (line, at["cf"] + 1)
        elif row.ok and factor != values.conversion_factor:
            row.fail(at["cf"], f"conversion factor {cells[at['cf']].strip()} differs from the rows above", "one file has one conversion factor: download it again")
        service = _service(row, at)
        key = (service.code, service.modifier)
        if key in seen and CODE.match(service.code):
            name = "-".join(part for part in key if part)
            row.fail(at["code"], f"{name} stands twice; first on line {seen[key]}", "download the file again: (code, modifier) is unique in CMS's file")
        seen.setdefault(key, line)
        if row.ok:
            values.services.append(service)
            if not service.modifier or service.code not in values.descriptions:
                values.descriptions[service.code] = row.text(at["description"])


def _service(row: Row, at: dict[str, int]) -> Service:
    def rvu(name: str) -> int:
        return row.scaled(at[name], RVU_PLACES, _COLUMNS[name])

    def share(name: str) -> int:
        return row.scaled(at[name], SHARE_PLACES, _COLUMNS[name])

    def flag(name: str, allowed: frozenset[str]) -> str:
        return row.one_of(at[name], allowed, _COLUMNS[name])

    def short(name: str, pattern: re.Pattern[str]) -> str:
        return row.short(at[name], pattern, _COLUMNS[name])

    service = Service(
        code=row.code(at["code"]),
        modifier=flag("modifier", _MODIFIERS),
        status=flag("status", _STATUS),
        not_used=flag("not_used", frozenset({"", "+"})),
        work=rvu("work"),
        pe_nonfacility=rvu("pe_nonfacility"),
        na_nonfacility=flag("na_nonfacility", _NA),
        pe_facility=rvu("pe_facility"),
        na_facility=flag("na_facility", _NA),
        mp=rvu("mp"),
        pctc=flag("pctc", frozenset("0123456789")),
        glob=flag("glob", _GLOBAL),
        pre=share("pre"),
        intra=share("intra"),
        post=share("post"),
        mult=flag("mult", frozenset("012345679")),
        bilat=flag("bilat", frozenset("01239")),
        asst=flag("asst", frozenset("0129")),
        cosurg=flag("cosurg", frozenset("0129")),
        team=flag("team", frozenset("0129")),
        pricing=flag("pricing", frozenset("19")) if "pricing" in at else "",
        endo_base=short("endo_base", CODE),
        supervision=short("supervision", _SUPERVISION),
        calculation=short("calculation", _CALCULATION),
        imaging_family=short("imaging_family", _FAMILY),
        opps_pe_nonfacility=rvu("opps_pe_nonfacility"),
        opps_pe_facility=rvu("opps_pe_facility"),
        opps_mp=rvu("opps_mp"),
        line=row.line,
    )
    _check_totals(row, at, service, rvu)
    return service


def _check_totals(row: Row, at: dict[str, int], service: Service, rvu: Callable[[str], int]) -> None:
    """CMS's own totals must be the sum of the parts; a row where they are not was damaged on the way."""
    for name, pe in (("total_nonfacility", service.pe_nonfacility), ("total_facility", service.pe_facility)):
        printed, total = rvu(name), service.work + pe + service.mp
        if row.ok and printed != total:
            row.fail(
                at[name],
                f"{service.code}: the parts sum to {total / 100:.2f}, CMS's {_COLUMNS[name].lower()} is {printed / 100:.2f}",
                "download the file again; if CMS's own file says so, report it",
            )
