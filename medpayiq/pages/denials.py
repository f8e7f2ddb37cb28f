"""The pages on denials: one a number on a remittance, with what it means, what to look at and what to do, and the way to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial

from medpayiq.content import denials
from medpayiq.content.denials import Denials, Reason, Said
from medpayiq.field import lists
from medpayiq.pages import modified, modifiers, seo
from medpayiq.pages.denial_models import DenialPage, DenialReason, DenialsPage, Named, Sentence
from medpayiq.pages.models import Link
from medpayiq.pages.policy import sources_of
from medpayiq.pages.site import SiteData

URL = "/denials/"
_WAY = (Link("Home", "/"), Link("Denials", URL))
_LONGEST_DESCRIPTION = 160
"""Characters of a description; search engines cut longer ones."""


@cache
def _denials() -> Denials:
    """Return what editors wrote, read once a program."""
    return denials.read(lists.read().reasons)


def inputs(site: SiteData) -> object:
    """Return what the pages are made from beside what every page is, for telling whether they must be made again."""
    said = _denials()
    return said, [day <= site.today for day in (said.changed, *(one.changed for one in said.reasons))]


def url_of(number: str) -> str:
    """Return the address of a number's page."""
    return f"{URL}{number.lower()}/"


def routes(site: SiteData) -> Iterator[tuple[str, Callable[[], DenialPage]]]:
    """Yield the address of each number's page, and its record."""
    for one in _denials().reasons:
        yield url_of(one.number), partial(_page_of, one, site)


def _page_of(one: Reason, site: SiteData) -> DenialPage:
    said = _denials()
    url = url_of(one.number)
    crumbs = (*_WAY, Link(one.number, url))
    name = f"{one.letters}-{one.number}"
    head = seo.head(
        site,
        title=seo.shorten(f"Denial code {name}: {one.title}", seo.LONGEST_TITLE),
        description=seo.shorten(f"{name} on a remittance: {one.means.say}", _LONGEST_DESCRIPTION),
        url=url,
        crumbs=crumbs,
        since=modified.Since(max(said.changed, one.changed)),
    )
    letters = (one.letters, *(group for group in said.groups if group != one.letters))
    return DenialPage(
        head,
        _reason(one, said, frozenset(modifiers.names(site))),
        tuple(Named(f"{group}-{one.number}", _sentence(said.groups[group])) for group in letters),
        _sentence(said.remarks),
        _ways(said),
        crumbs,
    )


def page(site: SiteData) -> DenialsPage:
    """Return the page that leads to the numbers."""
    said = _denials()
    head = seo.head(
        site,
        title="Denial reasons on a remittance: what each means, what to do",
        description="A claim came back with CO-97, 151, 236 or another reason: what the number means in plain words, what to check first, and whether to correct, appeal or write off.",
        url=URL,
        crumbs=_WAY,
        since=modified.Since(max(said.changed, *(one.changed for one in said.reasons))),
    )
    return DenialsPage(
        head,
        "A line of a remittance says why less was paid: letters for who bears the amount, a number for the reason, often a remark. What each number means, what to look at first, and what to do.",
        "We have no words for reason #.",
        tuple((one.number, one.title, url_of(one.number)) for one in said.reasons),
        tuple(Named(letters, _sentence(one)) for letters, one in said.groups.items()),
        _ways(said),
        _sentence(said.remarks),
        _WAY,
    )


def _ways(said: Denials) -> tuple[Named, ...]:
    return tuple(Named(title, _sentence(one)) for title, one in said.ways)


def _reason(one: Reason, said: Denials, known: frozenset[str]) -> DenialReason:
    """Return a reason; modifiers that are not in force have no page to lead to."""
    return DenialReason(
        one.number,
        one.title,
        _sentence(one.means),
        tuple(map(_sentence, one.first)),
        tuple(Link(*said.places[key]) for key in one.here),
        tuple(Link(name, modifiers.url_of(name)) for name in one.modifiers if name in known),
        tuple(map(_sentence, one.then)),
    )


def _sentence(one: Said) -> Sentence:
    return Sentence(one.say, sources_of([*one.sources]))
