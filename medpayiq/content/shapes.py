"""Compares a YAML file with its JSON Schema, each fault as a sentence with file, line and column."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fastjsonschema

from medpayiq import yamlmarks
from medpayiq.content.remembering import Read
from medpayiq.findings import Findings
from medpayiq.paths import shown

if TYPE_CHECKING:
    import jsonschema


def checked(path: Path, schema: dict[str, Any], findings: Findings, *, shown_as: str | None = None, read: Read | None = None) -> yamlmarks.Document | None:
    """Load a file; every fault becomes an error and None is returned. ``shown_as`` is how findings name it, ``read`` remembers it."""
    name = shown_as or shown(path)
    untouched = read.untouched(name, path) if read else None
    if untouched is not None:
        return untouched
    raw = yamlmarks.read(path, name, findings)
    if raw is None:
        return None
    remembered = read.document(name, raw, path) if read else None
    if remembered is not None:
        return remembered
    document = yamlmarks.decode(raw, name, findings)
    if document is None:
        return None
    if _fits(document.data, schema):
        if read:
            read.keep(raw, document, path)
        return document
    found = list(dict.fromkeys(faults(document, schema)))
    for line, column, message, hint in found:
        findings.error(document.file, message, line=line, column=column, try_=hint, rule="schema")
    return None if found else document


def _fits(data: Any, schema: dict[str, Any]) -> bool:
    """Say quickly whether nothing is wrong: compiled, a schema costs a tenth; what is wrong says the other library, with all faults and their places."""
    compiled = _COMPILED.get(id(schema))
    if compiled is None:
        # Without messages, which nobody reads here, it is compiled in a seventh of the time.
        compiled = _COMPILED[id(schema)] = fastjsonschema.compile(schema, detailed_exceptions=False)
    try:
        compiled(data)
    except fastjsonschema.JsonSchemaValueException:
        return False
    return True


_COMPILED: dict[int, Any] = {}
"""By the schema's identity: schemas are constants of their modules."""


def faults(document: yamlmarks.Document, schema: dict[str, Any]) -> Iterator[tuple[int, int, str, str]]:
    """Yield line, column, message and what to type of every value that does not have its shape."""
    import jsonschema  # takes a good part of a check that finds nothing

    validator = jsonschema.Draft7Validator(schema)
    for error in sorted(validator.iter_errors(document.data), key=lambda one: list(map(str, one.absolute_path))):
        line, column = document.at(*error.absolute_path)
        name = "/".join(str(part) for part in error.absolute_path) or "file"
        yield line, column, f"{name}: {in_words(error)}", _hint(error)


def _hint(error: jsonschema.ValidationError) -> str:
    """Return what to type: the schema's words on the value; of a file that lacks one key, on that key."""
    schema: Any = error.schema
    value: Any = error.instance
    if not isinstance(schema, dict):
        return ""
    missing = [name for name in schema.get("required", ()) if name not in value] if error.validator == "required" else []
    if len(missing) == 1 and not error.absolute_path:
        schema = {"description": schema.get("description", ""), **schema["properties"][missing[0]]}
    hint: str = schema.get("description", "")
    return hint


def in_words(error: jsonschema.ValidationError) -> str:
    """Say a schema fault in a sentence; the library's own message quotes patterns at people."""
    value: Any = error.instance
    wanted: Any = error.validator_value
    schema: Any = error.schema
    match error.validator:
        case "required":
            missing = [name for name in wanted if name not in value]
            return f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
        case "additionalProperties":
            extra = sorted(set(value) - set(schema["properties"]))
            return f"{', '.join(extra)}: no such key (known: {', '.join(schema['properties'])})"
        case "type":
            kinds = wanted if isinstance(wanted, list) else [wanted]
            words = {"string": "text", "array": "a list", "object": "keys and values", "null": "null"}
            return f"must be {' or '.join(words.get(str(one), str(one)) for one in kinds)}"
        case "minLength":
            return f"has {len(value)} characters; at least {wanted} are needed"
        case "maxLength":
            return f"has {len(value)} characters; at most {wanted} are allowed"
        case "minItems" | "maxItems":
            return f"has {len(value)} entries; {'at least' if error.validator == 'minItems' else 'at most'} {wanted} are allowed"
        case "uniqueItems":
            return "holds an entry twice"
        case "enum":
            return f"{value!r} is not one of: {', '.join(map(str, wanted))}"
        case "pattern":
            return f"{value!r} does not have the right form"
        case _:
            return str(error.message)
