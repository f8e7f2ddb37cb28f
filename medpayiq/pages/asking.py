"""How pages ask the engine about a code: where the service is given, with which line, and which codes are alike to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from medpayiq.pages.entries import Entry
from medpayiq.payment.admission import ROLES
from medpayiq.payment.amount import INPATIENT, is_priced
from medpayiq.payment.model import Book
from medpayiq.payment.reading import NATION

REFUSED = frozenset({"INVALID_MODIFIER", "INVALID_COMBINATION", "INVALID_INPUT", "MODIFIER_REQUIRED"})
"""Results (payment spec, section 0) that say: the modifier has no place on this code."""
UNITS, MINUTES = "5", "60"
"""Base units and minutes of an anesthesia line that is asked for; whether a modifier can stand does not depend on them."""
_OFFICE, _OUTPATIENT = "11", "22"


def answers(entry: Entry) -> bool:
    """Say whether the engine has an amount for one of a code's rows: a priced one, or anesthesia."""
    return entry.main.status == "J" or any(is_priced(row) for row in entry.rows.values())


def place_of(entry: Entry) -> str:
    """Return the place of service to begin with: the office, where the service is done there."""
    if entry.main.pctc == "8":
        return INPATIENT
    return _OUTPATIENT if entry.main.na_nonfacility or entry.main.status == "J" else _OFFICE


def beside(name: str, entry: Entry, book: Book) -> tuple[str, ...]:
    """Return the modifiers that a line of the code needs beside this one."""
    made = ["26"] if entry.reading_alone and name not in {"26", "TC"} else []
    if entry.main.status == "J" and name not in ROLES:
        made.append(ROLES[0])
    return (*made, *book["modifiers"].get(name, {}).get("needs", [])[:1])


def line_of(code: str, modifiers: Iterable[str]) -> dict[str, str]:
    """Return a line as the engine reads it, with what anesthesia needs."""
    return {"code": code, "modifiers": " ".join(modifiers), "base_units": UNITS, "minutes": MINUTES}


def claim_of(entry: Entry, modifiers: Iterable[str], book: Book) -> dict[str, Any]:
    """Return a claim of one line, in the nation and with the release's main conversion factor."""
    return {"pos": place_of(entry), "locality": NATION, "factor": next(iter(book["factors"])), "lines": [line_of(entry.code, modifiers)]}


def priced_parts(entry: Entry) -> tuple[tuple[str, str, bool], ...]:
    """Return modifier and status of each row of a code, and whether it is priced."""
    return tuple((one.modifier, one.status, is_priced(one)) for one in entry.rows.values())


def signature(entry: Entry) -> tuple[Any, ...]:
    """Return what decides, beside the lists, which modifiers a code admits."""
    row = entry.main
    return priced_parts(entry), row.pctc, row.glob, row.mult, row.bilat, row.asst, row.cosurg, row.team, row.na_nonfacility, bool(row.pre + row.intra + row.post)
