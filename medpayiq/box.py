"""What the search box fetches, made from the site's data: the codes with names and amounts, and what people type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from medpayiq import search
from medpayiq.pages import modifiers
from medpayiq.pages.entries import Entry
from medpayiq.pages.site import SiteData
from medpayiq.pages.verdict import hub_code
from medpayiq.render import short_digest


@dataclass(frozen=True)
class Fetched:
    """Both files. One digest names them, so that a page that knows one knows the other (``assets/js/search/index.js``)."""

    codes: bytes
    words: bytes

    @cached_property
    def path(self) -> str:
        """Where the codes lie."""
        return f"assets/codes.{self._digest}.json"

    @cached_property
    def files(self) -> dict[str, bytes]:
        """Both by their paths."""
        return {self.path: self.codes, f"assets/words.{self._digest}.json": self.words}

    @cached_property
    def _digest(self) -> str:
        return short_digest(self.packed())

    def packed(self) -> bytes:
        """Both as one, to be put down: as compact JSON neither has an end of a line in it."""
        return b"\n".join((self.codes, self.words))

    @classmethod
    def unpacked(cls, data: bytes) -> Fetched:
        """Read what ``packed`` made."""
        codes, _, words = data.partition(b"\n")
        return cls(codes, words)


def fetched(site: SiteData, lines: Iterable[search.IndexEntry] | None = None) -> Fetched:
    """Make both files; ``lines`` of codes that are at hand are not made again."""
    codes = (index_entry(entry, site) for entry in site.entries) if lines is None else lines
    return Fetched(search.code_index([*codes, *(_deleted(code, site) for code in site.replaced)]), search.word_index(_asked(site), modifiers.names(site)))


def index_entry(entry: Entry, site: SiteData) -> search.IndexEntry:
    """Return the line of a code: its name, and its amount or what is said instead."""
    line = hub_code(entry, site)
    label = next((text for text in (line.office, line.facility) if text.startswith("$")), line.office)
    return search.IndexEntry(entry.code, line.name, label)


def _deleted(code: str, site: SiteData) -> search.IndexEntry:
    """Return the line of a code that is gone: what stands in its place."""
    one = site.library.replaced.get(code)
    by = [new for new in (one.by if one else ()) if new in site.by_code]
    label = f"see {by[0]}" + (" …" if len(by) > 1 else "") if by else "deleted"
    return search.IndexEntry(code, "Deleted code", label, search.DELETED)


def _asked(site: SiteData) -> Iterator[search.Asked]:
    return (search.Asked(code, note.words, note.common) for code, note in site.library.notes.items() if code in site.by_code)
