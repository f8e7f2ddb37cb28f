"""Asks which sections a tip cites: searched by words or number in content/sources.yml, which gives revision and hash."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from medpayiq import rules
from medpayiq.content.sources import Cited
from medpayiq.newtip.desk import Desk
from medpayiq.newtip.dialogue import Terminal
from medpayiq.newtip.words import PYTHON

_SHOWN = 12
_OUT = re.compile(r"(?:-|out )\s*([0-9]{1,2})")
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
        said = "; ".join(f"{number}: {one['document']} {one['section']}" for number, one in enumerate(chosen, 1)) or ("none yet" if needed else "none")
        typed = terminal.line(f"[{said}] search, {'a number of the list printed last, ' if hits else ''}{'-1 to take out 1, ' if chosen else ''}or Enter to go on > ")
        if not typed:
            return chosen
        before = list(chosen)
        if typed == "0":
            chosen = []
        elif out := _OUT.fullmatch(typed):
            _take_out(terminal, chosen, int(out[1]))
        elif re.fullmatch(r"[0-9]{1,2}", typed) and 1 <= int(typed) <= len(hits):
            _add(terminal, chosen, hits[int(typed) - 1])
        else:
            new = found(desk, typed)
            if not new:
                _not_found(terminal, desk, typed, needed=needed and not chosen)
            elif len(new) == 1:
                _add(terminal, chosen, new[0])
            else:
                hits = new[:_SHOWN]
                _list(terminal, hits)
                if len(new) > _SHOWN:
                    terminal.say(f"    and {len(new) - _SHOWN:,} more: add a word")
        if chosen != before:
            hold(chosen)


def _take_out(terminal: Terminal, chosen: list[dict[str, str]], number: int) -> None:
    if 1 <= number <= len(chosen):
        one = chosen.pop(number - 1)
        terminal.say(f"  taken out: {one['document']} {one['section']}")
    else:
        terminal.refused(f"{number} is none of those chosen", f"-1 to -{len(chosen)}; they are numbered in the brackets" if chosen else "words to search for")


def _not_found(terminal: Terminal, desk: Desk, typed: str, *, needed: bool) -> None:
    """Say that there is no such section, and how one that nobody cited yet comes into the list."""
    document, _, number = " ".join(typed.replace(":", " ").split()).partition(" ")
    known = document.lower() in rules.read("documents")
    if known and re.fullmatch(r"(?=.*[0-9.])\S+", number):
        terminal.refused(f"no section is found by {typed!r}: it is not in the list yet", "another section, or this:")
        name = f"{document.lower()}:{number}"
    else:
        terminal.refused(f"no section is found by {typed!r}", f"fewer words, or document and section: cpm5 20.2; documents: {', '.join(desk.sources.documents)}")
        terminal.wrapped("The list holds what tips cite. Is your section, such as cpm32:410.4, not in it yet?", "    ")
        name = "DOCUMENT:SECTION"
    terminal.wrapped("Ctrl-C keeps your answers. With the text at hand (FOLDER holds the manuals as text) type this, then start again:", "    ")
    terminal.say(f"      {PYTHON} sources --write FOLDER --add {name}")
    terminal.wrapped("Otherwise finish without it, and ask for it in the pull request.", "    ")
    if needed:
        terminal.wrapped("A rule needs one section that is in the list. If there is none, < goes back to what the tip rests on: choose practice until the section is added.", "    ")


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
        terminal.say(f"    {number:>2}  {one.document:<9} {one.number:<12} {(one.title or 'its heading names codes')[:70]}  ({revisions(one)})")


def _add(terminal: Terminal, chosen: list[dict[str, str]], one: Cited) -> None:
    if any((other["document"], other["section"]) == (one.document, one.number) for other in chosen):
        terminal.say(f"  {one.document} {one.number} is among them already")
    elif len(chosen) == _MOST:
        terminal.refused(f"a tip cites at most {_MOST} sections", f"-{_MOST} takes out the last, 0 takes out all")
    else:
        chosen.append({"document": one.document, "section": one.number, "revision": revision(one), "hash": one.hash})
        terminal.say(f"    to read it: {rules.read('documents').get(one.document, {}).get('url', 'rules/documents.yml has no address')}")
        figures = ", ".join(one.numbers[:40]) or "none"
        terminal.say(f"  cited: {one.document} {one.number}, {one.title or 'its heading names codes'}, {revisions(one)}")
        terminal.wrapped(f"figures that stand in it: {figures}{' and more' if len(one.numbers) > 40 else ''}", "    ")


def revision(one: Cited) -> str:
    """Return the revision of the document that was read, as the other tips name it; else the section's own."""
    return str(rules.read("documents").get(one.document, {}).get("revision") or one.revision)


def revisions(one: Cited) -> str:
    """Return the revision that the tip will name, and the section's own where that is another."""
    named = revision(one)
    return f"{named}; the section's own: {one.revision}" if one.revision and one.revision != named else named
