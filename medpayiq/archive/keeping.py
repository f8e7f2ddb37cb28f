"""What a push and a pull share: which archive is meant, its newest index, and which snapshots are at hand whole."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from medpayiq.archive import index, packing
from medpayiq.archive.github import GhStore
from medpayiq.archive.index import Asset, Entry, Refused
from medpayiq.archive.stores import FolderStore, Store, Stored
from medpayiq.findings import Failed, Findings

FOLDER_VARIABLE = "MEDPAYIQ_ARCHIVE"
TAG = "cms-snapshots"


@dataclass(slots=True)
class Done:
    """What a push or a pull did."""

    counts: Counter[str] = field(default_factory=Counter)
    """Releases by what became of them."""
    findings: Findings = field(default_factory=Findings)
    good: bool = True
    """Push: every snapshot at hand is in the archive. Pull: a verified snapshot is at hand."""


def store_of(folder: Path | None, tag: str | None) -> Store:
    """Return the archive: the folder named, the release of a tag named, the folder of MEDPAYIQ_ARCHIVE, else the usual release."""
    if folder is None and tag is None and os.environ.get(FOLDER_VARIABLE):
        folder = Path(os.environ[FOLDER_VARIABLE])
    return GhStore(tag or TAG) if folder is None else FolderStore(folder.expanduser())


def newest_index(store: Store, listing: Mapping[str, Stored], desk: Path, findings: Findings, *, to_follow: bool = False) -> dict[str, Entry] | None:
    """Return the entries of the highest index that is whole; None where there is none.

    Raises:
        Failed: the store cannot be reached; or, where a new index is ``to_follow``, the highest one cannot be had just now:
            without it the new one would forget what only that one names.

    """
    finished = (name for name, stored in listing.items() if stored.size >= 0)
    for serial in sorted((number for name in finished if (number := index.serial(name))), reverse=True):
        name = index.index_name(serial)
        try:
            path = store.fetch(name, desk)
        except Refused as problem:
            if to_follow:
                raise Failed(f"{store.name}: error: {name} {problem}\n  try: the same command again", exit_code=2) from None
            findings.warning(name, f"is passed over: it {problem}", try_="the same command again")
            continue
        try:
            entries = index.read(path.read_bytes())
            path.unlink()
        except Refused as problem:
            findings.warning(name, f"is passed over: {problem}", try_="archive push, from a machine that has all releases, writes a new one")
        else:
            return entries
    return None


def at_hand(snapshots: Path, only: list[str]) -> list[Path]:
    """Return the folders of the releases that are here, whole or damaged; with ``only``, of those named."""
    wanted = {name.lower() for name in only}
    if not snapshots.is_dir():
        return []
    return sorted(path for path in snapshots.iterdir() if path.is_dir() and not path.name.startswith(".") and (not wanted or path.name in wanted))


def is_whole(folder: Path) -> bool:
    """Say whether a folder holds a snapshot and every table that it states."""
    try:
        packing.verified(folder)
    except Refused:
        return False
    return True


def stored_whole(asset: Asset, listing: Mapping[str, Stored]) -> bool:
    """Say whether a store has an asset as the index states it, as far as it tells without sending it."""
    there = listing.get(asset.name)
    return there is not None and there.size == asset.size and there.sha256 in {None, asset.sha256}
