"""Which codes a tip's ``where`` chooses, and on which days a tip stands: every set is read off eleven codes of a made-up release."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cms_files as mini
import pytest
from importing import Desk

from medpayiq import linting
from medpayiq.content import library
from medpayiq.content.tips import Tip
from medpayiq.findings import Findings
from medpayiq.lint.context import Context
from medpayiq.pages.tips import Tips, nearest_first

EVERYTHING = {"00100", "0042T", "27447", "45378", "45380", "70496", "97761", "99397", "D0120", "G0463", "J1100"}
"""The codes of ``mini.services``, where each one's cells are, and one of another numbering."""
PRICED = {"27447", "45378", "45380", "70496", "97761"}
EDITS = mini.ptp_txt("27447 45378 20160101 * 0 R", "27447 45380 20160101 * 1 R", "70496 27447 20160101 * 1 R", "97761 27447 20100101 20151231 1 R")
LIMITS = mini.mue_csv(("27447", "2", "2 Date of Service Edit: Policy", "R"), ("45378", "1", "2 Date of Service Edit: Policy", "R"), ("97761", "6", "3 Date of Service Edit: Clinical", "R"))
NCCI = {"ccipra-v322r0-f1.txt": EDITS, "MCR_MUE_PractitionerServices_Eff_07-01-2026.csv": LIMITS, "AOC_V2026Q3-MCR.csv": mini.aoc_csv(("1", "45380", "", "45378", "", "2013091", "", ""))}


@pytest.fixture
def world(desk: Desk) -> Context:
    """Return the release as the linter and pages ask it, without tips."""
    rows = sorted([*mini.services(), mini.service("0042T", status="C")], key=lambda row: (row["code"], row["modifier"]))
    made = desk.run(desk.put(mini.core(rows) | {mini.RBCS: mini.rbcs_csv()} | NCCI)).snapshot
    return linting.context_of(replace(library.load(Findings()), tips=()), made, whole=True, today="2026-08-15", findings=Findings())


def test_each_key_chooses_the_codes_with_its_value(world: Context) -> None:
    """The whole set of each key, not only some of it: indicators of the main row, rows, amounts, limits, edits in force by side and by modifier, classes, ranges with both ends."""
    expected: list[tuple[dict[str, Any], set[str]]] = [
        ({"status": "R"}, {"D0120"}),
        ({"status": ["A", "R"]}, PRICED | {"D0120"}),
        ({"status": "Q"}, set()),
        ({"global": "000"}, {"45378", "45380"}),
        ({"multiple": ["4", "5"]}, {"70496", "97761"}),
        ({"supervision": "02"}, set()),  # its TC row alone
        ({"endo_base": "45378"}, {"45380"}),
        ({"parts": ["53"]}, {"45378"}),
        ({"parts": ["26", "TC"]}, {"70496"}),
        ({"parts": ["26", "53"]}, set()),
        ({"priced": True}, PRICED),
        ({"priced": False}, EVERYTHING - PRICED),
        ({"priced_office": True}, PRICED),  # the office's NA is a remark
        ({"priced_facility": True}, PRICED - {"70496"}),  # a test is the hospital's there
        ({"amounts_differ": True}, {"45378", "45380"}),
        ({"na_office": True}, {"27447"}),
        ({"na_facility": True}, {"70496"}),
        ({"na_facility": False}, EVERYTHING - {"70496"}),
        ({"add_on": True}, {"45380"}),
        ({"mue": "none"}, EVERYTHING - {"27447", "45378", "97761"}),
        ({"mue": {"min": 2}}, {"27447", "97761"}),
        ({"mue": {"max": "2"}}, {"27447", "45378"}),
        ({"mue": {"min": "2", "max": "2"}}, {"27447"}),
        ({"mue": {"min": 1, "mai": "2"}}, {"27447", "45378"}),
        ({"mue": {"max": 5, "mai": "3"}}, set()),
        ({"edits": {"column1": {"min": 1}}}, {"27447", "70496"}),
        ({"edits": {"column1": {"min": 2}}}, {"27447"}),
        ({"edits": {"column1": {"max": "1"}}}, EVERYTHING - {"27447"}),
        ({"edits": {"column2": {"min": 1}}}, {"27447", "45378", "45380"}),
        ({"edits": {"bypass": {"min": 2, "max": 2}}}, {"27447"}),
        ({"edits": {"bypass": {"min": 1}}}, {"27447", "45380", "70496"}),
        ({"edits": {"no_bypass": {"min": 1}}}, {"27447", "45378"}),
        ({"edits": {"column1": {"min": 1}, "column2": {"min": 1}}}, {"27447"}),
        ({"categories": ["Imaging", "Treatment"]}, {"70496", "97761"}),
        ({"subcategories": ["Musculoskeletal"]}, {"27447"}),
        ({"families": ["Arthroplasty - Knee"]}, {"27447"}),
        ({"ranges": [["45378", "45380"]]}, {"45378", "45380"}),
        ({"ranges": [["45379", "70495"], ["97761", "97761"]]}, {"45380", "97761"}),
        ({"ranges": [["00000", "99999"]]}, {one for one in EVERYTHING if one.isdigit()}),
        ({"ranges": [["0001T", "0999T"]]}, {"0042T"}),
        ({"ranges": [["G0001", "G9999"]]}, {"G0463"}),
        ({"ranges": [["97799", "97010"]]}, set()),
        ({"codes": ["97761", "97999"]}, {"97761"}),
        ({"not": {"status": "A"}}, EVERYTHING - PRICED),
        ({"all": [{"global": "000"}, {"multiple": "3"}]}, {"45380"}),
        ({"any": [{"global": "000"}, {"multiple": "5"}]}, {"45378", "45380", "97761"}),
        ({"status": "A", "not": {"parts": ["26"]}, "na_office": False}, {"45378", "45380", "97761"}),
    ]
    for where, codes in expected:
        assert world.selecting.codes(where) == codes, where


def test_without_a_table_its_key_chooses_nothing(desk: Desk) -> None:
    """Where edits or limits are not at hand, nobody can say that a code has none of them."""
    made = desk.run(desk.put(mini.core())).snapshot
    bare = linting.context_of(library.load(Findings()), made, whole=True, today="2026-08-15", findings=Findings())
    for where in ({"mue": "none"}, {"mue": {"max": 5}}, {"edits": {"column1": {"max": 0}}}, {"add_on": True}, {"families": ["Arthroplasty - Knee"]}):
        assert bare.selecting.codes(where) == set(), where


def standing(world: Context, *tips: Tip) -> Tips:
    """Return what puts tips on the release's pages."""
    return Tips(tips, world.selecting, world.facts, "https://git.example/project", "2026-08-15")


@pytest.fixture(scope="module")
def one() -> Tip:
    """Return a tip of the project whose texts ask for no figure, to be given other codes and days."""
    return next(tip for tip in library.load(Findings()).tips if "{" not in tip.title + tip.do + tip.impact)


@pytest.mark.parametrize(
    ("first", "last", "stands"),
    [(None, None, True), (None, "2026-06-30", False), (None, "2026-07-01", True), ("2026-09-30", None, True), ("2026-10-01", None, False), ("2026-08-01", "2026-08-31", True)],
)
def test_a_tip_stands_while_one_of_its_days_is_the_release_s(first: str | None, last: str | None, stands: bool, one: Tip, world: Context) -> None:
    """RVU26C answers from July 1 to September 30: its first and its last day count."""
    tip = replace(one, where={"codes": ["97761"]}, effective_from=first, effective_to=last)
    assert bool(standing(world, tip).on("97761").first) is stands


def test_the_tip_on_the_fewest_codes_comes_first(one: Tip, world: Context) -> None:
    """Then by id; a page and the live server, which puts them in order code by code, agree."""
    wheres = {"wide": {"status": "A"}, "pair-b": {"codes": ["97761", "27447"]}, "pair-a": {"codes": ["97761", "45378"]}, "own": {"codes": ["97761"]}, "other": {"codes": ["27447"]}}
    made = standing(world, *(replace(one, id=name, where=where) for name, where in wheres.items()))
    shown = made.on("97761")
    assert [tip.head.record[0] for tip in shown.first] == ["own", "pair-a", "pair-b", "wide"]
    assert [compiled.codes for compiled in made.by_code["97761"]] == [1, 2, 2, 5]
    assert [compiled.tip.id for compiled in nearest_first(reversed(made.by_code["97761"]))] == ["own", "pair-a", "pair-b", "wide"]


def test_a_title_without_figures_and_with_two(one: Tip, world: Context) -> None:
    """A title stands as it was written, with each figure of the code in its place."""
    tips = replace(one, title="Count the units"), replace(one, id="z", title="Of {code}: {mue} units, not more than {mue}")
    made = standing(world, *(replace(tip, where={"codes": ["97761"]}) for tip in tips))
    assert {tip.title for tip in made.on("97761").first} == {"Count the units", "Of 97761: 6 units, not more than 6"}


def test_coverage_counts_three_tips_of_which_one_is_the_code_s_own(one: Tip, world: Context) -> None:
    """97761 has three, one by code; 27447 three by indicators alone; 45378 two; 00100 none: by range, code or family is what counts as its own."""
    wheres: dict[str, dict[str, Any]] = {"a": {"status": "A"}, "b": {"priced": True}, "c": {"codes": ["97761"]}, "d": {"global": "090"}}
    made = standing(world, *(replace(one, id=name, where=where) for name, where in wheres.items()))
    assert made.coverage(["00100", "27447", "45378", "97761"]) == (1, 3, ["00100", "27447", "45378"])
