"""What makes a line denied, worked out from the same tables as the code pages: status, setting, unit limit, global period, indicators, add-on rules."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

from medpayiq import rules
from medpayiq.cms.aoc import CONTRACTOR
from medpayiq.cms.pprrvu import called
from medpayiq.pages.entries import Entry
from medpayiq.pages.policy import FACILITY_COSTS, RULED, column_of, is_surgery, sources_of, with_percentages
from medpayiq.pages.site import SiteData
from medpayiq.pages.standing import unnamed
from medpayiq.pages.verdict import next_step, status_key, status_of
from medpayiq.payment.amount import Outcome
from medpayiq.toolkit.models import Listed, Trigger

PARTS = ("Status", "Place of service", "Unit limits", "Add-on codes", "Therapy", "Global periods", "Surgeons and sides")
_ASKED = (("bilat", "029"), ("asst", "01"), ("cosurg", "01"), ("team", "012"))
"""Indicators of the surgical columns that deny, or ask for documents."""
_STATUS_SOURCES = ("cpm23 30.2.2",)
_WHOLE = (0, "")
"""All codes of a trigger are alike."""


class _Key(NamedTuple):
    """What codes of one trigger share; triggers stand in this order."""

    part: int
    order: tuple[Any, ...]
    name: str
    mark: str
    say: str
    do: str
    sources: tuple[str, ...]


class Triggers:
    """The triggers of a release: worked out once a code, gathered for any set of codes."""

    def __init__(self, site: SiteData) -> None:
        """Take the release."""
        self._site = site
        self._sentences: dict[tuple[int, str, str], tuple[_Key, ...]] = {}
        self._of = {entry.code: tuple(self._asked(entry)) for entry in site.entries}

    def of(self, entries: Iterable[Entry]) -> tuple[Trigger, ...]:
        """Return the triggers of these codes, by part."""
        found: dict[_Key, dict[tuple[int, str], list[str]]] = defaultdict(lambda: defaultdict(list))
        for entry in entries:
            for key, share in self._of[entry.code]:
                found[key][share].append(entry.code)
        return tuple(Trigger(PARTS[key.part], key.name, key.mark, key.say, key.do, key.sources, tuple(Listed(label, tuple(codes)) for (_, label), codes in sorted(lists.items()))) for key, lists in sorted(found.items()))

    def _asked(self, entry: Entry) -> Iterator[tuple[_Key, tuple[int, str]]]:
        """Yield what can deny a code, and in which share of the trigger's codes it stands."""
        yield from ((key, _WHOLE) for key in self._by_rule(entry))
        yield from self._limit(entry.code)

    def _by_rule(self, entry: Entry) -> Iterator[_Key]:
        site, main = self._site, entry.main
        status = status_of(entry, site)
        if status["tone"] != "yes":
            key = status_key(entry)
            yield _Key(0, (key,), status["verdict"], f"STATUS {key[:1]}", status["answer"], next_step(entry, status) or "", _labels(_STATUS_SOURCES))
        office, facility = site.prices(entry.shown, site.factor)
        ruled = main.status in RULED and not main.not_used
        if ruled:
            yield from self._setting(entry, office, facility)
        yield from self._add_on(entry.code)
        if main.mult == "5" and ruled:
            one = rules.read("answers")["refusals"]["discipline_needed"]
            yield _Key(4, (), "Plan of care", f"{called('mult')} 5", unnamed(one["say"]), "", _labels(one["sources"]))
        if ruled and is_surgery(main):
            yield from self._sentence(5, "glob", main.glob)
            if main.glob != "ZZZ":
                for column, values in _ASKED:
                    if getattr(main, column) in values:
                        yield from self._sentence(6, column, getattr(main, column))

    def _setting(self, entry: Entry, office: Outcome, facility: Outcome) -> Iterator[_Key]:
        """Yield what is said of a setting in which the code is not paid, or rarely (as medpayiq/pages/policy.py asks)."""
        main = entry.main
        if "NA_NONFACILITY" in office.notes:
            yield from self._sentence(1, "na_office", "NA")
        if facility.result == "NOT_PAID_IN_FACILITY" and main.na_facility:
            costs = main.pctc in FACILITY_COSTS
            yield from self._sentence(1, "na_facility", ("NA-reading" if "26" in entry.rows else "NA") if costs else "NA-rare")
        if main.pctc in {"5", "7", "8"}:
            yield from self._sentence(1, "pctc", main.pctc)

    def _sentence(self, part: int, column: str, value: str) -> tuple[_Key, ...]:
        """Return a sentence of rules/indicators.yml as it stands without a code's dollars; nothing where it has none."""
        found = self._sentences.get((part, column, value))
        if found is None:
            found = self._sentences[part, column, value] = tuple(self._worded(part, column, value))
        return found

    def _worded(self, part: int, column: str, value: str) -> Iterator[_Key]:
        table = rules.read("indicators")[column]
        one = table["values"].get(value)
        if one is None:
            return
        text = with_percentages(one.get("plain", one["say"]), self._site.percentages)
        # What is left in braces is a code's own amount: the words before it stand without it.
        text = re.sub(r":? \{\w+\}(?=[.,])", "", text)
        if "{" in text:
            return
        yield _Key(part, (column, value), table["heading"], f"{column_of(column)} {value.partition('-')[0]}", text, "", _labels(one["sources"]))

    def _limit(self, code: str) -> Iterator[tuple[_Key, tuple[int, str]]]:
        edits = self._site.edits
        limit = edits.limit(code) if edits.mue else None
        if limit is None:
            return
        kind = "zero" if limit.units == 0 else limit.indicator
        one = rules.read("ncci")["mai"][kind]
        do = " ".join(filter(None, (one.get("over", ""), one.get("appeal", ""))))
        share = (limit.units, f"{limit.units:,} unit{'' if limit.units == 1 else 's'}") if limit.units else _WHOLE
        yield _Key(2, (kind,), one["label"], "MUE 0" if kind == "zero" else f"MAI {kind}", one["say"], do, _labels(one["sources"])), share

    def _add_on(self, code: str) -> Iterator[_Key]:
        found = self._site.edits.primaries(code)
        if found:
            kind = found[0].type if any(one.primary != CONTRACTOR for one in found) else "contractor"
            one = rules.read("ncci")["add_on"][kind]
            yield _Key(3, (kind,), one["label"], f"ADD-ON TYPE {found[0].type}", one["say"], one["do"], _labels(one["sources"]))


def _labels(sources: Iterable[str]) -> tuple[str, ...]:
    """Return the words of sources, each document once."""
    return _worded_once(tuple(sources))


@cache
def _worded_once(sources: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one.label for one in sources_of(list(sources)))
