"""Sitemaps with true days, structured data by its schemas, and how far each page is from the front page."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urldefrag
from xml.etree import ElementTree as ET

import facts
import fastjsonschema
import pytest
from built import BASE, IN_PERIOD, Site
from machine import ROOT

from medpayiq import building, edits, loading, sitemap
from medpayiq.cms.records import AddOn, PtpEdits
from medpayiq.findings import Findings
from medpayiq.pages import hubs, modified, prose
from medpayiq.pages.modified import Since
from medpayiq.pages.site import SiteData

SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LATER = "1797292800"
"""SOURCE_DATE_EPOCH of 2026-12-15: every day that editors wrote is past by then."""


def days_of(data: bytes, element: str = "url") -> dict[str, str | None]:
    """Return the addresses of a sitemap, or of an index, each with its day."""
    root = ET.fromstring(data)  # noqa: S314 - our own file
    return {one.findtext(f"{SPACE}loc", "").removeprefix(BASE): one.findtext(f"{SPACE}lastmod") for one in root.findall(f"{SPACE}{element}")}


@pytest.fixture(scope="module")
def days(full_site: Site) -> dict[str, str | None]:
    """Return the sitemap of the whole site."""
    return days_of((full_site.folder / "sitemap.xml").read_bytes())


@pytest.fixture(scope="module")
def later() -> SiteData:
    """Return the sample's site on a day after all that editors wrote."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", LATER)
        return loading.load("sample")[0]


# -- the days of the whole site ------------------------------------------------------------------------------------------


def test_sitemap_and_structured_data_say_the_same_day(full_site: Site, days: dict[str, str | None]) -> None:
    """A page's day in the sitemap is the one of its structured data, or neither has one; none is after the build's, and they differ."""
    for url, day in days.items():
        assert full_site.pages[url].ld[0].get("dateModified") == day, url
    known = Counter(day for day in days.values() if day)
    assert max(known) <= "2026-08-15"
    assert len(known) > 5
    assert known.total() > len(days) / 2


def test_pages_of_the_release_have_its_first_day(days: dict[str, str | None]) -> None:
    """What is made of the release as a whole has the first day for which CMS says the file holds; a form of ours has none."""
    for url in ("/", "/release/", "/changes/", "/changes/rvu26c/", "/toolkit/", "/edits/", "/claim/", "/compare/", "/modifiers/", "/modifiers/59/", "/places/", "/practitioners/", "/localities/", "/field/"):
        assert days[url] == "2026-07-01", url
    assert days["/contribute/"] is None
    assert days["/denials/"] is days["/denials/97/"] is None  # their words changed after the day of this build


def cells_of(path: Path) -> dict[str, list[list[str | Fraction]]]:
    """Return code to its rows in a csv of CMS's without text, conversion factor and PRIC IND, which not all years have; numbers as numbers."""
    made: dict[str, list[list[str | Fraction]]] = {}
    with path.open(encoding="latin-1", newline="") as file:
        for cells in csv.reader(file):
            if re.fullmatch(r"[0-9A-Z]{5}", cells[0]) and cells[0] != "HCPCS":
                late = len(cells) == 32
                kept = [*cells[:2], *cells[3:23], cells[23 + late], *cells[25 + late :]]
                made.setdefault(cells[0], []).append([Fraction(cell.strip()) if re.fullmatch(r"\s*[0-9]*\.[0-9]+\s*", cell) else cell.strip() for cell in kept])
    return made


def expected_line(code: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str | None]:
    """Return which days the line of a code in a list may have, by CMS's own files: of its status, its amounts, and all cells since October 2025."""
    rows = facts.by_code()[code]
    before = facts.codes_of_release("rvu26b").get(code)
    if before != next(iter(rows.values())).status or any(row.status == "J" for row in rows.values()):
        return {"2026-07-01"}  # another status, new, or by an anesthesia factor that RVU26B's folder does not have
    if any(row.priced for row in rows.values()) or old.get(code) != new[code]:
        return {"2026-04-01", "2026-07-01"}  # the conversion factor of 2026, or other cells
    return {None, "2021-10-01", "2022-10-01", "2023-10-01", "2024-01-01", "2024-07-01", "2025-10-01"}


def test_code_and_list_have_the_day_of_their_rows(full_site: Site, days: dict[str, str | None]) -> None:
    """By CMS's own files: a page is never older than what changed on its rows or amounts, and a list has the latest day of its lines."""
    old, new = cells_of(facts.RVU25D), cells_of(facts.RVU26C)
    lines = {code: expected_line(code, old, new) for code in new}
    for code, may in lines.items():
        day = full_site.code_pages[code].ld[0].get("dateModified")
        if None not in may:
            assert day is not None, code
            assert day >= min(one or "" for one in may), code
    below: dict[str, set[str | None]] = {}
    for url, page in full_site.pages.items():
        if url.startswith("/browse/"):
            own = {code for row in page.table if row and (code := row[0]) in lines}
            parts = url.strip("/").split("/")
            for depth in range(1, len(parts) + 1):
                below.setdefault(f"/{'/'.join(parts[:depth])}/", set()).update(own)
    seen = Counter[str]()
    for url, codes in below.items():
        may = [lines[str(code)] for code in codes]
        least = max((min(one or "" for one in days_) for days_ in may if None not in days_), default="")
        most = max(max(one or "" for one in days_) for days_ in may)
        assert least <= (days[url] or "") <= most, url
        seen["exact" if least == most else "older" if not least else "between"] += 1
    assert seen["exact"] >= 20
    assert seen["older"] >= 20


def test_no_entry_leads_elsewhere(full_site: Site, days: dict[str, str | None]) -> None:
    """What the sitemap has is a page of its own with its own address as canonical, may be listed, and no rule of netlify.toml sends on from there."""
    rules = tomllib.loads((ROOT / "netlify.toml").read_text(encoding="utf-8"))["redirects"]
    moved = [re.compile(re.sub(r":[a-z]+", "[^/]+", one["from"]).replace("*", ".*") + "/?") for one in rules if one.get("status", 301) != 404]
    for url in days:
        page = full_site.pages[url]
        assert page.rels["canonical"] == BASE + url
        assert "robots" not in page.metas, url
        assert not any(one.fullmatch(url) for one in moved), url
    assert days.keys() == {url for url, page in full_site.pages.items() if "robots" not in page.metas}


# -- how far a page is ---------------------------------------------------------------------------------------------------


def test_every_page_is_near_the_front_page(full_site: Site) -> None:
    """From the front page each page is at most four clicks away; none is without a link to it but those that nobody should find: not there, thanks, offline."""
    pages = full_site.pages
    away, waiting = {"/": 0}, deque(["/"])
    while waiting:
        url = waiting.popleft()
        for link in pages[url].links:
            to = urldefrag(link.removeprefix(BASE)).url.partition("?")[0]
            if to in pages and to not in away:
                away[to] = away[url] + 1
                waiting.append(to)
    unlinked = pages.keys() - away.keys()
    assert {"/404.html", "/contribute/thanks/"} <= unlinked
    assert [url for url in unlinked if "robots" not in pages[url].metas or url.startswith("/codes/")] == []
    assert {url: clicks for url, clicks in away.items() if clicks > 4} == {}


def test_a_code_leads_to_those_whose_place_it_took(full_site: Site) -> None:
    """97763 leads to 97762, which it replaced and which no list has any more; a code that replaced none says nothing of it."""
    assert "/codes/97762/" in full_site.code_pages["97763"].links
    assert "In place of" not in full_site.html("97761")


# -- structured data -----------------------------------------------------------------------------------------------------

TEXT = {"type": "string", "minLength": 1}
OURS = {"type": "string", "pattern": "^" + re.escape(BASE) + "/"}
HTTPS = {"type": "string", "pattern": r"^https://[^ ]+$"}
DAY = {"type": "string", "pattern": r"^20\d\d-[01]\d-[0-3]\d$"}


def thing(kind: str, required: Mapping[str, Any], more: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the schema of a type: what it must say, what it may, and nothing else."""
    return {"type": "object", "required": ["@type", *required], "additionalProperties": False, "properties": {"@type": {"const": kind}, **required, **(more or {})}}


def page_of(kind: str, about: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the schema of a page: schema.org's WebPage or one of its kind."""
    site = thing("WebSite", {"name": TEXT, "url": {"const": f"{BASE}/"}})
    must = {"@id": OURS, "url": OURS, "name": TEXT, "description": {"type": "string", "minLength": 50, "maxLength": 300}, "inLanguage": {"const": "en-US"}, "isPartOf": site}
    return thing(kind, must, {"dateModified": DAY, **({"mainEntity": about} if about else {})})


ORGANIZATION = {"anyOf": [thing(kind, {"name": TEXT, "url": HTTPS}) for kind in ("Organization", "GovernmentOrganization")]}
# Google's documentation on structured data for data sets: name and description (50 to 5,000 characters) are required, and of
# each download its address.
DATASET_MUST = {"name": TEXT, "description": {"type": "string", "minLength": 50, "maxLength": 5000}}
DATASET_MAY = {"@id": OURS, "url": HTTPS, "license": HTTPS, "creator": ORGANIZATION, "publisher": ORGANIZATION, "version": TEXT, "datePublished": DAY}
DOWNLOAD = thing("DataDownload", {"contentUrl": OURS, "encodingFormat": {"type": "string", "pattern": r"^[a-z]+/[a-z0-9.+-]+$"}}, {"name": TEXT, "description": TEXT})
DATASET = thing(
    "Dataset",
    {**DATASET_MUST, "license": HTTPS, "creator": ORGANIZATION, "distribution": {"type": "array", "minItems": 1, "items": DOWNLOAD}},
    {
        **DATASET_MAY,
        "isAccessibleForFree": {"const": True},
        "temporalCoverage": {"type": "string", "pattern": r"^20\d\d-\d\d-\d\d/20\d\d-\d\d-\d\d$"},
        "spatialCoverage": thing("Place", {"name": TEXT}),
        "keywords": {"type": "array", "minItems": 1, "items": TEXT},
        "measurementTechnique": HTTPS,
        "variableMeasured": {"type": "array", "minItems": 1, "items": thing("PropertyValue", {"name": TEXT}, {"description": TEXT, "unitText": TEXT})},
        "isBasedOn": {"type": "array", "minItems": 1, "items": thing("Dataset", DATASET_MUST, DATASET_MAY)},
    },
)
CODE = thing("MedicalCode", {"codeValue": {"type": "string", "pattern": r"^[0-9A-Z]{5}$"}, "codingSystem": {"enum": ["CPT", "HCPCS", "CDT"]}, "name": TEXT}, {"url": OURS})
TERM = thing("DefinedTerm", {"name": TEXT, "termCode": {"type": "string", "pattern": r"^[0-9A-Z]{2}$"}, "inDefinedTermSet": OURS}, {"description": TEXT})
# Google's documentation on breadcrumbs: two items at least, each with position, name and address.
ITEM = thing("ListItem", {"position": {"type": "integer", "minimum": 1}, "name": TEXT, "item": OURS})
CRUMBS = thing("BreadcrumbList", {"itemListElement": {"type": "array", "minItems": 2, "items": ITEM}})
PAGE = {"anyOf": [page_of("WebPage", {"anyOf": [CODE, TERM, DATASET]}), *(page_of(kind) for kind in ("CollectionPage", "SearchResultsPage", "WebApplication"))]}
GRAPH: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "required": ["@context", "@graph"],
    "additionalProperties": False,
    "properties": {
        "@context": {"const": "https://schema.org"},
        "@graph": {"anyOf": [{"type": "array", "minItems": 1, "maxItems": 2, "items": [PAGE, CRUMBS]}]},
    },
}
valid: Callable[[Any], Any] = fastjsonschema.compile(GRAPH)


def test_structured_data_is_of_its_schema(full_site: Site) -> None:
    """Every page's graph has what schema.org's types and Google's documentation ask for, and no property that nobody wrote down; a data set stands on /data/ alone."""
    sets = []
    for url, page in full_site.pages.items():
        try:
            valid(json.loads(page.json_ld))
        except fastjsonschema.JsonSchemaException as problem:
            pytest.fail(f"{url}: {problem}")
        if page.ld[0].get("mainEntity", {}).get("@type") == "Dataset":
            sets.append(url)
    assert sets in ([], ["/data/"])


@pytest.mark.parametrize(
    "damage",
    [
        lambda graph: graph[0].pop("url"),
        lambda graph: graph[0].update(dateModified="July 2026"),
        lambda graph: graph[0].update(datePublished="2026-07-01"),
        lambda graph: graph[0]["mainEntity"].pop("codeValue"),
        lambda graph: graph[0]["isPartOf"].update(url="http://elsewhere.example/"),
        lambda graph: graph[1]["itemListElement"][0].pop("item"),
        lambda graph: graph[1].update(itemListElement=graph[1]["itemListElement"][:1]),
        lambda graph: graph.reverse(),
    ],
)
def test_schemas_of_structured_data_refuse_faults(damage: Callable[[Any], Any], whole_site: Site) -> None:
    """The schemas are strict: a property missing, unknown or of another form is found."""
    document = json.loads(whole_site.code_pages["97761"].json_ld)
    valid(document)
    damage(document["@graph"])
    with pytest.raises(fastjsonschema.JsonSchemaException):
        valid(document)


# -- what moves a day ----------------------------------------------------------------------------------------------------


def of_codes(site: SiteData) -> dict[str, str | None]:
    """Return the day of every code's page."""
    return {entry.code: modified.of_code(entry.code, site).day(site.today) for entry in site.entries}


def of_hubs(site: SiteData) -> dict[str, str | None]:
    """Return the day of every list."""
    return {node.url: modified.of_hub(node, site).day(site.today) for node in hubs.build(site).root.walk()}


def test_a_tip_moves_the_pages_it_stands_on(later: SiteData) -> None:
    """A tip that is verified on another day gives that day to the pages it stands on, and to no other page or list."""
    tip = next(one for one in later.library.tips if 1 < len(later.selecting.codes(one.where)) < 20)
    tips = tuple(replace(one, verified_on="2026-12-10") if one is tip else one for one in later.library.tips)
    site = replace(later, library=replace(later.library, tips=tips))
    before, after = of_codes(later), of_codes(site)
    assert {code for code, day in after.items() if day != before[code]} == later.selecting.codes(tip.where)
    assert {after[code] for code in later.selecting.codes(tip.where)} == {"2026-12-10"}
    assert of_hubs(site) == of_hubs(later)


def test_days_after_the_build_do_not_count(later: SiteData) -> None:
    """A tip whose day is still to come leaves its pages as old as they are without it, and what they are made from says so."""
    tip = next(one for one in later.library.tips if 1 < len(later.selecting.codes(one.where)) < 20)
    code = min(later.selecting.codes(tip.where))
    tips = tuple(replace(one, verified_on="2026-12-16") if one is tip else one for one in later.library.tips)
    ahead = replace(later, library=replace(later.library, tips=tips))
    without = replace(later, library=replace(later.library, tips=tuple(one for one in tips if one.id != tip.id)))
    assert of_codes(ahead) == of_codes(without)
    next_day = replace(ahead, today="2026-12-16")
    assert of_codes(next_day)[code] == "2026-12-16"
    assert ahead.tips.digests(code) != next_day.tips.digests(code)


def test_a_note_moves_its_page_and_the_lists_above(later: SiteData) -> None:
    """A note with a day gives it to the page of its code and to every list that has the code's name or counts it."""
    note = replace(later.library.notes["97761"], changed="2026-12-11")
    site = replace(later, library=replace(later.library, notes=later.library.notes | {"97761": note}))
    before, after = of_codes(later), of_codes(site)
    assert {code for code in after if after[code] != before[code]} == {"97761"}
    assert after["97761"] == "2026-12-11"
    lists = {url for url, day in of_hubs(site).items() if day != of_hubs(later)[url]}
    assert lists == {one.url for one in hubs.build(site).home_of["97761"].crumbs() if one.url != "/"}
    assert modified.ahead(replace(site, today="2026-12-10")) == ("2026-12-11",)
    assert modified.ahead(site) == ()


def test_every_note_has_a_day_and_no_list_of_it_is_older(later: SiteData) -> None:
    """Every note says its day; once that is past, a list is as young as the youngest note of its codes, for tips do not move it."""
    written = {code: note.changed for code, note in later.library.notes.items()}
    assert [code for code, day in written.items() if day < "2026-11-23"] == [], "before the first note was written"
    youngest = {node.url: max((written.get(entry.code, "") for one in node.walk() for entry in one.entries), default="") for node in hubs.build(later).root.walk()}
    assert sum(bool(day) for day in youngest.values()) > 20
    found = of_hubs(later)
    assert [url for url, day in youngest.items() if (found[url] or "") < day] == []


def test_the_day_of_the_build_moves_nothing(later: SiteData) -> None:
    """The same inputs give every page the same day on every later day."""
    much_later = replace(later, today="2027-03-01")
    assert of_codes(much_later) == of_codes(later)
    assert of_hubs(much_later) == of_hubs(later)


def test_a_release_to_come_has_no_day(later: SiteData) -> None:
    """Before the first day of a release, what changed with it has no day rather than that of an older one."""
    early = replace(later, today="2026-06-30")
    assert later.tables.release.day(later.today) == "2026-07-01"
    assert early.tables.release.day(early.today) is None
    assert of_codes(early)["00100"] is None


def test_kept_pages_keep_their_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that keeps every page of the last one writes the same sitemap."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", IN_PERIOD)
    options = building.Options("sample", tmp_path / "site", search=False)
    building.build(options)
    first = (tmp_path / "site" / "sitemap.xml").read_bytes()
    assert len({day for day in days_of(first).values() if day}) > 1
    assert building.build(options).changed == 0
    assert (tmp_path / "site" / "sitemap.xml").read_bytes() == first


@pytest.mark.parametrize(
    ("known", "unseen", "today", "day"),
    [
        ("2026-04-01", "", "2026-08-15", "2026-04-01"),
        ("2026-04-01", "2026-04-01", "2026-08-15", "2026-04-01"),
        ("2025-10-01", "2026-04-01", "2026-08-15", None),
        ("", "2020-10-01", "2026-08-15", None),
        ("", "", "2026-08-15", None),
        ("2026-08-15", "", "2026-08-15", "2026-08-15"),
        ("2026-08-16", "", "2026-08-15", None),
    ],
)
def test_a_day_is_said_where_it_is_known(known: str, unseen: str, today: str, day: str | None) -> None:
    """A day is said if no change may have followed it unseen and it is not after the build's."""
    assert Since(known, unseen).day(today) == day


def test_the_latest_of_several_parts() -> None:
    """A whole is as old as its youngest part, and may have changed unseen where any part may."""
    assert modified.latest([Since("2026-04-01", ""), Since("", "2026-05-01"), Since("2025-10-01", "2020-10-01")]) == Since("2026-04-01", "2026-05-01")
    assert modified.latest([]) == Since()


# -- tables --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def set_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., edits.Edits]:
    """Return what makes the edits of a snapshot of a few rows, each with a memory of its own."""
    monkeypatch.setattr(edits, "EDIT_TOTALS", tmp_path / "edit-totals")
    made: list[None] = []

    def make(*ptp: PtpEdits, aoc: tuple[AddOn, ...] = (), quarter: str = "2026 Q3") -> edits.Edits:
        made.append(None)
        editions = {"ptp": {"quarter": quarter}} | ({"aoc": {"quarter": quarter}} if aoc else {})
        meta = SimpleNamespace(editions=editions, kept_as=f"rvu{len(made)}", tables={"ptp": repr(ptp)})
        return edits.Edits(SimpleNamespace(meta=meta, ptp=ptp, aoc=aoc, mue={}, each=lambda _: iter(ptp)))  # type: ignore[arg-type]

    return make


def pairs(one: str, two: str, effective: str = "", deleted: str = "*", before_1996: str = "", indicator: str = "1") -> PtpEdits:
    """Return edits of one column 1 code."""
    return PtpEdits(one, indicator, effective, deleted, before_1996, "", two)


def test_dates_of_edits_tell_when_they_changed(set_of: Callable[..., edits.Edits]) -> None:
    """Of dated edits the latest beginning, or end, of a code's counts, by quarter; one that was taken back and what begins after the set do not."""
    dated = set_of(
        pairs("11111", "22222 33333", "2024-01-01"),
        pairs("11111", "44444", "2025-07-15"),
        pairs("55555", "33333", "2020-01-01", "2026-06-30"),
        pairs("66666", "22222", "2026-04-01", "2026-04-01", indicator="9"),
        pairs("66666", "77777", "", "*", "*"),
        pairs("88888", "99999", "2026-10-01"),
    )
    found = {code: dated.changed(code) for code in ("11111", "22222", "33333", "44444", "55555", "66666", "88888", "00000")}
    assert found == {"11111": "2025-07-01", "22222": "2024-01-01", "33333": "2026-07-01", "44444": "2025-07-01", "55555": "2026-07-01", "66666": None, "88888": None, "00000": None}
    assert set_of(pairs("11111", "22222", "2024-01-01"), pairs("33333", "44444")).changed("11111") is None  # one without a date: dates say nothing


def test_dates_of_add_ons_tell_when_they_changed(set_of: Callable[..., edits.Edits]) -> None:
    """Add-on code edits are dated: beginning and end count for the add-on code and for its primary."""
    rows = (AddOn("11111", "22222", "1", "2013-04-01", "", ""), AddOn("33333", "22222", "1", "2013-04-01", "2024-12-31", ""))
    found = set_of(aoc=rows)
    assert [found.add_ons_changed(code) for code in ("11111", "22222", "33333", "44444")] == ["2013-04-01", "2025-01-01", "2025-01-01", ""]


def test_sets_at_hand_tell_when_edits_changed(set_of: Callable[..., edits.Edits], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without dates, the first set at hand from which a code has as many edits as now counts; before the oldest, a change may be unseen."""
    sets = {"RVU26B": set_of(pairs("11111", "22222"), quarter="2026 Q2"), "RVU26A": set_of(pairs("11111", "22222 33333"), quarter="2026 Q1")}
    monkeypatch.setattr(modified, "Edits", lambda snapshot: sets[snapshot.meta.release])

    def meta(name: str, first: str) -> Any:
        return SimpleNamespace(release=name, effective_from=first, year=2026, conversion_factors={}, anesthesia_national={})

    older = {name: SimpleNamespace(snapshot=SimpleNamespace(meta=meta(name, first)), lines={"11111": name}) for name, first in (("RVU26A", "2026-01-01"), ("RVU26B", "2026-04-01"))}
    firsts = {"RVU26A": "2026-01-01", "RVU26B": "2026-04-01", "RVU26C": "2026-07-01"}
    past = SimpleNamespace(older=older, days=lambda release: (firsts[release], ""))
    tables = modified.Tables(SimpleNamespace(meta=meta("RVU26C", "2026-07-01")), past, set_of(pairs("11111", "22222")))  # type: ignore[arg-type]
    assert tables.edits("11111") == Since("2026-04-01")
    assert tables.edits("22222") == Since("", "2026-01-01")
    assert tables.edits("33333") == Since("2026-04-01")
    assert tables.gone("11111") == Since("2026-07-01")
    assert tables.gone("99999") == Since("", "2026-01-01")


# -- pages of text -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["", "changed:\n\n", "changed: today\n\n", "changed: 2026-02-30\n\n", "changed: 2026-11-29\n"])
def test_a_page_of_text_needs_its_day(first: str, tmp_path: Path) -> None:
    """A page of text without the day of its last change is an error that says what to type; the project's own have one."""
    for name in prose.ADDRESSES:
        (tmp_path / f"{name}.md").write_text("changed: 2026-11-29\n\n# Title\n\nWhat it is.\n\nText.\n", encoding="utf-8")
    (tmp_path / "legal.md").write_text(f"{first}# Title\n\nWhat it is.\n\nText.\n", encoding="utf-8")
    findings = Findings()
    read = prose.read(findings, tmp_path)
    (fault,) = findings.items
    assert "legal" not in read
    assert "legal.md:1" in str(fault)
    assert "changed: 2026-11-29" in str(fault)
    assert prose.read(Findings()).keys() == prose.ADDRESSES.keys()


@pytest.mark.parametrize(
    ("text", "today", "day"),
    [
        ("By {name}.", "2026-12-15", "2026-05-02"),
        ("Of {period}.", "2026-12-15", "2026-07-01"),
        ("By {name}.", "2026-05-01", None),
        ("Proved: {proof_amounts}.", "2026-12-15", "2026-05-02"),
    ],
)
def test_a_text_has_its_own_day_or_the_releases(text: str, today: str, day: str | None, later: SiteData) -> None:
    """A page of text has its own day; one with figures of the release that of whichever changed last; none before its day."""
    site = replace(later, today=today)
    page = prose.page("privacy", f"changed: 2026-05-02\n\n# Privacy\n\nWhat we keep, in a sentence.\n\n{text}\n", site)
    assert page.head.modified == day
    assert "changed" not in page.body
    assert prose.ahead({"privacy": "changed: 2026-05-02\n\n# Privacy"}, today) == (["privacy"] if today < "2026-05-02" else [])


# -- files ---------------------------------------------------------------------------------------------------------------


def test_pages_without_a_day_say_none() -> None:
    """An address whose day is not known stands without one; of several files the index has the latest day, where all of a file's pages have one."""
    few = days_of(sitemap.files(BASE, {"/b/": "2026-07-01", "/a/": None})["sitemap.xml"])
    assert few == {"/a/": None, "/b/": "2026-07-01"}
    many: dict[str, str | None] = {f"/{number:06}/": "2026-04-01" for number in range(90_001)}
    many |= {"/000007/": "2026-07-01", "/050000/": None}
    made = sitemap.files(BASE, many)
    assert days_of(made["sitemap.xml"], "sitemap") == {"/sitemap-1.xml": "2026-07-01", "/sitemap-2.xml": None, "/sitemap-3.xml": "2026-04-01"}
    assert days_of(made["sitemap-1.xml"])["/000007/"] == "2026-07-01"
    assert b"<lastmod></lastmod>" not in b"".join(made.values())
