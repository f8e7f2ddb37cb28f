"""Names of CMS's quarterly releases and the days they hold for."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

_MONTHS = {"JAN": "A", "APR": "B", "JUL": "C", "OCT": "D"}
_QUARTERS = {"A": ("01-01", "03-31"), "B": ("04-01", "06-30"), "C": ("07-01", "09-30"), "D": ("10-01", "12-31")}
_NAME = re.compile(r"RVU([0-9]{2})([A-D])(?:R[0-9]?)?\Z")


@dataclass(frozen=True, slots=True)
class Release:
    """A quarterly release: ``RVU26C`` holds from 2026-07-01 to 2026-09-30."""

    name: str
    year: int
    quarter: str
    effective_from: str
    effective_to: str


def of_day(day: datetime.date) -> Release:
    """Return the release of the quarter that holds a day."""
    letter = "ABCD"[(day.month - 1) // 3]
    start, end = _QUARTERS[letter]
    return Release(f"RVU{day.year % 100:02d}{letter}", day.year, letter, f"{day.year}-{start}", f"{day.year}-{end}")


def of_quarter(quarter: str) -> Release:
    """Return the release of a quarter in words (``2026 Q3``)."""
    year, _, number = quarter.partition(" Q")
    return of_day(datetime.date(int(year), int(number) * 3, 1))


def of_month(year: int, month: str) -> Release | None:
    """Return the release that CMS titles with this year and month (``JUL``), or None for another month."""
    letter = _MONTHS.get(month.upper()[:3])
    return None if letter is None else named(f"RVU{year % 100:02d}{letter}")


def named(name: str) -> Release | None:
    """Return the release of this name, or None; a correction shares its quarter's dates until told otherwise.

    CMS named the correction of RVU24A itself (``RVU24AR``); a second one of a quarter is ``RVU24AR2``.
    """
    match = _NAME.match(name.upper())
    if match is None:
        return None
    year = 2000 + int(match[1])
    start, end = _QUARTERS[match[2]]
    return Release(match[0], year, match[2], f"{year}-{start}", f"{year}-{end}")
