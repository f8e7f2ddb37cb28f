"""Writes sitemap.xml and robots.txt."""

from __future__ import annotations

from xml.sax.saxutils import escape

from medpayiq.pages.site import SiteData

# The protocol allows 50,000 addresses a file.
MOST_URLS = 45_000
_SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def files(site: SiteData, urls: list[str]) -> dict[str, bytes]:
    """Return path to bytes: one sitemap, or an index of several when there are too many addresses; and robots.txt.

    Only pages that may be listed are in ``urls``.
    """
    base, modified = site.config.base_url, site.modified
    made = {"robots.txt": f"User-agent: *\nAllow: /\n\nSitemap: {base}/sitemap.xml\n".encode()}
    parts = [urls[i : i + MOST_URLS] for i in range(0, len(urls), MOST_URLS)]
    if len(parts) <= 1:
        made["sitemap.xml"] = _urlset(base, urls, modified)
        return made
    for number, part in enumerate(parts, 1):
        made[f"sitemap-{number}.xml"] = _urlset(base, part, modified)
    rows = "".join(f"<sitemap><loc>{escape(base)}/sitemap-{number}.xml</loc><lastmod>{modified}</lastmod></sitemap>\n" for number in range(1, len(parts) + 1))
    made["sitemap.xml"] = f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex xmlns="{_SPACE}">\n{rows}</sitemapindex>\n'.encode()
    return made


def _urlset(base: str, urls: list[str], modified: str) -> bytes:
    rows = "".join(f"<url><loc>{escape(base + url)}</loc><lastmod>{modified}</lastmod></url>\n" for url in urls)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{_SPACE}">\n{rows}</urlset>\n'.encode()
