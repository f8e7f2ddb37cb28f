"""A server on loopback that gives files as CMS does, and misbehaves as told; and a desk to fetch from it."""

from __future__ import annotations

import random
import socket
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import cms_files as mini
from importing import factors_on

from medpayiq.cms import manifest
from medpayiq.cms.manifest import Entry, Manifest
from medpayiq.fetching import discovery, fetch
from medpayiq.fetching.discovery import Discovered
from medpayiq.fetching.fetch import Fetched, Places
from medpayiq.fetching.web import Pace
from medpayiq.findings import Findings

FOLDER = "/files/zip/"
ACCEPTED = {"MEDPAYIQ_CMS_LICENCE": "accept"}
QUICK = Pace(connect=2.0, read=0.5, slow_bytes=1, slow_seconds=30.0, tries=4, back_off=0.001, longest_pause=1, between=0.0)
"""Impatient enough for tests; nothing depends on how fast the machine is but a server that stalls on purpose."""


@dataclass(frozen=True)
class File:
    """What is at an address."""

    data: bytes
    etag: str | None = '"1"'
    modified: str | None = "Fri, 01 May 2026 12:00:00 GMT"
    type: str = "application/zip"


@dataclass(frozen=True)
class Act:
    """What the server does with one request instead of giving the file.

    ``status`` answers with ``number``; ``stall``, ``reset`` and ``truncate`` begin the body and end it so after ``number``
    bytes; ``drip`` gives ``number`` bytes at a time, slowly; ``ignore range`` gives all; ``no length`` says none;
    ``short length`` and ``long length`` lie by ``number`` bytes; ``redirect`` sends to ``text``; ``other rest`` answers a
    range with bytes from a wrong place; ``any version`` gives the range of whatever is there; ``become`` changes the file
    first, for good, and so does any other act with a ``file``.
    """

    what: str
    number: int = 0
    text: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    file: File | None = None


@dataclass
class Asked:
    """A request as it came."""

    method: str
    target: str
    headers: dict[str, str]

    @property
    def path(self) -> str:
        """The target without server and query."""
        return urlsplit(self.target).path


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: CmsServer

    def do_GET(self) -> None:
        self._do()

    def do_HEAD(self) -> None:
        self._do()

    def do_CONNECT(self) -> None:
        self.server.asked.append(Asked("CONNECT", self.path, dict(self.headers)))
        self._status(Act("status", 403))

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _do(self) -> None:
        asked = Asked(self.command, self.path, {name.title(): value for name, value in self.headers.items()})
        server = self.server
        with server.guard:
            server.asked.append(asked)
            acts = server.acts.get(asked.path, [])
            act = acts.pop(0) if acts else server.always.get((asked.method, asked.path)) or server.always.get((asked.method, "*")) or Act("serve")
            if act.file is not None:
                server.files[asked.path] = act.file
            file = server.files.get(asked.path)
        if act.what == "status":
            self._status(act)
        elif act.what == "redirect":
            self._status(Act("status", 302, headers=(("Location", act.text),)))
        elif file is None:
            self._status(Act("status", 404))
        else:
            self._file(file, act)

    def _status(self, act: Act) -> None:
        self.send_response(act.number)
        for name, value in act.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _file(self, file: File, act: Act) -> None:
        if self._same(file):
            self.send_response(304)
            self.end_headers()
            return
        start = self._start(file, any_version=act.what == "any version") if act.what != "ignore range" else None
        body = file.data[start or 0 :]
        if start is not None and act.what == "other rest" and start >= 7:
            start, body = start - 7, file.data[start - 7 : -7]
        if self.headers.get("Range") == "bytes=0-0" and start is not None:
            body = body[:1]
        self.send_response(200 if start is None else 206)
        if start is not None:
            self.send_header("Content-Range", f"bytes {start}-{start + len(body) - 1}/{len(file.data)}")
        for name, value in (("ETag", file.etag), ("Last-Modified", file.modified), ("Content-Type", file.type)):
            if value is not None:
                self.send_header(name, value)
        lie = {"short length": -act.number, "long length": act.number}.get(act.what, 0)
        if act.what == "no length":
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(max(0, len(body) + lie)))
        self.end_headers()
        if self.command != "HEAD":
            self._body(body, act)

    def _body(self, body: bytes, act: Act) -> None:
        if act.what in {"stall", "reset", "truncate"}:
            self.wfile.write(body[: act.number])
            self.wfile.flush()
            if act.what == "stall":
                self.server.closing.wait(3)
            elif act.what == "reset":
                # Closed with what is unsent thrown away: the client sees a reset, not an end.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
            self.close_connection = True
        elif act.what == "drip":
            for at in range(0, len(body), act.number):
                self.wfile.write(body[at : at + act.number])
                self.wfile.flush()
                if self.server.closing.wait(0.02):
                    break
        else:
            self.wfile.write(body)
            self.close_connection = self.close_connection or act.what in {"no length", "short length", "long length"}

    def _same(self, file: File) -> bool:
        if (etag := self.headers.get("If-None-Match")) is not None:
            return etag == file.etag
        return file.modified is not None and self.headers.get("If-Modified-Since") == file.modified

    def _start(self, file: File, *, any_version: bool) -> int | None:
        asked = self.headers.get("Range", "")
        if not asked.startswith("bytes=") or (not any_version and self.headers.get("If-Range", file.etag) not in {file.etag, file.modified}):
            return None
        start = int(asked[6:].partition("-")[0])
        return start if start < len(file.data) else None


class CmsServer(ThreadingHTTPServer):
    """Files by path, what to do with the next requests for one, and all that was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, File] = {}
        self.acts: dict[str, list[Act]] = {}
        self.always: dict[tuple[str, str], Act] = {}
        """Method and path (``*``: any) to what is done whenever nothing else is told."""
        self.asked: list[Asked] = []
        self.guard = threading.Lock()
        self.closing = threading.Event()

    @property
    def root(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def base(self) -> str:
        """Where the files are."""
        return self.root + FOLDER

    def put(self, name: str, data: bytes, **about: Any) -> str:
        """Put a file below the base; return its address."""
        self.files[FOLDER + name] = File(data, **about)
        return self.base + name

    def next(self, name: str, *acts: Act) -> None:
        """Say what happens to the next requests for a file, one after the other."""
        self.acts[FOLDER + name] = list(acts)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is what many of these tests are about."""


@contextmanager
def running() -> Iterator[CmsServer]:
    """Run a server until the block ends."""
    server = CmsServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Counter:
    """A desk to fetch at, apart from the project's own, with a manifest that leads to a server."""

    root: Path
    server: CmsServer
    pace: Pace = QUICK
    environ: Mapping[str, str] = field(default_factory=lambda: ACCEPTED)

    @property
    def places(self) -> Places:
        """Where it reads and writes."""
        return Places(self.root / "manifest.yml", self.root / "downloads", self.root / "snapshots", self.root / "descriptors")

    def knows(self, *entries: Entry) -> None:
        """Write the manifest."""
        manifest.write(self.places.manifest, Manifest(self.server.base, entries))

    def manifest(self) -> Manifest:
        """Read the manifest."""
        found = manifest.read(self.places.manifest, Findings())
        assert found is not None
        return found

    def entry(self, name: str = "RVU26C") -> Entry:
        """Return an entry as it is in the manifest."""
        found = self.manifest().named(name)
        assert found is not None
        return found

    def fetch(self, *names: str, **options: Any) -> Fetched:
        """Fetch and import."""
        return fetch.run(list(names), self.places, pace=self.pace, factors_on=factors_on, environ=self.environ, **options)

    def discover(self, today: str, **options: Any) -> Discovered:
        """Look for what is new."""
        return discovery.run(self.places, today=today, pace=self.pace, environ=self.environ, **options)

    def files(self) -> list[str]:
        """Return the names of whole files in the downloads folder."""
        return sorted(path.name for path in self.places.downloads.glob("[!.]*") if path.suffix != ".json") if self.places.downloads.exists() else []

    def parts(self) -> list[str]:
        """Return the names of what was begun and not ended."""
        return sorted(path.name for path in self.places.downloads.glob(".*.part"))


def rvu(server: CmsServer, name: str = "RVU26C", file: str = "rvu26c.zip", start: str = "2026-07-01", end: str = "2026-09-30", **more: Any) -> Entry:
    """Return an entry of relative values that leads to the server."""
    return Entry(name, "rvu", server.base + file, start, end, **more)


def release(month: str = "Jul", *, work: str = "3.17", filler: int = 0, seed: int = 1) -> bytes:
    """Return the zip of a small release of 2026; ``filler`` bytes that cannot be packed make it larger."""
    names = {"Jan": "January", "Apr": "April", "Jul": "July", "Oct": "October"}
    rows = [row | {"work": work} | mini_totals(row | {"work": work}) if row["code"] == "45378" and not row["modifier"] else row for row in mini.services()]
    title = f"2026 National Physician Fee Schedule Relative Value File {names[month]} Release"
    files = {f"PPRRVU2026_{month}_nonQPP.csv": mini.pprrvu_csv(rows, title=title), mini.GPCI: mini.gpci_csv(), mini.ANES: mini.anes_csv(), mini.LOCCO: mini.locco_csv()}
    if filler:
        files["RVU26.pdf"] = random.Random(seed).randbytes(filler)  # noqa: S311 - not for secrets
    return mini.zipped(files)


def mini_totals(row: dict[str, str]) -> dict[str, str]:
    """Return the totals of a row whose parts were changed."""
    made = mini.service(row["code"], **{key: value for key, value in row.items() if key not in {"code", "modifier", "total_nonfacility", "total_facility"}})
    return {key: made[key] for key in ("total_nonfacility", "total_facility")}
