"""Writes feeds as Atom (RFC 4287) and JSON Feed 1.1, and days as an iCalendar file (RFC 5545); same entries, same bytes.

No library: what these formats need here is some lines each, and the ones at hand bring an XML library or time zones with them.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

import orjson

_OCTETS = 75
"""Of a line of iCalendar, its end aside (RFC 5545, section 3.1)."""


class Entry(NamedTuple):
    """One entry of a feed."""

    id: str
    """An address that never changes."""
    url: str
    title: str
    day: str
    """ISO date of its last change."""
    summary: str
    """One paragraph of text."""
    html: str
    """The whole, as HTML that is sound and safe."""


class Feed(NamedTuple):
    """A feed; its entries are newest first."""

    title: str
    home: str
    """Address of the page it goes with."""
    atom: str
    json: str
    """Its own addresses."""
    author: str
    entries: Sequence[Entry]


class Event(NamedTuple):
    """Whole days on which something begins or holds."""

    uid: str
    first: str
    """ISO date."""
    summary: str
    text: str
    stamp: str
    """When the event was written, ``20260701T000000Z``: of a file that is the same each time, never the clock."""


def atom(feed: Feed) -> bytes:
    """Return a feed as Atom."""
    updated = max((one.day for one in feed.entries), default="1970-01-01")
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-US">',
        f"<title>{escape(feed.title, quote=False)}</title>",
        f"<id>{escape(feed.atom, quote=False)}</id>",
        f'<link rel="self" type="application/atom+xml" href="{escape(feed.atom)}"/>',
        f'<link rel="alternate" type="text/html" href="{escape(feed.home)}"/>',
        f"<updated>{_moment(updated)}</updated>",
        f"<author><name>{escape(feed.author, quote=False)}</name></author>",
    ]
    for one in feed.entries:
        lines += [
            "<entry>",
            f"<title>{escape(one.title, quote=False)}</title>",
            f"<id>{escape(one.id, quote=False)}</id>",
            f'<link rel="alternate" type="text/html" href="{escape(one.url)}"/>',
            f"<updated>{_moment(one.day)}</updated>",
            f"<summary>{escape(one.summary, quote=False)}</summary>",
            f'<content type="html">{escape(one.html, quote=False)}</content>',
            "</entry>",
        ]
    return "\n".join([*lines, "</feed>", ""]).encode()


def json_feed(feed: Feed) -> bytes:
    """Return a feed as JSON Feed."""
    data = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.json,
        "language": "en-US",
        "authors": [{"name": feed.author}],
        "items": [{"id": one.id, "url": one.url, "title": one.title, "date_modified": _moment(one.day), "summary": one.summary, "content_html": one.html} for one in feed.entries],
    }
    return orjson.dumps(data, option=orjson.OPT_APPEND_NEWLINE)


def calendar(name: str, events: Sequence[Event]) -> bytes:
    """Return events as an iCalendar file: lines end in CRLF and are folded at 75 octets, no character cut in two."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//{_text(name)}//CMS releases//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH", f"X-WR-CALNAME:{_text(name)}"]
    for one in events:
        after = datetime.date.fromisoformat(one.first) + datetime.timedelta(days=1)
        days = f"DTSTART;VALUE=DATE:{one.first.replace('-', '')}", f"DTEND;VALUE=DATE:{after:%Y%m%d}"
        lines += ["BEGIN:VEVENT", f"UID:{one.uid}", f"DTSTAMP:{one.stamp}", *days, f"SUMMARY:{_text(one.summary)}", f"DESCRIPTION:{_text(one.text)}", "TRANSP:TRANSPARENT", "END:VEVENT"]
    lines.append("END:VCALENDAR")
    return b"".join(part + b"\r\n" for line in lines for part in _folded(line.encode()))


def _moment(day: str) -> str:
    return f"{day}T00:00:00Z"


def _text(text: str) -> str:
    """Escape a text (RFC 5545, section 3.3.11)."""
    for one in "\\;,":
        text = text.replace(one, f"\\{one}")
    return text.replace("\r\n", "\n").replace("\n", "\\n")


def _folded(line: bytes) -> Iterator[bytes]:
    """Yield a line in parts, each but the first behind a blank."""
    room, start = _OCTETS, b""
    while len(line) > room:
        at = room
        while line[at] & 0xC0 == 0x80:  # inside a character of several octets
            at -= 1
        yield start + line[:at]
        line, start, room = line[at:], b" ", _OCTETS - 1
    yield start + line
