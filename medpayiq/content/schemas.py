"""The shape of what editors write, in one definition: the loader checks with it and schema/ is written from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from medpayiq.content.denial_schema import DENIALS
from medpayiq.content.source_schema import SOURCES
from medpayiq.content.tip_schema import CODE, TIP
from medpayiq.field import lists, report_schema
from medpayiq.field.list_schema import FIELD

_DAY = {"type": ["string", "null"], "pattern": r"^20\d\d-[01]\d-[0-3]\d$", "description": "A date as 2018-01-01, or null where it is not known."}
_RELEASE = {"type": ["string", "null"], "pattern": r"^RVU\d\d[A-D]R?$", "description": "A CMS release such as RVU26C, or null."}

CODE_NOTE: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "title": "Plain-language note on a code",
    "description": "content/codes/<CODE>.yml: what the service is, in our own words, never the AMA's.",
    "type": "object",
    "additionalProperties": False,
    "required": ["code", "title", "summary", "words", "changed"],
    "properties": {
        "code": CODE,
        "title": {"type": "string", "minLength": 15, "maxLength": 60, "pattern": r"^[^.<>\n]+(?:\.[0-9][^.<>\n]*)*$", "description": "A plain name of 15 to 60 characters, without a full stop; a decimal point may stand in it (2.5 cm)."},
        "summary": {"type": "string", "minLength": 60, "maxLength": 320, "pattern": r"^[^<>]+$", "description": "One or two plain sentences, 60 to 320 characters."},
        "words": {
            "type": "array",
            "minItems": 2,
            "maxItems": 8,
            "uniqueItems": True,
            "items": {"type": "string", "minLength": 2, "maxLength": 50, "pattern": r"^[^|<>\n]+$"},
            "description": "Two to eight words or phrases that people search for. The code's page and the search show them.",
        },
        "common": {"type": "boolean", "enum": [True], "description": "common: true where many offices bill the code. The search puts it before others with the same words."},
        "changed": {"type": "string", "pattern": r"^20\d\d-[01]\d-[0-3]\d$", "description": 'changed: "2026-11-30", the day on which the note last changed; search engines hear of it.'},
    },
}

REPLACED: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "title": "Deleted codes and what replaced them",
    "description": "content/replaced.yml: codes that people still search for.",
    "type": "array",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["code", "by", "since", "last_release", "first_release_without", "say", "source", "checked"],
        "properties": {
            "code": CODE,
            "by": {"type": "array", "maxItems": 30, "uniqueItems": True, "items": CODE, "description": "What to bill instead; [] where nothing single took its place."},
            "since": _DAY,
            "last_release": _RELEASE,
            "first_release_without": _RELEASE,
            "say": {"type": "string", "minLength": 20, "maxLength": 400, "pattern": r"^[^<>]+$", "description": "What to bill now, and the trap if there is one."},
            "source": {"type": "string", "minLength": 8, "maxLength": 200, "description": "Document, chapter, section; or the CMS releases that show it."},
            "checked": {"enum": ["read", "not verified"], "description": "read: it stands in the sources named. not verified: a source was not at hand; the page says so."},
        },
    },
}

RANGES: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "title": "Names of our own for ranges of codes",
    "description": "content/ranges.yml: everyday words for lists and menus.",
    "type": "array",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["slug", "name", "ranges"],
        "properties": {
            "slug": {"type": "string", "pattern": r"^[a-z0-9]+(-[a-z0-9]+)*$", "description": "Part of the address: small letters, digits, hyphens."},
            "name": {"type": "string", "minLength": 3, "maxLength": 60, "description": "At most 60 characters."},
            "ranges": {
                "type": "array",
                "minItems": 1,
                "items": {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "string", "pattern": r"^[A-Z0-9]{5}$"}},
                "description": "One or more [first, last], both included.",
            },
        },
    },
}

ALL = {"code-note": CODE_NOTE, "replaced": REPLACED, "ranges": RANGES, "tip": TIP, "sources": SOURCES, "field": FIELD, "denials": DENIALS}


def write(folder: Path) -> list[Path]:
    """Write every schema to ``folder/<name>.schema.json``, those of field reports by the lists as they are now; return the files."""
    folder.mkdir(exist_ok=True)
    made = []
    for name, schema in {**ALL, **report_schema.both(lists.read())}.items():
        path = folder / f"{name}.schema.json"
        path.write_text(json.dumps(schema, indent=2) + "\n", encoding="utf-8")
        made.append(path)
    return made
