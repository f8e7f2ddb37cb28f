"""What two releases differ in: rows that are new, gone or other, edit pairs, and what cannot be compared.

Nothing here is worked out from anything else: whoever has the first release and this can make the second, and the other way round.
What follows from it, such as amounts, is in deriving.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from medpayiq.cms.records import Locality, Service, UnitLimit
from medpayiq.edits import Edition
from medpayiq.rules import ConversionFactors

Row = TypeVar("Row", bound=tuple[object, ...])


@dataclass(frozen=True, slots=True)
class Difference(Generic[Row]):
    """Rows of one table, each list in the order of the rows' keys."""

    added: tuple[Row, ...]
    dropped: tuple[Row, ...]
    changed: tuple[tuple[Row, Row], ...]
    """Before and after, where any of its values differs."""

    def __bool__(self) -> bool:
        """Return True when anything differs."""
        return bool(self.added or self.dropped or self.changed)

    def mirrored(self) -> Difference[Row]:
        """Return the same, seen from the other release."""
        return Difference(self.dropped, self.added, tuple((after, before) for before, after in self.changed))


class Pairs(NamedTuple):
    """Edits of one column 1 code that have one modifier indicator."""

    column1: str
    indicator: str
    column2: str
    """Codes in order, a blank between them: half a million pairs stay small."""

    @property
    def codes(self) -> list[str]:
        """The column 2 codes."""
        return self.column2.split()


class Moved(NamedTuple):
    """Edits of one column 1 code whose modifier indicator went from one value to another."""

    column1: str
    before: str
    after: str
    column2: str

    @property
    def codes(self) -> list[str]:
        """The column 2 codes."""
        return self.column2.split()


@dataclass(frozen=True, slots=True)
class EditChanges:
    """Edit pairs in force in the quarter of one edit set and not in that of the other, and those with another indicator."""

    before: Edition
    after: Edition
    in_force: tuple[int, int]
    """Number of pairs before and after."""
    added: tuple[Pairs, ...]
    dropped: tuple[Pairs, ...]
    moved: tuple[Moved, ...]

    def __bool__(self) -> bool:
        """Return True when anything differs."""
        return bool(self.added or self.dropped or self.moved)

    def mirrored(self) -> EditChanges:
        """Return the same, seen from the other set."""
        moved = sorted(Moved(one.column1, one.after, one.before, one.column2) for one in self.moved)
        return EditChanges(self.after, self.before, (self.in_force[1], self.in_force[0]), self.dropped, self.added, tuple(moved))


@dataclass(frozen=True, slots=True)
class LimitChanges:
    """Unit limits (MUE) that are new, gone or other."""

    before: Edition
    after: Edition
    limits: Difference[UnitLimit]

    def __bool__(self) -> bool:
        """Return True when anything differs."""
        return bool(self.limits)

    def mirrored(self) -> LimitChanges:
        """Return the same, seen from the other table."""
        return LimitChanges(self.after, self.before, self.limits.mirrored())


@dataclass(frozen=True, slots=True)
class Side:
    """A release that is compared."""

    release: str
    first: str
    last: str
    """Its first and last day, ISO dates."""
    factors: tuple[tuple[str, str], ...]
    """``(("all", "32.3465"),)`` to 2025; from 2026 on ``non_qp`` and ``qp``: dollars, four decimals."""
    rows: int
    codes: int
    sample: bool

    def factor(self, kind: str) -> int:
        """Return the factor of a kind (``non_qp``, ``qp``) in ten-thousandths of a dollar; to 2025 it is the one for all."""
        return ConversionFactors(dict(self.factors)).exact(kind)


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything in which two releases differ."""

    before: Side
    after: Side
    services: Difference[Service]
    """Rows of PPRRVU by code and modifier; their line numbers are no facts, and are 0."""
    new_codes: tuple[str, ...]
    """Codes that had no row before."""
    deleted_codes: tuple[str, ...]
    factor_rows: tuple[Service, ...]
    """Rows that stayed as they were, where a conversion factor did not: their amounts change all the same."""
    localities: Difference[Locality]
    limits: LimitChanges | None
    """None where one of the releases came without."""
    edits: EditChanges | None
    """None where one of the releases came without."""
    not_compared: tuple[str, ...]
    """What one of the two does not say, a sentence each."""
    unsaid: frozenset[str] = frozenset()
    """Columns of `Service` that one of the two files does not have."""

    def __bool__(self) -> bool:
        """Return True when any fact differs; the names and dates of the releases are none."""
        return bool(self.services or self.localities or self.limits or self.edits or self.before.factors != self.after.factors)
