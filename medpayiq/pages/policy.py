"""Turns a code's policy indicators into sentences with this code's dollars, each with its source.

The sentences stand in rules/indicators.yml. Their placeholders are the amounts of medpayiq/payment/shares.py
(``{both_sides}``, ``{assistant}`` ...) and ``{endo_base}``, the code's endoscopic base.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from medpayiq import rules
from medpayiq.cms.pprrvu import called
from medpayiq.cms.records import Service
from medpayiq.findings import Failed
from medpayiq.pages.models import Piece, Rule, RuleHead, RuleSource, Source
from medpayiq.payment.amount import Outcome, is_priced
from medpayiq.payment.money import dollars
from medpayiq.payment.shares import Pair, Shares

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_PERCENT = re.compile(r"\{percent:(\w+)\}")
RULED = frozenset("ARTC")
"""Statuses for which Medicare's payment rules say anything: priced nationally, or by the MAC."""
_SURGICAL = frozenset({"000", "010", "090", "MMM", "YYY", "ZZZ"})
"""Values of GLOB DAYS that say something; of XXX the global concept does not hold (CMS record layout, field Global Surgery)."""
SURGEONS = ("asst", "cosurg", "team")
"""Columns that say who may help at a surgery: assistants, a second surgeon, a team."""
FACILITY_COSTS = frozenset("1345")
"""PC/TC indicators of tests and staff services: what they cost in a hospital is the hospital's, and paid to it."""
_INDICATORS = ("pctc", "glob", "mult", "bilat", *SURGEONS)
"""The policy indicators of a row, as CMS's file has them, one after the other."""
_SIGNS = {"do": "Do", "check": "Check", "deny": "Denied", "note": "Note"}


@dataclass(frozen=True, slots=True)
class _Sentence:
    """One compiled sentence: literal text and placeholder names in turn."""

    head: Piece
    source: Piece
    say: tuple[str, ...]
    plain: tuple[str, ...] | None


def is_surgery(row: Service) -> bool:
    """Say whether the columns of surgery mean anything on a row; a visit carries zeros in them too.

    A surgery has a global period, and so have its add-ons, ZZZ (Claims Processing Manual, chapter 12, section 40.1). A supply or
    test that goes with another service (Q4101, 92547) has ZZZ too, and is none: it is technical alone (chapter 23, Addendum, field 20, value 3).
    """
    return row.glob in _SURGICAL and row.pctc != "3"


def helpers_bear(row: Service, column: str) -> bool:
    """Say whether one of `SURGEONS` means anything on a row: on a surgery that is no add-on, and wherever CMS gave it another value than none."""
    return (is_surgery(row) and row.glob != "ZZZ") or getattr(row, column) not in {"0", "9"}


def phrase(pair: Pair) -> str | None:
    """Say an amount of two settings in few words; None where there is none."""
    if pair.office is None:
        return None if pair.facility is None else f"{dollars(pair.facility)} in a facility"
    if pair.facility is None or pair.facility == pair.office:
        return dollars(pair.office)
    return f"{dollars(pair.office)} (facility {dollars(pair.facility)})"


def with_percentages(text: str, percentages: Mapping[str, str]) -> str:
    """Put the percentages in force into a sentence of rules/indicators.yml. Raises Failed for one that is not there."""

    def percent(match: re.Match[str]) -> str:
        if match[1] not in percentages:
            raise Failed(f"rules/indicators.yml: error: {match[0]}: no such percentage\n  try: one of {', '.join(percentages) or 'rules/percentages.yml'}")
        return percentages[match[1]]

    return _PERCENT.sub(percent, text)


def column_of(key: str) -> str:
    """Return CMS's own name of the column that an entry of rules/indicators.yml follows from; blank where it follows from no single one."""
    column = rules.read("indicators")[key].get("column", key)
    return called(column) if column else ""


class Policy:
    """The compiled sentences of rules/indicators.yml."""

    def __init__(self, percentages: Mapping[str, str]) -> None:
        """Compile every sentence; ``percentages`` as in force on the release's first day. Raises Failed for a percentage that is not there."""

        def split(text: str) -> tuple[str, ...]:
            return tuple(_PLACEHOLDER.split(with_percentages(text, percentages)))

        self._sentences: dict[tuple[str, str], _Sentence] = {}
        for key, entry in rules.read("indicators").items():
            if key == "since":
                continue
            for value, one in entry["values"].items():
                column, shown = column_of(key), value.partition("-")[0]
                self._sentences[key, value] = _Sentence(
                    Piece("rule_head", RuleHead(key, entry["heading"], one["tone"], _SIGNS[one["tone"]])),
                    Piece("rule_source", RuleSource(f"{column} {shown}" if column and shown.upper() == shown else column, sources_of(one["sources"]))),
                    split(one["say"]),
                    split(one["plain"]) if "plain" in one else None,
                )

    def rules_for(self, main: Service, rows: Mapping[str, Service], amounts: Shares, office: Outcome, facility: Outcome) -> tuple[Rule, ...]:
        """Return the rules of a code, in the order a biller asks for them."""
        if main.status not in RULED or main.not_used:
            return ()
        unpriced = office.cents is None and facility.cents is None
        made = []
        for key, value in _bearing(main, rows, office, facility):
            sentence = self._sentences.get((key, value))
            if sentence is None:
                continue
            text = None if unpriced and sentence.plain is not None else _fill(sentence.say, main, amounts)
            if text is None and sentence.plain is not None:
                text = _fill(sentence.plain, main, amounts)
            if text is not None:
                made.append(Rule(sentence.head, text, sentence.source))
        return tuple(made)


def each_source(cited: Iterable[str]) -> tuple[Source, ...]:
    """Return every place that a rule cites, one by one."""
    found = (rules.citation(text) for text in cited)
    return tuple(Source(one.label, one.url, rules.short(one.label)) for one in found)


def sources_of(cited: list[str]) -> tuple[Source, ...]:
    """Return each document once, with the sections that are cited of it."""
    by_url: dict[str, str] = {}
    for text in cited:
        cite = rules.citation(text)
        document, mark, section = cite.label.rpartition(", section ")
        before = by_url.get(cite.url)
        if before is None:
            by_url[cite.url] = cite.label
        elif mark and before.startswith((f"{document}, section ", f"{document}, sections ")):
            by_url[cite.url] = f"{before.replace(', section ', ', sections ')}, {section}"
        else:
            by_url[cite.url] = f"{before}; {cite.label}"
    return tuple(Source(label, url, rules.short(label)) for url, label in by_url.items())


def _bearing(main: Service, rows: Mapping[str, Service], office: Outcome, facility: Outcome) -> Iterator[tuple[str, str]]:
    """Yield the (column, value) pairs that bear on this service."""
    surgical = is_surgery(main)
    yield "pctc", _parts(main, rows)
    yield "glob", main.glob
    if main.mult != "0" or surgical:
        yield "mult", main.mult
    if main.bilat != "0" or surgical:
        yield "bilat", main.bilat
    if "53" in rows:
        yield "discontinued", "53"
    for column in SURGEONS:
        if helpers_bear(main, column):
            yield column, getattr(main, column)
    if office.cap is not None and office.cents is not None:
        yield "cap", "binds" if "OPPS_CAP" in office.notes else "slack"
    if "NA_NONFACILITY" in office.notes:
        yield "na_office", "NA"
    if "THERAPY_OFFICE_RATE" in facility.notes:
        yield "na_facility", "therapy" if main.mult == "5" else "same"
    elif facility.result == "NOT_PAID_IN_FACILITY" and main.na_facility:
        yield "na_facility", ("NA-reading" if "26" in rows else "NA") if main.pctc in FACILITY_COSTS else "NA-rare"
    # The level of supervision stands on the technical row (payment spec, section 9).
    technical = rows.get("TC", main)
    yield "supervision", technical.supervision
    if office.cents is not None or facility.cents is not None:
        yield "limiting", "1"


def _parts(main: Service, rows: Mapping[str, Service]) -> str:
    """Return the PC/TC indicator, and for a test in two parts which of them the file prices."""
    if main.pctc != "1" or main.modifier:
        return main.pctc
    reading, technical = rows.get("26"), rows.get("TC")
    if reading is None and technical is None:
        return "1-whole"
    if reading is not None and is_priced(reading):
        if not is_priced(main):
            return "1-reading"
        if technical is not None and technical.status == "B":
            return "1-bundled"
    return "1"


def other_fields(main: Service, shown: tuple[Rule, ...]) -> str | None:
    """Name the indicators that no sentence was written for, so that nothing of CMS's file is hidden."""
    if main.status not in RULED or main.not_used:
        return None
    keys = {rule.head.record[0] for rule in shown}
    return ", ".join(f"{called(key)} {getattr(main, key)}" for key in _INDICATORS if key not in keys) or None


def _fill(parts: tuple[str, ...], main: Service, amounts: Shares) -> str | None:
    """Put amounts into a sentence; None when one of them does not exist for this code."""
    if len(parts) == 1:
        return parts[0]
    made = list(parts)
    for i in range(1, len(parts), 2):
        if parts[i] == "endo_base":
            made[i] = main.endo_base
            continue
        pair = amounts.get(parts[i])
        text = phrase(pair) if pair is not None else None
        if text is None:
            return None
        made[i] = text
    return "".join(made)
