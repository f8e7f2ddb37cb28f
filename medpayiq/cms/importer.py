"""Turns the files of one release into a snapshot: recognise, read, hold factors and days against what is known, write."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from medpayiq.cms import carrying, inputs, pprrvu, releases, shrinking, snapshot
from medpayiq.cms.holding import hold
from medpayiq.cms.reader import Reader
from medpayiq.cms.recognising import EDITS, Recognised, choose
from medpayiq.cms.records import CF_PLACES
from medpayiq.findings import Failed, Findings

FactorsOn = Callable[[str, str], dict[str, str]]
"""(day, table) to the conversion factors that rules/ holds for it; handed in, since this package knows no rule."""
DaysOf = Callable[[str], tuple[str, str] | None]
"""Name of a release to its first and last day, as far as they are known beforehand (cms_data/manifest.yml)."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A finished import."""

    snapshot: snapshot.Snapshot
    findings: Findings
    unchanged: bool
    carried: tuple[str, ...] = ()
    """Tables that were taken over from the snapshot of before."""


def run(
    paths: list[Path],
    snapshots: Path,
    descriptors: Path,
    factors_on: FactorsOn,
    *,
    release: str | None = None,
    effective_from: str | None = None,
    effective_to: str | None = None,
    days_of: DaysOf = lambda _: None,
    carries: bool = False,
) -> Imported:
    """Import ``paths`` into ``snapshots/<release>``; CMS's short texts go to ``descriptors/<release>.tsv``.

    With ``carries``, tables that these files lack are taken over from the snapshot at hand.

    Raises:
        Failed: with every error found; nothing is written then. Or somebody else is at work in ``snapshots``.

    """
    findings = Findings()
    with hold(snapshots):
        snapshot.mend(snapshots)
        _mend_descriptors(descriptors)
        chosen = choose(inputs.collect(paths, findings), findings)
        if chosen and chosen.keys() <= EDITS and not findings.failed:
            return _add(chosen, snapshots, release, findings)
        _refuse_without(chosen, findings)
        reader = Reader(chosen, findings)
        reader.read_all()
        found = _release(chosen["services"], reader.values, release, findings)
        if found is None or findings.failed:
            raise Failed(findings)
        # A release that is asked for by name is a correction, whose days are not its quarter's.
        which = _dated(found, days_of(found.name) if release else None, effective_from, effective_to)
        factors, national = _check_factors(which, chosen, reader, factors_on, findings)
        reader.check_against_each_other(which.year)
        if findings.failed:
            raise Failed(findings)
        warnings = _warnings(findings)
        folder = snapshots / which.name.lower()
        shrinking.refuse(folder, reader.sources, reader.editions, reader.where, findings)
        if findings.failed:
            raise Failed(findings)
        carried = carrying.carry(folder, chosen["services"].file.where, reader.sources, reader.gpci.rows, findings) if carries else carrying.Carried()
        if findings.failed:
            raise Failed(findings)
        told = carrying.in_order([*warnings, *carried.warnings], folder) if carried.tables else tuple(warnings)
        meta = _meta(which, reader, factors, national, carried, told)
        before = _digest(folder)
        shrinking.warn(folder, meta, chosen["services"].file.where, findings)
        if not carries:
            _tell_of_edits(folder, meta, findings)
        with _writing(folder):
            made = snapshot.write(folder, meta, reader.tables | carried.tables)
            _write_descriptors(descriptors / f"{which.name.lower()}.tsv", reader.values.descriptions)
        return Imported(made, findings, before is not None and before == _digest(folder), tuple(carried.tables))


def _refuse_without(chosen: dict[str, Recognised], findings: Findings) -> None:
    """Stop where a table is missing that every snapshot has."""
    if "services" not in chosen and not findings.failed:
        findings.error("import", "no PPRRVU file among the inputs", try_="name the folder or zip of an RVU release, such as rvu26c.zip")
    if "localities" not in chosen and not findings.failed:
        findings.error("import", "no GPCI csv among the inputs", try_="name the folder or zip that holds GPCI and PPRRVU of the same release")
    if findings.failed:
        raise Failed(findings)


def _dated(found: releases.Release, known: tuple[str, str] | None, first: str | None, last: str | None) -> releases.Release:
    """Return a release with the days it holds for: those that were asked for, else those that are ``known``, else its quarter's."""
    since, until = known or (found.effective_from, found.effective_to)
    which = replace(found, effective_from=first or since, effective_to=last or until)
    if which.effective_from > which.effective_to:
        raise Failed(f"import: error: {which.name} would hold from {which.effective_from} to {which.effective_to}\n  try: --effective-from before --effective-to", exit_code=2)
    return which


def _meta(which: releases.Release, reader: Reader, factors: dict[str, str], national: dict[str, str], carried: carrying.Carried, warnings: tuple[str, ...]) -> snapshot.Meta:
    """Return what the snapshot says of itself."""
    return snapshot.Meta(
        release=which.name,
        year=which.year,
        effective_from=which.effective_from,
        effective_to=which.effective_to,
        released=reader.values.released,
        conversion_factors=factors,
        editions=carried.editions | reader.editions,
        conversion_factor_in_file=_dollars4(reader.values.conversion_factor or 0),
        anesthesia_national=carried.anesthesia_national or national,
        zip_quarter=carried.zip_quarter or reader.zip_quarter,
        sample=False,
        sources=tuple(sorted([*reader.sources, *carried.sources], key=lambda one: (one.table, one.file))),
        warnings=warnings,
    )


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Say which file could not be written, and what to do about it."""
    try:
        yield
    except OSError as problem:
        raise Failed(f"{problem.filename or folder}: error: cannot be written: {problem.strerror or problem}\n  try: make room or look at the rights, then import again", exit_code=2) from None


def _add(chosen: dict[str, Recognised], snapshots: Path, asked: str | None, findings: Findings) -> Imported:
    """Put edits, unit limits and add-on codes that came by themselves into the snapshot of their quarter, or of the release asked for."""
    leading = chosen.get("ptp") or chosen.get("mue") or chosen["aoc"]
    quarter = leading.quarter or ""
    name = (asked or releases.of_quarter(quarter).name).lower()
    folder = snapshots / name
    if not (folder / snapshot.META).is_file():
        here = ", ".join(sorted(path.parent.name for path in snapshots.glob(f"*/{snapshot.META}"))) or "none"
        raise Failed(
            f"{leading.file.where}: error: is of {quarter}, and the snapshot it goes into, {name}, is not here (imported: {here})\n"
            "  try: import them together with the relative values of a release, or name the snapshot that they go into: --release NAME",
            exit_code=2,
        )
    before = snapshot.read(folder)
    reader = Reader(chosen, findings)
    reader.read_all()
    shrinking.refuse(folder, reader.sources, reader.editions, reader.where, findings)
    if findings.failed:
        raise Failed(findings)
    kept = {table: before.rows(table) for table in before.meta.tables if table not in chosen}
    replaced = {one.file for one in before.meta.sources if one.table in chosen}
    sources = [*(one for one in before.meta.sources if one.table not in chosen), *reader.sources]
    warnings = [*(one for one in before.meta.warnings if one.split(":", 1)[0] not in replaced), *_warnings(findings)]
    meta = replace(before.meta, editions=before.meta.editions | reader.editions, warnings=carrying.in_order(warnings, folder), sources=tuple(sorted(sources, key=lambda one: (one.table, one.file))), tables={})
    digest = _digest(folder)
    with _writing(folder):
        made = snapshot.write(folder, meta, kept | reader.tables)
    return Imported(made, findings, digest == _digest(folder))


def _warnings(findings: Findings) -> list[str]:
    """Return the warnings by the file's own name: the folder or zip it came in must not change a byte of the snapshot."""
    return [str(replace(one, file=one.file.rsplit("/", 1)[-1])) for one in findings.of("warning")]


def _tell_of_edits(folder: Path, meta: snapshot.Meta, findings: Findings) -> None:
    """Say which edits a snapshot loses that is imported again without them."""
    try:
        lost = snapshot.read(folder).meta.editions.keys() - meta.editions.keys()
    except Failed:
        return
    for table in sorted(lost):
        findings.warning(folder.name, f"had a {table} table, which did not come with these files and is not in the new snapshot", try_=f"import its file too; by itself: .venv/bin/python build.py import FILE --release {meta.release}")


def _release(one: Recognised, values: pprrvu.RelativeValues, asked: str | None, findings: Findings) -> releases.Release | None:
    """Which release this is: file name and title must agree; ``--release`` decides between a quarter's corrections."""
    where = one.file.where
    if values.title_year is not None and (values.title_year, values.title_month) != (one.year, one.month):
        findings.error(where, f"its title says {values.title_month} {values.title_year}, its name {one.month} {one.year}", line=values.title_line, try_="give the file the name it has in CMS's zip")
        return None
    found = releases.of_month(one.year or 0, one.month or "")
    if asked is None or found is None:
        return found
    wanted = releases.named(asked)
    if wanted is None or (wanted.year, wanted.quarter) != (found.year, found.quarter):
        findings.error(where, f"is of {found.name}, not of {asked.upper()}", try_=f"--release {found.name} (or {found.name}R for CMS's correction of that quarter)")
        return None
    return wanted


def _check_factors(
    which: releases.Release, chosen: dict[str, Recognised], reader: Reader, factors_on: FactorsOn, findings: Findings
) -> tuple[dict[str, str], dict[str, str]]:
    """Hold the file's conversion factors against rules/; return the release's factors and the national anesthesia ones."""
    factors = factors_on(which.effective_from, "physician_fee_schedule")
    expected = factors.get("all") or factors["non_qp"]
    found = _dollars4(reader.values.conversion_factor or 0)
    if found != expected:
        findings.error(
            chosen["services"].file.where,
            f"its conversion factor is {found}; rules/conversion-factors.yml says {expected} for {which.effective_from}",
            line=reader.values.conversion_factor_at[0],
            column=reader.values.conversion_factor_at[1],
            try_="find out which is wrong before anything is priced; a changed factor goes into rules/ with its source",
        )
    elif factors_on(which.effective_to, "physician_fee_schedule") != factors:
        findings.warning(
            chosen["services"].file.where,
            f"its conversion factor {found} does not hold to {which.effective_to}: rules/conversion-factors.yml has another by then",
            line=reader.values.conversion_factor_at[0],
            column=reader.values.conversion_factor_at[1],
            try_="import it again with --effective-to the last day it held",
        )
    national: dict[str, str] = {}
    if reader.anes.national:
        expected_national = factors_on(which.effective_from, "anesthesia_national")
        national = {"non_qp": reader.anes.national, "qp": reader.anes.national_qp} if reader.anes.national_qp else {"all": reader.anes.national}
        if national != expected_national:
            findings.error(
                chosen["anesthesia"].file.where,
                f"its national anesthesia conversion factors are {national}; rules/conversion-factors.yml says {expected_national}",
                line=1,
                try_="find out which is wrong; a changed factor goes into rules/ with its source",
            )
    return factors, national


def _dollars4(factor: int) -> str:
    return f"{factor // 10**CF_PLACES}.{factor % 10**CF_PLACES:04d}"


def _digest(folder: Path) -> str | None:
    try:
        return hashlib.sha256((folder / snapshot.META).read_bytes()).hexdigest()
    except OSError:
        return None


def _write_descriptors(path: Path, texts: dict[str, str]) -> None:
    """Keep CMS's short texts out of the snapshot: they are licensed, and only ``descriptors: cms`` reads them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text("".join(f"{code}\t{' '.join(text.split())}\n" for code, text in sorted(texts.items())), encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _mend_descriptors(folder: Path) -> None:
    """Take away what a killed import left half written."""
    for left in folder.glob(".*.part"):
        left.unlink(missing_ok=True)
