"""The pages of modifiers: what each says and does to the payment, whether it bypasses an NCCI edit, on how many codes it can stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from medpayiq import rules
from medpayiq.cms.pprrvu import called
from medpayiq.days import long_date
from medpayiq.pages import seo
from medpayiq.pages.edit_models import ModifierGroup, ModifierLine, ModifierPage, ModifierRule, ModifiersPage
from medpayiq.pages.general_models import Table
from medpayiq.pages.hubs import count_words
from medpayiq.pages.models import Link, Source
from medpayiq.pages.naming import name_of
from medpayiq.pages.policy import each_source
from medpayiq.pages.site import SiteData
from medpayiq.pages.standing import Count, Standings
from medpayiq.pages.worked import common, worked

ROOT = "/modifiers/"
_CRUMBS = (Link("Home", "/"), Link("Modifiers", ROOT))
_ANATOMIC, _REPORTING = "anatomic", "reporting"
_LABELS = {_ANATOMIC: "Site of the body", _REPORTING: "Reporting, without a rule"}
_OF_ALL = {
    _ANATOMIC: "They change no payment. They tell one site from another.",
    _REPORTING: "They report a circumstance. No effect on the fee schedule amount is known.",
}
_CLOSED_LIST = ["cpm23 20.9.1.1"]
"""Where it is written which modifiers may bypass an edit, and that no other does."""
_ON_VISITS = {"only_on_visits": "It bypasses an edit only on the line of a visit.", "never_on_visits": "On a visit it counts as absent."}
_FEW = 6
"""Common codes that a page links to."""

# What a modifier does to the payment. A word in braces is a percentage of rules/percentages.yml, or a column in CMS's words;
# a modifier that is not here gets the answer that it always gets, or changes nothing.
_WORDS = {
    "26": "Medicare pays the professional part alone. CMS's file has a row of its own for it.",
    "TC": "Medicare pays the technical part alone. CMS's file has a row of its own for it. In a facility nothing is paid to you: the facility's own payment covers it.",
    "53": "Where CMS's file has a row with 53, Medicare pays that row. Elsewhere your MAC sets the price from the record.",
    "50": "{bilat} 1: Medicare allows {both_sides}% of one side. {bilat} 3: {two_sides}%, each side in full. {bilat} 2: the amount already holds for both sides. {bilat} 0: the rule does not apply, and one side is paid.",
    "54": "Medicare pays the shares of the global package for the care before the surgery and the surgery itself. CMS's file states the shares of each code.",
    "55": "Medicare pays the share of the global package for the care after the surgery, divided by days where more than one practitioner gives it. CMS's file states the share of each code.",
    "78": "Medicare pays the share of the operation itself, without the care before and after it. Neither the rule for both sides nor the ranking applies.",
    "80": "Medicare allows {assistant}% of the fee schedule amount.",
    "81": "Medicare allows {assistant}% of the fee schedule amount, as for 80.",
    "82": "Medicare allows {assistant}% of the fee schedule amount, as for 80.",
    "AS": "Medicare allows {assistant_as}% of the fee schedule amount: {npp}% of the {assistant}% that a physician gets.",
    "62": "Medicare allows each of the two surgeons {cosurgeon}% of the fee schedule amount. Where {cosurg} is 0 the first bill is paid in full and a later one denied.",
    "66": "Your MAC sets the price from the operative report. Where {team} is 0 the first bill is paid in full and a later one denied.",
    "CQ": "The allowed amount and the patient's share stay. Medicare's own payment is cut to {therapy_assistant}%.",
    "CO": "The allowed amount and the patient's share stay. Medicare's own payment is cut to {therapy_assistant}%.",
    "AA": "Base and time units are paid at {anesthesia_alone}%.",
    "QZ": "Base and time units are paid at {anesthesia_alone}%.",
    "AD": "Medicare pays three base units, whatever the procedure, and one time unit when you were present at induction.",
    "QK": "Base and time units are paid at {anesthesia_directed}%.",
    "QX": "Base and time units are paid at {anesthesia_directed}%.",
    "QY": "Base and time units are paid at {anesthesia_directed}%.",
    "FX": "The technical part is cut to {film}%. The reading is paid as it is.",
    "FY": "The technical part is cut to {computed_radiography}%. The reading is paid as it is.",
    "CT": "The technical part is cut to {ct_standard}%. The reading is paid as it is.",
    "PT": "The allowed amount stays. No deductible is taken, and Medicare's share is {screening_share}%.",
    "AQ": "The allowed amount stays. Medicare pays a bonus of {bonus}% of its payment apart, each quarter.",
}
_SAME = "Medicare pays the same with and without it."
_ANY = "No rule at hand ties it to certain codes: whether it fits is for you to say."
_LABORATORY = "Clinical laboratory tests, for which it is meant, are paid by another fee schedule and are not counted here."
_ON_VALUE: dict[tuple[str, ...], str] = {("50", "0"): "The rule for both sides does not apply to such a code: one side is paid."}
"""What becomes of a modifier where a column has a value, if a rule says it that refuses nothing."""
_LIMITS = {"90": _LABORATORY, "91": _LABORATORY, "QW": _LABORATORY}
_COLUMNS = {column: called(column) for column in ("bilat", "cosurg", "team")}
_THERAPY = f"The codes counted are those that CMS's file prices as therapy ({called('mult')} 5). CMS's own list of therapy codes is not at hand: some codes are therapy only under a plan of care, and take it too."

# Where the sites of the body are, by CMS's list of HCPCS Level II modifiers; it is not among the texts at hand.
_FINGERS = ("thumb", *(f"{digit} finger, the thumb being the first" for digit in ("second", "third", "fourth", "fifth")))
_TOES = ("great toe", *(f"{digit} toe, the great toe being the first" for digit in ("second", "third", "fourth", "fifth")))
_HANDS = {f"F{at or 'A'}": f"{'left' if at < 5 else 'right'} hand, {_FINGERS[at % 5]}" for at in range(10)}
_FEET = {f"T{at or 'A'}": f"{'left' if at < 5 else 'right'} foot, {_TOES[at % 5]}" for at in range(10)}
_EYES = {"E1": "upper left eyelid", "E2": "lower left eyelid", "E3": "upper right eyelid", "E4": "lower right eyelid"}
_HEART = {"LC": "left circumflex", "LD": "left anterior descending", "LM": "left main", "RC": "right", "RI": "ramus intermedius"}
_SITES = _HANDS | _FEET | _EYES | {name: f"{artery} coronary artery" for name, artery in _HEART.items()}


def url_of(name: str) -> str:
    """Return the address of a modifier's page."""
    return f"{ROOT}{name}/"


def names(site: SiteData) -> list[str]:
    """Return every modifier in force on the first day of the release, in the order of rules/modifiers.yml."""
    book = site.calculators.book
    return [*(name for name, one in book["modifiers"].items() if not one.get("late")), *book["anatomic"]["codes"], *book["reporting"]["codes"]]


def pages(site: SiteData) -> Iterator[tuple[str, ModifierPage | ModifiersPage]]:
    """Yield template and record of every page about modifiers."""
    standings = Standings(site)
    made = {name: _Modifier(name, site, standings) for name in names(site)}
    yield "modifiers", _index(made, site)
    for one in made.values():
        yield "modifier", one.page()


class _Modifier:
    """One modifier of the release."""

    def __init__(self, name: str, site: SiteData, standings: Standings) -> None:
        self.name, self._site, self._standings = name, site, standings
        self._book = standings.book
        kind = _ANATOMIC if name in self._book[_ANATOMIC]["codes"] else _REPORTING
        self.rule: Mapping[str, Any] = self._book["modifiers"].get(name) or self._book[kind]
        self.group: str = self.rule.get("group", kind)
        self.say: str = self.rule["say"].replace("{modifier}", name)
        if name in _SITES:
            self.say = f"Site of the body: {_SITES[name]}."
        self._dated = self._in_force()
        self.changes = self.rule.get("effect") == "changes"
        self._counts = standings.counts(name)
        self.number = sum(one.number for one in self._counts if one.outcome.stands)

    def page(self) -> ModifierPage:
        """Return its page."""
        name, site = self.name, self._site
        url = url_of(name)
        crumbs = (*_CRUMBS, Link(name, url))
        example = worked(name, self.group, self._standings, site)
        codes = [code for code in common(name, self.group) if (found := self._standings.on(name, code)) is not None and found.stands]
        if self.group == _REPORTING:
            codes = []
        elif not codes and example and self.number:
            codes = [example.code.label[:5]]
        on = f", worked out on {example.code.label[:5]}" if example else ""
        head = seo.head(
            site,
            title=seo.shorten(f"Modifier {name}, Medicare payment {site.year}: {self.say}", seo.LONGEST_TITLE),
            description=seo.shorten(f"Modifier {name}. {self.say} What it does to the Medicare payment{on}, whether it bypasses an NCCI edit, and on which codes it can stand, {site.period}.", 300),
            url=url,
            crumbs=crumbs,
            about={"@type": "DefinedTerm", "name": f"Modifier {name}", "termCode": name, "description": self.say, "inDefinedTermSet": f"{site.config.base_url}{ROOT}"},
        )
        edit, edit_sources = self._edit()
        return ModifierPage(
            head=head,
            name=name,
            say=self.say,
            facts=(
                ("Group", self.label()),
                ("In use", self._in_use()),
                ("Payment", "It changes what is paid" if self.changes else "No effect is known" if self.group == _REPORTING else "No effect on the allowed amount"),
                ("Codes it can stand on", self.reach()),
            ),
            sources=each_source(self.rule["sources"]),
            unverified="Not verified from a primary text." if self.rule["sources"] and (self._dated["checked"] == "secondary" or name in _SITES) else None,
            payment=self._payment(),
            worked=example,
            edit=edit,
            edit_sources=edit_sources,
            standing=self._table(),
            limits=self._limits(),
            common=tuple(Link(f"{code} {name_of(site.by_code[code], site)}", site.by_code[code].url) for code in codes[:_FEW]),
            beside=tuple(self._beside()),
            crumbs=crumbs,
        )

    def line(self) -> ModifierLine:
        """Return its line in the list of all."""
        about = ["Changes the payment." if self.changes else "Same payment."]
        if _kind_of_bypass(self.name):
            about.append("May bypass an NCCI edit.")
        about.append("Any code." if self.number == self._standings.total else f"{count_words(self.number)}." if self.number else "No code.")
        return ModifierLine(Link(self.name, url_of(self.name)), self.say, " ".join(about))

    def label(self) -> str:
        """Return the name of its group."""
        return _LABELS.get(self.group) or str(self._book["groups"][self.group])

    def reach(self) -> str:
        """Say on how many codes it can stand."""
        if self.number == self._standings.total:
            return f"all {self.number:,} priced codes"
        return f"{self.number:,} of {self._standings.total:,} priced codes" if self.number else "none"

    def _in_force(self) -> Mapping[str, Any]:
        """Return its entry as rules/modifiers.yml has it, with its days."""
        table = rules.read("modifiers")
        found = table["modifiers"].get(self.name) or table[self.group]
        day = self._site.snapshot.meta.effective_from
        entry: Mapping[str, Any] = next(row for row in (found if isinstance(found, list) else [found]) if row.get("from", table["since"]) <= day <= row.get("to", "9999-12-31"))
        return entry

    def _in_use(self) -> str:
        """Say since when and until when it is in use, as far as it is dated."""
        one = self._dated
        since = f"Since {long_date(one['from'])}" if "from" in one else f"Since before {long_date(rules.read('modifiers')['since'])}"
        return since + (f", until {long_date(one['to'])}" if "to" in one else "")

    def _limits(self) -> str | None:
        """Say what the count of codes cannot say."""
        if self.group == "therapy":
            return _THERAPY
        everywhere = self.number == self._standings.total and "answer" not in self.rule
        return _LIMITS.get(self.name) or (_ANY if everywhere else None)

    def _payment(self) -> tuple[str, ...]:
        """Say what it does to the payment."""
        words = _WORDS.get(self.name)
        if words is not None:
            return (words.format_map(self._book["percentages"] | _COLUMNS),)
        if not self.changes:
            return () if self.group == _REPORTING else (_SAME,)  # of the others its own sentence says it
        answers = self._book["refusals"] | self._book["conditions"]
        return (answers[self.rule["answer"]]["say"].replace("{modifier}", self.name),) if "answer" in self.rule else ()

    def _edit(self) -> tuple[tuple[str, ...], tuple[Source, ...]]:
        """Say whether it bypasses an NCCI edit, when it fits, and what the record must show."""
        table = rules.read("ncci")
        kind = _kind_of_bypass(self.name)
        if kind is None:
            say = "It never bypasses an NCCI edit: it is not one of the modifiers that CMS accepts for that."
            return (say,), each_source(_CLOSED_LIST)
        entry = table["modifiers"]["anatomic" if kind == "anatomic" else self.name]
        says = ["It may bypass an NCCI edit with modifier indicator 1, never one with indicator 0.", entry["fits"], entry["record"]]
        says += [say for part, say in _ON_VISITS.items() if self.name in table["bypass"][part]]
        return tuple(says), each_source(list(dict.fromkeys((*entry["sources"], *_CLOSED_LIST))))

    def _table(self) -> Table:
        """Return what becomes of it on the codes of the release."""
        column = self.rule.get("by", "")
        head = ("Codes", *([called(column)] if column else []), "What becomes of it")
        rows = tuple((f"{one.number:,}", *([", ".join(one.values)] if column else []), self._becomes(one)) for one in self._counts)
        return Table(f"Modifier {self.name} on the priced codes", head, rows, (0,))

    def _becomes(self, count: Count) -> str:
        said = _ON_VALUE.get((self.name, *count.values), count.outcome.say)
        if said:
            return said
        return "It acts on the payment, as said above." if self.changes else "It can stand; the amount is the same."

    def _beside(self) -> Iterator[ModifierRule]:
        """Yield what it needs beside it, and what it excludes."""
        refusals, name = self._book["refusals"], self.name
        if "needs" in self.rule:
            yield ModifierRule("Needs", refusals[self.rule["missing"]]["say"], tuple(Link(one, url_of(one)) for one in self.rule["needs"]))
        for pair in self._book["refused"]:
            among, others = pair["among"], pair.get("with", pair["among"])
            apart = pair.get("except", [])
            for own, against, first in ((among, others, True), (others, among, False)):
                if name not in own or ("with" not in pair and not first):
                    continue
                found = [one for one in against if one != name and [name, one] not in apart and [one, name] not in apart]
                listed = " or ".join(found)
                one, other = (name, listed) if first else (listed, name)
                yield ModifierRule("Excludes", refusals[pair["answer"]]["say"].replace("{modifier}", one).replace("{other}", other), tuple(Link(at, url_of(at)) for at in found))


def _kind_of_bypass(name: str) -> str | None:
    """Say by which part of the list a modifier may bypass an edit; None where it never does."""
    return next((kind for kind in ("anatomic", "global", "other") if name in rules.read("ncci")["bypass"][kind]), None)


def _index(made: Mapping[str, _Modifier], site: SiteData) -> ModifiersPage:
    """Return the list of all, by group."""
    book = site.calculators.book
    groups = []
    for key in (*book["groups"], _ANATOMIC, _REPORTING):
        ones = [one for one in made.values() if one.group == key]
        if not ones:
            continue
        short = key == _REPORTING
        lines = () if short else tuple(one.line() for one in ones)
        links = tuple(Link(one.name, url_of(one.name)) for one in ones) if short else ()
        groups.append(ModifierGroup(key.replace("_", "-"), ones[0].label(), _OF_ALL.get(key), lines, links))
    head = seo.head(
        site,
        title=f"Modifiers on Medicare claims {site.year}: what each one pays",
        description=f"{len(made)} modifiers of professional claims: what each says, what it does to the Medicare payment, whether it bypasses an NCCI edit, on how many codes it can stand, {site.period}.",
        url=ROOT,
        crumbs=_CRUMBS,
        kind="CollectionPage",
    )
    lead = f"{len(made)} modifiers, with what each does to the payment in {site.snapshot.meta.release}, {site.period}. Codes are counted among those that this release prices, anesthesia by time included."
    return ModifiersPage(head, lead, tuple(groups), _CRUMBS)
