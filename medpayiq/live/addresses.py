"""Answers an address with the very bytes that a build would write there, made from the sources as they are now."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from medpayiq import claims, edits, offline, pictures, sitemap
from medpayiq.changes import files as change_files
from medpayiq.live.state import State
from medpayiq.pages import dated, modifiers, picture
from medpayiq.pages.codes import code_page
from medpayiq.pages.replaced import replaced
from medpayiq.pages.twin import twin
from medpayiq.shards import ZIP_FOLDER
from medpayiq.toolkit import files as toolkit_files

_OF_CODE = re.compile(rf"/(codes|data/v1/codes|{dated.FOLDER}|{edits.FOLDER})/([0-9A-Z]{{5}})(/|/index\.html|\.json|\.csv)")
_FINISHED = ("pagefind", toolkit_files.FOLDER)
"""Folders that take many seconds to make: they are taken from the site as it was last built."""
_NO_WORDS = "The word search has no index here; codes and names are found. For words as well, build the site once: .venv/bin/python build.py"


@dataclass(frozen=True, slots=True)
class Answer:
    """What stands at an address."""

    data: bytes
    files: tuple[str, ...] = ()
    """Content that the page is made from, its tips aside."""
    tips: Mapping[str, str] = field(default_factory=dict)
    """File of each tip of the page to its id."""
    says: str = ""
    """What the page must say of itself here, beside its findings."""


def answer(path: str, state: State, site: Path) -> Answer | None:
    """Return what stands at a path; None for nothing. The word index and the files of the toolkit alone are taken from a finished ``site``."""
    for folder in _FINISHED:
        if path.startswith(f"/{folder}/"):
            return _of_finished(path, folder, site)
    match = _OF_CODE.fullmatch(path)
    if match is not None:
        return _of_code(match[1], match[2], match[3], state)
    if path.startswith(("/data/", change_files.ROOT)):
        data = state.file_of_folder(path[1:])
        if data is not None:
            return Answer(data)
    if path.startswith(f"/{picture.FOLDER}/") or path == f"/{pictures.FAVICON}":
        data = state.pictures.get(path[1:])
        return None if data is None else Answer(data)
    if path == f"/{offline.WORKER}":
        return Answer(offline.withdrawn())  # one that `serve` left in this browser would show what it kept
    if path == f"/{offline.MANIFEST}":
        return Answer(offline.manifest(state.site.config, state.published))
    if path.startswith(("/assets/", f"/{ZIP_FOLDER}/", f"/{claims.GONE}")):
        return _of_files(path[1:], state)
    if path.startswith(modifiers.ROOT):
        return _of_modifier(path.removesuffix("index.html"), state)
    if path in {"/sitemap.xml", "/robots.txt"} or re.fullmatch(r"/sitemap-[0-9]+\.xml", path):
        data = sitemap.files(state.site.config.base_url, _listed(state)).get(path[1:])
        return None if data is None else Answer(data)
    return _of_routes(path.removesuffix("index.html") if path.endswith("/index.html") else path, state, site)


def folder_of(path: str, state: State) -> bool:
    """Say whether a path without its last slash is a page's."""
    return re.fullmatch(r"/codes/[0-9A-Z]{5}", path) is not None or f"{path}/" in state.routes or path == modifiers.ROOT[:-1] or path.removeprefix(modifiers.ROOT) in modifiers.names(state.site)


def missing(state: State) -> Answer:
    """Return the page for an address at which nothing stands."""
    page = state.routes.get("/404.html")
    return Answer(state.renderer.page(page.template, page.record()).encode(), ("content/pages/404.md",)) if page else Answer(b"Nothing is here.\n")


def _of_routes(path: str, state: State, site: Path) -> Answer | None:
    page = state.routes.get(path)
    if page is None:
        return None
    files: tuple[str, ...] = ()
    if page.template == "text":
        files = (f"content/pages/{path.strip('/').removesuffix('.html')}.md",)
    elif page.template == "hub" and path.startswith("/browse/codes/"):
        files = ("content/ranges.yml",)
    says = _NO_WORDS if path == "/search/" and not (site / "pagefind" / "pagefind.js").is_file() else ""
    return Answer(state.renderer.page(page.template, page.record()).encode(), files, says=says)


def _of_code(kind: str, code: str, end: str, state: State) -> Answer | None:
    """Answer the page of a code, its twin, its older rows or its list of edits."""
    site = state.site
    entry = site.by_code.get(code)
    gone = entry is None and code in site.replaced
    if entry is None and not gone:
        return None
    match kind, end:
        case "codes", "/" | "/index.html":
            if entry is None:
                return Answer(state.renderer.page("replaced", replaced(code, site)).encode(), ("content/replaced.yml",))
            tips = {one.tip.document.file: one.tip.id for one in site.tips.by_code.get(code, ())}
            return Answer(state.renderer.page("code", code_page(entry, site, state.tree)).encode(), (f"content/codes/{code}.yml",), tips)
        case "data/v1/codes", ".json" if entry is not None:
            return Answer(twin(entry, code_page(entry, site, state.tree), site))
        case dated.FOLDER, ".json":
            rows = dated.rows_file(code, site) if dated.priced_once(code, site) else None
            return None if rows is None else Answer(rows)
        case edits.FOLDER, ".csv" if entry is not None and site.edits.listed(code):
            return Answer(site.edits.list_of(code))
    return None


def _of_files(path: str, state: State) -> Answer | None:
    """Answer an asset, or what calculators fetch."""
    for files in (state.found_by.files, state.published.files, state.shared.files, state.books.files):
        if path in files:
            return Answer(files[path])
    return None


def _of_modifier(path: str, state: State) -> Answer | None:
    found = state.modifiers.get(path)
    return None if found is None else Answer(state.renderer.page(*found).encode())


def _of_finished(path: str, name: str, site: Path) -> Answer | None:
    """Answer a file of a folder that a build made; nothing outside it."""
    folder = (site / name).resolve()
    try:
        file = (folder / path.removeprefix(f"/{name}/")).resolve()
        return Answer(file.read_bytes()) if file.is_relative_to(folder) and file.is_file() else None
    except (OSError, ValueError):
        return None


def _listed(state: State) -> dict[str, str | None]:
    """Return the addresses that search engines are told, with their days: of every page, which takes its time with a full release."""
    site = state.site
    heads = [page.record().head for page in state.routes.values() if page.listed]
    heads += [record.head for _, record in modifiers.pages(site)]
    heads += [code_page(entry, site, state.tree).head for entry in site.entries]
    heads += [replaced(code, site).head for code in site.replaced]
    return {head.url: head.modified for head in heads if head.listed}
