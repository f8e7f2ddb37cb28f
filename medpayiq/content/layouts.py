"""Finds the parts of texts that number no sections: a booklet's headings, the fields of a record layout."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple


class Found(NamedTuple):
    """A section by its lines: heading, and the text from ``start`` to before ``end``."""

    number: str
    title: str
    revision: str
    start: int
    end: int


def headings(lines: list[str]) -> Iterator[Found]:
    """Find a booklet's headings, those of its table of contents. One that stands there twice is named with the heading above it."""
    revision = next((match[1] for line in lines if (match := re.search(r"MLN\d+\s+([A-Z][a-z]+ \d{4})", line))), "")
    entries, at = _entries(lines, r"\.{4,}\s*\d+")
    placed: list[tuple[str, bool, int, int]] = []
    for title, deep in entries:
        for i in range(at, len(lines)):
            # A long heading takes two or three lines.
            size = next((n for n in (1, 2, 3) if _same(" ".join(lines[i : i + n])) == _same(title) and lines[i].strip()), 0)
            if size:
                placed.append((title, deep, i, i + size))
                at = i + size
                break
    titles = [one[0] for one in placed]
    above = ""
    for (title, deep, _, start), end in zip(placed, [*[one[2] for one in placed[1:]], len(lines)], strict=True):
        above = above if deep else title
        yield Found(title if titles.count(title) == 1 or not deep else f"{above}: {title}", title, revision, start, end)


def parts(lines: list[str], revision: str) -> Iterator[Found]:
    """Find the parts of the NCCI manual's introduction: ``Introduction.Purpose``."""
    entries, at = _entries(lines, r"\.{4,}\s*Intro-\d+")
    places = []
    for title, _ in entries:
        place = next((i for i in range(at, len(lines)) if _same(lines[i]) == _same(title)), None)
        if place is not None:
            places.append((title, place))
            at = place + 1
    for (title, place), end in zip(places, [*[place for _, place in places[1:]], len(lines)], strict=True):
        yield Found("Introduction" if title == "Introduction" else f"Introduction.{title}", title, revision, place + 1, end)


def _entries(lines: list[str], end: str) -> tuple[list[tuple[str, bool]], int]:
    """Return the entries of a table of contents, each with whether it is indented, and the line after the last."""
    made: list[tuple[str, bool]] = []
    begun = ""
    deep = False
    last = 0
    started = False
    for i, line in enumerate(lines):
        if re.fullmatch(r"\s*Table of Contents\s*", line):
            started = True
            continue
        if not started or not line.strip() or "copyright" in line or re.search(r"MLN Booklet|MLN\d{6}|Revision Date", line):
            continue
        match = re.fullmatch(rf"(\s*)(.*?)\s*{end}\s*", line)
        if match:
            deep = deep if begun else bool(match[1])
            made.append((f"{begun} {match[2]}".strip(), deep))
            begun, last = "", i + 1
        elif line.startswith(" ") and not begun and i - last < 40:
            begun, deep = line.strip(), True
        elif made and i - last > 2:
            break
    return made, last


def _same(text: str) -> str:
    return re.sub(r"[\s\u2010-\u2015-]+", "", text)


# --- the record layout of the relative value file -----------------------------------------------------------------------------

_FIELD = re.compile(r"(?P<name>[A-Z][A-Za-z/ -]*?) {2,}\d{1,3}(?:-\d{1,3})? {2,}(?:[Xx]\(\d+\)|9+\.9+|XXX|\.99)(?: {2,}.*)?")
_PASSAGES = {"Formula": r"The formula for \d{4} physician", "Limiting charge": r"The Medicare limiting charge is set", "Record": r"File Organization:"}
"""Passages of the layout's first pages, which have no heading, by the words they begin with."""


def fields(lines: list[str]) -> Iterator[Found]:
    """Find the passages of the first pages, the fields by their names, and the two lists of attachment A."""
    year = next((match[1] for line in lines if (match := re.search(r"CALENDAR YEAR (\d{4})", line))), "")
    heads: list[tuple[str, int]] = [("Contents", 1)]
    part = "passages"
    for i, line in enumerate(lines):
        if re.fullmatch(r"\s*DATA RECORD\s*", line):
            part = "fields"
            heads.append(("Record", i))
        elif re.fullmatch(r"\s*ATTACHMENT A\s*", line):
            part = "attachment"
        elif part == "passages":
            heads += [(name, i) for name, words in _PASSAGES.items() if re.match(words, line)]
        elif part == "fields" and (match := _FIELD.fullmatch(line.rstrip())):
            heads.append((_name(match["name"], lines[i + 1 : i + 5]), i))
        elif part == "attachment" and (match := re.match(r"(STATUS CODE|PC/TC INDICATOR) +\w ?=", line)):
            heads.append((f"Attachment A {match[1].title() if match[1] != 'PC/TC INDICATOR' else 'PC/TC Indicator'}", i))
    for (name, start), end in zip(heads, [*[start for _, start in heads[1:]], len(lines)], strict=True):
        if name not in {"Record", "Filler"}:
            yield Found(name, name, f"CY{year}", start, end)


def _name(name: str, below: list[str]) -> str:
    """Return the name of a field, which may go on in the left column of the next lines; a modifier in brackets is no part of it."""
    for line in below:
        if _FIELD.fullmatch(line.rstrip()) or (line.strip().isupper() and len(line.strip()) > 3):
            break
        if match := re.match(r"([A-Z][A-Za-z ]*?)(?: {3,}|$)", line):
            name = f"{name} {match[1]}"
    return name.strip()


def addendum(lines: list[str], revision: str, start: int, end: int) -> Iterator[Found]:
    """Find the fields of the fee schedule data base in the addendum of chapter 23: a number alone on a line, and the name below."""
    heads: list[tuple[str, str, int]] = []
    begun = False
    last = 0
    for i in range(start, end - 1):
        begun = begun or lines[i].strip() == "DATA RECORD"
        # Fields that came later stand between two numbers: 31A, 31BB.
        if begun and (match := re.fullmatch(r"\s*(\d{1,2})([A-Z]{0,2})\s*", lines[i])) and int(match[1]) == last + (not match[2]):
            last = int(match[1])
            heads.append((match[1] + match[2], lines[i + 1].strip(), i))
    for (number, title, i), after in zip(heads, [*[i for _, _, i in heads[1:]], end], strict=False):
        if title != "Filler":
            yield Found(f"Addendum {number}", title, revision, i + 2, after)
