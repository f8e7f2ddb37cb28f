"""Anesthesia: base units and time, the share of the role (Claims Processing Manual, chapter 12, sections 50 and 140)."""

from __future__ import annotations

from medpayiq.payment.admission import ROLES, in_list
from medpayiq.payment.model import Book, Circumstances, Refusal, Work
from medpayiq.payment.money import round_half_up, scaled

_SUPERVISED_BASE = 3
"""Base units of a case under AD (section 50.D)."""


def price(work: Work, circumstances: Circumstances, book: Book) -> Refusal | None:
    """Work the amount out: (base units + time units) x the locality's anesthesia factor x the role's percentage.

    Time units are minutes by 15, to one decimal, half up (sections 50.G, 140.5). The amount is rounded once; no text says
    that the whole amount is rounded before the role's share is taken.
    """
    line = work.line
    timed = not in_list(line.code, "no_time", book)
    role = next((one for one in ROLES if one in line.modifiers), None)
    supervised = role == "AD"
    if not supervised and (line.base_units is None or (timed and line.minutes is None)):
        return Refusal("anesthesia_input")
    if role is None:
        return Refusal("anesthesia_role")
    if circumstances.factor_kind is None:
        return Refusal("factor_needed")
    base, tenths = (_SUPERVISED_BASE, 10 * line.induction * timed) if supervised else (line.base_units or 0, round_half_up((line.minutes or 0) * 10, 15) * timed)
    factor = circumstances.place.anesthesia.get(circumstances.factor_kind)
    if factor is None:
        return Refusal("anesthesia_factor")
    percent = book["percentages"][book["modifiers"][role]["percent"]]
    exact = (base * 10 + tenths) * factor * int(percent)
    share = "" if percent == "100" else f" × {percent}%"
    how = f"({base} + {tenths // 10}.{tenths % 10}) × {_short(factor, 6)}{share} = {_short(exact, 9)}"
    work.step("anesthesia", round_half_up(exact, 10**7), how, first=True)
    if work.has("AA") and work.has("QZ"):
        work.conditions.append("both_anesthetists")
    return None


def _short(number: int, places: int) -> str:
    """Write a scaled integer with the decimals it needs, two at least."""
    whole, _, fraction = scaled(number, places).partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(2, '0')}"
