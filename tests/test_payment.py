"""The payment engine on lines and claims: amounts from the payment specification and from exact sums, refusals by name, what must never change money."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, pairwise, permutations
from typing import Any

import facts
import pytest
from facts import ALL_2025, FACILITY, NON_QP, OFFICE, half_up
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from importing import Imported
from machine import CMS
from nodes import Node

from medpayiq.facts import SnapshotFacts
from medpayiq.payment.amount import is_priced, price
from medpayiq.payment.claim import price_claim
from medpayiq.rulebook import rulebook

DC, AL, WY, AK, NATION = "12202/01", "10112/00", "03602/21", "02102/01", "00000/00"
RESULTS = {
    *("AMOUNT", "CONDITIONAL", "NO_NATIONAL_RULE", "BUNDLED", "BUNDLED_OR_EXCLUDED", "NOT_PFS", "NOT_VALID_FOR_MEDICARE", "REPORT_ONLY", "NON_COVERED"),
    *("NEEDS_ANESTHESIA_INPUT", "NOT_PAID_IN_FACILITY", "NOT_PAID_IN_SETTING", "NOT_PAYABLE", "INVALID_MODIFIER", "INVALID_COMBINATION", "MODIFIER_REQUIRED"),
    *("UNKNOWN_CODE", "UNKNOWN_LOCALITY", "CF_REQUIRED", "INVALID_INPUT"),
}
"""Payment specification, section 0, and the one name for input that cannot be read."""


class Engine:
    """Asks the engine about claims of one release; where node is, the browser's engine must answer each of them alike, so that every figure here is asked of both."""

    def __init__(self, imported: Imported) -> None:
        self.node = Node(imported.snapshot) if shutil.which("node") else None
        self.facts = SnapshotFacts(imported.snapshot)
        self.book = rulebook(imported.snapshot.meta.effective_from)

    def claim(self, *lines: dict[str, str] | str, **circumstances: str) -> list[dict[str, Any]]:
        """Price lines; a line may be short: ``"27447 80 RT x2"``."""
        asked = [_line(one) if isinstance(one, str) else one for one in lines]
        claim = {"setting": "nonfacility", "locality": DC, **circumstances, "lines": asked}
        made = [one.as_json() for one in price_claim(claim, self.facts, self.book)]
        if self.node is not None:
            assert json.loads(self.node.ask(claim) or '"the engine under node failed"') == made
        return made

    def close(self) -> None:
        """Let node end."""
        if self.node is not None:
            self.node.close()

    def allowed(self, *lines: dict[str, str] | str, **circumstances: str) -> list[str | None]:
        """Price lines and return their allowed amounts alone."""
        return [one["allowed"] for one in self.claim(*lines, **circumstances)]


def _line(text: str) -> dict[str, str]:
    code, *rest = text.split()
    units = next((one[1:] for one in rest if one[0] == "x"), "1")
    return {"code": code, "modifiers": " ".join(one for one in rest if one[0] != "x"), "units": units}


@pytest.fixture(scope="session")
def rvu25d(snapshots_of_history: dict[str, Imported]) -> Iterator[Engine]:
    """Return the engine on RVU25D, which the specification's figures are of."""
    engine = Engine(snapshots_of_history["rvu25d"])
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def rvu26c(imported: Imported) -> Iterator[Engine]:
    """Return the engine on RVU26C, which has two conversion factors."""
    engine = Engine(imported)
    yield engine
    engine.close()


def fee(code: str, locality: str, setting: str = FACILITY, modifier: str = "") -> int:
    """Return the fee schedule amount of 2025 in cents, from CMS's files with fractions."""
    row = facts.by_code(facts.RVU25D)[code][modifier]
    work, pe, mp = facts.gpcis(CMS / "rvu25d" / "GPCI2025.csv")[tuple(locality.split("/"))]  # type: ignore[index]
    return half_up((row.work * work + row.pe[setting] * pe + row.mp * mp) * ALL_2025 * 100)


def text(cents: int) -> str:
    """Write cents as the engine does."""
    return f"{cents // 100}.{cents % 100:02d}"


def of(cents: int, percent: str) -> int:
    """Return a percentage of cents, rounded half up."""
    return half_up(cents * Fraction(percent) / 100)


# -- amounts of the payment specification ------------------------------------------------------------------------------

CLAIMS: list[tuple[str, list[str], dict[str, str], list[str | None]]] = [
    ("5.1: ranked 100, 50, 50", ["28296 RT", "28285 T6", "28285 T7"], {"locality": AL, "setting": "facility"}, ["469.04", "176.02", "176.02"]),
    ("5.2: family over its base", ["45385", "45380"], {"setting": "facility"}, ["269.17", "17.17"]),
    ("5.2: family ranks before another", ["43239 59", "45380", "45385"], {"setting": "facility"}, ["73.71", "17.17", "269.17"]),
    ("5.2: base inside its family", ["45378", "45385"], {"setting": "facility"}, ["0.00", "269.17"]),
    ("5.3: scans", ["74177", "71260"], {"locality": WY}, ["296.25", "105.55"]),
    ("5.3: reduction before the cap", ["70498", "71275", "70496"], {"locality": WY}, ["171.06", "260.26", "171.22"]),
    ("5.4: heart tests", ["93306", "93880"], {"locality": WY}, ["156.76", "181.03"]),
    ("5.4: eye tests", ["92133", "92083"], {"locality": WY}, ["26.83", "60.97"]),
    ("5.5: therapy units", ["97110 GP x2", "97140 GP", "97530 GP"], {}, ["48.10", "22.79", "39.33"]),
    ("6: both sides outrank", ["47562", "49505 50"], {"locality": AL, "setting": "facility"}, ["291.66", "694.29"]),
    ("6: right and left", ["20610 RT", "20610 LT"], {"locality": AL}, ["57.21", "28.61"]),
    ("6: two units", ["20610 x2"], {"locality": AL}, ["85.82"]),
    ("7: assistant", ["27447 80"], {"locality": AL, "setting": "facility"}, ["182.09"]),
    # 81 and 82 are assistants as 80 is: 16% (chapter 12, section 20.4.3).
    *((f"7: {one} like 80", [f"27447 {one}"], {"locality": AL, "setting": "facility"}, ["182.09"]) for one in ("81", "82")),
    ("7: AS", ["27447 AS"], {"locality": AL, "setting": "facility"}, ["154.78"]),
    ("7: AS by a PA is not cut again", ["27447 AS"], {"locality": AL, "setting": "facility", "practitioner": "PA"}, ["154.78"]),
    ("4: surgery alone", ["66984 54"], {"locality": AL, "setting": "facility"}, ["383.45"]),
    ("4: care after", ["66984 55"], {"locality": AL, "setting": "facility"}, ["95.86"]),
    ("12: CNM whole", ["99213"], {"practitioner": "CNM"}, ["100.28"]),
    ("1.8: the technical part is capped", ["70496 TC"], {"locality": WY}, ["177.98"]),
    ("1.6: non-QP", ["99213"], {"locality": NATION}, ["88.95"]),
    ("16.1: two units of training", ["97761 GP x2"], {}, ["77.75"]),
    # Therapy has bilateral indicator 0 throughout, and is paid by units of time: chapter 12, section 40.7.C.3, note; chapter 5, section 10.7.
    ("5.5: therapy on both sides is two units", ["97110 GP RT", "97110 GP LT"], {}, ["32.34", "24.05"]),
]


@pytest.mark.parametrize(("what", "lines", "circumstances", "expected"), CLAIMS, ids=[one[0] for one in CLAIMS])
def test_claims_get_the_amounts_of_the_specification(what: str, lines: list[str], circumstances: dict[str, str], expected: list[str | None], rvu25d: Engine) -> None:
    """Claims with the figures that the payment specification prints in that section, their lines in another order than there."""
    assert rvu25d.allowed(*lines, **circumstances) == expected, what


def test_anesthesia_pays_base_and_time_units_by_role(rvu25d: Engine) -> None:
    """Base and time units by the locality's factor; half for medical direction; three units under AD; none of time for 01996 (section 1.9)."""
    case = {"code": "01402", "base_units": "7", "minutes": "120"}
    for modifiers, expected in (("AA", "289.65"), ("QK", "144.83"), ("QX", "144.83"), ("QZ", "289.65"), ("QY", "144.83"), ("AD", "57.93")):
        assert rvu25d.allowed(case | {"modifiers": modifiers}, locality=AL, setting="facility") == [expected]
    # 88 minutes are 5.9 units and 45 are 3 (chapter 12, section 140.5): AK's factor is 27.86.
    for minutes, tenths in (("88", 59), ("45", 30), ("1", 1), ("97", 65)):
        cents = half_up(Fraction(70 + tenths, 10) * 2786)
        assert rvu25d.allowed(case | {"modifiers": "QZ", "minutes": minutes}, locality=AK) == [text(cents)]
    # (7 + 6.5) x 19.31 = 260.685; half of it is 130.3425, rounded once.
    assert rvu25d.allowed(case | {"modifiers": "QX", "minutes": "97"}, locality=AL) == ["130.34"]
    assert rvu25d.allowed({"code": "01996", "modifiers": "AA", "base_units": "3", "minutes": "60"}, locality=AL) == [text(3 * 1931)]
    # 01996 has no time units (section 50.G): being there at induction adds none under AD either.
    assert rvu25d.allowed({"code": "01996", "modifiers": "AD", "base_units": "3", "induction": "yes"}, locality=AL) == [text(3 * 1931)]
    both = rvu25d.claim(case | {"modifiers": "AA QZ"}, locality=AL)[0]
    assert (both["result"], both["allowed"]) == ("CONDITIONAL", "289.65")
    assert [name for name, _ in both["conditions"]] == ["both_anesthetists"]


def test_a_base_is_inside_a_family_of_the_sixth_rank(rvu25d: Engine) -> None:
    """45378 beside 45385 is not paid apart (chapter 23, Addendum, field 21), also where the family itself is by report: five dearer procedures rank before it."""
    base, member, *dearer = rvu25d.claim("45378", "45385", *["28296", "28296 T1", "28296 T2", "28296 T3", "28296 T4"], locality=AL, setting="facility")
    assert (base["result"], base["allowed"]) == ("AMOUNT", "0.00")
    assert (member["result"], member["allowed"]) == ("NO_NATIONAL_RULE", None)
    assert [one["allowed"] for one in dearer] == ["469.04", *["234.52"] * 4]


def test_procedures_from_the_sixth_on_are_by_report(rvu25d: Engine) -> None:
    """The second to fifth procedure are paid at half; the sixth has no national amount, and half as its floor (section 5, MULT 2)."""
    answers = rvu25d.claim("28285 x1", *["28285 T1", "28285 T2", "28285 T3", "28285 T4", "28285 T6"], locality=AL, setting="facility")
    assert [one["allowed"] for one in answers].count("352.04") == 1
    assert [one["allowed"] for one in answers].count("176.02") == 4
    late = next(one for one in answers if one["allowed"] is None)
    assert (late["result"], late["floor"]) == ("NO_NATIONAL_RULE", "176.02")
    many = rvu25d.claim("28285 T1 x7", locality=AL, setting="facility")[0]
    assert (many["result"], many["allowed"], many["floor"]) == ("NO_NATIONAL_RULE", None, text(35204 + 6 * 17602))


def test_family_total_is_one_service(rvu25d: Engine) -> None:
    """A family that ranks second is paid half of its total, rounded once; the line that brings least takes the odd cent (section 5.2)."""
    whole = fee("47562", AL)
    members = [fee("45385", AL), fee("45380", AL) - fee("45378", AL)]
    assert sum(members) < whole
    allowed = rvu25d.allowed("45380 59", "47562", "45385 59", locality=AL, setting="facility")
    total = of(sum(members), "50")
    assert allowed == [text(total - of(members[0], "50")), text(whole), text(of(members[0], "50"))]


def test_an_endoscopy_below_its_base_pays_nothing(rvu25d: Engine) -> None:
    """Beside a dearer member, one whose amount is below the base's is paid zero and says that no text settles it (section 5.2)."""
    below, dearer = "29881", "29888"
    rows = facts.by_code(facts.RVU25D)
    assert rows[below][""].endo_base == "29870"
    assert fee(below, DC, OFFICE) < fee("29870", DC, OFFICE)
    partner = next(code for code, by in rows.items() if by.get("") and by[""].endo_base == "29870" and fee(code, DC, OFFICE) > fee(below, DC, OFFICE))
    answers = rvu25d.claim(f"{below} RT", f"{partner} RT")
    assert answers[0]["allowed"] == "0.00", dearer
    assert "NEGATIVE_DIFFERENCE" in [name for name, _ in answers[0]["notes"]]


def test_a_return_to_the_operating_room_pays_the_share_of_the_operation(rvu25d: Engine) -> None:
    """78 pays the intraoperative share, and the whole of a 0-day code; it stays out of ranking and sides (section 4)."""
    assert rvu25d.allowed("66984 78 RT", locality=AL, setting="facility") == ["335.52"]
    assert rvu25d.allowed("45385 78", setting="facility") == ["269.17"]
    assert rvu25d.allowed("28285 78 T1", "28296 RT", locality=AL, setting="facility") == [text(of(fee("28285", AL), str(100 * facts.by_code(facts.RVU25D)["28285"][""].intra))), "469.04"]
    assert rvu25d.allowed("49505 78 50", locality=AL, setting="facility") == [text(of(fee("49505", AL), str(100 * facts.by_code(facts.RVU25D)["49505"][""].intra)))]


def test_lines_that_share_a_procedure_share_its_rank(rvu25d: Engine) -> None:
    """Surgery and care after it of one package, and the two parts of one test, are one procedure in the ranking (sections 1.3, 4)."""
    care = {"code": "66984", "modifiers": "55", "days": "45"}
    # 479.31 x 0.80; 479.31 x 0.20 = 95.86, for 45 of 90 days 47.93.
    assert rvu25d.allowed("66984 54", care, locality=AL, setting="facility") == ["383.45", "47.93"]
    split = {code: facts.by_code(facts.RVU25D)[code][""] for code in ("28296", "28285")}
    whole, half = fee("28296", AL), of(fee("28285", AL), "50")
    expected = [half_up(whole * (split["28296"].pre + split["28296"].intra)), half_up(half * (split["28285"].pre + split["28285"].intra)), half_up(whole * split["28296"].post), half_up(half * split["28285"].post)]
    assert rvu25d.allowed("28296 54", "28285 54 T6", "28296 55", "28285 55 T6", locality=AL, setting="facility") == [text(one) for one in expected]
    parts = [fee("51725", AL, OFFICE, modifier) for modifier in ("26", "TC")]
    assert rvu25d.allowed("51725 26", "51725 TC", locality=AL) == [text(one) for one in parts]
    # A second unit of the reading has no technical part beside it: 51725-26, in AL, is ranked second, and not paid whole again.
    two = {"code": "51725", "modifiers": "26", "units": "2"}
    assert rvu25d.allowed(two, "51725 TC", locality=AL) == [text(parts[0] + of(parts[0], "50")), text(parts[1])]
    dearer = fee("22551", AL)
    assert rvu25d.allowed("51725 26", "22551", "51725 TC", locality=AL) == [text(of(parts[0], "50")), text(dearer), text(of(parts[1], "50"))]


def test_steps_round_in_order(rvu25d: Engine) -> None:
    """Both sides, rank, share of the package, role, practitioner and 95% act one after another, each on a rounded amount (sections 1.2, 14)."""
    base = fee("49505", AL)
    both = of(base, "150")
    expected = of(of(of(both, "16"), "100"), "95")
    assert rvu25d.allowed("49505 50 80", locality=AL, setting="facility", participation="nonpar") == [text(expected)]
    ranked = of(fee("47562", AL), "50")
    row = facts.by_code(facts.RVU25D)["47562"][""]
    split = half_up(ranked * (row.pre + row.intra))
    assert rvu25d.allowed("49505 50", "47562 54", locality=AL, setting="facility", practitioner="NP") == [text(of(both, "85")), text(of(split, "85"))]


def test_whole_heart_test_is_reduced_in_the_technical_code(rvu25d: Engine) -> None:
    """A whole test (PC/TC 4) that is not first is its reading's code in full and 75% of the technical code (section 5.4)."""
    reading, technical = fee("93010", WY, OFFICE), fee("93005", WY, OFFICE)
    expected = half_up(reading + Fraction(technical * 75, 100))
    assert rvu25d.allowed("93000", "93306", locality=WY) == [text(expected), text(fee("93306", WY, OFFICE))]


def test_film_and_plate_cut_the_technical_part(rvu25d: Engine) -> None:
    """FX leaves 80% and FY 90% of the technical part; on a reading they do nothing (section 13)."""
    assert rvu25d.allowed("71046 FX", "71046 FY", "71046 26 FX", locality=WY) == ["27.99", "30.24", text(fee("71046", WY, OFFICE, "26"))]


def test_a_technical_part_alone_is_rounded_after_each_rule(rvu25d: Engine) -> None:
    """A TC line is an amount like any other: rounded after film, after the reduction, and then cut for CT (section 1.2; section 14, steps 3 to 6).

    71250-TC is 81.75: x 50% = 40.875, so 40.88; x 85% = 34.748. 75625-TC is 56.85: x 90% = 51.165, so 51.17; x 75% = 38.3775.
    """
    assert [fee(code, WY, OFFICE, "TC") for code in ("71250", "75625")] == [8175, 5685]
    assert rvu25d.allowed("74177 TC", "71250 TC CT", locality=WY) == ["213.64", "34.75"]
    assert rvu25d.allowed("93306 TC", "75625 TC FY", locality=WY) == [text(fee("93306", WY, OFFICE, "TC")), "38.38"]


def test_film_does_nothing_to_a_reading_that_is_a_code(rvu25d: Engine) -> None:
    """77071, all a physician's work (PC/TC 2), has no technical part that FX could cut (chapter 13, section 20.2.5)."""
    answer = rvu25d.claim("77071 FX", locality=WY)[0]
    assert answer["allowed"] == text(fee("77071", WY, OFFICE))
    assert "NO_EFFECT_ON_READING" in [name for name, _ in answer["notes"]]
    assert "film" not in [one["step"] for one in answer["trace"]]


def test_film_of_both_sides_is_cut_before_the_sides(rvu25d: Engine) -> None:
    """RT and LT of an X-ray with bilateral indicator 0 are one fee (chapter 23, Addendum, field 22), with FX that fee cut: 14.15 + 0.80 x 30.00, and nothing more on the second line."""
    assert rvu25d.allowed("71048 FX RT", "71048 FX LT", locality=WY) == ["38.15", "0.00"]
    assert rvu25d.allowed("71048 TC FX LT", "71048 TC FX RT", locality=WY) == ["24.00", "0.00"]


def test_ct_cut_and_cap_are_not_settled(rvu25d: Engine) -> None:
    """Where the cap binds, CT has no one amount: both orders are named (section 13). Where it does not, 85% of the technical part."""
    assert rvu25d.allowed("74177 CT", "74177 TC CT", locality=WY)[0] is not None
    assert rvu25d.allowed("74177 TC CT", locality=WY) == ["181.59"]
    answer = rvu25d.claim("70496 CT", locality=WY)[0]
    assert answer["result"] == "NO_NATIONAL_RULE"
    # 26 78.90; TC 192.53, capped at 177.98.
    orders = [half_up(7890 + Fraction(17798 * 85, 100)), half_up(7890 + Fraction(19253 * 85, 100))]
    assert [text(cents) in answer["say"] for cents in orders] == [True, True]
    # Two units: of the second 95% of 78.90 and 85% of half of 192.53, which is below the cap, in either order.
    second = half_up(Fraction(7890 * 95, 100) + Fraction(19253 * 85, 200))
    say = rvu25d.claim("70496 CT x2", locality=WY)[0]["say"]
    assert [text(cents + second) in say for cents in orders] == [True, True]


def test_two_factors_must_be_chosen_between(rvu26c: Engine) -> None:
    """In 2026 an amount needs the clinician's QP status; a refusal for another reason does not ask for it (section 1.6)."""
    assert rvu26c.claim("99213", locality=NATION)[0]["result"] == "CF_REQUIRED"
    assert rvu26c.allowed("99213", locality=NATION, factor="qp") == ["95.67"]
    assert rvu26c.claim("J1885", locality=NATION)[0]["result"] == "NOT_PFS"
    assert rvu26c.claim({"code": "01402", "modifiers": "QZ", "base_units": "7", "minutes": "60"}, locality=AL)[0]["result"] == "CF_REQUIRED"
    with (CMS / "rvu26c" / "ANES2026.csv").open(encoding="latin-1") as file:
        row = next(line.split(",") for line in file if line.startswith("10112"))
    for kind, cell in (("qp", row[-2]), ("non_qp", row[-1])):
        assert rvu26c.allowed({"code": "01402", "modifiers": "QZ", "base_units": "7", "minutes": "60"}, locality=AL, factor=kind) == [text(half_up(11 * Fraction(cell.strip()) * 100))]


def test_skin_substitutes_say_what_is_not_settled(rvu26c: Engine) -> None:
    """A skin substitute has the formula's amount and the note that its flat rate was not verified (section 1.7)."""
    answer = rvu26c.claim("Q4101", factor="non_qp", locality=NATION)[0]
    assert answer["allowed"] == text(half_up(Fraction("3.81") * NON_QP * 100))
    assert "FLAT_RATE_SUPPLY_VERIFY" in [name for name, _ in answer["notes"]]


def test_a_skin_substitute_on_either_side_is_paid_by_the_square_centimeter(rvu26c: Engine) -> None:
    """Two lines of one square centimeter are two of them: bilateral indicator 0 is for what can be done to both sides (chapter 12, section 40.7.C.3, note)."""
    each = text(half_up(Fraction("3.81") * NON_QP * 100))
    assert rvu26c.allowed("Q4101 RT", "Q4101 LT", factor="non_qp", locality=NATION) == [each, each]


# -- refusals ----------------------------------------------------------------------------------------------------------

REFUSED: list[tuple[str, dict[str, str], str]] = [
    ("99213 26 TC", {}, "INVALID_COMBINATION"),
    ("66984 54 55", {}, "INVALID_COMBINATION"),
    ("66984 54 56", {}, "INVALID_COMBINATION"),
    ("22551 62 66", {}, "INVALID_COMBINATION"),
    ("22551 62 80", {}, "INVALID_COMBINATION"),
    ("22551 66 AS", {}, "INVALID_COMBINATION"),
    ("27447 80 82", {}, "INVALID_COMBINATION"),
    ("27447 81 AS", {}, "INVALID_COMBINATION"),
    ("20610 50 RT", {}, "INVALID_COMBINATION"),
    ("20610 RT LT", {}, "INVALID_COMBINATION"),
    ("97110 GP GO", {}, "INVALID_COMBINATION"),
    ("97110 CQ", {}, "INVALID_COMBINATION"),
    ("97110 GP CO", {}, "INVALID_COMBINATION"),
    ("97110 GP GO CQ CO", {}, "INVALID_COMBINATION"),
    ("92507 GN CQ", {}, "INVALID_COMBINATION"),
    ("97110 GP CQ", {"practitioner": "MD"}, "INVALID_COMBINATION"),
    ("71046 FX FY", {}, "INVALID_COMBINATION"),
    ("43239 52 53", {}, "INVALID_COMBINATION"),
    ("27447 80", {"practitioner": "PA"}, "INVALID_COMBINATION"),
    ("27447 AS", {"practitioner": "MD"}, "INVALID_COMBINATION"),
    # Physicians assist, and PA, NP and CNS with AS: chapter 12, sections 20.4.3 and 100.1.7.
    *((f"27447 {one}", {"practitioner": who}, "INVALID_COMBINATION") for one in ("80", "81", "82", "AS") for who in ("CNM", "CSW", "PT")),
    # Anesthesia: the lists of who bills which role are closed (chapter 12, sections 50.I and 140.3.3); QZ is of a CRNA alone.
    *((f"00840 {one}", {"practitioner": who}, "INVALID_COMBINATION") for one in ("AA", "AD", "QK", "QY") for who in ("CRNA", "AA", "NP", "PT")),
    *((f"00840 {one}", {"practitioner": who}, "INVALID_COMBINATION") for one in ("QX", "QZ") for who in ("MD", "NP", "PT")),
    ("00840 QZ", {"practitioner": "AA"}, "INVALID_COMBINATION"),
    ("20610 50 x2", {}, "INVALID_COMBINATION"),
    ("99213 25 25", {}, "INVALID_COMBINATION"),
    ("99213 GA GZ", {}, "INVALID_COMBINATION"),
    ("R0075 UN US", {}, "INVALID_COMBINATION"),
    ("99213 FX", {}, "INVALID_MODIFIER"),
    ("71046 CT", {}, "INVALID_MODIFIER"),
    ("99213 54", {}, "INVALID_MODIFIER"),
    ("99213 55", {}, "INVALID_MODIFIER"),
    ("99213 78", {}, "INVALID_MODIFIER"),
    ("45385 54", {}, "INVALID_MODIFIER"),
    ("22840 54", {}, "INVALID_MODIFIER"),
    ("99213 22", {}, "INVALID_MODIFIER"),
    ("99213 52", {}, "INVALID_MODIFIER"),
    ("43239 73", {}, "INVALID_MODIFIER"),
    # Chapter 23, Addendum, field 20: 26 and TC cannot stand with PC/TC indicator 0, whoever sets the price (99199 has status C, D0422 R without RVUs).
    *((f"{code} {part}", {}, "INVALID_MODIFIER") for code in ("99199", "D0422") for part in ("26", "TC")),
    ("43239 74", {}, "INVALID_MODIFIER"),
    ("27447 24", {}, "INVALID_MODIFIER"),
    ("27447 25", {}, "INVALID_MODIFIER"),
    ("27447 57", {}, "INVALID_MODIFIER"),
    *((f"71046 {trip}", {}, "INVALID_MODIFIER") for trip in ("UN", "UP", "UQ", "UR", "US")),
    ("99213 AA", {}, "INVALID_MODIFIER"),
    ("99213 ZZ", {}, "INVALID_MODIFIER"),
    ("10030 50", {}, "INVALID_MODIFIER"),
    ("77427 62", {}, "INVALID_MODIFIER"),
    ("77427 66", {}, "INVALID_MODIFIER"),
    ("97161 GO", {}, "INVALID_MODIFIER"),
    ("97165 GP", {}, "INVALID_MODIFIER"),
    ("97110 GN", {}, "INVALID_MODIFIER"),
    ("93000 26", {}, "INVALID_MODIFIER"),
    ("97110", {}, "MODIFIER_REQUIRED"),
    ("86153", {}, "MODIFIER_REQUIRED"),
    ("66984 56", {}, "NO_NATIONAL_RULE"),
    ("59400 54", {}, "NO_NATIONAL_RULE"),
    ("77761 55", {}, "NO_NATIONAL_RULE"),
    ("65855 66", {}, "NO_NATIONAL_RULE"),
    *((f"R0075 {trip}", {}, "NO_NATIONAL_RULE") for trip in ("UN", "UP", "UQ", "UR", "US")),
    ("27447 22", {}, "NO_NATIONAL_RULE"),
    ("99213", {"practitioner": "RD"}, "NO_NATIONAL_RULE"),
    ("11721 80", {}, "NOT_PAYABLE"),
    ("99213 GZ", {}, "NOT_PAYABLE"),
    ("99213 GY", {}, "NON_COVERED"),
    ("36592", {"other_service": "yes"}, "BUNDLED"),
    ("99341", {"setting": "facility"}, "NOT_PAID_IN_FACILITY"),
    ("93000", {"pos": "22"}, "NOT_PAID_IN_FACILITY"),
    ("Q0092", {"pos": "21"}, "NOT_PAID_IN_FACILITY"),
    ("85060", {"pos": "22"}, "NOT_PAID_IN_SETTING"),
    ("97110 GP", {"pos": "22", "practitioner": "PT"}, "NOT_PAID_IN_FACILITY"),
    ("97762 GP", {}, "UNKNOWN_CODE"),
    ("9921", {}, "UNKNOWN_CODE"),
    ("99213", {"locality": "01112/17"}, "UNKNOWN_LOCALITY"),
    ("99213", {"locality": "12202/1"}, "UNKNOWN_LOCALITY"),
    *(("99213", {"pos": pos}, "INVALID_INPUT") for pos in ("05", "06", "07", "08", "18", "66", "59", "82", "00", "1", "x")),
    *((f"99213 x{units}", {}, "INVALID_INPUT") for units in ("0", "-1", "1e9", "1000000000", "two", "1.5", "٣")),
    ("99213", {"practitioner": "WIZARD"}, "INVALID_INPUT"),
    ("99213", {"participation": "maybe"}, "INVALID_INPUT"),
    ("J1885 26", {}, "NOT_PFS"),
    ("27447 PA", {}, "NON_COVERED"),
    ("99213", {"deductible": "-5"}, "INVALID_INPUT"),
]


@pytest.mark.parametrize(("line", "circumstances", "result"), REFUSED, ids=[f"{one[0]} {' '.join(one[1].values())}" for one in REFUSED])
def test_a_refused_line_has_a_named_result_and_no_figure(line: str, circumstances: dict[str, str], result: str, rvu25d: Engine) -> None:
    """A line that has no national amount gets its named result, a sentence, and no figure (payment specification, sections 0 to 14)."""
    answer = rvu25d.claim(line, **circumstances)[0]
    assert answer["result"] == result
    assert answer["allowed"] is None
    assert answer["share"] == {}
    assert len(answer["say"]) > 20
    assert "{" not in answer["say"]


def test_a_dietitian_is_paid_for_no_anesthesia(rvu25d: Engine) -> None:
    """The list of a dietitian's services (42 CFR 414.64) holds for anesthesia codes as for others."""
    answer = rvu25d.claim({"code": "00402", "modifiers": "QZ", "base_units": "5", "minutes": "30"}, practitioner="RD")[0]
    assert (answer["answer"], answer["allowed"]) == ("practitioner_codes", None)


def test_one_line_of_anesthesia_has_one_role(rvu25d: Engine) -> None:
    """Two of the modifiers that say who gave the anesthesia exclude each other, AA and QZ of one case aside (chapter 12, sections 50.B, 140.4.2)."""
    case = {"code": "01402", "base_units": "7", "minutes": "120"}
    for one, other in combinations(("AA", "AD", "QK", "QX", "QY", "QZ"), 2):
        expected = ("CONDITIONAL", True) if (one, other) == ("AA", "QZ") else ("INVALID_COMBINATION", False)
        made = rvu25d.claim(case | {"modifiers": f"{one} {other}"})[0]
        assert (made["result"], made["allowed"] is not None) == expected, (one, other)


def test_anesthesia_of_several_units_is_not_priced(rvu25d: Engine) -> None:
    """Base units and time make the amount, and units of service are no factor of it (chapter 12, section 50.G): two units have no amount, rather than twice or once it."""
    case = {"code": "01402", "modifiers": "AA", "base_units": "7", "minutes": "120"}
    assert [rvu25d.claim(case | {"units": units})[0]["result"] for units in ("1", "2")] == ["AMOUNT", "INVALID_INPUT"]


@pytest.mark.parametrize(("name", "code", "modifiers"), [("units", "99213", ""), ("minutes", "01402", "AA"), ("base_units", "01402", "AA")])
def test_numbers_are_taken_as_far_as_the_sentence_says(rvu25d: Engine, name: str, code: str, modifiers: str) -> None:
    """The first and the last number that the sentence of a refusal names have an amount; the one before and the one after are refused with it."""
    line = {"code": code, "modifiers": modifiers, "base_units": "7", "minutes": "120"}
    refused = rvu25d.claim(line | {name: "0"})[0]
    said = re.search(r" from (\d+) to (\d+)[.;]", refused["say"])
    assert said is not None
    first, last = map(int, said.groups())
    given = {number: rvu25d.claim(line | {name: str(number)})[0] for number in (first - 1, first, last, last + 1)}
    assert {number: one["allowed"] is not None for number, one in given.items()} == {first - 1: False, first: True, last: True, last + 1: False}
    assert given[last + 1]["say"] == refused["say"]


def test_surgical_pairs_of_the_manual_are_not_refused(rvu25d: Engine) -> None:
    """No pair that chapter 12, section 40.9 names as possible is refused as a combination."""
    pairs = ["50 51", "50 54", "50 55", "50 62", "50 66", "50 80", "50 62 54", "50 66 54", "51 54", "51 55", "51 62", "51 66", "51 80", "51 62 54", "51 66 54", "62 54", "62 55", "66 54", "66 55"]
    for pair in pairs:
        assert rvu25d.claim(f"49505 {pair}", setting="facility", locality=AL)[0]["result"] not in {"INVALID_COMBINATION", "INVALID_MODIFIER"}, pair


def test_undocumented_increase_is_the_plain_amount(rvu25d: Engine) -> None:
    """22 without its statement and report is paid as if it were not there (chapter 12, section 40.4.A)."""
    line = {"code": "27447", "modifiers": "22", "documented": "no"}
    assert rvu25d.allowed(line, locality=AL, setting="facility") == ["1138.09"]


def test_more_days_than_the_period_has_are_refused(rvu25d: Engine) -> None:
    """55 counts at most the days of the global period (section 4)."""
    assert rvu25d.claim({"code": "17000", "modifiers": "55", "days": "11"}, locality=AL)[0]["result"] == "INVALID_INPUT"
    assert rvu25d.allowed({"code": "17000", "modifiers": "55", "days": "10"}, locality=AL) == ["5.97"]


@pytest.mark.parametrize("modifier", ["62", "66"])
def test_several_surgeons_where_the_rule_does_not_apply(modifier: str, rvu25d: Engine) -> None:
    """Indicator 0, for two surgeons and for a team: the first bill is paid in full, under that condition; a later one is not payable (chapter 12, section 40.8.C.4)."""
    first = rvu25d.claim(f"29881 {modifier}", locality=AL, setting="facility")[0]
    assert (first["result"], first["allowed"]) == ("CONDITIONAL", "484.31")
    assert [name for name, say in first["conditions"] if "29881" in say] == ["first_bill"]
    later = rvu25d.claim({"code": "29881", "modifiers": modifier, "other_surgeon": "yes"}, locality=AL, setting="facility")[0]
    assert later["result"] == "NOT_PAYABLE"


SURGEONS = {
    "80 81 82 AS": ("asst", {"0": ("CONDITIONAL", "assistant_documents"), "1": ("NOT_PAYABLE", "assistant_barred"), "2": ("AMOUNT", ""), "9": ("INVALID_MODIFIER", "assistant_none")}),
    "62": ("cosurg", {"0": ("CONDITIONAL", "first_bill"), "1": ("CONDITIONAL", "cosurgeon_documents"), "2": ("AMOUNT", ""), "9": ("INVALID_MODIFIER", "cosurgeon_none")}),
    "66": ("team", {"0": ("CONDITIONAL", "first_bill"), "1": ("NO_NATIONAL_RULE", "team_by_report"), "2": ("NO_NATIONAL_RULE", "team_by_report"), "9": ("INVALID_MODIFIER", "team_none")}),
}
"""Column of CMS's file, its indicator, what a line gets, and why: record layout, fields Assistant at Surgery, Co-surgeons, Team Surgery; chapter 12, sections 20.4.3, 40.8."""


@pytest.mark.parametrize("modifiers", SURGEONS)
def test_each_indicator_of_further_surgeons_has_its_answer(modifiers: str, rvu25d: Engine) -> None:
    """Documents are asked for, nothing is paid, the percentage is, or the idea does not apply: as CMS's record layout explains each indicator."""
    column, answers = SURGEONS[modifiers]
    rows = [by[""] for by in facts.by_code(facts.RVU25D).values() if "" in by and by[""].outcome(ALL_2025, FACILITY)[0] == "AMOUNT" and by[""].mult != "5"]
    codes = {getattr(row, column): row.code for row in sorted(rows, key=lambda row: row.glob == "090")}
    for modifier in modifiers.split():
        for indicator, code in codes.items():
            made = rvu25d.claim(f"{code} {modifier}", setting="facility")[0]
            assert (made["result"], made["answer"] or "".join(name for name, _ in made["conditions"])) == answers[indicator], (modifier, code)
    assert codes.keys() == answers.keys()


def test_status_t_is_paid_only_when_alone(rvu25d: Engine) -> None:
    """A status T service is paid alone, with that condition, and bundled beside a service that is payable, also one the MAC prices."""
    assert rvu25d.allowed("36592") == ["34.31"]
    assert [one["result"] for one in rvu25d.claim("36592", "99213")] == ["BUNDLED", "AMOUNT"]
    assert [one["result"] for one in rvu25d.claim("36592", "99199")] == ["BUNDLED", "NO_NATIONAL_RULE"]
    assert rvu25d.allowed("36592", "J1885") == ["34.31", None]


def test_unpriced_imaging_names_its_cap(rvu25d: Engine) -> None:
    """A scan that the MAC prices has no amount, and the cap on it: of the whole test with the reading's work (section 1.8)."""
    technical, whole, listed = rvu25d.claim("70170 TC", "70170", {"code": "70170", "modifiers": "RT,TC"}, locality="01112/05")
    assert listed["cap"] == "342.56"
    assert technical["cap"] == "342.56"
    row = facts.by_code(facts.RVU25D)["70170"]
    work, pe, mp = facts.gpcis(CMS / "rvu25d" / "GPCI2025.csv")["01112", "05"]
    assert whole["cap"] == text(half_up((row["26"].work * work + row[""].opps_pe[OFFICE] * pe + row[""].opps_mp * mp) * ALL_2025 * 100))


# -- the patient's and Medicare's parts --------------------------------------------------------------------------------


def test_the_allowed_amount_is_divided_between_medicare_and_the_patient(rvu25d: Engine) -> None:
    """Deductible, coinsurance, sequestration and therapy assistant as section 13 works them out for 100.28, 39.33, 269.17 and 197.10."""
    cases = [
        ("99213", {}, {"deductible": "0.00", "coinsurance": "20.06", "medicare_before_seq": "80.22", "sequestration": "1.60", "medicare_paid": "78.62"}),
        ("99213", {"deductible": "257.00"}, {"deductible": "100.28", "coinsurance": "0.00", "medicare_paid": "0.00", "patient": "100.28"}),
        # 100.28 - 50.00 = 50.28; 80% is 40.224, 40.22; 2% of it 0.8044, 0.80.
        ("99213", {"deductible": "50"}, {"deductible": "50.00", "coinsurance": "10.06", "medicare_before_seq": "40.22", "sequestration": "0.80", "medicare_paid": "39.42", "patient": "60.06"}),
        ("97530 GP CQ", {}, {"coinsurance": "7.87", "medicare_before_seq": "26.74", "medicare_paid": "26.21"}),
        ("45385 PT", {"setting": "facility", "deductible": "257"}, {"deductible": "0.00", "coinsurance": "40.38", "medicare_paid": "224.21"}),
        ("G0121", {"setting": "facility", "deductible": "257"}, {"deductible": "0.00", "coinsurance": "0.00", "medicare_paid": "193.16"}),
        ("99213 AQ", {}, {"hpsa_bonus": "7.86"}),
        ("99213", {"participation": "nonpar"}, {"limiting_charge": "109.56"}),
    ]
    for line, circumstances, expected in cases:
        share = rvu25d.claim(line, **circumstances)[0]["share"]
        assert {name: share.get(name) for name in expected} == expected, line


def test_limiting_charge_is_not_for_those_who_must_accept_assignment(rvu25d: Engine) -> None:
    """A nonparticipating NP has no limiting charge, and the 5% cut is taken on an explicit word alone (section 12)."""
    answer = rvu25d.claim("99213", participation="nonpar", practitioner="NP")[0]
    assert (answer["allowed"], answer["share"].get("limiting_charge")) == ("85.24", None)
    assert "NPP_FIVE_PERCENT" in [name for name, _ in answer["notes"]]
    assert rvu25d.allowed("99213", participation="nonpar", practitioner="NP", five_percent="yes") == [text(of(8524, "95"))]


def test_both_sides_are_held_to_the_sum_of_their_charges(rvu25d: Engine) -> None:
    """Chapter 23, Addendum, field 22: sides of a fee of $125, charged at $100 each, are paid $125; indicator 1 likewise by 150%; with indicator 3 each side by its own charge."""

    def paid(code: str, *charges: str) -> list[str | None]:
        return rvu25d.allowed(*({"code": code, "modifiers": side, "charge": charge} for side, charge in zip(("RT", "LT"), charges, strict=True)), locality=AL)

    # 71048, indicator 0, in AL: (0.31 + 1.04 x 0.869 + 0.02 x 0.575) x 32.3465 = 39.633... = 39.63.
    assert [paid("71048", *one) for one in (("30.00", "30.00"), ("10.00", "20.00"), ("39.63", "9.00"), ("5.00", "90.00"))] == [["30.00", "9.63"], ["10.00", "20.00"], ["39.63", "0.00"], ["0.00", "39.63"]]
    # 20610, indicator 1: 57.21 x 150% = 85.82.
    assert [paid("20610", *one) for one in (("40.00", "60.00"), ("40.00", "40.00"), ("80.00", "10.00"))] == [["28.61", "57.21"], ["40.00", "40.00"], ["75.82", "10.00"]]
    # What is left is one cent: it is paid too.
    assert paid("71048", "39.62", "9.00") == ["39.62", "0.01"]
    # Without the other side's charge nothing is known of the sum. The line with the charge is the first, whichever it is: the higher charge
    # breaks ties (chapter 12, section 40.6.C.15).
    assert paid("20610", "40.00", "") == ["40.00", "28.61"]
    assert paid("20610", "", "40.00") == ["28.61", "40.00"]


def test_a_charge_below_the_amount_counts(rvu25d: Engine) -> None:
    """The lower of charge and amount counts, after all factors and before the deductible (section 0); the performer's net charge likewise."""
    assert rvu25d.allowed({"code": "99213", "charge": "80.00"}, {"code": "99213", "charge": "80.01"}) == ["80.00", "80.01"]
    assert rvu25d.claim({"code": "99213", "charge": "80"}, participation="nonpar")[0]["share"]["limiting_charge"] == "109.56"
    assert rvu25d.allowed({"code": "71046", "modifiers": "TC", "net_charge": "10.00"}) == ["10.00"]


def test_the_deductible_is_used_up_line_by_line(rvu25d: Engine) -> None:
    """What one line takes of the deductible the next does not owe; together they take no more than was left."""
    first, second = rvu25d.claim("99213", "99213 76", deductible="150.00")
    assert (first["share"]["deductible"], second["share"]["deductible"]) == ("100.28", "49.72")


def test_the_bonus_goes_to_services_of_physicians_alone(rvu25d: Engine) -> None:
    """The shortage-area bonus is a physician's: on readings and services, never on technical parts, therapy or an NP's visit (chapter 12, section 90.4.5)."""
    earns = ["99213 AQ", "71046 26 AQ", "93010 AQ"]
    for line in earns:
        share = rvu25d.claim(line)[0]["share"]
        assert share["hpsa_bonus"] == text(of(int(share["medicare_paid"].replace(".", "")), "10"))
    for line, circumstances in (("71046 TC AQ", {}), ("71046 AQ", {}), ("93005 AQ", {}), ("97110 GP AQ", {}), ("99213 AQ", {"practitioner": "NP"})):
        assert "hpsa_bonus" not in rvu25d.claim(line, **circumstances)[0]["share"], line


# -- the trace ---------------------------------------------------------------------------------------------------------


def test_a_trace_leads_to_its_amount(rvu25d: Engine) -> None:
    """Each step begins where the one before it ended, is a step of rules/steps.yml, and the last before the shares is the allowed amount."""
    lines = ["49505 50 80", "47562 54", "20610 RT", "20610 LT", "45385", "45380", "99213 25", "71260", "74177", "97530 GP CQ", "97110 GP x3"]
    for answer in rvu25d.claim(*lines, participation="nonpar", deductible="100"):
        steps = answer["trace"]
        assert steps[0]["before"] is None
        for before, after in pairwise(steps):
            assert after["before"] == before["after"]
        assert {one["step"] for one in steps} <= rvu25d.book["steps"].keys()
        ours = [one for one in steps if one["step"] not in {"deductible", "medicare", "therapy_assistant", "sequestration"}]
        assert ours[-1]["after"] == answer["allowed"]
        assert steps[-1]["after"] == answer["share"]["medicare_paid"]


def test_arithmetic_can_be_repeated_by_hand(rvu25d: Engine) -> None:
    """The base step's own words give its amount: the sum as CMS's file has it, evaluated with fractions."""
    how = rvu25d.claim("61530", locality="12502/99", setting="facility")[0]["trace"][0]["how"]
    assert how == "(45.56 × 1.000 + 29.25 × 0.927 + 18.73 × 0.925) × 32.3465 = 2911.185"
    assert rvu25d.allowed("61530", locality="12502/99", setting="facility") == ["2911.19"]


# -- what must never change money --------------------------------------------------------------------------------------

def _with(lines: list[dict[str, str]], further: list[dict[str, str]]) -> list[dict[str, str]]:
    """Give lines what they are paid by beside code, modifiers and units."""
    return [line | {name: value for name, value in more.items() if value} for line, more in zip(lines, further, strict=False)]


MIXED = ["45385", "45380", "45378", "43239", "47562", "49505", "28285", "28296", "20610", "29881", "29876", "71260", "74177", "70496", "93000", "93306", "93880", "92083", "92133", "97110 GP", "97530 GP", "97761 GP", "99213", "22551", "22840", "69210", "95886", "36592", "J1885", "99199", "66984"]
INFORMATIONAL = ["59", "XS", "51", "76", "79", "58", "GC", "KX", "99"]
lines_of_claims = st.lists(st.tuples(st.sampled_from(MIXED), st.sampled_from(["", "RT", "LT", "50", "T1"]), st.sampled_from(["1", "1", "1", "2"])), min_size=1, max_size=6)
quick = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def _drawn(drawn: list[tuple[str, str, str]]) -> list[dict[str, str]]:
    return [_line(f"{text} {side} x{units}") for text, side, units in drawn]


@quick
@given(lines_of_claims, st.data())
def test_informational_modifiers_never_change_money(rvu25d: Engine, drawn: list[tuple[str, str, str]], data: st.DataObject) -> None:
    """A modifier without payment effect leaves the amounts of the claim as they were; of two like lines the other may be the one paid in full."""
    lines = _drawn(drawn)
    at, extra = data.draw(st.integers(0, len(lines) - 1)), data.draw(st.sampled_from(INFORMATIONAL))
    changed = [line | {"modifiers": f"{line['modifiers']} {extra}"} if i == at else line for i, line in enumerate(lines)]
    assert sorted(map(str, rvu25d.allowed(*changed, locality=WY))) == sorted(map(str, rvu25d.allowed(*lines, locality=WY)))


alike_lines = st.sampled_from(["20610", "71048", "28285", "66984 55", "27447 22", "76513"]).flatmap(
    lambda code: st.lists(st.tuples(st.just(code), st.sampled_from(["RT", "LT", "RT", "LT", ""]), st.sampled_from(["1", "1", "1", "2"])), min_size=2, max_size=5)
)
"""Lines of one code, so that something else than its amount decides which is paid whole."""
what_else_pays = st.lists(
    st.fixed_dictionaries(
        {
            "charge": st.sampled_from(["", "", "0", "40.00", "300.00"]),
            "net_charge": st.sampled_from(["", "", "20.00"]),
            "days": st.sampled_from(["", "5"]),
            "documented": st.sampled_from(["", "no"]),
        }
    ),
    min_size=6,
    max_size=6,
)


@settings(quick, max_examples=max(200, settings.default.max_examples if settings.default else 0))
@given(alike_lines | lines_of_claims, what_else_pays, st.sampled_from(["nonfacility", "facility"]), st.randoms(use_true_random=False))
def test_the_order_of_lines_never_changes_the_result(rvu25d: Engine, drawn: list[tuple[str, str, str]], further: list[dict[str, str]], setting: str, random: Any) -> None:
    """The same lines in another order, whatever they are charged at, get the same total; line by line too, but for lines of equal amount, one of which is paid in full."""
    lines = _with(_drawn(drawn), further)
    order = list(range(len(lines)))
    random.shuffle(order)
    before, after = rvu25d.claim(*lines, locality=WY, setting=setting), rvu25d.claim(*(lines[i] for i in order), locality=WY, setting=setting)
    for figure in ("allowed", "floor"):
        assert sum(_cents(one[figure]) for one in before) == sum(_cents(one[figure]) for one in after)
    if len({line["code"] for line in lines}) == len(lines):
        assert [after[order.index(i)]["allowed"] for i in range(len(lines))] == [one["allowed"] for one in before]


@quick
@given(lines_of_claims | alike_lines, what_else_pays)
def test_no_line_is_paid_more_than_its_charge(rvu25d: Engine, drawn: list[tuple[str, str, str]], further: list[dict[str, str]]) -> None:
    """No amount is below zero, and none above the charge of its line: the lower of the two counts (section 0)."""
    lines = _with(_drawn(drawn), further)
    for line, answer in zip(lines, rvu25d.claim(*lines, locality=WY), strict=True):
        figures = [answer["allowed"], answer["floor"], *answer["share"].values(), *(step["after"] for step in answer["trace"])]
        assert not any(one.startswith("-") for one in figures if one)
        if answer["allowed"] and line.get("charge"):
            assert Fraction(answer["allowed"]) <= Fraction(line["charge"])


def _cents(allowed: str | None) -> int:
    return int((allowed or "0").replace(".", ""))


@quick
@given(lines_of_claims, st.sampled_from(["J1885", "27447 26", "99213 ZZ", "97110", "97762", "99024", "11721 80"]), st.integers(0, 6))
def test_a_refused_line_leaves_the_others_as_they_were(rvu25d: Engine, drawn: list[tuple[str, str, str]], refused: str, at: int) -> None:
    """A line that is denied takes no rank and no reduction from the others."""
    lines = _drawn(drawn)
    place = min(at, len(lines))
    among = rvu25d.allowed(*lines[:place], _line(refused), *lines[place:], locality=WY)
    assert among[:place] + among[place + 1 :] == rvu25d.allowed(*lines, locality=WY)


@quick
@given(lines_of_claims, st.integers(0, 40_000))
def test_shares_add_up(rvu25d: Engine, drawn: list[tuple[str, str, str]], deductible: int) -> None:
    """Deductible, coinsurance and Medicare's part before sequestration are the allowed amount, to the cent, on every line."""
    for answer in rvu25d.claim(*_drawn(drawn), locality=WY, deductible=text(deductible)):
        if answer["allowed"] is not None:
            share = {name: int(amount.replace(".", "")) for name, amount in answer["share"].items()}
            assert share["deductible"] + share["coinsurance"] + share["medicare_before_seq"] == int(answer["allowed"].replace(".", ""))
            assert share["patient"] == share["deductible"] + share["coinsurance"]


def test_a_pair_of_lines_is_one_line_with_50(rvu25d: Engine) -> None:
    """RT and LT lines get together what 50 gets, for every bilateral indicator, alone and beside a dearer procedure (section 6)."""
    rows = facts.by_code(facts.RVU25D)
    for indicator in "0123":
        code = next(code for code, by in rows.items() if by.get("") and by[""].priced and by[""].bilat == indicator and by[""].mult in "02" and by[""].glob != "ZZZ")
        for beside in ([], ["22551"]):
            pair = rvu25d.allowed(f"{code} RT", f"{code} LT", *beside, locality=AL)
            one = rvu25d.allowed(f"{code} 50", *beside, locality=AL)
            assert pair[0] is not None
            assert int(pair[0].replace(".", "")) + int(str(pair[1]).replace(".", "")) == int(str(one[0]).replace(".", "")), (indicator, code)


def test_every_order_of_three_lines_gives_the_same_amounts(rvu25d: Engine) -> None:
    """The bunion claim of section 5.1 has its amounts in each of its six orders."""
    expected = {"28296": "469.04", "28285": "176.02"}
    for order in permutations(["28296 RT", "28285 T6", "28285 T7"]):
        assert rvu25d.allowed(*order, locality=AL, setting="facility") == [expected[one[:5]] for one in order]


def test_equal_lines_for_other_days_or_sides_have_one_total_in_every_order(rvu25d: Engine) -> None:
    """Of lines with one amount that differ in days of care, side or units the same one is first, wherever it stands on the claim (chapter 12, section 40.6.C)."""
    care = [{"code": "28296", "modifiers": "55", "days": "9"}, {"code": "28296", "modifiers": "55"}, {"code": "28296", "modifiers": "55", "units": "3"}]
    toes = [{"code": "28285", "modifiers": "54 RT"}, {"code": "28285", "modifiers": "54", "units": "3"}]
    whole = [{"code": "66984", "modifiers": "55", "days": "5"}, {"code": "66984", "modifiers": "54", "units": "3"}, {"code": "66984", "modifiers": "55", "units": "3", "days": "9"}]
    for lines in (care, toes, whole):
        totals = {sum(map(_cents, rvu25d.allowed(*order, locality=AL, setting="facility"))) for order in permutations(lines)}
        assert len(totals) == 1


# -- malformed input ---------------------------------------------------------------------------------------------------

anything = st.one_of(st.text(max_size=12), st.none(), st.integers(), st.lists(st.text(max_size=3), max_size=2), st.sampled_from(["constructor", "__proto__", "NaN", "Infinity", "1e9", "\x00", "99213\n"]))


@quick
@given(st.dictionaries(st.sampled_from(["code", "modifiers", "units", "charge", "minutes", "base_units", "days", "induction"]), anything), st.dictionaries(st.sampled_from(["pos", "locality", "factor", "practitioner", "participation", "deductible"]), anything))
def test_malformed_input_is_a_named_refusal(rvu26c: Engine, line: dict[str, Any], circumstances: dict[str, Any]) -> None:
    """Whatever stands in a field, the line gets one named result and never an exception."""
    answer = price_claim({"setting": "nonfacility", "locality": NATION, "factor": "qp", **circumstances, "lines": [{"code": "99213", **line}]}, rvu26c.facts, rvu26c.book)
    assert [one.result in RESULTS for one in answer] == [True]


def test_a_status_has_one_result(rvu25d: Engine, rvu26c: Engine) -> None:
    """The engine refuses each status by the name that pages and twins give it: one row of each, nationally."""
    for engine, factor in ((rvu25d, 323465), (rvu26c, 334009)):
        seen = set()
        for row in engine.facts.snapshot.services:
            if row.status not in seen and not row.modifier and not is_priced(row):
                seen.add(row.status)
                assert engine.claim(row.code, locality=NATION, factor="non_qp" if factor == 334009 else "")[0]["result"] == price(row, factor, "office").result, row.code
        assert seen >= set("CRBPEXIMNJ")


def test_many_units_are_answered(rvu25d: Engine) -> None:
    """Fifty lines of 999 units each, of a procedure that is ranked unit by unit, are answered like any other."""
    answers = rvu25d.claim(*["47562 x999"] * 50, locality=AL, setting="facility")
    assert [one["result"] for one in answers] == ["NO_NATIONAL_RULE"] * 50


def test_long_claims_are_refused_by_name(rvu26c: Engine) -> None:
    """A claim of 200 lines gets 200 named refusals; one of 50 is priced."""
    assert {one["result"] for one in rvu26c.claim(*["99213"] * 200, factor="qp", locality=NATION)} == {"INVALID_INPUT"}
    assert rvu26c.allowed(*["99213"] * 50, factor="qp", locality=NATION) == ["95.67"] * 50
    assert rvu26c.claim(factor="qp") == []
    assert price_claim({"lines": "99213"}, rvu26c.facts, rvu26c.book) == []
    assert price_claim({}, rvu26c.facts, rvu26c.book) == []
