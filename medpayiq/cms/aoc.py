"""Reads CMS's add-on code edits: each add-on code with the primary codes it goes with, from the csv or the xlsx."""

from __future__ import annotations

import datetime
import re

from medpayiq.cms import workbook
from medpayiq.cms.cells import CODE, Row, csv_rows
from medpayiq.cms.records import AddOn
from medpayiq.findings import Findings

_HEADER = ("AOC_EDIT_TYPE", "ADD-ON_CODE", "AOC_DELDT", "PRIMARY_CODE", "PRIMARY_CODE_DELDT", "AOC_EDIT_EFFDT", "AOC_EDIT_DELDT", "SPECIAL_INSTRUCTION_NOTES")
_TYPES = frozenset("123")
_DATE = re.compile(r"([0-9]{4})([0-9]{3})\Z")


def read_csv(where: str, data: bytes, findings: Findings) -> tuple[list[AddOn], int]:
    """Read the csv; return the edits and how many rows were read."""
    rows = csv_rows(where, data, findings)
    return ([], 0) if rows is None else _read(where, rows, findings)


def read_xlsx(where: str, data: bytes, findings: Findings) -> tuple[list[AddOn], int]:
    """Read the workbook; return the edits and how many rows were read."""
    rows = workbook.read(where, data, _is_heading, findings, otherwise="csv")
    return ([], 0) if rows is None else _read(where, rows or [(1, [])], findings)


def _is_heading(cells: list[str]) -> bool:
    return bool(cells) and cells[0].strip().upper() == _HEADER[0]


def _read(where: str, rows: list[tuple[int, list[str]]], findings: Findings) -> tuple[list[AddOn], int]:
    at = next((place for place, (_, cells) in enumerate(rows[: workbook.HEADING_WITHIN]) if _is_heading(cells)), None)
    found = [cell.strip().upper() for cell in rows[at][1]] if at is not None else []
    while found and not found[-1]:
        found.pop()
    if at is None or tuple(found) != _HEADER:
        missing = ", ".join(name for name in _HEADER if name not in found)
        findings.error(where, f"this layout is not known (missing or out of place: {missing or 'none'})", line=rows[at][0] if at is not None else 1, try_="import the add-on code edits as CMS ships them")
        return [], 0
    made: set[AddOn] = set()
    read_rows = 0
    for line, cells in rows[at + 1 :]:
        if not any(cell.strip() for cell in cells):
            continue
        read_rows += 1
        cells += [""] * (len(_HEADER) - len(cells))
        if any(cell.strip() for cell in cells[len(_HEADER) :]):
            findings.error(where, f"has {len(cells)} columns; the header has {len(_HEADER)}", line=line, try_="compare the row with CMS's own file")
            continue
        row = Row(where, line, cells, findings)
        kind, code, primary = row.one_of(0, _TYPES, "edit type"), row.code(1), row.code(3)
        effective, deleted = _date(row, 5), min((day for day in (_date(row, at) for at in (2, 4, 6)) if day), default="")
        if row.ok and not effective:
            row.fail(5, "an edit has its first day here", "compare this cell with CMS's own file")
        if row.ok:
            made.add(AddOn(code, primary, kind, effective, deleted, " ".join(row.text(7).strip('"').split())))
    return sorted(made), read_rows


def _date(row: Row, column: int) -> str:
    """Return CMS's day of a year (``2013365``) as an ISO date; blank for none."""
    text = row.text(column)
    match = _DATE.match(text)
    try:
        if match:
            return (datetime.date(int(match[1]), 1, 1) + datetime.timedelta(int(match[2]) - 1)).isoformat() if 1 <= int(match[2]) <= 366 else _wrong(row, column, text)
    except (ValueError, OverflowError):
        pass
    return "" if not text else _wrong(row, column, text)


def _wrong(row: Row, column: int, text: str) -> str:
    row.fail(column, f"{text[:40]!r} is not a day of a year (YYYYDDD)", "compare this cell with CMS's own file")
    return ""


CONTRACTOR = "CCCCC"
"""In the place of a primary code: each contractor defines them."""
assert CODE.match(CONTRACTOR)  # noqa: S101 - it must pass as a code
