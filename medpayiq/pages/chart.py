"""The picture of a code's years: lines over time as paths of an SVG, with the figures that stand beside them.

A line is drawn whole where a release says so, and apart where it only joins two releases over days that none at hand holds.
The scale does not begin at zero: the picture shows when an amount changed, and each figure that matters is written beside it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import NamedTuple

from medpayiq.pages.models import Chart, Mark, Panel
from medpayiq.periods import Period

_LEFT, _RIGHT = 4, 316
"""The sides of the drawing; the picture is 320 wide (templates/components/history.html)."""
_TOP, _HEIGHT, _APART = 26, 56, 100
"""Of a panel: where its line may begin below its title, how high it is, and how far the next panel lies below it."""
_NEAR, _NEAR_YEAR = 44.0, 26.0
"""Two figures nearer than this would touch, and two years."""


class Lines(NamedTuple):
    """What one panel shows: for each span the office's and the facility's value, None where there is none."""

    title: str
    office: Sequence[int | None]
    facility: Sequence[int | None]
    words: Callable[[int], str]


class _Scale(NamedTuple):
    """Turns days and values into places."""

    first: int
    last: int
    low: int
    high: int
    top: int

    def x(self, day: int) -> float:
        return _LEFT + (_RIGHT - _LEFT) * (day - self.first) / max(1, self.last - self.first)

    def y(self, value: int) -> float:
        if self.high == self.low:
            return self.top + _HEIGHT / 2
        return self.top + _HEIGHT * (self.high - value) / (self.high - self.low)


def chart(title: str, spans: Sequence[Period], panels: Sequence[Lines]) -> Chart:
    """Return the picture of some lines over the same spans of time."""
    days = [(_ordinal(one.effective_from), _ordinal(one.effective_to) + 1) for one in spans]
    first, last = days[0][0], days[-1][1]
    made = tuple(_panel(one, days, _Scale(first, last, *_ends(one), _TOP + _APART * at)) for at, one in enumerate(panels))
    two = any(len(one.known) == 2 for one in made)
    return Chart(title, two, made, tuple(_years(first, last, _APART * len(panels) + 8)))


def _ends(lines: Lines) -> tuple[int, int]:
    values = [one for one in (*lines.office, *lines.facility) if one is not None]
    return min(values), max(values)


def _panel(lines: Lines, days: Sequence[tuple[int, int]], scale: _Scale) -> Panel:
    office, facility = list(lines.office), list(lines.facility)
    drawn = [one for one in (office, facility) if any(value is not None for value in one)]
    if len(drawn) == 2 and drawn[0] == drawn[1]:
        drawn = drawn[:1]
    paths = [_paths(values, days, scale) for values in drawn]
    marks = _marks(drawn[0], days, scale, lines.words)
    if len(drawn) == 2:
        marks += _end(drawn, scale, lines.words)
    return Panel(lines.title, str(scale.top - 14), tuple(known for known, _ in paths), tuple(between for _, between in paths if between), tuple(marks))


def _end(drawn: Sequence[Sequence[int | None]], scale: _Scale, words: Callable[[int], str]) -> list[Mark]:
    """Return the last figure of the second line, on the side that is away from the first line, where both reach the last day."""
    first, second = (one[-1] for one in drawn)
    if first is None or second is None or abs(scale.y(first) - scale.y(second)) < 5:
        return []
    return [Mark(f"{scale.x(scale.last):.1f}", f"{scale.y(second) + (11 if second < first else -4):.1f}", "end", words(second))]


def _paths(values: Sequence[int | None], days: Sequence[tuple[int, int]], scale: _Scale) -> tuple[str, str]:
    """Return the path of the days that releases hold, and that of the days between them."""
    known: list[str] = []
    between: list[str] = []
    before: tuple[int, int] | None = None
    """Last day drawn so far, and its value."""
    for value, (start, end) in zip(values, days, strict=True):
        if value is None:
            before = None
            continue
        at = f"{scale.x(start):.1f} {scale.y(value):.1f}"
        if before is not None and before[0] == start:
            known.append(f"L{at}")
        else:
            if before is not None:
                between.append(f"M{scale.x(before[0]):.1f} {scale.y(before[1]):.1f}L{at}")
            known.append(f"M{at}")
        known.append(f"L{scale.x(end):.1f} {scale.y(value):.1f}")
        before = end, value
    return "".join(known), "".join(between)


def _marks(values: Sequence[int | None], days: Sequence[tuple[int, int]], scale: _Scale, words: Callable[[int], str]) -> list[Mark]:
    """Return the figures beside a line: its ends, its highest and its lowest, as far as they do not touch."""
    there = [(value, start, end) for value, (start, end) in zip(values, days, strict=True) if value is not None]
    made: list[tuple[float, Mark]] = []
    highest, lowest = max(there, key=lambda one: one[0]), min(there, key=lambda one: one[0])
    for value, start, end in (there[0], there[-1], highest, lowest):
        x = scale.x(start) if (value, start, end) == there[0] else scale.x(end) if (value, start, end) == there[-1] else (scale.x(start) + scale.x(end)) / 2
        if any(abs(x - other) < _NEAR for other, _ in made):
            continue
        side = "start" if x < _LEFT + _NEAR / 2 else "end" if x > _RIGHT - _NEAR / 2 else "mid"
        # A figure stands above its line, and below it where the line is at its lowest.
        down = value == scale.low and scale.low != scale.high
        made.append((x, Mark(f"{x:.1f}", f"{scale.y(value) + (11 if down else -4):.1f}", side, words(value))))
    return [one for _, one in made]


def _years(first: int, last: int, y: int) -> list[Mark]:
    """Return the years below the picture, each where it begins; the first one, which may have begun before, only where there is room."""
    scale = _Scale(first, last, 0, 0, 0)
    years = range(datetime.date.fromordinal(first).year, datetime.date.fromordinal(last - 1).year + 1)
    places = [(scale.x(max(first, datetime.date(year, 1, 1).toordinal())), year) for year in years]
    if len(places) > 1 and places[1][0] - places[0][0] < _NEAR_YEAR:
        del places[0]
    made: list[Mark] = []
    near = -_NEAR_YEAR
    for x, year in places:
        if x - near >= _NEAR_YEAR:
            made.append(Mark(f"{x:.1f}", str(y), "end" if x > _RIGHT - _NEAR_YEAR else "start", str(year)))
            near = x
    return made


def _ordinal(day: str) -> int:
    return datetime.date.fromisoformat(day).toordinal()
