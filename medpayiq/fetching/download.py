"""Downloads one file into a part beside its place, goes on where an earlier try stopped, and hands it over when it is whole."""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import urllib3
from urllib3.exceptions import HTTPError

from medpayiq.cms.inputs import MAX_FILE
from medpayiq.fetching.web import Refusal, Web, length, modified, packing, refusal, timestamp

_CHUNK = 1 << 16
_UNPACKED = {None, "gzip", "x-gzip", "deflate"}
_RANGE = re.compile(r"bytes ([0-9]{1,15})-[0-9]{1,15}/([0-9]{1,15})\Z")

Say = Callable[[int, int], None]
"""Called with bytes done and bytes in all; 0 in all where the server does not say."""


@dataclass(frozen=True, slots=True)
class Version:
    """What a server says of one state of a file, so that it is known again."""

    url: str
    etag: str | None
    modified: str | None
    """As the server wrote it, since it is sent back."""
    total: int | None

    @property
    def validator(self) -> str | None:
        """What to send with If-Range; a weak ETag does not promise the same bytes."""
        return self.etag if self.etag and not self.etag.startswith("W/") else self.modified

    def conditions(self) -> dict[str, str]:
        """Return the headers that ask for the file only if it is another one by now."""
        pairs = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in pairs.items() if value}


@dataclass(frozen=True, slots=True)
class Got:
    """A file that came whole; it lies in the part until the caller moves it."""

    version: Version
    size: int
    sha256: str
    resumed: bool
    """Whether it was put together from more than one answer."""

    @property
    def modified(self) -> str | None:
        """CMS's date of the file, ``2026-05-01T12:00:00Z``."""
        return timestamp(self.version.modified)


class _Broken(Exception):  # noqa: N818 - never leaves this module
    """The body ended early, stalled or did not fit; what came is kept if it can be gone on with."""


class Part:
    """The beginning of a file, and beside it what it is the beginning of."""

    def __init__(self, target: Path) -> None:
        self.path = target.with_name(f".{target.name}.part")
        self._about = target.with_name(f".{target.name}.part.json")

    def begun(self, url: str) -> tuple[int, Version] | None:
        """Return how many bytes are here and of which version, if they can be gone on with."""
        try:
            about = json.loads(self._about.read_bytes())
            version = Version(**about)
            size = self.path.stat().st_size
            total = int(version.total or 0)
        except (OSError, ValueError, TypeError):
            return None
        if version.url != url or not isinstance(version.validator, str) or not 0 < size <= total:
            return None
        # Of a whole one the last byte is asked for again: an empty range cannot be.
        return min(size, total - 1), version

    def begin(self, version: Version) -> None:
        """Begin anew. What it is the beginning of is written down before its first byte."""
        self.clear()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._about.write_text(json.dumps(asdict(version)) + "\n", encoding="utf-8")
        self.path.touch()

    def clear(self) -> None:
        """Take both files away."""
        self.path.unlink(missing_ok=True)
        self._about.unlink(missing_ok=True)

    def move(self, target: Path) -> None:
        """Put the whole file in its place, in one step."""
        os.replace(self.path, target)
        self.clear()


def download(web: Web, url: str, part: Part, *, file_name: str, known: Version | None, say: Say) -> Got | None:
    """Download ``url`` into ``part``; None when the server says that it is still ``known``.

    Raises:
        Refusal: the server gave something else, or broke off at every try; a part that can be gone on with stays.
        OSError: the part cannot be written.

    """
    failures, resumed = 0, False
    while True:
        begun = part.begun(url)
        resumed = resumed or begun is not None
        try:
            return _once(web, url, part, begun, file_name=file_name, known=known, say=say, resumed=resumed)
        except _Broken as broken:
            failures += 1
            if failures >= web.pace.tries:
                kept = part.begun(url)
                stays = f"; {kept[0]:,} bytes of it are kept" if kept else ""
                raise Refusal("unreachable", f"{broken}, {failures} times{stays}", "the same command again later" + (": it goes on where this one stopped" if kept else "")) from None
            time.sleep(web.pace.pause(failures))


def _once(web: Web, url: str, part: Part, begun: tuple[int, Version] | None, *, file_name: str, known: Version | None, say: Say, resumed: bool) -> Got | None:
    headers = known.conditions() if known else {}
    if begun is not None:
        headers = {"Range": f"bytes={begun[0]}-", "If-Range": begun[1].validator or ""}
    with web.ask("GET", url, headers) as response:
        version = Version(url, response.headers.get("ETag"), response.headers.get("Last-Modified"), length(response))
        if response.status == 304 and known and begun is None:
            return None
        if begun is not None and response.status in {206, 416}:
            start, version = begun
            if not _goes_on(response, start, version):
                part.clear()
                raise _Broken("the server does not go on with what it began")
        elif response.status == 200:
            start = 0
            if (version.total or 0) > MAX_FILE:
                raise Refusal("refused", f"is {version.total:,} bytes; the limit is {MAX_FILE:,}", "look at the address in cms_data/manifest.yml: this is not a file of a release")
            if packing(response) not in _UNPACKED:
                raise Refusal("refused", f"comes packed ({packing(response)}), which was not asked for", f"download it in a browser, put it into cms_data/downloads/ as {file_name}, and run the same command again")
            part.begin(version)
        else:
            raise refusal(response.status, file_name)
        size = _body(web, response, part, start, version.total or 0, say)
    if version.total is not None and size != version.total:
        raise _Broken(f"{size:,} of {version.total:,} bytes came")
    with part.path.open("rb") as file:
        os.fsync(file.fileno())
        return Got(version, size, hashlib.file_digest(file, "sha256").hexdigest(), resumed)


def _goes_on(response: urllib3.BaseHTTPResponse, start: int, version: Version) -> bool:
    """Say whether an answer to a range is the rest of the same version."""
    stated = _RANGE.match(response.headers.get("Content-Range", ""))
    if response.status != 206 or packing(response) or stated is None or (int(stated[1]), int(stated[2])) != (start, version.total):
        return False
    etag, date = response.headers.get("ETag"), modified(response)
    return etag in {None, version.etag} and date in {None, timestamp(version.modified)}


def _body(web: Web, response: urllib3.BaseHTTPResponse, part: Part, size: int, total: int, say: Say) -> int:
    """Append the body to the part; return the part's size."""
    since, came, unpack = time.monotonic(), 0, packing(response) is not None
    with part.path.open("r+b") as file:
        file.truncate(size)
        file.seek(size)
        try:
            while chunk := response.read1(_CHUNK, decode_content=unpack):
                file.write(chunk)
                size += len(chunk)
                came += len(chunk)
                say(size, total)
                if size > MAX_FILE:
                    raise Refusal("refused", f"is more than {MAX_FILE:,} bytes, which is the limit", "look at the address in cms_data/manifest.yml: this is not a file of a release")
                now = time.monotonic()
                if now - since >= web.pace.slow_seconds:
                    if came < web.pace.slow_bytes:
                        raise _Broken(f"only {came:,} bytes came in {now - since:.0f} s")
                    since, came = now, 0
        except HTTPError:
            raise _Broken(f"the connection broke after {size:,}{f' of {total:,}' if total else ''} bytes") from None
    return size
