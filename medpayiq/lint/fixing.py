"""Writes what is certain into a YAML file, and touches nothing else in it: comments, order and layout stay."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

Key = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fix:
    """A value to write at a place of a file (as findings name it)."""

    file: str
    path: Key
    value: str


def apply(fixes: Iterable[Fix], root: Path) -> list[str]:
    """Write every fix; return the files that were changed."""
    by_file: dict[str, list[Fix]] = {}
    for one in fixes:
        by_file.setdefault(one.file, []).append(one)
    changed = []
    for file, wanted in sorted(by_file.items()):
        path = root / file
        text = path.read_text(encoding="utf-8")
        # From the end to the beginning, so that what was found before a change still stands where it was found.
        edits = sorted((edit for one in wanted for edit in [_edit(text, one)] if edit is not None), reverse=True)
        mended = text
        for start, end, new in edits:
            mended = mended[:start] + new + mended[end:]
        if mended != text:
            path.write_text(mended, encoding="utf-8")
            changed.append(file)
    return changed


def _edit(text: str, fix: Fix) -> tuple[int, int, str] | None:
    """Return what to put from where to where: in the place of the value, or as a new key behind its neighbours."""
    node = yaml.compose(text, Loader=yaml.CSafeLoader)
    quoted = json.dumps(fix.value)
    for at, part in enumerate(fix.path):
        if isinstance(node, yaml.MappingNode):
            found = next((value for key, value in node.value if key.value == part), None)
            if found is None:
                return _insert(node, str(part), quoted) if at == len(fix.path) - 1 and node.value else None
            node = found
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
        else:
            return None
    if not isinstance(node, yaml.ScalarNode):
        return None
    return node.start_mark.index, node.end_mark.index, quoted


def _insert(node: yaml.MappingNode, key: str, quoted: str) -> tuple[int, int, str]:
    first, (_, last) = node.value[0][0], node.value[-1]
    end = last.end_mark.index
    return (end, end, f", {key}: {quoted}") if node.flow_style else (end, end, f"\n{' ' * first.start_mark.column}{key}: {quoted}")
