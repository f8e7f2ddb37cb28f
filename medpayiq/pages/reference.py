"""The pages that answer one question from a table: which rate a place of service gets, who is paid which share, what a locality's indices are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from medpayiq import rules
from medpayiq.comparing_rates import RATES
from medpayiq.days import long_date
from medpayiq.pages import figures, seo
from medpayiq.pages.asking import claim_of
from medpayiq.pages.entries import Entry
from medpayiq.pages.general_models import Care, Fees, ReferencePage, Table
from medpayiq.pages.models import Link
from medpayiq.pages.policy import each_source, with_percentages
from medpayiq.pages.site import SiteData
from medpayiq.pages.standing import Nation
from medpayiq.pages.verdict import hub_code
from medpayiq.payment.claim import price_claim
from medpayiq.payment.money import dollars, scaled
from medpayiq.payment.reading import NATION
from medpayiq.shards import places_of, readable

PLACES, PRACTITIONERS, LOCALITIES = "/places/", "/practitioners/", "/localities/"
_RATES = {"facility": "Facility", "nonfacility": "Office", "unused": "None"}
_UNUSED = "Not used for Medicare claims."
_NO_THERAPIST = "A therapist in private practice is not paid here."
_VISIT = "99214"
_SHOWN = (_VISIT, "99204", "11042", "20610", "45378", "52000", "64483", "66984", "93306", "97110")
"""Codes that many practices bill, of several specialties: what the place changes is shown on them."""
_EXAMPLES = {"CP": "90834", "CSW": "90834", "MFT": "90834", "MHC": "90834", "RD": "97802", "PT": "97110", "OT": "97530", "SLP": "92507", "AUD": "92557"}
"""What a practitioner bills often, where it is no visit."""
_DISCIPLINES = {"PT": "GP", "OT": "GO", "SLP": "GN"}
"""The modifier that a therapist's line needs."""
_BY_UNITS = frozenset({"CRNA", "AA"})
"""Who is paid by anesthesia's units, of which no file at hand has the base."""


def pages() -> Iterator[tuple[str, Any]]:
    """Yield address of each page, and what makes its record of the site."""
    yield PLACES, places
    yield PRACTITIONERS, practitioners
    yield LOCALITIES, localities


def places(site: SiteData) -> ReferencePage:
    """Return the page on places of service."""
    rows = [(number, one["name"], _RATES[one["setting"]], _remark(number, one, site)) for number, one in sorted(site.calculators.book["places"].items())]
    shown = [entry for code in _SHOWN if (entry := site.by_code.get(code)) is not None]
    made = [(one.code, one.name, one.office, one.facility) for one in (hub_code(entry, site) for entry in shown)]
    differ = Table("What the place changes", ("Code", "Name", "Office", "Facility"), tuple(made), (2, 3), tuple(entry.url for entry in shown))
    visit = next((f" {code}: {office} in the office, {facility} in a facility." for code, _, office, facility in made if office.startswith("$") and facility.startswith("$")), "")
    return _page(
        site,
        PLACES,
        "Places of service",
        title=f"Place of service codes: facility or office rate, Medicare {site.year}",
        description=f"Each place of service code with the rate that Medicare's physician fee schedule pays there.{visit}",
        lead=f"The place of service decides which amount you are paid: the facility's, where a hospital or center bears the costs of the practice and bills for them, or the office's (nonfacility), where you do.{visit}",
        tables=(Table("Places of service and their rate", ("Place", "Name", "Rate", "Remark"), tuple(rows)), differ),
        care="places",
        sources=rules.read("places")["sources"],
    )


def _remark(number: str, one: dict[str, Any], site: SiteData) -> str:
    """Say what else holds for a place, and since when it exists or means this, if that was after the table's first day."""
    table = rules.read("places")
    known = table["places"][number]
    begins = max(each.get("from", "") for each in (known if isinstance(known, list) else [known]) if each.get("from", "") <= site.days[0])
    said = [_UNUSED if one["setting"] == "unused" else "", _NO_THERAPIST if one.get("therapists") is False else "", f"Since {long_date(begins)}." if begins > table["since"] else ""]
    return " ".join(filter(None, said))


def practitioners(site: SiteData) -> ReferencePage:
    """Return the page on who bills, and with which share."""
    book = site.calculators.book
    rows = []
    for key, one in book["practitioners"].items():
        percent = site.percentages[one["percent"]] if "percent" in one else "100"
        rows.append((one["label"], f"{percent}%", _example(key, site), "must be taken" if one.get("assignment") else "may be taken", ", ".join(each.short for each in each_source(one["sources"]))))
    visit = _example("NP", site)
    return _page(
        site,
        PRACTITIONERS,
        "Who bills, and what share is paid",
        title=f"NP, PA, LCSW and others: what share Medicare pays, {site.year}",
        description=f"Medicare's share of the physician fee schedule amount by who bills: NP and PA {site.percentages['npp']}%, LCSW, MFT and MHC {site.percentages['csw']}%, others. With amounts and sources.",
        lead=f"The amount depends on who bills. A physician is allowed the whole of it; a nurse practitioner or physician assistant {site.percentages['npp']}%, a clinical social worker {site.percentages['csw']}%." + (f" {visit} for an NP." if visit else ""),
        tables=(Table("Share of the fee schedule amount by practitioner", ("Who bills", "Share", "For example", "Assignment", "Source"), tuple(rows), (1,)),),
        care="practitioners",
    )


def _example(key: str, site: SiteData) -> str:
    """Return what is allowed this practitioner for what he often bills; blank where the release has no amount for it."""
    if key in _BY_UNITS:
        return "by units"
    entry = site.by_code.get(_EXAMPLES.get(key, _VISIT))
    allowed = entry and _allowed(entry, site, modifiers=(_DISCIPLINES[key],) if key in _DISCIPLINES else (), practitioner=key)
    return f"{entry.code}: {dollars(allowed)}" if entry and allowed else ""


def localities(site: SiteData) -> ReferencePage:
    """Return the page on localities."""
    visit = site.by_code.get(_VISIT)
    counties = {f"{one.mac}/{one.locality}": one for one in site.snapshot.counties}
    anesthesia = {f"{one.mac}/{one.locality}": dollars(one.factor) for one in site.snapshot.anesthesia}
    rows, areas, amounts = [], [], []
    for key, one in places_of(site.snapshot).items():
        if key == NATION:
            continue
        number = key.replace("/", "-")
        amount = visit and _allowed(visit, site, locality=key)
        if amount:
            amounts.append(amount)
        rows.append((number, one["state"], one["name"], *(scaled(index, 3) for index in one["gpci"]), anesthesia.get(key, ""), dollars(amount) if amount else ""))
        if key in counties:
            areas.append((number, one["state"], readable(counties[key].area), ", ".join(part.strip() for part in readable(counties[key].counties).split("/"))))
    span = f" {_VISIT} in the office: {dollars(min(amounts))} to {dollars(max(amounts))}." if amounts else ""
    head = ("Locality", "State", "Name", "Work", "Practice expense", "Malpractice", "Anesthesia, a unit", f"{_VISIT}, office")
    tables = [Table("Localities and their indices (GPCI)", head, tuple(rows), (3, 4, 5, 6, 7), tuple(f"/codes/{_VISIT}/?loc={row[0]}" if visit else "" for row in rows))]
    if areas:
        tables.append(Table("Counties of each locality", ("Locality", "State", "Area", "Counties"), tuple(areas)))
    by_state = groupby(rows, lambda row: row[1])
    return _page(
        site,
        LOCALITIES,
        "Payment localities",
        title=f"Medicare localities and GPCIs, {site.period}",
        description=f"The {len(rows)} Medicare payment localities with their work, practice expense and malpractice GPCIs and counties.{span}",
        lead=f"Medicare pays by {len(rows)} localities, each with three geographic indices. The calculator of every code finds yours by ZIP code.{span}",
        tables=tuple(tables),
        care="localities",
        more=_floor(site),
        national=False,
        fees=Fees(f"/{RATES}", tuple((state, tuple((row[0], row[2]) for row in of)) for state, of in by_state)),
    )


def _floor(site: SiteData) -> Iterator[Care]:
    """Say how low a work index can be, and until when."""
    for one in rules.read("thresholds")["work_floor"]:
        if one["from"] <= site.days[0] <= one["to"]:
            yield Care("Floor", f"No work index is below {one['gpci']} until {long_date(one['to'])}, unless Congress prolongs it: no primary text of that day is at hand. The file that CMS publishes has the floor in it.", each_source(one["sources"]))


def _allowed(entry: Entry, site: SiteData, *, modifiers: tuple[str, ...] = (), **more: str) -> int | None:
    """Return what is allowed for one unit of a code, in cents; None where there is no amount."""
    book = site.calculators.book
    (result,) = price_claim(claim_of(entry, modifiers, book) | more, Nation(site), book)
    return result.allowed


def _page(site: SiteData, url: str, name: str, *, title: str, description: str, lead: str, tables: tuple[Table, ...], care: str, more: Iterable[Care] = (), sources: Iterable[str] = (), national: bool = True, fees: Fees | None = None) -> ReferencePage:
    """Return a page; ``care`` is its part of rules/reference.yml, ``sources`` are those of its first table, where its rows name none."""
    crumbs = (Link("Home", "/"), Link(name, url))
    said = (Care(one["about"], with_percentages(one["say"], site.percentages), each_source(one["sources"])) for one in rules.read("reference")[care])
    conditions = figures.label(site) if national else figures.label(site).removeprefix("national, ")
    return ReferencePage(seo.head(site, title=title, description=description, url=url, crumbs=crumbs), name, lead, conditions, tables, (*said, *more), each_source(sources), crumbs, fees)
