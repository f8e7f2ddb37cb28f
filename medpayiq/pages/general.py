"""The pages that are not about one code: front page, release, search."""

from __future__ import annotations

from collections import Counter

from medpayiq import rules
from medpayiq.days import long_date, period
from medpayiq.pages import seo
from medpayiq.pages.general_models import HomePage, HubChild, ReleasePage, SearchPage, Table
from medpayiq.pages.hubs import Tree, count_words
from medpayiq.pages.inline import days_kept
from medpayiq.pages.models import Link
from medpayiq.pages.site import SiteData
from medpayiq.payment.amount import is_priced

HOME = Link("Home", "/")
_EXAMPLES = ("97761", "99213", "20610", "45385", "70496", "27447", "66984")
_TABLES = {
    "services": "Relative values (PPRRVU)",
    "localities": "Locality indices (GPCI)",
    "anesthesia": "Anesthesia conversion factors (ANES)",
    "counties": "Localities and counties (LOCCO)",
    "opps_caps": "Capped imaging amounts (OPPSCAP)",
    "zip5": "ZIP codes (ZIP5)",
    "rbcs": "Classification (RBCS)",
    "ptp": "Bundling edits (NCCI PTP)",
    "mue": "Unit limits (MUE)",
    "aoc": "Add-on code edits (AOC)",
}


def home(site: SiteData, tree: Tree) -> HomePage:
    """Return the front page."""
    priced = sum(1 for one in site.entries if any(is_priced(row) for row in one.rows.values()))
    facts = (
        ("Release", f"{site.snapshot.meta.release}, {site.period}"),
        ("Codes", f"{len(site.entries):,}"),
        ("Codes with a national amount", f"{priced:,}"),
        ("Payment localities", f"{len(site.snapshot.localities)}"),
        *((name, figure) for name, figure in _factors(site)),
    )
    children = list(tree.root.children.values())
    by_number = [one for one in children if one.label == "By number"]
    head = seo.head(
        site,
        title=f"{site.config.name}: what Medicare pays for a code, and why",
        description=f"Medicare physician fee schedule amounts for {len(site.entries):,} codes, {site.period}: RVUs, payment rules and modifiers in plain words, each with its source. Free, no login.",
        url="/",
        crumbs=(),
    )
    return HomePage(
        head,
        "Type a CPT or HCPCS code, or words for the service. Every amount is worked out from CMS's own file, with its rules and sources.",
        facts,
        tuple(Link(code, f"/codes/{code}/") for code in _EXAMPLES if code in site.by_code),
        tuple(HubChild(one.label, one.url, count_words(one.count())) for one in children if one not in by_number),
        tuple(HubChild(one.label, one.url, count_words(one.count())) for node in by_number for one in node.children.values()),
    )


def _factors(site: SiteData) -> list[tuple[str, str]]:
    if site.factors.qp:
        return [("Conversion factor, non-QP", f"${site.factors.main}"), ("Conversion factor, QP", f"${site.factors.qp}")]
    return [("Conversion factor", f"${site.factors.main}")]


def release(site: SiteData) -> ReleasePage:
    """Return the page on the release: what was read from which file, with which result."""
    meta = site.snapshot.meta
    url = "/release/"
    crumbs = (HOME, Link("Release", url))
    statuses = Counter((one.main.status, is_priced(one.main)) for one in site.entries)
    table = rules.read("status")
    rows = []
    for (status, priced), count in sorted(statuses.items()):
        key = "R-unpriced" if status == "R" and not priced else status
        rows.append((status, table[key]["verdict"], f"{count:,}"))
    facts = [
        ("Release", meta.release),
        ("In force", f"{long_date(site.days[0])} to {long_date(site.days[1])}"),
        ("Released by CMS", long_date(meta.released) if meta.released else "not stated in the file"),
        *_factors(site),
        *(("Anesthesia conversion factor" + {"all": "", "non_qp": ", non-QP", "qp": ", QP"}[kind] + ", national", f"${figure}") for kind, figure in sorted(meta.anesthesia_national.items())),
        *([("ZIP code table of", meta.zip_quarter)] if meta.zip_quarter else []),
        *([("Codes in this sample", f"{len(site.entries):,}")] if meta.sample else [("Codes", f"{len(site.entries):,}")]),
    ]
    sources = tuple((_TABLES.get(one.table, one.table), one.file, f"{one.rows_read:,}", f"{one.rows_kept:,}", f"{one.size:,}", one.sha256) for one in meta.sources)
    head = seo.head(
        site,
        title=f"{meta.release}: the CMS release behind these pages, {site.period}",
        description=f"Every CMS file of {meta.release} that was read, with its size, checksum and rows; conversion factors, dates in force and the count of codes by status.",
        url=url,
        crumbs=crumbs,
    )
    return ReleasePage(
        head,
        f"Everything here comes from the files below, as CMS published them, in force {site.period}. The checksum lets you compare your copy with the one we read.",
        tuple(facts),
        Table("Files read", ("Table", "File", "Rows read", "Rows kept", "Bytes", "SHA-256"), sources, (2, 3, 4)),
        _releases(site),
        Table("Codes by status", ("Status", "Meaning", "Codes"), tuple(rows), (2,)),
        meta.warnings,
        crumbs,
    )


def _releases(site: SiteData) -> Table:
    """Return every release that is known: the days for which it answers, and whether it is here."""
    made: list[tuple[str, ...]] = []
    for one in reversed(site.manifest.of_kind("rvu")):
        days = period(one.effective_from, one.effective_to)
        if one.replaced_by is not None:
            days = f"No day: {one.replaced_by} took its place"
        made.append((one.name, days, _here(one.name, site), days_kept(one.note[:1].upper() + one.note[1:])))
    known = {row[0] for row in made}
    made += [(span.release, period(span.effective_from, span.effective_to), _here(span.release, site), "Not in the list of CMS's releases.") for span in reversed(site.past.periods) if span.release not in known]
    return Table("Releases and the days of service they answer for", ("Release", "Answers for", "Here", "Remark"), tuple(made))


def _here(release: str, site: SiteData) -> str:
    if release == site.snapshot.meta.release:
        return "On the pages"
    if release in site.past.older:
        return "By date of service"
    instead = next((span.release for span in site.past.periods if span.missing == release), None)
    return f"Not loaded; {instead} answers for it, and says so" if instead else "Not loaded"


def search(site: SiteData) -> SearchPage:
    """Return the search page; its results come by script."""
    url = "/search/"
    crumbs = (HOME, Link("Search", url))
    head = seo.head(
        site,
        title=f"Search codes and words in {site.config.name}",
        description="Find a CPT or HCPCS code by number or by words for the service.",
        url=url,
        crumbs=crumbs,
        index=False,
        kind="SearchResultsPage",
    )
    return SearchPage(head, crumbs)
