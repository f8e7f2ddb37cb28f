"""Counts the edits in force of each specialty, picks those that weigh most by the rule of rules/toolkit.yml, and lists all of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from medpayiq import rules
from medpayiq.cms.records import PtpEdits
from medpayiq.edits import TAKEN_BACK, edition, holds
from medpayiq.pages.site import SiteData
from medpayiq.pages.verdict import row_to_show
from medpayiq.toolkit.specialties import ALL, Specialties

_MORE = (("Effective", "effective"), ("Rationale", "rationale"))
"""Columns of a CSV that not every source of CMS's has."""


class Conflict(NamedTuple):
    """One edit of a sheet."""

    column1: str
    column2: str
    indicator: str
    cents: int
    """National amount of the column 2 code."""


class Tally(NamedTuple):
    """How many edits in force a specialty has: those that no modifier bypasses, and those that one may."""

    never: int
    may: int

    @property
    def all(self) -> int:
        """Both together."""
        return self.never + self.may


def amounts(site: SiteData) -> dict[str, int]:
    """Return the national amount of every code that has one, in cents: the office's, else the facility's; of a test whose reading alone is priced, the reading's."""
    made = {}
    for entry in site.entries:
        office, facility = site.prices(row_to_show(entry)[0], site.factor)
        cents = facility.cents if office.cents is None else office.cents
        if cents:
            made[entry.code] = cents
    return made


def in_force(site: SiteData) -> Iterator[PtpEdits]:
    """Yield the rows of the edit set that are in force on some day of its quarter; nothing where no set is loaded."""
    of = edition(site.snapshot, "ptp")
    for group in site.snapshot.ptp if of else ():
        if group.indicator != TAKEN_BACK and of is not None and holds(group.effective, group.deleted, of.first, of.last):
            yield group


def tallies(site: SiteData, kinds: Specialties) -> dict[str, Tally]:
    """Return how many edits in force have a code of each specialty on either side; under ``all`` all of them."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    slug_of = kinds.slug_of
    for group in in_force(site):
        own = slug_of.get(group.column1)
        for other, number in Counter(map(slug_of.get, group.column2.split())).items():
            for slug in {ALL, own, other}:
                if slug is not None:
                    counts[slug, group.indicator] += number
    return {slug: Tally(counts[slug, "0"], counts[slug, "1"]) for slug in kinds.by_slug}


_Key = tuple[bool, bool, int, int, int, str, str, str]
"""What a pair is ordered by, and its indicator: not in one setting, not both titled, tier, minus both amounts, the codes."""


class _Rule:
    """The rule of rules/toolkit.yml for one release."""

    def __init__(self, site: SiteData, kinds: Specialties) -> None:
        table = rules.read("toolkit")
        self.rows, self.of_one = int(table["rows"]), int(table["of_one"])
        self.cents = amounts(site)
        self.slug_of = kinds.slug_of
        self._titled = frozenset(site.library.notes)
        self._away = frozenset(entry.code for entry in site.entries if row_to_show(entry)[0].na_nonfacility)
        self._site = site

    def pick(self, slugs: Collection[str], pairs: Mapping[str, Mapping[str, str]]) -> dict[str, list[_Key]]:
        """Return the first edits of some specialties out of pairs (column 2 to column 1 to indicator)."""
        found: dict[str, list[_Key]] = {slug: [] for slug in slugs}
        for two, ones in pairs.items():
            for slug, key in self._first_of(two, ones):
                if slug in found:
                    found[slug].append(key)
        return {slug: sorted(keys)[: self.rows] for slug, keys in found.items()}

    def likely(self) -> dict[str, dict[str, str]]:
        """Return the pairs that come before all others: both titled, in one setting. Most specialties have enough of them."""
        sides = [frozenset(code for code in self._titled & self.cents.keys() if (code in self._away) is away) for away in (False, True)]
        made: dict[str, dict[str, str]] = defaultdict(dict)
        for group in in_force(self._site):
            for side in sides:
                if group.column1 in side:
                    for two in side.intersection(group.column2.split()):
                        made[two][group.column1] = group.indicator
        return made

    def all_of(self, slugs: Collection[str]) -> dict[str, dict[str, str]]:
        """Return the pairs of some specialties, between codes with an amount."""
        cents, slug_of, every = self.cents, self.slug_of, ALL in slugs
        made: dict[str, dict[str, str]] = defaultdict(dict)
        for group in in_force(self._site):
            if group.column1 in cents:
                own = every or slug_of.get(group.column1) in slugs
                for two in group.column2.split():
                    if two in cents and (own or slug_of.get(two) in slugs):
                        made[two][group.column1] = group.indicator
        return made

    def _first_of(self, two: str, ones: Mapping[str, str]) -> Iterator[tuple[str, _Key]]:
        """Yield, for each specialty, the edits of one column 2 code that come first in its sheet.

        Inside one sheet the edits of a column 2 code are in the order of ``keys``: they differ in nothing else.
        """
        cents, slug_of = self.cents, self.slug_of
        away, titled, own, amount = two in self._away, two in self._titled, slug_of.get(two), -cents[two]
        keys = sorted(((one in self._away) != away, not (titled and one in self._titled), slug_of.get(one) != own, -cents[one], one) for one in ones)
        taken: Counter[str] = Counter()
        for apart, untitled, other, cost, one in keys:
            theirs = slug_of.get(one)
            for slug, tier in ((ALL, int(other)), (own, int(other)), *(((theirs, 2),) if other else ())):
                if slug is not None and taken[slug] < self.of_one:
                    taken[slug] += 1
                    yield slug, (apart, untitled, tier, amount, cost, one, two, ones[one])


def weightiest(site: SiteData, kinds: Specialties) -> dict[str, list[Conflict]]:
    """Return the edits of each specialty's sheet, the weightiest first (rules/toolkit.yml)."""
    rule = _Rule(site, kinds)
    found = rule.pick(kinds.by_slug, rule.likely())
    short = {slug for slug, keys in found.items() if len(keys) < rule.rows}
    if short:
        found |= rule.pick(short, rule.all_of(short))
    return {slug: [Conflict(one, two, indicator, -amount) for _, _, _, amount, _, one, two, indicator in found[slug]] for slug in kinds.by_slug}


def csv_lines(site: SiteData, kinds: Specialties) -> dict[str, list[str]]:
    """Return every edit in force of each specialty as the lines of a CSV, the head first, then by column 1 and column 2; under ``all`` all edits.

    The head says which set it is, and which amount. Dates and reasons have columns where the source of the set has them.
    """
    cents, slug_of = amounts(site), kinds.slug_of
    told = {code: f"{one // 100}.{one % 100:02d}" for code, one in cents.items()}
    groups: dict[str, list[PtpEdits]] = defaultdict(list)
    for group in in_force(site):
        groups[group.column1].append(group)
    more = [(head, field) for head, field in _MORE if any(getattr(one, field) for ones in groups.values() for one in ones)]
    kind = "national non-QP" if site.factor_qp else "national"
    heads = ["Column 1", "Column 2", f"Modifier indicator (edit set {edition(site.snapshot, 'ptp')})", f"Column 2 amount in dollars ({kind}, {site.snapshot.meta.release})", *(head for head, _ in more)]
    made: dict[str, list[str]] = {slug: [",".join(map(_cell, heads))] for slug in kinds.by_slug}
    for one in sorted(groups):
        own = slug_of.get(one)
        pairs = sorted((two, group.indicator, "".join(f",{_cell(getattr(group, field))}" for _, field in more)) for group in groups[one] for two in group.column2.split())
        for two, indicator, tail in pairs:
            line = f"{one},{two},{indicator},{told.get(two, '')}{tail}"
            made[ALL].append(line)
            if own is not None:
                made[own].append(line)
            other = slug_of.get(two)
            if other is not None and other != own:
                made[other].append(line)
    return made


def _cell(text: str) -> str:
    """Return a text as a cell of a CSV."""
    return '"' + text.replace('"', '""') + '"' if "," in text or '"' in text else text
