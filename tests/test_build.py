"""The build as a whole: same bytes, one at a time, killed or out of room and the old site stands; what it says, and what `check` finds."""

from __future__ import annotations

import errno
import fcntl
import gzip
import io
import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from built import AFTER, IN_PERIOD, Site, tree
from copies import Project, copied
from importing import Imported
from machine import ROOT

from medpayiq import building, cli, loading, making, words
from medpayiq.building import Options
from medpayiq.findings import Failed
from medpayiq.progress import Progress

COMMANDS = ("build", "import", "fetch", "archive", "sample", "check", "serve", "schema", "sources", "tip-diff", "changes", "follow", "new-tip")
FINDING = re.compile(r"^(\S+?):(\d+):(\d+): error: (.+)\n  try: .+", re.MULTILINE)
PAGEFIND = "pagefind/pagefind-entry.json"


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", IN_PERIOD)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a copy of the project that tests leave as they found it."""
    return Project(tmp_path_factory.mktemp("project"))


@pytest.fixture
def own_project(tmp_path: Path) -> Project:
    """Return a copy of the project for one test alone."""
    return Project(tmp_path / "project")


def with_release(project: Project, imported: Imported) -> Project:
    """Import RVU26C into a copy, and return it."""
    snapshots = project.root / "cms_data" / "snapshots"
    if not snapshots.exists():
        snapshots.mkdir()
        (snapshots / "rvu26c").symlink_to(imported.snapshot.folder)
    return project


@pytest.fixture(scope="module")
def full_project(project: Project, imported: Imported) -> Project:
    """Return the copy with RVU26C imported into it."""
    return with_release(project, imported)


@pytest.fixture
def last_site(sample_site: Site, tmp_path: Path) -> Path:
    """Return the site of the sample as the last build left it, with what that build remembers, in a folder of its own."""
    return copied(sample_site.folder, tmp_path / "last")


def no_traceback(done: subprocess.CompletedProcess[str]) -> str:
    """Return what a command said on standard error; a traceback is never an answer."""
    assert "Traceback" not in done.stderr, done.stderr
    return done.stderr


# -- same input, same bytes ----------------------------------------------------------------------------------------------


def test_same_bytes_whatever_the_processes(tmp_path: Path, sample_site: Site) -> None:
    """One process and two make the same bytes of every file outside Pagefind's folder, in any folder."""
    for jobs in (1, 2):
        out = tmp_path / f"with {jobs}" / "site"
        building.build(Options("sample", out, search=False, jobs=jobs))
        assert tree(out) == tree(sample_site.folder)
    assert len(tree(sample_site.folder)) > 1_000


def test_bytes_do_not_depend_on_what_was_there(monkeypatch: pytest.MonkeyPatch, sample_site: Site, last_site: Path) -> None:
    """A folder that held this site, the one of another day, and then this one again, holds the same bytes as a fresh one."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", AFTER)
    building.build(Options("sample", last_site, search=False))
    assert tree(last_site) != tree(sample_site.folder)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", IN_PERIOD)
    building.build(Options("sample", last_site, search=False))
    assert tree(last_site) == tree(sample_site.folder)


# A note and a range stand on pages of their own, so that neither hides what the other's pages forget; the rest makes every page anew.
EDITS = [
    [
        ("content/codes/97761.yml", "First training with an artificial limb", "Learning to use a new artificial limb"),
        ("content/ranges.yml", "name: Anesthesia care", "name: Care under anesthesia"),
    ],
    [("rules/status.yml", "verdict: Paid by time", "verdict: Paid by the minute")],
    [("rules/percentages.yml", 'percent: "150"', 'percent: "149"')],
    [("site.yml", "name: MedPayIQ", "name: MedPayIQ Two")],
    [("templates/code.html", "Nearby codes", "Codes nearby")],
    [("medpayiq/pages/naming.py", "Maternity care.", "Care in pregnancy.")],
]


def test_a_build_after_an_edit_equals_a_fresh_one(own_project: Project, tmp_path: Path) -> None:
    """Pages kept from the build before are never out of date: after each edit of content, rules, settings, templates or code all bytes are those of a fresh build."""
    long_lived = ("--release", "sample", "--no-search", "--out", str(tmp_path / "kept" / "site"))
    assert own_project.run(*long_lived).returncode == 0
    for number, edits in enumerate(EDITS):
        for edit in edits:
            own_project.edit(*edit)
        assert own_project.run(*long_lived).returncode == 0
        fresh = tmp_path / f"fresh{number}" / "site"
        assert own_project.run("--release", "sample", "--no-search", "--out", str(fresh)).returncode == 0
        assert tree(tmp_path / "kept" / "site") == tree(fresh), edits
        shutil.rmtree(fresh.parent)
    # So far both remembered what builds of this project do: of tips, edits and templates. One that remembers nothing gives the same.
    shutil.rmtree(own_project.root / ".build")
    assert own_project.run("--release", "sample", "--no-search", "--out", str(tmp_path / "new" / "site")).returncode == 0
    assert tree(tmp_path / "kept" / "site") == tree(tmp_path / "new" / "site")


def test_unchanged_pages_are_kept(sample_site: Site, last_site: Path) -> None:
    """A second build of the same content changes no file and does not index again."""
    first = sample_site.result
    second = building.build(Options("sample", last_site))
    assert (first.files, first.changed) == (second.files, first.files)
    assert (second.changed, second.removed) == (0, 0)
    assert second.search.startswith("kept")
    assert (last_site / PAGEFIND).is_file()


@pytest.mark.parametrize(("epoch", "day"), [("0", "1970-01-01"), (IN_PERIOD, "2026-08-15"), ("1782863999", "2026-06-30"), ("1782864000", "2026-07-01")])
def test_source_date_epoch_is_the_day_of_the_build(epoch: str, day: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The day of the build is that of SOURCE_DATE_EPOCH in UTC, whatever the machine's clock and zone say."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    assert loading.today() == day


@pytest.mark.parametrize("epoch", ["", "yesterday", "1e9", "-5", "12.5", "\u00b2", "\u0663", "9" * 30])
def test_a_bad_source_date_epoch_is_refused(epoch: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is not a number of seconds is refused with a line that says what to type, and nothing is built."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    with pytest.raises(Failed, match=r"SOURCE_DATE_EPOCH.*\n.*try: ") as caught:
        building.build(Options("sample", tmp_path / "site", search=False))
    assert caught.value.exit_code == 2
    assert not (tmp_path / "site").exists()


# -- the last good site stands -------------------------------------------------------------------------------------------


def wait_for_end(out: Path) -> None:
    """Wait until nothing holds the lock of an output folder: the workers of a killed build stop by themselves."""
    with (out.parent / ".build" / "lock").open("a") as lock:
        for _ in range(600):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.05)
            else:
                return
    pytest.fail("the workers of a killed build are still running")


@pytest.mark.parametrize(("whole_content", "kills"), [pytest.param(False, 16, id="a few tips"), pytest.param(True, 4, id="every tip")])
def test_killed_at_random_the_last_site_stands(whole_content: bool, kills: int, tmp_path: Path) -> None:
    """Killed at random moments, twenty in all, the build leaves one whole site, the old or the new one, that was there throughout; then it still builds both."""
    # With every tip, what the linter's processes tell one another is more than a pipe holds: one that is killed there must not wait for ever.
    projects = [Project(tmp_path / name, whole=whole_content, keep="therapy-orthotic-modifiers") for name in ("one", "two")]
    projects[1].edit("content/codes/97761.yml", "First training", "A first training")  # what the word search indexes differs, too
    projects[1].edit("site.yml", "tagline: What", "tagline: Now what")  # and every page
    whole = []
    length = 0.0
    for number, project in enumerate(projects):
        began = time.monotonic()
        done = project.run("--release", "sample", "--out", str(tmp_path / f"whole{number}" / "site"))
        length = max(length, time.monotonic() - began)
        assert done.returncode == 0, done.stderr
        whole.append(tree(tmp_path / f"whole{number}" / "site"))
    assert whole[0] != whole[1]
    out = copied(tmp_path / "whole0" / "site", tmp_path / "killed")
    arguments = ("--release", "sample", "--out", str(out))
    draw = random.Random(20)  # noqa: S311 - moments, not secrets
    seen = set()
    for number in range(kills):
        process = subprocess.Popen(projects[(number + 1) % 2].command(*arguments), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + draw.uniform(0, length)
        while process.poll() is None and time.monotonic() < end:
            assert (out / "index.html").is_file()
            assert (out / "codes" / "97761" / "index.html").is_file()
            time.sleep(0.002)
        process.kill()
        process.wait()
        found = tree(out)
        assert found in whole, f"kill {number}: the site is a mixture"
        assert (out / PAGEFIND).is_file()
        seen.add(whole.index(found))
        wait_for_end(out)
    for number, project in enumerate(projects):
        done = project.run(*arguments)
        assert done.returncode == 0, done.stderr
        assert tree(out) == whole[number]
    assert sorted(path.name for path in out.parent.iterdir()) == [".build", ".site.spare", "site"]


class SlowIndex:
    """Stands in for Pagefind: says that it has begun, waits for a sign, and then lets Pagefind itself do its work."""

    def __init__(self, root: Path) -> None:
        self.began, self._end, self._modules = root / "began", root / "end", root / "modules"
        package = self._modules / "pagefind_bin"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        lines = [
            "import pathlib, runpy, sys, time",
            f"pathlib.Path({str(self.began)!r}).touch()",
            f"while not pathlib.Path({str(self._end)!r}).exists(): time.sleep(0.01)",
            f"sys.path.remove({str(self._modules)!r})",
            "del sys.modules['pagefind_bin']",
            "runpy.run_module('pagefind_bin', run_name='__main__')",
        ]
        (package / "__main__.py").write_text("\n".join(lines), encoding="utf-8")

    def start(self, command: list[str], **environment: str) -> subprocess.Popen[bytes]:
        """Start a build, and return it once it is making the word index."""
        paths = {"PYTHONPATH": str(self._modules), **environment}
        process = subprocess.Popen(command, env={**os.environ, **paths}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not self.began.exists():
            assert process.poll() is None, "the build ended before its word index"
            time.sleep(0.01)
        return process

    def end(self) -> None:
        """Let it go on."""
        self._end.touch()


def test_killed_while_the_word_index_is_made(project: Project, tmp_path: Path) -> None:
    """Pagefind outlives a build that is killed: until it has stopped writing, the next build says so and changes nothing; then it builds."""
    out = tmp_path / "site"
    arguments = ("--release", "sample", "--out", str(out))
    index = SlowIndex(tmp_path)
    first = index.start(project.command(*arguments))
    try:
        first.kill()
        first.wait()
        second = project.run(*arguments)
        assert second.returncode == 1
        assert "was killed, and its workers are just stopping" in no_traceback(second)
        assert "try: again in a few seconds" in second.stderr
        assert not out.exists()
    finally:
        index.end()
    wait_for_end(out)
    assert project.run(*arguments).returncode == 0
    assert (out / PAGEFIND).is_file()


def test_two_builds_at_once(project: Project, tmp_path: Path) -> None:
    """While one build runs, a second one says which process it is and what to do, changes nothing and exits with 1; the first ends well."""
    out = tmp_path / "site"
    arguments = ("--release", "sample", "--out", str(out))
    assert project.run(*arguments, "--no-search").returncode == 0
    before = tree(out, search=True)
    index = SlowIndex(tmp_path)
    first = index.start(project.command(*arguments), SOURCE_DATE_EPOCH=AFTER)
    try:
        second = project.run(*arguments)
        assert tree(out, search=True) == before
    finally:
        index.end()
    assert second.returncode == 1
    assert f"another build is running in {tmp_path}: process {first.pid}" in no_traceback(second)
    assert "  try: " in second.stderr
    assert first.wait() == 0
    assert tree(out) != before
    assert (out / PAGEFIND).is_file()


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """Mount a small file system in memory at a folder; False where this machine or user may not."""
    folder.mkdir()
    mounted = shutil.which("mount") is not None and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)], capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=False)


def fill(folder: Path, leave: int) -> None:
    """Fill the disk of a folder up to some room."""
    disk = os.statvfs(folder)
    with (folder / "filler").open("wb") as file:
        file.write(bytes(max(0, disk.f_bavail * disk.f_frsize - leave)))


@pytest.fixture(scope="module")
def half_site(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the site of the copy without a word index, built once."""
    out = tmp_path_factory.mktemp("half") / "site"
    done = project.run("--release", "sample", "--no-search", "--out", str(out), SOURCE_DATE_EPOCH=IN_PERIOD)
    assert done.returncode == 0, done.stderr
    return out


@pytest.mark.parametrize("room", [0, 300_000, 4_000_000])
def test_a_full_disk_leaves_the_old_site(room: int, project: Project, tmp_path: Path, half_site: Path) -> None:
    """A disk that is full, or fills up, ends in one message with what to do, exit code 1 and the old site; with room again the build goes on."""
    with small_disk(tmp_path / "disk") as mounted:
        if not mounted:
            pytest.skip("a small disk cannot be mounted here; test_a_disk_that_refuses covers the rest")
        out = copied(half_site, tmp_path / "disk")
        arguments = ("--release", "sample", "--no-search", "--out", str(out))
        before = tree(out)
        fill(tmp_path / "disk", room)
        done = project.run(*arguments, SOURCE_DATE_EPOCH=AFTER)
        said = no_traceback(done)
        if done.returncode:  # the greatest room can be enough one day
            assert done.returncode == 1
            assert re.search(r"the disk is full|No space left", said), said
            assert "  try: " in said
            assert tree(out) == before
        (tmp_path / "disk" / "filler").unlink()
        assert project.run(*arguments, SOURCE_DATE_EPOCH=AFTER).returncode == 0
        assert tree(out) != before


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_disk_that_refuses(jobs: int, monkeypatch: pytest.MonkeyPatch, sample_site: Site, last_site: Path) -> None:
    """When the system refuses a write for want of room, in this process or a worker, the message says how much to free and the old site stands."""
    true_write = os.write

    def refuse(handle: int, data: bytes) -> int:
        if b"<title>97761" in data[:2_000]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return true_write(handle, data)

    monkeypatch.setattr(os, "write", refuse)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", AFTER)
    with pytest.raises(Failed, match=r"the disk is full.*is untouched\n.*try: free about \d+ MB") as caught:
        building.build(Options("sample", last_site, search=False, jobs=jobs))
    assert caught.value.exit_code == 1
    assert tree(last_site) == tree(sample_site.folder)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_page_that_cannot_be_made(jobs: int, monkeypatch: pytest.MonkeyPatch, sample_site: Site, last_site: Path) -> None:
    """A fault in one page ends the build with that page's code and the place of the fault; the old site stands, and the next build is whole."""
    true_page = making.code_page

    def fault(entry, site, tree_of_hubs):
        if entry.code == "97761":
            raise ZeroDivisionError("a fault in this page")
        return true_page(entry, site, tree_of_hubs)

    monkeypatch.setattr(making, "code_page", fault)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", AFTER)
    with pytest.raises(Failed, match=r"the page of 97761 could not be made\n(?s:.*)ZeroDivisionError: a fault in this page"):
        building.build(Options("sample", last_site, search=False, jobs=jobs))
    assert tree(last_site) == tree(sample_site.folder)
    monkeypatch.undo()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", IN_PERIOD)
    building.build(Options("sample", last_site, search=False))
    assert tree(last_site) == tree(sample_site.folder)


def test_a_page_process_that_dies(monkeypatch: pytest.MonkeyPatch, sample_site: Site, last_site: Path) -> None:
    """A page process that the system ends, as it does for want of memory, ends the build with what to try; the old site stands."""
    parent, true_page = os.getpid(), making.code_page

    def die(entry, site, tree_of_hubs):
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return true_page(entry, site, tree_of_hubs)

    monkeypatch.setattr(making, "code_page", die)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", AFTER)
    with pytest.raises(Failed, match=r"ended early.*\n.*try: --jobs 1"):
        building.build(Options("sample", last_site, search=False, jobs=2))
    assert tree(last_site) == tree(sample_site.folder)


def test_the_word_index_that_cannot_be_made(monkeypatch: pytest.MonkeyPatch, last_site: Path) -> None:
    """When Pagefind fails, the build fails with its last lines, and the old site and its old index stand."""
    before = tree(last_site, search=True)

    def broken(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 3, "", "it broke\n")

    monkeypatch.setattr(words.subprocess, "run", broken)
    monkeypatch.setattr(building, "_INDEXED", "pagefind/other.txt")  # as if the text had changed
    with pytest.raises(Failed, match=r"Pagefind failed(?s:.*)it broke"):
        building.build(Options("sample", last_site))
    assert tree(last_site, search=True) == before


def test_a_word_index_that_is_not_whole(monkeypatch: pytest.MonkeyPatch, last_site: Path) -> None:
    """Pagefind ends with exit code 0 even when the disk has filled up under it: its empty files are seen, and the old site and index stand."""
    before = tree(last_site, search=True)
    true_pagefind = words._pagefind

    def cut(site: Path, output: Path) -> words.PagefindResult:
        result = true_pagefind(site, output)
        max(output.rglob("*.pf_fragment")).write_bytes(b"")
        return result

    monkeypatch.setattr(words, "_pagefind", cut)
    monkeypatch.setattr(building, "_INDEXED", "pagefind/other.txt")  # as if the text had changed
    with pytest.raises(Failed, match=r"1 files are empty: the disk is full\n.*try: "):
        building.build(Options("sample", last_site))
    assert tree(last_site, search=True) == before


def test_what_is_not_ours_is_left_alone(project: Project, tmp_path: Path) -> None:
    """A folder that holds somebody's files is refused as output, with its files in place."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "thesis.txt").write_text("years of work", encoding="utf-8")
    done = project.run("--release", "sample", "--no-search", "--out", str(tmp_path / "docs"))
    assert done.returncode == 1
    assert "would lose them" in no_traceback(done)
    assert (tmp_path / "docs" / "thesis.txt").read_text(encoding="utf-8") == "years of work"


def test_an_output_folder_that_cannot_be_made(project: Project, tmp_path: Path) -> None:
    """An output below a file ends in a message with the path and what to look at."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = project.run("--release", "sample", "--no-search", "--out", str(tmp_path / "file" / "site"))
    assert done.returncode == 1
    assert str(tmp_path / "file") in no_traceback(done)
    assert "  try: " in done.stderr


@pytest.mark.parametrize("jobs", ["-1", "-8"])
def test_a_negative_number_of_processes_is_refused(jobs: str, tmp_path: Path) -> None:
    """A negative --jobs would write a site without a code page: it is refused, and nothing is written."""
    with pytest.raises(Failed, match=r"--jobs.*\n.*try: ") as caught:
        building.build(Options("sample", tmp_path / "site", search=False, jobs=int(jobs)))
    assert caught.value.exit_code == 2
    assert list(tmp_path.iterdir()) == []


# -- what it says --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def done(project: Project, tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """Return what a build of the copy says."""
    return project.run("--release", "sample", "--out", str(tmp_path_factory.mktemp("said") / "site"), SOURCE_DATE_EPOCH=IN_PERIOD)


def test_one_line_a_phase_where_nobody_watches(done: subprocess.CompletedProcess[str]) -> None:
    """Away from a terminal each phase is one line with its time, in order, and no line is drawn over."""
    assert done.returncode == 0
    assert "\r" not in done.stderr
    assert "\x1b" not in done.stderr
    lines = done.stderr.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["read", "join", "pages", "search index", "publish"]
    assert all(re.fullmatch(r"[a-z ]+: \d+\.\d s", line) for line in lines)


def test_a_line_that_moves_on_a_terminal() -> None:
    """On a terminal one line is drawn over, with how many pages are done, and each phase ends with its time."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    with Progress(terminal) as progress:
        progress.phase("pages")
        progress._drawn = 0.0
        progress.count(64, 17_096)
        progress.phase("publish")
    text = terminal.getvalue()
    assert "\r\x1b[Kpages 64 of 17,096" in text
    assert re.search(r"pages: \d+\.\d s\n", text)
    assert text.endswith(" s\n")


def test_summary_at_the_end(done: subprocess.CompletedProcess[str]) -> None:
    """The end names pages and time, pages by status, noindex, files, how far tips reach, the word index and warnings, and what to type next."""
    patterns = [
        r"RVU26C: \d+ code pages of [\d,]+ pages in \d+\.\d s",
        r"by status: A \d+, B \d+, C \d+, E \d+, I \d+, J \d+, M \d+, N \d+, P \d+, R \d+, T \d+, X \d+",
        r"noindex: \d+ code pages \(the rule is in site\.yml\)",
        r"files: [\d,]+, of which [\d,]+ new or changed; 0 removed",
        r"tips: [\d,]+ on \d+ of \d+ priced codes; three or more, one of them by code, range or family, on \d+",
        r"search: [\d,]+ pages",
        r"warnings: 0",
        r"next: .*build\.py serve.*",
    ]
    lines = done.stdout.splitlines()
    assert len(lines) == len(patterns)
    for pattern, line in zip(patterns, lines, strict=True):
        assert re.fullmatch(pattern, line), line
    codes = {line.split("\t")[0] for line in (ROOT / "cms_data" / "sample" / "services.tsv").read_text(encoding="utf-8").splitlines()[1:]}
    assert lines[0].startswith(f"RVU26C: {len(codes)} code pages")


def test_an_interrupted_build_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C ends with one sentence and the exit code that shells expect."""

    def interrupt(_: Options) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(building, "build", interrupt)
    assert cli.main(["--release", "sample"]) == 130
    assert capsys.readouterr().err == "stopped; the site is as it was\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every command explains itself and each of its options in a sentence, and stands in the list of commands."""
    with pytest.raises(SystemExit) as caught:
        cli.main([command, "--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    assert f"build.py {command}" in text
    assert "." in text
    for line in text.splitlines():
        if re.match(r"  -[-\w, ]+$", line.rstrip()) and not line.strip().startswith("-h"):
            assert "help" not in line
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    assert re.search(rf"^ +{command} +\S", capsys.readouterr().out, re.MULTILINE)


def test_every_command_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    """The commands tested here are all there are, and an unknown one is refused with the list of them."""
    with pytest.raises(SystemExit) as caught:
        cli.main(["biuld"])
    assert caught.value.code == 2
    said = capsys.readouterr().err
    assert all(command in said for command in COMMANDS)
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    assert set(re.findall(r"^    ([a-z-]+)  ", capsys.readouterr().out, re.MULTILINE)) == set(COMMANDS)


def test_every_command_is_in_the_readme() -> None:
    """README names every command of build.py."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in COMMANDS:
        assert re.search(rf"build\.py {command}\b", text), command


def test_an_unknown_release_lists_those_imported(imported: Imported) -> None:
    """A release that is not imported is refused with those that are, and with the command that imports one."""
    snapshots = imported.snapshot.folder.parent
    with pytest.raises(Failed, match=r"RVU99A is not imported \(imported: rvu26c\)\n.*try: .*build.py import") as caught:
        loading.choose_snapshot("RVU99A", snapshots)
    assert caught.value.exit_code == 2
    with pytest.raises(Failed, match=r"\(imported: none\)"):
        loading.choose_snapshot("rvu99a", snapshots / "nowhere")


def test_the_newest_release_is_built_by_default(imported: Imported, snapshots_of_history: dict[str, Imported], tmp_path: Path) -> None:
    """Without --release the newest imported one is taken, and the embedded sample where there is none; names may be in any case."""
    for one in (imported, snapshots_of_history["rvu25d"], snapshots_of_history["rvu26b"]):
        (tmp_path / one.snapshot.folder.name).symlink_to(one.snapshot.folder)
    assert loading.choose_snapshot(None, tmp_path).name == "rvu26c"
    assert loading.choose_snapshot("RVU25D", tmp_path).name == "rvu25d"
    assert loading.choose_snapshot(None, tmp_path / "none").name == "sample"
    assert loading.choose_snapshot("sample", tmp_path).name == "sample"


def test_a_damaged_snapshot_is_refused(imported: Imported, tmp_path: Path) -> None:
    """A table whose bytes are not those that were imported is refused by its checksum, with what to do, and no site is written."""
    folder = tmp_path / "snapshots" / "rvu26c"
    folder.mkdir(parents=True)
    for path in imported.snapshot.folder.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    table = folder / "services.tsv.gz"
    table.write_bytes(gzip.compress(gzip.decompress(table.read_bytes()).replace(b"99213\t\tA\t\t130\t", b"99213\t\tA\t\t131\t", 1)))
    assert gzip.decompress(table.read_bytes()) != gzip.decompress((imported.snapshot.folder / "services.tsv.gz").read_bytes())
    with pytest.raises(Failed, match=r"services\.tsv\.gz: error: its sha256 is not the one .*\n.*try: import") as caught:
        building.build(Options("rvu26c", tmp_path / "site", snapshots=tmp_path / "snapshots"))
    assert caught.value.exit_code == 2
    assert not (tmp_path / "site").exists()


# -- check ---------------------------------------------------------------------------------------------------------------

NOTE, DELETED, RANGES, SETTING = "content/codes/97761.yml", "content/replaced.yml", "content/ranges.yml", "site.yml"
TITLE = "First training with an artificial limb"


def swap(old: str, new: str) -> Callable[[str], str]:
    """Return a change of one place; the place must be there."""

    def change(text: str) -> str:
        assert old in text, old
        return text.replace(old, new, 1)

    return change


def add(text: str) -> Callable[[str], str]:
    """Return a change that adds lines at the end."""
    return lambda before: before + text


FAULTS = {
    "no YAML": (NOTE, swap("title: ", 'title: "'), "is not YAML"),
    "a tab": (NOTE, swap("summary: >-\n  ", "summary:\n\t"), "is not YAML"),
    "a key twice": (NOTE, add("title: Another title for this code\n"), "key 'title' stands twice"),
    "an unknown key": (NOTE, add("titel: Another title for this code\n"), "titel: no such key"),
    "a key that is missing": (NOTE, swap("summary:", "sumary:"), "summary"),
    "a note without its day": (NOTE, swap("changed:", "words_too:"), "changed is missing"),
    "a note with a day that no calendar has": (NOTE, lambda text: re.sub(r'changed: ".*"', 'changed: "2026-02-31"', text), "2026-02-31 is not a day of the calendar"),
    "a title that is too short": (NOTE, swap(TITLE, "Short"), "title: has 5 characters"),
    "markup in a title": (NOTE, swap(TITLE, "First <b>training</b> with a limb"), "title"),
    "the title of another code": ("content/codes/97763.yml", swap("Later brace, splint or artificial limb session", TITLE), "title is the same as in"),
    "a file of another name": ("content/codes/97799.yml", lambda _: (ROOT / NOTE).read_text(encoding="utf-8"), "code 97761 is not the file's name"),
    "a successor in small letters": (DELETED, swap('by: ["90480"]', 'by: ["9048o"]'), "by/0"),
    "a deleted code twice": (DELETED, swap('code: "0002A"', 'code: "0001A"'), "0001A stands twice"),
    "its own successor": (DELETED, swap('by: ["90480"]', 'by: ["0001A"]'), "0001A is replaced by itself"),
    "a day that no calendar has": (DELETED, swap('since: "2026-01-01"', 'since: "2026-02-31"'), "2026-02-31 is no day of the calendar"),
    "a range from high to low": (RANGES, swap('["00100", "01999"]', '["01999", "00100"]'), "is not a range"),
    "ranges that overlap": (RANGES, swap('["00100", "01999"]', '["00100", "10500"]'), "overlaps"),
    "settings that are no YAML": (SETTING, add("name: [\n"), "is not YAML"),
    "a setting twice": (SETTING, add("name: Another\n"), "key 'name' stands twice"),
    "an unknown setting": (SETTING, add("nmae: Another\n"), "'nmae' is not a setting"),
    "a slash at the end of the address": (SETTING, swap("base_url: https://medpayiq.example", "base_url: https://medpayiq.example/"), "base_url"),
    "a contact without scheme": (SETTING, swap("contact: https://", "contact: "), "contact"),
    "a year that is none": (SETTING, swap('cpt_notice_year: "2026"', 'cpt_notice_year: "26"'), "cpt_notice_year"),
    "an unknown kind of descriptors": (SETTING, swap("descriptors: own", "descriptors: both"), "descriptors"),
    "descriptors without licence": (SETTING, swap("descriptors: own", "descriptors: cms"), "descriptors: cms shows descriptors that are the AMA's"),
    "a status that is none": (SETTING, swap("statuses: [I,", "statuses: [Y,"), "'Y' is not known"),
    "an unknown exception": (SETTING, swap("own_text]", "own_txt]"), "'own_txt' is not known"),
    "an unknown key of noindex": (SETTING, swap("  unless:", "  except: [D]\n  unless:"), "'except' is not a setting"),
    "a name that is missing": (SETTING, swap("name: MedPayIQ\n", ""), "name: is missing"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_check_finds_each_fault(fault: str, project: Project) -> None:
    """`build.py check` names each fault of content and settings with file, line and column and what to try, and exits with 1; a build refuses, too."""
    name, change, words = FAULTS[fault]
    with project.changed(name, change):
        done = project.run("check", "--release", "sample")
        lines = (project.root / name).read_text(encoding="utf-8").splitlines()
    assert no_traceback(done) == ""
    assert done.returncode == 1
    found = [match for match in FINDING.finditer(done.stdout) if match[1] == name and words in match[4]]
    assert found, done.stdout
    assert 1 <= int(found[0][2]) <= len(lines) + 1
    assert re.search(r"^\d+ errors?$", done.stdout, re.MULTILINE)


def test_a_build_refuses_what_check_finds(project: Project, tmp_path: Path) -> None:
    """A build with faulty content lists the same findings, exits with 1 and writes no site."""
    with project.changed(NOTE, swap(TITLE, "Short")), project.changed(SETTING, swap("descriptors: own", "descriptors: both")):
        done = project.run("--release", "sample", "--no-search", "--out", str(tmp_path / "site"))
    assert done.returncode == 1
    assert {match[1] for match in FINDING.finditer(no_traceback(done))} == {NOTE, SETTING}
    assert "2 errors" in done.stderr
    assert not (tmp_path / "site").exists()


FAULTS_OF_CODES = {
    "a successor that is not in the release": (DELETED, swap('by: ["90480"]', 'by: ["99999"]'), "0001A is replaced by 99999 is not in the release"),
    "a deleted code that is in the release": (DELETED, swap('code: "0001A"', 'code: "97761"'), "97761 is in the release: it is not deleted"),
    "a note on a code that is not in the release": (
        "content/codes/99999.yml",
        lambda _: (ROOT / NOTE).read_text(encoding="utf-8").replace("97761", "99999", 1).replace(TITLE, "A service that nobody has heard of"),
        "code 99999 is not in the release",
    ),
}


@pytest.mark.parametrize("fault", FAULTS_OF_CODES)
def test_check_finds_wrong_codes(fault: str, full_project: Project) -> None:
    """Against a full release, `check` names each code in content that is not there, or that is there though it is said to be deleted."""
    name, change, words = FAULTS_OF_CODES[fault]
    with full_project.changed(name, change):
        done = full_project.run("check")
        remark = full_project.run("check", "--release", "sample")
    assert done.returncode == 1
    assert [match[4] for match in FINDING.finditer(done.stdout)] == [words]
    # Where only the sample is at hand, an editor is told that it cannot be checked, and not turned away.
    assert remark.returncode == 0, remark.stdout


def test_check_of_the_project_is_clean(tmp_path: Path, imported: Imported) -> None:
    """The content, rules and settings of this project have no fault, against RVU26C and against the sample, and checking writes nothing but what it remembers in .build."""
    whole = with_release(Project(tmp_path / "whole", whole=True), imported)
    before = sorted(path.relative_to(whole.root) for path in whole.root.rglob("*") if not {"__pycache__", ".build"} & {*path.parts})
    done = whole.run("check")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"good: \d+ tips, \d+ code notes, \d+ deleted codes, \d+ ranges, \d+ pages of text, against 17,096 codes of RVU26C\n", done.stdout), done.stdout
    done = whole.run("check", "--release", "sample")
    assert done.returncode == 0
    assert " error: " not in done.stdout
    assert sorted(path.relative_to(whole.root) for path in whole.root.rglob("*") if not {"__pycache__", ".build"} & {*path.parts}) == before


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("rules/status.yml", swap("A:\n", "A: [\n"), "is not YAML"),
        ("rules/indicators.yml", swap("{percent:both_sides}", "{percent:both_ears}"), "no such percentage"),
        ("rules/indicators.yml", swap('"cpm12 40.7"', '"cpm99 40.7"'), "no document 'cpm99'"),
        ("rules/percentages.yml", swap('from: "2020-01-01"', 'from: "2030-01-01"'), "has no percentage for"),
        ("rules/modifiers.yml", swap("assistant_barred", "assistant_bared"), "80: no answer 'assistant_bared'"),
        ("rules/modifiers.yml", swap('{among: ["62", "66"], answer', '{among: ["50", "62", "66"], answer'), "50 with 62 is a pair that the manual names as possible"),
        ("rules/places.yml", swap('since: "', 'until: "'), "a table is not of its shape: KeyError 'since'"),
        ("content/pages/legal.md", swap("# Legal notices", "Legal notices"), "needs a title line"),
    ],
)
def test_check_reads_rules_and_prose(name: str, change: Callable[[str], str], words: str, project: Project) -> None:
    """A fault in rules/ or in a page of prose is found by `check` as well, and never ends in a traceback."""
    with project.changed(name, change):
        done = project.run("check", "--release", "sample")
    assert no_traceback(done) + done.stdout
    assert done.returncode == 1
    assert words in done.stdout + done.stderr
