"""The tips: what the linter refuses, with which words and where; what a page makes of a tip; the false tips this project began with."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from machine import ROOT

from medpayiq import linting, reporting
from medpayiq.cms import snapshot
from medpayiq.content import library, tips
from medpayiq.content.selecting import Selecting, named_codes, pointed
from medpayiq.content.sources import Cited
from medpayiq.findings import Finding, Findings
from medpayiq.lint import fixing, running
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


@dataclass(frozen=True)
class Shelf:
    """Stands in for content/sources.yml: one section, which states 8 and 15 minutes."""

    def section(self, document: str, number: str, /) -> Cited | None:
        """Return it."""
        found = (document, number) == ("cpm5", "20.2")
        return Cited(document, number, "", "Rev. 11129", "0123456789ab", ("8", "15"), (1, 1)) if found else None


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
def test_rule(name: str, tmp_path: Path, world: Context) -> None:
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


def test_too_wide(tmp_path: Path, world: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tip on more pages than allowed is refused with their number: the sample has 413 codes."""
    from medpayiq.lint import code_rules

    monkeypatch.setattr(code_rules, "MOST", 100)
    tip_file(tmp_path, changed(where={"any": [{"priced": True}, {"priced": False}]}, title="Count minutes over the day", impact="Units that the minutes do not carry are taken back from you."))
    found, _ = linted(tmp_path, world)
    assert [one.message for one in found if one.rule == "too-wide"] == ["stands on 413 pages; at most 100 are allowed"]


def test_near_duplicate_and_same_id(tmp_path: Path, world: Context) -> None:
    """Two files that say the same are told at the later one, and an id that stands twice too."""
    tip_file(tmp_path, GOOD)
    tip_file(tmp_path, changed(id="later-tip"), "later-tip")
    tip_file(tmp_path, GOOD, "third-tip")
    found, _ = linted(tmp_path, world)
    assert {(one.rule, one.file.rpartition("/")[2]) for one in found} == {("near-duplicate", "later-tip.yml"), ("duplicate-id", "third-tip.yml"), ("file-name", "third-tip.yml")}


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
def test_shape(change: dict[str, Any], words: str, tmp_path: Path, world: Context) -> None:
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
}


def test_the_false_tips_are_refused(world: Context) -> None:
    """Six tips that claim what the page claimed from which this project started: each is refused, for the right reason."""
    found, _ = linted(REFUSED, world)
    assert all(one.level == "error" for one in found)
    by_tip: dict[str, set[str]] = {}
    for one in found:
        by_tip.setdefault(one.file.rpartition("/")[2].removesuffix(".yml"), set()).add(one.rule)
    assert by_tip == EXPECTED
    said = "\n".join(map(str, found))
    for words in (
        "'$40.43' is typed",
        "'30-40%' is typed" if "'30-40%'" in said else "'40%' is typed",
        "97762: deleted 2018-01-01, see 97763",
        "the unit limit of 97761 is 6 a day",
        "'sixty' is typed",
        "'twenty percent' is typed",
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


def test_annotations_of_github() -> None:
    """Findings become GitHub's workflow commands, with line ends and signs as its runner reads them."""
    one = Finding("error", "content/tips/a-b.yml", 3, 7, "50% is typed", "use {mue}", "typed-number")
    assert list(reporting.lines([one], "github")) == ["::error file=content/tips/a-b.yml,line=3,col=7,title=typed-number::50%25 is typed%0Atry: use {mue}"]


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
def test_where(where: dict[str, Any], holds: list[str], lacks: list[str], world: Context) -> None:
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


def test_pointed_and_named() -> None:
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
        # (19.11 + 11.58 + 4.02) x 33.4009 = 1159.3452; both sides x 150 % = 1739.025, 1739.03; 54: x 0.79 = 915.8865.
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
def test_placeholder(code: str, name: str, text: str | None, world: Context) -> None:
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
    return Tips(tips.load(Findings(), folder), world.selecting, world.source, "https://git.example/project", today)


def test_on_the_page(tmp_path: Path, world: Context) -> None:
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
    assert after.on("97761").first[0].foot.record[3] == "Was to be verified again by 2027-11-01: check it before you rely on it."
    assert before.digests("97761") != after.digests("97761")


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
def test_sanitised(text: str) -> None:
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

    bare = Edits(replace(snapshot.read(ROOT / "cms_data" / "sample"), meta=replace(world.source.meta, editions={})))
    tip_file(tmp_path, changed(where={"edits": {"column1": {"min": "1"}}, "mue": {"min": "1"}}, impact="Units that the minutes do not carry are taken back from you."))
    selecting = Selecting(world.rows, snapshot.read(ROOT / "cms_data" / "sample"), bare, world.source.factor)
    found, _ = linted(tmp_path, replace(world, edits=bare, selecting=selecting, source=replace(world.source, edits=bare)))
    assert found == []


def test_no_page_drowns_in_tips(tmp_path: Path, world: Context) -> None:
    """A page has at most 24 tips: of more, those on the fewest codes."""
    for number in range(26):
        tip_file(tmp_path, changed(id=f"tip-{number:02}", where={"codes": ["97761", "97110"]} if number < 2 else {"codes": ["97761"]}), f"tip-{number:02}")
    shown = made(world, tmp_path).on("97761")
    assert [one.head.record[0] for one in (*shown.first, *shown.more)] == [f"tip-{number:02}" for number in range(2, 26)]
