"""Downloads from a server that misbehaves: either a good file comes of it or a clear refusal, and never a half file."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cms_files as mini
import pytest
from cms_server import ACCEPTED, FOLDER, QUICK, Act, CmsServer, Counter, File, release, running, rvu
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from importing import tree
from machine import ROOT

from medpayiq import cli, paths
from medpayiq.cms.manifest import Entry, Seen
from medpayiq.fetching import discovery, fetch, licence, patterns, verifying
from medpayiq.fetching.download import Part
from medpayiq.fetching.fetch import Fetched
from medpayiq.fetching.web import Web
from medpayiq.findings import Failed
from medpayiq.lock import build_lock

GOOD = release(filler=200_000)
OTHER = release(work="4.00", filler=200_000, seed=2)
NAME = "rvu26c.zip"


def sha256(data: bytes) -> str:
    """Return a digest as CMS's files are pinned by."""
    return hashlib.sha256(data).hexdigest()


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the machine's own proxies out."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def server() -> Iterator[CmsServer]:
    """Run a server for one test."""
    with running() as made:
        yield made


@pytest.fixture
def counter(tmp_path: Path, server: CmsServer) -> Counter:
    """Return a place to fetch at whose manifest knows RVU26C, which the server has."""
    made = Counter(tmp_path, server)
    server.put(NAME, GOOD)
    made.knows(rvu(server))
    return made


def errors(done: Fetched) -> str:
    """Return the errors as they are printed."""
    return "\n".join(map(str, done.findings.of("error")))


def ends_well(counter: Counter, done: Fetched, data: bytes = GOOD) -> None:
    """See that the file is here whole, known by its digest, imported, and that nothing half is left."""
    assert not errors(done)
    assert done.exit_code == 0
    assert (counter.places.downloads / NAME).read_bytes() == data
    assert counter.entry().sha256 == sha256(data)
    assert counter.entry().size == len(data)
    assert not counter.parts()
    assert [one.snapshot.meta.release for one in done.imported] == ["RVU26C"]


# ---------------------------------------------------------------------------------------------------------------------
# When all is well


def test_a_release_is_fetched_pinned_and_imported(counter: Counter) -> None:
    """The file is kept, what was seen of it stands in the manifest, and the snapshot has the manifest's dates."""
    counter.knows(rvu(counter.server, start="2026-07-01", end="2026-09-15"))
    done = counter.fetch()
    ends_well(counter, done)
    assert counter.entry().modified == "2026-05-01T12:00:00Z"
    meta = done.imported[0].snapshot.meta
    assert (meta.effective_from, meta.effective_to) == ("2026-07-01", "2026-09-15")
    assert (counter.places.descriptors / "rvu26c.tsv").is_file()
    assert done.lines()[0] == f"RVU26C: {NAME}, {len(GOOD):,} bytes, sha256 {sha256(GOOD)}, new"
    agents = {one.headers["User-Agent"] for one in counter.server.asked}
    assert all(agent.startswith("MedPayIQ/") for agent in agents)


def test_a_second_fetch_costs_one_small_request(counter: Counter) -> None:
    """What has not changed is not sent again, the manifest keeps its bytes, and the import says so too."""
    counter.fetch()
    before, asked = counter.places.manifest.read_bytes(), len(counter.server.asked)
    done = counter.fetch("rvu26c")
    ends_well(counter, done)
    assert [one.state for one in done.files] == ["unchanged"]
    assert done.imported[0].unchanged
    assert counter.places.manifest.read_bytes() == before
    (again,) = counter.server.asked[asked:]
    assert again.headers["If-None-Match"] == '"1"'


def test_latest_is_the_release_that_begins_last(counter: Counter) -> None:
    """Without a name the newest relative values are fetched; one that was replaced is not the newest."""
    entries = (rvu(counter.server), replace(rvu(counter.server, "RVU26D", "no.zip", "2026-10-01", "2026-12-31"), replaced_by="RVU26DR"), rvu(counter.server, "RVU26DR", "d.zip", "2026-10-01", "2026-12-31"))
    counter.knows(*entries)
    counter.server.put("d.zip", release("Oct"))
    assert [one.entry.name for one in counter.fetch("latest").files] == ["RVU26DR"]


def test_companions_come_along(counter: Counter) -> None:
    """Relative values are imported with the ZIP codes and categories of their last day."""
    base = counter.server.base
    zips = [Entry(f"ZIP5-{day}", "zip5", f"{base}zip-{day}.zip", start, "2026-12-31") for day, start in (("2026-02-18", "2026-04-01"), ("2026-05-13", "2026-07-01"), ("2026-08-14", "2026-10-01"))]
    counter.knows(rvu(counter.server), *zips, Entry("RBCS-RY2023", "rbcs", base + "r.csv", "2023-01-01", "2023-12-31", file="RBCS_RY2023.csv"))
    counter.server.put("zip-2026-05-13.zip", mini.zipped({mini.ZIP5: mini.zip5_txt()}))
    counter.server.put("r.csv", mini.rbcs_csv(), type="text/csv")
    done = counter.fetch()
    ends_well(counter, done)
    assert {"zip5", "rbcs"} <= done.imported[0].snapshot.meta.tables.keys()
    assert counter.files() == ["RBCS_RY2023.csv", NAME, "zip-2026-05-13.zip"]


@pytest.mark.parametrize("data", [None, b"<!DOCTYPE html><p>moved", mini.zipped({"ZIP5_OCT2025.txt": b"not the layout\r\n"})], ids=["absent", "a page", "not read"])
def test_a_companion_that_fails_is_a_warning(counter: Counter, data: bytes | None) -> None:
    """A release is imported without its ZIP codes rather than not at all; what the pages lack is said."""
    counter.knows(rvu(counter.server), Entry("ZIP5-2026-05-13", "zip5", counter.server.base + "z.zip", "2026-07-01", "2026-09-30"))
    if data is not None:
        counter.server.put("z.zip", data)
    done = counter.fetch()
    ends_well(counter, done)
    assert "zip5" not in done.imported[0].snapshot.meta.tables
    warnings = "\n".join(map(str, done.findings.of("warning")))
    assert "goes on without ZIP5-2026-05-13: the calculator cannot turn a ZIP code into a locality" in warnings
    assert "no rbcs file to go with it" in warnings


MUE_FILE = "MCR_MUE_PractitionerServices_Eff_07-01-2026.csv"


def edits(counter: Counter, *, limit: str = "6") -> list[Entry]:
    """Put edits in two parts and unit limits on the server; return their entries."""
    base = counter.server.base
    for number, row in enumerate(("97530 97110 - * 1", "97530 97112 - * 1"), 1):
        counter.server.put(f"p{number}.zip", mini.zipped({f"ccipra-v322r0-f{number}.TXT": mini.ptp_txt(row)}))
    counter.server.put("m.zip", mini.zipped({MUE_FILE: mini.mue_csv(("97761", limit, "3 Date of Service Edit: Clinical", "Nature"))}))
    parts = [Entry(f"PTP26Q3-F{number}", "ptp", f"{base}p{number}.zip", "2026-07-01", "2026-09-30") for number in (1, 2)]
    return [*parts, Entry("MUE26Q3", "mue", base + "m.zip", "2026-07-01", "2026-09-30")]


def test_a_release_comes_with_its_edits(counter: Counter) -> None:
    """One fetch brings relative values, all parts of the edit set and the unit limits of the quarter into one snapshot."""
    counter.knows(rvu(counter.server), *edits(counter))
    counter.server.put(NAME, release())
    done = counter.fetch()
    assert [one.entry.name for one in done.files] == ["RVU26C", "PTP26Q3-F1", "PTP26Q3-F2", "MUE26Q3"]
    (made,) = done.imported
    assert {two for one in made.snapshot.ptp for two in one.column2.split()} == {"97110", "97112"}
    assert made.snapshot.meta.editions == {"ptp": {"quarter": "2026 Q3", "version": "v322r0"}, "mue": {"quarter": "2026 Q3"}}
    assert done.exit_code == 0
    again = counter.fetch()
    assert again.imported[0].unchanged


def test_a_release_goes_on_without_edits_that_cannot_be_had(counter: Counter) -> None:
    """Limits that cannot be read are warnings; the release and its edits are imported all the same."""
    counter.knows(rvu(counter.server), *edits(counter, limit="six"))
    counter.server.put(NAME, release())
    done = counter.fetch()
    assert (done.exit_code, len(done.imported)) == (0, 1)
    assert "is not a whole number" in "\n".join(map(str, done.findings.of("warning")))
    assert done.imported[0].snapshot.meta.editions.keys() == {"ptp"}


def test_edits_asked_for_by_name_go_into_the_snapshot_at_hand(counter: Counter) -> None:
    """``PTP26Q3`` is all of its parts; without a snapshot of the quarter they are kept, and the way on is said."""
    counter.knows(rvu(counter.server), *edits(counter))
    alone = counter.fetch("ptp26q3", "MUE26Q3")
    assert [one.entry.name for one in alone.files] == ["PTP26Q3-F1", "PTP26Q3-F2", "MUE26Q3"]
    assert (alone.exit_code, alone.imported) == (0, [])
    assert "build.py fetch RVU26C" in str(alone.findings.items[-1])
    counter.server.put(NAME, release())
    counter.fetch("RVU26C")
    added = counter.fetch("PTP26Q3")
    assert [one.snapshot.meta.release for one in added.imported] == ["RVU26C"]


def test_an_older_release_gets_no_later_edits(counter: Counter) -> None:
    """Edits that begin after a release's last day do not go with it."""
    counter.knows(rvu(counter.server), Entry("MUE26Q4", "mue", counter.server.base + "m.zip", "2026-10-01", "2026-12-31"))
    counter.server.put(NAME, release())
    done = counter.fetch()
    assert not done.imported[0].snapshot.meta.editions
    assert "no mue entry of its quarter or before" in "\n".join(map(str, done.findings.of("warning")))


def test_without_import_nothing_is_imported(counter: Counter) -> None:
    """``--no-import`` downloads and checks alone."""
    done = counter.fetch(imports=False)
    assert (done.exit_code, done.imported, counter.files()) == (0, [], [NAME])
    assert not counter.places.snapshots.exists()


def test_names_with_slashes_lie_in_the_downloads_folder(counter: Counter) -> None:
    """CMS's ``rvu23a-updated-01/31/2023.zip`` becomes one file."""
    counter.knows(rvu(counter.server, file="rvu26c-updated-07/31/2026.zip"))
    counter.server.put("rvu26c-updated-07/31/2026.zip", GOOD)
    assert counter.fetch().exit_code == 0
    assert counter.files() == ["rvu26c-updated-07-31-2026.zip"]


def test_an_unknown_name_is_wrong_use(counter: Counter) -> None:
    """Every name that is not known is told, with what is near it, and nothing is asked of the server."""
    with pytest.raises(Failed, match="RVU26C") as caught:
        counter.fetch("RVU26X", "RVU26C", "")
    assert caught.value.exit_code == 2
    assert str(caught.value).count("is not in the manifest") == 2
    assert not counter.server.asked


# ---------------------------------------------------------------------------------------------------------------------
# A server that misbehaves


@pytest.mark.parametrize(
    "acts",
    [
        [Act("stall", 50_000)],
        [Act("reset", 50_000)],
        [Act("truncate", 50_000)],
        [Act("truncate", 0)],
        [Act("reset", 0)],
        [Act("stall", 150_000), Act("truncate", 10_000)],
        [Act("truncate", 50_000), Act("ignore range")],
        [Act("truncate", 50_000), Act("other rest")],
        [Act("truncate", 50_000), Act("status", 503)],
        [Act("truncate", 50_000), Act("status", 416)],
        [Act("truncate", 50_000), Act("become", file=File(GOOD, etag='"2"'))],
        [Act("long length", 100)],
        [Act("no length")],
        [Act("status", 503), Act("status", 429, headers=(("Retry-After", "0"),))],
        [Act("status", 500)],
    ],
    ids=lambda acts: ", ".join(f"{one.what} {one.number}" for one in acts),
)
def test_trouble_on_the_way_ends_in_a_good_file(counter: Counter, acts: list[Act]) -> None:
    """What stalls, breaks off, is reset, overloaded or out of step is tried again, and the file is whole in the end."""
    counter.server.next(NAME, *acts)
    ends_well(counter, counter.fetch())


def test_a_file_that_broke_off_is_gone_on_with(counter: Counter) -> None:
    """What came before the break is not sent again: the range begins where it ended, for the same version alone."""
    counter.server.next(NAME, Act("truncate", 120_000))
    ends_well(counter, counter.fetch())
    second = counter.server.asked[1].headers
    assert second["Range"] == "bytes=120000-"
    assert second["If-Range"] == '"1"'


def test_a_file_that_changed_between_two_requests_begins_anew(counter: Counter) -> None:
    """The beginning of one version is never joined to the end of another."""
    counter.server.next(NAME, Act("truncate", 120_000), Act("become", file=File(OTHER, etag='"2"', modified="Sat, 02 May 2026 12:00:00 GMT")))
    ends_well(counter, counter.fetch(), OTHER)


@pytest.mark.parametrize("about", [{"etag": None, "modified": None}, {"etag": 'W/"1"', "modified": None}])
def test_without_a_strong_mark_nothing_is_joined(counter: Counter, about: dict[str, str | None]) -> None:
    """A server that does not say which version it gives is asked for the whole file again."""
    counter.server.put(NAME, GOOD, **about)
    counter.server.next(NAME, Act("truncate", 120_000))
    ends_well(counter, counter.fetch())
    assert all("Range" not in one.headers for one in counter.server.asked)


def test_a_date_alone_is_mark_enough(counter: Counter) -> None:
    """Without an ETag the date of the file tells its version."""
    counter.server.put(NAME, GOOD, etag=None)
    counter.server.next(NAME, Act("truncate", 120_000))
    ends_well(counter, counter.fetch())
    assert counter.server.asked[1].headers["If-Range"] == "Fri, 01 May 2026 12:00:00 GMT"
    counter.fetch()
    assert counter.server.asked[-1].headers["If-Modified-Since"] == "Fri, 01 May 2026 12:00:00 GMT"


def test_versions_joined_behind_our_back_are_found(counter: Counter) -> None:
    """A server that gives another version under the same mark is found out by the zip's checksums, and asked again."""
    counter.server.next(NAME, Act("truncate", 120_000), Act("become", file=File(OTHER)))
    done = counter.fetch()
    ends_well(counter, done, OTHER)


@pytest.mark.parametrize(
    "act",
    [
        Act("any version", file=File(b"b" * 9_000, etag='"2"', type="text/csv")),
        Act("any version", file=File(b"b" * 9_000, modified="Sat, 02 May 2026 12:00:00 GMT", type="text/csv")),
        Act("any version", file=File(b"b" * 9_001, type="text/csv")),
        Act("other rest"),
    ],
    ids=["other mark", "other date", "other length", "other place"],
)
def test_a_file_without_checksums_is_not_joined_either(counter: Counter, act: Act) -> None:
    """Of a csv nothing would tell two versions that were joined: a rest of another version, or from another place, is not taken."""
    counter.knows(Entry("RBCS-RY2025", "rbcs", counter.server.base + "r.csv", "2025-01-01", "2025-12-31"))
    counter.server.put("r.csv", b"a" * 4_000 + b"A" * 5_000, type="text/csv")
    counter.server.next("r.csv", Act("truncate", 4_000), act)
    assert counter.fetch("RBCS-RY2025").exit_code == 0
    assert (counter.places.downloads / "r.csv").read_bytes() == (act.file.data if act.file else b"a" * 4_000 + b"A" * 5_000)


def test_a_server_that_drips_is_a_stall(counter: Counter) -> None:
    """Less than a few bytes a second is as bad as silence; after the last try the part is kept for the next run."""
    counter.pace = replace(QUICK, slow_bytes=1_000_000, slow_seconds=0.05, tries=2)
    counter.server.next(NAME, Act("drip", 500), Act("drip", 500))
    done = counter.fetch()
    assert "bytes came in" in errors(done)
    assert "of it are kept" in errors(done)
    assert (counter.files(), done.exit_code) == ([], 1)
    ends_well(counter, counter.fetch())
    assert counter.server.asked[-1].headers["Range"].startswith("bytes=")


@pytest.mark.parametrize(
    ("acts", "words"),
    [
        ([Act("status", 404)], "is not there, or not yet"),
        ([Act("status", 403)], f"put it into cms_data/downloads/ as {NAME}"),
        ([Act("status", 503)] * 9, "overloaded or out of order (status 503)"),
        ([Act("status", 429)] * 9, "status 429"),
        ([Act("status", 418)], "answered with status 418"),
        ([Act("truncate", 50_000), *[Act("reset", 0)] * 40], "50,000 bytes of it are kept"),
        ([Act("stall", 0)] * 20, "times"),
        ([Act("short length", 1_000)] * 9, "is not a whole zip"),
        ([Act("long length", 100)] * 9, "the connection broke"),
        ([Act("become", file=File(b"<!DOCTYPE html><title>Licence</title>", type="text/html"))], "is a page, not a file"),
        ([Act("become", file=File(b""))], "is empty"),
        ([Act("become", file=File(GOOD[:-30]))], "is not a whole zip"),
        ([Act("become", file=File(GOOD[:5_000] + b"\0" + GOOD[5_001:]))], "is not a whole zip"),
        ([Act("become", file=File(mini.zipped({"other.csv": b"x"})))], "holds no PPRRVU file"),
        ([Act("redirect", text="http://cms.example/x.zip")], "which is not an https address"),
        ([Act("redirect", text="file:///etc/passwd")], "which is not an https address"),
        ([Act("redirect", text=FOLDER + NAME)] * 9, "leads from one address to the next"),
    ],
    ids=lambda one: one[:30] if isinstance(one, str) else ", ".join(f"{act.what} {act.number}" for act in one[:2]),
)
@pytest.mark.parametrize("before", [False, True], ids=["first", "with an older file"])
def test_what_cannot_be_had_is_refused_clearly(counter: Counter, acts: list[Act], words: str, before: bool) -> None:
    """A message says what happened; no half file has the name of a whole one; the older file and snapshot are as they were."""
    if before:
        counter.fetch()
        counter.server.put(NAME, OTHER, etag='"2"', modified="Sat, 02 May 2026 12:00:00 GMT")
        acts = [replace(act, file=replace(act.file, etag='"2"')) if act.file else act for act in acts]
    kept = tree(counter.places.snapshots)
    counter.server.next(NAME, *acts)
    done = counter.fetch()
    assert words in "\n".join(map(str, done.findings.items))
    assert counter.files() == ([NAME] if before else [])
    assert tree(counter.places.snapshots) == kept
    if before:
        assert (counter.places.downloads / NAME).read_bytes() == GOOD
        assert counter.entry().sha256 == sha256(GOOD)
    else:
        assert done.exit_code == 1
        assert counter.entry().sha256 is None


def test_a_redirect_to_the_file_is_followed(counter: Counter) -> None:
    """A plain name may lead to the newest dated one."""
    counter.server.put("rvu26c-updated-06-30-2026.zip", GOOD)
    counter.server.always["GET", FOLDER + NAME] = Act("redirect", text=FOLDER + "rvu26c-updated-06-30-2026.zip")
    ends_well(counter, counter.fetch())


def test_the_pause_a_server_asks_for_is_kept_but_not_endlessly(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Retry-After decides how long to wait; more than the longest pause is not waited; without it the pauses double."""
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    counter.pace = replace(QUICK, tries=5, back_off=0.5, longest_pause=120)
    counter.server.next(NAME, Act("status", 503, headers=(("Retry-After", "7"),)), Act("status", 429, headers=(("Retry-After", "86400"),)), Act("status", 503), Act("status", 503))
    ends_well(counter, counter.fetch())
    assert waited[:2] == [7, 120]
    assert waited[3] == 2 * waited[2] > 0


def test_too_large_a_file_is_not_taken(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body above the limit is refused by its stated length, and without one as soon as it is exceeded."""
    monkeypatch.setattr("medpayiq.fetching.download.MAX_FILE", 100_000)
    for acts in ([], [Act("no length")]):
        counter.server.next(NAME, *acts)
        assert "limit" in errors(counter.fetch())
        assert counter.files() == []


def test_a_server_that_is_gone(tmp_path: Path) -> None:
    """Without a connection the file at hand is used, with a remark; without one at hand it is an error."""
    with running() as server:
        counter = Counter(tmp_path, server)
        server.put(NAME, GOOD)
        counter.knows(rvu(server), rvu(server, "RVU26D", "d.zip", "2026-10-01", "2026-12-31"))
        counter.fetch("RVU26C")
    done = counter.fetch("RVU26C")
    assert [one.state for one in done.files] == ["not compared"]
    assert "cannot be reached; the file that was downloaded before is used" in str(next(done.findings.of("warning")))
    assert done.imported[0].unchanged
    assert "cannot be reached" in errors(counter.fetch("RVU26D"))


# ---------------------------------------------------------------------------------------------------------------------
# A file that changed under its name


def test_another_file_under_the_same_name_is_told_and_kept_beside(counter: Counter) -> None:
    """Both files are here, both digests are said, nothing is imported and the pin stays, however often it is asked."""
    counter.fetch()
    before, snapshots = counter.places.manifest.read_bytes(), tree(counter.places.snapshots)
    counter.server.put(NAME, OTHER, etag='"2"')
    for _ in range(2):
        done = counter.fetch()
        assert done.exit_code == 1
        assert sha256(GOOD) in errors(done)
        assert sha256(OTHER) in errors(done)
        assert not done.imported
        assert counter.files() == [f"rvu26c.{sha256(OTHER)[:12]}.zip", NAME]
        assert (counter.places.downloads / NAME).read_bytes() == GOOD
        assert counter.places.manifest.read_bytes() == before
        assert tree(counter.places.snapshots) == snapshots


def test_a_file_at_hand_is_compared_where_the_manifest_lost_its_pin(counter: Counter) -> None:
    """What was downloaded before counts as seen, even if the manifest was put back to an older state since."""
    counter.fetch()
    counter.knows(rvu(counter.server))
    counter.server.put(NAME, OTHER, etag='"2"')
    assert sha256(GOOD) in errors(counter.fetch())
    ends_well(counter, counter.fetch(take_changed=True), OTHER)
    assert counter.entry().earlier == (Seen(sha256(GOOD), len(GOOD)),)


def test_a_changed_file_is_taken_when_told(counter: Counter) -> None:
    """``--take-changed`` pins and imports the new file; the old digest is remembered and its file stays beside."""
    counter.fetch()
    counter.server.put(NAME, OTHER, etag='"2"')
    counter.fetch()
    done = counter.fetch("RVU26C", take_changed=True)
    ends_well(counter, done, OTHER)
    assert [one.state for one in done.files] == ["taken"]
    assert not done.imported[0].unchanged
    assert counter.entry().earlier == (Seen(sha256(GOOD), len(GOOD)),)
    assert (counter.places.downloads / f"rvu26c.{sha256(GOOD)[:12]}.zip").read_bytes() == GOOD
    assert [one.state for one in counter.fetch().files] == ["unchanged"]


def test_a_file_that_is_not_the_pinned_one_is_refused_on_a_new_machine(counter: Counter) -> None:
    """A pin that came with the project holds where nothing was downloaded yet."""
    counter.knows(rvu(counter.server, sha256=sha256(OTHER), size=len(OTHER)))
    done = counter.fetch()
    assert sha256(OTHER) in errors(done)
    assert counter.files() == [f"rvu26c.{sha256(GOOD)[:12]}.zip"]
    ends_well(counter, counter.fetch(take_changed=True))
    assert counter.entry().earlier == (Seen(sha256(OTHER), len(OTHER)),)


def test_a_pin_that_changed_since_fetches_anew(counter: Counter) -> None:
    """Where the manifest was given another file since, the one at hand is put aside and the pinned one fetched."""
    counter.fetch()
    counter.server.put(NAME, OTHER, etag='"2"')
    counter.knows(rvu(counter.server, sha256=sha256(OTHER), size=len(OTHER)))
    ends_well(counter, counter.fetch(), OTHER)
    assert (counter.places.downloads / f"rvu26c.{sha256(GOOD)[:12]}.zip").read_bytes() == GOOD


def test_a_file_damaged_on_the_disk_is_fetched_again(counter: Counter) -> None:
    """What was damaged after it was downloaded is found by its digest."""
    counter.fetch()
    (counter.places.downloads / NAME).write_bytes(GOOD[:1000])
    done = counter.fetch()
    assert "was damaged since it was downloaded" in str(next(done.findings.of("warning")))
    ends_well(counter, done)


@pytest.mark.parametrize("record", [b"", b"[]", b'{"url": 1}', b"{"])
def test_a_record_that_cannot_be_read_costs_a_download(counter: Counter, record: bytes) -> None:
    """The notes beside a file are not trusted."""
    counter.fetch()
    (counter.places.downloads / f"{NAME}.json").write_bytes(record)
    ends_well(counter, counter.fetch())


# ---------------------------------------------------------------------------------------------------------------------
# A file that somebody put there


def test_a_file_put_there_by_hand_is_checked_and_used(counter: Counter) -> None:
    """Where CMS refuses the machine, a file from a browser does: no request is made for it."""
    counter.places.downloads.mkdir()
    (counter.places.downloads / NAME).write_bytes(GOOD)
    done = counter.fetch()
    ends_well(counter, done)
    assert [one.state for one in done.files] == ["by hand"]
    assert not counter.server.asked
    counter.server.always["GET", "*"] = Act("status", 403)
    assert [one.state for one in counter.fetch().files] == ["not compared"]


def test_a_half_file_put_there_by_hand_is_refused(counter: Counter) -> None:
    """A browser's half file is named, and left where it is."""
    counter.places.downloads.mkdir()
    (counter.places.downloads / NAME).write_bytes(GOOD[:-1000])
    assert "is not a whole zip" in errors(counter.fetch())
    assert not counter.server.asked


def test_another_file_put_there_by_hand_is_told_like_one_of_the_server(counter: Counter) -> None:
    """A pinned digest holds for files from a browser too, and ``--take-changed`` takes them."""
    counter.fetch()
    (counter.places.downloads / NAME).write_bytes(OTHER)
    done = counter.fetch()
    assert "was put there by hand" in errors(done)
    done = counter.fetch(take_changed=True)
    ends_well(counter, done, OTHER)
    assert counter.entry().earlier == (Seen(sha256(GOOD), len(GOOD)),)


def test_a_file_without_an_address_comes_by_hand(counter: Counter) -> None:
    """An entry whose address is not known says so, with the name under which the file is looked for."""
    counter.knows(Entry("RBCS-RY2023", "rbcs", None, "2023-01-01", "2023-12-31", file="RBCS_RY2023.csv", note="on data.cms.gov"))
    assert "its address is not known (on data.cms.gov)\n  try: download it in a browser and put it into cms_data/downloads/ as RBCS_RY2023.csv" in errors(counter.fetch("RBCS-RY2023"))
    (counter.places.downloads / "RBCS_RY2023.csv").write_bytes(mini.rbcs_csv())
    assert counter.fetch("RBCS-RY2023").exit_code == 0
    assert [one.state for one in counter.fetch("RBCS-RY2023").files] == ["unchanged"]


# ---------------------------------------------------------------------------------------------------------------------
# Imports, the disk, and other runs


def test_a_release_that_cannot_be_imported_changes_nothing(counter: Counter) -> None:
    """A whole zip with a broken table is named with its line; the snapshot of before stays, and other names are fetched."""
    counter.fetch()
    kept = tree(counter.places.snapshots)
    table = mini.with_cell(mini.pprrvu_csv(mini.services()), mini.FIRST_ROW, mini.column_of("work"), "one")
    counter.server.put(NAME, mini.zipped({mini.PPRRVU: table, mini.GPCI: mini.gpci_csv()}), etag='"2"')
    counter.server.put("d.zip", release("Oct"))
    counter.knows(rvu(counter.server), rvu(counter.server, "RVU26D", "d.zip", "2026-10-01", "2026-12-31"))
    done = counter.fetch("RVU26C", "RVU26D", take_changed=True)
    assert f"{NAME}/{mini.PPRRVU}:{mini.FIRST_ROW}:{mini.column_of('work')}: error:" in errors(done)
    assert done.exit_code == 1
    assert [one.snapshot.meta.release for one in done.imported] == ["RVU26D"]
    assert {name: data for name, data in tree(counter.places.snapshots).items() if not name.startswith("rvu26d")} == kept


def test_two_fetches_do_not_tread_on_each_other(counter: Counter) -> None:
    """The second one is told at once who is fetching, and asks nothing."""
    with build_lock(counter.places.downloads / ".state" / "lock"), pytest.raises(Failed, match=f"another fetch is running in .*: process {os.getpid()}") as caught:
        counter.fetch()
    assert caught.value.exit_code == 2
    assert not counter.server.asked


def test_a_full_disk_is_told(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk is full the message says so; nothing half has the file's name."""

    def full(self: Part, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(target))

    monkeypatch.setattr(Part, "move", full)
    with pytest.raises(Failed, match="No space left on device") as caught:
        counter.fetch()
    assert caught.value.exit_code == 2
    assert counter.files() == []


def test_a_missing_manifest_is_told(counter: Counter) -> None:
    """Without its manifest a fetch cannot know anything, and says which file that is."""
    counter.places.manifest.unlink()
    with pytest.raises(Failed, match=r"manifest\.yml: error: cannot be read") as caught:
        counter.fetch()
    assert caught.value.exit_code == 2


_KILLED = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[3:]
from cms_server import QUICK, ACCEPTED
from medpayiq.fetching import fetch
root = Path(sys.argv[1])
places = fetch.Places(root / "manifest.yml", root / "downloads", root / "snapshots", root / "descriptors")
fetch.run([], places, pace=QUICK, environ=ACCEPTED)
"""


def test_a_killed_fetch_is_gone_on_with(counter: Counter) -> None:
    """After SIGKILL in the middle of a file no whole one is there, and the next run asks for the rest alone."""
    counter.server.next(NAME, Act("drip", 2_000))
    process = subprocess.Popen([sys.executable, "-c", _KILLED, str(counter.root), "", str(ROOT / "tests"), str(ROOT)], cwd=ROOT, stderr=subprocess.DEVNULL)
    part = counter.places.downloads / f".{NAME}.part"
    until = time.monotonic() + 20
    while not (part.exists() and part.stat().st_size) and time.monotonic() < until and process.poll() is None:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert counter.files() == []
    here = part.stat().st_size
    assert 0 < here < len(GOOD)
    ends_well(counter, counter.fetch())
    assert counter.server.asked[-1].headers["Range"] == f"bytes={here}-"


def test_a_part_that_was_whole_already_is_verified_by_its_last_byte(counter: Counter) -> None:
    """Killed between the last byte and the name, the next run asks for one byte to know that it is still the same file."""
    part = Part(counter.places.downloads / NAME)
    counter.server.next(NAME, Act("truncate", 120_000), Act("status", 404))
    counter.fetch()
    part.path.write_bytes(GOOD)
    ends_well(counter, counter.fetch())
    assert counter.server.asked[-1].headers["Range"] == f"bytes={len(GOOD) - 1}-"


# ---------------------------------------------------------------------------------------------------------------------
# Whatever a server does

_SMALL, _SMALL_OTHER = release(filler=3_000), release(work="4.00", filler=3_000, seed=2)
_ACTS = st.one_of(
    st.builds(Act, st.sampled_from(["truncate", "reset"]), st.integers(0, len(_SMALL) + 10)),
    st.builds(Act, st.sampled_from(["ignore range", "other rest", "no length", "serve"])),
    st.builds(Act, st.sampled_from(["short length", "long length"]), st.integers(1, 500)),
    st.builds(Act, st.just("status"), st.sampled_from([403, 404, 416, 429, 500, 503])),
    st.builds(Act, st.just("redirect"), text=st.sampled_from([FOLDER + NAME, "http://cms.example/", "//127.0.0.1:1/x"])),
    st.builds(Act, st.just("become"), file=st.sampled_from([File(_SMALL), File(_SMALL_OTHER, etag='"2"', modified=None), File(_SMALL_OTHER, etag=None), File(_SMALL[:900], etag='"3"'), File(b"<html>", etag='"4"')])),
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.lists(_ACTS, max_size=5), min_size=1, max_size=3))
def test_no_sequence_of_troubles_yields_a_wrong_file(server: CmsServer, tmp_path_factory: pytest.TempPathFactory, runs: list[list[Act]]) -> None:
    """Over several runs of a server that does anything: a file that is kept is one of the whole ones, and the first one stays."""
    counter = Counter(tmp_path_factory.mktemp("any"), server, replace(QUICK, tries=2))
    counter.knows(rvu(server))
    server.put(NAME, _SMALL)
    first: bytes | None = None
    for acts in runs:
        server.next(NAME, *acts)
        done = counter.fetch(imports=False)
        kept = {name: (counter.places.downloads / name).read_bytes() for name in counter.files()}
        assert {*kept.values()} <= {_SMALL, _SMALL_OTHER}
        assert all(len(data) == one.size for one in done.files for data in [kept[one.path.name]])
        first = first or kept.get(NAME)
        assert kept.get(NAME) == first
        assert counter.entry().sha256 == (sha256(first) if first else None)
        assert (done.exit_code == 0) == bool(done.files)


# ---------------------------------------------------------------------------------------------------------------------
# Proxies


def test_a_proxy_is_honoured(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests go to the proxy that the environment names, with its login, and not to the server itself."""
    with running() as proxy:
        proxy.files[FOLDER + NAME] = File(GOOD)
        monkeypatch.setenv("HTTP_PROXY", f"http://me:secret@127.0.0.1:{proxy.server_port}")
        monkeypatch.setenv("http_proxy", f"http://me:secret@127.0.0.1:{proxy.server_port}")
        ends_well(counter, counter.fetch())
        assert proxy.asked[0].target == counter.server.base + NAME
        assert proxy.asked[0].headers["Proxy-Authorization"].startswith("Basic ")
    assert not counter.server.asked


def test_no_proxy_names_what_goes_straight(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that is not there does no harm to a server that NO_PROXY names."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    ends_well(counter, counter.fetch())


@pytest.mark.parametrize(("proxy", "words"), [("socks5://127.0.0.1:1", "socks5"), ("http://127.0.0.1:1", "the proxy does not let us through")])
def test_a_proxy_that_does_not_work_is_named(counter: Counter, monkeypatch: pytest.MonkeyPatch, proxy: str, words: str) -> None:
    """A proxy of another kind, or one that is not there, is said to be the cause."""
    monkeypatch.setenv("http_proxy", proxy)
    assert words in errors(counter.fetch())


def test_a_proxy_that_refuses_https_is_named(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """CMS is reached through CONNECT; a proxy that refuses it is told apart from CMS refusing."""
    monkeypatch.setenv("https_proxy", counter.server.root)
    counter.knows(Entry("RVU26C", "rvu", "https://cms.invalid/rvu26c.zip", "2026-07-01", "2026-09-30"))
    assert "the proxy does not let us through" in errors(counter.fetch())
    assert {one.method for one in counter.server.asked} == {"CONNECT"}


# ---------------------------------------------------------------------------------------------------------------------
# The terms


class Terminal(io.StringIO):
    """Text that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_without_a_terminal_the_environment_says_yes(counter: Counter) -> None:
    """Where nobody can be asked nothing is asked of the server; the message holds the terms and the variable."""
    counter.environ = {"MEDPAYIQ_CMS_LICENCE": "yes"}
    for run in (counter.fetch, lambda: counter.discover("2026-08-01")):
        with pytest.raises(Failed, match="MEDPAYIQ_CMS_LICENCE=accept") as caught:
            run()
        assert caught.value.exit_code == 2
        assert "https://www.cms.gov/apps/ama/license.asp" in str(caught.value)
    assert not counter.server.asked
    assert not counter.places.downloads.exists()


@pytest.mark.parametrize(("answer", "good"), [("yes\n", True), ("Y\n", True), ("no\n", False), ("\n", False), ("", False)])
def test_on_a_terminal_it_is_asked_once(tmp_path: Path, answer: str, good: bool) -> None:
    """The terms are shown and a yes is remembered on this machine; anything else is a no, and is asked again."""
    screen = Terminal()
    if not good:
        with pytest.raises(Failed, match="were not accepted; nothing was asked of CMS") as caught:
            licence.ask(tmp_path, {}, Terminal(answer), screen)
        assert caught.value.exit_code == 2
        assert list(tmp_path.iterdir()) == []
        return
    licence.ask(tmp_path, {}, Terminal(answer), screen)
    assert licence.TERMS in screen.getvalue()
    licence.ask(tmp_path, {}, io.StringIO(), io.StringIO())


def test_a_yes_to_other_terms_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the terms shown change, they are asked about again."""
    licence.ask(tmp_path, {}, Terminal("yes\n"), Terminal())
    monkeypatch.setattr(licence, "TERMS", licence.TERMS + "And more.\n")
    with pytest.raises(Failed):
        licence.ask(tmp_path, {}, io.StringIO(), io.StringIO())


def test_a_yes_is_not_under_version_control(tmp_path: Path) -> None:
    """The downloads folder, where the yes and the files lie, is passed over by version control."""
    assert "/cms_data/downloads/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


# ---------------------------------------------------------------------------------------------------------------------
# What is new


def names(found: discovery.Discovered) -> list[tuple[str, str, str, str]]:
    """Return what was found: what, name and dates."""
    return [(one.what, one.entry.name, one.entry.effective_from, one.entry.effective_to) for one in found.finds]


def test_nothing_new_is_said(counter: Counter) -> None:
    """With nothing at any name CMS may use the exit code is 0 and the manifest keeps its bytes."""
    before = counter.places.manifest.read_bytes()
    found = counter.discover("2026-08-20", add=True)
    assert (found.exit_code, found.finds) == (0, [])
    assert counter.places.manifest.read_bytes() == before
    asked = {one.target.removeprefix(FOLDER) for one in counter.server.asked}
    assert {"rvu26c-updated-08-20-2026.zip", "rvu26c-updated-08/20/2026.zip", "rvu26cr.zip", "rvu26d.zip", "rvu26d-updated-08-15-2026.zip", "rvu26cr-posted-08-01-2026.zip"} <= asked
    assert {one.method for one in counter.server.asked} == {"HEAD"}
    # CMS posts some five weeks before a quarter; two months before it nothing is asked for.
    assert min(date.isoformat() for name in asked if "rvu26d" in name for date in [patterns.date_in(name)] if date) == "2026-08-02"


def test_the_dates_tried_are_bounded(counter: Counter) -> None:
    """No date before the window, after today, or up to the one known is asked for; no name twice."""
    counter.knows(rvu(counter.server, file="rvu26c-updated-06-30-2026.zip"))
    counter.discover("2026-08-20", days=30)
    asked = [one.target for one in counter.server.asked]
    assert len(asked) == len({*asked})
    dates = [date for one in asked if (date := patterns.date_in(one))]
    assert min(dates).isoformat() == "2026-07-22"
    assert max(dates).isoformat() == "2026-08-20"
    counter.server.asked.clear()
    counter.discover("2026-07-05", days=120)
    dates = [date for one in counter.server.asked if "rvu26c" in one.target and (date := patterns.date_in(one.target))]
    assert min(dates).isoformat() == "2026-07-01"


@pytest.mark.parametrize(
    ("put", "today", "expected"),
    [
        (["rvu26d.zip"], "2026-09-01", [("new release", "RVU26D", "2026-10-01", "2026-12-31")]),
        (["rvu26d-updated-08-26-2026.zip"], "2026-09-01", [("new release", "RVU26D", "2026-10-01", "2026-12-31")]),
        (["rvu26d.zip", "rvu26d-updated-08-26-2026.zip"], "2026-09-01", [("new release", "RVU26D", "2026-10-01", "2026-12-31")]),
        (["rvu26c-updated-08-15-2026.zip"], "2026-09-01", [("revision", "RVU26CR", "2026-08-15", "2026-09-30")]),
        (["rvu26c-updated-08/15/2026.zip"], "2026-09-01", [("revision", "RVU26CR", "2026-08-15", "2026-09-30")]),
        (["rvu26c-updated-10-15-2026.zip"], "2026-10-20", [("revision", "RVU26CR", "2026-07-01", "2026-09-30")]),
        (["rvu26cr-posted-08-15-2026.zip"], "2026-09-01", [("revision", "RVU26CR", "2026-08-15", "2026-09-30")]),
        (["rvu26cr.zip"], "2026-09-01", [("revision", "RVU26CR", "2026-07-01", "2026-09-30")]),
        (["rvu26c-updated-08-15-2026.zip", "rvu26c-updated-08-20-2026.zip"], "2026-09-01", [("revision", "RVU26CR", "2026-08-15", "2026-09-30"), ("revision", "RVU26CR2", "2026-08-20", "2026-09-30")]),
        (["rvu26d.zip", "rvu26d-updated-10-09-2026.zip"], "2026-11-01", [("new release", "RVU26D", "2026-10-01", "2026-12-31"), ("revision", "RVU26DR", "2026-10-09", "2026-12-31")]),
        (["rvu26d.zip", "rvu27a.zip"], "2026-11-25", [("new release", "RVU26D", "2026-10-01", "2026-12-31"), ("new release", "RVU27A", "2027-01-01", "2027-03-31")]),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) and isinstance(one[0], str) else None,
)
def test_what_is_new_gets_its_name_and_days(counter: Counter, put: list[str], today: str, expected: list[tuple[str, str, str, str]]) -> None:
    """A quarter's file and its revisions are found in every form of name; each day stays with one release; once added they are not new."""
    for name in put:
        counter.server.put(name, GOOD)
    found = counter.discover(today, days=30)
    assert (found.exit_code, names(found)) == (3, expected)
    assert counter.manifest().entries == (rvu(counter.server),)
    found = counter.discover(today, add=True, days=30)
    assert names(found) == expected
    days = [one.name for day in ("2026-07-01", "2026-08-14", "2026-08-15", "2026-09-30") if (one := counter.manifest().release_for(day))]
    assert len(days) == 4
    whole = [("revision", "RVU26CR", "2026-07-01", "2026-09-30")]
    assert (counter.entry("RVU26C").replaced_by == "RVU26CR") == (expected == whole)
    assert counter.discover(today, add=True, days=30).exit_code == 0


def test_what_is_found_is_said_with_the_next_command(counter: Counter) -> None:
    """Each find is a line with name, address, size and date; below it what to type."""
    url = counter.server.put("rvu26d.zip", GOOD)
    found = counter.discover("2026-09-01", days=20)
    assert found.lines()[:2] == [f"RVU26D: new release, 2026-10-01 to 2026-12-31, {url}, {len(GOOD):,} bytes, 2026-05-01T12:00:00Z", "next: .venv/bin/python build.py fetch --discover --add"]
    assert counter.discover("2026-09-01", days=20, add=True).lines()[1] == "next: .venv/bin/python build.py fetch RVU26D"


def test_a_plain_name_that_leads_to_a_newer_file_is_a_revision(counter: Counter) -> None:
    """CMS lets a plain name lead to the newest copy; the address kept is the one it leads to."""
    counter.knows(rvu(counter.server, file="rvu26c-updated-06-30-2026.zip"))
    url = counter.server.put("rvu26c-updated-08-15-2026.zip", GOOD)
    counter.server.always["HEAD", FOLDER + NAME] = Act("redirect", text=url)
    (find,) = counter.discover("2026-09-01", days=20).finds
    assert (find.what, find.entry.name, find.entry.url) == ("revision", "RVU26CR", url)


def test_a_plain_file_beside_a_dated_one_is_no_revision(counter: Counter) -> None:
    """The first form of a release that is known by its later one came before it."""
    counter.knows(rvu(counter.server, file="rvu26c-updated-06-30-2026.zip"))
    assert counter.discover("2026-09-01", days=20).exit_code == 0


def test_other_kinds_are_looked_for(counter: Counter) -> None:
    """Edits come in parts and in two spellings, ZIP codes by date and for the quarter after it, payment amounts like relative values."""
    base = counter.server.base
    counter.knows(
        *(Entry(f"PTP26Q2-F{part}", "ptp", f"{base}medicare-ncci-2026q2-practitioner-ptp-edits-ccipra-v321r0-f{part}.zip", "2026-04-01", "2026-06-30") for part in (1, 2, 3, 4)),
        Entry("MUE26Q2", "mue", f"{base}medicare-ncci-2026-q2-practitioner-services-mue-table.zip", "2026-04-01", "2026-06-30"),
        Entry("ZIP5-2026-02-18", "zip5", f"{base}zip-code-carrier-locality-file-revised-02-18-2026.zip", "2026-04-01", "2026-06-30"),
        Entry("PFREV26B", "amounts", f"{base}pfrev26b-updated-03-10-2026.zip", "2026-04-01", "2026-06-30"),
    )
    for name in (
        *(f"medicare-ncci-2026-q3-practitioner-ptp-edits-ccipra-v322r0-f{part}.zip" for part in (1, 2, 3, 4)),
        "medicare-ncci-2026-q3-practitioner-services-mue-table.zip",
        "zip-code-carrier-locality-file-updated-05-13-2026.zip",
        "pfrev26c-posted-06-30-2026.zip",
    ):
        counter.server.put(name, b"x")
    assert names(counter.discover("2026-07-05", add=True)) == [
        ("new release", "PFREV26C", "2026-07-01", "2026-09-30"),
        *(("new release", f"PTP26Q3-F{part}", "2026-07-01", "2026-09-30") for part in (1, 2, 3, 4)),
        ("new release", "MUE26Q3", "2026-07-01", "2026-09-30"),
        ("new release", "ZIP5-2026-05-13", "2026-07-01", "2026-09-30"),
    ]
    assert counter.discover("2026-07-05").exit_code == 0


def test_a_file_that_changed_in_its_place_is_found(counter: Counter) -> None:
    """Another size, date or ETag than the one seen tells a silent replacement; the manifest is not touched for it."""
    counter.fetch()
    before = counter.places.manifest.read_bytes()
    for about in ({"data": OTHER[:-1]}, {"modified": "Sat, 02 May 2026 12:00:00 GMT"}):
        counter.server.files[FOLDER + NAME] = replace(File(GOOD), **about)
        found = counter.discover("2026-08-20", days=5, add=True)
        assert (found.exit_code, [one.what for one in found.finds]) == (3, ["changed in place"])
        assert "next: .venv/bin/python build.py fetch RVU26C" in found.lines()
    assert counter.places.manifest.read_bytes() == before
    counter.server.files[FOLDER + NAME] = File(GOOD)
    assert counter.discover("2026-08-20", days=5).exit_code == 0


def test_an_etag_tells_where_there_is_no_date(counter: Counter) -> None:
    """Of a file without a date the ETag that the download had is compared."""
    counter.server.put(NAME, GOOD, modified=None)
    counter.fetch()
    counter.server.put(NAME, GOOD, modified=None, etag='"2"')
    assert [one.what for one in counter.discover("2026-08-20", days=5).finds] == ["changed in place"]


@pytest.mark.parametrize("status", [403, 405, 501])
def test_where_head_is_refused_one_byte_is_asked_for(counter: Counter, status: int) -> None:
    """A server that gives files but answers no HEAD is asked for the first byte, which tells the size too."""
    counter.server.always["HEAD", "*"] = Act("status", status)
    counter.server.put("rvu26d.zip", GOOD)
    (find,) = counter.discover("2026-09-01", days=20).finds
    assert find.seen.size == len(GOOD)
    counter.server.always["GET", FOLDER + "rvu26d.zip"] = Act("ignore range")
    assert counter.discover("2026-09-01", days=20).finds[0].seen.size == len(GOOD)


def test_a_page_is_no_release(counter: Counter) -> None:
    """A server that answers unknown names with a page has nothing new."""
    counter.server.put("rvu26d.zip", b"<html>not found</html>", type="text/html; charset=UTF-8")
    assert counter.discover("2026-09-01", days=20).exit_code == 0


def test_a_server_that_refuses_is_not_asked_on(counter: Counter) -> None:
    """What could not be asked for is named, the exit code is 1, and a machine that is refused gives up soon."""
    for method in ("HEAD", "GET"):
        counter.server.always[method, "*"] = Act("status", 403)
    found = counter.discover("2026-09-01", days=20)
    assert found.exit_code == 1
    assert found.asked == 3
    assert "could not be asked for: is refused to this machine" in str(found.findings.items[0])


def test_without_a_connection_nothing_is_new_or_old(tmp_path: Path) -> None:
    """A search that reaches nobody says so at once, with exit code 1."""
    with running() as server:
        counter = Counter(tmp_path, server)
        counter.knows(rvu(server))
    found = counter.discover("2026-09-01", days=20)
    assert (found.exit_code, found.asked) == (1, 1)


def test_every_dated_name_of_the_project_is_understood() -> None:
    """The date that CMS wrote into a name is read in each of the forms used since 2020."""
    urls = {"rvu20a-updated-01312020": "2020-01-31", "rvu21c-updated-6302021": "2021-06-30", "rvu24ar-posted-04/01/2024": "2024-04-01", "rvu26b-updated-05-01-2026": "2026-05-01", "zip-code-carrier-locality-file-revised-08/14/2025": "2025-08-14"}
    assert {name: str(patterns.date_in(f"http://127.0.0.1:12345/files/zip/{name}.zip")) for name in urls} == urls
    assert not any(patterns.date_in(f"https://x.example/{name}.zip") for name in ("rvu26c", "medicare-ncci-2026q2-practitioner-ptp-edits-ccipra-v321r0-f1", "rvu26c-updated-13-45-2026"))


# ---------------------------------------------------------------------------------------------------------------------
# The command


@pytest.fixture
def command(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> Counter:
    """Let the command line work at a counter instead of the project's folders."""
    (counter.root / "cms").mkdir()
    counter.places.manifest.rename(counter.root / "cms" / "manifest.yml")
    monkeypatch.setattr(paths, "MANIFEST", counter.root / "cms" / "manifest.yml")
    monkeypatch.setattr(paths, "CMS_DATA", counter.root / "cms")
    monkeypatch.setattr(paths, "SNAPSHOTS", counter.places.snapshots)
    monkeypatch.setattr(paths, "DESCRIPTORS", counter.places.descriptors)
    monkeypatch.setenv("MEDPAYIQ_CMS_LICENCE", "accept")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1788220800")  # 2026-09-01
    monkeypatch.setattr(time, "sleep", lambda _: None)
    return counter


def test_the_command_fetches(command: Counter, capsys: pytest.CaptureFixture[str]) -> None:
    """``build.py fetch`` prints the file, the snapshot and the next command, and warnings on standard error."""
    assert cli.main(["fetch", "RVU26C"]) == 0
    out, err = capsys.readouterr()
    assert f"sha256 {sha256(GOOD)}, new" in out
    assert "RVU26C, 2026-07-01 to 2026-09-30: " in out
    assert "next: .venv/bin/python build.py --release rvu26c" in out
    assert "goes with" not in out
    assert "warning" in err


def test_the_command_discovers(command: Counter, capsys: pytest.CaptureFixture[str]) -> None:
    """``--discover`` says by its exit code that something is new."""
    assert cli.main(["fetch", "--discover"]) == 0
    command.server.put("rvu26d.zip", GOOD)
    assert cli.main(["fetch", "--discover", "--add"]) == 3
    assert "RVU26D: new release" in capsys.readouterr().out
    assert cli.main(["fetch", "--discover"]) == 0


@pytest.mark.parametrize("words", [["--discover", "RVU26C"], ["--discover", "--take-changed"], ["--discover", "--no-import"], ["--add"]])
def test_words_that_do_not_go_together_are_refused(command: Counter, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong use ends with exit code 2 and a command that works."""
    assert cli.main(["fetch", *words]) == 2
    assert "try: .venv/bin/python build.py fetch --discover --add" in capsys.readouterr().err
    assert not command.server.asked


def test_the_licence_variable_is_read_from_the_environment(command: Counter, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the variable and a terminal the command ends with exit code 2."""
    monkeypatch.delenv("MEDPAYIQ_CMS_LICENCE")
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert cli.main(["fetch"]) == 2
    assert "there is no terminal to ask on" in capsys.readouterr().err


# ---------------------------------------------------------------------------------------------------------------------
# Small parts


def test_a_web_closes_what_it_opened(counter: Counter) -> None:
    """Answers that are not read to the end leave no open socket (the test run fails on one)."""
    with Web(QUICK) as web, web.ask("GET", counter.server.base + NAME) as response:
        assert response.status == 200


def test_a_zip_with_lies_about_its_size_is_not_unpacked_endlessly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What really comes out of a zip is counted."""
    monkeypatch.setattr(verifying, "MAX_FILE", 1_000)
    path = tmp_path / "x.zip"
    path.write_bytes(mini.zipped({"PPRRVU2026_Jul_nonQPP.csv": bytes(5_000)}))
    assert "unpacks to more than" in (verifying.problem(path, path.name, "rvu") or "")


def test_records_hold_what_the_server_said(counter: Counter) -> None:
    """Beside a file stands where it came from and the marks by which the server knows it again."""
    counter.fetch()
    record = json.loads((counter.places.downloads / f"{NAME}.json").read_bytes())
    assert record == {"url": counter.server.base + NAME, "sha256": sha256(GOOD), "size": len(GOOD), "etag": '"1"', "modified": "Fri, 01 May 2026 12:00:00 GMT"}
    assert fetch.LATEST == "latest"
    assert ACCEPTED == {licence.VARIABLE: "accept"}
