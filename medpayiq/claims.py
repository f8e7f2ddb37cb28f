"""What the claim desk and the edit lists fetch: the words for edits, rows, edits, limits and add-on codes by the first characters of a code, and codes that are gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

import orjson

from medpayiq import rules
from medpayiq.cms.snapshot import Snapshot
from medpayiq.edits import TAKEN_BACK, Edition, edition
from medpayiq.pages.site import SiteData
from medpayiq.shards import put_json

FOLDER = "data/v1/claims"
GONE = f"{FOLDER}/gone.json"
"""Codes that are gone, with what stands in their place: fetched when a code is not found, which no digest of its own in pages is worth."""
MOST_LINES = 25
"""Lines of one claim at the desk."""
_PREFIX = 3
"""Characters of a code by which files are cut: some 900 files, of which a claim needs a few."""
_TABLES = ("ptp", "mue", "aoc")
_ASKING = ("BILL_AS_50", "ON_VISITS", "ONE_ANESTHESIA_CODE", "UNPRICED_MAY_RANK", "SIDES_ONCE")
"""Remarks of the engine (rules/answers.yml) that ask for something, which the desk finds; the others stand with the arithmetic."""


@dataclass(frozen=True, slots=True)
class Books:
    """Addresses of what is loaded once: the claim desk's book, and the words of a code page's edit list; and the files."""

    claims: str
    words: str
    files: dict[str, bytes]


def books(site: SiteData) -> Books:
    """Return the claim desk's book and the words of edit lists."""
    files: dict[str, bytes] = {}
    put = partial(put_json, files)
    table, answers = rules.read("ncci"), rules.read("answers")
    words = {
        "indicators": _for_browsers(table["indicators"]),
        "rationales": {label: one for label, one in table["rationales"].items() if label != "unknown"},
        "unknown_rationale": table["rationales"]["unknown"],
    }
    told = {
        "newest": site.snapshot.meta.release,
        "sets": [_set(one) for one in sets(site)],
        "bypass": _for_browsers(table["bypass"]),
        "modifiers": _for_browsers(table["modifiers"]),
        **words,
        "mai": _for_browsers(table["mai"]),
        "colleagues": table["colleagues"]["codes"],
        "complexity": {name: table["complexity"][name] for name in ("codes", "visits")},
        "telehealth": {name: table["telehealth"][name] for name in ("modifiers", "others", "places", "from")},
        "add_on": _for_browsers(table["add_on"]),
        "findings": _for_browsers(table["findings"]),
        "say": _for_browsers(table["sets"]),
        "conditions": {name: {"sources": one["sources"]} for name, one in answers["conditions"].items()},
        "remarks": {name: {"sources": answers["notes"][name]["sources"]} for name in _ASKING},
    }
    files[GONE] = orjson.dumps({code: _gone(code, site) for code in site.replaced})
    return Books(put("claims", told | {"cites": _cites(told)}), put("edit-words", words | {"cites": _cites(words)}), files)


def _gone(code: str, site: SiteData) -> dict[str, Any]:
    """Return what is said of a code that is gone: when it left CMS's file, as far as the releases at hand show it, and what was written down about it."""
    periods = site.past.periods
    has = [bool(span.release in site.past.older and site.past.text(span.release, code)) for span in periods]
    left = next((at for at in reversed(range(1, len(periods))) if has[at - 1] and not has[at]), None)
    told = {} if left is None else {"last": periods[left - 1].release, "first": periods[left].release, "from": periods[left].effective_from}
    one = site.library.replaced.get(code)
    return told if one is None else told | {"by": [new for new in one.by if new in site.by_code], "since": one.since, "say": one.say.strip(), "sure": one.checked != "not verified"}


def sets(site: SiteData) -> list[Snapshot]:
    """Return the releases of which the desk has files: the older ones with edits of their own, oldest first, and the newest."""
    older = (one.snapshot for one in site.past.older.values())
    return [*sorted((one for one in older if one.meta.editions), key=lambda one: one.meta.effective_from), site.snapshot]


def folder(snapshot: Snapshot) -> str:
    """Return where a release's files lie."""
    return f"{FOLDER}/{snapshot.meta.release.lower()}"


def files(snapshot: Snapshot, site: SiteData) -> Iterator[tuple[str, bytes]]:
    """Yield path and bytes of every file of a release, by the first characters of the codes it holds.

    Of the newest release they hold the rows of its codes, and of those that their rules speak of, as pages carry them
    (medpayiq/rulebook.py); older rows lie by code (medpayiq/pages/dated.py).
    """
    tables: dict[str, dict[str, dict[str, Any]]] = {name: defaultdict(dict) for name in ("rows", "mue", "aoc")}
    if snapshot is site.snapshot:
        for entry in site.entries:
            tables["rows"][entry.code[:_PREFIX]] |= site.calculators.facts(entry)
    _gather(snapshot, tables)
    waiting = sorted(set().union(*tables.values()), reverse=True)
    for prefix, edits in chain(_edits(snapshot), [("~", dict[str, list[list[str]]]())]):
        while waiting and waiting[-1] < prefix:
            yield _file(waiting.pop(), {}, tables, snapshot)
        if waiting and waiting[-1] == prefix:
            waiting.pop()
        if edits:
            yield _file(prefix, edits, tables, snapshot)


def _file(prefix: str, edits: dict[str, Any], tables: Mapping[str, Mapping[str, Any]], snapshot: Snapshot) -> tuple[str, bytes]:
    found = {name: table[prefix] for name, table in tables.items() if prefix in table} | ({"ptp": edits} if edits else {})
    return f"{folder(snapshot)}/{prefix}.json", orjson.dumps(found)


def _edits(snapshot: Snapshot) -> Iterator[tuple[str, dict[str, list[list[str]]]]]:
    """Yield the edits of all codes with one beginning, in order; what was taken back is never applied.

    They are read a row at a time: an older quarter's 240,000 rows would else stay in memory for the whole build.
    """
    prefix, made = "", dict[str, list[list[str]]]()
    for one in snapshot.each("ptp") if edition(snapshot, "ptp") else ():
        if one.column1[:_PREFIX] != prefix:
            if made:
                yield prefix, made
            prefix, made = one.column1[:_PREFIX], {}
        if one.indicator != TAKEN_BACK:
            made.setdefault(one.column1, []).append([one.indicator, one.effective, one.deleted, one.rationale, one.column2])
    if made:
        yield prefix, made


def _gather(snapshot: Snapshot, tables: dict[str, dict[str, dict[str, Any]]]) -> None:
    """Put a release's unit limits and add-on codes into the tables, by prefix and code."""
    if edition(snapshot, "mue"):
        for limit in snapshot.mue.values():
            tables["mue"][limit.code[:_PREFIX]][limit.code] = [limit.units, limit.indicator]
    if edition(snapshot, "aoc"):
        primaries: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for one in snapshot.aoc:
            primaries[one.code, one.type, one.effective, one.deleted].append(one.primary)
        for (code, *terms), codes in primaries.items():
            tables["aoc"][code[:_PREFIX]].setdefault(code, []).append([*terms, " ".join(codes)])


def _set(snapshot: Snapshot) -> dict[str, Any]:
    return {"release": snapshot.meta.release, "folder": f"/{folder(snapshot)}/"} | {table: _edition(edition(snapshot, table)) for table in _TABLES}


def _edition(one: Edition | None) -> dict[str, str] | None:
    return None if one is None else {"quarter": one.quarter, "version": one.version, "first": one.first, "last": one.last}


def _for_browsers(data: Any) -> Any:
    """Return a table without what is for people who read rules/."""
    return {name: _for_browsers(one) for name, one in data.items() if name != "checked"} if isinstance(data, dict) else data


def _cites(data: Any) -> dict[str, list[str]]:
    """Return the words and the address of every source in a table."""
    return {text: [rules.short(rules.citation(text).label), rules.citation(text).url] for text in sorted(set(_sources(data)))}


def _sources(data: Any) -> Iterable[str]:
    if isinstance(data, dict):
        for name, one in data.items():
            yield from one if name == "sources" else _sources(one)
    elif isinstance(data, list):
        for one in data:
            yield from _sources(one)
