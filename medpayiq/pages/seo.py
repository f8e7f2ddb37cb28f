"""What search engines and other programs read of a page: title, description, structured data."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import orjson

from medpayiq.pages import picture
from medpayiq.pages.inline import script_safe
from medpayiq.pages.models import Head, Link
from medpayiq.pages.modified import Since
from medpayiq.pages.site import SiteData

LONGEST_TITLE = 70
"""Characters of a title; search engines cut longer ones."""
_LEADING = frozenset(["a", "after", "an", "and", "as", "at", "before", "both", "by", "each", "first", "for", "from", "further", "in", "into", "is", "its", "no", "not", "of", "on", "or", "other", "out", "per", "than", "that", "the", "through", "to", "under", "up", "when", "while", "with", "without"])
"""Words that lead to another: none of them ends what is cut."""


def head(
    site: SiteData,
    *,
    title: str,
    description: str,
    url: str,
    crumbs: tuple[Link, ...],
    index: bool = True,
    alternate: str | None = None,
    about: dict[str, Any] | None = None,
    kind: str = "WebPage",
    og_type: str = "website",
    since: Since | None = None,
) -> Head:
    """Return the head of a page; ``about`` is a schema.org object the page is about, ``since`` what it shows is as it is; None for what is made of the release as a whole."""
    base = site.config.base_url
    modified = (since or site.tables.release).day(site.today)
    page: dict[str, Any] = {
        "@type": kind,
        "@id": f"{base}{url}",
        "url": f"{base}{url}",
        "name": title,
        "description": description,
        "inLanguage": "en-US",
        "isPartOf": {"@type": "WebSite", "name": site.config.name, "url": f"{base}/"},
    }
    if modified is not None:
        page["dateModified"] = modified
    if about is not None:
        page["mainEntity"] = about
    graph = orjson.dumps(page).decode()
    if crumbs:
        # The way to a hub is the same for all its codes: only the last item is the page's own.
        last = _item(len(crumbs), crumbs[-1], base)
        graph += f',{{"@type":"BreadcrumbList","itemListElement":[{_way(crumbs[:-1], base)}{last}]}}'
    json_ld = script_safe(f'{{"@context":"https://schema.org","@graph":[{graph}]}}')
    return Head(title, description, url, f"{base}{url}", index, json_ld, picture.of(crumbs, base, site.config.name), alternate, og_type, modified)


@lru_cache(maxsize=4096)
def _way(crumbs: tuple[Link, ...], base: str) -> str:
    return "".join(f"{_item(i, one, base)}," for i, one in enumerate(crumbs, 1))


def _item(position: int, link: Link, base: str) -> str:
    return orjson.dumps({"@type": "ListItem", "position": position, "name": link.label, "item": f"{base}{link.url}"}).decode()


def shorten(text: str, limit: int) -> str:
    """Cut a text behind a word that can be the last one, so that it fits ``limit`` characters."""
    if len(text) <= limit:
        return text
    words = text[: limit - 1].split(" ")[:-1]
    while len(words) > 1 and (words[-1].lower() in _LEADING or words[-1].isdecimal()):
        words.pop()
    return " ".join(words).rstrip(",;:.-") + "…"
