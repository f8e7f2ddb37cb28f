"""The calculator of a code page: which modifiers it offers, what it starts from, the facts it carries, and its table for readers without a script.

The engine itself says which modifiers a code admits, once for all codes that are alike to it. Of those it admits, the
calculator offers the ones that mean something for such a code; every other one can be typed in, and gets the engine's answer.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import orjson
from markupsafe import Markup, escape

from medpayiq.cms.records import Service
from medpayiq.cms.snapshot import Snapshot
from medpayiq.pages.asking import REFUSED, beside, claim_of, place_of, priced_parts, signature
from medpayiq.pages.entries import Entry
from medpayiq.pages.inline import script_safe
from medpayiq.pages.models import Calculator, Choice, ChoiceGroup, ModifierAmount, ModifierChoices, Piece
from medpayiq.pages.policy import SURGEONS, helpers_bear, is_surgery
from medpayiq.payment.admission import DISCIPLINES, column_answer, pays_percentage
from medpayiq.payment.amount import NATIONAL, is_priced
from medpayiq.payment.claim import price_claim
from medpayiq.payment.model import Book, Place
from medpayiq.payment.money import dollars
from medpayiq.payment.reading import NATION
from medpayiq.payment.shares import Shares
from medpayiq.rulebook import packed, rulebook

_RETURNS = ("58", "79")
_GROUP_HAS_SPLIT = frozenset({"010", "090"})
"""Global periods whose package 54 and 55 can share."""

_WORDS = {
    "26": "Professional part: the reading alone",
    "TC": "Technical part: equipment and staff",
    "53": "Stopped before the end",
    "50": "Both sides, one line",
    "54": "Surgery alone, another takes over the care",
    "55": "All days of care after the surgery",
    "78": "Return to the operating room",
    "80, 81, 82": "Physician assisting",
    "AS": "PA, NP or CNS assisting",
    "62": "Each of two surgeons",
}
_HELPERS = {"80, 81, 82": "assistant", "AS": "assistant_as", "62": "cosurgeon"}
"""Who helps at a surgery, with the name of the amount (medpayiq/payment/shares.py)."""
_DOCUMENTS = ", with documents alone"


@dataclass(frozen=True)
class _One:
    """One code's rows as the engine asks for facts, in the nation."""

    entry: Entry
    anesthesia: Mapping[str, int]

    def rows(self, code: str) -> Mapping[str, Service]:
        return self.entry.rows if code == self.entry.code else {}

    def place(self, locality: str) -> Place | None:
        return Place(NATIONAL, self.anesthesia) if locality == NATION else None


class Calculators:
    """The calculators of one release."""

    def __init__(self, snapshot: Snapshot, by_code: Mapping[str, Entry], older: Iterable[str] = ()) -> None:
        """Take the release, and the codes of older ones; the rule book is that of its first day."""
        self._by_code = by_code
        self._codes = sorted({*by_code, *older})
        self._rbcs = snapshot.rbcs
        self.book: Book = rulebook(snapshot.meta.effective_from)
        self._whole: dict[tuple[Any, ...], Piece] = {}
        self._offered: dict[tuple[Any, ...], tuple[str, ...]] = {}
        self._admitted: dict[tuple[Any, ...], bool] = {}

    def calculator(self, entry: Entry, facts: Entry | None, past: str | None) -> Calculator:
        """Return a code's calculator.

        It offers what means something for ``entry``, one with an amount. ``facts`` is the code's entry in the newest release,
        which may have no amount today, or not have the code any more; ``past`` the address of its rows in the older ones.
        """
        place = self.book["places"][place_of(entry)]["name"]
        key = self._kind(entry)
        choices = self._whole.get(key)
        if choices is None:
            choices = self._whole[key] = Piece("choices", ModifierChoices(tuple(self._groups(entry))))
        return Calculator(f"{place_of(entry)} {place}", entry.main.status == "J", choices, script_safe(orjson.dumps({} if facts is None else self.facts(facts)).decode()), past)

    def facts(self, entry: Entry) -> dict[str, dict[str, list[str | int]]]:
        """Return the rows that the engine needs: the code's own, its endoscopic base's, those of a whole test's parts."""
        codes = [entry.code]
        if entry.main.mult == "3" and entry.main.endo_base in self._by_code:
            codes.append(entry.main.endo_base)
        whole = self.book["whole_tests"].get(entry.code)
        if whole is not None:
            codes += [code for part in whole.values() for code in part if code in self._by_code]
        return {code: {modifier: packed(row) for modifier, row in self._by_code[code].rows.items()} for code in dict.fromkeys(codes)}

    def offered(self, entry: Entry) -> tuple[str, ...]:
        """Return the modifiers a calculator offers for a code, in the order of rules/modifiers.yml."""
        key = self._kind(entry)
        found = self._offered.get(key)
        if found is None:
            found = self._offered[key] = tuple(self._offers(entry))
        return found

    def _kind(self, entry: Entry) -> tuple[Any, ...]:
        """Return what a calculator's choices rest on: most codes with an amount are of a kind with others."""
        return (*signature(entry), self.lists.get(entry.code), self._speech(entry))

    def _offers(self, entry: Entry) -> Iterator[str]:
        book = self.book
        facts = _One(entry, dict.fromkeys(book["factors"], 20_000_000))
        lists = {True, *self.lists.get(entry.code, ())}
        asked = (name for name, one in book["modifiers"].items() if one.get("offer", True) in lists and not one.get("late") and self.means_something(name, one, entry))
        return (name for name in asked if self._admits(name, entry, facts))

    def preset(self, entry: Entry, offered: Iterable[str]) -> tuple[str, str] | None:
        """Return the modifier that is set from the start, and why."""
        if entry.reading_alone:
            return "26", "Only the reading has a national price: 26 is set."
        if entry.main.mult != "5":
            return None
        if self._speech(entry) and "GN" in offered:
            return "GN", "A therapy line names its plan of care: GN, since CMS classes this under speech therapy, until you choose another."
        first = next((one for one in DISCIPLINES if one in offered), None)
        return None if first is None else (first, f"A therapy line names its plan of care: {first} until you choose another.")

    def _speech(self, entry: Entry) -> bool:
        found = self._rbcs.get(entry.code) if entry.main.mult == "5" else None
        return found is not None and found.family == "Speech Therapy"

    def _groups(self, entry: Entry) -> Iterator[ChoiceGroup]:
        offered = self.offered(entry)
        preset = self.preset(entry, offered)
        for key, label in self.book["groups"].items():
            names = [name for name in offered if self.book["modifiers"][name]["group"] == key]
            if not names:
                continue
            ones = [self.book["modifiers"][name] for name in names]
            choices = tuple(Choice(name, one["say"], name in DISCIPLINES, preset is not None and name == preset[0]) for name, one in zip(names, ones, strict=True))
            note = preset[1] if preset is not None and preset[0] in names else None
            yield ChoiceGroup(label, choices, note, folded=key == "relation", days="55" in names, induction="AD" in names)

    def _admits(self, name: str, entry: Entry, facts: _One) -> bool:
        """Say whether the modifier can stand on the code; codes that are alike in what this rests on are asked for once."""
        one, row = self.book["modifiers"][name], entry.main
        listed = self.lists.get(entry.code) if "list" in one or "never" in one or one["group"] == "therapy" else None
        alike = name, priced_parts(entry), row.mult == "5", getattr(row, one["by"]) if "by" in one else "", listed, row.pre + row.intra + row.post > 0
        found = self._admitted.get(alike)
        if found is None:
            found = self._admitted[alike] = self._ask(name, entry, facts)
        return found

    def _ask(self, name: str, entry: Entry, facts: _One) -> bool:
        """Ask the engine whether the modifier can stand on the code, beside what it needs there."""
        claim = claim_of(entry, (name, *beside(name, entry, self.book)), self.book)
        return price_claim(claim, facts, self.book)[0].result not in REFUSED

    def means_something(self, name: str, one: Mapping[str, Any], entry: Entry) -> bool:
        """Leave out what can stand on a line of this kind of service and says nothing there."""
        row, group = entry.main, one["group"]
        lists = self.lists.get(entry.code, frozenset())
        visit, surgical = "visits" in lists, is_surgery(row)
        if name == "47":  # the surgeon's own line
            return surgical
        if group in {"therapy", "anesthesia"}:
            return row.mult == "5" if group == "therapy" else row.status == "J"
        if group == "visit":
            return visit
        if one.get("by") in SURGEONS:
            return helpers_bear(row, one["by"])
        if group == "side":
            return row.bilat in {"1", "2", "3"}
        if name == "56":
            return row.glob in _GROUP_HAS_SPLIT
        if name in _RETURNS:
            return surgical
        return not (visit and (name == "53" or group == "relation")) and not (row.status == "J" and group == "relation")

    @cached_property
    def lists(self) -> dict[str, frozenset[str]]:
        """Code to the lists of rules/lists.yml that hold it."""
        made: dict[str, set[str]] = {}
        codes = self._codes
        for name, ranges in self.book["lists"].items():
            for one in ranges:
                for code in codes[bisect_left(codes, one[0]) : bisect_right(codes, one[-1])]:
                    made.setdefault(code, set()).add(name)
        return {code: frozenset(names) for code, names in made.items()}


def modifier_amounts(entry: Entry, named: Shares, book: Book) -> tuple[ModifierAmount, ...]:
    """Return the national amounts of a code's modifiers and of its place among the day's services."""
    made = []
    for label, what, name in _named(entry, book):
        pair = named.get(name)
        if pair:
            office, facility = ("not paid" if cents is None else dollars(cents) for cents in pair)
            made.append(ModifierAmount(_linked(label), what, office, facility))
    return tuple(made)


@cache
def _linked(label: str) -> Markup:
    """Return the label of a row, each modifier in it a link to its page."""
    parts = (Markup('<a href="/modifiers/{0}/">{0}</a>').format(one) if label in _WORDS else escape(one) for one in label.split(", "))
    return Markup(", ").join(parts)


def _named(entry: Entry, book: Book) -> Iterator[tuple[str, str, str]]:
    """Yield modifier, what it is and the name of its amount (medpayiq/payment/shares.py)."""
    main = entry.main

    def row(label: str, name: str, more: str = "") -> tuple[str, str, str]:
        return label, _WORDS[label] + more, name

    for modifier, name in (("26", "professional"), ("TC", "technical"), ("53", "discontinued")):
        if modifier in entry.rows:
            yield row(modifier, name)
    if not is_priced(main):
        return
    if main.bilat in {"1", "3"}:
        yield row("50", "both_sides" if main.bilat == "1" else "two_sides")
    if main.glob in _GROUP_HAS_SPLIT:
        yield row("54", "surgery_only")
        yield row("55", "after_only")
    if main.glob in _GROUP_HAS_SPLIT or main.glob == "000":
        yield row("78", "return_only")
    for label, name in _HELPERS.items():
        modifier = label.partition(",")[0]
        if helpers_bear(main, book["modifiers"][modifier]["by"]) and pays_percentage(modifier, main, book):
            yield row(label, name, _DOCUMENTS if column_answer(modifier, main, book) else "")
    if main.mult == "2":
        yield "2nd of the day", f"Second to fifth procedure, {book['percentages']['second_procedure']}%", "second_procedure"
    if main.mult == "3":
        yield "2nd of the day", f"Beside a dearer endoscopy of its family: what it exceeds {main.endo_base} by", "endo_difference"
    if main.mult == "5":
        yield "Later unit", "Every therapy unit of the day after the first", "reduced_unit"
