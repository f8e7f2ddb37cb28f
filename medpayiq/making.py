"""Makes the pages of codes, and of codes that are gone, in several processes that share what is loaded."""

from __future__ import annotations

import multiprocessing
import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait

from medpayiq import edits, search
from medpayiq.findings import Failed
from medpayiq.joining import Joiner
from medpayiq.lock import parent_alive
from medpayiq.memory import Made, Memory, own_inputs
from medpayiq.pages import dated, field, hubs
from medpayiq.pages.codes import code_page
from medpayiq.pages.entries import Entry
from medpayiq.pages.general_models import ReplacedPage
from medpayiq.pages.models import CodePage
from medpayiq.pages.replaced import replaced
from medpayiq.pages.site import SiteData
from medpayiq.pages.twin import twin
from medpayiq.progress import Progress
from medpayiq.publish import Publication, PublishError, TreeWriter

_BATCH = 64


@dataclass(frozen=True, slots=True)
class Part:
    """What one process hands back."""

    entries: bytes
    indexed: list[tuple[str, str]]
    urls: list[str]
    made: dict[str, Made]


@dataclass(frozen=True, slots=True)
class Job:
    """What every process needs to make code pages."""

    site: SiteData
    tree: hubs.Tree
    joiner: Joiner
    gone: Joiner
    """Of the pages of codes that are no longer there."""
    memory: Memory
    shared: str
    """Digest of what all pages depend on."""
    search: bool
    """Whether the word index is made, and so whether to work out what it would hold."""

    def keeps_most(self) -> bool:
        """Say whether the last build was made from the same but for single codes, so that most pages are kept."""
        entries = self.site.entries
        return any(self.memory.pages[one.code].inputs == _inputs(place, self) for place, one in enumerate(entries[:_BATCH]) if one.code in self.memory.pages)


def code_pages(job: Job, publication: Publication, jobs: int, progress: Progress) -> list[Part]:
    """Write every code's page and JSON twin, and the pages of codes that are gone, in ``jobs`` processes that share what is loaded."""
    total = len(job.site.entries) + len(job.site.replaced)
    if not job.keeps_most():
        job.site.edits.load()  # once, for all processes
        job.site.tips.load()
    if jobs == 1 or total < 2 * _BATCH:
        return [_write_codes(job, publication.writer(), range(total), lambda done: progress.count(done, total))]
    context = multiprocessing.get_context("fork")
    receivers: list[Connection] = []
    workers = []
    for number in range(jobs):
        receiver, sender = context.Pipe(duplex=False)
        places = range(number, total, jobs)
        receivers.append(receiver)
        worker = context.Process(target=_worker, args=(sender, receivers, os.getpid(), job, publication.writer(), places), daemon=True)
        worker.start()
        sender.close()
        workers.append(worker)
    parts: list[Part] = []
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


def _worker(sender: Connection, inherited: list[Connection], parent: int, job: Job, writer: TreeWriter, places: range) -> None:
    """Write a share of the pages; stop when the parent is gone, so that nothing writes into a tree nobody minds.

    ``inherited`` are the parent's reading ends. With one of them open here, a worker whose parent was killed would write
    into a full pipe that nobody empties, and hold the lock of the build for ever.
    """
    for receiver in inherited:
        receiver.close()

    def tell(_: int) -> None:
        if not parent_alive(parent):
            os._exit(1)
        sender.send(_BATCH)

    try:
        sender.send(_write_codes(job, writer, places, tell))
    except (PublishError, Failed) as problem:
        sender.send(problem)
    except BrokenPipeError:
        os._exit(1)
    except Exception:  # noqa: BLE001 - whatever it is, the parent must hear of it
        sender.send(Failed(f"build: error: a page could not be made\n{traceback.format_exc()}"))


def _write_codes(job: Job, writer: TreeWriter, places: range, tell: Callable[[int], None]) -> Part:
    part = Part(b"", [], [], {})
    entries = job.site.entries
    for number, place in enumerate(places, 1):
        code = entries[place].code if place < len(entries) else job.site.replaced[place - len(entries)]
        try:
            made = part.made[code] = _code(entries[place], place, job, writer) if place < len(entries) else _gone(code, job, writer)
        except (PublishError, Failed):
            raise
        except Exception as problem:  # whatever it is, it is told with the code it concerns
            raise Failed(f"build: error: the page of {code} could not be made\n{traceback.format_exc()}") from problem
        if made.indexed:
            part.indexed.append((f"/codes/{code}/", made.indexed))
        if made.listed:
            part.urls.append(f"/codes/{code}/")
        if number % _BATCH == 0:
            tell(number)
    return replace(part, entries=writer.entries())


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
    return own_inputs(job.shared, (around, job.site.tips.digests(entries[place].code), field.inputs_of(entries[place].code, job.site)))


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
    past = dated.rows_file(code, job.site) if page.calculator else None
    listed = job.site.edits.list_of(code) if twin_data and job.site.edits.listed(code) else None
    html_digest, twin_digest, past_digest, edits_digest = (writer.write(path, one).hex() if one else "" for path, one in zip(_paths(code), (data, twin_data, past, listed), strict=True))
    return Made(inputs, html_digest, twin_digest, past_digest, edits_digest, (search.page_digest(data) or "") if job.search else None, page.head.listed)
