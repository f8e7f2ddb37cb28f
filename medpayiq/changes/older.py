"""Counts what changed between two older releases from their tables as text, without reading a number: enough for a summary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter

from medpayiq.changes.deriving import INDICATORS, RVUS
from medpayiq.changes.telling import counted, factors, started
from medpayiq.cms.pprrvu import SINCE
from medpayiq.cms.records import Service
from medpayiq.cms.snapshot import Meta

_STATUS = Service._fields.index("status")
_rvus = itemgetter(*(Service._fields.index(name) for name in RVUS))
_indicators = itemgetter(*(Service._fields.index(name) for name in INDICATORS if name not in SINCE))


@dataclass(frozen=True, slots=True)
class Counts:
    """How much differs between two releases."""

    rows: tuple[int, int]
    """Rows before and after."""
    added: int
    dropped: int
    new_codes: tuple[str, ...]
    deleted_codes: tuple[str, ...]
    status: int
    """Rows of both with another status, and so on."""
    rvus: int
    indicators: int


def count(before: Mapping[str, str], after: Mapping[str, str]) -> Counts:
    """Compare the rows of each code in two releases (`Past.text`): a row a line, cells between tabs. A row that stayed is often the same text."""
    added = dropped = status = rvus = indicators = 0
    for code, new in after.items():
        old = before.get(code)
        if old is None:
            added += new.count("\n") + 1
        elif old != new:
            olds, news = _rows(old), _rows(new)
            added += len(news.keys() - olds.keys())
            dropped += len(olds.keys() - news.keys())
            for modifier in olds.keys() & news.keys():
                one, other = olds[modifier], news[modifier]
                status += one[_STATUS] != other[_STATUS]
                rvus += _rvus(one) != _rvus(other)
                indicators += _indicators(one) != _indicators(other)
    gone = tuple(sorted(before.keys() - after.keys()))
    dropped += sum(before[code].count("\n") + 1 for code in gone)
    sizes = sum(text.count("\n") + 1 for text in before.values()), sum(text.count("\n") + 1 for text in after.values())
    return Counts(sizes, added, dropped, tuple(sorted(after.keys() - before.keys())), gone, status, rvus, indicators)


def _rows(text: str) -> dict[str, list[str]]:
    return {cells[1]: cells for cells in (line.split("\t") for line in text.split("\n"))}


def sentences(counts: Counts, before: Meta, after: Meta) -> Iterator[str]:
    """Yield the summary, as medpayiq/changes/telling.py has it of two releases that are compared in full."""
    yield started(f"{counted(counts.added, 'row')} added, {counted(counts.dropped, 'row')} deleted: {counts.rows[0]:,} rows before, {counts.rows[1]:,} after.")
    yield started(f"{counted(len(counts.new_codes), 'new code')}, {counted(len(counts.deleted_codes), 'deleted code')}.")
    yield started(f"{counted(counts.status, 'status change')}.")
    yield factors(before.conversion_factors.items(), after.conversion_factors.items())
    yield started(f"{counted(counts.rvus, 'row')} with different RVUs, {counted(counts.indicators, 'row')} with different indicators.")
