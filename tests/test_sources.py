"""Federal texts: which figures a sentence states, how a manual falls into sections, and whether content/sources.yml still fits."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from machine import ROOT, SHARED

from medpayiq import cli
from medpayiq.content import numbers, source_texts, sources
from medpayiq.content.numbers import entries, figures
from medpayiq.content.sections import Section, digest, revision, sections
from medpayiq.content.source_texts import Texts
from medpayiq.findings import Failed, Findings

# --- figures ------------------------------------------------------------------------------------------------------------------


def found(text: str) -> list[str]:
    """Return the figures of a text in its own order."""
    return [one.label for one in figures(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15 minutes, 1,000 feet, 2.5 units and .5", ["15", "1000", "2.5", "0.5"]),
        ("30-40 %, 10 to 20 percent and between 5 and 6 per cent", ["30%", "40%", "10%", "20%", "5%", "6%"]),
        ("100%, 50 pct, 10 percentage points, 15-percent", ["100%", "50%", "10%", "15%"]),
        ("30, 40 and 50 percent; 3 or half of it", ["30%", "40%", "50%", "3", "50%"]),
        ("$40.43, $ 7, 40 dollars, 40 cents, $1.2 million, $30-40", ["$40.43", "$7", "$40", "$0.40", "$1200000", "$30", "$40"]),
        ("1/2, \u00bd, 3/4, 1/3, 1\u00bd hours", ["50%", "50%", "75%", "1/3", "1.5"]),
        ("half of it, one-half, two thirds, a third of it, three quarters", ["50%", "50%", "2/3", "1/3", "75%"]),
        ("two, twelve, forty-five, ninety nine, a hundred, two hundred and six, two thousand", ["2", "12", "45", "99", "100", "206", "2000"]),
        ("a dozen, twice, double, triple, two and a half", ["12", "2", "2", "3", "2.5"]),
        ("fifteen percent, eighty per cent", ["15%", "80%"]),
        ("\uff11\uff15\uff05 and \u0663 visits", ["15%", "3"]),
        ("1\u00ad5 minutes with a hyphen that nobody sees", ["15"]),
        ("24/7 and 80/20", ["24/7", "80", "20"]),
        ("two (2) units", ["2"]),
        ("15min, 20mg", ["15", "20"]),
        ("two and three, not five", ["2", "3", "5"]),
        ("forty-\nfive and 15\nminutes", ["45", "15"]),
        ("modifier 51 and 50 percent; section 7 days", ["50%", "7"]),
        ("$2000 and 2000 units", ["$2000", "2000"]),
    ],
)
def test_every_form_of_a_figure_is_found(text: str, expected: list[str]) -> None:
    """A number counts in digits of any script, in words, as a range or as a fraction, and is brought to one form."""
    assert found(text) == expected


NO_FIGURES = [
    "one unit, once, the first and the twenty-first, one another, both, the third party, a calendar quarter",
    "97761, 97761-59, 0232T, G0283, 99202-99215, 992XX, 96360-\n96368",
    "modifiers 54, 55 and 56; modifier -25; modifier `59`; GP or 59; RT, LT or 50; 26/TC; the 25 modifier; append -59",
    "place of service 11, 19 or 22; places of service 21 and 23; POS 31",
    "indicator 2; indicator is \u201c1\u201d; an MAI of 2 or 3; status 9; a 1 indicator; global period 010 or 090",
    "section 220.3, sections 20.1 and 20.2, \u00a7\u00a720-30, \u00a71834(k)(5), chapter 15, Pub. 100-04, Rev. 11129, 42 CFR 410.32(b)(3)",
    "column 1/column 2, item 24E, box 19, level 4 visit, step 2, Part B, MSN 16.8",
    "CMS-1500, UB-04, Form CMS 1500, ICD-10, 837P, XI.P.3",
    "2026-07-01, July 1, 2026, 1 January 2025, 07/01/2026, 07-01-16, 1994 and 2026, 9:00 a.m.",
    "{amount.nonfacility} {percent.x2} {edit.97530}",
    "Z89.511, Z00.00 and E11.9; 1st, 22nd",
    "1. what a list begins with\n2) and goes on with\n(3) to the end; (i) and (1) within a line",
    "https://www.cms.gov/files/2026/40.pdf",
    "call 1-800-555-0100; 12345678901234 is a number of no amount",
]


@pytest.mark.parametrize("text", NO_FIGURES)
def test_names_that_are_numbers_are_no_figures(text: str) -> None:
    """Codes, modifiers, places, indicator values, references, forms, dates, list numbers and placeholders count nothing."""
    assert found(text) == []


def test_what_is_looked_for_first_is_part_of_what_is_no_figure() -> None:
    """Each pattern of what is no figure has an example here, and wherever it matches, the signs without which it is passed over are there."""
    texts = [text for one in NO_FIGURES for text in (one, one.upper())]
    for pattern, needs in numbers._NONE:
        matched = [match[0].lower() for text in texts for match in pattern.finditer(text)]
        assert matched, pattern.pattern
        assert [one for one in matched if needs and not any(need in one for need in needs)] == []


WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
TENS = ["zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def spelled(number: int) -> str:
    """Write a number below a hundred in words."""
    return WORDS[number] if number < 20 else TENS[number // 10] + (f"-{WORDS[number % 10]}" if number % 10 else "")


@given(st.integers(2, 99), st.sampled_from(["{} %", "{}%", "{} percent", "{} per cent", "{}-percent", "{} percentage points"]), st.booleans(), st.booleans())
def test_a_percentage_is_the_same_however_it_is_written(number: int, form: str, words: bool, wide: bool) -> None:
    """Digits, full-width digits and words give one percentage; without its sign the same number is a plain one."""
    text = spelled(number) if words else str(number).translate({ord(str(n)): 0xFF10 + n for n in range(10)}) if wide else str(number)
    assert found(f"Pays {form.format(text)} of it.") == [f"{number}%"]
    assert found(f"Bill {text} units.") == [str(number)]


_FIGURES = ["15 minutes", "30 %", "$40.43", "two visits", "1/3 of it", "half of it", "1,200 units"]
_OTHERS = ["modifier 59", "97761", "on July 1, 2026", "in section 20.1", "place of service 11", "indicator 2", "{mue}", "ICD-10", "one unit", "\u00e9t\u00e9 \ufb01ne"]


@given(st.lists(st.sampled_from(_FIGURES + _OTHERS), min_size=1, max_size=8))
def test_a_figure_stands_where_it_says(parts: list[str]) -> None:
    """Each figure gives the very piece of the text that it was read from, in order, and what is beside it changes none."""
    text = ". Then ".join(parts)
    last = 0
    for one in figures(text):
        assert text[one.start : one.end] == one.text
        assert last <= one.start < one.end
        last = one.end
    assert found(text) == [label for part in parts for label in found(part)]
    assert [label for part in parts if part in _OTHERS for label in found(part)] == []


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    """Whatever characters a text holds, its figures lie inside it and each has a form of its own."""
    for one in figures(text):
        assert text[one.start : one.end] == one.text
        assert one.text
    assert len(entries(text)) == len(set(entries(text)))


def test_figures_are_listed_once_and_in_order() -> None:
    """A section's figures are sorted: plain numbers, percentages, dollars, each by value, then by what they count."""
    assert entries("$5, 20 %, 3 units, 100 %, three units; 3; 3 days; 12 and 1/3") == ["1/3", "3", "3 days", "3 units", "12", "20%", "100%", "$5"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15 minutes, 15min, 15-minute, 15 min and fifteen\nminutes", ["15 minutes"]),
        ("thirty to sixty days; 8 or 22 minutes; 30, 45 and 90 months", ["8 minutes", "22 minutes", "30 days", "30 months", "45 months", "60 days", "90 months"]),
        ("more than 8 and less than 23 minutes; at least 5 but 6 units", ["5", "6 units", "8 minutes", "23 minutes"]),
        ("two (2) units, 2 or more units", ["2 units"]),
        ("30 calendar days, 11 full months, 12 whole calendar months", ["11 months", "12 months", "30 days"]),
        ("a 10 day period, a 30 minute session, 3 claim lines, 12 treatment sessions", ["3 lines", "10 days", "12 visits", "30 minutes"]),
        ("8 sessions, 8 visits, 8 encounters; 2 hrs; 3 yrs; 5 ml", ["2 hours", "3 years", "5 cc", "8 visits"]),
        ("4 of the days, 5 are units, 6. Units, 7, minutes, 9 per day", ["4", "5", "6", "7", "9"]),
        ("10\n\nDays begin", ["10"]),
        ("30% of days, $40 units, half the visits", ["30%", "50%", "$40"]),
        ("7 aliquots on 2 days' notice", ["2", "7"]),
    ],
)
def test_a_figure_goes_with_what_it_counts(text: str, expected: list[str]) -> None:
    """The noun behind a number, or behind the one it is joined to, is kept in one form; where another clause begins, or the noun is not of the list, the number stays bare."""
    assert entries(text) == expected


@given(st.integers(2, 99), st.sampled_from(["minutes", "hours", "days", "weeks", "months", "years", "units", "visits"]), st.sampled_from(["", "full ", "additional\n", "(of a kind) "]), st.booleans())
def test_a_noun_is_found_behind_digits_and_words(number: int, noun: str, between: str, words: bool) -> None:
    """However a number is written, the noun behind it is found, also behind an adjective; not behind a bracket."""
    text = f"It takes {spelled(number) if words else number} {between}{noun} in all."
    assert entries(text) == ([str(number)] if "(" in between else [f"{number} {noun}"])


# --- sections -----------------------------------------------------------------------------------------------------------------

MANUAL = """\
               Imaginary Processing Manual
              Chapter 5 - Lanterns and Lamps
                    Table of Contents
              (Rev. 11129, 11-22-21)

Transmittals for Chapter 5

10 - Lanterns
       10.1 - Lanterns That Burn for Longer Than a
       Night
       10.2 - Oil
       20.9 - Wicks
       20.10 - Storm Lanterns
30 - Candles
Addendum A - Chapter 5, Colors
10 - Lanterns
(Rev. 7, Issued: 02-04-16, Effective: 07-01-16,
Implementation: 07-05-16)

A lantern is paid at 80 percent. See sections 20.9 and
10.2 - 20.1 of another.

\f   10.1 \u2013 Lanterns That Burn for Longer
Than a Night
(Rev. 11129; Issued: 11-22-21; Effective: 01-01-22)

It pays for 15 minutes.
1. A list of
10 - 20 items that is no heading
10.2 Oil
(Rev.9, 10-01-03)
Oil is bundled.
20.9 - Wicks (Rev. 12;
Issued: 05-02-24; Effective: 06-04-24)
Two wicks a night.
Storm Lanterns
(Rev. 13, 01-01-05)
For storms.
30 - Candles
Candles lost their line of revision.
Addendum A - Chapter 5, Colors
(Rev. 3, 01-01-04)
Red and green.
Transmittals Issued for this Chapter
Rev # Issue Date
10 - Lanterns
"""


def test_a_manual_falls_into_its_sections() -> None:
    """A heading is a number and the line of revision below it: over two lines, after a page break, without a dash, on one line, without its number; the contents and the list of transmittals are none."""
    made = sections("cpm5", MANUAL)
    assert {one.number: (one.title, one.revision) for one in made.values()} == {
        "10": ("Lanterns", "Rev. 7"),
        "10.1": ("Lanterns That Burn for Longer Than a Night", "Rev. 11129"),
        "10.2": ("Oil", "Rev. 9"),
        "20.9": ("Wicks", "Rev. 12"),
        "20.10": ("Storm Lanterns", "Rev. 13"),
        "30": ("Candles", ""),
        "Addendum A": ("Chapter 5, Colors", "Rev. 3"),
    }
    assert revision("cpm5", MANUAL) == "Rev. 11129"


def test_a_section_is_its_own_text() -> None:
    """A section's text ends where the first section below it begins, and its figures are those of heading and text."""
    made = sections("cpm5", MANUAL)
    assert made["10"].text == "A lantern is paid at 80 percent. See sections 20.9 and\n10.2 - 20.1 of another."
    assert made["10"].numbers == ["80%"]
    assert made["10.1"].text.endswith("10 - 20 items that is no heading")
    assert made["20.9"].text == "Two wicks a night."
    assert made["Addendum A"].text == "Red and green."


NCCI = """\
                CHAPTER XI
            LANTERNS AND LAMPS
       Revision Date (Medicare): 1/1/2026

                     XI-1
Table of Contents
    A. Introduction ............................ XI-3
    B. Wicks ................................... XI-3
A. Introduction

Light is bundled.
B. Wicks

   1. A wick is paid once, whether
B. short or long.
       Revision Date (Medicare): 1/1/2026

                     XI-3
2. Report 2 wicks with modifier 59.
C. Oil
   1. First list.
   1. Second list.
"""


def test_the_ncci_manual_has_letters_and_paragraphs() -> None:
    """A letter is cited with all below it, a paragraph by itself; where two lists stand under one letter, no paragraph can be cited."""
    made = sections("ncci", NCCI)
    assert list(made) == ["XI.A", "XI.B", "XI.B.1", "XI.B.2", "XI.C"]
    assert made["XI.B"].text == "   1. A wick is paid once, whether\nB. short or long.\n2. Report 2 wicks with modifier 59."
    assert made["XI.B.2"].text == "2. Report 2 wicks with modifier 59."
    assert made["XI.B.2"].numbers == ["2"]
    assert {one.revision for one in made.values()} == {"2026"}


BOOKLET = """\
                   Lanterns
Page 1 of 4        MLN000001 May 2026
Table of Contents
Lanterns .................................................. 2
    Oil Lamps: One Wick &
    Two .................................................. 2
    Repairs .............................................. 3
Candles ................................................... 3
    Repairs .............................................. 4

Page 2 of 4        MLN000001 May 2026
Lanterns                                                          MLN Booklet
Lanterns
They shine.
Oil Lamps: One Wick & Two
Pays 85%.
Repairs
Bundled.
Candles
They drip.
Repairs
Not covered.
"""


def test_a_booklet_is_cited_by_its_headings() -> None:
    """A heading of the table of contents names its section, and one that stands there twice goes with the heading above it."""
    made = sections("mln000001", BOOKLET)
    assert {one.number: one.text for one in made.values()} == {
        "Lanterns": "They shine.",
        "Oil Lamps: One Wick & Two": "Pays 85%.",
        "Lanterns: Repairs": "Bundled.",
        "Candles": "They drip.",
        "Candles: Repairs": "Not covered.",
    }
    assert {one.revision for one in made.values()} == {"May 2026"}


LAYOUT = """\
LANTERN FILE CALENDAR YEAR 2026
Contents: lanterns.
DATA RECORD

Wick Length   1-5     X(5)     Inches of the wick.

Oil And       6-7     X(2)     Whether oil is paid
Candle Indicator               with the lantern. 150% applies.
Filler        8-9     X(2)
ATTACHMENT A
STATUS CODE A = Burning.
"""


def test_a_record_layout_is_cited_by_its_fields() -> None:
    """A field goes by its name, which may take two lines; a filler is no section."""
    made = sections("rvu", LAYOUT)
    assert list(made) == ["Contents", "Wick Length", "Oil And Candle Indicator", "Attachment A Status Code"]
    assert "150%" in made["Oil And Candle Indicator"].numbers


_SENTENCE = "Bill the self-administered drug on one line. Don't add \"units\" for a wasted dose, and pay 50 percent of the fee-schedule amount after day 90."


@given(st.integers(30, 100), st.booleans(), st.booleans(), st.integers(0, 5))
def test_a_new_extraction_has_the_same_hash(width: int, curly: bool, pages: bool, indent: int) -> None:
    """Line ends, page breaks, indents, quotes and hyphens at line ends change no hash."""
    lines = textwrap.wrap(_SENTENCE, width)
    if curly:
        lines = [line.replace("'", "\u2019").replace(' "', " \u201c").replace('"', "\u201d").replace("-", "\u2010") for line in lines]
    if pages:
        lines.insert(1, "\n       Revision Date (Medicare): 1/1/2026\n\n                 XI-7\n")
    text = "\n".join(" " * indent + line for line in lines)
    one = sections("ncci", f"CHAPTER XI\nRevision Date (Medicare): 1/1/2026\nA. Oil\n{text}\n")["XI.A"]
    assert one.hash == digest(f"Oil\n{_SENTENCE}")


@pytest.mark.parametrize(("old", "new"), [("50", "60"), ("Bill the", "Do not bill the"), ("90", "9-0"), ("one line", "two lines")])
def test_a_changed_word_changes_the_hash(old: str, new: str) -> None:
    """A figure or a word that is another is another text."""
    assert digest(_SENTENCE.replace(old, new)) != digest(_SENTENCE)


# --- content/sources.yml ------------------------------------------------------------------------------------------------------


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """Return a folder with the imaginary chapter 5 and NCCI chapter, and a tip that cites a section of each."""
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "clm104c05.txt").write_text(MANUAL, encoding="utf-8")
    (folder / "ncci-pm-2026-ch11.txt").write_text(NCCI, encoding="utf-8")
    (tmp_path / "tips").mkdir()
    tip(tmp_path, "lamp", ("cpm5", "10.1"), ("ncci", "XI.B.2"))
    return folder


def tip(place: Path, name: str, *cited: tuple[str, str]) -> None:
    """Write a tip that cites sections."""
    entries = "".join(f'  - {{document: {document}, section: "{section}"}}\n' for document, section in cited)
    (place / "tips" / f"{name}.yml").write_text(f"id: {name}\nsources:\n{entries}", encoding="utf-8")


def write(texts: Path, *added: str) -> tuple[list[str], Findings]:
    """Write the entries beside the folder of texts; return what was said, and what was found."""
    findings = Findings()
    path = texts.parent / "sources.yml"
    said = source_texts.write(Texts(texts), sources.load(findings, path), added, findings, tips=texts.parent / "tips", path=path)
    return said, findings


def verified(texts: Path) -> list[str]:
    """Compare the entries with the texts; return the errors' words."""
    findings = Findings()
    source_texts.verify(Texts(texts), sources.load(findings, texts.parent / "sources.yml"), findings)
    return [f"{one.file.rpartition('/')[2]}:{one.line}:{one.column}: {one.message}" for one in findings.of("error")]


def test_what_is_written_verifies_and_is_written_alike(texts: Path) -> None:
    """Entries made from a folder of texts fit that folder, and making them again changes no byte."""
    said, findings = write(texts, "cpm5:20.9")
    assert not findings.items
    assert said == ["cpm5 10.1: new", "cpm5 20.9: new", "ncci XI.B.2: new"]
    assert verified(texts) == []
    before = (texts.parent / "sources.yml").read_bytes()
    assert write(texts, "cpm5:20.9")[0] == []
    assert (texts.parent / "sources.yml").read_bytes() == before
    made = sources.load(Findings(), texts.parent / "sources.yml")
    one = made.section("cpm5", "10.1")
    assert one is not None
    assert (one.title, one.revision, one.numbers) == ("Lanterns That Burn for Longer Than a Night", "Rev. 11129", ("10", "15 minutes", "20"))
    document = made.document("cpm5")
    assert document is not None
    assert (document.revision, document.texts) == ("Rev. 11129", ("clm104c05.txt",))
    assert made.section("cpm5", "30") is None


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("It pays for 15 minutes.", "It pays for fifteen long minutes.", ["hash: the text changed"]),
        ("It pays for 15 minutes.", "It pays for 25 minutes.", ["hash: the text changed", "numbers: 15 minutes not in the text; 25 minutes not in the entry"]),
        ("Lanterns That Burn for Longer\nThan a Night\n(Rev. 11129", "Lanterns That Burn\n(Rev. 11129", ["title: the text has 'Lanterns That Burn'", "hash: the text changed"]),
        ("(Rev. 11129; Issued", "(Rev. 11130; Issued", ["revision: the text has Rev. 11130, not Rev. 11129"]),
        ("10.1 \u2013 Lanterns That", "10.3 \u2013 Lanterns That", ["the text has no such section"]),
    ],
)
def test_each_difference_is_reported(texts: Path, old: str, new: str, expected: list[str]) -> None:
    """A changed text, figure, heading or revision, and a section that is gone, are each named at the entry's place."""
    write(texts)
    assert old in MANUAL
    (texts / "clm104c05.txt").write_text(MANUAL.replace(old, new), encoding="utf-8")
    errors = verified(texts)
    assert len(errors) == len(expected)
    for error, words in zip(errors, expected, strict=True):
        assert error.startswith("sources.yml:8:13: cpm5 10.1: ")
        assert words in error


def test_a_revised_chapter_is_reported_once(texts: Path) -> None:
    """When the chapter is of another revision than the entry and than rules/documents.yml, both are said, though no cited section changed."""
    write(texts)
    (texts / "clm104c05.txt").write_text(MANUAL.replace("(Rev. 11129, 11-22-21)", "(Rev. 20000, 11-22-27)"), encoding="utf-8")
    assert verified(texts) == ["sources.yml:4:3: cpm5: the text is of Rev. 20000, not of Rev. 11129", "sources.yml:4:3: cpm5: rules/documents.yml has Rev. 11129, the text Rev. 20000"]


def test_the_newest_text_of_a_chapter_is_read(texts: Path) -> None:
    """Of two revisions of one chapter in the folder, the higher one counts."""
    older = MANUAL.replace("Rev. 11129", "Rev. 9000").replace("15 minutes", "10 minutes")
    (texts / "clm104c05-rev9000.txt").write_text(older, encoding="utf-8")
    one = Texts(texts).section("cpm5", "10.1")
    assert one is not None
    assert one.text.startswith("It pays for 15 minutes.")


def test_an_entry_without_its_text_is_kept(texts: Path) -> None:
    """Where the text of a document is not in the folder, its entries stay as they were, writing says so, and verifying warns."""
    write(texts)
    before = (texts.parent / "sources.yml").read_bytes()
    (texts / "ncci-pm-2026-ch11.txt").unlink()
    said, findings = write(texts)
    assert len(said) == 1
    assert said[0].startswith("ncci: no text of it in ")
    assert not findings.failed
    assert (texts.parent / "sources.yml").read_bytes() == before
    assert verified(texts) == []


def test_citations_that_lead_nowhere_are_reported(texts: Path) -> None:
    """A tip that cites a section or a document that is not there is named with its place; a tip that is no YAML is passed over; the rest is written."""
    tip(texts.parent, "moth", ("cpm5", "10.4"), ("cpm99", "1"), ("cpm5", "30"))
    (texts.parent / "tips" / "broken.yml").write_text("sources: [{document: cpm5\n", encoding="utf-8")
    (texts.parent / "tips" / "odd.yml").write_text("sources: cpm5\n", encoding="utf-8")
    said, findings = write(texts)
    assert [(one.file.rpartition("/")[2], one.line, one.message.partition(" in ")[0]) for one in findings.of("error")] == [
        ("moth.yml", 3, "cpm5 has no section '10.4'"),
        ("moth.yml", 4, "cpm99: no text of it"),
    ]
    assert "cpm5 30: new" in said


def test_what_the_page_on_denials_cites_is_written_too(texts: Path) -> None:
    """A section that content/denials.yml alone cites has its entry; one that is not in the text is named with its place; a law of which no text is kept is passed over."""
    page = texts.parent / "denials.yml"
    page.write_text('groups:\n  CO: {say: "One.", sources: ["cpm5 30"]}\n  PR: {say: "Two.", sources: ["pl1 2", "cpm5 10.4"]}\n  OA: {say: "Three.", sources: cpm5}\n', encoding="utf-8")
    said, findings = write(texts)
    assert "cpm5 30: new" in said
    assert [(one.file.rpartition("/")[2], one.line, one.message) for one in findings.of("error")] == [("denials.yml", 3, "cpm5 has no section '10.4'")]
    assert "cpm5 30: no longer cited, left out" not in write(texts)[0]
    page.unlink()
    assert "cpm5 30: no longer cited, left out" in write(texts)[0]


def test_every_section_of_the_page_on_denials_has_its_entry() -> None:
    """content/sources.yml holds each section that content/denials.yml cites, but those of laws and notices of which one sentence was read."""
    made = sources.load(Findings())
    page = [(document, number) for document, number, _, _ in source_texts.cited_on_page(ROOT / "content" / "denials.yml")]
    assert len(page) > 50
    assert [one for one in page if one not in made.cited and one[0] in made.documents] == []


def test_a_heading_that_names_codes_is_left_out(texts: Path) -> None:
    """A heading with a code in it may quote a descriptor, so only its hash is kept."""
    (texts / "clm104c05.txt").write_text(MANUAL.replace("20.9 - Wicks (Rev", "20.9 - Wicks (Codes 97761-97763) (Rev"), encoding="utf-8")
    write(texts, "cpm5:20.9")
    one = sources.load(Findings(), texts.parent / "sources.yml").section("cpm5", "20.9")
    assert one is not None
    assert one.title == ""
    assert verified(texts) == []


def test_a_faulty_file_is_an_error_with_its_place(tmp_path: Path) -> None:
    """A hash or a figure of the wrong form is found by the schema, at its line, and the file counts as empty."""
    path = tmp_path / "sources.yml"
    path.write_text('cpm5:\n  title: "Lamps"\n  revision: "Rev. 1"\n  texts: [a.txt]\n  sections:\n    "1": {revision: "", hash: "xyz", numbers: ""}\n', encoding="utf-8")
    findings = Findings()
    assert sources.load(findings, path).cited == {}
    assert [one.line for one in findings.of("error")] == [6]
    good = path.read_text(encoding="utf-8").replace("xyz", "0123456789ab")
    for figure, is_good in (("2, 15 minutes, 1.5 hours, 1/3, 1/3 units, 62.5%, 1/3%, $40.43", True), ("15minutes", False), ("2,3", False), ("2, ", False), ("two", False)):
        path.write_text(good.replace('numbers: ""', f'numbers: "{figure}"'), encoding="utf-8")
        findings = Findings()
        assert [one.numbers for one in sources.load(findings, path).cited.values()] == ([tuple(figure.split(", "))] if is_good else [])
        assert findings.failed is not is_good


# --- the command --------------------------------------------------------------------------------------------------------------


def test_a_reader_may_stop_early(needs_shared: Path) -> None:
    """Output that nobody reads to its end (`| head`) ends the command without a word and without a traceback."""
    words = [sys.executable, str(ROOT / "build.py"), "sources", "--list", str(needs_shared / "sources"), "cpm12", "cpm30", "cpm32", "ncci"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 141


def test_authors_see_a_section(texts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--show prints text, hash and figures of a section, --list numbers and headings, of a part of a document too."""
    assert cli.main(["sources", "--show", str(texts), "cpm5:10"]) == 0
    shown = capsys.readouterr().out
    assert "A lantern is paid at 80 percent." in shown
    assert "numbers: 80%" in shown
    assert "below it: 10.1, 10.2" in shown
    assert cli.main(["sources", "--list", str(texts), "ncci:XI.B"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]] == ["XI.B", "XI.B.1", "XI.B.2"]


@pytest.mark.parametrize("words", [["--show"], ["--show", "cpm5:99"], ["--show", "cpm99:1"], ["--verify", "cpm5"], ["--list", "--add", "cpm5:10"], ["--list", "cpm77"]])
def test_wrong_use_is_told_from_a_difference(texts: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A section that does not exist and options that do not go together end with exit code 2 and a word on what to type."""
    assert cli.main(["sources", words[0], str(texts), *words[1:]]) == 2
    assert "try: " in capsys.readouterr().err


def test_a_folder_without_texts_is_refused(tmp_path: Path) -> None:
    """A folder that holds no text of a manual is named, with exit code 2."""
    with pytest.raises(Failed, match="no text of a federal manual") as failed:
        _ = Texts(tmp_path).files
    assert failed.value.exit_code == 2


# --- the texts at hand --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def manuals(needs_shared: Any) -> Texts:
    """Return the federal texts, each split once."""
    return Texts(SHARED / "sources")


def test_every_entry_verifies(manuals: Texts) -> None:
    """content/sources.yml fits the texts that the project was written from: every heading, revision, hash and figure."""
    findings = Findings()
    made = sources.load(findings)
    compared = source_texts.verify(manuals, made, findings)
    assert [str(one) for one in findings.items] == []
    assert compared == len(made.cited) > 0


def section(manuals: Texts, document: str, number: str) -> Section:
    """Return a section that must be there."""
    one = manuals.section(document, number)
    assert one is not None, (document, number)
    return one


@pytest.mark.parametrize(
    ("document", "number", "title", "revised", "stated"),
    [
        ("cpm5", "20.2", "Reporting of Service Units With HCPCS", "Rev. 3670", {"8 minutes", "15 minutes", "23 minutes", "38 minutes"}),
        ("cpm12", "40.8", "Claims for Co-Surgeons and Team Surgeons", "Rev. 3721", {"62.5%"}),
        ("cpm1", "70.1", "Determining Start Date of Timely Filing Period -- Date of Service", "Rev. 2140", {"12 months"}),
        ("cpm29", "310.2", "Time Limit for Filing a Request for Redetermination", "Rev. 4278", {"120 days", "5 days"}),
        ("bp15", "220.1.3", "Certification and Recertification of Need for Treatment and Therapy Plans of Care", "Rev. 88", {"90 days", "30 days"}),
        ("ncci", "XI.P.4", "Physical Medicine and Rehabilitation", "2026", {"15 minutes"}),
        ("rvu", "Limiting charge", "", "CY2026", {"115%", "95%", "109.25%", "1.0925"}),
        ("rvu", "Bilateral Surgery", "", "CY2026", {"150%", "$125"}),
        ("cpm23", "Addendum 22", "Bilateral Surgery Indicator (Modifier 50)", "Rev. 12823", {"150%"}),
        ("mln006764", "HCPCS Code G0463", "", "May 2026", set()),
    ],
)
def test_known_sections_are_found(manuals: Texts, document: str, number: str, title: str, revised: str, stated: set[str]) -> None:
    """Sections looked up in the texts by hand are there under their headings, with the figures they state."""
    one = section(manuals, document, number)
    assert one.title == title or not title
    assert one.revision == revised or not revised
    assert stated <= set(one.numbers)


def test_no_section_swallows_another(manuals: Texts) -> None:
    """In every manual, no section's text holds a line of revision: it would belong to a section that was not found."""
    for document in manuals.files:
        if document.startswith(("cpm", "bp")):
            for one in manuals.parts(document)[0].sections.values():
                assert [line for line in one.text.splitlines() if line.lstrip().startswith("(Rev. ")] == [], (document, one.number)
