"""What a machine may lack, and what happens then: a skip that says what to do, or a failure where nothing may be skipped; and where it lets tests write."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
"""Real releases and the specification; outside the project, never part of it."""
CMS = SHARED / "cms"

_MEMORY = Path("/dev/shm")
_ROOM = 10 * 2**30
"""Bytes that must be free there and in memory; a whole run holds less than half of them at a time."""


def disk_in_memory() -> Path | None:
    """Return a file system in memory with room for a whole run, if the machine has one.

    Tests write some hundred sites, and on a disk making and removing that many small files costs several times the builds themselves.
    """
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        available = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
        free = shutil.disk_usage(_MEMORY).free
    except (OSError, StopIteration):
        return None
    return _MEMORY if min(available, free) >= _ROOM and os.access(_MEMORY, os.W_OK | os.X_OK) else None


def lacking(reason: str) -> NoReturn:
    """Skip the test with one line that says what to install or where to get it; with MEDPAYIQ_NO_SKIPS=1, fail it."""
    if os.environ.get("MEDPAYIQ_NO_SKIPS") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
