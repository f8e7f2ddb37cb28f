"""Recomputes the amounts that CMS published, per code and locality, and lists every one that differs."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from medpayiq import rules
from medpayiq.cms import oppscap
from medpayiq.cms.snapshot import Snapshot
from medpayiq.facts import SnapshotFacts
from medpayiq.findings import Failed, Findings
from medpayiq.paths import shown
from medpayiq.payment.amount import Gpci, Setting, fee_schedule, later_unit, opps_cap
from medpayiq.payment.money import plain
from medpayiq.payment.reading import dollars_of

_NAME = re.compile(r"PF(?P<kind>REV|ALL|[A-Z]{2})(?P<year>\d{2})?(?P<quarter>[A-D1-4])?(?P<rest>.*)\.(?:txt|csv)\Z", re.IGNORECASE)
_QUARTERS = "ABCD"
_COLUMNS = 16
"""Fields of a row: year, carrier, locality, code, modifier, two amounts, filler, PC/TC, status, multiple procedure indicator,
two reduced therapy amounts, OPPS indicator, two OPPS amounts (CMS's layout PF26PB)."""
_BASE: tuple[tuple[int, Setting, str], ...] = ((5, "office", "nonfacility"), (6, "facility", "facility"))
_CAPS: tuple[tuple[int, Setting, str], ...] = ((14, "office", "nonfacility cap"), (15, "facility", "facility cap"))
_SHOWN = 20
"""Differences that a message lists; the result holds them all."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One published amount that the engine does not reproduce."""

    line: int
    what: str
    """``99203 nonfacility in 04412/99``."""
    published: str
    ours: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A file of CMS's against the engine."""

    file: str
    sha256: str
    release: str
    """The imported release whose RVUs and indices were used."""
    factor: str
    """Conversion factor, dollars per RVU."""
    rows: int
    amounts: int
    matches: int
    differences: tuple[Difference, ...]

    def as_json(self) -> dict[str, Any]:
        """Return what the committed result holds."""
        return asdict(self)

    def __str__(self) -> str:
        """``PFREV25C.txt: 218 of 218 amounts, with RVU25D``, and each miss."""
        text = f"{self.file}: {self.matches:,} of {self.amounts:,} amounts, with {self.release} and {self.factor}"
        for one in self.differences[:_SHOWN]:
            text += f"\n  {self.file}:{one.line}: {one.what}: published {one.published}, computed {one.ours}"
        more = len(self.differences) - _SHOWN
        return text + (f"\n  and {more:,} more" if more > 0 else "")


Asked = tuple[int, str, int, int | None]
"""Line of the file, what it is, the published amount and ours in cents; ours is None where it cannot be priced."""


def payment_files(folder: Path) -> list[Path]:
    """Return the payment amount files (PFREV, PFALL, PF and a state) of a folder, or the one file.

    Raises:
        Failed: there is none.
    """
    found = [folder] if folder.is_file() else sorted(path for path in folder.glob("*") if _NAME.match(path.name))
    if not found:
        raise Failed(f"{shown(folder)}: error: no payment amount file of CMS's is there (PFREV26B.txt, PFALL26A.txt ...)\n  try: --oracle FOLDER_OF_PAYMENT_FILES", exit_code=2)
    return found


def compare_payments(path: Path, releases: Sequence[Snapshot]) -> Comparison:
    """Compare one PFREV, PFALL or carrier file with the imported release it belongs to.

    The file lists fee schedule amounts before the imaging cap, also where the service is not paid in the setting.

    Raises:
        Failed: the file is not of CMS's layout, or no release of its year is imported.
    """
    data = _read(path)
    rows = list(_rows(path, data))
    snap = _release_for(path, rows[0][1][0], releases)
    factor = _factor(path, snap)
    asked = partial(_payment_amounts, _Indexed(SnapshotFacts(snap)), factor)
    return _compare(path, data, snap, factor, len(rows), (one for line, cells in rows for one in asked(line, cells)))


def compare_caps(path: Path, releases: Sequence[Snapshot]) -> Comparison:
    """Compare an OPPSCAP csv with the imported release of its name's year and month: each amount is the cap of its row.

    Raises:
        Failed: the file is not of CMS's layout, or no release of any year fits it.
    """
    data = _read(path)
    findings = Findings()
    caps, _, number = oppscap.read_csv(shown(path), data, findings)
    if findings.failed:
        raise Failed(findings)
    snap = _release_of_caps(path, [(one.code, one.mac, one.locality) for one in caps], data, releases)
    factor = _factor(path, snap)
    indexed = _Indexed(SnapshotFacts(snap))
    asked: list[Asked] = []
    for line, one in enumerate(caps, 2):
        rows, gpci = indexed.facts.rows(one.code), indexed.gpci(one.mac, one.locality)
        row = rows.get(one.modifier)
        # A global test that the MAC prices has no work of its own; its cap takes the reading's (payment spec, section 1.8).
        reading = rows.get("26")
        work = reading.work if reading is not None and row is not None and row.status == "C" and not one.modifier else None
        for _, setting, name in _CAPS:
            ours = None if row is None or gpci is None else opps_cap(row, factor, setting, gpci, work)
            what = f"{one.code}{'-' + one.modifier if one.modifier else ''} {name} in {one.mac}/{one.locality}"
            asked.append((line, what, one.facility if setting == "facility" else one.nonfacility, ours))
    return _compare(path, data, snap, factor, number, asked)


class _Indexed:
    """A release's facts, with localities also found under a state's other carrier number."""

    def __init__(self, facts: SnapshotFacts) -> None:
        self.facts = facts
        self._states = {one.mac: one.state for one in facts.snapshot.localities}
        self._by_state = {(one.state, one.locality): Gpci(one.work, one.pe, one.mp) for one in facts.snapshot.localities}

    def gpci(self, carrier: str, locality: str) -> Gpci | None:
        """Return a locality's indices. CMS lists some Californian localities under both carriers of the state (payment spec, section 1.5)."""
        place = self.facts.place(f"{carrier}/{locality}")
        return place.gpci if place is not None else self._by_state.get((self._states.get(carrier, ""), locality))


def _payment_amounts(indexed: _Indexed, factor: int, line: int, cells: Sequence[str]) -> Iterator[Asked]:
    """Yield the amounts of one row: both settings, and the reduced therapy and OPPS amounts where the row has them."""
    carrier, locality, code, modifier = cells[1:5]
    row, gpci = indexed.facts.rows(code).get(modifier), indexed.gpci(carrier, locality)
    where = f"{code}{'-' + modifier if modifier else ''} %s in {carrier}/{locality}"

    half = rules.percentages(f"{cells[0]}-01-01")["therapy_pe"]
    for at, setting, name in _BASE:
        yield line, where % name, _cents(cells[at]), fee_schedule(row, factor, setting, gpci) if row is not None and gpci is not None else None
    # The same columns hold a primary care fee for visits: only therapy's are halves of the practice expense (section 5.5).
    for at in (11, 12) if cells[10] == "5" else ():
        if _cents(cells[at]):
            yield line, where % "therapy", _cents(cells[at]), later_unit(row, factor, half, gpci) if row is not None and gpci is not None else None
    for at, setting, name in _CAPS:
        if _cents(cells[at]):
            yield line, where % name, _cents(cells[at]), opps_cap(row, factor, setting, gpci) if row is not None and gpci is not None else None


def _compare(path: Path, data: bytes, snap: Snapshot, factor: int, rows: int, asked: Iterable[Asked]) -> Comparison:
    amounts = 0
    differences = []
    for line, what, published, ours in asked:
        amounts += 1
        if published != ours:
            differences.append(Difference(line, what, plain(published), "none" if ours is None else plain(ours)))
    return Comparison(path.name, hashlib.sha256(data).hexdigest(), snap.meta.release, f"{factor // 10**4}.{factor % 10**4:04d}", rows, amounts, amounts - len(differences), tuple(differences))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise Failed(f"{shown(path)}: error: cannot be read: {problem.strerror}\n  try: look at the path", exit_code=2) from None


def _rows(path: Path, data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield line and cells of each row of a payment file; its trailer lines have one field."""
    found = False
    for line, cells in enumerate(csv.reader(data.decode("latin-1").splitlines()), 1):
        if len(cells) < 2 or cells[0].startswith("TRL-"):
            continue
        stripped = [cell.strip() for cell in cells]
        if len(cells) != _COLUMNS or not re.fullmatch(r"\d{4}", stripped[0]) or any(dollars_of(stripped[at]) is None for at in (5, 6)):
            raise Failed(f"{shown(path)}:{line}: error: is not a row of CMS's payment files ({_COLUMNS} fields; year, carrier, locality, code, modifier, amounts)\n  try: the file as CMS ships it", exit_code=2)
        found = True
        yield line, stripped
    if not found:
        raise Failed(f"{shown(path)}: error: has no row\n  try: the file as CMS ships it", exit_code=2)


def _cents(text: str) -> int:
    return dollars_of(text) or 0


def _release_for(path: Path, year: str, releases: Sequence[Snapshot]) -> Snapshot:
    """Return the release of a payment file: the year from its rows, the quarter from its name.

    Revised amounts (PFREV) are those of a correction, so that the next release holds them; all amounts (PFALL) are their quarter's own.
    """
    of_year = sorted((one for one in releases if str(one.meta.year) == year), key=lambda one: one.meta.effective_from)
    if not of_year:
        known = ", ".join(one.meta.release for one in releases) or "none"
        raise Failed(f"{shown(path)}: error: holds amounts of {year}, and no release of that year is imported (imported: {known})\n  try: .venv/bin/python build.py import FOLDER_OF_THE_{year}_RELEASE", exit_code=2)
    match = _NAME.match(path.name)
    quarter = match["quarter"].upper() if match and match["quarter"] else "D"
    quarter = _QUARTERS[int(quarter) - 1] if quarter.isdigit() else quarter
    revised = bool(match and match["kind"].upper() == "REV")

    def distance(snap: Snapshot) -> int:
        ahead = _QUARTERS.index(snap.meta.release[5]) - _QUARTERS.index(quarter)
        order = [1, 2, 3, 0, -1, -2, -3] if revised else [0, 1, 2, 3, -1, -2, -3]
        return order.index(ahead)

    return min(of_year, key=distance)


def _release_of_caps(path: Path, named: Sequence[tuple[str, str, str]], data: bytes, releases: Sequence[Snapshot]) -> Snapshot:
    """Return the release of a cap file: the one that was imported together with it, else the only one there is of the month in its name."""
    digest = hashlib.sha256(data).hexdigest()
    for snap in releases:
        if any(source.sha256 == digest for source in snap.meta.sources):
            return snap
    months = {"JAN": "A", "APR": "B", "JUL": "C", "OCT": "D"}
    quarter = next((letter for month, letter in months.items() if month in path.name.upper()), None)
    fitting = [one for one in releases if quarter is None or one.meta.release[5] == quarter]
    if len(fitting) != 1:
        known = ", ".join(one.meta.release for one in releases) or "none"
        raise Failed(f"{shown(path)}: error: cannot tell which release its {len(named):,} rows belong to (imported: {known})\n  try: import the release together with its OPPSCAP file, or --release NAME", exit_code=2)
    return fitting[0]


def _factor(path: Path, snap: Snapshot) -> int:
    """Return the conversion factor in ten-thousandths of a dollar; from 2026 on the file's name says QPP or nonQPP."""
    factors = rules.conversion_factors(snap.meta.effective_from)
    name = path.name.upper().replace("-", "").replace("_", "")
    kind = "all" if "all" in factors.values else "non_qp" if "NONQP" in name else "qp" if "QP" in name else None
    if kind is None:
        raise Failed(f"{shown(path)}: error: {snap.meta.year} has two conversion factors, and the name says neither QPP nor nonQPP\n  try: name the file as CMS does, such as {path.stem}_nonQPP{path.suffix}", exit_code=2)
    return factors.exact(kind)
