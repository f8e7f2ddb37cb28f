"""Builds the site: loads, joins, renders in several processes, indexes for search, and swaps the finished tree in."""

from __future__ import annotations

import gc
import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from medpayiq import claims, search, sitemap
from medpayiq.cms import snapshot
from medpayiq.findings import Failed, Findings
from medpayiq.joining import joiner
from medpayiq.loading import load
from medpayiq.lock import LockedError, build_lock
from medpayiq.making import Job, Part, code_pages
from medpayiq.memory import Memory, shared_inputs
from medpayiq.pages import bundling, claim, general, hubs, modifiers, prose
from medpayiq.pages.calculator import answers
from medpayiq.pages.models import CalculatorFiles, Chrome
from medpayiq.pages.site import SiteData
from medpayiq.pages.verdict import hub_code
from medpayiq.paths import SITE, SNAPSHOTS
from medpayiq.progress import Progress
from medpayiq.publish import Publication, PublishError, TreeWriter, state_folder
from medpayiq.render import Assets, Renderer, assets, short_digest
from medpayiq.shards import Shards, quarter, shards

_INDEXED = "pagefind/indexed.txt"


@dataclass(frozen=True, slots=True)
class Options:
    """What a build is told."""

    release: str | None
    out: Path
    search: bool = True
    jobs: int = 0
    snapshots: Path = SNAPSHOTS


@dataclass(slots=True)
class Result:
    """What a build did."""

    release: str
    code_pages: int = 0
    pages: int = 0
    by_status: Counter[str] = field(default_factory=Counter)
    noindex: int = 0
    files: int = 0
    changed: int = 0
    removed: int = 0
    search: str = ""
    tips: str = ""
    """How far the tips reach, in a sentence."""
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0


def build(options: Options) -> Result:
    """Build the site into ``options.out``; the old site stays until the new one is whole.

    Raises:
        Failed: bad content or configuration, no snapshot, another build running, or a disk that is full.
    """
    started = time.monotonic()
    if options.jobs < 0:
        raise Failed(f"--jobs: error: {options.jobs} is not a number of processes\n  try: --jobs 2", exit_code=2)
    try:
        with build_lock(state_folder(options.out) / "lock"), Progress() as progress, _no_garbage_collection():
            progress.phase("read")
            site, warnings = load(options.release, options.snapshots)
            result = _build(site, options, progress)
    except (LockedError, PublishError, search.SearchError) as problem:
        raise Failed(f"build: error: {problem}") from None
    except ValueError as problem:
        # Two pages at one address: content that the checks should have refused.
        raise Failed(f"build: error: {problem}\n  try: .venv/bin/python build.py check") from problem
    except OSError as problem:
        # Before anything of the site is touched: the lock cannot be made, or a source cannot be read.
        raise Failed(f"build: error: {problem.filename or options.out}: {problem.strerror or problem}; the site is as it was\n  try: look at the disk and at the permissions of the folder") from problem
    result.warnings = warnings
    result.seconds = time.monotonic() - started
    return result


def _build(site: SiteData, options: Options, progress: Progress) -> Result:
    progress.phase("join")
    tree = hubs.build(site)
    published = assets()
    index = search.code_index(_index_entries(site))
    index_path = f"assets/codes.{short_digest(index)}.json"
    shared = shards(site.snapshot, site.past)
    books = claims.books(site)
    renderer = Renderer(chrome(site, published, f"/{index_path}", shared, books))
    result = Result(site.snapshot.meta.release, by_status=Counter(one.main.status for one in site.entries), tips=_coverage(site))
    # site/ of the project is ours; another folder must be empty or an earlier output, lest its files be lost.
    with Publication(options.out, adopt=options.out == SITE) as publication:
        progress.phase("pages")
        parts = [_general(site, tree, renderer, publication.writer())]
        remembered = state_folder(options.out) / f"{options.out.name}.pages.json"
        inputs = _shared_inputs(site, renderer)
        job = Job(site, tree, joiner(renderer, "code"), joiner(renderer, "replaced"), Memory.load(remembered), inputs, options.search)
        _claim_files(site, publication, options.out, inputs)
        parts += code_pages(job, publication, options.jobs or min(4, os.cpu_count() or 1), progress)
        for part in parts:
            publication.add(part.entries)
        for path, data in (published.files | shared.files | books.files).items():
            publication.write(path, data)
        publication.write(index_path, index)
        urls = sorted(url for part in parts for url in part.urls)
        for path, data in sitemap.files(site, urls).items():
            publication.write(path, data)
        result.code_pages = len(site.entries)
        result.pages = len(site.entries) + len(site.replaced) + sum(1 for _ in tree.root.walk()) + len(prose.ADDRESSES) + len(modifiers.names(site)) + 6
        result.noindex = len(site.entries) + len(site.replaced) - sum(1 for url in urls if url.startswith("/codes/"))
        if options.search:
            progress.phase("search index")
            result.search = _search_index(publication, options.out, [pair for part in parts for pair in part.indexed])
        progress.phase("publish")
        summary = publication.commit()
        with suppress(OSError):  # the site is published; without it the next build makes every page
            Memory({code: made for part in parts for code, made in part.made.items()}).save(remembered)
        result.files, result.changed, result.removed = summary.files, summary.changed, summary.removed
    return result


def _claim_files(site: SiteData, publication: Publication, out: Path, inputs: str) -> None:
    """Write what the claim desk fetches, a folder a release, or keep a folder that was made from the same."""
    digest = f"{short_digest(inputs.encode())}\n"
    for one in claims.sets(site):
        stamp = f"{claims.folder(one)}/made-from.txt"
        try:
            before = (out / stamp).read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            before = ""
        if before != digest or not publication.keep_tree(claims.folder(one)):
            for path, data in claims.files(one, site):
                publication.write(path, data)
            publication.write(stamp, digest.encode())


def chrome(site: SiteData, published: Assets, codes: str, shared: Shards, books: claims.Books) -> Chrome:
    """Return what every page of this build shares."""
    meta = site.snapshot.meta
    year = site.config.cpt_notice_year
    notices = (
        f"CPT codes and descriptions only are copyright {year} American Medical Association. All Rights Reserved. Applicable FARS/DFARS apply.",
        f"Dental codes (D codes) are copyright American Dental Association. {site.config.name} is independent: not affiliated with or endorsed by CMS, the AMA or the ADA.",
        "National fee schedule amounts of Original Medicare. No promise of payment or coverage.",
    )
    sample = None
    if meta.sample:
        sample = f"{len(site.entries)} of the codes of {meta.release}, to try the site without a download. Import a CMS release for all of them."
    return Chrome(
        site_name=site.config.name,
        tagline=site.config.tagline,
        css=published.css,
        js=published.js,
        icon=published.icon,
        codes=codes,
        calculator=CalculatorFiles(
            rules=shared.rules,
            places=shared.places,
            releases=shared.releases,
            script=published.calculator,
            zips=quarter(site.snapshot),
            two_factors=any(len(one.conversion_factors) > 1 for one in site.past.metas.values()),
            practitioners=tuple((key, one["label"]) for key, one in site.calculators.book["practitioners"].items()),
        ),
        claims=books.claims,
        desk=published.desk,
        edit_words=books.words,
        release=meta.release,
        period=site.period,
        effective_from=site.days[0],
        effective_to=site.days[1],
        stale=site.stale,
        stale_later=site.stale_later,
        sample=sample,
        notices=notices,
        contact=site.config.contact,
        corrections_label=site.config.corrections_label,
    )


def _index_entries(site: SiteData) -> Iterator[search.IndexEntry]:
    for entry in site.entries:
        line = hub_code(entry, site)
        label = next((text for text in (line.office, line.facility) if text.startswith("$")), line.office)
        yield search.IndexEntry(entry.code, line.name, label)
    for code in site.replaced:
        one = site.library.replaced.get(code)
        by = [new for new in (one.by if one else ()) if new in site.by_code]
        label = f"see {by[0]}" + (" …" if len(by) > 1 else "") if by else "deleted"
        yield search.IndexEntry(code, "Deleted code", label, search.DELETED)


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Look for no garbage during a build: it makes next to none, and looking through what is loaded copies it into each process."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _general(site: SiteData, tree: hubs.Tree, renderer: Renderer, writer: TreeWriter) -> Part:
    """Write every page that is not a code's."""
    indexed: list[tuple[str, str]] = []
    urls: list[str] = []

    def write(template: str, record: object, url: str, *, index: bool = True) -> None:
        html = renderer.page(template, record)
        path = url.lstrip("/") + ("index.html" if url.endswith("/") else "")
        data = html.encode()
        writer.write(path, data)
        digest = search.page_digest(data)
        if digest is not None:
            indexed.append((url, digest))
        if index:
            urls.append(url)

    write("home", general.home(site, tree), "/")
    write("release", general.release(site), "/release/")
    write("search", general.search(site), "/search/", index=False)
    write("claim", claim.claim(site), "/claim/")
    write("edits", bundling.edits_page(site), "/edits/")
    for template, record in modifiers.pages(site):
        write(template, record, record.head.url)
    for name, text in prose.read(Findings()).items():
        write("text", prose.page(name, text, site), prose.ADDRESSES[name], index=name != "404")
    for node in tree.root.walk():
        write("hub", hubs.page(node, site), node.url)
    return Part(writer.entries(), indexed, urls, {})


def _coverage(site: SiteData) -> str:
    """Say on how many of the codes with an amount tips stand."""
    priced = [one.code for one in site.entries if answers(one)]
    full, some, _ = site.tips.coverage(priced)
    return f"{len(site.library.tips):,} on {some:,} of {len(priced):,} priced codes; three or more, one of them by code, range or family, on {full:,}"


def _shared_inputs(site: SiteData, renderer: Renderer) -> str:
    """Digest what can change every code page: program, templates, rules, settings, facts, ranges, header and footer."""
    folders = [site.snapshot.folder, *(one.snapshot.folder for one in site.past.older.values())]
    facts = [(folder / snapshot.META).read_text(encoding="utf-8") for folder in folders]  # each holds every table's checksum
    return shared_inputs([*facts, repr(site.past.periods), repr(site.manifest), json.dumps(asdict(site.config), default=sorted), repr(site.library.ranges), repr(sorted(site.descriptors.items())), renderer.shared_text])


def _search_index(publication: Publication, out: Path, pairs: list[tuple[str, str]]) -> str:
    """Index the finished pages for words, or keep the published index when no indexed text changed."""
    digest = search.indexed_digest(pairs)
    try:
        before = (out / _INDEXED).read_text(encoding="ascii").strip()
    except OSError:
        before = ""
    if digest == before and publication.keep_tree("pagefind"):
        return "kept: no indexed text changed"
    made = search.run_pagefind(publication.settle())
    publication.take_in("pagefind")
    publication.write(_INDEXED, f"{digest}\n".encode())
    return f"{made.pages:,} pages"
