"""Reads RBCS, CMS's Restructured BETOS classification: a category, subcategory and family for a code.

Editions until about 2023 give each assignment its first day; later ones mark the latest assignment of a code, and write the
names of the columns in other letters.
"""

from __future__ import annotations

import re
from datetime import date

from medpayiq.cms.cells import Row, csv_rows, words
from medpayiq.cms.records import Category
from medpayiq.findings import Findings

_NEEDED = {
    "HCPCS_CD": "code",
    "RBCS_CAT_DESC": "category",
    "RBCS_SUBCAT_DESC": "subcategory",
    "RBCS_FAMILY_DESC": "family",
}
_BY_DAY = {"RBCS_ASSIGNMENT_EFF_DT": "from", "RBCS_ASSIGNMENT_END_DT": "to"}
_MARKED = {"RBCS_LATEST_ASSIGNMENT": "latest"}
_ALSO_KNOWN = {
    *("RBCS_ID", "RBCS_CAT", "RBCS_CAT_SUBCAT", "RBCS_FAMNUMB", "RBCS_MAJOR_IND", "HCPCS_CD_ADD_DT", "HCPCS_CD_END_DT"),
    *("FIRST_RBCS_RELEASE_YEAR", "RBCS_ANALYSIS_START_DT", "RBCS_ANALYSIS_END_DT", "ALT_ASSIGNMENT_METHOD", "RBCS_ID_EVER_REASSIGNED"),
}
_NO_FAMILY = "No RBCS Family"
_DATE = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})\Z")


def read(where: str, data: bytes, findings: Findings) -> tuple[list[Category], int]:
    """Read the csv; of several assignments of a code the latest counts. Return the rows and how many were read."""
    rows = csv_rows(where, data, findings)
    if rows is None:
        return [], 0
    header = [words(cell) for cell in rows[0][1]] if rows else []
    needed = _NEEDED | (_MARKED if "RBCS_LATEST_ASSIGNMENT" in header else _BY_DAY)
    unknown = [name for name in header if name not in needed and name not in _ALSO_KNOWN]
    missing = [name for name in needed if name not in header]
    if unknown or missing:
        findings.error(where, f"this layout is not known (missing: {', '.join(missing) or 'none'}; unknown: {', '.join(unknown) or 'none'})", line=1, try_="import the RBCS csv as CMS ships it")
        return [], 0
    for position, name in enumerate(header):
        if name in header[:position]:
            findings.error(where, f"column {name!r} stands twice", line=1, column=position + 1, try_="download the file again")
            return [], 0
    at = {name: header.index(title) for title, name in needed.items()}
    latest: dict[str, tuple[date, Category]] = {}
    read_rows = 0
    for line, cells in rows[1:]:
        if not any(cell.strip() for cell in cells):
            continue
        read_rows += 1
        if len(cells) != len(header):
            findings.error(where, f"has {len(cells)} columns; the header has {len(header)}", line=line, try_="compare the row with CMS's own file")
            continue
        row = Row(where, line, cells, findings)
        family = row.text(at["family"])
        one = Category(row.code(at["code"]), row.text(at["category"]), row.text(at["subcategory"]), "" if family == _NO_FAMILY else family)
        if "latest" in at and row.text(at["latest"]) not in {"0", "1"}:
            row.fail(at["latest"], f"{row.text(at['latest'])!r} is neither 1, the latest assignment, nor 0", "download the file again")
        since = _day(row, at["from"]) if "from" in at else date.min
        if "latest" in at and row.text(at["latest"]) == "0":
            continue
        if not row.ok or since is None:
            continue
        before = latest.get(one.code)
        if before is None or since > before[0]:
            latest[one.code] = (since, one)
        elif since == before[0] and one != before[1]:
            row.fail(at.get("from", at.get("latest", 0)), f"{one.code} has two assignments {'from the same day' if 'from' in at else 'marked as the latest'}", "download the file again")
    return [one for _, (_, one) in sorted(latest.items())], read_rows


def _day(row: Row, column: int) -> date | None:
    match = _DATE.match(row.text(column))
    try:
        if match:
            return date(int(match[3]), int(match[1]), int(match[2]))
    except ValueError:
        pass
    row.fail(column, f"{row.text(column)!r} is not a date (MM/DD/YYYY)", "download the file again")
    return None
