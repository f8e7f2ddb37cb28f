"""What is said of two made-up releases, to the word and the cent: summary, lists, the log of a code. Everything is worked out by hand.

The factor goes from $30.0000 to $40.0000 (non-QP) and $41.0000 (QP), so that an amount is seen at a glance: 2.00 RVU are $60.00, then $80.00 and $82.00.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from medpayiq.changes import comparing, deriving, families, log, older, sections, telling
from medpayiq.changes.model import Changes
from medpayiq.changes.sections import Section
from medpayiq.changes.watching import Facts, Flag, Watch
from medpayiq.cms import snapshot
from medpayiq.cms.records import Locality, PtpEdits, Service, UnitLimit
from medpayiq.cms.snapshot import Meta, Snapshot
from medpayiq.content import tips
from medpayiq.edits import Edits
from medpayiq.findings import Findings
from medpayiq.pages.entries import group
from medpayiq.past import read


def row(code: str, modifier: str = "", work: int = 0, office: int = 0, facility: int = 0, status: str = "A", **cells: str) -> Service:
    """Return a row, RVUs in hundredths; its other columns are those of a visit."""
    rest = {name: 0 if name in {"pre", "intra", "post", "mp", "opps_pe_nonfacility", "opps_pe_facility", "opps_mp", "line"} else "0" for name in Service._fields}
    kept = {"not_used": "", "na_nonfacility": "", "na_facility": "", "endo_base": "", "glob": "XXX", "pricing": "9"}
    return Service(**{**rest, **kept, "code": code, "modifier": modifier, "status": status, "work": work, "pe_nonfacility": office, "pe_facility": facility, **cells})  # type: ignore[arg-type]


BEFORE = [row("10004", work=100, office=100, facility=50), row("20000", work=50, office=50, facility=50), row("30000", status="C"), row("40000", work=10), row("50000", work=100), row("70000", status="I")]
AFTER = [row("10004", work=100, office=100, facility=50), row("20000", status="C"), row("30000", work=100), row("40000", work=5, glob="000"), row("40000", "26", work=5), row("60000", work=200), row("70000", status="I")]
PLACES = Locality("01112", "01", "CA", "BAY", 1000, None, 1000, 1000, ""), Locality("02102", "01", "AK", "ALASKA", 1500, None, 1000, 1000, "*"), Locality("03302", "01", "ND", "NORTH", 1000, None, 1000, 1000, "")
PLACES_AFTER = PLACES[0]._replace(pe=1010, mp=990), PLACES[1]._replace(name="ALASKA STATE"), Locality("04412", "02", "TX", "SOUTH", 1000, None, 950, 900, "")


def written(folder: Path, name: str, quarter: str, days: tuple[str, str], factors: dict[str, str], **tables: list[object]) -> Snapshot:
    """Write a release as a snapshot."""
    editions = {one: {"quarter": quarter} for one in ("ptp", "mue")}
    meta = Meta(name, 2026, *days, None, factors, "", {}, None, sample=False, sources=(), warnings=(), editions=editions)
    return snapshot.write(folder / name.lower(), meta, tables, packed=False)


@pytest.fixture
def both(tmp_path: Path) -> tuple[Snapshot, Snapshot]:
    """Return the two releases."""

    def edits(column1: str, indicator: str, column2: str, deleted: str = "*") -> PtpEdits:
        return PtpEdits(column1, indicator, "", deleted, "", "", column2)

    before = written(
        tmp_path, "RVU26B", "2026 Q2", ("2026-04-01", "2026-06-30"), {"all": "30.0000"},
        services=BEFORE, localities=[*PLACES], ptp=[edits("10004", "0", "A4211"), edits("10004", "1", "40000 70000"), edits("10004", "9", "G0463")],
        mue=[UnitLimit("10004", 2, "2", "x"), UnitLimit("20000", 1, "3", "x"), UnitLimit("40000", 1, "2", "x")],
    )  # fmt: skip
    after = written(
        tmp_path, "RVU26C", "2026 Q3", ("2026-07-01", "2026-09-30"), {"non_qp": "40.0000", "qp": "41.0000"},
        services=AFTER, localities=[*PLACES_AFTER], ptp=[edits("10004", "0", "60000"), edits("10004", "1", "40000 A4211"), edits("10004", "1", "70000", "2026-06-30"), edits("60000", "1", "10004")],
        mue=[UnitLimit("10004", 3, "2", "x"), UnitLimit("30000", 4, "3", "x"), UnitLimit("40000", 1, "2", "another label")],
    )  # fmt: skip
    return before, after


@pytest.fixture
def changes(both: tuple[Snapshot, Snapshot]) -> Changes:
    """Return what changed."""
    return comparing.compare(*both)


def test_the_summary_to_the_word(changes: Changes) -> None:
    """Each sentence with its figures: rows and codes, status, factors, amounts up and down, RVUs, indicators, edits in force, limits of which a label alone is none, places of which a name alone is none."""
    flags = [Flag("tip-a", "10004", "mue", "2", "3", "RVU26B"), Flag("tip-a", "20000", "status", "A", "C", "RVU26B")]
    assert telling.sentences(changes, flags) == [
        "2 rows added, 1 row deleted: 6 rows before, 7 after.",
        "1 new code, 1 deleted code.",
        "2 status changes: 1 from A to C, 1 from C to A.",
        "The conversion factors changed from $30.0000 to $40.0000 non-QP and $41.0000 QP.",
        "2 rows in both releases have a different national amount (non-QP); 1 row had none before and 1 row has none now.",
        "By code 1 amount went up and 1 amount down.",
        "The biggest move is that of 10004 in the office: from $60.00 to $80.00.",
        "3 rows have different RVUs: Work RVU in 3, PE RVU office in 1, PE RVU facility in 1.",
        "1 row has different indicators: Global period in 1.",
        "2 edit pairs added and 1 edit pair dropped from 2026 Q2 to 2026 Q3: 3 in force before, 4 after; 1 pair with a different modifier indicator.",
        "Unit limits from 2026 Q2 to 2026 Q3: 1 code with a new one, 1 code with none any more, 1 code with a different one.",
        "1 locality has different indices (PE GPCI 1, MP GPCI 1); 1 locality new, 1 locality gone.",
        "1 tip is to be verified again: a fact that it watches changed on 2 codes.",
    ]
    assert telling.sentences(changes, [*flags, flags[0]._replace(tip="tip-b")])[-1] == "2 tips are to be verified again: a fact that they watch changed on 2 codes."


def test_a_release_against_itself_to_the_word(both: tuple[Snapshot, Snapshot]) -> None:
    """Where nothing changed each sentence says so, and the edits and limits are those of one quarter."""
    assert telling.sentences(comparing.compare(both[1], both[1])) == [
        "No row added, no row deleted: 7 rows before, 7 after.",
        "No new code, no deleted code.",
        "No row changed its status.",
        "The conversion factors stay $40.0000 non-QP and $41.0000 QP.",
        "No row in both releases has a different national amount (non-QP).",
        "No work, practice expense or malpractice RVU changed.",
        "No indicator changed.",
        "Both releases have the edit set 2026 Q3.",
        "Both releases have the unit limits of 2026 Q3.",
        "No locality index changed.",
    ]
    assert "The conversion factor stays $30.0000." in telling.sentences(comparing.compare(both[0], both[0]))


def test_at_most_six_ways_of_status_are_told(both: tuple[Snapshot, Snapshot]) -> None:
    """The most frequent ways first, of equals by letter; the others are one number."""
    ways = ["AB", "AB", "AC", "AE", "AI", "AN", "AR", "AX", "BX"]
    old, new = ([row(f"1000{at}", status=way[side]) for at, way in enumerate(ways)] for side in (0, 1))
    made = [snapshot.write(one.folder.parent / f"{one.folder.name}-status", one.meta, {"services": rows, "localities": []}, packed=False) for one, rows in zip(both, (old, new), strict=True)]
    assert telling.sentences(comparing.compare(*made))[2] == "9 status changes: 2 from A to B, 1 from A to C, 1 from A to E, 1 from A to I, 1 from A to N, 1 from A to R, 2 others."


def test_the_lists_to_the_cent(changes: Changes) -> None:
    """Every cell of every list: amounts each at its release's factor, the largest change first; a blank where one side has none; counts of edits by code, the most changes first."""
    flags = [Flag("tip-a", "10004", "mue", "2", "3", "RVU26B")]
    found = {one.key: one for one in sections.sections(changes, lambda code: f"N{code}", flags)}
    rows = {key: [*one.rows] for key, one in found.items()}
    assert rows.pop("new_rows") == [("40000", "26", "A", "2.00", "2.00", "no", "N40000"), ("60000", "", "A", "80.00", "80.00", "yes", "N60000")]
    assert rows.pop("deleted_rows") == [("50000", "", "A", "30.00", "30.00", "yes", "N50000")]
    assert [one[:4] + one[5:] for one in rows.pop("status")] == [("20000", "", "A", "C", "N20000"), ("30000", "", "C", "A", "N30000")]
    assert rows.pop("movers_by_cents") == [("10004", "", "office", "60.00", "80.00", "20.00", "33.3", "N10004"), ("40000", "", "office", "3.00", "2.00", "-1.00", "-33.3", "N40000")]
    assert rows.pop("movers_by_percent") == [("10004", "", "office", "60.00", "80.00", "20.00", "33.3", "N10004")]  # $3.00 is too little for a per cent
    assert rows.pop("amounts") == [
        ("10004", "", "60.00", "80.00", "20.00", "45.00", "60.00", "15.00", "N10004"),
        ("40000", "", "3.00", "2.00", "-1.00", "3.00", "2.00", "-1.00", "N40000"),
        ("20000", "", "30.00", "", "", "30.00", "", "", "N20000"),
        ("30000", "", "", "40.00", "", "", "40.00", "", "N30000"),
    ]
    assert [one.kind for one in found["amounts"].columns] == ["code", "text", "money", "money", "change", "money", "money", "change", "text"]
    assert rows.pop("amounts_qp") == [
        ("10004", "", "60.00", "82.00", "22.00", "45.00", "61.50", "16.50", "N10004"),
        ("40000", "", "3.00", "2.05", "-0.95", "3.00", "2.05", "-0.95", "N40000"),
        ("20000", "", "30.00", "", "", "30.00", "", "", "N20000"),
        ("30000", "", "", "41.00", "", "", "41.00", "", "N30000"),
    ]
    assert rows.pop("rvus") == [
        ("20000", "", "0.50", "0.00", "0.50", "0.00", "0.50", "0.00", "0.00", "0.00", "N20000"),
        ("30000", "", "0.00", "1.00", "0.00", "0.00", "0.00", "0.00", "0.00", "0.00", "N30000"),
        ("40000", "", "0.10", "0.05", "0.00", "0.00", "0.00", "0.00", "0.00", "0.00", "N40000"),
    ]
    assert rows.pop("indicators") == [("40000", "", "Global period", "XXX", "000", "N40000")]
    # A4211 went from 0 to 1 beside 10004; 60000 came with two pairs, once in each column; 10004 with 70000 ended before July.
    assert rows.pop("edits_by_code") == [("10004", "1", "1", "1", "0", "1", "N10004"), ("60000", "1", "1", "0", "0", "0", "N60000"), ("70000", "0", "0", "0", "1", "0", "N70000"), ("A4211", "0", "0", "0", "0", "1", "NA4211")]
    assert rows.pop("edits_added") == [("10004", "60000", "0"), ("60000", "10004", "1")]
    assert rows.pop("edits_dropped") == [("10004", "70000", "1")]
    assert rows.pop("edits_moved") == [("10004", "A4211", "0", "1")]
    assert rows.pop("unit_limits") == [("10004", "2", "2", "3", "2", "N10004"), ("20000", "1", "3", "", "", "N20000"), ("30000", "", "", "4", "3", "N30000")]
    assert rows.pop("localities") == [
        ("01112", "01", "CA", "BAY", "other", "1.000", "1.000", "1.000", "1.010", "1.000", "0.990"),
        ("03302", "01", "ND", "NORTH", "gone", "1.000", "", "1.000", "", "1.000", ""),
        ("04412", "02", "TX", "SOUTH", "new", "", "1.000", "", "0.950", "", "0.900"),
    ]
    assert rows.pop("tips") == [("tip-a", "10004", "mue", "2", "3", "RVU26B")]
    assert rows == {}
    assert [key for key, one in found.items() if not one.listed] == ["amounts_qp", "edits_added", "edits_dropped", "edits_moved"]


def test_cells_as_people_read_them() -> None:
    """Money has its dollar sign, a change its own sign before it; text and blank stay as they are."""
    assert [sections.shown(cell, "change") for cell in ("20.00", "-1.00", "0.00", "")] == ["+$20.00", "−$1.00", "$0.00", ""]
    assert [sections.shown(cell, kind) for cell, kind in (("1234.50", "money"), ("1.010", "number"), ("26", "text"))] == ["$1,234.50", "1.010", "26"]
    columns = Section("", "", sections._columns(("a", "A", "code"), ("b", "B", "number"), ("c", "C", "money"), ("d", "D", "change"), ("e", "E", "text")), []).columns
    assert [one.numeric for one in columns] == [False, True, True, True, False]


def said(code: str) -> list[tuple[str, str, str]]:
    """Return the log of a code's rows."""
    old, new = ({one.modifier: one for one in rows if one.code == code} for rows in (BEFORE, AFTER))
    return [tuple(one) for one in log.of_rows(old, new, (30_0000, 40_0000), frozenset())]


def test_the_log_of_a_code_to_the_word() -> None:
    """Rows that came or went with their amounts, status, RVUs, indicators, amounts of both settings; what changed alike in several rows is said once."""
    assert said("10004") == [("amount", "", "National amount office $60.00 to $80.00, facility $45.00 to $60.00.")]
    assert said("20000") == [
        ("status", "", "Status A to C."),
        ("rvus", "", "Work RVU 0.50 to 0.00, PE RVU office 0.50 to 0.00, PE RVU facility 0.50 to 0.00."),
        ("amount", "", "National amount office $30.00 to not paid, facility $30.00 to not paid."),
    ]
    assert said("40000") == [
        ("row", "26", "Row 26 new, status A, $2.00 in the office and $2.00 in a facility."),
        ("rvus", "", "Work RVU 0.10 to 0.05."),
        ("indicator", "", "Global period: XXX to 000."),
        ("amount", "", "National amount office $3.00 to $2.00, facility $3.00 to $2.00."),
    ]
    assert said("50000") == [("row", "", "Row without a modifier deleted.")]
    old = {part: row("70496", part, status="A") for part in ("", "26", "TC")}
    two, three = ({part: one._replace(status="C") if part in parts else one for part, one in old.items()} for parts in (("26", "TC"), ("", "26", "TC")))
    assert [one.text for one in log.of_rows(old, two, (1, 1), frozenset())] == ["Status A to C (row 26, TC)."]
    assert [one.text for one in log.of_rows(old, three, (1, 1), frozenset())] == ["Status A to C (row 26, TC too)."]
    assert [one.text for one in log.of_rows({"": row("1")}, {"": row("1", glob="")}, (1, 1), frozenset())] == ["Global period: XXX to blank."]
    assert [*log.of_rows({"": row("1")}, {"": row("1", glob="")}, (1, 1), frozenset({"glob"}))] == []


def test_the_log_of_limits_and_edits_to_the_word() -> None:
    """A limit that came, went or is other, not one with another label; edit pairs by column, and nothing where none came or went."""
    two = UnitLimit("10004", 2, "2", "x")
    assert [one.text for one in log.of_limit(None, two)] == ["Unit limit (MUE) none to 2 (MAI 2)."]
    assert [one.text for one in log.of_limit(two, two._replace(indicator="3"))] == ["Unit limit (MUE) 2 (MAI 2) to 2 (MAI 3)."]
    assert [one.text for one in log.of_limit(two, None)] == ["Unit limit (MUE) 2 (MAI 2) to none."]
    assert [*log.of_limit(two, two._replace(rationale="y"))] == [*log.of_limit(None, None)] == []
    assert [one.text for one in log.of_edits((1, 1200, 0, 3))] == ["Edit pairs: 1,201 added (1 with it in column 1, 1,200 in column 2), 3 dropped (0 with it in column 1, 3 in column 2)."]
    assert [one.text for one in log.of_edits((0, 0, 2, 0))] == ["Edit pairs: 2 dropped (2 with it in column 1, 0 in column 2)."]
    assert [*log.of_edits((0, 0, 0, 0))] == []


def test_two_older_releases_are_counted_as_they_are_compared(both: tuple[Snapshot, Snapshot], changes: Changes) -> None:
    """From the tables as text come the same numbers as from a comparison in full, and the same sentences where it has them."""
    counts = older.count(*(read(one, {}).lines for one in both))
    assert counts == older.Counts((6, 7), 2, 1, ("60000",), ("50000",), 2, 3, 1)
    lines = [*older.sentences(counts, *(one.meta for one in both))]
    assert lines[:2] == telling.sentences(changes)[:2]
    assert lines[2:] == ["2 status changes.", "The conversion factors changed from $30.0000 to $40.0000 non-QP and $41.0000 QP.", "3 rows with different RVUs, 1 row with different indicators."]


def test_a_reading_and_a_facility_move_where_the_whole_and_the_office_do_not() -> None:
    """The line of a code is its whole service if that moved, else its reading; the office if that moved, else a facility; at the main factor alone."""

    def change(code: str, modifier: str, kind: str, before: tuple[int | None, int | None], after: tuple[int | None, int | None]) -> deriving.AmountChange:
        return deriving.AmountChange(code, modifier, kind, deriving.Pair(*before), deriving.Pair(*after))

    found = deriving.movers([
        change("1", "", "non_qp", (1000, 800), (1000, 700)),
        change("1", "26", "non_qp", (500, 500), (900, 900)),
        change("2", "", "non_qp", (None, 500), (400, 500)),
        change("2", "26", "non_qp", (500, 500), (501, 490)),
        change("3", "TC", "non_qp", (500, 500), (900, 900)),
        change("4", "", "qp", (500, 500), (900, 900)),
    ])  # fmt: skip
    assert [tuple(one) for one in found] == [("1", "", "facility", 800, 700), ("2", "26", "office", 500, 501)]
    assert [(one.cents, one.tenths) for one in found] == [(-100, 125), (1, 2)]


def test_what_tips_watch_is_read_as_text(both: tuple[Snapshot, Snapshot]) -> None:
    """Each fact of a code as a flag prints it; none where the code has none. A table that a release lacks says nothing, and no code is flagged for it."""
    factor = {"RVU26B": 30_0000, "RVU26C": 40_0000}
    before, after = (Facts(one.meta.release, one.meta.effective_from, {entry.code: entry.rows for entry in group(one.services)}.get, Edits(one), factor[one.meta.release]) for one in both)
    assert [before.get("10004", field) for field in ("status", "amount.nonfacility", "amount.facility", "parts", "mue", "mai", "edits")] == ["A", "$60.00", "$45.00", "none", "2", "2", "column1 3, column2 0, bypass 2, no_bypass 1"]
    assert [after.get("40000", field) for field in ("status", "global", "amount.nonfacility", "parts", "mue", "endo_base")] == ["A", "000", "$2.00", "26", "1", "none"]
    assert [after.get("20000", field) for field in ("status", "amount.nonfacility", "mue", "mai")] == ["C", "none", "none", "none"]
    assert [after.says(field) for field in ("status", "mue", "edits", "add_on")] == [True, True, True, False]
    tip = replace(tips.load(Findings())[0], id="a-tip", verified_for="RVU26B", watch=("status", "parts", "mue", "add_on", "edits"))
    assert [one[2:5] for one in Watch(after, {"RVU26B": before}).changed(tip, "40000")] == [("parts", "none", "26")]
    assert [one[2:5] for one in Watch(after, {"RVU26B": before}).changed(tip, "10004")] == [("mue", "2", "3"), ("edits", "column1 3, column2 0, bypass 2, no_bypass 1", "column1 3, column2 1, bypass 3, no_bypass 1")]
    assert Watch(after, {"RVU26B": before}).changed(tip, "60000") == Watch(after, {"RVU26B": before}).changed(tip, "50000") == ()


def test_a_family_tells_of_codes_that_came_went_and_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """By name, two families of one name apart; a code of neither release, and one without a family, is in none."""
    classes = {"10004": ("P", "S", "Knee"), "20000": ("P", "S", "Knee"), "30000": ("P", "S", "Knee"), "40000": ("I", "S", "Knee"), "50000": ("P", "S", "Knee"), "60000": ("P", "S", ""), "70000": ("P", "S", "Eye")}
    known = SimpleNamespace(last=True, rows_before={"10004": "", "20000": "", "30000": "", "70000": ""}, log=lambda code: [log.Line("status", "", "Status A to C."), log.Line("limit", "", "More.")] if code == "10004" else [])
    site = SimpleNamespace(snapshot=SimpleNamespace(rbcs={code: SimpleNamespace(category=one, subcategory=two, family=three) for code, (one, two, three) in classes.items()}), by_code={"10004", "30000", "40000", "60000", "70000"})
    monkeypatch.setattr(families, "at_hand", lambda _: known)
    assert [tuple(one) for one in families.families(site)] == [  # type: ignore[arg-type]
        ("Eye", "p-s-eye", {}),
        ("Knee", "i-s-knee", {"40000": ("New code.",)}),
        ("Knee", "p-s-knee", {"10004": ("Status A to C.", "More."), "20000": ("Deleted.",)}),
    ]
    known.last = None
    assert families.families(site) == []  # type: ignore[arg-type]
