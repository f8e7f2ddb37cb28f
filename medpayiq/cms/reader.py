"""Reads every file of an import, each by the reader of its table, and holds the tables against each other."""

from __future__ import annotations

from typing import Any

from medpayiq.cms import aoc, cells, localities, mue, oppscap, pprrvu, ptp, rbcs, snapshot, zip5
from medpayiq.cms.cells import Lines
from medpayiq.cms.recognising import Recognised
from medpayiq.cms.records import HcpcsText
from medpayiq.findings import Findings


class Reader:
    """What has been read of the files that were chosen for one import."""

    def __init__(self, chosen: dict[str, Recognised], findings: Findings) -> None:
        """Take the file of each table; nothing is read yet."""
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
        """Read every file that was chosen, each by the method of its table."""
        by_table = {
            "services": self._services,
            "localities": self._localities,
            "anesthesia": self._anesthesia,
            "counties": self._counties,
            "opps_caps": self._opps_caps,
            "zip5": self._zip5,
            "rbcs": self._rbcs,
            "mue": self._mue,
            "aoc": self._aoc,
        }
        for table, one in self.chosen.items():
            file, before = one.file, self.findings.count("error")
            if any(cells.is_wide(part.where, part.data, self.findings) for part in one.files if one.form != "xlsx"):
                continue
            if table == "ptp":
                self._ptp(one)
                continue
            read, kept = by_table[table](one, file.where, file.data)
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

    def _zip5(self, one: Recognised, where: str, data: bytes) -> tuple[int, int]:
        rows, self.lines["zip5"], read, self.zip_quarter = (zip5.read_txt if one.form == "txt" else zip5.read_xlsx)(where, data, self.findings)
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
        """Warn of an endoscopic base that the file does not have."""
        codes = {one.code for one in self.values.services}
        where = self.chosen["services"].file.where
        for one in self.values.services:
            if one.endo_base and one.endo_base not in codes:
                self.findings.warning(where, f"{one.code}: endoscopic base code {one.endo_base} is not in the file", line=one.line)
