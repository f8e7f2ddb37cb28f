"""Keeps two builds from writing into one folder, and tells a worker whether the build it works for still runs."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

__all__ = ["LockedError", "build_lock", "parent_alive"]

_TAKEN: Final = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES}


class LockedError(Exception):
    """Another build holds the lock; the message says which process, since when, and what to do."""


@contextmanager
def build_lock(path: Path) -> Iterator[None]:
    """Hold the lock file at `path`, or fail at once; the folder is made where it is missing.

    The system lets go of the lock when the last process that has the file open ends. Workers that the holder forks
    have it open too, and so has a program that it starts with `close_fds=False`: after a kill of the holder they keep it
    until they stop by themselves (`parent_alive`), so that no new build meets an old worker in the same tree. Start workers inside the block and join them before its end.
    The file is never deleted: another build may be waiting with the deleted one open.

    Raises:
        LockedError: another build, or another block in this process, holds it.
        OSError: the file cannot be made, or its file system has no locks.

    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    os.set_inheritable(handle, True)  # noqa: FBT003 - for a program that writes into the tree: start it with close_fds=False
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in _TAKEN:
                raise
            raise LockedError(_holder(os.pread(handle, 200, 0), path)) from None
        now = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n{now}\n".encode(), 0)
        try:
            yield
        finally:
            os.ftruncate(handle, 0)  # no name is better than the name of one that ended
    finally:
        os.close(handle)


def parent_alive(parent_pid: int) -> bool:
    """Tell a worker whether the process that forked it still runs; ask between two batches and stop on False.

    `parent_pid` is what `os.getpid()` said in the parent before the fork.
    """
    return os.getppid() == parent_pid


def _holder(content: bytes, path: Path) -> str:
    """Say who holds the lock, from the two lines of the file: process id, time."""
    folder = path.parent.parent
    pid, _, since = content.decode("ascii", "replace").strip().partition("\n")
    if not (pid.isdecimal() and since):
        return f"another build is running in {folder}\n  try: again when it has ended"
    if _runs(int(pid)):
        return f"another build is running in {folder}: process {pid}, since {since}\n  try: again when it has ended, or end it with: kill {pid}"
    return f"the build in {folder} (process {pid}, since {since}) was killed, and its workers are just stopping\n  try: again in a few seconds"


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it runs, for another user
        pass
    return True
