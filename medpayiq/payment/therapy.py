"""Therapy: of all units of the day the one with the highest practice expense is paid whole, every other at half of it."""

from __future__ import annotations

from collections.abc import Sequence

from medpayiq.payment.amount import later_unit
from medpayiq.payment.items import tie
from medpayiq.payment.model import Book, Circumstances, Work
from medpayiq.payment.money import plain


def apply(works: Sequence[Work], circumstances: Circumstances, book: Book) -> None:
    """Pay the units of multiple procedure indicator 5, across lines and disciplines (Claims Processing Manual, chapter 5, section 10.7).

    The whole unit is the one with the highest practice expense, on a tie the one with the higher fee schedule amount.
    """
    order = sorted(works, key=lambda one: (-one.row.pe_nonfacility, -one.amount, tie(one)))
    for place, work in enumerate(order):
        row, units = work.row, work.line.units
        later = units - 1 if place == 0 else units
        if not later:
            continue
        whole, reduced = work.amount, later_unit(row, circumstances.factor, book["percentages"]["therapy_pe"], circumstances.place.gpci)
        total = reduced * later + (whole if place == 0 else 0)
        words = f"{plain(reduced)} × {later}" if later > 1 else plain(reduced)
        if place == 0:
            words = f"{plain(whole)} + {words}"
        work.step("therapy", total, f"{words} = {plain(total)}" if later > 1 or place == 0 else f"half the practice expense: {words}")
