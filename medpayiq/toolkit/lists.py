"""Lists every edit in force of each specialty as CSV files, of which a spreadsheet takes each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain

from medpayiq.cms.records import PtpEdits
from medpayiq.edits import edition
from medpayiq.pages.site import SiteData
from medpayiq.toolkit.specialties import ALL, Specialties
from medpayiq.toolkit.weighing import amounts, in_force

MOST_LINES = 1_000_000
"""Edits in one CSV file at most: a spreadsheet takes 1,048,576 rows."""
_MORE = (("Effective", "effective"), ("Rationale", "rationale"))
"""Columns of a CSV that not every source of CMS's has."""
_END = "\r\n"


class Lists:
    """The lists of a release: under a slug the head, then texts of lines, one text a column 1 code, in order; under ``all`` all edits.

    The head says which set it is, and which amount. Dates and reasons have columns where the source of the set has them.
    Specialties share the text of a code whose edits they have all of, so that a million and a half edits are joined once.
    """

    def __init__(self, site: SiteData, kinds: Specialties) -> None:
        """Take the release and its specialties."""
        groups: dict[str, list[PtpEdits]] = defaultdict(list)
        for group in in_force(site):
            groups[group.column1].append(group)
        self._more = [(head, field) for head, field in _MORE if any(getattr(one, field) for ones in groups.values() for one in ones)]
        kind = "national non-QP" if site.factor_qp else "national"
        heads = ("Column 1", "Column 2", f"Modifier indicator (edit set {edition(site.snapshot, 'ptp')})", f"Column 2 amount in dollars ({kind}, {site.snapshot.meta.release})", *(head for head, _ in self._more))
        self._amounts = {code: f"{cents // 100}.{cents % 100:02d}" for code, cents in amounts(site).items()}
        self._slug_of = kinds.slug_of
        self._ends: dict[tuple[str, str], _Ends] = {}
        self._home: dict[str, str | None] = {}
        self._head = ",".join(map(_cell, heads))
        self._texts: dict[str, list[str]] = {slug: [] for slug in kinds.by_slug}
        for one in sorted(groups):
            self._add(one, groups[one])

    def _add(self, one: str, groups: Iterable[PtpEdits]) -> None:
        """Add the edits of a column 1 code to every list that has them."""
        # An end of a line begins with the column 2 code, so that in their order the ends are in that of the codes.
        ends = sorted(chain.from_iterable(map(self._ends_of(group).__getitem__, group.column2.split()) for group in groups))
        own, between, home = self._slug_of.get(one), f"{_END}{one},", self._home
        whole = f"{one},{between.join(ends)}"
        self._texts[ALL].append(whole)
        if own is not None:
            self._texts[own].append(whole)
        others: dict[str | None, list[str]] = defaultdict(list)
        for end in ends:
            others[home[end]].append(end)
        for slug, theirs in others.items():
            if slug is not None and slug != own:
                self._texts[slug].append(f"{one},{between.join(theirs)}")

    def _ends_of(self, group: PtpEdits) -> _Ends:
        """Return what stands behind the column 1 code, by column 2 code: made once for all edits that are alike in it."""
        tail = "".join(f",{_cell(getattr(group, field))}" for _, field in self._more)
        found = self._ends.get((group.indicator, tail))
        if found is None:
            found = self._ends[group.indicator, tail] = _Ends(group.indicator, tail, self._amounts, self._slug_of, self._home)
        return found

    def files(self, slug: str) -> Iterator[bytes]:
        """Yield the CSV files of a specialty, each with the head, and forget its lines."""
        for part in _parts(self._texts.pop(slug)):
            yield _END.join([self._head, *part, ""]).encode()  # the last line ends, too


class _Ends(dict[str, str]):
    """Column 2 code to the rest of a line, made when it is first asked for."""

    def __init__(self, indicator: str, tail: str, amounts: dict[str, str], slug_of: dict[str, str], home: dict[str, str | None]) -> None:
        super().__init__()
        self._indicator, self._tail, self._amounts, self._slug_of, self._home = indicator, tail, amounts, slug_of, home

    def __missing__(self, two: str) -> str:
        made = self[two] = f"{two},{self._indicator},{self._amounts.get(two, '')}{self._tail}"
        self._home[made] = self._slug_of.get(two)
        return made


def csv_names(slug: str, edits: int) -> list[str]:
    """Return the names of the CSV files of a specialty: one, or several where a spreadsheet would not take all its edits."""
    parts = max(1, -(-edits // MOST_LINES))
    return [f"{slug}.csv"] if parts == 1 else [f"{slug}-{number}.csv" for number in range(1, parts + 1)]


def _parts(texts: Iterable[str]) -> Iterator[list[str]]:
    """Yield texts of lines, as many at a time as a file takes; a text may be cut between two lines."""
    part: list[str] = []
    room = MOST_LINES
    for text in texts:
        rest, number = text, text.count(_END) + 1
        while number > room:
            *first, rest = rest.split(_END, room)
            yield [*part, *first]
            part, number, room = [], number - room, MOST_LINES
        part.append(rest)
        room -= number
    yield part


def _cell(text: str) -> str:
    """Return a text as a cell of a CSV."""
    return '"' + text.replace('"', '""') + '"' if "," in text or '"' in text else text
