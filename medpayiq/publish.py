"""Writes a site into a spare tree beside the published one and swaps the two in one step.

Three names lie side by side: `site/` (published, always whole), `.site.spare/` (the tree of the build before last,
brought up to date file by file, for deleting and creating thousands of files makes a disk slow for minutes) and
`.build/` (what the program knows about both; for an instant the old tree, where the system cannot exchange folders).
An unchanged page keeps its modification time, and is one hard-linked file in both trees until it changes for the first time.

Promise: whenever the program is killed, `site/` is one whole build, the old or the new one. After a power failure
the next build reads every file and mends what the disk lost.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Self

from medpayiq.manifest import Files, Manifest, digest_of, folder_stamp, stamp, unpack
from medpayiq.trees import DiskFullError, Places, PublishError, TreeWriter, check, folders_of, survey, walk

__all__ = ["DiskFullError", "Publication", "PublishError", "Summary", "TreeWriter", "digest_of", "exchange", "state_folder"]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a commit did to the published site, in files: those it has now, those new or different, those gone."""

    files: int
    changed: int
    removed: int


def state_folder(out: Path) -> Path:
    """Return the `.build` folder that goes with an output folder; the lock of a build lies in it as well."""
    return Path(os.path.realpath(out)).parent / ".build"


class Publication:
    """One build of a site: `with Publication(out) as pub`, write, `commit()`. Without a commit nothing changes.

    Hold `lock.build_lock` meanwhile: two builds would write into one spare tree. `adopt` allows an `out` that holds
    files of unknown origin. Without it such a folder is refused, for the build after next would empty it.
    """

    def __init__(self, out: Path, *, adopt: bool = False) -> None:
        """Name the output folder; nothing is touched before `with`. Raises PublishError for `/`."""
        self._places = Places.of(out)
        self._adopt = adopt
        self._added: list[Files] = []
        self._settled = self._committed = False
        self._live = Manifest()

    def __enter__(self) -> Self:
        """Mend what a killed build left and look through the spare tree. Raises PublishError."""
        places = self._places
        with places.explained(f"{places.spare} cannot be used", self._live.files):
            os.makedirs(os.path.dirname(places.state), exist_ok=True)
            _mend(places)
            self._refuse_foreign()
            if os.path.isdir(places.live):
                self._live = Manifest.load(places.manifest(places.live))
            if os.path.islink(places.spare.rstrip("/")):  # it would become the site, and hosts may not follow it
                os.unlink(places.spare.rstrip("/"))
            if not os.path.isdir(places.spare):
                os.mkdir(places.spare)
            self._recorded = Manifest.load(places.manifest(places.spare))
            self._spare = survey(places.spare, self._recorded)
        self._writer = self.writer()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Leave the published site as it is. The next build goes on from the spare tree, unless that has filled the disk."""
        if kind is not None and issubclass(kind, DiskFullError):
            shutil.rmtree(self._places.spare, ignore_errors=True)

    def writer(self) -> TreeWriter:
        """Return a writer for a worker process; hand what its `entries()` returns to `add`."""
        return TreeWriter(self._places, self._spare, self._live)

    def write(self, path: str, data: bytes) -> None:
        """Write a file from this process, see `TreeWriter.write`."""
        self._writer.write(path, data)

    def keep(self, path: str, digest: bytes) -> bool:
        """Take over a file, see `TreeWriter.keep`."""
        return self._writer.keep(path, digest)

    def keep_tree(self, prefix: str) -> bool:
        """Take over a folder of the published site, see `TreeWriter.keep_tree`."""
        return self._writer.keep_tree(prefix)

    def add(self, entries: bytes) -> None:
        """Take in what a worker's writer put into the tree (`TreeWriter.entries`)."""
        self._added.append(unpack(entries))

    def settle(self) -> Path:
        """Remove from the new tree what this build has not written so far; return its folder, for another program.

        The program may read all of it and add folders (`take_in`), but write into none of the files: the published
        site shares them. Writers made before it have had their time. Raises as `commit` does.

        """
        files = self._merged()
        with self._places.explained("the new tree cannot be tidied up", self._live.files):
            self._settle(files, folders_of(files))
        self._added, self._writer = [files], self.writer()
        return Path(self._places.spare)

    def take_in(self, prefix: str) -> int:
        """Make the files another program put below the folder `prefix` part of this build; return their number.

        Raises:
            ValueError: the path leaves the tree, or something below it is not a plain file.
            PublishError: the folder is not there or cannot be read.

        """
        check(prefix)
        files: Files = {}
        with self._places.explained(f"{prefix} cannot be taken in", self._live.files):
            for path in walk(self._places.spare, prefix, {prefix}):
                status = os.lstat(self._places.spare + path)
                if not stat.S_ISREG(status.st_mode):
                    raise ValueError(f"{path} is not a plain file")
                data = Path(self._places.spare + path).read_bytes()
                files[path] = digest_of(data) + stamp(status)
        self._added.append(files)
        return len(files)

    def commit(self) -> Summary:
        """Remove what is not of this build, then swap the trees. Once per publication.

        Raises:
            ValueError: two writers gave one path different bytes, or a path is both a file and a folder.
            PublishError: nothing was written, or the disk refuses; the old site stands.

        """
        if self._committed:
            raise RuntimeError("this build is published already")
        files = self._merged()
        if not files:
            raise PublishError(f"the build wrote no file; the site in {self._places.live} is untouched")
        with self._places.explained("the new site cannot be put in place", self._live.files):
            folders = folders_of(files)
            name = self._places.manifest(self._places.spare)
            known, spare = self._recorded, self._spare
            if not (known.same_boot and files == known.files == spare.files and folders == spare.folders.keys() and os.path.exists(name)):
                self._settle(files, folders)
                self._spare.save(name)
            self._forget_others(name)
            _swap(self._places)
        self._committed = True
        before = self._live.files
        changed = sum(record[:16] != before.get(path, b"")[:16] for path, record in files.items())
        return Summary(files=len(files), changed=changed, removed=len(before.keys() - files.keys()))

    def _merged(self) -> Files:
        files: Files = {}
        for part in [*self._added, self._writer.done]:
            for path in files.keys() & part.keys():
                if files[path][:16] != part[path][:16]:
                    raise ValueError(f"{path} was given twice in one build, with different bytes")
            files |= part
        return files

    def _settle(self, files: Files, folders: set[str]) -> None:
        """Make the spare tree hold these files and no others."""
        if clash := folders & files.keys():
            raise ValueError(f"{min(clash)} is both a file and a folder of the site")
        tree = self._places.spare
        with suppress(FileNotFoundError):
            os.unlink(self._places.manifest(tree))
        if self._settled:
            self._spare = survey(tree, self._spare)
        for path in self._spare.files.keys() - files.keys() - folders:
            with suppress(FileNotFoundError, NotADirectoryError):
                os.unlink(tree + path)
        # Longest first: a folder is empty once those in it are gone. One whose name is a file by now is left alone.
        for folder in sorted(self._spare.folders.keys() - folders - files.keys(), key=len, reverse=True):
            if os.path.isdir(tree + folder):
                shutil.rmtree(tree + folder)
        stamps = {folder: folder_stamp(os.lstat(tree + folder)) for folder in sorted(folders)}
        self._spare = Manifest(files, stamps, same_boot=True)
        self._settled = True

    def _forget_others(self, name: str) -> None:
        """Remove the manifests of trees that are no more."""
        state, start = os.path.split(self._places.state)
        current = {name, self._places.manifest(self._places.live) if os.path.isdir(self._places.live) else name}
        for other in os.listdir(state):
            tree = other.removeprefix(start).removesuffix(".new").removesuffix(".manifest")
            if tree.isdecimal() and other.startswith(start) and os.path.join(state, other) not in current:
                os.unlink(os.path.join(state, other))

    def _refuse_foreign(self) -> None:
        places = self._places
        if not os.path.lexists(places.live.rstrip("/")):
            return
        if not os.path.isdir(places.live):
            raise PublishError(f"{places.live.rstrip('/')} is not a folder\n  try: move it away, or name another one with --out FOLDER")
        if os.path.ismount(places.live):
            raise PublishError(f"{places.live} is a mount point, which cannot be swapped for another folder\n  try: --out {places.live}site")
        ours = self._adopt or os.path.isdir(places.spare) or os.path.exists(places.manifest(places.live))
        if not ours and os.listdir(places.live):
            raise PublishError(
                f"{places.live} holds files that no build is known to have written, and would lose them\n"
                "  try: move the folder away, or name another one with --out FOLDER"
            )


def exchange(one: str, other: str) -> bool:
    """Swap two names in one indivisible step; False where the system or the file system cannot."""
    call = _renameat2()
    return call is not None and call(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0


_AT_FDCWD: Final = -100
_RENAME_EXCHANGE: Final = 2


@cache
def _renameat2() -> Callable[..., Any] | None:
    try:
        import ctypes  # takes a while, and is needed once, in the last step

        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (ImportError, OSError, AttributeError):
        return None
    call.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint]
    return call


def _swap(places: Places) -> None:
    live, spare, old = (name.rstrip("/") for name in (places.live, places.spare, places.old))
    if not os.path.lexists(live):
        os.rename(spare, live)
        return
    if exchange(spare, live):
        return
    try:
        os.rename(live, old)
        os.rename(spare, live)
    finally:
        if not os.path.lexists(live):
            os.rename(old, live)
    os.rename(old, spare)


def _mend(places: Places) -> None:
    """Finish a swap that was cut off between its renames: the names themselves say how far it came."""
    live, spare, old = (name.rstrip("/") for name in (places.live, places.spare, places.old))
    if not os.path.lexists(old):
        return
    if not os.path.lexists(live):
        os.rename(spare if os.path.lexists(spare) else old, live)
    if os.path.lexists(old):
        os.rename(old, spare)
