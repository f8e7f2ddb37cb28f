"""Exact money: whole cents, one rounding, half up. No float comes near an amount."""

from __future__ import annotations

from functools import lru_cache


def round_half_up(numerator: int, denominator: int) -> int:
    """Return ``numerator / denominator`` rounded to a whole number, halves up; both are non-negative."""
    return (2 * numerator + denominator) // (2 * denominator)


def percent_of(cents: int, percent: str) -> int:
    """Return ``percent`` (text such as ``"62.5"``) of an amount in cents, rounded half up to the cent."""
    scaled, scale = _ratio(percent)
    return round_half_up(cents * scaled, scale)


@lru_cache(maxsize=64)
def _ratio(percent: str) -> tuple[int, int]:
    whole, _, fraction = percent.partition(".")
    return int(whole + fraction), 100 * 10 ** len(fraction)


def dollars(cents: int) -> str:
    """Return cents as people write them: ``$1,234.56``."""
    return f"${cents // 100:,}.{cents % 100:02d}"


@lru_cache(maxsize=1 << 16)
def plain(cents: int) -> str:
    """Return cents, or hundredths of an RVU, as data: ``1234.56``."""
    return f"{cents // 100}.{cents % 100:02d}"
