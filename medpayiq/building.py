"""Builds the site: loads, joins, renders in several processes, indexes for search, and swaps the finished tree in."""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from multiprocessing.connection import Connection, wait
from pathlib import Path

from medpayiq import search, sitemap
from medpayiq.cms import snapshot
from medpayiq.findings import Failed, Findings
from medpayiq.joining import Joiner
from medpayiq.loading import load
from medpayiq.lock import LockedError, build_lock, parent_alive
from medpayiq.memory import Made, Memory, own_inputs, shared_inputs
from medpayiq.pages import general, hubs, prose
from medpayiq.pages.codes import code_page
from medpayiq.pages.entries import Entry
from medpayiq.pages.models import CalculatorFiles, Chrome
from medpayiq.pages.site import SiteData
from medpayiq.pages.twin import twin
from medpayiq.pages.verdict import hub_code
from medpayiq.paths import SITE, SNAPSHOTS
from medpayiq.progress import Progress
from medpayiq.publish import Publication, PublishError, TreeWriter, state_folder
from medpayiq.render import Assets, Renderer, assets, short_digest
from medpayiq.shards import Shards, quarter, shards

_BATCH = 64
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
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class _Part:
    """What one process hands back."""

    entries: bytes
    indexed: list[tuple[str, str]]
    urls: list[str]
    made: dict[str, Made]


@dataclass(frozen=True, slots=True)
class _Job:
    """What every process needs to make code pages."""

    site: SiteData
    tree: hubs.Tree
    joiner: Joiner
    memory: Memory
    shared: str
    """Digest of what all pages depend on."""
    search: bool
    """Whether the word index is made, and so whether to work out what it would hold."""


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
    shared = shards(site.snapshot)
    renderer = Renderer(chrome(site, published, f"/{index_path}", shared))
    result = Result(site.snapshot.meta.release, by_status=Counter(one.main.status for one in site.entries))
    # site/ of the project is ours; another folder must be empty or an earlier output, lest its files be lost.
    with Publication(options.out, adopt=options.out == SITE) as publication:
        progress.phase("pages")
        parts = [_general(site, tree, renderer, publication.writer())]
        remembered = state_folder(options.out) / f"{options.out.name}.pages.json"
        job = _Job(site, tree, Joiner(partial(renderer.page, "code"), renderer.piece), Memory.load(remembered), _shared_inputs(site, renderer), options.search)
        parts += _code_pages(job, publication, options.jobs or min(4, os.cpu_count() or 1), progress)
        for part in parts:
            publication.add(part.entries)
        for path, data in (published.files | shared.files).items():
            publication.write(path, data)
        publication.write(index_path, index)
        urls = sorted(url for part in parts for url in part.urls)
        for path, data in sitemap.files(site, urls).items():
            publication.write(path, data)
        result.code_pages = len(site.entries)
        result.pages = len(site.entries) + len(site.replaced) + sum(1 for _ in tree.root.walk()) + len(prose.ADDRESSES) + 3
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


def chrome(site: SiteData, published: Assets, codes: str, shared: Shards) -> Chrome:
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
            script=published.calculator,
            zips=quarter(site.snapshot),
            two_factors=site.factor_qp is not None,
            practitioners=tuple((key, one["label"]) for key, one in site.calculators.book["practitioners"].items()),
        ),
        release=meta.release,
        period=site.period,
        effective_from=meta.effective_from,
        effective_to=meta.effective_to,
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
        by = [new for new in site.library.replaced[code].by if new in site.by_code]
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


def _general(site: SiteData, tree: hubs.Tree, renderer: Renderer, writer: TreeWriter) -> _Part:
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
    for name, text in prose.read(Findings()).items():
        write("text", prose.page(name, text, site), prose.ADDRESSES[name], index=name != "404")
    for node in tree.root.walk():
        write("hub", hubs.page(node, site), node.url)
    for code in site.replaced:
        write("replaced", general.replaced(code, site), f"/codes/{code}/")
    return _Part(writer.entries(), indexed, urls, {})


def _shared_inputs(site: SiteData, renderer: Renderer) -> str:
    """Digest what can change every code page: program, templates, rules, settings, facts, ranges, header and footer."""
    facts = (site.snapshot.folder / snapshot.META).read_text(encoding="utf-8")  # holds every table's checksum
    return shared_inputs([facts, json.dumps(asdict(site.config), default=sorted), repr(site.library.ranges), repr(sorted(site.descriptors.items())), renderer.shared_text])


def _code_pages(job: _Job, publication: Publication, jobs: int, progress: Progress) -> list[_Part]:
    """Write every code's page and JSON twin, in ``jobs`` processes that share what is loaded."""
    total = len(job.site.entries)
    if jobs == 1 or total < 2 * _BATCH:
        return [_write_codes(job, publication.writer(), range(total), lambda done: progress.count(done, total))]
    context = multiprocessing.get_context("fork")
    receivers: list[Connection] = []
    workers = []
    for number in range(jobs):
        receiver, sender = context.Pipe(duplex=False)
        places = range(number, total, jobs)
        worker = context.Process(target=_worker, args=(sender, os.getpid(), job, publication.writer(), places), daemon=True)
        worker.start()
        sender.close()
        receivers.append(receiver)
        workers.append(worker)
    parts: list[_Part] = []
    done = 0
    try:
        while receivers:
            ready = wait(receivers)
            for receiver in [one for one in receivers if one in ready]:
                try:
                    said = receiver.recv()
                except EOFError:
                    raise Failed("build: error: a page process ended early (out of memory?)\n  try: --jobs 1") from None
                if isinstance(said, int):
                    done += said
                    progress.count(done, total)
                    continue
                if isinstance(said, BaseException):
                    raise said
                parts.append(said)
                receivers.remove(receiver)
        for worker in workers:
            worker.join()
    finally:
        for worker in workers:
            worker.kill()
            worker.join()
    return parts


def _worker(sender: Connection, parent: int, job: _Job, writer: TreeWriter, places: range) -> None:
    """Write a share of the pages; stop when the parent is gone, so that nothing writes into a tree nobody minds."""

    def tell(_: int) -> None:
        if not parent_alive(parent):
            os._exit(1)
        sender.send(_BATCH)

    try:
        sender.send(_write_codes(job, writer, places, tell))
    except (PublishError, Failed) as problem:
        sender.send(problem)
    except Exception:  # noqa: BLE001 - whatever it is, the parent must hear of it
        sender.send(Failed(f"build: error: a page could not be made\n{traceback.format_exc()}"))


def _write_codes(job: _Job, writer: TreeWriter, places: range, tell: Callable[[int], None]) -> _Part:
    part = _Part(b"", [], [], {})
    for number, place in enumerate(places, 1):
        entry = job.site.entries[place]
        try:
            made = part.made[entry.code] = _code(entry, place, job, writer)
        except (PublishError, Failed):
            raise
        except Exception as problem:  # whatever it is, it is told with the code it concerns
            raise Failed(f"build: error: the page of {entry.code} could not be made\n{traceback.format_exc()}") from problem
        if made.indexed:
            part.indexed.append((entry.url, made.indexed))
        if made.listed:
            part.urls.append(entry.url)
        if number % _BATCH == 0:
            tell(number)
    return replace(part, entries=writer.entries())


def _code(entry: Entry, place: int, job: _Job, writer: TreeWriter) -> Made:
    """Write one code's page and twin, or keep those of the last build when nothing they are made from changed."""
    site = job.site
    notes = site.library.notes
    around = [site.entries[i].code for i in (place - 1, place, place + 1) if 0 <= i < len(site.entries)]
    inputs = own_inputs(job.shared, tuple(notes.get(code) for code in around))
    html_path, twin_path = f"codes/{entry.code}/index.html", f"data/v1/codes/{entry.code}.json"
    before = job.memory.pages.get(entry.code)
    if before is not None and before.inputs == inputs and (before.indexed is not None or not job.search) and writer.keep(html_path, bytes.fromhex(before.html)) and writer.keep(twin_path, bytes.fromhex(before.twin)):
        return before
    page = code_page(entry, site, job.tree)
    html = job.joiner.page(page)
    data = html.encode()
    html_digest = writer.write(html_path, data)
    twin_digest = writer.write(twin_path, twin(entry, page, site))
    return Made(inputs, html_digest.hex(), twin_digest.hex(), (search.page_digest(data) or "") if job.search else None, page.head.listed)


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
