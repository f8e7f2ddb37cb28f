"""Groups a release's rows by code: one entry a page."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from medpayiq.cms.records import Service


@dataclass(frozen=True, slots=True)
class Entry:
    """A code with its rows by modifier (blank, 26, TC, 53)."""

    code: str
    rows: dict[str, Service]
    main: Service
    """The row without modifier; for a code that has none (86153), its first row."""

    @property
    def system(self) -> str:
        """Whose numbering it is. CPT begins with a digit, D codes are the ADA's CDT, the rest is CMS's Level II."""
        if self.code[0].isdigit():
            return "CPT"
        return "CDT" if self.code[0] == "D" else "HCPCS Level II"

    @property
    def url(self) -> str:
        """Root-relative address of the page."""
        return f"/codes/{self.code}/"


def group(services: tuple[Service, ...]) -> tuple[Entry, ...]:
    """Return the entries in order of code."""
    made = []
    for code, rows in groupby(services, key=attrgetter("code")):
        by_modifier = {row.modifier: row for row in rows}
        made.append(Entry(code, by_modifier, by_modifier.get("") or next(iter(by_modifier.values()))))
    return tuple(made)
