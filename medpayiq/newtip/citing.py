"""Asks which sections a tip cites: searched by words or number in content/sources.yml, which gives revision and hash."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from medpayiq import rules
from medpayiq.content.sources import Cited
from medpayiq.newtip.desk import Desk
from medpayiq.newtip.dialogue import Terminal

_SHOWN = 12
_MOST = 6
"""Sections of a tip, as the schema has it."""


def ask(terminal: Terminal, desk: Desk, now: Any, hold: Callable[[list[dict[str, str]]], None], *, needed: bool) -> list[dict[str, str]]:
    """Return the sections chosen, when the editor goes on; ``hold`` keeps them meanwhile, ``needed`` says that there must be one."""
    chosen: list[dict[str, str]] = list(now or [])
    hits = desk.near()[:8]
    if hits:
        terminal.say("  Sections that tips on this page cite:")
        _list(terminal, hits)
    while True:
        said = "; ".join(f"{one['document']} {one['section']}" for one in chosen) or ("none yet" if needed else "none")
        typed = terminal.line(f"[{said}] search, a line's number, or Enter to go on > ")
        if not typed:
            return chosen
        before = list(chosen)
        if typed == "0":
            chosen = []
        elif re.fullmatch(r"[0-9]{1,2}", typed) and 1 <= int(typed) <= len(hits):
            _add(terminal, chosen, hits[int(typed) - 1])
        else:
            hits = found(desk, typed)
            if not hits:
                terminal.refused(f"no section is found by {typed!r}", f"fewer words, or document and section: cpm5 20.2; documents: {', '.join(desk.sources.documents)}")
            elif len(hits) == 1:
                _add(terminal, chosen, hits[0])
            else:
                _list(terminal, hits[:_SHOWN])
                if len(hits) > _SHOWN:
                    terminal.say(f"    and {len(hits) - _SHOWN:,} more: add a word")
                hits = hits[:_SHOWN]
        if chosen != before:
            hold(chosen)


def found(desk: Desk, typed: str) -> list[Cited]:
    """Return the sections that every word of a search fits, the nearest first."""
    wanted = typed.lower().replace(":", " ").split()
    ranked = []
    for key, one in desk.sources.cited.items():
        ranks = [_rank(desk, one, word) for word in wanted]
        if wanted and None not in ranks:
            ranked.append((sum(rank or 0 for rank in ranks), key, one))
    ranked.sort(key=lambda one: one[:2])
    best = [one for rank, _, one in ranked if rank == 0]
    # Document and section typed in full mean that section, not those below it.
    return best if len(wanted) > 1 and len(best) == 1 else [one for _, _, one in ranked]


def _rank(desk: Desk, one: Cited, word: str) -> int | None:
    number = one.number.lower()
    if word in {one.document, number}:
        return 0
    if number.startswith(f"{word}."):
        return 1
    if word in one.title.lower():
        return 2
    if word in desk.sources.documents[one.document].title.lower():
        return 3
    return 4 if word in desk.citing.get((one.document, one.number), "") else None


def _list(terminal: Terminal, hits: list[Cited]) -> None:
    for number, one in enumerate(hits, 1):
        terminal.say(f"    {number:>2}  {one.document:<9} {one.number:<12} {(one.title or 'its heading names codes')[:70]}  ({revision(one)})")


def _add(terminal: Terminal, chosen: list[dict[str, str]], one: Cited) -> None:
    if any((other["document"], other["section"]) == (one.document, one.number) for other in chosen):
        terminal.say(f"  {one.document} {one.number} is among them already")
    elif len(chosen) == _MOST:
        terminal.refused(f"a tip cites at most {_MOST} sections", "0 takes them out")
    else:
        chosen.append({"document": one.document, "section": one.number, "revision": revision(one), "hash": one.hash})
        terminal.say(f"    to read it: {rules.read('documents').get(one.document, {}).get('url', 'rules/documents.yml has no address')}")
        figures = ", ".join(one.numbers[:40]) or "none"
        terminal.say(f"  cited: {one.document} {one.number}, {one.title or 'its heading names codes'}, {revision(one)}")
        terminal.wrapped(f"figures that stand in it: {figures}{' and more' if len(one.numbers) > 40 else ''}", "    ")


def revision(one: Cited) -> str:
    """Return the revision of the document that was read, as the other tips name it; else the section's own."""
    return str(rules.read("documents").get(one.document, {}).get("revision") or one.revision)
