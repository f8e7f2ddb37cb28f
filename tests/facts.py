"""CMS's files as the tests read them: by column number, with fractions, and with nothing of the package."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

from machine import CMS, SHARED

ORACLE = SHARED / "oracle"
RVU26C = CMS / "rvu26c" / "PPRRVU2026_Jul_nonQPP.csv"
RVU25D = CMS / "rvu25d" / "PPRRVU2025_Oct.csv"
NON_QP, QP, ALL_2025 = Fraction("33.4009"), Fraction("33.5675"), Fraction("32.3465")
"""Conversion factors of the payment specification, section 1.6."""
OFFICE, FACILITY = "office", "facility"
STATUSES_PAID = "ART"
TECHNICAL = "345"
"""PC/TC indicators that are not paid in a facility, marked NA or not (payment specification, section 2)."""
ADDENDUM_TEXT = {"C": "NO_NATIONAL_RULE", "R": "NO_NATIONAL_RULE", "B": "BUNDLED", "P": "BUNDLED_OR_EXCLUDED", "E": "NOT_PFS", "X": "NOT_PFS"}
RESULTS = ADDENDUM_TEXT | {"I": "NOT_VALID_FOR_MEDICARE", "M": "REPORT_ONLY", "N": "NON_COVERED", "J": "NEEDS_ANESTHESIA_INPUT"}
"""Status to result where there is no amount: payment specification, sections 0 and 3."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of PPRRVU; numbers are fractions of the printed text."""

    code: str
    modifier: str
    text: str
    """CMS's short text. For a CPT or D code it belongs to others: tests look for it where it must not be."""
    status: str
    plus: bool
    work: Fraction
    pe: dict[str, Fraction]
    na: dict[str, bool]
    mp: Fraction
    pctc: str
    glob: str
    pre: Fraction
    intra: Fraction
    post: Fraction
    mult: str
    bilat: str
    asst: str
    cosurg: str
    team: str
    endo_base: str
    supervision: str
    opps_pe: dict[str, Fraction]
    opps_mp: Fraction

    @property
    def has_rvus(self) -> bool:
        """Whether any RVU of the row is not zero."""
        return any((self.work, self.pe[OFFICE], self.pe[FACILITY], self.mp))

    @property
    def priced(self) -> bool:
        """Whether the RVUs are used for payment: status A, R or T, no ``+`` (payment specification, section 3)."""
        return self.status in STATUSES_PAID and not self.plus and self.has_rvus

    def fee(self, factor: Fraction, setting: str) -> int:
        """Return the fee schedule amount in cents before the imaging cap, whether or not it is payable."""
        return half_up((self.work + self.pe[setting] + self.mp) * factor * 100)

    def cap(self, factor: Fraction, setting: str) -> int | None:
        """Return the imaging cap in cents, for a row that has one (payment specification, section 1.8)."""
        if not (self.opps_pe[setting] or self.opps_mp):
            return None
        return half_up((self.work + self.opps_pe[setting] + self.opps_mp) * factor * 100)

    def outcome(self, factor: Fraction, setting: str) -> tuple[str, int | None]:
        """Return the national result and the allowed amount in cents (payment specification, sections 0 to 3)."""
        if not self.priced:
            return RESULTS[self.status], None
        if self.pctc == "8" and setting == OFFICE:
            return "NOT_PAID_IN_SETTING", None
        if setting == FACILITY and (self.pctc in TECHNICAL or (self.na[FACILITY] and self.pctc != "7")):
            return "NOT_PAID_IN_FACILITY", None
        cap = self.cap(factor, setting)
        fee = self.fee(factor, setting)
        return "AMOUNT", fee if cap is None else min(fee, cap)


def half_up(value: Fraction) -> int:
    """Round a fraction that is not negative to a whole number, halves up."""
    return (value + Fraction(1, 2)).__floor__()


def money(cents: int) -> str:
    """Write cents as a page does."""
    return f"${cents // 100:,}.{cents % 100:02d}"


@cache
def rows(path: Path) -> tuple[Row, ...]:
    """Read PPRRVU in its csv form: 31 columns until 2025, 32 from 2026 on (PRIC IND at 23)."""
    made = []
    with path.open(encoding="latin-1", newline="") as file:
        for cells in csv.reader(file):
            # Titles and the stacked header have no code of five characters in the first column.
            if not re.fullmatch(r"[0-9A-Z]{5}", cells[0]) or cells[0] == "HCPCS":
                continue
            late = 1 if len(cells) == 32 else 0
            assert len(cells) == 31 + late, cells
            made.append(_row([cell.strip() for cell in cells], late))
    return tuple(made)


def _row(cells: list[str], late: int) -> Row:
    number = [Fraction(0)] * len(cells)
    for at in (5, 6, 8, 10, 15, 16, 17, *(column + late for column in (28, 29, 30))):
        number[at] = Fraction(cells[at])
    return Row(
        *cells[:4],
        plus=cells[4] == "+",
        work=number[5],
        pe={OFFICE: number[6], FACILITY: number[8]},
        na={OFFICE: cells[7] == "NA", FACILITY: cells[9] == "NA"},
        mp=number[10],
        pctc=cells[13],
        glob=cells[14],
        pre=number[15],
        intra=number[16],
        post=number[17],
        mult=cells[18],
        bilat=cells[19],
        asst=cells[20],
        cosurg=cells[21],
        team=cells[22],
        endo_base=cells[23 + late],
        supervision=cells[25 + late],
        opps_pe={OFFICE: number[28 + late], FACILITY: number[29 + late]},
        opps_mp=number[30 + late],
    )


@cache
def by_code(path: Path = RVU26C) -> dict[str, dict[str, Row]]:
    """Return code to rows by modifier, in the file's order."""
    made: dict[str, dict[str, Row]] = {}
    for row in rows(path):
        made.setdefault(row.code, {})[row.modifier] = row
    return made


def main_row(rows_of_code: dict[str, Row]) -> Row:
    """Return the row without modifier; where there is none (86153), the only one."""
    return rows_of_code.get("") or next(iter(rows_of_code.values()))


def shown_row(rows_of_code: dict[str, Row]) -> Row | None:
    """Return the row whose amount a page shows large: the whole service, else a priced reading (26), else none."""
    for modifier in ("", "26"):
        row = rows_of_code.get(modifier)
        if row is not None and row.priced:
            return row
    return None


@cache
def gpcis(path: Path) -> dict[tuple[str, str], tuple[Fraction, Fraction, Fraction]]:
    """Return (carrier, locality) to its work, PE and MP index, from a GPCI file of 7 columns."""
    made = {}
    with path.open(encoding="latin-1", newline="") as file:
        for cells in csv.reader(file):
            if re.fullmatch(r"\d{5}", cells[0].strip()):
                work, pe, mp = (Fraction(cell) for cell in cells[4:7])
                made[cells[0].strip(), cells[2].strip().zfill(2)] = work, pe, mp
    return made


def published(path: Path) -> Iterator[tuple[str, str, str, str, int, int]]:
    """Yield (carrier, locality, code, modifier, office cents, facility cents) of a PFREV file."""
    with path.open(encoding="latin-1", newline="") as file:
        for cells in csv.reader(file):
            if len(cells) == 16:
                _, carrier, locality, code, modifier, office, facility = (cell.strip() for cell in cells[:7])
                yield carrier, locality, code, modifier, _cents(office), _cents(facility)


def _cents(text: str) -> int:
    dollars, _, cents = text.partition(".")
    assert len(cents) == 2, text
    return int(dollars) * 100 + int(cents)


@cache
def codes_of_release(name: str) -> dict[str, str]:
    """Return code to status of its first row in a release held in ../shared, from its csv or its txt."""
    folder = CMS / name if (CMS / name).is_dir() else CMS / "history" / name
    found = sorted(folder.glob("PPRRVU*.csv")) or sorted(folder.glob("PPRRVU*.txt"))
    made: dict[str, str] = {}
    if found[0].suffix == ".csv":
        with found[0].open(encoding="latin-1", newline="") as file:
            for cells in csv.reader(file):
                if re.fullmatch(r"[0-9A-Z]{5}", cells[0].strip()) and cells[0] != "HCPCS":
                    made.setdefault(cells[0].strip(), cells[3].strip())
        return made
    for line in found[0].read_text(encoding="latin-1").splitlines():
        # Fixed width: the code stands in 1 to 5, the modifier in 6 and 7, 50 characters of text, then the status.
        if re.fullmatch(r"[0-9A-Z]{5}", line[:5]) and len(line) > 100:
            made.setdefault(line[:5], line[57:58])
    return made


BEFORE = ("rvu20d", "rvu21d", "rvu22d", "rvu23d", "rvu24a", "rvu24c", "rvu25d", "rvu26b")
"""Folders of the releases before RVU26C, oldest first."""


@cache
def gone() -> dict[str, str]:
    """Return the codes that a release before RVU26C has and RVU26C has not, with their last status."""
    made: dict[str, str] = {}
    for name in BEFORE:
        made |= codes_of_release(name)
    return {code: status for code, status in made.items() if code not in by_code()}
