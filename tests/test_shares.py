"""The amounts that sentences on policy indicators name, on made-up rows: each worked out by hand at RVU26C's factor, 33.4009, half up to the cent."""

from __future__ import annotations

import cms_files as mini
import pytest
from importing import Desk

from medpayiq import rules
from medpayiq.pages.entries import group
from medpayiq.payment.amount import main_row
from medpayiq.payment.shares import Pair, Shares

FACTOR = 33_4009
ROWS = [
    *mini.services(),
    # The technical part of this scan has a cap far below half its own amount.
    mini.service("70551", work="1.00", pe_nonfacility="9.50", pe_facility="9.50", na_facility="NA", mp="0.10", pctc="1", mult="4"),
    mini.service("70551", "TC", pe_nonfacility="9.00", pe_facility="9.00", na_facility="NA", mp="0.02", pctc="1", mult="4", opps_pe_nonfacility="2.00", opps_pe_facility="2.00", opps_mp="0.01"),
    # The reading of a smear is paid for inpatients alone; an endoscopy costs less than its base; another has a base that is not here; a surgery has no split.
    mini.service("85060", work="0.50", pe_nonfacility="0.20", pe_facility="0.20", mp="0.02", pctc="8"),
    mini.service("45330", work="1.00", pe_nonfacility="1.00", pe_facility="0.50", mp="0.10", glob="000", mult="3", endo_base="45378"),
    mini.service("45340", work="1.00", pe_nonfacility="1.00", pe_facility="0.50", mp="0.10", glob="000", mult="3", endo_base="45399"),
    mini.service("45350", work="1.00", pe_nonfacility="1.00", pe_facility="0.50", mp="0.10", glob="000", mult="2", endo_base="45378"),
    mini.service("59400", work="30.00", pe_nonfacility="20.00", pe_facility="20.00", mp="9.00", glob="090"),
    mini.service("92250", pe_nonfacility="1.00", pe_facility="1.00", mp="0.01", pctc="3", mult="7"),
]


@pytest.fixture
def shares(desk: Desk) -> dict[str, Shares]:
    """Return the amounts of each code, by the percentages of 2026."""
    percent = rules.percentages("2026-07-01")
    of = {one.code: one.rows for one in group(desk.run(desk.put(mini.core(sorted(ROWS, key=lambda row: (row["code"], row["modifier"]))))).snapshot.services)}
    return {code: Shares(rows, FACTOR, percent, main_row(of[base]) if (base := main_row(rows).endo_base) in of else None) for code, rows in of.items()}


@pytest.mark.parametrize(
    ("code", "name", "office", "facility"),
    [
        # 19.11 + 11.58 + 3.55 = 34.24 RVU, x 33.4009 = 1143.6468; of 1143.65 the percentages of the manual.
        ("27447", "allowed", 114365, 114365),
        ("27447", "both_sides", 171548, 171548),  # x 150% = 1715.475
        ("27447", "second_procedure", 57183, 57183),  # x 50% = 571.825
        ("27447", "assistant", 18298, 18298),  # x 16% = 182.984
        ("27447", "assistant_as", 15554, 15554),  # x 13.6% = 155.5364
        ("27447", "cosurgeon", 71478, 71478),  # x 62.5% = 714.78125
        ("27447", "nonparticipating", 108647, 108647),  # x 95% = 1086.4675
        ("27447", "limiting_charge", 124944, 124944),  # x 95% x 115% = 1249.4376
        ("27447", "surgery_only", 90348, 90348),  # 10% before, 69% itself: 903.4835
        ("27447", "after_only", 24017, 24017),  # 21% = 240.1665
        ("27447", "return_only", 78912, 78912),  # 69% = 789.1185
        # 9.58 and 4.88 RVU: 319.9806 and 162.9964; its 53 row 4.78 and 2.43: 159.6563 and 81.1642.
        ("45378", "allowed", 31998, 16300),
        ("45378", "office", 31998, None),
        ("45378", "return_only", 31998, 16300),  # without days of care afterwards the whole
        ("45378", "discontinued", 15966, 8116),
        # 12.01 and 5.32 RVU: 401.1448 and 177.6928, less the base's amount.
        ("45380", "endo_difference", 8116, 1469),
        ("45330", "endo_difference", 0, 0),
        # 7.84 RVU: 261.8631, capped at 1.71 + 5.51 + 0.10 = 7.32: 244.4946. In a facility only the reading is paid: 2.40 RVU, 80.1622.
        ("70496", "allowed", 24449, None),
        ("70496", "uncapped", 26186, None),
        ("70496", "cap", 24449, None),
        ("70496", "professional", 8016, 8016),
        ("70496", "technical", 16433, None),  # 5.44 RVU: 181.7009, capped at 4.92: 164.3324
        ("70496", "imaging_tc", 9085, None),  # half of 181.70, which is below the cap
        ("70496", "imaging_pc", 7615, None),  # 95% of 80.16: 76.152
        ("70496", "cardiovascular_tc", 13628, None),  # 75% of 181.70: 136.275
        ("70496", "ophthalmology_tc", 14536, None),  # 80%
        ("70551", "imaging_tc", 6714, None),  # 9.02 RVU: 301.2761, half is 150.64; the cap of 2.01 is lower: 67.1358
        ("92250", "ophthalmology_tc", 2698, None),  # technical as a whole, 1.01 RVU: 33.7349; 80% of 33.73: 26.984
        # 1.21 RVU: 40.4151; with half of 0.70 PE 0.86: 28.7248.
        ("97761", "reduced_unit", 2872, 2872),
        ("97761", "two_units", 6914, 6914),
        # 0.72 RVU: 24.0486, in a facility alone; x 109.25% = 26.2746.
        ("85060", "allowed", None, 2405),
        ("85060", "limiting_charge", None, 2627),
    ],
)
def test_a_named_amount_is_worked_out_by_hand(code: str, name: str, office: int | None, facility: int | None, shares: dict[str, Shares]) -> None:
    """Each amount in the office and in a facility, None where nothing is paid: chapter 12, sections 20.4.2, 40.4, 40.6 and 40.7; chapter 5, section 10.7; chapter 23, fields 20 and 21."""
    assert shares[code].get(name) == Pair(office, facility)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("97761", "endo_difference"),
        ("45340", "endo_difference"),
        ("45350", "endo_difference"),
        ("27447", "reduced_unit"),
        ("27447", "two_units"),
        ("97761", "imaging_tc"),
        ("59400", "surgery_only"),
        ("59400", "after_only"),
        ("59400", "return_only"),
        ("99397", "both_sides"),
        ("99397", "surgery_only"),
    ],
)
def test_an_amount_that_means_nothing_on_a_code_is_none(code: str, name: str, shares: dict[str, Shares]) -> None:
    """No family of endoscopies, its base not at hand, no therapy, no technical part, no split of the package, no amount at all: then no sentence names one."""
    assert shares[code].get(name) is None
