"""Makes the files of /toolkit/ in two parts, and keeps those of the last build that were made from the same."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import orjson

from medpayiq import typesetting
from medpayiq.garbage import swept
from medpayiq.pages.site import SiteData
from medpayiq.toolkit import pdf, xlsx
from medpayiq.toolkit.contents import Contents, named
from medpayiq.toolkit.lists import Lists, csv_names
from medpayiq.toolkit.models import Toolkit
from medpayiq.toolkit.specialties import specialties
from medpayiq.toolkit.weighing import tallies
from medpayiq.trees import TreeWriter

FOLDER = "toolkit/files"
_KINDS = ("pdf", "xlsx")
_MADE_BY = (pdf, xlsx)
_SWEPT = 8
"""Workbooks after which garbage is thrown away: the sheets and cells of one point at each other."""


class _Before(NamedTuple):
    """What the last build put down of its files."""

    inputs: str
    files: dict[str, list[str]]
    """Path to the digest of what it was made from, and its own."""


Wanted = Callable[[], None]
"""Called before each file that takes time."""


def sheets(site: SiteData, out: Path, shared: str, writer: TreeWriter, wanted: Wanted) -> None:
    """Write every PDF and workbook, or keep those that were made from the same.

    ``shared`` is the digest of what all pages rest on. Titles come from notes, which are not among it. A release without edits
    has no files.
    """
    titles = [(code, note.title) for code, note in site.library.notes.items()]
    _part("sheets", (shared, sorted(titles), site.descriptors != {}, _programs()), site, out, writer, lambda before: _sheets(site, writer, before, wanted))


def lists(site: SiteData, out: Path, shared: str, writer: TreeWriter, wanted: Wanted) -> None:
    """Write every CSV file, or keep them; arguments as in ``sheets``. They rest on no title."""
    _part("lists", (shared,), site, out, writer, lambda _: _lists(site, writer, wanted))


def _part(name: str, rests_on: tuple[object, ...], site: SiteData, out: Path, writer: TreeWriter, make: Callable[[_Before], dict[str, list[str]]]) -> None:
    """Make the files of a part or keep them, and write down what they were made from."""
    stamp = f"{FOLDER}/{name}.made-from.json"
    inputs = _digest(repr(rests_on).encode())
    before = _before(out / stamp)
    files: dict[str, list[str]] = {}
    if before.inputs == inputs and all(writer.keep(path, bytes.fromhex(own)) for path, (_, own) in before.files.items()):
        files = before.files
    elif site.edits.ptp is not None:
        files = make(before)
    writer.write(stamp, orjson.dumps({"inputs": inputs, "files": files}))


def _sheets(site: SiteData, writer: TreeWriter, before: _Before, wanted: Wanted) -> dict[str, list[str]]:
    """Write PDFs and workbooks; one whose toolkit is the one of before is kept."""
    kinds = specialties(site)
    counts = tallies(site, kinds)
    contents = Contents(site, kinds, counts)
    files: dict[str, list[str]] = {}
    with swept() as sweep:
        for number, kind in enumerate(named(kinds, counts, sample=site.snapshot.meta.sample)):
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
            if number % _SWEPT == 0:
                sweep()  # the first workbook is that of all codes
    typesetting.finish()
    return files


def _lists(site: SiteData, writer: TreeWriter, wanted: Wanted) -> dict[str, list[str]]:
    """Write the CSV files."""
    kinds = specialties(site)
    counts = tallies(site, kinds)
    made = Lists(site, kinds)
    files: dict[str, list[str]] = {}
    for kind in named(kinds, counts, sample=site.snapshot.meta.sample):
        wanted()
        for name, data in zip(csv_names(kind.slug, counts[kind.slug].all), made.files(kind.slug), strict=True):
            path = f"{FOLDER}/{name}"
            files[path] = ["", writer.write(path, data).hex()]
    return files


def _render(end: str, kit: Toolkit, site: SiteData) -> bytes:
    return pdf.pdf(kit, site.position, site.config.base_url) if end == "pdf" else xlsx.xlsx(kit, site.position, site.snapshot.meta.effective_from)


@cache
def _programs() -> tuple[str, ...]:
    """Return what makes the files, beside what they say: template, modules, libraries."""
    sources = (pdf.TEMPLATE, *(Path(str(one.__file__)) for one in _MADE_BY))
    return (*(_digest(path.read_bytes()) for path in sources), *(version(name) for name in ("typst", "xlsxwriter")))


def _before(stamp: Path) -> _Before:
    try:
        data = orjson.loads(stamp.read_bytes())
        return _Before(str(data["inputs"]), {str(path): [str(key), str(own)] for path, (key, own) in data["files"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return _Before("", {})


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=12).hexdigest()
