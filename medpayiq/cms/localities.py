"""Reads the tables keyed by locality: GPCI, anesthesia conversion factors, counties."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from medpayiq.cms.cells import Lines, Row, csv_rows, txt_rows, words
from medpayiq.cms.records import CENT_PLACES, GPCI_PLACES, AnesthesiaFactor, Counties, Locality
from medpayiq.findings import Findings

_GPCI_YEAR = re.compile(r"^(\d{4}) ")
_GPCI_HEADERS = {
    "MEDICARE ADMINISTRATIVE CONTRACTOR (MAC)": "mac",
    "STATE": "state",
    "LOCALITY NUMBER": "locality",
    "LOCALITY NAME": "name",
    "PW GPCI (WITH 1.0 FLOOR)": "work",
    "PW GPCI (WITHOUT 1.0 FLOOR)": "work_unfloored",
    "PE GPCI": "pe",
    "MP GPCI": "mp",
}
_GPCI_OPTIONAL = {"work_unfloored"}
_ANES_NATIONAL = re.compile(r"(?P<kind>QUALIFYING APM |NON-QUALIFYING APM )?NATIONAL ANES CF .*?OF (?P<factor>\d+\.\d+)")
_LOCCO_HEADER = ["MEDICARE ADMINSTRATIVE CONTRACTOR", "LOCALITY NUMBER", "STATE", "FEE SCHEDULE AREA", "COUNTIES"]
# The txt layout of ANES has no header; the year decides. First and last position, counted from 1.
_ANES_TXT = {2025: {"mac": (1, 5), "locality": (13, 14), "name": (19, 72), "factor": (73, 77)}}
_ANES_TXT_WIDTH = 77


@dataclass(slots=True)
class Localities:
    """A whole GPCI file."""

    rows: list[Locality] = field(default_factory=list)
    lines: Lines = field(default_factory=dict)
    year: int | None = None
    year_at: tuple[int, int] = (0, 0)
    """Line and column of a header that says the year."""
    rows_read: int = 0


@dataclass(slots=True)
class AnesthesiaFactors:
    """A whole ANES file. National factors are text, as CMS printed them in the header row."""

    rows: list[AnesthesiaFactor] = field(default_factory=list)
    lines: Lines = field(default_factory=dict)
    national: str | None = None
    national_qp: str | None = None
    rows_read: int = 0


def read_gpci(where: str, data: bytes, findings: Findings) -> Localities:
    """Read GPCI csv: 7 columns, or 8 with the work GPCI both without and with the 1.0 floor."""
    table = Localities()
    rows = csv_rows(where, data, findings)
    if rows is None:
        return table
    top = next((i for i, (_, cells) in enumerate(rows) if any(words(cell).startswith("MEDICARE ADMINISTRATIVE CONTRACTOR") for cell in cells)), None)
    if top is None:
        findings.error(where, "has no header row with MAC, State, Locality Number: this layout is not known", try_="import the GPCI csv as CMS ships it")
        return table
    line, header = rows[top]
    at: dict[str, int] = {}
    for position, cell in enumerate(header):
        name = words(cell).rstrip("*")
        if year := _GPCI_YEAR.match(name):
            if table.year not in (None, int(year[1])):
                findings.error(where, f"column {words(cell)!r} is of another year than {table.year}", line=line, column=position + 1, try_="download the file again")
            table.year, table.year_at = int(year[1]), (line, position + 1)
            name = name[5:]
        known = _GPCI_HEADERS.get(name)
        if known is None:
            findings.error(where, f"column {words(cell)[:80]!r} is not known", line=line, column=position + 1, try_="this layout is new: report it with the file's name; nothing was imported")
        elif known in at:
            findings.error(where, f"column {words(cell)!r} stands twice", line=line, column=position + 1, try_="download the file again")
        else:
            at[known] = position
    missing = [name for name in _GPCI_HEADERS.values() if name not in at and name not in _GPCI_OPTIONAL]
    if missing:
        findings.error(where, f"columns are missing: {', '.join(missing)}", line=line, try_="import the GPCI csv as CMS ships it; the work GPCI must be the one with the 1.0 floor")
        return table
    seen = table.lines
    for line, cells in rows[top + 1 :]:
        if _is_remark(cells):
            continue
        table.rows_read += 1
        row = _row(where, line, cells, len(header), findings)
        if row is None:
            continue
        label = row.text(at["name"])
        bare = label.rstrip("*")
        one = Locality(
            mac=row.mac(at["mac"]),
            locality=row.locality(at["locality"]),
            state=row.text(at["state"]),
            name=bare.strip(),
            work=row.scaled(at["work"], GPCI_PLACES, "work GPCI"),
            work_unfloored=row.scaled(at["work_unfloored"], GPCI_PLACES, "work GPCI without floor") if "work_unfloored" in at else None,
            pe=row.scaled(at["pe"], GPCI_PLACES, "PE GPCI"),
            mp=row.scaled(at["mp"], GPCI_PLACES, "MP GPCI"),
            mark=label[len(bare) :],
        )
        if row.ok and 0 in (one.work, one.pe, one.mp):
            zero = next(name for name in ("work", "pe", "mp") if getattr(one, name) == 0)
            row.fail(at[zero], f"{one.mac}/{one.locality}: a GPCI of zero would pay nothing", "download the file again")
        if _first_time(row, seen, (one.mac, one.locality), at["mac"]):
            table.rows.append(one)
    return table


def read_anes_csv(where: str, data: bytes, findings: Findings) -> AnesthesiaFactors:
    """Read ANES csv: one factor a locality, or two (QP and non-QP, by their headers) from 2026 on."""
    table = AnesthesiaFactors()
    rows = csv_rows(where, data, findings)
    if rows is None:
        return table
    if not rows or [words(cell) for cell in rows[0][1][:3]] != ["CONTRACTOR", "LOCALITY", "LOCALITY NAME"]:
        findings.error(where, "has no header row with Contractor, Locality, Locality Name: this layout is not known", try_="import the ANES csv as CMS ships it")
        return table
    line, header = rows[0]
    plain: int | None = None
    qp: int | None = None
    for position, cell in enumerate(header[3:], 3):
        found = _ANES_NATIONAL.search(words(cell))
        if found is None:
            findings.error(where, f"column {words(cell)!r} is not known", line=line, column=position + 1, try_="this layout is new: report it with the file's name")
            return table
        # "Qualifying" also ends the word "Non-Qualifying": the longer alternative is tried by what stands before it.
        for_qp = (found["kind"] or "").startswith("QUALIFYING") and "NON-QUALIFYING" not in words(cell)
        if (qp if for_qp else plain) is not None:
            findings.error(where, f"column {words(cell)!r} stands twice", line=line, column=position + 1, try_="download the file again")
            return table
        if for_qp:
            qp, table.national_qp = position, found["factor"]
        else:
            plain, table.national = position, found["factor"]
    if plain is None:
        findings.error(where, "has no conversion factor column", line=line, try_="import the ANES csv as CMS ships it")
        return table
    seen = table.lines
    for line, cells in rows[1:]:
        if _is_remark(cells):
            continue
        table.rows_read += 1
        row = _row(where, line, cells, len(header), findings)
        if row is None:
            continue
        one = AnesthesiaFactor(
            row.mac(0),
            row.locality(1),
            row.text(2).rstrip("*").strip(),
            row.scaled(plain, CENT_PLACES, "anesthesia conversion factor"),
            row.scaled(qp, CENT_PLACES, "anesthesia conversion factor (QP)") if qp is not None else None,
        )
        if _first_time(row, seen, (one.mac, one.locality), 0):
            table.rows.append(one)
    return table


def read_anes_txt(where: str, data: bytes, year: int, findings: Findings) -> AnesthesiaFactors:
    """Read the fixed-width form, whose factor is in cents without a point; an unknown year is refused."""
    table = AnesthesiaFactors()
    layout = _ANES_TXT.get(year)
    if layout is None:
        findings.error(where, f"the fixed-width layout of {year} is not known", try_="import the csv form of the same table")
        return table
    seen = table.lines
    for line, text in txt_rows(data):
        table.rows_read += 1
        if len(text) != _ANES_TXT_WIDTH:
            findings.error(where, f"is {len(text)} characters wide; the layout of {year} has {_ANES_TXT_WIDTH}", line=line, try_="download the file again; do not edit it")
            continue
        row = Row(where, line, [text[first - 1 : last] for first, last in layout.values()], findings)
        one = AnesthesiaFactor(row.mac(0), row.locality(1), row.text(2).rstrip("*").strip(), row.scaled(3, 0, "anesthesia conversion factor"), None)
        if _first_time(row, seen, (one.mac, one.locality), 0):
            table.rows.append(one)
    return table


def read_locco(where: str, data: bytes, findings: Findings) -> tuple[list[Counties], Lines, int]:
    """Read LOCCO csv; return the rows, their lines and how many were read.

    CMS names the state on its first row only, drops leading zeros here and there, and lists one locality
    on two rows; the rows are joined again, and each such repair is a note.
    """
    rows = csv_rows(where, data, findings)
    if rows is None:
        return [], {}, 0
    top = next((i for i, (_, cells) in enumerate(rows) if [words(cell) for cell in cells[:5]] == _LOCCO_HEADER), None)
    if top is None:
        findings.error(where, "has no header row with contractor, locality, state, area, counties: this layout is not known", try_="import the LOCCO csv as CMS ships it")
        return [], {}, 0
    width = len(rows[top][1])
    state, read = "", 0
    repaired: list[int] = []
    lines: Lines = {}
    kept: dict[tuple[str, str], Counties] = {}
    for line, cells in rows[top + 1 :]:
        if _is_remark(cells):
            continue
        read += 1
        row = _row(where, line, cells, width, findings)
        if row is None:
            continue
        for position, digits in ((0, 5), (1, 2)):
            text = row.text(position)
            if text.isdigit() and len(text) < digits:
                row.cells[position] = text.zfill(digits)
                repaired.append(line)
        state = row.text(2) or state
        one = Counties(row.mac(0), row.locality(1), state, " ".join(row.text(3).split()), " ".join(row.text(4).split()))
        if not row.ok:
            continue
        lines.setdefault((one.mac, one.locality), line)
        before = kept.get((one.mac, one.locality))
        if before is not None:
            findings.note(where, f"{one.mac}/{one.locality} stands twice; its counties were joined", line=line)
            one = before._replace(counties="; ".join(dict.fromkeys((before.counties, one.counties))))
        kept[one.mac, one.locality] = one
    if repaired:
        findings.note(where, f"{len(repaired)} MAC and locality numbers had lost their leading zeros, which were put back", line=repaired[0])
    return list(kept.values()), lines, read


def _is_remark(cells: list[str]) -> bool:
    """Blank rows, and footnotes: text in the first cell alone that does not start with a number."""
    rest = any(cell.strip() for cell in cells[1:])
    first = cells[0].strip() if cells else ""
    return not rest and not first[:1].isdigit()


def _row(where: str, line: int, cells: list[str], width: int, findings: Findings) -> Row | None:
    if len(cells) != width:
        findings.error(where, f"has {len(cells)} columns; the header has {width}", line=line, try_="compare the row with CMS's own file: a comma or a quote is missing or too many")
        return None
    return Row(where, line, cells, findings)


def _first_time(row: Row, seen: dict[tuple[str, str], int], key: tuple[str, str], column: int) -> bool:
    if row.ok and key in seen:
        row.fail(column, f"locality {key[0]}/{key[1]} stands twice; first on line {seen[key]}", "download the file again")
    seen.setdefault(key, row.line)
    return row.ok
