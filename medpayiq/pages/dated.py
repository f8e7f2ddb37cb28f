"""A code in the releases before the newest one: its entries for the pages, and its rows as calculators fetch them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from medpayiq.cms.records import Service
from medpayiq.pages.asking import answers
from medpayiq.pages.entries import Entry, entry_of
from medpayiq.pages.site import SiteData
from medpayiq.past import packed_of, rows_of
from medpayiq.payment.amount import PRICED_STATUSES
from medpayiq.periods import Period

FOLDER = "data/v1/history"
UNPRICED = "data/v1/unpriced"
"""Holds the older rows of codes that never had an amount, by their first three characters: the claim desk asks for them on an older day, and no page does."""
_PREFIX = 3
_CAN_HAVE_AN_AMOUNT = PRICED_STATUSES | {"J"}
_MULT, _BASE = Service._fields.index("mult"), Service._fields.index("endo_base")


class Dated(NamedTuple):
    """A code on days without a break: its entry, None where the release does not have it."""

    span: Period
    factor: int
    """The main conversion factor in ten-thousandths of a dollar."""
    entry: Entry | None
    joined: bool
    """It follows the days before it without a break."""


def dated(code: str, now: Entry | None, site: SiteData) -> tuple[Dated, ...]:
    """Return a code in every stretch of days that a release answers for, oldest first; ``now`` is its entry in the newest release.

    Where no row changed from one release to the next the entry is the same object.
    """
    made: list[Dated] = []
    last, entry = "", None
    for span, factor, joined in site.past.stretches:
        if span.release == site.past.newest.release:
            made.append(Dated(span, factor, now, joined))
            continue
        text = site.past.text(span.release, code)
        if text != last:
            last, entry = text, entry_of(rows_of(text)) if text else None
        made.append(Dated(span, factor, entry, joined))
    return tuple(made)


def always(code: str, now: Entry, site: SiteData) -> str | None:
    """Return the status of a code whose every row has the same one in every release, one that never has an amount; else None.

    Half of all codes are such, and need no rows read.
    """
    status = now.main.status
    if status in _CAN_HAVE_AN_AMOUNT or any(row.status != status for row in now.rows.values()):
        return None
    for older in site.past.older.values():
        text = older.lines.get(code)
        if text is None or any(line.split("\t", 3)[2] != status for line in text.split("\n")):
            return None
    return status


def address(code: str, site: SiteData) -> str | None:
    """Return the address of a code's older rows; None where no older release has it."""
    return f"/{FOLDER}/{code}.json" if code in site.past.codes else None


def rows_file(code: str, site: SiteData) -> bytes | None:
    """Return a code's older rows as JSON: release to code to modifier to the values that the engine reads (medpayiq/rulebook.py).

    With it go the rows that its rules speak of: its endoscopic base's, those of a whole test's parts.
    """
    whole = site.calculators.book["whole_tests"].get(code, {})
    parts = [one for codes in whole.values() for one in codes]
    releases = []
    for release, older in site.past.older.items():
        text = older.lines.get(code)
        if text is None:
            continue
        cells = text.split("\n", 1)[0].split("\t")
        codes = dict.fromkeys((code, *([cells[_BASE]] if cells[_MULT] == "3" else []), *parts))
        rows = ",".join(f'"{one}":{packed_of(older.lines[one])}' for one in codes if one in older.lines)
        releases.append(f'"{release}":{{{rows}}}')
    return f"{{{','.join(releases)}}}\n".encode() if releases else None


def unpriced_files(site: SiteData) -> Iterator[tuple[str, bytes]]:
    """Yield path and bytes of the older rows of codes without an amount in any release: code to what `rows_file` has of it."""
    for prefix, codes in groupby(sorted([*(one.code for one in site.entries), *site.replaced]), key=lambda code: code[:_PREFIX]):
        found = {code: rows_file(code, site) for code in codes if not priced_once(code, site)}
        rows = ",".join(f'"{code}":{data.decode().strip()}' for code, data in found.items() if data)
        if rows:
            yield f"{UNPRICED}/{prefix}.json", f"{{{rows}}}\n".encode()


def priced_once(code: str, site: SiteData) -> bool:
    """Say whether the engine has an amount for a code on some day: then its page has a calculator, and a file of its older rows beside it."""
    now = site.by_code.get(code)
    if now is not None and always(code, now, site):
        return False
    return any(one.entry is not None and answers(one.entry) for one in dated(code, now, site))
