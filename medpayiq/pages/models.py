"""What a code page and every page's frame are handed: immutable records, every figure already a string. Other pages' records stand beside it (*_models.py).

Templates compute nothing (design, section 2): a field that a page shows is a field here. They ask whether a text is there,
and never compare texts: pages of one shape are joined from the same pieces (medpayiq/joining.py).
Money is text like ``"$40.42"``; an amount that does not exist is ``None`` and a sentence says why.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from markupsafe import Markup


class Link(NamedTuple):
    """A label and where it leads; ``url`` is root-relative or https."""

    label: str
    url: str


class Picture(NamedTuple):
    """The picture that a page is shared with, 1200 by 630 pixels."""

    url: str
    """Absolute URL."""
    alt: str
    """What it says, for who does not see it."""


class Head(NamedTuple):
    """What goes into ``<head>`` of any page."""

    title: str
    description: str
    url: str
    """Root-relative path of the page, with trailing slash."""
    canonical: str
    """Absolute URL."""
    listed: bool
    """False writes ``noindex,follow``."""
    json_ld: Markup
    """Finished JSON text for a ``<script type="application/ld+json">``, already safe inside HTML."""
    picture: Picture
    alternate: str | None = None
    """URL of the JSON twin, when the page has one."""
    og_type: str = "website"
    modified: str | None = None
    """ISO day on which what it shows last changed; None where that is not known. Structured data and sitemap have it."""


class Record(Protocol):
    """What the template of any page is handed."""

    @property
    def head(self) -> Head:
        """What goes into its ``<head>``."""


class CalculatorFiles(NamedTuple):
    """What every calculator of a build shares."""

    rules: str
    """URL of the rule book (hashed name)."""
    places: str
    """URL of the localities (hashed name)."""
    releases: str
    """URL of the list of releases by day of service (hashed name)."""
    modifiers: str
    """URL of what modifiers say (hashed name)."""
    script: str
    """URL of the script that a first use needs."""
    zips: str | None
    """Quarter of CMS's ZIP file, ``2025 Q4``; None for a release imported without one."""
    two_factors: bool
    """A release here has a conversion factor for QPs and one for everybody else."""
    practitioners: tuple[tuple[str, str], ...]
    """(key, label) of who may bill, without the physician."""


class Chrome(NamedTuple):
    """What every page of one build shares: names, assets, release, notices."""

    site_name: str
    tagline: str
    css: str
    """URL of the stylesheet (hashed name)."""
    js: str
    """URL prefix of the script modules, ending in a slash (hashed folder)."""
    icon: str
    codes: str
    """URL of the code index that the search box fetches (hashed name)."""
    calculator: CalculatorFiles
    """What every calculator loads and lists."""
    claims: str
    """URL of the claim desk's book (hashed name)."""
    desk: str
    """URL of the claim desk's script."""
    edit_words: str
    """URL of the words that lists of edits use (hashed name)."""
    field_words: str
    """URL of the words for field reports (hashed name)."""
    release: str
    """``RVU26C``."""
    kept_as: str | None
    """Name under which the browser keeps pages of this release; None where it is to keep none."""
    period: str
    """``July to September 2026``."""
    effective_from: str
    """ISO date, inclusive."""
    effective_to: str
    """ISO date, inclusive."""
    stale: str | None
    """Sentence shown above amounts when the build day is outside the release's dates."""
    stale_later: str
    """The same sentence for the browser, which shows it when the visitor's day is outside the dates."""
    sample: str | None
    """Sentence shown on every page of a build from the embedded sample."""
    notices: tuple[str, ...]
    """Legal notices for the footer (CPT, CDT, independence from CMS)."""
    contact: str
    """Where to report an error: an URL."""
    corrections_label: str


class Source(NamedTuple):
    """Where a rule is written."""

    label: str
    """``Medicare Claims Processing Manual, chapter 12, sections 40.1, 40.2``."""
    url: str
    short: str
    """``Claims Manual 12 §40.1, §40.2``: for a list of sources in small type."""


class Piece(NamedTuple):
    """A part of a page that many pages share: rendered once by ``templates/pieces/<template>.html``, printed with ``piece(...)``."""

    template: str
    record: tuple[Any, ...]


class RuleHead(NamedTuple):
    """What a rule is about, the same on every page that has it."""

    key: str
    """``bilat``, as in rules/indicators.yml; also the anchor."""
    heading: str
    """``Both sides``."""
    tone: str
    """``do`` (an action), ``check`` (needs evidence or care), ``deny`` (will not be paid), ``note``."""
    sign: str
    """The tone as a word: ``Do``, ``Check``, ``Denied``, ``Note``."""


class RuleSource(NamedTuple):
    """Where a rule stands, the same on every page that has it."""

    field: str
    """The column of CMS's file and its value: ``BILAT SURG 1``."""
    sources: tuple[Source, ...]


class Rule(NamedTuple):
    """One policy indicator as a sentence with this code's dollars."""

    head: Piece
    """A `RuleHead`."""
    text: str
    source: Piece
    """A `RuleSource`."""


class Amount(NamedTuple):
    """A national amount of one setting."""

    setting: str
    """``Office`` or ``Facility``."""
    main: str | None
    """The amount to print large (in 2026 the non-QP one), or None."""
    qp: str | None
    """The QP amount beside it, from 2026 on."""
    note: str | None
    """Why there is none, or under which condition it holds."""


class RvuRow(NamedTuple):
    """One (code, modifier) row of the file; RVUs as text with two decimals."""

    label: str
    """``Whole service``, ``Professional part (26)``, ``Technical part (TC)``, ``Discontinued (53)``."""
    modifier: str
    work: str
    pe_office: str
    pe_facility: str
    mp: str
    total_office: str
    total_facility: str
    amount_office: str | None
    amount_facility: str | None
    status: str


class Part(NamedTuple):
    """One piece of the RVU bar. ``x`` and ``width`` are in percent of the bar, as text."""

    label: str
    rvu: str
    x: str
    width: str
    css: str


class Bar(NamedTuple):
    """The three parts of an RVU total as one picture."""

    setting: str
    total: str
    parts: tuple[Part, ...]


class Choice(NamedTuple):
    """A modifier that a calculator offers."""

    code: str
    say: str
    only_one: bool
    """A choice that excludes its neighbours: a radio button."""
    chosen: bool
    """Set when the page is opened."""


class ChoiceGroup(NamedTuple):
    """Modifiers under one heading."""

    label: str
    choices: tuple[Choice, ...]
    note: str | None
    """Why one of them is set from the start."""
    folded: bool
    """None of them moves money: they are one press away."""
    days: bool
    """Asks for the days of care when 55 is chosen."""
    induction: bool
    """Asks whether the physician was there at induction, which counts with AD."""


class ModifierChoices(NamedTuple):
    """The modifiers that mean something for a code."""

    groups: tuple[ChoiceGroup, ...]


class Calculator(NamedTuple):
    """What a code's calculator starts from."""

    place: str
    """Place of service to begin with: ``11 Office``."""
    by_time: bool
    """Anesthesia: asks for base units and minutes."""
    choices: Piece
    """``ModifierChoices``."""
    facts: Markup
    """Rows of the code and of those its rules speak of, as JSON for a script element."""
    past: str | None
    """URL of the same rows in the older releases; None where no older release has the code."""
    day: str | None = None
    """Day of service to begin with: the last one of a code that is gone."""
    limit: str | None = None
    """Unit limit of the release, a number; None where CMS publishes none."""
    over: str = ""
    """What happens to units above it."""


class ModifierAmount(NamedTuple):
    """What a modifier, or a place among the day's services, makes of the national amount."""

    label: Markup
    """``50``, ``80, 81, 82``, each a link to the modifier's page, or words."""
    what: str
    office: str
    """Dollars, or ``not paid``."""
    facility: str


class CodePage(NamedTuple):
    """One CPT or HCPCS code."""

    head: Head
    code: str
    system: str
    """``CPT``, ``HCPCS Level II`` or ``CDT``."""
    name: str
    """Plain-language title."""
    name_origin: str
    """Where the name comes from, in words."""
    lines: tuple[str, ...]
    asked: tuple[str, ...]
    """What people type when they look for it; the search weighs it."""
    """One or two plain sentences on the service."""
    verdict: str
    """``Paid``, ``Priced by your MAC``...: two to five words."""
    verdict_tone: str
    """``yes``, ``maybe``, ``no``."""
    answer: str
    """A sentence: is it paid under the physician fee schedule?"""
    next_step: str | None
    """What to do instead, for an unpriced code."""
    coverage: str | None
    """Coverage is another question."""
    amounts: tuple[Amount, ...]
    """Office and facility, or empty."""
    amounts_label: str
    """``national, non-QP, July to September 2026``."""
    qp_label: str | None
    """``QP`` legend, or None before 2026."""
    components: tuple[Link, ...]
    """Amounts of the 26, TC and 53 rows as text, when the code has them."""
    rows: tuple[RvuRow, ...]
    unpriced_rows: str | None
    """A sentence where RVUs are printed but never priced, or there are none."""
    bars: tuple[Bar, ...]
    conversion: tuple[tuple[str, str], ...]
    """(name, figure) pairs of conversion factors."""
    arithmetic: tuple[str, ...]
    """The sum in one line a setting: ``(0.50 + 0.70 + 0.01) x 33.4009 = 40.415089, $40.42``."""
    confidence: str
    """``High``, ``Conditional`` or ``None``."""
    confidence_why: str
    source_file: str
    """``PPRRVU2026_Jul_nonQPP.csv, line 12,849``."""
    calculator: Calculator | None
    """None where nothing can be worked out."""
    modifier_amounts: tuple[ModifierAmount, ...]
    rules: tuple[Rule, ...]
    other_fields: str | None
    """CMS's other indicators as they stand in the file, for which there is no sentence."""
    history: Piece | None
    """A `History`; None where one release alone is at hand."""
    changed: Piece | None
    """A `ChangeLog`; None where nothing changed with the release shown but what the history tells."""
    edits: Piece
    """`Bundling`."""
    tips: Piece
    """A `TipList`."""
    field: Piece | None
    """A `FieldBlock`; None on a page that search engines are told not to list, unless reports are published on its code."""
    crumbs: tuple[Link, ...]
    family: Link | None
    previous: Link | None
    following: Link | None
    replaces: tuple[Link, ...]
    """Deleted codes whose place it took."""
    json_url: str
