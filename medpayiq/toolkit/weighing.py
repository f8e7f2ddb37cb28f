"""Counts the edits in force of each specialty, and picks those that weigh most by the rule of rules/toolkit.yml."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from medpayiq import rules
from medpayiq.cms.records import PtpEdits
from medpayiq.edits import TAKEN_BACK, edition, holds
from medpayiq.pages.site import SiteData
from medpayiq.toolkit.specialties import ALL, Specialties


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
        office, facility = site.prices(entry.shown, site.factor)
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
        own, kind, twos = slug_of.get(group.column1), group.indicator, group.column2.split()
        counts[ALL, kind] += len(twos)
        if own is not None:
            counts[own, kind] += len(twos)
        for other, number in Counter(map(slug_of.get, twos)).items():
            if other is not None and other != own:
                counts[other, kind] += number
    return {slug: Tally(counts[slug, "0"], counts[slug, "1"]) for slug in kinds.by_slug}


_Key = tuple[bool, bool, int, int, int, str, str, str]
"""What a pair is ordered by, and its indicator: not in one setting, not both titled, tier, minus both amounts, the codes."""
_APART, _UNTITLED, _OTHER = 1 << 26, 1 << 25, 1 << 24
"""Bits of a number that orders the column 1 codes of one column 2 code: not in one setting, not both titled, of another specialty."""
_RANK = _OTHER - 1
"""The rest of it: the code's place by its amount."""


class _Rule:
    """The rule of rules/toolkit.yml for one release."""

    def __init__(self, site: SiteData, kinds: Specialties) -> None:
        table = rules.read("toolkit")
        self.rows, self.of_one = int(table["rows"]), int(table["of_one"])
        self.cents = amounts(site)
        self.slug_of = kinds.slug_of
        self._titled = frozenset(site.library.notes)
        self._away = frozenset(entry.code for entry in site.entries if entry.shown.na_nonfacility)
        self._ranked = sorted(self.cents, key=lambda code: (-self.cents[code], code))
        # One number a column 1 code, in the order in which the rule asks: hundreds of thousands of them are sorted.
        self._place = {code: _APART * (code in self._away) | _UNTITLED * (code not in self._titled) | rank for rank, code in enumerate(self._ranked)}
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
        priced = frozenset(self.cents)
        wanted = priced if ALL in slugs else frozenset(code for code in priced if self.slug_of.get(code) in slugs)
        made: dict[str, dict[str, str]] = defaultdict(dict)
        for group in in_force(self._site):
            if group.column1 in priced:
                for two in (priced if group.column1 in wanted else wanted).intersection(group.column2.split()):
                    made[two][group.column1] = group.indicator
        return made

    def _first_of(self, two: str, ones: Mapping[str, str]) -> Iterator[tuple[str, _Key]]:
        """Yield, for each specialty, the edits of one column 2 code that come first in its sheet.

        Inside one sheet the edits of a column 2 code are in the order of ``keys``: they differ in nothing else.
        """
        place, slug_of, own, amount = self._place, self.slug_of, self.slug_of.get(two), -self.cents[two]
        here, untitled_too = place[two] & _APART, place[two] & _UNTITLED
        keys = sorted([place[one] ^ here | untitled_too | _OTHER * (slug_of.get(one) != own) for one in ones])
        taken: Counter[str] = Counter()
        for at, key in enumerate(keys):
            one, other = self._ranked[key & _RANK], key & _OTHER > 0
            if at < self.of_one:
                for slug in (ALL, own) if own is not None else (ALL,):
                    yield slug, (key & _APART > 0, key & _UNTITLED > 0, int(other), amount, -self.cents[one], one, two, ones[one])
            if other and (theirs := slug_of.get(one)) is not None and taken[theirs] < self.of_one:
                taken[theirs] += 1
                yield theirs, (key & _APART > 0, key & _UNTITLED > 0, 2, amount, -self.cents[one], one, two, ones[one])


def weightiest(site: SiteData, kinds: Specialties) -> dict[str, list[Conflict]]:
    """Return the edits of each specialty's sheet, the weightiest first (rules/toolkit.yml)."""
    rule = _Rule(site, kinds)
    found = rule.pick(kinds.by_slug, rule.likely())
    short = {slug for slug, keys in found.items() if len(keys) < rule.rows}
    if short:
        found |= rule.pick(short, rule.all_of(short))
    return {slug: [Conflict(one, two, indicator, -amount) for _, _, _, amount, _, one, two, indicator in found[slug]] for slug in kinds.by_slug}
