"""What search engines and other programs read of a page: title, description, structured data."""

from __future__ import annotations

import json
from typing import Any

from medpayiq.pages.models import Head, Link
from medpayiq.pages.site import SiteData

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
LONGEST_TITLE = 70
"""Characters of a title; search engines cut longer ones."""


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
) -> Head:
    """Return the head of a page; ``about`` is a schema.org object the page is about."""
    base = site.config.base_url
    page: dict[str, Any] = {
        "@type": kind,
        "@id": f"{base}{url}",
        "url": f"{base}{url}",
        "name": title,
        "description": description,
        "dateModified": site.modified,
        "inLanguage": "en-US",
        "isPartOf": {"@type": "WebSite", "name": site.config.name, "url": f"{base}/"},
    }
    if about is not None:
        page["mainEntity"] = about
    graph = [page]
    if crumbs:
        items = [{"@type": "ListItem", "position": i, "name": one.label, "item": f"{base}{one.url}"} for i, one in enumerate(crumbs, 1)]
        graph.append({"@type": "BreadcrumbList", "itemListElement": items})
    return Head(title, description, url, f"{base}{url}", index, script_json({"@context": "https://schema.org", "@graph": graph}), alternate, og_type)


def script_json(data: Any) -> str:
    """Return JSON that may stand inside a script element: no ``<`` can end the element or open a comment."""
    return _ENCODER.encode(data).replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def shorten(text: str, limit: int) -> str:
    """Cut a text at a word so that it fits ``limit`` characters."""
    if len(text) <= limit:
        return text
    return text[: limit - 1].rsplit(" ", 1)[0].rstrip(",;:.-") + "…"
