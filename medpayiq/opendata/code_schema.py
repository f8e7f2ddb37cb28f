"""The schema of a code's JSON (`/data/v1/codes/<CODE>.json`), which medpayiq/pages/twin.py writes."""

from __future__ import annotations

from typing import Any

from medpayiq.content.tip_schema import KINDS
from medpayiq.field import lists, report_schema
from medpayiq.opendata import shapes
from medpayiq.opendata.shapes import Schema, code, day, listed, money, one_of, or_null, record, text

_FACTOR = r"^[0-9]+\.[0-9]{4}$"
_KINDS = {"non_qp": "of everybody who is no QP in an advanced payment model, from 2026 on", "qp": "of QPs, from 2026 on", "all": "of everybody, up to 2025"}
_INDICATORS = ("pctc", "glob", "pre", "intra", "post", "mult", "bilat", "asst", "cosurg", "team", "endo_base", "supervision", "imaging_family")
_EDITS = {"0": "Pairs that no modifier bypasses.", "1": "Pairs that an NCCI modifier may bypass."}


def schema() -> Schema:
    """Return the schema."""
    return record(
        "What a code's page says, for programs. Amounts, RVUs and factors are text, so that no reader rounds them.",
        {
            "code": code("CPT or HCPCS code."),
            "system": one_of(("CPT", "HCPCS Level II", "CDT"), "Whose numbering the code is of."),
            "name": text("Plain words of this site, CMS's text of a Level II code, or its class in RBCS. Never the AMA's descriptor, not even on a site that may show it.", minLength=1),
            "url": text("Address of the page.", pattern="^https?://"),
            "release": text("CMS release that the facts are of.", pattern=shapes.RELEASE),
            "effective_from": day("First day of service for which the release answers."),
            "effective_to": day("Last day of service for which it answers."),
            "conversion_factors": _by_kind(lambda words: text(f"Conversion factor {words}. US dollars for one RVU, four decimals.", pattern=_FACTOR), "What an RVU pays."),
            "status": one_of(shapes.STATUSES, f"{shapes.FIELDS['status']} Of the row without modifier; of the first row where there is no such."),
            "verdict": text("Whether the fee schedule pays it, in a few words.", minLength=1),
            "answer": text("The same in a sentence.", minLength=1),
            "next_step": or_null(text("What to do instead; null where nothing is.", minLength=1)),
            "confidence": one_of(("High", "Conditional", "None"), "How sure the amount is: High where it follows from CMS's file and national rules alone, None where there is none."),
            "rows": listed(_row(), "Rows of CMS's file: the whole service, its parts (26, TC), discontinued (53)."),
            "rules": listed(_rule(), "What the indicators mean for this code, with its dollars."),
            "ncci": _ncci(),
            "tips": listed(_tip(), "Billing tips."),
            "field": {"anyOf": [{"type": "null"}, _field()], "description": "What is published of field reports; null before there are five."},
            "source": text("File and line of CMS's file.", minLength=1),
        },
    )


def _by_kind(value: Any, description: str) -> Schema:
    """Return an object by kind of conversion factor: two from 2026 on, one before."""
    made = record(description, {kind: value(words) for kind, words in _KINDS.items()}, optional=_KINDS)
    return made | {"anyOf": [{"required": ["non_qp", "qp"], "maxProperties": 2}, {"required": ["all"], "maxProperties": 1}]}


def _row() -> Schema:
    outcome = {"$ref": "#/$defs/outcome"}
    return record(
        "One row of CMS's file.",
        {
            "modifier": one_of(shapes.MODIFIERS, "Blank for the whole service."),
            "part": text("What the row is of, in words.", minLength=1),
            "status": one_of(shapes.STATUSES, shapes.FIELDS["status"]),
            "rvus_used_for_payment": {"type": "boolean", "description": "False where CMS prints RVUs that Medicare does not pay by."},
            "rvu": record("Relative values.", {key: shapes.hundredths(name) for key, name in (("work", "work"), ("pe_office", "pe_nonfacility"), ("pe_facility", "pe_facility"), ("mp", "mp"))}),
            "na": record("Where CMS marks the service as rarely or never done (NA).", {setting: {"type": "boolean", "description": f"NA in the {where}."} for setting, where in (("office", "office"), ("facility", "facility"))}),
            "indicators": record("CMS's indicators as they stand in the file.", {name: _indicator(name) for name in _INDICATORS}),
            "amounts": _by_kind(lambda words: record(f"National amounts {words}.", {"office": outcome, "facility": outcome}), "National amounts of this row billed alone: every locality index is 1."),
        },
    )


def _indicator(name: str) -> Schema:
    if name in shapes.SHARES:
        return shapes.hundredths(name)
    if name == "endo_base":
        return or_null(code("Base code of the endoscopic family; null where there is none."))
    return text(shapes.FIELDS[name], pattern="^[0-9A-Z]{0,3}$")


def outcome() -> Schema:
    """Return the schema of an amount, or of why there is none."""
    properties = {
        "result": one_of(shapes.RESULTS, f"AMOUNT, or why there is none. {shapes.told(shapes.RESULTS)}"),
        "allowed": money("What Medicare allows: the fee schedule amount, or the hospital price where that is lower and caps it."),
        "fee_schedule": money("Of imaging that can be capped: the fee schedule amount alone."),
        "opps_cap": money("Of imaging that can be capped: the hospital price."),
        "notes": listed(one_of(shapes.NOTES, shapes.told(shapes.NOTES)), "What goes with the amount.") | {"minItems": 1, "uniqueItems": True},
    }
    made = record("A national amount in one setting, or why there is none.", properties, optional=("allowed", "fee_schedule", "opps_cap", "notes"))
    return made | {"if": {"properties": {"result": {"const": "AMOUNT"}}}, "then": {"required": ["allowed"]}, "else": {"maxProperties": 1}}


def _rule() -> Schema:
    return record(
        "A rule.",
        {
            "field": text("Column of CMS's file and its value that it follows from; blank where it follows from no single one."),
            "text": text("The rule in a sentence.", minLength=1),
            "sources": listed(text("Document and section.", minLength=1), "Where it is written."),
        },
    )


def _ncci() -> Schema:
    def or_none(one: Schema) -> Schema:
        return {"anyOf": [{"type": "null"}, one], "description": f"{one['description']} null where this site has not loaded that edition."}

    counts = {key: {"type": "integer", "minimum": 1, "description": words} for key, words in _EDITS.items()}
    edits = record(
        "Procedure-to-procedure edits.",
        {
            "set": text("Edit set: quarter and version.", minLength=1),
            "column1_to": record("How many codes are column 2 to it in pairs in force, by modifier indicator; none where a key is missing.", counts, optional=counts),
            "column2_to": record("How many codes are column 1 to it in pairs in force, by modifier indicator; none where a key is missing.", counts, optional=counts),
            "list": or_null(text("Path of the CSV with every pair; null where there is none.", pattern="^/data/v1/edits/[0-9A-Z]{5}\\.csv$")),
        },
    )
    limit = record(
        "Unit limit (MUE) of practitioners.",
        {
            "edition": text("Quarter of CMS's file.", pattern=shapes.QUARTER),
            "units": or_null({"type": "integer", "minimum": 0, "description": "Units of service; null where CMS publishes no limit."}),
            "adjudication_indicator": or_null(one_of("123", "1: by claim line; 2 and 3: by day. null where there is no limit.")),
        },
    )
    add_on = record(
        "Add-on codes.",
        {
            "edition": text("Quarter of CMS's file.", pattern=shapes.QUARTER),
            "primaries": listed(code("A primary code; CCCCC where the MAC names them."), "Of an add-on code: what it may go with."),
            "add_ons": listed(code("An add-on code."), "Of a primary code: what may go with it."),
        },
    )
    return record("What the National Correct Coding Initiative has on the code.", {"edits": or_none(edits), "unit_limit": or_none(limit), "add_on": or_none(add_on)})


def _tip() -> Schema:
    return record(
        "A tip of this site's editors, CC BY 4.0.",
        {
            "id": text("Its name, the same on every code.", pattern="^[a-z0-9]+(-[a-z0-9]+)+$"),
            "kind": one_of((name.capitalize() for name in KINDS), "What it is about."),
            "title": text("The action or the trap.", minLength=1),
            "do_html": text("What to do and why, as safe HTML.", minLength=1),
            "impact_html": text("What happens if it is ignored, as safe HTML.", minLength=1),
            "basis": text("What it rests on, in words.", minLength=1),
            "sources": listed(text("Document and section.", minLength=1), "Federal texts."),
            "verified": text("When, for which release and by whom it was last compared with them.", minLength=1),
        },
    )


def _field() -> Schema:
    return {name: one for name, one in report_schema.aggregate(lists.read()).items() if name != "$schema"}


def whole() -> Schema:
    """Return the schema with what it refers to."""
    return schema() | {"$defs": {"outcome": outcome()}}


