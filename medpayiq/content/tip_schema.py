"""The shape of a tip and of what selects its codes, in one definition: the loader checks with it and schema/ is written from it."""

from __future__ import annotations

from typing import Any

KINDS = ("modifier", "documentation", "units", "frequency", "bundling", "coverage", "place", "appeal")
EVIDENCE = ("rule", "data", "practice")
COLUMNS = {
    "status": "status",
    "pctc": "pctc",
    "global": "glob",
    "multiple": "mult",
    "bilateral": "bilat",
    "assistant": "asst",
    "cosurgeon": "cosurg",
    "team": "team",
    "supervision": "supervision",
    "imaging_family": "imaging_family",
    "endo_base": "endo_base",
}
"""Names of ``where`` to columns of CMS's relative value file (medpayiq/cms/records.py, Service)."""
CLASSES = {"categories": "category", "subcategories": "subcategory", "families": "family"}
"""Names of ``where`` to the levels of CMS's classification (RBCS)."""
SWITCHES = ("priced", "priced_office", "priced_facility", "amounts_differ", "na_office", "na_facility", "add_on")
"""``amounts_differ``: the office and the facility amount are two. ``na_office``, ``na_facility``: CMS's NA columns, rarely or never performed there."""
COUNTS = ("column1", "column2", "bypass", "no_bypass")
AMOUNTS = ("amount.nonfacility", "amount.facility")
WATCHED = (*COLUMNS, *AMOUNTS, "parts", "add_on", "mue", "mai", "edits")

CODE = {"type": "string", "pattern": r"^[A-Z0-9]{5}$", "description": 'A CPT or HCPCS code in quotes, such as "97761".'}
_VALUE = {"type": "string", "maxLength": 5, "description": 'A value as in CMS\'s file, in quotes: "090", "5", "A".'}
_NUMBER = {"type": ["string", "integer"], "pattern": r"^\d{1,5}$", "description": "A whole number."}
_DAY = {"type": "string", "pattern": r"^(19|20)\d\d-[01]\d-[0-3]\d$", "description": 'A date in quotes, such as "2026-11-25".'}
_DAY_OR_NULL = {**_DAY, "type": ["string", "null"], "description": 'A date in quotes, such as "2018-01-01", or null where it is not known.'}
_TEXT = r"^[^\x00-\x08\x0b-\x1f]+$"


def _list(items: dict[str, Any], most: int = 200) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "maxItems": most, "uniqueItems": True, "items": items, "description": items["description"]}


def _range(**more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "minProperties": 1,
        "properties": {"min": _NUMBER, "max": _NUMBER, **more},
        "description": "At least min and at most max; one of them is enough.",
    }


_WHERE: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "minProperties": 1,
    "description": "Which codes the tip stands on. Several keys together: all of them must hold.",
    "properties": {
        "codes": _list(CODE),
        "ranges": {
            "type": "array",
            "minItems": 1,
            "maxItems": 40,
            "items": {"type": "array", "minItems": 2, "maxItems": 2, "items": CODE},
            "description": 'Ranges, both ends included: [["97110", "97150"]].',
        },
        **{name: _list({"type": "string", "maxLength": 80, "description": f"Names of CMS's classification (RBCS): {level}."}) for name, level in CLASSES.items()},
        **{name: {"anyOf": [_VALUE, _list(_VALUE)], "description": "A value as in CMS's file, in quotes, or a list of them."} for name in COLUMNS},
        "parts": _list({"enum": ["26", "TC", "53"], "description": "Rows that CMS's file has for the code beside the whole: 26, TC, 53."}),
        **{name: {"type": "boolean", "description": "true or false"} for name in SWITCHES},
        "mue": {"anyOf": [{"enum": ["none"]}, _range(mai={"enum": ["1", "2", "3"]})], "description": 'The unit limit: {min: 2, max: 9, mai: "2"}, or none where CMS publishes none.'},
        "edits": {
            "type": "object",
            "additionalProperties": False,
            "minProperties": 1,
            "properties": {name: _range() for name in COUNTS},
            "description": "How many PTP edits in force the code has: {column1: {min: 1}}.",
        },
        "all": {"type": "array", "minItems": 2, "maxItems": 20, "items": {"$ref": "#/definitions/where"}, "description": "All of these."},
        "any": {"type": "array", "minItems": 2, "maxItems": 20, "items": {"$ref": "#/definitions/where"}, "description": "At least one of these."},
        "not": {"$ref": "#/definitions/where"},
    },
}

TIP: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "title": "Billing tip",
    "description": "content/tips/<id>.yml: one tip, the codes it stands on, and what it rests on.",
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "title", "do", "impact", "kind", "evidence", "where", "expects", "sources", "author", "checked_by", "verified", "review_by", "effective", "watch"],
    "definitions": {"where": _WHERE},
    "properties": {
        "id": {"type": "string", "minLength": 5, "maxLength": 60, "pattern": r"^[a-z0-9]+(-[a-z0-9]+)+$", "description": "The file's name without .yml: small letters, digits, hyphens."},
        "title": {"type": "string", "minLength": 10, "maxLength": 80, "pattern": r"^[^\n]*[^.\n]$", "description": "The action or the trap in 10 to 80 characters, without a full stop."},
        "do": {"type": "string", "minLength": 60, "maxLength": 700, "pattern": _TEXT, "description": "What to do and why, 60 to 700 characters. Markdown: emphasis, lists, links; no HTML."},
        "impact": {"type": "string", "minLength": 30, "maxLength": 300, "pattern": _TEXT, "description": "What happens if it is ignored, 30 to 300 characters."},
        "kind": {"enum": list(KINDS), "description": f"One of: {', '.join(KINDS)}."},
        "evidence": {"enum": list(EVIDENCE), "description": "rule: it stands in a cited section. data: it follows from CMS's files. practice: experience, without figures."},
        "where": {"$ref": "#/definitions/where"},
        "expects": {"type": "array", "minItems": 2, "maxItems": 2, "items": _NUMBER, "description": "Between how many codes of a full release the tip stands on: [40, 80]."},
        "sources": {
            "type": "array",
            "maxItems": 6,
            "description": "Federal texts: document (a name of rules/documents.yml), section, revision, and the hash that content/sources.yml has of the section.",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["document", "section", "revision"],
                "properties": {
                    "document": {"type": "string", "pattern": r"^[a-z0-9-]+$", "description": "A name of rules/documents.yml, such as cpm5."},
                    "section": {"type": "string", "minLength": 1, "maxLength": 120, "description": 'The section in quotes, such as "20.1".'},
                    "revision": {"type": "string", "minLength": 3, "maxLength": 40, "description": 'The revision that was read, such as "Rev. 11129".'},
                    "hash": {"type": "string", "pattern": r"^([0-9a-f]{12})?$", "description": "Twelve characters; leave it empty for a new tip, and check --fix fills it in."},
                },
            },
        },
        "author": {"type": "string", "minLength": 3, "maxLength": 60, "pattern": _TEXT, "description": "Who wrote it."},
        "checked_by": {"type": ["string", "null"], "minLength": 3, "maxLength": 60, "description": "Who else compared it with its sources, or null."},
        "verified": {
            "type": "object",
            "additionalProperties": False,
            "required": ["day", "release"],
            "properties": {"day": _DAY, "release": {"type": "string", "pattern": r"^RVU\d\d[A-D]R?$", "description": "The CMS release it was verified for, such as RVU26C."}},
            "description": 'When it was last compared with its sources: {day: "2026-11-25", release: RVU26C}.',
        },
        "review_by": {**_DAY, "description": "The day by which it must be verified again, at most two years on."},
        "effective": {
            "type": "object",
            "additionalProperties": False,
            "required": ["from", "to"],
            "properties": {"from": _DAY_OR_NULL, "to": _DAY_OR_NULL},
            "description": 'From and to which day it holds: {from: "2018-01-01", to: null}.',
        },
        "watch": {
            "type": "array",
            "minItems": 1,
            "maxItems": 12,
            "uniqueItems": True,
            "items": {"enum": list(WATCHED)},
            "description": f"Facts whose change means that somebody must look at the tip again: {', '.join(WATCHED)}.",
        },
        "allow": {
            "type": "array",
            "minItems": 1,
            "maxItems": 5,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["rule", "why"],
                "properties": {"rule": {"type": "string"}, "why": {"type": "string", "minLength": 20, "maxLength": 300}},
                "description": "A rule of the linter that is wrong about this tip, and why: {rule: near-duplicate, why: ...}.",
            },
            "description": "Exceptions; one that is not needed is an error.",
        },
    },
}
