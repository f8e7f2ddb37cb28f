"""Reads numbers that are written in words: "twenty-five", "one and a half", "two thirds", "twice"."""

from __future__ import annotations

import re
from decimal import Decimal

_UNITS = {word: n for n, word in enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"])}
_TENS = {word: 10 * n for n, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2)} | {"fourty": 40}
_BIG = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
_TIMES = {"twice": 2, "double": 2, "doubles": 2, "doubled": 2, "doubling": 2, "twofold": 2, "thrice": 3, "triple": 3, "triples": 3, "tripled": 3, "threefold": 3, "dozen": 12}
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}

_ORDINAL = r"(?![-\s](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)\b)"
_ONES = "|".join(sorted([*_UNITS, *_TENS], key=len, reverse=True))
_SMALL = rf"(?:(?:(?:{'|'.join(_TENS)})(?:-\s*|\s+)(?:{'|'.join(list(_UNITS)[1:10])})|{_ONES})\b{_ORDINAL})"
_HUNDREDS = rf"(?:(?:{_SMALL}[-\s]+)?hundred\b(?:\s+(?:and\s+)?{_SMALL})?)"
_NUMBER = rf"(?:(?:(?:{_HUNDREDS}|{_SMALL})[-\s]+)?(?:thousand|million)\b(?:\s+(?:and\s+)?(?:{_HUNDREDS}|{_SMALL}))?|{_HUNDREDS}|{_SMALL})"
_PART = r"(?:half|halves|(?:third|quarter|fourth|fifth|sixth|eighth|tenth)s?)(?![-\s]part(?:y|ies)\b)"
# A third and a quarter are shares only in "one third" or "a third of": a third visit and a calendar quarter are none.
WORDS = (
    rf"(?:\b(?:{_NUMBER})\b\s+and\s+(?:a|one)[-\s]+half\b"
    rf"|\b(?:{_ONES})[-\s]+(?:{_PART})\b"
    rf"|\ba\s+(?:{_PART})(?=\s+of\b)"
    r"|\b(?:half|halves|halved|halving|halve)\b"
    r"|\b(?:twice|thrice|doubl(?:es?|ed|ing)(?![-\s](?:check|contrast|count|lumen))|tripl(?:es?|ed)|twofold|threefold|dozen)\b"
    rf"|\b(?:{_NUMBER})\b)"
)
"""The pattern of a number in words; case does not matter."""


_ANY = frozenset({*_UNITS, *_TENS, *_BIG, *_TIMES, *_PARTS, *(f"{one}s" for one in _PARTS), "halves", "halved", "halving", "halve"}) - {"one"}
_WITH_ONE = frozenset({"percent", "percentage", "per", "pct", "dollar", "dollars", "usd", "cent", "cents"})


def may_hold(text: str) -> bool:
    """Say whether a text without digits can hold a figure at all, at a tenth of the cost of looking for it.

    "One" is a figure only with a sign or in front of another word of a number.
    """
    words = set(_LETTERS.findall(text.lower()))
    return not _ANY.isdisjoint(words) or ("one" in words and (not _WITH_ONE.isdisjoint(words) or "%" in text or "$" in text or "\u00a2" in text))


_LETTERS = re.compile(r"[a-z]+")


def reading(text: str) -> tuple[Decimal, Decimal, bool]:
    """Return a number in words as a fraction, and whether it was written as one."""
    words = re.findall(r"[a-z]+", text.lower())
    if words[-1] in _TIMES:
        return Decimal(_TIMES[words[-1]]), Decimal(1), False
    last = {"halves": "half", "halved": "half", "halving": "half", "halve": "half"}.get(words[-1], words[-1].removesuffix("s") if words[-1] != "six" else "six")
    bottom = _PARTS.get(last, 1)
    if bottom == 1:
        return Decimal(_count(words)), Decimal(1), False
    before = words[:-1]
    if "and" in before and before[-1] in {"a", "one"}:  # "two and a half"
        return Decimal(2 * _count(before[: len(before) - 1]) + 1), Decimal(2), False
    return Decimal(_count([one for one in before if one != "a"]) or 1), Decimal(bottom), True


def _count(words: list[str]) -> int:
    """Add up words such as two hundred fifty; ``and`` and ``a`` count for nothing."""
    total = now = 0
    for word in words:
        if word in _BIG:
            now = max(now, 1) * _BIG[word]
            if word != "hundred":
                total, now = total + now, 0
        else:
            now += _UNITS.get(word, 0) + _TENS.get(word, 0)
    return total + now
