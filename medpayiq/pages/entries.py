"""Groups a release's rows by code: one entry a page."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from medpayiq.cms.records import Service
from medpayiq.payment.amount import is_priced, main_row


@dataclass(frozen=True, slots=True)
class Entry:
    """A code with its rows by modifier (blank, 26, TC, 53)."""

    code: str
    rows: dict[str, Service]
    main: Service
    """The row that says what the service is, as ``main_row`` says: its status and indicators are the code's."""
    shown: Service
    """The row whose amount is the code's, and which the engine is asked about: ``main``, or the 26 row where that is priced and the whole service is not."""

    @property
    def reading_alone(self) -> bool:
        """Whether only the reading of a test (26) has an amount."""
        return self.shown.modifier == "26"

    @property
    def system(self) -> str:
        """Whose numbering it is."""
        return system_of(self.code)

    @property
    def url(self) -> str:
        """Root-relative address of the page."""
        return f"/codes/{self.code}/"


def system_of(code: str) -> str:
    """Say whose numbering a code is of. CPT begins with a digit, D codes are the ADA's CDT, the rest is CMS's Level II."""
    if code[0].isdigit():
        return "CPT"
    return "CDT" if code[0] == "D" else "HCPCS Level II"


def group(services: tuple[Service, ...]) -> tuple[Entry, ...]:
    """Return the entries in order of code."""
    return tuple(entry_of({row.modifier: row for row in rows}) for _, rows in groupby(services, key=attrgetter("code")))


def entry_of(rows: dict[str, Service]) -> Entry:
    """Return the entry of one code's rows, by modifier."""
    main, reading = main_row(rows), rows.get("26")
    return Entry(main.code, rows, main, reading if reading and is_priced(reading) and not is_priced(main) else main)
