"""The page that lists what a browser keeps of this site, and that the service worker shows for a page that is not kept."""

from __future__ import annotations

from typing import NamedTuple

from medpayiq.pages import seo
from medpayiq.pages.models import Head, Link
from medpayiq.pages.site import SiteData

URL, TEMPLATE = "/offline/", "offline"


class OfflinePage(NamedTuple):
    """The page; the lists are made in the browser."""

    head: Head
    lead: str
    none: str
    """Said where nothing is kept."""
    crumbs: tuple[Link, ...]


def offline(site: SiteData) -> OfflinePage:
    """Return the page."""
    crumbs = (Link("Home", "/"), Link("Kept pages", URL))
    head = seo.head(
        site,
        title="Pages kept in this browser, to read without connection",
        description="The pages that you opened here since this release came: your browser keeps the last hundred, so that they open without connection. See which, and remove them.",
        url=URL,
        crumbs=crumbs,
        index=False,
    )
    if not site.config.keep_offline:
        return OfflinePage(head, "This site keeps no pages in your browser.", "None are kept here.", crumbs)
    lead = "Your browser keeps the last hundred pages that you opened here, so that they open without a connection too. Pages of an earlier release are removed when a new one comes. Only this browser knows the list."
    return OfflinePage(head, lead, "None are kept here yet.", crumbs)
