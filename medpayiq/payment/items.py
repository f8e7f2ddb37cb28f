"""Turns admitted lines into the single services that the claim-level rules rank: units, sides, the parts of tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from medpayiq.cms.records import Service
from medpayiq.payment.admission import SIDES
from medpayiq.payment.amount import base_cents, fee_schedule, is_priced, opps_cap, practice_expense
from medpayiq.payment.model import Book, Circumstances, Facts, Work
from medpayiq.payment.money import EXACT, exact_percent, exact_words, percent_of, percent_words, plain, scaled, to_cents

FLAT_RATE = "FLAT_RATE_SUPPLY_VERIFY"
"""The note on a supply with one flat price for each square centimeter."""
RANKED = frozenset("23467")
"""Multiple procedure indicators whose services are ranked one by one."""


@dataclass(slots=True)
class Parts:
    """Professional and technical part of a service; ``cap`` is the technical part's. Unrounded: cents times ``EXACT``.

    A reduced test is rounded once, after its parts are added (payment spec, section 5.3); one part alone after each rule (section 14).
    """

    pc: int
    tc: int
    cap: int | None = None

    def times(self, percent: str) -> Parts:
        """Return a percentage of every part."""
        return Parts(exact_percent(self.pc, percent), exact_percent(self.tc, percent), None if self.cap is None else exact_percent(self.cap, percent))


Tie = tuple[int, str, int, int, str, str, int, bool, int]
_ALL_DAYS = 90
"""The longest global period: care after surgery without its days is that of all days."""


@dataclass(slots=True)
class Item:
    """One service of the claim: a unit of a line, or both sides of a pair of lines. Amounts in cents."""

    holders: tuple[Work, ...]
    """The line, or the two lines of an RT and LT pair."""
    fee: int
    """Fee schedule amount after sides, before any cap."""
    sides: int
    """Percent of one side's amount: 100, or what both sides are paid."""
    parts: Parts | None
    cap: int | None
    """Cap on the whole service."""
    cut: bool
    """Film, plate or CT cut the technical part, so that the amount is the sum of the parts."""
    paid: int = 0
    how: list[str] = field(default_factory=list)

    def stop(self, answer: str, other: str = "") -> None:
        """Refuse its lines, unless they are refused already."""
        for work in self.holders:
            work.stop(answer, other=other)

    def note(self, name: str, *, modifier: str = "") -> None:
        """Add a note once to each of its lines."""
        for work in self.holders:
            work.note(name, modifier=modifier)

    def key(self) -> Tie:
        """Decide between items of equal amount."""
        return min(tie(one) for one in self.holders)


def tie(work: Work) -> Tie:
    """Decide between lines of equal amount: the higher charge first (chapter 12, section 40.6.C.15), then as the claim has them.

    What else a line is paid by comes before its place on the claim, so that the claim's total does not depend on the order of its
    lines: paying modifiers, days of care (none given are all of them), units, other modifiers, code, net charge, documents. A line
    without a charge comes after those that have one. Which side it is decides nothing: both are paid alike.
    """
    line = work.line
    days = _ALL_DAYS if line.days is None else line.days
    others = " ".join(sorted(one for one in line.modifiers if one not in SIDES))
    net = -1 if line.net_charge is None else line.net_charge
    return 1 if line.charge is None else -line.charge, " ".join(work.paying), -days, -line.units, others, line.code, net, not line.documented, line.number


def base(work: Work, circumstances: Circumstances) -> None:
    """Take the first step: the fee schedule amount of one unit of the row (payment spec, section 1.1)."""
    row, gpci = work.row, circumstances.place.gpci
    pe = practice_expense(row, circumstances.setting)
    product = (row.work * gpci.work + pe * gpci.pe + row.mp * gpci.mp) * circumstances.factor
    exact = scaled(product, 9).rstrip("0").rstrip(".")
    how = f"({plain(row.work)} × {scaled(gpci.work, 3)} + {plain(pe)} × {scaled(gpci.pe, 3)} + {plain(row.mp)} × {scaled(gpci.mp, 3)}) × {scaled(circumstances.factor, 4)} = {exact}"
    work.step("base", base_cents(row.work, pe, row.mp, circumstances.factor, gpci), how, first=True)


def parts_of(work: Work, circumstances: Circumstances, facts: Facts, book: Book) -> Parts | None:
    """Return the professional and technical part of one unit; None where CMS's file does not tell them apart.

    A test in two parts has a row for each; what is technical alone (PC/TC 3) or a reading alone (2) is one part; of a whole
    test (4) the parts are codes of their own (rules/lists.yml).
    """
    row = work.row

    def fee(of: Service) -> int:
        return EXACT * fee_schedule(of, circumstances.factor, circumstances.setting, circumstances.place.gpci)

    def cap(of: Service) -> int | None:
        cents = opps_cap(of, circumstances.factor, circumstances.setting, circumstances.place.gpci)
        return None if cents is None else EXACT * cents

    if row.modifier == "26" or row.pctc == "2":
        return Parts(fee(row), 0)
    if row.modifier == "TC" or row.pctc == "3":
        return Parts(0, fee(row), cap(row))
    reading, technical = work.parts.get("26"), work.parts.get("TC")
    if reading is not None and technical is not None:
        return Parts(fee(reading), fee(technical), cap(technical))
    whole = book["whole_tests"].get(row.code)
    if whole is None:
        return None
    sums = []
    for kind in ("professional", "technical"):
        rows = [facts.rows(code).get("") for code in whole[kind]]
        found = [one for one in rows if one is not None and is_priced(one)]
        if len(found) < len(rows):
            return None
        pe = sum(practice_expense(one, circumstances.setting) for one in found)
        sums.append(EXACT * base_cents(sum(one.work for one in found), pe, sum(one.mp for one in found), circumstances.factor, circumstances.place.gpci))
    return Parts(*sums)


def items(works: Sequence[Work], circumstances: Circumstances, facts: Facts, book: Book) -> list[Item]:
    """Return the services of all lines but therapy's and anesthesia's, film cuts and sides applied (payment spec, sections 6, 13)."""
    _pair(works)
    made: list[Item] = []
    # Film is cut on all lines before the first line of a pair settles the second.
    of_lines = [(work, parts, _film(work, parts, book)) for work in works for parts in [parts_of(work, circumstances, facts, book)]]
    for work, parts, cut in of_lines:
        cap = opps_cap(work.row, circumstances.factor, circumstances.setting, circumstances.place.gpci)
        other = work.partner
        if work.second:
            continue  # the first line of the pair holds the item
        fee, units = work.amount, work.line.units
        rule = _sides(work, paired=other is not None)
        if rule is None:
            if units > 1:
                work.step("units", fee * units, f"{plain(fee)} × {units} = {plain(fee * units)}")
            # Services that are ranked are ranked one by one; others are paid alike.
            each, times = (units, 1) if work.row.mult in RANKED else (1, units)
            made += [Item((work,), fee * times, 100, parts.times(str(100 * times)) if parts else None, None if cap is None else cap * times, cut) for _ in range(each)]
            continue
        percent = "100" if rule == "100" else book["percentages"][rule]
        both = percent_of(fee, percent)
        if other is None:
            work.step("sides", both, percent_words(fee, percent))
        else:
            work.step("sides", fee, f"{percent_words(fee, percent)}; this side {plain(fee)}")
            other.step("sides", both - fee, f"{plain(both)} − {plain(fee)} = {plain(both - fee)}")
            if both == fee:
                other.note("SIDES_ONCE")
        made.append(Item((work,) if other is None else (work, other), both, int(percent), parts.times(percent) if parts else None, None if cap is None else percent_of(cap, percent), cut))
    return made


def _film(work: Work, parts: Parts | None, book: Book) -> bool:
    """Cut the technical part for film (FX) or plate (FY), before every other rule (Social Security Act 1848(b)(9); chapter 13, section 20.2.6)."""
    modifier = next((one for one in ("FX", "FY") if work.has(one)), None)
    if modifier is None:
        return work.has("CT")
    if work.row.modifier == "26" or work.row.pctc == "2":
        work.note("NO_EFFECT_ON_READING", modifier=modifier)
        return False
    if parts is None:
        work.stop("parts_unknown")
        return False
    percent = book["percentages"][book["modifiers"][modifier]["percent"]]
    left = exact_percent(parts.tc, percent)
    total = to_cents(parts.pc + left)
    how = f"{exact_words(parts.tc)} × {percent}% = {exact_words(left)}"
    work.step("film", total, how if not parts.pc else f"{exact_words(parts.pc)} + ({how}) = {plain(total)}")
    # What is technical alone is a line's amount, which each rule rounds (payment spec, section 14); of a whole test it is a part.
    parts.tc = left if parts.pc else EXACT * total
    return True


def _sides(work: Work, *, paired: bool) -> str | None:
    """Return how both sides are paid: ``100``, or a rule of rules/percentages.yml; None for a service that is not both sides.

    Both sides are 50, an RT and an LT line, or two units that name no site (chapter 23, Addendum, field 22).
    """
    row = work.row
    if work.has("78"):
        if work.has("50"):
            work.note("NOT_ON_RETURN")
        return None
    by_units = work.line.units == 2 and row.bilat in {"1", "2", "3"} and not work.sites
    if not (work.has("50") or paired or by_units):
        return None
    if row.bilat == "1" and not work.has("50"):
        work.note("BILL_AS_50")
    return {"1": "both_sides", "3": "two_sides"}.get(row.bilat, "100")


def _pair(works: Sequence[Work]) -> None:
    """Match each RT line with an LT line of the same code and the same paying modifiers.

    A supply that is paid by the square centimeter is a quantity on either side, and never both sides of one thing (section 40.7.C.3, note).

    Which lines go together, and which of the two is paid whole, is decided like a tie: by what a line is paid by, not by where it stands.
    """
    sides: dict[tuple[str, ...], dict[str, list[Work]]] = {}
    for work in sorted(works, key=tie):
        side = next((one for one in SIDES if work.has(one)), None)
        if side is None or work.line.units != 1 or work.row.bilat not in {"0", "1", "2", "3"} or work.has("78") or any(one.note == FLAT_RATE for one in work.notes):
            continue
        sides.setdefault((work.line.code, *work.paying), {one: [] for one in SIDES})[side].append(work)
    for both in sides.values():
        for right, left in zip(*both.values(), strict=False):
            right.partner, left.partner = left, right
            max(right, left, key=tie).second = True
