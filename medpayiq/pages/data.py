"""The page for programmers and analysts: which files there are, how to read them, what is promised of them, and the schema.org Dataset."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from medpayiq.opendata import kinds, release_csv, shapes
from medpayiq.opendata.kinds import Kind
from medpayiq.pages import seo
from medpayiq.pages.data_models import DataPage, FileKind
from medpayiq.pages.general_models import Table
from medpayiq.pages.models import Link
from medpayiq.pages.site import SiteData

URL = "/data/"
_PIECE = re.compile(r"([^{}]+)(?:\{([^}]+)\})?")
_TYPES = {"JSON": "application/json", "CSV": "text/csv"}
_RVU_FILES = "https://www.cms.gov/medicare/payment/fee-schedules/physician/pfs-relative-value-files"
_OF_TABLES = {"ptp": "NCCI edits", "mue": "Unit limits (MUE)", "aoc": "Add-on codes"}
_CURL = """\
curl -s {base}{code_path}
curl -s -O {base}/{csv}
"""
_PYTHON = """\
import csv, io, json
from urllib.request import urlopen

BASE = "{base}"

def read(path):
    with urlopen(BASE + path) as answer:
        return answer.read().decode()

code = json.loads(
    read("{code_path}"))
for row in code["rows"]:
    amounts = row["amounts"]["{kind}"]
    office = amounts["office"]
    print(code["code"], row["modifier"],
          office["result"],
          office.get("allowed"))

text = read("/{csv}")
lines = io.StringIO(text, newline="")
rows = list(csv.DictReader(lines))
paid = [row for row in rows if
        row["office_result"] == "AMOUNT"]
print(len(rows), "rows of",
      rows[0]["release"] + ",",
      len(paid), "with an office amount")
"""


def data(site: SiteData) -> DataPage:
    """Return the page."""
    base = site.config.base_url
    crumbs = (Link("Home", "/"), Link("Data", URL))
    found = list(kinds.here(site))
    sources = tuple(_sources(site))
    head = seo.head(
        site,
        title=f"Medicare fee schedule data as JSON and CSV, {site.snapshot.meta.release}",
        description=f"Every figure of {site.config.name} as files: JSON of each code, the release as one CSV, NCCI edits, ZIP codes to localities, each with a JSON Schema. No key, CORS open.",
        url=URL,
        crumbs=crumbs,
        about=dataset(site, found, sources),
    )
    filled = {"base": base, "code_path": f"/data/v1/codes/{kinds.example(site)}.json", "csv": release_csv.PATH, "kind": "non_qp" if site.factor_qp else "all"}
    return DataPage(
        head,
        lead="What the pages say, as files for programs: no key, no login, free. Everything is plain HTTPS and GET; nothing is counted or limited by us.",
        kinds=tuple(FileKind(kind.key, kind.title, kind.about, tuple(_PIECE.findall(kind.path)), Link(example, example), f"/{kinds.at(kind)}") for kind, example in found),
        internal=tuple(f"/{folder}/" for folder in kinds.INTERNAL),
        curl=_CURL.format(**filled),
        python=_PYTHON.format(**filled),
        columns=Table("Columns of the release's CSV", ("Column", "What it holds"), tuple((name, _short(one["description"])) for name, one in release_csv.columns().items())),
        results=Table("Results", ("Result", "Means"), _told(shapes.RESULTS)),
        notes=Table("Notes", ("Note", "Means"), _told(shapes.NOTES)),
        rows=f"{len(site.snapshot.services):,}",
        list=f"/{kinds.INDEX}",
        sources=sources,
        names=_names(site),
        crumbs=crumbs,
    )


def _told(words: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, f"{means[0].upper()}{means[1:]}.") for name, means in words.items())


def _short(text: str) -> str:
    """Leave out what the tables of results and notes say."""
    for words in (shapes.RESULTS, shapes.NOTES):
        text = text.replace(shapes.told(words), "The table below says what each means.")
    return text


def _names(site: SiteData) -> str:
    if site.config.descriptors == "cms":
        return f"Names of CPT codes in the JSON are the AMA's short descriptors, shown under a license of this site's operator that does not extend to you. The CSV has no names. {site.config.ama_licence}"
    return "No CPT descriptor is in any of these files, nor any text of a D code: codes are numbers here, and names are our own words, CMS's text of a Level II code or its RBCS class."


def _sources(site: SiteData) -> Iterator[Link]:
    """Yield CMS's own files, as far as their addresses are known."""
    meta = site.snapshot.meta
    release = site.manifest.named(meta.release)
    yield Link(f"CMS relative value file {meta.release}", (release.url if release else None) or _RVU_FILES)
    for table, label in _OF_TABLES.items():
        edition = getattr(site.edits, table)
        known = [one for one in site.manifest.of_kind(table) if edition and one.effective_from == edition.first and one.url]
        yield from (Link(f"CMS {label}, {one.name}", str(one.url)) for one in known)


def dataset(site: SiteData, found: Sequence[tuple[Kind, str]], sources: Sequence[Link]) -> dict[str, Any]:
    """Return the files as a schema.org Dataset."""
    base, meta = site.config.base_url, site.snapshot.meta
    publisher = {"@type": "Organization", "name": site.config.name, "url": f"{base}/"}
    cms = {"@type": "GovernmentOrganization", "name": "Centers for Medicare & Medicaid Services", "url": "https://www.cms.gov/"}
    made = {
        "@type": "Dataset",
        "@id": f"{base}{URL}#dataset",
        "name": f"Medicare physician fee schedule by code, {meta.release}",
        "description": f"Relative values, payment indicators, national amounts, unit limits and NCCI edits of {len(site.entries):,} CPT and HCPCS codes under Original Medicare, {site.period}, from CMS's public files, as JSON and CSV with JSON Schemas.",
        "url": f"{base}{URL}",
        "version": meta.release,
        "license": f"{base}{URL}#licence",
        "isAccessibleForFree": True,
        "creator": publisher,
        "publisher": publisher,
        "temporalCoverage": f"{site.days[0]}/{site.days[1]}",
        "spatialCoverage": {"@type": "Place", "name": "United States"},
        "keywords": ["Medicare", "physician fee schedule", "RVU", "HCPCS", "NCCI edits", "MUE"],
        "measurementTechnique": f"{base}/methodology/",
        "variableMeasured": [_variable(name, text, unit) for name, text, unit in _variables(site)],
        "isBasedOn": [{"@type": "Dataset", "name": one.label, "description": f"{one.label}, as the Centers for Medicare & Medicaid Services publish it for download.", "url": one.url, "creator": cms, "license": "https://www.usa.gov/government-works"} for one in sources],
        "distribution": [_download(kind, example, base) for kind, example in found if kind.key in {"release", "index"}],
    }
    if meta.released:
        made["datePublished"] = meta.released
    return made


def _variables(site: SiteData) -> Iterator[tuple[str, str, str]]:
    yield "work_rvu, pe_rvu_office, pe_rvu_facility, mp_rvu", "Relative value units: work, practice expense, malpractice", "RVU"
    for setting in ("office", "facility"):
        yield f"{setting}_non_qp", f"National amount in the {setting}" + (", non-QP" if site.factor_qp else ""), "USD"
        if site.factor_qp:
            yield f"{setting}_qp", f"National amount in the {setting}, QP", "USD"
    if site.edits.mue:
        yield "unit_limit", "Unit limit (MUE) of practitioners", "units of service"


def _variable(name: str, description: str, unit: str) -> dict[str, str]:
    return {"@type": "PropertyValue", "name": name, "description": description, "unitText": unit}


def _download(kind: Kind, example: str, base: str) -> dict[str, str]:
    return {"@type": "DataDownload", "name": kind.title, "description": kind.about, "encodingFormat": _TYPES[kind.format], "contentUrl": f"{base}{example}"}
