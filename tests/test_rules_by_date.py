"""The rule tables for every day of service from 2020 to 2026: whole on each day, changed only on days that are listed here with their reason."""

from __future__ import annotations

import datetime
import json
import subprocess
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from importing import Imported
from machine import ROOT
from programs import node

from medpayiq import rules
from medpayiq.facts import SnapshotFacts
from medpayiq.findings import Failed
from medpayiq.payment.claim import price_claim
from medpayiq.proof import engines
from medpayiq.rulebook import rulebook

FIRST, LAST = datetime.date(2020, 1, 1), datetime.date(2026, 12, 31)
NATION = "00000/00"
ENGINE = ROOT / "medpayiq" / "proof" / "engine.mjs"

FACTORS = "the year's conversion factor (column CONV FACTOR of CMS's file)"
DEDUCTIBLE = "the year's Part B deductible (CMS's notice in the Federal Register)"
KX = "the year's therapy threshold (42 USC 1395l(g), amounts from secondary texts)"
SOUND = "introduced for audio-only telehealth and remote supervision on 2022-01-01 (secondary)"
CRITERIA = "CMS ended the imaging criteria modifiers with 2024-12-31 (secondary)"
YEAR = {"factors": FACTORS, "thresholds.deductible": DEDUCTIBLE, "thresholds.therapy_kx": KX}
CHANGES: dict[str, dict[str, str]] = {
    "2020-05-01": {"percentages.sequestration": "CARES Act, section 3709: no sequestration from this day on (secondary)"},
    "2021-01-01": YEAR,
    "2022-01-01": YEAR
    | {
        "percentages.therapy_assistant": "85% with CQ and CO (Claims Processing Manual, chapter 5, section 20.1)",
        "modifiers.FS": "split visits of critical care (chapter 12, section 30.6.12.5)",
        "modifiers.FT": "unrelated critical care (chapter 12, section 30.6.12.7, effective this day)",
        "modifiers.93": SOUND,
        "modifiers.FQ": SOUND,
        "modifiers.FR": SOUND,
        "places.10": "new place (chapter 26, section 10.5)",
        "places.02": "its meaning narrowed to patients who are not at home (Transmittal 11045, effective this day)",
    },
    "2022-04-01": {"percentages.sequestration": "1% (Public Law 117-71, section 2)"},
    "2022-07-01": {"percentages.sequestration": "2% again (Public Law 117-71, section 2)"},
    "2023-01-01": YEAR
    | {
        "percentages.computed_radiography": "FY cuts 10% instead of 7% (chapter 13, section 20.2.6)",
        "percentages.screening_share": "85% with PT (42 USC 1395l(dd), secondary)",
        "modifiers.AB": "audiology without an order (secondary)",
        "modifiers.JZ": "no drug thrown away (secondary)",
    },
    "2023-10-01": {"places.27": "new place (chapter 26, section 10.5)"},
    "2024-01-01": YEAR
    | {
        "practitioners.MFT": "paid from this day on (chapter 12, section 240, effective this day)",
        "practitioners.MHC": "paid from this day on (chapter 12, section 250, effective this day)",
    },
    "2024-03-09": {"factors": "Consolidated Appropriations Act, 2024: the factor of the RVU24C file (the day is secondary)"},
    "2024-08-01": {"places.66": "new place (chapter 26, section 10.5, Rev. 12779, effective this day)"},
    "2025-01-01": YEAR | {f"modifiers.{name}": CRITERIA for name in ("MA", "MB", "MC", "MD", "ME", "MF", "MG", "MH", "QQ")},
    "2026-01-01": YEAR | {"flat_rate": "skin substitutes are paid as supplies (CMS's files: status A in RVU26C; payment specification, section 1.7)"},
}
"""Every day on which the rule book changes, what changes, and why."""


def _days() -> Iterator[str]:
    for number in range((LAST - FIRST).days + 1):
        yield (FIRST + datetime.timedelta(number)).isoformat()


def _differs(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """Name the entries that differ, ``table.entry``; what is cited follows from the entries."""
    found: set[str] = set()
    for table in before.keys() | after.keys():
        one, other = before[table], after[table]
        if table in {"day", "cites"} or one == other:
            continue
        if table == "factors" or not isinstance(one, dict):
            found.add(table)
        else:
            found |= {f"{table}.{name}" for name in one.keys() | other.keys() if one.get(name) != other.get(name)}
    return found


def test_every_day_has_a_rule_book_that_changes_on_listed_days_alone() -> None:
    """From 2020-01-01 to 2026-12-31 each day has a whole rule book; it changes on the days of the list, there exactly as listed, and never else."""
    # Not through the cache, which would keep 2,557 books.
    before: dict[str, Any] | None = None
    changes: dict[str, set[str]] = {}
    for day in _days():
        book = rulebook.__wrapped__(day)
        assert book["day"] == day
        if before is not None and (found := _differs(before, book)):
            changes[day] = found
        before = book
    assert changes == {day: set(what) for day, what in CHANGES.items()}


def test_beyond_the_years_held_there_is_no_book() -> None:
    """The day before and the day after have no conversion factor, and the error says where to add one."""
    for day in ("2019-12-31", "2027-01-01"):
        with pytest.raises(Failed, match=rf"conversion-factors\.yml: error: no conversion factor for {day}\n  try: add the period"):
            rulebook.__wrapped__(day)


def test_periods_of_a_rule_follow_one_another() -> None:
    """Each percentage and threshold has one period for each day from 2020 to 2026: none without, none with two."""
    for table in ("percentages", "thresholds"):
        for name, rows in rules.read(table).items():
            day = FIRST.isoformat()
            for number, row in enumerate(rows):
                assert row["from"] <= day if number == 0 else row["from"] == day, (table, name, row)
                if "to" not in row:
                    assert row is rows[-1], (table, name)
                    break
                day = (datetime.date.fromisoformat(row["to"]) + datetime.timedelta(1)).isoformat()
            else:
                assert day > LAST.isoformat(), (table, name)


def test_thresholds_of_each_year() -> None:
    """Deductible and therapy threshold are those that CMS announced for each year, on its first and last day."""
    # Federal Register 84 61625, 85 71904, 87 59080, 88 71555, 89 90002, 90 52063; 2022 and the therapy thresholds from secondary texts.
    years = {
        "2020": ("198.00", "2080.00"),
        "2021": ("203.00", "2110.00"),
        "2022": ("233.00", "2150.00"),
        "2023": ("226.00", "2230.00"),
        "2024": ("240.00", "2330.00"),
        "2025": ("257.00", "2410.00"),
        "2026": ("283.00", "2480.00"),
    }
    for year, (deductible, therapy) in years.items():
        for day in (f"{year}-01-01", f"{year}-12-31"):
            held = rulebook(day)["thresholds"]
            assert (held["deductible"], held["therapy_kx"], held["therapy_review"]) == (deductible, therapy, "3000.00"), day


def test_factors_of_each_period() -> None:
    """The conversion factor is that of CMS's file of the period, from the first day to the last; 2026 has two."""
    periods = {
        ("2020-01-01", "2020-12-31"): {"all": "36.0896"},
        ("2021-01-01", "2021-12-31"): {"all": "34.8931"},
        ("2022-01-01", "2022-12-31"): {"all": "34.6062"},
        ("2023-01-01", "2023-12-31"): {"all": "33.8872"},
        ("2024-01-01", "2024-03-08"): {"all": "32.7442"},
        ("2024-03-09", "2024-12-31"): {"all": "33.2875"},
        ("2025-01-01", "2025-12-31"): {"all": "32.3465"},
        ("2026-01-01", "2026-12-31"): {"non_qp": "33.4009", "qp": "33.5675"},
    }
    for days, values in periods.items():
        for day in days:
            assert rulebook(day)["factors"] == values, day


def test_a_national_anesthesia_factor_that_no_text_has_is_asked_for() -> None:
    """A figure stands for the periods that a text has one for; in the others an import with an ANES file is told to add it."""
    assert {day: rules.conversion_factors(day, "anesthesia_national").main for day in ("2020-07-01", "2024-03-08", "2025-01-01")} == {
        "2020-07-01": "22.2016",
        "2024-03-08": "20.4349",
        "2025-01-01": "20.3178",
    }
    for day in ("2024-03-09", "2024-12-31"):
        with pytest.raises(Failed, match=r"add the period to anesthesia_national, with its source"):
            rules.conversion_factors(day, "anesthesia_national")


def test_modifiers_exist_from_their_first_to_their_last_day() -> None:
    """A modifier is late on the day before it began and on the day after it ended, and in use on the days between."""
    starts = dict.fromkeys(("FS", "FT", "93", "FQ", "FR"), "2022-01-01") | {"AB": "2023-01-01", "JZ": "2023-01-01"}
    for name, start in starts.items():
        before = (datetime.date.fromisoformat(start) - datetime.timedelta(1)).isoformat()
        assert rulebook(before)["modifiers"][name].get("late") is True, name
        assert "late" not in rulebook(start)["modifiers"][name], name
        assert "late" not in rulebook("2026-12-31")["modifiers"][name], name
    for name in ("MA", "MH", "QQ"):
        assert "late" not in rulebook("2024-12-31")["modifiers"][name], name
        assert rulebook("2025-01-01")["modifiers"][name]["late"] is True, name
    # Film and computed radiography since 2017 and 2018, CT since 2016 (chapter 13, sections 20.2.4 to 20.2.6); X modifiers since 2015; PT since 2011.
    for name in ("CQ", "CO", "FX", "FY", "CT", "XE", "XS", "XP", "XU", "PT", "95", "GT"):
        for day in ("2020-01-01", "2021-12-31", "2026-12-31"):
            assert "late" not in rulebook(day)["modifiers"][name], (name, day)


def test_places_and_practitioners_of_their_days() -> None:
    """Places 10, 27 and 66 and two practitioners are known from their first day on; 02 is all of telehealth before 10 exists."""
    for number, start in (("10", "2022-01-01"), ("27", "2023-10-01"), ("66", "2024-08-01")):
        before = (datetime.date.fromisoformat(start) - datetime.timedelta(1)).isoformat()
        assert number not in rulebook(before)["places"], number
        assert number in rulebook(start)["places"], number
    assert "58" in rulebook("2020-01-01")["places"]
    names = {day: rulebook(day)["places"]["02"] for day in ("2021-12-31", "2022-01-01")}
    assert names == {"2021-12-31": {"name": "Telehealth", "setting": "facility"}, "2022-01-01": {"name": "Telehealth, patient not at home", "setting": "facility"}}
    for name in ("MFT", "MHC"):
        assert (name in rulebook("2023-12-31")["practitioners"], name in rulebook("2024-01-01")["practitioners"]) == (False, True)


def test_a_source_that_is_cited_can_be_shown() -> None:
    """Each source of a threshold and of a percentage is a document of rules/documents.yml with an https address."""
    cited = {text for rows in rules.read("thresholds").values() for row in rows for text in row["sources"]}
    cited |= {row["source"] for rows in rules.read("percentages").values() for row in rows}
    assert len(cited) > 15
    for text in cited:
        assert rules.citation(text).url.startswith("https://"), text


# -- worked lines, both engines ------------------------------------------------------------------------------------------

Releases = dict[str, Imported]


@pytest.fixture(scope="module")
def releases(imported: Imported, snapshots_of_history: dict[str, Imported]) -> Releases:
    """Return every release at hand by its folder's name."""
    return snapshots_of_history | {"rvu26c": imported}


def answer(release: Imported, day: str, line: dict[str, str], **circumstances: str) -> dict[str, Any]:
    """Price a line by the rules of a day with the RVUs of a release, nationally, in the office, by both engines; they agree."""
    claim = {"locality": NATION, "setting": "nonfacility", **circumstances, "lines": [line]}
    book = rulebook(day)
    ours = price_claim(claim, SnapshotFacts(release.snapshot), book)[0].as_json()
    world = engines.world(release.snapshot)
    world |= {"book": book, "rows": {line["code"]: world["rows"][line["code"]]}}
    asked = "\n".join(json.dumps(one) for one in (world, claim)) + "\n"
    assert json.loads(_ask_node(asked)) == [ours]
    return ours


def _ask_node(asked: str) -> str:
    done = subprocess.run([node(), str(ENGINE)], input=asked, capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def cents(amount: Decimal) -> Decimal:
    """Round to the cent, half up."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


VISITS = [
    # day, release, work + office PE + MP, factor, sequestration; allowed, coinsurance, paid: worked out by hand
    ("2020-10-01", "rvu20d", "0.97 1.06 0.08", "36.0896", 0, "76.15", "15.23", "60.92"),  # 2.11 x 36.0896 = 76.149056
    ("2021-06-01", "rvu21d", "1.30 1.25 0.10", "34.8931", 0, "92.47", "18.49", "73.98"),  # 2.65 x 34.8931 = 92.466715; 80% 73.976
    ("2022-03-31", "rvu22d", "1.30 1.26 0.10", "34.6062", 0, "92.05", "18.41", "73.64"),  # 2.66 x 34.6062 = 92.052492
    ("2022-05-01", "rvu22d", "1.30 1.26 0.10", "34.6062", 1, "92.05", "18.41", "72.90"),  # 73.64 - 0.74
    ("2022-07-01", "rvu22d", "1.30 1.26 0.10", "34.6062", 2, "92.05", "18.41", "72.17"),  # 73.64 - 1.47
    ("2023-10-01", "rvu23d", "1.30 1.28 0.10", "33.8872", 2, "90.82", "18.16", "71.21"),  # 2.68 x 33.8872 = 90.817696; 72.66 - 1.45
    ("2024-02-01", "rvu24a", "1.30 1.33 0.10", "32.7442", 2, "89.39", "17.88", "70.08"),  # 2.73 x 32.7442 = 89.391666; 71.51 - 1.43
    ("2024-04-01", "rvu24c", "1.30 1.33 0.10", "33.2875", 2, "90.87", "18.17", "71.25"),  # 2.73 x 33.2875 = 90.874875; 72.70 - 1.45
    ("2025-11-01", "rvu25d", "1.30 1.35 0.10", "32.3465", 2, "88.95", "17.79", "69.74"),  # 2.75 x 32.3465 = 88.952875; 71.16 - 1.42
    ("2026-07-15", "rvu26c", "1.30 1.46 0.09", "33.4009", 2, "95.19", "19.04", "74.63"),  # 2.85 x 33.4009 = 95.192565; 76.15 - 1.52
]


@pytest.mark.parametrize(("day", "release", "rvus", "factor", "sequestration", "allowed", "coinsurance", "paid"), VISITS, ids=[one[0] for one in VISITS])
def test_a_visit_through_the_years(day: str, release: str, rvus: str, factor: str, sequestration: int, allowed: str, coinsurance: str, paid: str, releases: Releases) -> None:
    """99213 in the office: the amount, the patient's 20% and what Medicare pays after the day's sequestration."""
    fee = cents(sum(map(Decimal, rvus.split()), Decimal(0)) * Decimal(factor))
    medicare = cents(fee * Decimal("0.80"))
    assert (fee, fee - medicare, medicare - cents(medicare * sequestration / 100)) == tuple(map(Decimal, (allowed, coinsurance, paid)))
    found = answer(releases[release], day, {"code": "99213"}, **({"factor": "non_qp"} if day >= "2026" else {}))
    assert (found["result"], found["allowed"], found["share"]["coinsurance"], found["share"]["medicare_paid"]) == ("AMOUNT", allowed, coinsurance, paid)


def test_therapy_assistants_before_and_after_the_cut(releases: Releases) -> None:
    """With CQ Medicare pays the same as without in 2021 and 85% of that from 2022 on; the amount and the patient's share never change."""
    line = {"code": "97110", "modifiers": "GP CQ"}
    # 0.87 x 34.8931 = 30.356997; 80% 24.288.
    found = answer(releases["rvu21d"], "2021-12-31", line, practitioner="PT")
    assert (found["allowed"], found["share"]["coinsurance"], found["share"]["medicare_paid"]) == ("30.36", "6.07", "24.29")
    # 0.87 x 34.6062 = 30.107394; 80% 24.088; 30.11 x .80 x .85 = 20.4748; 2% of it 0.4094. No sequestration in January.
    for day, paid in (("2022-01-01", "20.47"), ("2022-10-01", "20.06")):
        found = answer(releases["rvu22d"], day, line, practitioner="PT")
        assert (found["allowed"], found["share"]["coinsurance"], found["share"]["medicare_paid"]) == ("30.11", "6.02", paid), day


def test_computed_radiography_before_and_after(releases: Releases) -> None:
    """FY cuts the technical part by 7% in 2022 and by 10% from 2023 on."""
    line = {"code": "71046", "modifiers": "TC FY"}
    # 0.69 x 34.6062 = 23.878278, 93% of 23.88 is 22.2084; 0.70 x 33.8872 = 23.72104, 90% of 23.72 is 21.348.
    for day, release, allowed in (("2022-12-31", "rvu22d", "22.21"), ("2023-01-01", "rvu23d", "21.35")):
        assert answer(releases[release], day, line)["allowed"] == allowed, day


def test_what_did_not_exist_yet_or_any_more_is_refused(releases: Releases) -> None:
    """A modifier, a place and a practitioner outside their days are refused by name; inside them the line is paid."""
    visit = {"code": "99213"}
    assert answer(releases["rvu21d"], "2021-12-31", visit | {"modifiers": "93"})["answer"] == "modifier_late"
    assert answer(releases["rvu22d"], "2022-01-01", visit | {"modifiers": "93"})["result"] == "AMOUNT"
    assert answer(releases["rvu24c"], "2024-12-31", {"code": "71046", "modifiers": "MA"})["result"] == "AMOUNT"
    assert answer(releases["rvu25d"], "2025-01-01", {"code": "71046", "modifiers": "MA"})["answer"] == "modifier_late"
    assert answer(releases["rvu21d"], "2021-12-31", visit, pos="10", setting="")["answer"] == "place_unknown"
    assert answer(releases["rvu22d"], "2022-01-01", visit, pos="10", setting="")["result"] == "AMOUNT"
    assert answer(releases["rvu23d"], "2023-12-31", {"code": "90834"}, practitioner="MFT")["answer"] == "choice_form"
    assert answer(releases["rvu24a"], "2024-01-01", {"code": "90834"}, practitioner="MFT")["result"] == "AMOUNT"


def test_codes_of_older_releases_are_in_the_lists(releases: Releases) -> None:
    """99201 is a visit in 2020, so that 52 is refused on it; the lung scan of 2020 and the screening colonography of 2025 cost the patient nothing."""
    assert answer(releases["rvu20d"], "2020-10-01", {"code": "99201", "modifiers": "52"})["answer"] == "no_partial_visit"
    # 6.70 x 36.0896 = 241.80032. The cap of 2025: (2.28 + 8.48 + 0.07) x 32.3465 = 350.312595, less 2%: 7.01.
    for release, day, code, allowed, paid in (("rvu20d", "2020-10-01", "G0297", "241.80", "241.80"), ("rvu25d", "2025-11-01", "74263", "350.31", "343.30")):
        found = answer(releases[release], day, {"code": code})
        assert (found["allowed"], found["share"]["patient"], found["share"]["medicare_paid"]) == (allowed, "0.00", paid), code
