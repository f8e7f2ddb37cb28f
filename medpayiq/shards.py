"""What calculators fetch: the rule book, the localities, and the ZIP codes by their first three digits."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from medpayiq.cms.records import ZipArea
from medpayiq.cms.snapshot import Snapshot
from medpayiq.facts import SnapshotFacts
from medpayiq.payment.reading import NATION
from medpayiq.render import short_digest
from medpayiq.rulebook import rulebook

ZIP_FOLDER = "data/v1/zip"
_WORD = re.compile(r"[A-Z]+")
_KEPT = frozenset({"DC", "MD", "VA", "NJ", "NYC", "N"})
_WRITTEN_OUT = {"CNTY": "County", "CNTYS": "counties", "SURR": "surrounding", "SUBURBS": "suburbs", "POUGHKPSIE": "Poughkeepsie", "OF": "of"}
_FOR_PEOPLE = frozenset({"checked", "offer", "thresholds", "groups", "day"})
_NAMED_GROUPS = frozenset({"anesthesia", "visit"})
"""Groups of modifiers that a rule speaks of; the others serve the form, which is made at build."""
_UNCITED = ("modifiers", "anatomic", "notes", "practitioners", "conditions")
"""Tables whose sources no calculator shows."""


@dataclass(frozen=True, slots=True)
class Shards:
    """Files by path, and the addresses of the two that every calculator loads."""

    rules: str
    places: str
    files: dict[str, bytes]


def shards(snapshot: Snapshot) -> Shards:
    """Return what the calculators of a release fetch."""
    rules = orjson.dumps(for_browsers(rulebook(snapshot.meta.effective_from)))
    places = orjson.dumps(places_of(snapshot))
    rules_path, places_path = f"assets/rules.{short_digest(rules)}.json", f"assets/places.{short_digest(places)}.json"
    files = {rules_path: rules, places_path: places}
    files |= {f"{ZIP_FOLDER}/{prefix}.json": orjson.dumps(data) for prefix, data in zips(snapshot)}
    return Shards(f"/{rules_path}", f"/{places_path}", files)


def for_browsers(book: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rule book without what neither the engine nor the calculator reads."""
    made = {name: _without(table, _FOR_PEOPLE | {"sources"} if name in _UNCITED else _FOR_PEOPLE) for name, table in book.items() if name not in _FOR_PEOPLE}
    cited = {text for table in (made["steps"], made["refusals"]) for one in table.values() for text in one["sources"]}
    for one in made["modifiers"].values():
        if one["group"] not in _NAMED_GROUPS:
            del one["group"]
            if one["effect"] == "none":
                del one["effect"]
    for one in made["practitioners"].values():
        del one["label"]
    made["anatomic"] |= {"say": made["anatomic"]["say"].replace(": {modifier}", "")}
    return made | {"cites": {text: cite for text, cite in book["cites"].items() if text in cited}}


def _without(data: Any, names: frozenset[str]) -> Any:
    return {name: _without(one, names) for name, one in data.items() if name not in names} if isinstance(data, dict) else data


def quarter(snapshot: Snapshot) -> str | None:
    """Return the quarter of the ZIP file in words: ``2025 Q4``."""
    return snapshot.meta.zip_quarter.replace("-", " ") if snapshot.meta.zip_quarter and snapshot.zip5 else None


def places_of(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    """Return every locality by ``carrier/locality``, the nation first, then by state: name, state, indices in thousandths, anesthesia factors in millionths of a dollar."""
    names = {f"{one.mac}/{one.locality}": (readable(one.name), one.state) for one in snapshot.localities}
    states = {f"{one.mac}/{one.locality}": readable(one.state) for one in snapshot.counties}
    made: dict[str, dict[str, Any]] = {}
    for key, place in SnapshotFacts(snapshot).places.items():
        name, state = ("National", "") if key == NATION else names[key]
        made[key] = {"name": name, "state": states.get(key, state), "gpci": list(place.gpci), "anesthesia": dict(place.anesthesia)}
    return dict(sorted(made.items(), key=lambda one: (one[1]["state"], one[0])))


def readable(name: str) -> str:
    """Write CMS's capitals as a name: ``Los Angeles-Long Beach-Anaheim (Los Angeles/Orange County)``."""
    return _WORD.sub(lambda word: word[0] if word[0] in _KEPT else _WRITTEN_OUT.get(word[0], word[0].capitalize()), name.strip("* ").replace("SURR.", "SURR"))


def zips(snapshot: Snapshot) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield for each of the thousand beginnings its ZIP codes and their localities.

    A ZIP code that CMS marks as split lies in several localities, and the nine-digit file that tells them apart is not
    imported: it gets the localities that CMS's file has in its state, never one of them alone.
    """
    if not snapshot.zip5:
        return
    by_prefix: dict[str, list[ZipArea]] = defaultdict(list)
    in_state: dict[str, set[str]] = defaultdict(set)
    for area in snapshot.zip5:
        by_prefix[area.prefix].append(area)
        in_state[area.state].add(_key(area))
    for number in range(1000):
        prefix = f"{number:03d}"
        whole: dict[str, str] = {}
        split: dict[str, list[str]] = {}
        for area in by_prefix[prefix]:
            for at in range(0, len(area.endings), 2):
                code = prefix + area.endings[at : at + 2]
                if area.split == "1":
                    split[code] = sorted(in_state[area.state])
                else:
                    whole[code] = _key(area)
        yield prefix, {"quarter": quarter(snapshot), "zips": dict(sorted(whole.items())), "split": dict(sorted(split.items()))}


def _key(area: ZipArea) -> str:
    return f"{area.mac}/{area.locality}"
