"""Keeps everything that people write at hand for `serve --live`: a file that was saved is read again, and no other.

A file that has become faulty leaves what it last said in place, so that a page can be shown beside the finding.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from medpayiq import config as settings
from medpayiq import yamlmarks
from medpayiq.content import library, sources, tips
from medpayiq.findings import Failed, Finding, Findings
from medpayiq.pages import prose
from medpayiq.paths import ASSETS, CONTENT, RULES, SITE_YML, TEMPLATES, shown

Stamp = tuple[int, int, int]
"""Time of the last change in nanoseconds, size in bytes, and inode: an editor that saves by renaming changes the last."""

ALL = frozenset({"tips", "notes", "lists", "texts", "prose", "settings", "templates", "assets", "rules"})
"""Kinds of sources; ``lists`` are content/replaced.yml and ranges.yml, ``texts`` is content/sources.yml."""
_IN_CONTENT = {"tips": "tips", "codes": "notes", "pages": "prose", "sources.yml": "texts"}


@dataclass(frozen=True, slots=True)
class Places:
    """Where the sources lie."""

    content: Path = CONTENT
    templates: Path = TEMPLATES
    assets: Path = ASSETS
    rules: Path = RULES
    settings: Path = SITE_YML

    def kind(self, path: Path) -> str:
        """Return which kind of source a file is."""
        if path == self.settings:
            return "settings"
        for kind in ("templates", "assets", "rules"):
            if path.is_relative_to(getattr(self, kind)):
                return kind
        return _IN_CONTENT.get(path.relative_to(self.content).parts[0], "lists")


class Shelf:
    """The content, settings and prose as they are now, and what is wrong with the files they come from."""

    config: settings.Config
    library: library.Library
    texts: sources.Sources

    def __init__(self, places: Places) -> None:
        """Read everything once.

        Raises:
            Failed: site.yml is faulty, for which nothing can stand in.
        """
        self.places = places
        self.prose: dict[str, str] = {}
        self.saved: set[str] = set()
        """Files that changed since the start, as findings name them."""
        self._stamps = _stamps(places)
        self._found: dict[str, list[Finding]] = {}
        self._tips: dict[str, tips.Tip] = {}
        self._read(list(self._stamps))

    def refresh(self) -> frozenset[str]:
        """Read again what changed on disk; return its kinds. Rules count only when every one of them can be read."""
        now = _stamps(self.places)
        changed = [path for path in now.keys() | self._stamps.keys() if now.get(path) != self._stamps.get(path)]
        if not changed:
            return frozenset()
        self._stamps = now
        self.saved |= {shown(path) for path in changed}
        return self._read(changed)

    def findings(self) -> list[Finding]:
        """Return what is wrong with files as such."""
        return [one for file in sorted(self._found) for one in self._found[file]]

    def _read(self, changed: list[Path]) -> frozenset[str]:
        by_kind: dict[str, list[Path]] = {}
        for path in changed:
            self._found.pop(shown(path), None)
            by_kind.setdefault(self.places.kind(path), []).append(path)
        findings = Findings()
        if "notes" in by_kind or "lists" in by_kind:
            self._read_library(by_kind.get("notes", []), findings)
        if "tips" in by_kind:
            self._read_tips(by_kind["tips"], findings)
        self.library = replace(self.library, tips=tuple(self._tips[name] for name in sorted(self._tips)))
        if "texts" in by_kind:
            path = self.places.content / "sources.yml"
            texts = sources.load(findings, path)
            self.texts = getattr(self, "texts", texts) if _faulty(path, findings) else texts
        if "prose" in by_kind:
            self.prose |= prose.read(findings, self.places.content / "pages")
        if "settings" in by_kind:
            self._read_settings(findings)
        for path in self._there(by_kind.get("rules", [])):
            yamlmarks.load(path, findings, shown_as=shown(path))
        for one in findings.items:
            self._found.setdefault(one.file, []).append(one)
        broken = any(shown(path) in self._found for path in self._stamps if self.places.kind(path) == "rules")
        return frozenset(by_kind) - ({"rules"} if broken else set())

    def _read_tips(self, changed: list[Path], findings: Findings) -> None:
        with _links({"tips": self._there(changed)}) as folder:
            read = {Path(one.document.file).name: one for one in tips.load(findings, folder / "tips")}
        kept = {name: one for name, one in self._tips.items() if self.places.content / "tips" / name in self._stamps}
        self._tips = kept | read

    def _read_library(self, changed: list[Path], findings: Findings) -> None:
        """Read notes that changed, and the two short lists, which belong to the same loader."""
        replaced, ranges = (self.places.content / name for name in ("replaced.yml", "ranges.yml"))
        for path in (replaced, ranges):
            self._found.pop(shown(path), None)
        with _links({"codes": self._there(changed), ".": [replaced, ranges]}) as folder:
            read = library.load(findings, folder)
        before = getattr(self, "library", read)
        notes = {code: one for code, one in before.notes.items() if self.places.content / "codes" / f"{code}.yml" in self._stamps}
        self.library = library.Library(
            notes | read.notes,
            before.replaced if _faulty(replaced, findings) else read.replaced,
            before.ranges if _faulty(ranges, findings) else read.ranges,
            (),
            before.places | read.places,
        )

    def _read_settings(self, findings: Findings) -> None:
        config = settings.check(self.places.settings, findings)
        if config is not None:
            self.config = config
        elif not hasattr(self, "config"):
            raise Failed(findings)

    def _there(self, paths: Iterable[Path]) -> list[Path]:
        return [path for path in paths if path in self._stamps]


def _faulty(path: Path, findings: Findings) -> bool:
    return any(one.file == shown(path) for one in findings.of("error"))


@contextmanager
def _links(wanted: dict[str, list[Path]]) -> Iterator[Path]:
    """Give a folder of links to some files of content, so that the build's own loader reads these and no others.

    Findings name the files themselves, since `paths.shown` follows links.
    """
    with tempfile.TemporaryDirectory(prefix="medpayiq-") as name:
        for part, paths in wanted.items():
            folder = Path(name) / part
            folder.mkdir(exist_ok=True)
            for path in paths:
                (folder / path.name).symlink_to(path.resolve())
        yield Path(name)


def _stamps(places: Places) -> dict[Path, Stamp]:
    """Return what tells a change of every source, in order of path; files that editors keep beside the one they write are none."""
    folders = (places.content, places.templates, places.assets, places.rules)
    found = dict(one for folder in folders for one in _walk(os.fspath(folder)))
    status = os.stat(places.settings)
    found[os.fspath(places.settings)] = status.st_mtime_ns, status.st_size, status.st_ino
    return {Path(path): found[path] for path in sorted(found)}


def _walk(folder: str) -> Iterator[tuple[str, Stamp]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith((".", "#")) or entry.name.endswith(("~", ".tmp")):
                continue
            if entry.is_dir():
                yield from _walk(entry.path)
                continue
            try:
                status = entry.stat()
            except FileNotFoundError:
                continue  # it went while we looked
            yield entry.path, (status.st_mtime_ns, status.st_size, status.st_ino)
