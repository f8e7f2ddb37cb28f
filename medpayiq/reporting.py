"""Shows findings: as text, or as annotations that GitHub puts beside the lines of a pull request; all, or those of files a branch touches."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from medpayiq.findings import Failed, Finding
from medpayiq.lint.context import ACROSS

_OWN = ("content/tips/", "content/codes/")
"""What is wrong with a file here stands in that file; a change anywhere else can be at fault for findings in all of them."""
_FEW = 3
"""So many remarks are listed that say the same of different places."""
_GITHUB = {"error": "error", "warning": "warning", "note": "notice"}


def lines(findings: Iterable[Finding], form: str) -> Iterator[str]:
    """Yield each finding as it is printed."""
    for one in findings:
        yield str(one) if form == "text" else _annotation(one)


def _annotation(one: Finding) -> str:
    """Return a workflow command of GitHub's; percent signs and line ends are written as its runner reads them."""
    place = "".join(f",{name}={value}" for name, value in (("line", one.line), ("col", one.column)) if value)
    title = _escaped(one.rule or "MedPayIQ").replace(":", "%3A").replace(",", "%2C")
    words = _escaped(f"{one.message}\ntry: {one.try_}" if one.try_ else one.message)
    file = _escaped(one.file).replace(":", "%3A").replace(",", "%2C")
    return f"::{_GITHUB[one.level]} file={file}{place},title={title}::{words}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def touched(root: Path) -> frozenset[str] | None:
    """Return the files that the branch and the working tree change; None where any finding can come of the change.

    Raises:
        Failed: this is no clone, or its main branch is not known here.
    """
    base = next((found for name in ("origin/HEAD", "origin/main", "main", "master") if (found := _git(root, "merge-base", "HEAD", name))), None)
    if base is None:
        raise Failed("check: error: --changed: there is no main branch here to compare with\n  try: git fetch origin main, or leave --changed out", exit_code=2)
    listed = [*(_git(root, "diff", "--name-only", "--diff-filter=d", base[0]) or []), *(_git(root, "ls-files", "--others", "--exclude-standard") or [])]
    gone = _git(root, "diff", "--name-only", "--diff-filter=D", base[0]) or []
    return None if any(not one.startswith(_OWN) for one in [*listed, *gone] if one.startswith(("content/", "rules/", "medpayiq/"))) else frozenset(listed)


def of_touched(findings: Iterable[Finding], only: frozenset[str] | None) -> Iterator[Finding]:
    """Yield what concerns some files, or all for None. What a rule found by comparing tips is told at one of the two: it concerns both."""
    for one in findings:
        if only is None or one.file in only or one.rule in ACROSS:
            yield one


def gathered(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield remarks first and errors last, as a terminal is read; of remarks with the same advice a few, and how many there are more.

    With the embedded sample nearly every note and tip names a code that cannot be checked: thousands of remarks, and one error among them.
    """
    alike: dict[tuple[str, str], list[Finding]] = {}
    rest: list[Finding] = []
    for one in findings:
        if one.level == "note":
            alike.setdefault((one.rule, one.try_), []).append(one)
        else:
            rest.append(one)
    for some in alike.values():
        yield from some[:_FEW]
        if more := some[_FEW:]:
            number = f"{len(more):,} more remark{'s' if len(more) != 1 else ''}"
            yield Finding("note", "content/", 0, 0, f"{number} like these", "build.py check --changed, for those on what you changed", more[0].rule)
    yield from sorted(rest, key=lambda one: one.level == "error")


def _git(root: Path, *words: str) -> list[str] | None:
    program = shutil.which("git")
    if program is None:
        return None
    try:
        done = subprocess.run([program, "-C", str(root), *words], capture_output=True, encoding="utf-8", check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.splitlines()
