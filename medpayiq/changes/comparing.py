"""Compares two snapshots: rows, localities, unit limits, edit pairs, and says what one of them does not hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import TypeVar

from medpayiq.changes.model import Changes, Difference, EditChanges, LimitChanges, Moved, Pairs, Row, Side
from medpayiq.cms.pprrvu import SINCE, called
from medpayiq.cms.records import Locality, PtpEdits, Service
from medpayiq.cms.snapshot import Snapshot
from medpayiq.edits import TAKEN_BACK, Edition, edition, holds

Key = TypeVar("Key", str, tuple[str, str])


def compare(before: Snapshot, after: Snapshot) -> Changes:
    """Return what two releases differ in.

    Raises:
        Failed: a table of a snapshot cannot be read.

    """
    old, new = _rows(before), _rows(after)
    sides = side(before), side(after)
    had, has = {code for code, _ in old}, {code for code, _ in new}
    services = difference(old, new)
    unsaid = frozenset(column for column in SINCE if old and new and _says(column, old.values()) != _says(column, new.values()))
    changed = {(row.code, row.modifier) for row, _ in services.changed}
    stayed = tuple(row for key, row in sorted(new.items()) if key in old and key not in changed) if sides[0].factors != sides[1].factors else ()
    return Changes(
        before=sides[0],
        after=sides[1],
        services=services,
        new_codes=tuple(sorted(has - had)),
        deleted_codes=tuple(sorted(had - has)),
        factor_rows=stayed,
        localities=difference(_localities(before), _localities(after)),
        limits=_limits(before, after),
        edits=_edits(before, after),
        not_compared=tuple(_not_compared(before, after, unsaid)),
        unsaid=unsaid,
    )


def side(one: Snapshot) -> Side:
    """Return what a release says of itself."""
    meta = one.meta
    factors = tuple(sorted(meta.conversion_factors.items()))
    return Side(meta.release, meta.effective_from, meta.effective_to, factors, len(one.services), len({row.code for row in one.services}), meta.sample)


def difference(old: dict[Key, Row], new: dict[Key, Row]) -> Difference[Row]:
    """Return what two tables differ in, from their rows by key."""
    added = tuple(new[key] for key in sorted(new.keys() - old.keys()))
    dropped = tuple(old[key] for key in sorted(old.keys() - new.keys()))
    changed = tuple((old[key], new[key]) for key in sorted(key for key, row in new.items() if key in old and old[key] != row))
    return Difference(added, dropped, changed)


def _rows(one: Snapshot) -> dict[tuple[str, str], Service]:
    return {(row.code, row.modifier): row._replace(line=0) for row in one.services}


def _localities(one: Snapshot) -> dict[tuple[str, str], Locality]:
    return {(row.mac, row.locality): row for row in one.localities}


def _says(column: str, rows: Iterable[Service]) -> bool:
    """Say whether a column has a value in any row."""
    return any(getattr(row, column) for row in rows)


def _limits(before: Snapshot, after: Snapshot) -> LimitChanges | None:
    old, new = edition(before, "mue"), edition(after, "mue")
    return None if old is None or new is None else LimitChanges(old, new, difference(before.mue, after.mue))


def _edits(before: Snapshot, after: Snapshot) -> EditChanges | None:
    """Compare edit pairs a column 1 code at a time: of 2.5 million pairs no more are unpacked at once."""
    old, new = edition(before, "ptp"), edition(after, "ptp")
    if old is None or new is None:
        return None
    added: list[Pairs] = []
    dropped: list[Pairs] = []
    moved: list[Moved] = []
    numbers = [0, 0]
    for code, (olds, news) in _together(before.ptp, after.ptp, attrgetter("column1")):
        was, now = in_force(olds, old), in_force(news, new)
        numbers[0] += len(was)
        numbers[1] += len(now)
        added += _pairs(code, {two: kind for two, kind in now.items() if two not in was})
        dropped += _pairs(code, {two: kind for two, kind in was.items() if two not in now})
        both = {two: (was[two], kind) for two, kind in now.items() if two in was and was[two] != kind}
        moved += [Moved(code, *kinds, " ".join(codes)) for kinds, codes in _by_value(both)]
    return EditChanges(old, new, (numbers[0], numbers[1]), tuple(added), tuple(dropped), tuple(moved))


def in_force(groups: Iterable[PtpEdits], of: Edition) -> dict[str, str]:
    """Return the column 2 codes of one column 1 code whose edits are in force in a quarter, with their modifier indicator.

    Where a set ends an edit within its quarter and begins the pair anew, the one that begins later counts.
    """
    made: dict[str, str] = {}
    for group in sorted(groups, key=attrgetter("effective")):
        if group.indicator != TAKEN_BACK and holds(group.effective, group.deleted, of.first, of.last):
            made.update(dict.fromkeys(group.column2.split(), group.indicator))
    return made


def _together(olds: Iterable[PtpEdits], news: Iterable[PtpEdits], key: Callable[[PtpEdits], str]) -> Iterator[tuple[str, tuple[list[PtpEdits], list[PtpEdits]]]]:
    """Yield each column 1 code with its rows in both tables, which are in its order."""
    left, right = ((code, list(rows)) for code, rows in groupby(olds, key)), ((code, list(rows)) for code, rows in groupby(news, key))
    old, new = next(left, None), next(right, None)
    while old is not None or new is not None:
        if new is None or (old is not None and old[0] < new[0]):
            assert old is not None  # noqa: S101 - one of the two is there
            yield old[0], (old[1], [])
            old = next(left, None)
        elif old is None or new[0] < old[0]:
            yield new[0], ([], new[1])
            new = next(right, None)
        else:
            yield old[0], (old[1], new[1])
            old, new = next(left, None), next(right, None)


def _pairs(column1: str, found: dict[str, str]) -> list[Pairs]:
    return [Pairs(column1, indicator, " ".join(codes)) for indicator, codes in _by_value(found)]


Value = TypeVar("Value", str, tuple[str, str])


def _by_value(found: dict[str, Value]) -> list[tuple[Value, list[str]]]:
    """Turn code to value around: each value with its codes, all in order."""
    made: dict[Value, list[str]] = {}
    for code in sorted(found):
        made.setdefault(found[code], []).append(code)
    return sorted(made.items())


def _not_compared(before: Snapshot, after: Snapshot, unsaid: frozenset[str]) -> Iterator[str]:
    for table, words, what in (("ptp", "edit pairs", "set of NCCI edits"), ("mue", "unit limits (MUE)", "table of unit limits")):
        lacking = [one.meta.release for one in (before, after) if edition(one, table) is None]
        if lacking:
            yield f"The {words} are not compared: {' and '.join(lacking)} {'is' if len(lacking) == 1 else 'are'} here without a {what}."
    for column in sorted(unsaid):
        without = after if _says(column, before.services) else before
        yield f"The column {called(column)} is not compared: the file of {without.meta.release} does not have it."
    if before.meta.sample != after.meta.sample:
        sample = before if before.meta.sample else after
        yield f"{sample.meta.release} is a sample of its codes: the codes that it lacks are no new or deleted ones."
