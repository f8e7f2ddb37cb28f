"""Splits the plain text of a federal manual into its sections, and gives each a hash that survives a new extraction of the text.

A section is named as people cite it: "20.1" and "Addendum A" in CMS's manuals, "XI.P" and its paragraph "XI.P.3" in the NCCI
Policy Manual, a heading in a booklet, a field in the record layout. Its own text leaves out the sections below it.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from medpayiq.content import layouts, numbers


@dataclass(frozen=True, slots=True)
class Section:
    """One section of a text."""

    number: str
    title: str
    revision: str
    text: str
    """Its own text: without heading, line of revision, page headers and footers, and without the sections below it."""
    line: int
    """Where the text begins, counted from 1."""

    @property
    def hash(self) -> str:
        """Twelve hex digits of what the heading and the text say."""
        return digest(f"{self.title}\n{self.text}")

    @property
    def numbers(self) -> list[str]:
        """Every figure of heading and text, each once: ``15 minutes``, ``15``, ``50%``, ``$40.43``."""
        return numbers.entries(f"{self.title}\n\n{self.text}")


def sections(document: str, text: str) -> dict[str, Section]:
    """Split the text of a document (a key of rules/documents.yml) into sections by their number, in the text's order."""
    lines = text.replace("\f", "\n").splitlines()
    if document == "ncci":
        found = _ncci(lines)
    elif document == "rvu":
        found = layouts.fields(lines)
    elif document.startswith("mln"):
        found = layouts.headings(lines)
    else:
        found = _manual(lines)
    made: dict[str, Section] = {}
    for number, title, revision, start, end in found:
        own = "\n".join(_page(lines[start:end])).strip("\n")
        made.setdefault(number, Section(number, _plain(title), revision, re.sub(r"\n{3,}", "\n\n", own), start + 1))
    return made


def digest(text: str) -> str:
    """Return twelve hex digits over what a text says: white space, quotes, bullets and hyphens between letters make no difference."""
    text = unicodedata.normalize("NFKC", text).translate(_ALIKE)
    text = re.sub(r"\s+", "", text)
    text = re.sub(r"(?<=[A-Za-z])-(?=[A-Za-z])", "", text)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def revision(document: str, text: str) -> str:
    """Return the revision that a text names on its first pages, or "" when it names none."""
    head = text[:6000]
    if document == "ncci":
        match = re.search(r"Revision Date \(Medicare\):\s*\d+/\d+/(\d{4})", head)
        return match[1] if match else ""
    if document == "rvu":
        match = re.search(r"CALENDAR YEAR (\d{4})", head)
        return f"CY{match[1]}" if match else ""
    if document.startswith("mln"):
        match = re.search(r"MLN\d+\s+([A-Z][a-z]+ \d{4})", head)
        return match[1] if match else ""
    match = _REVISION.search(head)
    return f"Rev. {match[1]}" if match else ""


_ALIKE = {ord(a): b for a, b in zip("“”„‟‘’‚‛´`‐‑‒–—―−", "\"\"\"\"''''''-------", strict=True)} | dict.fromkeys(map(ord, "•●◦▪■□\uf0b7\uf0a7\u00ad\u200b\ufeff"))

_FURNITURE = re.compile(
    r"\s*(?:Revision Date \(Medicare\):.*|(?:[IVXL]+|Intro)-\d+|CPT only copyright .*|Page \d+ of \d+\s+MLN.*|.*\s{20,}MLN Booklet|January 1, \d{4}\s+Page \d+)\s*"
)


def _page(lines: Iterable[str]) -> Iterator[str]:
    """Leave out what a page repeats at its head and foot, and the blank lines around it."""
    blanks = 0
    after = False
    for line in lines:
        line = line.rstrip()
        if not line:
            blanks += 1
            continue
        if _FURNITURE.fullmatch(line):
            after = True
            continue
        # Around a page break nobody can tell a new paragraph from a new page: the text runs on.
        yield from [""] * (0 if after else min(blanks, 1))
        blanks, after = 0, False
        yield line


def _plain(title: str) -> str:
    return re.sub(r"\s+", " ", title).strip(" -\u2013\u2014")


# --- CMS's manuals ------------------------------------------------------------------------------------------------------------

_REVISION = re.compile(r"\(\s*Rev\s*\.?\s*:?\s*,?\s*(\d+)")
_HEADING = re.compile(r"\s*(?P<number>\d{1,3}(?:\.\d{1,2})*)\.?(?![\w.])(?P<dash>\s*[-\u2013\u2014]+)?\s*(?P<title>\S.*)")
_OTHER = re.compile(r"\s*(?P<number>(?:Addendum|Exhibit)(?: [A-Z]\b| \d+\b)?)(?P<dash>\s*[-\u2013\u2014]+)?\s*(?P<title>.*)")
_LONGEST = 6
"""Lines that a heading takes at most, blank ones included."""


def _manual(lines: list[str]) -> Iterator[layouts.Found]:
    """Find the sections of a chapter: a numbered heading, and below it the line that says of which revision it is."""
    contents = _contents(lines)
    found: list[tuple[str, str, str, int, int]] = []
    last = -1
    for i, line in enumerate(lines):
        if (match := _REVISION.search(line)) is None:
            continue
        if not re.match(r"\s*\(\s*Rev", line):
            head = _heading(line[: match.start()], contents)  # heading and revision on one line
            if head and re.match(r"\s*[\d.]+\s*[-\u2013\u2014]", line) and last >= 0:
                begin = _after_revision(lines, i)
                found.append((*head, f"Rev. {match[1]}", i, begin))
                last = begin - 1
            continue
        for k in range(i - 1, max(i - 1 - _LONGEST, last), -1):
            head = _heading(lines[k], contents, alone=k == i - 1)
            if head and not (k == i - 1 and not head[1] and not head[0].startswith("Exhibit")):
                title = " ".join([head[1], *(one.strip() for one in lines[k + 1 : i])])
                begin = _after_revision(lines, i)
                found.append((head[0], title, f"Rev. {match[1]}", k, begin))
                last = begin - 1
                break
        else:
            known = {one[0] for one in found}
            title = lines[i - 1].strip()
            if number := next((one for one, words in contents.items() if words.strip() == title and one not in known), ""):  # a heading without its number
                begin = _after_revision(lines, i)
                found.append((number, title, f"Rev. {match[1]}", i - 1, begin))
                last = begin - 1
    found += [(number, title, "", k, k + 1) for number, title, k in _unmarked(lines, contents, found)]
    found.sort(key=lambda one: one[3])
    for one, after in zip(found, [*[one[3] for one in found[1:]], _end(lines)], strict=True):
        yield layouts.Found(one[0], one[1], one[2], one[4], max(after, one[4]))
        if one[0] == "Addendum":
            yield from layouts.addendum(lines, one[2], one[4], after)


def _heading(line: str, contents: dict[str, str], *, alone: bool = False) -> tuple[str, str] | None:
    """Return number and title of a line that can be a heading.

    Without a dash, its number stands in the table of contents, or has a point and the line of revision is the next (``alone``).
    """
    match = _OTHER.fullmatch(line) or _HEADING.fullmatch(line)
    if match is None or not (match["dash"] or match["number"] in contents or (alone and "." in match["number"])):
        return None
    return match["number"], match["title"]


def _contents(lines: list[str]) -> dict[str, str]:
    """Return the numbers of the table of contents and the beginnings of their titles: all before the first section's own line of revision."""
    marks = [i for i, line in enumerate(lines) if re.match(r"\s*\(\s*Rev\s*[.:\d ]", line)]
    made: dict[str, str] = {}
    first = next((b for a, b in itertools.pairwise(marks) if b - a > 3), 0)  # a title page may name two revisions
    for line in lines[marks[0] + 1 : first] if marks else ():
        match = _HEADING.fullmatch(line) or _OTHER.fullmatch(line)
        if match and match["dash"]:
            made.setdefault(match["number"], match["title"])
    return made


def _unmarked(lines: list[str], contents: dict[str, str], found: list[tuple[str, str, str, int, int]]) -> Iterator[tuple[str, str, int]]:
    """Find headings that lost their line of revision: a number and title of the table of contents, after the first section."""
    known = {one[0] for one in found}
    first = min((one[3] for one in found), default=len(lines))
    for i, line in enumerate(lines[first:], start=first):
        match = _HEADING.fullmatch(line)
        if match and match["dash"] and match["number"] in contents and match["number"] not in known and _begins_alike(match["title"], contents[match["number"]]):
            known.add(match["number"])
            yield match["number"], match["title"], i


def _begins_alike(a: str, b: str) -> bool:
    """Whether one title is the beginning of the other: a line ends earlier in the table of contents than in the text, or later."""
    a, b = (re.sub(r"\W+", "", one).casefold() for one in (a, b))
    return a.startswith(b) or b.startswith(a)


def _after_revision(lines: list[str], i: int) -> int:
    """Return the line after a line of revision, which may run over several."""
    for k in range(i, min(i + 6, len(lines))):
        if lines[k].rstrip().endswith(")") or (k + 1 < len(lines) and not lines[k + 1].strip()):
            return k + 1
    return i + 1


def _end(lines: list[str]) -> int:
    """Return where the list of transmittals begins that ends a chapter."""
    for i in range(len(lines) - 1, -1, -1):
        if re.match(r"\s*Transmittals Issued for this Chapter", lines[i]):
            return i
    return len(lines)


# --- the NCCI Policy Manual ---------------------------------------------------------------------------------------------------

_LETTERED = re.compile(r" {0,2}([A-Z])\. +(\S.*)")
_NUMBERED = re.compile(r" {0,8}(\d{1,2})\. +\S.*")


def _ncci(lines: list[str]) -> Iterator[layouts.Found]:
    """Find lettered sections, each with its paragraphs, and the paragraphs by themselves."""
    chapter = next((match[1] for line in lines[:40] if (match := re.fullmatch(r"\s*CHAPTER ([IVXL]+)\s*", line))), "Introduction")
    year = revision("ncci", "\n".join(lines[:60]))
    if chapter == "Introduction":
        yield from layouts.parts(lines, year)
        return
    heads: list[tuple[str, str, int]] = []
    for i, line in enumerate(lines):
        match = _LETTERED.fullmatch(line.rstrip())
        # Letters follow one another, so that "B. subtilis" at the start of a line is no section.
        if match and "...." not in line and match[1] == chr(ord("A") + len(heads)):
            heads.append((match[1], match[2], i))
    for (letter, title, start), end in zip(heads, [*[one[2] for one in heads[1:]], len(lines)], strict=True):
        number = f"{chapter}.{letter}"
        yield layouts.Found(number, title, year, start + 1, end)
        starts = [(int(match[1]), i) for i in range(start + 1, end) if (match := _NUMBERED.fullmatch(lines[i].rstrip()))]
        if starts and [n for n, _ in starts] == list(range(1, len(starts) + 1)):  # otherwise several lists: no paragraph can be cited by number
            for (n, i), after in zip(starts, [*[i for _, i in starts[1:]], end], strict=True):
                yield layouts.Found(f"{number}.{n}", title, year, i, after)
