"""The page that compares rates with Medicare: its own scripts over the files of the finished site, against CMS's amounts, worked lines and the Python engine."""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
import random
import re
import subprocess
from collections import defaultdict
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import facts
from built import Site
from importing import Imported
from machine import ROOT, SHARED
from programs import node

from medpayiq.facts import SnapshotFacts
from medpayiq.payment.claim import price_claim
from medpayiq.proof import vectors
from medpayiq.rulebook import packed, rulebook

HEAVIEST = 400_000
"""Bytes of the newest release's rows, compressed."""
DAYS = {"rvu25d": "2025-11-01", "rvu26c": "2026-08-03"}


def compared(site: Site, tables: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Compare tables as the page does."""
    done = subprocess.run([node(), str(ROOT / "tests" / "js" / "compare-rows.mjs"), str(site.folder)], input=json.dumps(tables), capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def table(head: str, rows: Sequence[Sequence[str]]) -> str:
    """Write rows as CSV."""
    made = io.StringIO()
    csv.writer(made).writerows([head.split(","), *rows])
    return made.getvalue()


def percent(amount: str, allowed: str) -> str:
    """Return an amount as a percentage of another, to a tenth, half up."""
    return str((Decimal(amount) * 100 / Decimal(allowed)).quantize(Decimal("0.1"), ROUND_HALF_UP))


def dollars(cents: int) -> str:
    """Write cents as an amount."""
    return f"{cents // 100}.{cents % 100:02d}"


def test_rows_get_their_percentage_of_published_amounts(full_site: Site) -> None:
    """Rows with a random amount get the percentage of CMS's own published amount, the gap to it and the totals, in every locality; CMS's amount itself is 100.0%."""
    draw = random.Random(1)  # noqa: S311 - the same rows in every run
    rows, expected = [], []
    for file, day in (("PFREV26B_nonQP.txt", "2026-08-03"), ("PFREV25C.txt", "2025-11-01"), ("PFREV4.txt", "2025-11-01")):
        for carrier, locality, code, modifier, office, _ in facts.published(SHARED / "oracle" / file):
            if not office:
                continue
            amount = office if draw.random() < 0.2 else draw.randint(1, 3 * office)
            rows.append([code, modifier.strip(), f"${amount // 100:,}.{amount % 100:02d}", f"{carrier}-{locality}", day, "11"])
            expected.append((amount, office))
    (answer,) = compared(full_site, [{"text": table("CPT,Modifier,Paid,Locality,DOS,POS", rows), "older": True}])
    assert len(rows) > 5_000
    assert answer["left"] == []
    assert [one["line"] for one in answer["rates"]] == list(range(2, len(rows) + 2))
    for row, (amount, published) in zip(answer["rates"], expected, strict=True):
        assert (row["allowed"], row["share"], row["gap"]) == (dollars(published), percent(dollars(amount), dollars(published)), dollars(abs(amount - published))), row
    assert sum(one["share"] == "100.0" for one in answer["rates"]) > 900
    text = answer["outcome"]["text"]
    assert text["amount"] == dollars(sum(amount for amount, _ in expected))
    assert text["allowed"] == dollars(sum(published for _, published in expected))
    assert text["short"] == dollars(sum(max(0, published - amount) for amount, published in expected))
    assert text["beyond"] == dollars(sum(max(0, amount - published) for amount, published in expected))


def test_worked_lines_come_out_of_a_table(full_site: Site) -> None:
    """The worked lines that a table can say come out with their worked amount and its percentage, or are listed where none is expected."""
    groups: dict[tuple[str, str], list[tuple[str, vectors.Case]]] = defaultdict(list)
    known = {"setting", "pos", "locality", "factor", "practitioner"}
    for release, claims in vectors.read(SHARED / "spec" / "payment-vectors.csv").items():
        for cases in claims:
            (case, *more) = cases
            said = {name for name, text in case.claim.items() if text}
            if more or case.gpci or case.unread or not said <= known or {name for name, text in case.line.items() if text} - {"code", "modifiers", "units"}:
                continue
            groups[case.claim.get("factor") or "", case.claim.get("practitioner") or ""].append((release, case))
    tables = []
    for (factor, practitioner), cases in groups.items():
        rows = []
        for release, case in cases:
            place = case.claim.get("pos") or case.claim["setting"]
            rows.append([case.line["code"], case.line["modifiers"], case.line["units"], "120.00", place, case.claim["locality"].replace("/", "-"), DAYS[release]])
        tables.append({"text": table("code,mod,units,rate,pos,locality,date", rows), "older": True, "terms": {"factor": factor, "practitioner": practitioner}})
    amounts = listed = 0
    for cases, answer in zip(groups.values(), compared(full_site, tables), strict=True):
        rates, left = ({one["line"]: one for one in answer[name]} for name in ("rates", "left"))
        for line, (_, case) in enumerate(cases, 2):
            allowed = case.expected["allowed"]
            if allowed and Decimal(allowed):
                assert (rates[line]["allowed"], rates[line]["share"]) == (allowed, percent("120.00", allowed)), case.id
                amounts += 1
            else:
                assert left[line]["say"], case.id
                listed += 1
    assert amounts > 50
    assert listed > 10


def test_the_python_engine_agrees(full_site: Site, imported: Imported, snapshots_of_history: dict[str, Imported]) -> None:
    """On 4,000 random rows of three releases the amounts are those of the Python engine, and what it refuses is listed with its sentence."""
    draw = random.Random(2)  # noqa: S311 - the same rows in every run
    days = {"": imported.snapshot, "2026-09-30": imported.snapshot, "2026-04-15": snapshots_of_history["rvu26b"].snapshot, "10/31/2025": snapshots_of_history["rvu25d"].snapshot}
    worlds = {day: (SnapshotFacts(one), rulebook(one.meta.effective_from), [*{row.code for row in one.services if row.status in "ARTCJ"}]) for day, one in days.items()}
    for _, _, codes in worlds.values():
        codes.sort()
    modifiers = [*[""] * 24, "26", "TC", "50", "RT", "LT", "59", "25", "80", "AS", "62", "GP", "CQ", "54", "78", "22", "53", "QQ"]
    rows, expected = [], []
    for _ in range(4_000):
        day = draw.choice(list(days))
        world, book, codes = worlds[day]
        code, units, pos = draw.choice(codes), draw.choice(["1", "1", "1", "2", "3"]), draw.choice(["11", "22", "21", "12"])
        given = " ".join(one for one in dict.fromkeys(draw.choice(modifiers) for _ in range(2)) if one)
        key = draw.choice(list(world.places))
        rows.append([code, given, units, "100", key.replace("/", "-"), day, pos])
        claim = {"pos": pos, "locality": key, "factor": "qp", "practitioner": "NP", "lines": [{"code": code, "modifiers": given, "units": units}]}
        expected.append(price_claim(claim, world, book)[0].as_json())
    (answer,) = compared(full_site, [{"text": table("code,modifiers,units,amount,locality,date,pos", rows), "older": True, "terms": {"factor": "qp", "practitioner": "NP"}}])
    rates, left = ({one["line"]: one for one in answer[name]} for name in ("rates", "left"))
    for line, one in enumerate(expected, 2):
        if one["allowed"] is not None and one["allowed"] != "0.00":
            assert rates[line]["allowed"] == one["allowed"], (rows[line - 2], one)
        else:
            assert left[line]["say"].startswith(one["say"]), rows[line - 2]
    assert len(rates) > 1_000
    assert len(left) > 500


def test_every_row_is_compared_or_listed(full_site: Site) -> None:
    """On 200 tables with every kind of damage, each row with something in it is compared or listed, once, by its line; and every listed row says something."""
    draw = random.Random(3)  # noqa: S311 - the same tables in every run
    cells = ["99213", "99214-25", "100", "HERON", "", "95.19", "95,19", "$1,234.50", "-1", "=1+1", "0", "n/a", "2026-08-03", "7/5/2026", "5.7.2026", "1999-01-01", "11", "99", "12202-01", "20001", '"', 'a"b', "\u00a0", "25", "9", "GP GO", "x" * 300, "٣", "constructor", "__proto__"]
    tables, wanted = [], []
    for _ in range(200):
        between = draw.choice([",", ";", "\t"])
        lines, rows = [between.join(["code", "modifiers", "amount", "date", "pos", "locality", "units"])], 0
        for _ in range(draw.randint(0, 30)):
            picked = [draw.choice(cells).replace(between, "") for _ in range(draw.choice([7, 7, 7, 7, 3, 1, 9]))]
            picked = [one.replace('"', "") for one in picked]
            if picked[0] and draw.random() < 0.1:
                picked[0] = '"' + picked[0]  # opens and never closes on its line
            lines.append(between.join(picked))
            rows += bool("".join(picked).strip())
        tables.append({"text": draw.choice(["\n", "\r\n", "\r"]).join(lines), "older": draw.random() < 0.5})
        wanted.append((rows, {at for at, line in enumerate(lines[1:], 2) if line.replace(between, "").strip()}))
    for asked, answer, (rows, lines_) in zip(tables, compared(full_site, tables), wanted, strict=True):
        assert "outcome" in answer, (asked, answer)
        outcome = answer["outcome"]
        numbers = [one["line"] for one in [*answer["rates"], *answer["left"]]]
        assert outcome["rows"] == outcome["compared"] + outcome["left"] == len(numbers) == rows, asked
        assert set(numbers) == lines_, asked
        assert all(one["say"].endswith((".", '"1,234.50".')) and len(one["say"]) > 20 for one in answer["left"]), answer["left"]


def test_an_older_day_needs_the_older_releases(full_site: Site) -> None:
    """A row of 2024 is listed with what to press until the older releases are here, then compared by them; a day of no release never is."""
    # 99213 in an office by RVU24C: (1.30 + 1.33 + 0.10) x 33.2875 = 90.874875, as CMS's file and its column CONV FACTOR have them.
    text = "code,amount,date\n99213,70.00,2024-08-15\n99213,70.00,2019-05-01\n"
    without, with_older = compared(full_site, [{"text": text}, {"text": text, "older": True}])
    assert without["left"][0]["say"] == "RVU24C answers for 2024-08-15 and is not loaded. Press “Load older releases”; then the row is compared."
    assert re.match(r"No release of 2019-05-01 is here\. Give a day that can be answered, or none: October to December 2020, .* September 2026\.", without["left"][1]["say"])
    assert [(one["allowed"], one["share"], one["release"]) for one in with_older["rates"]] == [("90.87", percent("70", "90.87"), "RVU24C")]
    assert len(with_older["left"]) == 1
    assert [[one["outcome"][name] for name in ("rows", "compared", "left", "blank")] for one in (without, with_older)] == [[2, 0, 2, 0], [2, 1, 1, 0]]


def test_the_forms_of_a_file(full_site: Site) -> None:
    """One table in UTF-8 with a mark, UTF-16, Windows-1252, with semicolons and decimal commas, gives one and the same result; so does one without names whose columns are said."""
    plain = "CPT,Beschreibung für Prüfer,Amount\n99213,été,1234.50\n99214,,95.19\n"
    forms = [plain.encode(), b"\xef\xbb\xbf" + plain.encode(), plain.encode("utf-16"), plain.replace("\n", "\r\n").encode("cp1252"), plain.replace(".50", ",50").replace(".19", ",19").replace("213,", "213;").replace("214,", "214;").replace("é,", "é;").replace(";,", ";;").replace("CPT,", "CPT;").replace("r,A", "r;A").encode()]
    tables: list[dict[str, Any]] = [{"base64": base64.b64encode(one).decode()} for one in forms]
    tables.append({"text": plain.split("\n", 1)[1], "roles": ["code", "", "amount"]})
    answers = compared(full_site, tables)
    results = [[(one["code"], one["amount"], one["allowed"]) for one in answer["rates"]] for answer in answers]
    assert [amount for _, amount, _ in results[0]] == ["1234.50", "95.19"]
    assert all(one == results[0] for one in results)
    assert [answer["outcome"]["comma"] for answer in answers] == [False, False, False, False, True, False]
    assert [one["line"] for one in answers[-1]["rates"]] == [1, 2]


def test_what_is_remarked_of_a_row_and_what_to_do_with_one_that_has_no_amount(full_site: Site) -> None:
    """A remark asks for something or qualifies the amount: a cap that lowered it does not, NA in an office does; each kind of row without an amount has its own next step."""
    (answer,) = compared(full_site, [{"text": "code,amount\n70496,200\n27447,900\n99213,80\n36415,3\n00100,90\n99397,100\n1036F,1\nZ9999,1\n99999,1\n"}])
    remarks = {one["code"]: " ".join(one["remarks"]) for one in answer["rates"]}
    assert remarks.keys() == {"70496", "27447", "99213"}
    assert (remarks["70496"], remarks["99213"]) == ("", "")
    assert remarks["27447"].startswith("Seldom done outside a facility")
    steps = {
        5: "Compare this row with that schedule.",
        6: "Work this row out on the claim desk.",
        7: "Take the row out.",
        8: "Take the row out.",
        9: "Correct it.",
        10: "Correct the code, or give the date of service.",
    }
    assert [one["line"] for one in answer["left"]] == [*steps]
    for one in answer["left"]:
        assert one["say"].endswith(f". {steps[one['line']]}"), one


def test_a_contract_above_medicare(full_site: Site) -> None:
    """Measured by 112.5% of Medicare, a row is below by what is missing to that percentage, rounded to the cent, and its share stays that of Medicare."""
    # 99213 in an office, nationally: (1.30 + 1.46 + 0.09) x 33.4009 = 95.192565; 112.5% of 95.19 is 107.08875.
    (answer,) = compared(full_site, [{"text": "code,amount\n99213,100.00\n99213,107.09\n", "terms": {"target": 11250, "targetText": "112.5"}}])
    assert [(one["allowed"], one["gap"], one["side"]) for one in answer["rates"]] == [("95.19", "7.09", "under"), ("95.19", "0.00", "")]
    assert answer["rates"][0]["share"] == percent("100.00", "95.19")
    assert answer["outcome"]["text"]["measure"] == "214.18"


def test_the_csv_has_every_row_and_no_formula(full_site: Site) -> None:
    """The download holds each row of the table once, compared or listed, and no cell of it begins like a formula, whatever stood in the table."""
    evil = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\t=1", '=HYPERLINK("x")']
    rows = [["99213", "", "80.00", ""], *([one, "", "80.00", ""] for one in evil), *(["99213", one, "80.00", ""] for one in evil), *(["99213", "", one, ""] for one in evil), *(["99213", "", "80", one] for one in evil)]
    (answer,) = compared(full_site, [{"text": table("code,modifiers,amount,locality", rows)}])
    made = list(csv.reader(io.StringIO(answer["csv"].removeprefix("\ufeff"), newline="")))
    assert sorted(int(one[0]) for one in made[2:]) == list(range(2, len(rows) + 2))
    assert all(len(one) == 15 for one in made[1:])
    cells = [cell for row in made for cell in row]
    assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@"))]


def test_a_table_with_patient_information_is_not_read(full_site: Site) -> None:
    """A column that looks like patient information, by name or by a social security number in it, refuses the table with a sentence and gives no row."""
    tables = [{"text": f"code,{name},amount\n99213,Elm,80\n"} for name in ("Patient Name", "DOB", "MRN", "SSN", "Member ID")] + [{"text": "99213,123-45-6789,80\n"}]
    for answer in compared(full_site, tables):
        assert answer.keys() == {"refused"}
        assert "not read, and nothing of them is kept" in answer["refused"]


def test_what_is_fetched_is_every_row_of_the_file(full_site: Site, imported: Imported, snapshots_of_history: dict[str, Imported]) -> None:
    """The newest release's rows are every row of CMS's file in less than 400 kB packed; the older ones, put together from what differs, are each release's rows."""
    folder = full_site.folder / "data" / "v1" / "compare"
    data = (folder / "rates.json").read_bytes()
    assert len(gzip.compress(data, 6)) < HEAVIEST
    newest = json.loads(data)
    assert newest["release"] == "RVU26C"
    assert newest["rows"] == _rows(imported)
    last = newest["rows"]
    found = []
    for release, differing in json.loads((folder / "older.json").read_bytes()):
        last = {code: rows for code, rows in {**last, **differing}.items() if rows is not None}
        assert last == _rows(snapshots_of_history[release.lower()])
        found.append(release)
    assert found == ["RVU26B", "RVU25D", "RVU24C", "RVU24A", "RVU23D", "RVU22D", "RVU21D", "RVU20D"]


def _rows(one: Imported) -> dict[str, dict[str, list[str | int]]]:
    made: dict[str, dict[str, list[str | int]]] = {}
    for row in one.snapshot.services:
        made.setdefault(row.code, {})[row.modifier] = packed(row)
    return made


def test_the_sample_compares_too(sample_site: Site) -> None:
    """The embedded sample compares its codes, and lists one that it does not have."""
    (answer,) = compared(sample_site, [{"text": "code,amount\n97761,40.42\n00000,1\n"}])
    # 97761 in an office: 40.42, worked out in tests/golden/claims/therapy-day.yml.
    assert [(one["allowed"], one["share"]) for one in answer["rates"]] == [("40.42", "100.0")]
    assert answer["left"][0]["say"].startswith("00000 is not in this release.")
