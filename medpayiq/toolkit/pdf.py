"""Sets a toolkit as a tagged PDF (PDF/UA-1) with typst; templates/toolkit.typ says how it looks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

import orjson

from medpayiq.paths import TEMPLATES
from medpayiq.payment.money import dollars
from medpayiq.toolkit.models import Standing, Toolkit, Trigger
from medpayiq.toolkit.runs import counted, runs
from medpayiq.typesetting import typeset

TEMPLATE = TEMPLATES / "toolkit.typ"
_MOST_RUNS = 320
"""Runs of codes that a list of triggers prints; of a longer one the spreadsheet has the codes."""
_FEW_RUNS = 40
"""The same in the table of modifiers."""


def pdf(kit: Toolkit, position: Mapping[str, int], base_url: str) -> bytes:
    """Return the PDF. Same toolkit, same bytes: it carries no date, and only the fonts that typst brings along."""
    told = orjson.dumps(_told(kit, position, base_url)).decode()
    (made,) = typeset(TEMPLATE.read_bytes(), {"kit": told}, format="pdf", pdf_standards=["ua-1"])
    return made


def _told(kit: Toolkit, position: Mapping[str, int], base_url: str) -> dict[str, Any]:
    """Return what the template prints."""
    head, _, _ = kit.title.partition(": ")
    return {
        "title": kit.title,
        "name": kit.name,
        "kind": head,
        "author": kit.site.partition(",")[0],
        "keywords": ["Medicare", "NCCI", "denials", kit.release.partition(",")[0]],
        "site": kit.site,
        "release": kit.release,
        "address": f"{base_url}/codes/",
        "lead": "What gets a line of a Medicare claim denied, where modifiers are refused, and which pairs of codes conflict, with what to do next. For Original Medicare's physician fee schedule.",
        "facts": [list(one) for one in kit.facts],
        "legal": kit.legal,
        "triggers": {"name": "1. Denial triggers", "lead": "Each trigger with the codes it concerns; the number of codes stands behind them.", "sections": [{"name": name, "triggers": _triggers(ones, position)} for name, ones in groupby(kit.triggers, key=lambda one: one.part)]},
        "pitfalls": _pitfalls(kit, position),
        "conflicts": {"name": "3. Bundling conflicts", "lead": f"The {counted(len(kit.pairs), 'edit')} that rank highest by the rule at the end of this file; the CSV has all of them. The amount is what a denial of the column 2 code costs.", "kinds": [_kind(kit, number) for number in range(len(kit.actions))]},
        "about": "About this file",
        "notes": [[name, list(lines)] for name, lines in kit.notes],
    }


def _triggers(ones: Iterable[Trigger], position: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return triggers of a part; those of one name and mark stand under one head, so that no two bookmarks are alike."""
    made: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in ones:
        lists = [[each.label, counted(len(each.codes)), _codes(each.codes, position, _MOST_RUNS) or "in the spreadsheet, sheet Codes"] for each in one.lists]
        made.setdefault((one.name, one.mark), []).append({"say": one.say, "do": one.do, "source": "; ".join(one.sources), "lists": lists})
    return [{"name": name, "mark": mark, "cases": cases} for (name, mark), cases in made.items()]


def _codes(codes: Sequence[str], position: Mapping[str, int], most: int) -> str:
    """Return a list of codes in words; blank where it is too long to be read."""
    made = runs(codes, position)
    return ", ".join(made) if len(made) <= most else ""


def _pitfalls(kit: Toolkit, position: Mapping[str, int]) -> dict[str, Any]:
    rows = [{"name": one.name, "say": one.say, "stands": f"Can stand on {counted(one.stands)} here.", "standings": [_standing(each, position) for each in one.standings]} for one in kit.pitfalls]
    return {
        "name": "2. Modifier pitfalls",
        "lead": "Modifiers that can stand on some codes of this specialty and are refused, or paid under a condition, on others; and what holds between modifiers.",
        "where": "Where a modifier is refused",
        "rows": rows,
        "never": kit.never[0],
        "never_head": "On no code here:",
        "never_say": kit.never[1],
        "beside_head": "Modifiers that exclude or need each other on one line",
        "beside": [list(one) for one in kit.beside],
        "bypass_head": "Modifiers that may bypass an edit with indicator 1",
        "bypass": [list(one) for one in kit.bypass],
    }


def _standing(one: Standing, position: Mapping[str, int]) -> list[str]:
    head = f"{'Refused' if one.refused else 'Condition'} on {counted(len(one.codes))}{f' ({one.marks})' if one.marks else ''}:"
    return [head, one.why, _codes(one.codes, position, _FEW_RUNS)]


def _kind(kit: Toolkit, number: int) -> dict[str, Any]:
    """Return the edits with one modifier indicator."""
    action = kit.actions[number]
    rows = [[str(one.rank), one.column1, one.name1, one.column2, one.name2, dollars(one.cents)] for one in kit.pairs if one.indicator == action.indicator]
    return {"label": f"Indicator {action.indicator}: {action.label[0].lower()}{action.label[1:]}", "say": action.say, "do": action.do, "source": "; ".join(action.sources), "rows": rows, "none": "None among the weightiest."}
