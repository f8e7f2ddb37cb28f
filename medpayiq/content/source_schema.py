"""The shape of content/sources.yml: the federal sections that tips cite, each with a hash of its text and its figures."""

from __future__ import annotations

from typing import Any

_TITLE = {"type": "string", "minLength": 3, "maxLength": 330}
_FIGURE = r"\$?\d+(\.\d+)?(/\d+)?%?( [a-z]+)?"
_BY_TOOL = "Written by: build.py sources --write DIR."

SOURCES: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "title": "Cited sections of federal texts",
    "description": f"content/sources.yml. {_BY_TOOL}",
    "type": "object",
    "propertyNames": {"pattern": r"^[a-z0-9-]+$"},
    "additionalProperties": {
        "type": "object",
        "additionalProperties": False,
        "required": ["title", "revision", "texts", "sections"],
        "description": "A document by its name in rules/documents.yml.",
        "properties": {
            "title": {**_TITLE, "description": "The document's title."},
            "revision": {"type": "string", "minLength": 3, "maxLength": 40, "description": 'The revision that the text names: "Rev. 11129".'},
            "texts": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "string", "pattern": r"^[a-z0-9.-]+\.txt$"}, "description": "The files that hold the cited sections."},
            "sections": {
                "type": "object",
                "minProperties": 1,
                "description": "The cited sections by number.",
                "additionalProperties": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["revision", "hash", "numbers"],
                    "description": _BY_TOOL,
                    "properties": {
                        "title": {**_TITLE, "description": "The heading; left out where it names codes, since it may then quote a descriptor."},
                        "revision": {"type": "string", "maxLength": 40, "description": "The section's own revision; empty where the text names none."},
                        "hash": {"type": "string", "pattern": r"^[0-9a-f]{12}$", "description": f"Twelve hex digits of what the section says. {_BY_TOOL}"},
                        "numbers": {
                            "type": "string",
                            "pattern": rf"^({_FIGURE}(, {_FIGURE})*)?$",
                            "description": 'The figures of the section, each with what it counts where the text says so: "8, 15 minutes, 50%, $40.43".',
                        },
                    },
                },
            },
        },
    },
}
