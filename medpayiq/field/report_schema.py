"""The shape of one field report and of what is published of a code's reports, filled from the closed lists.

The form, the function that takes reports in and the build all go by these two: `build.py schema` writes them to schema/.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from medpayiq.field.list_schema import NOTHING
from medpayiq.field.lists import BANDS, Lists

_DRAFT = "http://json-schema.org/draft-07/schema#"
_CODE = {"type": "string", "pattern": "^[A-Z0-9]{5}$", "description": "A CPT or HCPCS code, such as 97761."}
_QUARTER = {"type": "string", "pattern": "^20[0-9]{2}Q[1-4]$", "description": "A quarter, such as 2026Q3."}
MOST_WORKED = 3


def report(lists: Lists) -> dict[str, Any]:
    """Return the JSON Schema of one report."""
    return {
        "$schema": _DRAFT,
        "title": "Field report",
        "description": "One report on a denial, as POST /api/reports takes it: values of closed lists and nothing else. No date, no amount, no free text.",
        "type": "object",
        "additionalProperties": False,
        "required": ["code", "payer_class", "payer", "reason", "modifier", "outcome", "worked", "role"],
        "properties": {
            "code": _CODE,
            "payer_class": _one_of(lists.payers, "Class of the payer."),
            "payer": _one_of(sorted({key for one in lists.payers.values() for key in one.payers}), "A payer of that class."),
            "reason": _one_of(lists.reasons, "Number of the denial reason on the remittance."),
            "modifier": _one_of(lists.modifiers, "The modifier on the line that was denied, none, or other."),
            "outcome": _one_of(lists.outcomes, "What became of the claim."),
            "worked": {
                "type": "array",
                "maxItems": MOST_WORKED,
                "uniqueItems": True,
                "items": _one_of(lists.worked, "What worked."),
                "description": f"What worked, where the claim was paid: at most {MOST_WORKED}. Else none, or {NOTHING} alone.",
            },
            "state": _one_of(lists.states, "State or territory; may be left out."),
            "role": _one_of(lists.roles, "Who reports."),
        },
        "allOf": [{"if": {"properties": {"payer_class": {"const": kind}}}, "then": {"properties": {"payer": {"enum": list(one.payers)}}}} for kind, one in lists.payers.items()],
        # Only a claim that was paid tells what worked. Where one of the two fields is missing, that alone is the fault.
        "if": {"required": ["outcome", "worked"]},
        "then": {"allOf": [_goes_with(lists.paid, lists.strategies), _goes_with(lists.unpaid, (NOTHING,))]},
    }


def aggregate(lists: Lists) -> dict[str, Any]:
    """Return the JSON Schema of what is published of one code: bands of numbers, no number."""
    return {
        "$schema": _DRAFT,
        "title": "Field reports of a code",
        "description": "What is published of the reports on one code once five are in, as GET /api/reports/<code> answers: numbers in bands, most frequent band first, then by key.",
        "type": "object",
        "additionalProperties": False,
        "required": ["code", "reports", "period", "published", "reasons", "payers", "outcomes", "worked"],
        "properties": {
            "code": _CODE,
            "reports": _one_of(BANDS, "How many reports, as a band."),
            "period": {
                "type": "object",
                "additionalProperties": False,
                "required": ["from", "to"],
                "properties": {"from": _QUARTER, "to": _QUARTER},
                "description": "Quarters in which the first and the last of them were counted, in the batch of a day.",
            },
            "published": {"type": "string", "pattern": "^20[0-9]{2}-[01][0-9]-[0-3][0-9]$", "description": "Day of publication, such as 2026-11-29."},
            "reasons": _cells(lists.reasons, "Denial reasons."),
            "payers": _cells(lists.payer_keys(), "Payers, as class/payer."),
            "outcomes": _cells(lists.outcomes, "What became of the claims."),
            "worked": _cells(lists.worked, "What worked, by reports of claims that were paid; and how many unpaid ones say that nothing did."),
        },
    }


def choices(lists: Lists) -> int:
    """Return from how many lists a report chooses: of what it must hold, all but the code."""
    return len(set(report(lists)["required"]) - {"code"})


def both(lists: Lists) -> dict[str, dict[str, Any]]:
    """Return the two schemas by name."""
    return {"report": report(lists), "aggregate": aggregate(lists)}


def _goes_with(outcomes: Iterable[str], worked: Iterable[str]) -> dict[str, Any]:
    """Return the rule that with these outcomes nothing else is said to have worked."""
    return {"if": {"properties": {"outcome": {"enum": list(outcomes)}}}, "then": {"properties": {"worked": {"items": {"enum": list(worked)}}}}}


def _one_of(keys: Iterable[str], description: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(keys), "description": description}


def _cells(keys: Iterable[str], description: str) -> dict[str, Any]:
    cell = {
        "type": "object",
        "additionalProperties": False,
        "required": ["key", "band"],
        "properties": {"key": _one_of(keys, "What was chosen."), "band": _one_of(BANDS, "How many reports chose it, as a band.")},
    }
    return {"type": "array", "uniqueItems": True, "items": cell, "description": description}
