"""The claim desk: the page around a form that the browser runs."""

from __future__ import annotations

from medpayiq.claims import MOST_LINES
from medpayiq.pages import seo
from medpayiq.pages.edit_models import ClaimPage
from medpayiq.pages.models import Link
from medpayiq.pages.site import SiteData


def claim(site: SiteData) -> ClaimPage:
    """Return the page of the claim desk."""
    url = "/claim/"
    crumbs = (Link("Home", "/"), Link("Claim desk", url))
    head = seo.head(
        site,
        title="Claim desk: check a whole Medicare claim for edits, limits and amounts",
        description="Type or paste a claim's codes: NCCI edits, unit limits, add-on codes and modifiers are checked and the claim is priced, in your browser. Nothing is sent anywhere.",
        url=url,
        crumbs=crumbs,
        kind="WebApplication",
    )
    places = site.calculators.book["places"]
    return ClaimPage(head, "Checks the lines of one claim against edits, unit limits, add-on codes and Medicare's rules, and prices what is left. Nothing you type leaves this browser.", str(MOST_LINES), f"11 {places['11']['name']}", crumbs)
