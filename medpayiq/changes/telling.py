"""Tells in a few sentences what changed from one release to another, each with its figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter

from medpayiq.changes import deriving
from medpayiq.changes.deriving import AmountChange
from medpayiq.changes.model import Changes
from medpayiq.changes.watching import Flag
from medpayiq.payment.money import dollars

_FACTORS = {"all": "", "non_qp": " non-QP", "qp": " QP"}


def sentences(changes: Changes, flags: Sequence[Flag] = (), amounts: Sequence[AmountChange] | None = None) -> list[str]:
    """Return the summary, what concerns most codes first; ``amounts`` are those of `deriving.amount_changes`, where they are at hand."""
    made = [_rows(changes), _codes(changes), _status(changes), factors(changes.before.factors, changes.after.factors)]
    made += _amounts(changes, deriving.amount_changes(changes) if amounts is None else amounts)
    made += [_rvus(changes), _indicators(changes), *_edits(changes), *_limits(changes), _localities(changes)]
    if flags:
        tips = len({one.tip for one in flags})
        made.append(f"{counted(tips, 'tip')} {'is' if tips == 1 else 'are'} to be verified again: a fact that {'it watches' if tips == 1 else 'they watch'} changed on {counted(len({one.code for one in flags}), 'code')}.")
    return made


def counted(number: int, what: str, many: str = "") -> str:
    """Say how many: ``79 rows``, ``1 row``, ``no row``."""
    return f"no {what}" if not number else f"{number:,} {what if number == 1 else many or f'{what}s'}"


def started(text: str) -> str:
    """Return a sentence with a capital at its start."""
    return text[:1].upper() + text[1:]


def _rows(changes: Changes) -> str:
    added, dropped = len(changes.services.added), len(changes.services.dropped)
    return started(f"{counted(added, 'row')} added, {counted(dropped, 'row')} deleted: {changes.before.rows:,} rows before, {changes.after.rows:,} after.")


def _codes(changes: Changes) -> str:
    new, gone = len(changes.new_codes), len(changes.deleted_codes)
    return started(f"{counted(new, 'new code')}, {counted(gone, 'deleted code')}.")


def _status(changes: Changes) -> str:
    found = deriving.status_changes(changes)
    if not found:
        return "No row changed its status."
    ways: dict[str, int] = {}
    for one in found:
        way = f"{one.before} to {one.after}"
        ways[way] = ways.get(way, 0) + 1
    told = sorted(ways.items(), key=lambda way: (-way[1], way[0]))
    words = ", ".join(f"{number:,} from {way}" for way, number in told[:6])
    rest = sum(number for _, number in told[6:])
    return started(f"{counted(len(found), 'status change')}: {words}{f', {rest:,} others' if rest else ''}.")


def factors(old: Iterable[tuple[str, str]], new: Iterable[tuple[str, str]]) -> str:
    """Say in a sentence what became of the conversion factors, each given with its kind."""
    before, after = sorted(old), sorted(new)
    plural = "s" if len(after) > 1 else ""
    if before == after:
        return f"The conversion factor{plural} stay{'' if plural else 's'} {_in_words(after)}."
    return f"The conversion factor{plural} changed from {_in_words(before)} to {_in_words(after)}."


def _in_words(given: Iterable[tuple[str, str]]) -> str:
    """Say conversion factors: ``$33.4009 non-QP and $33.5675 QP``."""
    return " and ".join(f"${figure}{_FACTORS[kind]}" for kind, figure in given)


def _amounts(changes: Changes, amounts: Sequence[AmountChange]) -> Iterator[str]:
    main = deriving.kinds(changes)[0]
    found = [one for one in amounts if one.kind == main]
    which = "national amount" + (" (non-QP)" if main else "")
    begun = sum(1 for one in found if not one.before)
    ended = sum(1 for one in found if not one.after)
    moved = len(found) - begun - ended
    edges = [words for number, words in ((begun, f"{counted(begun, 'row')} had none before"), (ended, f"{counted(ended, 'row')} {'has' if ended == 1 else 'have'} none now")) if number]
    yield started(f"{counted(moved, 'row')} in both releases {'has' if moved < 2 else 'have'} a different {which}{'; ' if edges else ''}{' and '.join(edges)}.")
    far = deriving.movers(found)
    up = sum(1 for one in far if one.cents > 0)
    if not far:
        return
    yield started(f"by code {counted(up, 'amount')} went up and {counted(len(far) - up, 'amount')} down.")
    most = deriving.biggest_by_cents(far, 1)[0]
    yield f"The biggest move is that of {most.code}{f' ({most.modifier})' if most.modifier else ''} in {'the office' if most.setting == 'office' else 'a facility'}: from {dollars(most.before)} to {dollars(most.after)}."


def _rvus(changes: Changes) -> str:
    found = deriving.rvu_changes(changes)
    if not found:
        return "No work, practice expense or malpractice RVU changed."
    rows = len({(one.code, one.modifier) for one in found})
    parts = {label: sum(1 for one in found if one.column == name) for name, label in deriving.RVUS.items()}
    return started(f"{counted(rows, 'row')} {'has' if rows == 1 else 'have'} different RVUs: {', '.join(f'{label} in {number:,}' for label, number in parts.items() if number)}.")


def _indicators(changes: Changes) -> str:
    found = deriving.indicator_changes(changes)
    if not found:
        return "No indicator changed."
    rows = len({(one.code, one.modifier) for values in found.values() for one in values})
    columns = sorted(((len(values), deriving.words_of(name)) for name, values in found.items()), key=lambda one: (-one[0], one[1]))
    return started(f"{counted(rows, 'row')} {'has' if rows == 1 else 'have'} different indicators: {', '.join(f'{name} in {number:,}' for number, name in columns)}.")


def _edits(changes: Changes) -> Iterator[str]:
    if changes.edits is None:
        return
    added, dropped, moved = (sum(len(one.codes) for one in found) for found in (changes.edits.added, changes.edits.dropped, changes.edits.moved))
    old, new = changes.edits.before, changes.edits.after
    if old == new:
        yield f"Both releases have the edit set {new}."
        return
    before, after = changes.edits.in_force
    yield started(f"{counted(added, 'edit pair')} added and {counted(dropped, 'edit pair')} dropped from {old.quarter} to {new.quarter}: {before:,} in force before, {after:,} after; {counted(moved, 'pair')} with a different modifier indicator.")


def _limits(changes: Changes) -> Iterator[str]:
    if changes.limits is None:
        return
    old, new, found = changes.limits.before, changes.limits.after, changes.limits.limits
    if old == new and not found:
        yield f"Both releases have the unit limits of {new}."
        return
    yield started(f"unit limits from {old.quarter} to {new.quarter}: {counted(len(found.added), 'code')} with a new one, {counted(len(found.dropped), 'code')} with none any more, {counted(len(deriving.other_limits(changes)), 'code')} with a different one.")


def _localities(changes: Changes) -> str:
    found = deriving.index_changes(changes)
    added, dropped = len(changes.localities.added), len(changes.localities.dropped)
    words = "No locality index changed" if not found else started(f"{counted(len(found), 'locality', 'localities')} {'has' if len(found) == 1 else 'have'} different indices ({_indices(changes)})")
    both = f"; {counted(added, 'locality', 'localities')} new, {counted(dropped, 'locality', 'localities')} gone" if added or dropped else ""
    return f"{words}{both}."


def _indices(changes: Changes) -> str:
    found = deriving.index_changes(changes)
    numbers = {label: sum(1 for one in found if attrgetter(name)(one.before) != attrgetter(name)(one.after)) for name, label in deriving.INDICES.items()}
    return ", ".join(f"{label} {number}" for label, number in numbers.items() if number)
