"""What changed between two releases: against CMS's files read apart, and as properties of made-up releases.

CMS's files are read here by column name and position, with nothing of the package; edits are counted in CMS's own text files.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import tempfile
import zipfile
from collections import Counter
from dataclasses import replace
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

import cms_files as mini
import facts
import pytest
import yaml
from built import IN_PERIOD, Site
from copies import Project
from facts import FACILITY, OFFICE
from hypothesis import given, settings
from hypothesis import strategies as st
from machine import CMS, ROOT

from medpayiq.changes import comparing, deriving, rendering, running, sections, telling
from medpayiq.changes.model import Changes, Difference, Pairs
from medpayiq.changes.watching import Watch, words_of
from medpayiq.cli import main
from medpayiq.cms import snapshot
from medpayiq.cms.importer import Imported
from medpayiq.cms.records import Locality, PtpEdits, Service, UnitLimit
from medpayiq.cms.snapshot import Meta, Snapshot
from medpayiq.content import tips as content_tips
from medpayiq.content.tip_schema import WATCHED
from medpayiq.findings import Findings

Cells = dict[str, str]
NUMBERS = {"work", "pe_nonfacility", "pe_facility", "mp", "pre", "intra", "post", "opps_pe_nonfacility", "opps_pe_facility", "opps_mp"}
"""Columns of CMS's file with two decimals."""


@cache
def printed(path: Path) -> dict[tuple[str, str], Cells]:
    """Return code and modifier to the cells of CMS's file, by our name of the column; csv, or txt by position, which prints .50 for 0.50."""
    if path.suffix == ".csv":
        rows = [row for row in csv.reader(path.read_text(encoding="latin-1").splitlines()) if row and re.fullmatch(r"[0-9A-Z]{5}", row[0]) and row[0] != "HCPCS"]
        names = mini.COLUMNS_2026 if len(rows[0]) == len(mini.COLUMNS_2026) else mini.COLUMNS_2025
        made = [dict(zip(names, (cell.strip() for cell in row), strict=True)) for row in rows]
    else:
        lines = [line for line in path.read_text(encoding="latin-1").splitlines() if re.match(r"[0-9A-Z]{5}", line) and len(line) > 150 and line[57:58].isalpha()]
        made = [{name: line[start - 1 : start - 1 + width].strip() for name, (start, width) in mini.TEXT_FORM.items()} for line in lines]
    return {(row["code"], row["modifier"]): {name: f"{float(cell):.2f}" if name in NUMBERS else cell for name, cell in row.items()} for row in made}


def rvu26b() -> dict[tuple[str, str], Cells]:
    """Return RVU26B, which is here as text of fixed width."""
    return printed(CMS / "rvu26b" / "PPRRVU2026_Apr_nonQPP.txt")


def rvu26c() -> dict[tuple[str, str], Cells]:
    """Return RVU26C."""
    return printed(facts.RVU26C)


@pytest.fixture(scope="module")
def b_to_c(imported: Imported, snapshots_of_history: dict[str, Imported]) -> Changes:
    """Return what changed from RVU26B to RVU26C."""
    return comparing.compare(snapshots_of_history["rvu26b"].snapshot, imported.snapshot)


@pytest.fixture(scope="module")
def year(imported: Imported, snapshots_of_history: dict[str, Imported]) -> Changes:
    """Return what changed from RVU25D to RVU26C: another conversion factor, two of them, and a column more."""
    return comparing.compare(snapshots_of_history["rvu25d"].snapshot, imported.snapshot)


def test_rows_and_status_of_rvu26c(b_to_c: Changes) -> None:
    """The issue's figures, 79 rows added and 30 status changes, and each of them as CMS's two files have it."""
    old, new = rvu26b(), rvu26c()
    added = sorted(new.keys() - old.keys())
    assert len(added) == 79
    assert [(row.code, row.modifier) for row in b_to_c.services.added] == added
    assert [(row.code, row.modifier) for row in b_to_c.services.dropped] == sorted(old.keys() - new.keys())
    assert list(b_to_c.new_codes) == sorted({code for code, _ in new} - {code for code, _ in old})
    assert list(b_to_c.deleted_codes) == sorted({code for code, _ in old} - {code for code, _ in new})
    status = sorted((*key, old[key]["status"], new[key]["status"]) for key in old.keys() & new.keys() if old[key]["status"] != new[key]["status"])
    assert len(status) == 30
    assert [(one.code, one.modifier, one.before, one.after) for one in deriving.status_changes(b_to_c)] == status


@pytest.mark.parametrize("which", ["b_to_c", "year"])
def test_every_column_against_the_files(which: str, request: pytest.FixtureRequest) -> None:
    """Every RVU, cap and indicator that changed is one whose printed cells differ, and none is missing."""
    changes: Changes = request.getfixturevalue(which)
    old = rvu26b() if which == "b_to_c" else printed(facts.RVU25D)
    new = rvu26c()
    found = {(one.code, one.modifier, one.column) for values in deriving.indicator_changes(changes).values() for one in values}
    found |= {(one.code, one.modifier, one.column) for one in [*deriving.rvu_changes(changes), *deriving.cap_changes(changes)]}
    names = [name for name in (*deriving.RVUS, *deriving.CAPS, *deriving.INDICATORS) if name in next(iter(old.values()))]
    expected = {(*key, name) for key in old.keys() & new.keys() for name in names if old[key][name] != new[key][name]}
    assert found == expected
    assert len(expected) > 40


def test_indicators_have_words(year: Changes) -> None:
    """Every column that can change is told in words, each in others; none is CMS's heading in capitals, in the report, in a log or of a watched fact."""
    columns = set(mini.COLUMNS_2026) - {"code", "modifier", "description", "status", "total_nonfacility", "total_facility", "cf", *deriving.RVUS, *deriving.CAPS}
    assert set(deriving.INDICATORS) == columns
    words = [deriving.words_of(name) for name in deriving.INDICATORS] + [words_of(name) for name in WATCHED]
    assert len(set(words)) == len(words)
    assert not [one for one in words if re.search(r"\b(?!NA\b|QP\b|MUE\b|MAI\b)[A-Z]{2}", one)]
    assert {row[2] for one in sections.sections(year, str) if one.key == "indicators" for row in one.rows} <= set(words)
    (line,) = (one for one in telling.sentences(year) if "different indicators" in one)
    assert "Both sides " in line
    assert "SURG" not in line


@pytest.mark.parametrize(("kind", "factor"), [("non_qp", facts.NON_QP), ("qp", facts.QP)])
def test_amounts_at_each_releases_own_factor(year: Changes, kind: str, factor: Any) -> None:
    """National amounts in both settings, before at the one factor of 2025, after at each of 2026, are those that fractions give; no row is left out."""
    old, new = facts.by_code(facts.RVU25D), facts.by_code(facts.RVU26C)
    expected = {}
    for code, rows in old.items():
        for modifier, row in rows.items():
            other = new.get(code, {}).get(modifier)
            if other is None:
                continue
            before, after = (tuple(one.outcome(at, setting)[1] if one.priced else None for setting in (OFFICE, FACILITY)) for one, at in ((row, facts.ALL_2025), (other, factor)))
            if before != after:
                expected[code, modifier] = before, after
    found = {(one.code, one.modifier): (tuple(one.before), tuple(one.after)) for one in deriving.amount_changes(year) if one.kind == kind}
    assert found == expected
    assert len(expected) > 9_000


def test_localities_against_the_index_files(year: Changes) -> None:
    """The localities whose index changed, with both figures, are those of CMS's two index files."""
    old, new = facts.gpcis(CMS / "rvu25d" / "GPCI2025.csv"), facts.gpcis(CMS / "rvu26c" / "GPCI2026.csv")
    expected = {key: (old[key], new[key]) for key in old.keys() & new.keys() if old[key] != new[key]}
    found = {(one.before.mac, one.before.locality): tuple(tuple(index / 1000 for index in (side.work, side.pe, side.mp)) for side in (one.before, one.after)) for one in deriving.index_changes(year)}
    assert found == {key: tuple(tuple(map(float, side)) for side in sides) for key, sides in expected.items()}
    assert expected


def test_movers_are_those_that_differ_most(year: Changes) -> None:
    """The movers are those with the largest difference of all codes, by dollars and, from ten dollars on, by per cent, with fractions."""
    old, new = facts.by_code(facts.RVU25D), facts.by_code(facts.RVU26C)
    lines = []
    for code in old.keys() & new.keys():
        for modifier in ("", "26"):
            one, other = old[code].get(modifier), new[code].get(modifier)
            if one is None or other is None or not (one.priced and other.priced):
                continue
            both = [(one.outcome(facts.ALL_2025, setting)[1], other.outcome(facts.NON_QP, setting)[1]) for setting in (OFFICE, FACILITY)]
            moved = [(before, after) for before, after in both if before is not None and after is not None and before != after]
            if moved:
                lines.append((code, *moved[0]))
                break
    by_cents = sorted(lines, key=lambda line: (-abs(line[2] - line[1]), line[0]))[:10]
    found = deriving.movers(deriving.amount_changes(year))
    assert [(one.code, one.before, one.after) for one in deriving.biggest_by_cents(found)] == by_cents
    by_percent = sorted((line for line in lines if line[1] >= 1000), key=lambda line: (-facts.half_up(facts.Fraction(1000 * abs(line[2] - line[1]), line[1])), line[0]))[:10]
    assert [(one.code, one.before, one.after) for one in deriving.biggest_by_percent(found)] == by_percent


@cache
def pairs_of(name: str, first: str, last: str) -> dict[tuple[str, str], str]:
    """Return the edit pairs of a zip of CMS's that hold on some day of a quarter (days as ``20260701``), with their indicator."""
    made = {}
    with zipfile.ZipFile(CMS / "ncci" / name) as outer:
        for member in outer.namelist():
            for line in io.TextIOWrapper(outer.open(member), encoding="latin-1"):
                cells = line.rstrip("\r\n").split("\t") if "\t" in line else line.split(",")
                cells = [cell.strip().strip('"') for cell in cells]
                if len(cells) < 6 or not re.fullmatch(r"[0-9A-Z]{5}", cells[0]) or not re.fullmatch(r"[0-9A-Z]{5}", cells[1]):
                    continue
                begun, ended, indicator = cells[3], cells[4], cells[5]
                if indicator in {"0", "1"} and (not begun or begun <= last) and (ended in {"", "*"} or ended >= first):
                    made[cells[0], cells[1]] = indicator
    return made


def test_a_release_against_itself_and_backwards(year: Changes, imported: Imported, snapshots_of_history: dict[str, Imported]) -> None:
    """A release against itself is empty; the other way round everything is mirrored."""
    same = comparing.compare(imported.snapshot, imported.snapshot)
    assert not same
    assert not sections.sections(same, str)
    back = comparing.compare(imported.snapshot, snapshots_of_history["rvu25d"].snapshot)
    assert back.services == year.services.mirrored()
    assert back.localities == year.localities.mirrored()
    assert (back.new_codes, back.deleted_codes) == (year.deleted_codes, year.new_codes)
    amounts = deriving.amount_changes(year)
    assert [(one.code, one.modifier, one.kind, one.after, one.before) for one in deriving.amount_changes(back)] == [tuple(one) for one in amounts]


# -- made-up releases --------------------------------------------------------------------------------

_CODES = st.sampled_from(["10004", "99213", "0042T", "A4211", "70450"])
_CENTS = st.integers(0, 300)


@st.composite
def a_row(draw: st.DrawFn) -> Service:
    """Draw a row; few codes and values, so that two releases share some."""
    cells: dict[str, Any] = {"code": draw(_CODES), "modifier": draw(st.sampled_from(["", "26", "TC"])), "status": draw(st.sampled_from("ARCIX")), "not_used": "", "line": draw(st.integers(1, 9))}
    for name in ("work", "pe_nonfacility", "pe_facility", "mp"):
        cells[name] = draw(_CENTS)
    for name, values in {"mult": "02", "bilat": "01", "asst": "12", "glob": ["000", "XXX"], "pctc": "01", "na_facility": ["", "NA"]}.items():
        cells[name] = draw(st.sampled_from(values))
    rest = {name: 0 if name in {"pre", "intra", "post", "opps_pe_nonfacility", "opps_pe_facility", "opps_mp"} else "" for name in Service._fields}
    return Service(**{**rest, "pricing": "9", **cells})


@st.composite
def a_release(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the tables of a release; unit limits and edits may be missing."""
    rows = draw(st.lists(a_row(), max_size=6, unique_by=lambda row: (row.code, row.modifier)))
    numbers = st.integers(900, 903)
    places = draw(st.lists(st.builds(Locality, st.sampled_from(["01112", "02102"]), st.sampled_from(["01", "05"]), st.just("CA"), st.sampled_from(["X", "Y"]), numbers, st.none(), numbers, numbers, st.just("")), max_size=3, unique_by=lambda one: one[:2]))
    limits = draw(st.none() | st.lists(st.builds(UnitLimit, _CODES, st.integers(0, 3), st.sampled_from("123"), st.sampled_from(["a", "b"])), min_size=1, max_size=4, unique_by=lambda one: one.code))
    edits = draw(st.none() | st.dictionaries(st.tuples(st.sampled_from(["10004", "99213"]), st.sampled_from(["A4211", "70450"])), st.tuples(st.sampled_from("01019"), st.sampled_from(["", "", "2026-08-01", "2027-01-01"]), st.sampled_from(["*", "*", "2025-12-31", "2026-07-15"])), min_size=1))
    return {"services": rows, "localities": places, "mue": limits, "edits": edits, "cf": draw(st.sampled_from([{"all": "32.3465"}, {"non_qp": "33.4009", "qp": "33.5675"}]))}


def written(drawn: dict[str, Any], name: str, folder: Path) -> Snapshot:
    """Write a drawn release as a snapshot, its edits in groups as an import does."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for (one, two), (indicator, effective, deleted) in (drawn["edits"] or {}).items():
        groups.setdefault((one, indicator, effective, deleted), []).append(two)
    ptp = [PtpEdits(one, indicator, effective, deleted, "", "", " ".join(sorted(twos))) for (one, indicator, effective, deleted), twos in groups.items()]
    editions = {table: {"quarter": "2026 Q3"} for table, there in (("ptp", ptp), ("mue", drawn["mue"])) if there}
    meta = Meta(name, 2026, "2026-07-01", "2026-09-30", None, drawn["cf"], "", {}, None, sample=False, sources=(), warnings=(), editions=editions)
    return snapshot.write(folder / name.lower(), meta, {"services": drawn["services"], "localities": drawn["localities"], "mue": drawn["mue"] or (), "ptp": ptp}, packed=False)


def holding(drawn: dict[str, Any]) -> dict[tuple[str, str], str]:
    """Return the drawn pairs that hold on some day of July to September 2026: not taken back, begun by the end, not ended before."""
    return {pair: kind for pair, (kind, begun, ended) in drawn["edits"].items() if kind != "9" and begun != "2027-01-01" and ended != "2025-12-31"}


def applied(rows: dict[Any, Any], change: Difference[Any], key: Any) -> dict[Any, Any]:
    """Make the second table of the first and the difference; each row that goes must be there as it is said to be."""
    made = dict(rows)
    for row in change.dropped:
        assert made.pop(key(row)) == row
    for before, after in change.changed:
        assert key(before) == key(after)
        assert before != after
        assert made[key(before)] == before
        made[key(before)] = after
    for row in change.added:
        assert key(row) not in made
        made[key(row)] = row
    return made


@settings(max_examples=150)
@given(a_release(), a_release())
def test_the_first_release_and_the_changes_make_the_second(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Applied to the tables of the first release, the changes give those of the second; mirrored they are the changes back; against itself nothing changed."""
    with tempfile.TemporaryDirectory() as folder:
        first, second = written(one, "RVU26A", Path(folder)), written(other, "RVU26B", Path(folder))
        there, back = comparing.compare(first, second), comparing.compare(second, first)
        assert not comparing.compare(first, first)
        for key, change, mirror, table in (
            (lambda row: row[:2], there.services, back.services, "services"),
            (lambda row: row[:2], there.localities, back.localities, "localities"),
        ):
            before, after = ({key(row): row._replace(line=0) if table == "services" else row for row in drawn[table]} for drawn in (one, other))
            assert applied(before, change, key) == after
            assert change.mirrored() == mirror
        if one["mue"] and other["mue"]:
            assert there.limits is not None
            assert back.limits is not None
            assert applied({row.code: row for row in one["mue"]}, there.limits.limits, lambda row: row.code) == {row.code: row for row in other["mue"]}
            assert there.limits.mirrored() == back.limits
        else:
            assert there.limits is None
            assert any("unit limits" in line for line in there.not_compared)
        if one["edits"] and other["edits"]:
            assert there.edits is not None
            assert back.edits is not None
            pairs = holding(one)
            for gone in there.edits.dropped:
                for two in gone.codes:
                    assert pairs.pop((gone.column1, two)) == gone.indicator
            for moved in there.edits.moved:
                for two in moved.codes:
                    assert pairs[moved.column1, two] == moved.before != moved.after
                    pairs[moved.column1, two] = moved.after
            for new in there.edits.added:
                for two in new.codes:
                    assert pairs.setdefault((new.column1, two), new.indicator) == new.indicator
            assert pairs == holding(other)
            assert there.edits.in_force == (len(holding(one)), len(holding(other)))
            assert there.edits.mirrored() == back.edits
        else:
            assert there.edits is None
            assert any("edit pairs" in line for line in there.not_compared)
        assert telling.sentences(there) == telling.sentences(comparing.compare(first, second))


def test_edit_pairs_of_two_sets(imported: Imported, snapshots_of_history: dict[str, Imported]) -> None:
    """Pairs added, dropped and moved from the set of 2024 Q3 to that of 2026 Q3 are those that CMS's own files give, each by its quarter."""
    changes = comparing.compare(snapshots_of_history["rvu24c"].snapshot, imported.snapshot)
    old = pairs_of("ptp-practitioner-2024q3-v302r0.zip", "20240701", "20240930")
    new = pairs_of("ptp-practitioner-2026q3-v322r0.zip", "20260701", "20260930")
    assert changes.edits is not None

    def flat(found: tuple[Pairs, ...]) -> dict[tuple[str, str], str]:
        return {(one.column1, two): one.indicator for one in found for two in one.codes}

    assert changes.edits.in_force == (len(old), len(new))
    assert flat(changes.edits.added) == {pair: kind for pair, kind in new.items() if pair not in old}
    assert flat(changes.edits.dropped) == {pair: kind for pair, kind in old.items() if pair not in new}
    assert {(one.column1, two): (one.before, one.after) for one in changes.edits.moved for two in one.codes} == {pair: (old[pair], kind) for pair, kind in new.items() if old.get(pair, kind) != kind}
    # A code's counts on the page are those of the pairs.
    by_code = next(one for one in sections.sections(changes, str) if one.key == "edits_by_code")
    ones = Counter(one for one, _ in new.keys() - old.keys())
    twos = Counter(two for _, two in new.keys() - old.keys())
    assert {row[0]: (int(row[1]), int(row[2])) for row in by_code.rows if int(row[1]) or int(row[2])} == {code: (ones[code], twos[code]) for code in ones.keys() | twos.keys()}


# -- the command -------------------------------------------------------------------------------------


class Ran(NamedTuple):
    """What a run of the command printed."""

    code: int
    out: str
    err: str


def ran(capsys: pytest.CaptureFixture[str], *words: str) -> Ran:
    """Run the command line."""
    code = main(["changes", *words])
    return Ran(code, *capsys.readouterr())


def test_the_report_reads_as_a_biller_wants_it(all_snapshots: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two folders of snapshots: the summary first, with the issue's figures, then the lists; a code's name is ours or CMS's Level II text."""
    out = ran(capsys, str(all_snapshots / "rvu26b"), str(all_snapshots / "rvu26c")).out
    lines = out.splitlines()
    assert lines[0] == "What changed from RVU26B to RVU26C"
    assert lines[3].startswith("79 rows added, no row deleted")
    assert any(line.startswith("30 status changes: 29 from E to C") for line in lines)
    assert "The edit pairs are not compared: RVU26B is here without a set of NCCI edits." in lines
    at = lines.index("New rows (79)")
    assert lines[at + 2].split()[0] == min(code for code, _ in rvu26c().keys() - rvu26b().keys())


def test_json_has_every_row_and_markdown_is_bounded(all_snapshots: Path) -> None:
    """JSON lists every row of every list; Markdown of two far releases stays within GitHub's size, or within another one, and names what it leaves out."""
    asked = running.Asked("rvu24c", "rvu26c", snapshots=all_snapshots)
    report = running.report(snapshot.read(all_snapshots / "rvu24c"), snapshot.read(all_snapshots / "rvu26c"), asked)
    data = json.loads(rendering.json(report))
    assert len(data["lists"]["new_rows"]["rows"]) == len(rvu26c().keys() - printed(CMS / "history" / "rvu24c" / "PPRRVU24_JUL.csv").keys())
    assert len(data["lists"]["edits_added"]["rows"]) > 50_000
    assert len(rendering.markdown(report).encode()) <= rendering.MOST < 65_536
    text = rendering.markdown(report, 20_000)
    assert 10_000 < len(text.encode()) <= 20_000
    assert "Edit pairs added" in text.split("Not listed here: ")[1]


def test_a_report_is_the_same_twice(all_snapshots: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--out writes what is printed, the same bytes each time."""
    names = str(all_snapshots / "rvu26b"), str(all_snapshots / "rvu26c"), "--format", "markdown"
    text = ran(capsys, *names).out
    for name in ("one.md", "two.md"):
        assert ran(capsys, *names, "--out", str(tmp_path / name)) == Ran(0, f"{tmp_path / name} written\n", "")
        assert (tmp_path / name).read_text(encoding="utf-8") == text


def test_markdown_cannot_act() -> None:
    """A cell with bars, tags or mentions stays text in a table of Markdown."""
    made = rendering._safe("a|b <script> @team [x](y) *z*")
    assert not re.search(r"(?<!\\)[|*\[\]]|<|>|@", made)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("RVU99A", "sample"), "RVU99A is not imported"),
        (("sample", "no/such/folder"), "holds no snapshot"),
        (("sample", "sample", "--out", "no/such/folder/x.md"), "cannot be written"),
    ],
)
def test_what_is_not_there_is_named(words: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown release, a folder without a snapshot, a place that cannot be written: exit code 2, what is wrong, and what to type."""
    done = ran(capsys, *words)
    assert done.code == 2
    assert says in done.err
    assert "\n  try: " in done.err


def test_no_text_of_others(all_snapshots: Path, not_ours: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """No cell of the whole report is a text of CMS's file that is not ours to print."""
    data = json.loads(ran(capsys, str(all_snapshots / "rvu25d"), str(all_snapshots / "rvu26c"), "--format", "json").out)
    cells = {cell for one in data["lists"].values() for row in one["rows"] for cell in row.values()}
    assert len(cells) > 10_000
    assert not [text for cell in cells for text in not_ours.found(cell)]


# -- tips that watch -----------------------------------------------------------------------------------


def watch_of(imported: Imported, before: dict[str, Imported]) -> Watch:
    """Return RVU26C as shown, with RVU26B and RVU24C at hand."""
    return Watch(running.facts_of(imported.snapshot), {one.snapshot.meta.release: running.facts_of(one.snapshot) for name, one in before.items() if name in {"rvu26b", "rvu24c"}})


def a_tip(release: str, *watch: str) -> content_tips.Tip:
    """Return a tip verified for a release that watches some facts."""
    found = content_tips.load(Findings())[0]
    return replace(found, id="a-made-up-tip", verified_for=release, watch=watch)


def test_a_watched_fact_that_changed_flags_the_tip(imported: Imported, snapshots_of_history: dict[str, Imported]) -> None:
    """A tip verified for RVU26B that watches status and global days is flagged on the codes of which CMS's files differ there, with both values."""
    watch = watch_of(imported, snapshots_of_history)
    old, new = rvu26b(), rvu26c()
    codes = sorted({code for code, modifier in old.keys() & new.keys() if not modifier})
    flags = [*watch.every([a_tip("RVU26B", "status", "global")], lambda _: codes)]
    columns = {"status": "status", "global": "glob"}
    expected = [(code, field, old[code, ""][name], new[code, ""][name]) for code in codes for field, name in columns.items() if old[code, ""][name] != new[code, ""][name]]
    assert [(one.code, one.field, one.before, one.after) for one in flags] == expected
    assert {one.field for one in flags} == {"status", "global"}


def test_amounts_and_edits_are_watched(imported: Imported, snapshots_of_history: dict[str, Imported]) -> None:
    """The amount of 99213 is that of fractions at each release's factor; edits count where both releases have a set."""
    watch = watch_of(imported, snapshots_of_history)
    (office, facility, *edits) = watch.changed(a_tip("RVU24C", "amount.nonfacility", "amount.facility", "edits"), "99213")
    old, new = facts.by_code(CMS / "history" / "rvu24c" / "PPRRVU24_JUL.csv")["99213"][""], facts.by_code()["99213"][""]
    for flag, setting in ((office, OFFICE), (facility, FACILITY)):
        assert flag.before == facts.money(old.fee(facts.Fraction("33.2875"), setting))
        assert flag.after == facts.money(new.fee(facts.NON_QP, setting))
    sets = pairs_of("ptp-practitioner-2024q3-v302r0.zip", "20240701", "20240930"), pairs_of("ptp-practitioner-2026q3-v322r0.zip", "20260701", "20260930")
    (flag,) = edits
    for text, pairs in zip((flag.before, flag.after), sets, strict=True):
        ones, twos = ([kind for pair, kind in pairs.items() if pair[side] == "99213"] for side in (0, 1))
        kinds = Counter(ones + twos)
        assert text == f"column1 {len(ones)}, column2 {len(twos)}, bypass {kinds['1']}, no_bypass {kinds['0']}"


@pytest.mark.parametrize("release", ["RVU26C", "RVU26D", "RVU26A"])
def test_what_is_not_flagged(release: str, imported: Imported, snapshots_of_history: dict[str, Imported]) -> None:
    """Nothing is flagged of a tip verified for the release shown, a later one, or one that is not at hand; the last two are told."""
    watch = watch_of(imported, snapshots_of_history)
    changed = next(code for code, _ in sorted(rvu26b().keys() & rvu26c().keys()) if rvu26b().get((code, ""), {}).get("status") != rvu26c().get((code, ""), {}).get("status"))
    tip = a_tip(release, *WATCHED[:4])
    assert not watch.changed(tip, changed)
    assert watch.untold([tip]) == ([] if release == "RVU26C" else [(tip.id, release)])
    # The same tip, verified for RVU26B, is flagged there; a new code, and a fact that RVU26B does not hold, change nothing.
    assert watch.changed(a_tip("RVU26B", *WATCHED[:4]), changed)
    assert not watch.changed(a_tip("RVU26B", "edits", "mue", "add_on"), changed)
    assert not watch.changed(a_tip("RVU26B", "status"), next(code for code, _ in sorted(rvu26c().keys() - rvu26b().keys())))


# -- pages -----------------------------------------------------------------------------------------------


def lists_of(html: str) -> dict[str, list[list[str]]]:
    """Return the rows of each list of a page of changes, as text, by its anchor."""
    made = {}
    for body in html.split('<section id="')[1:]:
        anchor, kind, rest = re.split(r'"(?: class="([a-z-]*)")?', body, maxsplit=1)
        if kind == "change-list" and "<tbody>" in rest:
            rows = re.findall(r"<tr>(.*?)</tr>", rest.split("<tbody>")[1], re.DOTALL)
            made[anchor] = [[unescape(re.sub(r"<[^>]+>", "", cell)) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in rows]
    return made


def test_the_page_of_a_release(full_site: Site) -> None:
    """The page of RVU26C lists the 79 rows and 30 status changes of CMS's files, each code with a link and no column that is blank in all rows; what it says in short stands in the feed too."""
    html = (full_site.folder / "changes" / "rvu26c" / "index.html").read_text(encoding="utf-8")
    old, new = rvu26b(), rvu26c()
    found = lists_of(html)
    assert [tuple(row[:3]) for row in found["new-rows"]] == [(*key, new[key]["status"]) for key in sorted(new.keys() - old.keys())]
    assert len(found["new-rows"]) == 79
    status = sorted((*key, old[key]["status"], new[key]["status"]) for key in old.keys() & new.keys() if old[key]["status"] != new[key]["status"])
    # None of them has a modifier, and no new row an amount.
    assert [(row[0], "", *row[1:3]) for row in found["status"]] == status
    assert [label for label in ("Code", "Mod", "Status", "Office", "Facility", "New code", "Name") if f'data-label="{label}"' in html.split('id="new-rows"')[1].split("</table>")[0]] == ["Mod", "Status", "New code", "Name"]
    assert len(found["status"]) == 30
    page = full_site.pages["/changes/rvu26c/"]
    assert {f"/codes/{row[0]}/" for key in ("new-rows", "status") for row in found[key]} <= page.links
    assert "30 status changes: 29 from E to C, 1 from A to C." in html
    # The row that went from A to C lost its amount; every other row of both files has the RVUs it had.
    assert "<li>No row in both releases has a different national amount (non-QP); 1 row has none now.</li>" in html
    assert "1 row has different RVUs: PE RVU office in 1, PE RVU facility in 1." in html


def test_every_release_has_a_page_within_bounds(full_site: Site) -> None:
    """Each release but the first has a page; none is over 150 kB as it is sent; new and deleted codes of an older one are those of CMS's files."""
    names = [*facts.BEFORE, "rvu26c"]
    assert sorted(path.parent.name for path in full_site.folder.glob("changes/*/index.html")) == names[1:]
    for name in names[1:]:
        assert len(gzip.compress((full_site.folder / "changes" / name / "index.html").read_bytes())) < 150_000
    html = (full_site.folder / "changes" / "rvu26b" / "index.html").read_text(encoding="utf-8")
    old, new = facts.codes_of_release("rvu25d"), facts.codes_of_release("rvu26b")
    listed = {anchor: re.findall(r"/codes/(\w{5})/", html.split(f'id="{anchor}"')[1].split("</section>")[0]) for anchor in ("new-codes", "deleted-codes")}
    assert listed == {"new-codes": sorted(new.keys() - old.keys()), "deleted-codes": sorted(old.keys() - new.keys())}
    before, after = printed(facts.RVU25D), rvu26b()
    both = before.keys() & after.keys()
    status = sum(1 for key in both if before[key]["status"] != after[key]["status"])
    rvus = sum(1 for key in both if any(before[key][name] != after[key][name] for name in ("work", "pe_nonfacility", "pe_facility", "mp")))
    assert f"<li>{len(after.keys() - before.keys()):,} rows added, {len(before.keys() - after.keys()):,} rows deleted:" in html
    assert f"<li>{status:,} status changes.</li>" in html
    assert f"<li>{rvus:,} rows with different RVUs," in html


def test_lists_are_files_too(sample_site: Site) -> None:
    """Every list of a page is a CSV file with a head; the page shows its first rows, the same figures with their signs.

    Of a list that is there whole, the page leaves out what is blank in each row, but not one side of a comparison.
    """
    folder = sample_site.folder / "data" / "v1" / "changes" / "rvu26c"
    found = lists_of((sample_site.folder / "changes" / "rvu26c" / "index.html").read_text(encoding="utf-8"))
    assert {"amounts", "rvus", "movers-by-cents", "indicators", "localities"} <= found.keys()
    for anchor, rows in found.items():
        with (folder / f"{anchor.replace('-', '_')}.csv").open(encoding="utf-8", newline="") as file:
            whole = [*csv.reader(file)]
        kept = [at for at, key in enumerate(whole[0]) if len(whole) > 151 or re.search(r"before$|after$|change$", key) or any(row[at] for row in whole[1:])]
        assert [[re.sub(r"[$,+]", "", cell).replace("−", "-") for cell in row] for row in rows] == [[re.sub(r"[$,+]", "", row[at]) for at in kept] for row in whole[1:151]], anchor
        assert all(len(row) == len(whole[0]) for row in whole)
    assert "/data/v1/changes/rvu26c/amounts_qp.csv" in sample_site.pages["/changes/rvu26c/"].links


def test_the_log_of_a_code(full_site: Site) -> None:
    """On the pages of the codes whose indicators CMS's files of RVU26B and RVU26C have otherwise stands each of them in the words of the rules, and on no other page a log."""
    old, new = rvu26b(), rvu26c()
    codes = {code for code, _ in old} & {code for code, _ in new}
    names = [name for name in deriving.INDICATORS if name in mini.COLUMNS_2026]
    headings = {name: one["heading"] for name, one in yaml.safe_load((ROOT / "rules" / "indicators.yml").read_text(encoding="utf-8")).items() if name != "since"}
    expected = {(code, headings[name], old[code, modifier][name] or "blank", new[code, modifier][name] or "blank") for code, modifier in old.keys() & new.keys() for name in names if old[code, modifier][name] != new[code, modifier][name]}
    found = set()
    for code in codes:
        html = (full_site.folder / "codes" / code / "index.html").read_text(encoding="utf-8")
        if "Also changed from RVU26B to RVU26C" in html:
            for line in re.findall(r"<li>(.*?)</li>", html.split("Also changed from")[1].split("</ul>")[0]):
                match = re.fullmatch(r"([A-Z][a-z ]+): (\S+) to (\S+?)(?: \(row .*\))?\.", line)
                found.add((code, match[1], match[2], match[3]) if match else (code, line, "", ""))
    assert found == expected
    assert len(expected) > 40


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a copy of the project with the embedded sample."""
    return Project(tmp_path_factory.mktemp("project"), keep="therapy-orthotic-record")


def page_of(project: Project, url: str) -> str:
    """Build the copy, and return a page."""
    done = project.run("build", "--release", "sample", "--no-search", SOURCE_DATE_EPOCH=IN_PERIOD)
    assert done.returncode == 0, done.stderr
    return (project.root / "site" / url.strip("/") / "index.html").read_text(encoding="utf-8")


def test_a_tip_is_reverified_until_an_editor_confirms(project: Project) -> None:
    """A tip verified for RVU25D says on a page whose amount changed that it is being re-verified, with both amounts, and stands on the page of the release; verified for RVU26C it no longer does."""
    tip = "therapy-orthotic-record"
    name = f"content/tips/{tip}.yml"
    old, new = facts.by_code(facts.RVU25D)["97761"][""], facts.by_code()["97761"][""]
    amounts = [facts.money(row.fee(factor, OFFICE)) for row, factor in ((old, facts.ALL_2025), (new, facts.NON_QP))]
    assert "Being re-verified" not in page_of(project, "/codes/97761/")
    with project.changed(name, lambda text: text.replace("release: RVU26C", "release: RVU25D")):
        page = page_of(project, "/codes/97761/")
        (said,) = re.findall(r'<p class="due">(Being re-verified.*?)</p>', page)
        assert "national amount in the office: {} to {}".format(*amounts) in said
        assert "RVU25D" in said
        assert f'id="tip-{tip}"' in page.split("Being re-verified")[0].rsplit("<article", 1)[1]
        release = page_of(project, "/changes/rvu26c/")
        assert f"<b>{tip}</b>, verified for RVU25D" in release
        assert f"/codes/97761/#tip-{tip}" in release
        assert f"{tip},97761,amount.nonfacility,{amounts[0]},{amounts[1]},RVU25D" in (project.root / "site" / "data" / "v1" / "changes" / "rvu26c" / "tips.csv").read_text(encoding="utf-8")
        told = project.run("changes", str(project.root / "cms_data" / "sample" / "earlier" / "rvu25d"), "sample")
        assert f"{tip}  " in told.stdout.split("Tips to verify again")[1]
    assert "Being re-verified" not in page_of(project, "/codes/97761/")
    assert f"<b>{tip}</b>" not in page_of(project, "/changes/rvu26c/")


def test_edits_and_limits_in_the_log_of_a_code(project: Project) -> None:
    """Where the release before has edits and unit limits too, a code's page says how many pairs came and went and how its limit changed."""
    folder = project.root / "cms_data" / "sample"
    newest, before = snapshot.read(folder), snapshot.read(folder / "earlier" / "rvu25d")
    column1 = Counter({one.column1: 0 for one in newest.ptp})
    for one in newest.ptp:
        column1[one.column1] += len(one.column2.split())
    code = column1.most_common(1)[0][0]
    kept = [one for one in newest.ptp if one.column1 != code]
    dropped = PtpEdits(code, "1", "", "*", "", "", "XXXX1 XXXX2")
    limits = [one._replace(units=one.units + 1) if one.code == code else one for one in newest.mue.values()]
    assert any(one.code == code for one in limits)
    editions = {"ptp": {"quarter": "2025 Q4"}, "mue": {"quarter": "2025 Q4"}}
    tables = {name: before.rows(name) for name in before.meta.tables} | {"ptp": [*kept, dropped], "mue": limits}
    snapshot.write(before.folder, replace(before.meta, editions=editions), tables, packed=False)
    page = page_of(project, f"/codes/{code}/")
    log = page.split("Also changed from RVU25D to RVU26C")[1].split("</ul>")[0]
    # Its own pairs are all new; as column 2 code of others it stays where it was.
    assert f"Edit pairs: {column1[code]:,} added ({column1[code]:,} with it in column 1, 0 in column 2), 2 dropped (2 with it in column 1, 0 in column 2)." in log
    limit = newest.mue[code]
    assert f"Unit limit (MUE) {limit.units + 1} (MAI {limit.indicator}) to {limit.units} (MAI {limit.indicator})." in log
