"""The rules for several services of one day: surgical ranking, endoscopic families, scans, heart and eye tests, and the caps after them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from medpayiq.payment.amount import fee_schedule
from medpayiq.payment.items import Item, Parts
from medpayiq.payment.model import Book, Circumstances, Facts, Refusal, Work
from medpayiq.payment.money import EXACT, exact_percent, exact_words, percent_of, plain, round_half_up, to_cents

_FULLY_RANKED = 5
"""Procedures of a day with a national percentage; later ones are by report (chapter 12, section 40.6.C)."""
_FAMILIES = {"4": "imaging", "6": "cardiovascular", "7": "ophthalmology"}
"""Multiple procedure indicators whose technical parts are reduced, each family by itself (chapter 23, Addendum, field 21)."""


class Ranked(NamedTuple):
    """One place in the ranking: an item, a whole endoscopic family, or the lines that share one procedure."""

    total: int
    members: tuple[tuple[Item, int], ...]
    """Items with what each brings to the total, the highest first."""
    shares: bool = False
    """Each member is paid for itself: surgery and care after it (54, 55), or reading and technical part (26, TC)."""


def apply(items: Sequence[Item], circumstances: Circumstances, facts: Facts, book: Book) -> None:
    """Give every item what it is paid after the rules for several services, the imaging cap and the CT cut; put the steps on the lines.

    The order is the payment specification's, section 14, steps 5 and 6.
    """
    for item in items:
        item.paid = item.fee
    _rank([one for one in items if ranks(one.holders[0])], circumstances, facts, book)
    technical = [one for one in items if not ranks(one.holders[0])]
    for mult, step in _FAMILIES.items():
        _reduce_parts([one for one in technical if one.holders[0].row.mult == mult], step, book)
    _settle(technical, book)


def ranks(work: Work) -> bool:
    """Say whether a line is ranked among procedures."""
    return work.row.mult in {"2", "3"} and not work.has("78")


# -- surgery and endoscopy ---------------------------------------------------------------------------------------------


def _rank(items: Sequence[Item], circumstances: Circumstances, facts: Facts, book: Book) -> None:
    """Rank procedures by fee schedule amount after sides: the first whole, the second to fifth at a percentage (section 40.6.C)."""
    ranked = _families(items, circumstances, facts)
    ranked.sort(key=lambda one: (-one.total, one.members[0][0].key()))
    percent = book["percentages"]["second_procedure"]
    for place, one in enumerate(ranked, 1):
        if place == 1:
            for item, brings in one.members:
                item.paid = brings
            continue
        total = sum(percent_of(brings, percent) for _, brings in one.members) if one.shares else percent_of(one.total, percent)
        last = max((at for at, (_, brings) in enumerate(one.members) if brings), default=0)
        rest = total
        for at, (item, brings) in enumerate(one.members):
            item.paid = percent_of(brings, percent)
            if at != last:
                rest -= item.paid
        one.members[last][0].paid = rest  # the last line takes the odd cent (payment spec, section 5.2)
        for item, brings in one.members:
            which = f"rank {place}" if place <= _FULLY_RANKED else f"rank {_FULLY_RANKED + 1} and later"
            item.how.append(f"{which}: {plain(brings)} × {percent}% = {plain(item.paid)}")
            if place > _FULLY_RANKED and not _included(item):
                item.stop("sixth_procedure")
    if len(ranked) > 1:
        for item, _ in ranked[0].members:
            item.how.append(f"rank 1: {plain(item.paid)}")
        _put_steps(items, "ranking")
    for item in items:
        for work in item.holders:
            if work.refused is not None and work.refused.answer == "sixth_procedure":
                work.floor = work.amount
                work.refused = Refusal("sixth_procedure", other=plain(work.amount))
            elif work.refused is not None:
                for other in (one for item in items for one in item.holders if one is not work):
                    other.note("BY_REPORT_RANKS", line=str(work.line.number))


def _included(item: Item) -> bool:
    """Say whether it is the base of a family beside it, which is never paid apart, whatever the family's rank (field 21)."""
    return any(one.note == "BASE_INCLUDED" for one in item.holders[0].notes)


def _families(items: Sequence[Item], circumstances: Circumstances, facts: Facts) -> list[Ranked]:
    """Pay endoscopies of one base as one service: the highest whole, the others over the base, the base itself nothing (field 21)."""
    bases = {one.holders[0].row.endo_base for one in items if one.holders[0].row.mult == "3"}
    ranked: list[Ranked] = []
    alone: list[Item] = []
    grouped: dict[str, list[Item]] = {}
    for item in items:
        row = item.holders[0].row
        base = row.endo_base if row.mult == "3" else row.code if row.code in bases else ""
        if base:
            grouped.setdefault(base, []).append(item)
        else:
            alone.append(item)
    ranked += _shared(alone)
    for base, family in grouped.items():
        members = sorted((one for one in family if one.holders[0].row.mult == "3"), key=lambda one: (-one.fee, one.key()))
        included = [one for one in family if one.holders[0].row.mult != "3"]
        brings = [(members[0], members[0].fee)]
        base_row = facts.rows(base).get("")
        for item in members[1:]:
            if base_row is None:
                item.stop("base_unknown", other=base)
                brings.append((item, item.fee))
                continue
            of_base = fee_schedule(base_row, circumstances.factor, circumstances.setting, circumstances.place.gpci)
            # The base as often as the member: both sides of a joint are both sides of its base.
            of_base = percent_of(of_base, str(item.sides))
            if item.fee < of_base:
                item.note("NEGATIVE_DIFFERENCE")
            difference = max(0, item.fee - of_base)
            item.how.append(f"{plain(item.fee)} − {plain(of_base)} ({base}) = {plain(difference)}")
            brings.append((item, difference))
        for item in included:
            item.note("BASE_INCLUDED")
            item.how.append(f"{base} is inside its family: 0.00")
            brings.append((item, 0))
        if len(brings) > 1:
            brings[0][0].how.append(f"highest of the family {base}: {plain(brings[0][1])}")
            for item, amount in brings:
                item.paid = amount
            _put_steps([item for item, _ in brings], "endoscopy")
        ranked.append(Ranked(sum(amount for _, amount in brings), tuple(brings)))
    return ranked


def _shared(items: Sequence[Item]) -> list[Ranked]:
    """Give one place to lines that share one procedure: 54 with 55 of one package (section 40.4.B), 26 with TC of one test."""
    places: dict[tuple[str, ...], list[Item]] = {}
    for item in sorted(items, key=lambda one: (-one.fee, one.key())):
        work = item.holders[0]
        rest = [one for one in work.paying if one not in {"54", "55", "26", "TC"}]
        sites = [one for one in work.line.modifiers if one in work.sites]
        places.setdefault((work.line.code, *rest, *sorted(sites)), []).append(item)
    ranked: list[Ranked] = []
    for alike in places.values():
        for one, other in (("54", "55"), ("26", "TC")):
            firsts, seconds = [[item for item in alike if item.holders[0].has(name)] for name in (one, other)]
            for first, second in zip(firsts, seconds, strict=False):
                total = first.fee if one == "54" else first.fee + second.fee
                members = sorted(((first, first.fee), (second, second.fee)), key=lambda pair: (-pair[1], pair[0].key()))
                ranked.append(Ranked(total, tuple(members), shares=True))
                alike = [item for item in alike if item is not first and item is not second]  # units of one line are alike, not one
        ranked += [Ranked(item.fee, ((item, item.fee),)) for item in alike]
    return ranked


# -- tests in two parts ------------------------------------------------------------------------------------------------


def _reduce_parts(items: Sequence[Item], step: str, book: Book) -> None:
    """Rank technical parts, and for scans professional parts apart, each by its uncapped amount; reduce all but the first."""
    if len(items) < 2:
        return
    percents = book["percentages"]
    for part, name in (("tc", f"{step}_tc"), ("pc", f"{step}_pc")):
        if name not in percents:
            continue
        with_part = [(getattr(one.parts, part), one) for one in items if one.parts is not None and getattr(one.parts, part)]
        with_part.sort(key=lambda one: (-one[0], one[1].key()))
        for before, item in with_part[1:]:
            left = exact_percent(before, percents[name])
            item.how.append(f"{part.upper()} {exact_words(before)} × {percents[name]}% = {exact_words(left)}")
            setattr(item.parts, part, left)
    for item in items:
        if item.parts is None:
            item.stop("parts_unknown")
        elif item.how:
            item.cut = True
            item.paid = to_cents(item.parts.pc + item.parts.tc)
            if item.parts.pc and item.parts.tc:
                item.how.append(f"{exact_words(item.parts.pc)} + {exact_words(item.parts.tc)} = {plain(item.paid)}")
            elif item.parts.tc:
                item.parts.tc = EXACT * item.paid  # one part alone is a line's amount, rounded before the cut of CT (payment spec, section 14)
            if step == "imaging":
                item.note("SAME_SESSION")
    _put_steps(items, step)


def _settle(items: Sequence[Item], book: Book) -> None:
    """Cap imaging at the hospital price, after reductions, and then take the CT cut (payment spec, sections 1.8, 5.3, 13)."""
    for item in items:
        if item.cut and item.parts is not None:
            _cap_part(item, item.parts)
        elif item.cap is not None and item.paid > item.cap:
            item.how.append(f"lower of {plain(item.paid)} and {plain(item.cap)}")
            item.paid = item.cap
        if item.how:
            item.note("OPPS_CAP")
    _put_steps(items, "cap")
    scans = [one for one in items if one.holders[0].has("CT")]
    _refuse_either_order(scans, book)
    for item in scans:
        _cut_ct(item, book)
    _put_steps(items, "ct")


def _cap_part(item: Item, parts: Parts) -> None:
    """Cap the technical part of a service that is the sum of its parts; with CT the cap and the cut are weighed together."""
    if parts.cap is None or parts.tc <= parts.cap or item.holders[0].has("CT"):
        return
    parts.tc = parts.cap
    item.paid = to_cents(parts.pc + parts.tc)
    words = f"{exact_words(parts.pc)} + " if parts.pc else ""
    item.how.append(f"technical part at most {exact_words(parts.cap)}: {words}{exact_words(parts.tc)} = {plain(item.paid)}")


def _refuse_either_order(items: Sequence[Item], book: Book) -> None:
    """Refuse lines of which the CT cut before the cap makes another amount than after it: no text settles the order. Both are named, for the whole line."""
    percent = book["percentages"]["ct_standard"]
    lines: dict[int, tuple[Work, int, int]] = {}
    for item in items:
        if item.parts is None:
            continue
        pc, tc = item.parts.pc, item.parts.tc
        capped = tc if item.parts.cap is None else min(tc, item.parts.cap)
        cap_first = to_cents(pc + exact_percent(capped, percent))
        cut_first = to_cents(pc + min(exact_percent(tc, percent), capped))
        for at, work in enumerate(item.holders):
            _, one, other = lines.get(work.line.number, (work, 0, 0))
            lines[work.line.number] = work, one + _of_line(item, cap_first, at), other + _of_line(item, cut_first, at)
    for work, one, other in lines.values():
        if one != other:
            work.stop("ct_and_cap", plain(one), plain(other))


def _cut_ct(item: Item, book: Book) -> None:
    """Cut the technical part of a CT off the dose standard (chapter 13, section 20.2.4)."""
    if item.parts is None:
        item.stop("parts_unknown")
        return
    if item.holders[0].row.modifier == "26":
        item.note("NO_EFFECT_ON_READING", modifier="CT")
        return
    percent = book["percentages"]["ct_standard"]
    left = exact_percent(item.parts.tc, percent)
    item.paid = to_cents(item.parts.pc + left)
    words = f"{exact_words(item.parts.tc)} × {percent}% = {exact_words(left)}"
    item.how.append(words if not item.parts.pc else f"{exact_words(item.parts.pc)} + ({words}) = {plain(item.paid)}")


def _put_steps(items: Sequence[Item], step: str) -> None:
    """Put what was noted on items as one step on each of their lines; the second line of a pair takes the odd cent."""
    lines: dict[int, tuple[Work, int, list[str]]] = {}
    changed: set[int] = set()
    for item in items:
        for at, work in enumerate(item.holders):
            amount = _of_line(item, item.paid, at)
            before = lines.get(work.line.number)
            lines[work.line.number] = (work, amount + (before[1] if before else 0), [*(before[2] if before else []), *item.how])
            if item.how:
                changed.add(work.line.number)
        item.how = []
    for number, (work, amount, how) in lines.items():
        if number in changed:
            work.step(step, amount, "; ".join(dict.fromkeys(how)))


def _of_line(item: Item, cents: int, at: int) -> int:
    """Return what of a service's amount is on its first (0) or second line: on one line all of it, on two the first side's amount and the rest."""
    if len(item.holders) < 2:
        return cents
    first = round_half_up(cents * 100, item.sides)
    return cents - first if at else first
