"""The tips: what the linter refuses, with which words and where; what a page makes of a tip; the false tips this project began with."""

from __future__ import annotations

import copy
import os
import select
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from machine import ROOT

from medpayiq import linting, reporting, yamlmarks
from medpayiq.cms import snapshot
from medpayiq.content import choosing, counted, library, tips
from medpayiq.content.selecting import Selecting, named_codes, pointed
from medpayiq.content.sources import Cited
from medpayiq.findings import Finding, Findings
from medpayiq.lint import fixing, note_rules, remembering, running, sharing
from medpayiq.lint.context import RULES, Context, Problem
from medpayiq.pages import placeholders
from medpayiq.pages.tips import Tips, html

TODAY = "2026-11-25"
REFUSED = ROOT / "tests" / "fixtures" / "refused"
GOOD: dict[str, Any] = {
    "id": "good-tip",
    "title": "Count minutes of {code} over the day",
    "do": "Add the minutes of every timed service of the day before you choose units. From 8 minutes on a service counts.",
    "impact": "Units that the minutes do not carry are taken back; {mue} a day is the limit.",
    "kind": "units",
    "evidence": "rule",
    "where": {"codes": ["97761"]},
    "expects": ["1", "1"],
    "sources": [{"document": "cpm5", "section": "20.2", "revision": "Rev. 11129", "hash": "0123456789ab"}],
    "author": "MedPayIQ editors",
    "checked_by": None,
    "verified": {"day": "2026-11-01", "release": "RVU26C"},
    "review_by": "2027-11-01",
    "effective": {"from": "2018-01-01", "to": None},
    "watch": ["mue"],
}


NUMBERS = ("3", "4 units", "8 minutes", "15 minutes", "30 minutes", "60 minutes", "50%")


@dataclass(frozen=True)
class Shelf:
    """Stands in for content/sources.yml: one section, which states minutes, four units, and a 3 that nothing stands behind."""

    def section(self, document: str, number: str, /) -> Cited | None:
        """Return it."""
        found = (document, number) == ("cpm5", "20.2")
        return Cited(document, number, "", "Rev. 11129", "0123456789ab", NUMBERS) if found else None


@pytest.fixture(scope="module")
def world() -> Context:
    """Return the embedded sample as if it were a full release, with deleted codes and no tip."""
    found = Findings()
    content = library.load(Findings())
    made = linting.context_of(replace(content, tips=()), snapshot.read(ROOT / "cms_data" / "sample"), whole=True, today=TODAY, findings=found)
    return replace(made, texts=Shelf())


def tip_file(folder: Path, data: dict[str, Any] | str, name: str = "good-tip") -> Path:
    """Write a tip's file, every text in quotes."""
    text = (
        data
        if isinstance(data, str)
        else yaml.dump(data, default_style='"', sort_keys=False, allow_unicode=True).replace('!!null "null"', "null").replace('!!bool "true"', "true").replace('!!bool "false"', "false")
    )
    path = folder / f"{name}.yml"
    path.write_text(text, encoding="utf-8")
    return path


def linted(folder: Path, world: Context) -> tuple[list[Finding], list[fixing.Fix]]:
    """Load the tips of a folder and ask every rule."""
    found = Findings()
    loaded = tips.load(found, folder)
    fixes = running.run(replace(world, library=replace(world.library, tips=loaded)), found)
    return found.items, fixes


def changed(**values: Any) -> dict[str, Any]:
    """Return the good tip with other values; ``None`` in a nested place stays, a missing one is set."""
    return copy.deepcopy(GOOD) | values


SOURCE = GOOD["sources"][0]
CASES: dict[str, tuple[dict[str, Any], str]] = {
    "unknown-code": (changed(do="Bill 97762 for later sessions, as the record of the first one says, and never this code again."), "97762: deleted 2018-01-01, see 97763"),
    "backward-range": (changed(where={"any": [{"codes": ["97761"]}, {"ranges": [["97799", "97010"]]}]}), "97799 to 97010 is not a range"),
    "unknown-value": (changed(where={"codes": ["97761"], "not": {"status": "Z"}}), "no code has status 'Z'"),
    "selects-nothing": (changed(where={"codes": ["97761"], "status": "N"}), "no code meets this"),
    "unexpected-count": (changed(expects=["2", "5"]), "stands on 1 codes; 2 to 5 were expected"),
    "needless-not": (changed(where={"codes": ["97761"], "not": {"codes": ["99213"]}}), "this takes no code away"),
    "unknown-placeholder": (changed(title="Count minutes of {kode} over the day"), "{kode} is no placeholder"),
    "placeholder-without-value": (changed(impact="A later unit is paid at {endo_difference}, which nobody expects."), "{endo_difference} has no value for 97761"),
    "once-against-units": (changed(do="Bill the code only once for a patient, however long the sessions last and however many there are."), "the unit limit of 97761 is 6 a day"),
    "typed-number": (changed(evidence="practice", do="Nearly all offices that we know add the minutes first, and save fifteen minutes a day by it."), "'fifteen' is typed in a practice tip"),
    "number-without-source": (changed(do="Add the minutes of every timed service of the day. From 23 minutes on it is a further unit for you."), "'23' does not stand in cpm5 20.2"),
    "unsourced-authority": (
        changed(evidence="practice", sources=[], do="According to OIG these notes matter, so write them on the day, in full sentences, and sign them then."),
        "'According to' calls on something that is not cited",
    ),
    "misspelt-modifier": (changed(do="Put modifer GP on the line, and add the minutes of every timed service of the day before that."), "'modifer' is misspelt"),
    "raw-html": (changed(do="Add the minutes of <b>every</b> timed service of the day before you choose the units of each."), "'<b>' is HTML"),
    "unsafe-markdown": (changed(do="Add the minutes of every timed service; [more](javascript:alert) about how they are added is there."), "a link to 'javascript:alert'"),
    "copied-descriptor": (
        changed(do="The session is what the file calls zebra crossing walk trning, so add its minutes to those of the day."),
        "'zebra crossing walk trning' is how CMS's file describes 97761",
    ),
    "file-name": (changed(id="other-tip"), "id other-tip is not the file's name"),
    "unquoted": (changed(), "00100 without quotes is no text to other programs"),
    "no-source": (changed(sources=[]), "a rule tip without a source"),
    "unknown-document": (changed(sources=[{**SOURCE, "document": "cpm99"}]), "no document 'cpm99'"),
    "unknown-section": (changed(sources=[{**SOURCE, "section": "20.9"}]), "cpm5 has no section '20.9'"),
    "section-changed": (changed(sources=[{**SOURCE, "hash": "ba9876543210"}]), "cpm5 20.2 was revised (Rev. 11129) since the tip was verified"),
    "other-revision": (changed(sources=[{**SOURCE, "revision": "Rev. 11000"}]), "cpm5 20.2 is Rev. 11129, not Rev. 11000"),
    "impossible-day": (changed(verified={"day": "2026-02-30", "release": "RVU26C"}), "2026-02-30 is no day of the calendar"),
    "past-review": (changed(verified={"day": "2025-01-02", "release": "RVU26C"}, review_by="2026-01-02"), "was to be verified again by 2026-01-02"),
    "ended": (changed(effective={"from": "2018-01-01", "to": "2019-12-31"}), "ended on 2019-12-31"),
    "unknown-exception": (changed(allow=[{"rule": "no-such-rule", "why": "because it is said so in this test"}]), "no rule 'no-such-rule'"),
    "needless-exception": (changed(allow=[{"rule": "too-wide", "why": "because it is said so in this test"}]), "too-wide finds nothing here"),
}
ELSEWHERE = {"too-wide", "duplicate-id", "near-duplicate"}
"""Rules with a test of their own below."""


def test_a_good_tip_passes(tmp_path: Path, world: Context) -> None:
    """A sound tip brings no finding at all: whatever a case below reports comes from its own fault."""
    tip_file(tmp_path, GOOD)
    assert linted(tmp_path, world) == ([], [])


@pytest.mark.parametrize("name", CASES)
def test_each_rule_says_what_is_wrong_and_what_to_type(name: str, tmp_path: Path, world: Context) -> None:
    """Each rule says in its words what is wrong, at a line of the file, and what to type."""
    data, words = CASES[name]
    text: dict[str, Any] | str = data
    if name == "unquoted":
        text = yaml.dump(data, default_style='"', sort_keys=False).replace('!!null "null"', "null").replace('"97761"', "00100")
    if name == "copied-descriptor":
        world = replace(world, descriptors={"97761": "Zebra crossing walk trning"})
    path = tip_file(tmp_path, text)
    found, _ = linted(tmp_path, world)
    mine = [one for one in found if one.rule == name]
    assert mine, [str(one) for one in found]
    assert words in mine[0].message
    assert mine[0].file.endswith(path.name)
    assert mine[0].line >= 1
    assert mine[0].column >= 1
    assert mine[0].try_
    assert str(mine[0]).splitlines()[0].endswith(f"[{name}]")


def test_every_rule_has_a_test() -> None:
    """No rule is without a case; no case without a rule."""
    assert set(RULES) | {"needless-exception"} == set(CASES) | ELSEWHERE


def test_a_tip_on_too_many_pages_is_refused(tmp_path: Path, world: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tip on more pages than allowed is refused with their number: the sample has 413 codes."""
    from medpayiq.lint import code_rules

    monkeypatch.setattr(code_rules, "MOST", 100)
    tip_file(tmp_path, changed(where={"any": [{"priced": True}, {"priced": False}]}, title="Count minutes over the day", impact="Units that the minutes do not carry are taken back from you."))
    found, _ = linted(tmp_path, world)
    assert [one.message for one in found if one.rule == "too-wide"] == ["stands on 413 pages; at most 100 are allowed"]


def test_of_two_alike_tips_the_later_is_told(tmp_path: Path, world: Context) -> None:
    """Of two files that say the same, the later one is told."""
    tip_file(tmp_path, GOOD)
    tip_file(tmp_path, changed(id="later-tip"), "later-tip")
    found, _ = linted(tmp_path, world)
    assert [(one.rule, one.file.rpartition("/")[2], one.message) for one in found] == [("near-duplicate", "later-tip.yml", "says nearly the same as good-tip")]


def test_an_id_that_stands_twice_is_told_at_the_later_file(tmp_path: Path, world: Context) -> None:
    """An id that stands twice is told at the later file, which does not have its name either."""
    tip_file(tmp_path, GOOD)
    tip_file(tmp_path, OTHER | {"id": "good-tip"}, "third-tip")
    found, _ = linted(tmp_path, world)
    assert {(one.rule, one.file.rpartition("/")[2]) for one in found} == {("duplicate-id", "third-tip.yml"), ("file-name", "third-tip.yml")}


OTHER = changed(
    id="other-tip",
    title="Ask who made the device",
    do="The maker of a brace is named in the record, with the day on which it was handed over and the side of the body.",
    impact="Nobody can tell from the claim alone whose device was adjusted.",
)


def test_a_build_asks_only_about_what_changed(tmp_path: Path, world: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tips without a finding are passed over until they, or anything else that a rule looks at, change; faults stay told."""
    asked: list[str] = []
    rule = RULES["raw-html"]

    def counted(tip: tips.Tip, context: Context) -> Iterator[Problem]:
        asked.append(tip.id)
        yield from rule(tip, context)

    monkeypatch.setitem(RULES, "raw-html", counted)
    folder = tmp_path / "tips"
    folder.mkdir()

    def build(**other: Any) -> tuple[list[str], list[str]]:
        asked.clear()
        found = Findings()
        loaded = tips.load(found, folder)
        context = replace(world, library=replace(world.library, tips=loaded), **other)
        linting.lint(context, snapshot.read(ROOT / "cms_data" / "sample"), found, tmp_path / "linted.json")
        return sorted(asked), [f"{one.rule} {one.file.rpartition('/')[2]}" for one in found.items]

    tip_file(folder, GOOD)
    tip_file(folder, OTHER, "other-tip")
    assert build() == (["good-tip", "other-tip"], [])
    assert build() == ([], [])
    tip_file(folder, OTHER | {"impact": "Nobody can tell from the claim <i>alone</i> whose device was adjusted."}, "other-tip")
    for _ in range(2):  # a fault is not forgotten
        assert build()[0] == ["other-tip"]
        assert "raw-html other-tip.yml" in build()[1]
    tip_file(folder, GOOD | {"id": "third-tip"}, "third-tip")
    assert "near-duplicate third-tip.yml" in build()[1], "compared with one that is passed over"
    (folder / "third-tip.yml").unlink()
    tip_file(folder, OTHER, "other-tip")
    assert build() == (["other-tip"], [])
    assert build(today="2026-11-26") == (["good-tip", "other-tip"], [])
    (tmp_path / "linted.json").write_text("{", encoding="ascii")
    assert build(today="2026-11-26") == (["good-tip", "other-tip"], [])
    tip_file(folder, GOOD | {"id": "earlier-tip"}, "earlier-tip")
    assert "near-duplicate good-tip.yml" in build(today="2026-11-26")[1], "told at the one that is passed over, which is the later one"


def test_one_tip_is_compared_as_all_are(world: Context) -> None:
    """A tip that alone is new shares as many runs of words with each other tip as it does when all are compared."""
    runs = replace(world, library=library.load(Findings())).runs
    assert len(runs.of) > 1000
    for file in sorted(runs.of)[::200]:
        assert runs.shared(file, frozenset({file})) == runs.shared(file, None)
        other = max(runs.of.keys() - {file}, key=lambda one: runs.shared(file, None).get(one, 0))
        assert runs.shared(file, frozenset({other})) == {other: runs.shared(file, None)[other]}


def told(name: str, folder: Path, world: Context, **values: Any) -> list[str]:
    """Return the messages of one rule about the good tip with other values."""
    tip_file(folder, changed(**values))
    return [one.message for one in linted(folder, world)[0] if one.rule == name]


FIRST = "Add up the timed services of the day before you choose the units of each. "


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A service counts from eight minutes on.", []),
        ("Blocks are 15 or 30 minutes, or a 15-minute one.", []),
        ("At least 15 full minutes are needed, or 8.", []),
        ("3 services are enough, or three visits.", []),  # of the section's 3 nobody knows what it counts
        ("Give notice within 30 days.", ["'30' is 30 days here, but in cpm5 20.2 it is 30 minutes"]),
        ("Give notice within fifteen working days.", ["'fifteen' is 15 days here, but in cpm5 20.2 it is 15 minutes"]),
        ("From 8 to 15 hours it is another code.", ["'8' is 8 hours here, but in cpm5 20.2 it is 8 minutes", "'15' is 15 hours here, but in cpm5 20.2 it is 15 minutes"]),
        ("Medicare pays 4% of it, or four visits.", ["'4%' does not stand in cpm5 20.2", "'four' is 4 visits here, but in cpm5 20.2 it is 4 units"]),
        ("It pays half of it, or 50 units.", ["'50' does not stand in cpm5 20.2"]),
    ],
)
def test_a_number_counts_what_it_counts_in_the_section(text: str, said: list[str], tmp_path: Path, world: Context) -> None:
    """The section has 8, 15, 30 and 60 minutes, 4 units, 50 percent and a bare 3: the same numbers of other things do not stand there."""
    assert told("number-without-source", tmp_path, world, do=FIRST + text) == said


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("15| minutes", "minutes"),
        ("12| full calendar months", "months"),
        ("8| business days", "days"),
        ("two| (2) or more units", "units"),
        ("30| minute session", "minutes"),
        ("90|-day periods", "days"),
        ("three| claim lines", "lines"),
        ("3| lines of modifiers", "lines"),
        ("2| units minutes", "units"),
        ("**2|** units", "units"),
        ("5| of the days", ""),
        ("4| and units", ""),
        ("2| long and winding days", ""),
        ("2| very long winding days", ""),
        ("7| apples", ""),
    ],
)
def test_what_a_number_counts(text: str, counts: str) -> None:
    """The noun behind a number, among its next three words: a measure in the singular is counted before the noun it stands with, a plural ends the search, and so does a word that begins something else."""
    number, _, rest = text.partition("|")
    assert counted.counted(number + rest, len(number)) == counts


@pytest.mark.parametrize(("between", "shares"), [(" to ", True), (" or ", True), (", or ", True), ("-", True), (" up to ", True), (" days to ", False), (". ", False), ("; ", False)])
def test_two_numbers_with_one_noun(between: str, shares: bool) -> None:
    """Of "30 to 60 days" both count days; with another word or the end of a sentence between them they do not count the same."""
    assert counted.shares_noun(between) is shares


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("It is a single unit for each limb.", True),
        ("Bill it one time per limb.", True),
        ("Bill one unit per extremity.", True),
        ("There is only one unit for every device.", True),
        ("Never bill more than one unit, since no more than one unit is paid.", True),
        ("Bill it just once.", True),
        ("It is one unit for each full 15 minutes.", False),
        ("It is one unit per fifteen minutes, and a single unit for each started hour.", False),
        ("It is not one unit per device.", False),
        ("Each limb is looked at once.", False),
    ],
)
def test_once_in_other_words(text: str, is_told: bool, tmp_path: Path, world: Context) -> None:
    """97761 has 6 units a day, so nobody is told to bill it once or by the piece; a unit for a time is how it is counted."""
    assert bool(told("once-against-units", tmp_path, world, do=FIRST + text)) is is_told


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        (["97010", "97799"], []),
        (["G0101", "G0102"], []),
        (["97799", "97010"], ["97799 to 97010 is not a range"]),
        (["G0283", "97010"], ["G0283 and 97010 are of two kinds of codes, and no range"]),
        (["97010", "G0283"], ["97010 and G0283 are of two kinds of codes, and no range"]),
        (["G0283", "Q0092"], ["G0283 and Q0092 are of two kinds of codes, and no range"]),
        (["0232T", "0240T"], []),
        (["0232T", "97010"], ["0232T and 97010 are of two kinds of codes, and no range"]),
    ],
)
def test_a_range_is_of_one_kind(ends: list[str], said: list[str], tmp_path: Path, world: Context) -> None:
    """Digits, and each letter before or behind them, are kinds of codes of their own; the order of two codes is asked within one kind alone."""
    assert told("backward-range", tmp_path, world, where={"any": [{"codes": ["97761"]}, {"ranges": [ends]}]}) == said


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("unknown-code", {"do": f"{FIRST}Code 99999 has no minutes."}, ["99999 is not in RVU26C"]),
        ("misspelt-modifier", {"do": f"{FIRST}Put modifier gp on the line."}, ["modifier gp is written with capitals"]),
        ("misspelt-modifier", {"do": f"{FIRST}Put modifier QQ on the line, or modifiers GP and ZZ."}, ["ZZ is no modifier that Medicare knows"]),
        ("misspelt-modifier", {"do": f"{FIRST}Put modifier GP on the line, or the modifier is missed."}, []),
        ("unexpected-count", {"expects": ["5", "2"]}, ["expects from 5 to 2 codes: the first is above the second"]),
        ("unsafe-markdown", {"title": "Count *minutes* over the day"}, ["a title is plain text"]),
        ("unsafe-markdown", {"do": f"{FIRST}![It](https://www.cms.gov/a.png) is a picture."}, ["a picture in a tip"]),
        ("unsafe-markdown", {"do": f"{FIRST}\n\n## Minutes"}, ["a heading in a tip"]),
        ("unsafe-markdown", {"do": f"{FIRST}\n\n```\nminutes\n```"}, ["a code block in a tip"]),
        ("unsafe-markdown", {"do": f"{FIRST}\n\n~~~\nminutes\n~~~"}, ["a code block in a tip"]),
        ("unsafe-markdown", {"do": f"{FIRST}More under JavaScript:alert."}, ["a script address in a tip"]),
        ("unsafe-markdown", {"do": f"{FIRST}[More][1] is there.\n\n[1]: //evil.example"}, ["a link to '//evil.example'"]),
        ("unsafe-markdown", {"do": f"{FIRST}See [modifiers](/modifiers/59/) or [CMS](https://www.cms.gov/): it is item #1."}, []),
    ],
)
def test_more_of_a_rule(name: str, change: dict[str, Any], said: list[str], tmp_path: Path, world: Context) -> None:
    """A code that no release has, a modifier in small letters or unknown, counts in the wrong order, and each kind of Markdown that is refused are told in their own words."""
    assert told(name, tmp_path, world, **change) == said


def test_a_needless_exception_of_a_list_in_one_line(tmp_path: Path, world: Context) -> None:
    """Of exceptions written in brackets the needless one is told, at its own place; the one that is needed is not."""
    text = yaml.dump(changed(do=f"{FIRST}Give notice within 30 days."), default_style='"', sort_keys=False).replace('!!null "null"', "null")
    line = '"allow": [{rule: number-without-source, why: "said so in this test alone"}, {rule: too-wide, why: "said so in this test too"}]'
    tip_file(tmp_path, f"{text}{line}\n")
    found, _ = linted(tmp_path, world)
    assert [(one.rule, one.message, one.line, one.column) for one in found] == [("needless-exception", "too-wide finds nothing here", len(text.splitlines()) + 1, 1 + line.index("{rule: too-wide"))]


def test_a_descriptor_in_a_note(world: Context) -> None:
    """A note whose title, summary or search words hold a descriptor of CMS's file is told at that line; without the file, and of its own words, nothing."""
    title, summary = "First walk on zebra crossings", "A therapist does Zebra-crossing walk trning with a patient who has a new limb."
    document = yamlmarks.parse(f'code: "97761"\ntitle: {title}\nsummary: >-\n  {summary}\nwords: [zebra crossing, walk on stripes]\n', "content/codes/97761.yml", Findings())
    assert document is not None
    notes = {"97761": library.CodeNote("97761", title, summary, "zebra crossing\nwalk on stripes", "2026-11-29", document)}
    among = replace(world, library=replace(world.library, notes=notes))

    def said(descriptor: str) -> list[tuple[str, str, int, str]]:
        found = Findings()
        note_rules.check(replace(among, descriptors={"97762": descriptor} if descriptor else {}), found)
        return [(one.file, one.message, one.line, one.rule) for one in found.items]

    place = "content/codes/97761.yml"
    assert said("") == []
    assert said("Zebra crossing walk trning") == [(place, "'zebra crossing walk trning' is how CMS's file describes 97762", 3, "copied-descriptor")]
    assert said("First walk on zebra") == [(place, "'first walk on zebra' is how CMS's file describes 97762", 2, "copied-descriptor")]
    assert said("Zebra crossing walk trn") == [(place, "'zebra crossing walk trn' is how CMS's file describes 97762", 3, "copied-descriptor")], "the last word goes on in the note"
    assert said("First wal") == [], "two words alone are everyday language"
    assert said("Walk on stripes") == [(place, "'walk on stripes' is how CMS's file describes 97762", 5, "copied-descriptor")]
    assert said("Zebra crossings a therapist") == [], "the end of a title and the beginning of a summary are no descriptor"


def test_notes_without_a_descriptor_are_looked_at_again_when_they_or_the_descriptors_change(tmp_path: Path, world: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sound notes are passed over; another note, or another descriptor, is looked at; a fault is told each time."""
    looked: list[int] = []
    check = note_rules.check

    def counted(context: Context, findings: Findings) -> bool:
        looked.append(len(context.library.notes))
        return check(context, findings)

    monkeypatch.setattr(note_rules, "check", counted)

    def build(title: str, descriptor: str) -> tuple[int, list[str]]:
        looked.clear()
        found = Findings()
        document = yamlmarks.parse(f'code: "97761"\ntitle: {title}\n', "content/codes/97761.yml", Findings())
        assert document is not None
        notes = {"97761": library.CodeNote("97761", title, "A therapist walks with a patient.", "walking", "2026-11-29", document)}
        among = replace(world, library=replace(world.library, notes=notes, tips=()), descriptors={"97762": descriptor})
        linting.lint(among, snapshot.read(ROOT / "cms_data" / "sample"), found, tmp_path / "linted.json")
        return len(looked), [one.rule for one in found.items]

    assert build("First walk", "Zebra crossing walk trning") == (1, [])
    assert build("First walk", "Zebra crossing walk trning") == (0, [])
    for _ in range(2):  # a fault is not forgotten
        assert build("Zebra crossing walk trning", "Zebra crossing walk trning") == (1, ["copied-descriptor"])
    assert build("First walk", "Zebra crossing walk trning")[1] == []
    assert build("First walk on stripes", "First walk on stripes") == (1, ["copied-descriptor"])
    for times in (1, 0):  # words that meet across a title's end are no descriptor, and no reason to look again
        assert build("First walk", "Walk a therapist") == (times, [])


def test_an_exception_is_needless_once_the_other_tip_is_gone(tmp_path: Path, world: Context) -> None:
    """A tip that is excepted from comparison is asked again when the tip that it was like is taken away, though nothing of its own changed."""
    folder = tmp_path / "tips"
    folder.mkdir()

    def build() -> list[str]:
        found = Findings()
        context = replace(world, library=replace(world.library, tips=tips.load(found, folder)))
        linting.lint(context, snapshot.read(ROOT / "cms_data" / "sample"), found, tmp_path / "linted.json")
        return [f"{one.rule} {one.file.rpartition('/')[2]}" for one in found.items]

    tip_file(folder, GOOD)
    tip_file(folder, changed(id="later-tip", allow=[{"rule": "near-duplicate", "why": "because it is said so in this test"}]), "later-tip")
    tip_file(folder, OTHER, "other-tip")
    assert build() == []
    (folder / "good-tip.yml").unlink()
    assert build() == ["needless-exception later-tip.yml"]


@pytest.mark.parametrize("dies", [False, True])
def test_two_processes_find_what_one_finds(dies: bool, tmp_path: Path, world: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many tips each fault is found once, in the order of the tips, also when the second process ends early."""
    folder = tmp_path / "tips"
    folder.mkdir()
    for i in range(300):
        # Every tenth has a fault; their texts differ, so that no tip is like another.
        own = f"Bill {{code}} by minutes, word{i} thing{i} other{i} more{i}: count{i} the sums{i} of the day{i} and name{i} them."
        tip_file(folder, changed(id=f"tip-number-{i:03}", do=own, impact=f"Loss{i} of what{i} was due{i} for that{i} day.", kind="units", author=GOOD["author"], expects=["9", "1"] if i % 10 == 0 else GOOD["expects"]), f"tip-number-{i:03}")
    context = replace(world, library=replace(world.library, tips=tips.load(Findings(), folder)))
    assert len(context.library.tips) == 300
    if dies:
        monkeypatch.setattr(sharing, "_second", lambda *_: os._exit(9))
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    alone, shared = Findings(), Findings()
    running.run(context, alone)
    sharing.run(context, shared, remembering.load(tmp_path / "linted.json", context, ""))
    faulty = [one.file.rpartition("/")[2] for one in shared.items if one.rule == "unexpected-count"]
    assert faulty == [f"tip-number-{i:03}.yml" for i in range(0, 300, 10)]
    assert shared.items == alone.items


def test_a_second_process_ends_with_a_killed_first_one(tmp_path: Path, world: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that is killed while its second process has much to tell leaves that one no reason to wait, and so no lock held."""
    first: list[int] = []

    def found(_: Context, findings: Findings, *__: object, **___: object) -> list[fixing.Fix]:
        if os.getpid() == first[0]:
            os.kill(first[0], signal.SIGSTOP)  # it reads nothing any more
        findings.extend(Finding("error", f"tip-{i}.yml", 1, 1, "something to say", "do another thing") for i in range(20_000))
        return []

    monkeypatch.setattr(running, "run", found)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    tip_file(tmp_path, GOOD)
    context = replace(world, library=replace(world.library, tips=tips.load(Findings(), tmp_path) * 300))
    clean = remembering.load(tmp_path / "linted.json", context, "")
    held, holder = os.pipe()
    pid = os.fork()
    if not pid:
        first.append(os.getpid())
        os.setpgid(0, 0)
        sharing.run(context, Findings(), clean)
        os._exit(0)
    os.close(holder)
    assert os.waitpid(pid, os.WUNTRACED)[0] == pid  # it has stopped
    time.sleep(0.5)  # the second one fills the pipe; should it be slower, it finds the reader gone at once
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    ended, _, _ = select.select([held], [], [], 20)
    os.close(held)
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    assert ended, "the second process still runs"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "advice"}, "kind: 'advice' is not one of: modifier, documentation"),
        ({"colour": "red"}, "colour: no such key"),
        ({"where": {"codes": ["9776"]}}, "where/codes/0: '9776' does not have the right form"),
        ({"do": "Too short."}, "do: has 10 characters; at least 60 are needed"),
        ({"do": "word " * 150}, "at most 700 are allowed"),
        ({"where": {}}, "where"),
        ({"verified": {"day": "25.11.2026", "release": "RVU26C"}}, "verified/day: '25.11.2026' does not have the right form"),
    ],
)
def test_a_tip_of_another_shape_is_left_out(change: dict[str, Any], words: str, tmp_path: Path, world: Context) -> None:
    """What does not have a tip's shape is an error of the schema, at its place, and the file is left out."""
    tip_file(tmp_path, changed(**change))
    found, _ = linted(tmp_path, world)
    assert [one.rule for one in found] == ["schema"]
    assert words in found[0].message


def test_all_problems_of_all_files_in_one_run(tmp_path: Path, world: Context) -> None:
    """Faults of several files, and several faults of one file, are told together."""
    tip_file(tmp_path, changed(title="Count {kode} and {mew} over the day"))
    tip_file(tmp_path, changed(id="second-tip", kind="advice"), "second-tip")
    tip_file(tmp_path, "id: [", "third-tip")
    found, _ = linted(tmp_path, world)
    assert {(one.rule, one.file.rpartition("/")[2]) for one in found} == {("unknown-placeholder", "good-tip.yml"), ("schema", "second-tip.yml"), ("yaml", "third-tip.yml")}
    assert len([one for one in found if one.rule == "unknown-placeholder"]) == 2


def test_with_the_sample_alone_an_unknown_code_is_a_remark(tmp_path: Path, world: Context) -> None:
    """Where only the sample is at hand a code outside it fails nothing; a deleted one is an error everywhere."""
    tip_file(tmp_path, changed(where={"codes": ["97761", "27130"]}, do="Not 97762: add the minutes of every timed service of the day before you choose units."))
    found, _ = linted(tmp_path, replace(world, whole=False))
    assert {(one.level, one.rule) for one in found} == {("note", "unknown-code"), ("error", "unknown-code")}


EXPECTED = {
    "limb-discipline-letters": {"typed-number"},
    "limb-name-the-device": {"typed-number", "unsourced-authority"},
    "limb-later-sessions": {"unknown-code", "once-against-units", "typed-number"},
    "limb-soon-after-fitting": {"typed-number"},
    "limb-diagnosis-codes": {"typed-number"},
    "limb-ask-the-prosthetist": {"typed-number"},
    "limb-days-of-the-manual": {"number-without-source"},
}


def test_the_false_tips_are_refused(world: Context) -> None:
    """Tips that claim what the page claimed from which this project started: each is refused, for the right reason; days are not the minutes of the section."""
    found, _ = linted(REFUSED, world)
    assert all(one.level == "error" for one in found)
    by_tip: dict[str, set[str]] = {}
    for one in found:
        by_tip.setdefault(one.file.rpartition("/")[2].removesuffix(".yml"), set()).add(one.rule)
    assert by_tip == EXPECTED
    said = "\n".join(map(str, found))
    for words in (
        "'$40.43' is typed",
        "'30' is typed",
        "'40%' is typed",
        "97762: deleted 2018-01-01, see 97763",
        "the unit limit of 97761 is 6 a day",
        "'sixty' is typed",
        "'twenty percent' is typed",
        "'thirty' is 30 days here, but in cpm5 20.2 it is 30 minutes",
        "'sixty' is 60 days here, but in cpm5 20.2 it is 60 minutes",
    ):
        assert words in said, (words, said)


def test_fix_writes_what_is_certain(tmp_path: Path, world: Context) -> None:
    """--fix fills in a hash and quotes a code, keeps every other byte, and then nothing is left to fix."""
    text = yaml.dump(changed(), default_style='"', sort_keys=False).replace('!!null "null"', "null").replace('"0123456789ab"', '""  # to be filled in').replace('"RVU26C"', "RVU26C")
    path = tip_file(tmp_path, "# a remark that stays\n" + text)
    _, fixes = linted(tmp_path, world)
    mine = [replace(one, file=path.name) for one in fixes]
    assert fixing.apply(mine, tmp_path) == [path.name]
    after = path.read_text(encoding="utf-8")
    assert after == ("# a remark that stays\n" + text).replace('""  # to', '"0123456789ab"  # to')
    assert linted(tmp_path, world) == ([], [])


def test_fix_quotes_codes_and_days(tmp_path: Path, world: Context) -> None:
    """A code and days without quotes are told, --fix puts them in quotes, in the place where each stands, and then nothing is left."""
    text = yaml.dump(changed(), default_style='"', sort_keys=False).replace('!!null "null"', "null")
    bare = text.replace('"97761"', "97761").replace('"2026-11-01"', "2026-11-01").replace('"2027-11-01"', "2027-11-01  # a year")
    path = tip_file(tmp_path, bare)
    found, fixes = linted(tmp_path, world)
    assert sorted(one.message.partition(" ")[0] for one in found if one.rule == "unquoted") == ["2026-11-01", "2027-11-01", "97761"]
    assert fixing.apply([replace(one, file=path.name) for one in fixes], tmp_path) == [path.name]
    assert path.read_text(encoding="utf-8") == text.replace('"2027-11-01"', '"2027-11-01"  # a year')
    assert linted(tmp_path, world) == ([], [])


def test_no_fix_writes_another_revision(tmp_path: Path, world: Context) -> None:
    """A revised section must be read again by somebody: the finding says so, and --fix leaves the old revision."""
    tip_file(tmp_path, changed(sources=[{**SOURCE, "revision": "Rev. 11000"}]))
    found, fixes = linted(tmp_path, world)
    assert fixes == []
    assert [(one.rule, one.try_) for one in found] == [("other-revision", "read the section as it is in Rev. 11129; then revision: Rev. 11129, and today's date under verified")]


def test_fix_adds_a_missing_hash(tmp_path: Path) -> None:
    """A hash that is not there at all is put behind the other keys, in either layout."""
    flow, block = tmp_path / "flow.yml", tmp_path / "block.yml"
    flow.write_text('sources:\n  - {document: cpm5, section: "20.2"}\nend: 1\n', encoding="utf-8")
    block.write_text('sources:\n  - document: cpm5\n    section: "20.2"\nend: 1\n', encoding="utf-8")
    wanted = [fixing.Fix(name, ("sources", 0, "hash"), "0123456789ab") for name in ("flow.yml", "block.yml")]
    assert fixing.apply(wanted, tmp_path) == ["block.yml", "flow.yml"]
    assert flow.read_text(encoding="utf-8") == 'sources:\n  - {document: cpm5, section: "20.2", hash: "0123456789ab"}\nend: 1\n'
    assert block.read_text(encoding="utf-8") == 'sources:\n  - document: cpm5\n    section: "20.2"\n    hash: "0123456789ab"\nend: 1\n'


def test_a_twin_is_told_to_whoever_touches_either_file() -> None:
    """With --changed a near-duplicate is told although it stands at the file that the branch left alone; other findings there are not."""
    twin = Finding("error", "content/tips/therapy-old.yml", 3, 5, "says nearly the same as billing-new", "", "near-duplicate")
    other = Finding("error", "content/tips/therapy-old.yml", 4, 5, "'fifteen' is typed", "", "typed-number")
    assert list(reporting.of_touched([twin, other], frozenset({"content/tips/billing-new.yml"}))) == [twin]
    assert list(reporting.of_touched([twin, other], None)) == [twin, other]


def test_findings_become_annotations_of_github() -> None:
    """Findings become GitHub's workflow commands, with line ends and signs as its runner reads them."""
    one = Finding("error", "content/tips/a-b.yml", 3, 7, "50% is typed", "use {mue}", "typed-number")
    assert list(reporting.lines([one], "github")) == ["::error file=content/tips/a-b.yml,line=3,col=7,title=typed-number::50%25 is typed%0Atry: use {mue}"]


def test_an_error_is_not_lost_among_remarks_that_say_the_same() -> None:
    """A terminal shows the end of a check: errors stand there, and thousands of remarks alike are three and a number."""
    remarks = [Finding("note", f"content/codes/9/{code}.yml", 1, 1, f"{code} cannot be checked here", "import the newest full release") for code in range(90000, 95000)]
    other = Finding("note", "content/tips/billing-new.yml", 2, 1, "is due for review", "verify it")
    error = Finding("error", "site.yml", 3, 1, "'nonsense' is not a setting")
    warning = Finding("warning", "site.yml", 4, 1, "is the demonstration's")
    shown = list(reporting.gathered([error, warning, *remarks, other]))
    assert shown[:3] == remarks[:3]
    assert shown[3].message == "4,997 more remarks like these"
    assert shown[4:] == [other, warning, error]
    # As many as are listed anyway are listed, and nothing is counted.
    assert list(reporting.gathered([error, *remarks[:3]])) == [*remarks[:3], error]



# -- what is selected -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "holds", "lacks"),
    [
        ({"multiple": "5"}, ["97761", "97110"], ["99213", "27447"]),
        ({"ranges": [["97750", "97799"]]}, ["97761"], ["97110", "G0439"]),
        ({"global": ["010", "090"], "bilateral": "1"}, ["27447", "66984"], ["99213", "45385"]),
        ({"all": [{"multiple": "5"}, {"not": {"codes": ["97761"]}}]}, ["97110"], ["97761"]),
        ({"any": [{"codes": ["99213"]}, {"codes": ["27447"]}]}, ["99213", "27447"], ["97761"]),
        ({"mue": {"min": 6, "max": 6, "mai": "3"}}, ["97761"], ["27447"]),
        ({"parts": ["26", "TC"]}, ["71046"], ["99213"]),
        ({"amounts_differ": True}, ["99213", "20610"], ["97761", "27447", "71046"]),
        ({"na_office": True}, ["27447", "66984"], ["97761", "99213"]),
        ({"na_facility": True, "priced": True}, ["97761"], ["99213", "27447"]),
        ({"edits": {"column1": {"min": 1}}}, ["45385"], []),
    ],
)
def test_a_selector_takes_the_codes_with_its_values(where: dict[str, Any], holds: list[str], lacks: list[str], world: Context) -> None:
    """A selector takes the codes that CMS's files give these values, and no others."""
    found = world.selecting.codes(where)
    assert set(holds) <= found
    assert not set(lacks) & found


def test_sets_behave_as_sets(world: Context) -> None:
    """not, all and any are complement, intersection and union over all codes, whatever stands in them."""
    select: Selecting = world.selecting
    ones: list[dict[str, Any]] = [{"multiple": "5"}, {"status": ["A", "R"]}, {"priced": True}, {"mue": {"min": 2}}, {"ranges": [["90000", "99999"]]}]
    for one in ones:
        assert select.codes({"not": one}) == select.everything - select.codes(one)
        for other in ones:
            assert select.codes({"all": [one, other]}) == select.codes(one) & select.codes(other) == select.codes(one | other if one.keys() != other.keys() else {"all": [one, other]})
            assert select.codes({"any": [one, other]}) == select.codes(one) | select.codes(other)


def test_pointed_means_that_no_branch_goes_by_indicators_alone() -> None:
    """Chosen by code, range or family means that no branch selects by indicators alone; names in any depth are found."""
    assert pointed({"codes": ["97761"], "status": "A"})
    assert pointed({"all": [{"status": "A"}, {"ranges": [["1", "2"]]}]})
    assert not pointed({"any": [{"codes": ["97761"]}, {"status": "A"}]})
    assert not pointed({"not": {"codes": ["97761"]}})
    assert named_codes({"any": [{"codes": ["97761"]}, {"not": {"codes": ["99213"]}}]}) == [(("any", 0, "codes", 0), "97761"), (("any", 1, "not", "codes", 0), "99213")]


# -- what a page makes of it ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "name", "text"),
    [
        # RVU26C, factor 33.4009: 97761 has 1.21 RVU, 40.415 -> $40.42; a quarter of CMS's PFREV amounts says the same.
        ("97761", "amount.nonfacility", "$40.42"),
        # 20 percent of 40.42 is 8.084: Medicare 32.34, patient 8.08.
        ("97761", "patient.nonfacility", "$8.08"),
        ("97761", "mue", "6"),
        ("97761", "mai", "3"),
        ("27447", "global_days", "90"),
        # (19.11 + 11.58 + 4.02) x 33.4009 = 1159.3452; both sides x 150% = 1739.025, 1739.03; 54: x 0.79 = 915.8865.
        ("27447", "both_sides.facility", "$1,739.03"),
        ("27447", "surgery_only.facility", "$915.89"),
        ("27447", "post_percent", "21"),
        ("99213", "conversion_factor", "33.4009"),
        ("97761", "release", "RVU26C"),
        ("97761", "threshold.therapy_review", "$3,000"),
        ("97761", "percent.therapy_assistant", "85"),
        ("99213", "global_days", None),
        ("99213", "endo_base", None),
        ("45385", "endo_base", "45378"),
    ],
)
def test_a_placeholder_is_what_the_file_gives(code: str, name: str, text: str | None, world: Context) -> None:
    """A placeholder is what CMS's file or a sum by hand gives; a fact that the code does not have is none."""
    assert world.values(code).get(name) == text


def test_every_name_can_be_asked(world: Context) -> None:
    """Every name that the documentation lists has a text or none on every code of the sample; no other name is known."""
    for name in placeholders.names():
        for code in ("97761", "27447", "45385", "71046", "99213", "00100"):
            found = world.values(code).get(name)
            assert found is None or (found and "{" not in found), (name, code)
    assert not placeholders.is_known("amount")
    assert not placeholders.is_known("edit.1")
    assert placeholders.is_known("edit.97530")


def made(world: Context, folder: Path, today: str = TODAY) -> Tips:
    """Return what puts the tips of a folder on pages."""
    return Tips(tips.load(Findings(), folder), world.selecting, world.facts, "https://git.example/project", today)


def test_a_page_shows_figures_of_its_own(tmp_path: Path, world: Context) -> None:
    """A page shows its own figures, escapes them, and links to the tip's file and to a form with code and release filled in."""
    tip_file(tmp_path, changed(impact="Units without minutes are **taken back**: {amount.nonfacility} each, at most {mue}."))
    tip_file(tmp_path, changed(id="wider-tip", where={"multiple": "5"}, title="Later units"), "wider-tip")
    shown = made(world, tmp_path).on("97761")
    assert [one.head.record[0] for one in shown.first] == ["good-tip", "wider-tip"], "the nearer to the code first"
    first = shown.first[0]
    assert first.title == "Count minutes of 97761 over the day"
    assert first.impact == "Units without minutes are <strong>taken back</strong>: $40.42 each, at most 6."
    assert first.foot.record[4] == "https://git.example/project/edit/main/content/tips/good-tip.yml"
    assert "code=97761&release=RVU26C" in first.report_url
    assert shown.none is None
    assert made(world, tmp_path).on("99213").none == "No tip on 99213 yet."


def test_a_tip_due_for_review_says_so(tmp_path: Path, world: Context) -> None:
    """From the day after its review date on the page says that a tip must be verified, and is made anew for it."""
    tip_file(tmp_path, GOOD)
    before, after = (made(world, tmp_path, day) for day in ("2027-11-01", "2027-11-02"))
    assert before.on("97761").first[0].foot.record[3] is None
    assert after.on("97761").first[0].foot.record[3] == "Was to be verified again by November 1, 2027: check it before you rely on it."
    assert before.digests("97761") != after.digests("97761")


def test_what_was_chosen_is_remembered_for_the_same_facts_alone(tmp_path: Path, world: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a selector chose is read back as it was, and only for the same tables and program; a damaged file is as none, and a new selector is worked out."""
    monkeypatch.setattr(choosing, "CHOSEN", tmp_path / ".build" / "chosen")
    sample = snapshot.read(ROOT / "cms_data" / "sample")
    wheres = [tip.where for tip in library.load(Findings()).tips]

    def selecting() -> Selecting:
        return Selecting(world.rows, sample, world.edits, world.facts.factor, choosing.load(sample))

    first = selecting()
    found = [first.codes(one) for one in wheres]
    assert not first.before
    choosing.keep(sample, first)
    second = selecting()
    assert second.before == first.chosen
    assert [second.codes(one) for one in wheres] == found
    (file,) = (tmp_path / ".build").iterdir()
    held = file.stat()
    choosing.keep(sample, second)
    assert file.stat().st_ino == held.st_ino, "nothing was new"
    assert second.codes({"codes": ["97761"], "not": {"codes": ["97761"]}}) == frozenset()
    choosing.keep(sample, second)
    assert len(choosing.load(sample)) == len(first.chosen) + 1

    other = tmp_path / "sample"
    shutil.copytree(sample.folder, other)
    meta = other / snapshot.META
    meta.write_text(meta.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert choosing.load(snapshot.read(other)) == {}
    for damaged in ("", "{", "[]", '{"made_from": 1}', file.read_text(encoding="utf-8")[:-9]):
        file.write_text(damaged, encoding="utf-8")
        assert choosing.load(sample) == {}


def test_a_tip_out_of_its_dates_stands_nowhere(tmp_path: Path, world: Context) -> None:
    """A tip that ended before the release, or begins after it, is on no page."""
    tip_file(tmp_path, changed(effective={"from": None, "to": "2026-06-30"}))
    tip_file(tmp_path, changed(id="later-tip", effective={"from": "2026-10-01", "to": None}), "later-tip")
    assert made(world, tmp_path).on("97761").first == ()


HOSTILE = [
    "<script>alert(1)</script>",
    "[a](javascript:alert(1))",
    "![a](https://evil.example/a.png)",
    '<img src=x onerror="a()">',
    "[a](data:text/html,b)",
    "<a href=//evil.example>a</a>",
    "```\n<b>\n```",
]
"""Markdown that must not become anything that acts."""


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_a_tip_can_act_on_a_page(text: str) -> None:
    """Even what the linter would refuse makes no script, picture, handler or unsafe address on a page."""
    shown = html(text)
    for bad in ("<script", "<img", "onerror=", 'href="javascript', 'href="data', 'href="//', "<pre"):
        assert bad not in shown


def test_placeholders_survive_markdown() -> None:
    """Names with underscores and dots come through Markdown as they were typed."""
    text = " ".join(f"{{{name}}}" for name in placeholders.names())
    assert html(text) == f"<p>{text}</p>"


# -- the content itself ---------------------------------------------------------------------------------------------------


def test_schema_is_the_models() -> None:
    """schema/tip.schema.json is what the loader checks with."""
    import json

    from medpayiq.content.tip_schema import TIP

    assert json.loads((ROOT / "schema" / "tip.schema.json").read_text(encoding="utf-8")) == TIP


def test_many_tips_are_folded(tmp_path: Path, world: Context) -> None:
    """Six tips stand in the open, those on the fewest codes; the others are counted and folded."""
    for number in range(8):
        tip_file(tmp_path, changed(id=f"tip-{number}", where={"codes": ["97761", "97110"][: 1 + number % 2]}), f"tip-{number}")
    shown = made(world, tmp_path).on("97761")
    assert [one.head.record[0] for one in shown.first] == ["tip-0", "tip-2", "tip-4", "tip-6", "tip-1", "tip-3"]
    assert [one.head.record[0] for one in shown.more] == ["tip-5", "tip-7"]
    assert shown.more_label == "2 more tips"


def test_a_tip_is_left_out_where_its_figure_is_missing(tmp_path: Path, world: Context) -> None:
    """A page without a fact that a tip's text needs does not show the tip, rather than a gap in it."""
    tip_file(tmp_path, changed(impact="A later unit is paid at {endo_difference}, which nobody expects."))
    assert made(world, tmp_path).on("97761").first == ()


def test_without_edits_nobody_is_told_that_nothing_is_selected(tmp_path: Path, world: Context) -> None:
    """A full release that came without edits and unit limits cannot tell which codes they select, and says nothing about it."""
    from medpayiq.edits import Edits

    bare = Edits(replace(snapshot.read(ROOT / "cms_data" / "sample"), meta=replace(world.facts.meta, editions={})))
    tip_file(tmp_path, changed(where={"edits": {"column1": {"min": "1"}}, "mue": {"min": "1"}}, impact="Units that the minutes do not carry are taken back from you."))
    selecting = Selecting(world.rows, snapshot.read(ROOT / "cms_data" / "sample"), bare, world.facts.factor)
    found, _ = linted(tmp_path, replace(world, edits=bare, selecting=selecting, facts=replace(world.facts, edits=bare)))
    assert found == []


def test_no_page_drowns_in_tips(tmp_path: Path, world: Context) -> None:
    """A page has at most 24 tips: of more, those on the fewest codes."""
    for number in range(26):
        tip_file(tmp_path, changed(id=f"tip-{number:02}", where={"codes": ["97761", "97110"]} if number < 2 else {"codes": ["97761"]}), f"tip-{number:02}")
    shown = made(world, tmp_path).on("97761")
    assert [one.head.record[0] for one in (*shown.first, *shown.more)] == [f"tip-{number:02}" for number in range(2, 26)]
