"""Restores from an archive the snapshots that are not at hand: `build.py archive pull`."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from medpayiq.archive import packing
from medpayiq.archive.index import Asset, Entry, Refused
from medpayiq.archive.keeping import Done, at_hand, is_whole, newest_index, stored_whole
from medpayiq.archive.stores import Store, Stored
from medpayiq.cms import snapshot
from medpayiq.cms.holding import HeldError, hold
from medpayiq.findings import Failed, Finding, Findings
from medpayiq.paths import shown

Say = Callable[[str], None]


def pull(store: Store, snapshots: Path, only: list[str], say: Say, *, or_fetch: bool = False) -> Done:
    """Restore every release of the archive that is not at hand whole; the newest first.

    A snapshot that was imported here with another content is left as it is. With ``or_fetch``, what is missing then of
    the newest release comes from CMS.

    Raises:
        Failed: the store cannot be reached, holds no index, or the disk cannot be written.

    """
    done = Done()
    unknown = False
    try:
        with hold(snapshots):
            missing = _pull(store, snapshots, only, say, done)
    except Failed as failed:
        if not or_fetch or isinstance(failed, HeldError):
            raise
        done.findings.warning(store.name, f"nothing is restored: {_reason(failed)}")
        missing = [name.upper() for name in only if not is_whole(snapshots / name.lower())]
        unknown = not only
    except OSError as problem:
        raise Failed(f"{problem.filename or snapshots}: error: cannot be written: {problem.strerror or problem}\n  try: make room or look at the rights, then pull again", exit_code=2) from None
    if or_fetch and (missing or unknown or not _any_whole(snapshots, only)):
        try:
            _fall_back(missing, snapshots, say, done)
        except Failed as failed:
            done.findings.extend(_softer(failed))
    done.good = _any_whole(snapshots, only)
    return done


def _pull(store: Store, snapshots: Path, only: list[str], say: Say, done: Done) -> list[str]:
    """Restore; return the newest release of the archive (with ``only``: those asked for) where it is not at hand afterwards."""
    snapshot.mend(snapshots)
    # Two levels deep: nothing in it can be taken for a snapshot, and an import mends it away.
    desk = snapshots / ".archive.part"
    desk.mkdir()
    try:
        listing = store.listing()
        entries = newest_index(store, listing, desk, done.findings)
        if entries is None:
            damaged = "".join(f"; {one.file} {one.message}" for one in done.findings.items)
            raise Failed(f"{store.name}: error: holds no {'whole ' if damaged else ''}index of snapshots{damaged}\n  try: .venv/bin/python build.py archive push, on a machine that has them", exit_code=2)
        wanted = [name.upper() for name in only] or list(entries)
        work = _Pull(store, snapshots, desk, listing, done.findings)
        absent = [name for name in wanted if name not in entries]
        for release in absent:
            done.findings.warning(store.name, f"does not hold {release}", try_=_fetch(release))
        missing = absent
        found = sorted((name for name in wanted if name in entries), key=lambda name: entries[name].order, reverse=True)
        for release in found:
            state, words = work.one(release, entries[release])
            done.counts[state] += 1
            say(f"{release}: {state}{words}")
            if state == "refused" and (only or release == found[0]):
                missing.append(release)
        return missing
    finally:
        shutil.rmtree(desk, ignore_errors=True)


@dataclass(slots=True)
class _Pull:
    """One pull, release by release."""

    store: Store
    snapshots: Path
    desk: Path
    listing: Mapping[str, Stored]
    findings: Findings
    unreachable: str = ""
    """Why the store is not asked any more: one that gives no answer would give none for each asset."""

    def one(self, release: str, entry: Entry) -> tuple[str, str]:
        """Return what became of a release, and words to add."""
        folder, asset = self.snapshots / release.lower(), entry.current
        damage = ""
        if folder.exists():
            try:
                packing.verified(folder)
            except Refused as problem:
                if packing.is_newer(folder):
                    self.findings.warning(shown(folder), f"was written by a newer version of this program ({problem}); it is left as it is", try_="bring this clone up to date")
                    return "kept", ", of a newer version"
                damage = str(problem)
            else:
                return self._kept(folder, entry)
        try:
            self._fetch(asset)
            inside = self.desk / folder.name
            shutil.rmtree(inside, ignore_errors=True)
            packing.unpack(self.desk / asset.name, asset, inside)
        except Refused as problem:
            self.findings.warning(asset.name, f"{release} is not restored: {problem}", try_=_fetch(release))
            if damage:
                self.findings.warning(shown(folder), f"is damaged: {damage}", try_=_fetch(release))
            return "refused", ""
        finally:
            (self.desk / asset.name).unlink(missing_ok=True)
        snapshot.replace(inside, folder)
        if not damage:
            return "restored", f" from {asset.name}"
        self.findings.warning(shown(folder), f"was damaged ({damage}) and is replaced by the archive's")
        return "restored", f" from {asset.name}, in place of a damaged one"

    def _kept(self, folder: Path, entry: Entry) -> tuple[str, str]:
        stated = packing.digest(folder)
        if stated == entry.current.snapshot_sha256:
            return "already there", ""
        if any(one.snapshot_sha256 == stated for one in entry.earlier):
            self.findings.note(shown(folder), f"is an earlier form of the release than the archive's {entry.current.name}; it is left as it is", try_=f"rm -r {shown(folder)}, then pull again")
        else:
            self.findings.note(shown(folder), f"was imported with another content than the archive's {entry.current.name}; it is left as it is", try_=".venv/bin/python build.py archive push, to store it")
        return "kept", ", other than the archive's"

    def _fetch(self, asset: Asset) -> None:
        there = self.listing.get(asset.name)
        if there is None:
            raise Refused("is not in the archive")
        if not stored_whole(asset, self.listing):
            size = f"{max(there.size, 0):,} bytes instead of {asset.size:,}"
            raise Refused(f"is damaged in the archive: {size if there.size != asset.size else 'another sha256'}")
        if self.unreachable:
            raise Refused(self.unreachable)
        try:
            self.store.fetch(asset.name, self.desk)
        except Failed as failed:
            self.unreachable = _reason(failed)
            raise Refused(self.unreachable) from None


def _any_whole(snapshots: Path, only: list[str]) -> bool:
    return any(map(is_whole, at_hand(snapshots, only)))


def _fall_back(releases: list[str], snapshots: Path, say: Say, done: Done) -> None:
    """Fetch and import releases from CMS, the latest where none is named."""
    from medpayiq.fetching import fetch

    fetched = fetch.run(releases, replace(fetch.Places.of_project(), snapshots=snapshots))
    done.findings.extend(fetched.findings.items)
    for one in fetched.imported:
        done.counts["fetched"] += 1
        say(f"{one.snapshot.meta.release}: fetched from CMS")


def _fetch(release: str) -> str:
    return f".venv/bin/python build.py fetch {release}"


def _softer(failed: Failed) -> Iterable[Finding]:
    """Yield why a fetch failed as warnings, in its own lines: the terms of CMS's files are no single one."""
    if failed.findings.items:
        return (replace(one, level="warning") if one.level == "error" else one for one in failed.findings.items)
    words, _, advice = str(failed).partition("\n  try: ")
    place, _, message = words.partition(": error: ")
    return [Finding("warning", place if message else "fetch", 0, 0, message or words, advice)]


def _reason(failed: Failed) -> str:
    return " ".join(str(failed).replace("\n  try: ", "; try: ").split())
