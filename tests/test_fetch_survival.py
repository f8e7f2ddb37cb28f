"""Whatever ends a fetch, or comes between: files that were here are here, and the next run makes it whole."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cms_files as mini
import cms_server
import pytest
from cms_server import FOLDER, Act, CmsServer, Counter, File, release, running, rvu
from importing import Desk, tree
from machine import ROOT

from medpayiq.archive import pulling, pushing
from medpayiq.archive.stores import FolderStore
from medpayiq.cms import holding, manifest, snapshot
from medpayiq.cms.manifest import Entry, Manifest
from medpayiq.fetching.download import Part
from medpayiq.fetching.fetch import Fetched
from medpayiq.findings import Failed

GOOD = release(filler=200_000)
OTHER = release(work="4.00", filler=200_000, seed=2)
NAME = "rvu26c.zip"


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
    """Return a place to fetch at whose manifest knows RVU26C, which the server has."""
    made = Counter(tmp_path, server)
    server.put(NAME, GOOD)
    made.knows(rvu(server))
    return made


def said(done: Fetched) -> str:
    """Return everything that was said."""
    return "\n".join(map(str, done.findings.items))


def program(text: str, counter: Counter, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a program that fetches at a counter in a process of its own."""
    head = "import os, shutil, signal, sys\nfrom pathlib import Path\nsys.path[:0] = sys.argv[2:4]\nfrom cms_server import Counter\nfrom medpayiq.fetching import fetch\ncounter = Counter(Path(sys.argv[1]), None)\n"
    command = [sys.executable, "-c", head + text, str(counter.root), str(ROOT / "tests"), str(ROOT), *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, env=os.environ | environ, check=False)


# ---------------------------------------------------------------------------------------------------------------------
# Ended half-way

# A process without threads forks one child for every step of a fetch. It goes back to the same start each time.
_KILLED_ANYWHERE = """
GOOD, OTHER = (Path(sys.argv[1], name).read_bytes() for name in ("good", "other"))
start, root, step = counter.root / "start", counter.root, 0
folders = ("manifest.yml", "downloads", "snapshots", "descriptors")

def watch(event, arguments):
    global left
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
    if writes or event in {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link"}:
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

while True:
    step += 1
    for name in folders:
        shutil.rmtree(root / name, ignore_errors=True) if (root / name).is_dir() else (root / name).unlink(missing_ok=True)
        if (start / name).is_dir():
            shutil.copytree(start / name, root / name)
        elif (start / name).exists():
            shutil.copy2(start / name, root / name)
    child = os.fork()
    if child == 0:
        left = step
        sys.addaudithook(watch)
        sys.stderr = open(os.devnull, "w")
        counter.fetch(take_changed=True)
        os._exit(0)
    killed = os.waitpid(child, 0)[1] != 0
    whole = {path.name: path.read_bytes() for path in counter.places.downloads.glob("[!.]*.zip")}
    assert {*whole.values()} <= {GOOD, OTHER}, step
    if (start / "downloads").exists():
        assert GOOD in whole.values(), f"step {step}: the file of before is lost"
    done = counter.fetch(take_changed=True)
    assert done.exit_code == 0, (step, list(map(str, done.findings.items)))
    assert (counter.places.downloads / "rvu26c.zip").read_bytes() == OTHER, step
    assert counter.entry().size == len(OTHER), step
    assert not counter.parts(), step
    assert [path.name for path in counter.places.snapshots.iterdir()] == ["rvu26c"], step
    assert [one.work for one in done.imported[0].snapshot.services if (one.code, one.modifier) == ("45378", "")] == [400], step
    if not killed:
        break
print(step)
"""


@pytest.mark.parametrize("before", [False, True], ids=["first", "with an older file"])
def test_a_fetch_killed_at_any_step_is_made_whole_by_the_next(counter: Counter, before: bool) -> None:
    """Killed before any one of its changes to the disk, a fetch leaves whole files alone under their names, the older one among them."""
    if before:
        counter.fetch()
        (counter.root / "start").mkdir()
        for name in ("downloads", "snapshots", "descriptors"):
            (counter.root / name).rename(counter.root / "start" / name)
    (counter.root / "start").mkdir(exist_ok=True)
    counter.places.manifest.rename(counter.root / "start" / "manifest.yml")
    (counter.root / "good").write_bytes(GOOD)
    (counter.root / "other").write_bytes(OTHER)
    counter.server.put(NAME, OTHER, etag='"2"')
    done = program(_KILLED_ANYWHERE, counter)
    assert done.returncode == 0, done.stderr[-2_000:]
    assert int(done.stdout) > 20, "the child was hardly ever killed"


@pytest.mark.parametrize("limit", [150, 1_000, 100_000, len(GOOD) - 1])
def test_a_disk_that_is_full_ends_in_a_message_and_the_next_run_goes_on(counter: Counter, limit: int) -> None:
    """Where no file may grow beyond some bytes, the fetch says so with exit code 2, at whatever file it meets; later it goes on."""
    text = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), resource.RLIM_INFINITY))\ntry:\n    counter.fetch()\nexcept fetch.Failed as failed:\n    print(failed.exit_code, failed)\n"
    done = program(text, counter, str(limit))
    assert done.stdout.startswith("2 "), done.stderr[-2_000:]
    assert "File too large\n  try: make room" in done.stdout
    assert counter.files() == []
    after = counter.fetch()
    assert after.exit_code == 0
    assert (counter.places.downloads / NAME).read_bytes() == GOOD
    assert not counter.parts()


@pytest.mark.parametrize("at", ["downloads", "snapshots"])
def test_a_folder_that_cannot_be_made_is_told(counter: Counter, at: str) -> None:
    """Where a file lies in the place of a folder, the message names it, with exit code 2; so for a search for what is new."""
    (counter.root / at).write_text("in the way", encoding="utf-8")
    runs = [counter.fetch] if at == "snapshots" else [counter.fetch, lambda: counter.discover("2026-08-01")]
    for run in runs:
        with pytest.raises(Failed, match=f"{at}.*: error: ") as caught:
            run()
        assert caught.value.exit_code == 2


@pytest.mark.parametrize("about", ["[]", "{", '{"url": "URL", "etag": "1", "modified": null, "total": "many"}', '{"url": "URL", "etag": 1, "modified": null, "total": [5]}'])
def test_a_part_whose_description_is_damaged_begins_anew(counter: Counter, about: str) -> None:
    """What is beside a half file is not trusted."""
    part = Part(counter.places.downloads / NAME)
    counter.places.downloads.mkdir()
    part.path.write_bytes(b"x" * 500)
    part.path.with_name(f"{part.path.name}.json").write_text(about.replace("URL", counter.server.base + NAME), encoding="utf-8")
    assert counter.fetch().exit_code == 0
    assert (counter.places.downloads / NAME).read_bytes() == GOOD


# ---------------------------------------------------------------------------------------------------------------------
# What comes between


def test_what_somebody_writes_into_the_manifest_meanwhile_stays(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry that was added while a large file came is still there afterwards, beside what was seen of the file."""
    added = rvu(counter.server, "RVU26D", "d.zip", "2026-10-01", "2026-12-31")
    move = Part.move

    def slow(self: Part, target: Path) -> None:
        counter.knows(*counter.manifest().entries, added)
        move(self, target)

    monkeypatch.setattr(Part, "move", slow)
    assert counter.fetch().exit_code == 0
    assert counter.entry("RVU26D") == added
    assert counter.entry().size == len(GOOD)


def test_an_address_that_changed_meanwhile_is_not_pinned(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """A digest is written only beside the address it was seen at."""
    moved = rvu(counter.server, file="rvu26c-updated-07-31-2026.zip")
    move = Part.move

    def slow(self: Part, target: Path) -> None:
        counter.knows(moved)
        move(self, target)

    monkeypatch.setattr(Part, "move", slow)
    counter.fetch()
    assert counter.entry() == moved


def test_a_release_that_moved_is_fetched_from_its_new_address(counter: Counter) -> None:
    """When an entry is given another address, the file of the old one is not taken for it, and stays, under either kind of name."""
    counter.fetch()
    for file in (None, NAME):
        counter.server.put("rvu26c-updated-07-31-2026.zip", OTHER, etag='"2"')
        counter.knows(rvu(counter.server, file="rvu26c-updated-07-31-2026.zip") if file is None else Entry("RVU26C", "rvu", counter.server.base + "rvu26c-updated-07-31-2026.zip", "2026-07-01", "2026-09-30", file=file))
        done = counter.fetch()
        assert done.exit_code == 0
        assert done.files[0].path.read_bytes() == OTHER
        assert GOOD in {path.read_bytes() for path in counter.places.downloads.glob("*.zip")}


def test_the_file_of_an_old_address_does_not_stand_in_for_one_that_is_gone(counter: Counter) -> None:
    """Where the new address gives nothing, the file of the old one is not imported in its place."""
    counter.fetch()
    counter.knows(Entry("RVU26C", "rvu", counter.server.base + "gone.zip", "2026-07-01", "2026-09-30", file=NAME))
    done = counter.fetch()
    assert (done.exit_code, done.imported) == (1, [])
    assert (counter.places.downloads / NAME).read_bytes() == GOOD


def test_one_at_a_time_in_a_folder_of_snapshots(counter: Counter, desk: Desk) -> None:
    """While somebody imports or restores, an import, a fetch, a pull and a push are refused at once; what was downloaded is kept."""
    store = FolderStore(counter.root / "bucket")
    store.path.mkdir()
    counter.fetch()
    pushing.push(store, counter.places.snapshots, [], lambda _: None)
    before = tree(counter.places.snapshots)
    folder = desk.put(mini.release())
    runs = (
        counter.fetch,
        lambda: pulling.pull(store, counter.places.snapshots, [], lambda _: None, or_fetch=True),
        lambda: pushing.push(store, counter.places.snapshots, [], lambda _: None),
        lambda: replace(desk, root=counter.root / "desk").run(folder),
    )
    (counter.root / "desk" / "out").mkdir(parents=True)
    (counter.root / "desk" / "out" / "snapshots").symlink_to(counter.places.snapshots)
    with holding.hold(counter.places.snapshots):
        for run in runs:
            with pytest.raises(Failed, match="another import, fetch, pull or push is at work there\n  try: again when it has ended") as caught:
                run()
            assert caught.value.exit_code == 2
    assert tree(counter.places.snapshots) == before
    assert counter.fetch().imported[0].unchanged
    with holding.hold(counter.places.snapshots, to_read=True):
        assert pushing.push(store, counter.places.snapshots, [], lambda _: None).counts == {"already there": 1}


def test_a_killed_holder_holds_nothing(counter: Counter) -> None:
    """The hold on a folder of snapshots ends with the process, however that ends."""
    text = "from medpayiq.cms.holding import hold\nwith hold(counter.places.snapshots):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    assert program(text, counter).returncode == -9
    assert counter.fetch().exit_code == 0


def test_a_file_system_that_cannot_lock_folders_is_worked_in(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """On NFS a folder cannot be locked: an import goes on as it did before there was a lock."""

    def refuse(*_: object) -> None:
        raise OSError(9, "Bad file descriptor")

    with monkeypatch.context() as patch:
        patch.setattr(holding.fcntl, "flock", refuse)
        with holding.hold(counter.places.snapshots):
            assert counter.places.snapshots.is_dir()


# ---------------------------------------------------------------------------------------------------------------------
# Servers and proxies of other kinds


def headed(monkeypatch: pytest.MonkeyPatch, **headers: str) -> None:
    """Let the server add headers to every answer."""
    plain = cms_server._Handler.end_headers

    def more(self: cms_server._Handler) -> None:
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        plain(self)

    monkeypatch.setattr(cms_server._Handler, "end_headers", more)


@pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("GZIP", gzip.compress), ("deflate", zlib.compress)])
@pytest.mark.parametrize("acts", [[], [Act("truncate", 50_000)], [Act("no length")]], ids=["whole", "broken off", "no length"])
def test_a_file_that_is_packed_on_its_way_is_unpacked(counter: Counter, monkeypatch: pytest.MonkeyPatch, coding: str, pack: object, acts: list[Act]) -> None:
    """What a server or proxy packs though we did not ask for it is kept as CMS published it; its beginning is never gone on with."""
    headed(monkeypatch, Content_Encoding=coding)
    counter.server.put(NAME, pack(GOOD))
    counter.server.next(NAME, *acts)
    done = counter.fetch()
    assert done.exit_code == 0, said(done)
    assert (counter.places.downloads / NAME).read_bytes() == GOOD
    assert counter.entry().size == len(GOOD)
    assert all("Range" not in one.headers for one in counter.server.asked)
    assert [one.state for one in counter.fetch().files] == ["unchanged"]


def test_a_rest_that_comes_packed_is_not_joined(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part that began plain is not gone on with in packed bytes."""
    counter.server.next(NAME, Act("truncate", 50_000), Act("status", 404))
    counter.fetch()
    assert counter.parts()
    headed(monkeypatch, Content_Encoding="gzip")
    counter.server.next(NAME, Act("serve"), Act("become", file=File(gzip.compress(GOOD), etag='"2"')))
    assert counter.fetch().exit_code == 0
    assert (counter.places.downloads / NAME).read_bytes() == GOOD


def test_a_packing_that_is_not_known_is_refused(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that cannot be unpacked are not kept, and the message says how to go on."""
    headed(monkeypatch, Content_Encoding="br")
    done = counter.fetch()
    assert "comes packed (br), which was not asked for\n  try: download it in a browser" in said(done)
    assert (done.exit_code, counter.files(), counter.parts()) == (1, [], [])


@pytest.mark.parametrize("target", ["http://[::1", "https://[x]/a.zip", "http://127.0.0.1:99999/x", "https://user:word@127.0.0.1/x"])
def test_a_redirect_to_what_is_no_address_is_refused(counter: Counter, target: str) -> None:
    """Whatever stands in a redirect ends in a message, never a traceback."""
    counter.server.next(NAME, Act("redirect", text=target))
    done = counter.fetch()
    assert done.exit_code == 1
    assert "leads to" in said(done)


@pytest.mark.parametrize("length", ["99999999999999", "9" * 30, "-5", "many", "5, 6"])
def test_a_length_that_cannot_be_is_refused(counter: Counter, monkeypatch: pytest.MonkeyPatch, length: str) -> None:
    """A length beyond the limit is refused before anything is written; one that is no number never yields a half file."""
    headed(monkeypatch, Content_Length=length)
    counter.server.always["GET", FOLDER + NAME] = Act("no length")
    done = counter.fetch()
    assert counter.files() == ([NAME] if done.exit_code == 0 else [])
    assert done.exit_code == (0 if length in {"-5", "many"} else 1), said(done)
    if length == "99999999999999":
        assert "is 99,999,999,999,999 bytes; the limit is" in said(done)
        assert not counter.parts()


def test_a_proxy_that_dies_leaves_a_part_that_is_gone_on_with(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the proxy ends in the middle of a file, the message names it; through another one the rest alone is asked for."""
    with running() as proxy:
        proxy.files[FOLDER + NAME] = File(GOOD)
        proxy.next(NAME, Act("reset", 120_000), *[Act("reset", 0)] * 40)
        monkeypatch.setenv("http_proxy", proxy.root)
        done = counter.fetch()
    assert done.exit_code == 1
    assert "the proxy does not let us through" in said(done) or "of it are kept" in said(done)
    assert counter.parts()
    assert "the proxy does not let us through" in said(counter.fetch())
    here = Part(counter.places.downloads / NAME).path.stat().st_size
    with running() as proxy:
        proxy.files[FOLDER + NAME] = File(GOOD)
        monkeypatch.setenv("http_proxy", proxy.root)
        assert counter.fetch().exit_code == 0
        assert proxy.asked[0].headers["Range"] == f"bytes={here}-"
    assert not counter.server.asked


# ---------------------------------------------------------------------------------------------------------------------
# Files that are of another release


def table(month: str = "Jan", year: str = "2026", **named: bytes) -> bytes:
    """Return the zip of a release of a month of a year."""
    title = f"{year} National Physician Fee Schedule Relative Value File January Release"
    return mini.zipped({f"PPRRVU{year}_{month}_nonQPP.csv": mini.pprrvu_csv(mini.services(), title=title), mini.GPCI: mini.gpci_csv(), **named})


def test_a_file_of_another_year_is_refused(counter: Counter) -> None:
    """The address of RVU27A that gives the file of January 2026 is not imported under either name."""
    counter.knows(rvu(counter.server, "RVU27A", "rvu27a.zip", "2027-01-01", "2027-03-31"))
    counter.server.put("rvu27a.zip", table())
    done = counter.fetch()
    assert done.exit_code == 1
    assert "is of RVU26A, not of RVU27A" in said(done)
    assert tree(counter.places.snapshots) == {}


def test_a_year_without_conversion_factors_says_which_file_lacks_them(counter: Counter) -> None:
    """A release of a year that rules/ does not know yet is refused with what to add, and other names are fetched."""
    title = "2039 National Physician Fee Schedule Relative Value File January Release"
    files = {"PPRRVU2039_Jan_nonQPP.csv": mini.pprrvu_csv(mini.services(), title=title), "GPCI2039.csv": mini.gpci_csv(year=2039)}
    counter.server.put("rvu39a.zip", mini.zipped(files))
    counter.knows(rvu(counter.server, "RVU39A", "rvu39a.zip", "2039-01-01", "2039-03-31"), rvu(counter.server))
    done = counter.fetch("RVU39A", "RVU26C")
    assert done.exit_code == 1
    assert "rules/conversion-factors.yml: error: no conversion factor for 2039-01-01" in said(done)
    assert [one.snapshot.meta.release for one in done.imported] == ["RVU26C"]


def test_a_correction_whose_zip_is_named_like_the_first_file(counter: Counter) -> None:
    """CMS's RVU24AR holds files that are named like RVU24A's: it is imported under its own name and days beside the first one."""
    counter.server.put("a.zip", release("Jan"), etag='"a"')
    counter.server.put("ar.zip", release("Jan", work="4.00"), etag='"ar"')
    counter.knows(rvu(counter.server, "RVU26A", "a.zip", "2026-01-01", "2026-03-08"), rvu(counter.server, "RVU26AR", "ar.zip", "2026-03-09", "2026-03-31"))
    done = counter.fetch("RVU26A", "RVU26AR")
    assert done.exit_code == 0, said(done)
    metas = [snapshot.read(path).meta for path in sorted(counter.places.snapshots.iterdir())]
    assert [(one.release, one.effective_from, one.effective_to) for one in metas] == [("RVU26A", "2026-01-01", "2026-03-08"), ("RVU26AR", "2026-03-09", "2026-03-31")]


# ---------------------------------------------------------------------------------------------------------------------
# What is new, seen twice


def found(counter: Counter, today: str, **options: bool) -> list[tuple[str, str, str]]:
    """Look for what is new; return names and first days."""
    return [(one.entry.name, one.entry.effective_from, one.entry.url or "") for one in counter.discover(today, days=30, **options).finds]


@pytest.mark.parametrize(
    "others",
    [("rvu26c-updated-08/15/2026.zip",), ("rvu26c-posted-08-15-2026.zip",), ("rvu26cr.zip",), ("rvu26cr.zip", "rvu26cr-posted-08-15-2026.zip", "rvu26c-updated-08/15/2026.zip")],
)
def test_a_revision_under_two_names_is_one(counter: Counter, others: tuple[str, ...]) -> None:
    """The same file under several of CMS's forms of a name is one revision, from the day that one of them tells; later it is known."""
    for name in ("rvu26c-updated-08-15-2026.zip", *others):
        counter.server.put(name, OTHER, etag=f'"{name}"', modified="Sat, 15 Aug 2026 12:00:00 GMT")
    (one,) = found(counter, "2026-09-01", add=True)
    assert one[:2] == ("RVU26CR", "2026-08-15")
    counter.fetch("RVU26CR")
    assert found(counter, "2026-09-01") == []
    counter.server.put("rvu26cr.zip", OTHER, etag='"late"', modified="Sat, 15 Aug 2026 12:00:00 GMT")
    assert found(counter, "2026-09-01", add=True) == []
    assert counter.entry("RVU26CR").replaced_by is None


def test_two_files_of_one_day_are_two_revisions(counter: Counter) -> None:
    """Files that differ are kept apart though their names tell one day; one of them answers for each day."""
    counter.server.put("rvu26c-updated-08-15-2026.zip", OTHER)
    counter.server.put("rvu26c-posted-08-15-2026.zip", GOOD, modified="Sat, 15 Aug 2026 12:00:00 GMT")
    assert [one[0] for one in found(counter, "2026-09-01", add=True)] == ["RVU26CR", "RVU26CR2"]
    assert {one.name for day in ("2026-08-14", "2026-08-15", "2026-09-30") if (one := counter.manifest().release_for(day))} == {"RVU26C", "RVU26CR2"}


def test_a_server_that_has_every_name_has_nothing_new(counter: Counter) -> None:
    """Where any name is answered with a file, none is believed: the manifest stays, and the exit code is 1."""
    counter.server.always["HEAD", "*"] = Act("any", file=File(b"x" * 100))
    before = counter.places.manifest.read_bytes()
    done = counter.discover("2026-09-01", days=30, add=True)
    assert (done.exit_code, done.finds) == (1, [])
    assert "the server answers to any name" in str(done.findings.items[0])
    assert counter.places.manifest.read_bytes() == before


def test_an_empty_file_is_not_new(counter: Counter) -> None:
    """A name under which there is no byte yet is not there."""
    counter.server.put("rvu26d.zip", b"")
    assert found(counter, "2026-09-01") == []


def test_today_may_lie_before_the_newest_release(counter: Counter) -> None:
    """In the quarter before the newest known one a revision of the one in force is found, and no day is asked for that is to come."""
    counter.knows(rvu(counter.server), rvu(counter.server, "RVU27A", "rvu27a.zip", "2027-01-01", "2027-03-31"))
    counter.server.put("rvu26c-updated-08-15-2026.zip", OTHER)
    assert [one[0] for one in found(counter, "2026-09-01")] == ["RVU26CR"]
    assert not [one for one in counter.server.asked if "rvu27a-" in one.target]
    counter.server.asked.clear()
    assert found(counter, "2019-01-01") == []


def test_a_name_for_the_days_between_two_years(counter: Counter) -> None:
    """In December the next year's first quarter is asked for by every kind, with NCCI's next count of versions."""
    base = counter.server.base
    counter.knows(rvu(counter.server, "RVU26D", "rvu26d.zip", "2026-10-01", "2026-12-31"), Entry("PTP26Q4-F1", "ptp", f"{base}p.zip", "2026-10-01", "2026-12-31"))
    counter.server.put("rvu27a-updated-12-20-2026.zip", OTHER)
    counter.server.put("medicare-ncci-2027q1-practitioner-ptp-edits-ccipra-v330r0-f1.zip", OTHER)
    assert [one[:2] for one in found(counter, "2026-12-28", add=True)] == [("RVU27A", "2027-01-01"), ("PTP27Q1-F1", "2027-01-01")]
    assert counter.entry("RVU26D").effective_to == "2026-12-31"


def test_a_packed_answer_does_not_look_like_a_changed_file(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that packs the file, and so states another length and a weak mark, has not changed it."""
    counter.server.put(NAME, GOOD, modified=None)
    counter.fetch()
    counter.server.put(NAME, gzip.compress(GOOD)[:-1], modified=None, etag='W/"1"')
    headed(monkeypatch, Content_Encoding="gzip")
    assert found(counter, "2026-08-20") == []


def test_releases_that_replace_each_other_in_a_ring_are_refused(tmp_path: Path) -> None:
    """A manifest in which the replacements lead back to where they began would answer for no day of them."""
    names = ("RVU26C", "RVU26CR", "RVU26CR2")
    ring = [Entry(name, "rvu", f"https://cms.example/{name}.zip", "2026-07-01", "2026-09-30", replaced_by=by) for name, by in zip(names, names[1:] + names[:1], strict=True)]
    findings = manifest.Findings()
    manifest.write(tmp_path / "m.yml", Manifest("https://cms.example/", tuple(ring)))
    assert manifest.read(tmp_path / "m.yml", findings) is None
    assert sum("would be replaced by itself in the end" in one.message for one in findings.items) == 3
    chain = [replace(ring[0], replaced_by="RVU26CR"), replace(ring[1], replaced_by="RVU26CR2"), replace(ring[2], replaced_by=None)]
    manifest.write(tmp_path / "m.yml", Manifest("https://cms.example/", tuple(chain)))
    assert manifest.read(tmp_path / "m.yml", manifest.Findings()) is not None
