"""The page on denials: what each number on a remittance means, what to look at, what to do."""

from __future__ import annotations

from functools import cache

from medpayiq.content import denials
from medpayiq.content.denials import Denials, Reason, Said
from medpayiq.field import lists
from medpayiq.pages import modified, modifiers, seo
from medpayiq.pages.denial_models import DenialReason, DenialsPage, Named, Sentence
from medpayiq.pages.models import Link
from medpayiq.pages.policy import sources_of
from medpayiq.pages.site import SiteData

URL = "/denials/"


@cache
def _denials() -> Denials:
    """Return what editors wrote, read once a program."""
    return denials.read(lists.read().reasons)


def inputs(site: SiteData) -> object:
    """Return what the page is made from beside what every page is, for telling whether it must be made again."""
    return _denials(), _denials().changed <= site.today


def page(site: SiteData) -> DenialsPage:
    """Return the page on denials."""
    said = _denials()
    crumbs = (Link("Home", "/"), Link("Denials", URL))
    known = frozenset(modifiers.names(site))
    head = seo.head(
        site,
        title="Denial reasons on a remittance: what each means, what to do",
        description="A claim came back with CO-97, 151, 236 or another reason: what the number means in plain words, what to check first, and whether to correct, appeal or write off.",
        url=URL,
        crumbs=crumbs,
        since=modified.Since(said.changed),
    )
    return DenialsPage(
        head,
        "A line of a remittance says why less was paid: letters for who bears the amount, a number for the reason, often a remark. What each number means, what to look at first, and what to do.",
        "We have no words for reason #.",
        tuple(_reason(one, said, known) for one in said.reasons),
        tuple(Named(letters, _sentence(one)) for letters, one in said.groups.items()),
        tuple(Named(title, _sentence(one)) for title, one in said.ways),
        _sentence(said.remarks),
        crumbs,
    )


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
