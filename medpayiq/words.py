"""The index of words behind the search page: Pagefind over what each finished page marks for it, made again only when ``indexed_digest`` has changed."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

PAGEFIND_OPTIONS = ("--force-language", "en")
"""One language, so that a page that forgot ``lang`` does not end up in an index of its own."""

_INDEXED = re.compile(r"Indexed (\d+) (page|word)s?\b")
_BODY = b"data-pagefind-body"
_NAME = re.compile(rb"[a-zA-Z][a-zA-Z0-9-]*")
_UNUSED = ("pagefind-ui.*", "pagefind-modular-ui.*", "pagefind-component-ui.*", "pagefind-highlight.js")


class SearchError(Exception):
    """The search index could not be made; the text says why and what to try."""


@dataclass(frozen=True, slots=True)
class PagefindResult:
    """What Pagefind says it indexed."""

    pages: int
    words: int
    remarks: tuple[str, ...]
    """Lines it wrote to stderr although it succeeded, such as pages without ``<html>``."""


# -- what Pagefind would see ------------------------------------------------------------------------


def extract(html: bytes) -> bytes | None:
    """Return a small page of which Pagefind makes the same as of the whole one; None where nothing is marked for it.

    It takes the elements with ``data-pagefind-body``, the title, and the first h1 where no such element has one: by that
    it names a page. A code's page has 28 kB, of which these are half a kilobyte, and Pagefind reads all that it is given.
    A page that also says something to Pagefind elsewhere is given whole.
    """
    bodies, outside, end = [], [], 0
    at = html.find(_BODY)
    while at >= 0:
        opening, closing = _element_around(html, at)
        bodies.append(html[opening:closing])
        outside.append(html[end:opening])
        end = closing
        at = html.find(_BODY, end)
    if not bodies:
        return None
    outside.append(html[end:])
    if any(b"data-pagefind-" in part for part in outside):
        return html
    head = [*_elements(outside[0], b"title")]
    names = [] if any(b"<h1" in one for one in bodies) else [one for part in outside for one in _elements(part, b"h1")]
    return b"".join((b'<!doctype html><html lang="en"><head>', *head, b"</head><body>", *names, *bodies, b"</body></html>"))


def page_digest(html: bytes) -> str | None:
    """Digest what Pagefind could index of one page; None where it would index nothing.

    It errs towards "changed": the markup counts, not the text alone, because headings, weights and ignored parts
    change the index too.
    """
    text = extract(html)
    return None if text is None else hashlib.sha256(text).hexdigest()[:32]


def _element_around(page: bytes, at: int) -> tuple[int, int]:
    """Return where the element that has an attribute at ``at`` starts, and where it ends at the latest."""
    opening = page.rfind(b"<", 0, at)
    name = _NAME.match(page, opening + 1)
    if name is None:
        return opening, len(page)
    end = b"</" + name[0]
    closing = page.find(end, at)
    if page.find(b"<" + name[0], at, closing) >= 0:  # one of its own kind inside: take all to the last end tag
        closing = page.rfind(end)
    # An element that is never closed reaches to the end of the page.
    return opening, page.find(b">", closing) + 1 if closing > at else len(page)


def _elements(html: bytes, name: bytes) -> Iterator[bytes]:
    """Yield elements of a name that hold no other of it; many times faster than an expression."""
    at, closing = html.find(b"<" + name), b"</" + name + b">"
    while at >= 0:
        end = html.find(closing, at)
        if end < 0:
            return
        yield html[at : end + len(closing)]
        at = html.find(b"<" + name, end)


def indexed_digest(pages: Iterable[tuple[str, str]]) -> str:
    """One digest over (URL, page digest) pairs in any order, so that several workers can each bring their own.

    Pagefind's version and options count too: the same text has to be indexed again with a new tool.
    """
    digest = hashlib.blake2b(digest_size=16)
    digest.update(" ".join((metadata.version("pagefind-bin"), *PAGEFIND_OPTIONS)).encode())
    before = None
    for url, page in sorted(pages):
        if url == before:
            raise ValueError(f"{url} was rendered twice")
        digest.update(f"\n{url}\0{page}".encode())
        before = url
    return digest.hexdigest()


# -- Pagefind ---------------------------------------------------------------------------------------


def run_pagefind(site: Path, pages: Sequence[str], jobs: int = 1) -> PagefindResult:
    """Index pages of a finished site, given as paths below it, into ``site/pagefind``; what marks nothing is left out.

    The bundle is made beside the old one and takes its place at the end: Pagefind itself never removes the
    fragments of an earlier run, and a run that fails leaves the last good bundle alone.
    """
    if not site.is_dir():
        raise SearchError(f"{site} cannot be indexed: there is no such directory. Build the pages first.")
    texts, fresh, bundle, stale = site / ".pagefind.text", site / ".pagefind.new", site / "pagefind", site / ".pagefind.old"
    for leftover in (texts, fresh, stale):
        shutil.rmtree(leftover, ignore_errors=True)
    try:
        _write_extracts(site, pages, texts, jobs)
        if not any(texts.rglob("*.html")):
            raise SearchError(f"No page under {site} has data-pagefind-body: Pagefind would index headers and footers. Mark the main part of the pages.")
        result = _pagefind(texts, fresh)
        cleaner = multiprocessing.get_context("fork").Process(target=shutil.rmtree, args=(texts,), kwargs={"ignore_errors": True})
        cleaner.start()  # meanwhile the bundle is looked at
        _refuse_partial(fresh, result.pages)
        for pattern in _UNUSED:
            for file in fresh.glob(pattern):
                file.unlink()
        if bundle.exists():
            bundle.rename(stale)
        fresh.rename(bundle)
        cleaner.join()
    finally:
        for leftover in (texts, fresh, stale):
            shutil.rmtree(leftover, ignore_errors=True)
    return result


def _write_extracts(site: Path, pages: Sequence[str], texts: Path, jobs: int) -> None:
    """Write the extract of each page at its own path below ``texts``, in several processes: thousands of small files."""
    # Here and in order: Pagefind counts pages as it comes upon them, on some file systems in the order in which folders were made.
    for folder in dict.fromkeys(path.rpartition("/")[0] for path in pages):
        os.makedirs(texts / folder, exist_ok=True)
    context = multiprocessing.get_context("fork")
    shares = [pages[len(pages) * number // jobs : len(pages) * (number + 1) // jobs] for number in range(jobs)]
    others = [context.Process(target=_in_another, args=(site, share, texts)) for share in shares[1:]]
    try:
        for other in others:
            other.start()
        _write_share(site, shares[0], texts)
        for other, share in zip(others, shares[1:], strict=True):
            other.join()
            if other.exitcode:  # what stopped it stops this one too, which can tell of it; or it was killed
                _write_share(site, share, texts)
    finally:
        for other in others:
            other.kill()


def _in_another(site: Path, pages: Iterable[str], texts: Path) -> None:
    try:
        _write_share(site, pages, texts)
    except (OSError, KeyboardInterrupt):
        os._exit(1)  # without a word: whoever started it tells


def _write_share(site: Path, pages: Iterable[str], texts: Path) -> None:
    below, root = f"{texts}/", f"{site}/"
    for path in pages:
        with open(root + path, "rb") as file:
            text = extract(file.read())
        if text is not None:
            with open(below + path, "wb") as file:
                file.write(text)


def _refuse_partial(bundle: Path, pages: int) -> None:
    """Look whether the bundle is whole: on a full disk Pagefind leaves empty files and ends with exit code 0."""
    sizes = {path: path.stat().st_size for path in bundle.rglob("*") if path.is_file()}
    fragments = sum(path.suffix == ".pf_fragment" for path in sizes)
    if fragments < pages or not all(sizes.values()):
        raise SearchError(f"Pagefind wrote {fragments:,} of {pages:,} pages into {bundle}, and {sum(not size for size in sizes.values()):,} files are empty: the disk is full\n  try: free some space on it")


def _pagefind(pages: Path, output: Path) -> PagefindResult:
    """Run the tool over a folder of pages and read its counts."""
    root = pages.resolve()
    command = [
        sys.executable,
        "-m",
        "pagefind_bin",
        "--site",
        str(root),
        "--output-path",
        str(output.resolve()),
        *PAGEFIND_OPTIONS,
    ]
    # Pagefind also obeys pagefind.toml in the working directory and PAGEFIND_* variables: neither may change a build.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PAGEFIND_") or key == "PAGEFIND_BINARY_PATH"}
    # It inherits the lock of the build: should that be killed, no other begins before Pagefind has stopped writing.
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, encoding="utf-8", errors="replace", check=False, close_fds=False)
    if done.returncode != 0:
        raise SearchError(f"Pagefind failed over {pages} (exit {done.returncode}). Its last lines:\n{_last_lines(done.stdout, done.stderr)}")
    counts = {match[2]: int(match[1]) for match in _INDEXED.finditer(done.stdout)}
    if "page" not in counts:
        raise SearchError(f"Pagefind ran over {pages} but did not say what it indexed. Its last lines:\n{_last_lines(done.stdout, done.stderr)}")
    return PagefindResult(counts["page"], counts.get("word", 0), tuple(line.strip() for line in done.stderr.splitlines() if line.strip()))


def _last_lines(*outputs: str) -> str:
    """Pick the last few lines of each output, indented, without blanks and without repeats (Pagefind repeats its error)."""
    lines: list[str] = []
    for output in outputs:
        written = dict.fromkeys(line.rstrip() for line in output.splitlines() if line.strip())
        lines += [f"  {line.strip()}" for line in list(written)[-6:]]
    return "\n".join(lines) or "  (it wrote nothing)"
