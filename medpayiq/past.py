"""The releases before the newest one, kept so compactly that a build can hold years of them: a code's rows as text until they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import get_type_hints

from medpayiq import rules
from medpayiq.cms.manifest import Manifest
from medpayiq.cms.records import Service
from medpayiq.cms.releases import named
from medpayiq.cms.snapshot import Meta, Snapshot
from medpayiq.periods import Period, day_after, periods, spans, split
from medpayiq.rulebook import FIELDS
from medpayiq.texts import Texts

_TEXTS = frozenset(name for name, kind in get_type_hints(Service).items() if kind is str)
_NUMBERS = tuple(i for i, name in enumerate(Service._fields) if name not in _TEXTS)
_PICK = itemgetter(*(Service._fields.index(name) for name in FIELDS))
_PACKED = "[" + ",".join('"%s"' if name in _TEXTS else "%s" for name in FIELDS) + "]"

Rows = Mapping[str, Service]
"""The rows of a code by modifier."""


@dataclass(frozen=True, slots=True)
class Older:
    """One older release: what it says of itself, its places, and the rows of each code as they stand in its table."""

    snapshot: Snapshot
    lines: Mapping[str, str]
    """Code to its rows, a row a line, cells between tabs, without their line numbers: rows that did not change are equal texts."""


def read(snapshot: Snapshot, places: dict[str, int]) -> Older:
    """Read an older release; ``places`` numbers the codes of all of them (medpayiq/texts.py)."""
    made: dict[str, str] = {}
    for line in snapshot.lines("services"):
        cells = line[: line.rindex("\t")]
        code = line[:5]
        made[code] = f"{made[code]}\n{cells}" if code in made else cells
    return Older(snapshot, Texts(made, places))


class Past:
    """Every release that answers for a day: the newest, whose rows the build has at hand, and the older ones."""

    def __init__(self, newest: Meta, older: Iterable[Snapshot] = (), manifest: Manifest | None = None) -> None:
        """Read the older releases, the first one first; one that answers for no day, since a correction took all of them, is left.

        The days for which a release answers are those that cms_data/manifest.yml gives it; where it is not there, its own.
        Where CMS put another in its place within the quarter and that one is not at hand, it answers on, and the period says so.
        """
        self.newest = newest
        snapshots = sorted(older, key=lambda one: (one.meta.effective_from, one.meta.release))
        claims = [claim for one in [newest, *(one.meta for one in snapshots)] for claim in _claims(one, manifest)]
        self.periods: tuple[Period, ...] = periods(claims)
        answering = {one.release for one in self.periods}
        self.older: dict[str, Older] = {}
        places: dict[str, int] = {}
        for one in snapshots:
            if one.meta.release in answering:
                self.older[one.meta.release] = read(one, places)
        self.metas: dict[str, Meta] = {name: one.snapshot.meta for name, one in self.older.items()} | {newest.release: newest}

    @cached_property
    def stretches(self) -> tuple[tuple[Period, int, bool], ...]:
        """Periods cut where the conversion factor changes within one, each with its main factor in ten-thousandths of a dollar, and whether it follows the one before without a break."""
        turns = [row["from"] for row in rules.read("conversion-factors")["physician_fee_schedule"]]
        parts = [part for one in self.periods for part in split(one, turns)]
        ends = ["", *(day_after(one.effective_to) for one in parts)]
        return tuple((part, rules.conversion_factors(part.effective_from).exact(), part.effective_from == end) for part, end in zip(parts, ends, strict=False))

    def days(self, release: str) -> tuple[str, str]:
        """Return the first and last day (ISO dates) for which a release answers; its own where it answers for none."""
        own = list(spans(one for one in self.periods if one.release == release))
        return own[0] if own else (self.metas[release].effective_from, self.metas[release].effective_to)

    @cached_property
    def gone(self) -> frozenset[str]:
        """Every code that a release before the newest one has. An old release may be built while later ones are at hand: what only these have is not gone."""
        return frozenset().union(*(one.lines for one in self.older.values() if one.snapshot.meta.effective_from < self.newest.effective_from))

    @cached_property
    def codes(self) -> frozenset[str]:
        """Every code that another release has."""
        return frozenset().union(*(one.lines for one in self.older.values()))

    def text(self, release: str, code: str) -> str:
        """Return the rows of a code in an older release as text; blank where it has none."""
        return self.older[release].lines.get(code, "")


def _claims(meta: Meta, manifest: Manifest | None) -> Iterator[Period]:
    """Yield the days that a release claims: those the manifest gives it, and those of its quarter that CMS's corrections have taken."""
    known = manifest.named(meta.release) if manifest else None
    if manifest is None or known is None:
        yield Period(meta.effective_from, meta.effective_to, meta.release)
        return
    if known.replaced_by is None:
        yield Period(known.effective_from, known.effective_to, meta.release)
    quarter = named(meta.release)
    for other in manifest.of_kind("rvu"):
        theirs = named(other.name)
        if quarter and theirs and (quarter.year, quarter.quarter) == (theirs.year, theirs.quarter) and meta.release < other.name and other.replaced_by is None:
            yield Period(other.effective_from, other.effective_to, meta.release, other.name)


def rows_of(text: str) -> dict[str, Service]:
    """Return the rows that a text of `Past.text` holds, by modifier; their line numbers are not known."""
    made = {}
    for line in text.split("\n") if text else ():
        cells: list[str | int] = [*line.split("\t"), 0]
        for at in _NUMBERS[:-1]:
            cells[at] = int(cells[at])
        made[str(cells[1])] = Service._make(cells)
    return made


def packed_of(text: str) -> str:
    """Return the rows of a code in the form that pages carry (medpayiq/rulebook.py), as JSON text: modifier to values."""
    parts = []
    for line in text.split("\n"):
        cells = line.split("\t")
        parts.append(f'"{cells[1]}":{_PACKED % _PICK(cells)}')
    return "{" + ",".join(parts) + "}"
