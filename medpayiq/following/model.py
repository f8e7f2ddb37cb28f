"""What following CMS comes to: a candidate that may be merged, an issue that says why not, and how both are handed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from medpayiq import paths
from medpayiq.archive.stores import Store
from medpayiq.changes.rendering import Report
from medpayiq.changes.watching import Flag
from medpayiq.cms.importer import FactorsOn
from medpayiq.cms.manifest import Entry
from medpayiq.fetching.fetch import Places
from medpayiq.fetching.web import Pace

FOLLOWED = paths.ROOT / ".build" / "follow"
NOTHING, DOUBTFUL, GOOD = 0, 1, 3


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run is told."""

    today: str
    """ISO date."""
    into: Path = FOLLOWED
    """Folder for texts, files of the pull request and the site that is built to see whether it can be; emptied first."""
    places: Places = field(default_factory=Places.of_project)
    store: Store | None = None
    """The archive to restore from; None: what is at hand is all there is."""
    search: bool = True
    jobs: int = 0
    """As for a build."""
    pace: Pace | None = None
    factors_on: FactorsOn | None = None
    environ: Mapping[str, str] | None = None
    screen: TextIO | None = None

    @property
    def accepted(self) -> Path:
        """The file that says which snapshots were accepted; beside the manifest."""
        return self.places.manifest.parent / "accepted.json"


@dataclass(frozen=True, slots=True)
class Issue:
    """Why something that was found is not taken. Equal causes are one issue, however often they are met."""

    cause: str
    """Short and stable, such as ``fetch RVU26D``."""
    title: str
    asked: str
    found: str
    """What programs said, word for word."""
    to_do: tuple[str, ...]


@dataclass(slots=True)
class Candidate:
    """A quarter's new files, imported on a desk of their own, with everything that was seen of them."""

    label: str
    """``RVU26D``, or what there is of a quarter: ``edits of 2026 Q4``."""
    entries: tuple[Entry, ...]
    """As they go into the manifest."""
    fetched: tuple[str, ...]
    """Names as `fetch` was given them, in order."""
    snapshots: Mapping[str, str]
    """Release to the digest of its snapshot; empty where nothing is imported yet."""
    desk: Places
    lines: list[str] = field(default_factory=list)
    """What was fetched and imported."""
    amounts: list[str] = field(default_factory=list)
    """What was compared with amounts of CMS's."""
    built: str = ""
    remarks: list[str] = field(default_factory=list)
    reports: tuple[Report, ...] = ()
    """What changed, a release each."""
    flags: tuple[Flag, ...] = ()
    """Facts that tips watch and that are others now."""


@dataclass(slots=True)
class Outcome:
    """What a run came to, and the files it wrote."""

    candidates: list[Candidate] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """3 when there is a pull request to open, else 1 when there is an issue, else 0. With 3 there may be issues too."""
        return GOOD if self.candidates else DOUBTFUL if self.issues else NOTHING

    def lines(self) -> list[str]:
        """Say what was found, and where it is written."""
        made = [f"{one.label}: good, to be looked at" for one in self.candidates] + [f"{one.cause}: {one.title}" for one in self.issues]
        made = made or ["nothing new"]
        return [*made, *(f"{paths.shown(path)} written" for path in self.files)]
