"""Reads ZIP5, CMS's table of ZIP codes to carrier and locality, and groups it by three-digit beginning."""

from __future__ import annotations

import re
from collections import defaultdict
from operator import itemgetter

from medpayiq.cms import workbook
from medpayiq.cms.cells import Lines, Row, txt_rows, words
from medpayiq.cms.records import ZipArea
from medpayiq.findings import Findings

# ZIP5lyout.txt: state 1-2, ZIP 3-7, carrier 8-12, locality 13-14, rural 15, plus-four flag 21, year and quarter 76-80.
_ROW = re.compile(r"([A-Z]{2})([0-9]{5})([0-9]{5})([0-9]{2})([ RB])..[ RB]..([01]).{54}([0-9]{4}[1-4])\Z", re.DOTALL)
_ZIP, _QUARTER = 3, 76
"""Columns of the txt form that findings name."""

# The headings of the workbook, each with what a cell below it may be; in the order of the groups of ``_ROW``, then what is checked only.
_LOST = "leading zeros are lost: download the workbook again, or import the txt, and open neither in a spreadsheet"
_COMPARE = "compare this cell with CMS's own file; a new value must be reported"
_HEADINGS = {
    "STATE": (r"[A-Z]{2}", "two capitals", _COMPARE),
    "ZIP CODE": (r"[0-9]{5}", "five digits", _LOST),
    "CARRIER": (r"[0-9]{5}", "five digits", _LOST),
    "LOCALITY": (r"[0-9]{2}", "two digits", _LOST),
    "RURAL IND": (r"[RB]?", "blank, R or B", _COMPARE),
    "PLUS 4 FLAG": (r"[01]", "0 or 1", _COMPARE),
    "YEAR/QTR": (r"[0-9]{4}[1-4]", "a year and a quarter, such as 20261", _COMPARE),
    "RURAL IND2": (r"[RB]?", "blank, R or B", _COMPARE),
}
_TAKEN = 7
"""So many of the headings, from the first, make a record."""
# A sound row as one text; what does not match is looked at cell by cell.
_SOUND = re.compile("\t".join(f"({pattern})" for pattern, _, _ in _HEADINGS.values()))


def read_txt(where: str, data: bytes, findings: Findings) -> tuple[list[ZipArea], Lines, int, str | None]:
    """Read the txt form; return the areas, the first line of each locality, the rows read, and the quarter it holds (``2025-Q4``)."""
    table = _Table(where, findings, _ZIP, _QUARTER)
    rows = txt_rows(data)
    for line, row in rows:
        match = _ROW.match(row)
        if match is None:
            findings.error(where, "does not fit the layout (80 characters; state, ZIP, carrier, locality, flags, year and quarter)", line=line, try_="download the file again; a changed layout must be reported")
            continue
        table.add(line, *match.groups())
    return table.areas(), table.places, len(rows), table.quarter()


def read_xlsx(where: str, data: bytes, findings: Findings) -> tuple[list[ZipArea], Lines, int, str | None]:
    """Read the workbook, whose columns are found by their headings; return what the txt form gives."""
    rows = workbook.read(where, data, _is_heading, findings, otherwise="txt")
    at = next((place for place, (_, cells) in enumerate(rows[: workbook.HEADING_WITHIN]) if _is_heading(cells)), None) if rows else None
    if rows is None:
        return [], {}, 0, None
    heading = [words(cell) for cell in rows[at][1]] if at is not None else []
    missing = [name for name in _HEADINGS if name not in heading]
    twice = [name for name in _HEADINGS if heading.count(name) > 1]
    if at is None or missing or twice:
        wrong = f"no column {', '.join(missing)}" if missing else f"two columns {', '.join(twice)}"
        findings.error(where, f"this layout is not known ({wrong})", line=rows[at][0] if at is not None else 1, try_="import the table as CMS ships it, or the txt; a changed layout must be reported")
        return [], {}, 0, None
    columns = [(heading.index(name), name, *fits) for name, fits in _HEADINGS.items()]
    named, nameless = itemgetter(*(column for column, *_ in columns)), [column for column, name in enumerate(heading) if not name]
    table = _Table(where, findings, columns[1][0] + 1, columns[6][0] + 1)
    read_rows = 0
    for line, cells in rows[at + 1 :]:
        match = _SOUND.fullmatch("\t".join(named(cells)))
        if match is not None and not any(cells[column] for column in nameless):
            read_rows += 1
            table.add(line, *match.groups()[:_TAKEN])
            continue
        if not any(cell.strip() for cell in cells):
            continue
        read_rows += 1
        row = Row(where, line, cells, findings)
        for column in nameless:
            if text := row.text(column):
                row.fail(column, f"{text[:40]!r} stands in a column without a heading", "compare the row with CMS's own file")
        found = []
        for column, name, pattern, is_, try_ in columns:
            text = row.text(column)
            if not re.fullmatch(pattern, text):
                row.fail(column, f"{name}: {text[:40]!r} is not {is_}", try_)
            found.append(text)
        if row.ok:
            table.add(line, *found[:_TAKEN])
    return table.areas(), table.places, read_rows, table.quarter()


def _is_heading(cells: list[str]) -> bool:
    return {"ZIP CODE", "CARRIER"} <= {words(cell) for cell in cells}


class _Table:
    """Takes the sound rows of either form; what is wrong between rows is a finding at the columns given."""

    def __init__(self, where: str, findings: Findings, zip_column: int, quarter_column: int) -> None:
        self._where = where
        self._findings = findings
        self._columns = zip_column, quarter_column
        self.places: Lines = {}
        """The first line of each locality."""
        self._quarters: dict[str, int] = {}
        self._seen: dict[str, int] = {}
        self._areas: dict[tuple[str, str, str, str, str, str], list[str]] = defaultdict(list)

    def add(self, line: int, state: str, code: str, mac: str, locality: str, rural: str, split: str, quarter: str) -> None:
        """Take one row; a ZIP code that stood above is refused."""
        if code in self._seen:
            self._findings.error(self._where, f"ZIP {code} stands twice; first on line {self._seen[code]}", line=line, column=self._columns[0], try_="download the file again")
            return
        self._seen[code] = line
        self._quarters.setdefault(quarter, line)
        self.places.setdefault((mac, locality), line)
        self._areas[code[:3], state, mac, locality, split, rural.strip()].append(code[3:])

    def areas(self) -> list[ZipArea]:
        """Return the records, in order."""
        return [ZipArea(*key, endings="".join(sorted(endings))) for key, endings in sorted(self._areas.items())]

    def quarter(self) -> str | None:
        """Return the quarter of the rows; rows of another are each quarter's one finding."""
        for quarter, line in list(self._quarters.items())[1:]:
            self._findings.error(self._where, f"quarter {quarter} differs from the rows above", line=line, column=self._columns[1], try_="one file holds one quarter: download it again")
        first = next(iter(self._quarters), None)
        return f"{first[:4]}-Q{first[4]}" if first else None
