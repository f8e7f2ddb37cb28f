"""Puts the toolkit of each specialty together: its codes, triggers, modifiers, weightiest edits, and what must be said beside them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from medpayiq import rules
from medpayiq.pages.entries import Entry
from medpayiq.pages.naming import open_name
from medpayiq.pages.notices import notices
from medpayiq.pages.policy import is_surgery, sources_of
from medpayiq.pages.site import SiteData
from medpayiq.pages.verdict import status_of
from medpayiq.toolkit.models import Action, CodeLine, Pair, Toolkit
from medpayiq.toolkit.pitfalls import Pitfalls, beside, bypass
from medpayiq.toolkit.specialties import ALL, Specialties, Specialty
from medpayiq.toolkit.triggers import Triggers
from medpayiq.toolkit.weighing import Conflict, Tally, weightiest

NAME = "Revenue Protection Toolkit"
_PER = {"1": "line", "2": "day, by policy", "3": "day, clinical"}
_TABLES = ("services", "ptp", "mue", "aoc", "rbcs")


def named(kinds: Specialties, tallies: dict[str, Tally], *, sample: bool) -> list[Specialty]:
    """Return what has files of its own, all specialties first: those with enough edits in force (rules/toolkit.yml).

    In the embedded sample a specialty has a few of its codes alone: there is one set of files, of all.
    """
    fewest = int(rules.read("toolkit")["fewest"])
    return [one for slug, one in kinds.by_slug.items() if slug == ALL or (not sample and tallies[slug].all >= fewest)]


class Contents:
    """The toolkits of a release. What all of them share is worked out once."""

    def __init__(self, site: SiteData, kinds: Specialties, tallies: dict[str, Tally]) -> None:
        """Take the release, its specialties and their numbers of edits."""
        self._site, self._tallies = site, tallies
        self._triggers, self._pitfalls = Triggers(site), Pitfalls(site)
        self._weightiest = weightiest(site, kinds)
        self._lines = {entry.code: self._line(entry) for entry in site.entries}

    def of(self, kind: Specialty) -> Toolkit:
        """Return the toolkit of a specialty."""
        site = self._site
        meta = site.snapshot.meta
        pitfalls, nowhere = self._pitfalls.of(kind.entries)
        tally = self._tallies[kind.slug]
        return Toolkit(
            slug=kind.slug,
            name=kind.name,
            title=f"{NAME}: {kind.name}",
            site=f"{site.config.name}, {site.config.base_url}/toolkit/",
            release=f"{meta.release}, {site.period}",
            facts=tuple(self._facts(kind, tally)),
            notes=self._notes,
            legal=notices(site.config),
            lines=tuple(self._lines[entry.code] for entry in kind.entries),
            triggers=self._triggers.of(kind.entries),
            pitfalls=pitfalls,
            never=(", ".join(nowhere), "They are refused on every code of this specialty that has an amount, or mean nothing there."),
            beside=tuple(beside(site.calculators.book)),
            bypass=tuple(bypass()),
            actions=tuple(Action(number, one["label"], one["say"], one["do"], tuple(source.label for source in sources_of(one["sources"]))) for number, one in rules.read("ncci")["indicators"].items() if number in {"0", "1"}),
            pairs=tuple(self._pair(rank, one) for rank, one in enumerate(self._weightiest[kind.slug], 1)),
        )

    def _facts(self, kind: Specialty, tally: Tally) -> Iterator[tuple[str, str]]:
        """Yield what the front of each file says in figures."""
        edits, meta = self._site.edits, self._site.snapshot.meta
        if meta.sample:
            yield "Sample", f"{len(self._site.entries):,} codes of {meta.release}, and edits between them alone"
        yield "Release", f"{meta.release}, {self._site.period}"
        if edits.ptp:
            yield "NCCI edit set", str(edits.ptp)
        if edits.mue:
            yield "Unit limits (MUE)", str(edits.mue)
        if edits.aoc:
            yield "Add-on codes", str(edits.aoc)
        yield "Codes", f"{len(kind.entries):,}"
        yield "Edits in force", f"{tally.all:,} with a code of it on either side" if kind.slug != ALL else f"{tally.all:,}"
        yield "No modifier bypasses", f"{tally.never:,}"
        yield "A modifier may bypass", f"{tally.may:,}"

    @cached_property
    def _notes(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        site = self._site
        table = rules.read("toolkit")
        main = "non-QP, " if site.factor_qp else ""
        how = (
            "It is about Original Medicare's physician fee schedule, one patient, one practitioner, one day. Other payers have rules of their own.",
            f"Amounts are national, {main}before deductible, coinsurance and sequestration. Of a test of which only the reading is priced it is the reading's (26).",
            "An edit is a pair: column 1 is paid, column 2 is denied. In force means on some day of the edit set's quarter.",
            "Titles are in our own words where we have written one, else CMS's text of a Level II code, or CMS's RBCS class of the code. They are not descriptors: code from the code book, not from a title.",
            "A dash between two codes stands for every code of the release from the one to the other.",
            "Specialties are the subcategories of RBCS, CMS's classification of codes. It says what a code is, not who may bill it.",
            "Before you bill, look at the code's page on the site: it has what is not in here, such as coverage and your locality's amount.",
        )
        files = tuple(dict.fromkeys(f"CMS, {one.file}" for wanted in _TABLES for one in site.snapshot.meta.sources if one.table == wanted))
        return (
            ("How to read it", how),
            ("Which conflicts are shown, and in which order", tuple(text.format(**table) for text in table["rule"])),
            ("Made from", (*files, "What each status, indicator and modifier means: the manuals that are named beside it.")),
            ("License", ("Texts of this file: CC BY 4.0. CMS's figures and Level II texts are works of the United States government.", *notices(site.config), "Typeface of the PDF: Libertinus Serif, SIL Open Font License 1.1.")),
        )

    def _line(self, entry: Entry) -> CodeLine:
        site, main = self._site, entry.main
        office, facility = site.prices(entry.shown, site.factor)
        limit = site.edits.limit(entry.code) if site.edits.mue else None
        _, twos = site.edits.counts(entry.code)
        surgical = is_surgery(main)
        return CodeLine(
            entry.code,
            open_name(entry, site),
            status_of(entry, site)["verdict"],
            office.cents,
            facility.cents,
            main.glob,
            limit.units if limit else None,
            _PER[limit.indicator] if limit else "",
            "yes" if site.edits.primaries(entry.code) else "",
            entry.shown.na_nonfacility,
            entry.shown.na_facility,
            *((main.bilat, main.asst, main.cosurg, main.team) if surgical else ("", "", "", "")),
            twos.get("0", 0),
            twos.get("1", 0),
        )

    def _pair(self, rank: int, one: Conflict) -> Pair:
        by_code, site = self._site.by_code, self._site
        return Pair(rank, one.column1, open_name(by_code[one.column1], site), one.column2, open_name(by_code[one.column2], site), one.cents, one.indicator)
