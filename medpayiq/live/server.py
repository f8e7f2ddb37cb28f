"""Serves pages made on request to this machine's browser, and tells it when to load one again."""

from __future__ import annotations

import http.server
import threading
import time
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from medpayiq import fieldserve
from medpayiq.live import boxes
from medpayiq.live.addresses import Answer, answer, folder_of, missing
from medpayiq.live.state import State
from medpayiq.serve import Server, bound, kind_of, sent_headers

_OWN = Path(__file__).parent
_MOST_LISTENERS = 100
_EVERY = 0.2
"""Seconds between two looks; more where a look takes long, so that it stays a small part of one processor."""
_ALIVE = 15.0
"""Seconds after which a listener hears that the server is still there, and the server whether the listener is."""


class Handler(http.server.BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    timeout = 120
    """Seconds that a connection may say nothing."""

    def __init__(self, *arguments: Any, state: State, site: Path, quiet: bool, api: fieldserve.Api) -> None:
        self.state, self.site, self.quiet, self.api = state, site, quiet, api
        super().__init__(*arguments)

    def do_GET(self) -> None:
        """Answer whatever is asked for, unless another site's page asks through a name of its own for this machine."""
        port = self.connection.getsockname()[1]
        if self.headers.get("Host", "") not in {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}:
            self._send(HTTPStatus.MISDIRECTED_REQUEST, f"This server answers at http://127.0.0.1:{port}/ only.\n".encode(), "text/plain; charset=utf-8")
            return
        if fieldserve.concerns(self):
            self.api.answer(self)
            return
        path = unquote(urlsplit(self.path).path)
        if path == f"{boxes.FOLDER}events":
            self._tell()
            return
        if not path.startswith("/assets/"):  # whose names say what they hold
            self.state.refresh()
        if path.startswith(boxes.FOLDER):
            self._own(path.removeprefix(boxes.FOLDER))
        else:
            self._page(path)

    do_HEAD = do_GET  # noqa: N815 - the base class calls it so

    def do_POST(self) -> None:
        """Ask the function of field reports; nothing else here takes anything."""
        if fieldserve.concerns(self):
            self.api.answer(self)
        else:
            self.close_connection = True  # what was sent is not read
            self._send(HTTPStatus.NOT_IMPLEMENTED, b"Nothing is taken in here.\n", "text/plain; charset=utf-8")

    def _page(self, path: str) -> None:
        state = self.state
        with state.lock:
            try:
                found = answer(path, state, self.site)
                if found is None and folder_of(path, state):
                    self._send(HTTPStatus.MOVED_PERMANENTLY, b"", "text/plain", {"Location": f"{path}/"})
                    return
                status = HTTPStatus.OK if found is not None else HTTPStatus.NOT_FOUND
                found = found or missing(state)
                kind = "text/html; charset=utf-8" if path.endswith("/") or status != HTTPStatus.OK else kind_of(path)
                data = self._dressed(found).encode() if kind.startswith("text/html") else found.data
            except Exception as problem:  # noqa: BLE001 - whatever a half-written source leads to, it is told on the page
                status, kind = HTTPStatus.INTERNAL_SERVER_ERROR, "text/html; charset=utf-8"
                data = boxes.failure_page(problem, state.stamp).encode()
        self._send(status, data, kind)

    def _dressed(self, found: Answer) -> str:
        """Return a page with its findings and the script."""
        state, html = self.state, found.data.decode()
        at_tips: dict[str, list[Any]] = {}
        here = state.about(found.files)
        for file, tip in found.tips.items():
            about = state.about([file])
            if about and f'id="tip-{tip}"' in html:
                at_tips[tip] = about
            else:
                here += about  # a tip that lacks a figure of this code is not on its page
        everywhere = state.everywhere()
        told = len(everywhere) + len(here) + sum(map(len, at_tips.values()))
        elsewhere = sum(1 for one in state.found() if one.level != "note") - told
        return boxes.dressed(html, state.stamp, boxes.top_of(everywhere, here, at_tips, max(elsewhere, 0), found.says), at_tips)

    def _own(self, name: str) -> None:
        """Answer a file of the server's own, or the list of findings."""
        if name in {"live.js", "live.css"}:
            self._send(HTTPStatus.OK, (_OWN / name).read_bytes(), kind_of(name))
        elif not name:
            with self.state.lock:
                data = boxes.findings_page(self.state.found(), self.state.stamp).encode()
            self._send(HTTPStatus.OK, data, "text/html; charset=utf-8")
        else:
            self._send(HTTPStatus.NOT_FOUND, b"Nothing is here.\n", "text/plain; charset=utf-8")

    def _tell(self) -> None:
        """Send the stamp of the newest pages, now and whenever it changes, until the listener leaves."""
        if self.command == "HEAD" or not self.state.listen(_MOST_LISTENERS):
            self._send(HTTPStatus.SERVICE_UNAVAILABLE, b"Too many tabs listen.\n", "text/plain; charset=utf-8")
            return
        try:
            self.close_connection = True
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", "text/event-stream; charset=utf-8")
            self.send_header("Connection", "close")
            self._end(f"{boxes.FOLDER}events")
            said = ""
            while True:
                now = self.state.after(said, _ALIVE)
                self.wfile.write(f"data: {now}\n\n".encode() if now != said else b": still here\n\n")
                self.wfile.flush()
                said = now
        finally:
            self.state.leave()

    def _send(self, status: HTTPStatus, data: bytes, kind: str, more: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in (more or {}).items():
            self.send_header(name, value)
        self._end(unquote(urlsplit(self.path).path))
        if self.command != "HEAD":
            self.wfile.write(data)

    def _end(self, path: str) -> None:
        """End the headers with those of netlify.toml; nothing is kept by the browser but what has a digest in its name.

        Drafts are nobody else's: a page of another site that is open in the same browser must not read them.
        """
        sent = sent_headers(path, self.state.headers)
        sent.pop("Access-Control-Allow-Origin", None)
        for name, value in ({"Cache-Control": "no-store"} | sent).items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the base class names it so
        """Stay quiet when asked to."""
        if not self.quiet:
            super().log_message(format, *arguments)


class Watch:
    """Looks for saves until it is stopped, for pages that are open; without one, it is soon enough when a page is asked for."""

    def __init__(self, state: State) -> None:
        """Start to look."""
        self._state, self._stopped = state, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop."""
        self._stopped.set()
        self._thread.join()

    def _look(self) -> None:
        took = 0.0
        while not self._stopped.wait(max(_EVERY, 20 * took)):
            started = time.monotonic()
            if self._state.listeners:
                self._state.refresh()
            took = time.monotonic() - started


def server(state: State, site: Path, port: int, *, quiet: bool = True, api: fieldserve.Api = fieldserve.NOBODY) -> Server:
    """Return a server on the loopback address; the word index is taken from ``site``, if one was built.

    Raises:
        Failed: the port is taken.
    """
    return bound(port, partial(Handler, state=state, site=site, quiet=quiet, api=api))


def run(release: str | None, site: Path, port: int, *, demo: bool = False) -> None:
    """Serve until Ctrl-C; with ``demo`` pages show made-up field reports.

    Raises:
        Failed: the release is not there, or the port is taken.
    """
    state = State(release, demo=demo)
    api = fieldserve.Api(demo=demo)
    with server(state, site, port, api=api) as serving:
        state.prepare()
        watch = Watch(state)
        print(f"serving {state.snap.meta.release} from its sources at http://127.0.0.1:{serving.server_port}/ (stop with Ctrl-C)", flush=True)
        try:
            with api:
                print(api.says, flush=True)
                serving.serve_forever(poll_interval=0.05)
        except KeyboardInterrupt:
            print()
        finally:
            watch.stop()
            state.close()
