"""The policy indicators as sentences: which are said, with which dollars, and where each is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import facts
import pytest
import yaml
from built import Site
from facts import FACILITY, NON_QP, OFFICE, Row, half_up, money
from machine import ROOT, SHARED
from page import Page

from medpayiq import rules
from medpayiq.findings import Failed
from medpayiq.pages.policy import Policy

INDICATORS: dict[str, Any] = {name: one for name, one in yaml.safe_load((ROOT / "rules" / "indicators.yml").read_text(encoding="utf-8")).items() if name != "since"}
PERCENTAGES: dict[str, Any] = yaml.safe_load((ROOT / "rules" / "percentages.yml").read_text(encoding="utf-8"))
COLUMNS = {"pctc": "PCTC IND", "glob": "GLOB DAYS", "mult": "MULT PROC", "bilat": "BILAT SURG", "asst": "ASST SURG", "cosurg": "CO-SURG", "team": "TEAM SURG"}
DOLLARS = re.compile(r"\$[\d,]+\.\d\d")
RULED = "ARTC"
"""Statuses of which Medicare's payment rules say anything."""


def said(site: Site, code: str, key: str) -> str:
    """Return the sentence of a code's page on one indicator."""
    return site.code_pages[code].rules[key][0]


def test_20610_says_both_sides_and_later_procedures(full_site: Site) -> None:
    """20610: both sides at 150%, the later procedure at half, nonparticipating at 95% and 109.25%, each rounded half up."""
    # Office (0.77+1.16+0.13)*33.4009 = 68.805854 -> 68.81; facility (0.77+0.29+0.13)*33.4009 = 39.747071 -> 39.75.
    # 150%: 103.215 -> 103.22 and 59.625 -> 59.63. Half: 34.405 -> 34.41 and 19.875 -> 19.88.
    assert "bill one line with 50 and one unit" in said(full_site, "20610", "bilat")
    assert "150%, $103.22 (facility $59.63)" in said(full_site, "20610", "bilat")
    assert "$34.41 (facility $19.88)" in said(full_site, "20610", "mult")
    # 95%: 65.3695 -> 65.37, 37.7625 -> 37.76. 109.25% of the full amount: 75.174925 -> 75.17, 43.426875 -> 43.43.
    assert DOLLARS.findall(said(full_site, "20610", "limiting")) == ["$65.37", "$37.76", "$75.17", "$43.43"]
    assert "Never paid" in said(full_site, "20610", "asst")
    # GLOB 000 has no split: 78 pays the full amount.
    assert DOLLARS.findall(said(full_site, "20610", "glob")) == ["$68.81", "$39.75"]


def test_27447_says_the_shares_of_its_package(full_site: Site) -> None:
    """27447: the shares of its 90-day package, both sides, assistants, co-surgeons."""
    # (19.11+11.58+4.02)*33.4009 = 1159.345239 -> 1159.35; PRE .10, INTRA .69, POST .21.
    # 54 = .79: 915.8865 -> 915.89; 55 = .21: 243.4635 -> 243.46; 78 = .69: 799.9515 -> 799.95.
    assert DOLLARS.findall(said(full_site, "27447", "glob")) == ["$915.89", "$243.46", "$799.95"]
    assert said(full_site, "27447", "bilat").endswith("150%, $1,739.03.")  # 1739.025
    assert "$579.68" in said(full_site, "27447", "mult")  # 579.675
    # 16%: 185.496 -> 185.50; 13.6%: 157.6716 -> 157.67.
    assert "a physician (80, 82) 16%, $185.50; a PA, NP or CNS (AS) 13.6%, $157.67" in said(full_site, "27447", "asst")
    assert "62.5%, $724.59" in said(full_site, "27447", "cosurg")  # 724.59375
    assert "when documentation shows" in said(full_site, "27447", "cosurg")
    assert "rarely or never done outside a facility" in said(full_site, "27447", "na_office")


def test_66984_says_the_shares_of_its_own_split(full_site: Site) -> None:
    """66984: surgery alone, care after it and return to the operating room from its own split of .10, .70 and .20."""
    # (7.17+6.14+0.54)*33.4009 = 462.602465 -> 462.60: 54 .80 = 370.08, 55 .20 = 92.52, 78 .70 = 323.82.
    assert DOLLARS.findall(said(full_site, "66984", "glob")) == ["$370.08", "$92.52", "$323.82"]
    assert "57 on the visit" in said(full_site, "66984", "glob")


def test_45385_says_the_difference_to_its_base(full_site: Site) -> None:
    """45385: beside a higher paid member of its family only the difference to 45378 is paid, setting by setting."""
    # 45385: 14.97*33.4009 = 500.011473, 6.69*33.4009 = 223.452021; 45378: 11.32 -> 378.098188, 4.93 -> 164.666437.
    text = said(full_site, "45385", "mult")
    assert "Endoscopy of the family of 45378" in text
    assert "$121.91 (facility $58.78)" in text
    member, base = (facts.by_code()[code][""] for code in ("45385", "45378"))
    assert [money(member.fee(NON_QP, one) - base.fee(NON_QP, one)) for one in (OFFICE, FACILITY)] == ["$121.91", "$58.78"]
    # The payment specification, section 5.2, has the facility difference of 45380 in 2026.
    assert "(facility $13.02)" in said(full_site, "45380", "mult")
    # A begun and stopped 45378 has a row of its own: (1.59+3.87+0.21)*33.4009 = 189.383103.
    assert "53, $189.38 (facility $82.50)" in said(full_site, "45378", "discontinued")


def test_difference_is_never_below_zero(full_site: Site) -> None:
    """29881 costs less than its base 29870 in the office: the difference there is nothing, not a debt."""
    member, base = (facts.by_code()[code][""] for code in ("29881", "29870"))
    assert member.endo_base == "29870"
    assert member.fee(NON_QP, OFFICE) < base.fee(NON_QP, OFFICE)
    assert f"$0.00 (facility {money(member.fee(NON_QP, FACILITY) - base.fee(NON_QP, FACILITY))})" in said(full_site, "29881", "mult")


def test_97761_says_later_units_at_half_the_practice_expense(full_site: Site) -> None:
    """97761: later units keep work and malpractice and half the practice expense; the first two units are their sum."""
    # (0.50+0.70+0.01)*33.4009 = 40.415089 -> 40.42; (0.50+0.35+0.01)*33.4009 = 28.724774 -> 28.72; 69.14.
    assert DOLLARS.findall(said(full_site, "97761", "mult")) == ["$40.42", "$28.72", "$69.14"]
    assert "The first two units of this code alone: $69.14." in said(full_site, "97761", "mult")
    assert "wherever it is given: $40.42" in said(full_site, "97761", "na_facility")


def test_70496_says_its_cap_and_the_later_scan(full_site: Site) -> None:
    """70496: the cap decides; as a later scan the TC is halved before the cap, the reading loses 5%."""
    # (1.71+6.37+0.12)*33.4009 = 273.88738; cap (1.71+5.94+0.12)*33.4009 = 259.524993.
    assert DOLLARS.findall(said(full_site, "70496", "cap")) == ["$273.89", "$259.52"]
    # TC 5.80*33.4009 = 193.72522 -> 193.73, half 96.865 -> 96.87 (cap 179.36 does not decide); 26: 80.16*.95 = 76.152.
    assert "TC $96.87, 26 $76.15" in said(full_site, "70496", "mult")
    assert DOLLARS.findall(said(full_site, "70496", "pctc")) == ["$259.52", "$80.16", "$179.36"]
    assert "The reading is paid there: 26, $80.16." in said(full_site, "70496", "na_facility")


def test_cap_that_changes_nothing(full_site: Site) -> None:
    """92133 has a cap above its amount; the TC of a later eye test of the day is paid at 80%."""
    assert "$76.49" in said(full_site, "92133", "cap")
    assert "changes nothing nationally" in said(full_site, "92133", "cap")
    # TC (0.00+0.42+0.01)*33.4009 = 14.362387 -> 14.36, of it 80%: 11.488 -> 11.49.
    assert "80%" in said(full_site, "92133", "mult")
    assert "$11.49" in said(full_site, "92133", "mult")
    assert said(full_site, "92133", "bilat").startswith("The amount already covers both sides: $30.73 for one or two.")


def test_93000_says_its_parts_and_the_later_test(full_site: Site) -> None:
    """93000, 93005 and 93010: the whole, the technical part with 75% as a later test, and the reading, never reduced."""
    assert "whole test" in said(full_site, "93000", "pctc")
    assert "$" not in said(full_site, "93000", "mult")  # its technical part is another code
    assert "75%" in said(full_site, "93005", "mult")
    assert "$5.26" in said(full_site, "93005", "mult")  # 7.01 * .75 = 5.2575
    assert "mult" not in full_site.code_pages["93010"].rules
    assert "reading alone" in said(full_site, "93010", "pctc")
    for code in ("93000", "93005", "93010"):
        assert "Do not add 26 or TC" in said(full_site, code, "pctc")


def test_blood_draw_from_a_port(full_site: Site) -> None:
    """36591 has status T: paid only when nothing else is, and no surgical rule is said of it."""
    page = full_site.code_pages["36591"]
    assert page.verdict.startswith("Paid only when alone")
    assert page.rules.keys() == {"pctc", "na_facility", "limiting"}


def test_a_package_without_split_has_no_share_made_up(full_site: Site) -> None:
    """77750 and 77761 to 77763 have a 90-day package whose shares are all zero: no amount for 54, 55 or 78 is made up."""
    for code in ("77750", "77761", "77762", "77763"):
        row = facts.by_code()[code][""]
        assert (row.glob, row.pre + row.intra + row.post) == ("090", 0)
        text = said(full_site, code, "glob")
        assert "90 days" in text
        assert "$" not in text
        assert "54" not in text


def test_maternity_unknown_period_and_add_on(full_site: Site) -> None:
    """MMM, YYY and ZZZ are said in words: maternity, the MAC's own period, never alone."""
    assert "usual global period does not apply" in said(full_site, "59400", "glob")
    assert "Your MAC decides" in said(full_site, "69300", "glob")
    assert "Billed alone it is denied" in said(full_site, "17003", "glob")
    assert "No reduction" in said(full_site, "17003", "mult")


def test_test_without_rows_for_its_parts(full_site: Site) -> None:
    """80506 has PC/TC 1 and one row only: 26 and TC are refused, not offered. A bundled TC is not offered either."""
    assert facts.by_code()["80506"].keys() == {""}
    assert "Do not add 26 or TC" in said(full_site, "80506", "pctc")
    for code in ("77387", "77439"):
        assert facts.by_code()[code]["TC"].status == "B"
        assert "TC is not paid" in said(full_site, code, "pctc")


def test_parts_are_offered_only_where_the_file_has_them(full_site: Site) -> None:
    """No page tells to bill 26 or TC for a code whose file has no such row, or tells that it is paid where it is not."""
    for code, page in full_site.code_pages.items():
        text = page.rules.get("pctc", ("", ""))[0]
        rows = facts.by_code().get(code, {})
        if "Test alone: TC" in text:
            assert rows["TC"].status in RULED, code
        if re.search(r"\b26, \$", text):
            assert rows["26"].priced, code


def test_unpriced_statuses_have_no_rules(full_site: Site) -> None:
    """B, E, I, J, M, N, P and X have no payment rules; of X a physician's reading has, where CMS prices it."""
    for code, rows in facts.by_code().items():
        page = full_site.code_pages[code]
        row = facts.main_row(rows)
        if row.status in RULED or facts.shown_row(rows) is not None:
            assert page.rules or page.also, code
        else:
            assert (page.rules, page.also) == ({}, ""), code


def test_codes_priced_by_the_mac_have_words_without_dollars(full_site: Site) -> None:
    """The rules of a code for which CMS has no amount at all hold no dollars, and name no rule that needs an amount."""
    seen = 0
    for code, rows in facts.by_code().items():
        if facts.main_row(rows).status not in "CR" or facts.shown_row(rows) is not None:
            continue
        seen += 1
        for text, _ in full_site.code_pages[code].rules.values():
            assert "$" not in text, code
        assert "limiting" not in full_site.code_pages[code].rules, code
    assert seen == 979 + 854


def test_no_indicator_is_hidden(full_site: Site) -> None:
    """Each of the seven indicators of every ruled code has a sentence or is named as it stands in the file."""
    for code, rows in facts.by_code().items():
        main = facts.main_row(rows)
        row = facts.shown_row(rows) if main.status == "X" else main
        if row is None or row.status not in RULED or row.plus:
            continue
        page = full_site.code_pages[code]
        for key, column in COLUMNS.items():
            value = getattr(row, key)
            in_words, as_is = key in page.rules, re.search(rf"(?:: |, ){column} {value}(?=[,.])", page.also) is not None
            assert in_words != as_is, (code, column, value)
            if in_words:
                assert page.rules[key][1].startswith(f"{column} {value}."), (code, page.rules[key])


def test_supervision_is_said_of_the_technical_part(full_site: Site) -> None:
    """Every level of supervision but 09 is put in words, and that it does not change the amount; the level is the TC row's."""
    for code, rows in facts.by_code().items():
        main = facts.main_row(rows)
        if main.status in RULED:
            level = rows.get("TC", main).supervision
            rule = full_site.code_pages[code].rules.get("supervision")
            assert (rule is not None) == (level != "09"), code
            assert rule is None or f" {level}." in rule[1], code


# -- every figure in every sentence --------------------------------------------------------------------------------------


Cents = tuple[int | None, int | None]


def part(amount: Cents, share: str) -> Cents:
    """Return a percentage of both amounts, rounded half up to the cent."""
    office, facility = (None if one is None else half_up(one * Fraction(share) / 100) for one in amount)
    return office, facility


def figures(*amounts: Cents) -> list[str]:
    """Return the dollars that a sentence prints for amounts in the office and in a facility: one figure where both are alike."""
    made = []
    for office, facility in amounts:
        made += [money(one) for one in ((office,) if office == facility else (office, facility)) if one is not None]
    return made


def paid(row: Row | None) -> Cents:
    """Return what a row pays in the office and in a facility."""
    return (None, None) if row is None else (row.outcome(NON_QP, OFFICE)[1], row.outcome(NON_QP, FACILITY)[1])


def expected_figures(rows: dict[str, Row]) -> Iterator[tuple[str, list[str]]]:
    """Yield the key of each rule and the dollars its sentence must hold, by the payment specification, sections 1.8 and 4 to 8."""
    main = facts.main_row(rows)
    whole, reading, technical = paid(main), paid(rows.get("26")), paid(rows.get("TC"))
    later = rows.get("TC", main if main.pctc == "3" else None)
    split = main.pre + main.intra + main.post
    surgical = main.glob in {"000", "010", "090", "MMM", "YYY", "ZZZ"} and main.pctc != "3"
    if main.glob in {"010", "090"}:
        yield "glob", figures(part(whole, str(100 * (main.pre + main.intra))), part(whole, str(100 * main.post)), part(whole, str(100 * main.intra))) if split else []
    yield "glob 000", figures(whole)
    yield "mult 2", figures(part(whole, "50"))
    if main.mult == "3":
        base = paid(facts.by_code()[main.endo_base][""])
        office, facility = (None if one is None or other is None else max(0, one - other) for one, other in zip(whole, base, strict=True))
        yield "mult 3", figures((office, facility))
    if main.mult in {"4", "6", "7"}:
        share = {"4": "50", "6": "75", "7": "80"}[main.mult]
        made = []
        if later is not None:
            cents = half_up(later.fee(NON_QP, OFFICE) * Fraction(share) / 100)
            made = figures((min(cents, later.cap(NON_QP, OFFICE) or cents), None))
        yield f"mult {main.mult}", made + (figures(part((reading[0], None), "95")) if main.mult == "4" else [])
    if main.mult == "5":
        half = half_up((main.work + main.pe[OFFICE] / 2 + main.mp) * NON_QP * 100)
        yield "mult 5", figures(whole, (half, half), (whole[0] + half, whole[0] + half)) if whole[0] is not None else []
    yield "bilat 0", figures(whole) if surgical else []
    yield "bilat 1", figures(part(whole, "150"))
    yield "bilat 2", figures(whole)
    yield "bilat 3", figures(part(whole, "200"))
    yield "asst 0", figures(part(whole, "16"), part(whole, "13.6"))
    yield "asst 2", figures(part(whole, "16"), part(whole, "13.6"))
    yield "cosurg 1", figures(part(whole, "62.5"))
    yield "cosurg 2", figures(part(whole, "62.5"))
    yield "limiting", figures(part(whole, "95"), part(whole, "109.25"))
    yield "discontinued", figures(paid(rows.get("53")))
    if main.pctc == "1":
        bundled = "TC" in rows and rows["TC"].status == "B"
        yield "pctc", figures(*([] if bundled else [whole]), reading, *([] if bundled else [technical]))


def test_every_figure_in_every_sentence(full_site: Site) -> None:
    """The dollars of the rules on every priced code's page equal an independent computation: more than 30,000 sentences."""
    compared = 0
    for code, rows in facts.by_code().items():
        main = facts.main_row(rows)
        if not main.priced:
            continue
        page = full_site.code_pages[code]
        for rule, expected in expected_figures(rows):
            key, _, value = rule.partition(" ")
            if key in page.rules and value in {"", getattr(main, key, "")}:
                assert DOLLARS.findall(page.rules[key][0]) == expected, (code, rule, page.rules[key][0])
                compared += 1
    assert compared > 30_000


# -- the sentences themselves --------------------------------------------------------------------------------------------


def test_percentages_are_those_of_the_manuals() -> None:
    """The percentages in force in RVU26C's quarter are those of the payment specification, sections 5 to 8 and 13."""
    assert rules.percentages("2026-07-01") == {
        "both_sides": "150",
        "second_procedure": "50",
        "assistant": "16",
        "assistant_as": "13.6",
        "cosurgeon": "62.5",
        "therapy_pe": "50",
        "imaging_tc": "50",
        "imaging_pc": "95",
        "cardiovascular_tc": "75",
        "ophthalmology_tc": "80",
        "nonparticipating": "95",
        "limiting_charge": "109.25",
        "two_sides": "200",
        "anesthesia_alone": "100",
        "anesthesia_directed": "50",
        "film": "80",
        "computed_radiography": "90",
        "ct_standard": "85",
        "npp": "85",
        "csw": "75",
        "dietitian": "85",
        "medicare_share": "80",
        "screening_share": "85",
        "therapy_assistant": "85",
        "sequestration": "2",
        "bonus": "10",
    }
    # What changed on a day, section 13.
    dated = {
        "computed_radiography": {"2022-12-31": "93", "2023-01-01": "90"},
        "screening_share": {"2022-12-31": "80", "2026-12-31": "85", "2027-01-01": "90", "2030-01-01": "100"},
        "therapy_assistant": {"2021-12-31": "100", "2022-01-01": "85"},
        "sequestration": {"2022-03-31": "0", "2022-04-01": "1", "2022-07-01": "2"},
    }
    for name, days in dated.items():
        assert {day: rules.percentages(day)[name] for day in days} == days


def test_no_percentage_is_typed_into_a_sentence(full_site: Site) -> None:
    """Sentences take every percentage from rules/percentages.yml: none is typed, and each one printed is one of its figures."""
    for key, entry in INDICATORS.items():
        for value, one in entry["values"].items():
            for text in (one["say"], one.get("plain", "")):
                assert not re.search(r"\d\s*(?:%|percent)", text), (key, value)
                assert set(re.findall(r"\{percent:(\w+)\}", text)) <= PERCENTAGES.keys(), (key, value)
    known = {row["percent"] for periods in PERCENTAGES.values() for row in periods}
    printed = {figure for page in full_site.code_pages.values() for text, _ in page.rules.values() for figure in re.findall(r"([\d.]+)%", text)}
    assert printed <= known
    assert len(printed) >= 6


def pattern_of(text: str) -> re.Pattern[str]:
    """Return what a sentence looks like once its placeholders are filled."""
    amount = r"\$[\d,]+\.\d\d(?: \(facility \$[\d,]+\.\d\d\)| in a facility)?"
    parts = re.split(r"(\{[\w:]+\})", text)
    return re.compile("".join(amount if one.startswith("{") and ":" not in one and one != "{endo_base}" else r"[\w.]+" if one.startswith("{") else re.escape(one) for one in parts))


def test_every_sentence_is_said_somewhere(full_site: Site) -> None:
    """Each sentence, and each that stands in without dollars, is on some page of RVU26C: no placeholder is misspelt, no entry is dead."""
    by_key: dict[str, set[str]] = {}
    for page in full_site.code_pages.values():
        for key, (text, _) in page.rules.items():
            by_key.setdefault(key, set()).add(text)
    unused = set()
    for key, entry in INDICATORS.items():
        for value, one in entry["values"].items():
            for kind in ("say", "plain"):
                if kind in one and not any(pattern_of(one[kind]).fullmatch(text) for text in by_key.get(key, ())):
                    unused.add(f"{key} {value} {kind}")
    # Supervision levels that are defined but occur in no file held (payment specification, section 9).
    expected = {f"supervision {level} say" for level in ("06", "22", "77")}
    assert {one for one in unused if one.endswith("say")} == expected
    # RVU26C has no maternity code without an amount, and no test with an amount whose reading has none.
    assert {one for one in unused if one.endswith("plain")} == {"glob MMM plain", "na_facility NA-reading plain"}


def test_every_source_is_known(full_site: Site) -> None:
    """Each sentence cites at least one document of rules/documents.yml, with an https address that stands on the page."""
    for key, entry in INDICATORS.items():
        for value, one in entry["values"].items():
            assert one["sources"], (key, value)
            for text in one["sources"]:
                assert rules.citation(text).url.startswith("https://"), (key, value)
    for code, page in full_site.code_pages.items():
        for key, (text, source) in page.rules.items():
            assert text.endswith("."), (code, key)
            assert "Source" in source, (code, key)


def test_an_unknown_document_is_refused() -> None:
    """A citation of a document that rules/documents.yml does not know fails by name."""
    with pytest.raises(Failed, match=r"no document 'cpm99'"):
        rules.citation("cpm99 1.2")


def _in_tree(where: str, value: Any) -> Iterator[tuple[str, str, str]]:
    if isinstance(value, dict):
        for key, one in value.items():
            if key == "sources":
                for text in one:
                    yield (where, *text.partition(" ")[::2])
            else:
                yield from _in_tree(f"{where} {key}", one)
    elif isinstance(value, list):
        for one in value:
            yield from _in_tree(where, one)


def cited() -> Iterator[tuple[str, str, str]]:
    """Yield where something is cited, the document and the section, over all of rules/."""
    for table in ("modifiers", "answers", "lists", "ncci", "places", "practitioners", "steps", "thresholds"):
        yield from _in_tree(table, yaml.safe_load((ROOT / "rules" / f"{table}.yml").read_text(encoding="utf-8")))
    for key, entry in INDICATORS.items():
        for value, one in entry["values"].items():
            for text in one["sources"]:
                yield (f"indicators {key} {value}", *text.partition(" ")[::2])
    for name, periods in PERCENTAGES.items():
        for row in periods:
            yield (f"percentages {name}", *row["source"].partition(" ")[::2])
    for name, entry in yaml.safe_load((ROOT / "rules" / "status.yml").read_text(encoding="utf-8")).items():
        for text in entry.get("sources", ()) if isinstance(entry, dict) else ():
            yield (f"status {name}", *text.partition(" ")[::2])


def test_cited_sections_exist(needs_shared: Any) -> None:
    """Every section that rules/ cites of the Claims Processing Manual, and of the Benefit Policy Manual, is a heading of that chapter's text."""
    chapters = 0
    for where, document, section in cited():
        match = re.fullmatch(r"(cpm|bp)(\d+)", document)
        if match is None:
            continue
        name = f"clm104c{int(match[2]):02d}.txt" if match[1] == "cpm" else f"bp102c{match[2]}.txt"
        text = (SHARED / "sources" / name).read_text(encoding="utf-8")
        assert re.search(rf"^\s*{re.escape(section)}\.?(?:[A-Z])? *[-\u2013]", text, re.MULTILINE), (where, document, section)
        chapters += 1
    assert chapters > 250


def test_a_wrong_percentage_name_is_refused() -> None:
    """A sentence that names a percentage nobody defined fails when the rules are read, not on a page."""
    with pytest.raises(Failed, match="percent"):
        Policy({})


def test_tones_fit_the_words() -> None:
    """A rule's tone is one of four, and a sentence that begins with a denial never carries the sign of an action."""
    for key, entry in INDICATORS.items():
        for value, one in entry["values"].items():
            assert one["tone"] in {"do", "check", "deny", "note"}, (key, value)
            assert one["tone"] != "do" or not re.match(r"(?:No |Not |Never )", one["say"]), (key, value)


def test_rules_stand_in_one_order(full_site: Site) -> None:
    """Rules follow one another in the order in which a biller asks, on every page alike."""
    order = ["pctc", "glob", "mult", "bilat", "discontinued", "asst", "cosurg", "team", "cap", "na_office", "na_facility", "supervision", "limiting"]
    pages: list[Page] = list(full_site.code_pages.values())
    for page in pages:
        places = [order.index(key) for key in page.rules]
        assert places == sorted(places), page.url

