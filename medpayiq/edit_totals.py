"""Remembers how many edits each code has, and when they last changed, so that a check or a rebuild need not go through 2.5 million pairs again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import orjson

T = TypeVar("T")

Totals = dict[str, tuple[int, int, int, int]]
"""Code to its edits in force: in column 1, in column 2, those that a modifier may bypass, those that none may."""


def remembered(path: Path, made_from: str, counting: Path, count: Callable[[], Totals]) -> Totals:
    """Return what was counted last from the same table by the same program, else count and put it down.

    ``made_from`` names the table with its checksum, ``counting`` is the program's own file.
    """

    def four(row: list[int]) -> tuple[int, int, int, int]:
        one, two, three, four = row
        return one, two, three, four

    return _remembered(path, made_from, counting, count, four)


def remembered_days(path: Path, made_from: str, counting: Path, find: Callable[[], dict[str, str]]) -> dict[str, str]:
    """Return the days by code that were found last, as `remembered` does numbers."""
    return _remembered(path, made_from, counting, find, str)


def _remembered(path: Path, made_from: str, counting: Path, count: Callable[[], dict[str, T]], read: Callable[[Any], T]) -> dict[str, T]:
    key = hashlib.blake2b(made_from.encode() + counting.read_bytes(), digest_size=16).hexdigest()
    try:
        data = orjson.loads(path.read_bytes())
        if data["made_from"] == key:
            return {code: read(one) for code, one in data["totals"].items()}
    except (OSError, ValueError, KeyError, TypeError):
        pass  # nothing there, damaged, or of another form: count
    totals = count()
    part = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(OSError):
        part.parent.mkdir(exist_ok=True)
        part.write_bytes(orjson.dumps({"made_from": key, "totals": totals}))
        os.replace(part, path)
    return totals
