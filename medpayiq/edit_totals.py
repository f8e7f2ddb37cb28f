"""Remembers how many edits each code has, and when they last changed, so that a check or a rebuild need not go through 2.5 million pairs again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import orjson

from medpayiq.memory import put_down

T = TypeVar("T")


class Tally(NamedTuple):
    """How many edits a code has."""

    ones0: int
    """In force, with the code in column 1 and modifier indicator 0."""
    ones1: int
    twos0: int
    """In force, with the code in column 2 and modifier indicator 0."""
    twos1: int
    rows1: int
    """Rows of the set with the code in column 1, in force or not."""
    rows2: int


Totals = dict[str, Tally]
"""By code."""


def remembered(path: Path, made_from: str, counting: Path, count: Callable[[], dict[str, T]], read: Callable[[Any], T]) -> dict[str, T]:
    """Return what was counted last from the same table by the same program, else count and put it down.

    ``made_from`` names the table with its checksum, ``counting`` is the program's own file; ``read`` makes a code's value of
    what JSON gives for it, and raises TypeError or ValueError where that has another form.
    """
    key = hashlib.blake2b(made_from.encode() + counting.read_bytes(), digest_size=16).hexdigest()
    try:
        data = orjson.loads(path.read_bytes())
        if data["made_from"] == key:
            return {code: read(one) for code, one in data["totals"].items()}
    except (OSError, ValueError, KeyError, TypeError):
        pass  # nothing there, damaged, or of another form: count
    totals = count()
    put_down(path, orjson.dumps({"made_from": key, "totals": totals}, default=list))
    return totals
