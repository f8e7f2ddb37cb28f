"""Settings of the site, of the host that serves it, and the server that stands in for it."""

from __future__ import annotations

import http.client
import re
import threading
import tomllib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from built import SETTINGS, Site
from hypothesis import given
from hypothesis import strategies as st
from machine import ROOT

from medpayiq import arguments, config, serve
from medpayiq.config import NoIndex
from medpayiq.findings import Failed, Findings

NETLIFY: dict[str, Any] = tomllib.loads((ROOT / "netlify.toml").read_text(encoding="utf-8"))
RULES: list[dict[str, Any]] = NETLIFY["headers"]


def headers(path: str) -> dict[str, str]:
    """Return the headers of an address."""
    return serve.headers_of(path, RULES)


def policy(path: str = "/") -> dict[str, list[str]]:
    """Return the Content-Security-Policy of an address by directive."""
    return {words[0]: words[1:] for part in headers(path)["Content-Security-Policy"].split(";") if (words := part.split())}


# -- netlify.toml --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/codes/97761/", "/data/v1/codes/97761.json", "/assets/site.0123456789.css", "/pagefind/pagefind.js", "/404.html"])
def test_security_headers_on_every_address(path: str) -> None:
    """Every address has the headers that keep a page from being framed, sniffed, or leaking where a visitor came from."""
    sent = headers(path)
    assert sent["X-Content-Type-Options"] == "nosniff"
    assert sent["X-Frame-Options"] == "DENY"
    assert sent["Referrer-Policy"] in {"strict-origin-when-cross-origin", "same-origin", "no-referrer"}
    assert sent["Cross-Origin-Opener-Policy"] == "same-origin"
    assert int(re.search(r"max-age=(\d+)", sent["Strict-Transport-Security"])[1]) >= 31_536_000
    assert all(f"{name}=()" in sent["Permissions-Policy"] for name in ("camera", "geolocation", "microphone"))


def test_content_security_policy_is_strict() -> None:
    """Nothing runs that is not a file of the site: no inline script or style, no eval but WebAssembly's for Pagefind, no other host, no frame."""
    found = policy()
    assert found["default-src"] == ["'none'"]
    assert found["frame-ancestors"] == ["'none'"]
    assert found["base-uri"] == ["'none'"]
    assert found["script-src"] == ["'self'", "'wasm-unsafe-eval'"]
    allowed = {"'self'", "'none'", "'wasm-unsafe-eval'"}
    for directive, sources in found.items():
        assert set(sources) <= allowed, directive
    text = headers("/")["Content-Security-Policy"]
    for word in ("unsafe-inline", "'unsafe-eval'", "*", "http:", "https:", "data:", "blob:"):
        assert word not in text, word


def test_only_hashed_assets_are_kept_for_long() -> None:
    """Assets, whose names hold a digest, may be kept for a year; pages, data and Pagefind's files may not."""
    assert headers("/assets/site.0123456789.css")["Cache-Control"] == "public, max-age=31536000, immutable"
    for path in ("/", "/codes/97761/", "/data/v1/codes/97761.json", "/pagefind/pagefind.js", "/sitemap.xml", "/assetsx"):
        assert "immutable" not in headers(path).get("Cache-Control", ""), path


def test_data_may_be_read_by_other_sites() -> None:
    """The JSON twins may be fetched from any other site, the pages not."""
    assert headers("/data/v1/codes/97761.json")["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in headers("/codes/97761/")


def test_short_addresses_lead_to_codes() -> None:
    """The short addresses that people type lead to a code's page for good, and none covers a page of the site."""
    rules = {one["from"]: (one["to"], one["status"]) for one in NETLIFY["redirects"]}
    assert rules
    for source, (target, status) in rules.items():
        assert re.fullmatch(r"/[a-z]+/:code", source), source
        assert (target, status) == ("/codes/:code/", 301), source
        assert not source.startswith(("/codes", "/browse", "/data", "/assets")), source


def test_host_builds_with_our_command() -> None:
    """The host publishes the folder that the build writes, and builds it with a command of the Makefile."""
    assert NETLIFY["build"]["publish"] == "site"
    assert NETLIFY["build"]["command"] == "make netlify"
    assert re.search(r"^netlify:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize(
    ("pattern", "path", "holds"),
    [("/*", "/", True), ("/*", "/a/b", True), ("/a/*", "/a/b", True), ("/a/*", "/a", False), ("/a/*", "/ab/", False), ("/a", "/a", True), ("/a", "/a/b", False)],
)
def test_of_headers_the_later_rule_wins(pattern: str, path: str, holds: bool) -> None:
    """A star stands for the rest of an address and nothing else does; a later rule adds to an earlier one and wins over it."""
    assert bool(serve.headers_of(path, [{"for": pattern, "values": {"X": "1"}}])) is holds
    twice = [{"for": "/*", "values": {"X": "1", "Y": "1"}}, {"for": pattern, "values": {"X": "2"}}]
    assert serve.headers_of(path, twice) == ({"X": "2", "Y": "1"} if holds else {"X": "1", "Y": "1"})


# -- serve ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def port(sample_site: Site) -> Iterator[int]:
    """Return the port of a server of the sample's site."""
    server = serve.server(sample_site.folder, 0, quiet=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def get(port: int, path: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    """Ask the server for one address."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, {name.title(): value for name, value in answer.getheaders()}, answer.read()


def test_pages_are_served_as_by_the_host(port: int, sample_site: Site) -> None:
    """A page comes as it was built, in UTF-8, with the headers of netlify.toml but those that make a browser insist on https."""
    status, sent, body = get(port, "/codes/97761/")
    assert (status, body) == (200, (sample_site.folder / "codes" / "97761" / "index.html").read_bytes())
    assert sent["Content-Type"] == "text/html; charset=utf-8"
    assert sent["Content-Security-Policy"] + "; upgrade-insecure-requests" == headers("/")["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in sent
    assert sent["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(("path", "kind"), [("/sitemap.xml", "application/xml"), ("/data/v1/codes/97761.json", "application/json"), ("/robots.txt", "text/plain; charset=utf-8")])
def test_files_carry_the_type_that_programs_expect(path: str, kind: str, port: int) -> None:
    """Files other than pages carry the type that programs expect."""
    status, sent, _ = get(port, path)
    assert (status, sent["Content-Type"]) == (200, kind)


@pytest.mark.parametrize("path", ["/codes/00000/", "/nothing", "/codes/", "/assets/", "/../netlify.toml", "/%2e%2e/netlify.toml", "/..%2fsite.yml"])
def test_what_is_not_there_is_404_with_our_page(path: str, port: int, sample_site: Site) -> None:
    """An address without a file, a folder without a page and a way out of the site are answered with the site's own 404 page."""
    status, sent, body = get(port, path)
    assert (status, body) == (404, (sample_site.folder / "404.html").read_bytes())
    assert sent["Content-Security-Policy"]
    status, _, body = get(port, path, "HEAD")
    assert (status, body) == (404, b"")


def test_serving_nothing_is_refused(tmp_path: Path) -> None:
    """A folder without a site is refused with the command that builds one."""
    with pytest.raises(Failed, match=rf"holds no site\n.*try: .*build\.py build --out {re.escape(str(tmp_path))}$") as caught:
        serve.server(tmp_path, 0)
    assert caught.value.exit_code == 2


def test_a_taken_port_is_refused(port: int, sample_site: Site) -> None:
    """A port in use is refused with another to try."""
    with pytest.raises(Failed, match=rf"port {port}: error: .*\n.*try: --port {port + 1}"):
        serve.server(sample_site.folder, port)


@pytest.mark.parametrize("said", ["65536", "-1", "80a", ""])
def test_what_is_no_port_is_refused_before_anything_starts(said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A port has 16 bits: what is none of them ends with what to write, and no traceback."""
    with pytest.raises(SystemExit) as caught:
        arguments.parser().parse_args(["serve", "--port", said])
    assert caught.value.code == 2
    assert "write a number up to 65535" in capsys.readouterr().err


# -- site.yml ------------------------------------------------------------------------------------------------------------


def written(tmp_path: Path, **changes: Any) -> Path:
    """Write the project's settings with other values."""
    import json

    path = tmp_path / "site.yml"
    path.write_text(json.dumps({**SETTINGS, "cpt_notice_year": str(SETTINGS["cpt_notice_year"]), **changes}), encoding="utf-8")
    return path


def test_settings_are_read_as_they_stand(tmp_path: Path) -> None:
    """Each setting reaches the program as it stands in site.yml."""
    made = config.read()
    for name in ("name", "tagline", "base_url", "contact", "descriptors", "ama_licence", "corrections_label"):
        assert getattr(made, name) == SETTINGS[name], name
    assert made.name == "MedPayIQ"
    assert made.noindex == NoIndex(("D",), frozenset("IMNP"), frozenset({"tip", "edit", "unit_limit", "own_text"}))
    assert config.read(written(tmp_path, name="Another")) == replace(made, name="Another")


@pytest.mark.parametrize("address", ["https://a.example", "https://a.example/sub", "http://localhost:8000"])
def test_a_base_address_may_have_port_and_path(address: str, tmp_path: Path) -> None:
    """A base address may have a port and a path, and ends without a slash."""
    assert config.read(written(tmp_path, base_url=address)).base_url == address


@pytest.mark.parametrize("address", ["https://a.example/", "a.example", "ftp://a.example", "https://a example", "", "https://", "https://a.example/b/", "javascript:alert(1)"])
def test_addresses_that_do_not_fit(address: str, tmp_path: Path) -> None:
    """Any other base address is refused by name."""
    with pytest.raises(Failed, match="base_url"):
        config.read(written(tmp_path, base_url=address))


@given(st.sampled_from(["97761", "D0120", "G0439", "1036F"]), st.sampled_from("ABCEIJMNPRTX"), st.frozensets(st.sampled_from(config.EXCEPTIONS)), st.frozensets(st.sampled_from(config.EXCEPTIONS)))
def test_rule_for_search_engines(code: str, status: str, has: frozenset[str], unless: frozenset[str]) -> None:
    """A code is kept out by its beginning whatever it has, and by its status unless it has one of the exceptions that are named."""
    rule = NoIndex(("D",), frozenset("IMNP"), unless)
    assert rule.holds(code, status, has) == (code[0] == "D" or (status in "IMNP" and not has & unless))


setting = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20), st.lists(st.text(max_size=3), max_size=3), st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2))


@given(st.dictionaries(st.sampled_from([*SETTINGS, "other"]), setting, max_size=4))
def test_any_settings_are_taken_or_refused(tmp_path_factory: pytest.TempPathFactory, changes: dict[str, Any]) -> None:
    """Settings of any shape are taken, or refused with findings that name the file and say what to write; never with an exception."""
    findings = Findings()
    made = config.check(written(tmp_path_factory.mktemp("settings"), **changes), findings)
    assert (made is None) == findings.failed
    for one in findings.of("error"):
        assert "site.yml" in one.file
        assert one.line >= 1
        assert one.try_ or "noindex" in one.message, one
