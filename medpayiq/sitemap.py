"""Writes sitemap.xml and robots.txt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

# The protocol allows 50,000 addresses a file.
MOST_URLS = 45_000
_SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def files(base: str, days: Mapping[str, str | None]) -> dict[str, bytes]:
    """Return path to bytes: one sitemap, or an index of several when there are too many addresses; and robots.txt.

    ``days`` holds pages that may be listed alone: below the address ``base``, each with the day (ISO date) on which what it
    shows last changed, None where that is not known: it is left out then.
    """
    made = {"robots.txt": f"User-agent: *\nAllow: /\n\nSitemap: {base}/sitemap.xml\n".encode()}
    listed = sorted(days.items())
    parts = [listed[i : i + MOST_URLS] for i in range(0, len(listed), MOST_URLS)]
    if len(parts) <= 1:
        made["sitemap.xml"] = _file("urlset", "url", base, listed)
        return made
    names = [f"/sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
    made |= {name[1:]: _file("urlset", "url", base, part) for name, part in zip(names, parts, strict=True)}
    # A part has changed when any of its pages has: one without a day may have changed on any.
    newest = [max(day for _, day in part if day) if all(day for _, day in part) else None for part in parts]
    made["sitemap.xml"] = _file("sitemapindex", "sitemap", base, list(zip(names, newest, strict=True)))
    return made


def _file(root: str, element: str, base: str, rows: Sequence[tuple[str, str | None]]) -> bytes:
    lines = "".join(f"<{element}><loc>{escape(base + url, quote=False)}</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</{element}>\n" for url, day in rows)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{_SPACE}">\n{lines}</{root}>\n'.encode()
