"""Feeds and the calendar, read by parsers of others: feedparser and icalendar; what they say against CMS's files and the manifest."""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

import cms_files as mini
import facts
import pytest
import yaml
from built import BASE, Site
from hypothesis import example, given
from hypothesis import strategies as st
from machine import CMS, ROOT, lacking
from test_changes import rvu26b, rvu26c

from medpayiq import feeds
from medpayiq.changes import files
from medpayiq.changes.families import Family
from medpayiq.cms import manifest
from medpayiq.feeds import Entry, Event, Feed

# No control characters (XML has none) and nothing that HTML would read as markup: the page escapes it before.
_TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn"), exclude_characters="￾￿\u2028\u2029\x85"), min_size=1, max_size=120)
_DAY = st.dates(date(2020, 1, 1), date(2030, 12, 30)).map(str)


def feedparser() -> Any:
    """Return the parser of feeds."""
    try:
        import feedparser as found
    except ImportError:
        lacking("feedparser is not here: make test installs it (requirements-dev.in)")
    return found


def icalendar() -> Any:
    """Return the parser of calendars."""
    try:
        import icalendar as found
    except ImportError:
        lacking("icalendar is not here: make test installs it (requirements-dev.in)")
    return found


@given(st.lists(st.tuples(_TEXT, _TEXT, _DAY), min_size=1, max_size=4))
def test_any_text_comes_back_from_both_feeds(drawn: list[tuple[str, str, str]]) -> None:
    """Titles and summaries with any signs come back as they went in; each entry has its address, its day and its id; the feed is as new as its newest entry."""
    entries = [Entry(f"{BASE}/x/{at}/", f"{BASE}/x/{at}/", title, day, summary, f"<p>{at}</p>") for at, (title, summary, day) in enumerate(drawn)]
    feed = Feed("A & B <feed>", f"{BASE}/", f"{BASE}/feed.xml", f"{BASE}/feed.json", "Name", entries)
    found = feedparser().parse(feeds.atom(feed), sanitize_html=False)
    assert not found.bozo
    assert found.version == "atom10"
    assert found.feed.title == "A & B <feed>"
    assert {(one.rel, one.href) for one in found.feed.links} == {("self", feed.atom), ("alternate", feed.home)}
    assert found.feed.updated == f"{max(day for _, _, day in drawn)}T00:00:00Z"
    data = json.loads(feeds.json_feed(feed))
    assert data["version"] == "https://jsonfeed.org/version/1.1"
    for at, (title, summary, day) in enumerate(drawn):
        entry, item = found.entries[at], data["items"][at]
        assert (entry.id, entry.link, entry.updated) == (item["id"], item["url"], item["date_modified"]) == (f"{BASE}/x/{at}/", f"{BASE}/x/{at}/", f"{day}T00:00:00Z")
        assert (item["title"], item["summary"]) == (title, summary)
        assert " ".join(entry.title.split()) == " ".join(title.split())
        assert " ".join(entry.summary.split()) == " ".join(summary.split())
        assert entry.content[0].value == item["content_html"] == f"<p>{at}</p>"


@given(st.lists(st.tuples(_TEXT, _TEXT, _DAY), max_size=4))
@example([("x" * 300, "é" * 300, "2026-07-01")])
def test_any_text_comes_back_from_the_calendar(drawn: list[tuple[str, str, str]]) -> None:
    """Every line ends in CRLF and has 75 octets at most; summaries and texts come back, commas, semicolons and backslashes among them; an event is its whole day."""
    events = [Event(f"x{at}@example", day, summary, f"{text}\n;,\\", "20260701T120000Z") for at, (summary, text, day) in enumerate(drawn)]
    data = feeds.calendar("A; name, of it", events)
    assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")
    assert data.endswith(b"\r\n")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    for line in data.split(b"\r\n"):
        line.decode()  # no character is cut in two
    found = icalendar().Calendar.from_ical(data)
    assert not found.errors
    assert len(found.events) == len(drawn)
    for at, (event, (summary, text, day)) in enumerate(zip(found.events, drawn, strict=True)):
        assert (event["UID"], event["SUMMARY"], event["DESCRIPTION"]) == (f"x{at}@example", summary, f"{text}\n;,\\")
        assert event.start.isoformat() == day
        assert (event.end - event.start).days == 1
        assert datetime.fromisoformat("2026-07-01T12:00:00+00:00") == event.DTSTAMP


def test_the_feeds_of_the_sites(sample_site: Site) -> None:
    """Every feed of the site is sound, has its own address, and its entries lead to pages that are there; a family has both forms, and both the same entries."""
    paths = sorted(sample_site.folder.glob("changes/**/*.xml"))
    assert len(paths) > 10
    ids = []
    for path in paths:
        address = f"/{path.relative_to(sample_site.folder).as_posix()}"
        found = feedparser().parse(path.read_bytes())
        assert not found.bozo, address
        assert next(one.href for one in found.feed.links if one.rel == "self") == f"{BASE}{address}"
        data = json.loads(path.with_suffix(".json").read_bytes())
        assert data["feed_url"] == f"{BASE}{address.removesuffix('.xml')}.json"
        assert [(one.id, one.title) for one in found.entries] == [(one["id"], one["title"]) for one in data["items"]]
        assert found.entries
        ids += [one.id for one in found.entries]
        for one in found.entries:
            assert one.link.removeprefix(BASE) in sample_site.pages
            links = set(re.findall(r'href="([^"]+)"', one.content[0].value))
            assert links <= {f"{BASE}{url}" for url in sample_site.pages}
    assert len(ids) == len(set(ids))


def test_the_page_names_its_feeds(sample_site: Site) -> None:
    """Every page names the feeds in its head, so that a reader finds it; the page of changes lists every family's feed, and none that is not there."""
    page = sample_site.pages["/changes/"]
    families = {f"/{path.relative_to(sample_site.folder).as_posix()}" for path in sample_site.folder.glob("changes/families/*.xml")}
    assert {link for link in page.links if "/families/" in link} == families
    for page in sample_site.pages.values():
        assert page.feeds == ["/changes/feed.xml", "/changes/feed.json"], page.url


def test_families_of_a_release(full_site: Site) -> None:
    """Every family that has a code of RVU26C has a feed; its entry names the codes that changed in CMS's files, or says that none did."""
    old, new = rvu26b(), rvu26c()
    told = [name for name in mini.COLUMNS_2026 if name not in {"description", "total_nonfacility", "total_facility", "cf"}]
    changed = {key[0] for key in old.keys() | new.keys() if key not in old or key not in new or any(old[key][name] != new[key][name] for name in told)}
    present = {code for code, _ in old.keys() | new.keys()}
    path = next((CMS / "rbcs").glob("*.csv"))
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["HCPCS_Cd"] in present]
    # Of several assignments of a code the one from the latest day (MM/DD/YYYY) counts.
    rows.sort(key=lambda row: (row["RBCS_Assignment_Eff_Dt"][6:], row["RBCS_Assignment_Eff_Dt"]))
    latest = {row["HCPCS_Cd"]: row["RBCS_Family_Desc"] for row in rows}
    expected: dict[str, set[str]] = defaultdict(set)
    for code, family in latest.items():
        if family != "No RBCS Family":
            expected[family] |= {code} & changed
    found: dict[str, set[str]] = {}
    for path in full_site.folder.glob("changes/families/*.json"):
        (entry,) = json.loads(path.read_bytes())["items"]
        codes = found[entry["title"].split(":")[0]] = set(re.findall(r"/codes/(\w{5})/", entry["content_html"]))
        assert codes or entry["title"].endswith(": no code changed in RVU26C")
    assert found == expected
    assert any(expected.values())
    assert not all(expected.values())


def test_the_calendar_has_the_days_of_the_manifest(whole_site: Site) -> None:
    """Every release of relative values and of edits in the manifest stands in the calendar on its first day; ids are not used twice."""
    listed = yaml.safe_load((ROOT / "cms_data" / "manifest.yml").read_text(encoding="utf-8"))["releases"]
    found = icalendar().Calendar.from_ical((whole_site.folder / "changes" / "releases.ics").read_bytes())
    days = [(name, event.start.isoformat()) for event in found.events for name in event["SUMMARY"].split(":")[0].split(", ")]
    assert sorted(days) == sorted((one["name"], one["effective_from"]) for one in listed if one["kind"] in {"rvu", "ptp", "mue", "aoc"})
    uids = [event["UID"] for event in found.events]
    assert len(uids) == len(set(uids))


@pytest.mark.parametrize(("number", "more"), [(0, 0), (1, 0), (60, 0), (61, 1), (63, 3)])
def test_an_entry_of_a_family_tells_of_sixty_codes(number: int, more: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first sixty by name, and how many more there are; of sixty or fewer no more is spoken of."""
    step = SimpleNamespace(before=SimpleNamespace(release="RVU26B"), after=SimpleNamespace(release="RVU26C", released="2026-06-30"))
    monkeypatch.setattr(files, "at_hand", lambda _: SimpleNamespace(last=step))
    site: Any = SimpleNamespace(config=SimpleNamespace(base_url=BASE), by_code={})
    (entry,) = files._of_family(Family("Knee", "knee", {f"{code:05}": ("New code.",) for code in range(number)}), site)
    said = "no code" if not number else "1 code" if number == 1 else f"{number} codes"
    assert entry.title == f"Knee: {said} changed in RVU26C"
    named = ", ".join(f"{code:05}" for code in range(min(number, 60)))
    assert entry.summary == f"{said[:1].upper()}{said[1:]} of Knee changed from RVU26B to RVU26C{f': {named}' if named else ''}{' and more' if more else ''}."
    assert entry.html.count("<li>") == min(number, 60)
    assert re.findall(r"<p>And (.*?)\.</p>", entry.html) == ([f"{more} more code{'s' if more > 1 else ''}"] if more else [])
    assert (entry.url, entry.day) == (f"{BASE}/changes/rvu26c/", "2026-06-30")


def test_files_of_a_kind_that_begin_together_are_one_event() -> None:
    """The parts of an edit set are one event, written when CMS last changed one of them; a release and the correction that took all of its days are two; ZIP codes are none."""
    april, july = ("2026-04-01", "2026-06-30"), ("2026-07-01", "2026-09-30")
    entries = (
        manifest.Entry("RVU26B", "rvu", None, *april, replaced_by="RVU26BR"),
        manifest.Entry("RVU26BR", "rvu", None, *april, modified="2026-05-01T12:00:00Z"),
        manifest.Entry("PTP26Q3-F1", "ptp", None, *july, modified="2026-06-02T08:00:00Z"),
        manifest.Entry("PTP26Q3-F2", "ptp", None, *july, modified="2026-06-01T09:00:00Z"),
        manifest.Entry("MUE26Q3", "mue", None, *july),
        manifest.Entry("ZIP5-2026-05-13", "zip5", None, *july),
    )
    site: Any = SimpleNamespace(config=SimpleNamespace(base_url="https://site.example/of-ours"), manifest=manifest.Manifest("https://cms.example/", entries))
    assert [tuple(one) for one in files.events(site)] == [
        ("RVU26B@site.example", "2026-04-01", "RVU26B: Relative values and amounts", "CMS's relative values and amounts, RVU26B: in force April 1, 2026 to June 30, 2026. RVU26BR took all of its days.", "20260401T000000Z"),
        ("RVU26BR@site.example", "2026-04-01", "RVU26BR: Relative values and amounts", "CMS's relative values and amounts, RVU26BR: in force April 1, 2026 to June 30, 2026.", "20260501T120000Z"),
        ("MUE26Q3@site.example", "2026-07-01", "MUE26Q3: Unit limits (MUE)", "CMS's unit limits (MUE), MUE26Q3: in force July 1, 2026 to September 30, 2026.", "20260701T000000Z"),
        ("ptp-2026-07-01@site.example", "2026-07-01", "PTP26Q3-F1, PTP26Q3-F2: NCCI edits (PTP)", "CMS's NCCI edits (PTP), PTP26Q3-F1, PTP26Q3-F2: in force July 1, 2026 to September 30, 2026.", "20260602T080000Z"),
    ]


def test_the_site_feed_tells_the_issues_figures(full_site: Site) -> None:
    """The newest entry is that of RVU26C, with 79 rows and 30 status changes; every release but the first has one."""
    data = json.loads((full_site.folder / "changes" / "feed.json").read_bytes())
    assert [one["title"].split(":")[0] for one in data["items"]] == [name.upper() for name in reversed((*facts.BEFORE[1:], "rvu26c"))]
    assert "79 rows added" in data["items"][0]["summary"]
    assert "30 status changes" in data["items"][0]["summary"]
    with pytest.raises(StopIteration):
        next(one for one in data["items"] if "{" in one["summary"])
