"""What the templates of edits, modifiers and the claim desk are handed; the rules for records stand in models.py."""

from __future__ import annotations

from typing import NamedTuple

from markupsafe import Markup

from medpayiq.pages.general_models import Table
from medpayiq.pages.models import Head, Link, Piece, Source


class Indicator(NamedTuple):
    """What to do about an edit of one modifier indicator."""

    number: str
    label: str
    say: str
    do: str
    sources: tuple[Source, ...]


class BypassModifiers(NamedTuple):
    """Modifiers that may bypass an edit, and what each asks for."""

    names: Markup
    """``Sites: E1, E2``, each a link to its page."""
    fits: str
    record: str


class EditActions(NamedTuple):
    """What to do when an edit fires: the same on every page."""

    indicators: tuple[Indicator, ...]


class UnitRule(NamedTuple):
    """How a unit limit is applied, the same for all codes of one adjudication indicator."""

    label: str
    say: str
    over: str
    appeal: str
    sources: tuple[Source, ...]


class AddOnPart(NamedTuple):
    """Add-on relations of a code: which primary codes it goes with, or which add-on codes go with it."""

    label: str
    say: str
    do: str
    codes: tuple[Link, ...]
    """Without an address where the code has no page here."""
    many: bool
    """So many that they are one press away."""
    number: str
    remarks: tuple[str, ...]
    sources: tuple[Source, ...]


class Bundling(NamedTuple):
    """NCCI edits, unit limit and add-on relations of a code; joined apart from its page."""

    code: str
    edition: str | None
    """``2026 Q3 (v322r0)``; None where no edits are loaded."""
    none: str | None
    """A sentence in the place of counts."""
    ones: str | None
    """How many codes are column 2 to it, in a sentence."""
    twos: str | None
    """How many codes are column 1 to it, in a sentence."""
    scope: str | None
    """That a sample holds edits between its own codes alone."""
    ones_count: str
    twos_count: str
    listed: str
    """Number of rows in the list, ``10,535``; blank for none."""
    list_url: str | None
    actions: Piece | None
    """`EditActions`."""
    manual: Link | None
    """Chapter of the NCCI Policy Manual for the code."""
    manual_about: str
    limit: str | None
    """``6 units a day``."""
    limit_why: str | None
    limit_rule: Piece | None
    """`UnitRule`."""
    limit_edition: str | None
    add_on: Piece | None
    """`AddOnPart` with its primary codes."""
    add_ons: Piece | None
    """`AddOnPart` with its add-on codes."""
    add_on_edition: str | None


class EditsPage(NamedTuple):
    """What edits are, how to read them, and how many there are."""

    head: Head
    lead: str
    facts: tuple[tuple[str, str], ...]
    none: str | None
    actions: Piece
    modifiers: tuple[BypassModifiers, ...]
    rationales: tuple[tuple[str, str], ...]
    """CMS's label and what it means."""
    limits: tuple[tuple[UnitRule, str], ...]
    """With the number of codes."""
    no_limit: str
    add_ons: tuple[tuple[Indicator, str], ...]
    """With the number of add-on codes."""
    busiest: Table
    chapters: Table
    crumbs: tuple[Link, ...]


class WorkedStep(NamedTuple):
    """One row of the arithmetic."""

    label: str
    how: str
    """``66.80 × 150% = 100.20``."""
    dollars: str
    sources: tuple[Source, ...]


class Worked(NamedTuple):
    """A modifier on one code, worked out by the engine without it and with it."""

    code: Link
    about: str
    """What holds for both amounts: ``national, non-QP, July to September 2026, place of service 11, Office...``."""
    without: str
    """``Without 50``, or what the line needs anyway: ``With GP``."""
    having: str
    rows: tuple[tuple[str, str, str], ...]
    """What is paid, without and with the modifier."""
    refusal: str | None
    """Why there is no amount with it, or without it."""
    remarks: tuple[str, ...]
    steps: tuple[WorkedStep, ...]


class ModifierRule(NamedTuple):
    """A sentence about a modifier under a word of its own: what it cannot stand with, what becomes of it on which codes."""

    label: str
    say: str
    links: tuple[Link, ...] = ()


class ModifierPage(NamedTuple):
    """One modifier."""

    head: Head
    name: str
    say: str
    facts: tuple[tuple[str, str], ...]
    """Group, days in use, number of codes."""
    sources: tuple[Source, ...]
    unverified: str | None
    """Sentence where no primary text at hand has it, or not with its dates."""
    payment: tuple[str, ...]
    """What it does to the payment, in sentences."""
    worked: Worked | None
    edit: tuple[str, ...]
    """Whether it bypasses an NCCI edit, and when, in sentences."""
    edit_sources: tuple[Source, ...]
    standing: Table
    """What becomes of it on the codes of the release."""
    limits: str | None
    """What the count cannot say."""
    common: tuple[Link, ...]
    """Codes that many practices bill with it."""
    beside: tuple[ModifierRule, ...]
    """What it cannot stand with, and what it needs."""
    crumbs: tuple[Link, ...]


class ModifierLine(NamedTuple):
    """One modifier in the list of all."""

    link: Link
    say: str
    about: str
    """``Same payment. May bypass an NCCI edit. 2,447 codes.``"""


class ModifierGroup(NamedTuple):
    """Modifiers of one kind."""

    key: str
    label: str
    say: str | None
    """What holds for all of them."""
    lines: tuple[ModifierLine, ...]
    names: tuple[Link, ...]
    """Those of which there is no more to say than of all."""


class ModifiersPage(NamedTuple):
    """Every modifier, by group."""

    head: Head
    lead: str
    groups: tuple[ModifierGroup, ...]
    crumbs: tuple[Link, ...]


class ClaimPage(NamedTuple):
    """The claim desk; everything else on it is made in the browser."""

    head: Head
    lead: str
    most: str
    """Lines of a claim."""
    place: str
    """Place of service to begin with: ``11 Office``."""
    crumbs: tuple[Link, ...]
