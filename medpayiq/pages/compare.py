"""The page that compares contract rates or paid amounts with Medicare: what stands around a form that the browser runs."""

from __future__ import annotations

from typing import NamedTuple

from medpayiq.comparing_rates import MOST_ROWS, OLDER, RATES
from medpayiq.pages import seo
from medpayiq.pages.models import Head, Link
from medpayiq.pages.site import SiteData
from medpayiq.shards import days_of

URL = "/compare/"


class ComparePage(NamedTuple):
    """The page; its rows and results are made in the browser."""

    head: Head
    lead: str
    rates: str
    """Address of the newest release's rows."""
    older: str | None
    """Address of what older releases have instead; None where there are none."""
    days: str
    """Days that releases answer for, in words."""
    most: int
    """Rows that are compared at a time."""
    crumbs: tuple[Link, ...]

    @property
    def most_words(self) -> str:
        """``200,000``."""
        return f"{self.most:,}"


def compare(site: SiteData) -> ComparePage:
    """Return the page."""
    crumbs = (Link("Home", "/"), Link("Underpaid?", URL))
    head = seo.head(
        site,
        title="Underpaid? Compare contract rates with Medicare, row by row",
        description="Open a CSV of contract rates or paid amounts: each row as a percentage of Medicare's allowed amount, the gaps ranked, the totals, as CSV. It runs in your browser; no row is sent anywhere.",
        url=URL,
        crumbs=crumbs,
        kind="WebApplication",
    )
    lead = "Compares each row of a CSV, contract rates or paid amounts, with what Medicare allows for it, and ranks the gaps. Your file is read in this browser and sent nowhere."
    return ComparePage(head, lead, f"/{RATES}", f"/{OLDER}" if site.past.older else None, days_of(site.past.periods), MOST_ROWS, crumbs)
