"""Loads YAML in which every plain value stays text, remembers where each value stands, and finds repeated keys.

YAML 1.1 would read code 00100 as 64 and 12:30 as 750 (both are numbers to it); here they stay what was typed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from medpayiq.findings import Findings

Place = tuple[int, int]
Key = tuple[str | int, ...]

_PLAIN = {"true": True, "false": False, "": None, "null": None, "~": None}
"""What stands for something else than its letters, where it stands without quotes."""
_DEEPEST = 20
_MOST_VALUES = 200_000
"""A few lines of YAML can repeat themselves into millions of values; none of our files comes near this."""


class _Untyped(yaml.CSafeLoader):
    """Composes nodes without asking which type each value might be: the types of YAML 1.1 are not ours."""

    def resolve(self, _kind: type[yaml.Node], _value: object, _implicit: object) -> str:
        """Return one tag for all."""
        return "untyped"


class _TooMuch(Exception):  # noqa: N818 - never leaves this module
    """The file holds more values than any of ours."""


@dataclass(frozen=True, slots=True)
class Marks:
    """How the values of a file stand in it."""

    places: dict[Key, Place]
    """The (line, column) of every value by its path."""
    plain: frozenset[Key]
    """Values that stand there without quotes, in one line."""


@dataclass(frozen=True, slots=True)
class Document:
    """A loaded file: plain data, and where each value stands."""

    file: str
    data: Any
    marked: Callable[[], Marks] = field(repr=False, compare=False)
    """Gives the marks: a file that did not change since it was last read is only read again if somebody asks where a value is."""

    @property
    def plain(self) -> frozenset[Key]:
        """Return the paths of values that stand there without quotes."""
        return self.marked().plain

    def at(self, *path: str | int) -> Place:
        """Where the value of ``path`` stands; the nearest known ancestor when it is missing."""
        key: Key = path
        places = self.marked().places
        while key not in places and key:
            key = key[:-1]
        return places.get(key, (1, 1))


def load(path: Path, findings: Findings, *, shown_as: str | None = None) -> Document | None:
    """Load one file; what is not YAML, and every repeated key, becomes an error and None is returned."""
    name = shown_as or path.as_posix()
    raw = read(path, name, findings)
    return None if raw is None else decode(raw, name, findings)


def read(path: Path, name: str, findings: Findings) -> bytes | None:
    """Return a file's bytes; where it cannot be read, that becomes an error."""
    try:
        with open(path, "rb", buffering=0) as file:  # thousands of small files: a buffer for each is a fifth of the time
            return file.readall()
    except OSError as problem:
        findings.error(name, f"cannot be read: {problem.strerror}")
        return None


def decode(raw: bytes, name: str, findings: Findings) -> Document | None:
    """Load YAML as it stands in a file."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as problem:
        findings.error(name, f"is not UTF-8 at byte {problem.start}", try_="save the file as UTF-8")
        return None
    return parse(text, name, findings)


def marks(text: str, name: str) -> Marks:
    """Return where the values stand in a text that is known to be sound."""
    document = parse(text, name, Findings())
    return document.marked() if document else Marks({}, frozenset())


def parse(text: str, name: str, findings: Findings) -> Document | None:
    """Load YAML text; ``name`` is shown in findings."""
    try:
        if _crashes_the_parser(text):
            findings.error(name, f"is nested more than {_DEEPEST} deep")
            return None
        node = yaml.compose(text, Loader=_Untyped)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark
        findings.error(
            name,
            f"is not YAML: {problem.problem or problem.context}",
            line=mark.line + 1 if mark else 0,
            column=mark.column + 1 if mark else 0,
            try_="put quotes around a value that holds a colon or a #; indent with blanks, never tabs",
            rule="yaml",
        )
        return None
    except yaml.YAMLError as problem:
        findings.error(name, f"is not YAML: {problem}")
        return None
    if node is None or (isinstance(node, yaml.ScalarNode) and not node.style and not node.value):
        findings.error(name, "is empty")
        return None
    places: dict[Key, Place] = {}
    plain: list[Key] = []
    before = findings.count("error")
    try:
        data = _build(node, (), places, plain, name, findings, 0)
    except _TooMuch:
        findings.error(name, f"holds more than {_MOST_VALUES:,} values", try_="write repeated parts out instead of naming them with & and *")
        return None
    failed = findings.count("error") > before
    found = Marks(places, frozenset(plain))
    return None if failed else Document(name, data, lambda: found)


def _crashes_the_parser(text: str) -> bool:
    """Return whether values nest so deep that composing, which recurses in C, would end the interpreter."""
    # A level takes a bracket, or a character of indentation on some line: most files are cleared by counting.
    if text.count("[") + text.count("{") + max(map(len, text.splitlines()), default=0) < 1_000:
        return False
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > 500:
            return True
    return False


def _build(node: yaml.Node, key: Key, places: dict[Key, Place], plain: list[Key], name: str, findings: Findings, depth: int) -> Any:
    place = (node.start_mark.line + 1, node.start_mark.column + 1)
    places.setdefault(key, place)
    if len(places) > _MOST_VALUES:
        raise _TooMuch
    if depth > _DEEPEST:
        findings.error(name, f"is nested more than {_DEEPEST} deep", line=place[0], column=place[1])
        return None
    if isinstance(node, yaml.MappingNode):
        made: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line, column = key_node.start_mark.line + 1, key_node.start_mark.column + 1
            if not isinstance(key_node, yaml.ScalarNode):
                findings.error(name, "a key must be plain text", line=line, column=column)
                continue
            if key_node.value in made:
                findings.error(name, f"key {key_node.value!r} stands twice", line=line, column=column, try_="keep one of the two", rule="duplicate-key")
                continue
            made[key_node.value] = _build(value_node, (*key, key_node.value), places, plain, name, findings, depth + 1)
        return made
    if isinstance(node, yaml.SequenceNode):
        return [_build(one, (*key, i), places, plain, name, findings, depth + 1) for i, one in enumerate(node.value)]
    if not isinstance(node, yaml.ScalarNode):
        return None
    if node.style:
        return node.value
    plain.append(key)
    return _PLAIN.get(node.value, node.value)
