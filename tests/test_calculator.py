"""The calculators of a finished site: what each page offers and carries, its table for readers without a script, ZIP codes, and weights."""

from __future__ import annotations

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from built import Site
from importing import Imported
from machine import ROOT
from page import Page
from programs import node, run

from medpayiq import scripts
from medpayiq.cms.records import Service
from medpayiq.facts import SnapshotFacts
from medpayiq.findings import Failed
from medpayiq.payment.claim import price_claim
from medpayiq.rulebook import rulebook

DAY = "2026-07-01"
ROLES = ("AA", "AD", "QK", "QX", "QY", "QZ")
CANNOT_STAND = {"INVALID_MODIFIER", "INVALID_COMBINATION", "MODIFIER_REQUIRED", "INVALID_INPUT"}
SCRIPTS, ON_DEMAND, WITH_RULES = 14_000, 1_500, 24_000
"""Most bytes, compressed, of the calculator's script with the engine in it, of what comes when a date is set or all localities are opened, and of the first with the rule book."""


class Release:
    """RVU26C as the engine sees it, asked line by line."""

    def __init__(self, imported: Imported) -> None:
        self.snapshot = imported.snapshot
        self.facts, self.book = SnapshotFacts(imported.snapshot), rulebook(DAY)
        self.rows: dict[str, dict[str, Service]] = defaultdict(dict)
        for row in self.snapshot.services:
            self.rows[row.code][row.modifier] = row

    def line(self, code: str, modifiers: str = "", *, units: str = "1", **circumstances: str) -> Any:
        """Return the engine's answer for one line, nationally for a non-QP; in the office where nothing else is said."""
        line = {"code": code, "modifiers": modifiers, "units": units, "base_units": "5", "minutes": "60"}
        where = circumstances or {"setting": "nonfacility"}
        return price_claim({"locality": "00000/00", "factor": "non_qp", **where, "lines": [line]}, self.facts, self.book)[0]

    def main(self, code: str) -> Service:
        """Return the row without modifier, else the first."""
        rows = self.rows[code]
        return rows.get("") or next(iter(rows.values()))

    def amount(self, code: str) -> bool:
        """Say whether the engine has an amount for the code, whole or in part, somewhere."""
        if self.main(code).status == "J":
            return True
        return any(self.line(code, modifier, setting=setting).allowed is not None for modifier in self.rows[code] for setting in ("nonfacility", "facility"))


@pytest.fixture(scope="module")
def release(imported: Imported) -> Release:
    """Return RVU26C for the engine."""
    return Release(imported)


def pages(site: Site, release: Release) -> Iterator[tuple[str, Page]]:
    """Yield the page of every code with a calculator that has an amount in the release itself."""
    return ((code, page) for code, page in site.code_pages.items() if code in release.rows and page.calculator_facts is not None and release.amount(code))


# -- what a page offers and carries --------------------------------------------------------------------------------------


def test_exactly_the_codes_that_the_engine_can_price_have_a_calculator(full_site: Site, release: Release, snapshots_of_history: dict[str, Imported]) -> None:
    """Every code with an amount in one of its rows, in this release or one before it, and every anesthesia code has one; no other code does."""
    have = {code for code, page in full_site.code_pages.items() if page.calculator_facts is not None and code in release.rows}
    # CMS's record layout, Attachment A: RVUs with status A, R or T are used for payment; J is anesthesia.
    services = [row for one in snapshots_of_history.values() for row in one.snapshot.services]
    before = {row.code for row in services if row.status == "J" or (row.status in "ART" and not row.not_used and (row.work or row.pe_nonfacility or row.pe_facility or row.mp))}
    assert have == {code for code in release.rows if release.amount(code) or code in before}
    assert {"97761", "27447", "01402"} <= before
    assert {"97761", "27447", "01402", "86153", "70170"} <= have
    assert have.isdisjoint({"36416", "J0897", "22526"})


def test_facts_in_a_page_are_the_rows_of_the_release(full_site: Site, release: Release) -> None:
    """A page carries every row of its code, of its endoscopic base and of the codes of a whole test's parts, value by value as the snapshot has them."""
    fields = release.book["fields"]
    for code, page in pages(full_site, release):
        main = release.main(code)
        expected = {code}
        if main.mult == "3" and main.endo_base in release.rows:
            expected.add(main.endo_base)
        expected |= {part for parts in release.book["whole_tests"].get(code, {}).values() for part in parts} & release.rows.keys()
        assert page.calculator_facts is not None
        assert page.calculator_facts.keys() == expected, code
        for one, rows in page.calculator_facts.items():
            assert {modifier: dict(zip(fields, values, strict=True)) for modifier, values in rows.items()} == {modifier: {name: getattr(row, name) for name in fields} for modifier, row in release.rows[one].items()}
    assert full_site.code_pages["45385"].calculator_facts.keys() == {"45385", "45378"}  # type: ignore[union-attr]
    assert full_site.code_pages["93000"].calculator_facts.keys() == {"93000", "93005", "93010"}  # type: ignore[union-attr]


def alike(release: Release, code: str) -> tuple[Any, ...]:
    """Return all of a code that its modifiers can depend on: every indicator of its rows, and the lists that hold it."""
    rows = tuple((row.modifier, row.status, row.not_used, bool(row.work or row.pe_nonfacility or row.pe_facility or row.mp)) for row in release.rows[code].values())
    row = release.main(code)
    lists = tuple(name for name, ranges in release.book["lists"].items() if any(one[0] <= code <= one[-1] for one in ranges))
    return rows, row.na_nonfacility, row.na_facility, row.pctc, row.glob, bool(row.pre + row.intra + row.post), row.mult, row.bilat, row.asst, row.cosurg, row.team, lists


def admitted(release: Release, code: str, beside: str) -> dict[str, Any]:
    """Return the engine's answer for each modifier in force, on one line with what it needs there, where it can stand."""
    made = {}
    for name, one in release.book["modifiers"].items():
        others = [] if name in {"26", "TC"} else beside.split()
        if name in ROLES:
            others = []
        more = next((need for need in one.get("needs", []) if need not in others), "")
        answer = release.line(code, " ".join([name, *others, more]), pos="21" if release.main(code).pctc == "8" else "11")
        if not one.get("late") and answer.result not in CANNOT_STAND:
            made[name] = answer
    return made


def test_offered_modifiers_are_admitted_and_refused_ones_are_not_offered(full_site: Site, release: Release) -> None:
    """For each kind of code of the release: whatever a page offers can stand on its line, and codes of one kind offer the same."""
    offers: dict[tuple[Any, ...], dict[str, tuple[str, ...]]] = defaultdict(dict)
    for code, page in pages(full_site, release):
        offers[alike(release, code)][code] = tuple(page.offered)
    assert len(offers) > 200
    for by_code in offers.values():
        code, offered = next(iter(by_code.items()))
        assert set(by_code.values()) == {offered}, code
        assert len(offered) == len(set(offered)), code
        status = release.main(code).status
        beside = "AA" if status == "J" else "26" if "26" in release.rows[code] and release.line(code).answer in {"reading_needed", "status_c", "status_x"} else ""
        can_stand = admitted(release, code, beside)
        assert set(offered) <= can_stand.keys(), (code, set(offered) - can_stand.keys())
        # What moves money by a rule of its own is never left out, save where it says nothing: an assistant at a visit, a stop of one.
        for name, answer in can_stand.items():
            one = release.book["modifiers"][name]
            if one["effect"] == "changes" and one.get("offer", True) and one["group"] in {"part", "equipment", *(["anesthesia"] if status == "J" else []), *(["therapy"] if release.main(code).mult == "5" else [])}:
                assert name in offered, (code, name, answer.result)
            if name in {"54", "55", "78"} or (name == "50" and release.main(code).bilat in {"1", "3"}):
                assert name in offered, (code, name)


def test_only_what_means_something_is_offered(full_site: Site) -> None:
    """A visit offers visit modifiers and no surgeon's, a surgery no visit's, a therapy code its discipline, a CT its cut."""
    offered = {code: set(full_site.code_pages[code].offered) for code in ("99213", "27447", "97761", "71260", "45385", "01402")}
    assert offered["99213"] == {"24", "25", "57"}
    assert {"50", "RT", "LT", "54", "55", "78", "80", "AS", "62", "22"} <= offered["27447"]
    assert offered["27447"].isdisjoint({"24", "25", "57", "26", "TC", "GP", "AA", "CT", "FX"})
    assert {"GP", "GO", "CQ", "CO", "KX"} <= offered["97761"]
    assert {"26", "TC", "CT"} <= offered["71260"]
    assert offered["71260"].isdisjoint({"FX", "50", "80", "24"})
    assert offered["45385"].isdisjoint({"50", "54", "55"})
    assert set(ROLES) <= offered["01402"]


def test_what_is_set_from_the_start(full_site: Site) -> None:
    """Therapy begins with GP, an evaluation with its own discipline, speech therapy with GN, a test priced for its reading alone with 26; nothing else is set."""
    chosen = {code: page.chosen for code, page in full_site.code_pages.items() if page.chosen}
    assert {code: chosen[code] for code in ("97761", "97110", "97161", "97165", "92521", "92507", "70170")} == {
        "97761": ["GP"],
        "97110": ["GP"],
        "97161": ["GP"],
        "97165": ["GO"],
        "92521": ["GN"],
        "92507": ["GN"],
        "70170": ["26"],
    }
    assert "27447" not in chosen


def test_the_result_at_the_start_is_an_answer(full_site: Site, release: Release) -> None:
    """With what is set from the start, at the place a page begins with, every calculator but anesthesia's has a national amount."""
    for code, page in pages(full_site, release):
        if release.main(code).status == "J":
            continue
        html = full_site.html(code)
        place = html.partition('name="pos" list="c-places" value="')[2][:2]
        answer = release.line(code, " ".join(page.chosen), pos=place)
        assert answer.allowed is not None or answer.result == "NOT_PAID_IN_SETTING", (code, place, answer)


# -- without a script ----------------------------------------------------------------------------------------------------


def expected(release: Release, code: str, label: str, setting: str) -> set[str]:
    """Return what the engine says to one row of the table, in one setting."""

    def text(cents: int | None) -> str:
        return "not paid" if cents is None else f"${cents // 100:,}.{cents % 100:02d}"

    if label in {"2nd of the day", "Later unit"}:
        # Two units of a surgery that name a site are two procedures; the second one is the difference to one of them.
        modifiers = "" if label == "Later unit" else "RT"
        one, two = (release.line(code, modifiers, units=units, setting=setting).allowed for units in ("1", "2"))
        return {text(None if one is None else two - one)}
    return {text(release.line(code, modifier, setting=setting).allowed) for modifier in label.split(", ")}


def test_the_table_of_modifiers_holds_the_engines_amounts(full_site: Site, release: Release) -> None:
    """Every row of every page's table, office and facility, is what the engine works out for that modifier nationally."""
    wrong, rows = [], 0
    for code, page in pages(full_site, release):
        for row in page.with_modifier:
            if row[0] == "Modifier":
                continue
            rows += 1
            label, _, office, facility = row
            found = expected(release, code, label, "nonfacility"), expected(release, code, label, "facility")
            if found != ({office}, {facility}):
                wrong.append((code, row, found))
    assert wrong[:5] == []
    assert rows > 30_000
    assert [row[0] for row in full_site.code_pages["27447"].with_modifier] == ["Modifier", "50", "54", "55", "78", "80, 81, 82", "AS", "62", "2nd of the day"]
    assert full_site.code_pages["99213"].with_modifier == []


# -- what calculators fetch ----------------------------------------------------------------------------------------------


def test_every_zip_code_of_the_release_is_answered(full_site: Site, imported: Imported) -> None:
    """Each of the ZIP codes of CMS's file is answered by the file of its first three digits: one locality, or for a split one those of its state."""
    folder = full_site.folder / "data" / "v1" / "zip"
    files = {path.stem: json.loads(path.read_bytes()) for path in folder.glob("*.json")}
    assert files.keys() == {f"{number:03d}" for number in range(1000)}
    in_state: dict[str, set[str]] = defaultdict(set)
    for area in imported.snapshot.zip5:
        in_state[area.state].add(f"{area.mac}/{area.locality}")
    places, answered = json.loads(asset(full_site, "places")), 0
    for area in imported.snapshot.zip5:
        file, key = files[area.prefix], f"{area.mac}/{area.locality}"
        assert file["quarter"] == "2026 Q1"
        assert key in places
        for at in range(0, len(area.endings), 2):
            code = area.prefix + area.endings[at : at + 2]
            answered += 1
            if area.split == "1":
                assert set(file["split"][code]) == in_state[area.state]
                assert code not in file["zips"]
            else:
                assert file["zips"][code] == key
    assert answered == sum(len(file["zips"]) + len(file["split"]) for file in files.values()) == 42_956


def test_localities_carry_the_indices_of_cms_and_readable_names(full_site: Site, imported: Imported) -> None:
    """109 localities and the nation, with CMS's indices and anesthesia factors, named as people write them."""
    places: Mapping[str, Any] = json.loads(asset(full_site, "places"))
    assert len(places) == 110
    assert next(iter(places)) == "00000/00"
    for one in imported.snapshot.localities:
        assert places[f"{one.mac}/{one.locality}"]["gpci"] == [one.work, one.pe, one.mp]
    for one in imported.snapshot.anesthesia:
        assert places[f"{one.mac}/{one.locality}"]["anesthesia"] == {"non_qp": one.factor * 10_000, "qp": (one.factor_qp or 0) * 10_000}
    names = {key: (one["name"], one["state"]) for key, one in places.items()}
    assert names["01182/18"] == ("Los Angeles-Long Beach-Anaheim (Los Angeles/Orange County)", "California")
    assert names["12202/01"] == ("DC + MD/VA suburbs", "District of Columbia")
    assert names["12302/01"] == ("Baltimore/surrounding counties", "Maryland")
    assert names["05302/01"] == ("Metropolitan St. Louis", "Missouri")
    assert not [name for name, _ in names.values() if "*" in name or name.upper() == name]


def test_the_published_rule_book_answers_as_the_engines_own(full_site: Site, release: Release) -> None:
    """What is left out of the rule book for browsers is nothing that the engine reads: a drawn set of lines gets the same answers."""
    published = json.loads(asset(full_site, "rules"))
    codes = sorted(release.rows)[::61]
    for code in codes:
        for modifiers in ("", "26", "50", "54 RT", "80", "GP CQ", "FX", "QK", "99 zz"):
            claim = {"pos": "11", "locality": "12202/01", "factor": "qp", "participation": "nonpar", "practitioner": "NP", "lines": [{"code": code, "modifiers": modifiers, "base_units": "4", "minutes": "30"}]}
            one, other = (price_claim(claim, release.facts, book)[0].as_json() for book in (published, release.book))
            assert one == other


# -- weights -------------------------------------------------------------------------------------------------------------


def asset(site: Site, name: str) -> bytes:
    """Return the bytes of a hashed JSON file that a page names."""
    address = re.search(rf'data-{name}="/(assets/[^"]*)"', site.html("97761"))
    assert address is not None
    return (site.folder / address[1]).read_bytes()


def delivered(site: Site) -> dict[str, bytes]:
    """Return the scripts as delivered, by path."""
    (folder,) = (site.folder / "assets").glob("js-*")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.js")}


def test_scripts_of_the_calculator_stay_light(sample_site: Site) -> None:
    """Compressed, the calculator's script with the engine in it stays within 14 kB, with the rule book within 24 kB, and what is fetched on demand within 1.5 kB."""
    weights = {name: len(gzip.compress(data, 9)) for name, data in delivered(sample_site).items() if name.startswith(("calculator/", "payment/"))}
    assert weights.keys() == {scripts.ENTRY, "calculator/all.js", "calculator/day.js"}
    assert weights[scripts.ENTRY] <= SCRIPTS
    assert sum(weights.values()) - weights[scripts.ENTRY] <= ON_DEMAND
    assert weights[scripts.ENTRY] + len(gzip.compress(asset(sample_site, "rules"), 9)) <= WITH_RULES


def test_scripts_are_delivered_without_comments_and_say_the_same(sample_site: Site, tmp_path: Path) -> None:
    """Each delivered script has the words, texts and patterns of its sources, one by one, as TypeScript reads them, and no comment; together they are all scripts."""
    (folder,) = (sample_site.folder / "assets").glob("js-*")
    source = ROOT / "assets" / "js"
    for name in delivered(sample_site):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(scripts.joined(source / name), encoding="utf-8") if name in scripts.JOINED else path.write_bytes((source / name).read_bytes())
    done = run([node(), str(ROOT / "tests" / "js" / "same-words.mjs"), str(tmp_path), str(folder)], seconds=60)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    inside = {"address.js", "stale.js"} | {path.relative_to(source).as_posix() for part in ("calculator", "payment", "claim", "compare", "fees", "mycodes") for path in (source / part).glob("*.js") if path.name not in {"all.js", "day.js", "read.js", "told.js", "gone.js"}}
    assert delivered(sample_site).keys() == {path.relative_to(source).as_posix() for path in source.rglob("*.js") if path.parent.name != scripts.WORKERS} - inside | set(scripts.JOINED)
    assert [name for name, data in delivered(sample_site).items() if b"@ts-check" in data or b"/**" in data] == []


def test_modules_that_share_a_name_are_not_joined(tmp_path: Path) -> None:
    """Two modules with one name at their top are refused by both their names; else each stands once, before what imports it."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one.js").write_text("import { two } from '../two.js';\nexport const one = two;\n", encoding="utf-8")
    (tmp_path / "two.js").write_text("export const two = 2;\n", encoding="utf-8")
    assert scripts.joined(tmp_path / "a" / "one.js").split("\n") == ["const two = 2;", "", "export const one = two;", ""]
    (tmp_path / "two.js").write_text("export const two = 2;\nconst one = 1;\n", encoding="utf-8")
    with pytest.raises(Failed, match=r"one is also the name of something in .*two\.js"):
        scripts.joined(tmp_path / "a" / "one.js")


def test_the_comparison_of_scripts_finds_a_changed_text(tmp_path: Path) -> None:
    """A blank lost inside a template or a pattern is reported."""
    source, made = tmp_path / "a", tmp_path / "b"
    for folder, text in ((source, "const a = `x${b ? ` (${b})` : ''}`; // c\nconst r = (t) => /a  b/.test(t);\n"), (made, "const a=`x${b?`(${b})`:''}`;const r=(t)=>/a b/.test(t);\n")):
        folder.mkdir()
        (folder / "one.js").write_text(text, encoding="utf-8")
    done = run([node(), str(ROOT / "tests" / "js" / "same-words.mjs"), str(source), str(made)], seconds=60)
    assert done.stdout.startswith("one.js")
