"""The page of a code that the newest release no longer has: what stands in its place, until when it was paid, and what."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from medpayiq.content.library import Replaced
from medpayiq.days import long_date, period
from medpayiq.pages import modified, seo
from medpayiq.pages.codes import calculator_of
from medpayiq.pages.dated import Dated, dated
from medpayiq.pages.entries import system_of
from medpayiq.pages.general_models import ReplacedPage
from medpayiq.pages.history import history
from medpayiq.pages.models import Link
from medpayiq.pages.site import SiteData
from medpayiq.pages.verdict import hub_code
from medpayiq.periods import Period


class _Left(NamedTuple):
    """When a code left CMS's file, as far as the releases at hand show it."""

    last: Period
    """The last period that has it."""
    first_without: Period
    """The next one."""


def replaced(code: str, site: SiteData) -> ReplacedPage:
    """Return the page of a code that is gone."""
    one = site.library.replaced.get(code)
    days = dated(code, None, site)
    left = _left(days)
    url = f"/codes/{code}/"
    crumbs = (Link("Home", "/"), Link("Browse", "/browse/"), Link(code, url))
    successors = tuple(hub_code(site.by_code[new], site) for new in (one.by if one else ()) if new in site.by_code)
    names = ", ".join(new.code for new in successors)
    say = one.say.strip() if one else _say(left)
    since = long_date(one.since) if one and one.since else None
    what = f"Bill {names} instead" if names else "What to do now"
    head = seo.head(
        site,
        title=_title(code, names, one),
        description=seo.shorten(f"{code} is no longer valid{' since ' + since if since else ''}. {what}: {say}" if one else f"{code}: {say}", 300),
        url=url,
        crumbs=crumbs,
        index=one is not None or not site.config.noindex.holds(code, _last_status(days), frozenset()),
        about={"@type": "MedicalCode", "codeValue": code, "codingSystem": {"CPT": "CPT", "CDT": "CDT"}.get(system_of(code), "HCPCS"), "name": f"{code} (deleted)"},
        og_type="article",
        since=modified.of_deleted(code, site),
    )
    calculator = calculator_of(code, days, site)
    if calculator is not None and left is not None:
        calculator = calculator._replace(day=left.last.effective_to)
    return ReplacedPage(head, code, say, since, _evidence(one, left), successors, calculator, history(code, days, site), crumbs)


def _title(code: str, names: str, one: Replaced | None) -> str:
    if one is None:
        return f"{code}: no longer in CMS's file, what Medicare paid for it"
    return f"{code} is deleted" + (f": replaced by {names}" if names and len(names) < 40 else ": what to bill instead")


def _left(days: Sequence[Dated]) -> _Left | None:
    return next((_Left(before.span, after.span) for before, after in reversed([*pairwise(days)]) if before.entry is not None and after.entry is None), None)


def _last_status(days: Sequence[Dated]) -> str:
    return next((one.entry.main.status for one in reversed(days) if one.entry is not None), "")


def _say(left: _Left | None) -> str:
    if left is None:
        return "It is not in CMS's file."
    return f"CMS's file has it until {left.last.release} ({_words(left.last)}) and not since {left.first_without.release} ({_words(left.first_without)}). For a service of today another code is needed; we have not written down which."


def _words(span: Period) -> str:
    return period(span.effective_from, span.effective_to)


def _evidence(one: Replaced | None, left: _Left | None) -> str:
    """Say what shows that the code is gone: the source of ours, and CMS's own files."""
    said = [f"Source: {one.source}."] if one else []
    if one and one.last_release and one.first_release_without:
        said.append(f"Last in CMS's file in {one.last_release}; gone in {one.first_release_without}.")
    elif one and one.first_release_without:
        said.append(f"Not in CMS's file in {one.first_release_without} nor since.")
    elif left:
        said.append(f"Last in CMS's file in {left.last.release}; gone in {left.first_without.release}.")
    if one and one.checked == "not verified":
        said.append("What took its place was not verified from a primary text: check it before you bill.")
    return " ".join(said)
