"""Cuts the embedded sample out of a full snapshot: facts of a few hundred codes, all localities, no text of CMS's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from medpayiq import yamlmarks
from medpayiq.cms import snapshot
from medpayiq.cms.aoc import CONTRACTOR
from medpayiq.cms.records import PtpEdits, Service
from medpayiq.findings import Failed, Findings

EARLIER = "earlier"
"""Folder of the sample that holds the same codes of older releases."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What ``cms_data/sample.yml`` asks for."""

    ranges: tuple[tuple[str, str], ...]
    codes: frozenset[str]
    columns: tuple[str, ...]
    each: int
    earlier: tuple[str, ...]
    """Older snapshots, by folder."""
    gone: frozenset[str]
    """Codes that only those have."""


def read_choice(path: Path) -> Choice:
    """Read ``sample.yml``.

    Raises:
        Failed: it is not YAML of the shape described at its top.

    """
    findings = Findings()
    document = yamlmarks.load(path, findings)
    if document is None:
        raise Failed(findings)
    try:
        data = document.data
        choice = Choice(tuple((a, b) for a, b in data["ranges"]), frozenset(data["codes"]), tuple(data["every_value_of"]), int(data["codes_for_each_value"]), tuple(data["earlier"]), frozenset(data["gone"]))
    except (KeyError, TypeError, ValueError):
        raise Failed(f"{path}: error: needs ranges, codes, every_value_of, codes_for_each_value, earlier and gone\n  try: restore the file from version control") from None
    for column in choice.columns:
        if column not in Service._fields:
            line, at = document.at("every_value_of")
            findings.error(path.as_posix(), f"no column {column!r}", line=line, column=at, try_="one of: " + ", ".join(Service._fields))
    if findings.failed:
        raise Failed(findings)
    return choice


def choose(services: tuple[Service, ...], choice: Choice) -> set[str]:
    """Return the codes of the sample: those named, those in a range, and some for every value of every column.

    An endoscopy brings its base code with it, since its payment cannot be explained without.
    """
    present = {one.code for one in services}
    missing = sorted(choice.codes - present)
    if missing:
        raise Failed(f"cms_data/sample.yml: error: not in this release: {', '.join(missing)}\n  try: take them out, or cut the sample from the release it was written for")
    chosen = {code for code in present if code in choice.codes or any(low <= code <= high for low, high in choice.ranges)}
    for column in choice.columns:
        position = Service._fields.index(column)
        by_value: dict[str, list[str]] = defaultdict(list)
        for one in services:
            by_value[str(one[position])].append(one.code)
        for codes in by_value.values():
            already = sum(1 for code in dict.fromkeys(codes) if code in chosen)
            for code in dict.fromkeys(codes):
                if already >= choice.each:
                    break
                if code not in chosen:
                    chosen.add(code)
                    already += 1
    chosen |= {one.endo_base for one in services if one.code in chosen and one.endo_base in present}
    return chosen


def write(full: snapshot.Snapshot, choice: Choice, folder: Path, older: Iterable[snapshot.Snapshot] = ()) -> snapshot.Snapshot:
    """Write the sample to ``folder``: every table cut to the chosen codes, localities and ZIP codes whole, Level II text left out.

    Edits and add-on codes are those between chosen codes, without CMS's remarks.

    Of ``older`` releases the same codes' rows and edits and the localities go into ``folder/earlier``, packed: nobody reads changes in them.
    """
    codes = choose(full.services, choice)
    made = _write(full, codes, folder)
    for one in older:
        kept = codes | choice.gone
        tables: dict[str, Iterable[NamedTuple]] = {"services": [row for row in one.services if row.code in kept], "localities": one.localities, "anesthesia": one.anesthesia}
        tables |= _edits(one, kept)
        snapshot.write(folder / EARLIER / one.folder.name, replace(one.meta, sample=True, tables={}), tables)
    return made


def _edits(full: snapshot.Snapshot, codes: set[str]) -> dict[str, Iterable[NamedTuple]]:
    """Return edits, unit limits and add-on codes of the chosen codes."""
    return {
        "ptp": [group for one in full.ptp if one.column1 in codes for group in _among(one, codes)],
        "mue": [one for code, one in full.mue.items() if code in codes],
        "aoc": [one._replace(remark="") for one in full.aoc if one.code in codes and (one.primary in codes or one.primary == CONTRACTOR)],
    }


def _among(group: PtpEdits, codes: set[str]) -> Iterator[PtpEdits]:
    """Yield the edits of a group whose column 2 codes are in the sample, if there are any."""
    kept = [code for code in group.column2.split() if code in codes]
    if kept:
        yield group._replace(column2=" ".join(kept))


def _write(full: snapshot.Snapshot, codes: set[str], folder: Path) -> snapshot.Snapshot:
    meta = replace(full.meta, sample=True, tables={})
    return snapshot.write(
        folder,
        meta,
        {
            "services": [one for one in full.services if one.code in codes],
            "localities": full.localities,
            "anesthesia": full.anesthesia,
            "counties": full.counties,
            "opps_caps": [one for one in full.opps_caps if one.code in codes],
            "zip5": full.zip5,
            "rbcs": [one for code, one in full.rbcs.items() if code in codes],
            **_edits(full, codes),
        },
        packed=False,
    )
