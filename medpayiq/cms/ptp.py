"""Reads NCCI PTP edits for practitioners: pairs of codes in tab-separated text, some 2.5 million rows in several files.

Rows that are alike in everything but their pair are kept as one, and what was checked once is looked up afterwards: that is
what makes millions of rows a matter of seconds. Layout: Medicare Claims Processing Manual, chapter 23, section 20.9.6.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from medpayiq.cms.cells import Row, decode, words
from medpayiq.cms.inputs import InputFile
from medpayiq.cms.records import PtpEdits
from medpayiq.findings import Findings

_HEADER = ("COLUMN 1", "COLUMN 2", "*=IN EXISTENCE", "EFFECTIVE", "DELETION", "MODIFIER", "PTP EDIT RATIONALE")
_BELOW = ("", "", "PRIOR TO 1996", "DATE", "DATE", "0=NOT ALLOWED", "")
"""The second line of the header, by which a file whose columns changed places is refused."""
_INDICATORS = frozenset("019")
_STAR = frozenset({"", "*"})
_MOST_ERRORS = 20
"""In one file: a damaged one has the same fault on every line."""
FIRST_YEAR = 1994
"""Version 30.2 is the third quarter of the thirtieth year after it."""


class Terms(NamedTuple):
    """What a row says beside its pair."""

    indicator: str
    effective: str
    deleted: str
    before_1996: str
    rationale: str


@dataclass(slots=True)
class _Reading:
    """What has been read of all files so far."""

    findings: Findings
    terms: dict[str, int]
    """Everything behind the pair, as it stands in the file, to its place in ``known``."""
    known: list[Terms]
    codes: dict[str, str]
    """Column 2 with the tab before it, to the code."""
    pairs: dict[str, dict[int, list[str]]]
    """Column 1 to terms to column 2 codes."""
    rows: int = 0


def quarter(version: str) -> str | None:
    """Return the quarter of a version (``v322r0``) in words, ``2026 Q3``; None for a number that cannot be one."""
    number = version.partition("r")[0].lstrip("v")
    years, part = int(number[:-1] or 0), int(number[-1])
    return f"{FIRST_YEAR + years} Q{part + 1}" if part <= 3 and years else None


def read(files: Sequence[InputFile], findings: Findings) -> tuple[list[PtpEdits], dict[str, int]]:
    """Read the files of one edit set; return its edits and how many rows each file has.

    A row that stands twice is kept once. Of a pair that has several rows all are kept: their dates decide which holds on a day.
    Where two rows of a pair hold on the same days with different indicators, a warning says so.
    """
    reading = _Reading(findings, {}, [], {}, {})
    counts: dict[str, int] = {}
    for file in files:
        before = reading.rows
        _read(file, reading)
        counts[file.where] = reading.rows - before
    _refuse_pairs_with_themselves(files, reading)
    if findings.failed:
        return [], counts
    return sorted(_edits(reading, files[0].where if files else "")), counts


def _read(file: InputFile, reading: _Reading) -> None:
    lines = decode(file.data).replace("\r\n", "\n").split("\n")
    start = _start(file.where, lines, reading.findings)
    if start is None:
        return
    terms, codes, pairs = reading.terms, reading.codes, reading.pairs
    errors = reading.findings.count("error")
    rows = 0
    for number in range(start, len(lines)):
        line = lines[number]
        try:
            # Column 1, a tab, column 2, a tab: all codes have five characters.
            pairs[line[:5]][terms[line[11:]]].append(codes[line[5:11]])
        except KeyError:
            if not line.strip():
                continue
            if not _checked(file.where, number + 1, line, reading):
                if reading.findings.count("error") - errors >= _MOST_ERRORS:
                    reading.findings.error(file.where, "has more faults; the rest is not listed", line=number + 1, try_="download the file again")
                    break
                continue
        rows += 1
    reading.rows += rows


def _start(where: str, lines: list[str], findings: Findings) -> int | None:
    """Return the place of the first row; None with an error where the header is not the one that is known."""
    for number, line in enumerate(lines[:20]):
        cells = [words(cell) for cell in line.split("\t")]
        if cells[:1] != ["COLUMN 1"]:
            continue
        below = [words(cell) for cell in lines[number + 1].split("\t")] if number + 1 < len(lines) else []
        for column, names in enumerate(zip(_HEADER, _BELOW, strict=True)):
            found = tuple(row[column] if column < len(row) else "" for row in (cells, below))
            if found != names:
                shown = " / ".join(name for name in names if name)
                findings.error(where, f"this layout is not known: its column {column + 1} is {' / '.join(found) or 'missing'}, not {shown}", line=number + 1, column=column + 1, try_="import the practitioner PTP edits as CMS ships them, tab-separated txt")
                return None
        # What follows are further lines of the header, without a code, until the first row.
        first = number + 1
        while first < len(lines) and not lines[first].split("\t")[0].strip():
            first += 1
        return first
    findings.error(where, "this layout is not known: no header that begins with Column 1", line=1, try_="import the practitioner PTP edits as CMS ships them, tab-separated txt")
    return None


def _checked(where: str, line: int, text: str, reading: _Reading) -> bool:
    """Read a row cell by cell and remember what it is made of, so that the next like it is looked up."""
    cells = text.split("\t")
    row = Row(where, line, cells, reading.findings)
    if len(cells) != len(_HEADER):
        reading.findings.error(where, f"has {len(cells)} columns; the header has {len(_HEADER)}", line=line, try_="compare the row with CMS's own file")
        return False
    one, two = row.code(0), row.code(1)
    terms = Terms(row.one_of(5, _INDICATORS, "modifier indicator"), _date(row, 3), "*" if row.text(4) == "*" else _date(row, 4), row.one_of(2, _STAR, "in existence prior to 1996"), " ".join(row.text(6).split()))
    if not row.ok:
        return False
    place = reading.known.index(terms) if terms in reading.known else len(reading.known)
    if place == len(reading.known):
        reading.known.append(terms)
    reading.terms["\t" + "\t".join(cells[2:])] = place
    reading.codes["\t" + two] = two
    reading.pairs.setdefault(one, defaultdict(list))[place].append(two)
    return True


def _refuse_pairs_with_themselves(files: Sequence[InputFile], reading: _Reading) -> None:
    """Report a code that is paired with itself: a look-up of a row's parts does not see that."""
    for code in (one for one, by_terms in reading.pairs.items() if any(one in codes for codes in by_terms.values())):
        for file in files:
            for number, line in enumerate(decode(file.data).split("\n"), 1):
                if line.startswith(f"{code}\t{code}\t"):
                    reading.findings.error(file.where, f"{code} is paired with itself", line=number, column=2, try_="compare the row with CMS's own file")


def _date(row: Row, column: int) -> str:
    text = row.text(column)
    if not text:
        return ""
    try:
        if len(text) == 8 and text.isascii() and text.isdigit():
            return datetime.date(int(text[:4]), int(text[4:6]), int(text[6:])).isoformat()
    except ValueError:
        pass
    row.fail(column, f"{text[:40]!r} is not a date (YYYYMMDD)", "compare the cell with CMS's own file; blank is not known, * is none")
    return ""


def _edits(reading: _Reading, where: str) -> Iterator[PtpEdits]:
    twice = sum(len(codes) - len(set(codes)) for by_terms in reading.pairs.values() for codes in by_terms.values())
    if twice:
        reading.findings.note(where, f"{twice:,} row{'s stand' if twice > 1 else ' stands'} there twice, word for word, and {'are' if twice > 1 else 'is'} kept once")
    for one, by_terms in reading.pairs.items():
        doubtful = _repeated(by_terms)
        for two in sorted(doubtful):
            _warn_of_overlap(one, two, [reading.known[place] for place in doubtful[two]], where, reading.findings)
        for place, codes in by_terms.items():
            terms = reading.known[place]
            yield PtpEdits(one, *terms, " ".join(sorted(set(codes))))


def _repeated(by_terms: dict[int, list[str]]) -> dict[str, list[int]]:
    """Return the column 2 codes that stand under several terms, with their places."""
    if len(by_terms) == 1:
        return {}
    counts = Counter(code for codes in by_terms.values() for code in set(codes))
    if len(counts) == sum(counts.values()):
        return {}
    several: dict[str, list[int]] = {code: [] for code, number in counts.items() if number > 1}
    for place, codes in by_terms.items():
        for code in several.keys() & set(codes):
            several[code].append(place)
    return several


def _warn_of_overlap(one: str, two: str, rows: Iterable[Terms], where: str, findings: Findings) -> None:
    applied = sorted({row for row in rows if row.indicator != "9"})
    for at, row in enumerate(applied):
        for other in applied[at + 1 :]:
            if row.indicator != other.indicator and _last(row) >= other.effective and _last(other) >= row.effective and _decides_nothing(row, other):
                findings.warning(where, f"{one} with {two} stands there twice for the same days, with indicators {row.indicator} and {other.indicator}; {min(row.indicator, other.indicator)} is applied", try_="compare the two rows with CMS's own file")


def _last(row: Terms) -> str:
    """Return the last day of a row, for comparing; an edit without a known end has none."""
    return row.deleted if row.deleted not in {"", "*"} else "9999"


def _decides_nothing(row: Terms, other: Terms) -> bool:
    """Say whether dates cannot choose between two rows: both begin, or where that is not known, end, on the same day."""
    return row.effective == other.effective and (bool(row.effective) or _last(row) == _last(other))
