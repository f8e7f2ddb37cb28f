"""Holds what editors write, file by file: a save reads one file again, and one that cannot be read leaves its last good version."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from medpayiq.content.library import CodeNote, Library, Named, Range, Replaced, read_note, read_ranges, read_replaced
from medpayiq.content.shapes import checked
from medpayiq.content.tip_schema import TIP
from medpayiq.content.tips import Tip, from_document
from medpayiq.findings import Finding, Findings
from medpayiq.pages import prose
from medpayiq.paths import ROOT


@dataclass(slots=True)
class Changes:
    """What a save changed."""

    tips: bool = False
    notes: set[str] = field(default_factory=set)
    """Codes whose note is another one now."""
    ranges: bool = False
    replaced: bool = False

    @property
    def any(self) -> bool:
        """Say whether the content is another one at all."""
        return bool(self.tips or self.notes or self.ranges or self.replaced)


class Content:
    """All content, as good as it can be read."""

    def __init__(self, root: Path = ROOT) -> None:
        """Read everything below ``root``'s content folder; what is wrong becomes a fault of its file, never a failure."""
        self._root, self._folder = root, root / "content"
        self._tips: dict[str, Tip] = {}
        self._notes: dict[str, CodeNote] = {}
        self._ranges: tuple[Range, ...] = ()
        self._replaced: dict[str, Replaced] = {}
        self._named = Named()
        self.texts: dict[str, str] = {}
        """The pages of prose by name."""
        self.faults: dict[str, tuple[Finding, ...]] = {}
        """Why a file could not be read, by its path in the project; its last good version stays."""
        files = [*self._folder.glob("tips/*"), *self._folder.glob("codes/*"), *self._folder.glob("*.yml"), self._folder / "pages" / "404.md"]
        self.update(path.relative_to(root).as_posix() for path in files if not path.name.startswith(".") and not path.name.endswith("~"))

    def update(self, files: Iterable[str]) -> Changes:
        """Read files again, by their paths in the project; what is no content is passed over."""
        made = Changes()
        prose_changed = False
        for file in files:
            path = self._root / file
            findings = Findings()
            match Path(file).parts:
                case ["content", "tips", _]:
                    made.tips = self._read_tip(path, file, findings) or made.tips
                case ["content", "codes", _]:
                    if self._read_note(path, file, findings):
                        made.notes.add(path.stem)
                case ["content", "ranges.yml"]:
                    ranges = read_ranges(path, findings)
                    made.ranges = bool(ranges) and ranges != self._ranges
                    self._ranges = ranges or self._ranges
                case ["content", "replaced.yml"]:
                    replaced, named = read_replaced(path, findings)
                    if replaced or not findings.failed:
                        made.replaced = replaced != self._replaced
                        self._replaced, self._named = replaced, named
                case ["content", "pages", _]:
                    prose_changed = True
                    continue
                case _:
                    continue
            self._blame(file, findings)
        if prose_changed:
            self._read_prose()
        return made

    def library(self) -> Library:
        """Return the content in the order in which a build has it."""
        notes = {note.code: note for _, note in sorted(self._notes.items())}
        return Library(notes, self._replaced, self._ranges, tuple(tip for _, tip in sorted(self._tips.items())), self._named)

    def twice(self, findings: Findings) -> None:
        """Report titles that two notes have."""
        titles: dict[str, str] = {}
        for file, note in sorted(self._notes.items()):
            if note.title in titles:
                findings.error(file, f"title is the same as in {titles[note.title]}", try_="say what tells the two services apart")
            titles[note.title] = file

    def _read_tip(self, path: Path, file: str, findings: Findings) -> bool:
        """Read a tip; say whether it is another one now."""
        before = self._tips.get(file)
        if not path.exists():
            return self._tips.pop(file, None) is not None
        if path.suffix != ".yml":
            findings.error(file, "is not a .yml file", try_="name it <id>.yml, or move it out of content/tips", rule="file-name")
            return False
        document = checked(path, TIP, findings, shown_as=file)
        if document is None:
            return False
        self._tips[file] = from_document(document)
        return before is None or before.digest != self._tips[file].digest

    def _read_note(self, path: Path, file: str, findings: Findings) -> bool:
        """Read a note on a code; say whether it is another one now."""
        before = self._notes.get(file)
        if not path.exists():
            return self._notes.pop(file, None) is not None
        note = read_note(path, file, findings)
        if note is None:
            return False
        self._notes[file] = note
        return before is None or before != note

    def _read_prose(self) -> None:
        findings = Findings()
        self.texts = {name: text for name, text in (self.texts | prose.read(findings, self._folder / "pages")).items() if name in prose.ADDRESSES}
        for file in [file for file in self.faults if file.startswith("content/pages/")]:
            del self.faults[file]
        for one in findings.items:
            self.faults[one.file] = (*self.faults.get(one.file, ()), one)

    def _blame(self, file: str, findings: Findings) -> None:
        self.faults.pop(file, None)
        if findings.items:
            self.faults[file] = tuple(findings.items)
