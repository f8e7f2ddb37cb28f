"""Writes and reads snapshots: a release's facts as typed, deterministic tables with their sources and checksums.

Imported tables are packed with gzip, so that years of releases stay small; the embedded sample's are plain text, so that a
change in it can be read. Checksums are of the text.
"""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import json
import os
import shutil
import typing
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from types import NoneType
from typing import Any, NamedTuple

from medpayiq.cms.records import AddOn, AnesthesiaFactor, Category, Counties, HcpcsText, Locality, OppsCap, PtpEdits, Service, UnitLimit, ZipArea
from medpayiq.findings import Failed

FORMAT = 1
META = "snapshot.json"
_LARGE = 1_000_000
"""Bytes of a packed file that is read piece by piece."""
_PIECE = 1_000_000
"""Bytes of a piece, unpacked."""
TABLES: dict[str, type[tuple[Any, ...]]] = {
    "services": Service,
    "localities": Locality,
    "anesthesia": AnesthesiaFactor,
    "counties": Counties,
    "opps_caps": OppsCap,
    "zip5": ZipArea,
    "rbcs": Category,
    "hcpcs_text": HcpcsText,
    "ptp": PtpEdits,
    "mue": UnitLimit,
    "aoc": AddOn,
}


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One file of CMS's that a snapshot was made from."""

    table: str
    file: str
    size: int
    sha256: str
    rows_read: int
    rows_kept: int


@dataclass(frozen=True, slots=True)
class Meta:
    """What a snapshot says of itself (``snapshot.json``)."""

    release: str
    """``RVU26C``."""
    year: int
    effective_from: str
    effective_to: str
    released: str | None
    """ISO date on the file, where it has one."""
    conversion_factors: dict[str, str]
    """``{"all": "32.3465"}`` to 2025; ``{"non_qp": ..., "qp": ...}`` from 2026."""
    conversion_factor_in_file: str
    anesthesia_national: dict[str, str]
    zip_quarter: str | None
    sample: bool
    sources: tuple[SourceRecord, ...]
    warnings: tuple[str, ...]
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Table name to ``{"rows": ..., "sha256": ...}``."""
    format: int = FORMAT
    editions: dict[str, dict[str, str]] = field(default_factory=dict)
    """Of the tables that have quarters of their own (ptp, mue, aoc): ``{"quarter": "2026 Q3", "version": "v322r0"}``."""

    @property
    def kept_as(self) -> str:
        """Ends the names of files that remember something of it: ``rvu26c``, and ``rvu26c-sample`` of the embedded sample."""
        return f"{self.release.lower()}{'-sample' if self.sample else ''}"


@dataclass(frozen=True)
class Snapshot:
    """A release, read from its folder; a table is parsed when it is first asked for."""

    folder: Path
    meta: Meta

    @cached_property
    def services(self) -> tuple[Service, ...]:
        """Rows of PPRRVU in order of code, then modifier (blank first)."""
        return typing.cast("tuple[Service, ...]", self._table("services"))

    @cached_property
    def localities(self) -> tuple[Locality, ...]:
        """Payment localities in order of MAC and locality."""
        return typing.cast("tuple[Locality, ...]", self._table("localities"))

    @cached_property
    def anesthesia(self) -> tuple[AnesthesiaFactor, ...]:
        """Anesthesia conversion factors, empty where the release came without."""
        return typing.cast("tuple[AnesthesiaFactor, ...]", self._table("anesthesia"))

    @cached_property
    def counties(self) -> tuple[Counties, ...]:
        """Counties of each locality."""
        return typing.cast("tuple[Counties, ...]", self._table("counties"))

    @cached_property
    def opps_caps(self) -> tuple[OppsCap, ...]:
        """Capped amounts CMS published."""
        return typing.cast("tuple[OppsCap, ...]", self._table("opps_caps"))

    @cached_property
    def zip5(self) -> tuple[ZipArea, ...]:
        """ZIP codes by area."""
        return typing.cast("tuple[ZipArea, ...]", self._table("zip5"))

    @cached_property
    def rbcs(self) -> dict[str, Category]:
        """Code to its RBCS category."""
        return {one.code: one for one in typing.cast("tuple[Category, ...]", self._table("rbcs"))}

    @cached_property
    def hcpcs_text(self) -> dict[str, str]:
        """Level II code to CMS's short text."""
        return dict(typing.cast("tuple[HcpcsText, ...]", self._table("hcpcs_text")))

    @cached_property
    def ptp(self) -> tuple[PtpEdits, ...]:
        """PTP edits, in order of column 1."""
        return typing.cast("tuple[PtpEdits, ...]", self._table("ptp"))

    @cached_property
    def mue(self) -> dict[str, UnitLimit]:
        """Code to its unit limit."""
        return {one.code: one for one in typing.cast("tuple[UnitLimit, ...]", self._table("mue"))}

    @cached_property
    def aoc(self) -> tuple[AddOn, ...]:
        """Add-on codes with their primaries, in order."""
        return typing.cast("tuple[AddOn, ...]", self._table("aoc"))

    def rows(self, name: str) -> tuple[Any, ...]:
        """Return a table by its name, as it was written."""
        return self._table(name)

    def each(self, name: str) -> Iterator[Any]:
        """Yield a table's rows one at a time, none of which stays in memory: an edit set's are 170 MB. Raises as `data` does."""
        return _parse(self.lines(name), TABLES[name])

    def lines(self, name: str) -> Iterator[str]:
        """Yield a table's rows, a row a line, its cells between tabs; none where the release has no such table.

        A piece of a large table at a time: an edit set is 50 MB, and all its lines at once are more. Raises as `data` does, before the first line.
        """
        rest, skipped = b"", 1  # the first line names the columns
        for piece in self._checked(name):
            whole, end, begun = piece.rpartition(b"\n")
            if end:
                yield from (rest + whole).decode("utf-8").split("\n")[skipped:]
                rest, skipped = begun, 0
            else:
                rest += piece

    def data(self, name: str) -> bytes:
        """Return a table as it was written, a row a line below the names of its columns; empty where the release has no such table.

        Raises:
            Failed: the file is missing, damaged, or not the one that the snapshot states.

        """
        data = b"".join(self._pieces(name))
        self._check(name, hashlib.sha256(data))
        return data

    def _checked(self, name: str) -> Iterable[bytes]:
        """Return a table in pieces, once the whole is known to be the one stated; a small one is read once for both."""
        path = self._path(name)
        if name not in self.meta.tables or not path.is_file() or path.stat().st_size < _LARGE:
            return [self.data(name)]
        digest = hashlib.sha256()
        for piece in self._pieces(name):
            digest.update(piece)
        self._check(name, digest)
        return self._pieces(name)

    def _path(self, name: str) -> Path:
        path = self.folder / f"{name}.tsv"
        return path if path.is_file() else self.folder / f"{name}.tsv.gz"

    def _check(self, name: str, digest: Any) -> None:
        if name in self.meta.tables and digest.hexdigest() != self.meta.tables[name]["sha256"]:
            raise Failed(f"{self._path(name)}: error: its sha256 is not the one in {META}: the file was changed or damaged\n  try: import the release again", exit_code=2)

    def _pieces(self, name: str) -> Iterator[bytes]:
        """Yield what a file holds, unpacked, as it comes; nothing where the release has no such table."""
        if name not in self.meta.tables:
            return
        path = self._path(name)
        try:
            with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
                while piece := file.read(_PIECE):
                    yield piece
        except OSError as problem:
            raise Failed(f"{path}: error: cannot be read: {problem.strerror or problem}\n  try: import the release again", exit_code=2) from None
        except (EOFError, zlib.error) as problem:
            raise Failed(f"{path}: error: is damaged: {problem}\n  try: import the release again", exit_code=2) from None

    def _table(self, name: str) -> tuple[Any, ...]:
        return tuple(self.each(name))


def read(folder: Path) -> Snapshot:
    """Open a snapshot.

    Raises:
        Failed: there is none, or it was written by another version of the format.

    """
    path = folder / META
    try:
        raw = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise Failed(f"{folder}: error: holds no snapshot\n  try: .venv/bin/python build.py import FOLDER_OF_CMS_FILES", exit_code=2) from None
    except (OSError, ValueError) as problem:
        raise Failed(f"{path}: error: cannot be read: {problem}\n  try: import the release again", exit_code=2) from None
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        found = raw.get("format") if isinstance(raw, dict) else None
        raise Failed(f"{path}: error: has format {found}, this program reads format {FORMAT}\n  try: import the release again", exit_code=2)
    try:
        raw["sources"] = tuple(SourceRecord(**one) for one in raw["sources"])
        raw["warnings"] = tuple(raw["warnings"])
        return Snapshot(folder, Meta(**raw))
    except (KeyError, TypeError) as problem:
        raise Failed(f"{path}: error: is not whole: {problem}\n  try: import the release again", exit_code=2) from None


def write(folder: Path, meta: Meta, tables: dict[str, Iterable[NamedTuple]], *, packed: bool = True) -> Snapshot:
    """Write a snapshot beside ``folder`` and put it there in one step; an older one is replaced whole.

    Same tables, same bytes: rows are sorted, and nothing of the clock or the machine is recorded.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    try:
        stated: dict[str, dict[str, Any]] = {}
        for name, kind in TABLES.items():
            rows = sorted(tables.get(name, ()))
            if not rows:
                continue
            data = _format(rows, kind)
            (part / f"{name}.tsv{'.gz' if packed else ''}").write_bytes(gzip.compress(data, 9, mtime=0) if packed else data)
            stated[name] = {"rows": len(rows), "sha256": hashlib.sha256(data).hexdigest()}
        full = dataclasses.replace(meta, tables=stated)
        (part / META).write_text(json.dumps(asdict(full), indent=1, sort_keys=True) + "\n", encoding="utf-8")
        replace(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return read(folder)


def replace(part: Path, folder: Path) -> None:
    """Put a whole snapshot that was made elsewhere on the same file system in the place of ``folder``; `mend` finishes what a kill leaves."""
    old = folder.with_name(f".{folder.name}.old")
    _remove(old)
    if folder.exists():
        os.rename(folder, old)
    try:
        os.rename(part, folder)
    except OSError:
        if old.exists():
            os.rename(old, folder)
        raise
    _remove(old)


def _remove(folder: Path) -> None:
    """Remove a folder, or what leads to one: a snapshot that an operator keeps elsewhere stays there, and the new one lies here."""
    if folder.is_symlink():
        folder.unlink()
    else:
        shutil.rmtree(folder, ignore_errors=True)


def mend(snapshots: Path) -> None:
    """Finish what a killed import left: a snapshot that was moved aside comes back, a half-written one goes."""
    for left in snapshots.glob(".*.old"):
        whole = left.with_name(left.name[1 : -len(".old")])
        if whole.exists():
            _remove(left)
        else:
            os.rename(left, whole)
    for left in snapshots.glob(".*.part"):
        shutil.rmtree(left, ignore_errors=True)


def _format(rows: list[Any], kind: type[tuple[Any, ...]]) -> bytes:
    fields: tuple[str, ...] = kind._fields  # type: ignore[attr-defined]
    lines = ["\t".join(fields)]
    for row in rows:
        cells = ["" if cell is None else str(cell) for cell in row]
        if any("\t" in cell or "\n" in cell or "\r" in cell for cell in cells):
            cells = [" ".join(cell.split()) for cell in cells]
        lines.append("\t".join(cells))
    return ("\n".join(lines) + "\n").encode("utf-8")


def _parse(lines: Iterable[str], kind: type[tuple[Any, ...]]) -> Iterator[Any]:
    hints = typing.get_type_hints(kind)
    fields: tuple[str, ...] = kind._fields  # type: ignore[attr-defined]
    numbers: list[tuple[int, Callable[[str], int | None]]] = []
    for position, name in enumerate(fields):
        if hints[name] is int:
            numbers.append((position, int))
        elif NoneType in typing.get_args(hints[name]):
            numbers.append((position, _optional))
    make = kind._make  # type: ignore[attr-defined]
    for line in lines:
        cells: list[Any] = line.split("\t")
        for position, convert in numbers:
            cells[position] = convert(cells[position])
        yield make(cells)


def _optional(cell: str) -> int | None:
    return int(cell) if cell else None
