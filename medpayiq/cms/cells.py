"""Reads single cells of CMS's tables: exact decimals, codes, MAC and locality numbers, or a finding."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

from medpayiq.findings import Findings

Lines = dict[tuple[str, str], int]
"""(MAC, locality) to the first line that has it, so that tables can be held against each other."""

CODE = re.compile(r"[A-Z0-9]{5}\Z")
_DECIMAL = re.compile(r"([0-9]*)(?:\.([0-9]*))?\Z")
_MAC = re.compile(r"[0-9]{5}\Z")
_LOCALITY = re.compile(r"[0-9]{2}\Z")
_MOST_DIGITS = 9
"""Before the point; CMS's largest figures have five."""


@dataclass(slots=True)
class Row:
    """One row being read: knows its file and line, turns cells into values, reports what does not fit."""

    file: str
    line: int
    cells: list[str]
    findings: Findings
    ok: bool = True

    def text(self, column: int) -> str:
        """Return the cell without surrounding blanks."""
        return self.cells[column].strip()

    def fail(self, column: int, message: str, try_: str = "") -> None:
        """Report an error at a column (counted from 0; shown from 1)."""
        self.ok = False
        self.findings.error(self.file, message, line=self.line, column=column + 1, try_=try_)

    def scaled(self, column: int, places: int, name: str) -> int:
        """Return a non-negative decimal times ten to the ``places``; more places than that are an error."""
        text = self.cells[column].strip()
        match = _DECIMAL.match(text)
        if match is None or text in {"", "."}:
            self.fail(column, f"{name}: {_shown(text)} is not a number", "compare this cell with CMS's own file; a number such as 0.50 belongs here")
            return 0
        whole, fraction = match.group(1), match.group(2) or ""
        if len(fraction) > places:
            if fraction[places:].strip("0"):
                self.fail(column, f"{name}: {_shown(text)} has more than {places} decimal places", "this layout is not known: report it, with the file's name")
                return 0
            fraction = fraction[:places]
        if len(whole.lstrip("0")) > _MOST_DIGITS:
            self.fail(column, f"{name}: a number of {len(whole)} digits", "compare this cell with CMS's own file; a number such as 0.50 belongs here")
            return 0
        return int((whole or "0") + fraction.ljust(places, "0"))

    def one_of(self, column: int, allowed: frozenset[str], name: str) -> str:
        """Return the cell, which must be one of CMS's values for this column."""
        text = self.cells[column].strip()
        if text not in allowed:
            shown = ", ".join(sorted(repr(one) for one in allowed))
            self.fail(column, f"{name}: {_shown(text)} is not a value this layout knows ({shown})", "see the record layout of this release; report a new value")
        return text

    def short(self, column: int, pattern: re.Pattern[str], name: str) -> str:
        """Return the cell, which must be blank or of the short form CMS uses in this column."""
        text = self.text(column)
        if text and not pattern.match(text):
            self.fail(column, f"{name}: {_shown(text)} is not a value this layout knows", "see the record layout of this release; report a new form")
        return text

    def code(self, column: int) -> str:
        """Return a CPT or HCPCS code: five characters, digits and capitals."""
        text = self.text(column)
        if not CODE.match(text):
            hint = "leading zeros are lost: open the file as text, not in a spreadsheet" if text.isdigit() and len(text) < 5 else "five digits or capitals belong here"
            self.fail(column, f"code: {_shown(text)} is not a CPT or HCPCS code", hint)
        return text

    def mac(self, column: int) -> str:
        """Return a MAC number of five digits."""
        text = self.text(column)
        if not _MAC.match(text):
            self.fail(column, f"MAC: {_shown(text)} is not five digits", "leading zeros are lost: open the file as text, not in a spreadsheet")
        return text

    def locality(self, column: int) -> str:
        """Return a locality number of two digits."""
        text = self.text(column)
        if not _LOCALITY.match(text):
            self.fail(column, f"locality: {_shown(text)} is not two digits", "leading zeros are lost: open the file as text, not in a spreadsheet")
        return text


def _shown(text: str) -> str:
    """Return a cell as messages quote it: what it begins with is enough to find it."""
    return repr(text if len(text) <= 40 else f"{text[:40]}...")


def decode(data: bytes) -> str:
    """Return CMS's bytes as text: latin-1, which knows every byte, without DOS end mark or byte order mark.

    NUL bytes at the end stay: they are what a download leaves that was cut off.
    """
    return data.removeprefix(b"\xef\xbb\xbf").rstrip(b"\x1a").decode("latin-1")


def is_wide(where: str, data: bytes, findings: Findings) -> bool:
    """Say whether a table was saved in two bytes a character (UTF-16), as spreadsheets do; that is one error, not one a row."""
    begins = data[:64]
    wide = begins.startswith((b"\xff\xfe", b"\xfe\xff")) or (len(begins) > 3 and (not any(begins[::2]) or not any(begins[1::2])))
    if wide and any(begins):
        findings.error(where, "is saved as UTF-16, two bytes a character; CMS's tables have one", line=1, try_="use the file of CMS's zip as it is, or save this one as plain text (csv, not Unicode text)")
    return wide and any(begins)


def csv_rows(where: str, data: bytes, findings: Findings) -> list[tuple[int, list[str]]] | None:
    """Return (line, cells) of every csv row; the line is where the row starts, counted from 1.

    What cannot be split into rows becomes an error at the row where that begins, and None is returned.
    """
    text = decode(data)
    if "\x00" in text:
        findings.error(where, "is not csv: it holds a NUL byte", line=text.count("\n", 0, text.index("\x00")) + 1, try_="download the file again")
        return None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, list[str]]] = []
    start = 1
    try:
        for cells in reader:
            rows.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as problem:
        findings.error(where, f"is not csv: {problem}", line=start, try_="download the file again; look for a quote that is not closed")
        return None
    return rows


def txt_rows(data: bytes) -> list[tuple[int, str]]:
    """Return (line, text) of every row of a fixed-width file that is not blank."""
    rows = ((line, text.rstrip("\r")) for line, text in enumerate(decode(data).split("\n"), 1))
    return [(line, text) for line, text in rows if text.strip()]


def words(text: str) -> str:
    """Return a header in one form: capitals, single blanks."""
    return " ".join(text.upper().split())
