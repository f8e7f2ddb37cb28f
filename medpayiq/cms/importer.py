"""Turns the files of one release into a snapshot: recognise, read, check the tables against each other, write."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from medpayiq.cms import aoc, carrying, cells, inputs, localities, mue, oppscap, pprrvu, ptp, rbcs, releases, shrinking, snapshot, zip5
from medpayiq.cms.cells import Lines
from medpayiq.cms.holding import hold
from medpayiq.cms.recognising import EDITS, Recognised, choose
from medpayiq.cms.records import CF_PLACES, HcpcsText
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
        files = inputs.collect(paths, findings)
        chosen = choose(files, findings)
        if chosen and chosen.keys() <= EDITS and not findings.failed:
            return _add(chosen, snapshots, release, findings)
        if "services" not in chosen and not findings.failed:
            findings.error("import", "no PPRRVU file among the inputs", try_="name the folder or zip of an RVU release, such as rvu26c.zip")
        if "localities" not in chosen and not findings.failed:
            findings.error("import", "no GPCI csv among the inputs", try_="name the folder or zip that holds GPCI and PPRRVU of the same release")
        if findings.failed:
            raise Failed(findings)
        reader = _Reader(chosen, findings)
        reader.read_all()
        which = _release(chosen["services"], reader.values, release, findings)
        if which is None or findings.failed:
            raise Failed(findings)
        # A release that is asked for by name is a correction, whose days are not its quarter's.
        first, last = (days_of(which.name) if release else None) or (which.effective_from, which.effective_to)
        which = replace(which, effective_from=effective_from or first, effective_to=effective_to or last)
        if which.effective_from > which.effective_to:
            raise Failed(f"import: error: {which.name} would hold from {which.effective_from} to {which.effective_to}\n  try: --effective-from before --effective-to", exit_code=2)
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
        meta = snapshot.Meta(
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
            warnings=carrying.in_order([*warnings, *carried.warnings], folder) if carried.tables else tuple(warnings),
        )
        before = _digest(folder)
        shrinking.warn(folder, meta, chosen["services"].file.where, findings)
        if not carries:
            _tell_of_edits(folder, meta, findings)
        try:
            made = snapshot.write(folder, meta, reader.tables | carried.tables)
            _write_descriptors(descriptors / f"{which.name.lower()}.tsv", reader.values.descriptions)
        except OSError as problem:
            raise Failed(f"{problem.filename or folder}: error: cannot be written: {problem.strerror or problem}\n  try: make room or look at the rights, then import again", exit_code=2) from None
        return Imported(made, findings, before is not None and before == _digest(folder), tuple(carried.tables))


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
    reader = _Reader(chosen, findings)
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
    try:
        made = snapshot.write(folder, meta, kept | reader.tables)
    except OSError as problem:
        raise Failed(f"{problem.filename or folder}: error: cannot be written: {problem.strerror or problem}\n  try: make room or look at the rights, then import again", exit_code=2) from None
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


class _Reader:
    """Holds what has been read so far; one method a step."""

    def __init__(self, chosen: dict[str, Recognised], findings: Findings) -> None:
        self.chosen = chosen
        self.findings = findings
        self.tables: dict[str, Any] = {}
        self.sources: list[snapshot.SourceRecord] = []
        self.values = pprrvu.RelativeValues()
        self.gpci = localities.Localities()
        self.anes = localities.AnesthesiaFactors()
        self.lines: dict[str, Lines] = {}
        """Table to the lines on which each locality stands first."""
        self.zip_quarter: str | None = None
        self.editions: dict[str, dict[str, str]] = {}
        self.where = {table: one.file.where for table, one in chosen.items()}
        """Table to its file, as messages name it."""

    def read_all(self) -> None:
        for table, one in self.chosen.items():
            file, before = one.file, self.findings.count("error")
            if any(cells.is_wide(part.where, part.data, self.findings) for part in one.files if one.form != "xlsx"):
                continue
            if table == "ptp":
                self._ptp(one)
                continue
            read, kept = getattr(self, f"_{table}")(one, file.where, file.data)
            if not read and self.findings.count("error") == before:
                self.findings.error(file.where, "holds no row", try_="download the file again")
            self.sources.append(snapshot.SourceRecord(table, file.name, len(file.data), file.sha256, read, kept))

    def _services(self, one: Recognised, where: str, data: bytes) -> tuple[int, int]:
        if one.form == "csv":
            self.values = pprrvu.read_csv(where, data, self.findings)
        else:
            self.values = pprrvu.read_txt(where, data, one.year or 0, self.findings)
        self.tables["services"] = self.values.services
        # HCPCS Level II begins with a letter and is CMS's own text; D codes are the ADA's, digits are CPT, the AMA's.
        self.tables["hcpcs_text"] = [HcpcsText(code, text) for code, text in self.values.descriptions.items() if code[0].isalpha() and code[0] != "D" and text]
        return self.values.rows_read, len(self.values.services)

    def _localities(self, _: Recognised, where: str, data: bytes) -> tuple[int, int]:
        self.gpci = localities.read_gpci(where, data, self.findings)
        self.tables["localities"], self.lines["localities"] = self.gpci.rows, self.gpci.lines
        return self.gpci.rows_read, len(self.gpci.rows)

    def _anesthesia(self, one: Recognised, where: str, data: bytes) -> tuple[int, int]:
        if one.form == "csv":
            self.anes = localities.read_anes_csv(where, data, self.findings)
        else:
            self.anes = localities.read_anes_txt(where, data, one.year or 0, self.findings)
        self.tables["anesthesia"], self.lines["anesthesia"] = self.anes.rows, self.anes.lines
        return self.anes.rows_read, len(self.anes.rows)

    def _counties(self, _: Recognised, where: str, data: bytes) -> tuple[int, int]:
        rows, self.lines["counties"], read = localities.read_locco(where, data, self.findings)
        self.tables["counties"] = rows
        return read, len(rows)

    def _opps_caps(self, one: Recognised, where: str, data: bytes) -> tuple[int, int]:
        year = self.chosen["services"].year or 0
        rows, self.lines["opps_caps"], read = oppscap.read_csv(where, data, self.findings) if one.form == "csv" else oppscap.read_txt(where, data, year, self.findings)
        self.tables["opps_caps"] = rows
        return read, len(rows)

    def _zip5(self, _: Recognised, where: str, data: bytes) -> tuple[int, int]:
        rows, self.lines["zip5"], read, self.zip_quarter = zip5.read(where, data, self.findings)
        self.tables["zip5"] = rows
        return read, sum(len(row.endings) // 2 for row in rows)

    def _rbcs(self, _: Recognised, where: str, data: bytes) -> tuple[int, int]:
        rows, read = rbcs.read(where, data, self.findings)
        self.tables["rbcs"] = rows
        return read, len(rows)

    def _ptp(self, one: Recognised) -> None:
        """Read an edit set, in as many files as it came."""
        before = self.findings.count("error")
        rows, counts = ptp.read(one.files, self.findings)
        self.tables["ptp"], self.editions["ptp"] = rows, {"quarter": one.quarter or "", "version": one.version}
        for file in one.files:
            read = counts[file.where]
            if not read and self.findings.count("error") == before:
                self.findings.error(file.where, "holds no row", try_="download the file again")
            self.sources.append(snapshot.SourceRecord("ptp", file.name, len(file.data), file.sha256, read, read))

    def _mue(self, one: Recognised, where: str, data: bytes) -> tuple[int, int]:
        rows, read = mue.read(where, data, self.findings)
        self.tables["mue"], self.editions["mue"] = rows, {"quarter": one.quarter or ""}
        return read, len(rows)

    def _aoc(self, one: Recognised, where: str, data: bytes) -> tuple[int, int]:
        rows, read = (aoc.read_csv if one.form == "csv" else aoc.read_xlsx)(where, data, self.findings)
        self.tables["aoc"], self.editions["aoc"] = rows, {"quarter": one.quarter or ""}
        return read, len(rows)

    def check_against_each_other(self, year: int) -> None:
        """Every locality of one table must be in GPCI; year and month must be the same everywhere."""
        findings = self.findings
        gpci = self.chosen["localities"].file
        if self.gpci.year not in (None, year):
            line, column = self.gpci.year_at
            findings.error(gpci.where, f"holds the GPCIs of {self.gpci.year}; the relative values are of {year}", line=line, column=column, try_="import the tables of one release")
        for table in ("localities", "anesthesia", "counties"):
            if table in self.chosen and self.chosen[table].year not in (None, year):
                findings.error(self.chosen[table].file.where, f"is of {self.chosen[table].year}; the relative values are of {year}", try_="import the tables of one release")
        if "opps_caps" in self.chosen and self.chosen["opps_caps"].month != self.chosen["services"].month:
            findings.error(self.chosen["opps_caps"].file.where, f"is of {self.chosen['opps_caps'].month}; the relative values are of {self.chosen['services'].month}", try_="import the tables of one release")
        for table, have in self.lines.items():
            if table == "localities":
                continue
            other, known = self.chosen[table].file, self.lines["localities"]
            # Without its anesthesia factor a locality cannot be priced; the other tables only lead to it.
            report, then = (findings.error, "") if table == "anesthesia" else (findings.warning, "; its rows are kept but cannot be priced")
            try_ = f"see whether {gpci.name} and {other.name} are of one release and whole: download them again" if table == "anesthesia" else ""
            for mac, locality in sorted(have.keys() - known.keys()):
                report(other.where, f"locality {mac}/{locality} is not in {gpci.name}{then}", line=have[mac, locality], try_=try_)
            for mac, locality in sorted(known.keys() - have.keys()):
                report(gpci.where, f"locality {mac}/{locality} is not in {other.name}", line=known[mac, locality], try_=try_)
        self._check_endoscopy_bases()

    def _check_endoscopy_bases(self) -> None:
        codes = {one.code for one in self.values.services}
        where = self.chosen["services"].file.where
        for one in self.values.services:
            if one.endo_base and one.endo_base not in codes:
                self.findings.warning(where, f"{one.code}: endoscopic base code {one.endo_base} is not in the file", line=one.line)


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
    which: releases.Release, chosen: dict[str, Recognised], reader: _Reader, factors_on: FactorsOn, findings: Findings
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
