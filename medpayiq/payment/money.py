"""Exact money: whole cents, one rounding, half up. No float comes near an amount."""

from __future__ import annotations

from functools import lru_cache


def round_half_up(numerator: int, denominator: int) -> int:
    """Return ``numerator / denominator`` rounded to a whole number, halves up; both are non-negative."""
    return (2 * numerator + denominator) // (2 * denominator)


def percent_of(cents: int, percent: str) -> int:
    """Return ``percent`` (text such as ``"62.5"``) of an amount in cents, rounded half up to the cent."""
    numerator, scale = _ratio(percent)
    return round_half_up(cents * numerator, scale)


@lru_cache(maxsize=64)
def _ratio(percent: str) -> tuple[int, int]:
    whole, _, fraction = percent.partition(".")
    return int(whole + fraction), 100 * 10 ** len(fraction)


EXACT = 10**8
"""Scale of an amount that is not rounded yet: cents times this."""


def exact_percent(exact: int, percent: str) -> int:
    """Return a percentage of an unrounded amount (cents times ``EXACT``), unrounded; percentages of percentages stay whole numbers."""
    numerator, scale = _ratio(percent)
    return exact * numerator // scale


def to_cents(exact: int) -> int:
    """Round an unrounded amount to cents, half up."""
    return round_half_up(exact, EXACT)


def exact_words(exact: int) -> str:
    """Write an unrounded amount with the decimals it needs, two at least: ``96.265``."""
    whole, _, fraction = scaled(exact, 10).partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(2, '0')}"


def percent_words(cents: int, percent: str) -> str:
    """Write a percentage of an amount out: ``469.04 × 50% = 234.52``."""
    return f"{plain(cents)} × {percent}% = {plain(percent_of(cents, percent))}"


@lru_cache(maxsize=1 << 13)
def dollars(cents: int) -> str:
    """Return cents as people write them: ``$1,234.56``."""
    return f"${cents // 100:,}.{cents % 100:02d}"


@lru_cache(maxsize=1 << 13)
def plain(cents: int) -> str:
    """Return cents, or hundredths of an RVU, as data: ``1234.56``."""
    return f"{cents // 100}.{cents % 100:02d}"


def scaled(number: int, places: int) -> str:
    """Return a scaled integer as text: ``scaled(334009, 4)`` is ``33.4009``."""
    return f"{number // 10**places}.{number % 10**places:0{places}d}"
