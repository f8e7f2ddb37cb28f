"""The archive's index: which asset holds which snapshot, with sizes and checksums; a file a push, the highest whole one counts.

No store overwrites a file in one step everywhere (`gh` deletes before it uploads), so an index is never written over:
``snapshots-7.json`` is followed by ``snapshots-8.json``, and a reader finds the old one until the new one is whole.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

FORMAT = 1
_NAME = re.compile(r"snapshots-([1-9][0-9]{0,8})\.json")
# Names become paths and arguments of programs: nothing but letters, digits and single hyphens.
_RELEASE = re.compile(r"[A-Z0-9]{1,20}(-[A-Z0-9]{1,20}){0,4}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Refused(Exception):  # noqa: N818 - it reads as a sentence: "except Refused"
    """A snapshot, an asset or an index is not what it must be; the message is the reason, without place."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One packed snapshot as the archive keeps it."""

    name: str
    """``snapshot-rvu26c-1a2b3c4d5e6f.tar``: the release, and how the digest of its snapshot.json begins."""
    size: int
    """Bytes."""
    sha256: str
    """Of the asset."""
    snapshot_sha256: str
    """Of the snapshot.json in it."""
    effective_from: str
    effective_to: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What the archive keeps of one release."""

    current: Asset
    earlier: tuple[Asset, ...] = ()
    """Forms of the release that were imported before, the latest first; they stay in the archive."""

    def after(self, asset: Asset) -> Entry:
        """Return the entry once ``asset`` is the current one; the same snapshot packed again takes its own place."""
        before = () if asset.snapshot_sha256 == self.current.snapshot_sha256 else (self.current,)
        return Entry(asset, (*before, *(one for one in self.earlier if one.snapshot_sha256 != asset.snapshot_sha256)))

    @property
    def order(self) -> tuple[str, str]:
        """What releases are sorted by: the first day they hold for."""
        return self.current.effective_from, self.current.name


def asset_name(release: str, snapshot_sha256: str) -> str:
    """Return the name of a release's asset."""
    return f"snapshot-{release.lower()}-{snapshot_sha256[:12]}.tar"


def is_release(name: object) -> bool:
    """Say whether a text can be a release's name, such as ``RVU26C`` or ``RVU24AR``."""
    return isinstance(name, str) and _RELEASE.fullmatch(name) is not None


def index_name(serial: int) -> str:
    """Return the name of the index with this number."""
    return f"snapshots-{serial}.json"


def serial(name: str) -> int | None:
    """Return the number of an index by its name; None for a file that is none."""
    match = _NAME.fullmatch(name)
    return int(match[1]) if match else None


def write(entries: Mapping[str, Entry]) -> bytes:
    """Return an index as JSON, closed by its own checksum: same entries, same bytes."""
    releases = {release: _row(entry) for release, entry in entries.items()}
    return (json.dumps({"format": FORMAT, "releases": releases, "sha256": _digest(releases)}, indent=1, sort_keys=True) + "\n").encode("ascii")


def read(data: bytes) -> dict[str, Entry]:
    """Read an index: release to what is kept of it.

    Raises:
        Refused: it is cut off, changed, of another format, or names what no push writes.

    """
    try:
        raw = json.loads(data)
        if raw["format"] != FORMAT:
            raise Refused(f"has format {raw['format']}, this program reads format {FORMAT}")
        if raw["sha256"] != _digest(raw["releases"]):
            raise Refused("its own checksum does not fit: it was changed or damaged")
        return {release: _entry(release, row) for release, row in raw["releases"].items()}
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise Refused("is no whole index") from None


def _row(entry: Entry) -> dict[str, Any]:
    return {**asdict(entry.current), "earlier": [asdict(one) for one in entry.earlier]}


def _entry(release: str, row: dict[str, Any]) -> Entry:
    earlier = tuple(_asset(release, one) for one in row["earlier"])
    return Entry(_asset(release, {name: value for name, value in row.items() if name != "earlier"}), earlier)


def _asset(release: str, row: dict[str, Any]) -> Asset:
    asset = Asset(**row)
    digests = all(_SHA256.fullmatch(one) for one in (asset.sha256, asset.snapshot_sha256))
    days = all(_DAY.fullmatch(one) for one in (asset.effective_from, asset.effective_to))
    size = type(asset.size) is int and asset.size > 0
    if not (is_release(release) and digests and days and size and asset.name == asset_name(release, asset.snapshot_sha256)):
        raise Refused(f"states of {release!r} what no push writes")
    return asset


def _digest(releases: object) -> str:
    return hashlib.sha256(json.dumps(releases, sort_keys=True).encode("ascii")).hexdigest()
