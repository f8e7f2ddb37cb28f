"""Measures what NCCI edits cost: importing a quarter, and what they add to a build's memory.

    .venv/bin/python bench/edits.py [../shared/cms]

Import: seconds against splitting the same text into cells and nothing else, in the same run, and peak memory, each in a process
of its own. Targets (seconds, MB): first 15 and 1,500, aim 6 and 500. Lists: all CSVs of a set, and the heaviest packed.
"""

from __future__ import annotations

import gzip
import multiprocessing
import resource
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from medpayiq import rules
from medpayiq.cms import importer, snapshot
from medpayiq.edits import Edits

CMS = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/cms")
QUARTERS = (("rvu26c", CMS / "rvu26c", "ptp-practitioner-2026q3-v322r0.zip"), ("rvu24c", CMS / "history" / "rvu24c", "ptp-practitioner-2024q3-v302r0.zip"))


def apart(work: Callable[[], object]) -> tuple[float, float]:
    """Run something in a process of its own; return its seconds and its peak memory in MB."""
    receiver, sender = multiprocessing.Pipe(duplex=False)

    def run() -> None:
        started = time.perf_counter()
        work()
        sender.send((time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))

    process = multiprocessing.get_context("fork").Process(target=run)
    process.start()
    found: tuple[float, float] = receiver.recv()
    process.join()
    return found


def split(path: Path) -> int:
    """Take the text of every file apart into cells, the least that any reader does."""
    cells = 0
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            for line in archive.read(name).decode("latin-1").split("\r\n"):
                cells += len(line.split("\t"))
    return cells


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as place:
        snapshots = Path(place) / "snapshots"
        for name, folder, file in QUARTERS:
            path = CMS / "ncci" / file
            importer.run([folder], snapshots, Path(place) / "texts", lambda day, table: rules.conversion_factors(day, table).values)
            floor, _ = apart(lambda path=path: split(path))  # type: ignore[misc]
            seconds, peak = apart(lambda path=path, name=name: importer.run([path], snapshots, Path(place) / "texts", lambda *_: {}, release=name))  # type: ignore[misc]
            snap = snapshot.read(snapshots / name)
            rows = sum(one.rows_read for one in snap.meta.sources if one.table == "ptp")
            print(f"{file}: {rows:,} rows in {seconds:.1f} s, {seconds / floor:.1f} times splitting the text ({floor:.1f} s); peak {peak:.0f} MB; {(snap.folder / 'ptp.tsv.gz').stat().st_size / 1000:,.0f} kB packed")
            edits = Edits(snap)
            started = time.perf_counter()
            edits.load()
            loaded = time.perf_counter() - started
            codes = sorted({code for group in snap.ptp for code in (group.column1, *group.column2.split())})
            started = time.perf_counter()
            sizes = [(len(data), code, data) for code in codes for data in [edits.list_of(code)]]
            heaviest = max(sizes)
            print(f"  read back in {loaded:.1f} s; {len(codes):,} lists, {sum(size for size, _, _ in sizes) / 1e6:.0f} MB, in {time.perf_counter() - started:.1f} s; heaviest {heaviest[1]}: {len(gzip.compress(heaviest[2], 6)):,} bytes packed of {heaviest[0]:,}")


if __name__ == "__main__":
    main()
