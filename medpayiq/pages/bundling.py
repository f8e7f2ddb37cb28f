"""What a code page says of NCCI edits, the unit limit and add-on codes; and the page that explains all three."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from medpayiq import rules
from medpayiq.cms.aoc import CONTRACTOR
from medpayiq.cms.records import AddOn
from medpayiq.edits import FOLDER, Edits
from medpayiq.pages import modifiers, seo
from medpayiq.pages.edit_models import AddOnPart, Bundling, BypassModifiers, EditActions, EditsPage, Indicator, UnitRule
from medpayiq.pages.general_models import Table
from medpayiq.pages.inline import modifiers_linked
from medpayiq.pages.models import Link, Piece
from medpayiq.pages.naming import name_of
from medpayiq.pages.policy import each_source
from medpayiq.pages.site import SiteData

_FEW = 12
"""Related codes that are shown at once."""
_BUSIEST = 15
_REPEATS = ("76", "77")
"""Modifiers that a unit limit names and that bypass no edit."""
NOT_LOADED = "NCCI edits, unit limits and add-on lists are not loaded in this build. Check CMS's edit files of the quarter before you bill {code} with another code on the same day."


def bundling(code: str, site: SiteData) -> Piece:
    """Return the part of a code's page, which is joined apart from it."""
    edits = site.edits
    ones, twos = edits.counts(code)
    listed = edits.listed(code)
    sides = f"{sum(ones.values()):,}", f"{sum(twos.values()):,}"
    chapter = chapter_of(code)
    limit, limit_why, rule = _limit(code, edits)
    return Piece(
        "edits",
        Bundling(
            code=code,
            edition=str(edits.ptp) if edits.ptp else None,
            none=None if ones or twos else _none(code, edits),
            ones=_side(ones, "Column 1", "the other code", code) if ones else None,
            twos=_side(twos, "Column 2", code, "the other code") if twos else None,
            scope="Only edits between codes of this sample." if site.snapshot.meta.sample and (ones or twos) else None,
            ones_count=sides[0],
            twos_count=sides[1],
            listed=f"{listed:,}" if listed else "",
            list_url=f"/{FOLDER}/{code}.csv" if listed else None,
            actions=Piece("edit_actions", actions()) if ones or twos else None,
            manual=Link(f"NCCI Policy Manual, chapter {chapter['chapter']}" + (f", section {chapter['section']}" if "section" in chapter else ""), rules.citation(chapter["sources"][0]).url) if chapter else None,
            manual_about=chapter["title"] if chapter else "",
            limit=limit,
            limit_why=limit_why,
            limit_rule=rule,
            limit_edition=str(edits.mue) if edits.mue else None,
            add_on=_primaries(code, site),
            add_ons=_add_ons(code, site),
            add_on_edition=str(edits.aoc) if edits.aoc else None,
        ),
    )


def _none(code: str, edits: Edits) -> str:
    if edits.ptp is None:
        return NOT_LOADED.replace("{code}", code) if not edits.mue and not edits.aoc else f"NCCI edits are not loaded in this build. Check CMS's edit files of the quarter before you bill {code} with another code on the same day."
    return f"No edit of {code} is in force in the edit set of {edits.ptp}. Payers other than Medicare may have their own."


def _side(counts: Mapping[str, int], column: str, denied: str, beside: str) -> str:
    """Say in a sentence what one column means for the code, and how many of its edits a modifier may bypass."""
    never, may = counts.get("0", 0), counts.get("1", 0)
    if not may:
        bypass = "No modifier bypasses " + ("it" if never == 1 else "them")
    elif not never:
        bypass = "A modifier may bypass " + ("it" if may == 1 else "each of them" if may > 2 else "both")
    else:
        bypass = f"A modifier may bypass {may:,} of them; none bypasses the other {never:,}"
    number = never + may
    return f"{column} in {number:,} edit{'' if number == 1 else 's'}: {denied} is denied when billed beside {beside} on the same day. {bypass}."


@cache
def _chapters() -> tuple[tuple[str, str, int, Any], ...]:
    """Every chapter by its codes, the narrowest first."""
    made = [(one["first"], one["last"], place, one) for place, one in enumerate(rules.read("ncci")["chapters"])]
    return tuple(sorted(made, key=lambda one: (_width(one[0], one[1]), one[2])))


def _width(first: str, last: str) -> int:
    return int(last, 36) - int(first, 36)


def chapter_of(code: str) -> dict[str, Any] | None:
    """Return the chapter of the NCCI Policy Manual, with its section where one is for the code, that speaks of it."""
    return next((one for first, last, _, one in _chapters() if first <= code <= last and (first[-1] == code[-1] or (first[-1].isdigit() and code[-1].isdigit()))), None)


@cache
def actions() -> EditActions:
    """Return what to do when an edit fires."""
    return EditActions(tuple(_indicator(number, one) for number, one in rules.read("ncci")["indicators"].items()))


def _modifiers(site: SiteData) -> Iterator[BypassModifiers]:
    """Yield the modifiers that may bypass an edit, those that say more than 59 before it."""
    table, addresses = rules.read("ncci"), _addresses(site)
    named, bypass = table["modifiers"], table["bypass"]
    yield BypassModifiers(modifiers_linked("Sites: " + ", ".join(bypass["anatomic"]), addresses), named["anatomic"]["fits"], named["anatomic"]["record"])
    for name in (*bypass["never_on_visits"][1:], *bypass["never_on_visits"][:1], *(one for one in (*bypass["global"], *bypass["other"]) if one not in bypass["never_on_visits"])):
        yield BypassModifiers(modifiers_linked(name, addresses), named[name]["fits"], named[name]["record"])


def _addresses(site: SiteData) -> dict[str, str]:
    """Return the address of every modifier that has a page."""
    return {name: modifiers.url_of(name) for name in modifiers.names(site)}


def _indicator(number: str, one: dict[str, Any]) -> Indicator:
    return Indicator(number, one["label"], one["say"], one["do"], each_source(one["sources"]))


def _limit(code: str, edits: Edits) -> tuple[str | None, str | None, Piece | None]:
    """Return the code's unit limit, why CMS set it, and how it is applied."""
    if edits.mue is None:
        return None, None, None
    table = rules.read("ncci")
    found = edits.limit(code)
    if found is None:
        return "None published", None, Piece("unit_rule", _unit_rule("none"))
    if found.units == 0:
        return "0 units", table["mue_rationales"].get(found.rationale), Piece("unit_rule", _unit_rule("zero"))
    units = f"{found.units:,} unit{'' if found.units == 1 else 's'} a {'line' if found.indicator == '1' else 'day'}"
    return units, table["mue_rationales"].get(found.rationale), Piece("unit_rule", _unit_rule(found.indicator))


def over_limit(code: str, edits: Edits) -> tuple[str, str] | None:
    """Return a code's unit limit and what happens to units above it, for its calculator; None where CMS publishes none."""
    found = edits.limit(code)
    if found is None:
        return None
    row = rules.read("ncci")["mai"]["zero" if found.units == 0 else found.indicator]
    return str(found.units), row["short"].format(limit=found.units, units="unit" if found.units == 1 else "units")


@cache
def _unit_rule(key: str) -> UnitRule:
    one = rules.read("ncci")["mai"][key]
    return UnitRule(one.get("label", ""), one["say"], one.get("over", ""), one.get("appeal", ""), each_source(one["sources"]))


def _with_links(rule: UnitRule, site: SiteData) -> UnitRule:
    """Return a rule in which modifiers of repeats lead to their pages; those that bypass an edit lead there from their own list."""
    return rule._replace(over=modifiers_linked(rule.over, {name: url for name, url in _addresses(site).items() if name in _REPEATS}))


def _link(code: str, site: SiteData) -> Link:
    entry = site.by_code.get(code)
    return Link(f"{code} {name_of(entry, site)}", entry.url) if entry else Link(code, "")


def _primaries(code: str, site: SiteData) -> Piece | None:
    """Return the primary codes of an add-on code."""
    found = site.edits.primaries(code)
    if not found:
        return None
    table = rules.read("ncci")["add_on"]
    named = [one for one in found if one.primary != CONTRACTOR]
    kind = found[0].type if named else "contractor"
    one = table[kind]
    return Piece("add_on", AddOnPart(one["label"], one["say"], one["do"], tuple(_link(row.primary, site) for row in named), len(named) > _FEW, f"{len(named):,}", tuple(_remarks(found)), each_source(one["sources"])))


def _remarks(found: list[AddOn]) -> Iterator[str]:
    """Yield CMS's special instructions in few words, with the primary code they stand beside."""
    for remark in dict.fromkeys(one.remark for one in found if one.remark and one.primary != CONTRACTOR):
        yield f"CMS remarks on {', '.join(one.primary for one in found if one.remark == remark)}: {remark}"


def _add_ons(code: str, site: SiteData) -> Piece | None:
    """Return the add-on codes that name the code as a primary."""
    found = list(dict.fromkeys(one.code for one in site.edits.add_ons(code)))
    if not found:
        return None
    say = f"The add-on {'code below is' if len(found) == 1 else 'codes below are'} paid only beside a primary code such as {code}, by the same practitioner."
    return Piece("add_on", AddOnPart(f"Primary code for {len(found):,} add-on code{'' if len(found) == 1 else 's'}", say, "", tuple(_link(one, site) for one in found), len(found) > _FEW, f"{len(found):,}", (), ()))


def as_data(code: str, site: SiteData) -> dict[str, Any]:
    """Return the same facts for the JSON twin."""
    edits = site.edits
    ones, twos = edits.counts(code)
    limit = edits.limit(code)
    return {
        "edits": {"set": str(edits.ptp), "column1_to": ones, "column2_to": twos, "list": f"/{FOLDER}/{code}.csv" if edits.listed(code) else None} if edits.ptp else None,
        "unit_limit": {"edition": str(edits.mue), "units": limit.units if limit else None, "adjudication_indicator": limit.indicator if limit else None} if edits.mue else None,
        "add_on": {"edition": str(edits.aoc), "primaries": [one.primary for one in edits.primaries(code)], "add_ons": list(dict.fromkeys(one.code for one in edits.add_ons(code)))} if edits.aoc else None,
    }


def edits_page(site: SiteData) -> EditsPage:
    """Return the page that says what edits are, how to read them, and how many there are."""
    url = "/edits/"
    crumbs = (Link("Home", "/"), Link("NCCI edits", url))
    edits = site.edits
    table = rules.read("ncci")
    counts = edits.all_counts()
    total = counts["0"] + counts["1"]
    facts = []
    if edits.ptp:
        facts += [("Edit set", str(edits.ptp)), ("Pairs in force", f"{total:,}"), ("No modifier bypasses", f"{counts['0']:,}"), ("A modifier may bypass", f"{counts['1']:,}"), ("Ended or taken back, kept as history", f"{counts['ended']:,}")]
    kinds = Counter(one.indicator for one in site.snapshot.mue.values()) if edits.mue else Counter()
    if edits.mue:
        facts += [("Unit limits of", str(edits.mue)), ("Codes with a limit", f"{sum(kinds.values()):,}")]
    if edits.aoc:
        facts += [("Add-on codes of", str(edits.aoc)), ("Add-on codes", f"{len(edits.add_on_types()):,}")]
    types = Counter(edits.add_on_types().values())
    return EditsPage(
        seo.head(
            site,
            title=f"NCCI edits explained: columns, indicators, unit limits{f', {edits.ptp.quarter}' if edits.ptp else ''}",
            description="How to read NCCI procedure-to-procedure edits, unit limits (MUE) and add-on codes: what is denied, which modifier may bypass an edit, what to do next.",
            url=url,
            crumbs=crumbs,
        ),
        lead="An edit is a pair of codes that Medicare pays together only under conditions: column 1 is paid, column 2 is denied. It acts on lines of one patient, one practitioner and one day.",
        facts=tuple(facts),
        none=None if edits.ptp else NOT_LOADED.split(". ", maxsplit=1)[0] + ".",
        actions=Piece("edit_actions", actions()),
        modifiers=tuple(_modifiers(site)),
        rationales=tuple({say: (label, say) for label, say in reversed(table["rationales"].items()) if label != "unknown"}.values())[::-1],
        limits=tuple((_with_links(_unit_rule(kind), site), f"{kinds[kind]:,}") for kind in "123"),
        no_limit="A code without a published limit is not unlimited: some limits are confidential, and your MAC may have its own.",
        add_ons=tuple((_indicator(kind, table["add_on"][kind]), f"{types[kind]:,}") for kind in "123"),
        busiest=_busiest(site),
        chapters=Table("Chapters of the NCCI Policy Manual", ("Codes", "Chapter", "About"), tuple((f"{one['first']} to {one['last']}", one["chapter"], one["title"]) for one in table["chapters"] if "section" not in one)),
        crumbs=crumbs,
    )


def _busiest(site: SiteData) -> Table:
    """Return the codes with the most edits, each with the way to its page."""
    codes = [code for code in site.edits.busiest(_BUSIEST) if code in site.by_code]
    rows = []
    for code in codes:
        ones, twos = site.edits.counts(code)
        rows.append((code, name_of(site.by_code[code], site), f"{sum(ones.values()):,}", f"{sum(twos.values()):,}"))
    return Table("Codes with the most edits in force", ("Code", "Name", "As column 1", "As column 2"), tuple(rows), (2, 3), tuple(site.by_code[code].url for code in codes))
