"""What follows from the differences of two releases: status, RVUs, indicators, national amounts, indices, and the biggest movers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from medpayiq import rules
from medpayiq.changes.model import Changes
from medpayiq.cms.records import Locality, Service, UnitLimit
from medpayiq.payment.amount import Setting
from medpayiq.payment.money import plain, round_half_up
from medpayiq.payment.shares import Pair, pair

STATUS = "status"
RVUS = {"work": "Work RVU", "pe_nonfacility": "PE RVU office", "pe_facility": "PE RVU facility", "mp": "MP RVU"}
"""Columns of `Service` in hundredths, with the words for them."""
CAPS = {"opps_pe_nonfacility": "OPPS PE office", "opps_pe_facility": "OPPS PE facility", "opps_mp": "OPPS MP"}
"""The RVUs of the hospital price that caps imaging, in hundredths."""
INDICATORS = tuple(name for name in Service._fields if name not in {"code", "modifier", STATUS, "line", *RVUS, *CAPS})
"""The other columns of `Service`, in the order of CMS's record layout."""
_NA = {"na_nonfacility": "na_office", "na_facility": "na_facility"}
"""Columns whose only value is NA, with their entries in rules/indicators.yml."""
_WORDS = {
    "not_used": "Not used for Medicare payment",
    "pre": "Share before the operation",
    "intra": "Share of the operation itself",
    "post": "Share of the care afterwards",
    "pricing": "Whether the QP factor applies",
    "endo_base": "Base code of the endoscopic family",
    "calculation": "Calculation flag",
    "imaging_family": "Family of diagnostic imaging",
}
"""Words for columns on which pages of codes have no rule."""
INDICES = {"work": "Work GPCI", "pe": "PE GPCI", "mp": "MP GPCI"}
"""Columns of `Locality` in thousandths."""
FLOOR = 10_00
"""Cents that an amount must have had before its change counts among the biggest by per cent: of a small one a few cents are much."""
MOST_MOVERS = 10
_NUMBERS = frozenset({"pre", "intra", "post", *RVUS, *CAPS})


class Value(NamedTuple):
    """One column of a row that has another value; as text, as CMS's file has it."""

    code: str
    modifier: str
    column: str
    """A column of `Service`."""
    before: str
    after: str


class AmountChange(NamedTuple):
    """A row that both releases have, with another national amount, in cents; None where none is paid in a setting."""

    code: str
    modifier: str
    kind: str
    """``non_qp``, ``qp``, or blank where both releases have one conversion factor for all."""
    before: Pair
    after: Pair

    def change(self, setting: Setting) -> int | None:
        """Return by how many cents it changed; None where it is not paid on one of the sides."""
        old, new = getattr(self.before, setting), getattr(self.after, setting)
        return None if old is None or new is None else new - old


class Mover(NamedTuple):
    """A code whose amount went far: the whole service, else its reading (26); in the office, else in a facility."""

    code: str
    modifier: str
    setting: Setting
    before: int
    after: int

    @property
    def cents(self) -> int:
        """By how much it changed."""
        return self.after - self.before

    @property
    def tenths(self) -> int:
        """The change in tenths of a per cent of the amount before, half up, without its sign."""
        return round_half_up(1000 * abs(self.cents), self.before)


class IndexChange(NamedTuple):
    """A locality of both releases, before and after, one of whose three indices is another."""

    before: Locality
    after: Locality


def status_changes(changes: Changes) -> list[Value]:
    """Return the rows of both releases that have another status."""
    return list(_values(changes, (STATUS,)))


def rvu_changes(changes: Changes) -> list[Value]:
    """Return work, practice expense and malpractice RVUs that are other, a value each."""
    return list(_values(changes, RVUS))


def cap_changes(changes: Changes) -> list[Value]:
    """Return the RVUs of imaging caps that are other, a value each."""
    return list(_values(changes, CAPS))


def indicator_changes(changes: Changes) -> dict[str, list[Value]]:
    """Return the other indicators that changed by column, in the order of CMS's layout; a column that one of the files lacks is left."""
    made: dict[str, list[Value]] = {column: [] for column in INDICATORS if column not in changes.unsaid}
    for one in _values(changes, made):
        made[one.column].append(one)
    return {column: found for column, found in made.items() if found}


def words_of(column: str) -> str:
    """Return the words for a column of `INDICATORS`: the heading of its rule on pages of codes, else ours."""
    if column in _WORDS:
        return _WORDS[column]
    heading = str(rules.read("indicators")[_NA.get(column, column)]["heading"])
    return f"{heading} (NA)" if column in _NA else heading


def differing(old: Service, new: Service, columns: Iterable[str]) -> Iterator[Value]:
    """Yield those of the columns in which two rows of one code and modifier differ."""
    for column in columns:
        before, after = getattr(old, column), getattr(new, column)
        if before != after:
            yield Value(old.code, old.modifier, column, _text(column, before), _text(column, after))


def _values(changes: Changes, columns: Iterable[str]) -> Iterator[Value]:
    kept = list(columns)
    for old, new in changes.services.changed:
        yield from differing(old, new, kept)


def _text(column: str, value: str | int) -> str:
    return plain(int(value)) if column in _NUMBERS else str(value)


def kinds(changes: Changes) -> tuple[str, ...]:
    """Return the kinds of conversion factor by which amounts are compared, the main one first."""
    return ("",) if {name for side in (changes.before, changes.after) for name, _ in side.factors} == {"all"} else ("non_qp", "qp")


def amount_changes(changes: Changes) -> list[AmountChange]:
    """Return every row of both releases with another national amount, each at its own release's factor; the main kind of factor first."""
    made = []
    both = [*changes.services.changed, *((row, row) for row in changes.factor_rows)]
    both.sort(key=lambda rows: rows[0][:2])
    for kind in kinds(changes):
        old_factor, new_factor = changes.before.factor(kind or "all"), changes.after.factor(kind or "all")
        for old, new in both:
            before, after = _amounts(old, old_factor), _amounts(new, new_factor)
            if before != after:
                made.append(AmountChange(old.code, old.modifier, kind, before, after))
    return made


def _amounts(row: Service, factor: int) -> Pair:
    office, facility = pair(row, factor)
    return Pair(office.cents, facility.cents)


def movers(amounts: Iterable[AmountChange]) -> list[Mover]:
    """Return a line a code, at the main factor: the whole service, else the reading; the office, else a facility."""
    best: dict[str, Mover] = {}
    kind = None
    for one in amounts:
        kind = one.kind if kind is None else kind
        if one.kind != kind or one.modifier not in {"", "26"} or one.code in best:
            continue
        # The office's amount may stand while the facility's moves: then that is the change.
        changed: list[Setting] = [setting for setting in ("office", "facility") if one.change(setting)]
        if changed:
            setting = changed[0]
            best[one.code] = Mover(one.code, one.modifier, setting, getattr(one.before, setting), getattr(one.after, setting))
    return list(best.values())


def biggest_by_cents(found: Iterable[Mover], most: int = MOST_MOVERS) -> list[Mover]:
    """Return those that moved most cents, up or down; of equals the lower code first."""
    return sorted(found, key=lambda one: (-abs(one.cents), one.code))[:most]


def biggest_by_percent(found: Iterable[Mover]) -> list[Mover]:
    """Return those that moved most by per cent, among amounts that were at least `FLOOR`; of equals the lower code first."""
    return sorted((one for one in found if one.before >= FLOOR), key=lambda one: (-one.tenths, one.code))[:MOST_MOVERS]


def index_changes(changes: Changes) -> list[IndexChange]:
    """Return the localities of both releases with another index; a change of name or star alone is none."""
    return [IndexChange(old, new) for old, new in changes.localities.changed if any(getattr(old, name) != getattr(new, name) for name in INDICES)]


def other_limits(changes: Changes) -> list[tuple[UnitLimit, UnitLimit]]:
    """Return the unit limits of both releases with another number or indicator; another label of CMS's for the same limit is none."""
    found = () if changes.limits is None else changes.limits.limits.changed
    return [(old, new) for old, new in found if (old.units, old.indicator) != (new.units, new.indicator)]
