"""Says on which day what a page shows last changed, as far as the inputs of the build know it: for sitemaps and structured data.

A build keeps no record of earlier ones. It has the releases and edit sets at hand, in order, and the days that editors wrote.
What stood alike in the oldest of them may have changed before it, unseen: a page that may have changed later, unseen, than
is known has no day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, partial
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from medpayiq.cms.pprrvu import lacking
from medpayiq.cms.records import Service
from medpayiq.edits import Edits
from medpayiq.payment.amount import is_priced

if TYPE_CHECKING:
    from medpayiq.cms.snapshot import Meta, Snapshot
    from medpayiq.content.selecting import Rows
    from medpayiq.pages.hubs import Node
    from medpayiq.pages.site import SiteData
    from medpayiq.past import Past


class Since(NamedTuple):
    """Since when something is as a page shows it; ISO days, blank for none."""

    known: str = ""
    """Day of the last change that is known."""
    unseen: str = ""
    """Day until which it may have changed without being seen: the first one of the oldest table at hand."""

    def day(self, today: str) -> str | None:
        """Return the day of the last change; None where none is known, where one may have followed unseen, or where it is after the day of the build."""
        return self.known if self.known and self.unseen <= self.known <= today else None


def latest(parts: Iterable[Since]) -> Since:
    """Return since when all of the parts are as they are."""
    days = list(zip(*parts, strict=True))
    return Since(max(days[0]), max(days[1])) if days else Since()


class Tables:
    """Since when CMS's tables say of a code what those of the release shown say."""

    def __init__(self, snapshot: Snapshot, past: Past, edits: Edits) -> None:
        """Take the release shown, the others at hand, and the edits shown."""
        self._meta, self._edits = snapshot.meta, edits
        before = [one for one in past.older.values() if one.snapshot.meta.effective_from < snapshot.meta.effective_from]
        older = sorted(before, key=lambda one: (one.snapshot.meta.effective_from, one.snapshot.meta.release), reverse=True)
        self._older = [(past.days(one.snapshot.meta.release)[0], one.snapshot.meta, one.lines) for one in older]
        """First day, what it says of itself, and rows of each, the newest first."""
        sets = [Edits(one.snapshot) for one in older]
        self._pairs = [(one.ptp.first, one) for one in sets if one.ptp]
        self._limits = [(one.mue.first, one) for one in sets if one.mue]
        self.lines: dict[str, Since] = {}
        """Of each code that was asked for, of its line in a list (`of_line`)."""
        self.release = Since(past.days(self._meta.release)[0])
        """Of what is made of the release as a whole."""

    def load(self) -> None:
        """Count and read the older tables now, before processes share what is loaded."""
        for _, one in self._pairs:
            one.totals("")
        for _, one in self._limits:
            one.limit("")
        self._edits.changed("")

    def rows(self, code: str, rows: Rows) -> Since:
        """Return since when a code's rows, and the factors that make amounts of them, are those shown."""
        text = "\n".join("\t".join(map(str, row[:-1])) for row in rows.values())
        priced = any(is_priced(row) for row in rows.values())
        timed = any(row.status == "J" for row in rows.values())
        first = self.release.known
        for day, meta, lines in self._older:
            factors = (priced and meta.conversion_factors != self._meta.conversion_factors) or (timed and meta.anesthesia_national != self._meta.anesthesia_national)
            before = lines.get(code, "")
            if factors or not self._alike(before, text, meta):
                return Since(first)
            first, text = day, before  # the same text from there on, without a look at its cells
        return Since(unseen=first)

    def _alike(self, before: str, now: str, meta: Meta) -> bool:
        """Compare rows as text; a column that one of the files lacks is left."""
        unsaid = lacking(meta.year) ^ lacking(self._meta.year)
        if before == now or not unsaid:
            return before == now
        return _without(unsaid, before) == _without(unsaid, now)

    def edits(self, code: str) -> Since:
        """Return since when a code's edits are those shown: by their dates where the set has them, and by their number in the sets at hand."""
        shown = self._edits.ptp
        if shown is None:
            return Since()
        by_number = _since(self._edits.totals(code), shown.first, [(first, partial(one.totals, code)) for first, one in self._pairs])
        dated = self._edits.changed(code)
        return by_number if dated is None else Since(max(dated, by_number.known))

    def limit(self, code: str) -> Since:
        """Return since when a code's unit limit is the one shown."""
        shown = self._edits.mue
        return _since(self._edits.limit(code), shown.first, [(first, partial(one.limit, code)) for first, one in self._limits]) if shown else Since()

    def gone(self, code: str) -> Since:
        """Return since when a code is in no release."""
        first = self.release.known
        for day, _, lines in self._older:
            if code in lines:
                return Since(first)
            first = day
        return Since(unseen=first)


def _since(now: object, first: str, before: Iterable[tuple[str, Callable[[], object]]]) -> Since:
    """Return since when a table has said what it says now; ``before`` are the older ones' first days and answers, the newest first."""
    for day, answer in before:
        if answer() != now:
            return Since(first)
        first = day
    return Since(unseen=first)


def _without(columns: frozenset[str], text: str) -> list[tuple[str, ...]]:
    """Return the rows of a text of `Past.text` without some of their cells; none where a release does not have the code."""
    kept = _all_but(columns)
    return [kept(line.split("\t")) for line in text.split("\n") if line]


@cache
def _all_but(columns: frozenset[str]) -> Callable[[list[str]], tuple[str, ...]]:
    """Return what takes the cells of the other columns out of a row."""
    return itemgetter(*(at for at, name in enumerate(Service._fields[:-1]) if name not in columns))


def of_code(code: str, site: SiteData) -> Since:
    """Return since when the page of a code shows what it shows: rows, edits, limit, add-on codes, note, tips, field reports."""
    tables = site.tables
    reported = site.reports.codes.get(code)
    written = [one.tip.verified_on for one in site.tips.by_code.get(code, ())]
    if reported is not None:
        written.append(reported["published"])
    return latest((of_line(code, site), tables.edits(code), tables.limit(code), Since(site.edits.add_ons_changed(code)), _written(written, site)))


def of_hub(node: Node, site: SiteData) -> Since:
    """Return since when a list shows what it shows: names and amounts of its codes, and how many stand below it."""
    return latest(of_line(entry.code, site) for one in node.walk() for entry in one.entries)


def of_deleted(code: str, site: SiteData) -> Since:
    """Return since when the page of a code that is gone says so; where its words are ours, which have no day, that is not known."""
    return Since() if code in site.library.replaced else site.tables.gone(code)


def of_text(day: str, site: SiteData, *, figures: bool) -> Since:
    """Return since when a page of text says what it says: its own day, and the release's where it prints figures of it."""
    return latest((Since(day), site.tables.release)) if figures else Since(day)


def of_reports(site: SiteData) -> Since:
    """Return since when published field reports are those shown; that of the release, whose names stand beside them."""
    return latest((site.tables.release, _written([site.reports.day] if site.reports.day else [], site)))


def ahead(site: SiteData) -> tuple[str, ...]:
    """Return the days of tables, notes and field reports that lie after the day of the build: once one is reached, pages have it. Tips' days are among what their pages are made from."""
    editions = [one.first for one in (site.edits.ptp, site.edits.mue, site.edits.aoc) if one]
    noted = {one.changed for one in site.library.notes.values()}
    return tuple(sorted(day for day in {site.tables.release.known, site.reports.day or "", *editions, *noted} if day > site.today))


def of_line(code: str, site: SiteData) -> Since:
    """Return since when a code has its name and its amounts, as lists have them."""
    lines = site.tables.lines
    found = lines.get(code)
    if found is None:
        note = site.library.notes.get(code)
        rows = site.tables.rows(code, site.by_code[code].rows)
        found = lines[code] = latest((rows, _written([note.changed], site))) if note else rows
    return found


def _written(days: list[str], site: SiteData) -> Since:
    """Return the latest of the days that people wrote; one after the day of the build does not count."""
    return Since(max((one for one in days if one <= site.today), default=""))
