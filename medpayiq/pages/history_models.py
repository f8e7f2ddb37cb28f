"""Records of a code's history: the picture, the table behind it, and what changed."""

from __future__ import annotations

from typing import NamedTuple


class Mark(NamedTuple):
    """A figure written beside a line of a chart, or a year below it; places are in units of the picture, as text."""

    x: str
    y: str
    css: str
    """Which way the text runs from its place: ``start``, ``mid`` or ``end``."""
    text: str


class Panel(NamedTuple):
    """One pair of lines over the years."""

    title: str
    y: str
    """Where the title stands."""
    known: tuple[str, ...]
    """Path of a line where a release says so: the office's, and the facility's where it is another."""
    between: tuple[str, ...]
    """Path of the same line across days of which no release is at hand."""
    marks: tuple[Mark, ...]


class Chart(NamedTuple):
    """Amounts and RVUs over the years, as lines."""

    title: str
    legend: bool
    """Office and facility have lines of their own."""
    panels: tuple[Panel, ...]
    years: tuple[Mark, ...]


class HistoryRow(NamedTuple):
    """Days on which a code stood alike."""

    when: str
    """``October to December 2021``."""
    releases: str
    """``RVU21D``."""
    instead: str | None
    """What is so where there is no amount; then there are no figures."""
    work: str = ""
    pe_office: str = ""
    pe_facility: str = ""
    mp: str = ""
    factor: str = ""
    office: str = ""
    facility: str = ""


class History(NamedTuple):
    """A code over the years."""

    code: str
    lead: str
    largest: str | None
    """The change that moved most dollars."""
    chart: Chart | None
    rows: tuple[HistoryRow, ...]
    """Newest first; empty for a code that never had an amount."""
    changes: tuple[str, ...]
    """What changed from release to release, newest first."""
    apart: bool = False
    """One of them is taken apart into dollars, so that how is worth a sentence."""
