"""Reads OPPSCAP, the capped imaging amounts by carrier and locality (facility price first)."""

from __future__ import annotations

from medpayiq.cms.cells import Lines, Row, csv_rows, txt_rows, words
from medpayiq.cms.records import CENT_PLACES, OppsCap
from medpayiq.findings import Findings

_HEADER = ("HCPCS", "MOD", "PROCSTAT", "CARRIER", "LOCALITY", "FACILITY PRICE", "NON-FACILTY PRICE")
_CORRECTED = (*_HEADER[:-1], "NON-FACILITY PRICE")
"""CMS's header misspells its last column; a corrected one is as good."""
# First and last position, counted from 1; the form has no header, the year decides.
_TXT_WIDTH = 38
_TXT = {2025: ((1, 5), (6, 7), (9, 9), (11, 15), (18, 19), (20, 28), (30, 38))}
_MODIFIERS = frozenset({"", "TC"})
_STATUS = frozenset("ACR")


def read_csv(where: str, data: bytes, findings: Findings) -> tuple[list[OppsCap], Lines, int]:
    """Read the csv form; return the rows, the first line of each locality and how many were read."""
    rows = csv_rows(where, data, findings)
    if rows is None:
        return [], {}, 0
    if not rows or tuple(words(cell) for cell in rows[0][1]) not in {_HEADER, _CORRECTED}:
        findings.error(where, f"its first row is not {', '.join(_HEADER)}: this layout is not known", line=1, try_="import the OPPSCAP csv as CMS ships it")
        return [], {}, 0
    lines = [(line, cells) for line, cells in rows[1:] if any(cell.strip() for cell in cells)]
    return *_read(where, lines, findings), len(lines)


def read_txt(where: str, data: bytes, year: int, findings: Findings) -> tuple[list[OppsCap], Lines, int]:
    """Read the fixed-width form of ``year``; a year whose layout is not known is refused."""
    layout = _TXT.get(year)
    if layout is None:
        findings.error(where, f"the fixed-width layout of {year} is not known", try_="import the csv form of the same table")
        return [], {}, 0
    rows = txt_rows(data)
    lines: list[tuple[int, list[str]]] = []
    for line, text in rows:
        if len(text) != _TXT_WIDTH:
            findings.error(where, f"is {len(text)} characters wide; the layout of {year} has {_TXT_WIDTH}", line=line, try_="download the file again; do not edit it")
            continue
        lines.append((line, [text[first - 1 : last] for first, last in layout]))
    return *_read(where, lines, findings), len(rows)


def _read(where: str, lines: list[tuple[int, list[str]]], findings: Findings) -> tuple[list[OppsCap], Lines]:
    kept: list[OppsCap] = []
    places: Lines = {}
    seen: dict[tuple[str, ...], int] = {}
    for line, cells in lines:
        if len(cells) != len(_HEADER):
            findings.error(where, f"has {len(cells)} columns; the header has {len(_HEADER)}", line=line, try_="compare the row with CMS's own file")
            continue
        row = Row(where, line, cells, findings)
        one = OppsCap(
            row.code(0),
            row.one_of(1, _MODIFIERS, "modifier"),
            row.one_of(2, _STATUS, "status"),
            row.mac(3),
            row.locality(4),
            row.scaled(5, CENT_PLACES, "facility price"),
            row.scaled(6, CENT_PLACES, "non-facility price"),
        )
        key = (one.code, one.modifier, one.mac, one.locality)
        if key in seen:
            row.fail(0, f"{'-'.join(filter(None, key[:2]))} in {one.mac}/{one.locality} stands twice; first on line {seen[key]}", "download the file again")
        seen.setdefault(key, line)
        if row.ok:
            kept.append(one)
            places.setdefault((one.mac, one.locality), line)
    return kept, places
