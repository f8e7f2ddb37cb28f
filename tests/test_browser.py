"""The finished site in Chromium, served with the headers of netlify.toml; the tests themselves are in tests/browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from built import AFTER, Site
from programs import chromium, node, node_tests

from medpayiq import building, fieldserve, serve


@contextmanager
def served(folder: Path, api: fieldserve.Api = fieldserve.NOBODY) -> Iterator[str]:
    """Serve a site on a free port of the loopback address for as long as the block runs; ``api`` answers for the function of field reports."""
    server = serve.server(folder, 0, quiet=True, api=api)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def expired_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the site of the sample, built on a day after its dates."""
    folder = tmp_path_factory.mktemp("expired") / "site"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", AFTER)
        building.build(building.Options("sample", folder, search=False))
    return folder


def test_every_kind_of_page_and_the_search_hold_in_a_browser(whole_site: Site, expired_site: Path) -> None:
    """Every test in tests/browser passes over the whole site, and none is skipped."""
    node()
    browser = chromium()
    longest = f"/{whole_site.longest_list.parent.relative_to(whole_site.folder).as_posix()}/"
    with served(whole_site.folder) as whole, served(expired_site) as expired:
        report = node_tests("browser", seconds=900, BASE_URL=whole, IN_FORCE_URL=whole, EXPIRED_URL=expired, LONG_LIST=longest, SITE=str(whole_site.folder), CHROMIUM=browser)
    if report:
        pytest.fail(report, pytrace=False)
