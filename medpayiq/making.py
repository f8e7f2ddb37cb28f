"""Makes the pages of codes, and of codes that are gone, with what stands beside each, or keeps those of the last build."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from medpayiq import edits, words
from medpayiq.findings import Failed
from medpayiq.garbage import give_back
from medpayiq.joining import Joiner
from medpayiq.memory import Made, Memory, own_inputs
from medpayiq.pages import dated, hubs
from medpayiq.pages import field as field_pages
from medpayiq.pages.codes import code_page
from medpayiq.pages.entries import Entry
from medpayiq.pages.general_models import ReplacedPage
from medpayiq.pages.models import CodePage
from medpayiq.pages.replaced import replaced
from medpayiq.pages.site import SiteData
from medpayiq.pages.twin import twin
from medpayiq.publish import PublishError
from medpayiq.trees import TreeWriter
from medpayiq.working import Wanted, Work

_BATCH = 64


@dataclass(frozen=True, slots=True)
class Part:
    """What a part of the build hands back of its pages, by code or by address."""

    made: dict[str, Made] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    """Those that are as they were in the last build, which has told of them."""


@dataclass(frozen=True, slots=True)
class Job:
    """What every process needs to make code pages."""

    site: SiteData
    tree: hubs.Tree
    joiner: Joiner
    gone: Joiner
    """Of the pages of codes that are no longer there."""
    memory: Memory
    facts: str
    """Digest of program, rules, settings and CMS's facts."""
    shared: str
    """Digest of what all pages depend on."""
    search: bool
    """Whether the word index is made, and so whether to work out what it would hold."""

    def keeps_most(self) -> bool:
        """Say whether the last build was made from the same but for single codes, so that most pages are kept."""
        entries = self.site.entries
        return any(self.memory.pages[one.code].inputs == _inputs(place, self) for place, one in enumerate(entries[:_BATCH]) if one.code in self.memory.pages)


def code_pages(job: Job) -> list[Work[Part]]:
    """Return what writes every code's page and JSON twin, and the pages of codes that are gone."""
    total = len(job.site.entries) + len(job.site.replaced)
    if not job.keeps_most():
        job.site.edits.load()  # once, for all processes
        job.site.tips.load()
        job.site.tables.load()
        give_back()
    batches = [range(start, min(start + _BATCH, total)) for start in range(0, total, _BATCH)]
    return [Work(partial(_write_codes, job, places), len(places)) for places in batches]


def _write_codes(job: Job, places: range, writer: TreeWriter, _: Wanted) -> Part:
    part = Part()
    entries = job.site.entries
    for place in places:
        code = entries[place].code if place < len(entries) else job.site.replaced[place - len(entries)]
        try:
            made = _code(entries[place], place, job, writer) if place < len(entries) else _gone(code, job, writer)
        except (PublishError, Failed):
            raise
        except Exception as problem:  # whatever it is, it is told with the code it concerns
            raise Failed(f"build: error: the page of {code} could not be made\n{traceback.format_exc()}") from problem
        if made is job.memory.pages.get(code):
            part.kept.append(code)
        else:
            part.made[code] = made
    return part


def _code(entry: Entry, place: int, job: Job, writer: TreeWriter) -> Made:
    """Write one code's page, twin and older rows, or keep those of the last build when nothing they are made from changed."""
    site = job.site
    inputs = _inputs(place, job)
    before = _kept(entry.code, inputs, job, writer)
    if before is not None:
        return before
    page = code_page(entry, site, job.tree)
    return _write(entry.code, job.joiner.page(page), twin(entry, page, site), page, inputs, job, writer)


def _inputs(place: int, job: Job) -> str:
    """Return the digest of what the page of the code at a place is made from: its own note, and those of its neighbours, whose names it has."""
    notes, entries = job.site.library.notes, job.site.entries
    around = tuple(notes.get(entries[i].code) for i in (place - 1, place, place + 1) if 0 <= i < len(entries))
    return own_inputs(job.shared, (around, job.site.library.took_over.get(entries[place].code), job.site.tips.digests(entries[place].code), field_pages.inputs_of(entries[place].code, job.site)))


def _gone(code: str, job: Job, writer: TreeWriter) -> Made:
    """Write the page and the older rows of a code that is no longer there, or keep them."""
    inputs = own_inputs(job.shared, (job.site.library.replaced.get(code), job.site.library.notes_digest))
    before = _kept(code, inputs, job, writer)
    if before is not None:
        return before
    page = replaced(code, job.site)
    return _write(code, job.gone.page(page), b"", page, inputs, job, writer)


def _paths(code: str) -> tuple[str, str, str, str]:
    """Return where a code's page, twin, older rows and list of edits go."""
    return f"codes/{code}/index.html", f"data/v1/codes/{code}.json", f"{dated.FOLDER}/{code}.json", f"{edits.FOLDER}/{code}.csv"


def _kept(code: str, inputs: str, job: Job, writer: TreeWriter) -> Made | None:
    """Keep what the last build made of a code, if it was made from the same; None where it must be made again."""
    before = job.memory.pages.get(code)
    if before is None or before.inputs != inputs or (before.indexed is None and job.search):
        return None
    files = zip(_paths(code), (before.html, before.twin, before.past, before.edits), strict=True)
    return before if all(writer.keep(path, bytes.fromhex(digest)) for path, digest in files if digest) else None


def _write(code: str, html: str, twin_data: bytes, page: CodePage | ReplacedPage, inputs: str, job: Job, writer: TreeWriter) -> Made:
    """Write what was made of a code; a code without a twin, older rows or edits has no such file."""
    data = html.encode()
    html_path, twin_path, past_path, edits_path = _paths(code)
    before = job.memory.pages.get(code) if job.memory.facts == job.facts else None

    def rests_on_facts(path: str, digest: str | None, make: Callable[[], bytes | None]) -> str:
        if digest and writer.keep(path, bytes.fromhex(digest)):
            return digest
        made = make()
        return writer.write(path, made).hex() if made else ""

    return Made(
        inputs,
        writer.write(html_path, data).hex(),
        writer.write(twin_path, twin_data).hex() if twin_data else "",
        rests_on_facts(past_path, before and before.past, lambda: dated.rows_file(code, job.site)) if page.calculator else "",
        rests_on_facts(edits_path, before and before.edits, lambda: job.site.edits.list_of(code)) if twin_data and job.site.edits.listed(code) else "",
        (words.page_digest(data) or "") if job.search else None,
        page.head.listed,
        page.head.modified,
    )
