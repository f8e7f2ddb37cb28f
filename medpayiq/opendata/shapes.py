"""Pieces of JSON Schema (draft 2020-12) that the schemas of several files share, each with its unit and what it means."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
CODE = r"^[0-9A-Z]{5}$"
DAY = r"^(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]$"
RELEASE = r"^RVU[0-9]{2}[A-D](R[0-9]?)?$"
QUARTER = r"^20[0-9]{2} Q[1-4]$"
MONEY = r"^[0-9]+\.[0-9]{2}$"
MODIFIERS = ("", "26", "TC", "53")
"""Of rows of the relative value file."""
STATUSES = ("A", "B", "C", "E", "I", "J", "L", "M", "N", "P", "Q", "R", "T", "X")

RESULTS = {
    "AMOUNT": "there is a national amount",
    "NO_NATIONAL_RULE": "may be payable, but CMS publishes no RVUs: the MAC sets the price",
    "NOT_PAID_IN_FACILITY": "the fee schedule pays nothing for it in a facility",
    "NOT_PAID_IN_SETTING": "the fee schedule pays nothing for it in an office",
    "NOT_PFS": "another payment system or benefit prices it",
    "BUNDLED": "always inside the payment of another service",
    "BUNDLED_OR_EXCLUDED": "inside the payment of another service, or of another benefit",
    "NOT_VALID_FOR_MEDICARE": "Medicare takes another code",
    "REPORT_ONLY": "reports something and is not paid",
    "NON_COVERED": "Medicare does not cover it",
    "NEEDS_ANESTHESIA_INPUT": "anesthesia: base units and time make the amount, so a code alone has none",
    "UNKNOWN_CODE": "the file has a status that this site does not know",
}
"""What pricing a row comes to (medpayiq/payment/amount.py)."""
NOTES = {
    "THERAPY_OFFICE_RATE": "priced in a facility although CMS marks it NA there; therapy has the office amount everywhere",
    "NA_NONFACILITY": "CMS marks it as seldom done in an office: paid if the MAC accepts it",
    "OPPS_CAP": "the hospital price is lower and caps it",
    "RESTRICTED_COVERAGE": "paid only where special coverage instructions allow it",
    "ONLY_WHEN_ALONE": "paid only if nothing else payable is billed that day",
}
"""What goes with an amount."""

FIELDS: Mapping[str, str] = {
    "status": "Status code of CMS's file. A, R and T are those whose RVUs are paid.",
    "not_used": "+ where CMS prints RVUs that Medicare does not pay by; else blank.",
    "work": "Work RVU",
    "pe_nonfacility": "Practice expense RVU in an office",
    "na_nonfacility": "NA where CMS marks the service as rarely or never done in an office; else blank.",
    "pe_facility": "Practice expense RVU in a facility",
    "na_facility": "NA where CMS marks the service as rarely or never done in a facility; else blank.",
    "mp": "Malpractice RVU",
    "pctc": "PC/TC indicator: whether professional and technical part exist and are billed apart.",
    "glob": "Global days: 000, 010, 090, XXX, YYY, ZZZ or MMM.",
    "pre": "Share of a global package before the operation",
    "intra": "Share of a global package for the operation itself",
    "post": "Share of a global package for the care afterwards",
    "mult": "Multiple procedure indicator: which reduction applies beside other services of the day.",
    "bilat": "Bilateral surgery indicator: what both sides pay.",
    "asst": "Assistant at surgery indicator.",
    "cosurg": "Co-surgeons indicator.",
    "team": "Team surgery indicator.",
    "endo_base": "Base code of the endoscopic family; blank where there is none.",
    "supervision": "Which level of physician supervision a diagnostic test needs.",
    "imaging_family": "Diagnostic imaging family: 88 is subject to the reductions of imaging, 99 is not.",
    "opps_pe_nonfacility": "Practice expense RVU of the hospital price that caps imaging, office",
    "opps_pe_facility": "Practice expense RVU of the hospital price that caps imaging, facility",
    "opps_mp": "Malpractice RVU of the hospital price that caps imaging",
}
"""Columns of CMS's relative value file by their names in medpayiq/cms/records.py, in our words. Of numbers there is no full stop: how they are written follows."""


SHARES = frozenset({"pre", "intra", "post"})
"""Of them, those that are no RVU."""


def text(description: str, **more: Any) -> Schema:
    """Return the schema of a text."""
    return {"type": "string", "description": description, **more}


def blank_or(pattern: str, description: str) -> Schema:
    """Return the schema of a cell that is blank or has a form, ``^...$``."""
    return text(description, pattern=f"^({pattern[1:-1]})?$")


def one_of(values: Iterable[str], description: str) -> Schema:
    """Return the schema of a closed list."""
    return {"type": "string", "enum": list(values), "description": description}


def or_null(schema: Schema) -> Schema:
    """Return the same schema, null allowed."""
    made = {**schema, "type": [schema["type"], "null"]}
    return {**made, "enum": [*schema["enum"], None]} if "enum" in schema else made


def record(description: str, properties: Mapping[str, Schema], optional: Collection[str] = ()) -> Schema:
    """Return the schema of an object: every property is there but the optional ones, and no other."""
    return {"type": "object", "description": description, "properties": dict(properties), "required": [name for name in properties if name not in optional], "additionalProperties": False}


def by_key(pattern: str, value: Schema, description: str) -> Schema:
    """Return the schema of an object whose keys have a form and whose values are alike."""
    return {"type": "object", "description": description, "patternProperties": {pattern: value}, "additionalProperties": False}


def listed(items: Schema, description: str) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": items, "description": description}


def code(description: str) -> Schema:
    """Return the schema of a CPT or HCPCS code."""
    return text(description, pattern=CODE)


def day(description: str) -> Schema:
    """Return the schema of a date."""
    return text(f"{description} ISO date.", pattern=DAY)


def money(description: str) -> Schema:
    """Return the schema of an amount."""
    return text(f"{description} US dollars, two decimals.", pattern=MONEY)


def hundredths(name: str) -> Schema:
    """Return the schema of an RVU or a share of CMS's file as text: ``0.45``."""
    return text(f"{FIELDS[name]}{', a fraction of 1' if name in SHARES else ''}, two decimals.", pattern=MONEY)


def told(words: Mapping[str, str]) -> str:
    """Write out what each value of a list means."""
    return "; ".join(f"{name}: {means}" for name, means in words.items()) + "."


def titled(title: str, schema: Schema, identity: str) -> Schema:
    """Return a whole schema with its draft, address and title in front."""
    return {"$schema": DRAFT, "$id": identity, "title": title, **schema}
