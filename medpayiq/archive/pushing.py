"""Stores the snapshots at hand in an archive: `build.py archive push`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from medpayiq.archive import index, packing
from medpayiq.archive.index import Asset, Entry, Refused
from medpayiq.archive.keeping import Done, at_hand, newest_index, stored_whole
from medpayiq.archive.stores import Store, Stored, TakenError
from medpayiq.cms.holding import hold
from medpayiq.findings import Failed, Findings
from medpayiq.paths import shown

_SMALL = 1_000_000
"""Bytes that a release without edits may take."""
_PUSHES = 5
"""How often an index is written anew when other pushes are faster."""


def push(store: Store, snapshots: Path, only: list[str], say: Callable[[str], None]) -> Done:
    """Store every snapshot at hand that the archive does not have; each asset before the index that names it.

    Raises:
        Failed: there is no snapshot, or the store cannot be reached; what was stored by then is in the index.

    """
    folders = at_hand(snapshots, only)
    if not folders:
        wanted = ", ".join(only) or "any release"
        raise Failed(f"{shown(snapshots)}: error: holds no snapshot of {wanted}\n  try: .venv/bin/python build.py import FOLDER_OF_CMS_FILES", exit_code=2)
    try:
        # An import or a pull in the middle of it would leave an asset of two snapshots' files.
        with hold(snapshots, to_read=True), TemporaryDirectory(prefix="medpayiq-") as desk:
            return _Push(store, Path(desk), say).run(folders)
    except OSError as problem:
        raise Failed(f"{problem.filename or snapshots}: error: {problem.strerror or problem}\n  try: make room or look at the rights, then push again", exit_code=2) from None


class _Push:
    """One push: what was uploaded so far, and what is to be said of it."""

    def __init__(self, store: Store, desk: Path, say: Callable[[str], None]) -> None:
        self.store = store
        self.desk = desk
        self.say = say
        self.done = Done()
        self.uploaded: dict[str, Asset] = {}

    def run(self, folders: list[Path]) -> Done:
        listing = self.store.listing(closely=True)
        entries = newest_index(self.store, listing, self.desk, self.done.findings, to_follow=True) or {}
        try:
            for folder in folders:
                state, words = self._one(folder, entries.get(folder.name.upper()), listing)
                self.done.counts[state] += 1
                self.say(f"{folder.name.upper()}: {state}{words}")
        except Failed:
            # What the store has taken by then need not be sent again.
            with suppress(Failed):
                self._write_index(listing, entries)
            raise
        self._write_index(listing, entries)
        self.done.good = not self.done.counts["refused"]
        return self.done

    def _one(self, folder: Path, entry: Entry | None, listing: Mapping[str, Stored]) -> tuple[str, str]:
        findings, place = self.done.findings, shown(folder)
        try:
            snap = packing.verified(folder)
        except Refused as problem:
            findings.error(place, f"is damaged, so it is not stored: {problem}", try_="import the release again, or .venv/bin/python build.py archive pull")
            return "refused", ""
        stated = packing.digest(folder)
        if entry and entry.current.snapshot_sha256 == stated and stored_whole(entry.current, listing):
            return "already there", ""
        if entry and any(one.snapshot_sha256 == stated for one in entry.earlier):
            findings.note(place, f"is an earlier form of the release; the archive's current one is {entry.current.name}", try_=f"rm -r {place}, then .venv/bin/python build.py archive pull")
            return "already there", " (an earlier form)"
        asset = packing.pack(snap, self.desk)
        for name in packing.left_out(snap):
            findings.note(f"{place}/{name}", "is no table that snapshot.json states, so it is not stored")
        if asset.size > _SMALL and not snap.meta.editions:
            findings.warning(place, f"takes {asset.size:,} bytes, more than the {_SMALL:,} meant for a release without edits", try_="import the release again: its tables are compressed then")
        self.store.put(self.desk / asset.name)
        (self.desk / asset.name).unlink()
        self.uploaded[snap.meta.release] = asset
        return "stored", f" as {asset.name}, {asset.size:,} bytes"

    def _write_index(self, listing: dict[str, Stored], entries: dict[str, Entry]) -> None:
        if not self.uploaded:
            return
        for _ in range(_PUSHES):
            made = dict(entries)
            for release, asset in self.uploaded.items():
                made[release] = entries[release].after(asset) if release in entries else Entry(asset)
            path = self.desk / index.index_name(max((index.serial(name) or 0 for name in listing), default=0) + 1)
            path.write_bytes(index.write(made))
            try:
                self.store.add(path)
            except TakenError:
                listing = self.store.listing()
                entries = newest_index(self.store, listing, self.desk, Findings(), to_follow=True) or {}
            else:
                return
        raise Failed(f"{self.store.name}: error: other pushes were faster {_PUSHES} times\n  try: the same command again", exit_code=2)
