"""Finds what is new at CMS: the next release, a revision of one that is known, a file that changed in its place."""

from __future__ import annotations

import datetime
import os
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TextIO

import urllib3

from medpayiq.cms import manifest
from medpayiq.cms.manifest import Entry, Manifest
from medpayiq.fetching import licence
from medpayiq.fetching.fetch import Places, alone, read_manifest
from medpayiq.fetching.keeping import Record, read_record
from medpayiq.fetching.patterns import TABLE, Candidate, Pattern, candidates, date_in, family, revision_name
from medpayiq.fetching.web import Pace, Refusal, Web, length, modified, refusal
from medpayiq.findings import Findings
from medpayiq.periods import day_before
from medpayiq.progress import Progress

DAYS = 120
_MOST_REFUSALS = 3
_NO_HEAD = (400, 401, 403, 405, 501)
_MOST_OF_ONE = 9
"""More files of one quarter than this are no releases, but a server that answers to any name."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A file that is at an address."""

    url: str
    size: int | None
    modified: str | None
    etag: str | None


@dataclass(frozen=True, slots=True)
class Find:
    """Something new: an entry as it goes into the manifest, or one of the manifest whose file is another by now."""

    what: Literal["new release", "revision", "changed in place"]
    entry: Entry
    seen: Sighting
    shortened: tuple[str, ...] = ()
    """Entries that lost days to it; their snapshots are to learn that."""

    @property
    def command(self) -> str:
        """What to type next, once it is in the manifest."""
        return f".venv/bin/python build.py fetch {' '.join([*self.shortened, self.entry.name])}"


@dataclass(slots=True)
class Discovered:
    """What a search found. ``asked`` counts names tried."""

    finds: list[Find] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)
    asked: int = 0
    added: bool = False

    @property
    def exit_code(self) -> int:
        """3 when something is new, 1 when it could not be asked, 0 when there is nothing new."""
        return 3 if self.finds else 1 if self.findings.failed else 0

    def lines(self) -> list[str]:
        """Say what is new, and what to type next."""
        made = []
        for one in self.finds:
            size = f"{one.seen.size:,} bytes" if one.seen.size is not None else "size not stated"
            made.append(f"{one.entry.name}: {one.what}, {one.entry.effective_from} to {one.entry.effective_to}, {one.seen.url}, {size}, {one.seen.modified or 'no date'}")
        if any(one.what != "changed in place" for one in self.finds) and not self.added:
            made.append("next: .venv/bin/python build.py fetch --discover --add")
        else:
            made += [f"next: {one.command}" for one in self.finds]
        return [*made, f"{self.asked:,} names asked for, {len(self.finds)} new or changed"]


Found = tuple[datetime.date | None, Candidate, Sighting]
"""A name that is there, with the date that the name it leads to holds."""


class _Stop(Exception):  # noqa: N818 - never leaves this module
    """The server answers nothing of use; asking on would be idle."""


def run(
    places: Places,
    *,
    today: str,
    add: bool = False,
    pace: Pace | None = None,
    days: int = DAYS,
    environ: Mapping[str, str] | None = None,
    screen: TextIO | None = None,
) -> Discovered:
    """Ask for the names CMS may use by ``today`` (ISO date), dates going back ``days``; with ``add`` write the finds into the manifest.

    Raises:
        Failed: the terms are not accepted, the manifest is wrong or cannot be written, or another fetch is running.

    """
    licence.ask(places.downloads, os.environ if environ is None else environ)
    with alone(places.downloads), Progress(screen) as progress, Web(pace or Pace()) as web:
        known = read_manifest(places.manifest)
        done = Discovered()
        asking = _Asking(web, done)
        progress.phase("ask CMS")
        grown = known
        try:
            done.finds += _changed(known, places.downloads, asking)
            for pattern in TABLE:
                seen = asking.all(list(candidates(pattern, known, datetime.date.fromisoformat(today), days)), known, progress)
                grown = _added(pattern, seen, grown, done)
        except _Stop:
            pass
        if add and grown != known:
            manifest.write(places.manifest, grown)
            done.added = True
        return done


class _Asking:
    """Asks whether files are there, politely, and gives up when the server refuses again and again."""

    def __init__(self, web: Web, done: Discovered) -> None:
        self.web = web
        self.done = done
        self._refusals = 0

    def all(self, tried: list[Candidate], known: Manifest, progress: Progress) -> list[tuple[Candidate, Sighting]]:
        """Return those that are there under a name the manifest does not have."""
        have = {one.url for one in known.entries}
        found: dict[str, tuple[Candidate, Sighting]] = {}
        lacking: set[str] = set()
        for count, one in enumerate(tried):
            progress.count(count, len(tried))
            # Parts come together: where the first is not there, the others are not asked for.
            first = one.url.replace(one.part.lower(), one.pattern.parts[0].lower())
            if one.url in have or (one.part and first in lacking):
                continue
            sighting = self.one(one.url)
            if sighting is None:
                lacking.add(one.url)
            elif sighting.url not in have:
                found.setdefault(sighting.url, (one, sighting))
        return list(found.values())

    def one(self, url: str) -> Sighting | None:
        """Return what is at an address, or None.

        Raises:
            _Stop: the server cannot be reached, or has refused too often.

        """
        if self.done.asked:
            time.sleep(self.web.pace.between)
        self.done.asked += 1
        try:
            sighting = self._head(url)
        except Refusal as refused:
            self._refusals = 0 if refused.why == "absent" else self._refusals + 1
            if refused.why == "absent":
                return None
            self.done.findings.error(url, f"could not be asked for: {refused.message}", try_=refused.try_)
            if refused.why == "unreachable" or self._refusals >= _MOST_REFUSALS:
                raise _Stop from None
            return None
        self._refusals = 0
        return sighting

    def _head(self, url: str) -> Sighting | None:
        with self.web.ask("HEAD", url) as response:
            if response.status == 200:
                return _sighting(response, length(response))
            if response.status not in _NO_HEAD:
                raise refusal(response.status, url.rsplit("/", 1)[-1])
        # Some servers give files but no HEAD: one byte tells as much.
        with self.web.ask("GET", url, {"Range": "bytes=0-0"}) as response:
            if response.status == 206:
                total = response.headers.get("Content-Range", "").rpartition("/")[2]
                return _sighting(response, int(total) if total.isascii() and total.isdigit() else None)
            if response.status == 200:
                return _sighting(response, length(response))
            raise refusal(response.status, url.rsplit("/", 1)[-1])


def _sighting(response: urllib3.BaseHTTPResponse, size: int | None) -> Sighting | None:
    """Return what was seen; a page or nothing instead of a file is none, whatever the status."""
    if size == 0 or response.headers.get("Content-Type", "").lower().startswith("text/html"):
        return None
    return Sighting(response.url or "", size, modified(response), response.headers.get("ETag"))


def _changed(known: Manifest, downloads: Path, asking: _Asking) -> Iterable[Find]:
    """Yield the entries whose file is not the one that was seen."""
    for entry in known.entries:
        record = read_record(downloads / known.file_name(entry))
        record = record if record and record.url == entry.url else None
        if entry.url is None or (entry.size is None and entry.modified is None and record is None):
            continue
        sighting = asking.one(entry.url)
        if sighting is not None and _differs(entry, record, sighting):
            yield Find("changed in place", entry, sighting)


def _differs(entry: Entry, record: Record | None, now: Sighting) -> bool:
    size = entry.size or (record.size if record else None)
    if size is not None and now.size is not None and size != now.size:
        return True
    if entry.modified is not None and now.modified is not None:
        return entry.modified != now.modified
    etag = record.etag if record else None
    # A server that packs a file on its way marks the ETag as weak; the file is the same.
    return etag is not None and now.etag is not None and etag.removeprefix("W/") != now.etag.removeprefix("W/")


def _added(pattern: Pattern, seen: list[tuple[Candidate, Sighting]], known: Manifest, done: Discovered) -> Manifest:
    """Give names and days to what was seen, oldest first; return the manifest with it."""
    dated: list[Found] = [(date_in(sighting.url) or one.date, one, sighting) for one, sighting in seen]
    dated.sort(key=lambda one: (one[1].quarter.effective_from, one[1].part, one[0] or datetime.date.min, not one[1].plain, one[2].url))
    most = Counter((one.quarter, one.part) for _, one, _ in dated).most_common(1)
    if most and most[0][1] > _MOST_OF_ONE:
        done.findings.error(dated[0][2].url, f"and {len(dated) - 1:,} more such names are all there: the server answers to any name, so nothing of this kind is taken", try_="open the address in a browser; write a new release into cms_data/manifest.yml by hand")
        return known
    dated = [one for position, one in enumerate(dated) if not _again(one, dated[position + 1 :])]
    for position, (date, one, sighting) in enumerate(dated):
        members = family(pattern, one.quarter, known, one.part)
        if not pattern.quarterly:
            known = _first(one, sighting, date, known, done)
        elif not members:
            # Of several that were there before the quarter began, the last one is the release.
            if not any(_supersedes(*later[:2], one) for later in dated[position + 1 :]):
                known = _first(one, sighting, date, known, done)
        elif any(_alike(sighting, member) for member in members if date in {None, date_in(member.url or "")}):
            continue  # a known file under a second name
        elif not one.plain or _is_later(date, members):
            known = _revision(one, sighting, date, members, known, done)
    return known


def _again(found: Found, others: list[Found]) -> bool:
    """Say whether one of ``others`` is the same file under a second name, which tells its date as well or better."""
    date, one, sighting = found
    return not one.plain and any(
        (then == date or date is None) and (other.quarter, other.part) == (one.quarter, one.part) and not other.plain and _alike(sighting, seen) for then, other, seen in others
    )


def _alike(one: Sighting, other: Sighting | Entry) -> bool:
    return one.size is not None and one.modified is not None and (one.size, one.modified) == (other.size, other.modified)


def _supersedes(date: datetime.date | None, later: Candidate, one: Candidate) -> bool:
    """Say whether a file that came later replaced another before it held for any day."""
    same = (later.quarter, later.part) == (one.quarter, one.part)
    return same and (later.plain if date is None else date.isoformat() <= one.quarter.effective_from)


def _is_later(date: datetime.date | None, members: list[Entry]) -> bool:
    """Say whether a plain name leads to something that came after what is known; a plain file itself came first."""
    dates = [found for one in members if (found := date_in(one.url or ""))]
    return date is not None and all(date > found for found in dates)


def _first(one: Candidate, sighting: Sighting, date: datetime.date | None, known: Manifest, done: Discovered) -> Manifest:
    name = (replace(one, date=date) if date else one).stem + one.part
    made = Entry(name, one.pattern.kind, sighting.url, one.quarter.effective_from, one.quarter.effective_to)
    done.finds.append(Find("new release", made, sighting))
    return known.having(made)


def _revision(one: Candidate, sighting: Sighting, date: datetime.date | None, members: list[Entry], known: Manifest, done: Discovered) -> Manifest:
    """Add a revision: it holds from the date in its name to the end of the quarter, else for all of it; what it takes from others they lose."""
    start, end = min(member.effective_from for member in members), max(member.effective_to for member in members)
    day = date.isoformat() if date and start < date.isoformat() <= end else start
    name = revision_name(one.stem, one.part, {entry.name for entry in known.entries})
    made = Entry(name, one.pattern.kind, sighting.url, day, end)
    cut: list[Entry] = []
    for member in members:
        if member.replaced_by is not None:
            continue
        if member.effective_from >= day:
            cut.append(replace(member, replaced_by=name))
        elif member.effective_to >= day:
            cut.append(replace(member, effective_to=day_before(day)))
    done.finds.append(Find("revision", made, sighting, tuple(one.name for one in cut if one.replaced_by is None)))
    return known.having(made, *cut)
