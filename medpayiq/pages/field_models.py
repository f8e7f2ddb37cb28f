"""Records of what pages show of field reports, and of the pages that take them in."""

from __future__ import annotations

from typing import NamedTuple

from medpayiq.pages.models import Head, Link


class Cell(NamedTuple):
    """One line of published figures."""

    label: str
    band: str
    """``5 to 9``."""
    css: str
    """The class of the band, which gives the bar its width."""


class Cells(NamedTuple):
    """One list of published figures."""

    heading: str
    cells: tuple[Cell, ...]


class Report(NamedTuple):
    """What is published of a code's reports."""

    lead: str
    """``10 to 24 reports``."""
    period: str
    """``, received in 2026 Q3 to 2026 Q4.``"""
    synthetic: str | None
    """Said of made-up figures."""
    parts: tuple[Cells, ...]
    alone: str | None
    """Said where no list has a line."""
    only: str
    """How to read them."""


class FieldBlock(NamedTuple):
    """The part of a code page."""

    code: str
    report: Report | None
    none: str
    """The invitation where nothing is published."""
    contribute_url: str | None
    """None where the site takes no reports in: then nothing is asked of a function either."""


class PayerOptions(NamedTuple):
    """A class of payers in the form."""

    key: str
    name: str
    payers: tuple[tuple[str, str], ...]


class ReportForm(NamedTuple):
    """What the form offers; pairs are (key, words)."""

    payers: tuple[PayerOptions, ...]
    reasons: tuple[tuple[str, str], ...]
    modifiers: tuple[tuple[str, str], ...]
    paid: tuple[tuple[str, str], ...]
    """Outcomes in which the claim was paid."""
    unpaid: tuple[tuple[str, str], ...]
    strategies: tuple[tuple[str, str], ...]
    """What can have worked, where it was paid."""
    nothing: tuple[str, str]
    """What is chosen in their place, where it was not."""
    most_worked: str
    states: tuple[str, ...]
    roles: tuple[tuple[str, str], ...]


class ContributePage(NamedTuple):
    """The page of the form."""

    head: Head
    lead: str
    form: ReportForm | None
    """None where the site takes no reports in."""
    crumbs: tuple[Link, ...]


class ThanksPage(NamedTuple):
    """What a person sees whose report was taken without a script."""

    head: Head
    crumbs: tuple[Link, ...]


class FieldCode(NamedTuple):
    """One line of the ranking of codes."""

    code: str
    url: str
    name: str
    band: str
    reasons: str
    """The reasons of the highest band."""
    worked: str
    """What worked in the highest band."""


class FieldReason(NamedTuple):
    """One reason across codes."""

    label: str
    size: str
    """``12 codes``."""
    codes: tuple[Link, ...]
    more: str | None
    """``and 4 more``."""


class FieldPage(NamedTuple):
    """What is reported most across codes."""

    head: Head
    lead: str
    none: str | None
    """Said where nothing is published."""
    synthetic: str | None
    published: str | None
    """``November 29, 2026``."""
    codes: tuple[FieldCode, ...]
    more_codes: str | None
    """Said where not all codes are listed."""
    reasons: tuple[FieldReason, ...]
    asks: str | None
    """What a report asks for: ``a code and 7 choices``; None where the site takes none in."""
    crumbs: tuple[Link, ...]
