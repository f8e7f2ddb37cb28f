"""Runs the comparisons that are asked for, says how they went, and keeps the result from which the proof page is made."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from medpayiq.cms import snapshot
from medpayiq.cms.snapshot import Snapshot
from medpayiq.findings import Failed
from medpayiq.paths import PROOF, SNAPSHOTS, shown
from medpayiq.proof import engines, published, vectors

ENGINES: Mapping[str, Callable[[Callable[[str], Snapshot]], vectors.Engine]] = {"python": engines.python, "js": engines.javascript}


@dataclass(frozen=True, slots=True)
class Asked:
    """What to compare with what."""

    oracle: Path | None = None
    oppscap: Path | None = None
    vectors: Path | None = None
    engine: str = "python"
    """``python``, ``js`` or ``both``."""
    release: str | None = None
    """The one release to compare published amounts with; None finds it by the file's date."""
    snapshots: Path = SNAPSHOTS


@dataclass(slots=True)
class Report:
    """How the comparisons went."""

    lines: list[str] = field(default_factory=list)
    good: bool = True
    published: list[dict[str, Any]] = field(default_factory=list)
    worked: dict[str, Any] | None = None


def run(asked: Asked) -> Report:
    """Compare what is asked for.

    Raises:
        Failed: a file is not of its layout, or a release is not imported.
    """
    report = Report()
    if asked.oracle is not None or asked.oppscap is not None:
        releases = _releases(asked)
        files = published.payment_files(asked.oracle) if asked.oracle is not None else []
        compared = [published.compare_payments(path, releases) for path in files]
        if asked.oppscap is not None:
            compared.append(published.compare_caps(asked.oppscap, releases))
        for one in compared:
            report.lines.append(str(one))
            report.good = report.good and not one.differences
            report.published.append(one.as_json())
        report.lines.append(f"published amounts: {sum(one.matches for one in compared):,} of {sum(one.amounts for one in compared):,}")
    if asked.vectors is not None:
        _worked(asked, asked.vectors, report)
    return report


def _worked(asked: Asked, path: Path, report: Report) -> None:
    claims = vectors.read(path)
    found: dict[str, Snapshot] = {}

    def snapshot_of(release: str) -> Snapshot:
        if release not in found:
            folder = asked.snapshots / release
            if not (folder / snapshot.META).is_file():
                raise Failed(f"{shown(path)}: error: needs {release.upper()}, which is not imported\n  try: .venv/bin/python build.py import FOLDER_OF_{release.upper()}", exit_code=2)
            found[release] = snapshot.read(folder)
        return found[release]

    matches: dict[str, int] = {}
    misses: list[str] = []
    total = 0
    for name in ENGINES if asked.engine == "both" else (asked.engine,):
        total, missed = vectors.run(claims, ENGINES[name](snapshot_of))
        matches[name] = total - len(missed)
        misses += [f"{name}: {one}" for one in missed]
        report.lines += [str(one) for one in missed]
        report.lines.append(f"{path.name}, {name}: {total - len(missed):,} of {total:,} lines")
    report.good = report.good and not misses
    report.worked = {
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "lines": total,
        "claims": sum(len(groups) for groups in claims.values()),
        "matches": matches,
        "misses": misses,
    }


def _releases(asked: Asked) -> list[Snapshot]:
    names = [asked.release.lower()] if asked.release else sorted(path.parent.name for path in asked.snapshots.glob(f"*/{snapshot.META}"))
    for name in names:
        if not (asked.snapshots / name / snapshot.META).is_file():
            raise Failed(f"{shown(asked.snapshots / name)}: error: {name} is not imported\n  try: .venv/bin/python build.py import FOLDER_OF_{name.upper()}", exit_code=2)
    return [snapshot.read(asked.snapshots / name) for name in names]


def record(report: Report, path: Path = PROOF) -> None:
    """Put the result down whole; a part that was not run stays as it was."""
    before = read(path) if path.is_file() else {"published": [], "worked": None}
    kept = {"published": report.published or before["published"], "worked": report.worked or before["worked"]}
    part = path.with_name(path.name + ".new")
    part.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    os.replace(part, path)


def read(path: Path = PROOF) -> dict[str, Any]:
    """Read the recorded result.

    Raises:
        Failed: there is none, or it is damaged.
    """
    try:
        made: dict[str, Any] = json.loads(path.read_bytes())
        whole = isinstance(made["published"], list) and made["worked"] is not None
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise Failed(f"{shown(path)}: error: cannot be read: {problem!r}\n  try: restore it from version control") from None
    if not whole:
        raise Failed(f"{shown(path)}: error: is not whole\n  try: build.py check --oracle PATH --oppscap FILE --vectors FILE --engine both --record")
    return made
