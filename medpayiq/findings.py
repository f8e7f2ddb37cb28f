"""What a check found: where, what is wrong, and what to type next; all of it, then one failure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One message about one place. ``line`` and ``column`` count from 1; 0 means the whole file."""

    level: Level
    file: str
    line: int
    column: int
    message: str
    try_: str = ""
    rule: str = ""
    """Which rule of the linter says so; empty for what no rule of it is."""

    def __str__(self) -> str:
        """``file:line:col: error: what is wrong [rule]`` and, below it, ``  try: what to type``."""
        place = self.file
        if self.line:
            place += f":{self.line}"
            if self.column:
                place += f":{self.column}"
        text = f"{place}: {self.level}: {self.message}"
        if self.rule:
            text += f" [{self.rule}]"
        return f"{text}\n  try: {self.try_}" if self.try_ else text


@dataclass(slots=True)
class Findings:
    """Collects findings. A file with thousands of equal faults is cut after ``limit`` a file."""

    limit: int = 50
    items: list[Finding] = field(default_factory=list)
    _per_file: dict[tuple[str, Level], int] = field(default_factory=dict)

    def error(self, file: str, message: str, *, line: int = 0, column: int = 0, try_: str = "", rule: str = "") -> None:
        """Add what makes the run fail."""
        self._add(Finding("error", file, line, column, message, try_, rule))

    def warning(self, file: str, message: str, *, line: int = 0, column: int = 0, try_: str = "", rule: str = "") -> None:
        """Add what is listed but does not fail the run."""
        self._add(Finding("warning", file, line, column, message, try_, rule))

    def note(self, file: str, message: str, *, line: int = 0, column: int = 0, try_: str = "", rule: str = "") -> None:
        """Add a remark."""
        self._add(Finding("note", file, line, column, message, try_, rule))

    def extend(self, found: Iterable[Finding]) -> None:
        """Add findings made elsewhere."""
        for one in found:
            self._add(one)

    def of(self, level: Level) -> Iterator[Finding]:
        """The findings of one level, in the order they were made."""
        return (one for one in self.items if one.level == level)

    def count(self, level: Level) -> int:
        """Return how many of one level were found, those beyond the limit included."""
        return sum(number for (_, of), number in self._per_file.items() if of == level)

    @property
    def failed(self) -> bool:
        """True when there is an error."""
        return any(one.level == "error" for one in self.items)

    def _add(self, one: Finding) -> None:
        key = (one.file, one.level)
        seen = self._per_file.get(key, 0) + 1
        self._per_file[key] = seen
        if seen <= self.limit:
            self.items.append(one)
        elif seen == self.limit + 1:
            self.items.append(Finding(one.level, one.file, 0, 0, f"more {one.level}s like these; the first {self.limit} are listed"))


class Failed(Exception):  # noqa: N818 - it reads as a sentence: "except Failed"
    """A run ended by its findings. ``exit_code``: 1 for bad input, 2 for wrong use or missing data."""

    def __init__(self, findings: Findings | str, *, exit_code: int = 1) -> None:
        """Wrap collected findings, or one sentence."""
        if isinstance(findings, str):
            self.findings = Findings()
            text = findings
        else:
            self.findings = findings
            errors = findings.count("error")
            listed = [*findings.of("warning"), *findings.of("error")]
            text = "\n".join(str(one) for one in listed) + f"\n{errors} error{'s' if errors != 1 else ''}"
        super().__init__(text)
        self.exit_code = exit_code
