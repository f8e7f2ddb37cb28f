"""The picture of a code's years: lines over time as paths of an SVG, with the figures that stand beside them.

A line is drawn whole where a release says so, and apart where it only joins two releases over days that none at hand holds.
The scale does not begin at zero: the picture shows when an amount changed, and each figure that matters is written beside it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from medpayiq.pages.history_models import Chart, Mark, Panel
from medpayiq.periods import Period

_LEFT, _RIGHT = 4, 316
"""The sides of the drawing; the picture is 320 wide (templates/components/history.html)."""
_TOP, _HEIGHT, _APART = 30, 56, 100
"""Of a panel: where its line may begin below its title, how high it is, and how far the next panel lies below it."""
_YEARS = 13
"""How far below the last panel the years stand: a figure may stand below its line."""
_NEAR, _NEAR_YEAR = 44.0, 26.0
"""Two figures nearer than this would touch, and two years."""


class Lines(NamedTuple):
    """What one panel shows: for each span the office's and the facility's value, None where there is none."""

    title: str
    office: Sequence[int | None]
    facility: Sequence[int | None]
    words: Callable[[int], str]


class _Span(NamedTuple):
    """Where a span of days lies from left to right: begin and end, as numbers and as text."""

    start: float
    end: float
    start_text: str
    end_text: str
    joined: bool
    """It follows the span before it without a day between."""


class _Scale(NamedTuple):
    """Turns the values of a panel into places from top to bottom."""

    low: int
    high: int
    top: int

    def y(self, value: int) -> float:
        return self.top + _HEIGHT * (self.high - value) / (self.high - self.low) if self.high > self.low else self.top + _HEIGHT / 2


def chart(title: str, spans: tuple[Period, ...], panels: Sequence[Lines]) -> Chart:
    """Return the picture of some lines over the same spans of time."""
    places, years = _across(spans, _APART * len(panels) + _YEARS)
    made = tuple(_panel(one, places, _TOP + _APART * at) for at, one in enumerate(panels))
    return Chart(title, any(len(one.known) == 2 for one in made), made, years)


@lru_cache(maxsize=4096)
def _across(spans: tuple[Period, ...], y: int) -> tuple[tuple[_Span, ...], tuple[Mark, ...]]:
    """Return where spans lie from left to right, and the years below them; most codes share them."""
    days = [(_ordinal(one.effective_from), _ordinal(one.effective_to) + 1) for one in spans]
    first, last = days[0][0], days[-1][1]

    def x(day: int) -> float:
        return _LEFT + (_RIGHT - _LEFT) * (day - first) / (last - first)

    ends = [0, *(end for _, end in days)]
    places = tuple(_Span(x(start), x(end), f"{x(start):.1f}", f"{x(end):.1f}", start == before) for (start, end), before in zip(days, ends, strict=False))
    return places, tuple(_years(first, last, x, y))


def _years(first: int, last: int, x: Callable[[int], float], y: int) -> list[Mark]:
    """Return the years below the picture, each where it begins; the first one, which may have begun before, only where there is room."""
    years = range(datetime.date.fromordinal(first).year, datetime.date.fromordinal(last - 1).year + 1)
    places = [(x(max(first, datetime.date(year, 1, 1).toordinal())), year) for year in years]
    if len(places) > 1 and places[1][0] - places[0][0] < _NEAR_YEAR:
        del places[0]
    made: list[Mark] = []
    near = -_NEAR_YEAR
    for at, year in places:
        if at - near >= _NEAR_YEAR:
            made.append(Mark(f"{at:.1f}", str(y), "end" if at > _RIGHT - _NEAR_YEAR else "start", str(year)))
            near = at
    return made


def _panel(lines: Lines, spans: Sequence[_Span], top: int) -> Panel:
    drawn = [one for one in (lines.office, lines.facility) if any(value is not None for value in one)]
    if len(drawn) == 2 and drawn[0] == drawn[1]:
        del drawn[1]
    values = [value for one in drawn for value in one if value is not None]
    scale = _Scale(min(values), max(values), top)
    heights = [[None if value is None else f"{scale.y(value):.1f}" for value in one] for one in drawn]
    paths = [_paths(one, spans) for one in heights]
    marks = _marks(drawn[0], spans, scale, lines.words)
    if len(drawn) == 2:
        marks += _end(drawn, spans[-1], scale, lines.words)
    return Panel(lines.title, str(top - 18), tuple(known for known, _ in paths), tuple(between for _, between in paths if between), tuple(marks))


def _paths(heights: Sequence[str | None], spans: Sequence[_Span]) -> tuple[str, str]:
    """Return the path of the days that releases hold, and that of the days between them."""
    known: list[str] = []
    between: list[str] = []
    before = ""
    """Where the line has come to."""
    for height, span in zip(heights, spans, strict=True):
        if height is None:
            before = ""
            continue
        at = f"{span.start_text} {height}"
        if before and span.joined:
            known.append(f"L{at}")
        else:
            if before:
                between.append(f"M{before}L{at}")
            known.append(f"M{at}")
        before = f"{span.end_text} {height}"
        known.append(f"L{before}")
    return "".join(known), "".join(between)


def _marks(values: Sequence[int | None], spans: Sequence[_Span], scale: _Scale, words: Callable[[int], str]) -> list[Mark]:
    """Return the figures beside a line: its ends, its highest and its lowest, as far as they do not touch."""
    there = [(value, span) for value, span in zip(values, spans, strict=True) if value is not None]
    first, last = there[0], there[-1]
    middle = [(value, (span.start + span.end) / 2) for value, span in (max(there, key=_value), min(there, key=_value))]
    made: list[Mark] = []
    taken: list[float] = []
    for value, x in ((first[0], first[1].start), (last[0], last[1].end), *middle):
        if any(abs(x - other) < _NEAR for other in taken):
            continue
        taken.append(x)
        side = "start" if x < _LEFT + _NEAR / 2 else "end" if x > _RIGHT - _NEAR / 2 else "mid"
        # A figure stands above its line, and below it where the line is at its lowest.
        down = value == scale.low and scale.low != scale.high
        made.append(Mark(f"{x:.1f}", f"{scale.y(value) + (11 if down else -4):.1f}", side, words(value)))
    return made


def _value(one: tuple[int, _Span]) -> int:
    return one[0]


def _end(drawn: Sequence[Sequence[int | None]], span: _Span, scale: _Scale, words: Callable[[int], str]) -> list[Mark]:
    """Return the last figure of the second line, on the side that is away from the first line, where both reach the last day."""
    first, second = (one[-1] for one in drawn)
    if first is None or second is None or abs(scale.y(first) - scale.y(second)) < 5:
        return []
    return [Mark(span.end_text, f"{scale.y(second) + (11 if second < first else -4):.1f}", "end", words(second))]


def _ordinal(day: str) -> int:
    return datetime.date.fromisoformat(day).toordinal()
