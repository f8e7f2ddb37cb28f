#!/usr/bin/env python3
"""Measures the build of a full release beside Hugo, Eleventy and the writing floor, in one run, and against the targets of ../shared/spec/speed.md.

Usage: .venv/bin/python bench/build.py [--work FOLDER] [--rounds N] [--only builds]

Needs ../shared, the release imported with its edits, Node, and the package indexes (for Hugo and Eleventy); some 4 GB in
FOLDER, best on a RAM file system. Works on a copy of the project there. Three rounds take some ten minutes on a machine
that does nothing else; `--only builds` leaves out imports, the build without edits, rebuild and search index, and takes
half of that. Ratios within one run count; single seconds do not. Nothing here runs in the tests.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from measuring import Run, run, size
from peers import PLAIN, SHARED, Peer, prepare
from serve import AIM, FIRST, copied

ROOT = Path(__file__).resolve().parent.parent
RELEASE = "rvu26c"
TIP = "content/tips/therapy-certified-plan.yml"
"""Stands on some 50 pages."""
IN_PERIOD = {"SOURCE_DATE_EPOCH": "1786752000"}
"""A day inside the release's dates."""
BUILD, PAGES, OUR_FLOOR, PEERS_FLOOR = "build", "pages", "our floor", "peers' floor"
LABELS = {
    BUILD: "MedPayIQ, clean build without search",
    PAGES: "MedPayIQ, HTML of the code pages alone",
    OUR_FLOOR: "floor: the bytes of our build, written",
    PEERS_FLOOR: "floor: the bytes of Hugo, written",
}


@dataclass
class Found:
    """What was measured: of each tool its runs and what they wrote, and of each target its values."""

    runs: dict[str, list[tuple[float, float, float | None]]] = field(default_factory=dict)
    """Name of a tool to CPU seconds, wall seconds and peak MB of each round."""
    written: dict[str, tuple[int, float]] = field(default_factory=dict)
    """Name of a tool to files and MB."""
    values: dict[str, list[float]] = field(default_factory=dict)

    def tool(self, name: str, done: Run, out: Path) -> None:
        """Take one run of a tool, which wrote a folder."""
        self.runs.setdefault(name, []).append((done.cpu, done.wall, done.peak))
        self.written[name] = size(out)

    def floor(self, name: str, output: str) -> None:
        """Take what ../shared/bench/floor.py says; the memory it holds all bytes in says nothing."""
        files, megabytes, cpu, wall = re.findall(r"[\d.]+", output)
        self.runs.setdefault(name, []).append((float(cpu), float(wall), None))
        self.written[name] = int(files), float(megabytes)

    def note(self, name: str, value: float) -> None:
        """Take one value of a target."""
        self.values.setdefault(name, []).append(value)

    def middle(self, name: str) -> float:
        """Return the median of a target's values."""
        return statistics.median(self.values[name])

    def ratios(self, one: str, other: str, *, per_megabyte: bool) -> float:
        """Return the median, over the rounds, of one tool's CPU against another's of the same round."""
        sizes = (self.written[one][1], self.written[other][1]) if per_megabyte else (1.0, 1.0)
        return statistics.median((mine[0] / sizes[0]) / (theirs[0] / sizes[1]) for mine, theirs in zip(self.runs[one], self.runs[other], strict=True))


def main() -> int:
    """Run the rounds and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, help="folder to work in (default: a new one in /dev/shm, removed at the end)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, interleaved (default: 3)")
    parser.add_argument("--only", choices=["builds"], help="leave out imports, the build without edits, rebuild and search index")
    options = parser.parse_args()
    if not SHARED.is_dir():
        sys.exit(f"{SHARED} is not here: the benchmark reads CMS's files and the peers' sites from it")
    work = options.work or Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    work.mkdir(parents=True, exist_ok=True)
    found = Found()
    try:
        peers = prepare(work)
        project = Project(work)
        for number in range(options.rounds):
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
            if options.only is None:
                imports(project, found)
            builds(project, peers, found, more=options.only is None)
    finally:
        if options.work is None:
            shutil.rmtree(work, ignore_errors=True)
    print(f"medians of {options.rounds} rounds, interleaved in one run; {os.cpu_count()} processors; MB of all files written")
    tools(found, LABELS | {one.name: one.label for one in peers})
    print()
    targets(found)
    return 0


class Project:
    """A copy of the project that a benchmark may import into, edit and forget in."""

    def __init__(self, work: Path) -> None:
        """Copy it, snapshots included, and compile it as one that was used before is."""
        self.work = work
        self.root = copied(work, RELEASE)
        snapshots = self.root / "cms_data" / "snapshots"
        snapshots.unlink()
        shutil.copytree(ROOT / "cms_data" / "snapshots", snapshots)
        (self.root / "bench").mkdir()
        shutil.copy(ROOT / "bench" / "pages_alone.py", self.root / "bench")
        self.run("-m", "compileall", "-q", "medpayiq")

    def run(self, *words: str) -> Run:
        """Run Python in it."""
        return run([sys.executable, *words], self.root, IN_PERIOD)

    def build(self, out: Path, *words: str) -> Run:
        """Build a site of the release."""
        return self.run("build.py", "build", "--release", RELEASE, "--out", str(out), *words)

    def forget(self) -> None:
        """Forget what earlier builds remember of content, edits and the linter, as `make clean` does."""
        shutil.rmtree(self.root / ".build", ignore_errors=True)


def imports(project: Project, found: Found) -> None:
    """Measure the import of the release, the build without its edits, and the import of these."""
    cms = SHARED / "cms"
    # What is at hand would be carried over.
    shutil.rmtree(project.root / "cms_data" / "snapshots" / RELEASE)
    found.note("import", project.run("build.py", "import", *(str(cms / one) for one in (RELEASE, "zip5", "rbcs"))).wall)
    site = project.work / "bare" / "site"
    found.note("bare peak", project.build(site, "--no-search", "--jobs", "2").peak)
    shutil.rmtree(site.parent)
    edits = project.run("build.py", "import", *(str(cms / one) for one in ("ncci/ptp-practitioner-2026q3-v322r0.zip", "mue", "aoc")), "--release", RELEASE)
    found.note("edits", edits.wall)
    found.note("edits peak", edits.peak)
    found.note("edits rows", float(re.findall(r"ptp ([\d,]+)", edits.output)[0].replace(",", "")))


def builds(project: Project, peers: tuple[Peer, ...], found: Found, *, more: bool) -> None:
    """Measure our builds, the peers' and the floors in turn; with ``more``, a rebuild and the search index, too."""
    out = project.work / "out"
    for peer in peers:
        command, environment = peer.run_into(out / peer.name)
        found.tool(peer.name, run(command, peer.cwd, environment), out / peer.name)
    found.floor(PEERS_FLOOR, floor(out / PLAIN, out / "floor"))
    shutil.rmtree(out)
    project.forget()
    site = out / "site"
    clean = project.build(site, "--no-search", "--jobs", "2")
    found.tool(BUILD, clean, site)
    found.floor(OUR_FLOOR, floor(site, out / "floor"))
    shutil.rmtree(out / "floor")
    # After a build, which has asked the linter about all tips: that is no part of what is measured.
    found.tool(PAGES, project.run("bench/pages_alone.py", RELEASE, str(out / "pages")), out / "pages")
    shutil.rmtree(out / "pages")
    if more:
        tip = project.root / TIP
        tip.write_text(re.sub(r"(?m)^(do: >-\n  )", r"\g<1>Here: ", tip.read_text(encoding="utf-8")), encoding="utf-8")
        found.note("rebuild", project.build(site, "--no-search").wall)
        shutil.copy(ROOT / TIP, tip)
        found.note("search", float(re.findall(r"search index: ([\d.]+) s", project.build(site).output)[0]))
    shutil.rmtree(out)


def floor(site: Path, out: Path) -> str:
    """Write the bytes of a site to other files, and return what the writing took."""
    return run([sys.executable, str(SHARED / "bench" / "floor.py"), str(site), str(out)], site).output


def tools(found: Found, labels: dict[str, str]) -> None:
    """Print what each tool took, with the CPU of a MB against plain Hugo's."""
    print(f"{'tool':42} {'files':>7} {'MB':>6} {'CPU s':>7} {'wall s':>7} {'peak MB':>8} {'CPU s per 100 MB':>17} {'x Hugo':>7}")
    for name in (BUILD, PAGES, *(one for one in found.runs if one not in LABELS), PEERS_FLOOR, OUR_FLOOR):
        files, megabytes = found.written[name]
        cpus, walls, peaks = zip(*found.runs[name], strict=True)
        cpu, peak = statistics.median(cpus), "" if None in peaks else f"{statistics.median(peaks):.0f}"
        ratio = found.ratios(name, PLAIN, per_megabyte=True)
        print(f"{labels[name]:42} {files:7,} {megabytes:6.0f} {cpu:7.1f} {statistics.median(walls):7.1f} {peak:>8} {100 * cpu / megabytes:17.2f} {ratio:7.2f}")


def targets(found: Found) -> None:
    """Print medians beside first target and aim."""
    clean = found.runs[BUILD]
    rows: list[tuple[str, float, str, float, float]] = [
        ("HTML pages alone, CPU per MB against plain Hugo's", found.ratios(PAGES, PLAIN, per_megabyte=True), "x", 0.5, 0.2),
        ("clean build without search, CPU against the floor of our output", found.ratios(BUILD, OUR_FLOOR, per_megabyte=False), "x", 8, 4),
        ("the same, wall, two processes", statistics.median(one[1] for one in clean), "s", 10, 5),
        ("peak memory, build with edits", statistics.median(one[2] or 0 for one in clean), "MB", 700, 450),
    ]
    if found.values:
        rows += [
            ("peak memory, build without edits", found.middle("bare peak"), "MB", 300, 150),
            ("rebuild after one tip edited", found.middle("rebuild"), "s", 2, 0.7),
            ("search index, full", found.middle("search"), "s", 20, 6),
            ("import of a release", found.middle("import"), "s", 5, 2),
            (f"import of {found.middle('edits rows'):,.0f} PTP rows into it", found.middle("edits"), "s", 15, 6),
            ("the same, peak memory", found.middle("edits peak"), "MB", 1500, 500),
        ]
    print(f"{'target':64} {'here':>9} {'first':>9} {'':8} {'aim':>9}")
    for what, here, unit, first, aim in rows:
        said = ["reached" if here <= most else "MISSED" for most in (first, aim)]
        print(f"{what:64} {shown(here, unit):>9} {shown(first, unit):>9} {said[0]:8} {shown(aim, unit):>9} {said[1]}")
    print(f"{'page served after an edit, first byte':64} {'':>9} {shown(FIRST, 'ms'):>9} {'':8} {shown(AIM, 'ms'):>9} (bench/serve.py measures it)")


def shown(value: float, unit: str) -> str:
    """Write a value with its unit, as exact as it is meant."""
    return f"{value:.0f} {unit}" if value >= 100 else f"{value:.2g} {unit}" if value < 10 else f"{value:.3g} {unit}"


if __name__ == "__main__":
    sys.exit(main())
