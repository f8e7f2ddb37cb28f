"""The names CMS gives its files, in one table, and what a file of such a name is called here and when it holds.

Forms seen since 2020: ``rvu21d.zip``, ``rvu20a-updated-01312020.zip`` (to 2022), ``rvu23a-updated-01/31/2023.zip`` (2023 to
2025, slashes and all), ``rvu26b-updated-05-01-2026.zip`` (since the end of 2025), ``-posted-`` for ``-updated-``, and an R in
the stem (``rvu24ar``). A plain name may lead to the newest of the dated ones.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

from medpayiq.cms import releases
from medpayiq.cms.manifest import Entry, Manifest

_DASHED = re.compile(r"(?<![0-9])([0-9]{1,2})[-/]([0-9]{1,2})[-/](20[0-9]{2})(?![0-9])")
_COMPACT = re.compile(r"-([0-9]{1,2})([0-9]{2})(20[0-9]{2})(?![0-9])")
_OURS = re.compile(r"(.+?)(?:R[0-9]?)?(-F[0-9])?\Z")
_EARLIEST = datetime.timedelta(days=60)
_LATEST = datetime.timedelta(days=30)
"""A file is posted some five weeks before its quarter, and was corrected up to a month after it."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """How the files of one kind are named.

    Fields of a quarter: yy, yyyy, q and Q (a to d), n (1 to 4), edition (CMS's count of NCCI versions), first (its first day
    without separators). Of a date: m, d, y.
    """

    kind: str
    name: str
    """Ours, without the R of a revision and without the part."""
    parts: tuple[str, ...] = ("",)
    plain: tuple[str, ...] = ()
    """The first file of a quarter."""
    revised: tuple[str, ...] = ()
    """Undated names of a revision."""
    dated: tuple[str, ...] = ()
    quarterly: bool = True
    """Whether the name tells the quarter; otherwise the date does, and the file holds from the next quarter on."""


TABLE = (
    Pattern(
        "rvu",
        "RVU{yy}{Q}",
        plain=("rvu{yy}{q}.zip",),
        revised=("rvu{yy}{q}r.zip",),
        dated=("rvu{yy}{q}-updated-{m}-{d}-{y}.zip", "rvu{yy}{q}-updated-{m}/{d}/{y}.zip", "rvu{yy}{q}-posted-{m}-{d}-{y}.zip", "rvu{yy}{q}r-posted-{m}-{d}-{y}.zip"),
    ),
    Pattern("amounts", "PFREV{yy}{Q}", plain=("pfrev{yy}{q}.zip",), dated=("pfrev{yy}{q}-updated-{m}-{d}-{y}.zip", "pfrev{yy}{q}-posted-{m}-{d}-{y}.zip")),
    Pattern(
        "ptp",
        "PTP{yy}Q{n}",
        parts=("-F1", "-F2", "-F3", "-F4"),
        plain=(
            "medicare-ncci-{yyyy}q{n}-practitioner-ptp-edits-ccipra-v{edition}r0{part}.zip",
            "medicare-ncci-{yyyy}-q{n}-practitioner-ptp-edits-ccipra-v{edition}r0{part}.zip",
        ),
        revised=("medicare-ncci-{yyyy}q{n}-practitioner-ptp-edits-ccipra-v{edition}r1{part}.zip",),
    ),
    Pattern("mue", "MUE{yy}Q{n}", plain=("medicare-ncci-{yyyy}-q{n}-practitioner-services-mue-table.zip", "medicare-ncci-{yyyy}q{n}-practitioner-services-mue-table.zip")),
    Pattern("aoc", "AOC{yy}Q{n}", plain=("add-code-edits-medicare-effective-{first}.zip",), revised=("add-code-edits-replacement-file-medicare-effective-{first}-zip.zip",)),
    Pattern("zip5", "ZIP5-{y}-{m}-{d}", dated=("zip-code-carrier-locality-file-updated-{m}-{d}-{y}.zip", "zip-code-carrier-locality-file-revised-{m}-{d}-{y}.zip"), quarterly=False),
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address CMS may use, and what would be there."""

    pattern: Pattern
    url: str
    quarter: releases.Release
    """Whose days it holds for."""
    part: str
    date: datetime.date | None
    """The one in its name."""
    plain: bool = False
    """Whether the name could be that of a first file as well as lead to a later one."""

    @property
    def stem(self) -> str:
        """Our name of the quarter's first file, without the part."""
        return self.pattern.name.format(**_fields(self.quarter, self.date))


def date_in(url: str) -> datetime.date | None:
    """Return the date that CMS wrote into a name, in any of its forms."""
    found = _DASHED.search(url) or _COMPACT.search(url)
    try:
        return datetime.date(int(found[3]), int(found[1]), int(found[2])) if found else None
    except ValueError:
        return None


def candidates(pattern: Pattern, known: Manifest, today: datetime.date, days: int) -> Iterator[Candidate]:
    """Yield the addresses to ask for, plain names first, then the dated ones, newest first.

    From the newest entry of the kind on: revisions of it, and the quarters up to the one after today's. Dates go back to the
    last one known, to the time before the quarter in which CMS posts, and at most ``days``.
    """
    newest = known.latest(pattern.kind)
    if newest is None:
        return
    earliest = today - datetime.timedelta(days=days - 1)
    if not pattern.quarterly:
        last = max((date for one in known.of_kind(pattern.kind) if (date := date_in(one.url or ""))), default=earliest)
        for day in _days(max(earliest, last + datetime.timedelta(days=1)), today):
            yield from _dated(pattern, known, following(releases.of_day(day)), day)
        return
    quarters = _quarters(newest, known, today, pattern)
    for quarter in quarters:
        members = family(pattern, quarter, known)
        for part in pattern.parts:
            forms = (*pattern.plain, *pattern.revised)
            yield from (Candidate(pattern, known.base + form.format(part=part.lower(), **_fields(quarter, None)), quarter, part, None, plain=form in pattern.plain) for form in forms)
        if pattern.dated:
            dates = [date for one in members if (date := date_in(one.url or ""))]
            start, end = datetime.date.fromisoformat(quarter.effective_from), datetime.date.fromisoformat(quarter.effective_to)
            since = max(earliest, start - _EARLIEST, *(date + datetime.timedelta(days=1) for date in dates))
            for day in _days(since, min(today, end + _LATEST)):
                yield from _dated(pattern, known, quarter, day)


def family(pattern: Pattern, quarter: releases.Release, known: Manifest, part: str | None = None) -> list[Entry]:
    """Return the entries of a quarter, its first file and the revisions of it, by age; of all parts, or of one."""
    if not pattern.quarterly:
        return []
    stem = pattern.name.format(**_fields(quarter, None))
    parsed = [(one, _OURS.match(one.name)) for one in known.of_kind(pattern.kind)]
    return [one for one, match in parsed if match and match[1] == stem and part in {None, match[2] or ""}]


def revision_name(stem: str, part: str, taken: set[str]) -> str:
    """Return the name of the next revision: ``RVU26BR``, then ``RVU26BR2``."""
    for number in ("", *map(str, range(2, 10))):
        name = f"{stem}R{number}{part}"
        if name not in taken:
            return name
    raise ValueError(f"{stem} has more than nine revisions")


def following(quarter: releases.Release) -> releases.Release:
    """Return the quarter after this one."""
    return releases.of_day(datetime.date.fromisoformat(quarter.effective_to) + datetime.timedelta(days=1))


def _quarters(newest: Entry, known: Manifest, today: datetime.date, pattern: Pattern) -> list[releases.Release]:
    """Return the quarters to ask for: those of the newest entry and of the one in force, and the coming ones."""
    first = releases.of_day(datetime.date.fromisoformat(newest.effective_from))
    made = [first]
    current = releases.of_day(today)
    if current.effective_from < first.effective_from and family(pattern, current, known):
        made.append(current)
    last = following(current).effective_from
    while made[0].effective_from < last and len(made) < 12:
        made.insert(0, following(made[0]))
    return made


def _dated(pattern: Pattern, known: Manifest, quarter: releases.Release, date: datetime.date) -> Iterator[Candidate]:
    for form in pattern.dated:
        yield Candidate(pattern, known.base + form.format(**_fields(quarter, date)), quarter, "", date)


def _days(since: datetime.date, until: datetime.date) -> Iterator[datetime.date]:
    while until >= since:
        yield until
        until -= datetime.timedelta(days=1)


def _fields(quarter: releases.Release, date: datetime.date | None) -> dict[str, str]:
    number = "ABCD".index(quarter.quarter)
    day = datetime.date.fromisoformat(quarter.effective_from)
    made = {
        "yy": f"{quarter.year % 100:02d}",
        "yyyy": str(quarter.year),
        "q": quarter.quarter.lower(),
        "Q": quarter.quarter,
        "n": str(number + 1),
        "edition": f"{quarter.year - 1994}{number}",
        "first": f"{day:%m%d%Y}",
    }
    return made | ({"m": f"{date:%m}", "d": f"{date:%d}", "y": f"{date:%Y}"} if date else {})

