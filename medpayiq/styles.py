"""Turns the stylesheets of assets/css into the one that is delivered: joined in the order of their names, comments and indents taken out."""

from __future__ import annotations

import re
from pathlib import Path

_PIECE = re.compile(
    r"""(?P<kept> "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | url\(\s*(?!["'\s])(?:[^)\\]|\\.)*\) | \\. )  # a text, an address, a sign that is meant
      | (?P<blanks> (?: \s | /\*.*?(?:\*/|\Z) )+ )  # a comment that nobody closed goes to the end, as a browser reads it""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)


def delivered(folder: Path) -> bytes:
    """Return one stylesheet of all that stand in a folder, as the site serves it."""
    return stripped("\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.css")))).encode()


def stripped(text: str) -> str:
    """Return a stylesheet without comments, indents and blank lines; texts and addresses stay as they are.

    A blank is left where a comment stood, since a browser reads two words with a comment between them as two.
    """
    return f"{_PIECE.sub(_left, text).strip()}\n"


def _left(found: re.Match[str]) -> str:
    """Return what is left of what is kept, or of blanks and comments in a row."""
    if found["kept"] is not None:
        return found["kept"]
    return "\n" if "\n" in _COMMENT.sub("", found["blanks"]) else " "
