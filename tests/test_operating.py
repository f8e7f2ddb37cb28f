"""OPERATING.md and README.md show commands, files and settings that exist, and figures of our own site that are true."""

from __future__ import annotations

import argparse
import gzip
import os
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from built import Site
from machine import ROOT

from medpayiq import arguments
from medpayiq.archive import keeping
from medpayiq.fetching import licence

OPERATING = ROOT / "docs" / "OPERATING.md"
BOTH = (OPERATING, ROOT / "README.md")
MOST = 54_000
"""Files that a directory may hold at Netlify ("Deploy overview", copy of 2026-08-24)."""
CREDITS_A_GB, CREDITS_A_REQUEST, CREDITS_A_MONTH = 20, 2 / 10_000, 300
"""Netlify's Free plan ("How credits work", copy of 2026-10-05)."""
MADE = {"site/assets", "cms_data/snapshots", "cms_data/downloads", "cms_data/descriptors", "site", ".site.spare", "cms_data/snapshots/rvu26c"}
"""What a fetch, an import or a build makes."""


def text_of(path: Path) -> str:
    """Return a document."""
    return path.read_text(encoding="utf-8")


def code_in(text: str) -> list[str]:
    """Return the lines of blocks and the pieces of lines that are set as code."""
    blocks = re.findall(r"^ *```.*?\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL)
    return [line.strip() for block in blocks for line in block.splitlines()] + [" ".join(piece.split()) for piece in re.findall(r"`([^`]+)`", rest)]


def commands_in(path: Path) -> list[list[str]]:
    """Return the words after ``build.py`` of every command that a document shows."""
    shown = (piece for piece in code_in(text_of(path)) if re.match(r"(\.venv/bin/python )?build\.py\b", piece))
    return [shlex.split(piece.partition("build.py")[2], comments=True) for piece in shown]


def pairs(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield each command's name and its other words; a command that begins with an option is a build."""
    for words in commands_in(path):
        named = bool(words) and not words[0].startswith("-")
        yield (words[0], words[1:]) if named else ("build", words)


@pytest.fixture(scope="module")
def parsers() -> dict[str, argparse.ArgumentParser]:
    """Return the parser of each command of build.py."""
    (found,) = (one for one in arguments.parser()._actions if isinstance(one, argparse._SubParsersAction))
    return dict(found.choices)


@pytest.mark.parametrize("path", BOTH, ids=lambda path: path.name)
def test_every_command_shown_exists(path: Path, parsers: dict[str, argparse.ArgumentParser]) -> None:
    """Every command of the two documents is one that the command line takes, with each option and argument it is shown with."""
    shown = list(pairs(path))
    assert len(shown) > 8
    for command, words in shown:
        assert command in parsers, command
        try:
            _, unknown = parsers[command].parse_known_args(words)
        except SystemExit:
            pytest.fail(f"build.py {command} {' '.join(words)} is refused")
        assert not unknown, (command, unknown)


def test_releases_shown_are_in_the_manifest() -> None:
    """What OPERATING.md fetches or restores by name is in the manifest, and RVU26B and RVU26BR hold the days that are told of them."""
    releases: dict[str, Any] = {one["name"]: one for one in yaml.safe_load(text_of(ROOT / "cms_data" / "manifest.yml"))["releases"]}
    named = {word.upper() for _, words in pairs(OPERATING) for word in words if re.fullmatch(r"rvu\w+", word, re.IGNORECASE)}
    assert len(named) > 4
    assert named <= set(releases)
    assert "RVU26B\n(April 2026) and RVU26BR (May and June)" in text_of(OPERATING)
    assert (releases["RVU26B"]["effective_from"], releases["RVU26B"]["effective_to"]) == ("2026-04-01", "2026-04-30")
    assert (releases["RVU26BR"]["effective_from"], releases["RVU26BR"]["effective_to"]) == ("2026-05-01", "2026-06-30")


@pytest.mark.parametrize("path", BOTH, ids=lambda path: path.name)
def test_every_path_shown_exists(path: Path) -> None:
    """Every file and folder of the project that the two documents name is there, or is made by a command; every link leads somewhere."""
    text = text_of(path)
    mentioned = {piece.rstrip("/") for piece in code_in(text) if re.fullmatch(r"(cms_data|docs|tests|content|schema|site|\.site\.spare)(/[\w.]+)*/?|[\w.-]+\.(yml|toml|json)", piece)}
    assert mentioned
    assert [name for name in sorted(mentioned) if name not in MADE and not (ROOT / name).exists()] == []
    links = {target.partition("#")[0] for target in re.findall(r"\]\((?!https?:)([^)]+)\)", text)}
    assert [target for target in links if not (path.parent / target).exists()] == []


def test_settings_shown_are_those_read() -> None:
    """The variables are those that the program reads, the archive's release is the usual one, and make has the targets."""
    text, makefile = text_of(OPERATING), text_of(ROOT / "Makefile")
    assert f"`{licence.VARIABLE}=accept`" in text
    assert f"`{keeping.FOLDER_VARIABLE}`" in text
    assert f"GitHub release `{keeping.TAG}`" in text
    for target in re.findall(r"`make ([a-z-]+)`", text):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
        assert f'"make {target} ' in makefile, target


def test_release_is_made_of_the_commands_told() -> None:
    """`make release` restores with CMS to fall back on, then builds what is in force; it names no release and not the sample."""
    recipe = re.search(r"^release:.*\n((?:\t.*\n)+)", text_of(ROOT / "Makefile"), re.MULTILINE)
    assert recipe
    assert [line.strip() for line in recipe[1].splitlines()][:2] == ["$(RUN) build.py archive pull --or-fetch", "$(RUN) build.py"]


@pytest.mark.parametrize("path", BOTH, ids=lambda path: path.name)
def test_no_deploy_builds_first(path: Path) -> None:
    """Every deploy that is shown goes without the build command, which would publish the sample."""
    deploys = [piece for piece in code_in(text_of(path)) if piece.startswith("netlify deploy ")]
    assert deploys
    assert all("--no-build" in shlex.split(one) and "--dir site" in one for one in deploys)


def test_nginx_sends_what_netlify_sends() -> None:
    """The nginx example sends every header of netlify.toml, with the same value, and redirects the same addresses."""
    block = re.search(r"```nginx\n(.*?)```", text_of(OPERATING), re.DOTALL)
    assert block
    netlify = tomllib.loads(text_of(ROOT / "netlify.toml"))
    rules: dict[str, dict[str, str]] = {one["for"]: one["values"] for one in netlify["headers"]}
    assert set(rules) == {"/*", "/assets/*", "/data/*", "/changes/*", "/sw.js"}
    assert dict(re.findall(r'add_header (\S+) "([^"]+)" always;', block[1])) == rules["/*"]
    by_address = {f"/{folder}/*": value for folder, value in re.findall(r'~\^/(\w+)/ +"([^"]+)";', block[1])}
    assert by_address == {"/assets/*": rules["/assets/*"]["Cache-Control"], **{one: rules[one]["Access-Control-Allow-Origin"] for one in ("/data/*", "/changes/*")}}
    assert re.findall(r'^ +/(\S+) +"([^"]+)";', block[1], re.MULTILINE) == [("sw.js", rules["/sw.js"]["Cache-Control"])]
    assert "add_header Cache-Control $medpayiq_cache;" in block[1]
    assert "add_header Access-Control-Allow-Origin $medpayiq_share;" in block[1]
    locations = re.findall(r"location [^{]+{([^}]+)}", block[1])
    assert locations
    assert not any("add_header" in one for one in locations), "a location with a header of its own loses all the others"
    words = re.search(r"location ~ \^/\(\?:([\w|]+)\)/", block[1])
    assert words
    assert {f"/{word}/:code" for word in words[1].split("|")} == {one["from"] for one in netlify["redirects"]}
    assert {one["to"] for one in netlify["redirects"]} == {"/codes/:code/"}
    assert "return 301 /codes/$1/;" in block[1]


def figures() -> dict[str, float]:
    """Return the table of our own figures by label."""
    table = text_of(OPERATING).partition("| our site")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (?!---)([^|]+?) \| ([\d,.]+) \|$", table, re.MULTILINE)
    return {re.sub(r" \(.*\)", "", label): float(figure.replace(",", "")) for label, figure in rows}


def test_folders_stay_inside_netlifys_limit(full_site: Site) -> None:
    """No folder of the whole site holds 54,000 files, nor 54,000 files and folders; the figures told are within a tenth of the site's."""
    files, folders = {}, {}
    for place, below, here in os.walk(full_site.folder):
        name = os.path.relpath(place, full_site.folder)
        files[name], folders[name] = len(here), len(below)
    assert max(files[name] + folders[name] for name in files) < MOST
    assert max(files, key=files.__getitem__) == "pagefind/fragment"
    assert max(folders, key=folders.__getitem__) == "codes"
    # Every eighth page is compressed, and stands for eight: within a tenth that is as good as all of them.
    pages = sorted(full_site.folder.rglob("*.html"))
    packed = sum(len(gzip.compress(path.read_bytes(), 6)) for path in pages[::8])
    share = sum(path.stat().st_size for path in pages[::8]) / sum(path.stat().st_size for path in pages)
    counted = {
        "files": sum(files.values()),
        "pages": full_site.result.pages,
        "most files in one folder": max(files.values()),
        "most folders in one folder": max(folders.values()),
        "size in MB": sum(path.stat().st_size for path in full_site.folder.rglob("*") if path.is_file()) / 1e6,
        "all pages, compressed, in MB": packed / share / 1e6,
    }
    assert figures() == pytest.approx(counted, rel=0.1)


def test_credits_add_up() -> None:
    """The examples of what deploys and a crawler cost follow from Netlify's rates and our own figures."""
    text, own = text_of(OPERATING), figures()
    sums = re.findall(r"15 × \((\d+) \+ (\d+)\) = (\d+)(?: credits)? of ([\d,]+)", text)
    assert len(sums) == 2
    for releases, merges, credits_, budget in sums:
        assert 15 * (int(releases) + int(merges)) == int(credits_)
        assert int(budget.replace(",", "")) in {CREDITS_A_MONTH, 12 * CREDITS_A_MONTH}
    crawl = (own["all pages, compressed, in MB"] / 1000 * CREDITS_A_GB, own["pages"] * CREDITS_A_REQUEST)
    said = re.search(r"every page once: (\d+) credits for the bytes, (\d+) for the requests. Fifty", text)
    assert said
    assert (round(crawl[0]), round(crawl[1])) == (int(said[1]), int(said[2]))
    assert sum(crawl) * 50 == pytest.approx(CREDITS_A_MONTH, rel=0.1)
    rest = re.search(r"The other (\d+) are, for example, (\d+) GB and ([\d,]+) requests", text)
    assert rest
    spent = int(rest[2]) * CREDITS_A_GB + int(rest[3].replace(",", "")) * CREDITS_A_REQUEST
    assert int(rest[1]) == CREDITS_A_MONTH - int(sums[1][2])
    assert int(rest[1]) * 0.9 < spent <= int(rest[1])
