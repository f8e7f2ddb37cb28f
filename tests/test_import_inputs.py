"""Zips and folders that are not what they seem are refused before anything of them is used."""

from __future__ import annotations

import io
import os
import struct
import tracemalloc
import zipfile
from pathlib import Path

import cms_files as mini
import pytest
from cms_files import GPCI, PPRRVU
from importing import Desk

from medpayiq.cms import inputs


def only(desk: Desk, name: str, data: bytes) -> str:
    """Refuse an import of one file; return what is said of it."""
    error = desk.error(desk.put_file(name, data))
    assert error.file.startswith(name)
    assert error.try_
    return error.message


def patched(data: bytes, *, central: int, local: int, value: bytes, entry: int = 0) -> bytes:
    """Return a zip with bytes of one entry's central and local header replaced, counted from each header's start."""
    changed = bytearray(data)
    starts = []
    for mark, offset in ((b"PK\x01\x02", central), (b"PK\x03\x04", local)):
        start = -1
        for _ in range(entry + 1):
            start = changed.index(mark, start + 1)
        starts.append((start, offset))
    for start, offset in starts:
        changed[start + offset : start + offset + len(value)] = value
    return bytes(changed)


@pytest.mark.parametrize("part", [0.02, 0.5, 0.9, 0.999])
def test_a_truncated_zip_is_refused(desk: Desk, part: float) -> None:
    """A zip of which the end is missing is refused whole, wherever it was cut."""
    whole = mini.zipped(mini.release())
    assert "is not a whole zip" in only(desk, "rvu26c.zip", whole[: int(len(whole) * part)])


def test_a_zip_with_a_wrong_checksum_is_refused(desk: Desk) -> None:
    """A zip with one changed byte inside is refused whole, though the table it is in could be read."""
    whole = mini.zipped(mini.core(), zipfile.ZIP_STORED)
    at = whole.index(b"LOS ANGELES")
    assert "is not a whole zip" in only(desk, "rvu26c.zip", whole[:at] + b"X" + whole[at + 1 :])


@pytest.mark.parametrize("junk", [b"", b"not a zip", bytes(1000)])
def test_what_is_only_named_zip_is_refused(desk: Desk, junk: bytes) -> None:
    """A file that ends in .zip and is none is refused."""
    assert "is not a whole zip" in only(desk, "rvu26c.zip", junk)


def test_a_bomb_is_refused_by_its_ratio(desk: Desk) -> None:
    """An entry that unpacks to more than 200 times its packed size is refused before it is unpacked."""
    bomb = mini.zipped(mini.core() | {"zeros.csv": bytes(16 * 2**20)})
    tracemalloc.start()
    message = only(desk, "rvu26c.zip", bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "unpacks to more than the limits allow" in message
    assert peak < 8 * 2**20


@pytest.mark.parametrize("stated", [1, 1_000, 2**20])
def test_a_bomb_that_lies_about_its_size_is_refused(desk: Desk, stated: int) -> None:
    """A stated size smaller than what comes out neither lets it out nor makes a short table of it."""
    bomb = patched(mini.zipped({"zeros.csv": bytes(32 * 2**20)}), central=24, local=22, value=struct.pack("<I", stated))
    tracemalloc.start()
    message = only(desk, "rvu26c.zip", bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "is not a whole zip" in message
    assert peak < 8 * 2**20


def test_a_bomb_that_lies_about_its_packed_size_is_refused(desk: Desk) -> None:
    """A packed size stated larger than the zip itself does not raise the limit on what may come out."""
    bomb = patched(mini.zipped({"zeros.csv": bytes(32 * 2**20)}), central=20, local=18, value=struct.pack("<I", 2**31 - 1))
    tracemalloc.start()
    only(desk, "rvu26c.zip", bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 * 2**20


def test_bombs_in_nested_zips_are_refused(desk: Desk) -> None:
    """What each zip unpacks to counts against one limit, however they are nested."""
    bomb = mini.zipped({f"{number}.zip": mini.zipped({"zeros.csv": bytes(16 * 2**20)}) for number in range(3)})
    errors = desk.errors(desk.put_file("rvu26c.zip", bomb))
    assert [one.file for one in errors] == [f"rvu26c.zip/{number}.zip/zeros.csv" for number in range(3)]


def test_the_limits_hold_over_all_zips_of_a_run(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many small zips may not unpack to more than one large one."""
    zips = [desk.put_file(f"{number}.zip", mini.zipped({f"{number}.csv": b"0123456789" * 60})) for number in range(3)]
    monkeypatch.setattr(inputs, "MAX_TOTAL", 1_500)
    errors = desk.errors(*zips)
    assert errors[0].file == "2.zip/2.csv"
    assert "unpacks to more than the limits allow" in errors[0].message


def test_a_file_over_the_limit_is_not_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file larger than any of CMS's is refused by its size, unread."""
    monkeypatch.setattr(inputs, "MAX_FILE", 1_000)
    errors = desk.errors(desk.put(mini.core()))
    assert [one.file for one in errors] == [f"rvu26c/{PPRRVU}"]
    assert "the limit is 1,000" in errors[0].message


def test_too_many_entries_are_one_error(desk: Desk) -> None:
    """A zip of thousands of files is refused with one line, not with one a file."""
    message = only(desk, "rvu26c.zip", mini.zipped({f"{number}.csv": b"" for number in range(2_001)}, zipfile.ZIP_STORED))
    assert "2,001" in message


def test_the_largest_number_of_entries_is_accepted(desk: Desk) -> None:
    """A zip at the limit is read: the release in it, and a line for each file that is none of ours."""
    files = mini.core() | {f"{number}.csv": b"" for number in range(1_998)}
    done = desk.run(desk.put_file("rvu26c.zip", mini.zipped(files, zipfile.ZIP_STORED)))
    assert len(done.snapshot.services) == len(mini.services())


@pytest.mark.parametrize("name", ["../GPCI2026.csv", "/GPCI2026.csv", "..\\GPCI2026.csv", "C:/GPCI2026.csv", "C:GPCI2026.csv", "\\\\host\\GPCI2026.csv", "a/../../GPCI2026.csv", "a\\..\\..\\GPCI2026.csv", "../"])
def test_a_path_that_climbs_is_refused(desk: Desk, name: str) -> None:
    """An entry whose path leads out of the zip, in the ways of any system, is refused and written nowhere."""
    before = sorted(desk.root.parent.iterdir())
    folder = desk.put_file("rvu26c.zip", mini.zipped({PPRRVU: mini.core()[PPRRVU], name: b"" if name.endswith("/") else mini.gpci_csv()}))
    error = desk.error(folder)
    assert error.file == f"rvu26c.zip/{name}"
    assert "climbs out" in error.message
    assert sorted(desk.root.parent.iterdir()) == before


def test_a_link_in_a_zip_is_refused(desk: Desk) -> None:
    """A symbolic link in a zip is refused, wherever it leads."""
    assert "is a link" in only(desk, "rvu26c.zip", mini.zipped_link("GPCI2026.csv", "/etc/hostname"))


def test_an_encrypted_zip_is_refused(desk: Desk) -> None:
    """A zip that asks for a password is refused with a word about it."""
    data = patched(mini.zipped({GPCI: mini.gpci_csv()}), central=8, local=6, value=b"\x01\x00")
    assert only(desk, "rvu26c.zip", data) == "is encrypted"


@pytest.mark.parametrize("method", [1, 6, 9, 12, 14, 93, 98])
def test_a_zip_packed_in_another_way_is_refused(desk: Desk, method: int) -> None:
    """A packing method that is unknown, or not the one that was used, is refused and does not end in a traceback."""
    data = patched(mini.zipped(mini.core()), central=10, local=8, value=struct.pack("<H", method))
    assert "is not a whole zip" in only(desk, "rvu26c.zip", data)


def test_zips_nested_to_the_limit_are_read(desk: Desk) -> None:
    """A zip in a zip in a zip is read, as CMS nests them."""
    data = mini.zipped(mini.core())
    for number in range(2):
        data = mini.zipped({f"{number}.zip": data})
    assert len(desk.run(desk.put_file("rvu26c.zip", data)).snapshot.localities) == 4


def test_folders_and_a_mac_s_own_files_in_a_zip_are_nothing(desk: Desk) -> None:
    """Entries for folders, and the copies that macOS puts beside each file, are neither read nor spoken of."""
    files = {"RVU26C/": b"", **{f"RVU26C/{name}": data for name, data in mini.core().items()}, f"__MACOSX/{GPCI}": b"\x00\x05\x16\x07"}
    done = desk.run(desk.put_file("rvu26c.zip", mini.zipped(files)))
    assert done.findings.items == []
    assert len(done.snapshot.localities) == 4


def test_zips_nested_too_deep_are_refused(desk: Desk) -> None:
    """One zip more than the limit is refused: such nests are made to exhaust a machine."""
    data = mini.zipped(mini.core())
    for number in range(3):
        data = mini.zipped({f"{number}.zip": data})
    assert "nested more than 3 deep" in only(desk, "rvu26c.zip", data)


def test_an_entry_that_stands_twice_in_a_zip_is_refused(desk: Desk) -> None:
    """Two entries of one name and different bytes are two files: neither is preferred."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in (*mini.core().items(), ("copy/GPCI2026.csv", mini.gpci_csv().replace(b"0.875", b"0.874"))):
            archive.writestr(name, data)
    assert "second, different file" in desk.error(desk.put_file("rvu26c.zip", packed.getvalue())).message


@pytest.mark.parametrize("target", ["nowhere", "GPCI2026.csv", "/etc/hostname", "../outside.csv"])
def test_links_in_a_folder_are_refused(desk: Desk, target: str) -> None:
    """A link that leads out of the folder, nowhere, or to itself is an error at its path; nothing behind it is read."""
    folder = desk.put({PPRRVU: mini.core()[PPRRVU]})
    desk.put_file("outside.csv", mini.gpci_csv())
    (folder / "GPCI2026.csv").symlink_to(target)
    error = desk.error(folder)
    assert error.file == str(folder / "GPCI2026.csv")


def test_a_link_to_a_folder_is_passed_over(desk: Desk) -> None:
    """What lies behind a link to a folder is not read, and that is said."""
    folder = desk.put(mini.core())
    desk.put({"OPPSCAP_Jul.csv": b"junk"}, "elsewhere")
    (folder / "more").symlink_to(desk.root / "elsewhere")
    done = desk.run(folder)
    assert [(one.file, one.message) for one in done.findings.items] == [(str(folder / "more"), "is a link to a folder; passed over")]


def test_links_that_stay_in_the_folder_are_read(desk: Desk) -> None:
    """A link to a file of the same folder is as good as the file."""
    folder = desk.put(mini.core())
    (folder / "real.bin").write_bytes(mini.gpci_csv())
    (folder / GPCI).unlink()
    (folder / GPCI).symlink_to("real.bin")
    assert len(desk.run(folder).snapshot.localities) == 4


def test_what_is_no_regular_file_is_passed_over(desk: Desk) -> None:
    """A pipe among the files is passed over with a line: reading it would wait for ever."""
    folder = desk.put(mini.core())
    os.mkfifo(folder / "OPPSCAP_Jul.csv")
    notes = [one for one in desk.run(folder).findings.of("note") if "OPPSCAP" in one.file]
    assert [one.message for one in notes] == ["is not a regular file; passed over"]


def test_the_folder_one_stands_in_has_a_name(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages about ``import .`` name the folder, not an absolute-looking path."""
    monkeypatch.chdir(desk.put(mini.core() | {GPCI: b""}))
    assert desk.errors(Path())[0].file == f"rvu26c/{GPCI}"
