"""The finished pages, the stylesheet and the pictures before two validators: the W3C's Nu checker and html-validate."""

from __future__ import annotations

import html
import json
import random
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from built import Site
from machine import ROOT
from programs import MODULES, java, node, run
from reading import unfolded

from medpayiq.cms.snapshot import Snapshot

DRAWN = 200
OTHERS = ("/", "/404.html", "/release/", "/contribute/", "/contribute/thanks/", "/field/", "/methodology/", "/privacy/", "/legal/", "/search/", "/offline/", "/denials/", "/denials/97/", "/claim/", "/compare/", "/toolkit/", "/my-codes/", "/data/", "/changes/", "/changes/rvu26c/", "/browse/", "/browse/codes/", "/codes/97762/")
PLANTED = '<!DOCTYPE html><html lang="en"><head><title>Planted</title></head><body><p><div role="button">a</div></p><img src=x></body></html>\n'

DEVIATIONS: dict[str, tuple[Any, str]] = {
    "long-title": ("off", "counts the five characters of &amp; for one; the titles are measured below as they are read"),
    "valid-id": (["error", {"relaxed": True}], "HTML lets an id begin with a digit, and the search leads to /denials/#97"),
}
"""What .htmlvalidate.json sets otherwise than the recommended rules: how, and why."""
LONGEST_TITLE = 70
UNKNOWN = re.compile(r"^CSS: (?:“container-type”: Property “container-type” doesn't exist\.|Unrecognized at-rule “@container”)")
"""What the Nu checker says of CSS that browsers have known since 2023; tests/browser/pages.test.mjs reads it as they do."""


def draw(snapshot: Snapshot) -> list[str]:
    """Draw codes over all statuses, the same ones every time: some of each, the others by their share."""
    chance = random.Random(2026)  # noqa: S311 - a draw of pages
    by_status: dict[str, set[str]] = defaultdict(set)
    for row in snapshot.services:
        by_status[row.status].add(row.code)
    drawn: set[str] = set()
    for _, codes in sorted(by_status.items()):
        drawn.update(chance.sample(sorted(codes), min(8, len(codes))))
    rest = sorted({row.code for row in snapshot.services} - drawn)
    drawn.update(chance.sample(rest, DRAWN - len(drawn)))
    return sorted(drawn)


def file_of(site: Site, url: str) -> Path:
    """Return the file that answers an address."""
    return site.folder / (url.lstrip("/") + ("index.html" if url.endswith("/") else ""))


@pytest.fixture(scope="module")
def files(whole_site: Site, whole_snapshot: Snapshot) -> list[Path]:
    """Return 200 code pages, one page of each other kind, and the longest list of codes."""
    codes = [f"/codes/{code}/" for code in draw(whole_snapshot)]
    found = [*(file_of(whole_site, url) for url in (*codes, *OTHERS)), whole_site.longest_list]
    assert len(codes) == DRAWN
    assert [path for path in found if not path.is_file()] == []
    return found


@pytest.fixture(scope="module")
def shown(files: list[Path], whole_site: Site, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return copies of the pages as a browser with scripts has them before any of them runs on; a page that is the same with and without is not copied."""
    folder, found = tmp_path_factory.mktemp("shown"), []
    for path in files:
        text = path.read_text(encoding="utf-8")
        copy = folder / path.relative_to(whole_site.folder)
        if unfolded(text) != text:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(unfolded(text), encoding="utf-8")
        found.append(copy if copy.exists() else path)
    assert sum(one not in files for one in found) > DRAWN / 4
    return found


def nu(*paths: Path) -> list[dict[str, Any]]:
    """Return what the Nu checker says, warnings and remarks included."""
    done = run([java(), "-jar", str(MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar"), "--format", "json", "--stdout", "--also-check-css", "--also-check-svg", *map(str, paths)], seconds=120)
    assert done.stdout, done.stderr
    messages: list[dict[str, Any]] = json.loads(done.stdout)["messages"]
    return messages


def html_validate(*paths: Path) -> list[dict[str, Any]]:
    """Return what html-validate says by .htmlvalidate.json, warnings included."""
    done = run([node(), str(MODULES / "html-validate" / "bin" / "html-validate.mjs"), "--config", ".htmlvalidate.json", "--formatter", "json", *map(str, paths)], seconds=120)
    assert done.stdout, done.stderr
    return [{"url": one["filePath"], **message} for one in json.loads(done.stdout) for message in one["messages"]]


def brief(messages: list[dict[str, Any]]) -> list[str]:
    """Say each message in a line."""
    return [f"{one['url']}:{one.get('lastLine', one.get('line'))}: {one['message']}" for one in messages]


def test_the_nu_checker_finds_nothing_in_200_pages_the_stylesheet_and_the_icon(shown: list[Path], whole_site: Site) -> None:
    """No error and no warning, as a browser with scripts has them; of container queries, which it does not know, it says nothing but that."""
    node()
    assets = [path for kind in ("css", "svg") for path in (whole_site.folder / "assets").glob(f"*.{kind}")]
    assert len(assets) == 2
    said = nu(*shown, *assets)
    assert brief([one for one in said if not UNKNOWN.search(one["message"])]) == []
    assert len([one for one in said if UNKNOWN.search(one["message"])]) <= 3


def test_html_validate_finds_nothing_in_200_pages(files: list[Path], shown: list[Path]) -> None:
    """No error and no warning by the recommended rules, as a browser with scripts has them; nor in some as they are sent."""
    node()
    assert brief(html_validate(*shown, *files[::10])) == []


def test_every_deviation_from_the_recommended_rules_has_a_reason() -> None:
    """.htmlvalidate.json extends the recommended rules and sets aside what is named here, and nothing else."""
    settings = json.loads((ROOT / ".htmlvalidate.json").read_text(encoding="utf-8"))
    assert settings == {"root": True, "extends": ["html-validate:recommended"], "rules": {name: setting for name, (setting, _) in DEVIATIONS.items()}}


def test_no_title_is_longer_than_a_result_list_shows(files: list[Path]) -> None:
    """A title as it is read has at most 70 characters."""
    titles = {path: html.unescape(re.findall(r"<title>(.*?)</title>", path.read_text(encoding="utf-8"))[0]) for path in files}
    assert {path: title for path, title in titles.items() if not 10 <= len(title) <= LONGEST_TITLE} == {}


def test_both_validators_find_what_is_wrong(tmp_path: Path) -> None:
    """A page and a stylesheet with planted faults are reported, so that silence means something."""
    node()
    page, style = tmp_path / "planted.html", tmp_path / "planted.css"
    page.write_text(PLANTED, encoding="utf-8")
    style.write_text("a { colr: red }\n", encoding="utf-8")
    said = nu(page, style)
    assert any("colr" in one["message"] for one in said)
    assert any(one["type"] == "error" and one["url"].endswith("planted.html") for one in said)
    assert {"wcag/h37", "close-order", "attr-quotes", "prefer-native-element"} <= {one["ruleId"] for one in html_validate(page)}


def test_the_draw_holds_every_status_and_never_changes(whole_snapshot: Snapshot) -> None:
    """Each status of the release is among the 200 codes, and drawing again draws the same."""
    drawn = draw(whole_snapshot)
    assert {row.status for row in whole_snapshot.services} == {row.status for row in whole_snapshot.services if row.code in set(drawn)}
    assert len(drawn) == DRAWN
    assert drawn == draw(whole_snapshot)
