"""The releases of a build as they follow each other: each with the one before it, compared when a page asks for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from medpayiq.changes import comparing, deriving, log, older
from medpayiq.changes.deriving import AmountChange
from medpayiq.changes.log import Line
from medpayiq.changes.model import Changes
from medpayiq.changes.running import facts_of
from medpayiq.changes.watching import Flag, Watch
from medpayiq.cms.pprrvu import lacking
from medpayiq.cms.snapshot import Meta, Snapshot
from medpayiq.content.selecting import Rows
from medpayiq.edit_totals import remembered
from medpayiq.edits import Edits
from medpayiq.pages.site import SiteData
from medpayiq.past import Past, rows_of
from medpayiq.paths import EDIT_TOTALS
from medpayiq.rules import ConversionFactors

Four = tuple[int, int, int, int]


class Step(NamedTuple):
    """Two releases, one right after the other among those at hand."""

    before: Meta
    after: Meta
    whole: bool
    """Compared in full: the release shown with the one before it, and the next one with the one shown. All others are only counted."""


class AtHand:
    """What the pages of one build say of changes; each comparison is made once."""

    def __init__(self, past: Past, site: SiteData) -> None:
        """Take the releases of a build, and the site for the one it shows."""
        self._past, self._snapshot, self._edits = past, site.snapshot, site.edits
        self._shown = {entry.code: entry.rows for entry in site.entries}
        ordered = sorted(past.metas.values(), key=lambda one: (one.effective_from, one.release))
        at = ordered.index(past.newest)
        self.steps = tuple(Step(before, after, place in {at, at + 1}) for place, (before, after) in enumerate(pairwise(ordered[: at + 2]), 1))
        """Oldest first, up to the release that follows the one shown."""
        self.last = next((one for one in self.steps if one.after is past.newest), None)
        """The step to the release that the pages show; None where no older release is at hand."""

    def snapshot(self, release: str) -> Snapshot:
        """Return a release's snapshot."""
        return self._snapshot if release == self._past.newest.release else self._past.older[release].snapshot

    def changes(self, step: Step) -> Changes:
        """Return what changed in a step, all of it."""
        found = self._compared.get(step.after.release)
        if found is None:
            found = self._compared[step.after.release] = comparing.compare(self.snapshot(step.before.release), self.snapshot(step.after.release))
        return found

    def amounts(self, step: Step) -> list[AmountChange]:
        """Return the amounts that changed in a step."""
        found = self._priced.get(step.after.release)
        if found is None:
            found = self._priced[step.after.release] = deriving.amount_changes(self.changes(step))
        return found

    def counts(self, step: Step) -> older.Counts:
        """Return how much changed in a step between two older releases."""
        found = self._counts.get(step.after.release)
        if found is None:
            lines = (self._past.older[one.release].lines for one in step[:2])
            found = self._counts[step.after.release] = older.count(*lines)
        return found

    @cached_property
    def _compared(self) -> dict[str, Changes]:
        return {}

    @cached_property
    def _counts(self) -> dict[str, older.Counts]:
        return {}

    @cached_property
    def _priced(self) -> dict[str, list[AmountChange]]:
        return {}

    @cached_property
    def watch(self) -> Watch:
        """What tells which tips are to be verified again."""
        rows = {name: self._rows_in(name) for name in self._past.older}
        before = {name: facts_of(one.snapshot, rows[name], Edits(one.snapshot)) for name, one in self._past.older.items()}
        return Watch(facts_of(self._snapshot, self._shown.get, self._edits), before)

    def _rows_in(self, release: str) -> Callable[[str], Rows | None]:
        """Return what gives a code's rows in an older release; the last codes that were asked for stay read."""
        lines = self._past.older[release].lines

        @lru_cache(maxsize=1024)
        def rows(code: str) -> Rows | None:
            text = lines.get(code)
            return rows_of(text) if text else None

        return rows

    @property
    def rows_before(self) -> Mapping[str, str]:
        """The codes of the release before the one shown, each with its rows as text."""
        return self._past.older[self.last.before.release].lines if self.last else {}

    def log(self, code: str) -> list[Line]:
        """Return what changed on a code of the release shown, from the release before it; nothing of a code that is new."""
        if self.last is None:
            return []
        text = self._past.text(self.last.before.release, code)
        new = self._shown.get(code, {})
        if not text or not new:
            return []
        made: list[Line] = []
        # Most rows stay as they are: their text is the same, and need not be read.
        if self._factors[0] != self._factors[1] or text != "\n".join("\t".join(map(str, row[:-1])) for row in new.values()):
            made += log.of_rows(rows_of(text), new, self._factors, self._unsaid)
        if self._limits is not None:
            made += log.of_limit(self._limits.limit(code), self._edits.limit(code))
        return [*made, *log.of_edits(self.edit_counts.get(code, (0, 0, 0, 0)))]

    @cached_property
    def _factors(self) -> tuple[int, int]:
        assert self.last is not None  # noqa: S101 - asked for after a look
        return ConversionFactors(self.last.before.conversion_factors).exact(), ConversionFactors(self.last.after.conversion_factors).exact()

    @cached_property
    def _unsaid(self) -> frozenset[str]:
        assert self.last is not None  # noqa: S101 - asked for after a look
        return lacking(self.last.before.year) ^ lacking(self.last.after.year)

    @cached_property
    def _limits(self) -> Edits | None:
        """The release before, if both have unit limits."""
        assert self.last is not None  # noqa: S101 - asked for after a look
        before = Edits(self.snapshot(self.last.before.release))
        return before if before.mue and self._edits.mue else None

    @cached_property
    def edit_counts(self) -> dict[str, Four]:
        """Code to its edit pairs that came and went with the release shown: added in column 1 and 2, dropped in column 1 and 2; remembered from build to build."""
        if self.last is None or not {"ptp"} <= self.last.before.tables.keys() & self.last.after.tables.keys():
            return {}
        sample = "-sample" if self.last.after.sample else ""
        path = EDIT_TOTALS.with_name(f"edit-changes-{self.last.after.release.lower()}{sample}.json")
        return remembered(path, repr([(one.tables["ptp"], one.editions.get("ptp")) for one in self.last[:2]]), Path(comparing.__file__), self._counted, _four)

    def _counted(self) -> dict[str, Four]:
        assert self.last is not None  # noqa: S101 - asked for after a look
        found = self.changes(self.last).edits
        if found is None:
            return {}
        sides = [Counter[str]() for _ in range(4)]
        for at, pairs in ((0, found.added), (2, found.dropped)):
            for one in pairs:
                sides[at][one.column1] += len(one.codes)
                sides[at + 1].update(one.codes)
        return {code: (sides[0][code], sides[1][code], sides[2][code], sides[3][code]) for code in set().union(*sides)}


def _four(row: list[int]) -> Four:
    one, two, three, four = row
    return one, two, three, four


def flags(site: SiteData) -> list[Flag]:
    """Return every tip of the release shown that is to be verified again, by tip, then code."""
    release = site.snapshot.meta.release
    waiting = [tip for tip in site.library.tips if tip.verified_for != release and site.tips.in_force(tip)]
    return list(at_hand(site).watch.every(waiting, lambda tip: site.selecting.codes(tip.where))) if waiting else []


_LAST: list[tuple[Past, AtHand]] = []


def at_hand(site: SiteData) -> AtHand:
    """Return the changes of a build; all of its pages share them, and the next build's releases put them away."""
    if not _LAST or _LAST[0][0] is not site.past:
        _LAST[:] = [(site.past, AtHand(site.past, site))]
    return _LAST[0][1]
