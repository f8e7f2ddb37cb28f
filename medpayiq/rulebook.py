"""Resolves rules/*.yml for one day into the rule book that both engines read, in Python as it is and in the browser as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from medpayiq import rules
from medpayiq.cms.records import Service
from medpayiq.findings import Failed

FIELDS = (
    *("status", "not_used", "work", "pe_nonfacility", "na_nonfacility", "pe_facility", "na_facility", "mp", "pctc", "glob", "pre", "intra", "post"),
    *("mult", "bilat", "asst", "cosurg", "team", "endo_base", "opps_pe_nonfacility", "opps_pe_facility", "opps_mp"),
)
"""What the engine reads of a row, in the order in which pages and shards carry it."""


def packed(service: Service) -> list[str | int]:
    """Return a row as pages carry it: the values of ``FIELDS``."""
    return [getattr(service, name) for name in FIELDS]


@cache
def rulebook(day: str) -> dict[str, Any]:
    """Return every rule in force on ``day`` (ISO date of service); text and whole numbers only, so that JSON holds it unchanged.

    Raises:
        Failed: a table has no entry for the day, lacks a key, or names a document, answer or rule that is not there.
    """
    try:
        return _resolved(day)
    except (KeyError, TypeError, AttributeError) as problem:
        tables = ", ".join(f"{name}.yml" for name in ("modifiers", "answers", "lists", "places", "practitioners", "steps", "thresholds"))
        raise Failed(f"rules/: error: a table is not of its shape: {type(problem).__name__} {problem}\n  try: compare {tables} with the comment on top of each") from problem


def _resolved(day: str) -> dict[str, Any]:
    modifiers = _in_force("modifiers", rules.read("modifiers")["modifiers"], day, mark_late=True)
    book = {
        "day": day,
        "fields": list(FIELDS),
        "factors": rules.conversion_factors(day).values,
        "percentages": rules.percentages(day),
        "thresholds": _thresholds(day),
        "modifiers": modifiers,
        "anatomic": rules.read("modifiers")["anatomic"],
        "reporting": rules.read("modifiers")["reporting"],
        "groups": rules.read("modifiers")["groups"],
        "refused": rules.read("modifiers")["refused"],
        "refusals": rules.read("answers")["refusals"],
        "conditions": rules.read("answers")["conditions"],
        "notes": rules.read("answers")["notes"],
        "lists": {name: one["ranges"] for name, one in rules.read("lists").items() if name not in {"since", "whole_tests"}},
        "whole_tests": rules.read("lists")["whole_tests"],
        "places": _in_force("places", rules.read("places")["places"], day),
        "practitioners": _in_force("practitioners", {name: one for name, one in rules.read("practitioners").items() if name != "since"}, day),
        "steps": {name: one for name, one in rules.read("steps").items() if name != "since"},
        "flat_rate": [one for one in rules.read("status")["flat_rate"] if one["from"] <= day],
    }
    _check(book)
    return book | {"cites": _cites(book)}


def _in_force(table: str, entries: Mapping[str, Any], day: str, *, mark_late: bool = False) -> dict[str, Any]:
    """Return the entries that hold on a day; with ``mark_late`` the others stay, marked, so that they can be told from unknown ones.

    What changed its meaning has a list of entries, of which the one with the day counts.
    """
    since = rules.read(table)["since"]
    made = {}
    for name, dated in entries.items():
        for one in dated if isinstance(dated, list) else [dated]:
            holds = one.get("from", since) <= day <= one.get("to", "9999-12-31")
            kept = {key: value for key, value in one.items() if key not in {"from", "to", "checked"}}
            if holds:
                made[name] = kept
            elif mark_late:
                made.setdefault(name, kept | {"late": True})
    return made


def _thresholds(day: str) -> dict[str, str]:
    made = {}
    for name, rows in rules.read("thresholds").items():
        for row in rows:
            if row["from"] <= day <= row.get("to", "9999-12-31"):
                made[name] = row.get("dollars") or row["gpci"]
    return made


def _check(book: Mapping[str, Any]) -> None:
    """Fail where the tables do not fit together, so that no engine meets a name that is not there."""
    wrong: list[str] = []
    answers = book["refusals"].keys() | book["conditions"].keys()
    for name, one in book["modifiers"].items():
        used = [*one.get("values", {}).values(), *(one[key] for key in ("answer", "unlisted", "listed", "missing", "others") if key in one)]
        wrong += [f"modifiers.yml: {name}: no answer {answer!r}" for answer in used if answer not in answers]
        wrong += [f"modifiers.yml: {name}: no percentage {one['percent']!r}" for _ in range(1) if "percent" in one and one["percent"] not in book["percentages"]]
        wrong += [f"modifiers.yml: {name}: no list {one[key]!r}" for key in ("list", "never") if key in one and one[key] not in book["lists"]]
        wrong += [f"modifiers.yml: {name}: no list {one['offer']!r}" for _ in range(1) if isinstance(one.get("offer"), str) and one["offer"] not in book["lists"]]
        wrong += [f"modifiers.yml: {name}: no group {one['group']!r}" for _ in range(1) if one["group"] not in book["groups"]]
        wrong += [f"modifiers.yml: {name}: no practitioner is {one['of']!r}" for _ in range(1) if "of" in one and not any(one["of"] in who for who in book["practitioners"].values())]
        wrong += [f"modifiers.yml: {name}: no column {one['by']!r}" for _ in range(1) if "by" in one and one["by"] not in FIELDS]
    wrong += [f"modifiers.yml: refused: no answer {pair['answer']!r}" for pair in book["refused"] if pair["answer"] not in answers]
    pairs = rules.read("modifiers")["surgical_pairs"]
    named = {one for pair in book["refused"] for one in (*pair["among"], *pair.get("with", ()))}.union(*pairs)
    wrong += [f"modifiers.yml: refused, surgical_pairs: no modifier {one!r}" for one in sorted(named - book["modifiers"].keys())]
    for one, other in pairs:
        for pair in book["refused"]:
            seconds = pair.get("with", pair["among"])
            if (one in pair["among"] and other in seconds) or (other in pair["among"] and one in seconds):
                wrong.append(f"modifiers.yml: refused: {one} with {other} is a pair that the manual names as possible")
    for name, one in book["practitioners"].items():
        wrong += [f"practitioners.yml: {name}: no list {one['list']!r}" for _ in range(1) if "list" in one and one["list"] not in book["lists"]]
        wrong += [f"practitioners.yml: {name}: no percentage {one['percent']!r}" for _ in range(1) if "percent" in one and one["percent"] not in book["percentages"]]
    if wrong:
        raise Failed("\n".join(f"rules/{one}" for one in wrong) + "\n  try: correct the name, or add the entry")


def _cites(book: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return each source cited in the book with its words and address."""
    made: dict[str, list[str]] = {}
    tables: Iterable[Mapping[str, Any]] = (book["modifiers"], book["refusals"], book["conditions"], book["notes"], book["steps"], book["practitioners"])
    for table in tables:
        for one in table.values():
            for text in one["sources"]:
                if text not in made:
                    cite = rules.citation(text)
                    made[text] = [rules.short(cite.label), cite.url]
    return made
