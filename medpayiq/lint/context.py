"""What rules of the linter are given, and how they say what they found."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any, Protocol

from medpayiq.content.library import Library
from medpayiq.content.selecting import Codes, Rows, Selecting
from medpayiq.content.tips import Tip
from medpayiq.edits import Edits
from medpayiq.findings import Level
from medpayiq.pages.placeholders import MARK, Facts, Values


class CitedSection(Protocol):
    """What content/sources.yml keeps of a section."""

    @property
    def revision(self) -> str:
        """Return the revision that the section's text states or the document's."""

    @property
    def hash(self) -> str:
        """Return the hash of its text."""

    @property
    def numbers(self) -> tuple[str, ...]:
        """Return the figures that stand in it: ``15``, ``50%``, ``$40.43``."""


class CitedTexts(Protocol):
    """Looks up content/sources.yml."""

    def section(self, document: str, number: str, /) -> CitedSection | None:
        """Return a section; None where the file has none of this number."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. ``path`` leads to the value in the tip's file."""

    path: tuple[str | int, ...]
    message: str
    hint: str
    level: Level = "error"
    put: str | None = None
    """The value to write instead, where that is certain: ``check --fix`` does."""


Run = tuple[str, str, str]
_SINGLE = 20
"""Tips that are compared with each other one by one; for more of them it pays to gather first which files a run stands in."""


@dataclass(frozen=True)
class Runs:
    """Three words in a row: those of each tip's file."""

    ids: dict[str, str]
    """The id in each file."""
    of: dict[str, frozenset[Run]]

    def shared(self, file: str, unsettled: frozenset[str] | None) -> Mapping[str, int]:
        """Return how many runs a file has in common with each other one, as far as either is ``unsettled`` (None: all are)."""
        mine = self.of[file]
        if unsettled is None or len(unsettled) > _SINGLE:
            found = Counter(chain.from_iterable(self._files.get(one, ()) for one in mine))
            del found[file]
            return found
        among = self.of if file in unsettled else unsettled
        return {one: together for one in among if one != file and (together := len(mine & self.of[one]))}

    @cached_property
    def _files(self) -> dict[Run, tuple[str, ...]]:
        """The files of each run that stands in more than one."""
        found: dict[Run, list[str]] = defaultdict(list)
        for file, runs in self.of.items():
            for one in runs:
                found[one].append(file)
        return {one: tuple(where) for one, where in found.items() if len(where) > 1}


@dataclass(frozen=True)
class Context:
    """Everything a rule may ask: the content, the release, what the federal texts hold, and the day."""

    library: Library
    selecting: Selecting
    facts: Facts
    edits: Edits
    texts: CitedTexts
    whole: bool
    """Whether the release is a full one and the newest: with the sample alone, a code outside it cannot be checked."""
    today: str
    descriptors: Mapping[str, str] = field(default_factory=dict)
    """CMS's short descriptors, where the operator has them (cms_data/descriptors)."""
    unsettled: frozenset[str] | None = None
    """Files of the tips that are new or changed since nothing was found about them; None for all."""

    @property
    def rows(self) -> Mapping[str, Rows]:
        """Every code's rows."""
        return self.facts.rows

    def codes_of(self, tip: Tip) -> Codes:
        """Return the codes that a tip stands on."""
        found = self._codes.get(tip.document.file)
        if found is None:
            found = self._codes[tip.document.file] = self.selecting.codes(tip.where)
        return found

    @cached_property
    def _codes(self) -> dict[str, Codes]:
        return {}

    @cached_property
    def first_files(self) -> dict[str, str]:
        """Id to the first file that has it."""
        return {tip.id: tip.document.file for tip in sorted(self.library.tips, key=lambda one: one.document.file, reverse=True)}

    @cached_property
    def descriptor_starts(self) -> dict[tuple[str, ...], list[tuple[str, tuple[str, ...]]]]:
        """Descriptors of CPT codes, long enough to be known again, by their first two words; CMS's own texts (Level II) are no matter here."""
        made: dict[tuple[str, ...], list[tuple[str, tuple[str, ...]]]] = {}
        for code, text in self.descriptors.items():
            words = tuple(re.findall(r"[a-z0-9]+", text.lower()))
            if (code[0].isdigit() or code[0] == "D") and len(words) > 1 and len(text) >= _KNOWN_AGAIN:
                made.setdefault(words[:2], []).append((code, words))
        return made

    @cached_property
    def runs(self) -> Runs:
        """The three-word runs of all tips."""
        of = {tip.document.file: frozenset(_three_words(tip.do)).union(_three_words(tip.impact)) for tip in self.library.tips}
        return Runs({tip.document.file: tip.id for tip in self.library.tips}, of)

    def answers(self, tip: Tip) -> bool:
        """Say whether the release can tell which codes the tip stands on: a full one, with the edits and limits that it asks for."""
        asked = {key for _, where in where_paths(tip.where) for key in where}
        tables = {"edits": self.edits.ptp, "mue": self.edits.mue, "add_on": self.edits.aoc}
        return self.whole and all(table is not None for key, table in tables.items() if key in asked)

    def values(self, code: str) -> Values:
        """Return the values of a code's placeholders."""
        found = self._values.get(code)
        if found is None:
            found = self._values[code] = Values(code, self.facts)
        return found

    def has_value(self, code: str, mark: str) -> bool:
        """Say whether a code has the fact that a placeholder stands for."""
        known = self._having.setdefault(mark, {})
        found = known.get(code)
        if found is None:
            found = known[code] = self.values(code).get(mark) is not None
        return found

    @cached_property
    def _values(self) -> dict[str, Values]:
        return {}

    @cached_property
    def _having(self) -> dict[str, dict[str, bool]]:
        """By placeholder, by code."""
        return {}


_KNOWN_AGAIN = 12
"""Characters of a descriptor that make it more than a word of everyday language."""

Check = Callable[[Tip, Context], Iterator[Problem]]
RULES: dict[str, Check] = {}
"""Every rule by its name, in the order in which they are asked."""
ACROSS: set[str] = set()
"""Rules whose answer about a tip depends on the other tips too."""


def rule(name: str, *, across: bool = False) -> Callable[[Check], Check]:
    """Register a rule under a name; ``across`` says that it compares a tip with the others."""

    def keep(check: Check) -> Check:
        RULES[name] = check
        if across:
            ACROSS.add(name)
        return check

    return keep


def _three_words(text: str) -> Iterator[Run]:
    words = re.findall(r"[a-z0-9]+", MARK.sub(" ", text.lower()))
    return zip(words, words[1:], words[2:], strict=False)


def where_paths(where: Mapping[str, Any], path: tuple[str | int, ...] = ("where",)) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, Any]]]:
    """Yield a selector and every selector in it, with its path."""
    yield path, where
    if "not" in where:
        yield from where_paths(where["not"], (*path, "not"))
    for key in ("all", "any"):
        for i, one in enumerate(where.get(key, ())):
            yield from where_paths(one, (*path, key, i))
