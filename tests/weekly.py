"""Weekly runs of `follow`, each on a new machine that has what is committed and an archive; and small files to run them on."""

from __future__ import annotations

import datetime
import json
import shutil
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import cms_files as mini
import pytest
from cms_server import ACCEPTED, QUICK, Counter, rvu
from importing import factors_on, tree

from medpayiq import building, loading
from medpayiq.archive import pulling, pushing
from medpayiq.archive.stores import FolderStore
from medpayiq.cms.manifest import Entry
from medpayiq.following import follow


def october() -> bytes:
    """Return the zip of the release of 2025 that the year begins with."""
    rows = [row | {"cf": "32.3465"} for row in mini.services()]
    title = "2025 National Physician Fee Schedule Relative Value File October Release"
    return mini.zipped({"PPRRVU2025_Oct.csv": mini.pprrvu_csv(rows, mini.COLUMNS_2025, title=title), "GPCI2025.csv": mini.gpci_csv(year=2025)})


def payment_file(work: str, *, off: int = 0) -> bytes:
    """Return the zip of a payment file: 45378 in Alabama, worked out here from its RVUs and indices; ``off`` cents are added."""
    factor, pe, mp = Fraction("33.4009"), Fraction("0.875"), Fraction("0.40") * Fraction("0.566")
    cents = [int((Fraction(work) + Fraction(expense) * pe + mp) * factor * 100 + Fraction(1, 2)) + off for expense in ("6.01", "1.31")]
    office, facility = (f"{one // 100:07d}.{one % 100:02d}" for one in cents)
    row = ["2026", "10112", "00", "45378", "  ", office, facility, " ", "0", "A", "2", "0000000.00", "0000000.00", "9", "0000000.00", "0000000.00"]
    return mini.zipped({"PFREV26B_nonQPP.txt": mini.to_csv([row])})


def other_layout() -> bytes:
    """Return a release whose relative values have a column that nobody knows."""
    return mini.zipped({"PPRRVU2026_Jul_nonQPP.csv": mini.pprrvu_csv(mini.services()).replace(b"PHYSICIAN", b"CLINICIAN"), mini.GPCI: mini.gpci_csv()})


@dataclass
class Weeks:
    """A year of weekly runs: each on a machine that has what is committed and an archive, no more."""

    counter: Counter
    patch: pytest.MonkeyPatch
    site: Path
    built: list[str] = field(default_factory=list)
    issues: list[str] = field(default_factory=list)
    """Marks of the issues that are open."""

    @property
    def committed(self) -> Path:
        """What is on the main branch of the folder cms_data."""
        return self.counter.root / "committed"

    @property
    def archive(self) -> FolderStore:
        """The archive."""
        return FolderStore(self.counter.root / "archive")

    @property
    def into(self) -> Path:
        """Where a run writes."""
        return self.counter.root / "follow"

    def on(self, day: str) -> None:
        """Make it this day."""
        noon = datetime.datetime.fromisoformat(f"{day}T12:00:00+00:00")
        self.patch.setenv("SOURCE_DATE_EPOCH", str(int(noon.timestamp())))

    def asked(self, machine: Counter) -> follow.Asked:
        """Return what a run on a machine is told."""
        return follow.Asked(loading.today(), self.into, machine.places, self.archive, search=False, jobs=1, pace=QUICK, factors_on=factors_on, environ=ACCEPTED)

    def machine(self) -> Counter:
        """Return a new machine."""
        counter = Counter(self.counter.root / "machine", self.counter.server)
        shutil.rmtree(counter.root, ignore_errors=True)
        counter.root.mkdir()
        for path in self.committed.iterdir():
            shutil.copy(path, counter.root)
        return counter

    def run(self, day: str) -> tuple[int, list[str]]:
        """Run on a day; return the exit code and the causes of issues that are new. Neither site nor anything committed changes."""
        self.on(day)
        machine = self.machine()
        before = tree(self.site), tree(self.committed), tree(self.archive.path)
        outcome = follow.run(self.asked(machine))
        assert (tree(self.site), tree(self.committed), tree(self.archive.path)) == before
        answer = self.answer()
        assert answer["code"] == outcome.exit_code
        assert (self.into / "pull-request.md").exists() == bool(answer["pull_request"]) == (outcome.exit_code == 3)
        fresh = [one for one in answer["issues"] if one["mark"] not in self.issues]
        assert all(self.text(one["file"]).startswith(one["mark"] + "\n") for one in answer["issues"])
        self.issues += [one["mark"] for one in fresh]
        return outcome.exit_code, [one["mark"].removeprefix("<!-- medpayiq: follow: ").removesuffix(" -->") for one in fresh]

    def answer(self) -> dict[str, Any]:
        """Return what the last run says it wrote."""
        found: dict[str, Any] = json.loads(self.text("answer.json"))
        return found

    def text(self, name: str) -> str:
        """Return a text of the last run."""
        return (self.into / name).read_text(encoding="utf-8")

    def merge(self) -> None:
        """Merge the pull request of the last run."""
        for path in (self.into / "files" / "cms_data").iterdir():
            shutil.copy(path, self.committed / path.name)

    def deploy(self, day: str) -> None:
        """Do on a day what a merge and the first day of a quarter do: restore, take in what was accepted, build, push the archive."""
        self.on(day)
        machine = self.machine()
        pulling.pull(self.archive, machine.places.snapshots, [], lambda _: None)
        outcome, _ = follow.accept(self.asked(machine))
        assert outcome.exit_code == 0, outcome.issues
        places = machine.places
        done = building.build(building.Options(None, self.site, search=False, jobs=1, snapshots=places.snapshots, manifest=places.manifest, descriptors=places.descriptors))
        self.built.append(done.release)
        assert pushing.push(self.archive, machine.places.snapshots, [], lambda _: None).good


def years_end(weeks: Weeks) -> None:
    """Begin with RVU25D committed and archived, and a payment file known of its quarter."""
    counter, server = weeks.counter, weeks.counter.server
    server.put("rvu25d.zip", october())
    counter.knows(
        rvu(server, "RVU25D", "rvu25d.zip", "2025-10-01", "2025-12-31"),
        Entry("PFREV25D", "amounts", server.base + "pfrev25d.zip", "2025-10-01", "2025-12-31"),
    )
    assert counter.fetch("RVU25D").exit_code == 0
    weeks.archive.path.mkdir()
    assert pushing.push(weeks.archive, counter.places.snapshots, [], lambda _: None).good
    weeks.committed.mkdir()
    shutil.copy(counter.places.manifest, weeks.committed)
