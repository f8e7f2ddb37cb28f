"""Says in words what changed on one code from one release to the next: rows, status, RVUs, indicators, amounts, limit, edits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from medpayiq.changes import deriving
from medpayiq.cms.records import Service, UnitLimit
from medpayiq.content.selecting import Rows
from medpayiq.payment.money import dollars
from medpayiq.payment.shares import pair

BESIDE_HISTORY = frozenset({"row", "indicator", "limit", "edits"})
"""Kinds that a code's history does not tell (medpayiq/pages/history.py)."""


class Line(NamedTuple):
    """One thing that changed."""

    kind: str
    """``row``, ``status``, ``rvus``, ``indicator``, ``amount``, ``limit`` or ``edits``."""
    modifier: str
    """Of which row; blank for the main one, and where no row is meant."""
    text: str


def of_rows(old: Rows, new: Rows, factors: tuple[int, int], unsaid: frozenset[str]) -> Iterator[Line]:
    """Yield what changed in a code's rows; factors are the main ones, in ten-thousandths of a dollar. A row that the other release lacks is told as a row."""
    alike: dict[tuple[str, str], list[str]] = {}
    for modifier in sorted(old.keys() | new.keys()):
        before, after = old.get(modifier), new.get(modifier)
        if before is None or after is None:
            if before is not None:
                yield Line("row", modifier, f"{_row(modifier)} deleted.")
            elif after is not None:
                yield Line("row", modifier, f"{_row(modifier)} new, status {after.status}{_paid(after, factors[1])}.")
            continue
        for kind, text in _of_row(before, after, factors, unsaid):
            alike.setdefault((kind, text), []).append(modifier)
    for (kind, text), rows in alike.items():
        of = "" if rows == [""] else f" (row {', '.join(rows)})" if rows[0] else f" (row {', '.join(rows[1:])} too)"
        yield Line(kind, rows[0], f"{text}{of}.")


def _of_row(before: Service, after: Service, factors: tuple[int, int], unsaid: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield kind and words of what changed in one row; rows in which the same changed are told together."""
    for one in deriving.differing(before, after, (deriving.STATUS,)):
        yield "status", f"Status {one.before} to {one.after}"
    rvus = [f"{deriving.RVUS[one.column]} {one.before} to {one.after}" for one in deriving.differing(before, after, deriving.RVUS)]
    if rvus:
        yield "rvus", ", ".join(rvus)
    for one in deriving.differing(before, after, (name for name in deriving.INDICATORS if name not in unsaid)):
        yield "indicator", f"{deriving.words_of(one.column)}: {one.before or 'blank'} to {one.after or 'blank'}"
    settings = zip(("office", "facility"), pair(before, factors[0]), pair(after, factors[1]), strict=True)
    amounts = [f"{setting} {_dollars(was.cents)} to {_dollars(now.cents)}" for setting, was, now in settings if was.cents != now.cents]
    if amounts:
        yield "amount", f"National amount {', '.join(amounts)}"


def of_limit(old: UnitLimit | None, new: UnitLimit | None) -> Iterator[Line]:
    """Yield how the unit limit changed."""
    before, after = (None if one is None else (one.units, one.indicator) for one in (old, new))
    if before != after:
        yield Line("limit", "", f"Unit limit (MUE) {_limit(old)} to {_limit(new)}.")


def of_edits(counts: tuple[int, int, int, int]) -> Iterator[Line]:
    """Yield how many edit pairs came and went: added and dropped, with the code in column 1 and in column 2."""
    added1, added2, dropped1, dropped2 = counts
    said = [f"{one + two:,} {what} ({one:,} with it in column 1, {two:,} in column 2)" for what, one, two in (("added", added1, added2), ("dropped", dropped1, dropped2)) if one or two]
    if said:
        yield Line("edits", "", f"Edit pairs: {', '.join(said)}.")


def _row(modifier: str) -> str:
    return f"Row {modifier}" if modifier else "Row without a modifier"


def _paid(row: Service, factor: int) -> str:
    office, facility = pair(row, factor)
    said = [f"{dollars(one.cents)} in {where}" for one, where in ((office, "the office"), (facility, "a facility")) if one.cents is not None]
    return f", {' and '.join(said)}" if said else ""


def _dollars(cents: int | None) -> str:
    return "not paid" if cents is None else dollars(cents)


def _limit(limit: UnitLimit | None) -> str:
    return "none" if limit is None else f"{limit.units} (MAI {limit.indicator})"
