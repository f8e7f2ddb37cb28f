"""Sorts the codes of a release into what a biller would call a specialty: the middle level of CMS's RBCS tree."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from medpayiq.pages.entries import Entry
from medpayiq.pages.hubs import slugify
from medpayiq.pages.site import SiteData

ALL, NOT_CLASSIFIED = "all", "not-classified"


@dataclass(frozen=True)
class Specialty:
    """Codes that one download is about."""

    slug: str
    name: str
    category: str
    """RBCS category; blank for all codes, and for those that CMS has not classified."""
    entries: tuple[Entry, ...]

    @cached_property
    def codes(self) -> frozenset[str]:
        """Its codes."""
        return frozenset(one.code for one in self.entries)


@dataclass(frozen=True, slots=True)
class Specialties:
    """Every specialty of a release by its slug, all codes together first; and each code's slug."""

    by_slug: dict[str, Specialty]
    slug_of: dict[str, str]


def specialties(site: SiteData) -> Specialties:
    """Sort the codes of a release.

    A subcategory's name is unique in RBCS. Codes that RBCS does not hold, such as those newer than it, stand together at the end.
    """
    found: dict[tuple[str, str], list[Entry]] = {}
    for entry in site.entries:
        place = site.snapshot.rbcs.get(entry.code)
        found.setdefault((place.category, place.subcategory) if place else ("~", ""), []).append(entry)
    made = {ALL: Specialty(ALL, "All specialties", "", site.entries)}
    for (category, name), entries in sorted(found.items()):
        one = Specialty(slugify(name), name, category, tuple(entries)) if name else Specialty(NOT_CLASSIFIED, "Codes that CMS has not classified", "", tuple(entries))
        made[one.slug] = one
    return Specialties(made, {entry.code: one.slug for one in made.values() if one.slug != ALL for entry in one.entries})
