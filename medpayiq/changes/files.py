"""Writes what changed as files beside the pages: each list whole as CSV, feeds for the site and for families, and a calendar of CMS's dates."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from urllib.parse import urlsplit

from markupsafe import escape

from medpayiq import feeds
from medpayiq.changes import older, telling
from medpayiq.changes.at_hand import Step, at_hand, flags
from medpayiq.changes.families import Family, families
from medpayiq.changes.sections import Section, sections
from medpayiq.cms.manifest import Entry
from medpayiq.days import long_date, period
from medpayiq.feeds import Event, Feed
from medpayiq.pages.naming import open_name
from medpayiq.pages.site import SiteData

ROOT = "/changes/"
FOLDER = "data/v1/changes"
CALENDAR = f"{ROOT}releases.ics"
_MOST_CODES = 60
"""Codes of a family that one entry of its feed tells of; the page has them all."""
_KINDS = {"rvu": "Relative values and amounts", "ptp": "NCCI edits (PTP)", "mue": "Unit limits (MUE)", "aoc": "Add-on code edits"}
"""Kinds of the manifest whose days stand in the calendar."""


def files(site: SiteData) -> Iterator[tuple[str, bytes]]:
    """Yield path and bytes of every file."""
    known = at_hand(site)
    for step in known.steps:
        if step.whole:
            for one in lists(step, site):
                yield file_of(step, one.key), csv_of(one)
    site_feed = _feed("", f"{site.config.name}: what changed", [_entry(step, site) for step in reversed(known.steps)], site)
    made = [("", site_feed), *((f"families/{one.slug}", _feed(f"families/{one.slug}", f"{site.config.name}: {one.name}", _of_family(one, site), site)) for one in families(site))]
    for name, feed in made:
        atom, json = addresses(name)
        yield atom[1:], feeds.atom(feed)
        yield json[1:], feeds.json_feed(feed)
    yield CALENDAR[1:], feeds.calendar(f"{site.config.name}: CMS releases", events(site))


def lists(step: Step, site: SiteData) -> list[Section]:
    """Return every list of a step that is compared in full; tips are listed with the release that the pages show."""
    known = at_hand(site)
    flagged = flags(site) if step is known.last else []
    return sections(known.changes(step), lambda code: name_on(code, site), flagged, known.amounts(step))


def name_on(code: str, site: SiteData) -> str:
    """Return the name of a code of the release shown; nothing for any other."""
    entry = site.by_code.get(code)
    return "" if entry is None else open_name(entry, site)


def summary(step: Step, site: SiteData) -> list[str]:
    """Return what changed in a step in a few sentences."""
    known = at_hand(site)
    if step.whole:
        return telling.sentences(known.changes(step), flags(site) if step is known.last else [], known.amounts(step))
    return list(older.sentences(known.counts(step), step.before, step.after))


def url_of(step: Step) -> str:
    """Return the address of a step's page."""
    return f"{ROOT}{step.after.release.lower()}/"


def file_of(step: Step, key: str) -> str:
    """Return the path of a list's CSV."""
    return f"{FOLDER}/{step.after.release.lower()}/{key}.csv"


def csv_of(section: Section) -> bytes:
    """Return a list as CSV (RFC 4180), its columns by their names."""
    made = io.StringIO()
    writer = csv.writer(made)
    writer.writerow([one.key for one in section.columns])
    writer.writerows(section.rows)
    return made.getvalue().encode()


def addresses(name: str) -> tuple[str, str]:
    """Return the addresses of a feed as Atom and as JSON Feed; blank for the site's."""
    return (f"{ROOT}feed.xml", f"{ROOT}feed.json") if not name else (f"{ROOT}{name}.xml", f"{ROOT}{name}.json")


def _feed(name: str, title: str, entries: list[feeds.Entry], site: SiteData) -> Feed:
    base = site.config.base_url
    atom, json = addresses(name)
    return Feed(title, f"{base}{ROOT}", f"{base}{atom}", f"{base}{json}", site.config.name, entries)


def _entry(step: Step, site: SiteData) -> feeds.Entry:
    """Return a release's entry in the feed of the site."""
    url = f"{site.config.base_url}{url_of(step)}"
    lines = summary(step, site)
    title = f"{step.after.release}: what changed from {step.before.release}"
    html = f"<p>{escape(period(step.after.effective_from, step.after.effective_to))}</p><ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"
    return feeds.Entry(url, url, title, _day(step), " ".join(lines), html)


def _of_family(family: Family, site: SiteData) -> list[feeds.Entry]:
    """Return the entry of the release shown in the feed of a family: its codes that changed, each with what did, or that none did."""
    step = at_hand(site).last
    assert step is not None  # noqa: S101 - without a step there are no families
    base = site.config.base_url
    number = telling.counted(len(family.codes), "code")
    rows = [f'<li><a href="{base}/codes/{code}/">{code}</a> {escape(name_on(code, site))} {escape(" ".join(lines))}</li>' for code, lines in [*family.codes.items()][:_MOST_CODES]]
    rest = len(family.codes) - _MOST_CODES
    more = f"<p>And {telling.counted(rest, 'more code')}.</p>" if rest > 0 else ""
    title = f"{family.name}: {number} changed in {step.after.release}"
    which = f": {', '.join([*family.codes][:_MOST_CODES])}{' and more' if rest > 0 else ''}" if family.codes else ""
    summary = telling.started(f"{number} of {family.name} changed from {step.before.release} to {step.after.release}{which}.")
    html = f"<ul>{''.join(rows)}</ul>{more}" if rows else f"<p>{escape(summary)}</p>"
    return [feeds.Entry(f"{base}{addresses(f'families/{family.slug}')[0]}#{step.after.release.lower()}", f"{base}{url_of(step)}", title, _day(step), summary, html)]


def _day(step: Step) -> str:
    """Return the day of an entry: when CMS released the file, or its first day."""
    return step.after.released or step.after.effective_from


def events(site: SiteData) -> list[Event]:
    """Return the first day of each release that the manifest knows, the files of one kind that begin together as one; a correction is an event of its own."""
    host = urlsplit(site.config.base_url).hostname or "localhost"
    days: dict[tuple[str, str], list[Entry]] = {}
    for kind in _KINDS:
        for one in site.manifest.of_kind(kind):
            days.setdefault((one.effective_from, one.name if kind == "rvu" else kind), []).append(one)
    made = []
    for (day, _), found in sorted(days.items()):
        one = found[0]
        names = ", ".join(other.name for other in found)
        uid = f"{one.name}@{host}" if len(found) == 1 else f"{one.kind}-{day}@{host}"
        text = f"CMS's {_KINDS[one.kind].replace('Relative', 'relative').replace('Unit', 'unit').replace('Add-on', 'add-on')}, {names}: in force {long_date(one.effective_from)} to {long_date(one.effective_to)}."
        if one.replaced_by:
            text += f" {one.replaced_by} took all of its days."
        stamp = max((other.modified or "" for other in found), default="").replace("-", "").replace(":", "")
        made.append(Event(uid, day, f"{names}: {_KINDS[one.kind]}", text, stamp or f"{day.replace('-', '')}T000000Z"))
    return made
