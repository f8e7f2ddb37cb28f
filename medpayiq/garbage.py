"""Leaves Python's search for garbage out while a command loads much and throws next to nothing away, and gives memory back that was in use for a while."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def swept() -> Iterator[Callable[[], None]]:
    """Give what throws away the garbage made since: for work that makes much of it. What is there before is not looked through."""
    gc.freeze()
    try:
        yield _sweep
    finally:
        gc.unfreeze()


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """Look for no garbage meanwhile: looking takes a tenth of a check, and copies what is loaded into each process of a build."""
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked:
            gc.enable()


def give_back() -> None:
    """Give memory that is free again back to the system, where its C library can (glibc): 100 MB after the lists of edits, which a process else keeps to its end."""
    import ctypes  # takes a while, and few processes do such work

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _sweep() -> None:
    gc.collect()
