"""Compares the notes on codes with CMS's descriptors, where the operator has them."""

from __future__ import annotations

from medpayiq.findings import Findings
from medpayiq.lint.context import Context
from medpayiq.lint.text_rules import copied, in_words


def check(context: Context, findings: Findings) -> bool:
    """Add an error for every CPT descriptor that stands in the title, the summary or the search words of a note; say whether there is none. Without descriptors nothing is compared."""
    notes = context.library.notes.values()
    # All notes in one run first: as a rule nothing is found, and that takes a third of the time of one by one.
    if not context.descriptors or not any(copied(" ".join(f"{note.title} {note.summary} {' '.join(note.words)}" for note in notes), context)):
        return True
    sound = True
    for note in notes:
        texts: list[tuple[tuple[str | int, ...], str]] = [(("title",), note.title), (("summary",), note.summary)]
        texts += [(("words", i), word) for i, word in enumerate(note.words)]
        for path, text in texts:
            for wanted, code in copied(text, context):
                line, column = note.document.at(*path)
                message, hint = in_words(wanted, code)
                sound = False
                findings.error(note.document.file, message, line=line, column=column, try_=hint, rule="copied-descriptor")
    return sound
