"""On which codes of a release each modifier can stand, as the engine says, asked once for codes that are alike to it.

The engine looks at a modifier only where it has an amount to work on. So the codes that count here are those it can price:
one of their rows has an amount, or they are anesthesia.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

from medpayiq.cms.records import Service
from medpayiq.facts import SnapshotFacts
from medpayiq.pages.asking import REFUSED, answers, beside, line_of, place_of, signature
from medpayiq.pages.entries import Entry
from medpayiq.pages.site import SiteData
from medpayiq.payment import reading
from medpayiq.payment.admission import RULE_OFF, admit
from medpayiq.payment.model import Book, Circumstances, Place, Refusal

_NOTHING = "Not refused on such a code; no rule here gives it a meaning there."
_EVERYWHERE = frozenset({"report", "coverage", None})
"""Groups whose modifiers mean the same on every code; None: sites of the body, and what has no entry of its own."""
_OWN = frozenset({"by", "list", "never", "answer", "needs", "share", "offer"})
"""Keys of an entry by which a modifier is not like its neighbours."""


class Outcome(NamedTuple):
    """What becomes of a modifier on a code."""

    result: str
    """A result of the payment spec, section 0: ``AMOUNT`` where it simply stands; ``REMARK`` where the engine remarks on it; blank where it says nothing."""
    say: str
    """Why, where it is not that simple; of a code that is not named."""
    stands: bool
    """It has its place on the code: it acts or says something there, the MAC sets a price by it, or it denies the line by itself."""


class Count(NamedTuple):
    """Codes of one outcome."""

    outcome: Outcome
    values: tuple[str, ...]
    """Values of the column that decides; empty where none does."""
    number: int


class Nation:
    """A release as the engine asks for it, without its localities' rows being sorted once more."""

    def __init__(self, site: SiteData) -> None:
        self._by_code = site.by_code
        self._place = SnapshotFacts(site.snapshot).place

    def rows(self, code: str) -> Mapping[str, Service]:
        """Rows of a code by modifier; empty for a code that is not in the release."""
        entry = self._by_code.get(code)
        return {} if entry is None else entry.rows

    def place(self, locality: str) -> Place | None:
        """Return a place by ``carrier/locality``."""
        return self._place(locality)


class _Alike(NamedTuple):
    """Codes that the engine cannot tell apart when it admits a modifier."""

    entry: Entry
    """The first of them."""
    rows: tuple[Any, ...]
    lists: frozenset[str]
    number: int


class Standings:
    """Every modifier on every code of one release."""

    def __init__(self, site: SiteData) -> None:
        self.book: Book = site.calculators.book
        self._means = site.calculators.means_something
        self.facts = Nation(site)
        groups: dict[tuple[Any, ...], list[Entry]] = defaultdict(list)
        lists, nothing = site.calculators.lists, frozenset[str]()
        for entry in site.entries:
            if answers(entry):
                row = entry.shown
                groups[*signature(entry), row.glob, row.bilat, row.asst, row.cosurg, row.team, lists.get(entry.code, nothing)].append(entry)
        self._alike = [_Alike(found[0], key[0], key[-1], len(found)) for key, found in groups.items()]
        self._group_of = {entry.code: at for at, found in enumerate(groups.values()) for entry in found}
        self.total = len(self._group_of)
        self._known: dict[str, list[Outcome]] = {}
        self._circumstances: dict[str, Circumstances] = {}

    def counts(self, name: str) -> list[Count]:
        """Return the outcomes of a modifier with their number of codes, those where it stands first, then the most."""
        column = self._rule(name).get("by", "")
        numbers: dict[Outcome, int] = defaultdict(int)
        values: dict[Outcome, set[str]] = defaultdict(set)
        for one, outcome in zip(self._alike, self._outcomes(name), strict=True):
            numbers[outcome] += one.number
            if column:
                values[outcome].add(getattr(one.entry.shown, column))
        made = [Count(outcome, tuple(sorted(values[outcome])), number) for outcome, number in numbers.items()]
        return sorted(made, key=lambda one: (not one.outcome.stands, -one.number, one.outcome))

    def on(self, name: str, code: str) -> Outcome | None:
        """Return what becomes of a modifier on a code; None for a code without an amount."""
        at = self._group_of.get(code)
        return None if at is None else self._outcomes(name)[at]

    def first(self, name: str, result: str | None = None) -> str | None:
        """Return the first code of the release on which a modifier stands, with this result where one is named."""
        codes = (one.entry.code for one, outcome in zip(self._alike, self._outcomes(name), strict=True) if outcome.stands and result in {None, outcome.result})
        return min(codes, default=None)

    def any(self) -> str | None:
        """Return the first code that the engine can price."""
        return min((one.entry.code for one in self._alike), default=None)

    def _rule(self, name: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.book["modifiers"].get(name, {})
        return found

    def _outcomes(self, name: str) -> list[Outcome]:
        """Return the outcome for each kind of code. Modifiers without a rule of their own have all the same."""
        found = self._known.get(name)
        if found is None:
            one = self._rule(name)
            offered = isinstance(one.get("offer"), str)
            plain = one.get("group") in _EVERYWHERE and not offered and not one.keys() & _OWN - {"offer"}
            key = "" if plain else name
            found = self._known[key] = self._known[name] = self._known.get(key) or self._ask_all(name, one)
        return found

    def _ask_all(self, name: str, one: Mapping[str, Any]) -> list[Outcome]:
        """Ask for each kind of code; of a kind only what this modifier rests on matters."""
        column, listed = one.get("by"), bool(one.keys() & {"by", "list", "never"}) or one.get("group") == "therapy"
        only = one.get("offer")
        asked: dict[tuple[Any, ...], Outcome] = {}
        made = []
        for alike in self._alike:
            row = alike.entry.main
            key = alike.rows, row.mult == "5", column and getattr(alike.entry.shown, column), listed and alike.lists, bool(row.pre + row.intra + row.post), place_of(alike.entry)
            outcome = asked.get(key)
            if outcome is None:
                outcome = asked[key] = self._ask(name, one, alike.entry)
            meant = not one or (self._means(name, one, alike.entry) and (not isinstance(only, str) or only in alike.lists))
            made.append(outcome if meant or not outcome.stands else Outcome("", outcome.say if outcome.result == "REMARK" else _NOTHING, stands=False))
        return made

    def _ask(self, name: str, one: Mapping[str, Any], entry: Entry) -> Outcome:
        """Ask the engine whether a modifier can stand on a code."""
        line = reading.line(1, line_of(entry.code, (name, *beside(name, entry, self.book))))
        assert not isinstance(line, Refusal)  # noqa: S101 - both come from our own tables
        found = admit(line, self._where(place_of(entry)), self.facts, self.book)
        refusal = found if isinstance(found, Refusal) else found.refused
        if refusal is not None:
            answer = self.book["refusals"][refusal.answer]
            always = refusal.answer == one.get("answer") and answer["result"] not in REFUSED
            return Outcome(answer["result"], unnamed(answer["say"], refusal.modifier, refusal.other), always or answer["result"] == "NO_NATIONAL_RULE")
        assert not isinstance(found, Refusal)  # noqa: S101 - it is no refusal
        if found.conditions:
            return Outcome("CONDITIONAL", " ".join(unnamed(self.book["conditions"][of]["say"]) for of in found.conditions), stands=RULE_OFF not in found.conditions)
        notes = [unnamed(self.book["notes"][of.note]["say"], of.modifier, of.other) for of in found.notes if of.modifier == name]
        return Outcome("REMARK" if notes else "AMOUNT", " ".join(notes), stands=True)

    def _where(self, pos: str) -> Circumstances:
        found = self._circumstances.get(pos)
        if found is None:
            made = reading.circumstances({"pos": pos, "locality": reading.NATION, "factor": next(iter(self.book["factors"]))}, self.facts, self.book)
            assert not isinstance(made, Refusal)  # noqa: S101 - the place is one that calculators begin with
            found = self._circumstances[pos] = made
        return found


def unnamed(say: str, modifier: str = "", other: str = "") -> str:
    """Fill a sentence of rules/answers.yml for codes that are not named one by one."""
    say = say.replace("{code}", "such a code").replace("{modifier}", modifier).replace("{other}", other)
    return say[:1].upper() + say[1:]
