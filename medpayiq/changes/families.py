"""Sorts the codes of the release shown, and what changed on them, into the families of CMS's classification (RBCS)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from medpayiq.changes.at_hand import at_hand
from medpayiq.pages.hubs import slugify
from medpayiq.pages.site import SiteData


class Family(NamedTuple):
    """A family with its codes that changed, and what changed on each in words; none where nothing did."""

    name: str
    slug: str
    """Category, subcategory and family as one part of an address: families of one name are two."""
    codes: Mapping[str, tuple[str, ...]]


def families(site: SiteData) -> list[Family]:
    """Return every family with a code of the release shown or of the one before, by name, its codes in order; a code without a family is in none.

    One without changes is among them: whoever follows its feed finds it in each quarter.
    """
    known = at_hand(site)
    if known.last is None:
        return []
    found: dict[tuple[str, str, str], dict[str, tuple[str, ...]]] = {}
    before = known.rows_before
    for code, category in sorted(site.snapshot.rbcs.items()):
        if not category.family or not (code in site.by_code or code in before):
            continue
        codes = found.setdefault((category.family, category.category, category.subcategory), {})
        if code not in site.by_code:
            lines: tuple[str, ...] = ("Deleted.",)
        elif code not in before:
            lines = ("New code.",)
        else:
            lines = tuple(one.text for one in known.log(code))
        if lines:
            codes[code] = lines
    return [Family(name, slugify(f"{category} {subcategory} {name}"), codes) for (name, category, subcategory), codes in sorted(found.items())]
