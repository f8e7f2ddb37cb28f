"""The page of the Revenue Protection Toolkit: what is in it, and the files of each specialty."""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

from medpayiq import rules
from medpayiq.pages import seo
from medpayiq.pages.hubs import slugify
from medpayiq.pages.models import Head, Link
from medpayiq.pages.site import SiteData
from medpayiq.toolkit.contents import NAME, named
from medpayiq.toolkit.files import FOLDER
from medpayiq.toolkit.lists import csv_names
from medpayiq.toolkit.specialties import NOT_CLASSIFIED, Specialty, specialties
from medpayiq.toolkit.weighing import Tally, tallies

URL = "/toolkit/"


class Download(NamedTuple):
    """One file."""

    label: str
    """``PDF``; ``CSV 1`` of several."""
    url: str
    save_as: str
    """Name under which a browser saves it: it says the release."""


class Offer(NamedTuple):
    """The files of one specialty."""

    name: str
    codes: str
    edits: str
    never: str
    """Edits that no modifier bypasses."""
    files: tuple[Download, ...]


class Shelf(NamedTuple):
    """Specialties of one RBCS category."""

    name: str
    slug: str
    offers: tuple[Offer, ...]


class ToolkitPage(NamedTuple):
    """``/toolkit/``."""

    head: Head
    lead: str
    whole: Offer | None
    """The files of all specialties; None where no edits are loaded."""
    shelves: tuple[Shelf, ...]
    edition: str
    """``RVU26C, July to September 2026; edit set 2026 Q3 (v322r0)``."""
    rule: tuple[str, ...]
    crumbs: tuple[Link, ...]


def toolkit(site: SiteData) -> ToolkitPage:
    """Return the page."""
    crumbs = (Link("Home", "/"), Link("Toolkit", URL))
    head = seo.head(
        site,
        title=f"{NAME}: Medicare denial sheets to download, {site.year}",
        description=f"Denial triggers, modifier pitfalls and bundling conflicts of each specialty as PDF, spreadsheet and CSV, from CMS's files, {site.period}. Free, at once, no e-mail asked.",
        url=URL,
        crumbs=crumbs,
        kind="CollectionPage",
    )
    lead = "What gets a line denied, where modifiers are refused, and which codes conflict, with what to do next: one sheet per specialty, made from the same data as the pages. Free to download; no e-mail address is asked for."
    table = rules.read("toolkit")
    edits = site.edits.ptp
    kinds = specialties(site)
    counts = tallies(site, kinds)
    whole, *rest = [(one, _offer(one, counts[one.slug], site)) for one in named(kinds, counts, sample=site.snapshot.meta.sample)] if edits else [(None, None)]
    shelves = tuple(Shelf(name or "Not classified", slugify(name) or NOT_CLASSIFIED, tuple(offer for _, offer in ones if offer)) for name, ones in groupby(rest, key=lambda one: one[0].category if one[0] else ""))
    edition = f"{site.snapshot.meta.release}, {site.period}" + (f"; edit set {edits}" if edits else "")
    return ToolkitPage(head, lead, whole[1], shelves, edition, tuple(text.format(**table) for text in table["rule"]), crumbs)


def _offer(kind: Specialty, tally: Tally, site: SiteData) -> Offer:
    name = f"{slugify(site.config.name)}-toolkit"
    release = site.snapshot.meta.release.lower()
    lists = csv_names(kind.slug, tally.all)
    files = [("PDF", f"{kind.slug}.pdf"), ("XLSX", f"{kind.slug}.xlsx"), *((f"CSV {at}" if len(lists) > 1 else "CSV", one) for at, one in enumerate(lists, 1))]
    made = tuple(Download(label, f"/{FOLDER}/{file}", f"{name}-{file.replace('.', f'-{release}.')}") for label, file in files)
    return Offer(kind.name, f"{len(kind.entries):,}", f"{tally.all:,}", f"{tally.never:,}", made)
