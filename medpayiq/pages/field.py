"""Field reports on pages: the part of a code page, the form, the thanks, and what is reported most across codes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from medpayiq.field import lists
from medpayiq.field.list_schema import NOTHING, OTHER
from medpayiq.field.lists import Lists
from medpayiq.field.report_schema import MOST_WORKED, choices
from medpayiq.field.words import day, quarters, words
from medpayiq.pages import modified, seo
from medpayiq.pages.field_models import Cell, Cells, ContributePage, FieldBlock, FieldCode, FieldPage, FieldReason, PayerOptions, Report, ReportForm, ThanksPage
from medpayiq.pages.models import Link, Piece
from medpayiq.pages.naming import name_of
from medpayiq.pages.site import SiteData

CONTRIBUTE, THANKS, FIELD = "/contribute/", "/contribute/thanks/", "/field/"
_MOST_CODES = 100
_MOST_LINKS = 12
_HOME = Link("Home", "/")
_ORDER = {band: -place for place, band in enumerate(lists.BANDS)}


@cache
def _lists() -> Lists:
    """Return the lists, read once a program."""
    return lists.read()


@cache
def _words() -> dict[str, Any]:
    return words(_lists())


def inputs(site: SiteData) -> object:
    """Return what the pages of field reports are made from beside what every page is, for telling whether they must be made again."""
    return _lists(), site.reports


def inputs_of(code: str, site: SiteData) -> object:
    """Return what the part of a code page is made from beside what every page is."""
    return site.reports.codes.get(code), site.reports.synthetic


def part(code: str, site: SiteData) -> Piece | None:
    """Return the part of a code page, whether amounts are published for the code or not: any code can be denied. None where nothing is published of it and the site takes no reports in."""
    figures = site.reports.codes.get(code)
    if figures is None and not site.config.take_reports:
        return None
    said = report(figures, synthetic=site.reports.synthetic) if figures else None
    return Piece("field", FieldBlock(code, said, _words()["none"].replace("#", code), f"{CONTRIBUTE}?code={code}" if site.config.take_reports else None))


def report(figures: Mapping[str, Any], *, synthetic: bool = False) -> Report:
    """Return published figures in words. ``assets/js/field/show.js`` writes the same from the same words."""
    said = _words()
    parts = tuple(Cells(heading, tuple(Cell(labels[one["key"]], *said["bands"][one["band"]]) for one in figures[key])) for key, heading, labels in said["parts"] if figures[key])
    return Report(
        said["lead"].replace("#", said["bands"][figures["reports"]][0]),
        said["period"].replace("%", quarters(figures["period"], said["to"])),
        said["synthetic"] if synthetic else None,
        parts,
        None if parts else said["alone"],
        said["only"].replace("#", day(figures["published"])),
    )


def contribute(site: SiteData) -> ContributePage:
    """Return the page of the form."""
    head = seo.head(
        site,
        title="Report a denial: code, payer, reason and what worked",
        description="Tell other practices for which reason a payer denied a code and what got it paid. Closed lists only: no dates, no amounts, no text, nothing about a patient.",
        url=CONTRIBUTE,
        crumbs=(_HOME, Link("Report a denial", CONTRIBUTE)),
        index=site.config.take_reports,
        since=modified.Since(),  # its words and lists have no day
    )
    if not site.config.take_reports:
        return ContributePage(head, "This site takes no field reports in: it stands where no program answers. Nothing can be sent from here.", None, (_HOME, Link("Report a denial", CONTRIBUTE)))
    lead = "For which reason did a payer deny a code, and what got it paid? Once five or more reports on a code are in, its page shows them in bands. There is nothing to type but the code."
    return ContributePage(head, lead, form(_lists()), (_HOME, Link("Report a denial", CONTRIBUTE)))


def form(of: Lists) -> ReportForm:
    """Return what the form offers."""
    return ReportForm(
        tuple(PayerOptions(key, one.name, tuple(one.payers.items())) for key, one in of.payers.items()),
        tuple((key, said if key == OTHER else f"{key} {said}") for key, said in of.reasons.items()),
        tuple((key, said if key in {lists.NONE, OTHER} else f"{key} {said}") for key, said in of.modifiers.items()),
        tuple((key, of.outcomes[key]) for key in of.outcomes if key in of.paid),
        tuple((key, of.outcomes[key]) for key in of.unpaid),
        tuple((key, of.worked[key]) for key in of.strategies),
        (NOTHING, of.worked[NOTHING]),
        str(MOST_WORKED),
        of.states,
        tuple(of.roles.items()),
    )


def thanks(site: SiteData) -> ThanksPage:
    """Return the page after a report."""
    crumbs = (_HOME, Link("Report a denial", CONTRIBUTE), Link("Thank you", THANKS))
    head = seo.head(site, title=f"Thank you for the report | {site.config.name}", description="Your report on a denial was taken in. It shows once five or more on the same code are in.", url=THANKS, crumbs=crumbs, index=False)
    return ThanksPage(head, crumbs)


def across(site: SiteData) -> FieldPage:
    """Return what is reported most across codes, from published figures alone: bands rank, and within a band the code's number."""
    published = site.reports
    crumbs = (_HOME, Link("From the field", FIELD))
    head = seo.head(
        site,
        title="From the field: codes and reasons most reported as denied",
        description="Which codes people report as denied, for which reasons and what got them paid: self-reported, in bands, nothing below five reports. No denominator.",
        url=FIELD,
        crumbs=crumbs,
        since=modified.of_reports(site),
    )
    none = None
    if not published.codes:
        asked = " A code's page asks for newer ones when you come to that part of it." if site.config.take_reports else " It takes none in."
        none = "No code has five field reports yet." if published.read else f"No field reports yet: this site was built without any.{asked}"
    ranked = sorted(published.codes, key=lambda code: (_ORDER[published.codes[code]["reports"]], code))
    return FieldPage(
        head,
        "What people report about denials, over all codes. Self-reported, no denominator: it says what people ran into, not how often it happens.",
        none,
        _words()["synthetic"] if published.synthetic else None,
        day(published.day) if published.day and published.codes else None,
        tuple(_line(code, published.codes[code], site) for code in ranked[:_MOST_CODES]),
        f"The first {_MOST_CODES} of {len(ranked):,} codes." if len(ranked) > _MOST_CODES else None,
        _reasons(ranked, site),
        f"a code and {choices(_lists())} choices" if site.config.take_reports else None,
        crumbs,
    )


def _line(code: str, figures: Mapping[str, Any], site: SiteData) -> FieldCode:
    said = _words()
    labels = {key: names for key, _, names in said["parts"]}
    entry = site.by_code[code]

    def top(part: str) -> str:
        cells = figures[part]
        return "; ".join(labels[part][one["key"]] for one in cells if one["band"] == cells[0]["band"]) or "None by five or more"

    return FieldCode(code, entry.url, name_of(entry, site), said["bands"][figures["reports"]][0], top("reasons"), top("worked"))


def _reasons(ranked: list[str], site: SiteData) -> tuple[FieldReason, ...]:
    """Return the reasons by the number of codes on which five or more reports name them."""
    on: dict[str, list[str]] = {}
    for code in ranked:
        for one in site.reports.codes[code]["reasons"]:
            on.setdefault(one["key"], []).append(code)
    labels = next(names for key, _, names in _words()["parts"] if key == "reasons")
    return tuple(
        FieldReason(labels[key], f"{len(codes):,} code{'' if len(codes) == 1 else 's'}", tuple(Link(code, site.by_code[code].url) for code in codes[:_MOST_LINKS]), f"and {len(codes) - _MOST_LINKS:,} more" if len(codes) > _MOST_LINKS else None)
        for key, codes in sorted(on.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    )
