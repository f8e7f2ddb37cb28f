"""Takes over, from the snapshot at hand, the tables that new files of its release lack, so that fetching again loses none."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from medpayiq.cms import snapshot
from medpayiq.cms.snapshot import Snapshot, SourceRecord
from medpayiq.findings import Failed, Findings

_OWN = ("anesthesia", "counties", "opps_caps")
"""Come in the release's own zip, and speak of the localities of its GPCI."""
_BESIDE = ("zip5", "rbcs", "ptp", "mue", "aoc")
"""Are files of their own, which go with many releases."""


@dataclass(slots=True)
class Carried:
    """What was taken over, as far as a snapshot states it."""

    tables: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    sources: list[SourceRecord] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    anesthesia_national: dict[str, str] | None = None
    zip_quarter: str | None = None
    editions: dict[str, dict[str, str]] = field(default_factory=dict)


def at_hand(folder: Path) -> tuple[Snapshot | None, dict[str, list[SourceRecord]]]:
    """Return the snapshot in a folder, None where none can be read, and the files of those of its tables that could be taken over whole."""
    try:
        before = snapshot.read(folder)
    except Failed:
        return None, {}
    found: dict[str, list[SourceRecord]] = {}
    for one in before.meta.sources:
        if one.table in found or (one.table in (*_OWN, *_BESIDE) and _whole(before, one.table)):
            found.setdefault(one.table, []).append(one)
    return before, found


def carry(folder: Path, where: str, sources: list[SourceRecord], localities: list[Any], findings: Findings) -> Carried:
    """Take over what the files of an import lack; ``sources`` and ``localities`` are the import's, ``where`` its relative values.

    What came in the old zip only is not taken over beside other GPCIs: that is an error in ``findings``.
    """
    made = Carried()
    before, whole = at_hand(folder)
    if before is None:
        return made
    new = {one.table: one.sha256 for one in sources}
    same = new["localities"] in {one.sha256 for one in before.meta.sources if one.table == "localities"}
    for table, files in whole.items():
        if table in new:
            continue
        source = files[0]
        if table in _OWN and not same:
            findings.error(where, f"comes without {source.file}, which the snapshot at hand has, and with other GPCIs", try_=f"look at CMS's page for a whole zip; to do without it: .venv/bin/python build.py import {where.partition('/')[0]}")
            continue
        made.sources += files
        made.tables[table] = before.rows(table)
        if table == "anesthesia":
            made.anesthesia_national = before.meta.anesthesia_national
        if table == "zip5":
            made.zip_quarter = before.meta.zip_quarter
        if table in before.meta.editions:
            made.editions[table] = before.meta.editions[table]
        made.warnings += [one for one in before.meta.warnings if source.file in one] if same else _strangers(made.tables[table], source.file, localities)
        # What lies in files of their own is the concern of whoever fetched them, and is told there.
        tell = findings.warning if table in _OWN else findings.note
        tell(where, f"comes without {source.file}; the {table} table of the snapshot at hand is taken over")
    for table in sorted(before.meta.tables.keys() & {*_OWN, *_BESIDE} - whole.keys() - new.keys()):
        findings.warning(where, f"comes without a table of {table}; that of the snapshot at hand is damaged and cannot be taken over")
    return made


def in_order(warnings: list[str], folder: Path) -> tuple[str, ...]:
    """Return warnings in the order in which the snapshot at hand states them, if they are the same: then no byte of it changes."""
    before, _ = at_hand(folder)
    return before.meta.warnings if before and sorted(before.meta.warnings) == sorted(warnings) else tuple(warnings)


def _whole(before: Snapshot, table: str) -> bool:
    try:
        return bool(before.data(table))
    except Failed:
        return False


def _strangers(rows: tuple[Any, ...], file: str, localities: list[Any]) -> list[str]:
    known = {(one.mac, one.locality) for one in localities}
    found = {(one.mac, one.locality) for one in rows if hasattr(one, "locality")}
    return [f"{file}: warning: locality {mac}/{locality} is not among the GPCIs; its rows are kept but cannot be priced" for mac, locality in sorted(found - known)]
