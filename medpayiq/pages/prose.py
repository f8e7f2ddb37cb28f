"""Pages of prose, written in Markdown in content/pages, each with the day of its last change, with figures of the release put in by name."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from pathlib import Path

import markdown
import nh3

from medpayiq.days import is_day
from medpayiq.findings import Findings
from medpayiq.pages import modified, proven, seo
from medpayiq.pages.general_models import TextPage
from medpayiq.pages.models import Link
from medpayiq.pages.site import SiteData
from medpayiq.paths import CONTENT, shown
from medpayiq.payment.amount import is_priced, national_sum
from medpayiq.payment.money import dollars

FOLDER = CONTENT / "pages"
# File to address. The 404 page is served for any address that is not there.
ADDRESSES = {"methodology": "/methodology/", "proof": "/proof/", "privacy": "/privacy/", "legal": "/legal/", "404": "/404.html"}
_CHANGED = "changed: "
"""Begins the first line of a page, which says on which day its text last changed."""
_FIGURE = re.compile(r"\{([a-z_]+)\}")
_OF_NO_RELEASE = re.compile(r"name|contact|cpt_.*|proof_.*")
"""Figures that a new release leaves as they are."""
_MANY = 6
"""Parts from which on a page begins with a list of them."""
_TAGS = frozenset({"a", "abbr", "b", "blockquote", "br", "code", "dd", "details", "div", "dl", "dt", "em", "h2", "h3", "hr", "li", "ol", "p", "pre", "strong", "summary", "table", "tbody", "td", "th", "thead", "tr", "ul"})
_ATTRIBUTES = {"a": {"href"}, "div": {"class"}, "h2": {"id"}, "h3": {"id"}, "table": {"class"}, "td": {"class", "data-label"}, "th": {"class", "scope"}}


def read(findings: Findings, folder: Path = FOLDER) -> dict[str, str]:
    """Read every prose page; one that is missing, or has no day or no title line, is an error."""
    pages: dict[str, str] = {}
    for name in ADDRESSES:
        path = folder / f"{name}.md"
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            findings.error(shown(path), f"cannot be read: {problem}", try_="restore the file from version control")
            continue
        day, _, rest = text.partition("\n\n")
        if not day.startswith(_CHANGED) or not is_day(day.removeprefix(_CHANGED)):
            findings.error(shown(path), "needs a first line that says on which day its text last changed, and a blank line below it", line=1, try_="changed: 2026-11-29")
            continue
        if not rest.startswith("# ") or len(rest.split("\n\n")) < 3:
            findings.error(shown(path), "needs a title line '# ...', then a paragraph that says what the page is, then its text", line=3)
            continue
        pages[name] = text
    return pages


def ahead(texts: Mapping[str, str], today: str) -> list[str]:
    """Return the pages whose day lies after the day of the build."""
    return sorted(name for name, text in texts.items() if text.partition("\n")[0] > f"{_CHANGED}{today}")


def page(name: str, text: str, site: SiteData) -> TextPage:
    """Return one prose page. Its first paragraph is the description that search engines show."""
    figures = _figures(site)

    def figure(match: re.Match[str]) -> str:
        return figures.get(match[1], match[0])

    day, title, lead, body = _FIGURE.sub(figure, text).split("\n\n", 3)
    title = title.removeprefix("# ").strip()
    lead = " ".join(lead.split())
    url = ADDRESSES[name]
    missing = name == "404"
    crumbs = (Link("Home", "/"), Link(title, url))
    maker = markdown.Markdown(extensions=["tables", "toc", "sane_lists", "attr_list"], extension_configs={"toc": {"toc_depth": "2-3"}}, output_format="html")
    leading, clean = (nh3.clean(maker.convert(part), tags=set(_TAGS), attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()}, link_rel=None) for part in (lead, body))
    parts = tuple(Link(html.unescape(one["name"]), f"#{one['id']}") for one in maker.toc_tokens)  # type: ignore[attr-defined]
    figured = any(not _OF_NO_RELEASE.fullmatch(name) for name in _FIGURE.findall(text))
    since = modified.of_text(day.removeprefix(_CHANGED), site, figures=figured)
    head = seo.head(site, title=f"{title} | {site.config.name}", description=seo.shorten(re.sub(r"[*`\[\]]|\([^)]*\)", "", lead), 300), url=url, crumbs=() if missing else crumbs, index=not missing, since=since)
    return TextPage(head, title, "prose missing" if missing else "prose", leading, parts if len(parts) >= _MANY else (), clean, crumbs)


def _cpt_names(site: SiteData) -> str:
    """Say whose words name the CPT codes: what the legal notices state must hold for this build."""
    if site.config.descriptors == "cms":
        return f"Short descriptors of CPT codes are shown as they stand in CMS's file; they are the AMA's. {site.config.ama_licence}"
    return "This site shows code numbers, which are facts, and its own words. It does not show the AMA's descriptors."


def _figures(site: SiteData) -> dict[str, str]:
    """The names that prose may use. The worked example is computed, like every amount."""
    meta = site.snapshot.meta
    made = {
        "name": site.config.name,
        "contact": site.config.contact,
        "cpt_year": site.config.cpt_notice_year,
        "cpt_names": _cpt_names(site),
        "release": meta.release,
        "period": site.period,
        "cf": site.factors.main,
        "cf_qp": site.factors.qp or site.factors.main,
        "codes": f"{len(site.entries):,}",
        "localities": str(len(site.snapshot.localities)),
    }
    made |= proven.figures()
    example = site.by_code.get("99213") or next((one for one in site.entries if is_priced(one.main)), None)
    if example is not None:
        main = example.main
        exact, cents = national_sum(main.work, main.pe_nonfacility, main.mp, site.factor)
        made |= {
            "example_code": example.code,
            "example_work": f"{main.work / 100:.2f}",
            "example_pe": f"{main.pe_nonfacility / 100:.2f}",
            "example_mp": f"{main.mp / 100:.2f}",
            "example_exact": exact,
            "example_amount": dollars(cents),
        }
    return made
