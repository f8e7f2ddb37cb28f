"""An archive keeps every snapshot, gives back what is whole and nothing else, and says what is not."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import cms_files as mini
import pytest
from built import IN_PERIOD
from hypothesis import given, settings
from hypothesis import strategies as st
from importing import Desk, tree
from machine import lacking

from medpayiq import building, cli, paths
from medpayiq.archive import index, packing, pulling, pushing
from medpayiq.archive.github import GhStore
from medpayiq.archive.index import Asset, Entry, Refused
from medpayiq.archive.keeping import Done, store_of
from medpayiq.archive.stores import FolderStore, Store
from medpayiq.cms import snapshot
from medpayiq.cms.importer import Imported
from medpayiq.fetching import fetch, licence
from medpayiq.findings import Failed, Findings

RELEASES = ("rvu26a", "rvu26b", "rvu26c")
DATES = {"rvu26a": ("2026-01-01", "2026-03-31"), "rvu26b": ("2026-04-01", "2026-06-30"), "rvu26c": ("2026-07-01", "2026-09-30")}


def relabelled(source: Path, folder: Path) -> None:
    """Copy a snapshot as that of another quarter: its own name and dates, the same tables."""
    shutil.copytree(source, folder)
    said = json.loads((folder / "snapshot.json").read_text(encoding="utf-8"))
    said["release"] = folder.name.upper()
    said["effective_from"], said["effective_to"] = DATES[folder.name]
    (folder / "snapshot.json").write_text(json.dumps(said, indent=1, sort_keys=True) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the snapshots of three quarters; copy it before writing to it."""
    desk = Desk(tmp_path_factory.mktemp("three"))
    made = desk.run(desk.put(mini.release())).snapshot.folder
    for name in RELEASES[:2]:
        relabelled(made, desk.snapshots / name)
    return desk.snapshots


@dataclass
class Place:
    """A machine with snapshots, and an archive in a folder that other machines share."""

    root: Path
    said: list[str] = field(default_factory=list)

    @property
    def snapshots(self) -> Path:
        """The snapshots of the first machine."""
        return self.root / "snapshots"

    @property
    def other(self) -> Path:
        """The snapshots of a second machine, which starts empty."""
        return self.root / "other"

    @property
    def bucket(self) -> Path:
        """The shared folder."""
        return self.root / "bucket"

    @property
    def store(self) -> FolderStore:
        """The archive in it."""
        return FolderStore(self.bucket)

    def push(self, *only: str, store: Store | None = None, snapshots: Path | None = None) -> Done:
        """Push from the first machine, or from another."""
        self.said.clear()
        return pushing.push(store or self.store, snapshots or self.snapshots, list(only), self.said.append)

    def pull(self, *only: str, store: Store | None = None, or_fetch: bool = False) -> Done:
        """Pull on the second machine."""
        self.said.clear()
        return pulling.pull(store or self.store, self.other, list(only), self.said.append, or_fetch=or_fetch)

    def asset(self, release: str) -> Path:
        """Return the only asset of a release."""
        (found,) = self.bucket.glob(f"snapshot-{release}-*.tar")
        return found

    def states(self) -> dict[str, str]:
        """Return what was said of each release, by its first words."""
        return {line.partition(": ")[0].lower(): line.partition(": ")[2] for line in self.said}

    def reimport(self, release: str) -> None:
        """Give a release of the first machine another content, as a new import of changed files does."""
        folder = self.snapshots / release
        said = json.loads((folder / "snapshot.json").read_text(encoding="utf-8"))
        said["warnings"] = [*said["warnings"], "imported again"]
        (folder / "snapshot.json").write_text(json.dumps(said, indent=1, sort_keys=True) + "\n", encoding="utf-8")


@pytest.fixture
def place(tmp_path: Path, three: Path) -> Place:
    """Return a machine with three releases, an empty archive and an empty second machine."""
    made = Place(tmp_path)
    shutil.copytree(three, made.snapshots)
    made.bucket.mkdir()
    return made


def flipped(path: Path, at: int = -1) -> None:
    """Change one bit of a file."""
    data = bytearray(path.read_bytes())
    data[at if at >= 0 else len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def spoil_table(folder: Path) -> None:
    """Change a table of a snapshot on the disk."""
    table = folder / "services.tsv.gz"
    table.write_bytes(gzip.compress(gzip.decompress(table.read_bytes()).replace(b"\t50\t", b"\t51\t", 1), mtime=0))


# ---------------------------------------------------------------------------------------------------------------------
# There and back


def test_what_is_pushed_is_pulled_byte_for_byte(place: Place) -> None:
    """A machine that starts empty has, after a pull, every file of every snapshot as it was pushed, and no other file."""
    assert place.push().good
    assert place.states().keys() == set(RELEASES)
    assert all(words.startswith("stored as snapshot-") for words in place.states().values())
    done = place.pull()
    assert done.good
    assert done.counts == {"restored": 3}
    assert not done.findings.items
    assert [line.partition(":")[0] for line in place.said] == ["RVU26C", "RVU26B", "RVU26A"], "the newest comes first"
    assert tree(place.other) == tree(place.snapshots)


def test_same_snapshots_give_the_same_archive(place: Place, three: Path, tmp_path: Path) -> None:
    """Two machines that push the same snapshots write the same bytes, whatever the clock and the rights on their disks."""
    place.push()
    copied = tmp_path / "copied"
    shutil.copytree(three, copied)
    for path in copied.rglob("*.gz"):
        path.chmod(0o600)
        os.utime(path, (1, 1))
    second = tmp_path / "second"
    second.mkdir()
    place.push(store=FolderStore(second), snapshots=copied)
    assert tree(second) == tree(place.bucket)


def test_an_asset_holds_plain_files_and_nothing_of_this_machine(place: Place) -> None:
    """In an asset lie the files that snapshot.json states, in order, of nobody, of no time; CMS's texts are not among them."""
    (place.root / "descriptors").mkdir()
    (place.root / "descriptors" / "rvu26c.tsv").write_text("00100\tInvented text\n", encoding="utf-8")
    (place.snapshots / "rvu26c" / "notes.txt").write_text("Invented text", encoding="utf-8")
    done = place.push()
    with tarfile.open(place.asset("rvu26c"), "r:") as tar:
        members = tar.getmembers()
    names = [one.name for one in members]
    assert names == sorted(names)
    assert set(names) == {f"rvu26c/{name}" for name in tree(place.snapshots / "rvu26c") if name != "notes.txt"}
    assert {(one.mtime, one.uid, one.gid, one.uname, one.gname, one.mode, one.type, one.pax_headers == {}) for one in members} == {(0, 0, 0, "", "", 0o644, tarfile.REGTYPE, True)}
    assert b"Invented text" not in b"".join(tree(place.bucket).values())
    assert [str(one) for one in done.findings.items] == [f"{place.snapshots}/rvu26c/notes.txt: note: is no table that snapshot.json states, so it is not stored"]


def test_tables_in_a_sub_folder_come_along(place: Place) -> None:
    """A table that snapshot.json states as lying in a folder of the snapshot is packed, verified and restored there."""
    folder = place.snapshots / "rvu26c"
    (folder / "ncci").mkdir()
    text = b"code\tother\n00100\t99213\n"
    (folder / "ncci" / "edits.tsv.gz").write_bytes(gzip.compress(text, mtime=0))
    said = json.loads((folder / "snapshot.json").read_text(encoding="utf-8"))
    said["tables"]["ncci/edits"] = {"rows": 1, "sha256": hashlib.sha256(text).hexdigest()}
    (folder / "snapshot.json").write_text(json.dumps(said, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    assert place.push().good
    assert place.pull().good
    assert tree(place.other) == tree(place.snapshots)
    (folder / "ncci" / "edits.tsv.gz").unlink()
    assert not place.push().good


def test_a_second_push_and_a_second_pull_change_nothing(place: Place) -> None:
    """Where everything is there already, no byte of the archive or of the machine changes."""
    place.push()
    place.pull()
    archive, machine = tree(place.bucket), tree(place.other)
    assert place.push().counts == {"already there": 3}
    assert place.pull().counts == {"already there": 3}
    assert tree(place.bucket) == archive
    assert tree(place.other) == machine


def test_only_the_releases_asked_for(place: Place) -> None:
    """``--only`` limits both ways, in either spelling; a release that is not there is named with what fetches it."""
    assert place.push("RVU26A", "rvu26c").counts == {"stored": 2}
    done = place.pull("rvu26a", "RVU26B")
    assert done.counts == {"restored": 1}
    assert [path.name for path in sorted(place.other.glob("rvu*"))] == ["rvu26a"]
    assert [str(one) for one in done.findings.items] == [f"{place.bucket}: warning: does not hold RVU26B\n  try: .venv/bin/python build.py fetch RVU26B"]
    assert done.good
    assert not place.pull("rvu26b").good
    with pytest.raises(Failed, match="holds no snapshot of RVU24A") as caught:
        place.push("RVU24A")
    assert caught.value.exit_code == 2


def test_the_real_release_takes_less_than_a_megabyte(imported: Imported, tmp_path: Path) -> None:
    """RVU26C with ZIP codes and categories is stored without a warning, below 1,000,000 bytes, and comes back whole."""
    place = Place(tmp_path)
    place.bucket.mkdir()
    done = place.push(snapshots=imported.snapshot.folder.parent)
    assert done.good
    assert not done.findings.items
    assert 300_000 < place.asset("rvu26c").stat().st_size < 1_000_000
    assert place.pull().good
    assert tree(place.other / "rvu26c") == tree(imported.snapshot.folder)


def test_real_releases_of_history_take_less_than_a_megabyte(snapshots_of_history: dict[str, Imported], tmp_path: Path) -> None:
    """Every older release held in ../shared stays below 1,000,000 bytes as well, its edits aside."""
    place = Place(tmp_path)
    place.bucket.mkdir()
    done = place.push(snapshots=next(iter(snapshots_of_history.values())).snapshot.folder.parent)
    assert done.counts == {"stored": len(snapshots_of_history)}
    edits = {name: sum((one.snapshot.folder / f"{table}.tsv.gz").stat().st_size for table in one.snapshot.meta.editions) for name, one in snapshots_of_history.items()}
    assert max(path.stat().st_size - sum(size for name, size in edits.items() if name.upper() in path.name.upper()) for path in place.bucket.glob("*.tar")) < 1_000_000


def test_a_large_release_is_stored_with_a_warning(place: Place) -> None:
    """A release whose tables are not compressed and take more than 1,000,000 bytes is stored, and the warning says why."""
    folder = place.snapshots / "rvu26c"
    text = gzip.decompress((folder / "hcpcs_text.tsv.gz").read_bytes()) + b"".join(b"A%04d\tInvented text of some length\n" % number for number in range(30_000))
    (folder / "hcpcs_text.tsv.gz").unlink()
    (folder / "hcpcs_text.tsv").write_bytes(text)
    said = json.loads((folder / "snapshot.json").read_text(encoding="utf-8"))
    said["tables"]["hcpcs_text"]["sha256"] = hashlib.sha256(text).hexdigest()
    (folder / "snapshot.json").write_text(json.dumps(said), encoding="utf-8")
    done = place.push()
    assert done.good
    assert len(done.findings.items) == 1
    assert "more than the 1,000,000 meant for a release without edits\n  try: import the release again" in str(done.findings.items[0])


def test_the_site_from_a_restored_snapshot_is_the_same(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A site built from what was restored into an empty folder is byte for byte the one built before."""
    # A release that is not the newest may lack codes that content speaks of.
    desk.run(desk.put(mini.release()), effective_to="2026-09-29")
    place = Place(tmp_path)
    place.bucket.mkdir()
    place.push(snapshots=desk.snapshots)
    place.pull()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", IN_PERIOD)
    for name, snapshots in (("before", desk.snapshots), ("after", place.other)):
        building.build(building.Options("rvu26c", tmp_path / name / "site", search=False, jobs=1, snapshots=snapshots))
    before, after = tree(tmp_path / "before" / "site"), tree(tmp_path / "after" / "site")
    assert len(before) > 20
    assert after == before


# ---------------------------------------------------------------------------------------------------------------------
# What is damaged or different


def test_a_damaged_snapshot_is_not_pushed(place: Place) -> None:
    """A snapshot with a changed table, or without its description, is named and left out; the others are stored."""
    spoil_table(place.snapshots / "rvu26b")
    (place.snapshots / "rvu26a" / "snapshot.json").unlink()
    done = place.push()
    assert not done.good
    assert place.states()["rvu26a"] == place.states()["rvu26b"] == "refused"
    assert [path.name[:15] for path in place.bucket.glob("*.tar")] == ["snapshot-rvu26c"]
    said = "\n".join(map(str, done.findings.items))
    assert "rvu26b: error: is damaged, so it is not stored: services.tsv.gz: its sha256 is not the one in snapshot.json" in said
    assert "rvu26a: error: is damaged, so it is not stored: rvu26a: holds no snapshot" in said


def test_a_snapshot_in_the_folder_of_another_release_is_not_pushed(place: Place) -> None:
    """A folder named otherwise than its release would be restored under the wrong name: it is refused, and so is a sample."""
    (place.snapshots / "rvu26a").rename(place.snapshots / "rvu25d")
    shutil.copytree(paths.SAMPLE, place.snapshots / "rvu24a")
    assert place.push().counts == {"stored": 2, "refused": 2}


def test_a_damaged_snapshot_here_is_replaced(place: Place) -> None:
    """A snapshot of this machine with a changed table is named and replaced whole by the archive's."""
    place.push()
    place.pull()
    whole = tree(place.other)
    spoil_table(place.other / "rvu26b")
    (place.other / "rvu26b" / "left.txt").write_text("from before", encoding="utf-8")
    done = place.pull()
    assert done.counts == {"already there": 2, "restored": 1}
    assert "rvu26b: warning: was damaged (services.tsv.gz: its sha256" in str(done.findings.items[0])
    assert tree(place.other) == whole


def test_a_snapshot_of_a_newer_version_here_is_left_alone(place: Place) -> None:
    """What a later version of the program wrote is not damaged: a pull of an older one does not replace it."""
    place.push()
    place.pull()
    path = place.other / "rvu26b" / "snapshot.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"format": snapshot.FORMAT + 1}), encoding="utf-8")
    before = tree(place.other)
    done = place.pull()
    assert done.counts == {"already there": 2, "kept": 1}
    assert "rvu26b: warning: was written by a newer version of this program" in str(done.findings.items[0])
    assert tree(place.other) == before


def test_an_import_between_a_push_does_not_mix_two_snapshots(place: Place, desk: Desk) -> None:
    """While a push packs, an import into the same folder is refused; another push is not."""
    refused: list[str] = []

    class Slow(Failing):
        """A store during whose listing an import, a pull and a push begin."""

        def __init__(self) -> None:
            super().__init__(place.store, 9, for_good=True)
            self.listing = self.meanwhile  # type: ignore[method-assign,assignment]

        def meanwhile(self, **_: bool) -> dict[str, object]:
            for run in (lambda: replace_desk(desk, place.snapshots, files), lambda: pulling.pull(place.store, place.snapshots, [], refused.append)):
                with pytest.raises(Failed, match="is at work there"):
                    run()
            place.push("rvu26a")
            return place.store.listing()  # type: ignore[return-value]

    files = desk.put(mini.release())
    assert place.push(store=Slow()).counts == {"already there": 1, "stored": 2}
    assert place.pull().counts == {"restored": 3}


def test_a_pull_onto_a_full_disk_says_so(place: Place) -> None:
    """Where no room is left, a pull ends with exit code 2 and leaves whole snapshots or none; the next one completes it."""
    place.push()
    text = (
        "import resource, sys\nfrom pathlib import Path\nsys.path.insert(0, sys.argv[1])\nfrom medpayiq.archive import pulling, stores\nfrom medpayiq.findings import Failed\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), resource.RLIM_INFINITY))\n"
        "try:\n    pulling.pull(stores.FolderStore(Path(sys.argv[2])), Path(sys.argv[3]), [], print)\nexcept Failed as failed:\n    print(failed)\n    sys.exit(failed.exit_code)\n"
    )
    for limit in (100, place.asset("rvu26c").stat().st_size - 1):
        done = subprocess.run([sys.executable, "-c", text, str(paths.ROOT), str(place.bucket), str(place.other), str(limit)], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 2, done.stderr
        assert "error: cannot be written: File too large\n  try: make room" in done.stdout
        assert tree(place.other) == {}
    assert place.pull().counts == {"restored": 3}


def test_a_snapshot_imported_anew_is_stored_beside_the_older_one(place: Place) -> None:
    """Another content of the same release becomes the current one; the first stays in the archive, byte for byte, and is listed."""
    place.push()
    place.pull()
    before = tree(place.bucket)
    first = place.asset("rvu26c").name
    place.reimport("rvu26c")
    assert place.push().counts == {"already there": 2, "stored": 1}
    after = tree(place.bucket)
    assert before.items() <= after.items(), "something of the archive was changed or lost"
    entry = index.read(after["snapshots-2.json"])["RVU26C"]
    assert [one.name for one in entry.earlier] == [first]
    assert entry.current.snapshot_sha256 == hashlib.sha256((place.snapshots / "rvu26c" / "snapshot.json").read_bytes()).hexdigest()
    # The second machine has the first form: it is told, and left as it is, and a push from there takes nothing back.
    machine = tree(place.other)
    done = place.pull()
    assert place.states()["rvu26c"] == "kept, other than the archive's"
    assert "rvu26c: note: is an earlier form of the release" in str(done.findings.items[0])
    assert tree(place.other) == machine
    assert place.push(snapshots=place.other).counts == {"already there": 3}
    assert tree(place.bucket) == after
    shutil.rmtree(place.other)
    place.pull()
    assert tree(place.other) == tree(place.snapshots)


def test_a_snapshot_that_differs_here_is_left_alone(place: Place) -> None:
    """A snapshot that was imported here with a content that the archive does not know is kept, with a note what to do."""
    place.push()
    place.reimport("rvu26c")
    shutil.copytree(place.snapshots, place.other)
    before = tree(place.other)
    done = place.pull()
    assert done.good
    assert done.counts == {"already there": 2, "kept": 1}
    assert [one.level for one in done.findings.items] == ["note"]
    assert "was imported with another content than the archive's snapshot-rvu26c-" in str(done.findings.items[0])
    assert tree(place.other) == before


def cut(path: Path) -> None:
    """Leave the first half of a file."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (Path.unlink, "is not in the archive"),
        (cut, "is damaged in the archive: "),
        (flipped, "its sha256 is not the one in the index"),
        (lambda path: path.write_bytes(b""), "is damaged in the archive: 0 bytes instead of "),
    ],
)
def test_a_damaged_asset_is_named_and_the_others_are_restored(place: Place, damage: Callable[[Path], object], words: str) -> None:
    """What is missing, cut off or changed in the archive is named with its release and what to do; the rest is restored."""
    place.push()
    asset = place.asset("rvu26b")
    damage(asset)
    done = place.pull()
    assert done.good
    assert done.counts == {"restored": 2, "refused": 1}
    (finding,) = done.findings.items
    assert str(finding).startswith(f"{asset.name}: warning: RVU26B is not restored: {words}")
    assert str(finding).endswith("\n  try: .venv/bin/python build.py fetch RVU26B")
    assert sorted(path.name for path in place.other.iterdir()) == ["rvu26a", "rvu26c"]
    # The machine that has the snapshot heals the archive.
    assert place.push().counts == {"already there": 2, "stored": 1}
    assert place.pull().counts == {"already there": 2, "restored": 1}


def test_nothing_at_hand_is_a_failure(place: Place) -> None:
    """When no asset can be restored and nothing was here before, a build must not go on with nothing."""
    place.push()
    for path in place.bucket.glob("*.tar"):
        flipped(path)
    assert not place.pull().good
    shutil.copytree(place.snapshots / "rvu26a", place.other / "rvu26a")
    assert place.pull().good


def test_a_damaged_index_is_passed_over(place: Place) -> None:
    """The highest index that is whole counts; a damaged one is named, and a push puts a new one above it."""
    place.push("rvu26a")
    place.push()
    flipped(place.bucket / "snapshots-2.json")
    done = place.pull()
    assert done.counts == {"restored": 1}
    assert str(done.findings.items[0]).startswith("snapshots-2.json: warning: is passed over: ")
    place.push()
    assert index.read((place.bucket / "snapshots-3.json").read_bytes()).keys() == {"RVU26A", "RVU26B", "RVU26C"}
    assert place.pull().counts == {"already there": 1, "restored": 2}


def test_without_an_index_nothing_is_restored(place: Place, tmp_path: Path) -> None:
    """An empty archive, one with a damaged index alone, and a folder that is not there are told apart, with exit code 2."""
    for words in ("holds no index of snapshots\n  try: .*archive push", r"holds no whole index of snapshots; snapshots-1\.json is passed over"):
        with pytest.raises(Failed, match=words) as caught:
            place.pull()
        assert caught.value.exit_code == 2
        (place.bucket / "snapshots-1.json").write_text("{", encoding="utf-8")
    for store in (FolderStore(tmp_path / "nowhere"), FolderStore(place.bucket / "snapshots-1.json")):
        for run in (place.pull, place.push):
            with pytest.raises(Failed, match="the archive's folder is not there\n  try: mount it") as caught:
                run(store=store)
            assert caught.value.exit_code == 2


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", '{"format": 2}', '{"format": 1, "releases": [], "sha256": ""}', "[" * 5000])
def test_what_is_no_index_is_refused(text: str) -> None:
    """Whatever else may lie under an index's name is refused, never a traceback."""
    with pytest.raises(Refused):
        index.read(text.encode())


ASSET = Asset(index.asset_name("RVU26C", "a" * 64), 10, "b" * 64, "a" * 64, "2026-07-01", "2026-09-30")


@pytest.mark.parametrize(
    ("release", "asset"),
    [
        ("../RVU26C", ASSET),
        ("rvu26c", ASSET),
        ("RVU26C", replace(ASSET, name="../snapshot-rvu26c-aaaaaaaaaaaa.tar")),
        ("RVU26C", replace(ASSET, name="*")),
        ("RVU26C", replace(ASSET, size=True)),
        ("RVU26C", replace(ASSET, size=-1)),
        ("RVU26C", replace(ASSET, sha256="")),
        ("RVU26C", replace(ASSET, effective_from="today")),
    ],
)
def test_an_index_that_names_what_no_push_writes_is_refused(release: str, asset: Asset) -> None:
    """An index whose checksum fits but whose names are no release's and no asset's is refused whole."""
    assert index.read(index.write({"RVU26C": Entry(ASSET, (ASSET,))})) == {"RVU26C": Entry(ASSET, (ASSET,))}
    for entry in (Entry(asset), Entry(ASSET, (asset,))):
        with pytest.raises(Refused, match="states of"):
            index.read(index.write({release: entry}))


def test_a_push_into_a_folder_without_rights_says_so(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that cannot be written, or has no room, ends a push with the folder's name and exit code 2."""
    place.bucket.rmdir()
    place.bucket.mkdir()

    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(Failed, match=f"^{place.bucket}: error: the archive cannot be written: No space left on device\n  try: ") as caught:
        place.push()
    assert caught.value.exit_code == 2
    assert tree(place.bucket) == {}


def test_a_folder_without_hard_links_keeps_an_archive(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a mounted bucket without hard links an index is stored all the same, and never over another one."""

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    place.push("rvu26a")
    place.push()
    assert sorted(path.name for path in place.bucket.glob("*.json")) == ["snapshots-1.json", "snapshots-2.json"]
    assert place.pull().counts == {"restored": 3}


# ---------------------------------------------------------------------------------------------------------------------
# Hostile assets


@pytest.fixture(scope="module")
def packed(three: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Asset]:
    """Return a whole asset of RVU26C and what the index states of it."""
    folder = tmp_path_factory.mktemp("packed")
    asset = packing.pack(packing.verified(three / "rvu26c"), folder)
    return folder / asset.name, asset


def unpacked(data: bytes, asset: Asset, folder: Path, *, agree: bool) -> Path:
    """Unpack bytes as an asset; with ``agree`` the index states their size and sha256, as if they had been pushed."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    path = folder / asset.name
    path.write_bytes(data)
    if agree:
        asset = replace(asset, size=len(data), sha256=hashlib.sha256(data).hexdigest())
    packing.unpack(path, asset, folder / "in" / "rvu26c")
    return folder / "in" / "rvu26c"


@settings(max_examples=150)
@given(data=st.data())
def test_flipped_bytes_never_yield_a_snapshot(packed: tuple[Path, Asset], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """An asset with bytes changed anywhere is refused before anything of it is written."""
    path, asset = packed
    changed = bytearray(path.read_bytes())
    for at in data.draw(st.lists(st.integers(0, len(changed) - 1), min_size=1, max_size=4, unique=True)):
        changed[at] ^= data.draw(st.integers(1, 255))
    folder = tmp_path_factory.getbasetemp() / "flips"
    with pytest.raises(Refused, match="its sha256 is not the one in the index"):
        unpacked(bytes(changed), asset, folder, agree=False)
    assert not (folder / "in").exists()


@settings(max_examples=150)
@given(data=st.data())
def test_flipped_bytes_that_the_index_agrees_with_change_no_table(packed: tuple[Path, Asset], three: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Even when the index states the changed bytes, they are refused, or every table still has the text it had."""
    path, asset = packed
    changed = bytearray(path.read_bytes())
    # Headers are few among the bytes: every second draw goes to one.
    blocks = st.integers(0, len(changed) - 1) | st.integers(0, len(changed) // 512 - 1).flatmap(lambda block: st.integers(block * 512, block * 512 + 200))
    for at in data.draw(st.lists(blocks, min_size=1, max_size=3, unique=True)):
        changed[at] ^= data.draw(st.integers(1, 255))
    try:
        folder = unpacked(bytes(changed), asset, tmp_path_factory.getbasetemp() / "agreeing", agree=True)
    except Refused:
        return
    whole, found = snapshot.read(three / "rvu26c"), snapshot.read(folder)
    assert (folder / "snapshot.json").read_bytes() == (three / "rvu26c" / "snapshot.json").read_bytes()
    assert {name: found.data(name) for name in whole.meta.tables} == {name: whole.data(name) for name in whole.meta.tables}


Member = tuple[tarfile.TarInfo, bytes]


def members_of(path: Path) -> list[Member]:
    """Return the members of an asset with their bytes."""
    with tarfile.open(path, "r:") as tar:
        return [(one, tar.extractfile(one).read()) for one in tar.getmembers()]  # type: ignore[union-attr]


def tarred(members: list[Member]) -> bytes:
    """Return a tar of these members."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for info, data in members:
            tar.addfile(info, io.BytesIO(data))
    return made.getvalue()


def plain(name: str, data: bytes = b"") -> Member:
    """Return a plain file."""
    info = tarfile.TarInfo(name)
    info.size = len(data)
    return info, data


def special(name: str, kind: bytes, target: str = "") -> Member:
    """Return a link, a folder or a device."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info, b""


HOSTILE: dict[str, Callable[[list[Member]], list[Member]]] = {
    "a path that climbs out": lambda whole: [*whole, plain("rvu26c/../../evil.txt")],
    "a path that climbs out first": lambda whole: [*whole, plain("../evil.txt")],
    "an absolute path": lambda whole: [*whole, plain("/tmp/evil.txt")],
    "another folder": lambda whole: [*whole, plain("rvu26d/snapshot.json")],
    "no folder": lambda whole: [*whole, plain("services.tsv.gz")],
    "a symbolic link": lambda whole: [*whole, special("rvu26c/evil", tarfile.SYMTYPE, "/etc")],
    "a link in the place of a table": lambda whole: [*whole[:-1], special(whole[-1][0].name, tarfile.SYMTYPE, "/etc/passwd")],
    "a hard link": lambda whole: [*whole, special("rvu26c/evil", tarfile.LNKTYPE, "rvu26c/snapshot.json")],
    "a folder": lambda whole: [*whole, special("rvu26c", tarfile.DIRTYPE)],
    "a device": lambda whole: [*whole, special("rvu26c/evil", tarfile.CHRTYPE)],
    "a pipe": lambda whole: [*whole, special("rvu26c/evil", tarfile.FIFOTYPE)],
    "a file that is not stated": lambda whole: [*whole, plain("rvu26c/extra.tsv.gz")],
    "a file twice": lambda whole: [*whole, whole[-1]],
    "its description twice": lambda whole: [*whole, next(one for one in whole if one[0].name.endswith(".json"))],
    "both forms of a table": lambda whole: [*whole, plain("rvu26c/services.tsv")],
    "a table less": lambda whole: [one for one in whole if "services" not in one[0].name],
    "no description": lambda whole: [one for one in whole if not one[0].name.endswith(".json")],
    "another description": lambda whole: [one if not one[0].name.endswith(".json") else plain(one[0].name, one[1].replace(b"2026", b"2027")) for one in whole],
    "a changed table": lambda whole: [one if "services" not in one[0].name else plain(one[0].name, gzip.compress(b"code\n")) for one in whole],
    "a table that is not packed": lambda whole: [one if "services" not in one[0].name else plain(one[0].name, b"code\n") for one in whole],
    "nothing": lambda _: [],
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_asset_is_refused(packed: tuple[Path, Asset], tmp_path: Path, what: str) -> None:
    """An asset that the index agrees with, but that holds anything else than the stated files, is refused, and nothing lands outside."""
    path, asset = packed
    with pytest.raises(Refused):
        unpacked(tarred(HOSTILE[what](members_of(path))), asset, tmp_path / "desk", agree=True)
    assert not list(tmp_path.rglob("*evil*"))
    assert sorted(one.name for one in tmp_path.iterdir()) == ["desk"]
    assert not Path("/tmp/evil.txt").exists()


def test_an_honest_tar_of_another_maker_is_unpacked(packed: tuple[Path, Asset], three: Path, tmp_path: Path) -> None:
    """What the hostile ones are made of is itself accepted: the refusals above are not for the way the tar is written."""
    path, asset = packed
    folder = unpacked(tarred(members_of(path)), asset, tmp_path / "desk", agree=True)
    assert tree(folder) == tree(three / "rvu26c")


@pytest.mark.parametrize("table", ["../services", "/services", "ncci/../../services", "ncci//edits", "", ".", "Services"])
def test_a_snapshot_that_states_a_table_elsewhere_is_not_packed(place: Place, table: str) -> None:
    """A snapshot.json that names a table outside its folder is damaged: no file is looked for there."""
    path = place.snapshots / "rvu26c" / "snapshot.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    said["tables"][table] = said["tables"]["services"]
    path.write_text(json.dumps(said), encoding="utf-8")
    with pytest.raises(Refused, match="is no table's name"):
        packing.verified(path.parent)


@pytest.mark.parametrize("changed", [{"tables": []}, {"tables": {"services": {}}}, {"tables": {"services": 5}}, {"release": 5}, {"release": ["RVU26C"]}, {"tables": {"services": {"sha256": 7}}}])
def test_a_damaged_description_is_refused(place: Place, changed: dict[str, object]) -> None:
    """A snapshot.json of the right format with values of the wrong kind is damaged, never a traceback."""
    path = place.snapshots / "rvu26c" / "snapshot.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changed), encoding="utf-8")
    with pytest.raises(Refused):
        packing.verified(path.parent)


# ---------------------------------------------------------------------------------------------------------------------
# Ended half-way


class Failing:
    """A store in a folder that fails once it has taken so many files, for good or for one file."""

    def __init__(self, store: FolderStore, takes: int, *, for_good: bool) -> None:
        self.store, self.takes, self.for_good = store, takes, for_good
        self.name, self.listing, self.fetch = store.name, store.listing, store.fetch

    def put(self, path: Path) -> None:
        """Fail, or store."""
        self._count()
        self.store.put(path)

    def add(self, path: Path) -> None:
        """Fail, or store."""
        self._count()
        self.store.add(path)

    def _count(self) -> None:
        self.takes -= 1
        if self.takes == -1 or (self.takes < 0 and self.for_good):
            raise Failed("the store is gone", exit_code=2)


@pytest.mark.parametrize("for_good", [True, False])
@pytest.mark.parametrize("takes", range(4))
def test_an_interrupted_push_is_completed_by_the_next(place: Place, takes: int, for_good: bool) -> None:
    """Wherever a push ends, no index names an asset that is not there; the next push stores what is missing."""
    with pytest.raises(Failed, match="the store is gone"):
        place.push(store=Failing(place.store, takes, for_good=for_good))
    for path in place.bucket.glob("snapshots-*.json"):
        for entry in index.read(path.read_bytes()).values():
            assert hashlib.sha256((place.bucket / entry.current.name).read_bytes()).hexdigest() == entry.current.sha256
    kept = 0 if for_good or takes == 3 else takes
    assert place.push().counts == ({"already there": kept} if kept else {}) | {"stored": 3 - kept}
    assert place.pull().counts == {"restored": 3}
    assert tree(place.other) == tree(place.snapshots)


def killed_at(place: Place, step: int) -> bool:
    """Pull in a child that kills itself before the given change to the disk; return whether it came so far."""
    child = os.fork()
    if child == 0:
        changes = 0

        def watch(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal changes
            writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
            if writes or event in {"os.mkdir", "os.rename", "os.remove", "os.rmdir"}:
                changes += 1
                if changes == step:
                    os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.addaudithook(watch)
            place.pull("rvu26b", "rvu26c")
        finally:
            os._exit(0)
    return os.waitpid(child, 0)[1] != 0


def test_a_pull_killed_at_any_step_leaves_no_half_snapshot(place: Place) -> None:
    """Killed before any one of its changes to the disk, a pull leaves only whole snapshots or none, and the next completes it."""
    if not hasattr(os, "fork"):
        lacking("this system cannot fork: run the tests on Linux or macOS")
    place.push()
    start = place.root / "start"
    shutil.copytree(place.snapshots / "rvu26b", start / "rvu26b")
    spoil_table(start / "rvu26b")
    damaged = tree(start / "rvu26b")
    step = 1
    while True:
        shutil.rmtree(place.other, ignore_errors=True)
        shutil.copytree(start, place.other)
        killed = killed_at(place, step)
        # What a build looks at: folders with a snapshot.json, one level deep.
        for folder in place.other.glob("[!.]*"):
            assert tree(folder) == tree(place.snapshots / folder.name) or (folder.name == "rvu26b" and tree(folder) == damaged), f"step {step}: {folder}"
        # Nor is anything else one level deep that says it is a snapshot, but for the old one that is just being taken away.
        assert {path.parent.name for path in place.other.glob(".*/snapshot.json")} <= {".rvu26b.old"}, f"step {step}"
        snapshot.mend(place.other)
        assert (place.other / "rvu26b" / "snapshot.json").is_file(), f"step {step}: the snapshot of before is lost"
        place.pull("rvu26b", "rvu26c")
        assert tree(place.other) == {name: data for name, data in tree(place.snapshots).items() if not name.startswith("rvu26a")}, f"step {step}"
        if not killed:
            break
        step += 1
    assert step > 25, "the child was hardly ever killed"


def test_two_pulls_do_not_tread_on_each_other(place: Place) -> None:
    """While one pull restores into a folder, a second one is refused at once."""
    place.push()

    class Slow(Failing):
        """A store that sees a second pull while it sends its first file."""

        def __init__(self) -> None:
            super().__init__(place.store, 9, for_good=True)
            self.listing = self.second  # type: ignore[method-assign,assignment]

        def second(self, **_: bool) -> dict[str, object]:
            with pytest.raises(Failed, match="another import, fetch, pull or push is at work there") as caught:
                place.pull()
            assert caught.value.exit_code == 2
            return place.store.listing()  # type: ignore[return-value]

    assert place.pull(store=Slow()).counts == {"restored": 3}


# ---------------------------------------------------------------------------------------------------------------------
# GitHub's client


@dataclass(frozen=True)
class Gh:
    """The folder behind the stand-in for gh."""

    root: Path

    @property
    def assets(self) -> Path:
        """The assets of the release."""
        return self.root / "assets"

    def will(self, *faults: dict[str, object]) -> None:
        """Say how the next calls fail."""
        (self.root / "faults.json").write_text(json.dumps(faults), encoding="utf-8")

    def calls(self) -> list[list[str]]:
        """Return the calls so far: command and arguments."""
        path = self.root / "calls.jsonl"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


@pytest.fixture
def gh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gh:
    """Put the stand-in on PATH as gh, alone but for the system's own programs."""
    made = Gh(tmp_path / "github")
    programs = made.root / "bin"
    programs.mkdir(parents=True)
    program = programs / "gh"
    program.write_text(f"#!{sys.executable} -S\n{Path(__file__).with_name('fake_gh.py').read_text(encoding='utf-8')}", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("FAKE_GH", str(made.root))
    return made


def hub() -> GhStore:
    """Return a store that knows nothing yet of the release."""
    return GhStore("cms-snapshots", seconds=20, seconds_for_files=20)


def test_a_release_on_github_keeps_what_a_folder_keeps(place: Place, gh: Gh) -> None:
    """The first push makes a prerelease and stores the same assets as in a folder, the index last; a pull gives all back."""
    place.push()
    assert place.push(store=hub()).good
    assert tree(gh.assets) == tree(place.bucket)
    assert [call[:2] for call in gh.calls()] == [["view", "cms-snapshots"], ["create", "cms-snapshots"], *[["upload", "cms-snapshots"]] * 4]
    assert gh.calls()[-1][2].endswith("/snapshots-1.json")
    assert "--clobber" not in gh.calls()[-1], "an index is never written over"
    assert place.pull(store=hub()).counts == {"restored": 3}
    assert tree(place.other) == tree(place.snapshots)
    before = tree(gh.assets)
    assert place.push(store=hub()).counts == {"already there": 3}
    assert tree(gh.assets) == before


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("auth", "gh is not logged in: To get started with GitHub CLI, please run: gh auth login .*\n  try: gh auth login, or set GH_TOKEN"),
        ("badtoken", "gh is not logged in: HTTP 401: .*\n  try: gh auth login"),
        ("norights", "GitHub refuses this token: HTTP 403: .*\n  try: a token with the right contents: write"),
        ("rate", "GitHub's rate limit is used up: HTTP 403: You have exceeded a secondary rate limit.*\n  try: the same command again in some minutes"),
        ("offline", "GitHub cannot be reached: error connecting to api.github.com check your .*\n  try: look at the network"),
        ("norepo", "gh does not know the repository: failed to run git: fatal: .*\n  try: GH_REPO=OWNER/NAME"),
        ("other", "gh release (view|upload snapshot-rvu26a-[0-9a-f]{12}.tar) ended with 1: something nobody has seen before x+…\n  try: gh release view cms-snapshots"),
    ],
)
def test_what_gh_cannot_do_is_said_with_what_to_type(place: Place, gh: Gh, what: str, words: str) -> None:
    """Every way in which gh fails ends with exit code 2, gh's own words on one line, and the next step; nothing is half done."""
    place.push(store=hub())
    before = tree(gh.assets)
    place.reimport("rvu26a")
    for on, run in (("view", place.pull), ("view", place.push), ("upload", place.push)):
        gh.will({"on": on, "what": what})
        with pytest.raises(Failed, match=f"^GitHub release cms-snapshots: error: {words}") as caught:
            run(store=hub())
        assert caught.value.exit_code == 2
        assert len(str(caught.value).splitlines()) == 2
        assert tree(gh.assets) == before


def test_a_machine_without_gh_is_told(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the client the message names it, where to get it, and the way that needs none; so for a file that is no program."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(Failed, match=r"GitHub's client is not on this machine\n  try: install it .* --folder PATH") as caught:
        place.push(store=hub())
    assert caught.value.exit_code == 2
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "gh").write_bytes(b"\x7fnothing")
    (tmp_path / "bin" / "gh").chmod(0o755)
    with pytest.raises(Failed, match="gh: error: cannot be started: "):
        place.push(store=hub())


def test_a_gh_that_hangs_is_stopped(place: Place, gh: Gh) -> None:
    """A call without an answer ends at its time; a pull then asks the store for no further asset, and what it has counts."""
    place.push(store=hub())
    gh.will({"on": "view", "what": "hang"})
    with pytest.raises(Failed, match=r"gh release view gave no answer in 0\.5 s and was stopped\n  try: look at the network"):
        place.pull(store=GhStore("cms-snapshots", seconds=0.5, seconds_for_files=20))
    gh.will({"on": "download", "name": ".tar", "what": "hang", "after": 1})
    done = place.pull(store=GhStore("cms-snapshots", seconds=20, seconds_for_files=2))
    assert done.good
    assert done.counts == {"restored": 1, "refused": 2}
    assert all("gave no answer in 2 s" in str(one) for one in done.findings.items)
    assert [call[3] for call in gh.calls() if call[0] == "download" and ".tar" in call[3]] == [gh_name(gh, "rvu26c"), gh_name(gh, "rvu26b")]


def gh_name(gh: Gh, release: str) -> str:
    """Return the name of a release's only asset."""
    (found,) = gh.assets.glob(f"snapshot-{release}-*.tar")
    return found.name


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("half", "cannot be downloaded: unexpected EOF"),
        ("502", "cannot be downloaded: HTTP 502: Bad Gateway"),
        ("404", "cannot be downloaded: HTTP 404: Not Found"),
        ("short", "instead of"),
        ("flip", "its sha256 is not the one in the index"),
        ("rate", "GitHub's rate limit is used up"),
    ],
)
def test_a_download_that_fails_is_named_and_the_next_pull_completes(place: Place, gh: Gh, what: str, words: str) -> None:
    """An asset that does not arrive whole is named with its release; the others are restored, and a later pull gets the rest."""
    place.push(store=hub())
    gh.will({"on": "download", "name": "rvu26a", "what": what})
    done = place.pull(store=hub())
    assert done.counts == {"restored": 2, "refused": 1}
    assert str(done.findings.items[0]).startswith(f"{gh_name(gh, 'rvu26a')}: warning: RVU26A is not restored: ")
    assert words in str(done.findings.items[0])
    gh.will()
    assert place.pull(store=hub()).counts == {"already there": 2, "restored": 1}


def test_a_download_that_breaks_off_once_is_asked_for_again(place: Place, gh: Gh) -> None:
    """One broken answer costs a second call and no warning."""
    place.push(store=hub())
    gh.will({"on": "download", "name": "rvu26b", "what": "half", "times": 1}, {"on": "download", "name": "snapshots", "what": "502", "times": 1})
    done = place.pull(store=hub())
    assert done.counts == {"restored": 3}
    assert not done.findings.items


def test_an_index_that_cannot_be_had_is_not_followed(place: Place, gh: Gh) -> None:
    """A push that cannot read the newest index stores nothing: its own would forget what only that one names. A pull goes on."""
    place.push("rvu26a", store=hub())
    place.push("rvu26b", store=hub())
    before = tree(gh.assets)
    gh.will({"on": "download", "name": "snapshots-2.json", "what": "502"})
    with pytest.raises(Failed, match=r"snapshots-2\.json cannot be downloaded: HTTP 502: .*\n  try: the same command again") as caught:
        place.push(store=hub())
    assert caught.value.exit_code == 2
    assert tree(gh.assets) == before
    done = place.pull(store=hub())
    assert done.counts == {"restored": 1}
    assert str(done.findings.items[0]).startswith("snapshots-2.json: warning: is passed over: it cannot be downloaded: HTTP 502")


@pytest.mark.parametrize("after", range(4))
def test_an_upload_that_breaks_off_is_made_good_by_the_next_push(place: Place, gh: Gh, after: int) -> None:
    """After an upload that GitHub left unfinished, the index is true, and the next push stores what is missing."""
    gh.will({"on": "upload", "what": "half", "after": after, "times": 1})
    with pytest.raises(Failed, match=r"gh release upload snapshot.* ended with 1: unexpected EOF"):
        place.push(store=hub())
    if after in {0, 3}:
        with pytest.raises(Failed, match="holds no index of snapshots"):
            place.pull(store=hub())
    else:
        place.pull(store=hub())
        assert {path.name for path in place.other.glob("rvu*")} == set(RELEASES[:after])
    assert place.push(store=hub()).good
    place.pull(store=hub())
    assert tree(place.other) == tree(place.snapshots)


def test_the_digest_that_github_states_shows_a_changed_asset(place: Place, gh: Gh) -> None:
    """Where GitHub states an asset's sha256, a changed one is known without a download, and a push replaces it."""
    (gh.root / "digests").touch()
    place.push(store=hub())
    flipped(gh.assets / gh_name(gh, "rvu26b"))
    done = place.pull(store=hub())
    assert "RVU26B is not restored: is damaged in the archive: another sha256" in str(done.findings.items[0])
    assert not [call for call in gh.calls() if call[0] == "download" and "rvu26b" in call[3]]
    assert place.push(store=hub()).counts == {"already there": 2, "stored": 1}
    assert place.pull(store=hub()).counts == {"already there": 2, "restored": 1}


def test_two_pushes_in_one_moment_lose_nothing(place: Place, gh: Gh, tmp_path: Path) -> None:
    """When another push stores its index first, the slower one reads that index and adds to it."""
    other = tmp_path / "github" / "other"
    other.mkdir()
    assert place.push("rvu26a", store=FolderStore(other)).good
    shutil.copytree(other, gh.assets)
    (gh.assets / "snapshots-1.json").unlink()
    gh.will({"on": "upload", "name": "snapshots-1.json", "what": "overtaken", "times": 1})
    assert place.push("rvu26b", "rvu26c", store=hub()).good
    assert index.read((gh.assets / "snapshots-2.json").read_bytes()).keys() == {"RVU26A", "RVU26B", "RVU26C"}
    assert place.pull(store=hub()).counts == {"restored": 3}


def test_gh_is_called_without_what_would_make_it_talk(place: Place, gh: Gh, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that make gh print requests with their heads never reach it; the token does."""
    program = gh.root / "bin" / "gh"
    program.write_text(program.read_text(encoding="utf-8").replace("def main() -> None:", "def main() -> None:\n    (HOME / 'seen').write_text(repr(dict(os.environ)))"), encoding="utf-8")
    for name in ("GH_DEBUG", "DEBUG", "GH_TOKEN"):
        monkeypatch.setenv(name, f"value-of-{name}")
    place.push(store=hub())
    seen = (gh.root / "seen").read_text(encoding="utf-8")
    assert "value-of-GH_TOKEN" in seen
    assert "value-of-GH_DEBUG" not in seen
    assert "value-of-DEBUG" not in seen
    assert "'GH_PROMPT_DISABLED': '1'" in seen


@pytest.mark.parametrize("tag", ["", "--json", "-R", "a b", "a/b", "x" * 101])
def test_a_tag_that_gh_could_read_as_an_option_is_refused(tag: str) -> None:
    """A tag begins with a letter or a digit and holds nothing that a program or an address reads otherwise."""
    with pytest.raises(Failed, match="is no name of a tag") as caught:
        GhStore(tag)
    assert caught.value.exit_code == 2


# ---------------------------------------------------------------------------------------------------------------------
# CMS in the archive's place


@pytest.fixture
def cms(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Stand in for the fetch from CMS: it imports RVU26C into the given folder; return what it was asked for."""
    asked: list[list[str]] = []
    files = desk.put(mini.release(), "from_cms/rvu26c")

    def run(names: list[str], places: fetch.Places) -> fetch.Fetched:
        asked.append(names)
        return fetch.Fetched(imported=[replace_desk(desk, places.snapshots, files)])

    monkeypatch.setattr(fetch, "run", run)
    return asked


def replace_desk(desk: Desk, snapshots: Path, files: Path) -> Imported:
    """Import at a desk whose snapshots lie elsewhere."""

    class Elsewhere(Desk):
        """A desk with another folder of snapshots."""

        @property
        def snapshots(self) -> Path:
            """The folder given."""
            return snapshots

    return Elsewhere(desk.root).run(files)


def test_the_newest_release_comes_from_cms_when_the_archive_fails(place: Place, cms: list[list[str]]) -> None:
    """``--or-fetch`` asks CMS for the newest release where it cannot be restored, and for nothing where only older ones fail."""
    place.push()
    flipped(place.asset("rvu26a"))
    assert place.pull(or_fetch=True).counts == {"restored": 2, "refused": 1}
    assert cms == []
    shutil.rmtree(place.other)
    flipped(place.asset("rvu26c"))
    done = place.pull(or_fetch=True)
    assert cms == [["RVU26C"]]
    assert done.good
    assert done.counts == {"restored": 1, "refused": 2, "fetched": 1}
    assert place.said[-1] == "RVU26C: fetched from CMS"
    assert tree(place.other / "rvu26c") == tree(place.snapshots / "rvu26c")


def test_an_empty_machine_without_an_archive_asks_cms_for_the_latest(place: Place, cms: list[list[str]], tmp_path: Path) -> None:
    """Without an index, or without the store, ``--or-fetch`` names why and takes the latest release from CMS."""
    done = place.pull(or_fetch=True)
    assert done.good
    assert "warning: nothing is restored: " in str(done.findings.items[0])
    assert "holds no index of snapshots" in str(done.findings.items[0])
    place.pull(store=FolderStore(tmp_path / "nowhere"), or_fetch=True)
    place.pull("RVU26C", store=FolderStore(tmp_path / "nowhere"), or_fetch=True)
    assert cms == [[], []], "a release asked for that is here already needs no fetch"
    place.push("rvu26a")
    shutil.rmtree(place.other)
    place.pull("rvu26a", "rvu26c", or_fetch=True)
    assert cms[2:] == [["RVU26C"]]


def test_a_fetch_that_fails_too_leaves_what_was_restored(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """When CMS cannot be asked either, its reason is a warning and a build goes on with what is whole; with nothing, it must not."""

    def run(names: list[str], places: fetch.Places) -> fetch.Fetched:
        raise Failed("fetch: error: CMS refuses this machine\n  try: a browser", exit_code=2)

    monkeypatch.setattr(fetch, "run", run)
    place.push()
    flipped(place.asset("rvu26c"))
    done = place.pull(or_fetch=True)
    assert done.good
    assert "fetch: warning: CMS refuses this machine\n  try: a browser" in [str(one) for one in done.findings.items]
    for path in place.bucket.iterdir():
        path.unlink()
    shutil.rmtree(place.other)
    assert not place.pull(or_fetch=True).good


def test_the_terms_are_printed_line_by_line(place: Place, at_place: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Where a pull would fetch but nobody can be asked, the terms stand in their own lines between the warning and what to do."""
    monkeypatch.delenv(licence.VARIABLE, raising=False)
    monkeypatch.setattr(paths, "CMS_DATA", place.root / "cms")
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert at_place("pull", "--or-fetch", "--folder", str(place.bucket), elsewhere=True) == 1
    err = capsys.readouterr().err
    assert f"\nfetch: warning: the terms of CMS's files are not accepted on this machine, and there is no terminal to ask on\n\n{licence.TERMS}\n  try: run build.py fetch in a terminal" in err
    assert max(map(len, licence.TERMS.splitlines())) < 130


def test_several_reasons_of_a_fetch_are_several_warnings(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every fault that a fetch names is a warning of its own, with its place and what to do."""
    found = Findings()
    found.error("manifest.yml", "is not YAML", line=3, column=4, try_="quotes")
    found.error("manifest.yml", "stands twice", line=9)

    def run(names: list[str], places: fetch.Places) -> fetch.Fetched:
        raise Failed(found)

    monkeypatch.setattr(fetch, "run", run)
    assert [str(one) for one in place.pull(or_fetch=True).findings.items][1:] == ["manifest.yml:3:4: warning: is not YAML\n  try: quotes", "manifest.yml:9: warning: stands twice"]


# ---------------------------------------------------------------------------------------------------------------------
# The command


def test_which_archive_is_meant(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The folder named comes first, then the tag named, then the variable's folder, then the usual release on GitHub."""
    monkeypatch.setenv("MEDPAYIQ_ARCHIVE", str(tmp_path / "variable"))
    assert store_of(tmp_path, None) == FolderStore(tmp_path)
    assert store_of(None, "other").name == "GitHub release other"
    assert store_of(None, None) == FolderStore(tmp_path / "variable")
    monkeypatch.setenv("MEDPAYIQ_ARCHIVE", "")
    assert store_of(None, None).name == "GitHub release cms-snapshots"
    monkeypatch.setenv("HOME", str(tmp_path))
    assert store_of(Path("~/bucket"), None) == FolderStore(tmp_path / "bucket")


@pytest.fixture
def at_place(place: Place, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Return the command line, at work on the first machine until ``elsewhere`` is said."""

    def command(*words: str, elsewhere: bool = False) -> int:
        monkeypatch.setattr(paths, "SNAPSHOTS", place.other if elsewhere else place.snapshots)
        return cli.main(["archive", *words])

    return command


def test_the_command_says_a_line_a_release_and_what_comes_next(place: Place, at_place: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    """``archive push`` and ``pull`` print each release, the counts and the next command, and end with 0."""
    assert at_place("push", "--folder", str(place.bucket)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" as ")[0] for line in lines[:3]] == ["RVU26A: stored", "RVU26B: stored", "RVU26C: stored"]
    assert lines[3] == f"{place.bucket}: 3 stored; next: .venv/bin/python build.py archive pull, on the machine that builds"
    assert at_place("pull", "--folder", str(place.bucket), "--only", "rvu26a", "RVU26C", elsewhere=True) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" from ")[0] for line in lines[:2]] == ["RVU26C: restored", "RVU26A: restored"]
    assert lines[2] == f"{place.bucket}: 2 restored; next: .venv/bin/python build.py"


def test_the_command_ends_with_1_when_something_is_refused(place: Place, at_place: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    """A damaged snapshot ends a push with 1; a pull ends with 1 only when nothing whole is at hand, and 0 with warnings."""
    spoil_table(place.snapshots / "rvu26a")
    assert at_place("push", "--folder", str(place.bucket)) == 1
    assert "rvu26a: error: is damaged" in capsys.readouterr().err
    flipped(place.asset("rvu26b"))
    assert at_place("pull", "--folder", str(place.bucket), elsewhere=True) == 0
    assert "warning: RVU26B is not restored" in capsys.readouterr().err
    shutil.rmtree(place.other)
    flipped(place.asset("rvu26c"))
    assert at_place("pull", "--folder", str(place.bucket), elsewhere=True) == 1
    assert capsys.readouterr().out.splitlines()[-1] == f"{place.bucket}: 2 refused; next: .venv/bin/python build.py fetch"


@pytest.mark.parametrize("words", [("push", "--or-fetch"), ("pull", "--folder", ".", "--tag", "x"), ("pull", "--folder", "nowhere-at-all")])
def test_wrong_use_ends_with_2(at_place: Callable[..., int], capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    """What does not go together, or is not there, ends with 2 and says what to type."""
    assert at_place(*words) == 2
    assert "\n  try: " in capsys.readouterr().err
