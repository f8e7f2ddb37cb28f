"""Which tips an editor must look at again: a fact that a tip watches is another than in the release it was verified for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from medpayiq.changes import deriving
from medpayiq.cms.records import Service
from medpayiq.content.selecting import Rows
from medpayiq.content.tip_schema import COLUMNS, COUNTS
from medpayiq.content.tips import Tip
from medpayiq.edits import Edits
from medpayiq.payment.amount import main_row
from medpayiq.payment.money import dollars
from medpayiq.payment.shares import pair

NONE = "none"
"""What is said of a fact that a code does not have."""
_UNKNOWN_BY_TABLE = {"mue": "mue", "mai": "mue", "edits": "ptp", "add_on": "aoc"}
"""Watched facts to the table of `Edits` without which a release says nothing of them."""

_WORDS = {
    "status": "status",
    "amount.nonfacility": "national amount in the office",
    "amount.facility": "national amount in a facility",
    "parts": "rows for its parts",
    "add_on": "whether it is an add-on",
    "mue": "unit limit (MUE)",
    "mai": "how the unit limit is judged (MAI)",
    "edits": "number of edit pairs",
}
"""Words for watched facts that are no indicators."""


def words_of(field: str) -> str:
    """Return the words for a watched fact, for a sentence."""
    if field in _WORDS:
        return _WORDS[field]
    words = deriving.words_of(COLUMNS[field])
    return f"{words[:1].lower()}{words[1:]}"


class Flag(NamedTuple):
    """A fact of a code that a tip watches, before and after."""

    tip: str
    code: str
    field: str
    """A name of ``watch`` (medpayiq/content/tip_schema.py)."""
    before: str
    after: str
    verified_for: str


class Facts:
    """The watched facts of one release, each worked out when it is asked for."""

    def __init__(self, release: str, first: str, rows: Callable[[str], Rows | None], edits: Edits, factor: int) -> None:
        """Take its name, its first day (ISO date), a code's rows by modifier, its edits, and its main factor in ten-thousandths of a dollar."""
        self.release, self.first, self.rows, self._edits, self._factor = release, first, rows, edits, factor

    def says(self, field: str) -> bool:
        """Say whether the release holds what a fact is read from."""
        table = _UNKNOWN_BY_TABLE.get(field)
        return table is None or getattr(self._edits, table) is not None

    def get(self, code: str, field: str) -> str:
        """Return a watched fact of a code that the release has, as text."""
        rows = self.rows(code) or {}
        if field in COLUMNS:
            return str(getattr(main_row(rows), COLUMNS[field])) or NONE
        match field:
            case "amount.nonfacility":
                return self._amount(main_row(rows), office=True)
            case "amount.facility":
                return self._amount(main_row(rows), office=False)
            case "parts":
                return ", ".join(sorted(part for part in rows if part)) or NONE
            case "add_on":
                return "yes" if self._edits.primaries(code) else "no"
            case "mue" | "mai":
                limit = self._edits.limit(code)
                return NONE if limit is None else str(limit.units if field == "mue" else limit.indicator)
            case "edits":
                return ", ".join(f"{name} {number}" for name, number in zip(COUNTS, self._edits.totals(code), strict=True))
        raise KeyError(field)

    def _amount(self, row: Service, *, office: bool) -> str:
        cents = pair(row, self._factor)[0 if office else 1].cents
        return NONE if cents is None else dollars(cents)


class Watch:
    """One release as it is shown, and those that tips were verified for."""

    def __init__(self, now: Facts, before: Mapping[str, Facts]) -> None:
        """Take the release shown, and every other at hand by name."""
        self._now, self._before = now, before

    @cached_property
    def _known(self) -> dict[tuple[str, str, str], tuple[str, str]]:
        return {}

    def changed(self, tip: Tip, code: str) -> tuple[Flag, ...]:
        """Return the watched facts of a code that are other than in the release for which the tip was verified.

        None where it was verified for this release or a later one, where that release is not at hand or does not have the code
        (a new code changes nothing), and of a fact that one of the two does not hold.
        """
        if tip.verified_for == self._now.release:
            return ()
        then = self._before.get(tip.verified_for)
        if then is None or then.first >= self._now.first or then.rows(code) is None or self._now.rows(code) is None:
            return ()
        made = []
        for field in tip.watch:
            if not (then.says(field) and self._now.says(field)):
                continue
            key = then.release, code, field
            found = self._known.get(key)
            if found is None:
                found = self._known[key] = then.get(code, field), self._now.get(code, field)
            if found[0] != found[1]:
                made.append(Flag(tip.id, code, field, *found, tip.verified_for))
        return tuple(made)

    def every(self, tips: Iterable[Tip], codes: Callable[[Tip], Iterable[str]]) -> Iterator[Flag]:
        """Yield all that is flagged, by tip, then code."""
        for tip in sorted(tips, key=lambda one: one.id):
            if tip.verified_for != self._now.release:
                for code in sorted(codes(tip)):
                    yield from self.changed(tip, code)

    def untold(self, tips: Iterable[Tip]) -> list[tuple[str, str]]:
        """Return tips and the release each was verified for, where that is not at hand: whether they hold on cannot be told here."""
        return sorted((tip.id, tip.verified_for) for tip in tips if tip.verified_for != self._now.release and tip.verified_for not in self._before)
