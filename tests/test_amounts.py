"""Every national amount against an exact computation from CMS's own file, and the base formula against amounts that CMS published."""

from __future__ import annotations

import ast
import csv
import json
from collections import Counter
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import facts
import pytest
from built import Site
from facts import FACILITY, NON_QP, OFFICE, QP, RVU26C, Row
from hypothesis import example, given
from hypothesis import strategies as st
from importing import Imported
from machine import CMS, ROOT, SHARED
from page import Page
from reading import read_page

from medpayiq import claims, loading
from medpayiq.building import chrome
from medpayiq.cms.records import Locality, Service
from medpayiq.cms.snapshot import Snapshot
from medpayiq.pages import hubs
from medpayiq.pages.codes import code_page
from medpayiq.pages.twin import twin
from medpayiq.past import Past
from medpayiq.payment.amount import Gpci, base_cents, later_unit, national_sum, price
from medpayiq.payment.money import dollars, percent_of, plain, round_half_up
from medpayiq.render import Renderer, assets
from medpayiq.shards import shards

CAPPED_2026 = [
    *("70473", "70496", "70498", "71275", "71550", "71552", "72191", "72194", "73200", "73202", "73206", "73706", "74170", "74175", "74251"),
    *("74261", "74262", "74263", "74712", "75635", "76800", "76885", "93888", "93892", "93893", "93926", "93976", "93986", "93990"),
]
"""Payment specification, section 1.8: the 29 codes on which the imaging cap binds in RVU26C."""


def fraction(value: int, scale: int) -> Fraction:
    """Return a scaled integer as the number it stands for."""
    return Fraction(value, scale)


def expected_head(code: str) -> list[tuple[str, str | None, str | None]]:
    """Return setting, non-QP and QP amount as the head of a code's page must show them, from CMS's file alone."""
    row = facts.shown_row(facts.by_code()[code])
    if row is None:
        return []
    made: list[tuple[str, str | None, str | None]] = []
    for name, setting in (("Office", OFFICE), ("Facility", FACILITY)):
        cents = [row.outcome(factor, setting)[1] for factor in (NON_QP, QP)]
        main, qp = (None if one is None else facts.money(one) for one in cents)
        made.append((name, main, qp))
    return made


def test_national_amounts_in_html(full_site: Site) -> None:
    """The large amount and the QP amount of every code's page equal an exact computation from CMS's csv; 7,856 pages show one."""
    wrong = {}
    for code in facts.by_code():
        shown = [(one.setting, one.main, one.qp) for one in full_site.code_pages[code].amounts]
        if shown != expected_head(code):
            wrong[code] = shown, expected_head(code)
    assert not wrong
    priced = [code for code, rows in facts.by_code().items() if facts.shown_row(rows)]
    assert len(priced) == len([page for page in full_site.code_pages.values() if page.amounts])
    assert len(priced) == 7_856
    # Of 116 codes the whole service is not priced, but its 26 row is.
    assert sum(facts.main_row(facts.by_code()[code]).priced for code in priced) == len(priced) - 116


def test_national_amounts_in_twins(full_site: Site) -> None:
    """Every one of the 19,356 rows has its exact result and amount, non-QP and QP, office and facility, in the JSON twins."""
    seen = 0
    for code, rows in facts.by_code().items():
        twins = {one["modifier"]: one for one in full_site.twins[code]["rows"]}
        assert twins.keys() == rows.keys(), code
        for modifier, row in rows.items():
            seen += 1
            for kind, factor in (("non_qp", NON_QP), ("qp", QP)):
                for setting in (OFFICE, FACILITY):
                    result, cents = row.outcome(factor, setting)
                    said = twins[modifier]["amounts"][kind][setting]
                    assert (said["result"], said.get("allowed")) == (result, None if cents is None else facts.money(cents).replace("$", "").replace(",", "")), (code, modifier, setting)
    assert seen == 19_356
    assert sum(row.priced for row in facts.rows(RVU26C)) == 9_520


def test_rvus_and_indicators_in_twins(full_site: Site) -> None:
    """Every RVU, NA flag, status and indicator of CMS's csv stands unchanged in the JSON twins."""
    for code, rows in facts.by_code().items():
        for said in full_site.twins[code]["rows"]:
            row = rows[said["modifier"]]
            rvu, at = said["rvu"], said["indicators"]
            numbers = (row.work, row.pe[OFFICE], row.pe[FACILITY], row.mp, row.pre, row.intra, row.post)
            assert numbers == tuple(Fraction(text) for text in (rvu["work"], rvu["pe_office"], rvu["pe_facility"], rvu["mp"], at["pre"], at["intra"], at["post"])), code
            assert (row.status, row.plus) == (said["status"], not said["rvus_used_for_payment"]), code
            assert row.na == {OFFICE: said["na"]["office"], FACILITY: said["na"]["facility"]}, code
            assert (row.pctc, row.glob, row.mult, row.bilat, row.asst, row.cosurg, row.team) == tuple(at[name] for name in ("pctc", "glob", "mult", "bilat", "asst", "cosurg", "team")), code
            assert (row.endo_base or None, row.supervision) == (at["endo_base"], at["supervision"]), code


def test_the_imaging_cap_lowers_29_codes(full_site: Site) -> None:
    """The imaging cap lowers the amount of exactly the 29 codes that the payment specification names, in their global and TC rows."""
    noted = Counter(
        code for code, data in full_site.twins.items() for row in data["rows"] if "OPPS_CAP" in row["amounts"]["non_qp"]["office"].get("notes", ())
    )
    assert sorted(noted) == CAPPED_2026
    assert set(noted.values()) == {2}
    for code in CAPPED_2026:
        row = facts.by_code()[code][""]
        said = full_site.twins[code]["rows"][0]["amounts"]["non_qp"]["office"]
        assert (said["opps_cap"], said["fee_schedule"]) == (plain(row.cap(NON_QP, OFFICE) or 0), plain(row.fee(NON_QP, OFFICE)))
        assert facts.money(row.fee(NON_QP, OFFICE)) in " ".join(full_site.code_pages[code].amounts[0].notes)


def test_a_setting_without_amount_says_why(full_site: Site) -> None:
    """A setting in which CMS prices nothing says why; one that is seldom used is priced and says on which condition."""
    rows = {code: row for code, by in facts.by_code().items() if (row := facts.shown_row(by)) is not None}
    for code, row in rows.items():
        office, facility = full_site.code_pages[code].amounts
        assert (office.main is None) == (row.pctc == "8"), code
        assert (facility.main is None) == (row.pctc in facts.TECHNICAL or (row.na[FACILITY] and row.pctc != "7")), code
        for one in (office, facility):
            assert one.main is not None or any(note.startswith("Not p") for note in one.notes), code
        if row.na[OFFICE] and row.pctc != "8":
            assert office.main == facility.main, code
            assert any("if your MAC accepts the place" in note for note in office.notes), code
    assert sum(full_site.code_pages[code].amounts[0].main is None for code in rows) == 1  # 85060


def test_facility_note_fits_the_service(full_site: Site) -> None:
    """Only for tests and staff services is it said that the facility's payment covers them; a home visit is merely not done there."""
    pages = full_site.code_pages
    assert pages["93000"].amounts[1].notes == ["Not priced in a facility: the facility's payment covers it."]
    assert pages["99341"].amounts[1].notes == ["Not priced in a facility: CMS marks it as rarely or never done there."]
    assert pages["97761"].amounts[1].notes == ["Priced at the office rate wherever it is given."]
    assert "herapy" not in " ".join(pages["92550"].amounts[1].notes)  # tympanometry is audiology
    assert pages["85060"].amounts[1].notes == ["For hospital inpatients only."]


def test_plus_rows_are_never_priced(full_site: Site) -> None:
    """No row whose RVUs CMS marks as not used for payment has an amount anywhere, though its RVUs are printed."""
    marked = [row for row in facts.rows(RVU26C) if row.plus]
    assert len({row.code for row in marked}) > 100
    for row in marked:
        said = next(one for one in full_site.twins[row.code]["rows"] if one["modifier"] == row.modifier)
        assert not any("allowed" in one for kind in said["amounts"].values() for one in kind.values()), row.code
        assert not full_site.code_pages[row.code].amounts, row.code
    html = full_site.html("99397")
    assert "never turned into dollars" in html
    assert "4.16" in html
    # G0252 carries them in its 26 row alone.
    assert "CMS publishes no RVUs" not in full_site.html("G0252")


def test_codes_without_amount_say_why_and_what_to_do(full_site: Site) -> None:
    """A code without an amount has a verdict, a reason and a next step in words, and no dollars at its head; by status as in CMS's file."""
    counted: Counter[str] = Counter()
    for code, rows in facts.by_code().items():
        page = full_site.code_pages[code]
        if facts.shown_row(rows) is not None:
            assert page.verdict, code
            continue
        status = facts.main_row(rows).status
        counted[status] += 1
        said = full_site.twins[code]
        assert 1 <= len(said["verdict"].split()) <= 5, code
        assert len(said["answer"].split()) >= 5, code
        assert len((said["next_step"] or "").split()) >= 4, code
        assert (said["verdict"], said["answer"]) == (page.verdict[: len(said["verdict"])], page.verdict[len(said["verdict"]) + 1 :]), code
        assert said["next_step"] == page.next_step, code
        assert said["confidence"] == "None", code
        head = page.verdict + page.metas["description"] + page.title
        assert "$" not in head, code
        # What an anesthesia code's units are multiplied by is the one figure among the next steps.
        assert ("$" in page.next_step) == (status == "J" and code != "01996"), code
    assert counted == {"C": 979, "R": 854, "B": 76, "P": 144, "E": 1294, "X": 2556, "I": 1433, "N": 336, "M": 1292, "J": 276}


def test_reading_of_an_unpriced_test(full_site: Site) -> None:
    """Where only the 26 row has an amount, page, twin and result list say that it is the reading's, and how to bill it."""
    alone = [code for code, rows in facts.by_code().items() if not facts.main_row(rows).priced and facts.shown_row(rows)]
    assert Counter(facts.main_row(facts.by_code()[code]).status for code in alone) == {"C": 98, "X": 18}
    for code in alone:
        page = full_site.code_pages[code]
        assert all("Reading alone (26)." in one.notes[0] for one in page.amounts), code
        assert f"{page.amounts[0].main} for the reading alone (26)" in page.metas["description"], code
        assert page.next_step.startswith("Bill 26 for the reading."), code
        assert "26" in page.rules["pctc"][0], code
        assert page.amounts[0].main in page.rules["pctc"][0], code
        assert full_site.twins[code]["confidence"] == "High", code


def test_skin_substitutes_are_conditional(full_site: Site) -> None:
    """A skin substitute's flat rate is shown as conditional, since whether the locality index applies to it is not settled."""
    products = [row for row in facts.rows(RVU26C) if row.priced and row.pctc == "3" and row.glob == "ZZZ" and (row.pe[OFFICE], row.work) == (Fraction("3.81"), 0)]
    assert len(products) == 319  # as counted in the payment specification, section 1.7
    for row in products:
        assert full_site.twins[row.code]["confidence"] == "Conditional", row.code
        assert full_site.code_pages[row.code].amounts[0].main == "$127.26", row.code


def test_prosthetic_training_in_both_years(full_site: Site, snapshots_of_history: dict[str, Imported]) -> None:
    """97761 is 1.21 RVUs and $40.42 in RVU26C, and 1.25 RVUs and $40.43 in RVU25D, on the page and in the twin."""
    html = full_site.html("97761")
    assert full_site.code_pages["97761"].amounts[0].main == "$40.42"
    assert "1.21 RVUs" in html
    page, html, data = _page_of(snapshots_of_history["rvu25d"].snapshot, "97761")
    assert [(one.setting, one.main, one.qp) for one in page.amounts] == [("Office", "$40.43", None), ("Facility", "$40.43", None)]
    assert "1.25 RVUs" in html
    assert "QP" not in html
    assert data["conversion_factors"] == {"all": "32.3465"}
    assert data["rows"][0]["amounts"] == {"all": {"office": {"result": "AMOUNT", "allowed": "40.43"}, "facility": {"result": "AMOUNT", "allowed": "40.43", "notes": ["THERAPY_OFFICE_RATE"]}}}


def _page_of(snap: Snapshot, code: str) -> tuple[Page, str, dict]:
    """Make one code's page and twin of a release alone, as the build does."""
    site, _ = loading.load(snap.folder.name, snap.folder.parent)
    site = replace(site, past=Past(snap.meta))
    entry = site.by_code[code]
    record = code_page(entry, site, hubs.build(site))
    html = Renderer(chrome(site, assets(), "/assets/codes.json", shards(snap, site.past), claims.books(site))).page("code", record)
    return read_page(entry.url, html), html, json.loads(twin(entry, record, site))


def test_national_amounts_of_rvu25d(snapshots_of_history: dict[str, Imported]) -> None:
    """Every row of RVU25D, with its one conversion factor, is priced exactly as computed from its csv."""
    services = {(row.code, row.modifier): row for row in snapshots_of_history["rvu25d"].snapshot.services}
    theirs = facts.rows(facts.RVU25D)
    assert len(theirs) == len(services) == 19_090
    for row in theirs:
        service = services[row.code, row.modifier]
        assert [price(service, 323465, setting)[:2] for setting in ("office", "facility")] == [row.outcome(facts.ALL_2025, setting) for setting in (OFFICE, FACILITY)], row.code


# -- what CMS published ------------------------------------------------------------------------------------------------


def _indexed(snap: Snapshot) -> tuple[dict[tuple[str, str], Service], dict[tuple[str, str], Gpci]]:
    services = {(row.code, row.modifier): row for row in snap.services}
    return services, {(one.mac, one.locality): _gpci(one) for one in snap.localities}


def _gpci(locality: Locality) -> Gpci:
    return Gpci(locality.work, locality.pe, locality.mp)


@pytest.mark.parametrize(("file", "release", "factor", "amounts"), [("PFREV26B_nonQP.txt", "rvu26c", 334009, 8066), ("PFREV25C.txt", "rvu25d", 323465, 218), ("PFREV4.txt", "rvu25d", 323465, 3052)])
def test_published_amounts_are_reproduced(file: str, release: str, factor: int, amounts: int, imported: Imported, snapshots_of_history: dict[str, Imported]) -> None:
    """Each amount of CMS's revised payment files is reproduced to the cent, in the office and in a facility, in all 109 localities."""
    snap = imported.snapshot if release == "rvu26c" else snapshots_of_history[release].snapshot
    services, gpcis = _indexed(snap)
    compared = 0
    for mac, locality, code, modifier, office, facility in facts.published(facts.ORACLE / file):
        row, gpci = services[code, modifier], gpcis[mac, locality]
        assert base_cents(row.work, row.pe_nonfacility, row.mp, factor, gpci) == office, (file, mac, locality, code)
        assert base_cents(row.work, row.pe_facility, row.mp, factor, gpci) == facility, (file, mac, locality, code)
        compared += 2
    assert compared == amounts


def test_published_caps_are_the_caps(snapshots_of_history: dict[str, Imported]) -> None:
    """Each of the 13,340 capped amounts that CMS published for paid imaging in 2025 is the cap, and lower than the fee schedule amount."""
    services, gpcis = _indexed(snapshots_of_history["rvu25d"].snapshot)
    compared = 0
    codes = set()
    with (CMS / "rvu25d" / "OPPSCAP_Oct.csv").open(encoding="latin-1", newline="") as file:
        for code, modifier, status, carrier, locality, facility, office in (row[:7] for row in csv.reader(file)):
            if status.strip() != "A":
                continue
            # Six California localities stand under two carriers, with the same prices (payment specification, section 1.5).
            gpci = gpcis.get((carrier, locality.zfill(2))) or gpcis["01182", locality.zfill(2)]
            row = services[code, modifier.strip()]
            outcome = price(row, 323465, "office", gpci)
            said = {int(Decimal(text) * 100) for text in (office, facility)}
            assert {outcome.cents, outcome.cap} == said, (code, modifier, carrier, locality)
            assert outcome.fee_schedule is not None
            assert outcome.fee_schedule > max(said), (code, modifier, carrier, locality)
            assert base_cents(row.work, row.opps_pe_facility, row.opps_mp, 323465, gpci) in said, (code, modifier, carrier, locality)
            compared += 2
            codes.add((code, modifier))
    assert (compared, len(codes)) == (13_340, 58)


def _vectors() -> list[dict[str, str]]:
    """Return the worked lines that need a base amount and a setting alone: no modifier, no other line, no condition but a place of service."""
    path = SHARED / "spec" / "payment-vectors.csv"
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    settled = {"AMOUNT", "NOT_PAID_IN_FACILITY", "NOT_PAID_IN_SETTING", *facts.RESULTS.values()}
    return [
        row
        for row in rows
        if not row["modifiers"] and not row["claim_id"] and row["units"] == "1" and row["cf_kind"] in {"single", "nonQP", "QP"}
        if row["expected_result"] in settled and (not row["context"] or row["context"].startswith(("pos=", "no other PFS")))
    ]


def test_worked_lines_have_their_amount(needs_shared: Path, imported: Imported, snapshots_of_history: dict[str, Imported]) -> None:
    """The worked lines of the payment specification that need no modifier have their result and amount."""
    snaps = {"RVU26C": imported.snapshot, "RVU25D": snapshots_of_history["rvu25d"].snapshot}
    factors = {"single": 323465, "nonQP": 334009, "QP": 335675}
    vectors = _vectors()
    assert len(vectors) >= 60
    assert {row["expected_result"] for row in vectors} >= {"AMOUNT", "NOT_PAID_IN_FACILITY", "NOT_PAID_IN_SETTING", "BUNDLED", "NO_NATIONAL_RULE", "NOT_PFS", "NON_COVERED"}
    indexed = {name: _indexed(snap) for name, snap in snaps.items()}
    for row in vectors:
        services, gpcis = indexed[row["release"]]
        gpci = Gpci(1000, 1000, 1000) if row["carrier"] == "00000" else gpcis[row["carrier"], row["locality"]]
        outcome = price(services[row["code"], ""], factors[row["cf_kind"]], "facility" if row["setting"] == "facility" else "office", gpci)
        expected = int(Decimal(row["expected_allowed"]) * 100) if row["expected_allowed"] else None
        assert (outcome.result, outcome.cents) == (row["expected_result"], expected), row["id"]


# -- the arithmetic itself ---------------------------------------------------------------------------------------------

rvus = st.integers(0, 200_000)
indices = st.integers(0, 3_000)


@given(rvus, rvus, rvus, st.integers(1, 999_999), indices, indices, indices)
@example(4556, 2925, 1873, 323465, 1000, 927, 925)
def test_base_amount_is_exact(work: int, pe: int, mp: int, factor: int, gw: int, gp: int, gm: int) -> None:
    """The base amount is the exact sum rounded once, half up; the example is CMS's one exact half cent, 2911.185, published as 2911.19."""
    exact = (fraction(work, 100) * fraction(gw, 1000) + fraction(pe, 100) * fraction(gp, 1000) + fraction(mp, 100) * fraction(gm, 1000)) * fraction(factor, 10_000)
    assert base_cents(work, pe, mp, factor, Gpci(gw, gp, gm)) == facts.half_up(exact * 100)
    halved = exact - fraction(pe, 200) * fraction(gp, 1000) * fraction(factor, 10_000)
    row = Service(*["" if kind == "str" else 0 for kind in Service.__annotations__.values()])._replace(work=work, pe_nonfacility=pe, mp=mp)
    assert later_unit(row, factor, "50", Gpci(gw, gp, gm)) == facts.half_up(halved * 100)


def test_the_one_exact_half_cent() -> None:
    """61530 in locality 12502/99 of 2025 is exactly 2911.185; CMS published 2911.19."""
    assert base_cents(4556, 2925, 1873, 323465, Gpci(1000, 927, 925)) == 291_119


@given(rvus, rvus, rvus, st.integers(1, 999_999))
def test_sum_as_text_is_exact(work: int, pe: int, mp: int, factor: int) -> None:
    """The unrounded sum that a page prints is the exact one, and its rounding is the amount beside it."""
    text, cents = national_sum(work, pe, mp, factor)
    assert Fraction(text) == fraction(work + pe + mp, 100) * fraction(factor, 10_000)
    assert cents == int(Decimal(text).quantize(Decimal("0.01"), ROUND_HALF_UP) * 100)


@given(st.integers(0, 10**9), st.decimals(0, 400, places=2))
@example(105, Decimal("50.00"))
@example(6881, Decimal("13.60"))
def test_percentages_round_half_up(cents: int, percent: Decimal) -> None:
    """A percentage of an amount is rounded to the cent, halves up, whatever number of decimals the percentage has."""
    exact = Decimal(cents) * percent / 100
    expected = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    assert percent_of(cents, str(percent)) == expected
    assert percent_of(cents, f"{percent.normalize():f}") == expected


@given(st.integers(0, 10**9), st.integers(1, 10**6))
def test_rounding_is_half_up(numerator: int, denominator: int) -> None:
    """A quotient is rounded to the nearest whole number, and up from exactly half."""
    assert round_half_up(numerator, denominator) == facts.half_up(Fraction(numerator, denominator))


@given(st.integers(0, 10**11))
def test_money_as_text_is_the_amount(cents: int) -> None:
    """Dollars are written with thousands apart and two decimals for people, and plain for programs; both are the amount."""
    assert Decimal(dollars(cents).removeprefix("$").replace(",", "")) * 100 == cents
    assert Decimal(plain(cents)) * 100 == cents
    assert plain(cents) == dollars(cents).replace("$", "").replace(",", "")
    assert all(len(group) == 3 for group in dollars(cents)[1:-3].split(",")[1:])


def test_no_float_meets_money() -> None:
    """Nothing in medpayiq/payment is a float: no such word, no such number, no true division, no built-in rounding."""
    paths = sorted((ROOT / "medpayiq" / "payment").glob("*.py"))
    assert len(paths) >= 4
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
            assert named not in {"float", "round", "math", "fsum"}, f"{path}: {named}"
            assert not isinstance(node, ast.Div), path
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), path


def test_payment_knows_no_file_and_no_page() -> None:
    """Nothing in medpayiq/payment imports a page, opens a file or looks at the clock."""
    for path in sorted((ROOT / "medpayiq" / "payment").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names] if isinstance(node, ast.Import) else []
            for module in modules:
                assert module.startswith(("medpayiq.payment", "medpayiq.cms.records", "__future__", "typing", "dataclasses", "functools", "collections", "re")), f"{path}: {module}"
            assert not (isinstance(node, ast.Name) and node.id == "open"), path


def test_same_row_in_both_forms(imported: Imported) -> None:
    """The snapshot holds each row of CMS's csv with the same RVUs, so that what is priced is what CMS wrote."""
    services = {(row.code, row.modifier): row for row in imported.snapshot.services}
    for row in facts.rows(RVU26C):
        service = services[row.code, row.modifier]
        assert _numbers(row) == (service.work, service.pe_nonfacility, service.pe_facility, service.mp), row.code


def _numbers(row: Row) -> tuple[Fraction, ...]:
    return tuple(100 * one for one in (row.work, row.pe[OFFICE], row.pe[FACILITY], row.mp))
