"""The pages of modifiers: which there are, what each example pays by the manuals, on how many codes each can stand by CMS's file."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import facts
import pytest
import yaml
from built import Site
from facts import FACILITY, NON_QP, OFFICE, Row, half_up, money
from machine import ROOT

TABLE: dict[str, Any] = yaml.load((ROOT / "rules" / "modifiers.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - it makes text alone, so that modifier 50 stays text
DAY = "2026-07-01"
ANESTHESIA = Fraction("20.49754")
"""National anesthesia conversion factor of 2026, non-QP, in CMS's file ANES2026."""


def in_force() -> set[str]:
    """Return every modifier of the rules that exists on the first day of RVU26C."""
    dated = {name for name, one in TABLE["modifiers"].items() if one.get("from", "") <= DAY <= one.get("to", "9999")}
    return dated | {*TABLE["anatomic"]["codes"], *TABLE["reporting"]["codes"]}


class Shown:
    """One modifier's page, read as text."""

    def __init__(self, site: Site, name: str) -> None:
        self.html = (site.folder / "modifiers" / name / "index.html").read_text(encoding="utf-8")
        self.text = plain(self.html.partition("<main")[2].partition("</main>")[0])
        self.code = (re.findall(r'<section id="example">.*?/codes/(\w{5})/', self.html, re.DOTALL) or [""])[0]
        self.setting = FACILITY if "place of service 2" in self.text else OFFICE
        self.worked = {row[0]: row[1:] for row in rows_of(self.html, "worked")}
        self.stands = rows_of(self.html, "stands")
        self.links = set(re.findall(r'href="(/modifiers/\w\w/)"', self.html))

    @property
    def total(self) -> tuple[int, int]:
        """On how many codes it can stand, and how many there are."""
        said = re.search(r"Codes it can stand on (?:all ([\d,]+)|([\d,]+) of ([\d,]+)|none)", self.text)
        assert said is not None, self.text
        everywhere, some, of = ((one or "").replace(",", "") for one in said.groups())
        return int(everywhere or some or 0), int(everywhere or of or 0)


def plain(text: str) -> str:
    """Return the text of a piece of HTML."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def rows_of(text: str, css: str) -> list[tuple[str, ...]]:
    """Return the rows below the head of the table of a class, cell by cell."""
    body = re.search(rf'<table class="{css}">.*?<tbody>(.*?)</tbody>', text, re.DOTALL)
    return [tuple(plain(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)) for row in re.findall(r"<tr>(.*?)</tr>", body[1] if body else "", re.DOTALL)]


def fee(code: str, setting: str, modifier: str = "") -> int:
    """Return the fee schedule amount of a row of CMS's file, in cents."""
    return facts.by_code()[code][modifier].fee(NON_QP, setting)


@pytest.fixture(scope="module")
def shown(full_site: Site) -> Callable[[str], Shown]:
    """Return what reads a modifier's page of RVU26C."""
    made: dict[str, Shown] = {}

    def read(name: str) -> Shown:
        if name not in made:
            made[name] = Shown(full_site, name)
        return made[name]

    return read


# -- which pages there are -----------------------------------------------------------------------------------------------


def test_a_page_for_every_modifier_in_force(full_site: Site) -> None:
    """Each modifier that exists on the first day of the release has a page, no other has, and the list of all leads to each."""
    pages = {match[1] for url in full_site.pages if (match := re.fullmatch(r"/modifiers/(\w\w)/", url))}
    assert pages == in_force()
    assert {"50", "59", "XS", "F5", "QW"} <= pages
    assert "MA" not in pages  # criteria for imaging were reported until 2024
    assert {f"/modifiers/{name}/" for name in pages} <= full_site.pages["/modifiers/"].links
    assert "/modifiers/" in full_site.pages["/"].links


def test_pages_are_found_by_the_word_search(shown: Callable[[str], Shown]) -> None:
    """The heading and the sentences on payment of each page are handed to the word search."""
    for name in in_force():
        found = re.search(r"<div class=\"head\" data-pagefind-body>(.*?)</div>", shown(name).html, re.DOTALL)
        assert found is not None, name
        assert plain(found[1]).startswith(f"Modifier {name} "), name


def test_code_pages_link_each_modifier_of_their_table(full_site: Site) -> None:
    """The table of a knee replacement leads to the page of every modifier in it, those of one row each."""
    links = full_site.code_pages["27447"].links
    assert {f"/modifiers/{name}/" for name in ("50", "54", "55", "78", "80", "81", "82", "AS", "62")} <= links
    assert {"/modifiers/26/", "/modifiers/TC/"} <= full_site.code_pages["70496"].links


def test_days_of_use_are_those_of_the_manual(shown: Callable[[str], Shown]) -> None:
    """FS is dated from 2022 on, when split visits got it (chapter 12, section 30.6.18); 50 is older than the rules."""
    assert "In use Since January 1, 2022" in shown("FS").text
    assert "In use Since before January 1, 2020" in shown("50").text


# -- what the example pays -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "code", "percent"),
    [
        ("50", "20610", "150"),  # chapter 12, section 40.7
        ("80", "27447", "16"),  # section 20.4.3
        ("81", "27447", "16"),
        ("82", "27447", "16"),
        ("AS", "27447", "13.6"),  # section 110.2: 85% of 16%
        ("62", "63047", "62.5"),  # section 40.8
    ],
)
def test_percentages_of_the_manual(shown: Callable[[str], Shown], name: str, code: str, percent: str) -> None:
    """The example allows the manual's percentage of the rounded fee schedule amount, beside that amount."""
    page = shown(name)
    amount = fee(code, page.setting)
    assert page.code == code
    assert page.worked["Allowed amount"] == (money(amount), money(half_up(amount * Fraction(percent) / 100)))
    assert f"× {percent}%" in page.text


@pytest.mark.parametrize(("name", "modifier"), [("26", "26"), ("TC", "TC"), ("53", "53")])
def test_rows_of_their_own(shown: Callable[[str], Shown], name: str, modifier: str) -> None:
    """26, TC and 53 pay the row that CMS's file has for them, beside the row of the whole service."""
    page = shown(name)
    assert page.worked["Allowed amount"] == (money(fee(page.code, page.setting)), money(fee(page.code, page.setting, modifier)))


@pytest.mark.parametrize(("name", "shares"), [("54", ("pre", "intra")), ("55", ("post",)), ("78", ("intra",))])
def test_shares_of_the_global_package(shown: Callable[[str], Shown], name: str, shares: tuple[str, ...]) -> None:
    """54, 55 and 78 pay the shares that CMS's file states for the code (chapter 12, section 40.4)."""
    page = shown(name)
    row = facts.by_code()[page.code][""]
    amount = fee(page.code, page.setting)
    assert page.code == "27447"
    assert page.worked["Allowed amount"] == (money(amount), money(half_up(amount * sum(getattr(row, one) for one in shares))))


def test_film_cuts_the_technical_part(shown: Callable[[str], Shown]) -> None:
    """FX leaves 80% of the technical part of a chest X-ray, and the reading whole (chapter 13, section 20.2.5)."""
    reading, technical = (fee("71046", OFFICE, modifier) for modifier in ("26", "TC"))
    assert shown("FX").code == "71046"
    assert shown("FX").worked["Allowed amount"][1] == money(half_up(reading + technical * Fraction(80, 100)))


def test_a_therapy_assistant_costs_medicares_part_alone(shown: Callable[[str], Shown]) -> None:
    """CQ beside GP leaves the allowed amount and the patient's part; Medicare pays 85% of its 80%, less 2% (chapter 5, section 20.1)."""
    page = shown("CQ")
    allowed = fee("97110", OFFICE)
    medicare = half_up(allowed * Fraction(80, 100) * Fraction(85, 100))
    assert page.worked["Allowed amount"] == (money(allowed),) * 2
    assert page.worked["Medicare pays, after sequestration"][1] == money(medicare - half_up(medicare * Fraction(2, 100)))
    assert page.worked["Patient pays"][0] == page.worked["Patient pays"][1] == money(allowed - half_up(allowed * Fraction(80, 100)))


def test_anesthesia_roles_have_their_share_of_nine_units(shown: Callable[[str], Shown]) -> None:
    """Five base units and 60 minutes are nine units: whole for AA, half for QK, QX and QY; AD has three units (chapter 12, section 50)."""
    whole, half = money(half_up(9 * ANESTHESIA * 100)), money(half_up(9 * ANESTHESIA * 50))
    assert shown("AA").worked["Allowed amount"] == ("refused", whole)
    for name in ("QK", "QX", "QY"):
        assert shown(name).worked["Allowed amount"] == (whole, half)
    assert shown("QZ").worked["Allowed amount"] == (whole, whole)
    assert shown("AD").worked["Allowed amount"] == (whole, money(half_up(3 * ANESTHESIA * 100)))


def test_a_modifier_without_effect_shows_the_same_amounts(shown: Callable[[str], Shown]) -> None:
    """Every page that says Medicare pays the same shows the same amounts with the modifier and without it, and an amount."""
    same = [name for name in in_force() if "Medicare pays the same with and without it." in shown(name).text]
    assert {"59", "25", "RT", "F5", "GP", "KX", "QS", "95"} <= {*same}
    assert not {"50", "80", "26", "CQ", "PT", "AQ", "22", "GZ", "QW"} & {*same}
    for name in same:
        assert shown(name).worked["Allowed amount"][0].startswith("$"), name
        assert all(before == after for before, after in shown(name).worked.values()), name


@pytest.mark.parametrize("name", ["93", "95"])
def test_telehealth_is_shown_at_a_place_that_goes_with_it(name: str, shown: Callable[[str], Shown]) -> None:
    """Telehealth has two places of service, 02 and 10 (chapter 26, section 10.5): the example is at one of them, at the office rate, and on no operation."""
    page = shown(name)
    assert "place of service 10, Telehealth, patient at home." in page.text
    assert page.worked["Allowed amount"] == (money(fee("99213", OFFICE)),) * 2
    assert "/codes/90837/" in page.html
    assert "/codes/27447/" not in page.html


@pytest.mark.parametrize("name", ["22", "52", "66", "56"])
def test_where_the_mac_decides_there_is_no_figure(shown: Callable[[str], Shown], name: str) -> None:
    """With 22, 52, 66 and 56 no national amount is shown (chapter 12, sections 20.4.6, 40.2, 40.8), and the page says why."""
    before, after = shown(name).worked["Allowed amount"]
    assert before.startswith("$")
    assert after == "no set amount"
    assert 'class="next"' in shown(name).html


# -- on which codes ------------------------------------------------------------------------------------------------------


def priced() -> list[Row]:
    """Return the row that prices each code: the whole service, else its reading; anesthesia has one without an amount."""
    found = (facts.shown_row(rows) or next((row for row in rows.values() if row.status == "J"), None) for rows in facts.by_code().values())
    return [row for row in found if row is not None]


def test_every_code_with_an_amount_is_counted_once(shown: Callable[[str], Shown]) -> None:
    """The rows of each page's table add up to the codes of CMS's csv that are priced in whole or as a reading, and anesthesia."""
    total = len(priced())
    for name in in_force():
        page = shown(name)
        assert sum(int(row[0].replace(",", "")) for row in page.stands) == total, name
        assert page.total[1] in {0, total}, name


@pytest.mark.parametrize(
    ("name", "stands"),
    [
        ("50", lambda row: row.bilat in "123"),  # chapter 23, Addendum, field 22
        ("62", lambda row: row.cosurg in "12"),  # field 24
        ("66", lambda row: row.team in "12"),  # field 25
        ("22", lambda row: row.glob in {"000", "010", "090"}),  # chapter 12, section 40.2
        ("KX", lambda row: row.mult == "5"),  # field 21
        ("AA", lambda row: row.status == "J"),  # section 30.2.2
        ("26", lambda row: "26" in facts.by_code()[row.code]),  # field 18
        ("33", lambda _: True),
    ],
)
def test_counts_are_those_of_one_column(shown: Callable[[str], Shown], name: str, stands: Callable[[Row], bool]) -> None:
    """Where one column of CMS's file decides, the page counts the priced codes with that value in it."""
    assert shown(name).total[0] == sum(map(stands, priced())) > 0


def test_assistants_are_counted_by_their_indicator(shown: Callable[[str], Shown]) -> None:
    """The table of 80 has a row for codes that pay an assistant (2), one for those the law bars (1), and says so (chapter 23, Addendum, field 23)."""
    by_value = {value: sum(row.asst == value for row in priced()) for value in "12"}
    found = {row[1]: (int(row[0].replace(",", "")), row[2]) for row in shown("80").stands if row[1] in by_value}
    assert {value: count for value, (count, _) in found.items()} == by_value
    assert found["1"][1].startswith("The law bars payment for an assistant")


def test_50_pays_one_side_where_the_rule_does_not_apply(shown: Callable[[str], Shown]) -> None:
    """BILAT SURG 0: both sides together are paid 100% of one, with 50 too (chapter 23, Addendum, field 22); the table says it as the page's head does."""
    found = {row[1]: row for row in shown("50").stands}
    assert int(found["0"][0].replace(",", "")) == sum(row.bilat == "0" for row in priced())
    assert found["0"][2].endswith("one side is paid.")


def test_a_facility_modifier_stands_on_no_code(shown: Callable[[str], Shown]) -> None:
    """73 and 74 belong on a facility's claim: no code takes them on a practitioner's."""
    for name in ("73", "74"):
        assert shown(name).total[0] == 0
        assert shown(name).worked["Allowed amount"][1] == "refused"


# -- edits, and other modifiers ------------------------------------------------------------------------------------------


def listed_by_the_manual(shared: Path) -> set[str]:
    """Return the modifiers that chapter 23, section 20.9.1.1 lists."""
    text = (shared / "sources" / "clm104c23-rev13610.txt").read_text(encoding="utf-8")
    lists = text.partition("NCCI PTP-associated modifiers are the following:")[2].partition("B. Modifiers 59")[0]
    listed: set[str] = set()
    for first, last in re.findall(r"\b([A-Z0-9]{2})(?:-([A-Z0-9]{2}))?(?=,|\s*$)", lists, re.MULTILINE):
        listed |= {f"{first[0]}{at}" for at in range(int(first[1]), int(last[1]) + 1)} if last else {first}
    assert len(listed) == 44
    return listed


def test_those_that_bypass_an_edit_are_the_manuals_list(shown: Callable[[str], Shown], needs_shared: Path) -> None:
    """Exactly the modifiers that chapter 23, section 20.9.1.1 lists may bypass an edit; every other page says that it never does."""
    listed = listed_by_the_manual(needs_shared)
    assert {name for name in in_force() if "It may bypass an NCCI edit" in shown(name).text} == listed
    assert {name for name in in_force() if "It never bypasses an NCCI edit" in shown(name).text} == in_force() - listed
    assert {name for name in listed if "On a visit it counts as absent." in shown(name).text} == {"59", "XE", "XS", "XP", "XU"}


def test_the_page_on_edits_leads_to_each_modifier_once(full_site: Site, needs_shared: Path) -> None:
    """The page on edits has one link to each modifier that may bypass an edit, and to those of repeats that it names beside unit limits."""
    html = (full_site.folder / "edits" / "index.html").read_text(encoding="utf-8")
    assert sorted(re.findall(r'<a href="/modifiers/(\w\w)/">\1</a>', html)) == sorted(listed_by_the_manual(needs_shared) | {"76", "77"})


def test_what_cannot_stand_together(shown: Callable[[str], Shown]) -> None:
    """50 names both sides, 26 its other half, an assistant the surgeons, CQ the discipline it needs; each leads to the other's page."""
    assert shown("50").links == {"/modifiers/RT/", "/modifiers/LT/"}
    assert shown("26").links == {"/modifiers/TC/"}
    assert shown("80").links == {f"/modifiers/{name}/" for name in ("81", "82", "AS", "62", "66")}
    assert "Needs Modifier GP" in shown("CQ").text  # a link that says no more than GP says too little by itself
    assert "/modifiers/QZ/" not in shown("AA").links  # physician and CRNA may both be paid (chapter 12, section 140.4.2)


def test_the_sample_has_every_page_too(sample_site: Site) -> None:
    """With some 300 codes each modifier still has its page, and each page an example."""
    for name in in_force():
        assert Shown(sample_site, name).worked, name
