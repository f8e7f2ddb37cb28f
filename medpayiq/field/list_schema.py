"""The shape of content/field.yml: the closed lists that a field report chooses from."""

from __future__ import annotations

from typing import Any

OTHER = "other"
NOTHING = "nothing_worked"
"""Chosen in the place of what worked, where the claim was not paid."""
_KEY = r"^[a-z][a-z0-9_]{1,39}$"
_REASON = r"^([1-9][0-9]{0,2}|[A-Z][0-9]{1,2}|other)$"
_WORDS = {"type": "string", "minLength": 3, "maxLength": 60, "pattern": r"^[^<>\n]+$", "description": "A few plain words of our own, at most 60 characters."}


def _named(keys: str) -> dict[str, Any]:
    return {"pattern": keys, "description": 'A number as a remittance prints it, in quotes, such as "97" or B7.' if keys == _REASON else "A key of small letters, digits and _."}


def _list(keys: str, description: str, **more: Any) -> dict[str, Any]:
    return {"type": "object", "minProperties": 2, "propertyNames": _named(keys), "additionalProperties": _WORDS, "description": description, **more}


FIELD: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "title": "Lists of the form for field reports",
    "description": "content/field.yml: what a report on a denial chooses from. Keys are stored with reports: add some, never take one out.",
    "type": "object",
    "additionalProperties": False,
    "required": ["payers", "reasons", "outcomes", "paid", "worked", "roles", "states"],
    "properties": {
        "payers": {
            "type": "object",
            "minProperties": 2,
            "propertyNames": _named(_KEY),
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name", "payers"],
                "properties": {"name": _WORDS, "payers": _list(_KEY, "Payers of the class; one of them is other.", required=[OTHER])},
                "description": "A class of payers: name, and its payers.",
            },
            "description": "Classes of payers.",
        },
        "reasons": _list(_REASON, "Numbers of denial reasons as a remittance prints them, each with a category in our own words; one of them is other.", required=[OTHER]),
        "outcomes": _list(_KEY, "What became of the claim."),
        "paid": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "string", "pattern": _KEY}, "description": "Keys of outcomes in which the claim was paid."},
        "worked": _list(_KEY, f"What worked; one of them is {NOTHING}.", required=[NOTHING]),
        "roles": _list(_KEY, "Who reports."),
        "states": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "string", "pattern": r"^[A-Z]{2}$"}, "description": "States and territories, two letters each."},
    },
}
