"""Compares a release with the payment amounts that CMS published for it: its imaging caps, and the payment file of its quarter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from medpayiq.cms import inputs
from medpayiq.cms.inputs import InputFile
from medpayiq.cms.snapshot import Snapshot
from medpayiq.findings import Failed, Findings
from medpayiq.paths import shown
from medpayiq.proof import published
from medpayiq.proof.published import Comparison


@dataclass(slots=True)
class Compared:
    """How a release stands to CMS's amounts."""

    found: list[Comparison] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """Files that cannot be read."""

    @property
    def good(self) -> bool:
        """Whether every amount is met to the cent; also where there was none to compare with."""
        return not self.faults and not any(one.differences for one in self.found)

    @property
    def amounts(self) -> int:
        """How many amounts were compared."""
        return sum(one.amounts for one in self.found)

    def lines(self) -> list[str]:
        """Say it file by file, with the first misses of each."""
        return [*map(str, self.found), *self.faults]


def compare(snap: Snapshot, zips: Iterable[Path], folder: Path) -> Compared:
    """Compare a release with the imaging caps (OPPSCAP csv) and payment files (PFREV, PFALL) in these zips.

    ``folder`` takes what is unpacked. Which release the amounts belong to is known here, by the days in the manifest: nothing
    is guessed from names.
    """
    done, findings = Compared(), Findings()
    for file in inputs.collect(sorted(zips), findings):
        name = file.name.upper()
        if not name.endswith((".TXT", ".CSV")) or not (name.startswith("PF") or (name.startswith("OPPSCAP") and name.endswith(".CSV"))):
            continue
        try:
            done.found.append(_one(snap, file, folder))
        except Failed as failed:
            done.faults.append(str(failed).replace(f"{shown(folder)}/", ""))
    done.faults += map(str, findings.of("error"))
    return done


def _one(snap: Snapshot, file: InputFile, folder: Path) -> Comparison:
    """Compare one file; where the year has two factors and the name says neither, all of it must fit the one or the other."""
    run = published.compare_caps if file.name.upper().startswith("OPPSCAP") else published.compare_payments
    unsaid = len(snap.meta.conversion_factors) > 1 and "QP" not in file.name.upper()
    stem, _, ending = file.name.rpartition(".")
    made = []
    for name in (f"{stem}_nonQPP.{ending}", f"{stem}_QPP.{ending}") if unsaid else (file.name,):
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        path.write_bytes(file.data)
        made.append(run(path, [snap]))
    return next((one for one in made if not one.differences), made[0])
