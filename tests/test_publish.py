"""The published site is always one whole build, and a build touches only what differs."""

from __future__ import annotations

import errno
import multiprocessing
import os
import pickle
import secrets
import shutil
import signal
import subprocess
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from machine import lacking

from medpayiq import manifest, publish
from medpayiq.publish import DiskFullError, Publication, PublishError, Summary, digest_of

Pages = dict[str, bytes]
PAGES: Pages = {"index.html": b"<h1>Home", "codes/99213/index.html": b"<h1>99213", "codes/99214/index.html": b"<h1>99214", "robots.txt": b"robots"}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Name a folder for the site, not made yet."""
    return tmp_path / "site"


def build(out: Path, pages: Pages) -> Summary:
    """Publish these pages and no others."""
    with Publication(out) as pub:
        for path, data in pages.items():
            pub.write(path, data)
        return pub.commit()


def tree(folder: Path) -> Pages:
    """Read every file of a tree."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if not path.is_dir()}


def times(folder: Path) -> dict[str, int]:
    """Read the time stamp of every file of a tree."""
    return {path: (folder / path).stat().st_mtime_ns for path in tree(folder)}


def spare(out: Path) -> Path:
    """Name the spare tree of an output folder."""
    return out.parent / ".site.spare"


def manifests(out: Path) -> list[Path]:
    """List what is recorded of the trees."""
    return list((out.parent / ".build").glob("*.manifest"))


def tamper(file: Path) -> None:
    """Spoil a file so that its size and time stamp do not show it."""
    before = file.stat()
    file.write_bytes(b"?" * before.st_size)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def own_copy(file: Path) -> None:
    """Undo a hard link without changing content or time stamp."""
    copy = file.with_name("copy")
    shutil.copy2(file, copy)
    copy.replace(file)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """List the sizes of all writes to page files."""
    sizes: list[int] = []
    real = os.write

    def count(handle: int, data: bytes) -> int:
        sizes.append(len(data))
        return real(handle, data)

    monkeypatch.setattr(os, "write", count)
    return sizes


# What a build writes


def test_first_build_makes_the_site(out: Path) -> None:
    """A first build puts exactly the written files in place and leaves no spare tree."""
    assert build(out, PAGES) == Summary(files=4, changed=4, removed=0)
    assert tree(out) == PAGES
    assert not spare(out).exists()


def test_same_bytes_are_not_touched(out: Path, written: list[int]) -> None:
    """The second, third and fourth build of the same bytes write nothing and leave every time stamp as it was."""
    build(out, PAGES)
    before = times(out)
    written.clear()
    for _ in range(3):
        assert build(out, PAGES) == Summary(files=4, changed=0, removed=0)
        assert times(out) == before
    assert written == []


def test_only_the_changed_file_is_written(out: Path, written: list[int]) -> None:
    """A changed page is written once into each tree, and has one time stamp in both."""
    for _ in range(3):
        build(out, PAGES)
    before = times(out)
    written.clear()
    changed = PAGES | {"codes/99213/index.html": b"<h1>99213, level 3"}
    assert build(out, changed) == Summary(files=4, changed=1, removed=0)
    assert tree(out) == changed
    assert [path for path, at in times(out).items() if before[path] != at] == ["codes/99213/index.html"]
    assert tree(spare(out)) == PAGES
    before = times(out)
    for _ in range(3):
        assert build(out, changed).changed == 0
        assert times(out) == before
    assert written == [len(b"<h1>99213, level 3")] * 2


@pytest.mark.parametrize("data", [b"", b"short", b"<h1>99999", b"a page that is longer than it was before"])
def test_files_of_the_spare_tree_are_overwritten_in_place(out: Path, data: bytes) -> None:
    """A file that only the spare tree has keeps its inode when it is shortened, lengthened or exchanged."""
    path = "codes/99213/index.html"
    build(out, PAGES)
    build(out, PAGES | {path: b"<h1>other"})
    inode = (spare(out) / path).stat().st_ino
    build(out, PAGES | {path: data})
    assert tree(out) == PAGES | {path: data}
    assert (out / path).stat().st_ino == inode


def test_removed_pages_and_their_folders_go(out: Path) -> None:
    """A page that is no longer written is gone from the site, with a folder that is empty without it."""
    for _ in range(3):
        build(out, PAGES)
    fewer = {path: data for path, data in PAGES.items() if "99214" not in path}
    for _ in range(3):
        removed = build(out, fewer).removed
        assert tree(out) == fewer
        assert not (out / "codes" / "99214").exists()
    assert removed == 0


def test_foreign_files_and_folders_go(out: Path) -> None:
    """What somebody puts into the published tree is in none of the later builds."""
    for _ in range(2):
        build(out, PAGES)
    (out / "empty" / "folder").mkdir(parents=True)
    for _ in range(2):
        build(out, PAGES)
        assert not (out / "empty").exists()
    (out / "codes" / "note.txt").write_text("mine")
    for _ in range(3):
        build(out, PAGES)
        assert tree(out) == PAGES


def test_a_page_becomes_a_folder_and_back(out: Path) -> None:
    """A name may be a file in one build and a folder in the next."""
    flat, deep = {"about": b"flat", "index.html": b"home"}, {"about/team/index.html": b"deep", "index.html": b"home"}
    for pages in (flat, deep, flat, flat, deep, deep, flat):
        build(out, pages)
        assert tree(out) == pages


def test_a_link_in_the_tree_is_not_followed(out: Path, tmp_path: Path) -> None:
    """A folder that somebody replaced by a symbolic link becomes a folder again, and what it led to stays."""
    for _ in range(2):
        build(out, PAGES)
    (out / "codes").rename(tmp_path / "elsewhere")
    (out / "codes").symlink_to(tmp_path / "elsewhere")
    new = PAGES | {"codes/99213/index.html": b"new"}
    for _ in range(2):
        build(out, new)
        assert tree(out) == new
        assert not (out / "codes").is_symlink()
    assert (tmp_path / "elsewhere/99213/index.html").read_bytes() == PAGES["codes/99213/index.html"]


def test_one_file_in_pieces(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that takes a part of a file at a time gets all of it."""
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: real(handle, data[:3]))
    build(out, PAGES)
    assert tree(out) == PAGES


@pytest.mark.parametrize("path", ["../escaped", "/escaped", "a/../../escaped", "..", "", ".", "./a", "a//b", "a/", "a\0b"])
def test_a_path_must_stay_in_the_tree(out: Path, path: str) -> None:
    """A path that climbs out, or has two spellings, is refused before anything is written."""
    with Publication(out) as pub:
        with pytest.raises(ValueError, match="not a plain path"):
            pub.write(path, b"data")
        with pytest.raises(ValueError, match="not a plain path"):
            pub.take_in(path)
    assert tree(out.parent) == {}


def test_one_path_one_content(out: Path) -> None:
    """Two pages of one name are refused in one writer and between writers; the same bytes twice are no fault."""
    with Publication(out) as pub:
        pub.write("a", b"1")
        pub.write("a", b"1")
        with pytest.raises(ValueError, match="a was given twice"):
            pub.write("a", b"2")
        other = pub.writer()
        other.write("a", b"2")
        pub.add(other.entries())
        with pytest.raises(ValueError, match="a was given twice"):
            pub.commit()
    assert not out.exists()


def test_a_name_is_a_file_or_a_folder(out: Path) -> None:
    """One name for a file and a folder of the same build fails the build."""
    with Publication(out) as pub:
        one, other = pub.writer(), pub.writer()
        one.write("a", b"1")
        other.write("a/b", b"2")
        for writer in (one, other):
            pub.add(writer.entries())
        with pytest.raises(ValueError, match="a is both a file and a folder"):
            pub.commit()


def test_an_empty_build_is_refused(out: Path) -> None:
    """A build that wrote nothing does not replace the site."""
    build(out, PAGES)
    with Publication(out) as pub, pytest.raises(PublishError, match="wrote no file"):
        pub.commit()
    assert tree(out) == PAGES


def test_a_build_is_published_once(out: Path) -> None:
    """A second commit, which would swap the old site back in, is an error."""
    build(out, PAGES)
    with Publication(out) as pub:
        pub.write("index.html", b"new")
        pub.commit()
        with pytest.raises(RuntimeError, match="published already"):
            pub.commit()
    assert tree(out) == {"index.html": b"new"}


def test_without_a_commit_nothing_changes(out: Path) -> None:
    """A build that fails leaves the site as it was, and the next one is right."""
    build(out, PAGES)
    for _ in range(2):
        with pytest.raises(KeyError), Publication(out) as pub:  # noqa: PT012 - the failure in the middle is the point
            pub.write("index.html", b"half a build")
            raise KeyError
        assert tree(out) == PAGES
    build(out, PAGES | {"index.html": b"new"})
    assert tree(out) == PAGES | {"index.html": b"new"}


# Workers


def _work(task: tuple[publish.TreeWriter, Pages]) -> bytes:
    writer, pages = task
    for path, data in pages.items():
        writer.write(path, data)
    return writer.entries()


def test_workers_write_parts(out: Path) -> None:
    """Worker processes each write a part of the site; the parent puts their lists together, and equal files stay."""
    parts = [{f"codes/{number}.html": b"%d" % number for number in range(start, 60, 3)} for start in range(3)]
    before: dict[str, int] = {}
    for _ in range(3):
        with Publication(out) as pub, multiprocessing.get_context("fork").Pool(2) as pool:
            pub.write("index.html", b"home")
            for entries in pool.map(_work, [(pub.writer(), part) for part in parts], chunksize=1):
                pub.add(entries)
            assert pub.commit().files == 61
        assert tree(out) == {"index.html": b"home"} | parts[0] | parts[1] | parts[2]
        before = before or times(out)
        assert times(out) == before


def test_a_worker_that_had_nothing_to_write(out: Path) -> None:
    """Where others take every part a process hands in an empty list: nothing is added, and the site is published."""
    with Publication(out) as pub:
        pub.write("index.html", b"home")
        pub.add(_work((pub.writer(), {})))
        assert pub.commit() == Summary(files=1, changed=1, removed=0)
    assert tree(out) == {"index.html": b"home"}


def test_errors_come_home_from_workers(out: Path) -> None:
    """An error of a worker keeps its class and its text on the way to the parent."""
    error = pickle.loads(pickle.dumps(DiskFullError("the disk is full")))  # noqa: S301 - our own
    assert isinstance(error, DiskFullError)
    assert str(error) == "the disk is full"


# What is known of a tree


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "one bit", "foreign"])
def test_a_damaged_manifest_is_not_believed(out: Path, damage: str, written: list[int]) -> None:
    """Without a sound manifest bytes are compared: equal files are left alone, spoilt ones are written anew."""
    pages = PAGES | {"robots.txt": b"other"}
    for version in (PAGES, pages, PAGES, pages):
        build(out, version)
    own_copy(spare(out) / "index.html")
    tamper(spare(out) / "index.html")
    before = times(spare(out))
    assert len(manifests(out)) == 2
    for file in manifests(out):
        data = file.read_bytes()
        if damage == "missing":
            file.unlink()
        else:
            spoilt = {"empty": b"", "cut": data[:-1], "one bit": data[:-1] + bytes([data[-1] ^ 1]), "foreign": b"{}\n" * 99}
            file.write_bytes(spoilt[damage])
    written.clear()
    build(out, PAGES)
    assert tree(out) == PAGES
    assert written == [len(PAGES["index.html"])]
    assert {path for path, at in times(out).items() if at != before[path]} == {"index.html"}


def test_a_build_that_was_cut_off_is_not_believed(out: Path) -> None:
    """A half-written file of a killed build is found by its bytes, even where size and time stamp are right."""
    other = {path: data + b"!" for path, data in PAGES.items()}
    for version in (PAGES, other):
        build(out, version)
    with Publication(out) as pub:
        pub.write("robots.txt", b"third")  # and no commit: as after a kill
    assert len(manifests(out)) == 1
    tamper(spare(out) / "index.html")
    build(out, PAGES)
    assert tree(out) == PAGES


def test_a_touched_file_is_compared(out: Path) -> None:
    """A file that changed since the build that wrote it is written anew, in the site and in the spare tree."""
    for version in (PAGES, PAGES | {"robots.txt": b"other"}, PAGES):
        build(out, version)
    (out / "index.html").write_bytes(b"edited!!")
    for _ in range(2):
        build(out, PAGES)
        assert tree(out) == PAGES


def test_after_a_restart_the_bytes_are_read(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A power failure can lose bytes and keep the time stamp: manifests of an earlier run of the machine count for less."""
    for version in (PAGES, PAGES | {"robots.txt": b"other"}, PAGES):
        build(out, version)
    before = times(out)
    tamper(out / "codes/99213/index.html")  # one file in both trees
    monkeypatch.setattr(manifest, "_boot", lambda: b"the next run")
    with Publication(out) as pub:
        assert not pub.keep_tree("codes/99213")
        assert pub.keep_tree("codes/99214")
    for _ in range(2):
        build(out, PAGES)
        assert tree(out) == PAGES
    assert {path for path, at in times(out).items() if at != before[path]} == {"codes/99213/index.html"}


def test_a_restart_is_paid_for_once(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tree whose bytes were read after a restart is recorded as seen in this run of the machine."""
    for _ in range(2):
        build(out, PAGES)
    monkeypatch.setattr(manifest, "_boot", lambda: b"the next run")
    for _ in range(2):
        build(out, PAGES)
    assert [b"the next run" in file.read_bytes() for file in manifests(out)] == [True, True]


def test_a_mended_tree_is_known_again(out: Path) -> None:
    """A file that somebody deleted from the spare tree comes back, and the tree is on record afterwards."""
    for _ in range(2):
        build(out, PAGES)
    (spare(out) / "robots.txt").unlink()
    build(out, PAGES)
    assert tree(out) == PAGES
    assert len(manifests(out)) == 2


def test_a_copied_project_builds(out: Path, tmp_path: Path) -> None:
    """A copy of site, spare tree and state elsewhere, with other inodes, is built right from the first time on."""
    for version in (PAGES, PAGES | {"robots.txt": b"other"}):
        build(out, version)
    shutil.copytree(tmp_path, tmp_path / "copy", symlinks=True)
    for name in ("index.html", "robots.txt"):
        tamper(tmp_path / "copy/.site.spare" / name)
    build(tmp_path / "copy/site", PAGES)
    assert tree(tmp_path / "copy/site") == PAGES


# Taking over


def test_keep_takes_a_page_without_its_bytes(out: Path) -> None:
    """A page known by its digest comes from either tree; one that neither has is refused."""
    old = PAGES | {"index.html": b"old"}
    for version in (old, PAGES):
        build(out, version)
    with Publication(out) as pub:
        assert pub.keep("index.html", digest_of(b"old"))
        assert pub.keep("robots.txt", digest_of(b"robots"))
        assert not pub.keep("codes/99213/index.html", digest_of(b"never built"))
        assert not pub.keep("../site/robots.txt", digest_of(b"robots"))
        with pytest.raises(ValueError, match="16 bytes"):
            pub.keep("robots.txt", b"")
        pub.commit()
    assert tree(out) == {"index.html": b"old", "robots.txt": b"robots"}


def test_a_kept_tree_is_not_written_through(out: Path) -> None:
    """A kept folder is shared by both trees until a file in it changes; then the old site keeps its bytes."""
    index = {f"pagefind/{number}.pf": b"%d" % number for number in range(5)}
    build(out, PAGES | index)
    with Publication(out) as pub:
        for path, data in PAGES.items():
            pub.write(path, data)
        assert pub.keep_tree("pagefind")
        pub.commit()
    assert tree(out) == PAGES | index
    assert (out / "pagefind/1.pf").samefile(spare(out) / "pagefind/1.pf")
    new = PAGES | index | {"pagefind/1.pf": b"x", "pagefind/2.pf": b"longer than before"}
    with Publication(out) as pub:
        for path, data in new.items():
            pub.write(path, data)
        assert tree(out) == PAGES | index
        pub.commit()
    assert tree(out) == new
    assert tree(spare(out)) == PAGES | index


def test_a_tree_is_kept_whole_or_not(out: Path) -> None:
    """A folder that the site does not have, or that was changed by hand, is not kept, and can be written."""
    build(out, PAGES | {"pagefind/1": b"1", "pagefind/2": b"2", "pagefinder": b"-"})
    (out / "pagefind/2").write_bytes(b"edited")
    with Publication(out) as pub:
        assert not pub.keep_tree("pagefind")
        assert not pub.keep_tree("page")
        pub.write("pagefind/1", b"new")
        pub.commit()
    assert tree(out) == {"pagefind/1": b"new"}


def test_without_hard_links_files_are_copied(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system without hard links gets copies, and the same site."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    build(out, PAGES)
    for _ in range(3):
        with Publication(out) as pub:
            assert pub.keep_tree("codes")
            pub.write("index.html", PAGES["index.html"])
            pub.write("robots.txt", PAGES["robots.txt"])
            pub.commit()
        assert tree(out) == PAGES
        assert not (out / "index.html").samefile(spare(out) / "index.html")


def test_another_program_adds_a_folder(out: Path) -> None:
    """Between settle and commit another program sees the pages of this build alone, and what it adds is published if taken in."""
    for _ in range(3):
        build(out, PAGES)
    pages = {path: data for path, data in PAGES.items() if "99214" not in path}
    for version in (b"1", b"22", b"333"):
        with Publication(out) as pub:
            for path, data in pages.items():
                pub.write(path, data)
            folder = pub.settle()
            assert tree(folder) == pages
            (folder / "pagefind/fragment").mkdir(parents=True)
            (folder / "pagefind/fragment/1").write_bytes(version)
            (folder / "left-over").write_bytes(b"of that program")
            assert pub.take_in("pagefind") == 1
            pub.write("build.json", version)
            pub.commit()
        assert tree(out) == pages | {"pagefind/fragment/1": version, "build.json": version}


def test_only_plain_files_are_taken_in(out: Path) -> None:
    """A symbolic link that another program made is refused, and so is a folder that it did not make."""
    with Publication(out) as pub:
        pub.write("index.html", b"home")
        folder = pub.settle()
        (folder / "pagefind").mkdir()
        (folder / "pagefind/link").symlink_to("/")
        with pytest.raises(ValueError, match="pagefind/link is not a plain file"):
            pub.take_in("pagefind")
        with pytest.raises(PublishError, match="other cannot be taken in"):
            pub.take_in("other")


# Where a site may go


def test_a_folder_of_unknown_origin_is_refused(out: Path) -> None:
    """A folder with files that no build has written is left alone, unless it is said to be for the site."""
    out.mkdir()
    (out / "thesis.txt").write_text("the only copy")
    with pytest.raises(PublishError, match=r"no build is known to have written(.|\n)*--out"):
        build(out, PAGES)
    assert tree(out) == {"thesis.txt": b"the only copy"}
    assert not spare(out).exists()
    with Publication(out, adopt=True) as pub:
        pub.write("index.html", b"home")
        pub.commit()
    assert tree(out) == {"index.html": b"home"}


def test_an_empty_folder_is_taken(out: Path) -> None:
    """A folder made for the site beforehand becomes the site."""
    out.mkdir()
    for _ in range(2):
        build(out, PAGES)
        assert tree(out) == PAGES


def test_a_file_or_a_mount_point_is_refused(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be swapped for a folder is refused before the work begins."""
    out.write_text("a file")
    with pytest.raises(PublishError, match="not a folder"):
        build(out, PAGES)
    out.unlink()
    out.mkdir()
    monkeypatch.setattr(os.path, "ismount", lambda path: Path(path) == out)
    with pytest.raises(PublishError, match="mount point"):
        build(out, PAGES)
    with pytest.raises(PublishError, match="cannot be the output folder"):
        Publication(Path("/"))


def test_a_link_to_the_output_folder_stays(out: Path, tmp_path: Path) -> None:
    """Where the output is a symbolic link, the folder it leads to is swapped, and the link is left as it is."""
    (tmp_path / "real").mkdir()
    out.symlink_to(tmp_path / "real")
    for _ in range(2):
        build(out, PAGES)
    assert out.is_symlink()
    assert tree(tmp_path / "real") == PAGES


def test_the_spare_tree_is_never_a_link(out: Path, tmp_path: Path) -> None:
    """A symbolic link in the place of the spare tree would be swapped in as the site: it is replaced."""
    (tmp_path / "elsewhere").mkdir()
    spare(out).symlink_to(tmp_path / "elsewhere")
    build(out, PAGES)
    assert not out.is_symlink()
    assert tree(out) == PAGES


def test_manifests_of_deleted_trees_go(out: Path) -> None:
    """There are never more manifests than trees, and those of another output beside this one stay."""
    build(out.with_name("site.2"), PAGES)
    for _ in range(4):
        build(out, PAGES)
        shutil.rmtree(spare(out), ignore_errors=True)
    build(out, PAGES)
    assert len([file for file in manifests(out) if not file.name.startswith("site.2.")]) == 2
    assert len([file for file in manifests(out) if file.name.startswith("site.2.")]) == 1


# Full disks


@pytest.mark.parametrize(("code", "cause"), [(errno.ENOSPC, "the disk is full"), (errno.EDQUOT, "quota is used up")])
def test_a_full_disk_is_said(out: Path, monkeypatch: pytest.MonkeyPatch, code: int, cause: str) -> None:
    """A disk that fills up ends the build with what to do; the site stands, and the space is given back."""
    big = PAGES | {"big": b"0" * 3_000_000}
    build(out, big)
    real, left = os.write, [2]

    def fill(handle: int, data: bytes) -> int:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(code, os.strerror(code))
        return real(handle, data[:4])

    monkeypatch.setattr(os, "write", fill)
    with pytest.raises(DiskFullError, match=cause) as caught:
        build(out, {path: data + b" of the second build" for path, data in big.items()})
    assert f"the site in {out}/ is untouched\n  try: free about 4 MB" in str(caught.value)
    assert "--out" in str(caught.value)
    assert tree(out) == big
    assert not spare(out).exists()
    monkeypatch.undo()
    build(out, PAGES)
    assert tree(out) == PAGES


def test_a_folder_without_permission_is_said(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any other refusal of the system is passed on with the file and the state of the site."""

    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "write", refuse)
    with pytest.raises(PublishError, match=r"index\.html cannot be written: Permission denied; no site was published"):
        build(out, PAGES)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mount a small file system with the given option."""
    place = tmp_path / "disk"
    place.mkdir()

    def mount(option: str) -> Path:
        if os.geteuid() != 0 or shutil.which("mount") is None:
            lacking("only root can mount the small file system that a real full disk is tested on")
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", option, "tmpfs", str(place)], capture_output=True, check=False)
        if done.returncode:
            lacking("this machine does not let root mount a tmpfs (a container without that right): no test on a real full disk")
        return place

    yield mount
    if place.is_mount():
        subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize(("option", "cause"), [("size=1m", "the disk is full"), ("nr_inodes=60", "no file entries")])
def test_a_disk_really_full(small_disk: Callable[[str], Path], option: str, cause: str) -> None:
    """On a real full disk the site stands, and a build that fits goes through afterwards."""
    out = small_disk(option) / "site"
    fits = {f"{number}.html": b"%4000d" % number for number in range(20)}
    build(out, fits)
    for _ in range(2):
        with pytest.raises(DiskFullError, match=cause):
            build(out, {f"new/{number}.html": b"%8000d" % number for number in range(300)})
        assert tree(out) == fits
    changed = fits | {"1.html": b"one"}
    build(out, changed)
    assert tree(out) == changed


# Swapping and kills


@pytest.fixture
def two_renames(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the system one that cannot exchange two folders in one step."""
    monkeypatch.setattr(publish, "exchange", lambda _one, _other: False)


@pytest.fixture
def can_exchange(tmp_path: Path) -> bool:
    """Tell whether this system exchanges two folders in one step."""
    for name in ("one", "other"):
        (tmp_path / "probe" / name).mkdir(parents=True)
    return publish.exchange(str(tmp_path / "probe/one"), str(tmp_path / "probe/other"))


def test_exchange_swaps_or_says_no(tmp_path: Path) -> None:
    """The exchange either swaps two names or leaves both and says so."""
    (tmp_path / "one").mkdir()
    (tmp_path / "other").write_text("file")
    swapped = publish.exchange(str(tmp_path / "one"), str(tmp_path / "other"))
    assert (tmp_path / "other").is_dir() is swapped
    assert (tmp_path / "one").is_dir() is not swapped
    assert not publish.exchange(str(tmp_path / "one"), str(tmp_path / "missing"))


def test_without_the_system_call_there_is_no_exchange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A C library without the call means two renames, not a failure."""
    monkeypatch.setattr(publish, "_renameat2", lambda: None)
    for version in (PAGES, PAGES | {"index.html": b"new"}):
        build(tmp_path / "site", version)
        assert tree(tmp_path / "site") == version


@pytest.mark.usefixtures("two_renames")
def test_two_renames_do_the_same(out: Path) -> None:
    """Without an exchange the builds give the same trees."""
    other = PAGES | {"index.html": b"other"}
    for version in (PAGES, other, PAGES, other):
        build(out, version)
        assert tree(out) == version
    assert tree(spare(out)) == PAGES
    assert list((out.parent / ".build").iterdir()) == manifests(out)


def run(work: Callable[[], object]) -> int:
    """Run a function in a forked process that leaves without any clean-up; return its process id."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:  # noqa: BLE001 - it must not come out into a second copy of the test run
            traceback.print_exc()
        finally:
            os._exit(code)
    return pid


def exit_code(pid: int) -> int:
    """Wait for a process; a negative number is the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.usefixtures("two_renames")
@pytest.mark.parametrize("renames", [1, 2, 3])
def test_a_kill_between_the_renames_is_mended(out: Path, renames: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever rename was the last before the kill, the next start has the new site in place and the old one as spare."""
    new = PAGES | {"index.html": b"new"}
    build(out, PAGES)
    real, done = os.rename, [0]

    def die(one: str, other: str) -> None:
        real(one, other)
        done[0] += 1
        if done[0] == renames:
            os._exit(9)

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", die)
        assert exit_code(run(lambda: build(out, new))) == 9
    assert out.exists() is (renames > 1)
    with Publication(out):
        assert tree(out) == new
        assert tree(spare(out)) == PAGES
    assert build(out, new) == Summary(files=4, changed=0, removed=0)
    assert tree(out) == new


@pytest.mark.usefixtures("two_renames")
def test_a_swap_that_fails_is_taken_back(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the new tree cannot take the name of the site, the old one gets it back."""
    build(out, PAGES)
    real = os.rename

    def fail(one: str, other: str) -> None:
        if one.endswith(".spare"):
            raise OSError(errno.EBUSY, "Device or resource busy")
        real(one, other)

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", fail)
        with pytest.raises(PublishError, match=r"cannot be put in place: Device or resource busy; the site in .* is untouched"):
            build(out, {"index.html": b"new"})
    assert tree(out) == PAGES
    build(out, {"index.html": b"new"})
    assert tree(out) == {"index.html": b"new"}


def test_a_lost_spare_tree_is_no_loss(out: Path) -> None:
    """When a kill between the renames is followed by a loss of the new tree, the old site comes back."""
    build(out, PAGES)
    out.rename(out.parent / ".build/site.old")
    with Publication(out):
        assert tree(out) == PAGES


def version_pages(version: str) -> Pages:
    """About 300 pages of a version: a third are the same in all, a seventh have names of their own."""
    pages = {"index.html": version.encode() * 500}
    for number in range(300):
        name = f"codes/{number % 40}/{number}{version if number % 7 == 0 else ''}.html"
        pages[name] = (b"=" if number % 3 == 0 else version.encode()) * (2000 + number)
    return pages


VERSIONS = {version: version_pages(version) for version in "ABC"}


def build_on_and_on(out: Path) -> None:
    """Build one version after the other, never the one that is in the spare tree."""
    with Publication(out) as pub:
        current = (out / "index.html").read_bytes()[:1].decode()
        del pub
    while True:
        current = {"A": "B", "B": "C", "C": "A"}[current]
        build(out, VERSIONS[current])


def watch(out: Path, stop: Path) -> None:
    """Fail when the first page of the site is ever missing or is none of the versions."""
    allowed = {pages["index.html"] for pages in VERSIONS.values()}
    while not stop.exists():
        assert (out / "index.html").read_bytes() in allowed


@pytest.mark.parametrize("way", ["exchange", "renames"])
def test_the_site_is_whole_after_any_kill(out: Path, way: str, can_exchange: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed twenty times at random moments, the builds leave a site of one version each time; an exchange never lets it be missing."""
    if way == "exchange" and not can_exchange:
        lacking("this system or file system cannot exchange two folders in one step (Linux can, on ext4, xfs, btrfs and tmpfs)")
    if way == "renames":
        monkeypatch.setattr(publish, "exchange", lambda _one, _other: False)
    build(out, VERSIONS["A"])
    stop = out.parent / "stop"
    watcher = run(lambda: watch(out, stop)) if way == "exchange" else 0
    seen = set()
    try:
        for _ in range(20):
            builder = run(lambda: build_on_and_on(out))
            time.sleep(0.02 + secrets.randbelow(80_000) / 1e6)
            os.kill(builder, signal.SIGKILL)
            assert exit_code(builder) == -signal.SIGKILL
            if way == "renames":
                with Publication(out):
                    pass
            current = (out / "index.html").read_bytes()[:1].decode()
            assert tree(out) == VERSIONS[current]
            seen.add(current)
    finally:
        stop.touch()
        if watcher:
            assert exit_code(watcher) == 0
    assert len(seen) > 1
    build(out, PAGES)
    assert tree(out) == PAGES
