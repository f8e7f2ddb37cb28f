"""What the page that compares rates fetches: every row of the newest release in one file, and in another the rows in which older releases differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import orjson

from medpayiq.pages.site import SiteData
from medpayiq.past import Older, packed_of
from medpayiq.rulebook import packed

FOLDER = "data/v1/compare"
RATES, OLDER = f"{FOLDER}/rates.json", f"{FOLDER}/older.json"
MOST_ROWS = 200_000
"""Rows that the page compares at a time."""


def files(site: SiteData) -> Iterator[tuple[str, bytes]]:
    """Yield path and bytes of both files.

    ``rates.json`` has the newest release, its words and its rows: code to modifier to the values that the engine reads
    (medpayiq/rulebook.py). ``older.json`` is a list of pairs, the latest release first: its name, and of each code in which it
    differs from the one after it the rows, or null where it does not have the code.
    """
    rows = {entry.code: orjson.dumps({modifier: packed(row) for modifier, row in entry.rows.items()}).decode() for entry in site.entries}
    head = orjson.dumps({"release": site.snapshot.meta.release, "words": site.period}).decode()
    yield RATES, f'{head[:-1]},"rows":{_joined(rows)}}}\n'.encode()
    yield OLDER, f"[{','.join(_differing(rows, site.past.older))}]\n".encode()


def _differing(newest: Mapping[str, str], older: Mapping[str, Older]) -> Iterator[str]:
    """Yield each older release as JSON, the latest first; rows are compared as texts."""
    last = newest
    for release, one in reversed([*older.items()]):
        rows = {code: packed_of(text) for code, text in one.lines.items()}
        differing = {code: text for code, text in rows.items() if last.get(code) != text} | dict.fromkeys(last.keys() - rows.keys(), "null")
        yield f'["{release}",{_joined(differing)}]'
        last = rows


def _joined(rows: Mapping[str, str]) -> str:
    return "{" + ",".join(f'"{code}":{text}' for code, text in sorted(rows.items())) + "}"
