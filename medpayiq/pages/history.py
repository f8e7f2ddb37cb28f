"""What a code was paid over the years: the table, the words for each change, and the lines of its picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from medpayiq import rules
from medpayiq.cms.records import Service
from medpayiq.days import long_date, period
from medpayiq.pages.chart import Lines, chart
from medpayiq.pages.dated import Dated
from medpayiq.pages.entries import Entry
from medpayiq.pages.history_models import Chart, History, HistoryRow
from medpayiq.pages.models import Piece
from medpayiq.pages.site import SiteData
from medpayiq.pages.verdict import status_key
from medpayiq.payment.amount import is_priced
from medpayiq.payment.money import dollars, plain, round_half_up
from medpayiq.payment.shares import pair
from medpayiq.periods import Period

_PER_CENT = 10**4
"""An RVU in hundredths times a conversion factor in ten-thousandths, down to cents."""


class State(NamedTuple):
    """What a release says of a code: two are alike where none of these differs."""

    status: str
    """The status, as a key of rules/status.yml; blank where the release does not have the code."""
    part: str
    """``26`` where the reading alone has an amount."""
    factor: int
    """Conversion factor in ten-thousandths of a dollar; 0 where there is no amount."""
    work: int
    pe_office: int
    pe_facility: int
    mp: int
    """RVUs in hundredths."""
    office: int | None
    facility: int | None
    """National amounts in cents."""
    capped: bool
    """The hospital price of imaging decides one of them."""


class Stay(NamedTuple):
    """Days without a break on which a code stood alike, and the releases that say so."""

    period: Period
    releases: tuple[str, ...]
    state: State


def history(code: str, days: Iterable[Dated], site: SiteData) -> Piece | None:
    """Return a code's history (a `History`) from its entries over the years; None where no release but one is at hand."""
    stays = list(_stays(days))
    if len({name for one in stays for name in one.releases}) < 2:
        return None
    priced = [one for one in stays if one.state.factor]
    steps = list(_steps(stays))
    changes = tuple(words for _, words in reversed(steps))
    if not priced:
        steady = len({one.state for one in stays}) == 1
        return _without_amount(code, stays[0].state.status[:1] if steady else "", _when(stays), changes)
    size, largest = max(steps, key=lambda one: one[0], default=(0, ""))
    return _piece(code, _lead(priced, site), largest if size else None, _picture(code, stays), tuple(_row(one) for one in reversed(stays)), changes)


def steady_history(code: str, status: str, site: SiteData) -> Piece | None:
    """Return the history (a `History`) of a code that has the same status in every release and never an amount."""
    spans = [span for span, _, _ in site.past.stretches]
    return _without_amount(code, status, period(spans[0].effective_from, spans[-1].effective_to)) if len(site.past.metas) > 1 else None


def _piece(code: str, lead: str, largest: str | None = None, picture: Chart | None = None, rows: tuple[HistoryRow, ...] = (), changes: tuple[str, ...] = ()) -> Piece:
    apart = any(f" {verb} $" in one for one in changes for verb in ("adds", "takes off"))
    return Piece("history", History(code, lead, largest, picture, rows, changes, apart))


def _without_amount(code: str, status: str, when: str, changes: tuple[str, ...] = ()) -> Piece:
    """Return the history of a code that never had an amount; ``status`` is the one it always had, blank where it changed."""
    if status == "J":
        return _piece(code, f"Anesthesia, paid by base and time units in every release here, {when}: it has no national amount.", changes=changes)
    return _piece(code, f"No national amount in any release here, {when}." + (f" Status {status} throughout." if status else ""), changes=changes)


def _stays(days: Iterable[Dated]) -> Iterator[Stay]:
    """Yield how the code stood, oldest first; stretches that are alike and follow each other without a break are one."""
    last: Stay | None = None
    state, before, at = _state(None, 0), None, 0
    for span, factor, entry, joined in days:
        # Most rows stay as they are from one release to the next; without an amount the factor says nothing.
        if entry is not before or (state.factor and factor != at):
            state = _state(entry, factor)
        before, at = entry, factor
        if joined and last is not None and last.state == state:
            releases = last.releases if span.release in last.releases else (*last.releases, span.release)
            last = Stay(last.period._replace(effective_to=span.effective_to), releases, state)
            continue
        if last is not None:
            yield last
        last = Stay(span, (span.release,), state)
    if last is not None:
        yield last


def _state(entry: Entry | None, factor: int) -> State:
    if entry is None:
        return State("", "", 0, 0, 0, 0, 0, None, None, capped=False)
    shown = entry.shown
    status = status_key(entry)
    if not is_priced(shown):
        return State(status, "", 0, 0, 0, 0, 0, None, None, capped=False)
    office, facility = pair(shown, factor)
    if office.cents is None and facility.cents is None:
        return State(status, "", 0, 0, 0, 0, 0, None, None, capped=False)
    capped = "OPPS_CAP" in office.notes or "OPPS_CAP" in facility.notes
    return State(status, shown.modifier, factor, shown.work, shown.pe_nonfacility, _facility_pe(shown), shown.mp, office.cents, facility.cents, capped)


def _facility_pe(row: Service) -> int:
    return row.pe_nonfacility if row.mult == "5" else row.pe_facility


def _row(stay: Stay) -> HistoryRow:
    state = stay.state
    when, names = period(stay.period.effective_from, stay.period.effective_to), ", ".join(stay.releases)
    if not state.factor:
        return HistoryRow(when, names, _no_amount(state))
    amounts = ("not paid" if one is None else dollars(one) for one in (state.office, state.facility))
    return HistoryRow(when, names, None, plain(state.work), plain(state.pe_office), plain(state.pe_facility), plain(state.mp), _factor(state.factor), *amounts)


@lru_cache(maxsize=256)
def _factor(factor: int) -> str:
    return f"{factor // 10**4}.{factor % 10**4:04d}"


def _no_amount(state: State) -> str:
    if not state.status:
        return "Not in the file"
    return f"{rules.read('status')[state.status]['verdict']} (status {state.status[:1]})"


def _when(stays: list[Stay]) -> str:
    return period(stays[0].period.effective_from, stays[-1].period.effective_to)


def _lead(priced: list[Stay], site: SiteData) -> str:
    """Say in a sentence how the amount went from the first release that has one to the last."""
    first, last = priced[0], priced[-1]
    where = "the office" if first.state.office is not None and last.state.office is not None else "a facility"
    start, end = _amount(first.state, where), _amount(last.state, where)
    since = period(first.period.effective_from, first.period.effective_to)
    if start is None or end is None or first is last or first.state.part != last.state.part:
        return f"National amounts from {_when(priced)}."
    main = ", non-QP" if site.factor_qp else ""
    change = f"{_percent(start, end)}, " if start != end else ""
    return f"From {dollars(start)} in {where} ({since}) to {dollars(end)} ({period(last.period.effective_from, last.period.effective_to)}): {change}national{main}."


def _percent(before: int, after: int) -> str:
    """Say a change in percent with one decimal: ``up 26.0%``."""
    tenths = round_half_up(1000 * abs(after - before), before) if before else 0
    return f"{'up' if after > before else 'down'} {tenths // 10}.{tenths % 10}%"


def _amount(state: State, where: str) -> int | None:
    return state.office if where == "the office" else state.facility


def _steps(stays: Iterable[Stay]) -> Iterator[tuple[int, str]]:
    """Yield what changed from each stay to the next, oldest first: by how many cents, and in words."""
    for before, after in pairwise(stays):
        words = _step(before.state, after.state)
        if words:
            yield _size(before.state, after.state), f"{_turn(before, after)}: {words}"


def _turn(before: Stay, after: Stay) -> str:
    """Name a change by its two releases; by its day where a law changed the factor within one release."""
    old, new = before.releases[-1], after.releases[0]
    return f"{old} to {new}" if old != new else f"{new}, from {long_date(after.period.effective_from)}"


def _size(old: State, new: State) -> int:
    """Return by how many cents the amount changed where both have one in the same setting."""
    pairs = ((old.office, new.office), (old.facility, new.facility))
    return next((abs(after - before) for before, after in pairs if before is not None and after is not None), 0)


def _step(old: State, new: State) -> str:
    """Say what changed between two releases, and what share each part has in it; blank where neither has the code."""
    if not old.status or not new.status:
        return f"New in the file. {_begins(new)}" if new.status else "No longer in the file." if old.status else ""
    said = list(_new_status(old, new))
    if not old.factor or not new.factor or old.part != new.part:
        said += [_begins(new)] if new.factor else []
    else:
        said += _moved(old, new)
    return " ".join(one[0].upper() + one[1:] for one in said)


def _new_status(old: State, new: State) -> Iterator[str]:
    if old.status[:1] != new.status[:1]:
        yield f"status {old.status[:1]} to {new.status[:1]}, {_verdict(new)}."
    elif old.status != new.status:
        yield f"{_verdict(new)}."


def _moved(old: State, new: State) -> Iterator[str]:
    """Yield how the amount of the office changed, else that of a facility, and which parts of the sum did it."""
    settings = [where for where in ("the office", "a facility") if _amount(old, where) is not None and _amount(new, where) is not None]
    if not settings:
        yield _begins(new)
        return
    where = next((one for one in settings if _amount(old, one) != _amount(new, one)), settings[0])
    start, end = _amount(old, where) or 0, _amount(new, where) or 0
    if where != settings[0]:
        yield f"the amount in {settings[0]} stays {dollars(_amount(new, settings[0]) or 0)}."
    if start == end:
        yield f"the amount in {where} stays {dollars(end)}."
    else:
        yield f"{'up' if end > start else 'down'} {dollars(abs(end - start))} to {dollars(end)} in {where}."
    if old.capped or new.capped:
        yield "the hospital price of imaging caps it" + (" in both." if old.capped and new.capped else f" {'from then on' if new.capped else 'no longer'}.")
    elif moved := ", ".join(_parts(old, new, where)):
        yield f"{moved}."


def _begins(new: State) -> str:
    if not new.factor:
        return f"{_no_amount(new)}."
    where = "the office" if new.office is not None else "a facility"
    return f"{dollars(new.office if new.office is not None else new.facility or 0)} in {where}{', for the reading alone' if new.part else ''}."


def _verdict(state: State) -> str:
    words = str(rules.read("status")[state.status]["verdict"])
    return words if words.startswith("MAC") else words[0].lower() + words[1:]


def _parts(old: State, new: State, where: str) -> Iterator[str]:
    """Yield what each part of the sum adds or takes, in dollars: RVUs at the old factor, the factor on the new RVUs; exact, each rounded to the cent."""
    pe = "pe_office" if where == "the office" else "pe_facility"
    for label, name in (("Work RVU", "work"), ("practice expense", pe), ("malpractice", "mp")):
        a, b = getattr(old, name), getattr(new, name)
        if a != b:
            yield f"{label} {plain(a)} to {plain(b)} {_moves((b - a) * old.factor)}"
    if old.factor != new.factor:
        total = new.work + getattr(new, pe) + new.mp
        yield f"conversion factor ${_factor(old.factor)} to ${_factor(new.factor)} {_moves(total * (new.factor - old.factor))}"


def _moves(amount: int) -> str:
    """Say what an amount in millionths of a dollar adds or takes."""
    return f"{'adds' if amount > 0 else 'takes off'} {dollars(round_half_up(abs(amount), _PER_CENT))}"


def _picture(code: str, stays: list[Stay]) -> Chart | None:
    """Return the picture of amounts and RVUs; None for a code that has an amount in one stretch alone."""
    if sum(1 for one in stays if one.state.factor) < 2:
        return None
    office = [one.state.office for one in stays]
    facility = [one.state.facility for one in stays]
    units_office = [None if one.state.office is None else one.state.work + one.state.pe_office + one.state.mp for one in stays]
    units_facility = [None if one.state.facility is None else one.state.work + one.state.pe_facility + one.state.mp for one in stays]
    title = f"National amount and total RVUs of {code}, {_when(stays)}"
    spans = tuple(one.period for one in stays)
    return chart(title, spans, (Lines("National amount", office, facility, dollars), Lines("Total RVUs", units_office, units_facility, plain)))
