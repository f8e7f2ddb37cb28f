"""Asks a server over HTTP: proxies, retries with back-off, redirects to safe addresses alone, and refusals in plain words."""

from __future__ import annotations

import ssl
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Literal, Self
from urllib.parse import unquote, urljoin, urlsplit

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, LocationValueError, MaxRetryError, NameResolutionError, NewConnectionError, ProxyError, ReadTimeoutError, SSLError
from urllib3.util import Retry, Timeout, make_headers

from medpayiq.cms import manifest

_BUSY = (429, 500, 502, 503, 504)
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 5
# CMS turns away what gives no name, and often the default names of libraries.
AGENT = "MedPayIQ/0.1 (build.py fetch)"


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient a fetch is; seconds, unless said otherwise."""

    connect: float = 15.0
    read: float = 60.0
    """Longest silence of a server."""
    slow_bytes: int = 20_000
    """Fewer bytes than this ..."""
    slow_seconds: float = 60.0
    """... in this time count as a stall."""
    tries: int = 6
    """How often one request is sent, and how often one file is begun or gone on with."""
    back_off: float = 1.0
    """First pause; each one after it is twice as long."""
    longest_pause: int = 120
    """No pause is longer, whatever a server asks for with Retry-After."""
    between: float = 0.1
    """Pause between two names that are tried when looking for what is new."""

    def pause(self, failures: int) -> float:
        """Return how long to wait after so many failures in a row."""
        return min(self.back_off * 2.0 ** (failures - 1), float(self.longest_pause))


class Refusal(Exception):  # noqa: N818 - it reads as a sentence: "except Refusal"
    """A server did not give what was asked for. ``why``: it is not there, it is not for us, or it could not be had."""

    def __init__(self, why: Literal["absent", "refused", "unreachable"], message: str, try_: str) -> None:
        """Keep what happened and what to do about it."""
        super().__init__(message)
        self.why = why
        self.message = message
        self.try_ = try_


class Web:
    """Connections to servers, through the proxies that the environment names; use it in a ``with`` block."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self._pools: dict[str, urllib3.PoolManager] = {}

    @contextmanager
    def ask(self, method: str, url: str, headers: Mapping[str, str] | None = None) -> Iterator[urllib3.BaseHTTPResponse]:
        """Send a request and follow redirects; yield the answer of any status, its body unread and its ``url`` where it came from.

        Raises:
            Refusal: no answer after every retry, or a redirect to an unsafe address.

        """
        response = self._answer(method, url, headers or {})
        try:
            yield response
        finally:
            if method == "HEAD":
                response.drain_conn()
                response.release_conn()
            else:
                response.close()

    def _answer(self, method: str, url: str, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        first = url
        for _ in range(_MOST_REDIRECTS + 1):
            if not manifest.allowed(url) or (manifest.on_this_machine(url) and not manifest.on_this_machine(first)):
                raise Refusal("refused", f"leads to {url}, which is not an https address", "look at CMS's page for where the file is now, and write that into cms_data/manifest.yml")
            try:
                response = self._pool(url).request(method, url, headers={"User-Agent": AGENT, "Accept-Encoding": "identity", **headers}, preload_content=False, redirect=False)
            except (HTTPError, OSError, ValueError) as problem:
                raise Refusal("unreachable", _words(problem), "look at the connection and at HTTPS_PROXY, then the same command again") from None
            if response.status not in _REDIRECTS or not (target := response.headers.get("Location")):
                response.url = url
                return response
            response.close()
            try:
                url = urljoin(url, target)
            except ValueError:
                raise Refusal("refused", f"leads to {target!r}, which is no address", "look at CMS's page for where the file is now, and write that into cms_data/manifest.yml") from None
        raise Refusal("refused", f"leads from one address to the next more than {_MOST_REDIRECTS} times", "look at CMS's page for where the file is now")

    def _pool(self, url: str) -> urllib3.PoolManager:
        parts = urlsplit(url)
        proxies = urllib.request.getproxies()
        proxy = proxies.get(parts.scheme) or proxies.get("all") or ""
        if proxy and urllib.request.proxy_bypass(parts.netloc.rpartition("@")[2]):
            proxy = ""
        if proxy not in self._pools:
            self._pools[proxy] = self._new_pool(proxy)
        return self._pools[proxy]

    def _new_pool(self, proxy: str) -> urllib3.PoolManager:
        retries = Retry(
            self.pace.tries - 1,
            backoff_factor=self.pace.back_off / 2,  # urllib3 waits twice the factor the first time
            backoff_max=self.pace.longest_pause,
            retry_after_max=self.pace.longest_pause,
            status_forcelist=_BUSY,
            raise_on_status=False,
            redirect=False,
        )
        timeout = Timeout(connect=self.pace.connect, read=self.pace.read)
        context = ssl.create_default_context()
        if not proxy:
            return urllib3.PoolManager(retries=retries, timeout=timeout, ssl_context=context)
        if "://" not in proxy:
            proxy = f"http://{proxy}"
        parts = urlsplit(proxy)
        if parts.scheme not in {"http", "https"}:
            raise ValueError(f"the proxy is of a kind that is not known here ({parts.scheme}); http and https proxies are")
        login = make_headers(proxy_basic_auth=f"{unquote(parts.username)}:{unquote(parts.password or '')}") if parts.username else None
        address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        return urllib3.ProxyManager(address, proxy_headers=login, retries=retries, timeout=timeout, ssl_context=context)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        for pool in self._pools.values():
            pool.clear()


def refusal(status: int, file_name: str) -> Refusal:
    """Return what an answer that is no file means, and what to do."""
    if status in {404, 410}:
        return Refusal("absent", f"is not there, or not yet (status {status})", "build.py fetch --discover, which asks for the names CMS may have given it")
    if status in {401, 403, 407, 451}:
        return Refusal(
            "refused",
            f"is refused to this machine (status {status})",
            f"download it in a browser, put it into cms_data/downloads/ as {file_name}, and run the same command again: it is then checked and used",
        )
    if status in _BUSY:
        return Refusal("unreachable", f"the server is overloaded or out of order (status {status}), at every try", "the same command again later")
    return Refusal("unreachable", f"the server answered with status {status}", f"open the address in a browser; put the file into cms_data/downloads/ as {file_name}")


def modified(response: urllib3.BaseHTTPResponse) -> str | None:
    """Return when CMS last changed the file (``2026-05-01T12:00:00Z``), where it says so."""
    return timestamp(response.headers.get("Last-Modified"))


def timestamp(http_date: str | None) -> str | None:
    """Turn an HTTP date into ``2026-05-01T12:00:00Z``; None for what is no date."""
    try:
        return parsedate_to_datetime(http_date or "").strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, TypeError, OverflowError):
        return None


def length(response: urllib3.BaseHTTPResponse) -> int | None:
    """Return the length of the file in bytes, where the server says it; of a packed one it says another."""
    if packing(response):
        return None
    stated = response.headers.get("Content-Length", "")
    return int(stated) if stated.isascii() and stated.isdigit() and len(stated) < 16 else None


def packing(response: urllib3.BaseHTTPResponse) -> str | None:
    """Return how the file is packed on its way, which we never ask for (``gzip``); None where it comes as it is."""
    stated = response.headers.get("Content-Encoding", "").strip().lower()
    return None if stated in {"", "identity"} else stated


def _words(problem: BaseException) -> str:
    """Say in a few words why no answer came."""
    if isinstance(problem, MaxRetryError) and problem.reason is not None:
        problem = problem.reason
    if isinstance(problem, ProxyError):
        return f"the proxy does not let us through ({problem.original_error})"
    if isinstance(problem, SSLError):
        return f"the connection cannot be trusted ({problem})"
    if isinstance(problem, NameResolutionError):
        return "the server's name is not known here: is there a connection?"
    if isinstance(problem, ConnectTimeoutError | NewConnectionError):
        return "the server cannot be reached"
    if isinstance(problem, ReadTimeoutError):
        return "the server does not answer in time"
    if isinstance(problem, LocationValueError | ValueError):
        return str(problem)
    return f"the connection broke ({problem})"
