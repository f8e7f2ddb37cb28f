"""Makes the files of /toolkit/, and keeps those of the last build that were made from the same."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import orjson

from medpayiq.pages.site import SiteData
from medpayiq.toolkit import pdf, xlsx
from medpayiq.toolkit.contents import Contents, named
from medpayiq.toolkit.models import Toolkit
from medpayiq.toolkit.specialties import specialties
from medpayiq.toolkit.weighing import csv_lines, tallies
from medpayiq.trees import TreeWriter

FOLDER = "toolkit/files"
MOST_LINES = 1_000_000
"""Edits in one CSV file at most: a spreadsheet takes 1,048,576 rows."""
_STAMP = f"{FOLDER}/made-from.json"
_KINDS = ("pdf", "xlsx")
_MADE_BY = (pdf, xlsx)


class _Before(NamedTuple):
    """What the last build put down of its files."""

    inputs: str
    files: dict[str, list[str]]
    """Path to the digest of what it was made from, and its own."""


def write(site: SiteData, out: Path, shared: str, writer: TreeWriter, wanted: Callable[[], None]) -> None:
    """Write every file, or keep those that were made from the same; ``wanted`` is called before each that takes time.

    ``shared`` is the digest of what all pages rest on. Titles come from notes, which are not among it. A release without edits
    has no files.
    """
    titles = [(code, note.title) for code, note in site.library.notes.items()]
    inputs = _digest(repr((shared, sorted(titles), site.descriptors != {}, _programs())).encode())
    before = _before(out)
    if before.inputs == inputs and all(writer.keep(path, bytes.fromhex(own)) for path, (_, own) in before.files.items()):
        files = before.files
    elif site.edits.ptp is None:
        files = {}
    else:
        files = _made(site, writer, before, wanted)
    writer.write(_STAMP, orjson.dumps({"inputs": inputs, "files": files}))


def _made(site: SiteData, writer: TreeWriter, before: _Before, wanted: Callable[[], None]) -> dict[str, list[str]]:
    """Write the files; a workbook or PDF whose toolkit is the one of before is kept."""
    kinds = specialties(site)
    counts = tallies(site, kinds)
    contents = Contents(site, kinds, counts)
    own = named(kinds, counts, sample=site.snapshot.meta.sample)
    files: dict[str, list[str]] = {}
    for kind in own:
        wanted()
        kit = contents.of(kind)
        key = _digest(repr((kit, site.config.base_url, _programs())).encode())
        for end in _KINDS:
            path = f"{FOLDER}/{kind.slug}.{end}"
            known, digest = before.files.get(path, ("", ""))
            if known == key and writer.keep(path, bytes.fromhex(digest)):
                files[path] = [key, digest]
            else:
                files[path] = [key, writer.write(path, _render(end, kit, site)).hex()]
    lines = csv_lines(site, kinds)
    for kind in own:
        wanted()
        for path, data in _csvs(kind.slug, lines.pop(kind.slug)):
            files[path] = ["", writer.write(path, data).hex()]
    return files


def csv_names(slug: str, edits: int) -> list[str]:
    """Return the names of the CSV files of a specialty: one, or several where a spreadsheet would not take all its edits."""
    parts = max(1, -(-edits // MOST_LINES))
    return [f"{slug}.csv"] if parts == 1 else [f"{slug}-{number}.csv" for number in range(1, parts + 1)]


def _csvs(slug: str, lines: list[str]) -> Iterator[tuple[str, bytes]]:
    """Yield path and bytes of a specialty's CSV files, each with the head."""
    head, edits = lines[0], lines[1:]
    for number, name in enumerate(csv_names(slug, len(edits))):
        part = edits[number * MOST_LINES : (number + 1) * MOST_LINES]
        yield f"{FOLDER}/{name}", ("\r\n".join([head, *part]) + "\r\n").encode()


def _render(end: str, kit: Toolkit, site: SiteData) -> bytes:
    return pdf.pdf(kit, site.position, site.config.base_url) if end == "pdf" else xlsx.xlsx(kit, site.position, site.snapshot.meta.effective_from)


def _programs() -> tuple[str, ...]:
    """Return what makes the files, beside what they say: template, modules, libraries."""
    sources = (pdf.TEMPLATE, *(Path(str(one.__file__)) for one in _MADE_BY))
    return (*(_digest(path.read_bytes()) for path in sources), *(version(name) for name in ("typst", "xlsxwriter")))


def _before(out: Path) -> _Before:
    try:
        data = orjson.loads((out / _STAMP).read_bytes())
        return _Before(str(data["inputs"]), {str(path): [str(key), str(own)] for path, (key, own) in data["files"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return _Before("", {})


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=12).hexdigest()
