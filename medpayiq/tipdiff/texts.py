"""Writes a tip or a note as lines that a reader compares: a sentence a line, with the figures of one page, and what cannot be seen made visible."""

from __future__ import annotations

import difflib
import re
import textwrap
import unicodedata
from collections.abc import Iterator, Sequence

from medpayiq.content.library import CodeNote
from medpayiq.content.tips import Tip
from medpayiq.pages.placeholders import MARK, Values

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=\S)")
_WIDTH = 100
"""Characters of a line: GitHub shows code without wrapping it."""
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def of_tip(tip: Tip, values: Values | None) -> list[str]:
    """Return a tip's lines; without values the names of its figures stay as they were typed."""
    title, do, impact = (text if values is None else filled(text, values) for text in (tip.title, tip.do, tip.impact))
    rests = "; ".join(f"{one.document} {one.section} ({one.revision})" for one in tip.sources) or "no section"
    checked = f"checked by {tip.checked_by}" if tip.checked_by else "not yet checked by a second person"
    made = [f"Title: {title}", *(f"Do: {one}" for one in _sentences(do)), *(f"If not: {one}" for one in _sentences(impact))]
    made += [f"Kind: {tip.kind}", f"Rests on: {tip.evidence}, {rests}"]
    made += [f"Verified: {tip.verified_on} for {tip.verified_for} by {tip.author}, {checked}; again by {tip.review_by}"]
    if tip.effective_from or tip.effective_to:
        made.append(f"Holds: from {tip.effective_from or 'the beginning'} to {tip.effective_to or 'further notice'}")
    return made


def of_note(note: CodeNote) -> list[str]:
    """Return a note's lines."""
    return [f"Title: {note.title}", *(f"Summary: {one}" for one in _sentences(note.summary)), f"Found by: {', '.join(note.words)}"]


def filled(text: str, values: Values) -> str:
    """Set a page's figures into a text; a name without a value stays."""
    return MARK.sub(lambda found: values.get(found[1]) or found[0], text)


def compared(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Return the lines of both, each with ``- ``, ``+ `` or two blanks before it, wrapped."""
    made: list[str] = []
    for how, i, j, k, m in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if how == "equal":
            made += _wrapped("  ", before[i:j])
        else:
            made += [*_wrapped("- ", before[i:j]), *_wrapped("+ ", after[k:m])]
    return made


def visible(text: str) -> str:
    """Return a text in which nothing is hidden: control characters, marks of direction and the like by their number."""
    return "".join(f"<U+{ord(one):04X}>" if unicodedata.category(one) in _UNSEEN else one for one in text)


def _wrapped(sign: str, lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        for part in textwrap.wrap(visible(line), _WIDTH, break_on_hyphens=False) or [""]:
            yield sign + part


def _sentences(text: str) -> list[str]:
    return [one for line in text.split("\n") for one in _SENTENCE.split(line.strip()) if one]
