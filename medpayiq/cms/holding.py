"""Keeps an import, a fetch, a pull and a push from treading on each other in one folder of snapshots."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from medpayiq.findings import Failed
from medpayiq.paths import shown

_TAKEN = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES}


class HeldError(Failed):
    """Somebody else is at work in a folder of snapshots."""


@contextmanager
def hold(snapshots: Path, *, to_read: bool = False) -> Iterator[None]:
    """Hold a folder of snapshots, or fail at once; several may hold it ``to_read``. The folder is made where it is missing.

    The folder itself is locked, so that no file but snapshots lies in it; the system lets go of it when the process ends. Where
    a file system cannot lock folders (NFS), nothing is held: two imports must then not be run at one time.

    Raises:
        HeldError: somebody else holds it.
        Failed: it cannot be made.

    """
    try:
        snapshots.mkdir(parents=True, exist_ok=True)
        handle = os.open(snapshots, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as problem:
        raise Failed(f"{problem.filename or shown(snapshots)}: error: cannot be written: {problem.strerror or problem}\n  try: make room or look at the rights, then the same command again", exit_code=2) from None
    try:
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if to_read else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError as problem:
            if problem.errno in _TAKEN:
                raise HeldError(f"{shown(snapshots)}: error: another import, fetch, pull or push is at work there\n  try: again when it has ended", exit_code=2) from None
        yield
    finally:
        os.close(handle)
