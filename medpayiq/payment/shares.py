"""The amounts that the policy indicators speak of, each derived from a row's allowed amount."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from medpayiq.cms.records import Service
from medpayiq.payment.amount import Outcome, later_unit, main_row, price
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


class Shares:
    """The named amounts of a code, each worked out when a sentence asks for it.

    A public method is a placeholder of rules/indicators.yml. Every percentage acts on the rounded amount and is rounded
    to the cent again (Claims Processing Manual, chapter 12, sections 40.4.B, 40.6.C.17, 40.7.C.3).
    """

    def __init__(self, rows: Mapping[str, Service], factor: int, percent: Percentages, endo_base: Service | None = None, price_of: PriceOf = pair) -> None:
        """Take a code's rows by modifier (blank, 26, TC, 53), the conversion factor in ten-thousandths, and its endoscopic base."""
        self._rows, self._factor, self._percent, self._endo_base, self._price_of = rows, factor, percent, endo_base, price_of
        self._main = main_row(rows)
        self._office, self._facility = price_of(self._main, factor)
        self._allowed = Pair(self._office.cents, self._facility.cents)

    def get(self, name: str) -> Pair | None:
        """Return a named amount; None when the code has none of that name.

        Raises:
            AttributeError: no amount has this name.
        """
        if name in _OF_ALLOWED:
            return self._allowed.each(lambda cents: percent_of(cents, self._percent[name])) if self._allowed else None
        named: Callable[[], Pair | None] = getattr(self, name)
        return named()

    def allowed(self) -> Pair:
        """Return what Medicare allows for the main row."""
        return self._allowed

    def uncapped(self) -> Pair:
        """Return the fee schedule amount before the imaging cap."""
        return Pair(self._office.fee_schedule, self._facility.fee_schedule)

    def cap(self) -> Pair:
        """Return the imaging cap."""
        return Pair(self._office.cap, self._facility.cap)

    def office(self) -> Pair:
        """Return the office amount alone."""
        return Pair(self._office.cents, None)

    def professional(self) -> Pair:
        """Return the amount of the 26 row."""
        return self._row("26")

    def technical(self) -> Pair:
        """Return the amount of the TC row."""
        return self._row("TC")

    def discontinued(self) -> Pair:
        """Return the amount of the 53 row."""
        return self._row("53")

    def surgery_only(self) -> Pair | None:
        """Return the share of modifier 54: who operates also prepares (section 40.4.B)."""
        return self._split(self._main.pre + self._main.intra)

    def after_only(self) -> Pair | None:
        """Return the share of modifier 55 for all days of care (section 40.4.B)."""
        return self._split(self._main.post)

    def return_only(self) -> Pair | None:
        """Return the amount of modifier 78; of a code without postoperative days the whole (section 40.4.C)."""
        return self._allowed if self._main.glob == "000" else self._split(self._main.intra)

    def reduced_unit(self) -> Pair | None:
        """Return a later therapy unit, with half the practice expense (chapter 5, section 10.7)."""
        if self._main.mult != "5":
            return None
        reduced = later_unit(self._main, self._factor, self._percent["therapy_pe"])
        return self._allowed.each(lambda _: reduced)

    def two_units(self) -> Pair | None:
        """Return a full therapy unit and a reduced one."""
        reduced = self.reduced_unit()
        return None if reduced is None else Pair(_sum(self._allowed.office, reduced.office), _sum(self._allowed.facility, reduced.facility))

    def endo_difference(self) -> Pair | None:
        """Return what is paid beside a dearer endoscopy of the family: the amount over the base's (section 40.6.C.14)."""
        if self._main.mult != "3" or self._endo_base is None:
            return None
        office, facility = self._price_of(self._endo_base, self._factor)
        return Pair(_difference(self._allowed.office, office.cents), _difference(self._allowed.facility, facility.cents))

    def imaging_tc(self) -> Pair | None:
        """Return the technical part of a later scan of the session (chapter 23, Addendum, field 21, value 4)."""
        return self._technical_part("imaging_tc")

    def imaging_pc(self) -> Pair:
        """Return the professional part of a later scan of the session."""
        return Pair(self._row("26").office, None).each(lambda cents: percent_of(cents, self._percent["imaging_pc"]))

    def cardiovascular_tc(self) -> Pair | None:
        """Return the technical part of a later cardiovascular test of the day (value 6)."""
        return self._technical_part("cardiovascular_tc")

    def ophthalmology_tc(self) -> Pair | None:
        """Return the technical part of a later eye test of the day (value 7)."""
        return self._technical_part("ophthalmology_tc")

    def _row(self, modifier: str) -> Pair:
        service = self._rows.get(modifier)
        if service is None:
            return Pair(None, None)
        office, facility = self._price_of(service, self._factor)
        return Pair(office.cents, facility.cents)

    def _split(self, hundredths: int) -> Pair | None:
        # A 10- or 90-day code whose shares are all zero has no national split.
        if not self._allowed or not self._main.pre + self._main.intra + self._main.post:
            return None
        return self._allowed.each(lambda cents: round_half_up(cents * hundredths, 100))

    def _technical_part(self, name: str) -> Pair | None:
        # Codes that are all technical (PC/TC 3) are their own technical part.
        technical = self._rows.get("TC") or (self._main if self._main.pctc == "3" else None)
        if technical is None:
            return None
        # The reduction acts on the uncapped amount; then the lower of that and the cap is allowed (payment spec 5.3).
        office, _ = self._price_of(technical, self._factor)
        reduced = Pair(office.fee_schedule, None).each(lambda cents: percent_of(cents, self._percent[name]))
        return reduced if office.cap is None else reduced.each(lambda cents: min(cents, office.cap or 0))


_OF_ALLOWED = frozenset({"both_sides", "two_sides", "second_procedure", "assistant", "assistant_as", "cosurgeon", "nonparticipating", "limiting_charge"})
"""Percentages of the allowed amount, by their name in rules/percentages.yml."""


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _difference(amount: int | None, base: int | None) -> int | None:
    """Return the amount over the base's, never below zero; None where either has no amount."""
    return None if amount is None or base is None else max(0, amount - base)
