"""Says what a number counts: the noun that stands behind it, in one form, such as minutes for "min", "minute" and "minutes"."""

from __future__ import annotations

import re

_NOUNS = {
    "minutes": "minute minutes min mins",
    "hours": "hour hours hr hrs",
    "days": "day days",
    "weeks": "week weeks",
    "months": "month months",
    "years": "year years yr yrs",
    "cc": "cc ccs ml milliliter milliliters",
    "mg": "mg milligram milligrams",
    "kg": "kg kilogram kilograms",
    "cm": "cm centimeter centimeters",
    "mm": "mm millimeter millimeters",
    "miles": "mile miles",
    "units": "unit units",
    "visits": "visit visits session sessions encounter encounters appointment appointments treatment treatments",
    "times": "times occasions",
    "modifiers": "modifier modifiers",
    "services": "service services procedure procedures operation operations code codes",
    "tests": "test tests",
    "views": "view views",
    "doses": "dose doses",
    "fractions": "fraction fractions",
    "claims": "claim claims",
    "lines": "line lines",
    "cases": "case cases",
    "patients": "patient patients beneficiary beneficiaries",
    "physicians": "physician physicians practitioner practitioners surgeon surgeons therapist therapists",
}
"""What the manuals count most, with the words for it; those that stand for one another in them are one. Any other noun is not told apart."""
_NAMES = {word: name for name, words in _NOUNS.items() for word in words.split()}
_MEASURES = frozenset({"minutes", "hours", "days", "weeks", "months", "years", "cc", "mg", "kg", "cm", "mm", "miles"})
"""What stands in the singular before another noun and still is what is counted: a 30 minute session, a 10 day period."""
_MOST = 3
"""Words behind a number among which its noun is looked for: "12 full calendar months"."""
_END = re.compile(
    "a|all|an|and|any|are|as|at|be|because|before|being|both|but|by|can|does|during|each|every|for|from|had|has|have|if|in|is|it|its|may|must|no"
    "|nor|not|of|on|only|or|per|shall|should|so|than|that|the|their|then|there|these|they|this|those|through|to|under|unless|until|was|were|when|where|which|who|whose|will|with|within|without|would|your",
    re.IGNORECASE,
)
"""Words with which something else begins."""
_ASIDE = re.compile(r"(?:[ \t]*\n?[ \t]*\([\d,.]{1,9}\))?(?:[*_`]{0,2}[ \t]*\n?[ \t]*(?:and|or)\s(?:more|fewer|less)\b)?", re.IGNORECASE)
"""What comes between a number and its noun and is no word of it: "two (2) or more"."""
_WORD = re.compile(r"[*_`]{0,2}-?[ \t]*\n?[ \t]*[*_`]{0,2}([A-Za-z]+)(?![\w'’])")
_JOINED = re.compile(r"\s*(?:[,/=+-]|\bto\b|\bthrough\b|\bor\b|\band\b|\bnor\b|,\s*(?:or|and)\b|\band/or\b)?\s*(?:(?:more|less|fewer|longer)\s+than\s*|up\s+to\s*|(?:at\s+)?(?:least|most)\s*|\(\s*)?", re.IGNORECASE)


def counted(text: str, end: int) -> str:
    """Return what a number that ends at ``end`` counts; empty where no noun of the list stands behind it."""
    aside = _ASIDE.match(text, end)
    at = aside.end() if aside else end
    found = ""
    for _ in range(_MOST):
        word = _WORD.match(text, at)
        if word is None or _END.fullmatch(word[1]):
            break
        at, name = word.end(), _NAMES.get(word[1].lower(), "")
        if name in _MEASURES and not found:
            return name
        if name:
            found = name
        elif found:
            break
        if found and word[1].endswith("s"):
            break  # the plural ends the noun: "three claim lines"
    return found


def shares_noun(between: str) -> bool:
    """Say whether two numbers with this between them count the same: "30 to 60 days", "8 or 15 minutes"."""
    return _JOINED.fullmatch(between) is not None
