"""The pages of the whole site: what each head says, where each link leads, who finds it, and whose words it may not hold."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import subprocess
from collections import Counter
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag
from xml.etree import ElementTree as ET

import facts
import pytest
import yaml
from built import AFTER, BASE, IN_PERIOD, SETTINGS, Site
from facts import FACILITY, NON_QP, OFFICE, main_row
from importing import Imported
from leaks import Texts, leaks_of_twin
from machine import ROOT, lacking
from reading import read_page

from medpayiq import building, claims, loading, sitemap
from medpayiq.changes.files import name_on
from medpayiq.days import period
from medpayiq.findings import Failed
from medpayiq.pages import hubs
from medpayiq.pages.codes import code_page
from medpayiq.pages.naming import name_of, open_name
from medpayiq.pages.replaced import replaced
from medpayiq.pages.twin import twin
from medpayiq.paths import DESCRIPTORS, SITE_YML
from medpayiq.render import Renderer, assets
from medpayiq.shards import shards

GOLDEN = ROOT / "tests" / "golden"
REPLACED: list[dict[str, Any]] = yaml.load((ROOT / "content" / "replaced.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - it makes text alone, so that code 00100 stays one
OWN_TEXT = frozenset(path.stem for path in (ROOT / "content" / "codes").glob("*.yml"))
SPACE = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def is_cpt(code: str) -> bool:
    """Say whether a code is one of CPT's: they begin with a digit."""
    return code[0].isdigit()


# -- which pages there are -----------------------------------------------------------------------------------------------


def test_a_page_and_a_twin_for_every_code(full_site: Site) -> None:
    """Each of the 17,096 codes of CMS's csv has a page and a JSON twin, the one with a 26 row only and the odd GXXX1 among them; each code that is gone a page."""
    codes = facts.by_code().keys()
    assert len(codes) == full_site.result.code_pages == 17_096
    assert full_site.twins.keys() == codes
    assert len(facts.gone()) > 900
    assert full_site.code_pages.keys() - codes == {one["code"] for one in REPLACED} | facts.gone().keys()
    assert codes <= full_site.code_pages.keys()
    assert facts.by_code()["86153"].keys() == {"26"}
    assert full_site.code_pages["86153"].amounts[0].main == facts.money(facts.by_code()["86153"]["26"].fee(NON_QP, OFFICE))
    assert "for the reading alone (26)" in full_site.code_pages["86153"].metas["description"]
    assert full_site.code_pages["GXXX1"].h1.startswith("GXXX1 ")


def test_a_dental_code_is_called_one(full_site: Site) -> None:
    """Every D code of CMS's file is named as dental, also where CMS's class is another's (D0120 is among office services), and its page says whose its text is."""
    for code in (code for code in facts.by_code() if code[0] == "D"):
        assert full_site.twins[code]["name"].startswith("Dental services"), code
        assert "American Dental Association&#39;s and is not shown here" in full_site.html(code), code


def indexed(site: Site) -> int:
    """Return the number of pages that say which part of them the word search may read."""
    return sum(b"data-pagefind-body" in path.read_bytes() for path in site.folder.rglob("*.html"))


def test_counts_of_a_build_are_those_of_the_files(full_site: Site) -> None:
    """The counts that a build prints are those of CMS's csv and of the files written."""
    assert full_site.result.by_status == Counter(main_row(rows).status for rows in facts.by_code().values())
    assert full_site.result.pages == len(full_site.pages)
    assert full_site.result.files == sum(1 for path in full_site.folder.rglob("*") if path.is_file())
    listed = sum(page.metas.get("robots") is None for page in full_site.code_pages.values())
    assert full_site.result.noindex == len(full_site.code_pages) - listed
    assert full_site.result.search == f"{indexed(full_site):,} pages"


def test_no_page_has_a_fault(full_site: Site) -> None:
    """No page has an id twice, an element left open, an inline style or script, a placeholder that was not filled, nor has a twin; each has one h1, no level of headings is skipped, no link or heading is empty, and no text is odd."""
    assert {page.url: page.faults for page in full_site.pages.values() if page.faults} == {}
    for code, data in full_site.twins.items():
        assert not re.search(r"\{[a-z_:]+\}", json.dumps(data)), code


_job: Any = None


def _begin(job: Any) -> None:
    global _job  # noqa: PLW0603 - one a process
    _job = job


def _unlike_its_template(codes: list[str]) -> list[str]:
    """Return those of some codes whose page in the finished site is not what the template itself gives."""
    site, tree, renderer, full_site = _job
    made = {code: renderer.page("code", code_page(site.by_code[code], site, tree)) if code in site.by_code else renderer.page("replaced", replaced(code, site)) for code in codes}
    return [code for code in codes if made[code] != full_site.html(code)]


def test_every_page_is_what_its_template_gives(full_site: Site, all_snapshots: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However a build puts its code pages together, each one is byte for byte what rendering the template for that code alone gives."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", IN_PERIOD)
    site, _ = loading.load("rvu26c", all_snapshots)
    index = next((full_site.folder / "assets").glob("codes.*.json"))
    renderer = Renderer(building.chrome(site, assets(), f"/assets/{index.name}", shards(site.snapshot, site.past), claims.books(site)))
    codes = sorted((*site.by_code, *site.replaced))
    shares = [codes[at : at + 500] for at in range(0, len(codes), 500)]
    with multiprocessing.get_context("fork").Pool(2, _begin, ((site, hubs.build(site), renderer, full_site),)) as pool:
        assert [code for part in pool.map(_unlike_its_template, shares, chunksize=1) for code in part] == []


# -- the head of a page --------------------------------------------------------------------------------------------------


def test_titles_and_descriptions_are_unique(full_site: Site) -> None:
    """No two pages share a title or a description; a title has at most 70 characters, a description 50 to 300."""
    for texts in ([page.title for page in full_site.pages.values()], [page.metas["description"] for page in full_site.pages.values()]):
        assert [text for text, count in Counter(texts).items() if count > 1] == []
    for page in full_site.pages.values():
        assert 10 <= len(page.title) <= 70, page.url
        assert 50 <= len(page.metas["description"]) <= 300, page.url
        assert not re.search(r"\b(?:None|mac|medicare)\b", page.title + page.metas["description"]), page.url


def test_titles_make_sense_in_a_result_list(full_site: Site) -> None:
    """A code's title begins with the code and names the year, and says more than that; its description names the release's months. What is cut ends in no article, preposition, "and", "or", "no" or bare number, unless its name has a comma there."""
    cut = [(page.title.partition(": ")[2].removesuffix("…"), page.h1.removeprefix(f"{code} ")) for code, page in full_site.code_pages.items() if page.title.endswith("…")]
    assert len(cut) > 1000
    assert all(name.startswith(short) for short, name in cut)
    leading = re.compile(r" (?:an?|the|of|for|with|without|in|on|by|to|from|under|through|and|or|no|not|\d+)$")
    assert [short for short, name in cut if leading.search(short) and not name.removeprefix(short).startswith((",", ";"))] == []
    for code in facts.by_code():
        page = full_site.code_pages[code]
        assert re.match(rf"{code} Medicare payment 2026: \S.+", page.title), page.title
        assert "July to September 2026" in page.metas["description"], page.url
        assert page.h1.removeprefix(f"{code} ").strip(), page.url


def test_descriptions_state_the_amounts(full_site: Site) -> None:
    """The description of a priced code names its amounts, and no other; that of another names no dollars."""
    for code, page in full_site.code_pages.items():
        said = re.findall(r"\$[\d,]+\.\d\d", page.metas["description"])
        assert set(said) == {one.main for one in page.amounts if one.main}, code


def test_canonical_and_open_graph(full_site: Site) -> None:
    """Canonical address, Open Graph and the link to the JSON twin name the page itself, with the base address of site.yml."""
    for url, page in full_site.pages.items():
        assert page.rels["canonical"] == BASE + url
        assert page.metas["og:url"] == BASE + url
        assert (page.metas["og:title"], page.metas["og:description"]) == (page.title, page.metas["description"]), url
        assert page.metas["og:site_name"] == SETTINGS["name"]
        code = url.split("/")[2] if url.startswith("/codes/") else ""
        assert page.metas["og:type"] == ("article" if code else "website"), url
        assert page.rels.get("alternate") == (f"/data/v1/codes/{code}.json" if code in facts.by_code() else None), url
    for code, data in full_site.twins.items():
        assert data["url"] == f"{BASE}/codes/{code}/"


def test_structured_data_says_what_the_page_is(full_site: Site) -> None:
    """JSON-LD holds a WebPage with the date CMS released the file, around a MedicalCode on a code's page, and a breadcrumb list of pages that exist."""
    systems = {True: "CPT", False: "HCPCS"}
    for url, page in full_site.pages.items():
        about, *rest = page.ld
        assert (about["url"], about["name"], about["description"]) == (BASE + url, page.title, page.metas["description"])
        if url.startswith("/codes/"):
            code = url.split("/")[2]
            assert about["@type"] == "WebPage"
            assert (about["mainEntity"]["@type"], about["mainEntity"]["codeValue"]) == ("MedicalCode", code)
            assert about["mainEntity"]["codingSystem"] == ("CDT" if code[0] == "D" else systems[is_cpt(code)]), url
        if url in {"/", "/404.html"}:
            assert rest == []
            continue
        (crumbs,) = rest
        items = crumbs["itemListElement"]
        assert crumbs["@type"] == "BreadcrumbList"
        assert [one["position"] for one in items] == list(range(1, len(items) + 1))
        assert items[0]["item"] == f"{BASE}/"
        assert items[-1]["item"] == BASE + url
        assert all(one["name"] and one["item"].removeprefix(BASE) in full_site.urls for one in items), url


def test_twins_repeat_the_page(full_site: Site) -> None:
    """A twin says what its page says: name, verdict, next step, rules in the same words and order, the line of CMS's file."""
    for code, data in full_site.twins.items():
        page = full_site.code_pages[code]
        assert page.h1 == f"{code} {data['name']}"
        assert page.verdict == f"{data['verdict']} {data['answer']}", code
        assert page.next_step == (data["next_step"] or ""), code
        assert [one["text"] for one in data["rules"]] == [text for text, _ in page.rules.values()], code
        assert (data["release"], data["effective_from"], data["effective_to"]) == ("RVU26C", "2026-07-01", "2026-09-30")
        assert data["conversion_factors"] == {"non_qp": "33.4009", "qp": "33.5675"}


def test_codes_that_track_quality_have_no_substitute(full_site: Site) -> None:
    """Nobody is sent to find another code for one that ends in F: CMS marks 493 of them I and 72 M; all other codes of status I have one."""
    statuses = {code: main_row(rows).status for code, rows in facts.by_code().items()}
    tracking = Counter(status for code, status in statuses.items() if re.fullmatch(r"\d{4}F", code))
    assert tracking == {"I": 493, "M": 72}
    for code in (code for code, status in statuses.items() if status == "I"):
        said, is_tracking = full_site.twins[code], re.fullmatch(r"\d{4}F", code) is not None
        assert said["verdict"] == "Not valid for Medicare", code
        assert said["next_step"].startswith("Look for no code in its place" if is_tracking else "Find the code that Medicare takes"), code
        assert ("uses another code" in said["answer"]) != is_tracking, code


def test_the_notice_of_a_service_not_covered_depends_on_the_reason(full_site: Site) -> None:
    """Status N: GY for what the law excludes (cpm1 60.4.2), an ABN and GA, not GY, for what a national determination never covers (cpm30 40.2.2 and 50.2)."""
    for code in (code for code, rows in facts.by_code().items() if main_row(rows).status == "N"):
        by_law, by_determination = re.findall(r"(Excluded by law[^.]*)\.|(Never covered as not necessary[^.]*)\.", full_site.twins[code]["next_step"])
        assert (re.findall(r"\b(?:GA|GY|ABN)\b", by_law[0]), re.findall(r"\b(?:not )?(?:GA|GY|ABN)\b", by_determination[1])) == (["GY"], ["ABN", "GA", "not GY"]), code


def test_source_line_is_the_line_of_the_file(full_site: Site) -> None:
    """The line of CMS's file that a page names holds that code."""
    lines = facts.RVU26C.read_text(encoding="latin-1").splitlines()
    for code, data in full_site.twins.items():
        file, line = re.fullmatch(r"(\S+), line ([\d,]+)", data["source"]).groups()
        assert file == facts.RVU26C.name
        assert lines[int(line.replace(",", "")) - 1].startswith(f"{code},"), code


# -- where links lead ----------------------------------------------------------------------------------------------------


STATE = re.compile(r"add=[0-9A-Z]{5}\Z")
"""What an address hands to the claim desk behind its #, which is no place on the page."""


def parted(link: str) -> tuple[str, str]:
    """Return address and anchor of a link; the form for reports and the calculator are one page, whatever code or locality their address names, and the form sends to a function that is no file."""
    address, anchor = urldefrag(link.removeprefix(BASE) if link.startswith(BASE + "/") else link)
    if address == "/api/reports":
        return "", ""
    return re.sub(r"^(/contribute/)\?code=[0-9A-Z]{5}$|^(/codes/[0-9A-Z]{5}/)\?loc=\d{5}-\d\d$", r"\1\2", address), anchor


def test_every_link_and_asset_resolves(full_site: Site) -> None:
    """Every internal link, anchor, asset and alternate of every page leads to a file and an id that exist; every other one is https."""
    missing = set()
    for url, page in full_site.pages.items():
        for link in page.links | page.assets | {page.rels.get("alternate", "/"), *page.feeds}:
            address, anchor = parted(link)
            if address.startswith("https://"):
                continue
            target = page if not address else full_site.pages.get(address)
            lost = address and (address not in full_site.urls or not address.startswith("/"))
            if lost or (anchor and not STATE.match(anchor) and (target is None or anchor not in target.ids)):
                missing.add((url, link))
    assert missing == set()
    assert sum(len(page.links) for page in full_site.pages.values()) > 300_000


def test_assets_find_each_other(full_site: Site) -> None:
    """Each module imports modules that are there, style sheets name files that are there, and Pagefind's own files are complete."""
    for path in full_site.folder.glob("assets/**/*.js"):
        for name in re.findall(r"""(?:from|import)\s*\(?\s*["'](\.[^"']+)["']""", path.read_text(encoding="utf-8")):
            assert (path.parent / name).resolve().is_file(), (path, name)
    for path in full_site.folder.glob("assets/*.css"):
        for name in re.findall(r"url\(([^)]+)\)", path.read_text(encoding="utf-8")):
            assert name.strip("\"'").startswith(("data:", "#")) or name.strip("\"'") in full_site.urls, name
    entry = json.loads((full_site.folder / "pagefind" / "pagefind-entry.json").read_bytes())
    (language,) = entry["languages"].values()
    assert language["page_count"] == indexed(full_site)
    assert (full_site.folder / "pagefind" / f"pagefind.{language['hash']}.pf_meta").is_file()
    assert (full_site.folder / "pagefind" / "pagefind.js").is_file()


def test_asset_names_are_hashed(full_site: Site) -> None:
    """Everything under /assets/, which a browser may keep for a year, has a digest in its name."""
    for path in (full_site.folder / "assets").rglob("*"):
        if path.is_file():
            assert re.search(r"[.-][0-9a-f]{10}[./]", path.relative_to(full_site.folder).as_posix()), path


def test_every_code_is_reached_by_links(full_site: Site) -> None:
    """From the front page, through lists alone, links lead to every code of the release."""
    waiting, reached = ["/"], set()
    while waiting:
        url = waiting.pop()
        if url in reached:
            continue
        reached.add(url)
        # A code's page leads on, but nobody should have to go through it.
        if not url.startswith("/codes/"):
            waiting += [link for link in full_site.pages[url].links if link in full_site.pages]
    assert {f"/codes/{code}/" for code in facts.by_code()} <= reached
    assert {url for url in full_site.pages if url.startswith("/browse/")} <= reached


def without_facility(code: str) -> str:
    """Return what a list says in place of a facility's amount: that of the reading (26), which CMS's file prices there though not the whole test."""
    reading = facts.by_code()[code].get("26")
    cents = reading.outcome(NON_QP, FACILITY)[1] if reading else None
    return "not paid" if cents is None else f"26: {facts.money(cents)}"


def test_hubs_list_each_code_once(full_site: Site) -> None:
    """Over all lists each code stands exactly once, with the name and amounts of its own page, and in the list its page calls its family.

    Where a facility's own payment covers a test (NA in CMS's file), whoever reads it there is paid by the 26 row: the list says that instead of "not paid".
    """
    rows = [(url, row) for url, page in full_site.pages.items() if url.startswith("/browse/") for row in page.table if row]
    lines = {row[0]: (url, row) for url, row in rows if row[0] != "Code"}
    assert len([row for _, row in rows if row[0] != "Code"]) == len(lines) == 17_096
    for code, (url, row) in lines.items():
        page = full_site.code_pages[code]
        assert url in page.links, code
        shown = facts.shown_row(facts.by_code()[code])
        if shown is None:
            assert row[2:] == (full_site.twins[code]["verdict"],), code
            assert row[1] == full_site.twins[code]["name"]
        else:
            assert row[1] == full_site.twins[code]["name"] + (" (26)" if shown.modifier else ""), code
            assert row[2:] == tuple(one.main or none for one, none in zip(page.amounts, ("not paid", without_facility(code)), strict=True)), code


def test_hubs_count_their_codes(full_site: Site) -> None:
    """A list says how many codes stand in it and below it; no list is longer than 150 codes, and none is empty."""
    below: Counter[str] = Counter()
    for url, page in full_site.pages.items():
        if url.startswith("/browse/"):
            own = sum(bool(row) and row[0] != "Code" for row in page.table)
            assert own <= 150, url
            parts = url.strip("/").split("/")
            for depth in range(1, len(parts) + 1):
                below[f"/{'/'.join(parts[:depth])}/"] += own
    assert below["/browse/"] == 17_096
    for url, count in below.items():
        assert count > 0, url
        assert full_site.pages[url].metas["description"].startswith(f"{count:,} code{'s' if count > 1 else ''} under "), url


def test_neighbors_lead_to_each_other(full_site: Site) -> None:
    """The pages of neighboring codes lead to each other, in the order of the file's codes."""
    codes = sorted(facts.by_code())
    for before, after in pairwise(codes):
        assert f"/codes/{after}/" in full_site.code_pages[before].links
        assert f"/codes/{before}/" in full_site.code_pages[after].links


# -- who may list it -----------------------------------------------------------------------------------------------------


def expected_noindex(code: str) -> bool:
    """Apply the rule of site.yml to a code of the release: its prefixes, or its statuses without text of our own."""
    rule = SETTINGS["noindex"]
    if any(code.startswith(prefix) for prefix in rule["code_prefixes"]):
        return True
    excused = "own_text" in rule["unless"] and code in OWN_TEXT
    status = main_row(facts.by_code()[code]).status if code in facts.by_code() else facts.gone()[code]
    return status in rule["statuses"] and not excused


def test_noindex_is_the_rule_of_the_settings(full_site: Site) -> None:
    """Exactly the D codes and the codes of status I, M, N and P, now or at last, without text or tip of ours are kept out of result lists, and 404, search, thanks and kept pages."""
    assert SETTINGS["noindex"] == {"code_prefixes": ["D"], "statuses": ["I", "M", "N", "P"], "unless": ["tip", "edit", "unit_limit", "own_text"]}
    hidden = {code for code, page in full_site.code_pages.items() if page.metas.get("robots")}
    written = {one["code"] for one in REPLACED}
    assert hidden == {code for code in (*facts.by_code(), *(facts.gone().keys() - written)) if expected_noindex(code) and (code[0] == "D" or code not in full_site.code_pages or 'class="tip"' not in full_site.html(code))}
    assert {page.metas["robots"] for page in full_site.pages.values() if "robots" in page.metas} == {"noindex,follow"}
    others = {url for url, page in full_site.pages.items() if "robots" in page.metas and not url.startswith("/codes/")}
    assert others == {"/404.html", "/search/", "/contribute/thanks/", "/offline/"}


def test_hidden_codes_stay_in_the_own_search(full_site: Site) -> None:
    """What search engines are told not to list is still indexed by the site's own search, and in the index of the search box."""
    hidden = [code for code, page in full_site.code_pages.items() if "robots" in page.metas]
    # The rule of site.yml: D codes, and codes of four statuses without a text or a tip of ours.
    said = {path.stem for path in (ROOT / "content" / "codes").glob("*.yml")} | {code for code in full_site.code_pages if 'class="tip"' in full_site.html(code)}
    asked = {code for code, rows in facts.by_code().items() if code[0] == "D" or (facts.main_row(rows).status in set("IMNP") and code not in said)}
    assert {code for code in hidden if code in facts.by_code()} == asked
    assert all("data-pagefind-body" in full_site.html(code) for code in hidden[::100])
    index = next((full_site.folder / "assets").glob("codes.*.json")).read_text(encoding="utf-8")
    # Codes are front coded: a digit says how many characters are shared with the code before.
    coded, codes, before = json.loads(index)["codes"], [], ""
    while coded:
        keep = int(coded[0])
        before = before[:keep] + coded[1 : 6 - keep]
        codes.append(before)
        coded = coded[6 - keep :]
    assert sorted(codes) == sorted(full_site.code_pages)


def urls_of(data: bytes) -> list[str]:
    """Return the addresses of a sitemap; it is XML of the right space."""
    root = ET.fromstring(data)  # noqa: S314 - our own file
    assert root.tag == f"{{{SPACE['s']}}}urlset"
    return [str(one.text) for one in root.findall("s:url/s:loc", SPACE)]


def test_sitemap_holds_what_may_be_listed(full_site: Site) -> None:
    """The sitemap holds every page without noindex once, no other, and is small enough for one file; robots.txt names it."""
    urls = urls_of((full_site.folder / "sitemap.xml").read_bytes())
    assert len(urls) == len(set(urls)) < 50_000
    assert set(urls) == {BASE + url for url, page in full_site.pages.items() if "robots" not in page.metas}
    robots = (full_site.folder / "robots.txt").read_text(encoding="ascii")
    assert robots.splitlines() == ["User-agent: *", "Allow: /", "", f"Sitemap: {BASE}/sitemap.xml"]


@pytest.mark.parametrize("count", [0, 45_000, 45_001, 100_001])
def test_sitemap_is_split_under_50000(count: int) -> None:
    """More addresses than a sitemap may hold are split over several files, each under 50,000, that an index names; none is lost."""
    urls = [f"/codes/{number:06}/?a=1&b=<2>" for number in range(count)]
    made = sitemap.files(BASE, dict.fromkeys(urls, "2026-07-01"))
    assert "robots.txt" in made
    if count <= 45_000:
        assert made.keys() == {"robots.txt", "sitemap.xml"}
        assert urls_of(made["sitemap.xml"]) == [BASE + url for url in urls]
        return
    index = ET.fromstring(made["sitemap.xml"])  # noqa: S314 - our own file
    assert index.tag == f"{{{SPACE['s']}}}sitemapindex"
    parts = [str(one.text).removeprefix(BASE + "/") for one in index.findall("s:sitemap/s:loc", SPACE)]
    assert made.keys() == {"robots.txt", "sitemap.xml", *parts}
    lists = [urls_of(made[part]) for part in parts]
    assert all(0 < len(one) < 50_000 for one in lists)
    assert [url for one in lists for url in one] == [BASE + url for url in urls]


# -- deleted codes -------------------------------------------------------------------------------------------------------


def test_97762_leads_to_what_took_its_place(full_site: Site) -> None:
    """97762 says that it is deleted since January 1, 2018 and that 97763 took its place, and leads there."""
    page = full_site.code_pages["97762"]
    assert page.title == "97762 is deleted: replaced by 97763"
    assert page.facts["Since"] == "January 1, 2018"
    assert "/codes/97763/" in page.links
    assert [row[0] for row in page.table if row] == ["Code", "97763"]
    assert "97763" in page.verdict
    assert page.verdict.startswith("Deleted ")


def test_deleted_codes_say_what_to_bill(full_site: Site) -> None:
    """Each deleted code is absent from RVU26C, and its page says since when where that is known, what to bill, and how that was shown."""
    for one in REPLACED:
        page = full_site.code_pages[one["code"]]
        assert one["code"] not in facts.by_code()
        assert " ".join(one["say"].split()) in page.verdict, page.url
        assert ("Since" in page.facts) == (one["since"] != "null"), page.url
        assert one["source"] in page.facts["Evidence"], page.url
        assert ("What took its place was not verified from a primary text" in page.facts["Evidence"]) == (one["checked"] == "not verified"), page.url
        listed = [row[0] for row in page.table if row and row[0] != "Code"]
        assert listed == [code for code in one["by"] if code in facts.by_code()], page.url
        for row in page.table:
            if row and row[0] in listed and (shown := facts.shown_row(facts.by_code()[row[0]])):
                amounts = [shown.outcome(NON_QP, setting)[1] for setting in (OFFICE, FACILITY)]
                assert row[2:] == tuple(none if cents is None else facts.money(cents) for cents, none in zip(amounts, ("not paid", without_facility(row[0])), strict=True))


# -- whose words ---------------------------------------------------------------------------------------------------------


def test_no_page_holds_a_descriptor(full_site: Site) -> None:
    """No page and no twin prints CMS's short text of a CPT or D code, other than inside a Level II text that CMS may be quoted with."""
    assert {page.url: page.leaks for page in full_site.pages.values() if page.leaks} == {}
    assert {code: found for code, data in full_site.twins.items() if (found := leaks_of_twin(data, full_site.texts))} == {}


def test_descriptors_would_be_found(not_ours: Texts) -> None:
    """The check itself sees a descriptor in a sentence, in other case and signs, and lets a Level II text pass."""
    text = next(row.text for row in facts.rows(facts.RVU26C) if row.code == "27447")
    assert not_ours.found(f"Medicare pays it: {text.upper().replace(' ', ', ')}.")
    assert read_page("/x/", f'<html data-codes="c"><p title="t">{text}</p></html>', not_ours).leaks
    shared = next(row.text for row in facts.rows(facts.RVU26C) if row.code == "G0182")  # CMS's own; a CPT code has the same text
    assert not not_ours.found(shared)
    assert not not_ours.found("A knee is replaced")


def test_a_tag_that_is_known_again_is_read_alike(whole_site: Site) -> None:
    """A page whose tags are known again, as nearly all are, says what it says where html.parser takes the whole page apart, as it does beside a comment."""
    paths = sorted(whole_site.folder.rglob("*.html"))
    for path in [whole_site.folder / "index.html", whole_site.longest_list, *paths[:: max(1, len(paths) // 60)]]:
        text = path.read_text(encoding="utf-8")
        assert read_page("/x/", text, whole_site.texts) == read_page("/x/", text.replace("<main", "<!-- a comment --><main"), whole_site.texts), path


def test_no_other_file_holds_a_descriptor(full_site: Site, not_ours: Texts) -> None:
    """Nor do the index of the search box, the rule book, the localities, the word index's fragments, the sitemap or robots.txt."""
    for path in [*(full_site.folder / "assets").rglob("*"), full_site.folder / "sitemap.xml", full_site.folder / "robots.txt"]:
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            leaks = leaks_of_twin(json.loads(text), not_ours) if path.suffix == ".json" else [leak for piece in text.splitlines() for leak in not_ours.found(piece)]
            assert leaks == [], path


def test_no_file_of_the_repository_holds_a_descriptor(not_ours: Texts) -> None:
    """No file under version control, or about to be, holds such a text; the embedded sample has no text column at all."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        lacking("this copy is not under version control: clone it with git")
    for name in listed.stdout.decode().strip("\0").split("\0"):
        path = ROOT / name
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):  # a picture, or a file that was removed
            continue
        found = {leak for line in re.split(r"[\n\t\"',<>]", text) for leak in not_ours.found(line)}
        assert not found, (name, found)
    assert not list((ROOT / "cms_data" / "sample").glob("hcpcs_text*"))


@pytest.fixture
def licensed(tmp_path: Path, imported: Imported, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that loads RVU26C with other settings, and with CMS's short texts at hand."""
    monkeypatch.setattr(loading, "SITE_YML", tmp_path / "site.yml")
    snapshots = imported.snapshot.folder.parent

    def load(*lines: str, texts: Path = snapshots.parent / "descriptors") -> Any:
        kept = [line for line in SITE_YML.read_text(encoding="utf-8").splitlines() if not line.startswith(("descriptors:", "ama_licence:"))]
        (tmp_path / "site.yml").write_text("\n".join([*kept, *lines]) + "\n", encoding="utf-8")
        return loading.load("rvu26c", snapshots, descriptors=texts)[0]

    return load


def test_descriptors_need_a_licence(licensed: Any) -> None:
    """``descriptors: cms`` is refused without a sentence on the AMA's licence, an empty one or one that is no text; the message says what to write."""
    for line in ("ama_licence: null", 'ama_licence: "  "', "ama_licence: true", "ama_licence: [yes]"):
        with pytest.raises(Failed, match="ama_licence") as caught:
            licensed("descriptors: cms", line)
        assert "try: " in str(caught.value)


def unnamed(site: Any) -> str:
    """A CPT code without a note of ours; notes are written every week, so no code is named here for good."""
    return next(code for code, entry in site.by_code.items() if entry.system == "CPT" and code not in site.library.notes)


def test_descriptors_with_a_licence(licensed: Any, not_ours: Texts) -> None:
    """With it, a CPT code without a text of ours shows the AMA's short descriptor and says whose it is; a D code's text stays out."""
    site = licensed("descriptors: cms", 'ama_licence: "We hold licence 12345 of the AMA."')
    tree = hubs.build(site)
    renderer = Renderer(building.chrome(site, assets(), "/assets/codes.json", shards(site.snapshot, site.past), claims.books(site)))
    bare = unnamed(site)
    html = {code: renderer.page("code", code_page(site.by_code[code], site, tree)) for code in (bare, "97761", "D0210", "J1230")}
    texts = {row.code: row.text for row in facts.rows(facts.RVU26C)}
    pages = {code: read_page(f"/codes/{code}/", text, not_ours) for code, text in html.items()}
    assert pages[bare].h1 == f"{bare} {texts[bare]}"
    assert "the AMA&#39;s short descriptor" in html[bare]
    assert "copyright 2026 American Medical Association" in html["D0210"]
    assert pages["97761"].h1 == "97761 First training with an artificial limb"
    # The neighbors of a page are named as well.
    assert texts["D0210"] not in html["D0210"]
    assert [leak for leak in pages["D0210"].leaks if texts["D0210"].lower() in leak] == []
    assert pages["J1230"].h1 == f"J1230 {texts['J1230']}"
    assert not any(code.startswith("D") for code in site.descriptors)


def test_descriptors_stay_on_pages(licensed: Any, not_ours: Texts) -> None:
    """Even with a licence no twin, list of changes or toolkit names a CPT code by the AMA's descriptor: such files go where no licence follows. What they say instead is what they say without one."""
    own = licensed("descriptors: own", "ama_licence: null")
    site = licensed("descriptors: cms", 'ama_licence: "We hold licence 12345 of the AMA."')
    tree = hubs.build(site)
    bare = unnamed(site)
    codes = [bare, "97761", "70496", "00100", "J1230", *list(site.by_code)[::200]]
    for code in codes:
        entry = site.by_code[code]
        made = json.loads(twin(entry, code_page(entry, site, tree), site))
        assert leaks_of_twin(made, not_ours) == [], code
        assert made["name"] == name_of(own.by_code[code], own) == open_name(entry, site) == name_on(code, site)
    assert name_of(site.by_code[bare], site) != open_name(site.by_code[bare], site)


def test_legal_notice_fits_the_settings(licensed: Any, full_site: Site) -> None:
    """The legal notices say that no descriptor is shown where none is, and whose licence it is where they are."""
    from medpayiq.findings import Findings
    from medpayiq.pages import prose

    assert "does not show the AMA&#39;s descriptors" in (full_site.folder / "legal" / "index.html").read_text(encoding="utf-8").replace("'", "&#39;")
    site = licensed("descriptors: cms", 'ama_licence: "We hold licence 12345 of the AMA."')
    for name in ("legal", "methodology"):
        body = prose.page(name, prose.read(Findings())[name], site).body
        assert "licence 12345" in body
        assert "not show the AMA" not in body
        assert "are not shown" not in body


def test_descriptors_that_are_not_there(licensed: Any, tmp_path: Path) -> None:
    """With a licence and without CMS's texts on this machine, the build says which import brings them."""
    with pytest.raises(Failed, match=r"rvu26c\.tsv.*\n.*import RVU26C again") as caught:
        licensed("descriptors: cms", 'ama_licence: "We hold licence 12345 of the AMA."', texts=tmp_path / "none")
    assert caught.value.exit_code == 2


def test_texts_of_cpt_stay_in_an_ignored_folder() -> None:
    """The folder with CMS's short texts is one that version control ignores."""
    relative = DESCRIPTORS.relative_to(ROOT).as_posix()
    assert f"/{relative}/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


# -- a release past its dates --------------------------------------------------------------------------------------------


def test_stale_note_stands_above_the_amounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample_site: Site) -> None:
    """A build after the release's last day says so above every amount, on code pages and lists; one inside its dates leaves the place empty."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", AFTER)
    late = Site(tmp_path / "site", building.build(building.Options("sample", tmp_path / "site", search=False)))
    sentence = "Rates of July to September 2026; a newer release exists, RVU26D. What holds today can differ."
    for page in late.code_pages.values():
        assert page.stale == sentence or not (page.amounts or page.table), page.url
        if page.amounts:
            assert page.order.index("stale") < page.order.index("amounts"), page.url
    assert all(page.stale == sentence for page in late.pages.values() if page.table)
    # Amounts that scripts put on a page stand below the note too.
    assert all(late.pages[url].stale == sentence for url in ("/claim/", "/compare/", "/my-codes/"))
    assert all(page.stale == "" for page in sample_site.pages.values())
    # The browser, on the visitor's own day, fills the empty place with the same sentence.
    html = sample_site.html("97761")
    assert f'data-from="2026-07-01" data-to="2026-09-30" data-stale="{sentence}"' in html
    assert html.index("data-stale hidden") < html.index('class="amounts"')


@pytest.mark.parametrize(("day", "sentence"), [("2026-06-30", "not yet in force"), ("2026-07-01", ""), ("2026-09-30", ""), ("2026-10-01", "a newer release exists")])
def test_first_and_last_day_are_inside(day: str, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first and the last day of a release are inside it; the days before and after are not."""
    monkeypatch.setattr(loading, "today", lambda: day)
    site, _ = loading.load("sample")
    assert sentence in (site.stale or "")
    assert bool(site.stale) == bool(sentence)


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-07-01", "2026-09-30", "July to September 2026"),
        ("2024-03-09", "2024-03-31", "March 9 to March 31, 2024"),
        ("2025-12-01", "2026-02-28", "December 2025 to February 2026"),
        ("2025-12-02", "2026-02-28", "December 2, 2025 to February 28, 2026"),
        ("2026-05-01", "2026-05-31", "May 2026"),
    ],
)
def test_a_period_is_said_in_months_or_by_its_days(first: str, last: str, words: str) -> None:
    """Whole months are named by month, every other period by its days."""
    assert period(first, last) == words


# -- other pages ---------------------------------------------------------------------------------------------------------


def test_release_page_lists_the_files(full_site: Site) -> None:
    """The release page names each file read with its size and sha256, and both conversion factors of 2026."""
    import hashlib

    html = (full_site.folder / "release" / "index.html").read_text(encoding="utf-8")
    data = facts.RVU26C.read_bytes()
    assert hashlib.sha256(data).hexdigest() in html
    assert f"{len(data):,}" in html
    assert html.count(".csv") + html.count(".txt") >= 6
    # A table is named in the field's words, not by the name of its file here.
    named = set(re.findall(r'<th scope="row">([^<]*)</th><td[^>]*>[^<]*\.(?:csv|txt|xlsx)</td>', html))
    assert {"Bundling edits (NCCI PTP)", "Unit limits (MUE)", "Add-on code edits (AOC)"} <= named
    assert not [name for name in named if name == name.lower()]
    page = full_site.pages["/release/"]
    assert (page.facts["Conversion factor, non-QP"], page.facts["Conversion factor, QP"]) == ("$33.4009", "$33.5675")
    assert page.facts["Released by CMS"] == "June 30, 2026"


def test_methodology_works_an_example_out(full_site: Site) -> None:
    """The methodology page works 99213 out: (1.30 + 1.46 + 0.09) x 33.4009 = 95.192565, rounded $95.19."""
    html = (full_site.folder / "methodology" / "index.html").read_text(encoding="utf-8")
    assert "(1.30 + 1.46 + 0.09) × 33.4009 = 95.192565, rounded $95.19" in html
    assert {"formula", "rounding", "confidence", "limits"} <= full_site.pages["/methodology/"].ids


def test_notices_stand_on_every_page(full_site: Site) -> None:
    """CMS's required CPT notice with the year of site.yml, and that the site is independent, stand on every page."""
    notice = f"CPT codes and descriptions only are copyright {SETTINGS['cpt_notice_year']} American Medical Association. All Rights Reserved. Applicable FARS/DFARS apply."
    for url in ("/", "/404.html", "/browse/", "/codes/97761/", "/codes/97762/", "/legal/", "/methodology/", "/privacy/", "/release/", "/search/"):
        text = (full_site.folder / url.lstrip("/") / ("index.html" if url.endswith("/") else "")).read_text(encoding="utf-8")
        assert notice in text, url
        assert "not affiliated with or endorsed by CMS" in text, url


def test_home_begins_with_search(full_site: Site) -> None:
    """The front page has its search form before its lists, and works without script: the form asks /search/ by a plain link."""
    html = (full_site.folder / "index.html").read_text(encoding="utf-8")
    main = html[html.index("<main") :]
    assert re.search(r'<form[^>]*action="/search/"', main)
    assert main.index("<form") < main.index("/browse/")
    assert 'name="q"' in main
    assert "<noscript>" in (full_site.folder / "search" / "index.html").read_text(encoding="utf-8")


def test_sample_pages_say_that_they_are_a_sample(sample_site: Site, full_site: Site) -> None:
    """Each page of a build from the embedded sample says so, and no page of a full build does."""
    for page in sample_site.pages:
        path = sample_site.folder / page.lstrip("/")
        assert "to try the site without a download" in (path / "index.html" if page.endswith("/") else path).read_text(encoding="utf-8"), page
    assert "to try the site without a download" not in full_site.html("97761")


def test_denials_say_what_to_do_about_each_number(sample_site: Site) -> None:
    """Each number that a report can name has a page, to which the page on denials leads from its anchor, with all sentences, each with a source or marked as practice, and a modifier's page where one fits."""
    page = (sample_site.folder / "denials" / "index.html").read_text(encoding="utf-8")
    reasons = yaml.load((ROOT / "content" / "denials.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)["reasons"]  # noqa: S506 - texts alone
    asked = yaml.load((ROOT / "content" / "field.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)["reasons"]  # noqa: S506 - texts alone
    ways = dict(re.findall(r'<li id="([A-Z]?[0-9]+)"><a href="/denials/([a-z]?[0-9]+)/">', page))
    assert ways == {number: number.lower() for number in reasons}
    assert ways.keys() >= asked.keys() - {"other"}
    parts = {number: (sample_site.folder / "denials" / way / "index.html").read_text(encoding="utf-8") for number, way in ways.items()}
    for number, one in reasons.items():
        for said in (one["means"], *one["first"], *one["then"]):
            assert f"{said['say']} <small>{'Source: ' if 'sources' in said else 'Practice'}" in unescape(parts[number]), said
        assert all(f'<a href="/modifiers/{name}/">{name}<span class="visually-hidden"> modifier</span></a>' in parts[number] for name in one.get("modifiers", ()))
    assert "Claims Manual 23 §20.9.3.1" in parts["236"]
    # What people type into a search engine: the letters that it comes with most are in its title, all of them on its page.
    assert "<title>Denial code PR-204: " in parts["204"]
    assert "<title>Denial code CO-97: " in parts["97"]
    assert re.findall(r"<dt>([A-Z]{2}-97)</dt>", parts["97"]) == ["CO-97", "PR-97", "OA-97", "PI-97", "CR-97"]


def test_sample_links_resolve(sample_site: Site) -> None:
    """The sample's site is whole in itself: every link of it resolves, too."""
    for url, page in sample_site.pages.items():
        assert not page.faults, url
        for link in page.links | page.assets:
            address, anchor = parted(link)
            assert not address or address.startswith("https://") or address in sample_site.urls, (url, link)
            assert not anchor or STATE.match(anchor) or address.startswith("https://") or anchor in (sample_site.pages[address] if address else page).ids, (url, link)


def test_a_release_of_another_year(snapshots_of_history: dict[str, Imported]) -> None:
    """RVU20D, with one conversion factor and without RBCS, has a page with its own title for every code and list, too."""
    snap = snapshots_of_history["rvu20d"].snapshot
    site, _ = loading.load("rvu20d", snap.folder.parent)
    tree = hubs.build(site)
    records = [code_page(entry, site, tree) for entry in site.entries]
    heads = [record.head for record in records] + [hubs.page(node, site).head for node in tree.root.walk()]
    assert len({one.title for one in heads}) == len({one.description for one in heads}) == len({one.url for one in heads}) == len(heads)
    assert all(len(one.title) <= 70 and "2020" in one.title + one.description for one in heads)
    assert not any(one.qp for record in records for one in record.amounts)
    # Codes that were deleted since then are codes in use here, and have no second page; those that came later are not gone.
    assert "99201" in site.by_code
    assert "99201" not in site.replaced
    assert set(site.replaced) <= site.library.replaced.keys()  # no release before this one is at hand


# -- pages as they were --------------------------------------------------------------------------------------------------


def normal(html: str) -> str:
    """Return a page without the digests in its assets' names, which change with every edit of a style sheet."""
    return re.sub(r"(/assets/[a-z]+[.-])[0-9a-f]{10}", r"\1DIGEST", html)


@pytest.mark.parametrize("code", ["97761", "27447", "70496", "00100", "A4211", "93000"])
def test_pages_are_as_they_were(code: str, sample_site: Site) -> None:
    """Six kinds of code page are byte for byte those in tests/golden; after a change that is meant, run REGOLD=1 pytest tests/test_pages.py -k as_they_were."""
    path = GOLDEN / f"{code}.html"
    html = normal(sample_site.html(code))
    if os.environ.get("REGOLD") == "1":
        path.write_text(html, encoding="utf-8")
    assert html == path.read_text(encoding="utf-8"), f"{path.name} differs; when that is meant: REGOLD=1 .venv/bin/python -m pytest tests/test_pages.py -k as_they_were"


def test_golden_pages_are_of_six_kinds() -> None:
    """The golden files are one each of therapy, surgery, imaging, anesthesia, a bundled supply and a test, and no others."""
    assert sorted(path.stem for path in GOLDEN.glob("*.html")) == ["00100", "27447", "70496", "93000", "97761", "A4211"]

