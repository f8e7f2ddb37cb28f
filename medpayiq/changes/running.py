"""Runs a comparison for the command line: finds the two snapshots and the tips to verify again, and writes the report."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from medpayiq import loading, rules
from medpayiq.changes import comparing, deriving, rendering, sections, telling
from medpayiq.changes.watching import Facts, Flag, Watch
from medpayiq.cms import snapshot
from medpayiq.cms.snapshot import Snapshot
from medpayiq.content import library
from medpayiq.content.library import Library
from medpayiq.content.selecting import Rows, Selecting
from medpayiq.edits import Edits
from medpayiq.findings import Failed, Findings
from medpayiq.pages.entries import group, system_of
from medpayiq.paths import SNAPSHOTS, shown


@dataclass(frozen=True, slots=True)
class Asked:
    """What is compared, and how it is written."""

    before: str
    after: str
    """Names of imported releases, ``sample``, or folders of snapshots."""
    form: str = "text"
    out: Path | None = None
    snapshots: Path = SNAPSHOTS


def run(asked: Asked) -> str:
    """Return the report; where a file is named, write it there and return a line that says so.

    Raises:
        Failed: a release is not here or damaged, the content cannot be read, or the file cannot be written.

    """
    before, after = (_snapshot(name, asked.snapshots) for name in (asked.before, asked.after))
    text = {"text": rendering.text, "json": rendering.json, "markdown": rendering.markdown}[asked.form](report(before, after, asked))
    if asked.out is not None:
        _write(asked.out, text)
        return f"{shown(asked.out)} written\n"
    return text


def report(before: Snapshot, after: Snapshot, asked: Asked) -> rendering.Report:
    """Compare two releases and lay out what changed."""
    findings = Findings()
    content = library.load(findings)
    if findings.failed:
        raise Failed(findings)
    changes = comparing.compare(before, after)
    flags, remarks = _flags(before, after, content, asked.snapshots)
    amounts = deriving.amount_changes(changes)
    again = f".venv/bin/python build.py changes {asked.before} {asked.after} --format json"
    laid = sections.sections(changes, _names(content, after), flags, amounts)
    return rendering.Report(changes, tuple(telling.sentences(changes, flags, amounts)), tuple(laid), (*changes.not_compared, *remarks), again)


def facts_of(one: Snapshot, rows: Callable[[str], Rows | None] | None = None, edits: Edits | None = None) -> Facts:
    """Return what tips may watch of a release; ``rows`` gives a code's, where somebody has them at hand."""
    if rows is None:
        rows = {entry.code: entry.rows for entry in group(one.services)}.get
    meta = one.meta
    return Facts(meta.release, meta.effective_from, rows, edits or Edits(one), rules.conversion_factors(meta.effective_from).exact())


def _flags(before: Snapshot, after: Snapshot, content: Library, folder: Path) -> tuple[list[Flag], list[str]]:
    """Return what is flagged for the later release, and the tips of which that cannot be told."""
    older = {one.meta.release: one for one in (*_others(folder), before) if one.meta.release != after.meta.release}
    needed = {tip.verified_for for tip in content.tips} & older.keys()
    watch = Watch(facts_of(after), {name: facts_of(older[name]) for name in sorted(needed)})
    if not needed:
        flags = []
    else:
        rows = {entry.code: entry.rows for entry in group(after.services)}
        selecting = Selecting(rows, after, Edits(after), rules.conversion_factors(after.meta.effective_from).exact())
        flags = list(watch.every(content.tips, lambda tip: selecting.codes(tip.where)))
    untold: dict[str, int] = {}
    for _, release in watch.untold(content.tips):
        untold[release] = untold.get(release, 0) + 1
    return flags, [f"{telling.started(telling.counted(number, 'tip'))} verified for {release}: whether what they watch has changed is not known, since that release is not here." for release, number in sorted(untold.items())]


def _others(folder: Path) -> list[Snapshot]:
    return [snapshot.read(path.parent) for path in sorted(folder.glob(f"*/{snapshot.META}")) if not path.parent.name.startswith(".")]


def _names(content: Library, after: Snapshot) -> Callable[[str], str]:
    """Return what names a code: our own title, CMS's text of a Level II code, CMS's class of it, or our range; never a CPT or CDT text."""

    def name_of(code: str) -> str:
        note = content.notes.get(code)
        if note is not None:
            return note.title
        if system_of(code) not in {"CPT", "CDT"}:
            found = after.hcpcs_text.get(code)
            if found:
                return " ".join(found.split())
        category = after.rbcs.get(code)
        return content.range_of(code).name if category is None else category.family or category.subcategory

    return name_of


def _snapshot(name: str, folder: Path) -> Snapshot:
    """Open a snapshot by the name of its release, or by its folder."""
    if os.sep in name or (Path(name) / snapshot.META).is_file():
        return snapshot.read(Path(name))
    return snapshot.read(loading.choose_snapshot(name, folder))


def _write(path: Path, text: str) -> None:
    """Put the report down whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    except OSError as problem:
        part.unlink(missing_ok=True)
        raise Failed(f"{shown(path)}: error: cannot be written: {problem.strerror or problem}\n  try: --out with a file in a folder that is there", exit_code=2) from None
