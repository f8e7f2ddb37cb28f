"""Says which of the releases at hand answers for a day of service."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple


class Period(NamedTuple):
    """Days, first and last included, for which one release answers; ISO dates."""

    effective_from: str
    effective_to: str
    release: str
    missing: str = ""
    """The release that CMS put in its place for these days, where that one is not at hand."""


def periods(claims: Iterable[Period]) -> tuple[Period, ...]:
    """Return the days of service that releases answer for, in order, no day twice, from the days that each of them claims.

    CMS replaces releases within a quarter (RVU24A by RVU24AR from March 9, 2024). Of two that claim a day the one that
    starts later has it; of two that start together, the one whose name is later: a correction's is (RVU26BR after RVU26B).
    A claim in place of a missing release yields to any other. A day that none claims is in no period.
    """
    ordered = sorted(claims, key=lambda one: (not one.missing, one.effective_from, one.release))
    starts = sorted({one.effective_from for one in ordered} | {day_after(one.effective_to) for one in ordered})
    made: list[Period] = []
    for start, end in pairwise(starts):
        holding = [one for one in ordered if one.effective_from <= start <= one.effective_to]
        if not holding:
            continue
        release, missing = holding[-1].release, holding[-1].missing
        if made and made[-1][2:] == (release, missing) and day_after(made[-1].effective_to) == start:
            made[-1] = made[-1]._replace(effective_to=day_before(end))
        else:
            made.append(Period(start, day_before(end), release, missing))
    return tuple(made)


def on(day: str, among: Iterable[Period]) -> Period | None:
    """Return the period that holds a day, or None."""
    return next((one for one in among if one.effective_from <= day <= one.effective_to), None)


def split(period: Period, turns: Iterable[str]) -> tuple[Period, ...]:
    """Cut a period so that a new part begins on each of ``turns`` (ISO dates) that lies inside it."""
    starts = [period.effective_from, *sorted({one for one in turns if period.effective_from < one <= period.effective_to})]
    ends = [*(day_before(one) for one in starts[1:]), period.effective_to]
    return tuple(Period(start, end, period.release, period.missing) for start, end in zip(starts, ends, strict=True))


def spans(among: Iterable[Period]) -> Iterator[tuple[str, str]]:
    """Yield the first and last day of each stretch of periods that follow each other without a break."""
    first = last = ""
    for one in among:
        if last and day_after(last) != one.effective_from:
            yield first, last
            last = ""
        first, last = first if last else one.effective_from, one.effective_to
    if last:
        yield first, last


def day_after(day: str) -> str:
    """Return the ISO date of the next day."""
    return (datetime.date.fromisoformat(day) + datetime.timedelta(days=1)).isoformat()


def day_before(day: str) -> str:
    """Return the ISO date of the day before."""
    return (datetime.date.fromisoformat(day) - datetime.timedelta(days=1)).isoformat()
