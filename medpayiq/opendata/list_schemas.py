"""The schemas of the other files: edits, older releases, ZIP codes, lists of what changed, feeds, and the list of all of them.

A CSV has the schema of a row: the heads of its columns, in their order, to cells. The lists of what changed share one schema,
of all lists of a release by their names.
"""

from __future__ import annotations

from medpayiq import edits, rulebook
from medpayiq.changes.deriving import INDICES, RVUS
from medpayiq.opendata import shapes
from medpayiq.opendata.shapes import Schema, blank_or, by_key, code, day, listed, one_of, or_null, record, text

_COUNT = r"^[0-9]+$"
_INDEX = r"^[0-9]+\.[0-9]{3}$"
_SIGNED = r"^-?[0-9]+\.[0-9]{2}$"
_TENTHS = r"^-?[0-9]+\.[0-9]$"
_NUMBERS = frozenset({"work", "pe_nonfacility", "pe_facility", "mp", "pre", "intra", "post", "opps_pe_nonfacility", "opps_pe_facility", "opps_mp"})
_STATUS = "".join(shapes.STATUSES)


def edit_row() -> Schema:
    """Return the schema of a row of a code's edits."""
    cells = (
        code("Code that is paid."),
        code("Code that is denied beside it."),
        one_of("019", "0: no modifier bypasses the edit. 1: an NCCI modifier may. 9: taken back, never applied."),
        blank_or(shapes.DAY, "First day of the pair, ISO date; blank where CMS's file has none."),
        text("Last day of the pair, ISO date; none where it has no end, blank where it is not known.", pattern=f"^(none|{shapes.DAY[1:-1]})?$"),
        text("CMS's reason for the edit; blank where it is not known."),
    )
    heads = edits.COLUMNS[:-1]
    made = record("One pair of the edit set.", dict(zip(heads, cells, strict=True)))
    last = f"^{edits.COLUMNS[-1]} .+$"
    return made | {"patternProperties": {last: one_of(("yes", "no"), "Whether the pair is in force on some day of the quarter; the head of the column names the set.")}, "minProperties": len(heads) + 1, "maxProperties": len(heads) + 1}


def history() -> Schema:
    """Return the schema of a code's rows in older releases: values without names, in a fixed order."""
    row = {"type": "array", "description": "Values of a row, in this order.", "prefixItems": [_value(name) for name in rulebook.FIELDS], "items": False, "minItems": len(rulebook.FIELDS)}
    rows = by_key(f"^({'|'.join(shapes.MODIFIERS)})$", row, "Modifier, blank for the whole service, to its row.")
    codes = by_key(shapes.CODE, rows, "Code to its rows: the code itself, and those that its rules speak of, such as the base of its endoscopic family.")
    return by_key(shapes.RELEASE, codes, "Release before the one that the pages show to the code's rows in it. Numbers are whole: hundredths.")


def _value(name: str) -> Schema:
    title = {"title": name}
    if name in _NUMBERS:
        return {**title, "type": "integer", "minimum": 0, "description": f"{shapes.FIELDS[name]}, in hundredths: 45 is 0.45{' of 1' if name in shapes.SHARES else ' RVU'}."}
    return {**title, **(one_of(shapes.STATUSES, shapes.FIELDS[name]) if name == "status" else text(shapes.FIELDS[name], maxLength=5))}


def zip_codes() -> Schema:
    """Return the schema of the ZIP codes with one beginning."""
    place = r"^[0-9]{5}/[0-9]{2}$"
    return record(
        "ZIP codes with one three-digit beginning, and the payment locality of each as carrier/locality.",
        {
            "quarter": or_null(text("Quarter of CMS's ZIP file.", pattern=shapes.QUARTER)),
            "zips": by_key("^[0-9]{5}$", text("Carrier and locality.", pattern=place), "ZIP code to its locality."),
            "split": by_key("^[0-9]{5}$", listed(text("Carrier and locality.", pattern=place), "Localities of its state."), "ZIP code that lies in several localities: the four more digits decide, which are not here."),
        },
    )


def changes() -> Schema:
    """Return the schema of all lists of a release: name of the file to its rows."""
    made = {name: listed(record(about, columns), about) for name, (about, columns) in _lists().items()}
    return record("Lists of what changed from the release before, by name of the file; one that would be empty is not there. A row's cells stand in the order of its properties.", made, optional=made)


def _lists() -> dict[str, tuple[str, dict[str, Schema]]]:
    row = {"code": code("CPT or HCPCS code."), "modifier": one_of(shapes.MODIFIERS, "Blank for the whole service.")}
    name = {"name": text("What this site calls the code; blank for one that the release shown does not have.")}
    pair = {"before": text("Value before."), "after": text("Value now.")}
    statuses = {key: text(f"Status code {when}.", pattern=f"^[{_STATUS}]$") for key, when in (("before", "before"), ("after", "now"))}
    amounts = {f"{setting}_{part}": _amount(setting, part) for setting in ("office", "facility") for part in ("before", "after", "change")}
    national = {**row, **amounts, **name}
    of_edit = {"column1": code("Code that is paid."), "column2": code("Code that is denied beside it.")}
    indicator = one_of("01", "0: no modifier bypasses it. 1: an NCCI modifier may.")
    return {
        "new_rows": ("Rows that the release before does not have", {**row, **_of_row(), "new_code": one_of(("yes", "no"), "Whether the code came with the row."), **name}),
        "deleted_rows": ("Rows that the release no longer has", {**row, **_of_row(), "deleted_code": one_of(("yes", "no"), "Whether the code went with the row."), **name}),
        "status": ("Other status", {**row, **statuses, "means": text("What the status now means."), **name}),
        "movers_by_cents": ("Biggest movers by dollars", _mover(row, name)),
        "movers_by_percent": ("Biggest movers by per cent", _mover(row, name)),
        "amounts": ("Other national amounts; from 2026 on the non-QP ones", national),
        "amounts_qp": ("Other national amounts of QPs, from 2026 on", national),
        "rvus": ("Other RVUs", {**row, **{f"{key}_{when}": text(f"{shapes.FIELDS[key]} {said}, two decimals.", pattern=shapes.MONEY) for key in RVUS for when, said in (("before", "before"), ("after", "now"))}, **name}),
        "imaging_caps": ("Other RVUs of the hospital price that caps imaging", {**row, "column": text("Which RVU."), **pair, **name}),
        "indicators": ("Other indicators", {**row, "column": text("Which indicator, in the words of the code pages."), **pair, **name}),
        "edits_by_code": ("Number of edit pairs that changed, by code", {"code": row["code"], **{key: text(f"Pairs {what}.", pattern=_COUNT) for key, what in _EDIT_COUNTS.items()}, **name}),
        "edits_added": ("Edit pairs that were added", {**of_edit, "indicator": indicator}),
        "edits_dropped": ("Edit pairs that were dropped", {**of_edit, "indicator": indicator}),
        "edits_moved": ("Edit pairs with another modifier indicator", {**of_edit, "before": indicator, "after": indicator}),
        "unit_limits": ("Other unit limits (MUE)", {"code": row["code"], **_limits(), **name}),
        "localities": ("Other locality indices", _locality()),
        "tips": ("Tips of this site to verify again", {"tip": text("Name of the tip."), "code": row["code"], "field": text("Fact that the tip rests on."), **pair, "verified_for": text("Release it was verified for.", pattern=shapes.RELEASE)}),
    }


_EDIT_COUNTS = {
    "added1": "added with the code in column 1",
    "added2": "added with the code in column 2",
    "dropped1": "dropped with the code in column 1",
    "dropped2": "dropped with the code in column 2",
    "moved": "with another modifier indicator",
}


def _of_row() -> dict[str, Schema]:
    amounts = {setting: blank_or(shapes.MONEY, f"National amount in the {setting}, US dollars; blank where there is none.") for setting in ("office", "facility")}
    return {"status": one_of(shapes.STATUSES, "Status code."), **amounts}


def _amount(setting: str, part: str) -> Schema:
    if part == "change":
        return blank_or(_SIGNED, f"By how much the {setting} amount changed, US dollars; blank where one of the two is.")
    return blank_or(shapes.MONEY, f"{setting.capitalize()} amount {'before' if part == 'before' else 'now'}, US dollars; blank where there is none.")


def _mover(row: dict[str, Schema], name: dict[str, Schema]) -> dict[str, Schema]:
    return {
        **row,
        "setting": one_of(("office", "facility"), "Where the amount holds."),
        "before": text("Amount before, US dollars.", pattern=shapes.MONEY),
        "after": text("Amount now, US dollars.", pattern=shapes.MONEY),
        "change": text("By how much it changed, US dollars.", pattern=_SIGNED),
        "percent": blank_or(_TENTHS, "By how many per cent."),
        **name,
    }


def _limits() -> dict[str, Schema]:
    made: dict[str, Schema] = {}
    for when, said in (("before", "before"), ("after", "now")):
        made[f"units_{when}"] = blank_or(_COUNT, f"Units {said}; blank where CMS publishes no limit.")
        made[f"mai_{when}"] = blank_or("^[123]$", f"Adjudication indicator {said}.")
    return made


def _locality() -> dict[str, Schema]:
    indices = {f"{key}_{when}": blank_or(_INDEX, f"{label} {said}; blank on the side that has no such locality.") for key, label in INDICES.items() for when, said in (("before", "before"), ("after", "now"))}
    return {
        "mac": text("Number of the carrier.", pattern="^[0-9]{5}$"),
        "locality": text("Number of the locality.", pattern="^[0-9]{2}$"),
        "state": text("State, two letters."),
        "name": text("CMS's name of the locality."),
        "what": one_of(("new", "gone", "other"), "Whether the locality is new, gone, or has another index."),
        **indices,
    }


def feed() -> Schema:
    """Return the schema of a feed, as JSON Feed 1.1 has it."""
    moment = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T00:00:00Z$"
    address = "^https?://"
    entry = record(
        "What changed with one release.",
        {
            "id": text("Never changes.", pattern=address),
            "url": text("Page with all that changed.", pattern=address),
            "title": text("What it is about.", minLength=1),
            "date_modified": text("Day on which CMS released the file.", pattern=moment),
            "summary": text("What changed, in sentences.", minLength=1),
            "content_html": text("The same as safe HTML.", minLength=1),
        },
    )
    return record(
        "JSON Feed 1.1: an entry a release, the newest first.",
        {
            "version": text("Version of the format.", const="https://jsonfeed.org/version/1.1"),
            "title": text("What the feed is about.", minLength=1),
            "home_page_url": text("Page of the feed.", pattern=address),
            "feed_url": text("Its own address.", pattern=address),
            "language": text("Of its texts.", const="en-US"),
            "authors": listed(record("Who writes it.", {"name": text("Name of the site.", minLength=1)}), "Who writes it."),
            "items": listed(entry, "Entries."),
        },
    )


def index() -> Schema:
    """Return the schema of the list of files."""
    file = record(
        "Files of one kind.",
        {
            "kind": text("Name of the kind.", pattern="^[a-z]+$"),
            "path": text("Path below the site's address; what stands in braces is filled in.", pattern="^/"),
            "example": text("Path of one of them.", pattern="^/"),
            "format": one_of(("JSON", "CSV"), "How it is written: UTF-8; CSV by RFC 4180 with a row of heads."),
            "schema": text("Path of its schema.", pattern=r"^/data/v1/schema/[a-z]+\.json$"),
            "about": text("What is in it.", minLength=1),
        },
    )
    edition = or_null(text("Quarter, and version where CMS gives one; null where none is loaded.", minLength=1))
    return record(
        "What these files are of, and where they stand. Read it to notice a new release.",
        {
            "release": text("CMS release that the files are of.", pattern=shapes.RELEASE),
            "effective_from": day("First day of service for which it answers."),
            "effective_to": day("Last day of service for which it answers."),
            "sample": {"type": "boolean", "description": "True for a site made from the embedded sample, which has a few hundred codes."},
            "codes": {"type": "integer", "minimum": 1, "description": "Number of codes."},
            "older_releases": listed(text("Release.", pattern=shapes.RELEASE), "Releases before it that are at hand, oldest first."),
            "editions": record("Editions of what has quarters of its own.", {"edits": edition, "unit_limits": edition, "add_on_codes": edition, "zip_codes": edition}),
            "files": listed(file, "Kinds of files."),
        },
    )
