"""Loads everything editors write and checks it, each fault with its file, line and column."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from operator import attrgetter
from pathlib import Path

from medpayiq import yamlmarks
from medpayiq.content import schemas, tips
from medpayiq.content.remembering import Read, lightened
from medpayiq.content.selecting import kind_of
from medpayiq.content.shapes import checked
from medpayiq.days import is_day
from medpayiq.findings import Findings
from medpayiq.paths import CONTENT, CONTENT_READ, shown


@dataclass(frozen=True, slots=True)
class CodeNote:
    """Our own words on a code."""

    code: str
    title: str
    summary: str
    asked: str
    """What people type for it, a line each: as one text, since of all notes these are 90,000."""
    changed: str
    """ISO day on which the note last changed."""
    document: yamlmarks.Document = field(repr=False, compare=False)
    common: bool = False
    """Whether many offices bill it: an editor's choice, by which the search puts first what has the same words."""

    @property
    def words(self) -> tuple[str, ...]:
        """Words and phrases that people type for it."""
        return tuple(self.asked.split("\n"))


@dataclass(frozen=True, slots=True)
class Replaced:
    """A deleted code."""

    code: str
    by: tuple[str, ...]
    since: str | None
    last_release: str | None
    first_release_without: str | None
    say: str
    source: str
    checked: str
    """``read``, or ``not verified`` where a named source was not at hand."""


@dataclass(frozen=True, slots=True)
class Range:
    """A range of codes under a name of ours."""

    slug: str
    name: str
    ranges: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Named:
    """Where content/replaced.yml names codes; the lines are counted when somebody asks, and that is a fault alone."""

    document: yamlmarks.Document | None = None
    paths: Mapping[tuple[str, str], yamlmarks.Key] = field(default_factory=dict)
    """By deleted code and successor; by deleted code and blank for itself."""

    def at(self, code: str, by: str = "") -> yamlmarks.Place:
        """Return line and column."""
        return self.document.at(*self.paths[code, by]) if self.document else (0, 0)


@dataclass(frozen=True)
class Library:
    """All content."""

    notes: dict[str, CodeNote]
    replaced: dict[str, Replaced]
    ranges: tuple[Range, ...]
    tips: tuple[tips.Tip, ...]
    named: Named = Named()

    @cached_property
    def notes_digest(self) -> str:
        """Digest of all notes: any of them may be named on the page of a code that is gone."""
        return hashlib.blake2b(repr(tuple(self.notes.items())).encode(), digest_size=16).hexdigest()

    @cached_property
    def took_over(self) -> dict[str, tuple[str, ...]]:
        """Code to the deleted codes whose place it took, in order."""
        made: dict[str, tuple[str, ...]] = {}
        for one in sorted(self.replaced.values(), key=lambda one: one.code):
            for code in one.by:
                made[code] = (*made.get(code, ()), one.code)
        return made

    @cached_property
    def other(self) -> Range:
        """Where a code goes that no range holds, so that a new kind of code still has its page and its list."""
        return Range("other", "Other codes", ())

    def range_of(self, code: str) -> Range:
        """Return the range that holds a code; a range holds codes of its own kind alone (digits, letter last, letter first)."""
        return next((one for first, last, one in self._by_kind.get(kind_of(code), ()) if first <= code <= last), self.other)

    @cached_property
    def _by_kind(self) -> dict[str, list[tuple[str, str, Range]]]:
        made: dict[str, list[tuple[str, str, Range]]] = {}
        for one in self.ranges:
            for first, last in one.ranges:
                made.setdefault(kind_of(first), []).append((first, last, one))
        return made


def load(findings: Findings, folder: Path = CONTENT) -> Library:
    """Load ``content/``; faults become errors and the faulty entry is left out."""
    notes: dict[str, CodeNote] = {}
    titles: dict[str, str] = {}
    place = shown(folder / "codes")
    read = Read(CONTENT_READ if folder == CONTENT else None)
    for path in sorted((folder / "codes").glob("*"), key=attrgetter("name")):  # paths themselves are compared part by part
        note = read_note(path, f"{place}/{path.name}", findings, read)
        if note is None:
            continue
        if note.title in titles:
            line, column = note.document.at("title")
            findings.error(note.document.file, f"title is the same as in {titles[note.title]}", line=line, column=column, try_="say what tells the two services apart")
        titles[note.title] = note.document.file
        notes[note.code] = note
    replaced, named = read_replaced(folder / "replaced.yml", findings, read)
    made = Library(notes, replaced, read_ranges(folder / "ranges.yml", findings, read), tips.load(findings, folder / "tips", read), named)
    read.save()
    return made


def read_note(path: Path, name: str, findings: Findings, read: Read | None = None) -> CodeNote | None:
    """Read a note on a code; None where the file, which findings call ``name``, has a fault."""
    if path.suffix != ".yml":
        findings.error(name, "is not a .yml file", try_="name it <CODE>.yml, or move it out of content/codes")
        return None
    document = checked(path, schemas.CODE_NOTE, findings, shown_as=name, read=read)
    if document is None:
        return None
    note = replace(note_of(document), document=lightened(document, path))
    if note.code != path.stem:
        line, column = document.at("code")
        findings.error(name, f"code {note.code} is not the file's name", line=line, column=column, try_=f'code: "{path.stem}", or rename the file to {note.code}.yml')
        return None
    if not is_day(note.changed):
        line, column = document.at("changed")
        findings.error(name, f"changed: {note.changed} is not a day of the calendar", line=line, column=column, try_='changed: "2026-11-29"')
        return None
    return note


def note_of(document: yamlmarks.Document) -> CodeNote:
    """Return the note of a file whose shape is sound."""
    data = document.data
    return CodeNote(data["code"], data["title"], data["summary"], "\n".join(data["words"]), data["changed"], document, "common" in data)


def check_against(library: Library, codes: frozenset[str], *, sample: bool, findings: Findings) -> None:
    """Check that codes named in content exist in a release. With the sample, or an older release, a code outside it is a remark."""
    unknown: dict[str, list[str]] = {}

    def missing(file: str, place: Callable[[], yamlmarks.Place], code: str, what: str) -> None:
        if sample:
            unknown.setdefault(file, []).append(code)
        else:
            line, column = place()
            findings.error(file, f"{what} {code} is not in the release", line=line, column=column, try_="check the number; a deleted code belongs in content/replaced.yml")

    for code, note in library.notes.items():
        if code not in codes:
            missing(note.document.file, partial(note.document.at, "code"), code, "code")
    where = shown(CONTENT / "replaced.yml")
    for one in library.replaced.values():
        if one.code in codes and not sample:
            line, column = library.named.at(one.code)
            findings.error(where, f"{one.code} is in the release: it is not deleted", line=line, column=column, try_="check the number, or remove the entry")
        for code in one.by:
            if code not in codes and code not in library.replaced:
                missing(where, partial(library.named.at, one.code, code), code, f"{one.code} is replaced by")
    for file, found in unknown.items():
        listed = list(dict.fromkeys(found))
        shortened = ", ".join(listed[:5]) + (f" and {len(listed) - 5} more" if len(listed) > 5 else "")
        findings.note(file, f"{shortened} cannot be checked here: these codes are not all of the newest release", try_="import the newest full release to check it")


def read_replaced(path: Path, findings: Findings, read: Read | None = None) -> tuple[dict[str, Replaced], Named]:
    """Read the deleted codes, and where each is named; nothing where the file has a fault."""
    document = checked(path, schemas.REPLACED, findings, read=read)
    made: dict[str, Replaced] = {}
    paths: dict[tuple[str, str], yamlmarks.Key] = {}
    if document is None:
        return made, Named()

    def wrong(message: str, path: yamlmarks.Key, try_: str) -> None:
        line, column = document.at(*path)
        findings.error(document.file, message, line=line, column=column, try_=try_)

    for i, entry in enumerate(document.data):
        one = Replaced(**{**entry, "by": tuple(entry["by"])})
        own: yamlmarks.Key = (i, "code")
        if one.code in made:
            wrong(f"{one.code} stands twice", own, "keep one entry a code")
        if one.since is not None and not is_day(one.since):
            wrong(f"{one.code}: since: {one.since} is no day of the calendar", (i, "since"), "write it as 2018-01-01, or null")
            continue
        if one.code in one.by:
            wrong(f"{one.code} is replaced by itself", own, "name the code to bill now, or write: by: []")
        made[one.code] = one
        paths[one.code, ""] = own
        paths |= {(one.code, code): (i, "by", j) for j, code in enumerate(one.by)}
    return made, Named(document, paths)


def read_ranges(path: Path, findings: Findings, read: Read | None = None) -> tuple[Range, ...]:
    """Read the ranges of codes under names of ours; empty where the file has a fault."""
    document = checked(path, schemas.RANGES, findings, read=read)
    made: list[Range] = []
    for i, entry in enumerate(document.data if document else ()):
        assert document is not None  # noqa: S101 - the loop is empty without one
        one = Range(entry["slug"], entry["name"], tuple((first, last) for first, last in entry["ranges"]))
        line, column = document.at(i)
        for first, last in one.ranges:
            if first > last or kind_of(first) != kind_of(last):
                findings.error(document.file, f"[{first}, {last}] is not a range", line=line, column=column, try_="both ends must be of one kind, the first not above the last")
        for before in made:
            if one.slug == before.slug or one.name == before.name:
                findings.error(document.file, f"{one.slug}: slug or name stands twice", line=line, column=column, try_="give each range a slug and a name of its own")
            if any(a <= d and c <= b and kind_of(a) == kind_of(c) for a, b in one.ranges for c, d in before.ranges):
                findings.error(document.file, f"{one.slug} overlaps {before.slug}", line=line, column=column, try_="a code must fall into one range only")
        made.append(one)
    return tuple(made)
