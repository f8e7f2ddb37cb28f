"""Search: the small code index behind the search box, and Pagefind over the finished pages.

The box answers codes and names from one JSON file that is fetched on first focus (``code_index``;
``assets/js/search/index.js`` is its reader). The search page adds the full text, indexed by Pagefind
from the HTML of the finished site (``run_pagefind``), and only when ``indexed_digest`` has changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from itertools import groupby, pairwise
from pathlib import Path

CURRENT = "code"
"""Kind of a code of the loaded release: the box goes straight to its page."""

DELETED = "deleted"
"""Kind of a code that is no longer billed but has a page saying so: the box offers it, never jumps to it."""

FORMAT = 1
"""Version of the index; the reader refuses any other."""

PAGEFIND_OPTIONS = ("--force-language", "en")
"""One language, so that a page that forgot ``lang`` does not end up in an index of its own."""

_CODE = re.compile(r"[A-Z0-9]{5}")
_AMOUNT = re.compile(r"\$(0|[1-9]\d{0,2}(?:,\d{3})*)\.(\d\d)")
_INDEXED = re.compile(r"Indexed (\d+) (page|word)s?\b")
_BODY = b"data-pagefind-body"
_NAME = re.compile(rb"[a-zA-Z][a-zA-Z0-9-]*")
_OUTSIDE = re.compile(rb"<(?:title|h1)\b.*?</|<[^>]*\sdata-pagefind-[^>]*>[^<]*", re.DOTALL)
_UNUSED = ("pagefind-ui.*", "pagefind-modular-ui.*", "pagefind-component-ui.*", "pagefind-highlight.js")


class SearchError(Exception):
    """The search index could not be made; the text says why and what to try."""


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One line of the search box. The page of ``code`` is ``/codes/<code>/``."""

    code: str
    """Five characters, upper case."""
    name: str
    """Plain name, or empty."""
    label: str
    """Amount as text (``$40.42``) or a short verdict."""
    kind: str = CURRENT
    """``CURRENT``, ``DELETED`` or another word; only ``DELETED`` means something to the box."""


@dataclass(frozen=True, slots=True)
class PagefindResult:
    """What Pagefind says it indexed."""

    pages: int
    words: int
    remarks: tuple[str, ...]
    """Lines it wrote to stderr although it succeeded, such as pages without ``<html>``."""


# -- the code index ---------------------------------------------------------------------------------


def code_index(entries: Iterable[IndexEntry]) -> bytes:
    """Pack the index as compact JSON: the same entries in any order give the same bytes.

    Five columns instead of 17,000 records, because gzip then sees like beside like:

    - ``codes``: sorted; for each code one digit, how many characters it shares with the code before, then the rest.
    - ``names``: every name once, in order of first use; ``name``: which one each code has.
    - ``labels``: every label that is not an amount once; ``label``: cents, or ``-1`` for ``labels[0]``, ``-2`` for the next.
    - ``kinds`` and ``kind``: as names.

    The last four are runs (``value*count``, separated by commas); where a name or kind is the next unused one, its number is left out.
    """
    rows = sorted(entries, key=lambda entry: entry.code)
    for row in rows:
        if not _CODE.fullmatch(row.code):
            raise ValueError(f"{row.code!r} cannot be indexed: a code has five characters, A to Z and 0 to 9")
    for before, after in pairwise(rows):
        if before.code == after.code:
            raise ValueError(f"{after.code} is in the index twice")
    names, name = _table([row.name for row in rows])
    kinds, kind = _table([row.kind for row in rows])
    labels, label = _labels([row.label for row in rows])
    index = {
        "v": FORMAT,
        "codes": _front_coded([row.code for row in rows]),
        "names": names,
        "name": name,
        "labels": labels,
        "label": label,
        "kinds": kinds,
        "kind": kind,
    }
    return json.dumps(index, ensure_ascii=False, separators=(",", ":")).encode()


def _front_coded(codes: Sequence[str]) -> str:
    """Each code as the length of the prefix it shares with the one before, and its remaining characters."""
    parts = []
    before = ""
    for code in codes:
        shared = next((at for at, (one, other) in enumerate(zip(before, code, strict=False)) if one != other), len(before))
        parts.append(f"{shared}{code[shared:]}")
        before = code
    return "".join(parts)


def _table(values: Sequence[str]) -> tuple[list[str], str]:
    """Give the distinct values in order of first use, and the runs that point into them."""
    table: dict[str, int] = {}
    runs = []
    for value, group in groupby(values):
        new = value not in table
        place = table.setdefault(value, len(table))
        runs.append(_run("" if new else str(place), len(list(group))))
    return list(table), ",".join(runs)


def _labels(values: Sequence[str]) -> tuple[list[str], str]:
    """Give the distinct labels that are not amounts, and the runs of cents or places in that table."""
    table: dict[str, int] = {}
    runs = []
    for value, group in groupby(values):
        amount = _AMOUNT.fullmatch(value)
        token = str(int(amount[1].replace(",", "") + amount[2])) if amount else str(-1 - table.setdefault(value, len(table)))
        runs.append(_run(token, len(list(group))))
    return list(table), ",".join(runs)


def _run(token: str, count: int) -> str:
    return token if count == 1 else f"{token}*{count}"


# -- what Pagefind would see ------------------------------------------------------------------------


def page_digest(html: bytes | str) -> str | None:
    """Digest what Pagefind could index of one page; None where it would index nothing.

    It errs towards "changed": the markup counts, not the text alone, because headings, weights and ignored parts
    change the index too. Everything outside of a body, where the hashed names of style sheets and scripts are, is left out
    but for titles and Pagefind's own attributes.
    """
    page = html.encode() if isinstance(html, str) else html
    digest = hashlib.sha256()
    outside, end, named = [], 0, False
    at = page.find(_BODY)
    while at >= 0:
        opening, closing = _element_around(page, at)
        digest.update(page[opening:closing])
        named = named or b"<h1" in page[opening:closing]
        outside.append(page[end:opening])
        end = closing
        at = page.find(_BODY, end)
    if not outside:
        return None
    outside.append(page[end:])
    # The title stands in the head, before any body. Pagefind names a page by its first h1, which counts
    # outside only where no body has one.
    pieces = list(_elements(outside[0], b"<title"))
    for part in outside:
        if not named:
            pieces += _elements(part, b"<h1")
        if b"data-pagefind-" in part:
            pieces += _OUTSIDE.findall(part)
    for piece in pieces:
        digest.update(b"\0" + piece)
    return digest.hexdigest()[:32]


def _element_around(page: bytes, at: int) -> tuple[int, int]:
    """Return where the element that has an attribute at ``at`` starts, and where it ends at the latest."""
    opening = page.rfind(b"<", 0, at)
    name = _NAME.match(page, opening + 1)
    if name is None:
        return opening, len(page)
    closing = page.find(b"</" + name[0], at)
    if page.find(b"<" + name[0], at, closing) >= 0:  # one of its own kind inside: take all to the last end tag
        closing = page.rfind(b"</" + name[0])
    # An element that is never closed reaches to the end of the page.
    return opening, closing if closing > at else len(page)


def _elements(html: bytes, opening: bytes) -> Iterator[bytes]:
    """Yield elements from their opening to the next end tag; many times faster than an expression."""
    at = html.find(opening)
    while at >= 0:
        end = html.find(b"</", at)
        yield html[at:end]
        at = html.find(opening, end) if end >= 0 else -1


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


def run_pagefind(site: Path) -> PagefindResult:
    """Index the finished pages under ``site`` into ``site/pagefind``.

    The bundle is made beside the old one and takes its place at the end: Pagefind itself never removes the
    fragments of an earlier run, and a run that fails leaves the last good bundle alone.
    """
    if not site.is_dir():
        raise SearchError(f"{site} cannot be indexed: there is no such directory. Build the pages first.")
    fresh, bundle, stale = site / ".pagefind.new", site / "pagefind", site / ".pagefind.old"
    for leftover in (fresh, stale):
        shutil.rmtree(leftover, ignore_errors=True)
    try:
        result = _pagefind(site, fresh)
        _refuse_partial(fresh, result.pages)
        for pattern in _UNUSED:
            for file in fresh.glob(pattern):
                file.unlink()
        if bundle.exists():
            bundle.rename(stale)
        fresh.rename(bundle)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(stale, ignore_errors=True)
    return result


def _refuse_partial(bundle: Path, pages: int) -> None:
    """Look whether the bundle is whole: on a full disk Pagefind leaves empty files and ends with exit code 0."""
    sizes = {path: path.stat().st_size for path in bundle.rglob("*") if path.is_file()}
    fragments = sum(path.suffix == ".pf_fragment" for path in sizes)
    if fragments < pages or not all(sizes.values()):
        raise SearchError(f"Pagefind wrote {fragments:,} of {pages:,} pages into {bundle}, and {sum(not size for size in sizes.values()):,} files are empty: the disk is full\n  try: free some space on it")


def _pagefind(site: Path, output: Path) -> PagefindResult:
    """Run the tool and read its counts."""
    root = site.resolve()
    command = [
        sys.executable,
        "-m",
        "pagefind_bin",
        "--site",
        str(root),
        "--output-path",
        str(root / output.name),
        *PAGEFIND_OPTIONS,
    ]
    # Pagefind also obeys pagefind.toml in the working directory and PAGEFIND_* variables: neither may change a build.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PAGEFIND_") or key == "PAGEFIND_BINARY_PATH"}
    # It inherits the lock of the build: should that be killed, no other begins before Pagefind has stopped writing.
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, encoding="utf-8", errors="replace", check=False, close_fds=False)
    if done.returncode != 0:
        raise SearchError(f"Pagefind failed over {site} (exit {done.returncode}). Its last lines:\n{_last_lines(done.stdout, done.stderr)}")
    if "Did not find a data-pagefind-body element" in done.stdout:
        raise SearchError(f"No page under {site} has data-pagefind-body: Pagefind would index headers and footers. Mark the main part of the pages.")
    counts = {match[2]: int(match[1]) for match in _INDEXED.finditer(done.stdout)}
    if "page" not in counts:
        raise SearchError(f"Pagefind ran over {site} but did not say what it indexed. Its last lines:\n{_last_lines(done.stdout, done.stderr)}")
    return PagefindResult(counts["page"], counts.get("word", 0), tuple(line.strip() for line in done.stderr.splitlines() if line.strip()))


def _last_lines(*outputs: str, count: int = 6) -> str:
    """Pick the last few lines of each output, indented, without blanks and without repeats (Pagefind repeats its error)."""
    lines: list[str] = []
    for output in outputs:
        written = dict.fromkeys(line.rstrip() for line in output.splitlines() if line.strip())
        lines += [f"  {line.strip()}" for line in list(written)[-count:]]
    return "\n".join(lines) or "  (it wrote nothing)"
