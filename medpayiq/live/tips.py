"""The tips of pages made on request: each is made ready when a page first needs it, and a save makes one tip anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from medpayiq.content.selecting import Codes, Selecting
from medpayiq.content.tips import Tip
from medpayiq.findings import Failed
from medpayiq.pages.placeholders import Facts, Values
from medpayiq.pages.tips import Compiled, Tips, nearest_first


@dataclass(slots=True)
class Known:
    """What outlives a save: the codes of each selector, and tips made ready."""

    codes: dict[str, Codes] = field(default_factory=dict)
    ready: dict[tuple[str, int], Compiled] = field(default_factory=dict)


class LiveTips(Tips):
    """Tips that were not checked yet: none of them may keep a page from being made."""

    def __init__(self, tips: tuple[Tip, ...], selecting: Selecting, facts: Facts, repository: str, today: str, known: Known) -> None:
        """Take what the tips of a build take, and what is known of them; nothing is, where rules or settings changed."""
        super().__init__(tips, selecting, facts, repository, today)
        self._known = known

    @property
    def by_code(self) -> Mapping[str, tuple[Compiled, ...]]:
        """Code to its tips, looked up when one is asked for."""
        return _ByCode(self)

    def of(self, code: str) -> tuple[Compiled, ...]:
        """Return the tips of a code, those that stand on the fewest codes first."""
        return nearest_first(self._ready(tip, len(codes)) for tip in self.tips if code in (codes := self._codes(tip)) and self.in_force(tip))

    def values(self, code: str) -> Values:
        """Return the figures of a code; a name that none has stays in its braces, where the author sees it."""
        return _Lenient(code, self.facts)

    def _codes(self, tip: Tip) -> Codes:
        key = tip.digest
        found = self._known.codes.get(key)
        if found is None:
            try:
                found = self.selecting.codes(tip.where)
            except (LookupError, ValueError, TypeError):
                found = frozenset()  # the linter says what is wrong with it
            self._known.codes[key] = found
        return found

    def _ready(self, tip: Tip, codes: int) -> Compiled:
        key = (tip.digest, codes)
        found = self._known.ready.get(key)
        if found is None:
            found = Compiled(tip, codes, self.ready)
            try:
                _ = found.ready
            except Failed:
                found = Compiled(replace(tip, sources=()), codes, self.ready)  # a document that nobody knows; the linter says so
            self._known.ready[key] = found
        return found


class _Lenient(Values):
    def get(self, name: str) -> str | None:
        try:
            return super().get(name)
        except (LookupError, ValueError, AttributeError, TypeError):
            return f"{{{name}}}"


class _ByCode(Mapping[str, tuple[Compiled, ...]]):
    """Looks a code's tips up."""

    def __init__(self, tips: LiveTips) -> None:
        self._tips = tips

    def __getitem__(self, code: str) -> tuple[Compiled, ...]:
        found = self._tips.of(code)
        if not found:
            raise KeyError(code)
        return found

    def get(self, code: str, default: Any = None) -> Any:
        return self._tips.of(code) or default

    def __iter__(self) -> Iterator[str]:
        return iter(self._tips.facts.rows)

    def __len__(self) -> int:
        return len(self._tips.facts.rows)
