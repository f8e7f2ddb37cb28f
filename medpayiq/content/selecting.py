"""Which codes a tip stands on: what ``where`` says, worked out with sets over the facts of one release."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property, reduce
from itertools import compress
from operator import and_, attrgetter, or_
from typing import Any

from medpayiq.cms.records import Service, UnitLimit
from medpayiq.cms.snapshot import Snapshot
from medpayiq.content.tip_schema import CLASSES, COLUMNS, COUNTS
from medpayiq.edits import Edits
from medpayiq.payment.amount import PRICED_STATUSES, is_priced, main_row
from medpayiq.payment.shares import pair

Codes = frozenset[str]
Rows = Mapping[str, Service]
Mask = int
"""A set of codes, a bit for each: 2 kB for any of them, where a set of strings may have a megabyte."""
_TRUTHS = bytes.maketrans(b"01", b"\0\1")
"""From digits to what `compress` takes."""


class Selecting:
    """Answers ``where`` for one release; each fact is gathered when a tip first asks for it."""

    def __init__(self, rows: Mapping[str, Rows], snapshot: Snapshot, edits: Edits, factor: int, before: Mapping[str, Mask] | None = None) -> None:
        """Take every code's rows by modifier (blank, 26, TC, 53), its snapshot and edits, and the conversion factor in ten-thousandths.

        ``before`` is what was ``chosen`` last time from the same facts.
        """
        self._rows, self._snapshot, self._edits, self._factor = rows, snapshot, edits, factor
        self.before = before or {}
        self.chosen: dict[str, Mask] = {}
        """What was asked so far, as text, and the codes that meet it."""
        self.everything: Codes = frozenset(rows)
        # By numbering, so that a range is bits in a row.
        self._order = sorted(rows, key=_numbered)
        self._place = {code: at for at, code in enumerate(self._order)}
        self._all: Mask = (1 << len(self._order)) - 1
        self._columns: dict[str, dict[str, Mask]] = {}
        self._answered: dict[tuple[str, str], Mask] = {}

    def codes(self, where: Mapping[str, Any]) -> Codes:
        """Return the codes that meet every key of ``where``."""
        asked = repr(where)
        found = self.chosen.get(asked)
        if found is None:
            before = self.before.get(asked)
            found = self.chosen[asked] = self._meets(where) if before is None else before
        digits = f"{found:b}"[::-1]
        if digits.count("1") > len(self._order) // 16:  # of many codes: to look at each is quicker than to look for the next
            return frozenset(compress(self._order, digits.encode().translate(_TRUTHS)))
        made, at = [], digits.find("1")
        while at >= 0:
            made.append(self._order[at])
            at = digits.find("1", at + 1)
        return frozenset(made)

    def _mask(self, codes: Iterable[str]) -> Mask:
        """Return those of some codes that the release has."""
        data = bytearray(len(self._order) // 8 + 1)
        for code in codes:
            at = self._place.get(code)
            if at is not None:
                data[at >> 3] |= 1 << (at & 7)
        return int.from_bytes(data, "little")

    def _meets(self, where: Mapping[str, Any]) -> Mask:
        found = self._all
        for key, value in where.items():
            found &= self._one(key, value)
            if not found:
                break
        return found

    def _one(self, key: str, value: Any) -> Mask:
        if key == "codes":
            return self._mask(value)
        # Tips of a field ask alike: a range, an indicator, a level of the classification.
        asked = key, repr(value)
        found = self._answered.get(asked)
        if found is None:
            found = self._answered[asked] = self._meeting(key, value)
        return found

    def _meeting(self, key: str, value: Any) -> Mask:
        match key:
            case "all":
                return reduce(and_, map(self._meets, value), self._all)
            case "any":
                return reduce(or_, map(self._meets, value), 0)
            case "not":
                return self._all & ~self._meets(value)
            case "ranges":
                return reduce(or_, (self._between(first, last) for first, last in value), 0)
            case "parts":
                return reduce(and_, (self._parts.get(part, 0) for part in value), self._all)
            case "mue":
                return self._limits(value)
            case "edits":
                return reduce(and_, (self._counted(side, bounds) for side, bounds in value.items()), self._all)
            case "priced" | "priced_office" | "priced_facility" | "amounts_differ" | "na_office" | "na_facility" | "add_on":
                found: Mask = getattr(self, f"_{key}")
                return found if value else self._all & ~found
        by_value = self._column(key)
        return reduce(or_, (by_value.get(one, 0) for one in ([value] if isinstance(value, str) else value)), 0)

    def known(self, key: str) -> Collection[str]:
        """Return the values that a column or a level of the classification has in this release."""
        return self._column(key)

    def _column(self, key: str) -> dict[str, Mask]:
        found = self._columns.get(key)
        if found is None:
            made: dict[str, list[str]] = defaultdict(list)
            if key in CLASSES:
                for code, category in self._snapshot.rbcs.items():
                    made[getattr(category, CLASSES[key])].append(code)
            else:
                column = attrgetter(COLUMNS[key])
                for code, row in self._main.items():
                    made[column(row)].append(code)
            found = self._columns[key] = {value: self._mask(codes) for value, codes in made.items()}
        return found

    @cached_property
    def _main(self) -> dict[str, Service]:
        return {code: main_row(rows) for code, rows in self._rows.items()}

    @cached_property
    def _priced(self) -> Mask:
        return self._mask(code for code, rows in self._rows.items() if any(is_priced(row) for row in rows.values()))

    @cached_property
    def _priced_office(self) -> Mask:
        return self._mask(code for code, (office, _) in self._outcomes.items() if office is not None)

    @cached_property
    def _priced_facility(self) -> Mask:
        return self._mask(code for code, (_, facility) in self._outcomes.items() if facility is not None)

    @cached_property
    def _amounts_differ(self) -> Mask:
        return self._mask(code for code, (office, facility) in self._outcomes.items() if None not in {office, facility} and office != facility)

    @cached_property
    def _na_office(self) -> Mask:
        return self._mask(code for code, row in self._main.items() if row.na_nonfacility)

    @cached_property
    def _na_facility(self) -> Mask:
        return self._mask(code for code, row in self._main.items() if row.na_facility)

    @cached_property
    def _outcomes(self) -> dict[str, tuple[int | None, int | None]]:
        """Cents of the main row in the office, and in a facility; None where it has no amount there."""
        made = {}
        for code, row in self._main.items():
            if row.status in PRICED_STATUSES:
                office, facility = pair(row, self._factor)
                made[code] = office.cents, facility.cents
        return made

    @cached_property
    def _add_on(self) -> Mask:
        return self._mask(code for code in self.everything if self._edits.primaries(code))

    @cached_property
    def _parts(self) -> dict[str, Mask]:
        made: dict[str, list[str]] = defaultdict(list)
        for code, rows in self._rows.items():
            for part in rows:
                made[part].append(code)
        return {part: self._mask(codes) for part, codes in made.items()}

    def _limits(self, wanted: Any) -> Mask:
        if wanted == "none":
            return self._all & ~self._mask(self._limited) if self._edits.mue else 0
        least, most, indicator = int(wanted.get("min", 0)), int(wanted.get("max", 99_999)), wanted.get("mai")
        return self._mask(code for code, one in self._limited.items() if least <= one.units <= most and indicator in {None, one.indicator})

    @cached_property
    def _limited(self) -> dict[str, UnitLimit]:
        limits = {code: self._edits.limit(code) for code in self.everything}
        return {code: one for code, one in limits.items() if one is not None}

    def _counted(self, side: str, bounds: Mapping[str, Any]) -> Mask:
        least, most = int(bounds.get("min", 0)), int(bounds.get("max", 9_999_999))
        return self._mask(code for code, counts in self._counts.items() if least <= counts[side] <= most) if self._edits.ptp else 0

    @cached_property
    def _counts(self) -> dict[str, dict[str, int]]:
        return {code: dict(zip(COUNTS, self._edits.totals(code), strict=True)) for code in self.everything}

    def _between(self, first: str, last: str) -> Mask:
        """Return the codes of a range: those of the first one's numbering, up to the last one."""
        kind = kind_of(first)
        start, end = bisect_left(self._order, (kind, first), key=_numbered), bisect_right(self._order, (kind, last), key=_numbered)
        return (1 << end) - (1 << start) if end > start else 0


def _numbered(code: str) -> tuple[str, str]:
    """Return what codes are in order by: their numbering, then themselves."""
    return kind_of(code), code


def edit_count(edits: Edits, code: str, side: str) -> int:
    """Return how many PTP edits in force a code has: in column 1, in column 2, or by whether a modifier may bypass them."""
    return edits.totals(code)[COUNTS.index(side)]


def kind_of(code: str) -> str:
    """Return which numbering a code is of: its letter where it begins with one, its last letter, or none for digits alone."""
    return code[0] if code[0].isalpha() else f"-{code[-1]}" if code[-1].isalpha() else ""


def named_codes(where: Mapping[str, Any]) -> list[tuple[tuple[str | int, ...], str]]:
    """Return every code that a selector names, with its path; the ends of a range are not names."""
    made: list[tuple[tuple[str | int, ...], str]] = []
    for key, value in where.items():
        if key == "codes":
            made += [((key, i), code) for i, code in enumerate(value)]
        elif key == "not":
            made += [((key, *path), code) for path, code in named_codes(value)]
        elif key in {"all", "any"}:
            made += [((key, i, *path), code) for i, one in enumerate(value) for path, code in named_codes(one)]
    return made


def pointed(where: Mapping[str, Any]) -> bool:
    """Say whether a tip is chosen by code, range or family: one of them must hold wherever it stands."""
    if any(key in where for key in ("codes", "ranges", *CLASSES)):
        return True
    return any(pointed(one) for one in where.get("all", ())) or ("any" in where and all(pointed(one) for one in where["any"]))
