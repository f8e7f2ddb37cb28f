"""Writes a site into a spare tree beside the published one and swaps the two in one step.

Three names lie side by side: `site/` (published, always whole), `.site.spare/` (the tree of the build before last,
brought up to date file by file, for deleting and creating thousands of files makes a disk slow for minutes) and
`.build/` (what the program knows about both; for an instant the old tree, where the system cannot exchange folders).
An unchanged page keeps its modification time, and is one hard-linked file in both trees until it changes for the first time.

Promise: whenever the program is killed, `site/` is one whole build, the old or the new one. After a power failure
the next build reads every file and mends what the disk lost.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, Self, TypeAlias

__all__ = ["DiskFullError", "Publication", "PublishError", "Summary", "TreeWriter", "digest_of", "exchange", "state_folder"]

Files: TypeAlias = dict[str, bytes]
"""Path to record. A record is 16 bytes of digest, then size and mtime_ns; `_UNKNOWN` where nothing vouches for a file."""

_MAGIC: Final = b"medpayiq tree 1\n"
_DIGEST: Final = 16
_RECORD: Final = 32
_STAMP: Final = struct.Struct("<qq")
_LENGTH: Final = struct.Struct("<Q")
_UNKNOWN: Final = b""
_MB: Final = 1_000_000
_NO_LINKS: Final = {errno.EPERM, errno.EACCES, errno.EXDEV, errno.EMLINK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}


class PublishError(Exception):
    """The tree cannot be written or swapped; the message says why, that the old site stands, and what to do."""


class DiskFullError(PublishError):
    """The disk, its file entries or the quota are used up."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a commit did to the published site, in files: those it has now, those new or different, those gone."""

    files: int
    changed: int
    removed: int


def state_folder(out: Path) -> Path:
    """Return the `.build` folder that goes with an output folder; the lock of a build lies in it as well."""
    return Path(os.path.realpath(out)).parent / ".build"


def digest_of(data: bytes) -> bytes:
    """Return the 16-byte digest by which `TreeWriter.keep` knows a file."""
    return blake2b(data, digest_size=_DIGEST).digest()


@dataclass(frozen=True, slots=True)
class _Places:
    """The folders of one output, as strings, the trees with a trailing slash so that a path is appended in one step."""

    live: str
    spare: str
    old: str
    state: str

    @classmethod
    def of(cls, out: Path) -> _Places:
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
            size = sum(_STAMP.unpack_from(record, _DIGEST)[0] for record in live.values())
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
            raise kind(f"{what}: {cause}; {old}\n  try: {remedy}, or build on another disk with --out FOLDER") from error


@dataclass(frozen=True, slots=True)
class _Manifest:
    """What is known of a tree: its files, its folders (mtime as packed), and whether the machine ran on since then."""

    files: Files = field(default_factory=dict)
    folders: dict[str, bytes] = field(default_factory=dict)
    same_boot: bool = False

    @classmethod
    def load(cls, name: str) -> _Manifest:
        """Read a manifest; one that is missing or damaged knows nothing, so that bytes are compared."""
        try:
            data = Path(name).read_bytes()
        except FileNotFoundError:
            return cls()
        body = data[len(_MAGIC) + _DIGEST :]
        if not data.startswith(_MAGIC + digest_of(body)):
            return cls()
        boot, names, records, folders, stamps = _unframe(body)
        return cls(_table(names, records, _RECORD), _table(folders, stamps, _LENGTH.size), boot == _boot())

    def save(self, name: str) -> None:
        """Put the manifest down whole or not at all."""
        body = _frame(_boot(), *_columns(self.files), *_columns(self.folders))
        Path(name + ".new").write_bytes(_MAGIC + digest_of(body) + body)
        os.replace(name + ".new", name)


class TreeWriter:
    """Brings the spare tree up to date. One for each process: fork with it or pickle it, then send `entries()` home."""

    __slots__ = ("_done", "_folders", "_known", "_live", "_manifest", "_places", "_trusted", "_vouched")

    def __init__(self, places: _Places, spare: _Manifest, live: _Manifest) -> None:
        self._places = places
        self._known = spare.files
        self._live = live.files
        self._trusted = {places.spare: spare.same_boot, places.live: live.same_boot}
        self._folders = {"", *spare.folders}
        self._manifest = places.manifest(places.spare)
        self._vouched = True
        self._done: Files = {}

    def write(self, path: str, data: bytes) -> None:
        """Make the file at `path` (relative, with slashes) hold `data`; one that already does is left alone.

        Raises:
            ValueError: the path leaves the tree or is not plain, or this writer gave it other bytes before.
            PublishError: the disk is full or refuses.

        """
        digest = blake2b(data, digest_size=_DIGEST).digest()
        if not self._keep(path, digest, data):
            self._store(path, data, digest)

    def keep(self, path: str, digest: bytes) -> bool:
        """Take over the file with this digest (`digest_of`) from either tree, without having its bytes at hand.

        False: neither tree has it, write it. Raises as `write` does.
        """
        if len(digest) != _DIGEST:
            raise ValueError(f"{path}: a digest has {_DIGEST} bytes, not {len(digest)}")
        return self._keep(path, digest)

    def keep_tree(self, prefix: str) -> bool:
        """Take over every file below the folder `prefix` from the published site, by hard link or copy.

        False, and nothing taken over: the site has no such folder, or a file in it is not as it was published;
        then write the files anew. Raises as `write` does.
        """
        _check(prefix.rstrip("/"))
        start = prefix.rstrip("/") + "/"
        before = self._done
        self._done = dict(before)
        paths = [path for path in self._live if path.startswith(start)]
        if paths and all(self._keep(path, self._live[path][:_DIGEST]) for path in paths):
            return True
        self._done = before
        return False

    def entries(self) -> bytes:
        """Return what this writer put into the tree, packed, for `Publication.add`."""
        return _frame(*_columns(self._done))

    def _keep(self, path: str, digest: bytes, data: bytes | None = None) -> bool:
        if path in self._done:
            if self._done[path].startswith(digest):
                return True
            raise ValueError(f"{path} was given twice in one build, with different bytes")
        record = self._known.get(path)
        if record is not None and record.startswith(digest) and self._intact(self._places.spare, path, record):
            self._done[path] = record
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
        if record[_DIGEST:] != _stamp(status):
            return False
        # A power failure can keep the time stamp and lose the bytes: after a restart the file itself is read.
        return self._trusted[tree] or digest_of(Path(tree + path).read_bytes()) == record[:_DIGEST]

    def _take_over(self, path: str, record: bytes, data: bytes | None) -> bool:
        """Share a file of the published site, or copy it with its time stamp over the one the spare tree has.

        Not shared in that case: the next change would have to delete a file and create another.
        """
        source, target = self._places.live + path, self._places.spare + path
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
                    if digest_of(data) != record[:_DIGEST]:
                        return False
                self._store(path, data, record[:_DIGEST])
                time = _STAMP.unpack_from(record, _DIGEST)[1]
                os.utime(target, ns=(time, time))
            self._done[path] = record
        return True

    def _store(self, path: str, data: bytes, digest: bytes) -> None:
        _check(path)
        target = self._places.spare + path
        with self._places.explained(f"{target} cannot be written", self._live):
            self._open_folder(path)
            record = self._known.get(path)
            status = (_update(target, data, record) if record is not None else None) or _create(target, data)
        self._done[path] = digest + _stamp(status)

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


class Publication:
    """One build of a site: `with Publication(out) as pub`, write, `commit()`. Without a commit nothing changes.

    Hold `lock.build_lock` meanwhile: two builds would write into one spare tree. `adopt` allows an `out` that holds
    files of unknown origin. Without it such a folder is refused, for the build after next would empty it.
    """

    def __init__(self, out: Path, *, adopt: bool = False) -> None:
        """Name the output folder; nothing is touched before `with`. Raises PublishError for `/`."""
        self._places = _Places.of(out)
        self._adopt = adopt
        self._added: list[Files] = []
        self._settled = self._committed = False
        self._live = _Manifest()

    def __enter__(self) -> Self:
        """Mend what a killed build left and look through the spare tree. Raises PublishError."""
        places = self._places
        with places.explained(f"{places.spare} cannot be used", self._live.files):
            os.makedirs(os.path.dirname(places.state), exist_ok=True)
            _mend(places)
            self._refuse_foreign()
            if os.path.isdir(places.live):
                self._live = _Manifest.load(places.manifest(places.live))
            if os.path.islink(places.spare.rstrip("/")):  # it would become the site, and hosts may not follow it
                os.unlink(places.spare.rstrip("/"))
            if not os.path.isdir(places.spare):
                os.mkdir(places.spare)
            self._recorded = _Manifest.load(places.manifest(places.spare))
            self._spare = _survey(places.spare, self._recorded)
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
        names, records = _unframe(entries)
        self._added.append(_table(names, records, _RECORD))

    def settle(self) -> Path:
        """Remove from the new tree what this build has not written so far; return its folder, for another program.

        The program may read all of it and add folders (`take_in`), but write into none of the files: the published
        site shares them. Writers made before it have had their time. Raises as `commit` does.

        """
        files = self._merged()
        with self._places.explained("the new tree cannot be tidied up", self._live.files):
            self._settle(files, _folders_of(files))
        self._added, self._writer = [files], self.writer()
        return Path(self._places.spare)

    def take_in(self, prefix: str) -> int:
        """Make the files another program put below the folder `prefix` part of this build; return their number.

        Raises:
            ValueError: the path leaves the tree, or something below it is not a plain file.
            PublishError: the folder is not there or cannot be read.

        """
        _check(prefix)
        files: Files = {}
        with self._places.explained(f"{prefix} cannot be taken in", self._live.files):
            for path in _walk(self._places.spare, prefix, {prefix}):
                status = os.lstat(self._places.spare + path)
                if not stat.S_ISREG(status.st_mode):
                    raise ValueError(f"{path} is not a plain file")
                data = Path(self._places.spare + path).read_bytes()
                files[path] = digest_of(data) + _stamp(status)
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
            folders = _folders_of(files)
            name = self._places.manifest(self._places.spare)
            known, spare = self._recorded, self._spare
            if not (known.same_boot and files == known.files == spare.files and folders == spare.folders.keys() and os.path.exists(name)):
                self._settle(files, folders)
                self._spare.save(name)
            self._forget_others(name)
            _swap(self._places)
        self._committed = True
        before = self._live.files
        changed = sum(record[:_DIGEST] != before.get(path, _UNKNOWN)[:_DIGEST] for path, record in files.items())
        return Summary(files=len(files), changed=changed, removed=len(before.keys() - files.keys()))

    def _merged(self) -> Files:
        files: Files = {}
        for part in [*self._added, self._writer._done]:  # noqa: SLF001 - a class of this module
            for path in files.keys() & part.keys():
                if files[path][:_DIGEST] != part[path][:_DIGEST]:
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
            self._spare = _survey(tree, self._spare)
        for path in self._spare.files.keys() - files.keys() - folders:
            with suppress(FileNotFoundError, NotADirectoryError):
                os.unlink(tree + path)
        # Longest first: a folder is empty once those in it are gone. One whose name is a file by now is left alone.
        for folder in sorted(self._spare.folders.keys() - folders - files.keys(), key=len, reverse=True):
            if os.path.isdir(tree + folder):
                shutil.rmtree(tree + folder)
        stamps = {folder: _LENGTH.pack(os.lstat(tree + folder).st_mtime_ns) for folder in sorted(folders)}
        self._spare = _Manifest(files, stamps, same_boot=True)
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


def _swap(places: _Places) -> None:
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


def _mend(places: _Places) -> None:
    """Finish a swap that was cut off between its renames: the names themselves say how far it came."""
    live, spare, old = (name.rstrip("/") for name in (places.live, places.spare, places.old))
    if not os.path.lexists(old):
        return
    if not os.path.lexists(live):
        os.rename(spare if os.path.lexists(spare) else old, live)
    if os.path.lexists(old):
        os.rename(old, spare)


def _survey(tree: str, manifest: _Manifest) -> _Manifest:
    """Return what is in a tree by its manifest, corrected where folders changed since (added, removed, replaced)."""
    folders: dict[str, bytes] = {}
    changed: list[str] = []
    for folder, stamp in {"": b"", **manifest.folders}.items():  # in order: those above it come first
        with suppress(OSError):
            status = os.lstat(tree + folder)
            # Not a link that somebody put in its place, nor a folder behind one.
            if stat.S_ISDIR(status.st_mode) and (not folder or folder.rpartition("/")[0] in folders):
                folders[folder] = stamp
                if _LENGTH.pack(status.st_mtime_ns) != stamp:
                    changed.append(folder)
    files = manifest.files
    if len(folders) < len(manifest.folders):
        files = {path: record for path, record in files.items() if path.rpartition("/")[0] in folders}
    if changed:
        files = dict(files)
        found = set(folders)
        for folder in changed:
            for path in _walk(tree, folder, found):
                files.setdefault(path, _UNKNOWN)
        folders |= dict.fromkeys(found - folders.keys(), b"")
    return _Manifest(files, folders, manifest.same_boot)


def _walk(tree: str, folder: str, found: set[str]) -> Iterator[str]:
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
        if status.st_size == len(data) and record[_DIGEST:] != _stamp(status):
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


def _stamp(status: os.stat_result) -> bytes:
    return _STAMP.pack(status.st_size, status.st_mtime_ns)


def _check(path: str) -> None:
    parts = path.split("/")
    if "" in parts or "." in parts or ".." in parts or "\0" in path:
        raise ValueError(f"{path!r} is not a plain path below the output folder")


def _folders_of(paths: Iterable[str]) -> set[str]:
    """Return the folders these files need, those above them and "" included."""
    folders = {""}
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    return folders


@cache
def _boot() -> bytes:
    """Name the machine's run since it was last started; empty where the system does not say."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_bytes()
    return b""


def _columns(table: dict[str, bytes]) -> tuple[bytes, bytes]:
    return "\0".join(table).encode("utf-8", "surrogateescape"), b"".join(table.values())


def _table(names: bytes, values: bytes, width: int) -> dict[str, bytes]:
    if not values:
        return {}
    cells = [values[at : at + width] for at in range(0, len(values), width)]
    return dict(zip(names.decode("utf-8", "surrogateescape").split("\0"), cells, strict=True))


def _frame(*parts: bytes) -> bytes:
    return b"".join(_LENGTH.pack(len(part)) + part for part in parts)


def _unframe(data: bytes) -> list[bytes]:
    parts: list[bytes] = []
    at = 0
    while at < len(data):
        (size,) = _LENGTH.unpack_from(data, at)
        at += _LENGTH.size
        parts.append(data[at : at + size])
        at += size
    return parts
