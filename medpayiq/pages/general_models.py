"""Records of the pages that are no code's own: lists, deleted codes, home, release, texts, search."""

from __future__ import annotations

from typing import NamedTuple

from medpayiq.pages.models import Calculator, Head, Link, Piece, Source


class HubCode(NamedTuple):
    """One line of a list of codes."""

    code: str
    url: str
    name: str
    office: str
    """Amount, or the short verdict."""
    facility: str
    """Amount, ``not paid``, or the reading's (``26: $35.07``) where the whole test is not paid there."""
    priced: bool


class ReplacedPage(NamedTuple):
    """A deleted code that people still search."""

    head: Head
    code: str
    say: str
    since: str | None
    """``January 1, 2018``."""
    shown_by: str
    """Which releases or which text shows it."""
    successors: tuple[HubCode, ...]
    calculator: Calculator | None
    """For days on which it was in force; None where it never had an amount in a release at hand."""
    history: Piece | None
    """A `History`."""
    crumbs: tuple[Link, ...]


class HubChild(NamedTuple):
    """A narrower hub."""

    label: str
    url: str
    size: str
    """``1,803 codes``."""


class HubPage(NamedTuple):
    """A category, subcategory, family or code range."""

    head: Head
    name: str
    intro: str
    children: tuple[HubChild, ...]
    codes: tuple[HubCode, ...]
    crumbs: tuple[Link, ...]


class HomePage(NamedTuple):
    """The front page: a search box, ways in, and what is loaded."""

    head: Head
    intro: str
    facts: tuple[tuple[str, str], ...]
    """(what, figure): codes, priced codes, localities, release."""
    examples: tuple[Link, ...]
    categories: tuple[HubChild, ...]
    ranges: tuple[HubChild, ...]


class Table(NamedTuple):
    """A plain table: head and rows of text; ``numeric`` names the right-aligned columns by position, ``links`` has the address of each row."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()
    links: tuple[str, ...] = ()


class ReleasePage(NamedTuple):
    """What was read, from which file, with which result."""

    head: Head
    intro: str
    facts: tuple[tuple[str, str], ...]
    sources: Table
    releases: Table
    statuses: Table
    warnings: tuple[str, ...]
    crumbs: tuple[Link, ...]


class Care(NamedTuple):
    """What is easily got wrong, in a sentence."""

    about: str
    say: str
    sources: tuple[Source, ...]


class Fees(NamedTuple):
    """What the fee schedule of a locality is made from, and the localities to choose from."""

    rates: str
    """Address of the release's rows."""
    states: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    """(state, ((``13202-01``, name), ...))."""


class ReferencePage(NamedTuple):
    """A page that answers one question from a table: places of service, practitioners, localities."""

    head: Head
    name: str
    lead: str
    conditions: str
    """For which the amounts hold."""
    tables: tuple[Table, ...]
    care: tuple[Care, ...]
    sources: tuple[Source, ...]
    """Of the first table, where its rows name none."""
    crumbs: tuple[Link, ...]
    fees: Fees | None = None
    """Of localities alone."""


class TextPage(NamedTuple):
    """A page of prose written in Markdown (methodology, privacy, legal notices, 404)."""

    head: Head
    name: str
    kind: str
    """``prose``, or ``prose missing`` for the page that answers unknown addresses."""
    lead: str
    """Its first paragraph: finished, trusted HTML, as the body is."""
    parts: tuple[Link, ...]
    """Its parts, where there are many."""
    body: str
    crumbs: tuple[Link, ...]


class SearchPage(NamedTuple):
    """``/search/``: a form that works as a plain link, results by script."""

    head: Head
    crumbs: tuple[Link, ...]
