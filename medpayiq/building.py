"""Builds the site: loads, joins, renders in several processes, indexes for search, and swaps the finished tree in."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

from medpayiq import box, claims, comparing_rates, offline, pictures, sitemap, words, working
from medpayiq.changes import files as change_files
from medpayiq.cms import snapshot
from medpayiq.compiled import Compiled
from medpayiq.content import choosing
from medpayiq.findings import Failed, Findings
from medpayiq.garbage import no_garbage_collection
from medpayiq.joining import joiner
from medpayiq.loading import load
from medpayiq.lock import LockedError, build_lock
from medpayiq.making import Job, Part, code_pages
from medpayiq.memory import Made, Memory, own_inputs, remembered, shared_inputs
from medpayiq.opendata import files as open_files
from medpayiq.opendata import release_csv
from medpayiq.pages import bundling, claim, compare, dated, general, hubs, modified, modifiers, mycodes, prose, reference
from medpayiq.pages import changes as change_pages
from medpayiq.pages import data as data_page
from medpayiq.pages import denials as denials_page
from medpayiq.pages import field as field_pages
from medpayiq.pages import offline as offline_page
from medpayiq.pages import toolkit as toolkit_page
from medpayiq.pages.asking import answers
from medpayiq.pages.models import CalculatorFiles, Chrome, Record
from medpayiq.pages.notices import notices
from medpayiq.pages.site import SiteData
from medpayiq.paths import DESCRIPTORS, MANIFEST, SITE, SNAPSHOTS
from medpayiq.progress import Progress
from medpayiq.proof import report
from medpayiq.publish import Publication, PublishError, state_folder
from medpayiq.render import Assets, Renderer, assets, short_digest
from medpayiq.shards import Shards, quarter, shards
from medpayiq.toolkit import files as toolkit_files
from medpayiq.toolkit import picked
from medpayiq.trees import TreeWriter
from medpayiq.working import Wanted, Work

_INDEXED = "pagefind/indexed.txt"


@dataclass(frozen=True, slots=True)
class Options:
    """What a build is told."""

    release: str | None
    out: Path
    search: bool = True
    jobs: int = 0
    snapshots: Path = SNAPSHOTS
    manifest: Path = MANIFEST
    descriptors: Path = DESCRIPTORS


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
        with build_lock(state_folder(options.out) / "lock"), Progress() as progress, no_garbage_collection():
            progress.phase("read")
            site, warnings = load(options.release, options.snapshots, options.manifest, options.descriptors)
            result = _build(site, options, progress)
    except (LockedError, PublishError, words.SearchError) as problem:
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
    facts = _facts(site)
    kept = f"{state_folder(options.out) / options.out.name}"
    found_by = box.Fetched.unpacked(remembered(Path(f"{kept}.codes.json"), own_inputs(facts, (site.library.notes_digest, sorted(site.library.replaced.items()))), lambda: box.fetched(site).packed()))
    shared = Shards.unpacked(remembered(Path(f"{kept}.shards.json"), own_inputs(facts, ("shards",)), lambda: shards(site.snapshot, site.past).packed()))
    books = claims.books(site)
    renderer = Renderer(chrome(site, published, f"/{found_by.path}", shared, books), Compiled())
    result = Result(site.snapshot.meta.release, by_status=Counter(one.main.status for one in site.entries), tips=_coverage(site))
    choosing.keep(site.snapshot, site.selecting)
    # site/ of the project is ours; another folder must be empty or an earlier output, lest its files be lost.
    with Publication(options.out, adopt=options.out == SITE) as publication:
        progress.phase("pages")
        told = Path(f"{kept}.pages.json")
        memory = Memory.load(told)
        inputs = own_inputs(facts, (renderer.shared_text,))
        job = Job(site, tree, joiner(renderer, "code"), joiner(renderer, "replaced"), memory, facts, inputs, options.search)
        codes = code_pages(job)
        # What takes longest comes first, so that no process is left waiting for it.
        works = [
            Work(partial(_toolkit, toolkit_files.sheets, site, options.out, inputs)),
            Work(partial(_toolkit, toolkit_files.lists, site, options.out, inputs)),
            Work(partial(_general, site, tree, renderer, memory, inputs)),
            Work(partial(_release_csv, site, memory, inputs)),
            Work(partial(_pictures, site, tree, options.out)),
            *(Work(partial(_folder, folder, files, options.out, inputs)) for folder, files in folders(site).items()),
            *codes,
        ]
        total = sum(one.size for one in codes)
        jobs = options.jobs or min(4, os.cpu_count() or 1)
        parts = working.run(works, publication, jobs, lambda done: progress.count(done, total))
        for path, data in (published.files | found_by.files | shared.files | books.files | offline.files(site, published, renderer)).items():
            publication.write(path, data)
        made = {name: one for part in parts for name, one in [*part.made.items(), *((code, memory.pages[code]) for code in part.kept)]}
        days = {_address(name): one.modified for name, one in made.items() if one.listed}
        for path, data in sitemap.files(site.config.base_url, days).items():
            publication.write(path, data)
        result.code_pages = len(site.entries)
        # Beside the modifiers stands the list of them.
        result.pages = len(site.entries) + len(site.replaced) + sum(1 for _ in pages(site, tree, dict.fromkeys(prose.ADDRESSES, ""))) + len(modifiers.names(site)) + 1
        result.noindex = len(site.entries) + len(site.replaced) - sum(1 for url in days if url.startswith("/codes/"))
        if options.search:
            progress.phase("search index")
            result.search = _search_index(publication, options.out, [(_address(name), one.indexed) for name, one in made.items() if one.indexed], jobs)
        progress.phase("publish")
        summary = publication.commit()
        with suppress(OSError):  # the site is published; without it the next build makes every page
            Memory(made, facts).save(told)
        result.files, result.changed, result.removed = summary.files, summary.changed, summary.removed
    return result


Files = Callable[[], Iterable[tuple[str, bytes]]]
"""Gives files by their paths."""


def folders(site: SiteData) -> dict[str, Files]:
    """Return what makes the files that pages fetch, by the folder that they stand in."""
    made: dict[str, Files] = {claims.folder(one): partial(claims.files, one, site) for one in claims.sets(site)}
    made[comparing_rates.FOLDER] = partial(comparing_rates.files, site)
    made[picked.FOLDER] = partial(picked.files, site)
    made[dated.UNPRICED] = partial(dated.unpriced_files, site)
    return made


def _toolkit(write: Callable[[SiteData, Path, str, TreeWriter, Wanted], None], site: SiteData, out: Path, inputs: str, writer: TreeWriter, wanted: Wanted) -> Part:
    write(site, out, inputs, writer, wanted)
    return Part()


def _pictures(site: SiteData, tree: hubs.Tree, out: Path, writer: TreeWriter, _: Wanted) -> Part:
    pictures.write(site, tree, out, writer)
    return Part()


def _folder(folder: str, files: Files, out: Path, inputs: str, writer: TreeWriter, _: Wanted) -> Part:
    """Write what a page fetches from a folder, or keep a folder that was made from the same."""
    digest = f"{short_digest(inputs.encode())}\n"
    stamp = f"{folder}/made-from.txt"
    try:
        before = (out / stamp).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        before = ""
    if before != digest or not writer.keep_tree(folder):
        for path, data in files():
            writer.write(path, data)
        writer.write(stamp, digest.encode())
    return Part()


def chrome(site: SiteData, published: Assets, codes: str, shared: Shards, books: claims.Books) -> Chrome:
    """Return what every page of this build shares."""
    meta = site.snapshot.meta
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
            modifiers=shared.modifiers,
            script=published.calculator,
            zips=quarter(site.snapshot),
            two_factors=any(len(one.conversion_factors) > 1 for one in site.past.metas.values()),
            practitioners=tuple((key, one["label"]) for key, one in site.calculators.book["practitioners"].items()),
        ),
        claims=books.claims,
        desk=published.desk,
        edit_words=books.words,
        field_words=published.field_words,
        release=meta.release,
        kept_as=offline.kept_as(site),
        period=site.period,
        effective_from=site.days[0],
        effective_to=site.days[1],
        stale=site.stale,
        stale_later=site.stale_later,
        sample=sample,
        notices=notices(site.config),
        contact=site.config.contact,
        corrections_label=site.config.corrections_label,
    )


def _general(site: SiteData, tree: hubs.Tree, renderer: Renderer, memory: Memory, shared: str, writer: TreeWriter, _: Wanted) -> Part:
    """Write every page that is not a code's, or keep all of them when nothing they are made from changed: of tips that is only which of them are to be verified again."""
    texts = prose.read(Findings())
    inputs = own_inputs(shared, (site.library.notes_digest, sorted(site.library.replaced.items()), sorted(texts.items()), prose.ahead(texts, site.today), report.read(), field_pages.inputs(site), denials_page.inputs(site), change_pages.inputs(site)))
    made = {url: one for url, one in memory.pages.items() if url.startswith("/") and one.inputs == inputs}
    if not made or not all(writer.keep(_file_of(url), bytes.fromhex(one.html)) for url, one in made.items()):
        made = {}
        listed = [(page.template, page.record(), page.url, page.listed) for page in pages(site, tree, texts)]
        for template, record, url, index in [*listed, *((template, record, record.head.url, True) for template, record in modifiers.pages(site))]:
            data = renderer.page(template, record).encode()
            made[url] = Made(inputs, writer.write(_file_of(url), data).hex(), "", "", "", words.page_digest(data) or "", index, record.head.modified)
        for path, data in (*change_files.files(site), *open_files.about(site)):
            made[f"/{path}"] = Made(inputs, writer.write(path, data).hex(), "", "", "", "", listed=False)
    return Part(made)


def _release_csv(site: SiteData, memory: Memory, shared: str, writer: TreeWriter, _: Wanted) -> Part:
    """Write the release as CSV, or keep it: it rests on no note and no tip."""
    inputs = own_inputs(shared, (release_csv.PATH,))
    before = memory.pages.get(f"/{release_csv.PATH}")
    if before is None or before.inputs != inputs or not writer.keep(release_csv.PATH, bytes.fromhex(before.html)):
        before = Made(inputs, writer.write(release_csv.PATH, release_csv.made(site)).hex(), "", "", "", "", listed=False)
    return Part({f"/{release_csv.PATH}": before})


def _address(name: str) -> str:
    """Return the address of a page by what is remembered of it: a code, or the address."""
    return name if name.startswith("/") else f"/codes/{name}/"


def _file_of(url: str) -> str:
    """Return the file of an address."""
    return url.lstrip("/") + ("index.html" if url.endswith("/") else "")


class Page(NamedTuple):
    """A page that is neither a code's nor a modifier's."""

    template: str
    url: str
    record: Callable[[], Record]
    """What the template prints; worked out when it is asked for."""
    listed: bool = True
    """Whether the sitemap has it."""


def pages(site: SiteData, tree: hubs.Tree, texts: Mapping[str, str]) -> Iterator[Page]:
    """Yield every page that is neither a code's nor a modifier's; ``texts`` are those of content/pages by name."""
    yield Page("home", "/", partial(general.home, site, tree))
    yield Page("release", "/release/", partial(general.release, site))
    yield Page("search", "/search/", partial(general.search, site), listed=False)
    yield Page("claim", "/claim/", partial(claim.claim, site))
    yield Page("compare", compare.URL, partial(compare.compare, site))
    yield Page("edits", "/edits/", partial(bundling.edits_page, site))
    yield Page("denials", denials_page.URL, partial(denials_page.page, site))
    for url, record in denials_page.routes(site):
        yield Page("denial", url, record)
    for url, made in reference.pages():
        yield Page("reference", url, partial(made, site))
    yield Page("toolkit", toolkit_page.URL, partial(toolkit_page.toolkit, site))
    yield Page("my_codes", mycodes.URL, partial(mycodes.my_codes, site))
    yield Page("data", data_page.URL, partial(data_page.data, site))
    yield Page(offline_page.TEMPLATE, offline_page.URL, partial(offline_page.offline, site), listed=False)
    yield Page("contribute", field_pages.CONTRIBUTE, partial(field_pages.contribute, site), listed=site.config.take_reports)
    yield Page("thanks", field_pages.THANKS, partial(field_pages.thanks, site), listed=False)
    yield Page("field", field_pages.FIELD, partial(field_pages.across, site))
    for route in change_pages.routes(site):
        yield Page(route.template, route.url, route.record)
    for name, text in texts.items():
        yield Page("text", prose.ADDRESSES[name], partial(prose.page, name, text, site), listed=name != "404")
    for node in tree.root.walk():
        yield Page("hub", node.url, partial(hubs.page, node, site))


def _coverage(site: SiteData) -> str:
    """Say on how many of the codes with an amount tips stand."""
    priced = [one.code for one in site.entries if answers(one)]
    full, some, _ = site.tips.coverage(priced)
    return f"{len(site.library.tips):,} on {some:,} of {len(priced):,} priced codes; three or more, one of them by code, range or family, on {full:,}"


def _facts(site: SiteData) -> str:
    """Digest what can change every code page: program, templates, rules, settings, facts, ranges."""
    folders = [site.snapshot.folder, *(one.snapshot.folder for one in site.past.older.values())]
    facts = [(folder / snapshot.META).read_text(encoding="utf-8") for folder in folders]  # each holds every table's checksum
    return shared_inputs([*facts, repr(modified.ahead(site)), repr(site.past.periods), repr(site.manifest), json.dumps(asdict(site.config), default=sorted), repr(site.library.ranges), repr(sorted(site.descriptors.items()))])


def _search_index(publication: Publication, out: Path, pairs: list[tuple[str, str]], jobs: int) -> str:
    """Index the finished pages for words, or keep the published index when no indexed text changed."""
    digest = words.indexed_digest(pairs)
    try:
        before = (out / _INDEXED).read_text(encoding="ascii").strip()
    except OSError:
        before = ""
    if digest == before and publication.keep_tree("pagefind"):
        return "kept: no indexed text changed"
    made = words.run_pagefind(publication.settle(), [_file_of(url) for url, _ in pairs], jobs)
    publication.take_in("pagefind")
    publication.write(_INDEXED, f"{digest}\n".encode())
    return f"{made.pages:,} pages"
