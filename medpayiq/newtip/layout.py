"""Writes a tip's file as the other tips are written: order of keys, quotes, lines of at most 118 characters."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping
from typing import Any

import yaml

from medpayiq.content.tip_schema import TIP

_WIDTH = 116
"""Characters of a line of text behind its indentation."""
_NUMBERS = frozenset({"min", "max"})
_SECTION = ("section", "revision", "hash")
_TEXT = "tag:yaml.org,2002:str"
_RESOLVER: Any = yaml.resolver.Resolver()
_LIST = re.compile(r"\s*(?:[-*+]|\d{1,3}[.)])\s")


def written(tip: Mapping[str, Any]) -> str:
    """Return the text of a tip's file."""
    lines = [entry(key, tip[key]) for key in TIP["required"]]
    return "\n".join(lines) + "\n"


def flow(value: Any) -> str:
    """Return a value in one line, every text in quotes: ``{codes: ["97761"]}``."""
    return _flow(value)


def tidy(lines: list[str]) -> str:
    """Return typed lines as one text: joined where they are sentences, kept apart where they are entries of a list."""
    made: list[str] = []
    for line in lines:
        words = " ".join(line.split())
        if not words:
            continue
        if _LIST.match(line + " "):
            if made and not _LIST.match(made[-1] + " "):
                made.append("")  # Markdown begins a list only after an empty line
            made.append(words)
        elif made:
            made[-1] = f"{made[-1]} {words}"
        else:
            made.append(words)
    return "\n".join(made)


def entry(key: str, value: Any) -> str:
    """Return one key with its value as the file has it."""
    match key:
        case "do" | "impact":
            return f"{key}: {_block(value)}"
        case "title" | "author" | "id" | "kind" | "evidence" | "checked_by":
            return f"{key}: {_plain(value)}"
        case "expects":
            return f"{key}: [{', '.join(map(str, value))}]"
        case "sources" if value and all(isinstance(one, Mapping) and {"document", *_SECTION} == set(one) for one in value):
            return "\n".join([f"{key}:", *(f"  - {_source(one)}" for one in value)])
        case "verified":
            return f"{key}: {{day: {json.dumps(value['day'])}, release: {value['release']}}}"
        case "watch":
            return f"{key}: [{', '.join(map(str, value))}]"
    return f"{key}: {_flow(value)}"


def _block(text: str) -> str:
    if "\n" in text:
        return "|-\n" + "\n".join(f"  {line}" if line else "" for line in text.split("\n"))
    lines = textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
    return ">-\n" + "\n".join(f"  {line}" for line in lines)


def _plain(value: str | None) -> str:
    """Return a text without quotes where every program reads it as the same text, else with them."""
    if value is None:
        return "null"
    try:
        node = yaml.compose(f"key: {value}\n", Loader=yaml.SafeLoader)
        found = node.value[0][1] if isinstance(node, yaml.MappingNode) and len(node.value) == 1 else None
        same = isinstance(found, yaml.ScalarNode) and not found.style and found.value == value
    except yaml.YAMLError:
        same = False
    return value if same and "{" not in value and _RESOLVER.resolve(yaml.ScalarNode, value, (True, False)) == _TEXT else json.dumps(value, ensure_ascii=False)


def _source(one: Mapping[str, str]) -> str:
    return f"{{document: {one['document']}, " + ", ".join(f"{key}: {json.dumps(one[key], ensure_ascii=False)}" for key in _SECTION) + "}"


def _flow(value: Any, key: str = "") -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_plain(name)}: {_flow(one, name)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(one) for one in value) + "]"
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    return str(value) if key in _NUMBERS and str(value).isdigit() else json.dumps(str(value), ensure_ascii=False)
