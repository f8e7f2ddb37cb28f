"""Reads content/denials.yml: what the numbers on a remittance mean, what to look at, what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medpayiq import rules, yamlmarks
from medpayiq.content.denial_schema import DENIALS
from medpayiq.content.shapes import checked
from medpayiq.days import is_day
from medpayiq.field.list_schema import OTHER
from medpayiq.findings import Failed, Findings
from medpayiq.paths import CONTENT

FILE = CONTENT / "denials.yml"
NAME = "content/denials.yml"
USUAL = "CO"
"""Letters that most reasons come with."""


@dataclass(frozen=True, slots=True)
class Said:
    """A few sentences and where they are written: ``cpm1 60.5``; without sources it is practice."""

    say: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """A number on a remittance."""

    number: str
    title: str
    changed: str
    """ISO day on which its words last changed."""
    letters: str
    """Those that it comes with most."""
    means: Said
    first: tuple[Said, ...]
    here: tuple[str, ...]
    """Keys of places."""
    modifiers: tuple[str, ...]
    then: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Denials:
    """The whole file; reasons in the order of their numbers, those with a letter last."""

    changed: str
    """ISO day on which anything but a reason last changed."""
    groups: Mapping[str, Said]
    ways: tuple[tuple[str, Said], ...]
    """Title, and what it is."""
    remarks: Said
    places: Mapping[str, tuple[str, str]]
    """Words and address by key."""
    reasons: tuple[Reason, ...]


def read(titles: Mapping[str, str], path: Path = FILE) -> Denials:
    """Read the file; ``titles`` are the reasons of content/field.yml.

    Raises:
        Failed: with every finding.
    """
    findings = Findings()
    made = check(findings, titles, path)
    if made is None:
        raise Failed(findings)
    return made


def check(findings: Findings, titles: Mapping[str, str], path: Path = FILE) -> Denials | None:
    """Read the file and report what does not fit: its shape, documents, places and modifiers that are not known, reasons without words."""
    document = checked(path, DENIALS, findings)
    if document is None:
        return None
    faults = [*_faults(document, titles)]
    for at, message, hint in faults:
        line, column = document.at(*at)
        findings.error(document.file, message, line=line, column=column, try_=hint, rule="denials")
    if faults:
        return None
    data = document.data
    return Denials(
        data["changed"],
        {letters: _said(one) for letters, one in data["groups"].items()},
        tuple((one["title"], _said(one)) for one in data["ways"]),
        _said(data["remarks"]),
        {key: (one["say"], one["url"]) for key, one in data["places"].items()},
        tuple(_reason(number, data["reasons"][number], titles) for number in sorted(data["reasons"], key=in_order)),
    )


def in_order(number: str) -> tuple[str, int]:
    """Return what sorts numbers as people count, those with a letter last."""
    letter = number.rstrip("0123456789")
    return letter, int(number[len(letter) :])


def _faults(document: yamlmarks.Document, titles: Mapping[str, str]) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Yield path, message and what to type of every fault that the shape cannot tell."""
    changed, reasons = document.data["changed"], document.data["reasons"]
    for path, day in ((("changed",), changed), *((("reasons", number, "changed"), one["changed"]) for number, one in reasons.items())):
        if not is_day(day):
            yield path, f"{'/'.join(path)}: {day} is not a day of the calendar", 'changed: "2026-11-29"'
    for number in titles:
        if number != OTHER and number not in reasons:
            yield ("reasons",), f"reasons: {number} of content/field.yml is missing", f'add "{number}" with means, first, here and then'
    book = rules.read("modifiers")
    modifiers = {*book["modifiers"], *book["anatomic"]["codes"], *book["reporting"]["codes"]}
    for number, one in reasons.items():
        if number in titles and "title" in one:
            yield ("reasons", number, "title"), f"reasons/{number}: content/field.yml has words for it already", "leave out the title"
        if number not in titles and "title" not in one:
            yield ("reasons", number), f"reasons/{number}: has no title, and content/field.yml has no words for it", "add a title of a few plain words"
        if one.get("letters", USUAL) not in document.data["groups"]:
            yield ("reasons", number, "letters"), f"reasons/{number}/letters: {one['letters']} is not among groups", f"name one of: {', '.join(document.data['groups'])}"
        for place, key in enumerate(one["here"]):
            if key not in document.data["places"]:
                yield ("reasons", number, "here", place), f"reasons/{number}/here: {key} is not among places", f"name one of: {', '.join(document.data['places'])}"
        for place, name in enumerate(one.get("modifiers", ())):
            if name not in modifiers:
                yield ("reasons", number, "modifiers", place), f"reasons/{number}/modifiers: {name} is not a modifier of rules/modifiers.yml", "name one that has a page under /modifiers/"
    for path, text in cited(document.data):
        if text.split(" ", 1)[0] not in rules.read("documents"):
            yield path, f"{text}: rules/documents.yml has no such document", 'name a document and a section of it, such as "cpm1 60.5"'


def cited(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield every source with its path."""
    if isinstance(data, dict):
        for key, one in data.items():
            if key == "sources":
                yield from (((*path, key, place), text) for place, text in enumerate(one if isinstance(one, list) else ()))
            else:
                yield from cited(one, (*path, key))
    elif isinstance(data, list):
        for place, one in enumerate(data):
            yield from cited(one, (*path, place))


def _said(one: Mapping[str, Any]) -> Said:
    return Said(one["say"], tuple(one.get("sources", ())))


def _reason(number: str, one: Mapping[str, Any], titles: Mapping[str, str]) -> Reason:
    return Reason(
        number,
        one.get("title") or titles[number],
        one["changed"],
        one.get("letters", USUAL),
        _said(one["means"]),
        tuple(map(_said, one["first"])),
        tuple(one["here"]),
        tuple(one.get("modifiers", ())),
        tuple(map(_said, one["then"])),
    )
