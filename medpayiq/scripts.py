"""Turns the modules of assets/js into what is delivered: the script of every page, the calculator, the claim desk, the page that compares rates with its worker, what makes the fee schedule of a locality, and the page of picked codes, each with what it imports joined into one file, comments and needless blanks taken out.

A file compresses better than several, and what is joined is never needed apart. They stay readable; nothing is
renamed. The library that takes the blanks out loses some inside a template within a template, and in a pattern right after
``=>``: tests/test_calculator.py compares what is delivered with its sources, word by word.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import rjsmin  # type: ignore[import-untyped]

from medpayiq.findings import Failed
from medpayiq.paths import shown

ENTRY, DESK = "calculator/form.js", "claim/desk.js"
JOINED = ("main.js", ENTRY, DESK, "compare/page.js", "compare/worker.js", "fees/download.js", "fees/remembered.js", "fees/worker.js", "mycodes/page.js")
"""The modules that those they import are joined into; the payment engine is among them in the calculator, the claim desk and both workers."""
WORKERS = "worker"
"""Folder of scripts that are delivered at the root of the site (medpayiq/offline.py)."""
_IMPORT = re.compile(r"^import \{[^}]*\} from '(\.{1,2}/[\w./-]+\.js)';\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=const |function |async function |class )", re.MULTILINE)
_NAME = re.compile(r"^(?:export )?(?:const|let|class|function|async function) ([\w$]+)", re.MULTILINE)


def delivered(folder: Path) -> dict[str, bytes]:
    """Return path to bytes of every script as the site serves it.

    Raises:
        Failed: two of the joined modules use one name at their top.
    """
    made, inside = {}, set()
    for entry in JOINED:
        together, parts = _joined(folder / entry)
        made[entry] = minified(together)
        inside |= parts
    for path in folder.rglob("*.js"):
        if path not in inside and path.parent.name != WORKERS:
            made[path.relative_to(folder).as_posix()] = minified(path.read_text(encoding="utf-8"))
    return dict(sorted(made.items()))


def joined(entry: Path) -> str:
    """Return a module with those it imports put before it, each once, as one module with the entry's exports."""
    return _joined(entry)[0]


def minified(text: str) -> bytes:
    """Return a module without comments and needless blanks."""
    made: str = rjsmin.jsmin(text)
    return f"{made}\n".encode()


def _joined(entry: Path) -> tuple[str, set[Path]]:
    parts: list[str] = []
    seen: set[Path] = set()
    _add(entry, entry, parts, {}, seen)
    return "\n".join(parts), seen


def _add(path: Path, entry: Path, parts: list[str], named: dict[str, Path], seen: set[Path]) -> None:
    if path in seen:
        return
    seen.add(path)
    text = path.read_text(encoding="utf-8")
    for other in _IMPORT.findall(text):
        _add(Path(os.path.normpath(path.parent / other)), entry, parts, named, seen)
    for name in _NAME.findall(text):
        if name in named:
            raise Failed(f"{shown(path)}: error: {name} is also the name of something in {shown(named[name])}, and both are delivered in one file\n  try: another name in one of them")
        named[name] = path
    text = _IMPORT.sub("", text)
    parts.append(text if path == entry else _EXPORT.sub("", text))
