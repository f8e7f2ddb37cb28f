"""How far the tips reach on a full release: every priced code, and every field of medicine that the site serves."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import facts
import pytest
from machine import ROOT

from medpayiq import linting
from medpayiq.cms.importer import Imported
from medpayiq.content import library
from medpayiq.content.selecting import pointed
from medpayiq.content.tips import Tip
from medpayiq.findings import Findings
from medpayiq.lint.context import Context

FIELDS = {
    # Which codes make a field is read from CMS's file, not from the tips: row -> whether it belongs.
    "therapy": lambda row: row.mult == "5",
    "E/M": lambda row: "99202" <= row.code <= "99499" and row.code.isdigit(),
    "surgery": lambda row: row.glob in {"010", "090"},
    "imaging": lambda row: "70010" <= row.code <= "79999" and row.code.isdigit(),
    "endoscopy": lambda row: row.mult == "3" or row.endo_base != "",
    "anesthesia": lambda row: row.status == "J",
    "lab": lambda row: "80047" <= row.code <= "89398" and row.code.isdigit(),
    "preventive": lambda row: row.code in {"G0402", "G0438", "G0439", "G0101", "G0102", "G0104", "G0105", "G0121", "G0108", "G0109", "G0270", "G0296", "G0442", "G0444", "G0446", "G0447", "G0468", "99406", "99407", "97802", "97803", "77067"},
    "drug administration": lambda row: "96360" <= row.code <= "96549",
    "ophthalmology": lambda row: "65091" <= row.code <= "68899" or "92002" <= row.code <= "92499",
}


@pytest.fixture(scope="module")
def context(imported: Imported) -> Context:
    """Return the linter's view of all tips against RVU26C."""
    found = Findings()
    made = linting.context_of(library.load(found), imported.snapshot, whole=True, today="2026-11-29", findings=found)
    assert not found.items
    return made


@pytest.fixture(scope="module")
def tips_of(context: Context) -> dict[str, list[Tip]]:
    """Return code to the tips that stand on it."""
    made: dict[str, list[Tip]] = {}
    for tip in context.library.tips:
        for code in context.codes_of(tip):
            made.setdefault(code, []).append(tip)
    return made


def test_every_priced_code_has_three_tips_one_of_them_its_own(tips_of: dict[str, list[Tip]]) -> None:
    """Each code with an amount, anesthesia among them, has three tips or more, and one that was chosen by code, range or family."""
    priced = [code for code, rows in facts.by_code().items() if any(row.priced for row in rows.values()) or facts.main_row(rows).status == "J"]
    assert len(priced) > 7_000
    few = {code: len(tips_of.get(code, [])) for code in priced if len(tips_of.get(code, [])) < 3}
    assert not few
    assert not [code for code in priced if not any(pointed(tip.where) for tip in tips_of[code])]


def test_a_figure_and_its_noun_agree(context: Context) -> None:
    """On no page does a tip say "1 units" or "4 unit": what is counted is in the singular exactly where the page's figure is 1."""
    counted = re.compile(r"\{([\w.]+)\} (unit|edit|day|line)(s?)\b")
    wrong, asked = set(), 0
    for tip in context.library.tips:
        for name, noun, plural in {found for _, text in tip.texts() for found in counted.findall(text)}:
            figures = {context.values(code).get(name) for code in context.codes_of(tip)} - {None}
            asked += len(figures)
            wrong |= {f"{tip.id}: {figure} {noun}{plural}" for figure in figures if (figure == "1") == bool(plural)}
    assert not wrong
    assert asked > 30


def test_no_tip_stands_everywhere(context: Context) -> None:
    """What is general belongs to the rules part of the page: no tip stands on more than 3,000 codes, and there are 120 tips or more."""
    counts = {tip.id: len(context.codes_of(tip)) for tip in context.library.tips}
    assert len(counts) >= 120
    assert max(counts.values()) <= 3_000
    assert min(counts.values()) >= 1


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_has_eight_tips_of_its_own(field: str, context: Context) -> None:
    """Each field has eight tips or more of which at least half the codes are its own."""
    own = {code for code, rows in facts.by_code().items() if FIELDS[field](facts.main_row(rows))}
    assert own
    mine = [tip.id for tip in context.library.tips if (codes := context.codes_of(tip)) and len(codes & own) * 2 >= len(codes)]
    assert len(mine) >= 8, mine


def test_telehealth_has_eight_tips(context: Context) -> None:
    """CMS's list of telehealth services is not at hand, so this field is counted by what its tips are about."""
    assert sum("telehealth" in f"{tip.title} {tip.do}".lower() for tip in context.library.tips) >= 8


def test_a_note_for_every_common_code_and_every_code_a_tip_names(context: Context, needs_shared: Path) -> None:
    """Each code of the list of common ones has words of our own, and so has each code that a tip's text names."""
    listed = [line.split()[0] for line in (needs_shared / "spec" / "common-codes.txt").read_text(encoding="utf-8").splitlines() if line.strip() and not line.startswith("#")]
    notes = {path.stem for path in (ROOT / "content" / "codes").glob("*.yml")}
    assert len(listed) > 1_000
    assert not [code for code in listed if code not in notes]
    named = {match for tip in context.library.tips for _, text in tip.texts() for match in re.findall(r"\b(?:\d{5}|\d{4}[A-Z]|[A-Z]\d{4})\b", text)}
    assert not sorted(code for code in named & facts.by_code().keys() if code not in notes)


def test_sources_are_used(context: Context) -> None:
    """Tips of the kind rule rest on sections, and no single section carries most of them."""
    cited = Counter((one.document, one.section) for tip in context.library.tips if tip.evidence == "rule" for one in tip.sources)
    assert len(cited) >= 100
    assert max(cited.values()) * 4 < len(context.library.tips)
