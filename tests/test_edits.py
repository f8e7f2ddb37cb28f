"""Edits, unit limits and add-on codes on the finished site, against CMS's own files read apart from the program."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cms_files as mini
import pytest
from built import Site
from importing import Desk
from machine import CMS

from medpayiq.content.selecting import edit_count
from medpayiq.edit_totals import Tally, Totals, remembered
from medpayiq.edits import Edits, holds


@dataclass
class Theirs:
    """What CMS's files say."""

    ones: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Column 1 code to the number of its pairs by indicator."""
    twos: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """The same by column 2 code."""
    limits: dict[str, tuple[str, str]] = field(default_factory=dict)
    primaries: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


@pytest.fixture(scope="module")
def theirs(full_site: Site) -> Theirs:
    """Read the quarter's files: no pair of this set has an end, so all of them are in force."""
    made = Theirs()
    with zipfile.ZipFile(CMS / "ncci" / "ptp-practitioner-2026q3-v322r0.zip") as archive:
        for name in archive.namelist():
            for line in archive.read(name).decode("latin-1").splitlines()[6:]:
                one, two, _, _, deleted, indicator, _ = line.split("\t")
                assert deleted == "*"
                made.ones[one][indicator] += 1
                made.twos[two][indicator] += 1
    text = next((CMS / "mue").glob("*.csv")).read_text(encoding="latin-1")
    made.limits = {code: (units, kind[0]) for code, units, kind, _ in list(csv.reader(io.StringIO(text)))[2:]}
    # In force on some day of 2026 Q2, the quarter of the file: no end, or one from its first day on.
    with next((CMS / "aoc").glob("*.csv")).open(encoding="latin-1", newline="") as file:
        for row in csv.DictReader(file):
            ends = [day for day in (row["AOC_DelDT"], row["Primary_Code_DelDT"], row["AOC_Edit_DelDT"]) if day]
            if row["AOC_Edit_EffDT"] <= "2026181" and all(day >= "2026091" for day in ends):
                made.primaries[row["Add-On_Code"]].add(row["Primary_Code"])
    return made


def test_every_code_has_the_number_of_edits_of_cms_s_set(full_site: Site, theirs: Theirs) -> None:
    """The twin of every code states, by indicator, how many codes are column 2 to it and how many column 1, and which set that is."""
    for code, twin in full_site.twins.items():
        said = twin["ncci"]["edits"]
        assert (said["column1_to"], said["column2_to"]) == (dict(theirs.ones.get(code, {})), dict(theirs.twos.get(code, {}))), code
        assert said["set"] == "2026 Q3 (v322r0)"


def test_every_page_says_its_counts_in_words(full_site: Site, theirs: Theirs) -> None:
    """The counts stand in the HTML of every page, with the set's quarter and version; a page without edits says that none is in the set."""
    for code in full_site.twins:
        html = full_site.html(code)
        ones, twos = theirs.ones.get(code, Counter()).total(), theirs.twos.get(code, Counter()).total()
        assert ("Column 1 in " in html, "Column 2 in " in html) == (bool(ones), bool(twos)), code
        if ones:
            assert f"Column 1 in {ones:,} edit{'' if ones == 1 else 's'}: the other code is denied when billed beside {code} " in html, code
        if twos:
            assert f"Column 2 in {twos:,} edit{'' if twos == 1 else 's'}: {code} is denied when billed beside the other code " in html, code
        assert "2026 Q3 (v322r0)" in html, code
        assert ("No edit of" in html) == (not ones and not twos), code


def test_every_unit_limit_is_on_its_page(full_site: Site, theirs: Theirs) -> None:
    """Page and twin have the units and the indicator of CMS's file; a code without one says that none is published, not that there is none."""
    for code, twin in full_site.twins.items():
        said = twin["ncci"]["unit_limit"]
        html = full_site.html(code)
        found = theirs.limits.get(code)
        if found is None:
            assert (said["units"], said["adjudication_indicator"]) == (None, None)
            assert "Unit limit (MUE): None published" in html
            continue
        units, kind = found
        assert (str(said["units"]), said["adjudication_indicator"]) == found
        words = f"{int(units):,} unit{'' if units == '1' else 's'}" + ("" if units == "0" else " a line" if kind == "1" else " a day")
        assert f"Unit limit (MUE): {words}</h3>" in html, code


def test_add_on_codes_and_their_primaries_name_each_other(full_site: Site, theirs: Theirs) -> None:
    """A twin lists the primary codes of an add-on code as CMS does, and each primary lists the add-on code."""
    back: dict[str, set[str]] = defaultdict(set)
    for code, primaries in theirs.primaries.items():
        for primary in primaries - {"CCCCC"}:
            back[primary].add(code)
    for code, twin in full_site.twins.items():
        said = twin["ncci"]["add_on"]
        assert set(said["primaries"]) == theirs.primaries.get(code, set()), code
        assert set(said["add_ons"]) == back.get(code, set()), code
    assert "/codes/22551/" in full_site.html("22845")


def lists(site: Site) -> Iterator[tuple[str, bytes]]:
    """Yield code and bytes of every list of edits."""
    for path in sorted((site.folder / "data" / "v1" / "edits").glob("*.csv")):
        yield path.stem, path.read_bytes()


def test_every_list_has_every_pair_once(full_site: Site, theirs: Theirs) -> None:
    """The CSV of a code has each of its pairs, column 1 before column 2, and no code with edits is without one."""
    found = 0
    for code, data in lists(full_site):
        rows = data.decode().split("\r\n")[1:-1]
        ones = [row for row in rows if row.startswith(f"{code},")]
        assert rows[: len(ones)] == ones, code
        assert len(set(rows)) == len(rows)
        assert Counter(row[12] for row in ones) == theirs.ones.get(code, Counter()), code
        assert Counter(row[12] for row in rows[len(ones) :]) == theirs.twos.get(code, Counter()), code
        assert all(row[6:11] == code for row in rows[len(ones) :])
        found += 1
    assert found == len((theirs.ones.keys() | theirs.twos.keys()) & full_site.twins.keys())


def test_no_list_is_heavy(full_site: Site) -> None:
    """The longest list, 96523 with 10,535 pairs, takes at most 60 kB as a host compresses it."""
    heaviest = max(((len(data), code, data) for code, data in lists(full_site)))
    assert heaviest[1] == "96523"
    assert heaviest[2].count(b"\n") == 10_535 + 1
    assert len(gzip.compress(heaviest[2], 6)) <= 60_000


def test_the_desk_s_files_have_every_pair_of_both_quarters(full_site: Site, theirs: Theirs) -> None:
    """Files of the claim desk hold each pair of 2026 Q3 once, and of 2024 Q3 all but those that were taken back."""
    ones: dict[str, Counter[str]] = defaultdict(Counter)
    for path in (full_site.folder / "data" / "v1" / "claims" / "rvu26c").glob("*.json"):
        data = json.loads(path.read_bytes())
        for code, groups in data.get("ptp", {}).items():
            assert code.startswith(path.stem)
            for indicator, effective, deleted, rationale, codes in groups:
                assert (effective, deleted, rationale) == ("", "*", "")
                ones[code][indicator] += len(codes.split())
        for code, limit in data.get("mue", {}).items():
            assert (str(limit[0]), limit[1]) == theirs.limits[code]
    assert ones == theirs.ones
    rows, indicators = 0, set()
    for path in (full_site.folder / "data" / "v1" / "claims" / "rvu24c").glob("*.json"):
        for groups in json.loads(path.read_bytes()).get("ptp", {}).values():
            rows += sum(len(group[4].split()) for group in groups)
            indicators |= {group[0] for group in groups}
    # Counted in the file with awk: 2,546,017 rows, 98,853 of them with indicator 9.
    assert (rows, indicators) == (2_546_017 - 98_853, {"0", "1"})


def test_every_code_s_rows_are_in_the_desk_s_files(full_site: Site) -> None:
    """A claim is priced from the rows that the pages carry: the same values, with those of an endoscopy's base code."""
    rows: dict[str, dict[str, dict[str, list[object]]]] = {}
    for path in (full_site.folder / "data" / "v1" / "claims" / "rvu26c").glob("*.json"):
        rows[path.stem] = json.loads(path.read_bytes()).get("rows", {})
    for code in ("97761", "45385", "27447", "93015", "J1100", "0446T"):
        facts = full_site.code_pages[code].calculator_facts
        assert facts is None or all(rows[code[:3]][one] == values for one, values in facts.items()), code
        assert code in rows[code[:3]]
    assert set(full_site.twins) == {code for by_code in rows.values() for code in by_code}


def test_the_sample_says_that_its_edits_are_not_all(sample_site: Site) -> None:
    """A count that leaves out codes says so beside it."""
    html = sample_site.html("97530")
    assert "Only edits between codes of this sample." in html


def test_without_edits_a_page_says_so(desk: Desk) -> None:
    """A release imported without edits has no count, and a sentence says where to look."""
    made = Edits(desk.run(desk.put(mini.core())).snapshot)
    assert (made.ptp, made.mue, made.aoc) == (None, None, None)
    assert made.counts("97761") == ({}, {})
    assert made.limit("97761") is None


@pytest.mark.parametrize(
    ("effective", "deleted", "held"),
    [
        ("", "*", True),
        ("", "", True),
        ("2026-01-01", "*", True),
        ("2026-09-30", "*", True),
        ("2026-10-01", "*", False),
        ("2010-01-01", "2026-06-30", False),
        ("2010-01-01", "2026-07-01", True),
        ("", "2026-06-30", False),
    ],
)
def test_which_edits_of_a_set_hold_in_its_quarter(effective: str, deleted: str, held: bool) -> None:
    """An edit holds from its first to its last day, both included; what is not known is taken as listed: the set is that of the quarter."""
    assert holds(effective, deleted, "2026-07-01", "2026-09-30") is held


def test_ended_edits_and_those_taken_back_are_history(desk: Desk) -> None:
    """They stand in the list, marked as not in force, and in no count."""
    file = mini.ptp_txt("11042 97597 20100101 20151231 1 R", "11042 97597 20160101 * 0 R", "11042 97602 20200101 20200101 9 R", "11042 97605 20240101 20260630 1 R")
    made = Edits(desk.run(desk.put(mini.core() | {"ccipra-v322r0-f1.txt": file})).snapshot)
    assert made.counts("11042") == ({"0": 1}, {})
    assert made.counts("97597") == ({}, {"0": 1})
    rows = [re.split(",", row) for row in made.list_of("11042").decode().split("\r\n")[1:-1]]
    assert [(row[1], row[2], row[3], row[4], row[6]) for row in rows] == [
        ("97597", "1", "2010-01-01", "2015-12-31", "no"),
        ("97597", "0", "2016-01-01", "none", "yes"),
        ("97602", "9", "2020-01-01", "2020-01-01", "no"),
        ("97605", "1", "2024-01-01", "2026-06-30", "no"),
    ]


def test_the_edit_between_two_codes_is_the_one_in_force(desk: Desk) -> None:
    """Whichever code is named first, the answer is the column 2 code and indicator of the edit that has not ended; an ended one is none."""
    file = mini.ptp_txt("11042 97597 20100101 20151231 1 R", "11042 97597 20160101 * 0 R", "11042 97602 20200101 20200101 9 R", "11042 97605 20240101 20260630 1 R", "97597 97602 20160101 * 1 R")
    made = Edits(desk.run(desk.put(mini.core() | {"ccipra-v322r0-f1.txt": file})).snapshot)
    assert made.between("11042", "97597") == made.between("97597", "11042") == ("97597", "0")
    assert made.between("97602", "97597") == ("97602", "1")
    assert [made.between("11042", other) for other in ("97602", "97605", "99213")] == [None, None, None]
    assert made.all_counts() == {"0": 1, "1": 1, "ended": 3}
    assert made.busiest(2) == ["97597", "11042"]


def test_totals_are_by_column_and_by_what_a_modifier_may_do(desk: Desk) -> None:
    """Column 1, column 2, bypassed by a modifier, by none: counted by hand in eight rows of a set, of which two ended before it; a code without edits has none."""
    rows = ["11042 97597 20160101 * 0 R", "11042 97602 20160101 * 1 R", "11042 97605 20160101 * 1 R", "11042 97606 20160101 * 1 R", "11042 97607 20100101 20151231 1 R"]
    rows += ["11043 11042 20160101 * 0 R", "11044 11042 20160101 * 1 R", "11045 11042 20100101 20260630 0 R"]
    made = Edits(desk.run(desk.put(mini.core() | {"ccipra-v322r0-f1.txt": mini.ptp_txt(*rows)})).snapshot)
    assert made.totals("11042") == (4, 2, 4, 2)
    assert made.listed("11042") == 8
    assert [edit_count(made, "11042", side) for side in ("column1", "column2", "bypass", "no_bypass")] == [4, 2, 4, 2]
    assert (made.totals("99213"), made.listed("99213")) == ((0, 0, 0, 0), 0)


def test_add_on_codes_in_force_by_code_and_by_primary(desk: Desk) -> None:
    """What ended before the quarter is in neither; where the MAC chooses the primaries (CCCCC in CMS's file) there is no code that could name its add-on codes."""
    rows = [("1", "22845", "", "22551", "", "2013091", "", ""), ("1", "22845", "", "22552", "", "2013091", "2026120", ""), ("1", "22846", "", "22551", "2026182", "2013091", "", ""), ("2", "99292", "", "CCCCC", "", "2013091", "", "")]
    made = Edits(desk.run(desk.put(mini.core() | {"AOC_V2026Q3-MCR.csv": mini.aoc_csv(*rows)})).snapshot)
    assert {code: [one.primary for one in made.primaries(code)] for code in ("22845", "22846", "99292", "22551")} == {"22845": ["22551"], "22846": ["22551"], "99292": ["CCCCC"], "22551": []}
    assert {code: [one.code for one in made.add_ons(code)] for code in ("22551", "22552", "CCCCC")} == {"22551": ["22845", "22846"], "22552": [], "CCCCC": []}
    assert made.add_on_types() == {"22845": "1", "22846": "1", "99292": "2"}


def test_a_reason_with_a_comma_is_one_cell(desk: Desk) -> None:
    """CMS's label may hold what csv gives a meaning to."""
    data = mini.ptp_txt('11042 97597 20160101 * 0 One, two "three"')
    made = Edits(desk.run(desk.put(mini.core() | {"ccipra-v322r0-f1.txt": data})).snapshot)
    (_, row) = csv.reader(io.StringIO(made.list_of("97597").decode(), newline=""))
    assert row[5] == 'One, two "three"'


def test_totals_are_counted_again_when_anything_changed(tmp_path: Path) -> None:
    """What was counted is taken over for the same table and the same counting alone; a damaged file is as good as none."""
    path, program = tmp_path / "folder" / "totals.json", tmp_path / "edits.py"
    program.write_text("one", encoding="utf-8")
    counted: list[str] = []

    def count(name: str) -> Totals:
        counted.append(name)
        return {name: Tally(2, 1, 3, 0, 4, 5)}

    def ask(table: str) -> Totals:
        return remembered(path, table, program, lambda: count(table), Tally._make)

    assert ask("first") == ask("first") == {"first": (2, 1, 3, 0, 4, 5)}
    assert counted == ["first"]
    assert ask("second") == {"second": (2, 1, 3, 0, 4, 5)}
    program.write_text("two", encoding="utf-8")
    assert ask("second") == {"second": (2, 1, 3, 0, 4, 5)}
    assert counted == ["first", "second", "second"]
    for damage in (b"", b"{", b'{"made_from": 1}', b"[]", path.read_bytes().replace(b"[2,1,3,0,4,5]", b"[2,1,3,0]")):
        path.write_bytes(damage)
        assert ask("second") == {"second": (2, 1, 3, 0, 4, 5)}, damage
    assert counted == ["first"] + 7 * ["second"]


def test_without_a_place_to_remember_totals_are_counted(tmp_path: Path) -> None:
    """A folder that cannot be written stops nothing."""
    file = tmp_path / "file"
    file.write_text("", encoding="ascii")
    assert remembered(file / "totals.json", "table", file, lambda: {"99213": "one"}, str) == {"99213": "one"}
