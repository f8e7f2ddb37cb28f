"""Which files are meant for others' programs, by kind: where they stand, what is in them, and which schema they keep to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from medpayiq import claims, comparing_rates, edits
from medpayiq.changes import files as change_files
from medpayiq.changes.at_hand import at_hand
from medpayiq.opendata import code_schema, list_schemas, release_csv
from medpayiq.opendata.shapes import Schema, titled
from medpayiq.pages import dated
from medpayiq.pages.site import SiteData
from medpayiq.shards import ZIP_FOLDER
from medpayiq.toolkit import picked

ROOT = "data/v1"
INDEX = f"{ROOT}/index.json"
SCHEMAS = f"{ROOT}/schema"
INTERNAL = (claims.FOLDER, comparing_rates.FOLDER, picked.FOLDER, dated.UNPRICED)
"""Folders that serve pages alone: their files change as the pages need it."""
_EXAMPLES = ("97110", "99213", "97761")


class Kind(NamedTuple):
    """Files of one kind."""

    key: str
    title: str
    path: str
    """With a slash in front; what stands in braces is filled in."""
    format: str
    about: str
    schema: Callable[[], Schema]


_CODE = Kind("code", "A code", "/data/v1/codes/{code}.json", "JSON", "All facts of a code that its page shows: rows, RVUs, indicators, national amounts, rules, edits counted, unit limit, tips.", code_schema.whole)
_RELEASE = Kind("release", "The release", f"/{release_csv.PATH}", "CSV", "Every row of the release: status, RVUs, indicators, national amounts, unit limit; one line per code and modifier.", release_csv.schema)
_EDITS = Kind("edits", "Edits of a code", f"/{edits.FOLDER}/{{code}}.csv", "CSV", "Every NCCI pair that names the code, in force or ended.", list_schemas.edit_row)
_HISTORY = Kind("history", "A code in older releases", f"/{dated.FOLDER}/{{code}}.json", "JSON", "Its rows in each release before this one that is loaded, codes that are gone included. Values have no names: the schema gives their order.", list_schemas.history)
_ZIP = Kind("zip", "ZIP codes", f"/{ZIP_FOLDER}/{{zip3}}.json", "JSON", "ZIP code to payment locality, by the first three digits.", list_schemas.zip_codes)
_CHANGES = Kind("changes", "What changed", f"/{change_files.FOLDER}/{{release}}/{{list}}.csv", "CSV", "What differs from the release before, one file per list; the release in small letters, the lists as on its page of changes. A list that would be empty is not there.", list_schemas.changes)
_FEED = Kind("feed", "Feed", change_files.addresses("")[1], "JSON", "One entry per release, as JSON Feed; families of codes have feeds of their own.", list_schemas.feed)
_INDEX = Kind("index", "List of all kinds", f"/{INDEX}", "JSON", "Which release this is, and where the files stand. It changes with each release.", list_schemas.index)
ALL = (_CODE, _RELEASE, _EDITS, _HISTORY, _ZIP, _CHANGES, _FEED, _INDEX)


def at(kind: Kind) -> str:
    """Return the path of a kind's schema."""
    return f"{SCHEMAS}/{kind.key}.json"


def whole(kind: Kind, site: SiteData) -> Schema:
    """Return a kind's schema with its address and title."""
    return titled(f"{site.config.name}: {kind.title}", kind.schema(), f"{site.config.base_url}/{at(kind)}")


def example(site: SiteData) -> str:
    """Return a code that the release has."""
    return next((one for one in _EXAMPLES if one in site.by_code), site.entries[0].code)


def here(site: SiteData) -> Iterator[tuple[Kind, str]]:
    """Yield each kind that this build has files of, with the path of one of them."""
    code = example(site)
    yield _CODE, f"/data/v1/codes/{code}.json"
    yield _RELEASE, _RELEASE.path
    if site.edits.listed(code):
        yield _EDITS, f"/{edits.FOLDER}/{code}.csv"
    older = dated.address(code, site)
    if older is not None:
        yield _HISTORY, older
    if site.snapshot.zip5:
        yield _ZIP, f"/{ZIP_FOLDER}/100.json"
    step = at_hand(site).last
    lists = change_files.lists(step, site) if step is not None and step.whole else []
    if step is not None and lists:
        yield _CHANGES, f"/{change_files.file_of(step, lists[0].key)}"
    yield _FEED, _FEED.path
    yield _INDEX, _INDEX.path
