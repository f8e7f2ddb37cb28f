"""Writes what is not a code's own: the release as CSV, the list of kinds, and their schemas."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from medpayiq.opendata import kinds, release_csv
from medpayiq.pages.site import SiteData
from medpayiq.shards import quarter


def files(site: SiteData) -> Iterator[tuple[str, bytes]]:
    """Yield path and bytes of every file."""
    yield release_csv.PATH, release_csv.made(site)
    yield from about(site)


def about(site: SiteData) -> Iterator[tuple[str, bytes]]:
    """Yield the list of kinds, and their schemas. A kind of which this build has no file keeps its schema: programs may name it."""
    yield kinds.INDEX, orjson.dumps(index(site), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    for kind in kinds.ALL:
        yield kinds.at(kind), orjson.dumps(kinds.whole(kind, site), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def index(site: SiteData) -> dict[str, object]:
    """Return the list of kinds, and what they are of."""
    edits = site.edits
    return {
        "release": site.snapshot.meta.release,
        "effective_from": site.days[0],
        "effective_to": site.days[1],
        "sample": site.snapshot.meta.sample,
        "codes": len(site.entries),
        "older_releases": list(site.past.older),
        "editions": {
            "edits": str(edits.ptp) if edits.ptp else None,
            "unit_limits": str(edits.mue) if edits.mue else None,
            "add_on_codes": str(edits.aoc) if edits.aoc else None,
            "zip_codes": quarter(site.snapshot),
        },
        "files": [{"kind": one.key, "path": one.path, "example": example, "format": one.format, "schema": f"/{kinds.at(one)}", "about": one.about} for one, example in kinds.here(site)],
    }
