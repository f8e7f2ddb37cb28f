"""Serves the finished site on this machine as Netlify would: same headers, same 404 page, folders by index.html."""

from __future__ import annotations

import http.server
import mimetypes
import sys
import tomllib
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from medpayiq import fieldserve
from medpayiq.findings import Failed
from medpayiq.paths import ROOT, SITE

_RESERVED, _LAST = 1024, 65535
"""Ports below the first are the system's; there is none above the second."""


def headers_of(path: str, rules: list[dict[str, Any]]) -> dict[str, str]:
    """Return the headers that netlify.toml sets for an address; a later rule adds to an earlier one."""
    made: dict[str, str] = {}
    for rule in rules:
        pattern = rule["for"]
        if path == pattern or (pattern.endswith("*") and path.startswith(pattern[:-1])):
            made |= rule["values"]
    return made


def sent_headers(path: str, rules: list[dict[str, Any]]) -> dict[str, str]:
    """Return those that are sent here: on plain http the browser must not be told to use https."""
    return {name: value.replace("; upgrade-insecure-requests", "") for name, value in headers_of(path, rules).items() if name != "Strict-Transport-Security"}


class Handler(http.server.SimpleHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    extensions_map = {  # noqa: RUF012 - the base class has it like this
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".json": "application/json",
        ".wasm": "application/wasm",
        ".webmanifest": "application/manifest+json",
        ".svg": "image/svg+xml",
        ".xml": "application/xml",
    }

    def __init__(self, *arguments: Any, rules: list[dict[str, Any]], quiet: bool, api: fieldserve.Api, **more: Any) -> None:
        self.rules, self.quiet, self.api = rules, quiet, api
        super().__init__(*arguments, **more)

    def do_GET(self) -> None:
        """Answer a file of the site, or ask the function of field reports."""
        if fieldserve.concerns(self):
            self.api.answer(self)
        else:
            super().do_GET()

    def do_HEAD(self) -> None:
        """Answer as to GET, without the body."""
        if fieldserve.concerns(self):
            self.api.answer(self)
        else:
            super().do_HEAD()

    def do_POST(self) -> None:
        """Ask the function; a file takes nothing."""
        if fieldserve.concerns(self):
            self.api.answer(self)
        else:
            self.close_connection = True  # what was sent is not read
            self.send_error(HTTPStatus.NOT_IMPLEMENTED)

    def end_headers(self) -> None:
        """Add the site's own headers."""
        for name, value in sent_headers(unquote(urlsplit(self.path).path), self.rules).items():
            self.send_header(name, value)
        super().end_headers()

    def list_directory(self, path: Any) -> None:
        """Answer a folder without index.html with 404, as a host does."""
        del path
        self.send_error(HTTPStatus.NOT_FOUND)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer 404 with the site's own page."""
        page = Path(self.directory) / "404.html"
        if code != HTTPStatus.NOT_FOUND or not page.is_file():
            super().send_error(code, message, explain)
            return
        data = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def guess_type(self, path: Any) -> str:
        """Name the encoding of text; every file of ours is UTF-8."""
        return _with_encoding(super().guess_type(path))

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the base class names it so
        """Stay quiet when asked to."""
        if not self.quiet:
            super().log_message(format, *arguments)


def kind_of(path: str) -> str:
    """Return the type of a file, as the finished site is served with it."""
    kinds = Handler.extensions_map
    ending = Path(path).suffix
    return _with_encoding(kinds.get(ending) or mimetypes.guess_type(path)[0] or "application/octet-stream")


def _with_encoding(kind: str) -> str:
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


class Server(http.server.ThreadingHTTPServer):
    """Serves until it is stopped; a visitor who leaves before the answer is whole is no fault."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report every failure but a connection that the other side closed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def server(site: Path, port: int, *, quiet: bool = False, api: fieldserve.Api = fieldserve.NOBODY) -> http.server.ThreadingHTTPServer:
    """Return a server for ``site`` on the loopback address; ``api`` answers for the function of field reports.

    Raises:
        Failed: there is no site, or the port is taken.
    """
    if not (site / "index.html").is_file():
        out = "" if site == SITE else f" --out {site}"
        raise Failed(f"{site}: error: holds no site\n  try: .venv/bin/python build.py build{out}", exit_code=2)
    rules = tomllib.loads((ROOT / "netlify.toml").read_text(encoding="utf-8"))["headers"]
    return bound(port, partial(Handler, directory=str(site), rules=rules, quiet=quiet, api=api))


def bound(port: int, handler: Callable[..., http.server.BaseHTTPRequestHandler]) -> Server:
    """Return a server at a port of the loopback address.

    Raises:
        Failed: the port is taken.
    """
    try:
        return Server(("127.0.0.1", port), handler)
    except OSError as problem:
        another = port + 1 if _RESERVED <= port < _LAST else 8000
        raise Failed(f"port {port}: error: {problem.strerror}\n  try: --port {another}", exit_code=2) from None
