"""Writes what changed as text for a terminal, as Markdown of bounded size, or as JSON: the summary first, then the lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from medpayiq.changes.model import Changes
from medpayiq.changes.sections import Section, shown

MOST = 60_000
"""Bytes of a Markdown text: GitHub takes 65,536 characters in a pull request, and whoever posts it adds some."""
_RESERVE = 2_000
"""Bytes kept for the end, which says what was left out."""
_LINES = {"text": 200, "markdown": 60}
"""Rows of one list that are printed."""


@dataclass(frozen=True, slots=True)
class Report:
    """What is written: the comparison, told and laid out."""

    changes: Changes
    summary: tuple[str, ...]
    sections: tuple[Section, ...]
    remarks: tuple[str, ...]
    """What is not compared or not known, a sentence each."""
    again: str
    """The command that gives the whole lists."""


def text(report: Report) -> str:
    """Return the report for a terminal."""
    made = [_title(report), _days(report), "", *report.summary]
    if report.remarks:
        made += ["", *report.remarks]
    for section in report.sections:
        made += ["", f"{section.title} ({len(section.rows):,})", *([section.note] if section.note else [])]
        made += _aligned(section, _LINES["text"]) if section.listed else [_as_data(report)]
        if section.listed and len(section.rows) > _LINES["text"]:
            made.append(f"  and {len(section.rows) - _LINES['text']:,} more. {_as_data(report)}")
    return "\n".join(made) + "\n"


def markdown(report: Report, most: int = MOST) -> str:
    """Return the report as Markdown of at most so many bytes; a list for which there is no room is named at the end."""
    made = [f"## {_title(report)}", "", _days(report), "", *(f"- {line}" for line in report.summary), ""]
    if report.remarks:
        made += ["**Not compared**", "", *(f"- {line}" for line in report.remarks), ""]
    room = most - _RESERVE - _size(made)
    left = []
    for section in report.sections:
        lines = [f"### {section.title} ({len(section.rows):,})", "", *([section.note, ""] if section.note else []), *_table(section, _LINES["markdown"])] if section.listed else []
        if not lines or _size(lines) > room:
            left.append(f"{section.title} ({len(section.rows):,})")
            continue
        room -= _size(lines)
        made += lines
    if left:
        made += [f"Not listed here: {', '.join(left)}.", ""]
    made += [_as_data(report, "`")]
    return "\n".join(made) + "\n"


def json(report: Report) -> str:
    """Return the whole report as JSON: every list with all its rows, cells as text as in the CSV files."""
    before, after = report.changes.before, report.changes.after
    sides = [{"release": one.release, "effective_from": one.first, "effective_to": one.last, "conversion_factors": dict(one.factors), "rows": one.rows, "codes": one.codes, "sample": one.sample} for one in (before, after)]
    codes = {"new_codes": report.changes.new_codes, "deleted_codes": report.changes.deleted_codes}
    lists = {one.key: {"title": one.title, "note": one.note, "rows": [dict(zip((column.key for column in one.columns), row, strict=True)) for row in one.rows]} for one in report.sections}
    data = {"before": sides[0], "after": sides[1], "summary": report.summary, "not_compared": report.remarks, **codes, "lists": lists}
    return orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _title(report: Report) -> str:
    return f"What changed from {report.changes.before.release} to {report.changes.after.release}"


def _days(report: Report) -> str:
    return "; ".join(f"{one.release} holds from {one.first} to {one.last}" + (" and is a sample of its codes" if one.sample else "") for one in (report.changes.before, report.changes.after)) + "."


def _as_data(report: Report, mark: str = "") -> str:
    return f"All rows: {mark}{report.again}{mark}"


def _aligned(section: Section, most: int) -> list[str]:
    """Return a list as columns of even width, figures to the right; the last column runs on."""
    cells = [[column.label for column in section.columns], *([shown(cell, column.kind) for cell, column in zip(row, section.columns, strict=True)] for row in section.rows[:most])]
    widths = [max(len(row[at]) for row in cells) for at in range(len(section.columns))]
    return ["  " + "  ".join(cell.rjust(width) if column.numeric else cell.ljust(width) for cell, width, column in zip(row, widths, section.columns, strict=True)).rstrip() for row in cells]


def _table(section: Section, most: int) -> list[str]:
    made = [_line([column.label for column in section.columns]), _line(["---:" if column.numeric else "---" for column in section.columns])]
    made += [_line([_safe(shown(cell, column.kind)) for cell, column in zip(row, section.columns, strict=True)]) for row in section.rows[:most]]
    rest = len(section.rows) - most
    return [*made, "", *([f"and {rest:,} more", ""] if rest > 0 else [])]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _safe(cell: str) -> str:
    """Return a text so that nothing in it acts on GitHub: no table bars, tags, mentions, links or emphasis."""
    for one in "\\`|<>@[]*_#":
        cell = cell.replace(one, f"\\{one}" if one in "\\`|[]*_#" else {"<": "&lt;", ">": "&gt;", "@": "&#64;"}[one])
    return cell


def _size(lines: Sequence[str]) -> int:
    return sum(len(line.encode()) + 1 for line in lines)
