"""The live server: pages made on request are those of a build, follow every save, and say what is wrong with what was saved."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from built import IN_PERIOD, tree
from copies import Project
from machine import ROOT
from programs import chromium, node, node_tests

from medpayiq.live.content import Content

SECONDS = 60
"""Long enough for a slow machine; what is waited for comes in a fraction of one."""
CODE, NOTE = "97110", "content/codes/97110.yml"
TIP = "content/tips/a-tip-to-change.yml"
PAGE = f"/codes/{CODE}/"
WORDS = """id: a-tip-to-change
title: "97110 waits its turn: look at its pairs before you bill"
do: >-
  Look at the list of pairs on this page before the claim goes out. Where a pair names the code in column 2 and the minutes
  were its own, put a modifier on it. Without a pair it needs no modifier.
impact: >-
  The code, {amount.nonfacility}, is denied as the lesser one of its pair.
kind: bundling
evidence: practice
where: {codes: ["97110"]}
expects: [1, 1]
sources: []
author: MedPayIQ editors
checked_by: null
verified: {day: "2026-08-15", release: RVU26C}
review_by: "2027-08-15"
effective: {from: null, to: null}
watch: [edits, amount.nonfacility]
"""
"""A tip of the tests' own, so that the others may be written anew."""
_LIVE = re.compile("<!--live-->.*?<!--/live-->", re.DOTALL)


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    data: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.data.decode()

    @property
    def page(self) -> str:
        """The page without what the live server put into it."""
        return _LIVE.sub("", self.text)

    @property
    def boxes(self) -> str:
        """What the live server put into it."""
        return " ".join(_LIVE.findall(self.text))


class Live:
    """A live server of a copy of the project."""

    def __init__(self, project: Project, process: subprocess.Popen[str], url: str) -> None:
        self.project, self.process, self.url = project, process, url
        self.port = urlsplit(url).port or 0

    def get(self, path: str, *, method: str = "GET", host: str | None = None) -> Answer:
        """Ask for one address, exactly as it is written."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            connection.putrequest(method, path, skip_host=True)
            connection.putheader("Host", host or f"127.0.0.1:{self.port}")
            connection.endheaders()
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def until(self, holds: Callable[[Answer], bool], path: str = PAGE) -> Answer:
        """Ask until an answer is as expected; fail with the last one when it never is."""
        end = time.monotonic() + SECONDS
        while not holds(found := self.get(path)):
            assert time.monotonic() < end, found.text
            time.sleep(0.05)
        return found


@contextmanager
def serving(root: Path, *, whole: bool = False) -> Iterator[Live]:
    """Start the live server of a new copy of the project, ``whole`` or with some of its content, and end it."""
    project = Project(root, whole=whole)
    (root / TIP).write_text(WORDS, encoding="utf-8")
    command = project.command("serve", "--live", "--release", "sample", "--port", "0")
    with subprocess.Popen(command, cwd=root, env={**os.environ, "SOURCE_DATE_EPOCH": IN_PERIOD}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+/", said)
            assert found, (said, process.stderr.read() if process.stderr else "")
            yield Live(project, process, found[0])
        finally:
            process.kill()
            process.communicate()


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Return one server for the tests of this file; each leaves the sources as they were."""
    with serving(tmp_path_factory.mktemp("live")) as found:
        yield found


def built(live: Live, folder: Path) -> dict[str, bytes]:
    """Return every file of a build of the server's project but those on how it was made."""
    done = live.project.run("build", "--release", "sample", "--no-search", "--out", str(folder), SOURCE_DATE_EPOCH=IN_PERIOD)
    assert done.returncode == 0, done.stderr
    # Files of the toolkit take long to make: the server gives those of the last build, as it gives the word index. A page that is
    # being written is not to be kept by the browser (tests/test_offline.py).
    return {name: data for name, data in tree(folder).items() if not name.endswith("made-from.txt") and not name.startswith("toolkit/files/") and name != "sw.js"}


@pytest.fixture(scope="module")
def files(live: Live, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return what a build of the sources writes as they are at first."""
    return built(live, tmp_path_factory.mktemp("built") / "site")


def kinds(names: Iterable[str]) -> dict[str, list[str]]:
    """Return the files of each kind: those of one folder, or of one folder a code."""
    made: dict[str, list[str]] = {}
    for name in sorted(names):
        made.setdefault(re.sub(r"(?<=codes/)[0-9A-Z]{5}(?=/)|(?<=modifiers/)[0-9A-Z]{2}(?=/)|(?<=browse/).+(?=/)|[^/]+(?=\.(?:json|csv|js)$)", "*", name), []).append(name)
    return made


def differing(live: Live, files: dict[str, bytes], most: int) -> list[str]:
    """Return the files that the server gives otherwise; of each kind up to so many are asked for, spread over all."""
    made = []
    for alike in kinds(files).values():
        for name in alike[:: -(-len(alike) // most)]:
            answer = live.get("/" + name.removesuffix("index.html"))
            if (answer.page.encode() if name.endswith(".html") else answer.data) != files[name] or answer.status != 200:
                made.append(name)
    return made


def test_every_file_is_the_one_that_a_build_writes(live: Live, files: dict[str, bytes]) -> None:
    """What the server gives for every address of a built site is byte for byte the file, but for what it puts into pages."""
    found = kinds(files)
    for kind in ("codes/*/index.html", "data/v1/codes/*.json", "data/v1/history/*.json", "data/v1/edits/*.csv", "data/v1/claims/rvu26c/*.json", "data/v1/zip/*.json", "claim/index.html", "search/index.html"):
        assert found[kind]
    assert differing(live, files, 60) == []
    nothing = live.get("/no/such/page/")
    assert (nothing.status, nothing.page.encode()) == (404, files["404.html"])


def test_nothing_of_it_is_in_a_built_site(files: dict[str, bytes]) -> None:
    """A build has neither the script that loads pages again nor a word of it."""
    assert [name for name, data in files.items() if b"_live" in data or "live.js" in name] == []


def test_after_saves_of_every_kind_pages_are_those_of_a_build(live: Live, tmp_path: Path) -> None:
    """Tip, note, deleted code, range, prose, setting, rule, template, style and script: after a save of each, what is served is what a build then writes."""
    live.get(PAGE)
    saves = {  # those that let go of everything first, lest they hide what a later one forgets
        "rules/status.yml": lambda text: re.sub(r"(verdict: )(\w)", r"\1In short, \2", text, count=1),
        "site.yml": lambda text: text.replace("name: MedPayIQ", "name: PayMedIQ"),
        "templates/components/amounts.html": lambda text: "<!-- amounts -->\n" + text,
        "assets/css/20-layout.css": lambda text: text + "\n.nothing { color: red; }\n",
        "assets/js/main.js": lambda text: text + "\nconsole.debug('saved');\n",
        "content/ranges.yml": lambda text: re.sub(r"(name: )(.+)", r"\1Changed \2", text, count=1),
        "content/denials.yml": lambda text: text.replace("No denial: the part", "Not a denial: the part"),
        "content/pages/legal.md": lambda text: text + "\nAnother line.\n",
        "content/replaced.yml": lambda text: re.sub(r"(say: >?-?\s*)(\w)", r"\1Read this. \2", text, count=1),
        NOTE: lambda text: text.replace("title: Exercise", "title: Exercises", 1),
        TIP: lambda text: text.replace("97110 waits its turn", "97110 is the one that gives way", 1),
    }
    before = {name: (live.project.root / name).read_text(encoding="utf-8") for name in saves}
    try:
        for name, change in saves.items():
            changed = change(before[name])
            assert changed != before[name], name
            (live.project.root / name).write_text(changed, encoding="utf-8")
            live.get(PAGE)
        assert differing(live, built(live, tmp_path / "site"), 20) == []
    finally:
        for name, text in before.items():
            (live.project.root / name).write_text(text, encoding="utf-8")


def test_a_save_of_a_tip_shows_on_the_next_request(live: Live) -> None:
    """Page and JSON twin have a tip's new words at once, and those of before when they are put back."""
    before = live.get(PAGE)
    assert "97110 waits its turn" in before.page
    with live.project.changed(TIP, lambda text: text.replace("97110 waits its turn", "97110 steps back")):
        assert "97110 steps back" in live.get(PAGE).page
        assert [one["title"] for one in json.loads(live.get(f"/data/v1/codes/{CODE}.json").data)["tips"] if one["title"].startswith("97110 steps back")]
    assert live.get(PAGE).page == before.page


def test_a_new_a_gone_and_a_renamed_tip(live: Live) -> None:
    """A tip's page follows its file: a second file adds one, a file that goes takes its tip along, another name changes nothing of it."""
    project, before = live.project, live.get(PAGE).page
    other = "content/tips/therapy-97110-also.yml"
    text = (project.root / TIP).read_text(encoding="utf-8")
    with project.changed(other, lambda _: text.replace("id: a-tip-to-change", "id: therapy-97110-also").replace("97110 waits its turn", "97110 yields")):
        found = live.get(PAGE).page
        assert "97110 yields" in found
        assert "97110 waits its turn" in found
    assert live.get(PAGE).page == before
    moved = project.root / "content/tips/therapy-97110-moved.yml"
    (project.root / TIP).rename(moved)
    try:
        assert "97110 waits its turn" in live.get(PAGE).page
        moved.unlink()
        assert "97110 waits its turn" not in live.get(PAGE).page
    finally:
        moved.unlink(missing_ok=True)
        (project.root / TIP).write_text(text, encoding="utf-8")
    assert live.get(PAGE).page == before


def test_a_finding_stands_at_its_tip_until_it_is_mended(live: Live) -> None:
    """What the linter finds in a tip is told on its page with place, message and what to type, on another page as a number, and nowhere once it is mended."""
    with live.project.changed(TIP, lambda text: text.replace("no modifier.", "no modfier.")):
        found = live.until(lambda answer: "misspelt" in answer.boxes)
        at = found.text.index('id="tip-a-tip-to-change"')
        assert re.match(r'[^>]*>\n<!--live--><div class="live"><ul><li class="error"><code>content/tips/a-tip-to-change\.yml:3:\d+</code>', found.text[at:])
        assert "modfier" in found.page
        elsewhere = live.get("/codes/99213/").boxes
        assert "misspelt" not in elsewhere
        assert "1 finding on other pages" in elsewhere
        assert "misspelt" in live.get("/_live/").text
    mended = live.until(lambda answer: "misspelt" not in answer.boxes)
    assert 'class="live"' not in mended.boxes


def test_a_name_that_no_figure_has_does_not_keep_the_page_from_being_made(live: Live) -> None:
    """A placeholder, a federal document and a value that nobody knows are told of; the tip stands there."""
    for old, new, said in (
        ("{amount.nonfacility}", "{amount.nowhere}", "amount.nowhere"),
        ("sources: []", 'sources:\n  - {document: nothing99, section: "1", revision: "Rev. 1"}', "nothing99"),
        ('{codes: ["97110"]}', '{codes: ["97110"], status: ["Z"]}', ""),
    ):
        with live.project.changed(TIP, lambda text, old=old, new=new: text.replace(old, new)):
            assert live.get(PAGE).status == 200
            if said:
                live.until(lambda answer, said=said: said in answer.text and 'class="live"' in answer.boxes)


def test_a_file_that_cannot_be_read_leaves_its_last_good_version(live: Live) -> None:
    """Half-written YAML is told at the top of every page with its place; tip and page stay as they were, and mending it takes the box away."""
    before = live.get(PAGE).page
    with live.project.changed(TIP, lambda text: text[: text.index("impact")] + "impact: {"):
        for path in (PAGE, "/", "/browse/", "/claim/", "/no/such/page/"):
            found = live.get(path)
            assert re.search(rf"<code>{TIP}:\d+:\d+</code>: error: is not YAML", found.boxes), path
        assert live.get(PAGE).page == before
    mended = live.get(PAGE)
    assert mended.page == before
    assert "is not YAML" not in mended.boxes


def test_a_note_with_an_impossible_day_leaves_its_last_good_version(tmp_path: Path) -> None:
    """A save that gives a note a day which no calendar has is refused at that day, as ``check`` does; the note stays as it was."""
    note = tmp_path / NOTE
    note.parent.mkdir(parents=True)
    text = (ROOT / NOTE).read_text(encoding="utf-8")
    note.write_text(text, encoding="utf-8")
    content = Content(tmp_path)
    before = content.library().notes[CODE]
    said = re.search(r'changed: "([\d-]+)"', text)
    assert said
    note.write_text(text.replace(said[1], "2026-02-30"), encoding="utf-8")
    assert not content.update([NOTE]).any
    (fault,) = content.faults[NOTE]
    assert str(fault) == f'{NOTE}:{text[: said.start()].count(chr(10)) + 1}:10: error: changed: 2026-02-30 is not a day of the calendar\n  try: changed: "2026-11-29"'
    assert content.library().notes[CODE] == before


@pytest.mark.parametrize("name", [TIP, NOTE, "content/replaced.yml", "content/ranges.yml", "content/denials.yml", "content/pages/legal.md", "site.yml", "cms_data/manifest.yml"])
@pytest.mark.parametrize("end", ["\n{", "\x00"])
def test_every_kind_of_source_has_a_last_good_version(live: Live, name: str, end: str) -> None:
    """What is broken off, or holds a character that no text has, changes no page, and is told on each."""
    addresses = (PAGE, "/codes/0001A/", "/browse/codes/", "/legal/", "/release/", "/denials/", "/denials/97/")
    before = [live.get(path).page for path in addresses]
    with live.project.changed(name, lambda text: text[:40].replace("# ", "") + end):
        found = [live.get(path) for path in addresses]
        assert [one.page for one in found] == before
        assert all(f"<code>{name}" in one.boxes for one in found)
    assert [live.get(path).page for path in addresses] == before


def test_a_fault_of_a_template_is_told_and_the_next_save_mends_it(live: Live) -> None:
    """A template that is none, and one that asks for what a page lacks, give a page with file, line and message; other templates' pages stay."""
    before = live.get(PAGE)
    name = "templates/components/amounts.html"
    first = (live.project.root / name).read_text(encoding="utf-8").count("\n")
    for wrong, said in (("{% if %}", "Expected an expression"), ("{% macro broken( %}", "error")):
        with live.project.changed(name, lambda text, wrong=wrong: f"{text}{wrong}"):
            found = live.get(PAGE)
            assert found.status == 500
            assert re.search(rf"<code>{name}:{first + 1}</code>: error: .*{said}" if said != "error" else rf"<code>{name}:{first + 1}</code>: error:", found.text)
            assert live.get("/legal/").status == 200
        assert live.get(PAGE).page == before.page
    with live.project.changed("templates/code.html", lambda text: text.replace("{% block main %}", "{% block main %}\n{{ page.nothing_of_the_kind }}", 1)):
        found = live.get(PAGE)
        assert found.status == 500
        assert re.search(r"<code>templates/code\.html:\d+</code>: error: .*nothing_of_the_kind", found.text)
    assert live.get(PAGE).page == before.page


JUNK = {"nothing": lambda _: b"", "bytes": lambda _: b"\x00\xff\xfe\x00" * 300, "half": lambda data: data[: len(data) // 2], "list": lambda _: b"- {a: [1, {b: c}]}\n", "another": lambda _: b"a: b\n", "deep": lambda _: b"[" * 3000}
SOURCES = (
    *(TIP, NOTE, "content/replaced.yml", "content/ranges.yml", "content/sources.yml", "content/pages/legal.md", "content/pages/404.md", "content/codes/new.txt"),
    *("site.yml", "netlify.toml", "rules/status.yml", "rules/modifiers.yml", "rules/documents.yml", "cms_data/manifest.yml", "cms_data/proof.json"),
    *("templates/code.html", "templates/base.html", "templates/header.html", "assets/js/main.js", "assets/css/20-layout.css"),
)


@pytest.mark.parametrize("name", SOURCES)
def test_no_save_ends_the_server(live: Live, name: str) -> None:
    """Whatever a source holds, or when it is gone, each page is answered: as it was, or with what is wrong; put back, it is as it was."""
    addresses = (PAGE, "/legal/", "/", "/codes/0001A/", "/no/such/page/", *(["/modifiers/59/"] if name.startswith("rules/") else []), "/_live/")
    before = [live.get(path).page for path in addresses[:-1]]
    file = live.project.root / name
    data = file.read_bytes() if file.exists() else None
    try:
        for change in [*JUNK.values(), None]:
            if change is None:
                file.unlink()
            else:
                file.write_bytes(change(data or b"text"))
            for path in addresses:
                found = live.get(path)
                assert found.status in {200, 404, 500}, (name, path)
                if found.status == 500:
                    assert "This page cannot be made" in found.text
    finally:
        if data is not None:
            file.write_bytes(data)
        else:
            file.unlink(missing_ok=True)
    assert [live.get(path).page for path in addresses[:-1]] == before


def test_a_rule_that_cannot_be_read_leaves_the_last_good_one(live: Live) -> None:
    """A rules file that is no YAML is told at the top, and pages stay as they were."""
    before = live.get(PAGE).page
    with live.project.changed("rules/status.yml", lambda text: text + "\n{"):
        found = live.get(PAGE)
        assert found.page == before
        assert "<code>rules/status.yml:" in found.boxes
    assert live.get(PAGE).boxes.count("rules/status.yml") == 0


def test_a_change_of_the_program_asks_for_a_restart(tmp_path: Path) -> None:
    """Python that was saved is not taken in; every page says so, and what to do."""
    with serving(tmp_path) as live, live.project.changed("medpayiq/pages/seo.py", lambda text: f"{text}\n"):
        found = live.get(PAGE)
        assert "medpayiq/pages/seo.py" in found.boxes
        assert "start it again" in found.boxes


def test_the_search_page_says_that_words_have_no_index(live: Live) -> None:
    """Without a built site the search page says how to get the word index; the code index is there."""
    found = live.get("/search/")
    assert "build.py" in found.boxes
    assert json.loads(live.get(re.search(r'data-codes="([^"]+)"', found.page)[1]).data)["codes"]  # type: ignore[index]
    folder = live.project.root / "site" / "pagefind"
    folder.mkdir(parents=True)
    try:
        (folder / "pagefind.js").write_text("export {};\n", encoding="utf-8")
        assert "build.py" not in live.get("/search/").boxes
        assert live.get("/pagefind/pagefind.js").text == "export {};\n"
    finally:
        (folder / "pagefind.js").unlink()
        folder.rmdir()


def test_a_listener_hears_of_each_save(live: Live) -> None:
    """The stream of events says at once which pages are the newest, and after a save that there are newer ones, though nobody asks for one."""
    with socket.create_connection(("127.0.0.1", live.port), timeout=SECONDS) as connection:
        connection.sendall(f"GET /_live/events HTTP/1.1\r\nHost: 127.0.0.1:{live.port}\r\n\r\n".encode())
        lines = connection.makefile("r", encoding="utf-8")
        end = time.monotonic() + SECONDS
        in_time = itertools.takewhile(lambda _: time.monotonic() < end, lines)
        saves = (line.split(".")[1] for line in in_time if line.startswith("data: "))  # behind it stands what the linter has said
        first = next(saves)
        with live.project.changed(TIP, lambda text: text.replace("97110 waits its turn", "97110 steps back")):
            assert any(one != first for one in saves)


def test_only_this_machine_under_its_own_name_is_answered(live: Live) -> None:
    """A request under another host's name, as a page elsewhere could send one, gets nothing; nor does a path that leads out of the site."""
    for host in ("medpayiq.example", f"medpayiq.example:{live.port}", "127.0.0.1", "", f"127.0.0.1.medpayiq.example:{live.port}"):
        for path in (PAGE, "/_live/events", "/_live/live.js"):
            assert live.get(path, host=host or "x").status == 421, (host, path)
    assert live.get(PAGE, host=f"localhost:{live.port}").status == 200
    outside = live.project.root / "site.yml"
    assert outside.is_file()
    for path in ("/../site.yml", "/pagefind/../site.yml", "/pagefind/../../site.yml", "/pagefind/%2e%2e/%2e%2e/site.yml", "/pagefind//etc/passwd", "/_live/../state.py", "/_live/state.py", "/site.yml", "/pagefind/%00"):
        found = live.get(path)
        assert found.status == 404, path
        assert b"base_url" not in found.data
    assert live.get(PAGE, method="POST").status == 501


def test_headers_are_those_of_the_host(live: Live) -> None:
    """Pages carry the policy of netlify.toml, no copy of them is kept, and HEAD gives headers alone."""
    found = live.get(PAGE)
    assert found.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
    assert found.headers["X-Frame-Options"] == "DENY"
    assert found.headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in found.headers
    twin = live.get(f"/data/v1/codes/{CODE}.json").headers
    assert twin["Content-Type"] == "application/json"
    assert "Access-Control-Allow-Origin" not in twin, "a page of another site could read drafts"
    moved = live.get(PAGE.removesuffix("/"))
    assert (moved.status, moved.headers["Location"]) == (301, PAGE)
    head = live.get(PAGE, method="HEAD")
    assert (head.status, head.data, head.headers["Content-Length"]) == (200, b"", str(len(found.data)))


def test_control_c_ends_it(tmp_path: Path) -> None:
    """An interrupt ends server and linter, with exit code 0 and not a word of failure."""
    with serving(tmp_path) as live:
        live.get(PAGE)
        os.killpg(live.process.pid, signal.SIGINT)  # as a terminal does, to the linter too
        _, said = live.process.communicate(timeout=SECONDS)
        assert (live.process.returncode, said) == (0, "")
        with pytest.raises(ConnectionRefusedError):
            live.get(PAGE)


def test_a_release_without_live_is_refused(tmp_path: Path) -> None:
    """The finished site has one release; the message says what to type."""
    done = Project(tmp_path).run("serve", "--release", "sample")
    assert done.returncode == 2
    assert "build.py serve --live --release sample" in done.stderr


def test_the_browser_follows_saves(tmp_path: Path) -> None:
    """Every test in tests/live passes in Chromium: the page is loaded again in its place, findings come and go."""
    node()
    with serving(tmp_path, whole=True) as live:  # a page with so many tips that some are folded
        report = node_tests("live", seconds=300, BASE_URL=live.url.removesuffix("/"), PROJECT=str(live.project.root), CHROMIUM=chromium())
    if report:
        pytest.fail(report, pytrace=False)
