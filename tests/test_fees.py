"""The fee schedule of a locality that /localities/ gives as CSV: its own script over the files of the finished site, against CMS's files and amounts and the Python engine."""

from __future__ import annotations

import json
import re
import subprocess
from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import facts
import pytest
from built import Site
from facts import FACILITY, NON_QP, OFFICE, QP, half_up
from importing import Imported
from machine import CMS, ROOT
from programs import node

from medpayiq.facts import SnapshotFacts
from medpayiq.opendata import shapes
from medpayiq.payment.claim import price_claim
from medpayiq.rulebook import rulebook

MANHATTAN, ALASKA, MONTANA = "13202-01", "02102-01", "03202-01"
"""The highest malpractice index of the three; the work index that no other locality has; a frontier state, with its floor of 1.000 under the practice expense."""
LIMIT = Fraction("1.0925")
"""The limiting charge: 115% of the 95% that is allowed who do not participate (Social Security Act 1848(g)(2))."""
FLAT = "FLAT_RATE_SUPPLY_VERIFY"
Rows = list[dict[str, str]]


def schedules(site: Site, asked: Sequence[dict[str, Any]]) -> list[Rows]:
    """Make fee schedules as the page does."""
    done = subprocess.run([node(), str(ROOT / "tests" / "js" / "fee-schedule.mjs"), str(site.folder)], input=json.dumps(asked), capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return [[dict(zip(head, row, strict=True)) for row in rows] for head, *rows in json.loads(done.stdout)]


def dollars(cents: int) -> str:
    """Write cents as an amount."""
    return f"{cents // 100}.{cents % 100:02d}"


def amount(row: facts.Row, setting: str, indices: tuple[Fraction, Fraction, Fraction], factor: Fraction) -> int:
    """Return what is allowed in a locality in cents, by the formula of CMS's record layout and the imaging cap (payment specification, sections 1.1, 1.8)."""

    def cents(pe: Fraction, mp: Fraction) -> int:
        return half_up(100 * factor * sum(rvu * index for rvu, index in zip((row.work, pe, mp), indices, strict=True)))

    fee = cents(row.pe[OFFICE if row.mult == "5" else setting], row.mp)
    return min(fee, cents(row.opps_pe[setting], row.opps_mp)) if row.opps_pe[setting] or row.opps_mp else fee


def notes(row: facts.Row, setting: str, indices: tuple[Fraction, Fraction, Fraction]) -> set[str]:
    """Return what goes with an amount, by the columns of CMS's file."""
    uncapped = half_up(100 * NON_QP * sum(rvu * index for rvu, index in zip((row.work, row.pe[setting], row.mp), indices, strict=True)))
    said = {
        "THERAPY_OFFICE_RATE": setting == FACILITY and (row.mult == "5" or row.na[FACILITY]),
        "NA_NONFACILITY": setting == OFFICE and row.na[OFFICE],
        "OPPS_CAP": amount(row, setting, indices, NON_QP) < uncapped,
        "RESTRICTED_COVERAGE": row.status == "R",
        "ONLY_WHEN_ALONE": row.status == "T",
        FLAT: row.pctc == "3" and row.glob == "ZZZ" and (row.pe[OFFICE], row.work) == (Fraction("3.81"), 0),
    }
    return {name for name, holds in said.items() if holds}


@pytest.fixture(scope="module")
def three(full_site: Site) -> dict[str, Rows]:
    """Return the fee schedules of three localities that differ in every index."""
    numbers = (MANHATTAN, ALASKA, MONTANA)
    return dict(zip(numbers, schedules(full_site, [{"locality": one} for one in numbers]), strict=True))


def test_every_amount_is_the_sum_of_cms_s_files(three: dict[str, Rows]) -> None:
    """In three localities each row of CMS's file is there once, in its order, with the result, both amounts and the limiting charge of each setting, worked out from CMS's RVUs, indices and factors with fractions."""
    theirs = facts.rows(facts.RVU26C)
    for number, made in three.items():
        indices = facts.gpcis(CMS / "rvu26c" / "GPCI2026.csv")[number[:5], number[6:]]
        assert sorted((row.code, row.modifier) for row in theirs) == sorted((one["code"], one["modifier"]) for one in made)
        assert [one["code"] for one in made] == sorted(row.code for row in theirs)
        by_key = {(one["code"], one["modifier"]): one for one in made}
        amounts = 0
        for row in theirs:
            expected = {"release": "RVU26C", "locality": number, "code": row.code, "modifier": row.modifier, "status": row.status}
            given = by_key[row.code, row.modifier]
            for setting in (OFFICE, FACILITY):
                result, _ = row.outcome(NON_QP, setting)
                expected[f"{setting}_result"] = result
                cells = ("", "", "")
                if result == "AMOUNT":
                    main, other = (amount(row, setting, indices, factor) for factor in (NON_QP, QP))
                    cells = (dollars(main), dollars(other), dollars(half_up(main * LIMIT)))
                    amounts += 1
                expected |= dict(zip((f"{setting}_{of}" for of in ("non_qp", "qp", "limiting_charge")), cells, strict=True))
                said = given[f"{setting}_notes"].split()
                assert len(said) == len(set(said))
                assert set(said) == (notes(row, setting, indices) if result == "AMOUNT" else set()), given
            assert {name: given[name] for name in expected} == expected
        assert amounts > 16_000


def test_every_amount_is_the_python_engine_s(three: dict[str, Rows], imported: Imported) -> None:
    """Each result, amount and limiting charge is what the Python engine answers for a line of the row, therapy with its discipline beside it: every row of Manhattan, every tenth of the others."""
    world, book = SnapshotFacts(imported.snapshot), rulebook(imported.snapshot.meta.effective_from)
    compared = 0
    for number, made in three.items():
        for one in made[:: 1 if number == MANHATTAN else 10]:
            for setting, called in ((OFFICE, "nonfacility"), (FACILITY, "facility")):
                claim = {"setting": called, "locality": number.replace("-", "/"), "factor": "non_qp"}
                for discipline in ("", "GP", "GO", "GN"):
                    claim["lines"] = [{"code": one["code"], "modifiers": f"{one['modifier']} {discipline}".strip()}]
                    answer = price_claim(claim, world, book)[0].as_json()
                    if not answer["answer"].startswith("discipline_"):
                        break
                assert (one[f"{setting}_result"], one[f"{setting}_non_qp"]) == (answer["result"], answer["allowed"] or ""), one
                if answer["allowed"] is None:
                    continue
                other, limited = (price_claim(claim | more, world, book)[0].as_json() for more in ({"factor": "qp"}, {"participation": "nonpar"}))
                assert (one[f"{setting}_qp"], one[f"{setting}_limiting_charge"]) == (other["allowed"], limited["share"]["limiting_charge"]), one
                compared += 3
    assert compared > 3 * 1.2 * 16_000


@pytest.mark.parametrize(("file", "day", "amounts"), [("PFREV26B_nonQP.txt", "", 4_033), ("PFREV25C.txt", "2025-11-01", 109), ("PFREV4.txt", "2025-11-01", 1_526)])
def test_amounts_that_cms_published_are_met(file: str, day: str, amounts: int, full_site: Site) -> None:
    """In all 109 localities each amount of CMS's revised payment files is the file's, in the office and, where one is paid, in a facility; of 2025, with its one factor, the columns of QPs stay blank."""
    published = list(facts.published(facts.ORACLE / file))
    keys: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for carrier, locality, code, modifier, _, _ in published:
        keys[f"{carrier}-{locality}"].append((code, modifier.strip()))
    assert len(keys) == 109
    tables = schedules(full_site, [{"locality": number, "day": day, "keys": wanted} for number, wanted in keys.items()])
    made = {(number, one["code"], one["modifier"]): one for number, table in zip(keys, tables, strict=True) for one in table}
    compared = paid = 0
    for carrier, locality, code, modifier, office, facility in published:
        one = made[f"{carrier}-{locality}", code, modifier.strip()]
        assert one["release"] == ("RVU25D" if day else "RVU26C")
        assert one["office_non_qp"] == dollars(office), one
        if one["facility_result"] == "AMOUNT":
            assert one["facility_non_qp"] == dollars(facility), one
            paid += 1
        if day:
            assert one["office_qp"] == one["facility_qp"] == ""
        compared += 1
    assert compared == amounts
    assert paid or file == "PFREV25C.txt"  # whose one code is paid in no facility


def test_the_notes_are_those_that_are_explained(three: dict[str, Rows], full_site: Site) -> None:
    """Every result and note is one of those that /data/ explains, but for the note on flat rates, which the page itself explains."""
    said = {note for one in three[MANHATTAN] for setting in (OFFICE, FACILITY) for note in one[f"{setting}_notes"].split()}
    assert said == {*shapes.NOTES, FLAT}
    assert {one[f"{setting}_result"] for one in three[MANHATTAN] for setting in (OFFICE, FACILITY)} <= shapes.RESULTS.keys()
    assert FLAT in (full_site.folder / "localities" / "index.html").read_text(encoding="utf-8")


def test_the_list_has_every_locality(full_site: Site) -> None:
    """The form offers each locality of CMS's GPCI file once."""
    page = (full_site.folder / "localities" / "index.html").read_text(encoding="utf-8")
    offered = re.findall(r'<option value="(\d{5}-\d\d)">', page)
    assert sorted(offered) == sorted(f"{carrier}-{locality}" for carrier, locality in facts.gpcis(CMS / "rvu26c" / "GPCI2026.csv"))
