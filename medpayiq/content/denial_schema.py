"""The shape of content/denials.yml: what the numbers on a remittance mean, and what to do about each."""

from __future__ import annotations

from typing import Any

_SAY = {"type": "string", "minLength": 20, "maxLength": 320, "pattern": r"^[^<>\n]+$", "description": "One to three plain sentences of our own, 20 to 320 characters."}
_TITLE = {"type": "string", "minLength": 3, "maxLength": 60, "pattern": r"^[^<>\n]+$", "description": "A few plain words of our own, at most 60 characters."}
_SOURCES = {
    "type": "array",
    "minItems": 1,
    "uniqueItems": True,
    "items": {"type": "string", "pattern": r"^[a-z][a-z0-9-]+ [A-Za-z0-9.]+$", "description": 'A document of rules/documents.yml and a section of it, such as "cpm1 60.5".'},
    "description": "Where it is written; leave the key out where no primary text says it, and the page calls it practice.",
}
_DAY = {"type": "string", "pattern": r"^20\d\d-[01]\d-[0-3]\d$"}
_SAID = {"type": "object", "additionalProperties": False, "required": ["say"], "properties": {"say": _SAY, "sources": _SOURCES}, "description": '{say: "...", sources: ["cpm1 60.5"]}, or say alone.'}
_WAY = {**_SAID, "required": ["title", "say"], "properties": {"title": _TITLE, "say": _SAY, "sources": _SOURCES}}
_LIST = {"type": "array", "minItems": 1, "maxItems": 5, "items": _SAID, "description": "One to five sentences, each with its sources if it has any."}


def _keys(pattern: str, words: str) -> dict[str, Any]:
    return {"pattern": pattern, "description": words}


DENIALS: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "title": "What the numbers on a remittance mean, and what to do",
    "description": "content/denials.yml: the pages below /denials/, in our own words; nothing of the code lists' own text.",
    "type": "object",
    "additionalProperties": False,
    "required": ["changed", "groups", "ways", "remarks", "places", "reasons"],
    "properties": {
        "changed": {**_DAY, "description": 'changed: "2026-11-30", the day on which groups, ways, remarks or places last changed; search engines hear of it.'},
        "groups": {"type": "object", "minProperties": 1, "propertyNames": _keys(r"^[A-Z]{2}$", "Two capital letters, such as CO."), "additionalProperties": _SAID, "description": "The letters before a number, each with who bears the amount."},
        "ways": {"type": "array", "minItems": 1, "maxItems": 8, "items": _WAY, "description": "What can be done about a denial: title, say, sources."},
        "remarks": {**_SAID, "description": "What remark codes are, in a few sentences."},
        "places": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": _keys(r"^[a-z][a-z_]{1,30}$", "A key of small letters and _."),
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "required": ["say", "url"],
                "properties": {"say": _TITLE, "url": {"type": "string", "pattern": r"^/([a-z0-9-]+/)+(#[a-z0-9-]+)?$", "description": "An address of this site, such as /edits/#limits."}},
                "description": "A place on this site: say and url.",
            },
            "description": "Where on this site something can be looked up.",
        },
        "reasons": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": _keys(r"^([1-9][0-9]{0,2}|[A-Z][0-9]{1,2})$", 'A number as a remittance prints it, in quotes, such as "97" or B7.'),
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "required": ["changed", "means", "first", "here", "then"],
                "properties": {
                    "title": _TITLE,
                    "changed": {**_DAY, "description": 'changed: "2026-11-30", the day on which the words of this number last changed; search engines hear of it.'},
                    "letters": {"type": "string", "pattern": r"^[A-Z]{2}$", "description": "The letters that it comes with most, such as PR; left out where they are CO."},
                    "means": _SAID,
                    "first": _LIST,
                    "here": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "string"}, "description": "Keys of places."},
                    "modifiers": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "string", "pattern": r"^[A-Z0-9]{2}$"}, "description": 'Modifiers of rules/modifiers.yml, in quotes, such as "59".'},
                    "then": _LIST,
                },
                "description": "A reason: changed, means, first, here, modifiers, then; letters where they are not CO; a title only if content/field.yml has no words for the number.",
            },
            "description": "What each number means and what to do, by number.",
        },
    },
}
