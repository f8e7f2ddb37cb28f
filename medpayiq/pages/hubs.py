"""Hub pages: CMS's RBCS tree (category, subcategory, family), and code ranges under our names for codes it lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from medpayiq.pages import modified, seo
from medpayiq.pages.entries import Entry
from medpayiq.pages.general_models import HubChild, HubPage
from medpayiq.pages.models import Link
from medpayiq.pages.site import SiteData
from medpayiq.pages.verdict import hub_code

ROOT = "/browse/"
# A list longer than this is split into pages by number; a phone can still scroll through one.
MOST_CODES = 150
_PART = re.compile(r"[A-Z0-9]{5} to ")
"""Begins the label of a part of an overlong list."""
_DEEP = 4
"""Steps from the front page to a subcategory, both counted."""


@dataclass(slots=True)
class Node:
    """One hub: a place in the tree with the codes that stand directly in it."""

    label: str
    url: str
    parent: Node | None
    children: dict[str, Node] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    _crumbs: tuple[Link, ...] | None = None

    def child(self, label: str, slug: str | None = None) -> Node:
        """Return the child of this label, making it when it is new."""
        if label not in self.children:
            self.children[label] = Node(label, f"{self.url}{slug or slugify(label)}/", self)
        return self.children[label]

    def count(self) -> int:
        """Return how many codes stand here and below."""
        return len(self.entries) + sum(one.count() for one in self.children.values())

    def walk(self) -> Iterator[Node]:
        """Yield this hub and all below it."""
        yield self
        for one in self.children.values():
            yield from one.walk()

    def crumbs(self) -> tuple[Link, ...]:
        """Return the way here from the front page."""
        if self._crumbs is None:
            above = self.parent.crumbs() if self.parent else (Link("Home", "/"),)
            self._crumbs = (*above, Link(self.label, self.url))
        return self._crumbs


@dataclass(frozen=True, slots=True)
class Tree:
    """All hubs, and the hub each code stands in."""

    root: Node
    by_number: Node
    home_of: dict[str, Node]


@lru_cache(maxsize=1024)
def slugify(text: str) -> str:
    """Turn a label into a part of an address."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower().replace("&", " and ")).strip("-")


def build(site: SiteData) -> Tree:
    """Sort every code of the release into the tree."""
    root = Node("Browse", ROOT, None)
    by_number = Node("By number", f"{ROOT}codes/", root)
    for entry in site.entries:
        category = site.snapshot.rbcs.get(entry.code)
        if category is None:
            part = site.range_of[entry.code]
            node = by_number.child(part.name, part.slug)
        else:
            node = root.child(category.category)
            # RBCS calls a category and its only subcategory alike (Anesthesia): they are one list.
            if category.subcategory != category.category:
                node = node.child(category.subcategory)
            if category.family:
                node = node.child(category.family)
        node.entries.append(entry)
    root.children = dict(sorted(root.children.items()))
    for node in list(root.walk()):
        node.children = dict(sorted(node.children.items()))
    order = {one.name: i for i, one in enumerate(site.library.ranges)}
    by_number.children = dict(sorted(by_number.children.items(), key=lambda one: order.get(one[0], len(order))))
    if by_number.children:
        root.children[by_number.label] = by_number
    for node in list(root.walk()):
        _split(node)
    return Tree(root, by_number, {entry.code: node for node in root.walk() for entry in node.entries})


def _split(node: Node) -> None:
    """Move the codes of an overlong list into children by number, of about equal length."""
    total = len(node.entries)
    if total <= MOST_CODES:
        return
    pages = -(-total // MOST_CODES)
    entries, node.entries = node.entries, []
    for i in range(pages):
        part = entries[i * total // pages : (i + 1) * total // pages]
        child = node.child(f"{part[0].code} to {part[-1].code}", f"{part[0].code}-{part[-1].code}".lower())
        child.entries = part


def count_words(count: int) -> str:
    """Say how many codes."""
    return f"{count:,} code{'s' if count != 1 else ''}"


def page(node: Node, site: SiteData) -> HubPage:
    """Return the page of one hub."""
    count = node.count()
    name = f"{node.parent.label}, {node.label}" if node.parent and _PART.match(node.label) else node.label
    above = [one.label for one in node.crumbs()[2:-1]]
    context = f" ({', '.join(above)})" if above else ""
    codes = count_words(count)
    period = f"{site.snapshot.meta.release}, {site.period}"
    intro = f"{codes}. National amounts{', non-QP,' if site.factor_qp else ''} of {period}."
    head = seo.head(
        site,
        title=_title(name, above, site.year),
        description=f"{codes} under {name}{context}, with the national Medicare amount of each in the office and in a facility, {period}.",
        url=node.url,
        crumbs=node.crumbs(),
        kind="CollectionPage",
        since=modified.of_hub(node, site),
    )
    children = tuple(HubChild(label, one.url, count_words(one.count())) for label, one in _narrower(node))
    return HubPage(head, name, intro, children, tuple(hub_code(one, site) for one in node.entries), node.crumbs())


def _narrower(node: Node) -> Iterator[tuple[str, Node]]:
    """Yield the lists below with their labels; behind a family that is split, the parts of it, so that no code is more than four clicks from the front page."""
    for one in node.children.values():
        yield one.label, one
        if len(one.crumbs()) > _DEEP:
            yield from ((f"{one.label}, {part.label}", part) for part in one.children.values() if _PART.match(part.label))


def _title(name: str, above: list[str], year: int) -> str:
    """Name the hub in at most 70 characters, with as much of its way as fits; the name alone need not be unique."""
    tail = f": Medicare payment {year}"
    full = f"{name} ({', '.join(above)}){tail}" if above else name + tail
    return full if len(full) <= seo.LONGEST_TITLE else seo.shorten(f"{name}{tail}", seo.LONGEST_TITLE)
