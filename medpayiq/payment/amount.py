"""The amount of one row in one setting and locality, or the named reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from medpayiq.cms.records import Service
from medpayiq.payment.money import round_half_up

Setting = Literal["office", "facility"]

# RVU hundredths times GPCI thousandths times conversion factor ten-thousandths, down to cents.
_PER_CENT = 10**7

PRICED_STATUSES = frozenset("ART")
"""Only RVUs with these status codes are used for Medicare payment (CMS record layout, field Status Code)."""

INPATIENT = "21"
"""Place of service of hospital inpatients."""

_UNPRICED = {
    "C": "NO_NATIONAL_RULE",
    "L": "NO_NATIONAL_RULE",
    "R": "NO_NATIONAL_RULE",
    "A": "NO_NATIONAL_RULE",
    "T": "NO_NATIONAL_RULE",
    "B": "BUNDLED",
    "P": "BUNDLED_OR_EXCLUDED",
    "E": "NOT_PFS",
    "X": "NOT_PFS",
    "I": "NOT_VALID_FOR_MEDICARE",
    "M": "REPORT_ONLY",
    "Q": "REPORT_ONLY",
    "N": "NON_COVERED",
    "J": "NEEDS_ANESTHESIA_INPUT",
}


class Gpci(NamedTuple):
    """Geographic practice cost indices, in thousandths."""

    work: int
    pe: int
    mp: int


NATIONAL = Gpci(1000, 1000, 1000)
"""The national amount: every index is 1.000."""


class Outcome(NamedTuple):
    """What a row pays in one setting: a result by name (payment spec, section 0), cents where there is an amount, notes."""

    result: str
    cents: int | None = None
    """What Medicare allows: the fee schedule amount, or the OPPS cap where that is lower."""
    fee_schedule: int | None = None
    """The fee schedule amount before the cap, in cents."""
    cap: int | None = None
    """The OPPS cap in cents, for imaging rows that have one."""
    notes: tuple[str, ...] = ()


def main_row(rows: Mapping[str, Service]) -> Service:
    """Return the row that stands for a code, of its rows by modifier (blank, 26, TC, 53): the one without modifier, else the first (86153 has a 26 row alone)."""
    return rows.get("") or next(iter(rows.values()))


def is_priced(service: Service) -> bool:
    """Say whether the row's RVUs are used for payment: status A, R or T, RVUs that are not all zero, no ``+``."""
    return service.status in PRICED_STATUSES and not service.not_used and bool(service.work or service.pe_nonfacility or service.pe_facility or service.mp)


def base_cents(work: int, pe: int, mp: int, factor: int, gpci: Gpci = NATIONAL) -> int:
    """Return ``(work x GPCI + PE x GPCI + MP x GPCI) x CF`` in cents, rounded once, half up, at the end.

    RVUs in hundredths, GPCIs in thousandths, the factor in ten-thousandths of a dollar. 42 CFR 414.20;
    CMS record layout, formula; the rounding reproduces every amount CMS published (docs/METHODOLOGY.md).
    """
    return round_half_up((work * gpci.work + pe * gpci.pe + mp * gpci.mp) * factor, _PER_CENT)


def national_sum(work: int, pe: int, mp: int, factor: int) -> tuple[str, int]:
    """Return the national amount unrounded, as text with six decimals, and in cents."""
    product = (work + pe + mp) * factor
    return f"{product // 10**6}.{product % 10**6:06d}", base_cents(work, pe, mp, factor)


def later_unit(service: Service, factor: int, percent: str, gpci: Gpci = NATIONAL) -> int:
    """Return the amount of a later therapy unit in cents: a percentage of the practice expense, rounded once (chapter 5, section 10.7)."""
    parts = 100 * service.work * gpci.work + int(percent) * service.pe_nonfacility * gpci.pe + 100 * service.mp * gpci.mp
    return round_half_up(parts * factor, 100 * _PER_CENT)


def fee_schedule(service: Service, factor: int, setting: Setting, gpci: Gpci = NATIONAL) -> int:
    """Return the fee schedule amount of a row in cents, before the imaging cap, payable or not."""
    return base_cents(service.work, practice_expense(service, setting), service.mp, factor, gpci)


def practice_expense(service: Service, setting: Setting) -> int:
    """Return the practice expense of a setting in hundredths of an RVU; therapy has the office's everywhere (chapter 12, section 20.4.2)."""
    return service.pe_facility if setting == "facility" and service.mult != "5" else service.pe_nonfacility


def opps_cap(service: Service, factor: int, setting: Setting, gpci: Gpci = NATIONAL, work: int | None = None) -> int | None:
    """Return the imaging cap of a row in cents (Social Security Act 1848(b)(4)); None for a row without OPPS RVUs.

    ``work`` in hundredths replaces the row's own: a global test that the MAC prices has none, and its cap takes the reading's.
    """
    pe = service.opps_pe_facility if setting == "facility" else service.opps_pe_nonfacility
    if not (pe or service.opps_mp):
        return None
    return base_cents(service.work if work is None else work, pe, service.opps_mp, factor, gpci)


def setting_refusal(service: Service, setting: Setting, place: str | None = None) -> str | None:
    """Return the answer (rules/answers.yml) that refuses a row in a setting, or None; ``place`` is the place of service where it is known.

    Settings and NA indicators: Claims Processing Manual, chapter 12, section 20.4.2; chapter 23, Addendum, fields 20 and 29.
    """
    # The smear interpretation is paid for hospital inpatients alone (field 20, value 8).
    if service.pctc == "8" and (setting != "facility" or place not in {None, INPATIENT}):
        return "inpatients_only"
    if setting != "facility":
        return None
    # Therapy and audiology (7) are priced in a facility although CMS marks some NA. What is technical (3, 4) or staff's (5)
    # is the facility's, marked or not (payment spec, section 2).
    if service.pctc in {"3", "4", "5"}:
        return "facility_costs"
    if service.na_facility and service.pctc != "7":
        if service.pctc != "1":
            return "facility_na"
        return "facility_costs" if service.modifier else "facility_reading"
    return None


def remarks(service: Service, setting: Setting) -> list[str]:
    """Return the notes (rules/answers.yml) on what CMS's file says of a row beside its amount (payment spec, sections 1.3, 1.4, 1.7, 3)."""
    made = []
    if setting == "facility" and (service.mult == "5" or service.na_facility):
        made.append("THERAPY_OFFICE_RATE")
    if setting == "office" and service.na_nonfacility:
        made.append("NA_NONFACILITY")
    if service.status == "R":
        made.append("RESTRICTED_COVERAGE")
    if service.status == "T":
        made.append("ONLY_WHEN_ALONE")
    return made


def has_flat_rate(service: Service, one: Mapping[str, Any]) -> bool:
    """Say whether a row is one of the products that an entry of ``flat_rate`` (rules/status.yml) prices alike."""
    return service.pctc == one["pctc"] and service.glob == one["glob"] and any(low <= service.code <= high for low, high in one["ranges"])


def price(service: Service, factor: int, setting: Setting, gpci: Gpci = NATIONAL) -> Outcome:
    """Price one row of the file as a service alone; ``factor`` in ten-thousandths of a dollar."""
    if not is_priced(service):
        return Outcome(_UNPRICED.get(service.status, "UNKNOWN_CODE"))
    refused = setting_refusal(service, setting)
    if refused is not None:
        return Outcome("NOT_PAID_IN_SETTING" if refused == "inpatients_only" else "NOT_PAID_IN_FACILITY")
    notes = remarks(service, setting)
    amount = fee_schedule(service, factor, setting, gpci)
    cap = opps_cap(service, factor, setting, gpci)
    if cap is not None and cap < amount:
        notes.append("OPPS_CAP")
    return Outcome("AMOUNT", amount if cap is None else min(amount, cap), amount, cap, tuple(notes))
