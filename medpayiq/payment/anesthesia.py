"""Anesthesia: base units and time, the share of the role (Claims Processing Manual, chapter 12, sections 50 and 140)."""

from __future__ import annotations

from medpayiq.payment.admission import ROLES, in_list
from medpayiq.payment.model import Book, Circumstances, Refusal, Work
from medpayiq.payment.money import percent_of, percent_words, plain, round_half_up

_SUPERVISED_BASE = 3
"""Base units of a case under AD (section 50.D)."""


def price(work: Work, circumstances: Circumstances, book: Book) -> Refusal | None:
    """Work the amount out: (base units + time units) x the locality's anesthesia factor x the role's percentage.

    Time units are minutes by 15, to one decimal, half up (sections 50.G, 140.5). The amount of one practitioner alone is
    rounded; the role's share is a share of that amount.
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
    base, tenths = (_SUPERVISED_BASE, 10 * line.induction) if supervised else (line.base_units or 0, round_half_up((line.minutes or 0) * 10, 15) * timed)
    factor = circumstances.place.anesthesia.get(circumstances.factor_kind)
    if factor is None:
        return Refusal("anesthesia_factor")
    cents = round_half_up((base * 10 + tenths) * factor, 10**5)
    work.step("anesthesia", cents, f"({base} + {tenths // 10}.{tenths % 10}) × {_factor(factor)} = {plain(cents)}", first=True)
    percent = book["percentages"][book["modifiers"][role]["percent"]]
    if percent != "100":
        work.step("anesthesia_role", percent_of(work.amount, percent), percent_words(work.amount, percent))
    if work.has("AA") and work.has("QZ"):
        work.conditions.append("both_anesthetists")
    return None


def _factor(millionths: int) -> str:
    text = f"{millionths // 10**6}.{millionths % 10**6:06d}".rstrip("0")
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.ljust(2, '0')}"
