"""Fetches releases by name with what belongs to them, pins what was seen in the manifest, and imports them."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TextIO

from medpayiq import paths, rules
from medpayiq.cms import importer, manifest
from medpayiq.cms.importer import FactorsOn, Imported
from medpayiq.cms.manifest import Entry, Manifest
from medpayiq.cms.snapshot import META
from medpayiq.fetching import editions, licence
from medpayiq.fetching.companions import Beside, Companions, softer
from medpayiq.fetching.keeping import Kept, at_hand, keep
from medpayiq.fetching.web import Pace, Web
from medpayiq.findings import Failed, Findings
from medpayiq.lock import LockedError, build_lock
from medpayiq.paths import shown
from medpayiq.progress import Progress

LATEST = "latest"


@dataclass(frozen=True, slots=True)
class Places:
    """Where a fetch reads and writes."""

    manifest: Path
    downloads: Path
    snapshots: Path
    descriptors: Path

    @staticmethod
    def of_project() -> Places:
        """Return the places of this project."""
        return Places(paths.MANIFEST, paths.CMS_DATA / "downloads", paths.SNAPSHOTS, paths.DESCRIPTORS)


@dataclass(slots=True)
class Fetched:
    """What a fetch did. Files come in the order they were fetched, companions too."""

    files: list[Kept] = field(default_factory=list)
    imported: list[Imported] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)

    @property
    def exit_code(self) -> int:
        """0 when everything asked for is here, 1 otherwise."""
        return 1 if self.findings.failed else 0

    def lines(self) -> list[str]:
        """Say what was fetched and imported, and what to type next."""
        made = [f"{one.entry.name}: {one.path.name}, {one.size:,} bytes, sha256 {one.entry.sha256}, {one.state}" for one in self.files]
        for done in self.imported:
            meta = done.snapshot.meta
            made.append(f"{meta.release}, {meta.effective_from} to {meta.effective_to}: {shown(done.snapshot.folder)} {'unchanged' if done.unchanged else 'written'}")
            made.append("rows: " + ", ".join(f"{name} {row['rows']:,}" for name, row in meta.tables.items()))
            made.append(f"next: .venv/bin/python build.py --release {meta.release.lower()}")
        return made


def run(
    names: list[str],
    places: Places,
    *,
    take_changed: bool = False,
    imports: bool = True,
    pace: Pace | None = None,
    factors_on: FactorsOn | None = None,
    environ: Mapping[str, str] | None = None,
    screen: TextIO | None = None,
) -> Fetched:
    """Fetch the releases of these names (none: the latest relative values), and import the relative values among them.

    What could not be had, or is not as it was, becomes an error in ``findings``; the others are fetched all the same, and the
    snapshots of before stay.

    Raises:
        Failed: the terms are not accepted, a name or the manifest is wrong, another fetch is running, or the disk fails.

    """
    licence.ask(places.downloads, os.environ if environ is None else environ)
    with alone(places.downloads), Progress(screen) as progress, Web(pace or Pace()) as web:
        known = read_manifest(places.manifest)
        entries = _chosen(names or [LATEST], known)
        run_ = _Run(places, known, web, progress, take_changed=take_changed)
        for entry in entries:
            try:
                run_.one(entry, factors_on or _factors_on, imports=imports)
            except OSError as problem:
                raise _disk(problem, places.downloads) from None
        if imports:
            run_.rest(factors_on or _factors_on)
        return run_.done


class _Run:
    """One run's state: the manifest as known by now, and what was done."""

    def __init__(self, places: Places, known: Manifest, web: Web, progress: Progress, *, take_changed: bool) -> None:
        self.places = places
        self.known = known
        self.web = web
        self.progress = progress
        self.take_changed = take_changed
        self.done = Fetched()
        self._edits: list[Kept] = []
        """Edits, unit limits and add-on codes that were asked for by name."""
        self._companions = Companions(places.snapshots, self._keep, self._at_hand, self.done.findings)

    def one(self, entry: Entry, factors_on: FactorsOn, *, imports: bool) -> None:
        """Fetch one entry; relative values are imported with their companions."""
        kept = self._keep(entry, self.done.findings, take_changed=self.take_changed)
        if kept is None:
            return
        if entry.kind in editions.KINDS:
            self._edits.append(kept)
            return
        if entry.kind != "rvu":
            self.done.findings.note(entry.name, "is downloaded; files of this kind are read only together with an RVU release, or not at all")
            return
        beside = self._companions.of(entry, self.known)
        # What was asked for by name is not fetched a second time.
        named = {one.entry.name for one in self._edits}
        missing = Findings()
        edits = [one for one in (self._keep(edition, missing) for edition in editions.of_release(entry, self.known, self.done.findings) if edition.name not in named) if one]
        self.done.findings.extend(softer(missing))
        if imports:
            self.progress.phase(f"import {entry.name}")
            if self._import(entry, kept.path, beside, factors_on) and edits:
                self._add(entry.name, edits, factors_on, soft=True)

    def rest(self, factors_on: FactorsOn) -> None:
        """Add the edits that were asked for by name to the snapshots of their quarters."""
        for days in dict.fromkeys((one.entry.effective_from, one.entry.effective_to) for one in self._edits):
            files = [one for one in self._edits if (one.entry.effective_from, one.entry.effective_to) == days]
            release = self.known.release_for(days[0])
            names = ", ".join(one.entry.name for one in files)
            if release is None or not (self.places.snapshots / release.name.lower() / META).is_file():
                self.done.findings.note(names, f"downloaded; goes into the snapshot of {release.name if release else 'its quarter'}, which is not here", try_=f".venv/bin/python build.py fetch {release.name}" if release else "")
            else:
                self._add(release.name, files, factors_on, soft=False)

    def _add(self, release: str, files: list[Kept], factors_on: FactorsOn, *, soft: bool) -> None:
        """Put edits into a release's snapshot; with ``soft`` one that cannot be read is told, and what the snapshot had stays."""
        self.progress.phase(f"edits of {release}")
        try:
            added = importer.run([one.path for one in files], self.places.snapshots, self.places.descriptors, factors_on, release=release)
        except Failed as failed:
            if failed.exit_code == 2:
                raise
            self.done.findings.extend(softer(failed.findings) if soft else failed.findings.items)
            if not failed.findings.failed:
                self.done.findings.error(release, f"its edits cannot be imported: {failed}")
            faulty = {one.file.split("/", 1)[0] for one in failed.findings.of("error")}
            kinds = {one.entry.kind for one in files if one.path.name in faulty}  # a set without one of its parts is none
            whole = [one for one in files if one.entry.kind not in kinds]
            if kinds and whole:
                self._add(release, whole, factors_on, soft=soft)
            return
        self.done.findings.extend(added.findings.items)
        before = next((one for one in self.done.imported if one.snapshot.folder == added.snapshot.folder), None)
        if before is not None:
            self.done.imported.remove(before)
            added = replace(added, unchanged=added.unchanged and before.unchanged, carried=before.carried)
        self.done.imported.append(added)

    def _import(self, entry: Entry, file: Path, beside: Beside, factors_on: FactorsOn) -> bool:
        """Import a release with what goes with it; say whether that was done."""
        files = [file, *(one.path for one in beside.files())]
        try:
            imported = importer.run(
                files, self.places.snapshots, self.places.descriptors, factors_on, release=entry.name, effective_from=entry.effective_from, effective_to=entry.effective_to, carries=True
            )
        except Failed as failed:
            if failed.exit_code == 2:
                raise
            faulty = {one.file.split("/", 1)[0] for one in failed.findings.of("error")}
            if faulty and faulty <= {one.name for one in files[1:]}:
                self.done.findings.extend(softer(failed.findings))
                return self._import(entry, file, self._companions.instead(beside, faulty, self.known), factors_on)
            self.done.findings.extend(failed.findings.items)
            if not failed.findings.failed:
                self.done.findings.error(entry.name, f"cannot be imported: {failed}")
            return False
        self.done.findings.extend(imported.findings.items)
        self._companions.tell(beside, imported)
        self.done.imported.append(imported)
        return True

    def _keep(self, entry: Entry, findings: Findings, *, take_changed: bool = False) -> Kept | None:
        self.progress.phase(f"fetch {entry.name}")
        kept = keep(entry, self._path(entry), self.web, findings, take_changed=take_changed, say=self.progress.count)
        return self._noted(entry, kept)

    def _at_hand(self, entry: Entry) -> Kept | None:
        return self._noted(entry, at_hand(entry, self._path(entry)))

    def _path(self, entry: Entry) -> Path:
        return self.places.downloads / self.known.file_name(entry)

    def _noted(self, entry: Entry, kept: Kept | None) -> Kept | None:
        """Write into the manifest what was seen of a file; what somebody else wrote there since the run began stays."""
        if kept is None:
            return None
        if kept.entry != entry:
            now = read_manifest(self.places.manifest)
            one = now.named(entry.name) or entry
            if one.url == entry.url:
                one = replace(one, sha256=kept.entry.sha256, size=kept.entry.size, modified=kept.entry.modified, earlier=kept.entry.earlier)
                manifest.write(self.places.manifest, now.having(one))
            self.known = self.known.having(kept.entry)
        self.done.files.append(kept)
        return kept


def read_manifest(path: Path) -> Manifest:
    """Read the manifest.

    Raises:
        Failed: with every fault of it.

    """
    findings = Findings()
    found = manifest.read(path, findings, shown_as=shown(path))
    if found is None:
        raise Failed(findings, exit_code=2 if not path.exists() else 1)
    return found


@contextmanager
def alone(downloads: Path) -> Iterator[None]:
    """Hold the downloads folder, or fail at once.

    Raises:
        Failed: another fetch holds it, or it cannot be made.

    """
    try:
        with build_lock(downloads / ".state" / "lock"):
            yield
    except LockedError as problem:
        # The lock was made for builds and speaks of them.
        words = str(problem).replace("another build", "another fetch").replace("the build in", "the fetch in")
        raise Failed(f"fetch: error: {words}", exit_code=2) from None
    except OSError as problem:
        raise _disk(problem, downloads) from None


def _disk(problem: OSError, downloads: Path) -> Failed:
    return Failed(f"{problem.filename or shown(downloads)}: error: {problem.strerror or problem}\n  try: make room or look at the rights, then the same command again: it goes on where this one stopped", exit_code=2)


def _chosen(names: list[str], known: Manifest) -> list[Entry]:
    """Return the entries of these names; ``PTP26Q3`` is all of its parts.

    Raises:
        Failed: with every name that the manifest does not have.

    """
    chosen: dict[str, Entry] = {}
    findings = Findings()
    for name in names:
        if name.lower() == LATEST:
            latest = known.latest("rvu")
            found = [latest] if latest else []
        else:
            entry = known.named(name)
            found = [entry] if entry else [one for one in known.entries if one.name.rpartition("-F")[0] == name.upper() and name]
        if not found:
            near = difflib.get_close_matches(name.upper(), [one.name for one in known.entries], 3, 0.6)
            findings.error("fetch", f"{name!r} is not in the manifest", try_=f"{' or '.join(near)}" if near else "build.py fetch --discover --add, which asks CMS for new names")
        chosen |= {one.name: one for one in found}
    if findings.failed:
        raise Failed(findings, exit_code=2)
    return list(chosen.values())


def _factors_on(day: str, table: str) -> dict[str, str]:
    return rules.conversion_factors(day, table).values
