"""Prices worked claim lines (the columns of payment-vectors.csv) and compares result, amount and shares with what they say."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medpayiq.findings import Failed
from medpayiq.paths import shown

COLUMNS = ("id", "claim_id", "release", "code", "modifiers", "units", "setting", "carrier", "locality", "cf_kind", "context", "expected_allowed", "expected_result", "other_expected")
"""What is read of the file; further columns are for people."""
_LINE_WORDS = {"base_units": "base_units", "minutes": "minutes", "present_at_induction": "induction", "billed_charge": "charge", "charge": "charge", "net_charge": "net_charge", "documented": "documented", "other_surgeon_paid": "other_surgeon"}
_CLAIM_WORDS = {"pos": "pos", "provider": "practitioner", "participation": "participation", "deductible_remaining": "deductible", "other_service": "other_service", "five_percent": "five_percent"}
_KINDS = {"single": "", "": "", "nonQP": "non_qp", "QP": "qp"}
_PHRASES = {
    "deductible met": ("claim", "deductible", "0.00"),
    "undocumented": ("line", "documented", "no"),
    "no documentation": ("line", "documented", "no"),
    "another surgeon was paid": ("line", "other_surgeon", "yes"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the file, as the engine is asked."""

    id: str
    file_line: int
    line: dict[str, str]
    claim: dict[str, str]
    gpci: str | None
    """Indices that replace the locality's, ``1.000/0.958/0.308``."""
    unread: tuple[str, ...]
    """Words of its context that nobody knows: the case counts as a miss."""
    expected: dict[str, str]


@dataclass(frozen=True, slots=True)
class Miss:
    """A line whose answer is not the expected one."""

    case: Case
    differences: tuple[str, ...]
    answer: Mapping[str, Any]

    def __str__(self) -> str:
        """Say what differs, with the trace."""
        trace = "".join(f"\n    {one['step']}: {one['how']}" for one in self.answer.get("trace", ()))
        said = f"\n    {self.answer['say']}" if self.answer.get("say") else ""
        return f"{self.case.id} (line {self.case.file_line}): {self.case.line['code']} {self.case.line['modifiers']}: {'; '.join(self.differences)}{said}{trace}"


Engine = Callable[[str, Sequence[Mapping[str, Any]]], list[list[dict[str, Any]]]]
"""Takes a release and claims, gives the answers of each claim's lines."""


def read(path: Path) -> dict[str, list[list[Case]]]:
    """Return the claims of a file by release; lines with one ``claim_id`` are one claim.

    Raises:
        Failed: the file cannot be read, or lacks a column.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as problem:
        raise Failed(f"{shown(path)}: error: cannot be read: {problem.strerror}\n  try: --vectors FILE.csv", exit_code=2) from None
    except (UnicodeDecodeError, csv.Error) as problem:
        raise Failed(f"{shown(path)}: error: is not a csv in UTF-8: {problem}\n  try: save it as csv, UTF-8", exit_code=2) from None
    missing = [name for name in COLUMNS if rows and name not in rows[0]]
    if missing or not rows:
        wrong = f"lacks the column {', '.join(missing)}" if rows else "holds no lines below a head"
        raise Failed(f"{shown(path)}:1: error: {wrong}\n  try: a file with the columns {', '.join(COLUMNS)}", exit_code=2)
    claims: dict[str, dict[str, list[Case]]] = {}
    for number, row in enumerate(rows, 2):
        case = _case({name: (row[name] or "").strip() for name in COLUMNS}, number)
        of_release = claims.setdefault(row["release"].strip().lower(), {})
        of_release.setdefault(row["claim_id"].strip() or f"line {number}", []).append(case)
    return {release: list(groups.values()) for release, groups in claims.items()}


def _case(row: Mapping[str, str], number: int) -> Case:
    line = {"code": row["code"], "modifiers": row["modifiers"], "units": row["units"]}
    claim = {"setting": row["setting"], "locality": f"{row['carrier']}/{row['locality']}", "factor": _KINDS.get(row["cf_kind"], row["cf_kind"])}
    place = {}
    gpci, unread = None, []
    for words in (one.strip() for one in row["context"].split(";")):
        name, mark, value = words.partition("=")
        if not words:
            continue
        if mark and name in {"carrier", "locality"}:
            place[name] = value
        elif mark and name == "gpci_override":
            gpci = value.split(" ")[0]
        elif mark and name == "postop_days":
            line["days"] = value.split(" ")[0]
        elif mark and name in _LINE_WORDS:
            line[_LINE_WORDS[name]] = value
        elif mark and name in _CLAIM_WORDS:
            claim[_CLAIM_WORDS[name]] = value
        elif "PFS service" in words:
            claim["other_service"] = "no" if words.startswith("no ") else "yes"
        elif words in _PHRASES:
            of, field, text = _PHRASES[words]
            (line if of == "line" else claim)[field] = text
        else:
            unread.append(words)
    if place:
        claim["locality"] = f"{place.get('carrier', row['carrier'])}/{place.get('locality', row['locality'])}"
    expected = {"result": row["expected_result"], "allowed": row["expected_allowed"]}
    expected |= dict(one.split("=", 1) for one in re.split(r"[;\s]+", row["other_expected"]) if "=" in one)
    return Case(row["id"], number, line, claim, gpci, tuple(unread), expected)


def run(claims: Mapping[str, list[list[Case]]], engine: Engine) -> tuple[int, list[Miss]]:
    """Return how many lines there are and which of them miss."""
    total = 0
    misses: list[Miss] = []
    for release, groups in claims.items():
        asked = [{**_together(cases), "lines": [case.line for case in cases]} for cases in groups]
        for cases, answers in zip(groups, engine(release, asked), strict=True):
            for case, answer in zip(cases, answers, strict=True):
                total += 1
                differences = _differences(case, answer)
                if differences:
                    misses.append(Miss(case, differences, answer))
    return total, misses


def _together(cases: Sequence[Case]) -> dict[str, str]:
    """Return the circumstances of a claim: what its lines say, the first that says something of a field."""
    made: dict[str, str] = {}
    for case in cases:
        made = {**case.claim, **{name: text for name, text in made.items() if text}}
    if cases[0].gpci is not None:
        made["locality"] = f"gpci/{cases[0].gpci}"
    return made


def _differences(case: Case, answer: Mapping[str, Any]) -> tuple[str, ...]:
    found = [f"context not understood: {words}" for words in case.unread]
    for name, value in case.expected.items():
        said = answer["share"].get(name) if name not in {"result", "allowed"} else answer[name]
        if (said or "") != value:
            found.append(f"{name} {said or 'none'}, expected {value or 'none'}")
    return tuple(found)
