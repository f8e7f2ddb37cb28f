"""Whatever ends an import, the last whole snapshot is there; and what is damaged later is not read."""

from __future__ import annotations

import errno
import gzip
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import cms_files as mini
import pytest
from cms_files import GPCI, with_cell
from importing import Desk
from machine import lacking

from medpayiq import cli, paths
from medpayiq.cms import snapshot
from medpayiq.findings import Failed

# ---------------------------------------------------------------------------------------------------------------------
# The old snapshot survives


def damaged() -> dict[str, bytes]:
    """Return a release that is refused."""
    return mini.release() | {GPCI: with_cell(mini.gpci_csv(), 5, 6, "one")}


def test_the_old_snapshot_survives_a_refused_import(desk: Desk) -> None:
    """After a refused import the snapshot of before, its texts too, is there byte for byte."""
    desk.run(desk.put(mini.release()))
    before = desk.out()
    assert "snapshots/rvu26c/snapshot.json" in before
    desk.errors(desk.put(damaged(), "again"))
    assert desk.out() == before


def many(number: int) -> list[mini.Service]:
    """Return the made-up rows and as many visits besides."""
    return [*mini.services(), *(mini.service(f"8{at:04d}", work="1.00") for at in range(number))]


def cut(data: bytes) -> bytes:
    """Return the first half of a file's rows: what a download leaves that broke off between two of them."""
    rows = data.split(b"\r\n")
    return b"\r\n".join([*rows[: len(rows) // 2], b""])


def test_a_file_cut_off_between_two_rows_leaves_the_old_snapshot(desk: Desk) -> None:
    """Half of the rows are refused where the snapshot at hand has them all, with both numbers and the way out; a correction of a few rows is taken."""
    whole = mini.release(many(200))
    desk.run(desk.put(whole))
    error = desk.error(desk.put(whole | {mini.PPRRVU: cut(whole[mini.PPRRVU])}, "cut/rvu26c"))
    assert error.file == f"rvu26c/{mini.PPRRVU}"
    # 13 rows of every sort and 200 visits; of the 224 lines, an empty one last, 112 are left, and ten stand above the first row.
    assert "holds 102 rows; the file in the snapshot that it would replace has 213" in error.message
    assert "rm -r" in error.try_
    desk.run(desk.put(mini.release(many(195)), "corrected/rvu26c"))


def test_limits_cut_off_between_two_rows_leave_the_old_snapshot(desk: Desk) -> None:
    """Unit limits that come by themselves are held against those of their quarter alone: another quarter's may be fewer."""
    name = next(name for name in mini.ncci() if name.startswith("MCR_MUE"))
    limits = mini.mue_csv(*((f"8{at:04d}", "1", "3 Date of Service Edit: Clinical", "Data") for at in range(200)))
    desk.run(desk.put(mini.release() | {name: limits}))
    error = desk.error(desk.put({name: cut(limits)}, "again"))
    assert error.file == f"again/{name}"
    assert "cut off" in error.message
    desk.run(desk.put({name.replace("_07-", "_10-"): cut(limits)}, "later"), release="rvu26c")


def test_a_new_release_with_far_fewer_rows_is_warned_of(desk: Desk) -> None:
    """Where nothing is replaced, half of the rows of the release before is a warning: there is no telling from the file alone."""
    desk.run(desk.put(mini.release(many(200))))
    october = {"PPRRVU2026_Oct_nonQPP.csv": mini.pprrvu_csv(many(20), title="2026 National Physician Fee Schedule Relative Value File October Release", released="09/30/2026"), GPCI: mini.gpci_csv()}
    told = [str(one) for one in desk.run(desk.put(october, "rvu26d")).findings.of("warning")]
    assert [one.partition("\n")[0] for one in told if "rows" in one] == ["rvu26d/PPRRVU2026_Oct_nonQPP.csv: warning: holds 33 rows; that of RVU26C has 213"]


def test_an_import_replaces_the_old_snapshot_whole(desk: Desk) -> None:
    """A table that the new import lacks does not stay behind from the old one."""
    desk.run(desk.put(mini.release()))
    done = desk.run(desk.put(mini.core(), "again/rvu26c"))
    assert sorted(path.name for path in done.snapshot.folder.iterdir()) == ["hcpcs_text.tsv.gz", "localities.tsv.gz", "services.tsv.gz", "snapshot.json"]
    assert not done.unchanged


def test_an_import_of_the_same_files_says_so(desk: Desk) -> None:
    """A second import of the same files changes no byte and reports that."""
    folder = desk.put(mini.release())
    desk.run(folder)
    before = desk.out()
    assert desk.run(folder).unchanged
    assert desk.out() == before


@pytest.mark.parametrize("failing", ["write_bytes", "write_text"])
def test_a_full_disk_ends_in_an_error_and_the_old_snapshot(desk: Desk, monkeypatch: pytest.MonkeyPatch, failing: str) -> None:
    """When the disk is full while a snapshot is written, the error says so and the old one is as it was."""
    desk.run(desk.put(mini.release()))
    folder = desk.put(mini.core(), "again/rvu26c")

    def full(self: Path, *_: object, **__: object) -> None:
        self.touch()
        raise OSError(errno.ENOSPC, "No space left on device", str(self))

    monkeypatch.setattr(Path, failing, full)
    failed = desk.refusal(folder)
    assert "No space left on device" in str(failed)
    assert failed.exit_code == 2


@pytest.mark.parametrize("first", [False, True])
def test_a_swap_that_fails_brings_the_old_snapshot_back(desk: Desk, monkeypatch: pytest.MonkeyPatch, first: bool) -> None:
    """When the new snapshot cannot be put in place, the old one, if any, is put back at once, not at the next import."""
    if not first:
        desk.run(desk.put(mini.release()))
    folder = desk.put(mini.core(), "again/rvu26c")
    rename = os.rename

    def refuse(source: Path, target: Path) -> None:
        if source.name.endswith(".part"):
            raise PermissionError(errno.EACCES, "Permission denied", str(target))
        rename(source, target)

    monkeypatch.setattr(os, "rename", refuse)
    assert "Permission denied" in str(desk.refusal(folder))


def leave_part(desk: Desk) -> None:
    """Leave what an import leaves that is killed while it writes."""
    shutil.copytree(desk.snapshots / "rvu26c", desk.snapshots / ".rvu26c.part")
    (desk.snapshots / ".rvu26c.part" / "snapshot.json").write_text('{"format"', encoding="utf-8")


def leave_old(desk: Desk) -> None:
    """Leave what an import leaves that is killed between its two renames."""
    (desk.snapshots / "rvu26c").rename(desk.snapshots / ".rvu26c.old")


def leave_both(desk: Desk) -> None:
    """Leave what an import leaves that is killed between its two renames, with the new snapshot beside."""
    leave_part(desk)
    leave_old(desk)


def leave_old_beside_new(desk: Desk) -> None:
    """Leave what an import leaves that is killed after its renames, before it takes the old snapshot away."""
    shutil.copytree(desk.snapshots / "rvu26c", desk.snapshots / ".rvu26c.old")


def leave_texts(desk: Desk) -> None:
    """Leave what an import leaves that is killed while it writes CMS's texts."""
    (desk.descriptors / ".rvu25d.tsv.part").write_text("001", encoding="utf-8")


@pytest.mark.parametrize("leave", [leave_part, leave_old, leave_both, leave_old_beside_new, leave_texts])
def test_a_killed_import_is_mended_by_the_next(desk: Desk, leave: Callable[[Desk], None]) -> None:
    """Whatever a killed import left, the next one starts from the last whole snapshot, even when it is itself refused."""
    desk.run(desk.put(mini.release()))
    whole = desk.out()
    leave(desk)
    assert desk.out() != whole
    with pytest.raises(Failed):
        desk.run(desk.put(damaged(), "again"))
    assert desk.out() == whole


def killed_at(desk: Desk, folder: Path, step: int) -> bool:
    """Import in a child that kills itself before the given change to the disk; return whether it came so far."""
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
            desk.run(folder)
        finally:
            os._exit(0)
    return os.waitpid(child, 0)[1] != 0


def test_an_import_killed_at_any_step_is_mended_by_the_next(desk: Desk) -> None:
    """Killed before any one of its changes to the disk, an import leaves what the next one makes whole again."""
    if not hasattr(os, "fork"):
        lacking("this system cannot fork: run the tests on Linux or macOS")
    old, new = desk.put(mini.release()), desk.put(mini.core(mini.services()[:5]), "again/rvu26c")
    refused = desk.put(damaged(), "damaged")
    desk.run(new)
    after = desk.out()
    desk.run(old)
    before = desk.out()
    step = 1
    while killed_at(desk, new, step):
        with pytest.raises(Failed):
            desk.run(refused)
        found = desk.out()
        snapshots = {name: data for name, data in found.items() if name.startswith("snapshots")}
        assert snapshots in ({name: data for name, data in whole.items() if name.startswith("snapshots")} for whole in (before, after)), f"step {step}"
        assert not [name for name in found if "/." in name], f"step {step}"
        desk.run(old)
        assert desk.out() == before, f"step {step}"
        step += 1
    assert step > 10, "the child was hardly ever killed"
    assert desk.out() == after


def test_a_snapshot_that_lies_elsewhere_is_replaced_here(desk: Desk, tmp_path: Path) -> None:
    """Where a symbolic link leads to a snapshot, an import puts the new one in its place, again and again, and what it led to stays as it was."""
    path = desk.put(mini.release())
    folder = desk.run(path).snapshot.folder
    elsewhere = tmp_path / "elsewhere"
    folder.rename(elsewhere)
    folder.symlink_to(elsewhere)
    before = {one.name: one.read_bytes() for one in elsewhere.iterdir()}
    for _ in range(2):
        assert desk.run(path).snapshot.folder == folder
        assert not folder.is_symlink()
        assert [one.name for one in folder.parent.iterdir() if one.name.startswith(".")] == []
    assert {one.name: one.read_bytes() for one in elsewhere.iterdir()} == before


# ---------------------------------------------------------------------------------------------------------------------
# Reading a snapshot


@pytest.mark.parametrize("large", [10**9, 0], ids=["small", "large"])
def test_a_changed_table_of_a_snapshot_is_not_read(large: int, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that is not the one that was written is refused when it is asked for, before a row of it is given; a large one, which is read in pieces, too."""
    monkeypatch.setattr(snapshot, "_LARGE", large)
    made = desk.run(desk.put(mini.release())).snapshot
    table = made.folder / "services.tsv.gz"
    whole = table.read_bytes()
    table.write_bytes(gzip.compress(gzip.decompress(whole).replace(b"97761\t\tA\t\t50", b"97761\t\tA\t\t51")))
    opened = snapshot.read(made.folder)
    with pytest.raises(Failed, match=r"services\.tsv\.gz: error: its sha256 is not the one") as caught:
        next(opened.each("services"))
    assert caught.value.exit_code == 2
    for damaged in (whole[:-20], b"\x1f\x8b\x08\x00" + b"\xff" * 40, b"no gzip at all"):
        table.write_bytes(damaged)
        with pytest.raises(Failed, match=r"services\.tsv\.gz: error: (is damaged|cannot be read)"):
            next(opened.each("services"))
    table.unlink()
    with pytest.raises(Failed, match=r"services\.tsv\.gz: error: cannot be read") as caught:
        next(opened.each("services"))
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("piece", [1, 7, 10**6])
def test_a_large_table_has_the_rows_of_a_small_one(piece: int, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever a piece ends, within a row, behind it or within a character, the rows are those of the file."""
    opened = snapshot.read(desk.run(desk.put(mini.release())).snapshot.folder)
    rows = gzip.decompress((opened.folder / "localities.tsv.gz").read_bytes()).decode("utf-8").splitlines()[1:]
    assert len(rows) > 1
    monkeypatch.setattr(snapshot, "_LARGE", 0)
    monkeypatch.setattr(snapshot, "_PIECE", piece)
    assert list(opened.lines("localities")) == rows


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"format": 1}', '{"format": 99}', '{"format": 1, "sources": [], "warnings": []}', '{"format": 1, "sources": [{}], "warnings": []}', '{"format": 1, "sources": 5, "warnings": []}'])
def test_a_damaged_snapshot_is_not_opened(desk: Desk, text: str) -> None:
    """A snapshot whose own description is damaged is refused with what to do, never with a traceback."""
    made = desk.run(desk.put(mini.core())).snapshot
    (made.folder / "snapshot.json").write_text(text, encoding="utf-8")
    with pytest.raises(Failed, match="try: import the release again") as caught:
        snapshot.read(made.folder)
    assert caught.value.exit_code == 2


def test_a_snapshot_of_another_format_is_not_opened(desk: Desk) -> None:
    """A snapshot that another version of the program wrote is refused by the number of its format, though it is whole."""
    made = desk.run(desk.put(mini.core())).snapshot
    said = json.loads((made.folder / "snapshot.json").read_text(encoding="utf-8"))
    (made.folder / "snapshot.json").write_text(json.dumps(said | {"format": 2}), encoding="utf-8")
    with pytest.raises(Failed, match="has format 2, this program reads format 1"):
        snapshot.read(made.folder)


def test_a_snapshot_that_is_not_there_is_not_opened(tmp_path: Path) -> None:
    """A release that was never imported is refused with the command that imports it."""
    with pytest.raises(Failed, match=r"holds no snapshot\n  try: .*build\.py import") as caught:
        snapshot.read(tmp_path / "rvu99a")
    assert caught.value.exit_code == 2


# ---------------------------------------------------------------------------------------------------------------------
# The command


@pytest.fixture
def at_desk(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a desk that the command line writes to."""
    monkeypatch.setattr(paths, "SNAPSHOTS", desk.snapshots)
    monkeypatch.setattr(paths, "DESCRIPTORS", desk.descriptors)
    return desk


def test_the_command_prints_what_is_wrong_and_returns_1(at_desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """``build.py import`` of bad input prints file:line:col and what to try to the error output, and exits with 1."""
    assert cli.main(["import", str(at_desk.put(damaged()))]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"rvu26c/{GPCI}:5:6: error: PE GPCI: 'one' is not a number\n  try: ")
    assert at_desk.out() == {}


def test_the_command_prints_what_was_imported(at_desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """``build.py import`` of a release names it, its dates, its rows and the next command."""
    assert cli.main(["import", str(at_desk.put(mini.release()))]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("RVU26C, 2026-07-01 to 2026-09-30: ")
    assert "services 13" in printed
    assert "build.py --release rvu26c" in printed


@pytest.mark.parametrize("day", ["2026-13-01", "yesterday", "07/01/2026"])
def test_the_command_wants_dates_as_dates(at_desk: Desk, capsys: pytest.CaptureFixture[str], day: str) -> None:
    """An effective date that is none is wrong use: exit code 2, before anything is read."""
    with pytest.raises(SystemExit) as caught:
        cli.main(["import", "--effective-from", day, str(at_desk.put(mini.core()))])
    assert caught.value.code == 2
    assert "write it as 2026-07-01" in capsys.readouterr().err
