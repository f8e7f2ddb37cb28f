"""What calculators fetch: rule books and localities, of each release that answers for a day, and the ZIP codes by their first three digits."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from medpayiq.cms.records import ZipArea
from medpayiq.cms.snapshot import Snapshot
from medpayiq.days import period
from medpayiq.facts import SnapshotFacts
from medpayiq.past import Past
from medpayiq.payment.reading import NATION
from medpayiq.periods import Period, day_after, spans, split
from medpayiq.render import short_digest
from medpayiq.rulebook import rulebook
from medpayiq.rules import turns

ZIP_FOLDER = "data/v1/zip"
_WORD = re.compile(r"[A-Z]+")
_KEPT = frozenset({"DC", "MD", "VA", "NJ", "NYC", "N"})
_WRITTEN_OUT = {"CNTY": "County", "CNTYS": "counties", "SURR": "surrounding", "SUBURBS": "suburbs", "POUGHKPSIE": "Poughkeepsie", "ORAGNGE": "Orange", "OF": "of"}
_FOR_PEOPLE = frozenset({"checked", "offer", "thresholds", "groups", "day"})
_NAMED_GROUPS = frozenset({"anesthesia", "visit"})
"""Groups of modifiers that a rule speaks of; the others serve the form, which is made at build."""
_UNCITED = ("modifiers", "anatomic", "notes", "practitioners", "conditions")
"""Tables whose sources no calculator shows."""


@dataclass(frozen=True, slots=True)
class Shards:
    """Files by path, and the addresses of those that calculators load: two at once, the list of releases for a day of service."""

    rules: str
    places: str
    releases: str
    modifiers: str
    """What modifiers say: asked for when somebody opens the list."""
    files: dict[str, bytes]

    def packed(self) -> bytes:
        """Return everything as JSON, for the next build."""
        return orjson.dumps({"addresses": [self.rules, self.places, self.releases, self.modifiers], "files": {path: data.decode() for path, data in self.files.items()}})

    @classmethod
    def unpacked(cls, data: bytes) -> Shards:
        """Read what `packed` gave."""
        held = orjson.loads(data)
        rules, places, releases, modifiers = held["addresses"]
        return cls(rules, places, releases, modifiers, {path: text.encode() for path, text in held["files"].items()})


def shards(snapshot: Snapshot, past: Past) -> Shards:
    """Return what the calculators of a release fetch, and for the days of the releases before it."""
    files: dict[str, bytes] = {}
    put = partial(put_json, files)
    book = rulebook(snapshot.meta.effective_from)
    rules = put("rules", for_browsers(book))
    modifiers = put("modifiers", sayings(book))
    places = put("places", places_of(snapshot))
    states = {f"{one.mac}/{one.locality}": readable(one.state) for one in snapshot.counties}
    where = {name: put("places", places_of(one.snapshot, states)) for name, one in past.older.items()} | {snapshot.meta.release: places}
    moved = {name: _moved(one.snapshot, snapshot) for name, one in past.older.items()}
    made: list[dict[str, Any]] = []
    for one in past.periods:
        words = period(*past.days(one.release))
        for part in split(one, turns()):
            its = put("rules", for_browsers(rulebook(part.effective_from)))
            if made and made[-1]["release"] == one.release and made[-1]["missing"] == one.missing and made[-1]["rules"] == its and day_after(made[-1]["to"]) == part.effective_from:
                made[-1]["to"] = part.effective_to
            else:
                made.append({"from": part.effective_from, "to": part.effective_to, "release": one.release, "words": words, "rules": its, "places": where[one.release], "moved": moved.get(one.release, []), "missing": one.missing})
    releases = put("releases", {"days": days_of(past.periods), "periods": made})
    files |= {f"{ZIP_FOLDER}/{prefix}.json": orjson.dumps(data) for prefix, data in zips(snapshot)}
    return Shards(rules, places, releases, modifiers, files)


def put_json(files: dict[str, bytes], name: str, data: Any) -> str:
    """Put data among ``files`` as JSON, under a name that changes with it; return its address."""
    made = orjson.dumps(data)
    path = f"assets/{name}.{short_digest(made)}.json"
    files[path] = made
    return f"/{path}"


def days_of(periods: Iterable[Period]) -> str:
    """Say in words for which days a release is at hand: ``October to December 2020, July 2024 to September 2026``."""
    return ", ".join(period(*one) for one in spans(periods))


def _moved(older: Snapshot, newest: Snapshot) -> list[str]:
    """Return the localities of today's ZIP file that say nothing about an older release: those of a state that had other ones then.

    San Mateo County was a locality of its own until 2023. Its ZIP codes lead to San Francisco's today, whose number was in use
    then too: for another place, with other indices.
    """
    then, now = ({(one.state, f"{one.mac}/{one.locality}") for one in snap.localities} for snap in (older, newest))
    states = {state for state, _ in then ^ now}
    return sorted(key for state, key in now if state in states)


def sayings(book: Mapping[str, Any]) -> dict[str, str]:
    """Return what each modifier says that may stand on a claim of the day, and the anatomic ones as one."""
    anatomic = book["anatomic"]
    return {name: one["say"] for name, one in book["modifiers"].items() if not one.get("late")} | {" ".join(anatomic["codes"]): anatomic["say"].replace(": {modifier}", "")}


def for_browsers(book: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rule book without what neither the engine nor the calculator reads."""
    made = {name: _without(table, _FOR_PEOPLE | {"sources"} if name in _UNCITED else _FOR_PEOPLE) for name, table in book.items() if name not in _FOR_PEOPLE}
    cited = {text for table in (made["steps"], made["refusals"]) for one in table.values() for text in one["sources"]}
    for name, one in made["modifiers"].items():
        if one.get("late"):
            made["modifiers"][name] = {"late": True}  # it is refused as such, whatever else the table says
            continue
        del one["say"]
        if one["group"] not in _NAMED_GROUPS:
            del one["group"]
            if one["effect"] == "none":
                del one["effect"]
    for one in made["practitioners"].values():
        del one["label"]
    made["reporting"] = {"codes": made["reporting"]["codes"]}
    del made["anatomic"]["say"]
    return made | {"cites": {text: cite for text, cite in book["cites"].items() if text in cited}}


def _without(data: Any, names: frozenset[str]) -> Any:
    return {name: _without(one, names) for name, one in data.items() if name not in names} if isinstance(data, dict) else data


def quarter(snapshot: Snapshot) -> str | None:
    """Return the quarter of the ZIP file in words: ``2025 Q4``."""
    return snapshot.meta.zip_quarter.replace("-", " ") if snapshot.meta.zip_quarter and snapshot.zip5 else None


def places_of(snapshot: Snapshot, named: Mapping[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """Return every locality by ``carrier/locality``, the nation first, then by state: name, state, indices in thousandths, anesthesia factors in millionths of a dollar.

    States are named by the release's own file of counties; where it came without one, by ``named``.
    """
    names = {f"{one.mac}/{one.locality}": (readable(one.name), one.state) for one in snapshot.localities}
    states = {f"{one.mac}/{one.locality}": readable(one.state) for one in snapshot.counties} or dict(named or {})
    by_letters = {letters: states[key] for key, (_, letters) in names.items() if key in states}
    made: dict[str, dict[str, Any]] = {}
    for key, place in SnapshotFacts(snapshot).places.items():
        name, state = ("National", "") if key == NATION else names[key]
        made[key] = {"name": name, "state": states.get(key) or by_letters.get(state, state), "gpci": list(place.gpci), "anesthesia": dict(place.anesthesia)}
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
