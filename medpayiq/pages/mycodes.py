"""The page My codes: what stands around a list of codes that the browser keeps."""

from __future__ import annotations

from typing import NamedTuple

from medpayiq.pages import seo
from medpayiq.pages.models import Head, Link
from medpayiq.pages.site import SiteData
from medpayiq.toolkit.picked import BOOK, MOST_CODES

URL = "/my-codes/"


class MyCodesPage(NamedTuple):
    """The page; its sheet is made in the browser."""

    head: Head
    lead: str
    book: str
    """Address of modifiers and changes."""
    most: str
    """Codes of one list."""
    amounts: str
    """``national, non-QP``."""
    place: str
    """Address of code pages as a printed sheet names it."""
    crumbs: tuple[Link, ...]


def my_codes(site: SiteData) -> MyCodesPage:
    """Return the page."""
    crumbs = (Link("Home", "/"), Link("My codes", URL))
    head = seo.head(
        site,
        title="My codes: up to 50 Medicare codes on one sheet to print",
        description="Pick the codes that you bill: amounts, global days, unit limits, modifiers, the edits between them and what changed with the release, on one sheet. The list stays in your browser and in the address.",
        url=URL,
        crumbs=crumbs,
        kind="WebApplication",
    )
    lead = f"Up to {MOST_CODES} codes that you bill on one sheet: amounts, global days, unit limits, modifiers, the edits between them, and each quarter what changed."
    amounts = "national, non-QP" if site.factor_qp else "national"
    return MyCodesPage(head, lead, f"/{BOOK}", str(MOST_CODES), amounts, f"{site.config.base_url}/codes/", crumbs)
