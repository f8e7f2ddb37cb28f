"""Reads CMS's medically unlikely edits for practitioners: the most units of a code, and how the limit is applied."""

from __future__ import annotations

import re

from medpayiq.cms.cells import Row, csv_rows, words
from medpayiq.cms.records import UnitLimit
from medpayiq.findings import Findings

_HEADER = ("HCPCS/ CPT CODE", "PRACTITIONER SERVICES MUE VALUES", "MUE ADJUDICATION INDICATOR", "MUE RATIONALE")
_INDICATOR = re.compile(r"([123])(?: .*)?\Z")
_UNITS = re.compile(r"[0-9]{1,6}\Z")


def read(where: str, data: bytes, findings: Findings) -> tuple[list[UnitLimit], int]:
    """Read the csv; return the limits and how many rows were read."""
    rows = csv_rows(where, data, findings)
    if rows is None:
        return [], 0
    # The notice of copyright above the header has several lines, and the header itself a line end inside a quoted name.
    at = next((place for place, (_, cells) in enumerate(rows[:20]) if cells and words(cells[0]).replace("/CPT", "/ CPT") == _HEADER[0]), None)
    if at is None:
        findings.error(where, "this layout is not known: no header that begins with HCPCS/CPT Code", line=1, try_="import the practitioner MUE csv as CMS ships it")
        return [], 0
    line, header = rows[at]
    found = tuple(words(cell).replace("/CPT", "/ CPT") for cell in header)
    while found and not found[-1]:
        found = found[:-1]
    if found != _HEADER:
        column = next((place for place, (one, known) in enumerate(zip(found, _HEADER, strict=False)) if one != known), min(len(found), len(_HEADER)))
        named = found[column] if column < len(found) else "missing"
        wanted = _HEADER[column] if column < len(_HEADER) else "nothing"
        findings.error(where, f"this layout is not known: its column {column + 1} is {named}, not {wanted}", line=line, column=column + 1, try_="import the MUE csv of practitioner services; those of hospitals and suppliers are others")
        return [], 0
    made: dict[str, UnitLimit] = {}
    read_rows = 0
    for line, cells in rows[at + 1 :]:
        if not any(cell.strip() for cell in cells):
            continue
        read_rows += 1
        if len(cells) < len(_HEADER) or any(cell.strip() for cell in cells[len(_HEADER) :]):
            findings.error(where, f"has {len(cells)} columns; the header has {len(_HEADER)}", line=line, try_="compare the row with CMS's own file")
            continue
        row = Row(where, line, cells, findings)
        code, units, indicator = row.code(0), row.text(1), _INDICATOR.match(row.text(2))
        if not _UNITS.match(units):
            row.fail(1, f"units: {units[:40]!r} is not a whole number", "compare this cell with CMS's own file")
        if indicator is None:
            row.fail(2, f"adjudication indicator: {row.text(2)[:40]!r} does not begin with 1, 2 or 3", "compare this cell with CMS's own file; report a new value")
        if code in made:
            row.fail(0, f"{code} stands twice", "download the file again")
        if row.ok and indicator is not None:
            made[code] = UnitLimit(code, int(units), indicator[1], " ".join(row.text(3).split()))
    return sorted(made.values()), read_rows
