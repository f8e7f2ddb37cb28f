"""What is known of a code while a tip on it is written, and the checks of `build.py check` on answers that are not a whole tip yet."""

from __future__ import annotations

import datetime
import re
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from medpayiq import linting, loading, yamlmarks
from medpayiq.cms import snapshot
from medpayiq.cms.records import Service
from medpayiq.content import library, shapes, tips
from medpayiq.content.replacing import what_now
from medpayiq.content.sources import Cited, Sources
from medpayiq.content.tip_schema import CLASSES, COLUMNS, TIP
from medpayiq.content.tips import Tip
from medpayiq.findings import Failed, Findings
from medpayiq.lint import running
from medpayiq.lint.context import ACROSS, Context, Problem
from medpayiq.newtip.layout import flow, written
from medpayiq.pages.placeholders import MARK, names
from medpayiq.paths import CONTENT
from medpayiq.payment.admission import pays_percentage
from medpayiq.payment.amount import main_row
from medpayiq.rulebook import rulebook

_NEUTRAL = {
    "id": "tip-in-writing",
    "title": "Words that stand in for a title",
    "do": "Words that stand in for the text of a tip as long as nobody has typed one.",
    "impact": "Words that stand in for what happens.",
    "kind": "documentation",
    "evidence": "practice",
    "sources": [],
    "effective": {"from": None, "to": None},
    "watch": ["status"],
    "author": "Somebody",
}
"""What the checks see where there is no answer yet; no rule finds anything in it."""
_WHERE = {"properties": {"where": TIP["properties"]["where"]}, "definitions": TIP["definitions"]}
_MEANT = {"both_sides": ("bilat", "1"), "two_sides": ("bilat", "3"), "second_procedure": ("mult", "23")}
"""Amounts that mean something only where an indicator admits them: column of CMS's file, values. Those that a modifier pays by a percentage go by its rule."""
_COMPARED = frozenset({"do", "impact"})
"""What is compared with the other tips."""
_LAST = "~"
"""An id and a file behind all others: two tips that say the same are told at the later one."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that a check says about an answer."""

    key: str
    message: str
    hint: str
    rule: str
    refused: bool
    """False for a remark."""


class Desk:
    """The release, the content and the code that a tip is written for."""

    def __init__(self, code: str, context: Context, sources: Sources, folder: Path) -> None:
        """Take the code, what the linter is given, the sections that can be cited, and where tips lie."""
        self.code, self.context, self.sources, self.folder = code, context, sources, folder

    @property
    def whole(self) -> bool:
        """Whether all codes are at hand."""
        return self.context.whole

    @property
    def release(self) -> str:
        """The release that the tip is verified for."""
        return self.context.facts.meta.release

    @property
    def present(self) -> bool:
        """Whether the release at hand holds the code."""
        return self.code in self.context.rows

    def complete(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return a whole tip: the answers, what nobody is asked, and neutral words for the rest."""
        day = datetime.date.fromisoformat(self.context.today)
        again = day.replace(year=day.year + 1, day=min(day.day, 28) if day.month == 2 else day.day)
        where = answers.get("where", {"codes": [self.code]})
        count = self.count(where) if ill_shaped(where) is None else 1
        return {
            **_NEUTRAL,
            "where": where,
            "expects": [count, count],
            **answers,
            "checked_by": None,
            "verified": {"day": self.context.today, "release": self.release},
            "review_by": again.isoformat(),
        }

    def faults(self, answers: Mapping[str, Any], *keys: str) -> list[Fault]:
        """Return what the checks say about the answers to ``keys``; without keys, about all of them."""
        data = self.complete(answers)
        findings, named = Findings(), re.fullmatch(TIP["properties"]["id"]["pattern"], data["id"]) is not None
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / f"{data['id'] if named else _NEUTRAL['id']}.yml").write_text(written(data), encoding="utf-8")
            loaded = tips.load(findings, Path(folder))
        found = [_of_shape(one.message, one.try_, one.rule) for one in findings.items]
        for tip in loaded:
            found += self._linted(tip, across=not keys or not _COMPARED.isdisjoint(keys))
        if named and (self.folder / f"{data['id']}.yml").exists():
            found.append(Fault("id", f"{data['id']} is there already", "another name, or edit that file", "duplicate-id", refused=True))
        return [one for one in found if not keys or one.key in keys]

    def _linted(self, tip: Tip, *, across: bool) -> list[Fault]:
        rules = running.rules()
        found = [self._fault(name, problem) for name, check in rules.items() if name not in ACROSS for problem in check(tip, self.context)]
        if not across or tip.do == _NEUTRAL["do"]:
            return found
        last = replace(tip, id=_LAST, document=replace(tip.document, file=_LAST))
        among = replace(self.context, library=replace(self.context.library, tips=(*self.context.library.tips, last)))
        return found + [self._fault(name, problem) for name in sorted(ACROSS) for problem in rules[name](last, among)]

    @staticmethod
    def _fault(rule: str, problem: Problem) -> Fault:
        return Fault(str(problem.path[0]), problem.message, problem.hint, rule, problem.level != "note")

    def count(self, where: Mapping[str, Any]) -> int:
        """Return how many codes at hand a selector selects."""
        return len(self.context.selecting.codes(where))

    def stands_on(self, where: Mapping[str, Any]) -> bool:
        """Say whether a selector selects the code; of one that is not at hand nothing is known."""
        return not self.present or self.code in self.context.selecting.codes(where)

    def fitting(self, where: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Return each placeholder that has a value for every code of a selector, with its value for this code."""
        if not self.present:
            return []
        codes = sorted(self.context.selecting.codes(where) - {self.code}) if self.whole else []
        row = main_row(self.context.rows[self.code])
        made = []
        for name in names():
            value = self.context.values(self.code).get(name)
            if value is not None and self._means_something(name.partition(".")[0], row) and all(self.context.values(one).get(name) is not None for one in codes):
                made.append((name, value))
        return made

    def _means_something(self, amount: str, row: Service) -> bool:
        """Say whether an amount is one that a row can be paid: its indicator admits it, and the modifier that pays it by a percentage can."""
        column, values = _MEANT.get(amount, ("", ""))
        book = rulebook(self.context.facts.meta.effective_from)
        modifier = next((name for name, one in book["modifiers"].items() if one.get("percent") == amount), "")
        return (not column or getattr(row, column) in values) and pays_percentage(modifier, row, book)

    def filled(self, text: str) -> str:
        """Return a text as the code's page will show it; a placeholder without value stays as it is."""
        if not self.present:
            return text
        known = set(names())
        return MARK.sub(lambda match: (self.context.values(self.code).get(match[1]) if match[1] in known or match[1].startswith("edit.") else None) or match[0], text)

    @cached_property
    def others(self) -> list[tuple[int, Tip]]:
        """Tips that stand on the code, with the number of their codes; those on the fewest first."""
        found = [(self.context.selecting.codes(tip.where), tip) for tip in self.context.library.tips]
        here = [(len(codes), tip) for codes, tip in found if self.code in codes or self.code in tip.where.get("codes", ())]
        return sorted(here, key=lambda one: (one[0], one[1].id))

    @cached_property
    def subjects(self) -> list[str]:
        """The first words of the names of all tips: by them the reviewers are found."""
        return sorted({tip.id.partition("-")[0] for tip in self.context.library.tips})

    @cached_property
    def subject(self) -> str:
        """The subject that most tips on the code have, of two the one of the tip on the fewest codes; empty where no tip stands on it."""
        counted = Counter(tip.id.partition("-")[0] for _, tip in self.others)
        return counted.most_common(1)[0][0] if counted else ""

    @cached_property
    def families(self) -> list[tuple[str, str, int]]:
        """Levels of CMS's classification that the code is in: key of ``where``, name, number of codes; the narrowest first."""
        made = [(key, name, self.count({key: [name]})) for key in reversed(CLASSES) for name in self.context.selecting.known(key) if name and self.stands_on({key: [name]}) and self.present]
        return sorted(made, key=lambda one: one[2])

    @cached_property
    def indicators(self) -> list[tuple[str, str, int]]:
        """Indicators of the code: key of ``where``, value, number of codes with the same."""
        return [(key, value, self.count({key: value})) for key in COLUMNS for value in self.context.selecting.known(key) if value and self.present and self.stands_on({key: value})]

    @cached_property
    def citing(self) -> dict[tuple[str, str], str]:
        """Section to the words of the tips that cite it: a heading seldom says what a section is about."""
        made: dict[tuple[str, str], str] = {}
        for tip in self.context.library.tips:
            for one in tip.sources:
                key = one.document, one.section
                made[key] = f"{made.get(key, '')} {tip.title} {tip.do}".lower()
        return made

    def near(self) -> list[Cited]:
        """Return sections that tips on this code cite, the one cited most first."""
        times: dict[tuple[str, str], int] = {}
        for _, tip in self.others:
            for one in tip.sources:
                times[one.document, one.section] = times.get((one.document, one.section), 0) + 1
        return [found for key in sorted(times, key=lambda one: (-times[one], one)) if (found := self.sources.section(*key)) is not None]


def ill_shaped(where: Any) -> Fault | None:
    """Return what keeps a selector from being one; only what has its shape can be asked for its codes."""
    document = yamlmarks.parse(f"where: {flow(where)}", "where", Findings())
    if document is None:
        return Fault("where", "it is nested too deep", "fewer brackets", "schema", refused=True)
    return next((_of_shape(message, hint, "schema") for _, _, message, hint in shapes.faults(document, _WHERE)), None)


def _of_shape(message: str, hint: str, rule: str) -> Fault:
    """Return a fault of the schema, whose message begins with the place: ``do: has 10 characters``."""
    place, _, rest = message.partition(": ")
    return Fault(place.partition("/")[0], rest or message, hint, rule, refused=True)


def open_desk(code: str, release: str | None) -> Desk:
    """Load what a tip on a code is checked against.

    Raises:
        Failed: it is no code, it is deleted, or the release at hand holds all codes and not this one.
    """
    said = code.strip().upper()
    if len(said) != 5 or not said.isascii() or not said.isalnum():
        raise Failed(f"new-tip: error: {code!r} is no code\n  try: five characters, such as 97761 or G0101", exit_code=2)
    findings = Findings()
    content = library.load(findings)
    gone = content.replaced.get(said)
    snap = snapshot.read(loading.choose_snapshot(release))
    context = linting.context_of(content, snap, whole=loading.is_newest(snap), today=loading.today(), findings=findings)
    if gone is not None and said not in context.rows:
        instead = f".venv/bin/python build.py new-tip {gone.by[0]}" if gone.by else "a tip on the code that is billed instead"
        raise Failed(f"new-tip: error: {said}: {what_now(gone)}\n  try: {instead}", exit_code=2)
    if said not in context.rows and context.whole:
        raise Failed(f"new-tip: error: {said} is not in {snap.meta.release}\n  try: check the number; a deleted code belongs in content/replaced.yml", exit_code=2)
    texts = context.texts
    assert isinstance(texts, Sources)  # noqa: S101 - context_of loads no other
    return Desk(said, context, texts, CONTENT / "tips")
