"""The embedded sample is a true part of RVU26C: every indicator and family it promises, no text that is not ours, made by its command."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import re
import shutil
import zipfile
from decimal import Decimal
from pathlib import Path

import facts
import pytest
from importing import tree
from machine import CMS

from medpayiq import cli, paths
from medpayiq.cms import sample, snapshot
from medpayiq.cms.importer import Imported
from medpayiq.cms.sample import EARLIER
from medpayiq.findings import Failed

# The columns of RVU26C by their number, counted from 0 (payment-rules, 1.1).
INDICATORS = {"status": 3, "pctc": 13, "glob": 14, "mult": 18, "bilat": 19, "asst": 20, "cosurg": 21, "team": 22, "modifier": 1, "not_used": 4, "na_nonfacility": 7, "na_facility": 9, "supervision": 26, "imaging_family": 28}
FAMILIES = [("97760", "97763"), ("99202", "99215"), ("97110", "97168"), ("45378", "45398"), ("70496", "74178"), ("93000", "93010"), ("27447", "27447"), ("66984", "66984")]


@pytest.fixture(scope="module")
def embedded() -> snapshot.Snapshot:
    """Return the sample of the repository."""
    return snapshot.read(paths.SAMPLE)


@pytest.fixture(scope="module")
def older() -> dict[str, snapshot.Snapshot]:
    """Return the older releases of the sample by folder, the first one first."""
    return {path.name: snapshot.read(path) for path in sorted((paths.SAMPLE / EARLIER).iterdir())}


@pytest.fixture(scope="module")
def rvu26c(needs_shared: Path) -> list[list[str]]:
    """Return the data rows of RVU26C's relative values, read apart from the import."""
    with (CMS / "rvu26c" / "PPRRVU2026_Jul_nonQPP.csv").open(encoding="latin-1", newline="") as file:
        return [row for row in list(csv.reader(file))[10:] if any(row)]


def test_the_sample_is_of_the_size_promised(embedded: snapshot.Snapshot) -> None:
    """The sample has some four hundred codes, all 109 localities with their factors and counties, and both conversion factors of 2026."""
    assert 350 <= len({one.code for one in embedded.services}) <= 450
    for table in (embedded.localities, embedded.anesthesia, embedded.counties):
        assert len({(one.mac, one.locality) for one in table}) == len(table) == 109
    assert embedded.meta.conversion_factors == {"non_qp": "33.4009", "qp": "33.5675"}
    assert embedded.meta.anesthesia_national == {"non_qp": "20.49754", "qp": "20.599835"}
    assert (embedded.meta.release, embedded.meta.sample) == ("RVU26C", True)
    assert sum(len(area.endings) // 2 for area in embedded.zip5) == 42_956


def test_the_sample_is_whole(embedded: snapshot.Snapshot) -> None:
    """Each committed file is one that the sample states, with the sha256 and the rows it states."""
    files = {name: data for name, data in tree(paths.SAMPLE).items() if not name.startswith(EARLIER)}
    assert set(files) == {f"{name}.tsv" for name in embedded.meta.tables} | {snapshot.META}
    for name, stated in embedded.meta.tables.items():
        data = files[f"{name}.tsv"]
        assert stated == {"rows": data.count(b"\n") - 1, "sha256": hashlib.sha256(data).hexdigest()}


def test_the_older_releases_of_the_sample_are_whole(older: dict[str, snapshot.Snapshot]) -> None:
    """Each older release of the sample has the tables that it states, packed, and no other file."""
    files = {name.removeprefix(f"{EARLIER}/") for name, data in tree(paths.SAMPLE).items() if name.startswith(f"{EARLIER}/") and data}
    assert files == {f"{name}/{table}" for name, one in older.items() for table in (snapshot.META, *(f"{kind}.tsv.gz" for kind in one.meta.tables))}
    for one in older.values():
        assert {"services", "localities"} <= one.meta.tables.keys() <= {"services", "localities", "anesthesia", "ptp"}
        assert all(hashlib.sha256(one.data(name)).hexdigest() == stated["sha256"] for name, stated in one.meta.tables.items())


def test_the_older_releases_of_the_sample_are_cmss(older: dict[str, snapshot.Snapshot], embedded: snapshot.Snapshot, needs_shared: Path) -> None:
    """An older release of the sample has, of the sample's codes and of four that are gone, every row that CMS's file of that release has, with its RVUs."""
    codes = {one.code for one in embedded.services} | {"99201", "G2012", "99241", "G2061"}
    assert list(older) == ["rvu20d", "rvu21d", "rvu22d", "rvu23d", "rvu24a", "rvu24c", "rvu25d"]
    for name, one in older.items():
        folder = CMS / name if (CMS / name).is_dir() else CMS / "history" / name
        theirs = facts.rows(next(folder.glob("PPRRVU*.csv")))
        expected = {(row.code, row.modifier): tuple(int(100 * part) for part in (row.work, row.pe["office"], row.pe["facility"], row.mp)) for row in theirs if row.code in codes}
        assert {(row.code, row.modifier): (row.work, row.pe_nonfacility, row.pe_facility, row.mp) for row in one.services} == expected, name
    assert {row.code for row in older["rvu20d"].services} >= {"99201", "99213", "97761"}


def test_the_sample_has_no_text_of_codes() -> None:
    """No table of the sample has a column for a text of CMS's, and there is no other file: RBCS's words, places and the labels of edits and limits are all it says."""
    heads = {path.stem: path.read_text(encoding="utf-8").split("\n")[0].split("\t") for path in paths.SAMPLE.glob("*.tsv")}
    words = {"localities": {"state", "name"}, "anesthesia": {"name"}, "counties": {"state", "area", "counties"}, "zip5": {"state"}, "rbcs": {"category", "subcategory", "family"}, "services": set(), "ptp": {"rationale"}, "mue": {"rationale"}, "aoc": set()}
    assert set(heads) == set(words)
    for table, columns in heads.items():
        assert not {"description", "text", "title", "descriptor"} & set(columns), table
    for row in csv.reader(io.StringIO((paths.SAMPLE / "services.tsv").read_text(encoding="utf-8")), delimiter="\t"):
        assert row == heads["services"] or max(map(len, row)) <= 5
    for table, columns in heads.items():
        for line in (paths.SAMPLE / f"{table}.tsv").read_text(encoding="utf-8").split("\n")[1:-1]:
            for column, cell in zip(columns, line.split("\t"), strict=True):
                assert column in words[table] or re.fullmatch(r"[0-9A-Z+*]*", cell) or re.fullmatch(r"\d{4}-\d\d-\d\d|[0-9A-Z]{5}( [0-9A-Z]{5})*", cell), (table, column, cell)


def test_the_edits_of_the_sample_are_those_between_its_codes(embedded: snapshot.Snapshot, imported: Imported) -> None:
    """The sample has every edit of the full set whose two codes are in it, each unit limit of its codes, and no other."""
    codes = {one.code for one in embedded.services}
    assert {(one.column1, two, one.indicator) for one in embedded.ptp for two in one.column2.split()} == {
        (one.column1, two, one.indicator) for one in imported.snapshot.ptp if one.column1 in codes for two in one.column2.split() if two in codes
    }
    assert embedded.mue == {code: one for code, one in imported.snapshot.mue.items() if code in codes}
    assert {(one.code, one.primary) for one in embedded.aoc} == {(one.code, one.primary) for one in imported.snapshot.aoc if one.code in codes and one.primary in codes | {"CCCCC"}}
    assert not any(one.remark for one in embedded.aoc)


def test_no_description_is_in_the_sample(rvu26c: list[list[str]]) -> None:
    """No description of any code, CPT or not, stands in a file of the sample, unless RBCS or a place has the same words."""
    with (CMS / "rbcs" / "RBCS_RY2023.csv").open(encoding="latin-1", newline="") as file:
        own = "\n".join({cell for row in csv.reader(file) for cell in row} | {cell for row in csv.reader((CMS / "rvu26c" / "26LOCCO.csv").read_text(encoding="latin-1").splitlines()) for cell in row})
    plain = [(gzip.decompress(data) if name.endswith(".gz") else data).decode() for name, data in tree(paths.SAMPLE).items()]
    everything = "\n".join({cell for text in plain for cell in re.split(r"[\t\n]", text) if len(cell) >= 12})
    texts = {row[2].strip() for row in rvu26c if len(row[2].strip()) >= 12}
    assert len(texts) > 14_000
    assert sorted(text for text in texts if text in everything and text not in own) == []


@pytest.mark.parametrize("column", INDICATORS)
def test_every_indicator_that_occurs_is_in_the_sample(embedded: snapshot.Snapshot, rvu26c: list[list[str]], column: str) -> None:
    """Every value that a policy column of RVU26C has occurs in the sample too."""
    occurring = {row[INDICATORS[column]] for row in rvu26c}
    assert len(occurring) > 1
    assert {getattr(one, column) for one in embedded.services} == occurring


@pytest.mark.parametrize(("first", "last"), FAMILIES)
def test_families_are_whole(embedded: snapshot.Snapshot, rvu26c: list[list[str]], first: str, last: str) -> None:
    """Every row of a required family that RVU26C has is in the sample, its modifiers too."""
    expected = {(row[0], row[1]) for row in rvu26c if first <= row[0] <= last}
    assert (first, "") in expected
    assert {(one.code, one.modifier) for one in embedded.services if first <= one.code <= last} == expected


def test_every_sort_of_code_is_in_the_sample(embedded: snapshot.Snapshot) -> None:
    """Anesthesia, G- and J-codes, D codes and codes with the status of each unpriced kind are in the sample."""
    codes = {one.code for one in embedded.services}
    for pattern in (r"0[01]\d{3}", r"G\d{4}", r"J\d{4}", r"D\d{4}", r"\d{4}F", r"\d{4}T"):
        assert any(re.fullmatch(pattern, code) for code in codes), pattern
    assert {one.status for one in embedded.services if not one.work + one.pe_nonfacility + one.pe_facility + one.mp} >= set("BCEIJMNPRX")
    assert any(one.not_used and one.work for one in embedded.services)


def test_endoscopies_come_with_their_base(embedded: snapshot.Snapshot) -> None:
    """The base code of every endoscopy of the sample is in it: its amount is needed for the family's."""
    bases = {one.endo_base for one in embedded.services} - {""}
    assert bases
    assert bases <= {one.code for one in embedded.services}


def test_every_figure_of_the_sample_is_cmss(embedded: snapshot.Snapshot, rvu26c: list[list[str]]) -> None:
    """Every row of the sample has the RVUs that CMS's file has for it, and each code all its rows."""
    codes = {one.code for one in embedded.services}
    expected = {(row[0], row[1]): [int(Decimal(row[position]) * 100) for position in (5, 6, 8, 10, 15, 16, 17, 29, 30, 31)] for row in rvu26c if row[0] in codes}
    found = {
        (one.code, one.modifier): [one.work, one.pe_nonfacility, one.pe_facility, one.mp, one.pre, one.intra, one.post, one.opps_pe_nonfacility, one.opps_pe_facility, one.opps_mp]
        for one in embedded.services
    }
    assert found == expected


def test_the_sample_names_the_files_it_comes_from(embedded: snapshot.Snapshot, needs_shared: Path) -> None:
    """The sample carries name, size and sha256 of CMS's files, as they are in the shared data."""
    assert len(embedded.meta.sources) == 6 + 4 + 1 + 1
    with zipfile.ZipFile(CMS / "ncci" / "ptp-practitioner-2026q3-v322r0.zip") as archive:
        edits = {name: archive.read(name) for name in archive.namelist()}
    for source in embedded.meta.sources:
        folder = source.table if source.table in {"zip5", "rbcs", "mue", "aoc"} else "rvu26c"
        data = edits[source.file] if source.table == "ptp" else (CMS / folder / source.file).read_bytes()
        assert (source.size, source.sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_the_command_reproduces_the_sample(imported: Imported, snapshots_of_history: dict[str, Imported], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """``build.py sample`` writes the committed files, byte for byte, out of an import of RVU26C and of older releases."""
    monkeypatch.setattr(paths, "SNAPSHOTS", tmp_path / "snapshots")
    for one in (imported, *snapshots_of_history.values()):
        shutil.copytree(one.snapshot.folder, paths.SNAPSHOTS / one.snapshot.folder.name)
    monkeypatch.setattr(paths, "SAMPLE", tmp_path / "sample")
    assert cli.main(["sample"]) == 0
    assert tree(tmp_path / "sample") == tree(paths.SAMPLE)
    codes = len({one.code for one in snapshot.read(paths.SAMPLE).services})
    assert f"{codes} codes, 109 localities from RVU26C" in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sample", "snapshots"]


def test_a_sample_without_a_snapshot_says_what_to_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """``build.py sample`` before any import is missing data: exit code 2, and the command to run first."""
    monkeypatch.setattr(paths, "SNAPSHOTS", tmp_path)
    monkeypatch.setattr(paths, "SAMPLE", tmp_path / "sample")
    assert cli.main(["sample"]) == 2
    assert "build.py import" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


CHOICE = {"ranges": [["97760", "97763"]], "codes": ["27447"], "every_value_of": ["status"], "codes_for_each_value": "2", "earlier": [], "gone": []}


def test_a_choice_takes_some_codes_for_every_value(embedded: snapshot.Snapshot, tmp_path: Path) -> None:
    """Beside ranges and codes the choice takes the first codes of each value, as many as asked and no more than needed."""
    file = tmp_path / "sample.yml"
    file.write_text(json.dumps(CHOICE), encoding="utf-8")
    chosen = sample.choose(embedded.services, sample.read_choice(file))
    by_status: dict[str, set[str]] = {}
    for one in embedded.services:
        by_status.setdefault(one.status, set()).add(one.code)
    assert {"97760", "97761", "97763", "27447"} <= chosen
    for status, codes in by_status.items():
        assert len(codes & chosen) >= min(2, len(codes)), status
    assert len(chosen) <= 4 + 2 * len(by_status)


@pytest.mark.parametrize(("code", "expected"), [("27447", {"27447"}), ("45380", {"45380", "45378"})])
def test_a_choice_brings_the_base_of_an_endoscopy_and_no_other_code(embedded: snapshot.Snapshot, code: str, expected: set[str]) -> None:
    """A chosen endoscopy brings its base code along; a code without a base comes alone."""
    assert sample.choose(embedded.services, sample.Choice((), frozenset({code}), (), 1, (), frozenset())) == expected


@pytest.mark.parametrize("missing", CHOICE)
def test_a_choice_that_is_not_whole_is_refused(tmp_path: Path, missing: str) -> None:
    """A sample.yml without one of its parts is refused by what it needs."""
    file = tmp_path / "sample.yml"
    file.write_text(json.dumps({name: value for name, value in CHOICE.items() if name != missing}), encoding="utf-8")
    with pytest.raises(Failed, match="needs ranges, codes, every_value_of, codes_for_each_value, earlier and gone"):
        sample.read_choice(file)


def test_a_choice_of_an_unknown_column_is_refused(tmp_path: Path) -> None:
    """A column that the relative values do not have is an error with its place in sample.yml."""
    file = tmp_path / "sample.yml"
    file.write_text("ranges: []\ncodes: []\nevery_value_of: [stat]\ncodes_for_each_value: 1\nearlier: []\ngone: []\n", encoding="utf-8")
    with pytest.raises(Failed, match=r"sample\.yml:3:17: error: no column 'stat'"):
        sample.read_choice(file)


def test_a_code_that_the_release_lacks_is_refused(embedded: snapshot.Snapshot) -> None:
    """A code named in sample.yml that the release does not have is refused by name."""
    choice = sample.Choice((), frozenset({"97762", "27447"}), (), 1, (), frozenset())
    with pytest.raises(Failed, match="not in this release: 97762"):
        sample.choose(embedded.services, choice)
