"""What the page My codes fetches beside the JSON twins: the modifiers that matter on each code, and what changed with the release."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from medpayiq.changes.at_hand import at_hand
from medpayiq.pages.asking import answers
from medpayiq.pages.entries import Entry
from medpayiq.pages.site import SiteData
from medpayiq.pages.standing import Standings

FOLDER = "data/v1/my-codes"
BOOK = f"{FOLDER}/book.json"
MOST_CODES = 50
"""Codes of one list."""
_SAY_NOTHING = frozenset({"relation", "coverage", "report"})
"""Groups of modifiers that mean the same on every code: a sheet of codes leaves them out."""


def files(site: SiteData) -> Iterator[tuple[str, bytes]]:
    """Yield path and bytes of the one file.

    ``modifiers``: texts, and under ``of`` code to the place of its text. ``against``: the release before, blank where none is at
    hand. ``changed``: code to sentences; a code that is not in it did not change. ``added``: codes that the release before lacks.
    """
    texts: dict[str, int] = {}
    standings = Standings(site)
    of = {entry.code: texts.setdefault(_modifiers(entry, site, standings), len(texts)) for entry in site.entries if answers(entry)}
    known = at_hand(site)
    before = known.last.before if known.last else None
    old = known.rows_before
    changed = {entry.code: [one.text for one in found] for entry in site.entries if (found := known.log(entry.code))}
    added = [entry.code for entry in site.entries if entry.code not in old] if before else []
    told = {
        "against": before.release if before else "",
        "modifiers": list(texts),
        "of": of,
        "changed": changed,
        "added": added,
    }
    yield BOOK, orjson.dumps(told)


def _modifiers(entry: Entry, site: SiteData, standings: Standings) -> str:
    """Return the modifiers that the code's calculator offers and that can stand there, without those that mean the same everywhere."""
    book = site.calculators.book["modifiers"]
    names = (name for name in site.calculators.offered(entry) if book[name]["group"] not in _SAY_NOTHING)
    return " ".join(name for name in names if (found := standings.on(name, entry.code)) is not None and found.stands)
