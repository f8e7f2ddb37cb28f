"""Checks published figures of field reports before a build takes them in: their shape, and every rule that bands alone can be held to.

They come from the site's own function, but over a network or from a file: nothing of them is believed. A number that is no
band, a list whose order could tell more than its bands, or bands that cannot be true together end the check.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import fastjsonschema

from medpayiq.content.shapes import in_words
from medpayiq.field.list_schema import NOTHING
from medpayiq.field.lists import BANDS, Lists
from medpayiq.field.report_schema import MOST_WORKED, aggregate

PARTS = ("reasons", "payers", "outcomes", "worked")
MOST_BYTES = 32_000_000
_MOST_FAULTS = 20
_LEAST = {"5-9": 5, "10-24": 10, "25-49": 25, "50+": 50}
_MOST = {"5-9": 9, "10-24": 24, "25-49": 49}
_ORDER = {band: -place for place, band in enumerate(BANDS)}


@dataclass(frozen=True, slots=True)
class Published:
    """What is published of all codes' reports."""

    day: str | None = None
    """ISO day of the publication; None before the first one, or where none was read."""
    codes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Code to its figures, in the shape of schema/aggregate.schema.json; made-up ones say ``synthetic`` beside, wherever they go."""
    read: bool = False
    """Whether there was something to read."""
    synthetic: bool = False
    """Made up, for demonstrations and tests."""


class Unfit(Exception):  # noqa: N818 - it reads as a sentence: "except Unfit"
    """Figures that are not taken in. ``faults``: each as a sentence with line and column of the JSON, or the path in it."""

    def __init__(self, faults: list[str], try_: str = "publish anew, and export what GET /api/reports answers") -> None:
        """Keep the faults, and what to do about them."""
        super().__init__("; ".join(faults))
        self.faults = faults
        self.try_ = try_


def parse(data: bytes, lists: Lists, *, demo: bool = False) -> Published:
    """Return the figures of an answer of GET /api/reports; ``demo`` admits made-up ones.

    Raises:
        Unfit: with every fault, up to a bound.
    """
    document = _loaded(data)
    synthetic = document.pop("synthetic", False) is not False
    if synthetic and not demo:
        raise Unfit(["/synthetic: these figures are made up, for demonstrations and tests; no site is built from them"], "reports: null in site.yml, or the address of the real ones")
    faults: list[str] = []
    for fault in _faults(document, lists):
        faults.append(fault)
        if len(faults) == _MOST_FAULTS:
            faults.append("more like these")
            break
    if faults:
        raise Unfit(faults)
    mark = {"synthetic": True} if synthetic else {}
    return Published(document["published"], {code: {**one, **mark} for code, one in sorted(document["codes"].items())}, read=True, synthetic=synthetic)


def _loaded(data: bytes) -> dict[str, Any]:
    if len(data) > MOST_BYTES:
        raise Unfit([f"has more than {MOST_BYTES:,} bytes"])
    try:
        document = json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except UnicodeDecodeError as problem:
        raise Unfit([f"is not UTF-8 at byte {problem.start}"]) from None
    except json.JSONDecodeError as problem:
        raise Unfit([f"{problem.lineno}:{problem.colno}: is not JSON: {problem.msg}"]) from None
    except RecursionError:
        raise Unfit(["is nested too deep"]) from None
    except ValueError as problem:
        raise Unfit([str(problem)]) from None
    if not isinstance(document, dict):
        raise Unfit(["/: must be an object with published and codes"])
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"key {next(name for name in names if names.count(name) > 1)!r} stands twice in one object")
    return made


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _faults(document: dict[str, Any], lists: Lists) -> Iterator[str]:
    """Yield every fault with its path."""
    for key in sorted({"published", "codes"} - document.keys()):
        yield f"/{key}: is missing"
    for key in sorted(document.keys() - {"published", "codes"}):
        yield f"/{key}: no such key (known: published, codes)"
    codes, day = document.get("codes", {}), document.get("published")
    if not isinstance(codes, dict):
        yield "/codes: must be an object, code to figures"
        return
    if day is None and codes:
        yield "/published: figures need the day of their publication"
        return
    if day is None:
        return
    if not _is_day(day):
        yield f"/published: {day!r} is not a day; it is written as 2026-11-29"
        return
    schema = aggregate(lists)
    fits = fastjsonschema.compile(schema)
    for code, figures in codes.items():
        found = list(_shape(figures, schema, fits)) or list(_rules(code, figures, day, lists))
        yield from (f"/codes/{code}{one}" for one in found)


def _shape(figures: Any, schema: dict[str, Any], fits: Any) -> Iterator[str]:
    """Yield where figures do not have their shape: a compiled schema says quickly that nothing is wrong, the other library what is."""
    try:
        fits(figures)
    except fastjsonschema.JsonSchemaValueException:
        import jsonschema  # says all that is wrong; it takes long to load, and as a rule nothing is

        for error in jsonschema.Draft7Validator(schema).iter_errors(figures):
            yield "".join(f"/{part}" for part in error.absolute_path) + f": {in_words(error)}"


def _rules(code: str, figures: Mapping[str, Any], day: str, lists: Lists) -> Iterator[str]:
    """Yield what is wrong with figures that have their shape."""
    if figures["code"] != code:
        yield f"/code: {figures['code']} is not the code it stands under"
    if not _is_day(figures["published"]) or figures["published"] > day:
        yield f"/published: {figures['published']} is no day up to {day}, when all of it was published"
    first, last = figures["period"]["from"], figures["period"]["to"]
    if not first <= last <= quarter_of(day):
        yield f"/period: {first} to {last} does not end by {quarter_of(day)}"
    total = figures["reports"]
    for part in PARTS:
        cells = figures[part]
        keys = [one["key"] for one in cells]
        order = [(_ORDER[one["band"]], one["key"]) for one in cells]
        if len(set(keys)) < len(keys):
            yield f"/{part}: names something twice"
        elif order != sorted(order):
            yield f"/{part}: must stand by band, most first, then by key: another order could tell more than the bands"
        if any(_LEAST[one["band"]] > _LEAST[total] for one in cells):
            yield f"/{part}: holds a higher band than all reports together ({total})"
        elif total in _MOST and sum(_LEAST[one["band"]] for one in cells) > _MOST[total] * (MOST_WORKED if part == "worked" else 1):
            yield f"/{part}: holds more than all reports together ({total})"
    if total in _MOST:
        yield from _told(figures, _MOST[total], lists)


def _told(figures: Mapping[str, Any], most: int, lists: Lists) -> Iterator[str]:
    """Yield where more say what worked than can have been paid, of ``most`` reports; or that nothing did, than can have not been."""
    for keys, others, which in ((lists.strategies, lists.unpaid, "paid"), ((NOTHING,), lists.paid, "not paid")):
        room = most - sum(_LEAST[one["band"]] for one in figures["outcomes"] if one["key"] in others)
        told = [_LEAST[one["band"]] for one in figures["worked"] if one["key"] in keys]
        if told and (max(told) > room or sum(told) > room * MOST_WORKED):
            yield f"/worked: is told by more reports than can be of claims that were {which}, by what stands under outcomes"


def _is_day(text: Any) -> bool:
    try:
        return isinstance(text, str) and datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def quarter_of(day: str) -> str:
    """Return the quarter of an ISO day: ``2026Q4``."""
    return f"{day[:4]}Q{(int(day[5:7]) + 2) // 3}"
