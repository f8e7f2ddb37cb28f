"""Lays what changed out as lists: one a kind of change, with columns that text, Markdown, JSON, CSV and pages print alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from medpayiq import rules
from medpayiq.changes import deriving
from medpayiq.changes.deriving import AmountChange, Mover, Value
from medpayiq.changes.model import Changes, Side
from medpayiq.changes.watching import Flag
from medpayiq.cms.records import GPCI_PLACES, Locality, Service
from medpayiq.payment.money import dollars, plain, scaled
from medpayiq.payment.shares import pair

NameOf = Callable[[str], str]
_CODE = ("code", "Code", "code")
_ROW = (_CODE, ("modifier", "Mod", "text"))
_NAME = ("name", "Name", "text")


class Column(NamedTuple):
    """One column: its name as data, its head for people, and what its cells are: code, text, number, money or change."""

    key: str
    label: str
    kind: str

    @property
    def numeric(self) -> bool:
        """Whether figures stand under each other."""
        return self.kind in {"number", "money", "change"}


class Section(NamedTuple):
    """One kind of change, all of it; a cell is data as text, blank where there is none."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[str, ...]]
    note: str = ""
    """How the list is made, where its title does not say it."""
    listed: bool = True
    """False for what is too long to read, and given as data alone."""


def shown(cell: str, kind: str) -> str:
    """Write a cell for people: dollars with their sign, a change with its own."""
    if not cell or kind not in {"money", "change"}:
        return cell
    cents = int(cell.replace(".", ""))
    if kind == "money":
        return dollars(cents)
    return "$0.00" if not cents else f"{'+' if cents > 0 else '−'}{dollars(abs(cents))}"


def sections(changes: Changes, name_of: NameOf, flags: Sequence[Flag] = (), amounts: Sequence[AmountChange] | None = None) -> list[Section]:
    """Return every kind of change that there is, an empty one left out; ``amounts`` are those of `deriving.amount_changes`, where they are at hand."""
    priced = deriving.amount_changes(changes) if amounts is None else amounts
    main, *others = deriving.kinds(changes)
    far = deriving.movers(priced)
    made = [
        _rows("new_rows", "New rows", changes.services.added, changes.after, name_of, ("new_code", "New code", "text"), set(changes.new_codes)),
        _rows("deleted_rows", "Deleted rows", changes.services.dropped, changes.before, name_of, ("deleted_code", "Code is gone", "text"), set(changes.deleted_codes)),
        _status(deriving.status_changes(changes), name_of),
        _movers("movers_by_cents", "Biggest movers by dollars", deriving.biggest_by_cents(far), name_of, "The amount of the whole service, else of its reading (26); in the office, else in a facility."),
        _movers("movers_by_percent", "Biggest movers by per cent", deriving.biggest_by_percent(far), name_of, f"Among amounts of at least {dollars(deriving.FLOOR)} before."),
        _amounts("amounts", f"National amounts{_kind(main)}", [one for one in priced if one.kind == main], name_of),
        *(_amounts(f"amounts_{kind}", f"National amounts{_kind(kind)}", [one for one in priced if one.kind == kind], name_of)._replace(listed=False) for kind in others),
        _rvus(changes, name_of),
        _values("imaging_caps", "RVUs of imaging caps", deriving.cap_changes(changes), deriving.CAPS, name_of),
        _values("indicators", "Indicators", [one for found in deriving.indicator_changes(changes).values() for one in found], {name: deriving.words_of(name) for name in deriving.INDICATORS}, name_of),
        *_edits(changes, name_of),
        _limits(changes, name_of),
        _localities(changes),
        _tips(flags),
    ]
    return [one for one in made if one.rows]


def _columns(*columns: tuple[str, str, str]) -> tuple[Column, ...]:
    return tuple(Column(*one) for one in columns)


def _kind(kind: str) -> str:
    return {"": "", "non_qp": ", non-QP", "qp": ", QP"}[kind]


def _rows(key: str, title: str, rows: Iterable[Service], side: Side, name_of: NameOf, whole: tuple[str, str, str], codes: set[str]) -> Section:
    """List rows of one release with their amounts, and whether the code came or went with them."""
    factor = side.factor("non_qp")
    made = []
    for row in rows:
        office, facility = pair(row, factor)
        made.append((row.code, row.modifier, row.status, _cents(office.cents), _cents(facility.cents), "yes" if row.code in codes else "no", name_of(row.code)))
    return Section(key, title, _columns(*_ROW, ("status", "Status", "text"), ("office", "Office", "money"), ("facility", "Facility", "money"), whole, _NAME), made)


def _status(found: Iterable[Value], name_of: NameOf) -> Section:
    table = rules.read("status")
    rows = [(one.code, one.modifier, one.before, one.after, str(table[one.after]["verdict"]) if one.after in table else "", name_of(one.code)) for one in found]
    return Section("status", "Status", _columns(*_ROW, ("before", "Before", "text"), ("after", "After", "text"), ("means", "Now means", "text"), _NAME), rows)


def _movers(key: str, title: str, found: Iterable[Mover], name_of: NameOf, note: str) -> Section:
    rows = [(one.code, one.modifier, one.setting, plain(one.before), plain(one.after), _signed(one.cents), _percent(one), name_of(one.code)) for one in found]
    heads = (*_ROW, ("setting", "Setting", "text"), ("before", "Before", "money"), ("after", "After", "money"), ("change", "Change", "change"), ("percent", "%", "number"), _NAME)
    return Section(key, title, _columns(*heads), rows, note)


def _percent(one: Mover) -> str:
    return f"{'-' if one.cents < 0 else ''}{plain(one.tenths * 10)[:-1]}" if one.before else ""


def _amounts(key: str, title: str, found: Iterable[AmountChange], name_of: NameOf) -> Section:
    """List amounts, the largest change first; an amount that begins or ends has no change, and stands behind them."""
    made = []
    for one in found:
        cells: list[str] = []
        for setting in ("office", "facility"):
            old, new = getattr(one.before, setting), getattr(one.after, setting)
            cells += [_cents(old), _cents(new), "" if old is None or new is None else _signed(new - old)]
        size = max(abs(one.change("office") or 0), abs(one.change("facility") or 0))
        made.append((size, (one.code, one.modifier, *cells, name_of(one.code))))
    made.sort(key=lambda row: (-row[0], row[1]))
    settings = [(f"{key}_{part}", f"{label} {part}", "change" if part == "change" else "money") for key, label in (("office", "Office"), ("facility", "Facility")) for part in ("before", "after", "change")]
    return Section(key, title, _columns(*_ROW, *settings, _NAME), [cells for _, cells in made], "The largest change first. Blank: no amount in that setting.")


def _rvus(changes: Changes, name_of: NameOf) -> Section:
    """List a row a line: each RVU before and after."""
    rows = []
    for old, new in changes.services.changed:
        if any(getattr(old, name) != getattr(new, name) for name in deriving.RVUS):
            cells = [plain(getattr(one, name)) for name in deriving.RVUS for one in (old, new)]
            rows.append((old.code, old.modifier, *cells, name_of(old.code)))
    pairs = [(f"{name}_{when}", f"{label.replace(' RVU', '')} {when}", "number") for name, label in deriving.RVUS.items() for when in ("before", "after")]
    return Section("rvus", "RVUs", _columns(*_ROW, *pairs, _NAME), rows)


def _values(key: str, title: str, found: Iterable[Value], words: dict[str, str], name_of: NameOf) -> Section:
    rows = [(one.code, one.modifier, words[one.column], one.before, one.after, name_of(one.code)) for one in found]
    return Section(key, title, _columns(*_ROW, ("column", "What", "text"), ("before", "Before", "text"), ("after", "After", "text"), _NAME), rows)


def _edits(changes: Changes, name_of: NameOf) -> list[Section]:
    if changes.edits is None:
        return []
    counts: dict[str, Counter[str]] = {name: Counter() for name in ("added1", "added2", "dropped1", "dropped2", "moved")}
    for name, found in (("added", changes.edits.added), ("dropped", changes.edits.dropped)):
        for one in found:
            counts[f"{name}1"][one.column1] += len(one.codes)
            counts[f"{name}2"].update(one.codes)
    for other in changes.edits.moved:
        counts["moved"].update([*other.codes, *[other.column1] * len(other.codes)])
    total: Counter[str] = sum(counts.values(), Counter())
    busiest = sorted(total, key=lambda code: (-total[code], code))
    heads = (("added1", "Added, column 1", "number"), ("added2", "Added, column 2", "number"), ("dropped1", "Dropped, column 1", "number"), ("dropped2", "Dropped, column 2", "number"), ("moved", "Other indicator", "number"))
    columns = _columns(("column1", "Column 1", "code"), ("column2", "Column 2", "code"), ("indicator", "Modifier indicator", "text"))
    moved = _columns(("column1", "Column 1", "code"), ("column2", "Column 2", "code"), ("before", "Before", "text"), ("after", "After", "text"))
    return [
        Section("edits_by_code", "Edit pairs by code", _columns(_CODE, *heads, _NAME), [(code, *(str(counts[key][code]) for key, _, _ in heads), name_of(code)) for code in busiest], "The code with most changes first."),
        Section("edits_added", "Edit pairs added", columns, [(one.column1, two, one.indicator) for one in changes.edits.added for two in one.codes], listed=False),
        Section("edits_dropped", "Edit pairs dropped", columns, [(one.column1, two, one.indicator) for one in changes.edits.dropped for two in one.codes], listed=False),
        Section("edits_moved", "Edit pairs with a different modifier indicator", moved, [(one.column1, two, one.before, one.after) for one in changes.edits.moved for two in one.codes], listed=False),
    ]


def _limits(changes: Changes, name_of: NameOf) -> Section:
    rows: list[tuple[str, ...]] = []
    if changes.limits is not None:
        found = changes.limits.limits
        for old, new in [*((None, one) for one in found.added), *((one, None) for one in found.dropped), *deriving.other_limits(changes)]:
            cells = ["" if one is None else text for one in (old, new) for text in (("", "") if one is None else (str(one.units), one.indicator))]
            code = (old or new)[0]  # type: ignore[index]
            rows.append((code, *cells, name_of(code)))
    heads = (("units_before", "Units before", "number"), ("mai_before", "MAI before", "text"), ("units_after", "Units after", "number"), ("mai_after", "MAI after", "text"))
    return Section("unit_limits", "Unit limits (MUE)", _columns(_CODE, *heads, _NAME), sorted(rows), "Blank: CMS publishes no limit.")


def _localities(changes: Changes) -> Section:
    rows: list[tuple[str, ...]] = []
    others = [("other", one.before, one.after) for one in deriving.index_changes(changes)]
    lost, gained = [("gone", one, None) for one in changes.localities.dropped], [("new", None, one) for one in changes.localities.added]
    for what, old, new in [*others, *lost, *gained]:
        one: Locality = new or old  # type: ignore[assignment]
        cells = ["" if of is None else scaled(getattr(of, name), GPCI_PLACES) for name in deriving.INDICES for of in (old, new)]
        rows.append((one.mac, one.locality, one.state, one.name, what, *cells))
    pairs = [(f"{name}_{when}", f"{label.replace(' GPCI', '')} {when}", "number") for name, label in deriving.INDICES.items() for when in ("before", "after")]
    heads = (("mac", "MAC", "text"), ("locality", "Locality", "text"), ("state", "State", "text"), ("name", "Name", "text"), ("what", "Change", "text"))
    return Section("localities", "Localities (GPCI)", _columns(*heads, *pairs), sorted(rows), "Of a locality that is new or gone one side is blank.")


def _tips(flags: Iterable[Flag]) -> Section:
    rows = [(one.tip, one.code, one.field, one.before, one.after, one.verified_for) for one in flags]
    heads = (("tip", "Tip", "text"), _CODE, ("field", "Watches", "text"), ("before", "Before", "text"), ("after", "After", "text"), ("verified_for", "Verified for", "text"))
    return Section("tips", "Tips to verify again", _columns(*heads), rows, "A fact that the tip watches has changed since the release it was verified for.")


def _cents(cents: int | None) -> str:
    return "" if cents is None else plain(cents)


def _signed(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{plain(abs(cents))}"
