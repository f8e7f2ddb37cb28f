"""Takes the new files of one quarter as far as a site: fetches, imports, compares with CMS's amounts, builds and tells what changed."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from medpayiq import building
from medpayiq.changes import running
from medpayiq.changes.rendering import Report
from medpayiq.changes.watching import Flag
from medpayiq.cms import releases, snapshot
from medpayiq.cms.manifest import KINDS, Entry, Manifest
from medpayiq.cms.snapshot import Snapshot
from medpayiq.fetching import editions, fetch
from medpayiq.fetching.discovery import Find
from medpayiq.fetching.fetch import Fetched, Places
from medpayiq.findings import Failed
from medpayiq.following import accepting, amounts, desk
from medpayiq.following.model import Asked, Candidate, Issue

_BESIDE = ("zip5", "rbcs", *editions.KINDS)
"""Tables that come in files of their own: a release without one of them may have lost it on the way."""
_STANDS = "Until then the site stays as it is: nothing of this is taken over, and every run looks again."


@dataclass(frozen=True, slots=True)
class Quarter:
    """What was found for one quarter."""

    finds: tuple[Find, ...]
    label: str
    entries: tuple[Entry, ...]
    """What changes in the manifest: what is new, and what loses days to it."""

    @property
    def names(self) -> list[str]:
        """What is new; edits first, so that a release is imported with those that were named, and a fault of theirs counts."""
        found = sorted(self.finds, key=lambda one: (one.entry.kind not in editions.KINDS, KINDS.index(one.entry.kind), one.entry.effective_from, one.entry.name))
        return [one.entry.name for one in found]


def quarters(finds: Iterable[Find], before: Manifest, grown: Manifest) -> list[Quarter]:
    """Sort what is new by the quarter it holds for, the oldest first: a release comes with its edits, amounts and ZIP codes."""
    by_quarter: dict[str, list[Find]] = {}
    for one in finds:
        by_quarter.setdefault(releases.of_day(datetime.date.fromisoformat(one.entry.effective_to)).effective_from, []).append(one)
    made = []
    for _, found in sorted(by_quarter.items()):
        names = {one.entry.name for one in found}
        cut = {name for one in found for name in one.shortened}
        entries = tuple(one for one in grown.entries if one != before.named(one.name) and (one.name in names | cut or one.replaced_by in names))
        made.append(Quarter(tuple(found), _label(found), entries))
    return made


def examine(quarter: Quarter, before: Places, known: Manifest, root: Path, asked: Asked, environ: Mapping[str, str]) -> Candidate | Issue:
    """Take a quarter's files as far as a site of their own; the first doubt ends it. ``known`` and ``before`` stay as they are.

    Raises:
        Failed: the disk cannot be written, or the program or its content is at fault without any new release too.

    """
    grown = known.having(*quarter.entries)
    places = desk.next_to(before, root, grown)
    return _Examination(quarter, before, places, known, grown, asked, environ).run()


class _Examination:
    """One quarter on its own desk."""

    def __init__(self, quarter: Quarter, before: Places, places: Places, known: Manifest, grown: Manifest, asked: Asked, environ: Mapping[str, str]) -> None:
        self.quarter, self.before, self.places, self.known, self.grown = quarter, before, places, known, grown
        self.asked, self.environ = asked, environ
        self.names = self._names()
        self.made = Candidate(quarter.label, (), tuple(self.names), {}, places)

    def run(self) -> Candidate | Issue:
        """Return what may be merged, or why not."""
        try:
            done = self._fetch(self.names)
        except Failed as failed:
            if failed.exit_code != 1:
                raise
            return self._issue("fetch", "cannot be fetched or imported", str(failed))
        if done.findings.failed:
            return self._issue("fetch", "cannot be fetched or imported", "\n".join(map(str, done.findings.of("error"))))
        self.made.lines = [desk.said(self.places, line) for line in done.lines() if not line.startswith("next:")]
        self.made.remarks += (desk.said(self.places, str(one)) for one in done.findings.of("warning"))
        imported = {one.snapshot.meta.release: one.snapshot for one in done.imported}
        for check in (self._lost, self._amounts, self._build):
            issue = check(imported)
            if issue is not None:
                return issue
        self._report(imported)
        now = fetch.read_manifest(self.places.manifest)
        self.made.entries = tuple(one for one in now.entries if one != self.known.named(one.name))
        self.made.snapshots = {name: accepting.digest(one.folder) for name, one in imported.items()}
        return self.made

    def _names(self) -> list[str]:
        """Return what is fetched: what is new, before it the releases that lose days or get other ZIP codes by it."""
        again = [name for one in self.quarter.finds for name in one.shortened if self._here(name)]
        zips = {one.entry.name for one in self.quarter.finds if one.entry.kind == "zip5"}
        again += [one.name for one in self.grown.of_kind("rvu") if self._here(one.name) and (zip5 := self.grown.edition_at("zip5", one.effective_to)) is not None and zip5.name in zips]
        return list(dict.fromkeys([*again, *self.quarter.names]))

    def _here(self, name: str) -> bool:
        return (self.places.snapshots / name.lower() / snapshot.META).is_file()

    def _fetch(self, names: list[str], *, imports: bool = True) -> Fetched:
        return fetch.run(names, self.places, imports=imports, pace=self.asked.pace, factors_on=self.asked.factors_on, environ=self.environ, screen=self.asked.screen)

    def _lost(self, imported: Mapping[str, Snapshot]) -> Issue | None:
        """Doubt a new release that lacks what comes beside it, where the one before had it."""
        for name, snap in imported.items():
            older = self._older(snap)
            lost = [table for table in _BESIDE if older and table in older.meta.tables and table not in snap.meta.tables]
            if older and lost:
                return self._issue("lacks", f"comes without {', '.join(lost)}", f"{older.meta.release} has {', '.join(lost)}, {name} has not.\n" + "\n".join(self.made.remarks))
        return None

    def _amounts(self, imported: Mapping[str, Snapshot]) -> Issue | None:
        """Compare each new release with the caps in its own zip, and the quarter's last one with the payment file of the quarter."""
        new = {one.entry.name: one.entry for one in self.quarter.finds}
        for name, snap in imported.items():
            if name not in new:
                continue
            entry = self.grown.named(name)
            zips = [self.places.downloads / self.grown.file_name(entry)] if entry else []
            zips += self._payment_files(snap)
            done = amounts.compare(snap, [path for path in zips if path.is_file()], self.places.manifest.parent / "amounts" / name.lower())
            self.made.amounts += done.lines()
            if not done.good:
                return self._issue("amounts", "does not pay what CMS published for it", "\n".join(done.lines()))
            if not done.amounts:
                self.made.remarks.append(f"{name}: CMS has no amounts for it that could be compared, neither imaging caps in its zip nor a payment file of its quarter. Compare some by hand before you merge.")
        return self._amounts_alone(imported)

    def _amounts_alone(self, imported: Mapping[str, Snapshot]) -> Issue | None:
        """Compare a payment file that came by itself with the release that was here before."""
        for entry in (one.entry for one in self.quarter.finds if one.entry.kind == "amounts"):
            of = self.grown.release_for(entry.effective_to)
            if of is None or of.name in imported or not self._here(of.name):
                continue
            done = amounts.compare(snapshot.read(self.places.snapshots / of.name.lower()), [self.places.downloads / self.grown.file_name(entry)], self.places.manifest.parent / "amounts" / of.name.lower())
            self.made.amounts += done.lines()
            if not done.good:
                return self._issue("amounts", f"does not fit {of.name}, which is published", "\n".join(done.lines()))
        return None

    def _payment_files(self, snap: Snapshot) -> Iterator[Path]:
        """Yield the payment files of a release's quarter: new ones, and known ones where the quarter had no release before."""
        last = self.grown.release_for(releases.of_day(datetime.date.fromisoformat(snap.meta.effective_from)).effective_to)
        if last is None or last.name != snap.meta.release:
            return
        first = self.known.release_for(snap.meta.effective_from) is None
        for entry in self.grown.of_kind("amounts"):
            if not entry.effective_from <= snap.meta.effective_from <= entry.effective_to or (not first and entry.name not in self.names):
                continue
            if entry.name not in self.names and entry.url is not None:
                done = self._fetch([entry.name], imports=False)
                self.made.remarks += [desk.said(self.places, f"{entry.name} was not compared: {one}") for one in done.findings.of("error")]
            yield self.places.downloads / self.grown.file_name(entry)

    def _build(self, imported: Mapping[str, Snapshot]) -> Issue | None:
        """Build the site of the newest release that is new or other, to see that it can be built."""
        if not imported:
            return None
        newest = max(imported.values(), key=lambda one: (one.meta.effective_from, one.meta.release))
        out = self.asked.into / "site"
        try:
            # Days of service and texts are those that will hold once it is merged.
            done = building.build(building.Options(newest.meta.release, out, self.asked.search, self.asked.jobs, self.places.snapshots, self.places.manifest, self.places.descriptors))
        except Failed as failed:
            return self._issue("build", "cannot be built with the content as it is", str(failed))
        self.made.built = f"{done.release}: {done.code_pages:,} code pages of {done.pages:,} pages, {done.files:,} files, {len(done.warnings)} warnings"
        return None

    def _report(self, imported: Mapping[str, Snapshot]) -> None:
        """Tell what changed from the release before to each that is new; of one that was here, from what it was."""
        new = {one.entry.name for one in self.quarter.finds}
        made: list[Report] = []
        flags: dict[Flag, None] = {}
        for name, snap in imported.items():
            was_here = self.before.snapshots / name.lower()
            older = self._older(snap) if name in new else snapshot.read(was_here)
            if older is None:
                self.made.remarks.append(f"{name}: there is no earlier release to compare it with.")
                continue
            report = running.report(older, snap, running.Asked(older.meta.release, name, "markdown", snapshots=self.places.snapshots))
            if name not in new:
                if not report.changes:
                    continue
                report = replace(report, again=f".venv/bin/python build.py fetch {' '.join(self.names)}")
            made.append(report)
            flags |= dict.fromkeys(Flag(*row) for section in report.sections if section.key == "tips" for row in section.rows)
        self.made.reports, self.made.flags = tuple(made), tuple(flags)

    def _older(self, snap: Snapshot) -> Snapshot | None:
        """Return the release that a biller comes from: the latest one here that began before."""
        mine = (snap.meta.effective_from, snap.meta.release)
        found = [one for path in self.places.snapshots.glob(f"*/{snapshot.META}") if not path.parent.name.startswith(".") and ((one := snapshot.read(path.parent)).meta.effective_from, one.meta.release) < mine]
        return max(found, key=lambda one: (one.meta.effective_from, one.meta.release), default=None)

    def _issue(self, stage: str, words: str, found: str) -> Issue:
        label = self.quarter.label
        names = " ".join(self.names)
        asked = f"{', '.join(one.seen.url for one in self.quarter.finds)} ({', '.join(one.entry.name for one in self.quarter.finds)}), seen at CMS on {self.asked.today}."
        to_do = {
            "fetch": ("Look at CMS's page for the file and what is said of it.", f"Where it is damaged there: wait; a whole one is taken by itself. Where it is refused to this machine or its layout is new, on your own: .venv/bin/python build.py fetch --discover --add, then .venv/bin/python build.py fetch {names}"),
            "lacks": (f"Put the missing file into cms_data/downloads on your own machine and type: .venv/bin/python build.py fetch --discover --add, then .venv/bin/python build.py fetch {names}", "Then .venv/bin/python build.py check, .venv/bin/python build.py archive push, and commit the manifest."),
            "amounts": ("See which it is: CMS's file, our import or a rule of payment that changed (docs/METHODOLOGY.md).", f"On your own machine: .venv/bin/python build.py fetch --discover --add, then .venv/bin/python build.py fetch {names}, and .venv/bin/python build.py check --oracle FOLDER_OF_PAYMENT_FILES"),
            "build": ("Mend what is named above in content/ or rules/, merge that, and run the workflow Release again.",),
        }[stage]
        return Issue(f"{stage} {label}", f"{label} {words}", asked, desk.said(self.places, found), (*to_do, _STANDS))


def _label(finds: list[Find]) -> str:
    """Return what a quarter's find is called: its releases, else what there is of it."""
    named = [one.entry.name for one in finds if one.entry.kind == "rvu"] or list(dict.fromkeys(one.entry.name.rpartition("-F")[0] or one.entry.name for one in finds))
    return ", ".join(sorted(named))
