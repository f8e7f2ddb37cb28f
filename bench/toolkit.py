"""Measures what the files of /toolkit/ cost: each step in CPU seconds of this process, the PDFs in those of typst's, the files in MB, and peak memory.

    .venv/bin/python bench/toolkit.py [rvu26c]

The steps are those of a build to which nothing of the last one is of use; where titles alone changed, the PDFs and workbooks of
other specialties are kept, and where nothing did, all files.
"""

from __future__ import annotations

import atexit
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from medpayiq.loading import load
from medpayiq.toolkit import pdf, picked, xlsx
from medpayiq.toolkit.contents import Contents, named
from medpayiq.toolkit.lists import Lists
from medpayiq.toolkit.specialties import specialties
from medpayiq.toolkit.weighing import tallies, weightiest

T = TypeVar("T")


def timed(what: str, work: Callable[[], T]) -> T:
    """Run a step and print its CPU seconds: other work on the machine hardly counts."""
    started = time.process_time()
    made = work()
    print(f"{what}: {time.process_time() - started:.2f} s")
    return made


def typst() -> None:
    """Print what typst's process took, once it has ended."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"typst: {spent.ru_utime + spent.ru_stime:.2f} s")


def main() -> None:
    """Print the figures."""
    # What is registered last runs first: before this, typst's process is told to end.
    atexit.register(typst)
    site, _ = load(sys.argv[1] if len(sys.argv) > 1 else "rvu26c")
    timed("amounts, which a build has at hand", lambda: [site.prices(row, site.factor) for entry in site.entries for row in entry.rows.values()])
    timed("reading the edit set", lambda: site.edits.counts(""))
    kinds = specialties(site)
    counts = timed("counting", lambda: tallies(site, kinds))
    timed("weighing", lambda: weightiest(site, kinds))
    contents = timed("triggers, modifiers, codes, and weighing once more", lambda: Contents(site, kinds, counts))
    own = named(kinds, counts, sample=site.snapshot.meta.sample)
    kits = timed("gathering", lambda: [contents.of(kind) for kind in own])
    day = site.snapshot.meta.effective_from
    pdfs = timed(f"{len(kits)} PDFs in one process", lambda: [pdf.pdf(kit, site.position, site.config.base_url) for kit in kits])
    sheets = timed(f"{len(kits)} workbooks in one process", lambda: [xlsx.xlsx(kit, site.position, day) for kit in kits])
    lists = timed("lists", lambda: Lists(site, kinds))
    files = timed("lists as files", lambda: [data for kind in own for data in lists.files(kind.slug)])
    sizes = [sum(map(len, made)) for made in (pdfs, sheets, files)]
    print("PDF, XLSX, CSV:", ", ".join(f"{size / 1e6:.1f} MB" for size in sizes))
    timed("My codes", lambda: list(picked.files(site)))
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
