"""The index of codes and names behind the search box: one JSON file, fetched on first focus, and another of what people type for codes, fetched with the first word; ``assets/js/search/index.js`` reads both.

The search page has the words of the pages as well (medpayiq/words.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

CURRENT = "code"
"""Kind of a code of the loaded release: the box goes straight to its page."""

DELETED = "deleted"
"""Kind of a code that is no longer billed but has a page saying so: the box offers it, never jumps to it."""

FORMAT = 1
"""Version of the index; the reader refuses any other."""

_CODE = re.compile(r"[A-Z0-9]{5}")
_AMOUNT = re.compile(r"\$(0|[1-9]\d{0,2}(?:,\d{3})*)\.(\d\d)")


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One line of the search box. The page of ``code`` is ``/codes/<code>/``."""

    code: str
    """Five characters, upper case."""
    name: str
    """Plain name, or empty."""
    label: str
    """Amount as text (``$40.42``) or a short verdict."""
    kind: str = CURRENT
    """``CURRENT``, ``DELETED`` or another word; only ``DELETED`` means something to the box."""


def code_index(entries: Iterable[IndexEntry]) -> bytes:
    """Pack the index as compact JSON: the same entries in any order give the same bytes.

    Five columns instead of 17,000 records, because gzip then sees like beside like:

    - ``codes``: sorted; for each code one digit, how many characters it shares with the code before, then the rest.
    - ``names``: every name once, in order of first use; ``name``: which one each code has.
    - ``labels``: every label that is not an amount once; ``label``: cents, or ``-1`` for ``labels[0]``, ``-2`` for the next.
    - ``kinds`` and ``kind``: as names.

    The last four are runs (``value*count``, separated by commas); where a name or kind is the next unused one, its number is left out.
    """
    rows = sorted(entries, key=lambda entry: entry.code)
    for row in rows:
        if not _CODE.fullmatch(row.code):
            raise ValueError(f"{row.code!r} cannot be indexed: a code has five characters, A to Z and 0 to 9")
    for before, after in pairwise(rows):
        if before.code == after.code:
            raise ValueError(f"{after.code} is in the index twice")
    names, name = _table([row.name for row in rows])
    kinds, kind = _table([row.kind for row in rows])
    labels, label = _labels([row.label for row in rows])
    index = {
        "v": FORMAT,
        "codes": _front_coded([row.code for row in rows]),
        "names": names,
        "name": name,
        "labels": labels,
        "label": label,
        "kinds": kinds,
        "kind": kind,
    }
    return json.dumps(index, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Asked:
    """What people type for a code."""

    code: str
    words: tuple[str, ...]
    """Words and phrases."""
    common: bool
    """Whether the code comes before others that the same words find."""


def word_index(asked: Iterable[Asked], modifiers: Iterable[str]) -> bytes:
    """Pack what people type for codes, and which modifiers have a page, as compact JSON, for those who type words; in any order the same bytes.

    - ``codes``: those of which something is known, as in ``code_index``; ``words``: for each its phrases.
    - ``common``: the common ones of them, written as ``codes`` are. ``modifiers``: a list.
    """
    rows = sorted(asked, key=lambda one: one.code)
    index = {
        "v": FORMAT,
        "codes": _front_coded([row.code for row in rows]),
        "words": [row.words for row in rows],
        "common": _front_coded([row.code for row in rows if row.common]),
        "modifiers": sorted(modifiers),
    }
    return json.dumps(index, ensure_ascii=False, separators=(",", ":")).encode()


def _front_coded(codes: Sequence[str]) -> str:
    """Each code as the length of the prefix it shares with the one before, and its remaining characters."""
    parts = []
    before = ""
    for code in codes:
        shared = next((at for at, (one, other) in enumerate(zip(before, code, strict=False)) if one != other), len(before))
        parts.append(f"{shared}{code[shared:]}")
        before = code
    return "".join(parts)


def _table(values: Sequence[str]) -> tuple[list[str], str]:
    """Give the distinct values in order of first use, and the runs that point into them."""
    table: dict[str, int] = {}
    runs = []
    for value, group in groupby(values):
        new = value not in table
        place = table.setdefault(value, len(table))
        runs.append(_run("" if new else str(place), len(list(group))))
    return list(table), ",".join(runs)


def _labels(values: Sequence[str]) -> tuple[list[str], str]:
    """Give the distinct labels that are not amounts, and the runs of cents or places in that table."""
    table: dict[str, int] = {}
    runs = []
    for value, group in groupby(values):
        amount = _AMOUNT.fullmatch(value)
        token = str(int(amount[1].replace(",", "") + amount[2])) if amount else str(-1 - table.setdefault(value, len(table)))
        runs.append(_run(token, len(list(group))))
    return list(table), ",".join(runs)


def _run(token: str, count: int) -> str:
    return token if count == 1 else f"{token}*{count}"
