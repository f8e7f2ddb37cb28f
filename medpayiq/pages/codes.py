"""The page of one code: payment, RVUs and rules joined into the record that its template prints."""

from __future__ import annotations

from collections.abc import Sequence

from medpayiq import rules
from medpayiq.pages import changes, field, figures, modified, seo, verdict
from medpayiq.pages.asking import answers
from medpayiq.pages.bundling import bundling, over_limit
from medpayiq.pages.calculator import modifier_amounts
from medpayiq.pages.dated import Dated, address, always, dated
from medpayiq.pages.entries import Entry
from medpayiq.pages.history import history, steady_history
from medpayiq.pages.hubs import Tree
from medpayiq.pages.models import Amount, Calculator, CodePage, Head, Link, Piece, Rule
from medpayiq.pages.naming import Naming, name_of, naming
from medpayiq.pages.policy import other_fields
from medpayiq.pages.site import SiteData
from medpayiq.payment.amount import is_priced
from medpayiq.payment.shares import Shares


def code_page(entry: Entry, site: SiteData, tree: Tree) -> CodePage:
    """Join everything about one code."""
    steady = always(entry.code, entry, site)
    days = () if steady else dated(entry.code, entry, site)
    words = naming(entry, site)
    shown = entry.shown
    office, facility = site.prices(shown, site.factor)
    status = verdict.status_of(entry, site)
    amounts = figures.amounts(shown, office, facility, site)
    base = site.by_code.get(entry.main.endo_base)
    named = Shares(entry.rows, site.factor, site.percentages, base.main if base else None, site.prices)
    sentences, untold = _rules(entry, named, site)
    node = tree.home_of[entry.code]
    crumbs = (*node.crumbs(), Link(entry.code, entry.url))
    place = site.position[entry.code]
    json_url = f"/data/v1/codes/{entry.code}.json"
    any_rvus = any(row.work or row.pe_nonfacility or row.pe_facility or row.mp for row in entry.rows.values())
    any_priced = any(is_priced(row) for row in entry.rows.values())
    confidence, why = verdict.confidence(entry.main, status, site)
    tips = site.tips.on(entry.code, lambda tip: changes.again(tip, entry.code, site))
    head = _head(entry, words, _paid(amounts, shown.modifier), status, site, crumbs, json_url, has_tip=bool(tips.first))
    return CodePage(
        head=head,
        code=entry.code,
        system=entry.system,
        name=words.name,
        name_origin=words.origin,
        lines=words.lines,
        asked=words.asked,
        verdict=status["verdict"],
        verdict_tone=status["tone"],
        answer=status["answer"],
        next_step=verdict.next_step(entry, status),
        coverage=rules.read("status")["coverage"] if is_priced(shown) else None,
        amounts=amounts,
        amounts_label=figures.label(site),
        qp_label="QP: for qualifying participants in an advanced payment model" if site.factor_qp else None,
        components=figures.components(entry, site),
        rows=tuple(figures.rvu_row(row, site) for row in entry.rows.values()) if any_rvus else (),
        unpriced_rows=None if any_priced else _unpriced(entry),
        bars=figures.bars(shown, office, facility),
        conversion=figures.conversion(site) if any_priced else () if any_rvus else (("Status in the file", entry.main.status),),
        arithmetic=figures.arithmetic(shown, office, facility, site),
        confidence=confidence,
        confidence_why=why,
        source_file=_source(entry, site),
        calculator=calculator_of(entry.code, days, site),
        modifier_amounts=modifier_amounts(entry, named, site.calculators.book),
        rules=sentences,
        other_fields=untold,
        history=steady_history(entry.code, steady, site) if steady else history(entry.code, days, site),
        changed=changes.log(entry.code, site),
        edits=bundling(entry.code, site),
        tips=Piece("tips", tips),
        field=field.part(entry.code, site),
        crumbs=crumbs,
        family=Link(node.label, node.url),
        previous=_neighbour(place - 1, site),
        following=_neighbour(place + 1, site),
        replaces=tuple(Link(old, f"/codes/{old}/") for old in site.library.took_over.get(entry.code, ()) if old not in site.by_code),
        json_url=json_url,
    )


def calculator_of(code: str, days: Sequence[Dated], site: SiteData) -> Calculator | None:
    """Return a code's calculator; None where the engine has no amount for it on any day."""
    found = next((one.entry for one in reversed(days) if one.entry is not None and answers(one.entry)), None)
    if found is None:
        return None
    made = site.calculators.calculator(found, site.by_code.get(code), address(code, site))
    limit = over_limit(code, site.edits)
    return made._replace(limit=limit[0], over=limit[1]) if limit else made


def _rules(entry: Entry, named: Shares, site: SiteData) -> tuple[tuple[Rule, ...], str | None]:
    """Return the rules of a code, and the indicators of which none of them speaks."""
    row = verdict.ruled(entry)
    sentences = site.policy.rules_for(row, entry.rows, named, *site.prices(row, site.factor))
    return sentences, other_fields(row, sentences)


def _unpriced(entry: Entry) -> str:
    if any(row.not_used for row in entry.rows.values()):
        return str(rules.read("status")["plus"]["say"])
    return "CMS publishes no RVUs for it."


def _source(entry: Entry, site: SiteData) -> str:
    name = next((one.file for one in site.snapshot.meta.sources if one.table == "services"), "PPRRVU")
    return f"{name}, line {entry.main.line:,}"


def _neighbour(place: int, site: SiteData) -> Link | None:
    if not 0 <= place < len(site.entries):
        return None
    entry = site.entries[place]
    return Link(f"{entry.code} {name_of(entry, site)}", entry.url)


def _paid(amounts: tuple[Amount, ...], modifier: str) -> str:
    """Say for a result list what is paid; nothing where no amount is shown. ``modifier`` is that of the row whose amounts they are."""
    if modifier and amounts:  # a reading has one amount everywhere
        return f"{amounts[0].main} for the reading alone ({modifier})"
    if len(amounts) == 2 and amounts[0].main and amounts[0].main == amounts[1].main:
        return f"{amounts[0].main} in office and facility"
    return " and ".join(f"{one.main} in {'the office' if one.setting == 'Office' else 'a facility'}" for one in amounts if one.main)


def _head(entry: Entry, words: Naming, paid: str, status: dict[str, str], site: SiteData, crumbs: tuple[Link, ...], json_url: str, *, has_tip: bool) -> Head:
    if paid:
        # The name stands in the title; a result list shows some 160 characters of this.
        description = f"{entry.system} {entry.code}: Medicare pays {paid} (national{', non-QP' if site.factor_qp else ''}, {site.period}). RVUs, rules and modifiers with sources."
    else:
        description = f"{entry.system} {entry.code}, {words.name}. {status['verdict']} (Medicare physician fee schedule, {site.period}). Why, and what to do instead."
    has = frozenset(name for name, so in (("own_text", words.own), ("tip", has_tip)) if so)
    about = {
        "@type": "MedicalCode",
        "codeValue": entry.code,
        "codingSystem": {"CPT": "CPT", "CDT": "CDT"}.get(entry.system, "HCPCS"),
        "name": f"{entry.code}: {words.name}",
        "url": f"{site.config.base_url}{entry.url}",
    }
    return seo.head(
        site,
        title=seo.shorten(f"{entry.code} Medicare payment {site.year}: {words.name}", seo.LONGEST_TITLE),
        description=seo.shorten(description, 300),
        url=entry.url,
        crumbs=crumbs,
        index=not site.config.noindex.holds(entry.code, entry.main.status, has),
        alternate=json_url,
        about=about,
        og_type="article",
        since=modified.of_code(entry.code, site),
    )
