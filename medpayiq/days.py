"""Tells days of the calendar from other text, and writes them in words."""

from __future__ import annotations

import datetime
from functools import lru_cache

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")


def is_day(text: str) -> bool:
    """Say whether a text is a day of the calendar, written as 2026-11-25: the one form of it that sorts as text."""
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def long_date(iso: str) -> str:
    """Write an ISO date in words: ``January 1, 2018``."""
    day = datetime.date.fromisoformat(iso)
    return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"


@lru_cache(maxsize=1024)
def period(start: str, end: str) -> str:
    """Write a release's dates in words: ``July to September 2026``; odd days are named."""
    first, last = datetime.date.fromisoformat(start), datetime.date.fromisoformat(end)
    whole = first.day == 1 and (last + datetime.timedelta(days=1)).day == 1
    if first.year != last.year:
        return f"{_MONTHS[first.month - 1]} {first.year} to {_MONTHS[last.month - 1]} {last.year}" if whole else f"{long_date(start)} to {long_date(end)}"
    if not whole:
        return f"{long_date(start).split(',')[0]} to {long_date(end)}"
    return f"{_MONTHS[first.month - 1]} to {_MONTHS[last.month - 1]} {last.year}" if first.month != last.month else f"{_MONTHS[last.month - 1]} {last.year}"
