"""Asks at a terminal, or reads answers from a file: one line, or several until an empty one; says what may be typed."""

from __future__ import annotations

import contextlib
import re
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field

CHANGE = " => "
"""Between words of a text as they are and as they should be; its two blanks belong to it, all others to the words."""
_MARK = CHANGE.rstrip()


class Back(Exception):  # noqa: N818 - a wish, no fault
    """The editor wants the question before."""


class Help(Exception):  # noqa: N818 - a wish, no fault
    """The editor wants the question explained."""


class NotYet(Exception):  # noqa: N818 - an answer is refused, nothing failed
    """What was typed is no answer."""

    def __init__(self, message: str, hint: str) -> None:
        """Take what is wrong, and what to type."""
        super().__init__(message)
        self.message, self.hint = message, hint


@dataclass
class Terminal:
    """Reads lines and says things; tests hand in a reader of their own."""

    read: Callable[[str], str]
    say: Callable[[str], None]
    typed: list[str] = field(default_factory=list)
    """Lines of a text that is not finished yet."""

    def line(self, prompt: str = "> ") -> str:
        """Return one line without blanks around it.

        Raises as ``raw`` does.
        """
        return self.raw(prompt).strip()

    def raw(self, prompt: str) -> str:
        """Return one line as it was typed.

        Raises:
            Back: on ``<``.
            Help: on ``?``.
            EOFError: at the end of the input.
        """
        while True:
            found = self.read(prompt)
            if found.strip() == "<":
                raise Back
            if found.strip() == "?":
                raise Help
            if any(not (one.isprintable() or one in "\n\t") or one == "\ufffd" for one in found):
                self.say("  That holds a character that cannot be seen. Type it again.")
                continue
            return found

    def refused(self, message: str, hint: str) -> None:
        """Say that an answer will not do."""
        self.say(f"  not yet: {message}\n    try: {hint}")

    def text(self, most: int, before: str) -> list[str]:
        """Return lines up to an empty one; a change of the text ``before`` comes back as a single line at once."""
        self.typed = self.typed or []
        while True:
            left = most - len(" ".join(self.typed))
            line = self.raw(f"{left:>4} left > ")
            if not line.strip():
                found, self.typed = self.typed, []
                return found
            if not self.typed and before and is_change(line):
                return [line]
            self.typed += line.strip().split("\n")

    def yes(self, question: str, explained: str = "Type yes or no.") -> bool:
        """Return whether the answer is yes; Enter is yes, ``?`` explains."""
        while True:
            try:
                answer = self.line(f"{question} [yes] > ").lower()
            except Help:
                self.wrapped(explained)
                continue
            if answer in {"", "y", "yes"}:
                return True
            if answer in {"n", "no"}:
                return False
            self.say("  Type yes or no.")

    def wrapped(self, text: str, indent: str = "  ") -> None:
        """Say a long text in lines that fit."""
        for line in text.split("\n"):
            self.say("\n".join(textwrap.wrap(line, 100, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)) or "")


def is_change(line: str) -> bool:
    """Say whether a line is a change of a text: ``old => new``, or ``old =>`` for words to take out."""
    return CHANGE in line or line.rstrip().endswith(_MARK)


def changed(text: str, line: str) -> str | None:
    """Return a text with ``old => new`` carried out, blanks in both as they were typed; None where it holds no such words."""
    old, _, new = line.partition(_MARK)
    new = new.removeprefix(" ")
    return re.sub(r"[ ]{2,}", " ", text.replace(old, new, 1)).strip() if old and old in text else None


def terminal() -> Terminal:
    """Return the terminal that the command was started at."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 - arrow keys in input(); Windows has its own
    for stream in (sys.stdin, sys.stdout):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    return Terminal(input if sys.stdin.isatty() else _echoed, print)


def _echoed(prompt: str) -> str:
    """Read a line and print it, so that what was piped in can be followed."""
    found = input(prompt)
    print(found)
    return found
