"""One edit set, with unit limits and add-on codes, ordered by code: how many edits a code has, when they changed, and its list as CSV."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import itemgetter
from pathlib import Path

from medpayiq.cms import releases
from medpayiq.cms.aoc import CONTRACTOR
from medpayiq.cms.records import AddOn, PtpEdits, UnitLimit
from medpayiq.cms.snapshot import Snapshot
from medpayiq.edit_totals import Tally, Totals, remembered
from medpayiq.paths import EDIT_TOTALS
from medpayiq.periods import day_after

FOLDER = "data/v1/edits"
COLUMNS = ("Column 1", "Column 2", "Modifier indicator", "Effective (blank: not known)", "Deleted (blank: not known)", "Rationale (blank: not known)", "In force in edit set")
"""Of a code's list; behind the last one stands which set it is."""
TAKEN_BACK = "9"
_NONE = Tally(0, 0, 0, 0, 0, 0)
_INDICATORS = ("0", "1")
"""Of edits in force, in the order of a `Tally`."""
_PAIR = itemgetter(slice(11))
"""The pair of codes at the beginning of a row."""


@dataclass(frozen=True, slots=True)
class Edition:
    """Which edits these are: their quarter, ``2026 Q3``, its first and last day (ISO dates), and CMS's version."""

    quarter: str
    first: str
    last: str
    version: str = ""

    def __str__(self) -> str:
        """Return it as answers name it: ``2026 Q3 (v322r0)``."""
        return f"{self.quarter} ({self.version})" if self.version else self.quarter


def edition(snapshot: Snapshot, table: str) -> Edition | None:
    """Return the edition of a table of the NCCI programme (ptp, mue, aoc); None where the snapshot has none."""
    stated = snapshot.meta.editions.get(table)
    if stated is None:
        return None
    of = releases.of_quarter(stated["quarter"])
    return Edition(stated["quarter"], of.effective_from, of.effective_to, stated.get("version", ""))


def holds(effective: str, deleted: str, first: str, last: str) -> bool:
    """Say whether an edit of the set holds on some day of its quarter, as far as its dates are known.

    CMS's set of a quarter lists the edits of that quarter and those that ended before it: what has no end is in force.
    """
    return effective <= last and (deleted in {"", "*"} or deleted >= first)


def _by_indicator(never: int, may: int) -> dict[str, int]:
    """Return numbers of edits by modifier indicator, without those of which there are none."""
    return {number: count for number, count in (("0", never), ("1", may)) if count}


@lru_cache(maxsize=4096)
def last_turn(effective: str, deleted: str, last: str) -> str:
    """Return the first day of the quarter in which an edit began, or of the one after its end; blank where neither is known. ``last`` is the last day of its set."""
    turns = [effective, *([day_after(deleted)] if deleted not in {"", "*"} else [])]
    day = max((one for one in turns if one <= last), default="")
    return releases.of_day(datetime.date.fromisoformat(day)).effective_from if day else ""


class Edits:
    """The edits of a snapshot by code. Everything is read when it is first asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Take a snapshot, which may have none of the tables."""
        self._snapshot = snapshot
        self.ptp, self.mue, self.aoc = (edition(snapshot, table) for table in ("ptp", "mue", "aoc"))

    @cached_property
    def _first(self) -> dict[str, list[PtpEdits]]:
        """Edits by column 1 code."""
        made: dict[str, list[PtpEdits]] = defaultdict(list)
        for group in self._snapshot.ptp if self.ptp else ():
            made[group.column1].append(group)
        return dict(made)

    @cached_property
    def _rows(self) -> tuple[dict[str, list[tuple[str, PtpEdits]]], dict[str, list[tuple[str, str]]]]:
        """What rows of lists say behind their pair: by column 1 code, with the edits; and by column 2 code, with the column 1 code.

        Both in the order of lists: a code's edits by date, and those by column 2 code by the column 1 code first.
        """
        ones: dict[str, list[tuple[str, PtpEdits]]] = {}
        twos: dict[str, list[tuple[str, str]]] = defaultdict(list)
        tails: dict[tuple[str, ...], str] = {}
        for column1, groups in sorted(self._first.items()):
            dated = []
            for group in groups:
                tail = tails.get(group[1:6])
                if tail is None:
                    tail = tails[group[1:6]] = self._tail(group)
                dated.append((group.effective, group.deleted, tail, group))
            dated.sort()
            ones[column1] = [(tail, group) for _, _, tail, group in dated]
            for tail, group in ones[column1]:
                row = column1, tail
                for code in group.column2.split():
                    twos[code].append(row)
        return ones, dict(twos)

    def load(self) -> None:
        """Read the tables now, before processes share what is loaded."""
        _ = self._totals, self._rows, self._add_ons, self.limit("")

    def listed(self, code: str) -> int:
        """Return how many rows the set has of the code, in force or ended."""
        one = self._totals.get(code, _NONE)
        return one.rows1 + one.rows2

    def counts(self, code: str) -> tuple[dict[str, int], dict[str, int]]:
        """Return the number of edits in force by indicator: those with the code in column 1, and those with it in column 2."""
        one = self._totals.get(code, _NONE)
        return _by_indicator(one.ones0, one.ones1), _by_indicator(one.twos0, one.twos1)

    def totals(self, code: str) -> tuple[int, int, int, int]:
        """Return the number of edits in force: with the code in column 1, in column 2, those that a modifier may bypass, and those that none may."""
        one = self._totals.get(code, _NONE)
        return one.ones0 + one.ones1, one.twos0 + one.twos1, one.ones1 + one.twos1, one.ones0 + one.twos0

    @cached_property
    def _totals(self) -> Totals:
        if self.ptp is None:
            return {}
        meta = self._snapshot.meta
        path = EDIT_TOTALS.with_name(f"{EDIT_TOTALS.name}-{meta.kept_as}.json")
        return remembered(path, repr((meta.tables["ptp"], self.ptp)), Path(__file__), self._summed, Tally._make)

    def _summed(self) -> Totals:
        """Count: in force without a modifier (indicator 0) and with one (1), and the rows of the set, by column 1 code and by column 2 code."""
        counted = tuple(Counter[str]() for _ in Tally._fields)
        for group in self._snapshot.each("ptp"):  # of an older release nothing else is asked
            code, seconds = group.column1, group.column2.split()
            if self._in_force(group):
                place = _INDICATORS.index(group.indicator)
                counted[place][code] += len(seconds)
                counted[2 + place].update(seconds)
            counted[4][code] += len(seconds)
            counted[5].update(seconds)
        return {code: Tally._make(one[code] for one in counted) for code in set().union(*counted)}

    def changed(self, code: str) -> str | None:
        """Return the first day of the quarter in which, by their dates, a code's edits last changed; None where the set has no dates, or nothing of the code.

        An edit that CMS put in or took out for days long past shows in the sets at hand alone.
        """
        return self._changed.get(code)

    @cached_property
    def _changed(self) -> dict[str, str]:
        if self.ptp is None:
            return {}
        meta = self._snapshot.meta
        path = EDIT_TOTALS.with_name(f"edit-days-{meta.kept_as}.json")
        return remembered(path, repr((meta.tables["ptp"], self.ptp)), Path(__file__), self._last_days, str)

    def _last_days(self) -> dict[str, str]:
        if self.ptp is None or not all(one.effective or one.before_1996 for one in self._snapshot.ptp):
            return {}
        made: dict[str, str] = {}
        for group in self._snapshot.ptp:
            if group.indicator != TAKEN_BACK:
                day = last_turn(group.effective, group.deleted, self.ptp.last)
                for code in (group.column1, *group.column2.split()):
                    if day > made.get(code, ""):
                        made[code] = day
        return made

    def between(self, one: str, other: str) -> tuple[str, str] | None:
        """Return the column 2 code and the modifier indicator of the edit in force between two codes; None where there is none."""
        for first, second in ((one, other), (other, one)):
            for group in self._first.get(first, ()):
                if self._in_force(group) and second in group.column2.split():
                    return second, group.indicator
        return None

    def all_counts(self) -> Counter[str]:
        """Return the number of edits in force by indicator, and under ``ended`` of those that are not."""
        ones = self._totals.values()
        made = Counter({"0": sum(one.ones0 for one in ones), "1": sum(one.ones1 for one in ones)})
        made["ended"] = sum(one.rows1 for one in ones) - made.total()
        return made

    def busiest(self, number: int) -> list[str]:
        """Return the codes with the most edits in force, the busiest first."""
        totals = {code: sum(one[:4]) for code, one in self._totals.items()}
        return sorted(totals, key=lambda code: (-totals[code], code))[:number]

    def _in_force(self, group: PtpEdits) -> bool:
        return self.ptp is not None and group.indicator != TAKEN_BACK and holds(group.effective, group.deleted, self.ptp.first, self.ptp.last)

    def list_of(self, code: str) -> bytes:
        """Return every edit of a code as CSV, those with it in column 1 before the others; in each part by the other code, then by date."""
        ones = [f"{code},{two}{tail}" for tail, group in self._rows[0].get(code, ()) for two in group.column2.split()]
        ones.sort(key=_PAIR)
        lines = [f"{','.join(COLUMNS)} {self.ptp}", *ones, *[f"{one},{code}{tail}" for one, tail in self._rows[1].get(code, ())], ""]
        return "\r\n".join(lines).encode()

    def _tail(self, group: PtpEdits) -> str:
        """Return what a row says behind its pair."""
        deleted = "none" if group.deleted == "*" else group.deleted
        quoted = '"' + group.rationale.replace('"', '""') + '"' if set(group.rationale) & set(',"') else group.rationale
        return f",{group.indicator},{group.effective},{deleted},{quoted},{'yes' if self._in_force(group) else 'no'}"

    def limit(self, code: str) -> UnitLimit | None:
        """Return the code's unit limit; None where CMS publishes none."""
        return self._snapshot.mue.get(code) if self.mue else None

    def primaries(self, code: str) -> list[AddOn]:
        """Return the edits in force of an add-on code, in order of their primary codes; empty for any other code."""
        return self._add_ons[0].get(code, [])

    def add_ons(self, code: str) -> list[AddOn]:
        """Return the edits in force that name the code as a primary, in order of their add-on codes."""
        return self._add_ons[1].get(code, [])

    @cached_property
    def _add_ons(self) -> tuple[dict[str, list[AddOn]], dict[str, list[AddOn]]]:
        by_code: dict[str, list[AddOn]] = defaultdict(list)
        by_primary: dict[str, list[AddOn]] = defaultdict(list)
        if self.aoc is not None:
            for one in self._snapshot.aoc:
                if holds(one.effective, one.deleted, self.aoc.first, self.aoc.last):
                    by_code[one.code].append(one)
                    if one.primary != CONTRACTOR:
                        by_primary[one.primary].append(one)
        return dict(by_code), dict(by_primary)

    def add_ons_changed(self, code: str) -> str:
        """Return the first day of the quarter in which, by their dates, the edits of an add-on code or of its primaries last changed; blank where there are none."""
        return self._add_ons_changed.get(code, "")

    @cached_property
    def _add_ons_changed(self) -> dict[str, str]:
        made: dict[str, str] = {}
        for one in self._snapshot.aoc if self.aoc else ():
            day = last_turn(one.effective, one.deleted, self.aoc.last if self.aoc else "")
            for code in (one.code, one.primary):
                made[code] = max(day, made.get(code, ""))
        return made

    def add_on_types(self) -> dict[str, str]:
        """Return every add-on code with its type."""
        return {code: rows[0].type for code, rows in self._add_ons[0].items()}
