"""Stands before the function of field reports where a site is served on this machine: starts it with Node, and hands requests on.

Without Node a page hears that there is nothing new, and a report that is sent is answered with what to do.
"""

from __future__ import annotations

import http.client
import json
import re
import shutil
import subprocess
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from medpayiq.field import lists, taking
from medpayiq.findings import Failed, Findings
from medpayiq.paths import ROOT

PREFIX = "/api/"
DEMO = ROOT / "tests" / "fixtures" / "field-demo.json"
"""Made-up figures for ``--demo``; a build refuses them."""
DATA = ROOT / ".build" / "field-reports"
"""Where reports that are sent to a served site are kept."""
_PROGRAM = ROOT / "netlify" / "local.mjs"
_BLOBS = ROOT / "node_modules" / "@netlify" / "blobs"
_MOST_BYTES = 1_000_000
"""The function itself takes a small part of this; nobody waits for more."""
_STARTS = 60.0
_ANSWERS = 30.0
_OF_THE_WAY = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host", "upgrade", "te", "trailer", "expect", "x-forwarded-host"})
"""Headers that concern one connection alone."""
_NONE = "Field reports are not taken in here: Node 20 and its packages are needed. Install Node, run npm ci, and start build.py serve again."


class Api:
    """What answers below /api/: the function, made-up figures, or nobody. Use it in a ``with`` block."""

    def __init__(self, *, demo: bool = False, data: Path = DATA, site: Path | None = None) -> None:
        """Read the figures of a demonstration, if there is to be one. Reports are taken on the codes of ``site``, a built one; without it, on any.

        Raises:
            Failed: they are not there or do not fit.
        """
        self._demo = _demo() if demo else None
        self._data, self._site = data, site
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0
        self.says = ""
        """What the person who serves should know."""

    def __enter__(self) -> Self:
        """Start the function where Node is there."""
        node = shutil.which("node")
        lacking = "Node is not here" if node is None else "Node's packages are not here (npm ci)" if not _BLOBS.is_dir() or not _PROGRAM.is_file() else ""
        if node is None or lacking:
            self.says = f"field reports: {lacking}; reports that are sent are not taken in"
        elif self._start(node):
            self.says = f"field reports: taken in, and kept in {self._data.relative_to(ROOT) if self._data.is_relative_to(ROOT) else self._data}/"
        else:
            self.says = "field reports: the function did not start; reports that are sent are not taken in. Try: node netlify/local.mjs --data .build/field-reports"
        if self._demo is not None:
            self.says += "; pages show made-up figures"
        return self

    def __exit__(self, *_: object) -> None:
        """End the function: it ends with its input."""
        if self._process is None:
            return
        with self._process as process:  # closes both pipes, then waits
            if process.stdin is not None:
                process.stdin.close()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()

    def _start(self, node: str) -> bool:
        self._data.mkdir(parents=True, exist_ok=True)
        process = subprocess.Popen([node, str(_PROGRAM), "--data", str(self._data), *(["--codes", str(self._site / "assets")] if self._site else [])], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._process = process
        late = threading.Timer(_STARTS, process.kill)
        late.start()
        try:
            line = process.stdout.readline() if process.stdout is not None else b""
            self._port = int(json.loads(line)["port"])
        except (ValueError, KeyError, TypeError):
            return False
        finally:
            late.cancel()
            late.join()
        return True

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer a request below /api/."""
        host, port = request.headers.get("Host", ""), request.connection.getsockname()[1]
        if host not in {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}:
            _say(request, HTTPStatus.MISDIRECTED_REQUEST, f"This server answers at http://127.0.0.1:{port}/ only.")
            return
        body = _body(request)
        if body is None:
            return
        reads = request.command in {"GET", "HEAD"}
        if self._demo is not None and reads and self._answer_demo(request):
            return
        if self._port:
            self._hand_on(request, body)
        elif reads:
            _send(request, HTTPStatus.NO_CONTENT, b"", {})
        else:
            _say(request, HTTPStatus.SERVICE_UNAVAILABLE, _NONE)

    def _answer_demo(self, request: BaseHTTPRequestHandler) -> bool:
        """Answer with made-up figures, which say that they are; no for what has none."""
        found = re.fullmatch(r"/api/reports(?:/([0-9A-Z]{5}))?", unquote(urlsplit(request.path).path))
        if found is None or self._demo is None:
            return False
        codes = self._demo["codes"]
        answer = self._demo if found[1] is None else {**codes[found[1]], "synthetic": True} if found[1] in codes else {"code": found[1], "reports": None, "published": self._demo["published"]}
        _send(request, HTTPStatus.OK, json.dumps(answer).encode(), {"Content-Type": "application/json; charset=utf-8"})
        return True

    def _hand_on(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        """Send a request on to the function, and its answer back."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_ANSWERS)
        try:
            connection.putrequest(request.command, request.path, skip_accept_encoding=True)
            for name, value in request.headers.items():
                if name.lower() not in _OF_THE_WAY:
                    connection.putheader(name, value)
            connection.putheader("X-Forwarded-Host", request.headers.get("Host", ""))
            if request.command not in {"GET", "HEAD"}:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body or None)
            answer = connection.getresponse()
            data = answer.read()
        except (OSError, http.client.HTTPException, ValueError):
            _say(request, HTTPStatus.BAD_GATEWAY, "The function of field reports does not answer. Start build.py serve again.")
            return
        finally:
            connection.close()
        _send(request, answer.status, data, {name: value for name, value in answer.getheaders() if name.lower() not in _OF_THE_WAY | {"date"}})


NOBODY = Api()
"""Answers for a site that is served without the function."""


def concerns(request: BaseHTTPRequestHandler) -> bool:
    """Say whether a request is for the function."""
    return unquote(urlsplit(request.path).path).startswith(PREFIX)


def _demo() -> dict[str, Any]:
    findings = Findings()
    taking.of_file(DEMO, lists.read(), findings, demo=True)
    if findings.failed:
        raise Failed(findings)
    made: dict[str, Any] = json.loads(DEMO.read_bytes())
    return made


def _body(request: BaseHTTPRequestHandler) -> bytes | None:
    """Return what was sent, of bounded size; None where that was answered already."""
    if "transfer-encoding" in request.headers:
        _say(request, HTTPStatus.LENGTH_REQUIRED, "Say how long it is.", close=True)
        return None
    stated = request.headers.get("Content-Length", "0")
    if not (stated.isascii() and stated.isdigit()) or len(stated) > 9 or int(stated) > _MOST_BYTES:
        _say(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This is longer than any report.", close=True)
        return None
    return request.rfile.read(int(stated))


def _say(request: BaseHTTPRequestHandler, status: HTTPStatus, sentence: str, *, close: bool = False) -> None:
    """Answer with a sentence, for people and for the script of the form."""
    if close:
        request.close_connection = True
    if "json" in request.headers.get("Accept", ""):
        _send(request, status, json.dumps({"error": {"kind": "local", "message": sentence, "fields": []}}).encode(), {"Content-Type": "application/json; charset=utf-8"})
    else:
        _send(request, status, f"{sentence}\n".encode(), {"Content-Type": "text/plain; charset=utf-8"})


def _send(request: BaseHTTPRequestHandler, status: int, data: bytes, headers: dict[str, str]) -> None:
    """Send an answer with its own headers alone: those of netlify.toml do not reach a function's answers."""
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name, value)
    if status != HTTPStatus.NO_CONTENT:
        request.send_header("Content-Length", str(len(data)))
    if "cache-control" not in {name.lower() for name in headers}:
        request.send_header("Cache-Control", "no-store")
    BaseHTTPRequestHandler.end_headers(request)
    if request.command != "HEAD" and status != HTTPStatus.NO_CONTENT:
        request.wfile.write(data)
