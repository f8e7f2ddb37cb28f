"""The pages that are not about one code: front page, release, deleted codes, search."""

from __future__ import annotations

from collections import Counter

from medpayiq import rules
from medpayiq.pages import seo
from medpayiq.pages.hubs import Tree, count_words
from medpayiq.pages.models import HomePage, HubChild, HubCode, Link, ReleasePage, ReplacedPage, SearchPage, Table
from medpayiq.pages.site import SiteData, long_date
from medpayiq.pages.verdict import hub_code
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
        ("In force", f"{long_date(meta.effective_from)} to {long_date(meta.effective_to)}"),
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
        Table("Codes by status", ("Status", "Meaning", "Codes"), tuple(rows), (2,)),
        meta.warnings,
        crumbs,
    )


def replaced(code: str, site: SiteData) -> ReplacedPage:
    """Return the page of a deleted code: what stands in its place, since when, and what shows it."""
    one = site.library.replaced[code]
    url = f"/codes/{code}/"
    crumbs = (HOME, Link("Browse", "/browse/"), Link(code, url))
    successors: list[HubCode] = [hub_code(site.by_code[new], site) for new in one.by if new in site.by_code]
    names = ", ".join(new.code for new in successors)
    shown = f"Source: {one.source}."
    if one.last_release and one.first_release_without:
        shown += f" Last in CMS's file in {one.last_release}; gone in {one.first_release_without}."
    elif one.first_release_without:
        shown += f" Not in CMS's file in {one.first_release_without} nor since."
    what = f"Bill {names} instead" if names else "What to do now"
    if one.checked == "not verified":
        shown += " What took its place was not verified from a primary text: check it before you bill."
    head = seo.head(
        site,
        title=f"{code} is deleted" + (f": replaced by {names}" if names and len(names) < 40 else ": what to bill instead"),
        description=seo.shorten(f"{code} is no longer valid{' since ' + long_date(one.since) if one.since else ''}. {what}: {one.say.strip()}", 300),
        url=url,
        crumbs=crumbs,
        about={"@type": "MedicalCode", "codeValue": code, "codingSystem": "CPT" if code[0].isdigit() else "HCPCS", "name": f"{code} (deleted)"},
        og_type="article",
    )
    return ReplacedPage(head, code, one.say.strip(), long_date(one.since) if one.since else None, shown, tuple(successors), crumbs)


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
