"""A finished site as the tests see it: its pages read with html.parser, its twins, and the addresses it answers."""

from __future__ import annotations

import json
import multiprocessing
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from machine import ROOT

from medpayiq.building import Result

IN_PERIOD, AFTER = "1786752000", "1795392000"
"""SOURCE_DATE_EPOCH of 2026-08-15, inside RVU26C's dates, and of 2026-11-23, after them."""
SETTINGS: dict[str, Any] = yaml.safe_load((ROOT / "site.yml").read_text(encoding="utf-8"))
"""site.yml, read without the package."""
BASE: str = SETTINGS["base_url"]

_VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "rect", "path", "circle", "line"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_ODD = re.compile(r"\$\d{4}|\$[\d,]*\.\d(?!\d)|\b(?:nan|NaN|undefined)\b|\[object|(?<!column )(?<![\w.,])1 (?:codes|rows|modifiers|units|days|releases|lines|files|families|tips|pages)\b|\w [.,;](?: |$)")
"""Dollars without a comma or with one decimal, a value that is none, a plural of one, a blank before a sign."""
_WORD = re.compile(r"[a-z0-9]+")


@dataclass(slots=True)
class Amount:
    """One of the amounts at the head of a code page."""

    setting: str
    main: str | None = None
    qp: str | None = None
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Page:
    """What one HTML page says."""

    url: str
    title: str = ""
    metas: dict[str, str] = field(default_factory=dict)
    """``name`` or ``property`` of a meta element to its content."""
    rels: dict[str, str] = field(default_factory=dict)
    """``rel`` of a link element to its address; feeds aside."""
    feeds: list[str] = field(default_factory=list)
    """Addresses of the feeds that the head names."""
    links: set[str] = field(default_factory=set)
    """Addresses that a visitor can follow."""
    assets: set[str] = field(default_factory=set)
    """Addresses that the browser fetches."""
    ids: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    """Repeated ids, elements that are not closed in order, inline styles and scripts, headings out of order, what is empty, text that is odd."""
    json_ld: str = ""
    calculator_facts: dict[str, Any] | None = None
    """The rows that the calculator carries; None for a page without one."""
    offered: list[str] = field(default_factory=list)
    """Modifiers that the calculator offers."""
    chosen: list[str] = field(default_factory=list)
    """Those that are set when the page is opened."""
    with_modifier: list[tuple[str, ...]] = field(default_factory=list)
    """Rows of the table of amounts with a modifier."""
    h1: str = ""
    verdict: str = ""
    next_step: str = ""
    stale: str = ""
    """The sentence above the amounts; empty where it is hidden."""
    order: list[str] = field(default_factory=list)
    """The stale note, the amounts and the next step in the order in which they stand."""
    amounts: list[Amount] = field(default_factory=list)
    rules: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Key of a rule to its sentence and the line on its source."""
    also: str = ""
    """The indicators for which there is no sentence."""
    facts: dict[str, str] = field(default_factory=dict)
    table: list[tuple[str, ...]] = field(default_factory=list)
    """Rows of a list of codes."""
    history: list[tuple[str, ...]] = field(default_factory=list)
    """Rows of the table of years below its head: days, releases, then the figures or what is said instead."""
    changes: list[str] = field(default_factory=list)
    """The list of what each change was."""
    leaks: list[str] = field(default_factory=list)
    """Texts of CMS's file that are not ours to print, with the sentence they stand in."""

    @property
    def ld(self) -> list[dict[str, Any]]:
        """The graph of its structured data."""
        graph: list[dict[str, Any]] = json.loads(self.json_ld)["@graph"]
        return graph


class _Reader(HTMLParser):
    """Reads one page into a record."""

    def __init__(self, page: Page) -> None:
        super().__init__(convert_charrefs=True)
        self.page = page
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.marks: Counter[str] = Counter()
        """``tag.class`` of the open elements."""
        self.texts: list[str] = []
        self.all_texts: list[str] = []
        self.headings: list[int] = [0]
        self.heard = 0
        """Texts that a reader meets, so far."""
        self.begun: list[int] = []
        """How many had been met when each open link or heading began."""

    def _link(self, rel: str, href: str, kind: str | None) -> None:
        if kind in {"application/atom+xml", "application/feed+json"}:
            self.page.feeds.append(href)
            return
        if rel != "modulepreload":
            self.page.rels[rel] = href
        if rel not in {"canonical", "alternate"}:
            self.page.assets.add(href)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        page, at = self.page, dict(attrs)
        self.flush()
        if "id" in at:
            if at["id"] in page.ids:
                page.faults.append(f"id {at['id']} stands twice")
            page.ids.add(str(at["id"]))
        if "style" in at or any(name.startswith("on") for name in at):
            page.faults.append(f"inline style or handler on {tag}")
        if tag == "a" and at.get("href"):
            page.links.add(str(at["href"]))
        elif tag == "form" and at.get("action"):
            page.links.add(str(at["action"]))
        elif tag == "meta" and "content" in at:
            page.metas[str(at.get("name") or at.get("property"))] = str(at["content"])
            self.all_texts.append(str(at["content"]))
        elif tag == "link":
            self._link(str(at["rel"]), str(at["href"]), at.get("type"))
        elif tag in {"script", "img", "source"} and at.get("src"):
            page.assets.add(str(at["src"]))
        elif tag == "html":
            page.assets.add(str(at["data-codes"]))
        elif "data-rules" in at:
            page.assets |= {str(at["data-rules"]), str(at["data-places"])}
        elif tag == "style" or (tag == "script" and at.get("type") not in {"application/ld+json", "application/json"}):
            page.faults.append(f"inline {tag}")
        if tag == "a" or tag in _HEADINGS:
            self._begin(tag, named="aria-label" in at)
        if at.get("class") == "amounts":
            page.order.append("amounts")
        if tag == "dt" and self.inside("dl", "amounts"):
            page.amounts.append(Amount(""))
        if tag == "tr" and self.inside("table", "codes"):
            page.table.append(())
        if tag == "tr" and self.inside("table", "with"):
            page.with_modifier.append(())
        if tag in {"th", "td"} and page.with_modifier and self.inside("table", "with"):
            page.with_modifier[-1] = (*page.with_modifier[-1], "")
        if tag == "tr" and self.inside("table", "past") and not any(name == "thead" for name, _ in self.open):
            page.history.append(())
        if tag == "li" and self.inside("ul", "changes"):
            page.changes.append("")
        if tag == "input" and at.get("name") == "mod" and at.get("value"):
            page.offered.append(str(at["value"]))
            if "checked" in at:
                page.chosen.append(str(at["value"]))
        for name in ("aria-label", "placeholder", "data-stale"):
            self.all_texts.append(str(at.get(name) or ""))
        if tag not in _VOID:
            self.open.append((tag, at))
            self._mark(tag, at, 1)

    def handle_endtag(self, tag: str) -> None:
        self.flush()
        if tag in _VOID:
            return
        if not self.open or self.open[-1][0] != tag:
            self.page.faults.append(f"</{tag}> closes {self.open[-1][0] if self.open else 'nothing'}")
            return
        self._mark(*self.open.pop(), -1)
        if (tag == "a" or tag in _HEADINGS) and self.begun.pop() == self.heard:
            self.page.faults.append(f"{tag} is empty")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def updatepos(self, *places: int) -> int:
        """Leave lines uncounted: nobody asks for them."""
        return places[1]

    def _begin(self, tag: str, *, named: bool) -> None:
        """Note where a link or a heading begins, and a level that is left out."""
        self.begun.append(self.heard - named)
        if tag in _HEADINGS:
            if int(tag[1]) > self.headings[-1] + 1:
                self.page.faults.append(f"{tag} stands below h{self.headings[-1]}")
            self.headings.append(int(tag[1]))

    def _mark(self, tag: str, at: dict[str, str | None], step: int) -> None:
        if "class" in at:
            for css in str(at["class"]).split():
                self.marks[f"{tag}.{css}"] += step

    def inside(self, tag: str, css: str) -> bool:
        """Say whether an open element of this tag carries this class."""
        return self.marks[f"{tag}.{css}"] > 0

    def flush(self) -> None:
        """Hand the text since the last tag to what it belongs to."""
        text = " ".join("".join(self.texts).split())
        self.texts.clear()
        if not text or not self.open:
            return
        page = self.page
        tag, at = self.open[-1]
        if tag == "script":
            data = json.loads(text)
            self.all_texts += _strings(data)
            if at.get("type") == "application/json":
                page.calculator_facts = data
            else:
                page.json_ld = text
            return
        self.all_texts.append(text)
        self.heard += 1
        if found := _ODD.search(text):
            page.faults.append(f"{found[0]!r} stands in: {text}")
        if "{" in text or "}" in text:
            page.faults.append(f"a placeholder is not filled: {text}")
        if tag == "title":
            page.title = text
        elif any(name == "h1" for name, _ in self.open[-3:]):
            page.h1 = f"{page.h1} {text}".strip()
        elif self.inside("p", "verdict"):
            page.verdict = f"{page.verdict} {text}".strip()
        elif self.inside("p", "stale") and "hidden" not in at:
            page.stale = text
            page.order.append("stale")
        elif self.inside("p", "next"):
            page.next_step = f"{page.next_step} {text}".strip()
            page.order.append("next")
        elif self.inside("dl", "amounts"):
            self._amount(tag, text)
        elif self.inside("div", "rules"):
            self._rule(text)
        elif text.startswith(("Also in the file: ", "Indicators in the file: ")):
            page.also = text
        elif self.inside("dl", "facts"):
            self._fact([name for name, _ in self.open], text)
        elif page.with_modifier and self.inside("table", "with"):
            # A cell may name several modifiers, each a link.
            *before, cell = page.with_modifier[-1]
            page.with_modifier[-1] = (*before, f"{cell} {text}".strip().replace(" ,", ","))
        elif page.table and self.inside("table", "codes"):
            page.table[-1] = (*page.table[-1], text)
        elif page.history and self.inside("table", "past"):
            page.history[-1] = (*page.history[-1], text)
        elif page.changes and self.inside("ul", "changes"):
            page.changes[-1] = f"{page.changes[-1]} {text}".strip()

    def _amount(self, tag: str, text: str) -> None:
        amount = self.page.amounts[-1]
        if tag == "dt":
            amount.setting = text
        elif self.inside("dd", "fig"):
            amount.main = text
        elif text.startswith("QP "):
            amount.qp = text.removeprefix("QP ")
        else:
            amount.notes.append(text)

    def _rule(self, text: str) -> None:
        key = next((str(at["id"]).removeprefix("rule-") for _, at in self.open if str(at.get("id") or "").startswith("rule-")), "")
        said, source = self.page.rules.get(key, ("", ""))
        if self.inside("p", "src"):
            source = f"{source} {text}".strip()
        elif self.open[-1][0] == "p":
            said = text
        self.page.rules[key] = said, source

    def _fact(self, tags: list[str], text: str) -> None:
        facts = self.page.facts
        if "dt" in tags:
            facts[text] = ""
        elif facts:
            last = next(reversed(facts))
            facts[last] = f"{facts[last]} {text}".strip()


def _strings(data: Any) -> list[str]:
    if isinstance(data, str):
        return [data]
    if isinstance(data, dict):
        return [text for key, value in data.items() for text in (key, *_strings(value))]
    return [text for one in data for text in _strings(one)] if isinstance(data, list) else []


class Texts:
    """Texts that must not be printed, found word by word; the same text of a Level II code, whole, is CMS's own."""

    def __init__(self, forbidden: Iterable[str], allowed: Iterable[str]) -> None:
        self._by_start: dict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list)
        for words in {self.words(text) for text in forbidden}:
            self._by_start[words[:2]].append(words)
        self._allowed: dict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list)
        for words in {self.words(text) for text in allowed}:
            for part in self._in(words):
                self._allowed[part].append(words)
        self._clean: set[str] = set()

    @staticmethod
    def words(text: str) -> tuple[str, ...]:
        """Return the words of a text, small and without signs."""
        return tuple(_WORD.findall(text.lower()))

    def _in(self, words: tuple[str, ...]) -> list[tuple[str, ...]]:
        starts = pairwise(words)
        return [one for at, start in enumerate(starts) for one in self._by_start.get(start, ()) if words[at : at + len(one)] == one]

    def found(self, text: str) -> list[str]:
        """Return the forbidden texts in a piece of text, unless it holds a Level II text of which they are a part."""
        if text in self._clean:
            return []
        words = self.words(text)
        found = [" ".join(one) for one in self._in(words) if not any(_holds(words, whole) for whole in self._allowed[one])]
        if not found:
            self._clean.add(text)
        return found


def _holds(words: tuple[str, ...], part: tuple[str, ...]) -> bool:
    return any(words[at : at + len(part)] == part for at in range(len(words) - len(part) + 1))


@cache
def _read_part(html: str, texts: Texts | None) -> Page:
    return read_page("", html, texts)


def unfolded(html: str) -> str:
    """Return a page as a browser with scripts has it: what assets/js/main.js takes out of script elements stands in their place."""
    return re.sub(r'<script type="text/html">(.*?)</script>', r"\1", html, flags=re.DOTALL)


def read_page(url: str, html: str, texts: Texts | None = None) -> Page:
    """Read one page; a header or footer that was met before is not read again."""
    page = Page(url)
    html = unfolded(html)
    for part in ("header", "footer"):
        found = re.search(rf"<{part} .*?</{part}>", html, re.DOTALL)
        if found and url:
            known = _read_part(found[0], texts)
            html = html.replace(found[0], "", 1)
            page.links |= known.links
            page.ids |= known.ids
            page.faults += known.faults
            page.leaks += known.leaks
    reader = _Reader(page)
    reader.feed(html)
    reader.close()
    if url and reader.headings.count(1) != 1:
        page.faults.append(f"{reader.headings.count(1)} headings of the first level")
    if reader.open:
        page.faults.append(f"{reader.open[-1][0]} is not closed")
    if texts is not None:
        page.leaks += [f"{leak!r} in {text!r}" for text in reader.all_texts for leak in texts.found(text)]
    return page


def leaks_of_twin(data: Any, texts: Texts) -> list[str]:
    """Return the forbidden texts in a JSON file."""
    return [f"{leak!r} in {text!r}" for text in _strings(data) for leak in texts.found(text)]


@dataclass(frozen=True)
class Site:
    """A finished site."""

    folder: Path
    result: Result
    texts: Texts | None = None

    @cached_property
    def urls(self) -> frozenset[str]:
        """Every address that the site answers: a file, and a folder that holds index.html."""
        made = set()
        for path in self.folder.rglob("*"):
            if path.is_file():
                url = "/" + path.relative_to(self.folder).as_posix()
                made.add(url)
                if path.name == "index.html":
                    made.add(url.removesuffix("index.html"))
        return frozenset(made)

    @cached_property
    def pages(self) -> dict[str, Page]:
        """Address to page, of every HTML file; read in two processes."""
        paths = sorted(path for path in self.folder.rglob("*.html") if "pagefind" not in path.parts)
        with multiprocessing.get_context("fork").Pool(2, _begin, (self,)) as pool:
            pages = pool.map(_read, paths, chunksize=200)
        return {page.url: page for page in pages}

    @cached_property
    def code_pages(self) -> dict[str, Page]:
        """Code to page, deleted codes included."""
        return {match[1]: page for url, page in self.pages.items() if (match := re.fullmatch(r"/codes/([0-9A-Z]{5})/", url))}

    @cached_property
    def twins(self) -> dict[str, dict[str, Any]]:
        """Code to JSON twin."""
        return {path.stem: json.loads(path.read_bytes()) for path in sorted((self.folder / "data" / "v1" / "codes").glob("*.json"))}

    @cached_property
    def longest_list(self) -> Path:
        """The file of the longest list of codes."""
        return max((self.folder / "browse").rglob("index.html"), key=lambda path: path.stat().st_size)

    def html(self, code: str) -> str:
        """Return the page of a code as it is."""
        return (self.folder / "codes" / code / "index.html").read_text(encoding="utf-8")


_site: Site | None = None


def _begin(site: Site) -> None:
    global _site  # noqa: PLW0603 - one a process
    _site = site


def _read(path: Path) -> Page:
    assert _site is not None
    url = "/" + path.relative_to(_site.folder).as_posix().removesuffix("index.html")
    return read_page(url, path.read_text(encoding="utf-8"), _site.texts)


def tree(folder: Path, *, search: bool = False) -> dict[str, bytes]:
    """Return every file of a site with its bytes; Pagefind's own files only when asked for."""
    names = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name: path.read_bytes() for name, path in names.items() if search or not name.startswith("pagefind/")}
