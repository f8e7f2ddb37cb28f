"""The words in which published field reports are said, for pages and for the script that refreshes them: one table for both."""

from __future__ import annotations

import json
from typing import Any

from medpayiq.field.list_schema import OTHER
from medpayiq.field.lists import BANDS, Lists

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
CLASSES = {band: f"b{band.rstrip('+').split('-', maxsplit=1)[0]}" for band in BANDS}
"""Band to the class that gives its bar a width: the band's, whatever the number."""


def words(lists: Lists) -> dict[str, Any]:
    """Return every word that a page says of published figures; # and % are filled in."""
    return {
        "none": "No field reports on # to show yet. Once five are in, this part says why payers denied it and what worked; fewer could point to a practice or a patient.",
        "lead": "# reports",
        "period": ", counted in %.",
        "to": " to ",
        "only": "Self-reported, no denominator: they say what people ran into, not how often it happens. Only what five or more of them say is shown. Published #.",
        "alone": "No reason, payer or outcome stands in five or more of them.",
        "synthetic": "Made-up figures, for demonstration.",
        "months": list(MONTHS),
        "bands": {band: [said, CLASSES[band]] for band, said in BANDS.items()},
        "parts": [
            ["reasons", "Denied for", {key: said if key == OTHER else f"{key} {said}" for key, said in lists.reasons.items()}],
            ["payers", "Denied by", lists.payer_keys()],
            ["outcomes", "What happened after", dict(lists.outcomes)],
            ["worked", "What worked", dict(lists.worked)],
        ],
    }


def file(lists: Lists) -> bytes:
    """Return the table as the script fetches it."""
    return json.dumps(words(lists), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def quarters(period: dict[str, str], joined: str) -> str:
    """Write a period in quarters: ``2026 Q3 to 2026 Q4``, or one of them."""
    first, last = (f"{one[:4]} {one[4:]}" for one in (period["from"], period["to"]))
    return first if first == last else f"{first}{joined}{last}"


def day(iso: str) -> str:
    """Write a day: ``November 29, 2026``."""
    return f"{MONTHS[int(iso[5:7]) - 1]} {int(iso[8:])}, {iso[:4]}"
