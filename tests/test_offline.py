"""What browsers look for at the root of the site: the service worker of a build, the one that takes it back, and the web manifest. What the worker does is in tests/browser/offline.test.mjs."""

from __future__ import annotations

import http.client
import json
import re
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from built import SETTINGS, Site
from machine import ROOT
from programs import MODULES, node, run

from medpayiq import building, claims, offline, scripts, serve
from medpayiq.findings import Failed
from medpayiq.live import addresses, boxes
from medpayiq.live.state import State
from medpayiq.loading import load
from medpayiq.pages.site import SiteData
from medpayiq.paths import DESCRIPTORS, MANIFEST, SNAPSHOTS
from medpayiq.render import Assets, Renderer, assets
from medpayiq.shards import shards

WORKERS = ROOT / "assets" / "js" / "worker"
_LINE = re.compile(r"const MADE\s*=\s*(\{.*?\});")


def made(worker: bytes) -> dict[str, object]:
    """Return what a build wrote into a worker."""
    found = _LINE.search(worker.decode())
    assert found is not None
    return dict(json.loads(found[1]))


@pytest.fixture(scope="module")
def sample() -> SiteData:
    """Return the sample, loaded."""
    return load("sample", SNAPSHOTS, MANIFEST, DESCRIPTORS)[0]


def renderer(site: SiteData, published: Assets) -> Renderer:
    """Return what makes the pages of a site."""
    return Renderer(building.chrome(site, published, "/assets/codes.0000000000.json", shards(site.snapshot, site.past), claims.books(site)))


def test_the_worker_is_its_source_but_for_the_line_of_the_build(sample_site: Site, tmp_path: Path) -> None:
    """Both workers have the words of their sources, as TypeScript reads them, without a comment; the build's own line aside."""
    for folder in ("source", "made"):
        (tmp_path / folder).mkdir()
    data = (sample_site.folder / "sw.js").read_bytes()
    own = _LINE.search(data.decode())
    assert own is not None
    source = (WORKERS / "sw.js").read_text(encoding="utf-8")
    assert len(_LINE.findall(source)) == 1
    (tmp_path / "source" / "sw.js").write_text(_LINE.sub(lambda _: own[0], source), encoding="utf-8")
    (tmp_path / "made" / "sw.js").write_bytes(data)
    (tmp_path / "source" / "withdraw.js").write_bytes((WORKERS / "withdraw.js").read_bytes())
    (tmp_path / "made" / "withdraw.js").write_bytes(offline.withdrawn())
    done = run([node(), str(ROOT / "tests" / "js" / "same-words.mjs"), str(tmp_path / "source"), str(tmp_path / "made")], seconds=60)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert b"/**" not in data
    assert len(source.splitlines()) <= 150


def test_the_workers_are_typed() -> None:
    """TypeScript's strict check finds nothing in the workers, which know no document."""
    done = run([node(), str(MODULES / "typescript" / "bin" / "tsc"), "--project", str(ROOT / "tsconfig.worker.json")], seconds=60)
    assert (done.returncode, done.stdout) == (0, "")


def test_what_the_worker_asks_for_at_first_is_there(sample_site: Site) -> None:
    """Its page for what is not kept comes first; all that this page and its scripts load at once is with it, and every file is there: else no browser would start it."""
    shell = made((sample_site.folder / "sw.js").read_bytes())["shell"]
    assert isinstance(shell, list)
    assert shell[0] == "/offline/"
    assert [one for one in shell if not (sample_site.folder / one.strip("/") / ("index.html" if one.endswith("/") else "")).is_file()] == []
    loaded = re.findall(r'(?:src|href)="(/assets/[^"]+)"', (sample_site.folder / "offline" / "index.html").read_text(encoding="utf-8"))
    assert len(loaded) >= 3
    assert set(loaded) <= set(shell)
    for one in shell:
        if one.endswith(".js"):
            text = (sample_site.folder / one.strip("/")).read_text(encoding="utf-8")
            assert not re.search(r"\bimport\s*\{[^}]*\}\s*from", text), one


def test_pages_and_worker_name_the_release_alike(sample_site: Site) -> None:
    """Every page says under which name it may be kept; the worker keeps pages of that name, and the sample's are no release's."""
    release = made((sample_site.folder / "sw.js").read_bytes())["release"]
    assert release == "RVU26C sample"
    for url in ("/", "/codes/97110/", "/compare/", "/404.html"):
        html = (sample_site.folder / url.strip("/") / ("" if url.endswith("html") else "index.html")).read_text(encoding="utf-8")
        assert re.findall(r'data-keep="([^"]*)"', html) == [release], url


def test_a_build_has_a_worker_of_its_own_where_a_browser_must_notice(sample: SiteData) -> None:
    """The same build gives the same bytes; another stylesheet, release, or page for what is not kept, another worker."""
    published = assets()
    pages = renderer(sample, published)
    first = offline.worker(sample, published, pages)
    assert offline.worker(sample, published, renderer(sample, published)) == first
    styled = replace(published, css="/assets/site.0000000000.css", files={**published.files, "assets/site.0000000000.css": b""})
    renamed = replace(sample, config=replace(sample.config, name="Another name"))
    whole = replace(sample, snapshot=replace(sample.snapshot, meta=replace(sample.snapshot.meta, sample=False)))
    others = [offline.worker(sample, styled, pages), offline.worker(renamed, published, renderer(renamed, published)), offline.worker(whole, published, pages)]
    assert len({first, *others}) == 4
    assert len({str(made(one)["build"]) for one in (first, *others)}) == 4
    assert made(others[2])["release"] == "RVU26C"


def test_a_worker_that_could_not_start_is_not_built(sample: SiteData) -> None:
    """A script that is no longer delivered is named."""
    published = assets()
    less = replace(published, files={path: data for path, data in published.files.items() if not path.endswith("/main.js")})
    with pytest.raises(Failed, match=r"js-\w+/main\.js, which is not delivered"):
        offline.worker(sample, less, renderer(sample, published))


def test_the_worker_is_taken_back_by_a_setting(sample: SiteData) -> None:
    """With keep_offline: false no page has the browser run a worker, and the file at its address lets go of everything and answers nothing."""
    assert SETTINGS["keep_offline"] is True
    site = replace(sample, config=replace(sample.config, keep_offline=False))
    published = assets()
    pages = renderer(site, published)
    text = offline.worker(site, published, pages).decode()
    assert text == scripts.minified((WORKERS / "withdraw.js").read_text(encoding="utf-8")).decode()
    assert "unregister()" in text
    assert "caches.delete" in text
    assert "'fetch'" not in text
    page = next(one for one in building.pages(site, building.hubs.build(site), {}) if one.url == "/offline/")
    html = pages.page(page.template, page.record())
    assert "data-keep" not in html
    assert "keeps no pages" in html


def test_the_live_server_has_the_worker_taken_back(tmp_path: Path) -> None:
    """A worker that ``serve`` left at the same port would show what it kept; the live server's pages are not registered for one (assets/js/main.js)."""
    state = State("sample")
    try:
        answer = addresses.answer("/sw.js", state, tmp_path)
    finally:
        state.close()
    assert answer is not None
    assert answer.data == offline.withdrawn()
    assert "<script" in (head := boxes.dressed("</head>", "a stamp", "", {}))
    assert "data-stamp=" in head
    assert "script[data-stamp]" in (ROOT / "assets" / "js" / "main.js").read_text(encoding="utf-8")


def test_texts_say_what_the_worker_does() -> None:
    """A hundred pages and three seconds are in the worker, on the page of kept pages, in the privacy notice and in the operator's guide."""
    worker = (WORKERS / "sw.js").read_text(encoding="utf-8")
    assert re.search(r"MOST = \{ pages: 100,", worker)
    assert "PATIENCE = 3000;" in worker
    assert "the last hundred pages that you opened" in (ROOT / "content" / "pages" / "privacy.md").read_text(encoding="utf-8")
    assert "last hundred pages" in (ROOT / "medpayiq" / "pages" / "offline.py").read_text(encoding="utf-8")
    guide = " ".join((ROOT / "docs" / "OPERATING.md").read_text(encoding="utf-8").split())
    assert "keeps the last 100 pages visited" in guide
    assert "does not answer within three seconds" in guide


def test_served_as_by_the_host(sample_site: Site) -> None:
    """The worker is asked for anew each time, as JavaScript; the manifest has its own type."""
    server = serve.server(sample_site.folder, 0, quiet=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    sent = {}
    try:
        for path in ("/sw.js", "/site.webmanifest"):
            with closing(http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=20)) as connection:
                connection.request("GET", path)
                answer = connection.getresponse()
                sent[path] = (answer.status, answer.headers["Content-Type"], answer.headers["Cache-Control"])
                answer.read()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert sent == {"/sw.js": (200, "text/javascript; charset=utf-8", "no-cache"), "/site.webmanifest": (200, "application/manifest+json", None)}


def test_the_manifest_names_what_is_there(sample_site: Site) -> None:
    """It begins at the front page, inside its scope, and each icon is a file of the size that it says; pages name it."""
    found = json.loads((sample_site.folder / "site.webmanifest").read_bytes())
    assert found["name"] == f"{SETTINGS['name']}: {SETTINGS['tagline']}"
    assert (found["start_url"], found["scope"]) == ("/", "/")
    sizes = {}
    for icon in found["icons"]:
        data = (sample_site.folder / icon["src"].lstrip("/")).read_bytes()
        if icon["type"] == "image/png":
            assert data[:8] == b"\x89PNG\r\n\x1a\n"
            sizes[icon["sizes"]] = f"{int.from_bytes(data[16:20])}x{int.from_bytes(data[20:24])}"
        else:
            assert (icon["type"], data[:4]) == ("image/svg+xml", b"<svg")
    assert sizes == {"192x192": "192x192", "512x512": "512x512"}
    assert {page.rels.get("manifest") for page in sample_site.pages.values()} == {"/site.webmanifest"}
