"""What a merged pull request accepted: which snapshots, by digest; and taking them in on the machine that publishes."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from medpayiq.archive import keeping, packing
from medpayiq.archive.index import Refused
from medpayiq.archive.stores import Store
from medpayiq.cms import snapshot
from medpayiq.cms.holding import hold
from medpayiq.fetching import fetch
from medpayiq.findings import Failed, Findings
from medpayiq.following import desk
from medpayiq.following.model import Asked, Issue
from medpayiq.paths import shown

_RELEASE, _SHA256, _NAME = re.compile(r"[A-Z0-9]{1,20}\Z"), re.compile(r"[0-9a-f]{64}\Z"), re.compile(r"[A-Z0-9][A-Z0-9-]{2,39}\Z")


@dataclass(frozen=True, slots=True)
class Accepted:
    """A snapshot that was looked at and merged."""

    snapshot_sha256: str
    """Of its snapshot.json, which holds the checksum of every table."""
    fetch: tuple[str, ...]
    """What makes it anew, from the snapshots that were there before: names of the manifest, in order."""


def read(path: Path) -> dict[str, Accepted]:
    """Read which snapshots were accepted; none where the file is not there.

    Raises:
        Failed: it is damaged.

    """
    if not path.is_file():
        return {}
    try:
        data = json.loads(path.read_bytes())
        made = {name: Accepted(one["snapshot_sha256"], tuple(one["fetch"])) for name, one in data.items()}
        whole = all(_RELEASE.match(name) and _SHA256.match(one.snapshot_sha256) and one.fetch and all(map(_NAME.match, one.fetch)) for name, one in made.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        whole = False
    if not whole:
        raise Failed(f"{shown(path)}: error: does not say of each release its snapshot_sha256 and what to fetch\n  try: restore it from version control", exit_code=2)
    return made


def write(accepted: Mapping[str, Accepted]) -> str:
    """Return the file's text."""
    return json.dumps({name: {"snapshot_sha256": one.snapshot_sha256, "fetch": list(one.fetch)} for name, one in sorted(accepted.items())}, indent=1) + "\n"


def take(asked: Asked) -> tuple[list[str], Issue | None]:
    """Fetch what was accepted and is neither here nor in the archive, and put it among the snapshots if it is what was accepted.

    Return what was done, or an issue; with one, no snapshot changed.

    Raises:
        Failed: a file of the project is damaged, or the disk cannot be written.

    """
    accepted = read(asked.accepted)
    archived = _archived(asked.store)
    wanted = {name: one for name, one in accepted.items() if one.snapshot_sha256 not in archived and one.snapshot_sha256 != _digest(asked.places.snapshots / name.lower())}
    if not wanted:
        return [f"{len(accepted)} accepted, all of them here or in the archive"], None
    environ = desk.licensed(asked)
    names = list(dict.fromkeys(name for one in wanted.values() for name in one.fetch))
    label = ", ".join(wanted)
    desk.clear(asked.into)
    places = desk.lay(asked.places, asked.into / "desk" / "accepted")
    try:
        done = fetch.run(names, places, pace=asked.pace, factors_on=asked.factors_on, environ=environ, screen=asked.screen)
    except Failed as failed:
        if failed.exit_code != 1:
            raise
        return [], _issue(label, names, desk.said(places, str(failed)))
    if done.findings.failed:
        return [], _issue(label, names, desk.said(places, "\n".join(map(str, done.findings.of("error")))))
    others = [f"{name}: the snapshot's digest is {_digest(places.snapshots / name.lower()) or 'none'}, accepted was {one.snapshot_sha256}" for name, one in wanted.items() if _digest(places.snapshots / name.lower()) != one.snapshot_sha256]
    if others:
        return [], _issue(label, names, "\n".join(others))
    with hold(asked.places.snapshots):
        snapshot.mend(asked.places.snapshots)
        for name in wanted:
            part = asked.places.snapshots / f".{name.lower()}.part"
            shutil.copytree(places.snapshots / name.lower(), part)
            snapshot.replace(part, asked.places.snapshots / name.lower())
    return [f"{name}: taken in as accepted" for name in wanted], None


def _archived(store: Store | None) -> frozenset[str]:
    """Return the digests of all that the archive holds or held; none where it cannot be asked: then it is fetched again."""
    if store is None:
        return frozenset()
    try:
        with TemporaryDirectory(prefix="medpayiq-") as folder:
            entries = keeping.newest_index(store, store.listing(), Path(folder), Findings()) or {}
    except Failed:
        return frozenset()
    return frozenset(asset.snapshot_sha256 for entry in entries.values() for asset in (entry.current, *entry.earlier))


def digest(folder: Path) -> str:
    """Return the digest of a snapshot; raises Refused where it is damaged."""
    packing.verified(folder)
    return packing.digest(folder)


def _digest(folder: Path) -> str:
    try:
        return digest(folder)
    except (Refused, OSError):
        return ""


def _issue(label: str, names: list[str], found: str) -> Issue:
    return Issue(
        f"accepted {label}",
        f"{label}: what was accepted cannot be taken in",
        f"The files of CMS's that the merged pull request names: {', '.join(names)}. They must make the same snapshot as then.",
        found,
        (
            "The site stays as it is until this is settled; content that is merged meanwhile is not published either.",
            "Where CMS did not answer: run the workflow again later.",
            "Where a file is another than it was: look at CMS's page for what changed, then run the workflow Release, which asks and compares anew.",
            "To go back: revert the pull request.",
        ),
    )
