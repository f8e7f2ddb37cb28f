"""What one toolkit holds, as its three files print it: immutable records, every text finished."""

from __future__ import annotations

from typing import NamedTuple


class Listed(NamedTuple):
    """Codes of a trigger, or a share of them."""

    label: str
    """``2 units``; blank where all codes of the trigger are alike."""
    codes: tuple[str, ...]
    """In order."""


class Trigger(NamedTuple):
    """Something that makes a line denied, with the codes it concerns."""

    part: str
    """Heading under which it stands: ``Status``, ``Unit limits``."""
    name: str
    mark: str
    """Column of CMS's file and its value: ``STATUS B``."""
    say: str
    do: str
    """What to do next; blank where ``say`` has it."""
    sources: tuple[str, ...]
    lists: tuple[Listed, ...]


class Standing(NamedTuple):
    """What becomes of a modifier on some codes of the specialty."""

    refused: bool
    """False: it can stand, under a condition."""
    marks: str
    """Values of the column that decides: ``BILAT SURG 9``; blank where none does."""
    why: str
    codes: tuple[str, ...]


class Pitfall(NamedTuple):
    """A modifier that is refused, or holds under conditions, on some codes of the specialty and stands on others."""

    name: str
    say: str
    stands: int
    """Number of codes on which it can stand, under a condition or without."""
    standings: tuple[Standing, ...]
    sources: tuple[str, ...]


class Beside(NamedTuple):
    """Modifiers that exclude each other on one line, or need each other."""

    among: str
    say: str


class Bypass(NamedTuple):
    """A modifier that may bypass an edit."""

    name: str
    fits: str
    record: str


class Pair(NamedTuple):
    """One edit among the weightiest."""

    rank: int
    column1: str
    name1: str
    column2: str
    name2: str
    cents: int
    """National amount of the column 2 code."""
    indicator: str


class Action(NamedTuple):
    """What a modifier indicator means and what to do when the edit fires."""

    indicator: str
    label: str
    say: str
    do: str
    sources: tuple[str, ...]


class CodeLine(NamedTuple):
    """One code with what can deny it."""

    code: str
    name: str
    verdict: str
    office: int | None
    """National amount in cents; None where there is none."""
    facility: int | None
    glob: str
    limit: int | None
    """Unit limit."""
    per: str
    """``line``, ``day, by policy`` or ``day, clinical``; blank without a limit."""
    add_on: str
    """``yes`` for an add-on code."""
    office_na: str
    """``NA`` where CMS marks it as rarely or never done in an office."""
    facility_na: str
    bilat: str
    asst: str
    cosurg: str
    team: str
    never: int
    """Edits in force with the code in column 2 that no modifier bypasses."""
    may: int
    """Those that a modifier may bypass."""


class Toolkit(NamedTuple):
    """One specialty."""

    slug: str
    name: str
    title: str
    """``Revenue Protection Toolkit: Cardiography``."""
    site: str
    """Name and address of the site."""
    release: str
    """``RVU26C, July to September 2026``."""
    facts: tuple[tuple[str, str], ...]
    notes: tuple[tuple[str, tuple[str, ...]], ...]
    """Heading and sentences: how to read it, the rule of weight, sources, licence."""
    legal: tuple[str, ...]
    """The notices that stand on the first page."""
    lines: tuple[CodeLine, ...]
    triggers: tuple[Trigger, ...]
    pitfalls: tuple[Pitfall, ...]
    never: tuple[str, str]
    """Modifiers that stand on none of the codes, and the sentence on them; blank where there are none."""
    beside: tuple[Beside, ...]
    bypass: tuple[Bypass, ...]
    actions: tuple[Action, ...]
    pairs: tuple[Pair, ...]
