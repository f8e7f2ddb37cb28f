"""rules/ncci.yml: the words for edits, unit limits, add-on codes and the claim desk are whole, and say what CMS's texts and files say."""

from __future__ import annotations

import csv
import itertools
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import facts
import pytest
import yaml
from machine import CMS, ROOT, SHARED

from medpayiq import rules
from medpayiq.pages.bundling import chapter_of

TABLE: dict[str, Any] = yaml.safe_load((ROOT / "rules" / "ncci.yml").read_text(encoding="utf-8"))
BYPASS: dict[str, list[str]] = TABLE["bypass"]
FINDINGS: dict[str, dict[str, Any]] = TABLE["findings"]
DESK = ROOT / "assets" / "js" / "claim" / "check.js"
LOOKS = DESK.with_name("looks.js")
PLACEHOLDERS = {"code", "codes", "other", "line", "lines", "modifier", "modifiers", "units", "limit", "set", "quarter", "day", "primaries", "what"}
NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII")
RATIONALE, LIMIT_REASON = 6, 3
"""Columns of an edit file and of a unit limit file, from 0."""
LONGEST_SAY, LONGEST_DO = 160, 200
"""Characters of a finding: it is read in a list of findings, on a phone."""


def chapter_text(numeral: str) -> str:
    """Return a chapter of the NCCI Policy Manual."""
    return (SHARED / "sources" / f"ncci-pm-2026-ch{NUMERALS.index(numeral) + 1:02d}.txt").read_text(encoding="utf-8")


def spread(listed: str) -> list[str]:
    """Return the modifiers of a manual's list: ``E1-E4, FA`` is E1, E2, E3, E4, FA."""
    made: list[str] = []
    for part in re.split(r"[,\s]+", listed.strip()):
        first, _, last = part.partition("-")
        made += [f"{first[0]}{number}" for number in range(int(first[1]), int(last[1]) + 1)] if last else [part]
    return made


def associated(text: str) -> dict[str, list[str]]:
    """Return the modifiers that a text names as associated with NCCI edits, by kind."""
    heads = {"anatomic": "Anatomic modifiers", "global": "Global surgery modifiers", "other": "Other modifiers"}
    found = {kind: re.search(rf"{head} ?: +([A-Z0-9, -]+)$", text, re.MULTILINE) for kind, head in heads.items()}
    return {kind: sorted(spread(one[1])) for kind, one in found.items() if one}


def sentences(data: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """Yield every sentence of the table, with where it stands."""
    if isinstance(data, dict):
        for key, one in data.items():
            if isinstance(one, str) and key not in {"severity", "checked", "from", "first", "last", "chapter", "section", "title", "label"}:
                yield f"{where} {key}".strip(), one
            elif key != "sources":
                yield from sentences(one, f"{where} {key}".strip())
    elif isinstance(data, list):
        for one in data:
            yield from sentences(one, where)


def cited(data: Any) -> Iterator[str]:
    """Yield every source that the table names."""
    if isinstance(data, dict):
        for key, one in data.items():
            yield from one if key == "sources" else cited(one)
    elif isinstance(data, list):
        for one in data:
            yield from cited(one)


def holding(code: str) -> list[dict[str, Any]]:
    """Return the ranges that hold a code, the narrowest first: a letter at the end of a code says which kind of code it is."""
    kind = code[-1:] if code[-1:].isalpha() else ""
    found = [one for one in TABLE["chapters"] if (one["first"][-1:] if one["first"][-1:].isalpha() else "") == kind and one["first"] <= code <= one["last"]]
    return sorted(found, key=lambda one: int(one["last"], 36) - int(one["first"], 36))


def test_the_bypass_modifiers_are_those_of_the_manuals(needs_shared: Path) -> None:
    """The closed list is that of chapter 23, section 20.9.1.1, and of the NCCI Policy Manual, chapter I, section E: every modifier, none besides."""
    text = (SHARED / "sources" / "clm104c23-rev13610.txt").read_text(encoding="utf-8")
    instructions = re.split(r"^20\.9\.1\.1 - |^20\.9\.2 - ", text, flags=re.MULTILINE)[-2]
    for listed in (associated(instructions), associated(chapter_text("I"))):
        assert listed == {kind: sorted(BYPASS[kind]) for kind in ("anatomic", "global", "other")}


def test_modifiers_on_visits_follow_the_manuals() -> None:
    """24, 25 and 57 count on visits alone (chapter 12, sections 30.6.6, 40.2); 59 and XE, XS, XP, XU on no visit and not on 77427 (chapter 23, 20.9.1.1.B)."""
    assert sorted(BYPASS["only_on_visits"]) == ["24", "25", "57"]
    assert sorted(BYPASS["never_on_visits"]) == ["59", "XE", "XP", "XS", "XU"]
    assert BYPASS["never_on"] == [["77427"]]


def test_every_bypass_modifier_has_its_words() -> None:
    """Each modifier of the list has one entry, sites of the body one for all, and XE, XS, XP and XU stand before 59, as the manual prefers them."""
    assert sorted(TABLE["modifiers"]) == sorted(["anatomic", "FT", *BYPASS["global"], *BYPASS["other"]])
    order = list(TABLE["modifiers"])
    assert max(order.index(one) for one in ("XE", "XS", "XP", "XU")) < order.index("59")
    for name, one in TABLE["modifiers"].items():
        assert all(one[word] for word in ("fits", "record", "sources")), name
        assert one["checked"] in {"reads", "secondary"}, name


def test_every_bypass_modifier_is_known_to_the_calculator() -> None:
    """A modifier that may bypass an edit is one that a claim line takes: rules/modifiers.yml has it."""
    known = yaml.safe_load((ROOT / "rules" / "modifiers.yml").read_text(encoding="utf-8"))
    names = {*known["modifiers"], *known["anatomic"]["codes"]}
    assert {one for kind in ("anatomic", "global", "other") for one in BYPASS[kind]} <= names


def test_every_mark_of_an_edit_limit_or_add_on_has_its_words(needs_shared: Path) -> None:
    """Modifier indicators 0, 1 and 9, adjudication indicators and add-on types, as CMS's files have them, each say what they mean and what to do."""
    assert sorted(TABLE["indicators"]) == ["0", "1", "9"]
    assert sorted(TABLE["mai"]) == ["1", "2", "3", "none", "zero"]
    assert sorted(TABLE["add_on"]) == ["1", "2", "3", "contractor"]
    with (CMS / "mue" / "MCR_MUE_PractitionerServices_Eff_04-01-2026.csv").open(encoding="latin-1", newline="") as file:
        assert {row[2][0] for row in list(csv.reader(file))[2:]} == {"1", "2", "3"}
    with (CMS / "aoc" / "AOC_V2026Q2-MCR.csv").open(encoding="latin-1", newline="") as file:
        assert {row["AOC_Edit_Type"] for row in csv.DictReader(file)} == {"1", "2", "3"}
    for part, words in (("indicators", ("label", "say", "do")), ("mai", ("label", "say")), ("add_on", ("label", "say", "do"))):
        for name, one in TABLE[part].items():
            assert all(one[word] for word in (*words, "sources")), (part, name)
            assert one["checked"] in {"reads", "secondary"}, (part, name)
    for name in "123":
        assert all(TABLE["mai"][name][word] for word in ("over", "appeal")), name


def test_every_rationale_of_an_edit_has_its_words(needs_shared: Path) -> None:
    """Each label in column 7 of the edit sets at hand, character by character, says what it means; a source without labels says so."""
    labels: set[str] = set()
    for name in ("ptp-practitioner-2024q3-v302r0.zip", "ptp-practitioner-2026q3-v322r0.zip"):
        with zipfile.ZipFile(CMS / "ncci" / name) as archive:
            for part in archive.namelist():
                labels |= {row.split("\t")[RATIONALE].strip() for row in archive.read(part).decode("latin-1").splitlines()[6:]}
    excerpt = (CMS / "ncci" / "ccipra-v322r0-f1.excerpt.txt").read_text(encoding="latin-1").splitlines()[6:]
    labels |= {row.split("\t")[RATIONALE].strip() for row in excerpt}
    assert len(labels - {""}) == 12
    assert labels - {""} <= TABLE["rationales"].keys()
    assert TABLE["rationales"]["unknown"]


def test_every_reason_of_a_unit_limit_has_its_words(needs_shared: Path) -> None:
    """Each label in column 4 of the unit limits at hand says what it means, and no label is there that CMS does not use."""
    with (CMS / "mue" / "MCR_MUE_PractitionerServices_Eff_04-01-2026.csv").open(encoding="latin-1", newline="") as file:
        assert {row[LIMIT_REASON] for row in list(csv.reader(file))[2:]} == TABLE["mue_rationales"].keys()


def test_the_chapters_are_those_of_the_manual(needs_shared: Path) -> None:
    """The codes of chapters II to XII are those in each chapter's own heading; XIII holds every Category III code, X also the laboratory codes with a letter."""
    whole = [one for one in TABLE["chapters"] if "section" not in one]
    for numeral in NUMERALS[1:]:
        heading = re.search(r"CODES ([0-9A-Z]{5}) ?[\u2013-] ?([0-9A-Z]{5})", chapter_text(numeral)[:1500].upper())
        assert heading, numeral
        ranges = [(one["first"], one["last"]) for one in whole if one["chapter"] == numeral]
        if numeral == "XIII":
            assert ranges == [("0001T", "9999T")]
        else:
            assert ranges[0] == (heading[1], heading[2]), numeral
            assert ranges[1:] == ([("0001M", "9999M"), ("0001U", "9999U")] if numeral == "X" else []), numeral


def test_the_sections_are_those_of_the_manual(needs_shared: Path) -> None:
    """Every chapter and section that the table cites is a heading of the NCCI Policy Manual, and a range cites the section that it names."""
    for text in set(cited(TABLE)):
        document, _, section = text.partition(" ")
        numeral, _, letter = section.partition(".")
        if document == "ncci":
            assert re.search(rf"^\s*{letter or 'A'}\. +\S", chapter_text(numeral), re.MULTILINE), text
    for one in TABLE["chapters"]:
        assert one["sources"] == [f"ncci {one['chapter']}" + (f".{one['section']}" if "section" in one else "")], one


def test_every_code_has_one_narrowest_chapter(needs_shared: Path) -> None:
    """Every code of RVU26C lies in one chapter; sections lie inside it and inside each other. The manual has no chapter for Category II codes."""
    for code in facts.by_code():
        found = holding(code)
        if code.endswith("F"):
            assert not found, code
            continue
        assert [one["chapter"] for one in found if "section" not in one] == [found[0]["chapter"]], code
        widths = [(one["first"], one["last"]) for one in found]
        assert len(set(widths)) == len(widths), code
        assert all(outer[0] <= inner[0] and inner[1] <= outer[1] for inner, outer in itertools.pairwise(widths)), code


NAMED = {
    "00100": "II",
    "11901": "III.G",
    "17311": "III.F",
    "45378": "VI",
    "69990": "VIII.F",
    "80307": "X.E",
    "80412": "X.D",
    "0001U": "X",
    "0016M": "X",
    "95180": "XI.K",
    "95992": "XI.H",
    "97530": "XI.P",
    "99183": "XI.T",
    "99213": "XI.U",
    "G0438": "XII",
    "0202T": "XIII",
    "0591T": "XIII",
}
"""Codes to the chapter in whose heading they lie, and the section whose text speaks of them (NCCI Policy Manual 2026)."""


@pytest.mark.parametrize(("code", "chapter"), NAMED.items(), ids=NAMED)
def test_the_site_names_the_narrowest(code: str, chapter: str) -> None:
    """A code page names the chapter whose heading has the code, and the section whose text names it."""
    one = chapter_of(code)
    assert one is not None
    assert one["chapter"] + (f".{one['section']}" if "section" in one else "") == chapter


def test_the_desk_has_words_for_all_that_it_finds() -> None:
    """Every finding of the desk's script has its entry, and no entry is left that the script does not use."""
    script = DESK.read_text(encoding="utf-8") + LOOKS.read_text(encoding="utf-8")
    assert set(re.findall(r"\bfind\('(\w+)'", script)) <= FINDINGS.keys()
    assert {name for name in FINDINGS if not re.search(rf"\b{name}\b", script)} == set()


def test_every_kind_of_finding_is_there() -> None:
    """Edits under each indicator, limits under each adjudication indicator, add-on codes of each type, visits, duplicates and the engine's answers all have a finding."""
    pairs = {"pair_denied", "pair_needs_modifier", "pair_bypassed", "pair_same_site", "pair_visit_59", "pair_only_visit", "pair_behind", "pair_undated"}
    units = {"units_line", "units_day_policy", "units_day_clinical", "units_zero", "units_none", "units_undated"}
    add_ons = {"add_on_alone", "add_on_contractor", "add_on_some", "add_on_primary_denied", "add_on_unlisted"}
    others = {"visit_minor", "visit_major", "visit_add", "duplicate", "refused", "conditional", "remark", "unpaid", "therapy_check", "clean"}
    assert pairs | units | add_ons | others <= FINDINGS.keys()
    assert {"in_force", "older_only", "newer_only", "none"} <= TABLE["sets"].keys()


def test_what_denies_in_the_script_denies_in_the_words() -> None:
    """What the manuals have denied is told as a denial, and nothing else is.

    An edit that no counting modifier bypasses, all units above a limit, an add-on code of type 1 without its primary code (chapter 23,
    sections 20.9.1.1 and 20.9.3.2), a visit inside a package (chapter 12, section 30.6.6), what the engine refuses. A bypass, and a 25
    where 57 may be meant, leave the line paid.
    """
    denied = {name for name, one in FINDINGS.items() if one["severity"] == "deny"}
    pairs = {"pair_denied", "pair_needs_modifier", "pair_same_site", "pair_visit_59", "pair_only_visit", "visit_minor", "visit_major"}
    assert denied == pairs | {"units_line", "units_day_policy", "units_day_clinical", "units_zero", "add_on_alone", "add_on_primary_denied", "refused", "unpaid"}
    denies = re.search(r"^const DENIES = /(.*)/;$", DESK.read_text(encoding="utf-8"), re.MULTILINE)
    assert denies is not None
    assert {name for name in FINDINGS if re.search(denies[1], name)} == pairs
    noted = {name for name, one in FINDINGS.items() if one["severity"] == "note"}
    assert noted == {"pair_bypassed", "units_none", "add_on_unlisted", "visit_add", "remark", "therapy_check", "clean"}


def test_findings_are_short_and_complete() -> None:
    """A finding has a severity, says its matter in 160 characters and the next step in 200; one that denies names its source, unless it repeats the engine."""
    for name, one in FINDINGS.items():
        assert one["severity"] in {"deny", "check", "note"}, name
        assert 0 < len(one["say"]) <= LONGEST_SAY, name
        assert len(one["do"]) <= LONGEST_DO, name
        assert one["checked"] in {"reads", "secondary"}, name
        if one["severity"] == "deny":
            assert one["do"], name
            assert one["sources"] or one["say"] == "{what}", name


def test_placeholders_are_known() -> None:
    """Sentences have no placeholder but those that the desk fills, and, of a unit limit, the calculator's page; only findings, sets and these have any."""
    for where, text in sentences(TABLE):
        found = set(re.findall(r"{(\w*)}", text))
        limit = re.fullmatch(r"mai \S+ short", where) is not None
        assert found <= ({"limit", "units"} if limit else PLACEHOLDERS), where
        assert not found or limit or where.startswith(("findings ", "sets ")), where
        assert text.count("{") == text.count("}") == len(re.findall(r"{\w+}", text)), where


def test_every_sentence_is_one() -> None:
    """Sentences end with a full stop, and none shouts."""
    for where, text in sentences(TABLE):
        assert not text or text.endswith((".", "?", "{what}")), where
        assert "!" not in text, where


def test_a_denied_unit_or_pair_is_never_the_patient_s() -> None:
    """Chapter 23, sections 20.9.3.1 and 20.9.3.2: no notice shifts such a denial to the patient. The findings say so, and none speaks of a notice as a way out."""
    for name in ("pair_denied", "units_line", "units_day_policy", "units_day_clinical"):
        assert "The patient cannot be billed." in FINDINGS[name]["do"], name
    assert not any(re.search(r"\bABN\b|advance notice", text, re.IGNORECASE) for _, text in sentences(TABLE))


def test_every_source_resolves() -> None:
    """Each citation of the table is of a document of rules/documents.yml."""
    for text in set(cited(TABLE)):
        assert rules.citation(text).url.startswith("https://"), text
