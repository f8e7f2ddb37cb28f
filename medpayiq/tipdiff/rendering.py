"""Writes a comparison as text for a terminal, or as Markdown for a comment on GitHub, of bounded size and with nothing in it that acts."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from medpayiq.tipdiff.comparing import Change, Compared, Unread
from medpayiq.tipdiff.texts import visible

MOST = 60_000
"""Bytes of a Markdown text: GitHub takes 65,536 characters, and whoever posts it adds some."""
_RESERVE = 3_000
"""Bytes kept for the end, which says what was left out."""
_FIRST = 8
"""Codes that are named of a list."""
_NAMES = 20
_UNREAD = 20


@dataclass(frozen=True, slots=True)
class About:
    """What was compared."""

    before: str
    after: str
    release: str
    codes: int
    sample: bool
    base_url: str
    again: str
    """The command that shows the whole."""


def text(done: Compared, about: About) -> str:
    """Return the comparison for a terminal, all of it."""
    made = [_summary(done), _on(about)]
    made += [f"{one.file} ({one.side}): {_short(one.message)}" for one in done.unread]
    for one in done.changes:
        made += ["", _heading(one, f"{one.what} {_name(one.name)}"), *_pages(one, ""), *([f"  {_where(one)}:", *(f"    {line}" for line in one.lines)] if _has_text(one) else [])]
    if done.others:
        made += ["", _others(done.others, _name)]
    return "\n".join(made) + "\n"


def markdown(done: Compared, about: About, most: int = MOST) -> str:
    """Return the comparison as Markdown of at most so many bytes."""
    made = ["## What changes on pages", "", f"**{_summary(done)}** {_on(about)}", ""]
    made += _unread(done.unread)
    if done.others:
        made += [_others(done.others, _code), ""]
    room = most - _RESERVE - _size(made)
    left: list[Change] = []
    for one in done.changes:
        section = _section(one, about.base_url)
        if _size(section) > room:
            left.append(one)
            continue
        made += section
        room -= _size(section)
    return "\n".join([*made, *_left(left, about.again)]).rstrip() + "\n"


def _section(one: Change, base_url: str) -> list[str]:
    pages = _pages(one, base_url)
    made = [f"### {_heading(one, f'{one.what.capitalize()} {_code(one.name)}')}", "", "  \n".join(pages), ""]
    return [*made, f"{_where(one)}:", "", *_fenced(one.lines, "diff"), ""] if _has_text(one) else made


def _has_text(one: Change) -> bool:
    """Say whether there is a text to read: where a tip moved and reads as before, its pages are all that is to be told."""
    return one.how != "changed" or any(line.startswith(("+ ", "- ")) for line in one.lines)


def _summary(done: Compared) -> str:
    """Say in a sentence how much differs."""
    parts = []
    for what in ("tip", "note"):
        for how in ("added", "changed", "removed", "not comparable"):
            number = sum(1 for one in done.changes if (one.what, one.how) == (what, how))
            if number:
                parts.append(f"{_counted(number, what)} {how}")
    pages = len(frozenset[str]().union(*(one.pages for one in done.changes)))
    if not parts:
        return "No tip and no note differs." if not done.unread else "No tip and no note can be compared."
    return f"{', '.join(parts)}: {_counted(pages, 'code page')} {'changes' if pages == 1 else 'change'}."


def _on(about: About) -> str:
    kind = "the embedded sample, which has" if about.sample else "which has"
    return f"{about.before} against {about.after}, on {about.release} ({kind} {about.codes:,} codes)."


def _heading(one: Change, named: str) -> str:
    return f"{named}: {one.how}"


def _pages(one: Change, base_url: str) -> list[str]:
    """Say on which pages a change is seen; with an address, as links."""
    if one.how == "not comparable":
        return ["One side cannot be read; below is the other."]
    kinds = (("Reads otherwise on", one.other), ("Is new on", one.gained), ("Is gone from", one.lost))
    made = [f"{words} {_counted(len(codes), 'page')}: {_listed(codes, base_url)}" for words, codes in kinds if codes]
    if not made:
        made = ["Nothing that a page shows." if one.how == "changed" and not one.unseen else "No page of this release shows it."]
    if one.how == "changed" and not _has_text(one):
        made.append("Its text is the same.")
    if one.unseen > 0:
        made.append(f"Selects {_counted(one.unseen, 'more code')} whose pages do not show it: nearer tips stand there, a figure in it is missing, or it is out of its dates.")
    return made


def _listed(codes: Sequence[str], base_url: str) -> str:
    named = ", ".join(f"[{code}]({quote(base_url, safe=':/._~-')}/codes/{code}/)" if base_url else code for code in codes[:_FIRST])
    rest = len(codes) - _FIRST
    return f"{named} and {rest:,} more" if rest > 0 else named


def _where(one: Change) -> str:
    before, after = one.on
    if one.what == "note":
        return "The note"
    if not (before or after):
        return "As it was typed"
    if before and after and before != after:
        return f"Before as it stood on {before}, after as it stands on {after}"
    return f"As it stands on {after or before}"


def _unread(unread: Sequence[Unread]) -> list[str]:
    if not unread:
        return []
    lines = [f"{visible(one.file)[:200]} ({one.side}): {_short(one.message)}" for one in unread[:_UNREAD]]
    if len(unread) > _UNREAD:
        lines.append(f"and {len(unread) - _UNREAD:,} more")
    return ["These files could not be read; `build.py check` says where and what to type:", "", *_fenced(lines, "text"), ""]


def _others(others: Sequence[str], named: Callable[[str], str]) -> str:
    names = ", ".join(named(one) for one in others[:_FIRST])
    rest = len(others) - _FIRST
    return f"Also changed, and not compared here: {names}{f' and {rest:,} more' if rest > 0 else ''}."


def _left(left: Sequence[Change], again: str) -> list[str]:
    if not left:
        return []
    names = ", ".join(f"{one.what} {_code(one.name)} ({one.how})" for one in left[:_NAMES])
    more = f" and {len(left) - _NAMES:,} more" if len(left) > _NAMES else ""
    return [f"Left out, because a comment has room for no more: {_counted(len(left), 'change')}: {names}{more}. To see all of them: `{again}`", ""]


def _fenced(lines: Sequence[str], language: str) -> list[str]:
    """Put lines into a block of code: there GitHub mentions nobody, links nothing and draws nothing. No line of theirs can end it."""
    longest = max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{language}", *lines, fence]


def _code(name: str) -> str:
    """Return a file's name as code; whatever is no letter, digit or usual sign of a name becomes a question mark."""
    return f"`{_name(name)}`"


def _name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._/-]", "?", name)[:100] or "?"


def _short(message: str) -> str:
    shown = visible(message)
    return shown if len(shown) <= 300 else f"{shown[:299]}…"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _size(lines: Sequence[str]) -> int:
    return sum(len(line.encode()) + 1 for line in lines)
