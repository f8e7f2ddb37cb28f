"""Holds what was read of CMS's files against the snapshots at hand, so that a file cut off between two rows does not take the place of a whole one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from medpayiq.cms import snapshot
from medpayiq.cms.snapshot import Meta, SourceRecord
from medpayiq.findings import Failed, Findings
from medpayiq.paths import shown

_COUNTED = 100
"""Rows from which a table is held against the one before: GPCI, the shortest, has 109."""
_SAME_RELEASE, _ANOTHER = 95, 90
"""Percent of the rows that a file has at least: of its own release's, whose corrections change a few rows, and of the release before."""


def refuse(folder: Path, sources: Iterable[SourceRecord], editions: Mapping[str, Mapping[str, str]], where: Mapping[str, str], findings: Findings) -> None:
    """Refuse tables much shorter than those of the snapshot in ``folder`` that they would replace; ``where`` names the file of each.

    Of edits, unit limits and add-on codes only those of the same quarter and version are compared.
    """
    before = _meta(folder)
    if before is None:
        return
    was, now = _rows(before.sources), _rows(sources)
    for table, rows in now.items():
        if before.editions.get(table) == editions.get(table) and was[table] >= _COUNTED and rows * 100 < was[table] * _SAME_RELEASE:
            findings.error(
                where[table],
                f"holds {rows:,} rows; the file in the snapshot that it would replace has {was[table]:,}: it seems to be cut off",
                try_=f"download it again; where CMS has taken these rows out, take the snapshot away first: rm -r {shown(folder)}",
            )


def warn(folder: Path, made: Meta, where: str, findings: Findings) -> None:
    """Say so where a release that is new here has far fewer relative values than the one before it, or else the one after it."""
    if (folder / snapshot.META).is_file():
        return
    others = [one for path in folder.parent.glob(f"*/{snapshot.META}") for one in [_meta(path.parent)] if one is not None]
    near = max((one for one in others if one.effective_from < made.effective_from), key=lambda one: one.effective_from, default=None)
    near = near or min(others, key=lambda one: one.effective_from, default=None)
    if near is None:
        return
    was, now = (_rows(one.sources)["services"] for one in (near, made))
    if was >= _COUNTED and now * 100 < was * _ANOTHER:
        findings.warning(where, f"holds {now:,} rows; that of {near.release} has {was:,}", try_="see whether the file is whole: compare its size with CMS's page")


def _meta(folder: Path) -> Meta | None:
    try:
        return snapshot.read(folder).meta
    except Failed:
        return None


def _rows(sources: Iterable[SourceRecord]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for one in sources:
        counted[one.table] += one.rows_read
    return counted
