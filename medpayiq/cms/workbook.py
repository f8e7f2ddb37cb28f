"""Reads the sheet of a workbook (xlsx) that has a table, as text, cell by cell; refuses what is none, or too large when unpacked."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

from medpayiq.findings import Findings

Rows = list[tuple[int, list[str]]]
"""(line, cells) of every row, blank ones included; the line counts from 1, as the spreadsheet does."""

HEADING_WITHIN = 20
"""Rows in which the heading is looked for: titles may stand above it."""
_MOST_UNPACKED = 200 * 2**20
"""Bytes of all parts together; CMS's largest has some 18 MB."""
_PARTS = (".xml", ".rels")
# The library takes room for every cell between A1 and the last one, and ends the whole program where there is none.
# A row or cell at 200,000 or below, or to the right of column Z. The first pattern is quick, and finds nothing in CMS's; the second, whether it holds something.
_PERHAPS_FAR = re.compile(rb""" r=["'](?:[A-Za-z]{2}|[A-Za-z]?(?:[2-9][0-9]{5}|[0-9]{7}))""")
_FAR = re.compile(rb"""<(?:\w+:)?(?:row|c)\s(?:[^>]*?\s)?r=["'](?:[A-Za-z]{2,}[0-9]*|[A-Za-z]?(?:[2-9][0-9]{5}|[0-9]{7,}))["'][^>]*(?<!/)>""")
# The library reads such a cell as a blank one.
_ERRORS = (b't="e"', b"t='e'")
_ERROR = re.compile(rb"""<(?:\w+:)?c\s[^>]*?\bt=["']e["'][^>]*>""")
_PLACE = re.compile(rb"""\sr=["']([A-Z])([0-9]+)["']""")


def read(where: str, data: bytes, is_heading: Callable[[list[str]], bool], findings: Findings, *, otherwise: str) -> Rows | None:
    """Return the rows of the sheet with the heading, of the first sheet where none has it; None where it is no workbook.

    Hidden sheets are not looked at. ``otherwise`` names the form that CMS's table may be had in as well.
    """
    # Only needed here.
    import python_calamine

    try:
        parts = _unpacked(data)
        if parts is None:
            findings.error(where, f"unpacks to more than {_MOST_UNPACKED:,} bytes", try_=f"this is not a workbook as CMS ships it: download it again, or import the {otherwise}")
            return None
        if any(_PERHAPS_FAR.search(part) and _FAR.search(part) for part in parts.values()):
            findings.error(where, "has cells right of column Z or below row 199,999", try_=f"this is not a workbook as CMS ships it: download it again, or import the {otherwise}")
            return None
        book = python_calamine.load_workbook(io.BytesIO(_packed(parts)))
        seen = [one.name for one in book.sheets_metadata if one.visible == python_calamine.SheetVisibleEnum.Visible and one.typ == python_calamine.SheetTypeEnum.WorkSheet]
        sheets = {name: [(line, [cell if isinstance(cell, str) else _text(cell) for cell in cells]) for line, cells in enumerate(book.get_sheet_by_name(name).to_python(skip_empty_area=False), 1)] for name in seen}
    except BaseException as problem:  # whatever a damaged workbook makes the library raise; a panic of it is no Exception
        if isinstance(problem, KeyboardInterrupt | SystemExit):
            raise
        findings.error(where, f"is not a workbook that can be read ({type(problem).__name__})", try_=f"download it again, or import the {otherwise}")
        return None
    if not sheets:
        findings.error(where, "has no sheet that is not hidden", try_=f"download it again, or import the {otherwise}")
        return None
    fitting = [name for name, rows in sheets.items() if any(is_heading(cells) for _, cells in rows[:HEADING_WITHIN])]
    if len(fitting) > 1:
        findings.error(where, f"has the table on several sheets: {', '.join(repr(name) for name in fitting)}", try_="leave the sheet with CMS's table alone in the workbook, or download it again")
        return None
    for mark in (mark for part in parts.values() if any(one in part for one in _ERRORS) for mark in _ERROR.finditer(part)):
        place = _PLACE.search(mark[0])
        column, line = (place[1].decode(), int(place[2])) if place else ("", 0)
        findings.error(where, f"cell {column}{line or ''} holds a spreadsheet's error, such as #N/A, in the place of a value", line=line, column=ord(column) - 64 if column else 0, try_="compare this cell with CMS's own file")
    return sheets[fitting[0] if fitting else seen[0]]


def _unpacked(data: bytes) -> dict[str, bytes] | None:
    """Return the parts of a workbook that hold tables; None where they are too large. The sizes a zip states bound what is read."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(one.file_size for one in archive.infolist()) > _MOST_UNPACKED:
            return None
        return {one.filename: archive.read(one) for one in archive.infolist() if one.filename.lower().endswith(_PARTS)}


def _packed(parts: dict[str, bytes]) -> bytes:
    """Return the parts as a zip again, so that the library unpacks nothing that was not counted."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return made.getvalue()


def _text(cell: object) -> str:
    """Return a cell as text; the library has every number as a float."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
