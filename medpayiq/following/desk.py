"""The desk that a run works at: a copy of snapshots and manifest, so that nothing of the project changes before all is well."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from medpayiq.archive import pulling
from medpayiq.archive.stores import Store
from medpayiq.cms import manifest, snapshot
from medpayiq.cms.holding import hold
from medpayiq.cms.manifest import Manifest
from medpayiq.fetching import licence
from medpayiq.fetching.fetch import Places, read_manifest
from medpayiq.findings import Failed
from medpayiq.following.model import Asked
from medpayiq.paths import shown

MARK = ".medpayiq-follow"
"""A file in a folder of ours: nothing else is ever emptied."""


def clear(into: Path) -> None:
    """Empty the folder of a run, or make it.

    Raises:
        Failed: it holds something that no earlier run wrote, or cannot be written.

    """
    try:
        if into.exists() and any(into.iterdir()) and not (into / MARK).is_file():
            raise Failed(f"{shown(into)}: error: holds files that no earlier run wrote\n  try: --into with a folder that is empty or not there", exit_code=2)
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir(parents=True)
        (into / MARK).write_text("Emptied by the next `build.py follow`.\n", encoding="utf-8")
    except OSError as problem:
        raise Failed(f"{problem.filename or shown(into)}: error: {problem.strerror or problem}\n  try: make room or look at the rights, then the same command again", exit_code=2) from None


def lay(places: Places, root: Path) -> Places:
    """Lay out a desk: the manifest, the snapshots, and of the downloads those that the manifest knows."""
    desk = Places(root / "manifest.yml", root.parent / "downloads", root / "snapshots", root / "descriptors")
    root.mkdir(parents=True)
    shutil.copyfile(places.manifest, desk.manifest)
    if places.snapshots.is_dir():
        with hold(places.snapshots, to_read=True):
            shutil.copytree(places.snapshots, desk.snapshots, ignore=shutil.ignore_patterns(".*"))
    desk.snapshots.mkdir(exist_ok=True)
    desk.downloads.mkdir(exist_ok=True)
    known = read_manifest(places.manifest)
    for entry in known.entries:
        name = known.file_name(entry)
        for file in (places.downloads / name, places.downloads / f"{name}.json"):
            target = desk.downloads / file.name
            if file.is_file() and not target.exists():
                _link(file, target)
    return desk


def licensed(asked: Asked) -> Mapping[str, str]:
    """See that the terms of CMS's files are accepted for the project; return the environment that says so at every desk.

    Raises:
        Failed: they are not.

    """
    environ = os.environ if asked.environ is None else asked.environ
    licence.ask(asked.places.downloads, environ)
    return {**environ, licence.VARIABLE: "accept"}


def restore(store: Store, snapshots: Path) -> list[str]:
    """Bring into a folder what the archive has and the folder has not; return what is to be said of it.

    Raises:
        Failed: the archive cannot be reached or holds nothing, and no snapshot is at hand either.

    """
    try:
        done = pulling.pull(store, snapshots, [], lambda _: None)
    except Failed as failed:
        if not any(snapshots.glob(f"*/{snapshot.META}")):
            raise
        return [f"Nothing was restored, what is at hand was used: {failed}"]
    return [str(one) for one in done.findings.items]


def next_to(before: Places, root: Path, known: Manifest) -> Places:
    """Lay out another desk that begins where the one before ended, with a manifest of its own and the same downloads."""
    desk = Places(root / "manifest.yml", before.downloads, root / "snapshots", root / "descriptors")
    root.mkdir(parents=True)
    shutil.copytree(before.snapshots, desk.snapshots)
    manifest.write(desk.manifest, known)
    return desk


def said(places: Places, words: str) -> str:
    """Name a desk's folders as the project's: the desk is gone when somebody reads it."""
    for folder in (places.manifest.parent, places.downloads.parent):
        for name in (folder.as_posix(), shown(folder)):
            words = words.replace(f"{name}/", "cms_data/")
    return words


def _link(file: Path, target: Path) -> None:
    """Give a file a second name; nothing writes into a download, it is replaced."""
    try:
        os.link(file, target)
    except OSError:
        shutil.copyfile(file, target)
