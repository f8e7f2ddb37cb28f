"""Asks on which codes a tip stands: one, several, a range, a family, those alike in an indicator, or a selector written out."""

from __future__ import annotations

import re
from typing import Any

from medpayiq import yamlmarks
from medpayiq.findings import Findings
from medpayiq.newtip.desk import Desk, ill_shaped
from medpayiq.newtip.dialogue import NotYet, Terminal
from medpayiq.newtip.layout import flow

_EXAMPLES = (
    '{codes: ["97760", "97761", "97763"]}',
    '{ranges: [["00100", "01999"]], not: {codes: ["01996"]}}',
    '{subcategories: ["CT Scan"], multiple: "4", priced_office: true}',
)


def ask(terminal: Terminal, desk: Desk, now: Any) -> dict[str, Any]:
    """Return a selector.

    Raises:
        NotYet: what was typed is none, or leaves the code out.
    """
    for line in _menu(desk):
        terminal.say(line)
    typed = terminal.line(f"[{flow(now)}] > " if now else "[1] > ")
    if not typed and now:
        found: dict[str, Any] = dict(now)
    else:
        found = _chosen(terminal, desk, typed or "1")
    fault = ill_shaped(found)
    if fault is not None:
        raise NotYet(fault.message, fault.hint)
    if not desk.stands_on(found):
        raise NotYet(f"{desk.code} is not among the codes of {flow(found)}", f"choose so that {desk.code} is one of them, or begin: build.py new-tip with another code")
    count = desk.count(found)
    terminal.say(f"  {flow(found)}: {count:,} code{'s' if count != 1 else ''}{'' if desk.whole else ' at hand'}")
    return found


def _menu(desk: Desk) -> list[str]:
    families = "; ".join(f"{name} ({count:,})" for _, name, count in desk.families) or "not known here"
    return [
        f"  1  this code       {desk.code} alone",
        "  2  these codes     a list",
        "  3  a range         from a code to a code",
        f"  4  the family      CMS's classification: {families}",
        f"  5  codes alike     with the same indicators as {desk.code}",
        "  6  another         a selector written out",
    ]


def _chosen(terminal: Terminal, desk: Desk, typed: str) -> dict[str, Any]:
    if typed.startswith(("{", "where:")):
        return _parsed(typed)
    match typed:
        case "1":
            return {"codes": [desk.code]}
        case "2":
            typed = terminal.line("the codes, with blanks between > ")
        case "3":
            return _range(terminal)
        case "4":
            return _picked(terminal, [({key: [name]}, f"{key}: {name}", count) for key, name, count in desk.families], several=False)
        case "5":
            return _picked(terminal, [({key: value}, f"{key}: {value}", count) for key, value, count in desk.indicators], several=True)
        case "6":
            terminal.say("  For example:")
            for one in _EXAMPLES:
                terminal.say(f"    {one}")
            terminal.say("  All keys: docs/CONTRIBUTING.md, Which codes.")
            return _parsed(terminal.line("where > "))
    codes = _codes(typed)
    if codes and all(len(one) == 5 for one in codes):
        return {"codes": codes}
    raise NotYet(f"{typed!r} is none of these", "a number from 1 to 6")


def _codes(typed: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"[0-9A-Z]+", typed.upper())))


def _range(terminal: Terminal) -> dict[str, Any]:
    ends = re.findall(r"[0-9A-Z]+", terminal.line("first and last code > ").upper())
    if len(ends) != 2:
        raise NotYet("a range has two ends", "97110 97150")
    return {"ranges": [ends]}


def _picked(terminal: Terminal, offered: list[tuple[dict[str, Any], str, int]], *, several: bool) -> dict[str, Any]:
    if not offered:
        raise NotYet("nothing is known of this code here", "another answer, or build.py fetch first")
    for number, (_, words, count) in enumerate(offered, 1):
        terminal.say(f"    {number:>2}  {words} ({count:,} codes)")
    typed = terminal.line("which; several mean that all must hold > " if several else "which > ")
    numbers = [int(one) for one in re.findall(r"[0-9]+", typed)]
    if not numbers or (len(numbers) > 1 and not several) or not all(1 <= one <= len(offered) for one in numbers):
        raise NotYet(f"{typed!r} names none of these lines", f"a number from 1 to {len(offered)}")
    made: dict[str, Any] = {}
    for one in numbers:
        made |= offered[one - 1][0]
    return made


def _parsed(typed: str) -> dict[str, Any]:
    findings = Findings()
    text = typed.removeprefix("where:").strip()
    document = yamlmarks.parse(f"where: {text}", "where", findings) if text else None
    where = document.data["where"] if document else None
    if isinstance(where, dict) and where:
        return where
    message = findings.items[0].message if findings.items else "that is no selector"
    raise NotYet(message, f"as in {_EXAMPLES[0]}, all in one line, brackets and quotes in pairs")
