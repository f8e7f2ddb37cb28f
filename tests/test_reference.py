"""The pages on places of service, practitioners and localities, against the manuals and CMS's files."""

from __future__ import annotations

import csv
import html
import re
from fractions import Fraction

import facts
import pytest
import yaml
from built import Site
from facts import NON_QP, OFFICE, half_up, money
from machine import CMS, ROOT, SHARED

REFERENCE = ROOT / "rules" / "reference.yml"
OFFICE_RATE, FACILITY_RATE, NO_RATE = "Office", "Facility", "None"


def rows(site: Site, url: str, width: int, pattern: str) -> dict[str, tuple[str, ...]]:
    """Return the rows of a page's tables that have so many cells and begin like this, by their first cell."""
    made: dict[str, tuple[str, ...]] = {}
    for row in re.findall(r"<tr>(.*?)</tr>", (site.folder / url.strip("/") / "index.html").read_text(encoding="utf-8"), re.DOTALL):
        first, *others = (html.unescape(re.sub(r"<[^>]+>", "", cell)) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL))
        if len(others) + 1 == width and re.fullmatch(pattern, first):
            assert first not in made, first
            made[first] = tuple(others)
    return made


def sections(text: str, begin: str, end: str) -> str:
    """Return the text between two headings, of which the first one's last place counts: before that it stands in the contents."""
    return text[text.rindex(begin) :].partition(end)[0]


@pytest.mark.usefixtures("needs_shared")
def test_every_place_has_the_rate_of_the_manual(sample_site: Site) -> None:
    """The places at the facility's and at the office's rate are the two lists of the Claims Processing Manual, chapter 12, section 20.4.2; no other place has a rate."""
    text = sections((SHARED / "sources" / "clm104c12.txt").read_text(encoding="utf-8"), "\n20.4.2 - ", "See chapter 26, section 10.5")
    paid, _, office = text.partition("paid at nonfacility rates")
    lists = {FACILITY_RATE: paid.partition("paid at the facility rate include")[2], OFFICE_RATE: office}
    expected = {number: rate for rate, part in lists.items() for number in re.findall(r"POS\s+code\s+(\d\d)", part)}
    assert len(expected) > 40
    shown = {number: cells[1] for number, cells in rows(sample_site, "/places/", 4, r"\d\d").items()}
    assert {number: rate for number, rate in shown.items() if rate != NO_RATE} == expected
    assert {number for number, rate in shown.items() if rate == NO_RATE} == {"05", "06", "07", "08", "18", "66"}  # the spec's section 1.3, "No rate"


@pytest.mark.usefixtures("needs_shared")
def test_every_locality_has_the_indices_of_cms_s_file(sample_site: Site) -> None:
    """Each locality of CMS's GPCI file is there once, with its three indices, its anesthesia factor of ANES, and 99214 worked out from them to the cent."""
    theirs = facts.gpcis(CMS / "rvu26c" / "GPCI2026.csv")
    with (CMS / "rvu26c" / "ANES2026.csv").open(encoding="latin-1", newline="") as file:
        units = {f"{cells[0].strip()}-{cells[1].strip().zfill(2)}": cells[4].strip() for cells in csv.reader(file) if re.fullmatch(r"\d{5} *", cells[0])}
    shown = rows(sample_site, "/localities/", 8, r"\d{5}-\d\d")
    assert {(number[:5], number[6:]) for number in shown} == theirs.keys()
    visit = facts.by_code()["99214"][""]
    for (carrier, locality), indices in theirs.items():
        number = f"{carrier}-{locality}"
        cells = shown[number]
        assert tuple(Fraction(cell) for cell in cells[2:5]) == indices, number
        assert cells[5] == f"${units[number]}", number
        total = sum(rvu * index for rvu, index in zip((visit.work, visit.pe[OFFICE], visit.mp), indices, strict=True))
        assert cells[6] == money(half_up(100 * NON_QP * total)), number


@pytest.mark.usefixtures("needs_shared")
def test_counties_are_those_of_cms_s_file(sample_site: Site) -> None:
    """Every locality has the counties that LOCCO has for it, the same but for capitals, strokes between them and one slip of the pen."""
    shown = rows(sample_site, "/localities/", 4, r"\d{5}-\d\d")
    with (CMS / "rvu26c" / "26LOCCO.csv").open(encoding="latin-1", newline="") as file:
        theirs = {f"{cells[0].strip()}-{cells[1].strip().zfill(2)}": cells[4].replace("ORAGNGE CNTY", "ORANGE COUNTY") for cells in csv.reader(file) if re.fullmatch(r"\d{5} *", cells[0])}
    assert {number: cells[2].upper().split(", ") for number, cells in shown.items()} == {number: [part for text in re.split(r"/|, ", counties) if (part := " ".join(text.split()))] for number, counties in theirs.items()}


@pytest.mark.usefixtures("needs_shared")
def test_every_practitioner_has_the_share_of_the_manual(full_site: Site) -> None:
    """Shares and examples follow the payment specification, section 12, worked out by hand; who must take assignment is the list of chapter 1, section 30.3.1."""
    shown = rows(full_site, "/practitioners/", 5, r".+")
    # RVU26C, office: 99214 $135.61, 90834 $113.90 (CMS's own amounts); 85% of 135.61 is 115.2685, 75% of 113.90 is 85.425.
    expected = {
        "Physician": ("100%", "99214: $135.61"),
        **dict.fromkeys(("Nurse practitioner", "Physician assistant", "Clinical nurse specialist"), ("85%", "99214: $115.27")),
        "Certified nurse-midwife": ("100%", "99214: $135.61"),
        "Clinical psychologist": ("100%", "90834: $113.90"),
        **dict.fromkeys(("Clinical social worker", "Marriage and family therapist", "Mental health counselor"), ("75%", "90834: $85.43")),
    }
    assert {name: shown[name][:2] for name in expected} == expected
    assert shown["Dietitian or nutrition professional"][0] == "85%"
    free = {name for name, cells in shown.items() if cells[2] == "may be taken"}
    assert free == {"Physician", "Physical therapist in private practice", "Occupational therapist in private practice", "Speech-language pathologist in private practice", "Audiologist"}


def test_what_the_place_changes_is_what_the_code_pages_say(full_site: Site) -> None:
    """The amounts beside each code are the two that its own page begins with."""
    shown = rows(full_site, "/places/", 4, r"\d{5}|[A-Z]\d{4}")
    assert len(shown) >= 8
    for code, (_, office, facility) in shown.items():
        amounts = {one.setting: one.main for one in full_site.code_pages[code].amounts}
        for setting, cell in (("Office", office), ("Facility", facility)):
            if cell.startswith("$"):
                assert cell == amounts[setting], code


def test_a_place_of_the_sentences_is_one_of_the_table() -> None:
    """What is said of places names places that exist, and one modifier."""
    known = yaml.safe_load((ROOT / "rules" / "places.yml").read_text(encoding="utf-8"))["places"]
    for one in yaml.safe_load(REFERENCE.read_text(encoding="utf-8"))["places"]:
        assert one["about"] == "Modifier 26" or set(one["about"].split(", ")) <= known.keys()
        assert one["sources"]
