"""Writes what a browser looks for at the root: the service worker that keeps visited pages (assets/js/worker), and the web manifest."""

from __future__ import annotations

import json
import re

from medpayiq.config import Config
from medpayiq.findings import Failed
from medpayiq.pages import offline as page
from medpayiq.pages.site import SiteData
from medpayiq.paths import ASSETS, shown
from medpayiq.pictures import ICONS
from medpayiq.render import Assets, Renderer, short_digest
from medpayiq.scripts import minified

WORKERS = ASSETS / "js" / "worker"
WORKER, MANIFEST = "sw.js", "site.webmanifest"
_SHELL = ("main.js", "offline/list.js", "offline/register.js")
"""Scripts that the page for what is not kept needs."""
_MADE = re.compile(r"^const MADE = \{.*\};$", re.MULTILINE)


def files(site: SiteData, published: Assets, renderer: Renderer) -> dict[str, bytes]:
    """Return path to bytes."""
    return {WORKER: worker(site, published, renderer), MANIFEST: manifest(site.config, published)}


def kept_as(site: SiteData) -> str | None:
    """Return the name under which a browser keeps pages of the release, None where it is to keep none; the sample is no release of CMS's."""
    meta = site.snapshot.meta
    return f"{meta.release}{' sample' if meta.sample else ''}" if site.config.keep_offline else None


def worker(site: SiteData, published: Assets, renderer: Renderer) -> bytes:
    """Return the service worker of this build, or the one that takes it back where site.yml says so.

    Raises:
        Failed: the worker has no line for what the build writes into it.
    """
    release = kept_as(site)
    if release is None:
        return withdrawn()
    source = WORKERS / WORKER
    shell = [page.URL, published.css, published.icon, *(f"{published.js}{name}" for name in _SHELL)]
    lost = [one for one in shell[1:] if one[1:] not in published.files]
    if lost:
        raise Failed(f"medpayiq/offline.py: error: the service worker would ask for {lost[0]}, which is not delivered, and not start\n  try: correct _SHELL")
    # A browser takes a worker for new when its bytes are: the page that it shows for missing ones counts too.
    build = short_digest(json.dumps([release, shell, renderer.page(page.TEMPLATE, page.offline(site))]).encode())
    made = json.dumps({"release": release, "build": build, "shell": shell})
    text, found = _MADE.subn(lambda _: f"const MADE = {made};", source.read_text(encoding="utf-8"))
    if found != 1:
        raise Failed(f"{shown(source)}: error: has no line 'const MADE = {{...}};', which the build writes\n  try: restore the file from version control")
    return minified(text)


def withdrawn() -> bytes:
    """Return the worker that takes an earlier one back."""
    return minified((WORKERS / "withdraw.js").read_text(encoding="utf-8"))


def manifest(config: Config, published: Assets) -> bytes:
    """Return the web manifest: what a browser needs to put the site among its programs."""
    icons = [{"src": published.icon, "sizes": "any", "type": "image/svg+xml"}]
    icons += [{"src": f"/{path}", "sizes": f"{side}x{side}", "type": "image/png"} for path, side in ICONS.items() if "icon-" in path]
    made = {
        "name": f"{config.name}: {config.tagline}",
        "short_name": config.name,
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "minimal-ui",
        "lang": "en-US",
        "theme_color": "#fbfaf6",
        "background_color": "#fbfaf6",
        "icons": icons,
    }
    return f"{json.dumps(made, indent=1, ensure_ascii=False)}\n".encode()
