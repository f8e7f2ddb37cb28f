"""A finished site as the tests see it: its pages read with html.parser, its twins, and the addresses it answers."""

from __future__ import annotations

import json
import multiprocessing
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from leaks import Texts
from machine import ROOT
from page import Page
from reading import read_page

from medpayiq.building import Result

IN_PERIOD, AFTER = "1786752000", "1795392000"
"""SOURCE_DATE_EPOCH of 2026-08-15, inside RVU26C's dates, and of 2026-11-23, after them."""
SETTINGS: dict[str, Any] = yaml.safe_load((ROOT / "site.yml").read_text(encoding="utf-8"))
"""site.yml, read without the package."""
BASE: str = SETTINGS["base_url"]


@dataclass(frozen=True)
class Site:
    """A finished site."""

    folder: Path
    result: Result
    texts: Texts | None = None

    @cached_property
    def urls(self) -> frozenset[str]:
        """Every address that the site answers: a file, and a folder that holds index.html."""
        made = set()
        for path in self.folder.rglob("*"):
            if path.is_file():
                url = "/" + path.relative_to(self.folder).as_posix()
                made.add(url)
                if path.name == "index.html":
                    made.add(url.removesuffix("index.html"))
        return frozenset(made)

    @cached_property
    def pages(self) -> dict[str, Page]:
        """Address to page, of every HTML file; read in two processes."""
        paths = sorted(path for path in self.folder.rglob("*.html") if "pagefind" not in path.parts)
        with multiprocessing.get_context("fork").Pool(2, _begin, (self,)) as pool:
            pages = pool.map(_read, paths, chunksize=200)
        return {page.url: page for page in pages}

    @cached_property
    def code_pages(self) -> dict[str, Page]:
        """Code to page, deleted codes included."""
        return {match[1]: page for url, page in self.pages.items() if (match := re.fullmatch(r"/codes/([0-9A-Z]{5})/", url))}

    @cached_property
    def twins(self) -> dict[str, dict[str, Any]]:
        """Code to JSON twin."""
        return {path.stem: json.loads(path.read_bytes()) for path in sorted((self.folder / "data" / "v1" / "codes").glob("*.json"))}

    @cached_property
    def longest_list(self) -> Path:
        """The file of the longest list of codes."""
        return max((self.folder / "browse").rglob("index.html"), key=lambda path: path.stat().st_size)

    def html(self, code: str) -> str:
        """Return the page of a code as it is."""
        return (self.folder / "codes" / code / "index.html").read_text(encoding="utf-8")


_site: Site | None = None


def _begin(site: Site) -> None:
    global _site  # noqa: PLW0603 - one a process
    _site = site


def _read(path: Path) -> Page:
    assert _site is not None
    url = "/" + path.relative_to(_site.folder).as_posix().removesuffix("index.html")
    return read_page(url, path.read_text(encoding="utf-8"), _site.texts)


def tree(folder: Path, *, search: bool = False) -> dict[str, bytes]:
    """Return every file of a site with its bytes; Pagefind's own files only when asked for."""
    names = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name: path.read_bytes() for name, path in names.items() if search or not name.startswith("pagefind/")}
