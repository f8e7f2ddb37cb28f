"""What the engine is told and what it answers: a line, its circumstances, a result with its trace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from medpayiq.cms.records import Service
from medpayiq.payment.amount import Gpci, Setting
from medpayiq.payment.money import plain

Book = Mapping[str, Any]
"""The rules in force on one day, as `medpayiq.rulebook.rulebook` makes them and as the browser gets them in JSON."""


class Place(NamedTuple):
    """A payment locality as the engine needs it."""

    gpci: Gpci
    anesthesia: Mapping[str, int]
    """Anesthesia conversion factors by kind (``all``, or ``non_qp`` and ``qp``), in millionths of a dollar a unit."""


class Facts(Protocol):
    """What a release says."""

    def rows(self, code: str) -> Mapping[str, Service]:
        """Rows of a code by modifier (blank, 26, TC, 53); empty for a code that is not in the release."""
        ...

    def place(self, locality: str) -> Place | None:
        """Return a locality by ``carrier/locality``; ``00000/00`` is the nation."""
        ...


class Line(NamedTuple):
    """One claim line, read and in bounds. Amounts in cents."""

    number: int
    """From 1, as the claim has it."""
    code: str
    modifiers: tuple[str, ...]
    units: int
    charge: int | None
    net_charge: int | None
    base_units: int | None
    minutes: int | None
    induction: bool
    days: int | None
    documented: bool
    other_surgeon: bool


class Circumstances(NamedTuple):
    """What holds for every line of a claim. Amounts in cents."""

    setting: Setting
    pos: str | None
    place: Place
    national: bool
    """A look-up of the national amount, not a claim."""
    factor_kind: str | None
    """``all``, ``non_qp`` or ``qp``; None when the year needs a choice and none was made."""
    factor: int
    """Conversion factor in ten-thousandths of a dollar; 0 without a choice."""
    practitioner: str
    """Blank when nothing was said."""
    nonparticipating: bool
    five_percent: bool
    """The 5% cut is taken from a practitioner who must accept assignment."""
    deductible: int
    other_service: bool
    """The same practitioner has another payable service that day."""


class Refusal(NamedTuple):
    """An answer of rules/answers.yml with what its sentence needs."""

    answer: str
    modifier: str = ""
    other: str = ""


class Step(NamedTuple):
    """One row of the arithmetic; amounts in cents."""

    step: str
    """A step of rules/steps.yml."""
    before: int | None
    after: int
    how: str
    """The arithmetic, for a person with a hand calculator."""


class Note(NamedTuple):
    """A note of rules/answers.yml with what its sentence needs."""

    note: str
    modifier: str = ""
    other: str = ""
    line: str = ""


@dataclass(slots=True)
class Work:
    """A line on its way to an amount."""

    line: Line
    row: Service
    """The row of CMS's file that prices it."""
    parts: Mapping[str, Service]
    """Every row of the code, by modifier."""
    paying: tuple[str, ...]
    """The line's modifiers that move money, in order."""
    sites: tuple[str, ...]
    """Its modifiers that name a side or a site of the body, in order."""
    amount: int = 0
    """What has been worked out so far, in cents."""
    refused: Refusal | None = None
    floor: int | None = None
    """Least amount of a line that is priced by report, in cents."""
    conditions: list[str] = field(default_factory=list)
    """Names in rules/answers.yml."""
    notes: list[Note] = field(default_factory=list)
    trace: list[Step] = field(default_factory=list)
    partner: Work | None = field(default=None, compare=False, repr=False)
    """The line of the other side, where RT and LT are two lines."""
    second: bool = False
    """Of two such lines it is the one that is paid what the first leaves of both sides."""
    due: int = 0
    """What the rules come to before the line's charge, in cents."""
    share: dict[str, int] = field(default_factory=dict)
    """Patient's and Medicare's shares by name, in cents."""

    def has(self, *modifiers: str) -> bool:
        """Say whether one of these modifiers stands on the line."""
        return any(one in self.line.modifiers for one in modifiers)

    def stop(self, answer: str, modifier: str = "", other: str = "") -> None:
        """Refuse the line, unless it is refused already."""
        self.refused = self.refused or Refusal(answer, modifier, other)

    def note(self, name: str, *, modifier: str = "", line: str = "") -> None:
        """Add a note once."""
        made = Note(name, modifier, line=line)
        if made not in self.notes:
            self.notes.append(made)

    def step(self, name: str, after: int, how: str, *, first: bool = False) -> None:
        """Take one step: the amount becomes ``after``."""
        self.trace.append(Step(name, None if first else self.amount, after, how))
        self.amount = after


class Result(NamedTuple):
    """What the engine answers for one line. Amounts in cents."""

    result: str
    """A name of the payment spec, section 0, or INVALID_INPUT."""
    answer: str
    """The refusal of rules/answers.yml; blank where there is an amount."""
    say: str
    allowed: int | None
    row: str
    """Code and modifier of the row used, ``70496-TC``."""
    conditions: tuple[tuple[str, str], ...]
    """Name in rules/answers.yml and sentence."""
    notes: tuple[tuple[str, str], ...]
    """The same of notes."""
    trace: tuple[Step, ...]
    floor: int | None
    """Least amount of a line that is priced by report, in cents."""
    cap: int | None
    """The cap on a price that the MAC sets, in cents."""
    share: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        """Return the answer as both languages give it: amounts are text with two decimals."""
        return {
            "result": self.result,
            "answer": self.answer,
            "say": self.say,
            "allowed": _text(self.allowed),
            "row": self.row,
            "conditions": [list(one) for one in self.conditions],
            "notes": [list(one) for one in self.notes],
            "trace": [{"step": one.step, "before": _text(one.before), "after": _text(one.after), "how": one.how} for one in self.trace],
            "floor": _text(self.floor),
            "cap": _text(self.cap),
            "share": {name: plain(cents) for name, cents in self.share.items()},
        }


def _text(cents: int | None) -> str | None:
    return None if cents is None else plain(cents)
