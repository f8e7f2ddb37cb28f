"""Where modifiers are refused or held to a condition on the codes of a specialty, as the payment engine says, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any

from medpayiq import rules
from medpayiq.cms.pprrvu import called
from medpayiq.pages.entries import Entry
from medpayiq.pages.policy import sources_of
from medpayiq.pages.site import SiteData
from medpayiq.pages.standing import Outcome, Standings, unnamed
from medpayiq.toolkit.models import Beside, Bypass, Pitfall, Standing

_FIRST_59 = ("59",)
_code = attrgetter("code")


class _Kinds(Standings):
    """Standings that tell which codes are alike in every outcome."""

    def kind(self, code: str) -> int | None:
        """Return the number of a code's kind; None for a code without an amount."""
        return self._group_of.get(code)


class Pitfalls:
    """The modifiers of a release: asked once a kind of codes, gathered for any set of codes."""

    def __init__(self, site: SiteData) -> None:
        """Take the release."""
        self._standings = _Kinds(site)
        self._book = self._standings.book
        self.names = [name for name, one in self._book["modifiers"].items() if not one.get("late")]

    def of(self, entries: Iterable[Entry]) -> tuple[tuple[Pitfall, ...], tuple[str, ...]]:
        """Return the modifiers that stand on some of the codes and are refused or held to a condition on some; and those that stand on none.

        ``entries`` are in order of their codes.
        """
        kinds: dict[int, list[Entry]] = defaultdict(list)
        for entry in entries:
            if (kind := self._standings.kind(entry.code)) is not None:
                kinds[kind].append(entry)
        made: list[Pitfall] = []
        nowhere: list[str] = []
        merged: dict[tuple[int, ...], list[Entry]] = {}
        for name in self.names:
            found: dict[Outcome, list[int]] = defaultdict(list)
            for kind, ones in kinds.items():
                outcome = self._standings.on(name, ones[0].code)
                if outcome is not None:
                    found[outcome].append(kind)
            numbers = {outcome: sum(len(kinds[kind]) for kind in alike) for outcome, alike in found.items()}
            stands = sum(number for outcome, number in numbers.items() if outcome.stands)
            if not stands:
                nowhere.append(name)
                continue
            told = []
            for outcome, alike in sorted(found.items(), key=lambda one: (one[0].stands, -numbers[one[0]], one[0])):
                if outcome.result == "CONDITIONAL" or (outcome.result and not outcome.stands):
                    key = tuple(alike)
                    if key not in merged:
                        merged[key] = sorted((entry for kind in alike for entry in kinds[kind]), key=_code)
                    told.append(self._standing(name, outcome, merged[key]))
            if told:
                rule = self._book["modifiers"][name]
                made.append(Pitfall(name, rule["say"], stands, tuple(told), tuple(one.label for one in sources_of(rule["sources"]))))
        return tuple(made), tuple(nowhere) if kinds else ()

    def _standing(self, name: str, outcome: Outcome, ones: list[Entry]) -> Standing:
        column = self._book["modifiers"][name].get("by", "")
        values = sorted({getattr(one.main, column) for one in ones}) if column else []
        return Standing(not outcome.stands, f"{called(column)} {', '.join(values)}" if column else "", outcome.say or "It can stand; the amount is the same.", tuple(one.code for one in ones))


def beside(book: Any) -> Iterator[Beside]:
    """Yield modifiers that refuse each other on one line, then those that need another beside them (rules/modifiers.yml)."""
    refusals = book["refusals"]
    for pair in book["refused"]:
        among, others = pair["among"], pair.get("with")
        words = f"{', '.join(among)} with {', '.join(others)}" if others else ", ".join(among)
        one, other = (_either(among), _either(others)) if others else ("one of them", "another")
        yield Beside(words, unnamed(refusals[pair["answer"]]["say"], one, other))
    needing: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, one in book["modifiers"].items():
        if "needs" in one and not one.get("late"):
            needing[refusals[one["missing"]]["say"], ", ".join(one["needs"])].append(name)
    for (say, needs), names in needing.items():
        yield Beside(f"{', '.join(names)} needs {needs}", unnamed(say.replace("{modifier}", ", ".join(names))))


def _either(names: list[str]) -> str:
    """``80, 81 or 82``."""
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def bypass() -> Iterator[Bypass]:
    """Yield the modifiers that may bypass an edit, those that say more than 59 before it (rules/ncci.yml)."""
    table = rules.read("ncci")
    named, lists = table["modifiers"], table["bypass"]
    yield Bypass("Sites", f"{named['anatomic']['fits']} {', '.join(lists['anatomic'])}.", named["anatomic"]["record"])
    names = [*(one for one in lists["never_on_visits"] if one not in _FIRST_59), *_FIRST_59]
    for name in dict.fromkeys((*names, *lists["global"], *lists["other"])):
        yield Bypass(name, named[name]["fits"], named[name]["record"])
