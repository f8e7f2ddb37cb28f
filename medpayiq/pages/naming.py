"""Names and sentences for a code: our own where written, else made from CMS's data, never the AMA's."""

from __future__ import annotations

from dataclasses import dataclass

from medpayiq.cms.records import Category
from medpayiq.pages.entries import Entry
from medpayiq.pages.site import SiteData

# RBCS's subcategories of these two are adjectives; the noun makes them a name.
_NOUNS = {"Procedure": "procedure", "Test": "test"}
_GLOBALS = {
    "000": "The payment covers the day of the procedure.",
    "010": "A minor procedure: the payment covers 10 days of care after it.",
    "090": "Major surgery: one payment covers it and 90 days of care after it.",
    "MMM": "Maternity care.",
    "ZZZ": "An add-on: billed with the service it belongs to, never alone.",
}
_PCTC = {
    "1": "A test with two parts, the reading and the technical work, which can be billed apart.",
    "2": "The reading of a test, without the technical work.",
    "3": "The technical work of a test or service, without a physician's reading.",
    "4": "A whole test, reading and technical work together.",
    "5": "Given by staff under a physician's supervision.",
    "6": "A laboratory test that a physician can also interpret.",
}


_SHOWN = 5
"""Phrases to search by that a page shows; the search box knows all."""


@dataclass(frozen=True, slots=True)
class Naming:
    """How a page names its code."""

    name: str
    origin: str
    lines: tuple[str, ...]
    own: bool
    """True when an editor of ours wrote it."""
    asked: tuple[str, ...] = ()
    """What people type when they look for it, the first of it."""


def name_of(entry: Entry, site: SiteData) -> str:
    """Return the short name alone, as lists show it; worked out once a code."""
    name = site.names.get(entry.code)
    if name is None:
        name = site.names[entry.code] = _name(entry, site, _text_of(entry, site))
    return name


def open_name(entry: Entry, site: SiteData) -> str:
    """Return the short name for files that go where no licence follows them, such as data for programs: never the AMA's text, whatever ``descriptors`` says."""
    return _name(entry, site, None) if site.descriptors and entry.system == "CPT" else name_of(entry, site)


def _name(entry: Entry, site: SiteData, text: str | None) -> str:
    note = site.library.notes.get(entry.code)
    if note is not None:
        return note.title
    if text is not None:
        return text
    category = site.snapshot.rbcs.get(entry.code)
    return _of_data(entry, category, site)


def _of_data(entry: Entry, category: Category | None, site: SiteData) -> str:
    """Return a name made from CMS's classification; of a D code the class alone, such as office services, would hide that it is dental."""
    kind = site.range_of[entry.code].name
    if category is None:
        return kind
    return f"{kind}: {_of_category(category)}" if entry.system == "CDT" else _of_category(category)


def naming(entry: Entry, site: SiteData) -> Naming:
    """Return name and sentences of a code."""
    note = site.library.notes.get(entry.code)
    if note is not None:
        return Naming(note.title, "in our own words", (note.summary.strip(),), own=True, asked=note.words[:_SHOWN])
    category = site.snapshot.rbcs.get(entry.code)
    lines = _lines(entry, category, site)
    text = _text_of(entry, site)
    if text is not None:
        return Naming(text, "the AMA's short descriptor, from CMS's file" if entry.system == "CPT" else "CMS's short text", lines, own=False)
    if category is not None:
        return Naming(_of_data(entry, category, site), "CMS's RBCS classification", lines, own=False)
    return Naming(site.range_of[entry.code].name, "our name for this range of codes", lines, own=False)


def _text_of(entry: Entry, site: SiteData) -> str | None:
    """CMS's own text of a Level II code; of a CPT code only with ``descriptors: cms``; of a D code never."""
    if entry.system == "CDT":
        return None
    text = (site.descriptors if entry.system == "CPT" else site.snapshot.hcpcs_text).get(entry.code)
    return None if text is None else " ".join(text.split())


def _of_category(category: Category) -> str:
    if category.family:
        return category.family
    noun = _NOUNS.get(category.category)
    if noun is None or noun in category.subcategory.lower():
        return category.subcategory
    return f"{category.subcategory} {noun}"


def _lines(entry: Entry, category: Category | None, site: SiteData) -> tuple[str, ...]:
    main = entry.main
    if category is not None:
        path = ", ".join(dict.fromkeys(part for part in (category.category, category.subcategory, category.family) if part))
        first = f"CMS classes it as: {path}."
    else:
        first = f"{entry.system} code. We list it under: {site.range_of[entry.code].name}."
    if entry.system == "CDT":
        dental = "A dental code. Its text is the American Dental Association's and is not shown here."
        first = f"{dental} {first}" if category is not None else dental
    second = _GLOBALS.get(main.glob) or _PCTC.get(main.pctc)
    if main.mult == "5":
        second = "A therapy service, paid by the unit."
    return (first, second) if second else (first,)
