"""Which picture a page is shared with: that of its category of services, else the general one."""

from __future__ import annotations

from functools import lru_cache

from medpayiq.pages.models import Link, Picture

FOLDER = "pictures"
_BROWSE = "/browse/"
_GENERAL = "medicare"
_WORDS = {"By number": "Other codes by number", "DME": "Durable medical equipment", "E&M": "Evaluation and management", "Other": "Other services", "Procedure": "Procedures", "Test": "Tests", "Treatment": "Treatments"}
"""RBCS's names of categories that are short forms, as people say them."""


def plain(label: str) -> str:
    """Return the name of a category in plain words: ``E&M`` is evaluation and management."""
    return _WORDS.get(label, label)


def of(crumbs: tuple[Link, ...], base_url: str, site_name: str) -> Picture:
    """Return the picture of a page that one comes to by ``crumbs``; the third of them is the category, where it is a list of codes."""
    return _of(crumbs[2] if len(crumbs) > 2 and crumbs[2].url.startswith(_BROWSE) else None, base_url, site_name)


@lru_cache(maxsize=64)
def _of(category: Link | None, base_url: str, site_name: str) -> Picture:
    if category is None:
        return Picture(f"{base_url}/{file_of(_BROWSE)}", f"{site_name}: Medicare payment by code")
    return Picture(f"{base_url}/{file_of(category.url)}", f"{site_name}: {plain(category.label)}, Medicare payment by code")


def file_of(url: str) -> str:
    """Return the path of a category's picture; of the root of all hubs, that is the general one."""
    return f"{FOLDER}/{url.removeprefix(_BROWSE).strip('/') or _GENERAL}.png"
