"""Proposes what a tip should watch: the facts that its placeholders and its selector use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from medpayiq.content.tip_schema import WATCHED
from medpayiq.lint.context import where_paths
from medpayiq.pages.placeholders import MARK, SHARES

_MOST = 12
_OF_MARK = {
    **dict.fromkeys(("both_sides", "two_sides"), "bilateral"),
    **dict.fromkeys(("reduced_unit", "two_units", "second_procedure", "imaging_tc", "imaging_pc", "cardiovascular_tc", "ophthalmology_tc"), "multiple"),
    **dict.fromkeys(("assistant", "assistant_as"), "assistant"),
    "cosurgeon": "cosurgeon",
    **dict.fromkeys(("surgery_only", "after_only", "return_only", "global_days", "pre_percent", "intra_percent", "post_percent"), "global"),
    **dict.fromkeys(("endo_difference", "endo_base"), "endo_base"),
    **dict.fromkeys(("amount.professional", "amount.technical"), "parts"),
    "mue": "mue",
    "mai": "mai",
}


def proposed(answers: Mapping[str, Any]) -> list[str]:
    """Return the facts to watch, in the order of the schema."""
    found: set[str] = set()
    for mark in MARK.findall(" ".join(answers.get(name, "") for name in ("title", "do", "impact"))):
        found |= _of_mark(mark)
    for _, where in where_paths(answers.get("where", {})):
        found |= set(where)
    kept = [name for name in WATCHED if name in found]
    return kept[:_MOST] or ["status"]


def _of_mark(mark: str) -> set[str]:
    first, _, end = mark.partition(".")
    found = {_OF_MARK.get(mark) or _OF_MARK.get(first, "")}
    if first in {"edits", "edit"}:
        found.add("edits")
    if first in SHARES or first in {"amount", "patient"}:
        settings = {"facility": ["amount.facility"], "difference": ["amount.nonfacility", "amount.facility"]}
        found |= set(settings.get(end, ["amount.nonfacility"]))
    return found
