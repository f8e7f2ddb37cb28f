"""Finds what differs between two sides: which tips and notes, on which code pages, and how their text stands there before and after."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from medpayiq.content import tips
from medpayiq.content.library import CodeNote, read_note
from medpayiq.content.tips import Tip
from medpayiq.findings import Findings
from medpayiq.lint.context import Context
from medpayiq.pages.placeholders import MARK, Values, is_known
from medpayiq.pages.tips import Tips
from medpayiq.tipdiff import texts
from medpayiq.tipdiff.revisions import Side

TIPS, NOTES = "content/tips/", "content/codes/"


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that could not be compared."""

    side: str
    file: str
    message: str


@dataclass(frozen=True, slots=True)
class Change:
    """A tip or a note that differs."""

    what: str
    """``tip`` or ``note``."""
    name: str
    """Its file's name without .yml."""
    how: str
    """``added``, ``changed``, ``removed``, or ``not comparable`` where one side cannot be read."""
    other: tuple[str, ...]
    """Codes on whose pages it stands on both sides, and reads otherwise."""
    gained: tuple[str, ...]
    """Codes on whose pages it stands now alone."""
    lost: tuple[str, ...]
    """Codes on whose pages it stood before alone."""
    unseen: int
    """Codes that it selects now, but whose pages do not show it."""
    on: tuple[str, str]
    """The codes with whose figures the text before and the text after are written; empty where it stands nowhere."""
    lines: tuple[str, ...]
    """The two texts in one, as a diff."""

    @property
    def pages(self) -> frozenset[str]:
        """The codes whose pages change."""
        return frozenset((*self.other, *self.gained, *self.lost))


@dataclass(slots=True)
class Compared:
    """All that differs."""

    changes: list[Change] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    """Files that differ and are neither tips nor notes."""


Shown = Mapping[str, Mapping[str, tuple[object, ...]]]
"""Tip to code to what a visitor sees of the tip on its page."""


def compare(before: Side, after: Side, context: Context) -> Compared:
    """Compare two sides on the release of the context."""
    paths = sorted({*before.files, *before.refused, *after.files, *after.refused})
    differing = [path for path in paths if before.files.get(path) != after.files.get(path) or (path in before.refused) != (path in after.refused)]
    done = Compared(others=[path for path in differing if not path.startswith((TIPS, NOTES))])
    names = [path for path in differing if path.startswith(TIPS)]
    if names:
        _tips(names, before, after, context, done)
    _notes([path for path in differing if path.startswith(NOTES)], before, after, context, done)
    return done


def _tips(names: Sequence[str], before: Side, after: Side, context: Context, done: Compared) -> None:
    everything = [path for path in after.files if path.startswith(TIPS)]
    new = _loaded_tips(after, everything, names, done)
    # What did not change is read once: only files that differ are read a second time.
    old = _loaded_tips(before, [path for path in names if path in before.files], names, done)
    old |= {path: tip for path, tip in new.items() if path not in names}
    codes = {path: (_codes(old.get(path), context), _codes(new.get(path), context)) for path in names}
    touched = frozenset[str]().union(*(one for both in codes.values() for one in both))
    shown = [_shown(side.values(), names, touched, context) for side in (old, new)]
    unreadable = {one.file for one in done.unread}
    for path in names:
        was, now = old.get(path), new.get(path)
        if was or now:
            done.changes.append(_tip(path, was, now, shown, codes[path][1], context, partly=path in unreadable))


def _loaded_tips(side: Side, paths: Iterable[str], told: Sequence[str], done: Compared) -> dict[str, Tip]:
    """Return a side's tips by path; say of files that differ why they cannot be read."""
    done.unread += [Unread(side.name, path, side.refused[path]) for path in told if path in side.refused]
    findings = Findings()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        _written(side, paths, folder, TIPS)
        found = {TIPS + Path(tip.document.file).name: tip for tip in tips.load(findings, folder)}
    good = {}
    for path, tip in found.items():
        unknown = next((name for _, text in tip.texts() for name in MARK.findall(text) if not is_known(name)), None)
        if f"{TIPS}{tip.id}.yml" != path:
            findings.error(path, f"id {tip.id} is not the file's name")
        elif unknown is not None:
            findings.error(path, f"{{{unknown}}} is no placeholder")
        else:
            good[path] = tip
    _tell(findings, side, TIPS, told, done)
    return good


def _written(side: Side, paths: Iterable[str], folder: Path, prefix: str) -> None:
    for path in paths:
        name = path.removeprefix(prefix)
        # A name that is no name of a tip is shown, and never a path to write to.
        if "/" not in name and name not in {".", ".."} and "\\" not in name:
            (folder / name).write_bytes(side.files[path])


def _tell(findings: Findings, side: Side, prefix: str, told: Sequence[str], done: Compared) -> None:
    """Keep the first thing that is wrong with each file that differs, under the name it has in the project."""
    first: dict[str, str] = {}
    for one in findings.of("error"):
        first.setdefault(prefix + Path(one.file).name, f"line {one.line}: {one.message}" if one.line else one.message)
    done.unread += [Unread(side.name, path, message) for path, message in first.items() if path in told]
    done.unread += [Unread(side.name, path, "is no file of this folder") for path in told if path in side.files and "/" in path.removeprefix(prefix)]


def _codes(tip: Tip | None, context: Context) -> frozenset[str]:
    return context.selecting.codes(tip.where) if tip else frozenset()


def _shown(side: Iterable[Tip], names: Sequence[str], touched: frozenset[str], context: Context) -> Shown:
    """Return what is seen of the tips that differ. Of the others those count that stand on the same pages: a page has room for the nearest alone."""
    near = tuple(tip for tip in side if not touched.isdisjoint(context.selecting.codes(tip.where)))
    made: dict[str, dict[str, tuple[object, ...]]] = defaultdict(dict)
    wanted = {path.removeprefix(TIPS).removesuffix(".yml") for path in names}
    placed = Tips(near, context.selecting, context.facts, "", context.today)
    for code in touched:
        listed = placed.on(code)
        for one in (*listed.first, *listed.more):
            name = str(one.head.record[0])
            if name in wanted:
                made[name][code] = (one.head.record, one.title, one.do, one.impact, one.foot.record)
    return made


def _tip(path: str, was: Tip | None, now: Tip | None, shown: Sequence[Shown], selected: frozenset[str], context: Context, *, partly: bool) -> Change:
    name = path.removeprefix(TIPS).removesuffix(".yml")
    old, new = (one.get(name, {}) for one in shown)
    other = sorted(code for code in old.keys() & new.keys() if old[code] != new[code])
    gained, lost = sorted(new.keys() - old.keys()), sorted(old.keys() - new.keys())
    both = sorted(old.keys() & new.keys())
    # One page for both texts where there is one: figures of two pages would differ for a reason of their own.
    shared = next(iter((*other, *both)), "")
    on = (shared or next(iter(lost), ""), shared or next(iter(gained), ""))
    before, after = (texts.of_tip(tip, Values(code, context.facts) if code else None) if tip else [] for tip, code in zip((was, now), on, strict=True))
    if partly:
        return Change("tip", name, "not comparable", (), (), (), 0, on, tuple(texts.compared(before or after, before or after)))
    unseen = len(selected) - len(new)
    return Change("tip", name, _how(was, now), tuple(other), tuple(gained), tuple(lost), unseen, on, tuple(texts.compared(before, after)))


def _how(was: object, now: object) -> str:
    return "added" if was is None else "removed" if now is None else "changed"


def _notes(names: Sequence[str], before: Side, after: Side, context: Context, done: Compared) -> None:
    known = len(done.unread)
    old, new = (_loaded_notes(side, names, done) for side in (before, after))
    unreadable = {one.file for one in done.unread[known:]}
    for path in names:
        was, now = old.get(path), new.get(path)
        if not (was or now):
            continue
        name = path.removeprefix(NOTES).removesuffix(".yml")
        page = (name,) if name in context.selecting.everything else ()
        before_lines, after_lines = (texts.of_note(note) if note else [] for note in (was, now))
        if path in unreadable:
            lines = texts.compared(before_lines or after_lines, before_lines or after_lines)
            done.changes.append(Change("note", name, "not comparable", (), (), (), 0, ("", ""), tuple(lines)))
        else:
            other = page if before_lines != after_lines else ()
            done.changes.append(Change("note", name, _how(was, now), other, (), (), 0, ("", ""), tuple(texts.compared(before_lines, after_lines))))


def _loaded_notes(side: Side, names: Sequence[str], done: Compared) -> dict[str, CodeNote]:
    done.unread += [Unread(side.name, path, side.refused[path]) for path in names if path in side.refused]
    findings = Findings()
    made = {}
    with tempfile.TemporaryDirectory() as folder:
        _written(side, (path for path in names if path in side.files), Path(folder), NOTES)
        for file in sorted(Path(folder).iterdir()):
            path = NOTES + file.name
            note = read_note(file, path, findings)
            if note is not None:
                made[path] = note
    _tell(findings, side, NOTES, names, done)
    return made
