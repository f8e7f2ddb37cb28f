"""Reads ZIP5, CMS's table of ZIP codes to carrier and locality, and groups it by three-digit beginning."""

from __future__ import annotations

import re
from collections import defaultdict

from medpayiq.cms.cells import Lines, txt_rows
from medpayiq.cms.records import ZipArea
from medpayiq.findings import Findings

# ZIP5lyout.txt: state 1-2, ZIP 3-7, carrier 8-12, locality 13-14, rural 15, plus-four flag 21, year and quarter 76-80.
_ROW = re.compile(r"([A-Z]{2})([0-9]{5})([0-9]{5})([0-9]{2})([ RB])..[ RB]..([01]).{54}([0-9]{4}[1-4])\Z", re.DOTALL)


def read(where: str, data: bytes, findings: Findings) -> tuple[list[ZipArea], Lines, int, str | None]:
    """Read the txt form; return the areas, the first line of each locality, the rows read, and the quarter it holds (``2025-Q4``)."""
    read_rows = 0
    places: Lines = {}
    quarters: dict[str, int] = {}
    seen: dict[str, int] = {}
    areas: dict[tuple[str, str, str, str, str, str], list[str]] = defaultdict(list)
    for line, row in txt_rows(data):
        read_rows += 1
        match = _ROW.match(row)
        if match is None:
            findings.error(where, "does not fit the layout (80 characters; state, ZIP, carrier, locality, flags, year and quarter)", line=line, try_="download the file again; a changed layout must be reported")
            continue
        state, code, mac, locality, rural, split, quarter = match.groups()
        if code in seen:
            findings.error(where, f"ZIP {code} stands twice; first on line {seen[code]}", line=line, column=3, try_="download the file again")
            continue
        seen[code] = line
        quarters.setdefault(quarter, line)
        places.setdefault((mac, locality), line)
        areas[code[:3], state, mac, locality, split, rural.strip()].append(code[3:])
    for quarter, line in list(quarters.items())[1:]:
        findings.error(where, f"quarter {quarter} differs from the rows above", line=line, column=76, try_="one file holds one quarter: download it again")
    quarter = next(iter(quarters), None)
    rows = [ZipArea(*key, endings="".join(sorted(endings))) for key, endings in sorted(areas.items())]
    return rows, places, read_rows, f"{quarter[:4]}-Q{quarter[4]}" if quarter else None
