"""The rule book that both engines read: dated, whole, in accord with CMS's files and the payment specification."""

from __future__ import annotations

import csv
import json
import re
from typing import Any

import facts
import pytest
import yaml
from importing import Imported
from machine import CMS, ROOT

from medpayiq import rules
from medpayiq.cms.records import Service
from medpayiq.findings import Failed
from medpayiq.rulebook import FIELDS, packed, rulebook

DAYS = ["2020-10-01", "2021-10-01", "2022-10-01", "2023-10-01", "2024-01-01", "2024-07-01", "2025-10-01", "2026-04-01", "2026-07-01"]
"""First days of the releases at hand."""
FACILITY = {"02", "19", "21", "22", "23", "24", "26", "31", "34", "41", "42", "51", "52", "53", "56", "61"}
UNUSED = {"05", "06", "07", "08", "18", "66"}
NONFACILITY = {"01", "03", "04", "09", "10", "11", "12", "13", "14", "15", "16", "17", "20", "25", "27", "32", "33", "49", "50", "54", "55", "57", "58", "60", "62", "65", "71", "72", "81", "99"}
"""Payment specification, section 1.3."""


def test_a_rule_book_for_every_release_is_whole() -> None:
    """On the first day of each release every name that a table uses is there, and the book is text, whole numbers, lists and names alone."""
    for day in DAYS:
        book = rulebook(day)
        assert json.loads(json.dumps(book)) == book
        for kind in ("refusals", "conditions", "notes"):
            for name, one in book[kind].items():
                assert set(re.findall(r"\{(\w+)\}", one["say"])) <= {"code", "modifier", "other", "line"}, (kind, name)


def test_places_have_the_specified_rate() -> None:
    """Every place of service has the rate of the payment specification, and no number beyond those is known."""
    places = rulebook("2026-07-01")["places"]
    by_setting: dict[str, set[str]] = {}
    for number, one in places.items():
        by_setting.setdefault(one["setting"], set()).add(number)
        assert 3 <= len(one["name"]) <= 50
    assert by_setting == {"facility": FACILITY, "nonfacility": NONFACILITY, "unused": UNUSED}


def test_secondary_list_of_places_differs_only_where_the_specification_decides(needs_shared: Any) -> None:
    """The secondary list of places agrees on every place in use; it knows a rate for some that Medicare does not use."""
    places = rulebook("2026-07-01")["places"]
    with (CMS / "pos" / "pos_codes.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            number = row["pos"].zfill(2)
            if number in places and places[number]["setting"] != "unused":
                assert row["setting"].lower().replace("-", "") == places[number]["setting"], number


def test_modifiers_of_the_specification_are_known() -> None:
    """Each modifier that the payment specification lists is in the table, those that move money as such (section 14)."""
    book = rulebook("2026-07-01")
    moves = ["22", "26", "50", "52", "53", "54", "55", "56", "62", "66", "78", "80", "81", "82", "TC", "AS", "CQ", "CO", "FX", "FY", "CT", "AA", "AD", "QK", "QX", "QY", "QZ", "PT"]
    informs = ["24", "25", "57", "58", "59", "79", "XE", "XS", "XP", "XU", "51", "76", "77", "91", "27", "RT", "LT", "GN", "GO", "GP", "KX", "GC", "FS", "AQ", "GT", "95", "93", "GE", "AI", "SA", "Q5", "Q6", "GA", "GX", "33", "JZ", "JW", "QS", "G8", "G9", "23", "47", "63", "99", "P1", "P6", "32", "90", "AT", "ET", "FT"]
    moves += ["UN", "UP", "UQ", "UR", "US"]  # a trip to several patients is divided among them (chapter 13, section 90.3)
    for names, effect in ((moves, "changes"), (informs, "none")):
        assert [name for name in names if book["modifiers"].get(name, {}).get("effect") != effect] == []
    sites = ["E1", "E2", "E3", "E4", "FA", "F1", "F9", "TA", "T1", "T9", "LC", "LD", "LM", "RC", "RI"]
    assert set(sites) <= set(book["anatomic"]["codes"])


def test_a_modifier_before_its_day_is_late() -> None:
    """FT, for critical care beside a surgery, is known in 2021 and not yet in use; from 2022 on it is (chapter 12, section 30.6.12.7)."""
    assert rulebook("2021-10-01")["modifiers"]["FT"]["late"] is True
    assert "late" not in rulebook("2022-10-01")["modifiers"]["FT"]


def test_every_entry_says_where_it_is_written_or_that_it_is_not_verified() -> None:
    """An entry without a source in a federal text is marked as not verified; one with the mark 'reads' names its source."""
    seen = 0
    for table in ("modifiers", "practitioners", "steps", "lists", "thresholds", "answers"):
        for where, one in _entries(table, yaml.safe_load((ROOT / "rules" / f"{table}.yml").read_text(encoding="utf-8"))):
            seen += 1
            assert one["checked"] in {"reads", "secondary", "derived"}, where
            assert one["checked"] != "reads" or one["sources"] or where.endswith("TYPICAL"), where
    assert seen > 150


def _entries(where: str, value: Any) -> list[tuple[str, dict[str, Any]]]:
    if isinstance(value, list):
        return [found for one in value for found in _entries(where, one)]
    if not isinstance(value, dict):
        return []
    own = [(where, value)] if "checked" in value else []
    return own + [found for key, one in value.items() for found in _entries(f"{where} {key}", one)]


def test_whole_tests_are_the_sum_of_their_parts(imported: Imported, snapshots_of_history: dict[str, Imported]) -> None:
    """In every release at hand the RVUs of a whole test are those of its parts together, and all PC/TC 4 codes ranked as heart tests are listed."""
    whole = rulebook("2026-07-01")["whole_tests"]
    for one in [imported, *snapshots_of_history.values()]:
        rows = {row.code: row for row in one.snapshot.services if not row.modifier}
        assert {row.code for row in rows.values() if row.pctc == "4" and row.mult == "6" and row.status == "A"} <= whole.keys()
        for code, parts in whole.items():
            if code not in rows or rows[code].status != "A":
                continue  # the MAC priced some of them in 2021 and 2022
            numbers = [_rvus(rows[part]) for part in [*parts["professional"], *parts["technical"]]]
            assert _rvus(rows[code]) == tuple(map(sum, zip(*numbers, strict=True))), (one.snapshot.meta.release, code)
            assert {rows[part].pctc for part in parts["professional"]} == {"2"}
            assert {rows[part].pctc for part in parts["technical"]} == {"3"}


def _rvus(row: Service) -> tuple[int, int, int]:
    return row.work, row.pe_nonfacility, row.mp


def test_x_ray_list_holds_cms_x_rays_and_no_scan(needs_shared: Any) -> None:
    """Every two-part code that CMS classes as standard X-ray, densitometry and reconstruction aside, is in the list for FX and FY; no CT, MR or ultrasound is."""
    ranges = rulebook("2026-07-01")["lists"]["x_ray"]
    held = {code for code, by in facts.by_code().items() if by.get("") and by[""].pctc == "1" and any(one[0] <= code <= one[-1] for one in ranges)}
    kinds: dict[str, str] = {}
    with (CMS / "rbcs" / "RBCS_RY2023.csv").open(encoding="latin-1", newline="") as file:
        for row in csv.DictReader(file):
            kinds[row["HCPCS_Cd"]] = row["RBCS_Subcat_Desc"]
    scans = {code for code in held if kinds.get(code) in {"CT Scan", "Magnetic Resonance", "Ultrasound"}}
    # Injections for myelography and discography are imaged with X-rays, whatever CMS's class says.
    assert scans <= {"72240", "72255", "72265", "72270", "72285", "72295"}
    x_rays = {code for code, by in facts.by_code().items() if kinds.get(code) == "Standard X-ray" and by.get("") and by[""].pctc == "1" and "70010" <= code <= "77077"}
    assert x_rays - held <= {"76377", "76496", "76499", "76977", "77061", "77062", "77063", "77080", "77081", "77085", "77086"} | {code for code in x_rays if "75898" < code < "76000"}


def test_ct_list_is_the_manuals(needs_shared: Any) -> None:
    """The ranges for the CT cut are those that chapter 13, section 20.2.4 names."""
    manual = (CMS.parent / "sources" / "clm104c13.txt").read_text(encoding="utf-8")
    section = manual[manual.rindex("20.2.4") : manual.rindex("20.2.5")] if manual.rindex("20.2.4") < manual.rindex("20.2.5") else manual
    named = {(low, high) for low, high in re.findall(r"(\d{5})\s*[-\u2013]\s*(\d{5})", section)}
    assert {(one[0], one[-1]) for one in rulebook("2026-07-01")["lists"]["ct"]} == named


def test_therapy_lists_are_the_manuals_chart(needs_shared: Any) -> None:
    """Which discipline may not have a code is the chart of chapter 5, section 20.2.D: 0 units; beside it the NCCI manual (XI.H) keeps four codes from speech."""
    manual = (CMS.parent / "sources" / "clm104c05.txt").read_text(encoding="utf-8")
    chart = manual[manual.rindex("D. Specific Limits for HCPCS") :].partition("Determining What Time Counts")[0]
    units = {code: (pt, ot, slp) for code, pt, ot, slp in re.findall(r"^ *(\d{5}|G\d{4}) .* (\d)  +(\d)  +(\d)  +(?:\d|NA) *$", chart, re.MULTILINE)}
    lists = {name: {code for code in units if any(one[0] <= code <= one[-1] for one in ranges)} for name, ranges in rulebook("2026-07-01")["lists"].items()}
    for name, allowed in (("evaluation_pt", ("1", "0", "0")), ("evaluation_ot", ("0", "1", "0")), ("evaluation_slp", ("0", "0", "1"))):
        assert lists[name] == {code for code, one in units.items() if one == allowed}, name
    assert lists["not_speech"] == {code for code, one in units.items() if one == ("1", "1", "0")}
    assert lists["not_physical"] == {code for code, one in units.items() if one == ("0", "1", "1")}
    assert [code for code in ("97110", "97112", "97150", "97530") if [code] not in rulebook("2026-07-01")["lists"]["not_speech"]] == []
    assert len(units) > 15


def test_surgical_pairs_are_the_manuals(needs_shared: Any) -> None:
    """The pairs that must stay possible on one line are those of two modifiers that chapter 12, section 40.9 lists, each of them."""
    manual = (CMS.parent / "sources" / "clm104c12.txt").read_text(encoding="utf-8")
    section = manual[manual.rindex("40.9 - Procedures Billed") : manual.rindex("\n50 - Payment for Anesthesiology")]
    lines = [re.findall(r"[(][\u201c\"]-?(\d\d)[\u201d\"][)]", line) for line in section.splitlines() if "\u2022" in line]
    assert rules.read("modifiers")["surgical_pairs"] == [one for one in lines if len(one) == 2]


def test_thresholds_are_those_of_the_year() -> None:
    """Deductible and therapy threshold are those of the specification for 2025 and 2026 (sections 11, 13)."""
    assert {name: rulebook("2025-10-01")["thresholds"].get(name) for name in ("deductible", "therapy_kx")} == {"deductible": "257.00", "therapy_kx": "2410.00"}
    assert {name: rulebook("2026-07-01")["thresholds"].get(name) for name in ("deductible", "therapy_kx")} == {"deductible": "283.00", "therapy_kx": "2480.00"}


def test_a_row_is_packed_in_the_order_of_its_fields(imported: Imported) -> None:
    """What a page carries of a row are its own values, in the order the book says."""
    row = next(one for one in imported.snapshot.services if one.code == "97761")
    assert dict(zip(FIELDS, packed(row), strict=True)) == {name: getattr(row, name) for name in FIELDS}


@pytest.mark.parametrize(
    ("keys", "said"),
    [({"answer": "nowhere"}, "no answer 'nowhere'"), ({"of": "npp", "others": "nowhere"}, "no answer 'nowhere'"), ({"of": "nobody"}, "no practitioner is 'nobody'")],
    ids=["answer", "others", "of"],
)
def test_a_name_that_is_not_there_is_told(keys: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A modifier that cites an answer or a kind of practitioner that nobody wrote fails when the book is made, by file and name."""
    real = rules.read

    def broken(name: str) -> Any:
        data = real(name)
        return data | {"modifiers": {"77": {"say": "x", "group": "report", "effect": "none", **keys, "sources": []}}} if name == "modifiers" else data

    monkeypatch.setattr(rules, "read", broken)
    with pytest.raises(Failed, match=rf"modifiers\.yml: 77: {said}"):
        rulebook.__wrapped__("2026-07-01")


@pytest.mark.parametrize("table", [{"refused": [{"among": ["26", "7C"], "answer": "both_parts"}]}, {"surgical_pairs": [["50", "7C"]]}], ids=["refused", "surgical_pairs"])
def test_a_pair_with_a_modifier_that_is_none_is_told(table: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt modifier in a list of pairs would let what it refuses pass in silence: the book is not made."""
    real = rules.read
    monkeypatch.setattr(rules, "read", lambda name: real(name) | table if name == "modifiers" else real(name))
    with pytest.raises(Failed, match=r"modifiers\.yml: refused, surgical_pairs: no modifier '7C'"):
        rulebook.__wrapped__("2026-07-01")
