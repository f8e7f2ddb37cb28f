"""Reads one page with html.parser; a tag that was met before is not taken apart again."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from html import unescape
from html.parser import HTMLParser

from leaks import Texts, strings
from page import Amount, Page

_VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "rect", "path", "circle", "line"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_ODD = re.compile(r"\$\d{4}|\$[\d,]*\.\d(?!\d)|\b(?:nan|NaN|undefined)\b|\[object|(?<!column )(?<![\w.,])1 (?:codes|rows|modifiers|units|days|releases|lines|files|families|tips|pages)\b|\w [.,;](?: |$)")
"""Dollars without a comma or with one decimal, a value that is none, a plural of one, a blank before a sign."""
_PLACES = frozenset({*("h1", "p.verdict", "p.stale", "p.next", "p.src", "dl.amounts", "dl.facts", "dd.fig", "div.rules"), *("table.with", "table.codes", "table.past", "ul.changes")})
"""Elements, by ``tag.class``, that tell what a text in them is."""
_PIECES = re.compile(r"(<[^>]*>)")
"""Splits a page into what lies between tags, and tags."""
_WHOLE = re.compile(r'<!DOCTYPE html>|<(?:/[a-z][a-z0-9]*|[a-z][a-z0-9]*(?: [A-Za-z][\w:-]*(?:="[^"]*")?)*/?)>')
"""A tag that ends where its text ends, whatever follows."""
_TAG_IN_SCRIPT = re.compile(r"<(script|style)\b[^>]*>[^<]*<(?!/\1>)")


@dataclass(frozen=True, slots=True)
class _Tag:
    """A tag; the same one stands on many pages, so that what follows from itself alone is worked out once."""

    name: str
    at: dict[str, str | None]
    ends: bool
    texts: tuple[str, ...]
    """Texts that its attributes say."""
    fault: str
    named: bool
    """Whether it has a name of its own beside its text."""
    marks: tuple[str, ...]
    """Those of its names by which a place is told."""

    @classmethod
    def of(cls, name: str, attrs: list[tuple[str, str | None]]) -> _Tag:
        """Return a start tag."""
        at = dict(attrs)
        texts = [str(at["content"])] if name == "meta" and "content" in at else []
        texts += [str(at[one]) for one in ("aria-label", "placeholder", "data-stale") if at.get(one)]
        fault = f"inline style or handler on {name}" if "style" in at or any(one.startswith("on") for one in at) else ""
        marks = [] if name in _VOID else [name, *(f"{name}.{css}" for css in str(at.get("class") or "").split())]
        return cls(name, at, ends=False, texts=tuple(texts), fault=fault, named="aria-label" in at, marks=tuple(mark for mark in marks if mark in _PLACES))

    @classmethod
    def end(cls, name: str) -> _Tag:
        """Return an end tag."""
        return cls(name, {}, ends=True, texts=(), fault="", named=False, marks=())


class _Hearer(HTMLParser):
    """Hears the tags of a piece of text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.heard: list[_Tag] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.heard.append(_Tag.of(tag, attrs))

    def handle_endtag(self, tag: str) -> None:
        self.heard.append(_Tag.end(tag))


@lru_cache(maxsize=2**16)
def _tags(piece: str) -> tuple[_Tag, ...] | None:
    """Return the tag that a piece of a page is, with its end where it says so itself; None where it is more, or less, than a tag."""
    if not _WHOLE.fullmatch(piece):
        return None
    hearer = _Hearer()
    hearer.feed(piece)
    return tuple(hearer.heard)


@lru_cache(maxsize=2**16)
def _said(text: str) -> tuple[str, tuple[str, ...]]:
    """Return a text without blanks that nobody sees, and its faults."""
    text = " ".join(text.split())
    faults = [f"{found[0]!r} stands in: {text}"] if (found := _ODD.search(text)) else []
    if "{" in text or "}" in text:
        faults.append(f"a placeholder is not filled: {text}")
    return text, tuple(faults)


class _Reader(HTMLParser):
    """Reads one page into a record."""

    def __init__(self, page: Page) -> None:
        super().__init__(convert_charrefs=True)
        self.page = page
        self.open: list[_Tag] = []
        self.marks = dict.fromkeys(_PLACES, 0)
        """How many elements are open of those that a place is told by."""
        self.places = 0
        """Their sum."""
        self.texts: list[str] = []
        self.all_texts: list[str] = []
        self.headings: list[int] = [0]
        self.heard = 0
        """Texts that a reader meets, so far."""
        self.begun: list[int] = []
        """How many had been met when each open link or heading began."""

    def read(self, html: str) -> None:
        """Read a page: tag by tag, each known again by its text, where all of them are plain; else as html.parser takes it apart."""
        pieces = _PIECES.split(html)
        tags = [_tags(piece) for piece in pieces[1::2]]
        if None in tags or _TAG_IN_SCRIPT.search(html):
            self.feed(html)
            self.close()
            return
        for text, some in zip(pieces[::2], tags, strict=False):
            if text:
                self._say(text if self.open and self.open[-1].name == "script" else unescape(text))
            for tag in some or ():
                if tag.ends:
                    self._end(tag.name)
                else:
                    self._start(tag)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._flush()
        self._start(_Tag.of(tag, attrs))

    def handle_endtag(self, tag: str) -> None:
        self._flush()
        self._end(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def updatepos(self, *places: int) -> int:
        """Leave lines uncounted: nobody asks for them."""
        return places[1]

    def _flush(self) -> None:
        self._say("".join(self.texts))
        self.texts.clear()

    def _link(self, rel: str, href: str, kind: str | None) -> None:
        if kind in {"application/atom+xml", "application/feed+json"}:
            self.page.feeds.append(href)
            return
        if rel != "modulepreload":
            self.page.rels[rel] = href
        if rel not in {"canonical", "alternate"}:
            self.page.assets.add(href)

    def _start(self, one: _Tag) -> None:
        """Note an element that begins."""
        page, tag, at = self.page, one.name, one.at
        if at:
            self._look(one)
        if tag == "style" or (tag == "script" and not at):
            page.faults.append(f"inline {tag}")
        if tag == "a" or tag in _HEADINGS:
            self._begin(one)
        if self.places:
            self._row(tag)
        if tag not in _VOID:
            self.open.append(one)
            self._mark(one, 1)

    def _look(self, one: _Tag) -> None:
        """Note what the attributes of an element say."""
        page, tag, at = self.page, one.name, one.at
        if "id" in at:
            if at["id"] in page.ids:
                page.faults.append(f"id {at['id']} stands twice")
            page.ids.add(str(at["id"]))
        if one.fault:
            page.faults.append(one.fault)
        if tag == "a" and at.get("href"):
            page.links.add(str(at["href"]))
        elif tag == "form" and at.get("action"):
            page.links.add(str(at["action"]))
        elif tag == "meta" and "content" in at:
            page.metas[str(at.get("name") or at.get("property"))] = str(at["content"])
        elif tag == "link":
            self._link(str(at["rel"]), str(at["href"]), at.get("type"))
        elif tag in {"script", "img", "source"} and at.get("src"):
            page.assets.add(str(at["src"]))
        elif tag == "html":
            page.assets.add(str(at["data-codes"]))
        elif "data-rules" in at:
            page.assets |= {str(at["data-rules"]), str(at["data-places"])}
        elif tag == "script" and at.get("type") not in {"application/ld+json", "application/json"}:
            page.faults.append(f"inline {tag}")
        if at.get("class") == "amounts":
            page.order.append("amounts")
        if tag == "input" and at.get("name") == "mod" and at.get("value"):
            page.offered.append(str(at["value"]))
            if "checked" in at:
                page.chosen.append(str(at["value"]))
        self.all_texts += one.texts

    def _row(self, tag: str) -> None:
        """Begin what a row, a cell or an item of the place stands for."""
        page = self.page
        if tag == "dt" and self.marks["dl.amounts"]:
            page.amounts.append(Amount(""))
        elif tag == "tr":
            if self.marks["table.codes"]:
                page.table.append(())
            if self.marks["table.with"]:
                page.with_modifier.append(())
            if self.marks["table.past"] and not any(one.name == "thead" for one in self.open):
                page.history.append(())
        elif tag in {"th", "td"} and page.with_modifier and self.marks["table.with"]:
            page.with_modifier[-1] = (*page.with_modifier[-1], "")
        elif tag == "li" and self.marks["ul.changes"]:
            page.changes.append("")

    def _end(self, tag: str) -> None:
        """Note an element that ends."""
        if tag in _VOID:
            return
        if not self.open or self.open[-1].name != tag:
            self.page.faults.append(f"</{tag}> closes {self.open[-1].name if self.open else 'nothing'}")
            return
        self._mark(self.open.pop(), -1)
        if (tag == "a" or tag in _HEADINGS) and self.begun.pop() == self.heard:
            self.page.faults.append(f"{tag} is empty")

    def _begin(self, one: _Tag) -> None:
        """Note where a link or a heading begins, and a level that is left out."""
        self.begun.append(self.heard - one.named)
        if one.name in _HEADINGS:
            if int(one.name[1]) > self.headings[-1] + 1:
                self.page.faults.append(f"{one.name} stands below h{self.headings[-1]}")
            self.headings.append(int(one.name[1]))

    def _mark(self, one: _Tag, step: int) -> None:
        for mark in one.marks:
            self.marks[mark] += step
            self.places += step

    def _say(self, raw: str) -> None:
        """Hand the text since the last tag to what it belongs to."""
        text, faults = _said(raw)
        if not text or not self.open:
            return
        page, element = self.page, self.open[-1]
        tag = element.name
        if tag == "script":
            data = json.loads(text)
            self.all_texts += strings(data)
            if element.at.get("type") == "application/json":
                page.calculator_facts = data
            else:
                page.json_ld = text
            return
        self.all_texts.append(text)
        self.heard += 1
        page.faults += faults
        if tag == "title":
            page.title = text
        elif self.marks["h1"]:
            page.h1 = f"{page.h1} {text}".strip()
        elif text.startswith(("Also in the file: ", "Indicators in the file: ")) and not self.marks["div.rules"]:
            page.also = text
        elif self.places:
            self._place(element, text)

    def _place(self, element: _Tag, text: str) -> None:
        """Hand a text to the place in which it stands."""
        page, marks = self.page, self.marks
        if marks["p.verdict"]:
            page.verdict = f"{page.verdict} {text}".strip()
        elif marks["p.stale"] and "hidden" not in element.at:
            page.stale = text
            page.order.append("stale")
        elif marks["p.next"]:
            page.next_step = f"{page.next_step} {text}".strip()
            page.order.append("next")
        elif marks["dl.amounts"]:
            self._amount(element.name, text)
        elif marks["div.rules"]:
            self._rule(text)
        elif marks["dl.facts"]:
            self._fact(text)
        elif page.with_modifier and marks["table.with"]:
            # A cell may name several modifiers, each a link.
            *before, cell = page.with_modifier[-1]
            page.with_modifier[-1] = (*before, f"{cell} {text}".strip().replace(" ,", ","))
        elif page.table and marks["table.codes"]:
            page.table[-1] = (*page.table[-1], text)
        elif page.history and marks["table.past"]:
            page.history[-1] = (*page.history[-1], text)
        elif page.changes and marks["ul.changes"]:
            page.changes[-1] = f"{page.changes[-1]} {text}".strip()

    def _amount(self, tag: str, text: str) -> None:
        amount = self.page.amounts[-1]
        if tag == "dt":
            amount.setting = text
        elif self.marks["dd.fig"]:
            amount.main = text
        elif text.startswith("QP "):
            amount.qp = text.removeprefix("QP ")
        else:
            amount.notes.append(text)

    def _rule(self, text: str) -> None:
        key = next((str(one.at["id"]).removeprefix("rule-") for one in self.open if str(one.at.get("id") or "").startswith("rule-")), "")
        said, source = self.page.rules.get(key, ("", ""))
        if self.marks["p.src"]:
            source = f"{source} {text}".strip()
        elif self.open[-1].name == "p":
            said = text
        self.page.rules[key] = said, source

    def _fact(self, text: str) -> None:
        facts = self.page.facts
        if any(one.name == "dt" for one in self.open):
            facts[text] = ""
        elif facts:
            last = next(reversed(facts))
            facts[last] = f"{facts[last]} {text}".strip()


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
    reader.read(html)
    if url and reader.headings.count(1) != 1:
        page.faults.append(f"{reader.headings.count(1)} headings of the first level")
    if reader.open:
        page.faults.append(f"{reader.open[-1].name} is not closed")
    if texts is not None:
        page.leaks += [f"{leak!r} in {text!r}" for text in reader.all_texts for leak in texts.found(text)]
    return page
