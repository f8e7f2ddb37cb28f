"""Says whether a downloaded file is whole and of the kind it should be, before anything trusts it."""

from __future__ import annotations

import lzma
import re
import struct
import zipfile
import zlib
from pathlib import Path

from medpayiq.cms.inputs import MAX_ENTRIES, MAX_FILE, MAX_TOTAL

_CHUNK = 1 << 20
# What Python's zipfile and its decompressors are known to raise on damaged bytes.
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError, LookupError, OverflowError, OSError)
# What a zip of each kind holds at least; a zip within a zip may hold it as well.
_HOLDS = {
    "rvu": ("PPRRVU", re.compile(r"PPRRVU.*\.(csv|txt|xlsx)\Z", re.IGNORECASE)),
    "zip5": ("ZIP5", re.compile(r"ZIP5.*\.(txt|xlsx|csv)\Z", re.IGNORECASE)),
    "rbcs": ("RBCS", re.compile(r"RBCS.*\.(csv|xlsx)\Z", re.IGNORECASE)),
    "ptp": ("ccipra", re.compile(r"ccipra.*\.(txt|csv|xlsx)\Z", re.IGNORECASE)),
    "mue": ("MUE", re.compile(r".*MUE.*\.(csv|txt|xlsx)\Z", re.IGNORECASE)),
    "aoc": ("AOC", re.compile(r".*AOC.*\.(csv|txt|xlsx)\Z", re.IGNORECASE)),
}


def problem(path: Path, name: str, kind: str) -> str | None:
    """Return what is wrong with a file called ``name``, or None: not whole, a page, or of another kind.

    Raises:
        OSError: the file cannot be opened.

    """
    with path.open("rb") as file:
        beginning = file.read(512).lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not beginning:
        return "is empty"
    if beginning.startswith((b"<!doctype", b"<html", b"<?xml", b"<head", b"<script", b"<!--")):
        return "is a page, not a file: the server answered with something to read, perhaps its licence or a notice"
    if name.lower().endswith((".csv", ".txt")):
        return None if b"\0" not in beginning else "is not a table of text"
    try:
        names = _read_whole(path)
    except _DAMAGED as damage:
        return f"is not a whole zip ({damage})"
    holds = _HOLDS.get(kind)
    if holds and name.lower().endswith(".zip") and not any(holds[1].match(one) or one.lower().endswith(".zip") for one in names):
        listed = ", ".join(names[:4]) + (" and more" if len(names) > 4 else "")
        return f"holds no {holds[0]} file, which this kind of release has (it holds {listed or 'nothing'})"
    return None


def _read_whole(path: Path) -> list[str]:
    """Read every entry of a zip, so that its checksums are compared; return the names of the files in it."""
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        if len(entries) > MAX_ENTRIES:
            raise ValueError(f"it holds {len(entries):,} files; the limit is {MAX_ENTRIES:,}")
        total = 0
        for entry in entries:
            size = 0
            with archive.open(entry) as stream:
                while chunk := stream.read(_CHUNK):
                    size += len(chunk)
                    # The sizes a zip states may be lies; what really comes out is counted.
                    if size > MAX_FILE or total + size > MAX_TOTAL:
                        raise ValueError(f"{entry.filename} unpacks to more than {MAX_FILE:,} bytes, or all files to more than {MAX_TOTAL:,}")
            total += size
        return [entry.filename.replace("\\", "/").rsplit("/", 1)[-1] for entry in entries if not entry.is_dir()]
