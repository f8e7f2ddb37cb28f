"""What one page of a site says, as the tests ask for it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


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
