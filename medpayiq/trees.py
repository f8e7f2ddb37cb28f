"""A tree of files brought up to date in place: its writer, and what to say when a disk refuses."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from medpayiq.manifest import DIGEST, Files, Manifest, digest_of, folder_stamp, pack, size_and_time, stamp

__all__ = ["DiskFullError", "Places", "PublishError", "TreeWriter", "check", "folders_of", "survey", "walk"]

_UNKNOWN: Final = b""
_MB: Final = 1_000_000
_NO_LINKS: Final = {errno.EPERM, errno.EACCES, errno.EXDEV, errno.EMLINK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}


class PublishError(Exception):
    """The tree cannot be written or swapped; the message says why, that the old site stands, and what to do."""


class DiskFullError(PublishError):
    """The disk, its file entries or the quota are used up."""


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of one output, as strings, the trees with a trailing slash so that a path is appended in one step."""

    live: str
    spare: str
    old: str
    state: str

    @classmethod
    def of(cls, out: Path) -> Places:
        """Name the folders that go with an output folder; raises PublishError for `/`."""
        real = os.path.realpath(out)
        parent, name = os.path.split(real)
        if not name:
            raise PublishError(f"{real} cannot be the output folder: name a folder below it with --out.")
        state = os.path.join(parent, ".build", name + ".")
        return cls(real + "/", os.path.join(parent, f".{name}.spare/"), state + "old/", state)

    def manifest(self, tree: str) -> str:
        """Name the manifest by the tree's inode: it stays with its tree through a swap, wherever a kill falls."""
        return f"{self.state}{os.stat(tree).st_ino}.manifest"

    @contextmanager
    def explained(self, what: str, live: Files) -> Iterator[None]:
        """Turn a refusal of the system into what could not be done, why, and what to do."""
        try:
            yield
        except OSError as error:
            raise self.refusal(what, live, error) from error

    def refusal(self, what: str, live: Files, error: OSError) -> PublishError:
        """Return what could not be done, why, and what to do."""
        size = sum(size_and_time(record)[0] for record in live.values())
        room = f"about {-(-size // _MB)} MB" if size else "some space"
        kind, cause, remedy = PublishError, error.strerror or str(error), "look at the folder and its permissions"
        if error.errno == errno.EDQUOT:
            kind, cause, remedy = DiskFullError, "the disk quota is used up", f"free {room} of it"
        elif error.errno == errno.ENOSPC:
            kind, cause, remedy = DiskFullError, "the disk is full", f"free {room} on it"
            with suppress(OSError):
                disk = os.statvfs(os.path.dirname(self.live.rstrip("/")))
                if disk.f_files and not disk.f_favail:
                    cause, remedy = "the disk has no file entries (inodes) left", f"delete files, as many as {len(live) or 'the site has'}"
        old = f"the site in {self.live} is untouched" if os.path.isdir(self.live) else "no site was published"
        return kind(f"{what}: {cause}; {old}\n  try: {remedy}, or build on another disk with --out FOLDER")


class TreeWriter:
    """Brings the spare tree up to date. One for each process: fork with it or pickle it, then send `entries()` home."""

    __slots__ = ("_folders", "_known", "_live", "_manifest", "_places", "_trusted", "_vouched", "done")

    def __init__(self, places: Places, spare: Manifest, live: Manifest) -> None:
        self._places = places
        self._known = spare.files
        self._live = live.files
        self._trusted = {places.spare: spare.same_boot, places.live: live.same_boot}
        self._folders = {"", *spare.folders}
        self._manifest = places.manifest(places.spare)
        self._vouched = True
        self.done: Files = {}

    def write(self, path: str, data: bytes) -> bytes:
        """Make the file at `path` (relative, with slashes) hold `data`; one that already does is left alone. Return its digest.

        Raises:
            ValueError: the path leaves the tree or is not plain, or this writer gave it other bytes before.
            PublishError: the disk is full or refuses.

        """
        digest = digest_of(data)
        if not self._keep(path, digest, data):
            self._store(path, data, digest)
        return digest

    def keep(self, path: str, digest: bytes) -> bool:
        """Take over the file with this digest (`digest_of`) from either tree, without having its bytes at hand.

        False: neither tree has it, write it. Raises as `write` does.
        """
        if len(digest) != DIGEST:
            raise ValueError(f"{path}: a digest has {DIGEST} bytes, not {len(digest)}")
        return self._keep(path, digest)

    def keep_tree(self, prefix: str) -> bool:
        """Take over every file below the folder `prefix` from the published site, by hard link or copy.

        False, and nothing taken over: the site has no such folder, or a file in it is not as it was published;
        then write the files anew. Raises as `write` does.
        """
        check(prefix.rstrip("/"))
        start = prefix.rstrip("/") + "/"
        before = self.done
        self.done = dict(before)
        paths = [path for path in self._live if path.startswith(start)]
        if paths and all(self._keep(path, self._live[path][:DIGEST]) for path in paths):
            return True
        self.done = before
        return False

    def entries(self) -> bytes:
        """Return what this writer put into the tree, packed, for `Publication.add`."""
        return pack(self.done)

    def _keep(self, path: str, digest: bytes, data: bytes | None = None) -> bool:
        if path in self.done:
            if self.done[path].startswith(digest):
                return True
            raise ValueError(f"{path} was given twice in one build, with different bytes")
        record = self._known.get(path)
        if record is not None and record.startswith(digest) and self._intact(self._places.spare, path, record):
            self.done[path] = record
            return True
        record = self._live.get(path)
        if record is not None and record.startswith(digest) and self._intact(self._places.live, path, record):
            return self._take_over(path, record, data)
        return False

    def _intact(self, tree: str, path: str, record: bytes) -> bool:
        try:
            status = os.lstat(tree + path)
        except OSError:
            return False
        if record[DIGEST:] != stamp(status):
            return False
        # A power failure can keep the time stamp and lose the bytes: after a restart the file itself is read.
        return self._trusted[tree] or digest_of(Path(tree + path).read_bytes()) == record[:DIGEST]

    def _take_over(self, path: str, record: bytes, data: bytes | None) -> bool:
        """Share a file of the published site, or copy it with its time stamp over the one the spare tree has.

        Not shared in that case: the next change would have to delete a file and create another.
        """
        source, target = self._places.live + path, self._places.spare + path
        # As a rule it is one call, of which the first rebuild makes sixty thousand; what stands in its way is looked at below.
        with suppress(OSError):
            self._open_folder(path)
            os.link(source, target)
            self.done[path] = record
            return True
        with self._places.explained(f"{target} cannot be written", self._live):
            self._open_folder(path)
            try:
                os.link(source, target)
            except FileExistsError:
                shared = os.path.samestat(os.lstat(source), os.lstat(target))
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise
                shared = False
            else:
                shared = True
            if not shared:
                if data is None:
                    data = Path(source).read_bytes()
                    if digest_of(data) != record[:DIGEST]:
                        return False
                self._store(path, data, record[:DIGEST])
                _, time = size_and_time(record)
                os.utime(target, ns=(time, time))
            self.done[path] = record
        return True

    def _store(self, path: str, data: bytes, digest: bytes) -> None:
        check(path)
        target = self._places.spare + path
        try:
            self._open_folder(path)
            record = self._known.get(path)
            status = (_update(target, data, record) if record is not None else None) or _create(target, data)
        except OSError as error:
            raise self._places.refusal(f"{target} cannot be written", self._live, error) from error
        self.done[path] = digest + stamp(status)

    def _open_folder(self, path: str) -> None:
        """Get ready to change the folder of a file: from here on the spare tree is not what its manifest says."""
        if self._vouched:
            with suppress(FileNotFoundError):
                os.unlink(self._manifest)
            self._vouched = False
        folder = path.rpartition("/")[0]
        if folder in self._folders:
            return
        self._open_folder(folder)
        try:
            os.mkdir(self._places.spare + folder)
        except FileExistsError:
            if not stat.S_ISDIR(os.lstat(self._places.spare + folder).st_mode):
                # An older build had a page of this name; another worker may be clearing it away just now.
                with suppress(FileNotFoundError, IsADirectoryError):
                    os.unlink(self._places.spare + folder)
                with suppress(FileExistsError):
                    os.mkdir(self._places.spare + folder)
        self._folders.add(folder)


def survey(tree: str, manifest: Manifest) -> Manifest:
    """Return what is in a tree by its manifest, corrected where folders changed since (added, removed, replaced)."""
    folders: dict[str, bytes] = {}
    changed: list[str] = []
    for folder, known in {"": b"", **manifest.folders}.items():  # in order: those above it come first
        with suppress(OSError):
            status = os.lstat(tree + folder)
            # Not a link that somebody put in its place, nor a folder behind one.
            if stat.S_ISDIR(status.st_mode) and (not folder or folder.rpartition("/")[0] in folders):
                folders[folder] = known
                if folder_stamp(status) != known:
                    changed.append(folder)
    files = manifest.files
    if len(folders) < len(manifest.folders):
        files = {path: record for path, record in files.items() if path.rpartition("/")[0] in folders}
    if changed:
        files = dict(files)
        found = set(folders)
        for folder in changed:
            for path in walk(tree, folder, found):
                files.setdefault(path, _UNKNOWN)
        folders |= dict.fromkeys(found - folders.keys(), b"")
    return Manifest(files, folders, manifest.same_boot)


def walk(tree: str, folder: str, found: set[str]) -> Iterator[str]:
    """Yield what is in a folder and in those below it that `found` does not name yet; links are not followed."""
    waiting = [folder]
    while waiting:
        folder = waiting.pop()
        with os.scandir(tree + folder) as items:
            for item in items:
                path = f"{folder}/{item.name}" if folder else item.name
                if not item.is_dir(follow_symlinks=False):
                    yield path
                elif path not in found:
                    found.add(path)
                    waiting.append(path)


def _update(target: str, data: bytes, record: bytes) -> os.stat_result | None:
    """Make an existing file hold `data`; None where it cannot be written into, above all as it is shared by a link.

    `record` is what is known of it: other bytes than these, where it has not been touched since.
    """
    try:
        handle = os.open(target, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            return None
        if status.st_size == len(data) and record[DIGEST:] != stamp(status):
            if os.read(handle, len(data)) == data:
                return status
            os.lseek(handle, 0, os.SEEK_SET)
        if status.st_nlink > 1:
            os.unlink(target)
            return None
        # Into the same blocks: emptying a file first, or creating another, is what costs on a disk.
        if status.st_size > len(data):
            os.ftruncate(handle, len(data))
        return _write(handle, data)
    finally:
        os.close(handle)


def _create(target: str, data: bytes) -> os.stat_result:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    try:
        handle = os.open(target, flags, 0o666)
    except FileExistsError:
        _clear(target)
        handle = os.open(target, flags, 0o666)
    try:
        return _write(handle, data)
    finally:
        os.close(handle)


def _write(handle: int, data: bytes) -> os.stat_result:
    done = os.write(handle, data)
    while done < len(data):  # a disk that fills up takes a part first
        done += os.write(handle, data[done:])
    return os.fstat(handle)


def _clear(target: str) -> None:
    try:
        os.unlink(target)
    except (IsADirectoryError, PermissionError):  # the latter is what some systems say of a folder
        shutil.rmtree(target)


def check(path: str) -> None:
    """Raise ValueError for a path that leaves the tree or has a second spelling."""
    parts = path.split("/")
    if "" in parts or "." in parts or ".." in parts or "\0" in path:
        raise ValueError(f"{path!r} is not a plain path below the output folder")


def folders_of(paths: Iterable[str]) -> set[str]:
    """Return the folders these files need, those above them and "" included."""
    folders = {""}
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    return folders
