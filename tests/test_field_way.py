"""The served site with the function of field reports behind it: started with Node, asked through the server, absent without Node, made up with --demo."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from built import IN_PERIOD, Site
from copies import Project
from machine import ROOT
from programs import chromium, node, node_tests
from test_browser import served

from medpayiq import fieldserve
from medpayiq.fieldserve import Api

TOKEN = "a-token-of-the-tests-that-opens-nothing"  # noqa: S105 - of a store that lives as long as the test


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str


def ask(base: str, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
    """Send one request as it is written."""
    host = base.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=60)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode())
    finally:
        connection.close()


@pytest.fixture
def with_function(sample_site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Return the address of the sample's site with an empty function behind it."""
    node()
    monkeypatch.setenv("MEDPAYIQ_REPORTS_TOKEN", TOKEN)
    with Api(data=tmp_path / "reports", site=sample_site.folder) as api, served(sample_site.folder, api=api) as base:
        assert "taken in, and kept in" in api.says
        yield base


def test_the_whole_way_in_a_browser(with_function: str) -> None:
    """Reports from both kinds of form reach the page of their code, through the real function, after the fifth and a publication."""
    browser = chromium()
    report = node_tests("way", seconds=300, BASE_URL=with_function, CHROMIUM=browser, TOKEN=TOKEN)
    if report:
        pytest.fail(report, pytrace=False)


def test_requests_reach_the_function_as_they_are(with_function: str) -> None:
    """The function sees the address that the browser asked, so that a report of the site's own page is taken and another's is not; its own headers come back."""
    report = b"code=97110&payer_class=medicare&payer=noridian&reason=97&modifier=none&outcome=upheld&role=coder&state=&website="
    sent = {"Content_Type": "application/x-www-form-urlencoded"}
    taken = ask(with_function, "POST", "/api/reports", report, Origin=with_function, **sent)
    assert (taken.status, taken.headers["location"]) == (303, "/contribute/thanks/")
    assert ask(with_function, "POST", "/api/reports", report, Origin="https://another.example", **sent).status == 403
    read = ask(with_function, "GET", "/api/reports/97110")
    assert (read.status, json.loads(read.text)["reports"]) == (200, None)
    assert read.headers["access-control-allow-origin"] == "*"
    assert read.headers["content-security-policy"].startswith("default-src 'none'")
    assert ask(with_function, "GET", "/api/operator/export").status == 401


def test_what_the_server_itself_refuses(with_function: str) -> None:
    """A body beyond any report, one of unknown length, and a request under another name for this machine do not reach the function."""
    kind = {"Content_Type": "application/json", "Accept": "application/json"}
    assert ask(with_function, "POST", "/api/reports", Content_Length="5000000", **kind).status == 413
    assert ask(with_function, "POST", "/api/reports", Transfer_Encoding="chunked", **kind).status == 411
    assert ask(with_function, "GET", "/api/reports", Host="another.example").status == 421
    assert ask(with_function, "POST", "/codes/97110/", b"x").status == 501


def test_without_the_function_pages_stay_quiet_and_a_report_is_answered(sample_site: Site) -> None:
    """Who asks for news hears that there is none; who sends a report hears what to do."""
    with served(sample_site.folder) as base:
        assert ask(base, "GET", "/api/reports/97110").status == 204
        refused = ask(base, "POST", "/api/reports", b"code=97110", Accept="application/json")
    assert refused.status == 503
    assert "npm ci" in json.loads(refused.text)["error"]["message"]


def test_serve_says_when_node_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Node the site is served all the same, and says what is missing."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with Api(data=tmp_path / "reports") as api:
        assert "Node is not here" in api.says
    assert not (tmp_path / "reports").exists()


def test_a_demonstration_says_that_it_is_one(sample_site: Site) -> None:
    """With --demo pages get made-up figures, each marked; a code without any has none."""
    api = Api(demo=True)  # not entered: no function is started
    with served(sample_site.folder, api=api) as base:
        found = json.loads(ask(base, "GET", "/api/reports/97761").text)
        none = json.loads(ask(base, "GET", "/api/reports/97110").text)
        everything = json.loads(ask(base, "GET", "/api/reports").text)
    demo = json.loads(fieldserve.DEMO.read_text(encoding="utf-8"))
    assert found == {**demo["codes"]["97761"], "synthetic": True}
    assert none == {"code": "97110", "reports": None, "published": demo["published"]}
    assert everything == demo


def test_live_pages_show_what_is_named_or_made_up(tmp_path: Path) -> None:
    """`serve --live` bakes the file that site.yml names into its pages, follows a change of the lists, and with --demo shows made-up figures."""
    project = Project(tmp_path / "project")
    demo = json.loads(fieldserve.DEMO.read_text(encoding="utf-8"))
    (project.root / "reports.json").write_text(json.dumps({key: one for key, one in demo.items() if key != "synthetic"}), encoding="utf-8")
    fixture = project.root / fieldserve.DEMO.relative_to(ROOT)
    fixture.parent.mkdir(parents=True)
    fixture.write_text(json.dumps(demo), encoding="utf-8")
    with running(project, "--live", "--release", "sample", "--demo") as base:
        assert "Made-up figures, for demonstration." in ask(base, "GET", "/codes/97761/").text
        assert "Made-up figures, for demonstration." in ask(base, "GET", "/field/").text
    project.edit("site.yml", "reports: null", "reports: reports.json")
    with running(project, "--live", "--release", "sample") as base:
        text = ask(base, "GET", "/codes/97761/").text
        assert "<b>10 to 24 reports</b>" in text
        assert "Made-up" not in text
        project.edit("content/field.yml", "Bundled with another service", "Part of another service")
        assert "97 Part of another service" in ask(base, "GET", "/codes/97761/").text
        project.edit("content/field.yml", "\noutcomes:", "\noutcome:")
        text = ask(base, "GET", "/codes/97761/").text
        assert "outcomes is missing" in text
        assert "97 Part of another service" in text


@contextmanager
def running(project: Project, *words: str) -> Iterator[str]:
    """Run `build.py serve` of a copy, and end it as a person does."""
    command = project.command("serve", "--port", "0", *words)
    with subprocess.Popen(command, cwd=project.root, env={**os.environ, "SOURCE_DATE_EPOCH": IN_PERIOD}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            base = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
            assert base
            yield base[0]
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=60) == 0
        finally:
            process.kill()


def test_the_command_starts_and_ends_the_function(sample_site: Site, tmp_path: Path) -> None:
    """`build.py serve` answers /api/ by the function, and Ctrl-C ends both."""
    node()
    project = Project(tmp_path / "project")
    for name in ("netlify", "schema"):
        (project.root / name).symlink_to(ROOT / name)
    (project.root / "node_modules").symlink_to(ROOT / "node_modules")
    with running(project, "--out", str(sample_site.folder)) as base:
        assert json.loads(ask(base, "GET", "/api/reports").text) == {"published": None, "codes": {}}
    assert (project.root / ".build" / "field-reports").is_dir()
