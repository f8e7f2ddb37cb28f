"""The texts of federal manuals in a folder, and what ``build.py sources`` does with them: list, show, verify, write."""

from __future__ import annotations

import argparse
import difflib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from medpayiq import rules, yamlmarks
from medpayiq.content import denials
from medpayiq.content import sections as splitting
from medpayiq.content.sections import Section
from medpayiq.content.sources import FILE, Cited, Sources, Text, load
from medpayiq.findings import Failed, Findings
from medpayiq.paths import CONTENT, shown

_NAMES = (
    (re.compile(r"clm104c0*(\d+)(?:-.*)?\.txt"), r"cpm\1"),
    (re.compile(r"bp102c0*(\d+)(?:-.*)?\.txt"), r"bp\1"),
    (re.compile(r"ncci-pm-\d{4}-(?:ch\d\d|intro)\.txt"), "ncci"),
    (re.compile(r"rvu\d\d[a-d]r?-record-layout\.txt"), "rvu"),
    (re.compile(r"(mln\d+)(?:-.*)?\.txt"), r"\1"),
)
"""File names of texts, and the document of rules/documents.yml that each is."""
_HEADER = """\
# The sections of federal texts that tips and the page /denials/ cite: heading, revision, hash and figures of each. Written by the tool, never by hand:
# .venv/bin/python build.py sources --write ../shared/sources
"""
_CODE = re.compile(r"\b(?:\d{5}|\d{4}[A-Z]|[A-Z]\d{4})\b")


@dataclass(frozen=True)
class Part:
    """One text file of a document."""

    name: str
    revision: str
    sections: dict[str, Section]


@dataclass(frozen=True)
class Texts:
    """A folder of texts; each is read and split once, when it is asked for."""

    folder: Path
    _split: dict[str, tuple[Part, ...]] = field(default_factory=dict)

    @cached_property
    def files(self) -> dict[str, list[Path]]:
        """The files of the folder by document.

        Raises:
            Failed: there is no text.

        """
        made: dict[str, list[Path]] = {}
        for path in sorted(self.folder.glob("*.txt")):
            for pattern, key in _NAMES:
                if match := pattern.fullmatch(path.name):
                    made.setdefault(match.expand(key), []).append(path)
        if not made:
            raise Failed(f"{shown(self.folder)}: error: no text of a federal manual\n  try: name the folder that holds clm104c05.txt, ncci-pm-2026-ch11.txt and the others", exit_code=2)
        return {key: made[key] for key in sorted(made, key=_order)}

    def parts(self, document: str) -> tuple[Part, ...]:
        """Return the texts of a document, split: the chapters of the NCCI manual, of anything else the newest text alone."""
        if document not in self._split:
            parts = []
            for path in self.files.get(document, ()):
                text = path.read_text(encoding="utf-8", errors="replace")
                parts.append((path.name, splitting.revision(document, text), text))
            if document != "ncci":
                parts = sorted(parts, key=lambda one: (_order(one[1]), one[0]))[-1:]
            self._split[document] = tuple(Part(name, revision, splitting.sections(document, text)) for name, revision, text in parts)
        return self._split[document]

    def section(self, document: str, number: str) -> Section | None:
        """Return a section of a document."""
        return next((part.sections[number] for part in self.parts(document) if number in part.sections), None)

    def near(self, document: str, number: str) -> str:
        """Say which sections have a number like this one, for somebody who mistyped it."""
        known = [one for part in self.parts(document) for one in part.sections]
        folded = {one.casefold(): one for one in known}
        close = [folded[one] for one in difflib.get_close_matches(number.casefold(), folded, n=3, cutoff=0.5)]
        return f"{', '.join(close)}; build.py sources --list DIR {document}" if close else f"build.py sources --list DIR {document}"


def listed(texts: Texts, names: Iterable[str]) -> Iterator[str]:
    """List sections with number and heading: of all documents, or of those named, as ``cpm5`` or ``ncci:XI``."""
    for name in list(names) or texts.files:
        document, _, begin = name.partition(":")
        if document not in texts.files:
            raise Failed(_no_text(texts, document), exit_code=2)
        for part in texts.parts(document):
            found = [one for one in part.sections.values() if one.number.startswith(begin)]
            if found:
                yield f"{document}: {part.name}, {part.revision}, {len(found)} sections"
            for one in found:
                yield f"  {one.number}" + (f"  {one.title}" if one.title != one.number else "") + ("  (no text of its own)" if not one.text else "")


def shown_section(texts: Texts, name: str) -> Iterator[str]:
    """Print one section, named as ``cpm5:20.1``: its text, hash and figures, and what stands below it."""
    document, _, number = name.partition(":")
    if document not in texts.files:
        raise Failed(_no_text(texts, document), exit_code=2)
    one = texts.section(document, number)
    if one is None:
        raise Failed(f"{name}: error: {document} has no section {number!r}\n  try: {texts.near(document, number)}", exit_code=2)
    part = next(part for part in texts.parts(document) if number in part.sections)
    yield f"{document} {one.number} - {one.title}"
    yield f"{part.name}:{one.line}, document {part.revision or 'without a revision'}, section {one.revision or 'without a revision'}"
    yield f"hash: {one.hash}"
    yield f"numbers: {', '.join(one.numbers) or 'none'}"
    below = [other for other in part.sections if re.match(rf"{re.escape(number)}[.: ]", other)]
    if below:
        yield f"below it: {', '.join(below)}"
    yield ""
    yield one.text


def verify(texts: Texts, sources: Sources, findings: Findings) -> int:
    """Compare every entry of content/sources.yml with its text; each difference is an error. Return how many were compared."""
    compared = 0
    again = "read the section again, mend the tips that cite it, then: build.py sources --write DIR"
    for key, document in sources.documents.items():
        line, column = sources.place(key)
        if key not in texts.files:
            findings.warning(sources.file, f"{key}: no text of it in {shown(texts.folder)}; its sections were not compared", line=line, column=column, try_=f"put {', '.join(document.texts)} there")
            continue
        revision = texts.parts(key)[0].revision
        if revision != document.revision:
            findings.error(sources.file, f"{key}: the text is of {revision or 'no revision'}, not of {document.revision}", line=line, column=column, try_=again)
        known = rules.read("documents").get(key)
        if known is None or known["revision"] != revision:
            findings.error(sources.file, f"{key}: rules/documents.yml has {known['revision'] if known else 'no such document'}, the text {revision}", line=line, column=column, try_="write title, revision and url there")
        for one in (one for one in sources.cited.values() if one.document == key):
            compared += 1
            line, column = sources.place(key, one.number)
            found = texts.section(key, one.number)
            if found is None:
                findings.error(sources.file, f"{key} {one.number}: the text has no such section", line=line, column=column, try_=texts.near(key, one.number))
                continue
            for what in _differences(one, found):
                findings.error(sources.file, f"{key} {one.number}: {what}", line=line, column=column, try_=again)
    return compared


def _differences(one: Cited, found: Section) -> Iterator[str]:
    if one.title != _title(found):
        yield f"title: the text has {_title(found) or 'one that names codes'!r}"
    if one.revision != found.revision:
        yield f"revision: the text has {found.revision or 'none'}, not {one.revision or 'none'}"
    if one.hash != found.hash:
        yield f"hash: the text changed ({found.hash}, not {one.hash})"
    numbers = found.numbers
    if list(one.numbers) != numbers:
        gone, new = sorted(set(one.numbers) - set(numbers)), sorted(set(numbers) - set(one.numbers))
        said = [f"{', '.join(which)} {what}" for which, what in ((gone, "not in the text"), (new, "not in the entry")) if which]
        yield f"numbers: {'; '.join(said) or 'not in order'}"


def write(texts: Texts, before: Sources, added: Iterable[str], findings: Findings, *, tips: Path = CONTENT / "tips", path: Path = FILE) -> list[str]:
    """Write content/sources.yml anew from what tips, the page on denials and ``added`` cite; return what changed, a line each.

    An entry of a document without a text in the folder is kept. A section that the text does not have becomes an error; but
    the page may cite a law of which nobody keeps the text.
    """
    wanted: dict[str, dict[str, Cited | Section]] = {}
    said: list[str] = []
    page = (one for one in cited_on_page(tips.parent / "denials.yml") if one[0] in texts.files or one[0] in before.documents)
    asked = [*cited_by(tips), *page, *((*name.partition(":")[::2], "--add", (0, 0)) for name in added)]
    for document, number, file, (line, column) in asked:
        if document not in texts.files:
            kept = before.section(document, number)
            if kept is None:
                findings.error(file, _no_text(texts, document), line=line, column=column)
            else:
                wanted.setdefault(document, {})[number] = kept
            continue
        found = texts.section(document, number)
        if found is None:
            findings.error(file, f"{document} has no section {number!r}", line=line, column=column, try_=texts.near(document, number))
        else:
            wanted.setdefault(document, {})[number] = found
    for key in before.documents:
        if key not in texts.files:
            kept_here = {one.number: one for one in before.cited.values() if one.document == key}
            wanted[key] = {**kept_here, **wanted.get(key, {})}
            said.append(f"{key}: no text of it in {shown(texts.folder)}; {len(kept_here)} entries kept as they were")
    said += _changes(before, wanted)
    path.write_text(_yaml(wanted, texts, before), encoding="utf-8")
    return said


def cited_by(tips: Path) -> Iterator[tuple[str, str, str, yamlmarks.Place]]:
    """Yield every citation of every tip, with file and place; of a faulty file what can be read, the linter says the rest."""
    for path in sorted(tips.glob("*.yml")):
        document = yamlmarks.load(path, Findings(), shown_as=shown(path))
        entries: Any = document.data.get("sources") if document and isinstance(document.data, dict) else None
        for i, one in enumerate(entries if isinstance(entries, list) else ()):
            if document and isinstance(one, dict) and isinstance(one.get("document"), str) and isinstance(one.get("section"), str):
                yield one["document"], one["section"], document.file, document.at("sources", i, "section")


def cited_on_page(path: Path) -> Iterator[tuple[str, str, str, yamlmarks.Place]]:
    """Yield every citation of content/denials.yml, with file and place."""
    document = yamlmarks.load(path, Findings(), shown_as=shown(path)) if path.exists() else None
    for at, text in denials.cited(document.data) if document else ():
        if document and isinstance(text, str):
            name, _, number = text.partition(" ")
            yield name, number, document.file, document.at(*at)


def _changes(before: Sources, wanted: dict[str, dict[str, Cited | Section]]) -> Iterator[str]:
    now = {(key, number): one for key, found in wanted.items() for number, one in found.items()}
    for key, number in sorted({*now, *before.cited}, key=lambda one: (_order(one[0]), _order(one[1]))):
        old, new = before.cited.get((key, number)), now.get((key, number))
        if new is None:
            yield f"{key} {number}: no longer cited, left out"
        elif old is None:
            yield f"{key} {number}: new"
        elif old.hash != new.hash:
            yield f"{key} {number}: the text changed; tips that cite it must be verified again"


def _yaml(wanted: dict[str, dict[str, Cited | Section]], texts: Texts, before: Sources) -> str:
    lines = [_HEADER] if wanted else [f"{_HEADER}{{}}\n"]
    for key in sorted(wanted, key=_order):
        text = _text(key, set(wanted[key]), texts, before)
        lines.append(f"{key}:\n  title: {_quoted(text.title)}\n  revision: {_quoted(text.revision)}\n  texts: [{', '.join(text.texts)}]\n  sections:\n")
        for number in sorted(wanted[key], key=_order):
            one = wanted[key][number]
            title = one.title if isinstance(one, Cited) else _title(one)
            heading = f"title: {_quoted(title)}, " if title else ""
            figures = _quoted(", ".join(one.numbers))
            lines.append(f"    {_quoted(number)}: {{{heading}revision: {_quoted(one.revision)}, hash: {_quoted(one.hash)}, numbers: {figures}}}\n")
    return "".join(lines)


def _text(key: str, numbers: set[str], texts: Texts, before: Sources) -> Text:
    if key not in texts.files:
        return before.documents[key]
    known = rules.read("documents").get(key)
    if known is None:
        raise Failed(f"rules/documents.yml: error: no document {key!r}\n  try: add it, with title, revision and url")
    parts = [part for part in texts.parts(key) if numbers & set(part.sections)]
    return Text(key, known["title"], parts[0].revision, tuple(part.name for part in parts))


def _title(one: Section) -> str:
    """Return the heading as content/sources.yml has it: not where it names codes and so may quote a descriptor, not where it is the number."""
    return "" if _CODE.search(one.title) or one.title == one.number else one.title


def _no_text(texts: Texts, document: str) -> str:
    return f"{document}: no text of it in {shown(texts.folder)}\n  try: one of {', '.join(texts.files)}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50}


def _order(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return what sorts numbers as people count: 20.2 before 20.10, cpm5 before cpm12, chapter IX before chapter X."""
    made: list[tuple[int, int, str]] = []
    head, dot, rest = text.partition(".")
    if dot and re.fullmatch(r"[IVXL]+", head):
        values = [_ROMAN[letter] for letter in head]
        made.append((0, sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True)), ""))
        text = rest
    made += [(0, int(one), "") if one.isdigit() else (1, 0, one) for one in re.findall(r"\d+|[^\d.]+", text)]
    return tuple(made)


def run(options: argparse.Namespace) -> int:
    """Run ``build.py sources``; return its exit code.

    Raises:
        Failed: the options do not fit together, or the folder holds no such text.

    """
    folder = options.verify or options.write or options.list or options.show
    if bool(options.names) > bool(options.list or options.show) or bool(options.show) > bool(options.names) or bool(options.add) > bool(options.write):
        raise Failed("sources: error: names go with --list and --show, --add with --write\n  try: .venv/bin/python build.py sources --show ../shared/sources cpm5:20.1", exit_code=2)
    texts = Texts(folder)
    if options.list or options.show:
        for line in listed(texts, options.names) if options.list else (line for name in options.names for line in shown_section(texts, name)):
            print(line)
        return 0
    findings = Findings()
    before = load(findings)
    if findings.failed and options.verify:
        raise Failed(findings)
    findings = Findings()
    said = [f"{verify(texts, before, findings)} sections compared with {shown(folder)}"] if options.verify else write(texts, before, options.add, findings)
    for line in [*map(str, findings.items), *said]:
        print(line)
    if options.write:
        print(f"{shown(FILE)} written")
    return int(findings.failed)
