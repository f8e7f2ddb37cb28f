"""Takes published field reports into a build: from a file, or from the site's function over the network.

A file that does not fit ends the build, since somebody put it there. An address that does not answer, or answers with what
does not fit, never does: the last good copy is used, else none, and a warning says so.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Container
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from medpayiq.field.lists import Lists
from medpayiq.field.reports import MOST_BYTES, Published, Unfit, parse
from medpayiq.findings import Findings
from medpayiq.paths import REPORTS, ROOT, SITE_YML, shown

_LONGEST = 30.0
"""Seconds after which an answer that still comes is given up."""
_ASKING = "look at the address, and at GET /api/reports there"


def published(setting: str | None, lists: Lists, codes: Container[str], findings: Findings, *, demo: Path | None = None) -> Published:
    """Return the figures that ``reports`` of site.yml names, or the made-up ones of ``demo``, for the codes of a release."""
    return of_release(take(setting, lists, findings) if demo is None else of_file(demo, lists, findings, demo=True), codes, findings)


def take(setting: str | None, lists: Lists, findings: Findings, *, copies: Path = REPORTS) -> Published:
    """Return the figures that ``reports`` of site.yml names; none for None."""
    if setting is None:
        return Published()
    if setting.startswith(("https://", "http://")):
        return _of_address(setting, lists, findings, copies)
    return of_file(ROOT / setting, lists, findings)


def of_file(path: Path, lists: Lists, findings: Findings, *, demo: bool = False) -> Published:
    """Return the figures of a file; what does not fit becomes an error. ``demo`` admits made-up ones."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as problem:
        findings.error(shown(path), f"cannot be read: {problem.strerror}", try_="correct reports in site.yml, or write reports: null")
        return Published()
    try:
        return parse(data, lists, demo=demo)
    except Unfit as unfit:
        for fault in unfit.faults:
            # Where the JSON itself ends, a fault begins with line and column, as others in files do.
            findings.error(f"{shown(path)}:{fault.split(': ', 1)[0]}" if fault[:1].isdigit() else shown(path), fault.split(": ", 1)[1] if fault[:1].isdigit() else fault, try_=unfit.try_, rule="reports")
        return Published()


def of_release(published: Published, codes: Container[str], findings: Findings) -> Published:
    """Return the figures without those of codes that have no page here, and say which these are."""
    unknown = [code for code in published.codes if code not in codes]
    if not unknown:
        return published
    named = ", ".join(unknown[:5]) + (f" and {len(unknown) - 5} more" if len(unknown) > 5 else "")
    findings.warning("reports", f"{named}: field reports on codes that this release does not have; they are left out", try_="nothing, where the code is gone since; else look at who reports it")
    return replace(published, codes={code: one for code, one in published.codes.items() if code in codes})


def _of_address(url: str, lists: Lists, findings: Findings, copies: Path) -> Published:
    """Ask the address; keep what fits, and fall back on what was kept from it before."""
    copy = copies / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.json"
    try:
        data = _asked(url)
        published = parse(data, lists)
    except (Unfit, _NoAnswerError) as problem:
        before = _kept(copy, lists)
        used = f"those published on {before.day} are used" if before.day else "the pages say that there are none"
        findings.warning(shown(SITE_YML), f"reports: {url}: {problem}; {used}", try_=_ASKING)
        return before
    with suppress(OSError):  # without the copy the next build has nothing to fall back on, and that is all
        copies.mkdir(parents=True, exist_ok=True)
        part = copy.with_suffix(".new")
        part.write_bytes(data)
        os.replace(part, copy)
    return published


def _kept(copy: Path, lists: Lists) -> Published:
    try:
        return parse(copy.read_bytes(), lists)
    except (OSError, Unfit):
        return Published()


class _NoAnswerError(Exception):
    """The address gave nothing that could be read."""


def _asked(url: str) -> bytes:
    """Return what an address answers, of bounded size and within bounded time."""
    from urllib3.exceptions import HTTPError

    from medpayiq.fetching.web import Pace, Refusal, Web

    until = time.monotonic() + _LONGEST
    data = bytearray()
    try:
        with Web(Pace(connect=5, read=10, tries=2, back_off=0.5, longest_pause=2)) as web, web.ask("GET", url, {"Accept": "application/json"}) as response:
            if response.status != 200:
                raise _NoAnswerError(f"answered with status {response.status}")
            while part := response.read(65_536):
                data += part
                if len(data) > MOST_BYTES:
                    raise _NoAnswerError(f"sent more than {MOST_BYTES:,} bytes")
                if time.monotonic() > until:
                    raise _NoAnswerError(f"was not done after {_LONGEST:.0f} seconds")
    except Refusal as refusal:
        raise _NoAnswerError(refusal.message) from None
    except (HTTPError, OSError) as problem:
        raise _NoAnswerError(f"the connection broke ({problem})") from None
    return bytes(data)
