"""Says by its name which table of CMS's a file is, and picks the files to read among all that are there."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from medpayiq.cms import ptp
from medpayiq.cms.inputs import InputFile
from medpayiq.findings import Findings

EDITS = frozenset({"ptp", "mue", "aoc"})
"""Tables of the NCCI programme: files of their own, with quarters of their own."""
# What a table's file is called. The layout is checked again by its reader.
_NAMES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (table, re.compile(pattern, re.IGNORECASE))
    for table, pattern in (
        ("services", r"PPRRVU(?P<year>\d{4}|\d\d)_?(?P<month>JAN|APR|JUL|OCT)(?:_nonQPP)?\.(?P<form>csv|txt)\Z"),
        ("localities", r"GPCI(?P<year>\d{4})\.(?P<form>csv)\Z"),
        ("anesthesia", r"ANES(?P<year>\d{4})\.(?P<form>csv|txt)\Z"),
        ("counties", r"(?P<year>\d\d)LOCCO\.(?P<form>csv)\Z"),
        ("opps_caps", r"OPPSCAP_(?P<month>JAN|APR|JUL|OCT)\.(?P<form>csv|txt)\Z"),
        ("zip5", r"ZIP5_(?P<month>[A-Z]{3})(?P<year>\d{4})\.(?P<form>txt|xlsx)\Z"),
        ("rbcs", r"RBCS[ _](?:Taxonomy_)?RY_?(?P<year>\d{4})\w*\.(?P<form>csv)\Z"),
        ("ptp", r"ccipra[-_](?P<version>v\d{3}r\d+)(?:[-_]f(?P<part>\d+))?[.\w-]*\.(?P<form>txt)\Z"),
        ("mue", r"MCR_MUE_PractitionerServices_Eff_(?P<mm>\d\d)-\d\d-(?P<year>\d{4})[\w-]*\.(?P<form>csv)\Z"),
        ("aoc", r"AOC_V(?P<year>\d{4})Q(?P<q>[1-4])[\w-]*\.(?P<form>csv|xlsx)\Z"),
    )
)
_OTHER_FORM = re.compile(r"(PPRRVU|GPCI|ANES|\d\dLOCCO|OPPSCAP|ZIP5_|ccipra|MCR_MUE_PractitionerServices|AOC_V).*\.(xlsx?|txt|prn)\Z|RVU\d\d[A-D]R?\.(pdf|docx?)\Z", re.IGNORECASE)
_QPP = re.compile(r"PPRRVU\d+_?\w{3}_QPP\.(csv|txt)\Z", re.IGNORECASE)
_OTHER_NCCI = re.compile(r"(ccioph|MCR_MUE_|mcd_)", re.IGNORECASE)
_FORMS = ("csv", "txt", "xlsx")
"""Of a table in several forms the first of these is read."""
_MONTHS = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"
_PARTS = 4
"""CMS ships the practitioner edits in four files, f1 to f4."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A file whose name says which table it is; of a table in several parts the first, with the others."""

    table: str
    form: str
    year: int | None
    month: str | None
    file: InputFile
    quarter: str | None = None
    """Of a table of the NCCI programme: ``2026 Q3``."""
    version: str = ""
    """Of an edit set: ``v322r0``."""
    part: int | None = None
    others: tuple[InputFile, ...] = ()
    """The further parts of the table, in order."""

    @property
    def files(self) -> tuple[InputFile, ...]:
        """Return every file of the table."""
        return (self.file, *self.others)


def recognise(file: InputFile) -> Recognised | None:
    """Return which table a file is, by its name; None when it is none of ours."""
    for table, pattern in _NAMES:
        if match := pattern.match(file.name):
            parts = match.groupdict()
            year = int(parts["year"]) if parts.get("year") else None
            month = parts.get("month")
            quarter = number = None
            version = (parts.get("version") or "").lower()
            if table == "ptp":
                quarter = ptp.quarter(version)
                number = int(parts["part"]) if parts["part"] else None
            elif table in EDITS:
                quarter = f"{year} Q{parts['q'] if 'q' in parts else (int(parts['mm']) + 2) // 3}"
            return Recognised(table, parts["form"].lower(), year if year is None or year > 99 else 2000 + year, month.upper() if month else None, file, quarter, version, number)
    return None


def choose(files: list[InputFile], findings: Findings) -> dict[str, Recognised]:
    """Pick the file of each table: csv before txt before xlsx; the same bytes twice count once; two different ones are an error.

    Of the ZIP codes alone several editions may be there, since each goes with many releases: that in force is picked.
    """
    by_table: dict[str, list[Recognised]] = {}
    for file in files:
        known = recognise(file)
        if known is not None:
            by_table.setdefault(known.table, []).append(known)
        elif _QPP.match(file.name):
            findings.note(file.where, "passed over: the QPP file repeats the RVUs of the nonQPP one; the QP conversion factor comes from rules/conversion-factors.yml")
        elif _OTHER_NCCI.match(file.name):
            findings.note(file.where, "passed over: edits of hospitals, suppliers or Medicaid; those of practitioners are read")
        elif _OTHER_FORM.match(file.name):
            findings.note(file.where, "passed over: a copy or documentation in a form that is not read")
        else:
            findings.note(file.where, "passed over: not the name of a table that is read")
    chosen: dict[str, Recognised] = {}
    if "zip5" in by_table:
        by_table["zip5"] = _in_force(by_table["zip5"], by_table.get("services", []), findings)
    for table, candidates in by_table.items():
        best_form = min((one.form for one in candidates), key=_FORMS.index)
        best = [one for one in candidates if one.form == best_form]
        for other in candidates:
            if _edition(other) != _edition(best[0]):
                findings.error(other.file.where, f"is of another {'quarter' if table in EDITS else 'release'} than {best[0].file.where}", try_="import one release at a time, each table once")
            elif other.form != best_form:
                findings.note(other.file.where, f"passed over: {best[0].file.where} is the {best_form} of the same table")
        same = [one for one in best if _edition(one) == _edition(best[0])]
        chosen[table] = _together(same, findings) if table == "ptp" else _one(same, findings)
    return chosen


def _in_force(tables: list[Recognised], services: list[Recognised], findings: Findings) -> list[Recognised]:
    """Keep the edition of the ZIP codes that ``fetch`` would take: the newest that began by the release's last day, where none had, the oldest."""
    begins = sorted({_begins(one) for one in tables})
    # A release holds for the quarter that begins with its month.
    begun = [month for month in begins if not services or month < _begins(services[0]) + 3]
    kept = begun[-1] if begun else begins[0]
    best = min((one for one in tables if _begins(one) == kept), key=lambda one: _FORMS.index(one.form))
    for one in tables:
        if _begins(one) != kept:
            why = f"{best.file.where} is the newer edition" if _begins(one) < kept else f"it begins after the quarter of {services[0].file.name}; {best.file.where} is read"
            findings.note(one.file.where, f"passed over: {why}")
    return [one for one in tables if _begins(one) == kept]


def _begins(one: Recognised) -> int:
    """Return the month that a file's name says, counted from year 0."""
    return (one.year or 0) * 12 + _MONTHS.find(one.month or "") // 3


def _edition(one: Recognised) -> tuple[int | None, str | None, str | None, str]:
    return one.year, one.month, one.quarter, one.version


def _one(same: list[Recognised], findings: Findings) -> Recognised:
    second = next((one for one in same if one.file.sha256 != same[0].file.sha256), None)
    if second is not None:
        findings.error(second.file.where, f"is a second, different file of the table that {same[0].file.where} is", try_="import one release at a time, each table once")
    return same[0]


def _together(same: list[Recognised], findings: Findings) -> Recognised:
    """Join the parts of an edit set; a part that stands there twice must be the same, and one that is missing is named."""
    parts: dict[int | None, Recognised] = {}
    for one in same:
        before = parts.setdefault(one.part, one)
        if before.file.sha256 != one.file.sha256:
            findings.error(one.file.where, f"is a second, different file of the part that {before.file.where} is", try_="import one edit set at a time, each part once")
    ordered = [parts[number] for number in sorted(parts, key=lambda one: one or 0)]
    numbers = {one.part for one in ordered if one.part}
    missing = sorted(set(range(1, max(_PARTS, *numbers) + 1)) - numbers) if numbers else []
    if missing:
        named = " and ".join(f"f{number}" for number in missing)
        findings.warning(ordered[0].file.where, f"comes without {named} of its edit set: pairs of {'that part' if len(missing) == 1 else 'those parts'} are not known", try_="import all parts of the quarter together")
    return replace(ordered[0], others=tuple(one.file for one in ordered[1:]))
