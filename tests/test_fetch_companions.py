"""Fetches again where ZIP codes or categories cannot be had: no table that the snapshot at hand has is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cms_files as mini
import pytest
from cms_server import FOLDER, Act, CmsServer, Counter, release, running, rvu
from importing import tree

from medpayiq.cms import snapshot
from medpayiq.cms.manifest import Entry
from medpayiq.cms.snapshot import Snapshot
from medpayiq.fetching.fetch import Fetched

GOOD = release()
OTHER = release(work="4.00")
TITLE = "2026 National Physician Fee Schedule Relative Value File July Release"


def zip5(*more: str) -> bytes:
    """Return a zip of ZIP codes; an edition is told apart by rows that it has more."""
    return mini.zipped({mini.ZIP5: mini.zip5_txt() + "".join(f"{row}\r\n" for row in more).encode("latin-1")})


OLD_ZIP, NEW_ZIP = zip5(), zip5(mini.zip5_row("ND", "58002", "03302", "01"))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[CmsServer]:
    """Run a server for one test, without the machine's own proxies."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with running() as made:
        yield made


@pytest.fixture
def counter(tmp_path: Path, server: CmsServer) -> Counter:
    """Return a place to fetch at: RVU26C, two editions of ZIP codes, and categories."""
    made = Counter(tmp_path, server)
    server.put("rvu26c.zip", GOOD)
    server.put("z1.zip", OLD_ZIP, etag='"z1"')
    server.put("z2.zip", NEW_ZIP, etag='"z2"')
    server.put("r.csv", mini.rbcs_csv(), type="text/csv")
    made.knows(rvu(server), *entries(server))
    return made


def entries(server: CmsServer) -> list[Entry]:
    """Return what goes with RVU26C, and the edition of ZIP codes before it."""
    return [
        Entry("ZIP5-2026-02-18", "zip5", server.base + "z1.zip", "2026-04-01", "2026-06-30"),
        Entry("ZIP5-2026-05-13", "zip5", server.base + "z2.zip", "2026-07-01", "2026-09-30"),
        Entry("RBCS-RY2023", "rbcs", server.base + "r.csv", "2023-01-01", "2023-12-31", file="RBCS_RY2023.csv"),
    ]


def gone(counter: Counter, *names: str) -> None:
    """Let the server have files no more, and take them out of the downloads folder."""
    for name in names:
        counter.server.files.pop(FOLDER + name, None)
        counter.server.always["GET", FOLDER + name] = Act("status", 403)
        for path in counter.places.downloads.glob(f"{'RBCS_RY2023.csv' if name == 'r.csv' else name}*"):
            path.unlink()


def said(done: Fetched) -> str:
    """Return everything that was said."""
    return "\n".join(map(str, done.findings.items))


def snap(counter: Counter, name: str = "rvu26c") -> Snapshot:
    """Return the snapshot at hand."""
    return snapshot.read(counter.places.snapshots / name)


def endings(one: Snapshot) -> set[str]:
    """Return the endings of North Dakota's ZIP codes, by which the editions differ."""
    return {area.endings for area in one.zip5 if area.state == "ND"}


def without(*left_out: str, gpci: bytes | None = None, work: str = "4.00") -> bytes:
    """Return the zip of a corrected release without some of its tables."""
    rows = [mini.service("45378", work=work) if (one["code"], one["modifier"]) == ("45378", "") else one for one in mini.services()]
    files = {mini.PPRRVU: mini.pprrvu_csv(rows, title=TITLE), mini.GPCI: gpci or mini.gpci_csv(), mini.ANES: mini.anes_csv(), mini.LOCCO: mini.locco_csv()}
    return mini.zipped({name: data for name, data in files.items() if name not in left_out})


# ---------------------------------------------------------------------------------------------------------------------
# The same relative values


def test_a_fuller_snapshot_is_kept(counter: Counter) -> None:
    """When nothing but companions cannot be had, not one byte of the snapshot changes, it is said, and the exit code is 0."""
    counter.fetch()
    before = tree(counter.places.snapshots)
    gone(counter, "z1.zip", "z2.zip", "r.csv")
    done = counter.fetch()
    assert done.exit_code == 0
    assert tree(counter.places.snapshots) == before
    assert done.imported[0].unchanged
    assert "RVU26C: warning: keeps the zip5 table that its snapshot had, in the place of ZIP5-2026-05-13\n  try: .venv/bin/python build.py fetch ZIP5-2026-05-13 RVU26C" in said(done)
    assert "RVU26C: warning: keeps the rbcs table that its snapshot had" in said(done)
    assert "goes on without" not in said(done)


def test_a_kept_table_is_not_replaced_by_that_of_an_older_edition(counter: Counter) -> None:
    """An older edition in the downloads folder does not take the place of the newer one that the snapshot was made with."""
    counter.fetch("ZIP5-2026-02-18", "RVU26C")
    before = tree(counter.places.snapshots)
    gone(counter, "z2.zip")
    assert counter.fetch().exit_code == 0
    assert tree(counter.places.snapshots) == before


def test_new_days_reach_a_snapshot_whose_companions_are_gone(counter: Counter) -> None:
    """A release that lost days to a correction learns that all the same, and keeps its tables."""
    counter.fetch()
    gone(counter, "z1.zip", "z2.zip", "r.csv")
    tables = dict(snap(counter).meta.tables)
    counter.knows(replace(counter.entry(), effective_to="2026-08-14"), *entries(counter.server))
    assert counter.fetch().exit_code == 0
    assert snap(counter).meta.effective_to == "2026-08-14"
    assert snap(counter).meta.tables == tables


def test_a_table_that_the_zip_lacks_by_now_is_kept(counter: Counter) -> None:
    """A table that came beside these very relative values stays in the snapshot when a new zip of them leaves it out."""
    files = {name: data for name, data in mini.release().items() if name not in {mini.ZIP5, mini.RBCS}}
    counter.server.put("rvu26c.zip", mini.zipped(files))
    counter.fetch()
    assert "opps_caps" in snap(counter).meta.tables
    counter.server.put("rvu26c.zip", mini.zipped({name: data for name, data in files.items() if name != mini.OPPSCAP}), etag='"2"')
    before = tree(counter.places.snapshots)
    done = counter.fetch(take_changed=True)
    assert done.exit_code == 0
    assert f"warning: comes without {mini.OPPSCAP}; the opps_caps table of the snapshot at hand is taken over" in said(done)
    assert tree(counter.places.snapshots) == before


# ---------------------------------------------------------------------------------------------------------------------
# An older edition


def test_an_older_edition_that_lies_here_is_used(counter: Counter) -> None:
    """Where neither the edition in force nor a snapshot is at hand, the one before it in the downloads folder is imported."""
    counter.fetch("ZIP5-2026-02-18")
    gone(counter, "z2.zip")
    done = counter.fetch()
    assert done.exit_code == 0
    assert endings(snap(counter)) == {"01"}
    assert "RVU26C: warning: is imported with ZIP5-2026-02-18 in the place of ZIP5-2026-05-13" in said(done)
    assert "goes on without ZIP5" not in said(done)


def test_an_edition_that_lies_here_unfinished_or_changed_is_not_used(counter: Counter) -> None:
    """Of the editions here only a whole one that is the one pinned counts."""
    counter.fetch("ZIP5-2026-02-18")
    (counter.places.downloads / "z1.zip").write_bytes(OLD_ZIP[:-50])
    gone(counter, "z2.zip")
    assert "goes on without ZIP5-2026-05-13" in said(counter.fetch())
    (counter.places.downloads / "z1.zip").write_bytes(NEW_ZIP)
    assert "goes on without ZIP5-2026-05-13" in said(counter.fetch())


def test_a_newer_edition_is_better_than_none(counter: Counter) -> None:
    """An older quarter is imported with the next edition here where its own and those before cannot be had."""
    counter.server.put("b.zip", release("Apr"))
    counter.knows(rvu(counter.server, "RVU26B", "b.zip", "2026-04-01", "2026-06-30"), *entries(counter.server))
    counter.fetch("ZIP5-2026-05-13")
    gone(counter, "z1.zip")
    assert "RVU26B: warning: is imported with ZIP5-2026-05-13 in the place of ZIP5-2026-02-18" in said(counter.fetch("RVU26B"))
    assert endings(snap(counter, "rvu26b")) == {"0102"}


def test_an_edition_that_changed_under_its_name_leaves_the_known_one(counter: Counter) -> None:
    """When CMS's copy is another than the one pinned, the pinned one that lies here is used, and the change is told."""
    counter.fetch()
    counter.server.put("z2.zip", zip5(mini.zip5_row("ND", "58009", "03302", "01")), etag='"z3"')
    before = tree(counter.places.snapshots)
    done = counter.fetch()
    assert done.exit_code == 0
    assert "is another file than before under the same name" in said(done)
    assert tree(counter.places.snapshots) == before
    counter.server.put("b.zip", release("Apr"))
    counter.knows(*counter.manifest().entries, rvu(counter.server, "RVU26D", "d.zip", "2026-10-01", "2026-12-31"))
    counter.server.put("d.zip", release("Oct"))
    assert counter.fetch("RVU26D").exit_code == 0
    assert endings(snap(counter, "rvu26d")) == {"0102"}


def test_a_page_in_the_place_of_a_file_leaves_the_known_one(counter: Counter) -> None:
    """CMS's error pages come with status 200: with a file of before at hand they cost a warning, no table and no release."""
    counter.fetch()
    before = tree(counter.places.snapshots)
    for name in ("rvu26c.zip", "z2.zip"):
        counter.server.put(name, b"<!DOCTYPE html><title>Out of order</title>", etag=None, modified=None, type="text/html")
    done = counter.fetch()
    assert done.exit_code == 0
    assert said(done).count("is a page, not a file") == 2
    assert said(done).count("the file that was downloaded before is used") == 2
    assert tree(counter.places.snapshots) == before


def test_an_edition_that_cannot_be_read_is_replaced_like_one_that_is_gone(counter: Counter) -> None:
    """A whole zip whose table has another layout is named with its line; an older edition here, else the snapshot's table, stands in."""
    broken = mini.zipped({mini.ZIP5: b"not the layout\r\n"})
    counter.server.put("z2.zip", broken)
    counter.fetch("ZIP5-2026-02-18")
    done = counter.fetch()
    assert done.exit_code == 0
    assert f"z2.zip/{mini.ZIP5}:1: warning: does not fit the layout" in said(done)
    assert "is imported with ZIP5-2026-02-18 in the place of ZIP5-2026-05-13" in said(done)
    before = tree(counter.places.snapshots)
    gone(counter, "z1.zip")
    done = counter.fetch()
    assert done.exit_code == 0
    assert "keeps the zip5 table that its snapshot had" in said(done)
    assert tree(counter.places.snapshots) == before


# ---------------------------------------------------------------------------------------------------------------------
# Other relative values


def test_a_new_file_is_imported_and_the_companions_tables_stay(counter: Counter) -> None:
    """Relative values that CMS replaced are imported; ZIP codes and categories that cannot be had stay from before, with their sources."""
    counter.fetch()
    before = snap(counter).meta
    gone(counter, "z1.zip", "z2.zip", "r.csv")
    counter.server.put("rvu26c.zip", OTHER, etag='"2"')
    done = counter.fetch("RVU26C", take_changed=True)
    assert done.exit_code == 0
    after = snap(counter)
    assert [one.work for one in after.services if (one.code, one.modifier) == ("45378", "")] == [400]
    assert endings(after) == {"0102"}
    assert {name: after.meta.tables[name] for name in ("zip5", "rbcs")} == {name: before.tables[name] for name in ("zip5", "rbcs")}
    assert [one for one in after.meta.sources if one.table in {"zip5", "rbcs"}] == [one for one in before.sources if one.table in {"zip5", "rbcs"}]
    assert after.meta.zip_quarter == before.zip_quarter


def test_a_new_file_that_lacks_a_table_keeps_that_of_before_beside_the_same_gpcis(counter: Counter) -> None:
    """Anesthesia factors and counties that a corrected zip leaves out are taken over as long as the localities are the same."""
    counter.fetch()
    before = snap(counter)
    counter.server.put("rvu26c.zip", without(mini.ANES, mini.LOCCO), etag='"2"')
    done = counter.fetch(take_changed=True)
    assert done.exit_code == 0
    assert f"rvu26c.zip/{mini.PPRRVU}: warning: comes without {mini.ANES}; the anesthesia table of the snapshot at hand is taken over" in said(done)
    after = snap(counter)
    assert (after.anesthesia, after.counties, after.meta.anesthesia_national) == (before.anesthesia, before.counties, before.meta.anesthesia_national)
    assert [one.work for one in after.services if (one.code, one.modifier) == ("45378", "")] == [400]


def test_anesthesia_factors_that_are_taken_over_bring_the_national_ones(counter: Counter) -> None:
    """They stand in the heading of CMS's anesthesia table, so that a zip without that table alone lacks them too."""
    national = {"qp": "20.599835", "non_qp": "20.49754"}
    counter.fetch()
    counter.server.put("rvu26c.zip", without(mini.ANES), etag='"2"')
    assert counter.fetch(take_changed=True).exit_code == 0
    assert snap(counter).meta.anesthesia_national == national


def test_a_new_file_that_lacks_a_table_is_refused_beside_other_gpcis(counter: Counter) -> None:
    """Old anesthesia factors do not go with new localities: the snapshot stays as it is, and the message says how to do without."""
    counter.fetch()
    before = tree(counter.places.snapshots)
    gpci = mini.with_cell(mini.gpci_csv(), 4, 6, "0.9")
    counter.server.put("rvu26c.zip", without(mini.ANES, gpci=gpci), etag='"2"')
    done = counter.fetch(take_changed=True)
    assert done.exit_code == 1
    assert f"error: comes without {mini.ANES}, which the snapshot at hand has, and with other GPCIs" in said(done)
    assert tree(counter.places.snapshots) == before


def test_zip_codes_of_a_locality_that_is_gone_are_told(counter: Counter) -> None:
    """Where the GPCIs changed, ZIP codes that are taken over and lead to no locality any more are a warning of the snapshot."""
    stranger = zip5(mini.zip5_row("ND", "58003", "03302", "77"))
    counter.server.put("z2.zip", stranger)
    counter.fetch()
    gone(counter, "z1.zip", "z2.zip")
    counter.server.put("rvu26c.zip", without(gpci=mini.with_cell(mini.gpci_csv(), 4, 6, "0.9")), etag='"2"')
    assert counter.fetch(take_changed=True).exit_code == 0
    assert [one for one in snap(counter).meta.warnings if "03302/77" in one] == [f"{mini.ZIP5}: warning: locality 03302/77 is not among the GPCIs; its rows are kept but cannot be priced"]


def test_a_damaged_table_is_not_taken_over(counter: Counter) -> None:
    """A table of the snapshot that was damaged on the disk is not carried on, and that is said."""
    counter.fetch()
    (counter.places.snapshots / "rvu26c" / "zip5.tsv.gz").write_bytes(b"no gzip")
    gone(counter, "z1.zip", "z2.zip")
    done = counter.fetch()
    assert done.exit_code == 0
    assert "without a table of zip5; that of the snapshot at hand is damaged and cannot be taken over" in said(done)
    assert "goes on without ZIP5-2026-05-13" in said(done)
    assert "zip5" not in snap(counter).meta.tables


@pytest.mark.parametrize("text", ["{", "{}", json.dumps({"format": 1})])
def test_a_damaged_snapshot_is_replaced(counter: Counter, text: str) -> None:
    """From a snapshot that cannot be read nothing is taken over; the release is imported all the same."""
    counter.fetch()
    (counter.places.snapshots / "rvu26c" / "snapshot.json").write_text(text, encoding="utf-8")
    assert counter.fetch().exit_code == 0
    assert {"zip5", "rbcs"} <= snap(counter).meta.tables.keys()
