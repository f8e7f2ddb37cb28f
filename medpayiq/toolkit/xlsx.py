"""Writes a toolkit as a workbook: a sheet of notes, and tables with a filter and a head that stays."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from medpayiq.cms.pprrvu import called
from medpayiq.toolkit.models import Toolkit
from medpayiq.toolkit.runs import runs

if TYPE_CHECKING:
    from xlsxwriter.format import Format  # type: ignore[import-untyped]
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

_MOST_CHARACTERS = 32_000
"""A cell takes 32,767."""
_IN_SHEET = "see the sheet Codes"

Cell = str | int | None
"""Text, a number, or nothing; an amount is written by a column of its own kind."""


class _Column(NamedTuple):
    head: str
    width: float
    kind: str = ""
    """``money`` (cents), ``long`` (a text of several lines), or blank."""


_CODES = (
    _Column("Code", 9),
    _Column("Title", 44),
    _Column("Paid?", 24),
    _Column("Office", 12, "money"),
    _Column("Facility", 12, "money"),
    _Column("Global days", 11),
    _Column("Unit limit", 10),
    _Column("Limit per", 15),
    _Column("Add-on", 9),
    _Column("Office NA", 10),
    _Column("Facility NA", 11),
    _Column(called("bilat"), 11),
    _Column(called("asst"), 11),
    _Column(called("cosurg"), 10),
    _Column(called("team"), 11),
    _Column("Column 2, no modifier", 20),
    _Column("Column 2, modifier may", 20),
)
_TRIGGERS = (_Column("Part", 18), _Column("Trigger", 26), _Column("In CMS's file", 22), _Column("Share", 11), _Column("What happens", 60, "long"), _Column("What to do", 60, "long"), _Column("Codes", 9), _Column("Which", 60, "long"), _Column("Source", 44, "long"))
_MODIFIERS = (_Column("Modifier", 10), _Column("What it says", 44, "long"), _Column("Can stand on", 12), _Column("Result", 12), _Column("Codes", 9), _Column("By", 26), _Column("Why", 60, "long"), _Column("Which", 60, "long"), _Column("Source", 44, "long"))
_BESIDE = (_Column("Modifiers", 34), _Column("Why", 80, "long"))
_BYPASS = (_Column("Modifier", 12), _Column("It fits when", 70, "long"), _Column("The record must show", 70, "long"))
_CONFLICTS = (
    _Column("Rank", 7),
    _Column("Column 1 (paid)", 16),
    _Column("Title of column 1", 44),
    _Column("Column 2 (denied)", 17),
    _Column("Title of column 2", 44),
    _Column("Column 2 amount", 16, "money"),
    _Column("Indicator", 10),
    _Column("Meaning", 30),
    _Column("Next action", 80, "long"),
)


def xlsx(kit: Toolkit, position: Mapping[str, int], made_on: str) -> bytes:
    """Return the workbook. Same toolkit, same bytes: its date is ``made_on``, the release's first day (ISO date).

    No cell holds a formula: texts are written as texts, whatever they begin with.
    """
    import xlsxwriter  # type: ignore[import-untyped] # takes a while, and most builds keep the workbooks of the last one

    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False})
    book.set_properties({"title": kit.title, "author": kit.site.partition(",")[0], "subject": kit.release, "created": datetime.datetime.fromisoformat(f"{made_on}T00:00:00")})
    formats = {
        "": book.add_format({"valign": "top"}),
        "long": book.add_format({"valign": "top", "text_wrap": True}),
        "money": book.add_format({"valign": "top", "num_format": "$#,##0.00"}),
        "head": book.add_format({"bold": True, "valign": "top", "text_wrap": True, "bottom": 1}),
        "title": book.add_format({"bold": True, "font_size": 14}),
    }
    _notes(book.add_worksheet("Read me"), kit, formats)
    _table(book.add_worksheet("Denial triggers"), _TRIGGERS, _triggers(kit, position), kit, formats)
    _table(book.add_worksheet("Codes"), _CODES, kit.lines, kit, formats)
    _table(book.add_worksheet("Modifiers"), _MODIFIERS, _modifiers(kit, position), kit, formats)
    _table(book.add_worksheet("Modifiers together"), _BESIDE, kit.beside, kit, formats)
    _table(book.add_worksheet("Modifiers and edits"), _BYPASS, kit.bypass, kit, formats)
    _table(book.add_worksheet("Bundling conflicts"), _CONFLICTS, _conflicts(kit), kit, formats)
    book.close()
    return data.getvalue()


def _notes(sheet: Worksheet, kit: Toolkit, formats: Mapping[str, Format]) -> None:
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 110)
    sheet.write_string(0, 0, kit.title, formats["title"])
    sheet.write_string(1, 0, kit.site)
    row = 3
    for name, figure in kit.facts:
        sheet.write_string(row, 0, name, formats[""])
        sheet.write_string(row, 1, figure, formats["long"])
        row += 1
    for name, lines in kit.notes:
        row += 1
        sheet.write_string(row, 0, name, formats["head"])
        for line in lines:
            sheet.write_string(row, 1, line, formats["long"])
            row += 1
    if kit.never[0]:
        sheet.write_string(row + 1, 0, "Modifiers on no code here", formats["head"])
        sheet.write_string(row + 1, 1, f"{kit.never[0]}. {kit.never[1]}", formats["long"])


def _table(sheet: Worksheet, columns: Sequence[_Column], rows: Iterable[Sequence[Cell]], kit: Toolkit, formats: Mapping[str, Format]) -> None:
    """Write a table from the first row on."""
    for at, column in enumerate(columns):
        sheet.set_column(at, at, column.width)
        sheet.write_string(0, at, column.head, formats["head"])
    last = 0
    for last, cells in enumerate(rows, 1):
        for at, (cell, column) in enumerate(zip(cells, columns, strict=True)):
            if isinstance(cell, int):
                # Two decimals of a double are exact to the cent far beyond any amount; the sheet shows and adds them as such.
                sheet.write_number(last, at, cell / 100 if column.kind == "money" else cell, formats[column.kind])
            elif cell:
                sheet.write_string(last, at, cell, formats[column.kind])
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last, len(columns) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer(f"&L{kit.release}&CPage &P of &N&R{kit.site.partition(',')[0]}")


def _which(codes: Sequence[str], position: Mapping[str, int]) -> str:
    text = ", ".join(runs(codes, position))
    return text if len(text) <= _MOST_CHARACTERS else _IN_SHEET


def _triggers(kit: Toolkit, position: Mapping[str, int]) -> Iterable[Sequence[Cell]]:
    for one in kit.triggers:
        for each in one.lists:
            yield one.part, one.name, one.mark, each.label, one.say, one.do, len(each.codes), _which(each.codes, position), "; ".join(one.sources)


def _modifiers(kit: Toolkit, position: Mapping[str, int]) -> Iterable[Sequence[Cell]]:
    for one in kit.pitfalls:
        for each in one.standings:
            yield one.name, one.say, one.stands, "refused" if each.refused else "condition", len(each.codes), each.marks, each.why, _which(each.codes, position), "; ".join(one.sources)


def _conflicts(kit: Toolkit) -> Iterable[Sequence[Cell]]:
    actions = {one.indicator: one for one in kit.actions}
    for one in kit.pairs:
        action = actions[one.indicator]
        yield one.rank, one.column1, one.name1, one.column2, one.name2, one.cents, one.indicator, action.label, action.do
