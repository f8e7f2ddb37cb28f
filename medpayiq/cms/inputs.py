"""Finds the files to import in folders and zips, as CMS ships them, and refuses what is unsafe to unpack."""

from __future__ import annotations

import hashlib
import io
import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from medpayiq.findings import Findings

# CMS's largest zip of one release holds about 25 MB; the edits of a quarter about 200 MB.
MAX_FILE = 400 * 2**20
MAX_TOTAL = 2 * 2**30
MAX_RATIO = 200
MAX_ENTRIES = 2_000
MAX_DEPTH = 3
_CHUNK = 1 << 20
# What Python's zipfile and its decompressors are known to raise on damaged bytes.
_NOT_A_ZIP = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError, LookupError, OverflowError, OSError)


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file of the input, read whole. ``where`` names it for messages: ``rvu26c.zip/GPCI2026.csv``."""

    name: str
    where: str
    data: bytes

    @property
    def sha256(self) -> str:
        """Hex digest of the bytes as CMS published them."""
        return hashlib.sha256(self.data).hexdigest()


class _Budget:
    """Counts what unpacking has produced so far, over all archives of one run."""

    def __init__(self) -> None:
        self.bytes = 0
        self.entries = 0


def collect(paths: list[Path], findings: Findings) -> list[InputFile]:
    """Return every regular file below ``paths`` (folders, files, zips, zips in zips), in a fixed order.

    What cannot be read or is unsafe becomes an error in ``findings``: a truncated or encrypted zip, one
    that unpacks to more than the limits, an entry whose path climbs out of its folder.
    """
    budget = _Budget()
    found: list[InputFile] = []
    for path in paths:
        if path.is_dir():
            name = path.name if path.name.strip(".") else path.resolve().name
            for file in sorted(_walk(path, findings)):
                found.extend(_read(file, f"{name}/{file.relative_to(path).as_posix()}", findings, budget))
        elif path.is_file():
            found.extend(_read(path, path.name, findings, budget))
        else:
            findings.error(str(path), "there is no such file or folder", try_="name the folder or zip that CMS's files are in")
    return found


def _walk(folder: Path, findings: Findings) -> Iterator[Path]:
    def cannot(problem: OSError) -> None:
        findings.error(str(problem.filename), f"cannot be read: {problem.strerror}")

    root = folder.resolve()
    for parent, names, files in os.walk(folder, onerror=cannot):
        names.sort()
        for name in names:
            if os.path.islink(os.path.join(parent, name)):
                findings.note(os.path.join(parent, name), "is a link to a folder; passed over")
        for name in files:
            path = Path(parent) / name
            try:
                # A link may lead anywhere, or nowhere; only what really lies in the folder is input.
                if path.is_symlink() and not path.resolve(strict=True).is_relative_to(root):
                    findings.error(str(path), "is a link that leads out of the folder", try_="put the file itself there")
                elif stat.S_ISREG(path.stat().st_mode):
                    yield path
                else:
                    findings.note(str(path), "is not a regular file; passed over")
            except (OSError, RuntimeError) as problem:
                findings.error(str(path), f"cannot be read: {getattr(problem, 'strerror', None) or problem}", try_="put the file itself there")


def _read(path: Path, where: str, findings: Findings, budget: _Budget) -> Iterator[InputFile]:
    try:
        size = path.stat().st_size
        if size > MAX_FILE:
            findings.error(where, f"is {size:,} bytes; the limit is {MAX_FILE:,}", try_="import the tables of one release, not a whole disk")
            return
        data = path.read_bytes()
    except OSError as problem:
        findings.error(where, f"cannot be read: {problem.strerror}")
        return
    yield from _unpack(InputFile(path.name, where, data), findings, budget, 0)


def _unpack(file: InputFile, findings: Findings, budget: _Budget, depth: int) -> Iterator[InputFile]:
    # An .xlsx is a zip too; it is known by its name later, and unpacked in workbook.py.
    if not file.name.lower().endswith(".zip"):
        yield file
        return
    if depth >= MAX_DEPTH:
        findings.error(file.where, f"zips are nested more than {MAX_DEPTH} deep", try_="unpack it by hand and name the folder")
        return
    try:
        with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
            entries = sorted(archive.infolist(), key=lambda one: one.filename)
            budget.entries += len(entries)
            if budget.entries > MAX_ENTRIES:
                findings.error(file.where, f"brings the files of this import to {budget.entries:,}; the limit is {MAX_ENTRIES:,}", try_="this is not a zip as CMS ships it: download it again from cms.gov")
                return
            for entry in entries:
                yield from _entry(archive, entry, file, findings, budget, depth)
    except _NOT_A_ZIP as problem:
        findings.error(file.where, f"is not a whole zip ({problem}); nothing of it was used", try_="download it again and compare its size with CMS's page")


def _entry(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, file: InputFile, findings: Findings, budget: _Budget, depth: int
) -> Iterator[InputFile]:
    where = f"{file.where}/{entry.filename}"
    parts = entry.filename.replace("\\", "/").split("/")
    if entry.filename.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
        findings.error(where, "its path climbs out of the zip; refused", try_="this is not a zip as CMS ships it: download it again from cms.gov")
        return
    if entry.is_dir() or "__MACOSX" in parts:
        return
    if stat.S_ISLNK(entry.external_attr >> 16):
        findings.error(where, "is a link; refused", try_="download the zip again from cms.gov")
        return
    if entry.flag_bits & 0x1:
        findings.error(where, "is encrypted", try_="CMS's zips have no password: download it again from cms.gov")
        return
    data = bytearray()
    # The sizes a zip states may be lies: no entry is packed into more than the zip has, and what really comes out is counted.
    packed = min(entry.compress_size, len(file.data))
    limit = min(MAX_FILE, MAX_TOTAL - budget.bytes, max(MAX_RATIO * packed, _CHUNK))
    if entry.file_size <= limit:
        with archive.open(entry) as stream:
            while chunk := stream.read(_CHUNK):
                data += chunk
                if len(data) > limit:
                    break
    if max(len(data), entry.file_size) > limit:
        findings.error(
            where,
            f"unpacks to more than the limits allow ({MAX_FILE:,} bytes a file, {MAX_TOTAL:,} in all, {MAX_RATIO} times its packed size)",
            try_="this is not a zip as CMS ships it: download it again from cms.gov",
        )
        return
    budget.bytes += len(data)
    yield from _unpack(InputFile(parts[-1], where, bytes(data)), findings, budget, depth + 1)
