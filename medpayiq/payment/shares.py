"""The amounts that the policy indicators speak of, each derived from a row's allowed amount."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from medpayiq.cms.records import Service
from medpayiq.payment.amount import Outcome, half_pe_cents, price
from medpayiq.payment.money import percent_of, round_half_up

Percentages = Mapping[str, str]
"""Rule name to percent as text, as in force on the release's first day (rules/percentages.yml)."""


class Pair(NamedTuple):
    """An amount in both settings, in cents; None where nothing is paid."""

    office: int | None
    facility: int | None

    def each(self, change: Callable[[int], int]) -> Pair:
        """Return both amounts changed alike."""
        return Pair(None if self.office is None else change(self.office), None if self.facility is None else change(self.facility))

    def __bool__(self) -> bool:
        """Return True when there is an amount in at least one setting."""
        return self.office is not None or self.facility is not None


PriceOf = Callable[[Service, int], tuple[Outcome, Outcome]]
"""Prices a row in the office and in a facility; a build hands in one that remembers."""


def pair(service: Service, factor: int) -> tuple[Outcome, Outcome]:
    """Price a row nationally in the office and in a facility."""
    return price(service, factor, "office"), price(service, factor, "facility")


def shares(rows: Mapping[str, Service], factor: int, percent: Percentages, endo_base: Service | None, price_of: PriceOf = pair) -> dict[str, Pair]:
    """Return the named amounts of a code from its rows by modifier (``""``, ``26``, ``TC``, ``53``).

    Every percentage acts on the rounded amount and is rounded to the cent again (Claims Processing Manual,
    chapter 12, sections 40.4.B, 40.6.C.17, 40.7.C.3). Names are the placeholders of rules/indicators.yml.
    """
    main = rows.get("") or next(iter(rows.values()))
    office, facility = price_of(main, factor)
    allowed = Pair(office.cents, facility.cents)
    made = {
        "allowed": allowed,
        "uncapped": Pair(office.fee_schedule, facility.fee_schedule),
        "cap": Pair(office.cap, facility.cap),
        "office": Pair(allowed.office, None),
        "professional": _row(rows.get("26"), factor, price_of),
        "technical": _row(rows.get("TC"), factor, price_of),
        "discontinued": _row(rows.get("53"), factor, price_of),
    }
    if not allowed:
        return made

    def of(name: str) -> Pair:
        return allowed.each(lambda cents: percent_of(cents, percent[name]))

    for name in ("both_sides", "second_procedure", "assistant", "assistant_as", "cosurgeon", "nonparticipating", "limiting_charge"):
        made[name] = of(name)
    made["two_sides"] = allowed.each(lambda cents: 2 * cents)
    if main.pre + main.intra + main.post:
        _split(made, allowed, main)
    elif main.glob == "000":
        made["return_only"] = allowed
    if main.mult == "5":
        reduced = half_pe_cents(main.work, main.pe_nonfacility, main.mp, factor)
        made["reduced_unit"] = allowed.each(lambda _: reduced)
        made["two_units"] = allowed.each(lambda cents: cents + reduced)
    if main.mult == "3" and endo_base is not None:
        base_office, base_facility = price_of(endo_base, factor)
        made["endo_difference"] = Pair(_difference(allowed.office, base_office.cents), _difference(allowed.facility, base_facility.cents))
    _technical_shares(made, rows, main, percent, lambda row: price_of(row, factor)[0])
    return made


def _split(made: dict[str, Pair], allowed: Pair, main: Service) -> None:
    """Shares of the global package. A 10- or 90-day code whose shares are all zero has no national split."""
    # Pre and intra together go with 54: the surgeon who operates also prepares (chapter 12, section 40.4.B).
    made["surgery_only"] = allowed.each(lambda cents: round_half_up(cents * (main.pre + main.intra), 100))
    made["after_only"] = allowed.each(lambda cents: round_half_up(cents * main.post, 100))
    made["return_only"] = allowed.each(lambda cents: round_half_up(cents * main.intra, 100))


def _technical_shares(made: dict[str, Pair], rows: Mapping[str, Service], main: Service, percent: Percentages, in_office: Callable[[Service], Outcome]) -> None:
    """Reductions of the technical part; codes that are all technical (PC/TC 3) are their own technical part."""
    technical = rows.get("TC") or (main if main.pctc == "3" else None)
    if technical is None:
        return
    # The reduction acts on the uncapped amount; then the lower of that and the cap is allowed (payment spec 5.3).
    outcome = in_office(technical)
    uncapped = Pair(outcome.fee_schedule, None)
    for name in ("imaging_tc", "cardiovascular_tc", "ophthalmology_tc"):
        reduced = uncapped.each(lambda cents, name=name: percent_of(cents, percent[name]))  # type: ignore[misc]
        made[name] = reduced if outcome.cap is None else reduced.each(lambda cents: min(cents, outcome.cap or 0))
    reading = made["professional"]
    made["imaging_pc"] = Pair(reading.office, None).each(lambda cents: percent_of(cents, percent["imaging_pc"]))


def _row(service: Service | None, factor: int, price_of: PriceOf) -> Pair:
    if service is None:
        return Pair(None, None)
    office, facility = price_of(service, factor)
    return Pair(office.cents, facility.cents)


def _difference(amount: int | None, base: int | None) -> int | None:
    """Return the amount over the base's, never below zero; None where either has no amount."""
    return None if amount is None or base is None else max(0, amount - base)
